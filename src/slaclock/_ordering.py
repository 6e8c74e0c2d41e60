"""Which events of a ticket count, in what order they stand, and whether an order that was not told decides anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise, permutations
from operator import attrgetter
from typing import Final

from slaclock._event import conflict
from slaclock.clock import expect_event
from slaclock.clocks import SETTING, Clocks
from slaclock.errors import EventError
from slaclock.events import Event, Fields, Withdrawn
from slaclock.facts import Anomaly
from slaclock.policy import Policy

__all__ = ["in_order", "ties"]

# So many events of one place are tried in every order.
_FEW: Final = 5


def in_order(given: Iterable[Event], known_us: int | None, notes: list[Anomaly]) -> list[Event]:
    """The events that count, by `(at, seq)`; what is odd about those that do not goes to `notes`.

    Raises EventError for two that differ under one id, and for events of several tickets.
    """
    known = [event for event in map(expect_event, given) if known_us is None or event.known_us <= known_us]
    kept = _without_withdrawn(_once(known), notes)
    # A stable sort: what is equal in `at` and `seq` stays in the order given.
    kept.sort(key=lambda event: (event.at_us, event.seq))
    _check_ticket(kept)
    return kept


def _once(events: Iterable[Event]) -> list[Event]:
    """Each event in the place of its first delivery, known since the earliest of them."""
    kept: list[Event] = []
    by_id: dict[str, int] = {}
    # Without an id only events of one kind, instant and place can be the same one: few are compared in full.
    by_place: dict[tuple[str, int, int], int] = {}
    by_content: dict[object, int] = {}
    for event in events:
        if event.id is not None:
            number = by_id.setdefault(event.id, len(kept))
            if number < len(kept) and kept[number].content != event.content:
                raise conflict(kept[number], event)
        else:
            number = by_place.setdefault((event.kind, event.at_us, event.seq), len(kept))
            if number < len(kept):
                by_content.setdefault(kept[number].content, number)
                number = by_content.setdefault(event.content, len(kept))
        if number == len(kept):
            kept.append(event)
        elif event.known_us < kept[number].known_us:
            kept[number] = event
    return kept


def _without_withdrawn(events: list[Event], notes: list[Anomaly]) -> list[Event]:
    withdrawals = [event for event in events if isinstance(event, Withdrawn)]
    if not withdrawals:
        return events
    names = {event.id for event in events if event.id is not None}
    gone: set[str] = set()
    # The last word counts: a withdrawal can itself be withdrawn.
    for event in sorted(withdrawals, key=lambda event: (event.known_us, event.at_us, event.seq), reverse=True):
        if event.id in gone:
            continue
        if event.event not in names:
            notes.append(Anomaly("unknown_event", event.key, f"withdraws {event.event!r}, which is not there"))
        gone.add(event.event)
    return [event for event in events if event.id not in gone and not isinstance(event, Withdrawn)]


def _check_ticket(events: list[Event]) -> None:
    tickets = sorted({event.ticket for event in events if event.ticket is not None})
    if len(tickets) > 1:
        msg = f"found events of {len(tickets)} tickets ({tickets[0]!r}, {tickets[1]!r}), expected one; use replay_all"
        raise EventError(msg)


def ties(policy: Policy, events: Iterable[Event]) -> Iterator[Anomaly]:
    """Where events stand at one (at, seq), and their order decides anything."""
    groups = [tuple(group) for _, group in groupby(events, key=attrgetter("at_us", "seq"))]
    last = max((number for number, group in enumerate(groups, start=1) if len(group) > 1), default=0)
    if not last:
        return
    # By all metrics: whether the order decides anything must not depend on what was promised.
    clocks = Clocks(policy)
    for tied in groups[:last]:
        found = _tie(clocks, tied)
        if found is not None:
            # One for all events of an instant: the host has to give them numbers anyway.
            yield found


def _tie(clocks: Clocks, tied: Sequence[Event]) -> Anomaly | None:
    """Take all events that stand at one place; what is odd about them, if their order decides anything."""
    before, found = clocks.copy() if len(tied) > 2 else clocks, None
    for first, second in pairwise(tied):
        if found is None and _told_by(clocks, first, second) != _told_by(clocks, second, first):
            found = _tie_of(first, second, "and differs in effect")
        clocks.take(first)
    clocks.take(tied[-1])
    # Two that differ may have others in between that differ from neither.
    if found is None and len(tied) > 2:
        told = _told_by(before, *tied)
        if any(told != _told_by(before, *order) for order in _orders(tied)):
            found = _tie_of(tied[0], tied[-1], "and those in between, and their order differs in effect")
    return found


def _orders(tied: Sequence[Event]) -> Iterable[Sequence[Event]]:
    """The other orders that are tried: all, or of many the one from the last to the first."""
    return permutations(tied) if len(tied) <= _FEW else [tied[::-1]]


def _tie_of(first: Event, second: Event, how: str) -> Anomaly:
    return Anomaly("tie", second.key, f"stands at the same (at, seq) as {first.key} {how}; the order given decides")


def _told_by(before: Clocks, *events: Event) -> object:
    """All that the events make of the clocks, when taken in this order."""
    clocks = before.copy()
    for event in events:
        clocks.take(event)
    # Those that may have changed: what lives ends before another begins.
    cycles = [
        cycle
        for known, found in zip(before.cycles, clocks.cycles, strict=True)
        for cycle in found[max(0, len(known) - 1) :]
    ]
    # The view as it is, and of what they set whether that is a number or a truth value, which Python takes for equal.
    names = {name for event in events if isinstance(event, SETTING) for name, _ in event.settled}
    # Of what comes of it later no fact may tell yet.
    return (
        clocks.view,
        Fields({name: clocks.view.get(name) for name in names}),
        sorted(fact.key for fact in clocks.facts()),
        (clocks.created, clocks.merged, clocks.holds, clocks.armed, clocks.waiting),
        [[life.log for life in cycle.lives] for cycle in cycles],
        [(cycle.granted_us, cycle.waived, cycle.exemption, cycle.extends, cycle.applied) for cycle in cycles],
        [
            (laid.plan.rule, laid.plan.target, laid.plan.calendar_name, laid.total_us, laid.due_us)
            for cycle in cycles
            for laid in cycle.candidates()
        ],
    )
