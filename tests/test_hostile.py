"""Documents that are made to do harm: the process lives, only PolicyError leaves, and the work grows with the size."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections import UserDict
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from hostile import HEAD, SHAPES, calls, load, many, when
from slaclock import PolicyError, load_policy
from slaclock._codes import CODES

PROGRAM = Path(__file__).with_name("hostile.py")
# Hints are given to the first faults only, and each looks through what is known: small sizes say nothing of large ones.
SIZES = {"rows of values that are not declared": 250}


def in_a_process(size: int, *names: str) -> dict[str, str]:
    """What becomes of shapes, at a size and at four times it, in a process of their own."""
    words = [sys.executable, str(PROGRAM), str(size), *names]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert (0, "") == (done.returncode, done.stderr)
    return {found["name"]: found["found"] for found in map(json.loads, done.stdout.splitlines())}


def test_every_shape_is_taken_or_refused_by_codes_that_are_listed_and_the_process_lives() -> None:
    found = in_a_process(30)
    assert set(SHAPES) == set(found)
    for codes in found.values():
        assert codes == "taken" or set(CODES) >= set(codes.split())


@pytest.mark.parametrize(
    ("name", "size", "codes"),
    [
        ("open brackets", 100_000, "too-deep"),
        ("open braces", 100_000, "too-deep"),
        ("a billion laughs", 1_000, "too-many-aliases"),
        ("a long name", 240_000, "taken"),
        ("a long amount", 250_000, "bad-amount"),
        ("a long number", 250_000, "bad-number"),
        ("conditions in conditions", 1_000, "too-deep"),
    ],
)
def test_large_ones_end_too(name: str, size: int, codes: str) -> None:
    """At four times the size given, up to ten megabytes."""
    assert {name: codes} == in_a_process(size, name)


@pytest.mark.parametrize("name", list(SHAPES))
def test_four_times_the_size_is_about_four_times_the_work(name: str) -> None:
    """Counted in calls of functions: a search for each member in all others would be sixteen times."""
    size = SIZES.get(name, 20)
    small, large = SHAPES[name](size), SHAPES[name](4 * size)
    load(small)  # What is remembered from the first time is no part of it.
    assert calls(lambda: load(large)) <= 5 * calls(lambda: load(small)) + 2_000


def test_searches_in_long_lists_are_none() -> None:
    """What no count of calls shows: values that are declared are looked up, and not looked for."""
    text = SHAPES["declared values and rows"](20_000)
    assert "taken" == load(text)


class Odd:
    """A value that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


class Endless(Mapping[str, Any]):
    """A mapping that holds a new one of its kind under each key."""

    def __getitem__(self, key: str) -> Any:
        return Endless()

    def __iter__(self) -> Any:
        return iter(("layers", "calendars", "a"))

    def __len__(self) -> int:
        return 3


def within_itself() -> dict[str, Any]:
    data: dict[str, Any] = {"slaclock": 1}
    data["layers"] = {"customer": [{"when": data}]}
    return data


def deep(kind: type) -> dict[str, Any]:
    inner: Any = {"a": "x"}
    for _ in range(100_000):
        inner = {"not": inner} if kind is dict else [inner]
    return {"slaclock": 1, "layers": {"customer": [{"when": inner, "exempt": True}]}}


AMOUNTS = [
    "1" * 400 + "h",
    "999999999999h 1m",
    "99999999999999999999 business days",
    "1e9h",
    "NaNh",
    "infh",
    "-4h",
    "+4h",
    "0h",
    "0.0000001s",
    "\uff14h",
    "4\u00a0h\u00a0",
    float("nan"),
    float("inf"),
    -1,
    1 << 500,
    4.5,
    True,
    None,
    [],
    {},
    date(2026, 1, 1),
    Odd(),
    b"4h",
    {"within": None},
    {"within": {"within": "4h"}},
]
VALUES = [
    float("nan"),
    float("inf"),
    -0.0,
    1 << 500,
    1 << 9_999,
    datetime(1, 1, 1),
    date(9999, 12, 31),
    Odd(),
    b"",
    {1, 2},
    object,
    "\ud800",
    "\0",
    "\ufeff",
    "x" * 1_000_000,
    (),
    (None,),
    {None: 1},
    {True: 1},
    {(1, 2): 3},
    {Odd: 1},
    UserDict(a=1),
]
PLACES: list[tuple[str, ...]] = [
    ("name",),
    ("timezone",),
    ("slaclock",),
    ("calendars",),
    ("calendars", "c"),
    ("calendars", "c", "hours"),
    ("calendars", "c", "special"),
    ("calendars", "c", "holidays"),
    ("calendars", "c", "closures"),
    ("calendars", "c", "union"),
    ("statuses",),
    ("statuses", "open"),
    ("fields",),
    ("fields", "a"),
    ("defaults",),
    ("defaults", "calendar"),
    ("defaults", "warn"),
    ("binds",),
    ("layer_order",),
    ("layers",),
    ("layers", "customer"),
    ("metrics",),
    ("metrics", "m"),
    ("metrics", "m", "start"),
    ("metrics", "m", "pause_while"),
    ("exceptions",),
    ("credits",),
]


def refuses(source: Any) -> set[str]:
    with pytest.raises(PolicyError) as caught:
        load_policy(source)
    assert str(caught.value)
    codes = {problem.code for problem in caught.value.problems}
    assert codes
    assert set(CODES) >= codes
    return codes


class TestMappings:
    """A mapping can hold what no text can."""

    @pytest.mark.parametrize("kind", [dict, list])
    def test_one_that_is_too_deep_is_refused(self, kind: type) -> None:
        assert {"too-deep"} == refuses(deep(kind))

    def test_one_that_never_ends_is_refused(self) -> None:
        assert {"too-deep"} == refuses(within_itself())
        assert refuses(Endless()) & {"too-deep", "too-many-nodes"}

    @pytest.mark.parametrize("amount", AMOUNTS, ids=lambda amount: f"{type(amount).__name__}")
    def test_amounts_that_are_none_are_refused(self, amount: Any) -> None:
        targets = {"resolution": amount, "update": {"within": amount}}
        data = {"slaclock": 1, "calendars": {"c": "all day"}, "defaults": {"calendar": "c"}}
        if isinstance(amount, str) and "\u00a0" in amount:  # Wide blanks are blanks.
            load_policy({**data, "layers": {"customer": [{"targets": targets}]}})
        else:
            refuses({**data, "layers": {"customer": [{"targets": targets}]}})

    @pytest.mark.parametrize("place", PLACES, ids=".".join)
    def test_anything_anywhere_gives_a_policy_or_a_policy_error(self, place: tuple[str, ...]) -> None:
        for value in VALUES:
            data: dict[str, Any] = {"slaclock": 1}
            holder = data
            for key in place[:-1]:
                holder = holder.setdefault(key, {})
            holder[place[-1]] = value
            found = load(data)
            assert found == "taken" or set(CODES) >= set(found.split())


YEARS = [
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "-001-01-01",
    "2026-02-30",
    "2025-02-29",
    "2026-00-01",
]


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    "place",
    [
        "layers: {customer: [{effective: {from: #}, exempt: true}]}",
        "layers: {customer: [{effective: {until: #}, exempt: true}]}",
        "layers: {customer: [{effective: {from: #T00:00-12:00, until: #T23:59+14:00}, exempt: true}]}",
        "exceptions: [{name: x, from: #, until: #, exclude: true, reason: y}]",
        "calendars: {d: {hours: all day, holidays: [#]}}",
        "calendars: {d: {hours: all day, special: {#: closed}}}",
        "calendars: {d: {hours: all day, closures: [{from: #, until: #}]}}",
        "calendars: {d: {hours: all day, closures: [{from: #T00:00+14:00, until: #T24:00}]}}",
        "calendars: {d: {hours: all day, seasons: [{from: #, until: #, hours: closed}]}}",
    ],
)
def test_years_at_the_ends_of_time_are_taken_or_refused(place: str, year: str) -> None:
    text = place.replace("#", year)
    head = HEAD if "calendars" not in place else "slaclock: 1\n"
    found = load(f"{head}{text}\n")
    if year in ("0001-01-01", "9999-12-31"):
        assert found == "taken" or set(found.split()) <= {"bad-date", "bad-instant", "reversed", "empty-window"}
    else:
        assert found != "taken"


def test_all_faults_of_a_large_policy_are_told_at_once() -> None:
    text = HEAD + f"layers: {{customer: [{many(2_000, '{targets: {resolution: 4x, updte: 1h}}')}]}}\n"
    with pytest.raises(PolicyError) as caught:
        load_policy(io.StringIO(text))
    assert 4_000 == len(caught.value.problems)


def test_what_old_yaml_makes_of_words_and_times_is_read_as_it_is_written() -> None:
    """`no`, `on` and `16:00` are texts; a date that does not exist is told in its place."""
    policy = load_policy(io.StringIO(when("{no: on, 16:00: [off, 0x10, 1_000], ~x: .nan}")))
    asked = {part.field: part.values for part in policy.layers[0].rules[0].when.parts()}  # type: ignore[attr-defined]
    assert {"no": ("on",), "16:00": ("off", "0x10", "1_000"), "~x": (".nan",)} == asked
    assert "bad-date" == load(f"{HEAD}layers: {{customer: [{{effective: {{from: 2026-02-30}}, exempt: true}}]}}\n")
