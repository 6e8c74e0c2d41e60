"""Hours, dates and closures as people write them; what is refused, and where."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock._instants import HOUR_US, MAX_US, MINUTE_US
from slaclock._reading import Faults, show
from slaclock._spans import union
from slaclock.calendar import WorkingCalendar
from slaclock.dates import DateRange, Day, day_number, read_range
from slaclock.errors import CalendarError, Problem
from slaclock.hours import DayHours, hours_text, read_day_hours, read_week, week_data


def hours(*pairs: tuple[float, float]) -> DayHours:
    return tuple((int(start * HOUR_US), int(end * HOUR_US)) for start, end in pairs)


def faults_of(**arguments: object) -> list[tuple[str, tuple[str | int, ...]]]:
    """Code and path of every fault that the constructor finds."""
    with pytest.raises(CalendarError) as caught:
        WorkingCalendar(**{"hours": [], **arguments})  # type: ignore[arg-type]
    return [(problem.code, problem.keys) for problem in caught.value.problems]


def only_problem(**arguments: object) -> Problem:
    with pytest.raises(CalendarError) as caught:
        WorkingCalendar(**{"hours": [], **arguments})  # type: ignore[arg-type]
    (problem,) = caught.value.problems
    return problem


# ---------------------------------------------------------------------------------------------------------------- a day


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        (hours((9, 17)), "09:00-17:00"),
        (hours((9, 17)), " 9:00 – 17:00 "),
        (hours((9, 12), (13, 17)), ["09:00-12:00", "13:00-17:00"]),
        (hours((9, 12), (13, 17)), "09:00-12:00, 13:00-17:00"),
        (hours((9, 17)), ("12:00-17:00", "09:00-12:00")),
        (hours((22, 30)), "22:00-06:00"),
        (hours((22, 24)), "22:00-24:00"),
        (hours((22, 24)), "22:00-00:00"),
        (hours((9, 33)), "09:00-09:00"),
        (hours((0, 24)), "All Day"),
        (hours((0, 24)), "24h"),
        ((), []),
        ((), "closed"),
        (((9 * HOUR_US + 30_000_000, 17 * HOUR_US),), "09:00:30-17:00"),
        (((9 * HOUR_US, 24 * HOUR_US - MINUTE_US),), "09:00-23:59:00"),
    ],
)
def test_hours_of_a_day(wanted: DayHours, value: object) -> None:
    """An end at or before the start runs past midnight; 24:00 is the midnight that ends the day."""
    faults = Faults()
    assert wanted == read_day_hours(value, faults)
    assert [] == faults.problems


@pytest.mark.parametrize(
    ("code", "value", "words"),
    [
        ("late-minute", "09:00-23:59", "write 24:00"),
        ("bad-hours", "09:00", "09:00-17:00"),
        ("bad-time", "09:00-25:00", "00:00 to 24:00"),
        ("bad-time", "24:00-06:00", "the next day starts at 00:00"),
        ("bad-time", "9-17", "write `09:00-17:00`"),
        ("bad-time", "9-5", "such as `09:00` or `17:30:15`"),
        ("bad-hours", 960, "quote it: YAML reads `16:00` as 960"),
        ("bad-hours", False, "YAML read `no`"),
        ("bad-hours", True, "YAML read `yes`"),
        ("bad-hours", 10**9, "`all day`"),
        ("bad-hours", 86_000, "`all day`"),
        ("bad-hours", None, "write [] for closed"),
        ("bad-hours", [960], "such as `09:00-17:00`"),
        ("bad-hours", "", "09:00-17:00"),
        ("bad-time", "17:00-9:60", "00:00 to 24:00"),
        ("overlap", ["09:00-13:00", "12:00-17:00"], "write `09:00-17:00`"),
        ("overlap", "22:00-06:00, 23:00-07:00", "write `22:00-07:00`"),
        ("overlap", ["00:00-24:00", "06:00-06:00"], "intervals of one day that do not overlap"),
    ],
)
def test_hours_that_are_refused(code: str, value: object, words: str) -> None:
    """Each fault has a stable code and says what to write instead."""
    faults = Faults()
    read_day_hours(value, faults)
    (problem,) = faults.problems
    assert code == problem.code
    assert words in str(problem)


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=4))
def test_hours_read_back(pairs: list[tuple[int, int]]) -> None:
    """What is written for any hours of a day reads back as the same."""
    spans = union((start * MINUTE_US, (start + length) * MINUTE_US) for start, length in pairs)
    first = read_day_hours([text for span in spans for text in hours_text((span,))], faults := Faults())
    assert tuple(spans) == first
    assert first == read_day_hours(hours_text(first), faults)
    assert [] == faults.problems


# --------------------------------------------------------------------------------------------------------------- a week


def test_a_week_of_ranges_lists_and_days() -> None:
    """A range may wrap, a list may mix, and a single day beats both."""
    week = read_week({"sat-mon": "10:00-12:00", "Tue, thu-fri": "09:00-17:00", "sunday": [], ("wed",): "24h"}, Faults())
    ten, nine = hours((10, 12)), hours((9, 17))
    assert (ten, nine, hours((0, 24)), nine, nine, ten, ()) == week
    assert week == read_week(week_data(week), Faults())
    assert (nine,) * 7 == read_week("09:00-17:00", Faults())
    assert (nine,) * 7 == read_week({("mon-fri", "sat", "sun"): "09:00-17:00"}, Faults())


@pytest.mark.parametrize(
    ("wanted", "value"),
    [
        (("wrong-type", ("hours",)), 3),
        (("bad-weekday", ("hours", "mno")), {"mno": "24h"}),
        (("bad-weekday", ("hours", "mon-x")), {"mon-x": "24h"}),
        (("bad-weekday", ("hours", "3")), {3: "24h"}),
        (("bad-weekday", ("hours", "1,2")), {(1, 2): "24h"}),
        (("repeated-weekday", ("hours", "monday")), {"mon": "24h", "monday": "24h"}),
        (("repeated-weekday", ("hours", "fri-sun")), {"mon-fri": "24h", "fri-sun": "24h"}),
        (("repeated-weekday", ("hours", "mon, mon-tue")), {"mon, mon-tue": "24h"}),
        (("bad-hours", ("hours", "mon", 1)), {"mon": ["24h", "x"]}),
    ],
)
def test_weeks_that_are_refused(wanted: object, value: object) -> None:
    """Every fault names the entry at fault."""
    assert [wanted] == faults_of(hours=value)


@pytest.mark.parametrize(("word", "hint"), [("weekdays", "mon-fri"), ("Weekend", "sat-sun"), ("daily", "mon-sun")])
def test_words_for_several_days_are_told_as_ranges(word: str, hint: str) -> None:
    """Which days are working days is what a calendar says itself."""
    faults = Faults()
    read_week({word: "09:00-17:00"}, faults)
    assert [f"write `{hint}`"] == [problem.hint for problem in faults.problems]


# ---------------------------------------------------------------------------------------------------------------- dates


def test_date_ranges_recur_and_wrap() -> None:
    """A yearly range comes every year and may hold a New Year; 29 February gives way in common years."""
    jan_1 = day_number(2026, 1, 1)
    winter = DateRange(Day(None, 12, 30), Day(None, 1, 2))
    assert [(jan_1 - 2, jan_1 + 2)] == winter.within(jan_1 - 9, jan_1 + 9)
    leap = DateRange(Day(None, 2, 29), Day(None, 2, 29))
    assert [day_number(2028, 2, 29)] == [a for a, _ in leap.within(day_number(2025, 1, 1), day_number(2029, 1, 1))]
    ends, begins = DateRange(Day(None, 2, 1), Day(None, 2, 29)), DateRange(Day(None, 2, 29), Day(None, 3, 3))
    assert [(day_number(2026, 2, 1), day_number(2026, 3, 1))] == ends.within(jan_1, jan_1 + 300)
    assert [(day_number(2026, 3, 1), day_number(2026, 3, 4))] == begins.within(jan_1, jan_1 + 300)
    assert "12-30..01-02" == str(winter)
    assert (0, 3_652_060) == (day_number(0, 12, 31), day_number(10_000, 1, 1))


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("bad-date", "2026-02-30"),
        ("bad-date", "13-01"),
        ("bad-date", "24.12.2026"),
        ("bad-date", 20261224),
        ("bad-date", datetime(2026, 12, 24)),
        ("mixed-range", "2026-12-24..01-02"),
        ("reversed", "2026-12-24..2026-12-23"),
        ("bad-date", "2026-12-24..x"),
    ],
)
def test_dates_that_are_refused(code: str, value: object) -> None:
    """A date that does not exist is a fault, as is a range whose ends do not fit."""
    faults = Faults()
    assert read_range(value, faults) is None
    assert [code] == [problem.code for problem in faults.problems]


# -------------------------------------------------------------------------------------- seasons, special days, holidays


@pytest.mark.parametrize(
    ("wanted", "arguments"),
    [
        ([("wrong-type", ("seasons",))], {"seasons": 3}),
        ([("wrong-type", ("seasons", 0))], {"seasons": [3]}),
        ([("missing-key", ("seasons", 0))] * 3, {"seasons": [{}]}),
        ([("reversed", ("seasons", 0))], {"seasons": [{"from": "2026-02-02", "until": "2026-02-01", "hours": []}]}),
        ([("wrong-type", ("seasons", 0, "name"))],
         {"seasons": [{"from": "02-02", "until": "02-03", "hours": [], "name": 3}]}),
        ([("wrong-type", ("special",))], {"special": []}),
        ([("bad-date", ("special", "x"))], {"special": {"x": []}}),
        ([("bad-hours", ("special", "2026-12-24"))], {"special": {date(2026, 12, 24): 3}}),
        ([("repeated-date", ("special", "2026-12-24"))],
         {"special": {date(2026, 12, 24): [], "2026-12-24": []}}),
        ([("wrong-type", ("holidays",))], {"holidays": "2026-12-25"}),
        ([("wrong-type", ("holidays", 0))], {"holidays": [3]}),
        ([("bad-date", ("holidays", 1))], {"holidays": ["2026-12-25", "2026-02-30"]}),
        ([("bad-date", ("holidays", 0, "date"))], {"holidays": [{"date": "x", "name": "X"}]}),
        ([("unknown-key", ("holidays", 0, "nmae"))], {"holidays": [{"date": "12-25", "nmae": "X"}]}),
        ([("unknown-key", ("holidays", 0, "None"))], {"holidays": [{"date": "12-25", None: 3}]}),
        ([("unknown-key", ("holidays", 0, "from"))], {"holidays": [{"date": "12-25", "from": "12-25"}]}),
        ([("missing-key", ("holidays", 0))], {"holidays": [{"from": "12-25"}]}),
        ([("missing-key", ("holidays", 0))] * 2, {"holidays": [{"name": "X"}]}),
        ([("unknown-key", ("holidays", 0, "language"))], {"holidays": [{"date": "12-25", "language": "de"}]}),
        ([("bad-value", ("holidays_close",))], {"holidays_close": "noon"}),
        ([("wrong-type", ("name",))], {"name": 3}),
        ([("wrong-type", ("closures",))], {"closures": {"from": "2026-01-01"}}),
        ([("wrong-type", ("closures", 0))], {"closures": ["2026-01-01"]}),
        ([("missing-key", ("closures", 0))], {"closures": [{"from": "2026-01-01"}]}),
        ([("bad-date", ("closures", 0, "until"))], {"closures": [{"from": "2026-01-01", "until": "01-02"}]}),
        ([("bad-instant", ("closures", 0, "from"))],
         {"closures": [{"from": "2026-01-01T25:00", "until": "3000-01-01"}]}),
        ([("bad-instant", ("closures", 0, "from"))], {"closures": [{"from": 3, "until": "2026-01-02"}]}),
        ([("reversed", ("closures", 0))], {"closures": [{"from": "2026-01-02T10:00", "until": "2026-01-02T10:00"}]}),
        ([("reversed", ("closures", 0))], {"closures": [{"from": "2026-01-02T10:00", "until": "2026-01-02T10:00Z"}]}),
        ([("unknown-zone", ("timezone",)), ("reversed", ("closures", 0))],
         {"timezone": "X", "closures": [{"from": "2026-01-02", "until": "2026-01-01"}]}),
    ],
)  # fmt: skip
def test_faults_and_their_places(wanted: object, arguments: dict[str, object]) -> None:
    """Each fault has a stable code and the path of the argument at fault."""
    assert wanted == faults_of(**arguments)


@pytest.mark.parametrize(
    ("shared", "one", "other"),
    [
        ("01-10", ("11-15", "01-10"), ("01-10", "02-01")),
        ("2026-12-01", ("11-15", "01-10"), ("2026-12-01", "2026-12-05")),
        ("2026-12-01", ("2026-12-01", "2026-12-05"), ("11-15", "01-10")),
        ("2026-12-05", ("2026-12-01", "2026-12-05"), ("2026-12-05", "2026-12-09")),
    ],
)
def test_seasons_may_not_share_a_date(shared: str, one: tuple[str, str], other: tuple[str, str]) -> None:
    """Overlapping seasons are a fault that names a date that both hold."""
    seasons = [{"from": first, "until": last, "hours": []} for first, last in (one, other)]
    problem = only_problem(seasons=seasons)
    assert ("overlap", ("seasons", 1)) == (problem.code, problem.keys)
    assert f"both hold {shared}" == problem.hint


def test_seasons_apart_are_taken() -> None:
    """Seasons of different years, and recurring ones that only touch, do not overlap."""
    spans = [("2026-06-01", "2026-08-31"), ("2027-06-01", "2027-08-31"), ("11-01", "12-31"), ("01-01", "01-05")]
    seasons = [{"from": first, "until": last, "hours": "24h", "name": "peak"} for first, last in spans]
    calendar = WorkingCalendar(seasons=seasons)
    assert calendar == WorkingCalendar.from_dict(calendar.to_dict())
    assert calendar == WorkingCalendar(seasons=seasons[::-1], hours=[])


# -------------------------------------------------------------------------------------------------------- country rules


def test_public_holidays_of_a_country() -> None:
    """A country's rule gives its holidays, a subdivision's too, observed days of the next year included."""
    pytest.importorskip("holidays")
    berlin = WorkingCalendar(hours="24h", holidays=[{"country": "DE", "subdivision": "BE"}])
    assert 'closed: holiday "Frauentag"' == berlin.why("2026-03-08T12:00Z")
    assert "open" == WorkingCalendar(hours="24h", holidays=[{"country": "DE"}]).why("2026-03-08T12:00Z")
    assert berlin == WorkingCalendar.from_dict(berlin.to_dict())
    usa = WorkingCalendar(hours="24h", holidays=[{"country": "US"}])
    assert not usa.is_open("2027-12-31T12:00Z")  # 1 January 2028 is a Saturday.
    strict = WorkingCalendar(hours="24h", holidays=[{"country": "US", "observed": "false"}])
    assert strict.is_open("2027-12-31T12:00Z")
    english = {"country": "DE", "language": "en_US", "categories": ["public"], "observed": True}
    assert "German Unity Day" in WorkingCalendar(hours="24h", holidays=[english]).why("2026-10-03T12:00Z")
    full = WorkingCalendar(hours="24h", holidays=[english | {"subdivision": "BE", "observed": False}])
    assert full == WorkingCalendar.from_dict(full.to_dict())
    assert 0 < full.between_us(MAX_US - 8 * 10**15, MAX_US)


@pytest.mark.parametrize(
    ("code", "key", "rule"),
    [
        ("unknown-country", "country", {"country": "XX"}),
        ("wrong-type", "country", {"country": False}),
        ("unknown-subdivision", "subdivision", {"country": "DE", "subdivision": "XX"}),
        ("unknown-categories", "categories", {"country": "DE", "categories": ["pubic"]}),
        ("unknown-language", "language", {"country": "DE", "language": "tlh"}),
        ("wrong-type", "observed", {"country": "DE", "observed": "no"}),
        ("wrong-type", "categories", {"country": "DE", "categories": "public"}),
        ("unknown-key", "name", {"country": "DE", "name": "X"}),
    ],
)
def test_country_rules_that_are_refused(code: str, key: str, rule: dict[str, object]) -> None:
    """Unknown countries, subdivisions, categories and languages are faults at their key."""
    pytest.importorskip("holidays")
    problem = only_problem(holidays=[rule])
    assert (code, ("holidays", 0, key)) == (problem.code, problem.keys)


def test_a_missing_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the `holidays` package a country's rule raises MissingExtraError, an ImportError."""
    monkeypatch.setitem(__import__("sys").modules, "holidays", None)
    with pytest.raises(ImportError, match=r'pip install "slaclock\[holidays\]"'):
        WorkingCalendar(hours=[], holidays=[{"country": "DE"}])


# ---------------------------------------------------------------------------------------------------------- all at once


def test_every_fault_is_told_at_once() -> None:
    """The constructor collects all faults into one error, a line for each."""
    with pytest.raises(CalendarError) as caught:
        WorkingCalendar(timezone="Mars", hours={"mon": "9-17"}, holidays=["x"], name="office")
    assert "calendar `office`: 3 problems" == str(caught.value).splitlines()[0]
    assert 4 == len(str(caught.value).splitlines())
    with pytest.raises(CalendarError) as caught:
        WorkingCalendar()
    assert [("missing-key", ())] == [(problem.code, problem.keys) for problem in caught.value.problems]


def test_values_are_shown_as_they_were_written() -> None:
    """Text in back quotes, dates as ISO text, long values cut, and nothing where nothing was."""

    class Shy:
        def __repr__(self) -> str:
            raise RuntimeError

    assert ["`a`", "2026-12-24", "nothing", "a Shy", "`\\x00`"] == [
        show(value) for value in ("a", date(2026, 12, 24), None, Shy(), "\0")
    ]
    assert 62 >= len(show("x" * 100))
    assert "2026-12-24T00:00:00+00:00" == show(datetime(2026, 12, 24, tzinfo=UTC))
