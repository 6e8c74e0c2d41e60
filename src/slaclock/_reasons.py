"""Why a calendar is closed: what holds at which instants, as segments that cover a stretch without gaps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo
from heapq import heappop, heappush
from itertools import chain, pairwise
from typing import Final, TypeAlias

from slaclock._composed import Op
from slaclock._content import Opening
from slaclock._instants import Run, offset_runs
from slaclock._opening import HoursSource, midnights, numbers_around, to_instants
from slaclock._spans import Span
from slaclock.closures import Closure
from slaclock.ics import IcsEntries

__all__ = ["OPEN", "OUTSIDE", "Labelled", "closures_over", "combined", "merged", "opening_segments", "painted"]

Labelled: TypeAlias = tuple[int, int, str]
"""`[start, end)` in instants, and what holds in it: `open`, or `closed: ...`."""

OPEN: Final = "open"
OUTSIDE: Final = "closed: outside hours"


def _quoted(kind: str, name: str) -> str:
    return f'closed: {kind} "{name}"' if name else f"closed: {kind}"


def merged(segments: Iterable[Labelled]) -> list[Labelled]:
    """The segments, in order, with adjoining ones of one label as one.

    >>> merged([(0, 2, "open"), (2, 3, "open"), (3, 4, "closed: outside hours")])
    [(0, 3, 'open'), (3, 4, 'closed: outside hours')]
    """
    out: list[Labelled] = []
    for start, end, label in segments:
        if out and out[-1][1:] == (start, label):
            start = out.pop()[0]  # noqa: PLW2901 - the segment grows by its neighbour.
        out.append((start, end, label))
    return out


def painted(layers: Sequence[Labelled]) -> list[Labelled]:
    """Segments that may overlap as segments that do not: where several hold, the first in the list is seen.

    >>> painted([(2, 4, "x"), (0, 9, "y")])
    [(0, 2, 'y'), (2, 4, 'x'), (4, 9, 'y')]
    """
    ranked = sorted((start, rank, end) for rank, (start, end, _) in enumerate(layers) if start < end)
    points = sorted({point for start, _, end in ranked for point in (start, end)})
    active: list[tuple[int, int]] = []
    out: list[Labelled] = []
    ahead = 0
    for at, until in pairwise(points):
        while ahead < len(ranked) and ranked[ahead][0] <= at:
            heappush(active, ranked[ahead][1:])
            ahead += 1
        while active and active[0][1] <= at:
            heappop(active)
        if active:
            out.append((at, until, layers[active[0][0]][2]))
    return merged(out)


def opening_segments(
    source: HoursSource, opening: Opening, zone: tzinfo, spans: Sequence[Span], lo: int, hi: int
) -> list[Labelled]:
    """The segments of a calendar that has hours of its own; `spans` is its open time in `[lo, hi)`."""
    layers = [(start, end, OPEN) for start, end in spans]
    timed = ((*closure.span(zone), closure.reason) for closure in _timed(opening, lo, hi))
    layers += _closures(chain(source.closures, timed), lo, hi)
    runs = offset_runs(zone, lo, hi)
    layers += [
        (start, end, label)
        for local, label in _local(source, opening, runs)
        for start, end in to_instants([local], runs)
    ]
    return painted([*((max(a, lo), min(b, hi), label) for a, b, label in layers), (lo, hi, OUTSIDE)])


def closures_over(
    closures: Iterable[tuple[int, int, str]], rest: Sequence[Labelled], lo: int, hi: int
) -> list[Labelled]:
    """Segments below closures, which are given by their spans and reasons."""
    return painted([*_closures(closures, lo, hi), *rest])


def _closures(closures: Iterable[tuple[int, int, str]], lo: int, hi: int) -> list[Labelled]:
    return [(max(a, lo), min(b, hi), _quoted("closure", why)) for a, b, why in closures if a < hi and lo < b]


def _timed(opening: Opening, lo: int, hi: int) -> Iterable[Closure]:
    items = (item for item in opening.holidays if isinstance(item, IcsEntries))
    return chain.from_iterable(item.closures(lo, hi) for item in items)


def _local(source: HoursSource, opening: Opening, runs: Sequence[Run]) -> list[tuple[Span, str]]:
    """What special days and holidays hold closed, as spans of the wall clock, the first to be seen first."""
    first, stop = numbers_around(runs)
    found = [(midnights((number, number + 1)), "closed: special day") for number in source.special_days(first, stop)]
    tails: list[tuple[Span, str]] = []
    for item in opening.holidays:
        for start, end, name in item.named(first - 1, stop):
            label = _quoted("holiday", name)
            found.append((midnights((start, end)), label))
            if opening.shifts:
                tails += [(tail, label) for number in range(start, end) for tail in source.tails(number)]
    return found + tails


def combined(op: Op, names: Sequence[str], parts: Sequence[Sequence[Labelled]]) -> list[Labelled]:
    """The segments of calendars put together, from those of its parts, which all cover the same stretch."""
    points = sorted({start for segments in parts for start, _, _ in segments})
    end = parts[0][-1][1]
    places = [0] * len(parts)
    out: list[Labelled] = []
    for at, until in pairwise([*points, end]):
        for index, segments in enumerate(parts):
            if segments[places[index]][1] <= at:
                places[index] += 1
        labels = [segments[place][2] for segments, place in zip(parts, places, strict=True)]
        out.append((at, until, _JOINED[op](labels, names)))
    return merged(out)


def _first_named(labels: Iterable[str]) -> str:
    """A reason that says more than that it is outside hours, if there is one."""
    return next((label for label in labels if label not in (OPEN, OUTSIDE)), OUTSIDE)


def _union(labels: Sequence[str], names: Sequence[str]) -> str:
    return OPEN if OPEN in labels else _first_named(labels)


def _intersection(labels: Sequence[str], names: Sequence[str]) -> str:
    return _first_named(labels) if any(label != OPEN for label in labels) else OPEN


def _difference(labels: Sequence[str], names: Sequence[str]) -> str:
    if labels[0] != OPEN:
        return labels[0]
    taken = next((name for label, name in zip(labels[1:], names[1:], strict=True) if label == OPEN), None)
    return OPEN if taken is None else _quoted("taken out by", taken) if taken else "closed: taken out"


_JOINED: Final[dict[Op, Callable[[Sequence[str], Sequence[str]], str]]] = {
    "union": _union,
    "intersection": _intersection,
    "difference": _difference,
}
