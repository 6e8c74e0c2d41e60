"""Values that pickle as what they are made of, without names: half the size, and ready in a fraction of the time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

__all__ = ["Packed"]

T = TypeVar("T")


class Packed:
    """A base for frozen values with slots: they pickle as their class and their attributes, in order.

    They were checked when they were made, and are not checked again.
    """

    __slots__ = ()

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        kind = type(self)
        return unpacked, (kind, *(getattr(self, name) for name in _names(kind)))


def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in attrs.fields(kind))


# Filled on use: what fills the slots of a class, past the class itself, which refuses changes.
_SETTERS: dict[type[Any], tuple[Callable[[object, object], None], ...]] = {}
_new = object.__new__


def unpacked(kind: type[T], *values: object) -> T:
    """A value of a class from its attributes."""
    setters = _SETTERS.get(kind)
    if setters is None:
        setters = _SETTERS[kind] = tuple(getattr(kind, name).__set__ for name in _names(kind))
    made = _new(kind)
    for fill, value in zip(setters, values, strict=True):
        fill(made, value)
    return made
