"""A slow and obvious calendar that shares no code with slaclock, to hold its answers against.

It asks zoneinfo what the wall clock shows at each minute, and decides from that reading alone whether it is open. It
takes a plain description and answers for whole minutes only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
DAY_MINUTES = 24 * 60
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class OracleCalendar:
    """Hours are pairs of minutes after midnight, the second past 1440 where an interval runs on into the next date."""

    timezone: str
    week: list[list[tuple[int, int]]]
    holidays: set[date] = field(default_factory=set)
    special: dict[date, list[tuple[int, int]]] = field(default_factory=dict)
    seasons: list[tuple[date, date, list[list[tuple[int, int]]]]] = field(default_factory=list)
    closures: list[tuple[datetime, datetime]] = field(default_factory=list)
    holidays_close: str = "dates"

    def hours_on(self, day: date) -> list[tuple[int, int]]:
        """What the seasons and the week give for a date, holidays and special days aside."""
        for first, last, week in self.seasons:
            if first <= day <= last:
                return week[day.weekday()]
        return self.week[day.weekday()]

    def closure_instant(self, local: datetime) -> datetime:
        """A local end of a closure: the first of two; in a gap, shifted forward by it."""
        return local.replace(tzinfo=ZoneInfo(self.timezone), fold=0).astimezone(UTC)

    def is_open(self, instant: datetime) -> bool:
        """Closures beat special days, these beat holidays, these beat seasons, these beat hours."""
        for start, end in self.closures:
            if self.closure_instant(start) <= instant < self.closure_instant(end):
                return False
        wall = instant.astimezone(ZoneInfo(self.timezone))
        today = wall.date()
        minute = wall.hour * 60 + wall.minute
        claims = [(today, minute), (today - ONE_DAY, minute + DAY_MINUTES)]
        for day, at in claims:
            if day in self.special and covers(self.special[day], at):
                return True
        for day, at in claims:
            if day in self.special:
                continue
            if self.holidays_close == "dates" and today in self.holidays:
                continue
            if self.holidays_close == "shifts" and day in self.holidays:
                continue
            if covers(self.hours_on(day), at):
                return True
        return False

    def minutes(self, start: datetime, end: datetime) -> list[bool]:
        """Open or closed, for each minute from start until end."""
        count = (end - start) // MINUTE
        return [self.is_open(start + MINUTE * index) for index in range(count)]

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Open time from start until end, by counting minutes."""
        return MINUTE * sum(self.minutes(start, end))

    def add(self, start: datetime, minutes: int, limit: int) -> datetime | None:
        """The first instant at which so many minutes have been open; None if not within `limit` minutes."""
        now = start
        for _ in range(limit):
            if minutes == 0:
                return now
            minutes -= self.is_open(now)
            now += MINUTE
        return now if minutes == 0 else None

    def subtract(self, start: datetime, minutes: int, limit: int) -> datetime | None:
        """The last instant from which so many minutes are open until start."""
        now = start
        for _ in range(limit):
            if minutes == 0:
                return now
            now -= MINUTE
            minutes -= self.is_open(now)
        return now if minutes == 0 else None

    def is_business_day(self, day: date) -> bool:
        """Whether an interval that begins on the date is open on it, minute by minute."""
        if day not in self.special and day in self.holidays:
            return False
        hours = self.special.get(day, self.hours_on(day))
        start = datetime(day.year, day.month, day.day, tzinfo=UTC) - ONE_DAY
        for index in range(3 * DAY_MINUTES):
            now = start + MINUTE * index
            wall = now.astimezone(ZoneInfo(self.timezone))
            if wall.date() == day and covers(hours, wall.hour * 60 + wall.minute) and self.is_open(now):
                return True
        return False


def covers(hours: list[tuple[int, int]], minute: int) -> bool:
    """Whether a minute lies in one of the intervals."""
    return any(start <= minute < end for start, end in hours)
