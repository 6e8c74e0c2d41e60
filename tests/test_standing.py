"""Where clocks stand, as a walk has it and as clocks have it that took the events."""

from __future__ import annotations

from helpers import changed, created, make_policy, on, replied, story, us
from slaclock.standing import Folded, Walked

POLICY = make_policy({"resolution": "4h", "next_response": "1h"})
LIFE = (
    created("mon 09:00", status="new"),
    replied("mon 09:30"),
    replied("mon 10:00", "customer"),
    replied("mon 10:30"),
    replied("mon 11:00", "customer"),
    changed("mon 12:00", status="solved"),
)


def standing() -> Walked:
    found = story(POLICY, *LIFE).at(on("mon 12:00"))._standing
    assert isinstance(found, Walked)
    return found


def test_promised_metrics_are_walked_and_others_are_asked_of_clocks() -> None:
    walked = standing()
    numbers = POLICY.numbers
    assert 2 == len(walked.cycles(numbers["next_response"]))
    assert walked.current(numbers["next_response"]).cause == ""
    assert walked.current(numbers["requester_wait"]).cause == LIFE[0].key
    assert walked.current(numbers["customer_wait"]) is None


def test_what_a_walk_does_not_know_comes_from_clocks() -> None:
    walked = standing()
    cycle = walked.current(POLICY.numbers["next_response"])
    told = walked.told(cycle)
    assert (cycle.number, LIFE[4].key) == (told.number, told.cause)
    assert [(us("mon 11:00"), "running"), (us("mon 12:00"), "cancelled")] == [entry[:2] for entry in told.lives[0].log]
    assert ("solved", []) == (walked.view["status"], walked.anomalies)


def test_clocks_that_were_folded_know_all() -> None:
    folded = story(POLICY, *LIFE)._folded(us("mon 12:00"))
    assert isinstance(folded, Folded)
    cycle = folded.current(POLICY.numbers["resolution"])
    assert folded.told(cycle) is cycle
    assert folded.ticket is None


def test_before_anything_happened_nothing_has_started() -> None:
    history = story(POLICY, *LIFE)
    assert all(reading.cycle == 0 for reading in history.at(on("mon 08:00")).values())
