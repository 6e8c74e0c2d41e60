"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import slaclock
from slaclock import __main__ as command
from slaclock import _command_check, _proof, _ticket_files
from slaclock.__main__ import main

EXAMPLE = Path(__file__).parents[1] / "examples" / "boston311"

POLICY = """\
slaclock: 1
name: Desk
timezone: Europe/Berlin
calendars:
  office: {timezone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}}
  always: all day
defaults: {calendar: office}
layers:
  corporate:
    - targets: {resolution: 4h}
"""
EVENTS = """\
ticket,at,event,status,expected.resolution.due_at,expected.resolution.verdict
7,2026-03-02T09:00+01:00,created,new,2026-03-02T13:00+01:00,met
7,2026-03-02T12:00+01:00,changed,resolved,,
8,2026-03-02T16:00+01:00,created,new,2026-03-03T12:00:30+01:00,
"""


class Desk:
    """A folder with a policy and events, and the program run in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys
        self.policy = self.write("policy.yaml", POLICY)
        self.events = self.write("events.csv", EVENTS)

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, output and complaints."""
        code = main(words)
        out, err = self.capsys.readouterr()
        return code, out, err


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


class TestCheck:
    def test_a_good_policy_is_described_in_a_line(self, desk: Desk) -> None:
        told = f"{desk.policy}: ok: Desk: 1 layer, 1 rule, 2 calendars, targets for resolution\n"
        assert desk.run("check", desk.policy) == (0, told, "")

    def test_a_policy_without_a_name_or_targets_is_ok_too(self, desk: Desk) -> None:
        path = desk.write("p.yaml", "slaclock: 1\n")
        told = f"{path}: ok: a policy without a name: 0 layers, 0 rules, 0 calendars, targets for nothing\n"
        assert desk.run("check", path) == (0, told, "")

    def test_all_faults_are_told_each_with_its_place_and_a_caret(self, desk: Desk) -> None:
        path = desk.write("p.yaml", POLICY.replace("targets:", "targtes:").replace("hours:", "hurs:"))
        code, out, err = desk.run("check", path)
        assert (code, err) == (1, "")
        assert f"{path}:5:" in out
        assert f"{path}:10:" in out
        assert "did you mean `targets`?" in out
        assert len(re.findall(r"^ +\^$", out, re.MULTILINE)) >= 2

    def test_lints_are_told_with_their_places_and_fail_only_a_strict_check(self, desk: Desk) -> None:
        more = "metrics: {triage: {start: created, stop: {changed: {team: a, not: {team: a}}}}}\n"
        path = desk.write("p.yaml", POLICY + more)
        code, out, err = desk.run("check", path)
        assert (code, err) == (0, "")
        assert out.splitlines() == [
            f"{path}:11:36: metrics.triage.stop: no ticket can satisfy `team is a and not (team is a)` [never-stops]",
            f"    {more.rstrip()}",
            f"{' ' * 39}^",
            f"{path}: ok, with 1 lint: Desk: 1 layer, 1 rule, 2 calendars, targets for resolution",
        ]
        assert desk.run("check", "--strict", path) == (1, out, "")
        assert desk.run("check", "--strict", desk.policy)[0] == 0

    def test_what_was_not_found_out_is_told_and_fails_a_strict_check(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody knows then that there is no lint."""
        monkeypatch.setattr(_proof, "_MOST_FOR_ONE", 0)
        one = "{name: one, when: {any: [{a: 1}, {b: 1}]}, targets: {resolution: 4h}}"
        two = "{name: two, when: {any: [{a: 1}, {c: 1}]}, exempt: true}"
        path = desk.write("p.yaml", POLICY[: POLICY.index("layers:")] + f"layers: {{customer: [{one}, {two}]}}\n")
        code, out, err = desk.run("check", path)
        assert (code, err) == (0, "")
        assert "layers.customer[1]: whether this is `hidden-rule` is not known: the search for a proof took too" in out
        assert f"{path}: ok, with 1 lint" in out
        assert desk.run("check", "--strict", path)[0] == 1
        (lint,) = json.loads(desk.run("check", path, "--format", "json")[1])["lints"]
        assert ("undecided", "two") == (lint["code"], lint["rule"])

    def test_lists_of_holidays_are_held_against_a_date(self, desk: Desk) -> None:
        path = desk.write("p.yaml", POLICY.replace('"09:00-17:00"}', '"09:00-17:00"}, holidays: [2026-12-25]'))
        assert "holidays-end" not in desk.run("check", path)[1]
        assert "holidays-end" in desk.run("check", path, "--as-of", "2026-03-02")[1]
        assert "holidays-end" not in desk.run("check", path, "--as-of", "2025-12-25")[1]
        code, out, err = desk.run("check", path, "--as-of", "2026-02-30")
        assert (code, out) == (2, "")
        assert "found `2026-02-30`, expected a date that exists" in err

    def test_problems_and_lints_as_data(self, desk: Desk) -> None:
        path = desk.write("p.yaml", POLICY.replace("all day", "{hours: []}"))
        code, out, _ = desk.run("check", path, "--format", "json")
        data = json.loads(out)
        assert (code, data["problems"]) == (0, [])
        assert ["Desk", 1, 2, ["resolution"]] == [
            data["policy"][key] for key in ("name", "rules", "calendars", "metrics")
        ]
        (lint,) = data["lints"]
        assert ["never-open", path, 6, 3, "always"] == [
            lint[key] for key in ("code", "file", "line", "column", "calendar")
        ]
        code, out, _ = desk.run("check", desk.write("q.yaml", "slaclock: 2\n"), "--format", "json")
        data = json.loads(out)
        assert (code, data["policy"], data["lints"]) == (1, None, [])
        assert ["wrong-version"] == [problem["code"] for problem in data["problems"]]

    def test_a_file_that_is_not_there_is_a_fault(self, desk: Desk) -> None:
        code, out, _ = desk.run("check", str(desk.folder / "absent.yaml"))
        assert code == 1
        assert "no such file" in out


class TestReplay:
    def test_the_summary_is_read_at_the_last_event_and_few_tickets_are_shown_one_by_one(self, desk: Desk) -> None:
        code, out, err = desk.run("replay", desk.policy, desk.events)
        assert (code, err) == (0, "")
        assert re.sub(r"\d+\.\d\d s", "0.00 s", out).split("\n") == [
            "ticket  metric      phase    verdict  due                        elapsed",
            "------  ----------  -------  -------  -------------------------  -------",
            "7       resolution  stopped  met      2026-03-02T13:00:00+01:00       3h",
            "8       resolution  running  pending  2026-03-03T12:00:00+01:00       0s",
            "",
            "2 tickets, 3 events, read at 2026-03-02T16:00:00+01:00",
            "",
            "metric      pending  met",
            "----------  -------  ---",
            "resolution        1    1",
            "",
            "expected deadlines   2",
            "  exactly so         1 (50.00 %)",
            "  within 60 seconds  2 (100.00 %)",
            "  farther off        0",
            "  no deadline here   0",
            "",
            "expected verdicts    1",
            "  the same           1 (100.00 %)",
            "  another            0",
            "  the same where the deadline is within 60 seconds: 1 of 1 (100.00 %)",
            "",
            str(slaclock.load_policy(desk.policy).provenance),
            "",
            "took 0.00 s",
            "",
        ]

    def test_many_tickets_are_only_counted(self, desk: Desk) -> None:
        rows = "".join(f"{n},2026-03-02T09:00Z,created\n" for n in range(21))
        code, out, _ = desk.run("replay", desk.policy, desk.write("e.csv", f"ticket,at,event\n{rows}"))
        assert code == 0
        assert out.startswith("21 tickets, 21 events")
        assert "expected" not in out

    def test_one_expected_value_changed_makes_the_count_fall_by_one(self, desk: Desk) -> None:
        def counts(text: str) -> tuple[int, int, int]:
            out = desk.run("replay", desk.policy, desk.write("e.csv", text), "--format", "json")[1]
            summary = json.loads(out)["summary"]
            return summary["deadlines"]["exact"], summary["deadlines"]["close"], summary["verdicts"]["equal"]

        assert counts(EVENTS) == (1, 2, 1)
        assert counts(EVENTS.replace("13:00+01:00,met", "13:01:01+01:00,met")) == (0, 1, 1)
        assert counts(EVENTS.replace(",met", ",breached")) == (1, 2, 0)

    def test_another_instant_may_be_asked_for(self, desk: Desk) -> None:
        out = desk.run("replay", desk.policy, desk.events, "--at", "2026-03-03T12:00:00.000001+01:00")[1]
        assert "8       resolution  running  breached  2026-03-03T12:00:00+01:00       4h" in out

    def test_the_zone_of_local_times_is_that_of_the_instant_too(self, desk: Desk) -> None:
        local = desk.run("replay", desk.policy, desk.events, "--at", "2026-03-03T09:00", "--timezone", "Europe/Berlin")
        plain = desk.run("replay", desk.policy, desk.events, "--at", "2026-03-03T09:00+01:00")
        assert local[0] == plain[0] == 0
        assert local[1].partition("took")[0] == plain[1].partition("took")[0]

    def test_odd_input_is_counted_with_an_example_and_told_in_full_as_json(self, desk: Desk) -> None:
        path = desk.write("e.csv", EVENTS + "7,2026-03-02T13:00+01:00,released,,,\n9,2026-03-02T08:00Z,released,,,\n")
        out = desk.run("replay", desk.policy, path)[1]
        held = "  not_held (2), such as ticket 7: was not held; nothing changes (released@2026-03-02T12:00:00+00:00#4)"
        assert f"\n\nodd input, and how it was taken\n{held}\n  before_created (1), such as ticket 9: " in out
        data = json.loads(desk.run("replay", desk.policy, path, "--format", "json")[1])
        assert data["summary"]["anomalies"] == {"not_held": 2, "before_created": 1}
        assert [(odd["ticket"], odd["code"]) for odd in data["anomalies"]] == [
            ("7", "not_held"), ("9", "not_held"), ("9", "before_created"),
        ]  # fmt: skip
        assert data["anomalies"][0] == {
            "ticket": "7",
            "code": "not_held",
            "event": "released@2026-03-02T12:00:00+00:00#4",
            "sentence": "was not held; nothing changes",
        }
        err = desk.run("replay", desk.policy, path, "--format", "csv")[2]
        assert err == "odd input was taken: not_held (2), before_created (1); --format json tells it all\n"

    def test_json_has_the_summary_and_the_readings(self, desk: Desk) -> None:
        code, out, err = desk.run("replay", desk.policy, desk.events, "--format", "json")
        data = json.loads(out)
        assert (code, err) == (0, "")
        assert data["summary"]["tickets"] == 2
        assert data["summary"]["took_us"] > 0
        assert data["anomalies"] == []
        assert [(reading["ticket"], reading["metric"], reading["verdict"]) for reading in data["readings"]] == [
            ("7", "resolution", "met"),
            ("8", "resolution", "pending"),
        ]

    def test_csv_has_a_row_for_each_reading(self, desk: Desk) -> None:
        plain = EVENTS + "9,2026-03-02T16:00+01:00,created,new,,\n"
        policy = desk.write("p.yaml", POLICY.replace("- targets", "- when: {status: [new, resolved]}\n      targets"))
        plain = plain.replace("9,2026-03-02T16:00+01:00,created,new", "9,2026-03-02T16:00+01:00,created,odd")
        out = desk.run("replay", policy, desk.write("e.csv", plain), "--format", "csv")[1]
        rows = list(csv.DictReader(io.StringIO(out)))
        assert [(row["ticket"], row["verdict"], row["elapsed_us"], row["rule"]) for row in rows] == [
            ("7", "met", "10800000000", "corporate rule 1"),
            ("8", "pending", "0", "corporate rule 1"),
            ("9", "no_target", "", ""),
        ]

    def test_faulty_rows_are_all_told_with_their_lines_and_nothing_is_printed(self, desk: Desk) -> None:
        path = desk.write("e.csv", EVENTS.replace("created", "creatd"))
        code, out, err = desk.run("replay", desk.policy, path)
        assert (code, out) == (1, "")
        assert err.startswith(f"the events cannot be read: 2 faulty rows\n{path}:2: event: found `creatd`")
        assert f"\n{path}:4: event: found `creatd`" in err

    def test_with_skip_bad_the_rest_runs_and_the_summary_counts_what_was_left_out(self, desk: Desk) -> None:
        path = desk.write("e.csv", EVENTS + "9,soon,created,,,\n,2026-03-02T16:00Z,created,,,\n")
        code, out, err = desk.run("replay", desk.policy, path, "--skip-bad")
        assert (code, err) == (0, "")
        assert "\n2 faulty rows left out\n" in out
        assert desk.run("replay", desk.policy, path, "--skip-bad", "--format", "csv")[2] == "2 faulty rows left out\n"

    def test_a_ticket_that_makes_no_sense_is_a_fault_of_the_input_and_can_be_left_out(self, desk: Desk) -> None:
        path = desk.write("e.csv", EVENTS + "8,2026-03-02T17:00+01:00,created,new,,\n")
        code, out, err = desk.run("replay", desk.policy, path)
        assert (code, out) == (1, "")
        assert err.startswith("the events cannot be replayed: 1 ticket\nticket 8: ")
        out = desk.run("replay", desk.policy, path, "--skip-bad")[1]
        assert "1 ticket, 2 events" in out
        assert "2 faulty rows left out" in out

    def test_times_without_an_offset_need_a_zone(self, desk: Desk) -> None:
        path = desk.write("e.csv", EVENTS.replace("+01:00", ""))
        code, _, err = desk.run("replay", desk.policy, path)
        assert code == 1
        assert "--timezone" in err
        code, out, _ = desk.run("replay", desk.policy, path, "--timezone", "Europe/Berlin")
        assert code == 0
        assert "exactly so         1" in out

    def test_json_lines_may_come_from_standard_input(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        line = b'{"event": "created", "at": "2026-03-02T09:00+01:00", "ticket": "7"}\n'
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(line)))
        assert "1 ticket, 1 event," in desk.run("replay", desk.policy, "-")[1]

    def test_no_events_need_an_instant(self, desk: Desk) -> None:
        path = desk.write("e.csv", "ticket,at,event\n")
        code, _, err = desk.run("replay", desk.policy, path)
        assert code == 1
        assert "give an instant with --at" in err
        code, out, _ = desk.run("replay", desk.policy, path, "--at", "2026-03-02T09:00Z")
        assert code == 0
        assert out.startswith("0 tickets, 0 events")

    def test_an_expectation_for_an_unknown_metric_is_a_fault(self, desk: Desk) -> None:
        path = desk.write("e.csv", EVENTS.replace("expected.resolution", "expected.resolutoin"))
        code, _, err = desk.run("replay", desk.policy, path)
        assert code == 1
        assert "did you mean `resolution`?" in err

    def test_a_faulty_policy_or_an_absent_file_is_told_without_a_traceback(self, desk: Desk) -> None:
        no_policy = desk.write("policy", EVENTS)
        for words in ((no_policy, desk.events), (desk.policy, str(desk.folder / "absent.csv"))):
            code, out, err = desk.run("replay", *words)
            assert (code, out) == (1, "")
            assert err
            assert "Traceback" not in err

    @pytest.mark.parametrize("words", [
        ("replay", "{policy}", "{events}", "{events}"), ("explain", "{events}", "{events}", "T-1"),
        ("compare", "{policy}", "{events}", "{events}"), ("check", "{events}"), ("dump", "a.jsonl.gz"),
        ("diff", "{events}", "{policy}"), ("diff", "{policy}", "A.CSV"),
    ])  # fmt: skip
    def test_a_file_of_events_in_the_place_of_a_policy_is_wrong_usage(self, desk: Desk, words: tuple[str, ...]) -> None:
        """Of several files of events all but the last one stand where policies do."""
        code, out, err = desk.run(*(word.format(policy=desk.policy, events=desk.events) for word in words))
        assert (code, out) == (2, "")
        hint = "expected YAML or JSON; commands that read events take one file of them, after the policies"
        assert f"which is named as a file of events, {hint}" in err


class TestProgress:
    @pytest.fixture
    def shown(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        for kind in {type(sys.stderr), type(sys.stdout)}:
            monkeypatch.setattr(kind, "isatty", lambda _: True)
        monkeypatch.setattr(_ticket_files, "_EVERY", 2)

    def test_it_is_shown_on_a_terminal_and_wiped(self, desk: Desk, shown: None) -> None:
        err = desk.run("replay", desk.policy, desk.events)[2]
        assert err == "\rreplayed 2 of 2 tickets\r\x1b[K"

    def test_it_is_not_shown_where_nobody_wants_it(self, desk: Desk, shown: None) -> None:
        assert desk.run("replay", desk.policy, desk.events, "--no-progress")[2] == ""

    def test_it_is_not_shown_in_a_pipe(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_ticket_files, "_EVERY", 1)
        assert desk.run("replay", desk.policy, desk.events)[2] == ""

    def test_tables_fit_the_terminal(self, desk: Desk, shown: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("COLUMNS", "60")
        out = desk.run("replay", desk.policy, desk.events)[1]
        assert max(map(len, out.split("\n")[:4])) == 60


class TestDue:
    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (("2026-03-06T16:00+01:00", "4h"), "2026-03-09T12:00:00+01:00"),
            (("2026-03-06T16:00+01:00", "4h", "--calendar", "always"), "2026-03-06T20:00:00+01:00"),
            (("2026-03-06T16:00+01:00", "2 business days"), "2026-03-10T16:00:00+01:00"),
            (("2026-03-06T16:00+01:00", "next business day by 12:00"), "2026-03-09T12:00:00+01:00"),
            (("2026-03-06T16:00+01:00", "15 calendar days"), "2026-03-21T16:00:00+01:00"),
            (("2026-03-06T16:00+01:00", "best effort"), "never: best effort is measured, and never due"),
        ],
    )
    def test_the_due_instant_is_printed_in_the_zone_of_the_calendar(
        self, desk: Desk, words: tuple[str, ...], told: str
    ) -> None:
        assert desk.run("due", desk.policy, *words) == (0, f"{told}\n", "")

    def test_a_calendar_may_have_a_file_of_its_own(self, desk: Desk) -> None:
        path = desk.write("c.json", '{"timezone": "Asia/Tokyo", "hours": {"mon-fri": "09:00-17:00"}}')
        assert desk.run("due", path, "2026-03-06T17:00+09:00", "1h")[1] == "2026-03-09T10:00:00+09:00\n"

    def test_working_time_that_never_comes_is_a_fault(self, desk: Desk) -> None:
        path = desk.write("c.yaml", "{timezone: UTC, hours: []}")
        code, out, err = desk.run("due", path, "2026-03-06T17:00Z", "1h")
        assert (code, out) == (1, "")
        assert "no open time within 100 years" in err

    def test_a_file_that_is_not_there_is_told_with_what_it_could_be(self, desk: Desk) -> None:
        code, out, err = desk.run("due", str(desk.folder / "absent.yaml"), "2026-03-06T17:00Z", "1h")
        assert (code, out) == (1, "")
        assert "found no such file, expected the path of a calendar file or a policy file; looked in" in err

    def test_an_unknown_calendar_is_a_fault(self, desk: Desk) -> None:
        code, _, err = desk.run("due", desk.policy, "2026-03-06T17:00Z", "1h", "--calendar", "ofice")
        assert code == 1
        assert "did you mean `office`?" in err


class TestUsage:
    @pytest.mark.parametrize(
        "words",
        [
            (),
            ("replya",),
            ("check",),
            ("replay", "p", "e", "--at", "noon"),
            ("replay", "p", "e", "--at", "2026-03-02T09:00"),
            ("replay", "p", "e", "--timezone", "Europe/Berlim"),
            ("replay", "p", "e", "--format", "xml"),
            ("due", "c", "2026-03-06T17:00Z", "1d"),
            ("due", "c", "2026-03-06", "1h"),
        ],
    )
    def test_wrong_usage_is_told_with_code_2(self, desk: Desk, words: tuple[str, ...]) -> None:
        code, out, err = desk.run(*words)
        assert (code, out) == (2, "")
        assert err.startswith("usage: slaclock")

    @pytest.mark.parametrize(
        ("words", "told"),
        [
            (
                ("due", "c", "2026-03-06T17:00", "1h"),
                "has no offset, so that it names no instant: give it one, such as",
            ),
            (("due", "c", "soon", "1h"), "found 'soon', expected ISO 8601 text with an offset, such as"),
            (("replay", "p", "e", "--at", "2026-03-06T17:00"), "or name its zone with --timezone"),
            (("replay", "p", "e", "--at", "2026-03-06", "--timezone", "UTC"), "give a date and a time of day"),
            (("replay", "p", "e", "--at", "noon"), "found 'noon', expected ISO 8601 text"),
        ],
    )
    def test_hints_say_what_can_be_done_on_a_command_line(self, desk: Desk, words: tuple[str, ...], told: str) -> None:
        code, _, err = desk.run(*words)
        assert code == 2
        assert told in err
        assert "tzinfo" not in err

    def test_the_version_is_told(self, desk: Desk) -> None:
        assert desk.run("--version") == (0, f"slaclock {slaclock.__version__}\n", "")

    def test_help_names_the_commands_and_the_exit_codes(self, desk: Desk) -> None:
        code, out, _ = desk.run("--help")
        assert code == 0
        for word in ("check", "replay", "due", "Exit codes: 0 all went well, 1 faults in the input, 2 wrong usage."):
            assert word in out


class TestDocuments:
    def test_a_policy_in_several_files_is_printed_as_one(self, desk: Desk) -> None:
        more = desk.write("more.yaml", "layers: {service: [{targets: {resolution: 2h}}]}\n")
        code, out, err = desk.run("dump", desk.policy, more)
        assert (0, "") == (code, err)
        assert slaclock.load_policy([desk.policy, more]) == slaclock.load_policy(io.StringIO(out))

    def test_the_schema_is_printed_as_json(self, desk: Desk) -> None:
        code, out, err = desk.run("schema")
        assert (0, "") == (code, err)
        assert slaclock.policy_schema() == json.loads(out)


class TestEnds:
    def test_an_interruption_ends_quietly(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def interrupt(options: object) -> int:
            raise KeyboardInterrupt

        monkeypatch.setattr(_command_check, "_run", interrupt)
        assert desk.run("check", "p") == (130, "", "")

    def test_a_reader_that_went_away_is_no_fault(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        def vanish(options: object) -> int:
            raise BrokenPipeError

        monkeypatch.setattr(_command_check, "_run", vanish)
        assert desk.run("check", "p") == (0, "", "")
        with (desk.folder / "out").open("w") as out:
            monkeypatch.setattr(sys, "stdout", out)
            assert main(["check", "p"]) == 0
            print("what comes after goes nowhere", file=out)
        assert (desk.folder / "out").read_text() == ""
        monkeypatch.setattr(sys, "stdout", io.StringIO())  # a stream without a descriptor
        assert main(["check", "p"]) == 0

    def test_a_character_that_the_terminal_lacks_is_escaped(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
        monkeypatch.setattr(sys, "stdout", out)
        path = desk.write("p.yaml", "slaclock: 1\nname: Büro\n")
        assert main(["check", path]) == 0
        out.seek(0)
        assert "B\\xfcro" in out.read()


def test_as_a_program_it_ends_with_the_exit_code(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["slaclock", "check", str(desk.folder / "absent.yaml")])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(command.__file__), run_name="__main__")
    assert caught.value.code == 1


class TestProcess:
    def run(self, *words: str, **options: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "slaclock", *words],
            capture_output=True,
            text=True,
            check=False,
            **options,  # type: ignore[call-overload,no-any-return]
        )

    def test_the_example_runs_as_a_program_and_reproduces_what_it_says(self) -> None:
        done = self.run("replay", str(EXAMPLE / "policy.yaml"), str(EXAMPLE / "events.csv"))
        assert (done.returncode, done.stderr) == (0, "")
        assert "2,005 tickets, 3,719 events" in done.stdout
        assert "within 60 seconds  1,414 (94.70 %)" in done.stdout
        assert "the same where the deadline is within 60 seconds: 1,216 of 1,216 (100.00 %)" in done.stdout

    def test_a_closed_pipe_leaves_no_complaint(self, desk: Desk) -> None:
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "w") as out:
            done = subprocess.run(
                [sys.executable, "-m", "slaclock", "replay", desk.policy, desk.events],
                stdout=out, stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")


SHELL = shutil.which("sh")


@pytest.mark.skipif(SHELL is None, reason="needs a POSIX shell")
@pytest.mark.parametrize(("redirection", "code"), [
    (">&-", 0), ("2>&-", 0), ("<&-", 0), (">&- 2>&- <&-", 0),
])  # fmt: skip
def test_closed_streams_end_in_no_traceback(redirection: str, code: int) -> None:
    """What is closed reads as empty and swallows what is written; the rest is as ever."""
    command = f"{sys.executable} -m slaclock check {EXAMPLE / 'policy.yaml'} {redirection}"
    done = subprocess.run([str(SHELL), "-c", command], capture_output=True, text=True, check=False)
    assert (code, "") == (done.returncode, done.stderr)
    assert (">&-" not in redirection.split()) == ("ok" in done.stdout)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_output_that_cannot_be_written_is_a_fault() -> None:
    command = f"{sys.executable} -m slaclock check {EXAMPLE / 'policy.yaml'} >/dev/full"
    done = subprocess.run([str(SHELL), "-c", command], capture_output=True, text=True, check=False)
    assert 1 == done.returncode
    assert "found that the output cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_streams_that_are_none_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    assert 0 == main(["check", str(EXAMPLE / "policy.yaml")])
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        stream.close()


def test_a_disk_without_room_is_a_fault(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Full(io.StringIO):
        def write(self, text: str) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert 1 == main(["check", str(EXAMPLE / "policy.yaml")])
    assert "No space left on device" in capsys.readouterr().err
