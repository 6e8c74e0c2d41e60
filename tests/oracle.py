"""A slow and obvious oracle for service-level clocks that shares no code with slaclock, to hold its answers against.

Time is a row of equal ticks (a minute, or a coarser step that everything lies on). Whatever is asked is found by
walking from tick to tick: the phase of a clock is what the last event left, elapsed is the number of ticks that were
both running and open, and a clock is due at the first running tick at which all that was granted has been counted.
Nothing is kept between two questions: each walks anew from the first event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)
DONE = ("resolved", "closed")
PAUSES = {"resolution": frozenset({"pending", "on_hold"})}
METRICS = ("first_response", "next_response", "update", "resolution")
FAR = 400 * 24 * 60


@dataclass(frozen=True)
class Hours:
    """Weekly hours in minutes after midnight (an end past 1440 runs on), and closed dates."""

    zone: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: tuple[date, ...] = ()

    def on(self, day: date) -> tuple[tuple[int, int], ...]:
        return self.week[day.weekday()]

    def is_open(self, instant: datetime) -> bool:
        wall = instant.astimezone(ZoneInfo(self.zone))
        today, minute = wall.date(), wall.hour * 60 + wall.minute
        if today in self.holidays:
            return False
        tail = any(start <= minute + 1440 < end for start, end in self.on(today - ONE_DAY))
        return tail or any(start <= minute < end for start, end in self.on(today))

    def is_business_date(self, day: date) -> bool:
        return day not in self.holidays and bool(self.on(day))


@dataclass(frozen=True)
class Promise:
    """A target: open ticks, or days, or neither (best effort), on a calendar."""

    calendar: str
    ticks: int | None = None
    # ("business", n), ("by", n, minute), ("close", n), ("same", minute), ("calendar", n)
    days: tuple[object, ...] | None = None
    pauses: frozenset[str] | None = None
    next_opening: bool = False
    # ("after", ticks), ("before", ticks), ("half",)
    warn: tuple[tuple[object, ...], ...] = ()


@dataclass(frozen=True)
class Rule:
    """Metric -> promise, or metric -> {value: promise} with "otherwise" in a rule that has `by`."""

    targets: dict[str, object]
    when: dict[str, tuple[str, ...]] = field(default_factory=dict)
    by: str | None = None
    exempt: tuple[str, ...] = ()
    start: int | None = None
    until: int | None = None


@dataclass(frozen=True)
class Sketch:
    """A small policy: calendars, and layers from the most general to the most specific."""

    calendars: dict[str, Hours]
    layers: tuple[tuple[str, tuple[Rule, ...]], ...]
    on_change: str = "recompute"
    on_reopen: str = "exclude"
    on_unmatched: str = "drop"
    on_unanswered: str = "cancel"
    binds: str = "earliest_due"


@dataclass(frozen=True)
class Clock:
    """How ticks lie in real time."""

    base: datetime
    step: int

    def instant(self, tick: int) -> datetime:
        return self.base + timedelta(minutes=self.step * tick)

    def tick(self, instant: datetime) -> int:
        ticks, rest = divmod(instant - self.base, timedelta(minutes=self.step))
        assert not rest, "off the grid"
        return ticks


@cache
def is_open(hours: Hours, clock: Clock, tick: int) -> bool:
    return hours.is_open(clock.instant(tick))


def open_ticks(hours: Hours, clock: Clock, start: int, end: int) -> int:
    return sum(is_open(hours, clock, tick) for tick in range(start, end)) - sum(
        is_open(hours, clock, tick) for tick in range(end, start)
    )


def walk(hours: Hours, clock: Clock, start: int, count: int) -> int:
    """The first tick at which so many have been open since start; backwards, the last from which so many are."""
    tick = start
    while count > 0:
        count -= is_open(hours, clock, tick)
        tick += 1
        assert tick < start + FAR, "never"
    while count < 0:
        tick -= 1
        count += is_open(hours, clock, tick)
    return tick


def wall_tick(hours: Hours, clock: Clock, day: date, minute: int) -> int:
    """The first tick at which the wall clock shows that minute of that date, or has jumped over it."""
    wanted = datetime.combine(day, time()) + timedelta(minutes=minute)
    now = datetime.combine(day, time(), UTC) - ONE_DAY
    while now.astimezone(ZoneInfo(hours.zone)).replace(tzinfo=None) < wanted:
        now += timedelta(minutes=1)
    return clock.tick(now)


def business_date(hours: Hours, day: date, count: int) -> date:
    while count:
        day += ONE_DAY
        count -= hours.is_business_date(day)
    return day


def named_tick(hours: Hours, clock: Clock, start: int, days: tuple) -> int:
    """The instant that a number of days names, from a start."""
    kind, *rest = days
    if kind == "business":
        while not is_open(hours, clock, start):
            start += 1
    wall = clock.instant(start).astimezone(ZoneInfo(hours.zone))
    minute, today = wall.hour * 60 + wall.minute, wall.date()
    if kind == "business":
        return wall_tick(hours, clock, business_date(hours, today, rest[0]), minute)
    if kind == "calendar":
        return wall_tick(hours, clock, today + ONE_DAY * rest[0], minute)
    if kind == "close":
        day = business_date(hours, today, rest[0])
        return wall_tick(hours, clock, day, max(end for _, end in hours.on(day)))
    if kind == "by":
        return wall_tick(hours, clock, business_date(hours, today, rest[0]), rest[1])
    assert kind == "same"
    if hours.is_business_date(today) and wall_tick(hours, clock, today, rest[0]) > start:
        return wall_tick(hours, clock, today, rest[0])
    return wall_tick(hours, clock, business_date(hours, today, 1), rest[0])


@dataclass
class Record:
    """How things stand from a tick on: the life (active, done, stopped, cancelled), the category, a hold."""

    tick: int
    life: str
    category: str
    held: bool


@dataclass
class Candidate:
    """A layer's promise: measured in pieces, each by its own promise from its tick on; the last one is in force."""

    layer: str
    pieces: list[tuple[int, Promise]]
    since: int

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
    records: list[Record] = field(default_factory=list)
    candidates: dict[str, Candidate] = field(default_factory=dict)
    exempt: bool = False
    extra: int = 0
    waived: int | None = None
    included: list[tuple[int, int]] = field(default_factory=list)

    @property
    def life(self) -> str:
        return self.records[-1].life

    @property
    def end(self) -> int | None:
        """When it ended, if it has."""
        if self.life == "active":
            return None
        return self.records[-1].tick

    def phase(self, tick: int, pauses: frozenset[str]) -> str:
        record = [r for r in self.records if r.tick <= tick][-1]
        if record.life != "active":
            return record.life
        return "paused" if record.held or record.category in pauses else "running"


class Oracle:
    """All clocks of one ticket, as the events up to a tick have left them."""

    def __init__(self, sketch: Sketch, clock: Clock, events: list[dict], at: int) -> None:
        self.sketch, self.clock, self.at = sketch, clock, at
        self.fields: dict[str, str] = {}
        self.category = "new"
        self.holds: set[str | None] = set()
        self.cycles: dict[str, list[Cycle]] = {metric: [] for metric in METRICS}
        self.merged = self.created = self.replied = self.waiting = False
        for event in sorted(events, key=lambda e: e["tick"]):
            if event["tick"] <= at:
                self.take(event)

    # What events do.

    def take(self, event: dict) -> None:
        now, kind = event["tick"], event["event"]
        was_done = self.category in DONE
        self.fields.update(event.get("fields", {}))
        self.category = self.fields.get("category", "new")
        if self.merged:
            return
        done = self.category in DONE
        entered, left = done and not was_done, was_done and not done
        if kind == "held":
            self.holds.add(event.get("metric"))
        if kind == "released":
            self.holds.discard(event.get("metric"))
        for cycles in self.cycles.values():
            if cycles and cycles[-1].life == "active":
                self.retarget(cycles[-1], now)

        self.resolve(now, kind, entered)
        if kind == "replied" and event["public"]:
            self.hear(now, event["by"], done)
        if left:
            self.reopen(now)
        self.order(event, now, kind)
        for cycles in self.cycles.values():
            if cycles and cycles[-1].life == "active":
                self.note(cycles[-1], now, "active")

    def resolve(self, now: int, kind: str, entered: bool) -> None:
        if kind == "created":
            self.start("first_response", now)
            self.start("resolution", now)
        if entered:
            unanswered = "stopped" if self.sketch.on_unanswered == "fulfil" else "cancelled"
            self.finish("first_response", now, unanswered)
            self.finish("next_response", now, unanswered)
            self.finish("update", now, "cancelled")
            self.finish("resolution", now, "stopped")

    def hear(self, now: int, by: str, done: bool) -> None:
        if by == "agent":
            self.finish("first_response", now, "stopped")
            self.finish("next_response", now, "stopped")
            self.finish("update", now, "stopped")
            self.replied, self.waiting = True, False
            if not done:
                self.start("update", now)
        if by == "customer" and self.replied:
            if done:
                self.waiting = True
            else:
                self.start("next_response", now)

    def order(self, event: dict, now: int, kind: str) -> None:
        if kind == "restarted" and self.cycles[event["metric"]]:
            self.finish(event["metric"], now, "cancelled")
            self.start(event["metric"], now)
        if kind == "extended" and self.cycles[event["metric"]]:
            self.cycles[event["metric"]][-1].extra += event["ticks"]
        if kind == "waived" and self.cycles[event["metric"]]:
            self.cycles[event["metric"]][-1].waived = now
        if kind == "merged":
            self.merged = True
            for metric in METRICS:
                self.finish(metric, now, "cancelled")

    def active(self, metric: str) -> bool:
        return bool(self.cycles[metric]) and self.cycles[metric][-1].life == "active"

    def note(self, cycle: Cycle, now: int, life: str) -> None:
        held = None in self.holds or cycle.metric in self.holds
        cycle.records.append(Record(now, life, self.category, held))

    def start(self, metric: str, now: int) -> None:
        if not self.active(metric):
            cycle = Cycle(metric, len(self.cycles[metric]) + 1, now)
            self.cycles[metric].append(cycle)
            self.note(cycle, now, "active")
            self.retarget(cycle, now)

    def finish(self, metric: str, now: int, life: str) -> None:
        if self.active(metric):
            self.note(self.cycles[metric][-1], now, life)

    def reopen(self, now: int) -> None:
        if not self.active("update"):
            self.start("update", now)
        if self.waiting:
            self.waiting = False
            self.start("next_response", now)
        cycle = self.cycles["resolution"][-1]
        how = self.sketch.on_reopen
        if cycle.life != "stopped" or how == "ignore":
            return
        if how == "restart":
            self.start("resolution", now)
            return
        stop = cycle.end
        if how == "include":
            cycle.included.append((stop, now))
            # The time in which it was done counts, whatever held or paused it when it was stopped.
            ran = [Record(record.tick, "active", "resolved", held=False) for record in cycle.records]
            cycle.records = [old if old.life == "active" else new for old, new in zip(cycle.records, ran, strict=True)]
        self.note(cycle, now, "active")
        self.retarget(cycle, now)

    # Which promises hold.

    def speaks(self, rule: Rule, metric: str, start: int) -> Promise | str | None:
        """What a rule says of a metric to a cycle that began at a tick: a promise, "exempt", or nothing."""
        if any(self.fields.get(name) not in values for name, values in rule.when.items()):
            return None
        if (rule.start is not None and start < rule.start) or (rule.until is not None and start >= rule.until):
            return None
        if metric in rule.exempt:
            return "exempt"
        said = rule.targets.get(metric)
        if rule.by is None or said is None:
            return said
        return said.get(self.fields.get(rule.by), said.get("otherwise"))

    def found(self, metric: str, start: int) -> dict[str, Promise | str]:
        """For each layer that speaks, what its first speaking rule says."""
        found = {}
        for layer, rules in self.sketch.layers:
            for rule in rules:
                said = self.speaks(rule, metric, start)
                if said is not None:
                    found[layer] = said
                    break
        return found

    def retarget(self, cycle: Cycle, now: int) -> None:
        found = self.found(cycle.metric, cycle.start)
        cycle.exempt = "exempt" in found.values()
        if cycle.exempt:
            cycle.candidates.clear()
            return
        for layer, _ in self.sketch.layers:
            new, old = found.get(layer), cycle.candidates.get(layer)
            how = self.sketch.on_change
            if new is None:
                if old is not None and self.sketch.on_unmatched == "drop":
                    del cycle.candidates[layer]
            elif old is None:
                anchor = now if how == "restart" else cycle.start
                cycle.candidates[layer] = Candidate(layer, [(anchor, new)], now)
            elif self.value(cycle, new) == self.value(cycle, old.promise):
                old.pieces[-1] = (old.pieces[-1][0], new)
            elif how == "recompute":
                cycle.candidates[layer] = Candidate(layer, [(cycle.start, new)], now)
            elif how == "carry":
                cycle.candidates[layer] = Candidate(layer, [*old.pieces, (now, new)], now)
            elif how == "restart":
                cycle.candidates[layer] = Candidate(layer, [(now, new)], now)

    def pauses(self, cycle: Cycle, promise: Promise | None) -> frozenset[str]:
        if promise is None or promise.pauses is None:
            return PAUSES.get(cycle.metric, frozenset())
        return promise.pauses

    def value(self, cycle: Cycle, promise: Promise) -> tuple:
        return (promise.calendar, promise.ticks, promise.days, promise.next_opening, self.pauses(cycle, promise))

    # What is true at the tick.

    def laid(self, cycle: Cycle, candidate: Candidate) -> dict:  # noqa: C901 - one walk, told in one place
        """One promise laid over a life: what counted, when it is due, whether that was missed."""
        promise, clock = candidate.promise, self.clock
        hours = self.sketch.calendars[promise.calendar]
        end = self.at if cycle.end is None else cycle.end
        anchor = candidate.anchor
        named = total = None
        if promise.ticks is not None:
            total = promise.ticks + cycle.extra
        if promise.days is not None:
            named = named_tick(hours, clock, anchor, promise.days)
            total = open_ticks(hours, clock, anchor, named) + cycle.extra
        counted, due, missed, span = 0, None, False, None

        def due_in(span_start: int, counted: int) -> int:
            """For days: when it is due in a running span that begins there."""
            paused = open_ticks(hours, clock, anchor, span_start) - counted
            return max(span_start, walk(hours, clock, named, paused + cycle.extra))

        def is_due(tick: int, measured: Promise) -> bool:
            if named is not None:
                return tick >= span
            if total is None or counted < total:
                return False
            return not measured.next_opening or is_open(self.sketch.calendars[measured.calendar], clock, tick)

        was_running = False
        for tick in range(anchor, end):
            began, measured = [piece for piece in candidate.pieces if piece[0] <= tick][-1]
            running = cycle.phase(tick, self.pauses(cycle, measured)) == "running"
            if running and named is not None and (not was_running or began == tick):
                span = due_in(tick, counted)
            if running and not missed and is_due(tick, measured):
                due, missed = tick, True
            counted += running and is_open(self.sketch.calendars[measured.calendar], clock, tick)
            was_running = running
        laid = {"candidate": candidate, "counted": counted, "total": total, "missed": missed, "due": due, "if": due}
        laid["phase"] = phase = cycle.phase(end, self.pauses(cycle, promise))
        if not missed and total is not None:
            tick = end
            changed_now = candidate.pieces[-1][0] == end
            if named is not None and (not was_running or changed_now or phase == "paused"):
                span = due_in(end, counted)
            while not is_due(tick, promise):
                counted += is_open(hours, clock, tick)
                tick += 1
                assert tick < FAR, "never"
            laid["if"] = tick
            if phase != "paused":
                laid["due"] = tick
        return laid

    def missed_at(self, cycle: Cycle, laid: dict) -> int:
        known = laid["candidate"].since
        for stop, reopened in cycle.included:
            if stop <= laid["due"] < reopened:
                known = max(known, reopened)
        return max(laid["due"], known)

    def binding(self, all_laid: list[dict]) -> dict | None:
        """Candidates come from the most general to the most specific; of equal ones the last wins."""
        if not all_laid:
            return None
        if self.sketch.binds == "most_specific":
            return all_laid[-1]
        unpaused = [laid for laid in reversed(all_laid) if laid["phase"] != "paused" or laid["missed"]]
        return min(unpaused or reversed(all_laid), key=lambda laid: FAR if laid["if"] is None else laid["if"])

    def reading(self, cycle: Cycle) -> dict:
        all_laid = (
            []
            if cycle.exempt
            else [
                self.laid(cycle, cycle.candidates[layer])
                for layer, _ in self.sketch.layers
                if layer in cycle.candidates
            ]
        )
        binding = self.binding(all_laid)
        end = self.at if cycle.end is None else cycle.end
        promise = binding["candidate"].promise if binding else None
        pauses = self.pauses(cycle, promise)
        begin = binding["candidate"].pieces[0][0] if binding else cycle.start
        phases = {tick: cycle.phase(tick, pauses) for tick in range(begin, end)}
        phase = cycle.phase(end, pauses)
        judged = [binding] if self.sketch.binds == "most_specific" else all_laid
        missed = [laid for laid in judged if laid and laid["missed"]]
        answer = {
            "metric": cycle.metric,
            "cycle": cycle.number,
            "phase": phase,
            "verdict": self.verdict(cycle, binding, missed, phase),
            "wall": sum(phase == "running" for phase in phases.values()),
            "breached_at": self.first_breach(cycle, missed),
            "layer": binding["candidate"].layer if binding else None,
            "due": None, "if": None, "elapsed": None, "remaining": None, "overdue": None, "paused": None, "open": None,
        }  # fmt: skip
        if binding:
            hours, total = self.sketch.calendars[promise.calendar], binding["total"]
            answer |= {
                "due": binding["due"],
                "if": binding["if"],
                "elapsed": binding["counted"],
                "remaining": None if total is None else max(0, total - binding["counted"]),
                "overdue": max(0, binding["counted"] - total) if binding["missed"] else 0,
                "paused": sum(phase == "paused" and is_open(hours, self.clock, tick) for tick, phase in phases.items()),
                "open": is_open(hours, self.clock, self.at),
            }
        return answer

    def first_breach(self, cycle: Cycle, missed: list[dict]) -> int | None:
        found = [(laid["due"], self.missed_at(cycle, laid)) for laid in missed]
        if cycle.waived is not None:
            found = [(due, at) for due, at in found if due < cycle.waived and at <= cycle.waived]
        return min((at for _, at in found), default=None)

    def verdict(self, cycle: Cycle, binding: dict | None, missed: list[dict], phase: str) -> str:
        if cycle.waived is not None:
            return "waived"
        if binding is None:
            return "no_target"
        if missed:
            return "breached"
        if phase in ("stopped", "cancelled"):
            return "met" if phase == "stopped" else "void"
        return "at_risk" if self.warned(binding) else "pending"

    def warned(self, laid: dict) -> bool:
        total = laid["total"]
        for kind, *ticks in laid["candidate"].promise.warn:
            if kind == "after":
                reached = laid["counted"] >= ticks[0] and total is not None and ticks[0] <= total
            elif kind == "before":
                reached = total is not None and laid["counted"] >= total - ticks[0]
            else:
                reached = total is not None and 2 * laid["counted"] >= total
            if reached:
                return True
        return False

    def readings(self) -> list[dict]:
        """All cycles of all metrics; a metric that has not started answers with cycle 0."""
        answers = []
        for metric, cycles in self.cycles.items():
            if not cycles:
                said = self.found(metric, self.at).values()
                verdict = "no_target" if not said or "exempt" in said else "pending"
                answers.append({"metric": metric, "cycle": 0, "phase": "not_started", "verdict": verdict})
            answers.extend(self.reading(cycle) for cycle in cycles)
        return answers
