"""What long tickets cost, counted in calls, events taken and bytes: none of it depends on how busy the machine is.

The benchmarks measure the same in time, on longer tickets still.
"""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

import slaclock as sla
from helpers import by_priority, make_policy
from long_stories import KINDS, at, crowded_story, long_story, policy_of
from slaclock.clocks import Clocks
from slaclock.life import Life

FEW, MANY = 50, 500
LINEAR = 12
"""Ten times as many events may cost so many times as much."""


def calls(work: Callable[[], object]) -> int:
    """How many calls a piece of work makes, of functions in Python and in C."""
    count = 0

    def watch(frame: FrameType, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


def bytes_of(work: Callable[[], object]) -> int:
    """How many bytes a piece of work needs at most at a time."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def told(policy: sla.Policy, events: list[sla.Event]) -> sla.History:
    history = sla.replay(policy, events)
    assert history.facts
    assert history.state is not None
    return history


@pytest.mark.parametrize(("kind", "on_change"), [
    *((kind, "recompute") for kind in KINDS),
    ("mixed", "restart"), ("retargeting", "restart"), ("retargeting", "carry"),
])  # fmt: skip
def test_replaying_is_linear(kind: str, on_change: str) -> None:
    """Ten times as many events take not more than twelve times as many calls, with facts and state."""
    policy = policy_of(on_change=on_change)
    few, many = long_story(kind, FEW), long_story(kind, MANY)
    told(policy, few)
    assert calls(lambda: told(policy, many)) <= LINEAR * calls(lambda: told(policy, few))


@pytest.mark.parametrize("count", [FEW, MANY])
def test_what_was_missed_is_found_again_by_looking_at_a_run_or_two(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a target that carries on with the time of hundreds before it, and is behind."""
    looked: Counter[str] = Counter()
    spans = Life.spans

    def counted(life: Life, start_us: int, end_us: int) -> Iterator[tuple[int, int]]:
        looked["at"] += 1
        return spans(life, start_us, end_us)

    monkeypatch.setattr(Life, "spans", counted)
    policy = make_policy(None, by_priority("20m", "30m"), defaults={"on_change": "carry"})
    history = told(policy, long_story("retargeting", count))
    assert history.at(at(count))["resolution"].is_breached
    assert looked["at"] <= 8 * count


def test_so_is_replaying_many_events_of_one_instant() -> None:
    policy = policy_of()
    few, many = crowded_story(FEW), crowded_story(MANY)
    told(policy, few)
    assert calls(lambda: told(policy, many)) <= LINEAR * calls(lambda: told(policy, few))


@pytest.mark.parametrize("kind", KINDS)
def test_a_question_about_the_past_takes_a_bisection(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many events a few dozens are taken again, and the calls are those of as many, not of all."""
    policy, events = policy_of(), long_story(kind, MANY)
    taken: Counter[str] = Counter()
    take = Clocks.take

    def counted(clocks: Clocks, event: sla.Event) -> None:
        taken["events"] += 1
        take(clocks, event)

    history = told(policy, events)
    for_each = calls(lambda: told(policy, events)) / MANY
    # The first question about the past may remember places to go back to.
    assert history.at(at(MANY - 2))["resolution"].verdict
    monkeypatch.setattr(Clocks, "take", counted)
    for place in (0, 1, MANY // 3, MANY // 2, MANY - 2):
        taken.clear()
        assert calls(lambda place=place: history.at(at(place))["resolution"].verdict) <= 64 * for_each
        assert taken["events"] <= 64


@pytest.mark.parametrize("kind", KINDS)
def test_one_more_event_costs_the_same_after_a_long_life(kind: str) -> None:
    """`advance` copies no life: it needs not twice the room, and not three times the calls.

    Lists of extensions and of anomalies are copied, at eight bytes for each.
    """
    policy = policy_of()
    costs, rooms = [], []
    for count in (FEW, MANY):
        state, event = told(policy, long_story(kind, count)).state, KINDS[kind](count)
        sla.advance(policy, state, event)
        costs.append(calls(lambda state=state, event=event: sla.advance(policy, state, event)))
        rooms.append(bytes_of(lambda state=state, event=event: sla.advance(policy, state, event)))
    assert costs[1] <= 3 * costs[0]
    assert rooms[1] <= 2 * rooms[0] + 1_000


def test_advancing_over_many_events_of_one_instant_is_linear() -> None:
    policy = policy_of()

    def advance(events: list[sla.Event]) -> None:
        state = sla.initial_state(policy)
        for event in events:
            state, _ = sla.advance(policy, state, event)

    few, many = crowded_story(FEW), crowded_story(MANY)
    assert calls(lambda: advance(many)) <= LINEAR * calls(lambda: advance(few))
