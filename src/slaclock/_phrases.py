"""The language of conditions, as a policy writes it: a table of its words, and how each is read.

`status`, `category` and `arrived` ask about what slaclock knows of a ticket; `not`, `any`, `all`, `never` and `field`
are words of the language; any other key is a field of the ticket. Several keys in one mapping must all hold.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction
from itertools import chain
from typing import Final, Generic, TypeVar

from slaclock._fields import Bool, Built, Choice, Key, OneOrMore, Reader, Table, Text, Type, Values, listed
from slaclock._nodes import LIST, MAPPING, SCALAR, Node
from slaclock._reading import show
from slaclock.conditions import (
    ARRIVALS,
    ARRIVED,
    CATEGORY,
    All,
    Always,
    AnyOf,
    Condition,
    Exists,
    Is,
    Not,
    Ordered,
    Scalar,
    spelled,
)
from slaclock.metric import CATEGORIES

__all__ = [
    "COMPARISONS",
    "CONDITION",
    "FIELD",
    "FIELD_NAME",
    "NUMBER_TEXT",
    "VALUE",
    "WORDS",
    "FieldName",
    "check_values",
    "field_key",
]

T = TypeVar("T")
S = TypeVar("S")
# As long as what the longest whole number and the smallest float of a mapping spell.
NUMBER_TEXT: Final = r"[+-]?[0-9]{1,400}(\.[0-9]{1,400})?"
_NUMBER: Final = re.compile(NUMBER_TEXT, re.ASCII)


def field_key(name: str) -> str:
    """The key of a ticket's view for a name in a policy: `category` and `arrived` follow from fields, and are none."""
    return {"category": CATEGORY, "arrived": ARRIVED}.get(name, name)


def check_values(reader: Reader, node: Node, name: str, value: Scalar, *, at_key: bool = False) -> None:
    """Note a value that the declared field cannot have. `node` is where the value stands."""
    if name == "status" and reader.statuses.known is not None:
        known_status(reader, node, spelled(value), at_key=at_key)
        return
    if name in ("category", "arrived"):
        words = CATEGORIES if name == "category" else ARRIVALS
        if value not in words:
            hint = reader.hint(spelled(value), words)
            reader.fault(node, "unknown-word", listed(words), hint, found=show(spelled(value)), at_key=at_key)
        return
    declared = (reader.fields or {}).get(name)
    if declared is None or declared == "text":
        return
    text = spelled(value)
    known: tuple[str, ...] = ()
    if declared == "bool":
        good, expected = (text in ("true", "false"), "`true` or `false`, as the field is declared")
    elif declared == "number":
        good, expected = (_NUMBER.fullmatch(text) is not None, "a number, as the field is declared")
    else:
        known = declared if isinstance(declared, tuple) else ()
        good, expected = reader.declares(name, text), f"a declared value of `{name}`"
    if not good:
        expected = f"{expected}: {listed(known)}" if known else expected
        reader.fault(node, "unknown-value", expected, reader.hint(text, known), found=show(text), at_key=at_key)


def known_status(reader: Reader, node: Node, status: str, *, at_key: bool = False) -> None:
    """Note a status that the policy does not list. Metrics may speak of statuses that no category needs to know."""
    known = reader.statuses.known
    if known is None or status in known:
        return
    if status in CATEGORIES:
        hint = f"for the category write `category: {status}`"
        reader.fault(node, "unknown-status", "the name of a status", hint, found=f"`{status}`", at_key=at_key)
    elif reader.in_rules or reader.near("status", status, known):
        reader.known(node, status, reader.statuses, at_key=at_key)


def known_field(reader: Reader, node: Node, name: str, *, at_key: bool = False) -> None:
    """Note a slip in the name of a field: undeclared where the policy declares fields, and near to a name it knows.

    Names that are near to none are taken as they are: a policy may declare some of the ticket's fields and use more.
    """
    if reader.fields is None or name in reader.fields or name in ("status", "category", "arrived"):
        return
    hint = reader.near("field", name, chain(reader.fields, WORDS.keys))
    if hint:
        hint = f"{hint} Else declare it under `fields`"
        reader.fault(node, "unknown-field", "a declared field", hint, found=f"`{name}`", at_key=at_key)


class FieldName:
    """The name of a field of the ticket."""

    __slots__ = ("noun",)

    def __init__(self, noun: str = "the name of a field") -> None:
        self.noun = noun

    def read(self, reader: Reader, node: Node) -> str | None:
        name = Text(self.noun).read(reader, node)
        if name is not None:
            known_field(reader, node, name)
        return name


FIELD_NAME: Final = FieldName()


def scalar_of(node: Node) -> Scalar | None:
    """The value of a node to compare with; None where it has none."""
    value = node.value
    if node.kind is not SCALAR:
        return None
    if isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else None


class Plain:
    """A value to compare with. From text it is text, which spells numbers and bools; Python's own values stay."""

    noun: Final = "a value"

    def read(self, reader: Reader, node: Node) -> Scalar | None:
        value = scalar_of(node)
        if value is None:
            hint = "for a field without a value write `{exists: false}`" if node.kind is SCALAR else ""
            if node.kind is MAPPING:
                hint = f"`any` and `all` join conditions; what has {listed(COMPARISONS.keys)} stands alone, in no list"
            reader.fault(node, "wrong-type", self.noun, hint if node.value is None else "")
        return value


VALUE: Final = Plain()


class Number:
    """A number, exact."""

    noun: Final = "a number such as `50`"

    def read(self, reader: Reader, node: Node) -> Fraction | None:
        value = node.value if node.kind is SCALAR else None
        if isinstance(value, str) and _NUMBER.fullmatch(value):
            return Fraction(value)
        if isinstance(value, float) and math.isfinite(value):
            return Fraction(float.__repr__(value))  # The number that its shortest text spells.
        if isinstance(value, int) and not isinstance(value, bool):
            return Fraction(value)
        digits = value.replace("_", "").replace(",", "") if isinstance(value, str) else ""
        reader.fault(node, "bad-number", self.noun, f"write `{digits}`" if _NUMBER.fullmatch(digits) else "")
        return None


class Made(Generic[S, T]):
    """A value of one type, made into another."""

    __slots__ = ("make", "of")

    def __init__(self, of: Type[S], make: Callable[[S], T]) -> None:
        self.of = of
        self.make = make

    @property
    def noun(self) -> str:
        return self.of.noun

    def read(self, reader: Reader, node: Node) -> T | None:
        value = self.of.read(reader, node)
        return None if value is None else self.make(value)


class Exactly:
    """The word `true` alone, where `false` would say nothing."""

    noun: Final = "`true`"

    def read(self, reader: Reader, node: Node) -> bool | None:
        value = Bool(self.noun).read(reader, node)
        if value is False:
            reader.fault(node, "unknown-word", self.noun, "leave the key out")
            return None
        return value


class Status:
    """The name of a status."""

    noun: Final = "the name of a status"

    def read(self, reader: Reader, node: Node) -> str | None:
        text = Text(self.noun).read(reader, node)
        if text is not None:
            known_status(reader, node, text)
        return text


class Arrived:
    """Whether the ticket came in working hours: those of the default calendar."""

    noun: Final = listed(ARRIVALS)

    def read(self, reader: Reader, node: Node) -> Condition | None:
        words = OneOrMore(Choice(ARRIVALS)).read(reader, node)
        if not reader.default_calendar:
            hint = "name one in `defaults: {calendar: ...}`"
            reader.fault(node, "no-calendar", "a default calendar, by whose hours to tell", hint, found="none")
        return Is(ARRIVED, words) if words else None


def joined(kind: type[All | AnyOf], parts: tuple[Condition, ...]) -> Condition | None:
    """The conditions as one; None where there are none, which was a fault."""
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else kind(parts)


class Conditions:
    """What `any` and `all` take: a list of conditions, or a mapping whose keys are one condition each."""

    noun: Final = "a list of conditions"

    def read(self, reader: Reader, node: Node) -> tuple[Condition, ...] | None:
        if node.kind is LIST:
            if not node.children:
                reader.fault(node, "empty", self.noun, "leave the key out", found="an empty list")
            found = [CONDITION.read(reader, child) for child in node.children]
            return tuple(condition for condition in found if condition is not None)
        return CONDITION.parts(reader, node)


class ConditionType:
    """A mapping that asks something of a ticket; all its keys must hold."""

    noun: Final = "a condition: a mapping of fields to values"

    def read(self, reader: Reader, node: Node) -> Condition | None:
        parts = self.parts(reader, node)
        return None if parts is None else joined(All, parts)

    def parts(self, reader: Reader, node: Node) -> tuple[Condition, ...] | None:
        """What each key of the mapping asks."""
        if node.kind is not MAPPING:
            hint = "to join several write `{any: [...]}` or `{all: [...]}`" if node.kind is LIST else ""
            reader.fault(node, "wrong-type", self.noun, hint)
            return None
        if not node.children:
            reader.fault(node, "empty", self.noun, "leave it out, or write `{never: true}`", found="an empty mapping")
            return None
        return tuple(part for part in (self._part(reader, child) for child in node.children) if part is not None)

    def _part(self, reader: Reader, child: Node) -> Condition | None:
        word = WORDS.keys.get(str(child.key))
        if word is None:
            known_field(reader, child, str(child.key), at_key=True)
            return compare(reader, child, str(child.key))
        found: Condition | None = word.type.read(reader, child)
        return found


CONDITION: Final = ConditionType()


def compare(reader: Reader, node: Node, name: str) -> Condition | None:
    """The condition on one field: a value, a list of values, or a mapping of comparisons."""
    if node.kind is MAPPING:
        values = COMPARISONS.read(reader, node) or {}
        if not node.children:
            reader.fault(node, "empty", COMPARISONS.noun, "compare the field with something", found="an empty mapping")
        return joined(All, _comparisons(reader, node, name, values))
    values_read = OneOrMore[Scalar](VALUE).read(reader, node)
    return None if values_read is None else _is(reader, node, name, values_read)


def _is(reader: Reader, node: Node, name: str, values: tuple[Scalar, ...]) -> Condition | None:
    if reader.fields is not None or name in ("status", "category", "arrived"):
        for child in node.children if node.kind is LIST else (node,):
            value = scalar_of(child)
            if value is not None:
                check_values(reader, child, name, value)
    if not values:
        return None
    # Large policies ask the same thousands of times.
    texts = tuple(map(spelled, values))
    known: Is | None = reader.same.get((name, texts))
    if known is None:
        known = reader.same[name, texts] = Is(name, texts)
    return known


def _comparisons(reader: Reader, node: Node, name: str, values: Values) -> tuple[Condition, ...]:
    found: list[Condition] = []
    for word, value in values.items():
        child = node.find(word)
        assert child is not None
        if word == "exists":
            found.append(Exists(name, value))
        elif word == "is":
            same = _is(reader, child, name, value)
            found += [same] if same is not None else []
        elif word != "name":
            declared = (reader.fields or {}).get(name)
            if declared in ("text", "bool"):
                hint = f"declare `{name}: number`"
                reader.fault(
                    child, "unordered-field", "a field of numbers", hint, found=f"`{name}`, declared as {declared}"
                )
            found.append(Ordered(name, word, value))
    return tuple(found)


def _field(reader: Reader, node: Node, values: Values) -> Condition | None:
    if len(node.children) == 1 and "name" in values:
        reader.fault(node, "missing-key", f"one of {listed(COMPARISONS.keys)}", "", found="only a `name`")
    return joined(All, _comparisons(reader, node, values["name"], values)) if "name" in values else None


_ORDERS: Final = (
    Key("at_least", Number(), "The field is a number, this or more."),
    Key("more_than", Number(), "The field is a number above this."),
    Key("at_most", Number(), "The field is a number, this or less."),
    Key("less_than", Number(), "The field is a number below this."),
    Key("exists", Bool(), "Whether the field has a value at all."),
    Key("is", OneOrMore[Scalar](VALUE), "The field has this value, or one of these."),
)
COMPARISONS: Final = Table("a comparison", *_ORDERS)
FIELD: Final = Table(
    "a comparison with a named field", Key("name", FIELD_NAME, "The name of the field.", required=True), *_ORDERS
)

WORDS: Final = Table(
    "a condition",
    Key("status", Made(OneOrMore(Status()), lambda names: Is("status", names)), "The status, or one of several."),
    Key(
        "category",
        Made(OneOrMore(Choice(CATEGORIES)), lambda names: Is(CATEGORY, names)),
        "The category of the status, or one of several.",
    ),
    Key("arrived", Arrived(), "Whether the ticket was created in the hours of the default calendar."),
    Key("not", Made[Condition, Condition](CONDITION, Not), "The condition inside does not hold."),
    Key("any", Made(Conditions(), lambda parts: joined(AnyOf, parts)), "At least one of the conditions holds."),
    Key("all", Made(Conditions(), lambda parts: joined(All, parts)), "Every one of the conditions holds."),
    Key("never", Made(Exactly(), lambda _: Always(False)), "Holds for no ticket."),
    Key("field", Built(FIELD, _field), "A field whose name is a word of this language."),
)
