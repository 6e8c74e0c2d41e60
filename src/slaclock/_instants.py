"""The only crossing between wall clocks and microseconds, and the only module that imports pendulum.

Inside slaclock an instant is an `int`: microseconds since 1970-01-01T00:00Z, leap seconds not counted. A *local
reading* is an `int` too: what a wall clock shows, as microseconds since 1970-01-01T00:00 of that same wall clock. An
amount of time is an `int` of microseconds. Floats are never used: they lose microseconds after the year 2255.

Where a wall clock skips or repeats an hour, the rules are those of PEP 495 with `fold=0`: a repeated reading means the
first of the two, a skipped one is shifted forward by the length of the gap.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

import pendulum
from pendulum import DateTime, Duration

from slaclock.errors import (
    CalendarError,
    EventError,
    NaiveTimeError,
    OutOfRangeError,
    SlaError,
    UnknownZoneError,
    nearest,
)

__all__ = [
    "DAY_US",
    "DateTime",
    "Duration",
    "HOUR_US",
    "MAX_US",
    "MINUTE_US",
    "MIN_US",
    "SECOND_US",
    "Instant",
    "duration_us",
    "from_us",
    "iso_us",
    "load_zone",
    "local_us",
    "offset_runs",
    "resolve_gap_end",
    "resolve_local",
    "to_duration",
    "to_us",
    "zone_name",
]

Instant: TypeAlias = datetime | str
"""How callers name an instant: an aware `datetime` of any make, or ISO 8601 text with an offset or `Z`."""

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US

_EPOCH_DAY: Final = datetime(1970, 1, 1).toordinal()
MIN_US: Final = (1 - _EPOCH_DAY) * DAY_US
"""0001-01-01T00:00Z, the first instant that slaclock knows."""
MAX_US: Final = (datetime(9999, 12, 31).toordinal() + 1 - _EPOCH_DAY) * DAY_US
"""10000-01-01T00:00Z, the first instant that it no longer knows."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)
_MICROSECOND: Final = timedelta(microseconds=1)
_EXACT_TYPES: Final = frozenset({datetime, DateTime})
_FINER: Final = re.compile(r"[.,][0-9]{6}[0-9]*[1-9]")
_ZONE_TEXT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")

# No two changes of offset that undo each other lie closer than 3.98 days in the zone data (Freetown, 1939), so that
# sampling every two days misses none.
_STEP: Final = 2 * 86_400
_BLOCK: Final = 183 * _STEP
_MOST_BLOCKS: Final = 4_096
_MOST_DAYS: Final = 50_000
_MOST_ZONES: Final = 2_048

Run: TypeAlias = tuple[int, int, int]
"""`(start, end, offset)`: from start until end the wall clock is ahead of UTC by offset, all in microseconds."""


class _ZoneTable:
    """What has been asked about one zone so far: its runs of constant offset, and where its plain days begin."""

    __slots__ = ("blocks", "days", "zone")

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone  # Holding the zone keeps its id, by which tables are found, from being given to another.
        self.blocks: dict[int, list[Run]] = {}
        self.days: dict[int, int] = {}


_tables: dict[int, _ZoneTable] = {}
_zones: dict[str, tzinfo] = {}


def _table(zone: tzinfo) -> _ZoneTable:
    found = _tables.get(id(zone))
    if found is None:
        if len(_tables) >= _MOST_ZONES:
            _tables.clear()
        found = _tables[id(zone)] = _ZoneTable(zone)
    return found


# ------------------------------------------------------------------------------------------------ wall clock -> number


def to_us(value: Instant, what: str = "at", error: type[SlaError] = EventError) -> int:
    """An aware datetime or ISO text as microseconds since 1970-01-01T00:00Z, exactly.

    Raises NaiveTimeError where the value has no zone and no offset, and `error` where it is no instant at all, is
    finer than a microsecond, or lies outside the years 1 to 9999. `what` names the value in the message.

    >>> to_us("1970-01-01T01:00:00.000001+01:00")
    1
    """
    if type(value) in _EXACT_TYPES:
        table = _tables.get(id(value.tzinfo))  # type: ignore[union-attr]
        if table is not None:
            midnight = table.days.get(value.toordinal())  # type: ignore[union-attr]
            if midnight is not None:
                return (
                    midnight
                    + (value.hour * 3600 + value.minute * 60 + value.second) * 1_000_000  # type: ignore[union-attr]
                    + value.microsecond  # type: ignore[union-attr]
                )
    if isinstance(value, str):
        return _in_range(_subtract_epoch(_read_text(value, what, error), value, what, error), value, what, error)
    if not isinstance(value, datetime):
        raise error(f"{what}: found {_show(value)}, expected {_EXPECTED}{_hint(value)}")
    return _in_range(_read_datetime(value, what, error), value, what, error)


_EXPECTED: Final = "an aware datetime or ISO 8601 text with an offset, such as 2026-03-02T09:00+01:00"


def _hint(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "; a number names no unit: write datetime.fromtimestamp(seconds, tz=timezone.utc)"
    if hasattr(value, "toordinal"):
        return "; a date is no instant: give the time of day and the offset too"
    return ""


def _show(value: object) -> str:
    try:
        text = repr(value)
    except Exception:  # A value that cannot even be shown must not hide the fault that we report.
        text = f"a {type(value).__name__}"
    return text if len(text) <= 80 else f"{text[:77]}..."


def _in_range(us: int, value: object, what: str, error: type[SlaError]) -> int:
    if MIN_US <= us < MAX_US:
        return us
    raise error(f"{what}: found {_show(value)}, expected an instant in the years 1 to 9999 of UTC")


def _read_text(text: str, what: str, error: type[SlaError]) -> datetime:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise error(f"{what}: found {_show(text)}, expected {_EXPECTED}") from None
    if ("." in text or "," in text) and _FINER.search(text):
        raise error(f"{what}: found {_show(text)}, expected whole microseconds; cut the text to six decimals")
    return value


def _read_datetime(value: datetime, what: str, error: type[SlaError]) -> int:
    if value != value:  # Only pandas' NaT, which calls itself a datetime, differs from itself.
        raise error(f"{what}: found {_show(value)}, expected {_EXPECTED}; NaT is no instant")
    if getattr(value, "nanosecond", 0):
        raise error(f"{what}: found {_show(value)}, expected whole microseconds; round it first")
    us = _subtract_epoch(value, value, what, error)
    if isinstance(value.tzinfo, ZoneInfo):
        _remember_day(value.tzinfo, value, us)
    return us


def _subtract_epoch(value: datetime, given: object, what: str, error: type[SlaError]) -> int:
    try:
        # Not `value - _EPOCH`: pendulum's own subtraction builds an Interval, at ten times the cost.
        delta = datetime.__sub__(value, _EPOCH)
    except TypeError:
        raise NaiveTimeError(
            f"{what}: found {_show(given)}, expected an offset or a zone in it; "
            "without one it names no instant: write 2026-03-02T09:00+01:00, or pass tzinfo="
        ) from None
    except Exception as fault:  # A foreign tzinfo may raise whatever it likes.
        raise error(f"{what}: found {_show(given)}, whose tzinfo cannot tell its offset ({fault!r})") from fault
    return delta.days * DAY_US + delta.seconds * SECOND_US + delta.microseconds


def _remember_day(zone: tzinfo, value: datetime, us: int) -> None:
    """Note where the local date of `value` begins, if the offset is the same from the day before to the day after."""
    if not MIN_US + 3 * DAY_US <= us < MAX_US - 3 * DAY_US:
        return
    runs = offset_runs(zone, us - 2 * DAY_US, us + 2 * DAY_US)
    if len(runs) == 1:
        days = _table(zone).days
        if len(days) >= _MOST_DAYS:
            days.clear()
        day = value.toordinal()
        days[day] = (day - _EPOCH_DAY) * DAY_US - runs[0][2]


# ------------------------------------------------------------------------------------------------ number -> wall clock


def _wall(us: int, zone: tzinfo) -> datetime:
    """The wall clock at an instant, whole seconds only; the microseconds are the caller's to add."""
    seconds = us // SECOND_US
    try:
        if seconds >= 0:
            return datetime.fromtimestamp(seconds, zone)
        # Some systems refuse negative timestamps.
        return zone.fromutc(datetime(1970, 1, 1, tzinfo=zone) + timedelta(seconds=seconds))
    except (ValueError, OverflowError, OSError):
        raise OutOfRangeError(
            f"found an instant {us} microseconds from 1970, expected the years 1 to 9999 in {zone}"
        ) from None


def from_us(us: int, zone: tzinfo) -> DateTime:
    """The wall clock of `zone` at an instant, as a pendulum DateTime, exactly.

    Raises OutOfRangeError where that wall clock shows a year before 1 or after 9999.

    >>> from_us(1, load_zone("Europe/Berlin")).isoformat()
    '1970-01-01T01:00:00.000001+01:00'
    """
    wall = _wall(us, zone)
    return DateTime(
        wall.year,
        wall.month,
        wall.day,
        wall.hour,
        wall.minute,
        wall.second,
        us % SECOND_US,
        zone,
        fold=wall.fold,
    )


def iso_us(us: int, zone: tzinfo) -> str:
    """The wall clock of `zone` at an instant, as ISO 8601 text with its offset.

    >>> iso_us(0, load_zone("Asia/Tokyo"))
    '1970-01-01T09:00:00+09:00'
    """
    return _wall(us, zone).replace(microsecond=us % SECOND_US).isoformat()


# --------------------------------------------------------------------------------------------------- amounts of time


def duration_us(value: timedelta) -> int:
    """A timedelta or pendulum.Duration in microseconds, exactly.

    Raises CalendarError for a Duration of years or months, whose length is not fixed, and for fractions of a
    microsecond.

    >>> duration_us(timedelta(hours=1, microseconds=-1))
    3599999999
    """
    if isinstance(value, Duration) and not isinstance(value, pendulum.Interval):
        if value.years or value.months:
            raise CalendarError(
                f"found {_show(value)}, expected an amount of time of fixed length; years and months have none: "
                "give hours, or count business days"
            )
    elif getattr(value, "nanoseconds", 0):
        raise CalendarError(f"found {_show(value)}, expected whole microseconds; round it first")
    # Pendulum overrides the fields and the division of timedelta, and rounds in both.
    return timedelta.__floordiv__(value, _MICROSECOND)


def _duration_by_constructor(us: int) -> Duration:
    days, rest = divmod(us, DAY_US)
    try:
        return Duration(days=days, microseconds=rest)
    except OverflowError:
        raise OutOfRangeError(f"found {us} microseconds, expected an amount that a Duration can hold") from None


def _duration_by_parts(us: int) -> Duration:
    """What pendulum's constructor would make, without its detour through floats: three times as fast, and exact."""
    days, rest = divmod(us, DAY_US)
    seconds, micros = divmod(rest, SECOND_US)
    try:
        made = timedelta.__new__(Duration, days, seconds, micros)
    except OverflowError:
        raise OutOfRangeError(f"found {us} microseconds, expected an amount that a Duration can hold") from None
    sign = -1 if us < 0 else 1
    whole, fraction = divmod(us * sign, SECOND_US)
    days_apart, seconds_apart = divmod(whole, 86_400)
    fields = made.__dict__
    fields["_total"] = us / SECOND_US
    fields["_microseconds"] = fraction * sign
    fields["_seconds"] = seconds_apart * sign
    fields["_days"] = days_apart * sign
    fields["_remaining_days"] = days_apart % 7 * sign
    fields["_weeks"] = days_apart // 7 * sign
    fields["_months"] = 0
    fields["_years"] = 0
    fields["_signature"] = {
        "years": 0,
        "months": 0,
        "weeks": 0,
        "days": days,
        "hours": 0,
        "minutes": 0,
        "seconds": 0,
        "microseconds": rest,
    }
    return made


def _same_layout(us: int) -> bool:
    """Whether this pendulum keeps in a Duration what `_duration_by_parts` writes."""
    return _duration_by_constructor(us).__dict__ == _duration_by_parts(us).__dict__


to_duration = _duration_by_parts if _same_layout(-987_654_321_012) else _duration_by_constructor
"""Microseconds as a pendulum.Duration, exactly. Raises OutOfRangeError beyond some 2.7 million years."""


# -------------------------------------------------------------------------------------------------------------- zones


def load_zone(name: str | tzinfo) -> tzinfo:
    """The zone of an IANA name such as `Europe/Berlin`; the same object each time. A ZoneInfo is taken by its key.

    Raises UnknownZoneError, with the nearest known name. Names that mean another zone on another machine
    (`localtime`) and copies with leap seconds (`right/...`) are refused too.

    >>> load_zone("Europe/Berlin") is load_zone("Europe/Berlin")
    True
    """
    if isinstance(name, ZoneInfo):
        name = name.key
    zone = _zones.get(name) if isinstance(name, str) else None
    if zone is None:
        zone = _find_zone(name)
        _zones[zone_name(zone)] = zone
    return zone


def _find_zone(name: object) -> tzinfo:
    if isinstance(name, str) and len(name) < 64 and _ZONE_TEXT.fullmatch(name):
        if name not in ("localtime", "posixrules", "Factory") and not name.startswith(("posix/", "right/")):
            try:
                return pendulum.timezone(name)
            except (ValueError, OSError):
                pass
    hint = _zone_hint(name) if isinstance(name, str) else ""
    raise UnknownZoneError(f"found {_show(name)}, expected the IANA name of a time zone, such as Europe/Berlin{hint}")


def _zone_hint(name: str) -> str:
    known = available_timezones()
    by_lower = {zone.lower(): zone for zone in known}
    same = by_lower.get(name.strip().lower().replace(" ", "_"))
    hint = f"did you mean `{same}`?" if same else nearest(name[:64], sorted(known))
    return f"; {hint}" if hint else ""


def zone_name(zone: tzinfo) -> str:
    """The IANA name of a zone that `load_zone` gave.

    >>> zone_name(load_zone("UTC"))
    'UTC'
    """
    return str(zone)


def offset_runs(zone: tzinfo, lo: int, hi: int) -> list[Run]:
    """The runs of constant UTC offset that cover `[lo, hi)`: `(start, end, offset)`, in order, no two alike in a row.

    >>> offset_runs(load_zone("UTC"), 0, 10)
    [(0, 10, 0)]
    """
    blocks = _table(zone).blocks
    size = _BLOCK * SECOND_US
    out: list[Run] = []
    for number in range(lo // size, -(-hi // size)):
        runs = blocks.get(number)
        if runs is None:
            if len(blocks) >= _MOST_BLOCKS:
                blocks.clear()
            runs = blocks[number] = _find_runs(zone, number * _BLOCK, (number + 1) * _BLOCK)
        for start, end, offset in runs:
            start, end = max(start, lo), min(end, hi)
            if start >= end:
                continue
            if out and out[-1][2] == offset:
                out[-1] = (out[-1][0], end, offset)
            else:
                out.append((start, end, offset))
    return out


def _find_runs(zone: tzinfo, first: int, last: int) -> list[Run]:
    """The runs in `[first, last)`, given in seconds; given back in microseconds."""
    floor = MIN_US // SECOND_US + _STEP
    ceiling = MAX_US // SECOND_US - _STEP

    def offset_at(second: int) -> int:
        # Within two days of the ends of time the wall clock would leave the years 1 to 9999; no zone changes there.
        wall = _wall(min(max(second, floor), ceiling) * SECOND_US, zone)
        delta = wall.utcoffset()
        assert delta is not None
        return delta.days * 86_400 + delta.seconds

    starts = [first]
    offsets = [offset_at(first)]
    at = first
    for sample in range(first + _STEP, last + 1, _STEP):
        ahead = offset_at(sample)
        while ahead != offsets[-1]:
            known, other = at, sample
            while other - known > 1:
                middle = (known + other) // 2
                if offset_at(middle) == offsets[-1]:
                    known = middle
                else:
                    other = middle
            at = other
            starts.append(at)
            offsets.append(offset_at(at))
        at = sample
    ends = [*starts[1:], last]
    return [
        (start * SECOND_US, end * SECOND_US, offset * SECOND_US)
        for start, end, offset in zip(starts, ends, offsets, strict=True)
        if start < end
    ]


def local_us(zone: tzinfo, us: int) -> int:
    """What the wall clock of `zone` reads at an instant.

    >>> local_us(load_zone("Asia/Tokyo"), 0) == 9 * HOUR_US
    True
    """
    return us + offset_runs(zone, us, us + 1)[0][2]


def resolve_local(zone: tzinfo, local: int) -> int:
    """The instant of a local reading: the first of two; in a gap, shifted forward by the gap.

    Raises OutOfRangeError outside the years 1 to 9999.
    """
    return local - _offset_of_reading(zone, local, fold=0)


def resolve_gap_end(zone: tzinfo, local: int) -> int:
    """The instant of a local reading: the first of two; in a gap, the end of the gap.

    Raises OutOfRangeError outside the years 1 to 9999.
    """
    before = _offset_of_reading(zone, local, fold=0)
    after = _offset_of_reading(zone, local, fold=1)
    if after <= before:
        return local - before
    return next(start for start, _, offset in offset_runs(zone, local - after, local - before + 1) if offset == after)


def _offset_of_reading(zone: tzinfo, local: int, fold: int) -> int:
    try:
        reading = (_NAIVE_EPOCH + timedelta(microseconds=local)).replace(tzinfo=zone, fold=fold)
    except OverflowError:
        raise OutOfRangeError(
            f"found a wall clock {local} microseconds from 1970, expected the years 1 to 9999 in {zone}"
        ) from None
    delta = reading.utcoffset()
    assert delta is not None
    return delta.days * DAY_US + delta.seconds * SECOND_US
