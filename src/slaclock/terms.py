"""What a policy says of one metric, compiled: its rules, its pause rules, and which targets a ticket gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import TypeAlias

import attrs

from slaclock.calendar import WorkingCalendar
from slaclock.conditions import Condition, View
from slaclock.metric import Metric, Trigger
from slaclock.rules import Exemption, Layer, Rule, Table
from slaclock.strategies import DEFAULTS, Strategies
from slaclock.target import CalendarFrom, Plan, Target

__all__ = ["Considered", "Found", "Terms"]

Found: TypeAlias = tuple[Plan | None, ...]


@attrs.frozen(kw_only=True)
class Considered:
    """A rule that was read for a metric, and what came of it."""

    layer: str
    rule: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.layer}: {self.rule}: {self.outcome}"


def _mask(triggers: Iterable[Trigger], bits: Mapping[Trigger, int]) -> int:
    mask = 0
    for trigger in triggers:
        mask |= bits[trigger]
    return mask


class Terms:
    """What a policy says of one metric, compiled on first use."""

    __slots__ = (
        "_known", "_plans", "_rules", "any", "binds", "calendars", "cancel", "fields", "interest", "layers", "lives",
        "metric", "moves", "promised", "reset", "standing", "start", "start_after", "stop", "strategies",
        "unanswered", "zone",
    )  # fmt: skip

    def __init__(
        self,
        metric: Metric,
        *,
        layers: tuple[Layer, ...],
        calendars: Mapping[str, WorkingCalendar],
        strategies: Strategies,
        binds: str,
        zone: tzinfo,
        bits: Mapping[Trigger, int],
    ) -> None:
        self.metric = metric
        self.calendars = calendars
        self.strategies = metric.strategies.over(strategies).over(DEFAULTS)
        self.binds = metric.binds or binds
        self.zone = zone
        self.layers = tuple(layer.name for layer in layers)
        self._known = frozenset(calendars)
        self._rules = tuple(
            tuple(rule for rule in layer.rules if metric.name in rule.targets or rule.exempts(metric.name))
            for layer in layers
        )
        # Whether the policy has anything to say of the metric.
        self.promised = any(self._rules)
        targets = tuple(self._targets())
        pauses = dict.fromkeys((metric.pause_while, *(target.pause_while or metric.pause_while for target in targets)))
        self.lives: tuple[Condition, ...] = tuple(pauses)
        self.fields = self._fields(targets)
        self.moves = any(self._strategies(target).on_amend == "move" for target in targets)
        # Triggers are asked once for each event; what fired is a set of bits, and each use of them a mask.
        self.start, self.start_after = _mask(metric.start, bits), _mask(metric.start_after, bits)
        self.stop, self.cancel = _mask(metric.stop, bits), _mask(metric.cancel, bits)
        self.reset, self.unanswered = _mask(metric.reset, bits), _mask(metric.unanswered, bits)
        self.any = _mask(metric.triggers(), bits)
        self.standing = _mask((trigger for trigger in metric.triggers() if trigger.condition is not None), bits)
        waits = frozenset[str]() if metric.start_while is None else metric.start_while.fields()
        self.interest = self.fields.union(waits, *(pause.fields() for pause in self.lives))
        self._plans: dict[tuple[int, str, int, str], Plan] = {}

    def _targets(self) -> Iterator[Target]:
        for rules in self._rules:
            for rule in rules:
                entry = rule.targets.get(self.metric.name)
                if isinstance(entry, Table):
                    yield from entry.targets()
                elif entry is not None:
                    yield entry

    def _fields(self, targets: tuple[Target, ...]) -> frozenset[str]:
        of_rules = (rule.fields() for rules in self._rules for rule in rules)
        of_calendars = (target.calendar.field for target in targets if isinstance(target.calendar, CalendarFrom))
        return frozenset(of_calendars).union(*of_rules)

    def _strategies(self, target: Target) -> Strategies:
        return target.strategies.over(self.strategies)

    def find(self, view: View, start_us: int, now_us: int) -> Found | Exemption:
        """What each layer gives to a clock that started at `start_us`, as the fields stand now.

        A rule's window is compared with the start, or, where the target says `on_amend: move`, with now.
        """
        found: list[Plan | None] = []
        for number in range(len(self._rules)):
            given = None
            for _, given in self._read(number, view, start_us, now_us):
                if isinstance(given, Exemption):
                    return given
                if isinstance(given, Plan):
                    break
            found.append(given if isinstance(given, Plan) else None)
        return tuple(found)

    def considered(self, view: View, at_us: int) -> Iterator[Considered]:
        """The rules that were read for a clock that starts at an instant, and what came of each."""
        for number, layer in enumerate(self.layers):
            for rule, given in self._read(number, view, at_us, at_us):
                if isinstance(given, Exemption):
                    yield Considered(layer=layer, rule=rule.name, outcome=f"exempts {self.metric.name}")
                    return
                if isinstance(given, Plan):
                    yield Considered(layer=layer, rule=rule.name, outcome=f"gives {given.target}")
                    break
                yield Considered(layer=layer, rule=rule.name, outcome=given)

    def _read(
        self, layer: int, view: View, start_us: int, now_us: int
    ) -> Iterator[tuple[Rule, Plan | Exemption | str]]:
        for rule in self._rules[layer]:
            if rule.when.test(view):
                yield rule, self._given(layer, rule, view, start_us, now_us)
            else:
                yield rule, f"does not apply: asks for {rule.when}"

    def _given(self, layer: int, rule: Rule, view: View, start_us: int, now_us: int) -> Plan | Exemption | str:
        target, strategies = None, self.strategies
        if not rule.exempts(self.metric.name):
            entry = rule.targets[self.metric.name]
            target = entry.find(view) if isinstance(entry, Table) else entry
            if target is None:
                return "has no row for this ticket"
            strategies = self._strategies(target)
        if not rule.effective.holds(now_us if strategies.on_amend == "move" else start_us):
            return "is not in effect"
        if target is None:
            return Exemption(self.layers[layer], rule.name)
        calendar = target.calendar
        name = calendar.name_for(view, self._known) if isinstance(calendar, CalendarFrom) else calendar
        return "finds no calendar for this ticket" if name is None else self.plan(layer, rule.name, target, name)

    def plan(self, layer: int, rule: str, target: Target, calendar: str) -> Plan:
        """The target as that rule of that layer gives it, on the calendar of that name."""
        key = (layer, rule, id(target), calendar)
        plan = self._plans.get(key)
        if plan is None:
            pause = target.pause_while or self.metric.pause_while
            plan = self._plans[key] = Plan(
                target,
                layer=layer,
                layer_name=self.layers[layer],
                rule=rule,
                calendar_name=calendar,
                calendar=self.calendars[calendar],
                pause_while=pause,
                life=self.lives.index(pause),
                strategies=self._strategies(target),
            )
        return plan

    def reference(self, plan: Plan) -> tuple[int, str, int, str]:
        """What names a plan in a saved state: layer, rule, the number of its target in the rule, and the calendar."""
        number = next(n for n, target in enumerate(self._entry(plan.layer, plan.rule)) if target is plan.target)
        return (plan.layer, plan.rule, number, plan.calendar_name)

    def referred(self, layer: int, rule: str, number: int, calendar: str) -> Plan:
        """The plan that a saved state names. Raises LookupError where the policy has none such."""
        if calendar not in self.calendars:
            raise LookupError(calendar)
        return self.plan(layer, rule, self._entry(layer, rule)[number], calendar)

    def _entry(self, layer: int, name: str) -> tuple[Target, ...]:
        rule = next((rule for rule in self._rules[layer] if rule.name == name), None)
        entry = rule.targets.get(self.metric.name) if rule is not None else None
        if entry is None:
            raise LookupError(name)
        return tuple(entry.targets()) if isinstance(entry, Table) else (entry,)
