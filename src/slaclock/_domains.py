"""What a field can hold, as far as conditions can tell: finitely many values that stand for all.

To a question a value is how it is spelled and which number it is, and nothing else. So all values that are spelled as
no question asks for, and are numbers between the same two bounds, are one; and a handful of them stands for all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from slaclock.conditions import Condition, Exists, Is, Ordered, Scalar, number, spelled

__all__ = ["ANYTHING", "Domain", "Question", "Value", "answerable", "one_all", "parted", "values"]

Question: TypeAlias = tuple[Condition, bool]
"""A condition on one field, and whether it has to hold."""

Value: TypeAlias = tuple[str | None, Fraction | None]
"""How a value is spelled (None: as no question asks for), and the number that it is (None: none)."""


@attrs.frozen
class Domain:
    """What a field can hold: one of these texts, or anything (None); numbers only; one value and no list of them."""

    texts: tuple[str, ...] | None = None
    numeric: bool = False
    single: bool = False


ANYTHING: Final = Domain()


def answerable(questions: Iterable[Question], domain: Domain) -> bool:
    """Whether the field may hold something that answers all questions rightly; False is certain."""
    yes, no = parted(questions)
    if not yes and not domain.single:
        return True  # A field that holds nothing.
    found = values(yes, no, domain)
    if domain.single:
        return one_all(yes, found)
    # A list may hold another value for each question.
    return all(any(_holds(asked, value) for value in found) for asked in yes)


def parted(questions: Iterable[Question]) -> tuple[list[Condition], list[Condition]]:
    """The questions that some value must answer with yes, and those that every value must answer with no."""
    yes: list[Condition] = []
    no: list[Condition] = []
    for asked, holds in questions:
        turned = isinstance(asked, Exists) and not asked.yes
        (yes if holds is not turned else no).append(asked)
    return yes, no


def one_all(yes: list[Condition], found: list[Value]) -> bool:
    """Whether one of the values answers all the questions with yes."""
    return any(all(_holds(asked, value) for asked in yes) for value in found)


def _holds(asked: Condition, value: Value) -> bool:
    text, amount = value
    if isinstance(asked, Is):
        return text in asked.texts
    return amount is not None and asked._holds(amount) if isinstance(asked, Ordered) else True


def values(yes: list[Condition], no: list[Condition], domain: Domain, more: Iterable[str] = ()) -> list[Value]:
    """The values of a domain that answer none of the questions `no` with yes, so far as `yes` and `more` tell them
    apart: one of each kind."""
    if any(isinstance(asked, Exists) for asked in no):
        return []
    barred = frozenset().union(*(asked.texts for asked in no if isinstance(asked, Is)))
    orders = [asked for asked in no if isinstance(asked, Ordered)]
    texts = domain.texts
    found: list[Value] = []
    if texts is None:
        bounds = sorted({asked.bound for asked in (*yes, *no) if isinstance(asked, Ordered)})
        found = [(None, None), *((None, amount) for amount in _amounts(bounds))]
        texts = tuple(dict.fromkeys((*more, *(text for asked in yes if isinstance(asked, Is) for text in asked.texts))))
    found += [value for text in texts if text not in barred for value in _spelled_so(text)]
    return [
        value
        for value in found
        if not (domain.numeric and value[1] is None) and not any(_holds(asked, value) for asked in orders)
    ]


def _amounts(bounds: list[Fraction]) -> Iterator[Fraction]:
    """The bounds, a number between any two of them, and one on each side; of no bounds, any number."""
    yield from bounds
    yield from ((low + high) / 2 for low, high in pairwise(bounds))
    yield bounds[0] - 1 if bounds else Fraction(0)
    yield from (bound + 1 for bound in bounds[-1:])


def _spelled_so(text: str) -> Iterator[Value]:
    """The values that are spelled so: the text, and numbers, which may be longer than a text may spell them."""
    others: list[Scalar] = []
    for kind in (int, float):
        with suppress(ValueError, OverflowError):
            others.append(kind(text))
    amounts = [number(text), *(number(other) for other in others if spelled(other) == text)]
    return ((text, amount) for amount in dict.fromkeys(amounts))
