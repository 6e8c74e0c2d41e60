"""A calendar's answers where some spans are taken out of it: made from the calendar's own, and nothing is compiled.

A ticket that comes into the scope of an exception and leaves it again gets a calendar of its own each time. Most of
them are asked a question or two.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

from slaclock._spans import Span, minus, union

if TYPE_CHECKING:
    from slaclock._clockwork import Clockwork

__all__ = ["Without"]


class Without:
    """A set of numbers (the open time of a calendar) less spans; the questions are those of a `Timeline`."""

    __slots__ = ("_base", "_ends", "_gone", "_spans", "_starts")

    def __init__(self, base: Clockwork, spans: Iterable[Span]) -> None:
        self._base = base
        self._spans = union(spans)
        self._starts = [start for start, _ in self._spans]
        self._ends = [end for _, end in self._spans]
        # How much is taken out before each span.
        self._gone: list[int] = []
        gone, between = 0, base.between_us
        for start, end in self._spans:
            self._gone.append(gone)
            gone += between(start, end)

    def _before(self, t: int) -> int:
        """How much is taken out before a number."""
        place = bisect_right(self._starts, t) - 1
        if place < 0:
            return 0
        return self._gone[place] + self._base.between_us(self._starts[place], min(t, self._ends[place]))

    def between(self, a: int, b: int) -> int:
        """How many members lie in `[a, b)`; negative where b comes first."""
        return self._base.between_us(a, b) - self._before(b) + self._before(a)

    def add(self, t: int, amount: int) -> int:
        """The first u >= t with `amount` members in `[t, u)`; for a negative amount the last u <= t with as many in
        `[u, t)`. Raises NeverOpenError and OutOfRangeError."""
        if amount <= 0:
            return self._subtract(t, -amount) if amount else t
        starts, between = self._starts, self.between
        place = bisect_left(range(len(starts)), amount, bisect_left(starts, t), key=lambda k: between(t, starts[k]))
        # Between two spans, or behind the last.
        begin = max(t, self._ends[place - 1]) if place else t
        return self._base.add_us(begin, amount - between(t, begin))

    def _subtract(self, t: int, amount: int) -> int:
        ends, between = self._ends, self.between
        place = bisect_right(range(bisect_right(ends, t)), -amount, key=lambda k: -between(ends[k], t))
        begin = min(t, self._starts[place]) if place < len(ends) else t
        return self._base.add_us(begin, between(begin, t) - amount)

    def _around(self, t: int) -> int | None:
        """Where the span ends in which a number lies; None where it lies in none."""
        place = bisect_right(self._starts, t) - 1
        return self._ends[place] if place >= 0 and t < self._ends[place] else None

    def holds(self, t: int) -> bool:
        """Whether t is a member."""
        return self._around(t) is None and self._base.is_open_us(t)

    def next_edge(self, t: int) -> int | None:
        """The first number after t at which membership changes; None where it never does again."""
        base = self._base
        if self.holds(t):
            edge = base.next_edge_us(t)
            place = bisect_right(self._starts, t)
            begin = self._starts[place] if place < len(self._starts) else None
            return edge if begin is None or (edge is not None and edge < begin) else begin
        at: int | None = t
        while at is not None:
            end = self._around(at)
            at = base.next_edge_us(at) if end is None else end
            if at is not None and self.holds(at):
                return at
        return None

    def spans(self, a: int, b: int) -> list[Span]:
        """The members in `[a, b)` as spans; adjoining ones are one."""
        return minus(self._base.spans_us(a, b), self._spans)
