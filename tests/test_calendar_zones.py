"""Calendars in the time zones of the world, at their changes of the wall clock, against the zone database itself.

The oracle asks the zone database what the wall clock shows, minute by minute, and looks that reading up in a list of
the minutes of a week and of holidays. A sample of zones is tested always, all of them by `nox -s zones`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from calendar_cases import zones_of_the_world
from slaclock._instants import MINUTE_US, to_us
from slaclock.calendar import WorkingCalendar
from slaclock.errors import UnknownZoneError

FIRST, LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2100, 12, 30, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
WEEK_MINUTES, DAY_MINUTES = 7 * 1440, 1440

# Open and closed change around midnight and in the hours in which clocks are changed; some shifts cross midnight.
HOURS = {
    "mon-sun": ["00:20-00:50", "01:10-01:40", "02:05-02:35", "02:50-03:20", "09:00-17:30", "22:40-00:10"],
    "fri": ["00:00-01:30", "02:15-02:45", "23:30-02:20"],
    "sat": "23:00-23:00",
}
HOLIDAYS = ["12-31", "04-01..04-02", "10-30"]
SAMPLE = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Scoresbysund",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "UTC",
]


def week_of_minutes() -> list[bool]:
    """Open or closed for each minute of a week from Monday, by what the hours above say in plain words."""

    def minute(text: str) -> int:
        return int(text[:2]) * 60 + int(text[3:])

    week = [False] * WEEK_MINUTES
    for day, name in enumerate(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]):
        hours = HOURS.get(name, HOURS["mon-sun"])
        for text in [hours] if isinstance(hours, str) else hours:
            start, end = (minute(part) for part in text.split("-"))
            for at in range(start, end if end > start else end + DAY_MINUTES):
                week[(day * DAY_MINUTES + at) % WEEK_MINUTES] = True
    return week


WEEK = week_of_minutes()


def is_open(wall: datetime) -> bool:
    if (wall.month, wall.day) in ((12, 31), (4, 1), (4, 2), (10, 30)):
        return False
    return WEEK[wall.weekday() * DAY_MINUTES + wall.hour * 60 + wall.minute]


def transitions(zone: ZoneInfo) -> Iterator[datetime]:
    """The instants at which the offset changes: no two lie within a day, so that a look every day finds all."""
    at, offset = FIRST, FIRST.astimezone(zone).utcoffset()
    while at < LAST:
        ahead = at + DAY
        after = ahead.astimezone(zone).utcoffset()
        if after != offset:
            low, high = at, ahead
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
            yield high
        at, offset = ahead, after


def compare(calendar: WorkingCalendar, zone: ZoneInfo, start: datetime, minutes: int) -> None:
    """Every minute from start, and the measures of the whole stretch."""
    instants = [start + MINUTE * index for index in range(minutes)]
    wanted = [is_open(instant.astimezone(zone)) for instant in instants]
    first = to_us(start)
    spans = calendar.spans_us(first, first + minutes * MINUTE_US)
    found = [False] * minutes
    for lo, hi in spans:
        # Of a minute that a change cuts in two, its first instant counts, as for the oracle.
        for index in range(-(-(lo - first) // MINUTE_US), -(-(hi - first) // MINUTE_US)):
            found[index] = True
    assert wanted == found, f"{zone} {start}"
    total = sum(hi - lo for lo, hi in spans)
    assert total == calendar.between_us(first, first + minutes * MINUTE_US)
    if spans:
        assert spans[-1][1] == calendar.add_us(first, total)
        assert spans[0][0] == calendar.add_us(first + minutes * MINUTE_US, -total)


def check_zone(name: str, most: int | None) -> None:
    try:
        calendar = WorkingCalendar(timezone=name, hours=HOURS, holidays=HOLIDAYS)
    except UnknownZoneError:
        assert name in ("localtime", "Factory", "posixrules") or name.startswith(("posix/", "right/"))
        return
    zone = ZoneInfo(name)
    rng = random.Random(name)
    changes = list(transitions(zone))
    chosen = changes if most is None else rng.sample(changes, min(most, len(changes)))
    for at in chosen:
        compare(calendar, zone, at.replace(second=0) - timedelta(hours=4), 480)
    for _ in range(40 if most is None else 4):
        compare(calendar, zone, FIRST + MINUTE * rng.randrange((LAST - FIRST) // MINUTE), 30)


@pytest.mark.parametrize("name", SAMPLE)
def test_a_sample_of_zones_at_some_of_their_changes(name: str) -> None:
    """Open is what the wall clock says, in the four hours before and after a change of offset, and anywhere else."""
    check_zone(name, 6)


def test_a_skipped_day_is_open_for_nobody() -> None:
    """Apia went from 29 to 31 December 2011: compared minute by minute over four days."""
    zone = ZoneInfo("Pacific/Apia")
    calendar = WorkingCalendar(timezone="Pacific/Apia", hours=HOURS, holidays=HOLIDAYS)
    compare(calendar, zone, datetime(2011, 12, 29, tzinfo=UTC), 4 * DAY_MINUTES)


@pytest.mark.zones
@pytest.mark.parametrize("names", zones_of_the_world(), ids="=".join)
def test_every_zone_at_every_change(names: list[str]) -> None:
    """The same for all changes of all zones from 1970 to 2100; for some changes under its other names."""
    check_zone(names[0], None)
    for name in names[1:]:
        check_zone(name, 2)
