"""The paths that tickets take through a policy, remembered: what an event makes the clocks do where a ticket stands.

Which clock starts, pauses or gets another target depends on what happened before, seldom on when. So tickets tread the
same paths again and again. The first to come along a path is led by the clocks themselves (`Clocks.take`), and what
they did is written down as a step: lives that change their phase, cycles that begin, targets that are laid anew. Who
comes later takes the step, which is a look-up; time is measured once, when somebody reads.

So there is one meaning, that of the clocks, and here only a memory of it. It is kept where time decides nothing about
the path: `can_walk` says under which policies, `Event.trace` for which events; all others are folded by the clocks.
Nothing is told on a walk: facts, the ledger and the next wake-up always come from the clocks.
"""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final, TypeAlias

from slaclock._event import Names
from slaclock._instants import MAX_US, MIN_US
from slaclock._lived import Lived
from slaclock._sight import Sight
from slaclock.clocks import LONG_AGO_US, Clocks
from slaclock.conditions import CATEGORY
from slaclock.cycle import Cycle
from slaclock.errors import EventError
from slaclock.events import Changed, Created, Event
from slaclock.life import Life, Log
from slaclock.metric import AT_DUE
from slaclock.policy import Policy
from slaclock.state import Phase
from slaclock.target import Plan
from slaclock.terms import Terms

__all__ = ["Paths", "Walk", "can_walk", "paths_of"]

# As many as few policies have; learning so many costs less than folding as many tickets.
_MOST_STEPS: Final = 8_192
# Room for the instants of those who come first along a path, which lie a microsecond apart.
_ROOM_US: Final = 1_000_000
_LATEST_US: Final = MAX_US - _ROOM_US

Plans = tuple[Plan | None, ...]
Raw = tuple[list[Log], list[int], Plans]
"""A cycle before it is measured: the logs of its lives, since when each layer's target holds, and these targets."""


Room = tuple[int, Terms, int, int]
"""Where walks keep a metric: its place among those walked, its terms, and where its lives begin and end."""


def can_walk(policy: Policy) -> bool:
    """Whether time decides nothing about the path of a ticket, but for the rules in force when a cycle starts."""
    if policy.moves or policy.exceptions or policy.asks_arrival or (policy.edges and policy.edges[-1] >= _LATEST_US):
        return False
    return all(_can_walk(policy.terms[number]) for number in policy.promised_metrics)


def paths_of(policy: Policy) -> Paths | None:
    """The paths remembered for a policy; None where time decides about them."""
    memory = policy.memory
    if "paths" not in memory:
        memory["paths"] = Paths(policy) if can_walk(policy) else None
    return memory["paths"]  # type: ignore[return-value]


def _can_walk(terms: Terms) -> bool:
    if terms.metric.repeats == AT_DUE:
        return False
    every = [terms.strategies_of(target) for target in terms.targets]
    # Strategies of the whole cycle are those of the target that binds, which is a question of time if they differ.
    if len({(each.on_reopen, each.on_unanswered) for each in [terms.strategies, *every]}) > 1:
        return False
    if terms.strategies.on_reopen == "include" or (terms.binds == "most_specific" and len(terms.layers) > 1):
        return False
    return all(each.on_change in ("recompute", "keep") and each.on_relax == "final" for each in every)


# ------------------------------------------------------------------------------------------------- places and steps


class Turn(ABC):
    """Something that is more than one life's change of phase."""

    __slots__ = ()

    @abstractmethod
    def take(self, us: int, walk: Walk) -> None:
        """Let it happen at an instant."""


class Move(Turn):
    """One more life changes its phase."""

    __slots__ = ("phase", "slot")

    def __init__(self, slot: int, phase: Phase) -> None:
        self.slot, self.phase = slot, phase

    def take(self, us: int, walk: Walk) -> None:
        walk.logs[self.slot].append((us, self.phase))


class Begin(Turn):
    """A cycle of a metric (by its place among those walked) begins; `phases` are those of each life in that instant,
    `before` the targets of the cycle before it, which is over."""

    __slots__ = ("before", "layers", "metric", "phases", "slot")

    def __init__(
        self, metric: int, slot: int, phases: tuple[tuple[Phase, ...], ...], layers: int, before: Plans
    ) -> None:
        self.metric, self.slot, self.layers = metric, slot, layers
        self.phases, self.before = phases, before

    def take(self, us: int, walk: Walk) -> None:
        metric, slot, logs, phases = self.metric, self.slot, walk.logs, self.phases
        if walk.since[metric]:
            ended = (logs[slot : slot + len(phases)], walk.since[metric], self.before)
            walk.past.setdefault(metric, []).append(ended)
        for each in phases:
            log = logs[slot] = [(us, each[0])]
            for phase in each[1:]:
                log.append((us, phase))  # noqa: PERF401 - most lives begin with one phase.
            slot += 1
        walk.since[metric] = [us] * self.layers


class Retarget(Turn):
    """Layers of a metric's current cycle got another target, or lost theirs."""

    __slots__ = ("layers", "metric")

    def __init__(self, metric: int, layers: tuple[int, ...]) -> None:
        self.metric, self.layers = metric, layers

    def take(self, us: int, walk: Walk) -> None:
        since = walk.since[self.metric]
        for layer in self.layers:
            since[layer] = us


# What an event does: where the ticket stands afterwards, which life changes its phase (most often one does, by its
# number; -1 is none), and what else happens. A plain tuple, as it is taken apart at every event.
Step: TypeAlias = "tuple[Place, int, Phase, tuple[Turn, ...]]"


class Place:
    """Where tickets can stand: clocks that stand so, and the steps known from there.

    Of the ticket whose clocks these are it keeps what decides the steps, and nothing that grows with a ticket's life.
    """

    __slots__ = ("clocks", "plans", "steps")

    def __init__(self, clocks: Clocks, sight: Sight) -> None:
        self.clocks = clocks
        clocks.cycles = [cycles[-1:] for cycles in clocks.cycles]
        clocks.view = {name: held for name, held in clocks.view.items() if name == CATEGORY or name in sight.texts}
        clocks.ticket, clocks.at_last, clocks.told, clocks.anomalies = None, {}, [], []
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
        self._edges = policy.edges
        # Lives are numbered through all metrics: from the first of a metric to that of the next.
        self.rooms: dict[int, Room] = {}
        stop = 0
        for metric, number in enumerate(self.metrics):
            terms = policy.terms[number]
            first, stop = stop, stop + len(terms.lives)
            self.rooms[number] = (metric, terms, first, stop)
        self.lives = stop
        self._forget()

    def _forget(self) -> None:
        self.known = self._turned_away = 0
        self._places: dict[object, Place] = {}
        self.start = Place(Clocks(self.policy, self.metrics), self._sight)

    def walk(self, events: Sequence[Event], *, ordered: bool = False) -> Walk | None:
        """The walk of a ticket with these events. None where something is not seen of one (`Event.trace`), where the
        clocks have to take them, because one is at fault, and where they have to be looked at first, unless `ordered`
        says that this was done: if they are not in order, of several tickets, or two of them have one id."""
        walk = Walk(self)
        place, before = self.start, MIN_US - 1
        names: list[Names] = []
        logs, edges = walk.logs, self._edges
        for event in events:
            us, seen, named = event.trace
            if us <= before and not ordered:
                return None
            before = us
            if named is not None:
                names.append(named)
            # Text that decides is seen as it is, and most fields hold such: so they are looked up as they are first.
            if edges:
                seen = (seen, bisect_right(edges, us))
            try:
                place, slot, phase, turns = place.steps[seen]
            except KeyError:
                step = self._unusual(place, event)
                if step is None:
                    return None
                place, slot, phase, turns = step
            if slot >= 0:
                logs[slot].append((us, phase))
            if turns:
                for turn in turns:
                    turn.take(us, walk)
        walk.plans = place.plans
        return walk if ordered or not names or _are_of_one(names) else None

    def _unusual(self, place: Place, event: Event) -> Step | None:
        """The step of an event that was not seen as it is."""
        seen = event.trace[1]
        if seen is None:
            return None
        if isinstance(event, Changed):
            seen = self._sight.of(event.settled)
        elif isinstance(event, Created):
            seen = (event.by, self._sight.of(event.settled))
        if self._edges:
            seen = (seen, self._epoch(event.at_us))
        step = place.steps.get(seen)
        return self._first(place, seen, event) if step is None else step

    # Coming along a path for the first time.

    def _epoch(self, us: int) -> int:
        """Between which edges of rules an instant lies."""
        return bisect_right(self._edges, us)

    def _first(self, place: Place, seen: object, event: Event) -> Step | None:
        if self.known >= _MOST_STEPS:
            # Where every ticket goes its own way there is little to remember: what is known stays so for a while, and
            # whoever leaves it is left to the clocks.
            self._turned_away += 1
            if self._turned_away > _MOST_STEPS:
                self._forget()
            return None
        before, after = place.clocks, place.clocks.copy()
        us = self._instant(event.at_us, before)
        if self._epoch(us) != self._epoch(event.at_us):
            return None
        twin = copy.copy(event)
        object.__setattr__(twin, "at_us", us)
        try:
            after.take(twin)
        except EventError:
            return None
        moves: list[tuple[int, Phase]] = []
        turns: list[Turn] = []
        for number, (metric, _, slot, _) in self.rooms.items():
            self._compare(metric, slot, before.cycles[number], after.cycles[number], moves, turns)
        known = self._places.setdefault(self._key(after), Place(after, self._sight))
        slot, phase = moves[0] if moves else (-1, Phase.NOT_STARTED)
        step = place.steps[seen] = (known, slot, phase, (*(Move(*move) for move in moves[1:]), *turns))
        self.known += 1
        return step

    def _instant(self, us: int, before: Clocks) -> int:
        """An instant for somebody who comes first: paths are joined, so that the clocks of a place may be later than a
        ticket that comes there. Which rules are in force at it is all that counts."""
        epoch = self._epoch(us)
        start = self._edges[epoch - 1] if epoch else MIN_US
        if before.last_us != LONG_AGO_US:
            return max(before.last_us + 1, start)
        end = self._edges[epoch] if epoch < len(self._edges) else _LATEST_US
        return max(start, min(us, end - _ROOM_US))

    def _compare(
        self,
        metric: int,
        slot: int,
        before: list[Cycle],
        after: list[Cycle],
        moves: list[tuple[int, Phase]],
        turns: list[Turn],
    ) -> None:
        if before:
            old, now = before[-1], after[len(before) - 1]
            for place, (was, life) in enumerate(zip(old.lives, now.lives, strict=True)):
                moves += [(slot + place, phase) for phase in _phases_since(was, life)]
            layers = tuple(n for n, (a, b) in enumerate(zip(_plans(old), _plans(now), strict=True)) if a is not b)
            if layers:
                turns.append(Retarget(metric, layers))
        for cycle in after[len(before) :]:
            phases = tuple(tuple(_phases_since(None, life)) for life in cycle.lives)
            ended = after[cycle.number - 2] if cycle.number > 1 else None
            turns.append(Begin(metric, slot, phases, len(cycle.laid), () if ended is None else _plans(ended)))

    def _key(self, clocks: Clocks) -> object:
        """All that decides what the next event does. Clocks of one key are at one place."""
        currents = [clocks.cycles[number][-1] if clocks.cycles[number] else None for number in self.metrics]
        return (
            frozenset(self._sight.of(clocks.view.items())),
            clocks.view[CATEGORY],
            self._epoch(clocks.last_us),
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
        return (cycle.alive, cycle.stopped_by_done, phases, plans, self._epoch(cycle.start_us))


def _phases_since(was: Life | None, life: Life) -> list[Phase]:
    """The phases, in order, that made one life out of another, or out of nothing: for what reason it is paused, nobody
    asks who measures."""
    found: list[Phase] = []
    after: Life | None = life
    while after is not was:
        assert after is not None, "a life goes on, and is not lived anew"
        if after.earlier is None or after.phase is not after.earlier.phase:
            found.append(after.phase)
        after = after.earlier
    found.reverse()
    return found


def _are_of_one(names: Sequence[Names]) -> bool:
    """Whether no two events are of different tickets, or share an id."""
    ids = [name for _, name in names if name is not None]
    return len({ticket for ticket, _ in names if ticket is not None}) < 2 and len(set(ids)) == len(ids)


class Walk:
    """How a ticket came to where it stands: the cycles of its metrics, measured when somebody asks.

    It keeps the log of each life of the current cycles, since when the targets of these hold (for each metric and
    layer), and the cycles that are over.
    """

    __slots__ = ("logs", "past", "paths", "plans", "since")

    plans: tuple[Plans, ...]
    """The targets of the current cycles where it has led. Not the place: that holds on to all others."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.logs: list[Log] = [[]] * paths.lives
        self.since: list[list[int]] = [[]] * len(paths.metrics)
        self.past: dict[int, list[Raw]] = {}

    def __reduce__(self) -> tuple[object, ...]:
        # Without the paths of others.
        return (_walk_of, (self.paths.policy, self.logs, self.since, self.past, self.plans))

    def current(self, number: int) -> Cycle | None:
        """The last cycle of a metric, given by its number; None where none has started."""
        metric, terms, first, stop = self.paths.rooms[number]
        since, past = self.since[metric], self.past
        if not since:
            return None
        count = len(past[metric]) + 1 if metric in past else 1
        return Lived(terms, count, self.logs[first:stop], self.plans[metric], since)

    def cycles(self, number: int) -> list[Cycle]:
        """All cycles of a metric, given by its number."""
        metric, terms, _, _ = self.paths.rooms[number]
        past = self.past.get(metric, ())
        found: list[Cycle] = []
        found += [Lived(terms, count, logs, plans, since) for count, (logs, since, plans) in enumerate(past, start=1)]
        current = self.current(number)
        return found if current is None else [*found, current]


def _walk_of(
    policy: Policy, logs: list[Log], since: list[list[int]], past: dict[int, list[Raw]], plans: tuple[Plans, ...]
) -> Walk:
    paths = paths_of(policy)
    assert paths is not None, "somebody walked under this policy"
    walk = Walk(paths)
    walk.logs, walk.since, walk.past, walk.plans = logs, since, past, plans
    return walk
