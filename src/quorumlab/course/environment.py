"""Is this machine ready? Each part of the course's environment, said in plain words."""

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from quorumlab.course import progress
from quorumlab.views.view import Table, View

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One part of the environment: whether it works (None: not needed yet), what was found, and what to do."""

    part: str
    works: bool | None
    found: str
    to_do: str = ""


@dataclass(frozen=True)
class Report:
    """All findings; truthy when everything that is needed works."""

    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return all(f.works is not False for f in self.findings)

    @property
    def table(self) -> Table:
        """The findings as a table."""
        words = {True: "✓ works", False: "✕ does not work", None: "○ not needed yet"}
        return Table.of(
            ("part", "state", "found", "what to do"),
            [(f.part, words[f.works], f.found, f.to_do or "–") for f in self.findings],
        )

    @property
    def sentence(self) -> str:
        """The findings in one sentence."""
        broken = [f.part for f in self.findings if f.works is False]
        if not broken:
            return "Your machine is ready for this notebook and the next ones."
        return f"Not ready yet: {', '.join(broken)}. The table says what to do."

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {
            "text/html": f"<p><strong>{self.sentence}</strong></p>{self.table.to_html()}",
            "text/plain": f"{self.sentence}\n\n{self.table.to_text()}",
        }


def check_environment() -> Report:
    """Look at everything the course uses. It changes nothing, needs no network and never raises."""
    looks: Sequence[Callable[[], Finding]] = (
        _python,
        _jupyterlab,
        _widgets,
        _pictures,
        _progress_file,
        _etcd,
    )
    return Report(tuple(_safely(look) for look in looks))


def _safely(look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Exception as error:
        return Finding(
            look.__name__.strip("_"), False, f"{type(error).__name__}: {error}", "Run make setup again."
        )


def _python() -> Finding:
    return python_finding(sys.version_info[:3])


def python_finding(found: tuple[int, ...]) -> Finding:
    """Whether a Python version is new enough."""
    words = ".".join(map(str, found))
    if found[:2] >= OLDEST_PYTHON:
        return Finding("Python", True, words)
    return Finding(
        "Python",
        False,
        words,
        f"Install Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer, then make setup.",
    )


def _package(part: str, package: str) -> Finding:
    try:
        return Finding(part, True, f"{package} {version(package)}")
    except PackageNotFoundError:
        return Finding(
            part, False, f"{package} is not installed", "Run make setup, then start this notebook again."
        )


def _jupyterlab() -> Finding:
    return _package("JupyterLab", "jupyterlab")


def _widgets() -> Finding:
    return _package("widgets", "anywidget")


def _pictures() -> Finding:
    dot = View(
        "A dot.", "A dot.", Table.of(("x",), [(0,)]), lambda figure: figure.add_subplot().plot([0], [0])
    )
    picture = dot.png()
    return Finding("pictures", picture.startswith(b"\x89PNG"), f"matplotlib {version('matplotlib')} drew one")


def _progress_file() -> Finding:
    path = progress.progress_path()
    folder = next(p for p in [path.parent, *path.parents] if p.exists())

    if os.access(path if path.exists() else folder, os.W_OK):
        return Finding("your answers", True, f"kept in {path}")
    return Finding(
        "your answers", False, f"{path} cannot be written", "Set QUORUMLAB_PROGRESS to a file you may write."
    )


def _etcd() -> Finding:
    found = shutil.which("etcd")
    return Finding(
        "etcd", None, found or "not on this machine", "Nothing: notebooks 00 to 03 do not start it."
    )
