"""Histories: the past asked again, what was known by then, facts, late events, and many tickets."""

from __future__ import annotations

import copy
import pickle
from collections import deque
from collections.abc import Iterator
from itertools import chain

import attrs
import pytest

from helpers import (
    UTC,
    by_priority,
    changed,
    created,
    keys,
    make_policy,
    on,
    replied,
    short,
    story,
    told,
    us,
    withdrawn,
)
from slaclock._instants import iso_us
from slaclock.clock import advance, initial_state, tick
from slaclock.errors import EventError, NaiveTimeError
from slaclock.events import Changed, Created, Event, Extended, Replied, Waived, Withdrawn
from slaclock.facts import Fact
from slaclock.history import replay, replay_all
from slaclock.snapshots import snapshot
from test_ordering import EVENTS, POLICY


def known_at(event: Event, recorded_at: str) -> Event:
    return attrs.evolve(event, at=event.at, recorded_at=on(recorded_at))


class TestTickets:
    def test_the_ticket_is_that_of_its_events(self) -> None:
        assert story(POLICY, created()).ticket is None
        named = Created(at=on("mon 09:00"), ticket="T1")
        assert ("T1", "T1") == (story(POLICY, named, replied("mon 10:00")).ticket, story(POLICY, named).facts[0].ticket)

    def test_events_of_several_tickets_are_an_event_error(self) -> None:
        events = (Created(at=on("mon 09:00"), ticket="T2"), Created(at=on("mon 09:00"), ticket="T1"))
        with pytest.raises(EventError) as caught:
            replay(POLICY, events)
        assert str(caught.value) == "found events of 2 tickets ('T1', 'T2'), expected one; use replay_all"

    def test_replay_all_gives_each_its_history_in_the_order_of_first_appearance(self) -> None:
        events = [
            Created(at=on("mon 10:00"), ticket="T2"),
            Created(at=on("mon 09:00"), ticket="T1"),
            Replied(at=on("mon 11:00"), by="agent", ticket="T2"),
        ]
        found = replay_all(POLICY, events)
        assert ["T2", "T1"] == list(found)
        assert found["T2"].facts == replay(POLICY, events[::2]).facts

    def test_replay_all_refuses_an_event_without_a_ticket(self) -> None:
        with pytest.raises(
            EventError, match="without a ticket, expected one on every event; use replay for a single ticket"
        ):
            replay_all(POLICY, [created()])

    def test_replay_all_knows_known_at(self) -> None:
        events = [Created(at=on("mon 09:00"), ticket="T1"), Created(at=on("tue 09:00"), ticket="T2")]
        assert [1, 0] == [len(each.events) for each in replay_all(POLICY, events, known_at=on("mon 12:00")).values()]

    def test_no_events_are_a_history_too(self) -> None:
        history = story(POLICY)
        assert ((), (), None, None) == (history.facts, history.anomalies, history.last_at, history.last_us)
        assert history.at(on("mon 09:00"))["resolution"].phase == "not_started"
        assert () == history.facts_until(on("mon 09:00"))
        assert repr(history) == "<History of a ticket: 0 events, 0 facts>"


class TestKnownAt:
    late = known_at(changed("mon 11:00", id="late", status="waiting"), "tue 09:00")

    @pytest.mark.parametrize(
        ("at", "count"), [("mon 08:59", 0), ("mon 09:00", 1), ("mon 13:00", 3), ("tue 08:59", 4), ("tue 09:00", 5)]
    )
    def test_leaves_out_what_was_not_known_by_then(self, at: str, count: int) -> None:
        assert count == len(replay(POLICY, (*EVENTS, self.late), known_at=on(at)).events)

    def test_believes_what_was_withdrawn_later(self) -> None:
        events = (*EVENTS, withdrawn("mon 12:00", "w", recorded_at="tue 09:00"))
        assert ["w" in keys(replay(POLICY, events, known_at=on(at))) for at in ("mon 15:00", "tue 09:00")] == [
            True,
            False,
        ]

    def test_stays_with_the_history_when_it_is_revised(self) -> None:
        history = replay(POLICY, EVENTS, known_at=on("mon 13:00")).revise([self.late]).history
        assert ["c", "r", "w"] == keys(history)
        assert us("mon 13:00") == history.known_us

    def test_an_instant_that_is_none_is_refused(self) -> None:
        with pytest.raises(NaiveTimeError, match="known_at"):
            replay(POLICY, EVENTS, known_at="2026-03-02T09:00")


class TestThePast:
    @pytest.mark.parametrize("at", [
        "mon 08:00", "mon 08:59:59.999999", "mon 09:00", "mon 09:30", "mon 10:00", "mon 11:59:59.999999", "mon 12:00"
        , "mon 13:00", "mon 14:00", "tue 09:00",
    ])  # fmt: skip
    def test_is_as_it_was_when_only_the_events_until_then_had_come(self, at: str) -> None:
        until = [event for event in EVENTS if event.at_us <= us(at)]
        assert story(POLICY, *until).at(on(at)) == story(POLICY, *EVENTS).at(on(at))
        assert story(POLICY, *until).facts_until(on(at)) == story(POLICY, *EVENTS).facts_until(on(at))

    def test_of_a_long_history_is_found_at_and_around_every_checkpoint(self) -> None:
        # Three events at each minute: of those at one instant some may stand before a checkpoint and some after it.
        rounds: list[list[Event]] = [[created("mon 00:00")]]
        for minute in range(1, 60):
            at = f"mon 00:{minute:02d}"
            status, speaker = "waiting" if minute % 2 else "open", "customer" if minute % 3 else "agent"
            rounds.append([
                changed(at, seq=1, status=status), changed(at, seq=2, minute=minute), replied(at, speaker, seq=3),
            ])  # fmt: skip
        policy = make_policy({"resolution": "40m", "update": "1m"}, defaults={"warn": ["50%"]})
        history = story(policy, *chain.from_iterable(rounds))
        assert 11 < len(history._promised._checkpoints)
        facts: tuple[Fact, ...] = ()
        state = initial_state(policy)
        for events in rounds:
            for event in events:
                state, told_now = advance(policy, state, event)
                facts = (*facts, *told_now)
            for at_us in (events[0].at_us, events[0].at_us + 30_000_001):
                at = iso_us(at_us, UTC)
                assert str(snapshot(policy, state, at)) == str(history.at(at))
                assert (*facts, *tick(policy, state, at)[1]) == history.facts_until(at)

    def test_reading_in_another_order_changes_nothing(self) -> None:
        one, two = story(POLICY, *EVENTS), story(POLICY, *EVENTS)
        instants = [on(f"mon {hour:02d}:30") for hour in range(8, 18)]
        assert [one.at(at) for at in instants] == [two.at(at) for at in reversed(instants)][::-1]

    def test_with_amendments_is_amended_up_to_then(self) -> None:
        rule = {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "30h"}}
        policy = make_policy({"resolution": "80h"}, rule, defaults={"on_amend": "move"})
        history = story(policy, created(), changed("wed 09:00", team="b"))
        assert ["thu 17:00", "tue 15:00", "tue 15:00"] == [
            short(history.at(on(at))["resolution"].due_at) for at in ("mon 23:59", "tue 00:00", "thu 09:00")
        ]


class TestFacts:
    def test_are_those_up_to_the_last_event(self) -> None:
        history = story(POLICY, created(), replied("mon 10:00"))
        assert ["mon 09:00 started", "mon 10:00 fulfilled"] == told(history.facts, "first_response")
        assert ["mon 09:00 started"] == told(history.facts, "resolution")

    def test_until_an_instant_are_those_that_have_become_by_then(self) -> None:
        history = story(POLICY, created(), changed("mon 18:00", team="b"))
        assert ["mon 09:00 started", "mon 15:00 warned 75%"] == told(history.facts_until(on("mon 17:00")), "resolution")
        after = told(history.facts_until(on("mon 17:00:00.000001")), "resolution")
        assert ["mon 09:00 started", "mon 15:00 warned 75%", "mon 17:00 breached"] == after

    def test_until_an_instant_to_come_are_those_if_nothing_else_happens(self) -> None:
        history = story(POLICY, created())
        assert "mon 17:00 breached" in told(history.facts_until(on("tue 09:00")), "resolution")
        assert "mon 17:00 breached" not in told(history.facts_until(on("mon 17:00")), "resolution")
        assert 4 == len(history.facts)

    def test_a_breach_made_by_an_event_is_there_at_its_instant(self) -> None:
        policy = make_policy(None, by_priority("1h", "8h"))
        history = story(policy, created(priority="low"), changed("mon 12:00", priority="high"), replied("mon 13:00"))
        assert "mon 12:00 breached" in told(history.facts_until(on("mon 12:00")))

    def test_have_keys_of_their_own(self) -> None:
        facts = story(POLICY, *EVENTS).facts_until(on("sun 09:00"))
        assert len(facts) == len({fact.key for fact in facts})

    def test_come_in_the_order_of_time_and_none_before_its_cause(self) -> None:
        facts = story(POLICY, *EVENTS).facts_until(on("sun 09:00"))
        assert sorted(fact.at_us for fact in facts) == [fact.at_us for fact in facts]
        at = {event.key: event.at_us for event in EVENTS}
        assert all(fact.at_us >= at.get(fact.cause, fact.at_us) for fact in facts)


class TestRevise:
    def changes(self, facts: tuple[Fact, ...]) -> list[str]:
        return told(facts, "resolution")

    def test_a_late_pause_takes_a_breach_back_and_moves_the_warning(self) -> None:
        history = story(POLICY, created(id="c"), changed("mon 17:30", id="t", team="b"))
        revision = history.revise([changed("mon 10:00", status="waiting"), changed("mon 12:00", status="open")])
        assert ["mon 10:00 paused", "mon 12:00 resumed"] == self.changes(revision.added)
        assert ["mon 17:00 breached"] == self.changes(revision.withdrawn)
        assert [("mon 15:00", "mon 17:00")] == [
            (short(was.at_us), short(now.at_us)) for was, now in revision.moved if was.metric == "resolution"
        ]
        assert ["mon 10:00", "mon 12:00"] == [short(event.at_us) for event in revision.history.events[1:3]]
        printed = [line.replace("2026-03-02T", "") for line in str(revision).splitlines() if "resolution" in line]
        assert [
            "- 17:00:00+00:00 resolution #1 breached (customer: 8h on always)",
            "+ 10:00:00+00:00 resolution #1 paused",
            "+ 12:00:00+00:00 resolution #1 resumed",
            "~ 15:00:00+00:00 resolution #1 warned 75% (customer: 8h on always) -> 17:00:00+00:00",
        ] == printed

    def test_a_later_event_only_adds_what_was_not_there_by_then(self) -> None:
        history = story(POLICY, created())
        revision = history.revise([changed("mon 17:30", status="solved")])
        # The warning and the breach would have come by then anyway.
        assert ["mon 17:30 fulfilled"] == self.changes(revision.added)
        assert ((), ()) == (revision.withdrawn, revision.moved)

    def test_a_withdrawal_takes_its_facts_back(self) -> None:
        revision = story(POLICY, *EVENTS).revise([withdrawn("tue 09:00", "r")])
        # By the last event that counts two hours had long passed.
        assert ["mon 10:30 warned 75%", "mon 11:00 breached"] == told(revision.added, "first_response")
        assert ["mon 10:00 fulfilled"] == told(revision.withdrawn, "first_response")

    def test_nothing_new_changes_nothing(self) -> None:
        history = story(POLICY, *EVENTS)
        revision = history.revise(EVENTS)
        assert ((), (), ()) == (revision.added, revision.withdrawn, revision.moved)
        assert "no fact is otherwise" == str(revision)
        assert history.state == revision.history.state

    def test_leaves_the_old_history_as_it_was(self) -> None:
        history = story(POLICY, *EVENTS)
        facts = history.facts
        history.revise([Extended(at=on("tue 09:00"), metric="resolution", by="9h", reason="r")])
        assert facts == history.facts

    def test_a_correction_of_the_creation_gives_its_cycle_another_key(self) -> None:
        revision = story(POLICY, created(id="c")).revise([withdrawn("tue 09:00", "c"), created("mon 08:00", id="c2")])
        assert ["mon 08:00 started"] == self.changes(revision.added)
        assert ["mon 09:00 started"] == self.changes(revision.withdrawn)


def test_a_history_knows_its_last_instant_and_shows_itself() -> None:
    history = replay(POLICY, [Changed(at=event.at, fields={}, ticket="T1") for event in EVENTS])
    assert ("mon 14:00", us("mon 14:00")) == (short(history.last_at), history.last_us)
    assert repr(history) == "<History of T1: 4 events, 0 facts>"


def test_a_history_is_equal_to_its_pickle_and_to_nothing_else() -> None:
    history = story(POLICY, created(), changed("mon 10:00", status="waiting"))
    twin = pickle.loads(pickle.dumps(history))
    assert (history, hash(history)) == (twin, hash(twin))
    assert history != story(POLICY, created())
    assert history != "history"


def test_a_snapshot_is_equal_to_its_pickle_also_where_nothing_was_promised() -> None:
    snapshot = story(make_policy({"resolution": "4h"}), created()).at(on("mon 10:00"))
    assert snapshot == pickle.loads(pickle.dumps(snapshot))


STATUSES = ("waiting", "open")
LONG = [
    changed(f"mon+{day // 5} {9 + day % 5:02d}:{minute:02d}", status=STATUSES[minute % 2])
    for day in range(15)
    for minute in range(60)
]
PICKLED: dict[str, tuple[Event, ...]] = {
    "walked": EVENTS,
    "folded": (*EVENTS, Extended(at=on("fri 09:00"), metric="resolution", by="1h", reason="agreed")),
    "changed often": (
        created(priority="low"),
        *(changed(f"tue {n // 60:02d}:{n % 60:02d}", priority=("high", "low")[n % 2]) for n in range(400)),
    ),
    "long": (created(), *LONG, *(replied(f"sun+2 {9 + n // 60:02d}:{n % 60:02d}", "customer") for n in range(300))),
}


@pytest.mark.parametrize("events", PICKLED.values(), ids=PICKLED)
@pytest.mark.parametrize("how", ["recompute", "carry"])
def test_what_was_read_of_a_ticket_is_equal_to_its_pickle_and_its_copy(events: tuple[Event, ...], how: str) -> None:
    """After all of it was read, too, and however long the ticket."""
    rule = by_priority("4h", "8h")
    policy = make_policy({"resolution": "4h", "next_response": "1h"}, rule, defaults={"on_change": how})
    history = replay(policy, events)
    for snap in (history.at(on("tue 09:00")), history.at(on("sun+2 20:00"))):
        assert snap.to_dict()
        cycles, explained = snap.cycles("resolution"), history.explain(snap.at)
        for found in (snap, snap["resolution"], cycles, explained, history.revise([])):
            assert str(found)
            assert found == pickle.loads(pickle.dumps(found))
            assert found == copy.deepcopy(found)


def test_a_pickled_snapshot_holds_nothing_of_other_tickets() -> None:
    sizes = []
    for _ in range(2):
        sizes.append(len(pickle.dumps(story(POLICY, *EVENTS).at(on("sun 09:00")))))
        for team in range(50):
            story(POLICY, created(team=str(team)), changed("mon 10:00", status=f"s{team}"), replied("mon 11:00"))
    assert sizes[0] == sizes[1]


def test_all_metrics_are_told_of_where_an_event_names_one_that_was_not_promised() -> None:
    waiver = Waived(at=on("mon 10:00"), metric="agent_work", reason="drill")
    history = replay(make_policy({"resolution": "4h"}), [created(), waiver])
    assert () == history.anomalies
    assert "waived" == history.at(on("mon 11:00"))["agent_work"].verdict


class Matrix:
    """As an array of numpy, it has a trace."""

    def trace(self) -> int:
        return 0


@pytest.mark.parametrize("given", [[{}], [None], ({},), [Matrix()], [Event(at=on("mon 09:00"), ticket="T")]])
def test_what_is_no_event_is_a_type_error(given: object) -> None:
    with pytest.raises(TypeError, match="expected an event; event_from_dict and load_events give some"):
        replay(POLICY, given)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="expected an event"):
        replay_all(POLICY, given)  # type: ignore[arg-type]


ONE = Created(at=on("mon 09:00"), ticket="T")
NO_EVENTS: dict[str, tuple[object, str]] = {
    "nothing": (None, "found nothing, expected a list of events, or an iterator over some; event_from_dict and"),
    "a number": (3, "found 3, expected a list of events, or an iterator over some; event_from_dict and load_events"),
    "an event": (ONE, "found Created(.*), expected a list of events, .*; put the event into a list$"),
    "a class": (Created, "found <class .*, expected a list of events, .*; event_from_dict and load_events give some$"),
    "a path": ("ok.csv", "found `ok.csv`, expected a list of events, .*; load_events reads the events of a file$"),
    "no text": ("", "found ``, expected a list of events, .*; load_events reads the events of a file$"),
    "bytes": (b"{}", "found b'{}', expected a list of events, .*; load_events reads the events of a file$"),
    "a mapping": (ONE.to_dict(), "found {'event': 'created', .*; event_from_dict makes an event of a mapping, which "),
    "an empty mapping": ({}, "found {}, expected a list of events, .*; event_from_dict makes an event of a mapping, "),
    "events by id": ({ONE: 1}, "found {Created.*; event_from_dict makes an event of a mapping, which goes into a list"),
}


@pytest.mark.parametrize("given", NO_EVENTS)
def test_what_holds_no_events_is_refused_and_says_what_to_do(given: str) -> None:
    odd, told = NO_EVENTS[given]
    history = replay(POLICY, [ONE])
    for door in (lambda: replay(POLICY, odd), lambda: replay_all(POLICY, odd), lambda: history.revise(odd)):  # type: ignore[arg-type]
        with pytest.raises(EventError, match=told):
            door()


def test_an_iterator_keeps_its_own_exception() -> None:
    """Also a TypeError that looks like that of something that cannot be iterated."""

    def broken() -> Iterator[Event]:
        yield ONE
        raise TypeError("'NoneType' object is not iterable, says the host")

    history = replay(POLICY, [ONE])
    for door in (replay, replay_all):
        with pytest.raises(TypeError, match="says the host"):
            door(POLICY, broken())
    with pytest.raises(TypeError, match="says the host"):
        history.revise(broken())


def test_whatever_can_be_iterated_gives_events() -> None:
    """Iterators, views, sets, and what has its parts by number alone."""

    class Numbered:
        def __getitem__(self, number: int) -> Event:
            return (ONE,)[number]

    expected = replay(POLICY, [ONE])
    for given in (iter([ONE]), {1: ONE}.values(), {ONE}, Numbered(), deque([ONE])):
        assert expected == replay(POLICY, given)  # type: ignore[arg-type]


def test_the_ticket_is_known_though_everything_was_withdrawn() -> None:
    created_ = Created(at=on("mon 09:00"), ticket="T", id="c")
    gone = Withdrawn(at=on("mon 10:00"), ticket="T", event="c", reason="a test")
    assert "T" == replay(POLICY, [created_, gone]).ticket
