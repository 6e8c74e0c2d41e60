"""Calendars from files: a policy's, by name or by default, or one of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from slaclock.calendarfile import load_calendar
from slaclock.errors import PolicyError

OFFICE = '{timezone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}}'
TOKYO = '{timezone: Asia/Tokyo, hours: {mon-fri: "09:00-17:00"}}'
POLICY = f"slaclock: 1\ncalendars:\n  office: {OFFICE}\n  tokyo: {TOKYO}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "name", "zone"),
    [
        (OFFICE, None, "Europe/Berlin"),
        ("all day", None, "UTC"),
        (POLICY, "tokyo", "Asia/Tokyo"),
        (f"{POLICY}defaults: {{calendar: tokyo}}\n", None, "Asia/Tokyo"),
        (f"{POLICY}defaults: {{calendar: tokyo}}\n", "office", "Europe/Berlin"),
        (f"slaclock: 1\ncalendars: {{office: {OFFICE}}}\n", None, "Europe/Berlin"),
    ],
)
def test_the_calendar_is_the_named_one_the_default_the_only_one_or_the_file(
    tmp_path: Path, text: str, name: str | None, zone: str
) -> None:
    assert zone == load_calendar(written(tmp_path, text), name).timezone


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (OFFICE, "office", "found a calendar, expected a policy with calendars by name; leave the name `office` out"),
        (POLICY, "tokio", r"found `tokio`, expected the name of a calendar \(office, tokyo\); did you mean `tokyo`?"),
        (POLICY, None, r"found no default calendar, expected the name of a calendar \(office, tokyo\)$"),
        ("slaclock: 1\n", None, r"found no default calendar, expected the name of a calendar \(it has none\)$"),
        (f"calendars: {{office: {OFFICE}}}\n", None, "slaclock"),
        ("hurs: {}\n", None, "did you mean `hours`?"),
        ("slaclock: 1\nlayers: 3\n", None, "layers"),
    ],
)
def test_what_gives_no_calendar_is_told(tmp_path: Path, text: str, name: str | None, told: str) -> None:
    with pytest.raises(PolicyError, match=told):
        load_calendar(written(tmp_path, text), name)


def test_a_calendar_named_by_tickets_is_no_default_to_ask_without_a_ticket(tmp_path: Path) -> None:
    text = f"{POLICY}defaults: {{calendar: {{from: region, default: office}}}}\n"
    with pytest.raises(PolicyError, match="found no default calendar"):
        load_calendar(written(tmp_path, text))
