"""The same events under two policies, and what that changes: what if a draft had been in force.

Cycles are compared one by one, by the events that began them; a metric may begin more, or fewer, under another policy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from slaclock._instants import DateTime, from_us, iso_us
from slaclock._shown import Shown
from slaclock.amounts import Amount
from slaclock.candidate import Verdict, iso
from slaclock.facts import Fact
from slaclock.readings import Reading

if TYPE_CHECKING:
    from slaclock.history import History

__all__ = ["ComparedCycle", "Comparison", "FactChanges", "compare", "compare_facts", "fact_lines"]

_FIGURES = ("verdict", "phase", "due_at", "elapsed_us", "target")


@attrs.frozen(kw_only=True, repr=False)
class ComparedCycle(Shown):
    """One cycle of a metric as it stands under both policies; None where it does not exist under one of them.

    `changed` names what differs: verdict, phase, due_at, elapsed_us, target (what it says, or by whom); it is empty
    where the cycle stands the same.
    """

    before: Reading | None
    after: Reading | None
    changed: tuple[str, ...]

    @property
    def _either(self) -> Reading:
        found = self.after if self.before is None else self.before
        assert found is not None
        return found

    @property
    def metric(self) -> str:
        """The metric."""
        return self._either.metric

    @property
    def cycle(self) -> int:
        """The number of the cycle; under the first policy, where it exists there."""
        return self._either.cycle

    @property
    def verdicts(self) -> tuple[Verdict | None, Verdict | None]:
        """The verdicts under the one and the other policy."""
        return (
            None if self.before is None else self.before.verdict,
            None if self.after is None else self.after.verdict,
        )

    def to_dict(self) -> dict[str, object]:
        """The cycle under both as JSON-ready data."""
        return {
            "metric": self.metric,
            "cycle": self.cycle,
            "started_at": iso(self._either.started_us, self._either.zone),
            "changed": list(self.changed),
            "before": _data(self.before),
            "after": _data(self.after),
        }

    def __str__(self) -> str:
        number = f" #{self.cycle}" if self.cycle > 1 else ""
        name = f"{self.metric}{number}"
        if self.before is None or self.after is None:
            return f"{name}: only {'after' if self.before is None else 'before'}: {self._either}"
        told = ", ".join(f"{words} {old} -> {new}" for words, old, new in self._told(self.before, self.after))
        return f"{name}: {told or 'the same'}"

    def _told(self, before: Reading, after: Reading) -> Iterator[tuple[str, str, str]]:
        texts: dict[str, tuple[str, Callable[[Reading], str]]] = {
            "verdict": ("verdict", lambda reading: str(reading.verdict)),
            "phase": ("phase", lambda reading: str(reading.phase)),
            "due_at": ("due", lambda reading: iso(reading.due_us, reading.zone) or "never"),
            "elapsed_us": ("elapsed", lambda reading: _long(reading.elapsed_us)),
            "target": ("by", _promise),
        }
        for name in self.changed:
            words, text = texts[name]
            yield words, text(before), text(after)


@attrs.frozen(kw_only=True)
class FactChanges:
    """What became of facts: those `added`, `withdrawn`, and `moved` to another instant (as before, as now)."""

    added: tuple[Fact, ...]
    withdrawn: tuple[Fact, ...]
    moved: tuple[tuple[Fact, Fact], ...]


def compare_facts(
    before: Iterable[Fact], after: Iterable[Fact], alike: Callable[[Fact], object] | None = None
) -> FactChanges:
    """What became of facts, which are the same if their keys are; those left over, also if they are `alike`."""
    old, new = {fact.key: fact for fact in before}, {fact.key: fact for fact in after}
    pairs = [(old.pop(key), new.pop(key)) for key in [key for key in new if key in old]]
    if alike is not None:
        rest: defaultdict[object, list[str]] = defaultdict(list)
        for key, fact in old.items():
            rest[alike(fact)].append(key)
        for key, fact in list(new.items()):
            if found := rest[alike(fact)]:
                pairs.append((old.pop(found.pop(0)), new.pop(key)))
    return FactChanges(
        added=tuple(new.values()),
        withdrawn=tuple(old.values()),
        moved=tuple(pair for pair in pairs if pair[0].at_us != pair[1].at_us),
    )


def fact_lines(added: Iterable[Fact], withdrawn: Iterable[Fact], moved: Iterable[tuple[Fact, Fact]]) -> Iterator[str]:
    """What became of facts, a line each: `-` withdrawn, `+` added, `~` moved."""
    yield from (f"- {fact}" for fact in withdrawn)
    yield from (f"+ {fact}" for fact in added)
    yield from (f"~ {old} -> {iso_us(new.at_us, new.zone)}" for old, new in moved)


def _about(fact: Fact) -> tuple[object, ...]:
    """What a fact is about, whatever the target promises."""
    return (fact.metric, fact.cycle_key, fact.kind, fact.layer, fact.warning, fact.dropped)


@attrs.frozen(kw_only=True, repr=False)
class Comparison:
    """The same events under two policies, read at one instant.

    `before` and `after` are the histories; `cycles` those of metrics to which either policy gives a target; `added`,
    `withdrawn` and `moved` the facts up to that instant. A warning or a breach by the same layer is the same fact
    though another target makes it, and has moved if that is at another instant.
    """

    before: History
    after: History
    at_us: int
    cycles: tuple[ComparedCycle, ...]
    added: tuple[Fact, ...]
    withdrawn: tuple[Fact, ...]
    moved: tuple[tuple[Fact, Fact], ...]

    @property
    def at(self) -> DateTime:
        """The instant of the readings, in the first policy's time zone."""
        return from_us(self.at_us, self.before.policy.zone)

    @property
    def ticket(self) -> str | None:
        """The ticket's name."""
        return self.before.ticket

    @property
    def differences(self) -> tuple[ComparedCycle, ...]:
        """The cycles that stand otherwise."""
        return tuple(cycle for cycle in self.cycles if cycle.changed)

    @property
    def is_same(self) -> bool:
        """Whether nothing differs, neither a reading nor a fact."""
        return not (self.differences or self.added or self.withdrawn or self.moved)

    def to_dict(self) -> dict[str, object]:
        """The comparison as JSON-ready data."""
        return {
            "ticket": self.ticket,
            "at": iso_us(self.at_us, self.before.policy.zone),
            "policies": [self.before.policy.digest, self.after.policy.digest],
            "differences": [difference.to_dict() for difference in self.differences],
            "added": [fact.to_dict() for fact in self.added],
            "withdrawn": [fact.to_dict() for fact in self.withdrawn],
            "moved": [[old.to_dict(), new.to_dict()] for old, new in self.moved],
        }

    def __str__(self) -> str:
        names = (self.before.policy.name or "this policy", self.after.policy.name or "the other")
        head = f"{self.ticket or 'ticket'} at {iso_us(self.at_us, self.before.policy.zone)}: {names[0]} -> {names[1]}"
        if self.is_same:
            return f"{head}: nothing differs"
        return "\n".join([head, *map(str, self.differences), *fact_lines(self.added, self.withdrawn, self.moved)])

    def __repr__(self) -> str:
        facts = f"{len(self.added)} facts added, {len(self.withdrawn)} withdrawn, {len(self.moved)} moved"
        otherwise = f"{len(self.differences)} of {len(self.cycles)} cycles stand otherwise"
        return f"<Comparison of {self.ticket or 'a ticket'}: {otherwise}; {facts}>"


def compare(before: History, after: History, at_us: int) -> Comparison:
    """What differs between two histories of the same events, read at one instant."""
    facts = compare_facts(before._facts_until(at_us), after._facts_until(at_us), alike=_about)
    return Comparison(
        before=before,
        after=after,
        at_us=at_us,
        cycles=tuple(_compared(*pair) for pair in _pairs(before, after, at_us)),
        added=facts.added,
        withdrawn=facts.withdrawn,
        moved=facts.moved,
    )


def _pairs(before: History, after: History, at_us: int) -> Iterator[tuple[Reading | None, Reading | None]]:
    spoken = dict.fromkeys((*before.policy.spoken, *after.policy.spoken))
    for metric in spoken:
        old, new = _cycles(before, metric, at_us), _cycles(after, metric, at_us)
        for place in sorted(old.keys() | new.keys()):
            yield old.get(place), new.get(place)


def _cycles(history: History, metric: str, at_us: int) -> dict[tuple[int, int], Reading]:
    """The cycles of a metric by the instant at which they began; of several at one instant, in order."""
    if metric not in history.policy.metrics:
        return {}
    found: dict[tuple[int, int], Reading] = {}
    for reading in history._at_us(at_us).cycles(metric):
        assert reading.started_us is not None
        place = next(number for number in range(reading.cycle) if (reading.started_us, number) not in found)
        found[reading.started_us, place] = reading
    return found


def _compared(before: Reading | None, after: Reading | None) -> ComparedCycle:
    if before is None or after is None:
        return ComparedCycle(before=before, after=after, changed=_FIGURES)
    old, new = _figures_of(before), _figures_of(after)
    changed = tuple(name for name, one, other in zip(_FIGURES, old, new, strict=True) if one != other)
    return ComparedCycle(before=before, after=after, changed=changed)


def _figures_of(reading: Reading) -> tuple[object, ...]:
    return (reading.verdict, reading.phase, reading.due_us, reading.elapsed_us, _promise(reading))


def _promise(reading: Reading) -> str:
    binding = reading.binding
    return "nobody" if binding is None else f"{binding.layer} rule {binding.rule!r}: {binding.promise}"


def _long(us: int | None) -> str:
    return "-" if us is None else str(Amount(us=us)) if us else "0"


def _data(reading: Reading | None) -> dict[str, object] | None:
    if reading is None:
        return None
    data = reading.to_dict()
    return {name: data[name] for name in ("verdict", "phase", "due_at", "elapsed_us", "binding")}
