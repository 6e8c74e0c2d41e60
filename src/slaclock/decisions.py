"""What was decided about a clock, and since when it holds."""

from __future__ import annotations

from datetime import tzinfo
from enum import StrEnum
from typing import Final

import attrs

from slaclock._instants import Timed, iso_us
from slaclock._shown import Shown
from slaclock.amounts import Amount
from slaclock.cycle import Cycle
from slaclock.exceptions import ExceptionEntry
from slaclock.laid import Laid
from slaclock.rules import Exemption
from slaclock.state import Phase
from slaclock.target import Plan

__all__ = [
    "Decision", "DecisionKind", "applies", "decisions_of", "drops", "exempts", "extended", "gives", "in_force", "keeps",
    "matter", "merged", "reopened", "unanswered", "waived",
]  # fmt: skip


class DecisionKind(StrEnum):
    """What was decided: what became of the rules; that a rule gives, drops or exempts; that a target stays which the
    fields would change; who binds; that an exception applies, or does no longer; that somebody extended or waived; what
    became of the clock of a ticket that was reopened, of one that ended without the answer that was waited for, and of
    one whose ticket was merged into another."""

    CONSIDERED = "considered"
    GIVES = "gives"
    DROPS = "drops"
    KEEPS = "keeps"
    EXEMPTS = "exempts"
    BINDS = "binds"
    EXCEPTION = "exception"
    EXTENDED = "extended"
    WAIVED = "waived"
    REOPENED = "reopened"
    UNANSWERED = "unanswered"
    MERGED = "merged"


@attrs.frozen(kw_only=True, repr=False)
class Decision(Shown, Timed):
    """One thing that was decided about a clock, and since when it holds.

    `cause` is the key of the event that made it so, `time`, or `amendment@` with the instant of an edge; empty where it
    is not known any more. `layer` and `rule` name whose rule it is about, `margin_us` by how much who binds does so.
    """

    kind: DecisionKind
    at_us: int
    zone: tzinfo = attrs.field(repr=False)
    sentence: str
    cause: str = ""
    layer: str | None = None
    rule: str | None = None
    margin_us: int | None = None

    def to_dict(self) -> dict[str, object]:
        """The decision as JSON-ready data."""
        return {
            "kind": str(self.kind),
            "at": self._at_text,
            "sentence": self.sentence,
            "cause": self.cause,
            "layer": self.layer,
            "rule": self.rule,
            "margin_us": self.margin_us,
        }

    def __str__(self) -> str:
        return f"{self._at_text}  {self.sentence}"


def decisions_of(cycle: Cycle, at_us: int) -> list[Decision]:
    """The decisions that a cycle remembers: those that still hold at an instant, and matter."""
    found = [gives(cycle, laid) for laid in cycle.candidates()]
    found += [exempts(cycle, cycle.exemption)] if cycle.exemption is not None else []
    matters = matter(cycle, at_us)
    found += [
        applies(cycle, number, max(cycle.start_us, since_us))
        for number, since_us in in_force(cycle).items()
        if number in matters
    ]
    found += [extended(cycle, number) for number in range(len(cycle.grants))]
    found += [waived(cycle)] if cycle.waived is not None else []
    return sorted(found, key=lambda decision: decision.at_us)


def gives(cycle: Cycle, laid: Laid, cause: str = "", instead_of: Laid | None = None) -> Decision:
    """A layer's rule gives a target, the first one or instead of another."""
    plan, more = laid.plan, ""
    if instead_of is not None:
        more = f" instead of {instead_of.plan.promise} (on_change: {plan.strategies.on_change})"
    missed_us = None if instead_of is None else instead_of.missed_at(laid.since_us)
    if laid.sticky is not None:
        more += ", and what was missed before stays missed (on_relax: sticky)"
    elif missed_us is not None and not laid.missed(laid.since_us):
        zone = cycle.terms.zone
        more += f", so that it is no longer late, as it was from {iso_us(missed_us, zone)} on (on_relax: final)"
    sentence = f"{plan.layer_name}: rule {plan.rule!r} gives {plan.promise}{more}"
    return _decision(DecisionKind.GIVES, cycle, laid.since_us, sentence, cause, plan)


def drops(cycle: Cycle, laid: Laid, at_us: int, cause: str) -> Decision:
    """No rule of a layer matches any more, and its target is gone."""
    plan = laid.plan
    sentence = f"{plan.layer_name}: no rule gives a target any more; {plan.promise} is dropped (on_unmatched: drop)"
    return _decision(DecisionKind.DROPS, cycle, at_us, sentence, cause, plan)


def keeps(cycle: Cycle, laid: Laid, found: Plan | None, at_us: int, cause: str) -> Decision:
    """A target stays, though the fields would give another one, or none."""
    plan = laid.plan
    if found is None:
        why = "though no rule gives one any more (on_unmatched: keep)"
    else:
        why = f"though rule {found.rule!r} would give {found.promise} (on_change: keep)"
    sentence = f"{plan.layer_name}: {plan.promise} stays, {why}"
    return _decision(DecisionKind.KEEPS, cycle, at_us, sentence, cause, plan)


def _decision(kind: DecisionKind, cycle: Cycle, at_us: int, sentence: str, cause: str, plan: Plan) -> Decision:
    return Decision(
        kind=kind,
        at_us=at_us,
        zone=cycle.terms.zone,
        sentence=sentence,
        cause=cause,
        layer=plan.layer_name,
        rule=plan.rule,
    )


def exempts(cycle: Cycle, exemption: Exemption, at_us: int | None = None, cause: str = "") -> Decision:
    """A rule takes the target away."""
    return Decision(
        kind=DecisionKind.EXEMPTS,
        at_us=cycle.start_us if at_us is None else at_us,
        zone=cycle.terms.zone,
        sentence=f"{exemption.layer}: rule {exemption.rule!r} exempts {cycle.terms.metric.name}",
        cause=cause,
        layer=exemption.layer,
        rule=exemption.rule,
    )


def in_force(cycle: Cycle) -> dict[int, int]:
    """The numbers of the exceptions that extend a target of a cycle or apply at some time, each with since when."""
    chosen = {laid.plan.extended_by for laid in cycle.candidates()}
    found = {number: cycle.start_us for number in cycle.extends if number in chosen}
    for start_us, _, number in cycle.applied:
        found.setdefault(number, start_us)
    return found


def matter(cycle: Cycle, at_us: int) -> set[int]:
    """Of the exceptions those that extend a target of a cycle, that have touched its life by an instant, or for which a
    deadline of it accounts."""
    among = list(cycle.candidates())
    dues = [laid.if_resumed(at_us) for laid in among if laid.total_us is not None]
    extending = {laid.plan.extended_by for laid in among}
    return {
        *(number for number in cycle.extends if number in extending),
        *cycle.touched_by(at_us, max(dues, default=at_us)),
    }


def applies(cycle: Cycle, number: int, at_us: int, cause: str = "", *, still: bool = True) -> Decision:
    """An exception applies to the clock, now or at a time to come; or no longer, as it was taken to."""
    assert cycle.terms.relief is not None
    entry = cycle.terms.relief.entries[number]
    sentence = f"exception {entry} ({_lasting(entry)})" if still else f"exception {entry.name} applies no longer"
    return Decision(kind=DecisionKind.EXCEPTION, at_us=at_us, zone=cycle.terms.zone, sentence=sentence, cause=cause)


def _lasting(entry: ExceptionEntry) -> str:
    edges = (("from", entry.window.start_us), ("until", entry.window.end_us))
    return " ".join(f"{word} {iso_us(us, entry.zone)}" for word, us in edges if us is not None) or "always"


def extended(cycle: Cycle, number: int, cause: str = "") -> Decision:
    """Somebody gave more time: the extension of that number."""
    us, more_us, reason = cycle.grants[number]
    sentence = f"extended by {Amount(us=more_us)}: {reason}"
    return Decision(kind=DecisionKind.EXTENDED, at_us=us, zone=cycle.terms.zone, sentence=sentence, cause=cause)


def waived(cycle: Cycle, cause: str = "") -> Decision:
    """Somebody waived the promise."""
    assert cycle.waived is not None
    us, reason = cycle.waived
    sentence = f"waived: {reason}"
    return Decision(kind=DecisionKind.WAIVED, at_us=us, zone=cycle.terms.zone, sentence=sentence, cause=cause)


_REOPENED: Final = {
    "exclude": "the time since it was stopped is left out",
    "include": "the time since it was stopped counts",
    "restart": "a new cycle begins",
}


def reopened(cycle: Cycle, how: str, at_us: int, cause: str) -> Decision:
    """The ticket was reopened, and the clock goes on."""
    sentence = f"reopened: {_REOPENED[how]} (on_reopen: {how})"
    return Decision(kind=DecisionKind.REOPENED, at_us=at_us, zone=cycle.terms.zone, sentence=sentence, cause=cause)


def unanswered(cycle: Cycle, at_us: int, cause: str) -> Decision:
    """The clock ended without the answer that was waited for, mostly since the ticket was resolved."""
    fulfilled = cycle.lives[0].phase is Phase.STOPPED
    how = "it counts as answered (on_unanswered: fulfil)" if fulfilled else "it is cancelled (on_unanswered: cancel)"
    sentence = f"ended without an answer: {how}"
    return Decision(kind=DecisionKind.UNANSWERED, at_us=at_us, zone=cycle.terms.zone, sentence=sentence, cause=cause)


def merged(cycle: Cycle, into: str, at_us: int, cause: str) -> Decision:
    """The ticket was merged into another while the clock was there."""
    sentence = f"the ticket was merged into {into}: the clock is cancelled"
    return Decision(kind=DecisionKind.MERGED, at_us=at_us, zone=cycle.terms.zone, sentence=sentence, cause=cause)
