"""Mappings that cannot be changed, and texts that may stand alone."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest

from slaclock._frozen import Frozen, texts


@pytest.mark.parametrize("change", [
    lambda held: held.__setitem__("a", 2), lambda held: held.__delitem__("a"), lambda held: held.__ior__({"b": 1}),
    lambda held: held.clear(), lambda held: held.pop("a"), lambda held: held.popitem(),
    lambda held: held.setdefault("b", 1), lambda held: held.update(b=1),
])  # fmt: skip
def test_no_change_is_taken(change: Callable[[Frozen[str, int]], object]) -> None:
    held = Frozen({"a": 1})
    with pytest.raises(TypeError, match="found a change to a part of a policy, expected none"):
        change(held)
    assert {"a": 1} == held


def test_it_reads_compares_copies_and_pickles_as_a_dict() -> None:
    held = Frozen({"a": [1]})
    assert ([1], 1, ["a"]) == (held["a"], len(held), list(held))
    for twin in (copy.copy(held), copy.deepcopy(held), pickle.loads(pickle.dumps(held))):
        assert held == twin
        assert type(twin) is Frozen
    assert {"a": [1], "b": 2} == held | {"b": 2}


@pytest.mark.parametrize(("given", "several"), [("agent", ("agent",)), (["a", "b"], ("a", "b")), ((), ())])
def test_one_text_may_stand_alone(given: str | list[str], several: tuple[str, ...]) -> None:
    assert several == texts(given)
