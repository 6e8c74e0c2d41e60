"""The command `schema`: the JSON Schema of policy files, for editors and other programs."""

from __future__ import annotations

import argparse
import json

from slaclock._arguments import OK, Commands

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    schema = commands.add_parser(
        "schema",
        help="print the JSON Schema of policy files",
        description="Print the JSON Schema (draft 2020-12) of policy files, which editors complete and check them by.",
    )
    schema.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from slaclock.schema import policy_schema

    print(json.dumps(policy_schema(), indent=2))
    return OK
