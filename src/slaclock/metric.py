"""A metric: which events start, stop, reset, cancel and pause a clock.

Everything a metric does is said in one small language of triggers, in which the built-in metrics are written too
(`metrics.yaml`, beside this file):

- A `Trigger` is an event that matters: the ticket was created, somebody replied, a condition on its fields became
  true having not been so, a field took another value, the ticket was reopened, held, released or restarted.
- A start may have to wait: `start_after` is a trigger that must have happened before (a follow-up question is one that
  comes after the first answer), and while `start_while` does not hold a start is kept back, until it holds or until the
  metric's stop comes (a question on a resolved ticket counts from its reopening).
- `unanswered` ends a cycle that waited for an answer when the ticket is resolved without one; `on_unanswered` says how.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import attrs

from slaclock._frozen import texts
from slaclock._packed import Packed
from slaclock.conditions import CATEGORY, Always, Condition, FieldValue, View, members, spelled
from slaclock.events import Changed, Created, Event, Replied
from slaclock.strategies import Strategies

__all__ = [
    "AT_DUE", "AT_EVENT", "CATEGORIES", "DONE_CATEGORIES", "ON", "TRIGGER_KEYS", "Kind", "Metric", "Moment", "Trigger",
]  # fmt: skip

CATEGORIES: Final = ("new", "open", "pending", "on_hold", "resolved", "closed")
ON: Final = ("created", "changed", "replied", "held", "released", "restarted", "reopened")
# When the next cycle of a metric that repeats begins.
AT_EVENT: Final = "at_event"
AT_DUE: Final = "at_due"
DONE_CATEGORIES: Final = ("resolved", "closed")
# The parts of a metric that are triggers.
TRIGGER_KEYS: Final = ("start", "start_after", "stop", "reset", "cancel", "unanswered")
NEVER: Final = Always(False)


class Kind(StrEnum):
    """To whom a promise was made: customers (SLA), another team (OLA), or by a supplier (underpinning)."""

    SLA = "sla"
    OLA = "ola"
    UNDERPINNING = "underpinning"


class Moment:
    """One event as triggers see it: the event with its key, and the ticket's fields before and after it.

    `resolves` and `reopens` say whether the ticket became resolved or closed by it, or no longer is.
    """

    __slots__ = ("after", "before", "event", "key", "reopens", "resolves")

    def __init__(self, event: Event, before: View, after: View) -> None:
        self.event = event
        self.key = event.key
        self.before = before
        self.after = after
        was_done, is_done = before.get(CATEGORY) in DONE_CATEGORIES, after.get(CATEGORY) in DONE_CATEGORIES
        self.resolves = is_done and not was_done
        self.reopens = was_done and not is_done


@attrs.frozen(kw_only=True)
class Trigger(Packed):
    """An event that matters to a metric.

    `on` is the kind of event: created, changed, replied, held, released, restarted or reopened. `by` limits who spoke
    (empty: anyone), `public` whether it was seen by the customer (None: either). For `changed`, `condition` became true
    having not been so, or one of the fields `names` took another value; Created counts as a change from nothing.
    """

    on: str
    by: tuple[str, ...] = attrs.field(default=(), converter=texts)
    public: bool | None = True
    condition: Condition | None = None
    names: tuple[str, ...] = attrs.field(default=(), converter=texts)

    def kinds(self) -> tuple[str, ...]:
        """The kinds of events at which it can fire."""
        return {"changed": ("created", "changed"), "reopened": ("changed",)}.get(self.on, (self.on,))

    def fields(self) -> frozenset[str]:
        """The names of the fields on which it depends whether it fires."""
        return frozenset(self.names) if self.condition is None else self.condition.fields().union(self.names)

    def fires(self, moment: Moment) -> bool:
        """Whether the moment is such an event."""
        event = moment.event
        if self.on == "changed":
            return event.kind in ("changed", "created") and self._changed(moment)
        if self.on == "reopened":
            return moment.reopens
        if self.on != event.kind:
            return False
        if isinstance(event, Replied):
            return self._spoke(event.by) and self.public in (None, event.public)
        return not isinstance(event, Created) or self._spoke(event.by)

    def _spoke(self, speaker: str) -> bool:
        return not self.by or speaker in self.by

    def _changed(self, moment: Moment) -> bool:
        if self.condition is not None:
            held = isinstance(moment.event, Changed) and self.condition.test(moment.before)
            return not held and self.condition.test(moment.after)
        return any(_takes_another(moment.before.get(name), moment.after.get(name)) for name in self.names)

    def __str__(self) -> str:
        if self.on == "changed":
            return f"changed: {self.condition if self.condition is not None else ', '.join(self.names)}"
        who = f" by {' or '.join(self.by)}" if self.by else ""
        seen = {True: "", False: " (internal)", None: " (public or not)"}[self.public] if self.on == "replied" else ""
        return f"{self.on}{who}{seen}"


def _takes_another(before: FieldValue, after: FieldValue) -> bool:
    # A value is what it spells, as in conditions: 7 out of a form and "7" out of a file are one team.
    if type(before) is str and type(after) is str:
        return before != after
    return tuple(map(spelled, members(before))) != tuple(map(spelled, members(after)))


def _triggers(given: Trigger | Iterable[Trigger]) -> tuple[Trigger, ...]:
    return (given,) if isinstance(given, Trigger) else tuple(given)


@attrs.frozen(kw_only=True)
class Metric(Packed):
    """What a clock measures, in the words of the policy; several triggers mean any of them.

    >>> Metric(name="triage", start=Trigger(on="created"), stop=Trigger(on="changed", names="team")).kind
    <Kind.SLA: 'sla'>
    """

    name: str
    kind: Kind = Kind.SLA
    start: tuple[Trigger, ...] = attrs.field(converter=_triggers)
    start_after: tuple[Trigger, ...] = attrs.field(default=(), converter=_triggers)
    start_while: Condition | None = None
    stop: tuple[Trigger, ...] = attrs.field(default=(), converter=_triggers)
    reset: tuple[Trigger, ...] = attrs.field(default=(), converter=_triggers)
    cancel: tuple[Trigger, ...] = attrs.field(default=(), converter=_triggers)
    unanswered: tuple[Trigger, ...] = attrs.field(default=(), converter=_triggers)
    pause_while: Condition = NEVER
    # True: at the event that starts it; "at_due": in a cadence when the cycle before was due.
    repeats: bool | str = False
    binds: str | None = None
    strategies: Strategies = Strategies()

    def triggers(self) -> tuple[Trigger, ...]:
        """All triggers of the metric."""
        return sum((getattr(self, key) for key in TRIGGER_KEYS), ())
