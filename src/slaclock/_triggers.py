"""The language of triggers, as a policy writes it: the events that start, stop, reset and cancel a clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from slaclock._fields import Bool, Built, Choice, Key, OneOrMore, Reader, Table, Text, Values, listed
from slaclock._nodes import MAPPING, Node
from slaclock._phrases import CONDITION, FieldName, field_key
from slaclock.events import SPEAKERS
from slaclock.metric import CATEGORIES, Trigger

__all__ = ["SIGNALS", "TRIGGERS"]


def _spoken(on: str) -> Callable[[Reader, Node, Values], Trigger]:
    def build(reader: Reader, node: Node, values: Values) -> Trigger:
        return Trigger(on=on, **values)

    return build


class Seen:
    """Whether the customer saw it; `any` does not ask."""

    noun: Final = "`true`, `false` or `any`"

    def read(self, reader: Reader, node: Node) -> tuple[bool | None] | None:
        if node.value == "any":
            return (None,)
        value = Bool(self.noun).read(reader, node)
        return None if value is None else (value,)


class Change:
    """A field, or a list of fields, that takes another value; or a condition that comes to hold."""

    noun: Final = "the name of a field, a list of such, or a condition"

    def read(self, reader: Reader, node: Node) -> Trigger | None:
        if node.kind is MAPPING:
            condition = CONDITION.read(reader, node)
            return None if condition is None else Trigger(on="changed", condition=condition)
        names = OneOrMore(FieldName(self.noun)).read(reader, node)
        return Trigger(on="changed", names=tuple(map(field_key, names))) if names else None


_BY: Final = Key(
    "by", OneOrMore(Choice(SPEAKERS)), "Who: one of the speakers, or several; anyone where it is left out."
)
_PUBLIC: Final = Key("public", Seen(), "Whether the customer saw it: `true` where left out; `any` for both.")
CREATED: Final = Table("a `created` trigger", _BY)
REPLIED: Final = Table("a `replied` trigger", _BY, _PUBLIC)
BARE: Final = Table("a trigger without keys of its own")


def _replied(reader: Reader, node: Node, values: Values) -> Trigger:
    if "public" in values:
        values["public"] = values["public"][0]
    return Trigger(on="replied", **values)


SIGNALS: Final = Table(
    "a trigger",
    Key("created", Built(CREATED, _spoken("created")), "The ticket is created."),
    Key("changed", Change(), "A field takes another value, or a condition comes to hold; creation counts."),
    Key("replied", Built(REPLIED, _replied), "Somebody writes a message."),
    Key("held", Built(BARE, _spoken("held")), "The clocks are held by hand."),
    Key("released", Built(BARE, _spoken("released")), "A hold ends."),
    Key("restarted", Built(BARE, _spoken("restarted")), "The metric is restarted by hand."),
    Key("reopened", Built(BARE, _spoken("reopened")), "The ticket was resolved or closed, and no longer is."),
)


def _trigger_hint(reader: Reader, word: str) -> str:
    """What to write for a word that is no trigger: a status or a category is meant as a change to it."""
    if word in CATEGORIES:
        return f"write `{{changed: {{category: {word}}}}}`"
    if word in (reader.statuses.known or ()):
        return f"write `{{changed: {{status: {word}}}}}`"
    return reader.hint(word, SIGNALS.keys)


class TriggerType:
    """A word such as `created`, or a mapping with one such key."""

    noun: Final = f"a trigger: {listed(SIGNALS.keys)}"

    def read(self, reader: Reader, node: Node) -> Trigger | None:
        if node.kind is MAPPING:
            return self._mapping(reader, node)
        word = Text(self.noun).read(reader, node)
        if word is None:
            return None
        if word == "changed":
            reader.fault(node, "missing-key", "what changes", "write `{changed: team}` or `{changed: {status: spam}}`")
            return None
        if word not in SIGNALS.keys:
            reader.fault(node, "unknown-word", self.noun, _trigger_hint(reader, word))
            return None
        return Trigger(on=word)

    def _mapping(self, reader: Reader, node: Node) -> Trigger | None:
        values = SIGNALS.read(reader, node) or {}
        if len(node.children) != 1:
            hint = "list several triggers: `[created, {replied: {by: agent}}]`"
            reader.fault(node, "one-key", "a trigger with one key", hint, found=f"{len(node.children) or 'no'} keys")
            return None
        return next(iter(values.values()), None)


TRIGGERS: Final = OneOrMore[Trigger](TriggerType())
