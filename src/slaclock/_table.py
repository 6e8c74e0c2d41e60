"""Some years of a set of numbers, compiled: sorted edges, running totals, and where to look in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from itertools import chain
from typing import Final

from slaclock._instants import DAY_US, MAX_US, MIN_US, outside
from slaclock._spans import Span

__all__ = ["BUCKET", "NO_TABLE", "Table", "year_of", "year_start"]

BUCKET: Final = 34
"""Buckets are 2 ** 34 microseconds wide, not quite five hours: few calendars have more than one edge in one."""

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


def year_start(year: int) -> int:
    """The number of the first microsecond of a year, 1 to 10000.

    >>> year_start(1970), year_start(10000) == MAX_US
    (0, True)
    """
    if year > 9999:
        return MAX_US
    return (date(year, 1, 1).toordinal() - _EPOCH_DAY) * DAY_US


def year_of(number: int) -> int:
    """The year in which a microsecond lies; the microsecond after the last one counts as 9999.

    >>> year_of(-1), year_of(0), year_of(MAX_US)
    (1969, 1970, 9999)
    """
    if not MIN_US <= number <= MAX_US:
        raise outside(number)
    if number == MAX_US:
        return 9999
    return date.fromordinal(number // DAY_US + _EPOCH_DAY).year


class Table:
    """The compiled years `first` to `stop` (excluded).

    `edges` is lo, then an opening and a closing for each span, then hi. With i = bisect_right(edges, t), t lies in a
    gap for odd i and `known[i]` members lie before it; for even i it lies in a span and `t - known[i]` do. `ends[k]`
    members lie before the k-th closing, and `w + back[k]` is where the count reaches w in the k-th span.
    `edge_buckets` and `end_buckets` narrow the bisections of `edges` and `ends` to one bucket; most often one
    comparison is left.
    """

    __slots__ = (
        "back", "edge_buckets", "edges", "end_buckets", "ends", "first", "hi", "known", "lo", "stop", "total",
    )  # fmt: skip

    def __init__(self, first: int, stop: int, spans: Sequence[Span]) -> None:
        self.first, self.stop = first, stop
        self.lo, self.hi = year_start(first), year_start(stop)
        known = [0, 0]
        ends: list[int] = []
        back: list[int] = []
        count = 0
        for start, end in spans:
            shift = start - count
            count += end - start
            known += (shift, count)
            ends.append(count)
            back.append(shift)
        self.edges: list[int] = [self.lo, *chain.from_iterable(spans), self.hi]
        self.known, self.ends, self.back, self.total = known, ends, back, count
        self.edge_buckets = _buckets(self.edges, self.lo)
        self.end_buckets = _buckets(ends, 0)

    def spans(self) -> list[Span]:
        inner = iter(self.edges[1:-1])
        return list(zip(inner, inner, strict=True))

    def count(self, t: int) -> int:
        """How many members of the table lie before t, which lies in it or at its end."""
        if t == self.hi:
            return self.total
        i = bisect_right(self.edges, t)
        return self.known[i] if i & 1 else t - self.known[i]


def _buckets(marks: Sequence[int], lo: int) -> list[int]:
    """Which mark is the first of each bucket from `lo` on, or of those after it; then the number of marks."""
    firsts: list[int] = []
    known = 0
    for place, mark in enumerate(marks):
        bucket = (mark - lo) >> BUCKET
        if bucket >= known:
            firsts += [place] * (bucket + 1 - known)
            known = bucket + 1
    firsts.append(len(marks))
    return firsts


NO_TABLE: Final = Table(1, 1, ())
"""No years, for a timeline that was not asked yet."""
