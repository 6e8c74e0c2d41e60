"""A week of a calendar, drawn as text: half an hour a cell, as the wall clock shows it.

`█` is open, `▒` open for a part of it, `·` closed; blank is an hour that the wall clock skips.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import attrs

from slaclock._clockwork import Clockwork
from slaclock._instants import DAY_US, MAX_US, MIN_US, MINUTE_US, Run, offset_runs
from slaclock._opening import instants_around, midnights, to_instants
from slaclock._reasons import OPEN, OUTSIDE
from slaclock._spans import Span, clip, intersect, total, union
from slaclock.amounts import Amount, time_text

__all__ = ["HEADING", "WeekDay", "WeekView", "bar", "draw_week", "printable"]

WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HEADING: Final = "".join(f"{hour:<6}" for hour in range(0, 24, 3)) + "24"
_CELL: Final = 30 * MINUTE_US


@attrs.frozen
class WeekDay:
    """One date of a drawn week: its hours by the wall clock, and what closes it besides its hours."""

    date: date
    bar: str
    hours: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = ", ".join(self.hours) or "closed"
        notes = f"  ({'; '.join(self.notes)})" if self.notes else ""
        return f"{WEEKDAYS[self.date.weekday()]} {self.date.isoformat()}  {self.bar}  {told}{notes}"


@attrs.frozen
class WeekView:
    """A week of a calendar, Monday to Sunday: `print` draws it, notebooks show it."""

    name: str
    timezone: str
    days: tuple[WeekDay, ...]
    open_us: int
    """Open time of the week, in microseconds."""

    def __str__(self) -> str:
        title = ", ".join([*([self.name] if self.name else []), self.timezone])
        first = f"{title}: week of {self.days[0].date.isoformat()}, {Amount(us=self.open_us)} open"
        return "\n".join([first, f"{'':16}{HEADING}", *map(str, self.days)])

    def _repr_html_(self) -> str:
        from html import escape

        return f'<pre style="line-height: 1.2">{escape(str(self))}</pre>'


def draw_week(calendar: Clockwork, day: date) -> WeekView:
    """The week that holds a date."""
    monday = day.toordinal() - day.weekday()
    numbers = [number for number in range(monday, monday + 7) if 1 <= number <= date.max.toordinal()]
    drawn = [_draw_day(calendar, number) for number in numbers]
    return WeekView(
        printable(calendar.name), calendar.timezone, tuple(day for day, _ in drawn), sum(us for _, us in drawn)
    )


def _draw_day(calendar: Clockwork, number: int) -> tuple[WeekDay, int]:
    """One date, given by its ordinal, and its open time."""
    lo, hi = instants_around(number)
    runs = offset_runs(calendar.zone, lo, hi)
    local = midnights((number, number + 1))
    shown = to_instants([local], runs)
    spans = intersect(calendar.spans_us(lo, hi), shown)
    reasons = dict.fromkeys(label for a, b in shown for _, _, label in calendar.segments_us(a, b))
    notes = [printable(label.removeprefix("closed: ")) for label in reasons if label not in (OPEN, OUTSIDE)]
    if total(shown) != DAY_US and lo > MIN_US and hi < MAX_US:
        length = Amount(us=total(shown))
        notes.insert(0, f"a day of {length}" if shown else "the wall clock skips this day")
    hours = tuple(f"{_clock(a, runs, local)}-{_clock(b - 1, runs, local, 1)}" for a, b in spans)
    drawn = bar(_on_the_wall(spans, runs, local), _on_the_wall(shown, runs, local), local[0])
    return WeekDay(date.fromordinal(number), drawn, hours, tuple(notes)), total(spans)


def _on_the_wall(spans: Sequence[Span], runs: Sequence[Run], local: Span) -> list[Span]:
    """What the wall clock shows during spans of instants; an hour that comes twice is shown once."""
    found = [(start + offset, end + offset) for lo, hi, offset in runs for start, end in clip(spans, lo, hi)]
    return clip(union(found), *local)


def _clock(us: int, runs: Sequence[Run], local: Span, later: int = 0) -> str:
    offset = next(offset for start, end, offset in runs if start <= us < end)
    return time_text((us + offset + later - local[0]) // 1_000_000 * 1_000_000)


def bar(opens: Sequence[Span], shown: Sequence[Span], start: int) -> str:
    """24 hours in 48 cells, from spans of local time, `start` being midnight."""
    cells: list[str] = []
    for lo in range(start, start + DAY_US, _CELL):
        there, held = total(clip(shown, lo, lo + _CELL)), total(clip(opens, lo, lo + _CELL))
        cells.append(" " if not there else "·" if not held else "█" if held == there else "▒")
    return "".join(cells)


def printable(text: str) -> str:
    """A name on one line: what cannot be printed is shown as a blank."""
    return "".join(char if char.isprintable() else " " for char in text)
