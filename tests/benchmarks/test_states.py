"""Many open tickets: one new event for each, and the question when to wake up next."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import slaclock as sla
import test_costs
from benchmarks.race import Line, Runner, race

Tell = Callable[[Line], None]
EVENT = test_costs.TestAdvance.LAST


def test_a_new_event_and_the_next_wakeup(benchmark: Any, told: Tell) -> None:
    """Against replaying the ten events of a ticket; and of a ticket that has waited a hundred times against few."""
    policy = sla.load_policy(io.StringIO(test_costs.POLICY))

    def step(state: sla.State, event: sla.Event) -> object:
        after, _ = sla.advance(policy, state, event)
        return sla.snapshot(policy, after, event.at).next_wakeup

    def column(text: str, event: sla.Event) -> str:
        after, _ = sla.advance(policy, sla.load_state(json.loads(text)), event)
        assert sla.snapshot(policy, after, event.at).next_wakeup is not None
        return json.dumps(sla.dump_state(after))

    few, many = test_costs.lived(policy, 4), test_costs.lived(policy, 100)
    result = race(
        benchmark,
        Runner("replay", lambda policy, events: sla.replay(policy, events).facts, [(policy, test_costs.ticket())]),
        Runner("step", step, [(few, EVENT)]),
        Runner("long", step, [(many, EVENT)]),
        Runner("column", column, [(json.dumps(sla.dump_state(few)), EVENT)]),
    )
    told(Line("advance and next wake-up / replay of ten events with its facts", result.ratios["step"], 1))
    told(Line("the same from a JSON column and back / replay", result.ratios["column"]))
    told(Line("advance and next wake-up, 200 pauses behind / 8", result.ratios["long"] / result.ratios["step"], 1.5))
