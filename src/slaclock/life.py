"""The life of one clock as it was lived: when it ran, when it was paused, when it was done.

A life is a log of phases under one pause rule. It depends on events alone, not on any target, so that every target,
today's or a draft's, can be laid over the same life. It is a value: what happens gives the life after it, which holds
on to the life before, so that going on costs the same however long a life has been.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from slaclock.state import Phase, Signal, next_phase

if TYPE_CHECKING:
    from slaclock.calendar import WorkingCalendar

__all__ = ["Entry", "Life", "Stretch"]

# Read once: an enum's member costs more to read than the rest of a step.
_RUNNING, _PAUSED = Phase.RUNNING, Phase.PAUSED

# From, until, the phase in between, the key of the event that brought it, and why (empty: by the pause rule).
Stretch = tuple[int, int, Phase, str, str]
Entry = tuple[int, Phase, str, str]


class Life:
    """Phases in order of time, each since an instant: (instant, phase, key of the causing event, why)."""

    __slots__ = ("_earlier", "_entry", "_worked", "start_us")

    def __init__(self, entry: Entry, earlier: Life | None = None) -> None:
        self._entry = entry
        self._earlier = earlier
        self._worked: dict[int, int] | None = None
        self.start_us: int = entry[0] if earlier is None else earlier.start_us

    @classmethod
    def of(cls, log: Sequence[Entry]) -> Life:
        """The life that has this log."""
        life = cls(log[0])
        for entry in log[1:]:
            life = cls(entry, life)
        return life

    @property
    def log(self) -> list[Entry]:
        """All its entries, the first one first."""
        found = [self._entry]
        life = self._earlier
        while life is not None:
            found.append(life._entry)
            life = life._earlier
        found.reverse()
        return found

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return self._entry[1]

    @property
    def paused(self) -> bool:
        """Whether it stands still for now."""
        return self._entry[1] is _PAUSED

    @property
    def since_us(self) -> int:
        """Since when it stands there."""
        return self._entry[0]

    def after(self, us: int, signal: Signal, cause: str, why: str = "") -> Life:
        """The life after a signal, by the transition table: itself, where that does not change the phase."""
        phase = self._entry[1]
        then = next_phase(phase, signal)
        return self if then is phase else Life((us, then, cause, why), self)

    def counting_done_time(self) -> Life:
        """The life that goes on as if it had run on since its last stop."""
        us, _, cause, why = self._entry
        before = self._earlier
        assert before is not None, "only what began can have been stopped"
        return before if before.phase is _RUNNING else Life((us, _RUNNING, cause, why), before)

    def worked(self, calendar: WorkingCalendar) -> int:
        """The open microseconds of all its runs that have ended. Kept, so that asking again later costs what is new."""
        key = id(calendar)
        # Back to where it is known, and on again from there.
        later: list[Life] = []
        life: Life | None = self
        while life is not None and (life._worked is None or key not in life._worked):
            later.append(life)
            life = life._earlier
        total = 0 if life is None or life._worked is None else life._worked[key]
        for after in reversed(later):
            if life is not None and life._entry[1] is _RUNNING:
                total += calendar.between_us(life._entry[0], after._entry[0])
            life = after
        if self._worked is None:
            self._worked = {}
        self._worked[key] = total
        return total

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
