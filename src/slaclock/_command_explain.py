"""The command `explain`: why the clocks of a ticket stand as they do."""

from __future__ import annotations

import argparse
import json
import sys

from slaclock._arguments import OK, Commands, add_policy, count, shown
from slaclock._ticket_files import add_ticket_options, add_tickets, asked_at, read_tickets, tell_slips
from slaclock.errors import EventError, nearest

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    explain = commands.add_parser(
        "explain",
        help="why the clocks of a ticket stand as they do",
        description="Say how the clocks of a ticket stand and why: what was promised and by whom, where the time went, "
        "what was decided and when, and which events changed nothing.",
    )
    add_policy(explain)
    add_tickets(explain)
    explain.add_argument("ticket", metavar="TICKET", help="the name of a ticket in EVENTS")
    add_ticket_options(explain)
    explain.add_argument(
        "--metric", action="append", metavar="NAME", help="explain this metric alone; may be given again"
    )
    explain.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    explain.add_argument("--json", action="store_const", const="json", dest="format", help="the same as --format json")
    explain.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from slaclock.history import replay
    from slaclock.policyfile import load_policy
    from slaclock.text import clean

    asked = asked_at(options)
    policy = load_policy(options.policy)
    for metric in options.metric or ():
        if metric not in policy.metrics:
            hint = nearest(metric, policy.metrics) or f"it has {', '.join(policy.metrics)}"
            options.refuse(f"argument --metric: found {shown(metric)}, expected a metric of the policy; {hint}")
    file = read_tickets(options)
    tell_slips(file, options, policy)
    events = [event for event in file.events if event.ticket == options.ticket]
    if not events:
        raise EventError(_unknown(options.ticket, {str(event.ticket) for event in file.events}))
    explanation = replay(policy, events).explain(asked, options.metric)
    if options.format == "json":
        json.dump(explanation.to_dict(), sys.stdout, ensure_ascii=True)
        print()
    else:
        print("\n".join(map(clean, str(explanation).splitlines())))
    return OK


def _unknown(ticket: str, tickets: set[str]) -> str:
    hint = nearest(ticket, tickets)
    known = f"one of {count(len(tickets), 'ticket')} in the file" if tickets else "a file with events"
    return f"found no event of the ticket {shown(ticket)}, expected {known}{f'; {hint}' if hint else ''}"
