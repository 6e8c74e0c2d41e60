"""What has changed in a policy besides its rules; and that nothing in which policies differ goes untold."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import CALENDARS, make_policy
from policy_documents import documents
from slaclock import _policy_changes
from slaclock.policy import Policy
from slaclock.policyfile import load_policy

OWN = {"kind": "ola", "start": {"changed": {"team": "engineering"}}, "stop": {"replied": {"by": "agent"}}}


PEAK = {"name": "peak", "from": "2026-11-27", "until": "2026-11-30", "extend": "2x", "reason": "Black Friday"}
MOVE = {"name": "move", "from": "2026-03-07", "suspend": True, "reason": "migration", "approved_by": "boss"}


def base(**keys: object) -> Policy:
    return make_policy({"resolution": "4h"}, **keys)


@pytest.mark.parametrize(("before", "after", "lines"), [
    ({}, {}, []),
    ({"name": "a"}, {"name": "b"}, ["name: now b; before: a"]),
    ({}, {"name": "b"}, ["name: now b; before: none"]),
    ({}, {"binds": "most_specific"}, ["which candidate binds: now most_specific; before: earliest_due"]),
    ({}, {"calendars": {**CALENDARS, "night": {"hours": {"sat": "20:00-04:00"}}}},
     ["calendar night: new: sat 20:00-04:00 in UTC"]),
    ({"calendars": {**CALENDARS, "night": {"hours": {"sat": "20:00-04:00"}}}}, {},
     ["calendar night: gone; before: sat 20:00-04:00 in UTC"]),
    ({}, {"calendars": {**CALENDARS, "office": {"hours": {"mon-fri": "09:00-16:00"}}}},
     ["calendar office: opening on mon-fri: now 09:00-16:00; before: 09:00-17:00"]),
    ({"statuses": {"open": ["a", "b"]}}, {"statuses": {"open": ["a"], "pending": ["b", "c"]}},
     ["status b: now pending; before: open", "status c: new: pending"]),
    ({"fields": {"priority": ["high"], "size": "text"}}, {"fields": {"priority": ["high", "low"], "size": "number"}},
     ["field priority: now high, low; before: high", "field size: now number; before: text"]),
    ({}, {"defaults": {"on_change": "carry"}}, ["default of on_change: now carry; before: recompute"]),
    ({}, {"defaults": {"on_change": "recompute"}}, ["default of on_change: now 'recompute'; before: None"]),
    ({}, {"metrics": {"handoff": OWN}},
     ["metric handoff: new: ola, from changed: team is engineering to replied by agent, paused while never"]),
    ({"metrics": {"handoff": OWN}},
     {"metrics": {"handoff": {**OWN, "kind": "sla", "repeats": True, "reset": "reopened"}}},
     ["metric handoff: kind: now sla; before: ola", "metric handoff: reset: now reopened; before: never",
      "metric handoff: repeats: now true; before: false"]),
    ({}, {"metrics": {"resolution": {"on_reopen": "restart", "binds": "most_specific"}}},
     ["metric resolution: binds: now most_specific; before: none",
      "metric resolution: on_reopen: now restart; before: as the wider place says"]),
    ({}, {"exceptions": [PEAK]},
     ["exception peak: new: extend 2x, Black Friday; when always, from 2026-11-27 until 2026-11-30"]),
    ({"exceptions": [MOVE]}, {},
     ["exception move: gone; before: suspend, migration, approved by boss; when always, from 2026-03-07"]),
    ({"exceptions": [PEAK]},
     {"exceptions": [{**PEAK, "extend": "+4h", "until": "2026-12-01", "reason": "sale", "approved_by": "coo",
                      "when": {"tier": "gold"}, "metrics": ["resolution"]}]},
     ["exception peak: effect: now extend +4h; before: extend 2x",
      "exception peak: condition: now tier is gold; before: always",
      "exception peak: metrics: now resolution; before: all",
      "exception peak: in effect: now from 2026-11-27 until 2026-12-01; before: from 2026-11-27 until 2026-11-30",
      "exception peak: reason: now sale; before: Black Friday", "exception peak: approved by: now coo; before: none"]),
    ({"exceptions": [PEAK]}, {"exceptions": [{**PEAK, "reason": "sale"}]},
     ["exception peak: reason: now sale; before: Black Friday"]),
    ({"exceptions": [PEAK, MOVE]}, {"exceptions": [MOVE, PEAK]},
     ["order of the exceptions: now move, peak; before: peak, move"]),
])  # fmt: skip
def test_each_part_is_told_in_its_own_words(
    before: dict[str, object], after: dict[str, object], lines: list[str]
) -> None:
    assert lines == [str(found) for found in base(**before).diff(base(**after))]


def test_another_default_calendar_is_told_beside_the_targets_that_it_changes() -> None:
    after = base(defaults={"calendar": {"from": "region", "default": "office"}})
    assert [
        "default calendar: now named by region, else office; before: always",
        "customer: everybody: resolution, calendar: now named by region, else office; before: always",
    ] == [str(found) for found in base().diff(after)]


def test_differences_bear_the_digests_of_the_two() -> None:
    one, two = base(), base(name="b", timezone="Asia/Tokyo")
    assert (one.digest, two.digest) == (one.diff(two).before, one.diff(two).after)


def test_a_part_that_differs_is_told_whole_where_its_own_comparison_finds_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(_policy_changes._PARTS, "name", lambda *_: None)  # type: ignore[attr-defined]
    assert ["name: now b; before: none"] == [str(found) for found in base().diff(base(name="b"))]


def test_every_field_of_a_policy_is_compared() -> None:
    """Whatever a policy comes to consist of: what differs in any of its fields is told."""
    other = base(
        name="b", timezone="Asia/Tokyo", binds="most_specific", statuses={}, fields={"a": "text"},
        calendars={**CALENDARS, "more": "all day"}, defaults={"calendar": "office", "on_change": "carry"},
        metrics={"handoff": OWN}, layers={"service": []},
        exceptions=[PEAK],
    )  # fmt: skip
    compared = set()
    for attribute in attrs.fields(Policy):
        one = base()
        value = getattr(other, attribute.name)
        if value != getattr(one, attribute.name):
            found = one.diff(attrs.evolve(one, **{attribute.name: value}))
            assert found, attribute.name
            compared.add(attribute.name)
    assert {attribute.name for attribute in attrs.fields(Policy)} == compared


def test_what_is_no_policy_is_refused() -> None:
    with pytest.raises(TypeError, match="found `x`, expected a Policy; load_policy gives one"):
        base().diff("x")  # type: ignore[arg-type]


PARTS = st.sets(st.sampled_from(["name", "binds", "timezone", "statuses", "fields", "layers"]))


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents(), documents(), PARTS)
def test_law_policies_have_no_differences_exactly_if_they_are_equal(
    one: dict[str, object], other: dict[str, object], parts: set[str]
) -> None:
    """Of two policies of any kind; and of one policy with some parts of another."""
    before, source = load_policy(one), load_policy(other)
    mixed = {attribute.name: getattr(before, attribute.name) for attribute in attrs.fields(Policy)}
    mixed |= {name: getattr(source, name) for name in parts}
    for after in (source, Policy.of_checked(**mixed)):
        found = before.diff(after)
        assert (before == after) == (not found)
        assert (before.digest == after.digest) == all(difference.keys == ("name",) for difference in found)
        assert all(difference.before != difference.after for difference in found)
    assert not before.diff(load_policy(one))


def test_a_window_that_is_written_alike_in_another_zone_is_told_as_instants() -> None:
    rule = {"name": "r", "effective": {"from": "2026-03-07", "until": "2026-03-08"}, "targets": {"resolution": "4h"}}
    before, after = (make_policy(None, rule, timezone=zone) for zone in ("UTC", "Europe/Berlin"))
    (found,) = (found for found in before.diff(after) if found.keys[-1] == "effective")
    assert (found.before, found.after) == (
        "from 2026-03-07T00:00:00+00:00 until 2026-03-09T00:00:00+00:00",
        "from 2026-03-06T23:00:00+00:00 until 2026-03-08T23:00:00+00:00",
    )
