"""Every code block of the README, the documentation and the examples runs, and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.documents import DOCUMENTS, ROOT, Session, blocks

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_code_block_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a document are one session, in a folder that holds the files which it shows."""
    session = Session(path, tmp_path)
    monkeypatch.chdir(tmp_path)
    found = blocks(path.read_text(encoding="utf-8"))
    # A page may use a file before it shows it. Where it shows one twice, the first comes first.
    for block in reversed(found):
        if block.file is not None:
            session.run(block)
    for block in found:
        session.run(block)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_block_names_its_language(path: Path) -> None:
    """A block without a language would pass unseen."""
    text = path.read_text(encoding="utf-8")
    assert [] == [block.line for block in blocks(text) if not block.language]
    assert text.count("```") == 2 * len(blocks(text))


def anchors(path: Path) -> set[str]:
    headings = _HEADING.findall(path.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_link_leads_somewhere(path: Path) -> None:
    """Links within the repository name files, and headings in them."""
    broken = []
    for link in _LINK.findall(path.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        if "://" in file:
            continue
        target = (path.parent / file).resolve() if file else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert [] == broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_page_can_be_reached(path: Path) -> None:
    """From the README, by links, one comes to every page."""
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        links = (link.partition("#")[0] for link in _LINK.findall(page.read_text(encoding="utf-8")))
        ahead += [(page.parent / link).resolve() for link in links if link and "://" not in link]
    assert path in reached


def test_the_readme_has_the_two_commands() -> None:
    """What a user copies: one line that installs and runs, one that tests."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    files = "examples/boston311/policy.yaml examples/boston311/events.csv"
    assert f"python -m pip install . && python -m slaclock replay {files}" in readme
    assert "python -m pip install nox && nox" in readme
