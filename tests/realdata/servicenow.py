"""ServiceNow's incidents and verdicts, by way of the example's own script: the figures stand for what users run."""

from __future__ import annotations

import csv
import gzip
import importlib.util
import io
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Final

import attrs

from realdata.laws import broken
from slaclock.events import Changed, Created, Event
from slaclock.history import replay
from slaclock.policyfile import load_policy

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "servicenow"


def load_measure() -> ModuleType:
    """The example's script as a module."""
    spec = importlib.util.spec_from_file_location("servicenow_measure", EXAMPLE / "measure.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


measure: Final = load_measure()


@attrs.frozen(kw_only=True)
class Figures:
    """By priority, the incidents and those of them with the verdict of the log; and the numbers of the others."""

    cases: Counter[str]
    same: Counter[str]
    others: list[str]

    def share(self, priority: str) -> float:
        """The share of the verdicts of a priority that come out."""
        return self.same[priority] / self.cases[priority]


def measured(folder: Path) -> Figures:
    """The figures of the full log."""
    incidents = measure.read_incidents(folder)
    same, others = measure.agreement(load_policy(EXAMPLE / "policy.yaml"), incidents)
    cases = Counter(measure.priority(row) for row in incidents)
    return Figures(cases=cases, same=same, others=[row["number"] for row in others])


def sample_text(folder: Path, every: int) -> str:
    """The incidents, or one in so many, as the text of an event file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, measure.COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(measure.sample_rows(measure.read_incidents(folder)[::every]))
    return text.getvalue()


# Every update of every incident, under a policy that uses more of what there is: pauses, owners, carried time.

UPDATES: Final = """\
slaclock: 1
calendars: {desk: {hours: {mon-fri: "14:00-23:00"}}, always: all day}
statuses:
  open: [New, Active]
  pending: [Awaiting User Info]
  on_hold: [Awaiting Vendor, Awaiting Problem, Awaiting Evidence]
  resolved: [Resolved]
  closed: [Closed]
defaults: {calendar: desk, warn: 75%, on_change: carry, on_reopen: restart, on_relax: sticky}
layers:
  corporate:
    - by: priority
      targets:
        resolution: {Critical: {within: 4h, calendar: always}, High: {within: 8h, calendar: always}, otherwise: 62h}
        requester_wait: {Low: 134h, otherwise: 10 business days}
        ownership: {otherwise: 18h}
"""


def load_updates(folder: Path) -> dict[str, list[Event]]:
    """The events of each incident, in order: how it was opened, and each row of the log."""
    incidents: dict[str, list[Event]] = {}
    with gzip.open(folder / measure.LOG, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=1):
            ticket, found = row["number"], incidents.setdefault(row["number"], [])
            fields = {
                "status": row["incident_state"],
                "priority": measure.priority(row),
                "team": row["assignment_group"],
            }
            if not found:
                opened = measure.instant(row["opened_at"])
                found.append(Created(at=opened, ticket=ticket, fields={**fields, "status": "New"}))
            at = "closed_at" if row["incident_state"] == "Closed" else "sys_updated_at"
            found.append(Changed(at=measure.instant(row[at]), ticket=ticket, seq=number, fields=fields))
    return {ticket: sorted(found, key=lambda event: (event.at_us, event.seq)) for ticket, found in incidents.items()}


def broken_laws(folder: Path) -> tuple[int, int, list[str]]:
    """How many incidents with how many events there are, and of which a law does not hold."""
    policy, incidents = load_policy(io.StringIO(UPDATES)), load_updates(folder)
    found = [
        told
        for events in incidents.values()
        for told in broken(replay(policy, events), "Closed", ("conserved", "shuffled", "resumed", "revised"))
    ]
    return len(incidents), sum(map(len, incidents.values())), found
