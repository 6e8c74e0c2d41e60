"""The command `replay`: tickets run through a policy, and how their clocks stand."""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from slaclock._arguments import OK, Commands, add_policy, count
from slaclock._ticket_files import (
    add_progress,
    add_ticket_options,
    add_tickets,
    asked_at,
    histories_of,
    last_at,
    read_tickets,
    tell_slips,
)

if TYPE_CHECKING:
    from slaclock.history import History
    from slaclock.policy import Policy
    from slaclock.readings import Reading
    from slaclock.reports import Summary

__all__ = ["add"]

_FEW: Final = 20
_COLUMNS: Final = (
    "ticket", "metric", "cycle", "phase", "verdict", "due_at", "elapsed_us", "remaining_us", "overdue_by_us",
    "paused_for_us", "wall_elapsed_us",
    "started_at", "fulfilled_at", "breached_at", "layer", "rule", "kind",
)  # fmt: skip


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    replay = commands.add_parser(
        "replay",
        help="run tickets through a policy",
        description="Replay the events of many tickets under a policy, and say how their clocks stand.",
    )
    add_policy(replay)
    add_tickets(replay)
    add_ticket_options(replay)
    add_progress(replay)
    replay.add_argument("--format", choices=("table", "json", "csv"), default="table", help="default: table")
    replay.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from slaclock.policyfile import load_policy
    from slaclock.reports import summarise

    began = time.perf_counter()
    asked = asked_at(options)
    policy = load_policy(options.policy)
    file = read_tickets(options)
    tell_slips(file, options, policy)
    histories, dropped = histories_of(policy, file, options)
    at = asked or last_at(file, policy)
    summary = summarise(policy, histories, at, file.expected, file.left_out + dropped)
    took = time.perf_counter() - began
    if options.format == "json":
        _write_json(policy, histories, at, summary, took)
    elif options.format == "csv":
        _write_csv(policy, histories, at)
    else:
        _write_table(policy, histories, at, summary, took)
    if summary.left_out and options.format != "table":
        print(f"{count(summary.left_out, 'faulty row')} left out", file=sys.stderr)
    if summary.anomalies and options.format == "csv":
        told = ", ".join(f"{odd.code} ({odd.count:,})" for odd in summary.anomalies)
        print(f"odd input was taken: {told}; --format json tells it all", file=sys.stderr)
    return OK


# ------------------------------------------------------------------------------------------------------------- output


def _readings(policy: Policy, histories: Mapping[str, History], at: str) -> Iterator[tuple[str, Reading]]:
    """All cycles of the metrics to which the policy gives a target, each with its ticket."""
    from slaclock.reports import readings_of

    for ticket, history in histories.items():
        for reading in readings_of(history.at(at), policy.spoken):
            yield ticket, reading


def _write_table(policy: Policy, histories: Mapping[str, History], at: str, summary: Summary, took: float) -> None:
    from slaclock.text import readings_table, summary_text

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    if 0 < len(histories) <= _FEW:
        print(readings_table(_readings(policy, histories, at), policy.timezone, width), end="\n\n")
    print(summary_text(summary, width))
    print(f"\ntook {took:.2f} s")


def _write_json(policy: Policy, histories: Mapping[str, History], at: str, summary: Summary, took: float) -> None:
    told = {**summary.to_dict(), "took_us": round(took * 1_000_000)}
    out = sys.stdout
    out.write(f'{{"summary": {json.dumps(told, ensure_ascii=True)},\n"readings": [')
    for number, (ticket, reading) in enumerate(_readings(policy, histories, at)):
        data = {"ticket": ticket, **reading.to_dict()}
        out.write(f"{',' if number else ''}\n{json.dumps(data, ensure_ascii=True)}")
    out.write('\n],\n"anomalies": [')
    anomalies = ((ticket, anomaly) for ticket, history in histories.items() for anomaly in history.anomalies)
    for number, (ticket, anomaly) in enumerate(anomalies):
        data = {"ticket": ticket, **anomaly.to_dict()}
        out.write(f"{',' if number else ''}\n{json.dumps(data, ensure_ascii=True)}")
    out.write("\n]}\n")


def _write_csv(policy: Policy, histories: Mapping[str, History], at: str) -> None:
    writer = csv.DictWriter(sys.stdout, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for ticket, reading in _readings(policy, histories, at):
        binding = reading.binding
        names = {} if binding is None else {"layer": binding.layer, "rule": binding.rule}
        writer.writerow({"ticket": ticket, **reading.to_dict(), **names})
