"""Boston's 311 requests: what the city published comes out, as far as one target for each type can tell it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from realdata import boston

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def loaded(data: Path) -> boston.Boston:
    return boston.load_boston(data)


@pytest.fixture(scope="module")
def figures(loaded: boston.Boston) -> boston.Figures:
    return boston.measure(loaded)


def test_every_request_is_replayed(loaded: boston.Boston) -> None:
    assert (len(loaded.histories), len(loaded.file.events)) == (58_119, 107_245)
    assert [told for history in loaded.histories.values() for told in history.anomalies] == []


def test_all_requests_of_the_rows_without_exception_come_out_within_60_seconds(
    loaded: boston.Boston, figures: boston.Figures
) -> None:
    whole = [row for row, told in loaded.rows.items() if told["share"] == "1.0"]
    assert len(whole) == 70
    assert [row for row in whole if figures.close[row] != figures.cases[row]] == []


def test_every_row_comes_out_as_often_as_the_table_says(loaded: boston.Boston, figures: boston.Figures) -> None:
    expected = {row: int(told["cases_matching"]) for row, told in loaded.rows.items()}
    assert Counter(expected) == figures.close


@pytest.mark.parametrize(("period", "least", "most"), [("before", 0.954, 0.9547), ("after", 0.961, 0.9621)])
def test_of_the_types_in_the_table_as_many_come_out_as_one_target_each_can_reach(
    figures: boston.Figures, period: str, least: float, most: float
) -> None:
    assert least <= figures.share(period) <= most


def test_the_verdict_of_closed_requests_comes_out_where_their_deadline_did(figures: boston.Figures) -> None:
    assert figures.judged > 35_000
    assert figures.agreed / figures.judged >= 0.999


def test_the_summary_counts_all_that_was_published(figures: boston.Figures) -> None:
    deadlines, checks = figures.summary.deadlines, figures.summary.checks
    assert deadlines is not None
    assert checks is not None
    assert (deadlines.expected, checks.expected) == (43_592, 37_257)
    assert deadlines.close >= sum(figures.close.values())


def test_the_shipped_sample_is_what_the_script_makes_of_the_data(loaded: boston.Boston) -> None:
    rows = boston.convert.event_rows(loaded.requests[::29])
    assert boston.events_text(rows) == (boston.EXAMPLE / "events.csv").read_text(encoding="utf-8")
    assert boston.convert.policy_text(loaded.targets) == (boston.EXAMPLE / "policy.yaml").read_text(encoding="utf-8")
