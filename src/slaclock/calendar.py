"""Working calendars: clocks that run only while they are open.

A `WorkingCalendar` is a value: opening hours in a zone, or several calendars put together. All its answers are read
off one rising function W(t), the open microseconds before t: `between(a, b)` is W(b) - W(a), and `add(t, d)` is the
first instant u >= t at which W(u) - W(t) = d. Methods that end in `_us` take and give bare microseconds since 1970 and
are what the rest of slaclock uses; the others take any aware datetime or ISO text and answer in pendulum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from itertools import count
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs

from slaclock._clockwork import DEEPEST, MOST_PARTS, Clockwork, Composed
from slaclock._composed import Op
from slaclock._content import CONTENT_KEYS, Opening, raise_faults, read_opening, read_zone
from slaclock._instants import DateTime, Duration, Instant, from_us, load_zone, local_us, to_duration, to_us
from slaclock._reading import Faults, fault
from slaclock.amounts import Amount, AmountLike, open_us
from slaclock.closures import read_closures
from slaclock.errors import CalendarError, OutOfRangeError
from slaclock.hours import read_text

if TYPE_CHECKING:
    from slaclock.week import WeekView

__all__ = ["ALWAYS", "CalendarSegment", "Interval", "WorkingCalendar"]

DateOrInstant: TypeAlias = date | str
"""A local date (`datetime.date` or `2026-03-02`), or an instant (aware datetime or ISO text with an offset)."""

_OPS: Final[tuple[Op, ...]] = ("union", "intersection", "difference")


@attrs.frozen
class Interval:
    """A stretch of open time, `[start, end)`."""

    start: DateTime
    end: DateTime

    @property
    def duration(self) -> Duration:
        """Its length in real time."""
        return to_duration(to_us(self.end) - to_us(self.start))

    def __str__(self) -> str:
        return _span_text(self.start, self.end)


@attrs.frozen
class CalendarSegment:
    """A stretch of time, `[start, end)`, in which a calendar is open, or closed for one reason."""

    start: DateTime
    end: DateTime
    is_open: bool
    why: str
    """As `WorkingCalendar.why` says it."""

    def __str__(self) -> str:
        return f"{_span_text(self.start, self.end)}  {self.why}"


def _span_text(start: DateTime, end: DateTime) -> str:
    return f"{start.isoformat()} .. {end.isoformat()}"


class WorkingCalendar(Clockwork):
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
    """

    __slots__ = ()

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
        data |= {} if isinstance(seasons, tuple) and not seasons else {"seasons": seasons}
        faults = Faults()
        self._fill(*_read_plain(data, faults))

    # -------------------------------------------------------------------------------------------- reading and writing

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
        found = _read_calendar(data, faults, 0, count(1))
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
        return self._make(self._zone, "", Composed(op, tuple(parts)))

    def with_closures(self, closures: Iterable[Mapping[str, object]]) -> WorkingCalendar:
        """The same calendar with further closures, each `{from, until, reason}`; local ends are read in its zone."""
        faults = Faults()
        given = (
            closures if isinstance(closures, Mapping | str) or not isinstance(closures, Iterable) else list(closures)
        )
        added = read_closures(given, self._zone, faults)
        raise_faults(self._name, faults)
        return self._less(added)

    def with_name(self, name: str) -> WorkingCalendar:
        """The same calendar under another name."""
        faults = Faults()
        read = read_text(name, faults.under("name"))
        raise_faults("", faults)
        return self._make(self._zone, read, self._content)

    def in_timezone(self, timezone: str | tzinfo) -> WorkingCalendar:
        """A calendar open at the same instants that answers, and counts dates, in another zone."""
        zone = load_zone(timezone)
        if zone is self._zone:
            return self
        if self._source.steady is not None and self._source.first > self._source.last:
            return self._make(zone, self._name, self._content)  # Always or never open: no wall clock matters.
        return self._make(zone, self._name, Composed("union", (self,)))

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

    def segments(self, a: Instant, b: Instant) -> list[CalendarSegment]:
        """Segments that cover `[a, b)` without gaps or overlaps, each open or closed for one reason.

        >>> office = WorkingCalendar(hours={"mon-fri": "09:00-17:00"}, holidays=["2026-03-03"])
        >>> [segment.why for segment in office.segments("2026-03-02T12:00Z", "2026-03-04T12:00Z")]
        ['open', 'closed: outside hours', 'closed: holiday', 'closed: outside hours', 'open']
        """
        found = self.segments_us(to_us(a, "a", CalendarError), to_us(b, "b", CalendarError))
        zone = self._zone
        return [CalendarSegment(from_us(lo, zone), from_us(hi, zone), why == "open", why) for lo, hi, why in found]

    # -------------------------------------------------------------------------------------------------------- pictures

    def week(self, day: DateOrInstant) -> WeekView:
        """The week, Monday to Sunday, that holds a local date or an instant; `print` draws it.

        >>> office = WorkingCalendar(hours={"mon-fri": "09:00-17:00"})
        >>> print(str(office.week("2026-03-02")).splitlines()[2])
        Mon 2026-03-02  ··················████████████████··············  09:00-17:00
        """
        from slaclock.week import draw_week

        return draw_week(self, self._business.date_of(self._local(day)[0]))

    def _repr_html_(self) -> str:
        """The calendar at a glance, for notebooks."""
        from slaclock.glance import calendar_html

        return calendar_html(self)

    # -------------------------------------------------------------------------------------------------- business dates

    def is_business_day(self, day: DateOrInstant) -> bool:
        """Whether an interval begins on a local date; in a calendar made of others, whether any of it is open."""
        return self._business.holds(self._local(day)[0])

    def add_business_days(self, at: DateOrInstant, days: int | Amount) -> DateTime | date:
        """So many business dates later, or earlier, counted from the local date itself: a date for a date, and for an
        instant an instant at the same wall-clock time (in a gap its end; twice: the first). An Amount such as
        `3 business days` counts its days."""
        number = _day_count(days)
        local, was_date = self._local(at)
        if was_date:
            return self._business.date_of(self._business.nth(local, number))
        return from_us(self._business.shifted(local, number), self._zone)

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


def _day_count(days: object) -> int:
    """A number of days, given as such or as an amount of business days without a time of day."""
    if isinstance(days, Amount) and days.kind == "business_days" and days.by is None:
        return days.days
    if isinstance(days, int) and not isinstance(days, bool):
        if abs(days) > date.max.toordinal():
            raise OutOfRangeError("the answer lies outside the years 1 to 9999")
        return days
    raise fault("wrong-type", days, "a whole number of business days, or an amount such as `3 business days`")


def _same_op(calendar: Clockwork, op: Op) -> tuple[Clockwork, ...]:
    """The parts of an unnamed calendar that was put together in the same way, so that `a | b | c` stays flat."""
    content = calendar._content
    if isinstance(content, Composed) and content.op == op and not content.closures and not calendar.name:
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


def _read_calendar(data: object, faults: Faults, depth: int, read: count[int]) -> WorkingCalendar | None:
    """A calendar from data; `read` counts those that were read, since few mappings can stand for very many."""
    if next(read) > DEEPEST * MOST_PARTS:
        faults.add("too-large", data, f"a calendar made of at most {MOST_PARTS:,} calendars, repeated ones counted")
        raise_faults("", faults)
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
        return _read_composed(op, keys, faults, depth, read)
    before = len(faults.problems)
    plain = _read_plain(keys, faults)
    return WorkingCalendar._make(*plain) if len(faults.problems) == before else None


def _read_composed(
    op: Op, keys: dict[str, object], faults: Faults, depth: int, read: count[int]
) -> WorkingCalendar | None:
    before = len(faults.problems)
    if depth >= DEEPEST:
        faults.add("too-deep", op, f"calendars made of calendars at most {DEEPEST} deep")
        return None
    place = faults.under(op)
    items = place.sequence(keys[op], "a list of calendars")
    parts = [_read_calendar(item, place.under(index), depth + 1, read) for index, item in enumerate(items)]
    if not parts and isinstance(keys[op], (list, tuple)):
        place.add("missing-key", keys[op], "at least one calendar")
    zone = read_zone(keys["timezone"], faults.under("timezone")) if "timezone" in keys else None
    zone = parts[0].zone if zone is None and parts and parts[0] is not None else zone
    name = read_text(keys.get("name", ""), faults.under("name"))
    closures = read_closures(keys.get("closures", ()), zone, faults.under("closures"))
    if len(faults.problems) > before:
        return None
    content = Composed(op, tuple(cast(list[WorkingCalendar], parts)), closures)
    return WorkingCalendar._make(cast(tzinfo, zone), name, content)


ALWAYS: Final = WorkingCalendar(hours="all day")
"""The calendar that never closes; its zone is UTC."""
