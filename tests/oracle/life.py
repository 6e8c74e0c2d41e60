"""What events do to the clocks of one ticket, and what becomes of the clocks by it."""

from __future__ import annotations

from typing import NamedTuple

from oracle.cycles import Candidate, Cycle, Laid, Laying, Record
from oracle.grid import Clock
from oracle.register import Excepted
from oracle.sketch import DONE, Own, Promise, Sketch


class Told(NamedTuple):
    """A fact: what became of a clock, when, of which cycle, why, and about which layer's promise."""

    kind: str
    tick: float
    metric: str
    cycle: int
    cause: str
    layer: str | None = None
    warning: str | None = None
    overtaken: bool = False
    dropped: bool = False


def counting(events: list[dict], known: int | None = None) -> list[dict]:
    """The events that count by what was known at a tick: those that came by then and that nobody took back.

    Of several words on one event the last counts: what takes back can be taken back itself.
    """

    def rank(event: dict) -> tuple[int, int, int]:
        return event.get("recorded", event["tick"]), event["tick"], event["seq"]

    there = [event for event in events if known is None or rank(event)[0] <= known]
    words = sorted((event for event in there if event["event"] == "withdrawn"), key=rank)

    def stands(event: dict, later: list[dict]) -> bool:
        against = (place for place, word in enumerate(later) if word["of"] == event["seq"])
        return not any(stands(later[place], later[place + 1 :]) for place in against)

    kept = []
    for event in there:
        later = words[words.index(event) + 1 :] if event in words else words
        if event["event"] != "withdrawn" and stands(event, later):
            kept.append(event)
    return kept


def happened(trigger: tuple, event: dict, before: dict, after: dict) -> bool:
    """Whether an event is what a trigger waits for."""
    kind, *asked = trigger
    changing = event["event"] in ("created", "changed")
    if kind == "replied":
        by, public = asked
        return event["event"] == "replied" and event["by"] == by and (public is None or event["public"] == public)
    if kind == "becomes":
        name, values = asked
        return changing and after.get(name) in values and before.get(name) not in values
    if kind == "changes":
        return changing and before.get(asked[0]) != after.get(asked[0])
    if kind == "reopened":
        return before.get("category") in DONE and after.get("category") not in DONE
    return event["event"] == kind


class Life:
    """All clocks of one ticket, as the events up to a tick have left them, and what was told of them."""

    def __init__(self, sketch: Sketch, clock: Clock, events: list[dict], at: int) -> None:
        self.sketch, self.clock, self.at = sketch, clock, at
        self.fields: dict[str, object] = {"category": "new"}
        self.holds: set[str | None] = set()
        self.cycles: dict[str, list[Cycle]] = {metric: [] for metric in sketch.metrics}
        self.merged = self.created = self.replied = self.waiting = False
        self.own_armed: set[str] = set()
        self.own_waiting: set[str] = set()
        self.told: list[Told] = []
        self.log: list[tuple[int, dict]] = []
        edges = [{"event": "edge", "tick": tick, "seq": -1} for tick in sketch.edges()]
        self.last = min((event["tick"] for event in events), default=at)
        # What a window's edge changes comes before the events of its instant.
        for event in sorted([*events, *edges], key=lambda e: (e["tick"], e["seq"])):
            if event["tick"] <= at:
                self.pass_time(event["tick"])
                self.take(event)
        self.pass_time(at, asked=True)

    @property
    def category(self) -> str:
        return str(self.fields["category"])

    def pass_time(self, until: int, *, asked: bool = False) -> None:
        """What time alone makes, for those who keep track of it."""

    def catch_up(self, cycle: Cycle, now: int, cause: str | None) -> None:
        """What an event has put behind at once, for those who keep track of it."""

    def tell(self, kind: str, now: int, cycle: Cycle, layer: str | None = None, *, dropped: bool = False) -> None:
        self.told.append(Told(kind, now, cycle.metric, cycle.number, self.cause, layer, None, False, dropped))

    # What events do.

    def take(self, event: dict) -> None:
        now, kind = event["tick"], event["event"]
        self.cause = f"e{event['seq']}" if kind != "edge" else "edge"
        if kind == "edge":
            self.find_targets(now)
            return
        before = {} if kind == "created" else dict(self.fields)
        self.fields.update(event.get("fields", {}))
        self.write_down(now)
        if kind == "held" and event.get("metric") in (None, *self.cycles):
            self.holds.add(event.get("metric"))
        if kind == "released":
            self.holds.discard(event.get("metric"))
        self.created = self.created or kind == "created"
        if self.merged or not self.created:
            return
        if kind == "merged":
            self.merged = True
            for cycles in self.cycles.values():
                self.finish(cycles[-1:], now, "cancelled")
            return
        self.order(event, now, kind)
        if kind in ("created", "changed"):
            self.find_targets(now)
        self.built_in(event, now, before)
        for own in self.sketch.own:
            self.drive(own, event, now, before)
        for metric in self.cycles:
            if self.active(metric):
                self.note(self.cycles[metric][-1], now)

    def write_down(self, now: int) -> None:
        """The fields as they are, for the clocks that are alive."""
        self.log.append((now, dict(self.fields)))
        for cycles in self.cycles.values():
            if cycles and cycles[-1].active:
                cycles[-1].known = len(self.log)

    def find_targets(self, now: int) -> None:
        for metric, cycles in self.cycles.items():
            if self.active(metric):
                self.retarget(cycles[-1], now)

    def built_in(self, event: dict, now: int, before: dict) -> None:
        """The eight metrics, as their table describes them."""
        kind, was, is_now = event["event"], before.get("category"), self.category
        entered, left = is_now in DONE and was not in DONE, was in DONE and is_now not in DONE
        if kind == "created":
            for metric in ("first_response", "resolution", "requester_wait", "agent_work"):
                self.start(metric, now)
        if entered:
            for metric in ("first_response", "next_response"):
                self.give_up(metric, now)
            self.finish_named("update", now, "cancelled")
            for metric in ("resolution", "requester_wait", "agent_work"):
                self.finish_named(metric, now, "stopped", done=True)
        if kind == "replied" and event["public"]:
            self.hear(now, event["by"], done=is_now in DONE)
        if left:
            for metric in ("resolution", "requester_wait", "agent_work"):
                self.reopen(metric, now)
            self.start("update", now)
            if self.waiting:
                self.waiting = False
                self.start("next_response", now)
        if kind in ("created", "changed"):
            self.customer_and_team(now, before, entered=entered, left=left)

    def customer_and_team(self, now: int, before: dict, *, entered: bool, left: bool) -> None:
        was, is_now = before.get("category"), self.category
        if was == "pending" and is_now != "pending":
            self.finish_named("customer_wait", now, "stopped")
        if was != "pending" and is_now == "pending":
            self.start("customer_wait", now)
        moved = before.get("team") != self.fields.get("team")
        begins = (moved or left) and self.fields.get("team") is not None and is_now not in DONE
        if moved or entered:
            self.finish_named("ownership", now, "stopped", begins=begins)
        if begins:
            self.start("ownership", now)

    def hear(self, now: int, by: str, *, done: bool) -> None:
        if by == "agent":
            for metric in ("first_response", "next_response", "update"):
                self.finish_named(metric, now, "stopped", begins=metric == "update" and not done)
            self.replied, self.waiting = True, False
            if not done:
                self.start("update", now)
        if by == "customer" and self.replied:
            if done:
                self.waiting = True
            else:
                self.start("next_response", now)

    def give_up(self, metric: str, now: int) -> None:
        """Resolved without the answer that was waited for."""
        if self.active(metric):
            how = self.question("on_unanswered", self.cycles[metric][-1], now)
            self.finish_named(metric, now, "stopped" if how == "fulfil" else "cancelled")
        if metric == "next_response":
            self.waiting = False

    def order(self, event: dict, now: int, kind: str) -> None:
        if kind not in ("restarted", "extended", "waived") or not self.cycles.get(event["metric"]):
            return
        cycle = self.cycles[event["metric"]][-1]
        if kind == "restarted":
            self.restart(event["metric"], now)
        if kind == "extended":
            cycle.extra += event["ticks"]
            self.tell("extended", now, cycle)
            self.catch_up(cycle, now, None)
        if kind == "waived":
            cycle.waived = now if cycle.waived is None else cycle.waived
            self.tell("waived", now, cycle)

    # A metric of the policy's own.

    def drive(self, own: Own, event: dict, now: int, before: dict) -> None:
        """Cancel, stop, reset, reopen, start: in that order."""

        def fired(triggers: tuple[tuple, ...]) -> bool:
            return any(happened(trigger, event, before, self.fields) for trigger in triggers)

        def end(*, standing: bool) -> None:
            # What has just started is ended at once only by how things stand, not by what happened.
            for triggers, life in ((own.cancel, "cancelled"), (own.stop, "stopped")):
                if fired(tuple(trigger for trigger in triggers if not standing or trigger[0] == "becomes")):
                    self.own_waiting.discard(own.name)
                    begins = fired(own.start) and not (own.while_open and self.category in DONE)
                    self.finish_named(own.name, now, life, done=resolves and life == "stopped", begins=begins)

        resolves = self.category in DONE and before.get("category") not in DONE
        reopens = before.get("category") in DONE and self.category not in DONE
        end(standing=False)
        if self.active(own.name):
            if fired(own.reset) and self.cycles[own.name][-1].cause != self.cause:
                self.restart(own.name, now)
        elif reopens and not own.repeats and not fired(own.cancel) and not fired(own.stop):
            self.reopen(own.name, now)
        armed = not own.start_after or own.name in self.own_armed
        wanted = own.name in self.own_waiting or (armed and fired(own.start))
        if fired(own.start_after):
            self.own_armed.add(own.name)
        if wanted and not self.active(own.name) and (own.repeats or not self.cycles[own.name]):
            if own.while_open and self.category in DONE:
                self.own_waiting.add(own.name)
            else:
                self.own_waiting.discard(own.name)
                self.start(own.name, now)
                end(standing=True)

    # Lives.

    def active(self, metric: str) -> bool:
        return bool(self.cycles[metric]) and self.cycles[metric][-1].active

    def rules_of_pausing(self, cycle: Cycle) -> list[frozenset[str]]:
        """The metric's own rule, then those of its targets."""
        said = [said for _, rules in self.sketch.layers for rule in rules for said in (rule.targets.get(cycle.metric),)]
        promises = [p for s in said for p in (s.values() if isinstance(s, dict) else [s]) if p is not None]
        return list(dict.fromkeys(self.sketch.pauses(cycle.metric, promise) for promise in (None, *promises)))

    def note(self, cycle: Cycle, now: int) -> None:
        """How things stand after an event; a pause or its end is told of each rule that somebody uses."""
        held = None in self.holds or cycle.metric in self.holds
        new, old = Record(now, "active", self.category, held), cycle.records[-1]
        cycle.records.append(new)
        used = {self.sketch.pauses(cycle.metric, c.promise): c.layer for c in self.in_order(cycle)}
        usual = self.sketch.pauses(cycle.metric, None)
        for rule in self.rules_of_pausing(cycle):
            if old.phase(rule) != new.phase(rule) and (rule in used or (rule == usual and not used)):
                kind = "paused" if new.phase(rule) == "paused" else "resumed"
                self.tell(kind, now, cycle, None if rule == usual else used[rule])

    def in_order(self, cycle: Cycle) -> list[Candidate]:
        return [cycle.candidates[layer] for layer, _ in self.sketch.layers if layer in cycle.candidates]

    def start(self, metric: str, now: int, kind: str = "started") -> None:
        if not self.active(metric):
            before = self.cycles[metric][-1] if self.cycles[metric] else None
            due = self.due_before(before, now) if before is not None and kind == "started" else None
            start = now if due is None else due
            cycle = Cycle(metric, len(self.cycles[metric]) + 1, start, self.cause, log=self.log, known=len(self.log))
            cycle.extends = tuple(entry for entry in self.sketch.exceptions if self.extends(entry, metric, start))
            self.cycles[metric].append(cycle)
            if start < now:
                # What the one before lived since it was due, the next one has lived too.
                first = [record for record in before.records[:-1] if record.tick <= start][-1]
                cycle.records.append(Record(start, "active", first.category, first.held))
                cycle.records += [record for record in before.records[:-1] if record.tick > start]
            else:
                cycle.records.append(Record(now, "active", "new", held=False))
            self.tell(kind, now, cycle)
            self.retarget(cycle, now, first=True)
            if due is not None:
                self.catch_up(cycle, now, self.cause)

    def due_before(self, before: Cycle, now: int) -> int | None:
        """When the cycle was due that this very event stopped, in a cadence that does not drift."""
        stopped_now = before.life == "stopped" and before.end == now and before.ended_by == self.cause
        if not stopped_now or not self.sketch.is_cadence(before.metric):
            return None
        binding = self.binding(before, self.all_laid(before, now))
        return None if binding is None else binding.due

    def extends(self, entry: Excepted, metric: str, now: int) -> bool:
        gives = entry.effect in ("times", "more") and entry.concerns(metric)
        return gives and entry.lasts(now) and entry.matches(self.fields)

    def restart(self, metric: str, now: int) -> None:
        self.finish_named(metric, now, "cancelled")
        self.start(metric, now, "restarted")

    def finish_named(self, metric: str, now: int, life: str, *, done: bool = False, begins: bool = False) -> None:
        """`begins`: the same event begins the next cycle; if that one is there already it is not stopped before."""
        cycles = self.cycles[metric][-1:]
        if not (begins and life == "stopped" and cycles and now < cycles[0].start):
            self.finish(cycles, now, life, done=done)

    def finish(self, cycles: list[Cycle], now: int, life: str, *, done: bool = False) -> None:
        for cycle in cycles:
            if cycle.active:
                last = cycle.records[-1]
                cycle.records.append(Record(now, life, last.category, last.held))
                cycle.done, cycle.ended_by = done, self.cause
                self.tell("fulfilled" if life == "stopped" else "cancelled", now, cycle)

    def reopen(self, metric: str, now: int) -> None:
        cycle = self.cycles[metric][-1] if self.cycles[metric] else None
        if cycle is None or cycle.life != "stopped" or not cycle.done:
            return
        how = self.question("on_reopen", cycle, now)
        if how == "restart":
            self.start(metric, now, "restarted")
        elif how != "ignore":
            cycle.known = len(self.log)
            if how == "include":
                cycle.included.append((cycle.records[-1].tick, now))
                # The time in which it was done counts, whatever held or paused it when it was stopped.
                stopped = cycle.records[-1]
                cycle.records[-1] = Record(stopped.tick, "active", "new", held=False)
            else:
                cycle.records.append(Record(now, "active", "new", held=False))
            self.tell("reopened", now, cycle)
            self.retarget(cycle, now)
            self.catch_up(cycle, now, self.cause)

    # Which promises hold.

    def retarget(self, cycle: Cycle, now: int, *, first: bool = False) -> None:
        found = self.sketch.said(cycle.metric, self.fields, cycle.start, now)
        cycle.exempt = "exempt" in found.values()
        before, counted, changed = dict(cycle.candidates), self.counted_of(cycle), False
        for layer, _ in self.sketch.layers:
            old, new = before.get(layer), None if cycle.exempt else found.get(layer)
            after = self.follow(cycle, old, new, layer, now)
            if after is old:
                continue
            changed = True
            cycle.candidates.pop(layer, None)
            if after is not None:
                cycle.candidates[layer] = after
            if not first:
                self.tell("retargeted", now, cycle, layer, dropped=after is None)
        for candidate in self.counted_of(cycle):
            # Where the most specific layer binds, another one counts once that layer has lost its promise.
            if not any(candidate is other for other in counted):
                candidate.since = now
        if changed and not first:
            self.catch_up(cycle, now, self.cause)

    def counted_of(self, cycle: Cycle) -> list[Candidate]:
        found = self.in_order(cycle)
        return found[-1:] if self.sketch.binding_way(cycle.metric) == "most_specific" else found

    def follow(
        self, cycle: Cycle, old: Candidate | None, new: Promise | None, layer: str, now: int
    ) -> Candidate | None:
        """What follows in a layer on what was there, when the rules say something new, or nothing."""
        metric = cycle.metric
        if new is None:
            keep = old is not None and self.sketch.answer("on_unmatched", metric, old.promise) == "keep"
            return old if keep and not cycle.exempt else None
        how = self.sketch.answer("on_change", metric, new)
        if old is None:
            return Candidate(layer, [(max(now, cycle.start) if how == "restart" else cycle.start, new)], now)
        if how == "keep" or self.sketch.value(metric, new) == self.sketch.value(metric, old.promise):
            return old
        pieces = {
            "recompute": [(cycle.start, new)],
            "carry": [*old.pieces, (now, new)],
            "restart": [(max(now, cycle.start), new)],
        }[how]
        after = Candidate(layer, pieces, now)
        if self.sketch.answer("on_relax", metric, old.promise) == "sticky":
            was = self.laid(cycle, old, now)
            counted = any(old is other for other in self.counted_of(cycle))
            after.stuck = old.stuck or ((was.due, was.missed_at) if was.missed and counted else None)
        return after

    # What is true at a tick.

    def laid(self, cycle: Cycle, candidate: Candidate, at: int, extra: int | None = None) -> Laid:
        end = at if cycle.end is None else cycle.end
        given = cycle.extra if extra is None else extra
        return Laying(self.sketch, self.clock, cycle, candidate, end, given, raw=extra is not None).lay()

    def all_laid(self, cycle: Cycle, at: int, extra: int | None = None) -> list[Laid]:
        return [self.laid(cycle, candidate, at, extra) for candidate in self.in_order(cycle)]

    def binding(self, cycle: Cycle, all_laid: list[Laid]) -> Laid | None:
        """Candidates come from the most general to the most specific; of equal ones the last wins."""
        if not all_laid:
            return None
        if self.sketch.binding_way(cycle.metric) == "most_specific":
            return all_laid[-1]
        first = [laid for laid in reversed(all_laid) if laid.phase != "paused" or laid.missed]
        never = float("inf")
        return min(
            first or reversed(all_laid), key=lambda laid: never if laid.due_if_resumed is None else laid.due_if_resumed
        )

    def question(self, question: str, cycle: Cycle, now: int) -> str:
        """The answer of the promise that binds, or of the metric where there is none."""
        binding = self.binding(cycle, self.all_laid(cycle, now))
        return self.sketch.answer(question, cycle.metric, binding.candidate.promise if binding else None)
