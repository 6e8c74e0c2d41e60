"""What exceptions do to clocks: scopes, spans, plans, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

import pytest

import slaclock as sla
from helpers import changed, created, hours, make_policy, on, short, story, us
from slaclock._instants import MAX_US, MIN_US
from slaclock.conditions import Always, Is
from slaclock.decisions import DecisionKind
from slaclock.exceptions import Effect, ExceptionEntry
from slaclock.relief import Register, Relief, scoped
from slaclock.rules import Window
from slaclock.target import NEVER_US

HOSTING = Is("service", ("hosting",))
MOVE = {"name": "move", "when": {"service": "hosting"}, "from": "2026-03-03", "until": "2026-03-03", "suspend": True}
PEAK = {"name": "peak", "from": "2026-03-02", "until": "2026-03-02", "extend": "2x"}
BEFORE = {"name": "before", "from": "2026-02-20", "until": "2026-02-21", "suspend": True}
LATER = {"name": "later", "from": "2026-03-06", "suspend": True}
AUDIT = {"name": "audit", "from": "2026-03-04", "until": "2026-03-04", "exclude": True}


def entry(effect: Effect = Effect.SUSPEND, start: str = "tue 00:00", end: str = "wed 00:00", **more: Any) -> Any:
    given = {"name": "x", "effect": effect, "when": HOSTING, "window": Window(us(start), us(end)), "reason": "r"}
    return ExceptionEntry(**given | more)


def policy(*entries: dict[str, object], **more: Any) -> sla.Policy:
    register = [{"reason": "r"} | entry for entry in entries or (MOVE, PEAK, AUDIT)]
    return office({"resolution": more.pop("resolution", "8h")}, exceptions=register, **more)


def office(*targets: Any, defaults: dict[str, object] | None = None, **more: Any) -> sla.Policy:
    return make_policy(*targets, defaults={"calendar": "office"} | (defaults or {}), **more)


def days(start: int, end: int) -> str:
    """A window of whole days, in words."""
    return f"from 2026-03-{start:02}T00:00:00+00:00 until 2026-03-{end:02}T00:00:00+00:00"


def saved(state: sla.State) -> dict[str, Any]:
    return json.loads(json.dumps(sla.dump_state(state)))


# Scopes.


def test_a_scope_that_holds_at_first_is_taken_to_have_held_before() -> None:
    assert scoped([entry()], (), {"service": "hosting"}, None, us("tue 09:00")) == (((MIN_US, MAX_US),),)
    assert scoped([entry()], (), {"service": "mail"}, None, us("tue 09:00")) == ((),)


def test_a_scope_opens_and_closes_with_the_fields() -> None:
    """Spans that lie outside the window, or have no length, are left out; others stay."""

    def steps(*fields: tuple[str, str]) -> object:
        scopes = scoped([entry()], (), {}, None, 0)
        for at, service in fields:
            scopes = scoped([entry()], scopes, {"service": service}, None, us(at))
        return scopes[0]

    assert steps(("mon 09:00", "hosting"), ("mon 10:00", "mail")) == ()
    assert steps(("tue 09:00", "hosting"), ("tue 09:00", "mail")) == ()
    assert steps(("wed 09:00", "hosting"), ("wed 10:00", "mail")) == ()
    assert steps(("mon 09:00", "hosting"), ("tue 10:00", "mail")) == ((us("mon 09:00"), us("tue 10:00")),)
    assert steps(("tue 09:00", "hosting"), ("tue 10:00", "hosting")) == ((us("tue 09:00"), MAX_US),)


def test_fields_that_a_scope_does_not_ask_for_leave_it_alone() -> None:
    """It is not even tested: here the fields would close it."""
    scopes = scoped([entry()], (), {"service": "hosting"}, None, 0)
    assert scoped([entry()], scopes, {"service": "mail"}, {"team"}, us("tue 09:00")) is not scopes
    assert scoped([entry()], scopes, {"service": "mail"}, {"team"}, us("tue 09:00")) == scopes
    assert scoped([entry()], scopes, {"service": "mail"}, {"service"}, us("tue 09:00")) != scopes


# Spans and plans.


def test_only_entries_about_the_metric_apply() -> None:
    assert Relief.of(Register([entry(metrics=("update",))]), "resolution") is None
    assert Relief.of(Register([]), "resolution") is None
    relief = Relief.of(Register([entry(metrics=("update",)), entry(metrics=("resolution",))]), "resolution")
    assert relief is not None
    assert [number for _, _, number in relief.matching({"service": "hosting"})] == [1]
    assert relief.fields() == {"service"}


def test_what_held_at_the_start_holds_for_the_whole_window_and_what_came_later_from_then_on() -> None:
    relief = Relief(Register([entry()]), "resolution")
    since = (((us("tue 09:00"), MAX_US),),)
    assert relief.applied(since, us("tue 10:00")) == ((us("tue 00:00"), us("wed 00:00"), 0),)
    assert relief.applied(since, us("mon 10:00")) == ((us("tue 09:00"), us("wed 00:00"), 0),)
    ended = (((us("tue 09:00"), us("tue 10:00")),),)
    assert relief.applied(ended, us("tue 10:00")) == ()
    assert relief.applied(ended, us("tue 09:30")) == ((us("tue 00:00"), us("tue 10:00"), 0),)


def test_extensions_are_decided_by_window_and_fields_at_the_start() -> None:
    relief = Relief(Register([entry(Effect.EXTEND, factor=Fraction(2)), entry()]), "resolution")
    assert relief.extending({"service": "hosting"}, us("tue 00:00")) == (0,)
    assert relief.extending({"service": "hosting"}, us("wed 00:00")) == ()
    assert relief.extending({"service": "mail"}, us("tue 00:00")) == ()
    assert relief.fields() == {"service"}


def test_without_anything_that_applies_a_plan_stays_itself() -> None:
    found = policy()
    terms = found.terms[found.numbers["resolution"]]
    plan = next(plan for plan in terms.find({}, 0, 0) if plan is not None)
    assert terms.relief is not None
    assert terms.relief.plan(plan, (), (), 0) is plan
    assert (plan.raw, plan.closed, plan.extended_by, plan.more_us) == (plan, (), None, 0)
    assert terms.relieved(plan, {}, us("thu 09:00")) is plan
    twice = terms.relief.plan(plan, (1,), (), 0)
    assert (twice.raw, twice.closed, twice.extended_by, twice.more_us) == (plan, (), 1, hours(8))
    # Clocks of many tickets share what follows.
    assert terms.relief.plan(plan, (1,), (), 5) is twice


def test_what_is_kept_for_many_tickets_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slaclock.relief._MOST_KEPT", 2)
    found = policy()
    terms = found.terms[found.numbers["resolution"]]
    plan = next(plan for plan in terms.find({}, 0, 0) if plan is not None)
    assert terms.relief is not None
    for minute in range(5):
        applied = ((us("tue 09:00") + minute, us("tue 12:00"), 0),)
        suspended = terms.relief.plan(plan, (), applied, 0)
        assert suspended.calendar.between_us(us("tue 08:00"), us("tue 17:00")) == hours(5) + minute


@pytest.mark.parametrize("amount", ["999999999 calendar days", "3000000 calendar days", "3000000 business days"])
def test_days_multiplied_beyond_time_are_never_due(amount: str) -> None:
    if amount.startswith("999"):
        with pytest.raises(sla.PolicyError):
            policy(PEAK, resolution=amount)
        return
    reading = story(policy(PEAK, resolution=amount), created("mon 09:00")).at(on("mon 10:00"))["resolution"]
    assert reading.due_at is None


def test_the_extension_that_leads_farthest_counts_also_for_days() -> None:
    """Twice one day is one more; 12 hours are a day and a half: which is later depends on the amount."""
    more = {**PEAK, "name": "more", "extend": "+12h"}
    for amount, due, by in (("1 business day", "wed 14:00", "more"), ("3 business days", "tue+1 10:00", "peak")):
        history = story(policy(PEAK, more, resolution=amount), created("mon 10:00"))
        reading = history.at(on("mon 12:00"))["resolution"]
        assert (short(reading.due_at), [entry.name for entry in reading.exceptions]) == (due, [by])


@pytest.mark.parametrize(
    "target", [{"within": "2 business days"}, {"within": "4h"}, {"within": "4h", "at_close": "next_opening"}]
)
def test_a_target_that_is_never_due_stays_so_whatever_extends_it(target: dict[str, str]) -> None:
    never = {"hours": {"mon": []}}
    found = policy(
        PEAK,
        {**PEAK, "name": "more", "extend": "+1h"},
        resolution={**target, "calendar": "never"},
        calendars={"never": never, "office": never},
    )
    assert story(found, created("mon 10:00")).at(on("mon 12:00"))["resolution"].due_at is None


# What is told of it.


def test_no_fact_says_that_exceptions_came_or_went() -> None:
    """Suspended is closed: that hours open and close is no fact, and the target is the same."""
    events = (created("mon 09:00"), changed("mon 10:00", service="hosting"), changed("tue 12:00", service="mail"))
    history = story(policy(MOVE, resolution="12h"), *events)
    assert [fact.kind for fact in history.facts if fact.metric == "resolution"] == ["started"]
    plain = story(office({"resolution": "12h"}), *events)
    assert {fact.key for fact in history.facts_until(on("fri 09:00"))} == {
        fact.key for fact in plain.facts_until(on("fri 09:00"))
    }


@pytest.mark.parametrize("how", ["recompute", "carry", "restart", "keep"])
def test_what_is_suspended_is_the_same_under_every_strategy(how: str) -> None:
    """The same event brings another target and the scope: the strategy acts on the target alone."""
    rules = {"by": "size", "targets": {"resolution": {"small": "8h", "large": "12h"}}}
    found = office(None, rules, exceptions=[MOVE | {"reason": "r"}], defaults={"on_change": how})
    history = story(
        found,
        created("mon 09:00", size="small"),
        changed("mon 13:00", size="large", service="hosting"),
    )
    reading = history.at(on("wed 10:00"))["resolution"]
    assert reading.ledger.total_us(sla.SegmentKind.SUSPENDED) == hours(8)
    due = {"recompute": "wed 13:00", "carry": "wed 13:00", "restart": "wed 17:00", "keep": "mon 17:00"}
    assert short(reading.due_at) == due[how]
    told = [fact.kind for fact in history.facts if fact.metric == "resolution"]
    assert told == ["started"] + ["retargeted"] * (how != "keep")


def test_a_scope_left_may_put_a_day_amount_behind_at_once() -> None:
    """The breach is dated at the event that made it so, and is a fact of it."""
    events = (created("mon 10:00", service="hosting"), changed("tue 14:00", id="left", service="mail"))
    history = story(policy(MOVE, resolution="1 business day"), *events)
    assert short(history.at(on("tue 13:00"))["resolution"].due_at) == "wed 10:00"
    reading = history.at(on("tue 15:00"))["resolution"]
    assert (reading.verdict, short(reading.due_at), short(reading.breached_at)) == (
        "breached",
        "tue 10:00",
        "tue 14:00",
    )
    assert [(fact.kind, fact.cause) for fact in history.facts if fact.metric == "resolution"][1:] == [
        ("breached", "left")
    ]


def test_the_edges_of_what_is_suspended_are_changes_to_come() -> None:
    history = story(policy(MOVE, resolution={"within": "48h", "calendar": "always"}), created("mon 09:00"))
    assert short(history.at(on("mon 10:00")).next_change) == "wed 09:00:00.000001"
    hosting = story(
        policy(MOVE, resolution={"within": "48h", "calendar": "always"}), created("mon 09:00", service="hosting")
    )
    assert short(hosting.at(on("mon 10:00")).next_change) == "tue 00:00"
    assert short(hosting.at(on("tue 10:00")).next_change) == "wed 00:00"
    assert short(hosting.at(on("tue 10:00")).next_wakeup) == "thu 09:00:00.000001"


def test_decisions_say_which_exceptions_apply_and_when_one_does_no_longer() -> None:
    history = story(
        policy(), created("mon 09:00", service="hosting"), changed("tue 12:00", service="mail"), changed("wed 09:00")
    )
    told = history.explain(on("wed 10:00"))["resolution"].ledger.decisions
    assert [(short(one.at), one.sentence) for one in told if one.kind is DecisionKind.EXCEPTION] == [
        ("mon 09:00", f"exception move: suspend, r ({days(3, 4)})"),
        ("mon 09:00", f"exception peak: extend 2x, r ({days(2, 3)})"),
        ("mon 09:00", f"exception audit: exclude, r ({days(4, 5)})"),
        ("tue 12:00", "exception move applies no longer"),
    ]
    known = history.at(on("wed 10:00"))["resolution"].ledger.decisions
    assert [one.sentence for one in known if one.kind is DecisionKind.EXCEPTION] == [
        f"exception peak: extend 2x, r ({days(2, 3)})",
        f"exception move: suspend, r ({days(3, 4)})",
        f"exception audit: exclude, r ({days(4, 5)})",
    ]


def exceptions_of(found: Any) -> list[str]:
    """The exceptions of which the decisions of a ledger tell."""
    told = [one.sentence for one in found.ledger.decisions if one.kind is DecisionKind.EXCEPTION]
    return [sentence.removeprefix("exception ").partition(":")[0] for sentence in told]


class TestDecisionsLeaveOut:
    """What was announced for another time than a clock's is none of its decisions."""

    def test_what_is_over_before_it_starts(self) -> None:
        history = story(policy(BEFORE), created("mon 09:00"))
        assert exceptions_of(history.at(on("mon 10:00"))["resolution"]) == []
        assert exceptions_of(history.explain(on("mon 10:00"))["resolution"]) == []

    def test_what_begins_when_it_will_be_due(self) -> None:
        found = policy(LATER, resolution={"within": "87h", "calendar": "always"})
        assert exceptions_of(story(found, created("mon 09:00")).at(on("mon 10:00"))["resolution"]) == []
        assert exceptions_of(story(found, created("mon 09:00")).explain(on("mon 10:00"))["resolution"]) == []

    def test_but_not_what_its_deadline_accounts_for(self) -> None:
        found = policy(LATER, resolution={"within": "88h", "calendar": "always"})
        for at in ("mon 10:00", "thu 10:00"):
            assert exceptions_of(story(found, created("mon 09:00")).at(on(at))["resolution"]) == ["later"]
            assert exceptions_of(story(found, created("mon 09:00")).explain(on(at))["resolution"]) == ["later"]
        (told,) = story(found, created("mon 09:00")).explain(on("mon 10:00"))["resolution"].decisions[-2:-1]
        assert told.sentence == "exception later: suspend, r (from 2026-03-06T00:00:00+00:00)"

    def test_nor_what_it_ran_into_late(self) -> None:
        """It is dated when it was known to apply; from when on it did, its window says."""
        history = story(policy(LATER), created("mon 09:00"))
        assert exceptions_of(history.explain(on("thu 10:00"))["resolution"]) == []
        assert exceptions_of(history.explain(on("fri 10:00"))["resolution"]) == ["later"]

    def test_what_is_announced_for_a_clock_without_a_target_or_a_deadline(self) -> None:
        found = policy(LATER, resolution="best effort")
        assert exceptions_of(story(found, created("mon 09:00")).explain(on("mon 10:00"))["resolution"]) == []
        untold = story(policy(LATER), created("mon 09:00")).explain(on("mon 10:00"), "agent_work")["agent_work"]
        assert exceptions_of(untold) == []

    def test_what_would_have_come_after_it_had_ended(self) -> None:
        history = story(policy(LATER), created("mon 09:00"), changed("mon 11:00", status="solved"))
        assert exceptions_of(history.explain(on("fri 10:00"))["resolution"]) == []

    def test_and_an_event_by_which_such_a_thing_comes_to_apply_changed_nothing(self) -> None:
        events = [created("mon 09:00"), changed("mon 10:00", service="hosting"), changed("mon 11:00", service="mail")]
        early = story(policy(MOVE), *events).explain(on("mon 12:00"))["resolution"]
        assert (exceptions_of(early), len(early.idle)) == ([], 2)
        long = policy(MOVE, resolution={"within": "48h", "calendar": "always"})
        late = story(long, *events).explain(on("mon 12:00"))["resolution"]
        assert [one.sentence for one in late.decisions if one.kind is DecisionKind.EXCEPTION] == [
            f"exception move: suspend, r ({days(3, 4)})", "exception move applies no longer"
        ]  # fmt: skip
        assert late.idle == ()


def test_a_snapshot_says_what_has_touched_the_ticket() -> None:
    history = story(policy(), created("mon 09:00", service="hosting"))
    assert [entry.name for entry in history.at(on("mon 10:00")).exceptions] == ["move", "peak"]
    assert [entry.name for entry in history.at(on("wed 10:00")).exceptions] == ["move", "peak", "audit"]
    assert story(policy(), changed("mon 09:00", service="hosting")).at(on("mon 10:00")).exceptions == ()


def test_a_preview_accounts_for_exceptions_and_names_them() -> None:
    found = policy().targets_for({"service": "hosting"}, on("mon 10:00"))["resolution"]
    assert short(found.due_at) == "thu 10:00"
    assert [entry.name for entry in found.exceptions] == ["move", "peak"]
    assert str(found).splitlines()[-1] == "  exception peak: extend 2x, r"
    assert policy().targets_for({}, on("thu 10:00"))["resolution"].exceptions == ()
    assert policy().targets_for({}, on("thu 10:00"))["update"].exceptions == ()


def test_a_timeline_tells_hours_apart_that_exceptions_make_differ() -> None:
    found = office(
        {"resolution": "8h", "first_response": "8h"}, exceptions=[MOVE | {"reason": "r", "metrics": "resolution"}]
    )
    timeline = story(found, created("mon 10:00", service="hosting")).at(on("mon 16:00")).timeline(on("tue 09:00"))
    told = [(short(coming.at), coming.sentence, coming.metrics) for coming in timeline]
    assert told == [
        ("mon 17:00", "office closes for first_response (outside hours)", ("first_response",)),
        ("mon 17:00", "office closes for resolution (outside hours)", ("resolution",)),
        ("tue 09:00", "office opens for first_response", ("first_response",)),
    ]


# States.

EVENTS = (
    created("mon 09:00", service="mail"),
    changed("mon 12:00", service="hosting"),
    changed("tue 11:00", service="mail"),
    changed("tue 13:00", service="hosting", status="waiting"),
    changed("wed 09:00", status="open"),
)


@pytest.mark.parametrize("count", range(len(EVENTS) + 1))
def test_states_keep_what_exceptions_have_done(count: int) -> None:
    """Saved after any event they go on as if they had never been saved."""
    found = policy(resolution="2 business days")
    state = sla.load_state(saved(story(found, *EVENTS[:count]).state))
    assert state == story(found, *EVENTS[:count]).state
    assert saved(state)["slaclock_state"] == 2
    for event in EVENTS[count:]:
        state, _ = sla.advance(found, sla.load_state(saved(state)), event)
    assert state == story(found, *EVENTS).state
    at = on("fri 09:00")
    assert sla.snapshot(found, sla.load_state(saved(state)), at) == story(found, *EVENTS).at(at)


def test_states_of_policies_without_a_register_stay_in_the_first_version() -> None:
    assert saved(story(office({"resolution": "8h"}), *EVENTS).state)["slaclock_state"] == 1


def test_states_that_name_other_exceptions_are_refused() -> None:
    found = policy()
    for place, wrong in (("extends", ["gone"]), ("applied", [["gone", None, None]])):
        data = saved(story(found, *EVENTS).state)
        data["cycles"]["resolution"][0][place] = wrong
        with pytest.raises(sla.StateError, match="expected what the policy has"):
            sla.snapshot(found, sla.load_state(data), on("fri 09:00"))
    data = saved(story(found, *EVENTS).state)
    data["scopes"] = {"gone": []}
    with pytest.raises(sla.StateError, match="expected what the policy has"):
        sla.snapshot(found, sla.load_state(data), on("fri 09:00"))
    data = saved(story(found, *EVENTS).state)
    data["cycles"]["resolution"][0]["applied"] = [["move", us("wed 00:00"), us("tue 00:00")]]
    with pytest.raises(sla.StateError, match=r"applied\[0\]: found .* expected a span that ends after it begins"):
        sla.load_state(data)


WRONG = (..., None, True, -1, 2**62, 1.5, "move", [], {}, [["move", None, None]], [["peak", 0, 1]], {"move": [[0, 1]]})


@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_garbage_in_what_a_state_says_of_exceptions_is_read_or_refused(wrong: object) -> None:
    """In every place in turn: whatever is done with such a state raises documented errors and no others."""
    found = policy(resolution="2 business days")
    whole = story(found, *EVENTS[:4]).state
    for path in list(places(saved(whole))):
        data = saved(whole)
        put(data, path, wrong)
        with suppress(sla.StateError, sla.LateEventError):
            state = sla.load_state(data)
            snap = sla.snapshot(found, state, on("fri 09:00"))
            assert snap.to_dict()
            assert str(snap["resolution"].ledger)
            sla.tick(found, state, on("fri 09:00"))
            sla.advance(found, state, changed("fri 09:00", service="mail", status="open"))


def places(data: dict[str, Any]) -> Iterator[tuple[str | int, ...]]:
    """The places in a saved state where exceptions have a word."""
    cycle = data["cycles"]["resolution"][0]
    yield from ((("scopes",), *((("scopes", name)) for name in data["scopes"])))
    for name, spans in data["scopes"].items():
        yield from (("scopes", name, number, end) for number in range(len(spans)) for end in (0, 1))
    for key in ("extends", "applied"):
        yield ("cycles", "resolution", 0, key)
        yield from (("cycles", "resolution", 0, key, number) for number in range(len(cycle[key])))
    yield from (("cycles", "resolution", 0, "applied", number, 1) for number in range(len(cycle["applied"])))


def put(data: Any, path: tuple[str | int, ...], value: object) -> None:
    for key in path[:-1]:
        data = data[key]
    if value is ...:
        del data[path[-1]]
    else:
        data[path[-1]] = value


def test_open_ends_read_back() -> None:
    always = {"name": "a", "from": "2026-03-02", "suspend": True}
    found = policy(always)
    state = story(found, created("mon 09:00")).state
    assert saved(state)["cycles"]["resolution"][0]["applied"] == [["a", us("mon 00:00"), None]]
    assert saved(state)["scopes"] == {"a": [[None, None]]}
    assert sla.snapshot(found, sla.load_state(saved(state)), on("mon 10:00"))["resolution"].due_at is None


def test_an_entry_made_in_python_may_have_held_always() -> None:
    relief = Relief(Register([entry(window=Window(None, None), when=Always())]), "resolution")
    assert relief.matching({}) == ((MIN_US, MAX_US, 0),)
    assert relief.entries[0].more_of(5) == 0
    assert NEVER_US > MAX_US
