"""The figures of the real data: `python -m tests.figures`, from the top of the repository.

The data are looked for in the folder that the environment variable SLACLOCK_DATA names.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

# So that it runs as `python -m tests.figures` as well as by its path.
sys.path.insert(0, str(Path(__file__).parent))

from realdata import boston, servicenow, volvo
from slaclock.text import amount_text, share_text, summary_text


def print_boston(folder: Path) -> None:
    began = time.perf_counter()
    loaded = boston.load_boston(folder)
    figures = boston.measure(loaded)
    rows = loaded.rows
    whole = [row for row, told in rows.items() if told["share"] == "1.0"]
    print("Boston 311, first half of 2015")
    print(summary_text(figures.summary))
    print()
    for period in boston.convert.PERIODS:
        cases, close = (
            sum(number for row, number in counts.items() if row[1] == period)
            for counts in (figures.cases, figures.close)
        )
        told = f"{close:,} of {cases:,} deadlines within 60 seconds ({share_text(close, cases)})"
        print(f"{period} the switch, types in the table: {told}")
    complete = sum(figures.close[row] == figures.cases[row] for row in whole)
    print(f"rows of the table with share 1.0: {complete} of {len(whole)} come out completely")
    same = sum(figures.close[row] == int(told["cases_matching"]) for row, told in rows.items())
    print(f"rows of the table that come out as often as it says: {same} of {len(rows)}")
    share = share_text(figures.agreed, figures.judged)
    print(f"verdicts of closed requests whose deadline came out: {figures.agreed:,} of {figures.judged:,} ({share})")
    print(f"read and replayed in {loaded.seconds:.1f} s, measured in {time.perf_counter() - began:.1f} s\n")


def print_servicenow(folder: Path) -> None:
    began = time.perf_counter()
    figures = servicenow.measured(folder)
    print("ServiceNow incidents, first quarter of 2016")
    for priority, cases in figures.cases.items():
        same = figures.same[priority]
        print(f"verdicts of priority {priority}: {same:,} of {cases:,} ({share_text(same, cases)})")
    print(f"measured in {time.perf_counter() - began:.1f} s\n")


def print_volvo(folder: Path) -> None:
    for calendar in ("always", "office"):
        began = time.perf_counter()
        figures = volvo.measure(folder, calendar)
        print(f"Volvo IT incidents, targets on the calendar `{calendar}`")
        print(f"{figures.incidents:,} incidents, {figures.events:,} events, {figures.facts:,} facts")
        spent = figures.spent
        print(
            f"wall-clock time: running {amount_text(spent.worked_us)}, paused {amount_text(spent.waited_us)} "
            f"(in {figures.paused_incidents:,} incidents), done {amount_text(spent.done_us)}"
        )
        print(f"laws that do not hold ({', '.join(volvo.LAWS[calendar])}): {len(figures.broken)}")
        print(f"incidents whose time differs from what their statuses say: {len(figures.otherwise_spent)}")
        print(f"measured in {time.perf_counter() - began:.1f} s\n")


def main() -> int:
    data = os.environ.get("SLACLOCK_DATA")
    if not data:
        print("set SLACLOCK_DATA to the folder with the published data", file=sys.stderr)
        return 2
    print_boston(Path(data))
    print_servicenow(Path(data))
    print_volvo(Path(data))
    return 0


if __name__ == "__main__":
    sys.exit(main())
