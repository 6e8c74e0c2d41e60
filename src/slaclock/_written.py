"""The values of a policy as the data that spells them: conditions, triggers, targets, windows, exceptions.

This is the way back from what `_phrases`, `_triggers`, `_clauses`, `_register` and `_times` read. How the value of a
key is written follows from the key's type, and which keys there are from the tables of the format, so that a key that
is added there is written too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import tzinfo
from fractions import Fraction
from functools import cache
from types import MappingProxyType
from typing import Any, Final, TypeAlias

import attrs

from slaclock._clauses import CALENDAR_FROM, AmountType, CalendarReference, WarnType
from slaclock._fields import Bool, Choice, Named, OneOrMore, Percent, Table, Text, Type
from slaclock._format import Repeats
from slaclock._phrases import WORDS, ConditionType, FieldName
from slaclock._register import EXCEPTION
from slaclock._triggers import TriggerType
from slaclock._windows import edge_date, edge_text
from slaclock.amounts import Amount
from slaclock.conditions import ARRIVED, CATEGORY, All, Always, AnyOf, Condition, Exists, Is, Not, Ordered, shown
from slaclock.errors import PolicyError
from slaclock.exceptions import Effect, ExceptionEntry
from slaclock.metric import Trigger
from slaclock.rules import Window
from slaclock.strategies import Strategies
from slaclock.target import CalendarFrom, Target, Warn

__all__ = [
    "WRITERS",
    "Data",
    "condition_data",
    "exception_data",
    "keys_of",
    "one_or_list",
    "refuse_value",
    "usual_of",
    "value_data",
    "values_of",
    "window_data",
    "written",
]

Data: TypeAlias = Any
"""What YAML and JSON can hold: texts, whole numbers, bools, dates, lists and mappings."""

# Conditions nested deeper than this are written as flat as can be: a document has no more than 50 levels.
_DEEP: Final = 10
_WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,14}", re.ASCII)
# A target's `within` is called its amount.
_NAMES: Final = {Target: {"amount": "within"}, CalendarFrom: {"field": "from"}}


def refuse_value(found: str, expected: str) -> PolicyError:
    """The error about a value that was made in Python, and that no file can say."""
    return PolicyError(f"the policy cannot be written: found {found}, expected {expected}")


def one_or_list(items: list[Data]) -> Data:
    """One by itself, several as a list."""
    return items[0] if len(items) == 1 else items


def value_data(text: str) -> Data:
    """A value to compare with: numbers and bools as such where they are spelled as every loader spells them."""
    if _WHOLE.fullmatch(text):
        return int(text)
    return text == "true" if text in ("true", "false") else text


def decimal_text(value: Fraction) -> str:
    """A number with the decimals that it has; raises PolicyError where they never end.

    >>> decimal_text(Fraction(-3, 2)), decimal_text(Fraction(50))
    ('-1.5', '50')
    """
    rest, twos = value.denominator, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    fives = 0
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    if rest != 1:
        raise refuse_value(f"the number {value}", "one whose decimals end")
    digits = max(twos, fives)
    text = str(abs(value.numerator) * 10**digits // value.denominator).rjust(digits + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else f"{sign}{text}"


# ---------------------------------------------------------------------------------------------------------- conditions


def condition_data(condition: Condition, *, deep: bool | None = None) -> dict[str, Data]:
    """A condition as a mapping that asks the same; a deep one without lists, which would take levels of their own."""
    deep = _is_deep(condition) if deep is None else deep
    if isinstance(condition, All) and _on_one_field(condition) is None:
        data = _as_keys(condition.conditions, deep=deep)
        if data is not None:
            return data
    return dict([_asked(condition, deep=deep)])


def _is_deep(condition: Condition) -> bool:
    level, inner = 0, [condition]
    while inner and level <= _DEEP:
        level, inner = level + 1, [part for outer in inner for part in outer.parts()]
    return bool(inner)


def _as_keys(conditions: tuple[Condition, ...], *, deep: bool) -> dict[str, Data] | None:
    """Conditions as the keys of one mapping, where there are several and no two need the same key."""
    pairs = [_asked(part, deep=deep) for part in conditions]
    data = dict(pairs)
    return data if len(data) == len(pairs) > 1 else None


def _joined(conditions: tuple[Condition, ...], *, deep: bool) -> Data:
    """What stands under `any` and `all`."""
    data = _as_keys(conditions, deep=True) if deep else None
    return data or [condition_data(part, deep=deep) for part in conditions]


def _asked(condition: Condition, *, deep: bool) -> tuple[str, Data]:
    """A condition as one key with its value."""
    if isinstance(condition, Is):
        return _equal(condition)
    if isinstance(condition, Ordered | Exists):
        return _compared(condition.field, dict([_comparison(condition)]))
    if isinstance(condition, Not):
        return "not", condition_data(condition.condition, deep=deep)
    if isinstance(condition, AnyOf):
        return "any", _joined(condition.conditions, deep=deep)
    if isinstance(condition, All):
        field = _on_one_field(condition)
        if field is not None:
            return _compared(field, dict(map(_comparison, condition.conditions)))
        return "all", _joined(condition.conditions, deep=deep)
    if condition == Always(yes=False):
        return "never", True
    raise refuse_value(f"the condition `{condition}` inside another thing", "one that asks something")


def _equal(condition: Is) -> tuple[str, Data]:
    name = {CATEGORY: "category", ARRIVED: "arrived", "status": "status"}.get(condition.field)
    if name is not None:
        return name, one_or_list(list(condition.values))
    values = one_or_list(list(map(value_data, condition.values)))
    return (
        (condition.field, values) if condition.field not in WORDS.keys else _compared(condition.field, {"is": values})
    )


def _compared(field: str, comparisons: dict[str, Data]) -> tuple[str, Data]:
    return (field, comparisons) if field not in WORDS.keys else ("field", {"name": field, **comparisons})


def _comparison(condition: Condition) -> tuple[str, Data]:
    if isinstance(condition, Ordered):
        return condition.order, value_data(decimal_text(condition.bound))
    if isinstance(condition, Exists):
        return "exists", condition.yes
    assert isinstance(condition, Is)
    return "is", one_or_list(list(map(value_data, condition.values)))


def _on_one_field(condition: All) -> str | None:
    """The field that all parts compare, each in another way; None where a mapping of comparisons cannot say it."""
    parts = condition.conditions
    simple = [part for part in parts if isinstance(part, Ordered | Exists | Is) and shown(part.field) == part.field]
    words = {_comparison(part)[0] for part in simple}
    fields = {part.field for part in simple}
    return simple[0].field if len(parts) == len(simple) == len(words) > 1 and len(fields) == 1 else None


def trigger_data(trigger: Trigger) -> Data:
    """A trigger as a word, or as a mapping with one key."""
    if trigger.on == "changed":
        condition = trigger.condition
        return {"changed": condition_data(condition) if condition else one_or_list(list(map(shown, trigger.names)))}
    data: dict[str, Data] = {"by": one_or_list(list(trigger.by))} if trigger.by else {}
    if trigger.public is not True:
        data["public"] = "any" if trigger.public is None else False
    return {trigger.on: data} if data else trigger.on


# ------------------------------------------------------------------------------------------------- targets and windows


def calendar_reference(value: str | CalendarFrom) -> Data:
    """The name of a calendar, or where the ticket names it."""
    if isinstance(value, str):
        return value
    return keys_of(CALENDAR_FROM, value)


def warn_data(warn: Warn) -> Data:
    """A warning as its moment, or as a mapping."""
    notify = {"notify": one_or_list(list(warn.notify))} if warn.notify else {}
    if warn.after_us is not None:
        return {"after": str(Amount(us=warn.after_us)), **notify}
    if warn.fraction is not None:
        at = f"{decimal_text(warn.fraction * 100)}%"
    else:
        offset = warn.offset_us or 0
        at = f"{'-' if offset < 0 else '+'}{Amount(us=abs(offset))}"
    return {"at": at, **notify} if notify else at


def window_data(window: Window, zone: tzinfo) -> dict[str, Data]:
    """A window with dates where its edges are those of local days, else with instants."""
    data: dict[str, Data] = {}
    if window.start_us is not None:
        data["from"] = edge_date(window.start_us, zone, end=False) or edge_text(window.start_us, zone)
    if window.end_us is not None:
        data["until"] = edge_date(window.end_us, zone, end=True) or edge_text(window.end_us, zone)
    return data


# --------------------------------------------------------------------------------------------------- tables and types


@cache
def usual_of(kind: type[Any]) -> Mapping[str, object]:
    """What the attributes of a class are where nobody says, by the keys of the format."""
    found: dict[str, object] = {}
    names = _NAMES.get(kind, {})
    for field in attrs.fields(kind):
        default = field.default
        usual = default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]
        found |= _named(names.get(field.name, field.name), usual)
    return found


def values_of(value: attrs.AttrsInstance) -> dict[str, object]:
    """The attributes of a value by the keys of the format."""
    names = _NAMES.get(type(value), {})
    found: dict[str, object] = {}
    for field in attrs.fields(type(value)):
        found |= _named(names.get(field.name, field.name), getattr(value, field.name))
    return found


def _named(name: str, value: object) -> dict[str, object]:
    return {**values_of(value)} if isinstance(value, Strategies) else {name: value}


def keys_of(
    table: Table,
    value: attrs.AttrsInstance,
    parts: Mapping[str, Data] = MappingProxyType({}),
    usual: Mapping[str, object] | None = None,
) -> dict[str, Data]:
    """A value as a mapping with the keys of a table, in its order; what is as usual is left out.

    `parts` are keys that are written already, None for those that are left out.
    """
    data: dict[str, Data] = {}
    held = values_of(value)
    usual = usual_of(type(value)) if usual is None else usual
    for key in table.keys.values():
        if key.name in parts:
            data |= {} if parts[key.name] is None else {key.name: parts[key.name]}
        elif held[key.name] != usual.get(key.name):
            data[key.name] = written(key.type, held[key.name])
    return data


def written(kind: Type[Any], value: Any) -> Data:
    """A value as it stands in the place of a type.

    Raises PolicyError where no text of that type gives the value.
    """
    if value is None:
        raise refuse_value("nothing", f"{kind.noun}, as a metric of that name has by itself")
    return WRITERS[type(kind)](kind, value)


def _write_one_or_more(kind: OneOrMore[Any], values: tuple[Any, ...]) -> Data:
    return one_or_list([written(kind.member, value) for value in values])


def _as_it_is(kind: Type[Any], value: Data) -> Data:
    return value


WRITERS: Final[Mapping[type[Any], Callable[[Any, Any], Data]]] = {
    Text: _as_it_is,
    Bool: _as_it_is,
    Repeats: _as_it_is,
    Named: _as_it_is,
    Choice: lambda _, value: str(value),
    FieldName: lambda _, value: shown(value),
    Percent: lambda _, value: f"{decimal_text(value * 100)}%",
    OneOrMore: _write_one_or_more,
    AmountType: lambda _, value: str(value),
    ConditionType: lambda _, value: condition_data(value),
    TriggerType: lambda _, value: trigger_data(value),
    WarnType: lambda _, value: warn_data(value),
    CalendarReference: lambda _, value: calendar_reference(value),
}
"""How values are written, by the type of their key; what needs the whole policy is written in `policytext`."""


def exception_data(entry: ExceptionEntry, zone: tzinfo) -> dict[str, Data]:
    """An entry of the register."""
    more = f"{decimal_text(entry.factor)}x" if entry.factor is not None else f"+{Amount(us=entry.more_us or 0)}"
    parts: dict[str, Data] = {effect.value: None for effect in Effect} | {"from": None, "until": None}
    parts[entry.effect.value] = more if entry.effect is Effect.EXTEND else True
    return keys_of(EXCEPTION, entry, parts | window_data(entry.window, zone))
