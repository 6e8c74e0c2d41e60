"""Which rules of a layer may match a ticket, found without reading the others.

Most rules of a large agreement ask first of all for one customer, product or contract by name. So each rule is filed
under the values of one field without which it cannot match; a ticket's own values lead to the rules filed there, and
those that ask for no value by name are read for every ticket. Rules keep their order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from slaclock.conditions import All, AnyOf, Condition, Is, View, members, spelled
from slaclock.rules import Rule

__all__ = ["FEW", "Index", "needs"]

# So few rules are read one by one: that is no slower, and a preview can say of each why it does not apply.
FEW: Final = 8

# The texts of which the field must hold one.
Needs: TypeAlias = Mapping[str, frozenset[str]]


def needs(condition: Condition) -> Needs:
    """The fields that must hold one of some texts (as values are spelled) for the condition to hold, with those texts.

    >>> from slaclock.conditions import Exists
    >>> needs(All((Is("customer", ("acme",)), Exists("contract"))))
    {'customer': frozenset({'acme'})}
    """
    if isinstance(condition, Is):
        return {condition.field: condition.texts}
    if isinstance(condition, All):
        every: dict[str, frozenset[str]] = {}
        for part in condition.conditions:
            for field, texts in needs(part).items():
                # A field that holds a list may meet both; either is needed.
                known = every.get(field)
                every[field] = texts if known is None or len(texts) < len(known) else known
        return every
    if isinstance(condition, AnyOf) and condition.conditions:
        parts = [needs(part) for part in condition.conditions]
        common = set(parts[0]).intersection(*parts[1:])
        return {field: frozenset().union(*(part[field] for part in parts)) for field in parts[0] if field in common}
    return {}


class Index:
    """The rules of one layer, filed by what they need; `Index.of` makes one where there are enough to file."""

    __slots__ = ("_always", "_by_field", "_filed")

    def __init__(self, wanted: Sequence[Needs]) -> None:
        # How many rules need each text: a rule is filed where it shares its place with the fewest.
        crowd = Counter((field, text) for found in wanted for field, texts in found.items() for text in texts)
        always: list[int] = []
        by_field: dict[str, dict[str, list[int]]] = {}
        filed: dict[str, list[int]] = {}
        for number, found in enumerate(wanted):
            if not found:
                always.append(number)
                continue
            field = min(found, key=lambda field: sum(crowd[field, text] for text in found[field]))
            filed.setdefault(field, []).append(number)
            for text in found[field]:
                by_field.setdefault(field, {}).setdefault(text, []).append(number)
        self._always = always
        self._by_field = tuple(by_field.items())
        self._filed = filed

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> Index | None:
        """The index of the rules; None where they are few, or none of them asks for a value by name."""
        if len(rules) <= FEW:
            return None
        wanted = [needs(rule.when) for rule in rules]
        return cls(wanted) if any(wanted) else None

    def candidates(self, view: View) -> Sequence[int]:
        """The numbers, in order, of the rules that may match a ticket with these fields; the others do not."""
        found, sources = self._always, 1 if self._always else 0
        for field, by_text in self._by_field:
            held = view.get(field)
            numbers = by_text.get(held) if type(held) is str else self._of_members(by_text, members(held))
            if numbers:
                found = found + numbers if sources else numbers
                sources += 1
        # Runs in order, put together: sorting merges them. No rule is filed under two fields.
        return sorted(found) if sources > 1 else found

    def _of_members(self, by_text: Mapping[str, list[int]], held: Sequence[object]) -> list[int]:
        texts = {spelled(member) for member in held}  # type: ignore[arg-type]
        # A rule that names two of the values stands under both.
        return sorted({number for text in texts for number in by_text.get(text, ())})

    def passed_over(self, candidates: Sequence[int], before: int) -> dict[str, int]:
        """How many rules with a smaller number than `before` are no candidates, by the field under which they stand."""
        read = set(candidates[: bisect_left(candidates, before)])
        found = {}
        for field, numbers in self._filed.items():
            count = bisect_left(numbers, before)
            count -= sum(1 for number in read if _has(numbers, number))
            if count:
                found[field] = count
        return found


def _has(numbers: Sequence[int], number: int) -> bool:
    place = bisect_left(numbers, number)
    return place < len(numbers) and numbers[place] == number
