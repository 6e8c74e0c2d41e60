"""Against other libraries, pendulum in and out on our side; only on questions that both answer rightly.

Where an amount ends at a closing, the closing and the next opening both count as right: libraries differ there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pendulum
import pytest

import slaclock as sla
from benchmarks import peers
from benchmarks.floor import SECOND
from benchmarks.race import Line, Runner, race
from benchmarks.workload import AMOUNTS, add_rows, between_rows

pytestmark = pytest.mark.filterwarnings("ignore")
COUNT = 1_000
Tell = Callable[[Line], None]

ADD = [
    (peers.BusinessTimeDelta, 1, 25.0),
    (peers.BusinessTimeDelta, None, 250.0),
    (peers.Workclock, 1, 1.0),
    (peers.Workclock, None, 1.0),
    (peers.ExchangeCalendars, None, 1.0),
    (peers.Pandas, None, 1.0),
]
BETWEEN = [
    (peers.BusinessTimeDelta, 500.0),
    (peers.Workclock, 1.0),
    (peers.ExchangeCalendars, 1.0),
    (peers.BusinessDuration, 1.0),
]


def stamp(us: int) -> pendulum.DateTime:
    return pendulum.from_timestamp(us // SECOND, "America/New_York")


@pytest.mark.parametrize(("kind", "hours", "target"), ADD)
def test_add(
    benchmark: Any,
    told: Tell,
    calendar: sla.WorkingCalendar,
    kind: type[peers.Peer],
    hours: int | None,
    target: float,
) -> None:
    pytest.importorskip(kind.package)
    peer = kind()
    rows = [(at // peer.grain * peer.grain, amount) for at, amount in add_rows(COUNT, hours)]
    ask, asked = peer.add(), peer.add_rows(rows)
    fair = []
    for row, question in zip(rows, asked, strict=True):
        due = calendar.add_us(*row)
        if peer.us_of_add(ask(*question)) in (due, calendar.next_open_us(due)):
            fair.append((row, question))
    assert len(fair) > COUNT / 2, "too few right answers to compare"
    ours = [(stamp(at), sla.Amount(us=amount)) for (at, amount), _ in fair]
    result = race(
        benchmark, Runner("ours", calendar.add, ours), Runner("peer", ask, [question for _, question in fair])
    )
    which = f"{hours} h" if hours else f"{AMOUNTS[0]} to {AMOUNTS[-1]} h"
    share = len(fair) * 100 // len(rows)
    told(Line(f"{kind.package} ({share} % right) / add, {which}", result.ratios["peer"], target, at_least=True))


@pytest.mark.parametrize(("kind", "target"), BETWEEN)
def test_between(
    benchmark: Any, told: Tell, calendar: sla.WorkingCalendar, kind: type[peers.Peer], target: float
) -> None:
    pytest.importorskip(kind.package)
    peer = kind()
    rows = [(a // peer.grain * peer.grain, b // peer.grain * peer.grain) for a, b in between_rows(COUNT)]
    ask, asked = peer.between(), peer.between_rows(rows)
    fair = [
        (row, question)
        for row, question in zip(rows, asked, strict=True)
        if peer.us_of_between(ask(*question)) == calendar.between_us(*row)
    ]
    assert len(fair) > COUNT / 2, "too few right answers to compare"
    ours = [(stamp(a), stamp(b)) for (a, b), _ in fair]
    result = race(
        benchmark, Runner("ours", calendar.between, ours), Runner("peer", ask, [question for _, question in fair])
    )
    share = len(fair) * 100 // len(rows)
    what = f"{kind.package} ({share} % right) / between, 1 h to 60 days"
    told(Line(what, result.ratios["peer"], target, at_least=True))
