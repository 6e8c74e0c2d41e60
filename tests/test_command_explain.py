"""The command `explain`: why the clocks of a ticket stand as they do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from test_main import Desk


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def explain(desk: Desk, *words: str) -> tuple[int, str, str]:
    return desk.run("explain", desk.policy, desk.events, *words)


def test_a_ticket_is_explained_at_its_last_event(desk: Desk) -> None:
    code, out, err = explain(desk, "7")
    assert (code, err) == (0, "")
    assert out.startswith(
        "7 at 2026-03-02T12:00:00+01:00 under Desk\n\nresolution: met, with 1h left.\n  Promised: 4h on"
    )
    assert "2026-03-02T09:00:00+01:00 .. 2026-03-02T12:00:00+01:00  counted    3h\n" in out


def test_or_at_an_instant_local_ones_in_the_zone_that_is_named(desk: Desk) -> None:
    for words in (("--at", "2026-03-02T10:00+01:00"), ("--at", "2026-03-02T10:00", "--timezone", "Europe/Berlin")):
        code, out, _ = explain(desk, "7", *words)
        assert (code, out.splitlines()[2]) == (0, "resolution: pending (running), with 3h left.")


def test_a_policy_may_be_several_files(desk: Desk) -> None:
    more = desk.write("more.yaml", "layers: {service: [{name: all, targets: {resolution: 2h}}]}\n")
    code, out, _ = desk.run("explain", desk.policy, more, desk.events, "7")
    assert (code, out.splitlines()[2]) == (0, "resolution: breached, over by 1h.")


def test_some_metrics_alone(desk: Desk) -> None:
    code, out, _ = explain(desk, "7", "--metric", "update", "--metric", "agent_work")
    assert code == 0
    assert ["update", "agent_work"] == [line.partition(":")[0] for line in out.splitlines()[2:] if line[:1].isalpha()]


def test_a_metric_that_is_none_is_wrong_usage(desk: Desk) -> None:
    code, _, err = explain(desk, "7", "--metric", "resolutoin")
    assert code == 2
    assert "found 'resolutoin', expected a metric of the policy; did you mean `resolution`?" in err
    code, _, err = explain(desk, "7", "--metric", "x")
    assert "; it has first_response, " in err


def test_a_ticket_that_is_none_is_a_fault_that_names_the_nearest(desk: Desk) -> None:
    desk.write("events.csv", "ticket,at,event\nT-100,2026-03-02T09:00+01:00,created\n")
    code, out, err = explain(desk, "T-10")
    assert (code, out) == (1, "")
    assert "found no event of the ticket 'T-10', expected one of 1 ticket in the file; did you mean `T-100`?" in err
    code, _, err = explain(desk, "x")
    assert err == "found no event of the ticket 'x', expected one of 1 ticket in the file\n"
    desk.write("events.csv", "ticket,at,event\n")
    assert "expected a file with events" in explain(desk, "x")[2]


LONG = "x\x1b" * 50_000


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "p", "e", LONG),
        ("explain", "p", "e", "7", "--metric", LONG),
        ("explain", "p", "e", "7", "--at", LONG),
        ("replay", "p", "e", "--at", f"2026-03-02T09:00{' ' * 50_000}"),
        ("targets", "p", LONG),
        ("targets", "p", "2026-03-02T09:00Z", LONG),
        ("targets", "p", "2026-03-02T09:00Z", f"{LONG}=1"),
        ("due", "p", LONG, "4h"),
        ("due", "p", "2026-03-02T09:00Z", "4h", "--calendar", LONG),
    ],
)
def test_a_complaint_repeats_a_word_shortened_and_escaped(desk: Desk, words: tuple[str, ...]) -> None:
    _, _, err = desk.run(*({"p": desk.policy, "e": desk.events}.get(word, word) for word in words))
    assert "..." in err
    assert len(err) < 1_500
    assert "\x1b" not in err


@pytest.mark.parametrize("words", [("--json",), ("--format", "json")])
def test_json_is_the_explanation_as_data(desk: Desk, words: tuple[str, ...]) -> None:
    code, out, _ = explain(desk, "7", *words)
    data = json.loads(out)
    assert (code, data["ticket"], data["policy"]) == (0, "7", "Desk")
    assert ["met"] == [account["reading"]["verdict"] for account in data["accounts"]]


def test_what_could_command_a_terminal_is_shown_as_an_escape(desk: Desk) -> None:
    desk.write(
        "events.csv",
        "ticket,at,event,reason\n7,2026-03-02T09:00+01:00,created,\n7,2026-03-02T10:00+01:00,held,\x1b[2J\n",
    )
    _, out, _ = explain(desk, "7", "--at", "2026-03-02T11:00+01:00")
    assert "\x1b" not in out
    assert "(held: \\x1b[2J)" in out
