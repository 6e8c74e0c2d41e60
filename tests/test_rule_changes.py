"""What has changed in rules: which are new, gone, renamed, elsewhere, and what they say otherwise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import make_policy
from slaclock.differences import DifferenceKind
from slaclock.policy import Policy

ONE: dict[str, object] = {"name": "r", "when": {"customer": "acme"}, "targets": {"resolution": "4h"}}
A, B, C = ({"name": name, "when": {"customer": name}, "targets": {"resolution": "4h"}} for name in "abc")


def policy(*rules: dict[str, object], **keys: object) -> Policy:
    return make_policy(None, *rules, **keys)


def told(before: Policy, after: Policy) -> list[str]:
    return [str(found).removeprefix("customer: ") for found in before.diff(after)]


@pytest.mark.parametrize(("keys", "line"), [
    ({"when": {"customer": "acme", "tier": "gold"}},
     "r: condition: now customer is acme and tier is gold; before: customer is acme"),
    ({"effective": {"from": "2026-01-01", "until": "2026-12-31"}},
     "r: in effect: now from 2026-01-01 until 2026-12-31; before: always"),
    ({"effective": {"from": "2026-01-01T08:00+01:00"}},
     "r: in effect: now from 2026-01-01T07:00:00+00:00; before: always"),
    ({"targets": {"resolution": "2h"}}, "r: resolution: now 2h; before: 4h"),
    ({"targets": {"resolution": "4h", "update": "1h"}}, "r: update: new: 1h on always"),
    ({"targets": {"resolution": {"within": "4h", "calendar": "office"}}},
     "r: resolution, calendar: now office; before: always"),
    ({"targets": {"resolution": {"within": "4h", "calendar": {"from": "region", "default": "office"}}}},
     "r: resolution, calendar: now named by region, else office; before: always"),
    ({"targets": {"resolution": {"within": "4h", "warn": ["75%", {"at": "-30m", "notify": ["a", "b"]}]}}},
     "r: resolution, warnings: now 75%, -30m to a and b; before: none"),
    ({"targets": {"resolution": "97.5% within 4h"}}, "r: resolution, objective: now 97.5%; before: none"),
    ({"targets": {"resolution": {"within": "4h", "pause_while": {"never": True}}}},
     "r: resolution, pause_while: now never; before: as the metric says"),
    ({"targets": {"resolution": {"within": "4h", "at_close": "next_opening"}}},
     "r: resolution, at closing: now next_opening; before: closing"),
    ({"targets": {"resolution": {"within": "4h", "on_change": "carry"}}},
     "r: resolution, on_change: now carry; before: as the wider place says"),
    ({"exempt": ["update"]}, "r: exempts: now update; before: nothing"),
    ({"exempt": True}, "r: exempts: now every metric; before: nothing"),
    ({"by": "tier", "targets": {"resolution": {"gold": "4h", "otherwise": "8h"}}},
     "r: resolution: now by tier (gold 4h on always, any other 8h on always); before: 4h on always"),
    ({"by": "tier", "targets": {"resolution": {"gold": "4h"}}},
     "r: resolution: now by tier (gold 4h on always); before: 4h on always"),
])  # fmt: skip
def test_what_a_rule_says_otherwise_is_told_part_by_part(keys: dict[str, object], line: str) -> None:
    assert [line] == told(policy(ONE), policy({**ONE, **keys}))


def by(**rows: object) -> Policy:
    return policy({"name": "r", "by": "tier", "targets": {"resolution": rows}})


class TestTables:
    def test_are_told_row_by_row(self) -> None:
        assert [
            "r: resolution, tier gold: now 2h; before: 1h",
            "r: resolution, tier iron: gone; before: 4h on always",
            "r: resolution, tier new: new: 9h on always",
            "r: resolution, any other tier: new: 24h on always",
        ] == told(by(gold="1h", iron="4h"), by(gold="2h", new="9h", otherwise="24h"))

    def test_in_another_order_are_moved(self) -> None:
        (found,) = by(a="1h", b="2h").diff(by(b="2h", a="1h"))
        assert DifferenceKind.MOVED is found.kind
        assert str(found) == "customer: r: resolution, order of rows: now b, a; before: a, b"

    def test_over_other_fields_are_told_whole(self) -> None:
        other = policy({"name": "r", "by": "size", "targets": {"resolution": {"gold": "1h"}}})
        assert ["r: resolution: now by size (gold 1h on always); before: by tier (gold 1h on always)"] == told(
            by(gold="1h"), other
        )

    def test_over_two_fields_name_both(self) -> None:
        def nested(amount: str) -> Policy:
            table = {"gold": {"high": amount}, "iron": "9h"}
            return policy({"name": "r", "by": ["tier", "priority"], "targets": {"resolution": table}})

        assert ["r: resolution, tier gold, priority high: now 2h; before: 1h"] == told(nested("1h"), nested("2h"))


class TestWhichRule:
    def test_new_and_gone_ones_are_told_in_one_line(self) -> None:
        spring = {
            "name": "s",
            "effective": {"from": "2026-03-01"},
            "exempt": ["update"],
            "targets": {"resolution": "1h"},
        }
        assert ["r: gone; before: resolution 4h on always; when customer is acme"] == told(policy(ONE, A), policy(A))
        assert ["s: new: resolution 1h on always, exempts update; when always, from 2026-03-01"] == told(
            policy(A), policy(A, spring)
        )

    def test_one_that_is_equal_but_for_its_name_was_renamed(self) -> None:
        assert ["acme: name: now acme; before: a"] == told(policy(A, B), policy({**A, "name": "acme"}, B))

    def test_those_without_a_name_are_told_apart_by_what_they_ask_for(self) -> None:
        def nameless(customer: str, amount: str) -> dict[str, object]:
            return {"when": {"customer": customer}, "targets": {"resolution": amount}}

        before = policy(nameless("a", "1h"), nameless("b", "2h"), nameless("c", "3h"))
        after = policy(nameless("z", "9h"), nameless("a", "1h"), nameless("b", "7h"), nameless("c", "3h"))
        assert [
            "customer rule 3: resolution: now 7h; before: 2h",
            "customer rule 1: new: resolution 9h on always; when customer is z",
        ] == told(before, after)

    def test_of_one_name_are_one_rule_however_much_they_changed(self) -> None:
        changed = {"name": "a", "when": {"customer": "b"}, "targets": {"update": "1h"}}
        assert 3 == len(told(policy(A), policy(changed)))


class TestOrder:
    def test_a_rule_read_elsewhere_is_moved_and_the_others_stay(self) -> None:
        (found,) = policy(A, B, C).diff(policy(C, A, B))
        assert DifferenceKind.MOVED is found.kind
        assert str(found) == "customer: c: read: now first; before: after b"
        assert ["a: read: now after c; before: first"] == told(policy(A, B, C), policy(B, C, A))

    def test_one_that_passes_only_rules_of_other_metrics_changes_nothing(self) -> None:
        other = {**C, "targets": {"update": "1h"}}
        remark = "which changes nothing: it passes no rule that speaks of the same metrics"
        line = f"c: read: now first; before: after b; {remark}"
        assert [line] == told(policy(A, B, other), policy(other, A, B))
        exempting = {"name": "c", "when": {"customer": "c"}, "exempt": True}
        assert ["c: read: now first; before: after b"] == told(policy(A, B, exempting), policy(exempting, A, B))

    def test_new_rules_between_others_move_nothing(self) -> None:
        assert ["b: new: resolution 4h on always; when customer is b"] == told(policy(A, C), policy(A, B, C))


class TestLayers:
    def test_new_and_gone_ones_are_told_by_their_rules(self) -> None:
        one = make_policy(None, layers={"customer": [A]})
        two = make_policy(None, layers={"customer": [A], "service": [B]})
        line = "resolution 4h on always; when customer is b"
        assert [f"service: b: new: {line}"] == [str(found) for found in one.diff(two)]
        assert [f"service: b: gone; before: {line}"] == [str(found) for found in two.diff(one)]

    def test_without_rules_are_told_too(self) -> None:
        one, two = (
            make_policy(None, layers={"customer": [A]}),
            make_policy(None, layers={"customer": [A], "service": []}),
        )
        assert ["layer service: new: no rules"] == [str(found) for found in one.diff(two)]
        assert ["layer service: gone; before: no rules"] == [str(found) for found in two.diff(one)]

    def test_in_another_order_are_moved(self) -> None:
        layers = {"x": [A], "y": [B]}
        one, two = (make_policy(None, layers=layers, layer_order=order) for order in (["x", "y"], ["y", "x"]))
        (found,) = one.diff(two)
        assert ("moved", "order of the layers: now y, x; before: x, y") == (found.kind, str(found))


RULES = st.fixed_dictionaries(
    {
        "when": st.sampled_from([{"customer": "a"}, {"customer": "b"}, {"tier": "a"}]),
        "targets": st.sampled_from([{"resolution": "1h"}, {"resolution": "2h"}, {"update": "1h", "resolution": "1h"}]),
    },
    optional={"exempt": st.just(["first_response"])},
)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    names = draw(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=5))
    given_names = [name for number, name in enumerate(names) if name is None or name not in names[:number]]
    rules = [{**draw(RULES), **({} if name is None else {"name": name})} for name in given_names]
    return policy(*rules)


@given(policies(), policies())
def test_law_policies_have_no_differences_exactly_if_they_are_equal(before: Policy, after: Policy) -> None:
    """And what is new one way is gone the other way."""
    there, back = before.diff(after), after.diff(before)
    assert (before == after) == (not there) == (before.digest == after.digest)
    kinds = [[found.kind for found in way] for way in (there, back)]
    for one, other in (("added", "removed"), ("removed", "added"), ("changed", "changed"), ("moved", "moved")):
        assert kinds[0].count(DifferenceKind(one)) == kinds[1].count(DifferenceKind(other))
