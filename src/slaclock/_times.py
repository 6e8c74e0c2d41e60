"""Windows and working calendars, as a policy writes them."""

from __future__ import annotations

import os
import re
from datetime import date, datetime
from typing import Final

from slaclock._fields import Built, Key, Reader, Table, Text, Values
from slaclock._instants import is_zone, zone_name
from slaclock._nodes import BROKEN, LIST, MAPPING, Node
from slaclock._windows import edge
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.errors import CalendarError, Problem, SlaError
from slaclock.ics import is_ics_text
from slaclock.rules import Window

__all__ = ["ALL_DAY_WORDS", "CALENDAR", "DATE", "EFFECTIVE", "MOMENT", "WINDOW", "is_composed", "window_of"]

ALL_DAY_WORDS: Final = ("all day", "24h")
_COMPOSING: Final = ("union", "intersection", "difference")
DATE: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
MOMENT: Final = rf"{DATE}[T ][0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}}([.,][0-9]{{1,6}})?)?(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?"


class Moment:
    """A date, a local date-time, or an instant with its offset; gives the text's or value's own kind."""

    noun: Final = "a date such as `2026-01-31`, or a date-time"

    def read(self, reader: Reader, node: Node) -> date | None:
        value = node.value
        if isinstance(value, date) and value == value:  # noqa: PLR0124 - only pandas' NaT differs from itself.
            return value
        text = Text(self.noun).read(reader, node)
        if text is None:
            return None
        try:
            if re.fullmatch(DATE, text, re.ASCII):
                return date.fromisoformat(text)
            if re.fullmatch(MOMENT, text, re.ASCII):
                return datetime.fromisoformat(text)
        except ValueError:
            reader.fault(node, "bad-date", "a date that exists")
            return None
        reader.fault(node, "bad-date", self.noun)
        return None


EFFECTIVE: Final = Table(
    "a window of time",
    Key("from", Moment(), "The first day, or the first instant; local ones are read in the policy's timezone."),
    Key("until", Moment(), "The last day, which is included, or the instant at which it ends."),
)


def _window(reader: Reader, node: Node, values: Values) -> Window:
    if not node.children:
        reader.fault(node, "empty", "`from`, `until` or both", "leave it out", found="an empty mapping")
    return window_of(reader, node, values)


def window_of(reader: Reader, node: Node, values: Values) -> Window:
    """The window that `from` and `until` among the values of a mapping give."""
    told = (values.get("from"), values.get("until"))
    known: Window | None = reader.same.get(told)
    if known is not None:
        return known
    edges: dict[str, int | None] = {}
    for key in (name for name in EFFECTIVE.keys if name in values):
        try:
            edges[key] = edge(reader.zone, values[key], end=key == "until")
        except SlaError:
            reader.fault(node.find(key) or node, "bad-date", "an instant in the years 1 to 9999")
    start, end = edges.get("from"), edges.get("until")
    if start is not None and end is not None and start >= end:
        found = "a window that ends before it begins"
        reader.fault(node, "empty-window", "a `from` that lies before `until`", found=found)
    elif edges and len(edges) == sum(value is not None for value in told):
        reader.same[told] = Window(start, end)
    return Window(start, end)


WINDOW: Final = Built(EFFECTIVE, _window)


class CalendarType:
    """A working calendar: a mapping as `WorkingCalendar` takes it, or `all day` for one that never closes."""

    noun: Final = "a calendar: a mapping with `timezone`, `hours`, `holidays` and so on, or `all day`"

    def read(self, reader: Reader, node: Node) -> WorkingCalendar | None:
        if node.kind is MAPPING:
            data, whole = plain_data(node)
            # What is broken has been noted; without it the rest might be faulty only in consequence.
            return self._make(reader, node, data) if whole else None
        if isinstance(node.value, WorkingCalendar):
            return node.value
        text = Text(self.noun).read(reader, node)
        if text is None:
            return None
        if text in ALL_DAY_WORDS:
            return ALWAYS.in_timezone(reader.zone)
        reader.fault(node, "unknown-word", self.noun)
        return None

    def _make(self, reader: Reader, node: Node, data: object) -> WorkingCalendar | None:
        assert isinstance(data, dict)
        zone = node.find("timezone")
        if zone is not None and isinstance(zone.value, str) and not reader.has_hints() and not is_zone(zone.value):
            reader.fault(zone, "unknown-zone", "the IANA name of a time zone")
            return None
        if not _complete(reader, node, data):
            return None
        data.setdefault("name", str(node.key))
        anchor_files(data, os.path.dirname(reader.document.home(node).name or ""))  # noqa: PTH120 - a name may be no path.
        try:
            return WorkingCalendar.from_dict(data)
        except CalendarError as error:
            whole = Problem(code="bad-calendar", found=node.shown, expected=self.noun, hint=str(error))
            reader.take(node, error.problems or (whole,))
            return None


CALENDAR: Final = CalendarType()


def is_composed(node: Node) -> bool:
    """Whether a calendar is put together from others."""
    return node.kind is MAPPING and any(node.find(key) is not None for key in _COMPOSING)


def _complete(reader: Reader, node: Node, data: dict[str, object]) -> bool:
    """Fill in what the policy says for its calendars: its timezone, and its other calendars by name.

    False where a name leads nowhere, or to a calendar that is faulty itself; the fault has been noted.
    """
    if not is_composed(node):
        data.setdefault("timezone", zone_name(reader.zone))
        return True
    good = True
    for key in _COMPOSING:
        place, found = node.find(key), data.get(key)
        if place is None or not isinstance(found, list):
            continue
        for number, (child, member) in enumerate(zip(place.children, found, strict=True)):
            if isinstance(member, dict):
                good = _complete(reader, child, member) and good
            elif isinstance(member, str):
                found[number] = (
                    ALWAYS.in_timezone(reader.zone) if member in ALL_DAY_WORDS else _named(reader, child, member)
                )
                good = found[number] is not None and good
    return good


def _named(reader: Reader, node: Node, name: str) -> WorkingCalendar | None:
    if name in reader.made or not reader.known(node, name, reader.calendars):
        return reader.made.get(name)
    reader.fault(node, "unknown-calendar", "a calendar that stands before this one", found=f"`{name}`")
    return None


def anchor_files(data: object, folder: str) -> None:
    """Read the paths of iCalendar files, in the data of a calendar, from the folder of the document that names them."""
    if not isinstance(data, dict):
        return
    for part in (part for key in ("union", "intersection", "difference") for part in _members(data, key)):
        anchor_files(part, folder)
    for item in _members(data, "holidays"):
        if isinstance(item, dict):
            path = item.get("ics")
            if isinstance(path, str) and path and not is_ics_text(path):
                item["ics"] = os.path.join(folder, path)  # noqa: PTH118 - what is no path is refused where it is read.


def _members(data: dict[str, object], key: str) -> list[object]:
    found = data.get(key)
    return found if isinstance(found, list) else []


def plain_data(node: Node) -> tuple[object, bool]:
    """A node as plain Python data, and whether nothing in it was broken. Of doubled keys the first counts."""
    if node.kind is MAPPING:
        pairs = {child.key: plain_data(child) for child in reversed(node.children)}
        return {key: value for key, (value, _) in reversed(pairs.items())}, all(whole for _, whole in pairs.values())
    if node.kind is LIST:
        members = [plain_data(child) for child in node.children]
        return [value for value, _ in members], all(whole for _, whole in members)
    return node.value, node.kind is not BROKEN
