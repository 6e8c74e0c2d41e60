"""Everything that can go wrong, as one tree.

::

    SlaError                          (Exception)  whatever slaclock refuses
    ├── PolicyError                   (ValueError) a policy cannot mean anything; carries every problem
    ├── StateError                    (ValueError) a saved state cannot be read
    ├── PolicyMismatchError           (ValueError) a state was made under another policy
    ├── CalendarError                 (ValueError) a working calendar, or a question to it, cannot mean anything
    │   ├── UnknownZoneError                       no time zone of that name
    │   ├── NeverOpenError                         the working time asked for never comes
    │   └── OutOfRangeError                        the answer lies outside the years 1 to 9999
    ├── EventError                    (ValueError) an event, or a file of events, cannot be taken
    │   ├── NaiveTimeError                         an instant without a zone or an offset
    │   └── LateEventError                         `advance` was given an event from the past
    └── MissingExtraError             (ImportError) an optional package is not installed

Any other exception that leaves slaclock, except `TypeError` for a call with the wrong arguments and `KeyError`
for a name that is not there, is a bug of the library.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

import attrs

__all__ = [
    "CalendarError",
    "EventError",
    "LateEventError",
    "Located",
    "MissingExtraError",
    "NaiveTimeError",
    "NeverOpenError",
    "OutOfRangeError",
    "PolicyError",
    "PolicyMismatchError",
    "Problem",
    "SlaError",
    "StateError",
    "UnknownZoneError",
    "excerpt",
    "nearest",
    "nearest_word",
    "path_text",
    "place_text",
]


_LONGEST_WORD: Final = 80
_MOST_WORDS: Final = 2_000
_WIDEST_LINE: Final = 120


def path_text(keys: Sequence[str | int]) -> str:
    """A path into a document as people write it.

    >>> path_text(("layers", "customer", 0, "when"))
    'layers.customer[0].when'
    """
    text = ""
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        else:
            text += f".{key}" if text else key
    return text


def place_text(file: str | None, line: int | None, column: int | None) -> str:
    """File, line and column as compilers write them; empty where none is known.

    >>> place_text("policy.yaml", 12, 9)
    'policy.yaml:12:9'
    """
    parts = [file] if file is not None else []
    if line is not None:
        parts += [str(line), str(column)] if column is not None else [str(line)]
    return ":".join(parts)


def excerpt(line: str, column: int | None) -> str:
    """The line, or the part of a long one around the column, with a caret below."""
    caret = (column or 1) - 1
    start = max(0, caret - _WIDEST_LINE // 2) if len(line) > _WIDEST_LINE else 0
    part = line[start : start + _WIDEST_LINE]
    before, after = ("..." if start else "", "..." if start + _WIDEST_LINE < len(line) else "")
    text = f"    {before}{part}{after}"
    if column is None:
        return text
    # Tabs stay tabs, so that the caret stands below its character however wide they are shown.
    blank = "".join("\t" if char == "\t" else " " for char in before + line[start:caret])
    return f"{text}\n    {blank}^"


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word nearest to a mistyped one, or nothing.

    >>> nearest("targtes", ["targets", "when"])
    'did you mean `targets`?'
    """
    word = nearest_word(word, known)
    return f"did you mean `{word}`?" if word else ""


def nearest_word(word: str, known: Iterable[str]) -> str:
    """The known word nearest to a mistyped one, or an empty text.

    >>> nearest_word("witin", ["within", "warn"])
    'within'
    """
    # A search through many or long words takes long, and there are documents made to make it take long.
    if len(word) > _LONGEST_WORD:
        return ""
    # Imported here: only faulty input pays for difflib.
    from difflib import get_close_matches

    close = get_close_matches(word, list(islice(known, _MOST_WORDS)), n=1, cutoff=0.6)
    return close[0] if close else ""


class Located:
    """What is said of a place in a document: shown with the place before it and, of a text, the line below."""

    __slots__ = ()

    code: str
    keys: tuple[str | int, ...]
    file: str | None
    line: int | None
    column: int | None
    source: str | None

    @property
    def path(self) -> str:
        """Where in the document, in words: `layers.customer[0].when`."""
        return path_text(self.keys)

    @property
    def place(self) -> str:
        """File, line and column as compilers write them: `policy.yaml:12:9`; empty where none is known."""
        return place_text(self.file, self.line, self.column)

    def _shown(self, sentence: str) -> str:
        where = [part for part in (self.place, self.path) if part]
        text = ": ".join([*where, sentence])
        return text if self.source is None else f"{text}\n{excerpt(self.source, self.column)}"

    def _data(self) -> dict[str, str | int | None]:
        return {"code": self.code, "file": self.file, "line": self.line, "column": self.column, "path": self.path}


@attrs.frozen(kw_only=True)
class Problem(Located):
    """One fault in a document: what was found, what was expected, where, and what to do.

    `code` is a stable word for the kind of fault, `keys` the path to it from the root of the document; `line` and
    `column` count from 1 and are None where the document was no text.

    >>> print(Problem(code="unknown-key", found="`targtes`", expected="a key of a rule", keys=("layers", 0),
    ...               hint="did you mean `targets`?"))
    layers[0]: found `targtes`, expected a key of a rule; did you mean `targets`?
    """

    code: str
    found: str
    expected: str
    hint: str = ""
    keys: tuple[str | int, ...] = ()
    file: str | None = None
    line: int | None = None
    column: int | None = None
    source: str | None = None

    @property
    def sentence(self) -> str:
        """The fault without its place."""
        text = f"found {self.found}, expected {self.expected}"
        return f"{text}; {self.hint}" if self.hint else text

    def __str__(self) -> str:
        return self._shown(self.sentence)

    def to_dict(self) -> dict[str, str | int | None]:
        """The fault as JSON-ready data."""
        return {**self._data(), "found": self.found, "expected": self.expected, "hint": self.hint}


class SlaError(Exception):
    """Whatever slaclock refuses; `problems` lists the single faults where there can be several."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = tuple(problems)

    def __reduce__(self) -> tuple[type[SlaError], tuple[str, tuple[Problem, ...]]]:
        return (type(self), (str(self), self.problems))

    @classmethod
    def of(cls, subject: str, problems: Sequence[Problem]) -> SlaError:
        """An error about `subject` that lists every problem, one below the other."""
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        return cls("\n".join([f"{subject}: {count}", *map(str, problems)]), problems)


class PolicyError(SlaError, ValueError):
    """A policy cannot mean anything; `problems` carries every fault, each with its place."""


class StateError(SlaError, ValueError):
    """A saved state cannot be read; replay the ticket's events instead."""


class PolicyMismatchError(SlaError, ValueError):
    """A state was made under another policy; replay the ticket's events under this one instead."""


class CalendarError(SlaError, ValueError):
    """A working calendar, or a question to it, cannot mean anything."""


class UnknownZoneError(CalendarError):
    """There is no time zone of that name."""


class NeverOpenError(CalendarError):
    """The working time asked for never comes."""


class OutOfRangeError(CalendarError):
    """The answer lies outside the years 1 to 9999."""


class EventError(SlaError, ValueError):
    """An event, or a file of events, cannot be taken."""


class NaiveTimeError(EventError):
    """An instant came without a zone or an offset, so it names no instant."""


class LateEventError(EventError):
    """`advance` was given an event from the past; replay the stored events instead."""


class MissingExtraError(SlaError, ImportError):
    """An optional package is not installed; the text has the line that installs it."""
