"""Runs the example's host again and again, and kills it at random points, until it has come to its end.

Each run is a process of its own that sends itself SIGKILL before some statement of SQL, or right before or after
something is delivered: which one, the seed decides. So nothing of it can be tidied up, and every point is tried.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import signal
import sqlite3
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import slaclock as sla

Deliver = Callable[[str, dict[str, object]], None]
EXAMPLE = Path(__file__).parents[1] / "examples" / "sqlite_host"


def the_example() -> ModuleType:
    """The module `host` of the example, which is no part of a package."""
    spec = importlib.util.spec_from_file_location("sqlite_host", EXAMPLE / "host.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Fate:
    """Ends the process at a step that was drawn."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def doomed(fate: Fate) -> type[sqlite3.Connection]:
    """Connections on which every statement may be the last."""

    class Doomed(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            fate.step()
            return super().execute(*arguments)

    return Doomed


def deliver_into(mailbox: str, fate: Fate) -> Deliver:
    """A receiver that keeps whatever it gets, a line each, as it came."""

    def deliver(key: str, body: dict[str, object]) -> None:
        fate.step()
        with Path(mailbox).open("a", encoding="utf-8") as file:
            file.write(json.dumps([key, body]) + "\n")
        fate.step()

    return deliver


def live(host: Any, events: Sequence[sla.Event], deliver: Deliver) -> None:
    """One life of the host: from the last event that it has stored on, which is so delivered once more."""
    (stored,) = host.db.execute("SELECT COUNT(*) FROM event").fetchone()
    host.run(events[max(0, stored - 1) :], deliver)
    host.wake(events[-1].recorded_at + timedelta(days=7))
    host.send(deliver)


def main(database: str, mailbox: str, source: str, seed: str) -> None:
    """Kill it until it lives on to the end, and print how often."""
    example, policy, events = the_example(), sla.load_policy(EXAMPLE / "policy.yaml"), sla.load_events(source)
    connect, draw = sqlite3.connect, random.Random(seed)
    kills = 0
    while True:
        fate = Fate(draw.randrange(1, 90))
        child = os.fork()
        if not child:
            sqlite3.connect = partial(connect, factory=doomed(fate))  # type: ignore[assignment]
            live(example.Host(database, policy), events, deliver_into(mailbox, fate))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            assert os.waitstatus_to_exitcode(status) == 0
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
        kills += 1
    print(kills)


if __name__ == "__main__":
    main(*sys.argv[1:])
