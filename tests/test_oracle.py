"""The engine against a slow oracle that shares no code with it: random policies, random tickets, random instants.

`SLACLOCK_THOROUGH=20` runs twenty times as many stories; `SLACLOCK_HYPOTHESIS=dev` draws others each time.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

import slaclock as sla
import stories
from oracle import Clock, Oracle, Sketch

TIMES = int(os.environ.get("SLACLOCK_THOROUGH", "1"))
FIGURES = (
    "phase", "verdict", "layer", "open", "due", "if", "elapsed", "remaining", "overdue", "paused", "wall",
    "breached_at",
)  # fmt: skip


def profile(examples: int) -> settings:
    return settings(max_examples=examples * TIMES)


def told(clock: Clock, reading: sla.Reading) -> dict:
    """A reading in the terms of the oracle: ticks instead of instants and durations."""
    step = timedelta(minutes=clock.step)

    def tick(at: datetime | None) -> float | None:
        return None if at is None else (at - clock.base).total_seconds() / step.total_seconds()

    def ticks(span: timedelta | None) -> float | None:
        return None if span is None else span.total_seconds() / step.total_seconds()

    if reading.cycle == 0:
        phase, verdict = str(reading.phase), str(reading.verdict)
        return {"metric": reading.metric, "cycle": 0, "phase": phase, "verdict": verdict}
    return {
        "metric": reading.metric,
        "cycle": reading.cycle,
        "phase": str(reading.phase),
        "verdict": str(reading.verdict),
        "layer": reading.binding.layer if reading.binding else None,
        "open": reading.within_hours,
        "due": tick(reading.due_at),
        "if": tick(reading.due_if_resumed),
        "elapsed": ticks(reading.elapsed),
        "remaining": ticks(reading.remaining),
        "overdue": ticks(reading.overdue_by),
        "paused": ticks(reading.paused_for),
        "wall": ticks(reading.wall_elapsed),
        "breached_at": tick(reading.breached_at),
    }


def found(clock: Clock, snap: sla.Snapshot) -> list[dict]:
    answers = []
    for metric in stories.METRICS:
        cycles = snap.cycles(metric) or (snap[metric],)
        answers += [told(clock, reading) for reading in cycles]
    return answers


@st.composite
def cases(draw: st.DrawFn) -> tuple[Clock, Sketch, list[dict], list[int]]:
    clock = draw(stories.clocks())
    sketch = draw(stories.sketches(clock))
    events = draw(stories.stories(clock))
    first, last = events[0]["tick"], events[-1]["tick"]
    ticks = [event["tick"] for event in events]
    asked = st.sampled_from(ticks) | st.integers(first, last + 48 * 60 // clock.step)
    return clock, sketch, events, draw(st.lists(asked, min_size=1, max_size=4, unique=True))


@profile(300)
@given(cases())
def test_every_figure_is_what_walking_tick_by_tick_gives(case: tuple[Clock, Sketch, list[dict], list[int]]) -> None:
    """Phase, verdict, due instants, elapsed, remaining, overdue, paused, wall time, breach and binding layer agree."""
    clock, sketch, events, asked = case
    policy = sla.load_policy(stories.policy_mapping(clock, sketch))
    history = sla.replay(policy, stories.events_of(clock, events))
    for tick in asked:
        wanted = Oracle(sketch, clock, stories.for_oracle(events), tick).readings()
        answers = found(clock, history.at(stories.instant(clock, tick)))
        differences = compare(wanted, answers)
        assert not differences, report(clock, sketch, events, tick, differences)


def compare(wanted: list[dict], answers: list[dict]) -> list[str]:
    names = [(one["metric"], one["cycle"]) for one in wanted]
    others = [(one["metric"], one["cycle"]) for one in answers]
    if names != others:
        return [f"cycles: wanted {names}, found {others}"]
    differences = []
    for one, other in zip(wanted, answers, strict=True):
        for key in FIGURES:
            if one.get(key) != other.get(key) and not ignored(one, key):
                where = f"{one['metric']} #{one['cycle']}"
                differences.append(f"{where} {key}: wanted {one.get(key)}, found {other.get(key)}")
    return differences


def ignored(wanted: dict, key: str) -> bool:
    """Resuming is a question about clocks that live."""
    return key == "if" and wanted["phase"] in ("stopped", "cancelled")


def report(clock: Clock, sketch: Sketch, events: list[dict], tick: int, differences: list[str]) -> str:
    lines = [f"at tick {tick} ({clock})", *differences, ""]
    lines += [f"  {event}" for event in events]
    lines += ["", str(stories.policy_mapping(clock, sketch))]
    return "\n".join(lines)
