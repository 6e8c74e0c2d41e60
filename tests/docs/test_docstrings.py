"""Every example in a docstring runs."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import slaclock

MODULES = sorted(
    info.name for info in pkgutil.walk_packages(slaclock.__path__, "slaclock.") if info.name != "slaclock.__main__"
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    failures, _ = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert failures == 0


def test_there_are_examples() -> None:
    """An empty collection would pass unseen."""
    assert sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES) > 30
