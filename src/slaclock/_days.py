"""Business dates: counting them, and the instants that day amounts name.

Local dates are spans of the wall clock, `[midnight, midnight)` in microseconds, and the business dates are a
`Timeline` of such spans: the n-th business date after a date is where n times 24 hours of them have gone by.
"""

from __future__ import annotations

from datetime import date, tzinfo
from typing import Final, Literal

from slaclock._composed import ComposedSource
from slaclock._edges import Timeline
from slaclock._instants import DAY_US, MAX_US, MIN_US, local_us, offset_runs, outside, resolve_gap_end
from slaclock._opening import HoursSource, instants_around, to_instants
from slaclock._spans import intersect
from slaclock.amounts import Amount
from slaclock.errors import CalendarError, NeverOpenError

__all__ = ["BusinessDays"]

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


class BusinessDays:
    """The business dates of one calendar."""

    __slots__ = ("_dates", "_source", "_time", "_zone")

    def __init__(self, zone: tzinfo, source: HoursSource | ComposedSource, time: Timeline, dates: Timeline) -> None:
        self._zone = zone
        self._source = source
        self._time = time
        self._dates = dates

    def start_of(self, day: date) -> int:
        """The midnight at which a date begins, on the wall clock."""
        return (day.toordinal() - _EPOCH_DAY) * DAY_US

    def date_of(self, local: int) -> date:
        """The date that a reading of the wall clock lies on. Raises OutOfRangeError outside the years 1 to 9999."""
        number = local // DAY_US + _EPOCH_DAY
        if not 1 <= number <= date.max.toordinal():
            raise outside(local)
        return date.fromordinal(number)

    def holds(self, local: int) -> bool:
        """Whether the date of a reading is a business date."""
        return self._dates.holds(local)

    def between(self, a: int, b: int) -> int:
        """How many business dates d there are from the date of a to that of b, the latter excluded."""
        return self._dates.between(a // DAY_US * DAY_US, b // DAY_US * DAY_US) // DAY_US

    def nth(self, local: int, days: int) -> int:
        """The midnight of the n-th business date after, or for a negative n before, the date of a reading."""
        midnight = local // DAY_US * DAY_US
        if days > 0:
            return self._dates.add(midnight + DAY_US, days * DAY_US) - DAY_US
        return self._dates.add(midnight, days * DAY_US)

    def shifted(self, local: int, days: int) -> int:
        """The instant of the same wall-clock time n business dates later."""
        return resolve_gap_end(self._zone, self.nth(local, days) + local % DAY_US)

    def deadline(self, start: int, amount: Amount) -> int:
        """The instant that a day amount names. Raises OutOfRangeError where that lies outside the years 1 to 9999."""
        us = self._named(start, amount)
        # In the west the last date ends beyond all time; and what closes with time itself never does.
        if not MIN_US <= us < MAX_US:
            raise outside(us)
        return us

    def _named(self, start: int, amount: Amount) -> int:
        local = local_us(self._zone, start)
        if amount.kind == "calendar_days":
            return resolve_gap_end(self._zone, local + amount.days * DAY_US)
        if amount.kind == "best_effort":
            raise CalendarError("`best effort` is never due")
        if amount.by is None:
            opening = start if self._time.holds(start) else self._time.next_edge(start)
            if opening is None:
                raise NeverOpenError("the calendar never opens again; check its hours, holidays and closures")
            return self.shifted(local_us(self._zone, opening), amount.days)
        if amount.same_day and self.holds(local):
            today = self._at(local // DAY_US * DAY_US, amount.by)
            if today > start:
                return today
        return self._at(self.nth(local, max(amount.days, 1)), amount.by)

    def _at(self, midnight: int, by: int | Literal["close"]) -> int:
        return self._closing(midnight) if by == "close" else resolve_gap_end(self._zone, midnight + by)

    def _closing(self, midnight: int) -> int:
        """The last closing of a business date: of what begins on it, or, in a calendar made of others, before the
        midnight that ends it."""
        number = midnight // DAY_US + _EPOCH_DAY
        if isinstance(self._source, HoursSource):
            spans = self._source.begun(number)
        else:
            lo, hi = instants_around(number)
            shown = to_instants([(midnight, midnight + DAY_US)], offset_runs(self._zone, lo, hi))
            spans = intersect(self._source.spans(lo, hi), shown)
        if not spans:  # Of a date at the ends of time all that is open may lie beyond them.
            raise outside(midnight)
        return spans[-1][1]
