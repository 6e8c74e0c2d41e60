"""Which rules were read for a ticket, what came of each, and how many were passed over."""

from __future__ import annotations

import json

import pytest

from helpers import by_priority, make_policy, us
from slaclock.conditions import CATEGORY, Is, View
from slaclock.considered import Considered, Outcome, PassedOver, consider
from slaclock.terms import Terms

NOW = us("mon 09:00")
ACME = {"name": "acme", "when": {"customer": "acme"}}


def terms(*rules: dict[str, object], **keys: object) -> Terms:
    policy = make_policy(None, *rules, **keys)
    return policy.terms[list(policy.metrics).index("resolution")]


def told(of: Terms, **fields: object) -> list[str]:
    view: View = {CATEGORY: "new", **fields}  # type: ignore[dict-item]
    return [str(found) for found in consider(of, view, NOW)]


def promise(name: str, when: object = None, within: str = "1h") -> dict[str, object]:
    rule = {"name": name, "targets": {"resolution": within}}
    return rule if when is None else {**rule, "when": when}


class TestConsidered:
    def test_every_rule_read_is_told_with_what_came_of_it(self) -> None:
        of = terms(
            {**ACME, "targets": {"resolution": "1h"}},
            {"name": "later", "effective": {"from": "2027-01-01"}, "targets": {"resolution": "1h"}},
            {"name": "over", "effective": {"until": "2026-03-01"}, "targets": {"resolution": "1h"}},
            by_priority("1h", "8h"),
            {"name": "lost", "targets": {"resolution": {"within": "1h", "calendar": {"from": "region"}}}},
            {"name": "all", "targets": {"resolution": "24h"}},
            {"name": "never reached", "targets": {"resolution": "25h"}},
        )
        assert [
            "customer: acme: does not apply: asks for customer is acme, and customer is not set",
            "customer: later: is not in effect: it begins at 2027-01-01T00:00:00+00:00",
            "customer: over: is not in effect: it ended at 2026-03-02T00:00:00+00:00",
            "customer: by priority: has no row for this ticket: priority is normal",
            "customer: lost: finds no calendar for this ticket: region is mars",
            "customer: all: gives 24h on always",
        ] == told(of, priority="normal", region="mars")

    @pytest.mark.parametrize(("when", "sentence"), [
        ({"customer": "acme", "tier": "gold"}, "asks for tier is gold, and tier is iron"),
        ({"customer": "b", "tier": "gold"},
         "asks for customer is b and tier is gold, and customer is acme, and tier is iron"),
        ({"all": [{"customer": "acme"}, {"not": {"seats": {"at_least": 5}}}]},
         "asks for not (seats is at least 5), and seats is 9"),
        ({"any": [{"customer": "b"}, {"tier": "gold"}]},
         "asks for customer is b or tier is gold, and customer is acme, and tier is iron"),
        ({"tags": "vip"}, "asks for tags is vip, and tags is a, b"),
        ({"category": "pending"}, "asks for category is pending, and category is new"),
        ({"never": True}, "asks for never"),
    ])  # fmt: skip
    def test_only_the_parts_that_fail_are_named_with_what_the_ticket_has(self, when: object, sentence: str) -> None:
        of = terms(promise("r", when))
        expected = [f"customer: r: does not apply: {sentence}"]
        assert expected == told(of, customer="acme", tier="iron", seats=9, tags=("a", "b"))

    def test_in_nested_tables_the_field_without_a_row_is_named(self) -> None:
        table = {"gold": {"high": "1h"}, "iron": "2h"}
        of = terms({"name": "r", "by": ["tier", "priority"], "targets": {"resolution": table}})
        assert ["customer: r: has no row for this ticket: priority is low"] == told(of, tier="gold", priority="low")
        assert ["customer: r: has no row for this ticket: tier is not set"] == told(of, priority="low")

    def test_a_table_may_give_a_target_that_finds_no_calendar(self) -> None:
        target = {"within": "1h", "calendar": {"from": "region"}}
        of = terms({"name": "r", "by": "tier", "targets": {"resolution": {"gold": target}}})
        assert ["customer: r: finds no calendar for this ticket: region is not set"] == told(of, tier="gold")

    def test_of_a_calendar_that_the_ticket_names_the_one_that_was_found_is_told(self) -> None:
        target = {"within": "1h", "calendar": {"from": "region", "default": "office"}}
        of = terms({"name": "r", "targets": {"resolution": target}})
        assert ["customer: r: gives 1h on always, chosen by region"] == told(of, region="always")
        assert ["customer: r: gives 1h on office, chosen by region"] == told(of, region="mars")

    def test_an_exemption_ends_the_reading_of_all_layers(self) -> None:
        layers = {"corporate": [{"name": "c", "exempt": True}], "customer": [{"targets": {"resolution": "1h"}}]}
        assert ["corporate: c: exempts resolution"] == told(terms(layers=layers))

    def test_a_layer_that_gives_nothing_is_read_to_its_end(self) -> None:
        layers = {
            "corporate": [{**ACME, "targets": {"resolution": "1h"}}],
            "customer": [{"targets": {"resolution": "2h"}}],
        }
        lost = "does not apply: asks for customer is acme, and customer is not set"
        expected = [
            Considered(
                layer="corporate",
                rule="acme",
                outcome=Outcome.NO_MATCH,
                sentence=lost,
                failed=(Is("customer", ("acme",)),),
            ),
            Considered(layer="customer", rule="customer rule 1", outcome=Outcome.GIVES, sentence="gives 2h on always"),
        ]
        assert expected == list(consider(terms(layers=layers), {CATEGORY: "new"}, NOW))

    def test_to_dict_is_json_ready_with_conditions_in_words(self) -> None:
        (found,) = consider(terms(promise("r", {"customer": "b"})), {CATEGORY: "new"}, NOW)
        assert {
            "layer": "customer",
            "rule": "r",
            "outcome": "no_match",
            "sentence": "does not apply: asks for customer is b, and customer is not set",
            "failed": ["customer is b"],
        } == json.loads(json.dumps(found.to_dict()))


class TestPassedOver:
    many = tuple(promise(f"r{number}", {"customer": f"c{number}"}) for number in range(20))

    def test_rules_that_ask_for_another_value_are_counted_by_field(self) -> None:
        products = tuple(promise(f"p{number}", {"product": f"p{number}"}) for number in range(3))
        of = terms(*self.many, *products, promise("all"))
        assert [
            "customer: all: gives 1h on always",
            "customer: 20 rules ask for another customer than odd",
            "customer: 3 rules ask for some product, and product is not set",
        ] == told(of, customer="odd")

    def test_only_those_before_the_rule_that_gives_the_target_count(self) -> None:
        of = terms(*self.many, promise("all"))
        assert [
            "customer: r1: gives 1h on always",
            "customer: 1 rule asks for another customer than c9 or c1",
        ] == told(of, customer=("c9", "c1"))

    def test_a_layer_of_few_rules_is_read_rule_by_rule(self) -> None:
        of = terms(*self.many[:8])
        assert 8 == len([found for found in consider(of, {CATEGORY: "new"}, NOW) if isinstance(found, Considered)])

    def test_to_dict_is_json_ready(self) -> None:
        (found,) = consider(terms(*self.many), {CATEGORY: "new"}, NOW)
        assert isinstance(found, PassedOver)
        assert {
            "layer": "customer",
            "field": "customer",
            "rules": 20,
            "sentence": "20 rules ask for some customer, and customer is not set",
        } == json.loads(json.dumps(found.to_dict()))
