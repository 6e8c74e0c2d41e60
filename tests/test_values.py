"""What fields can hold; what they refuse is told with the events, in test_events.py."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

import pytest

from slaclock import values
from slaclock.values import Fields, fields_of, settled


class TestFields:
    def test_values_are_text_numbers_bools_none_or_tuples_of_them(self) -> None:
        given = {
            "text": "a",
            "whole": 1,
            "part": 1.5,
            "yes": True,
            "none": None,
            "list": ["a", 1],
            "day": date(2026, 1, 2),
        }
        held = fields_of(given)
        assert held == {**given, "list": ("a", 1), "day": "2026-01-02"}

    def test_a_set_becomes_a_sorted_tuple(self) -> None:
        assert fields_of({"tags": {"b", "a"}})["tags"] == ("a", "b")

    @pytest.mark.parametrize(
        "change",
        [
            lambda fields: fields.__setitem__("a", 1),
            lambda fields: fields.__delitem__("a"),
            lambda fields: fields.update(a=1),
            lambda fields: fields.pop("a"),
            lambda fields: fields.clear(),
            lambda fields: fields.setdefault("b", 1),
            lambda fields: fields.popitem(),
            lambda fields: fields.__ior__({"b": 1}),
        ],
    )
    def test_they_cannot_be_changed(self, change: Callable[[Fields], object]) -> None:
        with pytest.raises(TypeError, match="frozen"):
            change(fields_of({"a": "x"}))

    def test_a_mapping_given_is_copied(self) -> None:
        given = {"a": "x"}
        held = fields_of(given)
        given["a"] = "y"
        assert held["a"] == "x"

    def test_equal_fields_hash_alike_whatever_their_order(self) -> None:
        assert hash(fields_of({"a": "x", "b": "y"})) == hash(fields_of({"b": "y", "a": "x"}))

    def test_they_pickle(self) -> None:
        held = fields_of({"a": "x", "b": [1, True]})
        assert held == pickle.loads(pickle.dumps(held))
        assert type(pickle.loads(pickle.dumps(held))) is Fields

    @pytest.mark.parametrize("given", [{"a": "x"}, {"a": "x", "n": None}], ids=["text alone", "more than text"])
    def test_any_mapping_is_taken(self, given: Mapping[str, object]) -> None:
        assert given == fields_of(MappingProxyType(given))


class Colour(StrEnum):
    RED = "red"


class Awkward(str):
    """Text that cannot be looked up."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]


class TestSettled:
    def test_short_text_is_kept_once(self) -> None:
        assert settled({"colour": "Blue".lower()}) is settled({"colour": "blue"})

    def test_long_text_is_not_kept(self) -> None:
        assert settled({"subject": "x" * 300}) == (("subject", "x" * 300),)
        assert settled({"subject": "x" * 300}) is not settled({"subject": "x" * 300})

    @pytest.mark.parametrize("known_before", [False, True])
    def test_members_of_an_enum_are_plain_text_whether_or_not_the_text_came_before(self, known_before: bool) -> None:
        values._SHARED.clear()
        if known_before:
            settled({"colour": "red"})
        for made in (settled({"colour": Colour.RED}), settled({Colour.RED: "red"}), settled({"c": [Colour.RED]})):
            name, value = made[0]
            assert {str} == {type(text) for text in (name, *value)}

    def test_what_cannot_be_looked_up_is_read_all_the_same(self) -> None:
        assert (("colour", "red"),) == settled({"colour": Awkward("red")})

    def test_a_truth_value_is_not_taken_for_text_or_a_number(self) -> None:
        assert [(("a", True),), (("a", 1),)] == [settled({"a": True}), settled({"a": 1})]
        assert type(settled({"a": True})[0][1]) is bool

    def test_what_is_kept_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(values, "_MOST_SHARED", 3)
        for number in range(10):
            assert settled({"a": str(number)}) == (("a", str(number)),)
            assert len(values._SHARED) <= 3
