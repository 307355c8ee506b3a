"""A slip in a cell is told by the learner's own line and one sentence, without the lines of the course that found it.

Only for what the course raises on purpose: an error inside it that nobody foresaw is shown with all its lines.
"""

import linecache
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

PACKAGE = f"{Path(__file__).resolve().parent}{os.sep}"


def running_shell() -> Any:
    """The IPython shell of the notebook that runs this, or None."""
    ipython = sys.modules.get("IPython")  # a kernel has loaded it
    return ipython.get_ipython() if ipython else None


def shorten() -> None:
    """Have the notebook that runs this, if one does, show errors so from now on; ``%tb`` still shows every line."""
    shell = running_shell()
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((Exception,), _show)


def _show(
    shell: Any,
    kind: type[BaseException],
    error: BaseException,
    lines: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    own = own_lines(lines, shell.user_ns)
    if own is None:
        shell.showtraceback((kind, error, lines), tb_offset=tb_offset)
        return
    cause, silent = error.__cause__, error.__suppress_context__
    error.__cause__ = None  # what led to the sentence is in it
    try:
        shell.showtraceback((kind, error, own), tb_offset=tb_offset)
    finally:
        error.__cause__, error.__suppress_context__ = cause, silent
    sys.last_traceback = lines  # which %tb shows


def own_lines(lines: TracebackType | None, cells: dict[str, Any]) -> TracebackType | None:
    """The lines of a traceback down to the last one of a cell, whose globals are ``cells``; None if the course did not raise it by a
    ``raise`` of its own, or no cell had a part in it."""
    nodes = []
    while lines is not None:
        nodes.append(lines)
        lines = lines.tb_next
    if not nodes or not _raised_here(nodes[-1]):
        return None
    last = max((i for i, node in enumerate(nodes) if node.tb_frame.f_globals is cells), default=None)
    own = None
    for node in reversed(nodes[: 0 if last is None else last + 1]):
        own = TracebackType(own, node.tb_frame, node.tb_lasti, node.tb_lineno)
    return own


def _raised_here(node: TracebackType) -> bool:
    code = node.tb_frame.f_code
    line = linecache.getline(code.co_filename, node.tb_lineno).strip()
    return code.co_filename.startswith(PACKAGE) and line.startswith("raise ")
