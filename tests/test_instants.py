"""The door between wall clocks and microseconds."""

from __future__ import annotations

import copy
import io
import itertools
import pickle
import random
import struct
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pendulum
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock import _instants, _zones
from slaclock._instants import (
    DAY_US,
    HOUR_US,
    MAX_US,
    MIN_US,
    SECOND_US,
    duration_us,
    from_us,
    iso_us,
    load_zone,
    local_us,
    offset_runs,
    resolve_gap_end,
    resolve_local,
    to_duration,
    to_us,
    zone_name,
)
from slaclock.errors import (
    CalendarError,
    EventError,
    NaiveTimeError,
    OutOfRangeError,
    SlaError,
    UnknownZoneError,
)

BERLIN = load_zone("Europe/Berlin")
LORD_HOWE = load_zone("Australia/Lord_Howe")
APIA = load_zone("Pacific/Apia")


class NotATime(datetime):
    """As pandas' NaT does, it calls itself a datetime and differs from itself."""

    def __ne__(self, other: object) -> bool:
        return True


class Stamp(datetime):
    """As pandas' Timestamp does, it holds nanoseconds."""

    nanosecond = 1


class Span(timedelta):
    """As pandas' Timedelta does, it holds nanoseconds."""

    nanoseconds = 1


class BrokenZone(tzinfo):
    """A tzinfo that raises what it likes."""

    def utcoffset(self, when: datetime | None) -> timedelta:
        raise RuntimeError("no offset today")


class Unshowable:
    """A value that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


# -------------------------------------------------------------------------------------------------------------- reading


@pytest.mark.parametrize(
    ("us", "value"),
    [
        (0, "1970-01-01T00:00Z"),
        (1, "1970-01-01T01:00:00.000001+01:00"),
        (-1, datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
        (1_772_438_400_000_000, "20260302T090000+0100"),
        (1_772_438_400_000_000, datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/Berlin"))),
        (1_772_438_400_000_000, pendulum.datetime(2026, 3, 2, 9, tz="Europe/Berlin")),
        (1_772_438_400_123_456, "2026-03-02T08:00:00.123456000Z"),
        (MIN_US, "0001-01-01T00:00Z"),
        (MAX_US - 1, "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_aware_values_are_read_exactly(us: int, value: datetime | str) -> None:
    """Any aware datetime and any ISO text with an offset is taken to the microsecond, each time it is read."""
    assert us == to_us(value)
    assert us == to_us(value)


def test_a_repeated_hour_is_told_apart_by_fold() -> None:
    """fold=0 is the first of two readings, fold=1 the second, for datetimes and pendulum alike."""
    zone = ZoneInfo("Europe/Berlin")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=zone)
    assert HOUR_US == to_us(first.replace(fold=1)) - to_us(first)
    us = to_us(first)
    assert (0, 1) == (from_us(us, BERLIN).fold, from_us(us + HOUR_US, BERLIN).fold)


def test_reading_by_table_equals_subtraction() -> None:
    """The short way through the table of days gives what exact subtraction gives, on a hundred thousand instants."""
    pick = random.Random(18)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    names = ["Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "America/New_York"]
    for name in names:
        zone = load_zone(name)
        # A few years around odd changes, so that the table is hit again and again.
        for start in (1_325_000_000, 1_760_000_000):
            for _ in range(12_500):
                us = (start + pick.randrange(4 * 10**7)) * SECOND_US + pick.randrange(SECOND_US)
                value = from_us(us, zone)
                assert us == to_us(value)
                assert timedelta(microseconds=us) == datetime.__sub__(value, epoch)


class Elsewhere(datetime):
    """A datetime that names another day than its own."""

    def toordinal(self) -> int:
        return datetime(2026, 7, 1).toordinal()


class OneOff(ZoneInfo):
    """A zone that tells another offset than it goes by."""

    def utcoffset(self, value: datetime | None) -> timedelta:
        return timedelta(hours=5)


def zone_of_a_file(*, hours: int, key: str | None) -> ZoneInfo:
    """A zone in which clocks are set forward for a day, a week after 1970 began."""
    times = struct.pack(">2l", 17 * 43_200, 19 * 43_200)
    kinds = struct.pack(">lbblbb", 0, 0, 0, hours * 3_600, 0, 0) + b"N\0"
    head = b"TZif" + bytes(16) + struct.pack(">6l", 0, 0, 0, 2, 2, 2)
    return ZoneInfo.from_file(io.BytesIO(head + times + b"\1\0" + kinds), key=key)


def test_what_is_remembered_of_days_does_not_come_from_odd_values() -> None:
    """Values that lie about themselves are read as they say, and change nothing about others."""
    zone, summer = ZoneInfo("Europe/Berlin"), datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    _zones.forget()
    to_us(Elsewhere(2026, 1, 15, 9, tzinfo=zone))
    assert to_us("2026-07-01T07:00Z") == to_us(summer)
    odd = datetime(2026, 7, 1, 9, tzinfo=OneOff("Europe/Berlin"))
    assert [to_us("2026-07-01T04:00Z")] * 2 == [to_us(odd), to_us(odd)]


@pytest.mark.parametrize("key", [None, "Europe/Berlin", "Nowhere/Nowhere", "../x", "UTC"])
def test_zones_that_are_not_of_the_zone_data_are_asked_each_time(key: str | None) -> None:
    """Their clocks need not keep to what is known of those in the zone data: that changes lie days apart."""
    zone = zone_of_a_file(hours=1, key=key)
    _zones.forget()
    for _ in range(2):
        for hour in range(24 * 12):
            value = datetime(1970, 1, 1, tzinfo=zone) + timedelta(hours=hour)
            offset = value.utcoffset()
            assert offset is not None
            assert hour * HOUR_US - offset // timedelta(microseconds=1) == to_us(value)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (datetime(2026, 3, 2), NaiveTimeError, "names no instant: make it with tzinfo="),
        ("2026-03-02T09:00", NaiveTimeError, "names no instant: write 2026-03-02T09:00+01:00"),
        ("2026-03-02", NaiveTimeError, "expected an offset"),
        ("yesterday", EventError, "expected an aware datetime"),
        ("x" * 200, EventError, "..."),
        ("2026-03-02T09:00:00.1234567Z", EventError, "six decimals"),
        (None, EventError, "expected an aware datetime"),
        (True, EventError, "found True"),
        (1_772_438_400, EventError, "a number names no unit"),
        (date(2026, 3, 2), EventError, "a date is no instant"),
        (NotATime(2026, 3, 2, tzinfo=UTC), EventError, "NaT is no instant"),
        (Stamp(2026, 3, 2, tzinfo=UTC), EventError, "whole microseconds"),
        (datetime(2026, 3, 2, tzinfo=BrokenZone()), EventError, "no offset today"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), EventError, "years 1 to 9999"),
        ("9999-12-31T23:59:59-01:00", EventError, "years 1 to 9999"),
        (Unshowable(), EventError, "a Unshowable"),
    ],
)
def test_what_is_no_instant_is_refused(value: datetime | str, error: type[SlaError], words: str) -> None:
    """The message says what was found, what was expected and what to do."""
    with pytest.raises(error) as caught:
        to_us(value, "created.at")
    assert words in str(caught.value)
    assert str(caught.value).startswith("created.at: ")


def test_the_caller_names_the_error() -> None:
    """A question to a calendar raises a CalendarError, not an EventError; only a missing offset is always the same."""
    with pytest.raises(CalendarError):
        to_us("soon", "at", CalendarError)
    with pytest.raises(NaiveTimeError):
        to_us("2026-01-01T00:00", "at", CalendarError)


# -------------------------------------------------------------------------------------------------------------- writing


def test_answers_are_pendulum_in_the_zone() -> None:
    """from_us gives a pendulum DateTime in the very zone, with pendulum's own arithmetic at work."""
    value = from_us(1_772_438_400_000_001, BERLIN)
    assert isinstance(value, pendulum.DateTime)
    assert "2026-03-02T09:00:00.000001+01:00" == value.isoformat()
    assert "Europe/Berlin" == value.timezone_name
    assert "2026-03-30T09:00:00.000001+02:00" == value.add(days=28).isoformat()
    assert value.isoformat() == iso_us(1_772_438_400_000_001, BERLIN)


@pytest.mark.parametrize(
    ("name", "around"),
    [
        ("Europe/Berlin", "2026-10-25T01:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
        ("Pacific/Apia", "2011-12-30T10:00Z"),
        ("America/Juneau", "1867-10-18T22:00Z"),
        ("Africa/Freetown", "1939-09-05T00:30Z"),
        ("America/Sao_Paulo", "2018-11-04T03:00Z"),
        ("UTC", "2026-01-01T00:00Z"),
    ],
)
def test_writing_by_table_equals_the_zone(name: str, around: str) -> None:
    """Near and far from changes of offset, a day that is shown again shows what the zone itself shows."""
    pick, zone, other = random.Random(19), load_zone(name), ZoneInfo(name)
    for days in (1, 5, 400):
        for _ in range(1_500):
            us = to_us(around) + pick.randrange(-days * DAY_US, days * DAY_US)
            value = from_us(us, zone)
            wall = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(other)
            assert (wall.replace(tzinfo=None), wall.fold) == (value.naive(), value.fold)
            assert us == to_us(value)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/Berlin", "America/New_York", "Asia/Manila", "UTC"])
@pytest.mark.parametrize("us", [MIN_US, MIN_US + 1, MIN_US + 15 * HOUR_US, MAX_US - 15 * HOUR_US, MAX_US - 1])
def test_every_instant_can_be_shown(us: int, zone: str) -> None:
    """At the ends of time, where a wall clock shows the year 0 or 10000, it is that of UTC: the instant is the same."""
    value, text = from_us(us, load_zone(zone)), iso_us(us, load_zone(zone))
    assert us == to_us(value) == to_us(text)
    assert text == value.isoformat()
    local = us + offset_runs(load_zone(zone), us, us + 1)[0][2]
    assert (zone if MIN_US <= local < MAX_US else "UTC") == value.timezone_name


@pytest.mark.parametrize("us", [MAX_US, MIN_US - 1, 10**40, -(10**40)])
def test_no_answer_lies_outside_the_years_1_to_9999(us: int) -> None:
    """What is no instant of these years is an OutOfRangeError."""
    with pytest.raises(OutOfRangeError):
        from_us(us, load_zone("UTC"))
    with pytest.raises(OutOfRangeError):
        iso_us(us, BERLIN)


# ------------------------------------------------------------------------------------------------------------ durations


_FIELDS = [
    "years", "months", "weeks", "days", "remaining_days", "hours", "minutes", "seconds", "remaining_seconds",
    "microseconds", "invert",
]  # fmt: skip
_READINGS = [f"total_{unit}" for unit in ("seconds", "minutes", "hours", "days", "weeks")]
_READINGS += [f"in_{unit}" for unit in ("seconds", "minutes", "hours", "days", "weeks", "words")]
_READINGS += ["as_timedelta", "__repr__", "__str__", "__hash__", "__bool__", "__neg__", "__abs__", "__reduce__"]
_SPRING = pendulum.datetime(2026, 3, 28, 12, 0, 0, 1, tz="Europe/Berlin")
_HOUR_AND_MORE = pendulum.Duration(hours=1, microseconds=7)


def shown(value: pendulum.Duration) -> list[object]:
    """All that a Duration shows and does, apart from adding to a DateTime."""
    found: list[object] = [getattr(value, name) for name in _FIELDS]
    found += [getattr(value, name)() for name in _READINGS]
    found += [value + _HOUR_AND_MORE, value - _HOUR_AND_MORE, _HOUR_AND_MORE - value, timedelta(1) + value]
    found += [value * 3, value * 0.5, value // 7, value / 7, value / 0.5]
    found += [value // _HOUR_AND_MORE, value / _HOUR_AND_MORE, value % _HOUR_AND_MORE, divmod(value, _HOUR_AND_MORE)]
    found += [pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value), value < _HOUR_AND_MORE]
    return [(type(one), one, repr(one)) for one in found]


@given(st.integers(-(10**15), 10**15) | st.integers(-(10**6), 10**6).map(lambda seconds: seconds * 1_000_000))
def test_durations_are_what_pendulum_would_make(us: int) -> None:
    """The quick way to a Duration equals pendulum's constructor in all that it shows and does, and reads back."""
    made, plain = to_duration(us), pendulum.Duration(microseconds=us)
    assert us == duration_us(made)
    assert (plain, type(plain)) == (made, type(made))
    assert shown(plain) == shown(made)
    assert all(getattr(made, name) == value for name, value in plain.__dict__.items() if name != "_signature")


@given(st.integers(-(10**14), 10**14))
def test_a_duration_adds_real_time_to_a_pendulum_datetime(us: int) -> None:
    """Twenty-four open hours are not a date: a clock change between is no concern of theirs."""
    made = to_duration(us)
    assert to_us(_SPRING) + us == to_us(_SPRING + made)
    assert _SPRING + pendulum.Duration(microseconds=us) == _SPRING + made
    assert _SPRING - pendulum.Duration(microseconds=us) == _SPRING - made


@given(st.integers(-MAX_US * 2, MAX_US * 2))
def test_durations_are_exact_over_all_years(us: int) -> None:
    """No float takes part."""
    assert us == duration_us(to_duration(us)) == duration_us(timedelta(microseconds=us))
    assert us == duration_us(_instants._duration_by_constructor(us))


@pytest.mark.parametrize("make", [to_duration, _instants._duration_by_constructor])
def test_durations_have_an_end(make: object) -> None:
    """A Duration holds a thousand million days, and no more."""
    for us in (10**30, -(10**30)):
        with pytest.raises(OutOfRangeError):
            make(us)  # type: ignore[operator]


def test_amounts_without_a_fixed_length_are_refused() -> None:
    """Years and months have no length, a nanosecond is too fine; an Interval has a length whatever its months."""
    with pytest.raises(CalendarError, match="years and months have none"):
        duration_us(pendulum.duration(months=1))
    with pytest.raises(CalendarError, match="whole microseconds"):
        duration_us(Span(hours=1))
    start = pendulum.datetime(2026, 1, 1)
    assert 59 * DAY_US == duration_us(start.add(months=2) - start)


# ---------------------------------------------------------------------------------------------------------------- zones


def test_zones_are_found_by_name() -> None:
    """The same name gives the same object, and a ZoneInfo is taken by its key."""
    assert BERLIN is load_zone("Europe/Berlin")
    assert BERLIN is load_zone(ZoneInfo("Europe/Berlin"))
    assert "Europe/Berlin" == zone_name(BERLIN)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Europe/Berlni", "did you mean `Europe/Berlin`?"),
        ("europe/berlin", "did you mean `Europe/Berlin`?"),
        ("America/New York", "did you mean `America/New_York`?"),
        ("", "IANA"),
        ("Europe", "IANA"),
        ("../etc/passwd", "IANA"),
        ("/etc/localtime", "IANA"),
        ("a" * 5000, "IANA"),
        ("Europe/Berlin\0", "IANA"),
        ("\ud800", "IANA"),
        ("localtime", "IANA"),
        ("right/Europe/Berlin", "IANA"),
        ("+01:00", "IANA"),
        (None, "IANA"),
        (3, "found 3"),
        (UTC, "IANA"),
    ],
)
def test_other_names_are_refused_with_the_nearest(name: str, words: str) -> None:
    """No zone depends on the machine, and no name reaches the file system unchecked."""
    with pytest.raises(UnknownZoneError) as caught:
        load_zone(name)
    assert words in str(caught.value)


def test_runs_cover_and_agree_with_the_zone() -> None:
    """offset_runs covers the stretch without gaps, no two runs alike in a row, and gives what the zone gives."""
    for zone in (BERLIN, LORD_HOWE, APIA, load_zone("Africa/Casablanca"), load_zone("Africa/Freetown")):
        for lo, hi in [("1935-01-01T00:00Z", "1946-01-01T00:00Z"), ("2009-06-01T00:00Z", "2031-01-01T00:00Z")]:
            runs = offset_runs(zone, to_us(lo), to_us(hi))
            assert (to_us(lo), to_us(hi)) == (runs[0][0], runs[-1][1])
            for one, other in itertools.pairwise(runs):
                assert one[1] == other[0]
                assert one[2] != other[2]
            for start, end, offset in runs:
                for us in (start, (start + end) // 2, end - 1):
                    delta = from_us(us, zone).utcoffset()
                    assert delta is not None
                    assert offset == duration_us(delta)


def test_runs_reach_the_ends_of_time() -> None:
    """The first and the last instant have an offset too, in zones east and west."""
    for zone in (BERLIN, APIA, load_zone("America/New_York")):
        runs = offset_runs(zone, MIN_US, MIN_US + 1) + offset_runs(zone, MAX_US - 1, MAX_US)
        assert 2 == len(runs)


def test_caches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full cache is emptied, and answers stay the same."""
    wanted = to_us("2026-03-02T09:00+01:00")
    for limit in ("_MOST_BLOCKS", "_MOST_DAYS", "_MOST_ZONES"):
        monkeypatch.setattr(_zones, limit, 1)
    for name in ("Europe/Berlin", "Europe/Paris", "Europe/Madrid"):
        for day in (2, 3, 4):
            value = datetime(2026, 3, day, 9, tzinfo=ZoneInfo(name))
            assert wanted + (day - 2) * DAY_US == to_us(value)
        assert 2 < len(offset_runs(load_zone(name), wanted - 800 * DAY_US, wanted))


def test_the_wall_clock_and_back() -> None:
    """A reading that is shown once, twice or never resolves by the stated rules."""
    noon = to_us("2026-07-01T12:00Z")
    assert noon + 2 * HOUR_US == local_us(BERLIN, noon)
    assert noon == resolve_local(BERLIN, local_us(BERLIN, noon)) == resolve_gap_end(BERLIN, local_us(BERLIN, noon))
    twice = to_us("2026-10-25T02:30Z")  # A local reading, written as if it were UTC.
    assert to_us("2026-10-25T02:30+02:00") == resolve_local(BERLIN, twice) == resolve_gap_end(BERLIN, twice)
    never = to_us("2026-03-29T02:10Z")
    assert to_us("2026-03-29T03:10+02:00") == resolve_local(BERLIN, never)
    assert to_us("2026-03-29T03:00+02:00") == resolve_gap_end(BERLIN, never)
    half_hour = to_us("2026-10-04T02:10Z")
    assert to_us("2026-10-04T02:40+11:00") == resolve_local(LORD_HOWE, half_hour)
    assert to_us("2026-10-04T02:30+11:00") == resolve_gap_end(LORD_HOWE, half_hour)
    lost_day = to_us("2011-12-30T15:00Z")
    assert to_us("2011-12-31T00:00+14:00") == resolve_gap_end(APIA, lost_day)


def test_readings_outside_the_years_have_no_instant() -> None:
    """A local reading beyond the year 9999 is an OutOfRangeError."""
    with pytest.raises(OutOfRangeError):
        resolve_local(BERLIN, MAX_US)
