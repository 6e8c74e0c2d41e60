"""Where the two wings meet: a ticket's events drive the clocks of its metrics.

`Clocks` changes in place: `replay` drives one from the first event to the last, `advance` and `tick` move a copy by one
step. There is no other way to move a clock.

Within one event, for each metric: first its targets are found again by the fields as they are now (so that a target is
in force when the same event stops the clock); then come the signals in the order cancel, stop, reset, reopen, start,
and last pause or resume. What time alone has caused before the event is told before it; at the event's own instant the
event comes first.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias

from slaclock._instants import utc_text
from slaclock.conditions import ARRIVED, CATEGORY, FieldValue, View, members, spelled
from slaclock.cycle import Cycle
from slaclock.errors import EventError
from slaclock.events import (
    Changed,
    Created,
    Event,
    Extended,
    Held,
    Merged,
    Released,
    Restarted,
    Waived,
)
from slaclock.facts import Anomaly, Fact, FactKind
from slaclock.laid import Laid
from slaclock.metric import AT_DUE, Moment
from slaclock.policy import Policy
from slaclock.relief import Scopes, scoped
from slaclock.state import Phase, Signal
from slaclock.target import NEVER_US, Plan, Warn
from slaclock.terms import Terms

__all__ = ["LONG_AGO_US", "ORDERING", "SETTING", "Clocks", "strategy_of", "wakes"]

LONG_AGO_US: Final = -NEVER_US
# A fact before anybody asks for it: kind, instant, cause, metric, cycle and the event that began it, plan of the target
# and what was granted beyond it, warning, and whether it was overtaken, or the target dropped.
Told: TypeAlias = tuple[FactKind, int, str, str, int, str, Plan | None, int, Warn | None, bool, bool]

# Tuples, because a union of classes is made anew wherever it is written.
SETTING: Final = (Created, Changed)
_HOLDING: Final = (Held, Released)
ORDERING: Final = (Extended, Waived, Restarted)
NO_FIELDS: Final[AbstractSet[str]] = frozenset()


class Clocks:
    """All clocks of one ticket, as far as its events have been taken. Changes in place; `copy` first to keep one."""

    __slots__ = (
        "amended_us", "anomalies", "armed", "at_last", "created", "cycles", "holds", "last_seq", "last_us",
        "merged", "metrics", "policy", "scopes", "ticket", "told", "told_us", "view", "waiting",
    )  # fmt: skip

    def __init__(self, policy: Policy, metrics: tuple[int, ...] | None = None) -> None:
        self.policy = policy
        # The numbers of the metrics that are driven here: all, or some of them.
        self.metrics = policy.all_metrics if metrics is None else metrics
        self.ticket: str | None = None
        self.view: dict[str, FieldValue] = {CATEGORY: "new"}
        # Where the entries of the exceptions register match the ticket; empty before its fields are known.
        self.scopes: Scopes = ()
        self.created = False
        self.merged = False
        self.holds: dict[str | None, str] = {}
        self.cycles: list[list[Cycle]] = [[] for _ in policy.terms]
        # Metrics whose `start_after` has happened, and those with a start kept back by `start_while`.
        self.armed: set[int] = set()
        self.waiting: set[int] = set()
        self.last_us = LONG_AGO_US
        self.last_seq = 0
        # The events of the last instant, by what makes each the same event.
        self.at_last: dict[object, Event] = {}
        # The dates of the last fact that time made, and of the last amendment taken in.
        self.told_us = LONG_AGO_US
        self.amended_us = LONG_AGO_US
        self.told: list[Told] = []
        self.anomalies: list[Anomaly] = []

    def copy(self) -> Clocks:
        """The same clocks, to go on by themselves, with no facts told yet."""
        twin = object.__new__(Clocks)
        for name in Clocks.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.holds = self.holds.copy()
        # Only the last cycle of a metric ever changes.
        twin.cycles = [[*cycles[:-1], cycles[-1].copy()] if cycles else [] for cycles in self.cycles]
        twin.armed, twin.waiting = self.armed.copy(), self.waiting.copy()
        twin.at_last = self.at_last.copy()
        twin.told, twin.anomalies = [], self.anomalies.copy()
        return twin

    # Time.

    def pass_time(self, until_us: int, *, closing: bool) -> None:
        """Tell what time alone has caused before an instant (`closing`: and the warnings at it)."""
        if self.policy.moves:
            for edge in self.policy.edges:
                if max(self.last_us, self.amended_us) < edge <= until_us:
                    self._let_fire(edge, closing=False)
                    self._amend(edge)
        self._let_fire(until_us, closing=closing)

    def _let_fire(self, until_us: int, *, closing: bool) -> None:
        before = len(self.told)
        for cycles in self.cycles:
            if cycles and cycles[-1].next_us <= until_us:
                self.told_us = max(self.told_us, cycles[-1].pass_time(until_us, closing=closing, tell=self._tell))
        if len(self.told) - before > 1:
            # A breach is dated at the due instant and arises right after it: after all warnings of that instant.
            self.told[before:] = sorted(self.told[before:], key=lambda told: (told[1], told[0] is FactKind.BREACHED))

    def _amend(self, edge_us: int) -> None:
        for terms, cycles in zip(self.policy.terms, self.cycles, strict=True):
            if terms.moves and cycles and cycles[-1].alive:
                cycles[-1].retarget(edge_us, self.view, f"amendment@{utc_text(edge_us)}", self._tell)
        self.amended_us = edge_us

    def next_wakeup_us(self, at_us: int) -> int:
        """The next instant after `at_us`, up to which time has been passed, at which time alone makes a fact."""
        dates = [cycles[-1].wakes_us() for cycles in self.cycles if cycles]
        pairs = zip(self.policy.terms, self.cycles, strict=True)
        if self.policy.moves and any(terms.moves and cycles and cycles[-1].alive for terms, cycles in pairs):
            dates += [edge for edge in self.policy.edges if edge > at_us][:1]
        return min(dates, default=NEVER_US)

    # Events.

    def take(self, event: Event) -> None:
        """Take the next event in order. Raises EventError, and is then unchanged."""
        kind = event.kind
        if kind == "created" and self.created:
            msg = f"found a second `created` ({event.key}), expected one for each ticket; withdraw one of them"
            raise EventError(msg)
        us = event.at_us
        self.pass_time(us, closing=False)
        if us != self.last_us:
            self.at_last = {}
        self.at_last[event.identity] = event
        self.last_us, self.last_seq = us, event.seq
        if self.ticket is None:
            self.ticket = event.ticket
        before: View = {} if kind == "created" else self.view
        if isinstance(event, SETTING):
            self._set_fields(event)
        if self._counts(event):
            self._let_happen(event, Moment(event, before, self.view))

    def _counts(self, event: Event) -> bool:
        if event.kind == "created" and not self.merged:
            self.created = True
        if isinstance(event, _HOLDING):
            self._hold(event)
        if not self.created:
            self._odd("before_created", event, f"came before the ticket was created; {_kept_of(event)}")
        elif self.merged:
            self._odd("after_merged", event, "came after the ticket was merged; no clock starts")
        return self.created and not self.merged

    def _let_happen(self, event: Event, moment: Moment) -> None:
        if isinstance(event, Merged):
            self.merged = True
            for cycles in self.cycles:
                if cycles and cycles[-1].alive:
                    cycles[-1].end(event.at_us, Signal.CANCEL, moment.key, done=False, tell=self._tell)
            return
        restarted = self._order(event, moment.key) if isinstance(event, ORDERING) else None
        fired = self.policy.fired(moment, self.metrics)
        changed = _touched(event)
        all_terms = self.policy.terms
        for number in self.metrics:
            terms = all_terms[number]
            # A metric to which nothing has happened stays as it is.
            if fired & terms.any or changed is None or moment.reopens or not terms.interest.isdisjoint(changed):
                self._drive(number, terms, moment, fired, changed or NO_FIELDS, anew=number == restarted)

    def _set_fields(self, event: Created | Changed) -> None:
        view = {**self.view, **event.fields}
        if "status" in event.fields or isinstance(event, Created):
            status = view.get("status")
            category = self.policy.category(status)
            if category is None:
                self._odd("unknown_status", event, f"the status {status!r} has no category; it counts as `open`")
            view[CATEGORY] = category or "open"
        if isinstance(event, Created) and self.policy.asks_arrival:
            view[ARRIVED] = "within_hours" if self.policy.within_hours(view, event.at_us) else "outside_hours"
        for name, held in event.fields.items() if self.policy.declared else ():
            for member in members(held):
                if name in self.policy.declared and spelled(member) not in self.policy.declared[name]:
                    known = ", ".join(self.policy.declared[name])
                    self._odd(
                        "unknown_value", event, f"`{name}` holds {held!r}, which the policy does not know: {known}"
                    )
        for condition in self.policy.ordered:
            for field, held in condition.oddities(event.fields):
                self._odd(
                    "not_a_number", event, f"`{field}` holds {held!r}, which is no number: `{condition}` is no match"
                )
        self.view = view
        if self.policy.exceptions:
            self.scopes = scoped(self.policy.exceptions, self.scopes, view, _touched(event), event.at_us)

    def _hold(self, event: Held | Released) -> None:
        if event.metric is not None and event.metric not in self.policy.metrics:
            self._odd("unknown_metric", event, f"the policy has no metric `{event.metric}`; nothing changes")
        elif isinstance(event, Held):
            if event.metric in self.holds:
                self._odd("held_already", event, "was held already; the newer reason is kept")
            self.holds[event.metric] = event.reason
        elif self.holds.pop(event.metric, None) is None:
            self._odd("not_held", event, "was not held; nothing changes")

    def _held(self, metric: str) -> str | None:
        return self.holds.get(None, self.holds.get(metric))

    def _order(self, event: Extended | Waived | Restarted, cause: str) -> int | None:
        """Do what an event orders; the number of the metric that it restarted, if it did."""
        names = list(self.policy.metrics)
        if event.metric not in names:
            self._odd("unknown_metric", event, f"the policy has no metric `{event.metric}`; nothing changes")
            return None
        number = names.index(event.metric)
        cycles = self.cycles[number]
        if not cycles:
            self._odd("not_started", event, f"`{event.metric}` has not started; nothing changes")
        elif isinstance(event, Extended):
            cycles[-1].grant(event.at_us, event.by.us, event.reason, cause, self._tell)
        elif isinstance(event, Waived):
            cycles[-1].waive(event.at_us, event.reason, cause, self._tell)
        else:
            self._restart(number, event.at_us, cause)
            return number
        return None

    # One metric.

    def _drive(
        self, number: int, terms: Terms, moment: Moment, fired: int, changed: AbstractSet[str], *, anew: bool
    ) -> None:
        event = moment.event
        us, cause = event.at_us, moment.key
        cycle = self.cycles[number][-1] if self.cycles[number] else None
        relieved = terms.relief is not None and cycle is not None and cycle.alive and self._relieve(cycle, us)
        if cycle is not None and cycle.alive and not terms.fields.isdisjoint(changed):
            cycle.retarget(us, self.view, cause, self._tell)
        if cycle is not None and relieved:
            cycle.catch_up(us, cause, self._tell)
        lived = cycle is not None and cycle.alive
        self._end(number, terms, moment, fired, by=fired)
        if cycle is not None and cycle.alive and fired & terms.reset and not anew:
            self._restart(number, us, cause)
        elif cycle is not None and cycle.stopped_by_done and wakes(terms, moment, fired):
            self._reopen(number, cycle, us, cause)
        if self._may_start(number, terms, fired):
            self._begin(number, us, cause, FactKind.STARTED, follows=lived)
            # What ends it by a condition that this event made true (created as closed) ends it at once.
            self._end(number, terms, moment, fired, by=fired & terms.standing)
        cycle = self.cycles[number][-1] if self.cycles[number] else None
        if cycle is not None and cycle.alive:
            held = self._held(terms.metric.name) if self.holds else None
            cycle.hold(moment, held, self._tell)

    def _end(self, number: int, terms: Terms, moment: Moment, fired: int, *, by: int) -> None:
        # `by`: those of the triggers that fired which may end the cycle.
        if not by & (terms.cancel | terms.stop | terms.unanswered):
            return
        self.waiting.discard(number)
        cycle = self.cycles[number][-1] if self.cycles[number] else None
        if cycle is None or not cycle.alive:
            return
        us, cancels = moment.event.at_us, bool(by & terms.cancel)
        # What stops it is the answer.
        unanswered = bool(by & terms.unanswered) and not by & terms.stop
        if us < cycle.start_us and not (cancels or unanswered) and self._goes_on(terms, fired):
            # The next cycle of a cadence is there already, and yet to begin: once is enough for the one before.
            return
        fulfil = unanswered and strategy_of(cycle, "on_unanswered", us) == "fulfil"
        signal = Signal.CANCEL if cancels or (unanswered and not fulfil) else Signal.STOP
        cycle.end(us, signal, moment.key, done=moment.resolves and bool(by & terms.stop), tell=self._tell)

    def _may_start(self, number: int, terms: Terms, fired: int) -> bool:
        metric, cycles = terms.metric, self.cycles[number]
        armed = not terms.start_after or number in self.armed
        wanted = number in self.waiting or (armed and bool(fired & terms.start))
        if fired & terms.start_after:
            self.armed.add(number)
        if not wanted or (cycles and (cycles[-1].alive or not metric.repeats)):
            return False
        if metric.start_while is not None and not metric.start_while.test(self.view):
            self.waiting.add(number)
            return False
        self.waiting.discard(number)
        return True

    def _goes_on(self, terms: Terms, fired: int) -> bool:
        waits = terms.metric.start_while
        return bool(fired & terms.start) and (waits is None or waits.test(self.view))

    def _begin(self, number: int, us: int, cause: str, kind: FactKind, *, follows: bool = False) -> None:
        # `follows`: the same event ended the cycle before.
        terms, cycles = self.policy.terms[number], self.cycles[number]
        before = cycles[-1] if terms.metric.repeats == AT_DUE and cycles and follows else None
        due_us = None if before is None or before.phase(0) is not Phase.STOPPED else before.due_us(us)
        cycle = Cycle(terms, len(cycles) + 1, us if due_us is None else due_us, cause)
        cycles.append(cycle)
        self._tell(kind, us, cause, cycle)
        if before is None or due_us is None:
            cycle.retarget(us, self.view, cause, None)
            return
        cycle.follow(before, us)
        cycle.retarget(us, self.view, cause, None)
        self._relieve(cycle, us)
        cycle.catch_up(us, cause, self._tell)

    def _relieve(self, cycle: Cycle, us: int) -> bool:
        relief = cycle.terms.relief
        return relief is not None and cycle.relieve(us, relief.applied(self.scopes, cycle.start_us))

    def _restart(self, number: int, us: int, cause: str) -> None:
        cycle = self.cycles[number][-1]
        if cycle.alive:
            cycle.end(us, Signal.RESET, cause, done=False, tell=self._tell)
        self._begin(number, us, cause, FactKind.RESTARTED)

    def _reopen(self, number: int, cycle: Cycle, us: int, cause: str) -> None:
        how = strategy_of(cycle, "on_reopen", us)
        if how == "restart":
            self._restart(number, us, cause)
        elif how != "ignore":
            self._relieve(cycle, us)
            cycle.reopen(us, cause, count_done_time=how == "include", tell=self._tell)
            cycle.retarget(us, self.view, cause, self._tell)
            cycle.catch_up(us, cause, self._tell)

    # Telling.

    def _tell(
        self,
        kind: FactKind,
        us: int,
        cause: str,
        cycle: Cycle,
        laid: Laid | None = None,
        warn: Warn | None = None,
        *,
        overtaken: bool = False,
        dropped: bool = False,
    ) -> None:
        # What is told of is kept as it is now: extensions change a target later on.
        plan, granted_us = (None, 0) if laid is None else (laid.plan, laid.granted_us)
        metric = cycle.terms.metric.name
        key = cycle.cause
        self.told.append((kind, us, cause, metric, cycle.number, key, plan, granted_us, warn, overtaken, dropped))

    def facts(self) -> tuple[Fact, ...]:
        """What has been told, as facts."""
        return tuple(map(self._fact, self.told))

    def _fact(self, told: Told) -> Fact:
        kind, us, cause, metric, number, cycle_key, plan, granted_us, warn, overtaken, dropped = told
        return Fact(
            kind=kind,
            at_us=us,
            zone=self.policy.zone,
            ticket=self.ticket,
            metric=metric,
            cycle=number,
            cycle_key=cycle_key,
            cause=cause,
            target=None if plan is None else plan.target,
            digest="" if plan is None else plan.digest_with(granted_us),
            layer=None if plan is None else plan.layer_name,
            rule=None if plan is None else plan.rule,
            warning=None if warn is None else str(warn),
            notify=() if warn is None else warn.notify,
            overtaken=overtaken,
            dropped=dropped,
        )

    def _odd(self, code: str, event: Event, sentence: str) -> None:
        self.anomalies.append(Anomaly(code, event.key, sentence))


def _kept_of(event: Event) -> str:
    """What becomes of an event that came before its ticket was there."""
    if isinstance(event, SETTING):
        return "its fields are kept, no clock starts"
    return "holds count all the same" if isinstance(event, _HOLDING) else "nothing changes"


def wakes(terms: Terms, moment: Moment, fired: int) -> bool:
    """Whether a reopened ticket wakes a clock that resolving had stopped: not where the same event would end it."""
    return moment.reopens and not terms.metric.repeats and not fired & (terms.cancel | terms.stop)


def _touched(event: Event) -> AbstractSet[str] | None:
    # The fields that may be other than before; None where all clocks have to be looked at.
    if isinstance(event, Changed):
        names = set(event.fields)
        return names | {CATEGORY} if "status" in names else names
    return NO_FIELDS if event.kind in ("replied", "extended", "waived") else None


def strategy_of(cycle: Cycle, question: str, us: int) -> str:
    """The answer of the target that binds at an instant, or of the metric where there is none."""
    binding = cycle.binding(us)
    strategies = cycle.terms.strategies if binding is None else binding.plan.strategies
    return str(getattr(strategies, question))
