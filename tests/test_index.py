"""The index of rules: it leads to those that may match, in order, and what it leads past cannot match."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import CALENDARS, make_policy, on, us
from slaclock._index import FEW, Index, needs
from slaclock.amounts import Amount
from slaclock.conditions import CATEGORY, All, Always, AnyOf, Condition, Exists, FieldValue, Is, Not, Ordered, View
from slaclock.metric import Metric, Trigger
from slaclock.policy import Policy
from slaclock.rules import Exemption, Layer, Rule, Table, Window
from slaclock.strategies import Strategies
from slaclock.target import CalendarFrom, Plan, Target

OFFICE = make_policy({"resolution": "1h"}).calendars
METRIC = Metric(name="resolution", start=(Trigger(on="created"),), stop=(Trigger(on="replied"),))
HOUR = Amount.parse("1h")


def target(**keys: object) -> Target:
    return Target(**{"amount": HOUR, "calendar": "always", **keys})  # type: ignore[arg-type]


def policy_of(*layers: tuple[Rule, ...]) -> Policy:
    numbered = tuple(Layer(f"layer {number}", rules) for number, rules in enumerate(layers))
    return Policy(calendars=OFFICE, layers=numbered, metrics={"resolution": METRIC})


def named(customer: object, number: int = 0) -> Rule:
    """A rule that asks for a customer by name."""
    return Rule(name=f"{customer} {number}", when=Is("customer", (customer,)), targets={"resolution": target()})  # type: ignore[arg-type]


class TestNeeds:
    acme, iron, gold = Is("customer", ("acme",)), Is("tier", ("iron", 3)), Is("tier", ("gold",))

    @pytest.mark.parametrize(("condition", "expected"), [
        (acme, {"customer": {"acme"}}),
        (iron, {"tier": {"iron", "3"}}),
        (All((acme, iron, Exists("x"))), {"customer": {"acme"}, "tier": {"iron", "3"}}),
        # A field that holds a list may meet both: either will do, and the smaller leads to fewer rules.
        (All((iron, gold)), {"tier": {"gold"}}),
        (All((gold, iron)), {"tier": {"gold"}}),
        (AnyOf((iron, gold)), {"tier": {"iron", "3", "gold"}}),
        (AnyOf((All((acme, iron)), gold)), {"tier": {"iron", "3", "gold"}}),
        (AnyOf((acme, gold)), {}),
        (AnyOf((acme, Exists("x"))), {}),
        (AnyOf(()), {}),
        (Is("customer", ()), {"customer": set()}),
        (Not(acme), {}),
        (Always(), {}),
    ])  # fmt: skip
    def test_are_the_texts_of_which_a_field_must_hold_one(
        self, condition: Condition, expected: dict[str, set[str]]
    ) -> None:
        assert expected == needs(condition)


class TestIndex:
    def test_of_few_rules_or_of_rules_that_ask_for_no_value_there_is_none(self) -> None:
        free = Rule(name="r", when=Exists("customer"))
        assert Index.of([named(number) for number in range(FEW)]) is None
        assert Index.of([free] * (FEW + 1)) is None
        assert Index.of([free] * FEW + [named("acme")]) is not None

    def test_leads_to_the_rules_of_the_value_and_those_that_ask_for_none_in_order(self) -> None:
        rules = [named("acme" if number % 3 == 0 else number) for number in range(12)]
        rules[4] = Rule(name="free", when=Always())
        index = Index.of(rules)
        assert index is not None
        assert [0, 3, 4, 6, 9] == list(index.candidates({"customer": "acme"}))
        assert [4] == list(index.candidates({}))
        assert [4, 5] == list(index.candidates({"customer": 5}))
        assert [4, 5, 7] == list(index.candidates({"customer": ("5", 7.0, "odd")}))

    def test_files_a_rule_where_it_shares_its_place_with_the_fewest(self) -> None:
        rules = [
            Rule(name=str(number), when=All((Is("priority", ("high",)), Is("customer", (number,)))))
            for number in range(100)
        ]
        index = Index.of(rules)
        assert index is not None
        assert [7] == list(index.candidates({"priority": "high", "customer": "7"}))

    def test_a_rule_that_names_several_values_of_the_ticket_is_read_once(self) -> None:
        index = Index.of([Rule(name=str(number), when=Is("tags", ("a", "b"))) for number in range(9)])
        assert index is not None
        assert list(range(9)) == list(index.candidates({"tags": ("a", "b")}))

    def test_counts_what_it_led_past_by_field(self) -> None:
        rules = [named(number) for number in range(10)]
        rules += [Rule(name=f"p{number}", when=Is("product", (number,))) for number in range(5)]
        index = Index.of(rules)
        assert index is not None
        read = index.candidates({"customer": 3, "product": 0})
        assert [3, 10] == read
        assert {"customer": 9, "product": 4} == index.passed_over(read, 15)
        assert {"customer": 9} == index.passed_over(read, 10)
        assert {"customer": 3} == index.passed_over(read, 3)
        assert {} == index.passed_over([0], 1)


class TestTables:
    rows = tuple((str(number), target()) for number in range(100))

    def test_find_rows_by_value_also_once_pickled_or_copied(self) -> None:
        table = Table("customer", self.rows)
        for twin in (table, pickle.loads(pickle.dumps(table)), copy.deepcopy(table)):
            assert table == twin
            assert twin.find({"customer": 42}) == self.rows[42][1]
        assert pickle.dumps(table) == pickle.dumps(Table("customer", self.rows))

    def test_of_equal_rows_the_first_counts(self) -> None:
        first, second = target(at_close="closing"), target(at_close="next_opening")
        assert Table("p", (("1", first), ("1", second))).find({"p": 1}) is first


class Counted(Condition):
    """A condition that counts how often it was asked."""

    def __init__(self, condition: Condition, asked: list[Condition]) -> None:
        self.condition, self.asked = condition, asked

    def test(self, view: View) -> bool:
        self.asked.append(self.condition)
        return self.condition.test(view)

    def fields(self) -> frozenset[str]:
        return self.condition.fields()


@pytest.mark.parametrize("rules", [10, 10_000])
def test_of_rules_that_ask_for_a_customer_by_name_only_those_of_the_customer_are_examined(rules: int) -> None:
    """Whether there are ten or ten thousand of them; also when a preview tells why."""
    asked: list[Condition] = []
    own = Is("priority", ("high",))
    many = [
        Rule(
            name=f"{number}",
            when=All((Is("customer", (f"c{number // 2}",)), Counted(own, asked))),
            targets={"resolution": target()},
        )
        for number in range(rules)
    ]
    policy = policy_of(tuple(many))
    terms = policy.terms[0]
    view: View = {CATEGORY: "new", "customer": "c3", "priority": "low"}
    assert (None,) == terms.find(view, 0, 0)
    assert 2 == len(asked)
    asked.clear()
    found = policy.targets_for({"customer": "c3", "priority": "low"}, on("mon 09:00"))["resolution"]
    assert ["6", "7"] == [considered.rule for considered in found.considered]
    assert [rules - 2] == [passed.rules for passed in found.passed_over]
    # Once to find the targets, once to tell why, and once to name what failed.
    assert 6 == len(asked)


def test_compiling_rules_asks_each_condition_the_same_few_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the rules are twice the work: nothing is compared with everything."""
    from slaclock import _index

    def work(rules: int) -> int:
        count = 0

        def counted(condition: Condition) -> object:
            nonlocal count
            count += 1
            return needs(condition)

        monkeypatch.setattr(_index, "needs", counted)
        policy = policy_of(tuple(named(number) for number in range(rules)))
        policy.terms[0].find({CATEGORY: "new"}, 0, 0)
        return count

    assert (100, 200) == (work(100), work(200))


# A small world, so that rules and tickets meet.
FIELDS = ("customer", "tier", "tags")
SCALARS = st.sampled_from(["a", "b", "1", "true", 1, 2, 1.0, 2.5, True, False])
HELD = st.one_of(st.none(), SCALARS, st.lists(SCALARS, max_size=3).map(tuple))
ASKED = st.one_of(
    st.builds(Is, st.sampled_from(FIELDS), st.lists(SCALARS, max_size=3).map(tuple)),
    st.builds(Exists, st.sampled_from(FIELDS), st.booleans()),
    st.builds(Ordered, st.sampled_from(FIELDS), st.just("at_least"), st.just(1)),
    st.builds(Always, st.booleans()),
)
CONDITIONS = st.recursive(
    ASKED,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(All, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple)),
    ),
    max_leaves=5,
)
TARGETS = st.builds(
    target,
    calendar=st.sampled_from(["always", "office", CalendarFrom("tier", "office"), CalendarFrom("tier")]),
    strategies=st.sampled_from([Strategies(), Strategies(on_amend="move")]),
)
ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "1", "true"]), TARGETS), max_size=3, unique_by=lambda row: row[0]
).map(tuple)
ENTRIES = st.one_of(TARGETS, st.builds(Table, st.sampled_from(FIELDS), ROWS, st.none() | TARGETS))
WINDOWS = st.sampled_from([Window(), Window(), Window(5, None), Window(None, 5)])
EXEMPT = st.sampled_from([(), (), (), ("*",)])


@st.composite
def rule_lists(draw: st.DrawFn) -> tuple[Rule, ...]:
    rows = draw(st.lists(st.tuples(CONDITIONS, WINDOWS, ENTRIES, EXEMPT), max_size=16))
    return tuple(
        Rule(name=str(number), when=when, effective=window, targets={"resolution": entry}, exempt=exempt)
        for number, (when, window, entry, exempt) in enumerate(rows)
    )


def scan(rules: tuple[Rule, ...], view: View, start_us: int, now_us: int) -> str | None:
    """The rule of a layer that gives its target, or that exempts: every rule asked in turn."""
    for rule in rules:
        entry = rule.targets["resolution"]
        if not rule.when.test(view):
            continue
        if rule.exempt:
            if rule.effective.holds(start_us):
                return f"exempt by {rule.name}"
            continue
        found = entry
        if isinstance(entry, Table):
            held = view.get(entry.field)
            values = held if isinstance(held, tuple) else (held,)
            rows = [row for value, row in entry.rows if any(Is("f", (value,)).test({"f": each}) for each in values)]
            found = rows[0] if rows else entry.otherwise
        if not isinstance(found, Target):
            continue
        if not rule.effective.holds(now_us if found.strategies.on_amend == "move" else start_us):
            continue
        if isinstance(found.calendar, CalendarFrom):
            named = view.get(found.calendar.field)
            if named not in CALENDARS and found.calendar.default is None:
                continue
        return rule.name
    return None


@given(st.lists(rule_lists(), min_size=1, max_size=2), st.dictionaries(st.sampled_from(FIELDS), HELD), st.booleans())
def test_law_what_is_found_by_the_index_is_what_a_scan_of_all_rules_finds(
    layers: list[tuple[Rule, ...]], fields: dict[str, FieldValue], late: bool
) -> None:
    view: View = {CATEGORY: "new", **fields}
    found = policy_of(*layers).terms[0].find(view, us("mon 09:00") if late else 0, 9)
    scanned = [scan(rules, view, us("mon 09:00") if late else 0, 9) for rules in layers]
    if isinstance(found, Exemption):
        # The first layer that exempts ends the reading.
        told = next(name for name in scanned if name is not None and name.startswith("exempt"))
        assert told == f"exempt by {found.rule}"
        return
    assert scanned == [None if plan is None else plan.rule for plan in found]
    assert all(plan is None or isinstance(plan, Plan) for plan in found)
