"""Lints of names and values: statuses that no category knows, and values that a declared field cannot have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from slaclock._offers import Keys, Study, rule_keys
from slaclock._proof import STATUS
from slaclock._reading import listed
from slaclock.conditions import Condition, Is, shown
from slaclock.lints import Lint
from slaclock.metric import CATEGORIES, TRIGGER_KEYS, Metric
from slaclock.policy import Policy

__all__ = ["odd_names"]

_BOOLS: Final = ("true", "false")


def odd_names(study: Study) -> Iterator[Lint]:
    """Statuses and values that cannot be what was meant."""
    policy = study.policy
    for status, category in policy.statuses.items():
        if status in CATEGORIES and status != category:
            sentence = f"the status `{status}` belongs to the category `{category}`, not to `{status}`"
            yield study.lint("status-like-category", sentence, "statuses", category)
    declared = {name: _BOOLS if what == "bool" else what for name, what in policy.fields.items()}
    seen: set[tuple[str, str]] = set()
    for keys, asked in _asked(study):
        values = declared.get(asked.field)
        for text in sorted(asked.texts):
            if (asked.field, text) in seen:
                continue
            seen.add((asked.field, text))
            if asked.field == STATUS and text not in policy.statuses and text not in CATEGORIES:
                yield study.lint("status-without-category", f"the status `{text}` has no category", *keys)
            if isinstance(values, tuple) and text not in values:
                sentence = f"`{shown(asked.field)}` is declared as {listed(values)}, and can never be `{text}`"
                yield study.lint("undeclared-value", sentence, *keys)


def _asked(study: Study) -> Iterator[tuple[Keys, Is]]:
    """Every question for a value, with its place; what is declared of the status comes first."""
    policy = study.policy
    if STATUS in policy.declared:
        yield ("fields", STATUS), Is(STATUS, policy.declared[STATUS])
    for keys, condition in _conditions(policy):
        for part in condition.walk():
            if isinstance(part, Is):
                yield keys, part
    for metric in study.entries:
        for offer in study.offers(metric):
            for part in offer.asks:
                if isinstance(part, Is):
                    yield offer.keys, part
            for part in () if offer.target.pause_while is None else offer.target.pause_while.walk():
                if isinstance(part, Is):
                    yield (*offer.keys, "pause_while"), part


def _conditions(policy: Policy) -> Iterator[tuple[Keys, Condition]]:
    for layer in policy.layers:
        for number, rule in enumerate(layer.rules):
            yield (*rule_keys(layer.name, number), "when"), rule.when
    for number, exception in enumerate(policy.exceptions):
        yield ("exceptions", number, "when"), exception.when
    for metric in policy.metrics.values():
        for key, condition in _conditions_of(metric):
            yield ("metrics", metric.name, key), condition


def _conditions_of(metric: Metric) -> Iterator[tuple[str, Condition]]:
    for key in TRIGGER_KEYS:
        for trigger in getattr(metric, key):
            if trigger.condition is not None:
                yield key, trigger.condition
    if metric.start_while is not None:
        yield "start_while", metric.start_while
    yield "pause_while", metric.pause_while
