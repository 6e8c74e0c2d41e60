"""Where a ticket's clocks stand after its last event that counts: what a snapshot reads.

A ticket that has come along known paths (`Walked`) is measured metric by metric, when somebody reads; all others, and
whatever a walk does not tell, come from clocks that were led by the events (`Folded`). Both say the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from slaclock._paths import Walk
from slaclock.clocks import Clocks
from slaclock.conditions import View
from slaclock.cycle import Cycle
from slaclock.facts import Anomaly
from slaclock.policy import Policy

__all__ = ["Folded", "Standing", "Walked"]

Silent = Callable[[], Clocks]


class Standing(ABC):
    """The cycles of a ticket's metrics, and what stands around them."""

    __slots__ = ("policy",)

    policy: Policy

    @property
    @abstractmethod
    def clocks(self) -> Clocks:
        """The clocks of what was promised, and maybe of more."""

    @abstractmethod
    def cycles(self, number: int) -> Sequence[Cycle]:
        """All cycles of a metric, given by its number."""

    @abstractmethod
    def current(self, number: int) -> Cycle | None:
        """The last cycle of a metric; None where none has started."""

    @abstractmethod
    def told(self, cycle: Cycle) -> Cycle:
        """The same cycle of a metric with the causes of all that happened to it."""

    @property
    def ticket(self) -> str | None:
        """The ticket's name."""
        return self.clocks.ticket

    @property
    def view(self) -> View:
        """The ticket's fields, and what follows from them."""
        return self.clocks.view

    @property
    def anomalies(self) -> Sequence[Anomaly]:
        """Odd input so far."""
        return self.clocks.anomalies


class Folded(Standing):
    """As clocks have it that took the events; `silent` is asked for metrics that they do not drive."""

    __slots__ = ("_clocks", "_silent")

    def __init__(self, clocks: Clocks, silent: Silent | None = None) -> None:
        self.policy = clocks.policy
        self._clocks = clocks
        self._silent = silent

    @property
    def clocks(self) -> Clocks:
        return self._clocks

    @property
    def silent(self) -> Silent | None:
        """Gives the clocks of all metrics, where `clocks` does not drive all."""
        return self._silent

    def cycles(self, number: int) -> Sequence[Cycle]:
        driven = self._silent is None or number in self._clocks.metrics
        return (self._clocks if driven or self._silent is None else self._silent()).cycles[number]

    def current(self, number: int) -> Cycle | None:
        cycles = self.cycles(number)
        return cycles[-1] if cycles else None

    def told(self, cycle: Cycle) -> Cycle:
        return cycle


class Walked(Standing):
    """As a walk has it, and clocks led by the same events, which are asked for the rest."""

    __slots__ = ("_at_us", "_folded_at", "_walk")

    def __init__(self, policy: Policy, walk: Walk, folded_at: Callable[[int], Folded], at_us: int) -> None:
        self.policy = policy
        self._walk = walk
        self._folded_at = folded_at
        self._at_us = at_us

    def _folded(self) -> Folded:
        return self._folded_at(self._at_us)

    @property
    def clocks(self) -> Clocks:
        return self._folded().clocks

    def cycles(self, number: int) -> Sequence[Cycle]:
        walk = self._walk
        return walk.cycles(number) if number in walk.paths.rooms else self._folded().cycles(number)

    def current(self, number: int) -> Cycle | None:
        walk = self._walk
        return walk.current(number) if number in walk.paths.rooms else self._folded().current(number)

    def told(self, cycle: Cycle) -> Cycle:
        return self._folded().cycles(self.policy.numbers[cycle.terms.metric.name])[cycle.number - 1]
