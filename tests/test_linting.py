"""Lints as data: what each code says of a policy, and where it must stay silent."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import slaclock as sla
from slaclock.lints import LINTS

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE.parent / "examples").rglob("policy.yaml")) + sorted(
    (HERE.parent / "examples" / "policies").rglob("*.yaml")
)
BASE = {
    "slaclock": "1",
    "calendars": '{office: {hours: {mon-fri: "09:00-17:00"}}, always: all day}',
    "statuses": (
        "{new: [fresh], open: [working], pending: [waiting], on_hold: [parked], resolved: [done], closed: [over]}"
    ),
    "defaults": "{calendar: office}",
}


def complete(text: str) -> str:
    """A policy, with what it does not say below it, so that places stay as they are."""
    given = {line.partition(":")[0] for line in text.splitlines()}
    return text + "".join(f"{key}: {value}\n" for key, value in BASE.items() if key not in given)


def cases() -> Iterator[Any]:
    for file in sorted((HERE / "lints").glob("*.yaml")):
        for case in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield pytest.param(case, id=f"{case['code']}: {case['name']}")


CASES = list(cases())


def told(case: dict[str, Any]) -> list[str]:
    """All lints of a policy: code, place and path."""
    text = case["policy"] if case.get("whole") else complete(case["policy"])
    lints = sla.lint_policy(io.StringIO(text), case.get("as_of"))
    return [f"{lint.code} {lint.line}:{lint.column} {lint.path}" for lint in lints]


@pytest.mark.parametrize("case", CASES)
def test_a_policy_has_these_lints_and_no_others(case: dict[str, Any]) -> None:
    if "needs" in case:
        pytest.importorskip(case["needs"])
    assert case["lints"] == told(case)


@pytest.mark.parametrize("code", LINTS)
def test_every_code_has_a_case_where_it_fires_and_one_where_it_stays_silent(code: str) -> None:
    about = [case.values[0] for case in CASES if case.values[0]["code"] == code]
    fires = [any(lint.startswith(f"{code} ") for lint in case["lints"]) for case in about]
    assert {True, False} == set(fires)
