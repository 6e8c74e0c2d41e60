"""Years that are alike, so that a question over thousands of years compiles a few dozen.

The calendar repeats after 400 years and has fourteen kinds of years. What rules say of one year (weekly hours, yearly
dates, seasons, the rule by which a zone's clocks change) they say of all years of its kind. A *mark* is that kind, and
whatever else bears on a year: dated days, closures, the changes of its zone. Two years of one mark have the same
members, counted from their beginnings.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, tzinfo
from functools import lru_cache
from typing import Final, TypeAlias

from slaclock._instants import DAY_US, Run, offset_runs
from slaclock._spans import Span
from slaclock._table import year_start

__all__ = ["LISTED", "Mark", "around", "clock_of", "kind_of", "within"]

Mark: TypeAlias = tuple[object, ...]

_MARGIN: Final = 8 * DAY_US
"""What is given for a date bears on the next one, and zones differ from UTC by a day at most."""

# The zone database begins after 1800. It lists changes of clocks one by one until 2037, or 2087 for Morocco, and never
# for more than 400 years; what follows is a rule that looks at the calendar only.
LISTED: Final = (1800, 2500)
"""Years before the first and after the last of these have one clock each, apart from what their kind says."""


@lru_cache(maxsize=400)
def _kind(year: int) -> int:
    return (date(year, 1, 1).toordinal() % 7) << 3 | sum(_leap(year + near) << (near + 1) for near in (-1, 0, 1))


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def kind_of(year: int) -> int:
    """The kind of a year: on which weekday it begins, and which of it and its neighbours are leap years."""
    return _kind(year % 400 or 400)


def around(year: int) -> Span:
    """The numbers of a year, and of the days around it that bear on it. The first and the last year have no such days
    on one side: they are like no other."""
    return year_start(year) - _MARGIN, year_start(year + 1) + _MARGIN


def clock_of(zone: tzinfo, year: int) -> tuple[Run, ...]:
    """How a zone's wall clock goes in a year, counted from its beginning, apart from what the kind of year says."""
    if year < LISTED[0]:
        return _BEFORE
    if year > LISTED[1]:
        return _AFTER
    origin = year_start(year)
    return tuple((start - origin, end - origin, offset) for start, end, offset in offset_runs(zone, *around(year)))


_BEFORE: Final[tuple[Run, ...]] = ((0, 0, 0),)
_AFTER: Final[tuple[Run, ...]] = ((1, 1, 1),)


def within(spans: Sequence[Span], lo: int, hi: int, origin: int = 0) -> list[Span]:
    """The part of sorted, disjoint spans that lies in `[lo, hi)`, counted from an origin; found by bisection.

    >>> within([(0, 5), (8, 12), (20, 30)], 3, 10, 1)
    [(2, 4), (7, 9)]
    """
    if lo >= hi:
        return []
    i = bisect_left(spans, (lo,))
    if i and spans[i - 1][1] > lo:
        i -= 1
    j = bisect_left(spans, (hi,), i)
    return [(max(start, lo) - origin, min(end, hi) - origin) for start, end in spans[i:j]]
