"""Opening hours in local terms: hours of a day, of a week, of a season, of a special day.

Hours are spans of microseconds after the midnight at which their date begins. An end at or before the start lies on
the next date, so that `22:00-06:00` is one interval that belongs to the date on which it begins; `24:00` is the
midnight that ends the date. A date is closed where it has no spans.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from slaclock._instants import DAY_US, MINUTE_US
from slaclock._packed import Packed
from slaclock._reading import Faults, yaml_hint
from slaclock._spans import Span, intersect, union
from slaclock.amounts import read_time, time_text
from slaclock.dates import DateRange, Day, make_range, read_day

__all__ = [
    "ALL_DAY",
    "CLOSED_WEEK",
    "DayHours",
    "Season",
    "Week",
    "read_day_hours",
    "read_seasons",
    "read_special",
    "read_week",
]

DayHours: TypeAlias = tuple[Span, ...]
"""What opens on one date: sorted, disjoint spans of microseconds after its midnight, the last up to 48 hours."""

Week: TypeAlias = tuple[DayHours, ...]
"""Seven days' hours, Monday first."""

ALL_DAY: Final[DayHours] = ((0, DAY_US),)
CLOSED_WEEK: Final[Week] = ((),) * 7

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LONG_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_BY_NAME: Final = {name: i % 7 for i, name in enumerate(WEEKDAYS + _LONG_NAMES)} | {"tues": 1, "thur": 3, "thurs": 3}
_GROUPS: Final = dict.fromkeys(("weekday", "weekdays", "workday", "workdays", "business days"), "mon-fri")
_GROUPS.update(dict.fromkeys(("weekend", "weekends"), "sat-sun"))
_GROUPS.update(dict.fromkeys(("daily", "everyday", "every day", "all", "all days", "week", "*"), "mon-sun"))
_HOURS: Final = r"([01]?[0-9]|2[0-4]) ?[-–] ?([01]?[0-9]|2[0-4])"
_INTERVAL: Final = re.compile(r"([0-9:]+) ?[-–] ?([0-9:]+)", re.ASCII)
_MOST_SEASONS: Final = 1_000
_MOST_INTERVALS: Final = 100
_LAST_MINUTE: Final = DAY_US - MINUTE_US
_HOURS_EXPECTED: Final = "hours such as `09:00-17:00`, a list of them, `all day`, or `[]` for closed"
_WEEK_EXPECTED: Final = "weekdays and their hours, such as {mon-fri: `09:00-17:00`}"


@attrs.frozen
class Season(Packed):
    """Hours that stand for the weekly ones on some dates of the year; a weekday that they do not name is closed."""

    dates: DateRange
    week: Week
    name: str = ""


def read_day_hours(value: object, faults: Faults) -> DayHours:
    """One day's hours: `09:00-17:00`, a list of such, `all day` (also `24h`), `closed` or an empty list.

    >>> read_day_hours("22:00-06:00", Faults()) == ((22 * 60 * MINUTE_US, 30 * 60 * MINUTE_US),)
    True
    """
    if isinstance(value, str):
        return _joined(_read_line(value, faults), value, faults)
    if not isinstance(value, (list, tuple)):
        faults.add("bad-hours", value, _HOURS_EXPECTED, "" if value is not None else "write [] for closed")
        return ()
    spans: list[Span] = []
    for index, item in enumerate(value):
        place = faults.under(index)
        if isinstance(item, str):
            spans += _read_line(item, place)
        else:
            place.add("bad-hours", item, "hours such as `09:00-17:00`")
    return _joined(spans, value, faults)


def _joined(spans: list[Span], value: object, faults: Faults) -> DayHours:
    """Adjoining intervals become one, since nobody can tell them apart; overlapping ones are a fault."""
    ordered = sorted(spans)
    if len(ordered) > _MOST_INTERVALS:
        faults.add("too-large", value, f"at most {_MOST_INTERVALS} intervals in one day", f"it has {len(ordered):,}")
        return ()
    for (start, end), (later, until) in pairwise(ordered):
        if later < end:
            hint = f"write `{_interval_text(start, max(end, until))}`" if max(end, until) - start <= DAY_US else ""
            faults.add("overlap", value, "intervals of one day that do not overlap", hint)
            break
    return tuple(union(ordered))


def _read_line(text: str, faults: Faults) -> list[Span]:
    words = text.strip().lower()
    if words in ("all day", "24h"):
        return list(ALL_DAY)
    if words == "closed":
        return []
    spans = [_read_interval(part.strip(), text, faults) for part in words.split(",")]
    return [span for span in spans if span is not None]


def _read_interval(part: str, text: str, faults: Faults) -> Span | None:
    found = _INTERVAL.fullmatch(part)
    if found is None:
        faults.add("bad-hours", text, _HOURS_EXPECTED)
        return None
    start, end = read_time(found[1]), read_time(found[2])
    if start is None or end is None:
        faults.add("bad-time", text, "times from 00:00 to 24:00, such as `09:00` or `17:30:15`", _hours_hint(part))
        return None
    if start == DAY_US:
        faults.add("bad-time", text, "a start before 24:00", "24:00 can only be an end; the next day starts at 00:00")
        return None
    if end == _LAST_MINUTE and found[2].count(":") == 1:
        faults.add(
            "late-minute",
            text,
            "an end that leaves no hole of one minute",
            "write 24:00 for the midnight that ends the day (or 23:59:00 if you mean that minute to be closed)",
        )
        return None
    return (start, end) if end > start else (start, end + DAY_US)


def _hours_hint(part: str) -> str:
    """What to write for bare hours such as `9-17`; `9-5` may be in the evening or at night."""
    found = re.fullmatch(_HOURS, part, re.ASCII)
    if found is None or int(found[1]) >= int(found[2]):
        return ""
    return f"write `{int(found[1]):02}:00-{int(found[2]):02}:00`"


# ---------------------------------------------------------------------------------------------------------- the week


def read_week(value: object, faults: Faults) -> Week:
    """A week's hours: a mapping of `mon`, `mon-fri`, `sat-mon` or `mon, wed` to hours, or hours for all seven days.

    A single day beats a range or a list; two entries of one kind for the same day are a fault.
    """
    if isinstance(value, (str, list, tuple)):
        return (read_day_hours(value, faults),) * 7
    if not isinstance(value, Mapping):
        faults.add("wrong-type", value, _WEEK_EXPECTED)
        return CLOSED_WEEK
    # For each day: what a range says, and what the day by itself says.
    broad: dict[int, tuple[object, DayHours]] = {}
    single: dict[int, tuple[object, DayHours]] = {}
    for key, item in value.items():
        place = faults.under(_path_key(key))
        days = _read_days(key, place)
        hours = read_day_hours(item, place)
        target = single if len(days) == 1 else broad
        for day in days:
            if day in target:
                place.add("repeated-weekday", key, f"each day once; {WEEKDAYS[day]} is in `{target[day][0]}` too")
                break
            target[day] = (key, hours)
    chosen = broad | single
    return tuple(chosen[day][1] if day in chosen else () for day in range(7))


def _path_key(key: object) -> str | int:
    if isinstance(key, (list, tuple)):
        return ",".join(map(str, key))
    return key if isinstance(key, str) else str(key)


def _read_days(key: object, faults: Faults) -> list[int]:
    """The weekdays that a key names, in order; none where it has a fault."""
    if isinstance(key, (list, tuple)):
        parts: list[object] = list(key)
    elif isinstance(key, str):
        parts = list(key.split(","))
    else:
        parts = [key]
    days: list[int] = []
    for part in parts:
        if not isinstance(part, str):
            faults.add("bad-weekday", part, _DAY_EXPECTED, yaml_hint(part))
            return []
        ends = [_read_weekday(name, faults) for name in part.strip().lower().replace("–", "-").split("-", 1)]
        if None in ends:
            return []
        first, last = ends[0] or 0, ends[-1] or 0
        days += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    if len(set(days)) < len(days):
        faults.add("repeated-weekday", key, "each day once")
    return list(dict.fromkeys(days))


_DAY_EXPECTED: Final = "a weekday, a range or a list of them, such as `mon`, `mon-fri` or `mon, wed`"


def _read_weekday(text: str, faults: Faults) -> int | None:
    day = _BY_NAME.get(text.strip())
    if day is None:
        word = text.strip()
        hint = f"write `{_GROUPS[word]}`" if word in _GROUPS else faults.nearest(word, _BY_NAME)
        faults.add("bad-weekday", word, _DAY_EXPECTED, hint)
    return day


# ------------------------------------------------------------------------------------------- seasons and special days


def read_seasons(value: object, faults: Faults) -> tuple[Season, ...]:
    """A list of `{from, until, hours}`; two seasons that share a date are a fault."""
    items = faults.sequence(value, "a list of seasons, each with from, until and hours")
    if len(items) > _MOST_SEASONS:
        faults.add("too-large", f"{len(items)} seasons", f"at most {_MOST_SEASONS} seasons")
        items = []
    seasons: list[tuple[int, Season]] = []
    apart: list[tuple[int, DateRange]] = []
    for index, item in enumerate(items):
        season = _read_season(item, faults.under(index))
        if season is None:
            continue
        seasons.append((index, season))
        shared = next(((i, other, day) for i, other in apart if (day := _shared_day(season.dates, other))), None)
        if shared is None:
            apart.append((index, season.dates))
            continue
        other_index, other, day = shared
        expected = f"dates outside season {other_index}, {other}"
        faults.under(index).add("overlap", str(season.dates), expected, f"both hold {day}")
    return tuple(season for _, season in seasons)


def _read_season(value: object, faults: Faults) -> Season | None:
    keys = faults.mapping(value, ("from", "until", "hours", "name"), "a season with from, until and hours")
    if keys is None:
        return None
    count = len(faults.problems)
    for key in ("from", "until", "hours"):
        if key not in keys:
            faults.add("missing-key", value, f"`{key}` in it")
    first = read_day(keys["from"], faults.under("from")) if "from" in keys else None
    last = read_day(keys["until"], faults.under("until")) if "until" in keys else None
    week = read_week(keys["hours"], faults.under("hours")) if "hours" in keys else CLOSED_WEEK
    name = read_text(keys.get("name", ""), faults.under("name"))
    dates = make_range(first, last, f"{first}..{last}", faults)
    return Season(dates, week, name) if dates is not None and len(faults.problems) == count else None


def _shared_day(one: DateRange, other: DateRange) -> Day | None:
    """The first date that two ranges share."""
    if one.yearly and other.yearly:
        days = set(_year_days(other))
        return next((day for day in _year_days(one) if day in days), None)
    if not (one.yearly or other.yearly):
        lo, hi = max(one.first, other.first), min(one.last, other.last)
        return lo if lo <= hi else None
    dated = other if one.yearly else one
    lo_number, hi_number = dated.first.number, dated.last.number + 1
    shared = intersect(one.within(lo_number, hi_number), other.within(lo_number, hi_number))
    return _day_of(shared[0][0]) if shared else None


def _day_of(number: int) -> Day:
    day = date.fromordinal(number)
    return Day(day.year, day.month, day.day)


@lru_cache(maxsize=1_024)
def _year_days(dates: DateRange) -> list[Day]:
    """The days of a leap year that lie in a yearly range."""
    days = [_day_of(number) for start, stop in dates.within(1096, 1462) for number in range(start, stop)]
    return [Day(None, day.month, day.day) for day in days]


def read_special(value: object, faults: Faults) -> dict[Day, DayHours]:
    """Special days: a mapping of a date, or of a `12-24` of every year, to the hours that replace that day's."""
    if not isinstance(value, Mapping):
        faults.add("wrong-type", value, "dates and their hours, such as {`2026-12-24`: `09:00-12:00`}")
        return {}
    special: dict[Day, DayHours] = {}
    for key, item in value.items():
        place = faults.under(str(key) if not hasattr(key, "isoformat") else key.isoformat())
        day = read_day(key, place)
        hours = read_day_hours(item, place)
        if day is not None:
            if day in special:
                place.add("repeated-date", key, "each date once")
            special[day] = hours
    return special


def read_text(value: object, faults: Faults) -> str:
    """A name or a reason."""
    if isinstance(value, str):
        return value
    faults.add("wrong-type", value, "text")
    return ""


# ------------------------------------------------------------------------------------------------------ writing again


def hours_text(hours: DayHours) -> list[str]:
    """One day's hours as the list of texts that reads back as the same."""
    texts: list[str] = []
    for start, end in hours:
        # More than 24 hours at a stretch take two intervals to write.
        pieces = [(start, end)] if end - start <= DAY_US else [(start, end - DAY_US), (end - DAY_US, end)]
        texts += [_interval_text(*piece) for piece in pieces]
    return texts


def _interval_text(start: int, end: int) -> str:
    until = time_text(end if end <= DAY_US else end - DAY_US)
    # A closing minute before midnight is written with its seconds, or it would be refused.
    return f"{time_text(start)}-{until if until != '23:59' else '23:59:00'}"


def week_data(week: Week) -> dict[str, list[str]]:
    """A week's hours as the mapping that reads back as the same."""
    return {name: hours_text(hours) for name, hours in zip(WEEKDAYS, week, strict=True) if hours}
