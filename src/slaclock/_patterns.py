"""Texts of the format as regular expressions for a JSON Schema, in the dialect that Python and JavaScript share.

Each takes all that the reader of such a text takes, and little else; what is left (a date that does not exist, an
amount that is too large) only the reader can see.
"""

from __future__ import annotations

from typing import Final

from slaclock._times import DATE, MOMENT

__all__ = ["AMOUNT", "DAY", "DAYS", "EXTENSION", "HOURS", "INSTANT", "PERCENT", "SHARE", "TIMES", "WARNING", "WEEKDAYS"]


def any_case(word: str) -> str:
    """A word in capitals or not: JSON Schema has no flag for it.

    >>> any_case("24h")
    '24[hH]'
    """
    return "".join(f"[{char.lower()}{char.upper()}]" if char.isalpha() else char for char in word)


def one_of(*words: str) -> str:
    return f"(?:{'|'.join(map(any_case, words))})"


_NUMBER: Final = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_UNIT: Final = one_of("hours", "hour", "hrs", "hr", "h", "minutes", "minute", "mins", "min", "m", "seconds", "second",
                      "secs", "sec", "s")  # fmt: skip
_PART: Final = rf"{_NUMBER}\s*{_UNIT}"
_ISO: Final = (
    rf"{any_case('pt')}(?:{_NUMBER}{any_case('h')})?(?:{_NUMBER}{any_case('m')})?(?:{_NUMBER}{any_case('s')})?"
)
_OPEN: Final = rf"(?:{_PART}(?:[,\s]*{_PART}){{0,2}}|{_ISO})"
_DAYS: Final = (
    rf"(?:[0-9]{{1,9}}|{one_of('next', 'same')})\s+{one_of('business', 'working', 'calendar')}\s+{any_case('day')}"
    rf"{any_case('s')}?(?:\s+{any_case('by')}\s+\S+)?"
)
_BEST: Final = rf"{any_case('best')}(?:\s+|-){any_case('effort')}"
_SPAN: Final = rf"\s*(?:{_OPEN}|{_DAYS}|{_BEST})\s*"
_SHARE: Final = r"[0-9]{1,6}(?:\.[0-9]{1,6})? ?%"
_DAY: Final = r"\s*(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}\s*"

AMOUNT: Final = f"^{_SPAN}$"
SHARE: Final = f"^{_SHARE} within {_SPAN}$"
PERCENT: Final = f"^{_SHARE}$"
WARNING: Final = rf"^(?:{_SHARE}|\s*[+-]\s*{_OPEN}\s*)$"
EXTENSION: Final = rf"^(?:[0-9]{{1,6}}(?:\.[0-9]{{1,6}})? ?x|\+\s*{_OPEN}\s*)$"
INSTANT: Final = f"^(?:{DATE}|{MOMENT})$"
DAY: Final = f"^{_DAY}$"
DAYS: Final = rf"^{_DAY}(?:\.\.{_DAY})?$"
HOURS: Final = rf"^\s*(?:{one_of('all day', '24h', 'closed')}|[0-9:,\s–-]+)\s*$"
TIMES: Final = r"^\s*[0-9]{4}"
WEEKDAYS: Final = r"^[A-Za-z,\s–-]+$"
