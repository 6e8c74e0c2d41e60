"""Fields of events that nothing reads, and whose name is nearly that of something that is read, are told."""

from __future__ import annotations

from pathlib import Path

import pytest

import slaclock as sla
from slaclock.__main__ import main
from slaclock._slips import slips

POLICY = sla.load_policy({
    "slaclock": 1,
    "calendars": {"always": "all day"},
    "defaults": {"calendar": "always"},
    "statuses": {"pending": ["waiting"]},
    "fields": {"channel": ["phone"], "channels": ["phone"], "priority": ["high"], "team": ["a"]},
    "metrics": {"handoff": {"start": {"changed": ["team"]}, "stop": {"replied": {"by": "agent"}}}},
    "layers": {
        "corporate": [{"by": "priority", "when": {"channel": "phone"}, "targets": {"resolution": {"high": "4h"}}}],
    },
})  # fmt: skip


def found(*fields: dict[str, object]) -> list[tuple[str, str]]:
    events = [sla.Changed(at="2026-03-02T09:00Z", ticket="T", fields=each) for each in fields]
    return [(slip.name, slip.meant) for slip in slips(events, [POLICY])]


ALL = {"status": "new", "priority": "high", "channel": "phone", "team": "a"}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("stauts", "status"), ("Status", "status"), ("statuss", "status"), ("statu", "status"), ("stetus", "status"),
        ("prioritäty", ""), ("Priority ", "priority"), ("tem", ""), ("teams", "team"), ("team2", ""), ("stat", ""),
        ("recorded_ta", "recorded_at"), ("recordedAt", "recorded_at"), ("created_at", ""), ("Seq", "seq"), ("se", ""),
        ("--", ""), ("category", ""), ("channels", ""),
    ],
)  # fmt: skip
def test_a_field_one_slip_away_from_one_that_is_read_is_told_where_it_stands_apart(name: str, meant: str) -> None:
    assert found(ALL, {name: "x"}) == ([(name, meant)] if meant else [])


def test_a_field_that_stands_beside_what_it_is_nearly_named_like_is_another_field() -> None:
    assert found({**ALL, "stauts": "x"}) == []


def test_any_near_name_may_be_a_field_that_no_event_has() -> None:
    others = {name: value for name, value in ALL.items() if name != "status"}
    assert found(others, {"state": "x"}) == [("state", "status")]
    assert found(ALL, {"state": "x"}) == []


def test_the_field_that_names_the_default_hours_is_read_where_arrival_counts() -> None:
    hours = {"defaults": {"calendar": {"from": "region", "default": "always"}}, "calendars": {"always": "all day"}}
    target = {"within": "4h", "calendar": "always"}
    rule = {"when": {"arrived": "outside_hours"}, "targets": {"resolution": target}}
    policy = sla.load_policy({"slaclock": 1, **hours, "layers": {"corporate": [rule]}})
    events = [sla.Created(at="2026-03-02T09:00Z", ticket="T", fields={"regoin": "always"})]
    assert ["region"] == [slip.meant for slip in slips(events, [policy])]


def test_fields_that_are_simply_more_are_not_told() -> None:
    assert found({**ALL, "opened_by": "x", "notes": "x", "assignee": "x", "description": "x"}) == []


def test_the_sentence_tells_how_many_events_have_the_field_and_which_is_the_first() -> None:
    events = [
        sla.Created(at="2026-03-02T09:00Z", id="e1", fields={**ALL, "status": "new"}),
        sla.Replied(at="2026-03-02T09:01Z", by="agent"),
        sla.Changed(at="2026-03-02T09:02Z", id="e2", fields={"stauts": "waiting"}),
    ]
    (slip,) = slips(events, [POLICY])
    assert slip.sentence == (
        "nothing reads the field `stauts`, and `status` is read: if that is meant, rename it (in 1 event, first in e2)"
    )


COMMANDS = [["replay", "P", "E"], ["explain", "P", "E", "T-1"], ["compare", "P", "P", "E"]]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: words[0])
def test_the_commands_that_read_events_tell_slips_on_the_standard_error(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy, events = tmp_path / "policy.json", tmp_path / "events.csv"
    policy.write_text(sla.dump_policy(POLICY), encoding="utf-8")
    events.write_text(
        "ticket,at,event,stauts,priority,channel,Seq\n"
        "T-1,2026-03-02T09:00Z,created,new,high,phone,1\n"
        "T-1,2026-03-02T10:00Z,changed,waiting,,,\n",
        encoding="utf-8",
    )
    names = {"P": str(policy), "E": str(events)}
    code = main([names.get(word, word) for word in words])
    told = capsys.readouterr().err.splitlines()
    assert code == 0
    start = f"{events}: nothing reads the field"
    first = "first in created@2026-03-02T09:00:00+00:00#1 of ticket T-1"
    assert told == [
        f"{start} `Seq`, and `seq` is a keyword of events: if that is meant, rename it (in 1 event, {first})",
        f"{start} `stauts`, and `status` is read: if that is meant, rename it (in 2 events, {first})",
    ]
