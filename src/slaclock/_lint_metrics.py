"""Lints of metrics: clocks that cannot start, cannot end well, or never count, whatever happens to a ticket.

What people do by hand is left aside: a clock that somebody restarts begins wherever the ticket stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from slaclock._offers import Study
from slaclock.conditions import CATEGORY, All, Always, Condition, Is, Not
from slaclock.lints import Lint
from slaclock.metric import DONE_CATEGORIES, TRIGGER_KEYS, Metric, Trigger

__all__ = ["odd_metrics"]

NEVER: Final = Always(False)
_FOR_OWN: Final = ("idle-trigger", "never-pauses")
NOT_DONE: Final = Not(Is(CATEGORY, DONE_CATEGORIES))


def odd_metrics(study: Study, builtin: Mapping[str, Metric]) -> Iterator[Lint]:
    """Metrics whose conditions contradict each other.

    Of a built-in metric that the policy did not redefine it matters only that it is promised and comes to nothing: that
    some of its triggers and pauses have no meaning where there are no such statuses is as it should be.
    """
    for name, metric in study.policy.metrics.items():
        own = metric != builtin.get(name)
        if own or name in study.entries:
            lints = _Life(study, metric).lints()
            yield from (lint for lint in lints if own or lint.layer is not None or lint.code not in _FOR_OWN)


class _Life:
    """What can be proved of the life of a metric's clock."""

    def __init__(self, study: Study, metric: Metric) -> None:
        self.study = study
        self.prover = study.prover
        self.metric = metric

    def lints(self) -> Iterator[Lint]:
        """All lints of the metric."""
        told: set[str] = set()
        self._look_for("never-starts", "start")
        starts = self._cannot_start()
        if starts is not None:
            told.add(starts[1])
            yield self._lint("never-starts", *starts)
        self._look_for("never-stops", "stop")
        if self.metric.stop and not any(map(self._can_fire, self.metric.stop)):
            told.add("stop")
            yield self._lint("never-stops", _none_satisfies(self.metric.stop), "stop")
        yield from self._idle_triggers(told)
        if starts is None:
            yield from self._ends()
            yield from self._pauses()

    def _lint(self, code: str, sentence: str, *keys: str | int) -> Lint:
        return self.study.lint(code, sentence, "metrics", self.metric.name, *keys)

    def _look_for(self, code: str, *keys: str | int) -> None:
        self.study.look_for(code, "metrics", self.metric.name, *keys)

    # Starting.

    def _cannot_start(self) -> tuple[str, str] | None:
        """Why the clock cannot start, and the key that says so; None where it can, or `never` is written there."""
        metric = self.metric
        for key, triggers in (("start", metric.start), ("start_after", metric.start_after)):
            if triggers and not any(map(self._can_fire, triggers)):
                return _none_satisfies(triggers), key
        waits = metric.start_while
        if waits is not None and waits != NEVER and not self.prover.possible(waits):
            return f"no ticket can satisfy `{waits}`", "start_while"
        return None

    def _can_fire(self, trigger: Trigger) -> bool:
        condition = trigger.condition
        return condition is None or condition == NEVER or self.prover.possible(condition)

    def _idle_triggers(self, told: set[str]) -> Iterator[Lint]:
        for key in TRIGGER_KEYS:
            triggers: tuple[Trigger, ...] = getattr(self.metric, key)
            for place, trigger in enumerate(triggers):
                keys = (key, place) if len(triggers) > 1 else (key,)
                self._look_for("idle-trigger", *keys)
                if key not in told and not self._can_fire(trigger):
                    yield self._lint("idle-trigger", f"no ticket can satisfy `{trigger.condition}`", *keys)

    # Ending.

    def _ends(self) -> Iterator[Lint]:
        metric = self.metric
        ends = [end for end in metric.stop + metric.cancel + metric.unanswered if end.condition is not None]
        self._look_for("ends-at-once", "start")
        pairs = [(start, next((end for end in ends if self._ends_at_once(start, end)), None)) for start in metric.start]
        if all(end is not None for _, end in pairs):
            start, end = pairs[0]
            sentence = f"whatever fires `{start}` fires `{end}` too, and ends the clock that it starts"
            yield self._lint("ends-at-once", sentence, "start")
        self._look_for("always-cancelled", "stop")
        if metric.stop and all(any(self._fires_with(stop, end) for end in metric.cancel) for stop in metric.stop):
            stop = metric.stop[0]
            end = next(end for end in metric.cancel if self._fires_with(stop, end))
            yield self._lint("always-cancelled", f"whatever fires `{stop}` fires `{end}` too, and cancels", "stop")

    def _ends_at_once(self, start: Trigger, end: Trigger) -> bool:
        # A start that is kept back comes with another event.
        waits, condition = self.metric.start_while, end.condition
        if condition is None or (waits is not None and not self._holds_at(start, waits)):
            return False
        return self._fires_with(start, end)

    def _holds_at(self, start: Trigger, condition: Condition) -> bool:
        given = NOT_DONE if start.on == "reopened" else start.condition
        return self.prover.implies(Always() if given is None else given, condition)

    def _fires_with(self, one: Trigger, other: Trigger) -> bool:
        """Whether the other fires with every event that fires the one; True is proved."""
        if other.condition is not None:
            return self._comes_to_hold(one, other.condition)
        if one.on != other.on or (one.condition is not None):
            return False
        if one.on == "changed":
            return set(one.names) <= set(other.names)
        spoken = not other.by or (bool(one.by) and set(one.by) <= set(other.by))
        return spoken and (one.on != "replied" or other.public in (None, one.public))

    def _comes_to_hold(self, one: Trigger, condition: Condition) -> bool:
        if one.on == "created":
            return self.prover.implies(Always(), condition)
        if one.on == "reopened":
            return self.prover.equal(NOT_DONE, condition)
        return one.condition is not None and self.prover.equal(one.condition, condition)

    # Pausing.

    def _pauses(self) -> Iterator[Lint]:
        keys = ("metrics", self.metric.name, "pause_while")
        self.study.look_for("always-paused", *keys)
        alive = All(tuple(self._while_alive()))
        rule = self.metric.pause_while
        yield from self._pause(alive, rule, *keys)
        seen = {rule}
        for offer in self.study.offers(self.metric.name):
            own = offer.target.pause_while
            if own is not None and own not in seen:
                seen.add(own)
                yield from self._pause(alive, own, *offer.keys, "pause_while")

    def _pause(self, alive: Condition, rule: Condition, *keys: str | int) -> Iterator[Lint]:
        if rule == NEVER:
            return
        self.study.look_for("always-paused", *keys)
        if self.prover.implies(alive, rule):
            yield self.study.lint("always-paused", f"`{rule}` holds as long as the clock has not ended", *keys)
            return
        self.study.look_for("never-pauses", *keys)
        if not self.prover.possible(alive, rule):
            sentence = f"`{rule}` holds for no ticket whose clock has started and not ended"
            yield self.study.lint("never-pauses", sentence, *keys)

    def _while_alive(self) -> Iterator[Condition]:
        """What holds whenever a clock has started and not ended: that no condition came to hold which ends it."""
        metric = self.metric
        for end in metric.stop + metric.cancel + metric.unanswered:
            condition = end.condition
            # When the ticket is reopened, a clock that starts once goes on, whatever else holds then.
            if condition is None or (not metric.repeats and self.prover.possible(NOT_DONE, condition)):
                continue
            if all(self._excluded_at(start, condition) for start in metric.start):
                yield Not(condition)

    def _excluded_at(self, start: Trigger, condition: Condition) -> bool:
        """Whether no clock begins by a start while a condition holds that ends it."""
        waits = self.metric.start_while
        if waits is not None:
            return not self.prover.possible(waits, condition)
        if start.on == "created":
            return True  # What holds at the creation comes to hold by it, and ends the clock at once.
        given = NOT_DONE if start.on == "reopened" else start.condition
        return given is not None and not self.prover.possible(given, condition)


def _none_satisfies(triggers: tuple[Trigger, ...]) -> str:
    return f"no ticket can satisfy {' or '.join(f'`{trigger.condition}`' for trigger in triggers)}"
