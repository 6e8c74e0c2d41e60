"""Amounts of time as people write them in agreements.

=============================== ==============================================================================
`4h` `90m` `1h30m` `PT4H`       open time on a calendar; `4 hours`, `30 min` and `1.5h` too
`3 business days`               the same wall-clock time three business dates later
`2 business days by 16:00`      16:00 on the second business date after the start's date; `by close` too
`next business day by 16:00`    the same as `1 business day by 16:00`
`same business day by 17:00`    the start's date if 17:00 is still to come on it, else the next business date
`15 calendar days`              the same wall-clock time fifteen dates later
`best effort`                   measured, never due
=============================== ==============================================================================

`same business day` and `next business day` alone mean `by close`. `working` may stand for `business`. A bare day or
week is refused: it has five meanings in the field.
"""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal, TypeAlias, get_args

import attrs

from slaclock._instants import DAY_US, HOUR_US, MAX_US, MIN_US, MINUTE_US, SECOND_US, duration_us
from slaclock._packed import Packed
from slaclock._reading import fault
from slaclock.errors import CalendarError

__all__ = ["Amount", "AmountLike", "time_text"]

Kind: TypeAlias = Literal["open", "business_days", "calendar_days", "best_effort"]

_MOST_US: Final = MAX_US - MIN_US
_LONGEST_KEPT: Final = 100
_MOST_DAYS: Final = _MOST_US // DAY_US
_UNITS: Final = {"h": HOUR_US, "m": MINUTE_US, "s": SECOND_US}
_NUMBER: Final = r"[0-9]{1,12}(?:\.[0-9]{1,12})?"
_AS_WRITTEN: Final = re.IGNORECASE | re.ASCII
_PART: Final = re.compile(rf"({_NUMBER}) ?(hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)(?![a-z])[, ]*", _AS_WRITTEN)
# What few programs need is compiled when it is first looked for.
_ISO: Final = rf"PT(?=[0-9])(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?"
_DAYS: Final = (
    r"(?:(?P<count>[0-9]{1,9})|(?P<word>next|same)) (?:(?P<kind>business|working)|calendar) days?(?: by (?P<by>\S+))?"
)
_BARE_DAY: Final = rf"{_NUMBER} ?(d|days?|w|weeks?|months?|y|years?)\b.*|P{_NUMBER}[DWMY].*"
_WHOLE_DAYS: Final = r"([1-9][0-9]{0,3}) ?(?:(d|days?)|w|weeks?)"
_BUSINESS_HOURS: Final = rf"({_NUMBER}) (?:business|working) (h|m)[a-z]*"
_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", re.ASCII)

_EXPECTED: Final = "an amount such as `4h`, `1h30m`, `PT4H`, `3 business days` or `best effort`"
_DAY_CHOICES: Final = (
    "a day has five meanings; write `24h` for open time, `1 business day`, `next business day by 16:00` "
    "or `1 calendar day`"
)
_MANY_DAYS: Final = (
    "a day has five meanings; write `{hours}h` for open time, `{business} business days`, "
    "`{business} business days by 16:00` or `{days} calendar days`"
)


@attrs.frozen
class Amount(Packed):
    """An amount of time: open time in microseconds (`us`), or so many days (`days`), or best effort.

    `by` is the wall-clock time of a day amount in microseconds after midnight, `"close"` for the day's closing, or
    None for the wall-clock time of the start. `same_day` marks `same business day by ...`. `str()` gives canonical
    text that parses back.

    >>> str(Amount.parse("PT90M"))
    '1h30m'
    """

    kind: Kind = "open"
    us: int = 0
    days: int = 0
    by: int | Literal["close"] | None = None
    same_day: bool = False

    def __attrs_post_init__(self) -> None:
        """Raises CalendarError for what is no amount at all; signs and zero are judged where an amount is used."""
        whole = type(self.us) is int and type(self.days) is int
        if not whole or self.kind not in get_args(Kind) or not self._is_sound():
            parts = {name: getattr(self, name) for name in ("kind", "us", "days", "by", "same_day")}
            raise fault("bad-amount", parts, _EXPECTED, "make it by Amount.parse")

    def _is_sound(self) -> bool:
        timed = type(self.by) is int and 0 <= self.by <= DAY_US
        if self.kind == "business_days":
            good_by = timed or self.by == "close" or (self.by is None and not self.same_day)
            return good_by and (1 - self.same_day) <= self.days <= _MOST_DAYS
        counted = 1 <= self.days <= _MOST_DAYS if self.kind == "calendar_days" else self.days == 0
        return counted and self.by is None and not self.same_day

    @property
    def is_day_amount(self) -> bool:
        """Whether it names an instant rather than an amount of open time."""
        return self.kind in ("business_days", "calendar_days")

    @classmethod
    def parse(cls, text: str, *, signed: bool = False) -> Amount:
        """Read an amount. With `signed`, open amounts may be zero or have a sign, as in calendar questions.

        Raises CalendarError with one problem, whose hint says what to write instead.

        >>> Amount.parse("next business day by 16:00").days
        1
        """
        if not isinstance(text, str):
            raise fault(
                "bad-amount",
                text,
                _EXPECTED,
                f"write `{text}h`" if type(text) is int and text.bit_length() < 64 else "",
            )
        # What is remembered must not depend on what a class makes of text.
        text = str.__str__(text)
        # What is remembered is short: nobody writes long amounts but to fill the memory.
        return _parse(text, signed) if len(text) <= _LONGEST_KEPT else _parse.__wrapped__(text, signed)

    @classmethod
    def of(cls, value: AmountLike, *, signed: bool = False) -> Amount:
        """Read an amount from text, a timedelta, a pendulum.Duration or an Amount.

        >>> Amount.of(timedelta(days=1)) == Amount.parse("24h")
        True
        """
        if isinstance(value, Amount):
            amount = value
        elif type(value) is timedelta:
            amount = _exact(value)
        elif isinstance(value, timedelta):
            amount = cls(us=duration_us(value))
        else:
            return cls.parse(value, signed=signed)
        if amount.kind == "open" and not (-_MOST_US if signed else 1) <= amount.us <= _MOST_US:
            _check_open(amount.us, str(amount), signed)
        return amount

    def __str__(self) -> str:
        if self.kind == "best_effort":
            return "best effort"
        if self.kind == "open":
            return _open_text(self.us)
        if self.kind == "calendar_days":
            return f"{self.days} calendar {'day' if self.days == 1 else 'days'}"
        by = "" if self.by is None else f" by {self.by if isinstance(self.by, str) else time_text(self.by)}"
        if self.same_day:
            return f"same business day{by}"
        if self.days == 1 and by:
            return f"next business day{by}"
        return f"{self.days} business {'day' if self.days == 1 else 'days'}{by}"


AmountLike: TypeAlias = str | timedelta | Amount
"""How callers name an amount. A pendulum.Duration is a timedelta."""


# Not for pendulum's Durations: one of a month equals one of thirty days.
@lru_cache(maxsize=4096)
def _exact(value: timedelta) -> Amount:
    return Amount(us=duration_us(value))


@lru_cache(maxsize=4096)
def _parse(text: str, signed: bool) -> Amount:
    words = " ".join(text.split())
    lower = words.lower()
    if lower in ("best effort", "best-effort"):
        return Amount(kind="best_effort")
    sign, body = 1, words
    if words[:1] in ("+", "-") and signed:
        sign, body = (-1 if words[0] == "-" else 1), words[1:].lstrip()
    us = _open_us(body)
    if us is None:
        return _no_open_time(text, words)
    if us.denominator != 1:
        raise fault("bad-amount", text, "whole microseconds")
    _check_open(us.numerator, text, signed)
    return Amount(us=sign * us.numerator)


def _no_open_time(text: str, words: str) -> Amount:
    """The amount of days that a text names. Raises CalendarError for what is no amount at all."""
    days = re.fullmatch(_DAYS, words, _AS_WRITTEN)
    if days is not None:
        return _days(text, days)
    if re.fullmatch(_BARE_DAY, words, _AS_WRITTEN):
        raise fault("bare-day", text, "an amount whose days are named", _day_choices(words))
    raise fault("bad-amount", text, _EXPECTED, _open_hint(words))


def _day_choices(words: str) -> str:
    """What to write for a bare day; for several, with as many in it."""
    found = re.fullmatch(_WHOLE_DAYS, words, _AS_WRITTEN)
    count = int(found[1]) if found else 1
    if found is None or (found[2] and count == 1):
        return _DAY_CHOICES
    days, business = (count, count) if found[2] else (7 * count, 5 * count)
    return _MANY_DAYS.format(hours=24 * days, business=business, days=days)


def _open_hint(words: str) -> str:
    if words[:1] in ("+", "-") and _open_us(words[1:]) is not None:
        return "give the amount without a sign"
    found = re.fullmatch(_BUSINESS_HOURS, words, _AS_WRITTEN)
    return f"write `{found[1]}{found[2].lower()}`: it is open time on the calendar" if found else ""


def _open_us(text: str) -> Fraction | None:
    iso = re.fullmatch(_ISO, text, _AS_WRITTEN) if text[:1] in "Pp" else None
    if iso is not None:
        parts = [(number, unit) for number, unit in zip(iso.groups(), "hms", strict=True) if number is not None]
        return sum((Fraction(number) * _UNITS[unit] for number, unit in parts), Fraction(0))
    seen = ""
    us = Fraction(0)
    at = 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return None
        unit = part[2][0].lower()
        # Each unit once, and the larger first: `30m1h` and `1h2h` are slips of the pen.
        if seen and "hms".index(unit) <= "hms".index(seen):
            return None
        seen = unit
        us += Fraction(part[1]) * _UNITS[unit]
        at = part.end()
    return us if seen and text[-1] not in ", " else None


def _check_open(us: int, text: object, signed: bool) -> None:
    if not signed and us == 0:
        raise fault("zero-amount", text, "an amount above zero", "write `best effort` for no target")
    if not signed and us < 0:
        raise fault("bad-amount", text, "an amount above zero", "give the amount without a sign")
    if abs(us) > _MOST_US:
        raise fault("bad-amount", text, "less than 9999 years")


def _days(text: str, found: re.Match[str]) -> Amount:
    word = (found["word"] or "").lower()
    by = _by(text, found["by"])
    if not found["kind"]:
        if by is not None or word:
            raise fault("bad-amount", text, "`15 calendar days`", "only business days know `by`, `next` and `same`")
        return Amount(kind="calendar_days", days=_count(text, found["count"]))
    if word and by is None:
        by = "close"
    if word:
        return Amount(kind="business_days", days=0 if word == "same" else 1, by=by, same_day=word == "same")
    return Amount(kind="business_days", days=_count(text, found["count"]), by=by)


def _count(text: str, digits: str) -> int:
    count = int(digits)
    if count == 0:
        raise fault("zero-amount", text, "an amount above zero", "for today write `same business day by 17:00`")
    if count * DAY_US > _MOST_US:
        raise fault("bad-amount", text, "less than 9999 years")
    return count


def _by(text: str, time: str | None) -> int | Literal["close"] | None:
    if time is None:
        return None
    if time.lower() == "close":
        return "close"
    us = read_time(time)
    if us is None:
        raise fault("bad-time", text, "a time of day after `by`, such as `16:00`, or `close`")
    return us


def read_time(text: str) -> int | None:
    """A time of day in microseconds after midnight, up to 24:00; None where the text is no such time.

    >>> read_time("09:00:30"), read_time("24:01")
    (32430000000, None)
    """
    found = _TIME.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = int(found[1]), int(found[2]), int(found[3] or 0)
    us = hours * HOUR_US + minutes * MINUTE_US + seconds * SECOND_US
    return us if minutes < 60 and seconds < 60 and us <= DAY_US else None


def time_text(us: int) -> str:
    """A time of day as `16:00`, or `16:00:30` where it has seconds.

    >>> time_text(16 * HOUR_US)
    '16:00'
    """
    minutes, seconds = divmod(us // SECOND_US, 60)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{seconds:02d}" if seconds else text


def _open_text(us: int) -> str:
    sign = "-" if us < 0 else ""
    hours, rest = divmod(abs(us), HOUR_US)
    minutes, rest = divmod(rest, MINUTE_US)
    seconds, micros = divmod(rest, SECOND_US)
    text = f"{hours}h" if hours else ""
    text += f"{minutes}m" if minutes else ""
    if micros:
        text += f"{seconds}.{f'{micros:06d}'.rstrip('0')}s"
    elif seconds or not text:
        text += f"{seconds}s"
    return sign + text


def open_us(value: AmountLike) -> int:
    """An amount of open time, of either sign, in microseconds; for calendar questions that take no day amounts.

    Raises CalendarError for day amounts and best effort.
    """
    amount = Amount.of(value, signed=True)
    if amount.kind != "open":
        raise CalendarError(f"found `{amount}`, expected open time such as `4h`")
    return amount.us
