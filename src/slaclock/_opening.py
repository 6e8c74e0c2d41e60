"""From opening hours to spans of instants: what a calendar's content means, stretch by stretch.

A calendar is open at an instant if and only if the wall clock of its zone reads an open time, and no closure holds.
So the open spans are built on the wall clock first, for all dates around the stretch; then, for each run of constant
UTC offset, the part of the wall clock that this run shows is cut out and shifted. An opening in a skipped hour opens
at the end of the gap, and an hour that is shown twice counts twice, without a case for either. Closures are spans of
instants and are taken out last.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, tzinfo
from itertools import chain, pairwise
from typing import Final

from slaclock._content import Opening
from slaclock._instants import DAY_US, MAX_US, MIN_US, Run, offset_runs
from slaclock._spans import Span, clip, intersect, minus, total, union
from slaclock._table import year_of, year_start
from slaclock._years import LISTED, Mark, around, clock_of, kind_of, within
from slaclock.closing import Holiday, HolidayRule, dated_numbers, holiday_spans
from slaclock.closures import Closure
from slaclock.dates import DateRange, Day
from slaclock.hours import ALL_DAY, DayHours, Week
from slaclock.ics import IcsEntries

__all__ = [
    "HoursDates",
    "HoursSource",
    "closed_by",
    "instants_around",
    "midnights",
    "numbers_around",
    "to_instants",
    "years_around",
]

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
# What is given for a date may be open until the end of the next, and zones differ from UTC by a day at most.
_MARGIN: Final = 4 * DAY_US


class HoursSource:
    """The open time of an `Opening` in a zone."""

    __slots__ = (
        "_closures", "_dated", "_dated_holidays", "_dated_numbers", "_dated_seasons", "_entries", "_opening",
        "_other_holidays", "_rolls", "_rules", "_yearly", "_yearly_seasons", "_zone", "closures", "first", "last",
        "steady",
    )  # fmt: skip

    def __init__(self, opening: Opening, zone: tzinfo) -> None:
        self._opening = opening
        self._zone = zone
        self._dated = {day.number: hours for day, hours in opening.special if day.year is not None}
        self._dated_numbers = sorted(self._dated)
        self._yearly = [(day, hours) for day, hours in opening.special if day.year is None]
        self.closures = closed_by(opening.closures, zone)
        self._closures = union((start, end) for start, end, _ in self.closures)
        self._entries = [item for item in opening.holidays if isinstance(item, IcsEntries)]
        # What is given with its year is found by bisection, however much there is of it.
        dated = [item for item in opening.holidays if isinstance(item, Holiday) and not item.endless]
        self._dated_holidays = union((item.dates.first.number, item.dates.last.number + 1) for item in dated)
        yearly = {item.dates: item for item in opening.holidays if isinstance(item, Holiday) and item.endless}
        self._other_holidays = [*yearly.values(), *(x for x in opening.holidays if not isinstance(x, Holiday))]
        self._rules = [item for item in opening.holidays if isinstance(item, HolidayRule)]
        seasons = [season for season in opening.seasons if not season.dates.yearly]
        self._dated_seasons = sorted((x.dates.first.number, x.dates.last.number + 1, x.week) for x in seasons)
        self._yearly_seasons = [season for season in opening.seasons if season.dates.yearly]
        weeks = [opening.week, *(season.week for season in opening.seasons)]
        every = chain(chain.from_iterable(weeks), (hours for _, hours in opening.special))
        # Whether an interval may touch or overlap what begins on the next date.
        self._rolls = any(hours and hours[-1][1] >= DAY_US for hours in every)
        self.first, self.last = _explicit(opening, self._closures)
        self.steady = _steady(opening)

    def mark(self, year: int) -> Mark | None:
        """What bears on a year; None where it is like no other."""
        lo, hi = around(year)
        first, origin, stop = (at // DAY_US + _EPOCH_DAY for at in (lo, year_start(year), hi))
        if not 1 < year < 9999 or any(item.first < stop and first < item.stop for item in self._entries):
            return None
        marks: list[object] = [kind_of(year), clock_of(self._zone, year)]
        if self._closures:
            marks.append(tuple(within(self._closures, lo, hi, year_start(year))))
        if self._dated_holidays:
            marks.append(tuple(within(self._dated_holidays, first, stop, origin)))
        if self._dated:
            marks.append(tuple((day - origin, self._dated[day]) for day in self._dated_between(first, stop)))
        for start, end, week in self._seasons_between(first, stop):
            marks.append((max(start, first) - origin, min(end, stop) - origin, week))
        if self._rules:
            marks += [(start - origin, end - origin) for start, end in union(holiday_spans(self._rules, first, stop))]
        return tuple(marks)

    def reach(self) -> tuple[int, int]:
        """Only the kind of a year bears on years before the first and after the second of these."""
        return years_around(self.first, self.last, *(rule.reach() for rule in self._rules))

    def spans(self, lo: int, hi: int) -> list[Span]:
        """The open spans in `[lo, hi)`, which lies within the years 1 to 9999."""
        if lo >= hi:
            return []
        if self.steady is None:
            return self._compiled(lo, hi)
        inner_lo, inner_hi = max(lo, self.first), min(hi, self.last)
        if inner_lo >= inner_hi:
            return [(lo, hi)] if self.steady else []
        inner = self._compiled(inner_lo, inner_hi)
        return union([(lo, inner_lo), *inner, (inner_hi, hi)]) if self.steady else inner

    def closed(self, lo: int, hi: int) -> list[Span]:
        """What closures take out of `[lo, hi)`, and perhaps around it."""
        found = within(self._closures, lo, hi)
        if not self._entries:
            return found
        return union(chain(found, (span for item in self._entries for span in item.spans(self._zone, lo, hi))))

    def _compiled(self, lo: int, hi: int) -> list[Span]:
        closures = self.closed(lo, hi)
        if not closures:
            return self._shown(lo, hi)
        left = minus([(lo, hi)], clip(closures, lo, hi))
        if total(left) * 2 > hi - lo:
            return minus(self._shown(lo, hi), closures)
        # A calendar may be closed for thousands of years: only what is left is worth compiling.
        return [span for start, end in left for span in self._shown(start, end)]

    def _shown(self, lo: int, hi: int) -> list[Span]:
        """What the wall clock shows as open, closures aside."""
        runs = offset_runs(self._zone, lo, hi)
        first, stop = numbers_around(runs)
        return to_instants(self.local_spans(first - 1, stop), runs)

    # ------------------------------------------------------------------------------------------------ on the wall clock

    def local_spans(self, first: int, stop: int) -> list[Span]:
        """What begins on the dates `[first, stop)`, given by their ordinals, as spans of the wall clock."""
        opening = self._opening
        special = self.special_days(first, stop)
        holidays = self.holidays(first - 1, stop + 3)
        skip: set[int] = set(special)
        if opening.shifts:
            skip.update(chain.from_iterable(range(*span) for span in holidays))
        regular: list[Span] = []
        for start, end, week in self._pieces(first, stop):
            if any(week):
                regular += [
                    (midnight + opens, midnight + closes)
                    for number in range(start, end)
                    if number not in skip
                    for midnight in ((number - _EPOCH_DAY) * DAY_US,)
                    for opens, closes in week[(number - 1) % 7]
                ]
        if self._rolls:
            regular = union(regular)
        if holidays and not opening.shifts:
            regular = minus(regular, [midnights(span) for span in holidays])
        if not special:
            return regular
        # A special day beats the holidays, on its own date and, by its tail, on the next.
        own = [_shifted(span, number) for number, hours in special.items() for span in hours]
        return union(chain(regular, own))

    def _pieces(self, first: int, stop: int) -> list[tuple[int, int, Week]]:
        """The dates cut into stretches that share a week's hours."""
        opening = self._opening
        cuts = [(*span, season.week) for season in self._yearly_seasons for span in season.dates.within(first, stop)]
        cuts += [(max(a, first), min(b, stop), week) for a, b, week in self._seasons_between(first, stop)]
        pieces: list[tuple[int, int, Week]] = []
        at = first
        for start, end, week in sorted(cuts, key=lambda cut: cut[0]):
            pieces += [(at, start, opening.week), (start, end, week)]
            at = end
        return [*pieces, (at, stop, opening.week)]

    def _seasons_between(self, first: int, stop: int) -> list[tuple[int, int, Week]]:
        """The dated seasons that have dates in `[first, stop)`; they do not overlap."""
        seasons = self._dated_seasons
        low = max(bisect_left(seasons, (first,)) - 1, 0)
        return [season for season in seasons[low : bisect_left(seasons, (stop,))] if season[1] > first]

    def special_days(self, first: int, stop: int) -> dict[int, DayHours]:
        """The special days among the dates `[first, stop)`; a dated one beats a yearly one."""
        found: dict[int, DayHours] = {}
        for day, hours in self._yearly:
            found.update((number, hours) for span in _yearly_days(day, first, stop) for number in range(*span))
        found.update((number, self._dated[number]) for number in self._dated_between(first, stop))
        return found

    def _dated_between(self, first: int, stop: int) -> list[int]:
        numbers = self._dated_numbers
        return numbers[bisect_left(numbers, first) : bisect_left(numbers, stop)]

    def holidays(self, first: int, stop: int) -> list[Span]:
        """The holidays among the dates `[first, stop)`, as spans of ordinals; special days may be among them."""
        if not self._opening.holidays:
            return []
        return union(chain(within(self._dated_holidays, first, stop), holiday_spans(self._other_holidays, first, stop)))

    # --------------------------------------------------------------------------------------------------- by local date

    def begun(self, number: int) -> list[Span]:
        """The open instants, tails included, of the intervals that begin on a date that has hours and no holiday."""
        hours = self.special_days(number, number + 1).get(number)
        local: list[Span]
        if hours is not None:
            local = [_shifted(span, number) for span in hours]
        else:
            week = self._pieces(number, number + 1)
            hours = next(hours[(number - 1) % 7] for start, end, hours in week if start <= number < end)
            local = [_shifted(span, number) for span in hours]
            if not self._opening.shifts:
                local = minus(local, [midnights(span) for span in self.holidays(number + 1, number + 2)])
        return self._open_part(local)

    def tails(self, number: int) -> list[Span]:
        """What the weekly hours of a date would reach into the next one, as spans of the wall clock."""
        week = self._pieces(number, number + 1)
        hours = next(hours[(number - 1) % 7] for start, end, hours in week if start <= number < end)
        return [_shifted((DAY_US, end), number) for _, end in hours if end > DAY_US]

    def _open_part(self, local: Sequence[Span]) -> list[Span]:
        lo = max(local[0][0] - _MARGIN, MIN_US)
        hi = min(local[-1][1] + _MARGIN, MAX_US)
        return minus(to_instants(local, offset_runs(self._zone, lo, hi)), self.closed(lo, hi))

    def begins(self, number: int) -> bool:
        """Whether any of what begins on a date is open on that date itself."""
        runs = offset_runs(self._zone, *instants_around(number))
        return bool(intersect(self.begun(number), to_instants([midnights((number, number + 1))], runs)))

    def doubtful(self, first: int, stop: int) -> set[int]:
        """The dates among `[first, stop)` on which a closure, or a gap of the wall clock, may leave nothing open."""
        lo, hi = instants_around(first)[0], instants_around(stop)[1]
        found: set[int] = set()
        runs = offset_runs(self._zone, lo, hi)
        for (_, at, before), (_, _, after) in pairwise(runs):
            if after > before:
                found.update(range((at + before) // DAY_US, (at + after) // DAY_US + 1))
        for start, end in clip(self.closed(lo, hi), lo, hi):
            found.update(range(start // DAY_US - 1, end // DAY_US + 2))
        return {day + _EPOCH_DAY for day in found if first <= day + _EPOCH_DAY < stop}


class HoursDates:
    """The business dates of an `Opening`: those on which an interval begins. Dates are spans of the wall clock."""

    __slots__ = ("_hours", "_opening", "first", "last", "steady")

    def __init__(self, hours: HoursSource, opening: Opening) -> None:
        self._hours = hours
        self._opening = opening
        self.first, self.last = hours.first, hours.last
        # Open round the clock is not enough for True: a zone may have skipped a whole date.
        self.steady = False if hours.steady is False else None

    def mark(self, year: int) -> Mark | None:
        """What bears on a year; None where it is like no other."""
        return self._hours.mark(year)

    def reach(self) -> tuple[int, int]:
        """Only the kind of a year bears on years before the first and after the second of these."""
        return self._hours.reach()

    def spans(self, lo: int, hi: int) -> list[Span]:
        """The business dates in `[lo, hi)`, whose ends are midnights."""
        if self.steady is not None:
            lo, hi = max(lo, self.first // DAY_US * DAY_US), min(hi, self.last // DAY_US * DAY_US)
        first, stop = lo // DAY_US + _EPOCH_DAY, hi // DAY_US + _EPOCH_DAY
        if first >= stop:
            return []
        hours = self._hours
        found: set[int] = set()
        for start, end, week in hours._pieces(first, stop):
            found.update(number for number in range(start, end) if week[(number - 1) % 7])
        found.difference_update(chain.from_iterable(range(*span) for span in hours.holidays(first, stop)))
        for number, own in hours.special_days(first, stop).items():
            (found.add if own else found.discard)(number)
        for number in hours.doubtful(first, stop):
            if number in found and not hours.begins(number):
                found.discard(number)
        return union(midnights((number, number + 1)) for number in found)


# ------------------------------------------------------------------------------------------------------------- helpers


def to_instants(local: Sequence[Span], runs: Sequence[Run]) -> list[Span]:
    """The instants at which the wall clock, given by its runs, reads a time within the local spans."""
    out: list[Span] = []
    for start, end, offset in runs:
        lo, hi = start + offset, end + offset
        i = bisect_left(local, (lo,))
        if i and local[i - 1][1] > lo:
            i -= 1
        j = bisect_left(local, (hi,))
        if i >= j:
            continue
        piece = [(opens - offset, closes - offset) for opens, closes in local[i:j]]
        piece[0] = (max(piece[0][0], start), piece[0][1])
        piece[-1] = (piece[-1][0], min(piece[-1][1], end))
        if out and out[-1][1] == piece[0][0]:
            piece[0] = (out.pop()[0], piece[0][1])
        out += piece
    return out


def closed_by(closures: Iterable[Closure], zone: tzinfo) -> list[tuple[int, int, str]]:
    """The instants that closures take out, each with its reason, in their order."""
    return [(*closure.span(zone), closure.reason) for closure in closures]


def midnights(span: Span) -> Span:
    """A span of ordinals as a span of the wall clock."""
    return ((span[0] - _EPOCH_DAY) * DAY_US, (span[1] - _EPOCH_DAY) * DAY_US)


def _shifted(span: Span, number: int) -> Span:
    midnight = (number - _EPOCH_DAY) * DAY_US
    return (midnight + span[0], midnight + span[1])


def years_around(first: int, last: int, *reaches: tuple[int, int]) -> tuple[int, int]:
    """The years that hold what is given with its year, from `first` until `last`, the changes of zones one by one, and
    what else is said to reach from one year to another."""
    found = [LISTED, *reaches]
    if first < last:
        found.append((year_of(max(first, MIN_US)), year_of(min(last, MAX_US))))
    return min(low for low, _ in found) - 1, max(high for _, high in found) + 1


def numbers_around(runs: Sequence[Run]) -> Span:
    """The ordinals `[first, stop)` of all dates that the wall clock shows in these runs."""
    lo = min(start + offset for start, _, offset in runs)
    hi = max(end + offset for _, end, offset in runs)
    return (lo // DAY_US + _EPOCH_DAY, -(-hi // DAY_US) + _EPOCH_DAY)


def instants_around(number: int) -> Span:
    """Instants that surely hold a date of any zone."""
    start, end = midnights((number, number + 1))
    return (max(start - _MARGIN, MIN_US), min(end + _MARGIN, MAX_US))


def _yearly_days(day: Day, first: int, stop: int) -> list[Span]:
    return DateRange(day, day).within(first, stop)


def _explicit(opening: Opening, closures: Sequence[Span]) -> Span:
    """The stretch that holds everything given with its year; from the end to the start of time if nothing is."""
    numbers = dated_numbers(opening.holidays)
    numbers += [day.number for day, _ in opening.special if day.year is not None]
    for season in opening.seasons:
        numbers += [season.dates.first.number, season.dates.last.number] if not season.dates.yearly else []
    points = [midnights((number, 0))[0] for number in numbers]
    points += chain.from_iterable(closures)
    if not points:
        return (MAX_US, MIN_US)
    return (max(min(points) - _MARGIN, MIN_US), min(max(points) + _MARGIN, MAX_US))


def _steady(opening: Opening) -> bool | None:
    """Whether the calendar is always open, or always closed, but for what is given with its year."""
    weeks = [opening.week, *(season.week for season in opening.seasons if season.dates.yearly)]
    every = [*chain.from_iterable(weeks), *(hours for day, hours in opening.special if day.year is None)]
    if not any(every):
        return False
    recurring = any(item.endless for item in opening.holidays)
    return True if not recurring and all(hours == ALL_DAY for hours in every) else None
