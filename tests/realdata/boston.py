"""Boston's 311 requests replayed, and the figures that say how much of the published result came out.

The events and the policy are made by the example's own script, so that the figures stand for what users run.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import time
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Final

import attrs

from slaclock.eventfile import EventFile, read_events
from slaclock.history import History, replay_all
from slaclock.policy import Policy
from slaclock.policyfile import load_policy
from slaclock.reports import CLOSE_US, Summary, summarise

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "boston311"
Row = tuple[str, str]
"""A row of the table of targets: a type and a period, `before` or `after` the switch."""


def load_convert() -> ModuleType:
    """The example's script as a module."""
    spec = importlib.util.spec_from_file_location("boston311_convert", EXAMPLE / "convert.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


convert: Final = load_convert()


def events_text(rows: list[dict[str, str]]) -> str:
    """The rows of events as the text of their file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, convert.COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@attrs.frozen(kw_only=True)
class Boston:
    """The full data, converted and replayed."""

    requests: list[dict[str, str]]
    targets: list[dict[str, str]]
    policy: Policy
    file: EventFile
    histories: dict[str, History]
    seconds: float

    @property
    def rows(self) -> dict[Row, dict[str, str]]:
        """The table of targets by type and period."""
        return {(row["type"], convert.period_of_target(row)): row for row in self.targets}


def load_boston(folder: Path) -> Boston:
    """Read, convert and replay all that the folder has of it."""
    requests, targets = list(convert.read_requests(folder)), convert.read_targets(folder)
    policy = load_policy(io.StringIO(convert.policy_text(targets)))
    began = time.perf_counter()
    file = read_events(io.StringIO(events_text(convert.event_rows(requests))), need_ticket=True)
    histories = replay_all(policy, file.events)
    seconds = time.perf_counter() - began
    return Boston(requests=requests, targets=targets, policy=policy, file=file, histories=histories, seconds=seconds)


@attrs.frozen(kw_only=True)
class Figures:
    """How much of the published result came out.

    `cases` and `close` count, by row of the table, the requests with a published deadline and those of them that come
    out within 60 seconds; `judged` closed ones whose deadline came out and whose verdict was published, `agreed` those
    of them with the same verdict.
    """

    summary: Summary
    cases: Counter[Row]
    close: Counter[Row]
    judged: int
    agreed: int

    def share(self, period: str) -> float:
        """The share of deadlines that come out, of the requests of a period for which the table has a row."""
        close, cases = (
            sum(number for row, number in counts.items() if row[1] == period) for counts in (self.close, self.cases)
        )
        return close / cases


def measure(boston: Boston) -> Figures:
    """The figures of the full data."""
    last_us = max(event.at_us for event in boston.file.events)
    at = next(event.at for event in boston.file.events if event.at_us == last_us)
    rows = boston.rows
    cases: Counter[Row] = Counter()
    close: Counter[Row] = Counter()
    judged = agreed = 0
    for request in boston.requests:
        row = (request["type"], convert.period_of(request["open_dt"]))
        if row not in rows or not request["target_dt"]:
            continue
        ticket = request["case_enquiry_id"]
        reading = boston.histories[ticket].at(at)["resolution"]
        expected = boston.file.expected[ticket]["resolution"]
        cases[row] += 1
        if reading.due_us is None or expected.due_us is None or abs(reading.due_us - expected.due_us) > CLOSE_US:
            continue
        close[row] += 1
        if expected.verdict is not None:
            judged += 1
            agreed += str(reading.verdict) == expected.verdict
    summary = summarise(boston.policy, boston.histories, at, boston.file.expected)
    return Figures(summary=summary, cases=cases, close=close, judged=judged, agreed=agreed)
