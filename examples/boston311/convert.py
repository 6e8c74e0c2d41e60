"""Make events and a policy from Boston's published 311 service requests.

    python examples/boston311/convert.py --data FOLDER --every 29

reads `boston311_2015h1.csv.gz` (the requests) and `boston311_2015h1_observed_targets.csv` (for each type its commonest
target) in FOLDER, or in the folder that the environment variable SLACLOCK_DATA names, and writes `events.csv` and
`policy.yaml` beside this file, or into the folder given with `--out`. `--every 29` takes every 29th request in file
order: the sample shipped here. Without it all requests are taken.

Needs nothing but Python, and on systems without zone data the package `tzdata`.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

REQUESTS = "boston311_2015h1.csv.gz"
TARGETS = "boston311_2015h1_observed_targets.csv"
BOSTON = ZoneInfo("America/New_York")

# About 13:00 on this day, a holiday, the city changed many of its targets.
SWITCH = "2015-02-16T13:00"
PERIODS = {"before": "until", "after": "from"}

# Days on which the city's clock stood still. Other days off (03-17, 06-17, 07-03, 11-27, 12-24) were working days.
HOLIDAYS = (
    "2015-01-01", "2015-01-19", "2015-02-16", "2015-04-20", "2015-05-25", "2015-09-07", "2015-10-12", "2015-11-11",
    "2015-11-26", "2015-12-25", "2016-01-01", "2016-01-18", "2016-02-15",
)  # fmt: skip

COLUMNS = (
    "ticket", "at", "event", "status", "type", "department", "source",
    "expected.resolution.due_at", "expected.resolution.verdict",
)  # fmt: skip
VERDICTS = {"ONTIME": "met", "OVERDUE": "breached", "": ""}


def read_requests(folder: Path) -> Iterator[dict[str, str]]:
    """The published requests, in file order."""
    with gzip.open(folder / REQUESTS, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def read_targets(folder: Path) -> list[dict[str, str]]:
    """The observed targets, one row for a type and a period."""
    with (folder / TARGETS).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def instant(text: str) -> datetime:
    """A wall-clock time of Boston as an instant: the first of two, and shifted where the clock skips it."""
    return datetime.fromisoformat(text).replace(tzinfo=BOSTON).astimezone(UTC)


def iso(at: datetime) -> str:
    """An instant as Boston's clock showed it, with the offset."""
    return at.astimezone(BOSTON).isoformat()


def period_of(opened: str) -> str:
    """On which side of the switch a request was opened: `before` or `after`."""
    return "before" if datetime.fromisoformat(opened) < datetime.fromisoformat(SWITCH) else "after"


def period_of_target(row: Mapping[str, str]) -> str:
    """The side of the switch for which a row of the table of targets stands."""
    return "before" if row["effective_to"] else "after"


def request_events(request: Mapping[str, str]) -> Iterator[tuple[datetime, dict[str, str]]]:
    """The events of one request, each with its instant: it was created, and perhaps closed."""
    opened = instant(request["open_dt"])
    closed = request["closed_dt"]
    expected_due = iso(instant(request["target_dt"])) if request["target_dt"] else ""
    judged = closed and expected_due
    yield (
        opened,
        {
            "ticket": request["case_enquiry_id"],
            "at": iso(opened),
            "event": "created",
            "status": "open",
            "type": request["type"],
            "department": request["department"],
            "source": request["source"],
            "expected.resolution.due_at": expected_due,
            "expected.resolution.verdict": VERDICTS[request["ontime"]] if judged else "",
        },
    )
    if closed:
        # Some requests bear a closing time a few seconds before their opening: two clocks of the city disagreed.
        at = max(instant(closed), opened)
        yield at, {"ticket": request["case_enquiry_id"], "at": iso(at), "event": "changed", "status": "closed"}


def event_rows(requests: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """The events of all requests by instant; in file order where the instants are equal."""
    timed = [event for request in requests for event in request_events(request)]
    timed.sort(key=lambda event: event[0])
    return [row for _, row in timed]


def key_text(name: str) -> str:
    """A name as a key of a YAML mapping, quoted where it needs it."""
    return name if re.fullmatch(r"[A-Za-z][\w /().-]*", name) else json.dumps(name)


def policy_text(targets: Iterable[Mapping[str, str]]) -> str:
    """A policy with one rule for each side of the switch, and in it one target for each type."""
    rows: dict[str, list[str]] = {period: [] for period in PERIODS}
    for row in targets:
        kind = row["unit"].replace("_", " ")
        amount = f"{row['days']} {kind}{'' if row['days'] == '1' else 's'}"
        rows[period_of_target(row)].append(f"          {key_text(row['type'])}: {amount}")
    holidays = ", ".join(HOLIDAYS[:10]), ", ".join(HOLIDAYS[10:])
    rules = "\n".join(
        _RULE.format(period=period, edge=edge, switch=SWITCH, rows="\n".join(rows[period]))
        for period, edge in PERIODS.items()
    )
    return _POLICY.format(first=holidays[0], second=holidays[1]) + rules + "\n"


_POLICY = """\
# Made by convert.py: the commonest target of each type of request, as observed in the published data.
slaclock: 1
name: Boston 311, first half of 2015
timezone: America/New_York
calendars:
  city:
    timezone: America/New_York
    hours: {{mon-fri: "08:30-17:00"}}
    holidays:
      [{first},
       {second}]
statuses: {{open: [open], closed: [closed]}}
defaults: {{calendar: city}}
layers:
  corporate:
"""

_RULE = """\
    - name: {period} the switch
      effective: {{{edge}: {switch}}}
      by: type
      targets:
        resolution:
{rows}"""


def main(arguments: list[str] | None = None) -> None:
    """Write the events and the policy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SLACLOCK_DATA"), help="the folder with the data")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="take every N-th request only")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="where to write")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("name the folder with the data: --data, or SLACLOCK_DATA")
    folder = Path(options.data)
    rows = event_rows(list(read_requests(folder))[:: options.every])
    with (options.out / "events.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (options.out / "policy.yaml").write_text(policy_text(read_targets(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
