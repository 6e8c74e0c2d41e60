"""All cycles of a metric together: the last exchange, the longest, the worst, and what all of them took.

Reports mean one of these when they speak of "the" response time, and seldom say which.
"""

from __future__ import annotations

from fractions import Fraction

from slaclock._instants import Duration
from slaclock.candidate import long
from slaclock.readings import Reading

__all__ = ["Cycles"]


class Cycles(tuple[Reading, ...]):
    """The readings of a metric's cycles, the first one first; empty where it has not started."""

    __slots__ = ()

    @property
    def last(self) -> Reading | None:
        """The cycle that began last; None where none has."""
        return self[-1] if self else None

    @property
    def longest(self) -> Reading | None:
        """The cycle that took the most working time; the first of equals. Those without a target took none."""
        return max(self, key=lambda reading: reading.elapsed_us or 0, default=None)

    @property
    def worst(self) -> Reading | None:
        """The cycle that was missed by most working time; of those that were not missed, the one that used up most of
        its target. The first of equals."""
        return max(self, key=_badness, default=None)

    @property
    def total(self) -> Duration | None:
        """The working time that all of them took together; None where none has a target."""
        return long(self.total_us)

    @property
    def total_us(self) -> int | None:
        measured = [reading.elapsed_us for reading in self if reading.elapsed_us is not None]
        return sum(measured) if measured else None


def _badness(reading: Reading) -> tuple[bool, int, Fraction]:
    return reading.is_breached, reading.overdue_by_us or 0, reading.fraction or Fraction(0)
