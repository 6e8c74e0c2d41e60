"""The one socket for optional packages below the roof: each is imported when first asked for, and gives plain data."""

from __future__ import annotations

from functools import lru_cache

__all__ = ["check_country", "country_holidays"]


def check_country(
    country: str, subdivision: str, categories: tuple[str, ...], language: str
) -> tuple[str, str, str] | None:
    """What is wrong with a holiday rule: the key at fault, what was expected, a hint; None where it is sound.

    Raises MissingExtraError where the `holidays` package is not installed.
    """
    from slaclock.extras import holidays

    return holidays.check(country, subdivision, categories, language)


@lru_cache(maxsize=4096)
def country_holidays(
    country: str, subdivision: str, categories: tuple[str, ...], language: str, observed: bool, year: int
) -> dict[int, str]:
    """The holidays of a country in one year: ordinal of the date -> name. Not to be changed: it is shared."""
    from slaclock.extras import holidays

    return holidays.days(country, subdivision, categories, language, observed, year)
