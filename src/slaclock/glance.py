"""A calendar at a glance, as HTML for notebooks. Everything that people wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from slaclock._clockwork import Clockwork
from slaclock._content import Opening
from slaclock._instants import DAY_US
from slaclock._spans import clip, union
from slaclock.closing import Closing, Holiday, HolidayRule
from slaclock.hours import DayHours, Week, hours_text
from slaclock.week import HEADING, WEEKDAYS, bar, printable

__all__ = ["calendar_html"]

_MOST: Final = 12
_DEEPEST: Final = 3
_CELL: Final = 'style="text-align: left"'


def calendar_html(calendar: Clockwork, depth: int = 0) -> str:
    """The weekly hours as a drawing, and what changes them; of a calendar made of others, its parts."""
    title = f"<b>{_text(calendar.name or 'Working calendar')}</b>, {_text(calendar.timezone)}"
    content = calendar._content
    if isinstance(content, Opening):
        return f"<div>{title}{_opening_html(content)}</div>"
    closures = _listed("Closures", [_closure_text(item.data()) for item in content.closures])
    if depth >= _DEEPEST:
        return f"<div>{title}: {content.op} of {len(content.parts)} calendars{closures}</div>"
    items = "".join(f"<li>{calendar_html(part, depth + 1)}</li>" for part in content.parts[:_MOST])
    more = f"<li>and {len(content.parts) - _MOST} more</li>" if len(content.parts) > _MOST else ""
    return f"<div>{title}: {content.op} of<ul>{items}{more}</ul>{closures}</div>"


def _text(text: str) -> str:
    return escape(printable(text))


def _opening_html(opening: Opening) -> str:
    parts = [_week_html(opening.week)]
    for season in opening.seasons:
        name = f"{season.name}, " if season.name else ""
        parts.append(f"<div>Season {_text(f'{name}{season.dates}')}</div>{_week_html(season.week)}")
    special = [f"{day} {', '.join(hours_text(hours)) or 'closed'}" for day, hours in opening.special]
    parts.append(_listed("Special days", special))
    shifts = " (close the shifts that begin on them)" if opening.shifts else ""
    parts.append(_listed(f"Holidays{shifts}", [_holiday_text(item) for item in opening.holidays]))
    parts.append(_listed("Closures", [_closure_text(item.data()) for item in opening.closures]))
    return "".join(parts)


def _week_html(week: Week) -> str:
    rows = "".join(
        f"<tr><th {_CELL}>{name}</th><td {_CELL}><code>{_bar(week, day)}</code></td>"
        f"<td {_CELL}>{', '.join(hours_text(week[day])) or 'closed'}</td></tr>"
        for day, name in enumerate(WEEKDAYS)
    )
    heading = HEADING.replace(" ", "&nbsp;")
    return f"<table><tr><th></th><th {_CELL}><code>{heading}</code></th><th></th></tr>{rows}</table>"


def _bar(week: Week, day: int) -> str:
    """One weekday, with what runs over from the day before."""
    before: DayHours = tuple((start - DAY_US, end - DAY_US) for start, end in week[day - 1])
    return bar(clip(union([*before, *week[day]]), 0, DAY_US), [(0, DAY_US)], 0)


def _listed(title: str, items: Iterable[str]) -> str:
    lines = list(items)
    if not lines:
        return ""
    shown = "".join(f"<li>{_text(line)}</li>" for line in lines[:_MOST])
    more = f"<li>and {len(lines) - _MOST} more</li>" if len(lines) > _MOST else ""
    return f"<div>{title}<ul>{shown}{more}</ul></div>"


def _closure_text(data: dict[str, str]) -> str:
    reason = f" {data['reason']}" if "reason" in data else ""
    return f"{data['from']} until {data['until']}{reason}"


def _holiday_text(item: Closing) -> str:
    if isinstance(item, Holiday):
        return f"{item.dates} {item.name}".strip()
    removed = item.remove.data()
    less = f", without {', '.join(removed)}" if removed else ""
    if isinstance(item, HolidayRule):
        place = f"{item.country}-{item.subdivision}" if item.subdivision else item.country
        return f"public holidays of {place}{less}"
    count = item.text.count("BEGIN:VEVENT")
    return f"iCalendar, {count} {'entry' if count == 1 else 'entries'}{less}"
