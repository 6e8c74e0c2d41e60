"""The ledger: where the time of a clock went, segment by segment, and what was decided about it.

The segments of a ledger cover the wall-clock span of the clock exactly, without gap or overlap; the counted ones add up
to the time elapsed. So every figure of a reading can be checked by adding up. They are worked out as they are read: a
clock that has run for a thousand years has a million of them, and its totals cost no more than those of a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from enum import StrEnum
from functools import cached_property
from itertools import islice
from typing import Final

import attrs

from slaclock._instants import DAY_US, DateTime, from_us, iso_us
from slaclock._reasons import OPEN, Labelled, merged
from slaclock._shown import Shown
from slaclock.amounts import Amount
from slaclock.calendar import WorkingCalendar
from slaclock.conditions import CATEGORY, Condition, Not, stands
from slaclock.cycle import Cycle
from slaclock.decisions import Decision, decisions_of
from slaclock.events import Changed, Created, Event
from slaclock.laid import Laid
from slaclock.life import Stretch
from slaclock.state import Phase
from slaclock.target import Plan

__all__ = ["Ledger", "Segment", "SegmentKind", "ledger_of"]

# So many segments are shown; of more, the first ones, and what the rest comes to.
_MOST_SHOWN: Final = 100
_SHOWN_OF_MORE: Final = 40
# Years of hours are worked out some at a time: at first few, as most are asked for the beginning.
_FIRST_WINDOW_US: Final = 64 * DAY_US
_WIDEST_WINDOW_US: Final = 64 * 366 * DAY_US


class SegmentKind(StrEnum):
    """What became of a stretch of time: it counted; the clock was paused; the calendar was closed; an exception
    suspended it; the ticket was done; or a change of target that started afresh left it behind."""

    COUNTED = "counted"
    PAUSED = "paused"
    CLOSED = "closed"
    SUSPENDED = "suspended"
    DONE = "done"
    SET_ASIDE = "set_aside"


@attrs.frozen(kw_only=True, repr=False)
class Segment(Shown):
    """A stretch `[start, end)` of one kind.

    `open_us` is the working time in it (of a pause: what it cost); `cause` the key of the event that began it, or that
    began the run in which it lies. `why` says of a pause which condition or hold made it (of an account: and what the
    event set), of closed time why the
    calendar was closed (`outside hours`, `holiday "Unity Day"`, `closure "move"`), and of suspended time, which would
    have been open, by which exception.
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
        return f"{span}  {self.kind.replace('_', ' '):<9}  {amount}{why}"


@attrs.frozen
class _Part:
    # A stretch of one phase, measured on one calendar (None: by the wall clock); hours are found on the way.
    kind: SegmentKind
    start_us: int
    end_us: int
    calendar: WorkingCalendar | None
    cause: str
    why: str
    # The same hours without exceptions, and what these suspend.
    hours: WorkingCalendar | None = None
    suspended: tuple[Labelled, ...] = ()

    def open_us(self, start_us: int, end_us: int) -> int:
        """The open time of a stretch within it."""
        return end_us - start_us if self.calendar is None else self.calendar.between_us(start_us, end_us)

    def wall_us(self, start_us: int, end_us: int) -> int:
        return max(0, min(end_us, self.end_us) - max(start_us, self.start_us))

    def ran_us(self, kind: SegmentKind, start_us: int, end_us: int) -> int:
        """Of what ran, the open time counted, and the rest was closed, or open but suspended."""
        start_us, end_us = max(start_us, self.start_us), min(end_us, self.end_us)
        if start_us >= end_us:
            return 0
        counted = self.open_us(start_us, end_us)
        opened = counted if self.hours is None else self.hours.between_us(start_us, end_us)
        if kind is SegmentKind.CLOSED:
            return end_us - start_us - opened
        return {SegmentKind.COUNTED: counted, SegmentKind.SUSPENDED: opened - counted}.get(kind, 0)


class Ledger:
    """Where the time went, and why; `print(reading.ledger)` shows it.

    `decisions` are what was decided about the clock. Of a reading of a bare state they are those that still hold;
    `history.explain` tells all of them.
    """

    def __init__(self, parts: tuple[_Part, ...], decisions: tuple[Decision, ...], zone: tzinfo) -> None:
        self._parts = parts
        self.decisions = decisions
        self.zone = zone

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """All segments; of a clock that has run for very long `iter(ledger)` gives them one by one."""
        return tuple(self)

    def __iter__(self) -> Iterator[Segment]:
        for part in self._parts:
            yield from _segments(part, self.zone)

    def total_us(self, kind: SegmentKind) -> int:
        """The microseconds in segments of one kind: working time for counted ones, wall-clock time for the others."""
        return self._total_us(kind, self._parts[0].start_us, self._parts[-1].end_us) if self._parts else 0

    def _total_us(self, kind: SegmentKind, start_us: int, end_us: int) -> int:
        found = 0
        for part in self._parts:
            if part.kind is SegmentKind.COUNTED:
                found += part.ran_us(kind, start_us, end_us)
            elif part.kind is kind:
                found += part.wall_us(start_us, end_us)
        return found

    def totals(self) -> dict[SegmentKind, int]:
        """The totals of all kinds that there are."""
        found = {kind: self.total_us(kind) for kind in SegmentKind}
        return {kind: us for kind, us in found.items() if us}

    def to_dict(self) -> dict[str, object]:
        """The ledger as JSON-ready data."""
        return {
            "segments": [segment.to_dict() for segment in self],
            "totals": {f"{kind}_us": us for kind, us in self.totals().items()},
            "decisions": [decision.to_dict() for decision in self.decisions],
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ledger):
            return NotImplemented
        return (self._parts, self.decisions) == (other._parts, other.decisions)

    def __hash__(self) -> int:
        return hash(self.decisions)

    def lines(self) -> Iterator[str]:
        """The segments as lines of text; where there are very many, the first ones, and what the rest comes to."""
        shown = list(islice(self, _MOST_SHOWN + 1))
        if len(shown) <= _MOST_SHOWN:
            yield from map(str, shown)
            return
        yield from map(str, shown[:_SHOWN_OF_MORE])
        start_us, end_us = shown[_SHOWN_OF_MORE].start_us, self._parts[-1].end_us
        totals = ((kind, self._total_us(kind, start_us, end_us)) for kind in SegmentKind)
        rest = ", ".join(f"{kind} {Amount(us=us)}" for kind, us in totals if us)
        yield f"{iso_us(start_us, self.zone)} .. {iso_us(end_us, self.zone)}  and so on: {rest}"

    def __str__(self) -> str:
        return "\n".join([*map(str, self.decisions), *self.lines()]) or "not started"

    def __repr__(self) -> str:
        told = ", ".join(f"{kind} {Amount(us=us)}" for kind, us in self.totals().items())
        return f"<Ledger: {told or 'nothing yet'}; {len(self.decisions)} decisions>"


def ledger_of(
    cycle: Cycle | None,
    laid: Laid | None,
    at_us: int,
    zone: tzinfo,
    decisions: tuple[Decision, ...] | None = None,
    events: Mapping[str, Event] | None = None,
) -> Ledger:
    """The ledger of a cycle as one of its candidates (None: the clock without a target) sees it.

    Without `decisions` they are those that the cycle itself remembers; `events` by their keys say what made a pause.
    """
    if cycle is None:
        return Ledger((), decisions or (), zone)
    end_us = at_us if cycle.ended_us is None else cycle.ended_us
    told = tuple(decisions_of(cycle, at_us)) if decisions is None else decisions
    return Ledger(tuple(_parts(cycle, laid, cycle.start_us, end_us, events or {})), told, zone)


def _parts(cycle: Cycle, laid: Laid | None, start_us: int, end_us: int, events: Mapping[str, Event]) -> Iterator[_Part]:
    if laid is None:
        for stretch in cycle.lives[0].stretches(start_us, end_us):
            yield _part(cycle, 0, stretch, None, events)
        return
    if laid.begins_us > start_us:
        plan = laid.pieces[0].plan
        for begin, end, _, cause, why in cycle.lives[plan.life].stretches(start_us, min(laid.begins_us, end_us)):
            yield _Part(SegmentKind.SET_ASIDE, begin, end, plan.calendar, cause, why)
    for plan, begin, end in laid.parts(start_us, end_us):
        for stretch in cycle.lives[plan.life].stretches(begin, end):
            yield _part(cycle, plan.life, stretch, plan, events)


def _part(cycle: Cycle, life: int, stretch: Stretch, plan: Plan | None, events: Mapping[str, Event]) -> _Part:
    start, end, phase, cause, why = stretch
    calendar = None if plan is None else plan.calendar
    if phase is Phase.RUNNING:
        part = _Part(SegmentKind.COUNTED, start, end, calendar, cause, "")
        relief = cycle.terms.relief
        if plan is None or relief is None or not plan.closed:
            return part
        return attrs.evolve(part, hours=plan.raw.calendar, suspended=relief.suspended(plan.closed, start, end))
    if phase is Phase.PAUSED:
        made_by = why or _waiting(cycle.terms.lives[life], events.get(cause))
        return _Part(SegmentKind.PAUSED, start, end, calendar, cause, made_by)
    return _Part(SegmentKind.DONE, start, end, calendar, cause, why)


def _waiting(rule: Condition, event: Event | None) -> str:
    """The condition that made a pause, and what the event set that made it hold, where it is known."""
    fields = event.fields if isinstance(event, Created | Changed) else {}
    parts = list(rule.walk())
    names = set(rule.fields())
    if not any(isinstance(part, Not) for part in parts):
        # What was set, and does not pause, is no reason; which category a status has, its event does not say.
        leaves = (part for part in parts if not part.parts())
        names = {name for part in leaves for name in part.fields() if name == CATEGORY or part.test(fields)}
    asked = {"status" if name == CATEGORY else name for name in names}
    told = ", ".join(stands(name, fields) for name in fields if name in asked)
    return f"{rule}; {told}" if told else str(rule)


def _segments(part: _Part, zone: tzinfo) -> Iterator[Segment]:
    if part.kind is not SegmentKind.COUNTED or part.calendar is None:
        open_us = part.open_us(part.start_us, part.end_us)
        yield _segment(part, part.kind, part.start_us, part.end_us, open_us, part.why, zone)
        return
    for start, end, why in _hours(part.hours or part.calendar, part.start_us, part.end_us):
        if why != OPEN:
            yield _segment(part, SegmentKind.CLOSED, start, end, 0, why.removeprefix("closed: "), zone)
            continue
        reached = start
        for since, until, name in (*part.suspended, (end, end, "")):
            begin, stop = min(max(since, reached), end), min(until, end)
            if reached < begin:
                yield _segment(part, SegmentKind.COUNTED, reached, begin, begin - reached, "", zone)
            if begin < stop:
                yield _segment(part, SegmentKind.SUSPENDED, begin, stop, 0, name, zone)
            reached = max(reached, stop)


def _segment(part: _Part, kind: SegmentKind, start: int, end: int, open_us: int, why: str, zone: tzinfo) -> Segment:
    return Segment(kind=kind, start_us=start, end_us=end, open_us=open_us, zone=zone, cause=part.cause, why=why)


def _hours(calendar: WorkingCalendar, start_us: int, end_us: int) -> Iterator[Labelled]:
    """Open and closed stretches with their reasons, some time ahead of whoever reads them."""
    window_us = _FIRST_WINDOW_US
    held: list[Labelled] = []
    while start_us < end_us:
        until_us = min(end_us, start_us + window_us)
        # What goes on beyond a window is one segment.
        *done, last = merged([*held, *calendar.segments_us(start_us, until_us)])
        yield from done
        held, start_us, window_us = [last], until_us, min(2 * window_us, _WIDEST_WINDOW_US)
    yield from held
