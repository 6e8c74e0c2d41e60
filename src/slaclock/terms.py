"""What a policy says of one metric, compiled: its rules, its pause rules, and which targets a ticket gets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import tzinfo
from enum import Enum
from typing import TypeAlias

from slaclock._index import Index
from slaclock.calendar import WorkingCalendar
from slaclock.conditions import Condition, View
from slaclock.metric import Metric, Trigger
from slaclock.relief import Register, Relief
from slaclock.rules import Exemption, Layer, Rule, Table
from slaclock.strategies import DEFAULTS, Strategies
from slaclock.target import CalendarFrom, Plan, Target

__all__ = ["Found", "Given", "Lack", "Terms"]

Found: TypeAlias = tuple[Plan | None, ...]


class Lack(Enum):
    """Why a rule whose condition holds gives nothing."""

    ROW = "its table has no row for the ticket"
    WINDOW = "it is not in effect"
    CALENDAR = "the ticket names no calendar"


Given: TypeAlias = Plan | Exemption | Lack


def _mask(triggers: Iterable[Trigger], bits: Mapping[Trigger, int]) -> int:
    mask = 0
    for trigger in triggers:
        mask |= bits[trigger]
    return mask


class Terms:
    """What a policy says of one metric, compiled on first use."""

    __slots__ = (
        "_entries", "_indexes", "_known", "_named", "_plans", "_rules", "any", "binds", "calendars", "cancel", "fields",
        "interest", "layers", "lives", "metric", "moves", "promised", "relief", "reset", "standing", "start",
        "start_after", "stop", "strategies", "targets", "triggering", "unanswered", "zone",
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
        register: Register,
    ) -> None:
        self.metric = metric
        # What the exceptions register does; None where it says nothing of the metric.
        self.relief = Relief.of(register, metric.name)
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
        self._indexes: tuple[Index | None, ...] | None = None
        # Whether the policy has anything to say of the metric.
        self.promised = any(self._rules)
        self.targets = targets = tuple(self._targets())
        pauses = dict.fromkeys((metric.pause_while, *(target.pause_while or metric.pause_while for target in targets)))
        self.lives: tuple[Condition, ...] = tuple(pauses)
        self.fields = self._fields(targets)
        # An exemption has no target of its own to answer for its window: the metric does.
        exempts = any(rule.exempts(metric.name) for rules in self._rules for rule in rules)
        self.moves = any(map(self._moves, targets)) or (exempts and self._moves(None))
        # Triggers are asked once for each event; what fired is a set of bits, and each use of them a mask.
        self.start, self.start_after = _mask(metric.start, bits), _mask(metric.start_after, bits)
        self.stop, self.cancel = _mask(metric.stop, bits), _mask(metric.cancel, bits)
        self.reset, self.unanswered = _mask(metric.reset, bits), _mask(metric.unanswered, bits)
        self.any = _mask(metric.triggers(), bits)
        self.standing = _mask((trigger for trigger in metric.triggers() if trigger.condition is not None), bits)
        waits = frozenset[str]() if metric.start_while is None else metric.start_while.fields()
        scopes = () if self.relief is None else self.relief.fields()
        # What triggers read is asked of each event; what else may matter to a clock, of those that change it.
        self.triggering = frozenset[str]().union(*(trigger.fields() for trigger in metric.triggers()))
        self.interest = self.fields.union(waits, scopes, *(pause.fields() for pause in self.lives))
        self._plans: dict[tuple[int, str, int, str], Plan] = {}
        # For saved states, made when one is written or read.
        self._named: tuple[dict[str, Rule], ...] | None = None
        self._entries: dict[tuple[int, str], tuple[tuple[Target, ...], dict[int, int]]] = {}

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

    def strategies_of(self, target: Target | None) -> Strategies:
        """The strategies of a target, or of the metric where there is none."""
        return self.strategies if target is None else target.strategies.over(self.strategies)

    def _moves(self, target: Target | None) -> bool:
        return self.strategies_of(target).on_amend == "move"

    def find(self, view: View, start_us: int, now_us: int) -> Found | Exemption:
        """What each layer gives to a clock that started at `start_us`, as the fields stand now.

        A rule's window is compared with the start, or, where the target says `on_amend: move`, with now.
        """
        found: list[Plan | None] = []
        for number, rules in enumerate(self._rules):
            plan = None
            for place in self.candidates(number, view):
                rule = rules[place]
                if not rule.when.test(view):
                    continue
                given = self.given(number, rule, view, start_us, now_us)
                if isinstance(given, Plan):
                    plan = given
                    break
                if isinstance(given, Exemption):
                    return given
            found.append(plan)
        return tuple(found)

    def relieved(self, plan: Plan, view: View, start_us: int) -> Plan:
        """A plan with what exceptions make of it, for a clock that starts at an instant on such a ticket."""
        relief = self.relief
        if relief is None:
            return plan
        return relief.plan(plan, relief.extending(view, start_us), relief.matching(view), start_us)

    def rules(self, layer: int) -> tuple[Rule, ...]:
        """The rules of a layer that speak of the metric, in order."""
        return self._rules[layer]

    def index(self, layer: int) -> Index | None:
        """The index of these rules, made on first use; None where they are read one by one."""
        if self._indexes is None:
            self._indexes = tuple(map(Index.of, self._rules))
        return self._indexes[layer]

    def candidates(self, layer: int, view: View) -> Sequence[int]:
        """The places, in order, of those of the rules that may match a ticket with these fields; the others do not."""
        index = self.index(layer)
        return range(len(self._rules[layer])) if index is None else index.candidates(view)

    def given(self, layer: int, rule: Rule, view: View, start_us: int, now_us: int) -> Given:
        """What a rule whose condition holds gives to a clock, or why it gives nothing."""
        target = None
        if not rule.exempts(self.metric.name):
            entry = rule.targets[self.metric.name]
            target = entry.find(view) if isinstance(entry, Table) else entry
            if target is None:
                return Lack.ROW
        window = rule.effective
        if window.is_limited and not window.holds(now_us if self._moves(target) else start_us):
            return Lack.WINDOW
        if target is None:
            return Exemption(self.layers[layer], rule.name)
        calendar = target.calendar
        name = calendar.name_for(view, self._known) if isinstance(calendar, CalendarFrom) else calendar
        return Lack.CALENDAR if name is None else self.plan(layer, rule.name, target, name)

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
                strategies=self.strategies_of(target),
            )
        return plan

    def reference(self, plan: Plan) -> tuple[int, str, int, str]:
        """What names a plan in a saved state: layer, rule, the number of its target in the rule, and the calendar."""
        number = self._entry(plan.layer, plan.rule)[1][id(plan.target)]
        return (plan.layer, plan.rule, number, plan.calendar_name)

    def referred(self, layer: int, rule: str, number: int, calendar: str) -> Plan:
        """The plan that a saved state names. Raises LookupError where the policy has none such."""
        if calendar not in self.calendars:
            raise LookupError(calendar)
        return self.plan(layer, rule, self._entry(layer, rule)[0][number], calendar)

    def _entry(self, layer: int, name: str) -> tuple[tuple[Target, ...], dict[int, int]]:
        """The targets of a rule, and the number of each by its identity."""
        found = self._entries.get((layer, name))
        if found is None:
            if self._named is None:
                # The first one of a name counts.
                self._named = tuple({rule.name: rule for rule in reversed(rules)} for rules in self._rules)
            rule = self._named[layer].get(name)
            entry = rule.targets.get(self.metric.name) if rule is not None else None
            if entry is None:
                raise LookupError(name)
            targets = tuple(entry.targets()) if isinstance(entry, Table) else (entry,)
            numbers = {id(target): number for number, target in reversed(tuple(enumerate(targets)))}
            found = self._entries[layer, name] = (targets, numbers)
        return found
