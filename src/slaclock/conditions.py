"""What a policy asks of a ticket's fields, as values that can be shown, compared and checked.

A condition is asked about a *view*: the ticket's fields, and under reserved keys what follows from them (the category
of its status, whether it arrived within hours). The rules of comparison:

- Equal is equal, but a bool is not a number; and text equals a number or a bool that it spells (`"3"` and `3`,
  `"true"` and `True`), because what comes out of files and forms is text. Case counts.
- Ordering reads numbers; what is no number matches nothing, and is reported as an oddity.
- A field that holds a list matches if any member does. A missing field, or None, equals nothing.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Final

import attrs

from slaclock._packed import Packed

__all__ = [
    "ARRIVALS", "ARRIVED", "CATEGORY",
    "All", "Always", "AnyOf", "Condition", "Exists", "FieldValue", "Is", "Not", "Ordered",
]  # fmt: skip

Scalar = str | int | float | bool
FieldValue = Scalar | tuple[Scalar, ...] | None
View = Mapping[str, FieldValue]
Test = Callable[[View], bool]

# No field of a ticket can be called so: field names are plain text, and these begin with a control character.
CATEGORY: Final = "\0category"
ARRIVED: Final = "\0arrived"
ARRIVALS: Final = ("outside_hours", "within_hours")


ORDERS: Final = ("at_least", "more_than", "at_most", "less_than")

# Decimal notation as forms and files have it; bounded, as the number that `1e999999999` spells fills the memory.
_NUMBER: Final = re.compile(r"\s*[+-]?(?:[0-9]{1,99}\.?[0-9]{0,99}|\.[0-9]{1,99})(?:[eE][+-]?[0-9]{1,3})?\s*")


def spelled(value: Scalar) -> str:
    """A value as text spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _spelled(values: Scalar | Iterable[Scalar]) -> tuple[str, ...]:
    return (spelled(values),) if isinstance(values, (str, int, float)) else tuple(map(spelled, values))


def members(value: FieldValue) -> tuple[Scalar, ...]:
    """The values that a field holds: several of a list, none of None."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def number(value: Scalar) -> Fraction | None:
    """The exact number that a value is or spells, or None."""
    if isinstance(value, bool) or (isinstance(value, str) and not _NUMBER.fullmatch(value)):
        return None
    try:
        # A float is the number that its shortest text spells, as in every file.
        return Fraction(float.__repr__(value) if isinstance(value, float) else value)
    except (ValueError, OverflowError):
        return None


def shown(name: str) -> str:
    """A field's name as people write it in a policy."""
    return name.removeprefix("\0")


def stands(name: str, view: View) -> str:
    """What a field holds, in words: `tier is gold`, `tier is not set`."""
    texts = ", ".join(map(spelled, members(view.get(name))))
    return f"{shown(name)} is {texts or 'not set'}"


class Condition(Packed, ABC):
    """A question to a ticket's fields with the answer yes or no."""

    __slots__ = ()

    @abstractmethod
    def test(self, view: View) -> bool:
        """Whether the condition holds for these fields."""

    @abstractmethod
    def fields(self) -> frozenset[str]:
        """The names of the fields on which the answer depends."""

    def failing(self, view: View) -> tuple[Condition, ...]:
        """What of it does not hold for these fields: of conditions that must all hold, those that do not."""
        return () if self.test(view) else (self,)

    def holding(self, view: View) -> frozenset[str]:
        """The names of the fields by which it holds for these fields; none where it does not."""
        return self.fields() if self.test(view) else frozenset()

    def because(self, view: View) -> tuple[str, ...]:
        """What makes it hold, in words; of a category the status that has it. Empty where it does not hold.

        >>> AnyOf((Is("status", "waiting"), Is("team", "vendor"))).because({"status": "waiting", "team": "a"})
        ('status is waiting',)
        """
        names = {"status" if name == CATEGORY else name for name in self.holding(view)}
        return tuple(stands(name, view) for name in sorted(names))

    def parts(self) -> tuple[Condition, ...]:
        """The conditions inside this one."""
        return ()

    def walk(self) -> Iterator[Condition]:
        """This condition and all inside it."""
        yield self
        for part in self.parts():
            yield from part.walk()

    def oddities(self, view: View) -> Iterator[tuple[str, FieldValue]]:
        """The fields that had to be numbers and are not, with what they hold."""
        for part in self.walk():
            if isinstance(part, Ordered):
                held = view.get(part.field)
                if any(number(member) is None for member in members(held)):
                    yield part.field, held


@attrs.frozen
class Always(Condition):
    """Holds for every ticket, or, as `Always(False)`, for none (`never: true`)."""

    yes: bool = True

    def test(self, view: View) -> bool:
        return self.yes

    def fields(self) -> frozenset[str]:
        return frozenset()

    def __str__(self) -> str:
        return "always" if self.yes else "never"


@attrs.frozen
class Is(Condition):
    """The field equals one of the values; one value alone may stand without a tuple.

    >>> Is("tier", ("gold", "silver")).test({"tier": "gold"})
    True
    >>> print(Is("tier", ("gold", "silver"))), print(Is("customer", "acme"))
    tier is gold or silver
    customer is acme
    (None, None)
    """

    field: str
    # Two values are equal exactly if they are spelled alike: numbers by their shortest text, bools in words.
    values: tuple[str, ...] = attrs.field(converter=_spelled)

    @cached_property
    def texts(self) -> frozenset[str]:
        """The values, to be looked up. Made on first use, and no part of a pickle."""
        return frozenset(self.values)

    def test(self, view: View) -> bool:
        held = view.get(self.field)
        if type(held) is str:
            return held in self.texts
        return any(spelled(member) in self.texts for member in members(held))

    def fields(self) -> frozenset[str]:
        return frozenset((self.field,))

    def __str__(self) -> str:
        return f"{shown(self.field)} is {' or '.join(self.values)}"


@attrs.frozen
class Ordered(Condition):
    """The field is a number that stands so to a bound: `at_least`, `more_than`, `at_most` or `less_than`.

    >>> Ordered("seats", "at_least", Fraction(50)).test({"seats": "120"})
    True
    """

    field: str
    order: str
    bound: Fraction

    def test(self, view: View) -> bool:
        numbers = (number(member) for member in members(view.get(self.field)))
        return any(self._holds(value) for value in numbers if value is not None)

    def _holds(self, value: Fraction) -> bool:
        if self.order == "at_least":
            return value >= self.bound
        if self.order == "more_than":
            return value > self.bound
        if self.order == "at_most":
            return value <= self.bound
        return value < self.bound

    def fields(self) -> frozenset[str]:
        return frozenset((self.field,))

    def __str__(self) -> str:
        bound = str(self.bound) if self.bound.denominator == 1 else str(float(self.bound))
        return f"{shown(self.field)} is {self.order.replace('_', ' ')} {bound}"


@attrs.frozen
class Exists(Condition):
    """The field has a value, or, as `Exists(field, False)`, has none."""

    field: str
    yes: bool = True

    def test(self, view: View) -> bool:
        return (view.get(self.field) not in (None, ())) is self.yes

    def fields(self) -> frozenset[str]:
        return frozenset((self.field,))

    def __str__(self) -> str:
        return f"{shown(self.field)} {'is set' if self.yes else 'is not set'}"


@attrs.frozen
class Not(Condition):
    """The other condition does not hold."""

    condition: Condition

    def test(self, view: View) -> bool:
        return not self.condition.test(view)

    def fields(self) -> frozenset[str]:
        return self.condition.fields()

    def parts(self) -> tuple[Condition, ...]:
        return (self.condition,)

    def __str__(self) -> str:
        return f"not ({self.condition})"


def _conditions(given: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(given)


def _fields_of(conditions: Iterable[Condition]) -> frozenset[str]:
    return frozenset().union(*(condition.fields() for condition in conditions))


def _holding(conditions: Iterable[Condition], view: View) -> frozenset[str]:
    return frozenset().union(*(condition.holding(view) for condition in conditions))


@attrs.frozen
class All(Condition):
    """Every one of the conditions holds; an empty list holds always.

    >>> print(All((Is("customer", ("acme",)), Not(Is("channel", ("chat",))))))
    customer is acme and not (channel is chat)
    """

    conditions: tuple[Condition, ...] = attrs.field(converter=_conditions)

    def test(self, view: View) -> bool:
        return all(condition.test(view) for condition in self.conditions)

    def failing(self, view: View) -> tuple[Condition, ...]:
        return tuple(failed for condition in self.conditions for failed in condition.failing(view))

    def holding(self, view: View) -> frozenset[str]:
        return _holding(self.conditions, view) if self.test(view) else frozenset()

    def fields(self) -> frozenset[str]:
        return _fields_of(self.conditions)

    def parts(self) -> tuple[Condition, ...]:
        return self.conditions

    def __str__(self) -> str:
        return " and ".join(map(_bracketed, self.conditions)) or "always"


@attrs.frozen
class AnyOf(Condition):
    """At least one of the conditions holds; an empty list holds never."""

    conditions: tuple[Condition, ...] = attrs.field(converter=_conditions)

    def test(self, view: View) -> bool:
        return any(condition.test(view) for condition in self.conditions)

    def holding(self, view: View) -> frozenset[str]:
        return _holding(self.conditions, view)

    def fields(self) -> frozenset[str]:
        return _fields_of(self.conditions)

    def parts(self) -> tuple[Condition, ...]:
        return self.conditions

    def __str__(self) -> str:
        return " or ".join(map(_bracketed, self.conditions)) or "never"


def _bracketed(condition: Condition) -> str:
    return f"({condition})" if isinstance(condition, All | AnyOf) else str(condition)
