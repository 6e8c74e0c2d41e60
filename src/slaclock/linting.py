"""Lints of a policy: everything that can be proved of it and is likely to be a mistake, each with its place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

import attrs

from slaclock._lint_calendars import odd_calendars
from slaclock._lint_metrics import odd_metrics
from slaclock._lint_names import odd_names
from slaclock._lint_rules import idle_rules
from slaclock._lint_targets import idle_targets
from slaclock._nodes import LIST, SCALAR, Document, Node
from slaclock._offers import Study
from slaclock._reading import Faults
from slaclock.dates import read_day
from slaclock.errors import CalendarError
from slaclock.lints import Lint
from slaclock.policy import Policy
from slaclock.policyfile import builtin_metrics, reading

if TYPE_CHECKING:
    from slaclock._sources import Source

__all__ = ["lint_policy", "linted_policy"]


def lint_policy(policy: Policy | Source | Iterable[Source], as_of: date | str | None = None) -> tuple[Lint, ...]:
    """What a policy says that comes to nothing, or can hardly be meant; only what is proved, and what the search for
    proofs had to leave open.

    Of a `Policy` the lints have paths; of what `load_policy` reads (a path, an open stream, a mapping, or several of
    these) they have lines and columns too, where it is text. `as_of` is a date: holidays that are listed by date should
    reach a year beyond it. Without it they are compared with the dates of the policy alone.

    Raises PolicyError as `load_policy` does, and CalendarError for an `as_of` that is no date.

    >>> policy = {
    ...     "slaclock": 1,
    ...     "calendars": {"office": {"hours": {"mon-fri": "09:00-17:00"}}},
    ...     "defaults": {"calendar": "office"},
    ...     "layers": {"customer": [
    ...         {"name": "everyone", "targets": {"resolution": "8h"}},
    ...         {"name": "acme", "when": {"customer": "acme"}, "targets": {"resolution": "4h"}},
    ...     ]},
    ... }
    >>> for lint in lint_policy(policy):
    ...     print(lint)
    layers.customer[1]: rule `everyone` before it speaks for all tickets that it is for [hidden-rule]
    """
    if isinstance(policy, Policy):
        return tuple(_lints(policy, as_of_date(as_of)))
    return linted_policy(policy, as_of)[1]


def linted_policy(
    source: Source | Iterable[Source], as_of: date | str | None = None
) -> tuple[Policy, tuple[Lint, ...]]:
    """The policy, and its lints with their places. Raises as `lint_policy` does."""
    day = as_of_date(as_of)
    with reading(source) as (policy, document):
        found = [_located(lint, document) for lint in _lints(policy, day)]
    # By file and line; those without a place stay in their order.
    files = list(dict.fromkeys(lint.file for lint in found))
    found.sort(key=lambda lint: (files.index(lint.file), lint.line or 0, lint.column or 0))
    return policy, tuple(found)


def _lints(policy: Policy, as_of: date | None) -> list[Lint]:
    study = Study(policy)
    found = [
        *idle_rules(study),
        *idle_targets(study),
        *odd_metrics(study, builtin_metrics()),
        *odd_names(study),
        *odd_calendars(study, as_of),
    ]
    return [*found, *study.undecided(found)]


def as_of_date(value: date | str | None) -> date | None:
    """The date that is meant. Raises CalendarError where it is none."""
    if value is None:
        return None
    faults = Faults()
    day = read_day(value, faults, yearly=False)
    if day is None or day.year is None:
        raise CalendarError(faults.problems[0].sentence, faults.problems)
    return date(day.year, day.month, day.day)


def _located(lint: Lint, document: Document) -> Lint:
    """The lint with the place of what it is about, or of the next thing around it that is written there."""
    node = document.root
    for key in lint.keys:
        inner = _child(node, key)
        if inner is None:
            break
        node = inner
    home = document.home(node)
    mark = node.mark if node.kind is SCALAR or node.key_mark is None else node.key_mark
    if node is document.root or mark is None:
        return attrs.evolve(lint, file=home.name)
    line = mark.line + 1
    return attrs.evolve(
        lint, keys=node.keys, file=home.name, line=line, column=mark.column + 1, source=home._line(line)
    )


def _child(node: Node, key: str | int) -> Node | None:
    if node.kind is LIST:
        return node.children[key] if isinstance(key, int) and key < len(node.children) else None
    return node.find(key)
