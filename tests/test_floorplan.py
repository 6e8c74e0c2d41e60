"""The floor plan of the house, as data, held against the real imports.

A module may import what stands above it in the plan below: a lower floor, or an earlier room on its own. So imports go
one way only, and there is no circle; late imports, inside functions, obey the same rule. What is imported for types
alone (`if TYPE_CHECKING`) does not bind at run time; where it points up it is listed.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import slaclock

HOUSE = Path(slaclock.__file__).parent
LONGEST = 450

FLOORS: dict[int, tuple[str, ...]] = {
    # What can go wrong, spans, phases, strategies: nothing about tickets or time.
    1: ("_version", "_packed", "_frozen", "_once", "_shown", "errors", "_reading", "_spans", "state", "strategies"),
    # Instants, amounts, conditions, and opening hours in local terms.
    2: ("_zones", "_instants", "_zonedata", "_plugs", "amounts", "conditions", "dates", "hours",
        "closures", "removals", "ics", "closing", "_content"),
    # Calendars compiled, and the events that go in.
    3: ("_table", "_years", "_edges", "_opening", "_composed", "_days", "_reasons", "_without", "_clockwork", "week",
        "glance", "calendar", "values", "_event", "events"),
    # What a clock is, how its life goes, and what becomes of it.
    4: ("metric", "life", "facts"),
    # What was promised, by whom, and what binds.
    5: ("target", "laid", "rules", "_windows", "exceptions", "relief", "_index", "terms", "considered", "candidate",
        "preview", "differences", "_calendar_changes", "_rule_changes", "_policy_changes",
        "provenance", "_checks", "policy",
        "_domains", "_proof", "lints", "_offers", "_lint_rules", "_lint_targets", "_lint_metrics", "_lint_names",
        "_lint_calendars"),
    # The two wings meet: events drive clocks under a policy.
    6: ("cycle", "_lived", "clocks", "_sight", "_paths", "_saved_shape", "saved", "clock", "_ordering"),
    # Why.
    7: ("decisions", "trail", "ledger"),
    # What is true at one instant.
    8: ("standing", "readings", "cycles", "timeline", "snapshots"),
    # What comes in from outside: many events, policy files, event files.
    9: (
        "comparison", "explanation", "history",
        "_codes", "_nodes", "_fields", "_sources", "_document", "_joining",
        "_phrases", "_triggers", "_clauses", "_times", "_register", "_format", "policyfile", "calendarfile",
        "_patterns", "_calendar_schema", "schema", "_layout", "_written", "_timetable", "policytext", "linting",
        "_rows", "eventfile", "_slips",
    ),
    # Many histories as figures.
    10: ("reports",),
    # What people see on a terminal.
    11: (
        "text", "_arguments", "_ticket_files",
        "_command_check", "_command_targets", "_command_diff", "_command_replay", "_command_explain",
        "_command_compare", "_command_due", "_command_dump", "_command_schema", "__main__",
    ),
}  # fmt: skip
# Imports for types only that point up the plan.
TYPES_ONLY: dict[str, set[str]] = {
    "facts": {"target"},
    "comparison": {"history"},
    "explanation": {"history"},
    "_policy_changes": {"policy"},
    "_checks": {"policy"},
    "_without": {"_clockwork"},
}
# Packages of others, and the only modules that may import them; attrs may be used everywhere.
DOORS = {"pendulum": {"_instants"}, "yaml": {"_document"}}
# Optional packages stay under the roof, and one socket leads there.
ROOF, SOCKET = "extras", "_plugs"
# The face of the package: what it imports is shown to everybody; no module imports it.
FACE = "__init__"
# Reading the time of day, by any of these names, would make answers depend on it.
CLOCKS = {"now", "today", "utcnow"}
STOPWATCH = ("_command_replay", "perf_counter")


class Import(NamedTuple):
    """One imported module: who imports it, which line says so, and whether for types only."""

    by: str
    module: str
    line: int
    types_only: bool


def sources() -> dict[str, Path]:
    """All modules by name: `calendar`, `extras.holidays`."""
    files = sorted(HOUSE.rglob("*.py"))
    names = (".".join(file.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__") for file in files)
    return dict(zip(names, files, strict=True))


SOURCES = sources()
TREES = {name: ast.parse(file.read_text(encoding="utf-8"), str(file)) for name, file in SOURCES.items()}
PLAN = [name for floor in sorted(FLOORS) for name in FLOORS[floor]]


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def walk(node: ast.AST, types_only: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        inner = types_only or (is_for_types(node) and child in getattr(node, "body", ()))
        yield child, inner
        yield from walk(child, inner)


def imports(name: str) -> Iterator[Import]:
    """The imports of a module, wherever they stand in it; of `from slaclock import x`, x where it is a module."""
    for node, types_only in walk(TREES[name]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, node.lineno, types_only)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno} imports by a relative name"
            package = node.module or ""
            for alias in node.names:
                inner = f"{package}.{alias.name}".removeprefix("slaclock.")
                whole = package == "slaclock" or package.startswith("slaclock.")
                yield Import(
                    name, f"slaclock.{inner}" if whole and inner in SOURCES else package, node.lineno, types_only
                )


IMPORTS = sorted({found for name in SOURCES for found in imports(name)})
OURS = [found for found in IMPORTS if found.module.partition(".")[0] == "slaclock"]
FOREIGN = [found for found in IMPORTS if found.module.partition(".")[0] not in sys.stdlib_module_names | {"slaclock"}]


def in_roof(name: str) -> bool:
    return name.partition(".")[0] == ROOF


def is_time(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "time"


def room(found: Import) -> str:
    return found.module.removeprefix("slaclock.")


def where(found: Import) -> str:
    return f"{found.by}:{found.line} imports {found.module}"


def test_the_plan_names_every_module_once() -> None:
    """Whoever adds a module says on which floor it stands."""
    expected = {name for name in SOURCES if name != FACE and not in_roof(name)}
    assert expected == set(PLAN)
    assert len(expected) == len(PLAN)


def test_imports_go_down_only() -> None:
    """A module imports what stands before it in the plan; so there is no circle."""
    order = {name: place for place, name in enumerate(PLAN)}
    up = [
        where(found)
        for found in OURS
        if found.by in order and not found.types_only and not (found.by == SOCKET and in_roof(room(found)))
        if order.get(room(found), len(order)) >= order[found.by]
    ]
    assert [] == up


def test_imports_for_types_that_point_up_are_listed() -> None:
    """What is imported for types only may point up, where the list says so and nowhere else."""
    order = {name: place for place, name in enumerate(PLAN)}
    up: dict[str, set[str]] = {}
    for found in OURS:
        if found.types_only and found.by in order and order[room(found)] >= order[found.by]:
            up.setdefault(found.by, set()).add(room(found))
    assert TYPES_ONLY == up


def test_no_module_imports_the_face() -> None:
    """`slaclock` itself is for users: inside, each name is taken from where it is made."""
    assert [] == [where(found) for found in OURS if found.module == "slaclock" and found.by != FACE]


def test_foreign_packages_come_in_at_their_door() -> None:
    """Pendulum lives at one door and YAML at another; attrs is at home everywhere; all else stays under the roof."""
    elsewhere = [
        where(found)
        for found in FOREIGN
        if (package := found.module.partition(".")[0]) != "attrs"
        and not in_roof(found.by)
        and not (found.types_only and package in DOORS)
        and found.by not in DOORS.get(package, ())
    ]
    assert [] == elsewhere


def test_doors_are_used() -> None:
    """A door that nobody uses is to be walled up."""
    used = {(found.module.partition(".")[0], found.by) for found in FOREIGN}
    assert [] == [(package, door) for package, doors in DOORS.items() for door in doors if (package, door) not in used]


def test_only_the_socket_leads_to_the_roof() -> None:
    """Optional packages are reached through one module, and late: where a function needs them."""
    for found in OURS:
        if in_roof(room(found)) and not in_roof(found.by):
            assert found.by == SOCKET, where(found)
    top = {node.lineno for node in TREES[SOCKET].body if isinstance(node, ast.Import | ast.ImportFrom)}
    assert [] == [where(found) for found in OURS if found.by == SOCKET and in_roof(room(found)) and found.line in top]


def test_the_roof_uses_public_modules_only() -> None:
    """Modules for foreign packages are written as users could write them."""
    private = [where(found) for found in OURS if in_roof(found.by) and room(found).rpartition(".")[2].startswith("_")]
    assert [] == private


def test_nothing_is_imported_by_a_computed_name() -> None:
    """What is imported by a text, the plan cannot see; only the roof does it, for packages that may be missing."""
    computed = [
        f"{name}:{node.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("import_module", "__import__")
        if not in_roof(name)
    ]
    assert [] == computed


def test_nobody_asks_what_time_it_is() -> None:
    """The library is given instants; only the command line has a stopwatch, to say how long it took."""
    read = [
        f"{name}:{node.lineno} reads {ast.unparse(node)}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS
    ]
    assert [] == read
    module, stopwatch = STOPWATCH
    assert [] == [where(found) for found in IMPORTS if found.module == "time" and found.by != module]
    timers = {node.attr for node in ast.walk(TREES[module]) if isinstance(node, ast.Attribute) if is_time(node.value)}
    assert {stopwatch} == timers


def test_no_module_is_named_like_a_root_name() -> None:
    """`slaclock.snapshot` is a function: a module of that name would take its place, depending on who imports what."""
    assert set() == set(SOURCES) & set(slaclock.__all__)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_no_file_outgrows_its_room(name: str) -> None:
    """A room that nobody can survey is divided."""
    assert len(SOURCES[name].read_text(encoding="utf-8").splitlines()) <= LONGEST
