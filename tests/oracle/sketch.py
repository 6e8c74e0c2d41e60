"""A small policy as plain data, and what it says of a metric."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.grid import Hours
from oracle.register import Excepted

DONE = ("resolved", "closed")
METRICS = (
    "first_response", "next_response", "update", "resolution", "requester_wait", "agent_work", "customer_wait",
    "ownership",
)  # fmt: skip
WAITING = frozenset({"pending", "on_hold"})
PAUSES = {"resolution": WAITING, "requester_wait": frozenset({"pending"}), "agent_work": WAITING}
FIRST_ANSWERS = {
    "on_change": "recompute", "on_reopen": "exclude", "on_amend": "keep", "on_unmatched": "drop",
    "on_unanswered": "cancel", "on_relax": "final",
}  # fmt: skip
# Answers to the questions of change, by question.
Answers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Promise:
    """A target: open ticks, or days, or neither (best effort), on a calendar."""

    calendar: str
    ticks: int | None = None
    # ("business", n), ("by", n, minute), ("close", n), ("same", minute), ("calendar", n)
    days: tuple[object, ...] | None = None
    pauses: frozenset[str] | None = None
    next_opening: bool = False
    # ("after", ticks), ("before", ticks), ("half",)
    warn: tuple[tuple[object, ...], ...] = ()
    # The field that names the calendar, where one does; `calendar` is then what holds where it names none.
    named_by: str | None = None
    answers: Answers = ()


@dataclass(frozen=True)
class Rule:
    """Metric -> promise, or metric -> {value: promise} with "otherwise" in a rule that has `by`."""

    targets: dict[str, object]
    when: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by: str | None = None
    exempt: tuple[str, ...] = ()
    start: int | None = None
    until: int | None = None

    def holds(self, tick: int) -> bool:
        return (self.start is None or self.start <= tick) and (self.until is None or tick < self.until)


@dataclass(frozen=True)
class Own:
    """A metric of the policy's own.

    Its triggers are told in tuples: ("created",), ("replied", by, public), ("becomes", field, values),
    ("changes", field), ("reopened",), ("held",), ("released",), ("restarted",).
    """

    name: str
    start: tuple[tuple, ...]
    stop: tuple[tuple, ...] = ()
    reset: tuple[tuple, ...] = ()
    cancel: tuple[tuple, ...] = ()
    start_after: tuple[tuple, ...] = ()
    while_open: bool = False
    pauses: frozenset[str] = frozenset()
    # Or "at_due".
    repeats: bool | str = False


@dataclass(frozen=True)
class Sketch:
    """A small policy: calendars, layers from the most general to the most specific, and who answers what."""

    calendars: dict[str, Hours]
    layers: tuple[tuple[str, tuple[Rule, ...]], ...]
    answers: Answers = ()
    of_metrics: dict[str, Answers] = field(default_factory=dict)
    binds: str = "earliest_due"
    binds_of: dict[str, str] = field(default_factory=dict)
    own: tuple[Own, ...] = ()
    exceptions: tuple[Excepted, ...] = ()
    # Built-in metrics whose next cycle begins when the one before was due.
    cadences: tuple[str, ...] = ()

    @property
    def metrics(self) -> tuple[str, ...]:
        return (*METRICS, *(own.name for own in self.own))

    def answer(self, question: str, metric: str, promise: Promise | None) -> str:
        """The narrowest answer: of the target, of the metric, of the policy, or the first one."""
        found = FIRST_ANSWERS | dict(self.answers) | dict(self.of_metrics.get(metric, ()))
        return (found | dict(promise.answers if promise else ()))[question]

    def is_cadence(self, metric: str) -> bool:
        return metric in self.cadences or any(own.name == metric and own.repeats == "at_due" for own in self.own)

    def binding_way(self, metric: str) -> str:
        return self.binds_of.get(metric, self.binds)

    def pauses(self, metric: str, promise: Promise | None) -> frozenset[str]:
        if promise is not None and promise.pauses is not None:
            return promise.pauses
        return next((own.pauses for own in self.own if own.name == metric), PAUSES.get(metric, frozenset()))

    def value(self, metric: str, promise: Promise) -> tuple:
        """What of a promise a running clock feels."""
        return (promise.calendar, promise.ticks, promise.days, promise.next_opening, self.pauses(metric, promise))

    def edges(self) -> list[int]:
        """The ticks at which a rule comes into force or ends."""
        found = {tick for _, rules in self.layers for rule in rules for tick in (rule.start, rule.until)}
        return sorted(tick for tick in found if tick is not None)

    def said(self, metric: str, fields: dict, start: int, now: int) -> dict[str, Promise | str]:
        """For each layer that speaks, what its first speaking rule says: a promise or "exempt"."""
        found = {}
        for layer, rules in self.layers:
            for rule in rules:
                said = self._rule_says(rule, metric, fields, start, now)
                if said is not None:
                    found[layer] = said
                    break
        return found

    def _rule_says(self, rule: Rule, metric: str, fields: dict, start: int, now: int) -> Promise | str | None:
        if any(fields.get(name) not in values for name, values in rule.when.items()):
            return None
        said: object = "exempt" if metric in rule.exempt else rule.targets.get(metric)
        if isinstance(said, dict):
            said = said.get(fields.get(rule.by), said.get("otherwise"))
        if said is None:
            return None
        moves = self.answer("on_amend", metric, said if isinstance(said, Promise) else None) == "move"
        if not rule.holds(now if moves else start):
            return None
        return self._on_a_calendar(said, fields) if isinstance(said, Promise) else "exempt"

    def _on_a_calendar(self, promise: Promise, fields: dict) -> Promise:
        name = fields.get(promise.named_by) if promise.named_by is not None else None
        if name not in self.calendars:
            name = promise.calendar
        return Promise(**{**promise.__dict__, "calendar": name, "named_by": None})
