"""A host of slaclock with SQLite: events, states, wake-ups and an outbox of facts, written in one transaction each.

slaclock keeps nothing and never sleeps. This is all that a program around it has to do so that nothing is lost, however
often the program is killed, and so that a million open tickets are waited for by one index on one column:

- `take` stores an event, advances the ticket's state and puts what became of the clocks into the outbox;
- `wake` does the same for what time alone has made, for the tickets whose time has come, the earliest first;
- `send` hands the outbox on. What it hands on before it is killed, it hands on again: at least once, under a key that
  stays the same, so that whoever remembers keys acts once.

`python host.py DATABASE POLICY EVENTS` runs a file of events as if they happened now, and prints what is sent.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from calendar import timegm
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

import slaclock as sla

SCHEMA = """
CREATE TABLE IF NOT EXISTS event (ticket TEXT, id TEXT, body TEXT NOT NULL, PRIMARY KEY (ticket, id));
CREATE TABLE IF NOT EXISTS ticket (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,      -- what `dump_state` gives
    policy TEXT NOT NULL,     -- the digest of the policy under which the state was made
    until INTEGER NOT NULL,   -- up to when facts have been told
    wake INTEGER              -- when time alone will make the next one
);
CREATE INDEX IF NOT EXISTS ticket_wake ON ticket (wake) WHERE wake IS NOT NULL;
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY,
    ticket TEXT NOT NULL,
    key TEXT NOT NULL,        -- the key of the fact
    turn INTEGER NOT NULL,    -- 1 when it is told, 2 when it is withdrawn, 3 when it is told again
    body TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,  -- 1 while it is delivered, 2 when it has been
    UNIQUE (key, turn)
);
CREATE INDEX IF NOT EXISTS outbox_ticket ON outbox (ticket);
CREATE INDEX IF NOT EXISTS outbox_waiting ON outbox (number) WHERE sent < 2;
"""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Takes a message that is new to whoever has never seen its key, and what it says.
Deliver = Callable[[str, dict[str, object]], None]


def to_us(at: datetime) -> int:
    """An instant as whole microseconds, which SQLite can index and compare."""
    return timegm(at.utctimetuple()) * 1_000_000 + at.microsecond


def to_instant(us: int) -> datetime:
    """And back."""
    return EPOCH + timedelta(microseconds=us)


class Host:
    """The tickets of one database under one policy."""

    def __init__(self, path: str, policy: sla.Policy) -> None:
        self.policy = policy
        # Transactions are begun and ended here, and nowhere else.
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.executescript(SCHEMA)

    def close(self) -> None:
        """Let go of the database."""
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, also if the process is killed on the way."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def run(self, events: Iterable[sla.Event], deliver: Deliver) -> None:
        """Live through events as they come: wake up for what lies before each, take it, send what there is to send."""
        for event in events:
            # An event comes before what time makes at its instant.
            self.wake(event.recorded_at - timedelta(microseconds=1))
            self.send(deliver)
            self.take(event)
            self.send(deliver)

    def take(self, event: sla.Event) -> None:
        """Take an event, late or not. One that has been stored already is a redelivery, and changes nothing.

        Raises slaclock.EventError for an event that makes no sense; it is not stored then.
        """
        if event.ticket is None or event.id is None:
            raise sla.EventError(f"found {event!r}, expected an event with a ticket and an id, by which it is stored")
        row = (event.ticket, event.id, json.dumps(event.to_dict()))
        with self.transaction():
            if self.db.execute("INSERT OR IGNORE INTO event VALUES (?, ?, ?)", row).rowcount:
                self._advance(event.ticket, event)

    def wake(self, now: datetime) -> None:
        """Tell what time alone has made until now, of each ticket whose time has come."""
        while self._wake_first(to_us(now)):
            pass

    def _wake_first(self, now: int) -> bool:
        with self.transaction():
            query = "SELECT name, wake FROM ticket WHERE wake <= ? ORDER BY wake LIMIT 1"
            found = self.db.execute(query, (now,)).fetchone()
            if found is None:
                return False
            name, wake = found
            state, until = self._state(name)
            try:
                # At its own instant, not now: an event that comes a little late finds the past open.
                state, facts = sla.tick(self.policy, state, to_instant(wake))
            except sla.PolicyMismatchError:
                self._replay(name, until)
            else:
                self._tell(name, facts)
                self._keep(name, state, max(until, wake))
            return True

    def next_wake(self) -> datetime | None:
        """When to call `wake` if no event comes before; None: not at all."""
        (wake,) = self.db.execute("SELECT MIN(wake) FROM ticket WHERE wake IS NOT NULL").fetchone()
        return None if wake is None else to_instant(wake)

    def send(self, deliver: Deliver) -> None:
        """Hand on what stands in the outbox, in order. Whoever is killed in between delivers again."""
        query = "SELECT number, key, turn, body FROM outbox WHERE sent < 2 ORDER BY number LIMIT 100"
        while waiting := self.db.execute(query).fetchall():
            for number, key, turn, body in waiting:
                # From here on somebody may have heard of it.
                self.db.execute("UPDATE outbox SET sent = 1 WHERE number = ?", (number,))
                deliver(f"{key}|{turn}", json.loads(body))
                self.db.execute("UPDATE outbox SET sent = 2 WHERE number = ?", (number,))

    def adopt(self, policy: sla.Policy) -> None:
        """From now on another policy: every ticket is replayed under it, in a transaction of its own.

        A policy says itself from when on its rules hold (`effective`), so it is replayed from the start, and what turns
        out to have been told wrongly is withdrawn. Killed on the way, it goes on where it was.
        """
        self.policy = policy
        query = "SELECT name, until FROM ticket WHERE policy <> ? LIMIT 1"
        while found := self.db.execute(query, (policy.digest,)).fetchone():
            with self.transaction():
                self._replay(*found)

    # Within a transaction.

    def _state(self, ticket: str) -> tuple[sla.State, int]:
        row = self.db.execute("SELECT state, until FROM ticket WHERE name = ?", (ticket,)).fetchone()
        return (sla.initial_state(self.policy), 0) if row is None else (sla.load_state(json.loads(row[0])), row[1])

    def _advance(self, ticket: str, event: sla.Event) -> None:
        state, until = self._state(ticket)
        if self._is_withdrawn(event):
            # A queue may bring the withdrawal first, of which a state knows nothing.
            self._replay(ticket, until)
            return
        try:
            state, facts = sla.advance(self.policy, state, event)
            until = max(until, to_us(event.at))
            # What time makes at the very instant of the event comes after it, and is told now.
            state, more = sla.tick(self.policy, state, to_instant(until))
        except (sla.LateEventError, sla.PolicyMismatchError):
            # It belongs to the past, or the policy was edited: what is true now, the stored events say.
            self._replay(ticket, until)
        else:
            self._tell(ticket, (*facts, *more))
            self._keep(ticket, state, until)

    def _is_withdrawn(self, event: sla.Event) -> bool:
        query = "SELECT 1 FROM event WHERE ticket = ? AND json_extract(body, '$.withdraws') = ?"
        return self.db.execute(query, (event.ticket, event.id)).fetchone() is not None

    def _keep(self, ticket: str, state: sla.State, until: int) -> None:
        wake = sla.snapshot(self.policy, state, to_instant(until)).next_wakeup
        row = (ticket, json.dumps(sla.dump_state(state)), self.policy.digest, until, wake and to_us(wake))
        self.db.execute("INSERT OR REPLACE INTO ticket VALUES (?, ?, ?, ?, ?)", row)

    def _replay(self, ticket: str, until: int) -> None:
        rows = self.db.execute("SELECT body FROM event WHERE ticket = ?", (ticket,))
        history = sla.replay(self.policy, [sla.event_from_dict(json.loads(body)) for (body,) in rows])
        until = max([until, *(to_us(event.at) for event in history.events)])
        state, _ = sla.tick(self.policy, history.state, to_instant(until))
        self._correct(ticket, history.facts_until(to_instant(until)))
        self._keep(ticket, state, until)

    def _correct(self, ticket: str, facts: Iterable[sla.Fact]) -> None:
        """Make the outbox say what the replayed facts say: withdraw what is not true, tell what was not known."""
        true = {fact.key: fact for fact in self._promised(facts)}
        # SQLite takes the other columns from the row that has the maximum.
        query = "SELECT key, MAX(turn), body, sent FROM outbox WHERE ticket = ? GROUP BY key ORDER BY number"
        told = {key: (turn, body, sent) for key, turn, body, sent in self.db.execute(query, (ticket,))}
        for key, (turn, body, sent) in told.items():
            if turn % 2 and key not in true:
                if sent:
                    self._put(ticket, key, turn + 1, {**json.loads(body), "withdrawn": True})
                else:
                    self.db.execute("DELETE FROM outbox WHERE key = ? AND turn = ?", (key, turn))
        for key, fact in true.items():
            turn, _, sent = told.get(key, (0, "", 0))
            if turn % 2 == 0:
                self._put(ticket, key, turn + 1, fact.to_dict())
            elif not sent:
                # It may have moved to another instant; nobody has heard of it yet.
                update = "UPDATE outbox SET body = ? WHERE key = ? AND turn = ?"
                self.db.execute(update, (json.dumps(fact.to_dict()), key, turn))

    def _tell(self, ticket: str, facts: Iterable[sla.Fact]) -> None:
        query = "SELECT COALESCE(MAX(turn), 0) FROM outbox WHERE key = ?"
        for fact in self._promised(facts):
            (turn,) = self.db.execute(query, (fact.key,)).fetchone()
            # What was withdrawn may come true after all.
            if turn % 2 == 0:
                self._put(ticket, fact.key, turn + 1, fact.to_dict())

    def _promised(self, facts: Iterable[sla.Fact]) -> list[sla.Fact]:
        return [fact for fact in facts if fact.metric in self.policy.spoken]

    def _put(self, ticket: str, key: str, turn: int, body: dict[str, object]) -> None:
        row = (ticket, key, turn, json.dumps(body))
        self.db.execute("INSERT INTO outbox (ticket, key, turn, body) VALUES (?, ?, ?, ?)", row)


def main(database: str, policy: str, events: str) -> None:
    """Run a file of events as if they happened now, and print what is sent."""

    def deliver(key: str, body: dict[str, object]) -> None:
        told = "withdrawn: " if body.get("withdrawn") else ""
        print(f"{body['at']} {body['ticket']} {told}{body['metric']} {body['kind']} {body['warning'] or ''}".rstrip())

    with closing(Host(database, sla.load_policy(policy))) as host:
        host.run(sorted(sla.load_events(events), key=lambda event: event.recorded_at), deliver)
        print(f"next wake-up: {host.next_wake()}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: python host.py DATABASE POLICY EVENTS")
    main(*sys.argv[1:])
