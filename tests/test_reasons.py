"""Why a calendar is closed: segments that cover a stretch, of calendars and of calendars made of others."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendar_cases import calendars
from oracle_calendar import OracleCalendar
from slaclock._instants import DAY_US, MAX_US, MIN_US, to_us
from slaclock._reasons import painted
from slaclock.calendar import ALWAYS, WorkingCalendar

Case = tuple[WorkingCalendar, OracleCalendar, datetime]
BERLIN = WorkingCalendar(
    timezone="Europe/Berlin",
    hours={"mon-fri": "09:00-17:00"},
    holidays=[{"date": "10-03", "name": "Unity Day"}, {"from": "2026-10-02", "until": "2026-10-03", "name": "Bridge"}],
    special={"2026-12-24": "09:00-12:00"},
    closures=[{"from": "2026-10-01T10:00", "until": "2026-10-01T11:00", "reason": "move"}],
    name="berlin",
)
TOKYO = WorkingCalendar(timezone="Asia/Tokyo", hours={"mon-fri": "09:00-17:00"})


def told(calendar: WorkingCalendar, a: str, b: str) -> list[tuple[str, str]]:
    """Each segment's start, by the wall clock, and its label."""
    return [(f"{part.start:%d %H:%M}", part.why) for part in calendar.segments(a, b)]


def test_between_segments_that_do_not_meet_is_none() -> None:
    apart = [(3, 4, "y"), (0, 1, "x")]
    assert sorted(apart) == painted(apart)


def test_segments_name_what_holds() -> None:
    """Open, a closure, a holiday by its date, outside hours; a holiday's name is that of the first one on its date."""
    wanted = [
        ("01 09:00", "open"),
        ("01 10:00", 'closed: closure "move"'),
        ("01 11:00", "open"),
        ("01 17:00", "closed: outside hours"),
        ("02 00:00", 'closed: holiday "Bridge"'),
        ("03 00:00", 'closed: holiday "Unity Day"'),
        ("04 00:00", "closed: outside hours"),
    ]
    assert wanted == told(BERLIN, "2026-10-01T09:00+02:00", "2026-10-04T09:00+02:00")
    special = [("24 00:00", "closed: special day"), ("24 09:00", "open"), ("24 12:00", "closed: special day")]
    assert special == told(BERLIN, "2026-12-24T00:00+01:00", "2026-12-25T00:00+01:00")
    first = BERLIN.segments("2026-10-01T09:00+02:00", "2026-10-01T09:30+02:00")[0]
    assert (True, "2026-10-01T09:30:00+02:00") == (first.is_open, first.end.isoformat())
    assert "2026-10-01T09:00:00+02:00 .. 2026-10-01T09:30:00+02:00  open" == str(first)
    assert (
        []
        == BERLIN.segments("2026-10-01T09:00Z", "2026-10-01T09:00Z")
        == BERLIN.segments("2026-10-02T09:00Z", "2026-10-01T09:00Z")
    )


def test_a_shift_that_a_holiday_takes_is_the_holidays() -> None:
    """Where a holiday closes shifts, it closes the tail on the next date too, and what runs into it stays open."""
    nights = WorkingCalendar(
        hours={"mon-sun": "22:00-06:00"}, holidays=[{"date": "12-25", "name": "Christmas"}], holidays_close="shifts"
    )
    wanted = [
        ("25 00:00", "open"),
        ("25 06:00", 'closed: holiday "Christmas"'),
        ("26 06:00", "closed: outside hours"),
        ("26 22:00", "open"),
    ]
    assert wanted == told(nights, "2026-12-25T00:00Z", "2026-12-26T23:00Z")


def test_a_union_says_what_kept_it_shut() -> None:
    """Closed in both: a reason that says more than outside hours is preferred."""
    both = BERLIN | TOKYO
    assert 'closed: holiday "Bridge"' == both.why("2026-10-02T10:00+02:00")
    assert "closed: outside hours" == both.why("2026-10-01T23:00+02:00")
    assert "open" == both.why("2026-10-02T04:00+02:00")


def test_an_intersection_says_what_closes_it() -> None:
    assert 'closed: holiday "Bridge"' == (BERLIN & ALWAYS).why("2026-10-02T10:00+02:00")
    assert "closed: outside hours" == (ALWAYS & TOKYO).why("2026-10-01T23:00+02:00")
    assert "open" == (BERLIN & ALWAYS).why("2026-10-01T09:00+02:00")


def test_a_difference_says_what_was_taken_out() -> None:
    """By the name of the calendar that was taken out, where it has one; closed before that is closed by its own."""
    assert 'closed: taken out by "berlin"' == (ALWAYS - BERLIN).why("2026-10-01T09:00+02:00")
    assert "closed: taken out" == (ALWAYS - TOKYO).why("2026-10-01T09:00+09:00")
    assert "open" == (ALWAYS - TOKYO).why("2026-10-01T19:00+09:00")
    assert 'closed: holiday "Bridge"' == (BERLIN - TOKYO).why("2026-10-02T10:00+02:00")


def test_closures_of_a_calendar_made_of_others_come_first() -> None:
    moved = (BERLIN | TOKYO).with_closures([{"from": "2026-10-01", "until": "2026-10-02", "reason": "fair"}])
    assert 'closed: closure "fair"' == moved.why("2026-10-02T10:00+02:00")
    assert 'closed: closure "fair"' == moved.in_timezone("UTC").why("2026-10-02T10:00+02:00")


def test_segments_run_on_over_the_years() -> None:
    """The turn of a year is no edge, and the ends of time are ends."""
    assert [(0, 10**16, "open")] == ALWAYS.segments_us(0, 10**16)
    assert [(MIN_US, MAX_US, "open")] == ALWAYS.segments_us(MIN_US, MAX_US)
    assert "closed: outside hours" == WorkingCalendar(hours=[]).why("9999-12-31T23:59:59.999999Z")


def check_cover(calendar: WorkingCalendar, a: int, b: int) -> None:
    found = calendar.segments_us(a, b)
    assert (a, b) == (found[0][0], found[-1][1])
    for (_, end, label), (start, _, following) in pairwise(found):
        assert end == start
        assert label != following
    assert calendar.spans_us(a, b) == [(start, end) for start, end, label in _joined(found) if label]
    for start, end, label in found:
        assert calendar.why_us(start) == calendar.why_us(end - 1) == label


def _joined(found: list[tuple[int, int, str]]) -> list[tuple[int, int, bool]]:
    return [(start, end, label == "open") for start, end, label in found]


@settings(max_examples=60)
@given(calendars(), st.integers(0, 4 * DAY_US), st.integers(1, 4 * DAY_US))
def test_segments_cover_exactly(case: Case, offset: int, length: int) -> None:
    """No gaps, no overlaps, neighbours differ, the open ones are the open time, and each says what `why` says."""
    calendar, _, start = case
    a = to_us(start) + offset
    check_cover(calendar, a, a + length)


@settings(max_examples=25)
@given(calendars(), calendars(), st.sampled_from("|&-"), st.integers(1, 4 * DAY_US))
def test_segments_of_calendars_put_together_cover_exactly(one: Case, two: Case, op: str, length: int) -> None:
    calendar = {"|": one[0] | two[0], "&": one[0] & two[0], "-": one[0] - two[0]}[op]
    check_cover(calendar, to_us(one[2]), to_us(one[2]) + length)


layers = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12), st.sampled_from("abc")), max_size=6)


@given(layers)
def test_painting_shows_the_first_layer(found: list[tuple[int, int, str]]) -> None:
    """At each point the first of the layers that hold there is seen."""
    result = painted(found)
    for point in range(13):
        wanted = next((label for start, end, label in found if start <= point < end), None)
        assert wanted == next((label for start, end, label in result if start <= point < end), None)


@pytest.mark.parametrize("at", ["2026-10-02T10:00+02:00", "2026-10-01T10:30+02:00"])
def test_why_is_that_of_the_segment(at: str) -> None:
    assert BERLIN.why(at) == BERLIN.segments(at, "2026-10-05T00:00Z")[0].why
