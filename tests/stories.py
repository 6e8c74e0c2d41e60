"""Random policies and random lives of tickets, as Hypothesis strategies on a grid of ticks.

The grid is coarse on purpose: deadlines, closings, pauses and events then meet at the same instants, where the mistakes
are. `told` translates what is drawn here for slaclock.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import settings
from hypothesis import strategies as st

from oracle import Clock, Excepted, Hours, Own, Promise, Rule, Sketch
from oracle.sketch import METRICS

TIMES = int(os.environ.get("SLACLOCK_THOROUGH", "1"))
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
TEAMS = ("a", "b", None)
LAYERS = ("corporate", "customer", "service")
ANSWERS = {
    "on_change": ("recompute", "recompute", "carry", "restart", "keep"),
    "on_reopen": ("exclude", "exclude", "include", "restart", "ignore"),
    "on_amend": ("keep", "move"),
    "on_unmatched": ("drop", "keep"),
    "on_unanswered": ("cancel", "fulfil"),
    "on_relax": ("final", "sticky"),
}
BINDS = ("earliest_due", "earliest_due", "earliest_due", "most_specific")
WAITS = (frozenset(), frozenset({"pending"}), frozenset({"pending", "on_hold"}))
# What most policies promise comes more often than the rest.
OFTEN = (*METRICS, *METRICS[:4], *("resolution",) * 6, *("first_response",) * 2)
TRIGGERS = (
    ("created",), ("replied", "agent", True), ("replied", "customer", None), ("replied", "bot", True),
    ("becomes", "category", ("resolved", "closed")), ("becomes", "category", ("closed",)),
    ("becomes", "category", ("pending",)), ("becomes", "priority", ("high",)), ("changes", "team"),
    ("changes", "priority"), ("reopened",), ("held",), ("released",), ("restarted",),
)  # fmt: skip


def profile(examples: int) -> settings:
    """So many examples, or, where SLACLOCK_THOROUGH says so, so many times as many."""
    return settings(max_examples=examples * TIMES)


def clocks() -> st.SearchStrategy[Clock]:
    return st.builds(Clock, st.sampled_from(BASES), st.sampled_from((60, 30, 30, 30, 15)))


@st.composite
def answers(draw: st.DrawFn, fixed: dict[str, str], least: int = 0) -> tuple[tuple[str, str], ...]:
    """Answers to some of the questions of change; those that are fixed are left to the policy."""
    open_to_draw = [question for question in ANSWERS if question not in fixed]
    if not open_to_draw:
        return ()
    asked = draw(st.lists(st.sampled_from(open_to_draw), min_size=least, max_size=6 if least else 2, unique=True))
    return tuple((question, draw(st.sampled_from(ANSWERS[question]))) for question in asked)


@st.composite
def promises(
    draw: st.DrawFn,
    clock: Clock,
    calendars: tuple[str, ...],
    fixed: dict[str, str],
    usual: tuple[tuple[str, str], ...] = (),
) -> Promise:
    """A target; `usual` are the answers of those that have none of their own."""
    hour = 60 // clock.step
    kind = draw(st.sampled_from(("ticks",) * 6 + ("days",) * 2 + ("best",)))
    ticks = draw(st.integers(1, 24 * hour)) if kind == "ticks" else None
    minute = 60 * draw(st.sampled_from((9, 12, 16, 17, 20)))
    count = draw(st.integers(1, 3))
    named = (("business", count), ("by", count, minute), ("close", count), ("same", minute), ("calendar", count))
    warnings = (("half",), ("after", draw(st.integers(1, 6 * hour))), ("before", draw(st.integers(1, 2 * hour))))
    return Promise(
        calendar=draw(st.sampled_from(calendars)),
        ticks=ticks,
        days=draw(st.sampled_from(named)) if kind == "days" else None,
        pauses=draw(st.sampled_from((None, None, *WAITS))),
        next_opening=kind == "ticks" and draw(st.integers(0, 4)) == 0,
        warn=tuple(draw(st.lists(st.sampled_from(warnings), max_size=2, unique=True))),
        named_by="desk" if draw(st.integers(0, 5)) == 0 and len(calendars) > 1 else None,
        answers=draw(answers(fixed)) if draw(st.integers(0, 3)) == 0 else usual,
    )


@st.composite
def rules(draw: st.DrawFn, promise: st.SearchStrategy[Promise], metrics: tuple[str, ...], hour: int) -> Rule:
    when: dict[str, tuple[str, ...]] = {}
    if draw(st.integers(0, 2)) == 0:
        when["priority"] = tuple(draw(st.lists(st.sampled_from(PRIORITIES), min_size=1, max_size=2, unique=True)))
    if draw(st.integers(0, 4)) == 0:
        when["customer"] = (draw(st.sampled_from(CUSTOMERS)),)
    about = draw(st.lists(st.sampled_from(metrics), min_size=1, max_size=4, unique=True))
    start = until = None
    exempts = draw(st.integers(0, 7)) == 0
    # What an exemption that begins or ends does to running clocks would come too seldom.
    if draw(st.integers(0, 1 if exempts else 2)) == 0:
        start = draw(st.none() | st.integers(0, 72 * hour))
        until = None if start is not None and draw(st.booleans()) else (start or 0) + draw(st.integers(1, 96 * hour))
    if exempts:
        return Rule({}, when or {"priority": ("low",)}, None, tuple(about), start, until)
    by = "priority" if draw(st.booleans()) else None
    targets: dict[str, object] = {}
    for metric in about:
        if by is None:
            targets[metric] = draw(promise)
        else:
            rows = draw(st.lists(st.sampled_from((*PRIORITIES, "otherwise")), min_size=2, max_size=4, unique=True))
            targets[metric] = {row: draw(promise) for row in rows}
    return Rule(targets, when, by, (), start, until)


@st.composite
def own_metrics(draw: st.DrawFn) -> Own:
    """A metric in the language of triggers, sensible or not."""

    def some(least: int = 0) -> tuple[tuple, ...]:
        return tuple(draw(st.lists(st.sampled_from(TRIGGERS), min_size=least, max_size=2, unique=True)))

    stop = some()
    return Own(
        name="own",
        start=some(1),
        stop=stop,
        reset=some() if draw(st.booleans()) else (),
        cancel=some(0 if stop else 1) if draw(st.booleans()) or not stop else (),
        start_after=some() if draw(st.integers(0, 3)) == 0 else (),
        while_open=draw(st.integers(0, 3)) == 0,
        pauses=draw(st.sampled_from(WAITS)),
        repeats=draw(st.sampled_from((False, True, "at_due"))),
    )


@st.composite
def exceptions(draw: st.DrawFn, hour: int, name: str) -> Excepted:
    """An entry of the register; few suspend for longer than some days, so that what is due comes within reach."""
    effect = draw(st.sampled_from(("suspend",) * 5 + ("times", "more", "exclude")))
    start = draw(st.integers(-24 * hour, 120 * hour))
    last = draw(st.sampled_from((1, hour, 8 * hour, 24 * hour)) | st.integers(1, 72 * hour))
    return Excepted(
        name=name,
        effect=effect,
        start=start,
        until=None if effect != "suspend" and draw(st.integers(0, 3)) == 0 else start + last,
        when=draw(st.sampled_from(((), ((("priority", ("high",)),)), (("priority", ("normal", "low")),)))),
        metrics=draw(st.sampled_from(((), (), ("resolution",), ("first_response", "update", "own")))),
        number=draw(st.integers(2, 3)) if effect == "times" else draw(st.integers(1, 12 * hour)),
    )


@st.composite
def registers(draw: st.DrawFn, clock: Clock, sketch: Sketch) -> Sketch:
    """The same policy with a register of exceptions."""
    known = sketch.metrics
    found = [draw(exceptions(60 // clock.step, f"x{number}")) for number in range(draw(st.integers(1, 3)))]
    found = [replace(entry, metrics=tuple(name for name in entry.metrics if name in known)) for entry in found]
    return replace(sketch, exceptions=tuple(found))


@st.composite
def sketches(draw: st.DrawFn, clock: Clock, *, calendars: tuple[str, ...] = tuple(CALENDARS), **fixed: str) -> Sketch:
    """A policy of one to three layers; `fixed` names answers, or `binds`, that are not to be drawn."""
    own = (draw(own_metrics()),) if draw(st.integers(0, 2)) == 0 else ()
    names = (*OFTEN, *("own" for _ in own), *("own" for _ in own))
    binds = fixed.pop("binds", None)
    # Where all targets keep what they promised, only an exemption asks what the policy itself says of amendments.
    kept = "on_amend" not in fixed and draw(st.integers(0, 3)) == 0
    usual = (("on_amend", "keep"),) if kept else ()
    rule = rules(promises(clock, calendars, fixed, usual), names, 60 // clock.step)
    of_metrics, binds_of = {}, {}
    if draw(st.booleans()):
        metric = draw(st.sampled_from(names))
        of_metrics[metric] = draw(answers(fixed, least=1))
        if binds is None and draw(st.booleans()):
            binds_of[metric] = draw(st.sampled_from(BINDS))
    layers = tuple(
        (layer, tuple(draw(st.lists(rule, min_size=1, max_size=3)))) for layer in LAYERS[: draw(st.integers(1, 3))]
    )
    return Sketch(
        {name: CALENDARS[name] for name in calendars},
        layers,
        (*fixed.items(), *draw(answers(fixed, least=1))),
        of_metrics,
        binds or draw(st.sampled_from(BINDS)),
        binds_of,
        own,
        cadences=draw(st.sampled_from(((), (), ("update",), ("update", "ownership")))),
    )


# Stories.


@st.composite
def stories(
    draw: st.DrawFn, clock: Clock, *, longest: int = 12, revised: bool = False, usual: bool = False
) -> list[dict]:
    """The events of one ticket as plain data, on ticks, in order; several may share one.

    `revised`: some become known later, and some are withdrawn (or their withdrawals are). `usual`: changes of fields
    and messages only.
    """
    hour = 60 // clock.step
    tick = draw(st.integers(0, 48 * hour))
    fields = {
        "status": draw(st.sampled_from(("fresh", "fresh", "working", "working", "waiting", "waiting", "solved"))),
        "priority": draw(st.sampled_from(PRIORITIES)),
        "customer": draw(st.sampled_from(CUSTOMERS)),
        "desk": draw(st.sampled_from(("office", "split", "nowhere"))),
        "team": draw(st.sampled_from(TEAMS)),
    }
    events: list[dict] = [{"event": "created", "tick": tick, "fields": fields}]
    kinds = ("status",) * 6 + ("agent",) * 2 + ("customer",) * 2 + ("priority",) * 5
    kinds += ("team", "note", "both", "desk")
    if not usual:
        kinds += ("held", "released", "extended", "waived", "restarted", "merged")
    gaps = st.sampled_from((0, 1, 2, hour, 2 * hour, 3 * hour, 8 * hour, 24 * hour)) | st.integers(0, 30 * hour)
    for _ in range(draw(st.integers(0, longest))):
        tick += draw(gaps)
        events.append({"tick": tick, **draw(happenings(draw(st.sampled_from(kinds)), hour))})
    if not usual and draw(st.integers(0, 9)) == 0:
        # Something was written down before the ticket was created.
        events.insert(0, {"tick": events[0]["tick"], **draw(happenings("both", hour))})
    for seq, event in enumerate(events):
        event["seq"] = seq
    return draw(revisions(events, hour)) if revised else events


@st.composite
def revisions(draw: st.DrawFn, events: list[dict], hour: int) -> list[dict]:
    """The same events, some of which become known later, with withdrawals among them."""
    for event in events:
        if draw(st.integers(0, 4)) == 0:
            event["recorded"] = event["tick"] + draw(st.integers(1, 48 * hour))
    for _ in range(draw(st.integers(0, 3))):
        of = draw(st.sampled_from(events[1:] or events))
        tick = of["tick"] + draw(st.integers(0, 24 * hour))
        events.append({"event": "withdrawn", "tick": tick, "of": of["seq"], "seq": len(events)})
    return events


@st.composite
def happenings(draw: st.DrawFn, kind: str, hour: int) -> dict:
    status = draw(st.sampled_from(tuple(STATUSES)))
    metric = draw(st.sampled_from((*OFTEN, "own")))
    if kind == "status":
        return {"event": "changed", "fields": {"status": status}}
    if kind in ("priority", "team", "desk"):
        values = {"priority": PRIORITIES, "team": TEAMS, "desk": ("office", "night", "nowhere", None)}[kind]
        return {"event": "changed", "fields": {kind: draw(st.sampled_from(values))}}
    if kind == "both":
        return {"event": "changed", "fields": {"status": status, "priority": "high", "customer": "acme"}}
    if kind in ("agent", "customer"):
        return {"event": "replied", "by": kind, "public": True}
    if kind == "note":
        voices = ("agent", False), ("bot", True), ("system", True), ("customer", False)
        by, public = draw(st.sampled_from(voices))
        return {"event": "replied", "by": by, "public": public}
    if kind in ("held", "released"):
        return {"event": kind, "metric": draw(st.sampled_from((None, "resolution", "first_response", metric)))}
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
            fields["category"] = STATUSES[fields["status"]]
        told.append({**event, "fields": fields})
    return told
