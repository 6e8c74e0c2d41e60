"""What must hold of every policy and every ticket, as properties of the public functions.

The stories are those of the oracle, moved off the grid: each event lies some microseconds after its tick.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import slaclock as sla
import stories
import translated
from helpers import CALENDARS, STATUSES, on
from oracle import Promise, Rule
from slaclock.state import ORDER, TRANSITIONS, Phase, Signal, next_phase

pytestmark = pytest.mark.laws
MICROSECOND = timedelta(microseconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


class Case(NamedTuple):
    policy: sla.Policy
    events: list[sla.Event]
    at: datetime


@st.composite
def instants(draw: st.DrawFn, events: list[sla.Event]) -> datetime:
    """Of an event, of a microsecond beside one, or anywhere until some days after the last."""
    first, last = events[0].at_us, events[-1].at_us
    near = st.tuples(st.sampled_from(events), st.sampled_from((-1, 0, 1))).map(lambda pair: pair[0].at_us + pair[1])
    return plain(draw(near | st.integers(first, last + 5 * 86_400_000_000)))


def plain(us: int) -> datetime:
    """An instant as a datetime of the standard library."""
    return EPOCH + us * MICROSECOND


@st.composite
def cases(draw: st.DrawFn, **fixed: str) -> Case:
    clock = draw(stories.clocks())
    sketch = draw(stories.sketches(clock, **fixed))
    if draw(st.integers(0, 3)) == 0:
        sketch = draw(stories.registers(clock, sketch))
    events = draw(told(clock))
    return Case(sla.load_policy(translated.policy_mapping(clock, sketch)), events, draw(instants(events)))


@st.composite
def told(draw: st.DrawFn, clock: stories.Clock) -> list[sla.Event]:
    """A story off the grid, in order."""
    jitter = st.sampled_from((0, 0, 1)) | st.integers(0, 3_600_000_000)
    events, at = [], datetime.min.replace(tzinfo=UTC)
    for seq, event in enumerate(draw(stories.stories(clock, longest=8))):
        at = max(at, translated.instant(clock, event["tick"]) + MICROSECOND * draw(jitter))
        events.append(translated.made(event, at, seq, lambda ticks: timedelta(minutes=clock.step * ticks)))
    return events


def again_with(event: sla.Event, **more: object) -> sla.Event:
    return sla.event_from_dict({**event.to_dict(), **more})


def keys(facts: tuple[sla.Fact, ...]) -> list[tuple[str, str]]:
    return [(fact.key, str(fact)) for fact in facts]


# Folding.


@stories.profile(45)
@given(cases())
def test_folding_a_prefix_gives_the_prefix(case: Case) -> None:
    """What is true at an instant depends on no event after it."""
    policy, events, at = case
    whole, part = sla.replay(policy, events), sla.replay(policy, [event for event in events if event.at <= at])
    assert part.at(at) == whole.at(at)
    assert keys(part.facts_until(at)) == keys(whole.facts_until(at))


@stories.profile(45)
@given(cases(), st.randoms(use_true_random=False))
def test_any_order_of_arrival_gives_the_same_history(case: Case, random: Random) -> None:
    """Events are put in order by (at, seq), however they come."""
    policy, events, at = case
    shuffled = events.copy()
    random.shuffle(shuffled)
    one, other = sla.replay(policy, events), sla.replay(policy, shuffled)
    assert keys(one.facts) == keys(other.facts)
    assert one.at(at) == other.at(at)
    assert one.state == other.state


@stories.profile(45)
@given(cases(), st.data())
def test_advancing_equals_replaying_with_ticks_and_saves_anywhere(case: Case, data: st.DataObject) -> None:
    """One event at a time, saved as JSON and asked in between, gives the state and the facts of a replay."""
    policy, events, at = case
    history, state, facts = sla.replay(policy, events), sla.initial_state(policy), []
    for place, event in enumerate(events):
        state, new = sla.advance(policy, state, event)
        facts += new
        if data.draw(st.booleans(), label="save"):
            saved = json.loads(json.dumps(sla.dump_state(state)))
            assert state == sla.load_state(saved)
            state = sla.load_state(saved)
        following = events[place + 1].at_us if place + 1 < len(events) else event.at_us + 1
        if following > event.at_us and data.draw(st.booleans(), label="tick"):
            until = data.draw(st.integers(event.at_us, following - 1), label="until")
            state, new = sla.tick(policy, state, plain(until))
            facts += new
    later = max(at, events[-1].at)
    state, new = sla.tick(policy, state, later)
    assert keys((*facts, *new)) == keys(history.facts_until(later))
    assert sla.snapshot(policy, state, later) == history.at(later)


@stories.profile(40)
@given(cases(), st.data())
def test_duplicates_count_once(case: Case, data: st.DataObject) -> None:
    """Redelivered events, whenever they became known again, change nothing; nor does redelivery at the last instant."""
    policy, events, at = case
    again = data.draw(st.lists(st.sampled_from(events), min_size=1), label="again")
    late = [again_with(event, recorded_at=plain(event.at_us + 1).isoformat()) for event in again]
    one, other = sla.replay(policy, events), sla.replay(policy, [*events, *late])
    assert keys(one.facts) == keys(other.facts)
    assert one.at(at) == other.at(at)
    assert sla.advance(policy, one.state, events[-1]) == (one.state, ())


@stories.profile(30)
@given(cases(), cases())
def test_batches_and_single_tickets_agree(first: Case, second: Case) -> None:
    """Replaying many tickets gives what replaying each gives."""
    tickets = {"T-1": first.events, "T-2": second.events}
    named = [again_with(e, ticket=ticket) for ticket, events in tickets.items() for e in events]
    for ticket, history in sla.replay_all(first.policy, reversed(named)).items():
        alone = sla.replay(first.policy, [event for event in named if event.ticket == ticket])
        assert alone.facts == history.facts
        assert alone.at(first.at) == history.at(first.at)


@stories.profile(40)
@given(cases(), st.data())
def test_revising_equals_replaying_all(case: Case, data: st.DataObject) -> None:
    """A history revised by late events is the history of all events, and says what that changed in the facts."""
    policy, events, at = case
    late = data.draw(st.lists(st.sampled_from(events), unique_by=lambda e: e.seq), label="late")
    early = [event for event in events if event not in late]
    before, after = sla.replay(policy, early), sla.replay(policy, events)
    revision = before.revise(late)
    assert after.state == revision.history.state
    assert after.at(at) == revision.history.at(at)
    until = events[-1].at
    old, new = {f.key for f in before.facts_until(until)}, {f.key for f in after.facts_until(until)}
    assert new - old == {fact.key for fact in revision.added}
    assert old - new == {fact.key for fact in revision.withdrawn}


@pytest.mark.parametrize("text", ["2026-03-02T09:00", "2026-03-02 09:00:00"])
def test_naive_times_are_refused(text: str) -> None:
    """An instant without an offset is no instant, as text or as a datetime, in events and in questions."""
    naive = datetime.fromisoformat(text)
    history = sla.replay(sla.load_policy({"slaclock": 1}), [sla.Created(at="2026-03-02T09:00Z")])
    for at in (text, naive):
        with pytest.raises(sla.NaiveTimeError):
            sla.Created(at=at)
        with pytest.raises(sla.NaiveTimeError):
            history.at(at)


# Reading.


@stories.profile(40)
@given(cases())
def test_reading_changes_nothing(case: Case) -> None:
    """Read twice, or in another order, a snapshot says the same; reading leaves the state alone."""
    policy, events, at = case
    history = sla.replay(policy, events)
    saved = json.dumps(sla.dump_state(history.state))
    one, other = history.at(at), history.at(at)
    forward = [reading.to_dict() for reading in one.readings]
    backward = [reading.to_dict() for reading in reversed(other.readings)][::-1]
    for reading in other.readings:
        assert reading.ledger == reading.ledger
    assert forward == backward
    assert one.to_dict() == history.at(at).to_dict()
    assert saved == json.dumps(sla.dump_state(history.state))


@stories.profile(45)
@given(cases(binds="earliest_due", on_amend="keep"))
def test_at_its_due_instant_a_running_clock_has_nothing_left(case: Case) -> None:
    """Remaining is 0 at `due_at`; an hour amount due at closing has one microsecond left just before."""
    policy, events, _ = case
    history = sla.replay(policy, events)
    last = events[-1].at
    for reading in history.at(last).readings:
        if reading.phase is not Phase.RUNNING or reading.due_at is None or reading.due_at <= last:
            continue
        there = history.at(reading.due_at)[reading.metric]
        assert (reading.due_at, timedelta(0)) == (there.due_at, there.remaining)
        if not reading.target.amount.is_day_amount and reading.target.at_close == "closing":
            before = history.at(reading.due_at - MICROSECOND)[reading.metric]
            assert before.remaining == MICROSECOND
        if reading.verdict is not sla.Verdict.WAIVED:
            assert history.at(reading.due_at + MICROSECOND)[reading.metric].is_breached


@stories.profile(45)
@given(st.data())
def test_one_more_layer_never_makes_a_clock_due_later(data: st.DataObject) -> None:
    """Under `earliest_due` a layer without exemptions can only make `due_at` earlier."""
    clock = data.draw(stories.clocks())
    sketch = data.draw(stories.sketches(clock, binds="earliest_due"))
    assume(len(sketch.layers) > 1)
    place = data.draw(st.integers(0, len(sketch.layers) - 1))
    assume(not any(rule.exempt for rule in sketch.layers[place][1]))
    events = data.draw(told(clock))
    at = data.draw(instants(events))
    fewer = replace(sketch, layers=sketch.layers[:place] + sketch.layers[place + 1 :])
    more, less = (
        sla.replay(sla.load_policy(translated.policy_mapping(clock, s)), events).at(at) for s in (sketch, fewer)
    )
    assert len(more.readings) == len(less.readings)
    for one, other in zip(more.readings, less.readings, strict=True):
        assert (one.due_at or FOREVER) <= (other.due_at or FOREVER)


@stories.profile(45)
@given(cases())
def test_the_ledger_covers_the_span_and_adds_up(case: Case) -> None:
    """Segments follow each other from the start to the end without gap or overlap; the counted ones make `elapsed`."""
    policy, events, at = case
    for reading in sla.replay(policy, events).at(at).readings:
        segments = reading.ledger.segments
        if reading.cycle == 0:
            assert segments == ()
            continue
        edges = [reading.started_us, *(segment.end_us for segment in segments)]
        assert [segment.start_us for segment in segments] == edges[:-1]
        assert all(segment.start_us < segment.end_us for segment in segments)
        if reading.is_active:
            assert edges[-1] == reading.at_us
        elif reading.fulfilled_us is not None:
            assert edges[-1] == reading.fulfilled_us
        if reading.binding is not None:
            counted = [s.open_us for s in segments if s.kind is sla.SegmentKind.COUNTED]
            assert sum(counted) == reading.elapsed_us
            paused = [s.open_us for s in segments if s.kind is sla.SegmentKind.PAUSED]
            set_aside = any(s.kind is sla.SegmentKind.SET_ASIDE for s in segments)
            assert set_aside or timedelta(microseconds=sum(paused)) == reading.paused_for


@stories.profile(45)
@given(cases(), st.data())
def test_nothing_changes_before_next_change_and_no_fact_before_next_wakeup(case: Case, data: st.DataObject) -> None:
    """Until `next_change` phases, verdicts and hours stay; until `next_wakeup` no fact arises, and there one does, or a
    rule has an edge."""
    policy, events, at = case
    at = max(at, events[-1].at)
    history = sla.replay(policy, events)
    snap = history.at(at)
    count = len(history.facts_until(at))
    wake, change = snap.next_wakeup, snap.next_change
    assert change is None or (at < change and (wake is None or change <= wake))
    far = snap.at_us + 30 * 86_400_000_000

    def told(snap: sla.Snapshot) -> int:
        return len(history.facts_until(snap.at))

    for limit, what in ((change and snap.next_change_us, stand), (wake and snap.next_wakeup_us, told)):
        end = min(far, limit or far)
        for later in (data.draw(st.integers(snap.at_us, end - 1), label="later"), end - 1):
            assert what(snap) == what(history.at(plain(later)))
    if wake is not None:
        assert len(history.facts_until(wake)) > count or snap.next_wakeup_us in policy.edges


def stand(snap: sla.Snapshot) -> list[tuple[object, ...]]:
    # What has not started is read as if it started now, and so on another calendar from one instant to the next.
    return [(r.metric, r.cycle, r.phase, r.verdict, r.within_hours) for r in snap.readings]


@pytest.mark.parametrize("amount", ["5h", "1 business days", "next business day by 06:00", "2 calendar days"])
@pytest.mark.parametrize("paused", ["fri 14:45", "fri 16:20", "sat 11:00", "mon 10:00"])
@pytest.mark.parametrize("at_close", ["closing", "next_opening"])
def test_that_another_paused_candidate_binds_is_announced(amount: str, paused: str, at_close: str) -> None:
    """Due instants slide while all are paused, each on its calendar: who binds can change without an event."""
    office = {"within": "1h", "calendar": "office", "at_close": at_close}
    other = {"within": amount, "calendar": "night", "warn": "1%"}
    night = {"hours": {"mon-sun": "18:00-04:00"}}
    policy = sla.load_policy(
        {
            "slaclock": 1,
            "calendars": {**CALENDARS, "night": night},
            "statuses": STATUSES,
            "layers": {
                "corporate": [{"targets": {"resolution": office}}],
                "customer": [{"targets": {"resolution": other}}],
            },
        }
    )
    events = [sla.Created(at=on("fri 14:30")), sla.Changed(at=on(paused), fields={"status": "waiting"})]
    history = sla.replay(policy, events if paused[:3] != "mon" else [sla.Created(at=on("mon 09:30")), events[1]])
    at = history.last_us
    for _ in range(25):
        snap = history.at(plain(at))
        change = min(snap.next_change_us, at + 2 * 86_400_000_000)
        for later in (*range(at, change, 3_600_000_000), change - 1):
            assert stand(snap) == stand(history.at(plain(later)))
        at = change


# Strategies and states.


@stories.profile(45)
@given(st.data())
def test_with_one_calendar_and_one_pause_rule_carry_is_recompute(data: st.DataObject) -> None:
    """What differs between the two is only which calendar and which pauses measure the past."""
    clock = data.draw(stories.clocks())
    calendar = data.draw(st.sampled_from(tuple(stories.CALENDARS)))
    sketch = data.draw(stories.sketches(clock, calendars=(calendar,), on_change="recompute"))
    sketch = replace(sketch, layers=tuple((name, tuple(map(simple, rules))) for name, rules in sketch.layers))
    events = data.draw(told(clock))
    at = data.draw(instants(events))
    answers = []
    for how in ("recompute", "carry"):
        policy = sla.load_policy(translated.policy_mapping(clock, replace(sketch, answers=answers_with(sketch, how))))
        answers.append([reading.to_dict() for reading in sla.replay(policy, events).at(at).readings])
    assert answers[0] == answers[1]


def answers_with(sketch: stories.Sketch, how: str) -> tuple[tuple[str, str], ...]:
    return tuple({**dict(sketch.answers), "on_change": how}.items())


def simple(rule: Rule) -> Rule:
    def of(said: object) -> object:
        if isinstance(said, Promise):
            return replace(said, pauses=None, next_opening=False, named_by=None)
        return {row: of(promise) for row, promise in said.items()}

    return replace(rule, targets={metric: of(said) for metric, said in rule.targets.items()})


def test_the_transition_table_is_total() -> None:
    """Every signal has an answer in every phase, and nothing else is in the table."""
    assert {phase: set(Signal) for phase in Phase} == {phase: set(row) for phase, row in TRANSITIONS.items()}
    assert list(Signal) == sorted(ORDER, key=ORDER.index)
    for phase in Phase:
        for signal in Signal:
            assert next_phase(phase, signal) in Phase


@given(st.lists(st.sampled_from([s for s in Signal if s is not Signal.REOPEN])))
def test_only_reopening_wakes_what_is_over(signals: list[Signal]) -> None:
    """Stopped and cancelled clocks ignore every other signal."""
    for over in (Phase.STOPPED, Phase.CANCELLED):
        phase = over
        for signal in signals:
            phase = next_phase(phase, signal)
        assert phase is over
    assert next_phase(Phase.CANCELLED, Signal.REOPEN) is Phase.CANCELLED
