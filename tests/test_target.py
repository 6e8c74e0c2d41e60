"""Targets: when they warn, on which calendar they are, and how much time they grant from when."""

from __future__ import annotations

from fractions import Fraction

import pytest

from helpers import hours, minutes, short, us
from slaclock.amounts import Amount
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.conditions import Always
from slaclock.strategies import DEFAULTS
from slaclock.target import NEVER_US, CalendarFrom, Plan, Target, Warn

OFFICE = WorkingCalendar(timezone="UTC", hours={"mon-fri": "09:00-17:00"})
SHUT = WorkingCalendar(timezone="UTC", hours={})


def plan(amount: str, calendar: WorkingCalendar = OFFICE, at_close: str = "closing", name: str = "office") -> Plan:
    return Plan(
        Target(amount=Amount.parse(amount), calendar=name, at_close=at_close),
        layer=1,
        layer_name="customer",
        rule="r",
        calendar_name=name,
        calendar=calendar,
        pause_while=Always(False),
        life=0,
        strategies=DEFAULTS,
    )


def test_in_words_it_names_the_calendar_that_was_found_and_by_what() -> None:
    named, plain = (Target(amount="4h", calendar=calendar) for calendar in (CalendarFrom("region"), "office"))
    assert ("4h on tokyo, chosen by region", "4h on office") == (named.on("tokyo"), plain.on("office"))


class TestWarn:
    @pytest.mark.parametrize(("warn", "total", "threshold"), [
        (Warn(fraction=Fraction(3, 4)), hours(4), hours(3)),
        (Warn(fraction=Fraction(1, 3)), 10, 4),
        (Warn(fraction=Fraction(1, 2)), 0, 0),
        (Warn(offset_us=-minutes(30)), hours(4), minutes(210)),
        (Warn(offset_us=hours(2)), hours(4), hours(6)),
        (Warn(offset_us=-hours(5)), hours(4), 0),
        (Warn(after_us=hours(3)), hours(4), hours(3)),
        (Warn(after_us=hours(3)), 0, hours(3)),
    ])  # fmt: skip
    def test_fires_at_a_share_rounded_up_an_offset_from_due_or_an_amount(
        self, warn: Warn, total: int, threshold: int
    ) -> None:
        assert threshold == warn.threshold_us(total)

    @pytest.mark.parametrize(("warn", "text"), [
        (Warn(fraction=Fraction(3, 4)), "75%"),
        (Warn(fraction=Fraction(1, 8)), "12.5%"),
        (Warn(offset_us=-minutes(30)), "-30m"),
        (Warn(offset_us=hours(2)), "+2h"),
        (Warn(after_us=minutes(90)), "after 1h30m"),
    ])  # fmt: skip
    def test_shows_itself_as_a_policy_writes_it(self, warn: Warn, text: str) -> None:
        assert text == str(warn)


class TestCalendarFrom:
    known = frozenset({"east", "west"})

    @pytest.mark.parametrize(("held", "name"), [
        ("east", "east"), ("north", "west"), (None, "west"), (3, "west"), (("east",), "west"),
    ])  # fmt: skip
    def test_takes_the_calendar_that_the_ticket_names_else_the_default(self, held: object, name: str) -> None:
        assert name == CalendarFrom("region", "west").name_for({"region": held}, self.known)  # type: ignore[dict-item]

    def test_finds_none_where_neither_names_one(self) -> None:
        assert CalendarFrom("region").name_for({}, self.known) is None


class TestTarget:
    def test_says_how_much_on_which_calendar(self) -> None:
        assert str(Target(amount=Amount.parse("3 business days"), calendar="office")) == "3 business days on office"
        found = Target(amount=Amount.parse("4h"), calendar=CalendarFrom("region"))
        assert str(found) == "4h on the calendar named by region"


class TestPlan:
    def test_hours_used_up_at_closing_end_at_closing_or_at_the_next_opening(self) -> None:
        assert short(plan("8h").after(us("mon 09:00"), hours(8))) == "mon 17:00"
        assert short(plan("8h", at_close="next_opening").after(us("mon 09:00"), hours(8))) == "tue 09:00"
        assert short(plan("8h", at_close="next_opening").reach(us("mon 09:00"), hours(8))) == "mon 17:00"

    @pytest.mark.parametrize("at_close", ["closing", "next_opening"])
    def test_what_never_comes_is_at_never(self, at_close: str) -> None:
        assert plan("8h", SHUT, at_close).after(us("mon 09:00"), 1) == NEVER_US

    @pytest.mark.parametrize("at_close", ["closing", "next_opening"])
    def test_what_comes_after_the_year_9999_is_at_never(self, at_close: str) -> None:
        assert plan("8h", ALWAYS, at_close).after(us("mon 09:00"), hours(24 * 366 * 8000)) == NEVER_US

    @pytest.mark.parametrize(("amount", "due"), [
        ("2 business days", "wed 10:00"),
        ("next business day by 16:00", "tue 16:00"),
        ("3 calendar days", "thu 10:00"),
        ("4h", None),
        ("best effort", None),
    ])  # fmt: skip
    def test_a_day_amount_names_an_instant_and_no_other_does(self, amount: str, due: str | None) -> None:
        assert due == short(plan(amount).deadline(us("mon 10:00")))

    def test_a_day_that_never_comes_is_at_never(self) -> None:
        assert plan("2 business days", SHUT).deadline(us("mon 10:00")) == NEVER_US

    @pytest.mark.parametrize(
        ("amount", "total"), [("4h", hours(4)), ("best effort", None), ("2 business days", hours(16))]
    )
    def test_the_time_granted_is_the_open_time_up_to_the_instant(self, amount: str, total: int | None) -> None:
        found = plan(amount)
        start = us("mon 10:00")
        assert total == found.total(start, found.deadline(start))

    def test_a_day_that_never_comes_grants_all_the_time_there_is(self) -> None:
        assert plan("2 business days", SHUT).total(us("mon 10:00"), NEVER_US) is None

    def test_the_value_is_amount_calendar_pause_rule_and_closing(self) -> None:
        assert plan("4h").value == plan("240m").value
        assert plan("4h").digest == plan("240m").digest
        others = [plan("5h"), plan("4h", name="other"), plan("4h", at_close="next_opening")]
        assert 4 == len({plan("4h").digest, *(other.digest for other in others)})
        assert plan("4h").value not in [other.value for other in others]
