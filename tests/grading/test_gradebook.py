"""Scores in nbgrader's gradebook: its own exporter and formgrader's own queries see them, and points given by hand stay."""

import csv
from pathlib import Path

import pytest

from quorumlab.grading.cli import main
from quorumlab.grading.sandbox import Box
from tests.grading.conftest import code, hand_in, honest_without, solution

nbgrader = pytest.importorskip("nbgrader")
LAB = "quorum-math"


def grade(course: Path) -> None:
    book = str(course / "gradebook.db")
    main(
        [
            LAB,
            str(course / "in"),
            "--out",
            str(course / "out"),
            "--gradebook",
            book,
            "--roster",
            str(course / "roster.csv"),
        ]
    )


@pytest.fixture
def course(box: Box, tmp_path: Path) -> Path:
    hand_in(tmp_path / "in", "ann", code(solution()))
    hand_in(
        tmp_path / "in",
        "bob",
        [*honest_without("members_needed"), "import os", "def members_needed(c, a):\n    os._exit(1)"],
    )
    (tmp_path / "roster.csv").write_text(
        "student,name,email\nann,Ann A,ann@example.org\nbob,Bob,\ncat,Cat,\n"
    )
    grade(tmp_path)
    return tmp_path


def test_nbgraders_own_export_reads_the_scores(course: Path) -> None:
    from nbgrader.api import Gradebook
    from nbgrader.plugins import CsvExportPlugin

    plugin = CsvExportPlugin()
    plugin.to = str(course / "grades.csv")
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        plugin.export(book)
    with (course / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {s: (float(r["score"]), float(r["max_score"])) for s, r in rows.items()} == {
        "ann": (16, 20), "bob": (14, 20), "cat": (0, 20),
    }  # fmt: skip
    assert rows["ann"]["last_name"] == "Ann A" and rows["cat"]["timestamp"] == ""


def test_formgrader_finds_what_waits_for_a_person(course: Path) -> None:
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory
    from traitlets.config import Config

    config = Config()
    config.CourseDirectory.root = str(course)
    config.CourseDirectory.db_url = f"sqlite:///{course / 'gradebook.db'}"
    api = NbGraderAPI(CourseDirectory(config=config), config=config)
    ann, bob = sorted(api.get_submissions(LAB), key=lambda s: s["student"])[:2]
    assert (ann["student"], ann["autograded"], ann["score"], ann["max_score"]) == ("ann", True, 16, 20)
    assert ann["needs_manual_grade"] and bob["needs_manual_grade"]
    notebook = course / "autograded" / "ann" / LAB / f"{LAB}.ipynb"
    assert notebook.read_bytes() == (course / "in" / "ann" / f"{LAB}.ipynb").read_bytes()


def test_points_given_by_hand_stay_and_old_ones_do_not(course: Path) -> None:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        essay = book.find_grade("emergency-rule", LAB, LAB, "ann")
        essay.manual_score, essay.needs_manual_grade = 3.5, False
        assert book.find_grade("members-needed-check", LAB, LAB, "bob").needs_manual_grade
        assert (
            book.find_comment("members-needed", LAB, LAB, "bob").comment
            == "members_needed ended its own process."
        )
        book.db.commit()
    (course / "in" / "ann" / f"{LAB}.ipynb").write_text("{")
    grade(course)
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as book:
        assert book.find_grade("emergency-rule", LAB, LAB, "ann").score == 3.5
        assert book.find_grade("members-needed-check", LAB, LAB, "ann").auto_score is None
        assert book.find_grade("members-needed-check", LAB, LAB, "ann").needs_manual_grade
