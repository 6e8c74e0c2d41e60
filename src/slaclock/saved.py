"""Clocks as JSON-ready data, and back: what a host keeps in one column.

A saved state holds what events have decided, not what can be read from it; targets are kept by reference, so that it is
small, and can only be brought back to life under the policy whose digest it carries. The format has a version; a state
is written in the first one that can say it, and the reader takes every version that ever was:

- 1: the beginning.
- 2: what an exceptions register says of the ticket (`scopes`) and of each cycle (`extends`, `applied`).
- 3: what a target carries on from, in a row (`prior`), and no longer one in another: those of tickets that change often
  would stand deeper than readers of JSON go down. For the rest as 2, also without a register.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from slaclock._event import brief
from slaclock._instants import MAX_US, MIN_US
from slaclock._saved_shape import VERSION, Saved, fields_data, read_saved, span_of
from slaclock.clocks import LONG_AGO_US, Clocks
from slaclock.conditions import ARRIVED, CATEGORY, FieldValue
from slaclock.cycle import Cycle
from slaclock.errors import StateError
from slaclock.events import event_from_dict
from slaclock.exceptions import ExceptionEntry
from slaclock.facts import Anomaly
from slaclock.laid import Laid
from slaclock.life import Life
from slaclock.policy import Policy
from slaclock.relief import Scopes
from slaclock.rules import Exemption
from slaclock.state import Phase
from slaclock.target import NEVER_US
from slaclock.terms import Terms
from slaclock.values import fields_of

__all__ = ["VERSION", "Saved", "read_saved", "saved_of", "thawed"]

# How many targets may stand one in another.
_DEEPEST: Final = 16


def saved_of(clocks: Clocks) -> Saved:
    """Clocks as JSON-ready data."""
    names = [terms.metric.name for terms in clocks.policy.terms]
    version = _version(clocks)
    register = {"scopes": _scopes_data(clocks)} if version > 1 else {}
    return {
        "slaclock_state": version,
        "policy": clocks.policy.digest,
        "ticket": clocks.ticket,
        "fields": fields_data(clocks.view),
        "category": clocks.view[CATEGORY],
        "arrived": clocks.view.get(ARRIVED),
        "created": clocks.created,
        "merged": clocks.merged,
        "holds": [[metric, reason] for metric, reason in clocks.holds.items()],
        "armed": sorted(names[number] for number in clocks.armed),
        "waiting": sorted(names[number] for number in clocks.waiting),
        "last": None if clocks.last_us == LONG_AGO_US else [clocks.last_us, clocks.last_seq],
        "at_last": [brief(event) for event in clocks.at_last.values()],
        "told_us": None if clocks.told_us == LONG_AGO_US else clocks.told_us,
        "amended_us": None if clocks.amended_us == LONG_AGO_US else clocks.amended_us,
        "cycles": {
            name: [_cycle_data(cycle, clocks.policy.exceptions, version) for cycle in cycles]
            for name, cycles in zip(names, clocks.cycles, strict=True)
            if cycles
        },
        "anomalies": [[anomaly.code, anomaly.event, anomaly.sentence] for anomaly in clocks.anomalies],
        **register,
    }


def _version(clocks: Clocks) -> int:
    laid = (laid for cycles in clocks.cycles for cycle in cycles for laid in cycle.candidates())
    if any(each.prior is not None and len(each.pieces) > _DEEPEST for each in laid):
        return 3
    return 2 if clocks.policy.exceptions else 1


def _scopes_data(clocks: Clocks) -> Saved:
    # Before the fields are known there are none.
    pairs = zip(clocks.policy.exceptions, clocks.scopes, strict=False)
    return {entry.name: [_span_data(*span) for span in spans] for entry, spans in pairs}


def _span_data(start_us: int, end_us: int) -> list[int | None]:
    return [None if start_us == MIN_US else start_us, None if end_us == MAX_US else end_us]


def _cycle_data(cycle: Cycle, entries: Sequence[ExceptionEntry], version: int) -> Saved:
    register: Saved = {}
    if version > 1:
        register["extends"] = [entries[number].name for number in cycle.extends]
        register["applied"] = [[entries[number].name, *_span_data(*span)] for *span, number in cycle.applied]
    return {
        "start_us": cycle.start_us,
        "cause": cycle.cause,
        "lives": [[[us, str(phase), cause, why] for us, phase, cause, why in life.log] for life in cycle.lives],
        "ended_us": cycle.ended_us,
        "done": cycle.stopped_by_done,
        "grants": [list(grant) for grant in cycle.grants],
        "waived": None if cycle.waived is None else list(cycle.waived),
        "fired": sorted(list(pair) for pair in cycle.fired),
        "exempt": None if cycle.exemption is None else [cycle.exemption.layer, cycle.exemption.rule],
        "laid": [None if laid is None else _laid_data(laid, cycle.terms, version) for laid in cycle.laid],
        **register,
    }


def _laid_data(laid: Laid, terms: Terms, version: int) -> Saved:
    *before, data = [_piece_data(piece, terms) for piece in laid.pieces]
    if version > 2:
        return data | {"prior": before}
    prior: Saved | None = None
    for piece in before:
        prior = piece | {"prior": prior}
    return data | {"prior": prior}


def _piece_data(piece: Laid, terms: Terms) -> Saved:
    return {
        "plan": list(terms.reference(piece.plan)),
        "since_us": piece.since_us,
        "origin_us": piece.origin_us,
        "from_us": piece.from_us,
        "used_us": piece.used_us,
        "run_us": piece.run_us,
        "due_us": "never" if piece.due_us == NEVER_US else piece.due_us,
        "late": piece.late,
        "late_at_us": piece.late_at_us,
        "sticky": None if piece.sticky is None else list(piece.sticky),
    }


# Back to life, under the policy.


def thawed(policy: Policy, saved: Saved) -> Clocks:
    """The clocks that a checked saved state holds. Raises StateError where it names what the policy does not have."""
    try:
        return _clocks_of(policy, saved)
    except (LookupError, RecursionError) as error:
        msg = f"state: found a reference to {error}, expected what the policy has; replay the ticket's events instead"
        raise StateError(msg) from error


def _clocks_of(policy: Policy, saved: Saved) -> Clocks:
    clocks = Clocks(policy)
    numbers = {terms.metric.name: number for number, terms in enumerate(policy.terms)}
    clocks.ticket = saved["ticket"]
    view: dict[str, FieldValue] = {**fields_of(saved["fields"]), CATEGORY: saved["category"]}
    if saved["arrived"] is not None:
        view[ARRIVED] = saved["arrived"]
    clocks.view = view
    clocks.created, clocks.merged = saved["created"], saved["merged"]
    clocks.holds = dict(saved["holds"])
    clocks.armed = {numbers[name] for name in saved["armed"]}
    clocks.waiting = {numbers[name] for name in saved["waiting"]}
    if saved["last"] is not None:
        clocks.last_us, clocks.last_seq = saved["last"]
    clocks.at_last = {event.identity: event for event in map(event_from_dict, saved["at_last"])}
    clocks.told_us = LONG_AGO_US if saved["told_us"] is None else saved["told_us"]
    clocks.amended_us = LONG_AGO_US if saved["amended_us"] is None else saved["amended_us"]
    clocks.anomalies = [Anomaly(*found) for found in saved["anomalies"]]
    clocks.scopes = _scopes_of(policy, saved.get("scopes", {}))
    if policy.exceptions and saved["created"] and not clocks.scopes:
        raise LookupError("no scopes")
    for name, cycles in saved["cycles"].items():
        number = numbers[name]
        clocks.cycles[number] = [
            _cycle_of(policy.terms[number], count, data, policy) for count, data in enumerate(cycles, start=1)
        ]
    return clocks


def _scopes_of(policy: Policy, data: Saved) -> Scopes:
    return tuple(tuple(span_of(*span) for span in data[entry.name]) for entry in policy.exceptions) if data else ()


def _cycle_of(terms: Terms, number: int, data: Saved, policy: Policy) -> Cycle:
    cycle = Cycle(terms, number, data["start_us"], data["cause"])
    if len(data["lives"]) != len(cycle.lives) or len(data["laid"]) != len(cycle.laid):
        raise LookupError("another number of pause rules or layers")
    cycle.lives = [Life.of([(us, Phase(phase), cause, why) for us, phase, cause, why in log]) for log in data["lives"]]
    cycle.ended_us, cycle.stopped_by_done = data["ended_us"], data["done"]
    cycle.grants = tuple((us, more_us, reason) for us, more_us, reason in data["grants"])
    cycle.waived = None if data["waived"] is None else (data["waived"][0], data["waived"][1])
    cycle.fired = frozenset((digest, text) for digest, text in data["fired"])
    cycle.exemption = None if data["exempt"] is None else Exemption(*data["exempt"])
    numbers = {entry.name: number for number, entry in enumerate(policy.exceptions)}
    cycle.extends = tuple(numbers[name] for name in data.get("extends", ()))
    cycle.applied = tuple((*span_of(*span), numbers[name]) for name, *span in data.get("applied", ()))
    cycle.laid = [None if laid is None else _laid_of(cycle, laid) for laid in data["laid"]]
    cycle.schedule()
    return cycle


def _laid_of(cycle: Cycle, data: Saved) -> Laid:
    prior = data["prior"]
    pieces = [data, *reversed(prior)] if isinstance(prior, list) else [data]
    while pieces[-1].get("prior"):
        pieces.append(pieces[-1]["prior"])
    laid: Laid | None = None
    for piece in reversed(pieces):
        before, laid = laid, _piece_of(cycle, piece)
        if before is not None:
            laid.carry(before, laid.from_us)
    assert laid is not None, "there is one at least"
    return laid


def _piece_of(cycle: Cycle, data: Saved) -> Laid:
    plan = cycle.relieved(cycle.terms.referred(*data["plan"]), data["origin_us"])
    laid = Laid(
        plan,
        since_us=data["since_us"],
        origin_us=data["origin_us"],
        from_us=data["from_us"],
        granted_us=cycle.granted_us,
    )
    laid.used_us, laid.run_us, laid.late, laid.late_at_us = (
        data["used_us"],
        data["run_us"],
        data["late"],
        data["late_at_us"],
    )
    laid.due_us = NEVER_US if data["due_us"] == "never" else data["due_us"]
    laid.sticky = None if data["sticky"] is None else (data["sticky"][0], data["sticky"][1])
    return laid
