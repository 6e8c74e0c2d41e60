"""Metrics: which event fires which trigger, and what the built-in metrics are made of."""

from __future__ import annotations

import pytest

from helpers import changed, created, make_policy, on, replied, short, story
from slaclock.conditions import CATEGORY, AnyOf, FieldValue, Is, View
from slaclock.events import Event, Held, Released, Restarted
from slaclock.metric import CATEGORIES, DONE_CATEGORIES, Kind, Metric, Moment, Trigger
from slaclock.policyfile import builtin_metrics, load_policy

NOTHING: View = {CATEGORY: "open"}
HELD = Held(at=on("mon 09:00"), reason="r")


def fires(trigger: Trigger, event: Event, before: View = NOTHING, after: View = NOTHING) -> bool:
    return trigger.fires(Moment(event, before, after))


def moment(before: str | None, after: str | None) -> Moment:
    return Moment(HELD, {CATEGORY: before}, {CATEGORY: after})


class TestMoment:
    @pytest.mark.parametrize("done", DONE_CATEGORIES)
    def test_resolves_where_the_category_becomes_resolved_or_closed(self, done: str) -> None:
        assert moment("open", done).resolves
        assert not moment("open", done).reopens

    @pytest.mark.parametrize("done", DONE_CATEGORIES)
    def test_reopens_where_it_no_longer_is(self, done: str) -> None:
        assert moment(done, "open").reopens
        assert not moment(done, "open").resolves

    @pytest.mark.parametrize(("before", "after"), [("resolved", "closed"), ("closed", "resolved"), ("new", "on_hold")])
    def test_does_neither_in_between(self, before: str, after: str) -> None:
        assert not moment(before, after).resolves
        assert not moment(before, after).reopens


class TestTriggers:
    @pytest.mark.parametrize(
        ("on_kind", "event"),
        [
            ("created", created()),
            ("replied", replied("mon 10:00")),
            ("held", HELD),
            ("released", Released(at=on("mon 10:00"))),
            ("restarted", Restarted(at=on("mon 10:00"), metric="m", reason="r")),
        ],
    )
    def test_of_a_kind_fire_on_events_of_that_kind_only(self, on_kind: str, event: Event) -> None:
        assert fires(Trigger(on=on_kind), event)
        assert not fires(Trigger(on=on_kind), changed("mon 10:00", a=1))

    @pytest.mark.parametrize(
        ("before", "after", "yes"),
        [(7, "7", False), (7.0, 7, False), ("true", True, False), (True, 1, True), (None, (), False), (None, "", True),
         ("a", ("a",), False), (("a", "b"), ("b", "a"), True), ("A", "a", True)],
    )  # fmt: skip
    def test_a_field_has_another_value_where_that_spells_another_text(
        self, before: FieldValue, after: FieldValue, yes: bool
    ) -> None:
        """As in conditions: a team's number out of a form, and out of a file."""
        trigger = Trigger(on="changed", names=("team",))
        assert yes is fires(trigger, changed("mon 10:00", team=after), {"team": before}, {"team": after})

    @pytest.mark.parametrize(
        ("by", "yes"), [((), True), (("agent",), True), (("bot", "agent"), True), (("bot",), False)]
    )
    def test_on_replies_may_ask_who_spoke(self, by: tuple[str, ...], yes: bool) -> None:
        assert fires(Trigger(on="replied", by=by), replied("mon 10:00", "agent")) is yes

    @pytest.mark.parametrize(("public", "seen", "yes"), [
        (True, True, True), (True, False, False), (False, True, False), (False, False, True), (None, True, True),
        (None, False, True),
    ])  # fmt: skip
    def test_on_replies_may_ask_who_saw_it(self, public: bool | None, seen: bool, yes: bool) -> None:
        assert fires(Trigger(on="replied", public=public), replied("mon 10:00", public=seen)) is yes

    @pytest.mark.parametrize(("by", "yes"), [((), True), (("customer",), True), (("agent",), False)])
    def test_on_creation_may_ask_who_wrote(self, by: tuple[str, ...], yes: bool) -> None:
        assert fires(Trigger(on="created", by=by), created(by="customer")) is yes

    def test_on_a_changed_field_fire_where_it_took_another_value(self) -> None:
        trigger = Trigger(on="changed", names=("team", "owner"))
        event = changed("mon 10:00", team="b")
        assert fires(trigger, event, {"team": "a"}, {"team": "b"})
        assert fires(trigger, event, {"owner": "a"}, {})
        assert not fires(trigger, event, {"team": "b", "note": 1}, {"team": "b", "note": 2})

    def test_on_a_condition_fire_where_it_became_true(self) -> None:
        trigger = Trigger(on="changed", condition=Is("team", ("b",)))
        event = changed("mon 10:00", team="b")
        assert fires(trigger, event, {"team": "a"}, {"team": "b"})
        assert not fires(trigger, event, {"team": "b"}, {"team": "b"})
        assert not fires(trigger, event, {"team": "b"}, {"team": "a"})

    def test_on_change_count_creation_as_a_change_from_nothing(self) -> None:
        assert fires(Trigger(on="changed", condition=Is("team", ("b",))), created(), {}, {"team": "b"})
        assert fires(Trigger(on="changed", names=("team",)), created(), {}, {"team": "b"})
        assert not fires(Trigger(on="changed", names=("team",)), created(), {}, {"note": "b"})

    def test_on_change_count_no_other_event(self) -> None:
        assert not fires(Trigger(on="changed", names=("team",)), replied("mon 10:00"), {"team": "a"}, {"team": "b"})

    def test_on_reopening_ask_the_moment(self) -> None:
        event = changed("mon 10:00", status="open")
        assert fires(Trigger(on="reopened"), event, {CATEGORY: "closed"}, {CATEGORY: "open"})
        assert not fires(Trigger(on="reopened"), event, {CATEGORY: "open"}, {CATEGORY: "open"})

    @pytest.mark.parametrize(("trigger", "text"), [
        (Trigger(on="created"), "created"),
        (Trigger(on="created", by=("customer",)), "created by customer"),
        (Trigger(on="replied", by=("agent", "bot")), "replied by agent or bot"),
        (Trigger(on="replied", public=False), "replied (internal)"),
        (Trigger(on="replied", by=("agent",), public=None), "replied by agent (public or not)"),
        (Trigger(on="changed", names=("team", "owner")), "changed: team, owner"),
        (Trigger(on="changed", condition=Is("team", ("b",))), "changed: team is b"),
        (Trigger(on="held"), "held"),
    ])  # fmt: skip
    def test_show_themselves_in_words(self, trigger: Trigger, text: str) -> None:
        assert text == str(trigger)


class TestMetrics:
    def test_the_built_in_ones_are_these_and_all_but_one_are_promises_to_customers(self) -> None:
        kinds = {name: metric.kind for name, metric in builtin_metrics().items()}
        names = "first_response next_response update resolution requester_wait agent_work customer_wait ownership"
        assert names.split() == list(kinds)
        assert {"ownership": Kind.OLA} == {name: kind for name, kind in kinds.items() if kind is not Kind.SLA}

    def test_repeating_ones_are_these(self) -> None:
        repeating = {name for name, metric in builtin_metrics().items() if metric.repeats}
        assert {"next_response", "update", "customer_wait", "ownership"} == repeating

    def test_a_cadence_may_begin_at_the_event_or_when_it_was_due(self) -> None:
        def repeats(word: object) -> object:
            return load_policy({"slaclock": 1, "metrics": {"update": {"repeats": word}}}).metrics["update"].repeats

        assert [repeats(word) for word in ("at_event", True)] == [True] * 2
        assert repeats(False) is False
        assert "at_due" == repeats("at_due")

    def test_a_metric_lists_all_its_triggers(self) -> None:
        keys = ("start", "start_after", "stop", "reset", "cancel", "unanswered")
        each = {key: (Trigger(on="changed", names=(key,)),) for key in keys}
        assert {*keys} == {trigger.names[0] for trigger in Metric(name="m", **each).triggers()}

    def test_categories_are_these(self) -> None:
        assert CATEGORIES == ("new", "open", "pending", "on_hold", "resolved", "closed")
        assert AnyOf((Is(CATEGORY, DONE_CATEGORIES),)).test({CATEGORY: "closed"})


class TestBuiltInStories:
    """Each built-in metric once, from start to stop."""

    policy = make_policy(dict.fromkeys(builtin_metrics(), "8h"))

    def spans(self, metric: str, *events: Event) -> list[str]:
        snap = story(self.policy, *events).at(on("mon 17:00"))
        return [
            f"{short(reading.started_at)} - {short(reading.fulfilled_at)} {reading.phase}"
            for reading in snap.cycles(metric)
        ]

    def test_first_response_is_from_creation_to_the_first_public_reply_of_an_agent(self) -> None:
        events = (
            replied("mon 09:10", "bot"),
            replied("mon 09:20", "customer"),
            replied("mon 09:30", public=False),
            replied("mon 10:00"),
            replied("mon 11:00"),
        )
        assert ["mon 09:00 - mon 10:00 stopped"] == self.spans("first_response", created(), *events)

    def test_next_response_begins_with_the_oldest_unanswered_message_after_the_first_reply(self) -> None:
        events = (
            replied("mon 09:30", "customer"),
            replied("mon 10:00"),
            replied("mon 11:00", "customer"),
            replied("mon 11:30", "customer"),
            replied("mon 12:00"),
            replied("mon 13:00", "customer"),
        )
        expected = ["mon 11:00 - mon 12:00 stopped", "mon 13:00 - None running"]
        assert expected == self.spans("next_response", created(), *events)

    def test_a_message_on_a_resolved_ticket_starts_next_response_at_the_reopening(self) -> None:
        events = (
            replied("mon 10:00"),
            changed("mon 11:00", status="solved"),
            replied("mon 12:00", "customer"),
            changed("mon 13:00", status="open"),
        )
        assert ["mon 13:00 - None running"] == self.spans("next_response", created(), *events)

    def test_a_message_on_a_resolved_ticket_that_is_answered_there_starts_nothing(self) -> None:
        events = (
            replied("mon 10:00"),
            changed("mon 11:00", status="solved"),
            replied("mon 12:00", "customer"),
            replied("mon 12:30"),
            changed("mon 13:00", status="open"),
        )
        assert [] == self.spans("next_response", created(), *events)

    def test_resolving_cancels_next_response(self) -> None:
        events = (replied("mon 10:00"), replied("mon 11:00", "customer"), changed("mon 12:00", status="solved"))
        assert ["mon 11:00 - None cancelled"] == self.spans("next_response", created(), *events)

    def test_update_runs_from_each_public_message_of_the_team_to_the_next(self) -> None:
        events = (
            replied("mon 10:00"),
            replied("mon 10:30", public=False),
            replied("mon 11:00"),
            changed("mon 12:00", status="solved"),
            changed("mon 13:00", status="open"),
        )
        expected = ["mon 10:00 - mon 11:00 stopped", "mon 11:00 - None cancelled", "mon 13:00 - None running"]
        assert expected == self.spans("update", created(), *events)

    @pytest.mark.parametrize("metric", ["resolution", "requester_wait", "agent_work"])
    def test_resolved_and_then_closed_is_one_stop(self, metric: str) -> None:
        events = (changed("mon 10:00", status="solved"), changed("mon 11:00", status="closed"))
        assert ["mon 09:00 - mon 10:00 stopped"] == self.spans(metric, created(), *events)

    @pytest.mark.parametrize(("metric", "status", "phase"), [
        ("resolution", "waiting", "paused"), ("resolution", "vendor", "paused"),
        ("requester_wait", "waiting", "paused"), ("requester_wait", "vendor", "running"),
        ("agent_work", "waiting", "paused"), ("agent_work", "vendor", "paused"),
        ("first_response", "waiting", "running"), ("first_response", "vendor", "running"),
    ])  # fmt: skip
    def test_waiting_pauses_these_and_not_those(self, metric: str, status: str, phase: str) -> None:
        events = (created(), changed("mon 10:00", status=status))
        assert phase == story(self.policy, *events).at(on("mon 11:00"))[metric].phase

    def test_customer_wait_is_a_cycle_for_each_wait(self) -> None:
        events = (
            changed("mon 10:00", status="waiting"),
            changed("mon 11:00", status="open"),
            changed("mon 12:00", status="waiting"),
        )
        expected = ["mon 10:00 - mon 11:00 stopped", "mon 12:00 - None running"]
        assert expected == self.spans("customer_wait", created(), *events)

    def test_ownership_is_a_cycle_for_each_team_until_the_ticket_is_resolved(self) -> None:
        events = (
            created(team="a"),
            changed("mon 10:00", team="b"),
            changed("mon 11:00", team="b", note=1),
            changed("mon 12:00", team=None),
            changed("mon 13:00", team="c"),
            changed("mon 14:00", status="solved"),
            changed("mon 15:00", status="open"),
        )
        expected = [
            "mon 09:00 - mon 10:00 stopped",
            "mon 10:00 - mon 12:00 stopped",
            "mon 13:00 - mon 14:00 stopped",
            "mon 15:00 - None running",
        ]
        assert expected == self.spans("ownership", *events)
