"""slaclock: service-level clocks, exact and explained.

A policy, a ticket's events and an instant go in; for each clock its due time, its state and the reasons come out::

    import slaclock as sla

    policy = sla.load_policy("policy.yaml")
    history = sla.replay(policy, events)
    history.at("2026-03-02T17:00+01:00")["resolution"].due_at

The library is pure: it reads no clock, keeps no state, and does no I/O on its own. Its modules are imported when a name
of theirs is first used, so that whoever needs a calendar alone does not wait for policies.
"""

from importlib import import_module as _import_module
from sys import modules as _modules
from typing import TYPE_CHECKING

from slaclock._version import __version__ as __version__

if TYPE_CHECKING:
    from slaclock._instants import Instant
    from slaclock._zonedata import ZoneData
    from slaclock.amounts import Amount
    from slaclock.calendar import ALWAYS, Interval, WorkingCalendar
    from slaclock.candidate import Candidate, Verdict
    from slaclock.clock import State, advance, dump_state, initial_state, load_state, tick
    from slaclock.comparison import ComparedCycle, Comparison
    from slaclock.conditions import All, Always, AnyOf, Exists, Is, Not, Ordered
    from slaclock.considered import Considered, Outcome, PassedOver
    from slaclock.cycles import Cycles
    from slaclock.decisions import Decision, DecisionKind
    from slaclock.differences import Difference, DifferenceKind, Differences
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
    from slaclock.exceptions import Effect, ExceptionEntry
    from slaclock.explanation import Account, Explanation
    from slaclock.facts import Anomaly, Fact, FactKind
    from slaclock.history import History, Revision, replay, replay_all
    from slaclock.ledger import Ledger, Segment, SegmentKind
    from slaclock.linting import lint_policy
    from slaclock.lints import Lint
    from slaclock.metric import Kind, Metric, Trigger
    from slaclock.policy import Policy
    from slaclock.policyfile import builtin_metrics, load_policy
    from slaclock.policytext import dump_policy
    from slaclock.preview import MetricPreview, Preview
    from slaclock.provenance import Provenance
    from slaclock.readings import Reading
    from slaclock.rules import Layer, Rule, Table, Window
    from slaclock.schema import policy_schema
    from slaclock.snapshots import Snapshot, snapshot
    from slaclock.state import Phase
    from slaclock.strategies import Strategies
    from slaclock.target import CalendarFrom, Target, Warn
    from slaclock.timeline import Coming, ComingKind, Timeline


__all__ = [
    "ALWAYS",
    "Account",
    "All",
    "Always",
    "Amount",
    "Anomaly",
    "AnyOf",
    "CalendarError",
    "CalendarFrom",
    "Candidate",
    "Changed",
    "Coming",
    "ComingKind",
    "ComparedCycle",
    "Comparison",
    "Considered",
    "Created",
    "Cycles",
    "Decision",
    "DecisionKind",
    "Difference",
    "DifferenceKind",
    "Differences",
    "Effect",
    "Event",
    "EventError",
    "ExceptionEntry",
    "Exists",
    "Explanation",
    "Extended",
    "Fact",
    "FactKind",
    "Held",
    "History",
    "Instant",
    "Interval",
    "Is",
    "Kind",
    "LateEventError",
    "Layer",
    "Ledger",
    "Lint",
    "Merged",
    "Metric",
    "MetricPreview",
    "MissingExtraError",
    "NaiveTimeError",
    "NeverOpenError",
    "Not",
    "Ordered",
    "OutOfRangeError",
    "Outcome",
    "PassedOver",
    "Phase",
    "Policy",
    "PolicyError",
    "PolicyMismatchError",
    "Preview",
    "Problem",
    "Provenance",
    "Reading",
    "Released",
    "Replied",
    "Restarted",
    "Revision",
    "Rule",
    "Segment",
    "SegmentKind",
    "SlaError",
    "Snapshot",
    "State",
    "StateError",
    "Strategies",
    "Table",
    "Target",
    "Timeline",
    "Trigger",
    "UnknownZoneError",
    "Verdict",
    "Waived",
    "Warn",
    "Window",
    "Withdrawn",
    "WorkingCalendar",
    "ZoneData",
    "advance",
    "builtin_metrics",
    "dump_policy",
    "dump_state",
    "event_from_dict",
    "initial_state",
    "lint_policy",
    "load_events",
    "load_policy",
    "load_state",
    "policy_schema",
    "replay",
    "replay_all",
    "snapshot",
    "tick",
]

_HOMES = {
    "_instants": ("Instant",),
    "_zonedata": ("ZoneData",),
    "amounts": ("Amount",),
    "calendar": ("ALWAYS", "Interval", "WorkingCalendar"),
    "candidate": ("Candidate", "Verdict"),
    "clock": ("State", "advance", "dump_state", "initial_state", "load_state", "tick"),
    "comparison": ("ComparedCycle", "Comparison"),
    "conditions": ("All", "Always", "AnyOf", "Exists", "Is", "Not", "Ordered"),
    "considered": ("Considered", "Outcome", "PassedOver"),
    "cycles": ("Cycles",),
    "decisions": ("Decision", "DecisionKind"),
    "differences": ("Difference", "DifferenceKind", "Differences"),
    "errors": (
        "CalendarError", "EventError", "LateEventError", "MissingExtraError", "NaiveTimeError", "NeverOpenError",
        "OutOfRangeError", "PolicyError", "PolicyMismatchError", "Problem", "SlaError", "StateError",
        "UnknownZoneError",
    ),
    "eventfile": ("load_events",),
    "events": (
        "Changed", "Created", "Event", "Extended", "Held", "Merged", "Released", "Replied", "Restarted", "Waived",
        "Withdrawn", "event_from_dict",
    ),
    "exceptions": ("Effect", "ExceptionEntry"),
    "explanation": ("Account", "Explanation"),
    "facts": ("Anomaly", "Fact", "FactKind"),
    "history": ("History", "Revision", "replay", "replay_all"),
    "ledger": ("Ledger", "Segment", "SegmentKind"),
    "linting": ("lint_policy",),
    "lints": ("Lint",),
    "metric": ("Kind", "Metric", "Trigger"),
    "policy": ("Policy",),
    "policyfile": ("builtin_metrics", "load_policy"),
    "policytext": ("dump_policy",),
    "preview": ("MetricPreview", "Preview"),
    "provenance": ("Provenance",),
    "readings": ("Reading",),
    "rules": ("Layer", "Rule", "Table", "Window"),
    "schema": ("policy_schema",),
    "snapshots": ("Snapshot", "snapshot"),
    "state": ("Phase",),
    "strategies": ("Strategies",),
    "target": ("CalendarFrom", "Target", "Warn"),
    "timeline": ("Coming", "ComingKind", "Timeline"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


# To a type checker, names that are not imported above do not exist.
if not TYPE_CHECKING:  # pragma: no branch

    def __getattr__(name: str) -> object:
        home = _HOME_OF.get(name)
        if home is None and name in _HOMES:
            return _import_module(f"{__name__}.{name}")
        if home is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(_import_module(f"{__name__}.{home}"), name)
        _sign()
        return value


def _sign() -> None:
    """Let public objects bear the path under which people import them: in reprs, tracebacks and pickles."""
    for home, names in _HOMES.items():
        there = vars(_modules.get(f"{__name__}.{home}", object))
        for name in names:
            # A module that another thread is importing just now may not have it yet.
            value = there.get(name)
            if hasattr(value, "__qualname__") and value.__module__ != __name__:
                value.__module__ = __name__


del TYPE_CHECKING
