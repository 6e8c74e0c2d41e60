"""Plain data as YAML text that people like to read: what is small on one line, what is large line by line.

Texts are quoted where some reader of YAML, old or new, would take them for something else: `no`, `16:00`, `1e3`. So the
text means the same to every loader. Dates are written plain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

__all__ = ["Tall", "TallList", "yaml_text"]

_WIDTH: Final = 120
# Beyond 1,024 characters YAML asks for a `?` before a key.
_LONGEST_KEY: Final = 1_000
_PLAIN: Final = re.compile(r"(?:\w|[+-](?=\w))(?:[\w ./+%()'&=;$^~-]*[\w./+%()'&=;$^~-])?")
_ODD: Final = re.compile(
    r"null|true|false|yes|no|on|off|y|n"
    r"|[-+]?(0b[01_]+|0o?[0-7_]+|0x[0-9a-f_]+|[0-9][0-9_]*(\.[0-9_]*)?(e[-+]?[0-9]+)?)"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([t ].*)?",
    re.IGNORECASE,
)
_ESCAPED: Final = re.compile('["\\\\\t\n\r\x85\u2028\u2029]')
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x85": "\\N", "\u2028": "\\L",
                   "\u2029": "\\P"}  # fmt: skip


class Tall(dict[str, Any]):
    """A mapping of which each key has a line of its own, however short it is."""


class TallList(list[Any]):
    """A list of which each member has a line of its own, however short it is."""


def yaml_text(data: Mapping[str, Any]) -> str:
    """The text of a mapping of texts, whole numbers, bools, dates, lists and mappings.

    >>> print(yaml_text({"name": "no", "at": "16:00", "hours": {"mon-fri": ["09:00-12:00", "all day"]}}), end="")
    name: "no"
    at: "16:00"
    hours: {mon-fri: ["09:00-12:00", all day]}
    """
    return "".join(f"{line}\n" for line in _mapping(data, ""))


def _mapping(data: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in data.items():
        head = _scalar(key)
        if len(head) > _LONGEST_KEY:
            yield f"{indent}? {head}"
            yield f"{indent}: {_flow(value)}"
        else:
            yield from _value(f"{indent}{head}:", value, f"{indent}  ")


def _items(data: list[Any], indent: str) -> Iterator[str]:
    for item in data:
        if isinstance(item, Mapping) and item and (isinstance(item, Tall) or not _fits(item, len(indent) + 2)):
            lines = _mapping(item, f"{indent}  ")
            first = next(lines)
            yield f"{indent}- {first.removeprefix(f'{indent}  ')}"
            yield from lines
        else:
            yield from _value(f"{indent}-", item, f"{indent}  ")


def _value(head: str, value: object, indent: str) -> Iterator[str]:
    """What stands after a key or a dash: on its line where there is room, else below it."""
    tall = isinstance(value, Tall | TallList)
    if not value or not isinstance(value, Mapping | list) or (not tall and _fits(value, len(head) + 1)):
        yield f"{head} {_flow(value)}"
    else:
        yield head
        yield from _mapping(value, indent) if isinstance(value, Mapping) else _items(value, indent)


def _fits(value: object, taken: int) -> bool:
    return len(_flow(value)) <= _WIDTH - taken


def _flow(value: object) -> str:
    """A value on one line."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_flow_key(key)}: {_flow(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return _scalar(value)


def _flow_key(key: str) -> str:
    head = _scalar(key)
    return head if len(head) <= _LONGEST_KEY else f"? {head} "


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if isinstance(value, int) or (_PLAIN.fullmatch(text) and not _ODD.fullmatch(text)):
        return text
    return f'"{_ESCAPED.sub(lambda found: _ESCAPES[found[0]], text)}"'
