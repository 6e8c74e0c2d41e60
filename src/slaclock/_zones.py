"""Zones as runs of constant UTC offset, and what their wall clocks read; numbers only, and no pendulum.

An instant is an `int` of microseconds since 1970-01-01T00:00Z. A *local reading* is an `int` too: what a wall clock
shows, as microseconds since 1970-01-01T00:00 of that same wall clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from threading import RLock
from typing import Final, TypeAlias, TypeVar

from slaclock.errors import OutOfRangeError

__all__ = [
    "DAY_US",
    "EPOCH_DAY",
    "HOUR_US",
    "MAX_US",
    "MINUTE_US",
    "MIN_US",
    "SECOND_US",
    "Run",
    "forget",
    "local_us",
    "offset_runs",
    "outside",
    "remember_day",
    "remember_wall",
    "resolve_gap_end",
    "resolve_local",
    "tables",
    "wall_at",
    "walls",
]

SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US
HOUR_US: Final = 60 * MINUTE_US
DAY_US: Final = 24 * HOUR_US

EPOCH_DAY: Final = datetime(1970, 1, 1).toordinal()
MIN_US: Final = (1 - EPOCH_DAY) * DAY_US
"""0001-01-01T00:00Z, the first instant that slaclock knows."""
MAX_US: Final = (datetime(9999, 12, 31).toordinal() + 1 - EPOCH_DAY) * DAY_US
"""10000-01-01T00:00Z, the first instant that it no longer knows."""
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)

# No two changes of offset that undo each other lie closer than 3.98 days in the zone data (Freetown, 1939), so that
# sampling every two days misses none.
_STEP: Final = 2 * 86_400
_BLOCK: Final = 183 * _STEP
_MOST_BLOCKS: Final = 4_096
_MOST_DAYS: Final = 20_000
_MOST_ZONES: Final = 2_048

T = TypeVar("T")
Run: TypeAlias = tuple[int, int, int]
"""`(start, end, offset)`: from start until end the wall clock is ahead of UTC by offset, all in microseconds."""


Wall: TypeAlias = tuple[int, tuple[int, int, int, int], tuple[int, int, int, int]]
"""A day of UTC on a wall clock: the midnight in it, and for what lies before and from then on the year, month and day
that the wall clock shows, and when it began to."""


class _Known:
    """What has been asked about one zone so far: where its plain dates begin, by ordinal, what it shows on plain days
    of UTC, by number, the offset of such days (None of others), and in `blocks` its runs of constant offset."""

    __slots__ = ("blocks", "days", "offsets", "walls", "zone")

    def __init__(self, zone: tzinfo) -> None:
        self.zone = zone  # Holding the zone keeps its id, by which it is found, from being given to another.
        self.days: dict[int, int] = {}
        self.walls: dict[int, Wall] = {}
        self.offsets: dict[int, int | None] = {}
        self.blocks: dict[int, list[Run]] = {}


_known: dict[int, _Known] = {}
_lock: Final = RLock()

tables: Final[dict[int, dict[int, int]]] = {}
"""The `days` of all zones, by the id of the zone: plain dicts, which are read for each instant."""
walls: Final[dict[int, dict[int, Wall]]] = {}
"""Their `walls`, which are read for each instant that is shown."""


def forget() -> None:
    """Forget what has been asked about all zones."""
    with _lock:
        tables.clear()
        walls.clear()
        _known.clear()


def _about(zone: tzinfo) -> _Known:
    found = _known.get(id(zone))
    if found is None:
        found = _Known(zone)
        with _lock:
            if len(_known) >= _MOST_ZONES:
                forget()
            _known[id(zone)] = found
            tables[id(zone)], walls[id(zone)] = found.days, found.walls
    return found


def outside(us: int) -> OutOfRangeError:
    """The error for an instant, or a reading of a wall clock, that lies outside the years 1 to 9999."""
    where = "before the year 1" if us < 0 else "after the year 9999"
    return OutOfRangeError(f"found a time {where}, expected one in the years 1 to 9999")


def _steady(zone: tzinfo, us: int) -> int | None:
    """The offset at an instant; None where it changes within two days of that day of UTC, or time begins or ends."""
    known, number = _about(zone).offsets, us // DAY_US
    if number in known:
        return known.get(number)
    start, end = (number - 2) * DAY_US, (number + 3) * DAY_US
    runs = offset_runs(zone, start, end) if start >= MIN_US + DAY_US and end <= MAX_US - DAY_US else ()
    offset = runs[0][2] if len(runs) == 1 else None
    _put(known, number, offset)
    return offset


def _put(known: dict[int, T], key: int, value: T) -> None:
    if len(known) >= _MOST_DAYS:
        known.clear()
    known[key] = value


def remember_day(zone: tzinfo, day: int, us: int) -> None:
    """Note where the local date of an instant begins, by its ordinal, if that is plain."""
    offset = _steady(zone, us)
    if offset is not None:
        _put(_about(zone).days, day, (day - EPOCH_DAY) * DAY_US - offset)


def remember_wall(zone: tzinfo, us: int) -> None:
    """Note what the wall clock shows on the day of UTC of an instant, if that is plain."""
    offset = _steady(zone, us)
    if offset is not None:
        number = us // DAY_US
        midnight = number * DAY_US + -offset % DAY_US
        day = (midnight + offset) // DAY_US + EPOCH_DAY
        before, after = datetime.fromordinal(day - 1), datetime.fromordinal(day)
        shown = (
            (before.year, before.month, before.day, midnight - DAY_US),
            (after.year, after.month, after.day, midnight),
        )
        _put(_about(zone).walls, number, (midnight, *shown))


def wall_at(us: int, zone: tzinfo) -> datetime:
    """The wall clock at an instant, whole seconds only; the microseconds are the caller's to add."""
    seconds = us // SECOND_US
    try:
        if seconds >= 0:
            return datetime.fromtimestamp(seconds, zone)
        # Some systems refuse negative timestamps.
        return zone.fromutc(datetime(1970, 1, 1, tzinfo=zone) + timedelta(seconds=seconds))
    except (ValueError, OverflowError, OSError):
        raise outside(us) from None


def offset_runs(zone: tzinfo, lo: int, hi: int) -> list[Run]:
    """The runs of constant UTC offset that cover `[lo, hi)`: `(start, end, offset)`, in order, no two alike in a row.

    >>> from datetime import timezone
    >>> offset_runs(timezone.utc, 0, 10)
    [(0, 10, 0)]
    """
    blocks = _about(zone).blocks
    size = _BLOCK * SECOND_US
    out: list[Run] = []
    for number in range(lo // size, -(-hi // size)):
        runs = blocks.get(number)
        if runs is None:
            if len(blocks) >= _MOST_BLOCKS:
                blocks.clear()
            runs = blocks[number] = _find_runs(zone, number * _BLOCK, (number + 1) * _BLOCK)
        for first, last, offset in runs:
            start, end = max(first, lo), min(last, hi)
            if start >= end:
                continue
            if out and out[-1][2] == offset:
                out[-1] = (out[-1][0], end, offset)
            else:
                out.append((start, end, offset))
    return out


def _find_runs(zone: tzinfo, first: int, last: int) -> list[Run]:
    """The runs in `[first, last)`, given in seconds; given back in microseconds."""
    fromutc = zone.fromutc
    origin = datetime(1970, 1, 1, tzinfo=zone)

    def offset_at(second: int) -> timedelta | None:
        return fromutc(origin + timedelta(seconds=second)).utcoffset()

    # Within two days of the ends of time the wall clock would leave the years 1 to 9999; no zone changes there.
    at = max(first, MIN_US // SECOND_US + _STEP)
    starts, offsets = [first], [offset_at(at)]
    moment, step = origin + timedelta(seconds=at), timedelta(seconds=_STEP)
    for sample in range(at + _STEP, min(last, MAX_US // SECOND_US - _STEP) + 1, _STEP):
        moment += step
        ahead = fromutc(moment).utcoffset()
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
        (start * SECOND_US, end * SECOND_US, offset.days * DAY_US + offset.seconds * SECOND_US)
        for start, end, offset in zip(starts, ends, offsets, strict=True)
        if start < end and offset is not None
    ]


def local_us(zone: tzinfo, us: int) -> int:
    """What the wall clock of `zone` reads at an instant.

    >>> from zoneinfo import ZoneInfo
    >>> local_us(ZoneInfo("Asia/Tokyo"), 0) == 9 * HOUR_US
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
        raise outside(local) from None
    delta = reading.utcoffset()
    assert delta is not None
    return delta.days * DAY_US + delta.seconds * SECOND_US
