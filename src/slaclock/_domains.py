"""What a field can hold, as far as conditions can tell.

To a question a value is how it is spelled and which number it is, and nothing else. Values that are spelled as no
question asks for are all alike but for their numbers, and of those only the order counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

import attrs

from slaclock.conditions import Condition, Exists, Is, Ordered, Scalar, number, spelled

__all__ = ["ANYTHING", "Domain", "Question", "Value", "answerable", "single_values"]

Question: TypeAlias = tuple[Condition, bool]
"""A condition on one field, and whether it has to hold."""

Value: TypeAlias = tuple[str | None, Fraction | None]
"""How a value is spelled (None: as no question asks for), and the number that it is (None: none)."""

Questions: TypeAlias = list[Condition]
_End: TypeAlias = tuple[Fraction, bool]


@attrs.frozen
class Domain:
    """What a field can hold: one of these texts, or anything (None); numbers only; one value and no list of them."""

    texts: tuple[str, ...] | None = None
    numeric: bool = False
    single: bool = False


ANYTHING: Final = Domain()


def answerable(questions: Iterable[Question], domain: Domain) -> bool:
    """Whether the field may hold something that answers all questions rightly; False is certain."""
    if domain.single:
        return any(True for _ in single_values(questions, domain))
    yes, no = _parted(questions)
    if not yes:
        return True  # A field that holds nothing.
    allowed = _Allowed(no, domain)
    # A list may hold another value for each question.
    return not allowed.nothing and all(map(allowed.some, yes))


def single_values(questions: Iterable[Question], domain: Domain, more: Iterable[str] = ()) -> Iterator[Value]:
    """The single values that answer all questions rightly, one of each kind; those of `more` are kinds of their own."""
    yes, no = _parted(questions)
    allowed = _Allowed(no, domain)
    wanted = [asked.texts for asked in yes if isinstance(asked, Is)]
    found: list[Value] = []
    texts = domain.texts
    if texts is None:
        texts = tuple(wanted[0] if wanted else more)
        if not wanted:
            bounds = sorted({asked.bound for asked in (*yes, *no) if isinstance(asked, Ordered)})
            found = [(None, None), *((None, amount) for amount in _amounts(bounds))]
    found += [value for text in texts if all(text in words for words in wanted) for value in _spelled_so(text)]
    if not allowed.nothing:
        yield from (value for value in found if allowed.takes(value) and all(_holds(asked, value) for asked in yes))


def _parted(questions: Iterable[Question]) -> tuple[Questions, Questions]:
    """The questions that some value must answer with yes, and those that every value must answer with no."""
    yes: Questions = []
    no: Questions = []
    for asked, holds in questions:
        turned = isinstance(asked, Exists) and not asked.yes
        (yes if holds is not turned else no).append(asked)
    return yes, no


def _holds(asked: Condition, value: Value) -> bool:
    text, amount = value
    if isinstance(asked, Is):
        return text in asked.texts
    return amount is not None and asked._holds(amount) if isinstance(asked, Ordered) else True


class _Allowed:
    """The values of a domain that answer some questions with no: not spelled so, and numbers between two bounds."""

    def __init__(self, no: Questions, domain: Domain) -> None:
        self.domain = domain
        self.barred = frozenset[str]().union(*(asked.texts for asked in no if isinstance(asked, Is)))
        self.nothing = any(isinstance(asked, Exists) for asked in no)
        self.orders = _Between()
        for asked in no:
            if isinstance(asked, Ordered):
                self.orders.narrow(_OPPOSITE[asked.order], asked.bound)

    def takes(self, value: Value) -> bool:
        """Whether a value is one of them."""
        text, amount = value
        if text in self.barred:
            return False
        return not self.domain.numeric if amount is None else self.orders.holds(amount)

    def some(self, asked: Condition) -> bool:
        """Whether one of them answers a question with yes."""
        texts = self.domain.texts
        if isinstance(asked, Is):
            texts = tuple(asked.texts if texts is None else asked.texts.intersection(texts))
        if texts is not None:
            return any(self.takes(value) and _holds(asked, value) for text in texts for value in _spelled_so(text))
        if isinstance(asked, Ordered):
            return self.orders.leaves(asked.order, asked.bound)
        return not self.domain.numeric or self.orders.leaves()


_OPPOSITE: Final = {
    "at_least": "less_than", "more_than": "at_most", "at_most": "more_than", "less_than": "at_least",
}  # fmt: skip


class _Between:
    """The numbers between two bounds: `low` with whether it is left out itself, `high` with whether it is not."""

    def __init__(self, low: _End | None = None, high: _End | None = None) -> None:
        self.low = low
        self.high = high

    def narrow(self, order: str, bound: Fraction) -> None:
        """Only those that stand so to a bound."""
        end = (bound, order in ("more_than", "at_most"))
        if order in ("at_least", "more_than"):
            self.low = max(self.low or end, end)
        else:
            self.high = min(self.high or end, end)

    def holds(self, amount: Fraction) -> bool:
        """Whether a number is one of them."""
        # A bound that is left out comes after its number from below, and before it from above.
        return (self.low is None or self.low <= (amount, False)) and (self.high is None or (amount, True) <= self.high)

    def leaves(self, order: str = "", bound: Fraction = Fraction(0)) -> bool:
        """Whether there is one of them, or one that stands so to a bound."""
        rest = _Between(self.low, self.high)
        if order:
            rest.narrow(order, bound)
        return rest.low is None or rest.high is None or rest.low[0] < rest.high[0] or rest.holds(rest.low[0])


def _amounts(bounds: list[Fraction]) -> Iterator[Fraction]:
    """The bounds, a number between any two of them, and one on each side; of no bounds, any number."""
    yield from bounds
    yield from ((low + high) / 2 for low, high in pairwise(bounds))
    yield bounds[0] - 1 if bounds else Fraction(0)
    yield from (bound + 1 for bound in bounds[-1:])


@lru_cache(maxsize=4_096)
def _spelled_so(text: str) -> tuple[Value, ...]:
    """The values that are spelled so: the text, and numbers, which may be longer than a text may spell them."""
    others: list[Scalar] = []
    for kind in (int, float):
        with suppress(ValueError, OverflowError):
            others.append(kind(text))
    amounts = [number(text), *(number(other) for other in others if spelled(other) == text)]
    return tuple((text, amount) for amount in dict.fromkeys(amounts))
