"""A class of 100 mixed submissions: ``quorumlab-grade`` against ``nbgrader autograde``, in one run on one machine.

Run it as ``python -m benchmarks.bench_grading``; a number makes the class smaller. Both grade the same notebooks of the lab on quorum
math: right ones, partly right ones, stubs, and some whose function ends in an error. (Submissions that hang or exit would cost nbgrader
its time limit, so there are none.) nbgrader runs each alone, as it does; ours runs two at a time. Both start from nothing.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from quorumlab.grading.store import read_records, write_record

ROOT = Path(__file__).resolve().parent.parent
LAB = "quorum-math"
TARGET = 3
CLASS = 100
STUDENTS, AGAIN_S = 200, 2
WRONG = {
    "members_needed": "def members_needed(crashes, away):\n    return 2 * crashes + 1 + away",
    "commit_time": "def commit_time(acknowledged):\n    return sorted(acknowledged)[len(acknowledged) // 2]",
    "chance_of_quorum": "def chance_of_quorum(up_chance, is_quorum):\n    return 1",
}


def main(count: int = CLASS) -> bool:
    """Print both rates and the memory used; whether ours is at least ``TARGET`` times as many a minute."""
    with tempfile.TemporaryDirectory() as folder:
        course = Path(folder).resolve()
        hand_in(course, count)
        ours = timed(
            [sys.executable, "-m", "quorumlab.grading", LAB, "submitted", "--out", "results"], course
        )
        graded = len({row["student"] for row in csv.DictReader((course / "results/scores.csv").open())})
        again = judged_again(course)
        theirs = timed(nbgrader(course), course)
        autograded = len(list((course / "autograded").glob(f"*/{LAB}/*.ipynb")))
    if (graded, autograded) != (count, count):
        raise AssertionError(f"of {count} submissions, ours graded {graded} and nbgrader {autograded}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    ratio = theirs / ours
    print(f"{count} submissions of {LAB}, {os.cpu_count()} processors")
    print(f"quorumlab-grade     {60 * count / ours:>8.0f} a minute ({ours:.1f} s)")
    print(f"nbgrader autograde  {60 * count / theirs:>8.0f} a minute ({theirs:.1f} s)")
    print(
        f"ratio {ratio:.1f}, target {TARGET}: {'met' if ratio >= TARGET else 'missed'}; largest process {peak:.0f} MB"
    )
    print(
        f"{STUDENTS} students, one task judged again: {again:.2f} s, target {AGAIN_S} s: {'met' if again < AGAIN_S else 'missed'}"
    )
    return ratio >= TARGET and again < AGAIN_S


def judged_again(course: Path) -> float:
    """How long it takes to judge one task of a larger class again, in seconds, Python's start included."""
    records = read_records(course / "results")
    for number in range(STUDENTS):
        write_record(course / "results", replace(records[number % len(records)], student=f"s{number:03}"))
    return timed(
        [sys.executable, "-m", "quorumlab.grading", LAB, "--regrade", "commit-time", "--out", "results"],
        course,
    )


def hand_in(course: Path, count: int) -> None:
    """The class's folders, as nbgrader collects them, and the lab's source for nbgrader."""
    source = json.loads((ROOT / "solutions" / LAB / f"{LAB}.ipynb").read_text())
    (course / "source" / LAB).mkdir(parents=True)
    (course / "source" / LAB / f"{LAB}.ipynb").write_text(json.dumps(source))
    stub = json.loads((ROOT / "labs" / LAB / f"{LAB}.ipynb").read_text())
    visible = (ROOT / "labs" / LAB / "visible.json").read_text()
    for number in range(count):
        place = course / "submitted" / f"s{number:03}" / LAB
        place.mkdir(parents=True)
        (place / f"{LAB}.ipynb").write_text(json.dumps(answered(stub, source, number)))
        (place / "visible.json").write_text(visible)


def answered(stub: dict[str, Any], source: dict[str, Any], number: int) -> dict[str, Any]:
    """A student's notebook: every fifth an untouched stub, of the others each third with a mistake or two."""
    made: dict[str, Any] = json.loads(json.dumps(stub))
    if number % 5 == 4:
        return made
    answers = {
        c["metadata"]["nbgrader"]["grade_id"]: c for c in source["cells"] if "nbgrader" in c["metadata"]
    }
    for cell in made["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if mark.get("solution") and cell["cell_type"] == "code":
            cell["source"] = "".join(answers[mark["grade_id"]]["source"])
            for position, (function, wrong) in enumerate(WRONG.items()):
                if f"def {function}(" in cell["source"] and number % 3 == position:
                    cell["source"] = wrong
    return made


def nbgrader(course: Path) -> list[str]:
    """The command that grades with nbgrader, after the lab was put into its gradebook."""
    common = [f"--CourseDirectory.root={course}", "--log-level=ERROR"]
    run = [str(Path(sys.executable).with_name("nbgrader"))]
    timed([*run, "generate_assignment", LAB, *common], course)
    return [*run, "autograde", LAB, *common]


def timed(command: list[str], course: Path) -> float:
    """How long a command takes, in seconds; what it says is kept from the page."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    begun = time.perf_counter()
    done = subprocess.run(
        command, cwd=course, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stderr[-500:]}")
    return time.perf_counter() - begun


if __name__ == "__main__":
    sys.exit(not main(*map(int, sys.argv[1:])))
