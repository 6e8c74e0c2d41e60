"""What `import slaclock` takes, against `import pendulum, attrs`; each in a fresh interpreter."""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable
from typing import Any

import pytest

from benchmarks.race import Line

ROUNDS = 21
BASE = "import pendulum, attrs"
CASES = {
    "import slaclock": ("import slaclock", 1.15),
    "its calendars": ("from slaclock import WorkingCalendar", None),
    "its policies": ("from slaclock import load_policy, replay", None),
    "all of it": ("from slaclock import *", None),
}


def cpu_seconds(code: str) -> float:
    """The processor's time of a new interpreter that runs the code."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", code], environment)
    _, status, usage = os.wait4(child, 0)
    assert status == 0, code
    return usage.ru_utime + usage.ru_stime


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system does not tell the time of a child process")
@pytest.mark.parametrize("name", CASES)
def test_import(benchmark: Any, told: Callable[[Line], None], name: str) -> None:
    code, target = CASES[name]
    taken: list[tuple[float, float]] = []
    benchmark.pedantic(lambda: taken.append((cpu_seconds(code), cpu_seconds(BASE))), rounds=ROUNDS, warmup_rounds=1)
    ratio = statistics.median(ours / base for ours, base in taken)
    benchmark.extra_info["ratio"] = ratio
    told(Line(f"{name} / {BASE}", ratio, target))
