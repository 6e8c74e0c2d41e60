"""The prover: what it calls impossible no ticket can be, and what it calls possible some ticket is."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock import Policy, _proof
from slaclock._domains import ANYTHING, Domain, answerable
from slaclock._proof import Prover
from slaclock.conditions import (
    ARRIVALS,
    ARRIVED,
    CATEGORY,
    All,
    Always,
    AnyOf,
    Condition,
    Exists,
    FieldValue,
    Is,
    Not,
    Ordered,
    View,
)

STATUSES = {"fresh": "new", "working": "open", "waiting": "pending", "odd": "pending", "done": "resolved"}
FIELDS: dict[str, tuple[str, ...] | str] = {"tier": ("gold", "silver", "3"), "vip": "bool", "seats": "number"}
POLICY = Policy(statuses=STATUSES, fields=FIELDS)
PROVER = Prover(FIELDS, STATUSES)

# Every kind of value that the conditions below can tell apart: spelled as asked for or not, between the bounds or not.
NUMBERS: list[FieldValue] = ["2", 2.0, "2.0", "1.50", "3", "3.0", 1, "1.0", 4, 2.5]
ALONE: dict[str, list[FieldValue]] = {
    "free": ["x", "y", "z", *NUMBERS],
    "tier": ["gold", "silver", "3", 3],
    "vip": [True, "false"],
    "seats": NUMBERS,
    "status": [*STATUSES, "closed", "nobody knows"],
}


def held(name: str) -> list[FieldValue]:
    """All that a field may hold, lists of two among it."""
    return [None, (), *ALONE[name], *(combinations(ALONE[name], 2) if name != "status" else ())]  # type: ignore[list-item]


def views(condition: Condition) -> list[View]:
    """Tickets of every kind that a condition can tell apart."""
    names = sorted(condition.fields() - {CATEGORY, ARRIVED} | ({"status"} if CATEGORY in condition.fields() else set()))
    arrivals = ARRIVALS if ARRIVED in condition.fields() else ("within_hours",)
    found = []
    for arrived, *values in product(arrivals, *map(held, names)):
        view: dict[str, FieldValue] = dict(zip(names, values, strict=True))
        view[CATEGORY] = POLICY.category(view.get("status")) or "open"
        view[ARRIVED] = arrived
        found.append(view)
    return found


def some(values: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)


ASKED = {
    "free": ["x", "y", "3"], "tier": ["gold", "silver", "3"], "vip": ["true", "false"], "seats": ["2", "3"],
    "status": [*STATUSES, "closed"], CATEGORY: ["new", "open", "pending", "resolved"], ARRIVED: [*ARRIVALS],
}  # fmt: skip
ORDERS = st.sampled_from(["at_least", "more_than", "at_most", "less_than"])
BOUNDS = st.sampled_from([Fraction(3, 2), Fraction(2), Fraction(3)])


def questions(names: list[str]) -> st.SearchStrategy[Condition]:
    named = st.sampled_from(names)
    numbers = st.sampled_from([name for name in names if name in ("free", "tier", "seats")])
    return st.one_of(
        named.flatmap(lambda name: some(ASKED[name]).map(lambda values: Is(name, values))),
        st.builds(Exists, st.sampled_from([*names, "free"]), st.booleans()),
        st.builds(Ordered, numbers, ORDERS, BOUNDS),
        st.builds(Always, st.booleans()),
    )  # fmt: skip


def conditions(names: list[str], leaves: int) -> st.SearchStrategy[Condition]:
    return st.recursive(
        questions(names),
        lambda inner: st.one_of(
            inner.map(Not),
            st.lists(inner, max_size=3).map(tuple).map(All),
            st.lists(inner, max_size=3).map(tuple).map(AnyOf),
        ),
        max_leaves=leaves,
    )


ANY = conditions([*ASKED], 4)


class TestProofs:
    @given(ANY)
    def test_what_is_called_impossible_no_ticket_is(self, condition: Condition) -> None:
        if not PROVER.possible(condition):
            assert not any(map(condition.test, views(condition)))

    @given(conditions(["free", "status", CATEGORY], 2) | conditions(["tier", "seats"], 2))
    def test_what_is_called_possible_some_ticket_is(self, condition: Condition) -> None:
        """Conditions of two questions need lists of two at most; so all tickets of every kind can be tried."""
        if PROVER.possible(condition):
            assert any(map(condition.test, views(condition)))

    @given(conditions(["free", "tier", "status"], 3), conditions(["free", "tier", CATEGORY], 3))
    def test_what_is_called_implied_always_follows(self, one: Condition, other: Condition) -> None:
        both = All((one, other))
        if PROVER.implies(one, other):
            assert all(other.test(view) for view in views(both) if one.test(view))
        if PROVER.equal(one, other):
            assert all(other.test(view) is one.test(view) for view in views(both))

    @given(ANY)
    def test_a_condition_and_its_opposite_share_no_ticket(self, condition: Condition) -> None:
        assert not PROVER.possible(condition, Not(condition))
        assert PROVER.equal(condition, Not(Not(condition)))


def both(one: Condition, other: Condition) -> bool:
    return PROVER.possible(one, other)


GOLD, SILVER = Is("tier", ("gold",)), Is("tier", ("silver",))
LITTLE, MUCH = Ordered("free", "less_than", Fraction(2)), Ordered("free", "at_least", Fraction(2))


class TestEmptyLists:
    """Any of nothing holds never, all of nothing always."""

    def test_any_of_nothing_holds_for_no_ticket(self) -> None:
        assert not PROVER.possible(AnyOf(()))
        assert PROVER.possible(Not(AnyOf(())))

    def test_all_of_nothing_holds_for_every_ticket(self) -> None:
        assert PROVER.possible(All(()))
        assert not PROVER.possible(Not(All(())))


class TestWhatFieldsHold:
    def test_a_list_may_hold_what_excludes_itself_in_a_single_value(self) -> None:
        assert both(GOLD, SILVER)
        assert both(LITTLE, MUCH)
        assert both(Is("free", ("x",)), MUCH)

    def test_the_category_and_the_arrival_are_one_each(self) -> None:
        assert not both(Is(CATEGORY, ("new",)), Is(CATEGORY, ("open",)))
        assert not both(Is(ARRIVED, ("within_hours",)), Is(ARRIVED, ("outside_hours",)))
        assert not PROVER.possible(Not(Is(ARRIVED, ARRIVALS)))

    def test_a_field_that_is_not_set_answers_no_to_everything(self) -> None:
        nothing = Exists("free", yes=False)
        assert not both(nothing, MUCH)
        assert not both(nothing, Is("free", ("x",)))
        assert both(nothing, Not(MUCH))
        assert PROVER.implies(MUCH, Exists("free"))

    def test_declared_values_are_all_there_are(self) -> None:
        assert PROVER.implies(Exists("tier"), Is("tier", ("gold", "silver", "3")))
        assert not Prover().implies(Exists("tier"), Is("tier", ("gold", "silver", "3")))
        assert not PROVER.possible(Ordered("tier", "more_than", Fraction(3)))
        assert PROVER.implies(Exists("vip"), Is("vip", ("true", "false")))
        assert PROVER.implies(Exists("seats"), AnyOf((Ordered("seats", "at_least", Fraction(5)),
                                                      Ordered("seats", "less_than", Fraction(5)))))  # fmt: skip
        assert not PROVER.possible(Is("seats", ("many",)))

    def test_a_declared_field_may_hold_nothing(self) -> None:
        assert PROVER.possible(Not(Is("tier", ("gold", "silver", "3"))))

    def test_numbers_are_told_apart_from_how_they_are_spelled(self) -> None:
        three = [Ordered("free", order, Fraction(3)) for order in ("at_least", "at_most")]
        assert PROVER.possible(*three, Not(Is("free", ("3",))))
        assert not PROVER.implies(Is("free", ("3",)), Ordered("free", "more_than", Fraction(3)))
        assert PROVER.implies(Is("free", ("3",)), three[0])

    def test_a_number_may_be_longer_than_a_text_that_spells_it(self) -> None:
        """Of a text so long no number is made; of a number it is."""
        text, much = "9" * 200, Ordered("free", "more_than", Fraction(1))
        assert [False, True] == [All((Is("free", (text,)), much)).test({"free": value}) for value in (text, int(text))]
        assert both(Is("free", (text,)), much)
        assert both(Is("free", (text,)), Not(much))

    @pytest.mark.parametrize("text", ["9" * 200, "9" * 5_000, "nan", "inf", "1e400", "٣", "", " 3"])
    def test_texts_that_are_odd_numbers_are_taken_as_conditions_take_them(self, text: str) -> None:
        assert both(Is("free", (text,)), Exists("free"))

    def test_a_field_of_one_value_that_must_not_be_set_is_none(self) -> None:
        assert not answerable([(Exists("x"), False)], Domain(("a",), single=True))
        assert answerable([(Exists("x"), False)], ANYTHING)


class TestStatusAndCategory:
    def test_the_category_follows_from_the_status(self) -> None:
        assert not both(Is("status", ("waiting",)), Not(Is(CATEGORY, ("pending",))))
        assert PROVER.equal(Is("status", ("waiting", "odd", "pending")), Is(CATEGORY, ("pending",)))

    def test_a_ticket_has_one_status(self) -> None:
        assert not both(Is("status", ("waiting",)), Is("status", ("done",)))

    def test_no_status_is_new_and_an_unknown_one_open(self) -> None:
        assert PROVER.implies(Exists("status", yes=False), Is(CATEGORY, ("new",)))
        assert PROVER.implies(Is("status", ("what?",)), Is(CATEGORY, ("open",)))
        assert both(Exists("status"), Is(CATEGORY, ("new",)))
        assert not both(Exists("status", yes=False), Is(CATEGORY, ("open",)))


class TestExamples:
    @given(ANY)
    def test_an_example_is_a_ticket_for_which_it_holds(self, condition: Condition) -> None:
        example = PROVER.example(condition)
        if example is not None:
            assert condition.test(example)
            assert PROVER.possible(condition)
            assert example[CATEGORY] == (POLICY.category(example.get("status")) or "open")

    @pytest.mark.parametrize(
        "asked",
        [
            (),
            (GOLD, Exists("team"), Exists("vip", yes=False)),
            (Is("free", ("x", "y")), Is("free", ("y", "z"))),
            (Ordered("seats", "more_than", Fraction(3)), Ordered("age", "less_than", Fraction(3))),
            (All((Is(CATEGORY, ("pending",)), Is(ARRIVED, ("outside_hours",)))),),
            (Is("status", ("waiting",)), Not(Is(CATEGORY, ("open",)))),
        ],
    )
    def test_what_is_asked_plainly_has_one(self, asked: tuple[Condition, ...]) -> None:
        assert PROVER.example(*asked) is not None

    def test_where_none_is_found_at_a_glance_there_may_be_one(self) -> None:
        assert PROVER.example(GOLD, SILVER) is None
        assert PROVER.possible(GOLD, SILVER)


class Odd(Condition):
    """A condition of somebody else's, of which nothing is known."""

    def test(self, view: View) -> bool:
        return "odd" in view

    def fields(self) -> frozenset[str]:
        return frozenset(("odd",))


class TestLimits:
    def test_of_conditions_of_another_kind_nothing_is_claimed(self) -> None:
        assert both(Odd(), Not(Odd()))
        assert not both(Odd(), Always(False))

    def test_conditions_a_thousand_deep_are_taken_apart(self) -> None:
        deep: Condition = GOLD
        for _ in range(1_001):
            deep = Not(All((deep,)))
        assert not both(deep, GOLD)

    def test_many_rules_of_one_field_are_one_question(self) -> None:
        others = [Not(Is("free", (f"customer {n}",))) for n in range(5_000)]
        assert not PROVER.possible(*others, Is("free", ("customer 7",)))
        assert PROVER.possible(*others, Exists("free"))

    def test_a_search_that_takes_too_long_is_given_up(self) -> None:
        """Pigeons and holes: contradictory, and known to be hard. What is not proved may be so."""
        names = range(9)
        homes = [AnyOf(tuple(Is(f"{pigeon} in {hole}", ("1",)) for hole in names[1:])) for pigeon in names]
        alone = [
            Not(All((Is(f"{one} in {hole}", ("1",)), Is(f"{other} in {hole}", ("1",)))))
            for hole in names[1:] for one, other in combinations(names, 2)
        ]  # fmt: skip
        prover = Prover()
        prover.about = ("hidden-rule", ("layers",))
        assert prover.possible(*homes, *alone)
        assert [("hidden-rule", ("layers",))] == list(prover.given_up)

    def test_what_was_found_out_is_not_given_up_however_long_it_took(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No step is left: the last alternative is the right one, or none is."""
        monkeypatch.setattr(_proof, "_MOST_FOR_ONE", 2)
        prover = Prover()
        never, many = Always(False), AnyOf((GOLD, SILVER))
        assert prover.possible(AnyOf((never, GOLD)))
        assert not prover.possible(AnyOf((never, GOLD)), Not(GOLD))
        assert not prover.given_up
        assert prover.possible(AnyOf((many, many, never)), Not(GOLD), Not(SILVER))
        assert [("", ())] == list(prover.given_up)

    def test_a_policy_full_of_puzzles_is_given_up_in_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_proof, "_MOST_FOR_ALL", 10)
        prover = Prover()
        assert [False, False, True] == [prover.possible(*[GOLD] * 3, Not(GOLD)) for _ in range(3)]
        assert {("", ()): 1} == prover.unsearched
        assert not prover.given_up

    def test_small_puzzles_are_searched_to_the_end(self) -> None:
        names = range(3)
        homes = [AnyOf(tuple(Is(f"{pigeon} in {hole}", ("1",)) for hole in names[1:])) for pigeon in names]
        alone = [
            Not(All((Is(f"{one} in {hole}", ("1",)), Is(f"{other} in {hole}", ("1",)))))
            for hole in names[1:] for one, other in combinations(names, 2)
        ]  # fmt: skip
        assert not PROVER.possible(*homes, *alone)
        assert PROVER.possible(*homes[:2], *alone)
