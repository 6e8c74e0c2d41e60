"""Years of one mark are alike, so that questions over thousands of years are answered from a few dozen of them."""

from __future__ import annotations

import random
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendar_cases import ODD, calendars, week_argument, weeks, zones_of_the_world
from slaclock._edges import Timeline
from slaclock._instants import DAY_US, MAX_US, MIN_US, Run, load_zone, offset_runs, to_us
from slaclock._spans import Span, total, union
from slaclock._table import year_start
from slaclock._years import around, clock_of, kind_of, within
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.errors import UnknownZoneError

NEW_YEAR = ["12-30", "12-31", "01-01", "01-02", "02-28", "02-29", "03-01", "07-04"]
YEARS = st.integers(2, 9998)
HOURS = st.sampled_from(["all day", {"mon-fri": "09:00-17:00"}, {"mon-sun": ["00:00-02:30", "22:00-06:00"][1:]}])


@st.composite
def long_lived(draw: st.DrawFn) -> WorkingCalendar:
    """A calendar whose dates lie anywhere in time, most of them where one year touches the next."""

    def span() -> tuple[int, int]:
        first, last = sorted(draw(st.lists(YEARS, min_size=2, max_size=2)))
        return first, last

    holidays = draw(st.lists(st.sampled_from(NEW_YEAR), max_size=2))
    holidays += [f"{year:04d}-12-31" for year in draw(st.lists(YEARS, max_size=2))]
    if draw(st.booleans()):
        holidays.append("{:04d}-12-30..{:04d}-12-31".format(*span()))
    special = dict.fromkeys(draw(st.lists(st.sampled_from(NEW_YEAR), max_size=2)), "20:00-04:00")
    special |= {f"{year:04d}-01-01": "06:00-07:00" for year in draw(st.lists(YEARS, max_size=1))}
    seasons: list[dict[str, object]] = []
    if draw(st.booleans()):
        seasons.append({"from": "11-15", "until": "02-29", "hours": week_argument(draw(weeks))})
    elif draw(st.booleans()):
        first, last = span()
        seasons.append({"from": f"{first:04d}-12-31", "until": f"{last:04d}-12-31", "hours": draw(HOURS)})
    closures = []
    if draw(st.booleans()):
        first, last = span()
        closures.append({"from": f"{first:04d}-12-31T22:00", "until": f"{last + 1:04d}-01-01T03:00"})
    return WorkingCalendar(
        timezone=draw(st.sampled_from([zone for zone, _ in ODD])),
        hours=draw(HOURS),
        holidays=holidays,
        special=special,
        seasons=seasons,
        closures=closures,
        holidays_close=draw(st.sampled_from(["dates", "shifts"])),
    )


def put_together(one: WorkingCalendar, other: WorkingCalendar, op: str) -> WorkingCalendar:
    return {"|": one | other, "&": one & other, "-": one - other, "": one}[op]


def timelines(calendar: WorkingCalendar) -> list[Timeline]:
    """Of its open time, and of its business dates."""
    return [calendar._time, calendar._business._dates]


@settings(deadline=None, max_examples=5)
@given(long_lived(), long_lived(), st.sampled_from(["", "", "|", "&", "-"]), st.randoms(use_true_random=False))
def test_years_of_one_mark_have_the_same_members(
    one: WorkingCalendar, other: WorkingCalendar, op: str, rnd: random.Random
) -> None:
    """Counted from the beginning of each; and a year's total is that of its members, whoever had its mark before."""
    for timeline in timelines(put_together(one, other, op)):
        source = timeline._source
        by_mark: dict[object, list[int]] = {}
        for year in rnd.sample(range(1, 10_000), 250):
            timeline._year_total(year)
            by_mark.setdefault(source.mark(year), []).append(year)
        shared = [years for mark, years in by_mark.items() if mark is not None and len(years) > 1]
        assert shared
        for years in rnd.sample(shared, min(6, len(shared))):
            one_year, other_year = (spans_of(timeline, year) for year in (years[0], years[-1]))
            assert one_year == other_year
            assert total(one_year) == timeline._year_total(years[-1])


def test_a_season_of_given_years_marks_them() -> None:
    """Its years are like each other where they are wholly in it, and like no year without it."""
    calendar = WorkingCalendar(
        hours="09:00-17:00", seasons=[{"from": "2601-06-01", "until": "2999-12-31", "hours": "09:00-10:00"}]
    )
    inside, outside, first = (calendar._source.mark(year) for year in (2701, 3101, 2601))
    assert inside == calendar._source.mark(2718)
    assert 3 == len({inside, outside, first})
    assert calendar.between("2500-01-01T00:00Z", "3200-01-01T00:00Z").in_hours() == sum(
        1 if date(2601, 6, 1).toordinal() <= number <= date(2999, 12, 31).toordinal() else 8
        for number in range(date(2500, 1, 1).toordinal(), date(3200, 1, 1).toordinal())
    )


def spans_of(timeline: Timeline, year: int) -> list[Span]:
    start = year_start(year)
    return [(a - start, b - start) for a, b in timeline._source.spans(start, year_start(year + 1))]


@settings(deadline=None, max_examples=10)
@given(long_lived(), long_lived(), st.sampled_from(["", "|", "-"]), YEARS, st.integers(33, 60), st.integers(0, DAY_US))
def test_long_stretches_are_made_of_their_years(
    one: WorkingCalendar, other: WorkingCalendar, op: str, year: int, count: int, shift: int
) -> None:
    """What is open over decades, put together from years that are alike, is what it is when compiled in one go."""
    calendar = put_together(one, other, op)
    lo, hi = year_start(year) + shift, min(year_start(min(year + count, 9999)) + 90 * DAY_US + shift, MAX_US)
    wanted = union(calendar._source.spans(lo, hi))
    assert wanted == calendar.spans_us(lo, hi)
    assert total(wanted) == calendar.between_us(lo, hi)


@given(calendars())
@settings(deadline=None, max_examples=10)
def test_the_calendar_repeats_after_400_years(case: tuple[WorkingCalendar, object, object]) -> None:
    """Far from every date that has a year, four hundred years hold the same open time whenever they begin."""
    calendar = case[0]
    a, b, c = (year_start(year) for year in (2600, 3000, 9800))
    cycle = calendar.between_us(a, b)
    assert cycle == calendar.between_us(c - (b - a), c)
    assert 17 * cycle == calendar.between_us(a, year_start(2600 + 17 * 400))


def test_whole_time_is_measured_exactly() -> None:
    """From the year 1 to the end of 9999: by the days of the week in it, and by the length of its days."""
    office = WorkingCalendar(hours={"mon-fri": "09:00-17:00"})
    days = [len(range(day, date.max.toordinal() + 1, 7)) for day in (1, 2, 3, 4, 5)]
    assert sum(days) * 8 * 3_600_000_000 == office.between_us(MIN_US, MAX_US)
    assert sum(days) == office.business_days_between("0001-01-01", "9999-12-31") + 1
    assert MAX_US - MIN_US == (ALWAYS | office).between_us(MIN_US, MAX_US)
    assert 0 == (office - ALWAYS).between_us(MIN_US, MAX_US)
    assert sum(days) * 8 * 3_600_000_000 == (ALWAYS & office).between_us(MIN_US, MAX_US)


def test_the_first_and_the_last_year_are_like_no_other() -> None:
    """What bears on them lies outside time."""
    office = WorkingCalendar(hours={"mon-fri": "09:00-17:00"})
    for timeline in timelines(office) + timelines(office | ALWAYS):
        assert [None, None] == [timeline._source.mark(year) for year in (1, 9999)]


def test_there_are_28_kinds_of_years() -> None:
    """Seven weekdays to begin on, and leap years beside each other never."""
    kinds = {kind_of(year): year for year in range(1, 401)}
    assert 28 == len(kinds)
    assert kind_of(2026) == kind_of(1998) != kind_of(2037)
    assert [kind_of(year) for year in range(1, 401)] == [kind_of(year) for year in range(9601, 10_001)]


def test_spans_within_are_found_by_bisection() -> None:
    """Those that touch the stretch from outside are not in it."""
    spans = [(0, 5), (8, 12), (20, 30)]
    for lo in range(-2, 33):
        for hi in range(lo, 34):
            wanted = [(max(a, lo), min(b, hi)) for a, b in spans if max(a, lo) < min(b, hi)]
            assert wanted == within(spans, lo, hi)


def clock_runs(name: str, years: list[int]) -> list[list[Run]]:
    """How a zone's clock goes in some years, and around them, counted from the beginning of each."""
    zone = load_zone(name)
    return [
        [(a - year_start(year), b - year_start(year), offset) for a, b, offset in offset_runs(zone, *around(year))]
        for year in years
    ]


def check_far_years(name: str, rnd: random.Random, count: int) -> None:
    by_kind: dict[int, list[int]] = {}
    for year in range(2501, 9999):
        by_kind.setdefault(kind_of(year), []).append(year)
    for years in rnd.sample(list(by_kind.values()), count):
        one, other, third = clock_runs(name, [years[0], rnd.choice(years), years[-1]])
        assert one == other == third
        assert 1 == len({clock_of(load_zone(name), year) for year in years})
    assert 1 == len(offset_runs(load_zone(name), to_us("1790-01-01T00:00Z"), year_start(1800) + 9 * DAY_US))


@pytest.mark.parametrize(
    "name", sorted({zone for zone, _ in ODD} | {"Africa/Monrovia", "Asia/Manila", "America/Juneau"})
)
def test_far_years_have_one_clock_each_kind(name: str) -> None:
    """After 2500 a zone's clock goes by the calendar alone, and before 1800 it stands."""
    check_far_years(name, random.Random(name), 2)


@pytest.mark.zones
@pytest.mark.parametrize("names", zones_of_the_world(), ids="=".join)
def test_far_years_have_one_clock_each_kind_in_every_zone(names: list[str]) -> None:
    """The same for all zones and all kinds of years, and from the year 1 on."""
    name = names[0]
    try:
        zone = load_zone(name)
    except UnknownZoneError:
        return
    check_far_years(name, random.Random(name), 28)
    assert 1 == len(offset_runs(zone, MIN_US, year_start(1800) + 9 * DAY_US))


def test_years_with_holidays_of_a_country_are_told_apart_by_them() -> None:
    """A century of them is what its years come to."""
    pytest.importorskip("holidays")
    hours = {"timezone": "America/New_York", "hours": {"mon-fri": "09:00-17:00"}, "holidays": [{"country": "US"}]}
    calendar = WorkingCalendar.from_dict(hours)
    years = [year_start(year) for year in range(1990, 2091)]
    assert sum(calendar.between_us(a, b) for a, b in pairwise(years)) == calendar.between_us(years[0], years[-1])
