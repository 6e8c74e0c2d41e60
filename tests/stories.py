"""Random policies and random lives of tickets, as Hypothesis strategies, and their translation for slaclock.

Everything is drawn on a grid of ticks, so that the slow oracle can walk it; the grid is coarse on purpose: deadlines,
closings, pauses and events then meet at the same instants, where the mistakes are.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

import slaclock as sla
from oracle import Clock, Hours, Promise, Rule, Sketch

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = ((540, 1020),)
SPLIT = ((480, 720), (780, 1080))
NIGHT = ((1320, 1800),)
CALENDARS = {
    "office": Hours("UTC", (OFFICE,) * 5 + ((), ())),
    "always": Hours("UTC", (((0, 1440),),) * 7),
    "split": Hours("Europe/Berlin", (SPLIT,) * 6 + ((),), (date(2026, 3, 4), date(2026, 3, 30))),
    "night": Hours("Europe/Berlin", (NIGHT,) * 4 + ((),) * 3),
}
BASES = (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 26, tzinfo=UTC))
STATUSES = {
    "fresh": "new", "working": "open", "second_line": "open", "waiting": "pending", "approval": "pending",
    "vendor": "on_hold", "solved": "resolved", "archived": "closed",
}  # fmt: skip
PRIORITIES = ("high", "normal", "low")
CUSTOMERS = ("acme", "globex")
LAYERS = ("corporate", "customer", "service")
METRICS = ("first_response", "next_response", "update", "resolution")


def clocks() -> st.SearchStrategy[Clock]:
    return st.builds(Clock, st.sampled_from(BASES), st.sampled_from((60, 30, 30, 30, 15)))


@st.composite
def promises(draw: st.DrawFn, clock: Clock, calendars: tuple[str, ...]) -> Promise:
    hour = 60 // clock.step
    kind = draw(st.sampled_from(("ticks",) * 6 + ("days",) * 2 + ("best",)))
    ticks = draw(st.integers(1, 24 * hour)) if kind == "ticks" else None
    minute = 60 * draw(st.sampled_from((9, 12, 16, 17, 20)))
    count = draw(st.integers(1, 3))
    named = (("business", count), ("by", count, minute), ("close", count), ("same", minute), ("calendar", count))
    pauses = (None, None, frozenset(), frozenset({"pending"}), frozenset({"pending", "on_hold"}))
    warnings = (("half",), ("after", draw(st.integers(1, 6 * hour))), ("before", draw(st.integers(1, 2 * hour))))
    return Promise(
        calendar=draw(st.sampled_from(calendars)),
        ticks=ticks,
        days=draw(st.sampled_from(named)) if kind == "days" else None,
        pauses=draw(st.sampled_from(pauses)),
        next_opening=kind == "ticks" and draw(st.integers(0, 4)) == 0,
        warn=() if kind == "best" else tuple(draw(st.lists(st.sampled_from(warnings), max_size=2, unique=True))),
    )


@st.composite
def rules(draw: st.DrawFn, promise: st.SearchStrategy[Promise], windows: bool, exempt: bool) -> Rule:
    when: dict[str, tuple[str, ...]] = {}
    if draw(st.booleans()):
        when["priority"] = tuple(draw(st.lists(st.sampled_from(PRIORITIES), min_size=1, max_size=2, unique=True)))
    if draw(st.integers(0, 2)) == 0:
        when["customer"] = (draw(st.sampled_from(CUSTOMERS)),)
    metrics = draw(st.lists(st.sampled_from(METRICS), min_size=1, max_size=4, unique=True))
    if exempt and draw(st.integers(0, 5)) == 0:
        return Rule({}, when or {"priority": ("low",)}, exempt=tuple(metrics))
    by = "priority" if draw(st.integers(0, 2)) == 0 else None
    targets: dict[str, object] = {}
    for metric in metrics:
        if by is None:
            targets[metric] = draw(promise)
        else:
            rows = draw(st.lists(st.sampled_from((*PRIORITIES, "otherwise")), min_size=1, max_size=3, unique=True))
            targets[metric] = {row: draw(promise) for row in rows}
    start = draw(st.integers(0, 60)) if windows and draw(st.integers(0, 3)) == 0 else None
    until = start + draw(st.integers(1, 100)) if start is not None and draw(st.booleans()) else None
    return Rule(targets, when, by, (), start, until)


@st.composite
def sketches(draw: st.DrawFn, clock: Clock, *, calendars: tuple[str, ...] = tuple(CALENDARS), **fixed: str) -> Sketch:
    """A policy of one to three layers; `fixed` names strategies that are not to be drawn."""
    choices = {
        "on_change": ("recompute", "recompute", "carry", "restart", "keep"),
        "on_reopen": ("exclude", "exclude", "include", "restart", "ignore"),
        "on_unmatched": ("drop", "keep"),
        "on_unanswered": ("cancel", "fulfil"),
        "binds": ("earliest_due", "earliest_due", "earliest_due", "most_specific"),
    }
    chosen = {key: fixed.get(key) or draw(st.sampled_from(values)) for key, values in choices.items()}
    plain = chosen["on_change"] == "recompute" and chosen["on_unmatched"] == "drop"
    rule = rules(promises(clock, calendars), windows=True, exempt=plain)
    count = draw(st.integers(1, 3))
    layers = tuple((layer, tuple(draw(st.lists(rule, min_size=1, max_size=3)))) for layer in LAYERS[:count])
    return Sketch({name: CALENDARS[name] for name in calendars}, layers, **chosen)


@st.composite
def stories(draw: st.DrawFn, clock: Clock, *, changes: bool = True, longest: int = 12) -> list[dict]:
    """The events of one ticket as plain data, on ticks, in order; several may share one."""
    hour = 60 // clock.step
    tick = draw(st.integers(0, 48 * hour))
    fields = {
        "status": draw(st.sampled_from(("fresh", "fresh", "working", "working", "waiting", "waiting", "solved"))),
        "priority": draw(st.sampled_from(PRIORITIES)),
        "customer": draw(st.sampled_from(CUSTOMERS)),
    }
    events = [{"event": "created", "tick": tick, "fields": fields}]
    kinds = ("status",) * 6 + ("agent",) * 2 + ("customer",) * 2
    kinds += ("priority",) * 3 if changes else ()
    kinds += ("other", "held", "released", "extended", "waived", "restarted", "merged", "note", "both")
    gaps = st.sampled_from((0, 1, 2, hour, 2 * hour, 3 * hour, 8 * hour, 24 * hour)) | st.integers(0, 30 * hour)
    for _ in range(draw(st.integers(0, longest))):
        tick += draw(gaps)
        events.append({"tick": tick, **draw(happenings(draw(st.sampled_from(kinds)), hour, changes))})
    return events


@st.composite
def happenings(draw: st.DrawFn, kind: str, hour: int, changes: bool) -> dict:
    status, metric = draw(st.sampled_from(tuple(STATUSES))), draw(st.sampled_from(METRICS))
    if kind == "status":
        return {"event": "changed", "fields": {"status": status}}
    if kind == "priority":
        return {"event": "changed", "fields": {"priority": draw(st.sampled_from(PRIORITIES))}}
    if kind == "both":
        more = {"priority": "high", "customer": "acme"} if changes else {}
        return {"event": "changed", "fields": {"status": status, **more}}
    if kind == "other":
        return {"event": "changed", "fields": {"team": draw(st.sampled_from(("a", "b")))}}
    if kind in ("agent", "customer"):
        return {"event": "replied", "by": kind, "public": True}
    if kind == "note":
        voices = ("agent", False), ("bot", True), ("system", True), ("customer", False)
        by, public = draw(st.sampled_from(voices))
        return {"event": "replied", "by": by, "public": public}
    if kind in ("held", "released"):
        return {"event": kind, "metric": draw(st.sampled_from((None, "resolution", "first_response")))}
    if kind == "extended":
        return {"event": kind, "metric": metric, "ticks": draw(st.integers(1, 4 * hour))}
    if kind == "merged":
        return {"event": kind}
    return {"event": kind, "metric": metric}


# For the oracle, whose tickets have a category instead of a status.


def for_oracle(events: list[dict]) -> list[dict]:
    told = []
    for event in events:
        fields = dict(event.get("fields", {}))
        if "status" in fields:
            fields["category"] = STATUSES[fields.pop("status")]
        told.append({**event, "fields": fields})
    return told


# For slaclock.


def instant(clock: Clock, tick: int) -> datetime:
    return clock.base + timedelta(minutes=clock.step * tick)


def event_of(clock: Clock, event: dict, seq: int) -> sla.Event:
    at = instant(clock, event["tick"])
    return made(event, at, seq, lambda ticks: timedelta(minutes=clock.step * ticks))


def made(event: dict, at: datetime, seq: int, span: Callable[[int], timedelta]) -> sla.Event:
    """An event of slaclock out of plain data; `span` turns a number of ticks into a length of time."""
    kind, metric = event["event"], event.get("metric")
    common = {"at": at, "seq": seq, "id": f"e{seq}"}
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
    return sla.Merged(into="T-2", **common)


def events_of(clock: Clock, events: list[dict]) -> list[sla.Event]:
    return [event_of(clock, event, seq) for seq, event in enumerate(events)]


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
    target: dict[str, object] = {"within": amount_text(clock, promise), "calendar": promise.calendar}
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
    if rule.exempt:
        return told | {"exempt": list(rule.exempt)}
    window = {"from": rule.start, "until": rule.until}
    window = {key: instant(clock, tick).isoformat() for key, tick in window.items() if tick is not None}
    if window:
        told["effective"] = window
    targets: dict[str, object] = {}
    for metric, said in rule.targets.items():
        if isinstance(said, Promise):
            targets[metric] = target_mapping(clock, said)
        else:
            targets[metric] = {row: target_mapping(clock, promise) for row, promise in said.items()}
    if rule.by:
        told["by"] = rule.by
    return told | {"targets": targets}


def policy_mapping(clock: Clock, sketch: Sketch) -> dict:
    statuses: dict[str, list[str]] = {}
    for status, category in STATUSES.items():
        statuses.setdefault(category, []).append(status)
    strategies = ("on_change", "on_reopen", "on_unmatched", "on_unanswered")
    return {
        "slaclock": 1,
        "name": "drawn",
        "calendars": {name: calendar_mapping(hours) for name, hours in sketch.calendars.items()},
        "statuses": statuses,
        "defaults": {key: getattr(sketch, key) for key in strategies},
        "binds": sketch.binds,
        "layers": {name: [rule_mapping(clock, rule) for rule in rules] for name, rules in sketch.layers},
    }
