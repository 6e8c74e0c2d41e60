"""The content of a working calendar: read from loose data with every fault collected, and written back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Final

import attrs

from slaclock._instants import load_zone
from slaclock._packed import Packed
from slaclock._reading import Faults
from slaclock.closing import Closing, read_holidays
from slaclock.closures import Closure, read_closures
from slaclock.dates import Day
from slaclock.errors import CalendarError, SlaError, UnknownZoneError
from slaclock.hours import (
    CLOSED_WEEK,
    DayHours,
    Season,
    Week,
    hours_text,
    read_seasons,
    read_special,
    read_week,
    week_data,
)

__all__ = ["CONTENT_KEYS", "Opening", "opening_data", "raise_faults", "read_opening", "read_zone"]

CONTENT_KEYS: Final = (
    "timezone",
    "hours",
    "holidays",
    "special",
    "closures",
    "seasons",
    "holidays_close",
    "name",
)


@attrs.frozen
class Opening(Packed):
    """The content of a calendar that has hours of its own, apart from its zone and its name."""

    week: Week
    seasons: tuple[Season, ...] = ()
    holidays: tuple[Closing, ...] = ()
    special: tuple[tuple[Day, DayHours], ...] = ()
    closures: tuple[Closure, ...] = ()
    shifts: bool = False
    """Whether a holiday closes what begins on it, tail included, instead of its date."""


def read_opening(data: Mapping[str, object], zone: tzinfo | None, faults: Faults) -> Opening:
    """The content of a calendar; every fault is noted. `data` holds keys of `CONTENT_KEYS` only."""
    if not any(key in data for key in ("hours", "seasons", "special")):
        hint = "write hours: [] for a calendar that is closed"
        faults.add("missing-key", None, "`hours`, or else `seasons` or `special`", hint)
    week = read_week(data["hours"], faults.under("hours")) if "hours" in data else CLOSED_WEEK
    special = read_special(data.get("special", {}), faults.under("special"))
    seasons = read_seasons(data.get("seasons", ()), faults.under("seasons"))
    return Opening(
        week=week,
        # Their order means nothing, and calendars of equal content are equal.
        seasons=tuple(sorted(seasons, key=lambda season: str(season.dates))),
        holidays=_unique(read_holidays(data.get("holidays", ()), faults.under("holidays"))),
        special=tuple(sorted(special.items(), key=lambda item: str(item[0]))),
        closures=read_closures(data.get("closures", ()), zone, faults.under("closures")),
        shifts=_read_holidays_close(data.get("holidays_close", "dates"), faults.under("holidays_close")),
    )


def _unique(closings: tuple[Closing, ...]) -> tuple[Closing, ...]:
    return tuple(sorted(dict.fromkeys(closings), key=lambda item: str(item.data())))


def _read_holidays_close(value: object, faults: Faults) -> bool:
    if not isinstance(value, str) or value not in ("dates", "shifts"):
        faults.add("bad-value", value, "`dates` or `shifts`")
        return False
    return value == "shifts"


def read_zone(value: object, faults: Faults) -> tzinfo | None:
    """A zone by its name; a fault and None where there is none of that name."""
    try:
        return load_zone(value)  # type: ignore[arg-type]
    except UnknownZoneError as error:
        hint = str(error).partition("; ")[2]
        faults.add("unknown-zone", value, "the IANA name of a time zone, such as Europe/Berlin", hint)
        return None


def raise_faults(name: object, faults: Faults) -> None:
    """Raise one CalendarError that lists all faults, if there are any; UnknownZoneError if all are about zones."""
    if not faults.problems:
        return
    subject = f"calendar `{name}`" if isinstance(name, str) and name else "working calendar"
    only_zones = all(problem.code == "unknown-zone" for problem in faults.problems)
    kind: type[SlaError] = UnknownZoneError if only_zones else CalendarError
    raise kind.of(subject, faults.problems)


def opening_data(opening: Opening) -> dict[str, object]:
    """The content as JSON-ready data that reads back as the same."""
    data: dict[str, object] = {"hours": week_data(opening.week)}
    if opening.seasons:
        data["seasons"] = [_season_data(season) for season in opening.seasons]
    if opening.holidays:
        data["holidays"] = [item.data() for item in opening.holidays]
    if opening.special:
        data["special"] = {str(day): hours_text(hours) for day, hours in opening.special}
    if opening.closures:
        data["closures"] = [closure.data() for closure in opening.closures]
    if opening.shifts:
        data["holidays_close"] = "shifts"
    return data


def _season_data(season: Season) -> dict[str, object]:
    data: dict[str, object] = {"from": str(season.dates.first), "until": str(season.dates.last)}
    data["hours"] = week_data(season.week)
    return data | {"name": season.name} if season.name else data
