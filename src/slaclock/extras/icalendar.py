"""iCalendar through `icalendar` and `recurring-ical-events` (`pip install "slaclock[icalendar]"`).

All-day entries are holidays, timed ones closures; recurring ones too, which are expanded year by year when a year is
asked for. What is taken of an entry: when it is, how it recurs, and its summary. Cancelled entries close nothing, nor
do timed ones that are marked as free time (`TRANSP:TRANSPARENT`); whole days count though marked so, as the published
holiday calendars mark theirs.

What people would not write, and programs that attack do, is refused before the packages see it: entries that recur by
the hour or faster, rules that never come true, and files of more than 10,000 entries.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import ModuleType
from typing import Any, Final, NoReturn

import attrs

from slaclock.errors import CalendarError, MissingExtraError, Problem, nearest
from slaclock.ics import LARGEST

__all__ = ["LAST_YEAR", "Entry", "Ics", "entries", "load_closings", "read"]

LAST_YEAR: Final = 2199
"""Entries are followed until the end of this year."""

_TAKEN: Final = (
    "UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SEQUENCE", "STATUS", "TRANSP",
)  # fmt: skip
_ONCE: Final = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "SUMMARY", "UID")
_LINE: Final = re.compile(r'[A-Za-z0-9-]+(?:;[^:"]*(?:"[^"]*"[^:"]*)*)?:.*', re.DOTALL)
_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_RULE_PARTS: Final = {
    "FREQ": r"[A-Z]+", "UNTIL": r"[0-9]{8}(T[0-9]{6}Z?)?", "COUNT": r"-?[0-9]{1,9}", "INTERVAL": r"0*[1-9][0-9]{0,3}",
    "BYDAY": r"[A-Z0-9+,-]+", "BYMONTH": r"[0-9,]+", "BYMONTHDAY": r"[0-9+,-]+", "BYYEARDAY": r"[0-9+,-]+",
    "BYWEEKNO": r"[0-9+,-]+", "BYSETPOS": r"[0-9+,-]+", "BYHOUR": r"[0-9,]{1,72}", "WKST": r"[A-Z]{2}",
}  # fmt: skip
# Filters on what comes daily or weekly may never come true, and to find that out takes long.
_PARTS_OF_SHORT: Final = ("FREQ", "UNTIL", "COUNT", "INTERVAL", "BYDAY", "BYMONTH", "BYHOUR", "WKST")
_MOST_ENTRIES: Final = 10_000
_MOST_RULES: Final = 1_000
_MOST_PROBLEMS: Final = 20
_LONGEST: Final = timedelta(days=366)
_MARGIN: Final = timedelta(days=2)
_EXPORT: Final = "export the calendar again, or take the entry out"


@attrs.frozen
class Entry:
    """One occurrence: two dates, the second excluded, for whole days; two date-times for a stretch of time."""

    start: date
    end: date
    name: str


@attrs.frozen
class Ics:
    """An iCalendar text that was found good.

    `text` is what matters of it in one spelling; no entry lies outside the dates `first` to `last`.
    """

    text: str
    first: date
    last: date
    names: frozenset[str]


def load_closings(source: str | os.PathLike[str], first: date, last: date) -> dict[str, list[dict[str, str]]]:
    """The entries of an iCalendar file, or text, between two dates, both included, as plain data.

    Holidays and closures come as `WorkingCalendar` takes them, so that they can be looked through and changed first.
    Raises CalendarError for what cannot be read, OSError where there is no such file, and MissingExtraError.
    """
    text = source if isinstance(source, str) and "\n" in source else _file(source)
    good = read(text)
    found: dict[str, list[dict[str, str]]] = {"holidays": [], "closures": []}
    seen: set[Entry] = set()
    for year in range(first.year, last.year + 1):
        for entry in entries(good.text, year):
            starts, ends = _date(entry.start), _date(entry.end)
            if entry in seen or starts > last or ends < first or (ends == first and not _timed(entry)):
                continue
            seen.add(entry)
            if _timed(entry):
                times = {"from": entry.start.isoformat(), "until": entry.end.isoformat()}
                found["closures"].append(times | {"reason": entry.name} if entry.name else times)
            else:
                days = {"from": starts.isoformat(), "until": (ends - timedelta(days=1)).isoformat()}
                found["holidays"].append(days | {"name": entry.name})
    return found


def _file(path: str | os.PathLike[str]) -> str:
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:  # noqa: PTH123
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        expected = f"at most {LARGEST:,} characters"
        problem = Problem(code="too-large", found="a longer text", expected=expected, file=os.fspath(path))
        raise CalendarError.of("iCalendar", [problem])
    return text


def _date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _timed(entry: Entry) -> bool:
    return isinstance(entry.start, datetime)


# ------------------------------------------------------------------------------------------------------------ expanding


def entries(text: str, year: int) -> tuple[Entry, ...]:
    """The occurrences of a text that `read` gave in a year, and in the two days before and after."""
    if not 2 <= year <= LAST_YEAR:
        return ()
    start = datetime(year, 1, 1) - _MARGIN  # noqa: DTZ001 - entries may have no zone.
    end = datetime(year + 1, 1, 1) + _MARGIN  # noqa: DTZ001
    found = (_entry(component) for component in _query(text).between(start, end))
    return tuple(entry for entry in found if entry is not None)


@lru_cache(maxsize=16)
def _query(text: str) -> Any:
    """The text, ready to be asked; what it has expanded once it keeps."""
    icalendar, recurring = _packages()
    return recurring.of(icalendar.Calendar.from_ical(text))


def _entry(component: Any) -> Entry | None:
    if str(component.get("STATUS", "")).upper() == "CANCELLED":
        return None
    start, end = component["DTSTART"].dt, component["DTEND"].dt
    name = str(component.get("SUMMARY", "")).strip()
    if not isinstance(start, datetime):
        # Some programs end a day on which one entry lasts on itself.
        return Entry(start, max(end, start + timedelta(days=1)), name)
    free = str(component.get("TRANSP", "")).upper() == "TRANSPARENT"
    return None if free or start >= end else Entry(start, end, name)


# -------------------------------------------------------------------------------------------------------------- reading


def read(text: str) -> Ics:
    """An iCalendar text, found good, in the spelling that `entries` takes.

    Raises CalendarError with every fault, each with its line, and MissingExtraError without the packages.
    """
    icalendar, _ = _packages()
    lines = _Lines(text)
    lines.check()
    try:
        calendar = icalendar.Calendar.from_ical(text.removeprefix("\ufeff"))
    except Exception as error:  # noqa: BLE001 - what else the package stumbles over, it says in exceptions of any kind.
        lines.refuse(_words(error))
    for event, places in zip(calendar.walk("VEVENT"), lines.events, strict=False):
        _Event(event, places, lines).check()
    lines.done()
    made, first, last = _made(icalendar, calendar)
    names = frozenset(str(event.get("SUMMARY", "")).strip() for event in made.walk("VEVENT"))
    canonical = made.to_ical().decode().replace("\r\n", "\n")
    try:
        _query(canonical)
        entries(canonical, first.year)
    except Exception as error:  # noqa: BLE001 - as above.
        lines.refuse(_words(error))
    return Ics(canonical, first, last, names)


def _words(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else f"{text[:157]}..."


def _made(icalendar: ModuleType, calendar: Any) -> tuple[Any, date, date]:
    """The calendar with what matters only, in one order, and the dates between which its entries lie."""
    made = icalendar.Calendar()
    made["VERSION"], made["PRODID"] = "2.0", "slaclock"
    if "X-WR-TIMEZONE" in calendar:
        made["X-WR-TIMEZONE"] = calendar["X-WR-TIMEZONE"]
    events: list[Any] = []
    first, last = date.max, date.min
    for event in calendar.walk("VEVENT"):
        taken = icalendar.Event()
        for key in _TAKEN:
            if key in event:
                taken[key] = event[key]
        if event.get("SUMMARY"):
            taken["SUMMARY"] = icalendar.vText(str(event["SUMMARY"]))
        events.append(taken)
        starts, ends = _reach(event)
        first, last = min(first, starts), max(last, ends)
    for part in calendar.walk("VTIMEZONE"):
        made.add_component(part)
    for taken in sorted(events, key=lambda event: bytes(event.to_ical())):
        made.add_component(taken)
    return (made, first, last) if events else (made, date(1970, 1, 1), date(1969, 12, 31))


def _reach(event: Any) -> tuple[date, date]:
    """The dates between which the occurrences of an entry lie."""
    start, end = _span(event)
    starts = [_date(start)]
    extra = event.get("RDATE", [])
    for listed in extra if isinstance(extra, list) else [extra]:
        starts += [_date(item.dt[0] if isinstance(item.dt, tuple) else item.dt) for item in listed.dts]
    first, last = min(starts), _date(end)
    return (first, date(LAST_YEAR, 12, 31) if "RRULE" in event or len(starts) > 1 else max(first, last))


def _span(event: Any) -> tuple[Any, Any]:
    start = event["DTSTART"].dt
    if "DTEND" in event:
        return start, event["DTEND"].dt
    if "DURATION" in event:
        return start, start + event["DURATION"].dt
    return start, start


class _Lines:
    """A text line by line: what can be said of it, and where, before the packages read it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._problems: list[Problem] = []
        self._rules = 0
        self.events: list[dict[str, tuple[int, str]]] = []
        """For each entry the number and the text of the line on which a property stands; `BEGIN` too."""

    def add(self, line: int | None, found: str, expected: str, hint: str = _EXPORT) -> None:
        """Note a fault; too many end the reading."""
        shown = "".join(char if char.isprintable() else " " for char in found[:80])
        problem = Problem(code="bad-ics", found=f"`{shown}`", expected=expected, hint=hint, line=line)
        self._problems.append(problem)
        if len(self._problems) >= _MOST_PROBLEMS:
            self.done()

    def refuse(self, words: str) -> NoReturn:
        """End with what a package said, which knows of no line."""
        hint = f"the reader says: {words}"
        problem = Problem(code="bad-ics", found="broken entries", expected="entries that can be read", hint=hint)
        raise CalendarError.of("iCalendar", [problem])

    def done(self) -> None:
        """Raise what was found, if anything was."""
        if self._problems:
            raise CalendarError.of("iCalendar", self._problems)

    def check(self) -> None:
        """Whether components begin and end in order, every line has a name and a value, and no rule is a trap."""
        stack: list[tuple[str, int]] = []
        seen = False
        for number, line in _unfolded(self._text):
            name, _, value = line.partition(":")
            name = name.partition(";")[0].upper()
            value = value.strip().upper()
            if not stack and (name, value) != ("BEGIN", "VCALENDAR"):
                self.add(number, line, "`BEGIN:VCALENDAR`", "is it an iCalendar file?" if not seen else "one calendar")
                break
            if not _LINE.fullmatch(line):
                self.add(number, line, "a line `NAME:VALUE`")
            elif name == "BEGIN":
                if not stack and seen:
                    self.add(number, line, "one calendar", "split the file")
                    break
                seen = True
                stack.append((value, number))
                self._begin(value, number, line, len(stack))
            elif name == "END":
                opened, since = stack.pop()
                if value != opened:
                    self.add(number, line, f"`END:{opened}` for line {since}", "was the file cut or edited by hand?")
                    break
            elif name == "CALSCALE" and value != "GREGORIAN":
                self.add(number, line, "the Gregorian calendar", "convert the dates")
            else:
                self._property(stack[-1][0], name, number, line)
        else:
            if stack or not seen:
                open_name, since = stack[-1] if stack else ("VCALENDAR", 1)
                self.add(
                    since,
                    f"BEGIN:{open_name}" if stack else "nothing",
                    f"`END:{open_name}` for it",
                    "is the file whole?",
                )
        self.done()

    def _begin(self, value: str, number: int, line: str, depth: int) -> None:
        if value == "VEVENT":
            self.events.append({"BEGIN": (number, line)})
            if len(self.events) == _MOST_ENTRIES + 1:
                self.add(number, line, f"at most {_MOST_ENTRIES:,} entries", "split the file, or export fewer years")
                self.done()
        if depth > 4:
            self.add(number, line, "no more than four components within each other")
            self.done()

    def _property(self, inside: str, name: str, number: int, line: str) -> None:
        if inside == "VEVENT":
            places = self.events[-1]
            if name in places and name in _ONCE:
                self.add(number, line, f"{name} once in an entry")
            places.setdefault(name, (number, line))
        if name == "EXRULE" and inside == "VEVENT":
            self.add(number, line, "no EXRULE, which has been abolished", "list the dates in EXDATE")
        if name == "RRULE" and inside in ("VEVENT", "STANDARD", "DAYLIGHT"):
            self._rules += 1
            if self._rules == _MOST_RULES + 1:
                self.add(number, line, f"at most {_MOST_RULES:,} entries that recur", "export fewer entries")
                self.done()
            self._rule(inside, number, line)

    def _rule(self, inside: str, number: int, line: str) -> None:
        """A rule of recurrence: known parts of sound values, and no faster than a day."""
        parts = _parts(line)
        frequency = parts.get("FREQ", "")
        if frequency not in _FREQUENCIES or (inside != "VEVENT" and frequency not in ("MONTHLY", "YEARLY")):
            self.add(number, line, f"FREQ of {', '.join(_FREQUENCIES)}", nearest(frequency, _FREQUENCIES) or _EXPORT)
            return
        known = _PARTS_OF_SHORT if frequency in ("DAILY", "WEEKLY") else tuple(_RULE_PARTS)
        for part, value in parts.items():
            if part not in known:
                self.add(
                    number, line, f"with FREQ={frequency} only {', '.join(known)}", nearest(part, known) or _EXPORT
                )
            elif not re.fullmatch(_RULE_PARTS[part], value):
                self.add(number, line, f"a sound value of {part}")


def _parts(line: str) -> dict[str, str]:
    """The parts of a rule, in capitals."""
    pairs = (part.partition("=") for part in line.partition(":")[2].strip().upper().split(";") if part)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The lines with what was folded put together, and the number of the first part; empty ones are left out."""
    begun, whole = 0, ""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")), 1):
        if line[:1] in (" ", "\t") and whole:
            whole += line[1:]
            continue
        if whole.strip():
            yield begun, whole
        begun, whole = number, line
    if whole.strip():
        yield begun, whole


class _Event:
    """One entry, as the package read it, beside the lines on which it stands."""

    def __init__(self, event: Any, places: dict[str, tuple[int, str]], lines: _Lines) -> None:
        self._event = event
        self._places = places
        self._lines = lines

    def check(self) -> None:
        """Note what is wrong with it."""
        broken = [(name, words) for name, words in getattr(self._event, "errors", []) if name in (*_TAKEN, "SUMMARY")]
        for name, words in broken:
            self._add(str(name), f"a sound value of {name}", f"the reader says: {words}")
        if broken:
            return
        if "DTSTART" not in self._event:
            self._add("BEGIN", "DTSTART in the entry")
            return
        if self._known_zones():
            self._check_span()
            self._check_rules()

    def _add(self, name: str, expected: str, hint: str = _EXPORT) -> None:
        number, line = self._places.get(name, self._places["BEGIN"])
        self._lines.add(number, line, expected, hint)

    def _known_zones(self) -> bool:
        """Whether every zone is known: the package takes a time of an unknown one for one without a zone."""
        for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
            value = self._event.get(name)
            zone = None if value is None else value.params.get("TZID")
            if zone is not None and isinstance(value.dt, datetime) and value.dt.tzinfo is None:
                self._add(name, "the IANA name of a zone, or a VTIMEZONE of that name", f"`{zone[:60]}` is unknown")
                return False
        return True

    def _check_span(self) -> None:
        name = "DTEND" if "DTEND" in self._event else "DURATION"
        try:
            start, end = _span(self._event)
            same = isinstance(start, datetime) == isinstance(end, datetime)
            length = end - start if same else timedelta(0)
        except (TypeError, OverflowError):  # A zone here and none there; beyond the year 9999.
            same, length = False, timedelta(0)
        if not same:
            self._add(name, "an end of the same kind as DTSTART")
        elif length < timedelta(0):
            self._add(name, "an end that does not lie before DTSTART")
        elif length > _LONGEST and ("RRULE" in self._event or "RDATE" in self._event):
            self._add(name, "at most 366 days for an entry that recurs")
        if not 2 <= self._event["DTSTART"].dt.year <= LAST_YEAR:
            self._add("DTSTART", f"a start in the years 2 to {LAST_YEAR}")

    def _check_rules(self) -> None:
        if "RRULE" not in self._places:
            return
        rules = importlib.import_module("dateutil.rrule")
        parts = {key: value for key, value in _parts(self._places["RRULE"][1]).items() if key not in ("UNTIL", "COUNT")}
        start = self._event["DTSTART"].dt
        naive = datetime(start.year, start.month, start.day)  # noqa: DTZ001 - whether it ever comes hangs on no zone.
        try:
            text = ";".join(f"{key}={value}" for key, value in parts.items())
            first = next(iter(rules.rrulestr(text, dtstart=naive)), None)
        except Exception as error:  # noqa: BLE001 - the package raises what it stumbles over.
            self._add("RRULE", "a rule that can be read", f"the reader says: {_words(error)}")
            return
        if first is None:
            self._add("RRULE", "a rule that comes true at some time")


def _packages() -> tuple[ModuleType, ModuleType]:
    try:
        return importlib.import_module("icalendar"), importlib.import_module("recurring_ical_events")
    except ImportError:
        raise MissingExtraError(
            "iCalendar files need the packages `icalendar` and `recurring-ical-events`: "
            'pip install "slaclock[icalendar]"'
        ) from None
