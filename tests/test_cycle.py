"""One cycle: its lives under several pause rules, extensions, waivers, and what time alone makes of it."""

from __future__ import annotations

import pytest

from helpers import CALENDARS, STATUSES, by_priority, changed, created, hours, make_policy, on, short, story, told, us
from slaclock.events import Event, Extended, Held, Released, Waived
from slaclock.history import History
from slaclock.policyfile import load_policy
from slaclock.readings import Reading
from slaclock.state import Phase

NEVER = {"never": True}


def extended(at: str, by: str = "2h", metric: str = "resolution") -> Extended:
    return Extended(at=on(at), metric=metric, by=by, reason="agreed")


def waived(at: str, metric: str = "resolution") -> Waived:
    return Waived(at=on(at), metric=metric, reason="outage")


def read(history: History, at: str) -> Reading:
    return history.at(on(at))["resolution"]


def resolution(history: History, until: str) -> list[str]:
    return told(history.facts_until(on(until)), "resolution")


class TestPauses:
    def test_of_the_metric_and_of_a_target_are_lives_of_their_own(self) -> None:
        layers = {
            "corporate": [{"targets": {"resolution": {"within": "8h", "pause_while": NEVER}}}],
            "customer": [{"targets": {"resolution": "4h"}}],
        }
        history = story(make_policy(None, layers=layers), created(), changed("mon 10:00", status="waiting"))
        general, specific = read(history, "mon 12:00").candidates
        assert (Phase.RUNNING, "mon 17:00") == (general.phase, short(general.due_at))
        assert (Phase.PAUSED, None, "mon 15:00") == (specific.phase, specific.due_at, short(specific.due_if_resumed))
        # Running candidates come before paused ones.
        assert "corporate" == read(history, "mon 12:00").binding.layer  # type: ignore[union-attr]

    def test_are_told_as_facts_of_the_lives_that_a_candidate_uses(self) -> None:
        own = {"within": "8h", "pause_while": {"status": "vendor"}}
        history = story(
            make_policy({"resolution": own}),
            created(),
            changed("mon 10:00", status="waiting"),
            changed("mon 11:00", status="vendor"),
            changed("mon 12:00", status="open"),
        )
        assert ["mon 09:00 started", "mon 11:00 paused", "mon 12:00 resumed"] == told(history.facts, "resolution")
        paused = next(fact for fact in history.facts if fact.kind == "paused" and fact.metric == "resolution")
        assert "8h on always" == str(paused.target)

    def test_of_a_clock_without_any_target_are_told_too(self) -> None:
        history = story(make_policy(), created(), changed("mon 10:00", status="waiting"))
        assert ["mon 09:00 started", "mon 10:00 paused"] == told(history.facts, "resolution")

    def test_a_ticket_created_as_waiting_is_paused_from_its_start(self) -> None:
        history = story(make_policy({"resolution": "4h"}), created(status="waiting"))
        assert ["mon 09:00 started", "mon 09:00 paused"] == told(history.facts, "resolution")
        assert hours(0) == read(history, "mon 12:00").elapsed_us

    def test_two_pausing_statuses_in_a_row_are_one_pause(self) -> None:
        events = (created(), changed("mon 10:00", status="waiting"), changed("mon 11:00", status="vendor"))
        history = story(make_policy({"resolution": "4h"}), *events)
        assert ["mon 09:00 started", "mon 10:00 paused"] == told(history.facts, "resolution")

    def test_a_hold_pauses_every_life_also_one_that_never_pauses(self) -> None:
        policy = make_policy({"resolution": {"within": "4h", "pause_while": NEVER}})
        events = (created(), Held(at=on("mon 10:00"), reason="move"), Released(at=on("mon 12:00")))
        assert "mon 15:00" == short(read(story(policy, *events), "mon 12:00").due_at)

    def test_a_candidate_missed_before_the_pause_stays_missed(self) -> None:
        events = (created(), changed("mon 14:00", status="waiting"), changed("mon 15:00", status="open"))
        reading = read(story(make_policy({"resolution": "4h"}), *events), "mon 16:00")
        assert ("breached", "mon 13:00", hours(2)) == (reading.verdict, short(reading.due_at), reading.overdue_by_us)


class TestExtensions:
    policy = make_policy({"resolution": "4h"}, defaults={"warn": ["50%"]})

    def test_add_up_and_move_the_due_instant(self) -> None:
        history = story(self.policy, created(), extended("mon 10:00"), extended("mon 10:30", "1h"))
        assert "mon 16:00" == short(read(history, "mon 11:00").due_at)
        assert ["mon 10:00 extended", "mon 10:30 extended"] == [
            line for line in resolution(history, "mon 11:00") if "extended" in line
        ]

    def test_survive_a_change_of_target(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"))
        events = (created(priority="low"), extended("mon 10:00"), changed("mon 11:00", priority="high"))
        assert "mon 15:00" == short(read(story(policy, *events), "mon 11:00").due_at)

    def test_add_to_every_candidate_each_on_its_own_calendar(self) -> None:
        layers = {
            "corporate": [{"targets": {"resolution": {"within": "20h", "calendar": "always"}}}],
            "customer": [{"targets": {"resolution": {"within": "7h", "calendar": "office"}}}],
        }
        history = story(make_policy(None, layers=layers), created(), extended("mon 10:00"))
        assert ["tue 07:00", "tue 10:00"] == [short(each.due_at) for each in read(history, "mon 12:00").candidates]

    def test_after_a_breach_take_it_back_and_the_old_breach_stays_in_the_facts(self) -> None:
        history = story(self.policy, created(), extended("mon 14:00"), changed("mon 15:00", status="solved"))
        reading = read(history, "tue 09:00")
        assert ("met", None, "breached", "mon 13:00") == (
            reading.verdict,
            reading.breached_at,
            reading.raw_verdict,
            short(reading.raw_due_at),
        )
        assert "mon 13:00 breached" in resolution(history, "tue 09:00")

    def test_after_a_breach_that_are_too_short_leave_it_breached_at_the_later_due_instant(self) -> None:
        history = story(self.policy, created(), extended("mon 16:00"))
        reading = read(history, "mon 17:00")
        assert ("breached", "mon 15:00", "mon 15:00") == (
            reading.verdict,
            short(reading.breached_at),
            short(reading.due_at),
        )

    def test_after_the_stop_judge_it_anew(self) -> None:
        history = story(self.policy, created(), changed("mon 14:00", status="solved"), extended("mon 16:00"))
        assert ("met", "mon 15:00") == (read(history, "mon 17:00").verdict, short(read(history, "mon 17:00").due_at))
        assert "breached" == read(history, "mon 15:00").verdict

    def test_tell_no_warning_again_that_has_been_told_for_the_time_extended(self) -> None:
        history = story(self.policy, created(), extended("mon 12:30"))
        expected = ["mon 11:00 warned 50%", "mon 12:30 extended", "mon 15:00 breached"]
        assert expected == resolution(history, "tue 09:00")[1:]

    def test_before_the_warning_move_it(self) -> None:
        history = story(self.policy, created(), extended("mon 10:00"))
        assert ["mon 12:00 warned 50%", "mon 15:00 breached"] == resolution(history, "tue 09:00")[2:]

    def test_of_a_waived_cycle_make_no_facts_of_time(self) -> None:
        history = story(self.policy, created(), waived("mon 10:00"), extended("mon 10:30"))
        expected = ["mon 09:00 started", "mon 10:00 waived", "mon 10:30 extended"]
        assert expected == resolution(history, "tue 09:00")


class TestWaivers:
    policy = make_policy({"resolution": "4h"}, defaults={"warn": ["50%"]})

    def test_make_the_verdict_and_end_the_facts_of_time(self) -> None:
        history = story(self.policy, created(), waived("mon 10:00"))
        reading = read(history, "tue 09:00")
        assert ("waived", "breached") == (reading.verdict, reading.raw_verdict)
        assert ["mon 09:00 started", "mon 10:00 waived"] == resolution(history, "tue 09:00")
        assert history.at(on("mon 11:00")).next_wakeup is None

    def test_after_a_breach_keep_when_it_was(self) -> None:
        history = story(self.policy, created(), waived("mon 15:00"))
        reading = read(history, "tue 09:00")
        assert ("waived", "mon 13:00") == (reading.verdict, short(reading.breached_at))

    def test_after_the_stop_judge_it_anew(self) -> None:
        history = story(self.policy, created(), changed("mon 14:00", status="solved"), waived("mon 16:00"))
        assert ["breached", "waived"] == [read(history, at).verdict for at in ("mon 15:00", "mon 16:00")]

    def test_a_change_of_target_of_a_waived_cycle_tells_no_warning_and_no_breach(self) -> None:
        policy = make_policy(None, by_priority("1h", "8h"), defaults={"warn": ["50%"]})
        history = story(policy, created(priority="low"), waived("mon 10:00"), changed("mon 12:00", priority="high"))
        assert ["mon 12:00 retargeted"] == resolution(history, "tue 09:00")[2:]


class TestTime:
    def test_at_one_instant_a_warning_comes_before_a_breach_and_the_general_layer_before_the_specific(self) -> None:
        layers = {
            layer: [{"targets": {"resolution": {"within": amount, "warn": "100%"}}}]
            for layer, amount in (("corporate", "4h"), ("customer", "240m"))
        }
        history = story(make_policy(None, layers=layers), created())
        facts = [fact for fact in history.facts_until(on("tue 09:00")) if fact.metric == "resolution"]
        # Equal in value: one promise, told once.
        assert ["started None", "warned corporate", "breached corporate"] == [
            f"{fact.kind} {fact.layer}" for fact in facts
        ]

    def test_warnings_come_in_order_and_those_after_due_too(self) -> None:
        policy = make_policy({"resolution": "4h"}, defaults={"warn": ["+1h", "75%", "-30m", {"after": "1h"}]})
        expected = [
            "mon 10:00 warned after 1h",
            "mon 12:00 warned 75%",
            "mon 12:30 warned -30m",
            "mon 13:00 breached",
            "mon 14:00 warned +1h",
        ]
        assert expected == resolution(story(policy, created()), "tue 09:00")[1:]

    def test_a_warning_at_the_instant_of_a_pause_waits_until_it_runs_on(self) -> None:
        policy = make_policy({"resolution": "4h"}, defaults={"warn": ["50%"]})
        events = (created(), changed("mon 11:00", status="waiting"), changed("mon 12:00", status="open"))
        expected = ["mon 11:00 paused", "mon 12:00 resumed", "mon 12:00 warned 50%", "mon 14:00 breached"]
        assert expected == resolution(story(policy, *events), "tue 09:00")[1:]

    def test_most_specific_tells_of_no_other_candidate(self) -> None:
        layers = {
            "corporate": [{"targets": {"resolution": "1h"}}],
            "customer": [{"targets": {"resolution": "4h"}}],
        }
        history = story(make_policy(None, layers=layers, binds="most_specific"), created())
        assert ["mon 13:00 breached"] == resolution(history, "tue 09:00")[1:]
        assert "pending" == read(history, "mon 12:00").verdict

    def test_earliest_due_is_breached_at_the_first_candidates_breach(self) -> None:
        # The general target runs while the specific one is paused, and the binding one is the one that runs.
        layers = {
            "corporate": [{"targets": {"resolution": {"within": "8h", "pause_while": NEVER}}}],
            "customer": [{"targets": {"resolution": "2h"}}],
        }
        events = (created(), changed("mon 12:00", status="waiting"))
        history = story(make_policy(None, layers=layers), *events)
        reading = read(history, "mon 13:00")
        assert ("breached", "mon 11:00", "customer") == (
            reading.verdict,
            short(reading.breached_at),
            next(each.layer for each in reading.candidates if each.verdict == "breached"),
        )

    def test_best_effort_warns_after_an_amount_and_is_never_due(self) -> None:
        policy = make_policy({"resolution": "best effort"}, defaults={"warn": ["75%", {"after": "3h"}]})
        history = story(policy, created())
        assert ["mon 12:00 warned after 3h"] == resolution(history, "sun 09:00")[1:]
        assert history.at(on("mon 13:00")).next_wakeup is None

    def test_a_change_tells_what_it_has_put_behind_warnings_first(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"warn": ["50%", "75%", "+2h"]})
        events: tuple[Event, ...] = (created(priority="low"), changed("mon 14:00", priority="high"))
        assert [
            "mon 13:00 warned 50%",
            "mon 14:00 retargeted",
            "mon 14:00 warned 50% (overtaken)",
            "mon 14:00 warned 75% (overtaken)",
            "mon 14:00 breached",
            "mon 15:00 warned +2h",
        ] == resolution(story(policy, *events), "tue 09:00")[1:]

    def test_a_change_while_paused_tells_what_has_elapsed_by_then(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"warn": ["50%", "75%"]})
        events = (
            created(priority="low"),
            changed("mon 11:00", status="waiting"),
            changed("mon 12:00", priority="high"),
        )
        expected = ["mon 11:00 paused", "mon 12:00 retargeted", "mon 12:00 warned 50% (overtaken)"]
        assert expected == resolution(story(policy, *events), "tue 09:00")[1:]

    def test_a_warning_exactly_at_the_instant_of_a_change_is_not_behind(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"warn": ["75%"]})
        events = (created(priority="low"), changed("mon 12:00", priority="high"))
        assert ["mon 12:00 retargeted", "mon 12:00 warned 75%"] == resolution(story(policy, *events), "mon 12:30")[1:]

    def test_a_target_that_comes_back_does_not_warn_twice_yet_its_verdict_turns(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"on_change": "restart", "warn": ["75%"]})
        events = (created(priority="high"), changed("mon 12:30", priority="low"), changed("mon 13:00", priority="high"))
        history = story(policy, *events)
        assert 1 == sum("warned" in line for line in resolution(history, "mon 16:59"))
        assert ["pending", "at_risk"] == [read(history, at).verdict for at in ("mon 14:00", "mon 16:00")]
        snap = history.at(on("mon 14:00"))
        assert ("mon 16:00", us("mon 17:00") + 1) == (short(snap.next_change), snap.next_wakeup_us)


class TestMostSpecific:
    """Where the most specific layer binds, another candidate counts from when that layer's target is gone."""

    @pytest.mark.parametrize("more", [{}, {"status": "waiting"}, {"status": "solved"}])
    def test_what_was_missed_while_it_did_not_count_is_a_breach_by_the_event(self, more: dict[str, str]) -> None:
        policy = load_policy({
            "slaclock": 1, "calendars": CALENDARS, "statuses": STATUSES, "binds": "most_specific",
            "defaults": {"calendar": "always"},
            "layers": {
                "corporate": [{"targets": {"resolution": {"within": "4h", "calendar": "always", "warn": "50%"}}}],
                "service": [{"when": {"vip": "yes"}, "targets": {"resolution": "99h"}}],
            },
        })  # fmt: skip
        history = story(policy, created("mon 00:00", vip="yes"), changed("mon 09:00", vip="no", **more))
        lines = told(history.facts, "resolution")
        assert ["mon 09:00 retargeted", "mon 09:00 warned 50% (overtaken)", "mon 09:00 breached"] == lines[1:4]
        found = [fact for fact in history.facts if fact.kind in ("warned", "breached")]
        assert {history.events[1].key} == {fact.cause for fact in found}
        reading = history.at(on("mon 10:00"))["resolution"]
        assert ("mon 04:00", "mon 09:00") == (short(reading.due_at), short(reading.breached_at))


class TestWarnings:
    def test_equal_ones_tell_everybody_whom_they_name_once(self) -> None:
        """Equal targets of two layers, and one warning written twice."""
        target = {"within": "4h", "calendar": "always"}
        twice = [{"at": "50%", "notify": "a"}, {"at": "50%", "notify": ["b", "a"]}]
        policy = load_policy({
            "slaclock": 1, "calendars": CALENDARS, "statuses": STATUSES,
            "layers": {
                "corporate": [{"targets": {"resolution": {**target, "warn": twice}}}],
                "customer": [{"targets": {"resolution": {**target, "warn": {"at": "50%", "notify": "lead"}}}}],
            },
        })  # fmt: skip
        facts = story(policy, created("mon 00:00")).facts_until(on("mon 03:00"))
        assert [("a", "b", "lead")] == [fact.notify for fact in facts if fact.kind == "warned"]


class TestKeys:
    def test_of_facts_that_one_event_makes_in_several_layers_differ(self) -> None:
        target = {"within": "4h", "calendar": "always"}
        policy = load_policy({
            "slaclock": 1, "calendars": CALENDARS, "statuses": STATUSES,
            "layers": {
                "corporate": [{"when": {"vip": "no"}, "targets": {"resolution": target}}],
                "customer": [{"when": {"vip": "yes"}, "targets": {"resolution": target}}],
            },
        })  # fmt: skip
        facts = story(policy, created("mon 00:00", vip="no"), changed("mon 01:00", vip="yes")).facts
        found = [fact for fact in facts if fact.kind == "retargeted"]
        assert [("corporate", True), ("customer", False)] == [(fact.layer, fact.dropped) for fact in found]
        assert 2 == len({fact.key for fact in found})
        assert "retargeted, dropping (corporate" in str(found[0])
