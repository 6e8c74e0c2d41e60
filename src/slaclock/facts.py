"""Facts: what became of a clock, each at its instant, with its cause and a key that stays the same.

A host sends mails and moves cards by facts. It may be told one twice, by a replay or after a crash; the key makes it
act once. So a key is made of what the fact is about, and never of a running number or of the fact's own instant, which
a late event may move.
"""

from __future__ import annotations

from datetime import tzinfo
from enum import StrEnum
from typing import TYPE_CHECKING

import attrs

from slaclock._instants import Timed
from slaclock._shown import Shown

if TYPE_CHECKING:
    from slaclock.target import Target

__all__ = ["Anomaly", "Fact", "FactKind"]


class FactKind(StrEnum):
    """What can become of a clock."""

    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    RETARGETED = "retargeted"
    WARNED = "warned"
    BREACHED = "breached"
    FULFILLED = "fulfilled"
    REOPENED = "reopened"
    CANCELLED = "cancelled"
    RESTARTED = "restarted"
    EXTENDED = "extended"
    WAIVED = "waived"


@attrs.frozen(kw_only=True, repr=False)
class Fact(Shown, Timed):
    """One thing that became of a clock.

    `cycle` counts the cycles of the metric from 1, `cycle_key` names the event that started it; `target` is the one
    that the fact is about, with its `layer` and `rule`, or None where it is about the clock as such. `cause` is the key
    of the event that made it so, `time` where time alone did, or `amendment@...` where a rule came into force or ended.
    A warning has its text, whom to `notify`, and `overtaken` where it lay behind already when a change brought it. A
    RETARGETED fact has the new target, or, `dropped`, the old one that nothing has replaced.

    A BREACHED fact is dated at the due instant and arises right after it: who finishes at that very instant is in time.
    """

    kind: FactKind
    at_us: int
    zone: tzinfo = attrs.field(repr=False)
    metric: str
    cycle: int
    cycle_key: str = attrs.field(repr=False)
    cause: str
    ticket: str | None = None
    target: Target | None = None
    digest: str = attrs.field(default="", repr=False)
    layer: str | None = None
    rule: str | None = None
    warning: str | None = None
    notify: tuple[str, ...] = ()
    overtaken: bool = False
    dropped: bool = False

    @property
    def key(self) -> str:
        """What makes telling it twice the same as telling it once."""
        if self.kind is FactKind.WARNED:
            last = self.warning or ""
        elif self.kind is FactKind.RETARGETED:
            # One event can give and take equal targets in several layers.
            last = f"{self.cause}|{self.layer}{'|dropped' if self.dropped else ''}"
        else:
            last = "" if self.kind is FactKind.BREACHED else self.cause
        return "|".join((self.ticket or "", self.metric, self.cycle_key, self.kind, self.digest, last))

    def to_dict(self) -> dict[str, object]:
        """The fact as JSON-ready data."""
        return {
            "kind": str(self.kind),
            "at": self._at_text,
            "ticket": self.ticket,
            "metric": self.metric,
            "cycle": self.cycle,
            "target": None if self.target is None else str(self.target),
            "layer": self.layer,
            "rule": self.rule,
            "warning": self.warning,
            "notify": list(self.notify),
            "overtaken": self.overtaken,
            "dropped": self.dropped,
            "cause": self.cause,
            "key": self.key,
        }

    @property
    def sentence(self) -> str:
        """What became so, without when."""
        about = "" if self.target is None else f" ({self.layer}: {self.target})"
        warning = ", dropping" if self.dropped else "" if self.warning is None else f" {self.warning}"
        return f"{self.metric} #{self.cycle} {self.kind}{warning}{about}"

    def __str__(self) -> str:
        return f"{self._at_text} {self.sentence}"


@attrs.frozen
class Anomaly:
    """Odd input that was taken, and how: a stable `code`, the key of the event, and a sentence."""

    code: str
    event: str
    sentence: str

    def to_dict(self) -> dict[str, str]:
        """The anomaly as JSON-ready data."""
        return {"code": self.code, "event": self.event, "sentence": self.sentence}

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence} ({self.event})"
