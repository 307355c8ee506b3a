"""A lab as a student works it: the stub, a wrong answer that is explained, a right one, and a check that says what is provisional."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tools.browser import ROOT, Lab, cell_errors, command, open_notebook, run_all, serve, show_cell

pytestmark = pytest.mark.browser
ANSWER, CHECK = "def what_more_", 'check("what-more-buys")'
WRONG = "def what_more_buys(n, more):\n    return [more, more]"
BROKEN = "def what_more_buys(n, more)\n    return [0, 0]"
RENAMED = "def what_more_costs(n, more):\n    return [0, 0]"
RIGHT = (
    "def what_more_buys(n, more):\n    return [(n + more - 1) // 2 - (n - 1) // 2, (n + more) // 2 - n // 2]"
)


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab over what a student gets: the lab's folder, with nothing of the course around it."""
    folder: Path = tmp_path_factory.mktemp("student")
    for lab in ("odd-sizes", "quorum-math"):
        shutil.copytree(ROOT / "labs" / lab, folder / lab)
    with serve(folder) as running:
        yield running


def write(page: Page, source: str) -> None:
    """Put a cell's text in the place of that of the answer's cell, and run it."""
    page.evaluate(
        """([begins, source]) => {
            const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
            for (const cell of cells)
                if (cell.sharedModel.getSource().startsWith(begins)) cell.sharedModel.setSource(source);
        }""",
        [ANSWER, source],
    )
    run(page, ANSWER)


def run(page: Page, text: str) -> Locator:
    cell = show_cell(page, text)
    cell.locator(".jp-InputArea-editor").click()
    command(page, "notebook:run-cell")
    return cell


def test_a_student_sees_a_wrong_answer_explained_and_a_right_one_accepted(
    page: Page, handed_out: Lab
) -> None:
    open_notebook(page, handed_out, "odd-sizes/odd-sizes.ipynb")
    run_all(page)
    assert cell_errors(page) == []
    cell = show_cell(page, CHECK)
    expect(cell).to_contain_text("Not attempted")

    write(page, WRONG)
    cell = run(page, CHECK)
    expect(cell).to_contain_text("Not yet. Not every new member raises both")
    expect(cell).to_contain_text("For n = 3, more = 1 the answer is [0, 1], and yours is [1, 1].")
    expect(cell).to_contain_text("Points are given when the lab is graded")
    expect(cell.get_by_role("row")).to_have_count(7)
    expect(cell.get_by_text("Hint 1")).to_be_visible()

    # What did not run, or has another name, is not judged by what stood there before.
    for source, said in (
        (BROKEN, "stopped with a SyntaxError"),
        (RENAMED, "its cell now defines what_more_costs"),
    ):
        write(page, source)
        cell = run(page, CHECK)
        expect(cell).to_contain_text("Not judged")
        expect(cell).to_contain_text(said)

    write(page, RIGHT)
    cell = run(page, CHECK)
    expect(cell).to_contain_text("✓ Correct. An even step raises one number")
    expect(cell).to_contain_text("Points are given when the lab is graded")


def test_who_does_as_the_place_for_a_written_answer_says_writes_it_there(page: Page, handed_out: Lab) -> None:
    """A double click in place of Enter opens the cell too, but what is typed then are commands: JupyterLab's ``r`` makes it a raw cell."""
    open_notebook(page, handed_out, "quorum-math/quorum-math.ipynb")
    page.evaluate("""() => {
        const { content } = window.jupyterapp.shell.currentWidget;
        content.scrollToItem(content.widgets.findIndex(cell => cell.model.sharedModel.getSource().startsWith("*Your answer")));
    }""")
    page.get_by_role("emphasis").filter(has_text="Your answer: click here").click()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type("Any two quorums share a member.")
    page.keyboard.press("Shift+Enter")
    cells = page.evaluate("""() => [...window.jupyterapp.shell.currentWidget.content.model.cells]
        .filter(cell => cell.type !== "code").map(cell => [cell.type, cell.sharedModel.getSource()])""")
    assert ["markdown", "Any two quorums share a member."] in cells
    assert {kind for kind, _ in cells} == {"markdown"}
