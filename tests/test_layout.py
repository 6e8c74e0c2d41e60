"""Data as YAML text: what every loader reads the same, laid out for people."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from policy_documents import NAMES
from slaclock._document import read_document
from slaclock._layout import Tall, TallList, yaml_text
from slaclock._nodes import LIST, MAPPING, Node

TEXTS = NAMES | st.text(st.characters(exclude_categories=["C"]), max_size=20)
VALUES = st.recursive(
    TEXTS | st.integers(-(10**15), 10**15) | st.booleans() | st.dates(),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(TallList),
        st.dictionaries(TEXTS.filter(bool), inner, max_size=4),
        st.dictionaries(TEXTS.filter(bool), inner, max_size=4).map(Tall),
    ),
    max_leaves=15,
)


def read(node: Node) -> Any:
    """What our own reader finds: scalars as text, `true` and `false` without quotes as bools."""
    if node.kind is MAPPING:
        return {child.key: read(child) for child in node.children}
    if node.kind is LIST:
        return [read(child) for child in node.children]
    return node.value == "true" if node.plain and node.value in ("true", "false") else node.value


def spelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: spelled(item) for key, item in value.items()}
    if isinstance(value, list):
        return list(map(spelled, value))
    return value if isinstance(value, bool) else str(value)


@given(st.dictionaries(TEXTS.filter(bool), VALUES, min_size=1, max_size=4))
def test_what_is_written_is_read_by_us_and_by_loaders_that_guess_types(data: dict[str, Any]) -> None:
    """Texts, numbers, bools and dates come back as they were, from the oldest YAML too."""
    text = yaml_text(data)
    assert spelled(data) == read(read_document(io.StringIO(text)).root)
    assert data == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text", ["4h", "75%", "-30m", "12-25", "3 business days", "mon-fri", "Acme & Söhne (Köln)", "a=b", "x's"]
)
def test_texts_that_nobody_takes_for_something_else_stand_without_quotes(text: str) -> None:
    assert f"a: {text}\n" == yaml_text({"a": text})


@pytest.mark.parametrize(
    "text", ["no", "Null", "16:00", "010", "1_000", "1e3", ".inf", "0x1F", "2026-12-24", "", " a", "a:", "- b"]
)
def test_texts_that_somebody_takes_for_something_else_are_quoted(text: str) -> None:
    assert f'a: "{text}"\n' == yaml_text({"a": text})


def test_a_very_long_key_is_written_so_that_readers_need_not_look_far_for_its_colon() -> None:
    """YAML takes no key for one of which the colon comes after more than 1,024 characters."""
    data = {"x" * 1_025: ["a", "b"], "y": 1}
    text = yaml_text(data)
    assert text.startswith("? x")
    assert data == yaml.safe_load(text)
    assert spelled(data) == read(read_document(io.StringIO(text)).root)


def test_what_is_small_stands_on_one_line_and_what_is_large_or_tall_on_several() -> None:
    wide = {f"key {n}": "x" * 20 for n in range(5)}
    lines = yaml_text(
        {
            "a": {"b": [1, date(2026, 1, 2)]},
            "c": wide,
            "d": Tall(e=1),
            "f": TallList([Tall(g=1, h=2), [], "i"]),
            "j": [wide, {}],
        }
    )
    assert [
        "a: {b: [1, 2026-01-02]}",
        "c:",
        *(f"  key {n}: {'x' * 20}" for n in range(5)),
        "d:",
        "  e: 1",
        "f:",
        "  - g: 1",
        "    h: 2",
        "  - []",
        "  - i",
        "j:",
        f"  - key 0: {'x' * 20}",
        *(f"    key {n}: {'x' * 20}" for n in range(1, 5)),
        "  - {}",
    ] == lines.splitlines()
