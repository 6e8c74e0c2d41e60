"""The top of the policy format: the tables of a policy, its defaults, rules and metrics."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any, Final

from slaclock._clauses import (
    CALENDAR_REF,
    STRATEGIES,
    TARGET,
    WARN,
)
from slaclock._fields import (
    TEXT,
    Bool,
    Choice,
    Key,
    ListOf,
    Named,
    OneOrMore,
    Reader,
    Table,
    Text,
    Type,
    listed,
)
from slaclock._instants import load_zone
from slaclock._nodes import LIST, MAPPING, Node
from slaclock._phrases import CONDITION, FIELD_NAME, VALUE
from slaclock._register import EXCEPTION, Listed
from slaclock._times import CALENDAR, WINDOW
from slaclock._triggers import TRIGGERS
from slaclock.conditions import Scalar, spelled
from slaclock.errors import UnknownZoneError
from slaclock.metric import AT_DUE, AT_EVENT, CATEGORIES, Kind
from slaclock.rules import BINDS

__all__ = ["DECLARED", "DEFAULTS", "FIELD_TYPES", "METRIC", "POLICY", "RULE", "STATUS_NAMES"]

FORMAT: Final = "1"
FIELD_TYPES: Final = ("text", "number", "bool")


class Version:
    """The version of the format in which the document is written."""

    noun: Final = f"`{FORMAT}`, the version of the format"

    def read(self, reader: Reader, node: Node) -> str | None:
        if node.value == FORMAT or (type(node.value) is int and node.value == 1):
            return FORMAT
        hint = f"this slaclock reads version {FORMAT}"
        reader.fault(node, "wrong-version", self.noun, hint)
        return None


class Zone:
    """The IANA name of a time zone."""

    noun: Final = "the IANA name of a time zone, such as Europe/Berlin"

    def read(self, reader: Reader, node: Node) -> tzinfo | None:
        name = Text(self.noun).read(reader, node)
        if name is None:
            return None
        try:
            return load_zone(name)
        except UnknownZoneError as error:
            reader.fault(node, "unknown-zone", self.noun, str(error).partition("; ")[2])
            return None


class NotYet:
    """A key of the format that this version does not read: saying so is better than passing over it."""

    noun: Final = "a policy without it"

    def read(self, reader: Reader, node: Node) -> None:
        hint = "this version of slaclock does not read it yet; take it out"
        reader.fault(node, "not-yet", self.noun, hint, found=f"`{node.key}`", at_key=True)


class NamedMapping:
    """A mapping whose keys are names that the policy gives; its members are read later, in due order.

    `words` are the names that there are, where the policy is not free to choose them.
    """

    __slots__ = ("members", "noun", "words")

    def __init__(self, noun: str, members: Type[Any], words: tuple[str, ...] = ()) -> None:
        self.noun = noun
        self.members = members
        self.words = words

    def read(self, reader: Reader, node: Node) -> Node | None:
        if node.kind is MAPPING:
            return node
        reader.fault(node, "wrong-type", f"{self.noun}: a mapping")
        return None


class Later:
    """A mapping with keys of its own that is read later, in due order."""

    __slots__ = ("table",)

    def __init__(self, table: Table) -> None:
        self.table = table

    @property
    def noun(self) -> str:
        return self.table.noun

    def read(self, reader: Reader, node: Node) -> Node | None:
        return NamedMapping(self.noun, self.table).read(reader, node)


class Declared:
    """What is declared of a field: its values, or its type."""

    noun: Final = f"a list of values, or {listed(FIELD_TYPES)}"

    def read(self, reader: Reader, node: Node) -> tuple[str, ...] | str | None:
        if node.kind is LIST:
            words = ListOf[Scalar](VALUE).read(reader, node)
            return None if words is None else tuple(spelled(word) for word in words)
        if node.kind is MAPPING:
            reader.fault(node, "wrong-type", self.noun)
            return None
        return Choice(FIELD_TYPES).read(reader, node)


DECLARED: Final = Declared()
STATUS_NAMES: Final = OneOrMore(Text("the name of a status"), empty=True)


class Exempt:
    """`true` for all metrics, or the names of some."""

    noun: Final = "`true`, or names of metrics"

    def read(self, reader: Reader, node: Node) -> tuple[str, ...] | None:
        if node.value is True or (node.plain and node.value == "true"):
            return ("*",)
        if node.value is False or (node.plain and node.value == "false"):
            reader.fault(node, "unknown-word", self.noun, "leave the key out")
            return None
        return OneOrMore(METRIC_NAME).read(reader, node)


class Repeats:
    """Whether a metric can start again: at the event that starts it, or in a cadence when it was due before."""

    noun: Final = "`true` or `at_event`, `at_due`, or `false`"

    def read(self, reader: Reader, node: Node) -> bool | str | None:
        if node.value == AT_EVENT:
            return True
        if isinstance(node.value, str) and node.value.startswith("at"):
            return Choice((AT_EVENT, AT_DUE)).read(reader, node)
        return Bool(self.noun).read(reader, node)


METRIC_NAME: Final = Named("metrics", "the name of a metric")

DEFAULTS: Final = Table(
    "defaults",
    Key("calendar", CALENDAR_REF, "The calendar of targets that name none."),
    Key("warn", WARN, "The warnings of targets that say nothing of them."),
    *(key for key in TARGET.keys.values() if key.name == "at_close"),
    *STRATEGIES,
)

RULE: Final = Table(
    "a rule",
    Key("name", TEXT, "What it is called in explanations."),
    Key("when", CONDITION, "Which tickets it is for; all where left out."),
    Key("effective", WINDOW, "When it is in force; always where left out."),
    Key("by", OneOrMore(FIELD_NAME), "The field, or several, by whose value its targets differ."),
    Key("targets", NamedMapping("targets by metric", TARGET), "What is promised, by metric."),
    Key("exempt", Exempt(), "The metrics whose targets it takes away, in every layer; `true` for all."),
)

METRIC: Final = Table(
    "a metric",
    Key("kind", Choice(tuple(Kind)), "To whom the promise is made; `sla` where left out."),
    Key("start", TRIGGERS, "What starts its clock."),
    Key("start_after", TRIGGERS, "What must have happened before it can start."),
    Key("start_while", CONDITION, "What must hold for it to start."),
    Key("stop", TRIGGERS, "What fulfils it."),
    Key("reset", TRIGGERS, "What ends the clock and begins another at the same instant."),
    Key("cancel", TRIGGERS, "What ends it without fulfilling it."),
    Key("unanswered", TRIGGERS, "What ends it unanswered, by `on_unanswered`."),
    Key("pause_while", CONDITION, "When its clock pauses; never where left out."),
    Key("repeats", Repeats(), "Whether it can start again after it ended, a cycle each, and from when on that counts."),
    Key("binds", Choice(BINDS), "Which of several targets binds; else as the policy says."),
    *STRATEGIES,
)

# In the order in which they are read: what gives names comes before what uses them.
POLICY: Final = Table(
    "a policy",
    Key("slaclock", Version(), "The version of the format.", required=True, joins="agree"),
    Key("name", TEXT, "What the policy is called."),
    Key("timezone", Zone(), "The time zone of answers and of effective dates; UTC where left out."),
    Key("calendars", NamedMapping("calendars by name", CALENDAR), "Working calendars by name.", joins="names"),
    Key(
        "statuses",
        NamedMapping("statuses by category", STATUS_NAMES, CATEGORIES),
        "The ticket's statuses, by category.",
        joins="names",
    ),
    Key(
        "fields",
        NamedMapping("fields by name", DECLARED),
        "The ticket's fields, each with its values or its type.",
        joins="names",
    ),
    Key("defaults", Later(DEFAULTS), "What targets and metrics take where they say nothing.", joins="names"),
    Key("binds", Choice(BINDS), "Which of several targets binds; `earliest_due` where left out."),
    Key("layer_order", ListOf(TEXT), "The names of the layers, the most general first."),
    Key(
        "metrics",
        NamedMapping("metrics by name", METRIC),
        "Metrics of its own, and changes to the built-in ones.",
        joins="names",
    ),
    Key("layers", NamedMapping("rules by layer", ListOf(RULE, empty=True)), "Lists of rules, by layer.", joins="lists"),
    Key("exceptions", Listed("a list of exceptions", EXCEPTION), "The register of exceptions."),
    Key("credits", NotYet(), "Service credits."),
)
