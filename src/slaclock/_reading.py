"""Reading loose data that people wrote: collecting every fault, and showing what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Final, TypeAlias

from slaclock.errors import CalendarError, Problem, nearest

__all__ = ["MOST_LISTED", "Faults", "Path", "fault", "listed", "show", "unknown_metric", "yaml_hint"]

_MOST_HINTS: Final = 200
Path: TypeAlias = tuple[str | int, ...]
MOST_LISTED: Final = 8


def listed(words: Iterable[str], last: str = "or") -> str:
    """Words in a row, for messages.

    >>> listed(["sla", "ola", "underpinning"])
    '`sla`, `ola` or `underpinning`'
    """
    quoted = [f"`{word}`" for word in islice(words, MOST_LISTED + 1)]
    if len(quoted) > MOST_LISTED:
        return f"{', '.join(quoted[:MOST_LISTED])}, ..."
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}" if len(quoted) > 1 else "".join(quoted)


def show(value: object) -> str:
    """A value as a message names it: text as it was written, the rest as Python shows it, cut to 60 characters.

    >>> show("09:00-"), show(960), show(None)
    ('`09:00-`', '960', 'nothing')
    """
    if value is None:
        return "nothing"
    if isinstance(value, str):
        text = str.__str__(value)
        text = text if text.isprintable() else repr(text)[1:-1]
    else:
        try:
            text = value.isoformat() if isinstance(value, (date, datetime)) else repr(value)
        except Exception:  # noqa: BLE001 - a value that cannot be shown must not hide the fault that we report.
            text = f"a {type(value).__name__}"
    text = text if len(text) <= 60 else f"{text[:57]}..."
    return f"`{text}`" if isinstance(value, str) else text


def unknown_metric(word: object, known: Iterable[str]) -> str:
    """What is said of a word that is no metric of the policy.

    >>> unknown_metric("resolutoin", ["resolution"])
    'the policy has no metric `resolutoin`; did you mean `resolution`?'
    """
    hint = nearest(word, known) if isinstance(word, str) else ""
    return f"the policy has no metric {show(word)}; {hint or 'it has ' + ', '.join(known)}"


def yaml_hint(value: object) -> str:
    """What to do about a value that a YAML loader made of text that looked like something else; empty for others."""
    if value is False:
        return "quote it: YAML read `no` or `off` as false"
    if value is True:
        return "quote it: YAML read `yes` or `on` as true"
    if isinstance(value, int) and 0 <= value < 24 * 3600:
        hours, minutes = divmod(value, 60)
        if hours < 25:
            return f"quote it: YAML reads `{hours}:{minutes:02d}` as {value}"
    return ""


def fault(code: str, found: object, expected: str, hint: str = "") -> CalendarError:
    """A CalendarError of one problem, for those who raise at the first."""
    problem = Problem(code=code, found=show(found), expected=expected, hint=hint)
    return CalendarError(problem.sentence, (problem,))


class Faults:
    """A list of problems under way; `under` gives a view of it that puts a key before every path."""

    __slots__ = ("path", "problems")

    def __init__(self, problems: list[Problem] | None = None, path: Path = ()) -> None:
        self.problems: list[Problem] = [] if problems is None else problems
        self.path = path

    def under(self, *keys: str | int) -> Faults:
        """The same list, seen from further down the document."""
        return Faults(self.problems, self.path + keys)

    def add(self, code: str, found: object, expected: str, hint: str = "") -> None:
        """Note one fault at this place."""
        problem = Problem(
            code=code, found=show(found), expected=expected, hint=hint or yaml_hint(found), keys=self.path
        )
        self.problems.append(problem)

    def nearest(self, word: str, known: Iterable[str]) -> str:
        """A hint at the nearest known word, while there are hints left."""
        return nearest(word, known) if self.has_hints() else ""

    def has_hints(self) -> bool:
        """Whether there are hints left: hopeless data get no more after a while, for each one costs a search."""
        return len(self.problems) < _MOST_HINTS

    def mapping(self, value: object, known: Iterable[str], expected: str) -> dict[str, object] | None:
        """The value as a mapping that uses known keys only; every other key is a fault, with the nearest known one."""
        if not isinstance(value, Mapping):
            self.add("wrong-type", value, expected)
            return None
        words = list(known)
        taken: dict[str, object] = {}
        for key, item in value.items():
            if isinstance(key, str) and key in words:
                taken[key] = item
                continue
            place = self.under(key if isinstance(key, (str, int)) else str(key))
            hint = self.nearest(key, words) if isinstance(key, str) else ""
            place.add("unknown-key", key, f"one of {', '.join(words)}", hint)
        return taken

    def sequence(self, value: object, expected: str, hint: str = "") -> list[object]:
        """The value as a list; anything else is a fault."""
        if isinstance(value, (list, tuple)):
            return list(value)
        self.add("wrong-type", value, expected, hint)
        return []
