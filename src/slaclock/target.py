"""A target: an amount of time on a calendar, with what hangs on it.

The *value* of a target is what a running clock feels: its amount, its calendar, its pause rule and what it does at
closing time. Two targets of equal value are the same promise, whoever made it; warnings, objective and strategies are
no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

import attrs

from slaclock._frozen import texts
from slaclock._instants import MAX_US
from slaclock._packed import Packed
from slaclock.amounts import Amount, AmountLike
from slaclock.calendar import WorkingCalendar
from slaclock.conditions import Condition, FieldValue, View, shown
from slaclock.errors import NeverOpenError, OutOfRangeError
from slaclock.strategies import Strategies

__all__ = ["AT_CLOSE", "NEVER_US", "CalendarFrom", "Plan", "Target", "Warn"]

# Later than every instant: the due instant of what is never due, so that due instants can always be compared.
NEVER_US: Final = 1 << 62

# An amount used up exactly at closing time is due then, or at the next opening: equal in working time.
AT_CLOSE: Final = ("closing", "next_opening")


@attrs.frozen
class Warn(Packed):
    """When to warn, as an amount of open time elapsed: exactly one of the three forms is set.

    `fraction` of the target; `offset_us` from the due instant (negative: before it); `after_us` from the start.
    `notify` names whom the host should tell.

    >>> Warn(fraction=Fraction(3, 4)).threshold_us(4 * 3_600_000_000) == 3 * 3_600_000_000
    True
    """

    fraction: Fraction | None = None
    offset_us: int | None = None
    after_us: int | None = None
    notify: tuple[str, ...] = attrs.field(default=(), converter=texts)

    def threshold_us(self, total_us: int) -> int:
        """The open microseconds elapsed at which it fires, for a target of `total_us`."""
        if self.fraction is not None:
            scaled = self.fraction * total_us
            return -(-scaled.numerator // scaled.denominator)
        if self.offset_us is not None:
            return max(0, total_us + self.offset_us)
        return self.after_us or 0

    def __str__(self) -> str:
        if self.fraction is not None:
            percent = self.fraction * 100
            return f"{percent.numerator if percent.denominator == 1 else float(percent)}%"
        if self.offset_us is not None:
            sign = "-" if self.offset_us < 0 else "+"
            return f"{sign}{Amount(us=abs(self.offset_us))}"
        return f"after {Amount(us=self.after_us or 0)}"


def _amount(given: AmountLike) -> Amount:
    return given if isinstance(given, Amount) else Amount.of(given)


def _warnings(given: Warn | Iterable[Warn]) -> tuple[Warn, ...]:
    # A text is no warning; taken to pieces it would be many.
    return (given,) if isinstance(given, (Warn, str)) else tuple(given)


@attrs.frozen
class CalendarFrom(Packed):
    """The calendar is named by a field of the ticket; where it names none, `default` does (None: no target)."""

    field: str
    default: str | None = None

    def name_for(self, view: View, known: frozenset[str]) -> str | None:
        """The name of the calendar for these fields."""
        held: FieldValue = view.get(self.field)
        return held if isinstance(held, str) and held in known else self.default


@attrs.frozen(kw_only=True)
class Target(Packed):
    """A promised amount of time, as a policy states it; the amount may be given as text, a timedelta or a Duration.

    `calendar` is the name of one of the policy's calendars, or where to find it; `pause_while` is None where the
    metric's own pause rule holds; `objective` is the share of tickets that should keep it (a figure for reports).

    >>> print(Target(amount="4h", calendar="office"))
    4h on office
    """

    amount: Amount = attrs.field(converter=_amount)
    calendar: str | CalendarFrom
    warn: tuple[Warn, ...] = attrs.field(default=(), converter=_warnings)
    objective: Fraction | None = None
    pause_while: Condition | None = None
    at_close: str = "closing"
    strategies: Strategies = Strategies()

    def on(self, calendar: str) -> str:
        """The target in words, where its calendar has been found: `4h on tokyo, chosen by region`."""
        named = f", chosen by {shown(self.calendar.field)}" if isinstance(self.calendar, CalendarFrom) else ""
        return f"{self.amount} on {calendar}{named}"

    def __str__(self) -> str:
        where = self.calendar if isinstance(self.calendar, str) else f"the calendar named by {self.calendar.field}"
        return f"{self.amount} on {where}"


# The open time elapsed at which a warning fires, its text, and the warning.
Threshold = tuple[int, str, Warn]


class Plan:
    """A target ready to be laid: by which layer and rule it came, and its calendar, pause rule and strategies found.

    `layer` counts from the most general one; `life` is the number of the pause rule among those of the metric. `raw`,
    `closed`, `extended_by` and `more_us` are about exceptions, of which this plan knows none.
    """

    closed: tuple[tuple[int, int, int], ...] = ()
    extended_by: int | None = None
    more_us: int = 0

    __slots__ = (
        "_digest",
        "_thresholds",
        "at_next_opening",
        "calendar",
        "calendar_name",
        "layer",
        "layer_name",
        "life",
        "open_thresholds", "open_us",
        "rule",
        "strategies",
        "target",
        "value",
    )  # fmt: skip

    def __init__(
        self,
        target: Target,
        *,
        layer: int,
        layer_name: str,
        rule: str,
        calendar_name: str,
        calendar: WorkingCalendar,
        pause_while: Condition,
        life: int,
        strategies: Strategies,
    ) -> None:
        self.target = target
        self.layer = layer
        self.layer_name = layer_name
        self.rule = rule
        self.calendar_name = calendar_name
        self.calendar = calendar
        self.life = life
        self.strategies = strategies
        self._thresholds: tuple[int | None, tuple[Threshold, ...]] | None = None
        self.at_next_opening = target.at_close == "next_opening"
        # The open time that it grants, where that depends on nothing.
        self.open_us = target.amount.us if target.amount.kind == "open" else None
        self.open_thresholds = self.thresholds(self.open_us)
        self.value = (target.amount, calendar_name, pause_while, target.at_close)
        self._digest = ""

    @property
    def promise(self) -> str:
        """What is promised, in words: `4h on tokyo, chosen by region`."""
        return self.target.on(self.calendar_name)

    @property
    def digest(self) -> str:
        """A short name for the value, the same on every machine."""
        if not self._digest:
            import hashlib

            self._digest = hashlib.blake2b(repr(self.value).encode(), digest_size=6).hexdigest()
        return self._digest

    def digest_with(self, granted_us: int) -> str:
        """The digest of the value and of the open time that was granted beyond it."""
        return f"{self.digest}+{granted_us}" if granted_us else self.digest

    @property
    def raw(self) -> Plan:
        """The plan as it is without exceptions."""
        return self

    def reach(self, us: int, amount_us: int) -> int:
        """The first instant at which open time has elapsed; `NEVER_US` if it never does."""
        try:
            found = self.calendar.add_us(us, amount_us)
        except (NeverOpenError, OutOfRangeError):
            return NEVER_US
        # What is used up as time ends is so at no instant.
        return found if found < MAX_US else NEVER_US

    def after(self, us: int, amount_us: int) -> int:
        """The instant at which open time is used up, by the target's rule for closing time; `NEVER_US` if never."""
        try:
            # Not through `reach`: most due instants come from here.
            found = (self.calendar.add_last_us if self.at_next_opening else self.calendar.add_us)(us, amount_us)
        except (NeverOpenError, OutOfRangeError):
            return NEVER_US
        return found if found < MAX_US else NEVER_US

    def deadline(self, origin_us: int) -> int | None:
        """The instant that a day amount names, for a clock that started at `origin_us`; None for other amounts."""
        if not self.target.amount.is_day_amount:
            return None
        try:
            return self.calendar.deadline_us(origin_us, self.target.amount)
        except (NeverOpenError, OutOfRangeError):
            return NEVER_US

    def total(self, origin_us: int, deadline_us: int | None) -> int | None:
        """The open time that the target grants; None where it grants all the time there is."""
        if deadline_us is not None:
            return None if deadline_us == NEVER_US else self.calendar.between_us(origin_us, deadline_us)
        return self.open_us

    def thresholds(self, total_us: int | None) -> tuple[Threshold, ...]:
        """The warnings, each with the open time elapsed at which it fires and its text, in order.

        Of a target that grants no measurable time only those that count from the start fire.
        """
        known = self._thresholds
        if known is None or known[0] != total_us:
            found = []
            for warn in self.target.warn:
                if total_us is not None:
                    found.append((warn.threshold_us(total_us), str(warn), warn))
                elif warn.after_us is not None:
                    found.append((warn.after_us, str(warn), warn))
            self._thresholds = known = (total_us, tuple(sorted(found, key=lambda threshold: threshold[0])))
        return known[1]
