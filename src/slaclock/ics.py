"""What an iCalendar file closes: its all-day entries are holidays, its timed ones closures.

The text is part of the calendar that uses it: a file is read once, when the calendar is made, and never again.
Entries that recur are followed year by year, when a year is asked for, until the end of 2199.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import ClassVar, Final, TypeAlias

import attrs

from slaclock import _plugs
from slaclock._instants import DAY_US, to_us
from slaclock._reading import Faults, show
from slaclock._spans import Span
from slaclock.closures import Closure, Moment
from slaclock.errors import CalendarError, Problem
from slaclock.removals import NOTHING, Removals, check_names, read_removals

__all__ = ["LARGEST", "IcsEntries", "NamedDates", "is_ics_text", "read_ics"]

NamedDates: TypeAlias = tuple[int, int, str]
"""`(first, stop, name)`: dates by their ordinals, half-open, and what is kept on them."""

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
LARGEST: Final = 5_000_000


@attrs.frozen
class IcsEntries:
    """The entries of an iCalendar text, less what is taken away.

    `text` has what matters, in one spelling, so that two exports of the same entries are equal. No entry lies outside
    the dates `[first, stop)`, given by their ordinals.
    """

    text: str = attrs.field(repr=False)
    first: int
    stop: int
    remove: Removals = NOTHING

    endless: ClassVar[bool] = False

    def named(self, lo: int, hi: int) -> list[NamedDates]:
        """The holidays among the dates `[lo, hi)`, given by their ordinals."""
        lo, hi = max(lo, self.first), min(hi, self.stop)
        found: list[NamedDates] = []
        for year in _years(lo, hi):
            start, end = max(lo, date(year, 1, 1).toordinal()), min(hi, date(year, 12, 31).toordinal() + 1)
            for first, stop, name in _year(self.text, year)[0]:
                if max(first, start) < min(stop, end):
                    found += self._left(max(first, start), min(stop, end), name)
        return found

    def _left(self, first: int, stop: int, name: str) -> Iterator[NamedDates]:
        if self.remove == NOTHING:
            yield (first, stop, name)
            return
        for number in range(first, stop):
            left = self.remove.left(number, name)
            if left is not None:
                yield (number, number + 1, left)

    def closures(self, lo: int, hi: int) -> list[Closure]:
        """The closures that may hold in `[lo, hi)`, instants in microseconds."""
        first = max(lo // DAY_US + _EPOCH_DAY, self.first - 2)
        stop = min(-(-hi // DAY_US) + _EPOCH_DAY, self.stop + 2)
        found = dict.fromkeys(item for year in _years(first, stop) for item in _year(self.text, year)[1])
        return [closure for number, closure in found if self.remove.left(number, closure.reason) is not None]

    def spans(self, zone: tzinfo, lo: int, hi: int) -> list[Span]:
        """The same closures as spans of instants in a zone, in no order."""
        return [closure.span(zone) for closure in self.closures(lo, hi)]

    def data(self) -> dict[str, object]:
        """The entries as they may be written."""
        found: dict[str, object] = {"ics": self.text}
        return found | {"remove": self.remove.data()} if self.remove != NOTHING else found


def _years(lo: int, hi: int) -> range:
    """The years of the dates `[lo, hi)`."""
    if lo >= hi:
        return range(0)
    return range(date.fromordinal(max(lo, 1)).year, date.fromordinal(min(hi - 1, date.max.toordinal())).year + 1)


@lru_cache(maxsize=2_048)
def _year(text: str, year: int) -> tuple[tuple[NamedDates, ...], tuple[tuple[int, Closure], ...]]:
    """The holidays and the closures of an iCalendar text that may lie in a year; these with the dates they begin on."""
    days: list[NamedDates] = []
    closures: list[tuple[int, Closure]] = []
    for start, end, name in _plugs.ics_entries(text, year):
        if isinstance(start, datetime) and isinstance(end, datetime):
            closures.append((start.toordinal(), Closure(_moment(start), _moment(end), name)))
        else:
            days.append((start.toordinal(), end.toordinal(), name))
    return tuple(days), tuple(closures)


def _moment(value: datetime) -> Moment:
    """An end of an entry; one without a zone is read on the wall clock of the calendar that uses it."""
    local = value.tzinfo is None
    return Moment(to_us(value.replace(tzinfo=UTC) if local else value, "", CalendarError), local)


# ------------------------------------------------------------------------------------------------------------- reading


def read_ics(keys: dict[str, object], faults: Faults) -> IcsEntries | None:
    """`{ics: path or text, remove: [...]}`; every fault is noted. Reads the file that the user named, and no other.

    Raises MissingExtraError where the packages that read iCalendar are not installed.
    """
    count = len(faults.problems)
    remove = read_removals(keys["remove"], faults.under("remove")) if "remove" in keys else NOTHING
    read = _read_source(keys["ics"], faults.under("ics"))
    if read is None:
        return None
    text, where = read
    try:
        source = _plugs.read_ics(text)
    except CalendarError as error:
        faults.problems.extend(_placed(problem, where, (*faults.path, "ics")) for problem in error.problems)
        return None
    check_names(remove, source.names, keys.get("remove"), faults.under("remove"))
    if len(faults.problems) > count:
        return None
    return IcsEntries(source.text, source.first.toordinal(), source.last.toordinal() + 1, remove)


def _placed(problem: Problem, where: str, keys: tuple[str | int, ...]) -> Problem:
    """A fault of an iCalendar text as a fault of the argument that gave it: the line goes into the words."""
    found = problem.found if problem.line is None else f"{problem.found} in line {problem.line}"
    return attrs.evolve(problem, found=f"{found} of {where}", keys=keys, line=None)


def is_ics_text(value: str) -> bool:
    """Whether it is the text of an iCalendar, and not the path of a file.

    >>> is_ics_text("holidays.ics")
    False
    """
    return "\n" in value or "\r" in value or value.lstrip("\ufeff ").upper().startswith("BEGIN:")


def _read_source(value: object, faults: Faults) -> tuple[str, str] | None:
    """The text that is meant, and what to call it; a path is read here."""
    if isinstance(value, str) and is_ics_text(value):
        if len(value) > LARGEST:
            faults.add("too-large", value, f"at most {LARGEST:,} characters")
            return None
        return value, "the text"
    if not isinstance(value, (str, os.PathLike)) or not value:
        faults.add("wrong-type", value, "the path of an iCalendar file, or its text")
        return None
    return _read_file(os.fspath(value), faults)


def _read_file(path: str | bytes, faults: Faults) -> tuple[str, str] | None:
    name = show(os.fsdecode(path))
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a path may be bytes.
            raw = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or "no such path"
        hint = f"{reason}; paths are read from the working directory, or in a policy file from its folder"
        faults.add("unreadable", os.fsdecode(path), "an iCalendar file that can be read", hint)
        return None
    if len(raw) > LARGEST:
        faults.add("too-large", os.fsdecode(path), f"at most {LARGEST:,} bytes")
        return None
    try:
        return raw.decode("utf-8-sig"), name
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"a byte that is no UTF-8 in line {line} of {name}"
        problem = Problem(code="not-utf8", found=found, expected="an iCalendar file in UTF-8", keys=faults.path)
        faults.problems.append(attrs.evolve(problem, hint="save it as UTF-8"))
        return None
