"""ServiceNow's incidents and verdicts, by way of the example's own script: the figures stand for what users run."""

from __future__ import annotations

import csv
import importlib.util
import io
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Final

import attrs

from slaclock.policyfile import load_policy

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "servicenow"


def load_measure() -> ModuleType:
    """The example's script as a module."""
    spec = importlib.util.spec_from_file_location("servicenow_measure", EXAMPLE / "measure.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


measure: Final = load_measure()


@attrs.frozen(kw_only=True)
class Figures:
    """By priority, the incidents and those of them with the verdict of the log; and the numbers of the others."""

    cases: Counter[str]
    same: Counter[str]
    others: list[str]

    def share(self, priority: str) -> float:
        """The share of the verdicts of a priority that come out."""
        return self.same[priority] / self.cases[priority]


def measured(folder: Path) -> Figures:
    """The figures of the full log."""
    incidents = measure.read_incidents(folder)
    same, others = measure.agreement(load_policy(EXAMPLE / "policy.yaml"), incidents)
    cases = Counter(measure.priority(row) for row in incidents)
    return Figures(cases=cases, same=same, others=[row["number"] for row in others])


def sample_text(folder: Path, every: int) -> str:
    """The incidents, or one in so many, as the text of an event file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, measure.COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(measure.sample_rows(measure.read_incidents(folder)[::every]))
    return text.getvalue()
