"""Policies: what follows from an agreement, and that a policy is a value."""

from __future__ import annotations

import copy
import pickle

import pytest

import slaclock as sla
from helpers import CALENDARS, changed, created, make_policy, on, story, us
from slaclock.conditions import CATEGORY, Ordered
from slaclock.metric import Moment
from slaclock.policy import Policy
from slaclock.policyfile import load_policy
from slaclock.target import CalendarFrom

TWO = {"resolution": "4h", "first_response": "1h"}


class TestValue:
    def test_equal_policies_have_one_digest_whatever_the_order_of_names(self) -> None:
        turned = make_policy(
            dict(reversed(TWO.items())),
            calendars=dict(reversed(CALENDARS.items())),
            fields={"b": "bool", "a": ["x", "y"]},
        )
        policy = make_policy(TWO, fields={"a": ["x", "y"], "b": "bool"})
        assert policy == turned
        assert policy.digest == turned.digest
        assert hash(policy) == hash(turned)

    def test_the_name_is_no_part_of_what_it_means(self) -> None:
        assert make_policy(TWO, name="a").digest == make_policy(TWO, name="b").digest

    def test_whatever_it_means_is_part_of_the_digest(self) -> None:
        others = [
            make_policy(TWO),
            make_policy({**TWO, "resolution": "5h"}),
            make_policy(TWO, timezone="Europe/Berlin"),
            make_policy(TWO, statuses={"open": ["open"]}),
            make_policy(TWO, binds="most_specific"),
            make_policy(TWO, defaults={"on_change": "carry"}),
            make_policy(TWO, metrics={"resolution": {"repeats": True}}),
            make_policy(TWO, calendars={**CALENDARS, "office": {"hours": {"mon": "09:00-17:00"}}}),
        ]
        assert len(others) == len({policy.digest for policy in others})

    def test_it_pickles_and_copies_also_once_it_is_compiled(self) -> None:
        policy = make_policy(TWO)
        story(policy, created()).at(on("mon 10:00"))
        for twin in (pickle.loads(pickle.dumps(policy)), copy.deepcopy(policy)):
            assert policy == twin
            assert policy.digest == twin.digest
            assert story(twin, created()).at(on("mon 10:00"))["resolution"].due_us == us("mon 13:00")


class TestDerived:
    def test_an_empty_policy_speaks_of_nothing(self) -> None:
        assert ((), (), False) == (Policy().spoken, Policy().edges, Policy().moves)
        assert () == Policy().terms

    def test_spoken_are_the_metrics_to_which_some_rule_gives_a_target(self) -> None:
        rule = {"name": "r", "exempt": ["update"]}
        assert ("first_response", "resolution") == make_policy(TWO, rule).spoken

    def test_edges_are_those_of_all_windows_in_order_each_once(self) -> None:
        windows = [{"until": "2026-03-09"}, {"from": "2026-03-10", "until": "2026-03-09"}, {"from": "2026-03-03"}]
        rules = [
            {"name": str(number), "effective": {"from": "2026-03-01", **window}, "targets": TWO}
            for number, window in enumerate(windows[::2])
        ]
        assert (us("mon 00:00") - 86_400_000_000, us("tue 00:00"), us("tue+1 00:00")) == make_policy(None, *rules).edges

    def test_it_moves_only_where_a_target_moves_and_there_is_an_edge(self) -> None:
        window = {"name": "r", "effective": {"from": "2026-03-03"}, "targets": TWO}
        move = {"on_amend": "move"}
        assert make_policy(None, window, defaults=move).moves
        assert not make_policy(None, window).moves
        assert not make_policy(TWO, defaults=move).moves

    def test_ordered_are_the_conditions_that_read_numbers_wherever_they_stand_each_once(self) -> None:
        rule = {"name": "r", "when": {"not": {"seats": {"at_least": 50}}}, "targets": TWO}
        same = {"name": "s", "when": {"seats": {"at_least": 50}}, "exempt": True}
        metrics = {
            "resolution": {"pause_while": {"load": {"less_than": 1}}, "cancel": {"changed": {"age": {"more_than": 9}}}}
        }
        found = make_policy(None, rule, same, metrics=metrics).ordered
        assert {("seats", "at_least"), ("load", "less_than"), ("age", "more_than")} == {
            (condition.field, condition.order) for condition in found
        }
        assert all(isinstance(condition, Ordered) for condition in found)
        assert 3 == len(found)

    def test_it_asks_for_the_arrival_only_where_some_rule_does(self) -> None:
        assert not make_policy(TWO).asks_arrival
        assert make_policy(TWO, {"name": "r", "when": {"arrived": "outside_hours"}, "exempt": True}).asks_arrival

    def test_rules_are_all_rules_layer_by_layer(self) -> None:
        layers = {
            "service": [{"name": "c", "targets": TWO}],
            "corporate": [{"name": "a", "targets": TWO}, {"name": "b", "exempt": True}],
        }
        assert ["a", "b", "c"] == [rule.name for rule in make_policy(None, layers=layers).rules()]

    def test_each_trigger_is_asked_once_however_many_metrics_use_it(self) -> None:
        policy = make_policy(TWO)
        moment = Moment(changed("mon 10:00", status="solved"), {CATEGORY: "open"}, {CATEGORY: "resolved"})
        resolved = next(terms for terms in policy.terms if terms.metric.name == "resolution").stop
        assert policy.fired(moment, policy.all_metrics) & resolved == resolved
        assert [terms.metric.name for terms in policy.terms if terms.stop & resolved] == [
            "resolution",
            "requester_wait",
            "agent_work",
            "ownership",
        ]


class TestCategory:
    policy = make_policy(TWO)

    @pytest.mark.parametrize(("status", "category"), [
        ("waiting", "pending"), ("solved", "resolved"), (None, "new"), ((), "new"), ("on_hold", "on_hold"),
        ("odd", None), (("open",), None),
    ])  # fmt: skip
    def test_is_that_of_the_status_or_its_own_name_and_new_for_none(self, status: object, category: str | None) -> None:
        assert category == self.policy.category(status)  # type: ignore[arg-type]

    def test_reads_numbers_and_bools_as_text_spells_them(self) -> None:
        policy = make_policy(TWO, statuses={"pending": ["3"], "resolved": ["true"]})
        assert ["pending", "pending", "resolved"] == [policy.category(status) for status in (3, 3.0, True)]


class TestHours:
    @pytest.mark.parametrize(("at", "within"), [("mon 09:00", True), ("mon 17:00", False), ("sat 10:00", False)])
    def test_are_those_of_the_default_calendar(self, at: str, within: bool) -> None:
        assert within is make_policy(TWO, defaults={"calendar": "office"}).within_hours({}, us(at))

    def test_may_be_of_the_calendar_that_the_ticket_names(self) -> None:
        policy = make_policy(TWO, defaults={"calendar": {"from": "region", "default": "office"}})
        assert CalendarFrom("region", "office") == policy.default_calendar
        assert [True, False] == [policy.within_hours({"region": name}, us("sat 10:00")) for name in ("always", "mars")]

    def test_without_a_default_calendar_nothing_is_within(self) -> None:
        policy = load_policy({"slaclock": 1, "calendars": CALENDARS})
        assert not policy.within_hours({}, us("mon 10:00"))
        assert policy.calendar_for("office", {}) == "office"


def test_a_rule_by_two_fields_speaks_where_both_have_a_row() -> None:
    rule = {
        "name": "r",
        "by": ["tier", "priority"],
        "targets": {"resolution": {"gold": {"high": "1h"}, "otherwise": "9h"}},
    }
    policy = make_policy(None, rule)

    def amount(**fields: str) -> str | None:
        target = policy.targets_for(fields, on("mon 09:00"))["resolution"].target
        return None if target is None else str(target.amount)

    assert ["1h", None, "9h"] == [
        amount(tier="gold", priority="high"),
        amount(tier="gold", priority="low"),
        amount(tier="iron"),
    ]


def test_a_policy_is_frozen_and_shows_itself_briefly() -> None:
    policy = make_policy({"resolution": "4h"})
    with pytest.raises(TypeError):
        policy.calendars["x"] = policy.calendars["office"]  # type: ignore[index]
    assert f"<Policy without a name: 1 rules, 2 calendars, {policy.digest}>" == repr(policy)


@pytest.mark.parametrize(
    "metric",
    [
        {"start": "created", "stop": {"replied": {}}, "pause_while": {"arrived": "outside_hours"}},
        {"start": "created", "start_while": {"arrived": "outside_hours"}, "stop": {"replied": {}}},
        {"start": {"changed": {"arrived": "outside_hours"}}, "stop": {"replied": {}}},
    ],
)
def test_a_metric_may_ask_when_the_ticket_arrived_where_no_rule_does(metric: dict[str, object]) -> None:
    policy = load_policy({
        "slaclock": 1,
        "calendars": {"office": {"hours": {"mon-fri": "09:00-17:00"}}},
        "defaults": {"calendar": "office"},
        "metrics": {"own": metric},
    })  # fmt: skip
    phases = [
        sla.replay(policy, [sla.Created(at=at)]).at("2026-03-02T20:00Z")["own"].phase
        for at in ("2026-03-02T10:00Z", "2026-03-02T18:00Z")
    ]
    within, outside = (sla.Phase.RUNNING, sla.Phase.PAUSED) if "pause_while" in metric else (
        sla.Phase.NOT_STARTED, sla.Phase.RUNNING
    )  # fmt: skip
    assert [within, outside] == phases


@pytest.mark.parametrize("signal", ["start", "reset"])
def test_whether_a_ticket_arrived_within_hours_is_asked_by_a_trigger_that_only_names_it(signal: str) -> None:
    """What becomes of one metric's clock does not hang on whether some rule of another asks for it too."""
    trigger = {"changed": "arrived"}
    metric = {"start": "created", "stop": {"replied": {}}, "repeats": True} | {signal: trigger}
    rule = {"name": "night", "when": {"arrived": "outside_hours"}, "targets": {"first_response": "1h"}}
    metrics = {"own": metric}
    alone, beside = make_policy({"own": "8h"}, metrics=metrics), make_policy({"own": "8h"}, rule, metrics=metrics)
    assert alone.asks_arrival
    event = sla.Created(at="2026-03-02T10:00Z")
    phases = [sla.replay(policy, [event]).at("2026-03-02T11:00Z")["own"].phase for policy in (alone, beside)]
    assert [sla.Phase.RUNNING] * 2 == phases
