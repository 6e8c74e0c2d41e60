"""At the two ends of time every question has an answer, or the documented error that it lies beyond them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest

import slaclock as sla
from slaclock._instants import MAX_US, MIN_US, to_us
from slaclock.calendar import WorkingCalendar
from slaclock.errors import NeverOpenError, OutOfRangeError

ZONES = ["Pacific/Kiritimati", "America/Juneau", "Europe/Berlin"]
ENDS = [
    "0001-01-01T00:00Z",
    "0001-01-01T15:00Z",
    "0001-01-02T12:00Z",
    "9999-12-30T01:00Z",
    "9999-12-31T12:00Z",
    "9999-12-31T23:59:59.999999Z",
]
ODD_ENDS = [
    datetime.max.replace(tzinfo=timezone(timedelta(hours=14))),
    datetime.min.replace(tzinfo=timezone(timedelta(hours=-14))),
]
AMOUNTS = ["1h", "-1h", "0h", "400h", "1 business day", "1 calendar day"]
AMOUNTS += ["next business day by 16:00", "next business day by close", "same business day by close"]
HOURS: list[object] = [{"mon-fri": "09:00-17:00"}, "all day", {"mon-sun": "22:00-06:00"}, []]


def calendars(zone: str) -> list[WorkingCalendar]:
    """Some that are shut at the ends of time, some that are open there, and some put together from them."""
    ends = {"12-31": "20:00-10:00", "0001-01-01": "00:00-24:00"}
    closures = [
        {"from": "9999-12-31T12:00", "until": "9999-12-31"},
        {"from": "0001-01-01", "until": "0001-01-01T13:00"},
    ]
    plain = [WorkingCalendar(timezone=zone, hours=hours) for hours in HOURS]
    odd = [
        WorkingCalendar(
            timezone=zone, hours=hours, special=ends, holidays=["01-01"], closures=closing, holidays_close=how
        )
        for hours in HOURS
        for closing, how in (([], "dates"), (closures, "shifts"))
    ]
    return [*plain, *odd, plain[0] | odd[0], plain[1] & odd[1], plain[1] - odd[2], odd[3].in_timezone("Asia/Tokyo")]


def ask(question: Callable[..., object], *args: object) -> str:
    """The answer, or the words of the error, which must be one that is documented."""
    try:
        return str(question(*args))
    except (OutOfRangeError, NeverOpenError) as error:
        return str(error)


@pytest.mark.parametrize("zone", ZONES)
def test_every_question_is_answered_or_lies_beyond(zone: str) -> None:
    """Instants in any zone, dates, amounts forward and back."""
    for calendar in calendars(zone):
        for at in (*ENDS, *ODD_ENDS):
            assert isinstance(calendar.is_open(at), bool)
            assert calendar.why(at).startswith("open" if calendar.is_open(at) else "closed")
            for name in ("next_open", "next_close", "previous_open", "previous_close"):
                for strict in (False, True):
                    found = getattr(calendar, name)(at, strict=strict)
                    assert found is None or MIN_US <= to_us(found) < MAX_US
            for amount in AMOUNTS:
                assert "microseconds" not in ask(calendar.add, at, amount)
            for days in (0, 1, -1, 400, -400):
                ask(calendar.add_business_days, at, days)
            ask(calendar.is_business_day, at)
            ask(calendar.week, at)
        for day in (date.min, date.max, "0001-01-02", "9999-12-30"):
            assert isinstance(calendar.is_business_day(day), bool)
            assert str(calendar.week(day))
            ask(calendar.add_business_days, day, 3)


@pytest.mark.parametrize("zone", ZONES)
def test_segments_cover_the_ends_of_time(zone: str) -> None:
    """Without gaps, and every instant of theirs can be shown."""
    for calendar in calendars(zone):
        for a, b in (ENDS[:2], ENDS[1:3], ENDS[3:5], ENDS[4:]):
            segments = calendar.segments(a, b)
            assert (to_us(a), to_us(b)) == (to_us(segments[0].start), to_us(segments[-1].end))
            assert all(one.end == other.start for one, other in pairwise(segments))
            opened = sum(to_us(item.end) - to_us(item.start) for item in segments if item.is_open)
            assert (
                opened
                == calendar.between_us(to_us(a), to_us(b))
                == sum(to_us(item.end) - to_us(item.start) for item in calendar.intervals(a, b))
            )


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize(
    "amount", ["next business day by close", "next business day by 23:30", "1 business day", "1 calendar day"]
)
def test_a_day_that_ends_beyond_time_is_never_due(zone: str, amount: str) -> None:
    """Such a target is as one of hours that are never used up; asked of the calendar alone it is out of range."""
    calendar = WorkingCalendar(timezone=zone, hours={"mon-sun": "00:00-24:00"})
    created = sla.Created(at="9999-12-31T23:59:59Z")
    with pytest.raises(OutOfRangeError):
        calendar.add(created.at, amount)
    rules = [{"targets": {"resolution": {"within": amount, "calendar": "all"}}}]
    policy = sla.load_policy({"slaclock": 1, "calendars": {"all": calendar}, "layers": {"corporate": rules}})
    reading = sla.replay(policy, [created]).at(created.at)["resolution"]
    assert (sla.Verdict.PENDING, None) == (reading.verdict, reading.due_at)


@pytest.mark.parametrize("closing", ["closing", "next_opening"])
def test_hours_that_are_used_up_as_time_ends_are_so_at_no_instant(closing: str) -> None:
    """The last microsecond is an instant, the end is none; a warning there never comes."""
    target = {"within": "4h", "calendar": "all", "at_close": closing, "warn": ["+1h"]}
    rules = [{"name": "x", "from": "2026-01-01", "reason": "r", "suspend": True, "when": {"vip": "1"}}]
    for more in ({}, {"exceptions": rules}):
        policy = sla.load_policy(
            {"slaclock": 1, "calendars": {"all": "all day"}, "layers": {"customer": [{"targets": {"update": target}}]}}
            | {"metrics": {"update": {"start": "created"}}}
            | more
        )
        for at, due in (("20:00:00", None), ("19:59:59.999999", "9999-12-31T23:59:59.999999+00:00")):
            history = sla.replay(policy, [sla.Created(at=f"9999-12-31T{at}Z")])
            snapshot = history.at(f"9999-12-31T{at}Z")
            found = snapshot["update"].due_at
            assert due == (None if found is None else found.isoformat())
            assert snapshot["update"].to_dict()["due_at"] == due
            assert history.at("9999-12-31T23:59:59.999999Z").next_wakeup is None


def test_what_is_open_beyond_the_ends_of_time_has_no_closing() -> None:
    """In Juneau the year 1 begins before the first instant: what is open on that date alone closes before it."""
    juneau = WorkingCalendar(timezone="America/Juneau", hours=[], special={"0001-01-01": "00:00-08:00"})
    with pytest.raises(OutOfRangeError, match="before the year 1"):
        juneau.add("0001-01-01T00:00Z", "same business day by close")
    kiritimati = WorkingCalendar(timezone="Pacific/Kiritimati", hours=[], special={"9999-12-31": "20:00-24:00"})
    assert datetime(9999, 12, 31, 10, tzinfo=UTC) == kiritimati.add("9999-12-30T00:00Z", "next business day by close")
