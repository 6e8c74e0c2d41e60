"""Public holidays of countries from the `holidays` package (`pip install "slaclock[holidays]"`).

Names are asked for in the country's own language unless a rule names another: the package would otherwise take the
language of the machine.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from types import ModuleType

from slaclock.errors import MissingExtraError, nearest

__all__ = ["check", "days", "names", "years"]

_MEMORY = range(1970, 2071)


def check(
    country: str, subdivision: str, categories: tuple[str, ...], language: str, *, hints: bool = True
) -> tuple[str, str, str] | None:
    """What is wrong with a rule: the key at fault, what was expected, and a hint; None where it is sound."""
    package = _package()
    known = _countries()
    if country not in known:
        hint = _code_of(country) or (nearest(country.upper(), known) if hints else "")
        return ("country", "the ISO code of a country such as DE or US", hint)
    calendar = package.country_holidays(country)
    places = list(calendar.subdivisions) + list(calendar.subdivisions_aliases)
    if subdivision and subdivision not in places:
        hint = nearest(subdivision, places) if hints else ""
        return ("subdivision", f"a subdivision of {country}: {_some(places)}", hint)
    for category in categories:
        if category not in calendar.supported_categories:
            return ("categories", f"categories of {country}: {_some(calendar.supported_categories)}", "")
    if language and language not in calendar.supported_languages:
        return ("language", f"a language of {country}: {_some(calendar.supported_languages)}", "")
    return None


def _code_of(name: str) -> str:
    """A hint for a country that is given by its English name."""
    words = "".join(word.capitalize() for word in name.split()) if len(name) < 60 else ""
    code = getattr(getattr(_package(), words, None), "country", None) if words.isidentifier() else None
    return f"did you mean `{code}`?" if isinstance(code, str) and code in _countries() else ""


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    found: dict[str, list[str]] = _package().list_supported_countries(include_aliases=True)
    return found


def days(
    country: str, subdivision: str, categories: tuple[str, ...], language: str, observed: bool, year: int
) -> dict[int, str]:
    """The holidays of one year: ordinal of the date -> name.

    A holiday that is observed in December for 1 January stands in its neighbour's list, so three lists are read.
    """
    found: dict[int, str] = {}
    for neighbour in (year - 1, year + 1, year):
        listed = _listed(country, subdivision, categories, language, observed, neighbour)
        found |= {number: name for number, (of, name) in listed.items() if of == year}
    return found


def names(country: str, subdivision: str, categories: tuple[str, ...], language: str) -> frozenset[str]:
    """The names of the holidays of the years 1970 to 2070, several of one date joined by `; `."""
    listed = (_listed(country, subdivision, categories, language, True, year) for year in _MEMORY)
    return frozenset(name for year in listed for _, name in year.values())


def years(country: str) -> tuple[int, int]:
    """The first and the last year of which the package knows any holidays of a country."""
    return _about(country)[1:]


@lru_cache(maxsize=1024)
def _listed(
    country: str, subdivision: str, categories: tuple[str, ...], language: str, observed: bool, year: int
) -> dict[int, tuple[int, str]]:
    spoken, first, last = _about(country)
    if not first <= year <= last:
        return {}
    calendar = _package().country_holidays(
        country,
        subdiv=subdivision or None,
        years=year,
        expand=False,
        observed=observed,
        language=language or spoken,
        categories=categories or None,
    )
    return {day.toordinal(): (day.year, name) for day, name in calendar.items()}


@lru_cache(maxsize=512)
def _about(country: str) -> tuple[str | None, int, int]:
    """A country's own language, and the first and the last year of which the package knows any holidays."""
    calendar = _package().country_holidays(country)
    return calendar.default_language, calendar.start_year, calendar.end_year


def _some(words: tuple[str, ...] | list[str]) -> str:
    return ", ".join(words[:12]) + (", ..." if len(words) > 12 else "")


def _package() -> ModuleType:
    try:
        return importlib.import_module("holidays")
    except ImportError:
        raise MissingExtraError(
            'holidays of a country need the package `holidays`: pip install "slaclock[holidays]"'
        ) from None
