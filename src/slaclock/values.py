"""What the fields of a ticket can hold, checked and frozen."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final, Never, TypeAlias

from slaclock._reading import show
from slaclock.conditions import FieldValue, Scalar
from slaclock.errors import EventError

__all__ = ["MOST_BITS", "NO_FIELDS", "Fields", "Settled", "fields_of", "items_of", "plain", "settled"]

Settled: TypeAlias = tuple[tuple[str, FieldValue], ...]
"""Names with their values, checked."""

# Enough for any number of the world, and few enough that Python still writes them out.
MOST_BITS: Final = 4_096


def _no_change(*_: object, **__: object) -> Never:
    msg = "the fields of an event are frozen"
    raise TypeError(msg)


class Fields(dict[str, FieldValue]):
    """The fields that an event sets: a frozen mapping of names to text, numbers, bools, None, or tuples of them."""

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _no_change

    def __eq__(self, other: object) -> bool:
        # To a dict 1 and True are equal; to a condition they are not.
        if dict.__eq__(self, other) is not True:
            return False
        # Most values are the very same: only the others are looked into.
        others = [(held, other[name]) for name, held in self.items() if held is not other[name]]  # type: ignore[index]
        return all(_truths(held) == _truths(found) for held, found in others)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[Fields], tuple[dict[str, FieldValue]]]:
        return (Fields, (dict(self),))


def _truths(held: FieldValue) -> object:
    return tuple(isinstance(member, bool) for member in held) if isinstance(held, tuple) else isinstance(held, bool)


NO_FIELDS: Final = Fields()

# Most fields are few and short text, which events say again and again: it is looked at once, and kept once.
_FEW: Final = 16
_SHORT: Final = 200
_MOST_SHARED: Final = 4_096
_SHARED: Final[dict[object, Settled]] = {}
"""By themselves; where there is one field, by its name and value."""


def plain(text: str) -> str:
    """The text without what its class makes of it: what it is must not depend on who came first."""
    return text if type(text) is str else str.__str__(text)


def _scalar(name: str, value: object) -> Scalar:
    # Of classes that build on text and numbers (a member of an enum, a number of numpy) only these are kept.
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, int) and int.bit_length(value) <= MOST_BITS:
        return int.__pos__(value)
    if isinstance(value, float) and math.isfinite(number := float.__pos__(value)):
        return number
    if isinstance(value, date) and not isinstance(value, datetime):
        return date.isoformat(value)
    msg = (
        f"field `{name}`: found {show(value)}, expected text, a finite number, a bool, None, or a list of these; "
        "turn it into one of them, for instance with str()"
    )
    raise EventError(msg)


def fields_of(given: Mapping[str, object]) -> Fields:
    """Checked and frozen fields; lists, tuples and sets become tuples. Raises EventError."""
    return Fields(settled(given))


def settled(given: Mapping[str, object]) -> Settled:
    """What `fields_of` makes fields of. Raises EventError."""
    if type(given) is dict:
        # What calls itself equal to text that came before may be none, or another: only text itself is looked up.
        if len(given) == 1:
            (item,) = given.items()
            name, value = item
            if type(name) is str and type(value) is str:
                return _SHARED.get(item) or _settled_text(item, (item,))
        else:
            items = tuple(given.items())
            for name, value in items:
                if type(value) is not str or type(name) is not str:
                    break
            else:
                return _SHARED.get(items) or _settled_text(items, items)
    return _settled(items_of(given, "fields: ", "a mapping of field names to values"))


def _settled_text(key: object, items: tuple[tuple[str, str], ...]) -> Settled:
    """Fields that hold text, from now on found under a key where they are few and short."""
    if len(items) > _FEW or any(name < " " or len(name) + len(value) > _SHORT for name, value in items):
        return _settled(items)
    if len(_SHARED) >= _MOST_SHARED:
        _SHARED.clear()
    _SHARED[key] = items
    return items


def _settled(items: Iterable[tuple[object, object]]) -> Settled:
    checked: dict[str, FieldValue] = {}
    for told, value in items:
        name = _name(told)
        checked[name] = _value(name, value)
    return tuple(checked.items())


def items_of(given: object, where: str, expected: str) -> list[tuple[object, object]]:
    """The items of a mapping. Raises EventError for what is none, and where they cannot be read."""
    fault, told = None, ""
    if isinstance(given, Mapping):
        try:
            return [(name, value) for name, value in given.items()]
        except Exception as error:  # noqa: BLE001 - a foreign mapping may raise whatever it likes.
            fault, told = error, f", whose items cannot be read ({error!r})"
    raise EventError(f"{where}found {show(given)}{told}, expected {expected}") from fault


def _name(name: object) -> str:
    found = plain(name) if isinstance(name, str) else ""
    if found < " ":
        msg = f"fields: found the name {show(name)}, expected a name as text"
        raise EventError(msg)
    return found


def _value(name: str, value: object) -> FieldValue:
    if value is None or type(value) is str:
        return value
    if isinstance(value, list | tuple):
        return tuple(_scalar(name, member) for member in value)
    if isinstance(value, set | frozenset):
        return tuple(sorted((_scalar(name, member) for member in value), key=lambda m: (str(m), str(type(m)))))
    return _scalar(name, value)
