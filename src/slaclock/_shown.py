"""How answers show themselves where Python shows a value: in lists, notebooks and tracebacks."""

from __future__ import annotations

__all__ = ["Shown"]


class Shown:
    """What shows itself by the first line of what `print` shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        first, _, _ = str(self).partition("\n")
        return f"<{type(self).__name__} {' '.join(first.split())}>"
