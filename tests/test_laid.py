"""A target laid over a life: what is used up, when it is due, and whether that has passed."""

from __future__ import annotations

import pytest

from helpers import hours, minutes, short, us
from slaclock.amounts import Amount
from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.conditions import Always
from slaclock.laid import Laid, bind, margin_us
from slaclock.life import Life
from slaclock.state import Phase, Signal
from slaclock.strategies import DEFAULTS
from slaclock.target import NEVER_US, Plan, Target, Warn

OFFICE = WorkingCalendar(timezone="UTC", hours={"mon-fri": "09:00-17:00"})
SHUT = WorkingCalendar(timezone="UTC", hours={})
MON_9 = us("mon 09:00")


def plan(amount: str, calendar: WorkingCalendar = OFFICE, *, layer: int = 0, warn: tuple[Warn, ...] = ()) -> Plan:
    return Plan(
        Target(amount=Amount.parse(amount), calendar="c", warn=warn),
        layer=layer,
        layer_name=f"layer {layer}",
        rule="r",
        calendar_name="c",
        calendar=calendar,
        pause_while=Always(False),
        life=0,
        strategies=DEFAULTS,
    )


def lay(amount: str | Plan, *signals: tuple[str, Signal], now: str = "mon 09:00", start: str = "mon 09:00") -> Laid:
    """A target laid over a life of signals in one go."""
    life = Life((us(start), Phase.RUNNING, "c", ""))
    for at, signal in signals:
        life = life.after(us(at), signal, at)
    given = amount if isinstance(amount, Plan) else plan(amount)
    laid = Laid(given, since_us=us(start), origin_us=us(start), from_us=us(start))
    laid.lay([life], us(now))
    return laid


def live(amount: str, *signals: tuple[str, Signal], start: str = "mon 09:00") -> Laid:
    """The same, signal by signal."""
    laid = lay(amount, start=start, now=start)
    for at, signal in signals:
        {"pause": laid.pause, "resume": laid.resume, "stop": laid.end, "cancel": laid.end}[signal](us(at))
    return laid


STORIES = {
    "running": ((), "tue 10:00"),
    "paused in time": ((("mon 11:00", Signal.PAUSE),), "tue 10:00"),
    "paused late": ((("tue 12:00", Signal.PAUSE),), "tue 13:00"),
    "resumed": ((("mon 11:00", Signal.PAUSE), ("mon 12:00", Signal.RESUME)), "mon 12:30"),
    "stopped in time": ((("mon 12:00", Signal.STOP),), "tue 10:00"),
    "stopped at the due instant": ((("mon 13:00", Signal.STOP),), "tue 10:00"),
    "stopped right after it": ((("mon 13:00:00.000001", Signal.STOP),), "tue 10:00"),
    "stopped while paused": ((("mon 11:00", Signal.PAUSE), ("mon 12:00", Signal.STOP)), "tue 10:00"),
    "stopped while paused late": ((("mon 15:00", Signal.PAUSE), ("mon 16:00", Signal.STOP)), "tue 10:00"),
    "cancelled": ((("mon 12:00", Signal.CANCEL),), "tue 10:00"),
}


@pytest.mark.parametrize("amount", ["4h", "12h", "1 business day", "same business day by 13:00", "best effort"])
@pytest.mark.parametrize("name", STORIES)
def test_living_on_comes_to_the_same_as_laying_over_the_whole_life(amount: str, name: str) -> None:
    signals, now = STORIES[name]
    at = us(now)
    once, stepwise = (
        (laid.due_us, laid.missed(at), laid.elapsed(at), laid.if_resumed(at))
        for laid in (lay(amount, *signals, now=now), live(amount, *signals))
    )
    assert once == stepwise


class TestDue:
    @pytest.mark.parametrize(("start", "amount", "due"), [
        ("mon 09:00", "4h", "mon 13:00"),
        ("mon 09:00", "8h", "mon 17:00"),
        ("mon 15:00", "4h", "tue 11:00"),
        ("sat 12:00", "1h", "mon+1 10:00"),
        ("mon 10:00", "1 business day", "tue 10:00"),
        ("fri 10:00", "1 calendar day", "sat 10:00"),
    ])  # fmt: skip
    def test_without_pauses_it_is_the_first_instant_at_which_all_is_used_up_or_the_day_named(
        self, start: str, amount: str, due: str
    ) -> None:
        assert due == short(lay(amount, start=start, now=start).due_us)

    def test_best_effort_is_never_due(self) -> None:
        assert lay("best effort").due_us == NEVER_US

    @pytest.mark.parametrize("amount", ["4h", "2 business days"])
    def test_on_a_calendar_that_never_opens_nothing_is_due(self, amount: str) -> None:
        assert lay(plan(amount, SHUT)).due_us == NEVER_US

    def test_pauses_cost_the_working_time_that_they_cover(self) -> None:
        pause = (("mon 10:00", Signal.PAUSE), ("tue 10:00", Signal.RESUME))
        assert short(lay("4h", *pause, now="tue 10:00").due_us) == "tue 13:00"

    def test_while_paused_in_time_nothing_is_due_but_would_be_if_resumed(self) -> None:
        laid = lay("4h", ("mon 10:00", Signal.PAUSE), now="mon 12:00")
        assert (None, "mon 15:00") == (laid.due_us, short(laid.if_resumed(us("mon 12:00"))))

    @pytest.mark.parametrize(("until", "due"), [("mon 11:00", "tue 11:00"), ("wed 10:00", "thu 10:00")])
    def test_a_day_moves_by_the_open_time_paused(self, until: str, due: str) -> None:
        pause = (("mon 10:00", Signal.PAUSE), (until, Signal.RESUME))
        assert due == short(lay("1 business day", *pause, start="mon 10:00", now=until).due_us)

    def test_a_day_that_passed_while_the_clock_was_paused_out_of_hours_is_due_at_the_resume(self) -> None:
        # Due on Saturday at noon; paused over the weekend, which costs no open time.
        pause = (("fri 18:00", Signal.PAUSE), ("sun 12:00", Signal.RESUME))
        laid = lay("1 calendar day", *pause, start="fri 12:00", now="sun 12:00")
        assert short(laid.due_us) == "sun 12:00"

    def test_with_nothing_left_it_is_due_at_the_instant_of_the_resume(self) -> None:
        pause = (("mon 13:00", Signal.PAUSE), ("mon 15:00", Signal.RESUME))
        laid = lay("4h", *pause, now="mon 15:00")
        assert "mon 15:00" == short(laid.due_us)
        assert (False, True) == (laid.missed(us("mon 15:00")), laid.missed(us("mon 15:00") + 1))


class TestLate:
    @pytest.mark.parametrize(("end", "late"), [("mon 13:00", False), ("mon 13:00:00.000001", True)])
    @pytest.mark.parametrize("signal", [Signal.STOP, Signal.PAUSE, Signal.CANCEL])
    def test_a_run_that_ends_at_the_due_instant_was_in_time(self, end: str, late: bool, signal: Signal) -> None:
        assert lay("4h", (end, signal), now="tue 09:00").missed(us("tue 09:00")) is late

    def test_a_pause_never_hides_a_breach_and_the_deadline_stands(self) -> None:
        laid = lay("4h", ("mon 14:00", Signal.PAUSE), now="tue 09:00")
        assert (True, "mon 13:00") == (laid.late, short(laid.due_us))

    def test_a_clock_stopped_while_paused_is_judged_as_if_resumed_then(self) -> None:
        laid = lay("4h", ("mon 10:00", Signal.PAUSE), ("mon 12:00", Signal.STOP), now="tue 09:00")
        assert (False, "mon 15:00") == (laid.late, short(laid.due_us))

    def test_stopped_out_of_hours_with_nothing_left_is_late(self) -> None:
        laid = lay("8h", ("mon 18:00", Signal.STOP), now="tue 09:00")
        assert (True, "mon 17:00", hours(8)) == (laid.late, short(laid.due_us), laid.used_us)

    def test_it_became_late_at_the_due_instant(self) -> None:
        laid = live("4h")
        assert laid.missed_at(us("mon 13:00")) is None
        assert short(laid.missed_at(us("mon 14:00"))) == "mon 13:00"
        laid.end(us("mon 15:00"))
        assert short(laid.missed_at(us("tue 09:00"))) == "mon 13:00"

    def test_what_is_found_late_by_laying_became_so_at_that_instant(self) -> None:
        laid = lay("4h", now="mon 15:00")
        assert short(laid.missed_at(us("mon 15:00"))) == "mon 15:00"

    def test_what_came_into_force_later_was_not_late_before(self) -> None:
        life = Life((MON_9, Phase.RUNNING, "c", ""))
        laid = Laid(plan("4h"), since_us=us("mon 12:00"), origin_us=MON_9, from_us=MON_9)
        laid.lay([life], us("mon 12:00"))
        assert short(laid.missed_at(us("tue 09:00"))) == "mon 13:00"


class TestExtension:
    def test_moves_the_due_instant_and_takes_back_a_breach(self) -> None:
        life = Life((MON_9, Phase.RUNNING, "c", ""))
        laid = lay("4h")
        laid.grant(hours(2))
        laid.lay([life], us("mon 14:00"))
        assert (False, "mon 15:00", None) == (laid.late, short(laid.due_us), laid.late_at_us)

    def test_that_is_too_short_does_not_make_late_what_was_late_before(self) -> None:
        life = Life((MON_9, Phase.RUNNING, "c", ""))
        laid = lay("4h")
        laid.grant(hours(1))
        laid.lay([life], us("mon 16:00"))
        assert (True, "mon 14:00") == (laid.late, short(laid.missed_at(us("mon 16:00"))))

    def test_moves_a_day_by_open_time(self) -> None:
        life = Life((MON_9, Phase.RUNNING, "c", ""))
        laid = lay("1 business day")
        laid.grant(hours(9))
        laid.lay([life], MON_9)
        assert short(laid.due_us) == "wed 10:00"

    def test_is_part_of_the_digest(self) -> None:
        laid = lay("4h")
        before = laid.digest
        laid.grant(5)
        assert f"{before}+5" == laid.digest

    def test_of_best_effort_grants_nothing(self) -> None:
        laid = lay("best effort")
        laid.grant(5)
        assert laid.total_us is None


class TestWarnings:
    quarter = Warn(after_us=hours(1))
    before = Warn(offset_us=-minutes(30))

    def test_come_in_order(self) -> None:
        laid = lay(plan("4h", warn=(self.before, self.quarter)))
        found = [(used, warn) for used, _, warn in laid.thresholds]
        assert [(hours(1), self.quarter), (minutes(210), self.before)] == found

    def test_of_best_effort_are_those_after_an_amount(self) -> None:
        laid = lay(plan("best effort", warn=(self.before, self.quarter)))
        assert [(hours(1), self.quarter)] == [(used, warn) for used, _, warn in laid.thresholds]

    def test_are_reached_in_the_present_run_or_had_been_before_it(self) -> None:
        laid = lay("4h", ("mon 11:00", Signal.PAUSE), ("mon 12:00", Signal.RESUME), now="mon 12:00")
        assert ["mon 12:00", "mon 13:00"] == [short(laid.reached(hours(number))) for number in (1, 3)]

    def test_are_not_reached_while_paused(self) -> None:
        assert lay("4h", ("mon 11:00", Signal.PAUSE), now="mon 12:00").reached(hours(3)) == NEVER_US


class TestCarrying:
    def test_the_past_is_measured_as_its_target_did_and_the_rest_by_the_new_one(self) -> None:
        life = Life((us("mon 15:00"), Phase.RUNNING, "c", ""))
        old = lay("8h", start="mon 15:00")
        new = Laid(plan("8h", ALWAYS), since_us=us("mon 20:00"), origin_us=us("mon 15:00"), from_us=us("mon 20:00"))
        new.prior = old
        new.lay([life], us("mon 20:00"))
        assert (hours(2), "tue 02:00") == (new.elapsed(us("mon 20:00")), short(new.due_us))

    def test_a_copy_goes_on_by_itself(self) -> None:
        laid = live("4h")
        twin = laid.copy()
        twin.pause(us("mon 10:00"))
        assert ("mon 13:00", None) == (short(laid.due_us), twin.due_us)


class TestSticky:
    def test_a_breach_stays_under_a_laxer_target_that_stands_in_time(self) -> None:
        laid = lay("8h", now="mon 12:00")
        laid.sticky = (us("mon 10:00"), us("mon 11:00"))
        laid.lay([Life((MON_9, Phase.RUNNING, "c", ""))], us("mon 12:00"))
        assert (True, "mon 10:00", "mon 11:00") == (
            laid.late,
            short(laid.due_us),
            short(laid.missed_at(us("mon 12:00"))),
        )


def test_ending_what_is_paused_late_changes_nothing() -> None:
    laid = live("4h", ("mon 14:00", Signal.PAUSE), ("mon 15:00", Signal.STOP))
    assert (True, "mon 13:00", hours(5)) == (laid.late, short(laid.due_us), laid.used_us)


def test_resuming_what_is_late_leaves_the_deadline_where_it_stood() -> None:
    laid = live("4h", ("mon 14:00", Signal.PAUSE), ("mon 15:00", Signal.RESUME))
    assert "mon 13:00" == short(laid.due_us)


class TestBinding:
    early, late, same = (
        lay(plan(amount, layer=layer)) for amount, layer in (("2h", 0), ("4h", 1), ("240m", 2))
    )  # fmt: skip

    def test_the_one_due_first_binds(self) -> None:
        assert bind([self.early, self.late], "earliest_due", MON_9, alive=True) is self.early

    def test_of_equals_the_more_specific_layer_binds(self) -> None:
        assert bind([self.late, self.same], "earliest_due", MON_9, alive=True) is self.same

    def test_most_specific_is_the_other_choice(self) -> None:
        assert bind([self.early, self.late], "most_specific", MON_9, alive=True) is self.late

    @pytest.mark.parametrize("binds", ["earliest_due", "most_specific"])
    def test_of_none_none_binds(self, binds: str) -> None:
        assert bind([], binds, MON_9, alive=True) is None

    def test_running_ones_come_before_paused_ones_while_the_clock_lives(self) -> None:
        paused = live("1h", ("mon 09:30", Signal.PAUSE))
        assert bind([paused, self.late], "earliest_due", us("mon 10:00"), alive=True) is self.late
        assert bind([paused, self.late], "earliest_due", us("mon 10:00"), alive=False) is paused

    def test_what_was_missed_is_due_although_it_is_paused(self) -> None:
        missed = live("1h", ("mon 10:30", Signal.PAUSE))
        assert bind([missed, self.late], "earliest_due", us("mon 11:00"), alive=True) is missed

    def test_the_margin_is_the_time_to_the_binding_one_and_of_that_one_to_the_next(self) -> None:
        among = [self.early, self.late]
        assert hours(2) == margin_us(self.late, among, self.early, MON_9)
        assert hours(2) == margin_us(self.early, among, self.early, MON_9)

    def test_there_is_no_margin_to_what_is_never_due_or_alone(self) -> None:
        never = lay("best effort")
        assert margin_us(self.early, [self.early], self.early, MON_9) is None
        assert margin_us(self.early, [self.early, never], self.early, MON_9) is None
        assert margin_us(never, [self.early, never], self.early, MON_9) is None

    def test_without_a_binding_one_the_margin_is_that_to_the_next(self) -> None:
        assert hours(2) == margin_us(self.early, [self.early, self.late], None, MON_9)
