"""What closes a calendar: holidays, which are local dates, and closures, which are spans of time with a reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Final, TypeAlias

import attrs

from slaclock import _plugs
from slaclock._instants import DAY_US, MAX_US, MIN_US, iso_us, resolve_local, to_us
from slaclock._reading import Faults
from slaclock._spans import Span
from slaclock.dates import DateRange, Day, day_number, make_range, read_day, read_range
from slaclock.errors import CalendarError
from slaclock.hours import read_text

__all__ = ["Closure", "Holiday", "HolidayRule", "Moment", "read_closures", "read_holidays"]

_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()


@attrs.frozen
class Holiday:
    """Local dates on which a calendar is closed."""

    dates: DateRange
    name: str = ""

    def data(self) -> str | dict[str, str]:
        """The holiday as it may be written."""
        return {"date": str(self.dates), "name": self.name} if self.name else str(self.dates)


@attrs.frozen
class HolidayRule:
    """The public holidays of a country, or of one of its subdivisions, from the `holidays` package."""

    country: str
    subdivision: str = ""
    categories: tuple[str, ...] = ()
    language: str = ""
    observed: bool = True

    def days(self, year: int) -> dict[int, str]:
        """The holidays of one year: ordinal of the date -> name."""
        return _plugs.country_holidays(
            self.country, self.subdivision, self.categories, self.language, self.observed, year
        )

    def data(self) -> dict[str, object]:
        """The rule as it may be written."""
        found: dict[str, object] = {"country": self.country}
        if self.subdivision:
            found["subdivision"] = self.subdivision
        if self.categories:
            found["categories"] = list(self.categories)
        if self.language:
            found["language"] = self.language
        if not self.observed:
            found["observed"] = False
        return found


Closing: TypeAlias = Holiday | HolidayRule

_HOLIDAY_KEYS: Final = ("date", "from", "until", "name")
_RULE_KEYS: Final = ("country", "subdivision", "categories", "language", "observed")
_HOLIDAY_EXPECTED: Final = (
    "a holiday: a date, `12-25` for every year, `first..last`, {date, name}, {from, until, name} "
    "or {country, subdivision}"
)


def read_holidays(value: object, faults: Faults) -> tuple[Closing, ...]:
    """A list of holidays in any of their forms.

    Raises MissingExtraError where a country is named and the `holidays` package is not installed.
    """
    items = faults.sequence(value, "a list of holidays", "put it in brackets: [...]")
    found = [_read_holiday(item, faults.under(index)) for index, item in enumerate(items)]
    return tuple(item for item in found if item is not None)


def _read_holiday(value: object, faults: Faults) -> Closing | None:
    if isinstance(value, (str, date)):
        dates = read_range(value, faults)
        return None if dates is None else Holiday(dates)
    keys = faults.mapping(value, _HOLIDAY_KEYS + _RULE_KEYS, _HOLIDAY_EXPECTED)
    if keys is None:
        return None
    if "country" in keys:
        return _read_rule(keys, faults)
    for key in keys:
        if key in _RULE_KEYS:
            faults.under(key).add("unknown-key", key, "a `country` beside it")
    name = read_text(keys.get("name", ""), faults.under("name"))
    if "date" in keys:
        for key in ("from", "until"):
            if key in keys:
                faults.under(key).add("unknown-key", key, "either `date`, or `from` and `until`")
        dates = read_range(keys["date"], faults.under("date"))
    else:
        dates = _read_from_until(value, keys, faults)
    return None if dates is None else Holiday(dates, name)


def _read_from_until(value: object, keys: dict[str, object], faults: Faults) -> DateRange | None:
    ends: list[Day | None] = []
    for key in ("from", "until"):
        if key in keys:
            ends.append(read_day(keys[key], faults.under(key)))
        else:
            faults.add("missing-key", value, f"`{key}` in it")
            ends.append(None)
    return make_range(ends[0], ends[1], f"{ends[0]}..{ends[1]}", faults)


def _read_rule(keys: dict[str, object], faults: Faults) -> HolidayRule | None:
    count = len(faults.problems)
    for key in keys:
        if key in _HOLIDAY_KEYS:
            faults.under(key).add("unknown-key", key, f"one of {', '.join(_RULE_KEYS)} beside `country`")
    texts = {key: read_text(keys.get(key, ""), faults.under(key)) for key in ("country", "subdivision", "language")}
    categories: tuple[str, ...] = ()
    if "categories" in keys:
        place = faults.under("categories")
        names = faults.under("categories").sequence(keys["categories"], "a list of categories, such as [public]")
        categories = tuple(sorted({read_text(name, place.under(index)) for index, name in enumerate(names)}))
    observed = _read_bool(keys.get("observed", True), faults.under("observed"))
    if len(faults.problems) > count:
        return None
    rule = HolidayRule(texts["country"], texts["subdivision"], categories, texts["language"], observed)
    wrong = _plugs.check_country(rule.country, rule.subdivision, categories, rule.language)
    if wrong is not None:
        key, expected, hint = wrong
        faults.under(key).add(f"unknown-{key}", keys[key], expected, hint)
        return None
    return rule


def _read_bool(value: object, faults: Faults) -> bool:
    if value in (True, "true"):
        return True
    if value not in (False, "false"):
        faults.add("wrong-type", value, "true or false")
    return False


# ----------------------------------------------------------------------------------------------------------- closures


@attrs.frozen
class Moment:
    """An end of a closure: an instant, or (`local`) a reading of the calendar's wall clock, in microseconds."""

    us: int
    local: bool

    def instant(self, zone: tzinfo) -> int:
        """The instant in a zone: the first of two; in a gap, shifted by it. Time ends with the year 9999."""
        if not self.local or self.us >= MAX_US:
            return self.us
        return min(max(resolve_local(zone, self.us), MIN_US), MAX_US)

    def __str__(self) -> str:
        if self.us >= MAX_US:
            return "9999-12-31T24:00"
        text = iso_us(self.us, UTC)
        return text.removesuffix("+00:00") if self.local else text


@attrs.frozen
class Closure:
    """A span of time that is taken out of a calendar."""

    start: Moment
    end: Moment
    reason: str = ""

    def span(self, zone: tzinfo) -> Span:
        """The span of instants in a zone."""
        return (self.start.instant(zone), self.end.instant(zone))

    def data(self) -> dict[str, str]:
        """The closure as it may be written."""
        found = {"from": str(self.start), "until": str(self.end)}
        return found | {"reason": self.reason} if self.reason else found


_MOMENT_EXPECTED: Final = "a date, a local date-time such as `2026-03-07T18:00`, or an instant with its offset"


def read_closures(value: object, zone: tzinfo | None, faults: Faults) -> tuple[Closure, ...]:
    """A list of `{from, until, reason}`. Without a zone (it had a fault itself) only plain reversals are seen."""
    found: list[Closure] = []
    for index, item in enumerate(faults.sequence(value, "a list of closures, each with from and until")):
        closure = _read_closure(item, zone, faults.under(index))
        if closure is not None:
            found.append(closure)
    return tuple(found)


def _read_closure(value: object, zone: tzinfo | None, faults: Faults) -> Closure | None:
    keys = faults.mapping(value, ("from", "until", "reason"), "a closure with from, until and perhaps a reason")
    if keys is None:
        return None
    ends: list[Moment] = []
    for key in ("from", "until"):
        if key not in keys:
            faults.add("missing-key", value, f"`{key}` in it")
            continue
        moment = _read_moment(keys[key], key == "until", faults.under(key))
        if moment is not None:
            ends.append(moment)
    reason = read_text(keys.get("reason", ""), faults.under("reason"))
    if len(ends) < 2:
        return None
    start, end = ends
    if start.local == end.local:
        wrong = end.us <= start.us
    else:
        wrong = zone is not None and end.instant(zone) <= start.instant(zone)
    if wrong:
        faults.add("reversed", f"{start}..{end}", "an end after the start")
        return None
    return Closure(start, end, reason)


def _read_moment(value: object, until: bool, faults: Faults) -> Moment | None:
    """One end of a closure. A date as `until` includes that day."""
    if (isinstance(value, str) and len(value.strip()) <= 10) or (
        isinstance(value, date) and not hasattr(value, "hour")
    ):
        day = read_day(value, faults, yearly=False)
        return None if day is None else Moment((day.number + until - _EPOCH_DAY) * DAY_US, local=True)
    try:
        if isinstance(value, datetime):
            local = value.tzinfo is None
            return Moment(to_us(value.replace(tzinfo=UTC) if local else value, "", CalendarError), local)
        if isinstance(value, str):
            return _read_date_time(value.strip())
    except CalendarError:
        pass
    faults.add("bad-instant", value, _MOMENT_EXPECTED)
    return None


def _read_date_time(text: str) -> Moment:
    for midnight in ("T24:00", "T24:00:00", " 24:00", " 24:00:00"):
        if text.endswith(midnight):
            start = to_us(f"{text.removesuffix(midnight)}T00:00Z", "", CalendarError)
            return Moment(start + DAY_US, local=True)
    try:
        local = datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        local = False
    return Moment(to_us(f"{text}Z" if local else text, "", CalendarError), local)


def dated_days(closings: tuple[Closing, ...]) -> list[Day]:
    """The first and last dates of all holidays that are given with their years."""
    return [
        day
        for item in closings
        if isinstance(item, Holiday) and not item.dates.yearly
        for day in (item.dates.first, item.dates.last)
    ]


def holiday_names(closings: tuple[Closing, ...], number: int) -> list[str]:
    """The names of the holidays on one date, given by its ordinal; empty text for one without a name."""
    names: list[str] = []
    year = date.fromordinal(number).year
    for item in closings:
        if isinstance(item, Holiday):
            names += [item.name] if item.dates.within(number, number + 1) else []
        else:
            names += [name for day, name in item.days(year).items() if day == number]
    return names


def holiday_spans(closings: tuple[Closing, ...], lo: int, hi: int) -> list[Span]:
    """The holidays in `[lo, hi)` as spans of ordinals, unsorted."""
    spans: list[Span] = []
    rules = [item for item in closings if isinstance(item, HolidayRule)]
    for item in closings:
        if isinstance(item, Holiday):
            spans += item.dates.within(lo, hi)
    if rules:
        first, last = date.fromordinal(max(lo, 1)).year, date.fromordinal(min(hi, day_number(9999, 12, 31))).year
        for rule in rules:
            for year in range(first, last + 1):
                spans += [(number, number + 1) for number in rule.days(year) if lo <= number < hi]
    return spans
