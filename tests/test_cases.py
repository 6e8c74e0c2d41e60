"""Worked cases as data: a policy, events, the readings that must come out, and why.

Each file of `cases/` is one case, or several tickets under one policy. What a policy does not say, `BASE` says for it.
Instants are written `fri 16:59` (in UTC, in the week of Monday, 2 March 2026; `mon+1` is the Monday after) or in full,
lengths of time `1h 30m`. Every case is replayed in order, in reverse, and event by event through saved states.
"""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

import slaclock as sla
from helpers import CALENDARS, STATUSES, on, short

FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
NOT_STORIES = {8, 30}
BASE = {"slaclock": 1, "calendars": CALENDARS, "statuses": STATUSES, "defaults": {"calendar": "office"}}
UNITS = {"h": "hours", "m": "minutes", "s": "seconds", "us": "microseconds"}
INSTANTS = ("due_at", "due_if_resumed", "raw_due_at", "started_at", "fulfilled_at", "breached_at")
SPANS = ("elapsed", "remaining", "overdue_by", "paused_for", "wall_elapsed")


def instant(text: str) -> str:
    return text if text[0].isdigit() else on(text)


def span(text: str) -> timedelta:
    parts = re.findall(r"(\d+)(us|h|m|s)", text)
    return timedelta(**{UNITS[unit]: int(number) for number, unit in parts})


def read(path: Path) -> dict:
    return yaml.safe_load(path.read_text())


def tickets() -> list:
    """One parameter for each ticket of each file."""
    found = []
    for path in FILES:
        case = read(path)
        for name, ticket in case.get("tickets", {"": case}).items():
            found.append(pytest.param(case, ticket, id=f"{path.stem}:{name}" if name else path.stem))
    return found


def events_of(ticket: dict) -> list[sla.Event]:
    events = []
    for seq, row in enumerate(ticket["events"]):
        data = {"id": f"e{seq}", "seq": seq, **row, "at": instant(row["at"])}
        if "recorded_at" in data:
            data["recorded_at"] = instant(data["recorded_at"])
        events.append(sla.event_from_dict(data))
    return events


def said(reading: sla.Reading, key: str) -> object:
    if key in ("layer", "rule"):
        return None if reading.binding is None else getattr(reading.binding, key)
    if key == "kind":
        return str(reading.kind)
    if key == "objective":
        return None if reading.target is None else str(reading.target.objective)
    if key == "exceptions":
        return [entry.name for entry in reading.exceptions]
    if key == "excluded_by":
        return list(reading.excluded_by)
    if key == "segments":
        return [
            f"{segment.kind} {short(segment.start_us)} {short(segment.end_us)} {segment.why}".rstrip()
            for segment in reading.ledger.segments
        ]
    return getattr(reading, key)


def wanted(key: str, value: object) -> object:
    if value is None:
        return None
    if key in INSTANTS:
        return sla.Created(at=instant(value)).at
    return span(value) if key in SPANS else value


def check(snap: sla.Snapshot, expected: dict) -> None:
    for metric, figures in expected.items():
        cycles = figures if isinstance(figures, list) else [figures]
        readings = snap.cycles(metric) if isinstance(figures, list) else (snap[metric],)
        assert len(cycles) == len(readings), f"cycles of {metric}"
        for reading, row in zip(readings, cycles, strict=True):
            found = {key: said(reading, key) for key in row}
            assert {key: wanted(key, value) for key, value in row.items()} == found, f"{metric} at {snap.at}"


@pytest.mark.parametrize(("case", "ticket"), tickets())
def test_case(case: dict, ticket: dict) -> None:
    """What the file says comes out."""
    assert case["why"]
    policy = sla.load_policy({**BASE, **case["policy"], **ticket.get("policy", {})})
    if "refused" in ticket:
        with pytest.raises(getattr(sla, ticket["refused"])):
            sla.replay(policy, events_of(ticket))
        return
    events = events_of(ticket)
    history = sla.replay(policy, events)
    for row in ticket["readings"]:
        expected = dict(row)
        at = instant(expected.pop("at"))
        check(history.at(at), expected)
        assert history.at(at) == sla.replay(policy, reversed(events)).at(at)
    for metric, kinds in ticket.get("facts", {}).items():
        until = max(events[-1].at, *(sla.Created(at=instant(row["at"])).at for row in ticket["readings"]))
        assert kinds == [fact.kind for fact in history.facts_until(until) if fact.metric == metric]
    if "told" in ticket:
        assert ticket["told"] == warnings(history.facts_until(on("fri+2 17:00")))
    assert ticket.get("anomalies", []) == [anomaly.code for anomaly in history.anomalies]
    if not any(isinstance(event, sla.Withdrawn) for event in events):
        assert step_by_step(policy, events) == history.state


def warnings(facts: tuple[sla.Fact, ...]) -> list[str]:
    """Who was warned, of what, and when."""
    warned = (fact for fact in facts if fact.kind == "warned")
    return [f"{short(fact.at)} {fact.metric} {fact.warning} to {', '.join(fact.notify)}" for fact in warned]


def step_by_step(policy: sla.Policy, events: list[sla.Event]) -> sla.State:
    state = sla.initial_state(policy)
    for event in sorted(events, key=lambda event: (event.at_us, event.seq)):
        state, _ = sla.advance(policy, sla.load_state(json.loads(json.dumps(sla.dump_state(state)))), event)
    return state


def test_every_known_trap_has_its_case() -> None:
    """The traps 7 to 36 that are stories each have one file, named by its number."""
    numbers = [int(path.stem.split("_")[1]) for path in FILES if path.stem.startswith("trap_")]
    assert sorted(set(range(7, 37)) - NOT_STORIES) == sorted(numbers)
