"""The rules of an agreement: layers, read in order, of targets for the tickets that match.

In a layer rules are read in order, and for each metric the first matching rule that speaks of it gives that layer's
target. What the layers give are candidates; which of them binds is decided by due instants.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from operator import itemgetter
from typing import Final, TypeAlias

import attrs

from slaclock._frozen import Frozen, texts
from slaclock._instants import Instant, to_us
from slaclock._packed import Packed
from slaclock.conditions import Always, Condition, View, members, spelled
from slaclock.target import Target

__all__ = ["BINDS", "LAYERS", "Exemption", "Layer", "Rule", "Table", "Window"]

BINDS: Final = ("earliest_due", "most_specific")
LAYERS: Final = ("corporate", "customer", "service")
ALWAYS: Final = Always()


@attrs.frozen
class Window(Packed):
    """The instants `[start_us, end_us)` in which a rule is in force; None is open-ended."""

    start_us: int | None = None
    end_us: int | None = None

    @classmethod
    def between(cls, start: Instant | None, end: Instant | None) -> Window:
        """The window from one instant until just before another. Raises EventError for what is no instant.

        >>> Window.between("2026-01-01T00:00+01:00", None).holds(0)
        False
        """
        return cls(*(None if at is None else to_us(at) for at in (start, end)))

    @property
    def is_limited(self) -> bool:
        """Whether it begins or ends at all."""
        return self.start_us is not None or self.end_us is not None

    def holds(self, us: int) -> bool:
        """Whether the window covers the instant."""
        return (self.start_us is None or self.start_us <= us) and (self.end_us is None or us < self.end_us)

    def edges(self) -> tuple[int, ...]:
        """The instants at which the window begins and ends."""
        return tuple(us for us in (self.start_us, self.end_us) if us is not None)


def _rows(
    given: Mapping[str, TargetOrTable] | Iterable[tuple[str, TargetOrTable]],
) -> tuple[tuple[str, TargetOrTable], ...]:
    return tuple(given.items() if isinstance(given, Mapping) else given)


@attrs.frozen
class Table(Packed):
    """Targets by the value of one field: the row for the ticket's value, else `otherwise`, else nothing.

    Rows are pairs, or a mapping; those of a table over two fields are tables themselves.
    """

    field: str
    rows: tuple[tuple[str, TargetOrTable], ...] = attrs.field(converter=_rows)
    otherwise: TargetOrTable | None = None

    @cached_property
    def _by_value(self) -> dict[str, tuple[int, TargetOrTable]]:
        # Each row with its place, the first one of a value. Made on first use, and no part of a pickle.
        return {value: (place, row) for place, (value, row) in reversed(tuple(enumerate(self.rows)))}

    def row(self, view: View) -> TargetOrTable | None:
        """The row for what the ticket holds, the first of several; `otherwise` where there is none."""
        held = view.get(self.field)
        if type(held) is str:
            found = self._by_value.get(held)
        else:
            rows = (self._by_value.get(spelled(member)) for member in members(held))
            found = min((row for row in rows if row is not None), key=itemgetter(0), default=None)
        return self.otherwise if found is None else found[1]

    def find(self, view: View) -> Target | None:
        """The target for these fields; None where the table does not speak."""
        row = self.row(view)
        return row.find(view) if isinstance(row, Table) else row

    def silent(self, view: View) -> str:
        """The name of the field for whose value a table that does not speak for these fields has no row."""
        row = self.row(view)
        return row.silent(view) if isinstance(row, Table) else self.field

    def targets(self) -> Iterator[Target]:
        """All targets in the table."""
        for row in (*(row for _, row in self.rows), self.otherwise):
            if isinstance(row, Table):
                yield from row.targets()
            elif row is not None:
                yield row

    def fields(self) -> frozenset[str]:
        """The names of the fields that choose a row."""
        inner = (row.fields() for _, row in self.rows if isinstance(row, Table))
        last = self.otherwise.fields() if isinstance(self.otherwise, Table) else frozenset[str]()
        return frozenset((self.field,)).union(last, *inner)


TargetOrTable: TypeAlias = Target | Table


def _targets(given: Mapping[str, TargetOrTable]) -> Mapping[str, TargetOrTable]:
    return Frozen(given)


@attrs.frozen(kw_only=True)
class Rule(Packed):
    """Targets for the tickets that match `when`, while `effective` holds.

    `exempt` takes the target of the named metrics away (`("*",)`: of all), in every layer.
    """

    name: str
    when: Condition = ALWAYS
    effective: Window = Window()
    # Shown in the order of names: equal rules are written alike, and so digested alike.
    targets: Mapping[str, TargetOrTable] = attrs.field(
        factory=dict, converter=_targets, hash=False, repr=lambda given: repr(sorted(given.items()))
    )
    exempt: tuple[str, ...] = attrs.field(default=(), converter=texts)

    def exempts(self, metric: str) -> bool:
        """Whether the rule takes the target of the metric away."""
        return "*" in self.exempt or metric in self.exempt

    def fields(self) -> frozenset[str]:
        """The names of the fields on which the rule depends."""
        tables = (entry.fields() for entry in self.targets.values() if isinstance(entry, Table))
        return self.when.fields().union(*tables)


def _rules(given: Iterable[Rule]) -> tuple[Rule, ...]:
    return tuple(given)


@attrs.frozen
class Layer(Packed):
    """A named list of rules, read in order."""

    name: str
    rules: tuple[Rule, ...] = attrs.field(converter=_rules)


@attrs.frozen
class Exemption(Packed):
    """A rule takes the target of a metric away."""

    layer: str
    rule: str
