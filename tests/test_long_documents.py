"""The laws of policy files on thousands of random documents, which takes minutes: `pytest -m documents`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from policy_documents import documents
from slaclock import load_policy
from test_policytext import holds
from test_schema import judged_alike, spoilt, taken_by_both

pytestmark = pytest.mark.documents
MANY = settings(max_examples=2_000)


@MANY
@given(documents())
def test_policies_are_written_and_read_back_as_they_were(document: dict[str, Any]) -> None:
    holds(load_policy(document))


@MANY
@given(documents())
def test_the_schema_takes_what_the_loader_takes(document: dict[str, Any]) -> None:
    taken_by_both(document)


@MANY
@given(spoilt())
def test_of_spoilt_documents_both_judge_alike_but_for_what_a_schema_cannot_see(document: Any) -> None:
    judged_alike(document)
