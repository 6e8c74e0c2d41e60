"""All clocks of a ticket at one instant, and when to ask again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from slaclock._instants import DateTime, Instant, from_us, iso_us, to_us, utc_text
from slaclock._once import once
from slaclock._reading import unknown_metric
from slaclock.candidate import iso, known, when
from slaclock.clock import State, expect_state
from slaclock.clocks import LONG_AGO_US
from slaclock.conditions import CATEGORY, FieldValue
from slaclock.cycle import Cycle
from slaclock.cycles import Cycles
from slaclock.errors import LateEventError
from slaclock.exceptions import ExceptionEntry
from slaclock.facts import Anomaly
from slaclock.policy import Policy, expect_policy
from slaclock.readings import Reading
from slaclock.standing import Folded, Standing

if TYPE_CHECKING:
    from slaclock.provenance import Provenance
    from slaclock.timeline import Timeline

__all__ = ["Snapshot", "read_at", "snapshot"]


class Snapshot(Mapping[str, Reading]):
    """All clocks of a ticket at one instant: a mapping of each metric to its current reading, that of the running
    cycle, else of the last. Raises KeyError only for a metric that the policy does not know."""

    def __init__(self, standing: Standing, at_us: int) -> None:
        self._standing = standing
        self.at_us = at_us
        self.policy: Policy = standing.policy
        self._current: dict[str, Reading] = {}

    def __getitem__(self, metric: str) -> Reading:
        found = self._current.get(metric)
        if found is None:
            number = self._number(metric)
            found = self._current[metric] = self._read(number, self._standing.current(number))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.policy.numbers)

    def __len__(self) -> int:
        return len(self.policy.numbers)

    def _number(self, metric: str) -> int:
        try:
            return self.policy.numbers[metric]
        except KeyError:
            raise KeyError(unknown_metric(metric, self.policy.numbers)) from None

    def __contains__(self, metric: object) -> bool:
        return metric in self.policy.numbers

    def _read(self, number: int, cycle: Cycle | None) -> Reading:
        terms, standing = self.policy.terms[number], self._standing
        if cycle is None:
            return Reading(terms, None, standing.view, self.at_us)
        return Reading(terms, cycle, {}, self.at_us, standing.told)

    @property
    def at(self) -> DateTime:
        """The instant of the snapshot."""
        return from_us(self.at_us, self.policy.zone)

    @property
    def ticket(self) -> str | None:
        """The ticket's name."""
        return self._standing.ticket

    @property
    def fields(self) -> dict[str, FieldValue]:
        """The ticket's fields as they are."""
        return {name: held for name, held in self._standing.view.items() if name[0] >= " "}

    @property
    def category(self) -> str:
        """The category of the ticket's status."""
        return str(self._standing.view[CATEGORY])

    @property
    def provenance(self) -> Provenance:
        """What gave these answers: the policy by its digest, the versions of the library and of the zone data."""
        return self.policy.provenance

    @property
    def anomalies(self) -> tuple[Anomaly, ...]:
        """Odd input so far."""
        return tuple(self._standing.anomalies)

    def cycles(self, metric: str) -> Cycles:
        """All cycles of a metric, the first one first; none where it has not started."""
        number = self._number(metric)
        return Cycles(self._read(number, cycle) for cycle in self._standing.cycles(number))

    @once
    def readings(self) -> tuple[Reading, ...]:
        """All readings: every cycle of every metric, and one for each metric that has not started."""
        return tuple(reading for metric in self for reading in (self.cycles(metric) or (self[metric],)))

    @once
    def exceptions(self) -> tuple[ExceptionEntry, ...]:
        """The entries of the exceptions register that have touched a clock with a target, in their order."""
        found = {entry for reading in self._promised() for entry in reading.exceptions}
        return tuple(entry for entry in self.policy.exceptions if entry in found)

    def _promised(self) -> Iterator[Reading]:
        # Time changes nothing about a clock without any target.
        for metric in self.policy.spoken:
            yield from self.cycles(metric) or (self[metric],)

    @property
    def next_wakeup(self) -> DateTime | None:
        """The next instant at which time alone makes a fact: a warning, a breach, an amendment's edge; None if it never
        will. A breach is a fact right after its due instant, one microsecond later."""
        return when(known(self.next_wakeup_us), self.policy.zone)

    @once
    def next_wakeup_us(self) -> int:
        clocks = self._standing.clocks.copy()
        clocks.pass_time(self.at_us, closing=True)
        return clocks.next_wakeup_us(self.at_us)

    @property
    def next_change(self) -> DateTime | None:
        """The next instant at which time alone changes anything here: also openings, closings, and rules' edges."""
        return when(known(self.next_change_us), self.policy.zone)

    @once
    def next_change_us(self) -> int:
        edges = [edge for edge in self.policy.edges if edge > self.at_us][:1]
        # The calendars of cycles that are over count too: whether they are open now is part of their readings.
        return min([self.next_wakeup_us, *edges, *(reading.next_change_us() for reading in self._promised())])

    def timeline(self, until: Instant) -> Timeline:
        """What is coming after this instant and up to another, if nothing else happens: facts that time will make,
        openings and closings. Raises EventError for an earlier instant, and for what is none."""
        from slaclock.timeline import Timeline

        return Timeline(self._standing.clocks, self.at_us, to_us(until, "until"), closing=True)

    def to_dict(self) -> dict[str, object]:
        """The snapshot as JSON-ready data."""
        zone = self.policy.zone
        return {
            "ticket": self.ticket,
            "at": iso_us(self.at_us, zone),
            "policy": self.policy.digest,
            "provenance": self.provenance.to_dict(),
            "fields": {name: list(held) if isinstance(held, tuple) else held for name, held in self.fields.items()},
            "category": self.category,
            "readings": [reading.to_dict() for reading in self.readings],
            "next_wakeup": iso(known(self.next_wakeup_us), zone),
            "next_change": iso(known(self.next_change_us), zone),
            "anomalies": [anomaly.to_dict() for anomaly in self.anomalies],
        }

    def __eq__(self, other: object) -> bool:
        return self.to_dict() == other.to_dict() if isinstance(other, Snapshot) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __str__(self) -> str:
        spoken = self.policy.spoken
        told = [str(reading) for reading in self.readings if reading.metric in spoken]
        return "\n".join([f"{self.ticket or 'ticket'} at {iso_us(self.at_us, self.policy.zone)}", *told])

    def __repr__(self) -> str:
        return f"<Snapshot of {self.ticket or 'a ticket'} at {iso_us(self.at_us, self.policy.zone)}>"


def read_at(standing: Folded, at_us: int) -> Snapshot:
    """A snapshot at an instant not before the last event, of clocks that may have to be brought there."""
    clocks = standing.clocks
    if clocks.policy.moves:
        taken_us = max(clocks.last_us, clocks.amended_us)
        if any(taken_us < edge <= at_us for edge in clocks.policy.edges):
            clocks = clocks.copy()
            clocks.pass_time(at_us, closing=True)
            standing = Folded(clocks, standing.silent)
    return Snapshot(standing, at_us)


def snapshot(policy: Policy, state: State, at: Instant) -> Snapshot:
    """All clocks of a state at an instant not before its last event.

    Raises LateEventError for an earlier instant, PolicyMismatchError for a state of another policy, and NaiveTimeError
    or EventError for an instant that is none.
    """
    clocks = expect_state(state).under(expect_policy(policy))
    at_us = to_us(at)
    last_us = max(clocks.last_us, clocks.amended_us)
    if at_us < last_us and last_us != LONG_AGO_US:
        msg = (
            f"found a question about {utc_text(at_us)}, expected one at or after {utc_text(last_us)}, "
            "the last instant that the state knows; replay the stored events and ask `history.at`"
        )
        raise LateEventError(msg)
    return read_at(Folded(clocks), at_us)
