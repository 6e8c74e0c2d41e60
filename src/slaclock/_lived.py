"""Cycles made in one go of what is known of their lives, for whoever walks a path that another ticket has led."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slaclock.cycle import Cycle
from slaclock.laid import Laid, Runs, lived, worked
from slaclock.life import Life, Log
from slaclock.state import Phase
from slaclock.target import NEVER_US, Plan
from slaclock.terms import Terms

__all__ = ["Lived"]

# Read once: an enum's member costs more to read than the rest of a step.
_STOPPED, _CANCELLED = Phase.STOPPED, Phase.CANCELLED
_NO_RUNS: Runs = ([], 0)


class Lived(Cycle):
    """A cycle made in one go of its lives and its targets, each in force since an instant: what living through it step
    by step comes to, where no target was carried on, restarted, or kept for having been missed. It is read only, and
    knows no causes."""

    __slots__ = ("_logs",)

    cause = ""
    exemption = None
    waived = None
    grants = ()
    fired: frozenset[tuple[str, str]] = frozenset()
    stopped_by_done = False
    next_us = NEVER_US

    def __init__(
        self, terms: Terms, number: int, logs: list[Log], plans: Sequence[Plan | None], since: Sequence[int]
    ) -> None:
        log = logs[0]
        last_us, phase = log[-1]
        self.terms, self.number, self.start_us, self._logs = terms, number, log[0][0], logs
        self.ended_us = last_us if phase is _STOPPED or phase is _CANCELLED else None
        if len(plans) == 1:
            # As `_layers` has it; without its loop a replay of one layer takes some 7 % less.
            plan = plans[0]
            if plan is None:
                self.laid = [None]
            else:
                log = logs[plan.life]
                self.laid = [lived(plan, since[0], log, worked(plan.calendar, log))]
        else:
            self.laid = list(self._layers(plans, since))

    def _layers(self, plans: Sequence[Plan | None], since: Sequence[int]) -> Iterator[Laid | None]:
        # They mostly promise on one calendar, and it is looked up once.
        calendar, life, runs = None, 0, _NO_RUNS
        for layer, plan in enumerate(plans):
            if plan is None:
                yield None
                continue
            log = self._logs[plan.life]
            if plan.calendar is not calendar or plan.life != life:
                calendar, life, runs = plan.calendar, plan.life, worked(plan.calendar, log)
            yield lived(plan, since[layer], log, runs)

    def __getstate__(self) -> tuple[None, dict[str, object]]:
        # What it says for all of its kind is no state.
        names = ("terms", "number", "start_us", "ended_us", "laid", "_logs")
        return None, {name: getattr(self, name) for name in names}

    @property
    def lives(self) -> list[Life]:  # type: ignore[override]
        """Its lives, without causes."""
        return [Life.of([(us, phase, "", "") for us, phase in log]) for log in self._logs]

    def phase(self, life: int) -> Phase:
        return self._logs[life][-1][1]
