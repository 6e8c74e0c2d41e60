"""The public face: which names there are, that the reference names them all, and that importing them is cheap."""

from __future__ import annotations

import ast
import inspect
import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

import slaclock

REFERENCE = Path(__file__).parents[1] / "docs" / "reference" / "api.md"

# A contract: programs are written against these. Names are added here by decision, and none is taken away silently.
PROMISED = {
    # Policies, events, histories, snapshots.
    "load_policy", "dump_policy", "policy_schema",
    "Policy", "Preview", "MetricPreview", "Considered", "Outcome", "PassedOver", "Target",
    "ExceptionEntry", "Effect",
    "Difference", "DifferenceKind", "Differences", "Provenance", "ZoneData",
    # What a policy is made of.
    "Layer", "Rule", "Table", "Window", "Warn", "CalendarFrom", "Strategies", "Metric", "Trigger", "Kind",
    "builtin_metrics", "All", "Always", "AnyOf", "Exists", "Is", "Not", "Ordered",
    # What in a policy can hardly be meant.
    "Lint", "lint_policy",
    # Histories and what is read of them.
    "replay", "replay_all", "History", "Revision", "Fact", "FactKind", "Anomaly", "Cycles",
    "Snapshot", "Reading", "Phase", "Verdict", "Candidate", "Ledger", "Segment", "SegmentKind",
    "Decision", "DecisionKind", "Explanation", "Account",
    "Timeline", "Coming", "ComingKind", "Comparison", "ComparedCycle",
    # The pure step.
    "State", "initial_state", "advance", "tick", "snapshot", "dump_state", "load_state",
    # Calendars.
    "WorkingCalendar", "Interval", "ALWAYS", "Amount", "Instant",
    # Events.
    "Event", "Created", "Changed", "Replied", "Held", "Released", "Extended", "Waived", "Restarted", "Merged",
    "Withdrawn", "event_from_dict", "load_events",
    # Errors.
    "SlaError", "PolicyError", "PolicyMismatchError", "StateError", "CalendarError", "UnknownZoneError",
    "NeverOpenError", "OutOfRangeError", "EventError", "NaiveTimeError", "LateEventError", "MissingExtraError",
    "Problem",
}  # fmt: skip

HEAVY = (
    "argparse", "asyncio", "csv", "email", "gzip", "holidays", "http", "logging", "multiprocessing", "numpy", "socket",
    "sqlite3", "subprocess", "unittest", "urllib.request", "yaml",
)  # fmt: skip


def in_fresh_interpreter(code: str) -> str:
    """What a new interpreter prints that runs the code, with the same paths as this one."""
    paths = os.pathsep.join(path for path in sys.path if path)
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": paths}
    # What measures coverage in a child process imports modules of its own.
    environment = {name: value for name, value in environment.items() if not name.startswith(("COV_", "COVERAGE_"))}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def test_the_root_has_the_promised_names() -> None:
    assert sorted(PROMISED) == sorted(slaclock.__all__)
    assert len(set(slaclock.__all__)) == len(slaclock.__all__)


def test_every_name_is_there() -> None:
    assert [] == [name for name in slaclock.__all__ if not hasattr(slaclock, name)]


def test_type_checkers_see_the_same_names_from_the_same_modules() -> None:
    """Names come late, by a table; type checkers read imports, which say the same."""
    tree = ast.parse(Path(slaclock.__file__).read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    seen = {
        (node.module, alias.name) for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert seen == {(f"slaclock.{home}", name) for home, names in slaclock._HOMES.items() for name in names}
    assert sorted(name for _, name in seen) == sorted(slaclock.__all__)


def test_dir_shows_names_before_they_are_used() -> None:
    names = in_fresh_interpreter("import slaclock; print(*dir(slaclock))").split()
    assert names == sorted(names)
    assert set(slaclock.__all__) <= set(names) & set(dir(slaclock))


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="module 'slaclock' has no attribute 'Nonsense'"):
        getattr(slaclock, "Nonsense")  # noqa: B009 - A type checker would refuse the plain form, rightly.


def test_objects_bear_the_root_as_soon_as_one_name_was_used() -> None:
    """Also those whose own names nobody used yet, such as an error."""
    code = (
        "import slaclock\ntry: slaclock.WorkingCalendar(timezone='Mars')\n"
        "except Exception as fault: print(type(fault).__module__)"
    )
    assert in_fresh_interpreter(code).strip() == "slaclock"


def test_nothing_else_looks_public() -> None:
    """What can be reached at the root without an underscore is a promised name or a module."""
    others = {
        name
        for name, value in vars(slaclock).items()
        if not name.startswith("_") and name not in PROMISED and not inspect.ismodule(value)
    }
    assert set() == others


def test_the_reference_has_a_heading_for_each_name() -> None:
    """In the reference a root name has an entry of its own: a heading that begins with it."""
    headings = re.findall(r"^#{2,4} (.+)$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    entries = {name for heading in headings for name in re.findall(r"`(\w+)", heading)}
    assert set() == PROMISED - entries, "not in the reference"
    assert set() == {name for name in entries if name not in PROMISED}, "in the reference, but not there"


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_objects_name_the_root_as_their_module(name: str) -> None:
    """Reprs, tracebacks and pickles show the path under which people import."""
    value = getattr(slaclock, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__module__ == "slaclock"
        assert pickle.loads(pickle.dumps(value)) is value


@pytest.mark.parametrize("name", sorted(PROMISED))
def test_every_class_and_function_says_what_it_is_for(name: str) -> None:
    value = getattr(slaclock, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert (value.__doc__ or "").strip(), name
        assert not (value.__doc__ or "").startswith("Method generated by attrs"), name


def test_import_is_light() -> None:
    """`import slaclock` brings pendulum and attrs, and no file format, command line or optional package."""
    code = (
        "import sys, pendulum, attrs; before = set(sys.modules); import slaclock; print(*(set(sys.modules) - before))"
    )
    loaded = set(in_fresh_interpreter(code).split())
    assert set() == loaded & set(HEAVY)
    foreign = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names - {"slaclock"}
    # Machinery of editable installs is no package of ours.
    assert set() == {name for name in foreign if not name.startswith("_")}


def test_main_is_not_run_by_import() -> None:
    assert in_fresh_interpreter("import slaclock.__main__") == ""


def test_version_is_that_of_the_distribution() -> None:
    """The version is written in two places, which agree."""
    text = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    assert re.findall(r'^version = "(.+)"$', text, re.MULTILINE) == [slaclock.__version__]


@pytest.mark.parametrize("text", ["py.typed", "metrics.yaml"])
def test_data_files_lie_beside_the_code(text: str) -> None:
    assert (Path(slaclock.__file__).parent / text).is_file()


def test_modules_are_found_as_attributes() -> None:
    """Nobody has to know that names are fetched when they are first used."""
    code = "import slaclock; print(slaclock.errors.PolicyError.__name__, slaclock.history.__name__)"
    assert "PolicyError slaclock.history" == in_fresh_interpreter(code).strip()
    assert slaclock.errors is slaclock.__getattr__("errors")
