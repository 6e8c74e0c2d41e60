"""The command `compare`: tickets under two policies, and what would be otherwise."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from slaclock._arguments import OK, Commands, count, policy_file
from slaclock._instants import iso_us, to_us
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
    from slaclock.comparison import Comparison

__all__ = ["add"]

_FEW: Final = 20


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    compare = commands.add_parser(
        "compare",
        help="run tickets through two policies",
        description="Replay the events of many tickets under a policy and under another one, and say what differs.",
    )
    compare.add_argument("policy", type=policy_file, metavar="POLICY", help="a policy file (YAML or JSON)")
    compare.add_argument(
        "other", type=policy_file, metavar="OTHER", help="the policy file to compare it with, such as a draft"
    )
    add_tickets(compare)
    add_ticket_options(compare)
    add_progress(compare)
    compare.add_argument("--format", choices=("table", "json"), default="table", help="default: table")
    compare.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from slaclock.policyfile import load_policy

    asked = asked_at(options)
    policy, other = load_policy(options.policy), load_policy(options.other)
    file = read_tickets(options)
    tell_slips(file, options, policy, other)
    histories, dropped = histories_of(policy, file, options)
    at = last_at(file, policy) if asked is None else iso_us(to_us(asked), policy.zone)
    comparisons = [history.under(other, at) for history in histories.values()]
    # A metric has a verdict under each policy for each of its cycles.
    verdicts = Counter((cycle.metric, *_verdicts(cycle.verdicts)) for found in comparisons for cycle in found.cycles)
    write = _write_json if options.format == "json" else _write_table
    write(comparisons, verdicts, at, file.left_out + dropped)
    return OK


def _verdicts(verdicts: tuple[object, object]) -> tuple[str, str]:
    before, after = ("no such cycle" if verdict is None else str(verdict) for verdict in verdicts)
    return before, after


def _write_table(
    comparisons: Sequence[Comparison], verdicts: Counter[tuple[str, str, str]], at: str, left_out: int
) -> None:
    from slaclock.text import clean, table

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    others = [comparison for comparison in comparisons if not comparison.is_same]
    told = "1 stands" if len(others) == 1 else f"{len(others):,} stand"
    print(f"{count(len(comparisons), 'ticket')}, read at {at}: {told} otherwise")
    if left_out:
        print(f"{count(left_out, 'faulty row')} left out")
    if verdicts:
        rows = [
            (metric, before.replace("_", " "), after.replace("_", " "), number)
            for (metric, before, after), number in sorted(verdicts.items())
        ]
        print("\n" + table(("metric", "before", "after", "cycles"), rows, right=[3], width=width))
    for comparison in others[:_FEW]:
        print("\n" + "\n".join(map(clean, str(comparison).splitlines())))
    if len(others) > _FEW:
        print(f"\nand {len(others) - _FEW:,} more; --format json tells them all")


def _write_json(
    comparisons: Sequence[Comparison], verdicts: Counter[tuple[str, str, str]], at: str, left_out: int
) -> None:
    others = [comparison.to_dict() for comparison in comparisons if not comparison.is_same]
    summary = {
        "at": at,
        "tickets": len(comparisons),
        "otherwise": len(others),
        "left_out": left_out,
        "verdicts": [
            {"metric": metric, "before": before, "after": after, "cycles": number}
            for (metric, before, after), number in sorted(verdicts.items())
        ],
    }
    out = sys.stdout
    out.write(f'{{"summary": {json.dumps(summary, ensure_ascii=True)},\n"comparisons": [')
    for number, data in enumerate(others):
        out.write(f"{',' if number else ''}\n{json.dumps(data, ensure_ascii=True)}")
    out.write("\n]}\n")
