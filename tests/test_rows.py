"""Rows of files: line numbers, limits, and what is no row, in its place."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock._rows import MAX_CHARS, Header, Row, name_of, read_rows
from slaclock.errors import EventError, Problem


class Endless(io.StringIO):
    """A stream that goes on for ever."""

    rest = "\0" * (MAX_CHARS + 1)

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        return super().readline(size) or self.rest[:size]


def rows(text: str | bytes) -> list[tuple[int, dict[str, object]]]:
    """The rows of a source without faults: line and values."""
    stream = io.StringIO(text, newline="") if isinstance(text, str) else io.BytesIO(text)
    found = [item for item in read_rows(stream) if not isinstance(item, Header)]
    assert [item for item in found if isinstance(item, Problem)] == []
    return [(item.line, dict(item.values)) for item in found if isinstance(item, Row)]


def faults(text: str | bytes) -> list[tuple[int | None, str]]:
    """The faults of a source: line and sentence."""
    stream = io.StringIO(text, newline="") if isinstance(text, str) else io.BytesIO(text)
    return [(item.line, item.sentence) for item in read_rows(stream) if isinstance(item, Problem)]


class TestCsv:
    def test_a_row_is_its_filled_cells_by_column(self) -> None:
        assert rows("a,b\n1,\n,2\n") == [(2, {"a": "1"}), (3, {"b": "2"})]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_any_line_end_will_do(self, end: str) -> None:
        assert rows(f"a,b{end}1,2{end}3,4".encode()) == [(2, {"a": "1", "b": "2"}), (3, {"a": "3", "b": "4"})]

    def test_a_byte_order_mark_is_no_part_of_the_first_column(self) -> None:
        assert rows("\ufeffa\n1\n".encode()) == rows("\ufeffa\n1\n") == [(2, {"a": "1"})]

    def test_blank_lines_and_empty_records_are_no_rows_but_count_as_lines(self) -> None:
        assert rows("a,b\n\n,\n1,2\n") == [(4, {"a": "1", "b": "2"})]

    def test_a_row_whose_quotes_span_lines_is_placed_where_it_begins(self) -> None:
        assert rows('a,b\n"x\n\ny",1\nz,2\n') == [(2, {"a": "x\n\ny", "b": "1"}), (5, {"a": "z", "b": "2"})]

    def test_rows_are_numbered_from_one_faulty_ones_too(self) -> None:
        found = list(read_rows(io.StringIO("a,b\n1\n3,4\n")))
        assert [item.number for item in found if isinstance(item, Row)] == [2]

    def test_a_ragged_row_is_a_fault(self) -> None:
        text = "a,b\n1\n1,2,3\n1,2\n"
        assert faults(text) == [
            (2, "found 1 cell, expected 2, as in the header"),
            (3, "found 3 cells, expected 2, as in the header; a cell with a comma in it needs quotes"),
        ]

    def test_a_filled_cell_under_no_name_is_a_fault_and_an_empty_one_is_none(self) -> None:
        assert faults("a,\n1,\n1,x\n") == [(3, "found 'x', expected nothing in a column without a name")]

    def test_a_quote_left_open_is_one_fault_with_its_extent(self) -> None:
        ((line, told),) = faults('a,b\n1,2\n"x,1\ny,2\n')
        assert line == 3
        assert "which goes on to line 4" in told
        assert "is a quote left open?" in told

    def test_text_after_a_closing_quote_is_a_fault_of_its_line_only(self) -> None:
        assert [line for line, _ in faults('a,b\n"x"y,1\nz,2\n')] == [2]

    def test_a_huge_field_is_a_fault_of_its_line_only(self) -> None:
        text = f"a,b\n{'x' * (csv.field_size_limit() + 1)},1\nz,2\n"
        assert [line for line, _ in faults(text)] == [2]

    def test_a_record_without_end_is_cut_off(self) -> None:
        text = 'a,b\n"x\n' + '","\n' * (MAX_CHARS // 4) + '",1\n'
        assert "an endless record" in faults(text)[0][1]

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("a,b,a,b\n1,2,3,4\n", r"(?s)2 problems.*the column `a` twice.*the column `b` twice"),
            (
                "ticket;at;event\n1;2;3\n",
                "columns separated by commas; these are separated by semicolons: save the file",
            ),
            ("ticket\tat\n", "columns separated by commas; these are separated by tabs: save the file"),
            ('"a\n', "is a quote left open"),
            ("\0\n", "NUL"),
        ],
    )
    def test_a_header_that_makes_no_sense_spoils_the_file(self, text: str, told: str) -> None:
        with pytest.raises(EventError, match=told):
            list(read_rows(io.StringIO(text)))

    def test_an_empty_csv_file_has_no_header(self, tmp_path: Path) -> None:
        (tmp_path / "e.csv").write_bytes(b"")
        with pytest.raises(EventError, match=r"e\.csv:1: found an empty file, expected a header line"):
            list(read_rows(tmp_path / "e.csv"))


class TestJsonLines:
    def test_a_row_is_an_object_on_a_line(self) -> None:
        assert rows('{"a": 1}\n\n{"a": [true, null]}\n') == [(1, {"a": 1}), (3, {"a": [True, None]})]

    @pytest.mark.parametrize(
        ("line", "told"),
        [
            ("[1]", "found list '[1]', expected a JSON object; one object on each line, and no list around them"),
            ('"x"', "found str 'x', expected a JSON object"),
            ("{", "found no JSON here"),
            ("{}}", "found no JSON here (extra data), expected a JSON object"),
            ('{"a": NaN}', "found NaN, expected a finite number"),
            ('{"a": -Infinity}', "found -Infinity, expected a finite number"),
            ('{"a": 1, "a": 2}', "found the key `a` twice, expected each key once"),
            ('{"f": {"b": 1, "b": 1}}', "found the key `b` twice, expected each key once"),
            ('{"a": ' + "9" * 5_000 + "}", "found a number of too many digits"),
            ('{"a": ' + "[" * 100_000 + "}", "found values nested too deep"),
            ('{"a": ' + '{"a":' * 100_000 + "}", "found values nested too deep"),
            ('{"a": "\\ud800"}', "found half of a surrogate pair, expected text"),
            ('{"\\udfff": 1}', "found half of a surrogate pair, expected text"),
        ],
    )
    def test_what_is_no_object_is_a_fault_of_its_line(self, line: str, told: str) -> None:
        ((where, sentence),) = faults(f'{{"a": 0}}\n{line}\n{{"a": 3}}\n')
        assert where == 2
        assert sentence.startswith(told)

    def test_a_fault_of_syntax_has_a_caret(self) -> None:
        problem = next(item for item in read_rows(io.StringIO('{"a" 1}\n')) if isinstance(item, Problem))
        assert str(problem).endswith('    {"a" 1}\n         ^')

    def test_a_line_that_is_long_or_not_printable_is_not_shown(self) -> None:
        for line in ('{"a": "\t"', '{"a": ' + "1" * 100 + " 2}"):
            problem = next(item for item in read_rows(io.StringIO(line)) if isinstance(item, Problem))
            assert problem.source is None

    def test_escaped_characters_beyond_the_plane_are_text(self) -> None:
        assert rows('{"a": "\\ud83d\\ude00"}') == [(1, {"a": "\U0001f600"})]


class TestBytes:
    @pytest.mark.parametrize("kind", ["a,b\n1,2\n{},2\n3,4\n", '{{"a":1}}\n{{"a":2}}\n{{"{}":1}}\n{{"a":4}}\n'])
    @pytest.mark.parametrize(
        ("bad", "told"),
        [
            (b"caf\xe9", "found the byte 0xE9, expected UTF-8; save the file as UTF-8"),
            (b"x\0y", "found a NUL byte, expected text; is this a text file, in UTF-8?"),
            (b"x" * (MAX_CHARS * 2), "found a longer line, expected at most 1,000,000 characters"),
        ],
    )
    def test_a_line_that_is_no_text_is_a_fault_of_its_line(self, kind: str, bad: bytes, told: str) -> None:
        assert faults(kind.format("@").encode().replace(b"@", bad)) == [(3, told)]

    def test_a_line_too_long_at_the_very_end_is_a_fault_too(self) -> None:
        assert len(faults(b"a\n" + b"x" * (MAX_CHARS + 5))) == 1

    @pytest.mark.parametrize("kind", ["a,b\n1,2\n", '{"a":1}\n{"a":2}\n'])
    def test_a_line_without_an_end_spoils_the_file(self, kind: str) -> None:
        """As a device or a program may give one; whoever leaves faulty rows out would wait for ever."""
        told = "problem\n3: found a line that does not end after 10,000,000 characters, expected an event on each line;"
        with pytest.raises(EventError, match=told) as caught:
            list(read_rows(Endless(kind)))
        assert ["endless"] == [problem.code for problem in caught.value.problems]

    def test_so_does_a_header_without_an_end(self) -> None:
        with pytest.raises(EventError, match="problem\n1: found a line that does not end"):
            list(read_rows(Endless("")))

    def test_many_rows_are_read_however_large_the_file(self) -> None:
        """The limits are those of a line: there is none for a file."""

        class Long(Endless):
            rest = f"{'x' * 100_000},2\n"

        assert [Header, *[Row] * 200] == [type(item) for item in islice(read_rows(Long("a,b\n")), 201)]

    def test_a_text_stream_that_cannot_be_decoded_spoils_the_file(self) -> None:
        stream = io.TextIOWrapper(io.BytesIO(b"a\n\xe9\n"), encoding="utf-8")
        with pytest.raises(EventError, match="expected text in utf-8"):
            list(read_rows(stream))


class TestSources:
    def test_the_ending_tells_the_format_packed_or_not(self, tmp_path: Path) -> None:
        for name, text in {"e.csv": "{\n1\n", "e.JSONL": '{"{": "1"}\n', "e.ndjson": '{"{": "1"}\n'}.items():
            (tmp_path / name).write_text(text)
            (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))
            for path in (tmp_path / name, str(tmp_path / f"{name}.gz")):
                assert [dict(item.values) for item in read_rows(path) if isinstance(item, Row)] == [{"{": "1"}]

    def test_without_a_known_ending_the_first_character_does(self, tmp_path: Path) -> None:
        (tmp_path / "events.txt").write_text("a\n1\n")
        assert [type(item) for item in read_rows(tmp_path / "events.txt")] == [Header, Row]
        assert rows('  {"a": 1}') == [(1, {"a": 1})]

    def test_an_empty_stream_holds_nothing(self) -> None:
        assert rows("") == []

    def test_a_stream_that_was_given_stays_open(self) -> None:
        for stream in (io.BytesIO(b"a\n1\n"), io.StringIO("a\n1\n")):
            assert len(list(read_rows(stream))) == 2
            assert not stream.closed

    def test_what_cannot_be_read_says_so(self, tmp_path: Path) -> None:
        packed = gzip.compress(b"a\n" + bytes(range(1, 100)) * 50)
        cases = {"torn.csv.gz": packed[:60], "no.csv.gz": b"plain", "bent.csv.gz": packed[:20] + b"\xff" * 40}
        for name, data in cases.items():
            (tmp_path / name).write_bytes(data)
            with pytest.raises(EventError, match=f"{name}: found .*expected a file that can be read"):
                list(read_rows(tmp_path / name))
        with pytest.raises(EventError, match=r"found a directory, expected the path of a file .*; name a file in it"):
            list(read_rows(tmp_path))
        with pytest.raises(
            EventError, match=r"no such file, expected the path of a file of events, CSV or JSON Lines; looked in /"
        ):
            list(read_rows(tmp_path / "absent.csv"))

    def test_what_is_neither_path_nor_stream_is_a_wrong_call(self) -> None:
        with pytest.raises(TypeError, match="not from list"):
            list(read_rows([]))  # type: ignore[arg-type]

    def test_a_source_is_called_by_its_path_or_name(self, tmp_path: Path) -> None:
        path = tmp_path / "e.csv"
        path.write_text("")
        with path.open() as file:
            assert name_of(file) == name_of(path) == name_of(str(path)) == str(path)
        assert name_of(io.StringIO()) is None

    def test_rows_are_read_as_they_are_asked_for(self) -> None:
        def endless() -> Iterator[str]:
            yield "a\n"
            while True:
                yield "1\n"

        class Stream(io.StringIO):
            lines = endless()

            def readline(self, size: int | None = -1) -> str:  # type: ignore[override]
                return next(self.lines)

        items = read_rows(Stream())
        assert [type(next(items)) for _ in range(1_000)] == [Header] + [Row] * 999


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), max_size=8))
def test_law_what_csv_writes_is_read(given_rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b"], *given_rows])
    expected = [{key: cell for key, cell in zip("ab", row, strict=True) if cell} for row in given_rows if any(row)]
    assert [values for _, values in rows(text.getvalue().encode())] == expected


@given(st.lists(st.dictionaries(cells, cells | st.integers() | st.none() | st.lists(cells)), max_size=8))
def test_law_what_json_writes_is_read(given_rows: list[dict[str, object]]) -> None:
    text = "".join(f"{json.dumps(row)}\n" for row in given_rows)
    assert [values for _, values in rows(text)] == given_rows


@given(st.binary(max_size=200))
def test_law_bytes_of_any_kind_give_rows_or_documented_errors(data: bytes) -> None:
    for prefix in (b"", b"a,b\n", b"{"):
        with contextlib.suppress(EventError):
            list(read_rows(io.BytesIO(prefix + data)))
