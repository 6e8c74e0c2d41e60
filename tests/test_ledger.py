"""Ledgers: segments that cover a life exactly and add up, and what was decided about it."""

from __future__ import annotations

import json
from itertools import islice, pairwise

import pytest

from helpers import UTC, by_priority, changed, created, hours, make_policy, on, replied, short, story, us
from slaclock._instants import iso_us, to_us
from slaclock.calendar import WorkingCalendar
from slaclock.clock import advance, dump_state, initial_state, load_state
from slaclock.events import Event, Extended, Held, Released, Waived
from slaclock.ledger import Ledger, Segment, SegmentKind
from slaclock.policy import Policy
from slaclock.readings import Reading
from slaclock.snapshots import snapshot

OFFICE = make_policy({"resolution": "8h"}, defaults={"calendar": "office"})
NOON_TO_TWO = (changed("mon 12:00", status="waiting"), changed("mon 14:00", status="open"))


def read(policy: Policy, at: str, *events: Event) -> Reading:
    reading = story(policy, *events).at(on(at))["resolution"]
    check(reading)
    return reading


def check(reading: Reading) -> None:
    """The segments cover the life without gap or overlap, and the counted ones add up to the time elapsed."""
    segments = reading.ledger.segments
    for one, following in pairwise(segments):
        assert one.end_us == following.start_us
    assert all(segment.start_us < segment.end_us for segment in segments)
    if segments:
        cycle = reading._cycle
        assert cycle is not None
        end_us = reading.at_us if cycle.ended_us is None else cycle.ended_us
        assert (reading.started_us, end_us) == (segments[0].start_us, segments[-1].end_us)
    elapsed = reading.wall_elapsed_us if reading.target is None else reading.elapsed_us
    assert elapsed == reading.ledger.total_us(SegmentKind.COUNTED)


def told(reading: Reading) -> list[str]:
    return [
        f"{short(segment.start)} - {short(segment.end)} {segment.kind} {segment.open_us / hours(1):g}h"
        for segment in reading.ledger.segments
    ]


class TestSegments:
    def test_of_a_life_over_night_and_a_pause(self) -> None:
        assert [
            "mon 08:00 - mon 09:00 closed 0h",
            "mon 09:00 - mon 12:00 counted 3h",
            "mon 12:00 - mon 14:00 paused 2h",
            "mon 14:00 - mon 17:00 counted 3h",
            "mon 17:00 - tue 09:00 closed 0h",
            "tue 09:00 - tue 10:00 counted 1h",
        ] == told(read(OFFICE, "tue 10:00", created("mon 08:00"), *NOON_TO_TWO))

    def test_of_a_pause_say_what_it_cost(self) -> None:
        events = (created(), changed("mon 16:00", status="waiting"), changed("tue 10:00", status="open"))
        assert "mon 16:00 - tue 10:00 paused 2h" in told(read(OFFICE, "tue 10:00", *events))

    def test_of_a_reopened_ticket_show_when_it_was_done(self) -> None:
        events = (created(), changed("mon 10:00", status="solved"), changed("mon 11:00", status="open"))
        expected = [
            "mon 09:00 - mon 10:00 counted 1h",
            "mon 10:00 - mon 11:00 done 1h",
            "mon 11:00 - mon 12:00 counted 1h",
        ]
        assert expected == told(read(OFFICE, "mon 12:00", *events))

    def test_of_a_stopped_clock_end_at_the_stop(self) -> None:
        events = (created(), changed("mon 10:00", status="solved"))
        assert ["mon 09:00 - mon 10:00 counted 1h"] == told(read(OFFICE, "tue 12:00", *events))

    def test_of_a_change_that_starts_afresh_set_the_time_before_aside(self) -> None:
        policy = make_policy(None, by_priority("4h", "8h"), defaults={"on_change": "restart", "calendar": "office"})
        events = (created("mon 08:00", priority="low"), *NOON_TO_TWO, changed("mon 15:00", priority="high"))
        assert [
            "mon 08:00 - mon 12:00 set_aside 3h",
            "mon 12:00 - mon 14:00 set_aside 2h",
            "mon 14:00 - mon 15:00 set_aside 1h",
            "mon 15:00 - mon 16:00 counted 1h",
        ] == told(read(policy, "mon 16:00", *events))

    def test_of_a_change_that_carries_are_measured_by_the_target_of_their_time(self) -> None:
        rule = by_priority({"within": "8h", "calendar": "always"}, {"within": "8h", "calendar": "office"})
        policy = make_policy(None, rule, defaults={"on_change": "carry"})
        events = (created("mon 16:00", priority="low"), changed("mon 20:00", priority="high"))
        assert [
            "mon 16:00 - mon 17:00 counted 1h",
            "mon 17:00 - mon 20:00 closed 0h",
            "mon 20:00 - mon 22:00 counted 2h",
        ] == told(read(policy, "mon 22:00", *events))

    def test_of_a_clock_without_a_target_count_by_the_wall(self) -> None:
        assert [
            "mon 08:00 - mon 12:00 counted 4h",
            "mon 12:00 - mon 14:00 paused 2h",
            "mon 14:00 - mon 20:00 counted 6h",
        ] == told(read(make_policy(), "mon 20:00", created("mon 08:00"), *NOON_TO_TWO))

    def test_of_a_clock_that_has_just_begun_there_are_none(self) -> None:
        assert [] == told(read(OFFICE, "mon 09:00", created()))

    def test_name_the_event_that_began_them_and_why(self) -> None:
        events = (created(id="c"), Held(at=on("mon 10:00"), reason="move", id="h"))
        segments = read(OFFICE, "mon 11:00", *events).ledger.segments
        assert [("c", ""), ("h", "held: move")] == [(segment.cause, segment.why) for segment in segments]


HOLIDAYS = {
    "desk": {
        "hours": {"mon-fri": "09:00-17:00"},
        "holidays": [{"date": "2026-03-03", "name": "Fair"}],
        "closures": [{"from": "2026-03-02T14:00", "until": "2026-03-02T15:00", "reason": "fire drill"}],
    }
}


class TestReasons:
    """Of closed time why the calendar was closed, of a pause which condition or hold made it."""

    policy = make_policy({"resolution": "80h"}, calendars=HOLIDAYS, defaults={"calendar": "desk"})

    def told(self, at: str, *events: Event) -> list[str]:
        segments = read(self.policy, at, *events).ledger.segments
        return [f"{short(segment.start)} {segment.kind}: {segment.why}" for segment in segments]

    def test_of_closed_time(self) -> None:
        assert [
            "mon 09:00 counted: ",
            'mon 14:00 closed: closure "fire drill"',
            "mon 15:00 counted: ",
            "mon 17:00 closed: outside hours",
            'tue 00:00 closed: holiday "Fair"',
            "wed 00:00 closed: outside hours",
            "wed 09:00 counted: ",
        ] == self.told("wed 10:00", created())

    def test_of_a_pause_the_condition(self) -> None:
        events = (created(), changed("mon 10:00", status="waiting"))
        assert "mon 10:00 paused: category is pending or on_hold" == self.told("mon 11:00", *events)[1]

    def test_of_a_pause_the_target_s_own_condition(self) -> None:
        target = {"within": "8h", "pause_while": {"team": "vendor"}}
        reading = read(make_policy({"resolution": target}), "mon 11:00", created(), changed("mon 10:00", team="vendor"))
        assert "team is vendor" == reading.ledger.segments[1].why

    def test_of_a_pause_only_what_made_it(self) -> None:
        """A field that was set, and pauses no longer, is no reason."""
        rule = {"any": [{"category": "pending"}, {"team": "vendor"}]}
        policy = make_policy({"resolution": "8h"}, metrics={"resolution": {"pause_while": rule}})
        events = (created(status="waiting", team="vendor"), changed("mon 10:00", team="inside"))
        ledger = story(policy, *events).explain(on("mon 11:00"))["resolution"].ledger
        assert [
            "category is pending or team is vendor; status is waiting, team is vendor",
            "category is pending or team is vendor",
        ] == [segment.why for segment in ledger]

    def test_of_a_pause_by_what_is_not_so_what_is(self) -> None:
        policy = make_policy({"resolution": "8h"}, metrics={"resolution": {"pause_while": {"not": {"team": "inside"}}}})
        events = (created(team="inside"), changed("mon 10:00", team="vendor"))
        ledger = story(policy, *events).explain(on("mon 11:00"))["resolution"].ledger
        assert "not (team is inside); team is vendor" == ledger.segments[-1].why

    def test_of_a_hold_its_reason(self) -> None:
        assert (
            "mon 10:00 paused: held: parts"
            == self.told("mon 11:00", created(), Held(at=on("mon 10:00"), reason="parts"))[1]
        )

    @pytest.mark.parametrize(
        ("events", "segments"),
        [
            (
                (changed("mon 10:00", id="w", status="waiting"), changed("mon 11:00", id="v", status="vendor")),
                ["mon 10:00 w: is waiting", "mon 11:00 v: is vendor"],
            ),
            (
                (changed("mon 10:00", id="w", status="waiting"), changed("mon 11:00", id="a", status="waiting", vip=1)),
                ["mon 10:00 w: is waiting"],
            ),
            (
                (
                    changed("mon 10:00", id="w", status="waiting"),
                    Held(at=on("mon 10:30"), id="h", reason="lab"),
                    Held(at=on("mon 10:40"), id="k", reason="lab 2"),
                    Released(at=on("mon 11:00"), id="r"),
                ),
                [
                    "mon 10:00 w: is waiting",
                    "mon 10:30 h: held: lab",
                    "mon 10:40 k: lab 2",
                    "mon 11:00 r: or on_hold",
                ],
            ),
            (
                (
                    Held(at=on("mon 10:00"), id="h", reason="lab"),
                    changed("mon 10:30", id="w", status="waiting"),
                    Released(at=on("mon 11:00"), id="r"),
                ),
                ["mon 10:00 h: held: lab", "mon 11:00 r: or on_hold"],
            ),
        ],
        ids=["another status", "the same status again", "a hold in between", "a status in between"],
    )
    def test_of_a_pause_that_goes_on_for_another_reason_both(
        self, events: tuple[Event, ...], segments: list[str]
    ) -> None:
        """What it cost is the same; who kept the ticket waiting is not."""
        opened = changed("mon 12:00", status="open")
        history = story(OFFICE, created(), *events, opened)
        account = history.explain(on("mon 13:00"))["resolution"]
        paused = [segment for segment in account.ledger if segment.kind is SegmentKind.PAUSED]
        assert segments == [f"{short(one.start)} {one.cause}: {' '.join(one.why.split()[-2:])}" for one in paused]
        assert hours(2) == sum(segment.open_us for segment in paused) == account.reading.paused_for_us
        facts = [str(fact.kind) for fact in history.facts if fact.metric == "resolution"]
        assert ["started", "paused", "resumed"] == facts
        state = initial_state(OFFICE)
        for event in (created(), *events, opened):
            state = load_state(json.loads(json.dumps(dump_state(advance(OFFICE, state, event)[0]))))
        assert history.state == state
        assert [(s.start, s.cause) for s in account.ledger] == [
            (s.start, s.cause) for s in snapshot(OFFICE, state, on("mon 13:00"))["resolution"].ledger
        ]


class TestFarAway:
    """A clock that has run for very long: its segments are worked out as they are read."""

    far = story(OFFICE, created()).at("2326-03-02T10:00+00:00")["resolution"].ledger

    def test_totals_need_no_segments(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(WorkingCalendar, "segments_us", None)
        counted, closed = (self.far.total_us(kind) for kind in (SegmentKind.COUNTED, SegmentKind.CLOSED))
        assert counted + closed == to_us("2326-03-02T10:00+00:00") - us("mon 09:00")
        assert {SegmentKind.COUNTED: counted, SegmentKind.CLOSED: closed} == self.far.totals()

    def test_segments_come_one_by_one(self) -> None:
        kinds = [(short(segment.start), str(segment.kind)) for segment in islice(self.far, 3)]
        assert [("mon 09:00", "counted"), ("mon 17:00", "closed"), ("tue 09:00", "counted")] == kinds

    def test_text_has_the_first_ones_and_what_the_rest_comes_to(self) -> None:
        far = story(OFFICE, created(), *NOON_TO_TWO).at("2326-03-02T10:00+00:00")["resolution"].ledger
        *shown, rest = far.lines()
        assert 40 == len(shown)
        assert rest.startswith("2026-03-27T09:00:00+00:00 .. 2326-03-02T10:00:00+00:00  and so on: counted ")
        counted = far.total_us(SegmentKind.COUNTED) - sum(
            segment.open_us for segment in islice(far, 40) if segment.kind is SegmentKind.COUNTED
        )
        assert f"counted {counted // hours(1)}h, closed " in rest
        assert str(far).endswith(rest)

    @pytest.mark.parametrize(
        ("calendar", "kinds"),
        [
            ({"hours": {}, "special": {"2026-03-02": "09:00-17:00"}}, ["counted", "closed", "closed"]),
            ("all day", ["counted"]),
        ],
        ids=["never opens again", "never closes"],
    )
    def test_what_goes_on_for_centuries_is_one_segment(self, calendar: object, kinds: list[str]) -> None:
        policy = make_policy({"resolution": "8h"}, calendars={"c": calendar}, defaults={"calendar": "c"})
        segments = story(policy, created()).at("2526-03-02T10:00+00:00")["resolution"].ledger.segments
        assert kinds == [str(segment.kind) for segment in segments]
        assert "2526-03-02T10:00:00+00:00" == iso_us(segments[-1].end_us, UTC)


class TestTotals:
    ledger = read(OFFICE, "tue 10:00", created("mon 08:00"), *NOON_TO_TWO).ledger

    @pytest.mark.parametrize(
        ("kind", "total"), [("counted", 7), ("paused", 2), ("closed", 17), ("done", 0), ("set_aside", 0)]
    )
    def test_are_working_time_for_what_counted_and_wall_clock_time_for_the_rest(self, kind: str, total: int) -> None:
        assert hours(total) == self.ledger.total_us(SegmentKind(kind))

    def test_add_up_to_the_wall_clock_span(self) -> None:
        assert hours(26) == sum(self.ledger.total_us(kind) for kind in SegmentKind)


class TestDecisions:
    def told(self, reading: Reading) -> list[str]:
        return [f"{short(decision.at)} {decision.sentence}" for decision in reading.ledger.decisions]

    def test_tell_which_rule_gave_what_since_when_and_what_was_granted(self) -> None:
        layers = {
            "corporate": [{"name": "all", "targets": {"resolution": "48h"}}],
            "customer": [by_priority("4h", "8h")],
        }
        events = (
            created(),
            Extended(at=on("mon 10:00"), metric="resolution", by="2h", reason="agreed"),
            changed("mon 11:00", priority="high"),
            Waived(at=on("mon 12:00"), metric="resolution", reason="outage"),
        )
        assert [
            "mon 09:00 corporate: rule 'all' gives 48h on always",
            "mon 10:00 extended by 2h: agreed",
            "mon 11:00 customer: rule 'by priority' gives 4h on always",
            "mon 12:00 waived: outage",
        ] == self.told(read(make_policy(None, layers=layers), "mon 13:00", *events))

    def test_tell_of_an_exemption(self) -> None:
        policy = make_policy({"resolution": "4h"}, {"name": "trial", "when": {"plan": "trial"}, "exempt": True})
        expected = ["mon 09:00 customer: rule 'trial' exempts resolution"]
        assert expected == self.told(read(policy, "mon 10:00", created(plan="trial")))


class TestShown:
    def test_text_has_the_decisions_and_then_the_segments(self) -> None:
        policy = make_policy({"resolution": "8h"}, timezone="Europe/Berlin")
        events = (created(), Held(at=on("mon 10:30"), reason="move"))
        assert str(read(policy, "mon 12:00", *events).ledger) == (
            "2026-03-02T10:00:00+01:00  customer: rule 'everybody' gives 8h on always\n"
            "2026-03-02T10:00:00+01:00 .. 2026-03-02T11:30:00+01:00  counted    1h30m\n"
            "2026-03-02T11:30:00+01:00 .. 2026-03-02T13:00:00+01:00  paused     1h30m (held: move)"
        )

    def test_text_of_what_has_not_started_says_so(self) -> None:
        reading = story(OFFICE, created()).at(on("mon 10:00"))["next_response"]
        assert (Ledger((), (), UTC), "not started") == (reading.ledger, str(reading.ledger))

    def test_to_dict_is_json_ready_and_complete(self) -> None:
        data = json.loads(json.dumps(read(OFFICE, "mon 10:00", created(id="c"), replied("mon 09:30")).ledger.to_dict()))
        assert data == {
            "segments": [
                {
                    "kind": "counted",
                    "start": "2026-03-02T09:00:00+00:00",
                    "end": "2026-03-02T10:00:00+00:00",
                    "wall_us": hours(1),
                    "open_us": hours(1),
                    "cause": "c",
                    "why": "",
                }
            ],
            "totals": {"counted_us": hours(1)},
            "decisions": [
                {
                    "kind": "gives",
                    "at": "2026-03-02T09:00:00+00:00",
                    "sentence": "customer: rule 'everybody' gives 8h on office",
                    "cause": "",
                    "layer": "customer",
                    "rule": "everybody",
                    "margin_us": None,
                }
            ],
        }

    def test_ledgers_are_values(self) -> None:
        one, two, other = (read(OFFICE, at, created()).ledger for at in ("mon 10:00", "mon 10:00", "mon 11:00"))
        assert (one, hash(one)) == (two, hash(two))
        assert one != other
        assert one != "a ledger"
        assert "<Ledger: counted 1h; 1 decisions>" == repr(one)
        assert "<Ledger: nothing yet; 0 decisions>" == repr(Ledger((), (), UTC))

    def test_segments_are_values(self) -> None:
        one, two = (read(OFFICE, "mon 10:00", created()).ledger.segments for _ in range(2))
        assert one == two
        assert isinstance(one[0], Segment)
        assert hours(1) == one[0].wall_us
