"""Windows in words: dates where they begin and end with local days, instants otherwise, at the ends of time too."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from slaclock._instants import load_zone, to_us
from slaclock._windows import edge, edge_date, edge_text, instants_words, window_words
from slaclock.rules import Window

BERLIN = load_zone("Europe/Berlin")


@pytest.mark.parametrize(("start", "end", "words"), [
    (None, None, "always"),
    ("2026-01-01T00:00+01:00", None, "from 2026-01-01"),
    (None, "2027-01-01T00:00+01:00", "until 2026-12-31"),
    ("2026-03-29T00:00+01:00", "2026-03-30T00:00+02:00", "from 2026-03-29 until 2026-03-29"),
    ("2026-03-29T00:00Z", None, "from 2026-03-29T01:00:00+01:00"),
    # Before there were standard times, an offset had seconds, which a policy cannot write.
    ("1850-01-01T12:00Z", None, "from 1850-01-01T12:00:00+00:00"),
])  # fmt: skip
def test_are_dates_where_they_are_edges_of_local_days(start: str | None, end: str | None, words: str) -> None:
    assert words == window_words(Window.between(start, end), BERLIN)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Pacific/Apia", "America/Sao_Paulo"])
@pytest.mark.parametrize(
    "day", [date.min, date(2011, 12, 30), date(2018, 11, 4), date(2026, 2, 28), date(9999, 12, 30)]
)
@pytest.mark.parametrize("end", [False, True])
def test_a_date_leads_to_an_edge_and_the_edge_back_to_a_date_of_the_same_edge(name: str, day: date, end: bool) -> None:
    """Also where the first day of all begins before the years that an instant can be shown in."""
    zone = load_zone(name)
    us = edge(zone, day, end=end)
    assert us is not None
    found = edge_date(us, zone, end=end)
    assert found is not None
    assert us == edge(zone, found, end=end)


def test_the_end_of_the_last_date_is_no_edge() -> None:
    assert edge(BERLIN, date.max, end=True) is None
    assert edge(BERLIN, date.max, end=False) is not None


def test_date_times_are_local_or_instants() -> None:
    local, instant = datetime(2026, 3, 2, 9), datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert to_us("2026-03-02T09:00+01:00") == edge(BERLIN, local, end=False)
    assert to_us("2026-03-02T09:00Z") == edge(BERLIN, instant, end=True)


def test_as_instants_windows_of_two_zones_are_told_apart() -> None:
    assert "from 2026-03-01T23:00:00+00:00" == instants_words(Window.between("2026-03-02T00:00+01:00", None))
    assert "2026-03-02T00:00:00+01:00" == edge_text(to_us("2026-03-02T00:00+01:00"), BERLIN)
