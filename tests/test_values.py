"""What fields can hold; what they refuse is told with the events, in test_events.py."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType

import pytest

from slaclock.values import Fields, fields_of


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
