"""What the commands of the command line share: exit codes, arguments that are checked, and words for numbers."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Final, TypeAlias

from slaclock._instants import to_us
from slaclock.errors import EventError, NaiveTimeError, SlaError

__all__ = [
    "FAULTS",
    "INTERRUPTED",
    "OK",
    "USAGE",
    "Commands",
    "add_policy",
    "checked",
    "count",
    "instant",
    "instant_or_local",
    "policy_file",
    "shown",
]

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""That to which a command is added."""
OK: Final = 0
FAULTS: Final = 1
USAGE: Final = 2
INTERRUPTED: Final = 130  # As shells count: 128 and the number of the signal.
_MOST_SHOWN: Final = 60
_EVENTS: Final = re.compile(r".*\.(csv|jsonl|ndjson)(\.gz)?", re.IGNORECASE | re.DOTALL)


def add_policy(command: argparse.ArgumentParser) -> None:
    """Let a command take a policy: one file, or several that are one policy together."""
    command.add_argument(
        "policy",
        nargs="+",
        type=policy_file,
        metavar="POLICY",
        help="a policy file (YAML or JSON); several are joined to one policy",
    )


def policy_file(name: str) -> str:
    """The name of a policy file. Raises ArgumentTypeError for one that only a file of events would have."""
    if _EVENTS.fullmatch(name):
        hint = "commands that read events take one file of them, after the policies"
        msg = f"found {shown(name)}, which is named as a file of events, expected YAML or JSON; {hint}"
        raise argparse.ArgumentTypeError(msg)
    return name


def checked(read: Callable[[str], object]) -> Callable[[str], str]:
    """An argument that must be readable; what is wrong with it is wrong usage."""

    def check(text: str) -> str:
        try:
            read(text)
        except SlaError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
        return text

    return check


def instant(text: str) -> str:
    """An instant with an offset. Raises ArgumentTypeError for anything else."""
    return _read(text, "give it one, such as 2026-03-02T09:00+01:00")


def instant_or_local(text: str) -> str:
    """An instant, or a local time whose zone another argument names. Raises ArgumentTypeError for anything else."""
    try:
        to_us(f"{text}Z")
    except SlaError:
        return _read(text, "give a date and a time of day")
    return text


def _read(text: str, hint: str) -> str:
    try:
        to_us(text)
    except NaiveTimeError:
        msg = f"found {shown(text)}, which has no offset, so that it names no instant: {hint}"
        raise argparse.ArgumentTypeError(msg) from None
    except EventError:
        msg = f"found {shown(text)}, expected ISO 8601 text with an offset, such as 2026-03-02T09:00+01:00"
        raise argparse.ArgumentTypeError(msg) from None
    return text


def shown(text: str) -> str:
    """A word of the command line as a complaint repeats it: on one line, and cut where it is long.

    >>> print(shown("T-1"), shown("x" * 1_000))
    'T-1' 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'
    """
    found = repr(text)
    return found if len(found) <= _MOST_SHOWN else f"{found[: _MOST_SHOWN - 4]}...{found[-1]}"


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "ticket"), count(2_000, "ticket")
    ('1 ticket', '2,000 tickets')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
