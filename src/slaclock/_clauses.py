"""What a rule promises, as a policy writes it: amounts, warnings, targets, tables of targets, windows, calendars."""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction
from typing import Final

import attrs

from slaclock._fields import (
    TEXT,
    Built,
    Choice,
    Key,
    Named,
    OneOrMore,
    Percent,
    Reader,
    Text,
    Values,
    listed,
)
from slaclock._fields import Table as Keys
from slaclock._nodes import BROKEN, LIST, MAPPING, SCALAR, Node
from slaclock._phrases import CONDITION, FIELD_NAME, check_values, field_key
from slaclock.amounts import Amount
from slaclock.errors import CalendarError
from slaclock.rules import Table, TargetOrTable
from slaclock.strategies import CHOICES, Strategies
from slaclock.target import AT_CLOSE, CalendarFrom, Target, Warn

__all__ = [
    "AMOUNT",
    "CALENDAR_REF",
    "STRATEGIES",
    "TARGET",
    "WARN",
    "WARNING",
    "TargetDefaults",
    "read_entry",
    "strategies_of",
]

_SILENT: Final = Strategies()
_SHARE: Final = r"([0-9.]+ ?%) within (.+)"
STRATEGIES: Final = tuple(
    Key(name, Choice(words), f"What happens where {occasion}; `{words[0]}` where nobody says.")
    for (name, words), occasion in zip(
        CHOICES.items(),
        (
            "a field changes the target",
            "the ticket is reopened",
            "an `effective` window begins or ends under a running clock",
            "no rule of the layer matches any more",
            "the ticket is resolved without the reply that was waited for",
            "a laxer target follows a breach",
        ),
        strict=True,
    )
)


def strategies_of(values: Values) -> Strategies:
    """The strategies among the values that a table read."""
    found = {name: values[name] for name in CHOICES if name in values}
    return Strategies(**found) if found else _SILENT


class AmountType:
    """An amount of time; from Python also a timedelta."""

    noun: Final = "an amount such as `4h`, `3 business days` or `best effort`"

    def read(self, reader: Reader, node: Node) -> Amount | None:
        value = node.value
        if isinstance(value, str | timedelta | Amount) and node.kind is SCALAR:
            return self.parse(reader, node, value)
        hint = f"write `{value}h` or `{value}m`" if type(value) is int else ""
        reader.fault(node, "wrong-type", self.noun, hint)
        return None

    def parse(self, reader: Reader, node: Node, value: str | timedelta | Amount) -> Amount | None:
        """The amount that a value within a node gives."""
        try:
            return Amount.of(value)
        except CalendarError as error:
            hint = f"write `{value}h` or `{value}m`" if isinstance(value, str) and value.isdigit() else ""
            # Not every refusal of a timedelta lists problems.
            if hint or not error.problems:
                reader.fault(node, "bad-amount", self.noun, hint)
            else:
                reader.take(node, error.problems)
            return None


AMOUNT: Final = AmountType()


class Moment:
    """When to warn: a share of the target, or open time before or after the due instant."""

    __slots__ = ("noun",)

    def __init__(self, noun: str = "a moment such as `75%`, `-30m` or `+2h`") -> None:
        self.noun = noun

    def read(self, reader: Reader, node: Node) -> Warn | None:
        text = Text(self.noun, "write `-30m` for before due, `+30m` for after").read(reader, node)
        if text is None:
            return None
        if text.endswith("%"):
            fraction = Percent(1000, self.noun).parse(reader, node, text)
            return None if fraction is None else Warn(fraction=fraction)
        try:
            amount = Amount.of(text, signed=True)
        except CalendarError:
            reader.fault(node, "bad-warning", self.noun, f"write `{text}%`" if text.isdigit() else "")
            return None
        if amount.kind != "open" or text.lstrip()[0] not in "+-":
            hint = "days are no open time" if amount.kind != "open" else (
                f"write `-{text}` for before due, `+{text}` for after, or `{{after: {text}}}` from the start"
            )  # fmt: skip
            reader.fault(node, "bad-warning", self.noun, hint)
            return None
        return Warn(offset_us=amount.us)


class OpenAmount:
    """Open time from the start."""

    noun: Final = "open time such as `3h`"

    def read(self, reader: Reader, node: Node) -> Amount | None:
        amount = AMOUNT.read(reader, node)
        if amount is not None and amount.kind != "open":
            reader.fault(node, "bad-warning", self.noun, "days are no open time")
            return None
        return amount


WARNING: Final = Keys(
    "a warning",
    Key("at", Moment(), "When: a share of the target, or open time before (`-30m`) or after (`+2h`) it is due."),
    Key("after", OpenAmount(), "When: open time since the start."),
    Key("notify", OneOrMore(TEXT), "Whom the host should tell: names that mean something to it."),
)


def _warning(reader: Reader, node: Node, values: Values) -> Warn | None:
    given = [key for key in ("at", "after") if node.find(key) is not None]
    if len(given) != 1:
        found = "both `at` and `after`" if given else "neither `at` nor `after`"
        reader.fault(node, "one-key", "one of `at` and `after`", found=found)
        return None
    notify = values.get("notify", ())
    if "after" in values:
        return Warn(after_us=values["after"].us, notify=notify)
    return attrs.evolve(values["at"], notify=notify) if "at" in values else None


class WarnType:
    """A moment, or a mapping that says whom to tell then."""

    noun: Final = "a warning such as `75%`, `-30m` or `{at: 75%, notify: team-lead}`"

    def read(self, reader: Reader, node: Node) -> Warn | None:
        if node.kind is MAPPING:
            return Built(WARNING, _warning).read(reader, node)
        return Moment(self.noun).read(reader, node)


WARN: Final = OneOrMore(WarnType(), empty=True)

CALENDAR_NAME: Final = Named("calendars", "the name of a calendar")
CALENDAR_FROM: Final = Keys(
    "a calendar that the ticket names",
    Key("from", FIELD_NAME, "The field of the ticket that holds the calendar's name.", required=True),
    Key("default", CALENDAR_NAME, "The calendar of tickets that name none."),
)


def _calendar_from(reader: Reader, node: Node, values: Values) -> CalendarFrom | None:
    if "from" not in values:
        return None
    return CalendarFrom(field_key(values["from"]), values.get("default"))


class CalendarReference:
    """The name of a calendar, or where the ticket names it."""

    noun: Final = "the name of a calendar, or `{from: <field>, default: <name>}`"

    def read(self, reader: Reader, node: Node) -> str | CalendarFrom | None:
        if node.kind is MAPPING:
            return Built(CALENDAR_FROM, _calendar_from).read(reader, node)
        return Named("calendars", self.noun).read(reader, node)


CALENDAR_REF: Final = CalendarReference()

TARGET: Final = Keys(
    "a target",
    Key("within", AMOUNT, "The amount of time.", required=True),
    Key("calendar", CALENDAR_REF, "The calendar on which it is measured; else that of `defaults`."),
    Key("warn", WARN, "When to warn; else as `defaults` say."),
    Key("objective", Percent(), "The share of tickets that should keep it: a figure for reports."),
    Key("pause_while", CONDITION, "When its clock pauses; else as the metric says."),
    Key("at_close", Choice(AT_CLOSE), "Where time runs out exactly at closing: due then, or at the next opening."),
    *STRATEGIES,
)


class TargetDefaults:
    """What targets take where they say nothing. `needs_calendar`: there is none, and that is a fault of each target."""

    __slots__ = ("at_close", "calendar", "needs_calendar", "warn")

    def __init__(
        self, calendar: str | CalendarFrom | None, warn: tuple[Warn, ...], at_close: str, *, needs_calendar: bool
    ) -> None:
        self.calendar = calendar
        self.warn = warn
        self.at_close = at_close
        self.needs_calendar = needs_calendar


def _target(reader: Reader, node: Node, values: Values, defaults: TargetDefaults) -> Target | None:
    calendar = values.get("calendar", defaults.calendar)
    if calendar is None and defaults.needs_calendar and "calendar" not in TARGET.given(node):
        hint = "name one here, or in `defaults: {calendar: ...}` for all targets"
        reader.fault(node, "no-calendar", "a calendar", hint, found="a target without one")
    if calendar is None or "within" not in values:
        return None
    return Target(
        amount=values["within"],
        calendar=calendar,
        warn=values.get("warn", defaults.warn),
        objective=values.get("objective"),
        pause_while=values.get("pause_while"),
        at_close=values.get("at_close", defaults.at_close),
        strategies=strategies_of(values),
    )


def _short_target(reader: Reader, node: Node, defaults: TargetDefaults) -> Target | None:
    """A target that is an amount alone, or `80% within 20s`."""
    if node.kind is BROKEN:
        return None
    # Large policies say `4h` thousands of times, and mean one target.
    known: Target | None = reader.same.get(node.value) if isinstance(node.value, str) else None
    if known is not None:
        return known
    values: Values = {}
    amount: Amount | None
    share = re.fullmatch(_SHARE, node.value, re.ASCII | re.DOTALL) if isinstance(node.value, str) else None
    if share is not None:
        objective: Fraction | None = Percent().parse(reader, node, share[1])
        amount = AMOUNT.parse(reader, node, share[2])
        if objective is not None:
            values["objective"] = objective
    elif node.value is None or node.kind is LIST:
        reader.fault(node, "wrong-type", "a target: an amount such as `4h`, or a mapping with `within`")
        amount = None
    else:
        amount = AMOUNT.read(reader, node)
    if amount is not None:
        values["within"] = amount
    target = _target(reader, node, values, defaults)
    if target is not None and isinstance(node.value, str):
        reader.same[node.value] = target
    return target


def read_entry(reader: Reader, node: Node, by: tuple[str, ...], defaults: TargetDefaults) -> TargetOrTable | None:
    """What a rule says of one metric: a target, or in a `by` rule a table of targets by the values of the fields."""
    if node.kind is not MAPPING:
        return _short_target(reader, node, defaults)
    is_target = any(child.key in TARGET.keys for child in node.children)
    if by and not is_target:
        return _table(reader, node, by, defaults)
    if not by and not is_target and node.children:
        hint = "give the rule a `by: <field>`, if these are values of a field"
        expected = "a target: a mapping with `within`"
        found = f"a mapping with {listed((str(child.key) for child in node.children), 'and')}"
        reader.fault(node, "needs-by", expected, hint, found=found)
        return None
    values = TARGET.read(reader, node)
    return None if values is None else _target(reader, node, values, defaults)


def _table(reader: Reader, node: Node, by: tuple[str, ...], defaults: TargetDefaults) -> Table | None:
    if not node.children:
        reader.fault(node, "empty", "rows by value, or a target", found="an empty mapping")
    rows: list[tuple[str, TargetOrTable]] = []
    otherwise: TargetOrTable | None = None
    for child in node.children:
        row = read_entry(reader, child, by[1:], defaults)
        if child.key == "otherwise":
            otherwise = row
            continue
        check_values(reader, child, by[0], str(child.key), at_key=True)
        if row is not None:
            rows.append((str(child.key), row))
    return Table(field_key(by[0]), tuple(rows), otherwise)
