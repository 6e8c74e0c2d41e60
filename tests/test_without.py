"""Calendars less spans of instants: they say what calendars say that were compiled with closures for these spans."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import us
from slaclock import WorkingCalendar
from slaclock._instants import DAY_US, HOUR_US, MAX_US, MIN_US, iso_us, load_zone
from slaclock.amounts import Amount
from slaclock.errors import NeverOpenError, OutOfRangeError

UTC = load_zone("UTC")
OFFICE = WorkingCalendar.from_dict({"hours": {"mon-fri": "09:00-17:00"}, "holidays": ["2026-03-05"]})
ALWAYS = WorkingCalendar.from_dict({"hours": "all day"})
NIGHT = WorkingCalendar.from_dict({"timezone": "Europe/Berlin", "hours": {"mon-sat": ["22:00-02:00", "04:00-05:00"]}})
NEVER = OFFICE - OFFICE
CALENDARS = {"office": OFFICE, "always": ALWAYS, "night": NIGHT, "both": OFFICE | NIGHT, "never": NEVER}
FIRST = us("mon 00:00")

# On a grid, so that ends of spans, openings and questions meet; and beside it.
instants = st.builds(
    lambda hour, more: FIRST + hour * HOUR_US + more, st.integers(-30, 24 * 16), st.sampled_from((0, 0, 0, 1, -1))
)
spans = st.lists(st.tuples(instants, instants, st.sampled_from("ab")), max_size=6)
amounts = st.builds(lambda hours, more: hours * HOUR_US + more, st.integers(-40, 40), st.sampled_from((0, 0, 1, -1)))


def compiled(base: WorkingCalendar, taken: list[tuple[int, int, str]]) -> WorkingCalendar:
    ends = [{"from": iso_us(start, UTC), "until": iso_us(end, UTC), "reason": why} for start, end, why in taken]
    return base.with_closures(ends)


def answer(ask: Callable[[], object]) -> object:
    try:
        return ask()
    except (NeverOpenError, OutOfRangeError):
        return "never"


def proper(taken: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    return [(min(start, end), max(start, end), why) for start, end, why in taken if start != end]


@given(st.sampled_from(sorted(CALENDARS)), spans, instants, instants, amounts)
@settings(max_examples=400)
def test_figures_are_those_of_a_compiled_calendar(
    name: str, taken: list[tuple[int, int, str]], at: int, other: int, amount: int
) -> None:
    taken = proper(taken)
    ours, theirs = CALENDARS[name].less_us(taken), compiled(CALENDARS[name], taken)
    for t in (at, *(end for start, end, _ in taken), *(start for start, _, _ in taken)):
        assert theirs.is_open_us(t) is ours.is_open_us(t)
        assert theirs.next_edge_us(t) == ours.next_edge_us(t)
        for n in (amount, -amount, 0):
            assert answer(lambda t=t, n=n: theirs.add_us(t, n)) == answer(lambda t=t, n=n: ours.add_us(t, n))
        assert theirs.between_us(t, other) == ours.between_us(t, other)
        assert theirs.between_us(other, t) == ours.between_us(other, t)
        assert theirs.spans_us(t, other) == ours.spans_us(t, other)


def test_spans_are_those_of_the_base_without_what_was_taken() -> None:
    ours = OFFICE.less_us([(us("mon 10:00"), us("mon 12:00"), "move")])
    spans = [(us("mon 09:00"), us("mon 10:00")), (us("mon 12:00"), us("mon 17:00"))]
    assert spans == ours.spans_us(us("mon 00:00"), us("tue 00:00"))


def test_what_never_opens_again_has_no_next_edge() -> None:
    assert NEVER.less_us([(us("mon 10:00"), us("mon 12:00"), "move")]).next_edge_us(us("mon 11:00")) is None


TAKEN = [(us("tue 10:00"), us("tue 12:00"), "move"), (us("mon 12:00"), us("tue 11:00"), "power")]


@pytest.mark.parametrize(
    "ask",
    [
        lambda calendar: calendar.deadline_us(us("mon 10:00"), Amount.parse("2 business days by 12:00")),
        lambda calendar: calendar.segments_us(us("mon 00:00"), us("thu 00:00")),
        lambda calendar: calendar.why_us(us("tue 10:30")),
        lambda calendar: calendar.previous_open_us(us("tue 10:30")),
        lambda calendar: calendar.add_last_us(us("mon 10:00"), 2 * HOUR_US),
        lambda calendar: calendar.to_dict(),
        lambda calendar: (calendar.digest, calendar.timezone, calendar.name, hash(calendar)),
        lambda calendar: (calendar | NIGHT).between_us(us("mon 00:00"), us("sun 00:00")),
        repr,
    ],
)
@pytest.mark.parametrize("name", ["office", "both"])
def test_other_questions_are_answered_as_well(name: str, ask: Callable[[WorkingCalendar], object]) -> None:
    base = CALENDARS[name]
    assert ask(compiled(base, TAKEN)) == ask(base.less_us(TAKEN))


def test_they_are_calendars_like_others() -> None:
    """Equal to one with such closures, pickled and copied by content, and lessened in turn."""
    ours = OFFICE.less_us(TAKEN)
    assert compiled(OFFICE, TAKEN) == ours
    assert ours == pickle.loads(pickle.dumps(OFFICE.less_us(TAKEN))) == copy.deepcopy(OFFICE.less_us(TAKEN))
    twice = OFFICE.less_us(TAKEN[:1]).less_us(TAKEN[1:])
    assert (twice.between_us(us("mon 00:00"), us("sun 00:00")), twice) == (
        ours.between_us(us("mon 00:00"), us("sun 00:00")),
        ours,
    )
    with pytest.raises(AttributeError, match="has no attribute 'colour'"):
        _ = ours.colour


@pytest.mark.parametrize("base", [OFFICE, ALWAYS], ids=["office", "always"])
def test_what_is_taken_for_ever_ends_them(base: WorkingCalendar) -> None:
    ours = base.less_us([(us("tue 12:00"), MAX_US, "gone"), (MIN_US, us("mon 09:00"), "before")])
    assert (us("tue 12:00"), None) == (ours.next_edge_us(us("tue 10:00")), ours.next_edge_us(us("tue 12:00")))
    assert us("mon 09:00") == ours.next_edge_us(us("mon 08:00") - 900 * DAY_US)
    assert 3 * HOUR_US == ours.between_us(us("tue 09:00"), MAX_US)
    for amount in (3 * HOUR_US, -HOUR_US):
        assert answer(lambda amount=amount: ours.add_us(us("tue 13:00"), amount)) in ("never", us("tue 11:00"))
