"""A check after a cell that defined nothing new: the function of before is not judged, in the words of what happened."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from quorumlab.course import progress
from quorumlab.course.checks import exercises
from quorumlab.course.exercise import CheckResult

RIGHT = "def my_quorum_size(n):\n    return n // 2 + 1"
HALF = "def my_quorum_size(n):\n    return n // 2"
NO_COLON = "def my_quorum_size(n)\n    return n"
CHECK = 'ql.check("quorum-size", my_quorum_size)'
NOTHING_NEW = "so there is no new function to judge"
EXERCISE = "the cell of the exercise"


class Notebook:
    """A kernel whose cells have ids, as JupyterLab's have."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.run("import quorumlab as ql", "setup")

    def run(self, text: str, cell: str | None = EXERCISE) -> Any:
        return self.shell.run_cell(text, store_history=True, cell_id=cell).result

    def check(self) -> CheckResult:
        result = self.run(CHECK, "the cell of the check")
        assert isinstance(result, CheckResult)
        return result


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    monkeypatch.setattr(progress, "_unsaved", [])
    monkeypatch.chdir(tmp_path)
    yield Notebook(InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}})))
    InteractiveShell.clear_instance()


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        (NO_COLON, "a SyntaxError"),
        ("def my_quorum_size(n):\nreturn n", "an IndentationError"),
        ("dfe my_quorum_size(n):\n    return n", "a SyntaxError"),
        ("@unknown\ndef my_quorum_size(n):\n    return n", "a NameError"),
    ],
)
@pytest.mark.parametrize("checked_before", [True, False], ids=["checked", "not checked"])
def test_what_did_not_run_is_not_judged(
    notebook: Notebook, broken: str, error: str, checked_before: bool
) -> None:
    notebook.run('ql.predict("two-of-five")', "before it")
    notebook.run(RIGHT)
    if checked_before:
        assert notebook.check()
    notebook.run(broken)
    result = notebook.check()
    assert (result.outcome, result.table) == ("not judged", None) and not result
    assert f"The cell with my_quorum_size stopped with {error}, {NOTHING_NEW}" in result.message
    assert result.message.endswith("that is kept.)") == checked_before
    assert result.to_text().startswith("○ Not judged. The cell")
    notebook.run(RIGHT)
    assert notebook.check()


def test_it_opens_no_hint_and_counts_no_miss(notebook: Notebook) -> None:
    tiers = exercises()["quorum-size"].hints
    notebook.run(HALF)
    assert notebook.check().hints == tiers[:1]
    for _ in range(2):
        notebook.run(NO_COLON)
        assert notebook.check().hints == tiers[:1]
    assert progress.recall("exercises", "quorum-size") == {"correct": False, "misses": 1}
    notebook.run(HALF)
    assert notebook.check().hints == tiers[:2]


def test_another_name_is_told_at_once_where_the_function_before_never_ends(notebook: Notebook) -> None:
    notebook.run('ql.predict("two-of-five")', "before it")
    notebook.run("def my_quorum_size(n):\n    while True:\n        pass")
    notebook.run("def quorum_size(n):\n    return n // 2 + 1")
    result = notebook.check()
    assert result.outcome == "not judged"
    assert "There is no new my_quorum_size to judge: its cell now defines quorum_size." in result.message
    notebook.run("1 + 1")
    assert "its cell now defines no function." in notebook.check().message


def test_a_cell_whose_text_alone_is_known_is_told_from_one_that_ran(notebook: Notebook) -> None:
    """Nothing of the course was asked before, so nobody listened: what cannot be read did not run."""
    notebook.run(RIGHT, None)
    notebook.run(NO_COLON, None)
    assert f"SyntaxError, {NOTHING_NEW}" in notebook.check().message
    notebook.run(RIGHT, None)
    assert notebook.check()


@pytest.mark.parametrize(
    "later",
    [
        ("helper", "def half(n):\n    return n // 2"),
        ("helper", "def half(n)\n    return n // 2"),
        ("scratch", "my_quorum_size(5)"),
        ("scratch", "my_quorum_size(5) / 0"),
        ("scratch", "%time my_quorum_size(5)"),
        (EXERCISE, f"{RIGHT}\n\nmy_quorum_size('x')"),
        (EXERCISE, "my_quorum_size = lambda n: n // 2 + 1"),
        (EXERCISE, f"from functools import cache\n\n@cache\n{RIGHT}"),
        ("a copy", RIGHT),
        ("scratch", "class T:\n    def my_quorum_size(self, n):\n        return n\n\n1 / 0"),
        ("scratch", '"""\ndef my_quorum_size(n):\n    return n\n"""\n1 / 0'),
        ("scratch", "q = '''\ndef my_quorum_size(n):'''\n1 / 0"),
        (EXERCISE, "    def my_quorum_size(n):\n        return n // 2 + 1"),
    ],
    ids=lambda later: later[1][:24],
)
def test_what_is_new_or_still_stands_is_judged(notebook: Notebook, later: tuple[str, str]) -> None:
    for _ in range(2):
        notebook.run(RIGHT)
        assert notebook.check()
    notebook.run(later[1], later[0])
    assert notebook.check()


@pytest.mark.parametrize("text", ["-" * 20_000 + "1", "(" * 1_000, "x = '\ud800'", "x = '\0'"], ids=range(4))
def test_a_cell_that_nobody_can_read_breaks_no_later_one(notebook: Notebook, text: str) -> None:
    """Nothing of the course was asked before, so its text is read again, and stops the parser again."""
    notebook.run(RIGHT, None)
    notebook.run(text, None)
    assert notebook.check()


def test_a_check_in_the_cell_of_the_function_judges_that_function(notebook: Notebook) -> None:
    notebook.run(NO_COLON)
    assert notebook.run(f"{RIGHT}\n{CHECK}")
    notebook.run(f"{RIGHT}\n{CHECK}\n1 / 0")
    assert notebook.check()


def test_the_check_of_a_lab_says_the_same(notebook: Notebook, tmp_path: Path) -> None:
    known = {
        "id": "double", "title": "Twice", "function": "double", "points": 2, "parameters": ["n"], "cases": [[1], [2]], "expected": [2, 4],
        "misconceptions": [], "hints": ["n and n"], "praise": "Twice as many.", "call": "", "fault": "",
    }  # fmt: skip
    (tmp_path / "visible.json").write_text(json.dumps({"lab": "sums", "tasks": {"double": known}}))
    notebook.run('check = ql.lab("sums")', "setup")
    notebook.run("def double(n)\n    return n")
    first = notebook.run('check("double")', "check")
    assert first.outcome == "not judged" and f"SyntaxError, {NOTHING_NEW}" in first.message
    notebook.run("def double(n):\n    return n + n")
    assert notebook.run('check("double")', "check")
    notebook.run("def twice(n):\n    return n + n")
    renamed = notebook.run('check("double")', "check")
    assert renamed.outcome == "not judged" and "its cell now defines twice." in renamed.message
    assert renamed.hints == ()
