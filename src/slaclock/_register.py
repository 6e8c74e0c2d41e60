"""The exceptions register, as a policy writes it."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, Final

from slaclock._fields import TEXT, Built, Key, Named, OneOrMore, Reader, Table, Text, Type, Values, listed
from slaclock._nodes import LIST, MAPPING, Node
from slaclock._phrases import CONDITION
from slaclock._times import EFFECTIVE, window_of
from slaclock.amounts import Amount
from slaclock.conditions import Always
from slaclock.errors import CalendarError
from slaclock.exceptions import Effect, ExceptionEntry

__all__ = ["EXCEPTION", "Listed", "read_register"]

_TIMES: Final = r"([0-9]{1,6}(?:\.[0-9]{1,6})?) ?x"
_MOST_TIMES: Final = 1000
_GIVES: Final = "an exception gives time, and takes none"
_EFFECTS: Final = tuple(Effect)


class Listed:
    """A list whose members are read later, in due order."""

    __slots__ = ("members", "noun")

    def __init__(self, noun: str, members: Type[Any]) -> None:
        self.noun = noun
        self.members = members

    def read(self, reader: Reader, node: Node) -> Node | None:
        if node.kind is LIST:
            return node
        hint = "put a `-` before each entry" if node.kind is MAPPING else ""
        reader.fault(node, "wrong-type", self.noun, hint)
        return None


class Mark:
    """`true`; whoever means false leaves the key out."""

    noun: Final = "`true`"

    def read(self, reader: Reader, node: Node) -> bool | None:
        if node.value is True or (node.plain and node.value == "true"):
            return True
        no = node.value is False or (node.plain and node.value == "false")
        reader.fault(node, "unknown-word" if no else "wrong-type", self.noun, "leave the key out" if no else "")
        return None


class Extension:
    """More time: so many times the amount of a target, or so much open time beyond it."""

    noun: Final = "more time such as `2x` or `+4h`"

    def read(self, reader: Reader, node: Node) -> tuple[Fraction | None, int | None] | None:
        text = Text(self.noun, "write `2x` for twice the amount, `+4h` for 4 hours more").read(reader, node)
        if text is None:
            return None
        times = re.fullmatch(_TIMES, text, re.ASCII)
        if times is None:
            return self._more(reader, node, text)
        factor = Fraction(times[1])
        if not 1 < factor <= _MOST_TIMES:
            expected = f"more than `1x`, and at most `{_MOST_TIMES}x`"
            reader.fault(node, "bad-extension", expected, _GIVES if factor < 1 else "")
            return None
        return factor, None

    def _more(self, reader: Reader, node: Node, text: str) -> tuple[None, int] | None:
        sign, rest = (text[0], text[1:].lstrip()) if text[0] in "+-" else ("", text)
        expected = self.noun
        try:
            amount = Amount.of(rest)
            if sign == "+" and amount.kind == "open":
                return None, amount.us
            hint = _GIVES if sign == "-" else f"write `+{text}`"
            if amount.kind != "open":
                hint = "days are no open time; multiply a day amount instead: `2x`"
        except CalendarError as error:
            problem = error.problems[0]
            if problem.code != "bad-amount" or "years" in problem.expected:
                expected = problem.expected
            hint = f"write `{text}x` or `+{text}h`" if text.isdigit() else ""
        reader.fault(node, "bad-extension", expected, hint)
        return None


EXCEPTION: Final = Table(
    "an exception",
    Key("name", TEXT, "What it is called in readings and ledgers.", required=True),
    Key("when", CONDITION, "Which tickets it is for; all where left out."),
    Key("metrics", OneOrMore(Named("metrics", "the name of a metric")), "Which metrics it is for; all where left out."),
    *(Key(key.name, key.type, key.doc, required=key.name == "from") for key in EFFECTIVE.keys.values()),
    Key("suspend", Mark(), "The calendars of targets count as closed."),
    Key("extend", Extension(), "Clocks that start in the window get more time."),
    Key("exclude", Mark(), "Clocks that overlap the window are marked as excluded."),
    Key("reason", TEXT, "Why.", required=True),
    Key("approved_by", TEXT, "Who approved it."),
)


def _entry(reader: Reader, node: Node, values: Values) -> ExceptionEntry | None:
    given = [effect for effect in _EFFECTS if effect in EXCEPTION.given(node)]
    if len(given) != 1:
        found = f"{listed(given, 'and')} together" if given else f"an exception without {listed(_EFFECTS)}"
        reader.fault(node, "one-key", f"one of {listed(_EFFECTS, 'and')}", found=found)
    window = window_of(reader, node, values)
    effect = next((effect for effect in _EFFECTS if effect in values), None)
    if len(given) != 1 or effect is None or "name" not in values or "reason" not in values:
        return None
    factor, more_us = values.get("extend", (None, None))
    return ExceptionEntry(
        name=values["name"],
        effect=effect,
        when=values.get("when", Always()),
        metrics=values.get("metrics", ()),
        window=window,
        factor=factor,
        more_us=more_us,
        reason=values["reason"],
        approved_by=values.get("approved_by", ""),
        zone=reader.zone,
    )


_ENTRY: Final = Built(EXCEPTION, _entry)


def read_register(reader: Reader, node: Node | None) -> tuple[ExceptionEntry, ...]:
    """The entries of a register in their order; names are given once."""
    entries = [] if node is None else [(child, _ENTRY.read(reader, child)) for child in node.children]
    seen: set[str] = set()
    for child, entry in entries:
        if entry is not None and entry.name in seen:
            place = child.find("name") or child
            reader.fault(place, "duplicate-name", "a name of its own in the register", found=f"`{entry.name}` again")
        seen.update(() if entry is None else (entry.name,))
    return tuple(entry for _, entry in entries if entry is not None)
