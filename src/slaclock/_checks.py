"""What makes no sense in a policy put together from values: names that lead nowhere, names given twice, odd words.

A policy that was read from a file has been checked there, place by place; this is for policies that programs build.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from slaclock._instants import load_zone
from slaclock._reading import show
from slaclock.calendar import WorkingCalendar
from slaclock.conditions import ORDERS, Condition, Ordered
from slaclock.errors import PolicyError, Problem, UnknownZoneError, nearest
from slaclock.exceptions import ExceptionEntry
from slaclock.metric import AT_DUE, CATEGORIES, ON, Metric
from slaclock.rules import BINDS, Layer, Rule, Table, Window
from slaclock.strategies import CHOICES, Strategies
from slaclock.target import AT_CLOSE, CalendarFrom, Target, Warn

if TYPE_CHECKING:
    from slaclock.policy import Policy

__all__ = ["by_name", "check_policy"]

Keys = tuple[str | int, ...]


def check_policy(policy: Policy) -> None:
    """Raise one PolicyError with every fault, if there are any."""
    checks = _Checks(policy)
    checks.policy()
    if checks.problems:
        raise PolicyError.of("the policy cannot be put together", checks.problems)


def by_name(metrics: Iterable[object]) -> dict[str, Metric]:
    """Metrics by their names. Raises PolicyError for a name that is given twice."""
    found: dict[str, Metric] = {}
    problems = []
    for metric in metrics:
        if not isinstance(metric, Metric):
            problems.append(Problem(code="wrong-type", found=show(metric), expected="a Metric", keys=("metrics",)))
            continue
        if metric.name in found:
            expected = "a name of its own for each metric"
            keys = ("metrics", metric.name)
            problems.append(
                Problem(code="duplicate-name", found=f"{show(metric.name)} again", expected=expected, keys=keys)
            )
        found[metric.name] = metric
    if problems:
        raise PolicyError.of("the policy cannot be put together", problems)
    return found


class _Checks:
    """Problems under way."""

    def __init__(self, policy: Policy) -> None:
        self.subject = policy
        self.problems: list[Problem] = []
        # What was found sound once: most targets of a policy share a few of each.
        self.sound: set[Strategies] = set()
        self.places = frozenset[object]()

    def fault(self, keys: Keys, code: str, found: str, expected: str, hint: str = "") -> None:
        self.problems.append(Problem(code=code, found=found, expected=expected, hint=hint, keys=keys))

    def is_a(self, keys: Keys, value: object, kind: type | tuple[type, ...], expected: str) -> bool:
        if isinstance(value, kind):
            return True
        self.fault(keys, "wrong-type", show(value), expected)
        return False

    def known(self, keys: Keys, code: str, name: str, names: Iterable[str], expected: str, hint: str = "") -> None:
        if name not in names:
            self.fault(keys, code, show(name), expected, nearest(name, names) or hint)

    def once(self, keys: Keys, names: Iterable[str], expected: str) -> None:
        for name, count in Counter(names).items():
            if count > 1:
                self.fault(keys, "duplicate-name", f"{show(name)} {count} times", expected)

    # The parts.

    def shapes(self) -> bool:
        """Whether the mappings of the policy are some."""
        names = ("calendars", "statuses", "fields", "metrics")
        found = [self.is_a((name,), getattr(self.subject, name), Mapping, "a mapping by name") for name in names]
        return all(found)

    def policy(self) -> None:
        if not self.shapes():
            return
        policy = self.subject
        self.places = frozenset(policy.calendars)
        try:
            load_zone(policy.timezone)
        except UnknownZoneError as error:
            expected = "the IANA name of a time zone, such as Europe/Berlin"
            self.fault(("timezone",), "unknown-zone", show(policy.timezone), expected, str(error).partition("; ")[2])
        for name, calendar in policy.calendars.items():
            self.is_a(("calendars", name), calendar, WorkingCalendar, "a WorkingCalendar")
        for status, category in policy.statuses.items():
            self.known(("statuses", status), "unknown-word", category, CATEGORIES, "a category of statuses")
        self.calendar(("default_calendar",), policy.default_calendar)
        self.known(("binds",), "unknown-word", policy.binds, BINDS, " or ".join(BINDS))
        self.strategies((), policy.strategies)
        for name, metric in policy.metrics.items():
            self.metric(("metrics", name), name, metric)
        layers = [layer for layer in policy.layers if self.is_a(("layers",), layer, Layer, "a Layer")]
        self.once(("layers",), (layer.name for layer in layers), "each layer once")
        for layer in layers:
            self.layer(layer)
        self.exceptions()

    def exceptions(self) -> None:
        expected = "an ExceptionEntry"
        given = self.subject.exceptions
        entries = [entry for entry in given if self.is_a(("exceptions",), entry, ExceptionEntry, expected)]
        self.once(("exceptions",), (entry.name for entry in entries), "a name of its own for each exception")
        for entry in entries:
            keys = ("exceptions", entry.name)
            self.metrics((*keys, "metrics"), entry.metrics)
            self.condition((*keys, "when"), entry.when)
            self.window((*keys, "window"), entry.window)

    def metric(self, keys: Keys, name: str, metric: object) -> None:
        if not self.is_a(keys, metric, Metric, "a Metric"):
            return
        assert isinstance(metric, Metric)
        if metric.name != name:
            self.fault(keys, "duplicate-name", f"a metric whose name is {show(metric.name)}", "its own name as its key")
        if metric.repeats not in (True, False, AT_DUE):
            self.fault((*keys, "repeats"), "unknown-word", show(metric.repeats), f"True, False or {AT_DUE!r}")
        if metric.binds is not None:
            self.known((*keys, "binds"), "unknown-word", metric.binds, BINDS, " or ".join(BINDS))
        self.strategies(keys, metric.strategies)
        for trigger in metric.triggers():
            self.known(keys, "unknown-word", trigger.on, ON, f"an event: {', '.join(ON)}")
            if trigger.condition is not None:
                self.condition(keys, trigger.condition)
        self.condition((*keys, "pause_while"), metric.pause_while)
        if metric.start_while is not None:
            self.condition((*keys, "start_while"), metric.start_while)
        if not metric.start or not (metric.stop or metric.cancel):
            missing = "`start`" if not metric.start else "`stop` or `cancel`"
            self.fault(keys, "no-end", f"a metric without {missing}", "`start`, and `stop` or `cancel`")

    def layer(self, layer: Layer) -> None:
        keys: Keys = ("layers", layer.name)
        rules = [rule for rule in layer.rules if self.is_a(keys, rule, Rule, "a Rule")]
        self.once(keys, (rule.name for rule in rules), "a name of its own for each rule of the layer")
        for rule in rules:
            place = (*keys, rule.name)
            self.condition((*place, "when"), rule.when)
            self.window((*place, "effective"), rule.effective)
            self.metrics((*place, "targets"), rule.targets)
            self.metrics((*place, "exempt"), (name for name in rule.exempt if name != "*"))
            if not rule.targets and not rule.exempt:
                self.fault(place, "no-targets", "a rule that says nothing", "`targets` or `exempt`")
            for metric, entry in rule.targets.items():
                self.entry((*place, "targets", metric), entry)

    def condition(self, keys: Keys, condition: Any) -> None:
        if self.is_a(keys, condition, Condition, 'a condition, such as Is("customer", "acme")'):
            for part in condition.walk():
                if isinstance(part, Ordered):
                    self.known(keys, "unknown-word", part.order, ORDERS, " or ".join(ORDERS))

    def window(self, keys: Keys, window: Any) -> None:
        if not self.is_a(keys, window, Window, "a Window"):
            return
        if None not in (window.start_us, window.end_us) and window.start_us >= window.end_us:
            found = "a window that ends before it begins"
            self.fault(keys, "empty-window", found, "an end that lies after its start")

    def metrics(self, keys: Keys, names: Iterable[str]) -> None:
        known = self.subject.metrics
        for name in names:
            if name not in known:
                hint = nearest(name, known) or "give the policy its metrics, such as `metrics=builtin_metrics()`"
                self.fault((*keys, name), "unknown-metric", show(name), "the name of a metric of the policy", hint)

    def entry(self, keys: Keys, entry: Any) -> None:
        if isinstance(entry, Table):
            self.once(keys, (value for value, _ in entry.rows), "each value once")
            for value, row in entry.rows:
                self.entry((*keys, value), row)
            if entry.otherwise is not None:
                self.entry((*keys, "otherwise"), entry.otherwise)
        elif self.is_a(keys, entry, Target, "a Target, or a Table of targets"):
            if not isinstance(entry.calendar, str) or entry.calendar not in self.places:
                self.calendar((*keys, "calendar"), entry.calendar)
            if entry.at_close not in AT_CLOSE:
                self.known((*keys, "at_close"), "unknown-word", entry.at_close, AT_CLOSE, " or ".join(AT_CLOSE))
            if entry.strategies not in self.sound:
                self.strategies(keys, entry.strategies)
            for warn in entry.warn:
                self.is_a((*keys, "warn"), warn, Warn, "a Warn, such as Warn(fraction=Fraction(3, 4))")
            if entry.pause_while is not None:
                self.condition((*keys, "pause_while"), entry.pause_while)

    def calendar(self, keys: Keys, calendar: str | CalendarFrom | None) -> None:
        name = calendar.default if isinstance(calendar, CalendarFrom) else calendar
        if name is not None and self.is_a(keys, name, str, "the name of a calendar of the policy"):
            known: Mapping[str, object] = self.subject.calendars
            self.known(keys, "unknown-calendar", name, known, "the name of a calendar of the policy")

    def strategies(self, keys: Keys, strategies: Strategies) -> None:
        known = len(self.problems)
        for question, answers in CHOICES.items():
            chosen = getattr(strategies, question)
            if chosen is not None:
                self.known((*keys, question), "unknown-word", chosen, answers, " or ".join(answers))
        if len(self.problems) == known:
            self.sound.add(strategies)
