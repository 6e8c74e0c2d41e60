"""The command `check`: what is wrong with a policy."""

from __future__ import annotations

import argparse

from slaclock._arguments import FAULTS, OK, Commands, add_policy, count
from slaclock.errors import PolicyError

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    check = commands.add_parser("check", help="check a policy file", description="Say all that is wrong with a policy.")
    add_policy(check)
    check.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from slaclock.policyfile import load_policy

    try:
        policy = load_policy(options.policy)
    except PolicyError as error:
        print(error)
        return FAULTS
    rules = sum(1 for _ in policy.rules())
    parts = [
        count(len(policy.layers), "layer"),
        count(rules, "rule"),
        count(len(policy.calendars), "calendar"),
        f"targets for {', '.join(policy.spoken) or 'nothing'}",
    ]
    print(f"{', '.join(options.policy)}: ok: {policy.name or 'a policy without a name'}: {', '.join(parts)}")
    return OK
