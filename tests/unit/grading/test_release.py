"""Making the labs: what is written, what is not, and what is said when it cannot be done."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from quorumlab.grading.refusals import misspelt
from quorumlab.grading.release import CODE_STUB, TEXT_STUB, Released, ReleaseError, main, release

ANSWER = "def f(n):\n    ### BEGIN SOLUTION\n    return n + 1\n    ### END SOLUTION"
CHECK = "assert f(1) == 2\n### BEGIN HIDDEN TESTS\nassert f(10) == 11\n### END HIDDEN TESTS"
MISSPELT = "HIDDEN TEST".replace("DD", "D")
ESSAY = "<!-- BEGIN SOLUTION -->\nBecause.\n<!-- END SOLUTION -->"


def mark(cell: nbformat.NotebookNode, grade_id: str, *, points: float | None = None) -> nbformat.NotebookNode:
    answer = "BEGIN SOLUTION" in cell.source
    cell.metadata["nbgrader"] = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": points is not None,
        "solution": answer,
        "locked": not answer,
        "task": False,
    }
    if points is not None:
        cell.metadata["nbgrader"]["points"] = points
    return cell


def write_lab(folder: Path, *cells: nbformat.NotebookNode) -> None:
    folder.mkdir(parents=True)
    notebook = nbformat.v4.new_notebook(cells=list(cells))
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
    nbformat.write(notebook, folder / f"{folder.name}.ipynb")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    v4 = nbformat.v4
    counted = v4.new_code_cell("1 + 1", execution_count=3)
    counted.outputs = [v4.new_output("execute_result", {"text/plain": "2"}, execution_count=3)]
    write_lab(
        tmp_path / "solutions" / "sums",
        counted,
        mark(v4.new_code_cell(ANSWER), "f"),
        mark(v4.new_code_cell(CHECK), "f-check", points=2),
        mark(v4.new_markdown_cell(ESSAY), "why", points=1.5),
    )
    (tmp_path / "solutions" / "sums" / "figures.csv").write_text("1,2\n")
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_answers_become_stubs_and_hidden_tests_and_outputs_go(course: Path) -> None:
    made = release(course / "solutions", course / "labs")
    assert made == [Released(course / "labs" / "sums", tasks=2, points=3.5)]
    assert files(course / "labs").keys() == {"sums/sums.ipynb", "sums/figures.csv"}
    first, stub, check, essay = nbformat.read(course / "labs/sums/sums.ipynb", as_version=4).cells
    assert first.outputs == [] and first.execution_count is None
    assert stub.source == f"def f(n):\n    {CODE_STUB}"
    assert check.source == "assert f(1) == 2"
    assert essay.source == TEXT_STUB
    with pytest.raises(NotImplementedError, match="Replace this line"):
        exec(f"{stub.source}\nf(1)", {})


def test_the_same_solutions_give_the_same_bytes_and_no_trace_of_where(course: Path, tmp_path: Path) -> None:
    release(course / "solutions", course / "labs")
    first = files(course / "labs")
    elsewhere = tmp_path / "a longer way" / "to it"
    shutil.copytree(course / "solutions", elsewhere / "solutions")
    release(elsewhere / "solutions", elsewhere / "labs")
    release(course / "solutions", course / "labs")
    assert files(elsewhere / "labs") == files(course / "labs") == first
    assert not any(str(tmp_path).encode() in content for content in first.values())


def test_nothing_but_the_labs_is_written(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "solutions" / ".ipynb_checkpoints").mkdir()
    (course / "solutions" / "sums" / ".ipynb_checkpoints").mkdir()
    for folder in ("solutions/.ipynb_checkpoints", "solutions/sums/.ipynb_checkpoints"):
        shutil.copy(course / "solutions/sums/sums.ipynb", course / folder / "sums-checkpoint.ipynb")
    before = files(course)
    monkeypatch.chdir(course)
    monkeypatch.setattr(sys, "argv", ["release"])
    main()
    assert capsys.readouterr().out == "sums: 2 tasks, 3.5 points, written to labs/sums\n"
    assert files(course).keys() - before.keys() == {"labs/sums/sums.ipynb", "labs/sums/figures.csv"}


def test_it_needs_nothing_on_the_path_and_no_home(course: Path) -> None:
    bare = {"PATH": os.defpath, "HOME": str(course / "nobody")}
    if os.name == "nt":
        bare["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    command = [sys.executable, "-m", "quorumlab.grading.release"]
    outcome = subprocess.run(command, cwd=course, env=bare, capture_output=True, text=True, timeout=120)
    assert (outcome.returncode, outcome.stderr) == (0, ""), outcome.stderr
    assert (course / "labs/sums/sums.ipynb").exists() and not (course / "nobody").exists()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "Solution region detected in a non-solution cell"),
        (
            "### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS",
            "Hidden test region detected in a non-grade cell",
        ),
    ],
)
def test_an_answer_that_would_leak_is_refused_and_the_last_lab_stays(
    course: Path, source: str, reason: str
) -> None:
    release(course / "solutions", course / "labs")
    before = files(course / "labs")
    path = course / "solutions/sums/sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].source = source
    nbformat.write(notebook, path)
    with pytest.raises(
        ReleaseError, match=rf"could not make the student's copy of 'sums': RuntimeError: {reason}"
    ):
        release(course / "solutions", course / "labs")
    assert files(course / "labs") == before


def test_a_folder_without_solutions_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["release"])
    with pytest.raises(SystemExit, match=r"^There is no solution in 'solutions'; .*--solutions\.$"):
        main()


def test_without_nbgrader_it_says_what_to_install(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course)
    monkeypatch.setattr(sys, "argv", ["release"])
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    for name in [name for name in sys.modules if name.startswith("nbgrader.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(
        SystemExit, match=r"^Making the labs needs nbgrader.*make setup-dev.*'\.\[grading\]'\.$"
    ):
        main()
    assert not (course / "labs").exists()


def test_the_solutions_are_never_overwritten(tmp_path):
    lab = tmp_path / "solutions" / "lab"
    lab.mkdir(parents=True)
    (lab / "lab.ipynb").write_text("the answers", encoding="utf-8")
    (tmp_path / "same").symlink_to(tmp_path / "solutions")
    for labs in (tmp_path / "solutions", tmp_path / "labs" / ".." / "solutions", tmp_path / "same"):
        with pytest.raises(
            ReleaseError, match=r"would take the place of their solutions .*; name another folder"
        ):
            release(tmp_path / "solutions", labs)
    assert (lab / "lab.ipynb").read_text(encoding="utf-8") == "the answers"


def change(course: Path, edit: Callable[[nbformat.NotebookNode], object]) -> None:
    path = course / "solutions/sums/sums.ipynb"
    notebook = nbformat.read(path, as_version=4)
    edit(notebook)
    nbformat.write(notebook, path)


LEAKS: dict[str, tuple[Callable[[Path], object], str]] = {
    "lower-case marks": (
        lambda c: change(
            c,
            lambda n: n.cells[2].update(
                source=CHECK.replace("BEGIN HIDDEN", "begin hidden").replace("END HIDDEN", "end hidden")
            ),
        ),
        r"still has the line '### begin hidden TESTS'.*write that mark exactly",
    ),
    "misspelt marks": (
        lambda c: change(c, lambda n: n.cells[2].update(source=CHECK.replace("HIDDEN TESTS", MISSPELT))),
        "still has the line '### BEGIN HID.?EN TEST', which looks like '### BEGIN HIDDEN TESTS'",
    ),
    "marks with other spaces": (
        lambda c: change(
            c,
            lambda n: n.cells[2].update(
                source=CHECK.replace("### BEGIN HIDDEN", "#BEGIN_HIDDEN").replace(
                    "### END HIDDEN", "#END_HIDDEN"
                )
            ),
        ),
        "still has the line '#BEGIN_HIDDEN TESTS'",
    ),
    "misspelt solution in an essay": (
        lambda c: change(
            c,
            lambda n: n.cells[3].update(source=ESSAY + ESSAY.replace("UTI", "UT")),
        ),
        r"still has the line '<!-- (BEGIN|END) SOL",
    ),
    "widget state": (
        lambda c: change(
            c,
            lambda n: n.metadata.update(
                widgets={"application/vnd.jupyter.widget-state+json": {"state": {"x": "11"}}}
            ),
        ),
        "carries saved widget state",
    ),
    "metadata of the notebook": (
        lambda c: change(c, lambda n: n.metadata.update(answers={"f": "n + 1"})),
        "carries the metadata 'answers'",
    ),
    "metadata of a cell": (
        lambda c: change(c, lambda n: n.cells[0].metadata.update(note="n + 1")),
        "Cell 1 of 'sums.ipynb' carries the metadata 'note'",
    ),
    "an attachment": (
        lambda c: change(c, lambda n: n.cells[3].update(attachments={"a.png": {"image/png": "aGk="}})),
        "Cell 4 of 'sums.ipynb' has an attachment",
    ),
    "a second notebook": (
        lambda c: shutil.copy(c / "solutions/sums/sums.ipynb", c / "solutions/sums/sums-old.ipynb"),
        "'sums/sums-old.ipynb' is no data of the lab",
    ),
    "notes": (
        lambda c: (c / "solutions/sums/notes.txt").write_text("n + 1"),
        "'sums/notes.txt' is no data of the lab",
    ),
    "a hidden file": (
        lambda c: (c / "solutions/sums/.answers.csv").write_text("2"),
        r"'sums/\.answers\.csv' is no data",
    ),
    "answers as data": (
        lambda c: (c / "solutions/sums/answers.csv").write_text("2"),
        "'sums/answers.csv' is no data",
    ),
    "a linked file": (
        lambda c: (c / "solutions/sums/more.csv").symlink_to(c / "solutions/sums/figures.csv"),
        "'sums/more.csv' is a link",
    ),
    "a linked folder": (lambda c: (c / "solutions/sums/more").symlink_to(c), "'sums/more' is a link"),
    "leftovers": (
        lambda c: (c / "labs/sums/old.csv").write_text("2"),
        "old.csv' is left of an earlier release",
    ),
}


@pytest.mark.parametrize("leak", LEAKS)
def test_what_would_leak_is_refused(course: Path, leak: str) -> None:
    release(course / "solutions", course / "labs")
    before = files(course / "labs")
    plant, reason = LEAKS[leak]
    plant(course)
    with pytest.raises(ReleaseError, match=reason):
        release(course / "solutions", course / "labs")
    after = files(course / "labs")
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("where", ["labs", "labs/sums", "labs/sums/sums.ipynb"])
def test_a_link_is_never_written_through(course: Path, where: str) -> None:
    (course / where).parent.mkdir(parents=True, exist_ok=True)
    (course / where).symlink_to(course / where.replace("labs", "solutions", 1))
    before = files(course / "solutions")
    with pytest.raises(ReleaseError, match=r"is a link|would take the place"):
        release(course / "solutions", course / "labs")
    assert files(course / "solutions") == before


@pytest.mark.parametrize("labs", ["solutions/labs", ".", "solutions/sums"])
def test_labs_and_solutions_do_not_lie_in_each_other(course: Path, labs: str) -> None:
    with pytest.raises(ReleaseError, match="would take the place of their solutions"):
        release(course / "solutions", course / labs)


def test_an_ordinary_comment_is_no_mark() -> None:
    for line in (
        "# hidden cases",
        "# the end of the solution is near",
        "# begin",
        "x = 1  # BEGIN SOLUTION",
        "",
        "## Hand in",
        "# Tests",
    ):
        assert misspelt(line) == "", line


def test_where_a_file_stands_no_labs_are_written(course: Path) -> None:
    file = course / "labs"
    file.write_text("mine")
    for labs in (file, file / "deeper"):
        with pytest.raises(ReleaseError, match=r"labs' is a file, where a folder for the labs must be; "):
            release(course / "solutions", labs)
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("place", "make", "said"),
    [
        ("labs/sums", Path.touch, r"sums' is a file, where the lab's folder must be"),
        ("labs/sums/sums.ipynb", Path.mkdir, r"sums\.ipynb' is a folder, where a file of the lab must be"),
        ("labs/sums/figures.csv", Path.mkdir, r"figures\.csv' is a folder"),
    ],
)
def test_a_file_in_a_folders_place_and_the_other_way_round(
    course: Path, place: str, make: Callable[[Path], None], said: str
) -> None:
    (course / place).parent.mkdir(parents=True, exist_ok=True)
    make(course / place)
    with pytest.raises(ReleaseError, match=said):
        release(course / "solutions", course / "labs")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_said_in_one_sentence(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copying ends in the error of a real full device."""
    copied = shutil.copytree

    def full(source: Path, target: Path, **options: object) -> object:
        if target.parent.name == "labs" and target.parent.parent == course:
            with Path("/dev/full").open("w") as device:
                device.write("x" * 100_000)
        return copied(source, target, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(
        ReleaseError, match=r"labs/sums' cannot be written: No space left on device; make room"
    ):
        release(course / "solutions", course / "labs")


def test_a_name_that_nbgrader_does_not_take(course: Path) -> None:
    (course / "solutions/sums").rename(course / "solutions/a+b")
    (course / "solutions/a+b/sums.ipynb").rename(course / "solutions/a+b/a+b.ipynb")
    with pytest.raises(
        ReleaseError, match=r"^nbgrader takes no \+ in a lab's name; rename the folder 'a\+b'"
    ):
        release(course / "solutions", course / "labs")


@pytest.mark.parametrize("version", [99, 4, 2, None])
def test_marks_of_another_nbgrader(course: Path, version: int | None) -> None:
    change(course, lambda n: n.cells[1].metadata["nbgrader"].update(schema_version=version))
    with pytest.raises(
        ReleaseError,
        match=rf"^Cell 2 of 'sums\.ipynb' is marked for version {version} .*mark the cell anew, under Create Assignment\.$",
    ):
        release(course / "solutions", course / "labs")


@pytest.mark.parametrize("points", [float("nan"), float("inf"), -1, "2", None, True])
def test_points_are_a_number(course: Path, points: object) -> None:
    change(course, lambda n: n.cells[2].metadata["nbgrader"].update(points=points))
    with pytest.raises(
        ReleaseError, match=rf"^Cell 3 of 'sums\.ipynb' carries {points} points; give it a number"
    ):
        release(course / "solutions", course / "labs")
    assert not (course / "labs").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cells": [1]}'])
def test_what_is_no_notebook(course: Path, text: str) -> None:
    (course / "solutions/sums/sums.ipynb").write_text(text)
    with pytest.raises(ReleaseError, match=r"^The notebook 'sums\.ipynb' cannot be read as one; "):
        release(course / "solutions", course / "labs")


def test_a_notebook_of_another_name(course: Path) -> None:
    (course / "solutions/sums/sums.ipynb").rename(course / "solutions/sums/other.ipynb")
    with pytest.raises(ReleaseError, match=r"^There is no notebook 'sums\.ipynb' in the folder 'sums'; "):
        release(course / "solutions", course / "labs")


def test_a_withdrawn_lab_is_named(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    release(course / "solutions", course / "labs")
    shutil.copytree(course / "labs/sums", course / "labs/old")
    (course / "labs/old/sums.ipynb").rename(course / "labs/old/old.ipynb")
    (course / "labs/figures").mkdir()  # no lab
    before = files(course / "labs")
    monkeypatch.chdir(course)
    monkeypatch.setattr(sys, "argv", ["release"])
    main()
    said = capsys.readouterr()
    assert said.out == "sums: 2 tasks, 3.5 points, written to labs/sums\n"
    assert said.err == (
        "'labs/old' has no solution any more and stays as it was; delete it if students are not to get it.\n"
    )
    assert files(course / "labs") == before
