"""Garbage at every door of the clock: documented errors and no others, and what was refused is unchanged."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slaclock as sla
from helpers import by_priority, make_policy, on
from slaclock.events import KINDS

POLICY = make_policy({"resolution": "8h", "next_response": "1h"}, by_priority("4h", "16h"), defaults={"warn": "50%"})
OTHER = make_policy({"resolution": "9h"})
STORY = (
    sla.Created(at=on("mon 09:00"), fields={"priority": "low"}, id="a"),
    sla.Changed(at=on("mon 10:00"), fields={"status": "waiting"}, id="b"),
    sla.Extended(at=on("mon 11:00"), metric="resolution", by="1h", reason="agreed", id="c"),
    sla.Replied(at=on("mon 12:00"), by="agent", id="d"),
)
STATE = sla.replay(POLICY, STORY).state
SAVED = sla.dump_state(STATE)
# The attributes of events, with what would be right for them.
RIGHT = {
    "at": on("mon 13:00"), "recorded_at": on("mon 14:00"), "ticket": "T-1", "id": "x", "seq": 3, "actor": "Ann",
    "note": "a note", "fields": {"priority": "high", "tags": ["a"]}, "by": "agent", "public": True, "reason": "why",
    "metric": "resolution", "into": "T-2", "event": "a",
}  # fmt: skip


class Zoneless(datetime):
    """Aware by its word, and in no zone."""

    def utcoffset(self) -> timedelta | None:
        return None


ODD: tuple[object, ...] = (
    None, True, False, 0, -1, 2**63, 2**20_000, 1.5, math.nan, math.inf, Decimal(1), Fraction(1, 3), 1j, "", " ",
    "x" * 10_000, "\0", "\ud800", "2026-03-02", "2026-03-02T09:00", "2026-02-30T09:00Z", "2026-03-02T09:00+99:00",
    "9999-12-31T23:59:59.999999-12:00", "0001-01-01T00:00:00+14:00", "now", "4h", "-4h", "0m", "1 day", b"4h", b"",
    date(2026, 3, 2), time(9), datetime(2026, 3, 2, 9), datetime.max.replace(tzinfo=UTC), timedelta(0),
    datetime.min.replace(tzinfo=UTC), Zoneless(2026, 3, 2, tzinfo=UTC), timedelta(hours=1), timedelta.max, [], [[]],
    ["a", None], (), {}, {"a": object()}, {3: "x"}, {"": "x"}, {"\x01": "x"}, {"a": math.nan}, set(), {"a"}, object(),
    object, len, STORY[0], POLICY, STATE, sla.Amount.parse("4h"), iter(()), range(3), Exception("x"),
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(ODD[7:]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def keywords(kind: type[sla.Event]) -> list[str]:
    return [str(field.alias) for field in attrs.fields(kind) if field.alias in RIGHT]


def right(kind: type[sla.Event]) -> dict[str, object]:
    found = {name: RIGHT[name] for name in keywords(kind)}
    return found | ({"by": "1h"} if kind is sla.Extended else {})


def is_sound(event: sla.Event) -> None:
    """What was made of garbage is an event: it shows itself, and reads back from JSON."""
    assert repr(event)
    assert sla.event_from_dict(json.loads(json.dumps(event.to_dict()))).content == event.content
    assert hash(event) == hash(copy.copy(event))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_events_are_made_or_refused(kind: type[sla.Event]) -> None:
    """Every keyword of every event with every odd value: EventError and its children alone."""
    for name in keywords(kind):
        for value in ODD:
            with suppress(sla.EventError):
                is_sound(kind(**{**right(kind), name: value}))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.__name__)
def test_events_from_data_are_made_or_refused(kind: type[sla.Event]) -> None:
    """The same as data, with keys missing and keys too many."""
    data = kind(**right(kind)).to_dict()
    is_sound(sla.event_from_dict(data))
    for name in data:
        with suppress(sla.EventError):
            is_sound(sla.event_from_dict({key: value for key, value in data.items() if key != name}))
        for value in ODD:
            with suppress(sla.EventError):
                is_sound(sla.event_from_dict({**data, name: value}))
    for name in (*ODD[:24], "At", "kind", "at_us"):
        with pytest.raises(sla.EventError):
            sla.event_from_dict({**data, name: "x"})


@given(JSON)
def test_anything_else_is_no_event(data: object) -> None:
    with pytest.raises(sla.EventError):
        sla.event_from_dict(data)  # type: ignore[arg-type]


DOORS: dict[str, Callable[[object], object]] = {
    "policy of advance": lambda odd: sla.advance(odd, STATE, STORY[0]),  # type: ignore[arg-type]
    "state of advance": lambda odd: sla.advance(POLICY, odd, STORY[0]),  # type: ignore[arg-type]
    "event of advance": lambda odd: sla.advance(POLICY, STATE, odd),  # type: ignore[arg-type]
    "policy of tick": lambda odd: sla.tick(odd, STATE, on("tue 09:00")),  # type: ignore[arg-type]
    "state of tick": lambda odd: sla.tick(POLICY, odd, on("tue 09:00")),  # type: ignore[arg-type]
    "instant of tick": lambda odd: sla.tick(POLICY, STATE, odd),  # type: ignore[arg-type]
    "policy of snapshot": lambda odd: sla.snapshot(odd, STATE, on("tue 09:00")),  # type: ignore[arg-type]
    "state of snapshot": lambda odd: sla.snapshot(POLICY, odd, on("tue 09:00")),  # type: ignore[arg-type]
    "instant of snapshot": lambda odd: sla.snapshot(POLICY, STATE, odd).to_dict(),  # type: ignore[arg-type]
    "policy of initial_state": sla.initial_state,  # type: ignore[dict-item]
    "dump_state": sla.dump_state,  # type: ignore[dict-item]
    "load_state": sla.load_state,  # type: ignore[dict-item]
    "policy of replay": lambda odd: sla.replay(odd, STORY),  # type: ignore[arg-type]
    "events of replay": lambda odd: sla.replay(POLICY, odd),  # type: ignore[arg-type]
    "an event of replay": lambda odd: sla.replay(POLICY, [*STORY, odd]),  # type: ignore[list-item]
    "known_at of replay": lambda odd: sla.replay(POLICY, STORY, known_at=odd),  # type: ignore[arg-type]
    "events of replay_all": lambda odd: sla.replay_all(POLICY, odd),  # type: ignore[arg-type]
    "an event of replay_all": lambda odd: sla.replay_all(POLICY, [odd]),  # type: ignore[list-item]
    "events of revise": lambda odd: sla.replay(POLICY, STORY).revise(odd),  # type: ignore[arg-type]
    "an event of revise": lambda odd: sla.replay(POLICY, STORY).revise([odd]),  # type: ignore[list-item]
    "instant of at": lambda odd: sla.replay(POLICY, STORY).at(odd).to_dict(),  # type: ignore[arg-type]
    "instant of facts_until": lambda odd: sla.replay(POLICY, STORY).facts_until(odd),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_refuses_with_a_documented_error(door: str) -> None:
    """An error of slaclock's own tree, or TypeError where a policy, a state or an event is of another kind; and the
    state on which it was tried is what it was."""
    for odd in ODD:
        with suppress(sla.SlaError, TypeError):
            DOORS[door](odd)
        assert sla.dump_state(STATE) == SAVED


@pytest.mark.parametrize("door", [door for door in DOORS if door.startswith(("instant", "known"))])
def test_what_is_no_instant_is_an_event_error_and_never_a_type_error(door: str) -> None:
    for odd in ODD:
        with suppress(sla.EventError):
            DOORS[door](odd)


@pytest.mark.parametrize("door", [door for door in DOORS if door.startswith("events of")])
def test_what_cannot_be_iterated_is_an_event_error_and_never_a_type_error(door: str) -> None:
    """A TypeError is about something in what was given, and says which; never that there is nothing to iterate."""
    for odd in ODD:
        with suppress(sla.EventError):
            try:
                DOORS[door](odd)
            except TypeError as error:
                assert "expected an event" in str(error)  # noqa: PT017 - most of what is odd raises nothing.


@pytest.mark.parametrize(("event", "error"), [
    (sla.Created(at=on("mon 13:00")), sla.EventError),
    (sla.Changed(at=on("mon 11:00"), fields={"a": 1}), sla.LateEventError),
    (sla.Changed(at=on("mon 12:00"), seq=-1, fields={"a": 1}), sla.LateEventError),
    (sla.Withdrawn(at=on("mon 13:00"), event="b", reason="a slip"), sla.LateEventError),
    (sla.Changed(at=on("mon 12:00"), id="d", fields={"a": 1}), sla.EventError),
])  # fmt: skip
def test_a_state_that_refused_an_event_is_unchanged_and_goes_on(event: sla.Event, error: type[Exception]) -> None:
    with pytest.raises(error):
        sla.advance(POLICY, STATE, event)
    assert sla.dump_state(STATE) == SAVED
    after, _ = sla.advance(POLICY, STATE, sla.Changed(at=on("mon 14:00"), fields={"status": "open"}))
    assert sla.replay(POLICY, [*STORY, sla.Changed(at=on("mon 14:00"), fields={"status": "open"})]).state == after
    with pytest.raises(sla.PolicyMismatchError):
        sla.advance(OTHER, STATE, event)
    assert sla.dump_state(STATE) == SAVED


@settings(max_examples=60)
@given(st.lists(st.sampled_from(tuple(KINDS.values())), max_size=6), st.data())
def test_events_of_odd_but_legal_values_are_folded(kinds: list[type[sla.Event]], data: st.DataObject) -> None:
    """Whatever a constructor took, replaying takes; or it names what is wrong with it."""
    events = []
    for kind in kinds:
        given_values = {
            name: data.draw(st.sampled_from((value, *ODD)), label=name) if data.draw(st.integers(0, 3)) == 0 else value
            for name, value in right(kind).items()
        }
        given_values["id"] = None
        with suppress(sla.EventError):
            events.append(kind(**given_values))
    with suppress(sla.EventError):
        history = sla.replay(POLICY, events)
        at = history.last_at or on("mon 09:00")
        assert history.at(at).to_dict()
        assert json.dumps([fact.to_dict() for fact in history.facts_until(at)])
        assert history.state == sla.load_state(json.loads(json.dumps(sla.dump_state(history.state))))


def test_instants_at_the_ends_of_time_are_answered_or_refused() -> None:
    """A ticket of the first or the last microsecond is no reason for an error that nobody documented."""
    for first in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T20:00:00Z"):
        history = sla.replay(POLICY, [sla.Created(at=first, fields={"priority": "low"})])
        for at in (first, "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"):
            with suppress(sla.SlaError):
                snap = history.at(at)
                assert snap.to_dict()
                assert str(snap["resolution"])
                assert history.facts_until(at) is not None
