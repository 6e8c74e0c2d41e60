"""Errors: one tree, with builtin parents, whose problems say what, where and what to do."""

from __future__ import annotations

import pickle
import time
from inspect import isclass

import pytest

from slaclock import errors
from slaclock.errors import CalendarError, PolicyError, Problem, SlaError, nearest, nearest_word, path_text

TREE = [value for value in vars(errors).values() if isclass(value) and issubclass(value, SlaError)]


def problem(**changes: object) -> Problem:
    return Problem(**({"code": "wrong-type", "found": "960", "expected": "a text"} | changes))  # type: ignore[arg-type]


class TestTree:
    @pytest.mark.parametrize("kind", [kind for kind in TREE if kind is not SlaError])
    def test_every_error_has_a_builtin_parent(self, kind: type[SlaError]) -> None:
        assert issubclass(kind, ImportError if kind.__name__ == "MissingExtraError" else ValueError)

    @pytest.mark.parametrize("kind", TREE)
    def test_every_error_stands_in_the_drawing_with_its_meaning(self, kind: type[SlaError]) -> None:
        assert f" {kind.__name__} " in f" {(errors.__doc__ or '').replace('──', '')} "
        assert kind.__doc__

    @pytest.mark.parametrize("kind", TREE)
    def test_errors_pickle_with_their_problems(self, kind: type[SlaError]) -> None:
        error = kind("why", [problem()])
        copy = pickle.loads(pickle.dumps(error))
        assert (kind, "why", (problem(),)) == (type(copy), str(copy), copy.problems)

    def test_an_error_lists_its_problems_one_below_the_other(self) -> None:
        error = CalendarError.of("calendar `office`", [problem(keys=("hours",)), problem(keys=("name",))])
        assert isinstance(error, CalendarError)
        assert [
            "calendar `office`: 2 problems",
            "hours: found 960, expected a text",
            "name: found 960, expected a text",
        ] == str(error).splitlines()
        assert str(PolicyError.of("the policy", [problem()])).startswith("the policy: 1 problem\n")


class TestProblem:
    def test_its_place_is_written_as_compilers_do(self) -> None:
        assert "" == problem().place
        assert "p.yaml" == problem(file="p.yaml").place
        assert "p.yaml:3" == problem(file="p.yaml", line=3).place
        assert "p.yaml:3:9" == problem(file="p.yaml", line=3, column=9).place
        assert "3:9" == problem(line=3, column=9).place

    def test_a_sentence_has_what_was_found_and_expected_and_perhaps_what_to_do(self) -> None:
        assert "found 960, expected a text" == problem().sentence
        assert "found 960, expected a text; quote it" == problem(hint="quote it").sentence

    def test_it_shows_the_line_and_a_caret_below_the_column(self) -> None:
        shown = str(problem(file="p.yaml", line=3, column=7, source="name: 960", keys=("name",)))
        assert ["p.yaml:3:7: name: found 960, expected a text", "    name: 960", "          ^"] == shown.splitlines()

    def test_without_a_column_there_is_no_caret(self) -> None:
        assert ["3: found 960, expected a text", "    name: 960"] == str(
            problem(line=3, source="name: 960")
        ).splitlines()

    def test_tabs_stay_tabs_below_the_line(self) -> None:
        assert "    \t     ^" == str(problem(line=1, column=7, source="\tname 960")).splitlines()[2]

    @pytest.mark.parametrize("column", [1, 60, 100, 5_000, 10_000])
    def test_of_a_long_line_the_part_around_the_column_is_shown(self, column: int) -> None:
        line = "x" * (column - 1) + "!" + "x" * (10_000 - column)
        _, part, caret = str(problem(line=1, column=column, source=line)).splitlines()
        assert len(part) < 140
        assert part.index("!") == caret.index("^")

    def test_as_data_it_is_ready_for_json(self) -> None:
        assert {
            "code": "wrong-type", "file": None, "line": 3, "column": 7, "path": "rules[0].name", "found": "960",
            "expected": "a text", "hint": "",
        } == problem(line=3, column=7, keys=("rules", 0, "name")).to_dict()  # fmt: skip


class TestWords:
    def test_paths_are_written_as_people_write_them(self) -> None:
        assert "" == path_text(())
        assert "layers.customer[0].when" == path_text(("layers", "customer", 0, "when"))

    def test_the_nearest_word_is_named_and_no_far_one(self) -> None:
        assert "within" == nearest_word("witin", ["warn", "within"])
        assert "" == nearest_word("soon", ["warn", "within"])
        assert "did you mean `within`?" == nearest("witin", iter(["warn", "within"]))
        assert "" == nearest("soon", [])

    def test_the_search_is_bounded(self) -> None:
        begin = time.perf_counter()
        assert "" == nearest("a" * 1_000_000, ["a" * 999_999])
        nearest("abcdefgh", (f"{n:08d}" for n in range(1_000_000)))
        assert time.perf_counter() - begin < 5
