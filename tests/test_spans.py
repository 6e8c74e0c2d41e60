"""The algebra of half-open integer spans, held against sets of integers."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from slaclock._spans import Span, clip, intersect, minus, total, union

raw = st.lists(st.tuples(st.integers(-20, 20), st.integers(-20, 20)), max_size=8)


def members(spans: list[Span]) -> set[int]:
    return {number for start, end in spans for number in range(start, end)}


def is_tidy(spans: list[Span]) -> bool:
    """Sorted, none empty, none touching the next."""
    edges = [edge for span in spans for edge in span]
    return all(a < b for a, b in itertools.pairwise(edges))


@given(raw)
def test_union_holds_what_any_span_holds(spans: list[Span]) -> None:
    """Union takes spans in any order, joins adjoining ones and drops empty ones."""
    assert members(spans) == members(union(spans))
    assert is_tidy(union(spans))


@given(raw, raw)
def test_intersect_and_minus_are_those_of_sets(one: list[Span], other: list[Span]) -> None:
    """intersect and minus are set intersection and difference, and give tidy lists."""
    a, b = union(one), union(other)
    assert members(a) & members(b) == members(intersect(a, b))
    assert members(a) - members(b) == members(minus(a, b))
    assert is_tidy(intersect(a, b))
    assert is_tidy(minus(a, b))


@given(raw, st.integers(-25, 25), st.integers(-25, 25))
def test_clip_and_total(spans: list[Span], lo: int, hi: int) -> None:
    """clip keeps what lies in [lo, hi), and total counts members."""
    tidy = union(spans)
    assert members(tidy) & set(range(lo, hi)) == members(clip(tidy, lo, hi))
    assert len(members(tidy)) == total(tidy)
    assert is_tidy(clip(tidy, lo, hi))
