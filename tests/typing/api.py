"""The public face in use, as programs write it: never run, only type-checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import assert_type

import pendulum

import slaclock as sla

at = datetime(2026, 3, 2, 9, tzinfo=UTC)
text: sla.Instant = "2026-03-02T09:00+01:00"

# Policies, from whatever they are read.
policy = sla.load_policy("policy.yaml")
sla.load_policy(Path("policy.yaml"))
lints: tuple[sla.Lint, ...] = sla.lint_policy(policy, as_of="2026-03-02")
line: int | None = sla.lint_policy(["corporate.yaml", "acme.yaml"])[0].line
sla.load_policy(StringIO("slaclock: 1"))
sla.load_policy({"slaclock": 1, "layers": {}})
assert_type(policy.digest, str)
assert_type(policy.spoken, tuple[str, ...])
assert_type(policy.diff(policy), sla.Differences)
assert_type(policy.diff(policy)[0], sla.Difference)
preview = policy.targets_for({"customer": "acme", "seats": 50, "tags": ["vip"]}, at)
assert_type(preview["first_response"], sla.MetricPreview)
assert_type(preview["first_response"].binding, sla.Candidate | None)
assert_type(preview["first_response"].considered, tuple[sla.Considered, ...])
assert_type(preview["first_response"].considered[0].outcome, sla.Outcome)
assert_type(preview["first_response"].passed_over, tuple[sla.PassedOver, ...])
assert_type(preview["first_response"].due_at, pendulum.DateTime | None)

# Events.
events: list[sla.Event] = [
    sla.Created(at=at, fields={"customer": "acme", "seats": 5, "vip": True, "tags": ["a", "b"]}),
    sla.Created(at=pendulum.datetime(2026, 3, 2), by="agent", ticket="T-1", id="1", seq=3),
    sla.Changed(at=text, fields={"status": None}),
    sla.Replied(at=at, by="agent", public=False, recorded_at=text, actor="kim", note="by telephone"),
    sla.Held(at=at, reason="fire drill", metric="resolution"),
    sla.Released(at=at, metric=None),
    sla.Extended(at=at, metric="resolution", by="2h", reason="outage"),
    sla.Extended(at=at, metric="resolution", by=timedelta(hours=2), reason="outage"),
    sla.Waived(at=at, metric="resolution", reason="agreed"),
    sla.Restarted(at=at, metric="resolution", reason="wrong queue"),
    sla.Merged(at=at, into="T-2"),
    sla.Withdrawn(at=at, event="1", reason="never happened"),
]
assert_type(sla.event_from_dict(events[0].to_dict()), sla.Event)
assert_type(sla.load_events("events.csv", timezone="Europe/Berlin"), list[sla.Event])
assert_type(events[0].at, pendulum.DateTime)

# Histories.
history = sla.replay(policy, events)
assert_type(history, sla.History)
assert_type(sla.replay_all(policy, iter(events), known_at=text), dict[str, sla.History])
assert_type(history.facts, tuple[sla.Fact, ...])
assert_type(history.facts_until(at), tuple[sla.Fact, ...])
assert_type(history.anomalies, tuple[sla.Anomaly, ...])
assert_type(history.revise(events).moved, tuple[tuple[sla.Fact, sla.Fact], ...])
assert_type(history.timeline(text).facts, tuple[sla.Fact, ...])
assert_type(next(iter(history.timeline(at, since=text))), sla.Coming)
assert_type(history.under(policy, at).differences, tuple[sla.ComparedCycle, ...])
explanation = history.explain(at, ["resolution"])
assert_type(explanation, sla.Explanation)
assert_type(explanation["resolution"], sla.Account)
assert_type(explanation["resolution"].decisions, tuple[sla.Decision, ...])
fact = history.facts[0]
assert_type(fact.kind, sla.FactKind)
assert_type(fact.at, pendulum.DateTime)
assert_type(fact.target, sla.Target | None)

# Snapshots and readings.
snapshot = history.at(text)
mapping: Mapping[str, sla.Reading] = snapshot
assert_type(snapshot.readings, tuple[sla.Reading, ...])
assert_type(snapshot.cycles("next_response"), sla.Cycles)
assert_type(snapshot.next_wakeup, pendulum.DateTime | None)
assert_type(snapshot.next_change, pendulum.DateTime | None)
assert_type(snapshot.timeline(at), sla.Timeline)
reading = snapshot["resolution"]
assert_type(reading.phase, sla.Phase)
assert_type(reading.verdict, sla.Verdict)
assert_type(reading.is_breached, bool)
assert_type(reading.within_hours, bool | None)
assert_type(reading.due_at, pendulum.DateTime | None)
assert_type(reading.due_us, int | None)
assert_type(reading.remaining, pendulum.Duration | None)
assert_type(reading.wall_elapsed, pendulum.Duration)
assert_type(reading.fraction, Fraction | None)
assert_type(reading.binding, sla.Candidate | None)
assert_type(reading.candidates, tuple[sla.Candidate, ...])
assert_type(reading.target, sla.Target | None)
assert_type(reading.ledger, sla.Ledger)
assert_type(reading.ledger.segments, tuple[sla.Segment, ...])
assert_type(reading.ledger.decisions, tuple[sla.Decision, ...])
assert_type(reading.ledger.total_us(sla.SegmentKind.COUNTED), int)
assert_type(reading.to_dict(), dict[str, object])

# States.
state = sla.initial_state(policy)
state, facts = sla.advance(policy, state, events[0])
state, facts = sla.tick(policy, state, at)
assert_type(state, sla.State)
assert_type(facts, tuple[sla.Fact, ...])
assert_type(sla.snapshot(policy, state, at), sla.Snapshot)
assert_type(sla.load_state(json.loads(json.dumps(sla.dump_state(state)))), sla.State)

# Calendars.
calendar = sla.WorkingCalendar(
    timezone="Europe/Berlin",
    hours={"mon-fri": "09:00-17:00", "sat": ["10:00-12:00"], "sun": []},
    holidays=["2026-12-25", {"date": "01-01", "name": "New Year's Day"}],
    special={"2026-12-24": "09:00-12:00"},
)
assert_type(calendar.add(at, "4h"), pendulum.DateTime)
assert_type(calendar.subtract(text, timedelta(hours=4)), pendulum.DateTime)
assert_type(calendar.add(at, sla.Amount.parse("4h")), pendulum.DateTime)
assert_type(calendar.add(at, pendulum.duration(hours=4)), pendulum.DateTime)
assert_type(calendar.between(at, text), pendulum.Duration)
assert_type(calendar.is_open(at), bool)
assert_type(calendar.next_open(at, strict=True), pendulum.DateTime | None)
assert_type(calendar.next_close(at), pendulum.DateTime | None)
assert_type(calendar.intervals(at, text), list[sla.Interval])
assert_type(calendar.intervals(at, text)[0].duration, pendulum.Duration)
assert_type(calendar.is_business_day(date(2026, 3, 2)), bool)
assert_type(calendar.business_days_between(date(2026, 3, 2), "2026-03-09"), int)
assert_type(calendar | sla.ALWAYS, sla.WorkingCalendar)
assert_type(calendar.with_closures([{"from": at, "until": text, "reason": "migration"}]), sla.WorkingCalendar)
assert_type(calendar.in_timezone("UTC"), sla.WorkingCalendar)
assert_type(calendar.zone, tzinfo)

# Errors.
try:
    sla.load_policy("policy.yaml")
except sla.PolicyError as error:
    assert_type(error.problems, tuple[sla.Problem, ...])
    as_value_error: ValueError = error
except sla.MissingExtraError as missing:
    as_import_error: ImportError = missing

# What is not meant to be written is refused by the checker, too: each of these lines must be an error.
sla.Created(text)  # type: ignore[call-arg]
sla.Replied(at=at)  # type: ignore[call-arg]
sla.Changed(at=1_772_442_000, fields={})  # type: ignore[arg-type]
sla.replay(policy, "events.csv")  # type: ignore[arg-type]
reading.due_at = None  # type: ignore[misc]

# Policies of values.
own = sla.Policy(
    calendars={"office": sla.WorkingCalendar(hours="09:00-17:00")},
    layers=[
        sla.Layer(
            "customer",
            [
                sla.Rule(
                    name="acme",
                    when=sla.All([sla.Is("customer", "acme"), sla.Is("tier", ["gold", 3])]),
                    targets={
                        "triage": sla.Table("priority", {"high": sla.Target(amount="1h", calendar="office")}),
                        "resolution": sla.Target(amount=timedelta(hours=4), calendar="office", warn=sla.Warn()),
                    },
                    exempt="update",
                )
            ],
        )
    ],
    metrics=[sla.Metric(name="triage", start=sla.Trigger(on="created"), stop=[sla.Trigger(on="replied", by="agent")])],
)
assert_type(own.layers[0].rules[0].when.fields(), frozenset[str])
