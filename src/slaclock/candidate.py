"""A candidate: one layer's target for a clock, as callers see it, and the verdict on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from enum import StrEnum

import attrs

from slaclock._instants import MAX_US, DateTime, Duration, from_us, iso_us, to_duration
from slaclock._shown import Shown
from slaclock.amounts import Amount
from slaclock.laid import Laid, margin_us
from slaclock.state import Phase
from slaclock.target import NEVER_US, Target

__all__ = ["Candidate", "Verdict", "candidate_of", "iso", "known", "long", "verdict_of", "when", "why_binds"]


class Verdict(StrEnum):
    """What the target says of a clock."""

    PENDING = "pending"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    MET = "met"
    WAIVED = "waived"
    VOID = "void"
    NO_TARGET = "no_target"


# Read once: an enum's member costs more to read than the rest of a question.
_STOPPED, _CANCELLED = Phase.STOPPED, Phase.CANCELLED
_PENDING, _BREACHED, _MET = Verdict.PENDING, Verdict.BREACHED, Verdict.MET


def when(us: int | None, zone: tzinfo) -> DateTime | None:
    """An instant as callers see it."""
    return None if us is None else from_us(us, zone)


def long(us: int | None) -> Duration | None:
    """A span of time as callers see it."""
    return None if us is None else to_duration(us)


def iso(us: int | None, zone: tzinfo) -> str | None:
    """An instant as JSON-ready text."""
    return None if us is None else iso_us(us, zone)


def known(us: int | None) -> int | None:
    """A due instant, or None for never; what follows the last instant of all never comes either."""
    return None if us is None or us >= MAX_US else us


def verdict_of(laid: Laid, phase: Phase, at_us: int) -> Verdict:
    """What one target says of a clock in that phase."""
    if laid.missed(at_us):
        return _BREACHED
    if phase is _STOPPED:
        return _MET
    if phase is _CANCELLED:
        return Verdict.VOID
    # The first warning that comes before the due instant decides; thresholds are sorted.
    total = laid.total_us
    if total is None or not laid.thresholds or not laid.thresholds[0][0] <= min(total, laid.elapsed(at_us)):
        return _PENDING
    return Verdict.AT_RISK


@attrs.frozen(kw_only=True, repr=False)
class Candidate(Shown):
    """One layer's target for a clock, and how it stands; `margin` is how much later it is due than the binding one."""

    layer: str
    rule: str
    target: Target
    calendar: str
    phase: Phase
    verdict: Verdict
    due_us: int | None
    due_if_resumed_us: int | None
    margin_us: int | None
    zone: tzinfo = attrs.field(repr=False)

    @property
    def due_at(self) -> DateTime | None:
        """When it is due; None while paused in time, and for best effort."""
        return when(self.due_us, self.zone)

    @property
    def due_if_resumed(self) -> DateTime | None:
        """The earliest instant at which it would be due if it resumed now."""
        return when(self.due_if_resumed_us, self.zone)

    @property
    def margin(self) -> Duration | None:
        """How much later by the wall clock it is due than the binding one; of that one: how much before the next."""
        return long(self.margin_us)

    def to_dict(self) -> dict[str, object]:
        """The candidate as JSON-ready data."""
        return {
            "layer": self.layer,
            "rule": self.rule,
            "target": str(self.target.amount),
            "calendar": self.calendar,
            "phase": str(self.phase),
            "verdict": str(self.verdict),
            "due_at": iso(self.due_us, self.zone),
            "due_if_resumed": iso(self.due_if_resumed_us, self.zone),
            "margin_us": self.margin_us,
        }

    @property
    def promise(self) -> str:
        """What is promised, in words: `4h on tokyo, chosen by region`."""
        return self.target.on(self.calendar)

    @property
    def due_text(self) -> str:
        """When it is due, as the end of a sentence: `, due ...`; empty where it never is."""
        if self.due_us is not None:
            return f", due {iso(self.due_us, self.zone)}"
        if self.due_if_resumed_us is not None:
            return f", due {iso(self.due_if_resumed_us, self.zone)} if it resumed then"
        return ""

    def __str__(self) -> str:
        return f"{self.layer}: {self.promise}{self.due_text}"


def candidate_of(
    laid: Laid, among: Sequence[Laid], binding: Laid | None, phase: Phase, at_us: int, zone: tzinfo
) -> Candidate:
    """A laid target as callers see it. What has not started is pending, and due as if it started at that instant."""
    return Candidate(
        layer=laid.plan.layer_name,
        rule=laid.plan.rule,
        target=laid.plan.target,
        calendar=laid.plan.calendar_name,
        phase=phase,
        verdict=Verdict.PENDING if phase is Phase.NOT_STARTED else verdict_of(laid, phase, at_us),
        due_us=known(laid.due_us),
        due_if_resumed_us=known(laid.if_resumed(at_us)),
        margin_us=margin_us(laid, among, binding, at_us),
        zone=zone,
    )


def why_binds(binding: Candidate | None, candidates: Sequence[Candidate], binds: str) -> str:
    """Why that one of the candidates binds, and by what margin, in words."""
    if binding is None:
        return "no rule gives one"
    others = [candidate for candidate in candidates if candidate is not binding]
    if not others:
        return "the only candidate"
    nearest = min(others, key=lambda candidate: (_waits(candidate), _due_us(candidate)))
    compared = _compared(_due_us(binding), _due_us(nearest), nearest.layer)
    if binds == "most_specific":
        return f"the most specific, {compared}"
    if _waits(nearest) and not _waits(binding):
        return f"{' and '.join(other.layer for other in others)} {'waits' if len(others) == 1 else 'wait'}"
    return f"{compared}, and more specific" if _due_us(binding) == _due_us(nearest) else compared


def _waits(candidate: Candidate) -> bool:
    return candidate.phase is Phase.PAUSED and candidate.due_us is None


def _due_us(candidate: Candidate) -> int:
    due_us = candidate.due_if_resumed_us if candidate.due_us is None else candidate.due_us
    return NEVER_US if due_us is None else due_us


def _compared(due_us: int, other_us: int, layer: str) -> str:
    if due_us == other_us:
        return f"never due, like {layer}" if due_us == NEVER_US else f"due together with {layer}"
    if other_us == NEVER_US:
        return f"{layer} is never due"
    if due_us == NEVER_US:
        return f"never due, unlike {layer}"
    return f"{Amount(us=abs(due_us - other_us))} {'before' if due_us < other_us else 'after'} {layer}"
