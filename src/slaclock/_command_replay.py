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

from slaclock._arguments import OK, Commands, add_policy, checked, count, instant_or_local
from slaclock._instants import iso_us, load_zone, to_us
from slaclock.errors import EventError, NaiveTimeError

if TYPE_CHECKING:
    from slaclock.eventfile import EventFile
    from slaclock.events import Event
    from slaclock.history import History
    from slaclock.policy import Policy
    from slaclock.readings import Reading
    from slaclock.reports import Summary

__all__ = ["add"]

_FEW: Final = 20
_EVERY: Final = 500
_COLUMNS: Final = (
    "ticket", "metric", "cycle", "phase", "verdict", "due_at", "elapsed_us", "remaining_us", "overdue_by_us",
    "paused_for_us", "wall_elapsed_us",
    "started_at", "fulfilled_at", "breached_at", "layer", "rule",
)  # fmt: skip


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    zone = checked(load_zone)
    replay = commands.add_parser(
        "replay",
        help="run tickets through a policy",
        description="Replay the events of many tickets under a policy, and say how their clocks stand.",
    )
    add_policy(replay)
    replay.add_argument("events", metavar="EVENTS", help="events as CSV or JSON Lines, also .gz; - for standard input")
    replay.add_argument(
        "--at",
        type=instant_or_local,
        metavar="INSTANT",
        help="when to read the clocks, such as 2026-03-02T09:00+01:00 (default: the last event)",
    )
    replay.add_argument("--format", choices=("table", "json", "csv"), default="table", help="default: table")
    replay.add_argument(
        "--timezone", type=zone, metavar="ZONE", help="the zone of times without an offset, in EVENTS and --at"
    )
    replay.add_argument("--skip-bad", action="store_true", help="leave faulty rows out and go on")
    replay.add_argument("--no-progress", action="store_true", help="show no progress")
    replay.set_defaults(run=_run, refuse=replay.error)


def _run(options: argparse.Namespace) -> int:
    from slaclock.eventfile import read_events
    from slaclock.policyfile import load_policy
    from slaclock.reports import summarise

    began = time.perf_counter()
    asked = _at(options)
    policy = load_policy(options.policy)
    source = sys.stdin.buffer if options.events == "-" else options.events
    file = read_events(source, options.timezone, skip_bad=options.skip_bad, need_ticket=True)
    histories, dropped = _histories(policy, file, options)
    at = asked or _last(file, policy)
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


def _at(options: argparse.Namespace) -> str | None:
    """The instant that was asked for, if any; a local time is read in the zone that was named. Exits without one."""
    from slaclock.eventfile import with_offset

    text: str | None = options.at
    if text is None:
        return None
    if options.timezone is not None:
        text = with_offset(text, load_zone(options.timezone))
    try:
        to_us(text)
    except NaiveTimeError:
        hint = "give it one, such as 2026-03-02T09:00+01:00, or name its zone with --timezone"
        options.refuse(f"argument --at: found {text!r}, which has no offset, so that it names no instant: {hint}")
    return text


def _last(file: EventFile, policy: Policy) -> str:
    if not file.events:
        msg = "the file holds no events, so that there is no last one: give an instant with --at"
        raise EventError(msg)
    return iso_us(max(event.at_us for event in file.events), policy.zone)


def _histories(policy: Policy, file: EventFile, options: argparse.Namespace) -> tuple[dict[str, History], int]:
    """The tickets' histories, and how many rows were left out because their ticket makes no sense."""
    from slaclock.history import replay

    by_ticket: dict[str, list[Event]] = {}
    for event in file.events:
        by_ticket.setdefault(str(event.ticket), []).append(event)
    histories: dict[str, History] = {}
    faults: list[str] = []
    dropped = 0
    progress = _Progress(len(by_ticket), shown=not options.no_progress and sys.stderr.isatty())
    for ticket, events in by_ticket.items():
        try:
            histories[ticket] = replay(policy, events)
        except EventError as error:
            faults.append(f"ticket {ticket}: {error}")
            dropped += len(events)
        progress.step()
    progress.end()
    if faults and not options.skip_bad:
        raise EventError("\n".join([f"the events cannot be replayed: {count(len(faults), 'ticket')}", *faults]))
    return histories, dropped


class _Progress:
    """One line on the standard error that is written over as the work goes on."""

    def __init__(self, whole: int, *, shown: bool) -> None:
        self.whole = whole
        self.shown = shown
        self.done = 0

    def step(self) -> None:
        self.done += 1
        if self.shown and self.done % _EVERY == 0:
            print(f"\rreplayed {self.done:,} of {self.whole:,} tickets", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        if self.shown and self.done >= _EVERY:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


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
