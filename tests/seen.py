"""Files as a JSON Schema sees them: their nodes as JSON-ready data."""

from __future__ import annotations

import io
from typing import Any

from slaclock._document import read_document
from slaclock._nodes import BROKEN, LIST, MAPPING, Node


def seen(text: str) -> Any:
    """The data of a text: scalars as they are written, but `true`, `false` and nothing, where they have no quotes."""
    document = read_document(io.StringIO(text))
    document.check()
    return plain(document.root)


def plain(node: Node) -> Any:
    assert node.kind is not BROKEN
    if node.kind is MAPPING:
        return {str(child.key): plain(child) for child in node.children}
    if node.kind is LIST:
        return [plain(child) for child in node.children]
    return node.value == "true" if node.plain and node.value in ("true", "false") else node.value
