"""Closures: spans of time with a reason that are taken out of a calendar, whatever else is said."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Final

import attrs

from slaclock._instants import DAY_US, MAX_US, MIN_US, iso_us, resolve_local, to_us
from slaclock._packed import Packed
from slaclock._reading import Faults
from slaclock._spans import Span
from slaclock.dates import read_day
from slaclock.errors import CalendarError
from slaclock.hours import read_text

__all__ = ["Closure", "Moment", "read_closures"]

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


@attrs.frozen
class Moment(Packed):
    """An end of a closure: an instant, or (`local`) a reading of the calendar's wall clock, in microseconds."""

    us: int
    local: bool

    def instant(self, zone: tzinfo) -> int:
        """The instant in a zone: the first of two; in a gap, shifted by it. Time ends with the year 9999."""
        if not self.local or self.us >= MAX_US:
            return self.us
        return min(max(resolve_local(zone, self.us), MIN_US), MAX_US)

    def __str__(self) -> str:
        if self.us >= MAX_US:
            return "9999-12-31T24:00"
        text = iso_us(self.us, UTC)
        return text.removesuffix("+00:00") if self.local else text


@attrs.frozen
class Closure(Packed):
    """A span of time that is taken out of a calendar."""

    start: Moment
    end: Moment
    reason: str = ""

    def span(self, zone: tzinfo) -> Span:
        """The span of instants in a zone."""
        return (self.start.instant(zone), self.end.instant(zone))

    def data(self) -> dict[str, str]:
        """The closure as it may be written."""
        found = {"from": str(self.start), "until": str(self.end)}
        return found | {"reason": self.reason} if self.reason else found


_MOMENT_EXPECTED: Final = "a date, a local date-time such as `2026-03-07T18:00`, or an instant with its offset"


def read_closures(value: object, zone: tzinfo | None, faults: Faults) -> tuple[Closure, ...]:
    """A list of `{from, until, reason}`. Without a zone (it had a fault itself) only plain reversals are seen."""
    found: list[Closure] = []
    for index, item in enumerate(faults.sequence(value, "a list of closures, each with from and until")):
        closure = _read_closure(item, zone, faults.under(index))
        if closure is not None:
            found.append(closure)
    return tuple(found)


def _read_closure(value: object, zone: tzinfo | None, faults: Faults) -> Closure | None:
    keys = faults.mapping(value, ("from", "until", "reason"), "a closure with from, until and perhaps a reason")
    if keys is None:
        return None
    ends: list[Moment] = []
    for key in ("from", "until"):
        if key not in keys:
            faults.add("missing-key", value, f"`{key}` in it")
            continue
        moment = _read_moment(keys[key], key == "until", faults.under(key))
        if moment is not None:
            ends.append(moment)
    reason = read_text(keys.get("reason", ""), faults.under("reason"))
    if len(ends) < 2:
        return None
    start, end = ends
    if start.local == end.local:
        wrong = end.us <= start.us
    else:
        wrong = zone is not None and end.instant(zone) <= start.instant(zone)
    if wrong:
        faults.add("reversed", f"{start}..{end}", "an end after the start")
        return None
    return Closure(start, end, reason)


def _read_moment(value: object, until: bool, faults: Faults) -> Moment | None:
    """One end of a closure. A date as `until` includes that day."""
    if (isinstance(value, str) and len(value.strip()) <= 10) or (
        isinstance(value, date) and not hasattr(value, "hour")
    ):
        day = read_day(value, faults, yearly=False)
        return None if day is None else Moment((day.number + until - _EPOCH_DAY) * DAY_US, local=True)
    try:
        if isinstance(value, datetime):
            local = value.tzinfo is None
            return Moment(to_us(value.replace(tzinfo=UTC) if local else value, "", CalendarError), local)
        if isinstance(value, str):
            return _read_date_time(value.strip())
    except CalendarError:
        pass
    faults.add("bad-instant", value, _MOMENT_EXPECTED)
    return None


def _read_date_time(text: str) -> Moment:
    for midnight in ("T24:00", "T24:00:00", " 24:00", " 24:00:00"):
        if text.endswith(midnight):
            start = to_us(f"{text.removesuffix(midnight)}T00:00Z", "", CalendarError)
            return Moment(start + DAY_US, local=True)
    try:
        local = datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        local = False
    return Moment(to_us(f"{text}Z" if local else text, "", CalendarError), local)
