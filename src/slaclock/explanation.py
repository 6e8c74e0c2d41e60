"""A ticket explained: for each clock what was promised, where the time went, what was decided, what changed nothing.

What is said here can be sent to whom it concerns: every figure can be checked by adding up the segments, and every
decision names the rule and the event by which it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import attrs

from slaclock._instants import DateTime, from_us, iso_us
from slaclock._shown import Shown
from slaclock.amounts import Amount
from slaclock.candidate import Verdict, iso
from slaclock.decisions import Decision
from slaclock.errors import nearest
from slaclock.events import Event, Withdrawn
from slaclock.facts import Anomaly
from slaclock.ledger import Ledger
from slaclock.readings import Reading
from slaclock.state import Phase
from slaclock.trail import IdleEvent, Trail, trails_of

if TYPE_CHECKING:
    from slaclock.history import History

__all__ = ["Account", "Explanation", "LeftOut", "explain"]


@attrs.frozen(kw_only=True, repr=False)
class LeftOut(Shown):
    """An event that was given and did not count, and why not."""

    event: Event
    sentence: str

    def to_dict(self) -> dict[str, object]:
        """The same as JSON-ready data."""
        return {"event": self.event.key, "kind": self.event.kind, "sentence": self.sentence}

    def __str__(self) -> str:
        return f"{self.event.kind} ({self.event.key}): {self.sentence}"


@attrs.frozen(kw_only=True, repr=False)
class Account(Shown):
    """One clock explained: a cycle of a metric as it stands, with its ledger and the events that changed nothing.

    `ledger.decisions` tell the whole story, from the rules that were read at its start on.
    """

    reading: Reading
    ledger: Ledger
    idle: tuple[IdleEvent, ...]

    @property
    def metric(self) -> str:
        """The metric."""
        return self.reading.metric

    @property
    def cycle(self) -> int:
        """The number of the cycle, from 1; 0 where none has started."""
        return self.reading.cycle

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What was decided, in order."""
        return self.ledger.decisions

    @property
    def summary(self) -> str:
        """How the clock stands and why, in a few sentences."""
        return " ".join(_sentences(self.reading))

    def to_dict(self) -> dict[str, object]:
        """The account as JSON-ready data."""
        return {
            "metric": self.metric,
            "cycle": self.cycle,
            "summary": self.summary,
            "reading": self.reading.to_dict(),
            "ledger": self.ledger.to_dict(),
            "idle": [idle.to_dict() for idle in self.idle],
        }

    def __str__(self) -> str:
        number = f" #{self.cycle}" if self.cycle > 1 else ""
        first, *others = _sentences(self.reading)
        lines = [f"{self.metric}{number}: {first}", *(f"  {sentence}" for sentence in others)]
        lines += _section("Where the time went", [*self.ledger.lines(), *_totals(self.ledger)])
        lines += _section("What was decided", map(str, self.decisions))
        lines += _section("What changed nothing", map(str, self.idle))
        return "\n".join(lines)


@attrs.frozen(kw_only=True, repr=False)
class Explanation:
    """A ticket explained as it stands at an instant; `print` shows it.

    `accounts` has each cycle of the metrics that were asked for, `left_out` the events that did not count, `anomalies`
    the odd input up to then.
    """

    ticket: str | None
    policy: str
    at_us: int
    accounts: tuple[Account, ...]
    left_out: tuple[LeftOut, ...]
    anomalies: tuple[Anomaly, ...]
    history: History = attrs.field(repr=False)

    @property
    def at(self) -> DateTime:
        """The instant."""
        return from_us(self.at_us, self.history.policy.zone)

    def __getitem__(self, metric: str) -> Account:
        """The account of a metric's current cycle. Raises KeyError for a metric that is not explained here."""
        found = [account for account in self.accounts if account.metric == metric]
        if not found:
            known = dict.fromkeys(account.metric for account in self.accounts)
            hint = nearest(str(metric), known)
            raise KeyError(f"{metric!r} is not explained here; {hint or 'there is ' + (', '.join(known) or 'nothing')}")
        return found[-1]

    def __iter__(self) -> Iterator[Account]:
        return iter(self.accounts)

    def to_dict(self) -> dict[str, object]:
        """The explanation as JSON-ready data."""
        return {
            "ticket": self.ticket,
            "at": iso_us(self.at_us, self.history.policy.zone),
            "policy": self.policy,
            "provenance": self.history.policy.provenance.to_dict(),
            "accounts": [account.to_dict() for account in self.accounts],
            "left_out": [left_out.to_dict() for left_out in self.left_out],
            "anomalies": [anomaly.to_dict() for anomaly in self.anomalies],
        }

    def __str__(self) -> str:
        under = f" under {self.policy}" if self.policy else ""
        parts = [f"{self.ticket or 'ticket'} at {iso_us(self.at_us, self.history.policy.zone)}{under}"]
        # Which events did not start a clock is told to whoever asks for that clock alone.
        alone = len(self.accounts) == 1
        parts += [
            str(account) if alone or account.cycle else str(account).partition("\n")[0] for account in self.accounts
        ] or ["The policy promises nothing."]
        for title, told in (("Events that do not count", self.left_out), ("Odd input", self.anomalies)):
            parts += ["\n".join(_section(title, map(str, told), indent=""))] if told else []
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        names = ", ".join(dict.fromkeys(account.metric for account in self.accounts)) or "nothing"
        return (
            f"<Explanation of {self.ticket or 'a ticket'} at {iso_us(self.at_us, self.history.policy.zone)}: {names}>"
        )


def explain(history: History, at_us: int, metrics: tuple[str, ...] | None) -> Explanation:
    """A ticket explained at an instant; by default for the metrics to which the policy gives a target."""
    policy = history.policy
    snapshot = history._at_us(at_us)
    accounts: list[Account] = []
    events = {event.key: event for event in history.events}
    for metric in policy.spoken if metrics is None else metrics:
        readings = snapshot.cycles(metric) or (snapshot[metric],)
        trails = trails_of(policy, history.events, list(policy.metrics).index(metric), at_us)
        before = trails[0].idle
        for reading in readings:
            trail = trails.get(reading.cycle, Trail()) if reading.cycle else Trail()
            ledger = reading._ledger_with(trail.decisions, events)
            # Events before the first cycle are told with it.
            accounts.append(Account(reading=reading, ledger=ledger, idle=(*before, *trail.idle)))
            before = ()
    return Explanation(
        ticket=history.ticket,
        policy=policy.name,
        at_us=at_us,
        accounts=tuple(accounts),
        left_out=tuple(_left_out(history)),
        anomalies=tuple(_anomalies(history, at_us)),
        history=history,
    )


def _anomalies(history: History, at_us: int) -> Iterator[Anomaly]:
    found = history.anomalies
    later = {event.key for event in history.events if event.at_us > at_us} if found else ()
    return (anomaly for anomaly in found if anomaly.event not in later)


def _left_out(history: History) -> Iterator[LeftOut]:
    counted = {id(event) for event in history.events}
    known = {event.id for event in history.events}
    withdrawn = {event.event: event for event in history.given if isinstance(event, Withdrawn)}
    for event in history.given:
        if id(event) in counted:
            continue
        if history.known_us is not None and event.known_us > history.known_us:
            sentence = f"became known only at {iso_us(event.known_us, history.policy.zone)}"
        elif isinstance(event, Withdrawn):
            sentence = f"withdraws {event.event}: {event.reason}"
        elif event.id is not None and event.id in withdrawn and event.id not in known:
            sentence = f"was withdrawn: {withdrawn[event.id].reason}"
        else:
            sentence = "came twice"
        yield LeftOut(event=event, sentence=sentence)


# In words.


_NOTHING_COUNTED: Final = "No working time counted"


def _section(title: str, lines: Iterable[str], indent: str = "  ") -> list[str]:
    told = list(lines)
    return [f"{indent}{title}", *(f"{indent}  {line}" for line in told)] if told else []


def _totals(ledger: Ledger) -> Iterator[str]:
    totals = ledger.totals()
    if len(totals) > 1:
        told = ", ".join(f"{str(kind).replace('_', ' ')} {Amount(us=us)}" for kind, us in totals.items())
        yield f"altogether: {told}"


def _long(us: int | None) -> str:
    return str(Amount(us=us)) if us else "no time"


def _sentences(reading: Reading) -> Iterator[str]:
    if reading.phase is Phase.NOT_STARTED:
        yield f"{_words(reading.verdict)}; it has not started."
        return
    yield f"{_outcome(reading)}."
    binding = reading.binding
    if binding is None:
        yield f"It ran for {_long(reading.wall_elapsed_us)} by the wall clock."
    else:
        yield f"Promised: {binding.promise}, by {binding.layer} (rule {binding.rule!r}){_granted(reading)}."
        yield f"It started at {iso(reading.started_us, reading.zone)} and {_due(reading)}."
        counted = f"{_long(reading.elapsed_us)} of working time counted" if reading.elapsed_us else _NOTHING_COUNTED
        yield f"{counted}, and pauses cost {_long(reading.paused_for_us)}." if reading.paused_for_us else f"{counted}."
    if reading.breached_us is not None:
        yield f"It was late from {iso_us(reading.breached_us, reading.zone)} on."
    if reading.verdict is Verdict.WAIVED:
        yield f"Had it not been waived, it would be {_words(reading.raw_verdict)}."
    elif reading.raw_verdict is not reading.verdict:
        yield f"Without what was granted, it would be {_words(reading.raw_verdict)}."


def _words(word: str) -> str:
    return str(word).replace("_", " ")


def _outcome(reading: Reading) -> str:
    verdict = _words(reading.verdict)
    stands = f"{verdict} ({_words(reading.phase)})" if reading.is_active else verdict
    if reading.verdict is Verdict.BREACHED and reading.overdue_by_us:
        return f"{stands}, over by {_long(reading.overdue_by_us)}"
    if reading.verdict in (Verdict.MET, Verdict.PENDING, Verdict.AT_RISK) and reading.remaining_us is not None:
        return f"{stands}, with {_long(reading.remaining_us)} left"
    return stands


def _granted(reading: Reading) -> str:
    us = 0 if reading._cycle is None else reading._cycle.granted_us
    return f", and {Amount(us=us)} more granted" if us else ""


def _due(reading: Reading) -> str:
    if reading.due_us is not None:
        # One that was waived may be active and not breached long after it was due.
        coming = reading.is_active and not reading.is_breached and reading.due_us >= reading.at_us
        was = "is" if coming else "was"
        return f"{was} due at {iso_us(reading.due_us, reading.zone)}{_ended(reading)}"
    if reading.due_if_resumed_us is not None:
        return f"would be due at {iso_us(reading.due_if_resumed_us, reading.zone)} if it resumed now"
    return f"is never due{_ended(reading)}"


def _ended(reading: Reading) -> str:
    ended_us = None if reading._cycle is None else reading._cycle.ended_us
    return "" if ended_us is None else f"; it was {_words(reading.phase)} at {iso_us(ended_us, reading.zone)}"
