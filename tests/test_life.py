"""The log of a life: what it ran, was paused, was done, and how a stop is taken back."""

from __future__ import annotations

import pytest

from slaclock.life import Life
from slaclock.state import Phase, Signal


def lived(*signals: tuple[int, Signal]) -> Life:
    """A life that began at 10."""
    life = Life((10, Phase.RUNNING, "c", ""))
    for us, signal in signals:
        life = life.after(us, signal, f"e{us}")
    return life


PAUSED_ONCE = lived((20, Signal.PAUSE), (30, Signal.RESUME), (50, Signal.STOP))


def test_a_signal_that_changes_nothing_leaves_no_entry() -> None:
    life = lived()
    assert life is life.after(20, Signal.RESUME, "e")
    paused = life.after(20, Signal.PAUSE, "e", "held: move")
    assert paused is paused.after(30, Signal.PAUSE, "f", "another reason")
    assert [(10, Phase.RUNNING, "c", ""), (20, Phase.PAUSED, "e", "held: move")] == paused.log


def test_a_life_of_a_log_has_that_log() -> None:
    again = Life.of(PAUSED_ONCE.log)
    assert (PAUSED_ONCE.log, 10) == (again.log, again.start_us)


def test_it_knows_where_it_stands_and_since_when() -> None:
    assert (Phase.STOPPED, 50) == (PAUSED_ONCE.phase, PAUSED_ONCE.since_us)


def test_a_life_is_a_value_from_which_several_can_go_on() -> None:
    life = lived()
    one, two = life.after(20, Signal.STOP, "e"), life.after(30, Signal.PAUSE, "f")
    assert (Phase.RUNNING, Phase.STOPPED, Phase.PAUSED) == (life.phase, one.phase, two.phase)


def test_what_is_remembered_is_known_to_this_life_and_no_other() -> None:
    life = lived()
    life.remember("key", (5, False, None))
    assert [{"key": (5, False, None)}, {}, {}] == [
        each.memory for each in (life, life.after(20, Signal.STOP, "e"), lived())
    ]


@pytest.mark.parametrize(("start", "end", "spans"), [
    (10, 99, [(10, 20), (30, 50)]),
    (15, 40, [(15, 20), (30, 40)]),
    (20, 30, []),
    (10, 10, []),
    (0, 12, [(10, 12)]),
])  # fmt: skip
def test_spans_are_those_in_which_it_ran_clipped(start: int, end: int, spans: list[tuple[int, int]]) -> None:
    assert spans == list(PAUSED_ONCE.spans(start, end))


def test_the_last_run_has_no_end_but_that_of_the_question() -> None:
    assert [(10, 99)] == list(lived().spans(0, 99))


def test_a_run_of_no_length_is_none() -> None:
    assert [] == list(lived((10, Signal.PAUSE)).spans(0, 99))


def test_stretches_cover_the_span_without_gap_or_overlap() -> None:
    assert [
        (10, 20, Phase.RUNNING, "c", ""),
        (20, 30, Phase.PAUSED, "e20", ""),
        (30, 50, Phase.RUNNING, "e30", ""),
        (50, 60, Phase.STOPPED, "e50", ""),
    ] == list(PAUSED_ONCE.stretches(10, 60))


def test_stretches_are_clipped_and_empty_ones_left_out() -> None:
    life = lived((20, Signal.PAUSE), (20, Signal.STOP))
    assert [(15, 20, Phase.RUNNING, "c", ""), (20, 25, Phase.STOPPED, "e20", "")] == list(life.stretches(15, 25))


def test_done_time_counts_as_if_a_running_clock_had_run_on() -> None:
    life = lived((20, Signal.STOP)).counting_done_time()
    assert [(10, 99)] == list(life.spans(0, 99))


def test_done_time_counts_where_the_clock_was_stopped_while_paused_from_the_stop_on() -> None:
    life = lived((20, Signal.PAUSE), (30, Signal.STOP)).counting_done_time()
    assert [(10, 20), (30, 99)] == list(life.spans(0, 99))
    assert (Phase.RUNNING, "e30") == life.log[-1][1:3]
