"""Policies written as YAML: what is written is read back as the same policy, and people can read it."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import attrs
import pytest
import yaml
from hypothesis import HealthCheck, given, settings

from policy_documents import documents
from slaclock import ALWAYS, Policy, PolicyError, dump_policy, load_policy
from slaclock._format import POLICY, NotYet
from slaclock.conditions import All, Is, Ordered
from slaclock.policytext import ORDER
from slaclock.rules import Layer, Rule
from test_cases import BASE, tickets
from test_policyfile import EXAMPLE

ROOT = Path(__file__).parents[1]


def policies_of_the_repository() -> Iterator[Any]:
    """The policies of the examples, and of the worked cases with what all of them share."""
    for path in sorted((ROOT / "examples").rglob("*.yaml")):
        if path.read_text(encoding="utf-8").startswith("slaclock:"):
            yield pytest.param(path, id=str(path.relative_to(ROOT)))
    for case, ticket in (found.values for found in tickets()):
        yield pytest.param({**BASE, **case["policy"], **ticket.get("policy", {})}, id=case["why"][:40])


def read(text: str) -> Policy:
    return load_policy(io.StringIO(text))


def holds(policy: Policy) -> None:
    text = dump_policy(policy)
    again = read(text)
    assert policy == again
    assert policy.digest == again.digest
    assert text == dump_policy(again)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(documents())
def test_what_is_written_is_read_back_as_the_same_policy(document: dict[str, Any]) -> None:
    """Law 14; and a policy that was read back is written as the same text."""
    holds(load_policy(document))


@pytest.mark.parametrize("source", list(policies_of_the_repository()))
def test_every_policy_of_the_repository_is_read_back_as_it_was(source: Any) -> None:
    holds(load_policy(source))


def test_there_are_policies_in_the_repository() -> None:
    assert len(list(policies_of_the_repository())) > 60


def test_the_example_of_the_format_is_written_nearly_as_it_is_printed() -> None:
    """Comments go, small mappings have a line each, and quotes stand where somebody's YAML needs them."""
    text = dump_policy(read(EXAMPLE))
    lines = {re.sub(r"\s+#.*| {2,}", "", line.strip()) for line in EXAMPLE.splitlines()}
    same = [line for line in text.splitlines() if line.strip() in lines]
    assert len(same) > 25
    assert list(yaml.safe_load(text)) == list(yaml.safe_load(EXAMPLE))


def test_sections_stand_in_the_order_of_the_format() -> None:
    """What is defined stands before what uses it, and metrics, which few policies have, come last."""
    assert {name for name, key in POLICY.keys.items() if not isinstance(key.type, NotYet)} == set(ORDER)


def test_a_loader_that_guesses_types_reads_the_same() -> None:
    policy = read(EXAMPLE)
    assert policy == load_policy(yaml.safe_load(dump_policy(policy)))


def test_names_that_a_rule_has_by_its_place_are_left_out() -> None:
    rules = [{"exempt": True}, {"name": "customer rule 1", "exempt": "update"}, {"name": "x", "exempt": True}]
    policy = load_policy({"slaclock": 1, "layers": {"service": rules}})
    assert dump_policy(policy).endswith(
        "  service:\n    - exempt: true\n    - name: customer rule 1\n      exempt: update\n"
        "    - name: x\n      exempt: true\n"
    )


def test_what_most_targets_say_is_said_once() -> None:
    text = """\
slaclock: 1
calendars:
  a: all day
defaults: {calendar: a, warn: 75%, at_close: next_opening}
layers:
  customer:
    - targets: {update: 1h, resolution: 2h, first_response: {within: 4h, warn: [], at_close: closing}}
"""
    assert text == dump_policy(read(text))


def test_only_what_differs_is_said_of_a_built_in_metric() -> None:
    text = "slaclock: 1\nmetrics:\n  resolution:\n    pause_while: {category: pending}\n    on_reopen: restart\n"
    assert text == dump_policy(read(text))
    assert "metrics" not in dump_policy(load_policy({"slaclock": 1, "metrics": {"update": {"repeats": True}}}))


def test_values_from_python_are_written_as_they_are_spelled() -> None:
    when = {"a": [1, 2.5, True, "x"], "b": {"at_least": 0.1, "at_most": 1e-300}, "c": {"less_than": (1 << 500)}}
    holds(load_policy({"slaclock": 1, "layers": {"customer": [{"when": when, "exempt": True}]}}))


def test_a_pickled_policy_is_written_as_the_same_text() -> None:
    policy = read(EXAMPLE)
    assert dump_policy(policy) == dump_policy(pickle.loads(pickle.dumps(policy)))


def test_conditions_as_deep_as_a_file_can_have_them_are_written() -> None:
    condition: dict[str, Any] = {"a": "x"}
    for _ in range(20):
        condition = {"any": {"b": "y", "all": {"c": "z", "not": condition}}}
        if len(str(condition).split("any")) > 14:
            break
    holds(load_policy({"slaclock": 1, "layers": {"customer": [{"when": condition, "exempt": True}]}}))


EXEMPT = Rule(name="r", when=Is("a", ("x",)), exempt=("*",))
UNWRITABLE = [
    ({"layers": (Layer("customer", (attrs.evolve(EXEMPT, when=All(())),)),)}, r"wrong-type|expected"),
    (
        {"layers": (Layer("customer", (attrs.evolve(EXEMPT, when=All((Is("a", ("x",)),))),)),)},
        "`layers` that read back as something",
    ),
    (
        {"layers": (Layer("customer", (attrs.evolve(EXEMPT, when=Ordered("a", "at_least", Fraction(1, 3))),)),)},
        "decimals end",
    ),
    ({"name": "a\0b"}, "U\\+0000"),
    ({"metrics": {}}, "built-in metrics, which every file has"),
    ({"calendars": {"": ALWAYS}}, "expected"),
]


@pytest.mark.parametrize(("parts", "told"), UNWRITABLE, ids=lambda found: str(found)[:40])
def test_what_no_file_can_say_is_refused(parts: dict[str, Any], told: str) -> None:
    """A policy made in Python may hold anything; what is written is promised to read back."""
    with pytest.raises(PolicyError, match=r"the policy cannot be written: found .*, expected") as caught:
        dump_policy(attrs.evolve(load_policy({"slaclock": 1}), **parts))
    assert re.search(told, str(caught.value))


def test_what_is_no_policy_is_a_wrong_call() -> None:
    with pytest.raises(TypeError, match=r"found \{'slaclock': 1\}, expected a Policy; load_policy gives one"):
        dump_policy({"slaclock": 1})  # type: ignore[arg-type]


def test_a_metric_without_what_it_has_by_itself_is_refused() -> None:
    policy = load_policy({"slaclock": 1})
    update = attrs.evolve(policy.metrics["update"], start_while=None)
    with pytest.raises(PolicyError, match="found nothing, expected a condition"):
        dump_policy(attrs.evolve(policy, metrics={**policy.metrics, "update": update}))
