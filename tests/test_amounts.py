"""Amounts as people write them."""

from __future__ import annotations

from datetime import timedelta

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock._instants import HOUR_US, MINUTE_US, SECOND_US
from slaclock.amounts import Amount, _parse, open_us, read_time, time_text
from slaclock.errors import CalendarError


@pytest.mark.parametrize(
    ("us", "text"),
    [
        (4 * HOUR_US, "4h"),
        (90 * MINUTE_US, "90m"),
        (20 * SECOND_US, "20s"),
        (90 * MINUTE_US, "1h30m"),
        (90 * MINUTE_US, "1 h 30 min"),
        (125 * MINUTE_US, "2 hours, 5 minutes"),
        (4 * HOUR_US, "PT4H"),
        (90 * MINUTE_US, "PT1H30M"),
        (SECOND_US // 2, "PT0.5S"),
        (90 * MINUTE_US, "1.5h"),
        (1, "0.000001s"),
        (24 * HOUR_US, " 24H "),
        (3661 * SECOND_US, "1h1m1s"),
        (5 * SECOND_US, "5 secs"),
    ],
)
def test_open_time_is_read_exactly(us: int, text: str) -> None:
    """Hours, minutes and seconds, each at most once, the larger first; and ISO 8601."""
    amount = Amount.parse(text)
    assert (us, "open", False) == (amount.us, amount.kind, amount.is_day_amount)


@pytest.mark.parametrize(
    ("canonical", "text"),
    [
        ("3 business days", "3 business days"),
        ("1 business day", "1 working day"),
        ("2 business days by 16:00", "2 Business Days by 16:00"),
        ("2 business days by 24:00", "2 business days by 24:00"),
        ("next business day by 16:00:30", "next business day by 16:00:30"),
        ("next business day by 16:00", "1 business day by 16:00"),
        ("next business day by close", "next business day"),
        ("same business day by 17:00", "same business day by 17:00"),
        ("same business day by close", "same business day"),
        ("15 calendar days", "15 calendar days"),
        ("1 calendar day", "1  calendar day"),
        ("best effort", "best-effort"),
        ("1h30m", "PT90M"),
        ("1h0.000001s", "1h 0.000001s"),
    ],
)
def test_canonical_text_reads_back(canonical: str, text: str) -> None:
    """str() of an amount is one text for each value, and parses back to it."""
    amount = Amount.parse(text)
    assert canonical == str(amount)
    assert amount == Amount.parse(canonical)


@given(st.integers(-(10**16), 10**16))
def test_any_open_amount_reads_back(us: int) -> None:
    """Every amount of microseconds has a text that gives it back, signs included."""
    assert Amount(us=us) == Amount.parse(str(Amount(us=us)), signed=True)


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        ("bare-day", "1d", "a day has five meanings"),
        (
            "bare-day",
            "3 days",
            "`72h` for open time, `3 business days`, `3 business days by 16:00` or `3 calendar days`",
        ),
        ("bare-day", "1w", "`168h` for open time, `5 business days`, `5 business days by 16:00` or `7 calendar days`"),
        ("bare-day", "2 weeks", "`10 business days`"),
        ("bare-day", "1.5 days", "`1 business day`"),
        ("bare-day", "2 months", "`1 business day`"),
        ("bare-day", "P1D", "24h"),
        ("bare-day", "P1DT4H", "24h"),
        ("zero-amount", "0h", "best effort"),
        ("zero-amount", "0 business days", "same business day"),
        ("bad-amount", "-4h", "without a sign"),
        ("bad-amount", "-soon", "expected an amount"),
        ("bad-amount", "", "expected an amount"),
        ("bad-amount", "4", "expected an amount"),
        ("bad-amount", "4h,", "expected an amount"),
        ("bad-amount", "PT", "expected an amount"),
        ("bad-amount", "30m1h", "expected an amount"),
        ("bad-amount", "1h2h", "expected an amount"),
        ("bad-amount", "4 parsecs", "expected an amount"),
        ("bad-amount", "4 business hours", "write `4h`: it is open time on the calendar"),
        ("bad-amount", "30 Working Minutes", "write `30m`"),
        ("bad-amount", "PT0.0000001S", "whole microseconds"),
        ("bad-amount", "99999999h", "9999 years"),
        ("bad-amount", "9" * 5000 + "h", "expected an amount"),
        ("bad-amount", "٤h", "expected an amount"),
        ("bad-amount", "999999999 business days", "9999 years"),
        ("bad-amount", "next calendar day", "only business days"),
        ("bad-amount", "2 calendar days by 16:00", "only business days"),
        ("bad-time", "2 business days by 4pm", "`16:00`"),
        ("bad-time", "2 business days by 24:01", "`16:00`"),
        ("bad-amount", None, "found nothing"),
        ("bad-amount", 4, "write `4h`"),
        ("bad-amount", True, "expected an amount"),
    ],
)
def test_what_is_no_amount_is_refused(code: str, text: str, words: str) -> None:
    """One problem, with a stable code and a hint that names the choices."""
    with pytest.raises(CalendarError) as caught:
        Amount.parse(text)
    (problem,) = caught.value.problems
    assert code == problem.code
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("us", "value"),
    [
        (-30 * MINUTE_US, "-30m"),
        (2 * HOUR_US, "+2h"),
        (0, "0h"),
        (-HOUR_US, timedelta(hours=-1)),
        (24 * HOUR_US, timedelta(days=1)),
        (HOUR_US, pendulum.duration(hours=1)),
        (HOUR_US, Amount(us=HOUR_US)),
    ],
)
def test_calendar_questions_take_signs(us: int, value: str | timedelta | Amount) -> None:
    """A question to a calendar takes open time of either sign; timedelta(days=1) is 24 open hours."""
    assert us == open_us(value)


def test_targets_take_positive_amounts_only() -> None:
    """What is not signed is above zero, whatever it is given as; a day amount passes as it is."""
    for value in (timedelta(0), timedelta(hours=-1), Amount(us=-1), timedelta.max):
        with pytest.raises(CalendarError):
            Amount.of(value)
    assert Amount.parse("3 business days") == Amount.of("3 business days") == Amount.of(Amount.parse("3 business days"))


@pytest.mark.parametrize("text", ["3 business days", "best effort"])
def test_open_time_is_asked_for_where_only_that_makes_sense(text: str) -> None:
    """Day amounts and best effort are no open time."""
    with pytest.raises(CalendarError, match="expected open time"):
        open_us(text)


def test_times_of_day() -> None:
    """00:00 to 24:00, with seconds where they are written."""
    assert (0, 24 * HOUR_US, None, None) == tuple(map(read_time, ("0:00", "24:00", "24:00:01", "12:60")))
    assert "09:05:07" == time_text(read_time("9:05:07") or 0)


def test_long_texts_are_read_and_not_remembered() -> None:
    """Amounts are remembered by their texts, which a hostile document could make long."""
    before = _parse.cache_info().currsize
    assert Amount.parse("4h" + " " * 1_000) == Amount.parse("4h", signed=True)
    assert Amount.parse("5h" + " " * 10).us == 5 * HOUR_US
    assert _parse.cache_info().currsize <= before + 2
