"""Several documents as one: the parts of a policy that live in files of their own.

What each key says of joining stands in the table of the format. Nothing said in one document replaces what another
says: whatever may stand once only, and is said twice, is a fault that names both places. Every node keeps the place
and the path that it has in its own document.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from slaclock._fields import Key, Reader, Table
from slaclock._nodes import LIST, MAPPING, Document, Node, refuse
from slaclock._sources import Source
from slaclock.errors import PolicyError, Problem

__all__ = ["Joined", "join", "read"]


class Joined(Document):
    """Documents under one root; a fault is told in the one where it stands."""

    def __init__(self, parts: Sequence[Document]) -> None:
        super().__init__(None, None)
        self.parts = parts
        self.problems = [problem for part in parts for problem in part.problems]
        self._homes: dict[Node, Document] = {part.root: part for part in parts}

    def home(self, node: Node) -> Document:
        place: Node | None = node
        while place is not None and place not in self._homes:
            place = place.parent
        return self if place is None else self._homes[place]

    def where(self, node: Node) -> str:
        home = self.home(node)
        mark = node.key_mark or node.mark
        return f"in {home.name}" if mark is None else f"in {home.name}:{mark.line + 1}:{mark.column + 1}"

    def take(self, node: Node, parent: Node) -> None:
        """Put a node below another, of whatever document that is."""
        self._homes[node] = self.home(node)
        node.parent = parent
        parent.children.append(node)

    def merge(self, nodes: Sequence[Node], parent: Node) -> Node:
        """An empty node below `parent` in the place of the first of several of one kind."""
        first = nodes[0]
        node = Node(first.kind, None, first.mark, parent, first.key, first.key_mark)
        node.children = []
        self._homes[node] = self.home(first)
        parent.children.append(node)
        return node

    def rooted(self) -> Node:
        """An empty root, in the place of the first document's."""
        root = Node(MAPPING, None, self.parts[0].root.mark, None, "", None)
        root.children = []
        self._homes[root] = self.parts[0]
        return root

    def check(self) -> None:
        order = {part.name: number for number, part in enumerate(self.parts)}
        # Sorting keeps the order of what is alike, and the check sorts by line and column.
        if self.problems:
            self.problems.sort(key=lambda problem: (order[problem.file], problem.line or 0, problem.column or 0))
            refuse(self.problems)

    def close(self) -> None:
        super().close()
        for part in self.parts:
            part.root.children = []


def read(source: Source | Iterable[Source]) -> Document:
    """The document of a source, or of several a `Joined`, whose root `join` makes.

    Raises PolicyError with the problems of all of them where one cannot be read at all, and where there is none.
    """
    # Imported here: it brings YAML along.
    from slaclock._document import read_document

    one = isinstance(source, str | bytes | os.PathLike | Mapping) or hasattr(source, "read")
    if one or not isinstance(source, Iterable):
        return read_document(cast(Source, source))
    documents: list[Document] = []
    problems: list[Problem] = []
    broken = False
    for number, part in enumerate(source, 1):
        try:
            document = read_document(part, f"<policy {number}>")
        except PolicyError as error:
            problems += error.problems
            broken = True
        else:
            documents.append(document)
            problems += document.problems
    if not documents and not broken:
        problems = [Problem(code="empty", found="no files at all", expected="one policy file, or several")]
    if broken or not documents:
        refuse(problems)
    return Joined(documents)


def join(reader: Reader, joined: Joined, table: Table, hint: str = "") -> Node:
    """Join the documents by the table of their keys, under a new root; faults are noted.

    Raises PolicyError where none of them is a mapping: what is missing then is no fault of its own.
    """
    roots = [part.root for part in joined.parts if table.check(reader, part.root, hint)]
    if not roots:
        joined.check()
    root = joined.root = joined.rooted()
    said: dict[str | int, list[Node]] = {}
    for child in (child for found in roots for child in found.children):
        said.setdefault(child.key, []).append(child)
    for name, nodes in said.items():
        key = table.keys.get(str(name))
        if key is None or key.joins in ("once", "agree"):
            if key is not None and key.joins == "once":
                _note_doubles(joined, nodes)
            for node in nodes:
                joined.take(node, root)
        else:
            _join_names(joined, key, nodes, root)
    return root


def _join_names(joined: Joined, key: Key[object], nodes: list[Node], root: Node) -> None:
    """Join mappings: names that they share are faults, or lists that are joined themselves."""
    mappings = _apart(joined, nodes, MAPPING, root)
    if not mappings:
        return
    whole = joined.merge(mappings, root)
    said: dict[str | int, list[Node]] = {}
    for child in (child for mapping in mappings for child in mapping.children):
        said.setdefault(child.key, []).append(child)
    for children in said.values():
        if key.joins == "names" or len(children) == 1:
            _note_doubles(joined, children)
            for child in children:
                joined.take(child, whole)
            continue
        lists = _apart(joined, children, LIST, whole)
        if lists:
            members = joined.merge(lists, whole)
            for member in (member for found in lists for member in found.children):
                joined.take(member, members)


def _apart(joined: Joined, nodes: list[Node], kind: str, parent: Node) -> list[Node]:
    """Those of a kind; the others go below `parent` as they are, to be refused where they are read."""
    for node in nodes:
        if node.kind is not kind:
            joined.take(node, parent)
    return [node for node in nodes if node.kind is kind]


def _note_doubles(joined: Joined, nodes: list[Node]) -> None:
    """Note what is said in several documents; doubles in one of them have been noted already."""
    homes: dict[Document, Node] = {}
    for node in nodes:
        homes.setdefault(joined.home(node), node)
    first, *others = homes.values()
    for node in others:
        hint = f"the first one is {joined.where(first)}"
        joined.note(node, "duplicate-key", f"`{node.key}` again", "it once in all the files", hint, at_key=True)
