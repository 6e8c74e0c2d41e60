"""The JSON Schema of policy files: it takes what the loader takes, and the rest has codes that it cannot see."""

from __future__ import annotations

import copy
import io
import json
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from policy_documents import documents
from seen import seen
from slaclock import PolicyError, dump_policy, load_policy, policy_schema
from slaclock._codes import CODES, UNSEEN
from slaclock._fields import Built, Table
from test_cases import BASE, tickets
from test_policyfile import EXAMPLE, TABLES, bad_policies, complete

VALIDATOR = Draft202012Validator(policy_schema())
PATIENT = settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def why(data: Any) -> list[str]:
    """What the schema refuses, the innermost reasons too."""
    return [
        f"{error.json_path}: {error.message}"
        + "".join(f"\n  {inner.json_path}: {inner.message}" for inner in error.context)
        for error in VALIDATOR.iter_errors(data)
    ]


def codes(source: Any) -> set[str]:
    try:
        load_policy(source)
    except PolicyError as error:
        return {problem.code for problem in error.problems}
    return set()


# ------------------------------------------------------------------------------------------------------------ the laws


@PATIENT
@given(documents())
def test_whatever_the_loader_takes_the_schema_takes(document: dict[str, Any]) -> None:
    taken_by_both(document)


def taken_by_both(document: dict[str, Any]) -> None:
    """As plain data, and as the file that is written of it."""
    policy = load_policy(document)
    assert [] == why(document)
    assert [] == why(seen(dump_policy(policy)))


WORDS = [
    "name",
    "within",
    "calendar",
    "otherwise",
    "4h",
    "1 day",
    "75%",
    "-30m",
    "all day",
    "created",
    "resolution",
    "office",
    "true",
    "not",
    "any",
    "is",
    "status",
    "open",
    "2026-02-30",
    "09:00-17:00",
    "mon",
    "hours",
    "from",
    "until",
    "2x",
    "",
    "UTC",
    "1",
]
JUNK = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from([None, True, False, 0, 5, -1, 2.5, 960, [], {}, ["x"], {"a": "x"}, [[]], [None], {"within": "4h"}]),
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a document but its root."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = [path] if path else []
    for key, item in pairs:
        found += places(item, (*path, key))
    return found


def spoil(draw: st.DrawFn, document: Any) -> None:
    """Replace, remove, rename, wrap or add something somewhere."""
    found = places(document)
    *way, last = draw(st.sampled_from(found))
    holder: Any = document
    for key in way:
        holder = holder[key]
    how = draw(st.sampled_from(["replace", "remove", "rename", "wrap", "add"]))
    if how == "replace":
        holder[last] = draw(JUNK)
    elif how == "wrap":
        holder[last] = draw(st.sampled_from([[holder[last]], {"x": holder[last]}, {"within": holder[last]}]))
    elif how == "remove":
        holder.pop(last)
    elif isinstance(holder, dict):
        word = draw(st.sampled_from([word for word in WORDS if word]))
        holder[word] = holder.pop(last) if how == "rename" else draw(JUNK)
    else:
        holder.insert(last, draw(JUNK))


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    document = copy.deepcopy(draw(documents()))
    for _ in range(draw(st.integers(1, 2))):
        spoil(draw, document)
    return document


@settings(PATIENT, max_examples=20)
@given(spoilt())
def test_of_spoilt_files_the_schema_takes_what_the_loader_takes_and_the_rest_it_cannot_see(document: Any) -> None:
    judged_alike(document)


def judged_alike(document: Any) -> None:
    """As a file, as an editor reads it, and as plain data: and whatever the schema refuses the loader refuses."""
    text = json.dumps(document)
    refused = codes(io.StringIO(text))
    if not refused:
        assert [] == why(seen(text)) == why(document)
    elif VALIDATOR.is_valid(seen(text)):
        assert refused <= UNSEEN, refused - UNSEEN
    if not codes(document):
        assert [] == why(document)


@pytest.mark.parametrize("case", list(bad_policies()))
def test_of_bad_policies_it_takes_those_only_whose_faults_it_cannot_see(case: dict[str, Any]) -> None:
    text = case["policy"] if case.get("whole") else complete(case["policy"])
    try:
        data = seen(text)
    except PolicyError:
        pytest.skip("no document that could be judged")
    if "needs" in case:
        pytest.importorskip(case["needs"])
    if not codes(io.StringIO(text)) <= UNSEEN:
        assert [] != why(data)


def spelled(data: Any) -> Any:
    """The same with dates as texts, for JSON has none."""
    if isinstance(data, dict):
        return {spelled(key): spelled(value) for key, value in data.items()}
    if isinstance(data, list):
        return list(map(spelled, data))
    return data.isoformat() if isinstance(data, date) else data


def test_worked_cases_are_taken() -> None:
    for case, ticket in (found.values for found in tickets()):
        assert [] == why(spelled({**BASE, **case["policy"], **ticket.get("policy", {})}))


def test_the_example_of_the_format_is_taken_as_text_and_as_an_editor_reads_it() -> None:
    assert [] == why(seen(EXAMPLE))
    text = re.sub(r"\b(2026-\d\d-\d\d)", r'"\1"', EXAMPLE)  # YAML 1.2 knows no dates.
    yaml = pytest.importorskip("yaml")
    assert [] == why(yaml.safe_load(text))


# ----------------------------------------------------------------------------------------------------------- the schema


def test_it_is_a_schema_of_its_dialect_and_json_ready() -> None:
    schema = policy_schema()
    Draft202012Validator.check_schema(schema)
    assert schema == json.loads(json.dumps(schema))
    assert schema is not policy_schema()


def objects(schema: Any) -> Any:
    if isinstance(schema, dict):
        yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.noun)
def test_every_key_of_every_table_stands_in_it_with_its_meaning(table: Table) -> None:
    """Somewhere there is an object with just these keys, each described; words of conditions stand beside fields."""
    names = set(table.keys)
    found = [part["properties"] for part in objects(policy_schema()) if set(part.get("properties", ())) == names]
    assert found
    for properties in found:
        for key in table.keys.values():
            assert key.doc == properties[key.name]["description"]


def test_every_reference_leads_somewhere_and_every_definition_is_used() -> None:
    schema = policy_schema()
    references = {part["$ref"].removeprefix("#/$defs/") for part in objects(schema) if "$ref" in part}
    assert references == set(schema["$defs"])


def test_a_type_without_a_schema_makes_none() -> None:
    """A key that is added to the format cannot be forgotten here."""
    from slaclock.schema import _Shaper

    with pytest.raises(KeyError):
        _Shaper().of(Built)


def test_the_codes_that_it_cannot_see_are_codes() -> None:
    assert set(CODES) >= UNSEEN


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("layers: {customer: [{targets: {resolution: 4x}}]}", "$.layers.customer[0].targets.resolution"),
        ("layers: {customer: [{targets: {resolution: 1 day}}]}", "$.layers.customer[0].targets.resolution"),
        ("layers: {customer: [{targts: {resolution: 4h}}]}", "$.layers.customer[0]"),
        ("metrics: {triage: {start: created}}", "$.metrics.triage"),
        ("calendars: {office: {hours: {mon-fri: nine}}}", "$.calendars.office"),
        ("credits: {}", "$.credits"),
    ],
)
def test_it_points_at_the_place(text: str, place: str) -> None:
    assert place in {error.json_path for error in VALIDATOR.iter_errors(seen(complete(f"{text}\n")))}
