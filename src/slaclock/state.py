"""The life of a clock: its phases, what moves it from one to another, and the one table that says how.

A clock here is one cycle of one metric: "first response", or the third wait for an answer. It knows nothing of
tickets, targets or time. Something outside reads events and sends *signals*; this table says what each signal does
in each phase. The rules behind it:

- A life begins once. A clock that has begun is RUNNING or PAUSED until something ends it; a START that comes while
  it lives changes nothing, so that a customer who asks twice does not get his answer later.
- PAUSE and RESUME say how things stand, not that they changed: pausing a paused clock changes nothing, and two
  pausing statuses in a row are one pause.
- STOP is the good end (what was promised has been done), CANCEL the other (it is no longer wanted). The first of
  them counts: resolved and then closed is one stop. A paused clock can be stopped without resuming.
- REOPEN takes back a stop, never a cancellation. What the time in between counts for is the policy's choice
  (`on_reopen`), not the table's.
- RESET ends this life and begins another at the same instant; in this table the old life is thereby cancelled.

Signals out of one event are sent in the order of `ORDER`: what ends comes before what begins, and pauses come last,
so that a reply and a "waiting for customer" in the same breath count as a reply first.

A pair that stands nowhere in the table would be a hole; there is none, and a test counts them. The drawing in
`docs/explanation/state-machine.md` is made from this table.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

__all__ = ["ORDER", "TRANSITIONS", "Phase", "Signal", "next_phase"]


class Phase(StrEnum):
    """Where the life of a clock stands."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


class Signal(StrEnum):
    """What can happen to the life of a clock."""

    CANCEL = "cancel"
    STOP = "stop"
    RESET = "reset"
    REOPEN = "reopen"
    START = "start"
    PAUSE = "pause"
    RESUME = "resume"


ORDER: Final = tuple(Signal)

_N, _R, _P, _S, _C = Phase

TRANSITIONS: Final[dict[Phase, dict[Signal, Phase]]] = {
    # A clock that never began can only begin. (What arrives paused starts, and is paused in the same instant.)
    _N: {
        Signal.CANCEL: _N,
        Signal.STOP: _N,
        Signal.RESET: _N,
        Signal.START: _R,
        Signal.REOPEN: _N,
        Signal.PAUSE: _N,
        Signal.RESUME: _N,
    },
    _R: {
        Signal.CANCEL: _C,
        Signal.STOP: _S,
        Signal.RESET: _C,
        Signal.START: _R,
        Signal.REOPEN: _R,
        Signal.PAUSE: _P,
        Signal.RESUME: _R,
    },
    _P: {
        Signal.CANCEL: _C,
        Signal.STOP: _S,
        Signal.RESET: _C,
        Signal.START: _P,
        Signal.REOPEN: _P,
        Signal.PAUSE: _P,
        Signal.RESUME: _R,
    },
    # Done is done: only reopening wakes it. A repeating metric's next START begins another cycle, another life.
    _S: {
        Signal.CANCEL: _S,
        Signal.STOP: _S,
        Signal.RESET: _S,
        Signal.START: _S,
        Signal.REOPEN: _R,
        Signal.PAUSE: _S,
        Signal.RESUME: _S,
    },
    _C: {
        Signal.CANCEL: _C,
        Signal.STOP: _C,
        Signal.RESET: _C,
        Signal.START: _C,
        Signal.REOPEN: _C,
        Signal.PAUSE: _C,
        Signal.RESUME: _C,
    },
}


def next_phase(phase: Phase, signal: Signal) -> Phase:
    """The phase after a signal.

    >>> next_phase(Phase.PAUSED, Signal.STOP)
    <Phase.STOPPED: 'stopped'>
    """
    return TRANSITIONS[phase][signal]
