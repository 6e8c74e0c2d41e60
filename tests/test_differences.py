"""Differences as values: their words, their paths, their data, and how they are noted."""

from __future__ import annotations

import json
import pickle

import pytest

from slaclock.differences import Difference, DifferenceKind, Differences, Noted, silent, unlike, words_of
from slaclock.target import CalendarFrom


def differences(noted: Noted) -> Differences:
    return Differences(tuple(noted.found), before="b", after="a")


@pytest.mark.parametrize(("before", "after", "kind", "sentence"), [
    (None, "8h", "added", "target: new: 8h"),
    (None, "", "added", "target: new"),
    ("4h", None, "removed", "target: gone; before: 4h"),
    ("", None, "removed", "target: gone"),
    ("4h", "8h", "changed", "target: now 8h; before: 4h"),
])  # fmt: skip
def test_what_is_noted_is_told_by_what_each_policy_says(
    before: str | None, after: str | None, kind: str, sentence: str
) -> None:
    noted = Noted()
    noted.note(("x",), "target", before, after)
    (found,) = noted.found
    assert (kind, sentence, sentence) == (found.kind, found.sentence, str(found))


def test_under_keys_and_a_place_paths_and_sentences_begin_with_them() -> None:
    noted = Noted().under("layers", "customer", place="customer")
    noted.under("acme", place="customer: acme").note(("when",), "condition", "a", "b")
    noted.under("acme").move(("r",), "r: read", "first", "after s", "for nothing")
    assert ["layers.customer.acme.when", "layers.customer.acme.r"] == [found.path for found in noted.found]
    assert [
        "customer: acme: condition: now b; before: a",
        "customer: r: read: now after s; before: first; for nothing",
    ] == [str(found) for found in noted.found]
    assert DifferenceKind.MOVED is noted.found[1].kind


def test_values_are_noted_where_they_differ_and_shown_in_full_where_their_words_are_alike() -> None:
    noted = Noted()
    noted.values(("a",), "a", 1, 1)
    noted.values(("b",), "b", 1, "1")
    assert ["b: now '1'; before: 1"] == [str(found) for found in noted.found]


def test_unlike_gives_the_names_whose_values_differ_those_of_the_first_mapping_first() -> None:
    assert [("b", 2, 3), ("c", 4, None), ("d", None, 5)] == list(
        unlike({"a": 1, "b": 2, "c": 4}, {"a": 1, "d": 5, "b": 3})
    )


@pytest.mark.parametrize(("value", "words"), [
    ("a", "a"), ("", "none"), (None, "none"), ((), "none"), (("a", "b"), "a, b"), (3, "3"),
    (CalendarFrom("region", "office"), "named by region, else office"),
    (CalendarFrom("region"), "named by region, else none"),
])  # fmt: skip
def test_values_in_words(value: object, words: str) -> None:
    assert words == words_of(value)


def test_a_choice_that_is_not_made_is_made_by_the_wider_place() -> None:
    assert ("carry", "as the wider place says") == (silent("carry"), silent(None))


class TestDifferences:
    noted = Noted()
    noted.note(("timezone",), "time zone", "UTC", "Asia/Tokyo")
    noted.note(("calendars", "office"), "calendar office", "x", None)
    found = differences(noted)

    def test_are_a_sequence(self) -> None:
        assert 2 == len(self.found)
        assert self.found[0].before == "UTC"
        assert (self.found[1],) == self.found[1:]
        assert [self.found[0], self.found[1]] == list(self.found)
        assert self.found[0] in self.found

    def test_are_a_line_each(self) -> None:
        assert str(self.found) == "time zone: now Asia/Tokyo; before: UTC\ncalendar office: gone; before: x"
        assert str(differences(Noted())) == "the policies say the same"
        assert not differences(Noted())

    def test_are_a_value(self) -> None:
        twin = pickle.loads(pickle.dumps(self.found))
        assert (twin, hash(twin)) == (self.found, hash(self.found))

    def test_to_dict_is_json_ready(self) -> None:
        data = json.loads(json.dumps(self.found.to_dict()))
        assert ("b", "a", 2) == (data["before"], data["after"], len(data["differences"]))
        assert {
            "path": "calendars.office",
            "kind": "removed",
            "before": "x",
            "after": None,
            "sentence": "calendar office: gone; before: x",
        } == data["differences"][1]


def test_a_difference_is_made_of_keywords() -> None:
    found = Difference(keys=("a", "b"), kind=DifferenceKind.ADDED, subject="s", before=None, after="x")
    assert ("a.b", "s: new: x", "") == (found.path, found.sentence, found.remark)
