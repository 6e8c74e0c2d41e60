"""What is taken away from a source of holidays: some of its dates, and what it calls by some names."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date
from typing import Final

import attrs

from slaclock._reading import Faults, show
from slaclock.dates import DateRange, read_range

__all__ = ["NOTHING", "Removals", "check_names", "read_removals"]

_LIKE_A_DATE: Final = re.compile(r"[0-9][0-9 ./-]*(\.\.[0-9 ./-]*)?", re.ASCII)
_EXPECTED: Final = "a list of dates, of `12-24` for every year, of ranges or of holidays' names"


@attrs.frozen
class Removals:
    """Dates on which a source's holidays do not count, and names of its holidays that do not.

    A name takes away what is called so and, with what it adds in brackets, the same holiday observed on another day.
    """

    dates: tuple[DateRange, ...] = ()
    names: tuple[str, ...] = ()

    def left(self, number: int, name: str) -> str | None:
        """What is left of the holidays of one date, given by its ordinal and their names; None where nothing is.

        >>> Removals(names=("Labour Day",)).left(1, "Labour Day; Ascension Day")
        'Ascension Day'
        """
        if any(dates.within(number, number + 1) for dates in self.dates):
            return None
        if not self.names:
            return name
        kept = [part for part in name.split("; ") if not self._removes(part)]
        return "; ".join(kept) if kept else None

    def _removes(self, name: str) -> bool:
        return any(name == gone or name.startswith(f"{gone} (") for gone in self.names)

    def data(self) -> list[str]:
        """The list as it may be written."""
        return [*map(str, self.dates), *self.names]


NOTHING: Final = Removals()


def read_removals(value: object, faults: Faults) -> Removals:
    """Dates, yearly dates, ranges and names, in one list."""
    dates: list[DateRange] = []
    names: list[str] = []
    for index, item in enumerate(faults.sequence(value, _EXPECTED, "put it in brackets: [...]")):
        place = faults.under(index)
        if isinstance(item, str) and not _LIKE_A_DATE.fullmatch(item.strip()):
            names.append(item.strip())
        elif isinstance(item, (str, date)):
            found = read_range(item, place)
            dates += [] if found is None else [found]
        else:
            place.add("bad-date", item, "a date, `12-24` for every year, `first..last`, or the name of a holiday")
    return Removals(tuple(sorted(set(dates), key=str)), tuple(sorted(set(names))))


def check_names(removals: Removals, known: Collection[str], value: object, faults: Faults) -> None:
    """Note names that the source never uses: they would take nothing away, in silence."""
    items = list(value) if isinstance(value, (list, tuple)) else []
    singles = {part for name in known for part in name.split("; ")}
    for name in removals.names:
        if not any(single == name or single.startswith(f"{name} (") for single in singles):
            place = faults.under(
                next(i for i, item in enumerate(items) if isinstance(item, str) and item.strip() == name)
            )
            hint = faults.nearest(name, sorted(singles)) or _listed(singles)
            place.add("unknown-holiday", name, "the name of one of its holidays, as the source spells it", hint)


def _listed(names: Collection[str]) -> str:
    some = [show(name) for name in sorted(names)[:8] if name]
    return f"it has {', '.join(some)}{', ...' if len(names) > 8 else ''}" if some else "its holidays have no names"
