"""The JSON Schema of policy files, made from the tables by which they are read.

It judges a file as an editor sees it: a text without quotes may be a number or a bool to it, so that wherever the
format has a text the schema takes those too. Whatever `load_policy` takes the schema takes. What it cannot see, such as
a name that nobody gave, has a code in `UNSEEN`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from slaclock import _clauses, _fields, _format, _patterns, _phrases, _register, _times, _triggers
from slaclock._calendar_schema import ANY_TEXT, CALENDARS, Schema
from slaclock._fields import Key, Table, Type
from slaclock.conditions import ARRIVALS
from slaclock.policyfile import builtin_metrics

__all__ = ["policy_schema"]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
TEXT: Final[Schema] = {**ANY_TEXT, "minLength": 1}
TRUE: Final[Schema] = {"const": True}


def policy_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of policy files, as JSON-ready data; a new one each time.

    >>> policy_schema()["required"]
    ['slaclock']
    """
    shaper = _Shaper()
    whole = shaper.table(_format.POLICY)
    named = {"$schema": DIALECT, **whole, "title": "slaclock policy"}
    return {**named, "$defs": dict(sorted(shaper.defs.items()))}


def _any_of(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _text(pattern: str) -> Schema:
    return {"type": "string", "pattern": pattern}


class _Shaper:
    """Tables and types in, schemas out; those that are used in many places, or in themselves, become definitions."""

    def __init__(self) -> None:
        self.defs: dict[str, Schema] = dict(CALENDARS)

    def define(self, name: str, make: Callable[[], Schema]) -> Schema:
        """A reference to a definition, which is made on first use."""
        if name not in self.defs:
            self.defs[name] = {}  # It may refer to itself.
            self.defs[name] = make()
        return _ref(name)

    def of(self, kind: Any) -> Schema:
        """The schema of a type. Raises KeyError for one that has none: no schema leaves a key out."""
        found = FIXED.get(type(kind))
        return MADE[type(kind)](self, kind) if found is None else found

    def table(self, table: Table) -> Schema:
        """The schema of the mapping that a table describes."""
        return {
            "title": table.noun,
            "type": "object",
            "properties": {key.name: self.key(key) for key in table.keys.values()},
            "required": [key.name for key in table.keys.values() if key.required],
            "additionalProperties": False,
            **BESIDES.get(table.noun, {}),
        }

    def key(self, key: Key[Any]) -> Schema:
        """The schema of what stands under a key."""
        return {**self.of(key.type), "description": key.doc}


# What tables ask of their keys together, as the functions do that build their values.
BESIDES: Final[Mapping[str, Schema]] = {
    _format.RULE.noun: {
        "anyOf": [{"required": ["targets"]}, {"required": ["exempt"]}],
        "dependentRequired": {"by": ["targets"]},
    },
    _clauses.WARNING.noun: {"oneOf": [{"required": [key]} for key in ("at", "after")]},
    _times.EFFECTIVE.noun: {"minProperties": 1},
    _phrases.COMPARISONS.noun: {"minProperties": 1},
    _phrases.FIELD.noun: {"minProperties": 2},
    _triggers.SIGNALS.noun: {"minProperties": 1, "maxProperties": 1},
    _register.EXCEPTION.noun: {"oneOf": [{"required": [effect]} for effect in ("suspend", "extend", "exclude")]},
}


def _one_or_more(shaper: _Shaper, member: Type[Any], least: int = 1) -> Schema:
    one = shaper.of(member)
    return _any_of(one, {"type": "array", "items": one, "minItems": least})


def _condition(shaper: _Shaper) -> Schema:
    """Words of the language with what each takes; any other key is a field."""
    words = {key.name: shaper.key(key) for key in _phrases.WORDS.keys.values()}
    compared = shaper.define("comparison", lambda: shaper.table(_phrases.COMPARISONS))
    others = _any_of(_one_or_more(shaper, _phrases.VALUE), compared)
    return {
        "title": "a condition",
        "type": "object",
        "minProperties": 1,
        "properties": words,
        "additionalProperties": others,
    }


def _conditions(shaper: _Shaper, kind: Any) -> Schema:
    one = shaper.of(_phrases.CONDITION)
    return _any_of({"type": "array", "items": one, "minItems": 1}, one)


def _promise(shaper: _Shaper) -> Schema:
    """What a rule promises for a metric: an amount, a target, or in a rule with `by` a table of such."""
    target = shaper.define("target", lambda: shaper.table(_clauses.TARGET))
    rows = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"not": {"enum": list(_clauses.TARGET.keys)}},
        "additionalProperties": _ref("promise"),
    }
    return _any_of(shaper.of(_clauses.AMOUNT), _text(_patterns.SHARE), target, rows)


def _named(shaper: _Shaper, kind: _format.NamedMapping) -> Schema:
    if kind.members is _clauses.TARGET:
        promise = shaper.define("promise", lambda: _promise(shaper))
        return {"type": "object", "additionalProperties": promise, "minProperties": 1}
    if kind.members is _format.METRIC:
        return _metrics(shaper)
    names = {"propertyNames": {"enum": list(kind.words)}} if kind.words else {}
    return {"type": "object", "additionalProperties": shaper.of(kind.members), **names}


def _metrics(shaper: _Shaper) -> Schema:
    """Changes to the built-in metrics, and metrics of the policy's own, which must begin and end."""
    metric = shaper.define("metric", lambda: shaper.table(_format.METRIC))
    ends = [{"required": ["stop"]}, {"required": ["cancel"]}]
    own = {"allOf": [metric], "required": ["start"], "anyOf": ends}
    return {"type": "object", "properties": dict.fromkeys(builtin_metrics(), metric), "additionalProperties": own}


def _table(shaper: _Shaper, kind: Table) -> Schema:
    return shaper.define(
        kind.noun.removeprefix("a ").removeprefix("an ").replace(" ", "_").replace("`", ""), lambda: shaper.table(kind)
    )


def _change(shaper: _Shaper, kind: Any) -> Schema:
    return _any_of(_one_or_more(shaper, _phrases.FIELD_NAME), shaper.of(_phrases.CONDITION))


def _trigger(shaper: _Shaper, kind: Any) -> Schema:
    words = [word for word in _triggers.SIGNALS.keys if word != "changed"]
    return shaper.define("trigger", lambda: _any_of({"enum": words}, shaper.table(_triggers.SIGNALS)))


def _words(_: _Shaper, kind: _fields.Choice) -> Schema:
    return {"enum": list(map(str, kind.words))}


def _amount(shaper: _Shaper, kind: Any) -> Schema:
    return shaper.define("amount", lambda: {"title": "an amount", **_text(_patterns.AMOUNT), "examples": ["4h"]})


def _list(shaper: _Shaper, kind: _fields.ListOf[Any]) -> Schema:
    return {"type": "array", "items": shaper.of(kind.member), "minItems": 0 if kind.empty else 1}


# Types whose schema is always the same.
FIXED: Final[Mapping[type[Any], Schema]] = {
    _fields.Text: TEXT,
    _fields.Named: TEXT,
    _phrases.FieldName: TEXT,
    _phrases.Status: TEXT,
    _phrases.Plain: ANY_TEXT,
    _format.Zone: {**TEXT, "examples": ["Europe/Berlin"]},
    _format.Version: {"enum": [int(_format.FORMAT), _format.FORMAT]},
    _fields.Bool: {"type": "boolean"},
    _phrases.Exactly: TRUE,
    _register.Mark: TRUE,
    _format.Repeats: {"enum": [True, False, "at_event", "at_due"]},
    _triggers.Seen: {"enum": [True, False, "any"]},
    _fields.Percent: _text(_patterns.PERCENT),
    _phrases.Number: _any_of({"type": "number"}, _text(f"^{_phrases.NUMBER_TEXT}$")),
    _clauses.Moment: _text(_patterns.WARNING),
    _register.Extension: _text(_patterns.EXTENSION),
    _times.Moment: _text(_patterns.INSTANT),
    _times.CalendarType: _ref("calendar"),
    _format.Declared: _any_of({"enum": list(_format.FIELD_TYPES)}, {"type": "array", "items": ANY_TEXT, "minItems": 1}),
    _format.Exempt: _any_of(
        TRUE, {"type": ["string", "number"], "minLength": 1}, {"type": "array", "items": TEXT, "minItems": 1}
    ),
    # Refused whatever it says.
    _format.NotYet: {"not": {}},
}
# Types whose schema depends on what they are made of.
MADE: Final[Mapping[type[Any], Callable[[_Shaper, Any], Schema]]] = {
    _fields.Choice: _words,
    _fields.ListOf: _list,
    _fields.OneOrMore: lambda shaper, kind: _one_or_more(shaper, kind.member, 0 if kind.empty else 1),
    _fields.Built: lambda shaper, kind: _table(shaper, kind.table),
    _fields.Table: _table,
    _phrases.Made: lambda shaper, kind: shaper.of(kind.of),
    _phrases.ConditionType: lambda shaper, _: shaper.define("condition", lambda: _condition(shaper)),
    _phrases.Conditions: _conditions,
    _phrases.Arrived: lambda shaper, _: _one_or_more(shaper, _fields.Choice(ARRIVALS)),
    _triggers.Change: _change,
    _triggers.TriggerType: _trigger,
    _clauses.AmountType: _amount,
    _clauses.OpenAmount: _amount,
    _clauses.WarnType: lambda shaper, _: _any_of(_text(_patterns.WARNING), _table(shaper, _clauses.WARNING)),
    _clauses.CalendarReference: lambda shaper, _: _any_of(TEXT, _table(shaper, _clauses.CALENDAR_FROM)),
    _format.NamedMapping: _named,
    _format.Later: lambda shaper, kind: shaper.table(kind.table),
    _register.Listed: lambda shaper, kind: {"type": "array", "items": shaper.of(kind.members)},
}
