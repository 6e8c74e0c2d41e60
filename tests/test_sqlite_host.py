"""The example's host: killed anywhere it loses nothing, and what it sends makes it known once."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

import slaclock as sla
from killed_host import EXAMPLE, the_example

POLICY = sla.load_policy(EXAMPLE / "policy.yaml")
START = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def example() -> ModuleType:
    return the_example()


class Desk:
    """A host with a database of its own, and what it has sent."""

    def __init__(self, example: ModuleType, path: Path) -> None:
        self.host = example.Host(str(path / "host.db"), POLICY)
        self.sent: list[tuple[str, dict[str, object]]] = []

    def run(self, *events: sla.Event, until: str | None = None) -> None:
        self.host.run(events, self.deliver)
        if until is not None:
            self.host.wake(datetime.fromisoformat(until))
        self.host.send(self.deliver)

    def deliver(self, key: str, body: dict[str, object]) -> None:
        self.sent.append((key, body))

    def told(self, *kinds: str, metric: str = "first_response") -> list[str]:
        """What was sent of some kinds, as `breached 10:00`; a `-` before what was withdrawn."""
        return [
            f"{'-' if body.get('withdrawn') else ''}{body['kind']} {str(body['at'])[11:16]}"
            for _, body in self.sent
            if body["metric"] == metric and (not kinds or body["kind"] in kinds)
        ]

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return list(self.host.db.execute(query))


@pytest.fixture
def desk(example: ModuleType, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(example, tmp_path)
    yield desk
    desk.host.close()


def on_monday(time: str) -> str:
    return f"2026-03-02T{time}+01:00"


def created(time: str = "09:00", **fields: object) -> sla.Event:
    return sla.Created(at=on_monday(time), ticket="T-1", id="1", fields={"priority": "high", **fields})


def replied(time: str, known: str | None = None) -> sla.Event:
    recorded_at = None if known is None else on_monday(known)
    return sla.Replied(at=on_monday(time), ticket="T-1", id="2", by="agent", recorded_at=recorded_at)


# Without any killing.


def test_what_time_makes_is_told_when_it_wakes_up_for_it(desk: Desk) -> None:
    desk.run(created())
    assert ["started 09:00"] == desk.told()
    assert desk.host.next_wake() == datetime.fromisoformat(on_monday("09:45"))
    desk.run(until=on_monday("09:59"))
    assert ["started 09:00", "warned 09:45"] == desk.told()
    assert desk.host.next_wake() == datetime.fromisoformat(on_monday("10:00:00.000001"))
    desk.run(until=on_monday("12:00"))
    assert ["started 09:00", "warned 09:45", "breached 10:00"] == desk.told()


def test_what_time_makes_at_the_instant_of_an_event_is_told_with_it(desk: Desk) -> None:
    """Else no wake-up would be left for it."""
    note = sla.Changed(at=on_monday("09:45"), ticket="T-1", id="n", fields={"team": "a"})
    desk.host.take(created())
    desk.host.take(note)
    desk.run()
    assert ["started 09:00", "warned 09:45"] == desk.told()
    # A reply at that instant came first, all the same.
    desk.run(sla.Replied(at=on_monday("09:45"), ticket="T-1", id="r", by="agent"))
    assert ["-warned 09:45", "fulfilled 09:45"] == desk.told()[2:]


def test_a_redelivered_event_changes_nothing(desk: Desk) -> None:
    desk.run(created(), created())
    before = desk.rows("SELECT * FROM ticket")
    desk.run(created())
    assert (1, before) == (len(desk.sent) // 2, desk.rows("SELECT * FROM ticket"))


def test_a_late_event_withdraws_what_was_told_wrongly(desk: Desk) -> None:
    desk.run(created(), replied("09:30", known="11:00"))
    withdrawn = ["-warned 09:45", "-breached 10:00"]
    assert ["started 09:00", "warned 09:45", "breached 10:00", *withdrawn, "fulfilled 09:30"] == desk.told()


def test_what_nobody_has_heard_of_is_not_even_sent(desk: Desk) -> None:
    desk.host.take(created())
    desk.host.wake(datetime.fromisoformat(on_monday("11:00")))
    desk.host.take(replied("09:30", known="11:00"))
    desk.run()
    assert ["started 09:00", "fulfilled 09:30"] == desk.told()


def test_what_is_true_again_is_told_again(desk: Desk) -> None:
    desk.run(created(), replied("09:30", known="11:00"))
    desk.run(sla.Withdrawn(at=on_monday("12:00"), ticket="T-1", id="3", event="2", reason="another ticket"))
    assert ["-fulfilled 09:30", "warned 09:45", "breached 10:00"] == desk.told()[-3:]
    assert ["1", "2", "3"] == [key.rpartition("|")[2] for key, body in desk.sent if body["kind"] == "breached"]


def test_what_was_withdrawn_and_comes_true_after_all_is_told_again(desk: Desk) -> None:
    """It had been solved before the warning, as became known too late; and then it was taken up again."""
    desk.run(created(), until=on_monday("15:30"))
    solved = {"ticket": "T-1", "recorded_at": on_monday("15:30")}
    desk.run(sla.Changed(at=on_monday("14:00"), id="s", fields={"status": "solved"}, **solved))
    desk.run(sla.Changed(at=on_monday("15:40"), id="o", ticket="T-1", fields={"status": "open"}))
    desk.run(until=on_monday("17:00"))
    assert ["warned 15:00", "-warned 15:00", "warned 16:40"] == desk.told("warned", metric="resolution")


def test_a_fact_that_moved_before_it_was_sent_is_sent_as_it_is(desk: Desk) -> None:
    desk.host.take(created())
    desk.host.wake(datetime.fromisoformat(on_monday("09:50")))
    held = {"ticket": "T-1", "metric": "first_response", "recorded_at": on_monday("09:51")}
    desk.host.take(sla.Held(at=on_monday("09:10"), id="h", reason="move", **held))
    desk.host.take(sla.Released(at=on_monday("09:12"), id="r", **held))
    desk.run(until=on_monday("09:50"))
    assert ["warned 09:47"] == desk.told("warned")


def test_an_event_that_makes_no_sense_is_refused_and_not_stored(desk: Desk) -> None:
    desk.run(created())
    with pytest.raises(sla.EventError, match="second `created`"):
        desk.host.take(sla.Created(at=on_monday("10:00"), ticket="T-1", id="9"))
    with pytest.raises(sla.EventError, match="expected an event with a ticket and an id"):
        desk.host.take(sla.Created(at=on_monday("10:00")))
    assert [("1",)] == desk.rows("SELECT id FROM event")


def test_a_ticket_whose_only_event_is_withdrawn_waits_for_nothing(desk: Desk) -> None:
    desk.run(created(), sla.Withdrawn(at=on_monday("09:30"), ticket="T-1", id="3", event="1", reason="spam"))
    assert ["started 09:00", "-started 09:00"] == desk.told()
    assert desk.host.next_wake() is None


def test_an_event_that_comes_after_its_withdrawal_never_happened(desk: Desk) -> None:
    """A queue may bring the two in either order."""
    withdrawal = sla.Withdrawn(at=on_monday("09:20"), ticket="T-1", id="w", event=replied("09:30").id, reason="a slip")
    desk.run(created(), withdrawal, replied("09:30"))
    assert desk.told() == ["started 09:00"]


def edited(*warn: str) -> sla.Policy:
    """The example's policy, for urgent tickets, with other warnings."""
    hours = {"timezone": "Europe/Berlin", "hours": {"mon-fri": "09:00-17:00"}}
    return sla.load_policy({
        "slaclock": 1, "timezone": "Europe/Berlin", "calendars": {"office": hours},
        "defaults": {"calendar": "office", "warn": list(warn)},
        "layers": {"corporate": [{"targets": {"first_response": "1h"}}]},
    })  # fmt: skip


def test_another_policy_is_adopted_by_replaying(desk: Desk) -> None:
    draft = edited()
    desk.run(created(), until=on_monday("09:50"))
    desk.host.adopt(draft)
    desk.run(until=on_monday("09:50"))
    assert ["started 09:00", "warned 09:45", "-warned 09:45"] == desk.told()
    assert [(draft.digest,)] == desk.rows("SELECT policy FROM ticket")
    assert desk.host.next_wake() == datetime.fromisoformat(on_monday("10:00:00.000001"))


@pytest.mark.parametrize("touch", ["event", "time"])
def test_a_ticket_that_is_touched_before_its_turn_is_replayed_then(desk: Desk, touch: str) -> None:
    desk.run(created())
    desk.host.policy = edited("50%")
    if touch == "event":
        desk.run(replied("09:40"))
    else:
        desk.run(until=on_monday("09:45"))
    assert ["warned 09:30"] == desk.told("warned")
    assert [(desk.host.policy.digest,)] == desk.rows("SELECT policy FROM ticket")


@pytest.mark.parametrize("query", [
    "SELECT name, wake FROM ticket WHERE wake <= 1 ORDER BY wake LIMIT 1",
    "SELECT MIN(wake) FROM ticket WHERE wake IS NOT NULL",
])  # fmt: skip
def test_waiting_needs_one_index(desk: Desk, query: str) -> None:
    assert query.replace("<= 1", "<= ?") in (EXAMPLE / "host.py").read_text(encoding="utf-8")
    (plan,) = desk.rows(f"EXPLAIN QUERY PLAN {query}")
    assert "INDEX ticket_wake" in str(plan[-1])


def test_what_somebody_may_have_heard_of_is_withdrawn_aloud(desk: Desk) -> None:
    """Delivered, and killed before that was noted: it is delivered again, and then withdrawn."""

    class KilledError(Exception):
        pass

    def deliver(key: str, body: dict[str, object]) -> None:
        desk.deliver(key, body)
        raise KilledError

    desk.host.take(created())
    desk.run()
    desk.host.wake(datetime.fromisoformat(on_monday("09:50")))
    with pytest.raises(KilledError):
        desk.host.send(deliver)
    desk.host.take(replied("09:30", known="09:51"))
    desk.run()
    assert ["warned 09:45", "warned 09:45", "-warned 09:45"] == desk.told("warned")


# Killed.


def stories(seed: int) -> list[sla.Event]:
    """The events of some tickets, in the order in which they become known: some late, one withdrawn."""
    draw = random.Random(seed)
    events: list[sla.Event] = []
    for ticket in ("A", "B", "C"):
        at = START + timedelta(minutes=draw.randrange(600))
        fields = {"priority": draw.choice(("high", "low")), "status": "open"}
        events.append(sla.Created(at=at, ticket=ticket, id=f"{ticket}0", fields=fields))
        for number in range(1, 9):
            at += timedelta(minutes=draw.randrange(5, 600))
            known = at + timedelta(minutes=draw.randrange(0, 900)) if draw.random() < 0.3 else at
            more = {"at": at, "ticket": ticket, "id": f"{ticket}{number}", "recorded_at": known}
            if draw.random() < 0.3:
                events.append(sla.Replied(by=draw.choice(("agent", "customer")), **more))
            else:
                field, values = draw.choice((("status", ("open", "waiting", "solved")), ("priority", ("high", "low"))))
                events.append(sla.Changed(fields={field: draw.choice(values)}, **more))
    at += timedelta(minutes=1)
    events.append(sla.Withdrawn(at=at, ticket="C", id="C9", event="C3", reason="another ticket"))
    return sorted(events, key=lambda event: event.recorded_at)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be forked")
@pytest.mark.parametrize("seed", [1, 2])
def test_killed_anywhere_it_loses_nothing_and_makes_it_known_once(
    seed: int, tmp_path: Path, example: ModuleType, desk: Desk
) -> None:
    events = stories(seed)
    source, mailbox, database = (str(tmp_path / name) for name in ("events.jsonl", "mailbox", "host.db"))
    Path(source).write_text("".join(json.dumps(event.to_dict()) + "\n" for event in events), encoding="utf-8")
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("killed_host.py")), database, mailbox, source, str(seed)],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) > 10, "it should be killed many times"

    # Read again, since the reader numbers the rows.
    histories = sla.replay_all(POLICY, sla.load_events(source))
    # No event is lost, and each is stored once.
    stored = [row[0] for row in desk.rows("SELECT id FROM event ORDER BY id")]
    assert stored == sorted(str(event.id) for event in events)
    told = desk.rows("SELECT key, turn, sent FROM outbox")
    for name, state, until, wake in desk.rows("SELECT name, state, until, wake FROM ticket"):
        # What stands in the outbox is what the events say, no more and no less.
        at = example.to_instant(until)
        true = {fact.key for fact in histories[str(name)].facts_until(at) if fact.metric in POLICY.spoken}
        turns: dict[str, int] = {}
        for key, turn, _ in told:
            if str(key).startswith(f"{name}|"):
                turns[str(key)] = max(turns.get(str(key), 0), int(str(turn)))
        assert true == {key for key, turn in turns.items() if turn % 2}
        # So is the state, and when to wake up.
        expected, _ = sla.tick(POLICY, histories[str(name)].state, at)
        assert sla.dump_state(expected) == json.loads(str(state))
        following = sla.snapshot(POLICY, expected, at).next_wakeup
        assert wake == (None if following is None else example.to_us(following))
    # Everything in the outbox was delivered, some of it twice: who remembers keys has acted on each once.
    lines = Counter(json.loads(line)[0] for line in Path(mailbox).read_text(encoding="utf-8").splitlines())
    assert {f"{key}|{turn}" for key, turn, _ in told} == set(lines)
    assert {2} == {sent for *_, sent in told}
    assert max(lines.values()) > 1, "it should be killed between delivering something and noting it down"
