"""What can be proved of conditions: whether any ticket can satisfy several of them at once.

A `Prover` looks for a ticket: it takes the conditions apart into questions about single fields, follows every
alternative of an `any`, and asks of each field whether something answers all its questions as they must be answered.
Where no alternative is left there is no such ticket, and that is a proof. It never claims more:

- A field may hold a list, and then `tier is gold` and `tier is silver` hold together.
- What a policy declares of its fields is taken at its word: such a field holds declared values, or nothing.
- A ticket has one status at most, and its category follows from it; a status that nobody knows counts as `open`.
- A search that takes too long is given up, and then everything may be so. What is given up is noted, with what it was
  about, so that it can be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final, TypeAlias

import attrs

from slaclock._domains import ANYTHING, Domain, Question, answerable, single_values
from slaclock.conditions import (
    ARRIVALS,
    ARRIVED,
    CATEGORY,
    All,
    Always,
    AnyOf,
    Condition,
    Exists,
    FieldValue,
    Is,
    Not,
    Ordered,
    View,
)
from slaclock.metric import CATEGORIES

__all__ = ["STATUS", "About", "Prover", "all_of"]

STATUS: Final = "status"

About: TypeAlias = tuple[str, tuple[str | int, ...]]
"""What a question is about: the code of the lint that is looked for, and the path where."""

# So many questions are put to fields before one search is given up, and so many before all are: tenths of a second,
# and seconds.
_MOST_FOR_ONE: Final = 20_000
_MOST_FOR_ALL: Final = 1_000_000
_TYPES: Final = {"text": ANYTHING, "number": Domain(numeric=True), "bool": Domain(("true", "false"))}
_CATEGORY: Final = Domain(CATEGORIES, single=True)
_CATEGORIES: Final = {name: Domain((name,), single=True) for name in CATEGORIES}
_UNSET: Final[Question] = (Exists(STATUS, yes=False), True)
_ARRIVED: Final = Domain(ARRIVALS, single=True)


class Prover:
    """Proofs about the tickets of a policy that declares these fields and statuses.

    >>> gold, silver = Is("tier", ("gold",)), Is("tier", ("silver",))
    >>> Prover().possible(gold, silver), Prover().possible(gold, Not(gold))
    (True, False)
    """

    def __init__(
        self, fields: Mapping[str, tuple[str, ...] | str] | None = None, statuses: Mapping[str, str] | None = None
    ) -> None:
        self._domains = {
            name: Domain(what) if isinstance(what, tuple) else _TYPES[what] for name, what in (fields or {}).items()
        }
        self._domains[ARRIVED] = _ARRIVED
        # As `Policy.category` says: what the policy lists, and the names of the categories.
        self._statuses = {**{name: name for name in CATEGORIES}, **(statuses or {})}
        self._work = 0
        # Who asks says what about. What was given up; and what was not even searched for, with how often.
        self.about: About = ("", ())
        self.given_up: dict[About, None] = {}
        self.unsearched: Counter[About] = Counter()

    def possible(self, *conditions: Condition) -> bool:
        """Whether all may hold for one ticket; False is proved."""
        if self._work > _MOST_FOR_ALL:
            self.unsearched[self.about] += 1
            return True
        search = _Search(self, conditions)
        found = search.succeeds()
        self._work += search.work
        if search.given_up:
            self.given_up[self.about] = None
        return found

    def implies(self, given: Condition, asked: Condition) -> bool:
        """Whether every ticket for which the first holds satisfies the second; True is proved."""
        return not self.possible(given, Not(asked))

    def equal(self, one: Condition, other: Condition) -> bool:
        """Whether both hold for the same tickets; True is proved."""
        return self.implies(one, other) and self.implies(other, one)

    def example(self, *conditions: Condition) -> View | None:
        """A ticket for which all hold, where one is found at a glance: such a one there is. None proves nothing."""
        parts = list(chain.from_iterable(map(all_of, conditions)))
        view: dict[str, FieldValue] = {}
        for name in frozenset().union(*(part.fields() for part in parts if isinstance(part, Is | Ordered | Exists))):
            asked = [(part, True) for part in parts if isinstance(part, Is | Ordered | Exists) and part.field == name]
            domain = attrs.evolve(self._domains.get(name, _CATEGORY if name == CATEGORY else ANYTHING), single=True)
            found = next(single_values(asked, domain), None)
            if found is not None:
                text, amount = found
                view[name] = text or ("anything" if amount is None else float(amount))
        if view.get(CATEGORY) is not None and view.get(STATUS) is None:
            view[STATUS] = next(name for name, category in self._statuses.items() if category == view[CATEGORY])
        status = view.get(STATUS)
        view[CATEGORY] = "new" if status is None else self._statuses.get(str(status), "open")
        view.setdefault(ARRIVED, ARRIVALS[0])
        return view if all(condition.test(view) for condition in conditions) else None

    def answerable(self, asked: Mapping[str, list[Question]], fields: Iterable[str]) -> bool:
        """Whether each of the fields may hold something that answers all that is asked of it rightly."""
        # The category follows from the status: both are asked together.
        return all(
            self._status_answerable(asked.get(STATUS, []), asked.get(CATEGORY, []))
            if name == CATEGORY
            else answerable(asked[name], self._domains.get(name, ANYTHING))
            for name in dict.fromkeys(CATEGORY if name == STATUS else name for name in fields)
        )

    def _status_answerable(self, status: list[Question], category: list[Question]) -> bool:
        domain = self._domains.get(STATUS, ANYTHING)
        found = single_values(status, domain, self._statuses)
        # No status at all is `new`.
        unset = ("new",) if answerable([*status, _UNSET], domain) else ()
        known = dict.fromkeys(chain(unset, (self._statuses.get(text or "", "open") for text, _ in found)))
        return any(answerable(category, _CATEGORIES[name]) for name in known)


def all_of(condition: Condition) -> list[Condition]:
    """The conditions that must all hold for one to hold."""
    parts: list[Condition] = []
    todo = [condition]
    while todo:
        part = todo.pop()
        if isinstance(part, All):
            todo += reversed(part.conditions)
        else:
            parts.append(part)
    return parts


class _Search:
    """One search for a ticket that satisfies conditions, alternative by alternative."""

    def __init__(self, prover: Prover, conditions: Iterable[Condition]) -> None:
        self.prover = prover
        self.asked: dict[str, list[Question]] = {}
        # The fields of which something was asked, in order, to take it back.
        self.trail: list[str] = []
        # What is left open: lists of questions of which one must be answered rightly.
        self.choices: list[list[Question]] = []
        self.work = 0
        self.given_up = False
        self.sound = self._ask([(condition, True) for condition in conditions])

    def succeeds(self) -> bool:
        """Whether there may be such a ticket."""
        if not self.sound:
            return False
        most = self.work + _MOST_FOR_ONE
        # For each choice that is made: the next alternative, and how far the trail and the choices went before it.
        made: list[tuple[int, int, int]] = []
        back = False
        while back or len(made) < len(self.choices):
            if not back:
                made.append((0, len(self.trail), len(self.choices)))
            if not made:
                return False
            place, trail, choices = made.pop()
            self._take_back(trail, choices)
            alternatives = self.choices[len(made)]
            back = place == len(alternatives)
            if not back:
                if self.work > most:
                    self.given_up = True
                    return True
                made.append((place + 1, trail, choices))
                back = not self._ask([alternatives[place]])
        return True

    def _take_back(self, trail: int, choices: int) -> None:
        while len(self.trail) > trail:
            self.asked[self.trail.pop()].pop()
        del self.choices[choices:]

    def _ask(self, questions: list[Question]) -> bool:
        """Put questions to the fields, and leave open what has alternatives; whether all may be answered rightly."""
        fields: dict[str, None] = {}
        todo = questions
        while todo:
            asked, holds = todo.pop()
            if isinstance(asked, Not):
                todo.append((asked.condition, not holds))
            elif isinstance(asked, Always):
                if asked.yes is not holds:
                    return False
            elif isinstance(asked, All | AnyOf):
                parts: list[Question] = [(part, holds) for part in asked.conditions]
                if isinstance(asked, All) is holds:
                    todo += parts
                elif parts:
                    self.choices.append(parts)
                else:
                    return False
            elif isinstance(asked, Is | Ordered | Exists):
                self.asked.setdefault(asked.field, []).append((asked, holds))
                self.trail.append(asked.field)
                fields[asked.field] = None
            # Of a condition of another kind nothing is known, and it may hold or not.
            self.work += 1
        self.work += sum(len(self.asked[name]) for name in fields)
        return self.prover.answerable(self.asked, fields)
