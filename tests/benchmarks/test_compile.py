"""What it takes to compile a calendar, against the bare zoneinfo loop that finds the same spans."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

from benchmarks.floor import open_spans
from benchmarks.race import Line, Runner, race
from benchmarks.workload import HOURS, NEW_YORK, federal_holidays, office, spans
from slaclock import WorkingCalendar, _zones

FIRST, LAST = 2015, 2034


def compiled() -> WorkingCalendar:
    """Twenty years, from the dates of the holidays to the last edge, nothing remembered from before."""
    _zones.forget()
    calendar = office(FIRST, LAST)
    calendar.between_us(*ENDS)
    return calendar


ENDS = (spans(FIRST, LAST)[0][0], spans(FIRST, LAST)[-1][1] - 1)


def test_twenty_years(benchmark: Any, told: Callable[[Line], None]) -> None:
    off = set(federal_holidays(FIRST, LAST))
    bare = Runner("floor", lambda *_: open_spans(NEW_YORK, HOURS, off, FIRST, LAST), [(0, 0)])
    result = race(benchmark, bare, Runner("ours", lambda *_: compiled(), [(0, 0)]))
    assert compiled().spans_us(ENDS[0], ENDS[1] + 1) == spans(FIRST, LAST)
    told(Line("compile 20 years / bare zoneinfo loop", result.ratios["ours"], 3))


def test_twenty_years_in_memory(told: Callable[[Line], None]) -> None:
    tracemalloc.start()
    try:
        calendar = compiled()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert calendar.is_open_us(ENDS[0])
    told(Line("20 years in memory / 1 MB", held / 1_000_000, 2))
