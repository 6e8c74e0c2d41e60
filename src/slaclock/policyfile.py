"""Policy files: YAML, or the mapping that it spells, to a `Policy`, with every fault at once and in its place.

The top of the format is in `_format.py`, what rules promise is in `_clauses.py`, the language of conditions and
triggers in `_phrases.py`, and the kinds of faults in `_codes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

from slaclock._clauses import TargetDefaults, read_entry, strategies_of
from slaclock._codes import CODES
from slaclock._fields import (
    Names,
    Reader,
    Values,
    listed,
)
from slaclock._format import DECLARED, DEFAULTS, METRIC, POLICY, RULE, STATUS_NAMES
from slaclock._instants import zone_name
from slaclock._joining import Joined, join, read
from slaclock._nodes import LIST, MAPPING, Document, Node
from slaclock._register import read_register
from slaclock._times import CALENDAR, is_composed
from slaclock.conditions import Always
from slaclock.metric import CATEGORIES, Kind, Metric
from slaclock.policy import Policy
from slaclock.rules import BINDS, LAYERS, Layer, Rule, TargetOrTable, Window
from slaclock.strategies import CHOICES, Strategies
from slaclock.target import AT_CLOSE

if TYPE_CHECKING:
    from slaclock._sources import Source

__all__ = ["CODES", "builtin_metrics", "load_policy"]


_BEGIN: Final = "begin with `slaclock: 1`"


def load_policy(source: Source | Iterable[Source]) -> Policy:
    """The policy of a YAML file (its path), an open text stream, or a mapping that spells the same; or of several.

    Of several, as in `load_policy(["corporate.yaml", "customers/acme.yaml"])`, the rules of a layer follow each other
    in the order of the files, and calendars, statuses, fields, defaults, metrics and layers come together by name;
    whatever else is said twice is a fault that names both places.

    Raises PolicyError with every problem at once, each with its place, what was found, what was expected and, where
    there is one, what to do; and MissingExtraError where holidays of a country are asked for and the `holidays`
    package is not installed.

    >>> policy = load_policy({
    ...     "slaclock": 1,
    ...     "calendars": {"office": {"timezone": "Europe/Berlin", "hours": {"mon-fri": "09:00-17:00"}}},
    ...     "defaults": {"calendar": "office"},
    ...     "layers": {"customer": [{"targets": {"first_response": "4h"}}]},
    ... })
    >>> print(policy.layers[0].rules[0].targets["first_response"])
    4h on office
    """
    with reading(source) as (policy, _):
        return policy


@contextmanager
def reading(source: Source | Iterable[Source]) -> Iterator[tuple[Policy, Document]]:
    """The policy, and the document in which it stands, as long as somebody asks where what stands.

    Raises as `load_policy` does.
    """
    document = read(source)
    try:
        reader = Reader(document)
        if isinstance(document, Joined):
            join(reader, document, POLICY, _BEGIN)
        policy = _policy(reader)
        document.check()
        assert policy is not None
        yield policy, document
    finally:
        document.close()


@cache
def builtin_metrics() -> Mapping[str, Metric]:
    """The metrics that every policy knows, from `metrics.yaml` beside this module."""
    from io import StringIO
    from pkgutil import get_data

    from slaclock._document import read_document

    data = get_data("slaclock", "metrics.yaml")
    assert data is not None
    document = read_document(StringIO(data.decode("utf-8")))
    reader = Reader(document)
    metrics = _metrics(reader, document.root, {})
    document.check()
    return MappingProxyType(metrics)


def _policy(reader: Reader) -> Policy | None:
    root = reader.document.root
    values = _in_order(reader, root)
    if values is None:
        return None
    builtin = builtin_metrics()
    own = values.get("metrics")
    names = {str(child.key) for child in own.children} if own is not None else set()
    given = POLICY.given(root)
    reader.metrics = Names(
        "metric", "unknown-metric", None if own is None and "metrics" in given else {*builtin, *names}
    )
    defaults, strategies = _defaults(reader, values.get("defaults"), "defaults" in given)
    metrics = dict(builtin) if own is None else _metrics(reader, own, builtin)
    order = values.get("layer_order", None if "layer_order" in given else LAYERS)
    if order is not None and len(set(order)) < len(order):
        reader.fault(root.find("layer_order") or root, "duplicate-name", "each layer once", found="a layer named twice")
    reader.in_rules = True
    layers = _layers(reader, values.get("layers"), order, defaults)
    exceptions = read_register(reader, values.get("exceptions"))
    if reader.document.problems:
        return None
    return Policy.of_checked(
        name=values.get("name", ""),
        timezone=zone_name(reader.zone),
        calendars=values.get("calendars", {}),
        statuses=values.get("statuses", {}),
        fields=values.get("fields", {}),
        default_calendar=defaults.calendar,
        strategies=strategies,
        binds=values.get("binds", BINDS[0]),
        layers=layers,
        metrics=metrics,
        exceptions=exceptions,
    )


def _in_order(reader: Reader, root: Node) -> Values | None:
    """The values of the policy's keys; calendars, statuses and fields are read, and their names known thereafter."""
    if not POLICY.check(reader, root, _BEGIN):
        return None
    values: Values = {}
    given: dict[str, list[Node]] = {}
    for child in root.children:
        if child.key in POLICY.keys:
            given.setdefault(str(child.key), []).append(child)
        else:
            POLICY.unknown(reader, child)
    meant = POLICY.given(root)
    POLICY.check_required(reader, root)
    for name, key in POLICY.keys.items():
        for node in given.get(name, ()):
            value = key.type.read(reader, node)
            if value is not None:
                values.setdefault(name, value)
        if name in _NAMING:
            _NAMING[name](reader, values, name in meant)
    return values


def _name_zone(reader: Reader, values: Values, given: bool) -> None:
    reader.zone = values.get("timezone", reader.zone)


def _name_calendars(reader: Reader, values: Values, given: bool) -> None:
    node: Node | None = values.get("calendars")
    known = None if given and node is None else {str(child.key) for child in node.children} if node else set()
    reader.calendars = Names("calendar", "unknown-calendar", known)
    if node is not None:
        # Those that are put together come last, so that they may name any other.
        for child in sorted(node.children, key=is_composed):
            calendar = CALENDAR.read(reader, child)
            reader.made.setdefault(str(child.key), calendar)
        names = dict.fromkeys(str(child.key) for child in node.children)
        made = {name: reader.made[name] for name in names}
        values["calendars"] = {name: calendar for name, calendar in made.items() if calendar is not None}


def _name_statuses(reader: Reader, values: Values, given: bool) -> None:
    node: Node | None = values.get("statuses")
    if node is None:
        return
    statuses: dict[str, str] = {}
    for child in node.children:
        category = str(child.key)
        if category not in CATEGORIES:
            hint = reader.hint(category, CATEGORIES)
            reader.fault(
                child, "unknown-word", f"a category: {listed(CATEGORIES)}", hint, found=f"`{category}`", at_key=True
            )
        names = STATUS_NAMES.read(reader, child) or ()
        for name in names:
            if name in statuses:
                hint = f"it is {statuses[name]} already"
                reader.fault(child, "duplicate-name", "each status in one category", hint, found=f"`{name}` again")
            statuses.setdefault(name, category)
    reader.statuses = Names("status", "unknown-status", statuses)
    values["statuses"] = statuses


def _name_fields(reader: Reader, values: Values, given: bool) -> None:
    node: Node | None = values.get("fields")
    if node is None:
        return
    fields: dict[str, tuple[str, ...] | str | None] = {}
    for child in node.children:
        read = DECLARED.read(reader, child)
        fields[str(child.key)] = read
    reader.fields = fields
    values["fields"] = fields


_NAMING: Final = {
    "timezone": _name_zone,
    "calendars": _name_calendars,
    "statuses": _name_statuses,
    "fields": _name_fields,
}


def _defaults(reader: Reader, node: Node | None, given: bool) -> tuple[TargetDefaults, Strategies]:
    values = {} if node is None else DEFAULTS.read(reader, node) or {}
    # A default calendar that is faulty is still one: targets that rely on it are not to blame.
    faulty = given if node is None else "calendar" in DEFAULTS.given(node)
    reader.default_calendar = "calendar" in values or faulty
    defaults = TargetDefaults(
        calendar=values.get("calendar"),
        needs_calendar=not faulty,
        warn=values.get("warn", ()),
        at_close=values.get("at_close", AT_CLOSE[0]),
    )
    return defaults, strategies_of(values)


def _metrics(reader: Reader, node: Node, builtin: Mapping[str, Metric]) -> dict[str, Metric]:
    metrics = dict(builtin)
    for child in node.children:
        name = str(child.key)
        values = METRIC.read(reader, child)
        if values is None:
            continue
        strategies = strategies_of(values)
        given = {key: value for key, value in values.items() if key not in CHOICES}
        if "kind" in given:
            given["kind"] = Kind(given["kind"])
        base = builtin.get(name)
        if base is not None:
            metrics[name] = attrs.evolve(base, **given, strategies=strategies.over(base.strategies))
            continue
        keys = METRIC.given(child)
        if "start" not in keys or not keys & {"stop", "cancel"}:
            missing = "`start`" if "start" not in keys else "`stop` or `cancel`"
            hint = reader.hint(name, builtin)
            reader.fault(child, "no-end", "`start`, and `stop` or `cancel`", hint, found=f"a metric without {missing}")
        elif "start" in given:
            metrics[name] = Metric(name=name, strategies=strategies, **given)
    return metrics


def _layers(
    reader: Reader, node: Node | None, order: tuple[str, ...] | None, defaults: TargetDefaults
) -> tuple[Layer, ...]:
    layers: dict[str, Layer] = {}
    more = "; others are named in `layer_order`"
    names = Names("layer", "unknown-layer", None if order is None else dict.fromkeys(order), more)
    for child in node.children if node is not None else ():
        name = str(child.key)
        reader.known(child, name, names, at_key=True)
        layers[name] = Layer(name, _rules(reader, child, defaults))
    return tuple(layers[name] for name in order or () if name in layers)


def _rules(reader: Reader, node: Node, defaults: TargetDefaults) -> tuple[Rule, ...]:
    if node.kind is not LIST:
        hint = "put a `-` before each rule" if node.kind is MAPPING else ""
        reader.fault(node, "wrong-type", "a list of rules", hint)
        return ()
    rules: list[Rule] = []
    names: dict[str, Node] = {}
    for number, child in enumerate(node.children, 1):
        rule = _rule(reader, child, f"{node.key} rule {number}", defaults)
        if rule is None:
            continue
        if rule.name in names:
            place = child.find("name") or child
            first = reader.document.where(names[rule.name])
            hint = f"the first one is {first}" if first else ""
            reader.fault(place, "duplicate-name", "a name of its own in the layer", hint, found=f"`{rule.name}` again")
        names.setdefault(rule.name, child)
        rules.append(rule)
    return tuple(rules)


def _rule(reader: Reader, node: Node, name: str, defaults: TargetDefaults) -> Rule | None:
    values = RULE.read(reader, node)
    if values is None:
        return None
    if not {"targets", "exempt"} & RULE.given(node):
        hint = "promise something in `targets`, or take it away with `exempt`"
        reader.fault(node, "no-targets", "`targets` or `exempt`", hint, found="a rule that says nothing")
    return Rule(
        name=values.get("name", name),
        when=values.get("when", Always()),
        effective=values.get("effective", Window()),
        targets=_targets(reader, node, values, defaults),
        exempt=values.get("exempt", ()),
    )


def _targets(reader: Reader, rule: Node, values: Values, defaults: TargetDefaults) -> dict[str, TargetOrTable]:
    node: Node | None = values.get("targets")
    by = values.get("by", ())
    if node is None:
        if by and "targets" not in RULE.given(rule):
            reader.fault(
                rule.find("by") or rule, "no-targets", "`targets` beside it", found="`by` without targets", at_key=True
            )
        return {}
    if not node.children:
        reader.fault(node, "empty", "targets by metric", "leave the key out", found="an empty mapping")
    # A `by` that could not be read leaves open what is a table.
    unsure = not by and "by" in RULE.given(rule)
    targets: dict[str, TargetOrTable] = {}
    for child in node.children:
        reader.known(child, str(child.key), reader.metrics, at_key=True)
        if unsure and child.kind is MAPPING and child.find("within") is None:
            continue
        entry = read_entry(reader, child, by, defaults)
        if entry is not None:
            targets[str(child.key)] = entry
    return targets
