"""Random calendars near awkward changes of the wall clock, each as a WorkingCalendar and as its oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

from hypothesis import strategies as st

from oracle_calendar import OracleCalendar
from slaclock._zonedata import zone_data
from slaclock.calendar import WorkingCalendar

# A zone, and an instant near which its wall clock does something odd.
ODD = [
    ("Europe/Berlin", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25T01:00"),
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("America/Sao_Paulo", "2018-11-04T03:00"),
    ("America/Sao_Paulo", "2018-02-18T02:00"),
    ("Asia/Tehran", "2021-03-21T20:30"),
    ("Asia/Tehran", "2021-09-21T19:30"),
    ("Asia/Beirut", "2022-03-26T22:00"),
    ("Asia/Beirut", "2022-10-29T21:00"),
    ("Africa/Cairo", "2026-04-23T22:00"),
    ("Africa/Cairo", "2026-10-29T21:00"),
    ("Africa/Casablanca", "2025-02-23T02:00"),
    ("Africa/Casablanca", "2025-04-06T02:00"),
    ("Antarctica/Troll", "2026-03-29T01:00"),
    ("UTC", "2026-12-31T23:00"),
]


def zones_of_the_world() -> list[list[str]]:
    """All zones of the database, those of equal data together: many of its names stand for the same zone."""
    groups: dict[str, list[str]] = {}
    for name in sorted(available_timezones()):
        groups.setdefault(zone_data(name).digest or name, []).append(name)
    return list(groups.values())


def clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def interval_text(start: int, end: int) -> str:
    text = clock(end) if end <= 1440 else clock(end - 1440)
    return f"{clock(start)}-{text}" + (":00" if text == "23:59" else "")


@st.composite
def intervals(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Up to two intervals of one date that do not overlap, often past midnight."""
    found: list[tuple[int, int]] = []
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.sampled_from([0, 15, 60, 120, 150, 180, 540, 720, 1320, 1380, 1439]))
        length = draw(st.sampled_from([1, 30, 60, 120, 480, 720, 1440]))
        if all(start >= until or start + length <= since for since, until in found):
            found.append((start, start + length))
    return found


weeks = st.lists(intervals(), min_size=7, max_size=7)
NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def week_argument(week: list[list[tuple[int, int]]]) -> dict[str, list[str]]:
    return {name: [interval_text(*span) for span in hours] for name, hours in zip(NAMES, week, strict=True)}


@st.composite
def calendars(draw: st.DrawFn) -> tuple[WorkingCalendar, OracleCalendar, datetime]:
    """A calendar, its oracle, and the start of the four days around the odd instant in which to compare them."""
    zone, text = draw(st.sampled_from(ODD))
    odd = datetime.fromisoformat(text).replace(tzinfo=UTC)
    dates = [odd.date() + timedelta(days=step) for step in range(-2, 3)]
    some_dates = st.lists(st.sampled_from(dates), max_size=2, unique=True)
    week = draw(weeks)
    holidays = draw(some_dates)
    special = {day: draw(intervals()) for day in draw(some_dates)}
    seasons = []
    if draw(st.booleans()):
        first, last = sorted(draw(st.lists(st.sampled_from(dates), min_size=2, max_size=2)))
        seasons.append((first, last, draw(weeks)))
    closures = []
    if draw(st.booleans()):
        start = datetime(*odd.timetuple()[:3]) + timedelta(minutes=draw(st.integers(-2880, 2880)))
        closures.append((start, start + timedelta(minutes=draw(st.sampled_from([1, 30, 90, 1440])))))
    shape = draw(st.sampled_from(["dates", "shifts"]))
    yearly = draw(st.booleans())
    calendar = WorkingCalendar(
        timezone=zone,
        hours=week_argument(week),
        holidays=[f"{day:%m-%d}" if yearly else day for day in holidays],
        special={str(day): [interval_text(*span) for span in hours] for day, hours in special.items()},
        seasons=[{"from": first, "until": last, "hours": week_argument(hours)} for first, last, hours in seasons],
        closures=[{"from": start.isoformat(), "until": end.isoformat()} for start, end in closures],
        holidays_close=shape,
    )
    oracle = OracleCalendar(zone, week, set(holidays), special, seasons, closures, shape)
    return calendar, oracle, odd - timedelta(days=2)
