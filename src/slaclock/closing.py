"""Holidays: local dates on which a calendar is closed, given one by one, by a country's rules, or by iCalendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import ClassVar, Final, TypeAlias

import attrs

from slaclock import _plugs
from slaclock._packed import Packed
from slaclock._reading import Faults
from slaclock._spans import Span
from slaclock.dates import DateRange, Day, day_number, make_range, read_day, read_range
from slaclock.hours import read_text
from slaclock.ics import IcsEntries, NamedDates, read_ics
from slaclock.removals import NOTHING, Removals, check_names, read_removals

__all__ = ["Holiday", "HolidayRule", "dated_numbers", "holiday_spans", "read_holidays"]

_LAST_DAY: Final = day_number(9999, 12, 31)


@attrs.frozen
class Holiday(Packed):
    """Local dates on which a calendar is closed."""

    dates: DateRange
    name: str = ""

    @property
    def endless(self) -> bool:
        """Whether it comes every year."""
        return self.dates.yearly

    def named(self, lo: int, hi: int) -> list[NamedDates]:
        """The holidays among the dates `[lo, hi)`, given by their ordinals."""
        return [(first, stop, self.name) for first, stop in self.dates.within(lo, hi)]

    def data(self) -> str | dict[str, str]:
        """The holiday as it may be written."""
        return {"date": str(self.dates), "name": self.name} if self.name else str(self.dates)


@attrs.frozen
class HolidayRule(Packed):
    """The public holidays of a country, or of one of its subdivisions, from the `holidays` package, less some."""

    country: str
    subdivision: str = ""
    categories: tuple[str, ...] = ()
    language: str = ""
    observed: bool = True
    remove: Removals = NOTHING

    endless: ClassVar[bool] = True

    def named(self, lo: int, hi: int) -> list[NamedDates]:
        """The holidays among the dates `[lo, hi)`, given by their ordinals."""
        found: list[NamedDates] = []
        first, last = self.reach()
        first, last = (
            max(first, date.fromordinal(max(lo, 1)).year),
            min(last, date.fromordinal(min(hi, _LAST_DAY)).year),
        )
        for year in range(first, last + 1):
            for number, name in self._days(year).items():
                left = self.remove.left(number, name) if lo <= number < hi else None
                found += [] if left is None else [(number, number + 1, left)]
        return found

    def reach(self) -> tuple[int, int]:
        """The first and the last year that may have such a holiday."""
        first, last = _plugs.country_years(self.country)
        return first - 1, last + 1

    def _days(self, year: int) -> dict[int, str]:
        return _plugs.country_holidays(
            self.country, self.subdivision, self.categories, self.language, self.observed, year
        )

    def data(self) -> dict[str, object]:
        """The rule as it may be written."""
        found: dict[str, object] = {"country": self.country}
        if self.subdivision:
            found["subdivision"] = self.subdivision
        if self.categories:
            found["categories"] = list(self.categories)
        if self.language:
            found["language"] = self.language
        if not self.observed:
            found["observed"] = False
        if self.remove != NOTHING:
            found["remove"] = self.remove.data()
        return found


Closing: TypeAlias = Holiday | HolidayRule | IcsEntries

_HOLIDAY_KEYS: Final = ("date", "from", "until", "name")
_RULE_KEYS: Final = ("country", "subdivision", "categories", "language", "observed", "remove")
_ICS_KEYS: Final = ("ics", "remove")
_ALL_KEYS: Final = (*_HOLIDAY_KEYS, *_RULE_KEYS, "ics")
_HOLIDAY_EXPECTED: Final = (
    "a holiday: a date, `12-25` for every year, `first..last`, {date, name}, {from, until, name}, "
    "{country, subdivision} or {ics}"
)


def read_holidays(value: object, faults: Faults) -> tuple[Closing, ...]:
    """A list of holidays in any of their forms.

    Raises MissingExtraError where a country or an iCalendar file is named and the package for it is not installed.
    """
    items = faults.sequence(value, "a list of holidays", "put it in brackets: [...]")
    found = [_read_holiday(item, faults.under(index)) for index, item in enumerate(items)]
    return tuple(item for item in found if item is not None)


def _read_holiday(value: object, faults: Faults) -> Closing | None:
    if isinstance(value, (str, date)):
        dates = read_range(value, faults)
        return None if dates is None else Holiday(dates)
    keys = faults.mapping(value, _ALL_KEYS, _HOLIDAY_EXPECTED)
    if keys is None:
        return None
    if "ics" in keys:
        return read_ics(keys, faults) if _only(keys, _ICS_KEYS, "ics", faults) else None
    if "country" in keys:
        return _read_rule(keys, faults) if _only(keys, _RULE_KEYS, "country", faults) else None
    for key in keys:
        if key in _RULE_KEYS:
            faults.under(key).add("unknown-key", key, "a `country` beside it")
    name = read_text(keys.get("name", ""), faults.under("name"))
    if "date" in keys:
        for key in ("from", "until"):
            if key in keys:
                faults.under(key).add("unknown-key", key, "either `date`, or `from` and `until`")
        dates = read_range(keys["date"], faults.under("date"))
    else:
        dates = _read_from_until(value, keys, faults)
    return None if dates is None else Holiday(dates, name)


def _only(keys: dict[str, object], known: tuple[str, ...], beside: str, faults: Faults) -> bool:
    """Whether nothing stands beside a key but what belongs to it."""
    others = [key for key in keys if key not in known]
    for key in others:
        faults.under(key).add("unknown-key", key, f"one of {', '.join(known)} beside `{beside}`")
    return not others


def _read_from_until(value: object, keys: dict[str, object], faults: Faults) -> DateRange | None:
    ends: list[Day | None] = []
    for key in ("from", "until"):
        if key in keys:
            ends.append(read_day(keys[key], faults.under(key)))
        else:
            faults.add("missing-key", value, f"`{key}` in it")
            ends.append(None)
    return make_range(ends[0], ends[1], f"{ends[0]}..{ends[1]}", faults)


def _read_rule(keys: dict[str, object], faults: Faults) -> HolidayRule | None:
    count = len(faults.problems)
    texts = {key: read_text(keys.get(key, ""), faults.under(key)) for key in ("country", "subdivision", "language")}
    categories: tuple[str, ...] = ()
    if "categories" in keys:
        place = faults.under("categories")
        names = faults.under("categories").sequence(keys["categories"], "a list of categories, such as [public]")
        categories = tuple(sorted({read_text(name, place.under(index)) for index, name in enumerate(names)}))
    observed = _read_bool(keys.get("observed", True), faults.under("observed"))
    remove = read_removals(keys["remove"], faults.under("remove")) if "remove" in keys else NOTHING
    if len(faults.problems) > count:
        return None
    rule = HolidayRule(texts["country"], texts["subdivision"], categories, texts["language"], observed, remove)
    wrong = _plugs.check_country(rule.country, rule.subdivision, categories, rule.language, hints=faults.has_hints())
    if wrong is not None:
        key, expected, hint = wrong
        faults.under(key).add(f"unknown-{key}", keys[key], expected, hint)
        return None
    if remove.names:
        known = _plugs.country_names(rule.country, rule.subdivision, categories, rule.language)
        check_names(remove, known, keys["remove"], faults.under("remove"))
    return rule if len(faults.problems) == count else None


def _read_bool(value: object, faults: Faults) -> bool:
    if value is True or (isinstance(value, str) and value == "true"):
        return True
    if value is not False and not (isinstance(value, str) and value == "false"):
        faults.add("wrong-type", value, "true or false")
    return False


# ------------------------------------------------------------------------------------------------------------ by date


def dated_numbers(closings: Iterable[Closing]) -> list[int]:
    """The ordinals of the first and last dates of everything that is given with its years."""
    found: list[int] = []
    for item in closings:
        if isinstance(item, IcsEntries):
            found += [item.first, item.stop - 1]
        elif isinstance(item, Holiday) and not item.endless:
            found += [item.dates.first.number, item.dates.last.number]
    return found


def holiday_spans(closings: Iterable[Closing], lo: int, hi: int) -> list[Span]:
    """The holidays in `[lo, hi)` as spans of ordinals, unsorted."""
    return [(first, stop) for item in closings for first, stop, _ in item.named(lo, hi)]
