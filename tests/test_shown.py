"""What Python shows of answers, in lists and notebooks: a line in words, not the numbers that they are made of."""

from __future__ import annotations

from helpers import changed, created, make_policy, on, replied, story
from slaclock._shown import Shown
from slaclock.events import Withdrawn


def withdrawn(at: str, event: str) -> Withdrawn:
    return Withdrawn(at=on(at), event=event, reason="a slip")


POLICY = make_policy({"resolution": "4h"}, name="Desk", defaults={"calendar": "office"})
DRAFT = make_policy({"resolution": "2h"}, name="Draft", defaults={"calendar": "office"})
HISTORY = story(
    POLICY,
    created(id="c"),
    replied("mon 10:00", id="r"),
    changed("mon 15:00", id="d", status="solved"),
    replied("mon 16:00", id="w"),
    withdrawn("mon 17:00", "w"),
)


class Poem(Shown):
    def __str__(self) -> str:
        return "roses  are red\nviolets are blue"


def test_is_the_first_line_with_single_spaces() -> None:
    assert "<Poem roses are red>" == repr(Poem())


def test_each_of_an_explanations_parts_is_a_line() -> None:
    explanation = HISTORY.explain(on("mon 15:00"))
    account = explanation["resolution"]
    assert repr(explanation) == "<Explanation of a ticket at 2026-03-02T15:00:00+00:00: resolution>"
    assert repr(account) == "<Account resolution: breached, over by 2h.>"
    assert list(map(repr, account.ledger)) == [
        "<Segment 2026-03-02T09:00:00+00:00 .. 2026-03-02T15:00:00+00:00 counted 6h>"
    ]
    assert repr(account.decisions[0]) == (
        "<Decision 2026-03-02T09:00:00+00:00 customer: rule 'everybody' gives 4h on office>"
    )
    assert list(map(repr, account.idle)) == [
        "<IdleEvent 2026-03-02T10:00:00+00:00 replied: resolution does not wait for a public reply by the agent>"
    ]
    assert [repr(left) for left in explanation.left_out][:1] == ["<LeftOut replied (w): was withdrawn: a slip>"]
    assert repr(story(make_policy(), created()).explain()).endswith(": nothing>")


def test_so_are_a_readings_candidates_and_a_previews_rules() -> None:
    (candidate,) = HISTORY.at(on("mon 10:00"))["resolution"].candidates
    assert repr(candidate) == "<Candidate customer: 4h on office, due 2026-03-02T13:00:00+00:00>"
    preview = POLICY.targets_for({}, on("mon 09:00"))["resolution"]
    assert repr(preview).startswith("<MetricPreview resolution: 4h on office by customer, due ")
    assert list(map(repr, preview.considered)) == ["<Considered customer: everybody: gives 4h on office>"]


def test_so_is_what_is_coming_and_what_became() -> None:
    coming = next(iter(HISTORY.timeline(on("mon 14:00"), since=on("mon 09:00"))))
    assert repr(coming) == ("<Coming 2026-03-02T13:00:00+00:00 resolution #1 breached (customer: 4h on office)>")
    assert repr(coming.fact) == repr(coming).replace("Coming", "Fact")


def test_comparisons_and_revisions_say_how_much_there_is() -> None:
    comparison = HISTORY.under(DRAFT)
    assert repr(comparison) == (
        "<Comparison of a ticket: 1 of 1 cycles stand otherwise; 0 facts added, 0 withdrawn, 1 moved>"
    )
    assert repr(comparison.cycles[0]).startswith("<ComparedCycle resolution: due 2026-03-02T13:00:00+00:00 -> ")
    assert repr(POLICY.diff(DRAFT)[0]) == "<Difference name: now Draft; before: Desk>"
    revision = HISTORY.revise([withdrawn("tue 09:00", "d")])
    assert repr(revision) == "<Revision of a ticket: 0 facts added, 4 withdrawn, 0 moved>"
