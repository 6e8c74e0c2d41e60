"""Windows, tables and rules: what each covers, finds and depends on."""

from __future__ import annotations

import pytest

from helpers import us
from slaclock.amounts import Amount
from slaclock.conditions import Always, Is
from slaclock.rules import BINDS, LAYERS, Rule, Table, Window
from slaclock.target import Target

SHORT, MEDIUM, LONG = (Target(amount=Amount.parse(amount), calendar="always") for amount in ("1h", "4h", "24h"))
FLAT = Table("priority", (("high", SHORT), ("normal", MEDIUM)), LONG)
NESTED = Table("tier", (("gold", Table("priority", (("high", SHORT),), MEDIUM)), ("none", MEDIUM)), FLAT)


class TestWindow:
    @pytest.mark.parametrize(("window", "holds"), [
        (Window(), (True, True, True)),
        (Window(us("mon 09:00")), (False, True, True)),
        (Window(None, us("mon 09:00")), (True, False, False)),
        (Window(us("mon 09:00"), us("mon 10:00")), (False, True, False)),
    ])  # fmt: skip
    def test_holds_from_its_start_until_before_its_end(self, window: Window, holds: tuple[bool, ...]) -> None:
        assert holds == tuple(window.holds(us(at)) for at in ("mon 08:59:59.999999", "mon 09:00", "mon 10:00"))

    def test_has_the_edges_that_it_has(self) -> None:
        assert [(), (1,), (2,), (1, 2)] == [
            window.edges() for window in (Window(), Window(1), Window(None, 2), Window(1, 2))
        ]


class TestTable:
    @pytest.mark.parametrize(("held", "found"), [
        ("high", SHORT), ("low", LONG), (None, LONG), (("low", "normal"), MEDIUM), (("normal", "high"), SHORT),
        ((), LONG),
    ])  # fmt: skip
    def test_finds_the_first_row_that_the_ticket_has_else_the_catch_all(self, held: object, found: Target) -> None:
        assert FLAT.find({"priority": held}) is found  # type: ignore[dict-item]

    def test_without_a_catch_all_does_not_speak(self) -> None:
        assert Table("priority", (("high", SHORT),)).find({"priority": "low"}) is None

    def test_reads_numbers_and_bools_as_text_spells_them(self) -> None:
        table = Table("p", (("1", SHORT), ("true", MEDIUM)))
        assert [SHORT, SHORT, MEDIUM, None] == [table.find({"p": value}) for value in (1, 1.0, True, "True")]

    @pytest.mark.parametrize(("view", "found"), [
        ({"tier": "gold", "priority": "high"}, SHORT),
        ({"tier": "gold"}, MEDIUM),
        ({"tier": "none"}, MEDIUM),
        ({"priority": "normal"}, MEDIUM),
        ({}, LONG),
    ])  # fmt: skip
    def test_over_two_fields_asks_one_after_the_other(self, view: dict[str, str], found: Target) -> None:
        assert NESTED.find(view) is found

    def test_lists_its_targets_and_fields(self) -> None:
        assert [SHORT, MEDIUM, MEDIUM, SHORT, MEDIUM, LONG] == list(NESTED.targets())
        assert [SHORT] == list(Table("p", (("1", SHORT),)).targets())
        assert {"tier", "priority"} == NESTED.fields()
        assert {"p"} == Table("p", (("1", SHORT),)).fields()


class TestRule:
    rule = Rule(name="r", when=Is("customer", ("acme",)), targets={"resolution": FLAT, "update": SHORT})

    def test_depends_on_its_condition_and_its_tables(self) -> None:
        assert {"customer", "priority"} == self.rule.fields()

    @pytest.mark.parametrize(
        ("exempt", "exempts"), [((), False), (("*",), True), (("update",), True), (("resolution",), False)]
    )
    def test_exempts_all_metrics_or_those_named(self, exempt: tuple[str, ...], exempts: bool) -> None:
        assert exempts is Rule(name="r", when=Always(), exempt=exempt).exempts("update")

    def test_is_written_alike_whatever_the_order_of_its_metrics(self) -> None:
        turned = Rule(name="r", when=self.rule.when, targets=dict(reversed(self.rule.targets.items())))
        assert (self.rule, repr(self.rule), hash(self.rule)) == (turned, repr(turned), hash(turned))


def test_the_words_for_layers_and_binding_are_these() -> None:
    assert ("corporate", "customer", "service") == LAYERS
    assert ("earliest_due", "most_specific") == BINDS
