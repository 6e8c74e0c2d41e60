"""Where the text of a document comes from: a path or a stream, read once, bounded, and decoded.

Whatever stands in the way is a PolicyError with one problem that says what to do.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final, NoReturn, TypeAlias

from slaclock._nodes import refuse
from slaclock._reading import show
from slaclock.errors import Problem

__all__ = ["MAX_BYTES", "Source", "read_text"]

MAX_BYTES: Final = 10_000_000

Source: TypeAlias = str | os.PathLike[str] | IO[str] | Mapping[str, object]
"""Where a document comes from: a path, an open text stream, or a mapping that is the document itself."""


def read_text(source: str | os.PathLike[str] | IO[str], nameless: str | None = None) -> tuple[str | None, str]:
    """The name and the text of a path or a stream, without a byte order mark; a stream may have no name.

    Raises PolicyError where it cannot be read, is no text, or is longer than `MAX_BYTES`; TypeError for anything else.
    """
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        return path, _text_of_path(path).removeprefix("\ufeff")
    if not hasattr(source, "read"):
        msg = f"a policy is read from a path, an open text stream or a mapping, not from {type(source).__name__}"
        raise TypeError(msg)
    given = getattr(source, "name", None)
    name = given if isinstance(given, str) else nameless
    return name, _text_of_stream(source, name).removeprefix("\ufeff")


def _unreadable(name: str | None, found: str, expected: str, hint: str, cause: BaseException | None) -> NoReturn:
    refuse([Problem(code="unreadable", found=found, expected=expected, hint=hint, file=name)], name, cause)


def _text_of_path(path: str) -> str:
    expected = "the path of a policy file"
    text_hint = "to give the text itself, wrap it: load_policy(io.StringIO(text))"
    if "\n" in path or "\0" in path:
        _unreadable(None, show(path), expected, text_hint, None)
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        hint = text_hint if ": " in path or "{" in path else f"looked in {Path(path).resolve().parent}"
        _unreadable(path, "no such file", expected, hint, error)
    except IsADirectoryError as error:
        _unreadable(path, "a directory", expected, "name a file in it", error)
    except (OSError, ValueError) as error:
        found = getattr(error, "strerror", None) or str(error)
        _unreadable(path, f"`{found}`", "a file that can be read", "", error)
    if len(data) > MAX_BYTES:
        _too_large(path)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{data[error.start]:02x}"
        hint = "save the file as UTF-8"
        refuse([Problem(code="not-utf8", found=found, expected="text in UTF-8", hint=hint, file=path, line=line)], path,
               error)  # fmt: skip


def _text_of_stream(stream: IO[str], name: str | None) -> str:
    try:
        data: object = stream.read(MAX_BYTES + 1)
        text = data.decode("utf-8") if isinstance(data, bytes) else data
    except UnicodeDecodeError as error:
        hint = "open the stream with the encoding that the file has"
        found = f"the byte 0x{error.object[error.start]:02x}"
        refuse([Problem(code="not-utf8", found=found, expected="text", hint=hint, file=name)], name, error)
    except (OSError, ValueError) as error:
        _unreadable(name, f"`{error}`", "a stream that can be read", "", error)
    if not isinstance(text, str):
        msg = f"a policy is read from a text stream; this one gives {type(text).__name__}"
        raise TypeError(msg)
    if len(text) > MAX_BYTES:
        _too_large(name)
    return text


def _too_large(name: str | None) -> NoReturn:
    expected = f"at most {MAX_BYTES // 1_000_000} MB"
    refuse([Problem(code="too-large", found="a longer text", expected=expected, file=name)], name)
