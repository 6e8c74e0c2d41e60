"""What it takes to read a policy of 1,000 rules and 100 calendars, against PyYAML's composer and its pickle."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from benchmarks.race import Line, Runner, race
from hostile import SHAPES, load
from slaclock import dump_policy, load_policy

RULES, CALENDARS = 1_000, 100


def large_policy() -> str:
    """The text: rules for customers by name, half of them with tables by priority, on calendars of their own."""
    lines = ["slaclock: 1", "name: Large", "timezone: Europe/Berlin", "calendars:"]
    for number in range(CALENDARS):
        hours = f'{{mon-thu: "09:00-{16 + number % 5}:00", fri: "08:00-{12 + number % 7}:30"}}'
        holidays = f"[2026-12-24, 12-25, {{date: 2026-05-0{1 + number % 9}, name: Day {number}}}]"
        lines.append(f"  c{number}: {{timezone: Europe/Berlin, hours: {hours}, holidays: {holidays}}}")
    lines += ["defaults: {calendar: c0, warn: [75%, 90%]}", "layers:", "  customer:"]
    for number in range(RULES):
        lines += [f"    - name: rule {number}", f"      when: {{customer: c{number}, tier: [gold, silver]}}"]
        calendar = f"calendar: c{number % CALENDARS}"
        long = f"{{within: {1 + number % 9} business days, {calendar}, objective: 95%}}"
        if number % 2:
            lines += [
                "      by: priority",
                "      targets:",
                "        first_response: {urgent: 30m, high: 1h, normal: 4h, otherwise: 24h}",
                f"        resolution: {{urgent: {{within: 4h, {calendar}}}, high: 8h, low: best effort}}",
            ]
        else:
            lines += [
                "      effective: {from: 2026-01-01, until: 2026-12-31}",
                f"      targets: {{first_response: {1 + number % 7}h, resolution: {long}}}",
            ]
    return "\n".join([*lines, ""])


def test_reading_and_unpickling(benchmark: Any, told: Callable[[Line], None]) -> None:
    text = large_policy()
    policy = load_policy(io.StringIO(text))
    pickled = pickle.dumps(policy)
    assert pickle.loads(pickled) == policy
    result = race(
        benchmark,
        Runner("ours", lambda *_: load_policy(io.StringIO(text)), [(0, 0)]),
        Runner("composer", lambda *_: yaml.compose(text, yaml.CSafeLoader), [(0, 0)]),
        Runner("pickle", lambda *_: pickle.loads(pickled), [(0, 0)]),
        Runner("dump", lambda *_: dump_policy(policy), [(0, 0)]),
    )
    told(Line("load_policy, 1,000 rules / PyYAML composing the file", 1 / result.ratios["composer"], 3))
    told(Line("unpickling the policy / loading its YAML", result.ratios["pickle"], 0.1))
    told(Line("dump_policy / loading its YAML", result.ratios["dump"]))


@pytest.mark.parametrize("name", ["declared values and rows", "layers of its own", "special days that do not exist"])
def test_four_times_the_text_is_about_four_times_the_time(
    name: str, benchmark: Any, told: Callable[[Line], None]
) -> None:
    """What looks for each member in all others would take sixteen times."""
    texts = {"small": SHAPES[name](5_000), "large": SHAPES[name](20_000)}
    runners = [Runner(kind, lambda text, _: load(text), [(text, 0)]) for kind, text in texts.items()]
    result = race(benchmark, *runners, rounds=3)
    told(Line(f"hostile: {name}, four times as many", result.ratios["large"], 5))
