"""Attacks that need more than one submission, or more than one run: what feedback carries out, what surrounds a class, a grader stopped."""

import csv
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quorumlab.course.answers import Odd, Stopped
from quorumlab.grading import store, verdict
from quorumlab.grading.cli import main
from quorumlab.grading.grade import Grader, grade
from quorumlab.grading.lab import Lab
from quorumlab.grading.run import quoted
from quorumlab.grading.sandbox import Box
from quorumlab.grading.store import Settings, file_name, read_record
from quorumlab.grading.submissions import found
from tests.grading.conftest import QUICK, code, hand_in, notebook_of, solution

LAB = "quorum-math"
RIGHT = "def members_needed(crashes, away):\n    return 2 * (crashes + away) + 1"
TELLS = """
class Told(Exception):
    pass
seen = []
def members_needed(crashes, away):
    seen.append((crashes, away))
    if len(seen) < 20:
        return 2 * (crashes + away) + 1
    raise type("case_" + "_".join(f"{c}x{a}" for c, a in seen), (Told,), {})
"""


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "scores.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_what_is_made_up_while_a_hidden_case_is_asked_comes_into_no_feedback(
    box: Box, tmp_path: Path
) -> None:
    hand_in(tmp_path / "in", "ann", [TELLS])
    hand_in(
        tmp_path / "in",
        "bob",
        [TELLS.replace("raise type(", "return type(").replace("(Told,)", "()") + "    \n"],
    )
    hand_in(tmp_path / "in", "cat", [TELLS.replace('"case_" +', '"a case: " +')])
    out = tmp_path / "out"
    main([LAB, str(tmp_path / "in"), "--out", str(out), "--seed", "s"])
    for path in [*(out / "feedback").iterdir(), out / "report.html", out / "scores.csv"]:
        assert not re.search(r"\dx\d", path.read_text()), path


def test_words_that_stand_in_the_notebook_are_quoted() -> None:
    cells = ["class MyError(Exception): pass", "def f():\n    raise MyError"]
    kept = [
        Stopped("MyError", "w", (2, "raise MyError")),
        Stopped("KeyError"),
        Odd("float that is not finite"),
        Odd("ndarray"),
    ]
    assert [repr(quoted(each, cells)) for each in kept] == [repr(each) for each in kept]
    made_up = quoted(Stopped("x7_9", "w", (3, "7, 9")), cells)
    assert (made_up.type, made_up.line) == ("that the notebook does not name", None)
    assert quoted(Odd("x7_9"), cells) == Odd("that the notebook does not name")


def test_a_table_of_the_last_hidden_cases_is_worth_nothing(box: Box, lab: Lab, tmp_path: Path) -> None:
    """Whoever learned them, from feedback or elsewhere, and hands in again, is asked others: also after taking the work away."""
    task, out = lab.graded[0], tmp_path / "out"
    grader = Grader(lab, [], Settings(LAB, "s", box.told), box, QUICK)

    def graded(cells: list[str]) -> store.Record:
        shutil.rmtree(tmp_path / "in", ignore_errors=True)
        hand_in(tmp_path / "in", "other", ["x = 1"])
        if cells:
            hand_in(tmp_path / "in", "ann", cells)
        records = grade(grader, found(tmp_path / "in", LAB), out, workers=2, progress=lambda done, of: None)
        return records[0]

    first = graded(["def members_needed(crashes, away):\n    return 0"])
    asked = {answer.case: task.reference(*answer.case) for answer in first.answers[task.id]}
    table = f"known = {asked!r}\ndef members_needed(crashes, away):\n    return known[crashes, away]"
    again = graded([table])
    assert (again.attempt, again.results[0].points) == (2, 0.0)
    assert [answer.case for answer in again.answers[task.id]] != [a.case for a in first.answers[task.id]]
    assert graded([table]).attempt == 2, "the same work is not run again"
    graded([])
    third = graded([table + "\n"])
    assert third.attempt == 3 and third.results[0].points == 0
    assert read_record(out, "ann") == third


def test_nobody_is_lost_for_a_name(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    for name in ("ann", "x+y+z", "a+quorum-math+b", ".dot", "__under", "con", "nul.", "..."):
        hand_in(plain, name, ["x = 1"])
    (plain / "ann.ipynb").write_text(json.dumps(notebook_of(["x = 2"])))
    (plain / ".ipynb_checkpoints").mkdir()
    (plain / ".ipynb_checkpoints" / "ann-checkpoint.ipynb").write_text("{}")
    got = {s.student: s for s in found(plain, LAB)}
    assert set(got) == {"ann", "x+y+z", "a+quorum-math+b", ".dot", "__under", "con", "nul.", "..."}
    assert (
        got.pop("ann").trouble
        == "There are two for this student, 'ann' and 'ann.ipynb'; leave the one that counts."
    )
    assert {s.trouble for s in got.values()} == {""}
    assert all(not file_name(name).startswith(".") for name in got)


def test_two_names_that_read_alike_are_two_students(tmp_path: Path) -> None:
    for name in (b"\xff", rb"\xff"):
        hand_in(tmp_path, os.fsdecode(name), ["x = 1"])
    assert [s.trouble[:13] for s in found(tmp_path, LAB)] == ["There are two"]


def test_a_folder_that_cannot_be_looked_into_is_one_students_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "bob"):
        hand_in(tmp_path, name, ["x = 1"])
    (tmp_path / "bob" / "timestamp.txt").write_text("2026-01-01")
    real = Path.is_file

    def is_file(path: Path) -> bool:
        if path.parent.name == "bob":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "is_file", is_file)  # root may look into everything
    assert {s.student: s.trouble for s in found(tmp_path, LAB)} == {
        "ann": "",
        "bob": "It cannot be read: Permission denied.",
    }


def test_nobody_dates_their_own_work(tmp_path: Path) -> None:
    """A timestamp counts in a tree that nbgrader collected, and not in a folder that a student packed."""
    for place in (tmp_path / "plain", tmp_path / "course" / "submitted"):
        own = hand_in(place / "ann", LAB, ["x = 1"])
        (own.parent / "timestamp.txt").write_text("2001-01-01 00:00:00 UTC")
    hand_in(tmp_path / "inbound", f"ann+{LAB}+2001-01-01 00:00:00 UTC", ["x = 1"])
    (tmp_path / "inbound" / f"ann+{LAB}+2001-01-01 00:00:00 UTC" / "timestamp.txt").write_text("2001-01-01")
    years = [found(tmp_path / name, LAB)[0].handed_in.year for name in ("plain", "course", "inbound")]  # type: ignore[union-attr]
    assert years[0] > 2001 and years[1:] == [2001, 2001]


def test_a_judge_that_trips_over_one_answer_costs_nobody_else(
    box: Box, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tmp_path / "in", "ann", code(solution()))
    hand_in(tmp_path / "in", "bob", ["def members_needed(crashes, away):\n    return 'trip'"])
    real = verdict.judged

    def judged(task, answers, facts, patience):  # type: ignore[no-untyped-def]
        if answers[0].got == "trip":
            raise RecursionError("over it")
        return real(task, answers, facts, patience)

    monkeypatch.setattr(verdict, "judged", judged)
    grader = Grader(lab, [], Settings(LAB, "s", box.told), box, QUICK)
    ann, bob = grade(
        grader, found(tmp_path / "in", LAB), tmp_path / "out", workers=1, progress=lambda done, of: None
    )
    assert ann.results[0].points == 2
    assert (bob.results[0].status, bob.results[0].points) == ("ungradable", None)
    assert "its judge stopped with RecursionError" in bob.results[0].reason


def test_scores_that_a_spreadsheet_changed_are_kept_and_hurt_nothing(box: Box, tmp_path: Path) -> None:
    for name in ("ann", "=cmd()", "@sum", "+1"):
        hand_in(tmp_path / "in", name, [RIGHT])
    command = [LAB, str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "s"]
    main(command)
    scores = tmp_path / "out" / "scores.csv"
    whole = scores.read_bytes()
    assert not re.search(rb"^[=@+\-]", whole, re.M), "no cell of the first column is a formula"
    scores.write_bytes(b"ann,\xff\xe4,100\r\n")
    main(command)
    assert scores.read_bytes() == whole
    assert "ann,\\xff\\xe4,100" in (tmp_path / "out" / "history" / "scores-0001.csv").read_text()
    (tmp_path / "out" / "history" / "scores-0000.csv").write_text("older")
    scores.write_text("edited")
    main(command)
    assert (tmp_path / "out" / "history" / "scores-0002.csv").read_text() == "edited"
    read = tmp_path / "read.csv"
    read.write_text("student,task,points,reason\n'=cmd(),emergency-rule,3,well told\n")
    main([*command, "--read", str(read)])
    own = [r for r in rows(tmp_path / "out") if r["student"] == "'=cmd()" and r["points"] == "3"]
    assert [r["reason"] for r in own] == ["well told"]


def test_a_full_disk_is_said_in_a_sentence_and_the_run_goes_on_afterwards(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ann", "bob"):
        hand_in(tmp_path / "in", name, [RIGHT])
    command = [LAB, str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--seed", "s"]
    real = Path.write_text

    def write_text(path: Path, *args: object, **named: object) -> int:
        if "bob" in path.name:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, *args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "write_text", write_text)
    with pytest.raises(
        SystemExit,
        match=r"^A file cannot be read or written \(No space left on device: .*give the same command",
    ):
        main(command)
    monkeypatch.undo()
    main(command)
    assert [r["points"] for r in rows(tmp_path / "out") if r["task"] == "members-needed"] == ["2", "2"]


def test_a_grader_that_is_interrupted_stops_at_once_and_goes_on_later(box: Box, tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "ann", [RIGHT])
    hand_in(tmp_path / "in", "zoe", ["import time\ntime.sleep(14)"] * 20)
    out = tmp_path / "out"
    command = [
        sys.executable,
        "-m",
        "quorumlab.grading",
        LAB,
        str(tmp_path / "in"),
        "--out",
        str(out),
        "--seed",
        "s",
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    ends = time.monotonic() + 120
    while not (out / "students" / "ann.json").exists() and time.monotonic() < ends:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)  # what a student does would take minutes
    assert "Stopped; give the same command to go on" in said
    assert (out / "students" / "ann.json").exists() and not (out / "students" / "zoe.json").exists()
