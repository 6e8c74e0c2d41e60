"""What answers cost, counted where counting is exact: look-ups, years compiled, objects made, modules imported.

How long they take is told by the benchmarks; these bounds hold on any machine.
"""

from __future__ import annotations

import gc
import io
import json
import tracemalloc
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
import yaml

from long_stories import long_story, policy_of
from slaclock import (
    Changed,
    Created,
    Event,
    History,
    Policy,
    Replied,
    State,
    WorkingCalendar,
    _instants,
    advance,
    dump_state,
    initial_state,
    load_policy,
    load_state,
    replay,
    snapshot,
)
from slaclock._edges import Timeline
from slaclock._opening import HoursSource
from slaclock._table import Table, year_start
from slaclock.clocks import Clocks
from test_exports import in_fresh_interpreter

OFFICE = {"timezone": "Europe/Berlin", "hours": {"mon-fri": "09:00-17:00"}, "holidays": ["01-01", "12-25"]}
LOOK_UPS = ("add", "between", "holds", "next_edge", "last_edge")

POLICY = """\
slaclock: 1
timezone: Europe/Berlin
calendars: {office: {timezone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}}}
statuses: {open: [open], pending: [pending], resolved: [resolved], closed: [closed]}
defaults: {calendar: office}
layers:
  corporate:
    - by: priority
      targets:
        first_response: {high: 1h, low: 4h}
        resolution: {high: 8h, low: 40h}
"""


# A program that asks for figures, and for nothing else.
FIGURES = f"""
import io, slaclock as sla
policy = sla.load_policy(io.StringIO({POLICY!r}))
created = sla.Created(at="2026-03-02T09:00Z", fields={{"priority": "low"}})
reading = sla.replay(policy, [created]).at("2026-03-03T09:00Z")["resolution"]
reading.phase, reading.verdict, reading.due_at, reading.elapsed, reading.remaining, reading.overdue_by, reading.fraction
"""
# How many classes attrs has written; one with slots is made twice, and the first one may still be there.
WRITTEN = """
import gc
kinds = {(kind.__module__, kind.__name__): kind for kind in gc.get_objects() if isinstance(kind, type)}
print(sum("__attrs_attrs__" in vars(kind) and name[0].startswith("slaclock") for name, kind in kinds.items()))
"""


def ticket() -> list[Event]:
    """Ten events of a ticket with two clocks, both of which meet their targets."""
    days: list[tuple[str, dict[str, str]]] = [
        ("2026-03-03T10:00Z", {"status": "pending"}),
        ("2026-03-04T10:00Z", {"status": "open"}),
        ("2026-03-05T10:00Z", {"status": "pending"}),
        ("2026-03-06T10:00Z", {"status": "open"}),
        ("2026-03-06T11:00Z", {"priority": "high"}),
        ("2026-03-06T12:00Z", {"priority": "low"}),
        ("2026-03-06T13:00Z", {"status": "resolved"}),
        ("2026-03-09T13:00Z", {"status": "closed"}),
    ]
    created = Created(at="2026-03-02T09:00Z", fields={"status": "open", "priority": "low"})
    return [created, Replied(at="2026-03-02T10:00Z", by="agent"), *(Changed(at=at, fields=to) for at, to in days)]


def watched(name: str, function: Callable[..., object], asked: Counter[str]) -> Callable[..., object]:
    """The function, counted whenever it is called."""

    def count(*arguments: object, **options: object) -> object:
        asked[name] += 1
        return function(*arguments, **options)

    return count


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The stretches of open time that calendars compile from now on."""
    asked: list[tuple[int, int]] = []
    spans = HoursSource.spans

    def spans_asked_for(self: HoursSource, lo: int, hi: int) -> list[tuple[int, int]]:
        asked.append((lo, hi))
        return spans(self, lo, hi)

    monkeypatch.setattr(HoursSource, "spans", spans_asked_for)
    return asked


class TestYears:
    @pytest.mark.parametrize(
        ("ask", "years"),
        [
            (lambda calendar: calendar.is_open("2500-06-01T12:00Z"), {2500}),
            (lambda calendar: calendar.add("2500-06-01T12:00Z", "4h"), {2500}),
            (lambda calendar: calendar.add("2500-12-31T15:30Z", "4h"), {2500, 2501}),
            (lambda calendar: calendar.subtract("2501-01-03T08:30Z", "4h"), {2500, 2501}),
            (lambda calendar: calendar.next_open("2500-12-31T17:00Z"), {2500, 2501}),
            (lambda calendar: calendar.between("2500-12-31T12:00Z", "2501-01-05T12:00Z"), {2500, 2501}),
        ],
        ids=["open", "add", "add over new year", "subtract over new year", "next open", "between"],
    )
    def test_a_question_far_away_compiles_a_year_or_two(
        self, compiled: list[tuple[int, int]], ask: Callable[[WorkingCalendar], object], years: set[int]
    ) -> None:
        ask(WorkingCalendar.from_dict(OFFICE))
        assert years == {year for year in range(2400, 2600) for lo, hi in compiled if lo <= year_start(year) < hi}
        assert all(year_start(min(years)) <= lo < hi <= year_start(max(years) + 1) for lo, hi in compiled)

    def test_a_calendar_that_is_only_made_compiles_nothing(self, compiled: list[tuple[int, int]]) -> None:
        calendar = WorkingCalendar.from_dict(OFFICE)
        assert calendar == WorkingCalendar.from_dict(calendar.to_dict())
        assert calendar.digest
        assert [] == compiled

    def test_no_year_is_compiled_twice_while_questions_move_on(self, compiled: list[tuple[int, int]]) -> None:
        calendar = WorkingCalendar.from_dict(OFFICE)
        for year in range(2020, 2040):
            calendar.is_open_us(year_start(year))
        assert all(before[1] <= after[0] for before, after in pairwise(compiled))

    def test_questions_within_compiled_years_compile_nothing(self, compiled: list[tuple[int, int]]) -> None:
        calendar = WorkingCalendar.from_dict(OFFICE)
        calendar.between("2025-01-01T00:00Z", "2027-01-01T00:00Z")
        compiled.clear()
        calendar.add("2026-03-02T09:00Z", "400h")
        calendar.between("2026-03-02T09:00Z", "2025-03-02T09:00Z")
        calendar.is_open("2026-03-02T09:00Z")
        assert [] == compiled


def test_a_ticket_in_and_out_of_the_scope_of_an_exception_compiles_nothing(compiled: list[tuple[int, int]]) -> None:
    """Its calendars answer from the one that all tickets share, however often it comes and goes."""
    outage = {"name": "outage", "when": {"service": "a"}, "from": "2026-03-01", "until": "2026-12-31", "suspend": True}
    policy = load_policy({**yaml.safe_load(POLICY), "exceptions": [{**outage, "reason": "moving"}]})

    def visit(count: int) -> None:
        times = [f"2026-03-{day:02d}T{hour:02d}:00Z" for day in range(2, 31) for hour in range(24)][:count]
        fields = [{"service": "ab"[place % 2]} for place in range(count)]
        created = Created(at="2026-03-02T00:00Z", fields={"status": "open", "priority": "low"})
        events = [Changed(at=at, seq=1, fields=given) for at, given in zip(times, fields, strict=True)]
        history = replay(policy, [created, *events])
        assert history.facts
        assert history.at("2026-05-01T00:00Z")["resolution"].due_at

    visit(3)
    compiled.clear()
    visit(400)
    assert [] == compiled


def test_twenty_years_take_less_than_two_megabytes() -> None:
    calendar = WorkingCalendar.from_dict(OFFICE | {"timezone": "America/New_York"})
    tracemalloc.start()
    try:
        calendar.between("2015-01-01T12:00Z", "2034-12-31T12:00Z")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 2_000_000


def test_crowded_buckets_answer_as_others() -> None:
    """Where many edges share a bucket, a look-up bisects in it: a day of a thousand breaks."""
    spans = [(minute * 60, minute * 60 + 20) for minute in range(1_000)]
    table = Table(1970, 1971, spans)
    counts = {t: sum(min(end, t) - start for start, end in spans if start < t) for t in range(0, 60_000, 7)}
    assert counts == {t: table.count(t) for t in counts}
    assert [0, len(table.edges)] == [table.edge_buckets[0], table.edge_buckets[-1]]

    class Fixed:
        first, last, steady = 0, 60_000, False

        def spans(self, lo: int, hi: int) -> list[tuple[int, int]]:
            return [(max(start, lo), min(end, hi)) for start, end in spans if start < hi and lo < end]

    time = Timeline(Fixed())
    assert counts == {t: time.between(0, t) for t in counts}
    assert all(time.between(0, time.add(0, amount)) == amount for amount in range(1, 20_000, 13))


class TestReplay:
    def test_look_ups_for_each_event_and_clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Ten events, two clocks: not more look-ups than one for each event and clock, the reading at the end too."""
        asked: Counter[str] = Counter()
        for name in LOOK_UPS:
            monkeypatch.setattr(Timeline, name, watched(name, getattr(Timeline, name), asked))
        events = ticket()
        history = replay(load_policy(io.StringIO(POLICY)), events)
        assert history.at("2026-03-09T14:00Z")["resolution"].verdict == "met"
        assert asked.total() <= 2 * len(events), asked

    def test_a_long_life_is_little_work_for_the_garbage_collector(self) -> None:
        """It looks through all that is alive now and then: of many objects for each event, replays are not linear."""
        policy, events = policy_of(), long_story("pausing", 1_000)
        warm = replay(policy, events)
        assert warm.state
        gc.collect()
        gc.disable()
        try:
            before = len(gc.get_objects())
            again = replay(policy, events)
            assert again.state == warm.state
            kept = len(gc.get_objects()) - before
        finally:
            gc.enable()
        assert 0 < kept <= 12 * len(events)

    def test_no_wall_clock_is_built_before_it_is_read(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Pendulum's objects are made when somebody reads them, one for each reading."""
        made: Counter[str] = Counter()
        monkeypatch.setattr(_instants, "DateTime", watched("made", _instants.DateTime, made))
        history = replay(load_policy(io.StringIO(POLICY)), ticket())
        assert made.total() == 0
        reading = history.at("2026-03-04T12:00Z")["resolution"]
        assert made.total() == 0
        assert reading.due_at is not None
        assert made.total() == 1


def lived(policy: Policy, waits: int) -> State:
    """The state of an open ticket that has waited so many times, saved and loaded."""
    state = initial_state(policy)
    for event in ticket()[:2]:
        state, _ = advance(policy, state, event)
    for number in range(2 * waits):
        at = f"2026-03-02T{11 + number // 60}:{number % 60:02d}Z"
        state, _ = advance(policy, state, Changed(at=at, fields={"status": "open" if number % 2 else "pending"}))
    return load_state(json.loads(json.dumps(dump_state(state))))


class TestAdvance:
    """A host with many open tickets: one new event for each, and the question when to wake up next."""

    LAST = Changed(at="2026-03-03T08:30Z", fields={"priority": "high"})

    def test_one_new_event_is_one_step_and_no_replay(self, monkeypatch: pytest.MonkeyPatch) -> None:
        policy = load_policy(io.StringIO(POLICY))
        states = [lived(policy, number % 5) for number in range(20)]
        asked: Counter[str] = Counter()
        monkeypatch.setattr(Clocks, "take", watched("take", Clocks.take, asked))
        monkeypatch.setattr(History, "__init__", watched("replay", History.__init__, asked))
        for state in states:
            after, _ = advance(policy, state, self.LAST)
            assert snapshot(policy, after, self.LAST.at).next_wakeup is not None
        assert {"take": len(states)} == asked

    def test_its_look_ups_do_not_grow_with_the_life_behind(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A ticket that has waited a hundred times, and gets another target by the event, is no dearer than others."""
        policy = load_policy(io.StringIO(POLICY))
        found = []
        for waits in (1, 100):
            state, asked = lived(policy, waits), Counter[str]()
            with monkeypatch.context() as patch:
                for name in LOOK_UPS:
                    patch.setattr(Timeline, name, watched(name, getattr(Timeline, name), asked))
                after, _ = advance(policy, state, self.LAST)
                assert snapshot(policy, after, self.LAST.at).next_wakeup is not None
            found.append(asked.total())
        assert found[0] == found[1] <= 8, found


class TestModules:
    """Modules come when a name of theirs is first used."""

    @staticmethod
    def loaded_by(code: str) -> set[str]:
        return set(in_fresh_interpreter(f"{code}\nimport sys\nprint(*sys.modules)").split())

    def test_import_alone_brings_nothing(self) -> None:
        loaded = self.loaded_by("import slaclock")
        assert {"slaclock", "slaclock._version"} == {name for name in loaded if name.startswith("slaclock")}
        assert not loaded & {"attr", "attrs", "pendulum", "yaml"}

    def test_calendars_come_without_policies(self) -> None:
        loaded = self.loaded_by("import slaclock; slaclock.ALWAYS.is_open('2026-01-01T00:00Z')")
        policies = {f"slaclock.{name}" for name in ("clock", "conditions", "events", "policy", "policyfile", "target")}
        assert not loaded & (policies | {"yaml", "csv", "holidays", "icalendar"})

    def test_policies_come_without_event_files(self) -> None:
        loaded = self.loaded_by("import slaclock; slaclock.load_policy, slaclock.replay")
        assert not loaded & {"slaclock.eventfile", "slaclock.reports", "slaclock.text", "yaml", "csv"}

    def test_figures_come_without_what_explains_or_compares_them(self) -> None:
        """What few questions need comes with them: also the standard library's, some of which is slow to load."""
        loaded = self.loaded_by(FIGURES) - self.loaded_by("import pendulum, attrs")
        assert "yaml" in loaded
        asked_for = (
            "_checks", "_policy_changes", "_reasons", "_zonedata", "comparison", "considered", "decisions",
            "differences", "explanation", "glance", "ledger", "lints", "policytext", "preview", "provenance", "schema",
            "timeline", "trail", "week",
        )  # fmt: skip
        assert not loaded & {f"slaclock.{name}" for name in asked_for}
        assert not loaded & {"hashlib", "html", "importlib.metadata", "json"}

    def test_few_classes_are_written_at_import(self) -> None:
        """attrs writes the code of each class whenever it is imported: what is no value does without."""
        assert int(in_fresh_interpreter(f"{FIGURES}\n{WRITTEN}")) <= 51
