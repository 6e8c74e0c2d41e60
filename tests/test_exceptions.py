"""The exceptions register: its entries as values, as a policy writes them, and which of them are active."""

from __future__ import annotations

import io
import pickle
from fractions import Fraction

import pytest

import slaclock as sla
from slaclock.conditions import Is
from slaclock.exceptions import Effect, ExceptionEntry
from slaclock.rules import Window

HOUR = 3_600_000_000
HEAD = """\
slaclock: 1
timezone: Europe/Berlin
calendars: {office: {hours: {mon-fri: "09:00-17:00"}}}
defaults: {calendar: office}
layers: {corporate: [{targets: {resolution: 8h}}]}
"""
ENTRY = {"name": "outage", "from": "2026-03-02", "reason": "power cut"}


def load(*entries: str) -> sla.Policy:
    lines = "".join(f"  - {{reason: r, {entry}}}\n" for entry in entries)
    return sla.load_policy(io.StringIO(f"{HEAD}exceptions:\n{lines}"))


def entry(**more: object) -> ExceptionEntry:
    return ExceptionEntry(**{"name": "peak", "effect": Effect.EXTEND, "window": Window(0, None), "reason": "r"} | more)


def hint(text: str) -> str:
    with pytest.raises(sla.PolicyError) as caught:
        load(f"name: a, from: 2026-01-01, {text}")
    return caught.value.problems[0].hint


def test_an_entry_is_read_as_it_is_written() -> None:
    """Dates are read in the policy's timezone, the last one included; date-times are ends."""
    (found,) = load(
        "name: move, from: 2026-11-07, until: 2026-11-08, suspend: true, approved_by: head of service, "
        "when: {service: hosting}, metrics: resolution"
    ).exceptions
    assert (found.name, found.effect, found.reason, found.approved_by) == ("move", "suspend", "r", "head of service")
    assert found.when == Is("service", ("hosting",))
    assert str(found.from_at) == "2026-11-07 00:00:00+01:00"
    assert str(found.until_at) == "2026-11-09 00:00:00+01:00"
    assert found.concerns("resolution")
    assert not found.concerns("update")
    assert found.to_dict() == {
        "name": "move",
        "does": "suspend",
        "when": "service is hosting",
        "metrics": ["resolution"],
        "from": "2026-11-07T00:00:00+01:00",
        "until": "2026-11-09T00:00:00+01:00",
        "reason": "r",
        "approved_by": "head of service",
    }
    assert str(found) == "move: suspend, r, approved by head of service"


def test_what_is_left_out_is_open_ended_and_for_all() -> None:
    (found,) = load("name: a, from: 2026-11-07T12:00Z, exclude: true").exceptions
    assert found.until_at is None
    assert found.to_dict()["until"] is None
    assert found.concerns("anything")
    assert str(found.when) == "always"


@pytest.mark.parametrize(
    ("text", "factor", "more_us", "does"),
    [
        ("2x", Fraction(2), None, "extend 2x"),
        ("1.5 x", Fraction(3, 2), None, "extend 1.5x"),
        ("1.25x", Fraction(5, 4), None, "extend 1.25x"),
        ("+4h", None, 4 * HOUR, "extend +4h"),
        ("+1h30m", None, 3 * HOUR // 2, "extend +1h30m"),
    ],
)
def test_extensions(text: str, factor: Fraction | None, more_us: int | None, does: str) -> None:
    (found,) = load(f"name: a, from: 2026-01-01, extend: {text}").exceptions
    assert (found.factor, found.more_us, found.does) == (factor, more_us, does)


def test_what_an_extension_adds_is_exact_and_rounded_up_to_the_microsecond() -> None:
    assert entry(factor=Fraction(2)).more_of(7) == 7
    assert entry(factor=Fraction(3, 2)).more_of(7) == 4
    assert entry(more_us=HOUR).more_of(7) == HOUR
    assert entry().more_of(7) == 0


def test_faults_say_what_to_write() -> None:
    assert hint("extend: 4h") == "write `+4h`"
    assert hint("extend: 2") == "write `2x` or `+2h`"
    assert hint("extend: 0x") == hint("extend: -4h") == "an exception gives time, and takes none"
    assert hint("extend: 1x") == ""
    assert hint("extend: +2 business days") == "days are no open time; multiply a day amount instead: `2x`"
    assert hint("extend: {by: 2x}") == "write `2x` for twice the amount, `+4h` for 4 hours more"
    assert hint("suspend: false") == "leave the key out"
    assert hint("suspnd: true") == "did you mean `suspend`?"


def test_a_slip_in_a_key_is_one_fault() -> None:
    with pytest.raises(sla.PolicyError) as caught:
        load("name: a, from: 2026-01-01, extnd: 2x")
    assert [problem.code for problem in caught.value.problems] == ["unknown-key"]


def test_a_mapping_in_place_of_the_list_is_told_how_to_write_one() -> None:
    with pytest.raises(sla.PolicyError) as caught:
        sla.load_policy(io.StringIO(f"{HEAD}exceptions: {{a: b}}\n"))
    assert caught.value.problems[0].hint == "put a `-` before each entry"


def test_python_mappings_take_true_itself() -> None:
    mapping = {"slaclock": 1, "exceptions": [{**ENTRY, "suspend": True}]}
    assert sla.load_policy(mapping).exceptions[0].effect is Effect.SUSPEND
    with pytest.raises(sla.PolicyError):
        sla.load_policy({"slaclock": 1, "exceptions": [{**ENTRY, "suspend": False}]})


def test_what_lasts_more_than_a_century_does_not_end() -> None:
    """So far no calendar looks ahead: a suspension for so long is one for ever."""
    found = load(
        "name: a, from: 2026-01-01, until: 2125-01-01, suspend: true",
        "name: b, from: 2026-01-01, until: 2127-01-01, suspend: true",
    ).exceptions
    assert [one.end_us == one.window.end_us for one in found] == [True, False]
    always = entry(window=Window(None, None))
    assert (always.from_at, always.until_at) == (None, None)
    assert always.start_us < 0 < always.end_us
    assert always.to_dict()["from"] is None


def test_the_register_is_part_of_what_a_policy_means() -> None:
    """Another register is another policy; one without entries says nothing; a policy with one can be pickled."""
    plain, peak = sla.load_policy(io.StringIO(HEAD)), load("name: a, from: 2026-01-01, extend: 2x")
    other = load("name: a, from: 2026-01-01, extend: 3x")
    assert len({plain.digest, peak.digest, other.digest}) == 3
    assert peak == load("name: a, from: 2026-01-01, extend: 2x") != other
    assert pickle.loads(pickle.dumps(peak)) == peak
    assert pickle.loads(pickle.dumps(peak)).exceptions == peak.exceptions
    assert sla.load_policy(io.StringIO(f"{HEAD}exceptions: []\n")).digest == plain.digest


def test_active_exceptions_are_those_whose_window_holds() -> None:
    policy = load(
        "name: early, from: 2026-01-01, until: 2026-01-31, suspend: true",
        "name: gold, from: 2026-01-15, exclude: true, when: {tier: gold}",
        "name: late, from: 2026-02-01T12:00, extend: 2x",
    )

    def names(at: str, fields: dict[str, object] | None = None) -> list[str]:
        return [found.name for found in policy.active_exceptions(at, fields)]

    assert names("2026-01-01T00:00+01:00") == ["early"]
    assert names("2026-01-31T23:59+01:00") == ["early", "gold"]
    assert names("2026-02-01T00:00+01:00") == ["gold"]
    assert names("2026-02-01T12:00+01:00") == ["gold", "late"]
    assert names("2026-02-01T12:00+01:00", {"tier": "silver"}) == ["late"]
    with pytest.raises(sla.EventError):
        names("soon")
