"""The shape of saved states: what is read must be what somebody could have written."""

from __future__ import annotations

from typing import Any

import pytest

from helpers import changed, created, make_policy, on, story
from slaclock import Changed, StateError, advance, dump_state, load_state
from slaclock._instants import MAX_US, MIN_US
from slaclock._saved_shape import VERSION, read_saved, span_of

POLICY = make_policy({"resolution": "4h"}, defaults={"on_reopen": "include"})


def saved() -> dict[str, Any]:
    return dump_state(story(POLICY, created(), changed("mon 10:00", status="solved")).state)


def test_what_was_read_is_what_was_written_and_another_object() -> None:
    data = saved()
    assert data == read_saved(data)
    assert data["cycles"] is not read_saved(data)["cycles"]


def test_a_span_may_go_on_for_ever() -> None:
    assert (0, 1) == span_of(0, 1)
    assert (MIN_US, 0) == span_of(None, 0)
    assert (0, MAX_US) == span_of(0, None)


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_every_version_has_a_shape(version: int) -> None:
    with pytest.raises(
        StateError, match=r"^state: root: found \{'slaclock_state': \d\}, expected a mapping with the keys"
    ):
        read_saved({"slaclock_state": version})


@pytest.mark.parametrize("phase", ["not_started", "stopped", "cancelled"])
def test_a_life_begins_alive(phase: str) -> None:
    """What never began cannot be reopened either."""
    data = saved()
    data["cycles"]["resolution"][0]["lives"] = [[[data["cycles"]["resolution"][0]["start_us"], phase, "x", ""]]]
    with pytest.raises(StateError, match=rf"lives\[0\]\[0\]\[1\]: found `{phase}`, expected one of running, paused; "):
        load_state(data)
    again = Changed(at=on("mon 11:00"), fields={"status": "open"})
    assert advance(POLICY, load_state(saved()), again)[1]


def test_what_is_done_was_stopped() -> None:
    """So that reopening can take the stop back."""
    data = saved()
    data["cycles"]["resolution"][0]["lives"][0].pop()
    with pytest.raises(
        StateError, match=r"resolution\[0\].lives\[0\]: found .*, expected a life that was stopped, as the"
    ):
        load_state(data)
