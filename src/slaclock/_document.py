"""A document as a tree of located nodes, and nothing else: what the text says, where, without guessing types.

YAML's own constructors read `16:00` as 960 and `no` as false; here scalars stay the text that was written, and the
reader above decides by the place where they stand. The tree is built from the parser's events, without recursion, and
everything that a hostile document could inflate is bounded on the way: size, depth, nodes, and what aliases repeat.
A Python mapping, which may carry what some loader made of YAML, becomes the same kind of tree, without positions.

Left out of YAML on purpose: tags, directives, merge keys (`<<`), keys that are not plain text, several documents in a
file. Anchors and aliases are read: an alias repeats a whole value.

This is the only module that imports yaml, and it does so when a text is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

from slaclock._nodes import (
    BROKEN,
    CONTROL,
    CONTROL_FAULT,
    LINE_BREAK,
    LIST,
    MAPPING,
    MAX_DEPTH,
    MAX_NODES,
    SCALAR,
    Document,
    Mark,
    Node,
    check_doubles,
    fill_from_mapping,
)
from slaclock._reading import show
from slaclock._sources import Source, read_text
from slaclock.errors import nearest

if TYPE_CHECKING:
    from yaml import YAMLError

__all__ = ["read_document"]

MAX_ALIAS_NODES: Final = 1_000
_MOST_HINTS: Final = 20

_NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))
_DIRECTIVE: Final = re.compile(r"^%.*", re.MULTILINE)


def read_document(source: Source, nameless: str | None = None) -> Document:
    """The document of a path, a text stream or a mapping; `nameless` is what to call one that has no name.

    Raises PolicyError where it cannot be read at all; faults of single nodes are left in `problems`.

    >>> document = read_document({"name": "Acme", "hours": [960]})
    >>> [(child.key, child.shown) for child in document.root.children]
    [('name', '`Acme`'), ('hours', 'a list')]
    """
    if isinstance(source, Mapping):
        document = Document(nameless, None)
        fill_from_mapping(document, source)
        return document
    name, text = read_text(source, nameless)
    document = Document(name, text)
    _check_text(document, text)
    _Composer(document, text).compose()
    return document


def _check_text(document: Document, text: str) -> None:
    """Refuse what no document may contain, before any parser sees it."""
    bad = CONTROL.search(text)
    if bad is not None:
        hint = "take it out" if bad[0] != "\0" else "is the file UTF-16, or no text at all?"
        document.note_at(
            _place(text, bad.start()), "control-character", f"the character U+{ord(bad[0]):04X}", "printable text", hint
        )
    # Each `%TAG` line is compared with all before it; and none has a meaning here.
    line = _DIRECTIVE.search(text)
    if line is not None:
        document.note_at(
            _place(text, line.start()), "directive", show(line[0]), "no YAML directive",
            "leave the line out, or indent it if it belongs to a text",
        )  # fmt: skip
    document.check()


def _place(text: str, offset: int) -> tuple[int, int]:
    before = re.split(LINE_BREAK, text[:offset])
    return len(before), len(before[-1]) + 1


def _place_of(mark: Mark | None) -> tuple[int | None, int | None]:
    return (None, None) if mark is None else (mark.line + 1, mark.column + 1)


class _Stop(Exception):
    """The document cannot be read further; its fault has been noted."""


class _Composer:
    """Events in, nodes out."""

    def __init__(self, document: Document, text: str) -> None:
        self.document = document
        self.text = text
        # Only escapes can bring control characters into a text that has been checked.
        self.escapes = "\\" in text
        self.at: Node | None = None
        # The key that waits for its value in the mapping at hand; None where a key is due, _DROPPED after a faulty one.
        self.key: str | None = None
        self.key_mark: Mark | None = None
        self.anchors: dict[str, Node] = {}
        self.depth = 0
        self.nodes = 0
        self.repeated = 0
        self.documents = 0

    def compose(self) -> None:
        """Read all events; raises PolicyError where the text is no YAML, is empty, or exceeds a bound."""
        import yaml

        try:
            self._run(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        except _Stop:
            self.document.check()
        except yaml.YAMLError as error:
            # The parser in C looks ahead, and may meet a bound of its own before ours.
            if "maximum nesting" in str(getattr(error, "problem", "")):
                at = _place_of(getattr(error, "problem_mark", None))
                self.document.note_at(at, "too-deep", f"more than {MAX_DEPTH} levels", "a flatter document")
                self.document.check()
            self._syntax(_worded(self.text, error))
        except (ValueError, OverflowError):  # The pure parser hands impossible escapes on to chr().
            self.document.note_at((None, None), "syntax", "an escape that names no character", "a YAML document")
            self.document.check()
        root = self.document.root
        if not self.documents or (root.kind == SCALAR and root.value is None):
            self.document.note_at((1, 1), "empty", "an empty document", "a policy", "begin with `slaclock: 1`")
            self.document.check()

    def _run(self, parser_type: Callable[[str], Any]) -> None:
        import yaml

        take: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._open_mapping,
            yaml.SequenceStartEvent: self._open_list,
            yaml.MappingEndEvent: self._close,
            yaml.SequenceEndEvent: self._close,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._document,
        }
        next_event = parser_type(self.text).get_event
        while (event := next_event()) is not None:
            handle = take.get(type(event))
            if handle is not None:
                handle(event)

    def _stop(self, mark: Mark, code: str, found: str, expected: str, hint: str = "") -> NoReturn:
        self._note(mark, code, found, expected, hint)
        raise _Stop

    def _note(self, mark: Mark, code: str, found: str, expected: str, hint: str = "") -> None:
        at = self.at
        keys: tuple[str | int, ...] = () if at is None else at.keys
        if at is not None and at.kind is MAPPING and self.key:
            keys = (*keys, self.key)
        self.document.note_at((mark.line + 1, mark.column + 1), code, found, expected, hint, keys)

    def _syntax(self, error: YAMLError) -> None:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        found = getattr(error, "problem", None) or str(error)
        context = getattr(error, "context", None)
        hint = _syntax_hint(self.text, mark.line, mark.column) if mark is not None else ""
        at = _place_of(mark)
        found = f"{found} ({context})" if context else found
        self.document.note_at(at, "syntax", f"broken YAML: {found.removeprefix('found ')}", "a YAML document", hint)
        self.document.check()

    def _document(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self._stop(event.start_mark, "several-documents", "a second document", "one document in a file",
                       "give each policy a file of its own")  # fmt: skip

    def _scalar(self, event: Any) -> None:
        text = event.value
        mark = event.start_mark
        plain = not event.style
        at = self.at
        if at is not None and at.kind is MAPPING and self.key is None:
            self._key(event, text, mark, plain)
            return
        node = self._attach(SCALAR, mark)
        node.value = text
        if plain:
            node.plain = True
            if text in _NULLS:
                node.value = None
        if event.tag is not None:
            self._tag(event)
            node.kind = BROKEN
        elif self.escapes and CONTROL.search(text):
            self.document.note(node, *CONTROL_FAULT)
            node.kind = BROKEN
        if event.anchor is not None:
            self._anchor(event, node)

    def _key(self, event: Any, text: str, mark: Mark, plain: bool) -> None:
        self.key, self.key_mark = text, mark
        if event.tag is not None:
            self._tag(event)
        elif plain and text == "<<":
            hint = "write the keys out; an alias can only repeat a whole value"
            self._note(mark, "merge-key", "a merge key `<<`", "keys that are written out", hint)
            self.key = _DROPPED
        elif not text or (plain and text in _NULLS):
            self._note(mark, "wrong-key", "no key" if not text else f"`{text}`", "a key", "quote it, if it is a name")
            self.key = _DROPPED
        elif self.escapes and CONTROL.search(text):
            self.key = ""
            self._note(mark, *CONTROL_FAULT)
            self.key = _DROPPED
        if event.anchor is not None:
            self._anchor(event, Node(SCALAR, text, mark, None, "", None))

    def _attach(self, kind: str, mark: Mark | None) -> Node:
        """A new node in its place; the key that waited for it is used up."""
        at = self.at
        self.nodes += 1
        if at is None:
            node = self.document.root = Node(kind, None, mark, None, "", None)
        elif at.kind is MAPPING:
            node = Node(kind, None, mark, at, self.key or "", self.key_mark)
            if self.key is not _DROPPED:
                at.children.append(node)
            self.key = None
        else:
            node = Node(kind, None, mark, at, len(at.children), mark)
            at.children.append(node)
        if self.nodes > MAX_NODES:
            assert mark is not None
            self._stop(mark, "too-many-nodes", f"more than {MAX_NODES:,} values", "a smaller document")
        return node

    def _open_mapping(self, event: Any) -> None:
        self._open(event, MAPPING)

    def _open_list(self, event: Any) -> None:
        self._open(event, LIST)

    def _open(self, event: Any, kind: str) -> None:
        mark = event.start_mark
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self._stop(mark, "too-deep", f"more than {MAX_DEPTH} levels", "a flatter document")
        if event.tag is not None:
            self._tag(event)
        if self.at is not None and self.at.kind is MAPPING and self.key is None:
            self._note(mark, "wrong-key", f"a {kind} as a key", "a text as key", "is a bracket or a brace left over?")
            node = Node(BROKEN, None, mark, self.at, "", None)
            node.children = []
        else:
            node = self._attach(kind, mark)
            node.children = []
        if event.anchor is not None:
            self._anchor(event, node)
        self.at = node
        self.key = None

    def _close(self, event: Any) -> None:
        node = self.at
        assert node is not None
        self.depth -= 1
        self.at = node.parent
        # Only a mapping or list that stands for a key is broken: drop its value too.
        self.key = _DROPPED if node.kind is BROKEN and self.at is not None and self.at.kind is MAPPING else None
        if node.kind is MAPPING:
            check_doubles(self.document, node)

    def _tag(self, event: Any) -> None:
        hint = "leave the tag out; quote what is to be text"
        self._note(event.start_mark, "tag", show(event.tag), "a value without a YAML tag", hint)

    def _anchor(self, event: Any, node: Node) -> None:
        if event.anchor in self.anchors:
            hint = "give each anchor a name of its own"
            self._note(event.start_mark, "duplicate-anchor", show(f"&{event.anchor}"), "an anchor not used yet", hint)
        self.anchors[event.anchor] = node

    def _alias(self, event: Any) -> None:
        mark = event.start_mark
        name = event.anchor
        if self.at is not None and self.at.kind is MAPPING and self.key is None:
            self._note(mark, "wrong-key", show(f"*{name}"), "a text as key", "write the key out")
            self.key = _DROPPED
            return
        source = self.anchors.get(name)
        found = show(f"*{name}")
        if source is None:
            # Each hint costs a search, and there are documents made to make it long.
            hint = nearest(name, self.anchors) if len(self.document.problems) < _MOST_HINTS else ""
            self._note(mark, "unknown-alias", found, "the name of an anchor above", hint)
        elif self._holds(source):
            self._note(mark, "alias-loop", found, "a value that does not contain itself", "write the value out")
        else:
            self._repeat(source, mark)
            return
        self._attach(BROKEN, mark)

    def _holds(self, node: Node) -> bool:
        at = self.at
        while at is not None and at is not node:
            at = at.parent
        return at is node

    def _repeat(self, source: Node, mark: Mark) -> None:
        """Copy what the alias repeats to its place, so that every node has one path; positions stay the anchor's."""
        top = self._attach(source.kind, source.mark)
        todo = [(source, top, self.depth)]
        while todo:
            old, new, depth = todo.pop()
            self.repeated += 1
            if self.repeated > MAX_ALIAS_NODES:
                self._stop(mark, "too-many-aliases", f"aliases that repeat more than {MAX_ALIAS_NODES:,} values",
                           "a smaller document", "write the values out")  # fmt: skip
            new.value, new.plain = old.value, old.plain
            if old.kind is SCALAR:
                continue
            if depth + 1 > MAX_DEPTH:
                self._stop(mark, "too-deep", f"more than {MAX_DEPTH} levels", "a flatter document")
            new.children = [Node(n.kind, None, n.mark, new, n.key, n.key_mark) for n in old.children]
            todo += zip(old.children, new.children, [depth + 1] * len(new.children), strict=True)


_DROPPED: Final = ""


def _worded(text: str, error: YAMLError) -> YAMLError:
    """The same syntax error in the words of the pure parser, which names what it met; long texts are not read again."""
    import yaml

    if len(text) <= 100_000:
        try:
            depth = 0
            for event in yaml.parse(text, yaml.SafeLoader):
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth > MAX_DEPTH:  # Each level costs the pure parser a look at all before it.
                    break
        except yaml.YAMLError as better:
            return better
        except (ValueError, OverflowError):
            pass
    return error


def _syntax_hint(text: str, line: int, column: int) -> str:
    lines = re.split(LINE_BREAK, text)
    rest = lines[line][column:] if line < len(lines) else ""
    if rest.startswith("\t"):
        return "indent with spaces: YAML takes no tabs there"
    if rest[:1] in ("@", "`", "%"):
        return f"quote a text that begins with `{rest[0]}`" if rest[0] != "`" else "quote a text that begins so"
    if rest.startswith(":"):
        return "quote a text that contains `: `, and mind the indentation"
    return "look for a missing quote, bracket or indentation at or above this line"
