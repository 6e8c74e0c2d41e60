"""Timing side by side: all runners in one process, in turn, round after round; ratios are taken inside each round.

So what slows the machine for a while slows all runners alike. What counts is the processor's time, not the wall
clock's, and the median of the rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

ROUNDS: Final = 15
VISIT_NS: Final = 15_000_000
"""How long one visit to a runner should take."""


@attrs.frozen
class Runner:
    """Something that answers questions, each given by two arguments."""

    name: str
    ask: Callable[[Any, Any], object]
    rows: Sequence[tuple[Any, Any]]

    def visit(self, start: int, count: int, passes: int) -> float:
        """Nanoseconds a question, over `count` rows from a place in the list, so many times."""
        ask, rows = self.ask, [self.rows[place % len(self.rows)] for place in range(start, start + count)]
        began = time.process_time_ns()
        for _ in range(passes):
            for a, b in rows:
                ask(a, b)
        return (time.process_time_ns() - began) / (count * passes)

    def size(self) -> tuple[int, int]:
        """How many rows, and how often, make a visit. Mixed amounts take turns by fives."""
        count = min(5, len(self.rows))
        each = max(min(self.visit(0, count, 1) for _ in range(3)), 1)
        count = min(max(int(VISIT_NS / each) // 5 * 5, count), len(self.rows))
        self.visit(0, len(self.rows) if count > len(self.rows) // 4 else count, 1)
        return count, max(int(VISIT_NS / (each * count)), 1)


@attrs.frozen
class Result:
    """Medians: nanoseconds a question by runner, and how many times those of the first runner it takes."""

    ns: dict[str, float]
    ratios: dict[str, float]


@attrs.frozen
class Line:
    """A line of the table that is printed at the end; without a target it only tells."""

    what: str
    measured: float
    target: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the target itself is met."""
        if self.target is None:
            return True
        return self.measured >= self.target if self.at_least else self.measured <= self.target

    @property
    def held(self) -> bool:
        """Whether it is met within a factor of two, which the noise of shared machines may take."""
        if self.target is None:
            return True
        return self.measured * 2 >= self.target if self.at_least else self.measured <= self.target * 2


def race(benchmark: Any, *runners: Runner, rounds: int = ROUNDS) -> Result:
    """Run all in turn; the first is what the others are compared with."""
    sizes = {runner.name: runner.size() for runner in runners}
    # All ask as often in a row: what one finds in the processor's memory from the pass before, the others find too.
    passes = min(passes for _, passes in sizes.values())
    taken: dict[str, list[float]] = {runner.name: [] for runner in runners}

    def one_round() -> None:
        for runner in runners:
            count, _ = sizes[runner.name]
            done = taken[runner.name]
            # Slow runners see other rows in each round.
            done.append(runner.visit(len(done) * count, count, passes))

    benchmark.pedantic(one_round, rounds=rounds)
    base = taken[runners[0].name]
    ns = {name: statistics.median(times) for name, times in taken.items()}
    ratios = {
        name: statistics.median(one / other for one, other in zip(times, base, strict=True))
        for name, times in taken.items()
    }
    benchmark.extra_info.update({"ns": ns, "ratios": ratios})
    return Result(ns=ns, ratios=ratios)


def table(lines: Sequence[Line]) -> list[str]:
    """The lines as text."""
    width = max(len(line.what) for line in lines)
    out = [f"{'':{width}}  {'measured':>9}  {'target':>9}"]
    for line in lines:
        digits = 0 if line.measured >= 100 else 1 if line.measured >= 10 else 2
        target = "" if line.target is None else f"{'>=' if line.at_least else '<='} {line.target:>5g}x"
        verdict = "" if line.met else "  missed" if line.held else "  FAILED"
        out.append(f"{line.what:{width}}  {line.measured:>8.{digits}f}x  {target:>9}{verdict}")
    return out
