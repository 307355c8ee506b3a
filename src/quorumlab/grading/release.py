"""Make the students' labs out of the solutions, with nbgrader.

``python -m quorumlab.grading.release`` writes ``labs/<lab>/`` for each ``solutions/<lab>/``: stubs in place of answers, and without hidden
tests, rubrics and outputs. The same solutions give the same bytes. nbgrader works in a temporary folder and keeps no gradebook, so
nothing but the labs is written, and one that nbgrader refuses stays as it was.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from quorumlab.course.selfcheck import VISIBLE
from quorumlab.grading import refusals
from quorumlab.grading.judging import visible_data
from quorumlab.grading.lab import Lab
from quorumlab.grading.labs import found
from quorumlab.grading.store import file_name
from quorumlab.grading.submissions import Student, SubmissionsError, read_roster

CODE_STUB = 'raise NotImplementedError("What should this function do? Replace this line with your answer.")'
TEXT_STUB = "*Your answer: click here, press Enter, and replace this line.*"
NOT_OURS = (".ipynb_checkpoints", "__pycache__")


class ReleaseError(Exception):
    """The labs cannot be made; the message says in one sentence why, and what to do."""


@dataclass(frozen=True)
class Released:
    """A lab as its students get it: where it is, how many tasks carry points, and how many points together."""

    folder: Path
    tasks: int
    points: float

    def __str__(self) -> str:
        return f"{self.folder.name}: {self.tasks} tasks, {self.points:g} points"


def main() -> None:
    """Make all labs and print one line for each; end with the reason, in one sentence, if they cannot be made."""
    parser = argparse.ArgumentParser(description="Make the students' labs out of the solutions.")
    parser.add_argument("--solutions", type=Path, default=Path("solutions"), help="folder of the sources")
    parser.add_argument("--labs", type=Path, default=Path("labs"), help="folder to write the labs to")
    parser.add_argument("--roster", type=Path, help="write variants for the students of this CSV instead")
    parser.add_argument("--lab", help="the lab whose variants are wanted")
    options = parser.parse_args()
    try:
        if options.roster:
            students = read_roster(options.roster)
            count = release_variants(options.solutions, options.lab or "", students, options.labs)
            print(f"{options.lab}: {count} variants, written to {options.labs.as_posix()}")
            return
        made = release(options.solutions, options.labs)
        for lab in made:
            print(f"{lab}, written to {lab.folder.as_posix()}")
        for sentence in refusals.withdrawn(options.labs, [lab.folder.name for lab in made]):
            print(sentence, file=sys.stderr)
    except (ReleaseError, SubmissionsError) as error:
        sys.exit(str(error))


def release(solutions: Path, labs: Path) -> list[Released]:
    """Write the student's copy of every lab in ``solutions`` to ``labs``, in alphabetical order.

    Files of the same name are replaced; nothing is ever deleted. Raises ReleaseError if nbgrader is not installed, if there is no
    lab, if the two folders are one, if nbgrader refuses a lab, or if a lab cannot be written.
    """
    _refuse(refusals.same_place(solutions, labs) or refusals.no_folder(labs))
    names = {path.parent.name for path in solutions.glob("*/*.ipynb")}.difference(NOT_OURS)
    if not names:
        raise ReleaseError(
            f"There is no solution in {solutions.as_posix()!r}; run this in the course's folder, or name the folder that "
            "holds <lab>/<lab>.ipynb with --solutions."
        )
    made = []
    for name in sorted(names):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as course:
            copy = _checked(solutions / name, Path(course).resolve())
            _make_personal(copy, found().get(name), "")
            _put(copy, labs / name)
        made.append(_counted(labs / name))
    return made


def release_variants(solutions: Path, name: str, students: Iterable[Student], out: Path) -> int:
    """Write each student's own variant of a lab to ``out/STUDENT/LAB``, drawn from the student's id; how many there are.

    Raises ReleaseError if the lab has no variants, or cannot be made.
    """
    lab = found().get(name)
    if lab is None or lab.facts is None:
        raise ReleaseError(f"The lab {name!r} has no variants; release it for everybody, without --roster.")
    _refuse(refusals.same_place(solutions, out) or refusals.no_folder(out))
    count = 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as course:
        copy = _checked(solutions / name, Path(course).resolve())
        for count, student in enumerate(students, 1):
            own = Path(course, "variants", str(count), name)
            shutil.copytree(copy, own)
            _make_personal(own, lab, student.id)
            _put(own, out / file_name(student.id) / name)
    return count


def _put(copy: Path, lab: Path) -> None:
    """Write a student's copy to its place."""
    _refuse(refusals.in_the_way(copy, lab))
    try:
        shutil.copytree(copy, lab, dirs_exist_ok=True)
    except OSError as error:
        first = error.args[0][0][2] if isinstance(error, shutil.Error) else error.strerror
        _refuse(
            f"{lab.as_posix()!r} cannot be written: {first}; make room for it, or name another folder with --labs."
        )


def _refuse(reason: str) -> None:
    if reason:
        raise ReleaseError(reason)


def _checked(solution: Path, course: Path) -> Path:
    """The student's copy of one lab, with nothing in it that would leak."""
    _refuse(refusals.in_the_marks(solution) or refusals.in_the_source(solution))
    copy = _generated(solution, course)
    _refuse(refusals.in_the_copy(copy))
    return copy


def _generated(solution: Path, course: Path) -> Path:
    """The student's copy of one lab, made in the empty folder ``course``."""
    try:
        from nbgrader.converters import GenerateAssignment
        from nbgrader.coursedir import CourseDirectory
        from nbgrader.utils import capture_log
        from traitlets.config import Config
    except ModuleNotFoundError as error:
        raise ReleaseError(
            f"Making the labs needs nbgrader, but the module {error.name!r} is missing; run make setup-dev, or "
            "python -m pip install -e '.[grading]'."
        ) from error
    shutil.copytree(solution, course / "solutions" / solution.name, ignore=shutil.ignore_patterns(*NOT_OURS))
    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.source_directory = "solutions"
    config.CourseDirectory.release_directory = "labs"
    config.CourseDirectory.assignment_id = solution.name
    config.GenerateAssignment.no_database = True  # these two are nbgrader's --no-db
    config.SaveCells.enabled = False
    config.ClearSolutions.code_stub = {"python": CODE_STUB}
    config.ClearSolutions.text_stub = TEXT_STUB
    directory = CourseDirectory(config=config)
    outcome = capture_log(GenerateAssignment(coursedir=directory, config=config))
    if not outcome["success"]:
        raise ReleaseError(
            f"nbgrader could not make the student's copy of {solution.name!r}: {_reason(outcome)}; correct the solution."
        )
    return course / "labs" / solution.name


def _make_personal(copy: Path, lab: Lab | None, student: str) -> None:
    """Tell what is the student's own, and put what the self-check knows beside the notebook, if the course knows the lab."""
    if lab is None:
        return
    text = json.dumps(visible_data(lab, student), indent=1, ensure_ascii=False)
    (copy / VISIBLE).write_text(f"{text}\n", encoding="utf-8")
    path, facts = copy / f"{copy.name}.ipynb", lab.facts_of(student)
    notebook = path.read_text(encoding="utf-8")
    for name, tell in lab.told.items():
        own = json.dumps(tell(facts), ensure_ascii=False)[1:-1]
        notebook = notebook.replace("{{" + name + "}}", own)
    told = json.loads(notebook)
    # A table that is told has lines of its own, which JupyterLab would write apart.
    for cell in told["cells"]:
        cell["source"] = "".join(cell["source"]).splitlines(keepends=True)
    text = json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")


def _reason(outcome: dict[str, str]) -> str:
    """What was wrong in nbgrader's words: the end of the first traceback in its log, or else its final error."""
    logged = [line.strip() for line in outcome.get("log", "").splitlines()]
    errors = [line for line in logged if re.match(r"[\w.]*(Error|Exception): ", line)]
    return (errors or outcome["error"].strip().splitlines()[-1:])[0].rstrip(".")


def _counted(folder: Path) -> Released:
    notebooks = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.ipynb")]
    marks = [cell["metadata"].get("nbgrader", {}) for notebook in notebooks for cell in notebook["cells"]]
    points = [mark["points"] for mark in marks if mark.get("grade")]
    return Released(folder, len(points), sum(points))


if __name__ == "__main__":
    main()
