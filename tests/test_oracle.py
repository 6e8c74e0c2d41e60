"""The engine against a slow oracle that shares no code with it: random policies, random tickets, many instants.

`nox -s stories` runs many thousands of stories; `SLACLOCK_HYPOTHESIS=dev` draws others each time.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

import slaclock as sla
import stories
import translated
from oracle import Chronicle, Clock, Oracle, Sketch, Told, counting

pytestmark = pytest.mark.laws
FIGURES = (
    "phase", "verdict", "raw_verdict", "layer", "layers", "open", "due", "if", "raw_due", "elapsed", "remaining",
    "overdue", "paused", "wall", "started", "fulfilled", "breached_at", "excluded_by",
)  # fmt: skip
Case = tuple[Clock, Sketch, list[dict], list[int]]


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
        "raw_verdict": str(reading.raw_verdict),
        "layer": reading.binding.layer if reading.binding else None,
        "layers": [candidate.layer for candidate in reading.candidates],
        "open": reading.within_hours,
        "due": tick(reading.due_at),
        "if": tick(reading.due_if_resumed),
        "raw_due": tick(reading.raw_due_at),
        "elapsed": ticks(reading.elapsed),
        "remaining": ticks(reading.remaining),
        "overdue": ticks(reading.overdue_by),
        "paused": ticks(reading.paused_for),
        "wall": ticks(reading.wall_elapsed),
        "started": tick(reading.started_at),
        "fulfilled": tick(reading.fulfilled_at),
        "breached_at": tick(reading.breached_at),
        "excluded_by": list(reading.excluded_by),
    }


def found(clock: Clock, sketch: Sketch, snap: sla.Snapshot) -> list[dict]:
    answers = []
    for metric in sketch.metrics:
        cycles = snap.cycles(metric) or (snap[metric],)
        answers += [told(clock, reading) for reading in cycles]
    return answers


@st.composite
def instants(draw: st.DrawFn, clock: Clock, events: list[dict]) -> list[int]:
    """Some of the events' own ticks, some between them, some days after the last."""
    ticks = sorted({event["tick"] for event in events})
    asked = st.sampled_from(ticks) | st.integers(ticks[0], ticks[-1] + 48 * 60 // clock.step)
    return draw(st.lists(asked, min_size=1, max_size=4, unique=True))


@st.composite
def cases(draw: st.DrawFn, *, revised: bool = False, excepted: bool = False) -> Case:
    clock = draw(stories.clocks())
    sketch = draw(stories.sketches(clock))
    if excepted:
        sketch = draw(stories.registers(clock, sketch))
    events = draw(stories.stories(clock, revised=revised))
    return clock, sketch, events, draw(instants(clock, events))


@stories.profile(100)
@given(cases())
def test_every_figure_is_what_walking_tick_by_tick_gives(case: Case) -> None:
    """Phase, verdict, due instants, elapsed, remaining, overdue, paused, wall time, breach and binding layer agree."""
    check_figures(case)


@stories.profile(100)
@given(cases(excepted=True))
def test_so_it_is_with_exceptions_that_suspend_extend_and_exclude(case: Case) -> None:
    """Suspended ticks are closed, more time is granted from the start, and what is touched is marked."""
    check_figures(case)


@pytest.mark.stories
@pytest.mark.parametrize("number", range(8))
def test_so_it_is_in_many_thousand_stories_with_exceptions(number: int) -> None:
    """The same for other stories, a thousand for each number."""
    seed(number)(stories.profile(1_000)(given(cases(excepted=True))(check_figures)))()


@pytest.mark.stories
@pytest.mark.parametrize("number", range(24))
def test_every_figure_of_many_thousand_stories(number: int) -> None:
    """The same for other stories, a thousand for each number."""
    seed(number)(stories.profile(1_000)(given(cases())(check_figures)))()


def check_figures(case: Case) -> None:
    clock, sketch, events, asked = case
    policy = sla.load_policy(translated.policy_mapping(clock, sketch))
    history = sla.replay(policy, translated.events_of(clock, events))
    for tick in asked:
        hold(case, tick, Oracle(sketch, clock, stories.for_oracle(events), tick), history)


@stories.profile(25)
@given(cases(revised=True), st.data())
def test_so_it_is_by_what_was_known_at_an_instant_with_events_withdrawn(case: Case, data: st.DataObject) -> None:
    """`known_at` leaves out what became known later; what was withdrawn, and not given back, never was."""
    clock, sketch, events, asked = case
    policy = sla.load_policy(translated.policy_mapping(clock, sketch))
    ticks = sorted({event.get("recorded", event["tick"]) for event in events})
    known = data.draw(st.none() | st.sampled_from(ticks), label="known")
    known_at = None if known is None else translated.instant(clock, known)
    history = sla.replay(policy, translated.events_of(clock, events), known_at=known_at)
    kept = counting(stories.for_oracle(events), known)
    assert sorted(event["seq"] for event in kept) == sorted(event.seq for event in history.events)
    for tick in asked:
        hold(case, tick, Oracle(sketch, clock, kept, tick), history)


@st.composite
def crowds(draw: st.DrawFn) -> tuple[Clock, Sketch, list[list[dict]], list[int]]:
    """Tickets of usual events under one policy in which time decides nothing but what is late."""
    clock = draw(stories.clocks())
    strategies = {"on_relax": "final", "on_amend": "keep", "binds": "earliest_due"}
    strategies |= {"on_change": draw(st.sampled_from(("recompute", "recompute", "keep")))}
    strategies |= {"on_reopen": draw(st.sampled_from(("exclude", "restart", "ignore")))}
    strategies |= {"on_unanswered": draw(st.sampled_from(("cancel", "fulfil")))}
    sketch = draw(stories.sketches(clock, **strategies))
    crowd = draw(st.lists(stories.stories(clock, longest=7, usual=True), min_size=2, max_size=5))
    return clock, sketch, crowd, [draw(st.integers(0, 300)) for _ in crowd]


@stories.profile(25)
@given(crowds())
def test_a_ticket_is_read_alike_whoever_went_before_it(
    crowd: tuple[Clock, Sketch, list[list[dict]], list[int]],
) -> None:
    """What a policy remembers of tickets changes nothing for those that tread the same paths after them."""
    check_crowd(crowd)


@pytest.mark.stories
@pytest.mark.parametrize("number", range(24))
def test_tickets_of_many_crowds_are_read_alike(number: int) -> None:
    """The same for other crowds, five hundred for each number."""
    seed(number)(stories.profile(500)(given(crowds())(check_crowd)))()


def check_crowd(crowd: tuple[Clock, Sketch, list[list[dict]], list[int]]) -> None:
    clock, sketch, tickets, asked = crowd
    policy = sla.load_policy(translated.policy_mapping(clock, sketch))
    # Twice: the second time all of them are known.
    for events, later in [*zip(tickets, asked, strict=True)] * 2:
        first, last = events[0]["tick"], events[-1]["tick"]
        for at in (max(first, min(later, last)), last + later % 50):
            case = (clock, sketch, events, [at])
            history = sla.replay(policy, translated.events_of(clock, events))
            hold(case, at, Oracle(sketch, clock, stories.for_oracle(events), at), history)


def hold(case: Case, tick: int, oracle: Oracle, history: sla.History) -> None:
    """Hold a history against the oracle at a tick."""
    clock, sketch, events, _ = case
    answers = found(clock, sketch, history.at(translated.instant(clock, tick)))
    differences = compare(oracle.readings(), answers)
    assert not differences, report(clock, sketch, events, tick, differences)


def compare(wanted: list[dict], answers: list[dict]) -> list[str]:
    names = [(one["metric"], one["cycle"]) for one in wanted]
    others = [(one["metric"], one["cycle"]) for one in answers]
    if names != others:
        return [f"cycles: wanted {names}, found {others}"]
    differences = []
    for one, other in zip(wanted, answers, strict=True):
        for key in FIGURES:
            if key in one and one[key] != other[key] and not ignored(one, key):
                where = f"{one['metric']} #{one['cycle']}"
                differences.append(f"{where} {key}: wanted {one[key]}, found {other[key]}")
    return differences


def ignored(wanted: dict, key: str) -> bool:
    """Resuming is a question about clocks that live."""
    return key == "if" and wanted["phase"] in ("stopped", "cancelled")


def report(clock: Clock, sketch: Sketch, events: list[dict], tick: int, differences: list[str]) -> str:
    lines = [f"at tick {tick} ({clock})", *differences, ""]
    lines += [f"  {event}" for event in events]
    lines += ["", str(translated.policy_mapping(clock, sketch))]
    return "\n".join(lines)


@stories.profile(30)
@given(cases())
def test_the_facts_are_what_walking_from_event_to_event_finds(case: Case) -> None:
    """Each fact with its instant, cause, layer and warning, by events and by time alone, and no other."""
    check_facts(case)


@stories.profile(30)
@given(cases(excepted=True))
def test_so_they_are_with_exceptions(case: Case) -> None:
    """No fact tells that something is suspended or not, but those that time makes come when they come."""
    check_facts(case)


@pytest.mark.stories
@pytest.mark.parametrize("number", range(24))
def test_the_facts_of_many_thousand_stories(number: int) -> None:
    """The same for other stories, five hundred for each number."""
    seed(number)(stories.profile(500)(given(cases())(check_facts)))()


def check_facts(case: Case) -> None:
    clock, sketch, events, asked = case
    policy = sla.load_policy(translated.policy_mapping(clock, sketch))
    history = sla.replay(policy, translated.events_of(clock, events))
    for tick in asked[:2]:
        wanted = sorted(map(str, Chronicle(sketch, clock, stories.for_oracle(events), tick).facts()))
        facts = history.facts_until(translated.instant(clock, tick))
        answers = sorted(str(told_of(clock, fact)) for fact in facts)
        missing, more = Counter(wanted) - Counter(answers), Counter(answers) - Counter(wanted)
        differences = [f"missing {one}" for one in missing] + [f"not wanted {one}" for one in more]
        assert not differences, report(clock, sketch, events, tick, differences)
        assert [fact.at_us for fact in facts] == sorted(fact.at_us for fact in facts)
        assert len({fact.key for fact in facts}) == len(facts)


def told_of(clock: Clock, fact: sla.Fact) -> Told:
    """A fact in the terms of the oracle."""
    step = timedelta(minutes=clock.step)
    tick = (fact.at - clock.base).total_seconds() / step.total_seconds()
    cause = "edge" if fact.cause.startswith("amendment") else fact.cause
    layer = fact.layer
    return Told(
        str(fact.kind),
        int(tick) if tick == int(tick) else tick,
        fact.metric,
        fact.cycle,
        cause,
        layer,
        warning_of(fact.warning, step),
        fact.overtaken,
        fact.dropped,
    )


def warning_of(text: str | None, step: timedelta) -> tuple[object, ...] | None:
    if text in (None, "50%"):
        return None if text is None else ("half",)
    kind, amount = ("before", text[1:]) if text[0] == "-" else text.split()
    return kind, int(timedelta(microseconds=sla.Amount.parse(amount).us) / step)
