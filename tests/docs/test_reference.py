"""The reference names what is there, and for the values that people read most, all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import slaclock as sla

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "api.md"
POLICY = {
    "slaclock": 1,
    "calendars": {"office": {"hours": {"mon-fri": "09:00-17:00"}}},
    "defaults": {"calendar": "office"},
    "layers": {"corporate": [{"targets": {"resolution": "4h"}}]},
}


def entries() -> dict[str, str]:
    """The sections of the page, by the names in their headings."""
    parts = re.split(r"^### (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return {name: body.partition("\n## ")[0] for heading, body in pairs for name in re.findall(r"`(\w+)", heading)}


def documented(name: str) -> set[str]:
    """The attributes in the first column of a section's table."""
    rows = re.findall(r"^\| (`.+?) \|", entries()[name], re.MULTILINE)
    return {attribute for row in rows for attribute in re.findall(r"`(\w+)", row)}


def passed() -> sla.PassedOver:
    """A count of rules that were passed over."""
    rules = [{"when": {"customer": str(number)}, "targets": {"resolution": "4h"}} for number in range(9)]
    policy = sla.load_policy({**POLICY, "layers": {"customer": rules}})
    return policy.targets_for({}, "2026-03-02T09:00Z")["resolution"].passed_over[0]


def samples() -> dict[str, object]:
    """A value of each kind."""
    policy = sla.load_policy(POLICY)
    event = sla.Created(at="2026-03-02T09:00Z", fields={"status": "odd"})
    history = sla.replay(policy, [event])
    snapshot = history.at("2026-03-02T10:00Z")
    reading = snapshot["resolution"]
    preview = policy.targets_for({}, "2026-03-02T09:00Z")
    with pytest.raises(sla.PolicyError) as caught:
        sla.load_policy({"slaclock": 2})
    return {
        "Policy": policy, "Preview": preview, "MetricPreview": preview["resolution"], "Target": reading.target,
        "Amount": sla.Amount.parse("4h"), "Event": event, "History": history, "Revision": history.revise([]),
        "Fact": history.facts[0], "Anomaly": history.anomalies[0], "Snapshot": snapshot, "Reading": reading,
        "Candidate": reading.binding, "Ledger": reading.ledger, "Segment": reading.ledger.segments[0],
        "Decision": reading.ledger.decisions[0], "State": history.state, "WorkingCalendar": sla.ALWAYS,
        "Interval": sla.ALWAYS.intervals("2026-03-02T09:00Z", "2026-03-02T10:00Z")[0],
        "Lint": sla.lint_policy({**POLICY, "calendars": {"office": {"hours": []}}})[0],
        "Problem": caught.value.problems[0], "Timeline": (timeline := history.timeline("2026-03-03T09:00Z")),
        "Coming": next(iter(timeline)),
        "Considered": preview["resolution"].considered[0],
        "PassedOver": passed(), "Differences": policy.diff(sla.Policy()), "Difference": policy.diff(sla.Policy())[0],
        "Provenance": policy.provenance, "ZoneData": policy.provenance.zones[0],
        "Comparison": (comparison := history.under(policy)), "ComparedCycle": comparison.cycles[0],
        "Explanation": (explanation := history.explain()), "Account": explanation["resolution"],
    }  # fmt: skip


SAMPLES = samples()
WHOLE = (
    "Account", "Anomaly", "Candidate", "Coming", "ComparedCycle", "Comparison", "Considered", "Decision",
    "Difference", "Explanation", "Fact", "History", "Interval", "Ledger", "Lint", "MetricPreview",
    "PassedOver", "Problem", "Provenance", "Reading", "Revision", "Segment", "Snapshot", "Target", "Timeline",
    "WorkingCalendar", "ZoneData",
)  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_documented_is_there(name: str) -> None:
    assert set() == {attribute for attribute in documented(name) if not hasattr(SAMPLES[name], attribute)}


@pytest.mark.parametrize("name", WHOLE)
def test_what_is_there_is_documented(name: str) -> None:
    """All public attributes, except the integer twins and what a mapping has."""
    mapping = {"get", "items", "keys", "values"} if name == "Snapshot" else set()
    public = {attribute for attribute in dir(SAMPLES[name]) if not attribute.startswith("_")}
    assert set() == {attribute for attribute in public - documented(name) - mapping if not attribute.endswith("_us")}


@pytest.mark.parametrize(
    "name",
    ["ComingKind", "DecisionKind", "DifferenceKind", "FactKind", "Outcome", "Phase", "SegmentKind", "Verdict"],
)
def test_enumerations_are_documented_in_order(name: str) -> None:
    members = ", ".join(getattr(sla, name).__members__)
    assert members in " ".join(entries()[name].split())


def test_every_anomaly_is_documented() -> None:
    """The codes in the source are those of the page, and the other way round."""
    page = (PAGE.parent / "events.md").read_text(encoding="utf-8")
    section = page.partition("## Anomalies")[2].partition("\n## ")[0]
    source = "".join(file.read_text(encoding="utf-8") for file in Path(sla.__file__).parent.glob("*.py"))
    codes = set(re.findall(r'(?:self\._odd\(|Anomaly\()\s*"(\w+)"', source))
    assert codes == set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
