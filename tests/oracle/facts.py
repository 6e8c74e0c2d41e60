"""What becomes of clocks: the facts of events as they are taken, and between them what time alone makes."""

from __future__ import annotations

from collections.abc import Iterator

from oracle.cycles import Cycle, Laid
from oracle.figures import Oracle
from oracle.life import Told

# A warning or a breach that may be told: when, a breach after the warnings, the number of its layer, and which.
Coming = tuple[float, bool, int, Laid, tuple[object, ...]]
BREACH: tuple[object, ...] = ("breach",)


class Chronicle(Oracle):
    """All clocks of one ticket with the facts up to a tick.

    Each time that an event comes, the ticks since the last one are walked: a warning is told at the first of them at
    which so much has been counted while the clock ran, a breach at the one at which it was due. What an event itself
    puts behind is told at the event.
    """

    def facts(self) -> list[Told]:
        return self.told

    def pass_time(self, until: int, *, asked: bool = False) -> None:
        """Tell what comes before the events of a tick, or when asked about a tick, what is there by then."""
        for cycles in self.cycles.values():
            for cycle in cycles[-1:]:
                if cycle.active and cycle.waived is None:
                    self.live(cycle, until, asked=asked)
        self.last = until

    def live(self, cycle: Cycle, until: int, *, asked: bool) -> None:
        found: list[Coming] = []
        for place, laid in enumerate(self.all_laid(cycle, until)):
            if laid.candidate in self.counted_of(cycle) and laid.phase == "running":
                found += self.coming(laid, until, place)
        for date, breach, _, laid, what in sorted(found, key=lambda coming: coming[:3]):
            # At its own tick a warning is there for who asks, and a breach is not: who ends it now was in time.
            there = date < until or (asked and not breach and date == until)
            if there and self.news(cycle, laid, what):
                self.tell_of(cycle, laid, what, date, "time", overtaken=False)

    def coming(self, laid: Laid, until: int, place: int) -> Iterator[Coming]:
        """When each warning was reached in the run that lasts until a tick, and when it was due in it."""
        begin = self.run_begins(laid, until)
        for warning in laid.candidate.promise.warn:
            date = self.reached(laid, warning, begin, until)
            if date is not None:
                yield date, False, place, laid, warning
        if laid.due is not None and self.last <= laid.due < until and laid.candidate.stuck is None:
            yield laid.due, True, place, laid, BREACH

    def run_begins(self, laid: Laid, until: int) -> int:
        begin = until
        while begin - 1 in laid.course and laid.course[begin - 1][1]:
            begin -= 1
        return max(begin, laid.candidate.pieces[-1][0])

    def reached(self, laid: Laid, warning: tuple, begin: int, until: int) -> float | None:
        """The first tick (or half a one) of the run at which so much had been counted."""
        twice = self.twice_wanted(laid, warning)
        if twice is None:
            return None
        counts = {tick: counted for tick, (counted, _) in laid.course.items()} | {until: laid.counted}
        for tick in range(begin, until + 1):
            if 2 * counts[tick] >= twice:
                odd = tick > begin and 2 * counts[tick] == twice + 1
                return tick - 0.5 if odd else tick
        return None

    def twice_wanted(self, laid: Laid, warning: tuple) -> int | None:
        kind, *ticks = warning
        if kind == "after":
            return 2 * ticks[0]
        if laid.total is None:
            return None
        return laid.total if kind == "half" else 2 * max(0, laid.total - ticks[0])

    # Telling, once.

    def news(self, cycle: Cycle, laid: Laid, what: tuple) -> bool:
        """Whether it has not been told of; equal promises of two layers are one."""
        about = (self.sketch.value(cycle.metric, laid.candidate.promise), cycle.extra, what)
        if about in cycle.fired:
            return False
        cycle.fired.add(about)
        return True

    def tell_of(self, cycle: Cycle, laid: Laid, what: tuple, date: float, cause: str, *, overtaken: bool) -> None:
        kind, warning = ("breached", None) if what == BREACH else ("warned", what)
        self.told.append(Told(kind, date, cycle.metric, cycle.number, cause, laid.layer, warning, overtaken))

    def catch_up(self, cycle: Cycle, now: int, cause: str | None) -> None:
        """Tell at an event what it has put behind: warnings, then the breach. Without a cause it is known already."""
        if cycle.waived is not None:
            return
        for laid in self.all_laid(cycle, now):
            if laid.candidate not in self.counted_of(cycle):
                continue
            running = laid.phase == "running"
            begin = self.run_begins(laid, now)
            behind = []
            for warning in laid.candidate.promise.warn:
                twice = self.twice_wanted(laid, warning)
                if twice is None or 2 * laid.counted < twice:
                    continue
                # What is reached at this very tick of a run is told by time, if the run goes on.
                if 2 * laid.counted > twice or not running or self.reached(laid, warning, begin, now) < now:
                    behind.append((twice, warning))
            for _, warning in sorted(behind, key=lambda pair: pair[0]):
                if self.news(cycle, laid, warning) and cause is not None:
                    self.tell_of(cycle, laid, warning, now, cause, overtaken=True)
            if laid.missed and laid.candidate.stuck is None and self.news(cycle, laid, BREACH) and cause is not None:
                self.tell_of(cycle, laid, BREACH, now, cause, overtaken=False)
