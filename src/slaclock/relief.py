"""What the exceptions register does to clocks: which entries apply to a ticket, and the plans that follow from them.

A ticket's *scopes* say, for each entry, in which spans of time its fields have matched. What they are at a clock's
start is taken for all time before it, and what they are now for all time to come: so the clocks of all tickets that
match from their start share one calendar, and what is announced is known in advance.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from slaclock._instants import DAY_US, MAX_US, MIN_US
from slaclock._spans import Span
from slaclock.calendar import WorkingCalendar
from slaclock.conditions import View
from slaclock.errors import NeverOpenError, OutOfRangeError
from slaclock.exceptions import Applied, Effect, ExceptionEntry
from slaclock.target import NEVER_US, Plan

__all__ = ["Register", "Relief", "RelievedPlan", "Scopes", "scoped"]

Scopes: TypeAlias = tuple[tuple[Span, ...], ...]
"""For each entry of the register the spans in which the ticket's fields matched; the last may go on for ever."""

_MOST_KEPT: Final = 1024
_MOST_DAYS: Final = (MAX_US - MIN_US) // DAY_US


def scoped(
    entries: Sequence[ExceptionEntry], scopes: Scopes, view: View, touched: AbstractSet[str] | None, us: int
) -> Scopes:
    """The scopes after fields have been set; `touched` names those that may be other than before (None: all of them).

    The first time, the fields are taken to have been so before.
    """
    if not scopes:
        return tuple(((MIN_US, MAX_US),) if entry.when.test(view) else () for entry in entries)
    pairs = zip(entries, scopes, strict=True)
    return tuple(
        spans if touched is not None and entry.when.fields().isdisjoint(touched) else _moved(entry, spans, view, us)
        for entry, spans in pairs
    )


def _moved(entry: ExceptionEntry, spans: tuple[Span, ...], view: View, us: int) -> tuple[Span, ...]:
    matched = bool(spans) and spans[-1][1] == MAX_US
    if entry.when.test(view) is matched:
        return spans
    if not matched:
        # Of what was left and entered at one instant nothing was missed.
        begun = spans[-1][0] if spans and spans[-1][1] == us else None
        return (*spans, (us, MAX_US)) if begun is None else (*spans[:-1], (begun, MAX_US))
    since = spans[-1][0]
    # What lies outside the window can never matter.
    matters = max(since, entry.start_us) < min(us, entry.end_us)
    return (*spans[:-1], (since, us)) if matters else spans[:-1]


class RelievedPlan(Plan):
    """A plan with what exceptions make of it: a calendar that is closed where they suspend, and more time.

    `raw` is the plan without them, `closed` the spans that are suspended, `extended_by` the number of the entry that
    gives more time; `more_us` is what that adds in open time.
    """

    __slots__ = ("_ahead", "_amount", "_ends_us", "_raw", "closed", "extended_by", "more_us")

    def __init__(
        self,
        raw: Plan,
        *,
        calendar: WorkingCalendar,
        ahead: WorkingCalendar,
        ends_us: int,
        closed: tuple[Applied, ...],
        extended_by: int | None,
        entry: ExceptionEntry | None,
    ) -> None:
        for name in Plan.__slots__:
            setattr(self, name, getattr(raw, name))
        self._thresholds = None
        self._raw = raw
        self.calendar = calendar
        # What is suspended without an end ends the calendar: looking for an opening behind it would take long.
        self._ahead = ahead
        self._ends_us = ends_us
        self.closed = closed
        self.extended_by = extended_by
        self._amount = amount = raw.target.amount
        self.more_us = 0
        if entry is not None and (entry.factor is None or amount.kind == "open"):
            self.more_us = entry.more_of(amount.us)
        elif entry is not None and entry.factor is not None and amount.is_day_amount and not amount.same_day:
            self._amount = attrs.evolve(amount, days=min(-(-amount.days * entry.factor // 1), _MOST_DAYS))

        if self.open_us is not None:
            self.open_us += self.more_us
            self.open_thresholds = self.thresholds(self.open_us)

    @property
    def raw(self) -> Plan:
        return self._raw

    def generosity(self, origin_us: int) -> int:
        """By what two of them for the same target compare: the more, the later it is due."""
        deadline_us = self.deadline(origin_us)
        if deadline_us is None:
            return self.more_us
        return self.after(deadline_us, self.more_us) if deadline_us != NEVER_US else NEVER_US

    def reach(self, us: int, amount_us: int) -> int:
        try:
            return self._known(self._ahead.add_us(us, amount_us), amount_us)
        except (NeverOpenError, OutOfRangeError):
            return NEVER_US

    def after(self, us: int, amount_us: int) -> int:
        if not self.at_next_opening:
            return self.reach(us, amount_us)
        try:
            opening = self._ahead.add_last_us(us, amount_us)
        except (NeverOpenError, OutOfRangeError):
            return NEVER_US
        return opening if opening < self._ends_us else NEVER_US

    def _known(self, us: int, amount_us: int) -> int:
        return us if us < MAX_US and (us <= self._ends_us or not amount_us) else NEVER_US

    def deadline(self, origin_us: int) -> int | None:
        if not self._amount.is_day_amount:
            return None
        try:
            us = self._ahead.deadline_us(origin_us, self._amount)
        except (NeverOpenError, OutOfRangeError):
            return NEVER_US
        # Calendar days take no notice of closures.
        return self._known(us, self._amount.kind == "business_days")

    def total(self, origin_us: int, deadline_us: int | None) -> int | None:
        total = super().total(origin_us, deadline_us)
        return total if total is None or deadline_us is None else total + self.more_us


class Register:
    """The entries of a policy's register, with the calendars that follow from them: all metrics share these."""

    __slots__ = ("_calendars", "entries")

    def __init__(self, entries: Sequence[ExceptionEntry]) -> None:
        self.entries = tuple(entries)
        self._calendars: dict[tuple[str, tuple[Applied, ...]], WorkingCalendar] = {}

    def calendar(self, raw: Plan, closed: tuple[Applied, ...]) -> WorkingCalendar:
        """The calendar of a plan, closed where entries suspend."""
        if not closed:
            return raw.calendar
        key = (raw.calendar_name, closed)
        calendar = self._calendars.get(key)
        if calendar is None:
            if len(self._calendars) >= _MOST_KEPT:
                self._calendars.clear()
            reasons = ((start, end, self.entries[number].name) for start, end, number in closed)
            calendar = self._calendars[key] = raw.calendar.less_us(reasons)
        return calendar


class Relief:
    """The entries of a policy's register that concern one metric, ready to be applied."""

    __slots__ = ("_extending", "_lasting", "_plans", "_register", "entries")

    def __init__(self, register: Register, metric: str) -> None:
        self._register = register
        self.entries = register.entries
        ours = [(number, entry) for number, entry in enumerate(self.entries) if entry.concerns(metric)]
        self._extending = tuple(pair for pair in ours if pair[1].effect is Effect.EXTEND)
        self._lasting = tuple(pair for pair in ours if pair[1].effect is not Effect.EXTEND)
        # Shared by the clocks of many tickets, as calendars are, and emptied when it has grown too long.
        self._plans: dict[tuple[Plan, int | None, tuple[Applied, ...]], RelievedPlan] = {}

    @classmethod
    def of(cls, register: Register, metric: str) -> Relief | None:
        """The relief for a metric; None where no entry concerns it."""
        return cls(register, metric) if any(entry.concerns(metric) for entry in register.entries) else None

    def fields(self) -> frozenset[str]:
        """The fields by which it may change what applies to a clock that has started."""
        return frozenset[str]().union(*(entry.when.fields() for _, entry in self._lasting))

    # What applies to a clock.

    def extending(self, view: View, start_us: int) -> tuple[int, ...]:
        """The numbers of the entries that extend the targets of a clock that starts at an instant."""
        found = (number for number, entry in self._extending if entry.window.holds(start_us) and entry.when.test(view))
        return tuple(found)

    def matching(self, view: View) -> tuple[Applied, ...]:
        """The spans in which the other entries apply to a clock that starts on a ticket with these fields."""
        return self.applied(scoped(self.entries, (), view, None, MIN_US), MIN_US)

    def applied(self, scopes: Scopes, start_us: int) -> tuple[Applied, ...]:
        """The spans in which they apply to a clock that started at an instant, as far as is known now."""
        found = []
        for number, entry in self._lasting:
            for since, until in scopes[number]:
                begin = entry.start_us if since <= start_us else max(since, entry.start_us)
                end = min(until, entry.end_us)
                if begin < end and until > start_us:
                    found.append((begin, end, number))
        return tuple(sorted(found))

    def suspensions(self, spans: Sequence[Applied]) -> tuple[Applied, ...]:
        """Those of the spans that suspend."""
        return tuple(span for span in spans if self.entries[span[2]].effect is Effect.SUSPEND)

    # What follows from it.

    def plan(self, raw: Plan, extends: tuple[int, ...], spans: Sequence[Applied], origin_us: int) -> Plan:
        """A plan with what exceptions make of it, for a clock that is measured from `origin_us`."""
        closed = self.suspensions(spans)
        if raw.target.amount.kind == "best_effort":
            extends = ()
        if len(extends) > 1:
            # Of equals the first one; each by the instant to which it leads, or by the amount that it gives.
            extends = (max(extends, key=lambda number: self._plan(raw, number, closed).generosity(origin_us)),)
        return self._plan(raw, extends[0] if extends else None, closed) if extends or closed else raw

    def _plan(self, raw: Plan, extends: int | None, closed: tuple[Applied, ...]) -> RelievedPlan:
        key = (raw, extends, closed)
        plan = self._plans.get(key)
        if plan is None:
            if len(self._plans) >= _MOST_KEPT:
                self._plans.clear()
            endless = [start for start, end, _ in closed if end == MAX_US]
            plan = self._plans[key] = RelievedPlan(
                raw,
                calendar=self._register.calendar(raw, closed),
                ahead=self._register.calendar(raw, tuple(span for span in closed if span[1] < MAX_US)),
                ends_us=min(endless, default=NEVER_US),
                closed=closed,
                extended_by=extends,
                entry=None if extends is None else self.entries[extends],
            )
        return plan

    def accounted(self, plan: Plan, start_us: int, due_us: int) -> tuple[ExceptionEntry, ...]:
        """The entries for which the due instant of a clock accounts that starts at an instant and is not paused."""
        numbers = {number for start, end, number in plan.closed if end > start_us and start < due_us}
        if plan.extended_by is not None:
            numbers.add(plan.extended_by)
        return tuple(self.entries[number] for number in sorted(numbers))

    def suspended(self, closed: Sequence[Applied], start_us: int, end_us: int) -> tuple[tuple[int, int, str], ...]:
        """The parts of a stretch that are suspended, each with the names of the entries that do so."""
        edges = {min(max(edge, start_us), end_us) for start, end, _ in closed for edge in (start, end)}
        found = []
        for begin, stop in pairwise(sorted(edges)):
            names = [self.entries[number].name for start, end, number in closed if start <= begin and stop <= end]
            if names:
                found.append((begin, stop, " and ".join(names)))
        return tuple(found)
