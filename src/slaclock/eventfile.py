"""Events from files: JSON Lines and CSV, every faulty row with its line.

A row is one event: `at`, `event` (its kind), `ticket`, and the other keywords of that kind (`by`, `public`, `reason`,
`metric`, `into`,
`withdraws`, `id`, `seq`, `recorded_at`, `actor`, `note`). What is no such word is a field of the ticket, for the
kinds that take fields (created, changed); a ticket's field that is named like one of the words is written
`fields.reason`. In CSV values are text, an empty cell is a value not given, and a filled cell that the row's kind
cannot take is a fault: nobody would ever miss the value that was silently dropped. In JSON Lines the fields may stand
in an object `fields`, as `event.to_dict()` writes them, or beside the keywords.

`expected.<metric>.due_at` and `expected.<metric>.verdict` are no part of the event: they say what somebody else
computed for the ticket, and are collected apart, to be compared with what comes out here.

Without a `seq` of its own a row takes its number, counted from 1, so that events of one instant keep the order of the
file; of rows with the same `id` all take the first one's, so that a row delivered twice stays one event.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Final

import attrs

from slaclock._event import said_of
from slaclock._instants import iso_us, load_zone, resolve_local, to_us
from slaclock._reading import show
from slaclock._rows import Header, Row, Source, name_of, read_rows
from slaclock.candidate import Verdict
from slaclock.errors import EventError, NaiveTimeError, Problem, nearest
from slaclock.events import KINDS, Event, event_of

__all__ = ["EventFile", "Expected", "Source", "load_events", "read_events"]

_UTC: Final = load_zone("UTC")
_MOST_KEPT: Final = 10_000
_MOST_SHOWN: Final = 50
_WORDS: Final = frozenset({"event"}.union(*(said_of(cls).keys for cls in KINDS.values())))
_EXPECTED: Final = re.compile(r"expected\.(.+)\.(due_at|verdict)")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_SENTENCE: Final = re.compile(r"(?:(?:field )?`?([^:`]+)`?: )?found (.*?), expected (.*?)(?:; (.*))?", re.DOTALL)
_TIMES: Final = ("at", "recorded_at")
_OFFSET: Final = "ISO 8601 text with an offset, such as 2026-03-02T09:00+01:00"
# So many digits in a row are no date: seconds, or milliseconds, since 1970 or another beginning.
_NUMBER: Final = re.compile(r"[+-]?[0-9]{9,}([.,][0-9]*)?", re.ASCII)
_DAY_FIRST: Final = re.compile(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2,4}\b.*", re.ASCII | re.DOTALL)
# What other programs call that which must be named so.
_OTHER_NAMES: Final = {
    "at": ("time", "timestamp", "datetime", "date", "when", "created_at", "occurred_at", "event_time", "happened_at"),
    "event": ("type", "kind", "event_type", "action", "activity"),
    "ticket": ("ticket_id", "case", "case_id", "issue", "incident", "number", "key"),
}


@attrs.frozen
class Expected:
    """What a file says should come out for one metric of a ticket; None where it does not say."""

    due_us: int | None = None
    verdict: str | None = None


@attrs.frozen(kw_only=True)
class EventFile:
    """What was read from a file of events.

    `expected` holds the expectations by ticket and metric. `bad` lists the faults of rows that were left out (the
    first ten thousand), and `left_out` counts those rows.
    """

    events: tuple[Event, ...]
    expected: Mapping[str, Mapping[str, Expected]] = attrs.field(factory=dict)
    bad: tuple[Problem, ...] = ()
    left_out: int = 0


def load_events(source: Source, timezone: str | None = None, skip_bad: bool = False) -> list[Event]:
    r"""The events of a JSON Lines or CSV file, in its order.

    `source` is a path (`.gz` is unpacked) or an open stream. `timezone` names the zone of times without an offset: a
    repeated wall-clock time is the first of the two, a skipped one is shifted forward by the gap; without it such
    times are faults. `skip_bad` leaves faulty rows out.

    Raises EventError with every fault and its line, and UnknownZoneError.

    >>> import io
    >>> load_events(io.StringIO("ticket,at,event,priority\n7,2026-03-02T09:00Z,created,high\n"))
    [Created(at='2026-03-02T09:00:00+00:00', ticket='7', seq=1, fields={'priority': 'high'})]
    """
    return list(read_events(source, timezone, skip_bad=skip_bad).events)


def read_events(
    source: Source, timezone: str | None = None, *, skip_bad: bool = False, need_ticket: bool = False
) -> EventFile:
    """All that a file of events says: events, expectations, and what was left out.

    As `load_events`; with `need_ticket` a row without a ticket is a fault.
    """
    zone = None if timezone is None else load_zone(timezone)
    reader = _Reader(name_of(source), zone, need_ticket)
    events = [event for item in read_rows(source) if (event := reader.take(item)) is not None]
    if reader.left_out and not skip_bad:
        raise reader.error()
    return EventFile(
        events=tuple(events), expected=reader.expected, bad=tuple(reader.problems), left_out=reader.left_out
    )


def with_offset(text: str, zone: tzinfo) -> str:
    """Text of an instant, resolved in a zone where it has no offset of its own; what is no local time stays as it is.

    >>> with_offset("2026-03-02T09:00", load_zone("Europe/Berlin"))
    '2026-03-02T08:00:00+00:00'
    """
    try:
        to_us(text)
    except NaiveTimeError:
        try:
            # Thirteen digits would pass for a time of the year 1712.
            return text if _NUMBER.fullmatch(text) else iso_us(resolve_local(zone, to_us(f"{text}Z")), _UTC)
        except (EventError, OverflowError):
            return text
    except EventError:
        pass
    return text


def _time_hint(value: object) -> str:
    """What to do about a time as other programs write it; empty for others."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        return "a number names no unit and no beginning: write the time out"
    if isinstance(value, str) and _DAY_FIRST.fullmatch(value):
        return "day and month could be either: write the year first, then the month"
    return ""


def _rename(name: str, found: Iterable[str]) -> str:
    """What to do where a name is missing: who may have been meant; never one that has a meaning of its own."""
    free = {other.lower().replace(" ", "_"): other for other in found if other not in _WORDS}
    if name == "at" and {"date", "time"} <= free.keys():
        return f"join `{free['date']}` and `{free['time']}` to one, `at`"
    for other in _OTHER_NAMES.get(name, ()):
        if other in free:
            return f"rename `{free[other]}` to `{name}`"
    return nearest(name, free.values())


def _rename_in(name: str, given: Mapping[str, object]) -> str:
    """The same for a row, whose unknown names have become fields."""
    fields = given.get("fields")
    return _rename(name, fields) if isinstance(fields, dict) else ""


class _Reader:
    """Rows to events, one by one; keeps what the rows say beside the events."""

    def __init__(self, file: str | None, zone: tzinfo | None, need_ticket: bool) -> None:
        self.file = file
        self.zone = zone
        self.need_ticket = need_ticket
        self.expected: dict[str, dict[str, Expected]] = {}
        self.problems: list[Problem] = []
        self.faults = 0
        self.left_out = 0
        self._said: dict[tuple[str, str], int] = {}
        self._seqs: dict[tuple[object, object], int] = {}
        self._line = 0
        self._found: list[Problem] = []

    def error(self) -> EventError:
        """All faults as one error."""
        rows = "1 faulty row" if self.left_out == 1 else f"{self.left_out:,} faulty rows"
        lines = [f"the events cannot be read: {rows}", *map(str, self.problems[:_MOST_SHOWN])]
        if self.faults > _MOST_SHOWN:
            lines.append(f"and {self.faults - _MOST_SHOWN:,} more")
        return EventError("\n".join(lines), self.problems)

    def take(self, item: Header | Row | Problem) -> Event | None:
        """The event of a row; None where there is none, with the faults noted."""
        if isinstance(item, Header):
            self._check_columns(item)
            return None
        self._found = [item] if isinstance(item, Problem) else []
        event = None
        if isinstance(item, Row):
            self._line = item.line
            event = self._event(item)
        if self._found:
            self.left_out += 1
            self.faults += len(self._found)
            self.problems += self._found[: _MOST_KEPT - len(self.problems)]
            return None
        return event

    # -------------------------------------------------------------------------------------------------------- faults

    def _note(self, key: str, found: str, expected: str, hint: str = "", code: str = "row") -> None:
        keys = (key,) if key else ()
        problem = Problem(
            code=code, found=found, expected=expected, hint=hint, keys=keys, file=self.file, line=self._line
        )
        self._found.append(problem)

    def _note_error(self, kind: str, error: EventError) -> None:
        """The refusal of an event's constructor, taken apart; one that concerns a time was noted before."""
        parts = _SENTENCE.fullmatch(str(error).removeprefix(f"{kind}: "))
        key, found, expected, hint = parts.groups("") if parts else ("", str(error), "an event that can be", "")
        if key not in _TIMES:
            self._note(key, found, expected, hint)

    def _check_columns(self, header: Header) -> None:
        self._line = 1
        needed = ["at", "event", *(["ticket"] if self.need_ticket else [])]
        for name in needed:
            if name not in header.columns:
                self._note("", f"no column `{name}`", "one", _rename(name, header.columns), code="header")
        for name in header.columns:
            if name.startswith("expected.") and not _EXPECTED.fullmatch(name):
                self._note("", f"the column `{name}`", _SHAPE, code="header")
        if self._found:
            raise EventError.of("the events cannot be read", self._found)

    # ---------------------------------------------------------------------------------------------------------- rows

    def _event(self, row: Row) -> Event | None:
        kind = row.values.get("event")
        cls = KINDS.get(kind) if isinstance(kind, str) else None
        if cls is None:
            hint = nearest(kind, KINDS) if isinstance(kind, str) else ""
            if kind is None:
                hint = _rename("event", row.values)
            found = "no `event`" if kind is None else show(kind)
            self._note("event", found, f"one of {', '.join(KINDS)}", hint)
            return None
        given, told = self._sorted(cls, row.values)
        self._complete(cls, given)
        claims = list(self._claims(given.get("ticket"), told))
        if self._found:
            self._check_times(given)
            return None
        if given.get("seq") is None:
            mark = given.get("id")
            given["seq"] = row.number if mark is None else self._first_seq(given.get("ticket"), mark, row.number)
        try:
            event = event_of(cls, given)
        except EventError as error:
            self._check_times(given)
            self._note_error(cls.kind, error)
            return None
        self._claim(claims)
        return event

    def _first_seq(self, ticket: object, mark: object, number: int) -> int:
        return self._seqs.setdefault((str(ticket), str(mark)), number)

    def _sorted(self, cls: type[Event], values: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
        """The values of a row as keywords of its kind, its expectations apart."""
        known = said_of(cls).keys
        takes_fields = "fields" in known
        given: dict[str, object] = {}
        fields: dict[str, object] = {}
        told: dict[str, object] = {}
        for name, value in values.items():
            if name == "event":
                continue
            if name in known:
                given[known[name]] = self._keyword(name, value)
            elif name.startswith("expected."):
                told[name] = value
            elif not takes_fields or name in _WORDS:
                hint = f"for a field of the ticket write `fields.{name}`" if takes_fields else nearest(name, known)
                self._note(name, show(value), f"nothing: `{cls.kind}` takes no `{name}`", hint)
            elif isinstance(value, dict) and (hint := nearest(name, known)):
                # No field holds a mapping: a keyword was meant.
                self._note(name, show(value), "a field's value, or a keyword", hint)
            else:
                fields[name.removeprefix("fields.")] = value
        if fields or (takes_fields and "fields" not in given):
            self._join(given, fields)
        return given, told

    def _join(self, given: dict[str, object], fields: dict[str, object]) -> None:
        inner = given.get("fields", {})
        if not isinstance(inner, dict):
            return
        for name in fields.keys() & inner.keys():
            self._note(name, f"the field `{name}` twice", "it once, in `fields` or beside it")
        given["fields"] = {**inner, **fields}

    def _keyword(self, name: str, value: object) -> object:
        """A value as the keyword wants it; text spells numbers, true and false."""
        if name in _TIMES and self.zone is not None and isinstance(value, str):
            return with_offset(value, self.zone)
        if name == "seq" and isinstance(value, str) and _WHOLE.fullmatch(value):
            return int(value)
        if name == "public" and isinstance(value, str):
            return {"true": True, "false": False}.get(value.lower(), value)
        return value

    def _complete(self, cls: type[Event], given: dict[str, object]) -> None:
        known = said_of(cls).keys
        for key in said_of(cls).needed:
            if known[key] not in given:
                self._note(key, f"no `{key}`", f"one, which `{cls.kind}` needs", _rename_in(key, given))
        if self.need_ticket and given.get("ticket") is None:
            self._note("ticket", "no `ticket`", "the name of the ticket", _rename_in("ticket", given))

    # --------------------------------------------------------------------------------------------------------- times

    def _check_times(self, given: Mapping[str, object]) -> None:
        for name in _TIMES:
            if given.get(name) is not None:
                self._instant(name, given[name])

    def _instant(self, name: str, value: object) -> int | None:
        if hint := _time_hint(value):
            self._note(name, show(value), _OFFSET, hint)
            return None
        try:
            return to_us(value, name)  # type: ignore[arg-type]
        except NaiveTimeError:
            if self.zone is None:
                hint = "or name the zone of the file's times with timezone= (--timezone on the command line)"
                self._note(name, show(value), "an offset in it, such as 2026-03-02T09:00+01:00", hint, "naive-time")
            else:
                self._note(name, show(value), "a date and a time of day, such as 2026-03-02T09:00")
        except EventError as error:
            parts = _SENTENCE.fullmatch(str(error))
            _, _, expected, hint = parts.groups("") if parts else ("", "", "an instant", "")
            # A file holds no datetimes.
            self._note(name, show(value), expected.removeprefix("an aware datetime or "), hint)
        return None

    # -------------------------------------------------------------------------------------------------- expectations

    def _claims(self, ticket: object, told: Mapping[str, object]) -> Iterator[tuple[str, str, Expected]]:
        """The expectations that a row adds, each `(ticket, metric, expected)`; faults are noted."""
        for name, value in told.items():
            shape = _EXPECTED.fullmatch(name)
            if shape is None:
                self._note(name, f"`{name}`", _SHAPE)
                continue
            if value is None:
                continue
            if not isinstance(ticket, str):
                self._note(name, "an expectation", "a ticket for it")
                continue
            metric, what = shape.groups()
            if what == "due_at":
                text = with_offset(value, self.zone) if self.zone is not None and isinstance(value, str) else value
                claim = Expected(due_us=self._instant(name, text))
            elif isinstance(value, str) and value in _VERDICTS:
                claim = Expected(verdict=value)
            else:
                hint = nearest(value, _VERDICTS) if isinstance(value, str) else ""
                self._note(name, show(value), f"one of {', '.join(_VERDICTS)}", hint)
                continue
            self._check_claim(ticket, name, metric, claim)
            yield ticket, metric, claim

    def _check_claim(self, ticket: str, name: str, metric: str, claim: Expected) -> None:
        before = self.expected.get(ticket, {}).get(metric, Expected())
        for old, new in ((before.due_us, claim.due_us), (before.verdict, claim.verdict)):
            if None not in (old, new) and old != new:
                line = self._said[ticket, name]
                self._note(name, f"another value for the ticket {show(ticket)}", f"the one of line {line}")

    def _claim(self, claims: list[tuple[str, str, Expected]]) -> None:
        for ticket, metric, claim in claims:
            metrics = self.expected.setdefault(ticket, {})
            before = metrics.get(metric, Expected())
            due_us = before.due_us if claim.due_us is None else claim.due_us
            metrics[metric] = Expected(due_us, claim.verdict or before.verdict)
            name = f"expected.{metric}.{'verdict' if claim.verdict else 'due_at'}"
            self._said.setdefault((ticket, name), self._line)


_SHAPE: Final = "`expected.<metric>.due_at` or `expected.<metric>.verdict`"
_VERDICTS: Final = tuple(verdict.value for verdict in Verdict)
