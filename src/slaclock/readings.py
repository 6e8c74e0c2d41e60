"""What is true of one clock at one instant.

A reading changes nothing: asked twice, or in another order, it says the same. Its figures are integers inside
(`*_us`, microseconds); the pendulum objects are built when they are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from slaclock._instants import DateTime, Duration, from_us, iso_us, to_duration
from slaclock._once import once
from slaclock.candidate import Candidate, Verdict, candidate_of, iso, known, long, verdict_of, when
from slaclock.conditions import View
from slaclock.cycle import Cycle
from slaclock.exceptions import Effect, ExceptionEntry
from slaclock.laid import Laid
from slaclock.metric import Kind
from slaclock.state import Phase
from slaclock.target import NEVER_US, Plan, Target
from slaclock.terms import Terms

if TYPE_CHECKING:
    from slaclock.decisions import Decision
    from slaclock.events import Event
    from slaclock.ledger import Ledger

__all__ = ["Candidate", "Reading", "Verdict"]

# Read once, and not at each question.
_BREACHED = Verdict.BREACHED


class Reading:
    """One cycle of one metric's clock, read at one instant.

    The figures in working time are those of the binding candidate, on its calendar; None where there is no target.
    None of them is negative.
    """

    def __init__(
        self, terms: Terms, cycle: Cycle | None, view: View, at_us: int, told: Callable[[Cycle], Cycle] | None = None
    ) -> None:
        self._terms = terms
        self._cycle = cycle
        # Where the cycle knows no causes, this gives one that does.
        self._told = told
        self.at_us = self._us = at_us
        if cycle is None:
            # A clock that has not started is read as if it started now, as far as that makes sense.
            self._laid = Cycle(terms, 0, at_us, "").found(view)
        else:
            self._laid = cycle
            if at_us < cycle.start_us:
                # A cycle of a cadence may be yet to begin: its figures are those of its beginning.
                self._us = cycle.start_us
        self._binding = self._laid.binding(self._us)

    @property
    def metric(self) -> str:
        """The name of the metric."""
        return self._terms.metric.name

    @property
    def kind(self) -> Kind:
        """To whom the promise was made: customers (SLA), another team (OLA), or by a supplier (underpinning)."""
        return self._terms.metric.kind

    @property
    def zone(self) -> tzinfo:
        """The time zone of its instants."""
        return self._terms.zone

    # Where its life stands.

    @property
    def at(self) -> DateTime:
        """The instant of the reading."""
        return from_us(self.at_us, self.zone)

    @property
    def cycle(self) -> int:
        """The number of the cycle, from 1; 0 where none has started."""
        return 0 if self._cycle is None else self._cycle.number

    @once
    def phase(self) -> Phase:
        """Where its life stands, under the pause rule of the binding target."""
        if self._cycle is None:
            return Phase.NOT_STARTED
        return self._phase_of(self._binding)

    def _phase_of(self, laid: Laid | None) -> Phase:
        if self._cycle is None:
            return Phase.NOT_STARTED
        return self._cycle.phase(0 if laid is None else laid.plan.life)

    @property
    def is_active(self) -> bool:
        """Whether it has started and not ended."""
        return self.phase in (Phase.RUNNING, Phase.PAUSED)

    @property
    def is_paused(self) -> bool:
        """Whether it is paused; being outside hours is no pause."""
        return self.phase is Phase.PAUSED

    @once
    def within_hours(self) -> bool | None:
        """Whether the binding target's calendar is open now; None without a target, and before the start."""
        if self._binding is None or self._cycle is None:
            return None
        return self._binding.plan.calendar.is_open_us(self.at_us)

    @property
    def started_at(self) -> DateTime | None:
        """When it started."""
        return when(self.started_us, self.zone)

    @property
    def started_us(self) -> int | None:
        return None if self._cycle is None else self._cycle.start_us

    @property
    def fulfilled_at(self) -> DateTime | None:
        """When it was stopped; None while it lives, and where it was cancelled."""
        return when(self.fulfilled_us, self.zone)

    @property
    def fulfilled_us(self) -> int | None:
        return None if self._cycle is None or self.phase is not Phase.STOPPED else self._cycle.ended_us

    # What the target says.

    @once
    def verdict(self) -> Verdict:
        """What the targets say: of the metric, so that it is breached at the first candidate's breach."""
        if self._cycle is not None and self._cycle.waived is not None:
            return Verdict.WAIVED
        return self._judge(self._laid, self._binding)

    @once
    def raw_verdict(self) -> Verdict:
        """What the verdict would be without extensions, waivers and exceptions."""
        return self._judge(self._raw, self._raw.binding(self._us))

    def _judge(self, cycle: Cycle, binding: Laid | None) -> Verdict:
        if binding is None:
            return Verdict.NO_TARGET
        if self._cycle is None:
            return Verdict.PENDING
        us = self._us
        for laid in cycle.judged():
            if laid.missed(us):
                return _BREACHED
        return verdict_of(binding, self._cycle.phase(binding.plan.life), us)

    @once
    def _raw(self) -> Cycle:
        return self._laid.unrelieved(self._us) if self._cycle is not None and self._cycle.is_relieved else self._laid

    @property
    def is_breached(self) -> bool:
        """Whether the verdict is BREACHED."""
        return self.verdict is Verdict.BREACHED

    @property
    def due_at(self) -> DateTime | None:
        """When it is due. None without a target, for best effort, and while paused in time; once breached, stopped or
        cancelled, the deadline as it stood."""
        return when(self.due_us, self._terms.zone)

    @property
    def due_us(self) -> int | None:
        binding = self._binding
        return None if binding is None or self._cycle is None else known(binding.due_us)

    @property
    def due_if_resumed(self) -> DateTime | None:
        """The earliest instant at which it would be due if it resumed now; while it runs, when it is due."""
        return when(self.due_if_resumed_us, self.zone)

    @once
    def due_if_resumed_us(self) -> int | None:
        if self._binding is None or self._cycle is None:
            return None
        return known(self._binding.if_resumed(self._us))

    @property
    def raw_due_at(self) -> DateTime | None:
        """When it would be due without extensions and exceptions."""
        return when(self.raw_due_us, self.zone)

    @once
    def raw_due_us(self) -> int | None:
        binding = self._raw.binding(self._us)
        return None if binding is None or self._cycle is None else known(binding.due_us)

    @property
    def breached_at(self) -> DateTime | None:
        """When it was breached: at the due instant, or at the event that put the due instant behind."""
        return when(self.breached_us, self.zone)

    @once
    def breached_us(self) -> int | None:
        if self._cycle is None:
            return None
        first, waived = None, self._cycle.waived
        for laid in self._cycle.judged():
            us, due = laid.missed_at(self._us), laid.due_us
            # What would have been missed after a waiver was no breach.
            if us is None or due is None or (waived is not None and (due >= waived[0] or us > waived[0])):
                continue
            if first is None or us < first:
                first = us
        return first

    # How much.

    @property
    def elapsed(self) -> Duration | None:
        """The working time counted, as a pendulum Duration."""
        return long(self.elapsed_us)

    @once
    def elapsed_us(self) -> int | None:
        if self._binding is None:
            return None
        return 0 if self._cycle is None else self._binding.elapsed(self._us)

    @property
    def remaining(self) -> Duration | None:
        """The working time left; None for best effort."""
        return long(self.remaining_us)

    @once
    def remaining_us(self) -> int | None:
        if self._binding is None or self._binding.total_us is None or self.elapsed_us is None:
            return None
        return max(0, self._binding.total_us - self.elapsed_us)

    @property
    def overdue_by(self) -> Duration | None:
        """The working time by which the binding target was exceeded; zero where it was not."""
        return long(self.overdue_by_us)

    @once
    def overdue_by_us(self) -> int | None:
        if self._binding is None or self.elapsed_us is None:
            return None
        if self._binding.total_us is None or not self._binding.missed(self._us):
            return 0
        return max(0, self.elapsed_us - self._binding.total_us)

    @property
    def paused_for(self) -> Duration | None:
        """The working time that pauses have cost."""
        return long(self.paused_for_us)

    @once
    def paused_for_us(self) -> int | None:
        if self._binding is None:
            return None
        return sum(
            plan.calendar.between_us(start, end)
            for plan, start, end, phase in self._stretches
            if phase is Phase.PAUSED and plan is not None
        )

    @property
    def wall_elapsed(self) -> Duration:
        """The time that it ran by the wall clock, hours or not."""
        return to_duration(self.wall_elapsed_us)

    @once
    def wall_elapsed_us(self) -> int:
        return sum(end - start for _, start, end, phase in self._stretches if phase is Phase.RUNNING)

    @property
    def _stretches(self) -> Iterator[tuple[Plan | None, int, int, Phase]]:
        """The stretches of its phases, each with the plan that measures it."""
        cycle, binding = self._cycle, self._binding
        if cycle is None:
            return
        end_us = self.at_us if cycle.ended_us is None else cycle.ended_us
        # What a change of target that started afresh has left behind is no part of the figures; what was carried on is,
        # by the calendar and the pause rule of its time.
        parts = [(None, cycle.start_us, end_us)] if binding is None else binding.parts(binding.begins_us, end_us)
        for plan, begin, until in parts:
            life = cycle.lives[0 if plan is None else plan.life]
            for start, end, phase, *_ in life.stretches(begin, until):
                yield plan, start, end, phase

    @once
    def fraction(self) -> Fraction | None:
        """The share of the target used up, exactly; None where the target grants no measurable time."""
        if self._binding is None or not self._binding.total_us or self.elapsed_us is None:
            return None
        return Fraction(self.elapsed_us, self._binding.total_us)

    # Exceptions.

    @once
    def exceptions(self) -> tuple[ExceptionEntry, ...]:
        """The entries of the exceptions register that have touched the cycle, or for which its due instant accounts."""
        cycle, relief = self._cycle, self._terms.relief
        if cycle is None or relief is None:
            return ()
        binding = self._binding
        due_us = None if binding is None or cycle.ended_us is not None else known(binding.due_us)
        found = set(cycle.touched_by(self.at_us, self.at_us if due_us is None else due_us))
        if binding is not None and binding.plan.extended_by is not None:
            found.add(binding.plan.extended_by)
        return tuple(relief.entries[number] for number in sorted(found))

    @property
    def excluded_by(self) -> tuple[str, ...]:
        """The names of the exceptions that mark the cycle as one that should not count."""
        return tuple(entry.name for entry in self.exceptions if entry.effect is Effect.EXCLUDE)

    # By whom, and why.

    @once
    def candidates(self) -> tuple[Candidate, ...]:
        """Each layer's target, from the most general layer to the most specific."""
        return tuple(self._candidate(laid) for laid in self._laid.candidates())

    @once
    def binding(self) -> Candidate | None:
        """The candidate that binds; None without a target."""
        return None if self._binding is None else self._candidate(self._binding)

    @property
    def target(self) -> Target | None:
        """The target of the binding candidate."""
        return None if self.binding is None else self.binding.target

    def _candidate(self, laid: Laid) -> Candidate:
        among = list(self._laid.candidates())
        found = candidate_of(laid, among, self._binding, self._phase_of(laid), self._us, self.zone)
        # Nothing is due before its clock has started.
        return (
            found
            if self._cycle is not None
            else attrs.evolve(found, due_us=None, due_if_resumed_us=None, margin_us=None)
        )

    @once
    def ledger(self) -> Ledger:
        """Where its time went, and what was decided."""
        return self._ledger_with(None, None)

    def _ledger_with(self, decisions: tuple[Decision, ...] | None, events: Mapping[str, Event] | None) -> Ledger:
        from slaclock.ledger import ledger_of

        # The ledger with decisions and events of which somebody knows more than the cycle does.
        told = self._cycle if self._told is None or self._cycle is None else self._told(self._cycle)
        laid = None if told is None else told.binding(self._us)
        return ledger_of(told, laid, self.at_us, self.zone, decisions, events)

    def next_change_us(self) -> int:
        """The next instant at which its hours open or close, or time alone turns its verdict; `NEVER_US` if none."""
        if self._binding is None or self._cycle is None:
            return NEVER_US
        edge = self._binding.plan.calendar.next_edge_us(self.at_us)
        turn = self._cycle.turns_us(self.at_us)
        return turn if edge is None else min(edge, turn)

    def to_dict(self) -> dict[str, object]:
        """The reading as JSON-ready data: instants as ISO text with offset, spans as integer microseconds."""
        return {
            "metric": self.metric,
            "kind": str(self.kind),
            "cycle": self.cycle,
            "at": iso_us(self.at_us, self.zone),
            "phase": str(self.phase),
            "verdict": str(self.verdict),
            "raw_verdict": str(self.raw_verdict),
            "within_hours": self.within_hours,
            "started_at": iso(self.started_us, self.zone),
            "fulfilled_at": iso(self.fulfilled_us, self.zone),
            "breached_at": iso(self.breached_us, self.zone),
            "due_at": iso(self.due_us, self.zone),
            "due_if_resumed": iso(self.due_if_resumed_us, self.zone),
            "raw_due_at": iso(self.raw_due_us, self.zone),
            "elapsed_us": self.elapsed_us,
            "remaining_us": self.remaining_us,
            "overdue_by_us": self.overdue_by_us,
            "paused_for_us": self.paused_for_us,
            "wall_elapsed_us": self.wall_elapsed_us,
            "exceptions": [entry.name for entry in self.exceptions],
            "excluded_by": list(self.excluded_by),
            "fraction": None if self.fraction is None else str(self.fraction),
            "binding": None if self.binding is None else self.binding.to_dict(),
            "candidates": [candidate.to_dict() for candidate in self.candidates],
        }

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, Reading) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.metric, self.cycle, self.at_us, self.verdict, self.due_us))

    def __str__(self) -> str:
        due = "" if self.due_us is None else f", due {iso_us(self.due_us, self.zone)}"
        by = "" if self.binding is None else f" ({self.binding.layer}: {self.binding.promise})"
        number = f" #{self.cycle}" if self.cycle > 1 else ""
        return f"{self.metric}{number}: {self.phase}, {self.verdict}{due}{by}"

    def __repr__(self) -> str:
        return f"<Reading {self}>"
