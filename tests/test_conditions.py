"""Conditions: equality, order, absence and their combinations, by the stated rules."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock.conditions import (
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
    number,
    shown,
    spelled,
)

SAME = [
    ("gold", "gold", True),
    ("gold", "Gold", False),
    ("3", 3, True),
    (3, "3", True),
    ("3", 3.0, True),
    (3, 3.0, True),
    ("3.0", 3, False),
    ("true", True, True),
    ("True", True, False),
    (True, 1, False),
    (1, True, False),
    (False, 0, False),
    ("1", True, False),
    ("2.5", 2.5, True),
    ("", None, False),
    ("None", None, False),
    ("", "", True),
    ("a", ("b", "a"), True),
    ("a", ("b", "c"), False),
    (2, ("1", "2"), True),
    ("a", (), False),
]


class TestEquality:
    @pytest.mark.parametrize(("asked", "held", "yes"), SAME)
    def test_equal_is_equal_or_spelled_so(self, asked: str, held: FieldValue, yes: bool) -> None:
        assert yes is Is("field", (asked,)).test({"field": held})

    def test_a_missing_field_equals_nothing(self) -> None:
        assert not Is("field", ("a", "")).test({})

    def test_one_of_several_values_is_enough(self) -> None:
        assert Is("field", ("a", "b")).test({"field": "b"})


class TestOrder:
    @pytest.mark.parametrize(
        ("order", "below", "at", "above"),
        [
            ("at_least", False, True, True),
            ("more_than", False, False, True),
            ("at_most", True, True, False),
            ("less_than", True, False, False),
        ],
    )
    def test_bounds(self, order: str, below: bool, at: bool, above: bool) -> None:
        condition = Ordered("seats", order, Fraction(50))
        for value, yes in ((49.9, below), ("50", at), (50, at), (" 50.0 ", at), ("5.1e1", above)):
            assert yes is condition.test({"seats": value})

    def test_order_is_exact(self) -> None:
        """0.1 + 0.2 is more than 0.3 in binary; the text 0.3 is exactly that."""
        condition = Ordered("share", "at_most", Fraction(3, 10))
        assert condition.test({"share": "0.3"})
        assert not condition.test({"share": 0.1 + 0.2})

    @pytest.mark.parametrize(
        "value", ["many", "", True, None, (), "1_000", "1/3", "٣", "nan", float("nan"), float("inf")]
    )
    def test_what_is_no_number_matches_nothing(self, value: FieldValue) -> None:
        assert not Ordered("seats", "at_least", Fraction(-1)).test({"seats": value})

    def test_any_member_of_a_list_may_match(self) -> None:
        assert Ordered("seats", "at_least", Fraction(50)).test({"seats": ("x", 3, "51")})

    @pytest.mark.parametrize("text", ["1e999999999", "9" * 10_000, "1e-999999999", "1." + "0" * 10_000])
    def test_numbers_that_fill_the_memory_are_none(self, text: str) -> None:
        assert None is number(text)

    def test_what_had_to_be_a_number_and_is_none_is_an_oddity(self) -> None:
        condition = All(
            (Ordered("seats", "at_least", Fraction(1)), Not(Ordered("age", "less_than", Fraction(2))), Is("a", ("b",)))
        )
        assert [("seats", "many")] == list(condition.oddities({"seats": "many", "age": 3, "a": "x"}))
        assert [("age", (1, "x"))] == list(condition.oddities({"age": (1, "x")}))


@pytest.mark.parametrize(
    ("value", "held"), [(None, False), ((), False), ("", True), (False, True), (0, True), (("a",), True)]
)
def test_a_field_is_set_if_it_holds_anything(value: FieldValue, held: bool) -> None:
    assert held is Exists("field").test({"field": value})
    assert held is not Exists("field", yes=False).test({"field": value})
    assert not Exists("other").test({"field": value})


YES, NO = Always(), Always(yes=False)


class TestCombinations:
    @pytest.mark.parametrize("view", [{}, {"field": "x"}])
    def test_always_and_never(self, view: dict[str, FieldValue]) -> None:
        assert YES.test(view)
        assert not NO.test(view)

    def test_not_any_all(self) -> None:
        assert [False, True] == [Not(YES).test({}), Not(NO).test({})]
        assert [True, False, True] == [All((YES, YES)).test({}), All((YES, NO)).test({}), All(()).test({})]
        assert [True, False, False] == [AnyOf((NO, YES)).test({}), AnyOf((NO, NO)).test({}), AnyOf(()).test({})]

    def test_a_condition_depends_on_the_fields_of_its_parts(self) -> None:
        parts = (Is("a", ("x",)), Not(Exists("b")), AnyOf((Ordered("c", "at_most", Fraction(1)), YES)))
        assert frozenset("abc") == All(parts).fields()
        assert [All(parts), *parts] == [part for part in All(parts).walk() if part in (All(parts), *parts)]
        assert frozenset() == YES.fields()


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (YES, "always"),
        (NO, "never"),
        (Is("tier", ("gold", 1, True, 2.0)), "tier is gold or 1 or true or 2"),
        (Is(CATEGORY, ("pending",)), "category is pending"),
        (Is(ARRIVED, ("outside_hours",)), "arrived is outside_hours"),
        (Ordered("seats", "at_least", Fraction(50)), "seats is at least 50"),
        (Ordered("seats", "less_than", Fraction(5, 2)), "seats is less than 2.5"),
        (Exists("team"), "team is set"),
        (Exists("team", yes=False), "team is not set"),
        (Not(Is("a", ("x",))), "not (a is x)"),
        (All((Is("a", ("x",)), AnyOf((Is("b", ("y",)), NO)))), "a is x and (b is y or never)"),
        (AnyOf((Is("a", ("x",)), All((YES, NO)))), "a is x or (always and never)"),
        (All(()), "always"),
        (AnyOf(()), "never"),
    ],
)
def test_conditions_are_shown_in_words(condition: Condition, text: str) -> None:
    assert text == str(condition)


@pytest.mark.parametrize(
    ("condition", "because"),
    [
        (Is(CATEGORY, "pending"), ("status is waiting",)),
        (AnyOf((Is("team", "a"), Is("tier", "silver"))), ("team is a",)),
        (AnyOf((Is("team", "a"), Exists("tier"))), ("team is a", "tier is gold")),
        (All((Is("team", "a"), AnyOf((Is("tier", "gold"), Is("vip", True))))), ("team is a", "tier is gold")),
        (All((Is("team", "a"), Is("tier", "silver"))), ()),
        (Not(Is("vip", True)), ("vip is not set",)),
        (Always(), ()),
    ],
)
def test_because_of_what_a_condition_holds_is_told_of_its_parts_that_hold(
    condition: Condition, because: tuple[str, ...]
) -> None:
    view: dict[str, FieldValue] = {CATEGORY: "pending", "status": "waiting", "team": "a", "tier": "gold"}
    assert because == condition.because(view)


def test_names_are_shown_without_their_mark() -> None:
    assert ["category", "team"] == [shown(CATEGORY), shown("team")]


SCALARS = st.text(max_size=5) | st.integers() | st.booleans() | st.floats(allow_nan=False)


@given(SCALARS, SCALARS)
def test_equality_goes_both_ways(one: str | float, other: str | float) -> None:
    assert Is("field", (one,)).test({"field": other}) is Is("field", (other,)).test({"field": one})


@given(st.fractions() | st.integers())
def test_numbers_are_read_exactly(value: Fraction | int) -> None:
    whole = Fraction(value).numerator
    assert Fraction(whole) == number(whole) == number(spelled(whole))


@given(st.text())
def test_any_text_is_a_number_or_none(text: str) -> None:
    assert number(text) is None or isinstance(number(text), Fraction)
