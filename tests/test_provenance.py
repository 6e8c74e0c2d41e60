"""What gave an answer: the policy, the library, the zones that had a part in it, the packages that told dates."""

from __future__ import annotations

import importlib.metadata
import json

import pytest

import slaclock
from helpers import changed, created, make_policy, on, story
from slaclock._zonedata import ZoneData
from slaclock.policy import Policy
from slaclock.provenance import Provenance

TOKYO = {"timezone": "Asia/Tokyo", "hours": {"mon-fri": "09:00-17:00"}}
NEW_YORK = {**TOKYO, "timezone": "America/New_York"}


def of(**calendars: object) -> Policy:
    return make_policy({"resolution": "4h"}, timezone="Europe/Berlin", calendars={"always": "all day", **calendars})


def names(policy: Policy) -> list[str]:
    return [zone.name for zone in policy.provenance.zones]


class TestZones:
    def test_are_those_of_the_policy_and_of_its_calendars_each_once(self) -> None:
        assert ["Europe/Berlin"] == names(of())
        assert ["Asia/Tokyo", "Europe/Berlin"] == names(of(a=TOKYO, b={**TOKYO, "timezone": "Asia/Tokyo"}))

    def test_of_calendars_that_are_put_together_are_those_of_their_parts_too(self) -> None:
        parts = {"union": [TOKYO, {"difference": [NEW_YORK, TOKYO]}], "timezone": "UTC"}
        assert ["America/New_York", "Asia/Tokyo", "Europe/Berlin", "UTC"] == names(of(a=parts))

    def test_of_a_calendar_that_is_there_twice_are_found_once(self) -> None:
        one = slaclock.WorkingCalendar(timezone="Asia/Tokyo", hours="09:00-17:00")
        assert ["Asia/Tokyo", "UTC"] == names(Policy(calendars={"a": one, "b": one}))


class TestPackages:
    def test_are_none_where_dates_are_written_out(self) -> None:
        assert () == of(a={**TOKYO, "holidays": ["2026-12-25"]}).provenance.packages

    def test_are_named_where_a_calendar_asks_for_a_countrys_holidays(self) -> None:
        pytest.importorskip("holidays")
        policy = of(a={"union": [{**TOKYO, "holidays": [{"country": "JP"}, {"country": "DE"}]}, NEW_YORK]})
        assert (("holidays", importlib.metadata.version("holidays")),) == policy.provenance.packages

    def test_are_named_where_a_calendar_was_read_from_icalendar(self) -> None:
        pytest.importorskip("recurring_ical_events")
        lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", "DTSTAMP:20260101T000000Z",
            "DTSTART;VALUE=DATE:20260301", "SUMMARY:Fair", "END:VEVENT", "END:VCALENDAR", "",
        ]  # fmt: skip
        policy = of(a={**TOKYO, "holidays": [{"ics": "\r\n".join(lines)}]})
        assert ["icalendar", "recurring-ical-events"] == [name for name, _ in policy.provenance.packages]

    def test_whose_version_nobody_tells_are_named_all_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("holidays")

        def version(package: str) -> str:
            raise importlib.metadata.PackageNotFoundError(package)

        monkeypatch.setattr(importlib.metadata, "version", version)
        policy = of(a={**TOKYO, "holidays": [{"country": "JP"}]})
        assert (("holidays", "of unknown version"),) == policy.provenance.packages


class TestValue:
    zones = tuple(
        ZoneData(name=name, source=source, version="2025b", digest=name.lower())
        for name, source in (("A", "system"), ("B", "system"), ("C", "tzdata"))
    )
    found = Provenance(policy="1a2b", slaclock="0.1.0", zones=zones, packages=(("holidays", "0.84"),))

    def test_releases_are_named_once(self) -> None:
        assert self.found.zone_data == "system 2025b, tzdata 2025b"

    def test_is_one_line(self) -> None:
        line = "policy 1a2b, slaclock 0.1.0, zone data: system 2025b, tzdata 2025b, holidays 0.84"
        assert line == str(self.found)

    def test_to_dict_is_json_ready(self) -> None:
        assert {
            "policy": "1a2b",
            "slaclock": "0.1.0",
            "zone_data": "system 2025b, tzdata 2025b",
            "zones": {"A": "a", "B": "b", "C": "c"},
            "packages": {"holidays": "0.84"},
        } == json.loads(json.dumps(self.found.to_dict()))


def test_every_snapshot_has_that_of_its_policy() -> None:
    policy = of(a=TOKYO)
    history = story(policy, created(), changed("mon 10:00", status="open"))
    state = slaclock.load_state(slaclock.dump_state(history.state))
    for snap in (history.at(on("mon 09:30")), history.at(on("tue 09:30")),
                 slaclock.snapshot(policy, state, on("tue 09:30"))):  # fmt: skip
        assert snap.provenance is policy.provenance
        assert policy.provenance.to_dict() == snap.to_dict()["provenance"]
    assert (policy.digest, slaclock.__version__) == (policy.provenance.policy, policy.provenance.slaclock)


def test_every_summary_has_that_of_its_policy_in_its_data_and_in_its_text() -> None:
    from slaclock.reports import summarise
    from slaclock.text import summary_text

    policy = of()
    summary = summarise(policy, {"a": story(policy, created())}, on("tue 09:30"))
    assert policy.provenance.to_dict() == summary.to_dict()["provenance"]
    assert str(policy.provenance) == summary_text(summary).splitlines()[-1]
