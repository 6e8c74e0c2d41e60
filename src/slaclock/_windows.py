"""Windows as people write them: dates, the last of which is included, local date-times, and instants."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from slaclock._instants import DAY_US, iso_us, resolve_gap_end, resolve_local, to_us
from slaclock.rules import Window

__all__ = ["edge", "edge_date", "edge_text", "instants_words", "window_words"]

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - local time, whatever its zone.
_EPOCH_DAY: Final = _EPOCH.toordinal()
_SHORT_OFFSET: Final = r"T[0-9:.]+[+-][0-9]{2}:[0-9]{2}$"


def edge(zone: tzinfo, value: date, *, end: bool) -> int | None:
    """The instant at which a window begins or ends; None where that lies beyond the year 9999."""
    if not isinstance(value, datetime):
        if end and value == date.max:
            return None
        first = datetime(value.year, value.month, value.day) + timedelta(days=1 if end else 0)  # noqa: DTZ001
        return resolve_gap_end(zone, (first - _EPOCH) // timedelta(days=1) * DAY_US)
    if value.tzinfo is not None:
        return to_us(value)
    return resolve_local(zone, (value - _EPOCH) // timedelta(microseconds=1))


def edge_date(us: int, zone: tzinfo, *, end: bool) -> date | None:
    """The date that gives the edge of a window; None where it is not the edge of a local day."""
    near = [_EPOCH_DAY + us // DAY_US + step for step in (-2, -1, 0, 1)]
    # Where the calendar of a zone skips a date, the dates before and after it that exist are the better names.
    for number in near if end else reversed(near):
        if 1 <= number <= date.max.toordinal() and edge(zone, date.fromordinal(number), end=end) == us:
            return date.fromordinal(number)
    return None


def edge_text(us: int, zone: tzinfo) -> str:
    """An edge as an instant that a policy can say."""
    text = iso_us(us, zone)
    # Offsets of old, with seconds, have no form in a policy.
    return text if re.search(_SHORT_OFFSET, text) else iso_us(us, UTC)


def window_words(window: Window, zone: tzinfo) -> str:
    """A window in words: dates where it begins and ends with local days, else instants.

    >>> from slaclock._instants import load_zone
    >>> window_words(Window.between("2026-01-01T00:00+01:00", "2027-01-01T00:00+01:00"), load_zone("Europe/Berlin"))
    'from 2026-01-01 until 2026-12-31'
    """
    parts = []
    for word, us in (("from", window.start_us), ("until", window.end_us)):
        if us is not None:
            parts.append(f"{word} {edge_date(us, zone, end=word == 'until') or edge_text(us, zone)}")
    return " ".join(parts) or "always"


def instants_words(window: Window) -> str:
    """A window in instants, to tell apart two that begin and end with the same days of different zones."""
    ends = (("from", window.start_us), ("until", window.end_us))
    return " ".join(f"{word} {iso_us(us, UTC)}" for word, us in ends if us is not None)
