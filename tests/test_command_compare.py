"""The command `compare`: tickets under two policies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from test_main import POLICY, Desk

DRAFT = POLICY.replace("name: Desk", "name: Draft").replace("resolution: 4h", "resolution: 2h")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    desk = Desk(tmp_path, capsys)
    desk.write("draft.yaml", DRAFT)
    return desk


def compare(desk: Desk, *words: str, other: str = "draft.yaml") -> tuple[int, str, str]:
    return desk.run("compare", desk.policy, str(desk.folder / other), desk.events, *words)


def test_the_table_counts_verdicts_and_shows_each_ticket_that_stands_otherwise(desk: Desk) -> None:
    code, out, err = compare(desk, "--at", "2026-03-03T10:00+01:00")
    assert (code, err) == (0, "")
    assert out.startswith(
        "2 tickets, read at 2026-03-03T10:00:00+01:00: 2 stand otherwise\n\n"
        "metric      before   after     cycles\n"
        "----------  -------  --------  ------\n"
        "resolution  met      breached       1\n"
        "resolution  pending  pending        1\n\n"
        "7 at 2026-03-03T10:00:00+01:00: Desk -> Draft\n"
        "resolution: verdict met -> breached, due 2026-03-02T13:00:00+01:00 -> 2026-03-02T11:00:00+01:00, "
    )
    assert "\n+ 2026-03-02T11:00:00+01:00 resolution #1 breached (corporate: 2h on office)\n\n8 at " in out


def test_the_instant_is_told_in_the_zone_of_the_policy(desk: Desk) -> None:
    for words in (("--at", "2026-03-03T09:00Z"), ("--at", "2026-03-03T10:00", "--timezone", "Europe/Berlin")):
        _, out, _ = compare(desk, *words)
        assert out.startswith("2 tickets, read at 2026-03-03T10:00:00+01:00: 2 stand otherwise\n")


def test_equal_policies_differ_in_nothing(desk: Desk) -> None:
    code, out, _ = compare(desk, other="policy.yaml")
    assert (code, out.splitlines()[0]) == (0, "2 tickets, read at 2026-03-02T16:00:00+01:00: 0 stand otherwise")
    assert "Desk -> Desk" not in out


def test_a_policy_that_promises_nothing_has_no_table(desk: Desk) -> None:
    desk.policy = desk.write("bare.yaml", "slaclock: 1\n")
    code, out, _ = compare(desk, other="bare.yaml")
    assert (code, out) == (0, "2 tickets, read at 2026-03-02T15:00:00+00:00: 0 stand otherwise\n")


def test_a_metric_of_one_policy_alone_has_no_cycle_under_the_other(desk: Desk) -> None:
    metrics = "metrics: {triage: {start: {created: {}}, stop: {changed: {team: a}}}}\n"
    desk.write("draft.yaml", DRAFT.replace("resolution: 2h", "triage: 2h") + metrics)
    code, out, _ = compare(desk)
    assert code == 0
    assert "triage      no such cycle" in out


def test_many_tickets_are_shown_in_part(desk: Desk) -> None:
    rows = (f"T{number},2026-03-02T09:00+01:00,created\n" for number in range(23))
    desk.write("events.csv", "ticket,at,event\n" + "".join(rows))
    _, out, _ = compare(desk)
    assert 20 == out.count("Desk -> Draft")
    assert out.endswith("\nand 3 more; --format json tells them all\n")
    assert "23 tickets, read at 2026-03-02T09:00:00+01:00: 23 stand otherwise" in out


def test_faulty_rows_that_were_left_out_are_counted(desk: Desk) -> None:
    desk.write("events.csv", "ticket,at,event\nT1,2026-03-02T09:00+01:00,created\nT2,never,created\n")
    code, out, _ = compare(desk, "--skip-bad")
    assert (code, out.splitlines()[:2]) == (
        0, ["1 ticket, read at 2026-03-02T09:00:00+01:00: 1 stands otherwise", "1 faulty row left out"],
    )  # fmt: skip


def test_what_could_command_a_terminal_is_shown_as_an_escape(desk: Desk) -> None:
    desk.write("events.csv", "ticket,at,event\nT\x1b[2J,2026-03-02T09:00+01:00,created\n")
    _, out, _ = compare(desk)
    assert "\x1b" not in out
    assert "T\\x1b[2J at 2026-03-02" in out


def test_json_has_the_summary_and_the_tickets_that_stand_otherwise(desk: Desk) -> None:
    code, out, err = compare(desk, "--at", "2026-03-03T10:00+01:00", "--format", "json")
    data = json.loads(out)
    assert (code, err) == (0, "")
    assert data["summary"] == {
        "at": "2026-03-03T10:00:00+01:00", "tickets": 2, "otherwise": 2, "left_out": 0,
        "verdicts": [
            {"metric": "resolution", "before": "met", "after": "breached", "cycles": 1},
            {"metric": "resolution", "before": "pending", "after": "pending", "cycles": 1},
        ],
    }  # fmt: skip
    assert ["7", "8"] == [found["ticket"] for found in data["comparisons"]]
    _, out, _ = desk.run("compare", desk.policy, desk.policy, desk.events, "--format", "json")
    assert [] == json.loads(out)["comparisons"]


def test_a_policy_with_faults_is_told_and_nothing_is_compared(desk: Desk) -> None:
    desk.write("draft.yaml", "slaclock: 1\nlayer: {}\n")
    code, out, err = compare(desk)
    assert (code, out) == (1, "")
    assert "draft.yaml" in err
