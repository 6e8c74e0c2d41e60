"""Saved states: through JSON and back, a file of the first version that loads for ever, and hostile data."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import changed, created, make_policy, on, replied, short, story
from slaclock.clock import advance, dump_state, initial_state, load_state, tick
from slaclock.errors import LateEventError, PolicyMismatchError, StateError
from slaclock.events import Event, Extended, Held, Released, Waived
from slaclock.history import History
from slaclock.policy import Policy
from slaclock.saved import VERSION
from slaclock.snapshots import snapshot

DATA = Path(__file__).parent / "data"
AFTER = on("wed 09:00")


def rich_policy(**more: object) -> Policy:
    """Every part of a state is in use: layers, pause rules, tables, carried and sticky targets, exemptions."""
    targets = {
        "high": {"within": "2 business days", "pause_while": {"status": "vendor"}},
        "low": "30m",
    }
    layers = {
        "corporate": [
            {"name": "everyone", "targets": {"resolution": "90m", "first_response": "best effort", "update": "4h"}},
        ],
        "customer": [
            {"name": "sandbox", "when": {"environment": "sandbox"}, "exempt": ["update"]},
            {"name": "by priority", "by": "priority", "targets": {"resolution": targets}},
        ],
        "service": [{"name": "night", "when": {"arrived": "outside_hours"}, "targets": {"resolution": "9h"}}],
    }
    return make_policy(
        None,
        layers=layers,
        defaults={"calendar": "office", "on_change": "carry", "on_relax": "sticky", "warn": ["50%", {"after": "1h"}]},
        **more,
    )


RICH = rich_policy()
# The second version of the format came with the register of exceptions.
WINDOW = {"from": "2026-03-02T10:30", "until": "2026-03-02T12:30", "reason": "outage", "approved_by": "head of service"}
REGISTERED = rich_policy(
    exceptions=[
        {"name": "move", **WINDOW, "when": {"priority": "high"}, "suspend": True},
        {"name": "peak", **WINDOW, "extend": "+1h"},
        {"name": "mark", **WINDOW, "exclude": True},
    ]
)
# The third one came with tickets that change their targets again and again.
POLICIES = {1: RICH, 2: REGISTERED, 3: REGISTERED}
EVENTS: tuple[Event, ...] = (
    changed("mon 08:00", team="a"),
    created("mon 08:30", id="c", priority="low", tags=["x", "y"], seats=3, vip=True, environment="sandbox"),
    Held(at=on("mon 09:00"), reason="move", metric="first_response"),
    replied("mon 09:30"),
    changed("mon 10:00", priority="high"),
    changed("mon 11:00", status="waiting"),
    Extended(at=on("mon 11:30"), metric="resolution", by="2h", reason="agreed"),
    replied("mon 12:00", "customer"),
    changed("mon 13:00", priority="low", status="vendor"),
    Released(at=on("mon 14:00"), metric="first_response"),
    Waived(at=on("mon 15:00"), metric="first_response", reason="outage"),
    changed("tue 10:00", status="solved"),
    replied("tue 10:30", "customer"),
    replied("tue 10:30", "customer", seq=1),
)


OFTEN = (
    *EVENTS[:5],
    *(changed(f"mon 10:{minute:02d}", priority=("high", "low")[minute % 2]) for minute in range(1, 41)),
    *EVENTS[5:],
)
STORIES = {1: EVENTS, 2: EVENTS, 3: OFTEN}

KEYS = [
    "|resolution|c|warned|713e6415aed9|50%",
    "|resolution|c|breached|713e6415aed9|",
    "|resolution|c|warned|cb5d9416474a|50%",
    "|resolution|c|warned|cb5d9416474a|after 1h",
]


def rich() -> History:
    return story(RICH, *EVENTS)


def saved(history: History | None = None) -> dict[str, Any]:
    """The rich state as JSON gives it back."""
    found: dict[str, Any] = json.loads(json.dumps(dump_state((history or rich()).state)))
    return found


class TestThroughJson:
    @pytest.mark.parametrize("count", range(len(EVENTS) + 1))
    def test_a_state_reads_back_as_it_was_after_every_event(self, count: int) -> None:
        history = story(RICH, *EVENTS[:count])
        again = load_state(saved(history))
        assert history.state == again
        assert history.at(AFTER) == snapshot(RICH, again, AFTER)
        assert dump_state(again) == saved(history)

    @pytest.mark.parametrize("count", range(len(EVENTS)))
    def test_resumed_it_goes_on_as_if_it_had_never_been_saved(self, count: int) -> None:
        state = load_state(saved(story(RICH, *EVENTS[:count])))
        facts = list(story(RICH, *EVENTS[:count]).facts)
        for event in EVENTS[count:]:
            state, told_now = advance(RICH, state, event)
            facts += told_now
        assert (rich().state, rich().facts) == (state, tuple(facts))

    def test_also_after_a_tick_and_an_amendment(self) -> None:
        rule = {"name": "new", "effective": {"from": "2026-03-03"}, "targets": {"resolution": "1h"}}
        policy = make_policy({"resolution": "48h"}, rule, defaults={"on_amend": "move"})
        state, _ = tick(policy, story(policy, created()).state, AFTER)
        again = load_state(json.loads(json.dumps(dump_state(state))))
        assert tick(policy, state, AFTER) == tick(policy, again, AFTER)
        with pytest.raises(LateEventError):
            advance(policy, again, changed("mon 20:00", team="b"))

    @pytest.mark.parametrize("policy", [RICH, REGISTERED], ids=["", "with exceptions"])
    @pytest.mark.parametrize("changes", [15, 16, 17, 1_050])
    def test_targets_that_were_carried_on_again_and_again(self, policy: Policy, changes: int) -> None:
        """Deeper than JSON may stand; the version is the first one that can say it."""
        times = (f"{hour:02d}:{minute:02d}" for hour in range(9, 24) for minute in range(60))
        days = (f"{day} {time}" for time in times for day in ("tue", "wed"))
        at = sorted(islice(days, changes), key=on)
        turns = [changed(each, priority=("high", "low")[number % 2]) for number, each in enumerate(at)]
        history = story(policy, created(priority="low"), *turns)
        data = saved(history)
        assert (3 if changes > 15 else 2 if policy.exceptions else 1) == data["slaclock_state"]
        again = load_state(data)
        assert history.state == again == copy.deepcopy(again)
        after = on("thu 09:00")
        assert history.at(after) == snapshot(policy, again, after)
        assert tick(policy, history.state, after) == tick(policy, again, after)

    def test_a_state_of_an_exempt_clock(self) -> None:
        policy = make_policy({"resolution": "4h"}, {"name": "trial", "when": {"plan": "trial"}, "exempt": True})
        history = story(policy, created(plan="trial"))
        assert ["customer", "trial"] == saved(history)["cycles"]["resolution"][0]["exempt"]
        assert history.at(AFTER) == snapshot(policy, load_state(saved(history)), AFTER)

    def test_a_place_among_events_of_one_instant_may_be_any_whole_number(self) -> None:
        history = story(RICH, *EVENTS[:2], changed("mon 09:00", seq=2**70, team="b"))
        assert history.state == load_state(saved(history))

    def test_the_rich_story_has_every_part_in_use(self) -> None:
        states = [saved(), LIVING]
        cycles = [cycle for data in states for found in data["cycles"].values() for cycle in found]
        laid = [each for cycle in cycles for each in cycle["laid"] if each is not None]
        unused = {key for key in states[0] if not any(data[key] for data in states)}
        assert {"ticket", "merged", "amended_us"} == unused
        assert all(any(cycle[key] for cycle in cycles) for key in cycles[0])
        assert all(any(each[key] is not None for each in laid) for key in laid[0])


@pytest.mark.parametrize("version", range(1, VERSION + 1))
class TestEveryVersion:
    """A file written by each version of the format: all must load for ever."""

    def load(self, version: int) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((DATA / f"state_v{version}.json").read_text(encoding="utf-8"))
        return data

    def test_loads(self, version: int) -> None:
        data = self.load(version)
        assert version == data["slaclock_state"]
        assert data == dump_state(load_state(data))

    def test_means_what_it_meant(self, version: int) -> None:
        # A policy's digest may be made otherwise by a later version; then the state is refused, and replayed.
        policy = POLICIES[version]
        found = snapshot(policy, load_state(self.load(version) | {"policy": policy.digest}), AFTER)
        assert found["resolution"].is_breached
        assert "mon 09:30" == short(found["resolution"].due_at)
        assert story(policy, *STORIES[version]).at(AFTER) == found

    def test_goes_on_as_if_it_had_never_been_saved(self, version: int) -> None:
        policy = POLICIES[version]
        event = changed("wed 10:00", status="open", priority="high")
        state, _ = advance(policy, load_state(self.load(version) | {"policy": policy.digest}), event)
        later = on("fri 12:00")
        assert story(policy, *STORIES[version], event).at(later) == snapshot(policy, state, later)

    def test_says_under_which_policy_it_was_made(self, version: int) -> None:
        data = self.load(version) | {"policy": "another"}
        with pytest.raises(PolicyMismatchError):
            snapshot(POLICIES[version], load_state(data), AFTER)


def test_the_keys_of_facts_stay_as_they_are() -> None:
    """Hosts have stored them, and states name by them what was told: another key would be another mail."""
    keys = [fact.key for fact in rich().facts if fact.metric == "resolution" and fact.kind in ("warned", "breached")]
    assert keys[:4] == KEYS


REFUSED = [
    ("slaclock_state", 4, "state: slaclock_state: found 4, expected a format version from 1 to 3"),
    ("slaclock_state", True, "state: slaclock_state: found True, expected a format version from 1 to 3"),
    ("policy", 3, "state: policy: found 3, expected text"),
    ("ticket", 7, "state: ticket: found 7, expected text"),
    ("fields", [], "state: fields: found [], expected fields: found [], expected a mapping of field names to values"),
    ("created", 1, "state: created: found 1, expected true or false"),
    ("holds", [["a"]], "state: holds[0]: found ['a'], expected a list of 2"),
    ("holds", "ab", "state: holds: found `ab`, expected a list"),
    ("armed", {}, "state: armed: found {}, expected a list"),
    ("last", [1], "state: last: found [1], expected a list of 2"),
    ("last", [1.5, 0], "state: last[0]: found 1.5, expected an instant: microseconds since 1970"),
    ("last", [0, 1.5], "state: last[1]: found 1.5, expected a whole number"),
    ("told_us", 10**18, f"state: told_us: found {10**18}, expected an instant: microseconds since 1970"),
    ("at_last", [{"event": "born"}], "state: at_last[0]: found {'event': 'born'}, expected event: found `born`, "),
    ("cycles", [], "state: cycles: found [], expected a mapping"),
    (
        "cycles",
        {"resolution": [{}]},
        "state: cycles.resolution[0]: found {}, expected a mapping with the keys start_us, ",
    ),
]


class TestHostile:
    @pytest.mark.parametrize(("key", "value", "text"), REFUSED)
    def test_what_is_wrong_is_named_with_its_place(self, key: str, value: object, text: str) -> None:
        with pytest.raises(StateError) as caught:
            load_state(saved() | {key: value})
        assert str(caught.value).startswith(text)
        assert str(caught.value).endswith("; replay the ticket's events instead")

    def test_a_key_too_many_and_one_too_few_are_named(self) -> None:
        state = saved()
        with pytest.raises(StateError, match=r"the keys slaclock_state, .* \(`version` is none of them\); replay"):
            load_state(state | {"version": 99})
        del state["policy"]
        with pytest.raises(StateError, match=r"the keys slaclock_state, .* \(`policy` is not there\); replay"):
            load_state(state)

    def test_long_values_are_cut(self) -> None:
        with pytest.raises(StateError) as caught:
            load_state(saved() | {"policy": ["x" * 1000]})
        assert len(str(caught.value)) < 200

    @pytest.mark.parametrize("data", [None, 3, [], {}, {"slaclock_state": None}])
    def test_what_is_no_state_at_all_is_refused(self, data: object) -> None:
        with pytest.raises(StateError, match="expected a format version from 1 to 3"):
            load_state(data)  # type: ignore[arg-type]

    @pytest.mark.parametrize("column", ["{}", b"{}"])
    def test_text_from_a_column_is_to_be_read_as_json_first(self, column: Any) -> None:
        with pytest.raises(StateError, match=r"^state: found .*\{\}.*; load JSON text with json\.loads$"):
            load_state(column)

    def test_a_life_without_a_beginning_is_refused(self) -> None:
        data = saved()
        data["cycles"]["resolution"][0]["lives"][0] = []
        with pytest.raises(StateError, match=r"lives\[0\]: found \[\], expected a list that is not empty"):
            load_state(data)

    def test_what_was_missed_has_an_instant(self) -> None:
        data = saved()
        laid = next(each for each in data["cycles"]["resolution"][0]["laid"] if each is not None)
        laid |= {"late": True, "due_us": "never"}
        with pytest.raises(StateError, match=r"laid\[0\].due_us: found `never`, expected the instant that was missed"):
            load_state(data)

    def test_what_the_register_says_of_a_ticket_is_needed_where_there_is_one(self) -> None:
        data = saved(story(REGISTERED, *EVENTS)) | {"scopes": {}}
        with pytest.raises(StateError, match="found a reference to no scopes, expected what the policy has"):
            snapshot(REGISTERED, load_state(data), AFTER)
        before = saved(story(REGISTERED, EVENTS[0])) | {"scopes": {}, "created": False}
        assert snapshot(REGISTERED, load_state(before), AFTER).to_dict()

    def test_an_unknown_phase_is_refused(self) -> None:
        data = saved()
        data["cycles"]["resolution"][0]["lives"][0][0][1] = "asleep"
        with pytest.raises(StateError, match="found `asleep`, expected one of not_started, running, "):
            load_state(data)

    def test_targets_carried_without_end_are_refused(self) -> None:
        data = saved()
        laid = next(each for each in data["cycles"]["resolution"][0]["laid"] if each is not None)
        laid["prior"] = laid
        with pytest.raises(StateError, match="found `carried targets without end`"):
            load_state(data)

    def test_references_to_what_the_policy_does_not_have_are_refused(self) -> None:
        changes: list[Callable[[dict[str, Any]], None]] = [
            lambda data: data["cycles"].update(sleep=data["cycles"]["resolution"]),
            lambda data: data["armed"].append("sleep"),
            lambda data: data["waiting"].append("sleep"),
            lambda data: data["cycles"]["resolution"][0]["lives"].pop(),
            lambda data: data["cycles"]["resolution"][0]["laid"].pop(),
            lambda data: data["cycles"]["resolution"][0]["laid"][1]["plan"].__setitem__(1, "gone"),
            lambda data: data["cycles"]["resolution"][0]["laid"][1]["plan"].__setitem__(2, 9),
            lambda data: data["cycles"]["resolution"][0]["laid"][1]["plan"].__setitem__(3, "mars"),
        ]
        for change in changes:
            data = saved()
            change(data)
            with pytest.raises(StateError, match="expected what the policy has; replay the ticket's events instead"):
                snapshot(RICH, load_state(data), AFTER)


def paths(data: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path to every value inside the data."""
    if isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield (*path, key)
            yield from paths(value, (*path, key))


def put(data: Any, path: tuple[str | int, ...], value: object) -> None:
    for key in path[:-1]:
        data = data[key]
    if value is ...:
        del data[path[-1]]
    else:
        data[path[-1]] = value


def use(data: dict[str, Any], policy: Policy = RICH) -> None:
    """Everything that a host does with a state; the data may cause documented errors and no others."""
    with suppress(StateError, PolicyMismatchError, LateEventError):
        state = load_state(data)
        snapshot(policy, state, on("sun+2 09:00")).to_dict()
        str(snapshot(policy, state, on("sun+2 09:00"))["resolution"].ledger)
        repr(state)
        tick(policy, state, on("sun+2 09:00"))
        for event in (changed("sun+2 09:00", status="open", priority="high"), Held(at=on("sun+2 09:00"), reason="r")):
            advance(policy, state, event)


LIVING = saved(story(RICH, *EVENTS[:7]))
LIVING_PATHS = list(paths(LIVING))
WRONG = [..., None, True, -1, 2**62, 1.5, "never", [], {}]


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_every_value_wrong_or_missing_in_turn_is_read_or_refused(value: object) -> None:
    for path in LIVING_PATHS:
        data = copy.deepcopy(LIVING)
        put(data, path, value)
        use(data)


GARBAGE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.tuples(st.sampled_from(LIVING_PATHS), GARBAGE), min_size=1, max_size=3))
def test_garbage_in_any_place_is_read_or_refused(changes: list[tuple[tuple[str | int, ...], object]]) -> None:
    data = copy.deepcopy(LIVING)
    for path, value in changes:
        try:
            put(data, path, value)
        except (LookupError, TypeError):
            continue
    use(data)


@given(GARBAGE)
def test_garbage_alone_is_refused(data: object) -> None:
    with pytest.raises(StateError):
        load_state(data)  # type: ignore[arg-type]


def test_an_initial_state_reads_back() -> None:
    state = initial_state(RICH)
    assert state == load_state(json.loads(json.dumps(dump_state(state))))
