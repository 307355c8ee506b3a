"""What can be said of a wrong answer without knowing its task: of its form, of the kind of its values, of its numbers.

Each remark is true of the function it is made of: it states what the function does on the inputs that were tried, or what stands in
its text. The first that applies is made; none is a guess.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from quorumlab.course.answers import Odd, Stopped, is_number, same, shown
from quorumlab.course.reading import Reading, read

Lists = (list, tuple, set, frozenset, dict)


@dataclass(frozen=True)
class Call:
    """One call of a learner's function: its arguments, the right answer, and what it came to, as a plain value.

    Where many answers are right, ``fault`` says what is wrong with this one: an empty text if nothing is.
    """

    case: tuple[Any, ...]
    expected: Any
    got: Any
    fault: str | None = None

    @cached_property
    def right(self) -> bool:
        """Whether what came is what is right."""
        return same(self.expected, self.got) if self.fault is None else not self.fault

    @cached_property
    def at_the_edge(self) -> bool:
        """Whether this is the smallest input there is, which shows little: lists of one, or no number above 1."""
        lists = [value for value in self.case if type(value) is list]
        numbers = [value for value in self.case if type(value) is int]
        return any(len(entries) <= 1 for entries in lists) or (not lists and max(numbers, default=2) <= 1)


def of_its_form(
    answer: Callable[..., Any],
    parameters: Sequence[str],
    calls: Sequence[Call],
    *,
    may_be_constant: bool = False,
) -> str:
    """What is so before any idea behind the answer can be looked for; an empty text if nothing is."""
    code = read(answer)
    return _nothing(code, calls) or _text(code, calls) or ("" if may_be_constant else _constant(calls))


def of_its_values(calls: Sequence[Call]) -> str:
    """What kind of value is asked for, where another comes; a known misconception may say it better."""
    return _kinds(calls)


def of_its_numbers(
    answer: Callable[..., Any], parameters: Sequence[str], calls: Sequence[Call], again: Any
) -> str:
    """What an answer shows that no known misconception explains; ``again`` is what the first wrong call gives when repeated."""
    code = read(answer)
    return (
        _left_over(code, parameters, calls)
        or _changing(calls, again)
        or _truths(calls)
        or _probabilities(calls)
        or _whole_numbers(calls)
        or _off_by_one(calls)
        or _one_size(code, parameters, calls)
        or _only_the_smallest(parameters, calls)
    )


def _nothing(code: Reading, calls: Sequence[Call]) -> str:
    # Where None is right for some input, it may be meant.
    if not all(call.got is None and not call.right for call in calls):
        return ""
    if code.in_place:
        return f"Your function gives nothing back: .{code.in_place}() changes the list itself and gives None; end with return and the value."
    if code.prints:
        return "Your function prints its answer and gives nothing back; end it with return and the value."
    return "Your function gives nothing back; end it with return and the value."


def _text(code: Reading, calls: Sequence[Call]) -> str:
    """What stands in the function's text and is never meant."""
    stopped = [call.got for call in calls if type(call.got) is Stopped]
    if code.returns_in_first_round:
        return "The return inside your loop ends it in its first round; move it to the left, so that it stands after the loop."
    if code.xor:
        return "In Python ^ is no power (it compares bits); write ** for a power."
    if code.in_place and any("NoneType" in got.words for got in stopped):
        instead = "; sorted(…) gives a sorted list" if code.in_place == "sort" else ""
        return f"Calling .{code.in_place}() changes the list itself and gives None{instead}."
    if code.takes is not None and all(type(call.got) is Stopped and not call.got.line for call in calls):
        asked, taken = len(calls[0].case), code.takes
        if asked != taken:
            return f"Your function has {_count(taken, 'parameter')}, and is called with {_count(asked, 'argument')}."
    return ""


def _count(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"


def _kinds(calls: Sequence[Call]) -> str:
    """What kind of value is asked for, where another comes."""
    for call in calls:
        if call.right or type(call.got) is type(call.expected):
            continue
        asked = _asked(call.expected)
        if type(call.got) is Odd:
            return f"Your function gives {an(call.got.in_words)}; give {asked}."
        if call.got is None:
            return "For some inputs your function gives nothing back: one of its ways ends without a return."
        if call.expected is None:
            continue  # that None is the answer says more than of what kind it is
        if type(call.got) is str:
            return f"Your function gives a text where {asked} is asked for; leave out quotes, str and format."
        if type(call.got) in Lists:
            return f"Your function gives a {type(call.got).__name__} where {asked} is asked for; which one value is the answer?"
        if is_number(call.got) and type(call.expected) is bool:
            return "Answer True or False, as a comparison such as 2 > 1 does; a number is neither."
        if type(call.got) is bool:
            return f"Your function gives {call.got} where {asked} is asked for; a comparison gives True or False, never a number."
    return ""


def _asked(expected: object) -> str:
    if expected is None:
        return "None"
    if type(expected) is bool:
        return "True or False"
    return "a plain number" if is_number(expected) else f"a plain {type(expected).__name__}"


def an(word: str) -> str:
    """The word with its article."""
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def _constant(calls: Sequence[Call]) -> str:
    first = calls[0].got
    if (
        len(calls) < 2
        or calls[0].fault is not None
        or type(first) is Stopped
        or not all(same(first, call.got) for call in calls)
    ):
        return ""
    said = f"Your function gives {shown(first)} for every input that was tried"
    return f"{said}; does it end with return and the value?" if first is None else f"{said}."


def _left_over(code: Reading, parameters: Sequence[str], calls: Sequence[Call]) -> str:
    if not code.left_over:
        return ""
    names = " and ".join(code.left_over)
    return (
        f"Your function reads {names} from an earlier cell, which stays the same whatever {' and '.join(parameters)} "
        f"{'is' if len(parameters) == 1 else 'are'}."
    )


def _changing(calls: Sequence[Call], again: Any) -> str:
    before = next((call.got for call in _telling(calls)), None)
    if not (is_number(before) and is_number(again)) or same(before, again):
        return ""
    return "Your function gives another answer each time; compute it exactly, without trying it out."


def _telling(calls: Sequence[Call]) -> list[Call]:
    """The wrong calls, the most telling first."""
    return sorted((call for call in calls if not call.right), key=lambda call: call.at_the_edge)


def _truths(calls: Sequence[Call]) -> str:
    if all(type(call.expected) is bool and call.got is (not call.expected) for call in calls):
        return "Your function always says the opposite of what is right."
    return ""


def _probabilities(calls: Sequence[Call]) -> str:
    if not all(type(call.expected) is float and 0 <= call.expected <= 1 for call in calls):
        return ""
    pairs = [(call.expected, float(call.got)) for call in calls if is_number(call.got)]
    if len(pairs) == len(calls) and all(same(100 * expected, got) for expected, got in pairs):
        return "Your function gives percent; a probability lies between 0 and 1."
    outside = next((got for _, got in pairs if not 0 <= got <= 1), None)
    if outside is not None:
        return f"A probability lies between 0 and 1, and your function gives {outside:.4g}."
    if len(pairs) == len(calls) and any(
        all(got == round(expected, digits) for expected, got in pairs) for digits in range(2, 9)
    ):
        return "Your function rounds; leave the number as it is."
    return ""


def _whole_numbers(calls: Sequence[Call]) -> str:
    if not all(type(call.expected) is int for call in calls):
        return ""
    broken = next((c.got for c in calls if is_number(c.got) and c.got != c.got // 1), None)
    if broken is None:
        return ""
    return f"The answer is always a whole number, and your function gives {shown(broken)}; // divides and rounds down."


def _off_by_one(calls: Sequence[Call]) -> str:
    if not all(type(call.expected) is int and is_number(call.got) for call in calls):
        return ""
    by = {call.got - call.expected for call in calls}
    if by == {1} or by == {-1}:
        return f"Each of your answers is one too {'large' if by == {1} else 'small'}."
    return ""


def _one_size(code: Reading, parameters: Sequence[str], calls: Sequence[Call]) -> str:
    """A number that may stand for one size is in the function, which is right for that size."""
    for position, name in enumerate(parameters):
        sizes = [_size(call.case[position]) for call in calls]
        for size in sorted(code.numbers & {s for s in sizes if s and s > 2}):
            if all(call.right for call, own in zip(calls, sizes, strict=True) if own == size):
                of = (
                    f"{name} = {size}"
                    if type(calls[0].case[position]) is int
                    else f"{size} entries in {name}"
                )
                return f"Your function is right for {of}, and has the number {size} in it. If that stands for the size, take it from {name}."
    return ""


def _size(value: object) -> int | None:
    if type(value) is list:
        return len(value)
    return value if type(value) is int else None


def _only_the_smallest(parameters: Sequence[str], calls: Sequence[Call]) -> str:
    wrong, right = [call for call in calls if not call.right], [call for call in calls if call.right]
    if len(calls) < 4 or not all(call.at_the_edge for call in wrong):
        return ""
    if any(_no_larger(less.case, call.case) for less in right for call in wrong):
        return ""
    return "All is right but for the smallest input; go through it by hand."


def _no_larger(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether no number and no list of one input is larger than that of the other; probabilities have no size."""
    return all((_size(mine) or 0) <= (_size(its) or 0) for mine, its in zip(one, other, strict=True))
