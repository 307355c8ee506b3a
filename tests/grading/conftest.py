"""Submissions made by hand, and the sandbox they run in: tests that need one are skipped with the reason where none can be made, unless
QUORUMLAB_REQUIRE names "sandbox"."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from quorumlab.grading.lab import Lab
from quorumlab.grading.labs import found
from quorumlab.grading.sandbox import Box, Limits, SandboxError, sandbox

ROOT = Path(__file__).resolve().parents[2]
QUICK = Limits(cell_s=4, task_s=4)
"""Enough for an honest answer on a busy machine, and little to wait for a hostile one."""


@pytest.fixture(scope="session")
def box() -> Box:
    """The sandbox, or why there is none."""
    try:
        return sandbox()
    except SandboxError as error:
        if "sandbox" in os.environ.get("QUORUMLAB_REQUIRE", ""):
            raise
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab on quorum math."""
    return found()["quorum-math"]


def solution(lab: str = "quorum-math") -> dict[str, Any]:
    """The lab's own notebook, with its answers."""
    read: dict[str, Any] = json.loads((ROOT / "solutions" / lab / f"{lab}.ipynb").read_text(encoding="utf-8"))
    return read


def code(notebook: dict[str, Any]) -> list[str]:
    """The code cells of a notebook."""
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def honest_without(*functions: str) -> list[str]:
    """The cells of a right notebook but for those that define some functions, and without its checks."""
    return [
        cell
        for cell in code(solution())
        if not cell.startswith("check(") and not any(f"def {name}(" in cell for name in functions)
    ]


def notebook_of(cells: Iterable[str], **metadata: Any) -> dict[str, Any]:
    """A notebook with these code cells."""
    made = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": c}
        for c in cells
    ]
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def hand_in(
    folder: Path, student: str, cells: Sequence[str], lab: str = "quorum-math", **metadata: Any
) -> Path:
    """Put a student's notebook where the grader looks for it."""
    path = folder / student / f"{lab}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(notebook_of(cells, **metadata)), encoding="utf-8")
    return path
