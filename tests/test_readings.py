"""Readings: every figure of one clock at one instant."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from helpers import by_priority, changed, created, hours, make_policy, minutes, on, replied, short, story
from slaclock.candidate import Verdict
from slaclock.events import Event, Extended, Waived
from slaclock.policy import Policy
from slaclock.readings import Reading
from slaclock.state import Phase

OFFICE = make_policy({"resolution": "8h", "next_response": "1h"}, defaults={"calendar": "office", "warn": ["75%"]})
WAITING = changed("mon 12:00", status="waiting")
OPEN = changed("mon 14:00", status="open")


def read(at: str, *events: Event, policy: Policy = OFFICE, metric: str = "resolution") -> Reading:
    return story(policy, created(), *events).at(on(at))[metric]


def figures(reading: Reading, *names: str) -> tuple[object, ...]:
    return tuple(getattr(reading, name) for name in names)


class TestWhereItStands:
    @pytest.mark.parametrize(("at", "events", "phase", "active", "paused"), [
        ("mon 10:00", (), Phase.RUNNING, True, False),
        ("mon 13:00", (WAITING,), Phase.PAUSED, True, True),
        ("mon 15:00", (changed("mon 14:00", status="solved"),), Phase.STOPPED, False, False),
    ])  # fmt: skip
    def test_phase_active_and_paused(
        self, at: str, events: tuple[Event, ...], phase: Phase, active: bool, paused: bool
    ) -> None:
        assert (phase, active, paused) == figures(read(at, *events), "phase", "is_active", "is_paused")

    @pytest.mark.parametrize(("at", "within"), [("mon 16:59", True), ("mon 17:00", False), ("tue 09:00", True)])
    def test_outside_hours_is_no_pause(self, at: str, within: bool) -> None:
        assert (Phase.RUNNING, within) == figures(read(at), "phase", "within_hours")

    def test_it_knows_when_it_started_and_was_fulfilled(self) -> None:
        reading = read("tue 09:00", changed("mon 14:00", status="solved"))
        assert ("mon 09:00", "mon 14:00") == (short(reading.started_at), short(reading.fulfilled_at))
        assert (1, "tue 09:00") == (reading.cycle, short(reading.at))

    def test_a_cancelled_clock_was_not_fulfilled(self) -> None:
        reading = read("tue 09:00", changed("mon 10:00", status="solved"), metric="first_response")
        assert (Phase.CANCELLED, None) == figures(reading, "phase", "fulfilled_at")


class TestDue:
    def test_while_running_both_say_when(self) -> None:
        reading = read("mon 10:00")
        assert "mon 17:00" == short(reading.due_at) == short(reading.due_if_resumed)

    def test_while_paused_in_time_only_if_resumed(self) -> None:
        reading = read("mon 13:00", WAITING)
        assert (None, "tue 10:00") == (reading.due_at, short(reading.due_if_resumed))

    def test_while_paused_after_a_breach_the_deadline_stands(self) -> None:
        reading = read("wed 12:00", changed("tue 12:00", status="waiting"))
        assert "mon 17:00" == short(reading.due_at) == short(reading.due_if_resumed)

    def test_once_stopped_the_deadline_as_it_stood(self) -> None:
        reading = read("wed 12:00", WAITING, OPEN, changed("mon 15:00", status="solved"))
        assert "tue 11:00" == short(reading.due_at)

    def test_stopped_while_paused_the_deadline_as_if_resumed_at_the_stop(self) -> None:
        reading = read("wed 12:00", WAITING, changed("mon 14:00", status="solved"))
        assert (Verdict.MET, "tue 11:00") == (reading.verdict, short(reading.due_at))


class TestFigures:
    def test_while_it_runs(self) -> None:
        reading = read("mon 16:00", WAITING, OPEN)
        expected = (hours(5), hours(3), 0, hours(2), hours(5), Fraction(5, 8))
        names = ("elapsed_us", "remaining_us", "overdue_by_us", "paused_for_us", "wall_elapsed_us", "fraction")
        assert expected == figures(reading, *names)

    def test_are_durations_to_callers(self) -> None:
        reading = read("mon 16:00", WAITING, OPEN)
        names = ("elapsed", "remaining", "overdue_by", "paused_for", "wall_elapsed")
        assert (5, 3, 0, 2, 5) == tuple(value.total_seconds() // 3600 for value in figures(reading, *names))  # type: ignore[attr-defined]

    def test_once_overdue(self) -> None:
        reading = read("tue 11:00")
        assert (hours(10), 0, hours(2), Fraction(5, 4)) == figures(
            reading, "elapsed_us", "remaining_us", "overdue_by_us", "fraction"
        )
        assert ("mon 17:00", True) == (short(reading.breached_at), reading.is_breached)

    def test_overdue_does_not_grow_while_paused_or_out_of_hours(self) -> None:
        assert hours(2) == read("wed 11:00", changed("tue 11:00", status="waiting")).overdue_by_us
        assert 0 == read("mon 20:00").overdue_by_us
        assert read("mon 20:00").is_breached

    def test_wall_time_runs_out_of_hours(self) -> None:
        assert (hours(8), hours(24)) == figures(read("tue 09:00"), "elapsed_us", "wall_elapsed_us")

    def test_pauses_cost_working_time_only(self) -> None:
        reading = read("tue 10:00", changed("mon 16:00", status="waiting"), changed("tue 10:00", status="open"))
        assert hours(2) == reading.paused_for_us

    def test_of_best_effort_there_is_no_rest_and_no_share(self) -> None:
        reading = read("mon 12:00", policy=make_policy({"resolution": "best effort"}))
        names = ("elapsed_us", "remaining", "remaining_us", "overdue_by_us", "fraction", "due_at", "due_if_resumed")
        assert (hours(3), None, None, 0, None, None, None) == figures(reading, *names)

    def test_of_a_target_that_grants_no_open_time_there_is_no_share(self) -> None:
        # A calendar day over the weekend, on office hours.
        policy = make_policy({"resolution": {"within": "1 calendar day", "calendar": "office"}})
        reading = story(policy, created("sat 09:00")).at(on("sat 12:00"))["resolution"]
        assert (None, 0, 0, "sun 09:00") == (
            *figures(reading, "fraction", "remaining_us", "elapsed_us"),
            short(reading.due_at),
        )

    def test_without_a_target_only_the_wall_clock_is_left(self) -> None:
        reading = read("mon 12:00", policy=make_policy())
        none = (
            "due_at", "due_if_resumed", "raw_due_at", "breached_at", "elapsed", "remaining", "overdue_by", "paused_for",
            "fraction", "binding", "target", "within_hours",
        )  # fmt: skip
        assert (None,) * len(none) == figures(reading, *none)
        assert (Verdict.NO_TARGET, hours(3), ()) == figures(reading, "verdict", "wall_elapsed_us", "candidates")


class TestNotStarted:
    def test_where_it_would_have_a_target_it_is_pending(self) -> None:
        reading = read("mon 10:00", metric="next_response")
        assert (Phase.NOT_STARTED, Verdict.PENDING, Verdict.PENDING, 0) == figures(
            reading, "phase", "verdict", "raw_verdict", "cycle"
        )

    def test_nothing_has_happened_to_it_yet(self) -> None:
        reading = read("mon 10:00", metric="next_response")
        none = ("started_at", "fulfilled_at", "due_at", "due_if_resumed", "raw_due_at", "breached_at")
        assert (None,) * len(none) == figures(reading, *none)
        assert (0, hours(1), 0, 0, 0, False) == figures(
            reading, "elapsed_us", "remaining_us", "overdue_by_us", "paused_for_us", "wall_elapsed_us", "is_active"
        )
        assert reading.target is not None
        assert None is reading.within_hours

    def test_without_a_target_it_has_none(self) -> None:
        reading = read("mon 10:00", metric="update")
        assert (Verdict.NO_TARGET, None, None) == figures(reading, "verdict", "elapsed_us", "within_hours")


class TestVerdict:
    def test_is_the_metrics_breached_at_the_first_candidates_breach(self) -> None:
        # The general target was missed and then paused; the specific one, still in time, runs on.
        layers = {
            "corporate": [{"targets": {"resolution": "1h"}}],
            "customer": [{"targets": {"resolution": {"within": "9h", "pause_while": {"never": True}}}}],
        }
        reading = read("mon 13:00", WAITING, policy=make_policy(None, layers=layers))
        assert (Verdict.BREACHED, "mon 10:00") == (reading.verdict, short(reading.breached_at))
        # What was missed binds, paused or not: its due instant is an actual one, and the earliest.
        assert ["breached", "pending"] == [candidate.verdict for candidate in reading.candidates]
        assert ("corporate", "paused") == (reading.binding.layer, reading.phase)  # type: ignore[union-attr]

    def test_exempt_is_no_target(self) -> None:
        policy = make_policy({"resolution": "1h"}, {"name": "all", "exempt": ["resolution"]})
        assert (Verdict.NO_TARGET, None) == figures(read("mon 12:00", policy=policy), "verdict", "breached_at")

    def test_raw_tells_what_would_have_been_without_extension_or_waiver(self) -> None:
        extended = Extended(at=on("mon 10:00"), metric="resolution", by="2h", reason="r")
        reading = read("tue 10:30", extended)
        assert (Verdict.AT_RISK, Verdict.BREACHED) == figures(reading, "verdict", "raw_verdict")
        assert ("tue 11:00", "mon 17:00") == (short(reading.due_at), short(reading.raw_due_at))
        waived = Waived(at=on("mon 10:00"), metric="resolution", reason="r")
        assert (Verdict.WAIVED, Verdict.BREACHED, False) == figures(
            read("tue 10:30", waived), "verdict", "raw_verdict", "is_breached"
        )
        assert (Verdict.WAIVED, Verdict.PENDING) == figures(
            read("mon 10:30", extended, waived), "verdict", "raw_verdict"
        )

    def test_no_later_change_judges_a_stopped_clock(self) -> None:
        policy = make_policy(None, by_priority("1h", "8h"))
        events = (created(priority="low"), changed("mon 14:00", status="solved"), changed("mon 15:00", priority="high"))
        assert Verdict.MET is story(policy, *events).at(on("tue 09:00"))["resolution"].verdict


class TestBindingCandidate:
    layers = {  # noqa: RUF012
        "corporate": [{"targets": {"resolution": {"within": "6h", "calendar": "always"}}}],
        "customer": [{"targets": {"resolution": {"within": "4h", "calendar": "office"}}}],
    }
    policy = make_policy(None, layers=layers)

    def test_every_figure_is_that_of_the_binding_one(self) -> None:
        reading = story(self.policy, created("fri 16:30")).at(on("fri 18:00"))["resolution"]
        assert reading.binding is not None
        assert ("corporate", minutes(90), True) == (reading.binding.layer, reading.elapsed_us, reading.within_hours)
        assert reading.target is reading.binding.target
        assert 2 == len(reading.candidates)

    def test_it_may_change_with_the_hour_of_the_start(self) -> None:
        reading = story(self.policy, created("fri 09:00")).at(on("fri 10:00"))["resolution"]
        assert reading.binding is not None
        assert "customer" == reading.binding.layer


class TestValue:
    def test_reading_twice_and_in_another_order_says_the_same(self) -> None:
        one, two = read("tue 10:00", WAITING, OPEN), read("tue 10:00", WAITING, OPEN)
        backwards = [getattr(two, name) for name in ("fraction", "verdict", "elapsed_us", "due_us")]
        assert backwards == [getattr(one, name) for name in ("fraction", "verdict", "elapsed_us", "due_us")]
        assert (one, hash(one)) == (two, hash(two))
        assert one != read("tue 11:00", WAITING, OPEN)
        assert one != "a reading"

    def test_to_dict_is_json_ready_and_complete(self) -> None:
        data = json.loads(json.dumps(read("mon 16:00", WAITING, OPEN).to_dict()))
        candidates = data.pop("candidates")
        assert [data.pop("binding")] == candidates
        assert data == {
            "metric": "resolution",
            "kind": "sla",
            "cycle": 1,
            "at": "2026-03-02T16:00:00+00:00",
            "phase": "running",
            "verdict": "pending",
            "raw_verdict": "pending",
            "within_hours": True,
            "started_at": "2026-03-02T09:00:00+00:00",
            "fulfilled_at": None,
            "breached_at": None,
            "due_at": "2026-03-03T11:00:00+00:00",
            "due_if_resumed": "2026-03-03T11:00:00+00:00",
            "raw_due_at": "2026-03-03T11:00:00+00:00",
            "elapsed_us": hours(5),
            "remaining_us": hours(3),
            "overdue_by_us": 0,
            "paused_for_us": hours(2),
            "wall_elapsed_us": hours(5),
            "exceptions": [],
            "excluded_by": [],
            "fraction": "5/8",
        }

    def test_to_dict_without_a_target_has_none_of_its_figures(self) -> None:
        data = read("mon 12:00", policy=make_policy()).to_dict()
        assert (None, None, []) == (data["fraction"], data["binding"], data["candidates"])

    def test_text_says_phase_verdict_due_and_by_whom(self) -> None:
        assert str(read("mon 10:00")) == (
            "resolution: running, pending, due 2026-03-02T17:00:00+00:00 (customer: 8h on office)"
        )
        assert str(read("mon 10:00", policy=make_policy())) == "resolution: running, no_target"
        events = (replied("mon 10:00"), replied("mon 11:00"), replied("mon 12:00"))
        assert str(read("mon 13:00", *events, metric="update")) == "update #3: running, no_target"
        assert repr(read("mon 10:00", policy=make_policy())) == "<Reading resolution: running, no_target>"

    def test_answers_are_in_the_zone_of_the_policy(self) -> None:
        policy = make_policy({"resolution": "8h"}, timezone="Asia/Tokyo")
        reading = read("mon 10:00", policy=policy)
        assert "2026-03-03T02:00:00+09:00" == reading.due_at.isoformat()  # type: ignore[union-attr]
