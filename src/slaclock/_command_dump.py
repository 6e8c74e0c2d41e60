"""The command `dump`: a policy, of one file or several, as one file in one spelling."""

from __future__ import annotations

import argparse

from slaclock._arguments import OK, Commands, add_policy

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    dump = commands.add_parser(
        "dump",
        help="print a policy as one file",
        description="Print a policy as one YAML file in one spelling, without its comments.",
    )
    add_policy(dump)
    dump.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from slaclock.policyfile import load_policy
    from slaclock.policytext import dump_policy

    print(dump_policy(load_policy(options.policy)), end="")
    return OK
