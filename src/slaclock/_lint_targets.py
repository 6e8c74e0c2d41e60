"""Lints of targets: promises that others make idle, and warnings, objectives and calendars that come to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain, pairwise
from typing import Final

from slaclock._lint_rules import covers
from slaclock._offers import Entry, Offer, Study
from slaclock._reading import listed
from slaclock.amounts import Amount
from slaclock.conditions import shown
from slaclock.lints import Lint
from slaclock.metric import Kind
from slaclock.target import CalendarFrom, Warn

__all__ = ["idle_targets", "longer"]

RESPONSES: Final = ("first_response", "next_response")
RESOLUTION: Final = "resolution"
# Of layers with more targets than these nothing is proved: each would be held against each.
_MOST_OFFERS: Final = 200


def longer(one: Amount, other: Amount) -> bool:
    """Whether the one is due after the other on the same calendar, from whatever start; True is certain.

    >>> longer(Amount.parse("8h"), Amount.parse("4h")), longer(Amount.parse("3 business days"), Amount.parse("4h"))
    (True, False)
    """
    if one.kind != other.kind:
        return one.kind == "best_effort"
    if one.kind == "open":
        return one.us > other.us
    if one.by == other.by:
        return one.days > other.days and not one.same_day and not other.same_day
    # Of `same business day by` a later time may mean an earlier date.
    if isinstance(one.by, int) and isinstance(other.by, int) and not one.same_day and not other.same_day:
        return one.days == other.days and one.by > other.by
    return False


def idle_targets(study: Study) -> Iterator[Lint]:
    """Targets that are not what they seem."""
    for metric in study.entries:
        yield from _weaker(study, metric)
    yield from _slow_responses(study)
    yield from _slow_olas(study)
    warned: set[object] = set()
    for offer in chain.from_iterable(map(study.offers, study.entries)):
        yield from _warnings(study, offer, warned)
        if offer.target.objective is not None and offer.target.amount.kind == "best_effort":
            yield study.lint("idle-objective", "`best effort` is never missed, whatever the objective", *offer.keys)
        yield from _calendars(study, offer)


# Promises beside others.


def _weaker(study: Study, metric: str) -> Iterator[Lint]:
    policy = study.policy
    if (policy.metrics[metric].binds or policy.binds) != "earliest_due":
        return
    lower: list[tuple[tuple[Entry, ...], list[Offer]]] = []
    for entries in study.entries[metric]:
        offers = [offer for entry in entries for offer in entry.offers()]
        for offer in offers if lower else ():
            study.look_for("weaker-contract", *offer.keys)
            given = (_given(study, offer, *layer, pauses=True) for layer in lower)
            stronger = next((found for found in given if found is not None), None)
            if stronger is not None:
                entry = stronger.entry
                sentence = (
                    f"`{offer.target.amount}` is longer than the `{stronger.target.amount}` that rule "
                    f"`{entry.rule.name}` of layer `{entry.layer_name}` gives the same tickets on the same calendar"
                )
                yield study.lint("weaker-contract", sentence, *offer.keys)
        if 0 < len(offers) <= _MOST_OFFERS:
            lower.append((entries, offers))


def _given(
    study: Study, offer: Offer, entries: tuple[Entry, ...], offers: list[Offer], *, pauses: bool
) -> Offer | None:
    """The longest target that a layer gives to the offer's tickets, where it gives each of them a shorter one.

    With `pauses` one that pauses no more, too, so that it is due first whatever happens.
    """
    # Most contracts are better than what everybody is promised; that costs no proof.
    if not any(_shorter(study, other, offer) for other in offers):
        return None
    found: list[Offer] = []
    for entry in entries:
        if not study.prover.possible(*offer.needs, entry.may_speak):
            continue
        meant = [other for other in entry.offers() if study.prover.possible(*offer.needs, *other.needs)]
        if not meant or not all(_shorter(study, other, offer) for other in meant):
            return None
        if pauses and not all(_pauses_less(study, other, offer) for other in meant):
            return None
        found += meant
        if covers(study, offer.entry, offer.needs, [entry]):
            return next(
                one for one in found if not any(longer(each.target.amount, one.target.amount) for each in found)
            )
    return None


def _shorter(study: Study, one: Offer, other: Offer) -> bool:
    shorter = longer(other.target.amount, one.target.amount) and one.target.at_close == other.target.at_close
    return shorter and study.same_calendar(one.target, other.target)


def _pauses_less(study: Study, one: Offer, other: Offer) -> bool:
    """Whether the clock of the one never stands still while that of the other runs on: so it is due first indeed."""
    metric = study.policy.metrics[one.entry.metric]
    own, others = (offer.target.pause_while or metric.pause_while for offer in (one, other))
    return own == others or study.prover.implies(own, others)


def _slow_responses(study: Study) -> Iterator[Lint]:
    resolutions = study.entries.get(RESOLUTION, ((),) * len(study.policy.layers))
    for metric in (metric for metric in RESPONSES if metric in study.entries):
        for entries, ends in zip(study.entries[metric], resolutions, strict=True):
            offers = [offer for end in ends for offer in end.offers()]
            for offer in (offer for entry in entries for offer in entry.offers()):
                study.look_for("slow-response", *offer.keys)
                slow = _resolved_first(study, offer, ends, offers)
                if slow is not None:
                    sentence = f"`{offer.target.amount}` is longer than the `{slow.target.amount}` to resolve"
                    sentence = f"{sentence} the same tickets, on the same calendar"
                    yield study.lint("slow-response", sentence, *offer.keys)


def _resolved_first(study: Study, offer: Offer, ends: tuple[Entry, ...], offers: list[Offer]) -> Offer | None:
    """A shorter target to resolve: one of the same rule for some of the tickets, or of the layer for all of them."""
    for end in offers:
        same = end.entry.rule is offer.entry.rule and _shorter(study, end, offer)
        if same and study.prover.example(*offer.needs, *end.asks) is not None:
            return end
    return _given(study, offer, ends, offers, pauses=False) if len(offers) <= _MOST_OFFERS else None


def _slow_olas(study: Study) -> Iterator[Lint]:
    kinds = {name: study.policy.metrics[name].kind for name in study.entries}
    promised = [offer for name, kind in kinds.items() if kind is Kind.SLA for offer in study.offers(name)]
    if len(promised) > _MOST_OFFERS:
        return
    for name in (name for name, kind in kinds.items() if kind is not Kind.SLA):
        for offer in study.offers(name):
            study.look_for("slow-ola", *offer.keys)
            served = [other for other in promised if study.prover.possible(*offer.needs, *other.needs)]
            if any(study.prover.example(*offer.needs, *other.needs) for other in served) and all(
                longer(offer.target.amount, other.target.amount) and study.same_calendar(offer.target, other.target)
                for other in served
            ):
                last = next(
                    one for one in served if not any(longer(o.target.amount, one.target.amount) for o in served)
                )
                sentence = (
                    f"`{offer.target.amount}` is longer than the `{last.target.amount}` of `{last.entry.metric}`, and "
                    "than all else that is promised to customers for the same tickets"
                )
                yield study.lint("slow-ola", sentence, *offer.keys)


# What hangs on a target.


def _warnings(study: Study, offer: Offer, warned: set[object]) -> Iterator[Lint]:
    """Warnings stand in the order in which they are to fire; those of `defaults` are told of once."""
    warns = offer.target.warn
    for place, (one, other) in enumerate(pairwise(warns)):
        found = _places(one, other, offer.target.amount)
        if found is None or found[0] < found[1]:
            continue
        key = (one, other, offer.target.amount if one.fraction is None or other.fraction is None else None)
        if key not in warned:
            warned.add(key)
            how = "at the same time as" if found[0] == found[1] else "no earlier than"
            sentence = f"`{one}` is written before `{other}`, and on `{offer.target.amount}` fires {how} it"
            yield study.lint("warning-order", sentence, *offer.keys, "warn", place)


def _places(one: Warn, other: Warn, amount: Amount) -> tuple[Fraction, Fraction] | None:
    """What shows in which order two warnings fire; None where it depends on the ticket."""
    if amount.kind == "open":
        return (Fraction(one.threshold_us(amount.us)), Fraction(other.threshold_us(amount.us)))
    if one.after_us is not None and other.after_us is not None:
        return (Fraction(one.after_us), Fraction(other.after_us))
    if amount.kind == "best_effort":
        return None  # Shares of it, and what counts from its end, never fire.
    if one.fraction is not None and other.fraction is not None:
        return (one.fraction, other.fraction)
    if one.offset_us is not None and other.offset_us is not None:
        return (Fraction(one.offset_us), Fraction(other.offset_us))
    return None


def _calendars(study: Study, offer: Offer) -> Iterator[Lint]:
    calendar, policy = offer.target.calendar, study.policy
    if isinstance(calendar, CalendarFrom) and calendar.default is None:
        lost = [value for value in policy.declared.get(calendar.field, ()) if value not in policy.calendars]
        if lost:
            sentence = f"no calendar for {listed(lost, 'and')} of `{shown(calendar.field)}`, and no `default`"
            yield study.lint(
                "no-calendar-for-value", f"{sentence}: those tickets get no target", *offer.keys, "calendar"
            )
