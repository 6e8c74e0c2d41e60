"""The command `diff`: what has changed between two policies, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slaclock.__main__ import main
from slaclock.policyfile import load_policy

POLICY = 'slaclock: 1\ntimezone: {zone}\ncalendars: {{office: {{hours: {{mon-fri: "09:00-17:00"}}}}}}\n'


@pytest.fixture
def paths(tmp_path: Path) -> tuple[str, str]:
    files = []
    for zone in ("Europe/Berlin", "Asia/Tokyo"):
        file = tmp_path / f"{zone[:4]}.yaml"
        file.write_text(POLICY.format(zone=zone), encoding="utf-8")
        files.append(str(file))
    return files[0], files[1]


def test_text_is_a_line_for_each_difference(paths: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["diff", *paths])
    assert (
        "time zone: now Asia/Tokyo; before: Europe/Berlin\n"
        "calendar office: time zone: now Asia/Tokyo; before: Europe/Berlin\n"
    ) == capsys.readouterr().out


def test_json_is_what_to_dict_gives(paths: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["diff", *paths, "--format", "json"])
    old, new = map(load_policy, paths)
    assert old.diff(new).to_dict() == json.loads(capsys.readouterr().out)


def test_a_policy_that_cannot_be_read_is_a_fault(paths: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert 1 == main(["diff", paths[0], paths[1] + ".absent"])
    assert "absent" in capsys.readouterr().err
