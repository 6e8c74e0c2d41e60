"""Figures of many histories: what is counted, and what is compared with expectations."""

from __future__ import annotations

import json

import attrs
import pytest

from slaclock._instants import HOUR_US, SECOND_US
from slaclock.errors import EventError
from slaclock.eventfile import Expected
from slaclock.events import Changed, Created, Event, Released, Replied
from slaclock.history import History, replay_all
from slaclock.policyfile import load_policy
from slaclock.reports import Summary, summarise
from slaclock.text import summary_text

AT = "2026-03-02T17:00Z"
POLICY = load_policy(
    {
        "slaclock": 1,
        "calendars": {"always": "all day"},
        "defaults": {"calendar": "always"},
        "layers": {"corporate": [{"when": {"tier": "gold"}, "targets": {"resolution": "4h", "next_response": "1h"}}]},
    }
)


def histories(*events: Event) -> dict[str, History]:
    return replay_all(POLICY, events)


def created(ticket: str, hour: int, tier: str = "gold") -> Created:
    return Created(ticket=ticket, at=f"2026-03-02T{hour:02d}:00Z", fields={"tier": tier})


GOOD, LATE, PLAIN = created("good", 15), created("late", 8), created("plain", 8, "none")
SOLVED = Changed(ticket="good", at="2026-03-02T16:00Z", fields={"status": "resolved"})
TALK = [
    Replied(ticket="late", at=f"2026-03-02T{hour}Z", by=by)
    for hour, by in (("08:10", "agent"), ("08:20", "customer"), ("08:30", "agent"), ("09:00", "customer"))
]
ALL = histories(GOOD, LATE, PLAIN, SOLVED, *TALK)
DUE_US = GOOD.at_us + 4 * HOUR_US


def check(expected: dict[str, dict[str, Expected]], at: str = AT) -> Summary:
    return summarise(POLICY, ALL, at, expected)


class TestCounts:
    def test_all_cycles_are_counted_of_the_metrics_to_which_a_rule_gives_a_target(self) -> None:
        summary = summarise(POLICY, ALL, AT)
        assert summary.verdicts == {
            "next_response": {"met": 1, "breached": 1, "pending": 1, "no_target": 1},
            "resolution": {"met": 1, "breached": 1, "no_target": 1},
        }
        assert (summary.tickets, summary.events, summary.readings) == (3, 8, 7)

    def test_of_the_readings_those_whose_clock_has_not_started_are_counted_apart(self) -> None:
        """A promise that nobody has asked for yet is no open one, and would hide those that are."""
        summary = summarise(POLICY, ALL, AT)
        assert summary.not_started == {"next_response": {"pending": 1, "no_target": 1}}
        told = json.loads(json.dumps(summary.to_dict()))
        assert told["not_started"] == summary.not_started
        table = [line.split() for line in summary_text(summary).splitlines()]
        assert ["metric", "breached", "met", "no", "target", "not", "started"] in table
        assert ["next_response", "1", "1", "0", "2"] in table
        assert ["resolution", "1", "1", "1", "0"] in table
        # As data the same figures as in the table, which add up to the readings.
        assert told["readings"] == summary.figures
        assert told["readings"] == {
            "next_response": {"breached": 1, "met": 1, "not_started": 2},
            "resolution": {"breached": 1, "met": 1, "no_target": 1},
        }
        assert sum(sum(counts.values()) for counts in told["readings"].values()) == summary.readings
        assert "not_started" not in summarise(POLICY, {}, AT).to_dict()

    def test_a_summary_made_by_hand_has_no_provenance(self) -> None:
        assert "provenance" not in Summary(at_us=0, timezone="UTC", tickets=0, events=0, verdicts={}).to_dict()

    def test_what_exceptions_have_touched_is_counted_apart(self) -> None:
        """By the name of the entry and by verdict; an entry that has touched nothing is not there."""
        outage = {"name": "outage", "from": "2026-03-02T07:00", "until": "2026-03-02T09:00", "reason": "carrier"}
        later = {**outage, "name": "later", "from": "2026-03-03T07:00", "until": "2026-03-03T09:00"}
        policy = load_policy(
            {
                "slaclock": 1,
                "calendars": {"always": "all day"},
                "defaults": {"calendar": "always"},
                "layers": {"corporate": [{"targets": {"resolution": "4h"}}]},
                "exceptions": [outage | {"exclude": True}, later | {"suspend": True}],
            }
        )
        summary = summarise(policy, replay_all(policy, [GOOD, SOLVED, LATE, created("soon", 16)]), AT)
        assert summary.verdicts == {"resolution": {"met": 1, "breached": 1, "pending": 1}}
        assert summary.exceptions == {"outage": {"breached": 1}}
        assert json.loads(json.dumps(summary.to_dict()))["exceptions"] == {"outage": {"breached": 1}}
        (line,) = (line for line in summary_text(summary).splitlines() if line.startswith("outage"))
        assert line.split() == ["outage", "0", "1", "0"]
        assert "exceptions" not in check({}).to_dict()

    def test_without_expectations_nothing_is_compared(self) -> None:
        summary = summarise(POLICY, ALL, AT, {}, left_out=3)
        assert (summary.deadlines, summary.checks, summary.left_out) == (None, None, 3)

    def test_no_tickets_are_a_summary_too(self) -> None:
        assert summarise(POLICY, {}, AT).readings == 0

    def test_a_summary_is_frozen(self) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            summarise(POLICY, {}, AT).tickets = 1  # type: ignore[misc]


class TestAnomalies:
    def test_they_are_counted_by_code_most_frequent_first_each_with_the_first_as_example(self) -> None:
        odd = [Changed(ticket="b", at=f"2026-03-02T{hour}:00Z", fields={"status": "odd"}) for hour in (10, 11)]
        summary = summarise(POLICY, histories(Released(ticket="a", at="2026-03-02T09:00Z"), created("b", 9), *odd), AT)
        assert [(odd.code, odd.count, odd.ticket) for odd in summary.anomalies] == [
            ("unknown_status", 2, "b"), ("not_held", 1, "a"), ("before_created", 1, "a"),
        ]  # fmt: skip
        assert summary.anomalies[0].event == odd[0].key
        assert "'odd'" in summary.anomalies[0].sentence
        assert summary.to_dict()["anomalies"] == {"unknown_status": 2, "not_held": 1, "before_created": 1}


class TestDeadlines:
    @pytest.mark.parametrize(
        ("off_us", "exact", "close"),
        [(0, 1, 1), (1, 0, 1), (60 * SECOND_US, 0, 1), (-60 * SECOND_US, 0, 1), (60 * SECOND_US + 1, 0, 0)],
    )
    def test_exact_is_to_the_microsecond_and_close_is_within_a_minute(
        self, off_us: int, exact: int, close: int
    ) -> None:
        deadlines = check({"good": {"resolution": Expected(DUE_US - off_us)}}).deadlines
        assert deadlines is not None
        assert (deadlines.expected, deadlines.exact, deadlines.close, deadlines.missing) == (1, exact, close, 0)
        assert [miss.off_us for miss in deadlines.worst] == ([] if close else [off_us])

    def test_no_deadline_here_is_missing(self) -> None:
        deadlines = check({"plain": {"resolution": Expected(DUE_US)}}).deadlines
        assert deadlines is not None
        assert (deadlines.missing, deadlines.worst) == (1, ())

    def test_the_farthest_misses_come_first(self) -> None:
        tickets = [created(str(number), 8) for number in range(8)]
        expected = {
            event.ticket: {"resolution": Expected(event.at_us + HOUR_US * n)} for n, event in enumerate(tickets)
        }
        deadlines = summarise(POLICY, histories(*tickets), AT, expected).deadlines
        assert deadlines is not None
        assert [(miss.ticket, miss.off_us) for miss in deadlines.worst] == [
            ("0", 4 * HOUR_US), ("1", 3 * HOUR_US), ("7", -3 * HOUR_US), ("2", 2 * HOUR_US), ("6", -2 * HOUR_US),
        ]  # fmt: skip

    def test_the_current_cycle_is_compared(self) -> None:
        due_us = TALK[-1].at_us + HOUR_US
        deadlines = check({"late": {"next_response": Expected(due_us)}}).deadlines
        assert deadlines is not None
        assert deadlines.exact == 1


class TestVerdicts:
    def test_equal_and_unequal_are_counted_and_apart_where_the_deadline_is_close(self) -> None:
        expected = {
            "good": {"resolution": Expected(DUE_US, "met")},
            "late": {"resolution": Expected(DUE_US, "met"), "next_response": Expected(None, "breached")},
            "plain": {"resolution": Expected(None, "met")},
        }
        checks = check(expected).checks
        assert checks is not None
        assert (checks.expected, checks.equal, checks.unequal) == (4, 2, 2)
        assert (checks.expected_where_close, checks.equal_where_close) == (1, 1)

    def test_one_expectation_changed_makes_one_fewer_equal(self) -> None:
        for verdict, equal in (("met", 1), ("breached", 0)):
            checks = check({"good": {"resolution": Expected(DUE_US, verdict)}}).checks
            assert checks is not None
            assert (checks.equal, checks.equal_where_close) == (equal, equal)

    def test_a_metric_that_the_policy_does_not_know_is_refused(self) -> None:
        with pytest.raises(EventError, match=r"expected\.resolutoin: .*did you mean `resolution`?"):
            check({"good": {"resolutoin": Expected(None, "met")}})
        with pytest.raises(EventError, match=r"expected\.x: found a metric that the policy does not know$"):
            check({"good": {"x": Expected(None, "met")}})


def test_a_summary_is_written_as_json_ready_data() -> None:
    expected = {
        "good": {"resolution": Expected(DUE_US - HOUR_US, "met")},
        "plain": {"resolution": Expected(None, "met")},
    }
    data = check(expected).to_dict()
    assert json.loads(json.dumps(data)) == data
    assert data == {
        "at": "2026-03-02T17:00:00+00:00",
        "tickets": 3,
        "events": 8,
        "left_out": 0,
        "anomalies": {},
        "provenance": POLICY.provenance.to_dict(),
        "not_started": {"next_response": {"pending": 1, "no_target": 1}},
        "kinds": {"next_response": "sla", "resolution": "sla"},
        "readings": {
            "next_response": {"breached": 1, "met": 1, "not_started": 2},
            "resolution": {"breached": 1, "met": 1, "no_target": 1},
        },
        "deadlines": {
            "expected": 1,
            "exact": 0,
            "close": 0,
            "missing": 0,
            "worst": [
                {
                    "ticket": "good",
                    "metric": "resolution",
                    "expected_due_at": "2026-03-02T18:00:00+00:00",
                    "due_at": "2026-03-02T19:00:00+00:00",
                    "off_us": HOUR_US,
                }
            ],
        },
        "verdicts": {
            "expected": 2, "equal": 1, "unequal": 1, "expected_where_close": 0, "equal_where_close": 0,
        },
    }  # fmt: skip
    assert "deadlines" not in summarise(POLICY, ALL, AT).to_dict()
    assert "verdicts" not in summarise(POLICY, ALL, AT).to_dict()
