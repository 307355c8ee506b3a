"""A class graded from the command line: scores, feedback, report; going on, judging again, lateness; the same bytes twice."""

import csv
import io
import json
import os
import re
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from quorumlab.grading import sandbox as sandboxing
from quorumlab.grading.cli import main
from quorumlab.grading.judging import Answer, cases_of, judged
from quorumlab.grading.lab import GradedTask, Lab
from quorumlab.grading.labs import quorum_math
from quorumlab.grading.regrade import regrade
from quorumlab.grading.sandbox import Box
from quorumlab.grading.scores import COLUMNS, days_late
from quorumlab.grading.store import Record, Settings, read_record, read_records, write_record
from tests.grading.conftest import ROOT, code, hand_in, honest_without, solution

LAB = "quorum-math"
HALF = "def members_needed(crashes, away):\n    return 2 * crashes + 1"
HANGS = "def members_needed(crashes, away):\n    import os\n    os._exit(0)"


@pytest.fixture(scope="module")
def class_(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("class")
    hand_in(root / "in", "ann", code(solution()))
    hand_in(root / "in", "bob", [*honest_without("members_needed"), HALF])
    hand_in(root / "in", "cat", [*honest_without("members_needed"), HANGS])
    shutil.copytree(ROOT / "labs" / LAB, root / "in" / "dan")
    (root / "in" / "eve").mkdir()
    (root / "roster.csv").write_text(
        "student,name\n" + "".join(f"{s},{s.title()}\n" for s in ("ann", "bob", "cat", "dan", "eve", "fay"))
    )
    grade(root, root / "out")
    yield root


def grade(root: Path, out: Path, *more: str) -> None:
    main(
        [LAB, str(root / "in"), "--out", str(out), "--roster", str(root / "roster.csv"), "--seed", "s", *more]
    )


def rows(out: Path) -> list[dict[str, str]]:
    with (out / "scores.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def of(out: Path, student: str, task: str = "members-needed") -> dict[str, str]:
    return next(row for row in rows(out) if (row["student"], row["task"]) == (student, task))


def test_scores_have_the_columns_that_are_promised(class_: Path) -> None:
    text = (class_ / "out" / "scores.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "student,lab,task,points,max,status,reason"
    assert text.splitlines()[0] == ",".join(COLUMNS)
    assert len(rows(class_ / "out")) == 6 * 7


def test_each_gets_points_or_a_reason_why_not(class_: Path) -> None:
    got = {
        s: (of(class_ / "out", s)["points"], of(class_ / "out", s)["status"])
        for s in ("ann", "bob", "cat", "dan", "eve", "fay")
    }
    assert got == {
        "ann": ("2", "graded"),
        "bob": ("0.5", "graded"),  # right where nobody is away
        "cat": ("", "ungradable"),
        "dan": ("0", "graded"),
        "eve": ("", "ungradable"),
        "fay": ("", "missing"),
    }
    assert of(class_ / "out", "bob")["reason"].startswith("That is enough for the crashes alone;")
    assert of(class_ / "out", "cat")["reason"] == "members_needed ended its own process."
    assert of(class_ / "out", "dan")["reason"].startswith("Not attempted")
    assert of(class_ / "out", "ann", "emergency-rule")["status"] == "unread"


def test_the_same_submissions_give_the_same_bytes(class_: Path, tmp_path: Path) -> None:
    grade(class_, tmp_path / "out")
    for name in ["scores.csv", *(f"feedback/{s}.html" for s in ("ann", "bob", "cat", "dan", "eve", "fay"))]:
        assert (tmp_path / "out" / name).read_bytes() == (class_ / "out" / name).read_bytes(), name


def test_another_seed_asks_other_questions(lab: Lab) -> None:
    for task in lab.graded:
        own = lab.facts_of("")
        assert cases_of(task, "a", own) != cases_of(task, "b", own)
        assert cases_of(task, "a", own) == cases_of(task, "a", own)


def test_a_run_that_was_cut_short_goes_on(
    class_: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    shutil.copytree(class_ / "out", out)
    (out / "students" / "bob.json").unlink()
    started = []
    real = sandboxing.Box.start
    monkeypatch.setattr(sandboxing.Box, "start", lambda *a: started.append(1) or real(*a))
    grade(class_, out)
    assert len(started) == 1, "only the one that was missing is run"
    assert (out / "scores.csv").read_bytes() == (class_ / "out" / "scores.csv").read_bytes()


def test_work_that_became_ungradable_loses_its_old_score(class_: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copytree(class_ / "in", tmp_path / "in")
    shutil.copy(class_ / "roster.csv", tmp_path)
    shutil.copytree(class_ / "out", out)
    (tmp_path / "in" / "ann" / f"{LAB}.ipynb").write_text("{")
    shutil.rmtree(tmp_path / "in" / "bob")
    grade(tmp_path, out)
    assert (of(out, "ann")["points"], of(out, "ann")["status"]) == ("", "ungradable")
    assert of(out, "bob")["status"] == "missing"
    assert "bob,quorum-math,members-needed,0.5" in (out / "history" / "scores-0001.csv").read_text()


@pytest.mark.parametrize("level", ["nothing", "points", "reasons", "inputs"])
def test_feedback_tells_what_was_chosen_and_never_a_hidden_input(
    class_: Path, tmp_path: Path, level: str
) -> None:
    out = tmp_path / "out"
    shutil.copytree(class_ / "out", out)
    grade(class_, out, "--feedback", level)
    page = out / "feedback" / "bob.html"
    assert page.exists() == (level != "nothing")
    if level == "nothing":
        return
    text = page.read_text()
    assert "0.5 of 2" in text
    assert ("enough for the crashes alone" in text) == (level in ("reasons", "inputs"))
    assert bool(re.search(r"crashes = \d, away = [12]", text)) == (level == "inputs")
    assert "crashes and upgrades" not in text
    hidden = [case for part, case in cases_of(quorum_math.MEMBERS_NEEDED, "s") if part != "visible"]
    told = re.findall(r"crashes = (\d+), away = (\d+)", text)
    assert not {tuple(map(int, pair)) for pair in told} & set(hidden) - set(
        quorum_math.MEMBERS_NEEDED.visible
    )


def test_no_feedback_before_its_time(
    class_: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    shutil.copytree(class_ / "out", out)
    grade(class_, out, "--feedback-from", "2999-01-01")
    assert (
        not list((out / "feedback").iterdir())
        and "No feedback is written before 2999" in capsys.readouterr().out
    )
    grade(class_, out, "--feedback-from", "2001-01-01", "--zip")
    with zipfile.ZipFile(out / "feedback.zip") as archive:
        assert sorted(archive.namelist()) == sorted(
            f"feedback/{p.name}" for p in (out / "feedback").iterdir()
        )


def test_the_report_names_what_a_teacher_looks_for(class_: Path) -> None:
    text = (class_ / "out" / "report.html").read_text()
    for part in (
        "6 students, 4 of them with points",
        "bubblewrap sandbox",
        "away ones forgotten",
        "The slowest",
        "members_needed ended",
    ):
        assert part in text, part


def test_late_work_costs_what_was_announced(class_: Path, tmp_path: Path) -> None:
    out, root = tmp_path / "out", tmp_path
    shutil.copytree(class_ / "in", root / "in")
    shutil.copy(class_ / "roster.csv", root)
    shutil.copytree(class_ / "out", out)
    late = 1_800_000_000
    os.utime(root / "in" / "ann" / f"{LAB}.ipynb", (late + 3 * 86400 + 60, late + 3 * 86400 + 60))
    os.utime(root / "in" / "bob" / f"{LAB}.ipynb", (late - 60, late - 60))
    due = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(late))
    grade(root, out, "--due", due, "--late-days", "1", "--late-penalty", "10")
    assert (of(out, "ann")["points"], of(out, "ann")["status"]) == ("1.4", "late")
    assert of(out, "ann")["reason"] == "Handed in 4 days late, 3 of them beyond the free days: 30 % off."
    assert of(out, "bob")["status"] == "graded"
    assert days_late(None, due) == 0


def test_without_bubblewrap_it_refuses_in_a_sentence(
    class_: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandboxing.shutil, "which", lambda name: None)
    with pytest.raises(
        SystemExit, match=r"^Submissions run in a sandbox .* there is no bwrap here; .*--trust-submissions"
    ):
        grade(class_, tmp_path / "out")
    monkeypatch.setattr(sandboxing.shutil, "which", lambda name: "/bin/false")
    with pytest.raises(
        SystemExit, match=r"^bubblewrap cannot make a sandbox here \(.+\); it needs version 0\.8"
    ):
        grade(class_, tmp_path / "out")
    assert not (tmp_path / "out" / "scores.csv").exists()


def test_trusted_submissions_are_graded_without_and_the_report_says_so(tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "ann", code(solution()))
    main([LAB, str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--trust-submissions"])
    assert [row["points"] for row in rows(tmp_path / "out")] == ["2", "3", "3", "3", "3", "2", ""]
    assert "NOT ISOLATED" in (tmp_path / "out" / "report.html").read_text()


def corrected(task: GradedTask) -> GradedTask:
    """The task after its author has changed their mind: whoever forgot those away is right."""
    return replace(task, reference=lambda crashes, away: 2 * crashes + 1)


def test_one_task_is_judged_again_without_running_anything(
    class_: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    shutil.copytree(class_ / "out", out)
    monkeypatch.setattr(sandboxing.Box, "start", lambda *a: pytest.fail("student code was run"))
    changed = corrected(quorum_math.MEMBERS_NEEDED)
    monkeypatch.setattr(
        quorum_math, "LAB", replace(quorum_math.LAB, tasks=(changed, *quorum_math.LAB.tasks[1:]))
    )
    main([LAB, "--regrade", "members-needed", "--out", str(out)])
    said = capsys.readouterr().out
    assert "2 changed" in said and "  bob: 0.5 → 2" in said and "  ann: 2 → 0.5" in said
    assert of(out, "bob")["points"] == "2" and of(out, "cat")["status"] == "ungradable"
    assert of(out, "ann", "commit-time") == of(class_ / "out", "ann", "commit-time")
    history = (out / "history" / "regrade-0001.csv").read_text()
    assert next(iter(csv.reader(io.StringIO(history)))) == ["student", "task", "old", "new", "reason"]
    assert "bob,members-needed,0.5,2," in history
    assert "bob,quorum-math,members-needed,0.5" in (out / "history" / "scores-0001.csv").read_text()
    record = read_record(out, "bob")
    assert record is not None and record.result("members-needed").points == 2


def test_a_corrected_lab_judges_kept_answers_anew(
    class_: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    shutil.copytree(class_ / "out", out)
    monkeypatch.setattr(sandboxing.Box, "start", lambda *a: pytest.fail("student code was run"))
    changed = corrected(quorum_math.MEMBERS_NEEDED)
    monkeypatch.setattr(
        quorum_math, "LAB", replace(quorum_math.LAB, tasks=(changed, *quorum_math.LAB.tasks[1:]))
    )
    grade(class_, out)
    assert (of(out, "bob")["points"], of(out, "ann")["points"]) == ("2", "0.5")


def test_two_hundred_students_are_regraded_in_a_moment(tmp_path: Path, lab: Lab) -> None:
    """The count of judged answers is what is held here; ``make bench`` measures the time."""
    task = lab.graded[0]
    answers = [Answer(part, case, 2 * case[0] + 1) for part, case in cases_of(task, "s")]
    old = judged(task, answers, {})
    for number in range(200):
        write_record(tmp_path, Record(f"s{number:03}", lab.name, "d", "a", {task.id: answers}, (old,)))
    records, said = regrade(lab, corrected(task), Settings(LAB, "s", ""), read_records(tmp_path), tmp_path)
    assert said.startswith("members-needed: judged again for 200 students; 200 changed")
    assert all(record.results[0].points == task.points for record in records)
    assert read_records(tmp_path) == records


def test_what_cannot_be_done_is_said_in_a_sentence(class_: Path, tmp_path: Path) -> None:
    for arguments, reason in [
        (
            ["no-lab", str(class_ / "in"), "--out", str(tmp_path)],
            "There is no lab 'no-lab'; the labs are .*quorum-math",
        ),
        ([LAB, "--out", str(tmp_path)], "Name the folder of submissions"),
        ([LAB, str(tmp_path / "none"), "--out", str(tmp_path / "out")], "There is no folder of submissions"),
        ([LAB, str(class_ / "in"), "--out", str(class_ / "in")], "among the submissions"),
        ([LAB, str(class_ / "in"), "--out", str(class_ / "in" / "out")], "among the submissions"),
        (
            [LAB, "--regrade", "members-needed", "--out", str(tmp_path)],
            "There are no results of 'quorum-math'",
        ),
        ([LAB, "--regrade", "x", "--out", str(class_ / "out")], "has no task 'x'"),
        ([LAB, str(class_ / "in"), "--out", str(tmp_path / "o"), "--due", "soon"], "'soon' is no moment"),
    ]:
        with pytest.raises(SystemExit, match=reason):
            main(arguments)


def test_records_are_kept_whole(class_: Path) -> None:
    data = json.loads((class_ / "out" / "students" / "bob.json").read_text())
    assert data["answers"]["members-needed"][0] == ["visible", [0, 0], {"value": 1}]
