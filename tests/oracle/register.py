"""Exceptions: what is suspended or marked in a span of ticks on tickets that match, and more time for new clocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from oracle.grid import Clock, Grid


@dataclass(frozen=True)
class Excepted:
    """An entry of the register: `effect` is suspend, exclude, times or more (`number` says how many times or ticks)."""

    name: str
    effect: str
    start: int
    until: int | None
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()
    metrics: tuple[str, ...] = ()
    number: int = 0

    def concerns(self, metric: str) -> bool:
        return not self.metrics or metric in self.metrics

    def lasts(self, tick: int) -> bool:
        return self.start <= tick and (self.until is None or tick < self.until)

    def matches(self, fields: dict) -> bool:
        return all(fields.get(name) in values for name, values in self.when)

    def more(self, ticks: int) -> int:
        return ticks * (self.number - 1) if self.effect == "times" else self.number

    def scaled(self, days: tuple) -> tuple:
        """A number of days, multiplied; the same day has none."""
        kind, *rest = days
        if self.effect != "times" or kind == "same":
            return days
        return (kind, rest[0] * self.number, *rest[1:])


class Suspended(Grid):
    """Hours in which some ticks are closed by exceptions."""

    def __init__(self, base: Grid, clock: Clock, closed: Callable[[int], bool]) -> None:
        super().__init__(base.hours, clock)
        self.base, self.closed = base, closed
        self.begun_on: dict[date, list[int]] = {}

    def is_open(self, tick: int) -> bool:
        return self.base.is_open(tick) and not self.closed(tick)

    def begun(self, day: date) -> list[int]:
        """The open ticks of what begins on a date, with those past midnight."""
        if day not in self.begun_on:
            midnight = datetime.combine(day, time())
            first = self.wall_tick(day, 0)
            found = []
            for tick in range(first, first + 50 * 60 // self.clock.step):
                shown = self.clock.instant(tick).astimezone(ZoneInfo(self.hours.zone)).replace(tzinfo=None)
                minute = (shown - midnight) / timedelta(minutes=1)
                if self.is_open(tick) and any(start <= minute < end for start, end in self.hours.on(day)):
                    found.append(tick)
            self.begun_on[day] = found
        return self.begun_on[day]

    def is_business_date(self, day: date) -> bool:
        zone = ZoneInfo(self.hours.zone)
        same = (tick for tick in self.begun(day) if self.clock.instant(tick).astimezone(zone).date() == day)
        return self.base.is_business_date(day) and any(True for _ in same)

    def closing(self, day: date) -> int:
        return self.begun(day)[-1] + 1
