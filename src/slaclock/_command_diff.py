"""The command `diff`: what has changed between two policies."""

from __future__ import annotations

import argparse
import json

from slaclock._arguments import OK, Commands, policy_file

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    diff = commands.add_parser(
        "diff",
        help="what has changed between two policies",
        description="Say in words all that NEW says otherwise than OLD.",
    )
    diff.add_argument("old", type=policy_file, metavar="OLD", help="a policy file (YAML or JSON)")
    diff.add_argument("new", type=policy_file, metavar="NEW", help="another one")
    diff.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    diff.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from slaclock.policyfile import load_policy

    found = load_policy(options.old).diff(load_policy(options.new))
    print(json.dumps(found.to_dict(), ensure_ascii=True) if options.format == "json" else found)
    return OK
