"""Policies written as YAML: `dump_policy`, the way back from `load_policy`."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Final, TypeVar

import attrs

from slaclock._clauses import TARGET
from slaclock._format import DEFAULTS, FORMAT, METRIC, RULE
from slaclock._layout import Tall, TallList, yaml_text
from slaclock._timetable import calendars_data
from slaclock._written import (
    Data,
    exception_data,
    keys_of,
    one_or_list,
    refuse_value,
    usual_of,
    value_data,
    values_of,
    window_data,
    written,
)
from slaclock.conditions import Always, shown
from slaclock.errors import PolicyError
from slaclock.metric import Metric
from slaclock.policy import Policy, expect_policy
from slaclock.policyfile import builtin_metrics, load_policy
from slaclock.rules import BINDS, LAYERS, Layer, Rule, Table, TargetOrTable
from slaclock.target import AT_CLOSE, Target, Warn

__all__ = ["dump_policy"]

# People read names and promises first, and definitions of metrics last.
ORDER: Final = (
    "slaclock", "name", "timezone", "calendars", "statuses", "fields", "defaults", "binds", "layer_order", "layers",
    "metrics", "exceptions",
)  # fmt: skip
T = TypeVar("T")
# What is no attribute of a rule by the name of its key.
PARTS_OF_A_RULE: Final = ("name", "effective", "by", "targets", "exempt")
EVERYBODY: Final = Always()


def dump_policy(policy: Policy) -> str:
    """The policy as YAML that `load_policy` reads back as an equal policy; the same policy gives the same text.

    Comments, anchors and the spelling of a file are not kept: a policy is what it means. Every policy that
    `load_policy` gave can be written. Raises PolicyError for one made in Python that holds what no file can say, such
    as a number whose decimals never end.

    >>> print(dump_policy(load_policy({"slaclock": 1, "name": "no", "calendars": {"always": "all day"}})), end="")
    slaclock: 1
    name: "no"
    calendars:
      always: all day
    """
    text = yaml_text(_policy(expect_policy(policy)))
    # What is promised is checked: a policy made in Python may hold anything.
    try:
        same = load_policy(io.StringIO(text)) == policy
    except PolicyError as error:
        found = f"what a file cannot say ({error.problems[0].sentence})"
        raise refuse_value(found, "a policy as files can say it") from error
    if not same:
        raise refuse_value(_first_difference(policy, text), "a policy as files can say it")
    return text


def _first_difference(policy: Policy, text: str) -> str:
    read = load_policy(io.StringIO(text))
    names = (field.name for field in attrs.fields(Policy) if getattr(read, field.name) != getattr(policy, field.name))
    return f"`{next(names)}` that read back as something else"


def _policy(policy: Policy) -> dict[str, Data]:
    zone = policy.zone
    usual = _Usual.of(policy)
    parts: dict[str, Data] = {
        "slaclock": int(FORMAT),
        "name": policy.name,
        "timezone": "" if policy.timezone == "UTC" else policy.timezone,
        "calendars": Tall(calendars_data(policy.calendars, zone)),
        "statuses": _statuses(policy.statuses),
        "fields": {name: _field(values) for name, values in policy.fields.items()},
        "defaults": _defaults(policy, usual),
        "binds": "" if policy.binds == BINDS[0] else policy.binds,
        "layer_order": _layer_order(policy.layers),
        "layers": Tall({layer.name: TallList(_rules(layer, zone, usual)) for layer in policy.layers}),
        "metrics": Tall(_metrics(policy.metrics)),
        "exceptions": TallList(Tall(exception_data(entry, zone)) for entry in policy.exceptions),
    }
    return {key: parts[key] for key in ORDER if parts[key]}


def _statuses(statuses: Mapping[str, str]) -> dict[str, Data]:
    data: dict[str, list[str]] = {}
    for name, category in statuses.items():
        data.setdefault(category, []).append(name)
    return data


def _field(declared: tuple[str, ...] | str) -> Data:
    return declared if isinstance(declared, str) else list(map(value_data, declared))


def _layer_order(layers: Iterable[Layer]) -> list[str]:
    names = [layer.name for layer in layers]
    return [] if names == [name for name in LAYERS if name in names] else names


# ------------------------------------------------------------------------------------------------------------ promises


@attrs.frozen
class _Usual:
    """What most targets say, and `defaults` can say for them."""

    calendar: object
    warn: tuple[Warn, ...]
    at_close: str

    @classmethod
    def of(cls, policy: Policy) -> _Usual:
        targets = [target for rule in policy.rules() for entry in rule.targets.values() for target in _each(entry)]
        return cls(
            policy.default_calendar,
            _most_common((target.warn for target in targets), ()),
            _most_common((target.at_close for target in targets), AT_CLOSE[0]),
        )


def _most_common(values: Iterable[T], otherwise: T) -> T:
    counted = Counter(values).most_common(1)
    return counted[0][0] if counted else otherwise


def _each(entry: TargetOrTable) -> Iterator[Target]:
    if isinstance(entry, Table):
        yield from entry.targets()
    else:
        yield entry


def _defaults(policy: Policy, usual: _Usual) -> dict[str, Data]:
    given = {"calendar": policy.default_calendar, "warn": usual.warn or None}
    given["at_close"] = None if usual.at_close == AT_CLOSE[0] else usual.at_close
    keys = DEFAULTS.keys
    parts = {name: None if value is None else written(keys[name].type, value) for name, value in given.items()}
    return keys_of(DEFAULTS, policy.strategies, parts)


def _rules(layer: Layer, zone: tzinfo, usual: _Usual) -> Iterator[Tall]:
    for number, rule in enumerate(layer.rules, 1):
        yield Tall(_rule(rule, f"{layer.name} rule {number}", zone, usual))


def _rule(rule: Rule, unnamed: str, zone: tzinfo, usual: _Usual) -> dict[str, Data]:
    by = max((_by(entry) for entry in rule.targets.values()), key=len, default=())
    parts: dict[str, Data] = {
        "name": None if rule.name == unnamed else rule.name,
        "effective": window_data(rule.effective, zone) or None,
        "by": one_or_list(list(map(shown, by))) if by else None,
        "targets": {name: _entry(entry, usual) for name, entry in rule.targets.items()} or None,
        "exempt": (True if rule.exempt == ("*",) else one_or_list(list(rule.exempt))) if rule.exempt else None,
    }
    assert parts.keys() == set(PARTS_OF_A_RULE)
    return keys_of(RULE, rule, parts, {"when": EVERYBODY})


def _by(entry: TargetOrTable) -> tuple[str, ...]:
    """The fields by which a table goes, the outermost first."""
    if not isinstance(entry, Table):
        return ()
    rows = (row for row in (*(row for _, row in entry.rows), entry.otherwise) if row is not None)
    return (entry.field, *max(map(_by, rows), key=len, default=()))


def _entry(entry: TargetOrTable, usual: _Usual) -> Data:
    if isinstance(entry, Table):
        rows = {value: _entry(row, usual) for value, row in entry.rows}
        return rows if entry.otherwise is None else {**rows, "otherwise": _entry(entry.otherwise, usual)}
    data = keys_of(TARGET, entry, {}, {**usual_of(Target), **attrs.asdict(usual, recurse=False)})
    return data["within"] if len(data) == 1 else data


def _metrics(metrics: Mapping[str, Metric]) -> dict[str, Data]:
    """The policy's own metrics, and what it changes in the built-in ones."""
    builtin = builtin_metrics()
    missing = [name for name in builtin if name not in metrics]
    if missing:
        raise refuse_value(f"a policy without the metric `{missing[0]}`", "all built-in metrics, which every file has")
    data: dict[str, Data] = {}
    for name, metric in metrics.items():
        base = builtin.get(name)
        keys = keys_of(METRIC, metric, {}, None if base is None else values_of(base))
        if keys or base is None:
            data[name] = Tall(keys)
    return data
