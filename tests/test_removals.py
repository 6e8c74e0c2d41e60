"""What is taken away from a source of holidays."""

from __future__ import annotations

from datetime import date

import pytest

from slaclock._reading import Faults
from slaclock.calendar import WorkingCalendar
from slaclock.dates import day_number
from slaclock.errors import CalendarError
from slaclock.removals import Removals, check_names, read_removals

MAY_1 = day_number(2026, 5, 1)


def read(*items: object) -> Removals:
    faults = Faults()
    found = read_removals(list(items), faults)
    assert [] == faults.problems
    return found


def test_dates_and_names_in_one_list() -> None:
    """Dates, yearly dates and ranges by their form; everything else is a name. Order and doubles mean nothing."""
    one = read("2026-05-01", "12-24", "2026-05-03..2026-05-04", date(2026, 6, 1), "Labour Day", " 4th of July ")
    assert ["12-24", "2026-05-01", "2026-05-03..2026-05-04", "2026-06-01", "4th of July", "Labour Day"] == one.data()
    assert one == read(*one.data()[::-1], "Labour Day")


def test_what_is_left() -> None:
    assert None is read("05-01").left(MAY_1, "Labour Day")
    assert "Labour Day" == read("05-02").left(MAY_1, "Labour Day")
    assert "Ascension" == read("Labour Day").left(MAY_1, "Labour Day; Ascension")
    assert None is read("Labour Day").left(MAY_1, "Labour Day (observed)")
    assert "Labour Days" == read("Labour Day").left(MAY_1, "Labour Days")


@pytest.mark.parametrize(
    ("code", "keys", "value"),
    [
        ("wrong-type", (), "Labour Day"),
        ("bad-date", (0,), [3]),
        ("bad-date", (1,), ["05-01", "02-30"]),
        ("bad-date", (0,), ["2026-5-1"]),
        ("reversed", (0,), ["2026-05-04..2026-05-03"]),
    ],
)
def test_lists_that_are_refused(code: str, keys: tuple[int, ...], value: object) -> None:
    faults = Faults()
    read_removals(value, faults)
    assert [(code, keys)] == [(problem.code, problem.keys) for problem in faults.problems]


def test_names_that_the_source_does_not_use_are_faults() -> None:
    """Each with the nearest name, or with some that there are."""
    faults = Faults()
    known = [f"Day {number}; Other {number}" for number in range(9)]
    check_names(read("Dai 1", "zzz", "Other 3"), known, ["Other 3", "Dai 1", "zzz"], faults)
    first, second = faults.problems
    assert ((1,), (2,)) == (first.keys, second.keys)
    assert "did you mean `Day" in first.hint
    assert second.hint.startswith("it has `Day 0`, `Day 1`")
    assert second.hint.endswith("...")


def test_rules_of_a_country_less_some_and_with_others() -> None:
    """A country's holidays with categories, without some by date and name, and with others beside them."""
    pytest.importorskip("holidays", reason="needs the extra `holidays`")
    calendar = WorkingCalendar(
        hours="24h",
        holidays=[
            {
                "country": "DE",
                "subdivision": "BY",
                "categories": ["public", "catholic"],
                "remove": ["Neujahr", "2026-05-01"],
            },
            {"date": "12-24", "name": "Christmas Eve"},
            "12-31",
        ],
    )
    days = {
        "01-01": "open",
        "05-01": "open",
        "08-15": 'closed: holiday "Mariä Himmelfahrt"',
        "12-31": "closed: holiday",
    }
    assert days == {day: calendar.why(f"2026-{day}T12:00Z") for day in days}
    assert 'closed: holiday "Erster Mai"' == calendar.why("2027-05-01T12:00Z")
    assert 'closed: holiday "Christmas Eve"' == calendar.why("2026-12-24T12:00Z")
    assert calendar == WorkingCalendar.from_dict(calendar.to_dict())
    plain = WorkingCalendar(hours="24h", holidays=[{"country": "DE", "subdivision": "BY"}])
    assert "open" == plain.why("2026-10-31T12:00Z")
    observed = WorkingCalendar(hours="24h", holidays=[{"country": "US", "remove": ["Independence Day"]}])
    assert ["open", "open"] == [observed.why(f"2026-07-0{day}T12:00Z") for day in (3, 4)]
    with pytest.raises(CalendarError, match=r"holidays\[0\].remove\[0\]: found `Nuejahr`.*did you mean `Neujahr`"):
        WorkingCalendar(hours=[], holidays=[{"country": "DE", "remove": ["Nuejahr"]}])
    for name in ("Germany", "united states"):
        with pytest.raises(CalendarError, match=rf"found `{name}`.*did you mean `(DE|US)`\?"):
            WorkingCalendar(hours=[], holidays=[{"country": name}])
    with pytest.raises(CalendarError, match="found `Holiday base`, expected the ISO code"):
        WorkingCalendar(hours=[], holidays=[{"country": "Holiday base"}])
    with pytest.raises(CalendarError, match="a list of dates"):
        WorkingCalendar(hours=[], holidays=[{"country": "DE", "remove": "Neujahr"}])
