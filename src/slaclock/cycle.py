"""One cycle of one metric: its lives under each pause rule, and the targets laid over them.

A cycle is told of its ticket's events as signals and changes itself; what became of it, it reports as facts through
`tell`. It is the only place where lives and targets meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import attrs

from slaclock.conditions import View
from slaclock.exceptions import Applied
from slaclock.facts import FactKind
from slaclock.laid import Laid, bind, rebinds_us
from slaclock.life import Life
from slaclock.metric import Moment
from slaclock.rules import Exemption
from slaclock.state import Phase, Signal
from slaclock.target import NEVER_US, Plan, Warn
from slaclock.terms import Terms

__all__ = ["Cycle", "Tell"]

# What a cycle reports: the kind, the instant, the cause, and what it is about.
Tell = Callable[..., None]


# Read once: an enum's member costs more to read than the rest of a step.
_RUNNING, _STOP, _PAUSE, _RESUME = Phase.RUNNING, Signal.STOP, Signal.PAUSE, Signal.RESUME


class Cycle:
    """One life of a metric's clock, with a candidate (or None) for each layer."""

    __slots__ = (
        "applied", "cause", "ended_us", "exemption", "extends", "fired", "grants", "laid", "lives", "next_us", "number",
        "start_us", "stopped_by_done", "terms", "waived",
    )  # fmt: skip

    def __init__(self, terms: Terms, number: int, start_us: int, cause: str) -> None:
        self.terms = terms
        self.number = number
        self.start_us = start_us
        self.cause = cause
        self.lives = [Life((start_us, _RUNNING, cause, ""))] * len(terms.lives)
        self.laid: list[Laid | None] = [None] * len(terms.layers)
        self.exemption: Exemption | None = None
        # Extensions: when, how much open time, and why.
        self.grants: tuple[tuple[int, int, str], ...] = ()
        self.waived: tuple[int, str] | None = None
        # Of the exceptions register: the numbers of the entries that extend, and where others apply.
        self.extends: tuple[int, ...] = ()
        self.applied: tuple[Applied, ...] = ()
        self.fired: frozenset[tuple[str, str]] = frozenset()
        self.ended_us: int | None = None
        self.stopped_by_done = False
        self.next_us = NEVER_US

    def copy(self) -> Cycle:
        """The same, to go on by itself."""
        twin = object.__new__(Cycle)
        for name in Cycle.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.lives = self.lives.copy()
        twin.laid = [None if laid is None else laid.copy() for laid in self.laid]
        return twin

    def found(self, view: View) -> Cycle:
        """The cycle with the targets that the fields give it at its start."""
        self.retarget(self.start_us, view, self.cause, None)
        return self

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self.ended_us is None

    def phase(self, life: int) -> Phase:
        """Where one of its lives stands."""
        return self.lives[life].phase

    @property
    def granted_us(self) -> int:
        """The open time that extensions have added."""
        return sum(grant[1] for grant in self.grants) if self.grants else 0

    def candidates(self) -> Iterator[Laid]:
        """The targets laid, from the most general layer to the most specific."""
        return (laid for laid in self.laid if laid is not None)

    def judged(self) -> list[Laid]:
        """The candidates whose breach is the metric's: all, or where the most specific layer binds only its own."""
        found = [laid for laid in self.laid if laid is not None]
        return found[-1:] if self.terms.binds == "most_specific" else found

    def binding(self, at_us: int) -> Laid | None:
        """The candidate that binds at an instant after the last event; None without any target."""
        if len(self.laid) == 1:
            return self.laid[0]
        found = [laid for laid in self.laid if laid is not None]
        if len(found) == 1:
            return found[0]
        return bind(found, self.terms.binds, max(at_us, self.start_us), alive=self.ended_us is None)

    # Signals.

    def follow(self, before: Cycle, us: int) -> None:
        """Live on from the instant at which the cycle that ended at `us` was due: what it lived since is lived anew."""
        if self.start_us < us:
            self.lives = [life.since(self.start_us) for life in before.lives]

    def due_us(self, at_us: int) -> int | None:
        """When the target that binds is due, if it ever is."""
        binding = self.binding(at_us)
        return None if binding is None or binding.due_us == NEVER_US else binding.due_us

    def end(self, us: int, signal: Signal, cause: str, *, done: bool, tell: Tell) -> None:
        """Stop or cancel the clock. `done` says that the ticket was resolved by the same event."""
        # What is yet to begin ends as it begins.
        lived_us = max(us, self.start_us)
        self.lives = [life.after(lived_us, signal, cause) for life in self.lives]
        for laid in self.candidates():
            laid.end(lived_us)
        self.ended_us, self.next_us = us, NEVER_US
        self.stopped_by_done = done and signal is _STOP
        kind = FactKind.FULFILLED if signal is _STOP else FactKind.CANCELLED
        tell(kind, us, cause, self)

    def reopen(self, us: int, cause: str, *, count_done_time: bool, tell: Tell) -> None:
        """Take back the stop; the time in between counts, or does not."""
        if count_done_time:
            self.lives = [life.counting_done_time() for life in self.lives]
        else:
            self.lives = [life.after(us, Signal.REOPEN, cause) for life in self.lives]
        self.ended_us, self.stopped_by_done = None, False
        for laid in self.candidates():
            if count_done_time:
                laid.lay(self.lives, us)
            else:
                laid.resume(us)
        tell(FactKind.REOPENED, us, cause, self)

    def hold(self, moment: Moment, held: str | None, tell: Tell) -> None:
        """Pause or resume each life, as its rule and the manual holds say now."""
        moved, view = False, moment.after
        why = "" if held is None else f"held: {held}"
        for number, rule in enumerate(self.terms.lives):
            life, pausing = self.lives[number], held is not None or rule.test(view)
            if pausing is not life.paused:
                self._hold_life(number, moment.event.at_us, pausing, why, moment.key, tell)
                moved = True
            elif pausing and (why != life.why or (not why and rule.because(view) != rule.because(moment.before))):
                self.lives[number] = life.pausing_by(max(moment.event.at_us, self.start_us), moment.key, why)
        if moved:
            self.schedule()

    def _hold_life(self, number: int, us: int, pausing: bool, why: str, cause: str, tell: Tell) -> None:
        lived_us = max(us, self.start_us)
        self.lives[number] = self.lives[number].after(lived_us, _PAUSE if pausing else _RESUME, cause, why)
        candidates = list(self.candidates())
        about = [laid for laid in candidates if laid.plan.life == number]
        for laid in about:
            (laid.pause if pausing else laid.resume)(lived_us)
        # A life that no target uses is nobody's business, but for that of a clock without any target.
        if about or (number == 0 and not candidates):
            kind = FactKind.PAUSED if pausing else FactKind.RESUMED
            tell(kind, us, cause, self, None if number == 0 else about[-1])

    def grant(self, us: int, more_us: int, reason: str, cause: str, tell: Tell) -> None:
        """More time for every candidate; what was missed is judged anew."""
        self.grants += ((us, more_us, reason),)
        for laid in self.candidates():
            laid.grant(more_us)
            laid.lay(self.lives, us)
        tell(FactKind.EXTENDED, us, cause, self)
        # More time puts nothing behind: what still is has been told.
        self.catch_up(us, cause, None)

    def waive(self, us: int, reason: str, cause: str, tell: Tell) -> None:
        """The promise is waived: time makes no more facts of this cycle."""
        # The first waiver counts: after it nothing is missed that a second one could leave behind.
        self.waived = self.waived or (us, reason)
        self.schedule()
        tell(FactKind.WAIVED, us, cause, self)

    # Exceptions.

    def relieve(self, us: int, applied: tuple[Applied, ...]) -> bool:
        """Measure by what the register says now; whether that has changed what is suspended."""
        before, self.applied = self.applied, applied
        relief = self.terms.relief
        if relief is None or relief.suspensions(before) == relief.suspensions(applied):
            return False
        for laid in self.candidates():
            laid.adopt(self.relieved(laid.plan.raw, laid.origin_us))
            laid.lay(self.lives, us)
        return True

    def relieved(self, raw: Plan, origin_us: int) -> Plan:
        """A plan with what exceptions make of it here, if it is measured from `origin_us`."""
        relief = self.terms.relief
        return raw if relief is None else relief.plan(raw, self.extends, self.applied, origin_us)

    def unrelieved(self, us: int) -> Cycle:
        """The same without extensions and exceptions, as it would stand at an instant."""
        raw = self.copy()
        raw.grants, raw.extends, raw.applied = (), (), ()
        for laid in raw.candidates():
            laid.strip()
            laid.lay(raw.lives, us)
        return raw

    def touched_by(self, at_us: int, due_us: int) -> Iterator[int]:
        """The numbers of the entries that apply to a part of its life up to an instant; of those that suspend, up to
        the later instant at which it is due."""
        end_us = at_us + 1 if self.ended_us is None else self.ended_us + (self.ended_us == self.start_us)
        suspended = () if self.terms.relief is None else self.terms.relief.suspensions(self.applied)
        for span in self.applied:
            start, end, number = span
            until_us = max(end_us, due_us) if span in suspended else end_us
            if start < until_us and self.start_us < min(end, until_us):
                yield number

    @property
    def is_relieved(self) -> bool:
        """Whether extensions or exceptions change what its targets say."""
        if self.terms.relief is None:
            return bool(self.grants)
        return bool(self.grants) or any(laid.is_relieved for laid in self.candidates())

    # Targets.

    def retarget(self, us: int, view: View, cause: str, tell: Tell | None) -> None:
        """Find each layer's target again, as the fields stand now. `tell` is None where the cycle only begins."""
        if tell is None and self.terms.relief is not None:
            self.extends = self.terms.relief.extending(view, self.start_us)
            self.applied = self.terms.relief.matching(view)
        found = self.terms.find(view, self.start_us, us)
        judged = self.judged()
        self.exemption = found if isinstance(found, Exemption) else None
        changed = False
        for layer, laid in enumerate(self.laid):
            plan = None if isinstance(found, Exemption) else found[layer]
            new = self._next(laid, plan, us, sticks=laid in judged)
            if new is laid:
                continue
            self.laid[layer] = new
            changed = True
            if new is not None:
                new.lay(self.lives, us)
            if tell is not None:
                tell(FactKind.RETARGETED, us, cause, self, new if new is not None else laid, dropped=new is None)
        if tell is None:
            self.schedule()
        elif changed:
            self._come_to_count(judged, us)
            self.catch_up(us, cause, tell)

    def _come_to_count(self, judged: list[Laid], us: int) -> None:
        # Where the most specific layer binds, another candidate counts once that layer's target is gone: from now on.
        for laid in self.judged():
            if laid not in judged and laid.since_us < us:
                laid.since_us, laid.late_at_us, laid.late = us, None, False
                laid.due_us = None
                laid.lay(self.lives, us)

    def _next(self, old: Laid | None, plan: Plan | None, us: int, *, sticks: bool) -> Laid | None:
        if plan is None:
            keep = old is not None and self.exemption is None and old.plan.strategies.on_unmatched == "keep"
            return old if keep else None
        if old is None:
            afresh = plan.strategies.on_change == "restart" and us > self.start_us
            return self._laid(plan, us, us if afresh else self.start_us)
        how = plan.strategies.on_change
        if plan.value == old.plan.value or how == "keep":
            return old
        origin = max(us, self.start_us) if how == "restart" else self.start_us
        # What carries on is measured from where the old target was: since the start, or since it was begun afresh.
        new = self._laid(plan, us, old.origin_us if how == "carry" else origin)
        # What is yet to begin has used nothing that could be carried on.
        if how == "carry" and us >= self.start_us:
            new.carry(old, us)
        if old.plan.strategies.on_relax == "sticky":
            # What was missed while another layer's target counted alone was no breach.
            missed_at = old.missed_at(us) if sticks else None
            new.sticky = old.sticky or (None if missed_at is None or old.due_us is None else (old.due_us, missed_at))
        return new

    def _laid(self, plan: Plan, us: int, from_us: int) -> Laid:
        plan = self.relieved(plan, from_us)
        return Laid(plan, since_us=us, origin_us=from_us, from_us=from_us, granted_us=self.granted_us)

    # What time alone makes.

    def schedule(self) -> None:
        """Find the date of the next fact that time alone makes."""
        self.next_us = NEVER_US
        if self.waived is None and self.alive:
            self.next_us = min((date for date, *_ in self._coming()), default=NEVER_US)

    def _coming(self) -> Iterator[tuple[int, int, int, Laid, str]]:
        # Date, a warning (0) before a breach (1), the layer, the candidate, the warning's text.
        fired = self.fired
        for laid in self.judged():
            if laid.run_us is None:
                continue
            # Of no use as long as nothing has been told.
            digest = laid.digest if fired else ""
            for used, text, _ in laid.thresholds:
                if (digest, text) not in fired:
                    yield laid.reached(used), 0, laid.plan.layer, laid, text
                    break
            due = laid.due_us
            if due is not None and due != NEVER_US and not laid.late and (digest, "") not in fired:
                yield due, 1, laid.plan.layer, laid, ""

    def wakes_us(self) -> int:
        """The first instant at which a fact that time alone makes is there to be told."""
        if self.next_us == NEVER_US:
            return NEVER_US
        return min(date + rank for date, rank, *_ in self._coming())

    def turns_us(self, at_us: int) -> int:
        """The next instant after `at_us` at which time alone turns what a target says, be it a fact or not."""
        turns = [NEVER_US]
        for laid in self.candidates():
            if laid.run_us is not None and laid.due_us is not None:
                turns += [laid.due_us + 1, *(laid.reached(used) for used, _, _ in laid.thresholds)]
        if self.alive and self.terms.binds != "most_specific":
            begun_us = max(at_us, self.start_us)
            turns.append(rebinds_us(list(self.candidates()), self.binding(begun_us), begun_us))
        return min(us for us in turns if us > at_us)

    def pass_time(self, until_us: int, *, closing: bool, tell: Tell) -> int:
        """Tell what time makes before an instant (`closing`: and the warnings at it); the last date told, if any."""
        last = -NEVER_US
        while self.next_us <= until_us:
            date, rank, _, laid, text = min(self._coming(), key=lambda coming: coming[:3])
            if date > until_us or (date == until_us and (rank == 1 or not closing)):
                break
            self._tell_once(laid, text, date, "time", tell, overtaken=False)
            last = date
            self.schedule()
        return last

    def catch_up(self, us: int, cause: str, tell: Tell | None) -> None:
        """Tell at once what a change has put behind: first the warnings, then the breach. None: it is known already."""
        if self.waived is None:
            for laid in self.judged():
                self._catch_up_with(laid, us, cause, tell)
        self.schedule()

    def _catch_up_with(self, laid: Laid, us: int, cause: str, tell: Tell | None) -> None:
        used = laid.elapsed(us)
        for threshold, text, _ in laid.thresholds:
            behind = threshold <= used if laid.run_us is None else threshold < used or laid.reached(threshold) < us
            if behind:
                self._tell_once(laid, text, us, cause, tell, overtaken=True)
        if laid.late and laid.sticky is None:
            self._tell_once(laid, "", us, cause, tell, overtaken=False)

    def _tell_once(self, laid: Laid, text: str, us: int, cause: str, tell: Tell | None, *, overtaken: bool) -> None:
        if (laid.digest, text) in self.fired:
            return
        self.fired |= {(laid.digest, text)}
        if tell is None:
            return
        if not text:
            tell(FactKind.BREACHED, us, cause, self, laid)
            return
        tell(FactKind.WARNED, us, cause, self, laid, self._warning(laid, text), overtaken=overtaken)

    def _warning(self, laid: Laid, text: str) -> Warn:
        # Equal targets of several layers warn once, and everybody whom one of them names is to be told.
        equal = (other for other in self.judged() if other.digest == laid.digest)
        found = [warn for other in equal for _, known, warn in other.thresholds if known == text]
        return attrs.evolve(found[0], notify=tuple(dict.fromkeys(name for warn in found for name in warn.notify)))
