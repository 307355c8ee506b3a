"""The graded labs: the student's copy matches its source and gives nothing away, and its checks tell right from wrong."""

import ast
import contextlib
import io
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import quorumlab as ql
from quorumlab.grading.release import CODE_STUB, TEXT_STUB, release
from tools.notebooks import ROOT, STORED_COUNT, normalised

NAMES = ["quorum-math"]
REGION = re.compile(r"^[^\n]*BEGIN (SOLUTION|HIDDEN TESTS)[^\n]*\n(.*?)^[^\n]*END \1[^\n]*$", re.M | re.S)


@pytest.fixture(params=NAMES)
def lab(request: pytest.FixtureRequest) -> SimpleNamespace:
    return load(request.param)


def load(name: str) -> SimpleNamespace:
    source, copy = (
        nbformat.read(ROOT / folder / name / f"{name}.ipynb", as_version=4)
        for folder in ("solutions", "labs")
    )
    return SimpleNamespace(name=name, source=source, copy=copy)


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


def test_the_labs_are_what_the_solutions_make(tmp_path: Path) -> None:
    assert [made.folder.name for made in release(ROOT / "solutions", tmp_path)] == NAMES
    assert files(tmp_path) == files(ROOT / "labs"), "run make labs, and never edit labs/ by hand"


def test_no_answer_hidden_test_or_rubric_is_left(lab: SimpleNamespace) -> None:
    inside, outside = set(), set()
    for cell in lab.source.cells:
        inside |= {line for region in REGION.finditer(cell.source) for line in lines(region[2])}
        outside |= lines(REGION.sub("", cell.source))
    copied = "\n".join(cell.source for cell in lab.copy.cells)
    secret = inside - outside
    assert any("Rubric" in line for line in secret) and len(secret) > 50
    assert not secret & lines(copied)
    assert [line for line in secret if len(line) > 12 and line in copied] == []
    assert not re.search(r"(BEGIN|END) (SOLUTION|HIDDEN|MARK)|rubric|model answer", copied, re.I)
    assert all(
        not cell.outputs and cell.execution_count is None
        for cell in lab.copy.cells
        if cell.cell_type == "code"
    )


def test_every_answer_and_every_check_is_marked_in_the_source(lab: SimpleNamespace) -> None:
    for cell, mark in marks(lab.source):
        hidden = {region[1] for region in REGION.finditer(cell.source)}
        assert hidden == ({"SOLUTION"} if mark.solution else {"HIDDEN TESTS"}), mark.grade_id
    ids = [mark.grade_id for _, mark in marks(lab.source)]
    assert len(set(ids)) == len(ids) and ids == [mark.grade_id for _, mark in marks(lab.copy)]


def test_six_tasks_with_the_points_of_the_table_and_one_read_by_a_person(lab: SimpleNamespace) -> None:
    prose = "\n".join(cell.source for cell in lab.copy.cells if cell.cell_type == "markdown")
    graded = [mark for _, mark in marks(lab.copy) if mark.grade]
    points = [mark.points for mark in graded]
    rows = re.findall(r"^\| (\d) \| (.+) \| (\d+) \| (tests|a person) \|$", prose, re.M)
    headings = re.findall(r"^## (\d) · (.+) \((\d+) points\)$", prose, re.M)
    assert len(points) == 6 and [int(row[2]) for row in rows] == points
    assert headings == [row[:3] for row in rows]
    assert f"| **Together** | **{sum(points)}** |" in prose
    assert [row[3] == "a person" for row in rows] == [mark.solution for mark in graded]
    assert sum(mark.solution for mark in graded) == 1
    by_hand = next(cell for cell, mark in marks(lab.copy) if mark.grade and mark.solution)
    assert by_hand.cell_type == "markdown" and by_hand.source == TEXT_STUB


def test_the_page_has_the_parts_a_student_relies_on(lab: SimpleNamespace) -> None:
    first = lab.copy.cells[0].source
    facts = lab.copy.metadata["quorumlab"]
    headings = re.findall(
        r"^(#+) ", "\n".join(c.source for c in lab.copy.cells if c.cell_type == "markdown"), re.M
    )
    code = [cell.source.splitlines() for cell in lab.copy.cells if cell.cell_type == "code"]
    assert first.startswith("# Lab · ") and headings.count("#") == 1 and set(headings) == {"#", "##"}
    assert "You will be able to" in first and "*Before this:*" in first
    assert re.findall(r"^- (.+)[;.]$", first, re.M) == facts["objectives"]
    assert "*Time:* {} to {} minutes".format(*facts["minutes"]) in first
    assert len(code[0]) <= 3 and max(map(len, code)) <= 15
    assert any("hidden tests" in cell.source for cell in lab.copy.cells)
    assert (
        lab.copy.cells[-1].source.startswith("## Hand in")
        and f"`{lab.name}.ipynb`" in lab.copy.cells[-1].source
    )


def test_the_source_was_run_and_is_stored_normalised(lab: SimpleNamespace) -> None:
    code = [cell for cell in lab.source.cells if cell.cell_type == "code"]
    assert {cell.execution_count for cell in code} == {STORED_COUNT}
    before = nbformat.writes(lab.source)
    assert nbformat.writes(normalised(lab.source)) == before


def test_the_copy_runs_up_to_its_stubs_and_no_further(lab: SimpleNamespace, tmp_path: Path) -> None:
    NotebookClient(
        lab.copy, timeout=60, allow_errors=True, resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    for cell in lab.copy.cells:
        if cell.cell_type != "code":
            continue
        mark = cell.metadata.get("nbgrader", {})
        errors = [(out.ename, out.evalue) for out in cell.outputs if out.output_type == "error"]
        stub = re.search(r'"(.+)"', CODE_STUB)[1]
        assert errors == ([("NotImplementedError", stub)] if mark.get("grade") else []), cell.source


def test_the_solution_passes_its_own_hidden_tests(lab: SimpleNamespace) -> None:
    assert all(cell.source.count("BEGIN HIDDEN") == (not mark.solution) for cell, mark in marks(lab.source))
    run(*(cell.source for cell in lab.source.cells if cell.cell_type == "code"))


# The checks of quorum-math, each against answers that are right in another way, wrong, or right in the visible cases only.


def grow(crashes: int, away: int) -> int:
    n = 1
    while 2 * (n - crashes - away) <= n:
        n += 1
    return n


def first_time_with_a_majority(acknowledged: list[float | None]) -> float | None:
    times = [time for time in acknowledged if time is not None]
    enough = [t for t in times if 2 * sum(other <= t for other in times) > len(acknowledged)]
    return min(enough, default=None)


def quorum_th(times: Iterable[float], n: int) -> float | None:
    times = sorted(times)
    return times[n // 2] if len(times) > n // 2 else None


def piece_by_library(votes: dict[str, int], pieces: list[set[str]]) -> set[str] | None:
    rule = ql.weighted(votes)
    return next((piece for piece in pieces if rule.is_quorum(piece)), None)


def weight(votes: dict[str, int], piece: set[str]) -> int:
    return sum(votes[member] for member in piece)


def pair_by_thirds(members: Iterable[str], is_quorum: Callable[[set[str]], bool]) -> Any:
    """Give each member to the one side, the other or neither, in every way."""
    for sides in product((0, 1, 2), repeat=len(tuple(members))):
        one, other = ([m for m, side in zip(members, sides, strict=True) if side == k] for k in (1, 2))
        if is_quorum(set(one)) and is_quorum(set(other)):
            return [one, other]
    return None


def pair_of_sizes(sizes: Iterable[int], members: Iterable[str], is_quorum: Callable[[set[str]], bool]) -> Any:
    """Only splits into the first members and all others, for these sizes of the first part."""
    names = list(members)
    for size in sizes:
        for start in range(len(names)):
            one = {names[(start + i) % len(names)] for i in range(size)}
            if 0 < size < len(names) and is_quorum(one) and is_quorum(set(names) - one):
                return one, set(names) - one
    return None


def member_by_member(up_chance: dict[str, float], is_quorum: Callable[[set[str]], bool]) -> float:
    def given(up: set[str], rest: list[tuple[str, float]]) -> float:
        if not rest:
            return float(is_quorum(up))
        (member, p), *others = rest
        return p * given(up | {member}, others) + (1 - p) * given(up, others)

    return given(set(), list(up_chance.items()))


def alike(up_chance: dict[str, float], is_quorum: Callable[[set[str]], bool]) -> float:
    mean = sum(up_chance.values()) / len(up_chance)
    return member_by_member(dict.fromkeys(up_chance, mean), is_quorum)


def down_forgotten(up_chance: dict[str, float], is_quorum: Callable[[set[str]], bool]) -> float:
    total = 0.0
    for state in product([True, False], repeat=len(up_chance)):
        chance = 1.0
        for p, is_up in zip(up_chance.values(), state, strict=True):
            chance *= p if is_up else 1
        up = {member for member, is_up in zip(up_chance, state, strict=True) if is_up}
        total += chance * is_quorum(up)
    return total


@dataclass(frozen=True)
class Answers:
    """Answers to one task: `right` in another way than the solution, `wrong` by name, and one fitted to the visible cases."""

    right: Callable[..., Any]
    wrong: dict[str, Callable[..., Any]]
    fitted: Callable[..., Any]


ANSWERS = {
    "members_needed": Answers(
        right=grow,
        wrong={
            "away ones added on top": lambda crashes, away: 2 * crashes + 1 + away,
            "away ones forgotten": lambda crashes, away: 2 * crashes + 1,
            "one left": lambda crashes, away: crashes + away + 1,
            "half left": lambda crashes, away: 2 * (crashes + away),
            "one too many": lambda crashes, away: 2 * (crashes + away) + 2,
            "nothing given back": lambda crashes, away: None,
        },
        fitted=lambda crashes, away: {0: 1, 1: 3, 2: 5}.get(crashes + away, 7),
    ),
    "commit_time": Answers(
        right=first_time_with_a_majority,
        wrong={
            "silent ones not counted": lambda a: quorum_th(
                [t for t in a if t is not None], sum(t is not None for t in a)
            ),
            "waits for everyone": lambda a: None if None in a else max(a),
            "slowest that answers": lambda a: max(t for t in a if t is not None),
            "list taken as sorted": lambda a: a[len(a) // 2],
            "half is enough": lambda a: quorum_th([t for t in a if t is not None], len(a) - 1),
            "nothing given back": lambda a: None,
        },
        fitted=lambda a: quorum_th([t for t in a if t], len(a)),  # takes 0 ms for silence
    ),
    "piece_that_goes_on": Answers(
        right=piece_by_library,
        wrong={
            "heads counted": lambda v, pieces: next((p for p in pieces if 2 * len(p) > len(v)), None),
            "half is enough": lambda v, pieces: next(
                (p for p in pieces if 2 * weight(v, p) >= sum(v.values())), None
            ),
            "the heaviest": lambda v, pieces: max(pieces, key=lambda p: weight(v, p)),
            "crashed ones not counted": lambda v, pieces: next(
                (p for p in pieces if 2 * weight(v, p) > sum(weight(v, q) for q in pieces)), None
            ),
            "yes or no": lambda v, pieces: piece_by_library(v, pieces) is not None,
            "nothing given back": lambda v, pieces: None,
        },
        fitted=lambda v, pieces: piece_by_library(v, pieces[:2]),
    ),
    "disjoint_quorums": Answers(
        right=pair_by_thirds,
        wrong={
            "never": lambda members, is_quorum: None,
            "always": lambda members, is_quorum: ({members[0]}, {members[1]}),
            "two quorums that overlap": lambda members, is_quorum: (
                None if pair_by_thirds(members, is_quorum) is None else (set(members), set(members))
            ),
            "no quorums": lambda members, is_quorum: (
                None if pair_by_thirds(members, is_quorum) is None else ({members[-1]}, {members[-2]})
            ),
            "halves only": lambda members, is_quorum: (
                None if len(members) % 2 else pair_of_sizes([len(members) // 2], members, is_quorum)
            ),
        },
        fitted=lambda members, is_quorum: pair_of_sizes([1, 2], members, is_quorum),
    ),
    "chance_of_quorum": Answers(
        right=member_by_member,
        wrong={
            "all up": lambda chances, is_quorum: member_by_member(
                chances, lambda up: len(up) == len(chances)
            ),
            "all members alike": alike,
            "the down ones forgotten": down_forgotten,
            "unavailability": lambda chances, is_quorum: 1 - member_by_member(chances, is_quorum),
            "states counted the same": lambda chances, is_quorum: member_by_member(
                dict.fromkeys(chances, 0.5), is_quorum
            ),
            "nothing given back": lambda chances, is_quorum: None,
        },
        fitted=lambda chances, is_quorum: round(member_by_member(chances, is_quorum), 4),
    ),
}
WRONG = [pytest.param(task, name, id=f"{task}-{name}") for task, a in ANSWERS.items() for name in a.wrong]


def run(*sources: str, **names: Any) -> None:
    """Run code cells one after the other, with `names` known to them."""
    with contextlib.redirect_stdout(io.StringIO()):
        for source in sources:
            exec(source, names)  # one dictionary, as in a kernel


def judge(task: str, answer: Callable[..., Any], *, hidden: bool) -> None:
    """Run the setup, an answer in place of the stub, and its check, with or without what is hidden from students."""
    lab = load("quorum-math")
    cells = [cell for cell in (lab.source if hidden else lab.copy).cells if cell.cell_type == "code"]
    position = next(i for i, cell in enumerate(cells) if cell.source.startswith(f"def {task}("))
    check = cells[position + 1]
    assert check.metadata.nbgrader.grade and ("BEGIN HIDDEN TESTS" in check.source) is hidden
    run(cells[0].source, check.source, **{task: answer})


def test_there_are_answers_for_every_function_asked_for() -> None:
    stubs = [
        ast.parse(cell.source).body[0].name
        for cell, mark in marks(load("quorum-math").copy)
        if cell.cell_type == "code" and mark.solution
    ]
    assert stubs == list(ANSWERS)


@pytest.mark.parametrize("hidden", [False, True], ids=["visible", "hidden"])
@pytest.mark.parametrize("task", ANSWERS)
def test_another_right_answer_passes(task: str, hidden: bool) -> None:
    judge(task, ANSWERS[task].right, hidden=hidden)


@pytest.mark.parametrize(("task", "name"), WRONG)
def test_the_visible_check_rejects_a_wrong_answer_and_says_what_it_got(task: str, name: str) -> None:
    with pytest.raises(AssertionError, match=r"yours gives .+\.$|are not both quorums\.$|share a member\.$"):
        judge(task, ANSWERS[task].wrong[name], hidden=False)


@pytest.mark.parametrize("task", ANSWERS)
def test_an_answer_fitted_to_the_visible_cases_meets_the_hidden_tests(task: str) -> None:
    judge(task, ANSWERS[task].fitted, hidden=False)
    with pytest.raises(AssertionError):
        judge(task, ANSWERS[task].fitted, hidden=True)


def emptied(task: str) -> Callable[..., Any]:
    """The right answer, which then takes its arguments apart, as a right answer may."""

    def answer(*given: Any) -> Any:
        kept = [list(g) if isinstance(g, list) else dict(g) if isinstance(g, dict) else g for g in given]
        result = ANSWERS[task].right(*kept)
        for argument in given:
            if isinstance(argument, list | dict):
                argument.clear()
        return result

    return answer


@pytest.mark.parametrize("hidden", [False, True], ids=["visible", "hidden"])
@pytest.mark.parametrize("task", [task for task in ANSWERS if task != "members_needed"])
def test_a_right_answer_may_take_its_arguments_apart(task: str, hidden: bool) -> None:
    judge(task, emptied(task), hidden=hidden)


@pytest.mark.parametrize("task", ["commit_time", "piece_that_goes_on"])
def test_a_check_says_what_was_asked_and_not_what_is_left_of_it(task: str) -> None:
    def spoils(*given: Any) -> Any:
        for argument in given:
            argument.clear()
        return "wrong"

    with pytest.raises(AssertionError, match=r"\[2, 3, 9\]|'a': 1"):
        judge(task, spoils, hidden=False)


CUT_IN_TWO = {
    "disjoint_quorums": {
        "the list cut in two": lambda members, is_quorum: next(
            (
                (set(members[:k]), set(members[k:]))
                for k in range(1, len(members))
                if is_quorum(set(members[:k])) and is_quorum(set(members[k:]))
            ),
            None,
        ),
        "groups of n // 2": lambda members, is_quorum: next(
            (
                (set(some), set(members) - set(some))
                for some in combinations(members, len(members) // 2)
                if is_quorum(set(some)) and is_quorum(set(members) - set(some))
            ),
            None,
        ),
    },
    "piece_that_goes_on": {"the first three": lambda votes, pieces: piece_by_library(votes, pieces[:3])},
}


@pytest.mark.parametrize(
    ("task", "name"), [(task, name) for task, some in CUT_IN_TWO.items() for name in some]
)
def test_answers_that_look_in_too_few_places_meet_the_hidden_tests(task: str, name: str) -> None:
    with pytest.raises(AssertionError):
        judge(task, CUT_IN_TWO[task][name], hidden=True)
