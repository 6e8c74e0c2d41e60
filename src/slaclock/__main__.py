"""The command line: `python -m slaclock`, and `slaclock` where the package is installed.

Exit codes: 0 when all went well, 1 for faults in the input, 2 for wrong usage, 130 when interrupted. What was asked for
goes to the standard output, complaints and progress to the standard error; progress is shown on a terminal only.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final, TextIO

from slaclock import (
    _command_check,
    _command_compare,
    _command_diff,
    _command_due,
    _command_dump,
    _command_explain,
    _command_replay,
    _command_schema,
    _command_targets,
)  # fmt: skip
from slaclock._arguments import FAULTS, INTERRUPTED, OK, USAGE
from slaclock._version import __version__
from slaclock.errors import SlaError

__all__ = ["main"]

# In the order in which the help lists them.
_COMMANDS: Final = (
    _command_check, _command_targets, _command_diff, _command_replay, _command_explain, _command_compare,
    _command_due, _command_dump, _command_schema,
)  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    `argv` are the words after the program's name, by default those of the process.
    """
    _open_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character of the input must not end the program.
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="backslashreplace")
    try:
        options = _parser().parse_args(argv)
        code: int = options.run(options)
        sys.stdout.flush()
    except SystemExit as end:  # argparse: 0 after --help, 2 for wrong usage.
        return USAGE if end.code else OK
    except SlaError as error:
        print(error, file=sys.stderr)
        return FAULTS
    except BrokenPipeError:
        _let_go(sys.stdout)
        return OK
    except OSError as error:
        # What was to be written is lost, and whoever reads the exit code must know it.
        _let_go(sys.stdout)
        print(f"found that the output cannot be written ({error.strerror}), expected room for it", file=sys.stderr)
        return FAULTS
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _open_streams() -> None:
    """Where a stream was closed by whoever started the program, read nothing and write nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - open to the end


def _let_go(stream: TextIO) -> None:
    """Send what is still buffered nowhere: its reader has gone, and the interpreter would complain at its end."""
    try:
        target = stream.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, target)
    os.close(nowhere)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="slaclock",
        description="Service-level clocks: policies, working calendars and ticket events in; due times and states out.",
        epilog="Exit codes: 0 all went well, 1 faults in the input, 2 wrong usage.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
