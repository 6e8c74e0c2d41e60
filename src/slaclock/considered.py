"""Why a ticket gets the targets that it gets: the rules that were read for a metric, and what came of each.

The answers are those of `Terms`, asked once more rule by rule and put into words. Rules that need another value than
the ticket has, and so were not read at all, are counted by the field that rules them out.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import attrs

from slaclock._instants import iso_us
from slaclock._shown import Shown
from slaclock.conditions import Condition, View, members, shown, spelled, stands
from slaclock.rules import Exemption, Rule, Table
from slaclock.target import CalendarFrom, Plan
from slaclock.terms import Given, Lack, Terms

__all__ = ["Considered", "Outcome", "PassedOver", "consider"]


class Outcome(StrEnum):
    """What came of a rule that was read."""

    GIVES = "gives"
    EXEMPTS = "exempts"
    NO_MATCH = "no_match"
    NO_ROW = "no_row"
    NOT_IN_EFFECT = "not_in_effect"
    NO_CALENDAR = "no_calendar"


@attrs.frozen(kw_only=True, repr=False)
class Considered(Shown):
    """A rule that was read for a metric, and what came of it.

    `failed` are the parts of its condition that do not hold, of a rule that does not apply.
    """

    layer: str
    rule: str
    outcome: Outcome
    sentence: str
    failed: tuple[Condition, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """The rule as JSON-ready data, conditions in words."""
        return {
            "layer": self.layer,
            "rule": self.rule,
            "outcome": str(self.outcome),
            "sentence": self.sentence,
            "failed": list(map(str, self.failed)),
        }

    def __str__(self) -> str:
        return f"{self.layer}: {self.rule}: {self.sentence}"


@attrs.frozen(kw_only=True, repr=False)
class PassedOver(Shown):
    """So many rules of a layer that were not read, because they need another value in a field than the ticket has."""

    layer: str
    field: str
    rules: int
    sentence: str

    def to_dict(self) -> dict[str, object]:
        """The count as JSON-ready data."""
        return attrs.asdict(self)

    def __str__(self) -> str:
        return f"{self.layer}: {self.sentence}"


def consider(terms: Terms, view: View, start_us: int, now_us: int | None = None) -> Iterator[Considered | PassedOver]:
    """The rules that were read for a clock that starts at an instant (and is looked at now, where that is later), and
    after those of each layer, how many were passed over up to there.

    In each layer reading ends at the rule that gives its target, and altogether at an exemption.
    """
    now_us = start_us if now_us is None else now_us
    for number in range(len(terms.layers)):
        rules = terms.rules(number)
        last, given = len(rules), None
        for place, given in _given(terms, number, view, start_us, now_us):
            yield _told(terms, number, rules[place], given, view, start_us, now_us)
            if isinstance(given, Plan | Exemption):
                last = place
                break
        yield from _passed(terms, number, view, last)
        if isinstance(given, Exemption):
            return


def _given(terms: Terms, layer: int, view: View, start_us: int, now_us: int) -> Iterator[tuple[int, Given | None]]:
    rules = terms.rules(layer)
    for place in terms.candidates(layer, view):
        rule = rules[place]
        yield place, terms.given(layer, rule, view, start_us, now_us) if rule.when.test(view) else None


def _told(
    terms: Terms, layer: int, rule: Rule, given: Given | None, view: View, start_us: int, now_us: int
) -> Considered:
    failed: tuple[Condition, ...] = ()
    if isinstance(given, Plan):
        outcome, sentence = Outcome.GIVES, f"gives {given.promise}"
    elif isinstance(given, Exemption):
        outcome, sentence = Outcome.EXEMPTS, f"exempts {terms.metric.name}"
    elif given is None:
        failed = rule.when.failing(view)
        outcome, sentence = Outcome.NO_MATCH, _mismatch(failed, view)
    else:
        outcome, sentence = _lacking(terms, rule, given, view, start_us, now_us)
    return Considered(layer=terms.layers[layer], rule=rule.name, outcome=outcome, sentence=sentence, failed=failed)


def _mismatch(failed: tuple[Condition, ...], view: View) -> str:
    fields = dict.fromkeys(field for condition in failed for field in sorted(condition.fields()))
    asked = " and ".join(map(str, failed))
    held = "".join(f", and {stands(field, view)}" for field in fields)
    return f"does not apply: asks for {asked}{held}"


def _lacking(terms: Terms, rule: Rule, lack: Lack, view: View, start_us: int, now_us: int) -> tuple[Outcome, str]:
    if lack is Lack.WINDOW:
        window = rule.effective
        # Most targets stay with the window of the clock's start; what that is decides then, whatever holds now.
        decides_us = start_us if window.holds(now_us) else now_us
        if window.start_us is not None and decides_us < window.start_us:
            late = ", after the clock started" if now_us >= window.start_us else ""
            return Outcome.NOT_IN_EFFECT, f"is not in effect: it begins at {iso_us(window.start_us, terms.zone)}{late}"
        assert window.end_us is not None
        return Outcome.NOT_IN_EFFECT, f"is not in effect: it ended at {iso_us(window.end_us, terms.zone)}"
    entry = rule.targets[terms.metric.name]
    if lack is Lack.ROW:
        assert isinstance(entry, Table)
        return Outcome.NO_ROW, f"has no row for this ticket: {stands(entry.silent(view), view)}"
    target = entry.find(view) if isinstance(entry, Table) else entry
    assert target is not None
    assert isinstance(target.calendar, CalendarFrom)
    return Outcome.NO_CALENDAR, f"finds no calendar for this ticket: {stands(target.calendar.field, view)}"


def _passed(terms: Terms, layer: int, view: View, before: int) -> Iterator[PassedOver]:
    index = terms.index(layer)
    if index is None:
        return
    for field, count in index.passed_over(terms.candidates(layer, view), before).items():
        rules, asks = ("1 rule", "asks") if count == 1 else (f"{count:,} rules", "ask")
        held = " or ".join(map(spelled, members(view.get(field))))
        wanted = f"another {shown(field)} than {held}" if held else f"some {shown(field)}, and {stands(field, view)}"
        yield PassedOver(
            layer=terms.layers[layer], field=shown(field), rules=count, sentence=f"{rules} {asks} for {wanted}"
        )
