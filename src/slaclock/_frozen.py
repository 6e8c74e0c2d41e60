"""Mappings that cannot be changed, for the values of which a policy is made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

__all__ = ["Frozen", "texts"]

K = TypeVar("K")
V = TypeVar("V")


class Frozen(dict[K, V]):
    """A dict that cannot be changed; it reads, compares, copies and pickles as one.

    >>> Frozen({"a": 1}) == {"a": 1}
    True
    """

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("found a change to a part of a policy, expected none: it is frozen; make another one")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type[Frozen[K, V]], tuple[dict[K, V]]]:
        return (type(self), (dict(self),))


def texts(given: str | Iterable[str]) -> tuple[str, ...]:
    """Several texts, or one that stands alone.

    >>> texts("agent"), texts(["agent", "bot"])
    (('agent',), ('agent', 'bot'))
    """
    return (given,) if isinstance(given, str) else tuple(given)
