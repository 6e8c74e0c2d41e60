"""What has changed between two policies: each part of a policy is compared in the words that it has for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from slaclock._calendar_changes import calendar_changes, calendar_words
from slaclock._rule_changes import layer_changes, window_changes
from slaclock._windows import window_words
from slaclock.differences import Differences, Noted, Zones, silent, unlike, words_of
from slaclock.strategies import CHOICES, Strategies

if TYPE_CHECKING:
    from slaclock.exceptions import ExceptionEntry
    from slaclock.metric import Metric
    from slaclock.policy import Policy

__all__ = ["policy_changes"]


def policy_changes(before: Policy, after: Policy) -> Differences:
    """All that the newer policy says otherwise, in the order in which a policy file says it."""
    noted = Noted()
    for attribute in attrs.fields(type(before)):
        name = attribute.name
        one, other = getattr(before, name), getattr(after, name)
        if one != other:
            known = len(noted.found)
            _PARTS.get(name, _whole)(noted, name, one, other, (before.zone, after.zone))
            if len(noted.found) == known:
                # Such as two entries of one name: what differs is told in any case.
                _whole(noted, name, one, other, (before.zone, after.zone))
    return Differences(tuple(noted.found), before=before.digest, after=after.digest)


Part = Callable[[Noted, str, Any, Any, Zones], None]


def _whole(noted: Noted, name: str, before: object, after: object, zones: Zones) -> None:
    subject = {"timezone": "time zone", "binds": "which candidate binds", "default_calendar": "default calendar"}
    noted.values((name,), subject.get(name, name), before, after, words_of)


def _calendars(noted: Noted, name: str, before: Any, after: Any, zones: Zones) -> None:
    for calendar, was, now in unlike(before, after):
        if was is not None and now is not None:
            calendar_changes(noted.under(name, calendar, place=f"calendar {calendar}"), was, now)
        else:
            words = (None if found is None else calendar_words(found) for found in (was, now))
            noted.note((name, calendar), f"calendar {calendar}", *words)


def _named(noun: str) -> Part:
    """Parts that are named, and each a word or a list of words: statuses, fields."""

    def compare(noted: Noted, name: str, before: Any, after: Any, zones: Zones) -> None:
        for key, was, now in unlike(before, after):
            noted.note(
                (name, key), f"{noun} {key}", *(None if value is None else words_of(value) for value in (was, now))
            )

    return compare


def _strategies(noted: Noted, name: str, before: Strategies, after: Strategies, zones: Zones) -> None:
    for key, answers in CHOICES.items():
        words: dict[str | None, str] = {None: answers[0], **dict(zip(answers, answers, strict=True))}
        one, other = getattr(before, key), getattr(after, key)
        noted.values(("defaults", key), f"default of {key}", one, other, words.__getitem__)


# Metrics.


def _metrics(noted: Noted, name: str, before: Any, after: Any, zones: Zones) -> None:
    for metric, was, now in unlike(before, after):
        if was is not None and now is not None:
            _metric(noted.under(name, metric, place=f"metric {metric}"), was, now)
        else:
            words = (None if found is None else _metric_words(found) for found in (was, now))
            noted.note((name, metric), f"metric {metric}", *words)


def _metric(noted: Noted, before: Metric, after: Metric) -> None:
    for attribute in attrs.fields(type(before)):
        key = attribute.name
        if key == "strategies":
            for question in CHOICES:
                was, now = (getattr(metric.strategies, question) for metric in (before, after))
                noted.values((question,), question, was, now, silent)
        else:
            noted.values((key,), key, getattr(before, key), getattr(after, key), _metric_part)


def _metric_part(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return " or ".join(map(str, value)) or "never" if isinstance(value, tuple) else words_of(value)


def _metric_words(metric: Metric) -> str:
    ends = _metric_part(metric.stop + metric.cancel)
    return f"{metric.kind}, from {_metric_part(metric.start)} to {ends}, paused while {metric.pause_while}"


# The register.


def _exceptions(noted: Noted, name: str, before: Any, after: Any, zones: Zones) -> None:
    ones, others = ({entry.name: entry for entry in entries} for entries in (before, after))
    for entry, was, now in unlike(ones, others):
        if was is not None and now is not None:
            _exception(noted.under(name, entry, place=f"exception {entry}"), was, now)
        else:
            words = (None if found is None else _exception_words(found) for found in (was, now))
            noted.note((name, entry), f"exception {entry}", *words)
    orders = [[entry.name for entry in entries if entry.name in ones.keys() & others] for entries in (before, after)]
    if orders[0] != orders[1]:
        noted.move((name,), "order of the exceptions", *(", ".join(order) for order in orders))


def _exception(noted: Noted, before: ExceptionEntry, after: ExceptionEntry) -> None:
    noted.values(("effect",), "effect", before.does, after.does)
    noted.values(("when",), "condition", before.when, after.when)
    noted.values(("metrics",), "metrics", before.metrics, after.metrics, lambda names: ", ".join(names) or "all")
    window_changes(noted, "window", (before.window, after.window), (before.zone, after.zone))
    noted.values(("reason",), "reason", before.reason, after.reason)
    noted.values(("approved_by",), "approved by", before.approved_by, after.approved_by, words_of)


def _exception_words(entry: ExceptionEntry) -> str:
    said = str(entry).removeprefix(f"{entry.name}: ")
    return f"{said}; when {entry.when}, {window_words(entry.window, entry.zone)}"


_PARTS: Final[Mapping[str, Part]] = {
    "calendars": _calendars,
    "statuses": _named("status"),
    "fields": _named("field"),
    "strategies": _strategies,
    "layers": layer_changes,
    "exceptions": _exceptions,
    "metrics": _metrics,
}
