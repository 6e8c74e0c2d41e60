"""Drawn policies and stories in the words of slaclock: mappings for `load_policy`, and events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import slaclock as sla
from oracle import Clock, Excepted, Hours, Own, Promise, Rule, Sketch
from stories import STATUSES

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def instant(clock: Clock, tick: int) -> datetime:
    return clock.base + timedelta(minutes=clock.step * tick)


def event_of(clock: Clock, event: dict) -> sla.Event:
    at = instant(clock, event["tick"])
    return made(event, at, event["seq"], lambda ticks: timedelta(minutes=clock.step * ticks))


def made(event: dict, at: datetime, seq: int, span: Callable[[int], timedelta]) -> sla.Event:
    """An event of slaclock out of plain data; `span` turns a number of ticks into a length of time."""
    kind, metric = event["event"], event.get("metric")
    common = {"at": at, "seq": seq, "id": f"e{seq}"}
    if "recorded" in event:
        common["recorded_at"] = at + span(event["recorded"] - event["tick"])
    match kind:
        case "created":
            return sla.Created(fields=event["fields"], **common)
        case "changed":
            return sla.Changed(fields=event["fields"], **common)
        case "replied":
            return sla.Replied(by=event["by"], public=event["public"], **common)
        case "held":
            return sla.Held(metric=metric, reason="parts", **common)
        case "released":
            return sla.Released(metric=metric, **common)
        case "extended":
            return sla.Extended(metric=metric, by=span(event["ticks"]), reason="agreed", **common)
        case "waived":
            return sla.Waived(metric=metric, reason="outage", **common)
        case "restarted":
            return sla.Restarted(metric=metric, reason="new request", **common)
        case "withdrawn":
            return sla.Withdrawn(event=f"e{event['of']}", reason="a slip", **common)
    return sla.Merged(into="M-1", **common)


def events_of(clock: Clock, events: list[dict]) -> list[sla.Event]:
    return [event_of(clock, event) for event in events]


def wall(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def calendar_mapping(hours: Hours) -> dict:
    def interval(start: int, end: int) -> str:
        return "all day" if (start, end) == (0, 1440) else f"{wall(start)}-{wall(end % 1440 if end > 1440 else end)}"

    week = {day: [interval(*pair) for pair in pairs] for day, pairs in zip(DAYS, hours.week, strict=True)}
    week = {day: pairs[0] if pairs == ["all day"] else pairs for day, pairs in week.items()}
    return {"timezone": hours.zone, "hours": week, "holidays": [day.isoformat() for day in hours.holidays]}


def amount_text(clock: Clock, promise: Promise) -> str:
    if promise.ticks is not None:
        return f"{promise.ticks * clock.step}m"
    if promise.days is None:
        return "best effort"
    kind, *rest = promise.days
    return {
        "business": "{0} business days",
        "by": "{0} business days by {1}",
        "close": "{0} business days by close",
        "same": "same business day by {0}",
        "calendar": "{0} calendar days",
    }[kind].format(*(wall(part) if part >= 60 else part for part in rest))


def target_mapping(clock: Clock, promise: Promise) -> dict:
    named = {"from": promise.named_by, "default": promise.calendar}
    target: dict[str, object] = {
        "within": amount_text(clock, promise),
        "calendar": promise.calendar if promise.named_by is None else named,
        **dict(promise.answers),
    }
    if promise.pauses is not None:
        pausing = {"category": sorted(promise.pauses, reverse=True)}
        target["pause_while"] = pausing if promise.pauses else {"never": True}
    if promise.next_opening:
        target["at_close"] = "next_opening"
    warn: list[object] = []
    for kind, *rest in promise.warn:
        if kind == "half":
            warn.append("50%")
        else:
            text = f"{rest[0] * clock.step}m"
            warn.append({"after": text} if kind == "after" else f"-{text}")
    if warn:
        target["warn"] = warn
    return target


def rule_mapping(clock: Clock, rule: Rule) -> dict:
    told: dict[str, object] = {}
    if rule.when:
        told["when"] = {name: list(values) for name, values in rule.when.items()}
    window = {"from": rule.start, "until": rule.until}
    window = {key: instant(clock, tick).isoformat() for key, tick in window.items() if tick is not None}
    if window:
        told["effective"] = window
    if rule.exempt:
        return told | {"exempt": list(rule.exempt)}
    targets: dict[str, object] = {}
    for metric, said in rule.targets.items():
        if isinstance(said, Promise):
            targets[metric] = target_mapping(clock, said)
        else:
            targets[metric] = {row: target_mapping(clock, promise) for row, promise in said.items()}
    if rule.by:
        told["by"] = rule.by
    return told | {"targets": targets}


def trigger_mapping(trigger: tuple) -> object:
    kind, *asked = trigger
    if kind == "replied":
        by, public = asked
        return {"replied": {"by": by, "public": "any" if public is None else public}}
    if kind == "becomes":
        return {"changed": {asked[0]: list(asked[1])}}
    return {"changed": asked[0]} if kind == "changes" else kind


def own_mapping(own: Own) -> dict:
    told: dict[str, object] = {"repeats": own.repeats}
    for key in ("start", "stop", "reset", "cancel", "start_after"):
        if getattr(own, key):
            told[key] = [trigger_mapping(trigger) for trigger in getattr(own, key)]
    if own.while_open:
        told["start_while"] = {"not": {"category": ["resolved", "closed"]}}
    if own.pauses:
        told["pause_while"] = {"category": sorted(own.pauses, reverse=True)}
    return told


def exception_mapping(clock: Clock, entry: Excepted) -> dict:
    told: dict[str, object] = {"name": entry.name, "reason": "drawn", "from": instant(clock, entry.start).isoformat()}
    if entry.until is not None:
        told["until"] = instant(clock, entry.until).isoformat()
    if entry.when:
        told["when"] = {name: list(values) for name, values in entry.when}
    if entry.metrics:
        told["metrics"] = list(entry.metrics)
    if entry.effect in ("suspend", "exclude"):
        return told | {entry.effect: True}
    return told | {"extend": f"{entry.number}x" if entry.effect == "times" else f"+{entry.number * clock.step}m"}


def policy_mapping(clock: Clock, sketch: Sketch) -> dict:
    statuses: dict[str, list[str]] = {}
    for status, category in STATUSES.items():
        statuses.setdefault(category, []).append(status)
    metrics = {own.name: own_mapping(own) for own in sketch.own}
    for name, answers in sketch.of_metrics.items():
        metrics[name] = metrics.get(name, {}) | dict(answers)
    for name, binds in sketch.binds_of.items():
        metrics[name] = metrics.get(name, {}) | {"binds": binds}
    for name in sketch.cadences:
        metrics[name] = metrics.get(name, {}) | {"repeats": "at_due"}
    return {
        "slaclock": 1,
        "name": "drawn",
        "calendars": {name: calendar_mapping(hours) for name, hours in sketch.calendars.items()},
        "statuses": statuses,
        "defaults": dict(sketch.answers),
        "binds": sketch.binds,
        "metrics": metrics,
        "layers": {name: [rule_mapping(clock, rule) for rule in rules] for name, rules in sketch.layers},
        "exceptions": [exception_mapping(clock, entry) for entry in sketch.exceptions],
    }
