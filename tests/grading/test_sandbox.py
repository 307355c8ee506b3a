"""The box itself: what it shows, whom it runs as, and what is covered wherever the course is installed."""

import json
import os
import shutil
import time
from pathlib import Path

import pytest

import quorumlab
from quorumlab.grading import sandbox as module
from quorumlab.grading.sandbox import Box, Limits, sandbox
from quorumlab.grading.session import EndedError, Session

LOOK = """
import os, json
def look():
    status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
    return {
        "uid": os.getuid(), "real": status["Uid"].split(), "caps": status["CapEff"].strip(), "seccomp": status["Seccomp"].strip(),
        "new": status["NoNewPrivs"].strip(), "pids": len([n for n in os.listdir("/proc") if n.isdigit()]),
        "environment": sorted(os.environ), "network": open("/proc/net/dev").read().count(":"),
        "grading": os.listdir("/course/quorumlab/grading"), "map": open("/proc/self/uid_map").read().split(),
    }
"""


def looked(box: Box, tmp: Path) -> dict[str, object]:
    with Session(box, Limits()) as session:
        assert session.cell(LOOK, "<cell 1>", 30) is None
        seen = session.call("look", "", (), 30)
    assert isinstance(seen, dict), seen
    return seen


def test_nobody_runs_in_it_without_rights_and_sees_nothing(box: Box, tmp_path: Path) -> None:
    seen = looked(box, tmp_path)
    assert seen["uid"] == 65534 and set(seen["real"]) == {"65534"}
    assert int(str(seen["caps"]), 16) == 0 and seen["new"] == "1"
    assert seen["seccomp"] == "2" or box.filter is None
    assert seen["pids"] <= 4 and seen["network"] == 1, (
        "itself and what made the box; the loopback of an empty network"
    )
    assert seen["grading"] == []
    assert set(seen["environment"]) <= {*module.environment(), "LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_"}
    if os.geteuid() == 0:
        # Outside its own user space, too, it is nobody: root's files would be closed to it even if they were there.
        assert seen["map"][0] == seen["map"][1] == "65534"


def test_the_box_for_those_who_are_not_root(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000)
    seen = looked(sandbox(), tmp_path)
    assert seen["uid"] == 65534 and int(str(seen["caps"]), 16) == 0 and seen["grading"] == []


def test_a_session_ends_with_all_it_started(box: Box) -> None:
    before = _drivers()
    with Session(box, Limits()) as session:
        session.cell(
            "import os\nfor _ in range(5):\n    if os.fork() == 0:\n        import time\n        time.sleep(600)",
            "<c>",
            30,
        )
        begun = _drivers() - before  # and perhaps some of another test beside this one, which end too
        assert len(begun) >= 6
    ends = time.monotonic() + 60
    while _drivers() & begun and time.monotonic() < ends:
        time.sleep(0.05)
    assert not _drivers() & begun


def _drivers() -> set[str]:
    """The numbers of the processes in which submissions run, here and in tests beside this one."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            parts = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"/course/driver.py" in parts and b"bwrap" not in parts[0] and b"setpriv" not in parts[0]:
            found.add(path.parent.name)
    return found


def test_what_is_secret_is_covered_under_every_name_it_is_bound_by(tmp_path: Path) -> None:
    real, link = tmp_path / "venv", tmp_path / "link"
    secret = real / "class" / "submissions"
    secret.mkdir(parents=True)
    (real / "book.db").write_text("")
    link.symlink_to(real)
    covered = module._covered([secret], [real, link])
    assert covered == [link / "class" / "submissions", real / "class" / "submissions"]
    assert module._covered([real / "book.db"], [real]) == [real]
    assert module._covered([tmp_path / "elsewhere"], [real]) == []
    assert module._covered([secret, secret.parent, secret / "x" / "y"], [real]) == [secret.parent]


def test_answers_are_covered_where_this_python_lies_in_a_checkout_of_the_course(
    box: Box, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``python -m venv .`` in the checkout makes the whole of it a part of this Python; and another copy may be installed."""
    checkout, packages = tmp_path / "checkout", tmp_path / "checkout" / "lib" / "site-packages"
    for name in (
        "solutions/quorum-math/quorum-math.ipynb",
        "src/x.py",
        "lib/site-packages/quorumlab/grading/x.py",
    ):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("an answer")
    shutil.copytree(Path(quorumlab.__file__).parent, checkout / "src" / "quorumlab")
    monkeypatch.setattr(module.quorumlab, "__file__", str(checkout / "src" / "quorumlab" / "__init__.py"))
    monkeypatch.setattr(module.site, "getsitepackages", lambda: [str(packages)])
    look = f"import os\ndef look():\n    return [os.path.join(p, n) for p, _, f in os.walk({str(checkout)!r}) for n in f]"
    monkeypatch.setattr(module.sys, "exec_prefix", str(checkout))
    with Session(sandbox([checkout / "class"]), Limits()) as session:
        assert session.cell(look, "<cell 1>", 30) is None
        assert session.call("look", "", (), 30) == []


def test_an_answer_that_is_none_ends_the_session(box: Box) -> None:
    planted = "import os\ndef f():\n    for n in range(3, 512):\n        try:\n            os.write(n, {line!r})\n        except OSError:\n            pass"
    lines = [
        b"5\n",
        b"null\n",
        b'{"n": true, "value": 1}\n',
        b'{"n": 3}\n',
        b'{"n": 3, "stopped": [1, 2]}\n',
        b'{"n": 3, "odd": 7}\n',
        b"\xff\n",
    ]
    for line in lines:
        with Session(box, Limits()) as session:
            session.cell(planted.format(line=line), "<c>", 30)
            with pytest.raises(EndedError, match="something else than answers"):
                session.call("f", "", (), 30)


def test_magics_do_nothing_and_await_works(box: Box) -> None:
    cells = [
        "%matplotlib inline\nx = 1", "!touch planted\ny = 2", "%%time\nz = 3", "import asyncio\nawait asyncio.sleep(0)\nw = 4",
        "%%bash\nexit 1", "x?", "display(x)", "get_ipython().set_next_input('x')", "from IPython import get_ipython as shell\nshell().run_line_magic('matplotlib', 'inline')\nv = 5", "def f():\n    return [x, y, z, w, v]",
    ]  # fmt: skip
    with Session(box, Limits()) as session:
        stopped = [session.cell(cell, f"<cell {n}>", 30) for n, cell in enumerate(cells)]
        assert stopped == [None] * len(cells), json.dumps([str(s) for s in stopped])
        assert session.call("f", "", (), 30) == [1, 2, 3, 4, 5]
