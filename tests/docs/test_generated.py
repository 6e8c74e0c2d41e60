"""What the documentation takes from the code is what the code says."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.generated import PART, PARTS, ROOT, renewed
from slaclock.__main__ import _parser

PAGES = sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_parts_made_from_the_code_are_up_to_date(path: Path) -> None:
    """If this fails: `python tests/docs/generated.py`."""
    text = path.read_text(encoding="utf-8")
    assert renewed(text) == text


def test_every_part_is_shown() -> None:
    shown = {found[2] for path in PAGES for found in PART.finditer(path.read_text(encoding="utf-8"))}
    assert set(PARTS) == shown


def test_the_page_of_the_command_line_names_every_option() -> None:
    """Each command has a heading, and each of its options and arguments stands below it."""
    page = (ROOT / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    commands = next(action for action in _parser()._actions if action.choices).choices
    for command, parser in dict(commands).items():
        section = page.partition(f"\n## `{command}`\n")[2].partition("\n## ")[0]
        names = [action.option_strings[-1] if action.option_strings else action.metavar for action in parser._actions]
        assert [] == [name for name in names if name != "--help" and f"`{name}" not in section], command
