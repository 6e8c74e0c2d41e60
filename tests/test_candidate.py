"""Candidates and verdicts: what one target says of a clock."""

from __future__ import annotations

import json

import pytest

from helpers import UTC, changed, created, hours, make_policy, on, replied, short, story, us
from slaclock.candidate import Candidate, Verdict, iso, known, long, when
from slaclock.events import Event
from slaclock.target import NEVER_US

TWO = {
    "corporate": [{"name": "c", "targets": {"resolution": "8h"}}],
    "customer": [{"name": "k", "targets": {"resolution": "4h"}}],
}


def both(at: str, *events: Event, **defaults: object) -> tuple[Candidate, ...]:
    policy = make_policy(None, layers=TWO, defaults=defaults)
    return story(policy, *events).at(on(at))["resolution"].candidates


def verdict(target: object, *events: Event, at: str, warn: object = "75%") -> str:
    policy = make_policy({"resolution": target}, defaults={"warn": warn})
    (candidate,) = story(policy, created(), *events).at(on(at))["resolution"].candidates
    return str(candidate.verdict)


def test_the_verdicts_are_these() -> None:
    assert ["pending", "at_risk", "breached", "met", "waived", "void", "no_target"] == [
        str(verdict) for verdict in Verdict
    ]


def test_a_candidate_says_who_promised_what_and_when_it_is_due() -> None:
    assert [
        "corporate: 8h on always, due 2026-03-02T17:00:00+00:00",
        "customer: 4h on always, due 2026-03-02T13:00:00+00:00",
    ] == [str(candidate) for candidate in both("mon 10:00", created())]
    waiting = both("mon 11:00", created(), changed("mon 10:00", status="waiting"))
    assert "customer: 4h on always, due 2026-03-02T14:00:00+00:00 if it resumed then" == str(waiting[1])
    policy = make_policy({"resolution": "best effort"})
    (never,) = story(policy, created()).at(on("mon 10:00"))["resolution"].candidates
    assert "customer: best effort on always" == str(never)


class TestVerdict:
    @pytest.mark.parametrize(("at", "expected"), [
        ("mon 11:59:59.999999", "pending"), ("mon 12:00", "at_risk"), ("mon 13:00", "at_risk"),
        ("mon 13:00:00.000001", "breached"),
    ])  # fmt: skip
    def test_is_at_risk_from_the_first_warning_until_due(self, at: str, expected: str) -> None:
        assert expected == verdict("4h", at=at, warn=["90%", "75%"])

    @pytest.mark.parametrize("warn", [[], ["+1h"], [{"after": "5h"}]])
    def test_is_not_at_risk_without_a_warning_before_due(self, warn: list[object]) -> None:
        assert "pending" == verdict("4h", at="mon 13:00", warn=warn)

    def test_of_best_effort_is_pending_until_it_is_met(self) -> None:
        warn = [{"after": "1h"}]
        assert "pending" == verdict("best effort", at="sun 12:00", warn=warn)
        assert "met" == verdict("best effort", changed("sat 12:00", status="solved"), at="sun 12:00", warn=warn)

    @pytest.mark.parametrize(("end", "expected"), [("mon 13:00", "met"), ("mon 13:00:00.000001", "breached")])
    def test_of_a_stopped_clock_is_judged_by_the_instant(self, end: str, expected: str) -> None:
        assert expected == verdict("4h", changed(end, status="solved"), at="sun 12:00")

    @pytest.mark.parametrize(("end", "expected"), [("mon 09:30", "void"), ("mon 12:00", "breached")])
    def test_of_a_cancelled_clock_is_void_unless_it_was_breached_before(self, end: str, expected: str) -> None:
        policy = make_policy({"first_response": "1h"})
        snap = story(policy, created(), changed(end, status="solved")).at(on("sun 12:00"))
        (candidate,) = snap["first_response"].candidates
        assert expected == candidate.verdict


class TestCandidates:
    def test_run_from_the_most_general_layer_to_the_most_specific(self) -> None:
        assert ["corporate", "customer"] == [candidate.layer for candidate in both("mon 10:00", created())]

    def test_each_has_its_due_instant_and_its_margin_by_the_wall_clock(self) -> None:
        general, specific = both("mon 10:00", created())
        assert ("mon 17:00", "mon 13:00") == (short(general.due_at), short(specific.due_at))
        assert hours(4) == general.margin_us == specific.margin_us
        assert general.margin == specific.margin
        assert general.margin is not None
        assert general.margin.total_seconds() == 4 * 3600

    def test_while_paused_none_is_due_but_would_be_if_resumed(self) -> None:
        for candidate, due in zip(
            both("mon 12:00", created(status="waiting")), ("mon 20:00", "mon 16:00"), strict=True
        ):
            assert (None, due, "paused") == (candidate.due_at, short(candidate.due_if_resumed), candidate.phase)

    def test_before_the_start_none_is_due(self) -> None:
        policy = make_policy({"next_response": "1h"})
        (candidate,) = story(policy, created(), replied("mon 10:00")).at(on("mon 12:00"))["next_response"].candidates
        assert ("not_started", "pending") == (candidate.phase, candidate.verdict)
        assert (None, None, None, None) == (
            candidate.due_at,
            candidate.due_if_resumed,
            candidate.margin,
            candidate.margin_us,
        )

    def test_to_dict_is_json_ready_and_complete(self) -> None:
        _, specific = both("mon 10:00", created())
        assert json.loads(json.dumps(specific.to_dict())) == {
            "layer": "customer",
            "rule": "k",
            "target": "4h",
            "calendar": "always",
            "phase": "running",
            "verdict": "pending",
            "due_at": "2026-03-02T13:00:00+00:00",
            "due_if_resumed": "2026-03-02T13:00:00+00:00",
            "margin_us": hours(4),
        }


def test_figures_are_shown_as_instants_spans_and_text_and_none_stays_none() -> None:
    at = us("mon 09:00")
    assert (None, None, None, None) == (when(None, UTC), long(None), iso(None, UTC), known(None))
    assert (short(when(at, UTC)), iso(at, UTC)) == ("mon 09:00", "2026-03-02T09:00:00+00:00")
    assert (None, at) == (known(NEVER_US), known(at))
    assert long(hours(30)).total_seconds() == 30 * 3600  # type: ignore[union-attr]
