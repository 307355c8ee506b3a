"""A class on workers of dask.distributed: two real processes, one killed midway, and every submission graded once."""

import os
import signal
from collections import Counter
from pathlib import Path

import pytest

from quorumlab.grading import grade as module
from quorumlab.grading.cli import main
from quorumlab.grading.grade import Grader, grade
from quorumlab.grading.lab import Lab
from quorumlab.grading.sandbox import Box, Limits
from quorumlab.grading.store import Settings
from quorumlab.grading.submissions import found
from tests.grading.conftest import code, hand_in, solution

distributed = pytest.importorskip("distributed")
COUNT = 24


def test_one_of_two_workers_is_killed_and_everybody_is_graded_once(
    box: Box, lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(COUNT):
        hand_in(tmp_path / "in", f"s{number:02}", [*code(solution()), f"own = {number}"])
    written: Counter[str] = Counter()
    real = module.write_record
    monkeypatch.setattr(module, "write_record", lambda out, r: written.update([r.student]) or real(out, r))
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as cluster:
        with distributed.Client(cluster) as client:
            workers = list(client.run(os.getpid).values())
        killed: list[int] = []

        def kill_one(done: int, of: int) -> None:
            if done == 4 and not killed:
                os.kill(workers[0], signal.SIGKILL)
                killed.append(workers[0])

        grader = Grader(lab, [], Settings(lab.name, "s", box.told), box, Limits(), cluster.scheduler_address)
        records = grade(
            grader, found(tmp_path / "in", lab.name), tmp_path / "out", workers=2, progress=kill_one
        )
    assert killed and len(set(workers)) == 2
    assert written == {f"s{number:02}": 1 for number in range(COUNT)}
    assert all(r.result("commit-time").points == 3 and not r.trouble for r in records)


def test_no_scheduler_is_said_in_a_sentence(box: Box, tmp_path: Path) -> None:
    hand_in(tmp_path / "in", "ann", ["x = 1"])
    with pytest.raises(
        SystemExit, match=r"^There is no scheduler of dask.distributed at 'tcp://127.0.0.1:1'"
    ):
        main(
            [
                "quorum-math",
                str(tmp_path / "in"),
                "--out",
                str(tmp_path / "out"),
                "--scheduler",
                "tcp://127.0.0.1:1",
            ]
        )
