"""The strategies drawn: one line for each answer, three columns for each hour, from the ledger of the same story."""

from __future__ import annotations

from datetime import datetime

from helpers import hours, minutes, short, us
from same_story import EVENTS, QUESTIONS, lived, read
from slaclock.ledger import SegmentKind
from slaclock.readings import Reading
from slaclock.strategies import CHOICES

FIRST, LAST = 7, 23
COLUMN_US = minutes(20)
SIGNS = {
    SegmentKind.COUNTED: "=",
    SegmentKind.PAUSED: ".",
    SegmentKind.CLOSED: "~",
    SegmentKind.DONE: "-",
    SegmentKind.SET_ASIDE: "x",
}


def column(at_us: int) -> int:
    """The column of an instant of that Monday."""
    return (at_us - us(f"mon {FIRST:02d}:00")) // COLUMN_US


def axis() -> str:
    return "".join(f"{hour:02d} " for hour in range(FIRST, LAST)).rstrip()


def bar(readings: list[Reading]) -> str:
    """What became of the time of a clock; `D` where it is due."""
    cells = [" "] * column(us(f"mon {LAST}:00"))
    for reading in readings:
        for segment in reading.ledger.segments:
            for place in range(column(segment.start_us), column(segment.end_us)):
                cells[place] = SIGNS[segment.kind]
    due = readings[-1].due_us
    if due is not None and column(due) < len(cells):
        cells[column(due)] = "D"
    return "".join(cells)


def clock(at: datetime) -> str:
    """An instant of that Monday as `15:00`, another one with its day."""
    return str(short(at)).removeprefix("mon ")


def words(reading: Reading) -> str:
    told = [str(reading.verdict)]
    if reading.elapsed_us is not None:
        told.insert(0, f"{reading.elapsed_us // hours(1)}h counted")
    if reading.due_at is not None:
        told.insert(1, f"due {clock(reading.due_at)}")
    if reading.breached_at is not None:
        told[-1] += f" at {clock(reading.breached_at)}"
    return ", ".join(told)


def story() -> str:
    """The events of the story."""
    lines = [f"{clock(event.at)}  {event.id}" for event in EVENTS]
    return "\n".join(["```text", *lines, "```", ""])


def drawing(question: str) -> str:
    """A question with its answers, each with what is true when all is told."""
    about = QUESTIONS[question]
    lines = [f"{'':10} {axis()}"]
    for answer in CHOICES[question]:
        history = lived(question, answer)
        reading = read(question, history)
        cycles = history.at(reading.at).cycles(about.metric)
        lines.append(f"{answer:10} {bar(list(cycles))} {words(reading)}")
    now = f"{'':10} {' ' * column(us(about.at))}^ {clock(us(about.at))}: as it stands now"
    return "\n".join(["```text", *(line.rstrip() for line in lines), now, "```", ""])
