"""Every notebook keeps the anatomy of a page: what a reader may rely on, held for all of them at once."""

import ast
import re
import statistics
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from quorumlab.course.checks import exercises
from quorumlab.course.questions import Prediction, QuickCheck, bank
from tools.minutes import minutes
from tools.notebooks import ROOT, STORED_COUNT, WIDGET_VIEW, normalised

PAGES = sorted((ROOT / "notebooks").glob("*.ipynb"))
# How many cells of the course nbval cannot compare, each with its reason in its metadata; adding one is a decision.
NOT_COMPARED = {
    "00-start-here.ipynb": 1,
    "05-elections-and-timing.ipynb": 2,
    "08-two-sites.ipynb": 2,
    "09-regions.ipynb": 2,
}
# Characters that fit on a line of JupyterLab in a window 1,280 pixels wide, beside its list of files.
PRINTED = FOLDED = 90


def load(path: Path) -> SimpleNamespace:
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    prose = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    source = "\n".join(cell.source for cell in code)
    return SimpleNamespace(path=path, notebook=notebook, code=code, prose=prose, source=source)


@pytest.fixture(params=PAGES, ids=lambda path: path.stem)
def page(request: pytest.FixtureRequest) -> SimpleNamespace:
    return load(request.param)


def test_one_title_and_headings_that_skip_no_level(page: SimpleNamespace) -> None:
    levels = [
        len(mark)
        for cell in page.prose
        for mark in re.findall(r"^(#+) ", re.sub(r"```.*?```", "", cell.source, flags=re.S), re.M)
    ]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    number = page.path.stem[:2]
    assert page.notebook.cells[0].source.startswith(f"# {number} · ")


def test_promise_objectives_prerequisites_and_time_stand_at_the_top(page: SimpleNamespace) -> None:
    first = page.notebook.cells[0].source
    facts = page.notebook.metadata["quorumlab"]
    assert "You will be able to" in first and "*Before this:*" in first
    assert len(re.findall(r"^- ", first, re.M)) == len(facts["objectives"]) >= 3
    low, high = facts["minutes"]
    assert f"*Time:* {low} to {high} minutes" in first
    assert low <= round(minutes(page.notebook)) <= high


def test_code_cells_are_short_and_prose_keeps_pace(page: SimpleNamespace) -> None:
    lengths = [len(cell.source.splitlines()) for cell in page.code]
    assert max(lengths) <= 15
    assert statistics.median(lengths) <= 4
    assert len(page.prose) >= 0.55 * len(page.code)
    assert len(page.code[0].source.splitlines()) <= 3


def test_it_ends_with_verdicts_recap_and_sources(page: SimpleNamespace) -> None:
    headings = [h for cell in page.prose for h in re.findall(r"^## (.+)$", cell.source, re.M)]
    assert headings[-2:] == ["What the tutorial page says, and what we found", "Recap"]
    assert "ql.verdicts(" in page.code[-1].source
    last = page.notebook.cells[-1].source
    assert re.findall(r"^(\d)\. ", last, re.M) == list("12345")
    assert "**Sources.**" in last


def test_every_exercise_has_a_stub_that_raises_and_a_check_that_exists(page: SimpleNamespace) -> None:
    stubs = {
        node.name
        for cell in page.code
        if "NotImplementedError" in cell.source
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.FunctionDef)
    }
    checked = dict(re.findall(r'ql\.check\("([\w-]+)", (\w+)\)', page.source))
    assert set(checked.values()) == stubs
    assert set(checked) <= set(exercises())
    # Until a learner has written the function, nothing but its check may need it.
    for stub in stubs:
        assert len(re.findall(rf"\b{stub}\b", page.source)) == 2, stub


def test_predictions_are_asked_first_and_revealed_by_a_computation(page: SimpleNamespace) -> None:
    asked = re.findall(r'ql\.predict\("([\w-]+)"\)', page.source)
    assert asked
    for question in asked:
        assert isinstance(bank()[question], Prediction)
        assert page.source.index(f'ql.reveal("{question}"') > page.source.index(f'ql.predict("{question}")')
    for question in re.findall(r'ql\.quick_check\("([\w-]+)"\)', page.source):
        assert isinstance(bank()[question], QuickCheck)
    for choice in re.findall(r'ql\.reveal\("[\w-]+", (.+)\)', page.source):
        assert not re.match(r'"[^"]*"(, show=|$)', choice), (
            f"the outcome {choice} is written down, not computed"
        )


def test_every_picture_has_words_and_no_widget_view_is_stored(page: SimpleNamespace) -> None:
    for cell in page.code:
        for output in cell.outputs:
            data = output.get("data", {})
            assert WIDGET_VIEW not in data
            assert not any(kind.startswith("image/") for kind in data), (
                "a picture without alt text; show a View"
            )
            for image in re.findall(r"<img[^>]*>", data.get("text/html", "")):
                assert re.search(r'alt="[^"]{15,}"', image)
                assert "<details><summary>The same facts as a table" in data["text/html"]
    assert "widgets" not in page.notebook.metadata
    assert "%matplotlib" not in page.source and "pyplot" not in page.source


def test_no_word_is_broken_that_a_page_prints(page: SimpleNamespace) -> None:
    """JupyterLab breaks what is printed wherever its line ends; what is shown as HTML breaks between words."""
    for cell in page.code:
        for output in cell.outputs:
            data = output.get("data", {})
            printed = "" if "text/html" in data else output.get("text", data.get("text/plain", ""))
            assert max(map(len, printed.splitlines()), default=0) <= PRINTED, cell.id


def test_the_first_line_of_a_folded_cell_is_read_whole(page: SimpleNamespace) -> None:
    for cell in page.code:
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            assert len(cell.source.partition("\n")[0]) <= FOLDED, cell.id


def test_prose_breaks_no_sum_and_keeps_off_a_fold_above_it(page: SimpleNamespace) -> None:
    for cell in page.prose:
        words = re.sub(r"```.*?```|\$\$.*?\$\$|\$[^$\n]*\$|`[^`\n]*`", "", cell.source, flags=re.S)
        assert not re.search(r"\d [+×] \d", words), f"{cell.id}: a sum needs no-break spaces"
        assert not re.search(r"<details>((?!</details>).)*</details>\s*\w", cell.source, re.S), cell.id


def test_what_is_not_compared_is_counted_and_has_its_reason(page: SimpleNamespace) -> None:
    skipped = [
        cell for cell in page.code if any(tag.startswith("nbval-") for tag in cell.metadata.get("tags", []))
    ]
    assert len(skipped) == NOT_COMPARED.get(page.path.name, 0)
    assert all(cell.metadata["quorumlab"]["varies"] for cell in skipped)


def test_every_cell_was_run_and_is_stored_as_one_that_the_reader_has_not_run(page: SimpleNamespace) -> None:
    # A count of 0, not none: JupyterLab shows [ ] for both, but nbval compares only a cell that has a count.
    assert {cell.execution_count for cell in page.code} == {STORED_COUNT}
    assert not any(output.get("execution_count") for cell in page.code for output in cell.outputs)
    before = nbformat.writes(page.notebook)
    assert page.path.read_text(encoding="utf-8") == f"{before}\n"
    assert nbformat.writes(normalised(page.notebook)) == before


def test_every_question_and_exercise_is_asked_on_some_page() -> None:
    source = "\n".join(load(path).source for path in PAGES)
    asked = set(re.findall(r'ql\.(?:predict|quick_check|check)\("([\w-]+)"', source))
    assert asked == set(bank()) | set(exercises())


def test_what_was_printed_in_pieces_is_stored_as_one() -> None:
    printed = [("stdout", "one\n"), ("stdout", "two\n"), ("stderr", "oh\n"), ("stdout", "three\n")]
    cell = nbformat.v4.new_code_cell("run()")
    cell.outputs = [nbformat.v4.new_output("stream", name=name, text=text) for name, text in printed]
    stored = normalised(nbformat.v4.new_notebook(cells=[cell])).cells[0].outputs
    assert [(o.name, o.text) for o in stored] == [("stdout", "one\ntwo\n"), *printed[2:]]
