"""What lies around the code: odd notebooks of honest students, names, dates, rosters, and what else stands in the folders."""

import json
import os
import socket
import unicodedata
from pathlib import Path

import pytest

from quorumlab.grading.cli import main
from quorumlab.grading.store import StoreError, alone, read_records
from quorumlab.grading.submissions import Student, SubmissionsError, found, read_roster
from tests.grading.conftest import hand_in, notebook_of

LAB = "quorum-math"
CELLS = ("x = 1",)


def put(folder: Path, student: str, data: bytes | str, name: str = f"{LAB}.ipynb") -> Path:
    path = folder / student / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_an_odd_notebook_with_right_code_is_read(tmp_path: Path) -> None:
    plain = json.dumps(notebook_of(CELLS))
    old_cell = {"cell_type": "code", "input": "x = 1", "language": "python", "metadata": {}, "outputs": []}
    text = [{"cell_type": "markdown", "metadata": {}, "source": "x"}] * 100_000
    odd: dict[str, bytes] = {
        "bom": b"\xef\xbb\xbf" + plain.encode(),
        "utf-16": plain.encode("utf-16"),
        "future": json.dumps({**notebook_of(CELLS), "nbformat": 5}).encode(),
        "old": json.dumps({"nbformat": 3, "worksheets": [{"cells": [old_cell]}]}).encode(),
        "nan": plain.replace('"metadata": {}', '"metadata": {"a": NaN, "b": -Infinity}').encode(),
        "huge number": plain.replace('"metadata": {}', f'"metadata": {{"a": {"9" * 6000}}}').encode(),
        "said twice": b'{"cells": [], ' + plain.encode()[1:],
        "much text": json.dumps({"cells": [*text, *notebook_of(CELLS)["cells"]]}).encode(),
        "odd cells": json.dumps(
            {"cells": [7, {"cell_type": ["code"]}, *notebook_of(CELLS)["cells"]]}
        ).encode(),
    }
    for student, data in odd.items():
        put(tmp_path, student, data)
    put(tmp_path, "capitals", plain, f"{LAB.upper()}.IPYNB")
    (tmp_path / "loose.IPYNB").write_text(plain)
    put(tmp_path, "from a Mac", plain, "My lab.ipynb")
    put(tmp_path, "from a Mac", b"\0\5\x16\7", "._My lab.ipynb")
    (tmp_path / "._loose.ipynb").write_bytes(b"\0\5\x16\7")
    put(tmp_path, "beside its data", plain)
    put(tmp_path, f"beside its data/{LAB}", "{}", "visible.json")
    got = {s.student: (s.trouble, s.cells) for s in found(tmp_path, LAB)}
    assert got == dict.fromkeys([*odd, "capitals", "loose", "from a Mac", "beside its data"], ("", CELLS))


def test_what_was_handed_in_and_is_no_notebook_is_nobodys_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.ipynb")
    with socket.socket(socket.AF_UNIX) as own:
        own.bind(str(tmp_path / "socket.ipynb"))
    (tmp_path / "packed.zip").write_bytes(b"PK")
    assert {s.student: s.trouble for s in found(tmp_path, LAB)} == {
        "pipe": "The notebook is no file.",
        "socket": "The notebook is no file.",
        "packed": "It is an archive and no notebook; unpack it, and grade again.",
    }


@pytest.mark.parametrize("kind", ["folder", "notebook", "tree", "link"])
def test_a_student_called_as_the_folder_of_collected_work_hides_nobody(tmp_path: Path, kind: str) -> None:
    hand_in(tmp_path / "in", "ann", CELLS)
    hand_in(tmp_path / "in" / "bob", LAB, CELLS)
    own, elsewhere = tmp_path / "in" / "submitted", tmp_path / "elsewhere"
    hand_in(elsewhere / "eve", LAB, ["secret = 1"])
    if kind == "folder":
        hand_in(tmp_path / "in", "submitted", CELLS)
    elif kind == "notebook":
        put(tmp_path / "in", "submitted", json.dumps(notebook_of(CELLS)), "mine.ipynb")
    elif kind == "tree":
        hand_in(own / "eve", LAB, CELLS)
    else:
        own.symlink_to(elsewhere)
    got = {s.student: s for s in found(tmp_path / "in", LAB)}
    assert set(got) == {"ann", "bob", "submitted"} and got["ann"].cells == got["bob"].cells == CELLS
    assert got["submitted"].cells == (CELLS if kind in ("folder", "notebook") else ())


def test_a_course_of_nbgrader_is_known_by_what_else_it_holds(tmp_path: Path) -> None:
    hand_in(tmp_path / "submitted" / "ann", LAB, CELLS)
    for name in ("source", "release", "labs"):
        hand_in(tmp_path / name, LAB, ["x = 2"])
    assert [(s.student, s.cells) for s in found(tmp_path, LAB)] == [("ann", CELLS)]


@pytest.mark.parametrize(("seconds", "year"), [(1e15, 9999), (-1e15, 1970), (float(2**62), 9999)])
def test_a_file_from_another_age_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, year: int
) -> None:
    """An archive may carry any date, and some file systems keep it."""
    hand_in(tmp_path, "ann", CELLS)
    real = Path.lstat

    class Dated:
        def __init__(self, told: os.stat_result) -> None:
            self.told, self.st_mtime = told, seconds

        def __getattr__(self, name: str) -> object:
            return getattr(self.told, name)

    monkeypatch.setattr(Path, "lstat", lambda path: Dated(real(path)))
    handed_in = found(tmp_path, LAB)[0].handed_in
    assert handed_in is not None and handed_in.year == year


def test_a_timestamp_counts_only_where_nbgrader_puts_it(tmp_path: Path) -> None:
    """The folder of a plain class may be called ``submitted`` as well."""
    own = hand_in(tmp_path / "submitted", "ann", CELLS)
    (own.parent / "timestamp.txt").write_text("2001-01-01 00:00:00 UTC")
    hand_in(tmp_path / "submitted" / "bob", LAB, CELLS)
    (tmp_path / "submitted" / "bob" / LAB / "timestamp.txt").write_text("2001-01-01 23:30:00-05:00")
    ann, bob = (s.handed_in for s in found(tmp_path / "submitted", LAB))
    assert ann is not None and ann.year > 2001
    assert bob is not None and bob.isoformat() == "2001-01-02T04:30:00+00:00"


def test_a_roster_finds_work_whose_name_is_spelt_otherwise(tmp_path: Path) -> None:
    """A Mac writes é as two characters, and platforms differ in capitals; but nobody gets another's work."""
    for name in (unicodedata.normalize("NFD", "josé"), "Ann", "bob", "Bob", "cy"):
        hand_in(tmp_path, name, [f"x = {name!r}"])
    roster = [Student(name) for name in ("josé", "ann", "bob", "CY", "cY")]
    got = {s.student: s.trouble for s in found(tmp_path, LAB, roster)}
    nothing = "Nothing was handed in."
    assert got == {"josé": "", "ann": "", "bob": "", "Bob": "", "cy": "", "CY": nothing, "cY": nothing}


@pytest.mark.parametrize("where", [".", "./", "a\0b"])
def test_a_path_on_a_roster_is_one_inside(tmp_path: Path, where: str) -> None:
    (tmp_path / "r.csv").write_text(f"student,path\na,{where}\n")
    with pytest.raises(SubmissionsError, match="points outside the submissions"):
        read_roster(tmp_path / "r.csv")


def test_work_is_not_taken_from_among_the_results(tmp_path: Path) -> None:
    out = tmp_path / "out"
    kept = hand_in(out / "feedback", "ann", CELLS)
    (out / "feedback" / "ann.html").write_text("an answer")
    with pytest.raises(SystemExit, match="among the results"):
        main([LAB, str(out / "feedback"), "--out", str(out)])
    assert kept.exists() and (out / "feedback" / "ann.html").exists()


def test_nobody_is_paid_for_lateness(tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "ann", CELLS)
    for more in (["--late-penalty", "-50"], ["--late-days", "-1"], ["--late-penalty", "nan"]):
        with pytest.raises(SystemExit, match="would give points for lateness"):
            main([LAB, str(tmp_path / "in"), "--out", str(tmp_path / "out"), *more])


def test_two_graders_do_not_work_in_one_folder(tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "ann", CELLS)
    with alone(tmp_path / "out"), pytest.raises(SystemExit, match="Another quorumlab-grade is at work"):
        main([LAB, str(tmp_path / "in"), "--out", str(tmp_path / "out")])
    assert not (tmp_path / "out" / "run.json").exists()
    with alone(tmp_path / "out"):
        pass


def test_a_record_that_is_damaged_is_named(tmp_path: Path) -> None:
    for text in ("", "{", "[]", '{"student": "ann"}'):
        put(tmp_path, "students", text, "ann.json")
        with pytest.raises(StoreError, match=r"ann\.json' is damaged; grade the class again"):
            read_records(tmp_path)
