"""Events in any order: which of them count, and in what order; duplicates, withdrawals and ties."""

from __future__ import annotations

from itertools import permutations
from typing import ClassVar

import attrs
import pytest

from helpers import by_priority, changed, created, keys, make_policy, on, replied, short, story, withdrawn
from slaclock.errors import EventError
from slaclock.events import Event, Held, Merged, Released, Restarted, Waived
from slaclock.history import replay
from slaclock.policy import Policy

POLICY = make_policy({"first_response": "2h", "resolution": "8h"}, defaults={"warn": ["75%"]})
EVENTS: tuple[Event, ...] = (
    created(id="c"),
    replied("mon 10:00", id="r"),
    changed("mon 12:00", id="w", status="waiting"),
    changed("mon 14:00", id="o", status="open"),
)

SOLVED = (created(), replied("mon 10:00"), changed("mon 11:00", status="solved"))
OWN = {
    "start": {"replied": {"by": "customer"}},
    "start_after": {"changed": {"all": [{"stage": "a"}, {"not": {"flag": True}}]}},
    "stop": {"replied": {"by": "bot"}},
}
OPEN = {"name": "outage", "from": "2026-03-01", "reason": "move", "when": {"vip": True}}
GOLD = {"name": "gold", "when": {"tier": "gold"}, "targets": {"update": {"within": "4h", "warn": "50%"}}}
PEAK = {"name": "peak", "from": "2026-03-01", "reason": "sale", "when": {"vip": True}, "extend": "2x"}
# Policy, what came before, what is tied, and what comes after it.
TIES: dict[str, tuple[Policy, tuple[Event, ...], tuple[Event, Event], tuple[Event, ...]]] = {
    "a hold": (
        POLICY, (), (Held(at=on("mon 08:00"), reason="move"), Released(at=on("mon 08:00"))), (created(),),
    ),
    "a start kept back": (
        make_policy({"next_response": "8h"}), SOLVED,
        (replied("mon 12:00", "customer"), replied("mon 12:00")), (changed("mon 13:00", status="open"),),
    ),
    "a start made ready": (
        make_policy({"own": "8h"}, metrics={"own": OWN}), (created(),),
        (changed("mon 10:00", stage="a"), changed("mon 10:00", flag=True)), (replied("mon 11:00", "customer"),),
    ),
    "more time": (
        make_policy({"resolution": "8h"}, exceptions=[PEAK]), (), (created(), changed("mon 09:00", vip=True)), (),
    ),
}  # fmt: skip


def known_at(event: Event, recorded_at: str) -> Event:
    return attrs.evolve(event, at=event.at, recorded_at=on(recorded_at))


class TestOrder:
    def test_any_order_of_arrival_gives_the_same_history(self) -> None:
        expected = story(POLICY, *EVENTS)
        for events in permutations(EVENTS):
            found = replay(POLICY, events)
            assert (expected.events, expected.facts, expected.anomalies) == (found.events, found.facts, found.anomalies)
            assert expected.state == found.state

    def test_is_by_instant_and_then_by_seq(self) -> None:
        events = (changed("mon 10:00", id="b", seq=2), changed("mon 10:00", id="a", seq=1), created(id="c"))
        assert ["c", "a", "b"] == keys(story(POLICY, *events))

    def test_of_what_is_equal_in_both_is_the_one_given(self) -> None:
        events = (created(id="c"), changed("mon 10:00", id="b"), changed("mon 10:00", id="a"))
        assert ["c", "b", "a"] == keys(story(POLICY, *events))

    def test_of_tied_events_that_differ_in_effect_is_an_anomaly(self) -> None:
        history = story(
            POLICY, created(), changed("mon 10:00", id="a", team="a"), changed("mon 10:00", id="b", team="b")
        )
        assert ["tie: stands at the same (at, seq) as a and differs in effect; the order given decides (b)"] == [
            str(anomaly) for anomaly in history.anomalies
        ]

    def test_of_tied_events_that_give_a_truth_value_and_a_number_is_an_anomaly(self) -> None:
        history = story(POLICY, created(), changed("mon 10:00", id="a", vip=True), changed("mon 10:00", id="b", vip=1))
        assert ["tie"] == [anomaly.code for anomaly in history.anomalies]

    def test_two_events_that_differ_by_a_truth_value_are_two(self) -> None:
        """Python takes 1 and True for equal."""
        history = story(POLICY, created(vip=True), changed("mon 10:00", vip=1), changed("mon 10:00", vip=True))
        assert 3 == len(history.events)
        with pytest.raises(EventError, match="two events with the id 'a' that differ"):
            story(POLICY, created(), changed("mon 10:00", id="a", vip=True), changed("mon 10:00", id="a", vip=1))

    @pytest.mark.parametrize("other", [
        changed("mon 10:00", id="b", owner="b"), replied("mon 10:00", "customer", id="b"),
    ])  # fmt: skip
    def test_of_tied_events_that_do_not_differ_in_effect_is_none(self, other: Event) -> None:
        assert () == story(POLICY, created(), changed("mon 10:00", id="a", colour="red"), other).anomalies

    def test_of_a_creation_and_what_ties_with_it_is_an_anomaly(self) -> None:
        history = story(POLICY, created(), replied("mon 09:00", id="b"))
        assert ["tie"] == [anomaly.code for anomaly in history.anomalies]
        assert "stopped" == history.at(on("mon 10:00"))["first_response"].phase

    @pytest.mark.parametrize("what", TIES)
    def test_of_tied_events_that_differ_only_in_what_is_to_come_is_an_anomaly(self, what: str) -> None:
        """No fact and no phase tells of it yet; what becomes of the ticket differs all the same."""
        policy, before, tied, after = TIES[what]
        histories = [story(policy, *before, *order, *after) for order in (tied, tied[::-1])]
        assert [1, 1] == [sum(each.code == "tie" for each in history.anomalies) for history in histories]
        one, other = ([str(reading) for reading in history.at(on("mon 15:00")).readings] for history in histories)
        assert one != other

    @pytest.mark.parametrize("between", [
        [replied("mon 10:00", id="n", public=False)],
        [replied("mon 10:00", id="n", public=False), changed("mon 10:00", id="m", colour="red")],
    ])  # fmt: skip
    def test_of_tied_events_that_differ_in_effect_is_an_anomaly_whatever_stands_in_between(
        self, between: list[Event]
    ) -> None:
        """Neither differs from its neighbours; which comes last decides all the same."""
        policy = make_policy(None, by_priority("1h", "24h"))
        ends = changed("mon 10:00", id="a", priority="high"), changed("mon 10:00", id="b", priority="low")
        history = story(policy, created(priority="low"), ends[0], *between, ends[1])
        sentence = "stands at the same (at, seq) as a and those in between, and their order differs in effect"
        assert [f"tie: {sentence}; the order given decides (b)"] == [str(anomaly) for anomaly in history.anomalies]
        other = story(policy, created(priority="low"), ends[1], *between, ends[0])
        assert ["tie"] == [anomaly.code for anomaly in other.anomalies]
        due = {each.at(on("mon 11:00"))["resolution"].due_at for each in (history, other)}
        assert 2 == len(due)

    def test_is_an_anomaly_whichever_of_the_orders_was_given(self) -> None:
        """Of four, of which none differs from its neighbour, nor all from their reverse."""
        metric = {"start": {"replied": {"by": "customer"}}, "stop": {"replied": {"by": "agent"}}}
        rule = {"by": "priority", "targets": {"own": {"high": "1h", "low": "8h"}}}
        policy = make_policy(None, rule, metrics={"own": metric}, defaults={"on_change": "keep"})
        tied = (
            changed("mon 10:00", id="a", priority="high"),
            changed("mon 10:00", id="n", colour="red"),
            replied("mon 10:00", "customer", id="b"),
            changed("mon 10:00", id="c", priority="high"),
        )
        for order in permutations(tied):
            history = story(policy, created(priority="low"), *order)
            assert ["tie"] == [anomaly.code for anomaly in history.anomalies]

    def test_of_a_merge_and_of_what_it_keeps_from_happening_is_an_anomaly(self) -> None:
        tied = (created(status="solved"), Merged(at=on("mon 09:00"), into="8"))
        for order in (tied, tied[::-1]):
            assert "tie" in [anomaly.code for anomaly in story(POLICY, *order).anomalies]

    def test_of_what_extends_a_target_that_is_yet_to_come_is_an_anomaly(self) -> None:
        rule = {"name": "team", "when": {"team": {"exists": True}}, "targets": {"resolution": "4h"}}
        policy = make_policy(None, rule, exceptions=[PEAK])
        tied = (changed("mon 10:00", vip=True), Restarted(at=on("mon 10:00"), metric="resolution", reason="anew"))
        due = set()
        for order in (tied, tied[::-1]):
            history = story(policy, created(), *order, changed("mon 11:00", team="a"))
            assert ["tie"] == [anomaly.code for anomaly in history.anomalies]
            due.add(history.at(on("mon 12:00"))["resolution"].due_at)
        assert 2 == len(due)

    UNTOLD: ClassVar[dict[str, tuple[Policy, tuple[Event, ...], tuple[Event, Event]]]] = {
        "another rule with an equal target": (
            make_policy(
                None,
                layers={"service": [GOLD], "customer": [{"targets": {"update": "4h"}}]},
            ),
            (created(),),
            (replied("mon 10:00"), changed("mon 10:00", tier="gold")),
        ),
        "the cycle that ends": (
            make_policy({"update": "4h"}, exceptions=[OPEN | {"suspend": True}]),
            (created(), replied("mon 10:00")),
            (replied("mon 12:00"), changed("mon 12:00", vip=True)),
        ),
        "whose waiver counts": (
            POLICY,
            (created(),),
            (
                Waived(at=on("mon 10:00"), metric="resolution", reason="a"),
                Waived(at=on("mon 10:00"), metric="resolution", reason="b"),
            ),
        ),
    }

    @pytest.mark.parametrize("what", UNTOLD)
    def test_that_decides_what_no_fact_tells_is_an_anomaly(self, what: str) -> None:
        policy, before, tied = self.UNTOLD[what]
        for order in (tied, tied[::-1]):
            assert ["tie"] == [anomaly.code for anomaly in story(policy, *before, *order).anomalies]

    def test_that_leave_no_trace_is_none(self) -> None:
        """A reason to pause that another takes over in the same instant; a scope that is left and entered again."""
        rule = {"any": [{"category": "pending"}, {"supplier": "1"}]}
        names = ("resolution", "requester_wait", "agent_work", "first_response")
        paused = make_policy({"resolution": "4h"}, metrics={name: {"pause_while": rule} for name in names})
        hold = Held(at=on("mon 10:00"), reason="lab")
        scope = OPEN | {"suspend": True, "when": {"any": [{"a": "1"}, {"b": "1"}]}}
        for policy, start, tied in (
            (paused, created(status="waiting"), (hold, changed("mon 10:00", supplier="1"))),
            (
                make_policy({"resolution": "4h"}, exceptions=[scope]),
                created(a="1"),
                (changed("mon 10:00", a="0"), changed("mon 10:00", b="1")),
            ),
        ):
            for order in (tied, tied[::-1]):
                history = story(policy, start, *order)
                assert () == history.anomalies
                assert 1 == len({str(story(policy, start, *each).at(on("mon 12:00"))) for each in (tied, order)})

    def test_of_many_events_the_reverse_is_tried(self) -> None:
        notes = [replied("mon 10:00", id=f"n{number}", public=False) for number in range(9)]
        policy = make_policy(None, by_priority("1h", "24h"))
        ends = changed("mon 10:00", id="a", priority="high"), changed("mon 10:00", id="b", priority="low")
        assert ["tie"] == [odd.code for odd in story(policy, created(), ends[0], *notes, ends[1]).anomalies]
        assert () == story(policy, created(), *notes, ends[1]).anomalies

    def test_of_several_tied_events_that_do_not_differ_in_effect_is_none(self) -> None:
        tied = [changed("mon 10:00", id=name, **{name: "x"}) for name in ("owner", "colour", "shape")]
        assert () == story(POLICY, created(), *tied).anomalies

    def test_two_creations_at_one_instant_are_still_an_event_error(self) -> None:
        with pytest.raises(EventError, match="second `created`"):
            story(POLICY, created(id="c"), created(id="d"))


class TestDuplicates:
    def test_the_same_event_twice_counts_once(self) -> None:
        history = story(POLICY, *EVENTS, *EVENTS)
        assert story(POLICY, *EVENTS).events == history.events
        assert 8 == len(history.given)

    def test_so_does_one_that_arrived_later_again(self) -> None:
        history = story(POLICY, *EVENTS, known_at(EVENTS[1], "tue 09:00"))
        assert 4 == len(history.events)

    def test_it_is_known_since_the_earliest_delivery_whatever_their_order(self) -> None:
        """What came again later takes nothing back: here a withdrawal that had been withdrawn in between."""
        hold = Held(at=on("mon 10:00"), id="h", reason="lab")
        early, late = (withdrawn("mon 11:00", "h", id="w", recorded_at=at) for at in ("mon 13:00", "mon 15:00"))
        again = withdrawn("mon 11:00", "w", id="v", recorded_at="mon 14:00")
        for order in permutations((early, late, again)):
            history = story(POLICY, created(id="c"), hold, *order)
            assert ["c", "h"] == keys(history)
            assert "paused" == history.at(on("mon 16:00"))["resolution"].phase

    def test_of_equal_ones_without_an_id_the_earliest_is_known_first_too(self) -> None:
        early, late = (known_at(replied("mon 10:00"), at) for at in ("mon 11:00", "mon 12:00"))
        for order in ((early, late), (late, early)):
            assert "mon 11:00" == short(story(POLICY, created(), *order).events[1].recorded_at)

    def test_so_do_equal_ones_without_an_id(self) -> None:
        assert 2 == len(story(POLICY, created(), replied("mon 10:00"), replied("mon 10:00")).events)
        assert 3 == len(story(POLICY, created(), replied("mon 10:00"), replied("mon 10:00", seq=1)).events)

    def test_the_same_id_with_other_content_is_an_event_error(self) -> None:
        with pytest.raises(EventError) as caught:
            story(POLICY, *EVENTS, replied("mon 10:30", id="r"))
        told = "found two events with the id 'r' that differ in `at`, expected one; withdraw one of them"
        assert str(caught.value) == told

    def test_of_another_kind_the_kind_is_said_to_differ(self) -> None:
        with pytest.raises(EventError, match="that differ in `event`, expected one; withdraw one of them"):
            story(POLICY, *EVENTS, created("mon 10:00", id="r"))

    def test_two_that_differ_in_their_place_alone_may_be_rows_of_two_files(self) -> None:
        """The ticket is named: of many that are replayed at once, nobody knows which."""
        same = attrs.evolve(EVENTS[1], at=on("mon 10:00"), recorded_at=None, ticket="T-1")
        told = (
            "found two events with the id 'r' of ticket 'T-1' that differ in `seq` alone (0 and 2), expected one; "
            "in a file the number of the row is the `seq` of an event that has none: "
            "give it the same `seq` in both rows, or, where they are two events, two ids"
        )
        with pytest.raises(EventError) as caught:
            replay(POLICY, [same, attrs.evolve(same, at=on("mon 10:00"), recorded_at=None, seq=2)])
        assert told == str(caught.value)


class TestWithdrawn:
    def test_what_is_withdrawn_never_happened(self) -> None:
        history = story(POLICY, *EVENTS, withdrawn("tue 09:00", "w"))
        assert ["c", "r", "o"] == keys(history)
        assert "mon 17:00" == short(history.at(on("mon 16:00"))["resolution"].due_at)

    def test_a_correction_is_a_withdrawal_and_a_new_event(self) -> None:
        history = story(POLICY, *EVENTS, withdrawn("tue 09:00", "r"), replied("mon 10:30", id="r2"))
        assert "mon 10:30" == short(history.at(on("mon 16:00"))["first_response"].fulfilled_at)

    def test_a_withdrawal_withdrawn_never_happened_either(self) -> None:
        history = story(POLICY, *EVENTS, withdrawn("tue 09:00", "w", id="x"), withdrawn("tue 10:00", "x"))
        assert ["c", "r", "w", "o"] == keys(history)

    def test_it_is_the_later_word_that_counts_whatever_the_order_of_arrival(self) -> None:
        words = (
            withdrawn("tue 09:00", "w", id="x"),
            withdrawn("tue 10:00", "x", id="y"),
            withdrawn("tue 11:00", "y", id="z"),
        )
        for events in permutations(words):
            assert ["c", "r", "o"] == keys(story(POLICY, *events, *EVENTS))

    def test_of_what_is_not_there_is_an_anomaly(self) -> None:
        history = story(POLICY, *EVENTS, withdrawn("tue 09:00", "q", id="x"))
        assert ["unknown_event: withdraws 'q', which is not there (x)"] == [str(each) for each in history.anomalies]

    def test_the_creation_withdrawn_can_be_given_anew(self) -> None:
        history = story(POLICY, *EVENTS, withdrawn("tue 09:00", "c"), created("mon 08:00", id="c2"))
        assert "mon 08:00" == short(history.at(on("mon 09:00"))["resolution"].started_at)
