"""What is coming for a ticket if nothing else happens: the facts that time will make, and what turns without a fact.

A calendar opens and closes for ever, so a timeline has an end, and is worked out as far as somebody reads it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import tzinfo
from enum import StrEnum
from heapq import merge
from typing import Final, TypeAlias

import attrs

from slaclock._instants import DateTime, Timed, from_us, iso_us, utc_text
from slaclock._shown import Shown
from slaclock.calendar import WorkingCalendar
from slaclock.candidate import Verdict, iso, when
from slaclock.clocks import LONG_AGO_US, Clocks
from slaclock.conditions import View
from slaclock.cycle import Cycle
from slaclock.errors import EventError
from slaclock.facts import Fact, FactKind
from slaclock.readings import Reading
from slaclock.rules import Rule
from slaclock.terms import Terms

__all__ = ["Coming", "ComingKind", "Timeline"]

# What time alone can turn of a clock without making a fact: its verdict, and who binds.
Look: TypeAlias = tuple[Verdict, str]


class ComingKind(StrEnum):
    """What is coming: a rule's window begins or ends; hours open or close; a fact; another candidate binds, or the
    verdict turns, without a fact."""

    AMENDMENT = "amendment"
    OPENS = "opens"
    CLOSES = "closes"
    FACT = "fact"
    BINDS = "binds"
    VERDICT = "verdict"


@attrs.frozen(kw_only=True, repr=False)
class Coming(Shown, Timed):
    """One thing that will be so, and when, if nothing else happens.

    `metrics` are the clocks that it concerns; `fact` is the fact of a FACT, `calendar` the name of the calendar that
    OPENS or CLOSES; `sentence` says it all, but for when. A breach is dated at the due instant, as its fact is.
    """

    kind: ComingKind
    at_us: int
    zone: tzinfo = attrs.field(repr=False)
    metrics: tuple[str, ...]
    sentence: str
    fact: Fact | None = None
    calendar: str | None = None

    def to_dict(self) -> dict[str, object]:
        """The same as JSON-ready data."""
        return {
            "kind": str(self.kind),
            "at": self._at_text,
            "metrics": list(self.metrics),
            "sentence": self.sentence,
            "calendar": self.calendar,
            "fact": None if self.fact is None else self.fact.to_dict(),
        }

    def __str__(self) -> str:
        return f"{self._at_text} {self.sentence}"


class Timeline:
    """All that is coming after an instant and up to another one, both included only at the end, in order.

    It can be iterated over again and again, is worked out on the way, and changes nothing. At one instant rules come
    first, then hours, facts (a breach, which arises right after its due instant, last), and what turns by them.
    """

    def __init__(self, clocks: Clocks, after_us: int, until_us: int, *, closing: bool) -> None:
        # `closing`: what time makes at the very instant of the beginning belongs to what has been.
        if until_us < after_us:
            msg = f"found `until` {utc_text(until_us)}, expected an instant not before {utc_text(after_us)}"
            raise EventError(f"{msg}, from which on the timeline tells what is coming")
        self._clocks = clocks.copy()
        if closing:
            _passed(self._clocks, after_us)
        self.ticket: str | None = clocks.ticket
        self.after_us = after_us
        self.until_us = until_us
        self._zone = clocks.policy.zone

    @property
    def after(self) -> DateTime | None:
        """From when on; None where no event has come yet."""
        return None if self.after_us == LONG_AGO_US else when(self.after_us, self._zone)

    @property
    def until(self) -> DateTime:
        """Up to when."""
        return from_us(self.until_us, self._zone)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts alone, which costs nothing for the hours in between."""
        return _passed(self._clocks.copy(), self.until_us)

    def __iter__(self) -> Iterator[Coming]:
        clocks, at_us = self._clocks.copy(), self.after_us
        # Without this what time makes at the instant of the last event would be in no answer.
        yield from map(self._of_fact, _passed(clocks, at_us))
        while at_us < self.until_us:
            wake_us = min(clocks.next_wakeup_us(at_us), self.until_us)
            after = clocks.copy()
            facts = _passed(after, wake_us)
            yield from self._between(clocks, after, at_us, wake_us, facts)
            clocks, at_us = after, wake_us

    def _between(
        self, before: Clocks, after: Clocks, from_us: int, wake_us: int, facts: tuple[Fact, ...]
    ) -> Iterator[Coming]:
        # Facts that time makes come together, at the end of a stretch in which the clocks stay as they are.
        told = {fact.metric for fact in facts}
        streams = [self._amendments(before, from_us, wake_us), map(self._of_fact, facts)]
        hours = _hours_of(before)
        named = Counter(name for name, _, _ in hours)
        for name, calendar, metrics in hours:
            whose = "" if named[name] == 1 else f" for {' and '.join(metrics)}"
            streams.append(self._hours(name, calendar, metrics, from_us, wake_us, whose))
        for terms, cycle in _living(before):
            ends = () if terms.metric.name not in told else (wake_us,)
            streams.append(self._turns(terms, cycle, before.view, from_us, wake_us, ends))
        streams.append(self._rebound(before, after, wake_us))
        yield from merge(*streams, key=_place)

    def _of_fact(self, fact: Fact) -> Coming:
        return self._coming(ComingKind.FACT, fact.at_us, (fact.metric,), fact.sentence, fact=fact)

    def _amendments(self, clocks: Clocks, from_us: int, until_us: int) -> Iterator[Coming]:
        for edge in clocks.policy.edges:
            if from_us < edge <= until_us:
                for layer in clocks.policy.layers:
                    for rule in layer.rules:
                        if edge in rule.effective.edges() and rule.when.test(clocks.view):
                            what = "comes into force" if edge == rule.effective.start_us else "ends"
                            metrics = _metrics_of(rule, clocks)
                            sentence = f"{layer.name}: rule {rule.name!r} {what}"
                            yield self._coming(ComingKind.AMENDMENT, edge, metrics, sentence)

    def _hours(
        self, name: str, calendar: WorkingCalendar, metrics: tuple[str, ...], from_us: int, until_us: int, whose: str
    ) -> Iterator[Coming]:
        edge = calendar.next_edge_us(from_us)
        while edge is not None and edge <= until_us:
            opens = calendar.is_open_us(edge)
            kind = ComingKind.OPENS if opens else ComingKind.CLOSES
            why = "" if opens else f" ({calendar.why_us(edge).partition(': ')[2]})"
            yield self._coming(kind, edge, metrics, f"{name} {kind}{whose}{why}", calendar=name)
            edge = calendar.next_edge_us(edge)

    def _turns(
        self, terms: Terms, cycle: Cycle, view: View, from_us: int, until_us: int, told: tuple[int, ...]
    ) -> Iterator[Coming]:
        at_us, before = from_us, _look(terms, cycle, view, from_us)
        while (at_us := cycle.turns_us(at_us)) <= until_us:
            now = _look(terms, cycle, view, at_us)
            if at_us not in told:
                yield from self._turned(terms, at_us, before, now)
            before = now

    def _rebound(self, before: Clocks, after: Clocks, at_us: int) -> Iterator[Coming]:
        # A target that an amendment brings or takes is told by a fact; that another one binds by it, is not.
        if at_us in before.policy.edges:
            for (terms, old), (_, new) in zip(_living(before), _living(after), strict=True):
                verdict, binds = _look(terms, new, before.view, at_us)
                _, bound = _look(terms, old, before.view, at_us)
                yield from self._turned(terms, at_us, (verdict, bound), (verdict, binds))

    def _turned(self, terms: Terms, at_us: int, before: Look, now: Look) -> Iterator[Coming]:
        metric = terms.metric.name
        if now[1] != before[1]:
            yield self._coming(ComingKind.BINDS, at_us, (metric,), f"{metric}: {now[1]}")
        if now[0] is not before[0]:
            sentence = f"{metric} is {str(now[0]).replace('_', ' ')}"
            yield self._coming(ComingKind.VERDICT, at_us, (metric,), sentence)

    def _coming(
        self,
        kind: ComingKind,
        at_us: int,
        metrics: tuple[str, ...],
        sentence: str,
        *,
        fact: Fact | None = None,
        calendar: str | None = None,
    ) -> Coming:
        return Coming(
            kind=kind,
            at_us=at_us,
            zone=self._zone,
            metrics=metrics,
            sentence=sentence,
            fact=fact,
            calendar=calendar,
        )

    def to_dict(self) -> dict[str, object]:
        """All of it as JSON-ready data."""
        return {
            "ticket": self.ticket,
            "after": iso(None if self.after_us == LONG_AGO_US else self.after_us, self._zone),
            "until": iso_us(self.until_us, self._zone),
            "coming": [coming.to_dict() for coming in self],
        }

    def __str__(self) -> str:
        return "\n".join(map(str, self)) or "nothing is coming"

    def __repr__(self) -> str:
        return f"<Timeline of {self.ticket or 'a ticket'} until {iso_us(self.until_us, self._zone)}>"


_RANKS: Final = {ComingKind.AMENDMENT: 0, ComingKind.OPENS: 1, ComingKind.CLOSES: 1, ComingKind.FACT: 2}


def _place(coming: Coming) -> tuple[int, int]:
    breach = coming.fact is not None and coming.fact.kind is FactKind.BREACHED
    return coming.at_us, 4 if breach else _RANKS.get(coming.kind, 3)


def _passed(clocks: Clocks, until_us: int) -> tuple[Fact, ...]:
    """Let time pass, and tell what that has made."""
    clocks.pass_time(until_us, closing=True)
    facts, clocks.told = clocks.facts(), []
    return facts


def _living(clocks: Clocks) -> Iterator[tuple[Terms, Cycle]]:
    for terms, cycles in zip(clocks.policy.terms, clocks.cycles, strict=True):
        if terms.promised and cycles and cycles[-1].alive:
            yield terms, cycles[-1]


def _hours_of(clocks: Clocks) -> list[tuple[str, WorkingCalendar, tuple[str, ...]]]:
    """The calendars on which living clocks are measured, each with its metrics."""
    # Of one name there are several where exceptions suspend some clocks and not others.
    found: dict[int, tuple[str, WorkingCalendar, dict[str, None]]] = {}
    for terms, cycle in _living(clocks):
        for laid in cycle.candidates():
            calendar = laid.plan.calendar
            _, _, metrics = found.setdefault(id(calendar), (laid.plan.calendar_name, calendar, {}))
            metrics[terms.metric.name] = None
    return [(name, calendar, tuple(metrics)) for name, calendar, metrics in found.values()]


def _metrics_of(rule: Rule, clocks: Clocks) -> tuple[str, ...]:
    return tuple(clocks.policy.metrics) if "*" in rule.exempt else (*rule.targets, *rule.exempt)


def _look(terms: Terms, cycle: Cycle, view: View, at_us: int) -> Look:
    reading = Reading(terms, cycle, view, at_us)
    binding = reading.binding
    return reading.verdict, "no target" if binding is None else f"{binding.promise} by {binding.layer} binds"
