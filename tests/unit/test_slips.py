"""What a cell shows that has made a slip: its own line and one sentence, in a real IPython shell."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from quorumlab.slips import shorten

FROM_THE_START = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="nocolor")
shell.run_cell("import quorumlab as ql\\nql.quorum_size(0)")
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    made = InteractiveShell.instance(
        config=Config({"HistoryManager": {"enabled": False}, "InteractiveShell": {"colors": "nocolor"}})
    )
    made.run_cell("import quorumlab as ql")
    shorten()
    yield made
    InteractiveShell.clear_instance()


def shown(shell: InteractiveShell, cell: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert not shell.run_cell(cell).success
    return capsys.readouterr().out


def test_it_is_so_from_the_cell_on_that_imports_the_course(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", FROM_THE_START],
        env={**os.environ, "IPYTHONDIR": str(tmp_path)}, capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    assert "ValueError: n is 0" in told and "ql.quorum_size(0)" in told
    assert "quorumlab/" not in told


def test_a_shell_that_tells_errors_in_its_own_way_goes_on_to(shell: InteractiveShell) -> None:
    own = shell.custom_exceptions = (KeyError,)
    shorten()
    assert shell.custom_exceptions is own


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        ("ql.SimulatedCluster(3).crash('etcd9')", "ValueError: there is no member 'etcd9'; name one of etcd-1,"),
        ("def wrong():\n    return ql.quorum_size(True)\n\nwrong()", "TypeError: n is True (bool), but must be"),
        ("ql.Topology.from_yaml('x: [')", "ValueError: Line 1 is 'x: [', but etcd-cluster: must stand here"),
        ("ql.check('no-such-exercise', None)", "ValueError: "),
    ],
)  # fmt: skip
def test_a_slip_is_told_by_the_cells_own_lines_and_a_sentence(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, sentence: str
) -> None:
    told = shown(shell, cell, capsys)
    assert sentence in told and "----> " in told
    assert "quorumlab/" not in told and "During handling" not in told and "direct cause" not in told
    assert "quorumlab/" in shown(shell, "get_ipython().showtraceback()\n1 / 0", capsys)  # as %tb: all of it


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("def wrong():\n    return 1 / 0\n\nwrong()", "return 1 / 0"),
        ("import json\njson.loads('{')", "decoder.py"),
        ("from quorumlab.words import listed\nlisted(None)", "words.py"),  # nobody foresaw it
        ("def wrong(x): return 1 / 0\n\nql.SimulatedCluster(3).run_until(lambda: wrong(1), within=1)", "wrong(1)"),
    ],
)  # fmt: skip
def test_another_error_is_shown_with_all_its_lines(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], cell: str, line: str
) -> None:
    assert line in shown(shell, cell, capsys)


def test_the_cell_of_the_learners_function_is_shown_where_the_course_calls_it_and_it_slips(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = "c = ql.SimulatedCluster(3)\nc.run_until(lambda: c.crash('x'), within=1)"
    assert "c.run_until(lambda: c.crash('x'), within=1)" in shown(shell, cell, capsys)
