"""What has changed between two policies, one difference at a time, in words and as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import tzinfo
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar, overload

import attrs

from slaclock._shown import Shown
from slaclock.conditions import shown
from slaclock.errors import path_text
from slaclock.target import CalendarFrom

__all__ = ["Difference", "DifferenceKind", "Differences", "Noted", "Words", "Zones", "silent", "unlike", "words_of"]


class DifferenceKind(StrEnum):
    """What became of a part of a policy."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@attrs.frozen(kw_only=True, repr=False)
class Difference(Shown):
    """One thing that another policy says otherwise.

    `keys` is the path to it; `before` and `after` are what the policies say, in words; None where one says nothing.

    >>> print(Difference(keys=("binds",), kind=DifferenceKind.CHANGED, subject="binding", before="a", after="b"))
    binding: now b; before: a
    """

    keys: tuple[str, ...]
    kind: DifferenceKind
    subject: str
    before: str | None
    after: str | None
    remark: str = ""

    @property
    def path(self) -> str:
        """Where in the policy: `layers.customer.Acme Corp.targets.resolution.within`."""
        return path_text(self.keys)

    @property
    def sentence(self) -> str:
        """The difference in words."""
        if self.kind is DifferenceKind.ADDED:
            said = f"new: {self.after}" if self.after else "new"
        elif self.kind is DifferenceKind.REMOVED:
            said = f"gone; before: {self.before}" if self.before else "gone"
        else:
            said = f"now {self.after}; before: {self.before}"
        return f"{self.subject}: {said}{f'; {self.remark}' if self.remark else ''}"

    def to_dict(self) -> dict[str, object]:
        """The difference as JSON-ready data."""
        return {
            "path": self.path,
            "kind": str(self.kind),
            "before": self.before,
            "after": self.after,
            "sentence": self.sentence,
        }

    def __str__(self) -> str:
        return self.sentence


@attrs.frozen
class Differences(Sequence[Difference]):
    """All that a newer policy says otherwise than an older one, part by part; empty if they say the same.

    `before` and `after` are the digests of the two. Printed, it is a line for each difference.
    """

    found: tuple[Difference, ...]
    before: str = attrs.field(kw_only=True)
    after: str = attrs.field(kw_only=True)

    @overload
    def __getitem__(self, place: int) -> Difference: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Difference, ...]: ...

    def __getitem__(self, place: int | slice) -> Difference | tuple[Difference, ...]:
        return self.found[place]

    def __iter__(self) -> Iterator[Difference]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def to_dict(self) -> dict[str, object]:
        """The differences as JSON-ready data."""
        found = [difference.to_dict() for difference in self.found]
        return {"before": self.before, "after": self.after, "differences": found}

    def __str__(self) -> str:
        return "\n".join(map(str, self.found)) or "the policies say the same"


Words: TypeAlias = Callable[[Any], str]
T = TypeVar("T")


Zones: TypeAlias = tuple[tzinfo, tzinfo]
"""Those of the older and the newer policy."""


def words_of(value: object) -> str:
    """A value as people read it.

    >>> words_of(("high", "low")), words_of(None)
    ('high, low', 'none')
    """
    if isinstance(value, CalendarFrom):
        return f"named by {shown(value.field)}, else {value.default or 'none'}"
    if isinstance(value, (tuple, list)):
        return ", ".join(map(words_of, value)) or "none"
    return "none" if value in (None, "") else str(value)


def silent(value: str | None) -> str:
    """A choice that a wider place makes where this one makes none."""
    return "as the wider place says" if value is None else value


def unlike(before: Mapping[str, T], after: Mapping[str, T]) -> Iterator[tuple[str, T | None, T | None]]:
    """The names whose values differ in two mappings, with both values; None where there is none.

    >>> list(unlike({"a": 1, "b": 2}, {"b": 2, "c": 3}))
    [('a', 1, None), ('c', None, 3)]
    """
    for key in dict.fromkeys((*before, *after)):
        one, other = before.get(key), after.get(key)
        if one != other:
            yield key, one, other


class Noted:
    """Differences under way; `under` gives a view of the same list from further down the policy."""

    __slots__ = ("found", "keys", "place")

    def __init__(self, found: list[Difference] | None = None, keys: tuple[str, ...] = (), place: str = "") -> None:
        self.found: list[Difference] = [] if found is None else found
        self.keys = keys
        self.place = place

    def under(self, *keys: str, place: str = "") -> Noted:
        """The same list, for parts below these keys; `place` is how their sentences begin, else as here."""
        return Noted(self.found, self.keys + keys, place or self.place)

    def note(self, keys: tuple[str, ...], subject: str, before: str | None, after: str | None) -> None:
        """Note what one of the policies does not have (None), or what both say in different words."""
        if before is None:
            kind = DifferenceKind.ADDED
        else:
            kind = DifferenceKind.REMOVED if after is None else DifferenceKind.CHANGED
        self._add(keys, kind, subject, before, after)

    def move(self, keys: tuple[str, ...], subject: str, before: str, after: str, remark: str = "") -> None:
        """Note what stands elsewhere."""
        self._add(keys, DifferenceKind.MOVED, subject, before, after, remark)

    def values(self, keys: tuple[str, ...], subject: str, before: object, after: object, words: Words = str) -> None:
        """Note two values that differ; where their words do not tell them apart, as Python shows them."""
        if before == after:
            return
        said = (words(before), words(after))
        self.note(keys, subject, *(said if said[0] != said[1] else (repr(before), repr(after))))

    def _add(
        self,
        keys: tuple[str, ...],
        kind: DifferenceKind,
        subject: str,
        before: str | None,
        after: str | None,
        remark: str = "",
    ) -> None:
        whole = ": ".join(part for part in (self.place, subject) if part)
        self.found.append(
            Difference(keys=self.keys + keys, kind=kind, subject=whole, before=before, after=after, remark=remark)
        )
