"""The one socket for optional packages below the roof: each is imported when first asked for, and gives plain data."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import Protocol

__all__ = ["IcsText", "check_country", "country_holidays", "country_names", "country_years", "ics_entries", "read_ics"]


class IcsText(Protocol):
    """An iCalendar text that was found good."""

    @property
    def text(self) -> str:
        """What matters of it, in one spelling."""

    @property
    def first(self) -> date:
        """No entry begins before this date."""

    @property
    def last(self) -> date:
        """No entry ends after this date."""

    @property
    def names(self) -> frozenset[str]:
        """What its entries are called."""


def check_country(
    country: str, subdivision: str, categories: tuple[str, ...], language: str, *, hints: bool = True
) -> tuple[str, str, str] | None:
    """What is wrong with a holiday rule: the key at fault, what was expected, a hint; None where it is sound.

    Without `hints` no nearest word is looked for.

    Raises MissingExtraError where the `holidays` package is not installed.
    """
    from slaclock.extras import holidays

    return holidays.check(country, subdivision, categories, language, hints=hints)


@lru_cache(maxsize=4096)
def country_holidays(
    country: str, subdivision: str, categories: tuple[str, ...], language: str, observed: bool, year: int
) -> dict[int, str]:
    """The holidays of a country in one year: ordinal of the date -> name. Not to be changed: it is shared."""
    from slaclock.extras import holidays

    return holidays.days(country, subdivision, categories, language, observed, year)


@lru_cache(maxsize=64)
def country_names(country: str, subdivision: str, categories: tuple[str, ...], language: str) -> frozenset[str]:
    """The names of a country's holidays, of all years in living memory and of some to come."""
    from slaclock.extras import holidays

    return holidays.names(country, subdivision, categories, language)


def country_years(country: str) -> tuple[int, int]:
    """The first and the last year of which the rules of a country know any holidays."""
    from slaclock.extras import holidays

    return holidays.years(country)


def read_ics(text: str) -> IcsText:
    """An iCalendar text, found good.

    Raises CalendarError, each of whose problems has its line, and MissingExtraError without the packages that read it.
    """
    from slaclock.extras import icalendar

    return icalendar.read(text)


def ics_entries(text: str, year: int) -> tuple[tuple[date, date, str], ...]:
    """The entries of a text that `read_ics` gave, of a year and its edges: start, end and name.

    Two dates for an all-day entry, the second one excluded; two date-times for a timed one.
    """
    from slaclock.extras import icalendar

    return tuple((entry.start, entry.end, entry.name) for entry in icalendar.entries(text, year))
