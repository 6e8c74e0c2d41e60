"""The events that go in: what happened to a ticket, when, and when it became known.

An event that exists is a legal event: it is checked when made, and frozen. All are made with keywords; `at` is an
aware datetime or ISO text with an offset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar, Final, TypeAlias, TypedDict, Unpack

import attrs

from slaclock._instants import DateTime, Instant, from_us, iso_us, load_zone, to_us, utc_text
from slaclock._once import once
from slaclock._reading import show
from slaclock.amounts import Amount, AmountLike
from slaclock.errors import CalendarError, EventError, nearest
from slaclock.values import MOST_BITS, NO_FIELDS, Fields, Settled, settled

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
_UTC: Final = load_zone("UTC")
# In documents `event` is the kind, so that the event which a Withdrawn takes back needs another key.
_WITHDRAWS: Final = "withdraws"


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


def _text(event: Event, name: str, value: object, else_what: str = "") -> str:
    if not isinstance(value, str) or not value:
        msg = f"{event.kind}: {name}: found {show(value)}, expected text{else_what}"
        raise EventError(msg)
    return value


def _text_or_none(event: Event, name: str, value: object) -> str | None:
    return None if value is None else _text(event, name, value, " or None")


def _speaker(event: Event, value: object) -> str:
    if not isinstance(value, str) or value not in SPEAKERS:
        hint = nearest(value, SPEAKERS) if isinstance(value, str) else ""
        msg = f"{event.kind}: by: found {show(value)}, expected one of {', '.join(SPEAKERS)}"
        raise EventError(f"{msg}; {hint}" if hint else msg)
    return value


def _seen_by_customer(value: object) -> bool:
    if isinstance(value, bool):
        return value
    msg = f"replied: public: found {show(value)}, expected true or false"
    raise EventError(msg)


class Common(TypedDict, total=False):
    """What may be said of every event, beside its instant."""

    ticket: str | None
    id: str | None
    seq: int
    recorded_at: Instant | None
    actor: str | None
    note: str | None


def _whole(event: Event, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value.bit_length() > MOST_BITS:
        msg = f"{event.kind}: seq: found {show(value)}, expected a whole number"
        raise EventError(msg)
    return value


Names: TypeAlias = tuple[str | None, str | None]
"""Of which ticket an event is, and its id."""
Glance: TypeAlias = tuple[int, object, Names | None]
"""Its instant; what clocks see of it beside, in a form that can be looked up, or None of events that change amounts of
time and of those that take events back; and its names, or None where it has none."""

# The classes write their constructors themselves: those of attrs, with converters and validators, take twice as long.
# What an event does not say stands in its class alone.


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Event:
    """What all events have: an instant, and optionally a ticket, an identity, a place among events of one instant
    (`seq`), the instant at which it became known (`recorded_at`, default `at`), an actor and a note."""

    kind: ClassVar[str] = ""

    at_us: int = attrs.field(alias="at")
    ticket: str | None = attrs.field(default=None)
    id: str | None = attrs.field(default=None)
    seq: int = attrs.field(default=0)
    recorded_us: int | None = attrs.field(default=None, alias="recorded_at")
    actor: str | None = attrs.field(default=None)
    note: str | None = attrs.field(default=None)
    glance: Glance = attrs.field(init=False, eq=False)
    """All that is read of it where its ticket's path is known."""

    def __init__(self, *, at: Instant, **common: Unpack[Common]) -> None:
        self.__dict__["at_us"] = us = to_us(at)
        self.__dict__["glance"] = (us, None, self._take(**common) if common else None)

    def _see(self, seen: object) -> None:
        us, _, names = self.glance
        self.__dict__["glance"] = (us, seen, names)

    def _take(
        self,
        *,
        ticket: str | None = None,
        id: str | None = None,
        seq: int = 0,
        recorded_at: Instant | None = None,
        actor: str | None = None,
        note: str | None = None,
        **unknown: object,
    ) -> Names | None:
        if unknown:
            raise TypeError(_unknown_keyword(type(self), next(iter(unknown))))
        told = self.__dict__
        if ticket is not None:
            told["ticket"] = _text(self, "ticket", ticket, " or None")
        if id is not None:
            told["id"] = _text(self, "id", id, " or None")
        if seq or type(seq) is not int:
            told["seq"] = _whole(self, seq)
        if recorded_at is not None:
            told["recorded_us"] = to_us(recorded_at, "recorded_at")
        if actor is not None:
            told["actor"] = _text(self, "actor", actor, " or None")
        if note is not None:
            told["note"] = _text(self, "note", note, " or None")
        return None if ticket is None and id is None else (ticket, id)

    @property
    def at(self) -> DateTime:
        """When it happened, as a pendulum DateTime in UTC."""
        return from_us(self.at_us, _UTC)

    @property
    def recorded_at(self) -> DateTime:
        """When it became known, as a pendulum DateTime in UTC."""
        return from_us(self.known_us, _UTC)

    @property
    def known_us(self) -> int:
        return self.at_us if self.recorded_us is None else self.recorded_us

    @property
    def key(self) -> str:
        """What names the event: its id, or else its kind, instant and place. Stable while other events come and go."""
        if self.id is not None:
            return self.id
        tail = f"#{self.seq}" if self.seq else ""
        return f"{self.kind}@{utc_text(self.at_us)}{tail}"

    @property
    def content(self) -> tuple[object, ...]:
        """All that the event says, without when it became known: two deliveries of one event are equal in this."""
        return (self.kind, *(getattr(self, field.name) for field in _FIELDS[self.kind] if field.name != "recorded_us"))

    @property
    def identity(self) -> object:
        """What makes two deliveries the same event: its id, or where it has none, all that it says."""
        return self.content if self.id is None else self.id

    def to_dict(self) -> dict[str, object]:
        """The event as JSON-ready data, which `event_from_dict` reads back; what has its default is left out."""
        data: dict[str, object] = {"event": self.kind}
        for field in _FIELDS[self.kind]:
            value = getattr(self, field.name)
            if field.name in ("at_us", "recorded_us") and value is not None:
                data[str(field.alias)] = iso_us(value, _UTC)
            elif value != field.default:
                data[_WITHDRAWS if field.name == "event" else field.name] = _plain(value)
        return data

    def __repr__(self) -> str:
        data, keywords = self.to_dict(), keys_of(type(self))
        told = ", ".join(f"{keywords[key]}={value!r}" for key, value in data.items() if key != "event")
        return f"{type(self).__name__}({told})"


def _unknown_keyword(cls: type[Event], word: str) -> str:
    keywords = [str(field.alias) for field in attrs.fields(cls) if field.init]
    hint = nearest(word, keywords) or f"it takes {', '.join(keywords)}"
    return f"{cls.__name__}() got an unexpected keyword argument {word!r}; {hint}"


def _plain(value: object) -> object:
    if isinstance(value, Fields):
        return {name: list(held) if isinstance(held, tuple) else held for name, held in value.items()}
    return str(value) if isinstance(value, Amount) else value


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
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
        told = self.__dict__
        told["at_us"] = us = to_us(at)
        names = self._take(**common) if common else None
        checked = settled(fields)
        told["by"] = by = _speaker(self, by)
        told["glance"] = (us, (by, checked), names)

    @property
    def settled(self) -> Settled:
        """The fields that it sets, in the order given."""
        return self.glance[1][1]  # type: ignore[index,no-any-return]


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Changed(Event):
    """Fields took other values: status, priority, customer, team, anything. None takes a value away."""

    kind: ClassVar[str] = "changed"
    fields: Fields = attrs.field()

    def __init__(self, *, at: Instant, fields: Mapping[str, object], **common: Unpack[Common]) -> None:
        told = self.__dict__
        told["at_us"] = us = to_us(at)
        names = self._take(**common) if common else None
        told["glance"] = (us, settled(fields), names)

    @property
    def settled(self) -> Settled:
        """The fields that it sets, in the order given."""
        return self.glance[1]  # type: ignore[return-value]


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Replied(Event):
    """Somebody wrote: `by` customer, agent, bot or system; `public=False` is an internal note."""

    kind: ClassVar[str] = "replied"
    by: str = attrs.field()
    public: bool = attrs.field(default=True)

    def __init__(self, *, at: Instant, by: str, public: bool = True, **common: Unpack[Common]) -> None:
        told = self.__dict__
        told["at_us"] = us = to_us(at)
        names = self._take(**common) if common else None
        told["by"] = by = _speaker(self, by)
        told["public"] = public = _seen_by_customer(public)
        told["glance"] = (us, by if public else f"{by}, not public", names)


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Held(Event):
    """A manual hold: all clocks of the ticket are paused, or that of one metric, until Released."""

    kind: ClassVar[str] = "held"
    reason: str = attrs.field()
    metric: str | None = attrs.field(default=None)

    def __init__(self, *, at: Instant, reason: str, metric: str | None = None, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        reason, metric = _text(self, "reason", reason), _text_or_none(self, "metric", metric)
        self.__dict__.update(reason=reason, metric=metric)
        self._see(("held", metric))


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Released(Event):
    """A manual hold ends: the one of that metric, or the one of all."""

    kind: ClassVar[str] = "released"
    metric: str | None = attrs.field(default=None)

    def __init__(self, *, at: Instant, metric: str | None = None, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        metric = _text_or_none(self, "metric", metric)
        self.__dict__.update(metric=metric)
        self._see(("released", metric))


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Extended(Event):
    """More time is granted to the current (else the last) cycle of a metric: `by` open time on each calendar."""

    kind: ClassVar[str] = "extended"
    metric: str = attrs.field()
    by: Amount = attrs.field()
    reason: str = attrs.field()

    def __init__(self, *, at: Instant, metric: str, by: AmountLike, reason: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(
            by=_open_amount(by), metric=_text(self, "metric", metric), reason=_text(self, "reason", reason)
        )


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Waived(Event):
    """The promise is waived for the current (else the last) cycle of a metric."""

    kind: ClassVar[str] = "waived"
    metric: str = attrs.field()
    reason: str = attrs.field()

    def __init__(self, *, at: Instant, metric: str, reason: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(metric=_text(self, "metric", metric), reason=_text(self, "reason", reason))


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Restarted(Event):
    """The clock of a metric begins anew at this instant, as a new cycle."""

    kind: ClassVar[str] = "restarted"
    metric: str = attrs.field()
    reason: str = attrs.field()

    def __init__(self, *, at: Instant, metric: str, reason: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(metric=_text(self, "metric", metric), reason=_text(self, "reason", reason))


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Merged(Event):
    """The ticket was merged into another: its clocks are cancelled, and none starts again."""

    kind: ClassVar[str] = "merged"
    into: str = attrs.field()

    def __init__(self, *, at: Instant, into: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(into=_text(self, "into", into))
        self._see("merged")


@attrs.frozen(kw_only=True, repr=False, init=False, slots=False)
class Withdrawn(Event):
    """The event of that id never happened; a correction is a Withdrawn and a new event."""

    kind: ClassVar[str] = "withdrawn"
    event: str = attrs.field()
    reason: str = attrs.field()

    def __init__(self, *, at: Instant, event: str, reason: str, **common: Unpack[Common]) -> None:
        super().__init__(at=at, **common)
        self.__dict__.update(event=_text(self, "event", event), reason=_text(self, "reason", reason))


KINDS: Final[dict[str, type[Event]]] = {
    cls.kind: cls for cls in (Created, Changed, Replied, Held, Released, Extended, Waived, Restarted, Merged, Withdrawn)
}


def keys_of(cls: type[Event]) -> Mapping[str, str]:
    """The keys under which documents hold an event of that class, each with its keyword."""
    return _KEYS[cls.kind]


def needed_of(cls: type[Event]) -> tuple[str, ...]:
    """Those of the keys without which there is no event of that class."""
    return _NEEDED[cls.kind]


def _key(field: attrs.Attribute[object]) -> str:
    return _WITHDRAWS if field.alias == "event" else str(field.alias)


_FIELDS: Final = {kind: tuple(field for field in attrs.fields(cls) if field.init) for kind, cls in KINDS.items()}
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
_KEYS: Final = {kind: {_key(field): str(field.alias) for field in fields} for kind, fields in _FIELDS.items()}
_NEEDED: Final = {
    kind: tuple(_key(field) for field in fields if field.default is attrs.NOTHING) for kind, fields in _FIELDS.items()
}


def event_from_dict(data: Mapping[str, object]) -> Event:
    """An event from what `to_dict` gives: `event` names its kind, the other keys are its keywords.

    The event that a Withdrawn takes back is under `withdraws`, since `event` is taken.
    Raises EventError (NaiveTimeError for an instant without an offset).

    >>> event_from_dict({"event": "replied", "at": "2026-03-02T15:30+01:00", "by": "agent"}).by
    'agent'
    """
    loose: object = data
    if not isinstance(loose, Mapping):
        msg = f"found {show(loose)}, expected a mapping with `event` and `at`"
        raise EventError(msg)
    kind = loose.get("event")
    if not isinstance(kind, str) or kind not in KINDS:
        hint = nearest(kind, KINDS) if isinstance(kind, str) else ""
        msg = f"event: found {show(kind)}, expected one of {', '.join(KINDS)}"
        raise EventError(f"{msg}; {hint}" if hint else msg)
    cls = KINDS[kind]
    known = keys_of(cls)
    given = {key: value for key, value in loose.items() if key != "event"}
    _check_keys(cls, known, given)
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
    for key in needed_of(cls):
        if key not in given:
            msg = f"{cls.kind}: found no `{key}`, expected one"
            raise EventError(msg)
