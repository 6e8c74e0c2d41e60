"""What a lint is: something in a policy that can mean what it says, and that nobody is likely to have meant.

A lint reports only what it proves, and `undecided` where a search for a proof was given up. Each kind has a code, which
never changes its meaning, and a reason; both stand in the one table below, and the documentation is made from it.
"""

from __future__ import annotations

from typing import Final

import attrs

from slaclock.errors import Located

__all__ = ["LINTS", "Lint"]

LINTS: Final[dict[str, str]] = {
    # Rules.
    "never-applies": "No ticket can satisfy the condition of the rule, or of the exception.",
    "hidden-rule": (
        "Earlier rules of the layer speak first for every ticket of the rule, or another layer exempts it, so that "
        "the rule gives nothing."
    ),
    "idle-row": "No ticket of the rule can ever be given this row of its table.",
    "hidden-row": "Earlier rules of the layer speak first for every ticket that would be given this row of the table.",
    "weaker-contract": (
        "A more general layer promises less time on the same calendar to all tickets of the rule: under `earliest_due` "
        "this is no promise of its own."
    ),
    # Metrics. What people do by hand (`restarted`) is left aside.
    "never-starts": "No event can start the metric's clock.",
    "never-stops": "None of the metric's `stop` triggers can fire, as no ticket can satisfy their conditions.",
    "idle-trigger": "The trigger can never fire, as no ticket can satisfy its condition.",
    "ends-at-once": "Whatever starts the metric's clock ends it by the same event.",
    "always-cancelled": "Whatever fires `stop` fires `cancel` too, which comes first, so that no `stop` ever counts.",
    "always-paused": "Whenever the clock has started and not ended, its pause rule holds: no time ever counts.",
    "never-pauses": "The pause rule holds for no ticket whose clock has started and not ended.",
    # Targets.
    "warning-order": "A warning fires no earlier than one that is written after it: at the same time, or later.",
    "slow-response": "The answer has more time than the resolution of the same tickets, on the same calendar.",
    "slow-ola": "An internal target is longer than every target of the customers that its tickets can have.",
    "idle-objective": "There is an objective for a target that is never due, and so never missed.",
    "no-calendar-for-value": "For a declared value of the field there is no calendar and no `default`: no target.",
    # Names.
    "status-without-category": "The status has no category, and so counts as `open`, with an anomaly on each ticket.",
    "status-like-category": "The status is named like a category, and belongs to another one.",
    "undeclared-value": "The field is declared, and can never have this value.",
    # Calendars.
    "never-open": "The calendar has no open time at all: what is measured on it is never due.",
    "holidays-end": (
        "The calendar's holidays are listed by date, and the list ends before a rule that uses it comes into force or "
        "ends, or within a year of the date that was asked for."
    ),
    # The search for proofs.
    "undecided": "The search for a proof took too long, and was given up: another lint may be due here, or none.",
}


@attrs.frozen(kw_only=True)
class Lint(Located):
    """Something in a policy that can mean what it says, and that nobody is likely to have meant.

    `code` names its kind, whose `reason` is in a table; `sentence` says what was proved here. `keys` is the path from
    the root of the policy, and `layer`, `rule`, `metric` and `calendar` name what it is about, None where it is about
    no such thing. `file`, `line` and `column` (from 1) and `source` are known where the policy was read from a text.

    >>> print(Lint(code="never-open", sentence="`night` has no open time", keys=("calendars", "night")))
    calendars.night: `night` has no open time [never-open]
    """

    code: str
    sentence: str
    keys: tuple[str | int, ...]
    layer: str | None = None
    rule: str | None = None
    metric: str | None = None
    calendar: str | None = None
    file: str | None = None
    line: int | None = None
    column: int | None = None
    source: str | None = None

    @property
    def reason(self) -> str:
        """Why lints of this kind are reported."""
        return LINTS[self.code]

    def __str__(self) -> str:
        return self._shown(f"{self.sentence} [{self.code}]")

    def to_dict(self) -> dict[str, str | int | None]:
        """The lint as JSON-ready data."""
        return {
            **self._data(),
            "layer": self.layer,
            "rule": self.rule,
            "metric": self.metric,
            "calendar": self.calendar,
            "sentence": self.sentence,
            "reason": self.reason,
        }
