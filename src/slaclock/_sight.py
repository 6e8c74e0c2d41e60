"""What of a ticket's fields decides anything under a policy: so that tickets which differ in nothing else are alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from slaclock.conditions import ARRIVED, CATEGORY, Condition, Exists, FieldValue, Is, Ordered, spelled
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

    __slots__ = ("ordered", "texts")

    def __init__(self, policy: Policy) -> None:
        # None: every value counts as itself.
        self.texts: dict[str, frozenset[str] | None] = {"status": frozenset((*policy.statuses, *CATEGORIES))}
        self.ordered: dict[str, list[Ordered]] = {}
        for number in policy.promised_metrics:
            self._add_terms(policy, policy.terms[number])
        for name in (CATEGORY, ARRIVED):
            self.texts.pop(name, None)

    def _add_terms(self, policy: Policy, terms: Terms) -> None:
        for trigger in terms.metric.triggers():
            for name in trigger.names:
                self._add(name, None)
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
                self._add(part.field, ())
            elif isinstance(part, Ordered):
                self._add(part.field, ())
                known = self.ordered.setdefault(part.field, [])
                if part not in known:
                    known.append(part)

    def _add_table(self, table: Table) -> None:
        self._add(table.field, (value for value, _ in table.rows))
        for row in (*(row for _, row in table.rows), table.otherwise):
            if isinstance(row, Table):
                self._add_table(row)

    def _add(self, name: str, texts: Iterable[str] | None) -> None:
        known = self.texts.get(name, frozenset())
        self.texts[name] = None if texts is None or known is None else known.union(texts)

    def of(self, fields: Iterable[tuple[str, FieldValue]]) -> tuple[tuple[str, object], ...]:
        """The fields as far as they decide, each with a value that is equal where it means the same. Text that decides
        stands for itself."""
        seen: list[tuple[str, object]] = []
        texts, ordered = self.texts, self.ordered
        for name, held in fields:
            if name in texts:
                known = texts[name]
                value = held if type(held) is str and (known is None or held in known) else _told_apart(held, known)
                if name in ordered:
                    value = (_NUMBERED, value, *(part.test({name: held}) for part in ordered[name]))
                seen.append((name, value))
        return tuple(seen)


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
