"""What a clock does when its promise changes under it: six questions, each with named answers.

The field has no common answer to any of them, so a policy chooses: in `defaults`, for a metric, or for one target;
the narrowest choice wins. The first answer named is the one that holds where nobody chose.
"""

from __future__ import annotations

from typing import Final

import attrs

from slaclock._packed import Packed

__all__ = ["CHOICES", "Strategies"]

CHOICES: Final[dict[str, tuple[str, ...]]] = {
    # A field changes the target, or the first one matches late: measure the new target from the start of the clock
    # with its pauses kept; carry the open time elapsed so far; start afresh now; or stay with the first target.
    "on_change": ("recompute", "carry", "restart", "keep"),
    # The ticket is reopened: leave the closed time out; count it; begin a new cycle; or stay done.
    "on_reopen": ("exclude", "include", "restart", "ignore"),
    # An `effective` window begins or ends under a running clock: the start of the cycle decides, or the edge does.
    "on_amend": ("keep", "move"),
    # No rule of a layer matches any more: drop the layer's target, or keep it.
    "on_unmatched": ("drop", "keep"),
    # Resolved without the answer that was waited for: cancel the clock, or count resolving as the answer.
    "on_unanswered": ("cancel", "fulfil"),
    # A breach, then a laxer target: the target at the stop decides, or once late is late.
    "on_relax": ("final", "sticky"),
}


@attrs.frozen(kw_only=True)
class Strategies(Packed):
    """One answer to each question; None leaves it to the next wider place.

    >>> Strategies(on_change="carry").over(Strategies(on_change="keep", on_reopen="ignore")).on_reopen
    'ignore'
    """

    on_change: str | None = None
    on_reopen: str | None = None
    on_amend: str | None = None
    on_unmatched: str | None = None
    on_unanswered: str | None = None
    on_relax: str | None = None

    def over(self, wider: Strategies) -> Strategies:
        """These answers, and where they are silent those of the wider place."""
        return Strategies(**{key: getattr(self, key) or getattr(wider, key) for key in CHOICES})


DEFAULTS: Final = Strategies(**{key: answers[0] for key, answers in CHOICES.items()})
