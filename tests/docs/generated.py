"""The parts of the documentation that are made from the code: `python tests/docs/generated.py` writes them anew.

A part stands between `<!-- made from the code: name -->` and `<!-- end -->`; a test holds that it is up to date.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from importlib.resources import files
from pathlib import Path

# Run as a script, this file finds what the tests share.
sys.path.insert(0, str(Path(__file__).parents[1]))

from docs import drawings
from slaclock import _clauses, _format, _phrases, _register, _times, _triggers, errors
from slaclock._codes import CODES, UNSEEN
from slaclock._fields import Key, Table
from slaclock.lints import LINTS
from slaclock.state import TRANSITIONS, Signal
from slaclock.strategies import CHOICES

ROOT = Path(__file__).parents[2]
PART = re.compile(r"(<!-- made from the code: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)


def rows(header: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    """A Markdown table."""
    titles = list(header)
    lines = [titles, ["---"] * len(titles), *body]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


def transitions() -> str:
    """The table: what each signal makes of each phase; a dot where it changes nothing."""
    body = (
        [f"`{phase}`", *("·" if moves[signal] is phase else f"`{moves[signal]}`" for signal in Signal)]
        for phase, moves in TRANSITIONS.items()
    )
    return rows(["in phase", *(f"`{signal}`" for signal in Signal)], body)


def diagram() -> str:
    """The table as a drawing; signals that change nothing are left out."""
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> not_started"]
    for phase, moves in TRANSITIONS.items():
        for after in dict.fromkeys(moves.values()):
            if after is not phase:
                signals = ", ".join(signal for signal, to in moves.items() if to is after)
                lines.append(f"    {phase} --> {after}: {signals}")
    return "\n".join([*lines, "```", ""])


def keys(table: Table) -> str:
    """The keys of a table of the policy format."""
    body = (
        [f"`{key.name}`{' (required)' if key.required else ''}", takes(key), key.doc] for key in table.keys.values()
    )
    return rows(["key", "takes", "meaning"], body)


def takes(key: Key[object]) -> str:
    """What stands under a key."""
    return "not read yet: a fault" if isinstance(key.type, _format.NotYet) else key.type.noun


def codes() -> str:
    """The codes of faults in policies."""
    body = ([f"`{code}`", meaning, "" if code in UNSEEN else "yes"] for code, meaning in CODES.items())
    return rows(["code", "meaning", "always seen by the schema"], body)


def lints() -> str:
    """The lints, each with its reason."""
    return rows(["code", "reason"], ([f"`{code}`", reason] for code, reason in LINTS.items()))


def strategies() -> str:
    """The strategies, each with its answers."""
    body = ([f"`{key}`", " · ".join(f"`{word}`" for word in words)] for key, words in CHOICES.items())
    return rows(["key", "answers, the default first"], body)


def tree() -> str:
    """The tree of errors, as their module draws it."""
    drawn = inspect.cleandoc(errors.__doc__ or "").partition("::\n\n")[2].partition("\n\n")[0]
    return f"```text\n{inspect.cleandoc(drawn)}\n```\n"


def metrics() -> str:
    """The built-in metrics, in the language in which a policy writes its own."""
    text = files("slaclock").joinpath("metrics.yaml").read_text(encoding="utf-8")
    lines = [f"  {line}".rstrip() for line in text.splitlines() if not line.startswith("#")]
    body = "\n".join(lines).strip("\n")
    return f"```yaml\nmetrics:\n{body}\n```\n"


PARTS: dict[str, Callable[[], str]] = {
    "transitions": transitions,
    "diagram": diagram,
    "codes": codes,
    "lints": lints,
    "strategies": strategies,
    "the story": drawings.story,
    **{f"{question} drawn": partial(drawings.drawing, question) for question in CHOICES},
    "errors": tree,
    "metrics": metrics,
    "keys of a policy": lambda: keys(_format.POLICY),
    "keys of defaults": lambda: keys(_format.DEFAULTS),
    "keys of a rule": lambda: keys(_format.RULE),
    "keys of a metric": lambda: keys(_format.METRIC),
    "keys of a target": lambda: keys(_clauses.TARGET),
    "keys of a warning": lambda: keys(_clauses.WARNING),
    "keys of a calendar's place": lambda: keys(_clauses.CALENDAR_FROM),
    "keys of a window": lambda: keys(_times.EFFECTIVE),
    "keys of an exception": lambda: keys(_register.EXCEPTION),
    "words of conditions": lambda: keys(_phrases.WORDS),
    "comparisons": lambda: keys(_phrases.COMPARISONS),
    "signals": lambda: keys(_triggers.SIGNALS),
}


def renewed(text: str) -> str:
    """A document with its parts made anew."""
    return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n{found[3]}", text)


def main() -> None:
    """Write every document anew whose parts are out of date."""
    for path in sorted((ROOT / "docs").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if renewed(text) != text:
            path.write_text(renewed(text), encoding="utf-8")
            print(f"renewed {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
