"""Local dates as people write them: `2026-12-24`, `12-24` every year, `2026-12-24..2027-01-02`.

A date here belongs to no zone; the calendar that uses it has one. Dates given as a range include both ends.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Final

import attrs

from slaclock._packed import Packed
from slaclock._reading import Faults
from slaclock._spans import Span

__all__ = ["DateRange", "Day", "day_number", "read_day", "read_range"]

_DAY: Final = re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})", re.ASCII)
_CYCLE_DAYS: Final = 146_097  # of the 400 years after which the Gregorian calendar repeats, weekdays included


def day_number(year: int, month: int, day: int) -> int:
    """The ordinal of a date, as `date.toordinal()` counts; the years 0 and 10000 are known too.

    >>> day_number(1, 1, 1), day_number(0, 12, 31)
    (1, 0)
    """
    shift = (year < 1) - (year > 9999)
    return date(year + 400 * shift, month, day).toordinal() - _CYCLE_DAYS * shift


@attrs.frozen(order=True)
class Day(Packed):
    """A local date, or without a year the date of every year.

    >>> str(Day(2026, 12, 24)), str(Day(None, 2, 29))
    ('2026-12-24', '02-29')
    """

    year: int | None
    month: int
    day: int

    def __str__(self) -> str:
        text = f"{self.month:02d}-{self.day:02d}"
        return text if self.year is None else f"{self.year:04d}-{text}"

    @property
    def number(self) -> int:
        """The ordinal of a dated day; of a yearly one, its ordinal in a leap year."""
        return day_number(4 if self.year is None else self.year, self.month, self.day)


@attrs.frozen
class DateRange(Packed):
    """All dates from first to last, both included; without years, in every year, and past New Year where it wraps.

    A range that begins or ends on 29 February begins on 1 March, or ends on 28 February, in a common year; the single
    day does not occur then.

    >>> str(DateRange(Day(None, 12, 24), Day(None, 1, 2)))
    '12-24..01-02'
    """

    first: Day
    last: Day

    @property
    def yearly(self) -> bool:
        """Whether it comes every year."""
        return self.first.year is None

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"

    def within(self, lo: int, hi: int) -> list[Span]:
        """The part in `[lo, hi)`, as half-open spans of ordinals."""
        if not self.yearly:
            spans = [(self.first.number, self.last.number + 1)]
        else:
            # A year has at least 365 days, and a wrapping range began in the year before.
            spans = [self._in_year(year) for year in range(lo // 366 - 1, hi // 365 + 2)]
        return [(max(start, lo), min(stop, hi)) for start, stop in spans if max(start, lo) < min(stop, hi)]

    def _in_year(self, year: int) -> Span:
        first, last = self.first, self.last
        wraps = (last.month, last.day) < (first.month, first.day)
        return (_starts(year, first), _starts(year + wraps, last) + _lasts(year + wraps, last))


def _missing(year: int, day: Day) -> bool:
    return (day.month, day.day) == (2, 29) and (year % 4 != 0 or (year % 100 == 0 and year % 400 != 0))


def _starts(year: int, day: Day) -> int:
    """The ordinal at which a yearly day begins in a year; a 29 February that is not there begins on 1 March."""
    return day_number(year, 3, 1) if _missing(year, day) else day_number(year, day.month, day.day)


def _lasts(year: int, day: Day) -> int:
    """How many dates it lasts: one, or none."""
    return 0 if _missing(year, day) else 1


_EXPECTED: Final = "a date such as `2026-12-24`, or `12-24` for every year"


def read_day(value: object, faults: Faults, yearly: bool = True) -> Day | None:
    """A date from text or a `datetime.date`; a fault and None where it is neither, or no such date exists."""
    expected = _EXPECTED if yearly else "a date such as `2026-12-24`"
    if isinstance(value, date) and not isinstance(value, datetime):
        return Day(value.year, value.month, value.day)
    if not isinstance(value, str):
        faults.add("bad-date", value, expected)
        return None
    found = _DAY.fullmatch(value.strip())
    if found is None:
        faults.add("bad-date", value, expected)
        return None
    year = None if found[1] is None else int(found[1])
    if year is None and not yearly:
        faults.add("bad-date", value, expected, "give the year")
        return None
    try:
        date(4 if year is None else year, int(found[2]), int(found[3]))
    except ValueError:
        faults.add("bad-date", value, "a date that exists")
        return None
    return Day(year, int(found[2]), int(found[3]))


def read_range(value: object, faults: Faults) -> DateRange | None:
    """A date, or `first..last`."""
    if isinstance(value, str) and ".." in value:
        first, last = value.split("..", 1)
        return make_range(read_day(first, faults), read_day(last, faults), value, faults)
    day = read_day(value, faults)
    return None if day is None else DateRange(day, day)


def make_range(first: Day | None, last: Day | None, value: object, faults: Faults) -> DateRange | None:
    """A range from two ends that were read; a fault where they do not fit together."""
    if first is None or last is None:
        return None
    if (first.year is None) != (last.year is None):
        faults.add("mixed-range", value, "both dates with their years, or both without")
        return None
    if first.year is not None and last < first:
        faults.add("reversed", value, "a first date that does not lie after the last")
        return None
    return DateRange(first, last)
