"""Whatever is thrown at calendars and amounts brings an answer or a documented error, in bounded time.

Documented are the errors of our tree; what the types of arguments forbid, and what no caller could mean.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pendulum
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import slaclock as sla
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.errors import CalendarError, MissingExtraError, NaiveTimeError, OutOfRangeError

OFFICE = WorkingCalendar(
    timezone="Europe/Berlin",
    hours={"mon-fri": "09:00-17:00", "sat": "22:00-06:00"},
    holidays=["12-25"],
    special={"2026-12-24": "09:00-12:00"},
    closures=[{"from": "2026-03-02", "until": "2026-03-03"}],
)
DECADE = WorkingCalendar(hours=[], special={f"{year}-05-05": "09:00-12:00" for year in range(2020, 2101, 10)})
CALENDARS = [ALWAYS, OFFICE, OFFICE | DECADE, DECADE - OFFICE, WorkingCalendar(hours=[])]

WORDS = st.sampled_from(
    [
        "mon",
        "mon-fri",
        "fri-mon",
        "09:00-17:00",
        "22:00-06:00",
        "24:00-25:00",
        "23:59-23:59",
        "all day",
        "2026-02-30",
        "12-25",
        "02-29",
        "2026-12-24..2026-12-23",
        "2026-03-29T02:30",
        "0001-01-01",
        "9999-12-31",
        "9999-12-31T24:00",
        "Europe/Berlin",
        "Mars",
        "DE",
        "public",
        "4h",
        "-4h",
        "1d",
        "3 business days",
        "best effort",
        "P1D",
        "999999999999h",
        "0.000001s",
        "2026-03-02T09:00Z",
        "0001-01-01T00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "0001-01-01T00:00+14:00",
        "BEGIN:VCALENDAR\n",
        "x" * 5_000,
        "9" * 5_000,
        "é\u202e\x00",
        "",
    ]
)
SCALARS = st.one_of(
    WORDS,
    st.text(max_size=12),
    st.none(),
    st.booleans(),
    st.integers(-3, 100_000),
    st.just(10**400),
    st.floats(),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.datetimes(),
    st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
    st.timedeltas(timedelta(days=-999), timedelta(days=999)),
    st.binary(max_size=3),
    st.sampled_from(
        [date.min, date.max, datetime.min, datetime.max, timedelta.max, timedelta.min, object(), float("nan")]
    ),
)
KEYS = st.sampled_from(
    [
        "timezone",
        "hours",
        "holidays",
        "special",
        "closures",
        "seasons",
        "holidays_close",
        "name",
        "from",
        "until",
        "date",
        "country",
        "subdivision",
        "categories",
        "language",
        "observed",
        "remove",
        "ics",
        "reason",
        "union",
        "difference",
        "mon-fri",
    ]
)
GARBAGE = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | WORDS | st.integers(), inner, max_size=4),
    max_leaves=8,
)
ARGUMENTS = st.fixed_dictionaries(
    {"hours": GARBAGE},
    optional=dict.fromkeys(
        ("timezone", "holidays", "special", "closures", "seasons", "holidays_close", "name"), GARBAGE
    ),
)
INSTANTS = st.one_of(
    st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),
    st.datetimes(datetime(1800, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()),
    st.sampled_from(
        ["0001-01-01T00:00Z", "9999-12-31T23:59:59.999999Z", "2026-03-29T01:00Z", "1800-01-01T00:00+01:00"]
    ),
)
# Of the processor's time: a question over all years takes some ten.
MOST_SECONDS = 90
thorough = settings(max_examples=60)


def bounded(question: Callable[[], object]) -> object:
    """The answer, or None for an error of our tree whose text says something; anything else fails the test."""
    begin = time.process_time()
    answer: object = None
    fault = "an answer"
    try:
        answer = question()
    except (CalendarError, NaiveTimeError, MissingExtraError) as error:
        fault = str(error)
    assert len(fault) > 8
    assert time.process_time() - begin < MOST_SECONDS
    return answer


@thorough
@given(ARGUMENTS)
def test_constructor(arguments: dict[str, Any]) -> None:
    made = bounded(lambda: WorkingCalendar(**arguments))
    if isinstance(made, WorkingCalendar):
        assert made == WorkingCalendar.from_dict(made.to_dict())
        bounded(lambda: made.add("2026-03-02T09:00Z", "40h"))
        bounded(lambda: made.week("2026-03-02"))


@thorough
@given(GARBAGE)
def test_from_dict(data: object) -> None:
    bounded(lambda: WorkingCalendar.from_dict(data))


@thorough
@given(st.sampled_from(CALENDARS), st.one_of(GARBAGE, INSTANTS), st.one_of(GARBAGE, INSTANTS))
def test_questions_of_garbage(calendar: WorkingCalendar, one: Any, other: Any) -> None:
    for question in (
        calendar.is_open,
        calendar.why,
        calendar.next_open,
        calendar.next_close,
        calendar.previous_open,
        calendar.previous_close,
        calendar.is_business_day,
        calendar.week,
        calendar.in_timezone,
        calendar.with_name,
        calendar.with_closures,
        sla.Amount.parse,
        sla.Amount.of,
    ):
        bounded(lambda ask=question: ask(one))  # type: ignore[misc]
    for two in (calendar.add, calendar.subtract, calendar.add_business_days):
        bounded(lambda ask=two: ask(one, other))  # type: ignore[misc]
        bounded(lambda ask=two: ask("2026-03-02T09:00Z", other))  # type: ignore[misc]
    bounded(lambda: calendar.between(one, other))
    bounded(lambda: calendar.business_days_between(one, other))


@settings(max_examples=30)
@given(st.sampled_from(CALENDARS), INSTANTS, st.sampled_from(["1h", "-1h", "0.000001s", "100000h", "-100000h", "0s"]))
def test_sound_questions_have_answers(calendar: WorkingCalendar, at: Any, amount: str) -> None:
    """Any instant of any year, in any zone: an answer, or that there is none."""
    after = bounded(lambda: calendar.add(at, amount))
    if isinstance(after, pendulum.DateTime):
        assert calendar.between(at, after) == sla.Amount.parse(amount, signed=True).us * timedelta(microseconds=1)
    for question in (calendar.next_open, calendar.next_close, calendar.previous_open, calendar.previous_close):
        bounded(lambda ask=question: ask(at))  # type: ignore[misc]
    bounded(lambda: calendar.segments(at, after if isinstance(after, datetime) and amount == "1h" else at))
    bounded(lambda: calendar.intervals(at, at))


@given(
    st.one_of(st.sampled_from(["open", "business_days", "calendar_days", "best_effort"]), GARBAGE),
    GARBAGE,
    GARBAGE,
    st.one_of(st.none(), st.just("close"), GARBAGE),
    st.one_of(st.booleans(), GARBAGE),
)
def test_amounts_are_sound_or_refused(kind: Any, us: Any, days: Any, by: Any, same_day: Any) -> None:
    """What is no amount cannot be made; what can be made can be shown, and used as an argument."""
    made = bounded(lambda: sla.Amount(kind, us, days, by, same_day))
    if isinstance(made, sla.Amount):
        bounded(lambda: OFFICE.add("2026-03-02T09:00Z", made))
        bounded(lambda: OFFICE.subtract("2026-03-02T09:00Z", made))
        bounded(lambda: OFFICE.add_business_days("2026-03-02", made))
        assert str(made)


def test_amounts_as_arguments() -> None:
    """sla.Amount stands wherever an amount may: in questions, for days, in policies, events and files of policies."""
    at = "2026-03-09T10:00+01:00"
    for text in ("4h", "90m", "-4h"):
        amount = sla.Amount.parse(text, signed=True)
        assert (OFFICE.add(at, text), OFFICE.subtract(at, text)) == (
            OFFICE.add(at, amount),
            OFFICE.subtract(at, amount),
        )
    for text in ("3 business days", "next business day by 16:00", "same business day", "15 calendar days"):
        assert OFFICE.add(at, text) == OFFICE.add(at, sla.Amount.parse(text))
    three = sla.Amount.parse("3 business days")
    assert date(2026, 3, 12) == OFFICE.add_business_days("2026-03-09", three)
    for wrong in (sla.Amount.parse("4h"), sla.Amount.parse("next business day"), 1.5, True, "3"):
        with pytest.raises(CalendarError, match="a whole number of business days"):
            OFFICE.add_business_days("2026-03-09", wrong)  # type: ignore[arg-type]
    assert sla.Amount.parse("2h") == sla.Extended(at=at, metric="resolution", by=sla.Amount.parse("2h"), reason="x").by


def test_enormous_things_end() -> None:
    """The largest numbers and the longest texts are refused or answered within seconds."""
    huge: list[Callable[[], object]] = [
        lambda: OFFICE.add("2026-03-02T09:00Z", timedelta.max),
        lambda: OFFICE.add("2026-03-02T09:00Z", "60000000h"),
        lambda: OFFICE.add_business_days("2026-03-02", 10**4000),
        lambda: OFFICE.add_business_days("2026-03-02", -3_000_000),
        lambda: WorkingCalendar(hours="9" * 10_000_000),
        lambda: WorkingCalendar(hours="09:00-17:00," * 100_000),
        lambda: WorkingCalendar(hours={"mon-fri," * 100_000: "24h"}),
        lambda: WorkingCalendar(hours=[], timezone="Europe/" * 100_000),
        lambda: WorkingCalendar(hours=[], holidays=["2026-01-01", "x"] * 20_000),
        lambda: WorkingCalendar(hours=[], seasons=[{"from": "01-01", "until": "01-02", "hours": []}] * 1_000),
        lambda: WorkingCalendar(hours=[], seasons=[{"from": "01-01", "until": "01-02", "hours": []}] * 1_001),
        lambda: sla.Amount.parse("1" * 1_000_000 + "h"),
        lambda: OFFICE.between("0001-01-01T00:00Z", "9999-12-31T23:59:59.999999Z"),
    ]
    for question in huge:
        bounded(question)


# --------------------------------------------------------------------------------------- rarely, never, far and finely


def test_a_calendar_that_opens_once_in_ten_years() -> None:
    """Three hours every ten years: amounts run over decades, and past the last of them there is no more."""
    assert "2050-05-05T10:00:00+00:00" == DECADE.add("2026-01-01T00:00Z", "7h").isoformat()
    assert "2020-05-05T09:00:00+00:00" == DECADE.subtract("2041-01-01T00:00Z", "9h").isoformat()
    assert "2030-05-05T09:00:00+00:00" == str(DECADE.next_open("2026-01-01T00:00Z")).replace(" ", "T")
    assert 27 == DECADE.between("0001-01-01T00:00Z", "9999-12-31T00:00Z").in_hours()
    with pytest.raises(CalendarError, match="within 100 years"):
        DECADE.add("2026-01-01T00:00Z", "25h")
    assert None is DECADE.next_open("2100-05-05T12:00Z")


@pytest.mark.parametrize("year", [1, 2, 1582, 1800, 1883, 1969, 2038, 2500, 9000, 9998])
def test_far_years(year: int) -> None:
    """A week has its hours in any year; before 1894 the clock of Berlin was 53:28 ahead of UTC, by the sun."""
    calendar = WorkingCalendar(timezone="Europe/Berlin", hours={"mon-sun": "09:00-17:00"})
    at = datetime(year, 6, 1, tzinfo=UTC)
    assert pendulum.duration(hours=56) == calendar.between(at, at + timedelta(days=7))
    opening = calendar.next_open(at)
    assert opening is not None
    assert (9, 0, 0) == (opening.hour, opening.minute, opening.second)
    assert opening.utcoffset() == (timedelta(minutes=53, seconds=28) if year < 1894 else opening.utcoffset())
    assert calendar.add(at, "8h") == calendar.next_close(at) == opening.add(hours=8)


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_microseconds_count(before: int, amount: int) -> None:
    """Nothing is rounded, in any century: so many microseconds before closing, and so many after the next opening."""
    for year in (2, 1800, 2026, 2600, 9990):
        calendar = WorkingCalendar(hours={"mon-sun": "09:00-17:00"})
        close = datetime(year, 3, 2, 17, tzinfo=UTC)
        found = calendar.add(close - timedelta(microseconds=before), timedelta(microseconds=before + amount))
        assert datetime(year, 3, 3, 9, tzinfo=UTC) + timedelta(microseconds=amount) == found


# ------------------------------------------------------------------------------- what bad input is told, word by word


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"timezone": "Europe/Berln"},
         ("timezone: found `Europe/Berln`, expected the IANA name of a time zone, such as Europe/Berlin; "
         "did you mean `Europe/Berlin`?")),
        ({"hours": {"mon": ["09:00-13:00", "12:00-17:00"]}},
         ("hours.mon: found ['09:00-13:00', '12:00-17:00'], expected intervals of one day that do not overlap; "
         "write `09:00-17:00`")),
        ({"hours": ""},
         "hours: found ``, expected hours such as `09:00-17:00`, a list of them, `all day`, or `[]` for closed"),
        ({"hours": {"mon": "24:00-06:00"}},
         ("hours.mon: found `24:00-06:00`, expected a start before 24:00; 24:00 can only be an end; "
         "the next day starts at 00:00")),
        ({"hours": {"mon": "09:00-25:00"}},
         "hours.mon: found `09:00-25:00`, expected times from 00:00 to 24:00, such as `09:00` or `17:30:15`"),
        ({"hours": {"mon": "09:00-23:59"}},
         ("hours.mon: found `09:00-23:59`, expected an end that leaves no hole of one minute; "
         "write 24:00 for the midnight that ends the day (or 23:59:00 if you mean that minute to be closed)")),
        ({"holidays": ["2026-02-30"]}, "holidays[0]: found `2026-02-30`, expected a date that exists"),
        ({"special": {"02-30": []}}, "special.02-30: found `02-30`, expected a date that exists"),
        ({"seasons": [{"from": "2026-06-30", "until": "2026-06-01", "hours": []}]},
         "seasons[0]: found `2026-06-30..2026-06-01`, expected a first date that does not lie after the last"),
        ({"seasons": [{"from": "06-01", "until": "08-31", "hours": []},
                      {"from": "2026-08-31", "until": "2026-09-30", "hours": []}]},
         ("seasons[1]: found `2026-08-31..2026-09-30`, expected dates outside season 0, 06-01..08-31; "
         "both hold 2026-08-31")),
        ({"closures": [{"from": "2026-03-02T10:00", "until": "2026-03-02T09:00"}]},
         "closures[0]: found `2026-03-02T10:00:00..2026-03-02T09:00:00`, expected an end after the start"),
        ({"seasons": [{"from": "01-01", "until": "01-01", "hours": []}] * 1_001},
         "seasons: found `1001 seasons`, expected at most 1000 seasons"),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_full(arguments: dict[str, Any], told: str) -> None:
    """What was found, what was expected, where, and what to do."""
    with pytest.raises(CalendarError) as caught:
        WorkingCalendar(**{"hours": [], **arguments})
    assert f"working calendar: 1 problem\n{told}" == str(caught.value)


def test_bad_arguments_of_methods_are_told() -> None:
    for question, told in (
        (lambda: OFFICE.with_closures(3), "found 3, expected a list of closures, each with from and until"),  # type: ignore[arg-type]
        (lambda: OFFICE.with_closures({"from": 1}), "expected a list of closures"),  # type: ignore[arg-type]
        (lambda: OFFICE.with_name(3), "name: found 3, expected text"),  # type: ignore[arg-type]
        (lambda: OFFICE.in_timezone("Berlin"), "found 'Berlin', expected the IANA name of a time zone"),
        (lambda: sla.Amount(kind="day"), "expected an amount such as `4h`.*make it by Amount.parse"),  # type: ignore[arg-type]
    ):
        with pytest.raises(CalendarError, match=told):
            question()
    with pytest.raises(OutOfRangeError):
        OFFICE.add_business_days("9999-12-31", 1)
