"""Explanations: why a ticket's clocks stand as they do, as values, as JSON, and as text for customers."""

from __future__ import annotations

import json

import pytest

import slaclock as sla
from helpers import changed, created, make_policy, on, replied, short, story
from slaclock.errors import EventError
from slaclock.events import Event, Extended, Merged, Restarted, Waived, Withdrawn
from slaclock.explanation import Explanation

POLICY = make_policy(
    {"first_response": "2h", "resolution": "4h"},
    name="Desk",
    calendars={"office": {"hours": {"mon-fri": "09:00-17:00"}, "holidays": [{"date": "2026-03-03", "name": "Fair"}]}},
    defaults={"calendar": "office"},
)
LATE = (
    created("mon 15:00", id="1"),
    replied("mon 15:30", id="2"),
    changed("mon 16:00", id="3", status="waiting"),
    changed("wed 10:00", id="4", status="open"),
    changed("wed 15:00", id="5", status="solved"),
)


def explained(*events: Event, at: str | None = None, metrics: list[str] | None = None) -> Explanation:
    return story(POLICY, *events).explain(None if at is None else on(at), metrics)


def said(*events: Event, at: str | None = None, targets: object = "4h") -> str:
    policy = make_policy({"resolution": targets}, defaults={"calendar": "office"})
    return story(policy, *events).explain(None if at is None else on(at))["resolution"].summary


class TestSummary:
    def test_of_a_late_ticket(self) -> None:
        assert said(created(), changed("mon 15:00", status="solved")) == (
            "breached, over by 2h. Promised: 4h on office, by customer (rule 'everybody'). "
            "It started at 2026-03-02T09:00:00+00:00 and was due at 2026-03-02T13:00:00+00:00; "
            "it was stopped at 2026-03-02T15:00:00+00:00. 6h of working time counted. "
            "It was late from 2026-03-02T13:00:00+00:00 on."
        )

    def test_of_one_that_was_in_time_and_waited(self) -> None:
        events = (created(), changed("mon 10:00", status="waiting"), changed("mon 11:00", status="open"))
        told = said(*events, changed("mon 12:00", status="solved"))
        assert told.startswith("met, with 2h left. Promised: ")
        assert told.endswith(" 2h of working time counted, and pauses cost 1h.")

    @pytest.mark.parametrize(("at", "words"), [
        ("mon 09:00", "pending (running), with 4h left. "),
        ("mon 13:00", "pending (running), with no time left. "),
        ("mon 14:00", "breached (running), over by 1h. "),
    ])  # fmt: skip
    def test_of_one_that_runs(self, at: str, words: str) -> None:
        assert said(created(), at=at).startswith(words)

    def test_of_one_that_runs_says_when_it_is_due(self) -> None:
        assert " and is due at 2026-03-02T13:00:00+00:00. No working time counted." in said(created())

    def test_of_one_that_waits(self) -> None:
        told = said(created(), changed("mon 10:00", status="waiting"))
        assert told.startswith("pending (paused), with 3h left. ")
        assert " and would be due at 2026-03-02T13:00:00+00:00 if it resumed now. " in told

    def test_of_one_that_is_never_due(self) -> None:
        told = said(created(), targets="best effort")
        assert told.startswith("pending (running). Promised: best effort on office, by customer")
        assert " and is never due. " in told
        done = said(created(), changed("mon 10:00", status="solved"), targets="best effort")
        assert " and is never due; it was stopped at 2026-03-02T10:00:00+00:00. " in done

    def test_of_one_that_was_cancelled(self) -> None:
        assert said(created(), Merged(at=on("mon 10:00"), into="T-2")).startswith("void. Promised: ")

    def test_of_one_that_was_granted_something(self) -> None:
        more = Extended(at=on("mon 10:00"), metric="resolution", by="2h", reason="r")
        told = said(created(), more, at="mon 14:00")
        assert " Promised: 4h on office, by customer (rule 'everybody'), and 2h more granted. " in told
        assert told.endswith("Without what was granted, it would be breached.")
        waived = Waived(at=on("mon 10:00"), metric="resolution", reason="r")
        told = said(created(), waived, at="mon 14:00")
        assert told.startswith("waived (running). ")
        assert " and was due at 2026-03-02T13:00:00+00:00. " in told
        assert " and is due at 2026-03-02T13:00:00+00:00. " in said(created(), waived, at="mon 13:00")
        assert told.endswith("Had it not been waived, it would be breached.")

    def test_of_one_that_was_granted_more_says_all_of_it_once(self) -> None:
        first, second = (
            Extended(at=on("mon 10:00"), metric="resolution", by=by, reason="r", seq=seq)
            for seq, by in ((1, "1h"), (2, "30m"))
        )
        assert " (rule 'everybody'), and 1h30m more granted. " in said(created(), first, second)

    def test_of_one_without_a_target_or_a_start(self) -> None:
        policy = make_policy(
            {"resolution": "4h", "update": "1h"}, {"name": "t", "when": {"plan": "trial"}, "exempt": True}
        )
        found = story(policy, created(plan="trial")).explain(on("mon 10:00"))
        assert "no target (running). It ran for 1h by the wall clock." == found["resolution"].summary
        assert "no target; it has not started." == found["update"].summary
        assert "pending; it has not started." == story(policy, created()).explain()["update"].summary


class TestAccounts:
    def test_are_those_of_metrics_with_a_target_every_cycle_by_itself(self) -> None:
        restarted = Restarted(at=on("mon 10:00"), metric="resolution", reason="r")
        found = explained(created(), restarted)
        assert [("first_response", 1), ("resolution", 1), ("resolution", 2)] == [
            (account.metric, account.cycle) for account in found
        ]
        assert 2 == found["resolution"].cycle

    def test_are_those_of_metrics_that_were_asked_for(self) -> None:
        assert ["update"] == [account.metric for account in explained(created(), metrics=["update"])]
        assert ["update"] == [account.metric for account in story(POLICY, created()).explain(metrics="update")]
        with pytest.raises(KeyError, match="the policy has no metric `updaet`"):
            explained(created(), metrics=["updaet"])

    def test_have_the_ledger_of_the_reading_with_the_whole_story(self) -> None:
        account = explained(*LATE)["resolution"]
        reading = story(POLICY, *LATE).at(on("wed 15:00"))["resolution"]
        assert reading == account.reading
        assert reading.ledger.totals() == account.ledger.totals()
        # Only with its events it can say what made a pause.
        whys = [[segment.why for segment in told.ledger] for told in (reading, account)]
        rule = "category is pending or on_hold"
        assert [["", rule, ""], ["", f"{rule}; status is waiting", ""]] == whys
        assert account.decisions == account.ledger.decisions
        assert ["gives", "binds"] == [str(decision.kind) for decision in account.decisions]

    def test_tell_events_before_the_first_cycle_with_it(self) -> None:
        events = (created(), replied("mon 10:00"), replied("mon 11:00"), changed("mon 11:30", team="a"))
        first, second = explained(*events, metrics=["update"])
        assert [["mon 09:00"], ["mon 11:30"]] == [
            [short(idle.at) for idle in account.idle] for account in (first, second)
        ]

    def test_that_are_not_there_are_key_errors_that_say_what_is(self) -> None:
        with pytest.raises(KeyError, match="did you mean"):
            explained(created())["resolutoin"]
        with pytest.raises(KeyError, match="there is first_response, resolution"):
            explained(created())["x"]
        with pytest.raises(KeyError, match="there is nothing"):
            story(make_policy(), created()).explain()["x"]


class TestAt:
    def test_an_earlier_instant_knows_no_later_event(self) -> None:
        found = explained(*LATE, at="mon 15:45")
        assert "mon 15:45" == short(found.at)
        assert ["resolution does not wait for a public reply by the agent"] == [
            idle.sentence for idle in found["resolution"].idle
        ]

    def test_without_events_an_instant_is_needed(self) -> None:
        with pytest.raises(
            EventError, match="without events, so that there is no last one: give an instant at which to exp"
        ):
            story(POLICY).explain()
        assert ["first_response", "resolution"] == [
            account.metric for account in story(POLICY).explain(on("mon 09:00"))
        ]


class TestLeftOut:
    def test_events_that_do_not_count_say_why(self) -> None:
        given = [
            created(id="1"),
            changed("mon 10:00", id="2", status="waiting"),
            Withdrawn(at=on("mon 12:00"), event="2", reason="wrong ticket", id="3"),
            created(id="1"),
            sla.Changed(at=on("mon 11:00"), fields={"team": "a"}, id="4", recorded_at=on("tue 09:00")),
        ]
        found = sla.replay(POLICY, given, known_at=on("mon 13:00")).explain()
        assert [
            "changed (2): was withdrawn: wrong ticket",
            "withdrawn (3): withdraws 2: wrong ticket",
            "created (1): came twice",
            "changed (4): became known only at 2026-03-03T09:00:00+00:00",
        ] == list(map(str, found.left_out))
        text = str(found)
        assert "\n\nEvents that do not count\n  changed (2): was withdrawn: wrong ticket\n" in text

    def test_odd_input_is_told_too(self) -> None:
        assert "\n\nOdd input\n  unknown_status: the status 'odd' has no category" in str(
            explained(created(status="odd"))
        )

    def test_but_not_that_of_events_which_are_still_to_come(self) -> None:
        """What does not count at all is told whenever it was, odd input up to the instant that is explained."""
        events = [
            created(), changed("tue 09:00", status="odd"), Withdrawn(at=on("wed 09:00"), event="x", reason="a slip")
        ]  # fmt: skip
        early = explained(*events, at="mon 12:00")
        assert ["unknown_event"] == [odd["code"] for odd in early.to_dict()["anomalies"]]
        assert ["withdrawn"] == [left_out.event.kind for left_out in early.left_out]
        assert "unknown_status" not in str(early)
        assert ["unknown_event", "unknown_status"] == [odd.code for odd in explained(*events, at="tue 09:00").anomalies]


class TestShown:
    def test_text_could_be_sent(self) -> None:
        assert (
            str(explained(*LATE, metrics=["resolution"]))
            == """\
ticket at 2026-03-04T15:00:00+00:00 under Desk

resolution: breached, over by 2h.
  Promised: 4h on office, by customer (rule 'everybody').
  It started at 2026-03-02T15:00:00+00:00 and was due at 2026-03-04T13:00:00+00:00; it was stopped at \
2026-03-04T15:00:00+00:00.
  6h of working time counted, and pauses cost 2h.
  It was late from 2026-03-04T13:00:00+00:00 on.
  Where the time went
    2026-03-02T15:00:00+00:00 .. 2026-03-02T16:00:00+00:00  counted    1h
    2026-03-02T16:00:00+00:00 .. 2026-03-04T10:00:00+00:00  paused     42h \
(category is pending or on_hold; status is waiting)
    2026-03-04T10:00:00+00:00 .. 2026-03-04T15:00:00+00:00  counted    5h
    altogether: counted 6h, paused 42h
  What was decided
    2026-03-02T15:00:00+00:00  customer: rule 'everybody' gives 4h on office
    2026-03-02T15:00:00+00:00  customer binds: 4h on office, due 2026-03-04T11:00:00+00:00: the only candidate
  What changed nothing
    2026-03-02T15:30:00+00:00  replied: resolution does not wait for a public reply by the agent"""
        )

    def test_text_of_later_cycles_has_their_number(self) -> None:
        restarted = Restarted(at=on("mon 10:00"), metric="resolution", reason="r")
        text = str(explained(created(), restarted))
        assert "\n\nresolution: void." in text
        assert "\n\nresolution #2: pending (running), with 4h left." in text

    def test_a_clock_that_has_not_started_has_one_line_among_others_and_all_of_it_alone(self) -> None:
        both = explained(created(), metrics=["resolution", "update"])
        assert str(both).endswith("\n\nupdate: no target; it has not started.")
        alone = str(explained(created(), metrics=["update"]))
        assert "update: no target; it has not started.\n  What changed nothing\n" in alone
        assert alone.endswith(str(both["update"]))
        assert "created: update does not start by it" in alone

    def test_text_of_a_policy_that_promises_nothing(self) -> None:
        assert "ticket at 2026-03-02T09:00:00+00:00\n\nThe policy promises nothing." == str(
            story(make_policy(), created()).explain()
        )

    def test_to_dict_is_json_ready(self) -> None:
        found = explained(
            *LATE, Withdrawn(at=on("wed 16:00"), event="2", reason="wrong", id="6"), metrics=["resolution"]
        )
        data = json.loads(json.dumps(found.to_dict()))
        assert {"ticket", "at", "policy", "provenance", "accounts", "left_out", "anomalies"} == data.keys()
        (account,) = data["accounts"]
        assert {"metric", "cycle", "summary", "reading", "ledger", "idle"} == account.keys()
        assert found["resolution"].summary == account["summary"]
        assert ["replied", "withdrawn"] == [left_out["kind"] for left_out in data["left_out"]]
        assert ["counted_us", "paused_us"] == list(account["ledger"]["totals"])
