"""What is asked: the office of New York, its holidays, and two seeded lists of questions."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from benchmarks.floor import HOUR, SECOND, Floor, open_spans
from slaclock import WorkingCalendar

NEW_YORK = ZoneInfo("America/New_York")
HOURS = dict.fromkeys(range(5), (9, 17))
FIRST, LAST = 2015, 2030
AMOUNTS = (1, 4, 8, 40, 400)
"""The hours that are added."""

_FROM, _UNTIL = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2027))


def _weekday_of_month(year: int, month: int, weekday: int, count: int) -> date:
    day = date(year, month, 1)
    return day + timedelta((weekday - day.weekday()) % 7 + 7 * (count - 1))


def federal_holidays(first: int = FIRST, last: int = LAST) -> list[date]:
    """The days on which the federal holidays of the United States are observed (5 U.S.C. 6103)."""
    days = set()
    for year in range(first, last + 1):
        fixed = [(1, 1), (7, 4), (11, 11), (12, 25), *([(6, 19)] if year >= 2021 else [])]
        for day in [*(date(year, month, number) for month, number in fixed), date(year + 1, 1, 1)]:
            days.add(day + timedelta({5: -1, 6: 1}.get(day.weekday(), 0)))
        days |= {_weekday_of_month(year, *which) for which in ((1, 0, 3), (2, 0, 3), (9, 0, 1), (10, 0, 2), (11, 3, 4))}
        days.add(max(day for week in range(1, 6) if (day := _weekday_of_month(year, 5, 0, week)).month == 5))
    return sorted(day for day in days if first <= day.year <= last)


def office(first: int = FIRST, last: int = LAST) -> WorkingCalendar:
    """The office as our calendar, nothing compiled yet."""
    holidays = [day.isoformat() for day in federal_holidays(first, last)]
    return WorkingCalendar(timezone="America/New_York", hours={"mon-fri": "09:00-17:00"}, holidays=holidays)


def regions() -> list[WorkingCalendar]:
    """Three offices around the world."""
    return [
        WorkingCalendar(timezone="Europe/London", hours={"mon-fri": "08:00-17:00"}, holidays=["12-25", "12-26"]),
        WorkingCalendar(timezone="Asia/Tokyo", hours={"mon-fri": "09:00-18:00"}, holidays=["01-01..01-03"]),
        office(),
    ]


def spans(first: int = FIRST, last: int = LAST) -> list[tuple[int, int]]:
    """The office by the bare loop."""
    return open_spans(NEW_YORK, HOURS, set(federal_holidays(first, last)), first, last)


@cache
def floor() -> Floor:
    """The office as the bare calendar."""
    return Floor(spans())


def add_rows(count: int, hours: int | None = None) -> list[tuple[int, int]]:
    """W1: a random instant of 2024 to 2026 and an amount, in microseconds; the five amounts take turns."""
    rnd = random.Random(1)
    return [
        (rnd.randrange(_FROM, _UNTIL) * SECOND, (hours or AMOUNTS[place % len(AMOUNTS)]) * HOUR)
        for place in range(count)
    ]


def between_rows(count: int) -> list[tuple[int, int]]:
    """W2: two instants, an hour to sixty days apart."""
    rnd = random.Random(2)
    starts = [rnd.randrange(_FROM, _UNTIL) for _ in range(count)]
    return [(start * SECOND, (start + rnd.randrange(3_600, 60 * 86_400)) * SECOND) for start in starts]
