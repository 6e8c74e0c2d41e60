"""What the tests of the engine share: a small policy, and short ways to name instants and amounts.

The week of all small stories begins on Monday, 2 March 2026. The calendar `office` is open from nine to five on
weekdays, `always` round the clock, both in UTC, so that wall clock and instant read the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC as STANDARD
from datetime import datetime

from slaclock._instants import HOUR_US, MINUTE_US, iso_us, load_zone, to_us
from slaclock.events import Changed, Created, Event, Replied, Withdrawn
from slaclock.facts import Fact
from slaclock.history import History, replay
from slaclock.policy import Policy
from slaclock.policyfile import load_policy

UTC = load_zone("UTC")
CALENDARS = {"office": {"hours": {"mon-fri": "09:00-17:00"}}, "always": "all day"}
STATUSES = {
    "new": ["new"],
    "open": ["open"],
    "pending": ["waiting"],
    "on_hold": ["vendor"],
    "resolved": ["solved"],
    "closed": ["closed"],
}
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def on(text: str) -> str:
    """An instant of that week, or of a later one: `mon 09:30`, `tue 12:00:00.000001`, `mon+1 09:00`."""
    day, time = text.split()
    name, _, weeks = day.partition("+")
    number = 2 + DAYS.index(name) + 7 * int(weeks or 0)
    return f"2026-03-{number:02d}T{time}+00:00"


def us(text: str) -> int:
    """An instant of that week in microseconds."""
    return to_us(on(text))


def hours(number: float) -> int:
    """So many hours in microseconds."""
    return round(number * HOUR_US)


def minutes(number: int) -> int:
    """So many minutes in microseconds."""
    return number * MINUTE_US


def short(instant: datetime | int | None) -> str | None:
    """An instant of that week, or of the two after it, as `on` reads it."""
    if instant is None:
        return None
    told = iso_us(instant, UTC) if isinstance(instant, int) else instant.astimezone(STANDARD).isoformat()
    date, _, time = told.partition("T")
    week, day = divmod(int(date[8:]) - 2, 7)
    time = time.removesuffix("+00:00")
    return f"{DAYS[day]}{f'+{week}' if week else ''} {time.removesuffix(':00')}"


def make_policy(targets: object = None, /, *rules: dict[str, object], **keys: object) -> Policy:
    """A policy with one layer `customer`: a rule for everybody with these targets, after the given rules.

    Keys are those of a policy; `defaults` are added to a default calendar, `always`.
    """
    layers: dict[str, object] = {}
    if targets is not None or rules:
        everybody = [{"name": "everybody", "targets": targets}] if targets is not None else []
        layers["customer"] = [*rules, *everybody]
    given = {"slaclock": 1, "calendars": CALENDARS, "statuses": STATUSES, "layers": layers, **keys}
    given["defaults"] = {"calendar": "always", **given.get("defaults", {})}  # type: ignore[dict-item]
    return load_policy(given)


def by_priority(high: object, low: object) -> dict[str, object]:
    """A rule that gives `resolution` by priority, and speaks of no other priority."""
    return {"name": "by priority", "by": "priority", "targets": {"resolution": {"high": high, "low": low}}}


def created(at: str = "mon 09:00", /, *, id: str | None = None, by: str = "customer", **fields: object) -> Created:
    return Created(at=on(at), fields=fields, by=by, id=id)


def changed(at: str, /, *, id: str | None = None, seq: int = 0, **fields: object) -> Changed:
    return Changed(at=on(at), fields=fields, id=id, seq=seq)


def replied(at: str, by: str = "agent", /, *, id: str | None = None, seq: int = 0, public: bool = True) -> Replied:
    return Replied(at=on(at), by=by, id=id, seq=seq, public=public)


def withdrawn(at: str, event: str, /, *, id: str | None = None, recorded_at: str | None = None) -> Withdrawn:
    known = None if recorded_at is None else on(recorded_at)
    return Withdrawn(at=on(at), event=event, reason="slip", id=id, recorded_at=known)


def story(policy: Policy, *events: Event) -> History:
    return replay(policy, events)


def keys(history: History) -> list[str]:
    """The keys of the events that count, in order."""
    return [event.key for event in history.events]


def told(facts: Iterable[Fact], metric: str | None = None) -> list[str]:
    """Facts as `mon 10:00 warned 75%`, of one metric or of all."""
    return [
        " ".join(
            part
            for part in (
                str(short(fact.at_us)),
                str(fact.kind),
                fact.warning,
                "(overtaken)" if fact.overtaken else None,
            )
            if part
        )
        for fact in facts
        if metric in (None, fact.metric)
    ]
