"""What the rules of a policy offer, row by row, as conditions: the ground on which lints prove things.

An `Offer` is one target with all that must hold for it to be given; an `Entry` is what a rule says of one metric.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Final, TypeAlias

import attrs

from slaclock._proof import Prover
from slaclock.conditions import All, Always, AnyOf, Condition, Is, Not
from slaclock.lints import Lint
from slaclock.policy import Policy
from slaclock.rules import Rule, Table, TargetOrTable
from slaclock.strategies import DEFAULTS
from slaclock.target import CalendarFrom, Target

__all__ = ["Entry", "Keys", "Offer", "Study", "entries_of", "rule_keys"]

Keys: TypeAlias = tuple[str | int, ...]
OTHERWISE: Final = "otherwise"
# A row is given where no row above it is: of longer tables each row would have to name thousands.
_MOST_ROWS: Final = 500


def rule_keys(layer: str, number: int) -> Keys:
    """The path of a rule."""
    return ("layers", layer, number)


@attrs.frozen(kw_only=True, eq=False)
class Offer:
    """A target, and what a ticket must satisfy, besides the rule's own condition, to be given it."""

    entry: Entry
    target: Target
    asks: tuple[Condition, ...]
    keys: Keys

    @property
    def needs(self) -> tuple[Condition, ...]:
        """All that a ticket must satisfy."""
        return (self.entry.rule.when, *self.asks)


@attrs.frozen(kw_only=True, eq=False, slots=False)
class Entry:
    """What one rule says of one metric: targets, or that it takes them away (`exempts`).

    `moves` says with what the rule's window is compared: True with now, False with the start, None with one or the
    other, by target.
    """

    layer: int
    layer_name: str
    number: int
    rule: Rule
    metric: str
    exempts: bool
    moves: bool | None

    @property
    def keys(self) -> Keys:
        """The path of what it says."""
        return (*rule_keys(self.layer_name, self.number), *(("exempt",) if self.exempts else ("targets", self.metric)))

    @property
    def said(self) -> TargetOrTable | None:
        """The target or the table; None where it exempts."""
        return None if self.exempts else self.rule.targets[self.metric]

    def offers(self) -> Iterator[Offer]:
        """Its targets; none of tables that are too long to reason about."""
        if self.said is not None:
            for target, asks, keys in _rows(self.said, (), self.keys):
                yield Offer(entry=self, target=target, asks=asks, keys=keys)

    @cached_property
    def speaks(self) -> Condition:
        """What is enough for it to give a target, or to take it away, while the rule is in force."""
        said = Always() if self.said is None else _spoken(self.said)
        return self.rule.when if said == Always() else All((self.rule.when, said))

    @cached_property
    def may_speak(self) -> Condition:
        """What is needed for it to give a target, or to take it away."""
        said = self.said
        if not isinstance(said, Table) or said.otherwise is not None:
            return self.rule.when
        return All((self.rule.when, Is(said.field, tuple(value for value, _ in said.rows))))


def entries_of(policy: Policy, metric: str) -> tuple[tuple[Entry, ...], ...]:
    """What the rules of each layer say of a metric, in the order in which they are read."""
    wider = policy.metrics[metric].strategies.over(policy.strategies).over(DEFAULTS)

    def entry(number: int, name: str, place: int, rule: Rule) -> Entry:
        said = None if rule.exempts(metric) else rule.targets[metric]
        targets = () if said is None else said.targets() if isinstance(said, Table) else (said,)
        answers = {target.strategies.over(wider).on_amend for target in targets} or {wider.on_amend}
        moves = answers == {"move"} if len(answers) == 1 else None
        return Entry(
            layer=number, layer_name=name, number=place, rule=rule, metric=metric, exempts=said is None, moves=moves
        )

    return tuple(
        tuple(
            entry(number, layer.name, place, rule)
            for place, rule in enumerate(layer.rules)
            if rule.exempts(metric) or metric in rule.targets
        )
        for number, layer in enumerate(policy.layers)
    )


def _rows(
    said: TargetOrTable, asks: tuple[Condition, ...], keys: Keys
) -> Iterator[tuple[Target, tuple[Condition, ...], Keys]]:
    if not isinstance(said, Table):
        yield said, asks, keys
        return
    if len(said.rows) > _MOST_ROWS:
        return
    above: tuple[str, ...] = ()
    for value, row in said.rows:
        here: tuple[Condition, ...] = (Is(said.field, (value,)), *_none_of(said.field, above))
        yield from _rows(row, (*asks, *here), (*keys, value))
        above += (value,)
    if said.otherwise is not None:
        yield from _rows(said.otherwise, (*asks, *_none_of(said.field, above)), (*keys, OTHERWISE))


def _none_of(field: str, values: tuple[str, ...]) -> tuple[Condition, ...]:
    return (Not(Is(field, values)),) if values else ()


def _spoken(said: TargetOrTable) -> Condition:
    """What is enough for a target to be found."""
    if not isinstance(said, Table):
        named = not isinstance(said.calendar, CalendarFrom) or said.calendar.default is not None
        return Always(named)
    values = tuple(value for value, _ in said.rows)
    whole = Always() if said.otherwise is None else _spoken(said.otherwise)
    inner = [_spoken(row) for _, row in said.rows]
    if all(row == Always() for row in inner):
        known = Is(said.field, values)
        return known if said.otherwise is None else whole if whole == Always() else AnyOf((known, whole))
    if len(values) > _MOST_ROWS:
        return Always(False)
    parts = [
        All((Is(said.field, (value,)), *_none_of(said.field, values[:place]), row))
        for place, (value, row) in enumerate(zip(values, inner, strict=True))
    ]
    rest = [] if said.otherwise is None else [All((*_none_of(said.field, values), whole))]
    return AnyOf((*parts, *rest))


class Study:
    """A policy under study: proofs about its tickets, and what its rules offer."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.prover = Prover(policy.fields, policy.statuses)
        # The metrics of which some rule says anything, each with what the rules of each layer say.
        self.entries = {
            terms.metric.name: entries_of(policy, terms.metric.name) for terms in policy.terms if terms.promised
        }

    def lint(self, code: str, sentence: str, *keys: str | int) -> Lint:
        """A lint of what stands at a path; the path says which layer, rule, metric or calendar it is about."""
        about: dict[str, Any] = {}
        match keys:
            case ("layers", str(layer), int(number), *rest):
                rules = next(each.rules for each in self.policy.layers if each.name == layer)
                metric = {"metric": str(rest[1])} if rest[:1] == ["targets"] else {}
                about = {"layer": layer, "rule": rules[number].name, **metric}
            case ("metrics", str(name), *_):
                about = {"metric": name}
            case ("calendars", str(name), *_):
                about = {"calendar": name}
        return Lint(code=code, sentence=sentence, keys=keys, **about)

    def look_for(self, code: str, *keys: str | int) -> None:
        """What is asked from here on is asked for a lint of that code, of what stands at that path."""
        self.prover.about = (code, keys)

    def undecided(self, told: Iterable[Lint]) -> Iterator[Lint]:
        """What was not found out; of questions for which no time was left, how many, with the first of them."""
        proved = {(lint.code, lint.keys) for lint in told}
        for code, keys in self.prover.given_up:
            if (code, keys) not in proved:
                sentence = f"whether this is `{code}` is not known: the search for a proof took too long"
                yield self.lint("undecided", f"{sentence}; write conditions with fewer alternatives", *keys)
        unsearched = self.prover.unsearched
        if unsearched:
            code, keys = next(iter(unsearched))
            count = unsearched.total()
            sentence = f"whether this is `{code}` is not known: together the searches before took too long"
            sentence += f", and {count:,} questions from here on were left out" if count > 1 else ""
            yield self.lint("undecided", f"{sentence}; check fewer rules at a time, or simpler conditions", *keys)

    def same_calendar(self, one: Target, other: Target) -> bool:
        """Whether both are measured on one calendar, by whatever names."""
        here, there = one.calendar, other.calendar
        if here == there or isinstance(here, CalendarFrom) or isinstance(there, CalendarFrom):
            return here == there
        return self.policy.calendars[here].digest == self.policy.calendars[there].digest

    def offers(self, metric: str) -> Iterator[Offer]:
        """All targets of a metric."""
        for entries in self.entries.get(metric, ()):
            for entry in entries:
                yield from entry.offers()
