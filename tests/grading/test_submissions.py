"""What is handed in: found, named, and refused with a reason where it is no notebook; nothing outside is ever read."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from quorumlab.grading.cli import main
from quorumlab.grading.grade import Grader, grade
from quorumlab.grading.lab import Lab
from quorumlab.grading.labs import found as labs
from quorumlab.grading.run import another_lab
from quorumlab.grading.sandbox import Box
from quorumlab.grading.scores import rows_of
from quorumlab.grading.store import Settings, file_name
from quorumlab.grading.submissions import NOTHING, Student, SubmissionsError, found, read, read_roster
from tests.grading.conftest import QUICK, code, hand_in, notebook_of, solution

LAB = "quorum-math"


def handed_in(folder: Path, roster: list[Student] | None = None) -> dict[str, str]:
    return {s.student: s.trouble for s in found(folder, LAB, roster or [])}


def test_folders_notebooks_and_trees_of_nbgrader_are_found(tmp_path: Path) -> None:
    plain, tree, inbound = tmp_path / "plain", tmp_path / "course", tmp_path / "inbound"
    hand_in(plain, "ann", ["x = 1"])
    (plain / "bob.ipynb").write_text(json.dumps(notebook_of(["x = 2"])))
    (plain / ".hidden").mkdir()
    (plain / "readme.txt").write_text("not a submission")
    assert handed_in(plain) == {"ann": "", "bob": ""}
    hand_in(tree / "submitted" / "ann", LAB, ["x = 1"])
    (tree / "submitted" / "ann" / LAB / "timestamp.txt").write_text("2026-11-02 15:58:23.948203 UTC")
    submission = found(tree, LAB)[0]
    assert (submission.student, submission.cells) == ("ann", ("x = 1",))
    assert submission.handed_in == datetime(2026, 11, 2, 15, 58, 23, 948203, UTC)
    hand_in(inbound, f"ann+{LAB}+2026-11-02 10:00:00 UTC", ["x = 1"])
    hand_in(inbound, f"ann+{LAB}+2026-11-03 10:00:00 UTC", ["x = 2"])
    hand_in(inbound, "bob+another-lab+2026-11-03 10:00:00 UTC", ["x = 3"], "another-lab")
    assert [(s.student, s.cells) for s in found(inbound, LAB)] == [("ann", ("x = 2",))]


def test_a_roster_names_who_handed_in_nothing_and_where_work_lies(tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "group-7", ["x = 1"])
    hand_in(tmp_path / "in", "not-on-the-roster", ["x = 2"])
    roster = tmp_path / "roster.csv"
    roster.write_text("\ufeffStudent,Name,path\ns1,Ann,group-7\ns2,Bob,\n", encoding="utf-8")
    students = read_roster(roster)
    assert students[0] == Student("s1", "Ann", path="group-7")
    assert handed_in(tmp_path / "in", students) == {"not-on-the-roster": "", "s1": "", "s2": NOTHING}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name\nAnn\n", "Line 2 of the roster .* has no student"),
        ("student,path\na,../../etc\n", "points outside the submissions"),
        ("student,path\na,/etc\n", "points outside the submissions"),
        ("student\na\na\n", "has 'a' more than once"),
    ],
)
def test_a_roster_that_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "r.csv").write_text(text)
    with pytest.raises(SubmissionsError, match=reason):
        read_roster(tmp_path / "r.csv")


def bad_files(folder: Path, secret: Path) -> dict[str, str]:
    """Submissions that are none, each with its reason."""
    whole = json.dumps(notebook_of(["x = 1"])).encode()
    files: dict[str, tuple[bytes, str]] = {
        "empty": (b"", "not JSON"),
        "binary": (bytes(range(256)) * 100, "not JSON"),
        "cut short": (whole[:-5], "not JSON"),
        "nested": (b"[" * 1_000_000, "not JSON"),
        "a list": (b"[1, 2]", "no list of cells"),
        "cells that are none": (b'{"cells": [1, null, "x", {"cell_type": "code"}]}', ""),
        "no code": (json.dumps({"cells": []}).encode(), "no code cells"),
        "too many cells": (json.dumps(notebook_of(["x"] * 1001)).encode(), "1001 code cells"),
        "long code": (json.dumps(notebook_of(["x" * 200_001])).encode(), "200001 characters"),
        "50 MB": (b'{"cells": ["' + b"x" * (50 << 20) + b'"]}', "has 50 MB"),
    }
    for name, (data, _) in files.items():
        (folder / name).mkdir(parents=True)
        (folder / name / f"{LAB}.ipynb").write_bytes(data)
    for name in ("a link", "a broken link", "a pipe", "a folder of that name", "two notebooks"):
        (folder / name).mkdir()
    (folder / "a link" / f"{LAB}.ipynb").symlink_to(secret)
    (folder / "a broken link" / f"{LAB}.ipynb").symlink_to("nowhere")
    (folder / "a linked folder").symlink_to(secret.parent)
    (folder / "a linked notebook.ipynb").symlink_to(secret)
    os.mkfifo(folder / "a pipe" / f"{LAB}.ipynb")
    (folder / "a folder of that name" / f"{LAB}.ipynb").mkdir()
    (folder / "two notebooks" / "a.ipynb").write_bytes(whole)
    (folder / "two notebooks" / "b.ipynb").write_bytes(whole)
    links = dict.fromkeys(
        ["a link", "a broken link", "a linked folder", "a linked notebook"], "link to somewhere else"
    )
    return {
        **{name: reason for name, (_, reason) in files.items()},
        **links,
        "a pipe": "is no file",
        "a folder of that name": "is no file",
        "two notebooks": "2 notebooks",
    }


def test_what_is_no_notebook_has_its_reason_and_nothing_is_followed(tmp_path: Path) -> None:
    secret = hand_in(tmp_path / "elsewhere", "x", ["secret = 1"])
    expected = bad_files(tmp_path / "in", secret)
    got = {s.student: s for s in found(tmp_path / "in", LAB)}
    assert got.keys() == expected.keys()
    for name, reason in expected.items():
        assert reason in got[name].trouble and bool(reason) == bool(got[name].trouble), (
            name,
            got[name].trouble,
        )
        assert "secret" not in str(got[name].cells)


def test_a_name_never_leaves_the_folder_of_results() -> None:
    names = [
        "../../x",
        "..",
        ".",
        "",
        "a/b",
        "/etc/passwd",
        "a\0b",
        "\n",
        "x" * 5000,
        "x" * 4999 + "y",
        "Ann Ω",
        "a%2Fb",
    ]
    files = [file_name(name) for name in names]
    assert len(set(files)) == len(names)
    assert all(len(f) < 200 and "/" not in f and "\0" not in f and not f.startswith(".") for f in files)


def test_a_student_may_have_any_name(tmp_path: Path, box: Box, lab: Lab) -> None:
    names = ["=1+1", "<b>bold", "a,b", 'quo"te', "line\nbreak", "100%"]
    for name in names:
        hand_in(
            tmp_path / "in", name, ["def members_needed(crashes, away):\n    return 2 * (crashes + away) + 1"]
        )
    out = tmp_path / "out"
    main([LAB, str(tmp_path / "in"), "--out", str(out), "--seed", "1"])
    assert len(list((out / "feedback").glob("*.html"))) == len(names)
    assert (
        "<b>bold"
        not in (out / "report.html").read_text()
        + (out / "feedback" / f"{file_name('<b>bold')}.html").read_text()
    )
    assert (out / "scores.csv").read_text().count(",members-needed,2,2,graded,") == len(names)


def test_metadata_kernels_and_outputs_count_for_nothing(tmp_path: Path, box: Box, lab: Lab) -> None:
    """Points written into the metadata, cells marked as graded, a kernel that is another program, an output that claims full marks."""
    for student, change in {
        "points": {
            "nbgrader": {"points": 100, "grade": True, "grade_id": "members-needed-check", "score": 100}
        },
        "locked": {
            "nbgrader": {"grade_id": "members-needed", "solution": False, "locked": True, "grade": True}
        },
    }.items():
        path = hand_in(tmp_path, student, ["def members_needed(crashes, away):\n    return -1"])
        notebook = json.loads(path.read_text())
        notebook["cells"][0]["metadata"] = change
        notebook["cells"][0]["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": "members-needed: 2 of 2 points, graded"},
            {
                "output_type": "display_data",
                "data": {"application/json": {"points": 2, "right": True}},
                "metadata": {},
            },
        ]
        path.write_text(json.dumps(notebook))
    evil = {
        "name": "../../../bin/sh",
        "display_name": "x",
        "argv": ["/bin/sh", "-c", f"touch {tmp_path}/ran"],
    }
    hand_in(tmp_path, "kernel", code(solution()), kernelspec=evil, language_info={"name": "bash"})
    grader = Grader(lab, [], Settings(LAB, "s", box.told), box, QUICK)
    records = grade(grader, found(tmp_path, LAB), tmp_path / "out", workers=2, progress=lambda done, of: None)
    points = {r.student: next(row.points for row in rows_of(r, grader.settings)) for r in records}
    assert points == {"points": 0, "locked": 0, "kernel": 2}
    assert not (tmp_path / "ran").exists()


def test_the_notebook_of_another_lab_is_named(lab: Lab) -> None:
    other = Lab("other", "Other", (lab.graded[0],))
    mine = Lab("mine", "Mine", (lab.graded[1],))
    assert another_lab(mine, [mine, other], ["def members_needed(a, b): pass"]) == (
        "This is the notebook of another lab, 'other'."
    )
    assert (
        another_lab(mine, [mine, other], ["def commit_time(a): pass", "def members_needed(a, b): pass"]) == ""
    )
    assert another_lab(mine, [mine, other], ["x = 1"]) == ""


def test_nothing_to_grade_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SubmissionsError, match="There is no folder of submissions"):
        found(tmp_path / "none", LAB)
    with pytest.raises(SubmissionsError, match="There is nothing handed in"):
        found(tmp_path, LAB)
    (tmp_path / "a").mkdir()
    assert read("a", tmp_path / "a", LAB, tmp_path).trouble == "There is no notebook in its folder."
    assert set(labs()) >= {LAB}


def test_a_roster_cannot_point_through_a_link(tmp_path: Path) -> None:
    secret = hand_in(tmp_path / "elsewhere", "x", ["secret = 1"])
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "way").symlink_to(secret.parent.parent)
    submission = found(tmp_path / "in", LAB, [Student("a", path="way/x")])[0]
    assert (submission.cells, submission.trouble) == (
        (),
        "The way to it is a link to somewhere else, which is not followed.",
    )


def test_a_long_text_keeps_nobody_busy(lab: Lab) -> None:
    """Looking for a function in blank lines would take for ever if it took as long as their number squared."""
    assert another_lab(lab, [lab], ["\n" * 200_000 + " " * 200_000]) == ""
