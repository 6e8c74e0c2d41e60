"""Documents as trees of located nodes: what is written is kept, places are right, and nothing can be inflated."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import date, datetime
from enum import Enum
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from slaclock import _document
from slaclock._document import read_document
from slaclock._nodes import BROKEN, LIST, MAPPING, MAX_DEPTH, Document, Node
from slaclock._sources import MAX_BYTES
from slaclock.errors import PolicyError


def read(text: str) -> Document:
    return read_document(io.StringIO(text))


def plain(node: Node) -> object:
    """A node as plain data, broken parts as `...`."""
    if node.kind is MAPPING:
        return {child.key: plain(child) for child in node.children}
    if node.kind is LIST:
        return [plain(child) for child in node.children]
    return ... if node.kind is BROKEN else node.value


def codes(text: str) -> list[str]:
    """The faults of a text, as `code line:column`."""
    try:
        document = read(text)
    except PolicyError as error:
        return [f"{problem.code} {problem.line}:{problem.column}" for problem in error.problems]
    return [f"{problem.code} {problem.line}:{problem.column}" for problem in document.problems]


def refused(source: object) -> PolicyError:
    with pytest.raises(PolicyError) as caught:
        read_document(source)  # type: ignore[arg-type]
    return caught.value


@pytest.fixture
def pure(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML without its parser in C."""
    monkeypatch.delattr(yaml, "CSafeLoader")


class TestScalars:
    @pytest.mark.parametrize(
        "text", ["16:00", "no", "on", "2026-02-30", "1_000", "0777", "0x1F", "1e3", ".inf", "=", "4h"]
    )
    def test_a_scalar_is_the_text_that_was_written(self, text: str) -> None:
        assert {text: text} == plain(read(f"{text}: {text}").root)

    @pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
    def test_nothing_is_none_and_in_quotes_a_text(self, text: str) -> None:
        assert {"a": None, "b": text} == plain(read(f"a: {text}\nb: '{text}'").root)

    def test_only_texts_without_quotes_are_plain(self) -> None:
        children = read("[a, 'a', \"a\"]").root.children
        assert [True, False, False] == [child.plain for child in children]

    def test_long_texts_over_several_lines_are_read_as_yaml_says(self) -> None:
        assert {"a": "one\ntwo\n", "b": "one two"} == plain(read("a: |\n  one\n  two\nb: one\n  two\n").root)


class TestPlaces:
    def test_a_node_knows_its_path_and_its_line_and_column(self) -> None:
        node = read("a:\n  - b: [x, {c: y}]\n").root.children[0].children[0].children[0].children[1].children[0]
        assert ("a", 0, "b", 1, "c") == node.keys
        assert (1, 15) == (node.mark.line, node.mark.column)  # type: ignore[union-attr]
        assert (1, 12) == (node.key_mark.line, node.key_mark.column)  # type: ignore[union-attr]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
    def test_lines_end_as_yaml_ends_them(self, end: str) -> None:
        error = refused(io.StringIO(f"a: 1{end}b: 2{end}  c: x: y{end}", newline=""))
        assert [(3, "  c: x: y")] == [(problem.line, problem.source) for problem in error.problems]

    def test_a_byte_order_mark_is_no_column(self) -> None:
        assert ["tag 1:4"] == codes("\ufeffa: !t b\n")

    def test_columns_count_characters_not_bytes(self) -> None:
        assert ["tag 1:7"] == codes("ä€😀é: !t 1\n")

    def test_problems_are_in_the_order_of_the_document(self) -> None:
        document = read("b: {c: 1, c: 2}\na: !t 3\n<<: 4\n")
        with pytest.raises(PolicyError) as caught:
            document.check()
        assert [1, 2, 3] == [problem.line for problem in caught.value.problems]


class TestBounds:
    """Hostile documents are refused before they cost time or memory; in a process of their own, for a crash's sake."""

    @pytest.mark.parametrize(
        "text",
        ["'[' * 100_000", "'{' * 100_000", "'- ' * 50_000", "'? ' * 50_000", "'[a: ' * 25_000", "'{a: ' * 25_000"],
    )
    @pytest.mark.parametrize("parser", ["CSafeLoader", "SafeLoader"])
    def test_a_hundred_kilobytes_of_brackets_end_in_a_second_or_so(self, text: str, parser: str) -> None:
        program = (
            "import io, yaml\n"
            f"yaml.CSafeLoader = yaml.{parser}\n"
            "from slaclock._document import read_document\n"
            "from slaclock.errors import PolicyError\n"
            "try:\n"
            f"    read_document(io.StringIO({text}))\n"
            "except PolicyError as error:\n"
            "    print(*sorted({problem.code for problem in error.problems}))\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
        assert "too-deep" in done.stdout.split()

    def test_a_parser_that_looks_ahead_may_meet_a_bound_of_its_own_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Newer versions of libyaml refuse a thousand levels before they hand out the first one."""

        class Bounded:
            def __init__(self, text: str) -> None:
                self.text = text

            def get_event(self) -> None:
                raise yaml.scanner.ScannerError("while increasing flow level", None, "exceeded maximum nesting depth")

        monkeypatch.setattr(yaml, "CSafeLoader", Bounded)
        assert ["too-deep None:None"] == codes("[" * 2_000)

    def test_better_words_are_not_looked_for_below_fifty_levels(self) -> None:
        """Each level costs the pure parser a look at all before it."""
        error = yaml.YAMLError("as the other parser says it")
        assert error is _document._worded("[" * 60 + "a" * 2_000, error)

    def test_fifty_levels_are_taken_and_one_more_is_not(self) -> None:
        assert [] == codes("[" * MAX_DEPTH + "]" * MAX_DEPTH)
        assert [f"too-deep 1:{MAX_DEPTH + 1}"] == codes("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))

    def test_a_text_that_is_too_long_is_not_parsed(self, tmp_path: Path) -> None:
        path = tmp_path / "long.yaml"
        path.write_text("#" * (MAX_BYTES + 1), encoding="utf-8")
        assert ["too-large"] == [problem.code for problem in refused(path).problems]
        assert ["too-large"] == [problem.code for problem in refused(io.StringIO("#" * (MAX_BYTES + 1))).problems]

    def test_of_a_stream_without_an_end_no_more_is_read_than_a_document_has(self) -> None:
        class Endless(io.StringIO):
            def read(self, size: int | None = -1, /) -> str:
                assert size is not None
                assert 0 < size <= MAX_BYTES + 1
                return "\0" * size

        assert ["too-large"] == [problem.code for problem in refused(Endless()).problems]

    def test_a_document_has_a_million_values_at_most(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("slaclock._document.MAX_NODES", 5)
        monkeypatch.setattr("slaclock._nodes.MAX_NODES", 5)
        assert [] == codes("[1, 2, 3, 4]")
        assert ["too-many-nodes 1:14"] == codes("[1, 2, 3, 4, 5]")
        assert ["too-many-nodes"] == [problem.code for problem in refused({"a": [1, 2, 3, 4, 5]}).problems]

    def test_aliases_may_repeat_a_thousand_values(self) -> None:
        values = ", ".join("1" * 99)
        assert [] == codes(f"a: &a [{values}]\nb: [{', '.join(['*a'] * 10)}]\n")
        assert ["too-many-aliases 2:45"] == codes(f"a: &a [{values}]\nb: [{', '.join(['*a'] * 11)}]\n")

    def test_aliases_of_aliases_are_counted_as_what_they_become(self) -> None:
        lines = ["a0: &a0 [x, x]", *(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40))]
        assert ["too-many-aliases"] == [code.partition(" ")[0] for code in codes("\n".join(lines))]

    def test_many_directives_cost_nothing(self) -> None:
        assert ["directive 1:1"] == codes("%TAG !a! x\n" * 100_000)

    def test_a_mapping_that_holds_itself_is_refused(self) -> None:
        mapping: dict[str, object] = {}
        mapping["a"] = [mapping]
        assert ["too-deep"] == [problem.code for problem in refused(mapping).problems]


class TestWhatYamlOffers:
    def test_an_alias_repeats_a_value_with_the_places_of_the_anchor(self) -> None:
        document = read("a: &a {b: [1, x], c: ~}\nd: [*a]\ne: &t text\nf: *t\n")
        assert [] == document.problems
        value = {"b": ["1", "x"], "c": None}
        assert {"a": value, "d": [value], "e": "text", "f": "text"} == plain(document.root)
        copy = document.root.children[1].children[0].children[0].children[1]
        assert ("d", 0, "b", 1) == copy.keys
        assert (0, 14) == (copy.mark.line, copy.mark.column)  # type: ignore[union-attr]

    def test_anchors_may_stand_at_keys(self) -> None:
        assert {"a": "1", "b": "a"} == plain(read("&k a: 1\nb: *k\n").root)

    def test_faulty_keys_are_left_out_with_their_values(self) -> None:
        text = "[a]: 1\n{b: {c: [d]}}: {e: [f]}\n? - g\n  - h: i\n: j\n~: k\n'': l\n<<: {m: n}\n\"\\x01\": o\nlast: p\n"
        document = read(text)
        assert {"last": "p"} == plain(document.root)
        assert ["wrong-key"] * 5 + ["merge-key", "control-character"] == [problem.code for problem in document.problems]

    def test_a_quoted_merge_sign_is_a_key_like_others(self) -> None:
        assert {"<<": "1"} == plain(read("'<<': 1").root)

    def test_a_tagged_or_unknown_value_is_broken_and_a_tagged_mapping_read_on(self) -> None:
        document = read("a: !!str 1\nb: *x\nc: !t {d: 1, e: !u 2}\nf: !v [3]\n")
        assert {"a": ..., "b": ..., "c": {"d": "1", "e": ...}, "f": ["3"]} == plain(document.root)
        assert 5 == len(document.problems)

    def test_a_value_that_holds_itself_is_broken_there(self) -> None:
        document = read("a: &a {b: [*a]}\n")
        assert ["alias-loop"] == [problem.code for problem in document.problems]
        assert {"a": {"b": [...]}} == plain(document.root)

    def test_of_doubled_keys_all_are_kept_and_all_but_the_first_are_faults(self) -> None:
        document = read("a: 1\nb: 2\na: 3\na: 4\n")
        assert ["a", "b", "a", "a"] == [child.key for child in document.root.children]
        assert ["`a` again", "`a` again"] == [problem.found for problem in document.problems]
        assert "1" == document.root.find("a").value  # type: ignore[union-attr]

    @pytest.mark.parametrize("text", ["", "\n", "# comment\n", "---\n", "~", "--- # nothing\n...\n"])
    def test_an_empty_document_is_a_fault(self, text: str) -> None:
        assert ["empty 1:1"] == codes(text)

    @pytest.mark.parametrize("char", ["\0", "\x07", "\x1b", "\ufffe", "\ud800", "\ufeff"])
    def test_characters_that_cannot_be_printed_are_refused(self, char: str) -> None:
        assert ["control-character 1:5"] == codes(f"a: x{char}y")

    @pytest.mark.parametrize("escape", [r"\0", r"\x07", r"\e", r"\x7f", r"\uFEFF"])
    def test_and_so_are_their_escapes(self, escape: str) -> None:
        assert ["control-character 1:4"] == codes(f'a: "{escape}"')

    @pytest.mark.parametrize("escape", [r"\t", r"\n", r"\xe4", r"\u20ac", r"\U0001F600", r"\\", r"\""])
    def test_other_escapes_are_read(self, escape: str) -> None:
        assert [] == codes(f'a: "{escape}"')


SYNTAX = [
    ("a: [1, 2\nb: 3\n", "contains `: `"),
    ("a:\n\t- b\n", "spaces"),
    ("a: 'x\n", "missing quote"),
    ("a: b: c\n", "contains `: `"),
    ("a: @x\n", "begins with `@`"),
    ("a: `x`\n", "begins so"),
    ("a: %x\n", "begins with `%`"),
    ("- a\nb: c\n", "missing quote"),
    ("a: [b]]\n", "missing quote"),
    ("a: |\n  x\n y\n", "missing quote"),
    ('a: "\\q"\n', ""),
    ('a: "\\ud800"\n', ""),
    ('a: "\\UFFFFFFFF"\n', ""),
    (": x\n", ""),
]


class TestBrokenYaml:
    @pytest.mark.parametrize(("text", "hint"), SYNTAX)
    def test_is_one_problem_with_its_place_and_what_to_look_for(self, text: str, hint: str) -> None:
        (problem,) = refused(io.StringIO(text)).problems
        assert problem.code in ("syntax", "control-character")
        assert problem.line is not None
        assert hint in problem.hint

    @pytest.mark.parametrize(("text", "hint"), SYNTAX)
    @pytest.mark.usefixtures("pure")
    def test_is_refused_by_the_pure_parser_too(self, text: str, hint: str) -> None:
        try:
            problems = read(text).problems
        except PolicyError as error:
            problems = list(error.problems)
        (problem,) = problems
        assert problem.code == "control-character" or problem.line is None or hint in problem.hint

    def test_faults_before_it_are_told_too(self) -> None:
        assert ["tag 1:4", "syntax 2:4"] == codes("a: !t 1\nb: @\n")

    def test_a_long_text_is_not_read_again_for_better_words(self) -> None:
        (problem,) = refused(io.StringIO("#" * 100_001 + "\na: b: c\n")).problems
        assert ("syntax", 2, 5) == (problem.code, problem.line, problem.column)


WORDS = [
    "a",
    "b: ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ": ",
    "\n",
    "  ",
    "'",
    '"',
    "&x ",
    "*x",
    "!t ",
    "|\n",
    "#",
    "~",
    "? ",
    "é",
    "<<",
]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=25).map("".join)


@given(TEXTS)
def test_any_text_gives_a_tree_or_a_policy_error(text: str) -> None:
    codes(text)


@given(TEXTS)
def test_both_parsers_read_the_same(text: str) -> None:
    """With PyYAML's parser in C or without it: the same tree and faults, but for what only one of them calls YAML."""
    results = []
    for parser in (yaml.CSafeLoader, yaml.SafeLoader):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yaml, "CSafeLoader", parser)
            try:
                document = read(text)
            except PolicyError as error:
                results.append(["syntax" if "syntax" in str([p.code for p in error.problems]) else codes(text)])
            else:
                results.append([plain(document.root), [(p.code, p.line, p.column) for p in document.problems]])
    if ["syntax"] not in results:
        assert results[0] == results[1]


class TestSources:
    def test_a_path_may_be_text_or_a_path_object(self, tmp_path: Path) -> None:
        path = tmp_path / "policy.yaml"
        path.write_bytes(b"\xef\xbb\xbfa: \xc3\xa4\r\n")
        assert {"a": "ä"} == plain(read_document(path).root) == plain(read_document(str(path)).root)
        assert str(path) == read_document(path).name

    def test_a_stream_may_have_a_name_and_may_be_of_bytes(self) -> None:
        stream = io.StringIO("a: 1")
        stream.name = "policy.yaml"  # type: ignore[misc]
        assert "policy.yaml" == read_document(stream).name
        assert {"a": "ä"} == plain(read_document(io.BytesIO("a: ä".encode())).root)  # type: ignore[arg-type]

    def test_no_such_file_says_where_it_was_looked_for(self, tmp_path: Path) -> None:
        error = refused(tmp_path / "none.yaml")
        assert f"looked in {tmp_path}" in str(error)
        assert isinstance(error.__cause__, FileNotFoundError)

    @pytest.mark.parametrize("text", ["slaclock: 1\nname: x\n", "slaclock: 1", "{slaclock}", "a\0b"])
    def test_text_given_as_a_path_is_told_from_it(self, text: str) -> None:
        assert "io.StringIO" in str(refused(text))

    def test_a_directory_is_no_file(self, tmp_path: Path) -> None:
        assert "a directory" in str(refused(tmp_path))

    def test_a_name_that_the_system_refuses_is_a_fault(self) -> None:
        assert ["unreadable"] == [problem.code for problem in refused("x" * 5_000).problems]

    def test_bytes_that_are_no_utf8_are_a_fault_in_their_line(self, tmp_path: Path) -> None:
        path = tmp_path / "latin.yaml"
        path.write_bytes(b"a: 1\nb: \xe4\n")
        (problem,) = refused(path).problems
        assert ("not-utf8", 2, "the byte 0xe4") == (problem.code, problem.line, problem.found)
        assert ["not-utf8"] == [problem.code for problem in refused(io.BytesIO(b"a: \xe4")).problems]

    def test_a_file_in_utf16_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "wide.yaml"
        path.write_text("a: 1", encoding="utf-16")
        assert ["not-utf8"] == [problem.code for problem in refused(path).problems]
        path.write_text("a: 1", encoding="utf-16-le")
        assert "UTF-16" in str(refused(path))

    def test_a_closed_stream_is_a_fault(self) -> None:
        stream = io.StringIO("a: 1")
        stream.close()
        assert ["unreadable"] == [problem.code for problem in refused(stream).problems]

    @pytest.mark.parametrize("source", [None, 1, ["a"], b"policy.yaml"])
    def test_anything_else_is_a_wrong_argument(self, source: object) -> None:
        with pytest.raises(TypeError, match="a policy is read from"):
            read_document(source)  # type: ignore[arg-type]

    def test_a_stream_of_neither_text_nor_bytes_is_a_wrong_argument(self) -> None:
        class Odd:
            def read(self, size: int) -> list[str]:
                return ["a"] * min(size, 1)

        with pytest.raises(TypeError, match="list"):
            read_document(Odd())  # type: ignore[arg-type]


class Colour(str, Enum):  # noqa: UP042 - the older kind of text enumeration, whose str() is not its value.
    RED = "red"


class TestMappings:
    def test_a_mapping_is_the_same_tree_without_lines(self) -> None:
        document = read_document({"a": {"b": [1, True, None, "x", 2.5]}, "c": ("y",), "d": date(2026, 1, 2)})
        value = {"a": {"b": [1, True, None, "x", 2.5]}, "c": ["y"], "d": date(2026, 1, 2)}
        assert value == plain(document.root)
        assert ("a", "b", 2) == document.root.children[0].children[0].children[2].keys
        assert None is document.root.mark is document.name

    def test_keys_that_loaders_made_of_numbers_and_dates_are_read_as_they_spell(self) -> None:
        assert {"1": "a", "2026-12-24": "b"} == plain(read_document({1: "a", date(2026, 12, 24): "b"}).root)  # type: ignore[dict-item]

    @pytest.mark.parametrize("key", [True, None, 1.5, ("a",), datetime(2026, 1, 1), "", "a\0b", 1 << 9_999])
    def test_keys_that_spell_nothing_are_faults(self, key: object) -> None:
        document = read_document({"a": {key: 1, "b": 2}})
        assert {"a": {"b": 2}} == plain(document.root)
        assert ["wrong-key"] == [problem.code for problem in document.problems]

    def test_a_key_that_was_a_word_for_true_says_what_happened(self) -> None:
        (problem,) = read_document({True: 1}).problems  # type: ignore[dict-item]
        assert "quote it: YAML read `yes` or `on` as true" == problem.hint

    def test_keys_that_spell_the_same_are_doubled(self) -> None:
        document = read_document({1: "a", "1": "b"})  # type: ignore[dict-item]
        assert ["duplicate-key"] == [problem.code for problem in document.problems]

    def test_texts_of_enumerations_are_their_values(self) -> None:
        assert {"red": "red"} == plain(read_document({Colour.RED: Colour.RED}).root)

    @pytest.mark.parametrize("value", [b"x", {"x"}, 1j, object(), 1 << 9_999])
    def test_values_of_other_kinds_are_faults(self, value: object) -> None:
        document = read_document({"a": value})
        assert ["wrong-type"] == [problem.code for problem in document.problems]
        assert {"a": ...} == plain(document.root)

    def test_control_characters_in_texts_are_faults(self) -> None:
        assert ["control-character"] == [problem.code for problem in read_document({"a": "b\0"}).problems]


def test_yaml_is_imported_when_a_text_is_read_and_not_before() -> None:
    program = "import sys, slaclock._document; print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "False" == done.stdout.strip()


def test_a_closed_document_lets_its_nodes_go() -> None:
    document = _document.read_document({"a": {"b": [1]}})
    document.close()
    assert [] == document.root.children
