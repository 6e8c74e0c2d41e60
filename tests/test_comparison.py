"""Comparisons: the same events under two policies, and what differs."""

from __future__ import annotations

import json

import pytest
from hypothesis import assume, given

import slaclock as sla
import stories
from helpers import by_priority, changed, created, make_policy, on, replied, short, story, told
from slaclock.comparison import Comparison, compare_facts
from slaclock.errors import EventError
from slaclock.events import Event
from slaclock.policy import Policy
from test_laws import Case, cases

NOW = make_policy({"first_response": "2h", "resolution": "8h"}, defaults={"calendar": "office"}, name="Now")
DRAFT = make_policy({"first_response": "1h", "resolution": "8h"}, defaults={"calendar": "office"}, name="Draft")


def compared(other: Policy, *events: Event, at: str | None = None, policy: Policy = NOW) -> Comparison:
    return story(policy, *events).under(other, None if at is None else on(at))


class TestCycles:
    def test_that_stand_otherwise_say_what_differs(self) -> None:
        found = compared(DRAFT, created(), replied("mon 10:30"))
        (difference,) = found.differences
        assert ("first_response", 1) == (difference.metric, difference.cycle)
        assert ("verdict", "due_at", "target") == difference.changed
        assert ("met", "breached") == difference.verdicts
        assert difference.before is not None
        assert difference.after is not None
        assert ("mon 11:00", "mon 10:00") == (short(difference.before.due_at), short(difference.after.due_at))

    def test_that_stand_the_same_are_there_without_a_difference(self) -> None:
        found = compared(DRAFT, created())
        assert [("first_response", ("due_at", "target")), ("resolution", ())] == [
            (cycle.metric, cycle.changed) for cycle in found.cycles
        ]

    def test_of_metrics_that_one_policy_alone_speaks_of_are_compared(self) -> None:
        other = make_policy({"update": "1h"})
        found = compared(other, created(), replied("mon 10:00"), at="mon 12:00")
        assert ["first_response", "resolution", "update"] == [cycle.metric for cycle in found.cycles]
        assert [("met", "no_target"), ("pending", "no_target"), ("no_target", "breached")] == [
            cycle.verdicts for cycle in found.cycles
        ]

    def test_that_begin_under_one_policy_alone_have_one_side(self) -> None:
        metrics = {"update": {"start": {"replied": {"by": "customer"}}, "stop": {"replied": {"by": "agent"}}}}
        policy, other = make_policy({"update": "1h"}), make_policy({"update": "1h"}, metrics=metrics)
        found = compared(other, created(), replied("mon 10:00"), replied("mon 11:00", "customer"), policy=policy)
        lost, new = found.differences
        assert lost.before is not None
        assert new.after is not None
        assert (None, None) == (lost.after, new.before)
        assert (("pending", None), (None, "pending")) == (lost.verdicts, new.verdicts)
        assert ["update: only before: update: running, pending", "update: only after: update: running, pending"] == [
            str(cycle).partition(", due")[0] for cycle in found.differences
        ]
        assert [None, "mon 11:00"] == [short(cycle.after.started_at) if cycle.after else None for cycle in (lost, new)]

    def test_of_a_metric_that_the_other_policy_does_not_know_have_one_side(self) -> None:
        metrics = {"triage": {"start": {"created": {}}, "stop": {"changed": {"team": "a"}}}}
        policy = make_policy({"triage": "1h"}, metrics=metrics)
        (lost,) = compared(make_policy(), created(), policy=policy).differences
        assert ("triage", None) == (lost.metric, lost.after)

    def test_several_of_one_instant_are_paired_in_order(self) -> None:
        """Restarted at the instant of its start, a metric has two cycles that began there."""
        restarted = sla.Restarted(at=on("mon 09:00"), metric="resolution", reason="r", seq=1)
        found = compared(NOW, created(), restarted)
        assert [1, 2] == [cycle.cycle for cycle in found.cycles if cycle.metric == "resolution"]
        assert found.is_same


class TestFacts:
    def test_of_another_target_of_the_same_layer_are_the_same_and_may_have_moved(self) -> None:
        found = compared(DRAFT, created(), at="mon 12:00")
        assert () == (*found.added, *found.withdrawn)
        assert [("mon 11:00", "mon 10:00")] == [(short(old.at), short(new.at)) for old, new in found.moved]

    def test_that_arise_under_one_policy_alone_are_added_or_withdrawn(self) -> None:
        found = compared(DRAFT, created(), replied("mon 10:30"))
        assert ["mon 10:00 breached"] == told(found.added)
        back = compared(NOW, created(), replied("mon 10:30"), policy=DRAFT)
        assert ["mon 10:00 breached"] == told(back.withdrawn)

    def test_two_of_one_kind_are_paired_in_order(self) -> None:
        policy, other = (make_policy(None, by_priority(high, "1h")) for high in ("4h", "5h"))
        events = (created(priority="low"), changed("mon 11:00", priority="high"))
        found = compared(other, *events, at="mon 15:00", policy=policy)
        assert [("mon 13:00", "mon 14:00")] == [(short(old.at), short(new.at)) for old, new in found.moved]
        assert () == (*found.added, *found.withdrawn)

    def test_are_the_same_only_by_key_where_nothing_else_makes_them_alike(self) -> None:
        history, other = story(NOW, created()), story(DRAFT, created())
        until = on("mon 12:00")
        changes = compare_facts(history.facts_until(until), other.facts_until(until))
        assert (1, 1, 0) == (len(changes.added), len(changes.withdrawn), len(changes.moved))


class TestBounds:
    def test_by_default_it_is_read_at_the_last_event(self) -> None:
        assert "mon 10:30" == short(compared(DRAFT, created(), replied("mon 10:30")).at)

    def test_without_events_an_instant_is_needed(self) -> None:
        with pytest.raises(EventError, match="without events, so that there is no last one: give an instant"):
            story(NOW).under(DRAFT)
        assert story(NOW).under(DRAFT, on("mon 09:00")).is_same

    def test_what_was_not_known_stays_unknown(self) -> None:
        late = sla.Replied(at=on("mon 10:30"), by="agent", recorded_at=on("tue 09:00"))
        history = sla.replay(NOW, [created(), late], known_at=on("mon 12:00"))
        assert history.known_us == history.under(DRAFT).after.known_us


class TestShown:
    def test_text_tells_what_differs_and_what_became_of_facts(self) -> None:
        text = str(compared(DRAFT, created(), replied("mon 10:30")))
        assert text == (
            "ticket at 2026-03-02T10:30:00+00:00: Now -> Draft\n"
            "first_response: verdict met -> breached, due 2026-03-02T11:00:00+00:00 -> 2026-03-02T10:00:00+00:00, "
            "by customer rule 'everybody': 2h on office -> customer rule 'everybody': 1h on office\n"
            "+ 2026-03-02T10:00:00+00:00 first_response #1 breached (customer: 1h on office)"
        )

    def test_text_has_a_sign_for_each_change_of_a_fact(self) -> None:
        other = make_policy({"resolution": "9h"}, defaults={"calendar": "office", "warn": ["50%"]})
        lines = str(compared(other, created(), at="tue 12:00")).splitlines()
        assert ["-", "+", "~"] == [line[0] for line in lines if line[1] == " "]
        assert lines[-1] == (
            "~ 2026-03-02T17:00:00+00:00 resolution #1 breached (customer: 8h on office) -> 2026-03-03T10:00:00+00:00"
        )

    def test_text_says_nobody_and_never_where_there_is_no_promise(self) -> None:
        (cycle,) = compared(make_policy(), created(), policy=make_policy({"resolution": "8h"})).differences
        assert str(cycle) == (
            "resolution: verdict pending -> no_target, due 2026-03-02T17:00:00+00:00 -> never, elapsed 0 -> -, "
            "by customer rule 'everybody': 8h on always -> nobody"
        )

    def test_text_of_later_cycles_has_their_number_and_of_equal_ones_says_so(self) -> None:
        events = (created(), replied("mon 10:00"), replied("mon 11:00"))
        policy = make_policy({"update": "1h"})
        found = compared(policy, *events, policy=policy)
        assert ["update: the same", "update #2: the same"] == list(map(str, found.cycles))
        assert "ticket at 2026-03-02T11:00:00+00:00: this policy -> the other: nothing differs" == str(found)

    def test_text_tells_of_a_phase(self) -> None:
        """Under the other policy the clock does not wait."""
        other = make_policy({"resolution": {"within": "8h", "pause_while": {"never": True}}})
        policy = make_policy({"resolution": "8h"})
        found = compared(other, created(), changed("mon 10:00", status="waiting"), policy=policy)
        assert "phase paused -> running, due never -> 2026-03-02T17:00:00+00:00" in str(found)

    def test_to_dict_is_json_ready(self) -> None:
        found = compared(DRAFT, created(), replied("mon 10:30"))
        data = json.loads(json.dumps(found.to_dict()))
        (difference,) = data["differences"]
        assert {"metric", "cycle", "started_at", "changed", "before", "after"} == difference.keys()
        assert ("met", "breached") == (difference["before"]["verdict"], difference["after"]["verdict"])
        assert [NOW.digest, DRAFT.digest] == data["policies"]
        assert [fact.to_dict() for fact in found.added] == data["added"]
        moved = json.loads(json.dumps(compared(DRAFT, created(), at="mon 12:00").to_dict()))["moved"]
        assert [["2026-03-02T11:00:00+00:00", "2026-03-02T10:00:00+00:00"]] == [
            [fact["at"] for fact in pair] for pair in moved
        ]
        lost = compared(make_policy(), created(), policy=make_policy({"triage": "1h"}, metrics=TRIAGE)).to_dict()
        assert lost["differences"][0]["after"] is None  # type: ignore[index]


TRIAGE = {"triage": {"start": {"created": {}}, "stop": {"changed": {"team": "a"}}}}


@stories.profile(12)
@given(cases(), cases())
def test_a_comparison_is_the_two_replays_side_by_side(one: Case, other: Case) -> None:
    """Under its own policy nothing differs; the other way round, what was added is withdrawn."""
    assume(one.policy != other.policy)
    history = sla.replay(one.policy, one.events)
    assert history.under(one.policy, one.at).is_same
    there = history.under(other.policy, one.at)
    assert sla.replay(other.policy, one.events) == there.after
    back = there.after.under(one.policy, one.at)
    changed = [sorted(map(str, (cycle.changed for cycle in found.cycles))) for found in (there, back)]
    assert changed[0] == changed[1]
    assert (len(there.added), len(there.withdrawn), len(there.moved)) == (
        len(back.withdrawn), len(back.added), len(back.moved),
    )  # fmt: skip
    for cycle in there.cycles:
        for reading, side in ((cycle.before, there.before), (cycle.after, there.after)):
            assert reading is None or reading in side.at(one.at).cycles(cycle.metric)
