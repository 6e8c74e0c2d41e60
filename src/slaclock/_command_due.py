"""The command `due`: when an amount of time is due."""

from __future__ import annotations

import argparse

import attrs

from slaclock._arguments import OK, Commands, checked, instant
from slaclock._instants import iso_us, to_us
from slaclock.amounts import Amount
from slaclock.errors import PolicyError

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    due = commands.add_parser(
        "due", help="when an amount of time is due", description="Say when an amount of time that starts then is due."
    )
    due.add_argument("source", metavar="CALENDAR-or-POLICY", help="a calendar file or a policy file (YAML or JSON)")
    due.add_argument("start", type=instant, metavar="START", help="such as 2026-03-02T09:00+01:00")
    due.add_argument("amount", type=checked(Amount.parse), metavar="AMOUNT", help="such as 4h or '3 business days'")
    due.add_argument("--calendar", metavar="NAME", help="which calendar of a policy (default: its default calendar)")
    due.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
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
