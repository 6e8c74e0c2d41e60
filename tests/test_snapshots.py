"""Snapshots: all clocks at one instant, and when to ask again."""

from __future__ import annotations

import json

import pytest

from helpers import CALENDARS, STATUSES, changed, created, make_policy, on, replied, short, story, told, us
from slaclock.clock import initial_state, tick
from slaclock.errors import EventError, LateEventError, NaiveTimeError
from slaclock.events import Event, Waived
from slaclock.policy import Policy
from slaclock.policyfile import load_policy
from slaclock.snapshots import Snapshot, snapshot

POLICY = make_policy({"first_response": "2h", "resolution": "8h"}, defaults={"calendar": "office", "warn": ["75%"]})


def snap(at: str, *events: Event, policy: Policy = POLICY) -> Snapshot:
    return story(policy, created(team="a", tags=["x", "y"]), *events).at(on(at))


class TestMapping:
    def test_has_every_metric_of_the_policy(self) -> None:
        found = snap("mon 10:00")
        assert list(POLICY.metrics) == list(found)
        assert len(POLICY.metrics) == len(found)
        assert "resolution" in found

    def test_an_unknown_name_is_a_key_error(self) -> None:
        with pytest.raises(KeyError):
            snap("mon 10:00")["sleep"]
        with pytest.raises(KeyError):
            snap("mon 10:00").cycles("sleep")

    def test_gives_the_running_cycle_else_the_last(self) -> None:
        events = (replied("mon 10:00"), replied("mon 11:00"), changed("mon 12:00", status="solved"))
        assert [1, 2, 2] == [snap(at, *events)["update"].cycle for at in ("mon 10:30", "mon 11:30", "mon 13:00")]

    def test_the_same_reading_is_made_once(self) -> None:
        found = snap("mon 10:00")
        assert found["resolution"] is found["resolution"]

    def test_cycles_are_all_cycles_the_first_one_first(self) -> None:
        events = (replied("mon 10:00"), replied("mon 11:00"))
        assert [1, 2] == [reading.cycle for reading in snap("mon 12:00", *events).cycles("update")]
        assert () == snap("mon 12:00").cycles("update")

    def test_readings_are_all_cycles_and_one_for_each_metric_that_has_not_started(self) -> None:
        events = (replied("mon 10:00"), replied("mon 11:00"))
        found = [(reading.metric, reading.cycle) for reading in snap("mon 12:00", *events).readings]
        assert [("first_response", 1), ("next_response", 0), ("update", 1), ("update", 2), ("resolution", 1)] == found[
            :5
        ]


class TestTicket:
    def test_its_fields_and_category_are_those_of_the_instant(self) -> None:
        events = (changed("mon 10:00", status="waiting", team=None),)
        assert {"team": "a", "tags": ("x", "y")} == snap("mon 09:30", *events).fields
        found = snap("mon 11:00", *events)
        assert {"team": None, "tags": ("x", "y"), "status": "waiting"} == found.fields
        assert ("pending", None, "mon 11:00") == (found.category, found.ticket, short(found.at))

    def test_oddities_so_far_are_there(self) -> None:
        events = (changed("mon 10:00", status="odd"),)
        assert [0, 1] == [len(snap(at, *events).anomalies) for at in ("mon 09:30", "mon 10:00")]


class TestNextWakeup:
    @pytest.mark.parametrize(("at", "wakes"), [
        ("mon 09:00", "mon 10:30"), ("mon 10:30", "mon 11:00:00.000001"), ("mon 11:00:00.000001", "mon 15:00"),
        ("mon 15:00", "mon 17:00:00.000001"), ("mon 17:00", "mon 17:00:00.000001"), ("mon 17:00:00.000001", None),
    ])  # fmt: skip
    def test_is_the_next_warning_or_right_after_the_next_due_instant(self, at: str, wakes: str | None) -> None:
        assert wakes == short(snap(at).next_wakeup)

    def test_is_none_before_anything_has_started(self) -> None:
        assert snapshot(POLICY, initial_state(POLICY), on("mon 09:00")).next_wakeup is None

    def test_is_none_while_all_is_paused(self) -> None:
        policy = make_policy({"resolution": "8h"})
        assert snap("mon 11:00", changed("mon 10:00", status="waiting"), policy=policy).next_wakeup is None

    def test_is_none_where_the_cycle_is_waived(self) -> None:
        policy = make_policy({"resolution": "8h"})
        waived = Waived(at=on("mon 10:00"), metric="resolution", reason="r")
        assert snap("mon 11:00", waived, policy=policy).next_wakeup is None

    def test_is_the_edge_of_a_window_while_a_clock_lives_and_a_target_moves(self) -> None:
        rule = {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "9h"}}
        policy = make_policy({"resolution": "80h"}, rule, defaults={"on_amend": "move"})
        assert "tue 00:00" == short(snap("mon 10:00", policy=policy).next_wakeup)
        done = (replied("mon 10:00"), changed("mon 11:00", status="solved"))
        assert snap("mon 12:00", *done, policy=policy).next_wakeup is None
        kept = make_policy({"resolution": "80h"}, rule)
        assert "thu 17:00:00.000001" == short(snap("mon 10:00", policy=kept).next_wakeup)


class TestNextChange:
    @pytest.mark.parametrize(("at", "changes"), [
        ("mon 08:00", None), ("mon 09:00", "mon 10:30"), ("mon 17:00:00.000001", "tue 09:00"),
        ("tue 09:00", "tue 17:00"), ("fri 17:00", "mon+1 09:00"),
    ])  # fmt: skip
    def test_is_also_the_next_opening_or_closing(self, at: str, changes: str | None) -> None:
        assert changes == short(snap(at).next_change)

    def test_is_also_the_edge_of_a_window_which_turns_what_would_be(self) -> None:
        rule = {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"update": "9h"}}
        policy = make_policy(None, rule)
        found = story(policy, created()).at(on("mon 10:00"))
        assert ("tue 00:00", None) == (short(found.next_change), found.next_wakeup)
        assert ["no_target", "pending"] == [
            story(policy, created()).at(on(at))["update"].verdict for at in ("mon 23:59", "tue 00:00")
        ]

    def test_where_nothing_will_ever_change_there_is_none(self) -> None:
        assert snap("mon 10:00", policy=make_policy()).next_change is None


class TestAsking:
    def test_reads_a_state_at_an_instant_not_before_its_last_event(self) -> None:
        history = story(POLICY, created(), replied("mon 10:00"))
        for at in ("mon 10:00", "mon 12:00"):
            assert history.at(on(at)) == snapshot(POLICY, history.state, on(at))

    def test_an_earlier_instant_is_refused(self) -> None:
        state = story(POLICY, created(), replied("mon 10:00")).state
        with pytest.raises(LateEventError) as caught:
            snapshot(POLICY, state, on("mon 09:59"))
        assert str(caught.value) == (
            "found a question about 2026-03-02T09:59:00+00:00, expected one at or after 2026-03-02T10:00:00+00:00, "
            "the last instant that the state knows; replay the stored events and ask `history.at`"
        )

    def test_so_is_one_before_an_amendment_that_was_told(self) -> None:
        rule = {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "9h"}}
        policy = make_policy({"resolution": "80h"}, rule, defaults={"on_amend": "move"})
        state, _ = tick(policy, story(policy, created()).state, on("wed 09:00"))
        assert snapshot(policy, state, on("tue 00:00"))
        with pytest.raises(LateEventError):
            snapshot(policy, state, on("mon 23:00"))

    def test_a_tick_is_no_event_and_may_be_asked_behind(self) -> None:
        state, facts = tick(POLICY, story(POLICY, created()).state, on("wed 09:00"))
        assert facts
        assert "mon 17:00" == short(snapshot(POLICY, state, on("mon 10:00"))["resolution"].due_at)

    def test_a_ticket_of_which_nothing_is_known_can_be_asked_at_any_time(self) -> None:
        found = snapshot(POLICY, initial_state(POLICY), on("mon 09:00"))
        assert ("not_started", "new", {}) == (found["resolution"].phase, found.category, found.fields)

    def test_an_instant_that_is_none_is_refused(self) -> None:
        with pytest.raises(NaiveTimeError):
            snapshot(POLICY, initial_state(POLICY), "2026-03-02T09:00")
        with pytest.raises(EventError):
            snapshot(POLICY, initial_state(POLICY), "now")

    def test_asking_tells_nothing_and_changes_nothing(self) -> None:
        state = story(POLICY, created()).state
        late = snapshot(POLICY, state, on("fri 09:00"))
        assert late.next_wakeup is None
        assert "mon 10:30" == short(snapshot(POLICY, state, on("mon 09:00")).next_wakeup)
        assert ["mon 10:30 warned 75%"] == told(tick(POLICY, state, on("mon 10:30"))[1])


class TestShown:
    def test_to_dict_is_json_ready_and_complete(self) -> None:
        found = snap("mon 10:00", changed("mon 09:30", status="odd"))
        data = json.loads(json.dumps(found.to_dict()))
        assert [reading.to_dict() for reading in found.readings] == data.pop("readings")
        assert [anomaly.to_dict() for anomaly in found.anomalies] == data.pop("anomalies")
        assert data == {
            "ticket": None,
            "at": "2026-03-02T10:00:00+00:00",
            "policy": POLICY.digest,
            "provenance": POLICY.provenance.to_dict(),
            "fields": {"team": "a", "tags": ["x", "y"], "status": "odd"},
            "category": "open",
            "next_wakeup": "2026-03-02T10:30:00+00:00",
            "next_change": "2026-03-02T10:30:00+00:00",
        }

    def test_text_tells_the_metrics_to_which_the_policy_gives_targets(self) -> None:
        assert str(snap("mon 10:00")) == (
            "ticket at 2026-03-02T10:00:00+00:00\n"
            "first_response: running, pending, due 2026-03-02T11:00:00+00:00 (customer: 2h on office)\n"
            "resolution: running, pending, due 2026-03-02T17:00:00+00:00 (customer: 8h on office)"
        )
        assert repr(snap("mon 10:00")) == "<Snapshot of a ticket at 2026-03-02T10:00:00+00:00>"

    def test_equal_snapshots_say_the_same(self) -> None:
        assert snap("mon 10:00") == snap("mon 10:00")
        assert snap("mon 10:00") != snap("mon 10:01")
        assert snap("mon 10:00") != us("mon 10:00")
        with pytest.raises(TypeError):
            hash(snap("mon 10:00"))


def test_an_unknown_metric_is_a_key_error_that_names_the_nearest() -> None:
    found = snap("mon 10:00")
    with pytest.raises(KeyError, match=r"no metric `resoluton`; did you mean `resolution`\?"):
        found["resoluton"]
    with pytest.raises(KeyError, match="no metric 3; it has first_response, next_response"):
        found.cycles(3)  # type: ignore[arg-type]
    for word in (None, b"resolution", 1 << 20_000, "x" * 10_000):
        with pytest.raises(KeyError, match=r"no metric .*; it has first_response, next_response"):
            found.cycles(word)  # type: ignore[arg-type]
    assert "resoluton" not in found
    assert "resolution" in found


class TestSliding:
    """While all candidates are paused, the instants at which they would be due slide, each on its own calendar."""

    def read(self, at: str, corporate: str, customer: str, start: str) -> tuple[str | None, str, bool | None]:
        calendars = {"corporate": "always", "customer": "office"}
        amounts = {"corporate": corporate, "customer": customer}
        policy = load_policy({
            "slaclock": 1, "calendars": CALENDARS, "statuses": STATUSES,
            "layers": {
                layer: [{"targets": {"resolution": {"within": amounts[layer], "calendar": calendars[layer]}}}]
                for layer in calendars
            },
        })  # fmt: skip
        found = story(policy, created(start, status="waiting")).at(on(at))
        binding = found["resolution"].binding
        assert binding is not None
        return short(found.next_change), binding.layer, found["resolution"].within_hours

    def test_another_one_can_come_to_bind(self) -> None:
        """Six hours round the clock from any instant until Monday 07:00 end before four office hours do."""
        assert ("mon+1 07:00", "corporate", True) == self.read("sat 10:00", "6h", "4h", "fri 16:30")
        assert "customer" == self.read("mon+1 07:00", "6h", "4h", "fri 16:30")[1]

    def test_a_day_amount_that_has_passed_slides_with_the_instant(self) -> None:
        assert ("mon+1 09:00", "customer", False) == self.read("sun 12:00", "6h", "1 calendar day", "sat 10:00")

    def test_what_is_never_due_never_comes_to_bind(self) -> None:
        """From 13:00 on four office hours would end the next day: asking again then does no harm."""
        assert ("mon 13:00", "customer", True) == self.read("mon 10:00", "best effort", "4h", "mon 09:00")
        assert "customer" == self.read("mon 16:00", "best effort", "4h", "mon 09:00")[1]
