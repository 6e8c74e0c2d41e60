"""What the fields of a ticket can hold, checked and frozen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final, Never, TypeAlias

from slaclock._reading import show
from slaclock.conditions import FieldValue, Scalar
from slaclock.errors import EventError

__all__ = ["MOST_BITS", "NO_FIELDS", "Fields", "Settled", "fields_of", "settled"]

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

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[Fields], tuple[dict[str, FieldValue]]]:
        return (Fields, (dict(self),))


NO_FIELDS: Final = Fields()

# Most fields are short text, which events say again and again: it is looked at once, and kept once.
_SHORT: Final = 200
_MOST_SHARED: Final = 4_096
_SHARED: Final[dict[Settled, Settled]] = {}


def _scalar(name: str, value: object) -> Scalar:
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, bool) or (isinstance(value, int) and value.bit_length() <= MOST_BITS):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
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
        items = tuple(given.items())
        try:
            known = _SHARED.get(items)
        except Exception:  # noqa: BLE001 - lists, say; whatever cannot be looked up is looked at below.
            known = None
        if known is not None:
            return known
        for name, value in items:
            if type(value) is not str or type(name) is not str or name < " " or len(name) + len(value) > _SHORT:
                break
        else:
            if len(_SHARED) >= _MOST_SHARED:
                _SHARED.clear()
            _SHARED[items] = items
            return items
    loose: object = given
    if not isinstance(loose, Mapping):
        msg = f"fields: found {show(loose)}, expected a mapping of field names to values"
        raise EventError(msg)
    checked = {_name(name): _value(name, value) for name, value in loose.items()}
    return tuple(checked.items())


def _name(name: object) -> str:
    if not isinstance(name, str) or not name or name[0] < " ":
        msg = f"fields: found the name {show(name)}, expected a name as text"
        raise EventError(msg)
    return _plain(name)


def _plain(text: str) -> str:
    # The members of a StrEnum are text, and equal to it; that they are more must not depend on who comes first.
    return str.__str__(text)


def _value(name: str, value: object) -> FieldValue:
    if value is None or type(value) is str:
        return value
    if isinstance(value, list | tuple):
        return tuple(_scalar(name, member) for member in value)
    if isinstance(value, set | frozenset):
        return tuple(sorted((_scalar(name, member) for member in value), key=lambda m: (str(m), str(type(m)))))
    return _scalar(name, value)
