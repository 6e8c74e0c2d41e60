"""What a policy says of one metric: which rules are read, what each gives, and how a plan is named."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given as drawn

import slaclock as sla
import stories
from helpers import by_priority, make_policy, us
from slaclock.conditions import CATEGORY, Always, View
from slaclock.rules import Exemption
from slaclock.target import Plan
from slaclock.terms import Found, Terms
from test_laws import Case, cases

NOW = us("mon 09:00")
ACME = {"name": "acme", "when": {"customer": "acme"}}


def terms(*rules: dict[str, object], metric: str = "resolution", **keys: object) -> Terms:
    policy = make_policy(None, *rules, **keys)
    return policy.terms[list(policy.metrics).index(metric)]


def given(found: Found | Exemption) -> list[str | None]:
    """What each layer gives."""
    assert not isinstance(found, Exemption)
    return [None if plan is None else str(plan.target) for plan in found]


def find(of: Terms, start: str = "mon 09:00", now: str = "mon 09:00", **view: str) -> Found | Exemption:
    return of.find({CATEGORY: "new", **view}, us(start), us(now))


class TestReading:
    def test_the_first_matching_rule_that_speaks_of_the_metric_gives_the_layers_target(self) -> None:
        of = terms(
            {"name": "silent", "targets": {"update": "1h"}},
            {**ACME, "targets": {"resolution": "2h"}},
            {"name": "all", "targets": {"resolution": "3h"}},
            {"name": "never reached", "targets": {"resolution": "4h"}},
        )
        assert ["2h on always"] == given(find(of, customer="acme"))
        assert ["3h on always"] == given(find(of))

    def test_a_table_without_a_row_for_the_ticket_does_not_speak(self) -> None:
        of = terms(by_priority("1h", "8h"), {"name": "all", "targets": {"resolution": "24h"}})
        assert ["8h on always"] == given(find(of, priority="low"))
        assert ["24h on always"] == given(find(of, priority="odd"))

    def test_each_layer_gives_its_own_and_a_silent_one_none(self) -> None:
        layers = {
            "service": [{**ACME, "targets": {"resolution": "1h"}}],
            "corporate": [{"targets": {"resolution": "9h"}}],
        }
        of = terms(layers=layers)
        assert ("corporate", "service") == of.layers
        assert ["9h on always", None] == given(find(of))
        assert ["9h on always", "1h on always"] == given(find(of, customer="acme"))

    def test_a_calendar_named_by_the_ticket_is_found_or_the_rule_does_not_speak(self) -> None:
        target = {"within": "1h", "calendar": {"from": "region"}}
        of = terms({"name": "r", "targets": {"resolution": target}}, {"name": "s", "targets": {"resolution": "9h"}})
        (plan,) = find(of, region="office")  # type: ignore[misc]
        assert isinstance(plan, Plan)
        assert plan.calendar_name == "office"
        assert ["9h on always"] == given(find(of, region="mars"))
        assert {"region"} == of.fields

    def test_the_same_target_is_compiled_once(self) -> None:
        of = terms({"name": "r", "targets": {"resolution": "1h"}})
        assert find(of)[0] is find(of)[0]  # type: ignore[index]


class TestWindows:
    def windowed(self, **target: object) -> Terms:
        rule = {
            "name": "spring",
            "effective": {"from": "2026-03-03", "until": "2026-03-04"},
            "targets": {"resolution": {"within": "1h", **target}},
        }
        return terms(rule, {"name": "all", "targets": {"resolution": "9h"}})

    @pytest.mark.parametrize(("start", "now", "gives"), [
        ("mon 23:59", "wed 12:00", "9h on always"),
        ("tue 00:00", "fri 12:00", "1h on always"),
        ("wed 23:59", "fri 12:00", "1h on always"),
        ("thu 00:00", "fri 12:00", "9h on always"),
    ])  # fmt: skip
    def test_are_compared_with_the_start_of_the_cycle(self, start: str, now: str, gives: str) -> None:
        assert [gives] == given(find(self.windowed(), start, now))

    def test_are_compared_with_now_where_the_target_moves(self) -> None:
        of = self.windowed(on_amend="move")
        assert of.moves
        assert ["1h on always"] == given(find(of, "mon 09:00", "wed 12:00"))
        assert ["9h on always"] == given(find(of, "wed 09:00", "thu 00:00"))

    def test_of_targets_that_keep_move_nothing(self) -> None:
        assert not self.windowed().moves

    @pytest.mark.parametrize("answer", ["keep", "move"])
    def test_of_exemptions_move_as_the_metric_says_whatever_its_targets_say(self, answer: str) -> None:
        rule = {"name": "spring", "effective": {"until": "2026-03-04"}, "exempt": ["resolution"]}
        other = {"name": "all", "targets": {"resolution": {"within": "9h", "on_amend": "keep"}}}
        of = terms(rule, other, defaults={"on_amend": answer})
        assert of.moves is (answer == "move")
        assert isinstance(find(of, "mon 09:00", "tue 09:00"), Exemption)
        assert isinstance(find(of, "mon 09:00", "thu 09:00"), Exemption) is (answer == "keep")


class TestExemptions:
    def test_take_the_target_away_in_every_layer(self) -> None:
        layers = {"corporate": [{"targets": {"resolution": "9h"}}], "customer": [{**ACME, "exempt": True}]}
        assert Exemption("customer", "acme") == find(terms(layers=layers), customer="acme")

    def test_of_some_metrics_leave_the_others(self) -> None:
        layers = {"corporate": [{"targets": {"resolution": "9h"}}], "customer": [{**ACME, "exempt": ["update"]}]}
        assert ["9h on always", None] == given(find(terms(layers=layers), customer="acme"))

    def test_are_read_in_the_order_of_rules(self) -> None:
        of = terms({"name": "first", "targets": {"resolution": "9h"}}, {"name": "second", "exempt": True})
        assert ["9h on always"] == given(find(of))

    def test_have_windows_too(self) -> None:
        rule = {"name": "trial", "effective": {"until": "2026-03-02"}, "exempt": True}
        of = terms(rule, {"name": "all", "targets": {"resolution": "9h"}})
        assert Exemption("customer", "trial") == find(of)
        assert ["9h on always"] == given(find(of, "tue 09:00", "tue 09:00"))


class TestCompiled:
    def test_pause_rules_are_the_metrics_and_those_of_its_targets_each_once(self) -> None:
        pauses = [{"never": True}, {"status": "vendor"}, {"never": True}]
        rules = [
            {
                "name": str(number),
                "when": {"a": number},
                "targets": {"resolution": {"within": "1h", "pause_while": pause}},
            }
            for number, pause in enumerate(pauses)
        ]
        of = terms(*rules, {"name": "all", "targets": {"resolution": "1h"}})
        assert 3 == len(of.lives)
        assert of.lives[0] == of.metric.pause_while
        assert of.lives[1] == Always(False)

    def test_the_narrowest_strategy_wins(self) -> None:
        metrics = {"resolution": {"on_change": "carry", "on_relax": "sticky"}}
        targets = {"resolution": {"within": "1h", "on_change": "keep"}}
        of = terms(
            {"name": "r", "targets": targets}, metrics=metrics, defaults={"on_change": "restart", "on_reopen": "ignore"}
        )
        (plan,) = find(of)  # type: ignore[misc]
        assert isinstance(plan, Plan)
        assert ("carry", "ignore", "sticky") == (
            of.strategies.on_change,
            of.strategies.on_reopen,
            of.strategies.on_relax,
        )
        assert ("keep", "ignore", "sticky", "drop") == (
            plan.strategies.on_change,
            plan.strategies.on_reopen,
            plan.strategies.on_relax,
            plan.strategies.on_unmatched,
        )

    def test_a_metrics_own_way_of_binding_comes_before_the_policys(self) -> None:
        keys = {"binds": "most_specific", "metrics": {"resolution": {"binds": "earliest_due"}}}
        rule = {"name": "r", "targets": {"resolution": "1h"}}
        assert "earliest_due" == terms(rule, **keys).binds
        assert "most_specific" == terms(rule, metric="update", **keys).binds

    def test_it_minds_the_fields_that_may_change_its_target_pause_it_or_keep_its_start_back(self) -> None:
        keys = {"metrics": {"resolution": {"start_while": {"a": 1}, "pause_while": {"b": 1}}}}
        of = terms({"name": "r", "when": {"c": 1}, "targets": {"resolution": "1h"}}, **keys)
        assert ({"c"}, {"a", "b", "c"}) == (of.fields, of.interest)

    def test_triggers_become_masks_over_the_distinct_triggers_of_the_policy(self) -> None:
        first, nxt = terms(metric="first_response"), terms(metric="next_response")
        # Both are stopped by the public reply of an agent, and only one waits for it before it starts.
        assert first.stop == nxt.stop == nxt.start_after
        assert 0 == first.start_after == first.cancel == first.reset
        assert nxt.any == nxt.start | nxt.start_after | nxt.stop | nxt.unanswered
        assert nxt.standing == nxt.unanswered


class TestReferences:
    of = terms(by_priority("1h", "8h"), {"name": "all", "targets": {"resolution": "24h"}})

    @pytest.mark.parametrize(("view", "reference"), [
        ({"priority": "low"}, (0, "by priority", 1, "always")), ({}, (0, "all", 0, "always")),
    ])  # fmt: skip
    def test_name_a_plan_and_lead_back_to_it(self, view: View, reference: tuple[int, str, int, str]) -> None:
        (plan,) = self.of.find({CATEGORY: "new", **view}, NOW, NOW)  # type: ignore[misc]
        assert isinstance(plan, Plan)
        assert reference == self.of.reference(plan)
        assert self.of.referred(*reference) is plan

    @pytest.mark.parametrize("reference", [
        (0, "all", 0, "mars"), (0, "gone", 0, "always"), (9, "all", 0, "always"), (0, "all", 1, "always"),
    ])  # fmt: skip
    def test_that_lead_nowhere_are_a_lookup_error(self, reference: tuple[int, str, int, str]) -> None:
        with pytest.raises(LookupError):
            self.of.referred(*reference)

    def test_to_a_rule_that_only_exempts_lead_nowhere(self) -> None:
        with pytest.raises(LookupError, match="gone"):
            terms({"name": "gone", "exempt": True}).referred(0, "gone", 0, "always")


class Every(frozenset[str]):
    """Fields among which is every one of which somebody asks."""

    def isdisjoint(self, other: object) -> bool:
        return False


def widened(policy: sla.Policy) -> sla.Policy:
    """The same policy, under which every event and every edge may matter to every clock, and all rules are read."""
    wide = copy.copy(policy)
    vars(wide).update(moves=True, asks_arrival=True)
    wide.memory["paths"] = None
    for of in wide.terms:
        of.moves, of.any, of._indexes = True, -1, (None,) * len(of.layers)
        of.fields = of.interest = Every(of.fields)
    return wide


@pytest.mark.laws
@stories.profile(60)
@drawn(cases())
def test_what_is_left_out_for_speed_would_have_changed_nothing(case: Case) -> None:
    """Whether an event, an edge or a rule can matter to a clock is asked of summaries; none is narrower than what it
    stands for: where all of them say yes, every fact and every figure is the same."""
    policy, events, at = case
    narrow, wide = sla.replay(policy, events), sla.replay(widened(policy), events)
    assert list(map(str, wide.facts)) == list(map(str, narrow.facts))
    assert [fact.key for fact in wide.facts] == [fact.key for fact in narrow.facts]
    for instant in (at, events[-1].at, events[-1].at.add(days=3)):
        assert wide.at(instant).readings == narrow.at(instant).readings
        assert wide.facts_until(instant) == narrow.facts_until(instant)
