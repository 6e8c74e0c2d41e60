"""The command `targets`: a preview on the command line, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from slaclock.__main__ import main
from slaclock.policyfile import load_policy

POLICY = """\
slaclock: 1
calendars: {office: {hours: {mon-fri: "09:00-17:00"}}}
defaults: {calendar: office}
layers:
  corporate:
    - {name: everyone, targets: {resolution: 8h}}
  customer:
    - {name: vip, when: {tags: vip}, targets: {resolution: 4h}}
"""
AT = "2026-03-02T10:00+00:00"


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "policy.yaml"
    file.write_text(POLICY, encoding="utf-8")
    return str(file)


def test_text_is_the_printed_preview(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["targets", path, AT, "tags=vip", "tags=new"])
    expected = str(load_policy(path).targets_for({"tags": ("vip", "new")}, AT))
    assert (f"{expected}\n", "") == capsys.readouterr()
    assert "resolution: 4h on office by customer, due 2026-03-02T14:00:00+00:00: 20h before corporate" in expected


def test_json_is_what_to_dict_gives(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["targets", path, AT, "tags=vip", "--format", "json"])
    out, _ = capsys.readouterr()
    assert load_policy(path).targets_for({"tags": "vip"}, AT).to_dict() == json.loads(out)


def test_a_field_for_which_nobody_asks_is_told_with_the_nearest_that_somebody_asks_for(
    path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert 0 == main(["targets", path, AT, "tag=vip", "zzz=1", "status=open"])
    _, complaints = capsys.readouterr()
    assert complaints.splitlines() == [
        "no rule and no metric asks for `tag`; did you mean `tags`?",
        "no rule and no metric asks for `zzz`",
    ]


def test_what_only_exceptions_triggers_or_the_default_hours_ask_for_is_asked_for(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = tmp_path / "more.yaml"
    more.write_text(
        """
exceptions: [{name: peak, from: 2026-03-01, reason: sale, when: {vip: true}, extend: 2x}]
metrics: {triage: {start: created, stop: [{changed: team}, {changed: {stage: done}}]}}
""",
        encoding="utf-8",
    )
    assert 0 == main(["targets", path, str(more), AT, "vip=true", "team=a", "stage=new", "tags=vip"])
    assert "" == capsys.readouterr().err


def test_values_that_the_policy_does_not_know_are_told_as_a_history_tells_them(
    path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = tmp_path / "more.yaml"
    more.write_text("fields: {tags: [vip, new]}\nstatuses: {open: [in_progress]}\n", encoding="utf-8")
    assert 0 == main(["targets", path, str(more), AT, "tags=vpi", "status=in_progres"])
    assert capsys.readouterr().err.splitlines() == [
        "the status 'in_progres' has no category; it counts as `open`",
        "`tags` holds 'vpi', which the policy does not know: vip, new",
    ]


def test_several_files_are_one_policy(path: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = tmp_path / "more.yaml"
    more.write_text("layers: {service: [{name: all, targets: {resolution: 2h}}]}\n", encoding="utf-8")
    assert 0 == main(["targets", path, str(more), AT])
    assert "2h on office by service, due 2026-03-02T12:00:00+00:00: 22h before" in capsys.readouterr().out


@pytest.mark.parametrize(("words", "complaint"), [
    ((), "the following arguments are required: INSTANT"),
    (("2026-03-02T10:00",), "argument INSTANT: found '2026-03-02T10:00', which has no offset"),
    (("noon", "a=b"), "argument INSTANT: found 'noon', expected ISO 8601 text with an offset"),
])  # fmt: skip
def test_without_an_instant_it_is_wrong_usage(
    path: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], complaint: str
) -> None:
    assert 2 == main(["targets", path, *words])
    assert complaint in capsys.readouterr().err


@pytest.mark.parametrize(("word", "found"), [("vip", "'vip'"), ("=vip", "'=vip'")])
def test_what_is_no_field_with_a_value_is_wrong_usage(
    path: str, capsys: pytest.CaptureFixture[str], word: str, found: str
) -> None:
    assert 2 == main(["targets", path, AT, word])
    _, complaints = capsys.readouterr()
    assert f"found {found}, expected a field and its value, such as customer=acme" in complaints
