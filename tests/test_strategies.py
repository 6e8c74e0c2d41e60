"""The six questions and their named answers: the first is the default, the narrowest choice wins."""

from __future__ import annotations

import attrs
import pytest

from slaclock.strategies import CHOICES, DEFAULTS, Strategies


def test_the_questions_and_answers_are_these_the_default_first() -> None:
    expected = {
        "on_change": ("recompute", "carry", "restart", "keep"),
        "on_reopen": ("exclude", "include", "restart", "ignore"),
        "on_amend": ("keep", "move"),
        "on_unmatched": ("drop", "keep"),
        "on_unanswered": ("cancel", "fulfil"),
        "on_relax": ("final", "sticky"),
    }
    assert expected == CHOICES


def test_every_question_has_a_place_in_the_value_and_no_other_has() -> None:
    assert tuple(CHOICES) == tuple(field.name for field in attrs.fields(Strategies))


@pytest.mark.parametrize("question", CHOICES)
def test_the_first_answer_holds_where_nobody_chose(question: str) -> None:
    assert CHOICES[question][0] == getattr(DEFAULTS, question)
    assert getattr(Strategies(), question) is None


@pytest.mark.parametrize("question", CHOICES)
def test_the_narrower_place_wins_and_is_silent_where_it_says_nothing(question: str) -> None:
    chosen = Strategies(**{question: CHOICES[question][1]})
    over = chosen.over(DEFAULTS)
    assert CHOICES[question][1] == getattr(over, question)
    assert {q: answers[0] for q, answers in CHOICES.items() if q != question} == {
        q: getattr(over, q) for q in CHOICES if q != question
    }


def test_laying_over_is_associative() -> None:
    target, metric, policy = Strategies(on_change="carry"), Strategies(on_change="keep", on_relax="sticky"), DEFAULTS
    assert target.over(metric).over(policy) == target.over(metric.over(policy))
