"""The life of one clock as it was lived: when it ran, when it was paused, when it was done.

A life is a log of phases under one pause rule. It depends on events alone, not on any target, so that every target,
today's or a draft's, can be laid over the same life.
"""

from __future__ import annotations

from collections.abc import Iterator

from slaclock.state import Phase, Signal, next_phase

__all__ = ["Life", "Stretch"]

# Read once: an enum's member costs more to read than the rest of a step.
_RUNNING, _PAUSED = Phase.RUNNING, Phase.PAUSED

# From, until, the phase in between, the key of the event that brought it, and why (empty: by the pause rule).
Stretch = tuple[int, int, Phase, str, str]
Entry = tuple[int, Phase, str, str]


class Life:
    """A log of (instant, phase from then on, key of the causing event, why), in order of time."""

    __slots__ = ("log",)

    def __init__(self, log: list[Entry]) -> None:
        self.log = log

    def copy(self) -> Life:
        """A life that can go on by itself."""
        return Life(self.log.copy())

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return self.log[-1][1]

    @property
    def paused(self) -> bool:
        """Whether it stands still for now."""
        return self.log[-1][1] is _PAUSED

    @property
    def since_us(self) -> int:
        """Since when it stands there."""
        return self.log[-1][0]

    def send(self, us: int, signal: Signal, cause: str, why: str = "") -> bool:
        """Move by the transition table; whether that changed the phase."""
        phase = self.log[-1][1]
        after = next_phase(phase, signal)
        if after is phase:
            return False
        self.log.append((us, after, cause, why))
        return True

    def count_done_time(self) -> None:
        """Take back the last stop as if the clock had run on since."""
        us, _, cause, why = self.log.pop()
        if self.phase is not _RUNNING:
            self.log.append((us, _RUNNING, cause, why))

    def spans(self, start_us: int, end_us: int) -> Iterator[tuple[int, int]]:
        """The spans in which it ran, clipped to `[start_us, end_us)`, empty ones left out."""
        log = self.log
        for place, (us, phase, _, _) in enumerate(log):
            if phase is _RUNNING:
                until = log[place + 1][0] if place + 1 < len(log) else end_us
                begin = max(start_us, us)
                end = min(end_us, until)
                if begin < end:
                    yield begin, end

    def stretches(self, start_us: int, end_us: int) -> Iterator[Stretch]:
        """All stretches of one phase that make up `[start_us, end_us)`, empty ones left out."""
        log = self.log
        for place, (us, phase, cause, why) in enumerate(log):
            until = log[place + 1][0] if place + 1 < len(log) else end_us
            begin, end = max(us, start_us), min(until, end_us)
            if begin < end:
                yield begin, end, phase, cause, why
