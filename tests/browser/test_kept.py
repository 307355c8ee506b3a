"""What a learner finds who ran a page, saved and closed it and opens it again; and how a new widget is reached by keyboard."""

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tools.browser import ROOT, Lab, command, open_notebook, run_all, serve, show_cell

pytestmark = pytest.mark.browser

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
CELLS = [
    "import quorumlab as ql\nfrom quorumlab.views.quorums import overlap_view",
    'ql.Explorer(overlap_view, members=ql.slider("members", [3, 5]), group=ql.slider("size", [2, 3]))',
    "ql.Stage(5)",
    'cluster = ql.SimulatedCluster(3, leader="etcd-1")\ncluster.run_for(1)\nql.play(cluster, start=0.5)',
    'ql.quick_check("why-majority")',
]
VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    page = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(page, tmp_path / "kept.ipynb")
    return tmp_path


@pytest.fixture
def kept_lab(folder: Path) -> Iterator[Lab]:
    with serve(folder) as lab:
        yield lab


def test_a_page_that_was_run_saved_and_closed_shows_still_pictures(
    page: Page, kept_lab: Lab, folder: Path
) -> None:
    open_notebook(page, kept_lab, "kept.ipynb")
    run_all(page)
    expect(show_cell(page, "ql.Stage(5)").get_by_role("switch")).to_have_count(5)
    command(page, "docmanager:save")
    # The page that is open goes on: only the file has no live views.
    show_cell(page, "ql.Stage(5)").get_by_role("switch").first.click()
    expect(show_cell(page, "ql.Stage(5)").get_by_role("status").first).to_contain_text("4 of 5 are up")
    saved = json.loads((folder / "kept.ipynb").read_text(encoding="utf-8"))
    outputs = [output["data"] for cell in saved["cells"] for output in cell["outputs"]]
    assert len(outputs) == 4 and not any(VIEW in data for data in outputs)
    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.goto("about:blank")
    open_notebook(page, kept_lab, "kept.ipynb")
    words = page.locator(".jp-Notebook").inner_text()
    assert "model not found" not in words and "Loading widget" not in words
    assert words.count("Run this cell (Shift+Enter)") == 4
    expect(show_cell(page, "overlap_view, members").get_by_role("img")).to_be_visible()
    # And it comes alive.
    run_all(page)
    expect(show_cell(page, "ql.Stage(5)").get_by_role("switch")).to_have_count(5)


@pytest.mark.parametrize("stored", ["notebooks/02-quorum-math", "labs/quorum-math/quorum-math"])
def test_a_stored_page_that_is_only_opened_is_saved_as_it_was(
    page: Page, kept_lab: Lab, folder: Path, stored: str
) -> None:
    before = (ROOT / f"{stored}.ipynb").read_text(encoding="utf-8")
    (folder / "opened.ipynb").write_text(before, encoding="utf-8")
    open_notebook(page, kept_lab, "opened.ipynb")
    command(page, "docmanager:save")
    saved = nbformat.read(folder / "opened.ipynb", as_version=4)
    # JupyterLab notes which Python the kernel is, and this differs from machine to machine.
    assert "version" in saved.metadata.language_info
    saved.metadata["language_info"] = {"name": "python"}
    # And the count of a cell that was not run: it is stored as 0, for nbval, and JupyterLab writes none for it. It shows [ ] for both.
    for cell, stored_cell in zip(saved.cells, nbformat.reads(before, as_version=4).cells, strict=True):
        if cell.cell_type == "code":
            assert cell.execution_count is None and not stored_cell.execution_count
            cell["execution_count"] = stored_cell.execution_count
    assert f"{nbformat.writes(saved)}\n" == before


def test_after_shift_enter_tab_goes_into_the_new_widget_once(page: Page, kept_lab: Lab) -> None:
    open_notebook(page, kept_lab, "kept.ipynb")
    inside = "document.activeElement.closest('.ql-explorer, .ql-stage')?.className ?? ''"
    show_cell(page, "import quorumlab").locator(".cm-content").first.click()
    page.keyboard.press("Shift+Enter")
    for words, role in (("overlap_view, members", "ql-explorer"), ("ql.Stage(5)", "ql-stage")):
        show_cell(page, words).locator(".cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        cell = show_cell(page, words)
        expect(cell.locator(f".{role}")).to_be_visible()
        page.wait_for_timeout(300)
        assert page.evaluate(inside) == ""
        page.keyboard.press("Tab")
        assert role in page.evaluate(inside)
        page.keyboard.press("Escape")
    # In an editor Tab indents, as ever.
    show_cell(page, "ql.Stage(5)").locator(".cm-content").first.click()
    page.keyboard.press("Tab")
    assert page.evaluate(inside) == ""
