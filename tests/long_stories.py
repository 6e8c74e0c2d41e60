"""Tickets with very many events, of each kind that could make the next one dearer than the last."""

from __future__ import annotations

from collections.abc import Callable

from helpers import by_priority, make_policy, us
from slaclock import Changed, Created, Event, Extended, Held, Policy, Released, Replied, Waived
from slaclock._instants import MINUTE_US, iso_us, load_zone

UTC = load_zone("UTC")


def at(number: int) -> str:
    """An instant for each number, seven minutes apart."""
    return iso_us(us("mon 09:00") + 7 * number * MINUTE_US, UTC)


def policy_of(**defaults: str) -> Policy:
    """Targets so long that nothing is ever over, another one by priority."""
    tables = by_priority("90000h", {"within": "80000h", "calendar": "office", "warn": "75%"})
    others = {"resolution": "99999h", "next_response": "4h", "update": "8h"}
    return make_policy(others, tables, defaults={"warn": ["50%"], **defaults})


def pausing(number: int) -> Event:
    return Changed(at=at(number), fields={"status": "waiting" if number % 2 else "open"})


def talking(number: int) -> Event:
    return Replied(at=at(number), by="customer" if number % 2 else "agent")


def retargeting(number: int) -> Event:
    return Changed(at=at(number), fields={"priority": "high" if number % 2 else "low"})


def mixed(number: int) -> Event:
    return (pausing, talking, retargeting)[number % 3](number // 3 + number)


def holding(number: int) -> Event:
    return Held(at=at(number), reason="parts") if number % 2 else Released(at=at(number))


def extending(number: int) -> Event:
    return Extended(at=at(number), metric="resolution", by="1m", reason="agreed")


def granting(number: int) -> Event:
    return (extending, pausing)[number % 2](number + number // 2)


def waiving(number: int) -> Event:
    return Waived(at=at(number), metric="resolution", reason="agreed")


def reopening(number: int) -> Event:
    return Changed(at=at(number), fields={"status": "solved" if number % 2 else "open"})


def odd(number: int) -> Event:
    """Each leaves an anomaly behind."""
    return Changed(at=at(number), fields={"status": f"unknown {number}"})


KINDS: dict[str, Callable[[int], Event]] = {
    each.__name__: each
    for each in (pausing, talking, retargeting, mixed, holding, extending, granting, waiving, reopening, odd)
}


def long_story(kind: str, count: int) -> list[Event]:
    """A ticket with so many events of a kind, seven minutes apart."""
    first = Created(at=at(0), fields={"status": "open", "priority": "low"})
    return [first, *(KINDS[kind](number) for number in range(1, count))]


def crowded_story(count: int) -> list[Event]:
    """So many events at one instant, that came without numbers."""
    first = Created(at=at(0), fields={"status": "open", "priority": "low"})
    return [first, *(Changed(at=at(1), fields={f"field {number}": "x"}) for number in range(1, count))]
