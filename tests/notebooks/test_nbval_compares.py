"""nbval is only worth its time if it fails when a stored output is wrong: here it is shown to."""

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools.notebooks import ROOT, run


@pytest.mark.parametrize(("stored", "passes"), [("4", True), ("5", False)])
def test_a_wrong_stored_number_fails(tmp_path: Path, stored: str, passes: bool) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("2 + 2")])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    run(notebook, tmp_path)
    notebook.cells[0].outputs[0]["data"]["text/plain"] = stored
    nbformat.write(notebook, tmp_path / "sum.ipynb")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(ROOT),
        "-c",
        str(ROOT / "pyproject.toml"),
    ]
    outcome = subprocess.run(
        [*command, str(tmp_path / "sum.ipynb")], cwd=ROOT, capture_output=True, text=True
    )
    assert (outcome.returncode == 0) is passes, outcome.stdout
