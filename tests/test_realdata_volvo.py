"""Volvo IT's incidents: every second of every incident is accounted for, and no way of replaying differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from realdata import volvo

pytestmark = pytest.mark.data


@pytest.fixture(scope="module", params=["always", "office"])
def figures(data: Path, request: pytest.FixtureRequest) -> volvo.Figures:
    return volvo.measure(data, request.param)


def test_every_incident_is_replayed(figures: volvo.Figures) -> None:
    assert (figures.incidents, figures.events) == (7_554, 65_533)
    assert figures.facts > 30_000


def test_every_law_holds_of_every_incident(figures: volvo.Figures) -> None:
    """Counted, paused, closed and done time add up to the wall span; shuffled events, a saved state half way, late
    events and a withdrawn one give the same."""
    assert figures.broken == []


def test_time_in_the_wait_statuses_is_pause_and_time_completed_is_done(figures: volvo.Figures) -> None:
    assert figures.otherwise_spent == []
    assert figures.paused_incidents == 3_362
