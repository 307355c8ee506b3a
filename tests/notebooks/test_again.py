"""A learner goes back: each page survives that every cell is run twice in a row, and that any section is run again after the rest."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tools.notebooks import ROOT

PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))


def sections(notebook: nbformat.NotebookNode) -> list[list[int]]:
    """The code cells of each section, by their place on the page; a section begins at a heading of the second level."""
    found: list[list[int]] = [[]]
    for at, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown" and re.search(r"^## ", cell.source, re.M):
            found.append([])
        elif cell.cell_type == "code":
            found[-1].append(at)
    return found


@contextmanager
def kernel(notebook: nbformat.NotebookNode, folder: Path) -> Iterator[NotebookClient]:
    """A client with a running kernel, in the pages' folder, with an empty progress file and without etcd: recorded runs take its place,
    which a page must survive as well."""
    client = NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(ROOT / "notebooks")}}, store_widget_state=False
    )  # fmt: skip
    client.create_kernel_manager()
    with client.setup_kernel(
        env={**os.environ, "QUORUMLAB_PROGRESS": str(folder / "progress.json"), "QUORUMLAB_ETCD": "off"}
    ):
        yield client


def run_again(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Each cell twice in a row, from the top; then, as all is there, each section once more, the last one first."""
    with kernel(notebook, folder) as client:
        for section in sections(notebook):
            for at in section:
                client.execute_cell(notebook.cells[at], at)
                client.execute_cell(notebook.cells[at], at)
        for section in reversed(sections(notebook)):
            for at in section:
                client.execute_cell(notebook.cells[at], at)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_can_be_gone_back_in(path: Path, tmp_path: Path) -> None:
    run_again(nbformat.read(path, as_version=4), tmp_path)


@pytest.mark.parametrize(
    "sources",
    [
        ["n = 0", "n += 1", "assert n == 1"],
        ["n = 1", "## Two", "assert n == 1", "## Three", "n = 2"],
    ],
    ids=["a cell that counts on", "a name used for something else later"],
)
def test_a_page_that_cannot_is_found(sources: list[str], tmp_path: Path) -> None:
    make = {True: nbformat.v4.new_markdown_cell, False: nbformat.v4.new_code_cell}
    notebook = nbformat.v4.new_notebook(cells=[make[s.startswith("#")](s) for s in sources])
    with pytest.raises(Exception, match="AssertionError"):
        run_again(notebook, tmp_path)
