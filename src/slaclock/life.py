"""The life of one clock as it was lived: when it ran, when it was paused, when it was done.

A life is a log of phases under one pause rule. It depends on events alone, not on any target, so that every target,
today's or a draft's, can be laid over the same life. It is a value: what happens gives the life after it, which holds
on to the life before, so that going on costs the same however long a life has been.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slaclock.state import Phase, Signal, next_phase

__all__ = ["Entry", "Life", "Log", "Measured", "Stretch"]

# Read once: an enum's member costs more to read than the rest of a step.
_RUNNING, _PAUSED = Phase.RUNNING, Phase.PAUSED

# From, until, the phase in between, the key of the event that brought it, and why (empty: by the pause rule).
Stretch = tuple[int, int, Phase, str, str]
Entry = tuple[int, Phase, str, str]
# Phases alone, each since an instant.
Log = list[tuple[int, Phase]]
# The open time used, whether a target was missed, and when it was due.
Measured = tuple[int, bool, int | None]

# Most lives remember nothing; this one is never filled.
_NOTHING: dict[object, Measured] = {}


class Life:
    """Phases in order of time, each since an instant: (instant, phase, key of the causing event, why).

    It stands in `phase` since `since_us`; `why` names the hold that pauses it. Paused it may stay for other reasons.
    """

    __slots__ = ("_cause", "earlier", "memory", "phase", "since_us", "start_us", "why")

    def __init__(self, entry: Entry, earlier: Life | None = None) -> None:
        # Taken apart: of a long life, entries that are kept are as many more for Python's collector to look through.
        self.since_us, self.phase, self._cause, self.why = entry
        self.earlier = earlier
        self.memory: dict[object, Measured] = _NOTHING
        self.start_us: int = entry[0] if earlier is None else earlier.start_us

    @classmethod
    def of(cls, log: Sequence[Entry]) -> Life:
        """The life that has this log."""
        life = cls(log[0])
        for entry in log[1:]:
            life = cls(entry, life)
        return life

    def __reduce__(self) -> tuple[object, tuple[list[Entry]]]:
        # In a row: a long life is deeper than Python goes.
        return (Life.of, (self.log,))

    def since(self, us: int) -> Life:
        """The life before its last entry, from an instant on."""
        log = self.log[:-1]
        place = max(place for place, entry in enumerate(log) if entry[0] <= us)
        _, phase, cause, why = log[place]
        return Life.of([(us, phase, cause, why), *log[place + 1 :]])

    @property
    def log(self) -> list[Entry]:
        """All its entries, the first one first."""
        found: list[Entry] = []
        life: Life | None = self
        while life is not None:
            found.append((life.since_us, life.phase, life._cause, life.why))
            life = life.earlier
        found.reverse()
        return found

    @property
    def paused(self) -> bool:
        """Whether it stands still for now."""
        return self.phase is _PAUSED

    def after(self, us: int, signal: Signal, cause: str, why: str = "") -> Life:
        """The life after a signal, by the transition table: itself, where that does not change the phase."""
        then = next_phase(self.phase, signal)
        return self if then is self.phase else Life((us, then, cause, why), self)

    def pausing_by(self, us: int, cause: str, why: str) -> Life:
        """The life that stays paused, from an instant on for another reason; what it was in no time was none."""
        before = self.earlier if self.since_us == us else self
        return Life((us, _PAUSED, cause, why), before)

    def counting_done_time(self) -> Life:
        """The life that goes on as if it had run on since its last stop."""
        before = self.earlier
        assert before is not None, "only what began can have been stopped"
        return before if before.phase is _RUNNING else Life((self.since_us, _RUNNING, self._cause, self.why), before)

    def remember(self, key: object, measured: Measured) -> None:
        """Keep what was measured of the runs that have ended."""
        if not self.memory:
            self.memory = {}
        self.memory[key] = measured

    def spans(self, start_us: int, end_us: int) -> Iterator[tuple[int, int]]:
        """The spans in which it ran, clipped to `[start_us, end_us)`, empty ones left out."""
        for begin, end, phase, _, _ in self.stretches(start_us, end_us):
            if phase is _RUNNING:
                yield begin, end

    def stretches(self, start_us: int, end_us: int) -> Iterator[Stretch]:
        """All stretches of one phase that make up `[start_us, end_us)`, empty ones left out."""
        # Back to where the span begins, which may be near.
        found: list[Stretch] = []
        until_us, life = end_us, self
        while True:
            us = life.since_us
            begin, end = max(us, start_us), min(until_us, end_us)
            if begin < end:
                found.append((begin, end, life.phase, life._cause, life.why))
            if us <= start_us or life.earlier is None:
                break
            until_us, life = us, life.earlier
        return reversed(found)
