"""What the benchmarks share: calendars that are made once, and the table at the end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.race import Line, table
from benchmarks.workload import office
from slaclock import WorkingCalendar

LINES = pytest.StashKey[list[Line]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[LINES] = []


@pytest.fixture
def told(pytestconfig: pytest.Config) -> Callable[[Line], None]:
    """Put a line into the table, and fail where it misses its target by more than a factor of two."""

    def tell(line: Line) -> None:
        pytestconfig.stash[LINES].append(line)
        assert line.held, f"{line.what}: {line.measured:.2f}x, target {line.target}x"

    return tell


@pytest.fixture(scope="session")
def calendar() -> WorkingCalendar:
    return office()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    lines = terminalreporter.config.stash[LINES]
    if lines:
        terminalreporter.section("ratios")
        for text in table(lines):
            terminalreporter.write_line(text)
