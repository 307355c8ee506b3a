"""Is this machine ready? Each part of the course's environment, said in plain words."""

import html
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from quorumlab.course import progress
from quorumlab.etcd.binary import Binary, EtcdUnavailableError, find_etcd
from quorumlab.views.table import Table
from quorumlab.views.view import View

OLDEST_PYTHON = (3, 11)
SET_UP_AGAIN = "Run make setup, then start this notebook again."


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
            "text/html": f"<p><strong>{html.escape(self.sentence)}</strong></p>{self.table.to_html()}",
            "text/plain": f"{self.sentence}\n\n{self.table.to_text()}",
        }


def check_environment() -> Report:
    """Look at everything the course uses. It changes nothing, needs no network and never raises."""
    looks: Mapping[str, Callable[[], Finding]] = {
        "Python": _python,
        "JupyterLab": _jupyterlab,
        "widgets": _widgets,
        "pictures": _pictures,
        "your answers": _progress_file,
        "etcd": _etcd,
    }
    return Report(tuple(_safely(part, look) for part, look in looks.items()))


def _safely(part: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except Exception as error:
        return Finding(part, False, f"{type(error).__name__}: {error}", SET_UP_AGAIN)


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


def _packages(part: str, *packages: str) -> Finding:
    found = []
    for package in packages:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            return Finding(part, False, f"{package} is not installed", SET_UP_AGAIN)
    return Finding(part, True, ", ".join(found))


def _jupyterlab() -> Finding:
    return _packages("JupyterLab", "jupyterlab")


def _widgets() -> Finding:
    return _packages("widgets", "anywidget", "ipywidgets")


def _pictures() -> Finding:
    dot = View(
        "A dot.", "A dot.", Table.of(("x",), [(0,)]), lambda figure: figure.add_subplot().plot([0], [0])
    )
    drawn = f"matplotlib {version('matplotlib')} drew"
    if b"</svg>" in dot.svg():
        return Finding("pictures", True, f"{drawn} one")
    return Finding("pictures", False, f"{drawn} no picture", SET_UP_AGAIN)


def _progress_file() -> Finding:
    refused = progress.problem()
    if refused:
        return Finding(
            "your answers",
            False,
            f"not kept: {refused}",
            "Set QUORUMLAB_PROGRESS to a file you may write, then start this notebook again.",
        )
    return Finding("your answers", True, f"kept in {progress.progress_path()}")


def _etcd() -> Finding:
    try:
        binary = find_etcd()
    except EtcdUnavailableError as error:
        found, _, to_do = str(error).partition("; ")
        # Without it the course still computes and simulates: nothing is broken.
        return Finding("etcd", None, found, to_do[:1].upper() + to_do[1:])
    return Finding("etcd", True, f"{binary.version} at {binary.path}{_advice(binary)}")


def _advice(binary: Binary) -> str:
    """What etcd's makers say of a version."""
    if (3, 5, 0) <= binary.numbers <= (3, 5, 2):
        return " (good for this laboratory; in production etcd's makers advise against 3.5.0 to 3.5.2)"
    return ""
