"""What stands in a learner's function, read from its code and, where it is known, from its text. Reading never runs it."""

import ast
import dis
import inspect
import linecache
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import CodeType, FunctionType, MethodType

from quorumlab.course.calls import codes_of, function_of

IN_PLACE = ("sort", "reverse", "append", "extend", "remove", "insert", "update", "add")
DATA = (int, float, str, list, tuple, set, dict, Fraction, Decimal)
PARAMETER_FLAGS = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


@dataclass(frozen=True)
class Reading:
    """What was found: an empty one for what cannot be read, such as a function that runs elsewhere."""

    takes: int | None = None
    """How many parameters it has, if that is one number."""
    left_over: tuple[str, ...] = ()
    """Names outside it that hold data, which it reads."""
    numbers: frozenset[int] = frozenset()
    """Whole numbers written in it."""
    xor: bool = False
    in_place: str = ""
    """A method that changes a list and gives None, whose None it uses."""
    prints: bool = False
    returns_in_first_round: bool = False


def read(answer: object) -> Reading:
    """What stands in a function."""
    function = function_of(answer)
    if function is None:
        return Reading()
    code = function.__code__
    codes = list(codes_of(code))
    tree = _tree(code)
    return Reading(
        takes=_takes(function, bound=type(answer) is MethodType),
        left_over=_left_over(function, codes),
        numbers=frozenset(c for one in codes for c in one.co_consts if type(c) is int),
        xor=any(
            i.argrepr in ("^", "^=") and i.opname == "BINARY_OP"
            for one in codes
            for i in dis.get_instructions(one)
        ),
        in_place=next(filter(None, map(_in_place, ast.walk(tree))), ""),
        prints=any("print" in one.co_names for one in codes),
        returns_in_first_round=any(map(_returns_in_first_round, ast.walk(tree))),
    )


def _takes(function: FunctionType, *, bound: bool) -> int | None:
    code = function.__code__
    if code.co_flags & PARAMETER_FLAGS or function.__defaults__ or code.co_kwonlyargcount:
        return None
    return code.co_argcount - bound


def _left_over(function: FunctionType, codes: Iterable[CodeType]) -> tuple[str, ...]:
    outside = dict.fromkeys(
        i.argval for one in codes for i in dis.get_instructions(one) if i.opname == "LOAD_GLOBAL"
    )
    return tuple(name for name in outside if type(function.__globals__.get(name)) in DATA)


def _tree(code: CodeType) -> ast.AST:
    """The text of a function as a tree; an empty one where it is not known, as for one of a loop of lambdas."""
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    try:
        return ast.parse(textwrap.dedent("".join(inspect.getblock(lines)))) if lines else ast.Module([], [])
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def _in_place(node: ast.AST) -> str:
    """The method, if a node uses what ``x.sort()`` gives."""
    if isinstance(node, ast.Return | ast.Assign | ast.Subscript | ast.For):
        value = node.iter if isinstance(node, ast.For) else node.value
        if (
            isinstance(value, ast.Call)
            and isinstance(value.func, ast.Attribute)
            and value.func.attr in IN_PLACE
        ):
            return value.func.attr
    return ""


def _returns_in_first_round(node: ast.AST) -> bool:
    """Whether a node is a ``for`` whose every way through ends the function before a second round."""
    if not isinstance(node, ast.For):
        return False
    goes_on = any(isinstance(inner, ast.Continue) for inner in ast.walk(node))
    return not goes_on and _always_returns(node.body)


def _always_returns(body: Iterable[ast.stmt]) -> bool:
    return any(
        isinstance(statement, ast.Return)
        or (
            isinstance(statement, ast.If)
            and _always_returns(statement.body)
            and _always_returns(statement.orelse)
        )
        for statement in body
    )
