"""What has changed in a calendar, read off its content as plain data: which hours, which dates, which parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, Final, TypeAlias

from slaclock.calendar import WorkingCalendar
from slaclock.conditions import spelled
from slaclock.differences import Noted, unlike
from slaclock.hours import WEEKDAYS

__all__ = ["calendar_changes", "calendar_words"]

Data: TypeAlias = Mapping[str, Any]

_OPS: Final = ("union", "intersection", "difference")
_CLOSED: Final = "closed"
_PLAIN: Final = {"timezone": "time zone", "name": "name", "holidays_close": "what holidays close"}


def calendar_words(calendar: WorkingCalendar) -> str:
    """A calendar in a few words: its zone, and its weekly hours or how it is put together.

    >>> calendar_words(WorkingCalendar(timezone="Asia/Tokyo", hours={"mon-fri": "09:00-17:00", "sat": "10:00-12:00"}))
    'mon-fri 09:00-17:00, sat 10:00-12:00 in Asia/Tokyo'
    """
    data: Data = calendar.to_dict()
    op = _op(data)
    if op is not None:
        return f"{op} of {len(data[op])} calendars in {data['timezone']}"
    week = ", ".join(f"{days} {hours}" for days, hours in _days(_week(data.get("hours", {}))) if hours != _CLOSED)
    return f"{week or 'no weekly hours'} in {data['timezone']}"


def calendar_changes(noted: Noted, before: WorkingCalendar, after: WorkingCalendar) -> None:
    """Note what two calendars say differently."""
    known = len(noted.found)
    _content(noted, before.to_dict(), after.to_dict())
    if len(noted.found) == known and before != after:
        # Dates that were given twice, under several names.
        noted.note(("holidays",), "content", before.digest, after.digest)


def _or_none(text: str) -> str:
    return text or "none"


def _op(data: Data) -> str | None:
    return next((op for op in _OPS if op in data), None)


def _content(noted: Noted, before: Data, after: Data) -> None:
    for key, subject in _PLAIN.items():
        default = "dates" if key == "holidays_close" else ""
        noted.values((key,), subject, before.get(key, default), after.get(key, default), _or_none)
    ops = _op(before), _op(after)
    if ops[0] != ops[1]:
        noted.note(("hours",), "how it is made", *(f"{op} of calendars" if op else "hours of its own" for op in ops))
        return
    if ops[0] is not None:
        _parts(noted, ops[0], before, after)
    else:
        _week_changes(noted, ("hours",), "opening on", before.get("hours", {}), after.get("hours", {}))
        _seasons(noted, before.get("seasons", ()), after.get("seasons", ()))
        _dates(noted, "special", "special day", _special(before), _special(after))
        _dates(noted, "holidays", "holiday", _holidays(before), _holidays(after))
    _dates(noted, "closures", "closure", _closures(before), _closures(after))


def _parts(noted: Noted, op: str, before: Data, after: Data) -> None:
    """Parts of one place are compared; where there are more in one calendar, they are new or gone."""
    ones, others = before[op], after[op]
    for number in range(max(len(ones), len(others))):
        name = f"part {number + 1} of the {op}"
        if number >= len(ones):
            noted.note((op, str(number)), name, None, calendar_words(WorkingCalendar.from_dict(others[number])))
        elif number >= len(others):
            noted.note((op, str(number)), name, calendar_words(WorkingCalendar.from_dict(ones[number])), None)
        else:
            _content(noted.under(op, str(number), place=f"{noted.place}, {name}"), ones[number], others[number])


# Hours by weekday.


def _week(hours: Data) -> dict[str, str]:
    return {day: ", ".join(hours.get(day, ())) or _CLOSED for day in WEEKDAYS}


def _days(week: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Days that follow each other with the same value, as one: `mon-fri`."""
    for value, group in groupby(week.items(), key=lambda item: item[1]):
        days = [day for day, _ in group]
        yield (days[0] if len(days) == 1 else f"{days[0]}-{days[-1]}"), value


def _week_changes(noted: Noted, keys: tuple[str, ...], subject: str, before: Data, after: Data) -> None:
    one, other = _week(before), _week(after)
    for days, (was, now) in _days({day: (one[day], other[day]) for day in WEEKDAYS}):
        if was != now:
            noted.note((*keys, days), f"{subject} {days}", was, now)


def _seasons(noted: Noted, before: Any, after: Any) -> None:
    dated = [{f"{season['from']} to {season['until']}": season for season in seasons} for seasons in (before, after)]
    for dates, was, now in unlike(*dated):
        subject, keys = f"season {dates}", ("seasons", dates)
        if was is None or now is None:
            noted.note(keys, subject, *(None if season is None else _season_words(season) for season in (was, now)))
            continue
        noted.values((*keys, "name"), f"name of {subject}", was.get("name", ""), now.get("name", ""), _or_none)
        _week_changes(noted, keys, f"opening in {subject} on", was["hours"], now["hours"])


def _season_words(season: Data) -> str:
    open_days = [f"{days} {hours}" for days, hours in _days(_week(season["hours"])) if hours != _CLOSED]
    return ", ".join(([season["name"]] if "name" in season else []) + open_days) or _CLOSED


# Dates.


def _dates(noted: Noted, key: str, subject: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    for date, was, now in unlike(before, after):
        both = was is not None and now is not None
        words = (_or_none(str(text)) if both else text for text in (was, now))
        noted.note((key, date), f"{subject} {date}", *words)


def _special(data: Data) -> dict[str, str]:
    return {date: ", ".join(hours) or _CLOSED for date, hours in data.get("special", {}).items()}


def _holidays(data: Data) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in data.get("holidays", ()):
        if isinstance(item, str):
            found.setdefault(item, "")
        elif "date" in item:
            found[item["date"]] = item["name"]
        elif "ics" in item:
            lines = sorted(
                {line.strip() for line in item["ics"].splitlines() if line.startswith(("DT", "RRULE", "SUM"))}
            )
            found["entries of an iCalendar file"] = "; ".join(lines)
        else:
            found[_rule_words(item)] = ""
    return found


def _rule_words(rule: Data) -> str:
    more = [f"{key} {_words(value)}" for key, value in rule.items() if key not in ("country", "subdivision")]
    place = "-".join(rule[key] for key in ("country", "subdivision") if key in rule)
    return ", ".join([f"rule of {place}", *more])


def _words(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else spelled(value)  # type: ignore[arg-type]


def _closures(data: Data) -> dict[str, str]:
    return {f"{item['from']} to {item['until']}": item.get("reason", "") for item in data.get("closures", ())}
