"""What of a ticket's fields decides anything under a policy: so that tickets which differ in nothing else are alike."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from slaclock.conditions import (
    ARRIVED,
    CATEGORY,
    Condition,
    Exists,
    FieldValue,
    Is,
    Ordered,
    members,
    number,
    spelled,
)
from slaclock.metric import CATEGORIES
from slaclock.policy import Policy
from slaclock.rules import Table
from slaclock.target import CalendarFrom
from slaclock.terms import Terms

__all__ = ["Sight"]

# What stands for values of which no field can hold one.
_OTHER: Final = object()
_NO_TEXT: Final = object()
_SEVERAL: Final = object()
_NUMBERED: Final = object()


class Sight:
    """What of a ticket's fields decides anything under a policy: the names, and of each the values told apart."""

    __slots__ = ("_bounds", "_texts", "_whole", "bounds", "texts")

    def __init__(self, policy: Policy) -> None:
        self._texts: defaultdict[str, set[str]] = defaultdict(set, {"status": {*policy.statuses, *CATEGORIES}})
        self._bounds: defaultdict[str, set[Fraction]] = defaultdict(set)
        self._whole: set[str] = set()
        for place in policy.promised_metrics:
            self._add_terms(policy, policy.terms[place])
        for name in (CATEGORY, ARRIVED):
            self._texts.pop(name, None)
        # None: every value counts as itself.
        self.texts: dict[str, frozenset[str] | None] = {
            name: None if name in self._whole else frozenset(texts) for name, texts in self._texts.items()
        }
        # With which numbers those are compared that a field holds, in order.
        self.bounds: dict[str, list[Fraction]] = {name: sorted(bounds) for name, bounds in self._bounds.items()}

    def _add_terms(self, policy: Policy, terms: Terms) -> None:
        for trigger in terms.metric.triggers():
            for name in trigger.names:
                self._whole.add(name)
                self._add(name)
            if trigger.condition is not None:
                self._add_condition(trigger.condition)
        rules = [rule for layer in range(len(terms.layers)) for rule in terms.rules(layer)]
        for condition in (*terms.lives, *(rule.when for rule in rules)):
            self._add_condition(condition)
        if terms.metric.start_while is not None:
            self._add_condition(terms.metric.start_while)
        for rule in rules:
            entry = rule.targets.get(terms.metric.name)
            if isinstance(entry, Table):
                self._add_table(entry)
        for target in terms.targets:
            if isinstance(target.calendar, CalendarFrom):
                self._add(target.calendar.field, policy.calendars)

    def _add_condition(self, condition: Condition) -> None:
        for part in condition.walk():
            if isinstance(part, Is):
                self._add(part.field, map(spelled, part.values))
            elif isinstance(part, Exists):
                self._add(part.field)
            elif isinstance(part, Ordered):
                self._add(part.field)
                self._bounds[part.field].add(part.bound)

    def _add_table(self, table: Table) -> None:
        self._add(table.field, (value for value, _ in table.rows))
        for row in (*(row for _, row in table.rows), table.otherwise):
            if isinstance(row, Table):
                self._add_table(row)

    def _add(self, name: str, texts: Iterable[str] = ()) -> None:
        self._texts[name].update(texts)

    def of(self, fields: Iterable[tuple[str, FieldValue]]) -> tuple[tuple[str, object], ...]:
        """The fields as far as they decide, each with a value that is equal where it means the same. Text that decides
        stands for itself."""
        seen: list[tuple[str, object]] = []
        texts, bounds = self.texts, self.bounds
        for name, held in fields:
            if name in texts:
                known = texts[name]
                value = held if type(held) is str and (known is None or held in known) else _told_apart(held, known)
                if name in bounds:
                    value = (_NUMBERED, value, _places(held, bounds[name]))
                seen.append((name, value))
        return tuple(seen)


def _places(held: FieldValue, bounds: list[Fraction]) -> frozenset[tuple[int, int]]:
    """Where the numbers that a field holds stand among those with which they are compared."""
    numbers = (number(member) for member in members(held))
    return frozenset((bisect_left(bounds, each), bisect_right(bounds, each)) for each in numbers if each is not None)


def _told_apart(held: FieldValue, known: frozenset[str] | None) -> object:
    # As conditions and tables see it: a value is what it spells, and a list is its members.
    if held is None:
        return None
    if isinstance(held, tuple):
        words = tuple(map(spelled, held))
        return (_SEVERAL, words if known is None else known.intersection(words), bool(words))
    word = spelled(held)
    if known is not None and word not in known:
        return _OTHER
    # Only text names a calendar.
    return (_NO_TEXT, word)
