"""Which data about time zones there is: where zoneinfo finds a zone, of which version, and a digest of it.

Nothing is read before somebody asks. zoneinfo takes a zone from the first folder of its search path that has it, and
else from the `tzdata` package; so that is where it is looked for here.
"""

from __future__ import annotations

import zoneinfo
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

__all__ = ["ZoneData", "zone_data"]

_VERSION_LINE: Final = "# version "


@attrs.frozen(kw_only=True)
class ZoneData:
    """The data of one time zone: the `source` is `system`, `tzdata` (the package), or `unknown`.

    `version` is the release of the IANA database, such as `2025b`, empty where the source does not tell; `digest`
    stands for the bytes of the zone itself.
    """

    name: str
    source: str
    version: str
    digest: str

    @property
    def release(self) -> str:
        """Source and version: `system 2025b`."""
        return f"{self.source} {self.version or 'of unknown version'}"


def zone_data(name: str) -> ZoneData:
    """Where the data of a zone comes from."""
    return _find(name, tuple(zoneinfo.TZPATH))


@lru_cache(maxsize=1024)
def _find(name: str, paths: tuple[str, ...]) -> ZoneData:
    for path in paths:
        folder = Path(path)
        if (folder / name).is_file():
            return _data(name, "system", folder)
    # Imported here: most machines have the data in a folder.
    from importlib.resources import files

    try:
        return _data(name, "tzdata", files("tzdata").joinpath("zoneinfo"))
    except (ModuleNotFoundError, OSError):
        return ZoneData(name=name, source="unknown", version="", digest="")


def _data(name: str, source: str, folder: Traversable) -> ZoneData:
    import hashlib

    found = folder.joinpath(*name.split("/")).read_bytes()
    digest = hashlib.blake2b(found, digest_size=6).hexdigest()
    return ZoneData(name=name, source=source, version=_version(folder), digest=digest)


def _version(folder: Traversable) -> str:
    """The release of a database, as its folder tells it: in a comment of `tzdata.zi`, or in `+VERSION`."""
    for file, mark in (("tzdata.zi", _VERSION_LINE), ("+VERSION", "")):
        try:
            with folder.joinpath(file).open(encoding="utf-8", errors="replace") as lines:
                first = lines.readline(100).strip()
        except OSError:
            continue
        if first.startswith(mark):
            return first.removeprefix(mark)
    return ""
