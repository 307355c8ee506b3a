"""Run the notebooks and store what they show, so that an unchanged notebook gives no diff.

`python -m tools.notebooks [notebook ...]` runs the given notebooks, or all of the course and of the solutions. Stored are the
outputs a reader needs when nothing runs: text, tables and pictures, never a widget view, which would open as "model not found". The
execution counts are stored as 0: JupyterLab then shows `[ ]`, as for a cell that the reader has not run, and nbval still compares.
"""

import argparse
import os
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("notebooks", "solutions")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
STORED_COUNT = 0


def main() -> None:
    parser = argparse.ArgumentParser(description="Run notebooks and store what they show.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="all of them if none is named")
    for path in parser.parse_args().notebooks or all_notebooks():
        notebook = nbformat.read(path, as_version=4)
        print(f"running {path.name}", flush=True)
        run(notebook, path.parent)
        nbformat.write(normalised(notebook), path)


def all_notebooks() -> list[Path]:
    """The notebooks of the course and the solutions, in reading order."""
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*.ipynb"))
        if ".ipynb_checkpoints" not in path.parts
    ]


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run all cells in place, with a progress file that nobody has answered in yet."""
    with tempfile.TemporaryDirectory() as empty:
        environment = {**os.environ, "QUORUMLAB_PROGRESS": str(Path(empty) / "progress.json")}
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute(
            env=environment
        )


def normalised(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """The notebook without what changes from run to run: widget views and state, timings, versions, random cell ids, counts."""
    for number, cell in enumerate(notebook.cells):
        cell.metadata.pop("execution", None)
        cell["id"] = f"cell-{number:02d}"
        if cell.cell_type == "code" and cell.execution_count is not None:
            cell["execution_count"] = STORED_COUNT
        ours = cell.metadata.get("quorumlab", {})
        if "nbval-ignore-output" in cell.metadata.get("tags", []) and not ours.get("stored"):
            cell["outputs"] = []  # it differs from machine to machine, so a stored one would only mislead
        if cell.cell_type == "code":
            cell["outputs"] = _joined(cell.outputs)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
            if "execution_count" in output:
                output["execution_count"] = None
            output["metadata"] = {} if "metadata" in output else output.get("metadata")
            if output["metadata"] is None:
                del output["metadata"]
    kept: dict[str, Any] = {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    }
    kept["language_info"] = {"name": "python"}
    if "quorumlab" in notebook.metadata:
        kept["quorumlab"] = notebook.metadata["quorumlab"]
    notebook.metadata = nbformat.from_dict(kept)
    notebook.nbformat_minor = 5
    return notebook


def _joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """The outputs with what was printed in several pieces as one: how a kernel cuts it changes from run to run."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" and output.name == last.get("name"):
            last["text"] += output.text
        else:
            joined.append(output)
    return joined


if __name__ == "__main__":
    main()
