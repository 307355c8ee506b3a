"""Submissions that attack: each must be contained, keep what its honest part deserves, and win nothing else.

Each file of ``hostile/`` is the answer to the lab's first task, after honest answers to the others. Its head says what it tries, and how
each task must come out: a status, points or a pattern of the reason.
"""

import csv
import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from quorumlab.grading.grade import Grader, grade
from quorumlab.grading.lab import Lab
from quorumlab.grading.outputs import Wanted, write_all
from quorumlab.grading.sandbox import Box, sandbox
from quorumlab.grading.store import Record, Settings
from quorumlab.grading.submissions import found
from tests.grading.conftest import QUICK, code, hand_in, honest_without, solution

FILES = sorted((Path(__file__).parent / "hostile").glob("*.txt"))
CANARY = "canary-7f3a9c"
FULL = {
    "commit-time": 3.0,
    "piece-that-goes-on": 3.0,
    "disjoint-quorums": 3.0,
    "chance-of-quorum": 3.0,
    "own-cluster": 2.0,
}
DEEP = "(" * 5000 + "1" + ")" * 5000


@dataclass(frozen=True)
class Class:
    """The hostile class, graded, and what it tried to reach."""

    records: dict[str, Record]
    rows: list[dict[str, str]]
    out: Path
    home: Path
    other: Path
    heard: list[bytes]


@dataclass(frozen=True)
class Helper:
    """Someone who listens on the grader's machine, and writes down who came."""

    port: int
    name: str
    heard: list[bytes]


@pytest.fixture(scope="module")
def helper() -> Iterator[Helper]:
    heard: list[bytes] = []
    name = f"quorumlab-test-{os.getpid()}"
    sockets = [socket.socket(), socket.socket(socket.AF_UNIX)]
    sockets[0].bind(("0.0.0.0", 0))
    sockets[1].bind(f"\0{name}")

    def listen(own: socket.socket) -> None:
        while True:
            try:
                connection, _ = own.accept()
            except OSError:
                return
            heard.append(b"someone")
            connection.close()

    for own in sockets:
        own.listen()
        threading.Thread(target=listen, args=(own,), daemon=True).start()
    yield Helper(sockets[0].getsockname()[1], name, heard)
    for own in sockets:
        own.close()


@pytest.fixture(scope="module")
def graded(box: Box, lab: Lab, helper: Helper, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    root = tmp_path_factory.mktemp("hostile")
    home, class_, out = root / "home", root / "class", root / "out"
    home.mkdir()
    (home / "diary.txt").write_text(CANARY)
    gradebook = root / "gradebook.db"
    gradebook.write_text(CANARY)
    other = hand_in(class_, "honest", [*code(solution()), f"# {CANARY}"])
    places = {
        "HOME": str(home),
        "GRADEBOOK": str(gradebook),
        "OTHER": str(other),
        "OUT": str(out),
        "PORT": str(helper.port),
        "ADDRESS": socket.gethostbyname(socket.gethostname()),
        "ABSTRACT": helper.name,
        "CANARY": CANARY,
        "DEEP": DEEP,
    }
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for place, value in places.items():
            text = text.replace("{" + place + "}", value)
        hand_in(
            class_, path.stem, [*honest_without("members_needed"), *re.split(r"^# %%$", text, flags=re.M)]
        )
    before = os.environ.copy()
    os.environ.update(HOME=str(home), SECRET=CANARY)
    try:
        grader = Grader(
            lab, [], Settings("quorum-math", "seed", box.told), sandbox([class_, out, gradebook]), QUICK
        )
        records = grade(grader, found(class_, lab.name), out, workers=2, progress=lambda done, of: None)
    finally:
        os.environ.clear()
        os.environ.update(before)
    from datetime import UTC, datetime

    write_all(out, lab, grader.settings, records, [], Wanted("inputs"), datetime.now(UTC))
    with (out / "scores.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    yield Class({r.student: r for r in records}, rows, out, home, other, helper.heard)


def expectations(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line[2:].split(": ", 1) for line in lines if re.match(r"# [a-z-]+: ", line))


def row(graded: Class, student: str, task: str) -> dict[str, str]:
    return next(r for r in graded.rows if (r["student"], r["task"]) == (student, task))


def comes_out(got: dict[str, str], expected: str) -> bool:
    """Whether a row is as a head says: alternatives of a status with its points, then a pattern for the reason."""
    ways, _, reason = expected.partition(", ")
    as_said = any(
        got["status"] == way.split()[0] and got["points"] == ([*way.split(), ""])[1]
        for way in ways.split("|")
    )
    return as_said and re.search(reason, got["reason"]) is not None


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 40


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_gets_what_it_deserves(graded: Class, path: Path) -> None:
    expected = expectations(path)
    got = row(graded, path.stem, "members-needed")
    assert comes_out(got, expected["members-needed"]), got
    for task, most in FULL.items():
        own = row(graded, path.stem, task)
        if task in expected:
            assert comes_out(own, expected[task]), own
        elif expected.get("others") != "harmed":
            assert own["points"] == f"{most:g}" and own["status"] == "graded", own
        else:
            assert float(own["points"] or 0) <= most


def test_the_honest_one_gets_all(graded: Class) -> None:
    points = [r["points"] for r in graded.rows if r["student"] == "honest" and r["points"]]
    assert points == ["2", "3", "3", "3", "3", "2"]


def test_nobody_is_lost(graded: Class) -> None:
    assert {r["student"] for r in graded.rows} == {path.stem for path in FILES} | {"honest"}
    assert len(graded.rows) == 7 * (len(FILES) + 1)
    assert all(r["reason"] for r in graded.rows if r["status"] == "ungradable")


def test_nothing_secret_came_out(graded: Class) -> None:
    """Neither in an answer nor in an error: the word stands in the home, the gradebook, the environment and another's work."""
    for path in graded.out.rglob("*"):
        if path.is_file() and path.stem not in (
            "honest",
            "writes-outside",
            "changes-the-course",
            "reduce",
            "script-in-feedback",
        ):
            written = path.read_bytes()
            if path.suffix == ".json":
                written = b"".join(
                    repr(a.got).encode()
                    for r in graded.records.values()
                    for t in r.answers.values()
                    for a in t
                )
            assert CANARY.encode() not in written, path


def test_nothing_was_written_outside_and_nobody_was_called(graded: Class) -> None:
    assert sorted(path.name for path in graded.home.iterdir()) == ["diary.txt"]
    assert CANARY in graded.other.read_text(encoding="utf-8")
    assert graded.heard == []


def test_no_process_is_left(graded: Class) -> None:
    def inside() -> set[Path]:
        return {path for path in Path("/proc").glob("[0-9]*/cmdline") if b"/course/driver.py" in _read(path)}

    left, ends = inside(), time.monotonic() + 120  # those of a test beside this one end in that time
    while (left := left & inside()) and time.monotonic() < ends:
        time.sleep(0.2)
    assert left == set()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def test_what_they_say_is_only_text_in_feedback(graded: Class) -> None:
    for path in [*(graded.out / "feedback").glob("*.html"), graded.out / "report.html"]:
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text and "javascript:" not in text
