"""The cycles of a metric together: last, longest, worst, total."""

from __future__ import annotations

from helpers import changed, created, hours, make_policy, minutes, on, replied, story
from slaclock.cycles import Cycles
from slaclock.events import Event


def asked(*times: tuple[str, str]) -> list[Event]:
    """A ticket whose customer asks again, and is answered, at these times of Monday."""
    events: list[Event] = [created("mon 08:00"), replied("mon 08:30")]
    for question, answer in times:
        events += [replied(f"mon {question}", "customer"), replied(f"mon {answer}")]
    return events


EXCHANGES = asked(("09:00", "09:20"), ("10:00", "13:00"), ("14:00", "15:30"), ("16:00", "16:10"))


def cycles(policy_within: object, events: list[Event], metric: str = "next_response") -> Cycles:
    policy = make_policy({"next_response": policy_within, "first_response": "4h"})
    return story(policy, *events).at(on("mon 20:00")).cycles(metric)


def test_last_longest_worst_and_total() -> None:
    found = cycles("1h", EXCHANGES)
    assert [1, 2, 3, 4] == [reading.cycle for reading in found]
    assert (found.last, found.longest, found.worst) == (found[3], found[1], found[1])
    assert found.total_us == hours(5)
    assert found.total is not None
    assert found.total.total_hours() == 5


def test_the_worst_is_the_one_missed_by_most_and_not_the_longest() -> None:
    """A target by priority: an hour and a half were too long for `high`, three hours for `low` were not."""
    rule = {
        "name": "by",
        "by": "priority",
        "targets": {"next_response": {"high": "1h", "low": "4h"}},
    }
    events = [
        created("mon 08:00", priority="low"),
        replied("mon 08:30"),
        replied("mon 10:00", "customer"),
        replied("mon 13:00"),
        changed("mon 13:30", priority="high"),
        replied("mon 14:00", "customer"),
        replied("mon 15:30"),
    ]
    found = story(make_policy(None, rule), *events).at(on("mon 20:00")).cycles("next_response")
    assert (found[0], found[1]) == (found.longest, found.worst)


def test_of_those_that_were_kept_the_worst_used_up_most() -> None:
    found = cycles("4h", EXCHANGES)
    assert found.worst is found[1]
    assert not found[1].is_breached


def test_missed_by_nothing_is_worse_than_kept() -> None:
    """Used up at closing and answered in the evening: late, and by no working time."""
    events = asked(("09:00", "16:00"), ("16:00", "19:00"))
    policy = make_policy({"next_response": {"within": "1h", "calendar": "office"}}, defaults={"calendar": "office"})
    found = story(policy, *asked(("16:00", "19:00"), ("19:30", "19:40"))).at(on("mon 20:00")).cycles("next_response")
    assert (hours(0), True) == (found[0].overdue_by_us, found[0].is_breached)
    assert found.worst is found[0]
    assert cycles("8h", events).worst is not None


def test_without_a_target_nothing_is_measured() -> None:
    found = story(make_policy({"first_response": "4h"}), *EXCHANGES).at(on("mon 20:00")).cycles("next_response")
    assert 4 == len(found)
    assert (found.total, found.total_us) == (None, None)
    assert (found.longest, found.worst) == (found[0], found[0])


def test_where_none_has_started_there_is_nothing() -> None:
    found = cycles("1h", [created("mon 08:00")])
    assert () == found
    assert (None, None, None, None) == (found.last, found.longest, found.worst, found.total)


def test_it_is_a_tuple_of_readings() -> None:
    found = cycles("1h", EXCHANGES)
    assert isinstance(found, tuple)
    assert found == tuple(found)
    assert minutes(20) == found[0].elapsed_us
