"""Facts: what each says of itself, and what makes telling it twice the same as telling it once."""

from __future__ import annotations

import json

import attrs
import pytest

from helpers import UTC, by_priority, changed, created, make_policy, on, replied, story, told, us
from slaclock.facts import Anomaly, Fact, FactKind

BARE = Fact(
    kind=FactKind.STARTED, at_us=us("mon 09:00"), zone=UTC, metric="resolution", cycle=1, cycle_key="c", cause="c"
)


def find(facts: tuple[Fact, ...], kind: str) -> Fact:
    (found,) = (fact for fact in facts if fact.kind == kind and fact.metric == "resolution")
    return found


def test_the_kinds_are_these() -> None:
    expected = (
        "started paused resumed retargeted warned breached fulfilled reopened cancelled restarted extended waived"
    )
    assert expected.split() == [str(kind) for kind in FactKind]


def test_a_fact_is_shown_as_it_is_printed() -> None:
    """So that a list of facts can be read at a prompt."""
    assert "[<Fact 2026-03-02T09:00:00+00:00 resolution #1 started>]" == repr([BARE])


def test_at_is_in_the_zone_of_the_policy() -> None:
    policy = make_policy({"resolution": "4h"}, timezone="Europe/Berlin")
    fact = find(story(policy, created()).facts, "started")
    assert fact.at.isoformat() == "2026-03-02T10:00:00+01:00"
    assert fact.to_dict()["at"] == "2026-03-02T10:00:00+01:00"


class TestKey:
    def test_of_a_fact_about_the_clock_names_its_cycle_and_cause(self) -> None:
        fact = attrs.evolve(BARE, ticket="T1", kind=FactKind.PAUSED, cause="e2")
        assert fact.key == "T1|resolution|c|paused||e2"

    def test_of_a_warning_names_the_target_and_the_warning(self) -> None:
        fact = attrs.evolve(BARE, kind=FactKind.WARNED, digest="d", warning="75%", cause="time")
        assert fact.key == "|resolution|c|warned|d|75%"

    def test_of_a_warning_without_text_is_still_a_key(self) -> None:
        assert attrs.evolve(BARE, kind=FactKind.WARNED).key == "|resolution|c|warned||"

    def test_of_a_breach_names_the_target_alone(self) -> None:
        # So that a breach by time and one found by a late event are one.
        fact = attrs.evolve(BARE, kind=FactKind.BREACHED, digest="d", cause="time")
        assert fact.key == attrs.evolve(fact, cause="e7", at_us=0, cycle=9).key == "|resolution|c|breached|d|"

    def test_is_not_moved_by_a_late_event(self) -> None:
        policy = make_policy({"resolution": "4h"}, defaults={"warn": ["75%"]})
        history = story(policy, created(), changed("mon 16:00", note="x"))
        revised = history.revise([changed("mon 10:00", status="waiting"), changed("mon 11:00", status="open")]).history
        warned, later = find(history.facts, "warned"), find(revised.facts, "warned")
        assert warned.key == later.key
        assert later.at_us - warned.at_us == us("mon 11:00") - us("mon 10:00")

    def test_is_another_for_another_value_of_the_target_and_the_same_when_it_returns(self) -> None:
        policy = make_policy(None, by_priority("1h", "8h"))
        facts = story(
            policy,
            created(priority="high"),
            changed("mon 12:00", priority="low"),
            changed("mon 13:00", priority="high"),
        ).facts
        assert ["mon 10:00 breached"] == [line for line in told(facts) if "breached" in line]
        low, high = (fact for fact in facts if fact.kind == "retargeted")
        assert low.digest != high.digest == find(facts, "breached").digest


class TestShown:
    def test_to_dict_is_json_ready_and_complete(self) -> None:
        policy = make_policy({"resolution": "4h"}, defaults={"warn": [{"at": "50%", "notify": ["lead", "boss"]}]})
        fact = find(story(policy, created(id="e1")).facts_until(on("mon 12:00")), "warned")
        assert json.loads(json.dumps(fact.to_dict())) == {
            "kind": "warned",
            "at": "2026-03-02T11:00:00+00:00",
            "ticket": None,
            "metric": "resolution",
            "cycle": 1,
            "target": "4h on always",
            "layer": "customer",
            "rule": "everybody",
            "warning": "50%",
            "notify": ["lead", "boss"],
            "overtaken": False,
            "dropped": False,
            "cause": "time",
            "key": f"|resolution|e1|warned|{fact.digest}|50%",
        }

    def test_a_fact_about_the_clock_has_no_target(self) -> None:
        data = BARE.to_dict()
        assert (None, None, None, None, []) == tuple(data[k] for k in ("target", "layer", "rule", "warning", "notify"))

    def test_text_says_when_which_what_and_by_whom(self) -> None:
        policy = make_policy({"resolution": "4h"}, defaults={"warn": ["50%"]})
        facts = story(policy, created()).facts_until(on("mon 12:00"))
        assert str(find(facts, "warned")) == (
            "2026-03-02T11:00:00+00:00 resolution #1 warned 50% (customer: 4h on always)"
        )
        assert str(find(facts, "started")) == "2026-03-02T09:00:00+00:00 resolution #1 started"


@pytest.mark.parametrize("cause", ["e1", "time"])
def test_who_finishes_at_the_due_instant_is_in_time_so_a_breach_is_told_right_after_it(cause: str) -> None:
    policy = make_policy({"first_response": "1h"})
    in_time = story(policy, created(), replied("mon 10:00"), changed("mon 12:00", note=cause))
    late = story(policy, created(), replied("mon 10:00:00.000001"), changed("mon 12:00", note=cause))
    assert not [line for line in told(in_time.facts) if "breached" in line]
    assert ["mon 10:00 breached"] == [line for line in told(late.facts) if "breached" in line]


def test_an_anomaly_has_a_code_an_event_and_a_sentence() -> None:
    anomaly = Anomaly("tie", "e1", "stands where another stands")
    assert anomaly.to_dict() == {"code": "tie", "event": "e1", "sentence": "stands where another stands"}
    assert str(anomaly) == "tie: stands where another stands (e1)"
