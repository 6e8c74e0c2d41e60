"""A document as a tree of located nodes: what is written, where, with no types guessed.

A scalar keeps the text that was written; the reader above decides by the place where it stands. A Python mapping,
which may carry what some loader made of YAML, becomes the same kind of tree, without positions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final, NoReturn, Protocol

from slaclock._reading import show, yaml_hint
from slaclock.amounts import Amount
from slaclock.calendar import WorkingCalendar
from slaclock.errors import PolicyError, Problem

__all__ = [
    "BROKEN",
    "CONTROL",
    "CONTROL_FAULT",
    "LIST",
    "MAPPING",
    "MAX_DEPTH",
    "MAX_NODES",
    "SCALAR",
    "Document",
    "Mark",
    "Node",
    "check_doubles",
    "fill_from_mapping",
    "refuse",
]

MAX_DEPTH: Final = 50
MAX_NODES: Final = 1_000_000
_MOST_BITS: Final = 512
# What a mapping may hold: what loaders make of YAML, and the values of ours that a policy is made of.
_SCALARS: Final = (str, bool, int, float, date, timedelta, Amount, WorkingCalendar, type(None))

SCALAR: Final = "scalar"
MAPPING: Final = "mapping"
LIST: Final = "list"
# A node whose fault has been noted already: readers pass over it in silence.
BROKEN: Final = "broken"

LINE_BREAK: Final = "\r\n|[\n\r\x85\u2028\u2029]"
CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
CONTROL_FAULT: Final = ("control-character", "a control character", "printable text", "leave it out")


class Mark(Protocol):
    """Where something begins in a text, counted from 0; a parser's own marks are such."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


_NO_CHILDREN: Final[list[Node]] = []


class Node:
    """A value in a document: a scalar (its text, or what Python has there), a mapping or a list of nodes.

    `children` of a mapping are in the order of the document, those of doubled keys too; each child knows its `key`.
    Nothing (`~`, `null`, no text at all) is a scalar of the value None; `plain` says that a text had no quotes.
    """

    __slots__ = ("children", "key", "key_mark", "kind", "mark", "parent", "plain", "value")

    def __init__(
        self, kind: str, value: object, mark: Mark | None, parent: Node | None, key: str | int, key_mark: Mark | None
    ) -> None:
        self.kind = kind
        self.value = value
        self.mark = mark
        self.parent = parent
        self.key = key
        self.key_mark = key_mark
        self.plain = False
        self.children: list[Node] = _NO_CHILDREN

    @property
    def keys(self) -> tuple[str | int, ...]:
        """The path from the root of the document."""
        path: list[str | int] = []
        node: Node = self
        while node.parent is not None:
            path.append(node.key)
            node = node.parent
        return tuple(reversed(path))

    def find(self, key: str | int) -> Node | None:
        """The first child of that key, or None."""
        return next((child for child in self.children if child.key == key), None)

    @property
    def shown(self) -> str:
        """What is found here, for messages."""
        if self.kind == MAPPING:
            return "a mapping"
        return "a list" if self.kind == LIST else show(self.value)


class Document:
    """A document that has been read: its root, and the problems found so far."""

    def __init__(self, name: str | None, text: str | None) -> None:
        self.name = name
        self.text = text
        self.root = Node(BROKEN, None, None, None, "", None)
        self.problems: list[Problem] = []
        self._lines: list[str] | None = None

    def home(self, node: Node) -> Document:
        """The document in which a node was written; where several are joined, one of these."""
        return self

    def where(self, node: Node) -> str:
        """Where the key of a node stands, for hints about another place: `in line 12`; empty where nobody knows."""
        mark = node.key_mark or node.mark
        return "" if mark is None else f"in line {mark.line + 1}"

    def note(self, node: Node, code: str, found: str, expected: str, hint: str = "", *, at_key: bool = False) -> None:
        """Note a fault at a node, or at its key."""
        mark = node.key_mark if at_key else node.mark
        at = (None, None) if mark is None else (mark.line + 1, mark.column + 1)
        self.note_at(at, code, found, expected, hint, node.keys, self.home(node))

    def note_at(
        self,
        at: tuple[int | None, int | None],
        code: str,
        found: str,
        expected: str,
        hint: str = "",
        keys: tuple[str | int, ...] = (),
        home: Document | None = None,
    ) -> None:
        """Note a fault at a line and column, counted from 1, of this document or of one that was joined to it."""
        line, column = at
        home = home or self
        self.problems.append(
            Problem(
                code=code,
                found=found,
                expected=expected,
                hint=hint,
                keys=keys,
                file=home.name,
                line=line,
                column=column,
                source=home._line(line),
            )
        )

    def _line(self, number: int | None) -> str | None:
        if number is None or self.text is None:
            return None
        if self._lines is None:
            self._lines = re.split(LINE_BREAK, self.text)
        return self._lines[number - 1] if number <= len(self._lines) else ""

    def check(self) -> None:
        """Raise PolicyError where any problem was noted, with all of them in the order of the document."""
        if self.problems:
            # Problems without a place come from mappings, and stay in the order in which they were found.
            self.problems.sort(key=lambda problem: (problem.line or 0, problem.column or 0))
            refuse(self.problems, self.name)

    def close(self) -> None:
        """Cut the tree apart, so that it is freed at once and not by the collector of cycles."""
        nodes = [self.root]
        while nodes:
            node = nodes.pop()
            nodes += node.children
            if node.children:
                node.children = []


def refuse(problems: list[Problem], name: str | None = None, cause: BaseException | None = None) -> NoReturn:
    """Raise PolicyError for these problems."""
    raise PolicyError.of("the policy cannot be used", problems) from cause


def check_doubles(document: Document, node: Node) -> None:
    children = node.children
    if len({child.key for child in children}) == len(children):
        return
    seen: dict[str | int, Node] = {}
    for child in children:
        first = seen.setdefault(child.key, child)
        if first is not child:
            mark = first.key_mark
            hint = f"the first one is in line {mark.line + 1}" if mark is not None else "one is text, the other not"
            document.note(child, "duplicate-key", f"`{child.key}` again", "each key once", hint, at_key=True)


def fill_from_mapping(document: Document, source: Mapping[str, object]) -> None:
    """Fill a document from a Python mapping. Depth and nodes are bounded here too: a mapping can hold itself."""
    root = document.root = Node(MAPPING, None, None, None, "", None)
    root.children = []
    todo: list[tuple[Node, object, int]] = [(root, source, 1)]
    nodes = 0
    while todo:
        node, value, depth = todo.pop()
        if depth > MAX_DEPTH:
            document.note(node, "too-deep", f"more than {MAX_DEPTH} levels", "a flatter document")
            document.check()
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)  # type: ignore[arg-type]
        for key, item in pairs:
            child = _python_node(document, node, key, item)
            if child is None:
                continue
            node.children.append(child)
            if child.kind in (MAPPING, LIST):
                child.children = []
                todo.append((child, item, depth + 1))
        nodes += len(node.children)
        if nodes > MAX_NODES:
            document.note(node, "too-many-nodes", f"more than {MAX_NODES:,} values", "a smaller document")
            document.check()
        if node.kind is MAPPING:
            check_doubles(document, node)


def _python_node(document: Document, parent: Node, key: object, value: object) -> Node | None:
    word = key if parent.kind is LIST and isinstance(key, int) else _python_key(key)
    if word is None or (isinstance(word, str) and (not word or CONTROL.search(word))):
        expected = "a text without control characters as key"
        document.note(parent, "wrong-key", f"the key {show(key)}", expected, yaml_hint(key))
        return None
    kind, plain = SCALAR, value
    if isinstance(value, str):
        plain = value if type(value) is str else str.__str__(value)
        if CONTROL.search(plain):
            kind = BROKEN
    elif isinstance(value, Mapping):
        kind, plain = MAPPING, None
    elif isinstance(value, list | tuple):
        kind, plain = LIST, None
    elif not isinstance(value, _SCALARS) or (isinstance(value, int) and value.bit_length() > _MOST_BITS):
        kind = BROKEN
    node = Node(kind, plain, None, parent, word, None)
    if kind is BROKEN and isinstance(value, str):
        document.note(node, *CONTROL_FAULT)
    elif kind is BROKEN:
        expected = "text, a number of reasonable size, true or false, a date, a list or a mapping"
        document.note(node, "wrong-type", show(value), expected)
    return node


def _python_key(key: object) -> str | None:
    """A key as YAML text would spell it; None where a loader made something of it that no text spells."""
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key) if key.bit_length() <= _MOST_BITS else None
    return key.isoformat() if isinstance(key, date) and not isinstance(key, datetime) else None
