"""Walks along remembered paths: they say what clocks say that take the events themselves."""

from __future__ import annotations

import gc
import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import slaclock as sla
import stories
from helpers import by_priority, changed, created, make_policy, on, replied
from oracle import Clock, Sketch
from slaclock._paths import Place, can_walk, paths_of
from slaclock.conditions import CATEGORY
from slaclock.events import KINDS
from slaclock.history import History
from slaclock.life import Entry, Life
from slaclock.snapshots import read_at
from translated import events_of, instant, policy_mapping

WALKED_KINDS = set(KINDS) - {"extended", "waived", "restarted", "withdrawn"}


def steps(policy: sla.Policy) -> int:
    """How many steps are remembered for a policy."""
    paths = paths_of(policy)
    return 0 if paths is None else paths.known


def figures(snapshot: sla.Snapshot) -> list[dict]:
    """All that a snapshot says of its clocks, without what is asked of the clocks themselves."""
    return [reading.to_dict() | {"ledger": reading.ledger.to_dict()} for reading in snapshot.readings]


def folded(history: History, at_us: int) -> sla.Snapshot:
    """The snapshot as the clocks have it that took the events."""
    return read_at(history._folded(at_us), at_us)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Clock, Sketch, list[list[dict]]]:
    """A policy under which tickets can walk, and several tickets that meet each other's paths."""
    clock = draw(stories.clocks())
    fixed = {
        "on_change": draw(st.sampled_from(("recompute", "keep"))),
        "on_reopen": draw(st.sampled_from(("exclude", "restart", "ignore"))),
        "on_amend": "keep",
        "on_unmatched": draw(st.sampled_from(("drop", "keep"))),
        "on_unanswered": draw(st.sampled_from(("cancel", "fulfil"))),
        "on_relax": "final",
        "binds": "earliest_due",
    }
    sketch = draw(stories.sketches(clock, **fixed))
    # When a cycle was due decides where the next one of such a cadence begins: that is no path.
    own = tuple(replace(own, repeats=bool(own.repeats)) for own in sketch.own)
    sketch = replace(sketch, own=own, cadences=())
    tickets = draw(st.lists(stories.stories(clock), min_size=2, max_size=4))
    return clock, sketch, [[event for event in ticket if event["event"] in WALKED_KINDS] for ticket in tickets]


@given(cases(), st.lists(st.integers(0, 400), min_size=2, max_size=2))
@stories.profile(50)
@pytest.mark.laws
def test_a_walk_says_what_the_clocks_say(case: tuple[Clock, Sketch, list[list[dict]]], after: list[int]) -> None:
    """Every figure of every cycle, at instants in the life of the ticket and after it, on paths trodden by others."""
    clock, sketch, tickets = case
    policy = sla.load_policy(policy_mapping(clock, sketch))
    assume(can_walk(policy))  # Cadences without drift cannot: where one begins is a question of time.
    for ticket in tickets:
        history = sla.replay(policy, events_of(clock, ticket))
        assert history._walk is not None
        last = ticket[-1]["tick"]
        for tick in (last, *(last + more for more in after), *sorted({event["tick"] for event in ticket})[:3]):
            at = instant(clock, tick)
            at_us = sla.Created(at=at).at_us
            assert figures(folded(history, at_us)) == figures(history.at(at))


BY_PRIORITY = by_priority("4h", "8h")


def life(*, priority: object = "high", customer: object = "acme") -> list[sla.Event]:
    return [
        created("mon 09:00", status="new", priority=priority, customer=customer),
        replied("mon 10:00"),
        changed("mon 11:00", status="waiting"),
        changed("mon 12:00", status="open"),
        changed("mon 13:00", status="waiting"),
        changed("mon 14:00", status="open"),
        changed("mon 15:00", status="solved"),
    ]


class TestRemembering:
    def test_who_comes_later_takes_known_steps(self) -> None:
        policy = make_policy(None, BY_PRIORITY)
        sla.replay(policy, life())
        known = steps(policy)
        assert known > 0
        sla.replay(policy, [*life(), changed("tue 09:00", status="open"), changed("tue 10:00", status="solved")])
        assert known + 1 == steps(policy)  # Reopening is new; what follows is not.

    def test_going_back_and_forth_comes_to_places_known(self) -> None:
        policy = make_policy(None, BY_PRIORITY)
        many = [changed(f"tue {h:02d}:{m:02d}", status=s) for h in range(24) for m, s in ((0, "waiting"), (30, "open"))]
        sla.replay(policy, [*life()[:2], *many])
        assert steps(policy) <= 6

    def test_values_that_no_rule_names_are_one(self) -> None:
        """A policy that asks for one customer does not remember ten thousand others."""
        policy = make_policy({"resolution": "4h"}, {"when": {"customer": "acme"}, "targets": {"resolution": "1h"}})
        sla.replay(policy, life())
        sla.replay(policy, life(customer="globex"))
        known = steps(policy)
        for number in range(100):
            sla.replay(policy, life(customer=f"customer {number}", priority=str(number)))
        assert known == steps(policy)

    def test_values_that_python_takes_for_equal_are_not(self) -> None:
        """1, 1.0 and True are one key of a dictionary; `flag: true` asks for the bool and its spelling."""
        policy = make_policy({"resolution": "4h"}, {"when": {"flag": True}, "targets": {"resolution": "1h"}})
        due = [
            sla.replay(policy, [created(flag=flag)]).at(on("mon 09:00"))["resolution"].due_at
            for flag in (1, True, 1.0, (1,), (True,), "true", "True")
        ]
        four, one = (sla.Created(at=on(text)).at for text in ("mon 13:00", "mon 10:00"))
        assert [four, one, four, four, one, one, four] == due

    def test_memory_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where a field's own value counts, paths do not come to an end: then what is known is kept, others are left to
        the clocks, and after as many of them all is forgotten."""
        monkeypatch.setattr("slaclock._paths._MOST_STEPS", 50)
        policy = make_policy({"resolution": "4h", "ownership": "8h"})
        walked, known = [], []
        for number in range(200):
            events = [created(team=f"team {number % 100}"), changed("mon 10:00", team=f"{number}")]
            history = sla.replay(policy, events)
            assert 2 == len(history.at(on("mon 11:00")).cycles("ownership"))
            walked.append(history._walk is not None)
            known.append(steps(policy))
        assert {True} == set(walked[:25])
        assert {False} == set(walked[25:50])
        assert any(walked[50:])
        assert (50, True) == (max(known), min(known[25:]) < 10)

    def test_one_ticket_does_not_fill_it_beyond_measure(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("slaclock._paths._MOST_STEPS", 50)
        policy = make_policy({"ownership": "8h"})
        history = sla.replay(policy, [created(), *(changed(f"mon 10:{m:02d}", team=str(m)) for m in range(60))])
        assert 60 == len(history.at(on("mon 12:00")).cycles("ownership"))
        assert steps(policy) <= 50

    def test_places_keep_nothing_that_grows_with_a_ticket(self) -> None:
        """Nor anything of who came first but what decides."""
        policy = make_policy({"ownership": "8h", "resolution": "4h"})
        events = [created(note="a long text"), *(changed(f"mon 10:{m:02d}", team=str(m), vip="x") for m in range(60))]
        sla.replay(policy, [*events, changed("mon 11:00", status="invented", id="an id")])
        paths = paths_of(policy)
        assert paths is not None
        for place in (paths.start, *paths._places.values()):
            clocks = place.clocks
            assert max(map(len, clocks.cycles)) <= 1
            assert {"team", "status", CATEGORY} >= set(clocks.view)
            assert (None, {}, [], []) == (clocks.ticket, clocks.at_last, clocks.told, clocks.anomalies)

    def test_histories_hold_on_to_no_paths_that_were_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def places() -> int:
            gc.collect()
            return sum(isinstance(found, Place) for found in gc.get_objects())

        before = places()
        monkeypatch.setattr("slaclock._paths._MOST_STEPS", 20)
        policy = make_policy({"resolution": "4h", "ownership": "8h"})
        kept = [sla.replay(policy, [created(team=str(n)), changed("mon 10:00", team=f"{n}!")]) for n in range(200)]
        assert sum(history._walk is not None for history in kept) > 50
        assert places() - before <= 22

    def test_looking_what_an_event_did_costs_the_same_however_long_a_ticket_lives(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        read: list[int] = []
        log = Life.log

        def counted(life: Life) -> list[Entry]:
            found: list[Entry] = log.fget(life)  # type: ignore[attr-defined]
            read.append(len(found))
            return found

        monkeypatch.setattr(Life, "log", property(counted))
        policy = make_policy({"resolution": "4h"}, {"when": {"tier": ["gold"]}, "targets": {"ownership": "1h"}})
        statuses = ("waiting", "open")
        sla.replay(
            policy, [created(), *(changed(f"mon 10:{m:02d}", status=statuses[m % 2], team=str(m)) for m in range(60))]
        )
        assert sum(read) <= 4 * 60

    def test_a_policy_is_saved_without_what_it_remembers(self) -> None:
        policy = make_policy(None, BY_PRIORITY)
        before = policy.__getstate__()
        sla.replay(policy, life())
        assert before == policy.__getstate__()


class TestWhatCannotWalk:
    """Where time decides about the path, the clocks are asked."""

    @pytest.mark.parametrize(
        "rules",
        [
            [{"targets": {"resolution": {"within": "4h", "on_change": how}}} for how in ("recompute", "carry")],
            [{"targets": {"resolution": {"within": "4h", "on_relax": "sticky"}}}],
            [{"targets": {"resolution": {"within": "4h", "on_reopen": "include"}}}],
            [{"targets": {"resolution": {"within": "4h", "on_reopen": "ignore"}}}],
            [{"when": {"arrived": "outside_hours"}, "targets": {"resolution": "4h"}}],
            [
                {
                    "effective": {"from": "2026-03-04"},
                    "targets": {"resolution": {"within": "4h", "on_amend": "move"}},
                }
            ],
        ],
        ids=["carry", "sticky", "include", "mixed strategies", "arrival", "move"],
    )
    def test_rules(self, rules: list[dict]) -> None:
        policy = make_policy(None, *rules)
        assert not can_walk(policy)
        assert sla.replay(policy, life()).at(on("tue 09:00"))["resolution"].phase == "stopped"

    def test_a_metric_of_which_rules_say_only_that_nothing_is_promised(self) -> None:
        """Its clock runs all the same, and is reopened."""
        metrics = {"agent_work": {"on_reopen": "include"}}
        policy = make_policy({"resolution": "4h"}, {"exempt": ["agent_work"]}, metrics=metrics)
        assert not can_walk(policy)
        reading = sla.replay(policy, [*life(), changed("tue 09:00", status="open")]).at(on("tue 10:00"))["agent_work"]
        assert (23, "running") == (reading.wall_elapsed.in_hours(), reading.phase)

    def test_policies_with_exceptions(self) -> None:
        outage = {"name": "outage", "from": "2026-03-03", "until": "2026-03-03", "reason": "no power", "suspend": True}
        policy = make_policy(None, BY_PRIORITY, exceptions=[outage])
        assert not can_walk(policy)

    @pytest.mark.parametrize(
        "event",
        [
            sla.Extended(at=on("mon 14:30"), metric="resolution", by="1h", reason="agreed"),
            sla.Waived(at=on("mon 14:30"), metric="resolution", reason="outage"),
            sla.Restarted(at=on("mon 14:30"), metric="resolution", reason="anew"),
        ],
        ids=lambda event: event.kind,
    )
    def test_events(self, event: sla.Event) -> None:
        policy = make_policy(None, BY_PRIORITY)
        assert sla.replay(policy, [*life(), event])._walk is None
        assert sla.replay(policy, life())._walk is not None

    def test_a_fault_is_told_by_the_clocks(self) -> None:
        """The instant in the message is that of the event at hand."""
        policy = make_policy(None, BY_PRIORITY)
        for day in ("mon", "tue"):
            with pytest.raises(sla.EventError, match=re.escape(created(f"{day} 16:00").key)):
                sla.replay(policy, [*life(), created(f"{day} 16:00")])


def test_rules_in_force_count_from_the_start_of_a_cycle_on_paths_of_others() -> None:
    """One ticket starts before an amendment and one after it; each has the promise of its time."""
    rules = [
        {"effective": {"until": "2026-03-03"}, "targets": {"resolution": "4h"}},
        {"effective": {"from": "2026-03-04"}, "targets": {"resolution": "8h"}},
    ]
    policy = make_policy(None, *rules)
    amounts = []
    for day in ("mon", "thu", "tue", "wed"):
        history = sla.replay(policy, [created(f"{day} 09:00"), changed("fri 09:00", priority="high")])
        assert history._walk is not None
        amounts.append(str(history.at(on("fri 10:00"))["resolution"].target.amount))
    assert ["4h", "8h", "4h", "8h"] == amounts


def test_places_are_shared_only_by_tickets_of_one_time() -> None:
    """Who comes to a place before an amendment can go on before it, though another came there after it."""
    policy = make_policy({"resolution": "8h"}, {"effective": {"from": "2026-03-04"}, "targets": {"resolution": "4h"}})
    steps_of = ("waiting", "open", "waiting")
    for days in (("tue", "thu", "fri", "fri"), ("mon", "mon", "mon", "tue")):
        events = [created(f"{days[0]} 09:00", status="new")]
        events += [
            changed(f"{day} {10 + n}:00", status=s) for n, (day, s) in enumerate(zip(days[1:], steps_of, strict=True))
        ]
        assert sla.replay(policy, events)._walk is not None


def test_one_id_for_two_events_is_seen_on_a_walk() -> None:
    policy = make_policy(None, BY_PRIORITY)
    with pytest.raises(sla.EventError, match="two events with the id 'e' that differ in "):
        sla.replay(policy, [created(id="e"), changed("mon 10:00", id="e", status="waiting")])


def test_rules_in_force_for_microseconds_are_left_to_the_clocks() -> None:
    """Who comes first along a path stands at instants of his own, for which there is no room here."""
    window = {"from": "2026-03-02T09:00:00+00:00", "until": "2026-03-02T09:00:00.000002+00:00"}
    policy = make_policy({"resolution": "8h"}, {"effective": window, "targets": {"resolution": "4h"}})
    events = [created(status="new"), *(changed("mon 09:00", seq=n, status=s) for n, s in ((1, "waiting"), (2, "open")))]
    history = sla.replay(policy, events)
    assert history._walk is None
    assert "4h" == str(history.at(on("mon 10:00"))["resolution"].target.amount)
