"""Lints of calendars: those that never open, and lists of holidays that end too early."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, tzinfo
from typing import Final

from slaclock._clockwork import Clockwork, Composed
from slaclock._content import Opening
from slaclock._instants import DAY_US, MIN_US, from_us
from slaclock._offers import Study
from slaclock.closing import HolidayRule, dated_numbers
from slaclock.lints import Lint
from slaclock.policy import Policy
from slaclock.rules import Rule, Table
from slaclock.target import CalendarFrom

__all__ = ["odd_calendars"]

_YEAR_US: Final = 366 * DAY_US


def odd_calendars(study: Study, as_of: date | None) -> Iterator[Lint]:
    """Calendars on which nothing is ever due, and lists of holidays that end before they are needed."""
    policy = study.policy
    users = _users(policy)
    for name, calendar in policy.calendars.items():
        if not _opens(calendar):
            yield study.lint("never-open", f"`{name}` has no open time", "calendars", name)
        last = _last_holiday(calendar._content)
        sentence = None if last is None else _ends_early(last, calendar.zone, users[name], as_of)
        if sentence is not None:
            told = f"the last holiday of `{name}` that has a year is {sentence}"
            yield study.lint("holidays-end", told, "calendars", name, "holidays")


def _opens(calendar: Clockwork) -> bool:
    # Before everything that is given with its year the calendar is as it will be after it, year by year.
    start = max(min(calendar._source.first, 0) - _YEAR_US, MIN_US)
    return calendar.is_open_us(start) or calendar.next_edge_us(start) is not None


# Holidays.


def _last_holiday(content: Opening | Composed) -> date | None:
    """The last date of a list of holidays; None where there is none, or a country's rules give them."""
    if not isinstance(content, Opening) or any(isinstance(item, HolidayRule) for item in content.holidays):
        return None
    numbers = dated_numbers(content.holidays)
    return date.fromordinal(max(numbers)) if numbers else None


def _ends_early(last: date, zone: tzinfo, users: list[Rule], as_of: date | None) -> str | None:
    """How a list of holidays that ends on a date fails its users; None where it does not, or nobody can tell."""
    if as_of is not None:
        used = not users or any(_day(rule.effective.end_us, zone, date.max) > as_of for rule in users)
        if used and (last.year, last.month, last.day) < (as_of.year + 1, as_of.month, as_of.day):
            return f"{last}, {'before' if last < as_of else 'within a year of'} {as_of}"
    for rule in users:
        start, end = rule.effective.start_us, rule.effective.end_us
        if start is not None and last < _day(start, zone, last):
            return f"{last}, before rule `{rule.name}`, which uses it, comes into force on {_day(start, zone, last)}"
        # A list that reaches the year of the end may well be complete for it.
        if end is not None and last.year < _day(end - 1, zone, last).year:
            return f"{last}, in a year before rule `{rule.name}`, which uses it, ends on {_day(end - 1, zone, last)}"
    return None


def _day(us: int | None, zone: tzinfo, otherwise: date) -> date:
    return otherwise if us is None else date.fromordinal(from_us(us, zone).toordinal())


def _users(policy: Policy) -> dict[str, list[Rule]]:
    """The rules that may use each calendar, by itself or as a part of another."""
    found: defaultdict[str, list[Rule]] = defaultdict(list)
    parts = {name: set(_parts(policy, name)) for name in policy.calendars}
    for rule in policy.rules():
        names: set[str] = set()
        for said in rule.targets.values():
            for target in said.targets() if isinstance(said, Table) else (said,):
                reference = target.calendar
                names.update(_named(policy, reference) if isinstance(reference, CalendarFrom) else (reference,))
        for name in set().union(*(parts[name] for name in names)):
            found[name].append(rule)
    return found


def _named(policy: Policy, reference: CalendarFrom) -> set[str]:
    known = policy.declared.get(reference.field, tuple(policy.calendars))
    return (set(known) | {reference.default or ""}) & policy.calendars.keys()


def _parts(policy: Policy, name: str) -> Iterator[str]:
    """The names of a calendar and of those that it is made of."""
    todo: list[Clockwork] = [policy.calendars[name]]
    yield name
    while todo:
        content = todo.pop()._content
        for part in content.parts if isinstance(content, Composed) else ():
            todo.append(part)
            if policy.calendars.get(part.name) == part:
                yield part.name
