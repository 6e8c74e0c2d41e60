"""All checks of the repository: `nox` runs those that must pass, `nox -l` lists the others too."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import nox

ROOT = Path(__file__).parent
PYPROJECT = nox.project.load_toml(ROOT / "pyproject.toml")
PYTHONS = nox.project.python_versions(PYPROJECT)
EXAMPLE = ROOT / "examples" / "boston311"
# Tests that share a costly fixture stand in one file; each worker takes whole files.
PARALLEL = ("-n", "auto", "--dist", "loadfile")
DOCS = "tests/docs"

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["lint", "types", "bare", "full", "wheel", "docs"]
nox.options.error_on_missing_interpreters = False
nox.options.stop_on_first_error = False


def group(name: str) -> list[str]:
    return nox.project.dependency_groups(PYPROJECT, name)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff with all rules, and its formatting."""
    session.install(*group("lint"))
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy, strict, on the sources and on the public face in use."""
    session.install(*group("types"), "-e", ".[all]")
    session.run("mypy")


@nox.session
def bare(session: nox.Session) -> None:
    """The tests without optional packages, but for the laws, which run in `full`, and without the published data."""
    session.install(*group("tests"), ".")
    session.run("pytest", *PARALLEL, "--ignore", DOCS, "-m", "not data and not laws", *session.posargs)


@nox.session(python=PYTHONS, default=False)
def pythons(session: nox.Session) -> None:
    """The same with the laws, on each Python that is installed."""
    session.install(*group("tests"), ".")
    session.run("pytest", *PARALLEL, "--ignore", DOCS, "-m", "not data", *session.posargs)


@nox.session
def full(session: nox.Session) -> None:
    """The tests with all optional packages, every branch covered; the laws and the published data, at full speed."""
    session.install(*group("tests"), ".[all]")
    if session.posargs:
        session.run("pytest", *PARALLEL, *session.posargs)
        return
    covered = ("-m", "not data and not laws", "--cov", "--cov-report=term-missing")
    session.run("pytest", *PARALLEL, "--ignore", DOCS, *covered)
    session.run("pytest", *PARALLEL, "--ignore", DOCS, "-m", "data or laws")


@nox.session
def wheel(session: nox.Session) -> None:
    """The built wheel, installed elsewhere, runs the README's first command."""
    out = Path(session.create_tmp()) / "dist"
    shutil.rmtree(out, ignore_errors=True)
    session.run("python", "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(out), ".")
    (built,) = out.glob("slaclock-*.whl")
    with zipfile.ZipFile(built) as archive:
        names = set(archive.namelist())
    for needed in ("slaclock/py.typed", "slaclock/metrics.yaml"):
        if needed not in names:
            session.error(f"the wheel has no {needed}")
    stray = [name for name in names if not name.startswith("slaclock") or "/." in name or "__pycache__" in name]
    if stray:
        session.error(f"the wheel has files that are not ours: {stray}")
    session.install(str(built))
    with session.chdir(out):
        files = (str(EXAMPLE / "policy.yaml"), str(EXAMPLE / "events.csv"))
        session.run("python", "-m", "slaclock", "replay", *files)
        session.run("slaclock", "check", files[0])


@nox.session
def docs(session: nox.Session) -> None:
    """Every code block of the README, the documentation and the docstrings."""
    session.install(*group("tests"), ".[all]")
    session.run("pytest", "-n", "auto", DOCS, *session.posargs)


@nox.session(default=False)
def zones(session: nox.Session) -> None:
    """Calendars at every transition of every time zone from 1970 to 2100, against a clock read minute by minute."""
    session.install(*group("tests"), ".")
    session.run("pytest", "-n", "auto", "-m", "zones", *session.posargs)


@nox.session(default=False)
def documents(session: nox.Session) -> None:
    """Policy files by the thousand: written and read back, judged by the schema and by the loader."""
    session.install(*group("tests"), ".")
    session.run("pytest", "-n", "auto", "-m", "documents", *session.posargs)


@nox.session(default=False)
def stories(session: nox.Session) -> None:
    """Many thousands of random policies and tickets, against an oracle that walks from tick to tick."""
    session.install(*group("tests"), ".")
    session.run("pytest", "-n", "auto", "-m", "stories", *session.posargs)


@nox.session(default=False)
def figures(session: nox.Session) -> None:
    """How exactly published deadlines are reproduced; needs SLACLOCK_DATA."""
    if "SLACLOCK_DATA" not in os.environ:
        session.error("name the folder with the published data in SLACLOCK_DATA")
    session.install(*group("tests"), ".[all]")
    session.run("python", "-m", "tests.figures", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """How fast it is, as ratios measured side by side; fails where one misses its target by more than twice."""
    session.install(*group("bench"), ".[all]")
    session.run("pytest", "tests/benchmarks", "--benchmark-columns=median,rounds", *session.posargs)
