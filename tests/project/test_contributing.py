"""Adding a notebook touches the places that ARCHITECTURE.md names, and no others: proved with a throw-away one, in a copy."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tools.notebooks import ROOT

COPIED = ("notebooks", "src", "tests", "tools", "ARCHITECTURE.md", "README.md", "conftest.py")
PAGE = "notebooks/98-throw-away.ipynb"
QUESTIONS = "src/quorumlab/course/questions/98-throw-away.toml"
EXERCISES = "src/quorumlab/course/exercises/throw_away.py"
README = "README.md"
VIEW = "src/quorumlab/views/throw_away.py"
LIKE_THESE = "src/quorumlab/course/questions/00-start-here.toml"

CELLS = (
    """# 98 · Throw away

One sentence of promise.

You will be able to

- double a number;
- guess before you count;
- say what you found.

*Before this:* all others. *Time:* 5 to 12 minutes.""",
    ["import quorumlab as ql"],
    "The questions are those of page 00 under other names.",
    ['ql.predict("throw-away-first-crash")'],
    ['ql.reveal("throw-away-first-crash", " ".join(["the", "third"]))'],
    "Write it down for any number.",
    ["def my_double(n):", '    raise NotImplementedError("how much is twice n?")'],
    ['ql.check("throw-away", my_double)'],
    ['ql.quick_check("throw-away-healthy-but-silent")'],
    "The same as a picture.",
    ["from quorumlab.views.throw_away import double_view", "", "double_view(2)"],
    "## What the tutorial page says, and what we found",
    ['ql.verdicts(ql.claim("Twice one is two", 1 + 1 == 2, "counted"))'],
    """## Recap

1. One.
2. Two.
3. Three.
4. Four.
5. Five.

**Sources.** None.""",
)

TEXTS = {
    EXERCISES: """\"\"\"Exercises of a notebook that is thrown away.\"\"\"

from quorumlab.course.exercise import Misconception, Task

EXERCISES = (
    Task(
        id="throw-away",
        parameters=("n",),
        cases=((1,), (2,), (3,)),
        reference=lambda n: 2 * n,
        misconceptions=(Misconception("square", lambda n: n * n, "That is the square."),),
        hints=("Add it to itself.", "n + n"),
        praise="Doubled.",
    ),
)
""",
    VIEW: """\"\"\"A picture that is thrown away.\"\"\"

from quorumlab.views.view import Table, View


def double_view(n: int) -> View:
    \"\"\"Twice ``n`` as a line.\"\"\"
    table = Table.of(("n", "twice"), [(n, 2 * n)])
    return View("Twice.", "A line up to twice the number.", table, lambda f: f.add_subplot().plot([n, 2 * n]))
""",
}
ROW = "| 98 | [Throw away]({}) | how much is twice one | 5–12 |"


def copy_of_the_course(folder: Path) -> None:
    leave_out = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.pyc")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=leave_out)
        else:
            shutil.copy(ROOT / name, folder / name)


def add_page(folder: Path) -> None:
    """Everything a contributor writes for a notebook, and then what ``make notebooks`` does."""
    cells = [
        new_markdown_cell(cell) if isinstance(cell, str) else new_code_cell("\n".join(cell)) for cell in CELLS
    ]
    page = new_notebook(cells=cells)
    page.metadata["quorumlab"] = {"objectives": ["double", "guess", "say"], "minutes": [5, 12]}
    nbformat.write(page, folder / PAGE)
    texts = {
        **TEXTS,
        QUESTIONS: (ROOT / LIKE_THESE).read_text(encoding="utf-8").replace('id = "', 'id = "throw-away-'),
    }
    for path, text in texts.items():
        (folder / path).write_text(text, encoding="utf-8")
    readme = (folder / README).read_text(encoding="utf-8")
    last = re.findall(r"^\| \d\d \| .+\|$", readme, re.M)[-1]
    (folder / README).write_text(readme.replace(last, f"{last}\n{ROW.format(PAGE)}"), encoding="utf-8")
    done = run(folder, "-m", "tools.notebooks", PAGE)
    assert done.returncode == 0, done.stdout + done.stderr


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join([str(folder / "src"), str(folder)])
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def checked(folder: Path, *files: str) -> subprocess.CompletedProcess[str]:
    """The tests that hold for every page, question and exercise, as far as they look at the new ones."""
    return run(
        folder, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:nbval", "-p", "no:cacheprovider",
        "-k", "throw-away or course_map or every_question or every_module or views", *files,
    )  # fmt: skip


PAGES = ("tests/notebooks/test_pages.py", "tests/notebooks/test_readme.py")
MORE = (
    "tests/unit/course/exercises/test_all.py",
    "tests/unit/course/test_questions.py",
    "tests/unit/test_import.py",
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    copy_of_the_course(folder)
    add_page(folder)
    return folder


def test_five_places_are_enough(course: Path) -> None:
    done = checked(course, *PAGES, *MORE)
    assert done.returncode == 0, done.stdout[-3000:]
    assert re.search(r"\d\d passed", done.stdout), "the new page was not looked at"
    changed = {
        path.relative_to(course).as_posix()
        for name in COPIED
        for path in ([course / name] if (course / name).is_file() else (course / name).rglob("*"))
        if path.is_file()
        and "__pycache__" not in path.parts
        and (not (ROOT / path.relative_to(course)).exists()
             or path.read_bytes() != (ROOT / path.relative_to(course)).read_bytes())
    }  # fmt: skip
    assert changed == {PAGE, QUESTIONS, EXERCISES, README, VIEW}


def test_the_places_are_those_that_architecture_md_names() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = text[text.index("- *a notebook* touches") : text.index("- *an exercise*")]
    places = re.findall(r"^  (\d)\. ", named, re.M)
    assert places == list("12345")
    for path in (PAGE, QUESTIONS, EXERCISES, README, VIEW):
        general = path.replace("98-throw-away", "NN-name").replace("throw_away", "name")
        assert f"`{general}`" in named or f"`{general.rsplit('/', 1)[0]}/`" in named, path


@pytest.mark.parametrize("place", [QUESTIONS, EXERCISES, README])
def test_a_place_that_is_forgotten_is_told(course: Path, place: str) -> None:
    kept = (course / place).read_text(encoding="utf-8")
    try:
        if place == README:
            (course / place).write_text((ROOT / place).read_text(encoding="utf-8"), encoding="utf-8")
        else:
            (course / place).unlink()
        assert checked(course, *PAGES).returncode == 1
    finally:
        (course / place).write_text(kept, encoding="utf-8")
