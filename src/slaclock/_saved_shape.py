"""The shape of saved states: what came in, checked key by key before anybody relies on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Never, TypeAlias

from slaclock._event import brief
from slaclock._instants import MAX_US, MIN_US
from slaclock._reading import show
from slaclock._spans import Span
from slaclock.conditions import View
from slaclock.errors import SlaError, StateError
from slaclock.events import event_from_dict
from slaclock.metric import CATEGORIES
from slaclock.state import Phase
from slaclock.target import NEVER_US
from slaclock.values import fields_of

__all__ = ["VERSION", "Saved", "fields_data", "read_saved", "span_of"]

VERSION: Final = 3

Saved: TypeAlias = dict[str, Any]
"""JSON has no better type: the shape is checked when it is read."""


def fields_data(view: View) -> dict[str, object]:
    """Fields as JSON-ready data, without what follows from them, which stands under reserved names."""
    fields = {name: held for name, held in view.items() if name[0] >= " "}
    return {name: list(held) if isinstance(held, tuple) else held for name, held in fields.items()}


def span_of(start_us: int | None, end_us: int | None) -> Span:
    """A span of instants; None where it has no beginning, or no end."""
    return (MIN_US if start_us is None else start_us, MAX_US if end_us is None else end_us)


Check = Callable[[object, str], object]


def read_saved(data: object) -> Saved:
    """A saved state with its shape checked. Raises StateError that says where it is not as expected."""
    if isinstance(data, str | bytes):
        raise StateError(f"state: found {show(data)}, expected what `dump_state` gave; load JSON text with json.loads")
    found: object = data.get("slaclock_state") if isinstance(data, Mapping) else data
    if type(found) is not int or found not in _VERSIONS or not isinstance(data, Mapping):
        _refuse("slaclock_state", found, f"a format version from 1 to {VERSION}")
    try:
        return _record(_VERSIONS[found])(data, "")  # type: ignore[return-value]
    except RecursionError:
        _refuse("cycles", "carried targets without end", "a state made by dump_state")


def _refuse(path: str, found: object, expected: str) -> Never:
    msg = f"state: {path or 'root'}: found {show(found)}, expected {expected}; replay the ticket's events instead"
    raise StateError(msg)


def _record(checks: Mapping[str, Check]) -> Check:
    def check(value: object, path: str) -> object:
        if not isinstance(value, Mapping) or set(value) != set(checks):
            _refuse(path, value, f"a mapping with the keys {', '.join(checks)}{_other_keys(value, checks)}")
        return {key: each(value[key], f"{path}.{key}" if path else key) for key, each in checks.items()}

    return check


def _other_keys(value: object, checks: Mapping[str, Check]) -> str:
    if not isinstance(value, Mapping):
        return ""
    others = [f"{show(key)} is none of them" for key in value if key not in checks]
    others += [f"`{key}` is not there" for key in checks if key not in value]
    return f" ({others[0]})"


def _list(each: Check, *, least: int = 0) -> Check:
    def check(value: object, path: str) -> object:
        if not isinstance(value, list | tuple) or len(value) < least:
            _refuse(path, value, "a list" if least == 0 else "a list that is not empty")
        return [each(member, f"{path}[{place}]") for place, member in enumerate(value)]

    return check


def _row(*checks: Check) -> Check:
    def check(value: object, path: str) -> object:
        if not isinstance(value, list | tuple) or len(value) != len(checks):
            _refuse(path, value, f"a list of {len(checks)}")
        return [
            each(member, f"{path}[{place}]") for place, (each, member) in enumerate(zip(checks, value, strict=True))
        ]

    return check


def _or_none(other: Check) -> Check:
    return lambda value, path: None if value is None else other(value, path)


def _number(value: object, path: str) -> object:
    return value if type(value) is int else _refuse(path, value, "a whole number")


def _amount(value: object, path: str) -> object:
    if type(value) is not int or not 0 <= value < NEVER_US:
        _refuse(path, value, "an amount of time in microseconds")
    return value


def _instant(value: object, path: str) -> object:
    if type(value) is not int or not MIN_US <= value <= MAX_US:
        _refuse(path, value, "an instant: microseconds since 1970")
    return value


def _text(value: object, path: str) -> object:
    return value if isinstance(value, str) else _refuse(path, value, "text")


def _flag(value: object, path: str) -> object:
    return value if isinstance(value, bool) else _refuse(path, value, "true or false")


def _one_of(words: Iterable[str]) -> Check:
    known = tuple(words)
    return lambda value, path: value if value in known else _refuse(path, value, f"one of {', '.join(known)}")


def _due(value: object, path: str) -> object:
    return value if value is None or value == "never" else _instant(value, path)


def _fields(value: object, path: str) -> object:
    try:
        fields = fields_of(value)  # type: ignore[arg-type]
    except SlaError as error:
        _refuse(path, value, str(error))
    return fields_data(fields)


def _event(value: object, path: str) -> object:
    try:
        return brief(event_from_dict(value))  # type: ignore[arg-type]
    except (SlaError, TypeError) as error:
        _refuse(path, value, str(error))


def _by_name(each: Check) -> Check:
    def check(value: object, path: str) -> object:
        if not isinstance(value, Mapping):
            _refuse(path, value, "a mapping")
        return {_text(name, path): each(member, f"{path}.{name}") for name, member in value.items()}

    return check


def _piece(checks: Mapping[str, Check]) -> Check:
    def check(value: object, path: str) -> object:
        found: Saved = _record(checks)(value, path)  # type: ignore[assignment]
        if found["late"] and type(found["due_us"]) is not int:
            _refuse(f"{path}.due_us", found["due_us"], "the instant that was missed")
        return found

    return check


def _laid(value: object, path: str) -> object:
    return _piece(_PIECE | {"prior": _or_none(_laid)})(value, path)


_entries: Final = _list(_row(_instant, _one_of(Phase), _text, _text), least=1)


def _life(value: object, path: str) -> object:
    found: list[Any] = _entries(value, path)  # type: ignore[assignment]
    _one_of((Phase.RUNNING, Phase.PAUSED))(found[0][1], f"{path}[0][1]")
    return found


_PIECE: Final[dict[str, Check]] = {
    "plan": _row(_number, _text, _number, _text),
    "since_us": _instant,
    "origin_us": _instant,
    "from_us": _instant,
    "used_us": _amount,
    "run_us": _or_none(_instant),
    "due_us": _due,
    "late": _flag,
    "late_at_us": _or_none(_instant),
    "sticky": _or_none(_row(_instant, _instant)),
}
_LAID_IN_A_ROW: Final = _piece(_PIECE | {"prior": _list(_piece(_PIECE))})

_CYCLE: Final[dict[str, Check]] = {
    "start_us": _instant,
    "cause": _text,
    "lives": _list(_life),
    "ended_us": _or_none(_instant),
    "done": _flag,
    "grants": _list(_row(_instant, _amount, _text)),
    "waived": _or_none(_row(_instant, _text)),
    "fired": _list(_row(_text, _text)),
    "exempt": _or_none(_row(_text, _text)),
    "laid": _list(_or_none(_laid)),
}


def _cycle(checks: Mapping[str, Check]) -> Check:
    def check(value: object, path: str) -> object:
        found: Saved = _record(checks)(value, path)  # type: ignore[assignment]
        for place, life in enumerate(found["lives"] if found["done"] else ()):
            if len(life) < 2 or life[-1][1] != Phase.STOPPED:
                _refuse(f"{path}.lives[{place}]", life, "a life that was stopped, as the cycle is done")
        return found

    return check


_STATE: Final[dict[str, Check]] = {
    "slaclock_state": _number,
    "policy": _text,
    "ticket": _or_none(_text),
    "fields": _fields,
    "category": _one_of(CATEGORIES),
    "arrived": _or_none(_text),
    "created": _flag,
    "merged": _flag,
    "holds": _list(_row(_or_none(_text), _text)),
    "armed": _list(_text),
    "waiting": _list(_text),
    "last": _or_none(_row(_instant, _number)),
    "at_last": _list(_event),
    "told_us": _or_none(_instant),
    "amended_us": _or_none(_instant),
    "cycles": _by_name(_list(_cycle(_CYCLE))),
    "anomalies": _list(_row(_text, _text, _text)),
}

_span = _row(_or_none(_instant), _or_none(_instant))
_applied = _row(_text, _or_none(_instant), _or_none(_instant))


def _spanning(each: Check) -> Check:
    def check(value: object, path: str) -> object:
        found: list[Any] = each(value, path)  # type: ignore[assignment]
        start, end = span_of(*found[-2:])
        return found if start < end else _refuse(path, value, "a span that ends after it begins")

    return check


_REGISTERED: Final = _CYCLE | {"extends": _list(_text), "applied": _list(_spanning(_applied))}
_SCOPES: Final = {"scopes": _by_name(_list(_spanning(_span)))}
_VERSIONS: Final[dict[int, dict[str, Check]]] = {
    1: _STATE,
    2: _STATE | _SCOPES | {"cycles": _by_name(_list(_cycle(_REGISTERED)))},
    3: _STATE | _SCOPES | {"cycles": _by_name(_list(_cycle(_REGISTERED | {"laid": _list(_or_none(_LAID_IN_A_ROW))})))},
}
