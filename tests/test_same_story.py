"""The six questions of change on one story, all answers side by side, wherever they are given."""

from __future__ import annotations

from itertools import combinations

import pytest

from helpers import hours, short
from same_story import EVENTS, PLACES, QUESTIONS, lived, read, told_by
from slaclock import Reading, replay
from slaclock.strategies import CHOICES

# Phase, verdict, due, hours elapsed, and when it was breached, worked out by hand.
EXPECTED = {
    # At 13:00 five hours are gone round the clock, three of them in office hours; the hour from 10 to 11 was a pause.
    ("on_change", "recompute"): ("running", "pending", "mon 15:00", 6, None),
    ("on_change", "carry"): ("running", "pending", "mon 17:00", 4, None),
    ("on_change", "restart"): ("running", "pending", "mon 20:00", 1, None),
    ("on_change", "keep"): ("running", "pending", "tue 10:00", 4, None),
    # Seven hours counted when it was solved at 15:00, and it was done for two.
    ("on_reopen", "exclude"): ("running", "pending", "mon 22:00", 8, None),
    ("on_reopen", "include"): ("running", "pending", "mon 20:00", 10, None),
    ("on_reopen", "restart"): ("running", "pending", "tue 05:00", 1, None),
    ("on_reopen", "ignore"): ("stopped", "met", "mon 20:00", 7, None),
    # Twelve hours for those that start before noon, six from then on.
    ("on_amend", "keep"): ("running", "pending", "mon 20:00", 5, None),
    ("on_amend", "move"): ("running", "pending", "mon 14:00", 5, None),
    # Nothing is said of low priority.
    ("on_unmatched", "drop"): ("running", "no_target", None, None, None),
    ("on_unmatched", "keep"): ("running", "pending", "mon 22:00", 9, None),
    # Nobody has answered when it is solved at 15:00.
    ("on_unanswered", "cancel"): ("cancelled", "void", "mon 17:00", 8, None),
    ("on_unanswered", "fulfil"): ("stopped", "met", "mon 17:00", 8, None),
    # Four hours had passed at noon, which is known at 13:00; twelve have not at 19:00.
    ("on_relax", "final"): ("running", "pending", "mon 22:00", 9, None),
    ("on_relax", "sticky"): ("running", "breached", "mon 12:00", 9, "mon 13:00"),
}


def told(reading: Reading) -> tuple[object, ...]:
    elapsed = None if reading.elapsed_us is None else reading.elapsed_us / hours(1)
    return (reading.phase, reading.verdict, short(reading.due_at), elapsed, short(reading.breached_at))


def test_every_answer_to_every_question_is_there() -> None:
    assert [*EXPECTED] == [(question, answer) for question, answers in CHOICES.items() for answer in answers]


@pytest.mark.parametrize(("question", "answer"), EXPECTED)
def test_the_same_story_with_each_answer(question: str, answer: str) -> None:
    assert EXPECTED[question, answer] == told(read(question, lived(question, answer)))


@pytest.mark.parametrize(("question", "answer"), EXPECTED)
def test_the_narrowest_place_where_it_is_answered_wins(question: str, answer: str) -> None:
    """In any set of places, with the answer at the narrowest of them and another one at the wider ones."""
    other = next(word for word in reversed(CHOICES[question]) if word != answer)
    for count in range(1, len(PLACES) + 1):
        for places in combinations(PLACES, count):
            answers = dict.fromkeys(places, other) | {places[-1]: answer}
            history = replay(told_by(question, answers), EVENTS)
            assert EXPECTED[question, answer] == told(read(question, history)), answers


@pytest.mark.parametrize("question", CHOICES)
def test_where_nobody_answers_the_first_answer_holds(question: str) -> None:
    assert EXPECTED[question, CHOICES[question][0]] == told(read(question, replay(told_by(question, {}), EVENTS)))


def test_a_breach_that_a_laxer_target_undoes_stays_in_the_facts() -> None:
    for answer in CHOICES["on_relax"]:
        breaches = [fact for fact in lived("on_relax", answer).facts if fact.kind == "breached"]
        assert [("mon 13:00", "raised")] == [(short(fact.at), fact.cause) for fact in breaches]


def test_the_questions_are_about_instants_within_the_story() -> None:
    assert set(QUESTIONS) == set(CHOICES)
