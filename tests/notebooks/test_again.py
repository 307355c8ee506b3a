"""A learner goes back: every page runs with each cell twice in a row, and again from its top once it has been run."""

from copy import deepcopy
from pathlib import Path

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode, read

from tools.notebooks import ROOT

PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_each_cell_may_be_run_twice_and_the_page_again(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any error stops it: a name that a later cell has bound to something else, a cluster that cannot be asked twice, an
    assertion that holds only the first time."""
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))
    page = read(path, as_version=4)
    code = [cell for cell in page.cells if cell.cell_type == "code"]
    page.cells = [fresh(cell) for cell in code for _ in range(2)] + [fresh(cell) for cell in code]
    NotebookClient(page, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()


def fresh(cell: NotebookNode) -> NotebookNode:
    copy = deepcopy(cell)
    copy.outputs, copy.execution_count = [], None
    return copy
