"""Timelines: what is coming if nothing else happens, complete, in order, and bounded."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given

import slaclock as sla
import stories
from helpers import changed, created, make_policy, on, replied, short, story
from slaclock.clock import initial_state
from slaclock.errors import EventError, NaiveTimeError
from slaclock.events import Event, Waived
from slaclock.policy import Policy
from slaclock.snapshots import snapshot
from slaclock.timeline import Coming, ComingKind, Timeline
from test_laws import Case, cases, keys, plain

OFFICE = make_policy({"resolution": "10h"}, defaults={"calendar": "office", "warn": ["75%"]})
DAYS = timedelta(days=4)


def shown(timeline: Timeline) -> list[str]:
    return [f"{short(coming.at)} {coming.kind}: {coming.sentence}" for coming in timeline]


def coming(policy: Policy, until: str, *events: Event, since: str | None = None) -> list[str]:
    return shown(story(policy, *events).timeline(on(until), None if since is None else on(since)))


class TestComing:
    def test_are_openings_closings_and_the_facts_that_time_makes(self) -> None:
        assert [
            "mon 17:00 closes: office closes (outside hours)",
            "tue 09:00 opens: office opens",
            "tue 10:30 fact: resolution #1 warned 75% (customer: 10h on office)",
            "tue 13:00 fact: resolution #1 breached (customer: 10h on office)",
            "tue 17:00 closes: office closes (outside hours)",
        ] == coming(OFFICE, "wed 08:59", created("mon 11:00"))

    def test_a_breach_is_dated_at_the_due_instant_and_comes_right_after_it(self) -> None:
        breach = "tue 13:00 fact: resolution #1 breached (customer: 10h on office)"
        assert breach not in coming(OFFICE, "tue 13:00", created("mon 11:00"))
        assert breach == coming(OFFICE, "tue 13:00:00.000001", created("mon 11:00"))[-1]

    def test_at_one_instant_hours_come_first_and_the_breach_last(self) -> None:
        policy = make_policy({"resolution": "8h"}, defaults={"calendar": "office", "warn": ["100%"]})
        assert [
            "mon 17:00 closes: office closes (outside hours)",
            "mon 17:00 fact: resolution #1 warned 100% (customer: 8h on office)",
            "mon 17:00 fact: resolution #1 breached (customer: 8h on office)",
        ] == coming(policy, "mon 18:00", created())

    def test_what_time_makes_at_the_last_event_itself_is_still_to_come(self) -> None:
        events = (created(), changed("mon 16:30", team="b"))
        history = story(OFFICE, *events)
        assert [] == [fact for fact in history.facts if fact.kind == "warned"]
        assert ["mon 16:30 fact: resolution #1 warned 75% (customer: 10h on office)"] == shown(
            history.timeline(on("mon 16:30"))
        )
        assert [] == shown(history.at(on("mon 16:30")).timeline(on("mon 16:30")))

    def test_of_paused_clocks_are_hours_alone_and_of_ended_ones_nothing(self) -> None:
        paused = (created(), changed("mon 10:00", status="waiting"))
        hours = ["mon 17:00 closes: office closes (outside hours)", "tue 09:00 opens: office opens"]
        assert hours == coming(OFFICE, "tue 12:00", *paused)
        assert [] == coming(OFFICE, "fri 12:00", *paused, changed("mon 11:00", status="solved"))
        assert [] == coming(make_policy(), "fri 12:00", *paused)

    def test_a_waived_promise_makes_no_facts(self) -> None:
        waived = Waived(at=on("mon 12:00"), metric="resolution", reason="outage")
        assert {"opens", "closes"} == {
            str(each.kind) for each in story(OFFICE, created(), waived).timeline(on("fri 12:00"))
        }

    def test_a_closing_says_why_and_whom_it_concerns(self) -> None:
        hours = {"mon-fri": "09:00-17:00"}
        closures = [{"from": "2026-03-02T14:00", "until": "2026-03-02T15:00", "reason": "fire drill"}]
        policy = make_policy(
            {"first_response": "4h", "resolution": "10h"},
            calendars={"desk": {"hours": hours, "closures": closures}},
            defaults={"calendar": "desk"},
        )
        first, *_ = story(policy, created()).timeline(on("mon 14:00"))
        assert ("fact", "mon 13:00") == (first.kind, short(first.at))
        second = list(story(policy, created()).timeline(on("mon 14:00")))[-1]
        assert 'desk closes (closure "fire drill")' == second.sentence
        assert (("first_response", "resolution"), "desk", None) == (second.metrics, second.calendar, second.fact)

    def test_the_edges_of_rules_that_match_the_ticket_are_told(self) -> None:
        window = {"from": "2026-03-03", "until": "2026-03-04"}
        rules: list[dict[str, object]] = [
            {"name": "acme", "when": {"customer": "acme"}, "effective": window, "targets": {"resolution": "4h"}},
            {"name": "globex", "when": {"customer": "globex"}, "effective": window, "targets": {"resolution": "4h"}},
            {"name": "free", "when": {"customer": "acme"}, "effective": {"from": "2026-03-05"}, "exempt": True},
        ]
        policy = make_policy({"resolution": "200h"}, *rules)
        history = story(policy, created(customer="acme"))
        assert [
            "tue 00:00 amendment: customer: rule 'acme' comes into force",
            "thu 00:00 amendment: customer: rule 'free' comes into force",
        ] == [line for line in shown(history.timeline(on("fri 00:00"))) if "ends" not in line]
        assert "thu 00:00 amendment: customer: rule 'acme' ends" not in coming(policy, "fri 00:00", created())
        told = {each.sentence: each.metrics for each in history.timeline(on("fri 00:00"))}
        assert ("resolution",) == told["customer: rule 'acme' ends"]
        assert tuple(policy.metrics) == told["customer: rule 'free' comes into force"]

    def test_an_amendment_that_moves_a_target_makes_its_fact_and_tells_who_binds_now(self) -> None:
        layers = {
            "corporate": [{"name": "all", "targets": {"resolution": "30h"}}],
            "customer": [{"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "28h"}}],
        }
        policy = make_policy(None, layers=layers, defaults={"on_amend": "move"})
        assert [
            "tue 00:00 amendment: customer: rule 'new' comes into force",
            "tue 00:00 fact: resolution #1 retargeted (customer: 28h on always)",
            "tue 00:00 binds: resolution: 28h on always by customer binds",
            "tue 13:00 fact: resolution #1 breached (customer: 28h on always)",
            "tue 15:00 fact: resolution #1 breached (corporate: 30h on always)",
        ] == coming(policy, "wed 00:00", created())

    def test_while_all_candidates_wait_another_may_come_to_bind(self) -> None:
        """Each would be due on its own calendar: over night the round-the-clock one slides past the other."""
        layers = {
            "corporate": [{"name": "all", "targets": {"resolution": {"within": "6h", "calendar": "always"}}}],
            "customer": [{"name": "acme", "targets": {"resolution": {"within": "4h", "calendar": "office"}}}],
        }
        policy = make_policy(None, layers=layers)
        events = (created("mon 16:00"), changed("mon 16:30", status="waiting"))
        binds = [line for line in coming(policy, "wed 06:59", *events) if " binds: " in line]
        assert [
            "tue 07:00 binds: resolution: 4h on office by customer binds",
            "tue 13:30:00.000001 binds: resolution: 6h on always by corporate binds",
        ] == binds

    def test_a_verdict_that_turns_without_a_fact_is_told(self) -> None:
        """A warning of this target was told already; the risk is back when the target is."""
        rule = {
            "name": "by priority",
            "by": "priority",
            "targets": {"resolution": {"high": {"within": "4h", "warn": ["50%"]}, "low": "40h"}},
        }
        policy = make_policy(None, rule, defaults={"on_change": "restart"})
        events = (
            created("mon 09:00", priority="high"),
            changed("mon 11:30", priority="low"),
            changed("mon 12:00", priority="high"),
        )
        assert [
            "mon 14:00 verdict: resolution is at risk",
            "mon 16:00 fact: resolution #1 breached (customer: 4h on always)",
        ] == coming(policy, "mon 18:00", *events)


class TestBounds:
    def test_since_looks_from_an_instant_as_it_looked_then(self) -> None:
        events = (created(), changed("mon 12:00", status="solved"))
        assert [] == coming(OFFICE, "fri 09:00", *events)
        assert ["mon 16:30 fact: resolution #1 warned 75% (customer: 10h on office)"] == coming(
            OFFICE, "mon 16:59", *events, since="mon 11:00"
        )

    def test_a_state_and_a_snapshot_have_the_same_timeline(self) -> None:
        history = story(OFFICE, created())
        asked = snapshot(OFFICE, history.state, on("mon 10:00")).timeline(on("wed 10:00"))
        assert shown(history.timeline(on("wed 10:00"), since=on("mon 10:00"))) == shown(asked)

    def test_an_end_before_the_beginning_is_refused_with_both(self) -> None:
        with pytest.raises(EventError, match=r"found `until` 2026-03-02T08:00.* not before 2026-03-02T09:00") as caught:
            story(OFFICE, created()).timeline(on("mon 08:00"))
        assert "tells what is coming" in str(caught.value)
        with pytest.raises(NaiveTimeError, match="until"):
            story(OFFICE, created()).timeline("2026-03-02T08:00")

    def test_is_worked_out_as_far_as_it_is_read(self) -> None:
        endless = story(OFFICE, created()).timeline("9999-12-31T00:00Z")
        assert ["fact", "closes", "opens"] == [str(each.kind) for each in islice(endless, 3)]
        assert 2 == len(endless.facts)

    def test_can_be_read_again(self) -> None:
        timeline = story(OFFICE, created()).timeline(on("wed 10:00"))
        assert list(timeline) == list(timeline)

    def test_before_any_event_only_rules_come(self) -> None:
        rule = {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "9h"}}
        history = story(make_policy(None, rule))
        assert ["tue 00:00 amendment: customer: rule 'new' comes into force"] == shown(
            history.timeline(on("fri 09:00"))
        )
        assert history.timeline(on("fri 09:00")).after is None
        assert [] == list(snapshot(OFFICE, initial_state(OFFICE), on("mon 09:00")).timeline(on("fri 09:00")))


class TestShown:
    def test_text_is_a_line_each(self) -> None:
        timeline = story(OFFICE, created(), replied("mon 16:00")).timeline(on("mon 17:00"))
        assert str(timeline) == (
            "2026-03-02T16:30:00+00:00 resolution #1 warned 75% (customer: 10h on office)\n"
            "2026-03-02T17:00:00+00:00 office closes (outside hours)"
        )
        assert "nothing is coming" == str(story(make_policy(), created()).timeline(on("fri 09:00")))
        assert "<Timeline of a ticket until 2026-03-02T17:00:00+00:00>" == repr(timeline)

    def test_to_dict_is_json_ready(self) -> None:
        history = sla.replay(OFFICE, [sla.Created(at=on("mon 09:00"), ticket="T-1")])
        timeline = history.timeline(on("mon 17:00"))
        data = json.loads(json.dumps(timeline.to_dict()))
        fact = data["coming"][0].pop("fact")
        assert fact == history.facts_until(on("mon 17:00"))[-1].to_dict()
        assert data == {
            "ticket": "T-1",
            "after": on("mon 09:00:00"),
            "until": on("mon 17:00:00"),
            "coming": [
                {
                    "kind": "fact", "at": on("mon 16:30:00"), "metrics": ["resolution"],
                    "sentence": "resolution #1 warned 75% (customer: 10h on office)", "calendar": None,
                },
                {
                    "kind": "closes", "at": on("mon 17:00:00"), "metrics": ["resolution"],
                    "sentence": "office closes (outside hours)", "calendar": "office", "fact": None,
                },
            ],
        }  # fmt: skip
        assert ("mon 09:00", "mon 17:00") == (short(timeline.after), short(timeline.until))

    def test_things_that_come_are_values(self) -> None:
        one, two = (list(story(OFFICE, created()).timeline(on("mon 17:00"))) for _ in range(2))
        assert one == two
        assert isinstance(one[0], Coming)
        assert ComingKind.FACT is one[0].kind


def standing(snap: sla.Snapshot) -> list[object]:
    """All that a timeline has to tell of living clocks."""
    found = []
    for metric in snap.policy.spoken:
        reading = snap[metric]
        if reading.is_active:
            binding = reading.binding
            bound = None if binding is None else (binding.layer, str(binding.target))
            found.append((metric, reading.phase, reading.verdict, reading.within_hours, bound))
    return found


@stories.profile(40)
@given(cases())
def test_facts_and_what_is_coming_make_up_the_facts_until_then(case: Case) -> None:
    policy, events, at = case
    history = sla.replay(policy, events)
    until = max(at, events[-1].at) + DAYS
    told = history.timeline(until)
    assert keys(history.facts_until(until)) == keys((*history.facts, *told.facts))
    assert sorted(keys(told.facts)) == sorted(keys(tuple(each.fact for each in told if each.fact is not None)))
    later = history.timeline(until, since=at)
    if at >= events[-1].at:
        assert keys(history.facts_until(until)) == keys((*history.facts_until(at), *later.facts))


@stories.profile(30)
@given(cases())
def test_between_two_things_that_come_nothing_turns(case: Case) -> None:
    """Neither phase nor verdict, hours or who binds; and they come in order, after the beginning, up to the end."""
    policy, events, at = case
    history = sla.replay(policy, events)
    since = max(at, events[-1].at)
    told = list(history.timeline(since + DAYS, since=since))
    ranks = [each.at_us for each in told]
    assert ranks == sorted(ranks)
    instants = sorted({each.at_us + (each.fact is not None and each.fact.kind == "breached") for each in told})
    marks = [since, *map(plain, instants), since + DAYS]
    for before, after in pairwise(marks):
        if before < after:
            last = after - timedelta(microseconds=1)
            assert standing(history.at(before)) == standing(history.at(last)), (before, after)
