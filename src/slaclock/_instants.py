"""The only crossing between wall clocks and microseconds, and the only module that imports pendulum.

Inside slaclock an instant is an `int`: microseconds since 1970-01-01T00:00Z, leap seconds not counted. A *local
reading* is an `int` too: what a wall clock shows, as microseconds since 1970-01-01T00:00 of that same wall clock. An
amount of time is an `int` of microseconds. Floats are never used: they lose microseconds after the year 2255.

Where a wall clock skips or repeats an hour, the rules are those of PEP 495 with `fold=0`: a repeated reading means the
first of the two, a skipped one is shifted forward by the length of the gap.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, TypeAlias, TypeGuard
from zoneinfo import ZoneInfo, available_timezones

import pendulum
from pendulum import DateTime, Duration, Timezone

from slaclock._zones import (
    DAY_US,
    HOUR_US,
    MAX_US,
    MIN_US,
    MINUTE_US,
    SECOND_US,
    Run,
    local_us,
    offset_runs,
    outside,
    remember_day,
    remember_wall,
    resolve_gap_end,
    resolve_local,
    tables,
    wall_at,
    walls,
)
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
    "HOUR_US",
    "MAX_US",
    "MINUTE_US",
    "MIN_US",
    "SECOND_US",
    "DateTime",
    "Duration",
    "Instant",
    "Run",
    "Timed",
    "duration_us",
    "from_us",
    "iso_us",
    "load_zone",
    "local_us",
    "offset_runs",
    "outside",
    "resolve_gap_end",
    "resolve_local",
    "to_duration",
    "to_us",
    "zone_name",
]

Instant: TypeAlias = datetime | str
"""How callers name an instant: an aware `datetime` of any make, or ISO 8601 text with an offset or `Z`."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FINER: Final = re.compile(r"[.,][0-9]{6}[0-9]*[1-9]")
_ZONE_TEXT: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")

_zones: dict[str, tzinfo] = {}


# ------------------------------------------------------------------------------------------------ wall clock -> number


def to_us(value: Instant, what: str = "at", error: type[SlaError] = EventError) -> int:
    """An aware datetime or ISO text as microseconds since 1970-01-01T00:00Z, exactly.

    Raises NaiveTimeError where the value has no zone and no offset, and `error` where it is no instant at all, is
    finer than a microsecond, or lies outside the years 1 to 9999. `what` names the value in the message.

    >>> to_us("1970-01-01T01:00:00.000001+01:00")
    1
    """
    kind = type(value)
    if kind is datetime or kind is DateTime:
        try:
            return (
                tables[id(value.tzinfo)][value.toordinal()]  # type: ignore[union-attr]
                + (value.hour * 60 + value.minute) * 60_000_000  # type: ignore[union-attr]
                + value.second * 1_000_000  # type: ignore[union-attr]
                + value.microsecond  # type: ignore[union-attr]
            )
        except KeyError:  # Not asked about yet, or next to a change of offset.
            pass
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
    except Exception:  # noqa: BLE001 - a value that cannot even be shown must not hide the fault that we report.
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
    if value != value:  # noqa: PLR0124 - only pandas' NaT, which calls itself a datetime, differs from itself.
        raise error(f"{what}: found {_show(value)}, expected {_EXPECTED}; NaT is no instant")
    if getattr(value, "nanosecond", 0):
        raise error(f"{what}: found {_show(value)}, expected whole microseconds; round it first")
    us = _subtract_epoch(value, value, what, error)
    if type(value) in (datetime, DateTime) and _is_kept(value.tzinfo):
        remember_day(value.tzinfo, value.toordinal(), us)
    return us


def _is_kept(zone: tzinfo | None) -> TypeGuard[tzinfo]:
    """Whether it is a zone of the zone data. Fixed offsets may be made anew for each value, and would fill the tables;
    a zone of somebody's own need not hold to any rule on which these rely."""
    if not isinstance(zone, ZoneInfo) or type(zone) not in (ZoneInfo, Timezone):
        return zone is UTC
    if tables.get(id(zone)):
        return True  # It was before, as days are remembered.
    try:
        return zone is type(zone)(zone.key)
    except (LookupError, TypeError, ValueError, OSError):  # One from a file need have no name, or may have any.
        return False


def _subtract_epoch(value: datetime, given: object, what: str, error: type[SlaError]) -> int:
    try:
        # Not `value - _EPOCH`: pendulum's own subtraction builds an Interval, at ten times the cost.
        delta = datetime.__sub__(value, _EPOCH)
    except TypeError:
        do = "write 2026-03-02T09:00+01:00" if isinstance(given, str) else "make it with tzinfo="
        raise NaiveTimeError(
            f"{what}: found {_show(given)}, expected an offset or a zone in it; without one it names no instant: {do}"
        ) from None
    except Exception as fault:  # A foreign tzinfo may raise whatever it likes.
        raise error(f"{what}: found {_show(given)}, whose tzinfo cannot tell its offset ({fault!r})") from fault
    return delta.days * DAY_US + delta.seconds * SECOND_US + delta.microseconds


# ------------------------------------------------------------------------------------------------ number -> wall clock


def from_us(us: int, zone: tzinfo) -> DateTime:
    """The wall clock of `zone` at an instant, as a pendulum DateTime, exactly.

    Within a day of the ends of time, where that wall clock shows the year 0 or 10000, it is the wall clock of UTC: so
    every instant can be shown. Raises OutOfRangeError for what is no instant of the years 1 to 9999.

    >>> from_us(1, load_zone("Europe/Berlin")).isoformat()
    '1970-01-01T01:00:00.000001+01:00'
    """
    try:
        midnight, before, after = walls[id(zone)][us // 86_400_000_000]
    except KeyError:  # Not asked about yet, or next to a change of offset.
        return _by_zone(us, zone)
    year, month, day, start = before if us < midnight else after
    seconds, micros = divmod(us - start, 1_000_000)
    return DateTime(year, month, day, seconds // 3_600, seconds // 60 % 60, seconds % 60, micros, zone)


def _by_zone(us: int, zone: tzinfo) -> DateTime:
    try:
        wall = wall_at(us, zone)
    except OutOfRangeError:
        if zone is pendulum.UTC:
            raise
        return from_us(us, pendulum.UTC)
    remember_wall(zone, us)
    return DateTime(
        wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second, us % SECOND_US, zone, fold=wall.fold
    )


class Timed:
    """What has an instant: in the policy's time zone, or as text."""

    __slots__ = ()

    at_us: int
    zone: tzinfo

    @property
    def at(self) -> DateTime:
        """When it is so, in the policy's time zone."""
        return from_us(self.at_us, self.zone)

    @property
    def _at_text(self) -> str:
        return iso_us(self.at_us, self.zone)


def iso_us(us: int, zone: tzinfo) -> str:
    """The wall clock of `zone` at an instant, as ISO 8601 text with its offset; what `from_us` shows.

    >>> iso_us(0, load_zone("Asia/Tokyo"))
    '1970-01-01T09:00:00+09:00'
    """
    try:
        return wall_at(us, zone).replace(microsecond=us % SECOND_US).isoformat()
    except OutOfRangeError:
        return from_us(us, pendulum.UTC).isoformat()


_EPOCH_READING: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock in UTC, without what slows it down


def utc_text(us: int) -> str:
    """An instant as ISO 8601 text in UTC: what `iso_us` gives there, and faster.

    >>> utc_text(1)
    '1970-01-01T00:00:00.000001+00:00'
    """
    return f"{(_EPOCH_READING + timedelta(microseconds=us)).isoformat()}+00:00"


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
    try:
        return Duration(microseconds=us)
    except OverflowError:
        raise _too_long(us) from None


_new_timedelta: Final = timedelta.__new__


def _duration_by_parts(us: int) -> Duration:
    """What pendulum's constructor would make, without its detour through floats: three times as fast, and exact.

    What Duration's class has as a default is not written again. The signature is what adding to a DateTime adds.
    """
    if us < 0:
        return _negative_by_parts(us)
    whole = us // 1_000_000
    micros = us % 1_000_000
    days = whole // 86_400
    try:
        # Each part that is given costs time, a zero too.
        made = _new_timedelta(Duration, 0, whole, micros) if micros else _new_timedelta(Duration, 0, whole)
    except OverflowError:
        raise _too_long(us) from None
    made.__dict__ = {
        "_total": us / 1_000_000,
        "_microseconds": micros,
        "_seconds": whole % 86_400,
        "_days": days,
        "_remaining_days": days % 7,
        "_weeks": days // 7,
        "_signature": {"microseconds": us},
    }
    return made


def _negative_by_parts(us: int) -> Duration:
    """Pendulum cuts toward zero where timedelta cuts downward."""
    try:
        made = _new_timedelta(Duration, 0, 0, us)
    except OverflowError:
        raise _too_long(us) from None
    made.__dict__ = {name: -value for name, value in _duration_by_parts(-us).__dict__.items() if name != "_signature"}
    made.__dict__["_signature"] = {"microseconds": us}
    return made


def _too_long(us: int) -> OutOfRangeError:
    return OutOfRangeError(f"found {us} microseconds, expected an amount that a Duration can hold")


def _same_layout(us: int) -> bool:
    """Whether this pendulum keeps in a Duration what `_duration_by_parts` writes."""
    plain, made = _duration_by_constructor(us).__dict__, _duration_by_parts(us)
    given = {key: value for key, value in plain.pop("_signature", {}).items() if value}
    return (
        made.__dict__.keys() - {"_signature"} <= plain.keys()
        and given == made.__dict__["_signature"]
        and all(getattr(made, key, None) == value for key, value in plain.items())
    )


to_duration = _duration_by_parts if _same_layout(-987_654_321_012) else _duration_by_constructor
"""Microseconds as a pendulum.Duration, exactly. Added to a DateTime it is so much real time, whatever the clocks do.
Raises OutOfRangeError beyond some 2.7 million years."""


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


def is_zone(name: str) -> bool:
    """Whether there is a zone of that name; for those that do without a hint, which costs a search."""
    return name in _zones or _zone_or_none(name) is not None


def _zone_or_none(name: str) -> tzinfo | None:
    if _may_be_zone(name):
        try:
            return pendulum.timezone(name)
        except (ValueError, OSError):
            pass
    return None


def _find_zone(name: object) -> tzinfo:
    zone = _zone_or_none(name) if isinstance(name, str) else None
    if zone is not None:
        return zone
    hint = _zone_hint(name) if isinstance(name, str) else ""
    raise UnknownZoneError(f"found {_show(name)}, expected the IANA name of a time zone, such as Europe/Berlin{hint}")


def _may_be_zone(name: str) -> bool:
    """Whether a name has the form of the zone database, and means the same zone on every machine."""
    if len(name) > 64 or not _ZONE_TEXT.fullmatch(name):
        return False
    return name not in ("localtime", "posixrules", "Factory") and not name.startswith(("posix/", "right/"))


@lru_cache(maxsize=1)
def _known_zones() -> dict[str, str]:
    """The names of all zones by their small letters; to find them, folders have to be read."""
    return {zone.lower(): zone for zone in sorted(available_timezones())}


def _zone_hint(name: str) -> str:
    known = _known_zones()
    same = known.get(name.strip().lower().replace(" ", "_"))
    hint = f"did you mean `{same}`?" if same else nearest(name[:64], known.values())
    return f"; {hint}" if hint else ""


def zone_name(zone: tzinfo) -> str:
    """The IANA name of a zone that `load_zone` gave.

    >>> zone_name(load_zone("UTC"))
    'UTC'
    """
    return str(zone)
