"""Values that pickle as their attributes, and come back as they were."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from typing import Any

import attrs
import pytest

from slaclock import ALWAYS, Amount, Layer, Rule, Strategies, Table, Target, Warn, Window, WorkingCalendar
from slaclock._packed import Packed, unpacked
from slaclock.conditions import All, Always, AnyOf, Exists, Is, Not, Ordered
from slaclock.target import CalendarFrom

IS = Is("tier", ("gold", "silver"))
TARGET = Target(amount="4h", calendar=CalendarFrom("region", "office"), warn=(Warn(Fraction(3, 4), notify=("a",)),))
TABLE = Table("tier", (("gold", TARGET),), TARGET)
VALUES = [
    IS,
    Ordered("n", "at_least", Fraction(1, 3)),
    Exists("a"),
    Not(IS),
    All((IS, Not(IS))),
    AnyOf((IS,)),
    Always(yes=False),
    Amount.parse("2 business days by 16:00"),
    Window(1, None),
    TARGET,
    TABLE,
    Strategies(on_change="carry"),
    Rule(name="r", when=IS, targets={"resolution": TABLE}, exempt=("update",)),
    Layer("customer", (Rule(name="r", when=IS, exempt=("*",)),)),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_values_come_back_equal_and_of_the_same_text(value: Any) -> None:
    assert isinstance(value, Packed)
    for again in (pickle.loads(pickle.dumps(value)), copy.deepcopy(value), copy.copy(value)):
        assert (value, repr(value), type(value)) == (again, repr(again), type(again))


def test_what_is_made_on_first_use_is_no_part_of_a_pickle_and_made_again() -> None:
    assert IS.test({"tier": "gold"})
    again = pickle.loads(pickle.dumps(IS))
    assert len(pickle.dumps(IS)) == len(pickle.dumps(Is("tier", ("gold", "silver"))))
    assert again.test({"tier": "silver"})


def test_a_pickle_of_another_version_is_refused_and_not_half_read() -> None:
    """A class that has gained an attribute since would otherwise lack it."""
    with pytest.raises(ValueError, match="shorter"):
        unpacked(Window, 1)


def test_values_that_came_back_are_frozen() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        pickle.loads(pickle.dumps(TARGET)).at_close = "x"


def test_calendars_from_a_pickle_make_their_works_when_they_are_asked() -> None:
    """They compare, print and pickle by their content alone, and then answer as the others do."""
    office = WorkingCalendar(hours={"mon-fri": "09:00-17:00"}, name="office")
    for calendar in (office, office | ALWAYS, (office - ALWAYS).with_name("never")):
        again = pickle.loads(pickle.dumps(calendar))
        assert (calendar, repr(calendar), calendar.digest) == (again, repr(again), again.digest)
        assert again == pickle.loads(pickle.dumps(again))
        at = "2026-03-06T16:00Z"
        assert (calendar.is_open(at), calendar.why(at)) == (again.is_open(at), again.why(at))
    assert office.add(at, "4h") == pickle.loads(pickle.dumps(office)).add(at, "4h")
    assert 8 * 60 == pickle.loads(pickle.dumps(office)).between("2026-03-02T00:00Z", "2026-03-03T00:00Z").in_minutes()


def test_a_calendar_has_no_other_attributes() -> None:
    for calendar in (ALWAYS, pickle.loads(pickle.dumps(ALWAYS)), WorkingCalendar.__new__(WorkingCalendar)):
        for name in ("nothing", "_nothing", "__deepcopy__"):
            assert not hasattr(calendar, name)
    with pytest.raises(AttributeError, match="a working calendar has no attribute '_zone'"):
        WorkingCalendar.__new__(WorkingCalendar).is_open("2026-03-06T16:00Z")
