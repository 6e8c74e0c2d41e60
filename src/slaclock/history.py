"""The history of a ticket: its events, folded; asked about any instant.

Events may come in any order. They are put in order by `(at, seq)`, those that arrived twice count once, those withdrawn
do not count, and `known_at` leaves out what was not known by then: what did we believe, against what is true now.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property, partial
from itertools import takewhile
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Final

import attrs

from slaclock._instants import DateTime, Instant, to_us
from slaclock._ordering import in_order, ties
from slaclock._paths import Paths, Walk, paths_of
from slaclock.candidate import when
from slaclock.clock import State, expect_event, expect_events
from slaclock.clocks import LONG_AGO_US, ORDERING, Clocks
from slaclock.errors import EventError
from slaclock.events import Event
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
            self.events = tuple(in_order(self.given, known_us, self._notes))
            if paths is not None:
                self._walk = paths.walk(self.events, ordered=True)
            if self._walk is None:
                _ = self._promised  # Faults come to light.
            self._notes += ties(policy, self.events)

    def _driven(self) -> tuple[int, ...]:
        # Most tickets are asked about what was promised; all metrics are driven where events speak of another.
        promised = self.policy.promised_metrics
        named = {event.metric for event in self.events if isinstance(event, ORDERING)}
        known = {self.policy.terms[number].metric.name for number in promised} if named else named
        return promised if named <= known else self.policy.all_metrics

    @cached_property
    def _promised(self) -> _Fold:
        return _Fold(self.policy, self.events, self._driven()).run()

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
