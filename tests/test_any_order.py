"""A host that does anything, in any order: the model is a replay of all its events from scratch, and the oracle.

It takes events one by one or writes down late ones, withdraws some, lets time tell its facts, saves and loads states
through JSON, and asks about any instant. Whatever it does, the answers are those of the events alone.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import slaclock as sla
import stories
import translated
from oracle import Oracle, counting
from test_oracle import compare, found

pytestmark = pytest.mark.laws
MICROSECOND = timedelta(microseconds=1)
OTHERS = ("team", "held", "released", "extended", "waived", "restarted", "note", "both", "desk", "merged")


class Host(RuleBasedStateMachine):
    """Events stand on the ticks of the oracle; time passes by microseconds."""

    @initialize(data=st.data())
    def open_ticket(self, data: st.DataObject) -> None:
        self.clock = data.draw(stories.clocks(), label="clock")
        self.sketch = data.draw(stories.sketches(self.clock), label="policy")
        if data.draw(st.integers(0, 2), label="exceptions") == 0:
            self.sketch = data.draw(stories.registers(self.clock, self.sketch), label="register")
        self.policy = sla.load_policy(translated.policy_mapping(self.clock, self.sketch))
        fields = {"status": "fresh", "priority": "low", "customer": "acme", "team": "a"}
        self.stored: list[dict] = [{"event": "created", "tick": 0, "seq": 0, "fields": fields}]
        self.state, facts = sla.advance(self.policy, sla.initial_state(self.policy), self.event(self.stored[0]))
        self.facts = list(facts)
        self.history = sla.replay(self.policy, self.events())
        # The instant up to which time has told its facts.
        self.now = self.clock.base

    # What it knows.

    def event(self, said: dict) -> sla.Event:
        return translated.event_of(self.clock, said)

    def events(self) -> list[sla.Event]:
        return [self.event(said) for said in self.stored]

    def kept(self) -> list[dict]:
        return sorted(counting(self.stored), key=lambda said: (said["tick"], said["seq"]))

    def tick_now(self) -> int:
        """The first tick that is not over."""
        return -((self.clock.base - self.now) // timedelta(minutes=self.clock.step))

    def happening(self, data: st.DataObject, tick: int) -> dict:
        usual = st.sampled_from(("status", "status", "priority", "agent", "customer"))
        kind = data.draw(usual | st.sampled_from(OTHERS), label="kind")
        said = data.draw(stories.happenings(kind, 60 // self.clock.step), label="event")
        return {"tick": tick, "seq": len(self.stored), **said}

    def store(self, said: dict) -> None:
        """Write an event down, whatever the state makes of it: the history takes it in its place."""
        self.stored.append(said)
        revision = self.history.revise([self.event(said)])
        self.history = revision.history

    def begin_again(self) -> None:
        """Replay what was stored, and let time tell what it told before."""
        self.state, self.facts = self.history.state, list(self.history.facts)
        self.let_pass(self.now)

    def let_pass(self, until: datetime) -> int:
        self.state, facts = sla.tick(self.policy, self.state, until)
        self.facts += facts
        self.now = until
        return len(facts)

    # What it does.

    @rule(data=st.data(), gap=st.sampled_from((1, 1, 2, 3, 8, 24, 60)))
    def take_the_next_event(self, data: st.DataObject, gap: int) -> None:
        """An event comes after all that time has told."""
        said = self.happening(data, self.tick_now() + gap)
        self.state, facts = sla.advance(self.policy, self.state, self.event(said))
        self.facts += facts
        self.store(said)
        self.now = translated.instant(self.clock, said["tick"])

    @rule(data=st.data(), back=st.integers(0, 60))
    def write_down_a_late_event(self, data: st.DataObject, back: int) -> None:
        """An event of the past is refused, and the state stays as it was; where nothing came since, it is taken."""
        said = self.happening(data, max(0, self.tick_now() - back))
        saved, last = sla.dump_state(self.state), self.kept()[-1]
        try:
            self.state, facts = sla.advance(self.policy, self.state, self.event(said))
        except sla.LateEventError:
            assert sla.dump_state(self.state) == saved
            self.store(said)
            self.begin_again()
        else:
            assert (said["tick"], said["seq"]) > (last["tick"], last["seq"])
            self.facts += facts
            self.store(said)
            self.let_pass(max(self.now, translated.instant(self.clock, said["tick"])))

    @precondition(lambda self: len(self.stored) > 1)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        """An event never happened: a state cannot take it back, the stored events can."""
        of = data.draw(st.sampled_from(self.stored[1:]), label="of")
        said = {"event": "withdrawn", "tick": self.tick_now(), "of": of["seq"], "seq": len(self.stored)}
        saved = sla.dump_state(self.state)
        with pytest.raises(sla.LateEventError):
            sla.advance(self.policy, self.state, self.event(said))
        assert sla.dump_state(self.state) == saved
        self.store(said)
        self.begin_again()

    @rule()
    def deliver_again(self) -> None:
        """The last event comes twice: nothing changes, for the state or for the history."""
        again = self.event(self.kept()[-1])
        if again.at_us >= self.clock_us():
            assert sla.advance(self.policy, self.state, again) == (self.state, ())
        revision = self.history.revise([again])
        assert (revision.added, revision.withdrawn, revision.moved) == ((), (), ())

    def clock_us(self) -> int:
        """The instant of the last event that the state has taken."""
        last = sla.dump_state(self.state)["last"]
        return int(last[0])

    @rule(length=st.integers(0, 100_000_000_000))
    def let_time_pass(self, length: int) -> None:
        self.let_pass(self.now + length * MICROSECOND)

    @rule()
    def wake_up(self) -> None:
        """Before the instant of the next wake-up time makes no fact; there it does, or a rule has an edge.

        What time makes at the very instant of the last event comes after it, and is told first.
        """
        self.let_pass(self.now)
        wake = sla.snapshot(self.policy, self.state, self.now).next_wakeup
        if wake is None:
            assert sla.tick(self.policy, self.state, self.now + timedelta(days=60))[1] == ()
            return
        assert wake > self.now
        wake = datetime.fromisoformat(wake.isoformat())
        assert self.let_pass(wake - MICROSECOND) == 0
        assert self.let_pass(wake) > 0 or wake - self.clock.base in self.edges()

    def edges(self) -> list[timedelta]:
        return [timedelta(minutes=self.clock.step * tick) for tick in self.sketch.edges()]

    @rule()
    def save_and_load(self) -> None:
        saved = json.loads(json.dumps(sla.dump_state(self.state)))
        loaded = sla.load_state(saved)
        assert loaded == self.state
        assert sla.dump_state(loaded) == saved
        self.state = loaded

    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        """Any instant, past or to come: the history answers as one replayed from scratch, and as the oracle."""
        tick = data.draw(st.integers(0, self.tick_now() + 30), label="tick")
        at = translated.instant(self.clock, tick)
        snap = self.history.at(at)
        assert snap == sla.replay(self.policy, reversed(self.events())).at(at)
        kept = counting(stories.for_oracle(self.stored))
        differences = compare(
            Oracle(self.sketch, self.clock, kept, tick).readings(), found(self.clock, self.sketch, snap)
        )
        assert not differences, differences

    # What is always true.

    @invariant()
    def state_and_history_agree_with_a_replay(self) -> None:
        model = sla.replay(self.policy, reversed(self.events()))
        assert self.history.state == model.state
        assert [fact.key for fact in self.history.facts] == [fact.key for fact in model.facts]
        assert sla.snapshot(self.policy, self.state, self.now) == model.at(self.now)
        told = (*self.facts, *sla.tick(self.policy, self.state, self.now)[1])
        assert [(fact.key, fact.at_us) for fact in told] == [(f.key, f.at_us) for f in model.facts_until(self.now)]


def test_whatever_a_host_does_the_answers_are_those_of_its_events() -> None:
    run_state_machine_as_test(Host, settings=settings(max_examples=15, stateful_step_count=15))


@pytest.mark.stories
@pytest.mark.parametrize("number", range(24))
def test_whatever_many_hosts_do(number: int) -> None:
    """The same for other hosts, two hundred for each number."""
    machine = seed(number)(type("Another", (Host,), {}))
    run_state_machine_as_test(machine, settings=settings(max_examples=200, stateful_step_count=30))
