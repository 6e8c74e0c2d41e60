"""A set of numbers as sorted edges with running totals, compiled year by year when asked.

This is W(t) of the design: how many members of the set lie before t. The members are microseconds of open time; for
counting business dates they are microseconds of local dates. The set itself is a `Source`, which can say what lies in
a stretch of years. A `Timeline` compiles years on demand into tables: an answer inside a table is one or two look-ups
and some additions. Tables are contiguous years; a few are kept, none grows without bound, and each is published by one
assignment, so that threads may share a timeline without a lock.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from itertools import chain
from typing import Final, Protocol

from slaclock._instants import DAY_US, MAX_US, MIN_US
from slaclock._spans import Span, clip, total, union
from slaclock._table import BUCKET, NO_TABLE, Table, year_of, year_start
from slaclock._years import Mark, kind_of
from slaclock.errors import NeverOpenError, OutOfRangeError

__all__ = ["HORIZON_YEARS", "Source", "Timeline", "year_of", "year_start"]

HORIZON_YEARS: Final = 100
"""A calendar that stays shut this long after the question and after its last explicit date never opens."""

_TOO_LATE: Final = "the answer lies after the year 9999"
_TOO_EARLY: Final = "the answer lies before the year 1"
_MOST_YEARS: Final = 64
_MOST_SPANS: Final = 250_000
_MOST_TABLES: Final = 4
_REACH_YEARS: Final = 8
_FEW_YEARS: Final = 4
_FIRST_DAY: Final = MIN_US // DAY_US


class Source(Protocol):
    """The set itself."""

    @property
    def first(self) -> int:
        """No date that is given with its year lies before this number."""

    @property
    def last(self) -> int:
        """No date that is given with its year lies at or after this number."""

    @property
    def steady(self) -> bool | None:
        """True or False where everything, or nothing, outside `[first, last)` is a member; None otherwise."""

    def spans(self, lo: int, hi: int) -> list[Span]:
        """The members in `[lo, hi)` as sorted, disjoint spans."""

    def mark(self, year: int) -> Mark | None:
        """What bears on a year: years of one mark have the same members, counted from their beginnings. None for a year
        that is like no other, or that no other should be compared with."""

    def reach(self) -> tuple[int, int]:
        """Only the kind of a year bears on years before the first and after the second of these."""


class Timeline:
    """Questions about a source, answered from compiled tables."""

    __slots__ = ("_by_mark", "_hot", "_most_years", "_reach", "_source", "_tables", "_totals")

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hot = NO_TABLE
        self._tables: tuple[Table, ...] = ()
        self._totals: array[int] | None = None
        self._by_mark: dict[Mark, int] = {}
        self._reach: tuple[int, int] | None = None
        self._most_years = _MOST_YEARS

    # ------------------------------------------------------------------------------------------------------ measuring

    # The look-ups are written out in `between` and `add`: a call for each would cost as much as the look-up.

    def between(self, a: int, b: int) -> int:
        """How many members lie in `[a, b)`; negative where b comes first."""
        hot = self._hot
        lo, hi = hot.lo, hot.hi
        if not (lo <= a < hi and lo <= b < hi):
            return self._between_far(a, b) if a <= b else -self._between_far(b, a)
        edges, buckets = hot.edges, hot.edge_buckets
        bucket = (a - lo) >> BUCKET
        i = buckets[bucket]
        if edges[i] <= a:
            i = bisect_right(edges, a, i, buckets[bucket + 1])
        bucket = (b - lo) >> BUCKET
        j = buckets[bucket]
        if edges[j] <= b:
            j = bisect_right(edges, b, j, buckets[bucket + 1])
        known = hot.known
        return (known[j] if j & 1 else b - known[j]) - (known[i] if i & 1 else a - known[i])

    def _between_far(self, a: int, b: int) -> int:
        first, last = year_of(a), year_of(b)
        if self._keeps(first, last):
            table = self._cover(first, last)
            return table.count(b) - table.count(a)
        count = total(self._source.spans(a, year_start(first + 1))) + total(self._source.spans(year_start(last), b))
        return count + self._years_total(first + 1, last)

    def _years_total(self, first: int, stop: int) -> int:
        return sum(map(self._year_total, range(first, stop)))

    def _year_total(self, year: int) -> int:
        totals = self._totals
        if totals is None:
            totals = self._totals = array("q", [-1]) * 10_000
        found = totals[year]
        if found < 0:
            found = totals[year] = self._find_total(year)
        return found

    def _find_total(self, year: int) -> int:
        source, start, stop = self._source, year_start(year), year_start(year + 1)
        if source.steady is not None and (stop <= source.first or source.last <= start):
            return stop - start if source.steady else 0
        mark = self._mark(year)
        found = None if mark is None else self._by_mark.get(mark)
        if found is None:
            found = total(source.spans(start, stop))
            if mark is not None:
                self._by_mark[mark] = found
        return found

    def _mark(self, year: int) -> Mark | None:
        if self._reach is None:
            self._reach = self._source.reach()
        first, last = self._reach
        if first <= year <= last or not 1 < year < 9999:
            return self._source.mark(year)
        return (kind_of(year), year < first)

    # --------------------------------------------------------------------------------------------------------- adding

    def add(self, t: int, amount: int) -> int:
        """The first u >= t with `amount` members in `[t, u)`; for a negative amount the last u <= t with as many in
        `[u, t)`. Raises NeverOpenError and OutOfRangeError."""
        if amount <= 0:
            return self._subtract(t, -amount) if amount else t
        hot = self._hot
        if not hot.lo <= t < hot.hi:
            return self._add_far(t, amount)
        edges, buckets = hot.edges, hot.edge_buckets
        bucket = (t - hot.lo) >> BUCKET
        i = buckets[bucket]
        if edges[i] <= t:
            i = bisect_right(edges, t, i, buckets[bucket + 1])
        count = (hot.known[i] if i & 1 else t - hot.known[i]) + amount
        if count > hot.total:
            return self._add_far(t, amount)
        ends, buckets = hot.ends, hot.end_buckets
        bucket = count >> BUCKET
        i = buckets[bucket]
        if ends[i] < count:
            i = bisect_left(ends, count, i, buckets[bucket + 1])
        return count + hot.back[i]

    def _add_far(self, t: int, amount: int) -> int:
        year = year_of(t)
        table = self._cover(year, year)
        count = table.count(t) + amount
        if count <= table.total:
            return count + table.back[bisect_left(table.ends, count)]
        left = count - table.total
        quiet_since = year_of(table.edges[-2] - 1) if table.ends and table.edges[-2] > t else year
        year = table.stop
        source = self._source
        last_year = _clamped_year(source.last)
        while True:
            if source.steady is not None and year > last_year:
                if not source.steady:
                    raise _never(t)
                return _in_range(year_start(year) + left)
            if year > max(quiet_since, last_year) + HORIZON_YEARS:
                raise _never(t)
            if year > 9999:
                raise _never(t) if year > quiet_since + HORIZON_YEARS else OutOfRangeError(_TOO_LATE)
            here = self._year_total(year)
            if left <= here:
                break
            if here:
                quiet_since = year
                left -= here
            year += 1
        table = self._cover(year, year)
        count = table.count(year_start(year)) + left
        return count + table.back[bisect_left(table.ends, count)]

    def _subtract(self, t: int, amount: int) -> int:
        hot = self._hot
        count = hot.count(t) - amount if hot.lo <= t < hot.hi else -1
        if count < 0:
            return self._subtract_far(t, amount)
        return count + hot.back[bisect_right(hot.ends, count)]

    def _subtract_far(self, t: int, amount: int) -> int:
        year = year_of(t)
        table = self._cover(year, year)
        count = table.count(t) - amount
        if count >= 0:
            return count + table.back[bisect_right(table.ends, count)]
        left = -count
        quiet_since = year_of(table.edges[1]) if table.ends and table.edges[1] < t else year
        year = table.first - 1
        source = self._source
        first_year = _clamped_year(source.first)
        while True:
            if source.steady is not None and year < first_year:
                if not source.steady:
                    raise _never(t)
                return _in_range(year_start(year + 1) - left)
            if year < min(quiet_since, first_year) - HORIZON_YEARS:
                raise _never(t)
            if year < 1:
                raise _never(t) if year < quiet_since - HORIZON_YEARS else OutOfRangeError(_TOO_EARLY)
            here = self._year_total(year)
            if left <= here:
                break
            if here:
                quiet_since = year
                left -= here
            year -= 1
        table = self._cover(year, year)
        count = table.count(year_start(year + 1)) - left
        return count + table.back[bisect_right(table.ends, count)]

    # ---------------------------------------------------------------------------------------------------------- edges

    def holds(self, t: int) -> bool:
        """Whether t is a member."""
        hot = self._hot
        if not hot.lo <= t < hot.hi:
            year = year_of(t)
            if t == MAX_US:
                return False
            hot = self._cover(year, year)
        return not bisect_right(hot.edges, t) & 1

    def next_edge(self, t: int) -> int | None:
        """The first number after t at which membership changes; None where it never does again."""
        hot = self._hot
        if not hot.lo <= t < hot.hi:
            if t >= MAX_US:
                return None
            year = year_of(t)
            hot = self._cover(year, year)
        i = bisect_right(hot.edges, t)
        # A closing at the very end of the table may only be the end of the table.
        if hot.edges[i] < hot.hi:
            return hot.edges[i]
        return self._next_edge_far(year_of(t), hot.stop, not i & 1)

    def _next_edge_far(self, asked: int, year: int, inside: bool) -> int | None:
        source = self._source
        last_year = _clamped_year(source.last)
        limit = min(max(asked, last_year) + HORIZON_YEARS, 9999)
        while year <= limit:
            start, stop = year_start(year), year_start(year + 1)
            if source.steady is not None and year > last_year:
                return None if source.steady == inside else start
            if self._year_total(year) != (stop - start if inside else 0):
                spans = source.spans(start, stop)
                if not inside:
                    return spans[0][0]
                return spans[0][1] if spans and spans[0][0] == start else start
            year += 1
        return None

    def last_edge(self, t: int) -> int | None:
        """The last number up to t at which membership changed; None where it never had."""
        hot = self._hot
        if not hot.lo <= t < hot.hi:
            if t <= MIN_US:
                return None
            year = year_of(t)
            if t == MAX_US:
                return self.last_edge(t - 1)
            hot = self._cover(year, year)
        i = bisect_right(hot.edges, t)
        # An opening at the very start of the table may only be the start of the table.
        if hot.edges[i - 1] > hot.lo:
            return hot.edges[i - 1]
        return self._last_edge_far(year_of(t), hot.first - 1, not i & 1)

    def _last_edge_far(self, asked: int, year: int, inside: bool) -> int | None:
        source = self._source
        first_year = _clamped_year(source.first)
        limit = max(min(asked, first_year) - HORIZON_YEARS, 1)
        while year >= limit:
            start, stop = year_start(year), year_start(year + 1)
            if source.steady is not None and year < first_year:
                return None if source.steady == inside else stop
            if self._year_total(year) != (stop - start if inside else 0):
                spans = source.spans(start, stop)
                if not inside:
                    return spans[-1][1]
                return spans[-1][0] if spans and spans[-1][1] == stop else stop
            year -= 1
        return None

    def last_opening(self, t: int) -> int | None:
        """The last number up to t at which a span begins; None where there is none."""
        if t < MIN_US:
            return None
        edge = self.last_edge(t)
        if edge is None or self.holds(edge):
            return edge
        return self.last_edge(edge - 1)

    def last_closing(self, t: int, strict: bool) -> int | None:
        """The last end of a span before t; without `strict`, t itself where t - 1 is a member."""
        if t <= MIN_US:
            return None
        if not self.holds(t - 1):
            return self.last_edge(t - 1)
        if not strict:
            return t
        opening = self.last_edge(t - 1)
        return None if opening is None else self.last_edge(opening - 1)

    def spans(self, a: int, b: int) -> list[Span]:
        """The members in `[a, b)` as spans; adjoining ones are one."""
        if a >= b:
            return []
        first, last = year_of(a), year_of(b)
        if not self._keeps(first, last):
            return self._spans_far(a, b, first, last)
        table = self._cover(first, last)
        edges = table.edges
        i = bisect_right(edges, a)
        j = bisect_left(edges, b)
        inner = edges[i:j]
        if not i & 1:
            inner.insert(0, a)
        if len(inner) & 1:
            inner.append(b)
        pairs = iter(inner)
        return list(zip(pairs, pairs, strict=True))

    def _spans_far(self, a: int, b: int, first: int, last: int) -> list[Span]:
        source = self._source
        known: dict[Mark, list[Span]] = {}
        out: list[Span] = []
        for year in range(first, last + 1):
            origin = year_start(year)
            mark = self._mark(year)
            spans = None if mark is None else known.get(mark)
            if spans is None:
                spans = [(start - origin, end - origin) for start, end in source.spans(origin, year_start(year + 1))]
                if mark is not None:
                    known[mark] = spans
            here = [(origin + start, origin + end) for start, end in spans]
            if year in (first, last):
                here = clip(here, a, b)
            if out and here and out[-1][1] == here[0][0]:
                here[0] = (out.pop()[0], here[0][1])
            out += here
        return out

    # ------------------------------------------------------------------------------------------------------ compiling

    def _keeps(self, first: int, last: int) -> bool:
        """Whether the years first to last are few enough to be kept in one table."""
        if last - first > _FEW_YEARS and self._hot is NO_TABLE:
            self._cover(first, first)  # How crowded they are shows when one is compiled.
        return last - first < self._most_years // 2

    def _cover(self, first: int, last: int) -> Table:
        """A table that holds the years first to last (included); it becomes the one that is asked first."""
        for table in self._tables:
            if table.first <= first and last < table.stop:
                self._hot = table
                return table
        tables = self._tables
        near = self._hot
        start, stop = first, last + 1
        if (
            near is not NO_TABLE
            and first - near.stop < _REACH_YEARS
            and near.first - last < _REACH_YEARS
            and max(stop, near.stop) - min(start, near.first) <= self._most_years
        ):
            # Growing by half of its size keeps the cost of many small extensions linear.
            size = near.stop - near.first
            room = self._most_years - (max(stop, near.stop) - min(start, near.first))
            grow = min(size // 2, _REACH_YEARS, room)
            start = max(min(start, near.first - grow), 1) if start < near.first else near.first
            stop = min(max(stop, near.stop + grow), 10_000) if stop > near.stop else near.stop
            before = self._compile(start, near.first)
            after = self._compile(near.stop, stop)
            spans = union(chain(before, near.spans(), after)) if before or after else near.spans()
            tables = tuple(table for table in tables if table is not near)
        else:
            spans = self._compile(start, stop)
        made = Table(start, stop, spans)
        # Where years are crowded, fewer of them are kept.
        self._most_years = min(_MOST_YEARS, max(2, _MOST_SPANS * (stop - start) // (len(spans) + 1)))
        self._tables = (made, *tables[: _MOST_TABLES - 1])
        self._hot = made
        return made

    def _compile(self, first: int, stop: int) -> list[Span]:
        return self._source.spans(year_start(first), year_start(stop)) if first < stop else []


def _clamped_year(number: int) -> int:
    return year_of(min(max(number, MIN_US), MAX_US))


def _in_range(number: int) -> int:
    if MIN_US <= number <= MAX_US:
        return number
    raise OutOfRangeError("the answer lies outside the years 1 to 9999")


def _never(t: int) -> NeverOpenError:
    return NeverOpenError(
        f"no open time within {HORIZON_YEARS} years of the question and of the calendar's explicit dates; "
        "check its hours, holidays and closures"
    )
