"""Calendars from files: one of a policy's, or one in a file of its own."""

from __future__ import annotations

import os

from slaclock._fields import Reader
from slaclock._reading import show
from slaclock._times import CALENDAR
from slaclock.calendar import WorkingCalendar
from slaclock.errors import PolicyError, nearest
from slaclock.policy import Policy
from slaclock.policyfile import load_policy

__all__ = ["load_calendar"]


def load_calendar(path: str | os.PathLike[str], name: str | None = None) -> WorkingCalendar:
    """The calendar in a YAML or JSON file.

    A policy file gives its calendar of that name, by default the one in its `defaults`, or else its only one. Any other
    file is read as a calendar, as it would stand under `calendars:` of a policy.

    Raises PolicyError with every problem of the file, and where a policy has no such calendar.
    """
    from slaclock._document import read_document

    document = read_document(path)
    try:
        # What has one of these keys was meant as a policy, and is told what is wrong with it as one.
        is_policy = any(document.root.find(key) is not None for key in ("slaclock", "calendars", "layers"))
        calendar = None if is_policy else CALENDAR.read(Reader(document), document.root)
        document.check()
    finally:
        document.close()
    if isinstance(calendar, WorkingCalendar) and name is None:
        return calendar
    if not is_policy:
        hint = f"leave the name `{name}` out"
        raise PolicyError(f"{os.fspath(path)}: found a calendar, expected a policy with calendars by name; {hint}")
    return _of_policy(os.fspath(path), load_policy(path), name)


def _of_policy(path: str, policy: Policy, name: str | None) -> WorkingCalendar:
    calendars, default = policy.calendars, policy.default_calendar
    only = next(iter(calendars)) if len(calendars) == 1 else None
    wanted = name or (default if isinstance(default, str) else only) or ""
    if wanted in calendars:
        return calendars[wanted]
    found = show(wanted) if wanted else "no default calendar"
    hint = nearest(wanted, calendars)
    known = ", ".join(calendars) or "it has none"
    raise PolicyError(f"{path}: found {found}, expected the name of a calendar ({known}){hint and f'; {hint}'}")
