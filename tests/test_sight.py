"""What of a ticket's fields decides anything under a policy."""

from __future__ import annotations

import pytest

from helpers import make_policy
from slaclock._sight import Sight
from slaclock.conditions import FieldValue

POLICY = make_policy(
    None,
    {"when": {"customer": ["acme", "globex"], "seats": {"at_least": 50}}, "targets": {"resolution": "4h"}},
    {"by": ["tier", "priority"], "targets": {"resolution": {"gold": {"high": "1h", "otherwise": "2h"}}}},
    {"when": {"vip": {"exists": True}}, "targets": {"ownership": {"within": "4h", "calendar": {"from": "desk"}}}},
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
        ({"seats": "50"}, {"seats": "51"}),
        ({"seats": 1}, {"seats": True}),
        ({"seats": 1}, {"seats": 1.0}),
        ({"seats": (1,)}, {"seats": (True,)}),
        ({"vip": "a"}, {"vip": "b"}),
        ({"tier": "gold"}, {"tier": "silver"}),
        ({"desk": "office"}, {"desk": "always"}),
        ({"team": "one"}, {"team": "two"}),
        ({"status": "open"}, {"status": "waiting"}),
    ],
)
def test_what_may_decide_is_told_apart(one: dict[str, FieldValue], other: dict[str, FieldValue]) -> None:
    """Rather too much than too little: a field that is ordered, or must be there, counts by its value."""
    assert seen(**one) != seen(**other)


def test_text_that_decides_is_seen_as_it_is() -> None:
    """So that events can be looked up without looking at their fields one by one."""
    assert (("customer", "acme"), ("priority", "high")) == seen(customer="acme", priority="high")
