"""Working calendars as a policy writes them: their plain data, made short."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, tzinfo
from itertools import groupby
from typing import Any, Final

from slaclock._clockwork import Clockwork, Composed
from slaclock._times import ALL_DAY_WORDS
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.hours import WEEKDAYS

__all__ = ["calendars_data"]

_ALL_DAY: Final = ["00:00-24:00"]
_DATED: Final = ("date", "from", "until")


def calendars_data(calendars: Mapping[str, WorkingCalendar], zone: tzinfo) -> dict[str, Any]:
    """Calendars by name; those that are put together name the others that they are made of."""
    data: dict[str, Any] = {}
    # Those that are put together are read last, and in their order.
    known: dict[Clockwork, str] = {calendar: name for name, calendar in calendars.items() if not _is_composed(calendar)}
    for name in ALL_DAY_WORDS:  # Such a name means the calendar that never closes.
        known = {calendar: key for calendar, key in known.items() if key != name}
    for name, calendar in calendars.items():
        found = _calendar(calendar, zone, known, own="")
        if isinstance(found, dict) and found.get("name") == name:
            del found["name"]
        elif isinstance(found, dict):
            found = {"name": calendar.name, **{key: item for key, item in found.items() if key != "name"}}
        data[name] = found
        if _is_composed(calendar) and name not in ALL_DAY_WORDS:
            known.setdefault(calendar, name)
    return data


def _is_composed(calendar: Clockwork) -> bool:
    return isinstance(calendar._content, Composed)


def _calendar(calendar: Clockwork, zone: tzinfo, known: Mapping[Clockwork, str], own: str | None = None) -> Any:
    """A calendar, or as a part of another (`own` is None) its name where it has one."""
    if own is None and calendar in known:
        return known[calendar]
    if calendar == ALWAYS.in_timezone(zone):
        return ALL_DAY_WORDS[0]
    data = calendar.to_dict()
    content = calendar._content
    if isinstance(content, Composed):
        return data | {content.op: [_calendar(part, zone, known) for part in content.parts]}
    return _short(data)


def _short(data: dict[str, Any]) -> dict[str, Any]:
    """The same calendar in fewer words."""
    if not data["hours"] and ("seasons" in data or "special" in data):
        del data["hours"]
    else:
        data["hours"] = _week(data["hours"])
    if "seasons" in data:
        data["seasons"] = [_dated(season) | {"hours": _week(season["hours"])} for season in data["seasons"]]
    if "holidays" in data:
        data["holidays"] = [_date(item) if isinstance(item, str) else _dated(item) for item in data["holidays"]]
    if "special" in data:
        data["special"] = {day: _day(hours) for day, hours in data["special"].items()}
    return data


def _week(week: dict[str, list[str]]) -> Any:
    """A week's hours, with neighbours that are alike as a range."""
    if not week:
        return []
    found: dict[str, Any] = {}
    for hours, days in groupby(WEEKDAYS, key=lambda day: week.get(day, [])):
        names = list(days)
        if hours:
            found[names[0] if len(names) == 1 else f"{names[0]}-{names[-1]}"] = _day(hours)
    return found


def _day(hours: list[str]) -> Any:
    if hours == _ALL_DAY:
        return "all day"
    return hours[0] if len(hours) == 1 else hours


def _dated(item: dict[str, Any]) -> dict[str, Any]:
    return {key: _date(value) if key in _DATED else value for key, value in item.items()}


def _date(text: str) -> Any:
    """A date as such, so that it is written plain; yearly ones and ranges are texts."""
    return date.fromisoformat(text) if len(text) == len("2026-12-24") else text
