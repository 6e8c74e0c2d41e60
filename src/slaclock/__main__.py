"""The command line: `python -m slaclock`, and `slaclock` where the package is installed.

Exit codes: 0 when all went well, 1 for faults in the input, 2 for wrong usage, 130 when interrupted. What was asked for
goes to the standard output, complaints and progress to the standard error; progress is shown on a terminal only.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TextIO

import attrs

from slaclock._instants import iso_us, load_zone, to_us
from slaclock._version import __version__
from slaclock.amounts import Amount
from slaclock.errors import EventError, NaiveTimeError, PolicyError, SlaError

if TYPE_CHECKING:
    from slaclock.eventfile import EventFile
    from slaclock.events import Event
    from slaclock.history import History
    from slaclock.policy import Policy
    from slaclock.readings import Reading
    from slaclock.reports import Summary

__all__ = ["main"]

OK: Final = 0
FAULTS: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130  # As shells count: 128 and the number of the signal.
_FEW: Final = 20
_EVERY: Final = 500
_COLUMNS: Final = (
    "ticket", "metric", "cycle", "phase", "verdict", "due_at", "elapsed_us", "remaining_us", "overdue_by_us",
    "paused_for_us", "wall_elapsed_us",
    "started_at", "fulfilled_at", "breached_at", "layer", "rule",
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    `argv` are the words after the program's name, by default those of the process.
    """
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character of the input must not end the program.
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="backslashreplace")
    try:
        options = _parser().parse_args(argv)
        code: int = options.run(options)
        sys.stdout.flush()
    except SystemExit as end:  # argparse: 0 after --help, 2 for wrong usage.
        return USAGE if end.code else OK
    except SlaError as error:
        print(error, file=sys.stderr)
        return FAULTS
    except BrokenPipeError:
        _let_go(sys.stdout)
        return OK
    except OSError as error:
        # What was to be written is lost, and whoever reads the exit code must know it.
        _let_go(sys.stdout)
        print(f"found that the output cannot be written ({error.strerror}), expected room for it", file=sys.stderr)
        return FAULTS
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _open_streams() -> None:
    """Where a stream was closed by whoever started the program, read nothing and write nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - open to the end


def _let_go(stream: TextIO) -> None:
    """Send what is still buffered nowhere: its reader has gone, and the interpreter would complain at its end."""
    try:
        target = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, target)
    os.close(nowhere)


# ---------------------------------------------------------------------------------------------------------- arguments


def _checked(read: Callable[[str], object]) -> Callable[[str], str]:
    """An argument that must be readable; what is wrong with it is wrong usage."""

    def check(text: str) -> str:
        try:
            read(text)
        except SlaError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return text

    return check


def _instant(text: str) -> str:
    """An instant with an offset. Raises ArgumentTypeError for anything else."""
    return _read(text, "give it one, such as 2026-03-02T09:00+01:00")


def _instant_or_local(text: str) -> str:
    """An instant, or a local time whose zone another argument names. Raises ArgumentTypeError for anything else."""
    try:
        to_us(f"{text}Z")
    except SlaError:
        return _read(text, "give a date and a time of day")
    return text


def _read(text: str, hint: str) -> str:
    try:
        to_us(text)
    except NaiveTimeError:
        msg = f"found {text!r}, which has no offset, so that it names no instant: {hint}"
        raise argparse.ArgumentTypeError(msg) from None
    except EventError:
        msg = f"found {text!r}, expected ISO 8601 text with an offset, such as 2026-03-02T09:00+01:00"
        raise argparse.ArgumentTypeError(msg) from None
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="slaclock",
        description="Service-level clocks: policies, working calendars and ticket events in; due times and states out.",
        epilog="Exit codes: 0 all went well, 1 faults in the input, 2 wrong usage.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    zone = _checked(load_zone)

    check = commands.add_parser("check", help="check a policy file", description="Say all that is wrong with a policy.")
    check.add_argument("policy", metavar="POLICY", help="a policy file (YAML or JSON)")
    check.set_defaults(run=_check)

    replay = commands.add_parser(
        "replay",
        help="run tickets through a policy",
        description="Replay the events of many tickets under a policy, and say how their clocks stand.",
    )
    replay.add_argument("policy", metavar="POLICY", help="a policy file (YAML or JSON)")
    replay.add_argument("events", metavar="EVENTS", help="events as CSV or JSON Lines, also .gz; - for standard input")
    replay.add_argument(
        "--at",
        type=_instant_or_local,
        metavar="INSTANT",
        help="when to read the clocks, such as 2026-03-02T09:00+01:00 (default: the last event)",
    )
    replay.add_argument("--format", choices=("table", "json", "csv"), default="table", help="default: table")
    replay.add_argument(
        "--timezone", type=zone, metavar="ZONE", help="the zone of times without an offset, in EVENTS and --at"
    )
    replay.add_argument("--skip-bad", action="store_true", help="leave faulty rows out and go on")
    replay.add_argument("--no-progress", action="store_true", help="show no progress")
    replay.set_defaults(run=_replay, refuse=replay.error)

    due = commands.add_parser(
        "due", help="when an amount of time is due", description="Say when an amount of time that starts then is due."
    )
    due.add_argument("source", metavar="CALENDAR-or-POLICY", help="a calendar file or a policy file (YAML or JSON)")
    due.add_argument("start", type=_instant, metavar="START", help="such as 2026-03-02T09:00+01:00")
    due.add_argument("amount", type=_checked(Amount.parse), metavar="AMOUNT", help="such as 4h or '3 business days'")
    due.add_argument("--calendar", metavar="NAME", help="which calendar of a policy (default: its default calendar)")
    due.set_defaults(run=_due)
    return parser


# ----------------------------------------------------------------------------------------------------------- commands


def _check(options: argparse.Namespace) -> int:
    from slaclock.policyfile import load_policy

    try:
        policy = load_policy(options.policy)
    except PolicyError as error:
        print(error)
        return FAULTS
    rules = sum(1 for _ in policy.rules())
    parts = [
        _count(len(policy.layers), "layer"),
        _count(rules, "rule"),
        _count(len(policy.calendars), "calendar"),
        f"targets for {', '.join(policy.spoken) or 'nothing'}",
    ]
    print(f"{options.policy}: ok: {policy.name or 'a policy without a name'}: {', '.join(parts)}")
    return OK


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _due(options: argparse.Namespace) -> int:
    from slaclock.calendarfile import load_calendar

    try:
        calendar = load_calendar(options.source, options.calendar)
    except PolicyError as error:
        if error.problems and error.problems[0].code == "unreadable":
            # It was asked for as a calendar or a policy; nobody knows which.
            problem = attrs.evolve(error.problems[0], expected="the path of a calendar file or a policy file")
            raise PolicyError.of("the calendar cannot be read", [problem]) from None
        raise
    amount = Amount.parse(options.amount)
    if amount.kind == "best_effort":
        print("never: best effort is measured, and never due")
        return OK
    print(iso_us(calendar.deadline_us(to_us(options.start), amount), calendar.zone))
    return OK


def _replay(options: argparse.Namespace) -> int:
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
        print(f"{_count(summary.left_out, 'faulty row')} left out", file=sys.stderr)
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
        raise EventError("\n".join([f"the events cannot be replayed: {_count(len(faults), 'ticket')}", *faults]))
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


if __name__ == "__main__":
    sys.exit(main())
