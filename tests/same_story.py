"""One ticket on one Monday, on which all six questions of change arise, and a small policy for each question.

The drawings of `docs/explanation/strategies.md` are made of it, and `test_same_story` holds its figures by hand.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from helpers import CALENDARS, STATUSES, changed, created, on
from slaclock import History, Policy, Reading, load_policy, replay

EVENTS = (
    created("mon 07:00", id="created", priority="normal"),
    changed("mon 10:00", id="waiting", status="waiting"),
    changed("mon 11:00", id="answered", status="open"),
    changed("mon 13:00", id="raised", priority="high"),
    changed("mon 15:00", id="solved", status="solved"),
    changed("mon 17:00", id="reopened", status="open"),
    changed("mon 18:00", id="lowered", priority="low"),
    changed("mon 20:00", id="solved again", status="solved"),
)
# From the widest place where a question can be answered to the narrowest, which wins.
PLACES = ("defaults", "metric", "target")


class Question(NamedTuple):
    """What makes a question arise: rules with targets for one metric, and the instant at which all is told."""

    metric: str
    rules: tuple[dict[str, Any], ...]
    at: str


def by_priority(**targets: str | dict[str, Any]) -> dict[str, Any]:
    return {"by": "priority", "targets": targets}


QUESTIONS = {
    "on_change": Question(
        "resolution", (by_priority(normal={"within": "8h", "calendar": "office"}, high="7h", low="24h"),), "mon 14:00"
    ),
    "on_reopen": Question("resolution", ({"targets": "12h"},), "mon 18:00"),
    "on_amend": Question(
        "resolution",
        (
            {"effective": {"until": "2026-03-02T12:00"}, "targets": "12h"},
            {"effective": {"from": "2026-03-02T12:00"}, "targets": "6h"},
        ),
        "mon 13:00",
    ),
    "on_unmatched": Question("resolution", (by_priority(normal="12h", high="12h"),), "mon 19:00"),
    "on_unanswered": Question("first_response", ({"targets": "10h"},), "mon 16:00"),
    "on_relax": Question("resolution", (by_priority(normal="6h", high="4h", low="12h"),), "mon 19:00"),
}


def told_by(question: str, answers: dict[str, str]) -> Policy:
    """The policy of a question with its answer at some of the places."""
    about = QUESTIONS[question]

    def target(given: Any) -> dict[str, Any]:
        full = given if isinstance(given, dict) else {"within": given}
        return full | ({question: answers["target"]} if "target" in answers else {})

    rules = []
    for number, rule in enumerate(about.rules):
        given = rule["targets"]
        found = {row: target(each) for row, each in given.items()} if "by" in rule else target(given)
        rules.append({"name": f"rule {number}", **rule, "targets": {about.metric: found}})
    defaults = {"calendar": "always"} | ({question: answers["defaults"]} if "defaults" in answers else {})
    metrics = {about.metric: {question: answers["metric"]}} if "metric" in answers else {}
    return load_policy(
        {
            "slaclock": 1,
            "calendars": CALENDARS,
            "statuses": STATUSES,
            "defaults": defaults,
            "metrics": metrics,
            "layers": {"customer": rules},
        }
    )


def lived(question: str, answer: str) -> History:
    """The ticket under the policy of a question, answered in its defaults."""
    return replay(told_by(question, {"defaults": answer}), EVENTS)


def read(question: str, history: History) -> Reading:
    """The clock that the question is about, when all is told."""
    about = QUESTIONS[question]
    return history.at(on(about.at))[about.metric]
