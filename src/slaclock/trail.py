"""What was decided about a metric's clocks on the way, event by event: the whole story behind a reading.

A cycle remembers what still holds. A trail folds the events once more and watches: which rules were read and what came
of each, which targets came and went, who bound from when on and by what margin, and which events changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from typing import Final

import attrs

from slaclock._instants import DateTime, from_us, iso_us, utc_text
from slaclock._shown import Shown
from slaclock.candidate import candidate_of, why_binds
from slaclock.clocks import LONG_AGO_US, Clocks, strategy_of, wakes
from slaclock.conditions import CATEGORY, View
from slaclock.considered import Considered, Outcome, PassedOver, consider
from slaclock.cycle import Cycle
from slaclock.decisions import (
    Decision,
    DecisionKind,
    applies,
    drops,
    exempts,
    extended,
    gives,
    in_force,
    keeps,
    matter,
    merged,
    reopened,
    unanswered,
    waived,
)
from slaclock.events import Changed, Event, Merged, Replied
from slaclock.laid import Laid, rebinds_us
from slaclock.metric import Moment
from slaclock.policy import Policy
from slaclock.rules import Exemption
from slaclock.target import NEVER_US
from slaclock.terms import Terms
from slaclock.values import Fields

__all__ = ["IdleEvent", "Trail", "trails_of"]

NOTHING: Final[Mapping[int, Decision]] = {}
# The text of a decision says these already.
_TOLD_APART = (Outcome.GIVES, Outcome.EXEMPTS)


@attrs.frozen(kw_only=True, repr=False)
class IdleEvent(Shown):
    """An event that counted, and changed nothing about a clock; `sentence` says why not."""

    event: Event
    zone: tzinfo = attrs.field(repr=False)
    sentence: str

    @property
    def at(self) -> DateTime:
        """When it happened, in the policy's time zone."""
        return from_us(self.event.at_us, self.zone)

    def to_dict(self) -> dict[str, object]:
        """The same as JSON-ready data."""
        return {
            "at": iso_us(self.event.at_us, self.zone),
            "kind": self.event.kind,
            "event": self.event.key,
            "sentence": self.sentence,
        }

    def __str__(self) -> str:
        return f"{iso_us(self.event.at_us, self.zone)}  {self.event.kind}: {self.sentence}"


@attrs.frozen(kw_only=True)
class Trail:
    """What was decided about one cycle, in order, and the events that changed nothing about it."""

    decisions: tuple[Decision, ...] = ()
    idle: tuple[IdleEvent, ...] = ()


def trails_of(policy: Policy, events: Iterable[Event], number: int, at_us: int) -> dict[int, Trail]:
    """The trails of a metric, given by its number, up to an instant: by the number of the cycle; those of events before
    the first one under 0."""
    watch = _Watch(policy, number)
    for event in events:
        if event.at_us > at_us:
            break
        watch.wait(event.at_us)
        watch.take(event)
    watch.wait(at_us)
    watch.close()
    numbers = sorted({0, *watch.seen, *watch.idle})
    return {
        cycle: Trail(
            decisions=watch.seen[cycle].told() if cycle in watch.seen else (),
            idle=tuple(idle for idle, excepting in watch.idle.get(cycle, ()) if not watch.matter(cycle, excepting)),
        )
        for cycle in numbers
    }


class _Watch:
    """The clocks of one metric under way, watched after each step."""

    def __init__(self, policy: Policy, number: int) -> None:
        self._policy = policy
        self._number = number
        self._terms = policy.terms[number]
        self._clocks = Clocks(policy, (number,))
        self._at_us = LONG_AGO_US
        self.seen: dict[int, _Seen] = {}
        # Each with the exceptions that came to apply, or ceased to, by the event: it changed something if one mattered.
        self.idle: dict[int, list[tuple[IdleEvent, frozenset[int]]]] = {}

    @property
    def _cycles(self) -> list[Cycle]:
        return self._clocks.cycles[self._number]

    @property
    def _pending(self) -> str:
        """What keeps the next cycle back, if one is to start."""
        if self._number in self._clocks.waiting:
            return f"is to start by it, which asks for {self._terms.metric.start_while}"
        return "may start from now on" if self._number in self._clocks.armed else ""

    def wait(self, until_us: int) -> None:
        """Let time pass: rules come into force and end, and among candidates that wait another may come to bind."""
        if self._terms.moves:
            for edge in self._policy.edges:
                if self._at_us < edge <= until_us:
                    self._rebind(edge)
                    self._clocks.pass_time(edge, closing=False)
                    self._look(edge, f"amendment@{utc_text(edge)}")
                    self._at_us = edge
        self._rebind(until_us)
        self._at_us = until_us

    def _rebind(self, until_us: int) -> None:
        cycle = self._cycles[-1] if self._cycles else None
        if cycle is None or not cycle.alive or self._terms.binds == "most_specific":
            return
        at_us, among = max(self._at_us, cycle.start_us), list(cycle.candidates())
        while (at_us := rebinds_us(among, cycle.binding(at_us), at_us)) <= until_us:
            self.seen[cycle.number].bind(cycle, at_us, "time")

    def take(self, event: Event) -> None:
        """Take the next event, and see what it changed."""
        known, last = len(self._cycles), self._cycles[-1] if self._cycles else None
        ending = last if last is not None and last.alive else None
        before, counts, pending = self._clocks.view, not self._clocks.merged, self._pending
        how = strategy_of(last, "on_reopen", event.at_us) if last is not None and last.stopped_by_done else ""
        self._clocks.take(event)
        moment = Moment(event, before, self._clocks.view)
        fired = self._policy.fired(moment, (self._number,)) if counts else 0
        if not (counts and wakes(self._terms, moment, fired)):
            how = ""
        told: dict[int, Decision] = {}
        if how and how != "ignore":
            told[self._cycles[-1].number] = reopened(self._cycles[-1], how, event.at_us, event.key)
        if isinstance(event, Merged) and ending is not None and not ending.alive:
            told[ending.number] = merged(ending, event.into, event.at_us, event.key)
        for cycle in (*([ending] if ending else []), *self._cycles[known:]):
            # What a new cycle is ended by at once is what holds, not what happened.
            by = fired if cycle is ending else fired & self._terms.standing
            if not cycle.alive and by & self._terms.unanswered and not by & (self._terms.cancel | self._terms.stop):
                told[cycle.number] = unanswered(cycle, event.at_us, event.key)
        if not self._look(event.at_us, event.key, told) and len(self._cycles) == known:
            sentence = _why_idle(self._terms, last, event, how) if counts else "the ticket had been merged"
            if self._pending != pending and self._pending:
                sentence = f"{self._terms.metric.name} {self._pending}"
            idle = IdleEvent(event=event, zone=self._policy.zone, sentence=sentence)
            excepting = frozenset(self.seen[known].turned) if known in self.seen else frozenset[int]()
            self.idle.setdefault(known, []).append((idle, excepting))

    def close(self) -> None:
        """See, now that all is known, which exceptions have mattered."""
        for cycle in self._cycles:
            self.seen[cycle.number].mattered |= matter(cycle, self._at_us)

    def matter(self, cycle: int, exceptions: frozenset[int]) -> bool:
        """Whether one of the exceptions has mattered to a cycle."""
        return bool(exceptions) and not exceptions.isdisjoint(self.seen[cycle].mattered)

    def _look(self, at_us: int, cause: str, told: Mapping[int, Decision] = NOTHING) -> bool:
        # Only the last cycle ever changes, or ends as another begins.
        changed = False
        for cycle in self._cycles[max(0, len(self.seen) - 1) :]:
            seen = self.seen.setdefault(cycle.number, _Seen(self._terms))
            decision = told.get(cycle.number)
            # Reopening comes before what follows from it, an end after all else.
            if decision is not None and decision.kind is DecisionKind.REOPENED:
                seen.decisions.append(decision)
            changed |= seen.look(cycle, self._clocks.view, at_us, cause)
            if decision is not None and decision.kind is not DecisionKind.REOPENED:
                seen.decisions.append(decision)
        return changed


class _Seen:
    """One cycle as it was when it was last looked at, and what was decided about it so far."""

    def __init__(self, terms: Terms) -> None:
        self.decisions: list[Decision] = []
        self._terms = terms
        self._state: object = None
        self._over = False
        # The fields by which rules were read last, and when, where that matters.
        self._asked: object = None
        self._story: tuple[Considered | PassedOver, ...] = ()
        self._laid: tuple[Laid | None, ...] = (None,) * len(terms.layers)
        self._kept: set[str] = set()
        self._exemption: Exemption | None = None
        # Until when each exception applies, as far as was known.
        self._excepted: dict[int, int] = {}
        self._grants = 0
        self._waived = False
        self._bound: tuple[str, str] | None = None
        # The decisions that are about an exception, by their place, with its number; those that came at the last look;
        # and those that were of any consequence at one time.
        self._excepting: dict[int, int] = {}
        self.turned: set[int] = set()
        self.mattered: set[int] = set()

    def told(self) -> tuple[Decision, ...]:
        """What was decided, without exceptions that were announced for another time than this clock's."""
        return tuple(
            decision
            for place, decision in enumerate(self.decisions)
            if self._excepting.get(place) is None or self._excepting[place] in self.mattered
        )

    def look(self, cycle: Cycle, view: View, at_us: int, cause: str) -> bool:
        """Write down what is decided otherwise than before; whether anything about the cycle has changed."""
        before = len(self.decisions)
        # Lives are values: another life is another object.
        state = (cycle.ended_us, *cycle.lives)
        asked = (at_us if self._terms.moves else None, Fields({name: view.get(name) for name in self._terms.fields}))
        # A clock that is over asks for nothing: what has changed in between is read once it goes on. An event that ends
        # it has asked before.
        read = asked != self._asked and (cycle.alive or not self._over)
        if read:
            self._asked = asked
            self._consider(cycle, view, at_us, cause)
        self._targets(cycle, at_us, cause)
        if read:
            self._keep(cycle, view, at_us, cause)
        self._except(cycle, at_us, cause)
        self.decisions += [extended(cycle, number, cause) for number in range(self._grants, len(cycle.grants))]
        if cycle.waived is not None and not self._waived:
            self.decisions.append(waived(cycle, cause))
        self._grants, self._waived = len(cycle.grants), cycle.waived is not None
        self.bind(cycle, at_us, cause)
        changed = state != self._state or len(self.decisions) > before + len(self.turned)
        self._state, self._over = state, not cycle.alive
        return changed

    def _consider(self, cycle: Cycle, view: View, at_us: int, cause: str) -> None:
        story = tuple(consider(self._terms, view, cycle.start_us, at_us))
        for told in story:
            if told not in self._story and not (isinstance(told, Considered) and told.outcome in _TOLD_APART):
                decision = Decision(
                    kind=DecisionKind.CONSIDERED,
                    at_us=at_us,
                    zone=self._terms.zone,
                    sentence=str(told),
                    cause=cause,
                    layer=told.layer,
                    rule=told.rule if isinstance(told, Considered) else None,
                )
                self.decisions.append(decision)
        self._story = story

    def _targets(self, cycle: Cycle, at_us: int, cause: str) -> None:
        if cycle.exemption is not None and cycle.exemption != self._exemption:
            self.decisions.append(exempts(cycle, cycle.exemption, at_us, cause))
        for old, new in zip(self._laid, cycle.laid, strict=True):
            if new is not None and (old is None or old.since_us != new.since_us or old.plan.value != new.plan.value):
                self.decisions.append(gives(cycle, new, cause, instead_of=old))
            elif new is None and old is not None and cycle.exemption is None:
                self.decisions.append(drops(cycle, old, at_us, cause))
        self._exemption, self._laid = cycle.exemption, tuple(cycle.laid)

    def _keep(self, cycle: Cycle, view: View, at_us: int, cause: str) -> None:
        found = self._terms.find(view, cycle.start_us, at_us)
        kept: set[str] = set()
        if not isinstance(found, Exemption):
            for laid, plan in zip(cycle.laid, found, strict=True):
                if laid is not None and (plan is None or plan.value != laid.plan.value):
                    decision = keeps(cycle, laid, plan, at_us, cause)
                    kept.add(decision.sentence)
                    if decision.sentence not in self._kept:
                        self.decisions.append(decision)
        self._kept = kept

    def _except(self, cycle: Cycle, at_us: int, cause: str) -> None:
        found = dict.fromkeys(in_force(cycle), NEVER_US)
        found |= {number: end_us for _, end_us, number in cycle.applied}
        begun = [n for n in sorted(found) if found[n] > at_us and self._excepted.get(n, at_us) <= at_us]
        ended = [n for n, end_us in sorted(self._excepted.items()) if end_us > at_us >= found.get(n, at_us)]
        self.turned = set()
        for number, still in [*((n, True) for n in begun), *((n, False) for n in ended if cycle.alive)]:
            self._excepting[len(self.decisions)] = number
            self.decisions.append(applies(cycle, number, at_us, cause, still=still))
            self.turned.add(number)
        self._excepted = found
        self.mattered |= matter(cycle, at_us)

    def bind(self, cycle: Cycle, at_us: int, cause: str) -> None:
        """Write down who binds, if that is another."""
        binding = cycle.binding(at_us)
        bound = None if binding is None else (binding.plan.layer_name, binding.plan.promise)
        if binding is not None and bound != self._bound:
            among = list(cycle.candidates())
            found = {
                id(laid): candidate_of(laid, among, binding, cycle.lives[laid.plan.life].phase, at_us, self._terms.zone)
                for laid in among
            }
            chosen = found[id(binding)]
            why = why_binds(chosen, tuple(found.values()), self._terms.binds)
            decision = Decision(
                kind=DecisionKind.BINDS,
                at_us=at_us,
                zone=chosen.zone,
                sentence=f"{chosen.layer} binds: {chosen.promise}{chosen.due_text}: {why}",
                cause=cause,
                layer=chosen.layer,
                rule=chosen.rule,
                margin_us=chosen.margin_us,
            )
            self.decisions.append(decision)
        self._bound = bound


def _why_idle(terms: Terms, cycle: Cycle | None, event: Event, how: str) -> str:
    name, about = terms.metric.name, getattr(event, "metric", None)
    if about is not None and about != name:
        return f"it is about {about}"
    if cycle is None:
        return f"{name} does not start by it"
    if not cycle.alive:
        return f"{name} stays done when the ticket is reopened (on_reopen: {how})" if how else f"{name} had ended"
    if cycle.start_us > event.at_us:
        return f"{name} #{cycle.number} has yet to begin"
    if isinstance(event, Replied):
        reply = "a public reply" if event.public else "an internal reply"
        return f"{name} does not wait for {reply} by the {event.by}"
    stays = "paused" if all(life.paused for life in cycle.lives) else "running"
    if isinstance(event, Changed):
        names = ", ".join(event.fields) or "what it says"
        asked = {*event.fields, CATEGORY} if "status" in event.fields else event.fields
        if (terms.interest | terms.triggering).isdisjoint(asked):
            return f"nothing about {name} depends on {names}"
        target = "no target still" if next(cycle.candidates(), None) is None else "the same target"
        return f"{name} has {target}, and stays {stays}"
    return f"{name} stays {stays}"
