"""Files of events: what becomes of each column and key, and every fault with its line."""

from __future__ import annotations

import gzip
import io
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock.errors import EventError, UnknownZoneError
from slaclock.eventfile import Expected, load_events, read_events
from slaclock.events import (
    Changed,
    Created,
    Event,
    Extended,
    Held,
    Merged,
    Released,
    Replied,
    Restarted,
    Waived,
    Withdrawn,
)

AT = "2026-03-02T09:00+01:00"
ISO = f"ISO 8601 text with an offset, such as {AT}"


def load(text: str, timezone: str | None = None) -> list[Event]:
    return load_events(io.StringIO(text, newline=""), timezone)


def faults(text: str, timezone: str | None = None, *, need_ticket: bool = False) -> list[tuple[int | None, str, str]]:
    """The faults of a file: line, path and sentence of each."""
    with pytest.raises(EventError) as caught:
        read_events(io.StringIO(text, newline=""), timezone, need_ticket=need_ticket)
    return [(problem.line, problem.path, problem.sentence) for problem in caught.value.problems]


class TestColumns:
    def test_columns_are_keywords_of_the_kind_or_fields_of_the_ticket(self) -> None:
        text = f"ticket,at,event,by,public,priority,tags\n7,{AT},created,agent,,high,\n7,{AT},replied,bot,false,,\n"
        assert load(text) == [
            Created(at=AT, ticket="7", seq=1, by="agent", fields={"priority": "high"}),
            Replied(at=AT, ticket="7", seq=2, by="bot", public=False),
        ]

    def test_every_kind_can_be_written_in_columns(self) -> None:
        text = f"""at,event,by,public,metric,reason,into,withdraws,id,seq,recorded_at,actor,note,status
{AT},created,,,,,,,e1,,,,,new
{AT},changed,,,,,,,,,,,,solved
{AT},replied,customer,TRUE,,,,,,,,,,
{AT},held,,,,storm,,,,,,,,
{AT},released,,,update,,,,,,,,,
{AT},extended,2h,,update,agreed,,,,,,,,
{AT},waived,,,update,agreed,,,,,,,,
{AT},restarted,,,update,agreed,,,,,,,,
{AT},merged,,,,,8,,,,,,,
{AT},withdrawn,,,,slip,,e1,,-5,2026-03-03T00:00Z,bo,typo,
"""
        assert load(text) == [
            Created(at=AT, id="e1", seq=1, fields={"status": "new"}),
            Changed(at=AT, seq=2, fields={"status": "solved"}),
            Replied(at=AT, seq=3, by="customer"),
            Held(at=AT, seq=4, reason="storm"),
            Released(at=AT, seq=5, metric="update"),
            Extended(at=AT, seq=6, metric="update", by="2h", reason="agreed"),
            Waived(at=AT, seq=7, metric="update", reason="agreed"),
            Restarted(at=AT, seq=8, metric="update", reason="agreed"),
            Merged(at=AT, seq=9, into="8"),
            Withdrawn(
                at=AT, seq=-5, event="e1", reason="slip", actor="bo", note="typo", recorded_at="2026-03-03T00:00Z"
            ),
        ]

    def test_a_field_that_is_named_like_a_keyword_has_a_prefix(self) -> None:
        (event,) = load(f"at,event,fields.reason,fields.by\n{AT},created,rain,road\n")
        assert event == Created(at=AT, seq=1, fields={"reason": "rain", "by": "road"})

    def test_values_are_text(self) -> None:
        (event,) = load(f"at,event,seats,vip\n{AT},created,007,true\n")
        assert event == Created(at=AT, seq=1, fields={"seats": "007", "vip": "true"})

    def test_rows_of_one_id_have_one_seq_so_that_a_redelivery_is_the_same_event(self) -> None:
        text = f"ticket,at,event,id\n1,{AT},created,a\n1,{AT},changed,b\n1,{AT},created,a\n2,{AT},created,a\n"
        assert [event.seq for event in load(text)] == [1, 2, 1, 4]

    def test_an_empty_seq_is_the_number_of_the_row(self) -> None:
        assert [event.seq for event in load(f"at,event,seq\n{AT},created,40\n{AT},changed,\n")] == [40, 2]


class TestKeys:
    def test_fields_may_stand_in_an_object_or_beside_the_keywords_and_keep_their_types(self) -> None:
        lines = [
            {"event": "created", "at": AT, "ticket": "7", "seats": 3, "fields": {"vip": True, "tags": ["a"]}},
            {
                "event": "replied",
                "at": AT,
                "ticket": "7",
                "by": "agent",
                "public": False,
                "seq": 9,
                "recorded_at": None,
            },
        ]
        assert load("\n".join(map(json.dumps, lines))) == [
            Created(at=AT, ticket="7", seq=1, fields={"seats": 3, "vip": True, "tags": ["a"]}),
            Replied(at=AT, ticket="7", seq=9, by="agent", public=False),
        ]

    def test_a_field_given_twice_is_a_fault(self) -> None:
        line = {"event": "created", "at": AT, "vip": 1, "fields": {"vip": 2}}
        assert faults(json.dumps(line)) == [
            (1, "vip", "found the field `vip` twice, expected it once, in `fields` or beside it")
        ]

    def test_fields_that_are_no_object_are_a_fault(self) -> None:
        line = {"event": "created", "at": AT, "vip": 1, "fields": "vip"}
        assert faults(json.dumps(line)) == [(1, "fields", "found `vip`, expected a mapping of field names to values")]


class TestTimes:
    def test_a_time_without_an_offset_is_a_fault_that_names_the_way_out(self) -> None:
        ((line, path, told),) = faults("at,event\n2026-03-02 09:00,created\n")
        assert (line, path) == (2, "at")
        assert "--timezone" in told

    @pytest.mark.parametrize(
        ("wall", "instant"),
        [
            ("2026-03-02 09:00", "2026-03-02T09:00+01:00"),
            ("2026-03-02T09:00:00.000001", "2026-03-02T09:00:00.000001+01:00"),
            ("2026-10-25T02:30", "2026-10-25T02:30+02:00"),  # shown twice: the first of the two
            ("2026-03-29T02:30", "2026-03-29T03:30+02:00"),  # skipped: shifted by the gap
            ("2026-03-02T09:00Z", "2026-03-02T09:00Z"),  # an offset of its own stands
        ],
    )
    def test_the_zone_of_the_file_resolves_wall_clock_times(self, wall: str, instant: str) -> None:
        text = f"at,event,recorded_at\n{wall},released,{wall}\n"
        assert load(text, "Europe/Berlin") == [Released(at=instant, seq=1, recorded_at=instant)]

    @pytest.mark.parametrize("text", ["2026-03-02", "2026-02-30T09:00", "soon", "2026-03-02T09:00:00.1234567"])
    def test_what_is_no_instant_is_a_fault_in_a_zone_too(self, text: str) -> None:
        for timezone in (None, "Europe/Berlin"):
            ((line, path, told),) = faults(f"at,event\n{text},created\n", timezone)
            assert (line, path) == (2, "at")
            assert text in told

    def test_an_instant_that_is_no_text_is_a_fault(self) -> None:
        ((_, path, told),) = faults('{"event": "released", "at": 1700000000}', "Europe/Berlin")
        assert path == "at"
        assert told == f"found 1700000000, expected {ISO}; a number names no unit and no beginning: write the time out"

    @pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
    @pytest.mark.parametrize(
        ("text", "hint"),
        [
            ("1772438400", "; a number names no unit and no beginning: write the time out"),
            ("1712010930123", "; a number names no unit and no beginning: write the time out"),
            ("1772438400.25", "; a number names no unit and no beginning: write the time out"),
            ("09/06/2026 10:00", "; day and month could be either: write the year first, then the month"),
            ("9.6.26", "; day and month could be either: write the year first, then the month"),
            ("soon", ""),
        ],
    )
    def test_times_as_other_programs_write_them_are_faults_that_say_what_to_write(
        self, text: str, hint: str, zone: str | None
    ) -> None:
        """Thirteen digits could pass for a local time of the year 1712."""
        ((line, path, told),) = faults(f"at,event\n{text},created\n", zone)
        assert (line, path, told) == (2, "at", f"found `{text}`, expected {ISO}{hint}")

    def test_an_unknown_zone_is_refused_before_anything_is_read(self) -> None:
        with pytest.raises(UnknownZoneError):
            load("", "Europe/Berlim")


class TestFaults:
    def test_all_are_told_at_once_each_with_its_line_and_column(self) -> None:
        text = f"ticket,at,event,by,reason\n1,{AT},created,agnt,\n2,,replied,,\n3,{AT},helt,,\n4,{AT},held,,\n5,{AT}\n"
        found = faults(text)
        assert [(line, path) for line, path, _ in found] == [
            (2, "by"), (3, "at"), (3, "by"), (4, "event"), (5, "reason"), (6, ""),
        ]  # fmt: skip
        assert "did you mean `agent`?" in found[0][2]
        assert found[1][2] == "found no `at`, expected one, which `replied` needs"
        assert "did you mean `held`?" in found[3][2]

    def test_several_in_one_row_are_all_told(self) -> None:
        text = "at,event,by,public,recorded_at\nsoon,replied,nobody,maybe,later\n"
        assert [path for _, path, _ in faults(text)] == ["at", "recorded_at"]
        assert [path for _, path, _ in faults(f"at,event,by,public\n{AT},replied,nobody,maybe\n")] == ["by"]
        text = f"at,event,into,recorded_at\nsoon,held,x,{AT}\n"
        assert [path for _, path, _ in faults(text)] == ["into", "reason", "at"]

    def test_a_filled_cell_that_the_kind_does_not_take_is_a_fault(self) -> None:
        text = f"at,event,priority,reason,by\n{AT},released,high,,\n{AT},created,,rain,\n{AT},changed,,,agent\n"
        hint = "for a field of the ticket write `fields."
        assert faults(text) == [
            (2, "priority", "found `high`, expected nothing: `released` takes no `priority`"),
            (3, "reason", f"found `rain`, expected nothing: `created` takes no `reason`; {hint}reason`"),
            (4, "by", f"found `agent`, expected nothing: `changed` takes no `by`; {hint}by`"),
        ]

    @pytest.mark.parametrize(
        ("cells", "path", "told"),
        [
            ({"event": "created", "seq": "1.5"}, "seq", "found `1.5`, expected a whole number"),
            ({"event": "replied", "by": "agent", "public": "no"}, "public", "found `no`, expected true or false"),
            (
                {"event": "extended", "by": "1d", "metric": "m", "reason": "r"},
                "by",
                "found `1d`, expected an amount whose",
            ),
            ({"event": "extended", "by": "-1h", "metric": "m", "reason": "r"}, "by", "found `-1h`, expected an amount"),
            ({"event": 3}, "event", "found 3, expected one of created"),
            ({}, "event", "found no `event`, expected one of created"),
            ({"event": "created", "ticket": 7}, "ticket", "found 7, expected text or None"),
            ({"event": "created", "": "x"}, "fields", "found the name ``, expected a name as text"),
            ({"event": "created", "x": {}}, "x", "found {}, expected text, a finite number"),
            ({"event": "created", "x": 1e999}, "x", "found"),
            (
                {"event": "created", "feilds": {"a": "b"}},
                "feilds",
                "found {'a': 'b'}, expected a field's value, or a keyword; did you mean `fields`?",
            ),
        ],
    )
    def test_the_refusal_of_an_event_is_told_with_its_key(self, cells: dict[str, object], path: str, told: str) -> None:
        text = json.dumps({"at": AT, **cells}).replace("Infinity", "1e999")
        ((line, where, sentence),) = faults(text)
        assert (line, where) == (1, path)
        assert sentence.startswith(told)

    @pytest.mark.parametrize(
        ("header", "told"),
        [
            ("ticket,time,event", "found no column `at`, expected one; rename `time` to `at`"),
            ("ticket,Created At,event", "found no column `at`, expected one; rename `Created At` to `at`"),
            ("ticket,Date,time,event", "found no column `at`, expected one; join `Date` and `time` to one, `at`"),
            ("ticket,at,type", "found no column `event`, expected one; rename `type` to `event`"),
            ("Case ID,at,event", "found no column `ticket`, expected one; rename `Case ID` to `ticket`"),
            ("id,at,event", "found no column `ticket`, expected one"),
        ],
    )
    def test_a_column_under_the_name_of_another_program_is_recognised(self, header: str, told: str) -> None:
        """But not one that has a meaning of its own, such as `id`."""
        assert faults(f"{header}\n", need_ticket=True) == [(1, "", told)]

    def test_a_key_under_the_name_of_another_program_is_recognised(self) -> None:
        assert faults('{"event": "created", "ticket": "7", "time": "now"}', need_ticket=True) == [
            (1, "at", "found no `at`, expected one, which `created` needs; rename `time` to `at`")
        ]
        ((_, _, told),) = faults('{"type": "created", "ticket": "7"}')
        assert told.endswith("; rename `type` to `event`")
        ((_, _, told),) = faults(json.dumps({"event": "created", "at": AT, "case": "7"}), need_ticket=True)
        assert told == "found no `ticket`, expected the name of the ticket; rename `case` to `ticket`"
        ((_, _, told), *_) = faults(json.dumps({"event": "created", "at": AT, "fields": 1}), need_ticket=True)
        assert told == "found no `ticket`, expected the name of the ticket"

    def test_a_missing_column_is_one_fault_of_the_header(self) -> None:
        assert faults("tikcet,whenever,event\n1,2,3\n4,5,6\n", need_ticket=True) == [
            (1, "", "found no column `at`, expected one"),
            (1, "", "found no column `ticket`, expected one; did you mean `tikcet`?"),
        ]

    def test_a_row_without_a_ticket_is_a_fault_only_where_tickets_are_needed(self) -> None:
        text = f"ticket,at,event\n,{AT},created\n"
        assert len(load(text)) == 1
        assert faults(text, need_ticket=True) == [(2, "ticket", "found no `ticket`, expected the name of the ticket")]

    def test_a_long_list_is_cut_in_the_text_but_counted(self) -> None:
        with pytest.raises(EventError) as caught:
            load("at,event\n" + f"{AT},x\n" * 12_000)
        text = str(caught.value)
        assert text.startswith("the events cannot be read: 12,000 faulty rows\n2: event: found `x`")
        assert text.endswith("\nand 11,950 more")
        assert len(caught.value.problems) == 10_000

    def test_one_fault_is_told_with_its_file(self, tmp_path: Path) -> None:
        path = tmp_path / "e.csv"
        path.write_text(f"at,event\n{AT},x\n")
        with pytest.raises(EventError, match=r"1 faulty row\n.*e\.csv:2: event: found `x`"):
            load_events(path)

    def test_with_skip_bad_the_rest_is_returned_and_the_others_counted(self) -> None:
        text = f"at,event\n{AT},x\n{AT},created\nsoon,created\n{AT}\n"
        file = read_events(io.StringIO(text), skip_bad=True)
        assert [event.seq for event in file.events] == [2]
        assert file.left_out == 3
        assert [problem.line for problem in file.bad] == [2, 4, 5]
        assert [event.seq for event in load_events(io.StringIO(text), skip_bad=True)] == [2]

    def test_a_header_or_a_file_that_cannot_be_read_is_not_skipped(self) -> None:
        for text in ("a,a\n", "when,event\n1,2\n"):
            with pytest.raises(EventError):
                load_events(io.StringIO(text), skip_bad=True)

    def test_a_path_that_can_be_none_and_a_closed_stream_are_refused(self) -> None:
        closed = io.BytesIO(b"ticket,at,event")
        closed.close()
        for source, found in (("a\0b", "found `embedded null byte`"), (closed, "found `I/O operation on closed file")):
            with pytest.raises(EventError, match=found):
                load_events(source)


class TestExpectations:
    def test_they_are_collected_apart(self) -> None:
        text = f"""ticket,at,event,expected.resolution.due_at,expected.resolution.verdict,expected.my.metric.verdict
7,{AT},created,{AT},,void
7,{AT},changed,,met,
8,{AT},created,,,
"""
        file = read_events(io.StringIO(text))
        due_us = file.events[0].at_us
        assert file.expected == {"7": {"resolution": Expected(due_us, "met"), "my.metric": Expected(None, "void")}}
        assert file.events[0] == Created(at=AT, ticket="7", seq=1)

    def test_in_json_they_are_keys_and_null_is_nothing(self) -> None:
        data = {"event": "released", "at": AT, "ticket": "7"}
        lines = [{**data, "expected.m.due_at": AT, "expected.m.verdict": None}, {**data, "expected.m.verdict": "met"}]
        file = read_events(io.StringIO("\n".join(map(json.dumps, lines))))
        assert file.expected == {"7": {"m": Expected(file.events[0].at_us, "met")}}

    def test_a_deadline_without_an_offset_is_read_in_the_zone_of_the_file(self) -> None:
        text = "ticket,at,event,expected.m.due_at\n7,2026-03-02 09:00,released,2026-03-02 10:00\n"
        file = read_events(io.StringIO(text), "Europe/Berlin")
        assert file.expected["7"]["m"].due_us == file.events[0].at_us + 3_600_000_000

    def test_said_twice_alike_is_said_once_and_said_otherwise_is_a_fault(self) -> None:
        head = f"ticket,at,event,expected.m.verdict,expected.m.due_at\n7,{AT},created,met,{AT}\n"
        assert len(load(f"{head}7,{AT},changed,met,{AT}\n")) == 2
        assert faults(f"{head}7,{AT},changed,void,2026-03-02T10:00Z\n") == [
            (3, "expected.m.verdict", "found another value for the ticket `7`, expected the one of line 2"),
            (3, "expected.m.due_at", "found another value for the ticket `7`, expected the one of line 2"),
        ]

    @pytest.mark.parametrize(
        ("key", "value", "told"),
        [
            ("expected.m.verdict", "mett", "found `mett`, expected one of pending, .*; did you mean `met`?"),
            ("expected.m.verdict", 3, "found 3, expected one of pending"),
            ("expected.m.due_at", "2026-03-02 09:00", "found `2026-03-02 09:00`, expected an offset in it"),
            (
                "expected.m.due_at",
                3,
                "found 3, expected ISO 8601 text with an offset, such as .*; a number names no unit",
            ),
            ("expected.m.due", AT, "found `expected.m.due`, expected `expected.<metric>.due_at`"),
        ],
    )
    def test_what_is_no_expectation_is_a_fault(self, key: str, value: object, told: str) -> None:
        ((_, path, sentence),) = faults(json.dumps({"event": "released", "at": AT, "ticket": "7", key: value}))
        assert path == key
        assert re.match(told, sentence)

    def test_a_column_that_is_no_expectation_is_a_fault_of_the_header(self) -> None:
        shape = "`expected.<metric>.due_at` or `expected.<metric>.verdict`"
        assert faults("at,event,expected.due_at\n") == [
            (1, "", f"found the column `expected.due_at`, expected {shape}")
        ]

    def test_an_expectation_needs_a_ticket(self) -> None:
        text = f"at,event,expected.m.verdict\n{AT},created,met\n"
        assert faults(text) == [(2, "expected.m.verdict", "found an expectation, expected a ticket for it")]

    def test_those_of_a_row_that_is_left_out_are_left_out(self) -> None:
        text = f"ticket,at,event,by,expected.m.verdict\n7,{AT},created,nobody,met\n"
        assert read_events(io.StringIO(text), skip_bad=True).expected == {}


def test_a_path_may_be_packed(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(Released(at=AT, seq=4).to_dict()).encode()))
    assert load_events(path) == [Released(at=AT, seq=4)]


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)


held = st.dictionaries(texts, texts | st.integers() | st.booleans() | st.lists(texts))


@given(st.lists(st.tuples(held, st.integers(-2, 2)), min_size=1))
def test_law_events_written_as_json_lines_are_read_back(said: list[tuple[dict[str, object], int]]) -> None:
    """In their own order, too: an event of which no place was said does not take the number of its row."""
    try:
        events: list[Event] = [Changed(at=AT, seq=seq, fields=fields) for fields, seq in said]
    except EventError:  # a name that no field may have
        return
    assert load("\n".join(json.dumps(event.to_dict()) for event in events)) == events


@given(st.lists(st.tuples(texts, texts, texts, texts)))
def test_law_any_cells_give_events_or_documented_errors(cells: list[tuple[str, str, str, str]]) -> None:
    rows = [",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in cells]
    for head in ("ticket,at,event,by", "at,event,seq,expected.m.due_at"):
        file = read_events(io.StringIO("\n".join([head, *rows]), newline=""), "Europe/Berlin", skip_bad=True)
        assert len(file.events) + file.left_out == len(cells)
