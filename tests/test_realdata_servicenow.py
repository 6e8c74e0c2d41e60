"""ServiceNow's incidents: a calendar and two amounts explain what its clocks said."""

from __future__ import annotations

from pathlib import Path

import pytest

from realdata import servicenow
from realdata.servicenow import measure
from slaclock.eventfile import read_events
from slaclock.history import replay_all
from slaclock.policyfile import load_policy

EXPECTED = {"Moderate": 0.9993, "Low": 1.0}


# The first one, as it is the longest: a worker that comes to its last test is given another file to wait for it.
def test_every_law_holds_of_every_update(data: Path) -> None:
    """Of all incidents with all their updates: time adds up, and shuffled, saved, late and withdrawn events give the
    same."""
    incidents, events, broken = servicenow.broken_laws(data)
    assert (incidents, events, broken) == (9_202, 68_556, [])


def test_the_shipped_sample_comes_out_completely() -> None:
    policy = load_policy(servicenow.EXAMPLE / "policy.yaml")
    file = read_events(servicenow.EXAMPLE / "events.csv", need_ticket=True)
    histories = replay_all(policy, file.events)
    assert len(histories) == 180
    assert [
        ticket
        for ticket, history in histories.items()
        if history.at(history.events[-1].at)["resolution"].verdict != file.expected[ticket]["resolution"].verdict
    ] == []


@pytest.fixture(scope="module")
def figures(data: Path) -> servicenow.Figures:
    return servicenow.measured(data)


def test_the_log_has_as_many_incidents_of_the_two_priorities(figures: servicenow.Figures) -> None:
    assert figures.cases == {"Moderate": 8_581, "Low": 384}


@pytest.mark.parametrize("priority", measure.JUDGED)
def test_the_verdicts_come_out(figures: servicenow.Figures, priority: str) -> None:
    assert figures.share(priority) >= EXPECTED[priority]


def test_those_that_do_not_come_out_are_few_and_known(figures: servicenow.Figures) -> None:
    assert figures.others == [
        "INC0001006", "INC0003451", "INC0003815", "INC0008249", "INC0008485", "INC0012198",
    ]  # fmt: skip


def test_an_hour_more_or_less_a_day_explains_less(data: Path, figures: servicenow.Figures) -> None:
    lives = measure.lives_of(measure.read_incidents(data))["Moderate"]
    misses = {
        hours: measure.fewest_misses(measure.sla.WorkingCalendar(hours={"mon-fri": hours}), lives)
        for hours in ("13:00-23:00", "14:00-22:00", "14:00-23:00", "15:00-23:00", "08:00-18:00", "all day")
    }
    assert min(misses, key=lambda hours: misses[hours]) == "14:00-23:00"
    assert misses["14:00-23:00"] == len(figures.others)


def test_the_shipped_sample_is_what_the_script_makes_of_the_log(data: Path) -> None:
    shipped = (servicenow.EXAMPLE / "events.csv").read_text(encoding="utf-8")
    assert servicenow.sample_text(data, 50) == shipped
