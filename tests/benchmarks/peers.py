"""Other libraries on the same calendar, each in its own terms; converting for them is not timed.

A peer gives `questions`, our rows as its own arguments, and `ask`; `us_of` turns its answers back into microseconds,
so that they can be compared with ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from benchmarks.floor import HOUR, SECOND
from benchmarks.workload import FIRST, LAST, NEW_YORK, federal_holidays

Rows = Sequence[tuple[int, int]]
Ask = Callable[[Any, Any], object]
MINUTE = 60 * SECOND
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc(us: int) -> datetime:
    return datetime.fromtimestamp(us // SECOND, UTC)


def in_new_york(us: int) -> datetime:
    return datetime.fromtimestamp(us // SECOND, NEW_YORK)


def us_since_epoch(at: Any) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def us_of_delta(delta: Any) -> int:
    return delta // timedelta(microseconds=1)


class Peer:
    """What a peer tells; `grain` is the finest amount that it counts, in microseconds."""

    package: ClassVar[str]
    grain: ClassVar[int] = SECOND

    def add(self) -> Ask:
        raise NotImplementedError

    def between(self) -> Ask:
        raise NotImplementedError

    def add_rows(self, rows: Rows) -> list[tuple[Any, Any]]:
        return [(utc(at), timedelta(microseconds=amount)) for at, amount in rows]

    def between_rows(self, rows: Rows) -> list[tuple[Any, Any]]:
        return [(utc(a), utc(b)) for a, b in rows]

    def us_of_add(self, answer: Any) -> int:
        return us_since_epoch(answer)

    def us_of_between(self, answer: Any) -> int:
        return us_of_delta(answer)


class BusinessTimeDelta(Peer):
    """Rules that walk from day to day."""

    package = "businesstimedelta"

    def __init__(self) -> None:
        import businesstimedelta
        import pytz

        zone = pytz.timezone("America/New_York")
        office = businesstimedelta.WorkDayRule(time(9), time(17), working_days=list(range(5)), tz=zone)
        off = businesstimedelta.HolidayRule(set(federal_holidays()), tz=zone)
        self.delta = businesstimedelta.BusinessTimeDelta
        self.rules = businesstimedelta.Rules([office, off])

    def add(self) -> Ask:
        delta, rules = self.delta, self.rules
        return lambda at, seconds: at + delta(rules, seconds=seconds)

    def add_rows(self, rows: Rows) -> list[tuple[Any, Any]]:
        return [(utc(at), amount // SECOND) for at, amount in rows]

    def between(self) -> Ask:
        return self.rules.difference

    def us_of_between(self, answer: Any) -> int:
        return us_of_delta(answer.timedelta)


class Workclock(Peer):
    """Compiled Rust."""

    package = "workclock"

    def __init__(self) -> None:
        import workclock

        rules = [workclock.WorkDay(time(9), time(17)), workclock.Holidays(federal_holidays())]
        self.schedule = workclock.Schedule(rules, time_zone=NEW_YORK)

    def add(self) -> Ask:
        return self.schedule.add

    def between(self) -> Ask:
        return self.schedule.between


class ExchangeCalendars(Peer):
    """A table of all minutes."""

    package = "exchange_calendars"
    grain = MINUTE

    def __init__(self) -> None:
        import exchange_calendars
        import pandas as pd

        class Office(exchange_calendars.ExchangeCalendar):
            name = "OFFICE"
            tz = NEW_YORK
            open_times = ((None, time(9)),)
            close_times = ((None, time(17)),)
            adhoc_holidays: ClassVar[list[Any]] = [pd.Timestamp(day) for day in federal_holidays()]

        self.stamp = lambda us: pd.Timestamp(us // MINUTE * 60, unit="s", tz="UTC")
        self.calendar = Office(start=date(FIRST, 1, 1).isoformat(), end=date(LAST, 12, 31).isoformat(), side="left")
        assert len(self.calendar.minutes_nanos) > 0  # Its table is made when first read.

    def add(self) -> Ask:
        calendar = self.calendar
        return lambda at, count: calendar.minute_offset(calendar.minute_to_trading_minute(at, "next"), count)

    def add_rows(self, rows: Rows) -> list[tuple[Any, Any]]:
        return [(self.stamp(at), amount // MINUTE) for at, amount in rows]

    def between(self) -> Ask:
        return self.calendar.minutes_distance

    def between_rows(self, rows: Rows) -> list[tuple[Any, Any]]:
        return [(self.stamp(a), self.stamp(b - MINUTE)) for a, b in rows]

    def us_of_between(self, answer: Any) -> int:
        return int(answer) * MINUTE


class Pandas(Peer):
    """`CustomBusinessHour`, one offset for each amount; it does not measure."""

    package = "pandas"

    def __init__(self) -> None:
        import numpy as np
        import pandas as pd

        self.pd = pd
        self.off = np.array(federal_holidays(), "datetime64[D]")

    def add(self) -> Ask:
        return lambda at, offset: at + offset

    def add_rows(self, rows: Rows) -> list[tuple[Any, Any]]:
        hour = self.pd.offsets.CustomBusinessHour
        made = {amount: hour(amount // HOUR, start="09:00", end="17:00", holidays=self.off) for _, amount in rows[:5]}
        return [(self.pd.Timestamp(at // SECOND, unit="s", tz="America/New_York"), made[amount]) for at, amount in rows]


class BusinessDuration(Peer):
    """Naive local times; it does not add."""

    package = "business_duration"

    def __init__(self) -> None:
        from business_duration import businessDuration

        off, opens, closes = set(federal_holidays()), time(9), time(17)
        self.measure = lambda a, b: businessDuration(a, b, opens, closes, holidaylist=off, unit="sec")

    def between(self) -> Ask:
        return self.measure

    def between_rows(self, rows: Rows) -> list[tuple[Any, Any]]:
        return [(in_new_york(a).replace(tzinfo=None), in_new_york(b).replace(tzinfo=None)) for a, b in rows]

    def us_of_between(self, answer: Any) -> int:
        return int(answer) * SECOND
