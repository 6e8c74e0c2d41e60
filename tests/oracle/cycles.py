"""One cycle of a clock: what was noted of its life, the promises that held for it, and a promise laid over a life."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.grid import FAR, Clock, Grid, grid
from oracle.register import Excepted, Suspended
from oracle.sketch import Promise, Sketch


@dataclass
class Record:
    """How things stand from a tick on: the life (active, stopped, cancelled), the category, a hold."""

    tick: int
    life: str
    category: str
    held: bool

    def phase(self, pauses: frozenset[str]) -> str:
        if self.life != "active":
            return self.life
        return "paused" if self.held or self.category in pauses else "running"


@dataclass
class Candidate:
    """A layer's promise: measured in pieces, each by its own promise from its tick on; the last one is in force.

    `since` is when it came to count; `stuck` the due tick and the tick of a breach that a later promise does not undo.
    """

    layer: str
    pieces: list[tuple[int, Promise]]
    since: int
    stuck: tuple[int, int] | None = None

    @property
    def promise(self) -> Promise:
        return self.pieces[-1][1]

    @property
    def anchor(self) -> int:
        return self.pieces[0][0]


@dataclass
class Cycle:
    metric: str
    number: int
    start: int
    cause: str
    # The event that ended it.
    ended_by: str = ""
    records: list[Record] = field(default_factory=list)
    candidates: dict[str, Candidate] = field(default_factory=dict)
    exempt: bool = False
    extra: int = 0
    waived: int | None = None
    # Whether it was stopped by the event that resolved the ticket.
    done: bool = False
    included: list[tuple[int, int]] = field(default_factory=list)
    # What was warned of or breached already: the promise's value, what was added to it, and the warning.
    fired: set[tuple] = field(default_factory=set)
    # The ticket's fields after each event, and how many events were known when the cycle was last alive.
    log: list[tuple[int, dict]] = field(default_factory=list)
    known: int = 0
    extends: tuple[Excepted, ...] = ()

    def fields_at(self, tick: int, known: int) -> dict:
        """The fields at a tick, as far as is known; before the start as at the start."""
        return [fields for at, fields in self.log[:known] if at <= max(tick, self.start)][-1]

    def touched_by(self, entry: Excepted, at: int) -> bool:
        """Whether an exception applies at a tick of its life, up to one at which it is read."""
        last = at if self.end is None else max(self.start, self.end - 1)
        if not entry.concerns(self.metric):
            return False
        ticks = range(self.start, last + 1)
        return any(entry.lasts(tick) and entry.matches(self.fields_at(tick, self.known)) for tick in ticks)

    @property
    def life(self) -> str:
        return self.records[-1].life

    @property
    def active(self) -> bool:
        return self.life == "active"

    @property
    def end(self) -> int | None:
        """When it ended, if it has."""
        return None if self.active else self.records[-1].tick

    def phase(self, tick: int, pauses: frozenset[str]) -> str:
        return [r for r in self.records if r.tick <= tick][-1].phase(pauses)


@dataclass
class Laid:
    """One promise laid over a life: what counted, when it is due, whether that was missed."""

    candidate: Candidate
    hours: Grid
    phase: str
    total: int | None
    counted: int = 0
    missed: bool = False
    missed_at: int | None = None
    due: int | None = None
    due_if_resumed: int | None = None
    # The ticks in which it ran, and the open ones in which it was paused.
    wall: int = 0
    paused: int = 0
    # What had been counted, and whether it ran, at each tick from the anchor until the end.
    course: dict[int, tuple[int, bool]] = field(default_factory=dict)

    @property
    def layer(self) -> str:
        return self.candidate.layer


class Laying:
    """A walk from tick to tick, from where a promise's measure begins until an end."""

    def __init__(
        self,
        sketch: Sketch,
        clock: Clock,
        cycle: Cycle,
        candidate: Candidate,
        end: int,
        extra: int,
        *,
        known: int | None = None,
        raw: bool = False,
    ) -> None:
        self.sketch, self.clock, self.cycle, self.candidate = sketch, clock, cycle, candidate
        # What is yet to begin is laid as it will be when it begins.
        self.end, self.given, self.extra = max(end, cycle.start), extra, extra
        self.known, self.raw = cycle.known if known is None else known, raw
        self.suspending = [
            entry for entry in sketch.exceptions if entry.effect == "suspend" and entry.concerns(cycle.metric)
        ]
        self.grids: dict[str, Grid] = {}
        self.shut: dict[int, bool] = {}
        self.promise, self.anchor = candidate.promise, candidate.anchor
        self.hours = self.grid_of(self.promise)
        self.named = self.total = None
        extends = () if raw else cycle.extends
        if self.promise.ticks is not None:
            more = [entry.more(self.promise.ticks) for entry in extends]
            self.extra += max(more, default=0)
            self.total = self.promise.ticks + self.extra
        if self.promise.days is not None:
            self.name(extends)
        # From when on each piece of the promise measures, its hours, and when it pauses.
        self.pieces = [
            (since, piece, self.grid_of(piece), sketch.pauses(cycle.metric, piece)) for since, piece in candidate.pieces
        ]
        self.counted = 0
        self.day_due = 0

    def name(self, extends: tuple[Excepted, ...]) -> None:
        """The instant that a number of days names; of several extensions by the one that leads farthest."""
        ways = [(entry.scaled(self.promise.days), entry.number * (entry.effect == "more")) for entry in extends]
        ways = [(self.hours.named(self.anchor, days), more) for days, more in ways or [(self.promise.days, 0)]]
        self.named, more = max(ways, key=lambda way: self.hours.walk(*way))
        self.extra += more
        self.total = self.hours.count(self.anchor, self.named) + self.extra

    def closed(self, tick: int) -> bool:
        """Whether an exception suspends the ticket at a tick, as far as is known."""
        if tick not in self.shut:
            lasting = [entry for entry in self.suspending if entry.lasts(tick)]
            fields = self.cycle.fields_at(tick, self.known) if lasting else {}
            self.shut[tick] = any(entry.matches(fields) for entry in lasting)
        return self.shut[tick]

    def grid_of(self, promise: Promise) -> Grid:
        base = grid(self.sketch.calendars[promise.calendar], self.clock)
        if self.raw or not self.suspending:
            return base
        return self.grids.setdefault(promise.calendar, Suspended(base, self.clock, self.closed))

    def begin_run(self, tick: int) -> None:
        """For days: when it is due in a running span that begins there."""
        if self.named is not None:
            paused = self.hours.count(self.anchor, tick) - self.counted
            self.day_due = max(tick, self.hours.walk(self.named, paused + self.extra))

    def is_due(self, tick: int, measured: Promise) -> bool:
        if self.named is not None:
            return tick >= self.day_due
        if self.total is None or self.counted < self.total:
            return False
        return not measured.next_opening or self.grid_of(measured).is_open(tick)

    def lay(self) -> Laid:
        laid = self.walk()
        laid.counted = self.counted
        laid.due_if_resumed = laid.due
        if laid.missed:
            laid.missed_at = self.known_at(laid.due)
        elif self.total is not None:
            was_running = bool(laid.course) and laid.course[self.end - 1][1]
            if not was_running or self.candidate.pieces[-1][0] == self.end or laid.phase == "paused":
                self.begin_run(self.end)
            laid.due_if_resumed = self.next_due()
            laid.due = None if laid.phase == "paused" else laid.due_if_resumed
        if self.candidate.stuck is not None:
            laid.missed = True
            laid.due, laid.missed_at = self.candidate.stuck
            laid.due_if_resumed = laid.due
        return laid

    def walk(self) -> Laid:
        laid = Laid(self.candidate, self.hours, self.cycle.phase(self.end, self.pieces[-1][3]), self.total)
        was_running = False
        for tick in range(self.anchor, self.end):
            began, measured, hours, pauses = [piece for piece in self.pieces if piece[0] <= tick][-1]
            phase = self.cycle.phase(tick, pauses)
            running = phase == "running"
            laid.wall += running
            laid.paused += phase == "paused" and hours.is_open(tick)
            laid.course[tick] = self.counted, running
            if running and (not was_running or began == tick):
                self.begin_run(tick)
            if running and not laid.missed and self.is_due(tick, measured):
                laid.due, laid.missed = tick, True
            self.counted += running and hours.is_open(tick)
            was_running = running
        return laid

    def next_due(self) -> int:
        tick = self.end
        while not self.is_due(tick, self.promise):
            self.counted += self.hours.is_open(tick)
            tick += 1
            assert tick < FAR, "never"
        return tick

    def known_at(self, due: int) -> int:
        """When what was missed became so: when it was due, or when something happened that put it behind."""
        known = self.candidate.since
        for stop, reopened in self.cycle.included:
            if stop <= due < reopened:
                known = max(known, reopened)
        return max(due, known, self.learned_at(due) if self.suspending and self.named is not None else due)

    def learned_at(self, due: int) -> int:
        """When a day was found not to be suspended after all, which put the named instant behind."""

        def missed(known: int, tick: int) -> bool:
            parts = self.sketch, self.clock, self.cycle, self.candidate, tick, self.given
            return Laying(*parts, known=known, raw=self.raw).walk().missed

        for known, (tick, _) in enumerate(self.cycle.log[: self.known], 1):
            between = max(due, self.candidate.since) < tick <= self.end
            if between and missed(known, tick) and not missed(known - 1, tick):
                return tick
        return due
