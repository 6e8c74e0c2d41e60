"""The paths that tickets take through a policy, remembered: what an event makes the clocks do where a ticket stands.

Which clock starts, pauses or gets another target depends on what happened before, seldom on when. So tickets tread the
same paths again and again. The first to come along a path is led by the clocks themselves (`Clocks.take`), and what
they did is written down as a `Step`: lives that change their phase, cycles that begin, targets that are laid anew. Who
comes later takes the step, which is a look-up; time is measured once, when somebody reads.

So there is one meaning, that of the clocks, and here only a memory of it. It is kept where time decides nothing about
the path: `can_walk` says under which policies, `WALKED` for which events; everything else is folded by the clocks.
Nothing is told on a walk: facts, the ledger and the next wake-up always come from the clocks.
"""

from __future__ import annotations

import copy
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, cast

from slaclock._instants import MAX_US
from slaclock.clocks import Clocks
from slaclock.conditions import ARRIVED, CATEGORY, Condition, FieldValue, Is, Scalar, spelled
from slaclock.cycle import Cycle
from slaclock.errors import EventError
from slaclock.events import Changed, Created, Event, Held, Merged, Released, Replied
from slaclock.life import Entry
from slaclock.metric import CATEGORIES
from slaclock.policy import Policy
from slaclock.rules import Table
from slaclock.state import Phase
from slaclock.target import CalendarFrom, Plan
from slaclock.terms import Terms

__all__ = ["WALKED", "Paths", "Walk", "can_walk", "paths_of"]

WALKED: Final = frozenset((Created, Changed, Replied, Held, Released, Merged))
"""The kinds of events that a walk takes. The others change amounts of time, or take events back."""

_MOST_STEPS: Final = 8_192
_OTHER: Final = "\0other"
# Room for the instants of those who come first along a path, which lie a microsecond apart.
_LATEST_US: Final = MAX_US - 1_000_000

Plans = tuple[Plan | None, ...]
Raw = tuple[tuple[list[Entry], ...], list[int], Plans]
"""A cycle before it is measured: the logs of its lives, since when each layer's target holds, and these targets."""


def can_walk(policy: Policy) -> bool:
    """Whether time decides nothing about the path of a ticket, but for the rules in force when a cycle starts."""
    if policy.moves or policy.asks_arrival or (policy.edges and policy.edges[-1] >= _LATEST_US):
        return False
    return all(_can_walk(policy.terms[number]) for number in policy.promised_metrics)


def paths_of(policy: Policy) -> Paths | None:
    """The paths remembered for a policy; None where time decides about them."""
    if "paths" not in policy.memory:
        policy.memory["paths"] = Paths(policy) if can_walk(policy) else None
    return cast("Paths | None", policy.memory["paths"])


def _can_walk(terms: Terms) -> bool:
    every = [terms.strategies_of(target) for target in terms.targets]
    # Strategies of the whole cycle are those of the target that binds, which is a question of time if they differ.
    if len({(each.on_reopen, each.on_unanswered) for each in [terms.strategies, *every]}) > 1:
        return False
    if terms.binds == "most_specific" and len(terms.layers) > 1:
        return False
    return all(
        each.on_change in ("recompute", "keep") and each.on_relax == "final" and each.on_reopen != "include"
        for each in every
    )


# ------------------------------------------------------------------------------------------------- what decides


class Sight:
    """What of a ticket's fields decides anything under a policy: the names, and of each the values told apart."""

    __slots__ = ("edges", "texts")

    def __init__(self, policy: Policy) -> None:
        self.edges = policy.edges
        # None: every value counts as itself.
        self.texts: dict[str, frozenset[str] | None] = {"status": frozenset((*policy.statuses, *CATEGORIES))}
        for number in policy.promised_metrics:
            self._add_terms(policy, policy.terms[number])
        for name in (CATEGORY, ARRIVED):
            self.texts.pop(name, None)

    def _add_terms(self, policy: Policy, terms: Terms) -> None:
        for trigger in terms.metric.triggers():
            for name in trigger.names:
                self._add(name, None)
            if trigger.condition is not None:
                self._add_condition(trigger.condition)
        rules = [rule for layer in range(len(terms.layers)) for rule in terms.rules(layer)]
        for condition in (*terms.lives, *(rule.when for rule in rules)):
            self._add_condition(condition)
        if terms.metric.start_while is not None:
            self._add_condition(terms.metric.start_while)
        for rule in rules:
            entry = rule.targets.get(terms.metric.name)
            if isinstance(entry, Table):
                self._add_table(entry)
        for target in terms.targets:
            if isinstance(target.calendar, CalendarFrom):
                self._add(target.calendar.field, policy.calendars)

    def _add_condition(self, condition: Condition) -> None:
        for part in condition.walk():
            if isinstance(part, Is):
                self._add(part.field, map(spelled, part.values))
            elif not part.parts():
                for name in part.fields():
                    self._add(name, None)

    def _add_table(self, table: Table) -> None:
        self._add(table.field, (value for value, _ in table.rows))
        for row in (*(row for _, row in table.rows), table.otherwise):
            if isinstance(row, Table):
                self._add_table(row)

    def _add(self, name: str, texts: Iterable[str] | None) -> None:
        known = self.texts.get(name, frozenset())
        self.texts[name] = None if texts is None or known is None else known.union(texts)

    def of(self, fields: dict[str, FieldValue]) -> tuple[object, ...]:
        """The fields as far as they decide: names and values in turn. Equal if they mean the same."""
        seen: list[object] = []
        texts = self.texts
        for name, held in fields.items():
            if name in texts:
                if type(held) is str:
                    known = texts[name]
                    seen += (name, held if known is None or held in known else _OTHER)
                else:
                    seen += (name, _told_apart(held))
        return tuple(seen)

    def epoch(self, us: int) -> int:
        """Between which edges of rules an instant lies."""
        return bisect_right(self.edges, us)


def _told_apart(held: FieldValue) -> object:
    # To a dictionary 1, 1.0 and True are one key; to a condition they are not.
    if isinstance(held, tuple):
        return tuple(map(_told_apart_scalar, held))
    return held if held is None else _told_apart_scalar(held)


def _told_apart_scalar(held: Scalar) -> tuple[type, Scalar]:
    return (type(held), held)


# ------------------------------------------------------------------------------------------------- places and steps


class Begin(NamedTuple):
    """A cycle of a metric (by its place among those walked) begins, with these phases of its lives at once."""

    metric: int
    phases: tuple[tuple[Phase, ...], ...]
    before: Plans
    """The targets of the cycle before it, which is over."""


class Retarget(NamedTuple):
    """Layers of a metric's current cycle got another target, or lost theirs."""

    metric: int
    layers: tuple[int, ...]


class Step(NamedTuple):
    """What an event does: where the ticket stands afterwards, which lives change their phase, and what else."""

    place: Place
    moves: tuple[tuple[int, Phase], ...]
    turns: tuple[Begin | Retarget, ...]


class Place:
    """Where tickets can stand: clocks that stand so, and the steps known from there."""

    __slots__ = ("clocks", "plans", "steps")

    def __init__(self, clocks: Clocks) -> None:
        self.clocks = clocks
        currents = (clocks.cycles[number] for number in clocks.metrics)
        self.plans: tuple[Plans, ...] = tuple(_plans(cycles[-1]) if cycles else () for cycles in currents)
        self.steps: dict[object, Step] = {}


def _plans(cycle: Cycle) -> Plans:
    return tuple(None if laid is None else laid.plan for laid in cycle.laid)


class Paths:
    """The paths under one policy, as far as somebody has come along them."""

    known: int
    """How many steps are remembered."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.metrics = policy.promised_metrics
        self._sight = Sight(policy)
        # Lives are numbered through all metrics.
        self.slots: list[tuple[int, int]] = []
        for number in self.metrics:
            first = len(self.slots)
            self.slots += [(first, place) for place in range(len(policy.terms[number].lives))]
        self.firsts = [slot for slot, (first, _) in enumerate(self.slots) if slot == first]
        self._forget()

    def _forget(self) -> None:
        self.known = 0
        self._places: dict[object, Place] = {}
        self.start = Place(Clocks(self.policy, self.metrics))

    def walk(self, events: Sequence[Event]) -> Walk | None:
        """The walk of a ticket with these events, in order and of the kinds `WALKED`; None where the clocks have to
        take them, because they are at fault."""
        if self.known >= _MOST_STEPS:
            # Few policies have as many; and whoever walks now keeps what he has.
            self._forget()
        place = self.start
        logs: list[list[Entry]] = [[] for _ in self.slots]
        since: list[list[int]] = [[] for _ in self.metrics]
        past: list[list[Raw]] = [[] for _ in self.metrics]
        see, edges = self._sight.of, self._sight.edges
        for event in events:
            kind = type(event)
            if kind is Changed:
                seen: object = see(event.fields)  # type: ignore[attr-defined]
            elif kind is Replied:
                seen = event.by if event.public else f"{event.by}, unseen"  # type: ignore[attr-defined]
            else:
                seen = self._seen(event)
            us = event.at_us
            if edges:
                seen = (self._sight.epoch(us), seen)
            step = place.steps.get(seen)
            if step is None:
                step = self._first(place, seen, event)
                if step is None:
                    return None
            place, moves, turns = step
            for slot, phase in moves:
                logs[slot].append((us, phase, "", ""))
            for turn in turns:
                self._turn(turn, us, logs, since, past)
        return Walk(self, place, logs, since, past)

    def _seen(self, event: Event) -> object:
        if isinstance(event, Created):
            return (event.by, *self._sight.of(event.fields))
        if isinstance(event, Held | Released):
            return (event.kind, event.metric)
        return event.kind

    def _turn(
        self, turn: Begin | Retarget, us: int, logs: list[list[Entry]], since: list[list[int]], past: list[list[Raw]]
    ) -> None:
        metric = turn.metric
        if isinstance(turn, Retarget):
            for layer in turn.layers:
                since[metric][layer] = us
            return
        first = self.firsts[metric]
        slots = range(first, first + len(turn.phases))
        if since[metric]:
            past[metric].append((tuple(logs[slot] for slot in slots), since[metric], turn.before))
        for slot, phases in zip(slots, turn.phases, strict=True):
            logs[slot] = [(us, phase, "", "") for phase in phases]
        since[metric] = [us] * len(self.policy.layers)

    # Coming along a path for the first time.

    def _first(self, place: Place, seen: object, event: Event) -> Step | None:
        before, after = place.clocks, place.clocks.copy()
        try:
            after.take(self._moved(event, before))
        except EventError:
            return None
        moves: list[tuple[int, Phase]] = []
        turns: list[Begin | Retarget] = []
        for metric, number in enumerate(self.metrics):
            self._compare(metric, before.cycles[number], after.cycles[number], moves, turns)
        known = self._places.setdefault(self._key(after), Place(after))
        step = place.steps[seen] = Step(known, tuple(moves), tuple(turns))
        self.known += 1
        return step

    def _moved(self, event: Event, before: Clocks) -> Event:
        # Paths are joined, so that the clocks of a place may be later than a ticket that comes there.
        twin = copy.copy(event)
        edges, us = self._sight.edges, min(event.at_us, _LATEST_US)
        epoch = self._sight.epoch(us)
        us = max(before.last_us + 1, edges[epoch - 1] if epoch else before.last_us + 1)
        object.__setattr__(twin, "at_us", min(event.at_us, _LATEST_US) if before is self.start.clocks else us)
        return twin

    def _compare(
        self,
        metric: int,
        before: list[Cycle],
        after: list[Cycle],
        moves: list[tuple[int, Phase]],
        turns: list[Begin | Retarget],
    ) -> None:
        if before:
            old, now = before[-1], after[len(before) - 1]
            for place, (was, life) in enumerate(zip(old.lives, now.lives, strict=True)):
                moves += [(self.firsts[metric] + place, phase) for _, phase, *_ in life.log[len(was.log) :]]
            layers = tuple(n for n, (a, b) in enumerate(zip(_plans(old), _plans(now), strict=True)) if a is not b)
            if layers:
                turns.append(Retarget(metric, layers))
        for cycle in after[len(before) :]:
            phases = tuple(tuple(phase for _, phase, *_ in life.log) for life in cycle.lives)
            ended = after[cycle.number - 2] if cycle.number > 1 else None
            turns.append(Begin(metric, phases, () if ended is None else _plans(ended)))

    def _key(self, clocks: Clocks) -> object:
        """All that decides what the next event does. Clocks of one key are at one place."""
        currents = [clocks.cycles[number][-1] if clocks.cycles[number] else None for number in self.metrics]
        return (
            frozenset(zip(*[iter(self._sight.of(clocks.view))] * 2, strict=True)),
            clocks.view[CATEGORY],
            clocks.created,
            clocks.merged,
            frozenset(clocks.holds),
            frozenset(clocks.armed),
            frozenset(clocks.waiting),
            tuple(map(self._cycle_key, currents)),
        )

    def _cycle_key(self, cycle: Cycle | None) -> object:
        if cycle is None:
            return None
        phases = tuple(life.phase for life in cycle.lives)
        # A plan lives as long as its policy, so that it is named by its address.
        plans = tuple(map(id, _plans(cycle)))
        return (cycle.alive, cycle.stopped_by_done, phases, plans, self._sight.epoch(cycle.start_us))


class Walk:
    """How a ticket came to where it stands: the cycles of its metrics, measured when somebody asks."""

    __slots__ = ("_logs", "_past", "_place", "_since", "paths")

    def __init__(
        self,
        paths: Paths,
        place: Place,
        logs: list[list[Entry]],
        since: list[list[int]],
        past: list[list[Raw]],
    ) -> None:
        self.paths = paths
        self._place = place
        self._logs, self._since, self._past = logs, since, past

    @property
    def metrics(self) -> tuple[int, ...]:
        """The numbers of the metrics that were walked."""
        return self.paths.metrics

    def current(self, number: int) -> Cycle | None:
        """The last cycle of a metric, given by its number; None where none has started."""
        metric = self.paths.metrics.index(number)
        since = self._since[metric]
        if not since:
            return None
        first = self.paths.firsts[metric]
        terms = self.paths.policy.terms[number]
        logs = self._logs[first : first + len(terms.lives)]
        return Cycle.lived(terms, len(self._past[metric]) + 1, logs, self._place.plans[metric], since)

    def cycles(self, number: int) -> list[Cycle]:
        """All cycles of a metric."""
        metric = self.paths.metrics.index(number)
        terms = self.paths.policy.terms[number]
        found = [
            Cycle.lived(terms, count, logs, plans, since)
            for count, (logs, since, plans) in enumerate(self._past[metric], start=1)
        ]
        current = self.current(number)
        return found if current is None else [*found, current]
