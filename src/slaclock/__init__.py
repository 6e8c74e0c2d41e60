"""slaclock: service-level clocks, exact and explained.

A policy, a ticket's events and an instant go in; for each clock its due time, its state and the reasons come out::

    import slaclock as sla

    policy = sla.load_policy("policy.yaml")
    history = sla.replay(policy, events)
    history.at("2026-03-02T17:00+01:00")["resolution"].due_at

The library is pure: it reads no clock, keeps no state, and does no I/O on its own.
"""

from slaclock._instants import Instant
from slaclock.amounts import Amount
from slaclock.calendar import ALWAYS, Interval, WorkingCalendar
from slaclock.candidate import Candidate, Verdict
from slaclock.clock import State, advance, dump_state, initial_state, load_state, tick
from slaclock.errors import (
    CalendarError,
    EventError,
    LateEventError,
    MissingExtraError,
    NaiveTimeError,
    NeverOpenError,
    OutOfRangeError,
    PolicyError,
    PolicyMismatchError,
    Problem,
    SlaError,
    StateError,
    UnknownZoneError,
)
from slaclock.eventfile import load_events
from slaclock.events import (
    Changed,
    Created,
    Event,
    Extended,
    Held,
    Merged,
    Released,
    Replied,
    Restarted,
    Waived,
    Withdrawn,
    event_from_dict,
)
from slaclock.facts import Anomaly, Fact, FactKind
from slaclock.history import History, Revision, replay, replay_all
from slaclock.ledger import Decision, Ledger, Segment, SegmentKind
from slaclock.policy import Policy
from slaclock.policyfile import load_policy
from slaclock.preview import MetricPreview, Preview
from slaclock.readings import Reading
from slaclock.snapshots import Snapshot, snapshot
from slaclock.state import Phase
from slaclock.target import Target

__version__ = "0.1.0"

__all__ = [
    "ALWAYS",
    "Amount",
    "Anomaly",
    "CalendarError",
    "Candidate",
    "Changed",
    "Created",
    "Decision",
    "Event",
    "EventError",
    "Extended",
    "Fact",
    "FactKind",
    "Held",
    "History",
    "Instant",
    "Interval",
    "LateEventError",
    "Ledger",
    "Merged",
    "MetricPreview",
    "MissingExtraError",
    "NaiveTimeError",
    "NeverOpenError",
    "OutOfRangeError",
    "Phase",
    "Policy",
    "PolicyError",
    "PolicyMismatchError",
    "Preview",
    "Problem",
    "Reading",
    "Released",
    "Replied",
    "Restarted",
    "Revision",
    "Segment",
    "SegmentKind",
    "SlaError",
    "Snapshot",
    "State",
    "StateError",
    "Target",
    "UnknownZoneError",
    "Verdict",
    "Waived",
    "Withdrawn",
    "WorkingCalendar",
    "advance",
    "dump_state",
    "event_from_dict",
    "initial_state",
    "load_events",
    "load_policy",
    "load_state",
    "replay",
    "replay_all",
    "snapshot",
    "tick",
]

# People see these objects by the path under which they import them: in reprs, tracebacks and pickles.
for _name in __all__:
    if hasattr(globals()[_name], "__qualname__") and globals()[_name].__module__.startswith("slaclock."):
        globals()[_name].__module__ = "slaclock"
del _name
