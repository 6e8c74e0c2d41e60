"""The command `check`: what is wrong with a policy, and what can hardly be meant."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from slaclock._arguments import FAULTS, OK, Commands, add_policy, checked, count
from slaclock.errors import PolicyError, Problem

if TYPE_CHECKING:
    from slaclock.lints import Lint
    from slaclock.policy import Policy

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    check = commands.add_parser(
        "check",
        help="check a policy file",
        description="Say all that is wrong with a policy, and what in it comes to nothing or can hardly be meant.",
        epilog="Exit codes: 0 a sound policy, 1 faults (with --strict also lints), 2 wrong usage.",
    )
    add_policy(check)
    check.add_argument(
        "--as-of", type=checked(_date), metavar="DATE", help="tell of lists of holidays that end within a year of it"
    )
    check.add_argument("--strict", action="store_true", help="let lints fail the check, too")
    check.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    check.set_defaults(run=_run)


def _date(text: str) -> object:
    from slaclock.linting import as_of_date

    return as_of_date(text)


def _run(options: argparse.Namespace) -> int:
    from slaclock.linting import linted_policy

    policy: Policy | None = None
    problems: tuple[Problem, ...] = ()
    lints: tuple[Lint, ...] = ()
    told = ""
    try:
        policy, lints = linted_policy(options.policy, options.as_of)
    except PolicyError as error:
        problems, told = error.problems, str(error)
    if options.format == "json":
        print(_json(policy, problems, lints))
    else:
        for text in (*map(str, lints), told if policy is None else _summary(options.policy, policy, len(lints))):
            print(text)
    return FAULTS if policy is None or (lints and options.strict) else OK


def _summary(files: list[str], policy: Policy, lints: int) -> str:
    rules = sum(1 for _ in policy.rules())
    parts = [
        count(len(policy.layers), "layer"),
        count(rules, "rule"),
        count(len(policy.calendars), "calendar"),
        f"targets for {', '.join(policy.spoken) or 'nothing'}",
    ]
    state = f"ok, with {count(lints, 'lint')}" if lints else "ok"
    return f"{', '.join(files)}: {state}: {policy.name or 'a policy without a name'}: {', '.join(parts)}"


def _json(policy: Policy | None, problems: tuple[Problem, ...], lints: tuple[Lint, ...]) -> str:
    about = None
    if policy is not None:
        about = {
            "name": policy.name,
            "digest": policy.digest,
            "layers": len(policy.layers),
            "rules": sum(1 for _ in policy.rules()),
            "calendars": len(policy.calendars),
            "metrics": list(policy.spoken),
        }
    data = {
        "policy": about,
        "problems": [problem.to_dict() for problem in problems],
        "lints": [lint.to_dict() for lint in lints],
    }
    return json.dumps(data, ensure_ascii=True, indent=2)
