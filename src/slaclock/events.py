"""The events that go in: what happened to a ticket, when, and when it became known.

An event that exists is a legal event: it is checked when made, and frozen. All are made with keywords; `at` is an
aware datetime or ISO text with an offset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, Final, Unpack

import attrs

from slaclock._event import (
    Common,
    Event,
    put_at,
    put_trace,
    said_of,
    text,
    text_or_none,
)
from slaclock._instants import Instant, to_us
from slaclock._once import once
from slaclock._reading import show
from slaclock.amounts import Amount, AmountLike
from slaclock.errors import CalendarError, EventError, nearest
from slaclock.values import NO_FIELDS, Fields, Settled, items_of, plain, settled

__all__ = [
    "SPEAKERS",
    "Changed",
    "Created",
    "Event",
    "Extended",
    "Fields",
    "Held",
    "Merged",
    "Released",
    "Replied",
    "Restarted",
    "Waived",
    "Withdrawn",
    "event_from_dict",
]  # fmt: skip

SPEAKERS: Final = ("customer", "agent", "bot", "system")


def _open_amount(value: object) -> Amount:
    try:
        amount = Amount.of(value)  # type: ignore[arg-type]
    except CalendarError as error:
        msg = f"by: {error}"
        raise EventError(msg) from error
    if amount.kind != "open" or amount.us <= 0:
        msg = f"by: found {amount}, expected a positive amount of open time such as `2h` or `90m`"
        raise EventError(msg)
    return amount


def _speaker(event: Event, value: object) -> str:
    if type(value) is str and value in SPEAKERS:
        return value
    if not isinstance(value, str) or plain(value) not in SPEAKERS:
        hint = nearest(value, SPEAKERS) if isinstance(value, str) else ""
        msg = f"{event.kind}: by: found {show(value)}, expected one of {', '.join(SPEAKERS)}"
        raise EventError(f"{msg}; {hint}" if hint else msg)
    return plain(value)


def _seen_by_customer(value: object) -> bool:
    if isinstance(value, bool):
        return value
    msg = f"replied: public: found {show(value)}, expected true or false"
    raise EventError(msg)


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Created(Event):
    """The ticket came into being; `by` is one of customer, agent, bot, system.

    >>> Created(at="2026-03-02T09:00+01:00", fields={"priority": "high"}).key
    'created@2026-03-02T08:00:00+00:00'
    """

    kind: ClassVar[str] = "created"
    fields: Fields = attrs.field(factory=Fields)
    by: str = attrs.field(default="customer")

    def __init__(
        self, *, at: Instant, fields: Mapping[str, object] = NO_FIELDS, by: str = "customer", **common: Unpack[Common]
    ) -> None:
        us = to_us(at)
        put_at(self, us)
        names = self._take(**common) if common else None
        checked = settled(fields)
        self.__dict__["by"] = by = _speaker(self, by)
        put_trace(self, (us, (by, checked), names))

    @property
    def settled(self) -> Settled:
        """The fields that it sets, in the order given."""
        return self.trace[1][1]  # type: ignore[index,no-any-return]


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Changed(Event):
    """Fields took other values: status, priority, customer, team, anything. None takes a value away."""

    kind: ClassVar[str] = "changed"
    fields: Fields = attrs.field()

    def __init__(self, *, at: Instant, fields: Mapping[str, object], **common: Unpack[Common]) -> None:
        us = to_us(at)
        put_at(self, us)
        put_trace(self, (us, settled(fields), self._take(**common) if common else None))

    @property
    def settled(self) -> Settled:
        """The fields that it sets, in the order given."""
        return self.trace[1]  # type: ignore[return-value]


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Replied(Event):
    """Somebody wrote: `by` customer, agent, bot or system; `public=False` is an internal note."""

    kind: ClassVar[str] = "replied"
    by: str = attrs.field()
    public: bool = attrs.field(default=True)

    def __init__(self, *, at: Instant, by: str, public: bool = True, **common: Unpack[Common]) -> None:
        us = to_us(at)
        put_at(self, us)
        names = self._take(**common) if common else None
        told = self.__dict__
        told["by"] = by = _speaker(self, by)
        told["public"] = public = _seen_by_customer(public)
        put_trace(self, (us, by if public else f"{by}, not public", names))


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Held(Event):
    """A manual hold: all clocks of the ticket are paused, or that of one metric, until Released."""

    kind: ClassVar[str] = "held"
    reason: str = attrs.field()
    metric: str | None = attrs.field(default=None)

    def __init__(self, *, at: Instant, reason: str, metric: str | None = None, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        reason, metric = text(self, "reason", reason), text_or_none(self, "metric", metric)
        self.__dict__.update(reason=reason, metric=metric)
        self._see(("held", metric))


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Released(Event):
    """A manual hold ends: the one of that metric, or the one of all."""

    kind: ClassVar[str] = "released"
    metric: str | None = attrs.field(default=None)

    def __init__(self, *, at: Instant, metric: str | None = None, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        metric = text_or_none(self, "metric", metric)
        self.__dict__.update(metric=metric)
        self._see(("released", metric))


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Extended(Event):
    """More time is granted to the current (else the last) cycle of a metric: `by` open time on each calendar."""

    kind: ClassVar[str] = "extended"
    metric: str = attrs.field()
    by: Amount = attrs.field()
    reason: str = attrs.field()

    def __init__(self, *, at: Instant, metric: str, by: AmountLike, reason: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(
            by=_open_amount(by), metric=text(self, "metric", metric), reason=text(self, "reason", reason)
        )


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Waived(Event):
    """The promise is waived for the current (else the last) cycle of a metric."""

    kind: ClassVar[str] = "waived"
    metric: str = attrs.field()
    reason: str = attrs.field()

    def __init__(self, *, at: Instant, metric: str, reason: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(metric=text(self, "metric", metric), reason=text(self, "reason", reason))


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Restarted(Event):
    """The clock of a metric begins anew at this instant, as a new cycle."""

    kind: ClassVar[str] = "restarted"
    metric: str = attrs.field()
    reason: str = attrs.field()

    def __init__(self, *, at: Instant, metric: str, reason: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(metric=text(self, "metric", metric), reason=text(self, "reason", reason))


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Merged(Event):
    """The ticket was merged into another: its clocks are cancelled, and none starts again."""

    kind: ClassVar[str] = "merged"
    into: str = attrs.field()

    def __init__(self, *, at: Instant, into: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(into=text(self, "into", into))
        if self.into == self.ticket:
            msg = f"merged: into: found {show(into)}, which is the ticket itself, expected another one"
            raise EventError(msg)
        self._see("merged")


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Withdrawn(Event):
    """The event of that id never happened; a correction is a Withdrawn and a new event."""

    kind: ClassVar[str] = "withdrawn"
    event: str = attrs.field()
    reason: str = attrs.field()

    def __init__(self, *, at: Instant, event: str, reason: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(event=text(self, "event", event), reason=text(self, "reason", reason))


KINDS: Final[dict[str, type[Event]]] = {
    cls.kind: cls for cls in (Created, Changed, Replied, Held, Released, Extended, Waived, Restarted, Merged, Withdrawn)
}


# What an event does not say stands in its class alone.
_classes: Final[tuple[type[Event], ...]] = (Event, *KINDS.values())
for _cls in _classes:
    for _field in attrs.fields(_cls):
        if _field.default is not attrs.NOTHING and _field.name not in vars(_cls):
            setattr(_cls, _field.name, _field.default)


def fields(event: Created | Changed) -> Fields:
    return Fields(event.settled)


# Made of what is seen when somebody reads them: most events are only walked.
for _cls in (Created, Changed):
    setattr(_cls, "fields", once(fields))  # noqa: B010 - to a type checker they are always there.


def event_from_dict(data: Mapping[str, object]) -> Event:
    """An event from what `to_dict` gives: `event` names its kind, the other keys are its keywords.

    The event that a Withdrawn takes back is under `withdraws`, since `event` is taken.
    Raises EventError (NaiveTimeError for an instant without an offset).

    >>> event_from_dict({"event": "replied", "at": "2026-03-02T15:30+01:00", "by": "agent"}).by
    'agent'
    """
    given: dict[str, object] = {}
    odd: list[object] = []
    for key, value in items_of(data, "", "a mapping with `event` and `at`"):
        if isinstance(key, str):
            given[plain(key)] = value
        else:
            odd.append(key)
    kind = given.pop("event", None)
    if not isinstance(kind, str) or plain(kind) not in KINDS:
        hint = nearest(kind, KINDS) if isinstance(kind, str) else ""
        msg = f"event: found {show(kind)}, expected one of {', '.join(KINDS)}"
        raise EventError(f"{msg}; {hint}" if hint else msg)
    cls = KINDS[plain(kind)]
    known = said_of(cls).keys
    _check_keys(cls, known, (*given, *odd))
    return event_of(cls, {known[key]: value for key, value in given.items()})


def event_of(cls: type[Event], keywords: Mapping[str, object]) -> Event:
    """The event that a class makes of keywords as they were found. Raises EventError."""
    make: Callable[..., Event] = cls
    return make(**keywords)


def _check_keys(cls: type[Event], known: Mapping[str, str], given: Iterable[object]) -> None:
    for key in given:
        if key not in known:
            hint = nearest(key, known) if isinstance(key, str) else ""
            msg = f"{cls.kind}: found {show(key)}, expected one of {', '.join(known)}"
            raise EventError(f"{msg}; {hint}" if hint else msg)
    for key in said_of(cls).needed:
        if key not in given:
            msg = f"{cls.kind}: found no `{key}`, expected one"
            raise EventError(msg)
