"""What `import slaclock` takes, against `import pendulum, attrs`; each in a fresh interpreter.

All modules come from bytecode, as they do once they were installed or imported, wherever the sources lie.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.race import Line

ROUNDS = 21
BASE = "import pendulum, attrs"
IN_USE = """
from io import StringIO
from slaclock import Created, load_policy, replay

policy = load_policy(StringIO('''
slaclock: 1
calendars: {office: {timezone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}}}
defaults: {calendar: office}
layers: {corporate: [{targets: {resolution: 8h}}]}
'''))
history = replay(policy, [Created(at="2026-03-02T09:00+01:00", fields={"priority": "high"})])
reading = history.at("2026-03-03T12:00+01:00")["resolution"]
assert reading.verdict == "breached" and reading.due_at and reading.elapsed and reading.overdue_by
"""
CASES = {
    "import slaclock": ("import slaclock", 1.15),
    "its calendars": ("from slaclock import WorkingCalendar", None),
    "its policies": ("from slaclock import load_policy, replay", None),
    "its policies, in use": (IN_USE, 3),
    "all of it": ("from slaclock import *", None),
}


def cpu_seconds(code: str, bytecode: Path) -> float:
    """The processor's time of a new interpreter that runs the code, with a folder where bytecode is kept."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    environment["PYTHONPYCACHEPREFIX"] = str(bytecode)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", code], environment)
    _, status, usage = os.wait4(child, 0)
    assert status == 0, code
    return usage.ru_utime + usage.ru_stime


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="the system does not tell the time of a child process")
@pytest.mark.parametrize("name", CASES)
def test_import(benchmark: Any, told: Callable[[Line], None], tmp_path: Path, name: str) -> None:
    code, target = CASES[name]
    taken: list[tuple[float, float]] = []

    def take_turns() -> None:
        taken.append((cpu_seconds(code, tmp_path), cpu_seconds(BASE, tmp_path)))

    benchmark.pedantic(take_turns, rounds=ROUNDS, warmup_rounds=1)
    # In the first turn the modules were compiled.
    ratio = statistics.median(ours / base for ours, base in taken[1:])
    benchmark.extra_info["ratio"] = ratio
    told(Line(f"{name} / {BASE}", ratio, target))
