"""Working calendars: worked cases, the ends of time, and calendars as values."""

from __future__ import annotations

import copy
import json
import operator
import pickle
import threading
from datetime import UTC, date, datetime, timedelta

import pendulum
import pytest

from slaclock import _edges
from slaclock._instants import HOUR_US, MAX_US, MIN_US, from_us, load_zone, to_us
from slaclock.amounts import Amount
from slaclock.calendar import ALWAYS, Interval, WorkingCalendar
from slaclock.errors import CalendarError, NaiveTimeError, NeverOpenError, OutOfRangeError, UnknownZoneError

OFFICE = WorkingCalendar(
    timezone="Europe/Berlin",
    hours={"mon-fri": "09:00-17:00"},
    holidays=[{"date": "2026-12-25", "name": "Christmas"}, "01-01"],
    special={"2026-12-24": "09:00-12:00"},
    name="office",
)
NEW_YORK = WorkingCalendar(timezone="America/New_York", hours={"mon-fri": "09:00-17:00"})
TOKYO = WorkingCalendar(timezone="Asia/Tokyo", hours={"mon-fri": "09:00-17:00"})
NIGHTS = {"mon-sun": "22:00-06:00"}
ONCE = WorkingCalendar(hours=[], special={"2036-05-05": "09:00-12:00"})
NEVER = WorkingCalendar(hours={"mon": "09:00-10:00"}, holidays=["01-01..12-31"])


def texts(calendar: WorkingCalendar, a: str, b: str) -> list[tuple[str, str]]:
    """Opening and closing of each interval, as local day and time."""
    return [(f"{i.start:%d %H:%M}", f"{i.end:%d %H:%M}") for i in calendar.intervals(a, b)]


# --------------------------------------------------------------------------------------------------------- worked cases


@pytest.mark.parametrize(
    ("due", "at", "amount"),
    [
        ("2026-03-09T13:00:00+01:00", "2026-03-06T17:00+01:00", "4h"),
        ("2026-03-06T17:00:00+01:00", "2026-03-06T13:00+01:00", "4h"),
        ("2026-03-06T13:00:00+01:00", "2026-03-06T13:00+01:00", "0h"),
        ("2026-03-30T10:00:00+02:00", "2026-03-27T16:00+01:00", "2h"),
        ("2026-12-28T10:00:00+01:00", "2026-12-23T16:00+01:00", timedelta(hours=5)),
        ("2026-03-06T16:00:00+01:00", "2026-03-09T10:00+01:00", "-2h"),
        ("2026-03-11T10:00:00+01:00", "2026-03-06T10:00+01:00", "3 business days"),
        ("2026-03-12T09:00:00+01:00", "2026-03-07T10:00+01:00", "3 business days"),
        ("2026-12-28T16:00:00+01:00", "2026-12-23T16:00+01:00", "2 business days"),
        ("2026-12-24T16:00:00+01:00", "2026-12-23T16:00+01:00", "1 business day"),
        ("2026-12-24T12:00:00+01:00", "2026-12-23T18:00+01:00", "next business day"),
        ("2026-12-28T16:00:00+01:00", "2026-12-24T08:00+01:00", "next business day by 16:00"),
        ("2026-03-10T24:00", "2026-03-06T10:00+01:00", "2 business days by 24:00"),
        ("2026-03-06T16:00:00+01:00", "2026-03-06T10:00+01:00", "same business day by 16:00"),
        ("2026-03-09T16:00:00+01:00", "2026-03-06T16:00+01:00", "same business day by 16:00"),
        ("2026-03-09T16:00:00+01:00", "2026-03-07T10:00+01:00", "same business day by 16:00"),
        ("2026-03-06T17:00:00+01:00", "2026-03-06T10:00+01:00", "same business day"),
        ("2026-03-29T03:00:00+02:00", "2026-03-28T02:30+01:00", "1 calendar day"),
        ("2026-10-25T02:30:00+02:00", "2026-10-10T02:30+02:00", "15 calendar days"),
    ],
)
def test_add(due: str, at: str, amount: str | timedelta) -> None:
    """Open time ends at closing; day amounts keep or name a wall-clock time on a business date."""
    wanted = due.replace("10T24:00", "11T00:00:00+01:00")
    assert wanted == OFFICE.add(at, amount).isoformat()


def test_subtract_is_the_mirror() -> None:
    """The last instant from which the amount elapses; a negative amount goes forward."""
    assert "2026-03-09T09:00:00+01:00" == OFFICE.subtract("2026-03-09T10:00+01:00", "1h").isoformat()
    assert "2026-03-06T16:00:00+01:00" == OFFICE.subtract("2026-03-09T10:00+01:00", "2h").isoformat()
    assert "2026-03-06T17:00:00+01:00" == OFFICE.subtract("2026-03-06T16:00+01:00", "-1h").isoformat()
    assert isinstance(OFFICE.subtract("2026-03-09T10:00+01:00", "1h"), pendulum.DateTime)


def test_between() -> None:
    """Open time between two instants as a Duration, negative when reversed."""
    friday, monday = "2026-03-06T16:00+01:00", datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert pendulum.duration(hours=2) == OFFICE.between(friday, monday)
    assert pendulum.duration(hours=-2) == OFFICE.between(monday, friday)


def test_edges_of_opening_hours() -> None:
    """next_open and previous_close are `at` itself inside hours; with strict, and the other two, edges."""
    inside, outside = "2026-03-06T12:00+01:00", "2026-03-07T12:00+01:00"
    opened, closed = "2026-03-06T09:00:00+01:00", "2026-03-06T17:00:00+01:00"
    monday, monday_end = "2026-03-09T09:00:00+01:00", "2026-03-09T17:00:00+01:00"

    def iso(value: datetime | None) -> str | None:
        return value and value.isoformat()

    assert (True, False) == (OFFICE.is_open(inside), OFFICE.is_open(outside))
    assert (inside[:16], monday) == ((iso(OFFICE.next_open(inside)) or "")[:16], iso(OFFICE.next_open(outside)))
    assert monday == iso(OFFICE.next_open(inside, strict=True)) == iso(OFFICE.next_open(outside, strict=True))
    assert (closed, monday_end) == (iso(OFFICE.next_close(inside)), iso(OFFICE.next_close(outside)))
    assert monday_end == iso(OFFICE.next_close(closed)) == iso(OFFICE.next_close(closed, strict=True))
    assert (opened, opened) == (iso(OFFICE.previous_open(inside)), iso(OFFICE.previous_open(outside)))
    assert (opened, "2026-03-05T09:00:00+01:00") == (
        iso(OFFICE.previous_open(opened)),
        iso(OFFICE.previous_open(opened, strict=True)),
    )
    assert (inside[:16], closed) == (
        (iso(OFFICE.previous_close(inside)) or "")[:16],
        iso(OFFICE.previous_close(outside)),
    )
    assert closed == iso(OFFICE.previous_close(closed))
    assert "2026-03-05T17:00:00+01:00" == iso(OFFICE.previous_close(closed, strict=True))


def test_intervals_are_cut_and_half_open() -> None:
    """Intervals are cut to the question, know their length, and adjoining ones are one."""
    found = OFFICE.intervals("2026-03-06T12:00+01:00", "2026-03-09T10:00+01:00")
    zone = load_zone("Europe/Berlin")
    monday = from_us(to_us("2026-03-09T09:00+01:00"), zone)
    assert 2 == len(found)
    assert Interval(monday, from_us(to_us("2026-03-09T10:00+01:00"), zone)) == found[1]
    assert pendulum.duration(hours=5) == found[0].duration
    assert "2026-03-09T09:00:00+01:00 .. 2026-03-09T10:00:00+01:00" == str(found[1])
    assert [] == OFFICE.intervals("2026-03-09T10:00Z", "2026-03-06T12:00Z")
    joined = WorkingCalendar(hours={"mon": ["09:00-24:00"], "tue": "00:00-12:00"})
    assert [("02 09:00", "03 12:00")] == texts(joined, "2026-03-01T00:00Z", "2026-03-08T00:00Z")


def test_a_skipped_and_a_repeated_hour() -> None:
    """An opening in a gap opens at the gap's end; an hour that is shown twice is open twice."""
    nightly = WorkingCalendar(timezone="Europe/Berlin", hours={"sun": "02:00-04:00"})
    assert [("29 03:00", "29 04:00")] == texts(nightly, "2026-03-28T00:00Z", "2026-03-30T00:00Z")
    assert pendulum.duration(hours=3) == nightly.between("2026-10-24T00:00Z", "2026-10-26T00:00Z")


def test_a_holiday_closes_its_date_or_its_shifts() -> None:
    """By date a holiday closes from midnight to midnight and nothing else; by shift, what begins on it."""
    a, b = "2026-12-24T12:00Z", "2026-12-27T12:00Z"
    dates = WorkingCalendar(hours=NIGHTS, holidays=["12-25"])
    shifts = WorkingCalendar(hours=NIGHTS, holidays=["12-25"], holidays_close="shifts")
    assert [("24 22:00", "25 00:00"), ("26 00:00", "26 06:00"), ("26 22:00", "27 06:00")] == texts(dates, a, b)
    assert [("24 22:00", "25 06:00"), ("26 22:00", "27 06:00")] == texts(shifts, a, b)


def test_a_special_day_beats_a_holiday_by_its_tail_too() -> None:
    """A special day replaces what begins on its date; its tail runs on into a holiday, other tails do not."""
    calendar = WorkingCalendar(hours=NIGHTS, special={"12-31": "18:00-02:00", "2027-12-31": []}, holidays=["01-01"])
    wanted = [("30 22:00", "31 06:00"), ("31 18:00", "01 02:00"), ("01 22:00", "01 23:00")]
    wanted[2] = ("02 00:00", "02 06:00")
    assert wanted == texts(calendar, "2026-12-30T12:00Z", "2027-01-02T12:00Z")
    assert [("30 22:00", "31 06:00")] == texts(calendar, "2027-12-30T12:00Z", "2028-01-01T12:00Z")


def test_closures_beat_everything() -> None:
    """Dates as until include the day; date-times and instants do not; a local end in a gap is shifted by it."""
    closures = [
        {"from": "2026-03-03", "until": date(2026, 3, 4), "reason": "move"},
        {"from": "2026-03-05T10:00", "until": "2026-03-05 11:00"},
        {"from": "2026-03-06T09:00Z", "until": datetime(2026, 3, 6, 10, 30, tzinfo=UTC)},
        {"from": datetime(2026, 3, 6, 15), "until": "2026-03-06T24:00"},
        {"from": "2026-03-29T02:15", "until": "2026-03-29T04:00"},
    ]
    calendar = WorkingCalendar(timezone="Europe/Berlin", hours="08:00-18:00").with_closures(closures)
    wanted = [("02 08:00", "02 18:00"), ("05 08:00", "05 10:00"), ("05 11:00", "05 18:00"), ("06 08:00", "06 10:00")]
    wanted += [("06 11:30", "06 15:00")]
    assert wanted == texts(calendar, "2026-03-02T00:00Z", "2026-03-07T00:00Z")
    night = ALWAYS.in_timezone("Europe/Berlin").with_closures(closures[4:])
    assert [("29 00:00", "29 03:15"), ("29 04:00", "29 12:00")] == texts(
        night, "2026-03-28T23:00Z", "2026-03-29T10:00Z"
    )
    assert calendar == WorkingCalendar.from_dict(calendar.to_dict())
    with pytest.raises(CalendarError, match="an end after the start"):
        OFFICE.with_closures([{"from": "2026-03-03", "until": "2026-03-02"}])


def test_closures_may_last_for_ever() -> None:
    """A closure until 9999-12-31 reaches the end of time in every zone."""
    for zone in ("UTC", "Asia/Tokyo", "America/New_York"):
        closed = WorkingCalendar(
            timezone=zone, hours="24h", closures=[{"from": "0001-01-01", "until": "1999-12-31"}]
        ).with_closures([{"from": "2026-01-01", "until": "9999-12-31"}])
        assert 26 * 365 * 24 + 7 * 24 == closed.between_us(to_us("0001-01-02T00:00Z"), MAX_US) // HOUR_US
        assert closed == WorkingCalendar.from_dict(closed.to_dict())
        gone = NEW_YORK.with_closures([{"from": "2026-01-01", "until": "9999-12-31"}])
        with pytest.raises(NeverOpenError):
            gone.add("2026-01-01T12:00Z", "1h")
        before = NEW_YORK.with_closures([{"from": "0001-01-01", "until": "2025-12-31"}])
        with pytest.raises(NeverOpenError):
            before.subtract("2026-01-01T12:00Z", "1h")


def test_seasons_stand_for_the_weekly_hours() -> None:
    """A recurring season wraps round New Year; a dated one holds in its year only."""
    seasons = [
        {"from": "12-31", "until": "01-01", "hours": {"mon-sun": "10:00-11:00"}},
        {"from": "2026-03-03", "until": "2026-03-03", "hours": []},
    ]
    calendar = WorkingCalendar(hours="09:00-17:00", seasons=seasons)
    wanted = [("30 09:00", "30 17:00"), ("31 10:00", "31 11:00"), ("01 10:00", "01 11:00"), ("02 09:00", "02 17:00")]
    assert wanted == texts(calendar, "2029-12-30T00:00Z", "2030-01-03T00:00Z")
    assert not calendar.is_open("2026-03-03T12:00Z")
    assert calendar.is_open("2027-03-03T12:00Z")


def test_why() -> None:
    """A short reason for every closed instant."""
    named = OFFICE.with_closures([{"from": "2026-03-02", "until": "2026-03-02", "reason": "move"}])
    bare = OFFICE.with_closures([{"from": "2026-03-02", "until": "2026-03-02"}])
    assert "open" == OFFICE.why("2026-03-02T12:00+01:00")
    assert 'closed: closure "move"' == named.why("2026-03-02T12:00+01:00")
    assert "closed: closure" == bare.why("2026-03-02T12:00+01:00")
    assert 'closed: holiday "Christmas"' == named.why("2026-12-25T12:00+01:00")
    assert "closed: holiday" == OFFICE.why("2027-01-01T12:00+01:00")
    assert "closed: special day" == OFFICE.why("2026-12-24T13:00+01:00")
    assert "closed: outside hours" == OFFICE.why("2026-03-01T12:00+01:00")
    assert 'closed: taken out by "office"' == (ALWAYS - OFFICE).why("2026-03-02T12:00+01:00")
    assert "closed: taken out" == (ALWAYS - NEW_YORK).why("2026-03-02T12:00-05:00")
    assert 'closed: holiday "Christmas"' == (OFFICE & ALWAYS).why("2026-12-25T12:00+01:00")


# ------------------------------------------------------------------------------------------------------- business dates


def test_business_dates_count_from_the_local_date() -> None:
    """Saturday + 1 = Monday; a date gives a date, an instant an instant at the same wall-clock time."""
    saturday = date(2026, 3, 7)
    assert date(2026, 3, 9) == OFFICE.add_business_days(saturday, 1) == OFFICE.add_business_days("2026-03-07", 1)
    assert date(2026, 3, 6) == OFFICE.add_business_days(saturday, -1)
    assert saturday == OFFICE.add_business_days(saturday, 0)
    later = OFFICE.add_business_days("2026-03-07T10:00+01:00", 1)
    assert isinstance(later, pendulum.DateTime)
    assert "2026-03-09T10:00:00+01:00" == later.isoformat()
    assert 5 == OFFICE.business_days_between(saturday, "2026-03-14T00:00+01:00")
    assert -5 == OFFICE.business_days_between("2026-03-14", saturday)
    assert (False, True) == (OFFICE.is_business_day(saturday), OFFICE.is_business_day("2026-03-09T23:00+01:00"))
    with pytest.raises(CalendarError, match="a date that exists"):
        OFFICE.is_business_day("2026-02-30")
    with pytest.raises(NeverOpenError):
        NEVER.add_business_days(saturday, 1)


def test_business_dates_have_something_open() -> None:
    """Holidays, closed special days, days lost to a closure, and dates that a zone skipped are no business dates."""
    apia = WorkingCalendar(timezone="Pacific/Apia", hours="all day")
    assert 30 == apia.business_days_between("2011-12-01", "2012-01-01")
    assert 365 == ALWAYS.business_days_between("2026-01-01", "2027-01-01")
    special = {"2026-03-07": "10:00-11:00", "2026-03-03": []}
    closures = [{"from": "2026-03-04", "until": "2026-03-04"}, {"from": "2026-03-05", "until": "2026-03-05T12:00"}]
    calendar = WorkingCalendar(
        hours={"mon-fri": "09:00-17:00"}, holidays=["2026-03-02"], special=special, closures=closures
    )
    found = [day for day in range(1, 9) if calendar.is_business_day(date(2026, 3, day))]
    assert [5, 6, 7] == found
    only = WorkingCalendar(hours=[], special=special)
    assert (True, 1) == (only.is_business_day("2026-03-07"), only.business_days_between("1000-01-01", "3000-01-01"))


def test_business_dates_of_put_together_calendars_have_open_time() -> None:
    """In a calendar made of others, a date with any open time counts, and its close is before the midnight after."""
    both = NEW_YORK | TOKYO
    assert both.is_business_day("2026-03-01")  # Sunday evening in New York is Monday morning in Tokyo.
    assert "2026-03-02T00:00:00-05:00" == both.add("2026-02-28T12:00-05:00", "next business day").isoformat()
    assert not (both & NEVER).is_business_day("2026-03-02")
    assert (ONCE | ONCE.with_closures([])).is_business_day("2036-05-05")
    assert 0 == (ONCE | ONCE).business_days_between("2026-01-01", "2027-01-01")


def test_deadlines_refuse_what_names_no_instant() -> None:
    """Best effort is never due; a calendar that never opens again names no business date."""
    with pytest.raises(CalendarError, match="never due"):
        OFFICE.deadline_us(0, Amount.parse("best effort"))
    with pytest.raises(NeverOpenError):
        ONCE.add("2040-01-01T00:00Z", "1 business day")
    assert OFFICE.add_us(0, HOUR_US) == OFFICE.deadline_us(0, Amount.parse("1h"))


def test_add_last_is_the_next_opening_when_used_up_at_closing() -> None:
    """The other inverse of W; where the calendar never opens again it is the closing itself."""
    t = to_us("2026-03-06T16:00+01:00")
    assert to_us("2026-03-09T09:00+01:00") == OFFICE.add_last_us(t, HOUR_US)
    assert to_us("2026-03-06T16:30+01:00") == OFFICE.add_last_us(t, HOUR_US // 2)
    end = to_us("2036-05-05T12:00Z")
    assert end == ONCE.add_last_us(end - HOUR_US, HOUR_US)


# ---------------------------------------------------------------------------------------------- rarely, never, far away


def test_calendars_that_open_rarely_or_never() -> None:
    """There is no horizon but 100 years without open time after the question and the last explicit date."""
    rare = WorkingCalendar(seasons=[{"from": "02-29", "until": "02-29", "hours": "09:00-10:00"}])
    assert "2148-02-29T10:00:00+00:00" == rare.add("2026-01-01T00:00Z", "30h").isoformat()
    assert "1908-02-29T09:00:00+00:00" == rare.subtract("2026-01-01T00:00Z", "30h").isoformat()
    assert "2036-05-05T10:00:00+00:00" == ONCE.add("1500-01-01T00:00Z", "1h").isoformat()
    fresh = WorkingCalendar.from_dict(ONCE.to_dict())
    assert to_us("2036-05-05T09:00Z") == fresh.next_open_us(to_us("2026-01-01T00:00Z"))
    assert to_us("2036-05-05T12:00Z") == fresh.previous_close_us(to_us("2046-01-01T00:00Z"))
    assert "2036-05-05T11:00:00+00:00" == ONCE.subtract("9000-01-01T00:00Z", "1h").isoformat()
    for calendar, amount in [(ONCE, "4h"), (NEVER, "1h"), (NEW_YORK & TOKYO, "1h"), (NEVER, "-1h"), (ONCE, "-1h")]:
        with pytest.raises(NeverOpenError, match="within 100 years"):
            calendar.add("2026-01-01T00:00Z", amount)
    assert pendulum.duration() == NEVER.between("2026-01-01T00:00Z", "2226-01-01T00:00Z")
    assert pendulum.duration(hours=3) == ONCE.between("0001-01-01T00:00Z", "9999-12-31T00:00Z")
    question = "2026-01-01T00:00Z"
    assert [None] * 4 == [
        NEVER.next_open(question), NEVER.next_close(question),
        NEVER.previous_open(question), NEVER.previous_close(question),
    ]  # fmt: skip


def test_calendars_that_never_close() -> None:
    """Round the clock there is no edge; closures make two."""
    ends = ALWAYS.with_closures([{"from": "2030-01-01", "until": "2030-01-01"}])
    shut, opens = to_us("2030-01-01T00:00Z"), to_us("2030-01-02T00:00Z")
    assert (shut, opens, None) == (ends.next_close_us(0), ends.next_open_us(0, True), ends.next_close_us(opens))
    assert (None, shut, opens) == (
        ends.previous_open_us(0),
        ends.previous_close_us(opens + 5, strict=True),
        ends.previous_open_us(opens),
    )
    assert None is ends.previous_close_us(0, strict=True)
    unnoticed = WorkingCalendar(hours={"mon-sun": "06:00-06:00"})
    assert (None, None) == (unnoticed.next_close_us(0), unnoticed.previous_open_us(0))
    assert (None, None) == (unnoticed.next_open_us(0, True), unnoticed.previous_close_us(0, True))
    assert "8870-10-08T00:00:00+00:00" == ALWAYS.add("2026-01-01T00:00Z", "60000000h").isoformat()
    assert "1025-03-04T00:00:00+00:00"[:4] == ALWAYS.subtract("2026-01-01T00:00Z", "8772000h").isoformat()[:4]


def test_edges_at_the_turn_of_the_year() -> None:
    """The end of a compiled stretch is no closing, and its start no opening."""
    silvester = WorkingCalendar(hours=[], special={"2026-12-31": "20:00-04:00"})
    weeks = WorkingCalendar(hours=[], special={f"20{year}-12-31": "20:00-24:00" for year in (26, 30)})
    start, end = to_us("2026-12-31T20:00Z"), to_us("2027-01-01T04:00Z")
    new_year = to_us("2027-01-01T00:00Z")
    for calendar in (silvester, silvester | silvester):
        assert (end, start) == (calendar.next_close_us(start), calendar.previous_open_us(end))
        assert end == calendar.next_edge_us(new_year)
        fresh = WorkingCalendar.from_dict(calendar.to_dict())
        assert start == fresh.previous_open_us(new_year)
        assert new_year == fresh.previous_close_us(new_year)
    recurring = WorkingCalendar(seasons=[{"from": "12-31", "until": "12-31", "hours": "20:00-24:00"}])
    for calendar in (weeks, recurring):
        assert new_year == calendar.next_close_us(start)
        assert new_year == WorkingCalendar.from_dict(calendar.to_dict()).previous_close_us(new_year + 9)
    january = WorkingCalendar(seasons=[{"from": "01-01", "until": "01-01", "hours": "00:00-04:00"}])
    assert new_year == january.previous_open_us(new_year + 1)
    assert new_year == january.next_open_us(start)


def test_the_ends_of_time() -> None:
    """Every question has an answer in the years 1 to 9999, and an OutOfRangeError outside."""
    assert [(MIN_US, MAX_US)] == ALWAYS.spans_us(MIN_US, MAX_US)
    assert (False, None, None) == (
        ALWAYS.is_open_us(MAX_US),
        OFFICE.next_edge_us(MAX_US),
        OFFICE.previous_open_us(MIN_US),
    )
    assert (None, None) == (OFFICE.previous_close_us(MIN_US), OFFICE.previous_open_us(MIN_US, strict=True))
    assert to_us("9999-12-31T17:00+01:00") == OFFICE.previous_close_us(MAX_US)
    assert to_us("9999-12-31T09:00+01:00") == OFFICE.previous_open_us(MAX_US)
    assert None is OFFICE.next_open_us(MAX_US - 1)
    # The first day of all is a Monday, and a holiday.
    assert 4 * 8 * HOUR_US == OFFICE.between_us(MIN_US, MIN_US + 7 * 24 * HOUR_US)
    for question in (
        lambda: OFFICE.add("9900-01-01T00:00Z", "1000000h"),
        lambda: OFFICE.subtract("0099-01-01T00:00Z", "1000000h"),
        lambda: ALWAYS.add("2026-01-01T00:00Z", "80000000h"),
        lambda: ALWAYS.subtract("2026-01-01T00:00Z", "20000000h"),
        lambda: OFFICE.is_open_us(MAX_US + 1),
        lambda: OFFICE.between_us(MIN_US - 1, 0),
        lambda: OFFICE.add("9999-12-31T12:00Z", "100h"),
    ):
        with pytest.raises(OutOfRangeError):
            question()


def test_far_and_long_questions() -> None:
    """A question in the year 2500 compiles that year; a long one adds up years without keeping their edges."""
    calendar = WorkingCalendar.from_dict(OFFICE.to_dict())
    assert calendar.is_open("2500-01-04T12:00Z")
    assert [1] == [table.stop - table.first for table in calendar._time._tables]
    for year in range(2020, 2030):
        calendar.is_open_us(_edges.year_start(year))
    for year in (1200, 1500, 1900, 2700, 3100):
        calendar.is_open_us(_edges.year_start(year))
    assert 4 == len(calendar._time._tables)
    assert all(table.stop - table.first <= 64 for table in calendar._time._tables)
    a, b = to_us("1990-05-05T00:00Z"), to_us("2060-05-05T00:00Z")
    pieces = sum(calendar.between_us(_edges.year_start(y), _edges.year_start(y + 1)) for y in range(1991, 2060))
    pieces += calendar.between_us(a, _edges.year_start(1991)) + calendar.between_us(_edges.year_start(2060), b)
    assert pieces == calendar.between_us(a, b)
    spans = calendar.spans_us(a, b)
    assert pieces == sum(end - start for start, end in spans)
    assert calendar.add_us(a, pieces) == spans[-1][1]
    assert calendar.add_us(b, -pieces) == spans[0][0]
    assert b - a == (ALWAYS - ONCE.with_closures([{"from": "2036-01-01", "until": "2036-12-31"}])).between_us(a, b)


def test_going_back_from_another_table() -> None:
    """After a question far away, an answer in an earlier table is found again."""
    calendar = WorkingCalendar.from_dict(OFFICE.to_dict())
    t = to_us("2026-03-06T16:00+01:00")
    # To the closing, to the opening, and between.
    for amount, wanted in [(HOUR_US, t + HOUR_US), (-7 * HOUR_US, t - 7 * HOUR_US), (1, t + 1)]:
        assert calendar.is_open_us(t)
        assert calendar.is_open("2500-01-04T12:00Z")
        assert wanted == calendar.add_us(t, amount)


def test_threads_may_share_a_calendar() -> None:
    """Many threads that compile the same years at once all get the same answers."""
    calendar = WorkingCalendar.from_dict(OFFICE.to_dict())
    found: list[list[int]] = []

    def ask() -> None:
        found.append([calendar.between_us(_edges.year_start(y), _edges.year_start(y + 3)) for y in range(2000, 2040)])

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[0]] * 6 == found


# ------------------------------------------------------------------------------------------------------------ as values


def test_calendars_are_values() -> None:
    """Equal content is equal, hashes alike and has the same digest; a name is part of the value, not of the digest."""
    same = WorkingCalendar.from_dict(json.loads(json.dumps(OFFICE.to_dict())))
    other = OFFICE.with_name("desk")
    itself = OFFICE
    assert OFFICE == itself == same
    assert (hash(OFFICE), OFFICE.digest) == (hash(same), same.digest)
    assert OFFICE != other
    assert OFFICE.digest == other.digest
    assert OFFICE != NEW_YORK
    assert OFFICE != "office"
    assert "<WorkingCalendar 'office', Europe/Berlin>" == repr(OFFICE)
    assert "<WorkingCalendar union of 2, America/New_York>" == repr(NEW_YORK | TOKYO)
    for copied in (pickle.loads(pickle.dumps(OFFICE)), copy.deepcopy(OFFICE)):
        assert copied == OFFICE
    with pytest.raises(AttributeError, match="frozen"):
        OFFICE._name = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="frozen"):
        del OFFICE._name
    shifts = WorkingCalendar(hours=NIGHTS, holidays=["12-25"], holidays_close="shifts")
    assert shifts == WorkingCalendar.from_dict(shifts.to_dict())


def test_the_order_of_holidays_means_nothing() -> None:
    """The same holidays in another order, or given twice, are the same calendar."""
    pytest.importorskip("holidays")
    order = [{"country": "DE"}, "12-25", "12-25"]
    assert WorkingCalendar(hours=[], holidays=order) == WorkingCalendar(hours=[], holidays=order[::-1])


def test_put_together_calendars_are_values() -> None:
    """`|`, `&` and `-` give calendars that read back, pickle, stay flat, and answer in the zone of the first."""
    whole = (NEW_YORK | TOKYO | OFFICE) - (ONCE & NEVER)
    assert whole == WorkingCalendar.from_dict(whole.to_dict()) == pickle.loads(pickle.dumps(whole))
    assert "America/New_York" == whole.timezone
    assert 3 == len((NEW_YORK | (TOKYO | OFFICE)).to_dict()["union"])  # type: ignore[arg-type]
    closed = whole.with_closures([{"from": "2026-03-02", "until": "2026-03-02"}]).with_name("world")
    assert closed == WorkingCalendar.from_dict(closed.to_dict())
    assert (True, False) == (whole.is_open("2026-03-02T15:00Z"), closed.is_open("2026-03-02T15:00Z"))
    named = WorkingCalendar.from_dict({"intersection": [OFFICE, "all day"], "name": "x", "timezone": "Asia/Tokyo"})
    assert ("x", "Asia/Tokyo", True) == (named.name, named.timezone, named.is_open("2026-03-02T12:00Z"))
    for operation in (operator.or_, operator.and_, operator.sub):
        with pytest.raises(TypeError):
            operation(OFFICE, 3)


def test_in_timezone_keeps_the_instants() -> None:
    """The same open instants, answered and dated in another zone."""
    view = OFFICE.in_timezone("Asia/Tokyo")
    at = "2026-03-06T12:00+01:00"
    assert OFFICE.add(at, "1h") == view.add(at, "1h")
    assert "2026-03-06T21:00:00+09:00" == view.add(at, "1h").isoformat()
    assert OFFICE.in_timezone("Europe/Berlin") is OFFICE
    assert WorkingCalendar(timezone="Asia/Tokyo", hours="all day") == ALWAYS.in_timezone("Asia/Tokyo")


@pytest.mark.parametrize(
    ("code", "keys", "data"),
    [
        ("wrong-type", (), None),
        ("unknown-key", ("hour",), {"hour": "24h", "hours": []}),
        ("unknown-key", (3,), {3: "24h", "hours": []}),
        ("unknown-key", ("hours",), {"union": ["all day"], "hours": []}),
        ("bad-hours", ("union", 1, "hours"), {"union": ["all day", "al day"]}),
        ("missing-key", ("union",), {"union": []}),
        ("wrong-type", ("union",), {"union": "all day"}),
        ("unknown-zone", ("union", 0, "timezone"), {"union": [{"timezone": "x", "hours": []}]}),
        ("unknown-zone", ("timezone",), {"union": ["all day"], "timezone": "x"}),
        ("wrong-type", ("union", 0), {"union": [3]}),
    ],
)
def test_loose_data_that_is_refused(code: str, keys: tuple[object, ...], data: object) -> None:
    """from_dict refuses unknown keys and gives the path of every fault."""
    with pytest.raises(CalendarError) as caught:
        WorkingCalendar.from_dict(data)
    assert (code, keys) == (caught.value.problems[0].code, caught.value.problems[0].keys)


def test_an_unknown_zone_has_its_own_error() -> None:
    """UnknownZoneError where the zone is the only fault."""
    with pytest.raises(UnknownZoneError, match="did you mean `Europe/Berlin`"):
        WorkingCalendar(timezone="Europe/Berlni", hours=[])


def test_calendars_are_not_stacked_without_end() -> None:
    """Calendars made of calendars have a limit, in data and in algebra."""
    data: object = "all day"
    for _ in range(50):
        data = {"union": [data]}
    with pytest.raises(CalendarError, match="40 deep"):
        WorkingCalendar.from_dict(data)
    calendar = OFFICE
    for _ in range(19):
        calendar = (calendar | TOKYO) - NEW_YORK
    calendar |= TOKYO
    assert calendar.is_open("2026-03-02T03:00Z")
    with pytest.raises(CalendarError, match="at most 40"):
        calendar - NEW_YORK


def test_questions_must_be_instants() -> None:
    """A naive instant is a NaiveTimeError, anything else a CalendarError."""
    with pytest.raises(NaiveTimeError):
        OFFICE.is_open("2026-03-02T12:00")
    with pytest.raises(CalendarError, match="expected an aware datetime"):
        OFFICE.next_open(3)  # type: ignore[arg-type]
    with pytest.raises(CalendarError, match="expected open time"):
        OFFICE.subtract("2026-03-02T12:00Z", "1 business day")
