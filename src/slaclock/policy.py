"""A policy: everything an agreement says, and what follows from it for a ticket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import attrs

from slaclock._instants import Instant, load_zone, to_us
from slaclock._reading import show
from slaclock.calendar import WorkingCalendar
from slaclock.conditions import ARRIVED, CATEGORY, Condition, FieldValue, Ordered, View, spelled
from slaclock.exceptions import ExceptionEntry
from slaclock.metric import CATEGORIES, Metric, Moment, Trigger
from slaclock.relief import Register
from slaclock.rules import BINDS, LAYERS, Exemption, Layer, Rule, Table, Window
from slaclock.strategies import Strategies
from slaclock.target import CalendarFrom
from slaclock.terms import Terms
from slaclock.values import fields_of

if TYPE_CHECKING:
    from slaclock.differences import Differences
    from slaclock.preview import Preview
    from slaclock.provenance import Provenance

__all__ = ["BINDS", "LAYERS", "Exemption", "Layer", "Policy", "Rule", "Table", "Window", "expect_policy"]


def _without_cache(policy: Policy) -> dict[str, object]:
    values = ((field.name, getattr(policy, field.name)) for field in attrs.fields(Policy))
    return {name: dict(value) if isinstance(value, MappingProxyType) else value for name, value in values}


def _layers(given: Iterable[Layer]) -> tuple[Layer, ...]:
    return tuple(given)


def _metrics(given: Mapping[str, Metric] | Iterable[Metric]) -> Mapping[str, Metric]:
    if isinstance(given, Mapping):
        return given
    from slaclock._checks import by_name

    return by_name(given)


@attrs.frozen(kw_only=True, slots=False, repr=False)
class Policy:
    """An agreement, ready to be applied; made by `load_policy`, or from values.

    `layers` run from the most general to the most specific; `statuses` maps a status to its category; `fields` declares
    names and values (a tuple of values, or a type's name) where the policy does so; `exceptions` is its register;
    `metrics` may be given as a list. Raises PolicyError with every fault: names that lead nowhere or are given twice,
    words that nobody knows.
    """

    name: str = ""
    timezone: str = "UTC"
    calendars: Mapping[str, WorkingCalendar] = attrs.field(factory=dict)
    statuses: Mapping[str, str] = attrs.field(factory=dict)
    fields: Mapping[str, tuple[str, ...] | str] = attrs.field(factory=dict)
    default_calendar: str | CalendarFrom | None = None
    strategies: Strategies = Strategies()
    binds: str = "earliest_due"
    layers: tuple[Layer, ...] = attrs.field(default=(), converter=_layers)
    metrics: Mapping[str, Metric] = attrs.field(factory=dict, converter=_metrics)
    exceptions: tuple[ExceptionEntry, ...] = ()

    def __attrs_post_init__(self) -> None:
        from slaclock._checks import check_policy

        self.__setstate__(_without_cache(self))
        check_policy(self)

    @classmethod
    def of_checked(cls, **values: object) -> Policy:
        """A policy of values that were checked where they were read; all of them, by name."""
        policy = object.__new__(cls)
        policy.__setstate__(values)
        return policy

    def __getstate__(self) -> dict[str, object]:
        # What is compiled holds bound methods and is made again on first use.
        return _without_cache(self)

    def __setstate__(self, state: dict[str, object]) -> None:
        for name, value in state.items():
            self.__dict__[name] = MappingProxyType(dict(value)) if isinstance(value, Mapping) else value

    def __repr__(self) -> str:
        rules = sum(len(layer.rules) for layer in self.layers)
        return (
            f"<Policy {self.name or 'without a name'}: {rules} rules, {len(self.calendars)} calendars, {self.digest}>"
        )

    def __hash__(self) -> int:
        return hash(self.digest)

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone of answers."""
        return load_zone(self.timezone)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each metric."""
        return {name: number for number, name in enumerate(self.metrics)}

    @cached_property
    def memory(self) -> dict[str, object]:
        """What higher floors have worked out about the policy; never saved."""
        return {}

    @cached_property
    def digest(self) -> str:
        """A short stable name for what the policy means, whatever the order in which names were given."""
        import hashlib

        data = _without_cache(self)
        del data["name"]
        if not self.exceptions:
            # A register without entries says nothing.
            del data["exceptions"]
        data["calendars"] = {name: calendar.digest for name, calendar in self.calendars.items()}
        parts = (
            f"{key}={sorted(map(repr, value.items())) if isinstance(value, Mapping) else value!r}"
            for key, value in data.items()
        )
        return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()

    @cached_property
    def provenance(self) -> Provenance:
        """What gives the answers under this policy: its digest, the versions of the library and of its data."""
        from slaclock.provenance import provenance_of

        return provenance_of(self.digest, self.timezone, self.calendars.values())

    @cached_property
    def spoken(self) -> tuple[str, ...]:
        """The metrics to which some rule gives a target."""
        return tuple(name for name in self.metrics if any(name in rule.targets for rule in self.rules()))

    @cached_property
    def _bits(self) -> dict[Trigger, int]:
        # One bit for each distinct trigger: metrics share many.
        distinct = dict.fromkeys(trigger for metric in self.metrics.values() for trigger in metric.triggers())
        return {trigger: 1 << number for number, trigger in enumerate(distinct)}

    @cached_property
    def _asked(self) -> dict[tuple[tuple[int, ...], str], tuple[tuple[Trigger, int], ...]]:
        # Filled on use: the triggers to ask for some metrics at a kind of event.
        return {}

    def fired(self, moment: Moment, metrics: tuple[int, ...]) -> int:
        """The bits of the triggers of these metrics that one event fires; each is asked once, however many use it."""
        key = (metrics, moment.event.kind)
        asked = self._asked.get(key)
        if asked is None:
            mask = 0
            for number in metrics:
                mask |= self.terms[number].any
            found = ((trigger, bit) for trigger, bit in self._bits.items() if bit & mask and key[1] in trigger.kinds())
            asked = self._asked[key] = tuple(found)
        fired = 0
        for trigger, bit in asked:
            if trigger.fires(moment):
                fired |= bit
        return fired

    @cached_property
    def terms(self) -> tuple[Terms, ...]:
        """What the policy says of each metric, compiled."""
        register = Register(self.exceptions)
        return tuple(
            Terms(
                metric,
                layers=self.layers,
                calendars=dict(self.calendars),
                strategies=self.strategies,
                binds=self.binds,
                zone=self.zone,
                bits=self._bits,
                register=register,
            )
            for metric in self.metrics.values()
        )

    @cached_property
    def all_metrics(self) -> tuple[int, ...]:
        """The numbers of all metrics."""
        return tuple(range(len(self.terms)))

    @cached_property
    def promised_metrics(self) -> tuple[int, ...]:
        """The numbers of the metrics of which some rule says anything."""
        return tuple(number for number, terms in enumerate(self.terms) if terms.promised)

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """The instants at which some rule comes into force or ends, in order."""
        return tuple(sorted({us for rule in self.rules() for us in rule.effective.edges()}))

    @cached_property
    def moves(self) -> bool:
        """Whether a running clock can get another target because a rule comes into force or ends."""
        return bool(self.edges) and any(terms.moves for terms in self.terms)

    @cached_property
    def declared(self) -> dict[str, tuple[str, ...]]:
        """The fields whose values the policy lists, with those values."""
        return {name: values for name, values in self.fields.items() if isinstance(values, tuple)}

    @cached_property
    def asked(self) -> tuple[Condition, ...]:
        """All conditions of the policy."""
        asked = [*(rule.when for rule in self.rules()), *(entry.when for entry in self.exceptions)]
        for terms in self.terms:
            metric = terms.metric
            conditions = (metric.start_while, *(trigger.condition for trigger in metric.triggers()))
            asked += [*terms.lives, *(condition for condition in conditions if condition is not None)]
        return tuple(asked)

    @cached_property
    def _named(self) -> frozenset[str]:
        # The fields that rules, conditions and triggers name.
        of_conditions = (condition.fields() for condition in self.asked)
        of_metrics = (terms.fields | terms.triggering for terms in self.terms)
        return frozenset[str]().union(*of_conditions, *of_metrics)

    @cached_property
    def asks_arrival(self) -> bool:
        """Whether it matters if a ticket arrived within hours."""
        return ARRIVED in self._named

    @cached_property
    def read_fields(self) -> frozenset[str]:
        """The names of all fields that decide anything, the status among them."""
        calendar = self.default_calendar
        asked = {calendar.field} if self.asks_arrival and isinstance(calendar, CalendarFrom) else set[str]()
        return self._named | {"status"} | asked

    @cached_property
    def ordered(self) -> tuple[Ordered, ...]:
        """The conditions that read a field as a number."""
        parts = (part for condition in self.asked for part in condition.walk())
        return tuple(dict.fromkeys(part for part in parts if isinstance(part, Ordered)))

    def active_exceptions(self, at: Instant, fields: Mapping[str, object] | None = None) -> tuple[ExceptionEntry, ...]:
        """The entries of the register whose window holds at an instant, in their order.

        With `fields` only those that are for a ticket with these fields. Raises EventError for fields or an instant
        that are none.
        """
        at_us = to_us(at)
        view = None if fields is None else self._view(fields, at_us)
        found = (entry for entry in self.exceptions if entry.window.holds(at_us))
        return tuple(entry for entry in found if view is None or entry.when.test(view))

    def rules(self) -> Iterator[Rule]:
        """All rules, layer by layer."""
        for layer in self.layers:
            yield from layer.rules

    def category(self, status: FieldValue) -> str | None:
        """The category of a status: `new` for none at all, None for an unknown one."""
        if status is None or isinstance(status, tuple):
            return "new" if not status else None
        text = spelled(status)
        return self.statuses.get(text) or (text if text in CATEGORIES else None)

    def calendar_for(self, reference: str | CalendarFrom | None, view: View) -> str | None:
        """The name of the calendar to which a reference leads for these fields; None where it leads nowhere."""
        if isinstance(reference, CalendarFrom):
            return reference.name_for(view, frozenset(self.calendars))
        return reference

    def within_hours(self, view: View, at_us: int) -> bool:
        """Whether the default calendar is open at an instant, for a ticket with these fields."""
        name = self.calendar_for(self.default_calendar, view)
        return name is not None and self.calendars[name].is_open_us(at_us)

    def diff(self, other: Policy) -> Differences:
        """All that another, newer policy says otherwise, in words and as data; empty where the two say the same.

        Raises TypeError for what is no policy.
        """
        from slaclock._policy_changes import policy_changes

        return policy_changes(self, expect_policy(other))

    def targets_for(self, fields: Mapping[str, object], at: Instant) -> Preview:
        """What a ticket with these fields, created at that instant, would be promised, without any event.

        A preview has for each metric the candidates with their due instants, which of them binds, and why: the rules
        that were read and what came of each. Raises EventError for fields or an instant that are none.
        """
        at_us = to_us(at)
        from slaclock.preview import Preview

        return Preview(self.terms, self.spoken, self._view(fields, at_us), at_us, self.zone)

    def _view(self, fields: Mapping[str, object], at_us: int) -> View:
        # The fields of a ticket that is created at an instant, with what follows from them.
        view: dict[str, FieldValue] = dict(fields_of(fields))
        view[CATEGORY] = self.category(view.get("status")) or "open"
        view[ARRIVED] = "within_hours" if self.within_hours(view, at_us) else "outside_hours"
        return view


def expect_policy(policy: Policy) -> Policy:
    """The policy, if it is one. Raises TypeError that says how to get one."""
    if not isinstance(policy, Policy):
        raise TypeError(f"found {show(policy)}, expected a Policy; load_policy gives one")
    return policy
