"""Documents as programs: every code block of a Markdown file is run, in order, as one session in a folder of its own.

By language of the block:

- `python` is run; where it has prompts (`>>>`), what is printed is compared.
- `console` holds commands after `$ ` and what they print. `; echo $?` shows the exit code, which is 0 otherwise.
- `yaml`, `csv`, `jsonl` and `json` are files where the line above ends with a name and a colon ("Save as `a.yaml`:").
  Other YAML is a policy or a part of one, and is loaded.
- `sh` holds commands to be copied; those that install something stand in a list here, with where they are run.
  A command with a FOLDER of published data in it is not run.
- `mermaid` and `text` are pictures.

`...` stands for anything in what is printed.
"""

from __future__ import annotations

import doctest
import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import attrs

import slaclock as sla

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
FLAGS = doctest.ELLIPSIS
PICTURES = ("mermaid", "text")
FILES = ("yaml", "csv", "jsonl", "json")

# Commands that are not run here, and who runs them.
ELSEWHERE = {
    "python -m pip install .": "the session `wheel`",
    "python -m pip install nox && nox": ".ci/run",
    'python -m pip install ".[holidays,icalendar]"': "the sessions `full` and `docs`, as `.[all]`",
    "python -m slaclock schema > slaclock.schema.json": "tests/test_main.py, without the file",
    "SLACLOCK_DATA=data nox -s figures": "by hand",
}

_FENCE = re.compile(r"^( *)```([\w-]*)[^\n]*\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"`([\w./-]+\.\w+)`[^`]*:$")
_SHOWS_CODE = "; echo $?"

# What a part of a policy does not say itself.
_REST = {
    "slaclock": "slaclock: 1",
    "calendars": 'calendars: {office: {timezone: Europe/Berlin, hours: {mon-fri: "09:00-17:00"}}, always: all day}',
    "defaults": "defaults: {calendar: office}",
}


@attrs.frozen
class Block:
    """A code block: its language, its text, the line on which the text begins, and the file that it is, if any."""

    language: str
    text: str
    line: int
    file: str | None


def blocks(document: str) -> list[Block]:
    """The code blocks of a Markdown text, in order."""
    found = []
    for match in _FENCE.finditer(document):
        indent, language, text = match.groups()
        above = document[: match.start()].rstrip().rpartition("\n")[2]
        named = _NAMED.search(above) if language in FILES else None
        line = document.count("\n", 0, match.start(3)) + 1
        lines = (part.removeprefix(indent) for part in text.splitlines(keepends=True))
        found.append(Block(language, "".join(lines), line, named and named[1]))
    return found


class Session:
    """A document under way: the names that its Python blocks have made, and the folder with its files."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.folder = folder
        self.names: dict[str, object] = {"__name__": "__main__"}
        (folder / "examples").symlink_to(ROOT / "examples", target_is_directory=True)

    def run(self, block: Block) -> None:
        """Run one block. Raises AssertionError, or whatever the block raises."""
        if block.language in FILES:
            self._take_file(block)
        elif block.language not in PICTURES:
            {"python": self._run_python, "console": self._run_console, "sh": self._run_shell}[block.language](block)

    def where(self, block: Block) -> str:
        """The place of a block, for messages."""
        return f"{self.path.relative_to(ROOT)}:{block.line}"

    def _take_file(self, block: Block) -> None:
        if block.file is not None:
            (self.folder / block.file).write_text(block.text, encoding="utf-8")
        elif block.language == "yaml":
            missing = [line for key, line in _REST.items() if not re.search(rf"^{key}:", block.text, re.MULTILINE)]
            sla.load_policy(io.StringIO("\n".join([*missing, block.text])))
        elif block.language in ("json", "jsonl"):
            for line in [block.text] if block.language == "json" else block.text.splitlines():
                json.loads(line)
        else:
            raise AssertionError(f"{self.where(block)}: the line above does not name the file")

    def _run_python(self, block: Block) -> None:
        if ">>>" not in block.text:
            # Line numbers of tracebacks are those of the document.
            exec(compile("\n" * (block.line - 1) + block.text, str(self.path), "exec"), self.names)
            return
        test = doctest.DocTestParser().get_doctest(
            block.text, self.names, self.where(block), str(self.path), block.line - 1
        )
        told = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=FLAGS)
        runner.run(test, out=told.write, clear_globs=False)
        # A doctest works on a copy of the names.
        self.names |= test.globs
        assert runner.failures == 0, told.getvalue()

    def _run_console(self, block: Block) -> None:
        for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
            command, _, expected = part.partition("\n")
            printed = self._printed(command, block)
            same = doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS)
            assert same, f"{self.where(block)}: {command}\nexpected:\n{expected}\nprinted:\n{printed}"

    def _printed(self, command: str, block: Block) -> str:
        shows_code = command.endswith(_SHOWS_CODE)
        program, *arguments = shlex.split(command.removesuffix(_SHOWS_CODE))
        assert program == "python", f"{self.where(block)}: {command} is no call of Python"
        paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
        environment = {**os.environ, "PYTHONPATH": paths, "COLUMNS": "100", "PYTHONUTF8": "1"}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        assert shows_code or done.returncode == 0, f"{self.where(block)}: {command}\n{done.stdout}"
        return f"{done.stdout}{done.returncode}\n" if shows_code else done.stdout

    def _run_shell(self, block: Block) -> None:
        for command in block.text.splitlines():
            for part in [command] if command in ELSEWHERE else command.split(" && "):
                # What needs a FOLDER needs published data; the session `figures` has it.
                if part not in ELSEWHERE and "FOLDER" not in part:
                    self._printed(part, block)
