"""Tables for terminals: aligned, cut to a width, and harmless."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slaclock._instants import HOUR_US, SECOND_US
from slaclock.events import Changed, Created
from slaclock.history import replay
from slaclock.policyfile import load_policy
from slaclock.reports import Deadlines, Miss, Oddity, Summary, Verdicts
from slaclock.text import amount_text, clean, cut, readings_table, share_text, summary_text, table, width_of


class TestTable:
    def test_columns_are_as_wide_as_their_widest_cell_and_lines_end_without_blanks(self) -> None:
        told = table(("name", "n"), [("a", 1), ("longer", 20)], right=[1])
        assert told.split("\n") == ["name     n", "------  --", "a        1", "longer  20"]

    def test_wide_characters_take_two_cells_and_marks_none(self) -> None:
        told = table(("x", "y"), [("日本", "1"), ("e\u0301", "2")])
        assert told.split("\n")[2:] == ["日本  1", "e\u0301     2"]

    def test_a_table_without_rows_is_its_header(self) -> None:
        assert table(("a", "b"), []) == "a  b\n-  -"

    def test_in_a_narrow_place_the_widest_columns_give_way(self) -> None:
        told = table(("a", "b"), [("x" * 30, "short"), ("y", "z")], width=20)
        assert told.split("\n") == [
            "a              b",
            "-------------  -----",
            f"{'x' * 12}…  short",
            "y              z",
        ]

    def test_a_column_keeps_four_cells_whatever_the_width(self) -> None:
        assert table(("a", "b"), [("x" * 30, "y" * 30)], width=1).split("\n")[2] == "xxx…  yyy…"

    def test_what_commands_a_terminal_is_shown_as_an_escape(self) -> None:
        assert clean("a\x1b[2J\n\u202e") == "a\\x1b[2J\\n\\u202e"
        assert table(("a",), [("x\ny",)]).split("\n")[2:] == ["x\\ny"]


class TestWidths:
    @pytest.mark.parametrize(
        ("text", "width", "left"),
        [
            ("abcdef", 6, "abcdef"),
            ("abcdef", 5, "abcd…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
            ("ab", 1, "…"),
            ("ab", 0, ""),
        ],
    )
    def test_a_text_is_cut_with_an_ellipsis(self, text: str, width: int, left: str) -> None:
        assert cut(text, width) == left

    @given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.integers(0, 12))
    def test_law_a_cut_text_fits(self, text: str, width: int) -> None:
        assert width_of(cut(text, width)) <= width

    @given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=12)), min_size=1))
    def test_law_all_cells_of_a_column_begin_in_one_place(self, rows: list[tuple[str, str]]) -> None:
        lines = table(("first", "second"), rows).split("\n")
        assert len(lines) == len(rows) + 2
        start = lines[1].index(" ") + 2
        for line, (_, second) in zip(lines[2:], rows, strict=True):
            assert width_of(line) <= start + max(width_of(clean(second)), 0)

    def test_a_width_is_that_of_the_terminal_not_the_number_of_characters(self) -> None:
        assert width_of(unicodedata.normalize("NFD", "é")) == 1
        assert width_of("a\u200bb") == 2


@pytest.mark.parametrize(
    ("us", "told"),
    [
        (0, "0s"),
        (1, "<1s"),
        (-1, "-<1s"),
        (59 * SECOND_US, "59s"),
        (90 * SECOND_US, "1m 30s"),
        (HOUR_US, "1h"),
        (HOUR_US + SECOND_US, "1h"),
        (HOUR_US + 60 * SECOND_US, "1h 1m"),
        (1_000 * HOUR_US, "1,000h"),
        (-HOUR_US, "-1h"),
    ],
)
def test_an_amount_says_its_two_largest_units_and_never_days(us: int, told: str) -> None:
    assert amount_text(us) == told


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (0, 0, "-"),
        (0, 3, "0.00 %"),
        (1, 3, "33.33 %"),
        (99_999, 100_000, "99.99 %"),
        (1, 100_000, "<0.01 %"),
        (3, 3, "100.00 %"),
    ],
)
def test_a_share_is_cut_never_rounded_to_the_whole_or_to_nothing(part: int, whole: int, told: str) -> None:
    assert share_text(part, whole) == told


class TestSummaryText:
    def test_without_expectations_there_is_no_such_line(self) -> None:
        summary = Summary(at_us=0, timezone="UTC", tickets=1, events=2, verdicts={"resolution": {"met": 1}})
        assert summary_text(summary).split("\n") == [
            "1 ticket, 2 events, read at 1970-01-01T00:00:00+00:00",
            "",
            "metric      met",
            "----------  ---",
            "resolution    1",
        ]

    def test_odd_input_is_told_with_its_ticket_and_cannot_command_the_terminal(self) -> None:
        odd = Oddity(code="tie", count=1_200, ticket="7\x1b[2J", event="8", sentence="the order given decides")
        summary = Summary(at_us=0, timezone="UTC", tickets=1, events=2, verdicts={}, anomalies=(odd,))
        assert summary_text(summary).split("\n")[1:] == [
            "",
            "odd input, and how it was taken",
            "  tie (1,200), such as ticket 7\\x1b[2J: the order given decides (8)",
        ]

    def test_without_readings_there_is_no_table(self) -> None:
        summary = Summary(at_us=0, timezone="UTC", tickets=0, events=0, verdicts={"resolution": {}}, left_out=1)
        assert summary_text(summary).split("\n") == [
            "0 tickets, 0 events, read at 1970-01-01T00:00:00+00:00",
            "1 faulty row left out",
        ]

    def test_expectations_are_told_with_their_worst_misses(self) -> None:
        misses = (
            Miss(ticket="7", metric="resolution", expected_us=HOUR_US, due_us=0),
            Miss(ticket="8", metric="resolution", expected_us=0, due_us=HOUR_US // 2),
        )
        summary = Summary(
            at_us=0,
            timezone="UTC",
            tickets=5,
            events=9,
            verdicts={"resolution": {"no_target": 1, "met": 4}, "update": {"met": 2}},
            deadlines=Deadlines(expected=5, exact=1, close=2, missing=1, worst=misses),
            checks=Verdicts(expected=4, equal=3, expected_where_close=2, equal_where_close=2),
        )
        assert summary_text(summary).split("\n")[2:] == [
            "metric      met  no target",
            "----------  ---  ---------",
            "resolution    4          1",
            "update        2          0",
            "",
            "expected deadlines   5",
            "  exactly so         1 (20.00 %)",
            "  within 60 seconds  2 (40.00 %)",
            "  farther off        2",
            "  no deadline here   1",
            "",
            "worst misses",
            "ticket  metric      expected                   computed                   off by",
            "------  ----------  -------------------------  -------------------------  ------",
            "7       resolution  1970-01-01T01:00:00+00:00  1970-01-01T00:00:00+00:00  -1h",
            "8       resolution  1970-01-01T00:00:00+00:00  1970-01-01T00:30:00+00:00  +30m",
            "",
            "expected verdicts    4",
            "  the same           3 (75.00 %)",
            "  another            1",
            "  the same where the deadline is within 60 seconds: 2 of 2 (100.00 %)",
        ]

    def test_verdicts_without_deadlines_are_not_split(self) -> None:
        checks = Verdicts(expected=1, equal=1, expected_where_close=0, equal_where_close=0)
        told = summary_text(Summary(at_us=0, timezone="UTC", tickets=1, events=1, verdicts={}, checks=checks))
        assert told.endswith("  another            0")

    def test_deadlines_without_misses_have_no_table_of_them(self) -> None:
        deadlines = Deadlines(expected=1, exact=1, close=1, missing=0)
        told = summary_text(Summary(at_us=0, timezone="UTC", tickets=1, events=1, verdicts={}, deadlines=deadlines))
        assert told.endswith("  no deadline here   0")


def test_readings_are_told_one_a_line_with_the_number_of_later_cycles() -> None:
    policy = load_policy(
        {
            "slaclock": 1,
            "timezone": "Europe/Berlin",
            "calendars": {"always": "all day"},
            "defaults": {"calendar": "always", "on_reopen": "restart"},
            "layers": {"corporate": [{"when": {"tier": "gold"}, "targets": {"resolution": "4h"}}]},
        }
    )
    events = [
        Created(at="2026-03-02T09:00+01:00", fields={"tier": "gold"}),
        Changed(at="2026-03-02T10:30+01:00", fields={"status": "resolved"}),
        Changed(at="2026-03-02T12:00+01:00", fields={"status": "open"}),
    ]
    snap = replay(policy, events).at("2026-03-02T17:00+01:00")
    none = replay(policy, [Created(at="2026-03-02T09:00+01:00")]).at("2026-03-02T17:00+01:00")
    readings = [("7", reading) for reading in snap.cycles("resolution")] + [("8", none["resolution"])]
    assert readings_table(readings, "Europe/Berlin").split("\n") == [
        "ticket  metric        phase    verdict    due                        elapsed",
        "------  ------------  -------  ---------  -------------------------  -------",
        "7       resolution    stopped  met        2026-03-02T13:00:00+01:00   1h 30m",
        "7       resolution 2  running  breached   2026-03-02T16:00:00+01:00       5h",
        "8       resolution    running  no target  -                                -",
    ]


def test_promises_of_several_kinds_stand_in_tables_of_their_own() -> None:
    summary = Summary(
        at_us=0,
        timezone="UTC",
        tickets=3,
        events=9,
        verdicts={"escalation": {"met": 1}, "resolution": {"met": 2, "breached": 1}, "supplier": {"breached": 4}},
        kinds={"escalation": "ola", "resolution": "sla", "supplier": "underpinning"},
    )
    assert summary_text(summary).split("\n")[1:] == [
        "",
        "promised to customers:",
        "metric      breached  met",
        "----------  --------  ---",
        "resolution         1    2",
        "",
        "owed between teams:",
        "metric      breached  met",
        "----------  --------  ---",
        "escalation         0    1",
        "",
        "owed by suppliers:",
        "metric    breached  met",
        "--------  --------  ---",
        "supplier         4    0",
    ]
