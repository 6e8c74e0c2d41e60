"""The history of a ticket: its events, folded; asked about any instant.

Events may come in any order. They are put in order by `(at, seq)`, those that arrived twice count once, those withdrawn
do not count, and `known_at` leaves out what was not known by then: what did we believe, against what is true now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property, partial
from itertools import groupby, pairwise, takewhile
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final

import attrs

from slaclock._event import conflict
from slaclock._instants import DateTime, Instant, to_us
from slaclock._paths import Paths, Walk, paths_of
from slaclock.candidate import when
from slaclock.clock import State, expect_event, expect_events
from slaclock.clocks import LONG_AGO_US, ORDERING, SETTING, Clocks
from slaclock.errors import EventError
from slaclock.events import Event, Fields, Withdrawn
from slaclock.facts import Anomaly, Fact, FactKind
from slaclock.policy import Policy, expect_policy
from slaclock.snapshots import Snapshot, read_at
from slaclock.standing import Folded, Walked

if TYPE_CHECKING:
    from slaclock.comparison import Comparison
    from slaclock.explanation import Explanation
    from slaclock.timeline import Timeline

__all__ = ["History", "Revision", "replay", "replay_all"]


# So many events are walked again sooner than clocks are brought to a checkpoint.
_FEW: Final = 256


class _Fold:
    """Some metrics' clocks folded over events, with clocks kept on the way to go back to."""

    def __init__(self, policy: Policy, events: tuple[Event, ...], metrics: tuple[int, ...] | None) -> None:
        self._policy = policy
        self._events = events
        self._metrics = metrics
        self.clocks = Clocks(policy, metrics)

    def run(self) -> _Fold:
        """Take all events."""
        for event in self._events:
            self.clocks.take(event)
        return self

    @cached_property
    def _checkpoints(self) -> list[tuple[int, int, Clocks]]:
        # The instant up to which each holds, the number of events in it, and the clocks: one in so many events.
        clocks = Clocks(self._policy, self._metrics)
        found = [(LONG_AGO_US, 0, clocks.copy())]
        step = max(16, len(self._events) // 256)
        for number, event in enumerate(self._events, start=1):
            clocks.take(event)
            if number % step == 0:
                found.append((event.at_us, number, clocks.copy()))
        return found

    def at(self, at_us: int) -> Clocks:
        """The clocks after the last event that is not later than an instant."""
        if at_us >= self.clocks.last_us:
            return self.clocks
        # Strictly before: of events at one instant some may lie on either side of a checkpoint.
        _, number, base = self._checkpoints[bisect_left(self._checkpoints, at_us, key=itemgetter(0)) - 1]
        clocks = base.copy()
        for event in takewhile(lambda event: event.at_us <= at_us, self._events[number:]):
            clocks.take(event)
        return clocks


class History:
    """The events of one ticket under one policy, replayed.

    `events` are those that count, in order; `given` are all, as they came; `facts` what became of the clocks up to the
    last event; `anomalies` the odd input that was taken, and how.
    """

    def __init__(self, policy: Policy, given: Iterable[Event], known_us: int | None = None) -> None:
        self.policy = expect_policy(policy)
        self.given: tuple[Event, ...] = expect_events(given)
        self.known_us = known_us
        self._notes: list[Anomaly] = []
        self.events: tuple[Event, ...] = self.given
        paths = paths_of(policy)
        self._walk: Walk | None = None if paths is None or known_us is not None else _straight(paths, self.given)
        if self._walk is None:
            self.events = tuple(self._in_order())
            if paths is not None:
                self._walk = paths.walk(self.events, ordered=True)
            if self._walk is None:
                _ = self._promised  # Faults come to light.
            self._check_ties()

    def _driven(self) -> tuple[int, ...]:
        # Most tickets are asked about what was promised; all metrics are driven where events speak of another.
        promised = self.policy.promised_metrics
        named = {event.metric for event in self.events if isinstance(event, ORDERING)}
        known = {self.policy.terms[number].metric.name for number in promised} if named else named
        return promised if named <= known else self.policy.all_metrics

    def _in_order(self) -> list[Event]:
        known = [
            event for event in map(expect_event, self.given) if self.known_us is None or event.known_us <= self.known_us
        ]
        kept = _without_withdrawn(_once(known), self._notes)
        # A stable sort: what is equal in `at` and `seq` stays in the order given.
        kept.sort(key=lambda event: (event.at_us, event.seq))
        _check_ticket(kept)
        return kept

    @cached_property
    def _promised(self) -> _Fold:
        return _Fold(self.policy, self.events, self._driven()).run()

    def _check_ties(self) -> None:
        place = attrgetter("at_us", "seq")
        groups = [tuple(group) for _, group in groupby(self.events, key=place)]
        last = max((number for number, group in enumerate(groups, start=1) if len(group) > 1), default=0)
        if not last:
            return
        # By all metrics: whether the order decides anything must not depend on what was promised.
        clocks = Clocks(self.policy)
        for tied in groups[:last]:
            found = _tie(clocks, tied)
            if found is not None:
                # One for all events of an instant: the host has to give them numbers anyway.
                self._notes.append(found)

    @property
    def ticket(self) -> str | None:
        """The ticket's name."""
        return next((event.ticket for event in self.given if event.ticket is not None), None)

    @property
    def last_us(self) -> int | None:
        """The instant of the last event, in microseconds; None of no event."""
        return self.events[-1].at_us if self.events else None

    @property
    def last_at(self) -> DateTime | None:
        """The instant of the last event."""
        return when(self.last_us, self.policy.zone)

    @cached_property
    def state(self) -> State:
        """The state after the last event, for `advance`, `tick` and `dump_state`."""
        return State.of(self._all.clocks.copy())

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """What became of the clocks, up to the last event."""
        return self._all.clocks.facts()

    @property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """Odd input that was taken: nothing is decided in silence."""
        return (*self._notes, *self._promised.clocks.anomalies)

    @cached_property
    def _all(self) -> _Fold:
        # Metrics of which the policy says nothing are folded too where somebody asks for them, or for facts of all.
        everything = self._driven() == self.policy.all_metrics
        return self._promised if everything else _Fold(self.policy, self.events, None).run()

    def at(self, at: Instant) -> Snapshot:
        """All clocks at an instant, past or to come (then: if nothing else happens).

        Raises NaiveTimeError or EventError for an instant that is none.
        """
        return self._at_us(to_us(at))

    def _at_us(self, at_us: int) -> Snapshot:
        walk = self._walk
        if walk is not None and self.events and at_us < self.events[-1].at_us:
            number = bisect_right(self.events, at_us, key=attrgetter("at_us"))
            walk = walk.paths.walk(self.events[:number], ordered=True) if number <= _FEW else None
        if walk is None:
            return read_at(self._folded(at_us), at_us)
        return Snapshot(Walked(self.policy, walk, self._folded, at_us), at_us)

    def _folded(self, at_us: int) -> Folded:
        return Folded(self._promised.at(at_us), partial(self._silent, at_us))

    def _silent(self, at_us: int) -> Clocks:
        return self._all.at(at_us)

    def facts_until(self, at: Instant) -> tuple[Fact, ...]:
        """What has become of the clocks by an instant, with what time alone has caused by then."""
        return self._facts_until(to_us(at))

    def _facts_until(self, at_us: int) -> tuple[Fact, ...]:
        if self.events and at_us < self.events[-1].at_us:
            return tuple(fact for fact in self.facts if _has_become(fact, at_us))
        clocks = self._all.clocks.copy()
        clocks.pass_time(at_us, closing=True)
        return (*self.facts, *clocks.facts())

    def timeline(self, until: Instant, since: Instant | None = None) -> Timeline:
        """What is coming up to an instant, if nothing else happens: facts that time will make, openings and closings.

        From the last event on, so that what `facts` holds and what is coming makes up `facts_until(until)`; or after
        `since`, as it looked then. Raises EventError where `until` lies before that, or one of the two is no instant.
        """
        from slaclock.timeline import Timeline

        if since is not None:
            return self.at(since).timeline(until)
        return Timeline(self._promised.clocks, self._promised.clocks.last_us, to_us(until, "until"), closing=False)

    def revise(self, events: Iterable[Event]) -> Revision:
        """The history with more events, late ones and withdrawals among them, and what that changes in the facts.

        Raises EventError as `replay` does.
        """
        from slaclock.comparison import compare_facts

        history = History(self.policy, (*self.given, *expect_events(events)), self.known_us)
        until_us = max(LONG_AGO_US if past.last_us is None else past.last_us for past in (self, history))
        changes = compare_facts(self._facts_until(until_us), history._facts_until(until_us))
        return Revision(
            history=history,
            added=changes.added,
            withdrawn=changes.withdrawn,
            moved=changes.moved,
        )

    def under(self, policy: Policy, at: Instant | None = None) -> Comparison:
        """The same events under another policy, and what that changes: cycles that stand otherwise at an instant, and
        facts up to it, those that time makes included; by default at the last event.

        Raises EventError for an instant that is none, and where there is neither an instant nor any event.
        """
        from slaclock.comparison import compare

        other = History(policy, self.given, self.known_us)
        return compare(self, other, self._asked_us(at, "to compare"))

    def explain(self, at: Instant | None = None, metrics: str | Iterable[str] | None = None) -> Explanation:
        """Why the clocks stand as they do at an instant, by default at the last event: what was promised and by whom,
        where the time went, what was decided and when, and which events changed nothing.

        Of one metric or some `metrics`, by default those to which the policy gives a target. Raises EventError for an
        instant that is none, and where there is neither an instant nor any event; KeyError for a metric that the policy
        does not know.
        """
        from slaclock.explanation import explain

        at_us = self._asked_us(at, "to explain")
        if isinstance(metrics, str):
            return explain(self, at_us, (metrics,))
        return explain(self, at_us, None if metrics is None else tuple(metrics))

    def _asked_us(self, at: Instant | None, what: str) -> int:
        at_us = self.last_us if at is None else to_us(at)
        if at_us is None:
            msg = f"found a history without events, so that there is no last one: give an instant at which {what}"
            raise EventError(msg)
        return at_us

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, History):
            return NotImplemented
        return (self.policy, self.given, self.known_us) == (other.policy, other.given, other.known_us)

    def __hash__(self) -> int:
        return hash((self.policy, self.given, self.known_us))

    def __reduce__(self) -> tuple[type[History], tuple[Policy, tuple[Event, ...], int | None]]:
        return (History, (self.policy, self.given, self.known_us))

    def __repr__(self) -> str:
        return f"<History of {self.ticket or 'a ticket'}: {len(self.events)} events, {len(self.facts)} facts>"


@attrs.frozen(repr=False)
class Revision:
    """What more events change: the new history, and the facts added, withdrawn, and moved (as before, as now).

    `print` shows the facts, each with `+`, `-` or `~` before it.
    """

    history: History
    added: tuple[Fact, ...]
    withdrawn: tuple[Fact, ...]
    moved: tuple[tuple[Fact, Fact], ...]

    def __str__(self) -> str:
        from slaclock.comparison import fact_lines

        return "\n".join(fact_lines(self.added, self.withdrawn, self.moved)) or "no fact is otherwise"

    def __repr__(self) -> str:
        facts = f"{len(self.added)} facts added, {len(self.withdrawn)} withdrawn, {len(self.moved)} moved"
        return f"<Revision of {self.history.ticket or 'a ticket'}: {facts}>"


def _straight(paths: Paths, given: tuple[Event, ...]) -> Walk | None:
    """The walk of events that come in order and want no closer look."""
    try:
        return paths.walk(given)
    except (AttributeError, TypeError, ValueError):  # What is no event is refused by those who look closely.
        return None


def _has_become(fact: Fact, at_us: int) -> bool:
    # A breach is dated at the due instant and arises right after it.
    if fact.kind is FactKind.BREACHED and fact.cause == "time":
        return fact.at_us < at_us
    return fact.at_us <= at_us


def _tie(clocks: Clocks, tied: Sequence[Event]) -> Anomaly | None:
    """Take all events that stand at one place; what is odd about them, if their order decides anything."""
    before, found = clocks.copy() if len(tied) > 2 else clocks, None
    for first, second in pairwise(tied):
        if found is None and _order_matters(clocks, (first, second)):
            found = _tie_of(first, second, "and differs in effect")
        clocks.take(first)
    clocks.take(tied[-1])
    # Two that differ may have others in between that differ from neither.
    if found is None and len(tied) > 2 and _order_matters(before, tied):
        found = _tie_of(tied[0], tied[-1], "and those in between, and their order differs in effect")
    return found


def _tie_of(first: Event, second: Event, how: str) -> Anomaly:
    return Anomaly("tie", second.key, f"stands at the same (at, seq) as {first.key} {how}; the order given decides")


def _order_matters(clocks: Clocks, events: Sequence[Event]) -> bool:
    return _told_by(clocks.copy(), *events) != _told_by(clocks.copy(), *reversed(events))


def _told_by(clocks: Clocks, *events: Event) -> object:
    for event in events:
        clocks.take(event)
    phases = [[life.log for life in cycles[-1].lives] for cycles in clocks.cycles if cycles]
    # The view as it is, and of what they set whether that is a number or a truth value, which Python takes for equal.
    names = {name for event in events if isinstance(event, SETTING) for name, _ in event.settled}
    # Of what comes of it later no fact may tell yet.
    candidates = (laid for cycles in clocks.cycles if cycles for laid in cycles[-1].candidates())
    return (
        clocks.view,
        Fields({name: clocks.view.get(name) for name in names}),
        sorted(fact.key for fact in clocks.facts()),
        phases,
        (clocks.holds, clocks.armed, clocks.waiting),
        [(laid.plan.value, laid.total_us, laid.due_us) for laid in candidates],
    )


def _once(events: Iterable[Event]) -> list[Event]:
    by_id: dict[str, Event] = {}
    # Without an id only events of one kind, instant and place can be the same one: few are compared in full.
    first: dict[tuple[str, int, int], Event] = {}
    said: set[object] = set()
    kept = []
    for event in events:
        if event.id is not None:
            known = by_id.get(event.id)
            if known is None:
                by_id[event.id] = event
            elif known.content != event.content:
                raise conflict(known, event)
            else:
                continue
        else:
            place = (event.kind, event.at_us, event.seq)
            rival = first.get(place)
            if rival is None:
                first[place] = event
            else:
                said.add(rival.content)
                if event.content in said:
                    continue
                said.add(event.content)
        kept.append(event)
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


def replay(policy: Policy, events: Iterable[Event], *, known_at: Instant | None = None) -> History:
    """The history of one ticket. Events may come in any order; `known_at` leaves out what became known later.

    Raises EventError for events of several tickets, two that differ under one id, a second Created, and for what is no
    list of events nor can be iterated over (a single event, a text, a mapping).
    """
    return History(policy, events, None if known_at is None else to_us(known_at, "known_at"))


def replay_all(policy: Policy, events: Iterable[Event], *, known_at: Instant | None = None) -> dict[str, History]:
    """The histories of many tickets, in the order in which they first appear. Every event must name its ticket.

    Raises EventError as `replay` does.
    """
    of_ticket: defaultdict[str, list[Event]] = defaultdict(list)
    for event in expect_events(events):
        expect_event(event)
        if event.ticket is None:
            msg = f"found {event!r} without a ticket, expected one on every event; use replay for a single ticket"
            raise EventError(msg)
        of_ticket[event.ticket].append(event)
    return {ticket: replay(policy, given, known_at=known_at) for ticket, given in of_ticket.items()}
