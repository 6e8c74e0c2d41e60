"""The calendar's look-ups, on numbers and at the door, against bare bisection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pendulum
import pytest

import slaclock as sla
from benchmarks.floor import SECOND, Floor
from benchmarks.race import Line, Runner, race
from benchmarks.workload import NEW_YORK, add_rows, between_rows, floor, regions

COUNT = 5_000
Tell = Callable[[Line], None]
Case = tuple[list[tuple[int, int]], str]
CASES: dict[str, Case] = {"add": (add_rows(COUNT), "add_us"), "between": (between_rows(COUNT), "between_us")}


def stdlib(us: int) -> datetime:
    return datetime.fromtimestamp(us // SECOND, NEW_YORK)


def through_pendulum(us: int) -> pendulum.DateTime:
    return pendulum.from_timestamp(us // SECOND, "America/New_York")


def pair(calendar: sla.WorkingCalendar, what: str) -> tuple[Runner, Runner]:
    """The bare calendar and ours, on numbers; both answer alike."""
    rows, method = CASES[what]
    bare, ours = getattr(floor(), what), getattr(calendar, method)
    assert [bare(*row) for row in rows] == [ours(*row) for row in rows]
    return Runner("floor", bare, rows), Runner("ours", ours, rows)


@pytest.mark.parametrize("what", CASES)
def test_numbers(benchmark: Any, told: Tell, calendar: sla.WorkingCalendar, what: str) -> None:
    result = race(benchmark, *pair(calendar, what))
    told(Line(f"{what} on numbers / bare bisection", result.ratios["ours"], 1.3))


@pytest.mark.parametrize(("kind", "make", "target"), [("datetime", stdlib, 5), ("pendulum", through_pendulum, 7)])
@pytest.mark.parametrize("what", CASES)
def test_door(
    benchmark: Any, told: Tell, calendar: sla.WorkingCalendar, what: str, kind: str, make: Any, target: float
) -> None:
    """A `datetime` of zoneinfo or of pendulum goes in; what comes out is pendulum's, which is a `datetime` too."""
    bare, _ = pair(calendar, what)
    if what == "add":
        rows = [(make(at), sla.Amount(us=amount)) for at, amount in bare.rows]
    else:
        rows = [(make(a), make(b)) for a, b in bare.rows]
    result = race(benchmark, bare, Runner("ours", getattr(calendar, what), rows))
    told(Line(f"{what}, {kind} in and out / bare bisection", result.ratios["ours"], target))


@pytest.mark.parametrize("what", CASES)
def test_union_of_three_regions(benchmark: Any, told: Tell, calendar: sla.WorkingCalendar, what: str) -> None:
    one, two, three = regions()
    rows, method = CASES[what]
    simple, union = (getattr(made, method) for made in (calendar, one | two | three))
    result = race(benchmark, Runner("simple", simple, rows), Runner("union", union, rows))
    told(Line(f"{what}, union of three regions / a simple calendar", result.ratios["union"], 1.2))


def test_the_floor_is_right() -> None:
    """Two spans, by hand."""
    bare = Floor([(0, 10), (20, 30)])
    assert (bare.add(5, 5), bare.add(5, 6), bare.between(5, 25)) == (10, 21, 10)
