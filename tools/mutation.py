"""Do the tests see it? Small faults are planted into a room, one at a time, and its tests must turn red: ``make mutation``.

cosmic-ray plants them, in a copy of the tree; a seed draws which, since all of them would take a day. Left out are faults that change
nothing a test could see: those in annotations, and ``is`` in place of ``==``.
"""

import argparse
import ast
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parent.parent
SRC, UNIT = "src/quorumlab", "tests/unit"
ROOMS = {
    "raft": (
        [f"{SRC}/raft"],
        [f"{UNIT}/raft", f"{UNIT}/simulation", "tests/property/test_raft_planted_bugs.py"],
    ),
    "history": ([f"{SRC}/history"], [f"{UNIT}/history", "tests/property/test_history_oracle.py"]),
    "quorums": ([f"{SRC}/quorums"], [f"{UNIT}/quorums", f"{UNIT}/test_availability.py"]),
    "availability": ([f"{SRC}/availability.py"], [f"{UNIT}/test_availability.py"]),
    "exercise": (
        [f"{SRC}/course/exercise.py", f"{SRC}/course/answers.py"],
        [
            f"{UNIT}/course/{part}"
            for part in ("test_exercise.py", "test_answers.py", "test_checks.py", "exercises/test_all.py")
        ],
    ),
}
"""What each room is made of, and the tests that are to see its faults."""

SAME = {f"core/ReplaceComparisonOperator_{pair}" for pair in ("Eq_Is", "Is_Eq", "NotEq_IsNot", "IsNot_NotEq")}
"""What compares by identity in place of equality: roles are interned strings, and small numbers are one object each."""

SECONDS = 240  # for one run of a room's tests; a fault that makes them endless has been seen


def main() -> None:
    """Plant faults into the rooms named, and print how many were seen, and which were not."""
    parser = argparse.ArgumentParser(description="Plant faults and see whether the tests turn red.")
    parser.add_argument("rooms", nargs="*", choices=[[], *ROOMS], help="by default all")
    parser.add_argument("--most", type=int, default=40, help="faults drawn for each room")
    parser.add_argument("--seed", default="1")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="quorumlab-mutation-") as folder:
        tree = Path(folder)
        for part in ("src", "tests", "tools", "notebooks", "pyproject.toml", "conftest.py", "README.md"):
            (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, tree / part)
        for room in options.rooms or ROOMS:
            examine(room, tree, options.most, options.seed)


def examine(room: str, tree: Path, most: int, seed: str) -> None:
    """Plant ``most`` faults into a room of the copy, one after the other, and print the outcome."""
    modules, tests = ROOMS[room]
    config, session = tree / f"{room}.toml", tree / f"{room}.sqlite"
    command = f"{sys.executable} -m pytest -x -q -p no:nbval -p no:cacheprovider -o addopts='' --import-mode=importlib"
    paths = ", ".join(f'"{path}"' for path in modules)
    config.write_text(
        f"[cosmic-ray]\nmodule-path = [{paths}]\ntimeout = {SECONDS}\nexcluded-modules = []\n"
        f'test-command = "{command} {" ".join(tests)}"\n[cosmic-ray.distributor]\nname = "local"\n',
        encoding="utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": f"{tree / 'src'}{os.pathsep}{tree}"}

    def ray(*words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "cosmic_ray.cli", *words],
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(
                f"{room}: {' '.join(words)} failed; the tests must pass without any fault.\n{done.stdout[-2000:]}"
            )

    ray("baseline", config.name)  # fails unless the tests pass without any fault
    ray("init", config.name, session.name)
    with sqlite3.connect(session) as found:
        planned = found.execute(
            "select job_id, operator_name, module_path, start_pos_row, start_pos_col from mutation_specs"
        ).fetchall()
        hidden = {module: annotations(tree / module) for _, _, module, _, _ in planned}
        jobs = sorted(
            job
            for job, operator, module, row, column in planned
            if operator not in SAME and not any(start <= (row, column) < end for start, end in hidden[module])
        )
        drawn = set(Random(f"{seed}/{room}").sample(jobs, min(most, len(jobs))))
        dropped = [job for job, *_ in planned if job not in drawn]
        for table in ("mutation_specs", "work_items"):
            found.executemany(f"delete from {table} where job_id = ?", [(job,) for job in dropped])
    ray("exec", config.name, session.name)
    report(room, session, len(jobs))


def annotations(module: Path) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Where a module's annotations begin and end, each as a row and a column."""
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    found = [getattr(node, part, None) for node in nodes for part in ("annotation", "returns")]
    return [((a.lineno, a.col_offset), (a.end_lineno, a.end_col_offset)) for a in found if a is not None]


def report(room: str, session: Path, possible: int) -> None:
    """How many faults were seen, and a line for each that was not."""
    with sqlite3.connect(session) as found:
        outcomes = found.execute(
            "select s.module_path, s.start_pos_row, s.operator_name, r.test_outcome, r.diff from work_results r "
            "join mutation_specs s on s.job_id = r.job_id order by 1, 2"
        ).fetchall()
    survived = [o for o in outcomes if "SURVIVED" in str(o[3]).upper()]
    print(f"{room}: {len(outcomes) - len(survived)} of {len(outcomes)} faults seen (drawn from {possible})")
    for module, row, operator, _, diff in survived:
        changed = [
            line for line in (diff or "").splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")
        ]
        print(
            f"  {Path(module).name}:{row} {operator.split('/')[-1]}: {' → '.join(line[1:].strip() for line in changed)}"
        )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
