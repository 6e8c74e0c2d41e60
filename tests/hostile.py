"""Documents that are made to do harm, each of a size that can be chosen: `python tests/hostile.py` loads them all.

What they hold is refused or taken; the process lives, nothing but PolicyError leaves it, and four times the size costs
about four times the work. That is counted in calls of functions, which no noise can change.
"""

from __future__ import annotations

import io
import json
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from slaclock import PolicyError, load_policy

HEAD = "slaclock: 1\ncalendars: {c: all day}\ndefaults: {calendar: c}\n"
RULE = "layers: {customer: [{targets: {resolution: 4h}"
LONG = "x" * 10


def many(count: int, text: str, between: str = ", ") -> str:
    """A text many times, with numbers in the place of `#`."""
    return between.join(text.replace("#", str(number)) for number in range(count))


def when(text: str) -> str:
    return f"{HEAD}layers: {{customer: [{{when: {text}, exempt: true}}]}}\n"


def calendar(text: str) -> str:
    return f"slaclock: 1\ncalendars: {{c: {{hours: '09:00-17:00', {text}}}}}\n"


SHAPES: dict[str, Callable[[int], str]] = {
    # The text itself.
    "open brackets": lambda n: "[" * n,
    "open braces": lambda n: HEAD + "a: " + "{a: " * n,
    "dashes": lambda n: "- " * n,
    "question marks": lambda n: "? " * n,
    "brackets that close": lambda n: HEAD + f"a: [{many(n, '[[[x]]]')}]\n",
    "comments": lambda n: HEAD + many(n, "# x", "\n"),
    "directives": lambda n: many(n, "%TAG !a! x", "\n"),
    "documents": lambda n: many(n, "--- x", "\n"),
    "blank lines": lambda n: HEAD + "\n" * n + "name: x\n",
    "spaces": lambda n: HEAD + "name:" + " " * n + "x\n",
    "tabs": lambda n: HEAD + "name:\n" + "\t" * n + "x\n",
    "one syntax error at the end": lambda n: HEAD + many(n, "a#: 1", "\n") + "\nb: c: d\n",
    "an open quote": lambda n: HEAD + 'name: "' + "x\n" * n,
    "escapes": lambda n: HEAD + 'name: "' + r"\x41\u00e4" * n + '"\n',
    "lines of a folded text": lambda n: HEAD + "name: >\n" + many(n, "  x\n", "\n"),
    # What YAML offers.
    "anchors": lambda n: HEAD + f"a: [{many(n, '&a# x')}]\n",
    "anchors of one name": lambda n: HEAD + f"a: [{many(n, '&a x')}]\n",
    "unknown aliases": lambda n: HEAD + f"a: [{many(n, '*a#')}]\n",
    "anchors and unknown aliases": lambda n: HEAD + f"a: [{many(n, '&a# x')}, {many(n, '*b#')}]\n",
    "aliases of aliases": lambda n: many(n, "a#: &a# [*b, *b]", "\n").replace("*b", "*a0"),
    "a billion laughs": lambda n: (
        "a0: &a0 [x, x]\n" + "".join(f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}]\n" for k in range(1, n))
    ),
    "tags": lambda n: HEAD + f"a: [{many(n, '!t x')}]\n",
    "merge keys": lambda n: HEAD + many(n, "<<: {a: 1}", "\n"),
    "lists as keys": lambda n: HEAD + many(n, "? [a]\n: x", "\n"),
    # Keys.
    "unknown keys": lambda n: HEAD + many(n, "slaclok#: 1", "\n"),
    "one key again and again": lambda n: HEAD + many(n, "name: x", "\n"),
    "one calendar again and again": lambda n: f"slaclock: 1\ncalendars: {{{many(n, 'c: all day')}}}\n",
    "unknown keys of a rule": lambda n: HEAD + f"{RULE}, {many(n, 'targts#: x')}}}]}}\n",
    "unknown keys of a calendar": lambda n: calendar(many(n, "horus#: x")),
    # Long texts in every place.
    "a long name": lambda n: HEAD + f"name: {LONG * n}\n",
    "a long key": lambda n: HEAD + f"'{LONG * n}': x\n",
    "a long zone": lambda n: HEAD + f"timezone: {LONG * n}\n",
    "a long amount": lambda n: HEAD + f"layers: {{customer: [{{targets: {{resolution: '{'1h' * n}'}}}}]}}\n",
    "a long number of hours": lambda n: HEAD + f"layers: {{customer: [{{targets: {{resolution: '{'1' * n}h'}}}}]}}\n",
    "a long share": lambda n: HEAD + f"layers: {{customer: [{{targets: {{resolution: '{'1' * n}% within 4h'}}}}]}}\n",
    "a long warning": lambda n: f"slaclock: 1\ndefaults: {{warn: '+{'1h ' * n}'}}\n",
    "a long moment": lambda n: (
        f"{HEAD}layers: {{customer: [{{effective: {{from: '2026{'0' * n}'}}, exempt: true}}]}}\n"
    ),
    "a long number": lambda n: when(f"{{a: {{at_least: {'9' * n}}}}}"),
    "a long field": lambda n: when(f"{{? '{LONG * n}' : x}}"),
    "long hours": lambda n: f"slaclock: 1\ncalendars: {{c: {{hours: '{'09:00-17:00,' * n}'}}}}\n",
    "a long weekday": lambda n: f"slaclock: 1\ncalendars: {{c: {{hours: {{? '{'mon,' * n}' : all day}}}}}}\n",
    "a long holiday": lambda n: calendar(f"holidays: ['{'2026-12-24' * n}']"),
    "a long reason": lambda n: calendar(f"closures: [{{from: 2026-01-01, until: 2026-01-02, reason: {LONG * n}}}]"),
    # Many of everything.
    "statuses": lambda n: f"slaclock: 1\nstatuses: {{open: [{many(n, 's#')}], closed: [{many(n, 's#')}]}}\n",
    "categories": lambda n: f"slaclock: 1\nstatuses: {{{many(n, 'opn#: x')}}}\n",
    "fields": lambda n: HEAD + f"fields: {{{many(n, 'f#: txt')}}}\n",
    "declared values and rows": lambda n: (
        f"{HEAD}fields: {{f: [{many(n, 'v#')}]}}\n"
        f"layers: {{customer: [{{by: f, targets: {{update: {{{many(n, 'v#: 4h')}}}}}}}]}}\n"
    ),
    "rows of values that are not declared": lambda n: (
        f"{HEAD}fields: {{f: [{many(n, 'v#')}]}}\n"
        f"layers: {{customer: [{{by: f, targets: {{update: {{{many(n, 'w#: 4h')}}}}}}}]}}\n"
    ),
    "layers that are not there": lambda n: HEAD + f"layers: {{{many(n, 'cust#: []')}}}\n",
    "layers of its own": lambda n: HEAD + f"layer_order: [{many(n, 'l#')}]\nlayers: {{{many(n, 'l#: []')}}}\n",
    "layers named twice": lambda n: HEAD + f"layer_order: [{many(n, 'l')}]\n",
    "rules of one name": lambda n: HEAD + f"layers: {{customer: [{many(n, '{name: x, exempt: true}')}]}}\n",
    "rules that say nothing": lambda n: HEAD + f"layers: {{customer: [{many(n, '{}')}]}}\n",
    "rules with unknown calendars": lambda n: (
        HEAD + "layers: {customer: [" + many(n, "{targets: {update: {within: 1h, calendar: d#}}}") + "]}\n"
    ),
    "metrics": lambda n: HEAD + f"metrics: {{{many(n, 'm#: {start: created, stop: reopened}')}}}\n",
    "metrics without an end": lambda n: HEAD + f"metrics: {{{many(n, 'm#: {start: created}')}}}\n",
    "unknown triggers": lambda n: HEAD + f"metrics: {{m: {{start: [{many(n, 'creatd#')}], stop: reopened}}}}\n",
    "targets of unknown metrics": lambda n: HEAD + f"layers: {{customer: [{{targets: {{{many(n, 'm#: 1h')}}}}}]}}\n",
    "exemptions of unknown metrics": lambda n: HEAD + f"layers: {{customer: [{{exempt: [{many(n, 'm#')}]}}]}}\n",
    "warnings": lambda n: f"slaclock: 1\ndefaults: {{warn: [{many(n, '#x')}]}}\n",
    "names to notify": lambda n: f"slaclock: 1\ndefaults: {{warn: [{{at: 5%, notify: [{many(n, 'n#')}]}}]}}\n",
    "exceptions of one name": lambda n: (
        HEAD + f"exceptions: [{many(n, '{name: x, from: 2026-01-01, exclude: true, reason: y}')}]\n"
    ),
    "calendars": lambda n: f"slaclock: 1\ncalendars: {{{many(n // 10, 'c#: {horus: x}')}}}\n",
    "calendars in unknown zones": lambda n: (
        f"slaclock: 1\ncalendars: {{{many(n // 10, 'c#: {timezone: Europe/Berlm#, hours: []}')}}}\n"
    ),
    "holidays of unknown countries": lambda n: calendar(f"holidays: [{many(n // 10, '{country: X#}')}]"),
    "weekdays that are none": lambda n: (
        f"slaclock: 1\ncalendars: {{c: {{hours: {{{many(n, 'munday#: all day')}}}}}}}\n"
    ),
    "calendars put together": lambda n: f"slaclock: 1\ncalendars: {{c: all day, d: {{union: [{many(n, 'e#')}]}}}}\n",
    "special days that do not exist": lambda n: calendar(f"special: {{{many(n, '2026-13-#: closed')}}}"),
    "one special day again and again": lambda n: calendar(f"special: {{{many(n, '2026-12-24: closed')}}}"),
    "holidays that are none": lambda n: calendar(f"holidays: [{many(n, '#')}]"),
    "holidays": lambda n: calendar(f"holidays: [{many(n, '2026-12-24')}]"),
    "closures that end before they begin": lambda n: calendar(
        f"closures: [{many(n, '{from: 2026-01-02, until: 2026-01-01}')}]"
    ),
    "seasons that overlap": lambda n: calendar(f"seasons: [{many(n, '{from: 01-01, until: 12-31, hours: closed}')}]"),
    "hours of a day": lambda n: f"slaclock: 1\ncalendars: {{c: {{hours: [{many(n, '09:00-17:00')}]}}}}\n",
    # Conditions.
    "conditions in conditions": lambda n: when("{not: " * n + "{a: x}" + "}" * n),
    "conditions side by side": lambda n: when(f"{{any: [{many(n, '{a#: x}')}]}}"),
    "values of a condition": lambda n: when(f"{{a: [{many(n, 'v#')}]}}"),
    "slips in the names of fields": lambda n: (
        "fields: {customer: text}\n" + when(f"{{any: [{many(n, '{custmer#: x}')}]}}")
    ),
    "values without a meaning": lambda n: when(f"{{a: [{many(n, '~')}]}}"),
    "unknown categories": lambda n: when(f"{{category: [{many(n, 'opn#')}]}}"),
    "unknown statuses": lambda n: f"statuses: {{open: a}}\n{when(f'{{status: [{many(n, chr(98) + chr(35))}]}}')}",
}


if find_spec("holidays") is None:
    # Without the package no country is looked up: the policy is refused as a whole, with the line that installs it.
    del SHAPES["holidays of unknown countries"]


def load(source: str | dict[str, Any]) -> str:
    """The codes of the faults of a text or a mapping, or `taken`; any other exception leaves."""
    try:
        digest = load_policy(io.StringIO(source) if isinstance(source, str) else source).digest
    except PolicyError as error:
        told = error
    else:
        assert digest
        return "taken"
    assert told.problems
    assert all(str(problem) for problem in told.problems)
    return " ".join(sorted({problem.code for problem in told.problems}))


def calls(work: Callable[[], object]) -> int:
    """How many functions of Python, and how many of C, are called by some work."""
    count = 0

    def note(frame: Any, event: str, arg: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def main(size: int) -> None:
    """Load each shape, and print what became of it and what it cost, as JSON lines."""
    for name, shape in SHAPES.items():
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        small, large = shape(size), shape(4 * size)
        begin = time.perf_counter()
        load(small)
        middle = time.perf_counter()
        found = load(large)
        took = (middle - begin, time.perf_counter() - middle)
        print(json.dumps({"name": name, "found": found, "took": took}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
