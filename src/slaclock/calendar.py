"""Working calendars: clocks that run only while they are open.

A `WorkingCalendar` is a value: opening hours in a zone, or several calendars put together. All its answers are read
off one rising function W(t), the open microseconds before t: `between(a, b)` is W(b) - W(a), and `add(t, d)` is the
first instant u >= t at which W(u) - W(t) = d. Methods that end in `_us` take and give bare microseconds since 1970 and
are what the rest of slaclock uses; the others take any aware datetime or ISO text and answer in pendulum.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import Final, NoReturn, TypeAlias, cast

import attrs

from slaclock._content import CONTENT_KEYS, Opening, opening_data, raise_faults, read_opening, read_zone
from slaclock._days import BusinessDays
from slaclock._edges import Timeline
from slaclock._instants import DateTime, Duration, Instant, from_us, load_zone, local_us, to_duration, to_us, zone_name
from slaclock._opening import ComposedDates, ComposedSource, HoursDates, HoursSource, Op
from slaclock._reading import Faults
from slaclock._spans import Span
from slaclock.amounts import Amount, AmountLike, open_us
from slaclock.closing import Closure, holiday_names, read_closures
from slaclock.errors import CalendarError
from slaclock.hours import read_text

__all__ = ["ALWAYS", "Interval", "WorkingCalendar"]

DateOrInstant: TypeAlias = date | str
"""A local date (`datetime.date` or `2026-03-02`), or an instant (aware datetime or ISO text with an offset)."""

_OPS: Final[tuple[Op, ...]] = ("union", "intersection", "difference")
_DEEPEST: Final = 40


@attrs.frozen
class Interval:
    """A stretch of open time, `[start, end)`."""

    start: DateTime
    end: DateTime

    @property
    def duration(self) -> Duration:
        """Its length in real time."""
        return to_duration(to_us(self.end) - to_us(self.start))


@attrs.frozen
class _Composed:
    """The content of a calendar that is made of others."""

    op: Op
    parts: tuple[WorkingCalendar, ...]
    closures: tuple[Closure, ...] = ()


class WorkingCalendar:
    """Opening hours in a time zone; frozen, compared and hashed by content.

    `timezone` is an IANA name. `hours` maps weekdays (`mon`, `mon-fri`, `mon, wed`) to `"09:00-17:00"`, to a list of
    such, to `"all day"`, or to `[]`; an end at or before the start runs past midnight, and `24:00` is the midnight
    that ends the day. `holidays` are local dates (`"2026-12-25"`, `"12-25"` every year, `"2026-12-24..2026-12-31"`,
    `{date, name}`, `{from, until, name}`, `{country, subdivision}`), which close from midnight to midnight, or with
    `holidays_close="shifts"` close what begins on them. `special` maps dates to hours that replace that day's.
    `closures` (`{from, until, reason}`, local date-times or instants) take out what is left, `seasons`
    (`{from, until, hours}`) stand for the weekly hours on their dates. Closures beat special days, these beat
    holidays, these beat seasons, these beat hours.

    Raises CalendarError with every fault in `problems`, whose `keys` are paths from the arguments; UnknownZoneError
    where the zone is the only one; MissingExtraError for `{country}` without the `holidays` package.

    >>> office = WorkingCalendar(timezone="Europe/Berlin", hours={"mon-fri": "09:00-17:00"})
    >>> print(office.add("2026-03-06T16:00+01:00", "4h"))
    2026-03-09 12:00:00+01:00

    Numbers, for the engine (int microseconds since 1970-01-01T00:00Z): `between_us(a, b)` is W(b) - W(a);
    `add_us(t, d)` the first u with W(u) - W(t) = d, or for a negative d the last u with W(t) - W(u) = -d;
    `is_open_us(t)`; `spans_us(a, b)` the open spans in `[a, b)`; `next_edge_us(t)` the first instant after t at which
    open turns to closed or back, or None. `add_us` raises NeverOpenError and OutOfRangeError.
    """

    __slots__ = (
        "_business",
        "_content",
        "_depth",
        "_digest",
        "_name",
        "_source",
        "_time",
        "_zone",
        "add_us",
        "between_us",
        "is_open_us",
        "next_edge_us",
        "spans_us",
    )

    # These are the timeline's own methods: a method around each would cost a tenth of the look-up.
    between_us: Callable[[int, int], int]
    add_us: Callable[[int, int], int]
    is_open_us: Callable[[int], bool]
    next_edge_us: Callable[[int], int | None]
    spans_us: Callable[[int, int], list[Span]]

    _zone: tzinfo
    _name: str
    _content: Opening | _Composed
    _source: HoursSource | ComposedSource
    _time: Timeline
    _business: BusinessDays
    _depth: int
    _digest: str | None

    def __init__(
        self,
        *,
        timezone: str | tzinfo = "UTC",
        hours: object = None,
        holidays: object = (),
        special: object = None,
        closures: object = (),
        seasons: object = (),
        holidays_close: str = "dates",
        name: str = "",
    ) -> None:
        data: dict[str, object] = {"timezone": timezone, "holidays_close": holidays_close, "name": name}
        data |= {"holidays": holidays, "closures": closures}
        data |= {} if hours is None else {"hours": hours}
        data |= {} if special is None else {"special": special}
        data |= {} if seasons == () else {"seasons": seasons}
        faults = Faults()
        self._fill(*_read_plain(data, faults))

    def _fill(self, zone: tzinfo, name: str, content: Opening | _Composed) -> None:
        put = object.__setattr__
        source: HoursSource | ComposedSource
        dates: HoursDates | ComposedDates
        if isinstance(content, Opening):
            source = HoursSource(content, zone)
            dates = HoursDates(source, content)
            depth = 1
        else:
            source = ComposedSource(content.op, [part._source for part in content.parts], content.closures, zone)
            dates = ComposedDates(source, zone)
            depth = 1 + max(part._depth for part in content.parts)
            if depth > _DEEPEST:
                raise CalendarError(f"found calendars made of calendars {depth} deep, expected at most {_DEEPEST}")
        time = Timeline(source)
        values = {"_zone": zone, "_name": name, "_content": content, "_source": source, "_depth": depth}
        values |= {"_time": time, "_digest": None, "_business": BusinessDays(zone, source, time, Timeline(dates))}
        values |= {"between_us": time.between, "add_us": time.add, "is_open_us": time.holds}
        values |= {"next_edge_us": time.next_edge, "spans_us": time.spans}
        for key, value in values.items():
            put(self, key, value)

    @classmethod
    def _make(cls, zone: tzinfo, name: str, content: Opening | _Composed) -> WorkingCalendar:
        made = cls.__new__(cls)
        made._fill(zone, name, content)
        return made

    # -------------------------------------------------------------------------------------------------- being a value

    @property
    def zone(self) -> tzinfo:
        """The zone of its answers and dates, as an object."""
        return self._zone

    @property
    def timezone(self) -> str:
        """The IANA name of that zone."""
        return zone_name(self._zone)

    @property
    def name(self) -> str:
        """Its name, or an empty text."""
        return self._name

    @property
    def digest(self) -> str:
        """A short text that is the same for calendars of equal content, whatever their names, on every machine."""
        if self._digest is None:
            data = self.to_dict()
            data.pop("name", None)
            text = json.dumps(data, sort_keys=True, separators=(",", ":"))
            object.__setattr__(self, "_digest", hashlib.sha256(text.encode()).hexdigest()[:16])
        return cast(str, self._digest)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, WorkingCalendar):
            return NotImplemented
        return (self._name, self.timezone, self._content) == (other._name, other.timezone, other._content)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __setattr__(self, key: str, value: object) -> NoReturn:
        raise AttributeError(f"a working calendar is frozen; `{key}` cannot be set")

    def __delattr__(self, key: str) -> NoReturn:
        raise AttributeError(f"a working calendar is frozen; `{key}` cannot be deleted")

    def __reduce__(self) -> tuple[object, tuple[str, str, Opening | _Composed]]:
        return (_rebuild, (self.timezone, self._name, self._content))

    def __repr__(self) -> str:
        content = self._content
        what = "" if isinstance(content, Opening) else f" {content.op} of {len(content.parts)},"
        return f"<WorkingCalendar{f' {self._name!r},' if self._name else ''}{what} {self.timezone}>"

    def to_dict(self) -> dict[str, object]:
        """The content as JSON-ready data, which `from_dict` reads back as an equal calendar."""
        data: dict[str, object] = {"timezone": self.timezone}
        content = self._content
        if isinstance(content, Opening):
            data |= opening_data(content)
        else:
            data[content.op] = [part.to_dict() for part in content.parts]
            if content.closures:
                data["closures"] = [closure.data() for closure in content.closures]
        return data | {"name": self._name} if self._name else data

    @classmethod
    def from_dict(cls, data: object) -> WorkingCalendar:
        """A calendar from loose data: the constructor's arguments as a mapping, every scalar of which may be text.

        `all day` alone is the calendar that never closes; `{union: [...]}`, `{intersection: [...]}` and
        `{difference: [...]}` put calendars together, each given as data or as a calendar. Raises as the constructor
        does, for unknown keys too.

        >>> WorkingCalendar.from_dict("all day") == ALWAYS
        True
        """
        faults = Faults()
        found = _read_calendar(data, faults, 0)
        raise_faults(data.get("name", "") if isinstance(data, Mapping) else "", faults)
        return cast(WorkingCalendar, found)

    # -------------------------------------------------------------------------------------------------------- algebra

    def __or__(self, other: WorkingCalendar) -> WorkingCalendar:
        """Open where either is; answers in the zone of the first."""
        return self._with("union", other)

    def __and__(self, other: WorkingCalendar) -> WorkingCalendar:
        """Open where both are; answers in the zone of the first."""
        return self._with("intersection", other)

    def __sub__(self, other: WorkingCalendar) -> WorkingCalendar:
        """Open where the first is and the second is not; answers in the zone of the first."""
        return self._with("difference", other)

    def _with(self, op: Op, other: WorkingCalendar) -> WorkingCalendar:
        if not isinstance(other, WorkingCalendar):
            return NotImplemented
        parts = [*_same_op(self, op), *(_same_op(other, op) if op != "difference" else [other])]
        return self._make(self._zone, "", _Composed(op, tuple(parts)))

    def with_closures(self, closures: Iterable[Mapping[str, object]]) -> WorkingCalendar:
        """The same calendar with further closures, each `{from, until, reason}`; local ends are read in its zone."""
        faults = Faults()
        added = read_closures(list(closures), self._zone, faults)
        raise_faults(self._name, faults)
        return self._make(self._zone, self._name, attrs.evolve(self._content, closures=self._content.closures + added))

    def with_name(self, name: str) -> WorkingCalendar:
        """The same calendar under another name."""
        return self._make(self._zone, name, self._content)

    def in_timezone(self, timezone: str | tzinfo) -> WorkingCalendar:
        """A calendar open at the same instants that answers, and counts dates, in another zone."""
        zone = load_zone(timezone)
        if zone is self._zone:
            return self
        if self._source.steady is not None and self._source.first > self._source.last:
            return self._make(zone, self._name, self._content)  # Always or never open: no wall clock matters.
        return self._make(zone, self._name, _Composed("union", (self,)))

    # ------------------------------------------------------------------------------------------------------ questions

    def between(self, a: Instant, b: Instant) -> Duration:
        """The open time from a until b; negative where b comes first.

        >>> office = WorkingCalendar(hours={"mon-fri": "09:00-17:00"})
        >>> office.between("2026-03-06T16:00Z", "2026-03-09T10:00Z").in_hours()
        2
        """
        return to_duration(self.between_us(to_us(a, "a", CalendarError), to_us(b, "b", CalendarError)))

    def add(self, at: Instant, amount: AmountLike) -> DateTime:
        """The first instant at which the amount has elapsed; a negative one goes back. Day amounts give their instant.

        Raises NeverOpenError, OutOfRangeError and, for an amount that cannot be read, CalendarError.
        """
        start = to_us(at, "at", CalendarError)
        read = Amount.of(amount, signed=True)
        return from_us(
            self.add_us(start, read.us) if read.kind == "open" else self.deadline_us(start, read), self._zone
        )

    def subtract(self, at: Instant, amount: AmountLike) -> DateTime:
        """The last instant from which the amount elapses until `at`; the mirror of `add`, for open time only."""
        return from_us(self.add_us(to_us(at, "at", CalendarError), -open_us(amount)), self._zone)

    def is_open(self, at: Instant) -> bool:
        """Whether the calendar is open at an instant."""
        return self.is_open_us(to_us(at, "at", CalendarError))

    def next_open(self, at: Instant, *, strict: bool = False) -> DateTime | None:
        """`at` itself when open, else the next opening; with `strict` the first opening after `at`; None if none."""
        return self._answer(self.next_open_us(to_us(at, "at", CalendarError), strict))

    def next_close(self, at: Instant, *, strict: bool = False) -> DateTime | None:
        """The first closing after `at`, which is strict already; None if there is none."""
        return self._answer(self.next_close_us(to_us(at, "at", CalendarError)))

    def previous_open(self, at: Instant, *, strict: bool = False) -> DateTime | None:
        """The last opening at or before `at`; with `strict` before it; None if there is none."""
        return self._answer(self.previous_open_us(to_us(at, "at", CalendarError), strict))

    def previous_close(self, at: Instant, *, strict: bool = False) -> DateTime | None:
        """The last instant up to `at` that working time reaches: `at` itself when open just before it, else the last
        closing; with `strict` the last closing before `at`; None if there is none."""
        return self._answer(self.previous_close_us(to_us(at, "at", CalendarError), strict))

    def _answer(self, us: int | None) -> DateTime | None:
        return None if us is None else from_us(us, self._zone)

    def intervals(self, a: Instant, b: Instant) -> list[Interval]:
        """The open intervals in `[a, b)`, cut to it; adjoining ones are one."""
        spans = self.spans_us(to_us(a, "a", CalendarError), to_us(b, "b", CalendarError))
        return [Interval(from_us(start, self._zone), from_us(end, self._zone)) for start, end in spans]

    def why(self, at: Instant) -> str:
        """`open`, or why it is closed: `closed: outside hours`, `closed: holiday "Unity Day"`,
        `closed: closure "data-centre move"`, `closed: special day`."""
        return self.why_us(to_us(at, "at", CalendarError))

    # -------------------------------------------------------------------------------------------------- business dates

    def is_business_day(self, day: DateOrInstant) -> bool:
        """Whether an interval begins on a local date; in a calendar made of others, whether any of it is open."""
        return self._business.holds(self._local(day)[0])

    def add_business_days(self, at: DateOrInstant, days: int) -> DateTime | date:
        """So many business dates later, or earlier, counted from the local date itself: a date for a date, and for an
        instant an instant at the same wall-clock time (in a gap its end; twice: the first)."""
        local, was_date = self._local(at)
        if was_date:
            return self._business.date_of(self._business.nth(local, days))
        return from_us(self._business.shifted(local, days), self._zone)

    def business_days_between(self, a: DateOrInstant, b: DateOrInstant) -> int:
        """How many business dates d there are with a <= d < b; negative where b comes first."""
        return self._business.between(self._local(a)[0], self._local(b)[0])

    def _local(self, value: DateOrInstant) -> tuple[int, bool]:
        """What the wall clock reads at a date's start or at an instant, and whether it was a date."""
        if isinstance(value, str) and len(value) == 10:
            try:
                value = date.fromisoformat(value)
            except ValueError:
                raise CalendarError(f"found `{value}`, expected a date that exists, or an instant") from None
        if isinstance(value, date) and not isinstance(value, datetime):
            return self._business.start_of(value), True
        return local_us(self._zone, to_us(value, "at", CalendarError)), False

    # ---------------------------------------------------------------------------------------------------- for the engine

    def add_last_us(self, t: int, amount: int) -> int:
        """The last instant with `amount` (not negative) elapsed since t: as `add_us`, but the next opening where that
        is a closing. Where the calendar never opens again it is the closing itself."""
        u = self.add_us(t, amount)
        if self.is_open_us(u):
            return u
        opening = self.next_edge_us(u)
        return u if opening is None else opening

    def next_open_us(self, t: int, strict: bool = False) -> int | None:
        """t itself when open, else the next opening; with `strict` the first opening after t."""
        if not self.is_open_us(t):
            return self.next_edge_us(t)
        if not strict:
            return t
        closing = self.next_edge_us(t)
        return None if closing is None else self.next_edge_us(closing)

    def next_close_us(self, t: int) -> int | None:
        """The first closing after t."""
        edge = self.next_edge_us(t)
        return edge if edge is None or self.is_open_us(t) else self.next_edge_us(edge)

    def previous_open_us(self, t: int, strict: bool = False) -> int | None:
        """The last opening at or before t; with `strict` before it."""
        return self._time.last_opening(t - strict)

    def previous_close_us(self, t: int, strict: bool = False) -> int | None:
        """t itself when open just before it, else the last closing before; with `strict` the last closing before t."""
        return self._time.last_closing(t, strict)

    def deadline_us(self, start: int, amount: Amount) -> int:
        """The instant that an amount names when its clock starts at `start`: the day amount's instant, or `add_us`.

        Raises NeverOpenError and OutOfRangeError, and CalendarError for `best effort`, which is never due.
        """
        if amount.kind == "open":
            return self.add_us(start, amount.us)
        return self._business.deadline(start, amount)

    def why_us(self, t: int) -> str:
        """As `why`, for bare microseconds."""
        if self.is_open_us(t):
            return "open"
        content = self._content
        for closure in content.closures:
            start, end = closure.span(self._zone)
            if start <= t < end:
                return f'closed: closure "{closure.reason}"' if closure.reason else "closed: closure"
        if isinstance(content, _Composed):
            reasons = (part.why_us(t) for part in content.parts)
            return next((reason for reason in reasons if reason != "open"), "closed: outside hours")
        number = self._business.date_of(local_us(self._zone, t)).toordinal()
        if self._source.special_days(number, number + 1):  # type: ignore[union-attr]
            return "closed: special day"
        names = holiday_names(content.holidays, number)
        if names:
            return f'closed: holiday "{names[0]}"' if names[0] else "closed: holiday"
        return "closed: outside hours"


def _rebuild(timezone: str, name: str, content: Opening | _Composed) -> WorkingCalendar:
    return WorkingCalendar._make(load_zone(timezone), name, content)


def _same_op(calendar: WorkingCalendar, op: Op) -> tuple[WorkingCalendar, ...]:
    """The parts of an unnamed calendar that was put together in the same way, so that `a | b | c` stays flat."""
    content = calendar._content
    if isinstance(content, _Composed) and content.op == op and not content.closures and not calendar.name:
        return content.parts
    return (calendar,)


# ------------------------------------------------------------------------------------------------------------- reading


def _read_plain(data: Mapping[str, object], faults: Faults) -> tuple[tzinfo, str, Opening]:
    zone = read_zone(data.get("timezone", "UTC"), faults.under("timezone"))
    name = read_text(data.get("name", ""), faults.under("name"))
    opening = read_opening(data, zone, faults)
    if not faults.path:
        raise_faults(name, faults)
    return cast(tzinfo, zone), name, opening


def _read_calendar(data: object, faults: Faults, depth: int) -> WorkingCalendar | None:
    if isinstance(data, WorkingCalendar):
        return data
    if isinstance(data, str):
        data = {"hours": data}
    op = next((op for op in _OPS if isinstance(data, Mapping) and op in data), None)
    known = CONTENT_KEYS if op is None else (op, "timezone", "closures", "name")
    keys = faults.mapping(data, known, "a calendar: a mapping with timezone and hours, or `all day`")
    if keys is None:
        return None
    if op is not None:
        return _read_composed(op, keys, faults, depth)
    count = len(faults.problems)
    read = _read_plain(keys, faults)
    return WorkingCalendar._make(*read) if len(faults.problems) == count else None


def _read_composed(op: Op, keys: dict[str, object], faults: Faults, depth: int) -> WorkingCalendar | None:
    count = len(faults.problems)
    if depth >= _DEEPEST:
        faults.add("too-deep", op, f"calendars made of calendars at most {_DEEPEST} deep")
        return None
    place = faults.under(op)
    items = place.sequence(keys[op], "a list of calendars")
    parts = [_read_calendar(item, place.under(index), depth + 1) for index, item in enumerate(items)]
    if not parts:
        place.add("missing-key", keys[op], "at least one calendar")
    zone = read_zone(keys["timezone"], faults.under("timezone")) if "timezone" in keys else None
    zone = parts[0].zone if zone is None and parts and parts[0] is not None else zone
    name = read_text(keys.get("name", ""), faults.under("name"))
    closures = read_closures(keys.get("closures", ()), zone, faults.under("closures"))
    if len(faults.problems) > count:
        return None
    content = _Composed(op, tuple(cast(list[WorkingCalendar], parts)), closures)
    return WorkingCalendar._make(cast(tzinfo, zone), name, content)


ALWAYS: Final = WorkingCalendar(hours="all day")
"""The calendar that never closes; its zone is UTC."""
