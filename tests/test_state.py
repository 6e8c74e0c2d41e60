"""The life of a clock: the table has an answer to everything, and the answers are those of its prose."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock.state import ORDER, TRANSITIONS, Phase, Signal, next_phase

ALIVE = (Phase.RUNNING, Phase.PAUSED)
OVER = (Phase.STOPPED, Phase.CANCELLED)


def test_the_table_is_total_and_has_nothing_else() -> None:
    assert set(Phase) == set(TRANSITIONS)
    for row in TRANSITIONS.values():
        assert set(Signal) == set(row)
        assert set(row.values()) <= set(Phase)


def test_five_phases_and_seven_signals_make_thirty_five_cells() -> None:
    assert 35 == sum(len(row) for row in TRANSITIONS.values())


def test_what_ends_is_sent_before_what_begins_and_pauses_come_last() -> None:
    assert ["cancel", "stop", "reset", "reopen", "start", "pause", "resume"] == [str(signal) for signal in ORDER]


@pytest.mark.parametrize("signal", [signal for signal in Signal if signal is not Signal.START])
def test_only_a_start_begins_a_life(signal: Signal) -> None:
    assert next_phase(Phase.NOT_STARTED, signal) is Phase.NOT_STARTED
    assert next_phase(Phase.NOT_STARTED, Signal.START) is Phase.RUNNING


@pytest.mark.parametrize("phase", ALIVE)
def test_a_start_changes_nothing_while_the_clock_lives(phase: Phase) -> None:
    assert next_phase(phase, Signal.START) is phase


@pytest.mark.parametrize("phase", ALIVE)
def test_pause_and_resume_say_how_things_stand(phase: Phase) -> None:
    assert next_phase(phase, Signal.PAUSE) is Phase.PAUSED
    assert next_phase(phase, Signal.RESUME) is Phase.RUNNING


@pytest.mark.parametrize("phase", ALIVE)
def test_a_paused_clock_ends_as_a_running_one_does(phase: Phase) -> None:
    assert next_phase(phase, Signal.STOP) is Phase.STOPPED
    assert next_phase(phase, Signal.CANCEL) is Phase.CANCELLED
    assert next_phase(phase, Signal.RESET) is Phase.CANCELLED


@pytest.mark.parametrize("phase", OVER)
@pytest.mark.parametrize("signal", [Signal.STOP, Signal.CANCEL, Signal.RESET])
def test_the_first_end_counts(phase: Phase, signal: Signal) -> None:
    assert next_phase(phase, signal) is phase


def test_reopening_takes_back_a_stop_and_never_a_cancellation() -> None:
    assert next_phase(Phase.STOPPED, Signal.REOPEN) is Phase.RUNNING
    assert next_phase(Phase.CANCELLED, Signal.REOPEN) is Phase.CANCELLED


@pytest.mark.parametrize("phase", [Phase.NOT_STARTED, *ALIVE])
def test_reopening_what_is_not_done_changes_nothing(phase: Phase) -> None:
    assert next_phase(phase, Signal.REOPEN) is phase


@given(st.sampled_from(Phase), st.sampled_from(Signal))
def test_a_signal_sent_twice_is_a_signal_sent_once(phase: Phase, signal: Signal) -> None:
    once = next_phase(phase, signal)
    # Reopened and started clocks run; everything else stays where it is put.
    assert next_phase(once, signal) is once


@given(st.lists(st.sampled_from(Signal)))
def test_a_cancelled_clock_stays_cancelled(signals: list[Signal]) -> None:
    phase = Phase.CANCELLED
    for signal in signals:
        phase = next_phase(phase, signal)
    assert phase is Phase.CANCELLED


@given(st.lists(st.sampled_from(Signal)))
def test_no_clock_goes_back_to_not_started(signals: list[Signal]) -> None:
    phase = next_phase(Phase.NOT_STARTED, Signal.START)
    for signal in signals:
        phase = next_phase(phase, signal)
        assert phase is not Phase.NOT_STARTED
