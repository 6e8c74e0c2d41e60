"""The exceptions register of an agreement: what is out of the ordinary for a while, why, and who approved it.

An entry says when (`window`), for which tickets (`when`, `metrics`) and what follows. There are three effects:

- `suspend`: the calendars of targets count as closed at every instant at which the window holds and the ticket's
  fields, as they are at that instant, match. A part of the window that is still to come is known in advance, so that a
  due instant already accounts for it under the present fields.
- `extend`: clocks that start in the window, on tickets that match at their start, get more time: so many times the
  amount, or an amount more. Of several entries that which gives most counts.
- `exclude`: a mark on the clocks that overlap the window while the ticket matches; their figures are not changed.
"""

from __future__ import annotations

from datetime import UTC, tzinfo
from enum import StrEnum
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from slaclock._frozen import texts
from slaclock._instants import DAY_US, MAX_US, MIN_US, DateTime, from_us, iso_us
from slaclock.amounts import Amount
from slaclock.conditions import Always, Condition
from slaclock.rules import Window

__all__ = ["Applied", "Effect", "ExceptionEntry"]

# An entry that lasts longer than calendars look ahead has no end: what is closed for a century is never due.
_ENDLESS_US: Final = 36525 * DAY_US

ALWAYS: Final = Always()

Applied: TypeAlias = tuple[int, int, int]
"""A span `[start, end)` in which an entry applies to a clock, and the number of the entry in the register."""


class Effect(StrEnum):
    """What an exception does: stop the time, give more of it, or mark the clocks that it touches."""

    SUSPEND = "suspend"
    EXTEND = "extend"
    EXCLUDE = "exclude"


@attrs.frozen(kw_only=True)
class ExceptionEntry:
    """One entry of the exceptions register.

    `metrics` names those it is about (empty: all). Of an `extend` one of `factor` and `more_us` is set: so many times
    the amount, or so much open time more.

    >>> entry = ExceptionEntry(
    ...     name="peak", effect=Effect.EXTEND, factor=Fraction(2), window=Window(0, None), reason="Black Friday"
    ... )
    >>> print(entry)
    peak: extend 2x, Black Friday
    """

    name: str
    effect: Effect
    when: Condition = ALWAYS
    metrics: tuple[str, ...] = attrs.field(default=(), converter=texts)
    window: Window
    factor: Fraction | None = None
    more_us: int | None = None
    reason: str
    approved_by: str = ""
    # Of answers; the window is in instants already.
    zone: tzinfo = attrs.field(default=UTC, repr=False, eq=False)

    def concerns(self, metric: str) -> bool:
        """Whether the metric is among those that it is about."""
        return not self.metrics or metric in self.metrics

    @property
    def from_at(self) -> DateTime | None:
        """When it begins; None for one that has always held."""
        return None if self.window.start_us is None else from_us(self.window.start_us, self.zone)

    @property
    def until_at(self) -> DateTime | None:
        """When it ends; None for one without an end."""
        return None if self.window.end_us is None else from_us(self.window.end_us, self.zone)

    @property
    def start_us(self) -> int:
        """When it begins, in microseconds."""
        return MIN_US if self.window.start_us is None else self.window.start_us

    @property
    def end_us(self) -> int:
        """When it ends, in microseconds; the end of time where it has none, or lasts for more than a century."""
        end_us = self.window.end_us
        return MAX_US if end_us is None or end_us - self.start_us > _ENDLESS_US else end_us

    def more_of(self, amount_us: int) -> int:
        """How much open time it adds to an amount of open time; parts of a microsecond count as one."""
        if self.factor is None:
            return self.more_us or 0
        scaled = self.factor * amount_us
        return -(-scaled.numerator // scaled.denominator) - amount_us

    @property
    def does(self) -> str:
        """What it does, in words: `suspend`, `extend 2x`, `extend +4h`, `exclude`."""
        if self.effect is not Effect.EXTEND:
            return str(self.effect)
        if self.factor is None:
            return f"extend +{Amount(us=self.more_us or 0)}"
        factor = self.factor
        return f"extend {factor.numerator if factor.denominator == 1 else float(factor)}x"

    def to_dict(self) -> dict[str, object]:
        """The entry as JSON-ready data."""
        return {
            "name": self.name,
            "does": self.does,
            "when": str(self.when),
            "metrics": list(self.metrics),
            "from": None if self.window.start_us is None else iso_us(self.window.start_us, self.zone),
            "until": None if self.window.end_us is None else iso_us(self.window.end_us, self.zone),
            "reason": self.reason,
            "approved_by": self.approved_by,
        }

    def __str__(self) -> str:
        by = f", approved by {self.approved_by}" if self.approved_by else ""
        return f"{self.name}: {self.does}, {self.reason}{by}"
