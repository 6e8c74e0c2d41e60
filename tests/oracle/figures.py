"""The figures of all clocks at a tick."""

from __future__ import annotations

from oracle.cycles import Cycle, Laid
from oracle.life import Life


class Oracle(Life):
    """All clocks of one ticket, read at a tick."""

    def readings(self) -> list[dict]:
        """All cycles of all metrics; a metric that has not started answers with cycle 0."""
        answers = []
        for metric, cycles in self.cycles.items():
            if not cycles:
                said = self.sketch.said(metric, self.fields, self.at, self.at).values()
                verdict = "no_target" if not said or "exempt" in said else "pending"
                answers.append({"metric": metric, "cycle": 0, "phase": "not_started", "verdict": verdict})
            answers.extend(self.reading(cycle) for cycle in cycles)
        return answers

    def reading(self, cycle: Cycle) -> dict:
        all_laid = self.all_laid(cycle, self.at)
        binding = self.binding(cycle, all_laid)
        promise = binding.candidate.promise if binding else None
        pauses = self.sketch.pauses(cycle.metric, promise)
        end = self.at if cycle.end is None else cycle.end
        phases = [cycle.phase(tick, pauses) for tick in range(cycle.start, end)]
        missed = self.missed(cycle, all_laid)
        answer = {
            "metric": cycle.metric,
            "cycle": cycle.number,
            "phase": cycle.phase(end, pauses),
            "verdict": "waived" if cycle.waived is not None else self.verdict(cycle, binding, missed),
            "wall": binding.wall if binding else phases.count("running"),
            "breached_at": self.first_breach(cycle, missed),
            "started": cycle.start,
            "fulfilled": end if cycle.life == "stopped" else None,
            "layer": binding.layer if binding else None,
            "layers": [laid.layer for laid in all_laid],
            "due": None, "if": None, "elapsed": None, "remaining": None, "overdue": None, "paused": None, "open": None,
        }  # fmt: skip
        if binding:
            total, counted, hours = binding.total, binding.counted, binding.hours
            answer |= {
                "due": binding.due,
                "if": binding.due_if_resumed,
                "elapsed": counted,
                "remaining": None if total is None else max(0, total - counted),
                "overdue": max(0, counted - total) if binding.missed and total is not None else 0,
                "paused": binding.paused,
                "open": hours.is_open(self.at),
            }
        answer["excluded_by"] = [
            entry.name
            for entry in self.sketch.exceptions
            if entry.effect == "exclude" and cycle.touched_by(entry, self.at)
        ]
        changed = cycle.extra or self.sketch.exceptions
        if not changed or not any(candidate.stuck for candidate in cycle.candidates.values()):
            # Whether a breach stuck was decided with what had been added, and is not asked again without it.
            answer |= self.raw(cycle)
        return answer

    def raw(self, cycle: Cycle) -> dict:
        """What would be true without extensions, waivers and exceptions."""
        all_laid = self.all_laid(cycle, self.at, extra=0)
        binding = self.binding(cycle, all_laid)
        verdict = self.verdict(cycle, binding, self.missed(cycle, all_laid))
        return {"raw_due": binding.due if binding else None, "raw_verdict": verdict}

    def missed(self, cycle: Cycle, all_laid: list[Laid]) -> list[Laid]:
        counted = self.counted_of(cycle)
        return [laid for laid in all_laid if laid.missed and laid.candidate in counted]

    def first_breach(self, cycle: Cycle, missed: list[Laid]) -> int | None:
        found = [(laid.due, laid.missed_at) for laid in missed]
        if cycle.waived is not None:
            found = [(due, at) for due, at in found if due < cycle.waived and at <= cycle.waived]
        return min((at for _, at in found), default=None)

    def verdict(self, cycle: Cycle, binding: Laid | None, missed: list[Laid]) -> str:
        if binding is None:
            return "no_target"
        if missed:
            return "breached"
        if not cycle.active:
            return "met" if cycle.life == "stopped" else "void"
        return "at_risk" if self.warned(binding) else "pending"

    def warned(self, laid: Laid) -> bool:
        if laid.total is None:
            return False
        for kind, *ticks in laid.candidate.promise.warn:
            if kind == "after":
                reached = laid.counted >= ticks[0] and ticks[0] <= laid.total
            elif kind == "before":
                reached = laid.counted >= laid.total - ticks[0]
            else:
                reached = 2 * laid.counted >= laid.total
            if reached:
                return True
        return False
