"""The command `targets`: what a ticket would be promised, and why."""

from __future__ import annotations

import argparse
import json
import sys
from typing import NoReturn

from slaclock._arguments import OK, Commands, instant, shown
from slaclock._instants import to_us
from slaclock._reading import show
from slaclock.errors import EventError, NaiveTimeError, nearest
from slaclock.events import Created

__all__ = ["add"]


def add(commands: Commands) -> None:
    """Add the command to the command line."""
    targets = commands.add_parser(
        "targets",
        help="what a ticket would be promised, and why",
        usage="%(prog)s [-h] [--format {text,json}] POLICY [POLICY ...] INSTANT [FIELD=VALUE ...]",
        description="Say what a ticket with these fields, created at that instant, would be promised: which rules were "
        "read, what came of each, which target binds, and by what margin.",
    )
    targets.add_argument(
        "words",
        nargs="+",
        metavar="WORD",
        help="policy files (YAML or JSON; several are joined to one policy), then the instant, such as "
        "2026-03-02T09:00+01:00, then fields, such as customer=acme; several values: a=1 a=2",
    )
    targets.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    targets.set_defaults(run=_run, refuse=targets.error)


def _run(options: argparse.Namespace) -> int:
    from slaclock.history import replay
    from slaclock.policyfile import load_policy

    files, at, fields = _sorted_out(options)
    policy = load_policy(files)
    preview = policy.targets_for(fields, at)
    print(json.dumps(preview.to_dict(), ensure_ascii=True) if options.format == "json" else preview)
    asked = policy.read_fields
    for name in fields:
        if name not in asked:
            hint = nearest(name, sorted(filter(str.isprintable, asked)))
            print(f"no rule and no metric asks for {show(name)}{f'; {hint}' if hint else ''}", file=sys.stderr)
    # What is odd in a ticket with these fields, its history says.
    for odd in replay(policy, [Created(at=at, fields=fields)]).anomalies:
        print(odd.sentence, file=sys.stderr)
    return OK


def _sorted_out(options: argparse.Namespace) -> tuple[list[str], str, dict[str, str | list[str]]]:
    """The files, the instant and the fields: the first word that is meant as an instant divides them."""
    words: list[str] = options.words
    place = next((place for place, word in enumerate(words) if place and _is_time(word)), 1)
    if place >= len(words):
        _refuse(options, "the following arguments are required: INSTANT")
    try:
        at = instant(words[place])
    except argparse.ArgumentTypeError as error:
        _refuse(options, f"argument INSTANT: {error}")
    values: dict[str, list[str]] = {}
    for word in words[place + 1 :]:
        name, sign, value = word.partition("=")
        if not sign or not name:
            expected = "expected a field and its value, such as customer=acme"
            _refuse(options, f"argument FIELD=VALUE: found {shown(word)}, {expected}")
        values.setdefault(name, []).append(value)
    return words[:place], at, {name: held if len(held) > 1 else held[0] for name, held in values.items()}


def _is_time(word: str) -> bool:
    try:
        to_us(word)
    except NaiveTimeError:
        return True
    except EventError:
        return False
    return True


def _refuse(options: argparse.Namespace, sentence: str) -> NoReturn:
    options.refuse(sentence)
    raise AssertionError  # pragma: no cover - argparse has left.
