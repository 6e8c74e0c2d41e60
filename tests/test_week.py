"""A week as people see it, and a calendar at a glance."""

from __future__ import annotations

from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.errors import CalendarError

OFFICE = WorkingCalendar(
    timezone="Europe/Berlin",
    hours={"mon-thu": "09:00-17:00", "fri": ["09:00-12:00", "13:15-16:00"], "sat": "22:00-06:00"},
    holidays=[{"date": "2026-03-26", "name": "Fair <&>"}],
    closures=[{"from": "2026-03-24T10:00", "until": "2026-03-24T11:00", "reason": "move"}],
    name="office",
)
NIGHT = "·" * 18
WEEK = f"""\
office, Europe/Berlin: week of 2026-03-23, 35h45m open
                0     3     6     9     12    15    18    21    24
Mon 2026-03-23  {NIGHT}████████████████··············  09:00-17:00
Tue 2026-03-24  {NIGHT}██··████████████··············  09:00-10:00, 11:00-17:00  (closure "move")
Wed 2026-03-25  {NIGHT}████████████████··············  09:00-17:00
Thu 2026-03-26  {NIGHT}······························  closed  (holiday "Fair <&>")
Fri 2026-03-27  {NIGHT}██████··▒█████················  09:00-12:00, 13:15-16:00
Sat 2026-03-28  ············································████  22:00-24:00
Sun 2026-03-29  ████  ██████····································  00:00-06:00  (a day of 23h)"""


def test_a_week_is_drawn() -> None:
    """Half an hour a cell, as the wall clock shows it, with what closes it; a skipped hour is blank."""
    assert WEEK == str(OFFICE.week("2026-03-23"))


@pytest.mark.parametrize("day", ["2026-03-29", date(2026, 3, 26), "2026-03-28T23:00Z"])
def test_any_day_of_a_week_names_it(day: date | str) -> None:
    """Weeks begin on Monday; an instant counts by its local date."""
    assert OFFICE.week("2026-03-23") == OFFICE.week(day)
    assert hash(OFFICE.week("2026-03-23")) == hash(OFFICE.week(day))


def test_days_of_other_lengths() -> None:
    """An hour that comes twice is drawn once and said; a day that a zone skipped is blank."""
    assert str(OFFICE.week("2026-10-25")).endswith(
        "████████████····································  00:00-06:00  (a day of 25h)"
    )
    apia = str(WorkingCalendar(timezone="Pacific/Apia", hours="24h").week("2011-12-30")).splitlines()
    assert f"Fri 2011-12-30  {' ' * 48}  closed  (the wall clock skips this day)" == apia[6]
    assert f"Sat 2011-12-31  {'█' * 48}  00:00-24:00" == apia[7]
    assert "Pacific/Apia: week of 2011-12-26, 144h open" == apia[0]


def test_the_first_and_the_last_week_of_all() -> None:
    """What lies outside the years 1 to 9999 is left out."""
    assert [7, 5] == [len(OFFICE.week(day).days) for day in ("0001-01-01", "9999-12-31")]
    assert "Fri 9999-12-31" in str(ALWAYS.week("9999-12-31"))
    assert 7 == len(WorkingCalendar(timezone="Asia/Tokyo", hours="24h").week("0001-01-02").days)


def test_weeks_that_are_none() -> None:
    for day in ("2026-02-30", 3, None, "noon"):
        with pytest.raises(CalendarError):
            OFFICE.week(day)  # type: ignore[arg-type]


class Checker(HTMLParser):
    """Collects the tags, and sees that each that is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(html: str) -> set[str]:
    checker = Checker()
    checker.feed(html)
    assert [] == checker.open
    return checker.seen


KNOWN = {"b", "code", "div", "li", "pre", "table", "td", "th", "tr", "ul"}


def test_notebooks_show_a_week() -> None:
    html = OFFICE.week("2026-03-23")._repr_html_()
    assert "holiday &quot;Fair &lt;&amp;&gt;&quot;" in html
    assert {"pre"} == tags(html)


def test_notebooks_show_a_calendar_at_a_glance() -> None:
    """Its week drawn, and whatever changes it: seasons, special days, holidays, closures."""
    calendar = WorkingCalendar(
        hours={"mon": "09:00-17:00", "sun": "22:00-06:00"},
        holidays=[f"2026-01-{day:02d}" for day in range(1, 15)],
        holidays_close="shifts",
        special={"12-24": "09:00-12:00", "12-31": []},
        seasons=[
            {"from": "07-01", "until": "08-31", "hours": "08:00-14:00", "name": "summer"},
            {"from": "09-01", "until": "09-02", "hours": []},
        ],
        closures=[
            {"from": "2026-03-03", "until": "2026-03-04", "reason": "<b>"},
            {"from": "2026-04-03", "until": "2026-04-03"},
        ],
    )
    html = calendar._repr_html_()
    assert tags(html) <= KNOWN
    assert "████████████······████████████████" in html
    for text in (
        "<b>Working calendar</b>, UTC",
        "09:00-17:00",
        "Season summer, 07-01..08-31",
        "Season 09-01..09-02",
        "12-24 09:00-12:00",
        "12-31 closed",
        "Holidays (close the shifts that begin on them)",
        "and 2 more",
        "until 2026-03-05T00:00:00 &lt;b&gt;",
    ):
        assert text in html, text


def test_sources_of_holidays_at_a_glance() -> None:
    pytest.importorskip("holidays", reason="needs the extra `holidays`")
    pytest.importorskip("recurring_ical_events", reason="needs the extra `icalendar`")
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260302\nEND:VEVENT\nEND:VCALENDAR\n"
    two = text.replace("END:VCALENDAR", text.partition("\n")[2])
    rules = [
        {"country": "DE", "subdivision": "BE", "remove": ["05-01", "Neujahr"]},
        {"country": "FR"},
        {"ics": text},
        {"ics": two},
    ]
    html = WorkingCalendar(hours=[], holidays=rules)._repr_html_()
    for told in (
        "public holidays of DE-BE, without 05-01, Neujahr",
        "public holidays of FR<",
        "iCalendar, 1 entry<",
        "iCalendar, 2 entries<",
    ):
        assert told in html, told


def test_calendars_made_of_others_at_a_glance() -> None:
    """Their parts, down to a depth and up to a number that can be looked at."""
    both = (OFFICE | ALWAYS).with_closures([{"from": "2026-03-03", "until": "2026-03-04", "reason": "fair"}])
    assert "union of<ul>" in both._repr_html_()
    assert "fair" in both._repr_html_()
    deep = ((((OFFICE - ALWAYS) | ALWAYS) - ALWAYS) | ALWAYS) - ALWAYS
    assert "union of 2 calendars" in deep._repr_html_()
    wide = WorkingCalendar.from_dict({"union": ["all day"] * 14})._repr_html_()
    assert "and 2 more" in wide
    assert all(tags(html) <= KNOWN for html in (both._repr_html_(), deep._repr_html_(), wide))


@settings(max_examples=50)
@given(st.text(max_size=20))
def test_whatever_people_wrote_is_escaped(text: str) -> None:
    """No name of anybody's becomes a tag, or another line."""
    name = f"<script>{text}"
    calendar = WorkingCalendar(
        hours="24h",
        name=name,
        holidays=[{"date": "12-25", "name": name}],
        closures=[{"from": "2026-03-03", "until": "2026-03-03", "reason": name}],
    )
    view = calendar.week("2026-03-03")
    assert tags(calendar._repr_html_()) <= KNOWN
    assert tags(view._repr_html_()) <= KNOWN
    assert 9 == len(str(view).splitlines())
