"""What of a ticket's fields decides anything under a policy."""

from __future__ import annotations

from itertools import combinations

import pytest

from helpers import changed, make_policy
from slaclock._sight import Sight
from slaclock.conditions import FieldValue
from slaclock.metric import Moment, Trigger
from slaclock.rules import Table
from slaclock.target import CalendarFrom

POLICY = make_policy(
    None,
    {"when": {"customer": ["acme", "globex"], "seats": {"at_least": 50}}, "targets": {"resolution": "4h"}},
    {"by": ["tier", "priority"], "targets": {"resolution": {"gold": {"high": "1h", "otherwise": "2h"}}}},
    {"when": {"vip": {"exists": True}}, "targets": {"ownership": {"within": "4h", "calendar": {"from": "desk"}}}},
    {"when": {"seats": [3, True], "points": {"less_than": 7}}, "exempt": True},
)
SIGHT = Sight(POLICY)


def seen(**fields: FieldValue) -> tuple[tuple[str, object], ...]:
    return SIGHT.of(fields.items())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"customer": "initech"}, {"customer": "hooli"}),
        ({"tier": "bronze"}, {"tier": "silver"}),
        ({"priority": "low"}, {"priority": "whatever"}),
        ({"status": "invented"}, {"status": "made up"}),
        ({"desk": "nowhere"}, {"desk": "elsewhere"}),
        ({"note": "a"}, {}),
        ({"customer": 5}, {"customer": "initech"}),
        ({"customer": ("acme", "hooli", 5)}, {"customer": ("initech", "acme")}),
        ({"seats": 51}, {"seats": "60"}),
        ({"seats": 4}, {"seats": 5.5}),
        ({"seats": 3}, {"seats": 3.0}),
        ({"points": 8}, {"points": "9.5"}),
        ({"vip": "a"}, {"vip": 5}),
        ({"team": 7}, {"team": 7.0}),
    ],
)
def test_what_no_rule_tells_apart_is_alike(one: dict[str, FieldValue], other: dict[str, FieldValue]) -> None:
    assert seen(**one) == seen(**other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"customer": "acme"}, {"customer": "globex"}),
        ({"customer": "acme"}, {"customer": ("acme",)}),
        ({"customer": "initech"}, {"customer": None}),
        ({"customer": "initech"}, {}),
        ({"customer": "acme"}, {"customer": ("acme", "hooli")}),
        ({"customer": ()}, {"customer": ("hooli",)}),
        ({"seats": "49"}, {"seats": "50"}),
        ({"seats": 3}, {"seats": 4}),
        ({"seats": 1}, {"seats": True}),
        ({"seats": (1,)}, {"seats": (True,)}),
        ({"seats": ("true", True)}, {"seats": "true"}),
        ({"points": 6}, {"points": 7}),
        ({"points": 7}, {"points": 8}),
        ({"vip": "a"}, {"vip": None}),
        ({"vip": ()}, {"vip": ("b",)}),
        ({"tier": "gold"}, {"tier": "silver"}),
        ({"desk": "office"}, {"desk": "always"}),
        ({"team": "one"}, {"team": "two"}),
        ({"team": 1}, {"team": True}),
        ({"team": ("a", "b")}, {"team": ("b", "a")}),
        ({"desk": "office"}, {"desk": ("office",)}),
        ({"status": ()}, {"status": ("open",)}),
        ({"status": "open"}, {"status": "waiting"}),
    ],
)
def test_what_may_decide_is_told_apart(one: dict[str, FieldValue], other: dict[str, FieldValue]) -> None:
    """A field that is ordered counts by the answers, one whose changes count by its value."""
    assert seen(**one) != seen(**other)


def test_text_that_decides_is_seen_as_it_is() -> None:
    """So that events can be looked up without looking at their fields one by one."""
    assert (("customer", "acme"), ("priority", "high")) == seen(customer="acme", priority="high")


POOL: tuple[FieldValue, ...] = (
    None, "", "acme", "globex", "hooli", "gold", "high", "low", "50", "3", "3.0", " 51 ", "true", "true ", "office",
    "open", "waiting", 0, 1, 3, 3.0, 49, 50, 50.5, 51, 7, -0.0, 1e23, int(1e23), True, False, (), ("acme",), ("hooli",),
    ("acme", "hooli"), ("hooli", "acme"), ("acme", "globex"), ("globex", "acme"), (3, True), (True, 3), (50,),
    ("50", 7), ("office",), ("gold", "x"), ("x",), ("high", "low"), ("low", "high"), (1,), (True,),
)  # fmt: skip


@pytest.mark.parametrize("field", sorted(SIGHT.texts))
def test_what_is_seen_alike_is_alike_to_whatever_asks(field: str) -> None:
    """To each condition, table and calendar of the policy, and to what asks for another value."""
    rules = POLICY.layers[0].rules
    parts = [part for rule in rules for part in rule.when.walk() if field in part.fields()]
    targets = [target for rule in rules for target in rule.targets.values()]
    tables = [target for target in targets if isinstance(target, Table)]
    moves = Trigger(on="changed", names=("team",))

    def answers(held: FieldValue, other: FieldValue) -> list[object]:
        view, before = {field: held}, {field: other}
        found: list[object] = [part.test(view) for part in parts]
        found += [table.row({"tier": "gold", **view}) for table in tables]
        found += [POLICY.calendar_for(CalendarFrom("desk"), view), POLICY.category(view.get("status"))]
        return [*found, moves.fires(Moment(changed("mon 10:00"), before, view))]

    for one, other in combinations(POOL, 2):
        if seen(**{field: one}) == seen(**{field: other}):
            assert [answers(one, third) for third in POOL] == [answers(other, third) for third in POOL]
