"""Which data about time zones there is: found where zoneinfo finds it, and named by release and digest."""

from __future__ import annotations

import hashlib
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

import pytest

from slaclock._zonedata import ZoneData, zone_data


@pytest.fixture
def search() -> Iterator[None]:
    """The search path of zoneinfo, given back afterwards."""
    before = zoneinfo.TZPATH
    yield
    zoneinfo.reset_tzpath(before)


def folder(place: Path, release: str | None = None, file: str = "tzdata.zi", *, data: bytes = b"TZif") -> Path:
    """A folder of zone data with one zone, Area/Place."""
    (place / "Area").mkdir(parents=True)
    (place / "Area" / "Place").write_bytes(data)
    if release is not None:
        (place / file).write_text(f"{release}\nmore\n", encoding="utf-8")
    return place


@pytest.mark.usefixtures("search")
class TestSystem:
    @pytest.mark.parametrize(("release", "file", "version"), [
        ("# version 2025b", "tzdata.zi", "2025b"),
        ("2024a", "+VERSION", "2024a"),
        ("# no release", "tzdata.zi", ""),
        (None, "", ""),
    ])  # fmt: skip
    def test_a_zone_is_named_by_its_folders_release_and_a_digest_of_its_bytes(
        self, tmp_path: Path, release: str | None, file: str, version: str
    ) -> None:
        zoneinfo.reset_tzpath([str(folder(tmp_path / "zones", release, file))])
        digest = hashlib.blake2b(b"TZif", digest_size=6).hexdigest()
        found = zone_data("Area/Place")
        assert ZoneData(name="Area/Place", source="system", version=version, digest=digest) == found
        assert f"system {version or 'of unknown version'}" == found.release

    def test_the_first_folder_that_has_it_counts(self, tmp_path: Path) -> None:
        empty = tmp_path / "empty"
        empty.mkdir()
        first, second = (folder(tmp_path / name, f"# version {name}", data=name.encode()) for name in ("a", "b"))
        zoneinfo.reset_tzpath([str(empty), str(second), str(first)])
        assert "b" == zone_data("Area/Place").version


@pytest.mark.usefixtures("search")
class TestPackage:
    def test_what_no_folder_has_comes_from_the_package(self, tmp_path: Path) -> None:
        pytest.importorskip("tzdata")
        zoneinfo.reset_tzpath([str(tmp_path)])
        found = zone_data("Europe/Berlin")
        assert ("tzdata", True, 12) == (found.source, found.version[:2] == "20", len(found.digest))

    @pytest.mark.parametrize("missing", [True, False])
    def test_what_nobody_has_is_unknown(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: bool) -> None:
        def files(package: str) -> Path:
            if missing:
                raise ModuleNotFoundError(package)
            return tmp_path

        monkeypatch.setattr("importlib.resources.files", files)
        zoneinfo.reset_tzpath([str(tmp_path / ("a" if missing else "b"))])
        assert ZoneData(name="Area/Nowhere", source="unknown", version="", digest="") == zone_data("Area/Nowhere")


def test_it_is_the_data_that_zoneinfo_uses() -> None:
    found = zone_data("Europe/Berlin")
    assert found.source in ("system", "tzdata")
    assert zone_data("Europe/Berlin") is found
    assert zone_data("Europe/Paris").digest != found.digest
