"""Replaying tickets: against a loop fused for one policy, against another library, and against ourselves at length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum
import pytest

import slaclock as sla
from benchmarks.floor import SECOND
from benchmarks.peers import BusinessTimeDelta
from benchmarks.race import Line, Runner, race
from benchmarks.tickets import ANSWER_WITHIN, SOLVE_WITHIN, Row, events_of, fused, plain, policy, rows

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
    return [(events_of(ticket, instant), instant(ticket[-1][0])) for ticket in TICKETS]


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

    def ask(ticket: Sequence[tuple[Any, Row]], at: datetime) -> object:
        instants = iter([at for at, _ in ticket])
        snap = sla.replay(agreed, events_of([row for _, row in ticket], lambda _: next(instants))).at(at)
        answer, solution = snap["first_response"], snap["resolution"]
        return answer.due_at, answer.verdict, solution.due_at, solution.verdict

    given = [([(by_pendulum(row[0]), row) for row in ticket], by_pendulum(ticket[-1][0])) for ticket in TICKETS]
    result = race(benchmark, floor(), Runner("ours", ask, given))
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


# ------------------------------------------------------------------------------------------------------- long tickets


def long_life(count: int) -> list[sla.Event]:
    """So many events of one ticket, an hour apart: replies, pauses, resolving, and a priority that comes and goes."""
    start = datetime(2024, 1, 1, tzinfo=UTC)
    events: list[sla.Event] = [sla.Created(at=start, fields={"status": "new", "priority": "0"})]
    for number in range(1, count):
        at, kind = start + timedelta(hours=number), number % 10
        if kind in (3, 4):
            events.append(sla.Replied(at=at, by="agent" if kind == 3 else "customer"))
        elif kind == 7:
            events.append(sla.Changed(at=at, fields={"priority": str(number // 10 % 3)}))
        else:
            status = "resolved" if kind == 8 else "pending" if number % 2 else "open"
            events.append(sla.Changed(at=at, fields={"status": status}))
    return events


def replayed(agreed: sla.Policy, events: Sequence[sla.Event]) -> object:
    return sla.replay(agreed, events).at("2030-01-01T00:00Z")["resolution"].due_us


def with_facts(agreed: sla.Policy, events: Sequence[sla.Event]) -> object:
    return sla.replay(agreed, events).facts


def step_by_step(agreed: sla.Policy, events: Sequence[sla.Event]) -> object:
    state = sla.initial_state(agreed)
    for event in events:
        state, _ = sla.advance(agreed, state, event)
    return state


@pytest.mark.parametrize(
    ("what", "ask"), [("replay", replayed), ("replay with facts", with_facts), ("advance", step_by_step)]
)
def test_ten_times_the_events(benchmark: Any, told: Tell, what: str, ask: Callable[..., object]) -> None:
    agreed = policy()
    short, long = (Runner(name, ask, [(agreed, long_life(count))]) for name, count in (("short", 500), ("long", 5_000)))
    result = race(benchmark, short, long, rounds=3)
    told(Line(f"{what}, 5,000 events / 500", result.ratios["long"], 12))


def test_the_past_of_a_long_ticket(benchmark: Any, told: Tell) -> None:
    """`history.at` on a ticket of 10,000 events goes back to a checkpoint: it costs what a short ticket costs."""
    agreed, events = policy(), long_life(10_000)
    history = sla.replay(agreed, events)
    instants = [(event.at, None) for event in events[300::97]]
    small = sla.replay(agreed, events[:1_000])
    few = [(event.at, None) for event in events[300:990:7]]
    runners = (
        Runner(name, lambda at, _, of=of: of.at(at)["resolution"].due_us, asked)
        for name, of, asked in (("short", small, few), ("long", history, instants))
    )
    result = race(benchmark, *runners)
    told(Line("history.at in the past, 10,000 events / 1,000", result.ratios["long"], 4))


def test_what_a_waking_host_pays(benchmark: Any, told: Tell) -> None:
    """A ticket gets one more event: one `advance` gives its next wake-up, whatever happened before."""
    agreed = policy()
    given: dict[str, list[tuple[sla.State, sla.Event]]] = {}
    for name, count in (("young", 10), ("old", 2_000)):
        *before, last = long_life(count)
        state = sla.initial_state(agreed)
        for event in before:
            state, _ = sla.advance(agreed, state, event)
        given[name] = [(state, last)]

    def ask(state: sla.State, event: sla.Event) -> object:
        after, _ = sla.advance(agreed, state, event)
        return sla.snapshot(agreed, after, event.at).next_wakeup_us

    result = race(benchmark, *(Runner(name, ask, rows) for name, rows in given.items()))
    told(Line("advance and next wake-up, after 2,000 events / after 10", result.ratios["old"], 2))
