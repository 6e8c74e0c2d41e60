"""The laws of working time, held against the oracle around every odd change of the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calendar_cases import ODD, calendars
from oracle_calendar import DAY_MINUTES, MINUTE, OracleCalendar
from slaclock._instants import DAY_US, MAX_US, MIN_US, MINUTE_US, from_us, load_zone, to_us
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.errors import NeverOpenError, OutOfRangeError

Case = tuple[WorkingCalendar, OracleCalendar, datetime]
SPAN = 4 * DAY_MINUTES
offsets = st.integers(0, SPAN * MINUTE_US)
quick = settings(deadline=None, max_examples=60)
slow = settings(deadline=None, max_examples=40)


@slow
@given(calendars())
def test_open_is_what_the_wall_clock_says(case: Case) -> None:
    """A calendar is open at an instant if and only if the wall clock reads an open time and no closure holds."""
    calendar, oracle, start = case
    first = to_us(start)
    wanted = oracle.minutes(start, start + MINUTE * SPAN)
    found = [calendar.is_open_us(first + index * MINUTE_US) for index in range(SPAN)]
    assert wanted == found


@slow
@given(calendars(), st.integers(0, SPAN), st.integers(0, SPAN), st.integers(0, 600))
def test_measures_agree_with_counting_minutes(case: Case, a: int, b: int, amount: int) -> None:
    """between, add and subtract are what counting open minutes gives."""
    calendar, oracle, start = case
    one, other = start + MINUTE * min(a, b), start + MINUTE * max(a, b)
    assert oracle.between(one, other) // MINUTE * MINUTE_US == calendar.between_us(to_us(one), to_us(other))
    later = oracle.add(one, amount, SPAN)
    if later is not None:
        assert to_us(later) == calendar.add_us(to_us(one), amount * MINUTE_US)
    earlier = oracle.subtract(other, amount, SPAN)
    if earlier is not None:
        assert to_us(earlier) == calendar.add_us(to_us(other), -amount * MINUTE_US)


@settings(deadline=None, max_examples=25)
@given(calendars())
def test_business_dates_agree_with_the_oracle(case: Case) -> None:
    """A business date is one on which an interval begins that is open on that date."""
    calendar, oracle, start = case
    days = [(start + timedelta(days=step)).date() for step in range(5)]
    wanted = [oracle.is_business_day(day) for day in days]
    assert wanted == [calendar.is_business_day(day) for day in days]
    assert sum(wanted) == calendar.business_days_between(days[0], days[-1] + timedelta(days=1))
    assert -sum(wanted) == calendar.business_days_between(days[-1] + timedelta(days=1), days[0])


@quick
@given(calendars(), offsets, offsets, offsets)
def test_law_1_stretches_add_up(case: Case, a: int, b: int, c: int) -> None:
    """between(a, b) + between(b, c) = between(a, c), in any order."""
    calendar, _, start = case
    one, two, three = (to_us(start) + offset for offset in (a, b, c))
    assert calendar.between_us(one, three) == calendar.between_us(one, two) + calendar.between_us(two, three)


@quick
@given(calendars(), offsets, st.integers(1, 5 * DAY_US))
def test_law_2_add_is_the_first_instant(case: Case, offset: int, amount: int) -> None:
    """between(t, add(t, n)) = n, and one microsecond earlier n - 1; subtract is the mirror."""
    calendar, _, start = case
    t = to_us(start) + offset
    try:
        u = calendar.add_us(t, amount)
        v = calendar.add_us(t, -amount)
    except (NeverOpenError, OutOfRangeError):
        return
    assert (amount, amount - 1) == (calendar.between_us(t, u), calendar.between_us(t, u - 1))
    assert (amount, amount - 1) == (calendar.between_us(v, t), calendar.between_us(v + 1, t))
    last = calendar.add_last_us(t, amount)
    assert amount == calendar.between_us(t, last)
    assert last == u or (calendar.is_open_us(last) and not calendar.is_open_us(last - 1))


@quick
@given(calendars(), offsets, st.integers(1, 4))
def test_law_2_holds_at_closings_and_openings(case: Case, offset: int, steps: int) -> None:
    """An amount used up at closing ends at closing, and one that begins at an opening begins there."""
    calendar, _, start = case
    t = to_us(start) + offset
    closing: int | None = t
    opening: int | None = t
    for _ in range(steps):
        closing = None if closing is None else calendar.next_close_us(closing)
        opening = None if opening is None else calendar.previous_open_us(opening, strict=True)
    if closing is not None:
        assert closing == calendar.add_us(t, calendar.between_us(t, closing))
    if opening is not None and calendar.between_us(opening, t):
        assert opening == calendar.add_us(t, -calendar.between_us(opening, t))


@quick
@given(calendars(), offsets)
def test_law_3_open_is_one_microsecond(case: Case, offset: int) -> None:
    """is_open(t) if and only if between(t, t + 1 us) = 1 us."""
    calendar, _, start = case
    t = to_us(start) + offset
    assert calendar.is_open_us(t) == (calendar.between_us(t, t + 1) == 1)


@quick
@given(calendars(), calendars(), offsets, offsets)
def test_law_4_algebra_holds_pointwise_and_in_totals(one: Case, two: Case, a: int, b: int) -> None:
    """Union, intersection and difference are those of the open instants."""
    x, _, start = one
    y = two[0].in_timezone("Asia/Tokyo")
    t, u = to_us(start) + min(a, b), to_us(start) + max(a, b)
    x_open, y_open = x.is_open_us(t), y.is_open_us(t)
    assert (x_open or y_open, x_open and y_open, x_open and not y_open) == (
        (x | y).is_open_us(t),
        (x & y).is_open_us(t),
        (x - y).is_open_us(t),
    )
    both = (x & y).between_us(t, u)
    assert x.between_us(t, u) + y.between_us(t, u) == (x | y).between_us(t, u) + both
    assert x.between_us(t, u) == (x - y).between_us(t, u) + both


@pytest.mark.parametrize("zone", sorted({zone for zone, _ in ODD}))
def test_law_5_round_the_clock_is_the_wall_span(zone: str) -> None:
    """A calendar open round the clock measures real time in every zone, whatever its wall clock does."""
    calendar = WorkingCalendar(timezone=zone, hours={"mon-sun": "06:00-06:00"})
    for _, text in ODD:
        t = to_us(f"{text}Z") - 40 * DAY_US
        assert 90 * DAY_US == calendar.between_us(t, t + 90 * DAY_US)
        assert t + 7 * DAY_US + 1 == calendar.add_us(t, 7 * DAY_US + 1)
        assert [(t, t + DAY_US)] == calendar.spans_us(t, t + DAY_US)


@settings(deadline=None, max_examples=200)
@given(st.integers(MIN_US + 2 * DAY_US, MAX_US - 2 * DAY_US), st.sampled_from(ODD))
def test_law_18_instants_survive_the_door(us: int, odd: tuple[str, str]) -> None:
    """Microseconds -> DateTime -> microseconds is the identity over the years 1 to 9999."""
    zone = load_zone(odd[0])
    value = from_us(us, zone)
    assert us == to_us(value)
    assert us == to_us(value)  # The second reading takes the short way through the table of days.
    assert us == to_us(value.isoformat())
    assert us == to_us(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us))


@quick
@given(calendars(), offsets, offsets)
def test_edges_are_where_openness_changes(case: Case, a: int, b: int) -> None:
    """Every opening and closing asked for is one, and nothing lies between it and the question."""
    calendar, _, start = case
    t = to_us(start) + a
    edge = calendar.next_edge_us(t)
    if edge is not None:
        assert calendar.is_open_us(edge) != calendar.is_open_us(edge - 1)
        assert calendar.between_us(t, edge) in (0, edge - t)
    opening, closing = calendar.next_open_us(t, strict=True), calendar.next_close_us(t)
    assert opening is None or (calendar.is_open_us(opening) and not calendar.is_open_us(opening - 1))
    assert closing is None or (not calendar.is_open_us(closing) and calendar.is_open_us(closing - 1))
    was_opened, was_closed = calendar.previous_open_us(t), calendar.previous_close_us(t)
    assert was_opened is None or (calendar.is_open_us(was_opened) and not calendar.is_open_us(was_opened - 1))
    assert was_closed is None or (calendar.is_open_us(was_closed - 1) and calendar.between_us(was_closed, t) == 0)
    u = to_us(start) + b
    spans = calendar.spans_us(min(t, u), max(t, u))
    assert abs(calendar.between_us(t, u)) == sum(end - begin for begin, end in spans)


@settings(deadline=None, max_examples=12)
@given(calendars())
def test_the_order_of_questions_changes_nothing(case: Case) -> None:
    """A calendar compiled from far away, or from a long question, answers as a fresh one does."""
    calendar, _, start = case
    again = WorkingCalendar.from_dict(calendar.to_dict())
    assert calendar == again
    t = to_us(start)
    again.between_us(t - 400 * 365 * DAY_US, t + 3 * 365 * DAY_US)
    again.is_open_us(t + 500 * 365 * DAY_US)
    again.between_us(t - 5 * 365 * DAY_US, t)
    assert calendar.between_us(t - 9 * 365 * DAY_US, t) == again.between_us(t - 9 * 365 * DAY_US, t)
    assert calendar.spans_us(t, t + 4 * DAY_US) == again.spans_us(t, t + 4 * DAY_US)


def test_always_answers_by_the_wall_clock() -> None:
    """ALWAYS never closes and never opened."""
    assert ALWAYS.is_open_us(0)
    assert ALWAYS.next_edge_us(0) is None
    assert ALWAYS.previous_open_us(0) is None
    assert [(0, 10)] == ALWAYS.spans_us(0, 10)
