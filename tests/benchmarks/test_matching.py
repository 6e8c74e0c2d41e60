"""What it takes to find a ticket's targets among ten thousand rules, against ten."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.race import Line, Runner, race
from slaclock import Policy, load_policy

AT = "2026-03-02T09:00Z"


def of_customers(rules: int) -> Policy:
    """A rule for everybody, and so many that ask for a customer by name."""
    return load_policy({
        "slaclock": 1,
        "calendars": {"always": "all day"},
        "defaults": {"calendar": "always"},
        "layers": {
            "corporate": [{"targets": {"resolution": "9h"}}],
            "customer": [
                {"name": f"c{number}", "when": {"customer": f"c{number}"}, "targets": {"resolution": "4h"}}
                for number in range(rules)
            ],
        },
    })  # fmt: skip


def test_ten_thousand_rules(benchmark: Any, told: Callable[[Line], None]) -> None:
    few, many = of_customers(10), of_customers(10_000)
    rows = [({"customer": f"c{number}"}, AT) for number in range(10)]
    assert [few.targets_for(*row)["resolution"].due_at for row in rows] == [
        many.targets_for(*row)["resolution"].due_at for row in rows
    ]
    result = race(benchmark, Runner("ten rules", few.targets_for, rows), Runner("ours", many.targets_for, rows))
    told(Line("targets_for, 10,000 rules / 10 rules", result.ratios["ours"], 1.3))
