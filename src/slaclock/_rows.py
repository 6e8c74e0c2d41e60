"""Files of rows as they come: opened, decoded, cut into CSV records or JSON Lines, each with its line number.

Nothing here knows what a row means. What cannot be a row is handed on as a `Problem` in its place, so that the reader
above can list every fault of a file, or leave the faulty rows out and go on. Only what spoils the whole file (it cannot
be read, or its header makes no sense) is raised.

Memory stays bounded whatever comes: a line and a record may have a million characters, and what is longer is skipped
in pieces. A line of more than ten million is taken for one without an end, which no file of events has, and spoils it.
"""

from __future__ import annotations

import io
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Final, Never, TypeAlias, cast

import attrs

from slaclock.errors import EventError, Problem

__all__ = ["MAX_CHARS", "Header", "Row", "Source", "name_of", "read_rows"]

MAX_CHARS: Final = 1_000_000
_ENDLESS: Final = 10 * MAX_CHARS
_BROKEN: Final = re.compile("[\udc80-\udcff]")
_A_FILE: Final = "the path of a file of events, CSV or JSON Lines"
_FORMATS: Final = {".csv": "csv", ".jsonl": "json", ".ndjson": "json", ".json": "json"}

Source: TypeAlias = str | os.PathLike[str] | IO[str] | IO[bytes]
"""Where rows come from: a path (`.gz` is unpacked), or a stream of text or bytes."""


@attrs.frozen
class Row:
    """A row that could be read: `number` counts rows from 1, `line` is where it begins, from 1."""

    number: int
    line: int
    values: Mapping[str, object]


@attrs.frozen
class Header:
    """The columns of a CSV file, in order; one without a name is empty text."""

    columns: tuple[str, ...]


def name_of(source: Source) -> str | None:
    """What to call the source in messages; None for a stream without a name."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else None


def read_rows(source: Source) -> Iterator[Header | Row | Problem]:
    """The rows of a CSV or JSON Lines source, faulty ones as problems, in order; first the header of a CSV file.

    The ending of the name tells the format, else the first character does: `{` begins JSON Lines.
    Raises EventError where the source cannot be read, or where its header is faulty.
    """
    import zlib

    name = name_of(source)
    try:
        with ExitStack() as stack:
            lines = _Lines(_opened(source, stack), name)
            yield from _csv_rows(lines) if _is_csv(lines) else _json_rows(lines)
    except UnicodeDecodeError as error:
        found = f"the bytes {error.object[error.start : error.start + 4]!r}"
        hint = "open the stream with the encoding that it has, or give the path"
        _refuse(Problem(code="not-text", found=found, expected=f"text in {error.encoding}", hint=hint, file=name))
    except FileNotFoundError:
        hint = "" if name is None else f"looked in {Path(name).resolve().parent}"
        _refuse(Problem(code="unreadable", found="no such file", expected=_A_FILE, hint=hint, file=name))
    except IsADirectoryError:
        hint = "name a file in it"
        _refuse(Problem(code="unreadable", found="a directory", expected=_A_FILE, hint=hint, file=name))
    except (OSError, EOFError, zlib.error) as error:
        found = getattr(error, "strerror", None) or str(error)
        _refuse(Problem(code="unreadable", found=f"`{found}`", expected="a file that can be read", file=name))


def _refuse(*problems: Problem) -> Never:
    raise EventError.of("the events cannot be read", problems) from None


def _opened(source: Source, stack: ExitStack) -> IO[str]:
    try:
        return _text_of(source, stack)
    except ValueError as error:  # A path with a null character, a stream that is closed.
        raise OSError(str(error)) from error


def _text_of(source: Source, stack: ExitStack) -> IO[str]:
    """The source as a stream of text; what is opened here is closed with the stack, what was given stays open."""
    if isinstance(source, str | os.PathLike):
        # Imported here, as csv and zlib are: who imports slaclock need not pay for file formats.
        import gzip

        path = Path(source)
        raw: IO[bytes] = stack.enter_context(path.open("rb"))
        if path.suffix.lower() == ".gz":
            raw = stack.enter_context(cast("IO[bytes]", gzip.GzipFile(fileobj=raw)))
    elif not hasattr(source, "read"):
        msg = f"events are read from a path or a stream, not from {type(source).__name__}"
        raise TypeError(msg)
    elif isinstance(source.read(0), str):
        return source  # type: ignore[return-value]
    else:
        raw = source  # type: ignore[assignment]
    # Broken bytes are smuggled through as lone surrogates, so that they are a fault of their line, not of the file.
    text = io.TextIOWrapper(raw, encoding="utf-8", errors="surrogateescape", newline="")
    stack.callback(text.detach)
    return text


class _TooLong(Exception):
    """A record has outgrown what a record may hold."""


class _Lines:
    """The lines of a stream, counted and bounded; a faulty one is noted and reads as an empty line."""

    def __init__(self, stream: IO[str], name: str | None) -> None:
        self.stream = stream
        self.name = name
        self.number = 0
        self.record = 0
        self.faults: list[Problem] = []
        self._ahead: str | None = None

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        """The next line with its end. Raises _TooLong in a record that has grown too long."""
        if self.record > MAX_CHARS:
            raise _TooLong
        line = self.peek()
        self._ahead = None
        if not line:
            raise StopIteration
        self.number += 1
        self.record += len(line)
        return self._checked(line)

    def peek(self) -> str:
        """The next line without taking it; empty at the end."""
        if self._ahead is None:
            self._ahead = self.stream.readline(MAX_CHARS + 1)
            if self.number == 0:
                self._ahead = self._ahead.removeprefix("\ufeff")
        return self._ahead

    def begin(self) -> None:
        """Forget what was noted for the record before."""
        self.record = 0
        self.faults = []

    def problem(self, found: str, expected: str, hint: str = "", line: int | None = None, code: str = "row") -> Problem:
        at = self.number if line is None else line
        return Problem(code=code, found=found, expected=expected, hint=hint, file=self.name, line=at)

    def _checked(self, line: str) -> str:
        if len(line) > MAX_CHARS:
            self._skip(line)
            self.faults.append(self.problem("a longer line", f"at most {MAX_CHARS:,} characters", code="too-long"))
        elif "\0" in line:
            self.faults.append(self.problem("a NUL byte", "text", "is this a text file, in UTF-8?", code="not-text"))
        elif not line.isascii() and (broken := _BROKEN.search(line)):
            byte = f"the byte 0x{ord(broken.group()) - 0xDC00:02X}"
            self.faults.append(self.problem(byte, "UTF-8", "save the file as UTF-8", code="not-text"))
        else:
            return line
        return "\n"

    def _skip(self, line: str) -> None:
        """Take the rest of a line that is too long; raises EventError where it has no end."""
        length, rest = len(line), line
        while rest and not rest.endswith(("\n", "\r")):
            if length > _ENDLESS:
                found = f"a line that does not end after {_ENDLESS:,} characters"
                _refuse(self.problem(found, "an event on each line", "is this a file of events?", code="endless"))
            rest = self.stream.readline(MAX_CHARS)
            length += len(rest)


def _is_csv(lines: _Lines) -> bool:
    suffixes = [suffix.lower() for suffix in Path(lines.name or "").suffixes[-2:]]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    known = _FORMATS.get(suffixes[-1]) if suffixes else None
    return known == "csv" if known else lines.peek().lstrip()[:1] not in ("{", "[", "")


# ---------------------------------------------------------------------------------------------------------------- CSV


def _csv_rows(lines: _Lines) -> Iterator[Header | Row | Problem]:
    records = _csv_records(lines)
    header = next(records, None)
    if header is None:
        _refuse(lines.problem("an empty file", "a header line such as `ticket,at,event`", line=1, code="header"))
    if isinstance(header, Problem):
        _refuse(header)
    columns = _header(header[1], lines)
    yield Header(columns)
    number = 0
    for record in records:
        number += 1
        if isinstance(record, Problem):
            yield record
            continue
        line, cells = record
        if len(cells) != len(columns):
            hint = "a cell with a comma in it needs quotes" if len(cells) > len(columns) else ""
            found = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            yield lines.problem(found, f"{len(columns)}, as in the header", hint, line)
            continue
        values = {column: cell for column, cell in zip(columns, cells, strict=True) if cell}
        if "" in values:
            yield lines.problem(f"{values['']!r}", "nothing in a column without a name", line=line)
        else:
            yield Row(number, line, values)


def _csv_records(lines: _Lines) -> Iterator[tuple[int, list[str]] | Problem]:
    """Records that hold anything, each with the line on which it begins."""
    import csv

    reader = csv.reader(lines, strict=True)
    while True:
        lines.begin()
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooLong) as error:
            yield _torn(lines, line, str(error))
            continue
        if lines.faults:
            yield lines.faults[0]
        elif any(cells):
            yield line, cells


def _torn(lines: _Lines, line: int, told: str) -> Problem:
    through = f", which goes on to line {lines.number}" if lines.number > line else ""
    what = f"a record that cannot be cut into cells ({told})" if told else "an endless record"
    expected = "cells separated by commas, quotes doubled inside quotes"
    return lines.problem(f"{what}{through}", expected, "is a quote left open?", line, code="torn")


_SEPARATORS: Final = {";": "semicolons", "\t": "tabs", "|": "bars"}


def _header(cells: list[str], lines: _Lines) -> tuple[str, ...]:
    columns = tuple(cell.strip() for cell in cells)
    problems = [
        lines.problem(f"the column `{column}` twice", "each column once", line=1, code="header")
        for column in dict.fromkeys(columns)
        if column and columns.count(column) > 1
    ]
    wrong = next((mark for mark in _SEPARATORS if mark in columns[0]), None) if len(columns) == 1 else None
    if wrong is not None:
        hint = f"these are separated by {_SEPARATORS[wrong]}: save the file with commas, as `CSV (comma delimited)`"
        problems.append(lines.problem(f"{columns[0]!r}", "columns separated by commas", hint, line=1, code="header"))
    if problems:
        _refuse(*problems)
    return columns


# --------------------------------------------------------------------------------------------------------- JSON Lines


class _Refused(ValueError):
    """A JSON text that json would take and we do not; `found` and `expected` of the problem."""


def _json_rows(lines: _Lines) -> Iterator[Row | Problem]:
    number = 0
    while lines.peek():
        lines.begin()
        line = next(lines)
        if lines.faults:
            number += 1
            yield lines.faults[0]
        elif line.strip():
            number += 1
            yield _json_row(line, number, lines)


def _json_row(line: str, number: int, lines: _Lines) -> Row | Problem:
    expected = "a JSON object"
    try:
        values = json.loads(line, object_pairs_hook=_once, parse_constant=_no_constant)
    except _Refused as error:
        return lines.problem(str(error.args[0]), str(error.args[1]), code="json")
    except json.JSONDecodeError as error:
        text = line.rstrip("\r\n")
        problem = lines.problem(f"no JSON here ({error.msg.lower()})", expected, _one_a_line(line), code="json")
        column = min(error.colno, len(text) + 1)
        return attrs.evolve(problem, column=column, source=text if len(text) <= 100 and text.isprintable() else None)
    except RecursionError:
        return lines.problem("values nested too deep", "fields of text, numbers, true, false, null, lists", code="json")
    except ValueError:  # What json does not catch itself: whole numbers of thousands of digits.
        return lines.problem("a number of too many digits", "a number that fits", code="json")
    if not isinstance(values, dict):
        shown = f"{type(values).__name__} {str(values)[:40]!r}"
        return lines.problem(shown, expected, _one_a_line(line), code="json")
    if "\\" in line and not _speakable(values):
        return lines.problem("half of a surrogate pair", "text", code="not-text")
    return Row(number, lines.number, values)


def _one_a_line(line: str) -> str:
    broken = line.strip() in ("{", "[") or line.lstrip().startswith("[")
    return "one object on each line, and no list around them" if broken else ""


def _speakable(value: object) -> bool:
    """Whether all text in a value can be written again: an escape can smuggle half a character in."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(f"the key `{twice}` twice", "each key once")
    return values


def _no_constant(text: str) -> Never:
    raise _Refused(text, "a finite number")
