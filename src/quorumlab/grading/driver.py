"""Inside the sandbox: run a notebook's code cells, then call its functions with one case at a time, as the grader asks.

The grader speaks first, always: one JSON object a line, on a pipe of its own, and one line back, on another. Standard output is
not listened to. Nothing here decides anything: whatever the student's code does to this process changes the student's own answers only.

This file runs as a script, with the course's package on its path and ``quorumlab.grading`` hidden. Cells are executed as plain Python
and not in a Jupyter kernel: a kernel brings sockets, threads, and a specification that the notebook itself names; it costs a second for
each submission, and the answers are asked for as values anyway. IPython is loaded only to translate a cell with magics, which then do
nothing.
"""

import ast
import asyncio
import inspect
import json
import linecache
import os
import resource
import sys
from collections.abc import Callable, Mapping
from types import FunctionType, ModuleType
from typing import Any

MISSING = object()
MOST_WORDS = 300
QUIET_MAGICS = ("time", "timeit", "capture", "prun")
"""Cell magics whose cell is Python to be run; those of any other are left out."""


class Shell:
    """What ``get_ipython()`` gives: magics of a line do nothing, and those of a cell run the cell where it is Python."""

    def __init__(self, run: Callable[[str], None]) -> None:
        self._run = run

    def run_cell_magic(self, name: str, _line: str, cell: str) -> None:
        """Run the cell of a magic that only measures or silences it."""
        if name in QUIET_MAGICS:
            self._run(cell)

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_args, **_kwargs: None


class Notebook:
    """The names of a notebook, and its cells run in them one after the other."""

    def __init__(self) -> None:
        self.module = ModuleType("__main__")
        self.names = self.module.__dict__
        self.names.update(get_ipython=lambda: Shell(lambda cell: self.run(cell, "<cell>")), display=print)

    def run(self, source: str, name: str) -> None:
        """Run one cell; raises whatever it raises."""
        text = translated(source)
        if "get_ipython" in source and "IPython" in source:
            self.stand_in()
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        code = compile(text, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(eval(code, self.names))
        else:
            exec(code, self.names)

    def stand_in(self) -> None:
        """Give what a cell imports from IPython as ``get_ipython`` the same as what Jupyter gives it without."""
        import IPython
        from IPython.core import getipython

        IPython.get_ipython = getipython.get_ipython = self.names["get_ipython"]


def translated(source: str) -> str:
    """A cell as plain Python: magics, shell commands and questions as IPython translates them."""
    if not any(
        line.lstrip()[:1] in "%!?" or line.rstrip().endswith("?")
        for line in source.splitlines()
        if line.strip()
    ):
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    manager: Any = TransformerManager
    return str(manager().transform_cell(source))


def as_function(answer: Callable[..., Any], given: object) -> Callable[..., Any]:
    """What answers, as a function that stands for the student's own, so that an error is told with the student's line."""

    def own(*case: Any) -> Any:
        return answer(*case)

    if type(given) is FunctionType:
        own.__wrapped__ = given  # type: ignore[attr-defined]
    return own


def said(error: BaseException) -> str:
    """The words of an error, cut; an error may have none, or refuse to say them."""
    try:
        words = str(error)
    except BaseException:
        return ""
    return words[:MOST_WORDS] if type(words) is str else ""


def limit(limits: Mapping[str, int]) -> None:
    """Give this process, and all it starts, hard limits that it cannot raise again."""
    for name, most in limits.items():
        if hasattr(resource, name):  # some are Linux's alone, and so is the sandbox
            resource.setrlimit(getattr(resource, name), (most, most))


def main() -> None:
    """Answer the grader until it says no more."""
    asked = os.fdopen(int(sys.argv[1]), "rb")
    answers = int(sys.argv[2])
    sys.path.insert(0, sys.argv[3])
    from quorumlab.course.answers import Odd, Stopped
    from quorumlab.course.calls import outcome
    from quorumlab.course.selfcheck import answering, resolved

    notebook = Notebook()
    own, leave, write = os.getpid(), os._exit, os.write
    encode, decode = json.JSONEncoder(allow_nan=False).encode, json.JSONDecoder().decode

    def cell(request: dict[str, Any]) -> dict[str, Any]:
        sys.modules["__main__"] = notebook.module
        try:
            notebook.run(request["source"], request["name"])
        except BaseException as error:  # sys.exit() too ends a cell and nothing else
            return {"stopped": [type(error).__name__, said(error), None]}
        return {"ran": True}

    def call(request: dict[str, Any]) -> dict[str, Any]:
        given = notebook.names.get(request["function"], MISSING)
        if given is MISSING:
            return {"missing": True}
        try:
            got = outcome(
                as_function(answering(given, resolved(request["call"])), given), tuple(request["case"])
            )
        except NotImplementedError:
            return {"untried": True}
        except BaseException as error:
            return {"stopped": [type(error).__name__, said(error), None]}
        if type(got) is Stopped:
            return {"stopped": [got.type[:MOST_WORDS], got.words[:MOST_WORDS], got.line]}
        return {"odd": got.kind[:MOST_WORDS]} if type(got) is Odd else {"value": got}

    kinds = {"cell": cell, "call": call}
    for line in asked:
        request = decode(line.decode())
        if request["do"] == "limit":
            limit(request["limits"])
            reply: dict[str, Any] = {"ran": True}
        else:
            reply = kinds[request["do"]](request)
        if os.getpid() != own:
            leave(0)  # a copy of this process, made by the student's code, has nothing to say
        data = memoryview(encode({"n": request["n"], **reply}).encode() + b"\n")
        while data:
            data = data[write(answers, data) :]


if __name__ == "__main__":
    main()
