"""Policy files: what is written becomes a policy, and every fault is told at once, in its place."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pendulum
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import slaclock
from slaclock import PolicyError, load_policy
from slaclock._clauses import CALENDAR_FROM, TARGET, WARNING
from slaclock._codes import CODES
from slaclock._document import read_document
from slaclock._fields import Reader, listed
from slaclock._fields import Table as Keys
from slaclock._format import DEFAULTS, METRIC, POLICY, RULE
from slaclock._instants import load_zone, to_us
from slaclock._phrases import COMPARISONS, FIELD, WORDS
from slaclock._times import EFFECTIVE
from slaclock._triggers import CREATED, REPLIED, SIGNALS
from slaclock.amounts import Amount
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.conditions import ARRIVED, CATEGORY, All, Always, AnyOf, Condition, Exists, Is, Not, Ordered
from slaclock.errors import Problem
from slaclock.metric import Kind, Trigger
from slaclock.policy import Policy
from slaclock.policyfile import builtin_metrics
from slaclock.rules import Rule, Table, Window
from slaclock.strategies import CHOICES, Strategies
from slaclock.target import CalendarFrom, Target, Warn

HERE = Path(__file__).parent
OFFICE = WorkingCalendar(timezone="Europe/Berlin", hours={"mon-fri": "09:00-17:00"}, name="office")

EXAMPLE = """\
slaclock: 1                       # format version
name: Acme support
timezone: Europe/Berlin           # of answers, effective dates and calendar days; UTC where absent
calendars:
  office: {timezone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}, holidays: [2026-12-24]}
  always: all day
statuses: {new: [new], open: [in_progress], pending: [waiting_customer], on_hold: [vendor], resolved: [solved], closed: [closed]}
fields: {priority: [urgent, high, normal, low], vip: bool}
defaults: {calendar: office, warn: [75%, 90%], on_change: recompute, on_reopen: exclude}
layers:
  corporate:
    - name: everyone
      targets: {first_response: {within: 24h, calendar: always}}
  customer:
    - name: Acme Corp
      when: {customer: acme}
      effective: {from: 2026-01-01, until: 2026-12-31}
      targets: {first_response: 4h}
    - name: by priority
      when: {tier: [gold, silver]}
      by: priority
      targets:
        first_response: {urgent: 30m, high: 1h, normal: 4h, otherwise: 24h}
        resolution:     {urgent: {within: 4h, calendar: always}, high: 8h, normal: 3 business days, low: best effort}
  service:
    - name: security
      when: {issue_type: security, not: {environment: sandbox}}
      targets:
        first_response: {within: 1h, calendar: always, objective: 95%, warn: [{at: 80%, notify: team-lead}, {at: +30m, notify: director}]}
metrics:
  handoff:
    kind: ola                     # sla | ola | underpinning
    start: {changed: {team: engineering}}
    stop: {replied: {by: agent}}  # public, unless public: any
    pause_while: {category: [pending, on_hold]}
    cancel: {changed: {status: spam}}
    repeats: true
"""  # noqa: E501 - as people would write it.

ADDED = {
    "slaclock": "slaclock: 1",
    "calendars": 'calendars: {office: {timezone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}}}',
    "defaults": "defaults: {calendar: office}",
}


def complete(text: str) -> str:
    """A part of a policy with what it leaves out added at the end: version, a calendar and the default one."""
    return text + "".join(f"{line}\n" for key, line in ADDED.items() if not re.search(rf"^{key}:", text, re.MULTILINE))


def load(text: str) -> Policy:
    return load_policy(io.StringIO(complete(text)))


def faults(text: str) -> list[str]:
    """The faults of a whole text, as the data files write them: `code line:column path`."""
    try:
        load_policy(io.StringIO(text))
    except PolicyError as error:
        return [f"{item.code} {item.line}:{item.column} {item.path}".rstrip() for item in error.problems]
    return []


def hints(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load(text)
    return [problem.hint for problem in caught.value.problems]


def rule(text: str, rest: str = "") -> Rule:
    """One rule, written in flow style."""
    return load(f"layers: {{customer: [{text}]}}\n{rest}").layers[0].rules[0]


def target(text: str, rest: str = "") -> Target:
    found = rule(f"{{targets: {{resolution: {text}}}}}", rest).targets["resolution"]
    assert isinstance(found, Target)
    return found


def when(text: str, rest: str = "") -> Condition:
    return rule(f"{{when: {text}, targets: {{resolution: 4h}}}}", rest).when


def trigger(text: str) -> tuple[Trigger, ...]:
    return load(f"metrics: {{handoff: {{start: {text}, stop: reopened}}}}\n").metrics["handoff"].start


def bad_policies() -> Iterator[Any]:
    for file in sorted((HERE / "bad_policies").glob("*.yaml")):
        for case in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield pytest.param(case, id=f"{file.stem}: {case['name']}")


AMOUNTS = "expected an amount such as `4h`, `1h30m`, `PT4H`, `3 business days` or `best effort`"
# Codes that need more than a text to come up, and the tests that bring them up.
ELSEWHERE = {
    "unreadable": "test_document",
    "not-utf8": "test_document",
    "too-large": "test_document",
    "too-many-nodes": "test_document",
    "bad-calendar": "test_a_calendar_that_gives_no_reason_is_a_fault_still",
}


class TestFaults:
    @pytest.mark.parametrize("case", list(bad_policies()))
    def test_every_fault_of_a_bad_policy_is_told_in_its_place_and_nothing_else(self, case: dict[str, Any]) -> None:
        if "needs" in case:
            pytest.importorskip(case["needs"])
        assert case["problems"] == faults(case["policy"] if case.get("whole") else complete(case["policy"]))

    def test_every_code_is_listed_and_comes_up(self) -> None:
        seen = {problem.partition(" ")[0] for case in bad_policies() for problem in case.values[0]["problems"]}
        assert set(CODES) == seen | set(ELSEWHERE)
        assert all(sentence.endswith(".") for sentence in CODES.values())

    def test_a_problem_shows_file_line_and_caret(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.yaml"
        path.write_text(complete("name: Acme\nlayers: {customer: [{targets: {resolution: 4x}}]}\n"), encoding="utf-8")
        with pytest.raises(PolicyError) as caught:
            load_policy(path)
        assert str(caught.value).splitlines()[1:] == [
            f"{path}:2:44: layers.customer[0].targets.resolution: found `4x`, {AMOUNTS}",
            "    layers: {customer: [{targets: {resolution: 4x}}]}",
            "                                               ^",
        ]

    def test_hints_say_what_to_write(self) -> None:
        assert ["write `4h` or `4m`"] == hints("layers: {customer: [{targets: {resolution: 4}}]}\n")
        assert ["write `75%`", ""] == hints("defaults: {calendar: office, warn: [75, soon]}\n")
        assert ["write `false`"] == hints("metrics: {resolution: {repeats: off}}\n")
        assert ["known are `corporate`, `customer` and `service`; others are named in `layer_order`"] == hints(
            "layers: {everybody: []}\n"
        )
        (joined,) = hints("layers: {customer: [{when: {or: [{tier: gold}]}, exempt: true}]}\n")
        assert joined.startswith("`any` and `all` join conditions; what has `at_least`")
        assert [
            "write `{changed: {status: solved}}`",
            "write `{changed: {category: closed}}`",
            "did you mean `held`?",
        ] == (hints("statuses: {resolved: [solved]}\nmetrics: {resolution: {stop: [solved, closed, helt]}}\n"))

    @pytest.mark.parametrize("key", ["from", "until"])
    def test_a_key_that_belongs_under_another_one_is_sent_there(self, key: str) -> None:
        rules = f"layers: {{customer: [{{{key}: 2026-01-01, targets: {{resolution: 4h}}}}]}}\n"
        assert ["it belongs under `effective`"] == hints(rules)

    def test_hopeless_policies_are_told_of_in_reasonable_time(self) -> None:
        """Hints cost a search each; a document with thousands of faults gets them for the first ones only."""
        text = "slaclock: 1\n" + "".join(f"zslaclock{n}: 1\n" for n in range(5_000))
        begin = time.perf_counter()
        with pytest.raises(PolicyError) as caught:
            load_policy(io.StringIO(text))
        assert 5_000 == len(caught.value.problems)
        assert time.perf_counter() - begin < 20

    def test_zones_are_looked_for_the_nearest_names_a_limited_number_of_times(self) -> None:
        zones = ", ".join(f"c{n}: {{timezone: Europe/Berlim{n}, hours: closed}}" for n in range(201))
        with pytest.raises(PolicyError) as caught:
            load_policy(
                io.StringIO(f"slaclock: 1\ncalendars: {{{zones}, d: {{timezone: Europe/Rome, hours: closed}}}}\n")
            )
        told = [(problem.code, problem.path, problem.hint) for problem in caught.value.problems]
        assert 201 == len(told)
        assert ("unknown-zone", "calendars.c0.timezone", "did you mean `Europe/Berlin`?") == told[0]
        assert ("unknown-zone", "calendars.c200.timezone", "") == told[-1]

    def test_fields_that_are_not_declared_are_searched_for_slips_a_limited_number_of_times(self) -> None:
        fields = ", ".join(f"zz{n}: a" for n in range(300))
        assert [] == faults(
            complete(f"fields: {{priority: text}}\nlayers: {{customer: [{{when: {{{fields}}}, exempt: true}}]}}\n")
        )

    def test_what_a_calendar_says_of_one_place_is_told_there(self) -> None:
        text = "calendars:\n  office:\n    hours: {mon: nine to five}\n    zone: UTC\n"
        assert ["bad-hours 3:18 calendars.office.hours.mon", "unknown-key 4:5 calendars.office.zone"] == faults(
            complete(text)
        )

    def test_what_is_said_of_a_place_that_is_not_there_is_told_where_the_path_ends(self) -> None:
        reader = Reader(read_document({"a": {"b": [1]}}))
        told = [
            Problem(code="wrong-type", found="1", expected="2", keys=keys)
            for keys in (("a", "c"), ("a", "b", 0), ("a", "b", 7))
        ]
        reader.take(reader.document.root, told)
        assert ["a", "a.b[0]", "a.b"] == [problem.path for problem in reader.document.problems]

    def test_a_slip_in_the_name_of_a_field_is_a_fault_each_time(self) -> None:
        text = (
            "fields: {priority: text}\nlayers: {customer: [{when: {any: [{priorty: a}, {priorty: b}]}, exempt: true}]}"
        )
        assert 2 == len(faults(complete(f"{text}\n")))

    def test_a_calendar_that_gives_no_reason_is_a_fault_still(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(data: object) -> WorkingCalendar:
            raise slaclock.CalendarError(f"no reason for {type(data).__name__}")

        monkeypatch.setattr(WorkingCalendar, "from_dict", refuse)
        assert ["bad-calendar 2:21 calendars.office"] == faults(complete("slaclock: 1\n"))

    def test_a_broken_value_is_one_fault_wherever_it_stands(self) -> None:
        """Of a value with a tag no other fault follows, whatever its place wants."""
        for text in BROKEN:
            assert ["tag"] == [fault.partition(" ")[0] for fault in faults(complete(text))], text


BROKEN = (
    "slaclock: !t x\n",
    "name: !t x\n",
    "timezone: !t x\n",
    "calendars: !t x\n",
    "calendars: {office: !t x}\n",
    "calendars: {office: {hours: {mon-fri: !t x}}}\n",
    "statuses: {open: !t x}\n",
    "fields: {tier: !t x}\n",
    "defaults: {calendar: office, warn: !t x}\n",
    "binds: !t x\n",
    "layers: {customer: !t x}\n",
    "layers: {customer: [!t x]}\n",
    "layers: {customer: [{when: !t x, exempt: true}]}\n",
    "layers: {customer: [{when: {tier: !t x}, exempt: true}]}\n",
    "layers: {customer: [{when: {seats: {at_least: !t x}}, exempt: true}]}\n",
    "layers: {customer: [{when: {all: !t x}, exempt: true}]}\n",
    "layers: {customer: [{effective: {from: !t x}, exempt: true}]}\n",
    "layers: {customer: [{targets: {resolution: !t x}}]}\n",
    "layers: {customer: [{targets: {resolution: {within: !t x, calendar: office}}}]}\n",
    "layers: {customer: [{targets: {resolution: {within: 4h, objective: !t x}}}]}\n",
    "layers: {customer: [{exempt: !t x}]}\n",
    "metrics: {resolution: {repeats: !t x}}\n",
    "metrics: {resolution: {start: !t x}}\n",
    "metrics: {resolution: {stop: {replied: {public: !t x}}}}\n",
)


class TestWhole:
    def test_the_example_of_the_format_loads(self) -> None:
        policy = load_policy(io.StringIO(EXAMPLE))
        assert ("Acme support", "Europe/Berlin", "office") == (policy.name, policy.timezone, policy.default_calendar)
        assert ["corporate", "customer", "service"] == [layer.name for layer in policy.layers]
        assert {"office", "always"} == set(policy.calendars)
        assert "pending" == policy.statuses["waiting_customer"]
        assert {"priority": ("urgent", "high", "normal", "low"), "vip": "bool"} == policy.fields
        assert Strategies(on_change="recompute", on_reopen="exclude") == policy.strategies
        security = policy.layers[2].rules[0].targets["first_response"]
        notify = (Warn(Fraction(4, 5), notify=("team-lead",)), Warn(offset_us=30 * 60_000_000, notify=("director",)))
        assert security == Target(
            amount=Amount.parse("1h"), calendar="always", objective=Fraction(95, 100), warn=notify
        )
        handoff = policy.metrics["handoff"]
        assert (Kind.OLA, True) == (handoff.kind, handoff.repeats)
        assert (Trigger(on="changed", condition=Is("status", ("spam",))),) == handoff.cancel
        assert ("first_response", "resolution") == policy.spoken

    def test_a_mapping_that_spells_the_same_gives_the_same_policy(self) -> None:
        """As far as a loader leaves texts alone: this one makes nothing of them but dates, bools and numbers."""
        assert load_policy(io.StringIO(EXAMPLE)) == load_policy(yaml.safe_load(EXAMPLE))

    def test_json_is_yaml_too(self) -> None:
        text = '{"slaclock": 1, "calendars": {"always": "all day"}, "defaults": {"calendar": "always"}, "name": "J"}'
        assert "J" == load_policy(io.StringIO(text)).name

    def test_the_least_policy_has_a_version_and_the_built_in_metrics(self) -> None:
        policy = load_policy({"slaclock": 1})
        assert ("", "UTC", "earliest_due", ()) == (policy.name, policy.timezone, policy.binds, policy.layers)
        assert dict(builtin_metrics()) == policy.metrics

    def test_layers_stand_in_their_order_whatever_that_of_the_file(self) -> None:
        rules = "[{targets: {resolution: 4h}}]"
        layers = f"layers: {{service: {rules}, corporate: {rules}, customer: {rules}}}\n"
        assert ["corporate", "customer", "service"] == [layer.name for layer in load(layers).layers]
        own = load(f"layer_order: [world, site, desk]\nlayers: {{desk: {rules}, world: {rules}}}\n")
        assert ["world", "desk"] == [layer.name for layer in own.layers]

    def test_rules_without_a_name_are_called_by_their_place(self) -> None:
        policy = load("layers: {customer: [{exempt: true}, {name: two, exempt: true}, {exempt: true}]}\n")
        assert ["customer rule 1", "two", "customer rule 3"] == [rule.name for rule in policy.rules()]

    def test_binds_is_taken(self) -> None:
        policy = load("binds: most_specific\nmetrics: {resolution: {binds: earliest_due}}\n")
        assert ("most_specific", "earliest_due") == (policy.binds, policy.metrics["resolution"].binds)

    def test_policies_pickle_and_compare(self) -> None:
        import pickle

        policy = load_policy(io.StringIO(EXAMPLE))
        assert policy == pickle.loads(pickle.dumps(policy))

    def test_importing_slaclock_imports_no_yaml(self) -> None:
        program = "import sys, slaclock; print('yaml' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        assert "False" == done.stdout.strip()


class TestCalendars:
    def test_calendars_carry_their_names(self) -> None:
        assert OFFICE == load("name: x\n").calendars["office"]

    @pytest.mark.parametrize("word", ["all day", "24h"])
    def test_a_calendar_may_be_open_round_the_clock(self, word: str) -> None:
        assert ALWAYS == load(f"calendars: {{always: {word}}}\ndefaults: {{}}\n").calendars["always"]

    def test_times_and_dates_are_read_as_written(self) -> None:
        policy = load(
            "calendars:\n  office:\n    hours: {mon: 09:00-17:00}\n    holidays: [2026-12-24]\n"
            "    special: {2026-12-31: 10:00-12:00}\n"
        )
        expected = WorkingCalendar(
            hours={"mon": "09:00-17:00"}, holidays=["2026-12-24"], special={"2026-12-31": "10:00-12:00"}, name="office"
        )
        assert expected == policy.calendars["office"]

    def test_a_calendar_made_in_python_is_taken_from_a_mapping(self) -> None:
        policy = load_policy({"slaclock": 1, "calendars": {"a": OFFICE, "b": {"union": [OFFICE, "all day"]}}})
        assert OFFICE == policy.calendars["a"]
        assert (OFFICE | ALWAYS).digest == policy.calendars["b"].digest

    def test_a_target_may_take_its_calendar_from_the_ticket(self) -> None:
        assert (
            CalendarFrom("region", "office")
            == target("{within: 4h, calendar: {from: region, default: office}}").calendar
        )
        assert CalendarFrom("region") == target("{within: 4h, calendar: {from: region}}").calendar
        assert CalendarFrom("region") == target("4h", "defaults: {calendar: {from: region}}\n").calendar


class TestTargets:
    def test_an_amount_alone_takes_all_else_from_the_defaults(self) -> None:
        rest = "defaults: {calendar: office, warn: 75%, at_close: next_opening, on_change: carry}\n"
        expected = Target(
            amount=Amount.parse("4h"), calendar="office", warn=(Warn(Fraction(3, 4)),), at_close="next_opening"
        )
        assert expected == target("4h", rest) == target("{within: 4h}", rest)

    def test_a_target_says_what_differs(self) -> None:
        text = "{within: 3 business days, warn: [], objective: 99.5%, pause_while: {never: true}, on_change: keep}"
        assert target(text, "defaults: {calendar: office, warn: 75%}\n") == Target(
            amount=Amount.parse("3 business days"),
            calendar="office",
            objective=Fraction(995, 1000),
            pause_while=Always(yes=False),
            strategies=Strategies(on_change="keep"),
        )

    def test_share_and_amount_may_stand_in_one_text(self) -> None:
        found = target("80% within 20s")
        assert (Fraction(4, 5), Amount.parse("20s")) == (found.objective, found.amount)

    @pytest.mark.parametrize(
        ("text", "warn"),
        [
            ("75%", Warn(Fraction(3, 4))),
            ("120 %", Warn(Fraction(6, 5))),
            ("-30m", Warn(offset_us=-1_800_000_000)),
            ("+2h", Warn(offset_us=7_200_000_000)),
            ("{after: 3h}", Warn(after_us=10_800_000_000)),
            ("{at: 50%, notify: boss}", Warn(Fraction(1, 2), notify=("boss",))),
            ("[{after: 1h, notify: [a, b]}]", Warn(after_us=3_600_000_000, notify=("a", "b"))),
        ],
    )
    def test_warnings(self, text: str, warn: Warn) -> None:
        assert (warn,) == target(f"{{within: 4h, warn: {text}}}").warn

    def test_a_table_has_a_row_for_each_value(self) -> None:
        found = rule(
            "{by: priority, targets: {resolution: {high: 1h, low: {within: 2h}, otherwise: 4h}, update: 3h}}"
        ).targets
        table = found["resolution"]
        assert isinstance(table, Table)
        assert ("priority", ("high", "low")) == (table.field, tuple(value for value, _ in table.rows))
        assert ["1h", "2h", "4h"] == [str(row.amount) for row in table.targets()]
        assert isinstance(found["update"], Target)

    def test_tables_nest_by_two_fields(self) -> None:
        table = rule(
            "{by: [tier, category], targets: {resolution: {gold: {open: 1h, otherwise: 2h}, otherwise: 8h}}}"
        ).targets["resolution"]
        assert isinstance(table, Table)
        inner = table.rows[0][1]
        assert isinstance(inner, Table)
        assert ("tier", CATEGORY) == (table.field, inner.field)
        assert ["1h", "2h", "8h"] == [str(row.amount) for row in table.targets()]

    def test_a_row_is_what_is_written_not_what_yaml_makes_of_it(self) -> None:
        table = rule("{by: flag, targets: {resolution: {no: 1h, on: 2h, 010: 4h}}}").targets["resolution"]
        assert isinstance(table, Table)
        assert ["no", "on", "010"] == [value for value, _ in table.rows]

    def test_amounts_may_be_timedeltas_in_a_mapping(self) -> None:
        data: dict[str, Any] = {"slaclock": 1, "calendars": {"c": "all day"}, "defaults": {"calendar": "c"}}
        data["layers"] = {
            "customer": [{"targets": {"resolution": timedelta(hours=4), "update": pendulum.duration(months=1)}}]
        }
        with pytest.raises(PolicyError) as caught:
            load_policy(data)
        assert ["bad-amount layers.customer[0].targets.update"] == [f"{p.code} {p.path}" for p in caught.value.problems]
        data["layers"]["customer"][0]["targets"].pop("update")
        assert Amount.parse("4h") == next(load_policy(data).rules()).targets["resolution"].amount  # type: ignore[union-attr]

    def test_exemptions(self) -> None:
        assert ("*",) == rule("{exempt: true}").exempt
        assert ("*",) == load_policy({"slaclock": 1, "layers": {"customer": [{"exempt": True}]}}).layers[0].rules[
            0
        ].exempt
        assert ("resolution",) == rule("{exempt: resolution}").exempt
        assert ("resolution", "update") == rule("{exempt: [resolution, update]}").exempt


class TestWindows:
    def window(self, text: str, zone: str = "Europe/Berlin") -> Window:
        return rule(f"{{effective: {text}, exempt: true}}", f"timezone: {zone}\n").effective

    def test_a_date_as_end_includes_that_day(self) -> None:
        expected = Window(to_us("2026-01-01T00:00+01:00"), to_us("2027-01-01T00:00+01:00"))
        assert expected == self.window("{from: 2026-01-01, until: 2026-12-31}")

    def test_a_date_time_as_end_is_excluded(self) -> None:
        expected = Window(to_us("2026-06-01T08:00+02:00"), to_us("2026-06-01T18:00Z"))
        assert expected == self.window("{from: 2026-06-01T08:00, until: 2026-06-01 18:00Z}")

    def test_open_ends(self) -> None:
        assert Window(to_us("2026-01-01T00:00+01:00"), None) == self.window("{from: 2026-01-01}")
        assert Window(None, to_us("2026-01-02T00:00+01:00")) == self.window("{until: 2026-01-01}")
        assert Window(None, None) == self.window("{until: 9999-12-31}")
        assert Window() == rule("{exempt: true}").effective

    def test_a_day_that_begins_in_a_gap_begins_at_its_end(self) -> None:
        """In Sao Paulo the clock went from 00:00 to 01:00 on 2018-11-04."""
        assert to_us("2018-11-04T01:00-02:00") == self.window("{from: 2018-11-04}", "America/Sao_Paulo").start_us

    def test_python_dates_are_taken(self) -> None:
        def window(**ends: object) -> Window:
            rules = [{"effective": {key.rstrip("_"): end for key, end in ends.items()}, "exempt": True}]
            return (
                load_policy({"slaclock": 1, "timezone": "Asia/Tokyo", "layers": {"customer": rules}})
                .layers[0]
                .rules[0]
                .effective
            )

        noon = datetime(2026, 1, 1, 12, tzinfo=UTC)
        assert Window(to_us(noon), to_us("2026-01-02T00:00+09:00")) == window(from_=noon, until=date(2026, 1, 1))
        assert Window(to_us("2026-01-01T12:00+09:00")) == window(from_=datetime(2026, 1, 1, 12))

    def test_nat_is_no_date(self) -> None:
        class NaT(datetime):
            def __eq__(self, other: object) -> bool:
                return False

            __hash__ = datetime.__hash__

        with pytest.raises(PolicyError, match="a date such as"):
            load_policy(
                {"slaclock": 1, "layers": {"customer": [{"effective": {"from": NaT(2026, 1, 1)}, "exempt": True}]}}
            )


class TestConditions:
    @pytest.mark.parametrize(
        ("text", "condition"),
        [
            ("{tier: gold}", Is("tier", ("gold",))),
            ("{tier: [gold, 1, yes, ~x]}", Is("tier", ("gold", "1", "yes", "~x"))),
            ("{a: x, b: y}", All((Is("a", ("x",)), Is("b", ("y",))))),
            ("{status: [a, b]}", Is("status", ("a", "b"))),
            ("{category: pending}", Is(CATEGORY, ("pending",))),
            ("{arrived: outside_hours}", Is(ARRIVED, ("outside_hours",))),
            ("{not: {a: x}}", Not(Is("a", ("x",)))),
            ("{not: {a: x, b: y}}", Not(All((Is("a", ("x",)), Is("b", ("y",)))))),
            ("{any: [{a: x}, {b: y}]}", AnyOf((Is("a", ("x",)), Is("b", ("y",))))),
            ("{any: {a: x, b: y}}", AnyOf((Is("a", ("x",)), Is("b", ("y",))))),
            ("{all: [{a: x}, {any: [{b: y}]}]}", All((Is("a", ("x",)), Is("b", ("y",))))),
            ("{never: true}", Always(yes=False)),
            ("{team: {exists: true}}", Exists("team")),
            ("{team: {exists: false}}", Exists("team", yes=False)),
            ("{seats: {at_least: 50}}", Ordered("seats", "at_least", Fraction(50))),
            ("{seats: {more_than: -1.5, at_most: 7}}",
             All((Ordered("seats", "more_than", Fraction(-3, 2)), Ordered("seats", "at_most", Fraction(7))))),
            ("{seats: {less_than: 5, is: [1, 2]}}",
             All((Ordered("seats", "less_than", Fraction(5)), Is("seats", ("1", "2"))))),
            ("{field: {name: any, is: x}}", Is("any", ("x",))),
            ("{field: {name: status, exists: true}}", Exists("status")),
        ],
    )  # fmt: skip
    def test_conditions(self, text: str, condition: Condition) -> None:
        assert condition == when(text)

    def test_a_rule_without_when_is_for_all(self) -> None:
        assert Always() == rule("{exempt: true}").when

    def test_values_from_python_keep_their_types(self) -> None:
        condition = {"a": [1, 2.5, True, "x", date(2026, 1, 2)], "b": {"at_least": 2.5, "is": False}}
        policy = load_policy({"slaclock": 1, "layers": {"customer": [{"when": condition, "exempt": True}]}})
        expected = All(
            (
                Is("a", (1, 2.5, True, "x", "2026-01-02")),
                All((Ordered("b", "at_least", Fraction(5, 2)), Is("b", (False,)))),
            )
        )
        assert expected == policy.layers[0].rules[0].when

    def test_numbers_that_are_none_are_faults(self) -> None:
        condition = {"a": float("nan"), "b": {"at_least": float("inf"), "at_most": True}, "c": datetime(2026, 1, 1)}
        with pytest.raises(PolicyError) as caught:
            load_policy({"slaclock": 1, "layers": {"customer": [{"when": condition, "exempt": True}]}})
        assert ["wrong-type", "bad-number", "bad-number", "wrong-type"] == [p.code for p in caught.value.problems]

    def test_declared_fields_take_their_values_and_undeclared_ones_any(self) -> None:
        rest = "fields: {tier: [gold, 1], vip: bool, seats: number, note: text, any: [x]}\n"
        text = "{tier: [gold, 1], vip: true, seats: [3, -1.5], note: x, customer: acme, field: {name: any, is: x}}"
        assert isinstance(when(text, rest), All)

    def test_by_a_number_or_a_bool_of_a_declared_field(self) -> None:
        rest = "fields: {vip: bool, seats: number}\n"
        assert rule("{by: [vip, seats], targets: {resolution: {true: {3: 4h}, otherwise: 8h}}}", rest).targets

    def test_without_statuses_any_status_is_taken(self) -> None:
        assert Is("status", ("whatever",)) == when("{status: whatever}")


class TestMetrics:
    def test_keys_given_for_a_built_in_metric_replace_those_keys_only(self) -> None:
        policy = load(
            "metrics:\n  resolution: {pause_while: {category: pending}, on_reopen: ignore}\n"
            "  update: {kind: underpinning}\n"
        )
        resolution, builtin = policy.metrics["resolution"], builtin_metrics()["resolution"]
        assert (
            attrs.evolve(builtin, pause_while=Is(CATEGORY, ("pending",)), strategies=Strategies(on_reopen="ignore"))
            == resolution
        )
        assert Kind.UNDERPINNING is policy.metrics["update"].kind
        assert policy.metrics["next_response"] is builtin_metrics()["next_response"]

    def test_the_built_in_metrics_are_read_once(self) -> None:
        assert builtin_metrics() is builtin_metrics()
        expected = {
            "first_response",
            "next_response",
            "update",
            "resolution",
            "requester_wait",
            "agent_work",
            "customer_wait",
            "ownership",
        }
        assert expected == set(builtin_metrics())

    @pytest.mark.parametrize(
        ("text", "triggers"),
        [
            ("created", (Trigger(on="created"),)),
            ("[held, released, restarted]", (Trigger(on="held"), Trigger(on="released"), Trigger(on="restarted"))),
            ("{created: {}}", (Trigger(on="created"),)),
            ("{created: {by: customer}}", (Trigger(on="created", by=("customer",)),)),
            ("{replied: {by: [agent, bot], public: any}}", (Trigger(on="replied", by=("agent", "bot"), public=None),)),
            ("{replied: {public: false}}", (Trigger(on="replied", public=False),)),
            ("{replied: {public: true}}", (Trigger(on="replied"),)),
            ("{reopened: {}}", (Trigger(on="reopened"),)),
            ("{changed: team}", (Trigger(on="changed", names=("team",)),)),
            ("{changed: [team, category]}", (Trigger(on="changed", names=("team", CATEGORY)),)),
            ("{changed: {not: {team: a}}}", (Trigger(on="changed", condition=Not(Is("team", ("a",)))),)),
            ("[created, {changed: team}]", (Trigger(on="created"), Trigger(on="changed", names=("team",)))),
        ],
    )
    def test_triggers(self, text: str, triggers: tuple[Trigger, ...]) -> None:
        assert triggers == trigger(text)

    def test_a_metric_may_end_by_cancelling_only(self) -> None:
        text = "metrics: {hold: {start: held, cancel: released, start_while: {tier: gold}, reset: restarted}}\n"
        metric = load(text).metrics["hold"]
        assert ((), (Trigger(on="released"),), Is("tier", ("gold",))) == (
            metric.stop,
            metric.cancel,
            metric.start_while,
        )


class TestLoadersOfOthers:
    """A mapping may carry what some loader made of YAML: what it destroyed is told, the rest is taken."""

    def problems(self, **parts: object) -> dict[str, str]:
        data = {
            "slaclock": 1,
            "calendars": {"office": {"hours": {"mon-fri": "09:00-17:00"}}},
            "defaults": {"calendar": "office"},
        }
        with pytest.raises(PolicyError) as caught:
            load_policy(data | parts)
        assert all(problem.line is None for problem in caught.value.problems)
        return {problem.path: problem.hint for problem in caught.value.problems}

    def test_a_word_that_became_false(self) -> None:
        assert {"name": "quote it: YAML read `no` or `off` as false"} == self.problems(name=False)

    def test_a_time_that_became_a_number(self) -> None:
        hours = {"mon": 960}
        assert {"calendars.office.hours.mon": "quote it: YAML reads `16:00` as 960"} == self.problems(
            calendars={"office": {"hours": hours}}
        )

    def test_numbers_where_amounts_and_shares_belong(self) -> None:
        rules = [{"targets": {"resolution": 4, "update": {"within": "4h", "objective": 95}}}]
        found = self.problems(layers={"customer": rules})
        assert {"write `4h` or `4m`", "write `95%`"} == set(found.values())

    def test_a_version_may_be_a_number_or_a_text(self) -> None:
        assert load_policy({"slaclock": 1}) == load_policy({"slaclock": "1"})
        with pytest.raises(PolicyError):
            load_policy({"slaclock": True})


TABLES = (
    POLICY,
    DEFAULTS,
    RULE,
    METRIC,
    TARGET,
    WARNING,
    CALENDAR_FROM,
    EFFECTIVE,
    WORDS,
    COMPARISONS,
    FIELD,
    SIGNALS,
    CREATED,
    REPLIED,
)


class TestTables:
    @pytest.mark.parametrize("table", TABLES, ids=lambda table: table.noun)
    def test_every_key_says_what_it_takes_and_what_it_means(self, table: Keys) -> None:
        for key in table.keys.values():
            assert key.type.noun
            assert key.doc.endswith(".")

    def test_strategies_stand_wherever_they_may_be_chosen(self) -> None:
        for table in (DEFAULTS, METRIC, TARGET):
            assert set(CHOICES) <= set(table.keys)

    def test_long_lists_are_cut(self) -> None:
        assert "`a`, `b` or `c`" == listed("abc")
        assert listed("abcdefghij").endswith(", ...")
        assert "" == listed(())


WORD = st.sampled_from(
    [
        *(key for table in TABLES for key in table.keys),
        *("office", "4h", "75%", "-30m", "all day", "created", "resolution", "first_response", "customer", "otherwise"),
        *("1", "2026-01-01", "mon-fri", "09:00-17:00", "hours", "holidays", "gold", "open", "Europe/Berlin", "true"),
        *("within_hours", "80% within 4h", "~", ""),
    ]
)  # fmt: skip
LEAF = (
    WORD
    | st.none()
    | st.booleans()
    | st.integers(-3, 2000)
    | st.dates()
    | st.floats()
    | st.datetimes()
    | st.timedeltas()
)
VALUES = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORD | st.integers() | st.booleans(), inner, max_size=5)
    ),
    max_leaves=25,
)


def only_policy_errors(source: object) -> None:
    try:
        digest = load_policy(source).digest  # type: ignore[arg-type]
    except PolicyError as error:
        problems = error.problems
    else:
        assert digest
        return
    assert problems
    assert all(problem.code in CODES for problem in problems)
    assert all(str(problem) for problem in problems)


@given(st.dictionaries(WORD, VALUES, max_size=6))
def test_any_mapping_over_the_words_of_the_format_gives_a_policy_or_a_policy_error(data: dict[str, object]) -> None:
    only_policy_errors({"slaclock": 1} | data)


PARTS = dict.fromkeys(("calendars", "statuses", "fields", "defaults", "layer_order"), VALUES)
RULES = st.lists(st.dictionaries(st.sampled_from(list(RULE.keys)), VALUES, min_size=1), max_size=3)


@given(
    st.fixed_dictionaries(
        {"layers": st.dictionaries(st.sampled_from(["customer", "service", "x"]), RULES)},
        optional=PARTS
        | {"metrics": st.dictionaries(WORD, st.dictionaries(st.sampled_from(list(METRIC.keys)), VALUES))},
    )
)
def test_so_does_one_that_looks_like_a_policy(data: dict[str, object]) -> None:
    only_policy_errors({"slaclock": 1} | data)


@given(st.data())
def test_so_does_the_example_with_some_of_its_text_replaced(data: st.DataObject) -> None:
    text = EXAMPLE
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 6))
        text = text[:place] + data.draw(st.text(" \n:,-[]{}'\"&*#?|~a1%", max_size=4) | WORD) + text[place + cut :]
    only_policy_errors(io.StringIO(text))


def test_zone_objects_are_shared() -> None:
    assert load("timezone: Europe/Berlin\n").zone is load_zone("Europe/Berlin")


class TestZonesOfCalendars:
    """A calendar that names no timezone is in the policy's."""

    CALENDARS: ClassVar[dict[str, object]] = {
        "world": {"union": ["office", {"intersection": ["always", {"hours": {"sat": "10:00-12:00"}}]}, "all day"]},
        "office": {"hours": {"mon-fri": "09:00-17:00"}},
        "lisbon": {"timezone": "Europe/Lisbon", "hours": {"mon-fri": "09:00-17:00"}},
        "always": "all day",
    }

    def policy(self, **calendars: object) -> Policy:
        found = {**self.CALENDARS, **calendars}
        return load_policy({"slaclock": 1, "timezone": "Europe/Berlin", "calendars": found})

    @pytest.mark.parametrize(("name", "zone"), [
        ("office", "Europe/Berlin"), ("lisbon", "Europe/Lisbon"), ("always", "Europe/Berlin"),
        ("world", "Europe/Berlin"),
    ])  # fmt: skip
    def test_is_the_policys_where_the_calendar_names_none(self, name: str, zone: str) -> None:
        assert zone == self.policy().calendars[name].timezone

    def test_calendars_are_put_together_by_name_whatever_their_order(self) -> None:
        both = self.policy(two={"union": ["office", "lisbon"]}).calendars["two"]
        assert both == (self.policy().calendars["office"] | self.policy().calendars["lisbon"]).with_name("two")

    @pytest.mark.parametrize(("parts", "problems"), [
        (["office", "offise"], [("unknown-calendar", "calendars.two.union[1]")]),
        (["two"], [("unknown-calendar", "calendars.two.union[0]")]),
        ([{"union": ["nowhere", "always"]}], [("unknown-calendar", "calendars.two.union[0].union[0]")]),
    ])  # fmt: skip
    def test_a_name_that_leads_nowhere_is_a_fault_at_its_place(
        self, parts: list[object], problems: list[tuple[str, str]]
    ) -> None:
        with pytest.raises(PolicyError) as caught:
            self.policy(two={"union": parts})
        assert problems == [(problem.code, problem.path) for problem in caught.value.problems]

    def test_a_faulty_calendar_is_no_second_fault_where_it_is_named(self) -> None:
        with pytest.raises(PolicyError) as caught:
            self.policy(bad={"hours": {"mon": "9-25"}}, two={"union": ["bad", "office"]})
        assert ["calendars.bad.hours.mon"] == [problem.path for problem in caught.value.problems]

    def test_what_is_no_list_is_a_fault_as_ever(self) -> None:
        with pytest.raises(PolicyError):
            self.policy(two={"union": "office"})


def test_a_status_that_is_no_text_is_a_fault_at_its_place() -> None:
    rule = {"when": {"status": [{"a": "b"}]}, "targets": {"resolution": {"within": "4h", "calendar": "always"}}}
    with pytest.raises(PolicyError) as caught:
        load_policy({"slaclock": 1, "calendars": {"always": "all day"}, "layers": {"corporate": [rule]}})
    assert ["layers.corporate[0].when.status[0]"] == [problem.path for problem in caught.value.problems]
