"""Totals for Canvas and Moodle, read back by the rules of their importers, and points that a person gave."""

import csv
import io
from pathlib import Path

import pytest

from quorumlab.grading.cli import main
from quorumlab.grading.exports import canvas, moodle
from quorumlab.grading.lab import Lab
from quorumlab.grading.reading import ReadingError, read
from quorumlab.grading.sandbox import Box
from quorumlab.grading.scores import Row
from quorumlab.grading.submissions import Student
from tests.grading.conftest import code, hand_in, solution

ROSTER = [
    Student("s1", "Ann, the first", "ann@example.org", "101", "A"),
    Student("s2", 'Bob "B"', "bob@example.org"),
    Student("=s3", "=HYPERLINK(1)"),
]


@pytest.fixture
def rows(lab: Lab) -> dict[str, list[Row]]:
    def row(student: str, task: str, points: float | None, status: str = "graded", reason: str = "") -> Row:
        most = next(t.points for t in lab.tasks if t.id == task)
        return Row(student, lab.name, task, points, most, status, reason)

    return {
        "s1": [row("s1", "members-needed", 2), row("s1", "commit-time", 1.333333, reason="Not\nyet, no.")],
        "s2": [row("s2", "members-needed", None, "ungradable", "It ended."), row("s2", "commit-time", 0)],
        "=s3": [row("=s3", "members-needed", None, "missing"), row("=s3", "commit-time", None, "missing")],
    }


def canvas_reads(text: str) -> tuple[float, dict[str, str]]:
    """Points possible and scores by SIS user id, as ``gradebook_importer.rb`` finds them: head, columns, the line of points."""
    lines = list(csv.reader(io.StringIO(text)))
    head = lines[0]
    assert len(head) > 3 and "Student" in head[0] and "ID" in head[1]
    assert head[2] == "SIS User ID" and head[3] == "SIS Login ID" and "Section" in head[4]
    assert "Points Possible" in lines[1][0]
    assert {len(line) for line in lines} == {6}, "a constant number of fields tells it the separator"
    return float(lines[1][5]), {line[2]: line[5] for line in lines[2:]}


def test_canvas_reads_back_what_was_written(lab: Lab, rows: dict[str, list[Row]]) -> None:
    text = canvas(lab, rows, ROSTER)
    assert canvas_reads(text) == (20.0, {"s1": "3.33", "s2": "0", "'=s3": ""})
    assert list(csv.reader(io.StringIO(text)))[2][:5] == [
        "Ann, the first",
        "101",
        "s1",
        "ann@example.org",
        "A",
    ]


def test_moodle_reads_back_what_was_written(lab: Lab, rows: dict[str, list[Row]]) -> None:
    read_back = list(csv.DictReader(io.StringIO(moodle(lab, rows, ROSTER))))
    assert [(r["ID number"], r["Email address"], r["Quorum math"]) for r in read_back] == [
        ("s1", "ann@example.org", "3.33"),
        ("s2", "bob@example.org", "0"),
        ("'=s3", "", "-"),  # Moodle's word for no grade
    ]
    assert "Silent members: 1.33 of 3. Not\nyet, no." in read_back[0]["Quorum math: feedback"]


def test_points_a_person_gave_stand_and_stay(box: Box, tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "ann", code(solution()))
    hand_in(tmp_path / "in", "bob", ["x = 1"])
    (tmp_path / "read.csv").write_text(
        "student,task,points,reason\nann,emergency-rule,3.5,No harm is named.\nbob,members-needed,1,Right on paper.\n"
    )
    out = tmp_path / "out"
    main(
        [
            "quorum-math",
            str(tmp_path / "in"),
            "--out",
            str(out),
            "--read",
            str(tmp_path / "read.csv"),
            "--canvas",
            "--moodle",
        ]
    )
    main(["quorum-math", str(tmp_path / "in"), "--out", str(out), "--canvas"])  # they are remembered
    assert canvas_reads((out / "canvas.csv").read_text())[1] == {"ann": "19.5", "bob": "1"}
    assert "ann,quorum-math,emergency-rule,3.5,4,graded,No harm is named." in (out / "scores.csv").read_text()
    assert "bob,quorum-math,members-needed,1,2,graded,Right on paper." in (out / "scores.csv").read_text()
    assert (out / "moodle.csv").exists()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("ann,no-task,1", "has the task 'no-task'.*one of the tasks members-needed"),
        (",members-needed,1", "give a student"),
        ("ann,members-needed,3", "gives '3' points.*from 0 to 2"),
        ("ann,members-needed,nan", "gives 'nan' points"),
        ("ann,members-needed,", "gives '' points"),
    ],
)
def test_a_reading_that_cannot_be_used_is_said_in_a_sentence(
    lab: Lab, tmp_path: Path, line: str, reason: str
) -> None:
    (tmp_path / "r.csv").write_text(f"student,task,points\n{line}\n")
    with pytest.raises(ReadingError, match=reason):
        read(tmp_path / "r.csv", lab)


def test_nothing_of_a_roster_begins_a_formula(lab: Lab, rows: dict[str, list[Row]]) -> None:
    """Students write some of it themselves, in the platform that it comes from."""
    hostile = [Student("=s3", "=1+1", "@sum(1)", "-1+1", "+cmd|'/C calc'!A0"), Student("s1", "\n=1")]
    for text in (canvas(lab, rows, hostile), moodle(lab, rows, hostile)):
        cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
        assert not [cell for cell in cells if cell[:1] in tuple("=+@-\n") and cell != "-"]
