"""Decisions: what was decided about a clock on the way, when, by what cause, and by what margin."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

import slaclock as sla
import stories
from helpers import by_priority, changed, created, hours, make_policy, on, replied, short, story
from slaclock.decisions import DecisionKind
from slaclock.events import Event, Extended, Held, Merged, Released, Restarted, Waived
from slaclock.policy import Policy
from test_laws import Case, cases

ALL: dict[str, object] = {"name": "all", "targets": {"resolution": {"within": "6h", "calendar": "always"}}}
LAYERS = {
    "corporate": [ALL],
    "customer": [{"name": "acme", "when": {"customer": "acme"}, "targets": {"resolution": "4h"}}],
}
BOTH = make_policy(None, layers=LAYERS, defaults={"calendar": "office"})


def decided(policy: Policy, *events: Event, at: str, kind: str | None = None, cycle: int = 0) -> list[str]:
    account = story(policy, *events).explain(on(at), ["resolution"]).accounts[cycle]
    return [
        f"{short(decision.at)} {decision.sentence}"
        for decision in account.decisions
        if kind in (None, str(decision.kind))
    ]


class TestRules:
    def test_that_were_read_and_did_not_apply_are_told_once(self) -> None:
        events = (created(customer="globex"), changed("mon 10:00", team="a"), changed("mon 11:00", status="waiting"))
        told = decided(BOTH, *events, at="mon 12:00", kind="considered")
        assert ["mon 09:00 customer: acme: does not apply: asks for customer is acme, and customer is globex"] == told

    def test_are_told_again_where_something_else_comes_of_them(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"))
        events = (created(priority="odd"), changed("mon 10:00", priority="low"), changed("mon 11:00", priority="weird"))
        assert [
            "mon 09:00 customer: by priority: has no row for this ticket: priority is odd",
            "mon 11:00 customer: by priority: has no row for this ticket: priority is weird",
        ] == decided(policy, *events, at="mon 12:00", kind="considered")

    def test_that_are_not_in_effect_say_which_instant_decides(self) -> None:
        rules = [
            {"name": "past", "effective": {"until": "2026-03-01"}, "targets": {"resolution": "1h"}},
            {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "4h"}},
            {"name": "team", "when": {"team": "a"}, "targets": {"resolution": "40h"}},
        ]
        policy = make_policy({"resolution": "80h"}, *rules)
        events = (created(), changed("tue 10:00", team="a"), changed("wed 10:00", priority="high"))
        told = [line for line in decided(policy, *events, at="wed 12:00", kind="considered") if "effect" in line]
        assert [
            "mon 09:00 customer: past: is not in effect: it ended at 2026-03-02T00:00:00+00:00",
            "mon 09:00 customer: new: is not in effect: it begins at 2026-03-03T00:00:00+00:00",
            f"tue 10:00 customer: new: is not in effect: it begins at {on('tue 00:00:00')}, after the clock started",
        ] == told

    def test_are_read_again_where_a_number_becomes_a_truth_value(self) -> None:
        """Python takes 1 and True for equal; a rule that asks for `true` does not."""
        flagged = {"name": "flagged", "when": {"flag": True}, "targets": {"resolution": "4h"}}
        policy = make_policy({"resolution": "8h"}, flagged, defaults={"on_change": "keep"})
        events = (created(flag=1), changed("mon 10:00", flag=True))
        stays = "customer: 8h on always stays, though rule 'flagged' would give 4h on always (on_change: keep)"
        assert [f"mon 10:00 {stays}"] == decided(policy, *events, at="mon 11:00", kind="keeps")


class TestTargets:
    def test_that_a_field_changes_tell_what_they_replace_and_by_which_strategy(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"on_change": "carry"})
        events = (created(priority="low", id="c"), changed("mon 10:00", priority="high", id="p"))
        account = story(policy, *events).explain(on("mon 12:00"))["resolution"]
        found = [(d.sentence, d.cause, d.layer, d.rule) for d in account.decisions if d.kind is DecisionKind.GIVES]
        assert [
            ("customer: rule 'by priority' gives 8h on always", "c", "customer", "by priority"),
            (
                "customer: rule 'by priority' gives 4h on always instead of 8h on always (on_change: carry)",
                "p", "customer", "by priority",
            ),
        ] == found  # fmt: skip

    @pytest.mark.parametrize(("how", "low", "more"), [
        ("final", "8h", f", so that it is no longer late, as it was from {on('mon 13:00:00')} on (on_relax: final)"),
        ("final", "5h", ""),
        ("sticky", "8h", ", and what was missed before stays missed (on_relax: sticky)"),
    ])  # fmt: skip
    def test_that_follow_on_what_was_missed_say_what_becomes_of_it(self, how: str, low: str, more: str) -> None:
        policy = make_policy(None, by_priority("4h", low), defaults={"on_relax": how})
        events = (created(priority="high"), changed("mon 15:00", priority="low"))
        *_, told = decided(policy, *events, at="mon 15:00", kind="gives")
        assert told == (
            f"mon 15:00 customer: rule 'by priority' gives {low} on always instead of 4h on always"
            f" (on_change: recompute){more}"
        )
        known = story(policy, *events).at(on("mon 15:00"))["resolution"].ledger.decisions
        assert ("sticky" in known[0].sentence) is (how == "sticky")

    def test_that_no_rule_gives_any_more_are_dropped_or_kept(self) -> None:
        events = (created(priority="low"), changed("mon 10:00", priority="odd"), changed("mon 11:00", team="a"))
        dropped = decided(make_policy(None, by_priority("4h", "8h")), *events, at="mon 12:00", kind="drops")
        assert [
            "mon 10:00 customer: no rule gives a target any more; 8h on always is dropped (on_unmatched: drop)"
        ] == dropped
        keeping = make_policy(None, by_priority("4h", "8h"), defaults={"on_unmatched": "keep"})
        assert [
            "mon 10:00 customer: 8h on always stays, though no rule gives one any more (on_unmatched: keep)"
        ] == decided(keeping, *events, at="mon 12:00", kind="keeps")

    def test_that_stay_with_the_first_one_say_so_once(self) -> None:
        """Though the rules are read again when somebody else gets the ticket."""
        other = {"name": "team", "when": {"team": "z"}, "targets": {"resolution": "1h"}}
        policy = make_policy(None, other, by_priority("4h", "8h"), defaults={"on_change": "keep"})
        events = (created(priority="low"), changed("mon 10:00", priority="high"), changed("mon 11:00", team="a"))
        why = "though rule 'by priority' would give 4h on always (on_change: keep)"
        told = decided(policy, *events, at="mon 12:00", kind="keeps")
        assert [f"mon 10:00 customer: 8h on always stays, {why}"] == told

    def test_that_stay_with_the_first_one_say_so_of_the_event_that_stops_the_clock(self) -> None:
        high = {"name": "high", "when": {"priority": "high"}, "targets": {"resolution": "4h"}}
        policy = make_policy({"resolution": "8h"}, high, defaults={"on_change": "keep"})
        events = (created(priority="low"), changed("mon 10:00", priority="high", status="solved"))
        stays = "customer: 8h on always stays, though rule 'high' would give 4h on always (on_change: keep)"
        assert [f"mon 10:00 {stays}"] == decided(policy, *events, at="mon 11:00", kind="keeps")

    def test_whose_calendar_the_ticket_names_are_told_with_it_whenever_it_is_another(self) -> None:
        target = {"within": "4h", "calendar": {"from": "desk", "default": "office"}}
        events = (created(desk="always"), changed("mon 10:00", desk="office"))
        policy = make_policy({"resolution": target})
        instead = "instead of 4h on always, chosen by desk (on_change: recompute)"
        assert [
            "mon 09:00 customer: rule 'everybody' gives 4h on always, chosen by desk",
            "mon 09:00 customer binds: 4h on always, chosen by desk, due 2026-03-02T13:00:00+00:00: the only candidate",
            f"mon 10:00 customer: rule 'everybody' gives 4h on office, chosen by desk {instead}",
            "mon 10:00 customer binds: 4h on office, chosen by desk, due 2026-03-02T13:00:00+00:00: the only candidate",
        ] == decided(policy, *events, at="mon 12:00")
        history = story(policy, *events)
        assert "(customer: 4h on office, chosen by desk)" in str(history.at(on("mon 12:00"))["resolution"])
        assert "Promised: 4h on office, chosen by desk, by customer" in history.explain()["resolution"].summary

    def test_that_an_exemption_takes_away_and_gives_back(self) -> None:
        policy = make_policy({"resolution": "4h"}, {"name": "trial", "when": {"plan": "trial"}, "exempt": True})
        events = (created(plan="full"), changed("mon 10:00", plan="trial"), changed("mon 11:00", plan="full"))
        assert [
            "mon 09:00 customer: trial: does not apply: asks for plan is trial, and plan is full",
            "mon 09:00 customer: rule 'everybody' gives 4h on always",
            "mon 09:00 customer binds: 4h on always, due 2026-03-02T13:00:00+00:00: the only candidate",
            "mon 10:00 customer: rule 'trial' exempts resolution",
            "mon 11:00 customer: trial: does not apply: asks for plan is trial, and plan is full",
            "mon 11:00 customer: rule 'everybody' gives 4h on always",
            "mon 11:00 customer binds: 4h on always, due 2026-03-02T13:00:00+00:00: the only candidate",
        ] == decided(policy, *events, at="mon 12:00")

    def test_that_an_amendment_moves_name_its_edge(self) -> None:
        rule = {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "30h"}}
        policy = make_policy({"resolution": "80h"}, rule, defaults={"on_amend": "move"})
        account = story(policy, created()).explain(on("wed 09:00"))["resolution"]
        last = [decision for decision in account.decisions if decision.kind is DecisionKind.GIVES][-1]
        assert ("tue 00:00", "amendment@2026-03-03T00:00:00Z") == (short(last.at), last.cause.replace("+00:00", "Z"))
        assert "instead of 80h on always" in last.sentence

    def test_what_was_granted_and_waived_names_its_event(self) -> None:
        events = (
            created(),
            Extended(at=on("mon 10:00"), metric="resolution", by="2h", reason="agreed", id="x"),
            Waived(at=on("mon 11:00"), metric="resolution", reason="outage", id="w"),
        )
        account = story(BOTH, *events).explain()["resolution"]
        assert [("extended by 2h: agreed", "x"), ("waived: outage", "w")] == [
            (d.sentence, d.cause) for d in account.decisions if d.kind in ("extended", "waived")
        ]


class TestWhoBinds:
    def test_is_told_with_the_margin(self) -> None:
        account = story(BOTH, created("mon 16:00", customer="acme")).explain()["resolution"]
        (binds,) = (decision for decision in account.decisions if decision.kind is DecisionKind.BINDS)
        assert "corporate binds: 6h on always, due 2026-03-02T22:00:00+00:00: 14h before customer" == binds.sentence
        assert ("corporate", "all", hours(14)) == (binds.layer, binds.rule, binds.margin_us)

    def test_changes_when_another_is_due_first(self) -> None:
        events = (created("mon 10:00"), changed("mon 11:00", customer="acme", id="e"))
        assert [
            "mon 10:00 corporate binds: 6h on always, due 2026-03-02T16:00:00+00:00: the only candidate",
            "mon 11:00 customer binds: 4h on office, due 2026-03-02T14:00:00+00:00: 2h before corporate",
        ] == decided(BOTH, *events, at="mon 12:00", kind="binds")

    def test_changes_when_the_others_wait(self) -> None:
        layers = {
            "corporate": [{"name": "all", "targets": {"resolution": {"within": "9h", "pause_while": {"never": True}}}}],
            "customer": [{"name": "acme", "targets": {"resolution": "4h"}}],
        }
        events = (created(), changed("mon 10:00", status="waiting"), changed("mon 11:00", status="open"))
        assert [
            "mon 09:00 customer binds: 4h on always, due 2026-03-02T13:00:00+00:00: 5h before corporate",
            "mon 10:00 corporate binds: 9h on always, due 2026-03-02T18:00:00+00:00: customer waits",
            "mon 11:00 customer binds: 4h on always, due 2026-03-02T14:00:00+00:00: 4h before corporate",
        ] == decided(make_policy(None, layers=layers), *events, at="mon 12:00", kind="binds")

    def test_changes_by_time_alone_while_all_wait(self) -> None:
        """Over night the deadline of the round-the-clock target slides past that of the other."""
        events = (
            created("mon 16:00", customer="acme"),
            changed("mon 16:30", status="waiting"),
            changed("tue 16:00", team="a"),
        )
        account = story(BOTH, *events).explain(on("tue 17:00"))["resolution"]
        found = [(short(d.at), d.layer, d.cause) for d in account.decisions if d.kind is DecisionKind.BINDS]
        assert [
            ("mon 16:00", "corporate", "created@2026-03-02T16:00:00+00:00"),
            ("tue 07:00", "customer", "time"),
            ("tue 13:30:00.000001", "corporate", "time"),
        ] == found
        assert account.decisions[-2].sentence.endswith(
            "if it resumed then: due together with corporate, and more specific"
        )

    def test_is_told_once_however_many_amendments_lie_in_between(self) -> None:
        """While nothing happens rules come into force and end, and the candidates go on waiting."""
        windows = ({"from": f"2026-03-0{day}T20:00:00+00:00"} for day in (3, 4))
        late = {"within": "40h", "calendar": "always", "on_amend": "move"}
        rules = [
            {"name": str(number), "when": {"customer": "b"}, "effective": window, "targets": {"resolution": late}}
            for number, window in enumerate(windows)
        ]
        policy = make_policy(
            None, layers={**LAYERS, "service": rules}, defaults={"calendar": "office", "on_amend": "move"}
        )
        events = (created("mon 16:00", customer="acme"), changed("mon 16:30", status="waiting"))
        told = [line[:23] for line in decided(policy, *events, at="thu 17:00", kind="binds")]
        quiet = [line[:23] for line in decided(BOTH, *events, at="thu 17:00", kind="binds")]
        assert quiet == told

    def test_is_the_most_specific_one_where_the_policy_says_so(self) -> None:
        policy = make_policy(None, layers=LAYERS, binds="most_specific", defaults={"calendar": "office"})
        why = "due 2026-03-03T12:00:00+00:00: the most specific, 14h after corporate"
        told = decided(policy, created("mon 16:00", customer="acme"), at="tue 17:00", kind="binds")
        assert [f"mon 16:00 customer binds: 4h on office, {why}"] == told

    def test_of_best_effort_has_no_deadline(self) -> None:
        assert ["mon 09:00 customer binds: best effort on always: the only candidate"] == decided(
            make_policy({"resolution": "best effort"}), created(), at="mon 10:00", kind="binds"
        )

    def test_of_each_cycle_by_itself(self) -> None:
        events = (created(), Restarted(at=on("mon 10:00"), metric="resolution", reason="r"))
        policy = make_policy({"resolution": "4h"})
        assert [["mon 09:00"], ["mon 10:00"]] == [
            [line[:9] for line in decided(policy, *events, at="mon 11:00", kind="binds", cycle=cycle)]
            for cycle in (0, 1)
        ]


class TestMerging:
    """A clock that ended as its ticket was merged tells so, and into which."""

    EVENTS = (created(), Merged(at=on("mon 10:00"), into="T-2"), changed("mon 11:00", status="open"))

    def test_comes_after_all_else_and_only_of_clocks_that_were_there(self) -> None:
        policy = make_policy({"first_response": "1h", "resolution": "4h"})
        told = "mon 10:00 the ticket was merged into T-2: the clock is cancelled"
        assert told == decided(policy, *self.EVENTS, at="mon 12:00")[-1]
        solved = (created(), changed("mon 09:30", status="solved"), *self.EVENTS[1:])
        assert [] == decided(policy, *solved, at="mon 12:00", kind="merged")

    def test_is_why_later_events_change_nothing(self) -> None:
        account = story(make_policy({"resolution": "4h"}), *self.EVENTS).explain()["resolution"]
        assert ["the ticket had been merged"] == [idle.sentence for idle in account.idle]


class TestReopening:
    """What a reopened ticket does to a clock that resolving had stopped is told with the strategy that chose it."""

    EVENTS = (created(), changed("mon 10:00", status="solved"), changed("mon 11:00", status="open"))

    def policy(self, how: str) -> Policy:
        return make_policy({"resolution": "4h"}, defaults={"calendar": "office", "on_reopen": how})

    @pytest.mark.parametrize(("how", "cycle", "sentence"), [
        ("exclude", 0, "reopened: the time since it was stopped is left out (on_reopen: exclude)"),
        ("include", 0, "reopened: the time since it was stopped counts (on_reopen: include)"),
        ("restart", 1, "reopened: a new cycle begins (on_reopen: restart)"),
    ])  # fmt: skip
    def test_tells_what_it_makes_of_the_time_in_between(self, how: str, cycle: int, sentence: str) -> None:
        told = decided(self.policy(how), *self.EVENTS, at="mon 12:00", kind="reopened", cycle=cycle)
        assert told == [f"mon 11:00 {sentence}"]
        assert [] == decided(self.policy(how), *self.EVENTS, at="mon 10:30", kind="reopened")

    def test_comes_before_what_follows_from_it(self) -> None:
        kinds = [one.kind for one in story(self.policy("restart"), *self.EVENTS).explain()["resolution"].decisions]
        assert ["reopened", "gives", "binds"] == kinds

    def test_tells_what_comes_of_fields_that_changed_in_between(self) -> None:
        """A clock that is over looks for no target; what the fields have become by then counts once it goes on."""
        high = {"name": "high", "when": {"priority": "high"}, "targets": {"resolution": "4h"}}
        low = {"name": "low", "when": {"priority": "low"}, "targets": {"resolution": "1h"}}
        policy = make_policy({"resolution": "8h"}, high, low, defaults={"on_change": "keep"})
        solved, reopened = self.EVENTS[1:]
        events = (created(priority="odd"), solved, changed("mon 10:30", priority="low"), reopened)
        told = [line for line in decided(policy, *events, at="mon 12:00") if line.startswith("mon 11:00")]
        assert [
            "mon 11:00 reopened: the time since it was stopped is left out (on_reopen: exclude)",
            "mon 11:00 customer: high: does not apply: asks for priority is high, and priority is low",
            "mon 11:00 customer: 8h on always stays, though rule 'low' would give 1h on always (on_change: keep)",
        ] == told

    def test_by_what_gave_a_target_no_longer_tells_so_though_the_target_came_as_the_clock_stopped(self) -> None:
        """Targets are found before an event stops the clock, and the fields are now what they were before it."""
        rule = {"name": "closed", "when": {"category": "resolved"}, "targets": {"resolution": "4h"}}
        policy = make_policy(None, rule, defaults={"on_unmatched": "keep"})
        steps = (("mon 10:00", "solved"), ("mon 11:00", "new"), ("mon 13:00", "waiting"))
        events = (created(status="new"), *(changed(at, status=status) for at, status in steps))
        stays = "customer: 4h on always stays, though no rule gives one any more (on_unmatched: keep)"
        assert [f"mon 11:00 {stays}"] == decided(policy, *events, at="mon 14:00", kind="keeps")

    def test_that_leaves_a_clock_as_it_is_changed_nothing(self) -> None:
        account = story(self.policy("ignore"), *self.EVENTS).explain()["resolution"]
        sentence = "resolution stays done when the ticket is reopened (on_reopen: ignore)"
        assert [sentence] == [idle.sentence for idle in account.idle]
        assert [] == [one for one in account.decisions if one.kind is DecisionKind.REOPENED]

    def test_by_an_event_that_would_end_the_clock_is_none(self) -> None:
        policy = make_policy({"resolution": "4h"}, metrics={"resolution": {"cancel": {"changed": {"status": "spam"}}}})
        account = story(policy, *self.EVENTS[:2], changed("mon 11:00", status="spam")).explain()["resolution"]
        assert ["resolution had ended"] == [idle.sentence for idle in account.idle]

    def test_of_a_merged_ticket_is_none(self) -> None:
        events = (*self.EVENTS[:2], Merged(at=on("mon 10:30"), into="8"), self.EVENTS[2])
        account = story(self.policy("exclude"), *events).explain()["resolution"]
        assert ["resolution had ended", "the ticket had been merged"] == [idle.sentence for idle in account.idle]


class TestUnanswered:
    """A clock that ends without the answer that was waited for tells by which strategy it did."""

    CANCELLED = "ended without an answer: it is cancelled (on_unanswered: cancel)"
    FULFILLED = "ended without an answer: it counts as answered (on_unanswered: fulfil)"

    def told(self, *events: Event, metric: str = "first_response", **more: object) -> list[str]:
        policy = make_policy({metric: "4h"}, defaults={"calendar": "office"} | more.pop("defaults", {}), **more)
        decisions = story(policy, *events).explain(on("tue 09:00"), metric).accounts[-1].decisions
        assert [] == [one for one in decisions[:-1] if one.kind is DecisionKind.UNANSWERED]
        return [f"{short(one.at)} {one.sentence}" for one in decisions if one.kind is DecisionKind.UNANSWERED]

    def test_is_cancelled_or_taken_for_answered(self) -> None:
        events = (created(), changed("mon 10:00", status="solved"))
        assert [f"mon 10:00 {self.CANCELLED}"] == self.told(*events)
        assert [f"mon 10:00 {self.FULFILLED}"] == self.told(*events, defaults={"on_unanswered": "fulfil"})
        assert [] == self.told(created(), replied("mon 09:30"), changed("mon 10:00", status="solved"))

    def test_of_a_ticket_that_was_created_as_solved(self) -> None:
        assert [f"mon 09:00 {self.CANCELLED}"] == self.told(created(status="solved"))

    def test_is_none_where_the_event_cancels_the_clock_anyway(self) -> None:
        metrics = {"first_response": {"cancel": {"changed": {"status": "solved"}}}}
        assert [] == self.told(created(), changed("mon 10:00", status="solved"), metrics=metrics)

    def test_is_none_where_a_new_cycle_ends_by_what_holds_already(self) -> None:
        """A reply is no condition that holds: it ends no cycle that it begins."""
        metrics = {
            "visit": {
                "start": {"replied": {"by": "bot"}}, "unanswered": {"replied": {"by": "bot"}},
                "stop": {"changed": {"status": "solved"}}, "repeats": True,
            }
        }  # fmt: skip
        assert [] == self.told(created(), replied("mon 10:00", "bot"), metric="visit", metrics=metrics)


class TestEventsThatChangeNothing:
    def told(self, *events: Event, policy: Policy = BOTH) -> list[str]:
        return [f"{short(idle.at)} {idle.sentence}" for idle in story(policy, *events).explain()["resolution"].idle]

    def test_but_keep_a_start_back_or_make_it_ready_say_so(self) -> None:
        """Without it the clock would not start later on."""
        waits, ready = {"not": {"category": ["resolved", "closed"]}}, {"changed": {"stage": "a"}}
        metric = {"start": {"replied": {"by": "customer"}}, "stop": {"replied": {"by": "agent"}}, "start_while": waits}
        events = (
            created(status="solved"),
            replied("mon 09:30", "customer"),
            changed("mon 10:00", stage="a"),
            replied("mon 11:00", "customer"),
            changed("mon 12:00", status="open"),
        )
        for more, told in (
            ({}, ["09:30 own is to start by it, which asks for not (category is resolved or closed)"]),
            ({"start_after": ready}, [
                "09:30 own does not start by it",
                "10:00 own may start from now on",
                "11:00 own is to start by it, which asks for not (category is resolved or closed)",
            ]),
        ):  # fmt: skip
            history = story(make_policy({"own": "4h"}, metrics={"own": metric | more}), *events)
            account = history.explain(metrics="own")["own"]
            found = [f"{short(idle.at)} {idle.sentence}".removeprefix("mon ") for idle in account.idle]
            assert told == [line for line in found if line in told]
            assert "mon 12:00" == short(account.reading.started_at)

    def test_say_why(self) -> None:
        events = (
            changed("mon 08:00", team="z"),
            created(),
            replied("mon 09:30"),
            replied("mon 09:40", "customer", public=False),
            Released(at=on("mon 09:50")),
            changed("mon 10:00", team="a"),
            changed("mon 10:10", status="second"),
            changed("mon 10:15"),
            Held(at=on("mon 10:20"), reason="move"),
            Held(at=on("mon 10:30"), reason="move on"),
            changed("mon 10:40", status="waiting"),
            changed("mon 11:00", status="solved"),
            changed("mon 12:00", status="closed"),
            Held(at=on("mon 13:00"), reason="move", metric="first_response"),
        )
        assert [
            "mon 08:00 resolution does not start by it",
            "mon 09:30 resolution does not wait for a public reply by the agent",
            "mon 09:40 resolution does not wait for an internal reply by the customer",
            "mon 09:50 resolution stays running",
            "mon 10:00 nothing about resolution depends on team",
            "mon 10:10 resolution has the same target, and stays running",
            "mon 10:15 nothing about resolution depends on what it says",
            "mon 10:40 resolution has the same target, and stays paused",
            "mon 12:00 resolution had ended",
            "mon 13:00 it is about first_response",
        ] == self.told(*events)

    @pytest.mark.parametrize("trigger", [{"changed": {"stage": "done"}}, {"changed": "stage"}])
    def test_do_not_say_of_what_starts_or_ends_a_clock_that_it_does_not_depend_on_it(self, trigger: object) -> None:
        metrics = {"resolution": {"start": ["created", trigger], "stop": {"changed": {"category": "closed"}}}}
        events = (created(stage="first"), changed("mon 10:00", stage="second"), changed("mon 11:00", team="a"))
        assert [
            "mon 10:00 resolution has the same target, and stays running",
            "mon 11:00 nothing about resolution depends on team",
        ] == self.told(*events, policy=make_policy({"resolution": "8h"}, metrics=metrics))

    def test_say_of_a_clock_without_a_target_that_it_has_none(self) -> None:
        policy = make_policy(None, layers={"customer": [{"when": {"tier": "gold"}, "targets": {"resolution": "4h"}}]})
        account = story(policy, created(), changed("mon 10:00", status="open")).explain()["resolution"]
        assert ["resolution has no target still, and stays running"] == [idle.sentence for idle in account.idle]

    def test_say_of_a_cadence_that_its_next_cycle_has_yet_to_begin(self) -> None:
        policy = make_policy({"update": "4h"}, metrics={"update": {"repeats": "at_due"}})
        events = (created(), replied("mon 10:00"), replied("mon 11:00"), replied("mon 12:00"))
        account = story(policy, *events).explain(on("mon 15:00"))["update"]
        assert ["update #2 has yet to begin"] == [idle.sentence for idle in account.idle]

    def test_are_json_ready_and_shown_in_a_line(self) -> None:
        (idle,) = story(BOTH, created(id="c"), replied("mon 09:30", id="r")).explain()["resolution"].idle
        assert json.loads(json.dumps(idle.to_dict())) == {
            "at": "2026-03-02T09:30:00+00:00", "kind": "replied", "event": "r",
            "sentence": "resolution does not wait for a public reply by the agent",
        }  # fmt: skip
        assert str(idle).startswith("2026-03-02T09:30:00+00:00  replied: resolution does not wait")


@stories.profile(30)
@given(cases())
def test_the_trail_ends_where_the_reading_stands(case: Case) -> None:
    """Who binds at last is who binds in the reading; its candidates are targets that were given; an event that is said
    to have changed nothing is the cause of nothing; and decisions are in order."""
    policy, events, at = case
    history = sla.replay(policy, events)
    for account in history.explain(at):
        decisions, reading = account.decisions, account.reading
        instants = [decision.at_us for decision in decisions]
        assert instants == sorted(instants)
        bound = [decision for decision in decisions if decision.kind is DecisionKind.BINDS]
        if reading.cycle and reading.binding is not None:
            assert (reading.binding.layer, reading.binding.rule) == (bound[-1].layer, bound[-1].rule)
        given = {decision.layer for decision in decisions if decision.kind is DecisionKind.GIVES}
        assert {candidate.layer for candidate in reading.candidates if reading.cycle} <= given
        spans = [[(part.kind, part.start_us, part.end_us) for part in told.ledger] for told in (account, reading)]
        assert spans[0] == spans[1]
        quiet = {idle.event.key for idle in account.idle}
        started = [event.key for event in events if event.at_us == reading.started_us]
        assert not started or set(started) - quiet
        assert {decision.cause for decision in decisions}.isdisjoint(quiet)
