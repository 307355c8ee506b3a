"""nbval is only worth its time if it fails when a stored output is wrong, even in a fold: here it is shown to."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import ROOT, STORED_COUNT, normalised, run

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(ROOT)]
CELLS = {
    "2 + 2": ("text/plain", "4", "5"),
    'import quorumlab as ql\nql.reveal("two-of-five", "yes")': ("text/html", "“yes”", "“no”"),
}


@pytest.mark.parametrize("wrong", [False, True], ids=["right", "wrong"])
def test_a_wrong_stored_output_fails(tmp_path: Path, wrong: bool) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    run(notebook, tmp_path)
    for cell, (kind, is_so, is_not_so) in zip(normalised(notebook).cells, CELLS.values(), strict=True):
        data = cell.outputs[0].data
        assert cell.execution_count == STORED_COUNT and is_so in data[kind]
        data[kind] = data[kind].replace(is_so, is_not_so if wrong else is_so)
    nbformat.write(notebook, tmp_path / "page.ipynb")
    outcome = subprocess.run(
        [*PYTEST, "-c", str(ROOT / "pyproject.toml"), str(tmp_path / "page.ipynb")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ("2 failed" if wrong else "2 passed") in outcome.stdout, outcome.stdout
