"""The ledger: where the time of a clock went, segment by segment, and what was decided about it.

The segments of a ledger cover the wall-clock span of the clock exactly, without gap or overlap; the counted ones add up
to the time elapsed. So every figure of a reading can be checked by adding up.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from slaclock._instants import DateTime, from_us, iso_us
from slaclock.amounts import Amount
from slaclock.state import Phase

if TYPE_CHECKING:
    from slaclock.calendar import WorkingCalendar
    from slaclock.cycle import Cycle
    from slaclock.laid import Laid
    from slaclock.life import Stretch

__all__ = ["Decision", "Ledger", "Segment", "SegmentKind", "ledger_of"]


class SegmentKind(StrEnum):
    """What became of a stretch of time: it counted; the clock was paused; the calendar was closed; the ticket was done;
    or a change of target that started afresh left it behind."""

    COUNTED = "counted"
    PAUSED = "paused"
    CLOSED = "closed"
    DONE = "done"
    SET_ASIDE = "set_aside"


@attrs.frozen(kw_only=True)
class Segment:
    """A stretch `[start, end)` of one kind.

    `open_us` is the working time in it (of a pause: what it cost); `cause` the key of the event that began it, and
    `why` the reason where there is one.
    """

    kind: SegmentKind
    start_us: int
    end_us: int
    open_us: int
    zone: tzinfo = attrs.field(repr=False)
    cause: str
    why: str = ""

    @property
    def start(self) -> DateTime:
        """Its beginning, in the policy's time zone."""
        return from_us(self.start_us, self.zone)

    @property
    def end(self) -> DateTime:
        """Its end, in the policy's time zone."""
        return from_us(self.end_us, self.zone)

    @property
    def wall_us(self) -> int:
        """Its length by the wall clock, in microseconds."""
        return self.end_us - self.start_us

    def to_dict(self) -> dict[str, object]:
        """The segment as JSON-ready data."""
        return {
            "kind": str(self.kind),
            "start": iso_us(self.start_us, self.zone),
            "end": iso_us(self.end_us, self.zone),
            "wall_us": self.wall_us,
            "open_us": self.open_us,
            "cause": self.cause,
            "why": self.why,
        }

    def __str__(self) -> str:
        span = f"{iso_us(self.start_us, self.zone)} .. {iso_us(self.end_us, self.zone)}"
        amount = Amount(us=self.open_us if self.kind is SegmentKind.COUNTED else self.wall_us)
        why = f" ({self.why})" if self.why else ""
        return f"{span}  {self.kind:<9}  {amount}{why}"


@attrs.frozen(kw_only=True)
class Decision:
    """One thing that was decided about a clock, and since when it holds."""

    at_us: int
    zone: tzinfo = attrs.field(repr=False)
    sentence: str

    @property
    def at(self) -> DateTime:
        """Since when it holds, in the policy's time zone."""
        return from_us(self.at_us, self.zone)

    def to_dict(self) -> dict[str, object]:
        """The decision as JSON-ready data."""
        return {"at": iso_us(self.at_us, self.zone), "sentence": self.sentence}

    def __str__(self) -> str:
        return f"{iso_us(self.at_us, self.zone)}  {self.sentence}"


@attrs.frozen(kw_only=True)
class Ledger:
    """Where the time went, and why; `print(reading.ledger)` shows it."""

    segments: tuple[Segment, ...]
    decisions: tuple[Decision, ...]

    def total_us(self, kind: SegmentKind) -> int:
        """The microseconds in segments of one kind: working time for counted ones, wall-clock time for the others."""
        found = (segment for segment in self.segments if segment.kind is kind)
        return sum(segment.open_us if kind is SegmentKind.COUNTED else segment.wall_us for segment in found)

    def to_dict(self) -> dict[str, object]:
        """The ledger as JSON-ready data."""
        return {
            "segments": [segment.to_dict() for segment in self.segments],
            "decisions": [decision.to_dict() for decision in self.decisions],
        }

    def __str__(self) -> str:
        return "\n".join([*map(str, self.decisions), *map(str, self.segments)]) or "not started"


def ledger_of(cycle: Cycle, laid: Laid | None, at_us: int) -> Ledger:
    """The ledger of a cycle as one of its candidates (None: the clock without a target) sees it."""
    zone = cycle.terms.zone
    end_us = at_us if cycle.ended_us is None else cycle.ended_us
    return Ledger(
        segments=tuple(_segments(cycle, laid, cycle.start_us, end_us, zone)),
        decisions=tuple(sorted(_decisions(cycle, zone), key=lambda decision: decision.at_us)),
    )


def _segments(cycle: Cycle, laid: Laid | None, start_us: int, end_us: int, zone: tzinfo) -> Iterator[Segment]:
    if laid is None:
        for stretch in cycle.lives[0].stretches(start_us, end_us):
            yield from _of_stretch(stretch, None, zone)
        return
    life = cycle.lives[laid.plan.life]
    if laid.prior is not None:
        yield from _segments(cycle, laid.prior, start_us, min(laid.from_us, end_us), zone)
    elif laid.from_us > start_us:
        for begin, end, _, cause, _ in life.stretches(start_us, min(laid.from_us, end_us)):
            worked = laid.plan.calendar.between_us(begin, end)
            kind = SegmentKind.SET_ASIDE
            yield Segment(kind=kind, start_us=begin, end_us=end, open_us=worked, zone=zone, cause=cause)
    for stretch in life.stretches(max(start_us, laid.from_us), end_us):
        yield from _of_stretch(stretch, laid.plan.calendar, zone)


def _of_stretch(stretch: Stretch, calendar: WorkingCalendar | None, zone: tzinfo) -> Iterator[Segment]:
    start, end, phase, cause, why = stretch
    worked = end - start if calendar is None else calendar.between_us(start, end)
    if phase is not Phase.RUNNING:
        kind = SegmentKind.PAUSED if phase is Phase.PAUSED else SegmentKind.DONE
        yield Segment(kind=kind, start_us=start, end_us=end, open_us=worked, zone=zone, cause=cause, why=why)
        return
    opened = [(start, end)] if calendar is None else calendar.spans_us(start, end)
    reached = start
    for begin, close in [*opened, (end, end)]:
        if reached < begin:
            kind = SegmentKind.CLOSED
            yield Segment(kind=kind, start_us=reached, end_us=begin, open_us=0, zone=zone, cause=cause)
        if begin < close:
            kind = SegmentKind.COUNTED
            yield Segment(kind=kind, start_us=begin, end_us=close, open_us=close - begin, zone=zone, cause=cause)
        reached = close


def _decisions(cycle: Cycle, zone: tzinfo) -> Iterator[Decision]:
    for laid in cycle.candidates():
        plan = laid.plan
        sentence = f"{plan.layer_name}: rule {plan.rule!r} gives {plan.target.amount} on {plan.calendar_name}"
        yield Decision(at_us=laid.since_us, zone=zone, sentence=sentence)
    if cycle.exemption is not None:
        sentence = f"{cycle.exemption.layer}: rule {cycle.exemption.rule!r} exempts {cycle.terms.metric.name}"
        yield Decision(at_us=cycle.start_us, zone=zone, sentence=sentence)
    for us, more_us, reason in cycle.grants:
        yield Decision(at_us=us, zone=zone, sentence=f"extended by {Amount(us=more_us)}: {reason}")
    if cycle.waived is not None:
        yield Decision(at_us=cycle.waived[0], zone=zone, sentence=f"waived: {cycle.waived[1]}")
