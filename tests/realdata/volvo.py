"""Volvo IT's incidents as events, and a policy that pauses while they wait: real pauses, reopenings and ties."""

from __future__ import annotations

import csv
import gzip
import io
from itertools import pairwise
from pathlib import Path
from typing import Final

import attrs

from realdata.laws import broken
from slaclock.events import Changed, Created, Event
from slaclock.history import History, replay
from slaclock.ledger import SegmentKind
from slaclock.policy import Policy
from slaclock.policyfile import load_policy

INCIDENTS: Final = "volvo_it_incidents_2013.csv.gz"

_RUNNING: Final = (SegmentKind.COUNTED, SegmentKind.CLOSED)

POLICY: Final = """\
slaclock: 1
name: Volvo IT incidents
timezone: Europe/Stockholm
calendars: {always: all day, office: {timezone: Europe/Stockholm, hours: {mon-fri: "08:00-17:00"}}}
statuses:
  open: [Accepted/In Progress, Accepted/Assigned, Queued/Awaiting Assignment, Unmatched/Unmatched]
  pending: [Accepted/Wait, Accepted/Wait - User, Accepted/Wait - Vendor, Accepted/Wait - Customer,
            Accepted/Wait - Implementation]
  resolved: [Completed/In Call, Completed/Resolved]
  closed: [Completed/Closed, Completed/Cancelled]
defaults: {calendar: CALENDAR, warn: 75%}
layers:
  corporate:
    - by: impact
      targets: {resolution: {Major: 4h, High: 8h, Medium: 24h, Low: 72h}}
"""


def policy_on(calendar: str) -> Policy:
    """The policy with its targets on one of its calendars, `always` or `office`."""
    return load_policy(io.StringIO(POLICY.replace("CALENDAR", calendar)))


def load_incidents(folder: Path) -> dict[str, list[Event]]:
    """The events of each incident, in order."""
    incidents: dict[str, list[Event]] = {}
    with gzip.open(folder / INCIDENTS, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            ticket = row["SR Number"]
            kind: type[Created | Changed] = Changed if ticket in incidents else Created
            fields = {
                "status": f"{row['Status']}/{row['Sub Status']}",
                "impact": row["SR Latest Impact"],
                "team": row["Involved ST"],
            }
            event = kind(at=row["Change Date+Time"], ticket=ticket, seq=number, fields=fields)
            incidents.setdefault(ticket, []).append(event)
    return incidents


@attrs.frozen
class Spent:
    """How the time of an incident was spent, in microseconds by the wall clock, closed hours included."""

    worked_us: int
    waited_us: int
    done_us: int


def spent(events: list[Event]) -> Spent:
    """The time of an incident, added up from its statuses up to its last completion, or its last event.

    The engine has no part in it: this is what its ledger is held against.
    """
    statuses = [str(event.fields["status"]) for event in events if isinstance(event, Created | Changed)]
    assert len(statuses) == len(events)
    worked = waited = done = since_done = 0
    for status, (event, after) in zip(statuses, pairwise(events), strict=False):
        length = after.at_us - event.at_us
        if status.startswith("Completed/"):
            since_done += length
            continue
        # Taken up again, the time since was done time; without that it is no part of the clock's life.
        done, since_done = done + since_done, 0
        if status.startswith("Accepted/Wait"):
            waited += length
        else:
            worked += length
    if not statuses[-1].startswith("Completed/"):
        done += since_done
    return Spent(worked, waited, done)


def spent_by_ledger(history: History) -> Spent:
    """The same by the ledger of the resolution clock, at the last event."""
    assert history.last_at is not None
    ledger = history.at(history.last_at)["resolution"].ledger
    kinds = (_RUNNING, (SegmentKind.PAUSED,), (SegmentKind.DONE,))
    return Spent(*(sum(part.wall_us for part in ledger.segments if part.kind in of) for of in kinds))


LAWS: Final = {"always": ("conserved", "shuffled"), "office": ("conserved", "resumed", "revised")}
"""Which laws are tried on which calendar: each takes the time of a replay of all incidents, or two."""


@attrs.frozen(kw_only=True)
class Figures:
    """What came of replaying every incident; the lists name the incidents where something does not agree."""

    incidents: int
    events: int
    facts: int
    spent: Spent
    paused_incidents: int
    broken: list[str]
    otherwise_spent: list[str]


def measure(folder: Path, calendar: str = "always") -> Figures:
    """Replay every incident in every way, and compare."""
    policy, incidents = policy_on(calendar), load_incidents(folder)
    histories = {ticket: replay(policy, events) for ticket, events in incidents.items()}
    ledgers = {ticket: spent_by_ledger(history) for ticket, history in histories.items()}
    return Figures(
        incidents=len(incidents),
        events=sum(map(len, incidents.values())),
        facts=sum(len(history.facts) for history in histories.values()),
        spent=Spent(
            *(sum(getattr(one, name) for one in ledgers.values()) for name in ("worked_us", "waited_us", "done_us"))
        ),
        paused_incidents=sum(ledger.waited_us > 0 for ledger in ledgers.values()),
        broken=[told for history in histories.values() for told in broken(history, "Completed/Closed", LAWS[calendar])],
        otherwise_spent=[ticket for ticket, events in incidents.items() if spent(events) != ledgers[ticket]],
    )
