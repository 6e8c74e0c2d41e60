"""What all tests share: an odd zone for the machine, how Hypothesis searches, and where the published data lies."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

# Nothing may depend on the machine's zone: this one is 12:45 or 13:45 hours from UTC.
os.environ["TZ"] = "Pacific/Chatham"
if hasattr(time, "tzset"):
    time.tzset()

# `ci` finds the same examples every time; `dev` looks for new ones, and longer: SLACLOCK_HYPOTHESIS=dev.
_SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
_PHASES = (Phase.explicit, Phase.generate, Phase.target, Phase.shrink)
settings.register_profile(
    "ci", derandomize=True, database=None, deadline=None, phases=_PHASES, suppress_health_check=_SLOW
)
settings.register_profile("dev", max_examples=500, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("SLACLOCK_HYPOTHESIS", "ci"))

DATA = os.environ.get("SLACLOCK_DATA", "")
REQUIRED = os.environ.get("SLACLOCK_REQUIRE_DATA", "") not in ("", "0")
# Tests that take minutes: their markers have to be asked for.
LONG = ("zones", "stories", "documents")
WHY = "the published data is needed: name its folder in SLACLOCK_DATA"


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder with the published ticket data; skips where SLACLOCK_DATA names none."""
    if not DATA:
        pytest.skip(WHY)
    folder = Path(DATA)
    if not folder.is_dir():
        pytest.fail(f"SLACLOCK_DATA names {DATA!r}, which is no folder")
    return folder


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests run when asked for; whatever asks for the data, or stands in its folder, bears its marker, and so does
    whatever draws what it tries."""
    for marker in LONG:
        if marker not in config.option.markexpr:
            late = [item for item in items if item.get_closest_marker(marker) is not None]
            config.hook.pytest_deselected(items=late)
            items[:] = [item for item in items if item.get_closest_marker(marker) is None]
    for item in items:
        # A test may call a parameter of its own so.
        given = getattr(getattr(item, "callspec", None), "params", ())
        asks = "data" in getattr(item, "fixturenames", ()) and "data" not in given
        if asks or "realdata" in item.path.parts:
            item.add_marker(pytest.mark.data)
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.laws)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where the data is required, a test of it that was skipped has failed."""
    report = yield
    if REQUIRED and report.skipped and item.get_closest_marker("data") is not None:
        report.outcome = "failed"
        report.longrepr = f"skipped although SLACLOCK_REQUIRE_DATA is set: {report.longreprtext}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Nor may a whole file of its tests be skipped."""
    report = yield
    if REQUIRED and report.skipped and "realdata" in collector.path.parts:
        report.outcome = "failed"
        report.longrepr = f"skipped although SLACLOCK_REQUIRE_DATA is set: {report.longreprtext}"
    return report
