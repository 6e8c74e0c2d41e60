"""Names of ticket fields that are all but what a policy reads: a slip in a file of events that nobody would notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from slaclock._reading import show
from slaclock.errors import nearest_word
from slaclock.events import Changed, Created, Event
from slaclock.policy import Policy

__all__ = ["Slip", "slips"]

# The keywords of an event whose absence is seen nowhere else, so that a slip in one is a field that nobody reads.
_QUIET: Final = ("recorded_at", "seq")
# Shorter names are one letter away from too many others.
_SHORTEST: Final = 4


@attrs.frozen(kw_only=True)
class Slip:
    """A field that nothing reads, the name that it nearly is, and the first event that has it."""

    name: str
    meant: str
    is_keyword: bool
    events: int
    first: Event

    @property
    def sentence(self) -> str:
        """What to know and to do."""
        read = f"`{self.meant}` {'is a keyword of events' if self.is_keyword else 'is read'}"
        held = "1 event" if self.events == 1 else f"{self.events:,} events"
        first = self.first.key if self.first.ticket is None else f"{self.first.key} of ticket {self.first.ticket}"
        return (
            f"nothing reads the field {show(self.name)}, and {read}: if that is meant, rename it "
            f"(in {held}, first in {first})"
        )


def slips(events: Iterable[Event], policies: Iterable[Policy]) -> Iterator[Slip]:
    """The fields of events that nothing reads and whose name is nearly that of something that is read.

    Where no event has a field that is read, any near name may be it; where some have, only one that is a slip away
    and never stands beside it.
    """
    policies = tuple(policies)
    # The category and the like begin with a control character: no event can hold them.
    read = {name for policy in policies for name in policy.read_fields if name.isprintable()}
    known = read.union(*(policy.fields for policy in policies))
    shapes: dict[frozenset[str], tuple[int, Event]] = {}
    for event in events:
        if isinstance(event, Created | Changed):
            shape = frozenset(name for name, _ in event.settled)
            count, first = shapes.get(shape, (0, event))
            shapes[shape] = (count + 1, first)
    held = frozenset[str]().union(*shapes)
    for name in sorted(held - known):
        holding = [(count, first, shape) for shape, (count, first) in shapes.items() if name in shape]
        beside = frozenset[str]().union(*(shape for _, _, shape in holding))
        meant = _meant(name, sorted(read - beside), sorted(read - held))
        if meant:
            yield Slip(
                name=name,
                meant=meant,
                is_keyword=meant not in read,
                events=sum(count for count, _, _ in holding),
                first=holding[0][1],
            )


def _meant(name: str, apart: list[str], absent: list[str]) -> str:
    for other in (*apart, *_QUIET):
        if _is_slip(name, other):
            return other
    return nearest_word(name, absent)


def _is_slip(name: str, other: str) -> bool:
    """Whether two names are the same but for case, spaces and signs, or for one letter more, less or other, or two
    that changed places.

    >>> _is_slip("Stauts", "status"), _is_slip("team1", "team2")
    (True, False)
    """
    one, two = (_letters(text) for text in (name, other))
    if one == two:
        return bool(one)
    if min(len(one), len(two)) < _SHORTEST:
        return False
    start = 0
    while start < min(len(one), len(two)) and one[start] == two[start]:
        start += 1
    one, two = one[start:], two[start:]
    while one and two and one[-1] == two[-1]:
        one, two = one[:-1], two[:-1]
    if any(letter.isdigit() for letter in one + two):
        return False
    return max(len(one), len(two)) <= 1 or (len(one) == len(two) == 2 and one == two[::-1])


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
