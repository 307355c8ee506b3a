"""The supervisor: processes start, hear signals and end with it, however it or the notebook's process ends. No etcd here."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import pytest

from quorumlab.etcd.processes import Processes
from quorumlab.etcd.supervisor import until_stopped

SLEEP = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable, "-I", "-S", "-c",
    "import signal, time; [signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; time.sleep(60)",
]  # fmt: skip
ECHO = [
    sys.executable,
    "-I",
    "-S",
    "-c",
    "import sys\nfor line in sys.stdin: print('{\"ok\": ' + line.strip() + '}', flush=True)",
]


def alive(pid):
    """Whether a process exists and is no zombie."""
    try:
        return (
            ") Z " not in Path(f"/proc/{pid}/stat").read_text()
            if Path("/proc/self").exists()
            else not os.kill(pid, 0)
        )
    except OSError:
        return False


def gone(*pids, folder=None, within=5.0):
    """Whether all processes, and the folder, are gone in time."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        if not any(map(alive, pids)) and not (folder and folder.exists()):
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def processes():
    made = Processes()
    yield made
    made.close()


def test_start_signal_and_end(processes):
    pid = processes.start("a", SLEEP, log="a.log")
    assert processes.running() == {"a": True}
    processes.signal("a", "STOP")
    assert processes.running() == {"a": True}
    processes.signal("a", "KILL")
    assert processes.running() == {"a": False}
    assert not alive(pid)
    processes.start("a", SLEEP, log="a.log")
    assert processes.running() == {"a": True}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs Linux, which tells of a process's state")
def test_a_process_is_waited_for_until_it_stands_still_or_has_ended():
    """On a busy machine SIGSTOP takes its time; here somebody is late to send it."""
    child = subprocess.Popen(SLEEP)
    Timer(0.2, child.send_signal, [signal.SIGSTOP]).start()
    until_stopped(child.pid)
    assert ") T " in Path(f"/proc/{child.pid}/stat").read_text()
    until_stopped(child.pid)  # it still does
    child.kill()
    until_stopped(child.pid)
    assert child.wait(5) == -signal.SIGKILL


def test_one_that_runs_is_not_started_again(processes):
    processes.start("a", SLEEP, log="a.log")
    with pytest.raises(RuntimeError, match="a runs already"):
        processes.start("a", SLEEP, log="a.log")


def test_a_program_that_cannot_be_started_is_one_sentence(processes):
    with pytest.raises(
        RuntimeError, match=r"could not be handled: .*No such file or directory.*no-such-program"
    ):
        processes.start("a", ["/no-such-program"], log="a.log")
    assert processes.running() == {}


def test_what_a_process_says_stands_in_its_log(processes):
    processes.start("a", ["/bin/sh", "-c", "echo words; echo more >&2"], log="a.log")
    until = time.monotonic() + 5
    while processes.running()["a"] and time.monotonic() < until:
        time.sleep(0.01)
    assert (processes.folder / "a.log").read_text() == "words\nmore\n"


def test_one_that_talks_is_told_and_answers(processes):
    processes.start("echo", ECHO, log="echo.log", talks=True)
    assert processes.tell("echo", do=5) == {"do": 5}


def test_one_that_has_ended_does_not_answer(processes):
    processes.start("echo", ["/bin/sh", "-c", "exit 0"], log="echo.log", talks=True)
    time.sleep(0.1)
    with pytest.raises(RuntimeError, match=r"could not be handled"):
        processes.tell("echo", do=5)


def test_a_question_cut_short_by_ctrl_c_leaves_the_next_its_own_answer(processes):
    processes.start("a", SLEEP, log="a.log")
    processes._supervisor.stdin.write(b'{"id": 77, "do": "state"}\n')  # asked, and never listened for
    processes.start("b", SLEEP, log="b.log")
    assert processes.running() == {"a": True, "b": True}


def test_close_kills_also_the_paused_and_the_stubborn_and_removes_the_folder():
    made = Processes()
    pids = [
        made.start("a", SLEEP, log="a"),
        made.start("b", STUBBORN, log="b"),
        made.start("c", SLEEP, log="c"),
    ]
    made.signal("c", "STOP")
    (made.folder / "data").mkdir()
    (made.folder / "data" / "file").write_text("x" * 1000)
    began = time.monotonic()
    made.close()
    assert time.monotonic() - began < 30  # nobody waited for the sleepers
    assert gone(*pids, folder=made.folder, within=0.5)
    made.close()
    with pytest.raises(RuntimeError, match="This cluster is closed; make a new one"):
        made.running()


def test_forgotten_it_closes():
    made = Processes()
    pid, folder = made.start("a", SLEEP, log="a"), made.folder
    del made
    assert gone(pid, folder=folder)


def test_a_supervisor_that_is_terminated_tidies_up_and_the_next_call_says_so():
    made = Processes()
    pid = made.start("a", SLEEP, log="a")
    os.kill(made._supervisor.pid, signal.SIGTERM)
    assert gone(pid, folder=made.folder)
    with pytest.raises(
        RuntimeError, match="The process that looks after the members has ended, and they with it"
    ):
        made.running()
    made.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux ends children with their parent")
def test_even_when_the_supervisor_itself_is_killed_nobody_stays_and_the_next_one_sweeps():
    made = Processes()
    pid = made.start("a", STUBBORN, log="a")
    os.kill(made._supervisor.pid, signal.SIGKILL)
    assert gone(pid)
    assert made.folder.exists()
    made.close()
    os.utime(made.folder, (1, 1))
    Processes().close()
    assert gone(folder=made.folder)


def test_a_folder_in_use_is_not_swept(processes):
    os.utime(processes.folder, (1, 1))
    Processes().close()
    assert processes.folder.exists()


NOTEBOOK = """
import sys, time
from quorumlab.etcd.processes import Processes
p = Processes()
sleep = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"]
pids = [p.start("a", sleep, log="a"), p.start("b", sleep, log="b"), p._supervisor.pid]
p.signal("b", "STOP")
print(*pids, p.folder, flush=True)
{then}
"""
WAIT = "time.sleep(60)"
FORK = (
    "import os\nif os.fork() == 0:\n    time.sleep(3)\n    os._exit(0)\n" + WAIT
)  # a copy of the pipe lives on


@pytest.mark.parametrize(
    ("then", "ends"),
    [
        (WAIT, signal.SIGKILL), (WAIT, signal.SIGTERM), (WAIT, signal.SIGINT), (WAIT, signal.SIGHUP), (WAIT, signal.SIGQUIT),
        ("pass", None), ("raise SystemExit(3)", None), ("import os; os._exit(1)", None), ("1 / 0", None),
        (FORK, signal.SIGKILL),
    ],
    ids=["killed", "terminated", "interrupted", "hung up", "quit", "ended", "exited", "_exit", "failed", "killed, forked"],
)  # fmt: skip
def test_nothing_outlives_the_notebook(then, ends):
    notebook = subprocess.Popen(
        [sys.executable, "-c", NOTEBOOK.format(then=then)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    *pids, folder = notebook.stdout.readline().split()
    if ends is not None:
        os.killpg(notebook.pid, ends)  # as a terminal's Ctrl-C does: to the whole group
    try:
        assert gone(*map(int, pids), folder=Path(folder), within=3)
    finally:
        notebook.kill()
        notebook.wait()
        notebook.stdout.close()
