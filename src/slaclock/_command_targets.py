"""The command `targets`: what a ticket would be promised, and why."""

from __future__ import annotations

import argparse
import json
import sys

from slaclock._arguments import OK, Commands, instant
from slaclock.errors import nearest

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    targets = commands.add_parser(
        "targets",
        help="what a ticket would be promised, and why",
        description="Say what a ticket with these fields, created at that instant, would be promised: which rules were "
        "read, what came of each, which target binds, and by what margin.",
    )
    targets.add_argument("policy", metavar="POLICY", help="a policy file (YAML or JSON)")
    targets.add_argument("at", type=instant, metavar="INSTANT", help="such as 2026-03-02T09:00+01:00")
    targets.add_argument(
        "fields", type=_field, nargs="*", metavar="FIELD=VALUE", help="such as customer=acme; several values: a=1 a=2"
    )
    targets.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    targets.set_defaults(run=_run)


def _field(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        msg = f"found {text!r}, expected a field and its value, such as customer=acme"
        raise argparse.ArgumentTypeError(msg)
    return name, value


def _run(options: argparse.Namespace) -> int:
    from slaclock.policyfile import load_policy

    values: dict[str, list[str]] = {}
    for name, value in options.fields:
        values.setdefault(name, []).append(value)
    fields = {name: held if len(held) > 1 else held[0] for name, held in values.items()}
    policy = load_policy(options.policy)
    preview = policy.targets_for(fields, options.at)
    print(json.dumps(preview.to_dict(), ensure_ascii=True) if options.format == "json" else preview)
    asked = {"status"}.union(*(terms.interest for terms in policy.terms))
    for name in fields:
        if name not in asked:
            hint = nearest(name, sorted(filter(str.isprintable, asked)))
            print(f"no rule and no metric asks for `{name}`{f'; {hint}' if hint else ''}", file=sys.stderr)
    return OK
