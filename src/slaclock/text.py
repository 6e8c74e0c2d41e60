"""Tables for terminals: plain text in aligned columns, cut to a width.

Columns are measured as terminals show them (a wide character takes two cells, a combining mark none), and whatever
could command a terminal is shown as an escape: what stands in a ticket must not redraw the screen of its reader.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from slaclock._instants import HOUR_US, MINUTE_US, SECOND_US, iso_us, load_zone
from slaclock.candidate import Verdict
from slaclock.metric import Kind
from slaclock.readings import Reading
from slaclock.reports import Deadlines, Oddity, Summary, Verdicts
from slaclock.state import Phase

__all__ = ["amount_text", "readings_table", "share_text", "summary_text", "table", "width_of"]

_TO_WHOM: Final = {
    Kind.SLA: "promised to customers",
    Kind.OLA: "owed between teams",
    Kind.UNDERPINNING: "owed by suppliers",
}
_ELLIPSIS: Final = "…"
_LEAST: Final = 4
_GAP: Final = "  "


def width_of(text: str) -> int:
    r"""How many cells of a terminal a text takes.

    >>> width_of("日本"), width_of("e\N{COMBINING ACUTE ACCENT}")
    (4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def clean(text: str) -> str:
    """The text on one line, with everything that is not printable as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def cut(text: str, width: int) -> str:
    """The text in at most so many cells, with an ellipsis where something is missing.

    >>> cut("maintenance", 6)
    'maint…'
    """
    if width_of(text) <= width:
        return text
    ends = list(accumulate(map(_cells, text)))
    return text[: bisect_right(ends, width - 1)] + _ELLIPSIS if width > 0 else ""


def table(
    header: Sequence[str], rows: Iterable[Sequence[object]], *, right: Iterable[int] = (), width: int | None = None
) -> str:
    """Rows under a header, aligned; the columns numbered in `right` to the right.

    With a `width` the widest columns give way until each line fits, down to four cells a column.

    >>> print(table(("metric", "met"), [("resolution", 12), ("update", 3)], right=[1]))
    metric      met
    ----------  ---
    resolution   12
    update        3
    """
    lines = [[clean(str(cell)) for cell in cells] for cells in (header, *rows)]
    widths = [max(width_of(line[place]) for line in lines) for place in range(len(header))]
    _shrink(widths, width)
    ruled = [lines[0], ["-" * wide for wide in widths], *lines[1:]]
    return "\n".join(_line(cells, widths, frozenset(right)) for cells in ruled)


def _shrink(widths: list[int], width: int | None) -> None:
    spare = 0 if width is None else sum(widths) + len(_GAP) * (len(widths) - 1) - width
    while spare > 0 and (widest := max(widths)) > _LEAST:
        widths[widths.index(widest)] -= 1
        spare -= 1


def _line(cells: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    parts = []
    for place, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
        text = cut(cell, wide)
        fill = " " * (wide - width_of(text))
        parts.append(fill + text if place in right else text + fill)
    return _GAP.join(parts).rstrip()


def amount_text(us: int) -> str:
    """An amount of time in its two largest units of hours, minutes and seconds; never days, which mean many things.

    >>> amount_text(30 * 3_600_000_000), amount_text(-90_000_000), amount_text(1)
    ('30h', '-1m 30s', '<1s')
    """
    if us < 0:
        return f"-{amount_text(-us)}"
    if 0 < us < SECOND_US:
        return "<1s"
    hours, rest = divmod(us, HOUR_US)
    minutes, rest = divmod(rest, MINUTE_US)
    parts = [(hours, "h"), (minutes, "m"), (rest // SECOND_US, "s")]
    first = next((place for place, (number, _) in enumerate(parts) if number), 2)
    told = [f"{number:,}{unit}" for number, unit in parts[first : first + 2] if number]
    return " ".join(told) or "0s"


def share_text(part: int, whole: int) -> str:
    """A share in percent, never rounded up to the whole or down to nothing.

    >>> share_text(19_999, 20_000), share_text(1, 2), share_text(2, 2)
    ('99.99 %', '50.00 %', '100.00 %')
    """
    if whole == 0:
        return "-"
    hundredths = part * 10_000 // whole
    if part and not hundredths:
        return "<0.01 %"
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def summary_text(summary: Summary, width: int | None = None) -> str:
    """A summary as a short text with a table of readings by metric and verdict."""
    at = iso_us(summary.at_us, load_zone(summary.timezone))
    lines = [f"{_count(summary.tickets, 'ticket')}, {_count(summary.events, 'event')}, read at {at}"]
    if summary.left_out:
        lines.append(f"{_count(summary.left_out, 'faulty row')} left out")
    figures = summary.figures
    if shown := _words(figures.values()):
        lines += _verdict_tables(summary, figures, shown, width)
    if summary.exceptions:
        shown = [
            word for word in _words([*figures.values(), *summary.exceptions.values()]) if word != Phase.NOT_STARTED
        ]
        header = ("touched by exception", *(name.replace("_", " ") for name in shown))
        rows = [(name, *(counts.get(word, 0) for word in shown)) for name, counts in summary.exceptions.items()]
        lines += ["", table(header, rows, right=range(1, len(header)), width=width)]
    if summary.deadlines is not None:
        lines += ["", *_deadline_lines(summary.deadlines, summary.timezone, width)]
    if summary.checks is not None:
        lines += ["", *_verdict_lines(summary.checks)]
    if summary.anomalies:
        lines += ["", *_anomaly_lines(summary.anomalies)]
    if summary.provenance is not None:
        lines += ["", str(summary.provenance)]
    return "\n".join(lines)


def _words(figures: Iterable[Mapping[str, int]]) -> list[str]:
    """The verdicts that were read at all, in their order, and `not_started`."""
    read = {word for counts in figures for word, count in counts.items() if count}
    return [word for word in (*map(str, Verdict), str(Phase.NOT_STARTED)) if word in read]


def _verdict_tables(
    summary: Summary, figures: Mapping[str, Mapping[str, int]], shown: Sequence[str], width: int | None
) -> Iterator[str]:
    """A table of verdicts; where there are promises of several kinds, one for each, since they never add up."""
    header = ("metric", *(name.replace("_", " ") for name in shown))
    kinds = {metric: summary.kinds.get(metric, str(Kind.SLA)) for metric in summary.verdicts}
    present = [kind for kind in Kind if str(kind) in kinds.values()]
    for kind in present:
        rows = [
            (metric, *(counts.get(name, 0) for name in shown))
            for metric, counts in figures.items()
            if kinds[metric] == str(kind)
        ]
        yield ""
        if len(present) > 1:
            yield f"{_TO_WHOM[kind]}:"
        yield table(header, rows, right=range(1, len(header)), width=width)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _deadline_lines(deadlines: Deadlines, timezone: str, width: int | None) -> list[str]:
    whole = deadlines.expected
    off = whole - deadlines.close - deadlines.missing
    lines = [
        f"expected deadlines   {whole:,}",
        f"  exactly so         {deadlines.exact:,} ({share_text(deadlines.exact, whole)})",
        f"  within 60 seconds  {deadlines.close:,} ({share_text(deadlines.close, whole)})",
        f"  farther off        {off:,}",
        f"  no deadline here   {deadlines.missing:,}",
    ]
    if deadlines.worst:
        zone = load_zone(timezone)
        rows = [
            (miss.ticket, miss.metric, iso_us(miss.expected_us, zone), iso_us(miss.due_us, zone), _signed(miss.off_us))
            for miss in deadlines.worst
        ]
        lines += ["", "worst misses", table(("ticket", "metric", "expected", "computed", "off by"), rows, width=width)]
    return lines


def _signed(us: int) -> str:
    return amount_text(us) if us < 0 else f"+{amount_text(us)}"


def _verdict_lines(checks: Verdicts) -> list[str]:
    lines = [
        f"expected verdicts    {checks.expected:,}",
        f"  the same           {checks.equal:,} ({share_text(checks.equal, checks.expected)})",
        f"  another            {checks.unequal:,}",
    ]
    if checks.expected_where_close:
        share = share_text(checks.equal_where_close, checks.expected_where_close)
        of = f"{checks.equal_where_close:,} of {checks.expected_where_close:,} ({share})"
        lines.append(f"  the same where the deadline is within 60 seconds: {of}")
    return lines


def _anomaly_lines(oddities: Sequence[Oddity]) -> list[str]:
    """Each kind of odd input with one example; whole sentences, which are not cut to a width."""
    lines = [
        f"  {odd.code} ({odd.count:,}), such as ticket {odd.ticket}: {odd.sentence} ({odd.event})" for odd in oddities
    ]
    return ["odd input, and how it was taken", *map(clean, lines)]


def readings_table(readings: Iterable[tuple[str, Reading]], timezone: str, width: int | None = None) -> str:
    """Readings, each with its ticket, as a table."""
    zone = load_zone(timezone)
    rows = [
        (
            ticket,
            f"{reading.metric} {reading.cycle}" if reading.cycle > 1 else reading.metric,
            str(reading.phase).replace("_", " "),
            str(reading.verdict).replace("_", " "),
            "-" if reading.due_us is None else iso_us(reading.due_us, zone),
            "-" if reading.elapsed_us is None else amount_text(reading.elapsed_us),
        )
        for ticket, reading in readings
    ]
    return table(("ticket", "metric", "phase", "verdict", "due", "elapsed"), rows, right=[5], width=width)
