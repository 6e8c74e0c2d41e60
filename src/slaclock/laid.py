"""A target laid over a life: what has been used up of it, when it is due, and whether that has passed.

The rules, in working time of the target's own calendar:

- What counts is the open time in which the life ran. An amount `r` that is left when a run begins at `s` is due at the
  first instant at which `r` has elapsed; a run that ends at that very instant was in time.
- A day amount names an instant D when the clock starts. It is due there, moved on by the open time that the clock has
  not counted since its start, and never before the run in which it falls due.
- A clock stopped or cancelled while paused is judged as if it had been resumed in that instant.
- A change of target that carries the time used measures the past as the target of that time did, the rest by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from slaclock.calendar import WorkingCalendar
from slaclock.life import Life, Log
from slaclock.state import Phase
from slaclock.target import NEVER_US, Plan

__all__ = ["Laid", "bind", "lived", "margin_us", "rebinds_us", "worked"]

Runs: TypeAlias = tuple[list[tuple[int, int, int]], int]
"""Runs, each from an instant until another with its open time, and the open time of all."""

# Read once: an enum's member costs more to read than the rest of a step.
_RUNNING, _PAUSED = Phase.RUNNING, Phase.PAUSED


class Laid:
    """One candidate of a cycle: a plan in force since `since_us`, measuring the life from `from_us` on.

    `used_us` is the open time of the runs that have ended, `run_us` the beginning of the run that has not;
    `due_us` is None while paused in time; `late` says that it was missed in a run that has ended, or before it came
    into force, and `late_at_us` when that became so. `thresholds` are its warnings with the open time elapsed at which
    each fires, in order.
    """

    __slots__ = (
        "carried_us", "deadline_us", "due_us", "from_us", "granted_us", "late", "late_at_us", "origin_us", "plan",
        "prior", "run_us", "since_us", "sticky", "thresholds", "total_us", "used_us",
    )  # fmt: skip

    def __init__(self, plan: Plan, since_us: int, origin_us: int, from_us: int, granted_us: int = 0) -> None:
        self.plan = plan
        self.since_us = since_us
        self.origin_us = origin_us
        self.from_us = from_us
        self.granted_us = granted_us
        self.prior: Laid | None = None
        # The open time that it carries on with; None where that has to be measured.
        self.carried_us: int | None = None
        self.sticky: tuple[int, int] | None = None
        if plan.open_us is not None and not granted_us:
            # Most amounts depend on nothing.
            self.deadline_us: int | None = None
            self.total_us: int | None = plan.open_us
            self.thresholds = plan.open_thresholds
        else:
            self.deadline_us = plan.deadline(origin_us)
            self.total_us = self._total()
            self.thresholds = plan.thresholds(self.total_us)
        self.used_us = 0
        self.run_us: int | None = None
        self.due_us: int | None = None
        self.late = False
        self.late_at_us: int | None = None

    def __reduce__(self) -> tuple[object, tuple[list[tuple[object, ...]]]]:
        # What it carries on from stands in a row: there may be more of it than Python goes down.
        return (_in_a_row, ([tuple(getattr(piece, name) for name in _OWN) for piece in self.pieces],))

    def copy(self) -> Laid:
        """The same, to go on by itself; what it carries on from is history and shared."""
        twin = object.__new__(Laid)
        for name in Laid.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    def _total(self) -> int | None:
        total = self.plan.total(self.origin_us, self.deadline_us)
        return None if total is None else total + self.granted_us

    def adopt(self, plan: Plan) -> None:
        """The same target on another calendar, or with more time; judged by the next `lay`."""
        self.plan = plan
        self.deadline_us = plan.deadline(self.origin_us)
        self.total_us = self._total()
        self.thresholds = plan.thresholds(self.total_us)

    def grant(self, us: int) -> None:
        """More open time; what was missed is judged anew by the next `lay`."""
        self.granted_us += us
        self.total_us = self._total()
        self.thresholds = self.plan.thresholds(self.total_us)

    def strip(self) -> None:
        """Take back extensions and exceptions, also from what it carries on from; judged by the next `lay`."""
        piece: Laid | None = self
        while piece is not None:
            piece.granted_us, piece.carried_us = 0, None
            piece.adopt(piece.plan.raw)
            if piece.prior is not None:
                # What is carried is shared.
                piece.prior = piece.prior.copy()
            piece = piece.prior

    @property
    def is_relieved(self) -> bool:
        """Whether it, or what it carries on from, has more time than its target says, or is suspended for some."""
        return any(piece.granted_us or piece.plan.closed or piece.plan.extended_by is not None for piece in self.pieces)

    @property
    def digest(self) -> str:
        """The digest of the target's value, extensions included."""
        return self.plan.digest_with(self.granted_us)

    @property
    def begins_us(self) -> int:
        """From where on the life counts, for it or for what it carries on from."""
        return self.pieces[0].from_us

    @property
    def pieces(self) -> list[Laid]:
        """What it carries on from, the first one first, and itself."""
        found = [self]
        while found[-1].prior is not None:
            found.append(found[-1].prior)
        found.reverse()
        return found

    def parts(self, start_us: int, end_us: int) -> Iterator[tuple[Plan, int, int]]:
        """The plans by which a stretch of time is measured, each from when on and until when."""
        pieces = self.pieces
        for piece, until_us in zip(pieces, [*(later.from_us for later in pieces[1:]), end_us], strict=True):
            yield piece.plan, max(start_us, piece.from_us), min(until_us, end_us)

    def carry(self, old: Laid, us: int) -> None:
        """Carry on from an instant with what has been used of another target."""
        self.from_us, self.prior, self.carried_us = us, old, old.elapsed(us)

    # Laying over all that has been lived.

    def lay(self, lives: Sequence[Life], now_us: int) -> None:
        """Measure the whole life up to now, and judge it."""
        life = lives[self.plan.life]
        running = life.phase is _RUNNING
        if self.late_at_us is None:
            # An extension judges anew what was missed already, and is not what made it late.
            self.late_at_us = self.missed_at(now_us)
        self.used_us, self.run_us, self.due_us, self.late = 0, None, None, False
        begin = max(life.since_us, self.from_us)
        if self.prior is None and self.from_us == life.start_us:
            self._pass_all(life)
        else:
            for piece, until_us in self._parts(begin if running else now_us):
                if piece.carried_us is not None:
                    self.used_us = piece.carried_us
                    if self.late and piece is not self:
                        continue  # It falls due once.
                for start, end in lives[piece.plan.life].spans(piece.from_us, until_us):
                    self._pass(start, end, piece.plan.calendar.between_us(start, end), piece.plan)
        if running:
            self.resume(begin)
            self.late = self.missed(now_us)
        elif not self.late and life.phase is not _PAUSED:
            self.due_us = self.due_from(life.since_us)
        self._date_lateness(now_us)
        if self.sticky is not None:
            self.due_us, self.late_at_us = self.sticky
            self.late = True

    def _parts(self, until_us: int) -> list[tuple[Laid, int]]:
        """The pieces in which it may have fallen due, and itself, each with its end."""
        total = self.total_us if self.deadline_us is None else None
        found = [(self, until_us)]
        piece, known = self, self.carried_us
        # Where less was used than an hour amount grants, nothing fell due before: no need to look at each run again.
        while piece.prior is not None and (known is None or total is None or known >= total):
            until_us = min(piece.from_us, until_us)
            piece = piece.prior
            known = piece.carried_us
            found.append((piece, until_us))
        found.reverse()
        return found

    def _pass_all(self, life: Life) -> None:
        if self.deadline_us is None:
            # An hour amount of which less was used has not fallen due, whatever it was in the meantime.
            self._go_on(life, self.plan, judged=False)
            if self.total_us is None or self.used_us < self.total_us:
                return
            self.used_us = 0
        self._go_on(life, (self.plan, self.total_us, self.deadline_us, self.granted_us), judged=True)

    def _go_on(self, life: Life, key: object, *, judged: bool) -> None:
        # What has been lived does not change: a target that was laid over a life before goes on from there. So targets
        # that come and go cost what is new, however long the life.
        later: list[Life] = []
        known: Life | None = life
        # Asked once: another thread may write a memory of its own.
        while known is not None and (measured := known.memory.get(key)) is None:
            later.append(known)
            known = known.earlier
        if known is not None and measured is not None:
            self.used_us, self.late, self.due_us = measured
        for after in reversed(later):
            if known is not None and known.phase is _RUNNING and known.since_us < after.since_us:
                worked = self.plan.calendar.between_us(known.since_us, after.since_us)
                if judged:
                    self._pass(known.since_us, after.since_us, worked, self.plan)
                else:
                    self.used_us += worked
            known = after
        life.remember(key, (self.used_us, self.late, self.due_us))

    def _pass(self, start: int, end: int, worked: int, plan: Plan) -> None:
        total = self.total_us
        # It falls due once, and an hour amount that is longer than the run cannot fall due in it: no look-up needed.
        if not self.late and (self.deadline_us is not None or (total is not None and total - self.used_us <= worked)):
            due = self.due_from(start, plan)
            if due < end:
                self.late, self.due_us = True, due
        self.used_us += worked

    def _date_lateness(self, known_us: int) -> None:
        # What is found late by laying was made so by the event at hand, however far behind the deadline lies.
        if not self.late or self.due_us is None:
            self.late_at_us = None
        elif self.late_at_us is None:
            self.late_at_us = known_us
        else:
            self.late_at_us = max(self.late_at_us, self.due_us)

    def due_from(self, start_us: int, plan: Plan | None = None) -> int:
        """When it is due, or would be, in a run that begins at `start_us` after what has been used; `plan` measures
        the run, if that is another than its own."""
        if self.deadline_us is not None:
            return self._day_due(start_us, self.deadline_us)
        if self.total_us is None:
            return NEVER_US
        left = self.total_us - self.used_us
        return (plan or self.plan).after(start_us, max(0, left))

    def _day_due(self, start_us: int, deadline_us: int) -> int:
        if deadline_us == NEVER_US:
            return NEVER_US
        uncounted = self.plan.calendar.between_us(self.origin_us, start_us) - self.used_us
        uncounted += self.granted_us + self.plan.more_us
        return max(start_us, self.plan.after(deadline_us, uncounted) if uncounted else deadline_us)

    # Living on.

    def resume(self, us: int) -> None:
        """A run begins."""
        self.run_us = us
        if not self.late:
            self.due_us = self.due_from(us)

    def pause(self, us: int) -> None:
        """The run ends; while paused in time nothing is due."""
        self._end_run(us)
        if not self.late:
            self.due_us = None

    def end(self, us: int) -> None:
        """The clock is stopped or cancelled; the deadline as it stood remains."""
        if self.run_us is not None:
            self._end_run(us)
        elif not self.late:
            self.due_us = self.due_from(us)

    def _end_run(self, us: int) -> None:
        if self.missed(us):
            self.late_at_us = self.missed_at(us)
            self.late = True
        self.used_us = self.elapsed(us)
        self.run_us = None

    # Readings.

    def missed(self, at_us: int) -> bool:
        """Whether it is late at an instant after the last event."""
        return self.late or (self.run_us is not None and self.due_us is not None and self.due_us < at_us)

    def missed_at(self, at_us: int) -> int | None:
        """When it became late, if it is late at that instant."""
        if not self.missed(at_us) or self.due_us is None:
            return None
        return self.late_at_us if self.late_at_us is not None else max(self.due_us, self.since_us)

    def elapsed(self, at_us: int) -> int:
        """The open microseconds counted up to an instant after the last event."""
        return self.used_us if self.run_us is None else self.used_us + self.plan.calendar.between_us(self.run_us, at_us)

    @property
    def waits(self) -> bool:
        """Whether it does not run and was not missed; of a living clock: paused in time."""
        return self.run_us is None and not self.late

    def slide(self, at_us: int) -> tuple[int, int, int]:
        """While it waits: when it would be due if resumed, by how much that moves each microsecond (0 or 1), and the
        instant until which it does so."""
        calendar, due = self.plan.calendar, self.if_resumed(at_us)
        edge = calendar.next_edge_us(at_us)
        until = NEVER_US if edge is None else edge
        if due == NEVER_US:
            return due, 0, until
        if self.deadline_us is not None and due <= at_us:
            return due, 1, until
        if not calendar.is_open_us(at_us):
            return due, 0, until if self.deadline_us is None else min(until, due)
        if not calendar.is_open_us(due):
            return due, 1, at_us + 1
        closing = calendar.next_edge_us(due)
        return due, 1, until if closing is None else min(until, at_us + closing - due)

    def if_resumed(self, at_us: int) -> int:
        """The earliest instant at which it would be due if it resumed at that instant."""
        return self.due_us if self.due_us is not None else self.due_from(at_us)

    def reached(self, used_us: int) -> int:
        """The instant in the present run at which so much has elapsed; its beginning where it had before."""
        if self.run_us is None:
            return NEVER_US
        return self.plan.reach(self.run_us, max(0, used_us - self.used_us))


_OWN: Final = tuple(name for name in Laid.__slots__ if name != "prior")


def _in_a_row(pieces: Sequence[tuple[object, ...]]) -> Laid:
    laid: Laid | None = None
    for values in pieces:
        before, laid = laid, object.__new__(Laid)
        laid.prior = before
        for name, value in zip(_OWN, values, strict=True):
            setattr(laid, name, value)
    assert laid is not None, "the pieces end with the target itself"
    return laid


def worked(calendar: WorkingCalendar, log: Log) -> Runs:
    """The runs of a life that have ended, each with its open time, and the open time of all."""
    between, run, used = calendar.between_us, None, 0
    runs: list[tuple[int, int, int]] = []
    for us, phase in log:
        if run is not None:
            worked = between(run, us)
            runs.append((run, us, worked))
            used += worked
        run = us if phase is _RUNNING else None
    return runs, used


def lived(plan: Plan, since_us: int, log: Log, worked: Runs) -> Laid:
    """A target that measures a life from its start, in one go: what laying it at `since_us` and living on came to.
    `worked` is what its calendar says of the life.

    What was missed became known when it was due, or, of what lay behind already, when the target came.
    """
    start_us, total = log[0][0], plan.open_us
    us, phase = log[-1]
    runs, used = worked
    laid = Laid(plan, since_us, start_us, start_us)
    if total is None or total <= used:
        for start, end, open_us in runs:
            laid._pass(start, end, open_us, plan)
    if phase is _RUNNING:
        laid.run_us = us
    if laid.late:
        due = laid.due_us
        laid.late_at_us = since_us if due is None or due < since_us else due
    elif phase is not _PAUSED:
        # Due as its last run has it; stopped or cancelled while paused, as if it had been resumed.
        laid.used_us = used
        if phase is not _RUNNING and log[-2][1] is _RUNNING:
            us, _, last = runs[-1]
            laid.used_us -= last
        laid.due_us = laid.due_from(us)
    laid.used_us = used
    return laid


def bind(candidates: Sequence[Laid], binds: str, at_us: int, *, alive: bool) -> Laid | None:
    """Which of the candidates binds at an instant after the last event; None of none.

    The one that is due first; those that run or were missed come before those paused in time (which are ranked by when
    they would be due if they resumed), and among equals the more specific layer wins. With `most_specific` the last
    layer's always binds.
    """
    if len(candidates) < 2 or binds == "most_specific":
        return candidates[-1] if candidates else None

    def rank(laid: Laid) -> tuple[bool, int, int]:
        return alive and laid.waits, laid.if_resumed(at_us), -laid.plan.layer

    return min(candidates, key=rank)


def rebinds_us(candidates: Sequence[Laid], binding: Laid | None, at_us: int) -> int:
    """Of a living clock whose candidates all wait: an instant before which no other comes to bind, since the instants
    at which they would be due slide, each on its own calendar; `NEVER_US` where none can."""
    if binding is None or len(candidates) < 2 or not all(laid.waits for laid in candidates):
        return NEVER_US
    first, speed, until = binding.slide(at_us)
    for other in candidates:
        due, pace, end = other.slide(at_us)
        until = min(until, end)
        if speed > pace and due != NEVER_US:
            # Of equals the more specific layer binds.
            until = min(until, at_us + due - first + (other.plan.layer < binding.plan.layer))
    return until


def margin_us(laid: Laid, candidates: Sequence[Laid], binding: Laid | None, at_us: int) -> int | None:
    """How much later by the wall clock a candidate is due than the binding one; of that one, how much earlier than the
    next. None where there is no other, or one of the two is never due."""
    due = laid.if_resumed(at_us)
    others = [other.if_resumed(at_us) for other in candidates if other is not laid]
    other = min(others, default=NEVER_US) if laid is binding or binding is None else binding.if_resumed(at_us)
    return None if NEVER_US in (due, other) else abs(due - other)
