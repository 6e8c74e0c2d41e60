"""Long tickets in time: ten times as many events cost at most twelve times as much, however they are asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import slaclock as sla
from benchmarks.race import Line, Runner, race
from long_stories import KINDS, at, long_story, policy_of

FEW, MANY = 1_000, 10_000
Tell = Callable[[Line], None]


@pytest.mark.parametrize("kind", ["pausing", "retargeting", "mixed"])
def test_replaying_is_linear(benchmark: Any, told: Tell, kind: str) -> None:
    policy = policy_of()

    def replayed(events: list[sla.Event], _: None) -> sla.State:
        return sla.replay(policy, events).state

    few, many = long_story(kind, FEW), long_story(kind, MANY)
    result = race(benchmark, Runner("few", replayed, [(few, None)]), Runner("many", replayed, [(many, None)]))
    told(Line(f"replay of 10,000 events, {kind} / of 1,000", result.ratios["many"], 12))


@pytest.mark.parametrize("kind", ["pausing", "mixed"])
def test_a_question_about_the_past_is_a_bisection(benchmark: Any, told: Tell, kind: str) -> None:
    """Of a ticket of 10,000 events, against one of 1,000."""
    policy = policy_of()

    def asked(history: sla.History, place: int) -> sla.Verdict:
        return history.at(at(place))["resolution"].verdict

    runners = []
    for name, count in (("few", FEW), ("many", MANY)):
        history = sla.replay(policy, long_story(kind, count))
        runners.append(Runner(name, asked, [(history, count * part // 97) for part in range(97)]))
    result = race(benchmark, *runners)
    told(Line(f"`history.at` of 10,000 events, {kind} / of 1,000", result.ratios["many"], 4))


@pytest.mark.parametrize("kind", ["pausing", "mixed"])
def test_one_more_event_costs_the_same(benchmark: Any, told: Tell, kind: str) -> None:
    """After 10,000 events, against one after 1,000."""
    policy = policy_of()
    runners = []
    for name, count in (("few", FEW), ("many", MANY)):
        state = sla.replay(policy, long_story(kind, count)).state
        event = KINDS[kind](count)
        runners.append(Runner(name, lambda state, event: sla.advance(policy, state, event), [(state, event)]))
    result = race(benchmark, *runners)
    told(Line(f"`advance` after 10,000 events, {kind} / after 1,000", result.ratios["many"], 1.5))
