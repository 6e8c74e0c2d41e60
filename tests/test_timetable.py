"""Working calendars as a policy writes them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from slaclock import ALWAYS, WorkingCalendar
from slaclock._instants import load_zone
from slaclock._timetable import calendars_data

BERLIN = load_zone("Europe/Berlin")


def written(calendar: WorkingCalendar, name: str = "c") -> Any:
    return calendars_data({name: calendar}, BERLIN)[name]


def office(name: str = "c", **parts: Any) -> WorkingCalendar:
    return WorkingCalendar(**{"timezone": "Europe/Berlin", "hours": {"mon-fri": "09:00-17:00"}, "name": name} | parts)


@pytest.mark.parametrize(
    ("hours", "short"),
    [
        ({"mon-thu": "09:00-17:00", "fri": "09:00-15:00"}, {"mon-thu": "09:00-17:00", "fri": "09:00-15:00"}),
        (
            {"mon": ["09:00-12:00", "13:00-17:00"], "wed, sat": "24h"},
            {"mon": ["09:00-12:00", "13:00-17:00"], "wed": "all day", "sat": "all day"},
        ),
        ("all day", {"mon-sun": "all day"}),
        ("closed", []),
        ({"sun": "22:00-06:00"}, {"sun": "22:00-06:00"}),
    ],
)
def test_neighbouring_days_that_are_alike_are_a_range(hours: Any, short: Any) -> None:
    assert short == written(office(hours=hours))["hours"]


def test_a_calendar_is_written_in_few_words() -> None:
    calendar = office(
        name="other",
        hours=None,
        holidays=["2026-12-25", "12-26", {"date": "2026-05-01", "name": "May Day"}],
        special={"2026-12-24": "09:00-12:00", "12-31": []},
        seasons=[{"from": "2026-06-01", "until": "2026-08-31", "hours": {"mon-fri": "08:00-14:00"}}],
    )
    assert {
        "name": "other",
        "timezone": "Europe/Berlin",
        "seasons": [{"from": date(2026, 6, 1), "until": date(2026, 8, 31), "hours": {"mon-fri": "08:00-14:00"}}],
        "holidays": ["12-26", date(2026, 12, 25), {"date": date(2026, 5, 1), "name": "May Day"}],
        "special": {"12-31": [], "2026-12-24": "09:00-12:00"},
    } == written(calendar)


def test_the_calendar_that_never_closes_is_two_words_in_the_policys_zone() -> None:
    assert "all day" == written(ALWAYS.in_timezone("Europe/Berlin"))
    assert {"name": "", "timezone": "UTC", "hours": {"mon-sun": "all day"}} == written(ALWAYS)


def test_what_is_put_together_names_its_parts_where_they_have_names() -> None:
    one, other = office("one"), office("other", hours="08:00-10:00")
    both = (one | other).with_name("both")
    wide = (both - ALWAYS.in_timezone("Europe/Berlin")).with_name("wide")
    data = calendars_data({"wide": wide, "both": both, "late": wide.with_name("late"), "one": one}, BERLIN)
    inner = {"timezone": "Europe/Berlin", "hours": {"mon-sun": "08:00-10:00"}, "name": "other"}
    assert {"timezone": "Europe/Berlin", "union": ["one", inner]} == data["both"]
    assert [{"timezone": "Europe/Berlin", "union": ["one", inner], "name": "both"}, "all day"] == data["wide"][
        "difference"
    ]
    assert ["both", "all day"] == data["late"]["difference"]


def test_a_calendar_named_like_the_words_for_all_day_is_written_out() -> None:
    odd = office("24h")
    data = calendars_data({"24h": odd, "both": (odd | office("x")).with_name("both")}, BERLIN)
    assert ["24h", "x"] == [part["name"] for part in data["both"]["union"]]
