"""Replaying tickets: against a loop fused for one policy, and against another library."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pendulum

import slaclock as sla
from benchmarks.floor import SECOND
from benchmarks.peers import BusinessTimeDelta
from benchmarks.race import Line, Runner, race
from benchmarks.tickets import ANSWER_WITHIN, SOLVE_WITHIN, events_of, fused, plain, policy, rows

COUNT = 400
Tell = Callable[[Line], None]
TICKETS = rows(COUNT)
NEW_YORK = pendulum.timezone("America/New_York")


def in_utc(us: int) -> datetime:
    return datetime.fromtimestamp(us // SECOND, UTC)


def by_pendulum(us: int) -> pendulum.DateTime:
    return pendulum.from_timestamp(us // SECOND, NEW_YORK)


def floor() -> Runner:
    return Runner("floor", fused(), [(ticket, None) for ticket in TICKETS])


def numbers(agreed: sla.Policy) -> Callable[[Sequence[sla.Event], datetime], tuple[int | None, ...]]:
    """From events to integers."""

    def ask(events: Sequence[sla.Event], at: datetime) -> tuple[int | None, ...]:
        snap = sla.replay(agreed, events).at(at)
        answer, solution = snap["first_response"], snap["resolution"]
        return answer.elapsed_us, answer.due_us, solution.elapsed_us, solution.due_us, solution.breached_us

    return ask


def with_events(instant: Callable[[int], datetime] = in_utc) -> list[tuple[list[sla.Event], datetime]]:
    return [(events_of(ticket), at) for ticket, at in with_rows(instant)]


def with_rows(instant: Callable[[int], datetime]) -> list[tuple[list[tuple[datetime, int, int]], datetime]]:
    return [
        ([(instant(us), kind, priority) for us, kind, priority in ticket], instant(ticket[-1][0])) for ticket in TICKETS
    ]


def test_both_answer_alike() -> None:
    """Of tickets that are in time the answers are equal; of others the floor tells later deadlines too, and judges by
    the priority of each moment where we judge by the last one."""
    bare, ask = fused(), numbers(policy())
    in_time = 0
    for ticket, (events, at) in zip(TICKETS, with_events(), strict=True):
        ours, theirs = ask(events, at), bare(ticket, None)
        assert ours[:3] == theirs[:3]
        if ours[4] is None and theirs[4] is None:
            assert ours == theirs
            in_time += 1
    assert in_time > COUNT // 8


def test_numbers(benchmark: Any, told: Tell) -> None:
    """Events are made already, integers come out."""
    result = race(benchmark, floor(), Runner("ours", numbers(policy()), with_events()))
    told(Line("replay, events in, integers out / fused loop", result.ratios["ours"], 4))


def test_through_pendulum(benchmark: Any, told: Tell) -> None:
    """Pendulum's instants go in, readings with pendulum's come out; facts and ledger are there for whoever asks."""
    agreed = policy()

    def ask(ticket: Sequence[tuple[datetime, int, int]], at: datetime) -> object:
        snap = sla.replay(agreed, events_of(ticket)).at(at)
        answer, solution = snap["first_response"], snap["resolution"]
        return answer.due_at, answer.verdict, solution.due_at, solution.verdict

    result = race(benchmark, floor(), Runner("ours", ask, with_rows(by_pendulum)))
    told(Line("replay, pendulum in, readings out / fused loop", result.ratios["ours"], 8))


def test_three_layers(benchmark: Any, told: Tell) -> None:
    given = with_events()
    one, three = (Runner(name, numbers(policy(layers)), given) for name, layers in (("one", 1), ("three", 3)))
    result = race(benchmark, one, three)
    told(Line("replay, three layers of candidates / one", result.ratios["three"], 2))


def test_businesstimedelta(benchmark: Any, told: Tell) -> None:
    """The same story as a loop around another library, on the office of New York for both clocks."""
    peer = BusinessTimeDelta()
    delta, rules = peer.delta, peer.rules
    add = lambda at, left: at + delta(rules, seconds=left // SECOND)  # noqa: E731
    between = lambda a, b: round(rules.difference(a, b).timedelta.total_seconds()) * SECOND  # noqa: E731
    given = [
        ([(in_utc(us), kind, ANSWER_WITHIN[priority], SOLVE_WITHIN[priority]) for us, kind, priority in ticket], 0)
        for ticket in TICKETS
    ]
    ours = Runner("ours", numbers(policy()), with_events())
    result = race(benchmark, ours, Runner("theirs", plain(add, between, add, between), given), rounds=7)
    told(Line("replay, times faster than businesstimedelta", result.ratios["theirs"], 40, at_least=True))
