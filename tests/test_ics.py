"""iCalendar as a source of holidays and closures: what is taken, what is refused, and where."""

from __future__ import annotations

import json
import pickle
import sys
import textwrap
import time
from datetime import date
from pathlib import Path

import pytest

from slaclock.calendar import ALWAYS, WorkingCalendar
from slaclock.calendarfile import load_calendar
from slaclock.errors import CalendarError, MissingExtraError, NeverOpenError, PolicyError
from slaclock.ics import is_ics_text

pytest.importorskip("recurring_ical_events", reason="iCalendar needs the extra `icalendar`")
from slaclock.extras import icalendar as extra

HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//example//EN\n"
TAIL = "END:VCALENDAR\n"


def event(*lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def ics(*events: str) -> str:
    return HEAD + "".join(events) + TAIL


UNITY = event(
    "UID:unity", "DTSTAMP:20200101T000000Z", "DTSTART;VALUE=DATE:20201003", "SUMMARY:Unity Day", "RRULE:FREQ=YEARLY"
)
PARTY = event("UID:party", "DTSTART;VALUE=DATE:20260703", "DTEND;VALUE=DATE:20260705", "SUMMARY:Summer\\, party")
TEAM = event(
    "UID:team",
    "DTSTART;TZID=Europe/Berlin:20260305T140000",
    "DTEND;TZID=Europe/Berlin:20260305T160000",
    "RRULE:FREQ=WEEKLY;BYDAY=TH",
    "EXDATE;TZID=Europe/Berlin:20260312T140000",
    "SUMMARY:Team meeting",
)
TEXT = ics(UNITY, PARTY, TEAM)


def office(*holidays: object, **more: object) -> WorkingCalendar:
    return WorkingCalendar(
        timezone="Europe/Berlin",
        hours={"mon-fri": "09:00-17:00"},
        holidays=list(holidays),
        **more,  # type: ignore[arg-type]
    )


def around_the_clock(text: str) -> WorkingCalendar:
    return WorkingCalendar(hours="24h", holidays=[{"ics": text}])


def closed(text: str, *instants: str) -> list[str]:
    calendar = office({"ics": text})
    return [calendar.why(at).removeprefix("closed: ") for at in instants]


def refused(source: object, **more: object) -> str:
    """The only fault of a source, without its path."""
    with pytest.raises(CalendarError) as caught:
        office({"ics": source, **more})
    (problem,) = caught.value.problems
    assert ("holidays", 0) == problem.keys[:2]
    return problem.sentence


# ------------------------------------------------------------------------------------------------------- what is taken


def test_days_are_holidays_and_times_are_closures() -> None:
    """Recurring entries come every year and week, in summer time too; an excluded date does not."""
    instants = ["2026-10-02T10:00+02:00", "2034-10-03T10:00+02:00", "2026-07-03T10:00+02:00", "2026-07-06T10:00+02:00"]
    assert ["open", 'holiday "Unity Day"', 'holiday "Summer, party"', "open"] == closed(TEXT, *instants)
    weekly = ["2026-03-05T14:00+01:00", "2026-03-05T16:00+01:00", "2026-03-12T14:30+01:00", "2026-04-02T14:30+02:00"]
    assert ['closure "Team meeting"', "open", "open", 'closure "Team meeting"'] == closed(TEXT, *weekly)
    calendar = office({"ics": TEXT})
    assert [6, 8] == [
        calendar.between(f"2026-03-{day}T00:00Z", f"2026-03-{day}T20:00Z").in_hours() for day in ("05", "12")
    ]
    assert (False, True) == (calendar.is_business_day("2026-07-03"), calendar.is_business_day("2026-03-05"))
    assert "2026-03-05T16:30:00+01:00" == calendar.add("2026-03-05T13:30+01:00", "1h").isoformat()


def test_a_closure_may_take_a_whole_business_day() -> None:
    text = ics(event("UID:1", "DTSTART:20260302T080000", "DURATION:PT12H"))
    assert ["closure"] == closed(text, "2026-03-02T10:00+01:00")
    assert not office({"ics": text}).is_business_day("2026-03-02")
    assert (
        "2026-03-03T17:00:00+01:00"
        == office({"ics": text}).add("2026-03-01T10:00+01:00", "next business day").isoformat()
    )


def test_a_time_without_a_zone_is_the_calendars_own() -> None:
    """A floating time is read on the wall clock of the calendar; one in UTC is an instant."""
    text = ics(
        event("UID:1", "DTSTART:20260302T100000", "DTEND:20260302T110000"),
        event("UID:2", "DTSTART:20260303T100000Z", "DTEND:20260303T110000Z"),
    )
    assert ["closure", "open"] == closed(text, "2026-03-02T10:30+01:00", "2026-03-02T11:30+01:00")
    assert ["open", "closure"] == closed(text, "2026-03-03T10:30+01:00", "2026-03-03T11:30+01:00")
    tokyo = WorkingCalendar(timezone="Asia/Tokyo", hours="24h", holidays=[{"ics": text}])
    assert not tokyo.is_open("2026-03-02T10:30+09:00")


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["DTSTART;VALUE=DATE:20260302", "TRANSP:TRANSPARENT"], "holiday"),
        (["DTSTART:20260302T100000Z", "DTEND:20260302T120000Z", "TRANSP:TRANSPARENT"], "open"),
        (["DTSTART:20260302T100000Z", "DTEND:20260302T120000Z", "STATUS:CANCELLED"], "open"),
        (["DTSTART;VALUE=DATE:20260302", "STATUS:CANCELLED"], "open"),
        (["DTSTART:20260302T110000Z"], "open"),
        (["DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260302"], "holiday"),
        (["DTSTART;VALUE=DATE:20260302", "DURATION:P1D"], "holiday"),
        (["DTSTART;VALUE=DATE:20260223", "RDATE;VALUE=DATE:20260302"], "holiday"),
        (["DTSTART:20260305T103000Z", "RDATE;VALUE=PERIOD:20260302T100000Z/PT2H", "DURATION:PT1H"], "closure"),
        (["DTSTART:20260301T100000Z", "RRULE:FREQ=DAILY;COUNT=2", "DURATION:PT2H"], "closure"),
        (["DTSTART:20260301T100000Z", "RRULE:FREQ=DAILY;UNTIL=20260301T235959Z", "DURATION:PT2H"], "open"),
        (["DTSTART;VALUE=DATE:20260105", "RRULE:FREQ=MONTHLY;BYDAY=1MO"], "holiday"),
    ],
)  # fmt: skip
def test_what_of_an_entry_counts(lines: list[str], wanted: str) -> None:
    """Cancelled entries close nothing, nor do times marked as free or of no length; whole days count always."""
    assert [wanted] == closed(ics(event("UID:1", *lines)), "2026-03-02T11:00Z")


def test_a_changed_occurrence_takes_the_place_of_its_own() -> None:
    moved = event("UID:team", "RECURRENCE-ID;TZID=Europe/Berlin:20260319T140000", "SUMMARY:Retreat",
                  "DTSTART;TZID=Europe/Berlin:20260320T090000", "DTEND;TZID=Europe/Berlin:20260320T120000")  # fmt: skip
    instants = ("2026-03-19T14:30+01:00", "2026-03-20T10:00+01:00", "2026-03-26T14:30+01:00")
    assert ["open", 'closure "Retreat"', 'closure "Team meeting"'] == closed(ics(TEAM, moved), *instants)


def test_a_zone_of_the_files_own() -> None:
    """A VTIMEZONE names a zone that no database has; X-WR-TIMEZONE is the zone of times in UTC."""
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Office\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0500\n"
        "TZOFFSETTO:+0500\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    text = ics(zone, event("UID:1", "DTSTART;TZID=Office:20260302T150000", "DURATION:PT1H"))
    assert ["closure", "open"] == closed(text, "2026-03-02T10:30Z", "2026-03-02T14:30Z")
    wide = ics("X-WR-TIMEZONE:Asia/Tokyo\n", event("UID:1", "DTSTART:20260302T100000Z", "DURATION:PT1H"))
    assert ["closure"] == closed(wide, "2026-03-02T10:30Z")


def test_entries_are_followed_until_the_end_of_2199() -> None:
    """The horizon is stated: after it, nothing recurs; before an entry begins, nothing does either."""
    calendar = around_the_clock(ics(UNITY))
    years = (1, 1800, 2019, 2020, 2199, 2200, 9999)
    assert [True, True, True, False, False, True, True] == [
        calendar.is_open(f"{year:04}-10-03T12:00Z") for year in years
    ]
    whole = calendar.between("2020-01-01T00:00Z", "2300-01-01T00:00Z")
    assert (date(2300, 1, 1) - date(2020, 1, 1)).days - 180 == whole.in_days()
    assert () == extra.entries(ics(UNITY), 2200)
    # The weeks from this Wednesday on end with the year 2199.
    weekly = ics(event("UID:1", "DTSTART;VALUE=DATE:20260107", "DTEND;VALUE=DATE:20260114", "RRULE:FREQ=WEEKLY"))
    assert "2200-01-01T01:00:00+00:00" == around_the_clock(weekly).add("2026-01-07T00:00Z", "1h").isoformat()
    first = around_the_clock(ics(event("UID:1", "DTSTART;VALUE=DATE:00020101")))
    assert [False, True] == [first.is_open(f"0002-01-0{day}T12:00Z") for day in (1, 2)]


def test_a_calendar_without_entries_closes_nothing() -> None:
    calendar = office({"ics": HEAD + TAIL})
    assert calendar.is_open("2026-03-02T10:00Z")
    with pytest.raises(NeverOpenError):
        WorkingCalendar(hours=[], holidays=[{"ics": HEAD + TAIL}]).add("2026-03-02T10:00Z", "1h")


def test_entries_of_many_years_at_once() -> None:
    """Long questions see every year once, at the turn of the year too."""
    night = event(
        "UID:1", "DTSTART:20251231T220000Z", "DTEND:20260101T020000Z", "RRULE:FREQ=YEARLY", "SUMMARY:Fireworks"
    )
    calendar = around_the_clock(ics(night))
    ten_years = ("2026-06-01T00:00Z", "2036-06-01T00:00Z")
    assert ALWAYS.between(*ten_years).in_hours() - 10 * 4 == calendar.between(*ten_years).in_hours()
    _, closed_part, _ = calendar.segments("2025-12-01T00:00Z", "2026-02-01T00:00Z")
    assert ("2025-12-31T22:00", "2026-01-01T02:00", 'closed: closure "Fireworks"') == (
        closed_part.start.isoformat()[:16],
        closed_part.end.isoformat()[:16],
        closed_part.why,
    )


# ------------------------------------------------------------------------------------------------------------ as values


def test_the_text_is_part_of_the_calendar() -> None:
    """It reads back, pickles and compares by what matters: not by stamps, order, folding or descriptions."""
    calendar = office({"ics": TEXT, "remove": ["Team meeting", "2027-10-03", "07-04"]}, name="desk")
    again = WorkingCalendar.from_dict(json.loads(json.dumps(calendar.to_dict())))
    assert calendar == again == pickle.loads(pickle.dumps(calendar))
    assert calendar.digest == again.digest
    other = ics(
        TEAM, PARTY.replace("SUMMARY:Summer", "SUMMARY:Sum\n mer"), UNITY.replace("DTSTAMP:2020", "DTSTAMP:2026")
    )
    other = other.replace("UID:unity", "CLASS:PUBLIC\nUID:unity").replace("\n", "\r\n")
    assert office({"ics": TEXT}) == office({"ics": "\ufeff" + other})
    assert office({"ics": TEXT}) != office({"ics": ics(UNITY)})


def test_names_and_dates_may_be_removed() -> None:
    """By name all entries called so, by date what falls on it, of an entry of several days that day alone."""
    calendar = office({"ics": TEXT, "remove": ["Team meeting", "2034-10-03", "07-04"]})
    meeting, party = "2026-03-05T14:30+01:00", "2026-07-03T10:00+02:00"
    assert ["open", "open"] == [calendar.why(at) for at in (meeting, "2034-10-03T10:00+02:00")]
    assert 'closed: holiday "Unity Day"' == calendar.why("2033-10-03T10:00+02:00")
    assert 'closed: holiday "Summer, party"' == calendar.why(party)
    by_date = office({"ics": TEXT, "remove": ["2026-03-05"]})
    assert ("open", 'closed: closure "Team meeting"') == (by_date.why(meeting), by_date.why("2026-03-19T14:30+01:00"))
    expected = "expected the name of one of its holidays, as the source spells it"
    wanted = f"found `Team meting`, {expected}; did you mean `Team meeting`?"
    assert wanted == refused(TEXT, remove=["Team meting"])
    assert refused(TEXT, remove=["zzz"]).endswith("it has `Summer, party`, `Team meeting`, `Unity Day`")
    assert refused(ics(event("DTSTART;VALUE=DATE:20260302")), remove=["x"]).endswith("its holidays have no names")


# -------------------------------------------------------------------------------------------------------------- sources


def test_a_path_is_read_once(tmp_path: Path) -> None:
    """A file is read when the calendar is made, and is no part of it afterwards."""
    path = tmp_path / "feed.ics"
    path.write_bytes(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode())
    calendar = office({"ics": str(path)})
    assert calendar == office({"ics": path}) == office({"ics": TEXT})
    path.unlink()
    assert calendar == WorkingCalendar.from_dict(calendar.to_dict())


def test_a_policy_reads_files_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path in a document is read from the document's folder, wherever the program stands."""
    (tmp_path / "feed.ics").write_text(TEXT, encoding="utf-8")
    plain = "{timezone: Europe/Berlin, hours: {mon-fri: '09:00-17:00'}, holidays: [{ics: feed.ics}, 2026-03-04]}"
    (tmp_path / "plain.yaml").write_text(plain, encoding="utf-8")
    (tmp_path / "both.yaml").write_text(f"{{union: [{plain}, all day]}}", encoding="utf-8")
    inside = textwrap.indent(TEXT, "    ")
    (tmp_path / "text.yaml").write_text(f"hours: all day\nholidays:\n- ics: |\n{inside}", encoding="utf-8")
    (tmp_path / "odd.yaml").write_text("{hours: all day, holidays: 3}", encoding="utf-8")
    monkeypatch.chdir(Path(tmp_path.anchor))
    assert not load_calendar(tmp_path / "plain.yaml").is_open("2026-03-05T14:30+01:00")
    assert load_calendar(tmp_path / "both.yaml").is_open("2026-03-05T14:30+01:00")
    assert not load_calendar(tmp_path / "text.yaml").is_open("2026-10-03T14:30+01:00")
    with pytest.raises(PolicyError, match="expected a list of holidays"):
        load_calendar(tmp_path / "odd.yaml")
    (tmp_path / "feed.ics").write_text(TEXT.replace("20201003", "20201033"), encoding="utf-8")
    with pytest.raises(
        PolicyError, match=r"plain.yaml:1:\d+: holidays\[0\].ics: found `DTSTART;VALUE=DATE:20201033` in line 7 of"
    ):
        load_calendar(tmp_path / "plain.yaml")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("nowhere.ics", ("found `nowhere.ics`, expected an iCalendar file that can be read; No such file or directory; "
         "paths are read from the working directory, or in a policy file from its folder")),
        ("nul\0.ics", "expected an iCalendar file that can be read; no such path"),
        ("", "found ``, expected the path of an iCalendar file, or its text"),
        (3.5, "found 3.5, expected the path of an iCalendar file, or its text"),
        (None, "found nothing, expected the path of an iCalendar file, or its text"),
        ("BEGIN:VCALENDAR" + "\n" * 5_000_001, "expected at most 5,000,000 characters"),
    ],
)  # fmt: skip
def test_sources_that_are_refused(source: object, told: str) -> None:
    assert told in refused(source)


def test_files_that_are_no_text_or_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x.ics"
    path.write_bytes(TEXT.encode() + b"\n\xff")
    assert refused(path).startswith(f"found a byte that is no UTF-8 in line {TEXT.count(chr(10)) + 2} of `")
    path.write_bytes(b"x" * 5_000_001)
    assert "expected at most 5,000,000 bytes" in refused(path)


def test_text_or_path() -> None:
    assert [True, True, True, False] == [is_ics_text(text) for text in ("a\nb", "a\rb", " begin:vcalendar", "BEGIN")]


@pytest.mark.parametrize("package", ["icalendar", "recurring_ical_events"])
def test_a_missing_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=r'pip install "slaclock\[icalendar\]"'):
        office({"ics": TEXT})


# ------------------------------------------------------------------------------------------------------ what is refused

SIMPLE = ("UID:1", "DTSTART:20260302T100000", "DTEND:20260302T110000")
AGAIN = "export the calendar again, or take the entry out"
FREQUENCIES = "FREQ of DAILY, WEEKLY, MONTHLY, YEARLY"
SHORT = "with FREQ=WEEKLY only FREQ, UNTIL, COUNT, INTERVAL, BYDAY, BYMONTH, BYHOUR, WKST"
END = TEXT.count("\n") + 1


def at(line: int, expected: str, found: str = "") -> str:
    return f"{found} in line {line} of the text, expected {expected}"


def simple(*more: str, **changed: str) -> str:
    lines = [changed.get(line.partition(":")[0], line) for line in SIMPLE]
    return ics(event(*(line for line in lines if line), *more))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n", at(1, "`END:VCALENDAR` for it; is the file whole?", "found `nothing`")),
        ("x\ny", at(1, "`BEGIN:VCALENDAR`; is it an iCalendar file?", "found `x`")),
        (HEAD, at(1, "`END:VCALENDAR` for it; is the file whole?", "found `BEGIN:VCALENDAR`")),
        (HEAD + "BEGIN:VEVENT\nEND:VCALENDAR\n",
         at(5, "`END:VEVENT` for line 4; was the file cut or edited by hand?", "found `END:VCALENDAR`")),
        (TEXT + TEXT, at(END, "one calendar; split the file", "found `BEGIN:VCALENDAR`")),
        (TEXT + "x", at(END, "`BEGIN:VCALENDAR`; one calendar", "found `x`")),
        (ics("CALSCALE:JULIAN\n"), at(4, "the Gregorian calendar; convert the dates", "found `CALSCALE:JULIAN`")),
        (HEAD + "BEGIN:A\n" * 4, at(7, "no more than four components within each other", "found `BEGIN:A`")),
        (simple(UID="UID 1"), at(5, "a line `NAME:VALUE`; " + AGAIN, "found `UID 1`")),
        (simple(DTSTART="DTSTART:20260230T100000"),
         at(6, "a sound value of DTSTART; the reader says: ", "found `DTSTART:20260230T100000`")),
        (simple(DTSTART=""), at(4, "DTSTART in the entry; " + AGAIN, "found `BEGIN:VEVENT`")),
        (simple("DTSTART:20260302T100000"),
         at(8, "DTSTART once in an entry; " + AGAIN, "found `DTSTART:20260302T100000`")),
        (simple(DTSTART="DTSTART;TZID=Mars/Base:20260302T100000"),
         at(6, "the IANA name of a zone, or a VTIMEZONE of that name; `Mars/Base` is unknown")),
        (simple(DTEND="DTEND:20260302T090000"),
         at(7, "an end that does not lie before DTSTART; " + AGAIN, "found `DTEND:20260302T090000`")),
        (simple(DTEND="DTEND:20260302T110000Z"), at(7, "an end of the same kind as DTSTART")),
        (simple(DTEND="DTEND;VALUE=DATE:20260303"), at(7, "an end of the same kind as DTSTART")),
        (simple(DTEND="DURATION:-PT1H"), at(7, "an end that does not lie before DTSTART")),
        (simple(DTEND="DURATION:P9999999D"), at(7, "an end of the same kind as DTSTART")),
        (simple("RRULE:FREQ=DAILY", DTEND="DURATION:P400D"), at(7, "at most 366 days for an entry that recurs")),
        (ics(event("DTSTART;VALUE=DATE:22000101")), at(5, "a start in the years 2 to 2199")),
        (simple("RRULE:FREQ=YERLY"), at(8, FREQUENCIES + "; did you mean `YEARLY`?", "found `RRULE:FREQ=YERLY`")),
        (simple("RRULE:FREQ=SECONDLY"), at(8, FREQUENCIES)),
        (simple("RRULE:COUNT=3"), at(8, FREQUENCIES)),
        (simple("RRULE:FREQ=WEEKLY;INTERVAL=0"), at(8, "a sound value of INTERVAL")),
        (simple("RRULE:FREQ=WEEKLY;BYMONTHDAY=3"), at(8, SHORT)),
        (simple("RRULE:FREQ=YEARLY;BYMINUTE=0,1,2"), at(8, "with FREQ=YEARLY only FREQ, UNTIL,")),
        (simple("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"), at(8, "a rule that comes true at some time")),
        (simple("RRULE:FREQ=YEARLY;WKST=XX"), at(8, "a sound value of RRULE", "found `RRULE:FREQ=YEARLY;WKST=XX`")),
        (simple("RRULE:FREQ=YEARLY;BYDAY=0MO"), at(8, "a rule that can be read; the reader says: invalid")),
        (simple("RRULE:FREQ=YEARLY;BYSETPOS=3"), at(8, "a", "found `RRULE:FREQ=YEARLY;BYSETPOS=3`")),
        (simple("EXRULE:FREQ=DAILY"), at(8, "no EXRULE, which has been abolished; list the dates in EXDATE")),
        (ics("BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nRRULE:FREQ=DAILY\nEND:STANDARD\nEND:VTIMEZONE\n"),
         at(7, FREQUENCIES)),
    ],
)  # fmt: skip
def test_broken_text_is_told_with_its_line(text: str, told: str) -> None:
    """Each fault says what was found, on which line, what was expected, and what to do."""
    assert told in refused(text)


@pytest.mark.parametrize("where", ["icalendar.Calendar.from_ical", "recurring_ical_events.of"])
def test_what_only_the_packages_refuse_is_told_in_their_words(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Such a fault has no line; whatever they raise becomes our error."""

    def stumble(*_: object, **__: object) -> object:
        raise RuntimeError("a word\nfrom below " + "x" * 500)

    monkeypatch.setattr(where, stumble)
    told = refused(simple("X-NEW:1", UID=f"UID:{where}"))
    assert told.startswith(
        "found broken entries of the text, expected entries that can be read; the reader says: a word from"
    )
    assert 250 > len(told)


def test_many_faults_end_the_reading() -> None:
    """Twenty faults are told; files that are too much for anybody are refused at once."""
    with pytest.raises(CalendarError) as caught:
        office({"ics": ics(*(event("UID 1") for _ in range(50)))})
    assert 20 == len(caught.value.problems)
    assert "at most 10,000 entries" in refused(ics(event(*SIMPLE) * 10_001))
    assert "at most 1,000 entries that recur" in refused(
        ics(event("DTSTART:20260302T100000", "RRULE:FREQ=DAILY") * 1_001)
    )


def test_traps_are_refused_in_time() -> None:
    """A rule that never comes true is found out, and no text takes long."""
    begin = time.perf_counter()
    assert "comes true" in refused(simple("RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=FR"))
    assert "NAME:VALUE" in refused(ics(event('X;A="' * 20_000)))
    assert time.perf_counter() - begin < 30


def test_nothing_stands_beside_ics_but_what_to_remove() -> None:
    with pytest.raises(
        CalendarError, match=r"holidays\[0\].name: found `name`, expected one of ics, remove beside `ics`"
    ):
        office({"ics": TEXT, "name": "X"})


# ----------------------------------------------------------------------------------------------------- the roof's own


def test_entries_as_plain_data(tmp_path: Path) -> None:
    """The function of the extra gives what WorkingCalendar takes, to be looked through first."""
    path = tmp_path / "feed.ics"
    path.write_text(
        ics(UNITY, PARTY, event("UID:1", "DTSTART:20260310T100000Z", "DTEND:20260310T110000Z")), encoding="utf-8"
    )
    found = extra.load_closings(path, date(2026, 3, 1), date(2027, 12, 31))
    wanted = {
        "holidays": [
            {"from": "2026-07-03", "until": "2026-07-04", "name": "Summer, party"},
            {"from": "2026-10-03", "until": "2026-10-03", "name": "Unity Day"},
            {"from": "2027-10-03", "until": "2027-10-03", "name": "Unity Day"},
        ],
        "closures": [{"from": "2026-03-10T10:00:00+00:00", "until": "2026-03-10T11:00:00+00:00"}],
    }
    assert wanted == {key: sorted(value, key=str) for key, value in found.items()}
    assert 'closed: holiday "Unity Day"' == office(*found["holidays"], closures=found["closures"]).why(
        "2026-10-03T10:00Z"
    )
    assert {"holidays": [], "closures": []} == extra.load_closings(TEXT, date(2026, 7, 5), date(2026, 7, 6))
    assert "Team meeting" == extra.load_closings(TEXT, date(2026, 3, 5), date(2026, 3, 5))["closures"][0]["reason"]
    with pytest.raises(FileNotFoundError):
        extra.load_closings(tmp_path / "none.ics", date(2026, 1, 1), date(2026, 1, 2))


def test_of_a_file_without_an_end_no_more_is_read_than_an_export_has(tmp_path: Path) -> None:
    path = tmp_path / "long.ics"
    path.write_text("x" * 5_000_001, encoding="utf-8")
    with pytest.raises(CalendarError, match=r"long\.ics: found a longer text, expected at most 5,000,000 characters"):
        extra.load_closings(path, date(2026, 1, 1), date(2026, 1, 2))
