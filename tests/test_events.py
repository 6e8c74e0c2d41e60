"""The events: legal once made, frozen, named stably, written and read back."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum, IntEnum

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock.amounts import Amount
from slaclock.errors import EventError, NaiveTimeError
from slaclock.events import (
    KINDS,
    Changed,
    Created,
    Event,
    Extended,
    Held,
    Merged,
    Released,
    Replied,
    Restarted,
    Waived,
    Withdrawn,
    event_from_dict,
)

AT = "2026-03-02T09:00+01:00"

ONE_OF_EACH = [
    Created(at=AT, fields={"priority": "high"}, by="agent", ticket="7", id="e1", seq=3),
    Changed(at=AT, fields={"tags": ["a", "b"], "owner": None}, recorded_at="2026-03-02T10:00+01:00"),
    Replied(at=AT, by="bot", public=False, actor="robot", note="out of office"),
    Held(at=AT, reason="migration", metric="resolution"),
    Released(at=AT),
    Extended(at=AT, metric="resolution", by="90m", reason="agreed"),
    Waived(at=AT, metric="resolution", reason="agreed"),
    Restarted(at=AT, metric="resolution", reason="wrong ticket"),
    Merged(at=AT, into="8"),
    Withdrawn(at=AT, event="e1", reason="typing error"),
]


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: event.kind)
class TestEveryKind:
    def test_reads_back_what_it_writes(self, event: Event) -> None:
        assert event_from_dict(json.loads(json.dumps(event.to_dict()))) == event

    def test_says_its_place_in_documents_as_the_number_of_a_row_would_else_be_it(self, event: Event) -> None:
        assert event.to_dict()["seq"] == event.seq

    def test_shows_itself_as_the_call_that_makes_it(self, event: Event) -> None:
        names = {cls.__name__: cls for cls in KINDS.values()}
        assert eval(repr(event), names) == event

    def test_pickles_copies_and_hashes_by_content(self, event: Event) -> None:
        for twin in (pickle.loads(pickle.dumps(event)), copy.deepcopy(event), copy.copy(event)):
            assert (twin, hash(twin), twin.trace) == (event, hash(event), event.trace)

    def test_equals_no_other_kind_no_value_and_not_what_was_known_later(self, event: Event) -> None:
        assert event != event.to_dict()
        assert event not in [other for other in ONE_OF_EACH if other.kind != event.kind]
        late = event_from_dict({**event.to_dict(), "recorded_at": "2027-01-01T00:00Z"})
        assert (late.content, late == event) == (event.content, False)

    def test_is_frozen(self, event: Event) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            event.ticket = "other"  # type: ignore[misc]


def test_the_list_above_has_every_kind() -> None:
    assert set(KINDS) == {event.kind for event in ONE_OF_EACH}


class TestInstants:
    def test_at_is_given_back_in_utc_and_exactly(self) -> None:
        event = Released(at="2026-03-02T09:00:00.000001+01:00")
        assert event.at.isoformat() == "2026-03-02T08:00:00.000001+00:00"

    def test_an_event_is_known_when_it_happened_unless_said_otherwise(self) -> None:
        assert Released(at=AT).recorded_at == Released(at=AT).at
        later = datetime(2026, 3, 3, tzinfo=UTC)
        assert later == Released(at=AT, recorded_at=later).recorded_at

    def test_a_naive_time_is_refused(self) -> None:
        with pytest.raises(NaiveTimeError, match="expected an offset"):
            Released(at="2026-03-02T09:00")


class Speaker(str, Enum):  # noqa: UP042 - as code that is older than StrEnum has them
    """Members of such an enum are text, and not written as text is."""

    AGENT = "agent"


class Place(IntEnum):
    FIRST = 1


class TestText:
    """What a class makes of text and numbers is not kept: an event saved and read back must be the same one."""

    def test_is_plain(self) -> None:
        word = Speaker.AGENT
        event = Replied(at=AT, by=word, public=False, ticket=word, id=word, actor=word, note=word, seq=Place.FIRST)
        assert (
            "Replied(at='2026-03-02T08:00:00+00:00', ticket='agent', id='agent', seq=1, actor='agent', note='agent', "
            "by='agent', public=False)"
        ) == repr(event)
        assert event.trace == Replied(at=AT, by="agent", public=False, ticket="agent", id="agent").trace
        assert {str, int} == {type(value) for value in event_from_dict(event.to_dict()).content} - {bool, type(None)}

    def test_of_data_is_plain(self) -> None:
        data = {Speaker.AGENT: "x", "event": "replied", "at": AT}
        with pytest.raises(EventError, match="replied: found `agent`, expected one of at, "):
            event_from_dict(data)


class TestSubclasses:
    def test_may_make_events_in_their_own_way(self) -> None:
        class Answer(Replied):
            def __init__(self, *, at: str) -> None:
                super().__init__(at=at, by="agent")

        assert Answer(at=AT).content == Replied(at=AT, by="agent").content

    def test_keep_their_kind(self) -> None:
        """What an event does is looked up by what is seen of it, and by its class."""
        with pytest.raises(TypeError, match="found the kind `escalated` for Escalated, expected `changed`"):

            class Escalated(Changed):
                kind = "escalated"


class TestKey:
    def test_the_id_names_an_event(self) -> None:
        assert Released(at=AT, id="r1").key == "r1"

    def test_without_an_id_kind_instant_and_place_do(self) -> None:
        assert Released(at=AT).key == "released@2026-03-02T08:00:00+00:00"
        assert Released(at=AT, seq=4).key == "released@2026-03-02T08:00:00+00:00#4"

    def test_the_content_leaves_out_when_it_became_known(self) -> None:
        assert Released(at=AT).content == Released(at=AT, recorded_at="2026-04-01T00:00Z").content
        assert Released(at=AT).content != Released(at=AT, metric="update").content
        assert Waived(at=AT, metric="m", reason="r").content != Restarted(at=AT, metric="m", reason="r").content


class Unreadable(Mapping[str, object]):
    def __getitem__(self, key: str) -> object:
        raise RuntimeError

    def __iter__(self) -> Iterator[str]:
        return iter("ab")

    def __len__(self) -> int:
        return 2


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: Created(at=AT, fields={1: "x"}), "found the name 1, expected a name as text"),
    (lambda: Created(at=AT, fields={"": "x"}), "found the name ``, expected a name as text"),
    (lambda: Created(at=AT, fields={"\0category": "x"}), "expected a name as text"),
    (lambda: Created(at=AT, fields=[("a", "b")]), "expected a mapping of field names to values"),
    (lambda: Created(at=AT, fields={"x": float("nan")}), "field `x`: found nan, expected text, a finite number"),
    (lambda: Created(at=AT, fields={"x": [float("inf")]}), "field `x`: found inf"),
    (lambda: Created(at=AT, fields={"x": {}}), "field `x`: found {}"),
    (lambda: Created(at=AT, fields={"x": [["a"]]}), "field `x`: found "),
    (lambda: Created(at=AT, fields={"x": 1 << 5_000}), "field `x`: found "),
    (lambda: Created(at=AT, fields={"x": datetime(2026, 1, 1)}), "field `x`: found 2026-01-01T00:00:00"),
    (lambda: Created(at=AT, by="agnt"), "created: by: found `agnt`, expected one of customer.*did you mean `agent`?"),
    (lambda: Replied(at=AT, by=3), "replied: by: found 3, expected one of"),
    (lambda: Replied(at=AT, by="agent", public="no"), "replied: public: found `no`, expected true or false"),
    (lambda: Held(at=AT, reason=""), "held: reason: found ``, expected text"),
    (lambda: Held(at=AT, reason="x", metric=""), "held: metric: found ``, expected text or None"),
    (lambda: Extended(at=AT, metric="m", by="1d", reason="x"), "by: found `1d`, .*a day has five meanings"),
    (lambda: Extended(at=AT, metric="m", by=timedelta(0), reason="x"), "by: found `0s`"),
    (lambda: Extended(at=AT, metric="m", by="2 business days", reason="x"), "expected a positive amount of open time"),
    (lambda: Extended(at=AT, metric="m", by="best effort", reason="x"), "expected a positive amount of open time"),
    (lambda: Extended(at=AT, metric="m", by=3, reason="x"), "by: found 3"),
    (lambda: Created(at=AT, seq=True), "created: seq: found True, expected a whole number"),
    (lambda: Created(at=AT, seq="1"), "created: seq: found `1`"),
    (lambda: Created(at=AT, seq=1 << 5_000), "created: seq: found "),
    (lambda: Created(at=AT, ticket=7), "created: ticket: found 7, expected text or None"),
    (lambda: Merged(at=AT, into=7), "merged: into: found 7, expected text"),
    (
        lambda: Merged(at=AT, ticket="8", into="8"),
        "merged: into: found `8`, which is the ticket itself",
    ),
    (lambda: Created(at=7), "at: found 7, expected an aware datetime"),
    (lambda: Created(at=AT, recorded_at="x"), "recorded_at: found 'x'"),
    (
        lambda: event_from_dict({"event": "helt", "at": AT}),
        "event: found `helt`, expected one of .*did you mean `held`?",
    ),
    (lambda: event_from_dict({"at": AT}), "event: found nothing, expected one of"),
    (lambda: event_from_dict({"event": 3}), "event: found 3"),
    (lambda: event_from_dict(Unreadable()), r"found .*whose items cannot be read .*expected a mapping with `event`"),
    (lambda: event_from_dict([]), r"found \[\], expected a mapping"),  # type: ignore[arg-type]
    (lambda: event_from_dict({"event": "held", "at": AT}), "held: found no `reason`, expected one"),
    (
        lambda: event_from_dict({"event": "held", "at": AT, "resaon": ""}),
        "held: found `resaon`.*did you mean `reason`?",
    ),
    (lambda: event_from_dict({"event": "held", "at": AT, 3: ""}), "held: found 3, expected one of at, "),
    (lambda: event_from_dict({"event": "withdrawn", "at": AT, "reason": "x"}), "withdrawn: found no `withdraws`"),
]


@pytest.mark.parametrize(("make", "told"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_event_is_refused_with_what_was_found_and_expected(make: Callable[[], object], told: str) -> None:
    with pytest.raises(EventError, match=told):
        make()


@pytest.mark.parametrize(("word", "told"), [
    ("field", "'field'; did you mean `fields`?"),
    ("x", "'x'; it takes at, ticket, id, seq, recorded_at, actor, note, fields, by"),
])  # fmt: skip
def test_an_unknown_keyword_is_told_with_the_nearest_known_one(word: str, told: str) -> None:
    with pytest.raises(TypeError, match="^" + re.escape(f"Created() got an unexpected keyword argument {told}") + "$"):
        Created(at=AT, **{word: "x"})  # type: ignore[arg-type]


scalars = st.text() | st.integers(-(10**20), 10**20) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), scalars | st.none() | st.lists(scalars)))
def test_law_any_fields_read_back_as_written(fields: dict[str, object]) -> None:
    event = Changed(at=AT, fields=fields)
    assert event_from_dict(event.to_dict()) == event


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-1439, 1439))
def test_law_any_instant_reads_back_as_written(wall: datetime, minutes: int) -> None:
    event = Released(at=wall.replace(tzinfo=timezone(timedelta(minutes=minutes))))
    assert event_from_dict(event.to_dict()).at_us == event.at_us


@given(st.integers(1, 10**15))
def test_law_any_extension_reads_back_as_written(us: int) -> None:
    event = Extended(at=AT, metric="m", by=Amount(us=us), reason="x")
    assert event_from_dict(event.to_dict()) == event


class Peculiar(str):
    """Text of a class that takes nothing for its equal."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


def test_a_walk_reads_names_as_the_event_keeps_them() -> None:
    """What the class of a ticket's name or an id makes of equality decides nothing."""
    event = Released(at="2026-03-02T09:00Z", ticket=Peculiar("T-1"), id=Peculiar("e-1"))
    assert ("T-1", "e-1") == event.trace[2] == (event.ticket, event.id)
    assert {str} == set(map(type, event.trace[2]))
