"""A preview: what a ticket would be promised, asked without any event.

It answers which rules were read, what came of each, which candidates there are, which of them binds, and by how much.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo

import attrs

from slaclock._instants import DateTime, Duration, from_us, iso_us
from slaclock._reading import unknown_metric
from slaclock._shown import Shown
from slaclock.candidate import Candidate, candidate_of, why_binds
from slaclock.conditions import FieldValue
from slaclock.considered import Considered, Outcome, PassedOver, consider
from slaclock.exceptions import ExceptionEntry
from slaclock.laid import Laid, bind
from slaclock.metric import Kind
from slaclock.rules import Exemption
from slaclock.state import Phase
from slaclock.target import Target
from slaclock.terms import Terms

__all__ = ["MetricPreview", "Preview"]


@attrs.frozen(kw_only=True, repr=False)
class MetricPreview(Shown):
    """What a ticket would be promised for one metric, if its clock started at that instant.

    `story` tells of the rules in the order in which they were read, and how many were passed over; `reason` says in
    words why the binding candidate binds, and by what margin, or why there is none; `exceptions` are the entries of the
    register for which its due instant accounts.
    """

    metric: str
    kind: Kind
    candidates: tuple[Candidate, ...]
    binding: Candidate | None
    exempt_by: str | None
    reason: str
    story: tuple[Considered | PassedOver, ...]
    exceptions: tuple[ExceptionEntry, ...] = ()

    @property
    def considered(self) -> tuple[Considered, ...]:
        """The rules that were read, and what came of each."""
        return tuple(told for told in self.story if isinstance(told, Considered))

    @property
    def passed_over(self) -> tuple[PassedOver, ...]:
        """How many rules were not read, since they need another value of a field than the ticket has."""
        return tuple(told for told in self.story if isinstance(told, PassedOver))

    @property
    def target(self) -> Target | None:
        """The target that would bind."""
        return None if self.binding is None else self.binding.target

    @property
    def due_at(self) -> DateTime | None:
        """When it would be due; None without a target, and for best effort."""
        return None if self.binding is None else self.binding.due_at

    @property
    def margin(self) -> Duration | None:
        """How much later the next candidate would be due."""
        return None if self.binding is None else self.binding.margin

    def to_dict(self) -> dict[str, object]:
        """The preview as JSON-ready data."""
        return {
            "metric": self.metric,
            "kind": str(self.kind),
            "binding": None if self.binding is None else self.binding.to_dict(),
            "candidates": [candidate.to_dict() for candidate in self.candidates],
            "exempt_by": self.exempt_by,
            "reason": self.reason,
            "considered": [considered.to_dict() for considered in self.considered],
            "passed_over": [passed.to_dict() for passed in self.passed_over],
            "exceptions": [entry.name for entry in self.exceptions],
        }

    def __str__(self) -> str:
        binding, head = self.binding, "no target"
        if binding is not None:
            head = f"{binding.promise} by {binding.layer}{_due(binding)}"
        lines = [*map(self._line, self.story), *(f"exception {entry}" for entry in self.exceptions)]
        return "\n".join([f"{self.metric}: {head}: {self.reason}", *(f"  {line}" for line in lines)])

    def _line(self, told: Considered | PassedOver) -> str:
        if not isinstance(told, Considered) or told.outcome is not Outcome.GIVES:
            return str(told)
        candidate = next((candidate for candidate in self.candidates if candidate.layer == told.layer), None)
        # Where another layer exempts the ticket, what this one gives is no candidate.
        return str(told) if candidate is None else f"{told}{_due(candidate)}"


class Preview(Mapping[str, MetricPreview]):
    """The previews of all metrics for the same fields and instant."""

    def __init__(
        self,
        terms: tuple[Terms, ...],
        spoken: tuple[str, ...],
        view: Mapping[str, FieldValue],
        at_us: int,
        zone: tzinfo,
    ) -> None:
        self.at_us = at_us
        # The metrics to which some rule gives a target: the others are not worth a line.
        self._spoken = spoken
        self._zone = zone
        self._found = {term.metric.name: _preview(term, view, at_us) for term in terms}

    @property
    def at(self) -> DateTime:
        """The instant of which was asked."""
        return from_us(self.at_us, self._zone)

    def __getitem__(self, metric: str) -> MetricPreview:
        """The preview of a metric. Raises KeyError for one that the policy does not know."""
        if metric in self._found:
            return self._found[metric]
        raise KeyError(unknown_metric(metric, self._found))

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def to_dict(self) -> dict[str, object]:
        """The previews as JSON-ready data."""
        return {"at": iso_us(self.at_us, self._zone), "metrics": [found.to_dict() for found in self.values()]}

    def __str__(self) -> str:
        return "\n".join(str(self[metric]) for metric in self._spoken) or "no rule gives a target for any metric"

    def __repr__(self) -> str:
        return f"<Preview at {iso_us(self.at_us, self._zone)}: targets for {', '.join(self._spoken) or 'nothing'}>"


def _preview(terms: Terms, view: Mapping[str, FieldValue], at_us: int) -> MetricPreview:
    found = terms.find(view, at_us, at_us)
    laid = []
    if not isinstance(found, Exemption):
        plans = [terms.relieved(plan, view, at_us) for plan in found if plan is not None]
        laid = [Laid(plan, since_us=at_us, origin_us=at_us, from_us=at_us) for plan in plans]
    for each in laid:
        each.resume(at_us)
    binding = bind(laid, terms.binds, at_us, alive=True)
    candidates = {id(each): candidate_of(each, laid, binding, Phase.NOT_STARTED, at_us, terms.zone) for each in laid}
    bound = None if binding is None else candidates[id(binding)]
    return MetricPreview(
        metric=terms.metric.name,
        kind=terms.metric.kind,
        candidates=tuple(candidates.values()),
        binding=bound,
        exempt_by=found.rule if isinstance(found, Exemption) else None,
        reason=_exempt(found)
        if isinstance(found, Exemption)
        else why_binds(bound, tuple(candidates.values()), terms.binds),
        story=tuple(consider(terms, view, at_us)),
        exceptions=()
        if binding is None or terms.relief is None
        else terms.relief.accounted(binding.plan, at_us, binding.if_resumed(at_us)),
    )


def _due(candidate: Candidate) -> str:
    return "" if candidate.due_us is None else f", due {iso_us(candidate.due_us, candidate.zone)}"


def _exempt(exemption: Exemption) -> str:
    return f"{exemption.rule}, a rule of {exemption.layer}, exempts the ticket"
