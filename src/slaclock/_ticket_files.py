"""Tickets from files, as the commands that need some ask for them: which file, which instant, which zone."""

from __future__ import annotations

import argparse
import sys
from itertools import islice
from typing import TYPE_CHECKING, Final

from slaclock._arguments import checked, count, instant_or_local, shown
from slaclock._instants import iso_us, load_zone, to_us
from slaclock.errors import EventError, NaiveTimeError

if TYPE_CHECKING:
    from slaclock.eventfile import EventFile
    from slaclock.events import Event
    from slaclock.history import History
    from slaclock.policy import Policy

__all__ = [
    "add_progress",
    "add_ticket_options",
    "add_tickets",
    "asked_at",
    "histories_of",
    "last_at",
    "read_tickets",
    "tell_slips",
]

_EVERY: Final = 500
_MOST_SLIPS: Final = 10


def add_tickets(parser: argparse.ArgumentParser) -> None:
    """The arguments of a command that reads a file of events."""
    parser.add_argument("events", metavar="EVENTS", help="events as CSV or JSON Lines, also .gz; - for standard input")
    parser.set_defaults(refuse=parser.error)


def add_ticket_options(parser: argparse.ArgumentParser) -> None:
    """The options of a command that reads a file of events."""
    parser.add_argument(
        "--at",
        type=instant_or_local,
        metavar="INSTANT",
        help="when to read the clocks, such as 2026-03-02T09:00+01:00 (default: the last event)",
    )
    parser.add_argument(
        "--timezone",
        type=checked(load_zone),
        metavar="ZONE",
        help="the zone of times without an offset, in EVENTS and --at",
    )
    parser.add_argument("--skip-bad", action="store_true", help="leave faulty rows out and go on")


def add_progress(parser: argparse.ArgumentParser) -> None:
    """The option of a command that replays many tickets."""
    parser.add_argument("--no-progress", action="store_true", help="show no progress")


def read_tickets(options: argparse.Namespace) -> EventFile:
    """The file of events, read."""
    from slaclock.eventfile import read_events

    source = sys.stdin.buffer if options.events == "-" else options.events
    return read_events(source, options.timezone, skip_bad=options.skip_bad, need_ticket=True)


def tell_slips(file: EventFile, options: argparse.Namespace, *policies: Policy) -> None:
    """Say on the standard error which fields that nothing reads are nearly named like one that is read."""
    from slaclock._slips import slips
    from slaclock.text import clean

    name = "standard input" if options.events == "-" else options.events
    for slip in islice(slips(file.events, policies), _MOST_SLIPS):
        print(clean(f"{name}: {slip.sentence}"), file=sys.stderr)


def asked_at(options: argparse.Namespace) -> str | None:
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
        options.refuse(f"argument --at: found {shown(text)}, which has no offset, so that it names no instant: {hint}")
    return text


def last_at(file: EventFile, policy: Policy) -> str:
    """The instant of the last event. Raises EventError where there is none."""
    if not file.events:
        msg = "the file holds no events, so that there is no last one: give an instant with --at"
        raise EventError(msg)
    return iso_us(max(event.at_us for event in file.events), policy.zone)


def histories_of(policy: Policy, file: EventFile, options: argparse.Namespace) -> tuple[dict[str, History], int]:
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
