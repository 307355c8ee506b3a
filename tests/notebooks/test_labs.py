"""The graded labs: the student's copy matches its source and gives nothing away, and the solutions get all points."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from quorumlab.course.exercise import LIMIT_S
from quorumlab.grading.judging import grade_function, visible_data
from quorumlab.grading.lab import Essay, GradedTask
from quorumlab.grading.release import TEXT_STUB, release
from tests.labs import NAMES, TASKS, facts_of, load, solved, task_of
from tools.minutes import minutes
from tools.notebooks import ROOT, STORED_COUNT, normalised

REGION = re.compile(r"^[^\n]*BEGIN (SOLUTION|HIDDEN TESTS)[^\n]*\n(.*?)^[^\n]*END \1[^\n]*$", re.M | re.S)
NUMBERS = {5: "five", 10: "ten"}
LONG = 24
"""Characters from which on a text is no accident."""


@pytest.fixture(params=NAMES)
def lab(request: pytest.FixtureRequest) -> SimpleNamespace:
    return load(request.param)


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file() and ".ipynb_checkpoints" not in path.parts
    }


def marks(notebook: nbformat.NotebookNode) -> list[tuple[nbformat.NotebookNode, Any]]:
    """The cells that matter for grading, each with nbgrader's metadata."""
    return [(cell, cell.metadata.nbgrader) for cell in notebook.cells if "nbgrader" in cell.metadata]


def lines(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines()} - {""}


def texts(value: Any) -> Iterator[str]:
    """All strings in what a JSON file holds, keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from value
        for entry in value.values():
            yield from texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from texts(entry)


def decoded(text: str) -> Iterator[str]:
    """What a text may hide: each run of base64 in it, as text."""
    for run in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", text):
        try:
            yield base64.b64decode(run, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue


def all_that_is_in(folder: Path) -> str:
    """The bytes of all files of a lab as text, all strings in them, and what can be decoded."""
    raw = list(files(folder).values())
    told = ["\n".join(texts(json.loads(content))) for content in raw]
    return "\n".join([*raw, *told, *(found for text in (*raw, *told) for found in decoded(text))])


def secrets(lab: SimpleNamespace) -> set[str]:
    """The lines of solutions, rubrics and hidden tests that stand nowhere else in the source."""
    inside, outside = set(), set()
    for cell in lab.source.cells:
        inside |= {line for region in REGION.finditer(cell.source) for line in lines(region[2])}
        outside |= lines(REGION.sub("", cell.source))
    return inside - outside


def own(lab: SimpleNamespace, task: GradedTask) -> tuple[Any, ...]:
    """The facts of a student without a name, for a task that is told them."""
    return (facts_of(lab.lab),) if task.personal else ()


def visible_of(lab: SimpleNamespace, task: GradedTask) -> list[Any]:
    return list(task.visible_of(facts_of(lab.lab)))


def test_the_labs_are_what_the_solutions_make(tmp_path: Path) -> None:
    assert [made.folder.name for made in release(ROOT / "solutions", tmp_path)] == NAMES
    assert files(tmp_path) == files(ROOT / "labs"), "run make labs, and never edit labs/ by hand"


def test_a_lab_is_stored_as_jupyterlab_would_write_it(lab: SimpleNamespace) -> None:
    for folder, notebook in (("labs", lab.copy), ("solutions", lab.source)):
        stored = (ROOT / folder / lab.name / f"{lab.name}.ipynb").read_text(encoding="utf-8")
        assert stored == f"{nbformat.writes(notebook)}\n", folder


def test_no_answer_hidden_test_or_rubric_is_left(lab: SimpleNamespace) -> None:
    secret, everything = secrets(lab), all_that_is_in(ROOT / "labs" / lab.name)
    essays = [task for task in lab.lab.tasks if isinstance(task, Essay)]
    assert any("Rubric" in line for line in secret) == bool(essays) and len(secret) > 25
    assert [line for line in secret if len(line) > 20 and line in everything] == []
    copied = "\n".join(cell.source for cell in lab.copy.cells)
    assert not secret & lines(copied)
    assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN|MARK)|rubric|model answer", copied, re.I)
    assert all(not c.outputs and c.execution_count is None for c in lab.copy.cells if c.cell_type == "code")


def test_no_hidden_input_is_left(lab: SimpleNamespace) -> None:
    everything = re.sub(r"\s", "", all_that_is_in(ROOT / "labs" / lab.name))
    shown = re.sub(r"\s", "", json.dumps([visible_of(lab, task) for task in lab.lab.graded]))
    for task in lab.lab.graded:
        for part in task.parts:
            for seed in range(3):
                for case in part.cases(Random(seed), *own(lab, task)):
                    text = re.sub(r"\s", "", json.dumps(case))
                    if len(text) >= LONG and text[1:-1] not in shown:
                        assert text[1:-1] not in everything, (task.id, part.name)


def test_a_leak_would_be_found(lab: SimpleNamespace, tmp_path: Path) -> None:
    secret = max(secrets(lab), key=len)
    hidden = base64.b64encode(secret.encode()).decode()
    (tmp_path / "leak.json").write_text(json.dumps({"output": f"see {hidden} here"}))
    assert secret in all_that_is_in(tmp_path)


def test_what_the_self_check_knows_is_what_is_visible(lab: SimpleNamespace) -> None:
    known = json.loads((ROOT / "labs" / lab.name / "visible.json").read_text(encoding="utf-8"))
    assert known == json.loads(json.dumps(visible_data(lab.lab)))
    for task in lab.lab.graded:
        mine = known["tasks"][task.id]
        assert mine["cases"] == json.loads(json.dumps(visible_of(lab, task)))
        assert all(len(m["answers"]) == len(visible_of(lab, task)) for m in mine["misconceptions"])
        assert "parts" not in mine


def test_every_answer_and_every_check_is_marked_in_the_source(lab: SimpleNamespace) -> None:
    expected = []
    for task in lab.lab.tasks:
        if isinstance(task, Essay):
            expected.append((task.id, True, True, task.points))
        else:
            expected += [(task.id, False, True, None), (f"{task.id}-check", True, False, task.points)]
    for notebook in (lab.source, lab.copy):
        found = [(m.grade_id, m.grade, m.solution, m.get("points")) for _, m in marks(notebook)]
        assert found == expected
    for cell, mark in marks(lab.source):
        if mark.solution:
            assert [region[1] for region in REGION.finditer(cell.source)] == ["SOLUTION"], mark.grade_id
        else:
            ask = f'check("{mark.grade_id.removesuffix("-check")}")'
            assert cell.source == f"{ask}\n### BEGIN HIDDEN TESTS\nassert {ask}\n### END HIDDEN TESTS"
            assert mark.locked


def test_the_table_and_the_headings_name_the_tasks_and_their_points(lab: SimpleNamespace) -> None:
    prose = "\n".join(cell.source for cell in lab.copy.cells if cell.cell_type == "markdown")
    rows = re.findall(r"^\| (\d) \| (.+) \| ([\d.]+) \| (tests|a person) \|$", prose, re.M)
    headings = re.findall(r"^## (\d) · (.+) \(([\d.]+) points\)$", prose, re.M)
    wanted = [
        (str(number), task.title, f"{task.points:g}", "a person" if isinstance(task, Essay) else "tests")
        for number, task in enumerate(lab.lab.tasks, 1)
    ]
    assert 6 <= len(wanted) <= 12
    assert rows == wanted and headings == [row[:3] for row in wanted]
    assert f"| **Together** | **{lab.lab.points:g}** |" in prose
    for cell, mark in marks(lab.copy):
        if mark.grade and mark.solution:
            assert cell.cell_type == "markdown" and cell.source == TEXT_STUB


def test_the_page_has_the_parts_a_student_relies_on(lab: SimpleNamespace) -> None:
    first = lab.copy.cells[0].source
    facts = lab.copy.metadata["quorumlab"]
    prose = [cell.source for cell in lab.copy.cells if cell.cell_type == "markdown"]
    headings = re.findall(r"^(#+) ", "\n".join(prose), re.M)
    code = [cell.source.splitlines() for cell in lab.copy.cells if cell.cell_type == "code"]
    assert first.startswith("# Lab · ") and headings.count("#") == 1 and set(headings) == {"#", "##"}
    assert "You will be able to" in first and "*Before this:*" in first
    assert re.findall(r"^- (.+)[;.]$", first, re.M) == facts["objectives"]
    low, high = facts["minutes"]
    assert 45 <= low < high <= 90 and f"*Time:* {low} to {high} minutes" in first
    assert low <= round(minutes(lab.copy)) <= high
    assert len(code[0]) <= 3 and max(map(len, code)) <= 15
    assert any("**hidden cases**" in text for text in prose)
    text = "\n".join(prose)
    assert f"after {NUMBERS[GradedTask.seconds]} seconds is ended" in text
    assert f"waits {NUMBERS[LIMIT_S]} seconds for all of them together" in text
    assert prose[-1].startswith("## Hand in") and f"`{lab.name}.ipynb`" in prose[-1]


def test_the_page_after_which_a_lab_stands_is_the_last_that_it_needs(lab: SimpleNamespace) -> None:
    """No other page sends a learner there, or it would answer what a later page asks; and the README says the same."""
    needed = re.findall(r"notebooks/(\d\d)[\w-]*\.ipynb", lab.copy.cells[0].source)
    ends = {path.name[:2]: path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb")}
    link = f"/labs/{lab.name}/{lab.name}.ipynb"
    assert [page for page, text in ends.items() if link in text] == [max(needed)]
    onwards = re.search(
        r"\*Next:\* \[(\d\d) · [^\]]+\]\(../../notebooks/(.+)\)\.$", lab.copy.cells[-1].source
    )
    assert onwards is not None and int(onwards[1]) == int(max(needed)) + 1
    assert (ROOT / "notebooks" / onwards[2]).is_file() and onwards[2].startswith(onwards[1])
    readme = re.sub(r"\s+", " ", (ROOT / "README.md").read_text(encoding="utf-8"))
    said = re.search(rf"\({link[1:]}\)[^\[]*? after (?:notebook )?(\d\d)", readme)
    assert said is not None and said[1] == max(needed)


def test_the_source_is_stored_normalised(lab: SimpleNamespace) -> None:
    code = [cell for cell in lab.source.cells if cell.cell_type == "code"]
    assert {cell.execution_count for cell in code} == {STORED_COUNT}
    before = nbformat.writes(lab.source)
    assert nbformat.writes(normalised(lab.source)) == before


def test_the_copy_runs_to_its_end_and_each_check_says_that_nothing_was_tried(
    lab: SimpleNamespace, tmp_path: Path
) -> None:
    for name, content in files(ROOT / "labs" / lab.name).items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    copy = nbformat.read(tmp_path / f"{lab.name}.ipynb", as_version=4)
    NotebookClient(copy, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    checks = [c for c, mark in marks(copy) if mark.grade and c.cell_type == "code"]
    assert len(checks) == len(lab.lab.graded)
    for cell in checks:
        assert "Not attempted" in cell.outputs[0]["data"]["text/plain"]


@pytest.mark.parametrize(("name", "id"), TASKS, ids=lambda value: value)
def test_the_solution_gets_all_points_whatever_is_asked(name: str, id: str) -> None:
    task = task_of(name, id)
    for seed in ("", "1", "2"):
        result = grade_function(task, solved(name)[task.function], seed, facts_of(load(name).lab))
        assert (result.points, result.status) == (task.points, "graded"), result
