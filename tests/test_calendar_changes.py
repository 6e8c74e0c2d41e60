"""What has changed in a calendar: which hours, which dates, which parts."""

from __future__ import annotations

import pytest

from slaclock._calendar_changes import calendar_changes, calendar_words
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.differences import Noted

WEEK = {"mon-fri": "09:00-17:00"}
SEASON = {"from": "06-01", "until": "08-31", "hours": {"mon-fri": "08:00-14:00"}}


def calendar(**content: object) -> WorkingCalendar:
    return WorkingCalendar(**{"timezone": "Europe/Berlin", "hours": WEEK, **content})  # type: ignore[arg-type]


def told(before: WorkingCalendar, after: WorkingCalendar) -> list[str]:
    noted = Noted().under("calendars", "c", place="c")
    calendar_changes(noted, before, after)
    assert all(found.path.startswith("calendars.c.") for found in noted.found)
    return [str(found).removeprefix("c: ") for found in noted.found]


@pytest.mark.parametrize(("before", "after", "lines"), [
    ({}, {}, []),
    ({}, {"timezone": "Asia/Tokyo"}, ["time zone: now Asia/Tokyo; before: Europe/Berlin"]),
    ({}, {"holidays_close": "shifts"}, ["what holidays close: now shifts; before: dates"]),
    ({}, {"hours": {"mon-thu": "08:00-17:00", "fri": "09:00-17:00", "sat": ["10:00-11:00", "12:00-13:00"]}},
     ["opening on mon-thu: now 08:00-17:00; before: 09:00-17:00",
      "opening on sat: now 10:00-11:00, 12:00-13:00; before: closed"]),
    ({"holidays": ["2026-12-25", {"date": "12-26", "name": "Boxing Day"}]},
     {"holidays": [{"date": "2026-12-25", "name": "Christmas"}, {"from": "2026-12-27", "until": "2026-12-29"}]},
     ["holiday 2026-12-25: now Christmas; before: none", "holiday 12-26: gone; before: Boxing Day",
      "holiday 2026-12-27..2026-12-29: new"]),
    ({"special": {"2026-12-24": "09:00-12:00"}}, {"special": {"2026-12-24": [], "2026-12-31": "09:00-13:00"}},
     ["special day 2026-12-24: now closed; before: 09:00-12:00", "special day 2026-12-31: new: 09:00-13:00"]),
    ({"closures": [{"from": "2026-03-07T18:00", "until": "2026-03-08T06:00", "reason": "move"}]}, {},
     ["closure 2026-03-07T18:00:00 to 2026-03-08T06:00:00: gone; before: move"]),
    ({}, {"seasons": [{**SEASON, "name": "summer"}]}, ["season 06-01 to 08-31: new: summer, mon-fri 08:00-14:00"]),
    ({"seasons": [{**SEASON, "hours": []}]}, {}, ["season 06-01 to 08-31: gone; before: closed"]),
    ({"seasons": [SEASON]}, {"seasons": [{**SEASON, "name": "summer", "hours": {"mon-fri": "08:00-12:00"}}]},
     ["name of season 06-01 to 08-31: now summer; before: none",
      "opening in season 06-01 to 08-31 on mon-fri: now 08:00-12:00; before: 08:00-14:00"]),
    # One date under two names has one line, and what it hides is told too.
    ({"holidays": [{"date": "12-25", "name": "a"}, {"date": "12-25", "name": "b"}]},
     {"holidays": [{"date": "12-25", "name": "b"}]}, ["content: now"]),
])  # fmt: skip
def test_hours_and_dates_are_told_with_what_they_were(
    before: dict[str, object], after: dict[str, object], lines: list[str]
) -> None:
    found = told(calendar(**before), calendar(**after))
    assert len(lines) == len(found)
    assert all(one.startswith(line) for one, line in zip(found, lines, strict=True)), found


def test_rules_of_countries_are_told_in_words() -> None:
    pytest.importorskip("holidays")
    rule = {"country": "DE", "subdivision": "BE", "remove": ["05-01", "12-26"], "observed": False}
    assert ["holiday rule of DE-BE, observed false, remove 05-01 and 12-26: new"] == told(
        calendar(), calendar(holidays=[rule])
    )


def test_entries_of_an_icalendar_file_are_told_apart_by_what_they_say() -> None:
    pytest.importorskip("icalendar")

    def entries(day: str) -> WorkingCalendar:
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z",
            f"DTSTART;VALUE=DATE:{day}", "SUMMARY:Fair", "END:VEVENT", "END:VCALENDAR", "",
        ]  # fmt: skip
        return calendar(holidays=[{"ics": "\r\n".join(lines)}])

    (found,) = told(entries("20260301"), entries("20260302"))
    assert found.startswith("holiday entries of an iCalendar file: now ")
    assert found.index("20260302") < found.index("; before: ") < found.index("20260301")


class TestComposed:
    office, tokyo = calendar(), calendar(timezone="Asia/Tokyo")

    def test_parts_are_compared_place_by_place(self) -> None:
        wide = calendar(hours={"mon-fri": "08:00-17:00"})
        assert ["part 1 of the union: opening on mon-fri: now 08:00-17:00; before: 09:00-17:00"] == [
            line.removeprefix("c, ") for line in told(self.office | self.tokyo, wide | self.tokyo)
        ]

    def test_parts_more_or_fewer_are_new_or_gone(self) -> None:
        two, three = self.office | self.tokyo, self.office | self.tokyo | ALWAYS
        (found,) = told(two, three)
        assert found.startswith("part 3 of the union: new: mon-sun 00:00-24:00 in UTC")
        (found,) = told(three, two)
        assert found.startswith("part 3 of the union: gone; before: mon-sun 00:00-24:00 in UTC")

    def test_another_way_of_making_is_told_as_such(self) -> None:
        assert ["how it is made: now union of calendars; before: hours of its own"] == told(
            self.office, self.office | self.tokyo
        )
        assert ["how it is made: now intersection of calendars; before: union of calendars"] == told(
            self.office | self.tokyo, self.office & self.tokyo
        )

    def test_closures_of_the_whole_are_told(self) -> None:
        both = self.office | self.tokyo
        closed = both.with_closures([{"from": "2026-03-07", "until": "2026-03-08"}])
        assert ["closure 2026-03-07T00:00:00 to 2026-03-09T00:00:00: new"] == told(both, closed)


@pytest.mark.parametrize(("content", "words"), [
    ({}, "mon-fri 09:00-17:00 in Europe/Berlin"),
    ({"hours": []}, "no weekly hours in Europe/Berlin"),
])  # fmt: skip
def test_a_calendar_in_few_words(content: dict[str, object], words: str) -> None:
    assert words == calendar_words(calendar(**content))
    assert calendar_words(calendar() | ALWAYS) == "union of 2 calendars in Europe/Berlin"
