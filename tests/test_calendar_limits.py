"""What calendars may be made of is bounded, so that no few lines ask for more work than anybody could want."""

from __future__ import annotations

from datetime import date
from typing import Any, NoReturn

import pytest

from slaclock import _edges
from slaclock._clockwork import DEEPEST, MOST_PARTS
from slaclock._opening import HoursSource
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.errors import CalendarError
from slaclock.policyfile import load_policy

HOURS = {"mon-fri": "09:00-17:00"}


def refused(make: Any, *args: object) -> CalendarError:
    with pytest.raises(CalendarError) as caught:
        make(*args)
    return caught.value


def test_few_mappings_that_stand_for_very_many_calendars_are_refused() -> None:
    """A mapping that holds itself, or another twice at each of thirty storeys, is not followed to its end."""
    itself: dict[str, object] = {}
    itself["union"] = [itself, itself]
    faulty: dict[str, object] = {"hours": "soon"}
    sound: dict[str, object] = {"hours": HOURS}
    for _ in range(30):
        faulty, sound = {"union": [faulty, faulty]}, {"union": [sound, sound]}
    assert {"too-deep", "too-large"} == {
        problem.code for problem in refused(WorkingCalendar.from_dict, itself).problems
    }
    assert "too-large" in {problem.code for problem in refused(WorkingCalendar.from_dict, faulty).problems}
    assert ["too-large"] == [problem.code for problem in refused(WorkingCalendar.from_dict, sound).problems]


def test_a_calendar_is_made_of_a_limited_number_of_others() -> None:
    """Repeated ones counted: 256 are taken and 257 are not; nor are more than forty storeys."""
    office = WorkingCalendar(hours=HOURS)
    many = office
    while len(getattr(many._content, "parts", "x")) < MOST_PARTS:
        many = many | many
    assert many.between_us(0, 10**15) == office.between_us(0, 10**15)
    assert "at most 256 calendars" in str(refused(many.__or__, office))
    tall = office
    for _ in range(DEEPEST - 1):
        tall = tall.with_closures([{"from": "2026-03-02", "until": "2026-03-02"}]).with_name("") & ALWAYS
        tall = tall.with_name("x")
    assert f"at most {DEEPEST} deep" in str(refused(tall.__and__, ALWAYS))


def test_a_policy_tells_where_such_a_calendar_stands() -> None:
    """Sixteen names are enough to stand for 65,536 calendars."""
    calendars: dict[str, object] = {"c0": {"hours": HOURS}}
    for number in range(1, 17):
        calendars[f"c{number}"] = {"union": [f"c{number - 1}", f"c{number - 1}"], "name": f"c{number}"}
    with pytest.raises(ValueError, match=r"calendars\.c9.*at most 256 calendars"):
        load_policy({"slaclock": 1, "calendars": calendars})


def test_a_day_has_a_limited_number_of_intervals() -> None:
    """A hundred; more is no opening hours, and each day of each year would carry them."""
    lines = [f"{number // 6:02d}:{number % 6}0-{number // 6:02d}:{number % 6}5" for number in range(101)]
    assert WorkingCalendar(hours={"mon": lines[:100]}).between_us(0, 7 * 86_400_000_000) == 500 * 60_000_000
    error = refused(lambda: WorkingCalendar(hours={"mon": lines}))
    assert "expected at most 100 intervals in one day; it has 101" in str(error)


def test_crowded_years_are_kept_in_fewer_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """64 years of a hundred intervals a day would be two million spans; here the bound is lowered."""
    monkeypatch.setattr(_edges, "_MOST_SPANS", 2_000)
    office = WorkingCalendar(hours=HOURS)
    whole = office.between("2000-01-01T00:00Z", "2031-01-01T00:00Z")
    assert whole.in_hours() == 8 * 8_087
    for year in range(2000, 2031):
        assert office.is_open(f"{year}-06-01T10:00Z") == (date(year, 6, 1).weekday() < 5)
    assert max(len(table.ends) for table in office._time._tables) <= 2_500
    assert office.between("2000-01-01T00:00Z", "2031-01-01T00:00Z") == whole


class Spiteful:
    """A value that can neither be shown nor compared."""

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> NoReturn:
        raise ValueError

    def __eq__(self, other: object) -> NoReturn:
        raise ValueError


@pytest.mark.parametrize(
    "key", ["timezone", "hours", "holidays", "special", "closures", "seasons", "holidays_close", "name"]
)
def test_values_that_cannot_be_compared_are_refused_like_others(key: str) -> None:
    """Wherever they stand."""
    value = Spiteful()
    shapes = [value, [value], {"mon": value}, [{"date": value}], [{"from": value, "until": value, "hours": value}]]
    shapes += [[{"country": "DE", "observed": value}], [{"ics": value}], {"union": value}]
    for shape in shapes:
        refused(WorkingCalendar.from_dict, {"hours": HOURS, key: shape})


def test_thousands_of_years_compile_a_few_dozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are alike are compiled once; a steady calendar compiles none but those with dates."""
    compiled = HoursSource._compiled
    asked: list[int] = []

    def counting(self: HoursSource, lo: int, hi: int) -> Any:
        asked.append(lo)
        return compiled(self, lo, hi)

    monkeypatch.setattr(HoursSource, "_compiled", counting)
    for calendar, most in [
        (WorkingCalendar(timezone="Europe/Berlin", hours=HOURS, holidays=["12-25", "2026-05-01"]), 250),
        (WorkingCalendar(hours=HOURS, holidays=[f"{year}-05-01" for year in range(2000, 2040)]), 150),
        (WorkingCalendar(hours="all day", closures=[{"from": "2026-03-02", "until": "2026-03-03"}]), 4),
    ]:
        asked.clear()
        calendar.between("0001-01-02T00:00Z", "9999-12-30T00:00Z")
        calendar.add("0001-01-02T00:00Z", "10000000h")
        calendar.business_days_between("0001-01-02", "9999-12-30")
        assert len(asked) <= most
