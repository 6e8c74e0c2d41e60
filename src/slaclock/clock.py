"""The pure step: a state and an event in, the next state and the facts out.

A state is a value. `advance` takes the next event, `tick` asks what time alone has caused; neither changes what it was
given. `dump_state` and `load_state` carry a state through JSON, so that a host can keep it in one column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from slaclock._event import conflict
from slaclock._instants import Instant, to_us, utc_text
from slaclock._reading import show
from slaclock.clocks import Clocks
from slaclock.errors import EventError, LateEventError, PolicyMismatchError
from slaclock.events import KINDS, Event, Withdrawn
from slaclock.facts import Fact
from slaclock.policy import Policy, expect_policy
from slaclock.saved import Saved, read_saved, saved_of, thawed

__all__ = ["State", "advance", "dump_state", "initial_state", "load_state", "tick"]

# What nearly everybody gives for events: replays must not wait for a closer look at it.
_LISTS: Final = (list, tuple)
# An event that is of none of these is one that nobody else knows.
_EVENTS: Final = tuple(KINDS.values())


def expect_event(event: Event) -> Event:
    """The event, if it is one. Raises TypeError that says how to get one."""
    if not isinstance(event, _EVENTS):
        raise TypeError(f"found {show(event)}, expected an event; event_from_dict and load_events give some")
    return event


def expect_events(events: Iterable[Event]) -> tuple[Event, ...]:
    """All of the events. Raises EventError for what holds none, and says how to give some; what an iterator raises
    itself goes through."""
    if not isinstance(events, _LISTS):
        hint = _instead_of_events(events)
        if hint:
            raise EventError(f"found {show(events)}, expected a list of events, or an iterator over some; {hint}")
    return tuple(events)


def _instead_of_events(given: object) -> str:
    """What to do about something that is given for events and holds none; empty for what can be iterated."""
    if isinstance(given, Event):
        return "put the event into a list"
    if isinstance(given, str | bytes | bytearray):
        return "load_events reads the events of a file"
    if isinstance(given, Mapping):
        return "event_from_dict makes an event of a mapping, which goes into a list"
    # What has only `__getitem__` is no Iterable, and can be iterated all the same.
    can_be_iterated = isinstance(given, Iterable) or hasattr(type(given), "__getitem__")
    return "" if can_be_iterated else "event_from_dict and load_events give some"


def expect_state(state: State) -> State:
    """The state, if it is one. Raises TypeError that says how to get one."""
    if not isinstance(state, State):
        raise TypeError(f"found {show(state)}, expected a State; initial_state, advance and load_state give one")
    return state


class State:
    """A ticket's clocks between two events: a value to keep, to save, and to pass to `advance`, `tick` and `snapshot`.

    It carries the digest of its policy. States are equal if their saved forms are.
    """

    __slots__ = ("_clocks", "_saved", "policy_digest")

    def __init__(self, clocks: Clocks | None, saved: Saved | None, policy_digest: str) -> None:
        self._clocks = clocks
        self._saved = saved
        self.policy_digest = policy_digest

    @classmethod
    def of(cls, clocks: Clocks) -> State:
        """The state that clocks are in; they must not change any more."""
        return cls(clocks, None, clocks.policy.digest)

    def under(self, policy: Policy) -> Clocks:
        """The clocks, if the policy is the one under which they were made. Raises PolicyMismatchError."""
        clocks = self._clocks
        if clocks is not None and clocks.policy is policy:
            return clocks
        if policy.digest != self.policy_digest:
            msg = (
                f"found a state made under the policy {self.policy_digest}, expected one under {policy.digest}; "
                "replay the ticket's events under the other policy, which is cheap"
            )
            raise PolicyMismatchError(msg)
        # Bound late, because a saved state is read without its policy; published by one assignment.
        self._clocks = clocks = thawed(policy, self.saved)
        return clocks

    @property
    def saved(self) -> Saved:
        """The state as JSON-ready data, made anew for whoever asks: a state is a value."""
        return read_saved(self._saved) if self._clocks is None else saved_of(self._clocks)

    def __eq__(self, other: object) -> bool:
        return self.saved == other.saved if isinstance(other, State) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.policy_digest, str(self.saved.get("last"))))

    def __reduce__(self) -> tuple[object, tuple[Saved]]:
        return (load_state, (self.saved,))

    def __repr__(self) -> str:
        last = self.saved["last"]
        when = "before any event" if last is None else f"at {utc_text(last[0])}"
        return f"<State of {self.saved['ticket'] or 'a ticket'} {when}, policy {self.policy_digest}>"


def dump_state(state: State) -> Saved:
    """The state as JSON-ready data, with a format version; `load_state` reads it back."""
    return expect_state(state).saved


def load_state(data: Mapping[str, object]) -> State:
    """A state from what `dump_state` gave. Raises StateError for anything else."""
    saved = read_saved(data)
    return State(None, saved, str(saved["policy"]))


def initial_state(policy: Policy) -> State:
    """The state of a ticket of which nothing is known yet."""
    return State.of(Clocks(expect_policy(policy)))


def advance(policy: Policy, state: State, event: Event) -> tuple[State, tuple[Fact, ...]]:
    """Take the next event: the state after it, and the facts that have become so since the state before.

    Events come in the order of `(at, seq)`. One that stands at the last instant already is a redelivery, and changes
    nothing. Neither state nor event is changed; what was refused leaves the state usable.

    Raises LateEventError for an event from the past (or one that comes before something that `tick` has told), and for
    a Withdrawn: replay the stored events instead. Raises EventError for a second Created or another ticket's event, and
    PolicyMismatchError for a state of another policy.
    """
    clocks = expect_state(state).under(expect_policy(policy))
    if _is_redelivery(clocks, expect_event(event)):
        return state, ()
    _check_order(clocks, event)
    if clocks.ticket is not None and event.ticket is not None and event.ticket != clocks.ticket:
        msg = f"found an event of ticket {event.ticket!r}, expected one of {clocks.ticket!r}; each needs its state"
        raise EventError(msg)
    after = clocks.copy()
    after.take(event)
    facts, after.told = after.facts(), []
    return State.of(after), facts


def _is_redelivery(clocks: Clocks, event: Event) -> bool:
    if event.at_us != clocks.last_us:
        return False
    known = clocks.at_last.get(event.identity)
    if known is None:
        return False
    if known.content != event.content:
        raise conflict(known, event)
    return True


def _check_order(clocks: Clocks, event: Event) -> None:
    if isinstance(event, Withdrawn):
        msg = f"{event.key} withdraws {event.event!r}, which may have counted already; replay the stored events instead"
        raise LateEventError(msg)
    if (event.at_us, event.seq) < (clocks.last_us, clocks.last_seq):
        known = f"which is before the last one at {utc_text(clocks.last_us)}"
        msg = f"found {event.key} at {utc_text(event.at_us)}, {known}, expected events in the order of (at, seq)"
        raise LateEventError(f"{msg}; replay the stored events instead")
    if event.at_us < clocks.amended_us or event.at_us <= clocks.told_us:
        known = f"a fact of {utc_text(max(clocks.told_us, clocks.amended_us))} that time made had been told"
        raise LateEventError(
            f"found {event.key} after {known}, expected a later event; replay the stored events instead"
        )


def tick(policy: Policy, state: State, at: Instant) -> tuple[State, tuple[Fact, ...]]:
    """What time alone has caused up to an instant: the state that has told it, and the facts.

    Raises PolicyMismatchError, and NaiveTimeError or EventError for an instant that is none.
    """
    clocks = expect_state(state).under(expect_policy(policy)).copy()
    at_us = to_us(at)
    clocks.pass_time(at_us, closing=True)
    facts, clocks.told = clocks.facts(), []
    return State.of(clocks), facts
