"""Half-open spans of integers, and their algebra.

A span is `(start, end)` with `start < end` and holds every integer x with `start <= x < end`. All functions take and
give lists of spans that are sorted, disjoint and not adjoining, except `union`, which takes any spans at all. What
the integers count is the caller's business: microseconds since 1970 for instants, microseconds of wall clock for
local times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

__all__ = ["Span", "clip", "intersect", "minus", "total", "union"]

Span: TypeAlias = tuple[int, int]


def union(spans: Iterable[Span]) -> list[Span]:
    """Every integer that lies in at least one of the spans; adjoining spans become one, empty ones vanish.

    >>> union([(5, 7), (0, 2), (2, 3), (6, 9)])
    [(0, 3), (5, 9)]
    """
    out: list[Span] = []
    last_start = last_end = 0
    open_span = False
    for start, end in sorted(spans):
        if start >= end:
            continue
        if open_span and start <= last_end:
            last_end = max(last_end, end)
            continue
        if open_span:
            out.append((last_start, last_end))
        last_start, last_end, open_span = start, end, True
    if open_span:
        out.append((last_start, last_end))
    return out


def intersect(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """Every integer that lies in both.

    >>> intersect([(0, 5), (8, 12)], [(3, 9), (11, 20)])
    [(3, 5), (8, 9), (11, 12)]
    """
    out: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start = max(one[i][0], other[j][0])
        end = min(one[i][1], other[j][1])
        if start < end:
            out.append((start, end))
        if one[i][1] <= other[j][1]:
            i += 1
        else:
            j += 1
    return out


def minus(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """Every integer that lies in the first and not in the second.

    >>> minus([(0, 5), (8, 12)], [(3, 9), (11, 20)])
    [(0, 3), (9, 11)]
    """
    if not other:
        return list(one)
    out: list[Span] = []
    j = 0
    for start, end in one:
        while j < len(other) and other[j][1] <= start:
            j += 1
        at, k = start, j
        while k < len(other) and other[k][0] < end:
            if at < other[k][0]:
                out.append((at, other[k][0]))
            at = other[k][1]
            k += 1
        if at < end:
            out.append((at, end))
    return out


def clip(spans: Iterable[Span], lo: int, hi: int) -> list[Span]:
    """The part of the spans that lies in `[lo, hi)`.

    >>> clip([(0, 5), (8, 12)], 3, 10)
    [(3, 5), (8, 10)]
    """
    return [(max(start, lo), min(end, hi)) for start, end in spans if start < hi and lo < end and lo < hi]


def total(spans: Iterable[Span]) -> int:
    """How many integers the spans hold.

    >>> total([(0, 5), (8, 12)])
    9
    """
    return sum(end - start for start, end in spans)
