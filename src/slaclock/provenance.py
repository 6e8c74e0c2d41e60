"""What gave an answer: the policy by its meaning, the library, the data about time zones, and packages that told dates.

An audit names these beside a figure: with the same ones, the same events give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

import attrs

from slaclock._clockwork import Clockwork, Composed
from slaclock._content import Opening
from slaclock._version import __version__
from slaclock._zonedata import ZoneData, zone_data
from slaclock.closing import HolidayRule
from slaclock.ics import IcsEntries

__all__ = ["Provenance", "provenance_of"]

# The packages that say when such closings are.
_TELLING: Final[Mapping[type, tuple[str, ...]]] = {
    HolidayRule: ("holidays",),
    IcsEntries: ("icalendar", "recurring-ical-events"),
}


@attrs.frozen(kw_only=True)
class Provenance:
    """What gave an answer. Printed, it is one line for the foot of a report.

    `policy` is the digest of the policy's meaning, `slaclock` the version of the library; `zones` are the time zones of
    the policy and of its calendars, with where their data came from; `packages` the versions of the packages that told
    holidays and read calendars, where some did.
    """

    policy: str
    slaclock: str
    zones: tuple[ZoneData, ...]
    packages: tuple[tuple[str, str], ...] = ()

    @property
    def zone_data(self) -> str:
        """The releases of the zone data, each once: `system 2025b`."""
        return ", ".join(dict.fromkeys(zone.release for zone in self.zones))

    def to_dict(self) -> dict[str, object]:
        """The provenance as JSON-ready data."""
        return {
            "policy": self.policy,
            "slaclock": self.slaclock,
            "zone_data": self.zone_data,
            "zones": {zone.name: zone.digest for zone in self.zones},
            "packages": dict(self.packages),
        }

    def __str__(self) -> str:
        packages = "".join(f", {name} {version}" for name, version in self.packages)
        return f"policy {self.policy}, slaclock {self.slaclock}, zone data: {self.zone_data}{packages}"


def provenance_of(policy: str, timezone: str, calendars: Iterable[Clockwork]) -> Provenance:
    """The provenance of answers under a policy of that digest, in that zone, with these calendars."""
    parts = list(_parts(calendars))
    names = sorted({timezone, *(part.timezone for part in parts)})
    closings = [item for part in parts if isinstance(part._content, Opening) for item in part._content.holidays]
    packages = (_TELLING.get(type(item), ()) for item in closings)
    return Provenance(
        policy=policy,
        slaclock=__version__,
        zones=tuple(map(zone_data, names)),
        packages=tuple((name, _version(name)) for name in dict.fromkeys(chain.from_iterable(packages))),
    )


def _version(package: str) -> str:
    # Imported here: it takes longer than all the rest, and few policies need it.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"


def _parts(calendars: Iterable[Clockwork]) -> Iterator[Clockwork]:
    """The calendars and all of which they are made, each once."""
    waiting, seen = list(calendars), set[int]()
    while waiting:
        calendar = waiting.pop()
        if id(calendar) in seen:
            continue
        seen.add(id(calendar))
        yield calendar
        if isinstance(calendar._content, Composed):
            waiting.extend(calendar._content.parts)
