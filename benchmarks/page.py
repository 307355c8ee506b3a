"""A throw-away page in JupyterLab and Chromium, for what is measured there."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from playwright.sync_api import Page

from tools.browser import browser, open_notebook, serve

NAME = "bench.ipynb"
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


@contextmanager
def opened(*sources: str, height: int = 1400) -> Iterator[Page]:
    """A notebook with one code cell for each of ``sources``, opened and not yet run; the page is ``height`` pixels high."""
    cells: list[Any] = [nbformat.v4.new_code_cell(source) for source in sources]
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=KERNEL), Path(folder) / NAME)
        with serve(Path(folder)) as lab, browser() as chrome:
            page = chrome.new_page(viewport={"width": 1180, "height": height})
            open_notebook(page, lab, NAME)
            yield page
