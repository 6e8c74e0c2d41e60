"""Several calendars put together: their open time, and their business dates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from itertools import chain
from typing import Literal

from slaclock._edges import Source
from slaclock._instants import DAY_US, MAX_US, MIN_US, Run, offset_runs
from slaclock._opening import closed_by, years_around
from slaclock._spans import Span, clip, intersect, minus, union
from slaclock._table import year_start
from slaclock._years import Mark, around, clock_of, within
from slaclock.closures import Closure

__all__ = ["ComposedDates", "ComposedSource", "Op", "local_dates"]

# What is open around a date decides about it, and zones differ from UTC by a day at most.
_MARGIN = 4 * DAY_US

Op = Literal["union", "intersection", "difference"]


class ComposedSource:
    """The open time of several calendars put together, less closures."""

    __slots__ = ("_closures", "_op", "_parts", "closures", "first", "last", "steady")

    def __init__(self, op: Op, parts: Sequence[Source], closures: Iterable[Closure], zone: tzinfo) -> None:
        self._op = op
        # The same calendar twice adds nothing to a union and takes nothing from an intersection.
        self._parts = tuple(parts if op == "difference" else {id(part): part for part in parts}.values())
        self.closures = closed_by(closures, zone)
        self._closures = union((start, end) for start, end, _ in self.closures)
        limits = [*(part.first for part in parts), *(start - _MARGIN for start, _ in self._closures)]
        self.first = max(min(limits), MIN_US)
        self.last = min(max([*(part.last for part in parts), *(end + _MARGIN for _, end in self._closures)]), MAX_US)
        self.steady = _combined(op, [part.steady for part in parts])

    def mark(self, year: int) -> Mark | None:
        """What bears on a year; None where it is like no other."""
        marks = [part.mark(year) for part in self._parts]
        if None in marks:
            return None
        return (*marks, *within(self._closures, *around(year), year_start(year)))

    def spans(self, lo: int, hi: int) -> list[Span]:
        """The open spans in `[lo, hi)`."""
        if self.steady is None:
            return self._put_together(lo, hi)
        inner_lo, inner_hi = max(lo, self.first), min(hi, self.last)
        if inner_lo >= inner_hi:
            return [(lo, hi)] if self.steady and lo < hi else []
        inner = self._put_together(inner_lo, inner_hi)
        return union([(lo, inner_lo), *inner, (inner_hi, hi)]) if self.steady else inner

    def _put_together(self, lo: int, hi: int) -> list[Span]:
        lists = [part.spans(lo, hi) for part in self._parts]
        if self._op == "union":
            found = union(chain.from_iterable(lists))
        else:
            step = intersect if self._op == "intersection" else minus
            found = lists[0]
            for other in lists[1:]:
                found = step(found, other)
        return minus(found, within(self._closures, lo, hi))

    def reach(self) -> tuple[int, int]:
        """Only the kind of a year bears on years before the first and after the second of these."""
        reaches = [part.reach() for part in self._parts]
        return years_around(self.first, self.last, *reaches)


class ComposedDates:
    """The dates of a zone on which a source has any open time. Dates are spans of the wall clock."""

    __slots__ = ("_source", "_zone", "first", "last", "steady")

    def __init__(self, source: Source, zone: tzinfo) -> None:
        self._source = source
        self._zone = zone
        self.first, self.last = max(source.first - _MARGIN, MIN_US), min(source.last + _MARGIN, MAX_US)
        self.steady = False if source.steady is False else None

    def mark(self, year: int) -> Mark | None:
        """What bears on a year; None where it is like no other."""
        mark = self._source.mark(year)
        return None if mark is None else (mark, clock_of(self._zone, year))

    def reach(self) -> tuple[int, int]:
        """Only the kind of a year bears on years before the first and after the second of these."""
        return self._source.reach()

    def spans(self, lo: int, hi: int) -> list[Span]:
        """The business dates in `[lo, hi)`, whose ends are midnights."""
        if self.steady is not None:
            lo, hi = max(lo, self.first // DAY_US * DAY_US), min(hi, self.last // DAY_US * DAY_US)
        if lo >= hi:
            return []
        start, end = max(lo - _MARGIN, MIN_US), min(hi + _MARGIN, MAX_US)
        return clip(local_dates(self._source.spans(start, end), offset_runs(self._zone, start, end)), lo, hi)


def local_dates(spans: Sequence[Span], runs: Sequence[Run]) -> list[Span]:
    """The dates on which the wall clock, given by its runs, shows any of the spans; as spans of the wall clock."""
    days: list[Span] = []
    for start, end, offset in runs:
        i = max(bisect_left(spans, (start,)) - 1, 0)
        j = bisect_left(spans, (end,))
        for opens, closes in clip(spans[i:j], start, end):
            days.append(((opens + offset) // DAY_US * DAY_US, -(-(closes + offset) // DAY_US) * DAY_US))
    return union(days)


def _combined(op: Op, states: Sequence[bool | None]) -> bool | None:
    if op == "difference":
        states = [states[0], *(None if state is None else not state for state in states[1:])]
    wins = op == "union"
    if wins in states:
        return wins
    return None if None in states else not wins
