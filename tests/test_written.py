"""Values of a policy as data: the way back from what the tables of the format read."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from slaclock import PolicyError
from slaclock._clauses import TARGET
from slaclock._fields import Table
from slaclock._format import DEFAULTS, METRIC, RULE
from slaclock._instants import load_zone, to_us
from slaclock._register import EXCEPTION
from slaclock._written import WRITERS, calendar_reference, condition_data, decimal_text, usual_of, window_data
from slaclock.conditions import All, Always, AnyOf, Exists, Is, Not, Ordered
from slaclock.exceptions import ExceptionEntry
from slaclock.metric import Metric
from slaclock.policytext import PARTS_OF_A_RULE
from slaclock.rules import Rule, Window
from slaclock.strategies import Strategies
from slaclock.target import CalendarFrom, Target

# Keys that are no attribute by that name; `policytext` and `exception_data` write them.
PARTS: dict[str, set[str]] = {
    "a rule": set(PARTS_OF_A_RULE),
    "defaults": {"calendar", "warn", "at_close"},
    "an exception": {"from", "until", "suspend", "extend", "exclude"},
}
MODELS: list[tuple[Table, type[Any]]] = [
    (TARGET, Target),
    (METRIC, Metric),
    (DEFAULTS, Strategies),
    (RULE, Rule),
    (EXCEPTION, ExceptionEntry),
]


@pytest.mark.parametrize(("table", "model"), MODELS, ids=lambda found: getattr(found, "noun", ""))
def test_every_key_of_the_format_is_written(table: Table, model: type[Any]) -> None:
    """Each is an attribute of the model, of a type that can be written, or stands in a list of those that are not."""
    apart = PARTS.get(table.noun, set())
    assert apart <= set(table.keys)
    for key in table.keys.values():
        if key.name not in apart:
            assert key.name in usual_of(model)
            assert type(key.type) in WRITERS


@pytest.mark.parametrize(
    ("condition", "data"),
    [
        (Is("tier", ("3", "true", "010", "x")), {"tier": [3, True, "010", "x"]}),
        (All((Is("a", ("x",)), Is("a", ("y",)))), {"all": [{"a": "x"}, {"a": "y"}]}),
        (
            All((Ordered("n", "at_least", Fraction(1)), Exists("n"), Is("n", ("2",)))),
            {"n": {"at_least": 1, "exists": True, "is": 2}},
        ),
        (Ordered("n", "less_than", Fraction(-3, 2)), {"n": {"less_than": "-1.5"}}),
        (Is("any", ("x",)), {"field": {"name": "any", "is": "x"}}),
        (Is("category", ("open",)), {"field": {"name": "category", "is": "open"}}),
        (Not(AnyOf((Is("a", ("x",)), Always(yes=False)))), {"not": {"any": [{"a": "x"}, {"never": True}]}}),
    ],
)
def test_conditions(condition: Any, data: dict[str, Any]) -> None:
    assert data == condition_data(condition)


def test_a_calendar_is_written_by_its_name_or_by_the_field_that_has_it() -> None:
    assert "office" == calendar_reference("office")
    assert {"from": "region", "default": "office"} == calendar_reference(CalendarFrom("region", "office"))
    assert {"from": "region"} == calendar_reference(CalendarFrom("region"))


def test_a_condition_inside_that_holds_always_cannot_be_written() -> None:
    with pytest.raises(PolicyError, match="found the condition `always`"):
        condition_data(Not(Always()))


def test_deep_conditions_are_written_with_as_few_levels_as_there_are() -> None:
    condition: Any = Is("a", ("x",))
    for _ in range(20):
        condition = AnyOf((Is("b", ("y",)), All((Is("c", ("z",)), condition))))
    data, levels = condition_data(condition), 0
    while isinstance(data, dict):
        data, levels = next((value for value in data.values() if isinstance(value, dict)), None), levels + 1
    assert 41 == levels


@pytest.mark.parametrize(
    ("number", "text"), [(Fraction(1, 8), "0.125"), (Fraction(-7, 5), "-1.4"), (Fraction(10), "10")]
)
def test_numbers_are_written_exactly(number: Fraction, text: str) -> None:
    assert text == decimal_text(number)
    with pytest.raises(PolicyError, match="decimals end"):
        decimal_text(number / 3)


@pytest.mark.parametrize(
    ("zone", "start", "end", "data"),
    [
        (
            "Europe/Berlin",
            "2026-01-01T00:00+01:00",
            "2027-01-01T00:00+01:00",
            {"from": date(2026, 1, 1), "until": date(2026, 12, 31)},
        ),
        (
            "Europe/Berlin",
            "2026-06-01T08:00+02:00",
            "2026-06-01T18:00Z",
            {"from": "2026-06-01T08:00:00+02:00", "until": "2026-06-01T20:00:00+02:00"},
        ),
        # Apia had no 30 December 2011, and Sao Paulo no midnight on 4 November 2018.
        ("Pacific/Apia", "2011-12-31T00:00+14:00", None, {"from": date(2011, 12, 31)}),
        (
            "Pacific/Apia",
            "2011-01-01T00:00-10:00",
            "2011-12-31T00:00+14:00",
            {"from": date(2011, 1, 1), "until": date(2011, 12, 29)},
        ),
        ("America/Sao_Paulo", "2018-11-04T01:00-02:00", None, {"from": date(2018, 11, 4)}),
        # Monrovia's clock once was 44 minutes and 30 seconds behind.
        ("Africa/Monrovia", "1960-01-01T12:00Z", None, {"from": "1960-01-01T12:00:00+00:00"}),
    ],
)
def test_windows(zone: str, start: str, end: str | None, data: dict[str, Any]) -> None:
    window = Window(to_us(start), None if end is None else to_us(end))
    assert data == window_data(window, load_zone(zone))
