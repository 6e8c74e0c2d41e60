"""The pure step: `advance` and `tick`, and states as values."""

from __future__ import annotations

import copy
import json
import pickle
import re
from collections.abc import Callable
from datetime import datetime

import attrs
import pytest

from helpers import changed, created, make_policy, on, replied, short, story, told
from slaclock.clock import State, advance, dump_state, initial_state, load_state, tick
from slaclock.errors import EventError, LateEventError, NaiveTimeError, PolicyMismatchError, StateError
from slaclock.events import Event, Withdrawn
from slaclock.facts import Fact
from slaclock.policy import Policy
from slaclock.snapshots import snapshot

POLICY = make_policy({"first_response": "2h", "resolution": "4h"}, defaults={"warn": ["50%"]})
OTHER = make_policy({"first_response": "3h"})


def run(*events: Event, policy: Policy = POLICY, state: State | None = None) -> tuple[State, list[Fact]]:
    """A state advanced by one event after the other, and all facts told on the way."""
    state = initial_state(policy) if state is None else state
    facts: list[Fact] = []
    for event in events:
        state, told_now = advance(policy, state, event)
        facts += told_now
    return state, facts


EVENTS = (
    created(id="c"),
    replied("mon 10:00"),
    changed("mon 11:00", status="waiting"),
    changed("mon 12:00", status="open"),
    changed("mon 15:00", status="solved"),
)


class TestAdvance:
    def test_one_by_one_comes_to_the_same_as_all_at_once(self) -> None:
        state, facts = run(*EVENTS)
        history = story(POLICY, *EVENTS)
        assert history.facts == tuple(facts)
        assert history.state == state
        assert history.at(on("mon 16:00")) == snapshot(POLICY, state, on("mon 16:00"))

    def test_gives_the_facts_since_the_state_before(self) -> None:
        state, facts = run(created())
        assert 4 == len(facts)
        state, facts = run(replied("mon 10:30"), state=state)
        expected = ["mon 10:00 warned 50%", "mon 10:30 fulfilled"]
        assert expected == told(facts, "first_response")

    def test_changes_neither_the_state_nor_what_it_was_given(self) -> None:
        state, _ = run(created())
        before = json.dumps(dump_state(state))
        advance(POLICY, state, replied("mon 10:00"))
        advance(POLICY, state, changed("mon 15:00", status="solved"))
        assert before == json.dumps(dump_state(state))

    def test_the_same_event_again_at_the_last_instant_is_a_redelivery_and_changes_nothing(self) -> None:
        state, _ = run(created(), replied("mon 10:00"), changed("mon 10:00", seq=1, team="b"))
        for again in (replied("mon 10:00"), changed("mon 10:00", seq=1, team="b")):
            assert (state, ()) == advance(POLICY, state, again)
        later = replied("mon 10:00", seq=2)
        assert state != advance(POLICY, state, later)[0]

    def test_a_redelivery_after_time_has_been_told_changes_nothing(self) -> None:
        state, _ = tick(POLICY, run(created())[0], on("tue 09:00"))
        assert (state, ()) == advance(POLICY, state, created())

    def test_the_same_id_with_other_content_at_the_last_instant_is_an_event_error(self) -> None:
        state, _ = run(created(id="c"))
        with pytest.raises(EventError) as caught:
            advance(POLICY, state, created(id="c", team="b"))
        told = "found two events with the id 'c' that differ in `fields`, expected one; withdraw one of them"
        assert str(caught.value) == told

    def test_another_tickets_event_is_an_event_error(self) -> None:
        state, _ = advance(POLICY, initial_state(POLICY), with_ticket(created(), "T1"))
        with pytest.raises(
            EventError, match="found an event of ticket 'T2', expected one of 'T1'; each needs its state"
        ):
            advance(POLICY, state, with_ticket(replied("mon 10:00"), "T2"))
        assert advance(POLICY, state, replied("mon 10:00"))[1]

    def test_a_second_created_is_an_event_error_and_leaves_the_state_usable(self) -> None:
        state, _ = run(created())
        with pytest.raises(EventError, match="second `created`"):
            advance(POLICY, state, created("mon 10:00"))
        assert advance(POLICY, state, replied("mon 10:00"))[1]


class TestLate:
    def test_an_event_before_the_last_is_refused(self) -> None:
        state, _ = run(created(), changed("mon 12:00", id="x", team="b"))
        with pytest.raises(LateEventError) as caught:
            advance(POLICY, state, replied("mon 11:00", id="r"))
        assert str(caught.value) == (
            "found r at 2026-03-02T11:00:00+00:00, which is before the last one at 2026-03-02T12:00:00+00:00, "
            "expected events in the order of (at, seq); replay the stored events instead"
        )

    def test_so_is_one_of_the_same_instant_with_a_smaller_seq(self) -> None:
        state, _ = run(created(), changed("mon 12:00", seq=2, team="b"))
        with pytest.raises(LateEventError):
            advance(POLICY, state, changed("mon 12:00", seq=1, team="c"))
        assert state != advance(POLICY, state, changed("mon 12:00", seq=2, team="c"))[0]

    def test_a_withdrawal_is_always_late(self) -> None:
        state, _ = run(created(id="c"))
        withdrawn = Withdrawn(at=on("tue 09:00"), event="c", reason="r", id="w")
        with pytest.raises(LateEventError) as caught:
            advance(POLICY, state, withdrawn)
        assert str(caught.value) == "w withdraws 'c', which may have counted already; replay the stored events instead"

    @pytest.mark.parametrize(("ticked", "at"), [("mon 11:00", "mon 11:00"), ("mon 13:00:00.000001", "mon 13:00")])
    def test_an_event_at_or_before_what_time_has_told_is_refused(self, ticked: str, at: str) -> None:
        state, facts = tick(POLICY, run(created(), replied("mon 10:00"))[0], on(ticked))
        assert facts
        with pytest.raises(LateEventError):
            advance(POLICY, state, changed(at, team="b"))

    @pytest.mark.parametrize(
        ("ticked", "at"), [("mon 10:59", "mon 10:30"), ("mon 12:00", "mon 11:30"), ("mon 13:00", "mon 13:00")]
    )
    def test_an_event_before_a_tick_that_told_nothing_after_it_is_taken(self, ticked: str, at: str) -> None:
        state, _ = tick(POLICY, run(created(), replied("mon 10:00"))[0], on(ticked))
        state, _ = advance(POLICY, state, changed(at, status="solved"))
        assert "met" == snapshot(POLICY, state, on("tue 09:00"))["resolution"].verdict

    def test_an_event_before_an_amendment_that_was_told_is_refused(self) -> None:
        rule = {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "1h"}}
        policy = make_policy({"resolution": "48h"}, rule, defaults={"on_amend": "move"})
        state, _ = tick(policy, run(created(), policy=policy)[0], on("tue 09:00"))
        with pytest.raises(LateEventError, match="after a fact of 2026-03-03T00:00:00"):
            advance(policy, state, changed("mon 23:00", team="b"))
        assert advance(policy, state, changed("tue 00:00", status="solved"))[1]


class TestTick:
    def test_tells_what_time_has_caused_and_tells_it_once(self) -> None:
        state, _ = run(created())
        state, facts = tick(POLICY, state, on("mon 11:00"))
        assert ["mon 10:00 warned 50%"] == told(facts, "first_response")
        assert ["mon 11:00 warned 50%"] == told(facts, "resolution")
        assert () == tick(POLICY, state, on("mon 11:00"))[1]
        # A breach arises right after its instant.
        assert ["mon 11:00 breached"] == told(tick(POLICY, state, on("mon 11:00:00.000001"))[1])

    def test_told_in_steps_comes_to_the_same_as_told_at_once(self) -> None:
        state, _ = run(created())
        at_once = tick(POLICY, state, on("tue 09:00"))
        steps: list[Fact] = []
        for at in ("mon 09:30", "mon 10:00", "mon 11:00", "mon 12:00", "mon 13:00", "tue 09:00"):
            state, facts = tick(POLICY, state, on(at))
            steps += facts
        assert at_once == (state, tuple(steps))

    def test_what_was_ticked_is_not_told_again_by_the_next_event(self) -> None:
        state, _ = tick(POLICY, run(created())[0], on("mon 12:00"))
        _, facts = advance(POLICY, state, changed("mon 12:30", status="solved"))
        assert ["mon 12:30 fulfilled"] == told(facts, "resolution")

    def test_following_next_wakeup_misses_nothing(self) -> None:
        state, _ = run(created())
        wake: datetime | str | None = on("mon 09:00")
        found: list[Fact] = []
        while (wake := snapshot(POLICY, state, wake).next_wakeup) is not None:
            state, facts = tick(POLICY, state, wake)
            assert facts
            found += facts
        assert found == list(tick(POLICY, run(created())[0], on("sun 09:00"))[1])

    def test_an_earlier_instant_tells_nothing(self) -> None:
        state, _ = run(created(), replied("mon 10:00"))
        assert () == tick(POLICY, state, on("mon 08:00"))[1]

    def test_an_instant_that_is_none_is_refused(self) -> None:
        with pytest.raises(NaiveTimeError):
            tick(POLICY, initial_state(POLICY), "2026-03-02T09:00")
        with pytest.raises(EventError):
            tick(POLICY, initial_state(POLICY), "soon")


class TestState:
    def test_is_a_value(self) -> None:
        one, two = run(*EVENTS)[0], run(*EVENTS)[0]
        assert (one, hash(one)) == (two, hash(two))
        assert one != run(created())[0]
        assert one != "a state"
        assert one != run(policy=OTHER)[0]

    def test_reads_back_what_it_writes_through_json(self) -> None:
        state, _ = run(*EVENTS)
        again = load_state(json.loads(json.dumps(dump_state(state))))
        assert (state, hash(state)) == (again, hash(again))
        assert snapshot(POLICY, state, on("tue 09:00")) == snapshot(POLICY, again, on("tue 09:00"))

    def test_is_changed_neither_by_what_was_read_nor_by_what_was_written(self) -> None:
        state, _ = run(*EVENTS)
        data = json.loads(json.dumps(dump_state(state)))
        again = load_state(data)
        for given in (data, dump_state(again), dump_state(state)):
            given["fields"]["status"] = "odd"
            given["cycles"].clear()
        assert state == again
        assert "resolution" in dump_state(state)["cycles"]

    def test_pickles_and_copies(self) -> None:
        state, _ = run(*EVENTS)
        for twin in (pickle.loads(pickle.dumps(state)), copy.copy(state), copy.deepcopy(state)):
            assert state == twin

    def test_saved_and_resumed_between_any_two_events_changes_nothing(self) -> None:
        state, facts = initial_state(POLICY), []
        for event in EVENTS:
            state, told_now = advance(POLICY, load_state(json.loads(json.dumps(dump_state(state)))), event)
            facts += told_now
        assert (state, facts) == run(*EVENTS)

    def test_shows_the_ticket_the_last_instant_and_the_policy(self) -> None:
        assert repr(initial_state(POLICY)) == f"<State of a ticket before any event, policy {POLICY.digest}>"
        state, _ = run(with_ticket(created(), "T1"))
        assert repr(state) == f"<State of T1 at 2026-03-02T09:00:00+00:00, policy {POLICY.digest}>"

    def test_of_another_policy_is_refused_everywhere(self) -> None:
        state, _ = run(created())
        text = (
            f"found a state made under the policy {POLICY.digest}, expected one under {OTHER.digest}; "
            "replay the ticket's events under the other policy, which is cheap"
        )
        for ask in (
            lambda: advance(OTHER, state, replied("mon 10:00")),
            lambda: tick(OTHER, state, on("mon 10:00")),
            lambda: snapshot(OTHER, state, on("mon 10:00")),
        ):
            with pytest.raises(PolicyMismatchError) as caught:
                ask()
            assert text == str(caught.value)

    def test_is_good_under_an_equal_policy_made_anew(self) -> None:
        twin = make_policy({"first_response": "2h", "resolution": "4h"}, defaults={"warn": ["50%"]})
        state, _ = run(created())
        assert "mon 13:00" == short(snapshot(twin, state, on("mon 10:00"))["resolution"].due_at)
        assert "mon 13:00" == short(snapshot(POLICY, state, on("mon 10:00"))["resolution"].due_at)

    def test_garbage_is_a_state_error(self) -> None:
        with pytest.raises(StateError):
            load_state({"slaclock_state": 0})


def with_ticket(event: Event, ticket: str) -> Event:
    return attrs.evolve(event, ticket=ticket, at=event.at)


@pytest.mark.parametrize(("call", "text"), [
    (lambda: advance("policy.yaml", initial_state(POLICY), created()), "found `policy.yaml`, expected a Policy"),
    (lambda: initial_state(None), "found nothing, expected a Policy; load_policy gives one"),
    (lambda: advance(POLICY, {}, created()), "found {}, expected a State; initial_state, advance and load_state"),
    (lambda: advance(POLICY, initial_state(POLICY), {}), "found {}, expected an event; event_from_dict"),
    (lambda: tick(POLICY, None, on("mon 09:00")), "found nothing, expected a State"),
    (lambda: dump_state(3), "found 3, expected a State"),
])  # fmt: skip
def test_what_is_no_policy_state_or_event_is_a_type_error_that_says_what_to_do(
    call: Callable[[], object], text: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(text)):
        call()
