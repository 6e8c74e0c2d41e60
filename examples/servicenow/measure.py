"""Count ServiceNow's own verdicts that the policy reproduces.

    python examples/servicenow/measure.py --data FOLDER

reads `servicenow_incidents_2016q1.csv.gz` in FOLDER, or in the folder that the environment variable SLACLOCK_DATA
names, replays each incident from `opened_at` to `closed_at`, and compares. `--search` tries all opening hours of whole
hours, with whatever amount fits best, and shows which calendars explain the verdicts. `--sample 50` writes every 50th
incident as `events.csv` beside this file: the sample shipped here.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import slaclock as sla

LOG = "servicenow_incidents_2016q1.csv.gz"
HERE = Path(__file__).parent
JUDGED = ("Moderate", "Low")
COLUMNS = ("ticket", "at", "event", "status", "priority", "expected.resolution.verdict")

Incident = Mapping[str, str]
"""The last row of an incident in the log: its final priority, its times and its verdict."""
Life = tuple[datetime, datetime, bool]
"""When an incident was opened and closed, and whether that was in time."""


def read_incidents(folder: Path) -> list[Incident]:
    """The incidents of the two priorities, in the order of the log."""
    last: dict[str, Incident] = {}
    with gzip.open(folder / LOG, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            last[row["number"]] = row
    return [row for row in last.values() if priority(row) in JUDGED]


def priority(incident: Incident) -> str:
    """`Moderate` for `3 - Moderate`."""
    return incident["priority"].partition(" - ")[2]


def instant(text: str) -> datetime:
    """A time of the log, whose clock is taken for UTC."""
    day, month, rest = text.split("/")
    year, clock = rest.split()
    hour, minute = clock.split(":")
    return datetime(int(year), int(month), int(day), int(hour), int(minute), tzinfo=UTC)


def verdict(incident: Incident) -> str:
    """What ServiceNow said of an incident: `met` or `breached`."""
    return "met" if incident["made_sla"] == "true" else "breached"


def events(incident: Incident) -> Iterator[sla.Event]:
    """An incident as it was opened and closed."""
    number = incident["number"]
    fields = {"status": "New", "priority": priority(incident)}
    yield sla.Created(at=instant(incident["opened_at"]), ticket=number, fields=fields)
    yield sla.Changed(at=instant(incident["closed_at"]), ticket=number, fields={"status": "Closed"})


def agreement(policy: sla.Policy, incidents: Sequence[Incident]) -> tuple[Counter[str], list[Incident]]:
    """How many incidents of each priority come out with the verdict of the log, and those that do not."""
    same: Counter[str] = Counter()
    others: list[Incident] = []
    for incident in incidents:
        history = sla.replay(policy, list(events(incident)))
        reading = history.at(instant(incident["closed_at"]))["resolution"]
        if reading.verdict == verdict(incident):
            same[priority(incident)] += 1
        else:
            others.append(incident)
    return same, others


def fewest_misses(calendar: sla.WorkingCalendar, lives: Iterable[Life]) -> int:
    """How many verdicts differ under the one amount of time on a calendar that fits them best."""
    elapsed = sorted((calendar.between(opened, closed), met) for opened, closed, met in lives)
    misses = fewest = sum(met for _, met in elapsed)
    for place, (time, met) in enumerate(elapsed):
        misses += -1 if met else 1
        if place + 1 == len(elapsed) or elapsed[place + 1][0] != time:
            fewest = min(fewest, misses)
    return fewest


def lives_of(incidents: Iterable[Incident]) -> dict[str, list[Life]]:
    """The lives of incidents, by priority."""
    lives: dict[str, list[Life]] = {name: [] for name in JUDGED}
    for row in incidents:
        life = (instant(row["opened_at"]), instant(row["closed_at"]), verdict(row) == "met")
        lives[priority(row)].append(life)
    return lives


def search(incidents: Sequence[Incident]) -> list[tuple[int, int, int]]:
    """For opening hours Monday to Friday of at least six whole hours: misses, opening, closing; the best first."""
    lives = lives_of(incidents)
    found = []
    for opening in range(19):
        for closing in range(opening + 6, 25):
            calendar = sla.WorkingCalendar(hours={"mon-fri": f"{opening:02}:00-{closing:02}:00"})
            found.append((sum(fewest_misses(calendar, alike) for alike in lives.values()), opening, closing))
    return sorted(found)


def sample_rows(incidents: Sequence[Incident]) -> list[dict[str, str]]:
    """Incidents as the rows of an event file, by instant."""
    rows = []
    for incident in incidents:
        for event in events(incident):
            fields = {name: str(value) for name, value in event.fields.items()}
            if event.kind == "changed":
                fields["expected.resolution.verdict"] = verdict(incident)
            at = event.at.isoformat()
            rows.append({"ticket": incident["number"], "at": at, "event": event.kind, **fields})
    return sorted(rows, key=lambda row: row["at"])


def write_sample(incidents: Sequence[Incident]) -> None:
    """Write incidents as `events.csv`."""
    with (HERE / "events.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sample_rows(incidents))


def main(arguments: list[str] | None = None) -> None:
    """Measure, search, or write the sample."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SLACLOCK_DATA"), help="the folder with the data")
    parser.add_argument("--search", action="store_true", help="which opening hours explain the verdicts")
    parser.add_argument("--sample", type=int, metavar="N", help="write every N-th incident as events.csv")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("name the folder with the data: --data, or SLACLOCK_DATA")
    incidents = read_incidents(Path(options.data))
    if options.sample:
        write_sample(incidents[:: options.sample])
        return
    if options.search:
        print("misses  hours, Monday to Friday")
        for misses, opening, closing in search(incidents)[:10]:
            print(f"{misses:6}  {opening:02}:00-{closing:02}:00")
        return
    same, others = agreement(sla.load_policy(HERE / "policy.yaml"), incidents)
    for name in JUDGED:
        cases = sum(priority(row) == name for row in incidents)
        print(f"{name:8}  {same[name]:,} of {cases:,} verdicts ({same[name] / cases:.2%})")
    for row in others:
        print(f"{row['number']}  {row['opened_at']} to {row['closed_at']}: {verdict(row)} in the log")


if __name__ == "__main__":
    main()
