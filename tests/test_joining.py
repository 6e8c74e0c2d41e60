"""Policies in several files: what is joined, what may stand once only, and where faults are told."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock import PolicyError, WorkingCalendar, load_policy
from slaclock._format import POLICY

CORPORATE = """\
slaclock: 1
name: Support
timezone: Europe/Berlin
calendars:
  office: {timezone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}}
statuses: {open: [in_progress]}
fields: {customer: text}
defaults: {calendar: office}
layers:
  corporate:
    - name: everyone
      targets: {first_response: 8h}
  customer:
    - targets: {first_response: 6h}
"""
ACME = """\
calendars:
  acme: {timezone: Europe/Madrid, hours: {mon-fri: "08:00-18:00"}}
statuses: {pending: [waiting]}
fields: {tier: [gold, silver]}
defaults: {warn: 75%}
metrics:
  triage: {start: created, stop: {changed: team}}
layers:
  customer:
    - name: Acme
      when: {customer: acme}
      targets: {first_response: {within: 4h, calendar: acme}}
    - targets: {triage: 1h}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "customers").mkdir()
    (tmp_path / "corporate.yaml").write_text(CORPORATE, encoding="utf-8")
    (tmp_path / "customers" / "acme.yaml").write_text(ACME, encoding="utf-8")
    return tmp_path


def refused(*sources: Any) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        load_policy(sources)
    return caught.value


def told(*sources: Any) -> list[str]:
    """The faults, each as `code file:line:column path`."""
    return [f"{p.code} {p.place} {p.path}".rstrip() for p in refused(*sources).problems]


def stream(text: str, name: str | None = None) -> io.StringIO:
    found = io.StringIO(text)
    if name is not None:
        found.name = name  # type: ignore[misc]
    return found


class TestWhatIsJoined:
    def test_lists_of_a_layer_follow_each_other_and_names_come_together(self, folder: Path) -> None:
        policy = load_policy([folder / "corporate.yaml", str(folder / "customers" / "acme.yaml")])
        assert ["corporate", "customer"] == [layer.name for layer in policy.layers]
        assert ["customer rule 1", "Acme", "customer rule 3"] == [rule.name for rule in policy.layers[1].rules]
        assert ["office", "acme"] == list(policy.calendars)
        assert {"in_progress": "open", "waiting": "pending"} == policy.statuses
        assert {"customer": "text", "tier": ("gold", "silver")} == policy.fields
        assert ("triage" in policy.metrics, policy.default_calendar, policy.name) == (True, "office", "Support")
        assert 1 == len(next(policy.rules()).targets["first_response"].warn)  # type: ignore[union-attr]

    def test_the_order_of_the_files_is_that_of_the_rules(self) -> None:
        policy = load_policy([stream(ACME), stream(CORPORATE)])
        assert ["Acme", "customer rule 2", "customer rule 3"] == [rule.name for rule in policy.layers[1].rules]

    def test_paths_streams_and_mappings_may_be_mixed(self, folder: Path) -> None:
        more = {"layers": {"service": [{"name": "S", "targets": {"first_response": "2h"}}]}}
        policy = load_policy(source for source in (folder / "corporate.yaml", stream(ACME), more))
        assert ["corporate", "customer", "service"] == [layer.name for layer in policy.layers]

    def test_one_file_in_a_list_is_that_file(self) -> None:
        assert load_policy(stream(CORPORATE)) == load_policy([stream(CORPORATE)])

    def test_the_version_may_stand_in_each_and_must_in_one(self) -> None:
        assert load_policy([{"slaclock": 1}, {"slaclock": "1"}, {"name": "x"}]).name == "x"
        assert ["missing-key <policy 1>"] == told({"name": "x"}, {"timezone": "UTC"})
        assert ["wrong-version b.yaml:1:11 slaclock"] == told({"slaclock": 1}, stream("slaclock: 2\n", "b.yaml"))

    def test_a_calendar_may_be_put_together_from_those_of_other_files(self) -> None:
        world = {"slaclock": 1, "calendars": {"world": {"union": ["a", "b"]}}}
        parts = [{"calendars": {name: {"hours": "09:00-17:00"}}} for name in ("a", "b")]
        assert isinstance(load_policy([world, *parts]).calendars["world"], WorkingCalendar)

    def test_paths_of_holidays_are_read_from_the_folder_of_the_file_that_names_them(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(folder)
        text = 'calendars: {c: {hours: "09:00-17:00", holidays: [{ics: none.ics}]}}\n'
        (folder / "customers" / "c.yaml").write_text(text, encoding="utf-8")
        (problem,) = refused("corporate.yaml", Path("customers") / "c.yaml").problems
        assert f"`{Path('customers') / 'none.ics'}`" == problem.found


class TestWhatIsSaidTwice:
    def test_is_a_fault_that_names_both_places(self) -> None:
        second = "name: Other\ncalendars:\n  office: all day\ndefaults: {warn: 75%, calendar: office}\n"
        error = refused(stream(CORPORATE, "a.yaml"), stream(second, "b.yaml"))
        assert [
            ("duplicate-key", "b.yaml:1:1", "name", "the first one is in a.yaml:2:1"),
            ("duplicate-key", "b.yaml:3:3", "calendars.office", "the first one is in a.yaml:5:3"),
            ("duplicate-key", "b.yaml:4:23", "defaults.calendar", "the first one is in a.yaml:8:12"),
        ] == [(p.code, p.place, p.path, p.hint) for p in error.problems]
        assert str(error).splitlines()[1:4] == [
            "b.yaml:1:1: name: found `name` again, expected it once in all the files; the first one is in a.yaml:2:1",
            "    name: Other",
            "    ^",
        ]

    @pytest.mark.parametrize("key", [name for name, key in POLICY.keys.items() if key.joins == "once"])
    def test_every_key_that_stands_once_is_refused_twice(self, key: str) -> None:
        """Whatever it says, and though it says the same."""
        faults = refused({"slaclock": 1, key: "x"}, {key: "x"}).problems
        assert ["<policy 2>"] == [problem.file for problem in faults if problem.code == "duplicate-key"]

    @pytest.mark.parametrize("key", ["calendars", "statuses", "fields", "metrics"])
    def test_a_name_in_two_files_is_refused(self, key: str) -> None:
        faults = refused({"slaclock": 1, key: {"open": "x"}}, {key: {"open": "x"}}).problems
        (fault,) = (problem for problem in faults if problem.code == "duplicate-key")
        assert ("<policy 2>", f"{key}.open", "the first one is in <policy 1>") == (fault.file, fault.path, fault.hint)

    def test_three_times_are_two_faults_and_doubles_within_a_file_are_told_once(self) -> None:
        doubled = "name: x\nname: y\n"
        found = told(stream("slaclock: 1\nname: z\n", "a"), stream(doubled, "b"), stream("name: w\n", "c"))
        assert ["duplicate-key b:1:1 name", "duplicate-key b:2:1 name", "duplicate-key c:1:1 name"] == found

    def test_a_rule_of_the_same_name_in_one_layer_is_refused(self) -> None:
        rules = "layers:\n  customer:\n    - {name: Acme, exempt: true}\n"
        (fault,) = refused(stream(f"slaclock: 1\n{rules}", "a"), stream(rules, "b")).problems
        assert ("duplicate-name", "b:3:14", "the first one is in a:4:7") == (fault.code, fault.place, fault.hint)

    def test_a_status_in_two_categories_is_refused(self) -> None:
        faults = told({"slaclock": 1, "statuses": {"open": "x"}}, stream("statuses: {closed: x}\n", "b"))
        assert ["duplicate-name b:1:20 statuses.closed"] == faults


class TestFaults:
    def test_each_is_told_in_its_own_file_in_the_order_of_the_files(self, folder: Path) -> None:
        path = folder / "customers" / "acme.yaml"
        path.write_text(ACME.replace("calendar: acme", "calendar: acm").replace("within", "witin"), encoding="utf-8")
        first = stream(CORPORATE.replace("8h", "8x"), "corporate")
        place = "layers.customer[0].targets.first_response"
        assert [
            "bad-amount corporate:12:33 layers.corporate[0].targets.first_response",
            f"unknown-key {path}:12:34 {place}.witin",
            f"unknown-calendar {path}:12:55 {place}.calendar",
        ] == told(first, path)

    def test_files_that_cannot_be_read_at_all_are_told_together(self, folder: Path) -> None:
        broken = stream("a: [\n", "broken.yaml")
        assert ["unreadable", "syntax", "tag"] == [
            problem.code for problem in refused(folder / "none.yaml", broken, stream("name: !x y\n")).problems
        ]

    def test_what_is_no_mapping_is_told_where_it_stands(self) -> None:
        text = "layers:\n  customer: 4h\ncalendars: 1\nmetrics: []\n"
        second = stream(text, "b")
        assert [
            "wrong-type b:2:13 layers.customer",
            "wrong-type b:3:12 calendars",
            "wrong-type b:4:10 metrics",
        ] == told(stream(CORPORATE), second)
        assert ["wrong-type b:1:1"] == told(stream(CORPORATE), stream("- x\n", "b"))
        assert ["wrong-type <policy 1> layers.customer", "wrong-type <policy 2> layers.customer"] == told(
            {"slaclock": 1, "layers": {"customer": 1}}, {"layers": {"customer": "4h"}}
        )

    def test_where_none_is_a_mapping_nothing_else_is_missed_in_them(self) -> None:
        assert ["wrong-type a:1:1", "wrong-type b:1:1"] == told(stream("- x\n", "a"), stream("ticket,at\n", "b"))

    def test_unknown_keys_are_told_in_each(self) -> None:
        found = told(stream("slaclock: 1\nlayer: 1\n", "a"), stream("layer: 1\n", "b"))
        assert ["unknown-key a:2:1 layer", "unknown-key b:1:1 layer"] == found

    def test_no_file_at_all_is_a_fault(self) -> None:
        assert ["empty"] == told()

    @pytest.mark.parametrize("sources", [["a", ["b"]], [None], [b"policy.yaml"]])
    def test_anything_else_in_the_list_is_a_wrong_argument(self, sources: Any, folder: Path) -> None:
        with pytest.raises(TypeError, match="a policy is read from"):
            load_policy([folder / "corporate.yaml", *sources[1:]] if len(sources) > 1 else sources)


WHOLE: dict[str, Any] = {
    "slaclock": 1,
    "name": "Whole",
    "timezone": "Asia/Tokyo",
    "binds": "most_specific",
    "calendars": {"a": {"hours": "09:00-17:00"}, "b": "all day", "c": {"union": ["a", "b"]}},
    "statuses": {"open": ["x", "y"], "pending": "z"},
    "fields": {"tier": ["gold", "silver"], "seats": "number"},
    "defaults": {"calendar": "a", "warn": "75%", "on_change": "carry"},
    "layer_order": ["low", "high"],
    "metrics": {"resolution": {"repeats": True}, "triage": {"start": "created", "stop": "held"}},
    "layers": {
        "low": [{"name": f"rule {n}", "when": {"seats": n}, "targets": {"update": f"{n + 1}h"}} for n in range(5)],
        "high": [{"name": "last", "exempt": True}],
    },
}


def pieces(whole: Mapping[str, Any], draw: st.DrawFn, count: int) -> Iterator[dict[str, Any]]:
    """A policy cut at random: keys, names and stretches of lists, each in one of the pieces."""
    place = st.integers(0, count - 1)
    parts: list[dict[str, Any]] = [{} for _ in range(count)]
    for key, value in copy.deepcopy(dict(whole)).items():
        joins = POLICY.keys[key].joins
        if joins in ("once", "agree"):
            parts[draw(place)][key] = value
            continue
        for name, item in value.items():
            if joins == "names":
                parts[draw(place)].setdefault(key, {})[name] = item
                continue
            owners = sorted(draw(st.lists(place, min_size=len(item), max_size=len(item))))
            for owner, member in zip(owners, item, strict=True):
                parts[owner].setdefault(key, {}).setdefault(name, []).append(member)
    yield from parts


@given(st.data())
def test_a_policy_cut_into_pieces_and_joined_is_the_same_policy(data: st.DataObject) -> None:
    parts = list(pieces(WHOLE, data.draw, data.draw(st.integers(1, 4))))
    assert load_policy(WHOLE) == load_policy(parts)
