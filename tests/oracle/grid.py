"""Time as a row of equal ticks, and opening hours looked at tick by tick."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
FAR = 400 * 24 * 60


@dataclass(frozen=True)
class Hours:
    """Weekly hours in minutes after midnight (an end past 1440 runs on), and closed dates."""

    zone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: tuple[date, ...] = ()

    def on(self, day: date) -> tuple[tuple[int, int], ...]:
        return self.week[day.weekday()]

    def is_open(self, instant: datetime) -> bool:
        wall = instant.astimezone(ZoneInfo(self.zone))
        today, minute = wall.date(), wall.hour * 60 + wall.minute
        if today in self.holidays:
            return False
        tail = any(start <= minute + 1440 < end for start, end in self.on(today - ONE_DAY))
        return tail or any(start <= minute < end for start, end in self.on(today))

    def is_business_date(self, day: date) -> bool:
        return day not in self.holidays and bool(self.on(day))


@dataclass(frozen=True)
class Clock:
    """How ticks lie in real time."""

    base: datetime
    step: int

    def instant(self, tick: int) -> datetime:
        return self.base + timedelta(minutes=self.step * tick)

    def tick(self, instant: datetime) -> int:
        ticks, rest = divmod(instant - self.base, timedelta(minutes=self.step))
        assert not rest, "off the grid"
        return ticks


class Grid:
    """Some hours on a clock's ticks: a tick is open or it is not."""

    def __init__(self, hours: Hours, clock: Clock) -> None:
        self.hours, self.clock = hours, clock
        self.seen: dict[int, bool] = {}
        self.names: dict[tuple[int, tuple], int] = {}

    def is_open(self, tick: int) -> bool:
        if tick not in self.seen:
            self.seen[tick] = self.hours.is_open(self.clock.instant(tick))
        return self.seen[tick]

    def count(self, start: int, end: int) -> int:
        """The open ticks from one to another; less than none if they are the wrong way round."""
        return sum(map(self.is_open, range(start, end))) - sum(map(self.is_open, range(end, start)))

    def walk(self, start: int, count: int) -> int:
        """The first tick at which so many have been open since start; backwards, the last from which so many are."""
        tick = start
        while count > 0:
            count -= self.is_open(tick)
            tick += 1
            assert tick < start + FAR, "never"
        while count < 0:
            tick -= 1
            count += self.is_open(tick)
        return tick

    # The instants that numbers of days name.

    def wall_tick(self, day: date, minute: int) -> int:
        """The first tick at which the wall clock shows that minute of that date, or has jumped over it."""
        wanted = datetime.combine(day, time()) + timedelta(minutes=minute)
        now = datetime.combine(day, time(), UTC) - ONE_DAY
        while now.astimezone(ZoneInfo(self.hours.zone)).replace(tzinfo=None) < wanted:
            now += timedelta(minutes=1)
        return self.clock.tick(now)

    def is_business_date(self, day: date) -> bool:
        return self.hours.is_business_date(day)

    def closing(self, day: date) -> int:
        return self.wall_tick(day, max(end for _, end in self.hours.on(day)))

    def business_date(self, day: date, count: int) -> date:
        while count:
            day += ONE_DAY
            count -= self.is_business_date(day)
        return day

    def named(self, start: int, days: tuple) -> int:
        """The tick that a number of days names, from a start."""
        key = (start, days)
        if key not in self.names:
            self.names[key] = self._named(start, days)
        return self.names[key]

    def _named(self, start: int, days: tuple) -> int:
        kind, *rest = days
        if kind == "business":
            while not self.is_open(start):
                start += 1
        wall = self.clock.instant(start).astimezone(ZoneInfo(self.hours.zone))
        minute, today = wall.hour * 60 + wall.minute, wall.date()
        if kind == "business":
            return self.wall_tick(self.business_date(today, rest[0]), minute)
        if kind == "calendar":
            return self.wall_tick(today + ONE_DAY * rest[0], minute)
        if kind == "close":
            return self.closing(self.business_date(today, rest[0]))
        if kind == "by":
            return self.wall_tick(self.business_date(today, rest[0]), rest[1])
        assert kind == "same"
        if self.is_business_date(today) and self.wall_tick(today, rest[0]) > start:
            return self.wall_tick(today, rest[0])
        return self.wall_tick(self.business_date(today, 1), rest[0])


@cache
def grid(hours: Hours, clock: Clock) -> Grid:
    return Grid(hours, clock)
