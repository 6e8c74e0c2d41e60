"""The example policies: each is sound and without a lint, and what its file expects comes out of its tickets.

An example is a folder of `examples/policies`: `policy.yaml`, `events.csv`, and `expected.yaml` with readings at
instants, why they are so, and the facts of some tickets (`warned`, `breached`, `fulfilled`, up to the last reading).
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import slaclock as sla
from slaclock.__main__ import main
from slaclock._instants import iso_us
from test_cases import check

FOLDER = Path(__file__).parents[1] / "examples" / "policies"
EXAMPLES = sorted(path.parent for path in FOLDER.glob("*/policy.yaml"))
NAMES = [path.name for path in EXAMPLES]
KINDS = ("warned", "breached", "fulfilled")
EXPECTED_KEYS = {"ticket", "at", "why"}


def replayed(example: Path) -> dict[str, sla.History]:
    return sla.replay_all(sla.load_policy(example / "policy.yaml"), sla.load_events(example / "events.csv"))


def expected(example: Path) -> dict:
    # Instants are read as texts: YAML would make date-times of them, and lose the offset.
    return yaml.load((example / "expected.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)


def meant(value: object) -> object:
    """What a plain text of the file means where the reading is no text."""
    if isinstance(value, list):
        return [meant(item) for item in value]
    if isinstance(value, dict):
        return {key: meant(item) for key, item in value.items()}
    return {"null": None, "true": True, "false": False}.get(str(value), value)


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_the_policy_is_sound_and_nothing_is_to_be_said_of_it(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["check", str(example / "policy.yaml")])
    out, err = capsys.readouterr()
    assert (1, "") == (out.count("\n"), err), out


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_its_tickets_stand_as_expected(example: Path) -> None:
    histories = replayed(example)
    rows = expected(example)["readings"]
    assert set(histories) == {row["ticket"] for row in rows}, "every ticket is read at least once"
    for row in rows:
        assert row["why"]
        figures = meant({key: value for key, value in row.items() if key not in EXPECTED_KEYS})
        assert figures
        history = histories[row["ticket"]]
        assert not history.anomalies
        check(history.at(row["at"]), figures)  # type: ignore[arg-type]


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_its_facts_are_the_expected_ones(example: Path) -> None:
    data = expected(example)
    for ticket, lines in data.get("facts", {}).items():
        until = max(
            (row["at"] for row in data["readings"] if row["ticket"] == ticket), key=lambda at: sla.Released(at=at).at
        )
        history = replayed(example)[ticket]
        spoken = history.policy.spoken
        facts = [fact for fact in history.facts_until(until) if fact.kind in KINDS and fact.metric in spoken]
        assert lines == [line(fact) for fact in facts]


def line(fact: sla.Fact) -> str:
    told = [iso_us(fact.at_us, fact.zone), fact.metric, str(fact.kind), fact.warning, *fact.notify]
    names = f" to {' and '.join(fact.notify)}" if fact.notify else ""
    return " ".join(str(part) for part in told[:4] if part) + names


def test_the_index_names_every_example() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert NAMES
    assert [] == [name for name in NAMES if f"[`{name}`]({name}/policy.yaml)" not in index]
