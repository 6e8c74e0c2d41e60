"""Many histories, read at one instant, as figures: how readings stand, and how they compare with what was expected.

A summary is a value: it can be compared, stored and printed elsewhere (`text.py` has a table for it).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from slaclock._instants import SECOND_US, Instant, iso_us, load_zone, to_us
from slaclock.candidate import Verdict
from slaclock.errors import EventError, nearest
from slaclock.eventfile import Expected
from slaclock.history import History
from slaclock.policy import Policy
from slaclock.provenance import Provenance
from slaclock.readings import Reading
from slaclock.snapshots import Snapshot
from slaclock.state import Phase

__all__ = ["Deadlines", "Miss", "Oddity", "Summary", "Verdicts", "readings_of", "summarise"]

CLOSE_US: Final = 60 * SECOND_US
"""How far from the expected deadline one may lie and still count as close: files often lack their seconds."""
_WORST: Final = 5


@attrs.frozen(kw_only=True)
class Miss:
    """A deadline that came out otherwise than expected."""

    ticket: str
    metric: str
    expected_us: int
    due_us: int

    @property
    def off_us(self) -> int:
        """How much later it is than expected, in microseconds of the wall clock; negative where it is earlier."""
        return self.due_us - self.expected_us


@attrs.frozen(kw_only=True)
class Deadlines:
    """Expected deadlines against those computed.

    `exact` are equal to the microsecond, `close` lie within 60 seconds (the exact ones among them), `missing` have no
    deadline here; `worst` are the farthest of the others, farthest first.
    """

    expected: int
    exact: int
    close: int
    missing: int
    worst: tuple[Miss, ...] = ()


@attrs.frozen(kw_only=True)
class Verdicts:
    """Expected verdicts against those read: `equal` of `expected`.

    The same again for the metrics of tickets whose expected deadline came out close: where the deadline is another,
    the verdict may well be.
    """

    expected: int
    equal: int
    expected_where_close: int
    equal_where_close: int

    @property
    def unequal(self) -> int:
        """How many came out otherwise."""
        return self.expected - self.equal


@attrs.frozen(kw_only=True)
class Oddity:
    """How often odd input of one kind was taken, and the first of it: the anomaly's code, ticket, event, sentence."""

    code: str
    count: int
    ticket: str
    event: str
    sentence: str


@attrs.frozen(kw_only=True)
class Summary:
    """What many tickets look like at one instant.

    `verdicts` counts readings of all cycles by metric and verdict, for the metrics to which the policy gives a target;
    `not_started` counts those of them whose clock has not started, in the same way: they wait for nobody yet;
    `deadlines` and `checks` are None where nothing was expected; `left_out` counts rows of the file that were skipped;
    `anomalies` are those of all events, the most frequent code first; `provenance` says what gave the figures;
    `kinds` says of each metric to whom its promise was made; `exceptions` counts by name and verdict those of the
    readings that an entry of the exceptions register has touched, so that they can be told apart.
    """

    at_us: int
    timezone: str
    tickets: int
    events: int
    verdicts: Mapping[str, Mapping[str, int]]
    deadlines: Deadlines | None = None
    checks: Verdicts | None = None
    left_out: int = 0
    anomalies: tuple[Oddity, ...] = ()
    provenance: Provenance | None = None
    kinds: Mapping[str, str] = attrs.field(factory=dict)
    exceptions: Mapping[str, Mapping[str, int]] = attrs.field(factory=dict)
    not_started: Mapping[str, Mapping[str, int]] = attrs.field(factory=dict)

    @property
    def readings(self) -> int:
        """How many readings were counted."""
        return sum(sum(counts.values()) for counts in self.verdicts.values())

    @property
    def figures(self) -> dict[str, dict[str, int]]:
        """The readings by metric, each counted once: by verdict those whose clock has started, the others, whatever
        they would be promised, under `not_started`; words that count none are left out."""
        return {metric: _figures(counts, self.not_started.get(metric, {})) for metric, counts in self.verdicts.items()}

    def to_dict(self) -> dict[str, object]:
        """The summary as JSON-ready data: under `readings` its `figures`; what nobody expected is left out."""
        zone = load_zone(self.timezone)
        data: dict[str, object] = {
            "at": iso_us(self.at_us, zone),
            "tickets": self.tickets,
            "events": self.events,
            "left_out": self.left_out,
            "anomalies": {oddity.code: oddity.count for oddity in self.anomalies},
            "readings": self.figures,
            "kinds": dict(self.kinds),
        }
        if self.not_started:
            data["not_started"] = {metric: dict(counts) for metric, counts in self.not_started.items()}
        if self.exceptions:
            data["exceptions"] = {name: dict(counts) for name, counts in self.exceptions.items()}
        if self.provenance is not None:
            data["provenance"] = self.provenance.to_dict()
        if self.deadlines is not None:
            data["deadlines"] = {
                "expected": self.deadlines.expected,
                "exact": self.deadlines.exact,
                "close": self.deadlines.close,
                "missing": self.deadlines.missing,
                "worst": [
                    {
                        "ticket": miss.ticket,
                        "metric": miss.metric,
                        "expected_due_at": iso_us(miss.expected_us, zone),
                        "due_at": iso_us(miss.due_us, zone),
                        "off_us": miss.off_us,
                    }
                    for miss in self.deadlines.worst
                ],
            }
        if self.checks is not None:
            data["verdicts"] = {**attrs.asdict(self.checks), "unequal": self.checks.unequal}
        return data


def summarise(
    policy: Policy,
    histories: Mapping[str, History],
    at: Instant,
    expected: Mapping[str, Mapping[str, Expected]] | None = None,
    left_out: int = 0,
) -> Summary:
    """The figures of many tickets at one instant.

    `expected` holds expectations by ticket and metric, as `read_events` collects them; they are compared with the
    current reading of the metric (the running cycle, else the last). Raises EventError for a metric that the policy
    does not know.
    """
    at_us = to_us(at)
    tally = _Tally(policy)
    for ticket, history in histories.items():
        tally.add(ticket, history, at, (expected or {}).get(ticket, {}))
    return tally.summary(at_us, len(histories), left_out)


def readings_of(snapshot: Snapshot, metrics: Iterable[str]) -> Iterator[Reading]:
    """All cycles of some metrics; one reading of a metric that has not started."""
    for metric in metrics:
        yield from snapshot.cycles(metric) or (snapshot[metric],)


def _figures(counts: Mapping[str, int], idle: Mapping[str, int]) -> dict[str, int]:
    told = {verdict: count - idle.get(verdict, 0) for verdict, count in counts.items()}
    told[str(Phase.NOT_STARTED)] = sum(idle.values())
    return {word: count for word, count in told.items() if count}


def _count(counts: dict[str, int], verdict: str) -> None:
    counts[verdict] = counts.get(verdict, 0) + 1


class _Tally:
    """The counts under way."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.events = 0
        self.verdicts = {metric: dict.fromkeys(map(str, Verdict), 0) for metric in policy.spoken}
        self.due = self.exact = self.close = self.missing = 0
        self.told = self.equal = self.told_close = self.equal_close = 0
        self.misses: list[Miss] = []
        self.odd: dict[str, Oddity] = {}
        self.not_started: dict[str, dict[str, int]] = {metric: {} for metric in policy.spoken}
        self.excepted: dict[str, dict[str, int]] = {entry.name: {} for entry in policy.exceptions}

    def add(self, ticket: str, history: History, at: Instant, expected: Mapping[str, Expected]) -> None:
        snapshot = history.at(at)
        self.events += len(history.events)
        for odd in history.anomalies:
            known = self.odd.get(odd.code)
            if known is None:
                known = Oddity(code=odd.code, count=0, ticket=ticket, event=odd.event, sentence=odd.sentence)
            self.odd[odd.code] = attrs.evolve(known, count=known.count + 1)
        for reading in readings_of(snapshot, self.verdicts):
            verdict = str(reading.verdict)
            self.verdicts[reading.metric][verdict] += 1
            if reading.phase is Phase.NOT_STARTED:
                _count(self.not_started[reading.metric], verdict)
            for entry in reading.exceptions:
                _count(self.excepted[entry.name], verdict)
        for metric, told in expected.items():
            if metric not in snapshot:
                hint = nearest(metric, snapshot)
                msg = f"expected.{metric}: found a metric that the policy does not know{hint and f'; {hint}'}"
                raise EventError(msg)
            self._compare(ticket, snapshot[metric], told)

    def _compare(self, ticket: str, reading: Reading, told: Expected) -> None:
        close = told.due_us is not None and self._compare_due(ticket, reading, told.due_us)
        if told.verdict is not None:
            equal = told.verdict == str(reading.verdict)
            self.told += 1
            self.equal += equal
            self.told_close += close
            self.equal_close += close and equal

    def _compare_due(self, ticket: str, reading: Reading, expected_us: int) -> bool:
        self.due += 1
        if reading.due_us is None:
            self.missing += 1
            return False
        off_us = abs(reading.due_us - expected_us)
        self.exact += off_us == 0
        self.close += off_us <= CLOSE_US
        if off_us > CLOSE_US:
            miss = Miss(ticket=ticket, metric=reading.metric, expected_us=expected_us, due_us=reading.due_us)
            self.misses.append(miss)
        return off_us <= CLOSE_US

    def summary(self, at_us: int, tickets: int, left_out: int) -> Summary:
        worst = sorted(self.misses, key=lambda miss: (-abs(miss.off_us), miss.ticket, miss.metric))[:_WORST]
        deadlines = Deadlines(
            expected=self.due, exact=self.exact, close=self.close, missing=self.missing, worst=tuple(worst)
        )
        checks = Verdicts(
            expected=self.told,
            equal=self.equal,
            expected_where_close=self.told_close,
            equal_where_close=self.equal_close,
        )
        return Summary(
            at_us=at_us,
            timezone=self.policy.timezone,
            tickets=tickets,
            events=self.events,
            verdicts={
                metric: {verdict: count for verdict, count in counts.items() if count}
                for metric, counts in self.verdicts.items()
            },
            deadlines=deadlines if self.due else None,
            checks=checks if self.told else None,
            left_out=left_out,
            anomalies=tuple(sorted(self.odd.values(), key=lambda oddity: -oddity.count)),
            provenance=self.policy.provenance,
            kinds={metric: str(self.policy.metrics[metric].kind) for metric in self.verdicts},
            exceptions={name: counts for name, counts in self.excepted.items() if counts},
            not_started={metric: counts for metric, counts in self.not_started.items() if counts},
        )
