"""Lints as data: what each code says of a policy, and where it must stay silent."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

import slaclock as sla
from slaclock import _proof
from slaclock._lint_targets import longer
from slaclock._offers import Study
from slaclock._proof import Prover
from slaclock.lints import LINTS

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE.parent / "examples").rglob("policy.yaml"))
BASE = {
    "slaclock": "1",
    "calendars": '{office: {hours: {mon-fri: "09:00-17:00"}}, always: all day}',
    "statuses": (
        "{new: [fresh], open: [working], pending: [waiting], on_hold: [parked], resolved: [done], closed: [over]}"
    ),
    "defaults": "{calendar: office}",
}


def complete(text: str) -> str:
    """A policy, with what it does not say below it, so that places stay as they are."""
    given = {line.partition(":")[0] for line in text.splitlines()}
    return text + "".join(f"{key}: {value}\n" for key, value in BASE.items() if key not in given)


def cases() -> Iterator[Any]:
    for file in sorted((HERE / "lints").glob("*.yaml")):
        for case in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield pytest.param(case, id=f"{case['code']}: {case['name']}")


CASES = list(cases())


def told(case: dict[str, Any]) -> list[str]:
    """All lints of a policy: code, place and path."""
    text = case["policy"] if case.get("whole") else complete(case["policy"])
    lints = sla.lint_policy(io.StringIO(text), case.get("as_of"))
    return [f"{lint.code} {lint.line}:{lint.column} {lint.path}" for lint in lints]


@pytest.mark.parametrize("case", CASES)
def test_a_policy_has_these_lints_and_no_others(case: dict[str, Any]) -> None:
    if "needs" in case:
        pytest.importorskip(case["needs"])
    assert case["lints"] == told(case)


@pytest.mark.parametrize("code", LINTS)
def test_every_code_has_a_case_where_it_fires_and_one_where_it_stays_silent(code: str) -> None:
    about = [case.values[0] for case in CASES if case.values[0]["code"] == code]
    fires = [any(lint.startswith(f"{code} ") for lint in case["lints"]) for case in about]
    assert {True, False} == set(fires)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_examples_have_none(path: Path) -> None:
    assert () == sla.lint_policy(path)


def test_the_built_in_metrics_have_none() -> None:
    """Promised or not: without statuses of one's own, and with a status for each category."""
    everything = dict.fromkeys(sla.load_policy({"slaclock": 1}).metrics, "4h")
    policy = {
        "slaclock": 1,
        "calendars": {"office": "all day"},
        "defaults": {"calendar": "office"},
        "layers": {"customer": [{"targets": {**everything, "ownership": "2h"}}]},
    }
    assert () == sla.lint_policy({"slaclock": 1})
    assert () == sla.lint_policy(policy)
    statuses = {"new": "a", "open": "b", "pending": "c", "on_hold": "d", "resolved": "e", "closed": "f"}
    assert () == sla.lint_policy({**policy, "statuses": statuses})


HIDDEN = """\
layers:
  customer:
    - {name: everyone, targets: {resolution: 4h}}
    - {name: acme, when: {customer: acme}, targets: {resolution: 2h}}
"""


ONE = "{name: one, when: {tier: {exists: false}}, exempt: true}"
TWO = "{name: two, when: {tier: x}, exempt: true}, {name: three, when: {tier: y}, targets: {resolution: 1h}}"


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        ("{name: a, targets: {resolution: 1h}}", "rule `a` before it speaks for all tickets that it is for"),
        ("{name: a, exempt: true}", "rule `a` before it exempts all tickets that it is for"),
        (
            "{name: a, when: {tier: x}, exempt: true}, {name: b, when: {not: {tier: x}}, targets: {resolution: 1h}}",
            "together the rules `a` and `b` speak for all tickets that it is for",
        ),
        (
            f"{ONE}, {TWO}, {{name: four, when: {{not: {{tier: [x, y]}}}}, exempt: true}}",
            "together the rules `two`, `three` and `four` speak for all tickets that it is for",
        ),
        (
            f"{ONE}, {TWO}, {{name: four, when: {{tier: {{exists: true}}, not: {{tier: [x, y]}}}}, exempt: true}}",
            "together the rules `one`, `two` and 2 others speak for all tickets that it is for",
        ),
    ],
)
def test_whatever_hides_a_rule_is_named(rules: str, sentence: str) -> None:
    """By itself where one is enough, else as few as do it together."""
    text = complete(f"layers: {{customer: [{rules}, {{name: z, targets: {{resolution: 2h}}}}]}}\n")
    assert [sentence] == [lint.sentence for lint in sla.lint_policy(io.StringIO(text)) if lint.rule == "z"]


def test_what_another_layer_exempts_is_told_with_its_layer() -> None:
    layers = "{corporate: [{name: a, when: {tier: x}, exempt: true}], customer: [%s]}"
    own = "{name: b, when: {not: {tier: x}}, targets: {resolution: 1h}}, {name: z, targets: {resolution: 2h}}"
    (lint,) = sla.lint_policy(io.StringIO(complete(f"layers: {layers % own}\n")))
    assert "together the rules `a` of layer `corporate` and `b` speak for all tickets that it is for" == lint.sentence
    own = "{name: z, when: {tier: x}, targets: {resolution: 2h}}"
    (lint,) = sla.lint_policy(io.StringIO(complete(f"layers: {layers % own}\n")))
    assert "rule `a` of layer `corporate` exempts all tickets that it is for" == lint.sentence


class TestPlaces:
    def test_a_lint_of_a_text_has_its_file_line_and_column(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.yaml"
        path.write_text(complete(HIDDEN), encoding="utf-8")
        (lint,) = sla.lint_policy(path)
        assert ("hidden-rule", "customer", "acme", None, None) == (
            lint.code, lint.layer, lint.rule, lint.metric, lint.calendar
        )  # fmt: skip
        assert f"{path}:4:7" == lint.place
        assert LINTS["hidden-rule"] == lint.reason
        assert "rule `everyone` before it speaks for all tickets that it is for" == lint.sentence
        assert str(lint).splitlines() == [
            f"{path}:4:7: layers.customer[1]: {lint.sentence} [hidden-rule]",
            "        - {name: acme, when: {customer: acme}, targets: {resolution: 2h}}",
            "          ^",
        ]
        assert {"line": 4, "path": "layers.customer[1]", "rule": "acme"}.items() <= lint.to_dict().items()

    def test_a_lint_of_a_policy_or_a_mapping_has_its_path(self) -> None:
        data = yaml.safe_load(complete(HIDDEN))
        for given in (data, sla.load_policy(data)):
            (lint,) = sla.lint_policy(given)
            assert ("layers.customer[1]", None, "") == (lint.path, lint.line, lint.place)
            assert "\n" not in str(lint)

    def test_in_joined_files_each_lint_has_its_own(self, tmp_path: Path) -> None:
        corporate, acme = tmp_path / "corporate.yaml", tmp_path / "acme.yaml"
        corporate.write_text(
            complete("layers: {customer: [{name: all, targets: {resolution: 4h}}]}\n"), encoding="utf-8"
        )
        acme.write_text("slaclock: 1\nlayers:\n  customer:\n    - {targets: {resolution: 2h}}\n", encoding="utf-8")
        (lint,) = sla.lint_policy([corporate, acme])
        assert (f"{acme}:4:7", "layers.customer[0]") == (lint.place, lint.path)

    def test_what_is_written_nowhere_is_told_of_the_file(self, tmp_path: Path) -> None:
        """A built-in metric that is promised, and that no status can stop."""
        path = tmp_path / "policy.yaml"
        text = "fields: {status: [fresh]}\nlayers: {customer: [{targets: {resolution: 4h}}]}\n"
        path.write_text(complete(text), encoding="utf-8")
        (lint,) = sla.lint_policy(path)
        assert ("never-stops", "metrics.resolution.stop", str(path)) == (lint.code, lint.path, lint.place)

    def test_what_stands_in_defaults_is_told_at_the_target(self) -> None:
        text = complete(
            "layers: {customer: [{targets: {resolution: 4h}}]}\ndefaults: {calendar: office, warn: [90%, 50%]}\n"
        )
        (lint,) = sla.lint_policy(io.StringIO(text))
        assert ("layers.customer[0].targets.resolution", 1) == (lint.path, lint.line)


class TestDates:
    @pytest.mark.parametrize("as_of", ["2026-03-02", date(2026, 3, 2)])
    def test_a_date_is_given_as_such_or_as_text(self, as_of: date | str) -> None:
        calendars = {"office": {"hours": "09:00-17:00", "holidays": ["2026-12-25"]}}
        assert ["holidays-end"] == [
            lint.code for lint in sla.lint_policy({"slaclock": 1, "calendars": calendars}, as_of)
        ]

    @pytest.mark.parametrize("as_of", ["2026-02-30", "12-25", "soon", 2026])
    def test_anything_else_is_refused(self, as_of: Any) -> None:
        with pytest.raises(sla.CalendarError, match="expected a date"):
            sla.lint_policy({"slaclock": 1}, as_of)


def test_lints_are_no_part_of_a_policy() -> None:
    """Looking for them changes nothing of it."""
    policy = sla.load_policy(io.StringIO(complete(HIDDEN)))
    before = pickle.dumps(policy)
    assert sla.lint_policy(policy)
    assert before == pickle.dumps(policy)


def test_large_policies_are_checked_without_looking_at_every_pair() -> None:
    """With a thousand customers and a rule for each, proofs are as many as rules, not as pairs of rules."""
    rules = [
        {"name": f"c{n}", "when": {"customer": f"c{n}"}, "targets": {"resolution": f"{n + 5}h"}} for n in range(1_000)
    ]
    rules += [{"name": "again", "when": {"customer": "c500", "tier": "gold"}, "targets": {"resolution": "1h"}}]
    data = {
        "slaclock": 1,
        "calendars": {"office": "all day"},
        "defaults": {"calendar": "office"},
        "layers": {"customer": [*rules, {"name": "everyone", "targets": {"resolution": "9h"}}]},
    }
    with patch.object(Prover, "possible", autospec=True, side_effect=Prover.possible) as asked:
        found = sla.lint_policy(data)
    assert ["again"] == [lint.rule for lint in found]
    assert asked.call_count < 3_000


def test_of_very_long_tables_no_row_is_looked_at() -> None:
    """What such a table says as a whole is known still."""
    rows = {f"r{n}": "4h" for n in range(600)}
    nested = {**{f"r{n}": {"x": "4h"} for n in range(600)}, "otherwise": {"otherwise": "4h"}}
    rules = [
        {"name": "short", "when": {"region": "r1"}, "by": "region", "targets": {"resolution": rows}},
        {"name": "whole", "by": "region", "targets": {"resolution": {**rows, "otherwise": "8h"}}},
        {"name": "late", "targets": {"resolution": "8h"}},
        {"name": "deep", "by": ["region", "tier"], "targets": {"first_response": nested}},
        {"name": "rest", "when": {"region": "r1"}, "targets": {"first_response": "4h"}},
    ]
    data = {
        "slaclock": 1,
        "calendars": {"office": "all day"},
        "defaults": {"calendar": "office"},
        "layers": {"customer": rules},
    }
    assert [("hidden-rule", "late")] == [(lint.code, lint.rule) for lint in sla.lint_policy(data)]


class TestUndecided:
    """What the search for proofs leaves open is told: nothing is decided in silence."""

    # Each row takes several steps to be seen through.
    TEXT = complete(
        "layers:\n"
        "  customer:\n"
        "    - {name: a, when: {any: [{tier: x}, {team: y}]}, targets: {resolution: 4h}}\n"
        "    - {name: b, when: {any: [{tier: [x]}, {team: [y]}]}, targets: {resolution: 2h}}\n"
        "    - {name: c, when: {any: [{tier: x}, {team: z}]}, targets: {resolution: 2h}}\n"
    )

    def lints(self, monkeypatch: pytest.MonkeyPatch, **most: int) -> list[sla.Lint]:
        for name, value in most.items():
            monkeypatch.setattr(_proof, name, value)
        return list(sla.lint_policy(io.StringIO(self.TEXT)))

    def test_with_time_enough_all_is_found_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert ["hidden-rule"] == [lint.code for lint in self.lints(monkeypatch)]

    def test_a_search_that_was_given_up_is_told_where_something_was_to_be_found_out(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once for each place and code, however many searches it takes."""
        lints = self.lints(monkeypatch, _MOST_FOR_ONE=0)
        assert [("undecided", rule) for rule in "bc"] == [(lint.code, lint.rule) for lint in lints]
        sentence = (
            "whether this is `hidden-rule` is not known: the search for a proof took too long; "
            "write conditions with fewer alternatives"
        )
        assert [sentence] * 2 == [lint.sentence for lint in lints]
        assert (4, 5) == tuple(lint.line for lint in lints)
        assert LINTS["undecided"] == lints[0].reason

    def test_where_the_lint_was_proved_after_all_nothing_is_undecided(self) -> None:
        """Two rules hide a third one together; that one of them does so alone is hard to refute."""
        study = Study(sla.load_policy(io.StringIO(self.TEXT)))
        proved = study.lint("hidden-rule", "so it is", "layers", "customer", 1)
        study.prover.given_up = {("hidden-rule", proved.keys): None, ("hidden-row", proved.keys): None}
        assert ["hidden-row" in lint.sentence for lint in study.undecided([proved])] == [True]

    def test_questions_that_nobody_looked_into_are_counted_at_the_first_of_them(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (lint,) = self.lints(monkeypatch, _MOST_FOR_ALL=2)
        assert ("undecided", "layers.customer[1].when", 4) == (lint.code, lint.path, lint.line)
        assert re.fullmatch(
            "whether this is `never-applies` is not known: together the searches before took too long, and [0-9]+ "
            "questions from here on were left out; check fewer rules at a time, or simpler conditions",
            lint.sentence,
        )

    @pytest.mark.parametrize(("keys", "about"), [
        (("layers", "customer", 1, "targets", "resolution"), ("customer", "b", "resolution", None)),
        (("layers", "customer", 1), ("customer", "b", None, None)),
        (("metrics", "resolution", "stop"), (None, None, "resolution", None)),
        (("calendars", "office"), (None, None, None, "office")),
        (("statuses", "open"), (None, None, None, None)),
    ])  # fmt: skip
    def test_a_lint_is_about_what_its_path_names(
        self, keys: tuple[str | int, ...], about: tuple[str | None, ...]
    ) -> None:
        lint = Study(sla.load_policy(io.StringIO(self.TEXT))).lint("hidden-rule", "so it is", *keys)
        assert about == (lint.layer, lint.rule, lint.metric, lint.calendar)

    def test_one_question_alone_is_not_counted(self) -> None:
        study = Study(sla.load_policy(io.StringIO(self.TEXT)))
        study.look_for("never-open", "calendars", "office")
        study.prover.unsearched[study.prover.about] += 1
        (lint,) = study.undecided([])
        assert ("calendars.office", "office") == (lint.path, lint.calendar)
        assert lint.sentence.endswith("took too long; check fewer rules at a time, or simpler conditions")


@pytest.mark.parametrize(
    ("one", "other", "is_longer"),
    [
        ("1 business day by 16:00", "1 business day by 12:00", True),
        ("1 business day by 12:00", "1 business day by 16:00", False),
        ("2 business days by 12:00", "1 business day by 16:00", False),
        ("same business day by 16:00", "same business day by 12:00", False),
        ("2 business days by 16:00", "1 business day by 16:00", True),
    ],
)
def test_of_two_times_of_day_the_later_one_is_longer_on_one_date_only(one: str, other: str, is_longer: bool) -> None:
    assert is_longer is longer(sla.Amount.parse(one), sla.Amount.parse(other))
