"""The works of a calendar: its content as a value, and every answer in bare microseconds since 1970.

`WorkingCalendar` in `calendar.py` is the face on these works: it reads instants and amounts as people write them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NoReturn, Self, TypeAlias, cast

import attrs

from slaclock._composed import ComposedDates, ComposedSource, Op
from slaclock._content import Opening, opening_data
from slaclock._days import BusinessDays
from slaclock._edges import Timeline, year_of, year_start
from slaclock._instants import load_zone, zone_name
from slaclock._opening import HoursDates, HoursSource
from slaclock._reading import fault
from slaclock._spans import Span
from slaclock._without import Without
from slaclock.amounts import Amount
from slaclock.closures import Closure, Moment

if TYPE_CHECKING:
    from slaclock._reasons import Labelled

__all__ = ["DEEPEST", "MOST_PARTS", "Clockwork", "Composed"]

DEEPEST = 40
"""How many storeys of calendars made of calendars there may be."""
MOST_PARTS = 256
"""How many calendars one may be made of, each counted as often as it stands in it: every one of them is work."""


_CONTENT: Final = ("_zone", "_name", "_content", "_digest", "_taken")

Reasons: TypeAlias = tuple[tuple[int, int, str], ...]
"""Spans of instants, each with the reason why a calendar is closed then."""


@attrs.frozen
class Composed:
    """The content of a calendar that is made of others."""

    op: Op
    parts: tuple[Clockwork, ...]
    closures: tuple[Closure, ...] = ()


class Clockwork:
    """A frozen calendar in numbers, compared and hashed by content.

    `between_us(a, b)` is W(b) - W(a);
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
        "_size",
        "_source",
        "_taken",
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
    _content: Opening | Composed
    _source: HoursSource | ComposedSource
    _time: Timeline
    _business: BusinessDays
    _taken: tuple[Clockwork, Reasons]
    _depth: int
    _size: int
    _digest: str | None

    def _fill(self, zone: tzinfo, name: str, content: Opening | Composed) -> None:
        put = object.__setattr__
        source: HoursSource | ComposedSource
        dates: HoursDates | ComposedDates
        if isinstance(content, Opening):
            source = HoursSource(content, zone)
            dates = HoursDates(source, content)
            depth = size = 1
        else:
            depth, size = _extent(content.parts)
            source = ComposedSource(content.op, [part._source for part in content.parts], content.closures, zone)
            dates = ComposedDates(source, zone)
        time = Timeline(source)
        values = {"_zone": zone, "_name": name, "_content": content, "_source": source}
        values |= {
            "_depth": depth,
            "_size": size,
            "_time": time,
            "_digest": None,
            "_business": BusinessDays(zone, source, time, Timeline(dates)),
        }
        values |= {"between_us": time.between, "add_us": time.add, "is_open_us": time.holds}
        values |= {"next_edge_us": time.next_edge, "spans_us": time.spans}
        for key, value in values.items():
            put(self, key, value)

    @classmethod
    def _make(cls, zone: tzinfo, name: str, content: Opening | Composed) -> Self:
        made = cls.__new__(cls)
        made._fill(zone, name, content)
        return made

    # To a type checker a calendar has no attributes but those that are named.
    if not TYPE_CHECKING:  # pragma: no branch

        def __getattr__(self, name: str) -> object:
            # A calendar from a pickle is its content, and makes its works when it is first asked something.
            if name == "_content":
                return self._find_content()
            if name not in Clockwork.__slots__ or name in _CONTENT:
                raise AttributeError(f"a working calendar has no attribute {name!r}")
            self._fill(self._zone, self._name, self._content)
            return object.__getattribute__(self, name)

    def less_us(self, spans: Iterable[tuple[int, int, str]]) -> Self:
        """The same calendar less spans of instants, each with the reason why it is closed then.

        It answers in figures from this one, and makes works of its own when it is asked more than these.
        """
        taken = tuple(spans)
        time = Without(self, ((start, end) for start, end, _ in taken))
        made = self.__class__.__new__(self.__class__)
        values = {"_zone": self._zone, "_name": self._name, "_digest": None, "_taken": (self, taken)}
        values |= {"between_us": time.between, "add_us": time.add, "is_open_us": time.holds}
        values |= {"next_edge_us": time.next_edge, "spans_us": time.spans}
        for key, value in values.items():
            object.__setattr__(made, key, value)
        return made

    def _find_content(self) -> Opening | Composed:
        # Only what `less_us` made has to look for it.
        base, taken = self._taken
        closures = tuple(Closure(Moment(start, False), Moment(end, False), reason) for start, end, reason in taken)
        content = attrs.evolve(base._content, closures=base._content.closures + closures)
        object.__setattr__(self, "_content", content)
        return content

    def _less(self, closures: tuple[Closure, ...]) -> Self:
        return self._make(
            self._zone, self._name, attrs.evolve(self._content, closures=self._content.closures + closures)
        )

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
            import hashlib
            import json

            data = self.to_dict()
            data.pop("name", None)
            text = json.dumps(data, sort_keys=True, separators=(",", ":"))
            object.__setattr__(self, "_digest", hashlib.sha256(text.encode()).hexdigest()[:16])
        return cast(str, self._digest)

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Clockwork):
            return NotImplemented
        return (self._name, self.timezone, self._content) == (other._name, other.timezone, other._content)

    def __hash__(self) -> int:
        return hash(self.digest)

    def __setattr__(self, key: str, value: object) -> NoReturn:
        raise AttributeError(f"a working calendar is frozen; `{key}` cannot be set")

    def __delattr__(self, key: str) -> NoReturn:
        raise AttributeError(f"a working calendar is frozen; `{key}` cannot be deleted")

    def __reduce__(self) -> tuple[object, tuple[type[Clockwork], str, str, Opening | Composed]]:
        return (_rebuild, (type(self), self.timezone, self._name, self._content))

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

    # --------------------------------------------------------------------------------------------------- for the engine

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
        return "open" if self.is_open_us(t) else self.segments_us(t, t + 1)[0][2]

    def segments_us(self, a: int, b: int) -> list[Labelled]:
        """Segments that cover `[a, b)` without gaps or overlaps: start, end, and `open` or why it is closed."""
        from slaclock._reasons import merged

        if a >= b:
            return []
        # Some years at a time: enough to share the work, and few enough to look through.
        cuts = [a, *(year_start(year) for year in range(year_of(a) + 1, year_of(b - 1) + 1, 8)), b]
        return merged(segment for lo, hi in pairwise(cuts) for segment in self._segments(lo, hi))

    def _segments(self, lo: int, hi: int) -> list[Labelled]:
        from slaclock._reasons import closures_over, combined, opening_segments

        content = self._content
        if isinstance(content, Opening):
            assert isinstance(self._source, HoursSource)
            return opening_segments(self._source, content, self._zone, self.spans_us(lo, hi), lo, hi)
        # The same calendar may stand in it several times.
        found = {key: part._segments(lo, hi) for key, part in {id(part): part for part in content.parts}.items()}
        parts = [found[id(part)] for part in content.parts]
        rest = combined(content.op, [part.name for part in content.parts], parts)
        return closures_over(self._source.closures, rest, lo, hi)


def _extent(parts: Sequence[Clockwork]) -> tuple[int, int]:
    """How deep and how large a calendar made of others is; CalendarError where it is too much."""
    depth = 1 + max(part._depth for part in parts)
    if depth > DEEPEST:
        raise fault("too-deep", depth, f"calendars made of calendars at most {DEEPEST} deep")
    size = sum(part._size for part in parts)
    if size > MOST_PARTS:
        raise fault("too-large", size, f"a calendar made of at most {MOST_PARTS:,} calendars, repeated ones counted")
    return depth, size


def _rebuild(kind: type[Clockwork], timezone: str, name: str, content: Opening | Composed) -> Clockwork:
    made = kind.__new__(kind)
    for key, value in (("_zone", load_zone(timezone)), ("_name", name), ("_content", content), ("_digest", None)):
        object.__setattr__(made, key, value)
    return made
