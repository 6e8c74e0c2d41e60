"""The bare calendar that ours is held against: sorted edges, running totals, bisection; nothing is checked.

It knows one zone, weekly hours and days off between two years. What an answer costs here is what it must cost: whatever
slaclock takes beyond that, it takes for being right everywhere, lazy and exact about bad input.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = 1_000_000
HOUR = 3_600 * SECOND
Bisect = Callable[[list[int], int], int]
Hours = Mapping[int, tuple[int, int]]
"""The opening and closing hour by weekday, Monday 0."""


def open_spans(zone: ZoneInfo, hours: Hours, off: Collection[date], first: int, last: int) -> list[tuple[int, int]]:
    """The bare zoneinfo loop: one aware datetime for each edge of the years first to last, in microseconds."""
    epoch, microsecond = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
    spans = []
    for number in range(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1):
        day = date.fromordinal(number)
        if day in off or day.weekday() not in hours:
            continue
        opens, closes = (
            (datetime(day.year, day.month, day.day, hour, tzinfo=zone) - epoch) // microsecond
            for hour in hours[day.weekday()]
        )
        spans.append((opens, closes))
    return spans


class Floor:
    """`add` and `between` over compiled spans, as closures over plain lists: the fastest way to write it down."""

    def __init__(self, spans: list[tuple[int, int]]) -> None:
        edges: list[int] = []
        before, shift, done, back = [0], [0], [], []
        count = 0
        for opens, closes in spans:
            edges += (opens, closes)
            before += (count, count + closes - opens)
            shift += (opens - count, 0)
            count += closes - opens
            done.append(count)
            back.append(closes - count)

        # Bound as defaults, the bisections cost no look-up of their names.
        def add(t: int, amount: int, left: Bisect = bisect_left, right: Bisect = bisect_right) -> int:
            i = right(edges, t)
            count = (t - shift[i] if i & 1 else before[i]) + amount
            return count + back[left(done, count)]

        def between(a: int, b: int, right: Bisect = bisect_right) -> int:
            i = right(edges, a)
            j = right(edges, b)
            return (b - shift[j] if j & 1 else before[j]) - (a - shift[i] if i & 1 else before[i])

        self.add: Callable[[int, int], int] = add
        self.between: Callable[[int, int], int] = between
