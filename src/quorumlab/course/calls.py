"""Calls of a learner's function: each with its own copy of the arguments, ended after some seconds, its errors told with their line."""

import linecache
import signal
import sys
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from types import CodeType, FrameType, FunctionType, MethodType, TracebackType
from typing import Any, Self

from quorumlab.course.answers import LONGEST_SHOWN, Endless, Stopped, plain, type_name

AGAIN_S = 0.05
"""A function that catches everything is interrupted again after this time."""


class TooLongError(BaseException):
    """A learner's function has used up its time; no Exception, so that an ``except Exception`` of theirs lets it pass."""


class Limit:
    """Within it, all calls together may take some seconds; then the one that is under way ends with ``TooLongError``.

    A timer of the system ends them where there is one, else a look at the clock at each line of theirs.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._calling = False
        self._timer = False

    def __enter__(self) -> Self:
        self._ends = time.monotonic() + self.seconds
        self._traced = sys.gettrace()
        try:
            self._handler = signal.signal(signal.SIGALRM, self._rings)
            self._other = signal.setitimer(signal.ITIMER_REAL, self.seconds, AGAIN_S)
            self._timer = True
        except (AttributeError, ValueError, OSError):
            pass  # Windows, a browser, or not the main thread
        return self

    def __exit__(self, *_: object) -> None:
        self._calling = False
        if self._timer:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self._handler)
            # Another timer, such as that of a test, goes on with what it had left.
            signal.setitimer(signal.ITIMER_REAL, *self._other)
        sys.settrace(self._traced)

    @property
    def over(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self._ends

    def call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """What the function gives; raises ``TooLongError`` once the time is over, even if the function hides that."""
        if not self._timer:
            sys.settrace(self._looks)
        self._calling = True
        try:
            given = function(*arguments)
        finally:
            self._calling = False
            if not self._timer:
                sys.settrace(self._traced)
        if time.monotonic() > self._ends:
            raise TooLongError
        return given

    def _rings(self, _signal: int, frame: FrameType | None) -> None:
        if not self._calling:
            return
        # Who catches this error without asking which it is meets it again at the next line.
        sys.settrace(self._looks)
        while frame is not None and frame.f_code is not Limit.call.__code__:
            frame.f_trace = self._looks
            frame = frame.f_back
        raise TooLongError

    def _looks(self, frame: FrameType, event: str, _argument: object) -> Any:
        # An error raised at the event of another error would be caught by the same except, and looking ends with it.
        late = event == "line" and self._calling and time.monotonic() > self._ends
        if late and frame.f_code is not Limit.call.__code__:
            raise TooLongError
        return self._looks


def outcome(function: Callable[..., Any], case: tuple[Any, ...], limit: Limit | None = None) -> Any:
    """What a function gives for its own copy of a case, as a plain value, or what it came to instead.

    NotImplementedError and KeyboardInterrupt pass.
    """
    arguments = deepcopy(case)
    try:
        return plain(limit.call(function, arguments) if limit else function(*arguments))
    except (NotImplementedError, KeyboardInterrupt):
        raise
    except TooLongError:
        return Endless(limit.seconds if limit else 0)
    except BaseException as error:  # a learner's sys.exit() too must end nothing but the call
        return Stopped(type_name(error), _words(error, limit), _line(function, error.__traceback__))


def _words(error: BaseException, limit: Limit | None) -> str:
    try:
        words = limit.call(str, (error,)) if limit else str(error)
        return words if type(words) is str else ""
    except KeyboardInterrupt:
        raise
    except BaseException:  # an error of theirs may have no words
        return ""


def function_of(answer: object) -> FunctionType | None:
    """The function that was written, also where a method or a decorator holds it; None for anything else, which is not asked."""
    for _ in range(10):  # wrappers may go in a circle
        if type(answer) is FunctionType and "__wrapped__" not in answer.__dict__:
            return answer
        if type(answer) is MethodType:
            answer = answer.__func__
        elif type(answer) in (FunctionType, type(cache(int))):
            answer = answer.__wrapped__  # type: ignore[attr-defined]
        else:
            return None
    return None


def codes_of(code: CodeType) -> Iterator[CodeType]:
    """A code and all that are written inside it: comprehensions, lambdas, inner functions."""
    yield code
    for constant in code.co_consts:
        if type(constant) is CodeType:
            yield from codes_of(constant)


def _line(function: object, traceback: TracebackType | None) -> tuple[int, str] | None:
    """The number, counted from the function's first line, and the text of the innermost line of a function that was being run."""
    written = function_of(function)
    if written is None:
        return None
    code = written.__code__
    own, found = set(codes_of(code)), None
    while traceback is not None:
        if traceback.tb_frame.f_code in own:
            found = traceback.tb_lineno
        traceback = traceback.tb_next
    if found is None:
        return None
    return found - code.co_firstlineno + 1, linecache.getline(code.co_filename, found).strip()[:LONGEST_SHOWN]
