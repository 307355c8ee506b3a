"""Which cells of a notebook define nothing new any more, so that no check judges a function that stands no longer on the page.

IPython tells what each cell did: one that stopped with an error before its ``def`` was reached (a syntax error too), and one that used
to define a name and does so no more. Outside IPython nothing is watched, and every function is as new as it looks.
"""

import re
from collections.abc import Mapping
from textwrap import dedent
from typing import Any

from quorumlab.course.remarks import an
from quorumlab.slips import running_shell
from quorumlab.words import listed

DEFINES = re.compile(r"\"{3}(?:.|\n)*?\"{3}|'{3}(?:.|\n)*?'{3}|^(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
"""A function at the margin, so no method; what stands in a longer text is passed over."""
UNREADABLE = (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError)
"""What the parser stops with, the last two where a text is nested too deep."""


def defined(text: str) -> list[str]:
    """The names of the functions that a cell defines, if it can be read or not, in the order they stand there."""
    # IPython takes away what all lines are indented by.
    return [name for name in DEFINES.findall(dedent(text)) if name]


class Cells:
    """What the cells that ran have made of each function's name.

    ``functions`` holds what a name stood for when a cell that writes it had last run, ``homes`` the cell that made it, ``stale`` the
    functions that a later run should have replaced and did not, with the reason.
    """

    def __init__(self) -> None:
        self.functions: dict[str, object] = {}
        self.homes: dict[str, str] = {}
        self.stale: dict[str, tuple[object, str]] = {}

    def ran(self, text: str, cell: str, error: str, names: Mapping[str, object]) -> None:
        """Take in one run of a cell: its text, its id ("" if unknown), the error it ended with ("" if none), the names there are now."""
        written = defined(text)
        own = [name for name, home in self.homes.items() if home == cell]
        for name in {*written, *own}:
            now = names.get(name)
            if now is not self.functions.get(name):
                self.functions[name] = now
                if cell:
                    self.homes[name] = cell
            elif error:
                self.stale[name] = now, _stopped(name, error)
            elif name not in written:
                self.stale[name] = now, _renamed(name, written)

    def why_stale(self, name: str, function: object) -> str:
        """Why this function (None: there is none) is not what the learner has written last; "" if it is."""
        before, why = self.stale.get(name, (self, ""))
        return why if function is before else ""


def _stopped(name: str, error: str) -> str:
    return (
        f"The cell with {name} stopped with {an(error)}, so there is no new function to judge. Correct that cell and run it, then run this "
        "one."
    )


def _renamed(name: str, others: list[str]) -> str:
    return (
        f"There is no new {name} to judge: its cell now defines {listed(others) if others else 'no function'}. This check looks for "
        f"{name}; write that name after def, run that cell, then run this one."
    )


_watched: tuple[Any, Cells] = (None, Cells())


def watch() -> Cells:
    """Listen to the notebook's cells from now on, once for each kernel; of those that ran before, their texts tell what did not run."""
    global _watched
    shell = running_shell()
    if shell is not _watched[0]:
        cells = Cells()
        if shell is not None:
            _read_earlier(cells, shell)
            shell.events.register("post_run_cell", lambda result: _told(cells, shell, result))
        _watched = shell, cells
    return _watched[1]


def _read_earlier(cells: Cells, shell: Any) -> None:
    *earlier, runs_now = getattr(shell.history_manager, "input_hist_raw", None) or [""]
    cells.functions = {name: shell.user_ns.get(name) for text in earlier for name in defined(text)}
    for text in earlier:
        for name in defined(text):
            cells.stale.pop(name, None)
        try:
            shell.compile.ast_parse(shell.transform_cell(text))
        except UNREADABLE as error:
            cells.ran(text, "", type(error).__name__, shell.user_ns)
    for name in defined(runs_now):  # it may have come as far as that, or not yet
        cells.functions.pop(name, None)
        cells.stale.pop(name, None)


def _told(cells: Cells, shell: Any, result: Any) -> None:
    if result is None:  # the run was cut short
        return
    error = result.error_before_exec or result.error_in_exec
    cell = getattr(result.info, "cell_id", None) or ""
    cells.ran(result.info.raw_cell, cell, type(error).__name__ if error else "", shell.user_ns)
