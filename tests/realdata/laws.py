"""What must hold of every real ticket: no time is lost, and no way of taking its events differs."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

import attrs

from slaclock.clock import advance, dump_state, initial_state, load_state
from slaclock.events import Changed, Event, Withdrawn
from slaclock.facts import Fact
from slaclock.history import History, replay
from slaclock.ledger import SegmentKind
from slaclock.policy import Policy
from slaclock.snapshots import Snapshot, snapshot

_RUNNING = (SegmentKind.COUNTED, SegmentKind.CLOSED)


def gaps(history: History, metric: str = "resolution") -> Iterator[str]:
    """What is wrong with the ledger at the last event: gaps, overlaps, sums that do not add up."""
    assert history.last_at is not None
    reading = history.at(history.last_at)[metric]
    segments = reading.ledger.segments
    for one, other in pairwise(segments):
        if one.end_us != other.start_us:
            yield f"{history.ticket}: a segment ends at {one.end} and the next begins at {other.start}"
    assert reading.started_us is not None
    end_us = reading.at_us if reading.fulfilled_us is None else reading.fulfilled_us
    if sum(part.wall_us for part in segments) != end_us - reading.started_us:
        yield f"{history.ticket}: the segments do not add up to the wall span"
    if sum(part.wall_us for part in segments if part.kind in _RUNNING) != reading.wall_elapsed_us:
        yield f"{history.ticket}: the running segments do not add up to the time it ran by the wall clock"
    if reading.elapsed_us is not None and reading.ledger.total_us(SegmentKind.COUNTED) != reading.elapsed_us:
        yield f"{history.ticket}: the counted segments do not add up to the time elapsed"


@attrs.frozen
class Told:
    """What a history says of its end, kept to hold others against it: all facts, the figures of what was promised."""

    facts: tuple[Fact, ...]
    figures: list[dict[str, object]]
    wakeup_us: int

    @classmethod
    def at(cls, facts: tuple[Fact, ...], snap: Snapshot) -> Told:
        cycles = (reading for metric in snap.policy.spoken for reading in snap.cycles(metric))
        return cls(facts, [reading.to_dict() for reading in cycles], snap.next_wakeup_us)

    @classmethod
    def by(cls, history: History) -> Told:
        assert history.last_at is not None
        return cls.at(history.facts, history.at(history.last_at))


def shuffled(policy: Policy, events: Sequence[Event], told: Told) -> bool:
    """Whether the events in another order say the same."""
    order = list(events)
    random.Random(str(events[0].ticket)).shuffle(order)
    return Told.by(replay(policy, order)) == told


def resumed(policy: Policy, events: Sequence[Event], told: Told) -> bool:
    """Whether taking the events one by one, saved as JSON and loaded again half way, says the same."""
    state, facts = initial_state(policy), list[Fact]()
    for place, event in enumerate(events):
        if place == len(events) // 2:
            state = load_state(json.loads(json.dumps(dump_state(state))))
        state, new = advance(policy, state, event)
        facts += new
    return Told.at(tuple(facts), snapshot(policy, state, events[-1].at)) == told


def revised(policy: Policy, events: Sequence[Event], told: Told, done: str) -> bool:
    """Whether it says the same where every other event arrives late, with one that never happened and is withdrawn;
    and whether the revision tells which facts that changed."""
    early = replay(policy, events[::2])
    middle, last = events[len(events) // 2], events[-1]
    slip = Changed(at=middle.at, ticket=middle.ticket, id="slip", seq=middle.seq, fields={"status": done})
    word = Withdrawn(at=last.at, ticket=middle.ticket, event="slip", reason="a slip", seq=last.seq + 1)
    revision = early.revise([*events[1::2], slip, word])
    old = {fact.key for fact in early.facts_until(last.at)}
    new = {fact.key for fact in revision.history.facts_until(last.at)}
    changes = {fact.key for fact in revision.added} == new - old and {
        fact.key for fact in revision.withdrawn
    } == old - new
    return changes and Told.by(revision.history) == told


def broken(history: History, done: str, laws: Sequence[str]) -> Iterator[str]:
    """Of a ticket whose events were replayed in order, the laws that do not hold; `done` is a status that ends it."""
    policy, events, told = history.policy, history.given, Told.by(history)
    for law in laws:
        if law == "conserved":
            yield from gaps(history)
        elif law == "shuffled" and not shuffled(policy, events, told):
            yield f"{history.ticket}: another end from another order"
        elif law == "resumed" and not resumed(policy, events, told):
            yield f"{history.ticket}: another end after it was saved"
        elif law == "revised" and not revised(policy, events, told, done):
            yield f"{history.ticket}: another end where events came late"
