"""What fields can hold; what they refuse is told with the events, in test_events.py."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType

import pytest

from slaclock import values
from slaclock.errors import EventError
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

    @pytest.mark.parametrize(
        ("one", "other"),
        [({"a": True}, {"a": 1}), ({"a": 0.0}, {"a": False}), ({"a": (1, True)}, {"a": (1, 1)})],
    )
    def test_a_truth_value_equals_no_number(self, one: dict[str, object], other: dict[str, object]) -> None:
        """As in conditions; Python alone takes them for equal."""
        assert fields_of(one) != fields_of(other)
        assert (fields_of(one) == fields_of(other)) is False
        assert 2 == len({fields_of(one), fields_of(other)})

    def test_numbers_are_equal_whatever_their_kind_and_fields_equal_no_other_thing(self) -> None:
        assert fields_of({"a": 1, "b": (True, 2)}) == fields_of({"b": (True, 2.0), "a": 1.0})
        assert fields_of({"a": 1}) == {"a": 1}
        assert fields_of({}) != []
        assert fields_of({"a": 1}) != fields_of({"b": 1})

    @pytest.mark.parametrize("given", [{"a": "x"}, {"a": "x", "n": None}], ids=["text alone", "more than text"])
    def test_any_mapping_is_taken(self, given: Mapping[str, object]) -> None:
        assert given == fields_of(MappingProxyType(given))


class Colour(StrEnum):
    RED = "red"


class Level(int, Enum):
    HIGH = 1


class Number(IntEnum):
    TWO = 2


class Share(float):
    """As numpy's, a number that shows itself otherwise."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "a share"


class Day(date):
    """A date that is written in another way."""

    def isoformat(self) -> str:
        return "today"


class Careless(str):
    """Text to which capitals are all one."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.lower() == other.lower()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.lower())


class Disguised(str):
    """Text that shows another first letter than it has."""

    __slots__ = ()

    def __getitem__(self, place: object) -> str:
        return "x"


class Lazy:
    """As texts that are translated when they are shown: equal to text, and none."""

    def __eq__(self, other: object) -> bool:
        return other == "red"

    def __hash__(self) -> int:
        return hash("red")


class Broken(Mapping[str, object]):
    """A mapping that cannot be read."""

    def __getitem__(self, key: str) -> object:
        raise RuntimeError("no connection")

    def __iter__(self) -> Iterator[str]:
        return iter("ab")

    def __len__(self) -> int:
        return 2


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

    @pytest.mark.parametrize("known_before", [False, True])
    def test_what_calls_itself_equal_to_text_is_read_alike_whoever_came_first(self, known_before: bool) -> None:
        values._SHARED.clear()
        if known_before:
            settled({"colour": "red"})
        assert (("colour", "Red"),) == settled({"colour": Careless("Red")})
        assert (("Colour", "red"),) == settled({Careless("Colour"): "red"})
        with pytest.raises(EventError, match="expected text"):
            settled({"colour": Lazy()})

    @pytest.mark.parametrize(
        ("value", "held"),
        [(Level.HIGH, 1), (Number.TWO, 2), (Share(0.5), 0.5), (Day(2026, 1, 2), "2026-01-02"), ([Level.HIGH], (1,))],
    )
    def test_of_classes_that_build_on_text_and_numbers_only_these_are_kept(self, value: object, held: object) -> None:
        ((_, found),) = settled({"a": value})
        assert (type(held), held, repr(held)) == (type(found), found, repr(found))

    def test_numbers_that_are_none_or_too_long_are_refused_whatever_their_class(self) -> None:
        for value in (Share(math.nan), Share(math.inf), Enum("Huge", {"A": 1 << 5_000}, type=int).A):  # type: ignore[attr-defined]
            with pytest.raises(EventError, match="field `a`: found "):
                settled({"a": value})

    def test_reserved_names_cannot_be_smuggled_in(self) -> None:
        for name in (Disguised("\0category"), "\0category", ""):
            with pytest.raises(EventError, match="expected a name as text"):
                settled({name: "resolved"})

    def test_a_mapping_that_cannot_be_read_is_refused(self) -> None:
        with pytest.raises(EventError, match=r"no connection.*expected a mapping of field names"):
            settled(Broken())

    def test_many_fields_are_not_kept(self) -> None:
        settled({"a": "a"})
        many = {f"f{number}": "x" for number in range(100)}
        assert tuple(many.items()) == settled(many)
        assert settled(many) is not settled(many)

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
