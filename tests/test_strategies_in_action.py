"""The six questions on one small story each, all answers side by side.

Round the clock, so that the figures can be checked in the head.
"""

from __future__ import annotations

import pytest

from helpers import by_priority, changed, created, hours, make_policy, on, replied, short, story, told, us
from slaclock.events import Event
from slaclock.readings import Reading


def lines(facts: list[str], *kinds: str) -> list[str]:
    return [line for line in facts if any(f" {kind}" in line for kind in kinds)]


class TestOnChange:
    """`4h` when urgent, `8h` when not; created at 9 as low, paused from 10 to 11, urgent at noon: two hours counted."""

    events = (
        created(priority="low"),
        changed("mon 10:00", status="waiting"),
        changed("mon 11:00", status="open"),
        changed("mon 12:00", priority="high"),
    )

    def read(self, answer: str, at: str, *more: Event) -> Reading:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"on_change": answer})
        return story(policy, *self.events, *more).at(on(at))["resolution"]

    @pytest.mark.parametrize(("answer", "due", "elapsed", "target"), [
        ("recompute", "mon 14:00", 2, "4h"), ("carry", "mon 14:00", 2, "4h"), ("restart", "mon 16:00", 0, "4h"),
        ("keep", "mon 18:00", 2, "8h"),
    ])  # fmt: skip
    def test_on_one_calendar(self, answer: str, due: str, elapsed: int, target: str) -> None:
        reading = self.read(answer, "mon 12:00")
        assert (due, hours(elapsed)) == (short(reading.due_at), reading.elapsed_us)
        assert reading.target is not None
        assert target == str(reading.target.amount)

    @pytest.mark.parametrize(("answer", "due", "elapsed"), [
        # Created at 15:00 on office hours, urgent and round the clock from 20:00: two hours counted, or five.
        ("recompute", "mon 23:00", 5), ("carry", "tue 02:00", 2), ("restart", "tue 04:00", 0), ("keep", "tue 15:00", 2),
    ])  # fmt: skip
    def test_on_another_calendar(self, answer: str, due: str, elapsed: int) -> None:
        rule = by_priority({"within": "8h", "calendar": "always"}, {"within": "8h", "calendar": "office"})
        policy = make_policy(None, rule, defaults={"on_change": answer})
        events = (created("mon 15:00", priority="low"), changed("mon 20:00", priority="high"))
        reading = story(policy, *events).at(on("mon 20:00"))["resolution"]
        assert (due, hours(elapsed)) == (short(reading.due_at), reading.elapsed_us)

    @pytest.mark.parametrize(("answer", "breached", "due"), [
        # Half an hour is over at noon: recomputed and carried it is behind, and breached by the event that says so.
        ("recompute", "mon 12:00", "mon 09:30"), ("carry", "mon 12:00", "mon 09:30"), ("restart", None, "mon 12:30"),
        ("keep", None, "mon 18:00"),
    ])  # fmt: skip
    def test_to_a_target_that_lies_behind(self, answer: str, breached: str | None, due: str) -> None:
        policy = make_policy(None, by_priority("30m", "8h"), defaults={"on_change": answer, "warn": ["75%"]})
        history = story(policy, *self.events)
        reading = history.at(on("mon 12:00"))["resolution"]
        assert (breached, due) == (short(reading.breached_at), short(reading.due_at))
        # Its warning lies behind too, and is told first.
        told_then = ["mon 12:00 warned 75% (overtaken)", "mon 12:00 breached"]
        assert (told_then if breached else []) == lines(told(history.facts), "warned", "breached")

    def test_with_nothing_left_exactly_at_a_pause_it_is_due_at_the_resume(self) -> None:
        policy = make_policy(None, by_priority("1h", "8h"))
        assert "mon 11:00" == short(story(policy, *self.events).at(on("mon 12:00"))["resolution"].due_at)

    @pytest.mark.parametrize(("answer", "due"), [
        ("recompute", "mon 13:00"), ("carry", "mon 13:00"), ("restart", "mon 16:00"), ("keep", "mon 13:00"),
    ])  # fmt: skip
    def test_where_the_first_rule_matches_late(self, answer: str, due: str) -> None:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"on_change": answer})
        reading = story(policy, created(), changed("mon 12:00", priority="high")).at(on("mon 12:00"))["resolution"]
        assert due == short(reading.due_at)

    @pytest.mark.parametrize("answer", ["recompute", "carry", "restart", "keep"])
    def test_another_rule_of_equal_value_changes_nothing(self, answer: str) -> None:
        rules = [
            {"name": "by", "by": "priority", "targets": {"resolution": {"low": {"within": "240m", "warn": "50%"}}}}
        ]
        policy = make_policy({"resolution": "4h"}, *rules, defaults={"on_change": answer})
        history = story(policy, created(priority="low"), changed("mon 12:00", priority="high"))
        assert [] == lines(told(history.facts), "retargeted")
        assert "mon 13:00" == short(history.at(on("mon 12:00"))["resolution"].due_at)

    @pytest.mark.parametrize(("answer", "due"), [("recompute", "mon 13:00"), ("restart", "mon 16:00")])
    def test_the_arriving_target_decides(self, answer: str, due: str) -> None:
        rule = by_priority({"within": "4h", "on_change": answer}, {"within": "8h", "on_change": "keep"})
        history = story(make_policy(None, rule), created(priority="low"), changed("mon 12:00", priority="high"))
        assert due == short(history.at(on("mon 12:00"))["resolution"].due_at)

    @pytest.mark.parametrize(
        ("first", "figures"),
        [
            ({"within": "8h", "calendar": "office"}, (2, 2, 2)),
            ({"within": "80h", "pause_while": {"never": True}}, (20, 0, 20)),
        ],
        ids=["another calendar", "another pause rule"],
    )
    def test_what_is_carried_on_is_told_as_its_own_calendar_and_pause_rule_had_it(
        self, first: dict[str, object], figures: tuple[int, ...]
    ) -> None:
        """Elapsed, paused, and elapsed by the wall clock, as the ledger has them."""
        policy = make_policy(None, by_priority({"within": "40h", "on_change": "carry"}, first))
        events = (
            created("mon 15:00", priority="low"),
            changed("mon 16:00", status="waiting"),
            changed("tue 10:00", status="open"),
            changed("tue 11:00", priority="high"),
        )
        reading = story(policy, *events).at(on("tue 11:00"))["resolution"]
        found = (reading.elapsed_us, reading.paused_for_us, reading.wall_elapsed_us)
        assert tuple(map(hours, figures)) == found
        counted, paused = (
            [segment for segment in reading.ledger if str(segment.kind) == kind] for kind in ("counted", "paused")
        )
        assert figures == tuple(
            us // hours(1)
            for us in (
                sum(segment.open_us for segment in counted),
                sum(segment.open_us for segment in paused),
                sum(segment.wall_us for segment in counted),
            )
        )

    def test_what_carries_on_from_a_fresh_start_knows_nothing_of_the_time_before(self) -> None:
        """A day amount names its instant as of the fresh start, and the hour before that is no pause."""
        day = {"within": "next business day by 09:00", "on_change": "carry"}
        rule = by_priority(day, {"within": "8h", "on_change": "restart"})
        policy = make_policy(None, rule, defaults={"calendar": "office"})
        turns = [changed("mon 10:00", priority="low"), changed("mon 12:00", priority="high")]
        reading = story(policy, created(priority="high"), *turns).at(on("mon 12:00"))["resolution"]
        assert ("tue 09:00", hours(2)) == (short(reading.due_at), reading.elapsed_us)


class TestOnReopen:
    """`8h`; created at 9, resolved at noon, reopened at 14:00: three hours counted, two were done."""

    events = (created(), changed("mon 12:00", status="solved"), changed("mon 14:00", status="open"))

    def read(self, answer: str, *more: Event, at: str = "mon 14:00") -> tuple[Reading, ...]:
        policy = make_policy({"resolution": "8h"}, defaults={"on_reopen": answer})
        return story(policy, *self.events, *more).at(on(at)).cycles("resolution")

    @pytest.mark.parametrize(("answer", "expected"), [
        ("exclude", [("running", "mon 19:00", 3)]),
        ("include", [("running", "mon 17:00", 5)]),
        ("restart", [("stopped", "mon 17:00", 3), ("running", "mon 22:00", 0)]),
        ("ignore", [("stopped", "mon 17:00", 3)]),
    ])  # fmt: skip
    def test_after_a_stop_in_time(self, answer: str, expected: list[tuple[str, str, int]]) -> None:
        found = [(reading.phase, short(reading.due_at), reading.elapsed_us) for reading in self.read(answer)]
        assert [(phase, due, hours(elapsed)) for phase, due, elapsed in expected] == found

    @pytest.mark.parametrize(("answer", "kinds"), [
        ("exclude", ["started", "fulfilled", "reopened"]),
        ("include", ["started", "fulfilled", "reopened"]),
        ("restart", ["started", "fulfilled", "restarted"]),
        ("ignore", ["started", "fulfilled"]),
    ])  # fmt: skip
    def test_in_facts(self, answer: str, kinds: list[str]) -> None:
        policy = make_policy({"resolution": "8h"}, defaults={"on_reopen": answer})
        facts = [fact for fact in story(policy, *self.events).facts if fact.metric == "resolution"]
        assert kinds == [str(fact.kind) for fact in facts]

    @pytest.mark.parametrize(("answer", "segments"), [
        ("exclude", ["counted 3", "done 2"]), ("include", ["counted 5"]), ("ignore", ["counted 3"]),
    ])  # fmt: skip
    def test_in_the_ledger(self, answer: str, segments: list[str]) -> None:
        (reading,) = self.read(answer)
        found = [f"{segment.kind} {segment.wall_us // hours(1)}" for segment in reading.ledger.segments]
        assert segments == found
        assert 0 == reading.paused_for_us

    @pytest.mark.parametrize(
        ("answer", "breached"), [("exclude", None), ("include", "mon 20:00"), ("restart", None), ("ignore", None)]
    )
    def test_a_deadline_that_passed_while_done_is_missed_only_where_that_time_counts(
        self, answer: str, breached: str | None
    ) -> None:
        policy = make_policy({"resolution": "8h"}, defaults={"on_reopen": answer})
        events = (created(), changed("mon 12:00", status="solved"), changed("mon 20:00", status="open"))
        history = story(policy, *events)
        told = [short(fact.at_us) for fact in history.facts if fact.kind == "breached"]
        assert ([breached] if breached else []) == told
        assert breached == short(history.at(on("mon 20:00"))["resolution"].breached_at)

    def test_counted_done_time_of_a_clock_that_was_stopped_while_paused_begins_at_the_stop(self) -> None:
        policy = make_policy({"resolution": "8h"}, defaults={"on_reopen": "include"})
        events = (
            created(),
            changed("mon 10:00", status="waiting"),
            changed("mon 12:00", status="solved"),
            changed("mon 14:00", status="open"),
        )
        reading = story(policy, *events).at(on("mon 14:00"))["resolution"]
        assert (hours(3), hours(2), "mon 19:00") == (reading.elapsed_us, reading.paused_for_us, short(reading.due_at))

    def test_reopened_into_waiting_is_paused_at_once(self) -> None:
        policy = make_policy({"resolution": "8h"})
        events = (*self.events[:2], changed("mon 14:00", status="waiting"))
        reading = story(policy, *events).at(on("mon 15:00"))["resolution"]
        assert ("paused", None, "mon 20:00") == (reading.phase, reading.due_at, short(reading.due_if_resumed))

    def test_a_field_changed_while_done_gives_the_target_again_at_the_reopening(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"))
        events = (
            created(priority="low"),
            changed("mon 12:00", status="solved"),
            changed("mon 13:00", priority="high"),
            changed("mon 14:00", status="open"),
        )
        history = story(policy, *events)
        assert "8h" == str(history.at(on("mon 13:30"))["resolution"].target.amount)  # type: ignore[union-attr]
        assert "mon 15:00" == short(history.at(on("mon 14:00"))["resolution"].due_at)


class TestOnAmend:
    """`8h` until the end of Monday, `4h` from Tuesday on; created on Monday at 20:00."""

    rules = (
        {"name": "old", "effective": {"until": "2026-03-02"}, "targets": {"resolution": "8h"}},
        {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "4h"}},
    )

    @pytest.mark.parametrize(("answer", "before", "after"), [
        ("keep", "tue 04:00", "tue 04:00"), ("move", "tue 04:00", "tue 00:00"),
    ])  # fmt: skip
    def test_recomputed(self, answer: str, before: str, after: str) -> None:
        policy = make_policy(None, *self.rules, defaults={"on_amend": answer})
        history = story(policy, created("mon 20:00"))
        assert before == short(history.at(on("mon 23:00"))["resolution"].due_at)
        assert after == short(history.at(on("tue 01:00"))["resolution"].due_at)

    def test_restarted_at_the_edge(self) -> None:
        policy = make_policy(None, *self.rules, defaults={"on_amend": "move", "on_change": "restart"})
        history = story(policy, created("mon 20:00"))
        snap = history.at(on("mon 23:00"))
        assert "tue 00:00" == short(snap.next_wakeup) == short(snap.next_change)
        assert "tue 04:00" == short(history.at(on("tue 01:00"))["resolution"].due_at)
        assert ["tue 00:00 retargeted"] == lines(told(history.facts_until(on("tue 00:00"))), "retargeted")
        (fact,) = (fact for fact in history.facts_until(on("tue 01:00")) if fact.kind == "retargeted")
        assert "amendment@2026-03-03T00:00:00+00:00" == fact.cause

    def test_a_cycle_that_starts_after_the_edge_takes_the_new_target_either_way(self) -> None:
        for answer in ("keep", "move"):
            policy = make_policy(None, *self.rules, defaults={"on_amend": answer})
            assert "tue 05:00" == short(story(policy, created("tue 01:00")).at(on("tue 01:00"))["resolution"].due_at)

    @pytest.mark.parametrize("answer", ["keep", "move"])
    def test_a_clock_stopped_before_the_edge_is_never_judged_by_what_comes_after_it(self, answer: str) -> None:
        policy = make_policy(None, *self.rules, defaults={"on_amend": answer})
        history = story(policy, created("mon 18:00"), changed("mon 23:00", status="solved"))
        reading = history.at(on("wed 09:00"))["resolution"]
        assert ("met", "tue 02:00") == (reading.verdict, short(reading.due_at))


class TestOnUnmatched:
    """`4h` when urgent, nothing otherwise; urgent at 9, another priority at 10."""

    @pytest.mark.parametrize(
        ("answer", "due", "verdict"), [("drop", None, "no_target"), ("keep", "mon 13:00", "pending")]
    )
    def test_no_rule_matches_any_more(self, answer: str, due: str | None, verdict: str) -> None:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"on_unmatched": answer})
        history = story(policy, created(priority="high"), changed("mon 10:00", priority="odd"))
        reading = history.at(on("mon 10:00"))["resolution"]
        assert (due, verdict) == (short(reading.due_at), reading.verdict)
        assert (["mon 10:00 retargeted"] if answer == "drop" else []) == lines(told(history.facts), "retargeted")

    @pytest.mark.parametrize("answer", ["drop", "keep"])
    def test_an_exemption_takes_the_target_away_whatever_the_answer_and_not_the_time(self, answer: str) -> None:
        policy = make_policy(
            {"resolution": "4h"},
            {"name": "trial", "when": {"plan": "trial"}, "exempt": True},
            defaults={"on_unmatched": answer},
        )
        history = story(policy, created(), changed("mon 10:00", plan="trial"), changed("mon 12:00", plan="paid"))
        assert "no_target" == history.at(on("mon 11:00"))["resolution"].verdict
        assert "mon 13:00" == short(history.at(on("mon 12:00"))["resolution"].due_at)


class TestOnUnanswered:
    """`8h` to answer; resolved at noon without an answer."""

    @pytest.mark.parametrize(
        ("answer", "phase", "verdict"), [("cancel", "cancelled", "void"), ("fulfil", "stopped", "met")]
    )
    @pytest.mark.parametrize("metric", ["first_response", "next_response"])
    def test_resolved_in_time(self, metric: str, answer: str, phase: str, verdict: str) -> None:
        policy = make_policy({metric: "8h"}, defaults={"on_unanswered": answer})
        before = (replied("mon 10:00"), replied("mon 11:00", "customer")) if metric == "next_response" else ()
        reading = story(policy, created(), *before, changed("mon 12:00", status="solved")).at(on("tue 09:00"))[metric]
        assert (phase, verdict) == (reading.phase, reading.verdict)
        assert (short(reading.fulfilled_at) == "mon 12:00") is (answer == "fulfil")

    @pytest.mark.parametrize("answer", ["cancel", "fulfil"])
    def test_resolved_late_is_breached_either_way(self, answer: str) -> None:
        policy = make_policy({"first_response": "1h"}, defaults={"on_unanswered": answer})
        reading = story(policy, created(), changed("mon 12:00", status="solved")).at(on("tue 09:00"))["first_response"]
        assert ("breached", "mon 10:00") == (reading.verdict, short(reading.breached_at))

    @pytest.mark.parametrize("answer", ["cancel", "fulfil"])
    def test_reopening_does_not_ask_for_a_first_response_again(self, answer: str) -> None:
        policy = make_policy({"first_response": "8h"}, defaults={"on_unanswered": answer})
        events = (created(), changed("mon 12:00", status="solved"), changed("mon 13:00", status="open"))
        assert not story(policy, *events).at(on("mon 14:00"))["first_response"].is_active


class TestOnRelax:
    """`1h` when urgent, `8h` when not; urgent at 9, not at noon, resolved at 14:00."""

    events = (created(priority="high"), changed("mon 12:00", priority="low"), changed("mon 14:00", status="solved"))

    @pytest.mark.parametrize(("answer", "verdict", "breached", "due"), [
        ("final", "met", None, "mon 17:00"), ("sticky", "breached", "mon 10:00", "mon 10:00"),
    ])  # fmt: skip
    def test_a_laxer_target_after_a_breach(self, answer: str, verdict: str, breached: str | None, due: str) -> None:
        policy = make_policy(None, by_priority("1h", "8h"), defaults={"on_relax": answer})
        history = story(policy, *self.events)
        reading = history.at(on("tue 09:00"))["resolution"]
        assert (verdict, breached, due) == (reading.verdict, short(reading.breached_at), short(reading.due_at))
        # Either way the breach stays in the facts, once.
        assert ["mon 10:00 breached"] == lines(told(history.facts), "breached")

    @pytest.mark.parametrize(("answer", "breached"), [("final", "mon 17:00"), ("sticky", "mon 10:00")])
    def test_a_second_breach_under_the_laxer_target(self, answer: str, breached: str) -> None:
        policy = make_policy(None, by_priority("1h", "8h"), defaults={"on_relax": answer})
        reading = story(policy, *self.events[:2]).at(on("tue 09:00"))["resolution"]
        assert ("breached", breached) == (reading.verdict, short(reading.breached_at))

    def test_without_a_breach_there_is_nothing_to_stick(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"on_relax": "sticky"})
        reading = story(policy, *self.events).at(on("tue 09:00"))["resolution"]
        assert ("met", None) == (reading.verdict, reading.breached_at)

    def test_a_breach_sticks_also_where_the_laxer_target_is_behind_too(self) -> None:
        policy = make_policy(None, by_priority("1h", "2h"), defaults={"on_relax": "sticky"})
        reading = story(policy, *self.events[:2]).at(on("mon 12:00"))["resolution"]
        assert ("breached", "mon 10:00") == (reading.verdict, short(reading.breached_at))

    def test_a_breach_sticks_through_a_second_change(self) -> None:
        policy = make_policy(
            None,
            {"name": "r", "by": "priority", "targets": {"resolution": {"high": "1h", "low": "8h", "odd": "9h"}}},
            defaults={"on_relax": "sticky"},
        )
        events = (*self.events[:2], changed("mon 13:00", priority="odd"))
        reading = story(policy, *events).at(on("mon 13:00"))["resolution"]
        assert ("breached", us("mon 10:00")) == (reading.verdict, reading.breached_us)
