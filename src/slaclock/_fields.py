"""How mappings are read: tables of keys, each with its type, and types that read one node.

The tables are data. What they say (key, type, required or not, what it means) is what the reader obeys, what messages
quote, and what a schema can be written from. A type reads a node to a value; where it cannot, it notes the fault with
its place and gives None, so that one faulty value neither hides another nor causes any.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sized
from fractions import Fraction
from functools import lru_cache
from typing import Any, Final, Generic, Literal, Protocol, TypeAlias, TypeVar

from slaclock._instants import load_zone
from slaclock._nodes import BROKEN, LIST, MAPPING, SCALAR, Document, Node
from slaclock._reading import MOST_LISTED, listed, show, yaml_hint
from slaclock.calendar import WorkingCalendar
from slaclock.errors import Problem, nearest, nearest_word

__all__ = [
    "Bool", "Built", "Choice", "Key", "ListOf", "Named", "Names", "OneOrMore", "Percent", "Reader", "Table", "Text",
    "Type", "Values", "listed",
]  # fmt: skip

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Joins: TypeAlias = Literal["once", "agree", "names", "lists"]
Values = dict[str, Any]
"""What a table read: values by key, of the types that the table says; faulty ones are left out."""

_MOST_HINTS: Final = 200
_MOST_SLIPS: Final = 20
_LONGEST_SHARE: Final = 15
_PERCENT: Final = r"([0-9]{1,6}(?:\.[0-9]{1,6})?) ?%"


class Names:
    """The names of one kind that a policy gives, and the fault of using another."""

    __slots__ = ("code", "known", "more", "noun")

    def __init__(self, noun: str, code: str, known: Collection[str] | None, more: str = "") -> None:
        self.noun = noun
        self.code = code
        # None: what is known could not be read, so that nothing can be called unknown.
        self.known = known
        # Where further names can be given.
        self.more = more


class Reader:
    """A document under reading: where faults go, and the names that the policy has given so far."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.calendars = Names("calendar", "unknown-calendar", None)
        self.metrics = Names("metric", "unknown-metric", None)
        self.statuses = Names("status", "unknown-status", None)
        # Declared fields: a tuple of values, the name of a type, or None where the declaration is faulty.
        self.fields: Mapping[str, tuple[str, ...] | str | None] | None = None
        self.default_calendar = False
        # The calendars read so far, for those that are put together from them; None for a faulty one.
        self.made: dict[str, WorkingCalendar | None] = {}
        self.zone = load_zone("UTC")
        self.in_rules = False
        # What is the same wherever it stands is one value: targets by their text, windows and conditions by parts.
        self.same: dict[Any, Any] = {}
        self._near: dict[tuple[str, str], str] = {}
        self._values: dict[str, frozenset[str]] = {}

    def fault(
        self, node: Node, code: str, expected: str, hint: str = "", *, found: str = "", at_key: bool = False
    ) -> None:
        """Note a fault at a node. Of a broken one the fault has been noted already."""
        if node.kind is BROKEN and not at_key:
            return
        hint = hint or (yaml_hint(node.value) if node.kind is SCALAR else "")
        self.document.note(node, code, found or node.shown, expected, hint, at_key=at_key)

    def take(self, node: Node, problems: Iterable[Problem]) -> None:
        """Note faults that were found by others in the value of a node; their paths begin there."""
        children: dict[Node, dict[str | int, Node]] = {}
        for problem in problems:
            place = node
            for key in problem.keys:
                if place not in children:
                    # Of doubled keys the first one counts.
                    children[place] = {child.key: child for child in reversed(place.children)}
                child = children[place].get(key)
                if child is None:
                    break
                place = child
            # The others do not tell keys from values, nor how the document shows a mapping.
            at_key = isinstance(place.key, str) and problem.found == show(place.key) != place.shown
            found = place.shown if problem.found[:1] in ("{", "[") else problem.found
            self.document.note(place, problem.code, found, problem.expected, problem.hint, at_key=at_key)

    def hint(self, word: str, known: Iterable[str]) -> str:
        """The nearest known word, while there are hints left."""
        return nearest(word, known) if self.has_hints(known) else ""

    def has_hints(self, known: Iterable[str] = ()) -> bool:
        """Whether there are hints left: hopeless documents get no more after a while, for each one costs a search."""
        many = isinstance(known, Sized) and len(known) > _MOST_HINTS
        return len(self.document.problems) < (_MOST_SLIPS if many else _MOST_HINTS)

    def near(self, kind: str, word: str, known: Iterable[str]) -> str:
        """The nearest known word of a kind, looked for once for each word of a document."""
        most = _MOST_SLIPS if len(self.fields or ()) > _MOST_HINTS else _MOST_HINTS
        hint = self._near.get((kind, word))
        if hint is None:
            hint = nearest(word, known) if len(self._near) < most else ""
            self._near[kind, word] = hint
        return hint

    def declares(self, field: str, text: str) -> bool:
        """Whether a field with a declared list of values can have this one."""
        values = self._values.get(field)
        if values is None:
            values = self._values[field] = frozenset((self.fields or {}).get(field) or ())
        return text in values

    def known(self, node: Node, word: str, names: Names, *, at_key: bool = False) -> bool:
        """Whether a name is known; where not, the fault is noted."""
        if names.known is None or word in names.known:
            return True
        expected = f"the name of a {names.noun}"
        hint = self.hint(word, names.known) if names.known else "the policy has none"
        if not hint and len(names.known) <= MOST_LISTED:
            hint = f"known are {listed(sorted(set(names.known)), 'and')}{names.more}"
        self.fault(node, names.code, expected, hint, found=f"`{word}`", at_key=at_key)
        return False


class Type(Protocol[T_co]):
    """Reads one node; None where it is faulty, and the fault has been noted."""

    @property
    def noun(self) -> str:
        """What is expected, in words: `a text`."""

    def read(self, reader: Reader, node: Node) -> T_co | None:
        """The value of the node."""


class Text:
    """A text, as written: `16:00`, `no` and `1_000` too."""

    __slots__ = ("hint", "noun")

    def __init__(self, noun: str = "a text", hint: str = "") -> None:
        self.noun = noun
        self.hint = hint

    def read(self, reader: Reader, node: Node) -> str | None:
        value = node.value
        if isinstance(value, str) and value and node.kind is SCALAR:
            return value
        hint = self.hint if node.kind is not SCALAR or not yaml_hint(value) else ""
        reader.fault(node, "wrong-type", self.noun, hint)
        return None


TEXT: Final = Text()


class Choice:
    """One of a few words."""

    __slots__ = ("words",)

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    @property
    def noun(self) -> str:
        return listed(self.words)

    def read(self, reader: Reader, node: Node) -> str | None:
        text = Text(self.noun).read(reader, node)
        if text is None or text in self.words:
            return text
        reader.fault(node, "unknown-word", self.noun, reader.hint(text, self.words))
        return None


class Bool:
    """`true` or `false`; YAML's other words for them are texts."""

    __slots__ = ("noun",)

    def __init__(self, noun: str = "`true` or `false`") -> None:
        self.noun = noun

    def read(self, reader: Reader, node: Node) -> bool | None:
        value = node.value
        if isinstance(value, bool):
            return value
        if node.plain and value in ("true", "false"):
            return value == "true"
        hint = "write it without quotes" if value in ("true", "false") else ""
        if isinstance(value, str) and value.lower() in ("yes", "no", "on", "off", "true", "false"):
            hint = hint or f"write `{'true' if value.lower() in ('yes', 'on', 'true') else 'false'}`"
        reader.fault(node, "wrong-type", self.noun, hint)
        return None


@lru_cache(maxsize=1024)
def _share(text: str) -> Fraction | None:
    match = re.fullmatch(_PERCENT, text, re.ASCII)
    return Fraction(match[1]) / 100 if match is not None else None


class Percent:
    """A percentage above zero, exact."""

    __slots__ = ("most", "noun")

    def __init__(self, most: int = 100, noun: str = "a percentage such as `95%`") -> None:
        self.most = most
        self.noun = noun

    def read(self, reader: Reader, node: Node) -> Fraction | None:
        if not isinstance(node.value, str) or node.kind is BROKEN:
            hint = f"write `{node.value}%`" if type(node.value) is int else ""
            reader.fault(node, "wrong-type", self.noun, hint)
            return None
        return self.parse(reader, node, node.value)

    def parse(self, reader: Reader, node: Node, text: str) -> Fraction | None:
        """The percentage that a text within a node gives."""
        share = _share(text) if len(text) <= _LONGEST_SHARE else None
        if share is None or not 0 < share <= Fraction(self.most, 100):
            expected = self.noun if share is None else f"a percentage above 0 and at most {self.most}"
            reader.fault(node, "bad-percentage", expected)
            return None
        return share


class Named:
    """The name of something that the policy has given: `kind` is the reader's attribute that holds the names."""

    __slots__ = ("kind", "noun")

    def __init__(self, kind: str, noun: str) -> None:
        self.kind = kind
        self.noun = noun

    def read(self, reader: Reader, node: Node) -> str | None:
        text = Text(self.noun).read(reader, node)
        names: Names = getattr(reader, self.kind)
        return text if text is not None and reader.known(node, text, names) else None


class ListOf(Generic[T]):
    """A list of values of one type; faulty members are left out."""

    __slots__ = ("empty", "member")

    def __init__(self, member: Type[T], empty: bool = False) -> None:
        self.member = member
        self.empty = empty

    @property
    def noun(self) -> str:
        return f"a list, each member {self.member.noun}"

    def read(self, reader: Reader, node: Node) -> tuple[T, ...] | None:
        if node.kind is not LIST:
            reader.fault(node, "wrong-type", self.noun)
            return None
        if not node.children and not self.empty:
            reader.fault(node, "empty", self.noun, "leave the key out", found="an empty list")
            return None
        values = [self.member.read(reader, child) for child in node.children]
        return tuple(value for value in values if value is not None)


class OneOrMore(Generic[T]):
    """One value of a type, or a list of them."""

    __slots__ = ("empty", "member")

    def __init__(self, member: Type[T], empty: bool = False) -> None:
        self.member = member
        self.empty = empty

    @property
    def noun(self) -> str:
        return f"{self.member.noun}, or a list of such"

    def read(self, reader: Reader, node: Node) -> tuple[T, ...] | None:
        if node.kind is LIST:
            return ListOf(self.member, self.empty).read(reader, node)
        value = self.member.read(reader, node)
        return None if value is None else (value,)


class Key(Generic[T]):
    """One key of a mapping: its name, the type of its value, what it means, and whether it must be there.

    `joins` says what becomes of it where several documents that have it are joined to one: it stands `once`, all
    `agree` on it, its `names` come together, or under each name the `lists` do.
    """

    __slots__ = ("doc", "joins", "name", "required", "type")

    def __init__(self, name: str, type: Type[T], doc: str, *, required: bool = False, joins: Joins = "once") -> None:
        self.name = name
        self.type = type
        self.doc = doc
        self.required = required
        self.joins: Joins = joins


class Table:
    """The keys of one kind of mapping."""

    __slots__ = ("keys", "noun")

    def __init__(self, noun: str, *keys: Key[Any]) -> None:
        self.noun = noun
        self.keys = {key.name: key for key in keys}

    def read(self, reader: Reader, node: Node, hint: str = "") -> Values | None:
        """The values by key; faulty ones are left out, unknown and missing keys are noted. None where it is no mapping.

        Keys are read in the order of the document.
        """
        if not self.check(reader, node, hint):
            return None
        values: Values = {}
        keys = self.keys
        for child in node.children:
            key = keys.get(child.key)  # type: ignore[arg-type]
            if key is None:
                self.unknown(reader, child)
                continue
            value = key.type.read(reader, child)
            if value is not None:
                values[key.name] = value
        self.check_required(reader, node)
        return values

    def check(self, reader: Reader, node: Node, hint: str = "") -> bool:
        """Whether the node is a mapping; where not, the fault is noted."""
        if node.kind is MAPPING:
            return True
        reader.fault(node, "wrong-type", f"{self.noun}: a mapping with {listed(self.keys)}", hint)
        return False

    def unknown(self, reader: Reader, child: Node) -> None:
        """Note a key that the table does not have."""
        word = str(child.key)
        under = next((name for name, key in self.keys.items() if word in getattr(key.type, "keys", ())), None)
        hint = f"it belongs under `{under}`" if under else reader.hint(word, self.keys)
        hint = hint or f"it has {listed(self.keys, 'and') or 'none'}"
        reader.fault(child, "unknown-key", f"a key of {self.noun}", hint, found=f"`{word}`", at_key=True)

    def given(self, node: Node) -> set[str]:
        """The keys that a mapping gives, and those that its unknown keys were meant to be: a slip is one fault."""
        words = [str(child.key) for child in node.children]
        slips = [word for word in words if word not in self.keys]
        return {*words, *(nearest_word(word, self.keys) for word in slips[:_MOST_SLIPS])}

    def check_required(self, reader: Reader, node: Node) -> None:
        """Note keys that must be there and are not, unless an unknown key was meant to be it."""
        for key in self.keys.values():
            if key.required and key.name not in self.given(node):
                noun = f"`{key.name}`: {key.type.noun}"
                reader.fault(node, "missing-key", noun, found=f"{self.noun} without `{key.name}`")


class Built(Generic[T]):
    """A mapping read by a table and built to a value; `build` may note faults of its own and give None."""

    __slots__ = ("build", "table")

    def __init__(self, table: Table, build: Callable[[Reader, Node, Values], T | None]) -> None:
        self.table = table
        self.build = build

    @property
    def noun(self) -> str:
        return self.table.noun

    @property
    def keys(self) -> Iterable[str]:
        """The keys of the mapping."""
        return self.table.keys

    def read(self, reader: Reader, node: Node) -> T | None:
        values = self.table.read(reader, node)
        return None if values is None else self.build(reader, node, values)
