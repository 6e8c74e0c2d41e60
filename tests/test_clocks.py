"""All clocks of a ticket: what each kind of event does, in which order, and the oddities that are reported."""

from __future__ import annotations

import pytest

from helpers import CALENDARS, changed, created, hours, make_policy, on, replied, short, story, told
from slaclock.clock import dump_state, load_state
from slaclock.clocks import Clocks
from slaclock.errors import EventError
from slaclock.events import Event, Extended, Held, Merged, Released, Restarted, Waived
from slaclock.history import History
from slaclock.policy import Policy
from slaclock.policyfile import load_policy
from slaclock.readings import Reading
from slaclock.saved import saved_of

PLAIN = make_policy({"first_response": "2h", "next_response": "2h", "update": "2h", "resolution": "4h"})


def read(history: History, at: str, metric: str = "resolution") -> Reading:
    return history.at(on(at))[metric]


def odd(*events: Event) -> list[str]:
    """The anomalies of a story under the plain policy."""
    return [str(anomaly) for anomaly in story(PLAIN, *events).anomalies]


def held(at: str, metric: str | None = None, reason: str = "move") -> Held:
    return Held(at=on(at), metric=metric, reason=reason)


def released(at: str, metric: str | None = None) -> Released:
    return Released(at=on(at), metric=metric)


class TestBeginningAndEnd:
    def test_events_before_the_ticket_was_created_are_kept_and_start_no_clock(self) -> None:
        history = story(PLAIN, changed("mon 08:00", status="waiting", team="a"), created())
        assert "paused" == read(history, "mon 10:00").phase
        assert "a" == history.at(on("mon 10:00")).fields["team"]
        assert "mon 09:00" == short(read(history, "mon 10:00").started_at)
        (anomaly,) = history.anomalies
        assert str(anomaly) == (
            "before_created: came before the ticket was created; its fields are kept, no clock starts "
            "(changed@2026-03-02T08:00:00+00:00)"
        )

    def test_what_becomes_of_other_events_before_the_ticket_was_created_is_told(self) -> None:
        more = Extended(at=on("mon 08:10"), metric="resolution", by="2h", reason="big")
        history = story(PLAIN, held("mon 08:00"), more, created())
        told = "came before the ticket was created;"
        assert [f"{told} holds count all the same", f"{told} nothing changes"] == [
            anomaly.sentence for anomaly in history.anomalies
        ]
        assert "paused" == read(history, "mon 10:00").phase

    def test_a_second_created_is_an_event_error(self) -> None:
        with pytest.raises(EventError) as caught:
            story(PLAIN, created(id="c1"), created("mon 10:00", id="c2"))
        assert str(caught.value) == (
            "found a second `created` (c2), expected one for each ticket; withdraw one of them"
        )

    def test_merged_cancels_what_lives_and_nothing_starts_again(self) -> None:
        history = story(
            PLAIN,
            created(),
            replied("mon 10:00"),
            Merged(at=on("mon 11:00"), into="T2"),
            replied("mon 12:00", "customer"),
        )
        phases = {name: history.at(on("mon 13:00"))[name].phase for name in PLAIN.spoken}
        assert {
            "first_response": "stopped",
            "next_response": "not_started",
            "update": "cancelled",
            "resolution": "cancelled",
        } == phases
        assert [
            "after_merged: came after the ticket was merged; no clock starts (replied@2026-03-02T12:00:00+00:00)"
        ] == [str(anomaly) for anomaly in history.anomalies]

    def test_a_ticket_created_as_resolved_ends_its_clocks_at_once_and_reopening_takes_that_back(self) -> None:
        history = story(PLAIN, created(status="solved"), changed("mon 12:00", status="open"))
        assert ("stopped", "met", 0) == tuple(
            getattr(read(history, "mon 11:00"), name) for name in ("phase", "verdict", "elapsed_us")
        )
        assert "cancelled" == read(history, "mon 11:00", "first_response").phase
        assert ("running", "mon 16:00") == (read(history, "mon 12:00").phase, short(read(history, "mon 12:00").due_at))


class TestOrderOfSignals:
    def test_a_target_is_found_before_the_same_event_stops_the_clock(self) -> None:
        rule = {"name": "by", "by": "priority", "targets": {"resolution": {"high": "1h", "low": "8h"}}}
        events = (created(priority="low"), changed("mon 12:00", priority="high", status="solved"))
        history = story(make_policy(None, rule), *events)
        assert ("breached", "mon 10:00") == (
            read(history, "mon 13:00").verdict,
            short(read(history, "mon 13:00").due_at),
        )
        expected = ["mon 09:00 started", "mon 12:00 retargeted", "mon 12:00 breached", "mon 12:00 fulfilled"]
        assert expected == told(history.facts, "resolution")

    def metric(self, **keys: object) -> History:
        keys = {"start": "created", "stop": {"changed": {"s": "stop"}}, "repeats": True, **keys}
        policy = make_policy({"own": "4h"}, metrics={"own": keys})
        return story(policy, created(), changed("mon 10:00", s="stop", c="cancel", r="reset", p="pause"))

    def test_cancel_comes_before_stop(self) -> None:
        history = self.metric(cancel={"changed": {"c": "cancel"}})
        assert ["mon 09:00 started", "mon 10:00 cancelled"] == told(history.facts, "own")

    @pytest.mark.parametrize("answer", ["cancel", "fulfil"])
    def test_stop_comes_before_an_end_without_an_answer(self, answer: str) -> None:
        """What stops a clock is the answer; cancelling comes before both."""
        ends = {"unanswered": {"changed": {"r": "reset"}}, "on_unanswered": answer}
        history = self.metric(**ends)
        assert ["mon 09:00 started", "mon 10:00 fulfilled"] == told(history.facts, "own")
        assert not [one for one in history.explain(metrics="own")["own"].decisions if one.kind == "unanswered"]
        cancelled = self.metric(**ends, cancel={"changed": {"c": "cancel"}})
        assert ["mon 09:00 started", "mon 10:00 cancelled"] == told(cancelled.facts, "own")

    def test_stop_comes_before_reset(self) -> None:
        history = self.metric(reset={"changed": {"r": "reset"}})
        assert ["mon 09:00 started", "mon 10:00 fulfilled"] == told(history.facts, "own")

    def test_stop_comes_before_start_and_start_before_pause(self) -> None:
        history = self.metric(start=["created", {"changed": "r"}], pause_while={"p": "pause"})
        expected = ["mon 09:00 started", "mon 10:00 fulfilled", "mon 10:00 started", "mon 10:00 paused"]
        # What the second start began, a condition that the same event made true ends at once.
        assert [*expected[:3], "mon 10:00 fulfilled"] == told(history.facts, "own")
        again = self.metric(start=["created", {"changed": "r"}], stop={"changed": "s"}, pause_while={"p": "pause"})
        assert expected == told(again.facts, "own")

    def test_a_reply_and_a_waiting_status_of_one_instant_count_as_a_reply_first(self) -> None:
        metric = {"start": "created", "stop": {"replied": {"by": "agent"}}, "pause_while": {"category": "pending"}}
        policy = make_policy({"answer": "1h"}, metrics={"answer": metric})
        events = (created(), replied("mon 10:00", seq=1), changed("mon 10:00", seq=2, status="waiting"))
        assert ["mon 09:00 started", "mon 10:00 fulfilled"] == told(story(policy, *events).facts, "answer")


class TestReset:
    metrics = {"own": {"start": "created", "stop": {"replied": {"by": "agent"}}, "reset": {"changed": "team"}}}  # noqa: RUF012
    policy = make_policy({"own": "4h"}, metrics=metrics)

    def test_ends_this_life_and_begins_another_at_the_same_instant(self) -> None:
        history = story(self.policy, created(), changed("mon 12:00", team="b"))
        expected = ["mon 09:00 started", "mon 12:00 cancelled", "mon 12:00 restarted", "mon 16:00 breached"]
        assert expected == told(history.facts_until(on("tue 09:00")), "own")
        assert ["void", "pending"] == [reading.verdict for reading in history.at(on("mon 13:00")).cycles("own")]

    def test_by_the_event_that_started_it_does_nothing(self) -> None:
        history = story(self.policy, created(team="a"))
        assert ["mon 09:00 started"] == told(history.facts, "own")

    def test_by_another_event_that_has_the_same_name_resets(self) -> None:
        """Without an id, and at one instant and place, two events are called alike."""
        own = {"start": {"changed": "step"}, "stop": {"replied": {"by": "agent"}}, "reset": {"changed": "team"}}
        policy = make_policy({"own": "4h"}, metrics={"own": own})
        history = story(policy, created(), changed("mon 10:00", step=1), changed("mon 10:00", team="b"))
        assert ["mon 10:00 started", "mon 10:00 cancelled", "mon 10:00 restarted"] == told(history.facts, "own")

    def test_by_the_event_that_restarted_it_does_nothing_more(self) -> None:
        own = {"start": "created", "stop": {"replied": {"by": "agent"}}, "reset": "restarted"}
        policy = make_policy({"own": "4h", "resolution": "4h"}, metrics={"own": own})
        history = story(policy, created(), Restarted(at=on("mon 10:00"), metric="own", reason="r"))
        assert ["mon 09:00 started", "mon 10:00 cancelled", "mon 10:00 restarted"] == told(history.facts, "own")
        other = story(policy, created(), Restarted(at=on("mon 10:00"), metric="resolution", reason="r"))
        assert ["mon 09:00 started", "mon 10:00 cancelled", "mon 10:00 restarted"] == told(other.facts, "own")

    def test_of_a_clock_that_is_over_does_nothing(self) -> None:
        history = story(self.policy, created(), replied("mon 10:00"), changed("mon 12:00", team="b"))
        assert ["mon 09:00 started", "mon 10:00 fulfilled"] == told(history.facts, "own")


class TestHolds:
    def test_of_all_metrics_pause_every_clock_and_say_why(self) -> None:
        history = story(PLAIN, created(), held("mon 10:00"), released("mon 11:00"))
        for metric, due in (("first_response", "mon 12:00"), ("resolution", "mon 14:00")):
            assert due == short(read(history, "mon 11:00", metric).due_at)
        assert ["", "held: move", ""] == [segment.why for segment in read(history, "mon 12:00").ledger.segments]

    def test_of_one_metric_leave_the_others(self) -> None:
        history = story(PLAIN, created(), held("mon 10:00", "resolution"))
        assert ["running", "paused"] == [
            read(history, "mon 11:00", name).phase for name in ("first_response", "resolution")
        ]

    def test_of_all_and_of_one_end_each_by_its_own_release(self) -> None:
        events = (created(), held("mon 10:00"), held("mon 10:30", "resolution"), released("mon 11:00"))
        history = story(PLAIN, *events)
        assert ["running", "paused"] == [
            read(history, "mon 11:00", name).phase for name in ("first_response", "resolution")
        ]
        assert "running" == read(story(PLAIN, *events, released("mon 12:00", "resolution")), "mon 12:00").phase

    def test_of_a_ticket_that_waits_goes_on_when_it_no_longer_waits(self) -> None:
        events = (
            created(),
            changed("mon 10:00", status="waiting"),
            held("mon 10:30"),
            changed("mon 11:00", status="open"),
        )
        assert "paused" == read(story(PLAIN, *events), "mon 11:30").phase
        assert "running" == read(story(PLAIN, *events, released("mon 12:00")), "mon 12:00").phase

    def test_before_the_ticket_was_created_hold_from_its_start(self) -> None:
        assert "paused" == read(story(PLAIN, held("mon 08:00"), created()), "mon 10:00").phase

    @pytest.mark.parametrize(
        ("events", "code", "sentence"),
        [
            (
                (held("mon 10:00"), held("mon 11:00", reason="x")),
                "held_already",
                "was held already; the newer reason is kept (held@2026-03-02T11:00:00+00:00)",
            ),
            (
                (released("mon 10:00"),),
                "not_held",
                "was not held; nothing changes (released@2026-03-02T10:00:00+00:00)",
            ),
            (
                (held("mon 10:00"), released("mon 11:00", "resolution")),
                "not_held",
                "was not held; nothing changes (released@2026-03-02T11:00:00+00:00)",
            ),
            (
                (held("mon 10:00", "sleep"),),
                "unknown_metric",
                "the policy has no metric `sleep`; nothing changes (held@2026-03-02T10:00:00+00:00)",
            ),
        ],
    )
    def test_that_make_no_sense_are_reported(self, events: tuple[Event, ...], code: str, sentence: str) -> None:
        assert [f"{code}: {sentence}"] == odd(created(), *events)


class TestOrders:
    """Extended, Waived, Restarted: about the current cycle of a metric, else the last."""

    def test_restarted_begins_anew_as_a_new_cycle(self) -> None:
        history = story(PLAIN, created(), Restarted(at=on("mon 12:00"), metric="resolution", reason="wrong team"))
        first, second = history.at(on("mon 13:00")).cycles("resolution")
        assert ("cancelled", "void", hours(3)) == (first.phase, first.verdict, first.elapsed_us)
        assert ("running", "mon 16:00", 2) == (second.phase, short(second.due_at), second.cycle)

    def test_restarted_after_a_breach_leaves_the_old_cycle_breached(self) -> None:
        history = story(PLAIN, created(), Restarted(at=on("mon 15:00"), metric="resolution", reason="r"))
        assert ["breached", "pending"] == [each.verdict for each in history.at(on("mon 16:00")).cycles("resolution")]

    def test_restarted_wakes_a_clock_that_is_over(self) -> None:
        events = (created(), replied("mon 10:00"), Restarted(at=on("mon 12:00"), metric="first_response", reason="r"))
        assert ["mon 09:00 started", "mon 10:00 fulfilled", "mon 12:00 restarted"] == told(
            story(PLAIN, *events).facts, "first_response"
        )

    def test_restarted_while_the_ticket_waits_is_paused_at_once(self) -> None:
        events = (
            created(),
            changed("mon 10:00", status="waiting"),
            Restarted(at=on("mon 12:00"), metric="resolution", reason="r"),
        )
        assert "paused" == read(story(PLAIN, *events), "mon 13:00").phase

    def test_extended_and_waived_reach_the_last_cycle_of_a_repeating_metric(self) -> None:
        events = (
            created(),
            replied("mon 10:00"),
            replied("mon 11:00"),
            Extended(at=on("mon 11:30"), metric="update", by="1h", reason="r"),
        )
        first, second = story(PLAIN, *events).at(on("mon 12:00")).cycles("update")
        assert ("mon 12:00", "mon 14:00") == (short(first.due_at), short(second.due_at))

    @pytest.mark.parametrize("metric", ["sleep", "next_response"])
    @pytest.mark.parametrize("kind", ["extended", "waived", "restarted"])
    def test_about_what_is_not_there_are_reported(self, kind: str, metric: str) -> None:
        at = on("mon 10:00")
        event = {
            "extended": Extended(at=at, metric=metric, by="1h", reason="r", id="e"),
            "waived": Waived(at=at, metric=metric, reason="r", id="e"),
            "restarted": Restarted(at=at, metric=metric, reason="r", id="e"),
        }[kind]
        expected = {
            "sleep": "unknown_metric: the policy has no metric `sleep`; nothing changes (e)",
            "next_response": "not_started: `next_response` has not started; nothing changes (e)",
        }
        assert [expected[metric]] == odd(created(), event)


class TestFields:
    def test_no_status_is_new_and_an_unknown_one_is_open_and_reported(self) -> None:
        assert "new" == story(PLAIN, created()).at(on("mon 10:00")).category
        history = story(PLAIN, created(status="odd"))
        assert "open" == history.at(on("mon 10:00")).category
        assert [
            "unknown_status: the status 'odd' has no category; it counts as `open` (created@2026-03-02T09:00:00+00:00)"
        ] == [str(anomaly) for anomaly in history.anomalies]

    def test_a_change_of_other_fields_leaves_the_category(self) -> None:
        events = (created(status="waiting"), changed("mon 10:00", team="b"))
        assert "pending" == story(PLAIN, *events).at(on("mon 10:00")).category

    def test_what_is_ordered_and_no_number_is_no_match_and_reported(self) -> None:
        policy = make_policy(
            {"resolution": "8h"}, {"name": "big", "when": {"seats": {"at_least": 50}}, "targets": {"resolution": "1h"}}
        )
        history = story(policy, created(seats="many"))
        assert "mon 17:00" == short(read(history, "mon 10:00").due_at)
        (anomaly,) = history.anomalies
        assert str(anomaly) == (
            "not_a_number: `seats` holds 'many', which is no number: `seats is at least 50` is no match "
            "(created@2026-03-02T09:00:00+00:00)"
        )

    def test_the_hour_of_arrival_is_that_of_the_creation_and_stays(self) -> None:
        rule = {"name": "night", "when": {"arrived": "outside_hours"}, "targets": {"resolution": "2h"}}
        policy = make_policy({"resolution": "1h"}, rule, defaults={"calendar": "office"})
        night = story(policy, created("mon 20:00"), changed("tue 10:00", team="b"))
        assert "tue 11:00" == short(read(night, "tue 10:00").due_at)
        assert "tue 11:00" == short(read(story(policy, created("tue 10:00")), "tue 10:00").due_at)

    def test_a_calendar_named_by_a_field_moves_with_it(self) -> None:
        policy = make_policy({"resolution": {"within": "2h", "calendar": {"from": "region", "default": "always"}}})
        history = story(policy, created("mon 16:00"), changed("mon 16:30", region="office"))
        assert ["mon 18:00", "tue 10:00"] == [short(read(history, at).due_at) for at in ("mon 16:00", "mon 16:30")]


class TestStarts:
    def test_a_start_kept_back_comes_when_the_condition_holds(self) -> None:
        metrics = {
            "own": {"start": {"changed": "team"}, "start_while": {"ready": True}, "stop": {"replied": {"by": "agent"}}}
        }
        policy = make_policy({"own": "1h"}, metrics=metrics)
        history = story(policy, created(), changed("mon 10:00", team="b"), changed("mon 11:00", ready=True))
        assert ["mon 11:00 started"] == told(history.facts, "own")

    def test_a_start_kept_back_is_forgotten_at_the_stop(self) -> None:
        metrics = {
            "own": {"start": {"changed": "team"}, "start_while": {"ready": True}, "stop": {"replied": {"by": "agent"}}}
        }
        policy = make_policy({"own": "1h"}, metrics=metrics)
        events = (created(), changed("mon 10:00", team="b"), replied("mon 10:30"), changed("mon 11:00", ready=True))
        assert [] == told(story(policy, *events).facts, "own")

    def test_what_does_not_repeat_starts_once(self) -> None:
        metrics = {"own": {"start": {"changed": "team"}, "stop": {"replied": {"by": "agent"}}}}
        events = (created(), changed("mon 10:00", team="b"), replied("mon 10:30"), changed("mon 11:00", team="c"))
        once = story(make_policy({"own": "1h"}, metrics=metrics), *events)
        assert ["mon 10:00 started", "mon 10:30 fulfilled"] == told(once.facts, "own")
        metrics["own"]["repeats"] = True  # type: ignore[assignment]
        twice = story(make_policy({"own": "1h"}, metrics=metrics), *events)
        assert ["mon 10:00 started", "mon 10:30 fulfilled", "mon 11:00 started"] == told(twice.facts, "own")

    def test_created_by_is_a_choice_of_the_metric(self) -> None:
        metrics = {"own": {"start": {"created": {"by": "customer"}}, "stop": {"replied": {"by": "agent"}}}}
        policy = make_policy({"own": "1h"}, metrics=metrics)
        assert [["mon 09:00 started"], []] == [
            told(story(policy, created(by=by)).facts, "own") for by in ("customer", "agent")
        ]

    @pytest.mark.parametrize("on_kind", ["held", "released"])
    def test_a_hold_or_its_end_may_start_a_clock(self, on_kind: str) -> None:
        metrics = {"own": {"start": on_kind, "stop": {"replied": {"by": "agent"}}}}
        history = story(
            make_policy({"own": "1h"}, metrics=metrics), created(), held("mon 10:00"), released("mon 11:00")
        )
        expected = {
            "held": ["mon 10:00 started", "mon 10:00 paused", "mon 11:00 resumed"],
            "released": ["mon 11:00 started"],
        }
        assert expected[on_kind] == told(history.facts, "own")


class TestCadence:
    """`repeats: at_due`; the stories are in `cases/cadence_without_drift.yaml`."""

    def policy(self, *targets: object, **metrics: object) -> Policy:
        return make_policy(
            *(targets or ({"update": "8h"},)),
            metrics={"update": {"repeats": "at_due"}, **metrics},
            defaults={"calendar": "office"},
        )

    def test_the_same_instants_whoever_reads(self) -> None:
        """What is yet to begin is read as at its beginning, whatever the instant."""
        history = story(self.policy(), created(), replied("mon 10:00"), replied("tue 09:30"))
        reading = history.at(on("tue 09:40"))["update"]
        assert (reading.elapsed_us, reading.remaining_us, reading.wall_elapsed_us) == (0, hours(8), 0)
        assert reading.ledger.segments == ()
        assert reading.within_hours
        assert short(reading.due_if_resumed) == "wed 10:00"

    def test_begun_anew_by_hand_it_begins_at_the_event(self) -> None:
        restart = Restarted(at=on("tue 09:40"), metric="update", reason="r")
        history = story(self.policy(), created(), replied("mon 10:00"), replied("tue 09:30"), restart)
        assert short(read(history, "tue 12:00", "update").started_at) == "tue 09:40"
        assert [reading.verdict for reading in history.at(on("tue 12:00")).cycles("update")] == [
            "met",
            "void",
            "pending",
        ]

    def test_merged_before_it_begins_it_ends(self) -> None:
        history = story(
            self.policy(), created(), replied("mon 10:00"), replied("tue 09:30"), Merged(at=on("tue 09:40"), into="T-2")
        )
        reading = read(history, "wed 12:00", "update")
        assert (reading.phase, reading.verdict, reading.wall_elapsed_us) == ("cancelled", "void", 0)

    def test_what_stops_it_early_without_beginning_another_ends_it(self) -> None:
        """Two words a day from the team; the last one, on giving the ticket away, is no beginning."""
        own = {
            "start": {"changed": "step"},
            "start_while": {"team": "a"},
            "stop": {"changed": "step"},
            "repeats": "at_due",
        }
        policy = make_policy({"own": "8h"}, metrics={"own": own}, defaults={"calendar": "office"})
        events = [created("mon 09:00", team="a", step=1), changed("mon 10:00", step=2), changed("mon 11:00", step=3)]
        kept = story(policy, *events)
        assert short(read(kept, "mon 12:00", "own").started_at) == "mon 17:00"
        left = story(policy, *events, changed("mon 12:00", step=4, team="b"))
        assert (read(left, "mon 13:00", "own").phase, short(read(left, "mon 13:00", "own").started_at)) == (
            "stopped",
            "mon 17:00",
        )

    @pytest.mark.parametrize("start", ["step", {"step": "done"}])
    def test_a_condition_that_stops_one_cycle_and_begins_the_next_does_not_end_that_too(self, start: object) -> None:
        """Whether what begins it is a condition or any change: once is enough for the cycle before."""
        own = {"start": ["created", {"changed": start}], "stop": {"changed": {"step": "done"}}, "repeats": "at_due"}
        policy = make_policy({"own": "8h"}, metrics={"own": own}, defaults={"calendar": "office"})
        history = story(policy, created("mon 09:00", step="new"), changed("mon 10:00", step="done"))
        cycles = history.at(on("tue 09:00")).cycles("own")
        assert [(reading.phase, short(reading.started_at)) for reading in cycles] == [
            ("stopped", "mon 09:00"),
            ("running", "mon 17:00"),
        ]

    def test_yet_to_begin_it_has_nothing_to_carry_on(self) -> None:
        """Its target changes before it begins, under `on_change: carry`: it is as if it had had that target always."""
        rows = {"update": {"high": "4h", "otherwise": "8h"}}
        policy = make_policy(
            None,
            {"by": "priority", "targets": rows},
            metrics={"update": {"repeats": "at_due", "on_change": "carry"}},
            defaults={"calendar": "office"},
        )
        early = [created(), replied("mon 10:00"), replied("tue 09:30"), changed("tue 09:40", priority="high")]
        history = story(policy, *early)
        reading = read(history, "tue 09:50", "update")
        assert (short(reading.started_at), short(reading.due_at)) == ("tue 10:00", "tue 14:00")
        assert (reading.elapsed_us, reading.remaining_us) == (0, hours(4))
        saved = dump_state(history.state)
        assert load_state(saved) == history.state
        carried = story(policy, *early, changed("tue 11:00", priority="low"))
        assert short(read(carried, "tue 12:00", "update").due_at) == "wed 10:00"

    def test_stopped_by_another_event_that_has_the_same_name_it_begins_at_the_event(self) -> None:
        own = {"start": {"replied": {"by": "customer"}}, "stop": {"replied": {"by": "agent"}}, "repeats": "at_due"}
        policy = make_policy({"own": "8h"}, metrics={"own": own}, defaults={"calendar": "office"})
        events = created(), replied("mon 10:00", "customer"), replied("mon 12:00"), replied("mon 12:00", "customer")
        assert short(read(story(policy, *events), "mon 13:00", "own").started_at) == "mon 12:00"

    def test_of_several_targets_that_which_bound_says_when_it_was_due(self) -> None:
        policy = self.policy({"update": "8h"}, {"name": "vip", "when": {"vip": True}, "targets": {"update": "4h"}})
        history = story(policy, created(vip=True), replied("mon 10:00"), replied("mon 13:00"))
        assert short(read(history, "mon 13:30", "update").started_at) == "mon 14:00"

    def test_exceptions_are_asked_at_its_beginning(self) -> None:
        peak = {"name": "peak", "from": "2026-03-03", "until": "2026-03-03", "extend": "2x", "reason": "r"}
        policy = make_policy(
            {"update": "8h"},
            metrics={"update": {"repeats": "at_due"}},
            exceptions=[peak],
            defaults={"calendar": "office"},
        )
        history = story(policy, created(), replied("mon 10:00"), replied("mon 12:00"), replied("tue 16:00"))
        assert [short(reading.due_at) for reading in history.at(on("wed 09:00")).cycles("update")] == [
            "tue 10:00",
            "thu 10:00",
            "fri 10:00",
        ]

    def test_the_scope_of_an_exception_is_that_of_each_instant_since_it_was_due(self) -> None:
        """The update is late, and the ticket was suspended for a part of the time since."""
        move = {"name": "move", "when": {"service": "hosting"}, "from": "2026-03-03", "suspend": True, "reason": "r"}
        policy = make_policy(
            {"update": "8h"},
            metrics={"update": {"repeats": "at_due"}},
            exceptions=[move],
            defaults={"calendar": "office"},
        )
        history = story(
            policy,
            created("mon 08:00"),
            replied("mon 10:00"),
            changed("tue 11:00", service="hosting"),
            changed("tue 15:00", service="mail"),
            replied("tue 16:00"),
        )
        reading = read(history, "tue 16:00", "update")
        assert (short(reading.started_at), reading.elapsed_us, short(reading.due_at)) == (
            "tue 10:00",
            hours(2),
            "wed 14:00",
        )


def test_facts_of_several_clocks_that_time_makes_come_in_the_order_of_time() -> None:
    policy = make_policy({"resolution": "1h", "first_response": "2h"}, defaults={"warn": ["50%"]})
    found = [line for line in told(story(policy, created()).facts_until(on("tue 09:00"))) if "started" not in line]
    assert ["mon 09:30 warned 50%", "mon 10:00 warned 50%", "mon 10:00 breached", "mon 11:00 breached"] == found


def test_a_copy_goes_on_by_itself() -> None:
    clocks = Clocks(PLAIN)
    clocks.take(created())
    before = saved_of(clocks)
    twin = clocks.copy()
    assert () == twin.facts()
    for event in (held("mon 10:00"), replied("mon 11:00"), changed("mon 12:00", status="odd", tags=["a"])):
        twin.take(event)
    assert before == saved_of(clocks)
    assert before != saved_of(twin)


def test_a_value_that_the_policy_does_not_list_is_odd() -> None:
    """A slip in a value means no target at all, and must not go unnoticed."""
    policy = load_policy({
        "slaclock": 1, "calendars": CALENDARS, "defaults": {"calendar": "office"},
        "fields": {"priority": ["high", "low"]},
        "layers": {"corporate": [{"by": "priority", "targets": {"resolution": {"high": "4h"}}}]},
    })  # fmt: skip
    history = story(policy, created(priority="HIGH", other="x"), changed("mon 10:00", priority="low"))
    sentence = "`priority` holds 'HIGH', which the policy does not know: high, low"
    assert [("unknown_value", sentence)] == [(found.code, found.sentence) for found in history.anomalies]
