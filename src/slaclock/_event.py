"""What all events have: an instant, what names it, and what a ticket's walk reads of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Final, TypeAlias, TypedDict, Unpack

import attrs

from slaclock._instants import DateTime, Instant, from_us, iso_us, load_zone, to_us, utc_text
from slaclock._reading import show
from slaclock.amounts import Amount
from slaclock.errors import EventError, nearest
from slaclock.values import MOST_BITS, Fields, plain

__all__ = [
    "Common", "Event", "Names", "Said", "Trace", "brief", "conflict", "put_at", "put_trace", "said_of", "text",
    "text_or_none",
]  # fmt: skip

_UTC: Final = load_zone("UTC")
# In documents `event` is the kind, so that the event which a Withdrawn takes back needs another key.
_WITHDRAWS: Final = "withdraws"


def text(event: Event, name: str, value: object, else_what: str = "") -> str:
    """Text that says something, for an event that needs some. Raises EventError."""
    if not isinstance(value, str) or not value:
        msg = f"{event.kind}: {name}: found {show(value)}, expected text{else_what}"
        raise EventError(msg)
    return plain(value)


def text_or_none(event: Event, name: str, value: object) -> str | None:
    """Such text, or None. Raises EventError."""
    return None if value is None else text(event, name, value, " or None")


class Common(TypedDict, total=False):
    """What may be said of every event, beside its instant."""

    ticket: str | None
    id: str | None
    seq: int
    recorded_at: Instant | None
    actor: str | None
    note: str | None


def _whole(event: Event, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or int.bit_length(value) > MOST_BITS:
        msg = f"{event.kind}: seq: found {show(value)}, expected a whole number"
        raise EventError(msg)
    return int.__pos__(value)


Names: TypeAlias = tuple[str | None, str | None]
"""Of which ticket an event is, and its id."""
Trace: TypeAlias = tuple[int, object, Names | None]
"""Its instant; what clocks see of it beside, in a form that can be looked up, or None of events that change amounts of
time and of those that take events back; and its names, or None where it has none."""


class _Seen:
    """Where events keep what is read of each of them: in slots, as few say more than this."""

    __slots__ = ("at_us", "trace")


put_at: Callable[[object, int], None] = _Seen.at_us.__set__  # type: ignore[attr-defined]
put_trace: Callable[[object, Trace], None] = _Seen.trace.__set__  # type: ignore[attr-defined]


# The classes write their constructors themselves: those of attrs, with converters and validators, take twice as long.
# They are compared by one method, since attrs would write one for each class, at every import.


@attrs.frozen(kw_only=True, repr=False, eq=False, init=False, slots=False)
class Event(_Seen):
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
    trace: Trace = attrs.field(init=False, eq=False)
    """All that is read of it where its ticket's path is known."""

    def __init_subclass__(cls) -> None:
        # What an event does hangs on its kind, and on its class: the two must not part.
        kind = next((base.kind for base in cls.__mro__[1:] if issubclass(base, Event) and base.kind), cls.kind)
        if cls.kind != kind:
            msg = f"found the kind {show(cls.kind)} for {cls.__name__}, expected `{kind}`, on which it builds"
            raise TypeError(msg)

    def __init__(self, *, at: Instant, **common: Unpack[Common]) -> None:
        us = to_us(at)
        put_at(self, us)
        put_trace(self, (us, None, self._take(**common) if common else None))

    # Slots of a frozen class are no state that Python's own copying can put back.

    def __getstate__(self) -> dict[str, object]:
        return {"at_us": self.at_us, "trace": self.trace, **self.__dict__}

    def __setstate__(self, state: dict[str, object]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)

    def _see(self, seen: object) -> None:
        us, _, names = self.trace
        put_trace(self, (us, seen, names))

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
            told["ticket"] = text(self, "ticket", ticket, " or None")
        if id is not None:
            told["id"] = text(self, "id", id, " or None")
        if seq or type(seq) is not int:
            told["seq"] = _whole(self, seq)
        if recorded_at is not None:
            told["recorded_us"] = to_us(recorded_at, "recorded_at")
        if actor is not None:
            told["actor"] = text(self, "actor", actor, " or None")
        if note is not None:
            told["note"] = text(self, "note", note, " or None")
        # As they are kept: what a walk compares is what the clocks would.
        return None if ticket is None and id is None else (told.get("ticket"), told.get("id"))

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
        return (self.kind, *(getattr(self, field.name) for field in said_of(type(self)).content))

    @property
    def identity(self) -> object:
        """What makes two deliveries the same event: its id, or where it has none, all that it says."""
        return self.content if self.id is None else self.id

    def to_dict(self) -> dict[str, object]:
        """The event as JSON-ready data, which `event_from_dict` reads back; what has its default is left out, but for
        `seq`: where a file says nothing of it, the number of the row counts."""
        return _data(self, always=("seq",))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event) or type(other) is not type(self):
            return NotImplemented
        return (self.content, self.recorded_us) == (other.content, other.recorded_us)

    def __hash__(self) -> int:
        return hash((self.content, self.recorded_us))

    def __repr__(self) -> str:
        keywords = said_of(type(self)).keys
        told = ", ".join(f"{keywords[key]}={value!r}" for key, value in brief(self).items() if key != "event")
        return f"{type(self).__name__}({told})"


def brief(event: Event) -> dict[str, object]:
    """The event as JSON-ready data, without anything that has its default."""
    return _data(event, always=())


def _data(event: Event, always: tuple[str, ...]) -> dict[str, object]:
    data: dict[str, object] = {"event": event.kind}
    for field in said_of(type(event)).fields:
        value = getattr(event, field.name)
        if field.name in ("at_us", "recorded_us") and value is not None:
            data[str(field.alias)] = iso_us(value, _UTC)
        elif value != field.default or field.name in always:
            data[_key(field)] = _plain(value)
    return data


def conflict(known: Event, event: Event) -> EventError:
    """What to say of two events under one id that say different things."""
    names = ["event"] if known.kind != event.kind else []
    if not names:
        fields = said_of(type(event)).content
        names = [str(field.alias) for field in fields if getattr(known, field.name) != getattr(event, field.name)]
    told = ", ".join(f"`{name}`" for name in names)
    hint = "withdraw one of them"
    if names == ["seq"]:
        told += f" alone ({known.seq} and {event.seq})"
        hint = (
            "in a file the number of the row is the `seq` of an event that has none: "
            "give it the same `seq` in both rows, or, where they are two events, two ids"
        )
    of = f" of ticket {event.ticket!r}" if event.ticket is not None and event.ticket == known.ticket else ""
    return EventError(f"found two events with the id {event.id!r}{of} that differ in {told}, expected one; {hint}")


def _unknown_keyword(cls: type[Event], word: str) -> str:
    keywords = said_of(cls).keys.values()
    hint = nearest(word, keywords) or f"it takes {', '.join(keywords)}"
    return f"{cls.__name__}() got an unexpected keyword argument {word!r}; {hint}"


def _plain(value: object) -> object:
    if isinstance(value, Fields):
        return {name: list(held) if isinstance(held, tuple) else held for name, held in value.items()}
    return str(value) if isinstance(value, Amount) else value


@attrs.frozen
class Said:
    """What the events of a class say: the fields that its constructor takes; those in which two deliveries of one event
    are equal, which is all but when it became known; the keys under which documents hold them, each with its keyword;
    and those of the keys without which there is no event."""

    fields: tuple[attrs.Attribute[object], ...]
    content: tuple[attrs.Attribute[object], ...]
    keys: Mapping[str, str]
    needed: tuple[str, ...]


_said: Final[dict[type[Event], Said]] = {}


def said_of(cls: type[Event]) -> Said:
    """What the events of that class say."""
    found = _said.get(cls)
    if found is None:
        fields = tuple(field for field in attrs.fields(cls) if field.init)
        needed = tuple(_key(field) for field in fields if field.default is attrs.NOTHING)
        content = tuple(field for field in fields if field.name != "recorded_us")
        found = _said[cls] = Said(fields, content, {_key(field): str(field.alias) for field in fields}, needed)
    return found


def _key(field: attrs.Attribute[object]) -> str:
    return _WITHDRAWS if field.alias == "event" else str(field.alias)
