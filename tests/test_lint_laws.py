"""What lints say holds: policies and tickets of every kind, and no ticket that gives a lint the lie."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import Phase, event, find, given, settings
from hypothesis import strategies as st

import slaclock as sla
from slaclock._lint_targets import longer
from slaclock.conditions import CATEGORY, FieldValue, View
from slaclock.rules import Exemption
from slaclock.target import Plan

STATUSES = {"open": ["working"], "pending": ["waiting"], "resolved": ["done"]}
BASE = {
    "slaclock": 1,
    "calendars": {"office": {"hours": {"mon-fri": "09:00-17:00"}}, "always": "all day"},
    "statuses": STATUSES,
    "fields": {"tier": ["gold", "silver"], "vip": "bool"},
    "defaults": {"calendar": "office"},
}
# Before, between and after the dates from which and until which rules are in force.
INSTANTS = [sla.Created(at=f"{year}-06-01T12:00Z").at_us for year in (2024, 2025, 2026)]

Loose = dict[str, Any]
ASKED: st.SearchStrategy[Loose] = st.sampled_from([
    {"tier": "gold"}, {"tier": "silver"}, {"tier": ["gold", "silver"]}, {"tier": {"exists": True}}, {"vip": True},
    {"vip": False}, {"vip": {"exists": False}}, {"status": "waiting"}, {"category": ["pending", "open"]},
    {"category": "resolved"},
])  # fmt: skip
CONDITIONS = st.recursive(
    ASKED,
    lambda inner: st.one_of(
        inner.map(lambda one: {"not": one}),
        st.lists(inner, min_size=1, max_size=2).map(lambda some: {"any": some}),
        st.lists(inner, min_size=2, max_size=2).map(lambda some: {"all": some}),
    ),
    max_leaves=3,
)


def views() -> list[View]:
    """Tickets of every kind that these conditions can tell apart."""
    policy = sla.load_policy(BASE)
    tiers: list[FieldValue] = [None, "gold", "silver", ("gold", "silver")]
    found = []
    for tier, vip, status in product(tiers, (None, True, False), (None, "working", "waiting", "done", "nobody knows")):
        found.append({"tier": tier, "vip": vip, "status": status, CATEGORY: policy.category(status) or "open"})
    return found


VIEWS = views()
ONE = settings(max_examples=4_000, phases=[Phase.generate])


def codes(data: Loose) -> set[str]:
    return {lint.code for lint in sla.lint_policy(data)}


# Rules.

AMOUNTS = st.integers(1, 30).map(lambda hours: f"{hours}h")
TARGETS = AMOUNTS | st.builds(lambda amount: {"within": amount, "calendar": "always"}, AMOUNTS)
TABLES = st.dictionaries(st.sampled_from(["gold", "silver", "otherwise"]), TARGETS, min_size=1)
WINDOWS = st.sampled_from(
    [None, None, {"until": "2024-12-31"}, {"from": "2025-01-01"}, {"from": "2025-01-01", "until": "2025-12-31"}]
)


@st.composite
def rules(draw: st.DrawFn) -> Loose:
    rule: Loose = {}
    if draw(st.integers(0, 4)):
        rule["when"] = draw(CONDITIONS)
    window = draw(WINDOWS)
    if window:
        rule["effective"] = window
    kind = draw(st.integers(0, 7))
    if kind == 0:
        rule["exempt"] = draw(st.sampled_from([True, "resolution"]))
        return rule
    if kind < 4:
        rule["by"] = "tier"
    metrics = draw(st.sampled_from([["resolution"], ["resolution", "first_response"]]))
    rule["targets"] = {name: draw(TABLES if "by" in rule else TARGETS) for name in metrics}
    return rule


POLICIES = st.fixed_dictionaries({
    "corporate": st.lists(rules(), max_size=2), "customer": st.lists(rules(), min_size=1, max_size=3),
}).map(lambda layers: {**BASE, "layers": layers})  # fmt: skip


def given_to(policy: sla.Policy, metric: str) -> list[list[Plan | None] | Exemption]:
    """What each ticket gets at each instant, layer by layer."""
    terms = policy.terms[policy.numbers[metric]]
    return [
        found if isinstance(found, Exemption) else list(found)
        for view in VIEWS
        for us in INSTANTS
        for found in (terms.find(view, us, us),)
    ]


def at(data: Any, keys: tuple[str | int, ...]) -> Any:
    for key in keys:
        data = data[key]
    return data


def holds(policy: sla.Policy, data: Loose, lint: sla.Lint) -> bool:
    """Whether what a lint says is so for every ticket."""
    _, layer, number, *rest = lint.keys
    place = [each.name for each in policy.layers].index(str(layer))
    rule = policy.layers[place].rules[int(number)]
    if lint.code == "never-applies":
        return not any(map(rule.when.test, VIEWS))
    metrics = [lint.metric] if lint.metric is not None else ["resolution", "first_response"]
    for metric in metrics:
        for found in given_to(policy, metric):
            if isinstance(found, Exemption):
                if (found.layer, found.rule) == (layer, rule.name):
                    return False
                continue
            plan = found[place]
            if plan is None or plan.rule != rule.name:
                continue
            if lint.code == "hidden-rule":
                return False
            said = at(policy.layers[place].rules[int(number)].targets[metric], ())
            row = dict(said.rows).get(rest[2], said.otherwise) if len(rest) > 2 else said
            if plan.target is not row:
                continue
            if lint.code in ("idle-row", "hidden-row"):
                return False
            assert lint.code == "weaker-contract"
            lower = [other for other in found[:place] if other is not None]
            if not any(
                other.target.calendar == row.calendar and other.target.amount.us < row.amount.us for other in lower
            ):
                return False
    return True


class TestRules:
    @given(POLICIES)
    def test_what_lints_say_of_rules_holds_for_every_ticket(self, data: Loose) -> None:
        policy = sla.load_policy(data)
        for lint in sla.lint_policy(policy):
            event(lint.code)
            if lint.keys[0] == "layers" and lint.code in RULES:
                assert holds(policy, data, lint), lint

    @pytest.mark.parametrize("code", ["never-applies", "hidden-rule", "idle-row", "hidden-row", "weaker-contract"])
    def test_such_policies_have_each_of_these_lints(self, code: str) -> None:
        """Else the law above would say nothing."""
        found = find(POLICIES, lambda data: code in codes(data), settings=ONE)
        assert code in codes(found)


RULES = ("never-applies", "hidden-rule", "idle-row", "hidden-row", "weaker-contract")


# Metrics.

TRIGGERS = st.one_of(
    st.just("created"), st.just("reopened"), st.just({"changed": "tier"}), st.just({"replied": {"by": "agent"}}),
    CONDITIONS.map(lambda condition: {"changed": condition}),
)  # fmt: skip
ENDS = st.one_of(TRIGGERS, CONDITIONS.map(lambda condition: {"changed": condition}))


@st.composite
def metrics(draw: st.DrawFn) -> Loose:
    metric: Loose = {
        "start": draw(st.lists(TRIGGERS, min_size=1, max_size=2)),
        "stop": draw(st.lists(ENDS, min_size=1, max_size=2)),
    }
    for key, values in (("cancel", ENDS), ("unanswered", ENDS), ("start_while", CONDITIONS), ("start_after", TRIGGERS)):
        if not draw(st.integers(0, 3)):
            metric[key] = draw(values)
    metric["pause_while"] = draw(CONDITIONS)
    metric["repeats"] = draw(st.booleans())
    return metric


SET = st.fixed_dictionaries({}, optional={
    "tier": st.sampled_from([None, "gold", "silver", ["gold", "silver"]]), "vip": st.sampled_from([None, True, False]),
    "status": st.sampled_from([None, "working", "waiting", "done", "closed", "nobody knows"]),
})  # fmt: skip


@st.composite
def tickets(draw: st.DrawFn) -> list[sla.Event]:
    events: list[sla.Event] = [sla.Created(at="2026-03-02T09:00Z", fields=draw(SET))]
    for minute in range(draw(st.integers(1, 7))):
        when = f"2026-03-02T09:{minute:02}:30Z"
        fields = draw(SET)
        by = draw(st.sampled_from(["agent", "customer"]))
        events.append(sla.Changed(at=when, fields=fields) if draw(st.integers(0, 3)) else sla.Replied(at=when, by=by))
    return events


METRICS = metrics().map(lambda metric: {**BASE, "metrics": {"own": metric}})


def denied(code: str, snapshot: sla.Snapshot, facts: set[sla.FactKind]) -> bool:
    """Whether what became of a ticket contradicts a lint."""
    phases, last = [reading.phase for reading in snapshot.cycles("own")], snapshot["own"].phase
    return {
        "never-starts": any(phase is not sla.Phase.NOT_STARTED for phase in phases),
        "never-stops": sla.Phase.STOPPED in phases,
        "always-cancelled": sla.Phase.STOPPED in phases,
        # A ticket that is reopened wakes its clocks, and starts none.
        "ends-at-once": last in (sla.Phase.RUNNING, sla.Phase.PAUSED) and sla.FactKind.REOPENED not in facts,
        "always-paused": last is sla.Phase.RUNNING,
        "never-pauses": last is sla.Phase.PAUSED,
    }.get(code, False)


class TestMetrics:
    @given(METRICS, st.lists(tickets(), min_size=3, max_size=3))
    def test_what_lints_say_of_metrics_holds_for_every_ticket(self, data: Loose, events: list[list[sla.Event]]) -> None:
        policy = sla.load_policy(data)
        found = {lint.code for lint in sla.lint_policy(policy)}
        for code in found:
            event(code)
        if found - {"idle-trigger"}:
            for ticket in events:
                for count in range(1, len(ticket) + 1):
                    # Read a moment after the event, before the next one comes.
                    history = sla.replay(policy, ticket[:count])
                    snapshot = history.at(ticket[count - 1].at.add(seconds=1))
                    facts = {fact.kind for fact in history.facts if fact.metric == "own"}
                    assert not [code for code in found if denied(code, snapshot, facts)]

    @pytest.mark.parametrize(
        "code", ["never-starts", "never-stops", "always-cancelled", "ends-at-once", "always-paused", "never-pauses"]
    )
    def test_such_metrics_have_each_of_these_lints(self, code: str) -> None:
        """Else the law above would say nothing."""
        found = find(METRICS, lambda data: code in codes(data), settings=ONE)
        assert code in codes(found)


# Amounts.

BY = ["", " by 10:00", " by 16:00", " by close"]
ANY_AMOUNTS = st.one_of(
    st.integers(1, 40).map(lambda hours: f"{hours}h"),
    st.builds(lambda days, by: f"{days} business days{by}", st.integers(1, 4), st.sampled_from(BY)),
    st.sampled_from(BY[1:]).map(lambda by: f"same business day{by}"),
    st.integers(1, 5).map(lambda days: f"{days} calendar days"),
).map(sla.Amount.parse)  # fmt: skip
OFFICE = sla.WorkingCalendar(timezone="Europe/Berlin", hours={"mon-fri": "09:00-17:00"}, holidays=["2026-04-03"])


@given(ANY_AMOUNTS, ANY_AMOUNTS, st.integers(0, 30 * 96))
def test_what_is_longer_is_due_later_whatever_the_start(one: sla.Amount, other: sla.Amount, quarters: int) -> None:
    start = sla.Created(at="2026-03-16T00:00Z").at_us + quarters * 15 * 60 * 1_000_000
    if longer(one, other):
        assert OFFICE.deadline_us(start, one) > OFFICE.deadline_us(start, other)
        assert not longer(other, one)
    assert longer(sla.Amount.parse("best effort"), one)
    assert not longer(one, sla.Amount.parse("best effort"))
