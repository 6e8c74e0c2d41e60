"""W3: tickets with ten events and two clocks, as bare numbers and as events, and the bare ways to replay them.

First response counts in the office of New York, resolution from Monday to Saturday in London. Both are promised by
priority, which changes once; two pauses, resolved, reopened, closed.
"""

from __future__ import annotations

import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import slaclock as sla
from benchmarks.floor import HOUR, SECOND, open_spans
from benchmarks.workload import FIRST, LAST, federal_holidays, spans

LONDON = ZoneInfo("Europe/London")
LONDON_HOURS = dict.fromkeys(range(6), (8, 20))

CREATED, REPLY, PENDING, OPEN, PRIORITY, RESOLVED, REOPENED, CLOSED = range(8)
SCRIPT = (
    (CREATED, 0), (REPLY, 6), (PENDING, 14), (OPEN, 14), (PENDING, 14), (OPEN, 14), (PRIORITY, 8), (RESOLVED, 10),
    (REOPENED, 14), (CLOSED, 14),
)  # fmt: skip
STATUS = {PENDING: "pending", OPEN: "open", RESOLVED: "resolved", REOPENED: "open", CLOSED: "closed"}
RUNS = {CREATED: True, OPEN: True, REOPENED: True, PENDING: False, RESOLVED: False, CLOSED: False}
ANSWER_WITHIN = (8 * HOUR, 4 * HOUR, 1 * HOUR)
SOLVE_WITHIN = (40 * HOUR, 16 * HOUR, 8 * HOUR)
"""By priority."""

Row = tuple[int, int, int]
"""An instant in microseconds, a kind of event, and the ticket's priority from then on."""
Answer = tuple[int | None, int, int, int, int | None]
"""The open microseconds of the first response and when it was due; of the resolution too, and when it was missed."""


def rows(count: int) -> list[list[Row]]:
    """So many tickets, each ten rows in order of time, some hours apart."""
    rnd = random.Random(3)
    first, last = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2027))
    tickets = []
    for _ in range(count):
        at, priority = rnd.randrange(first, last - 60 * 86_400), rnd.randrange(3)
        ticket = []
        for kind, hours in SCRIPT:
            at += 1 + int(rnd.expovariate(1 / (hours * 3_600))) if hours else 0
            if kind == PRIORITY:
                priority = (priority + 1 + rnd.randrange(2)) % 3
            ticket.append((at * SECOND, kind, priority))
        tickets.append(ticket)
    return tickets


# -------------------------------------------------------------------------------------------------- as slaclock has it


def events_of(ticket: Iterable[tuple[datetime, int, int]]) -> list[sla.Event]:
    """The same as events, as a host makes them of its own rows; their instants are read already."""
    events: list[sla.Event] = []
    for at, kind, priority in ticket:
        if kind in STATUS:
            events.append(sla.Changed(at=at, fields={"status": STATUS[kind]}))
        elif kind == CREATED:
            events.append(sla.Created(at=at, fields={"status": "new", "priority": str(priority)}))
        elif kind == REPLY:
            events.append(sla.Replied(at=at, by="agent"))
        else:
            events.append(sla.Changed(at=at, fields={"priority": str(priority)}))
    return events


def policy(layers: int = 1) -> sla.Policy:
    """The promises of W3, by one layer or by several that say nearly the same."""
    off = [day.isoformat() for day in federal_holidays()]
    return sla.load_policy(
        {
            "slaclock": 1,
            "timezone": "America/New_York",
            "calendars": {
                "new_york": {"timezone": "America/New_York", "hours": {"mon-fri": "09:00-17:00"}, "holidays": off},
                "london": {"timezone": "Europe/London", "hours": {"mon-sat": "08:00-20:00"}, "holidays": off},
            },
            "statuses": {name: [name] for name in ("new", "open", "pending", "resolved", "closed")},
            "layers": {
                layer: [{"by": "priority", "targets": _targets(more)}]
                for more, layer in enumerate(("corporate", "customer", "service")[:layers])
            },
        }
    )


def _targets(more: int) -> dict[str, object]:
    def table(amounts: Sequence[int], calendar: str) -> dict[str, object]:
        hours = (amount // HOUR for amount in amounts)
        return {str(row): {"within": f"{count + more}h", "calendar": calendar} for row, count in enumerate(hours)}

    return {"first_response": table(ANSWER_WITHIN, "new_york"), "resolution": table(SOLVE_WITHIN, "london")}


# ------------------------------------------------------------------------------------------------------ as numbers have


@cache
def london_spans() -> list[tuple[int, int]]:
    return open_spans(LONDON, LONDON_HOURS, set(federal_holidays()), FIRST, LAST)


def fused() -> Callable[[Sequence[Row], None], Answer]:
    """The floor: one loop written for this policy alone, which looks each instant up once, and deadlines at the end."""
    edges_a, shift_a, count_a, done_a, back_a = _tables(spans())
    edges_b, shift_b, count_b, done_b, back_b = _tables(london_spans())

    def replay(ticket: Sequence[Row], _: None, left: Any = bisect_left, right: Any = bisect_right) -> Answer:
        answered = missed = None
        elapsed = begun_a = begun_b = base = within = answer_within = since = 0
        running = False
        for us, kind, priority in ticket:
            if kind == REPLY:
                if answered is None:
                    i = right(edges_a, us)
                    answered = (us - shift_a[i] if i & 1 else count_a[i]) - begun_a
                continue
            i = right(edges_b, us)
            count = us - shift_b[i] if i & 1 else count_b[i]
            if running:
                total = elapsed + count - begun_b
                if missed is None and total > within:
                    need = begun_b + within - elapsed
                    missed = max(need + back_b[left(done_b, need)], since)
                elapsed = total
            if kind == PRIORITY:
                within = SOLVE_WITHIN[priority]
                if not running:
                    continue
            elif not RUNS[kind]:
                running = False
                continue
            elif kind == CREATED:
                within, answer_within = SOLVE_WITHIN[priority], ANSWER_WITHIN[priority]
                i = right(edges_a, us)
                begun_a = us - shift_a[i] if i & 1 else count_a[i]
            running, begun_b, since, base = True, count, us, elapsed
        count = begun_a + answer_within
        answer_due = count + back_a[left(done_a, count)]
        count = begun_b + within - base
        due = count + back_b[left(done_b, count)]
        return answered, answer_due, elapsed, max(due, since), missed

    return replay


def _tables(found: Sequence[tuple[int, int]]) -> tuple[list[int], ...]:
    edges: list[int] = []
    shift, before, done, back = [0], [0], [], []
    count = 0
    for opens, closes in found:
        edges += (opens, closes)
        shift += (opens - count, 0)
        before += (count, count + closes - opens)
        count += closes - opens
        done.append(count)
        back.append(closes - count)
    return edges, shift, before, done, back


def plain(add: Any, between: Any, add_too: Any, between_too: Any) -> Callable[[Sequence[Any], None], Any]:
    """The loop as people write it around a library that adds and subtracts working time; amounts of `HOUR`s are given
    in the library's own type by `add`'s caller."""

    def replay(ticket: Sequence[Any], zero: Any) -> Any:
        answered = answer_due = start = since = due = None
        within, elapsed, running = None, zero, False
        for at, kind, answer_within, solve_within in ticket:
            if running:
                elapsed += between_too(since, at)
                since = at
            if kind == CREATED:
                start, within = at, solve_within
                answer_due = add(at, answer_within)
            elif kind == REPLY and answered is None:
                answered = between(start, at)
            elif kind == PRIORITY:
                within = solve_within
            runs = RUNS.get(kind)
            if runs is not None:
                running, since = runs, at
            if running and (runs or kind == PRIORITY):
                left = within - elapsed
                due = add_too(at, left) if left > zero else at
        return answered, answer_due, elapsed, due

    return replay
