"""The JSON Schema of a working calendar, as a policy or a file of its own writes it."""

from __future__ import annotations

from typing import Any, Final

from slaclock import _patterns
from slaclock._content import CONTENT_KEYS
from slaclock._times import ALL_DAY_WORDS

__all__ = ["ANY_TEXT", "CALENDARS"]

Schema = dict[str, Any]

# Without quotes a text may look like a number or a bool; a reader of YAML hands it on as one.
ANY_TEXT: Final[Schema] = {"type": ["string", "number", "boolean"]}
_HOURS: Final[Schema] = {"type": "string", "pattern": _patterns.HOURS}
_DAY: Final[Schema] = {"type": "string", "pattern": _patterns.DAY}
_DAYS: Final[Schema] = {"type": "string", "pattern": _patterns.DAYS}
_END: Final[Schema] = {"type": "string", "pattern": _patterns.TIMES}
_DAY_HOURS: Final[Schema] = {"$ref": "#/$defs/day_hours"}
_WEEK: Final[Schema] = {"$ref": "#/$defs/week"}
_CALENDAR: Final[Schema] = {"$ref": "#/$defs/calendar"}


def closed(required: tuple[str, ...], **properties: Schema) -> Schema:
    """An object with these keys, some of them required, and no others; a `_` ends the names of Python's own words."""
    keys = {name.rstrip("_"): value for name, value in properties.items()}
    return {"type": "object", "properties": keys, "required": list(required), "additionalProperties": False}


def listed(items: Schema, **more: Any) -> Schema:
    """An array."""
    return {"type": "array", "items": items, **more}


_HOLIDAY: Final[Schema] = {
    "anyOf": [
        _DAYS,
        closed(("date",), date=_DAYS, name=ANY_TEXT),
        closed(("from", "until"), from_=_DAY, until=_DAY, name=ANY_TEXT),
        closed(
            ("country",), country=ANY_TEXT, subdivision=ANY_TEXT, categories=listed(ANY_TEXT), language=ANY_TEXT,
            observed={"enum": [True, False, "true", "false"]}, remove=listed(ANY_TEXT),
        ),
        closed(("ics",), ics={"type": "string", "minLength": 1}, remove=listed(ANY_TEXT)),
    ]
}  # fmt: skip
_CLOSURE: Final = closed(("from", "until"), from_=_END, until=_END, reason=ANY_TEXT)
_SEASON: Final = closed(("from", "until", "hours"), from_=_DAY, until=_DAY, hours=_WEEK, name=ANY_TEXT)

_CONTENT: Final[dict[str, Schema]] = {
    "timezone": {**ANY_TEXT, "description": "The IANA name of a time zone; the policy's where left out."},
    "hours": {**_WEEK, "description": "Weekdays and their hours; hours without weekdays are those of every day."},
    "holidays": listed(_HOLIDAY, description="Dates on which it is closed, one by one or from a source."),
    "special": {
        "type": "object",
        "propertyNames": {"pattern": _patterns.DAY},
        "additionalProperties": _DAY_HOURS,
        "description": "Dates with hours that replace that day's.",
    },
    "closures": listed(_CLOSURE, description="Spans of time that are taken out, whatever else is said."),
    "seasons": listed(_SEASON, maxItems=1_000, description="Hours that stand for the weekly ones on some dates."),
    "holidays_close": {"enum": ["dates", "shifts"], "description": "Whether dates close, or what begins on them."},
    "name": {**ANY_TEXT, "description": "What it is called in explanations."},
}  # fmt: skip

_PLAIN: Final[Schema] = {
    **closed((), **{key: _CONTENT[key] for key in CONTENT_KEYS}),
    "anyOf": [{"required": [key]} for key in ("hours", "seasons", "special")],
}


def _composed(op: str) -> Schema:
    parts = listed({"anyOf": [_CALENDAR, ANY_TEXT]}, minItems=1, description="Names of calendars, or calendars.")
    others = {key: _CONTENT[key] for key in ("timezone", "closures", "name")}
    return closed((op,), **{op: parts}, **others)


CALENDARS: Final[dict[str, Schema]] = {
    "day_hours": {"anyOf": [_HOURS, listed(_HOURS)], "examples": ["09:00-17:00", ["09:00-12:00", "13:00-17:00"]]},
    "week": {
        "anyOf": [
            _DAY_HOURS,
            {
                "type": "object",
                "propertyNames": {"pattern": _patterns.WEEKDAYS},
                "additionalProperties": _DAY_HOURS,
                "examples": [{"mon-fri": "09:00-17:00"}],
            },
        ]
    },
    "calendar": {
        "title": "a calendar",
        "anyOf": [
            {"enum": list(ALL_DAY_WORDS)},
            _PLAIN,
            *(_composed(op) for op in ("union", "intersection", "difference")),
        ],
    },
}
"""What the schema of a policy refers to."""
