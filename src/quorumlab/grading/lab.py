"""A graded lab: its tasks, what is asked openly and what only when it is graded, and the right answers.

A student's process sees inputs and gives answers, one at a time, as plain JSON values; everything here stays with the grader. What
the student's own machine needs for the visible cases is made of it by ``visible_half``, and holds nothing that is hidden.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from quorumlab.course.exercise import Misconception

Case = tuple[Any, ...]
"""The arguments of one call, as JSON values: None, booleans, numbers, strings, lists, and maps with strings for keys."""
Facts = Mapping[str, Any]
"""What is a student's own in a lab, drawn from the student's id: names and numbers that the text tells."""


@dataclass(frozen=True)
class Part:
    """Hidden cases that are worth points together: all of them right, or none of the points.

    ``cases`` draws them from a generator of random numbers, so that no two submissions need to be asked the same. ``name`` stands in
    feedback and must not give an input away.
    """

    name: str
    points: float
    cases: Callable[..., Iterable[Case]]


@dataclass(frozen=True)
class GradedTask:
    """A function to write, graded by what it answers.

    ``id`` is the nbgrader id of the answer's cell, and ``id-check`` that of its check, which carries the points. ``function`` is the
    name that the notebook defines (for a task without parameters it may also hold the answer itself, such as a text).

    ``reference(*case)`` gives a right answer. Where many answers are right, ``fault`` names a function of the student's half,
    ``"module:function"``, called with ``(expected, got, *case)``: an empty text for a right answer, else what is wrong with it.

    ``call`` names a function of the student's half, ``"module:function"``, that runs in the student's process as
    ``call(function, *case)``: it turns JSON into the arguments that the student's function takes (a rule, a cluster) and the
    answer back into JSON. Without one the function is called as ``function(*case)``.

    ``personal`` tasks depend on the student's facts: ``reference(*case, facts)``, and the same for what misconceptions give; ``visible``
    is then a function of the facts, and each part's ``cases`` takes them as a second argument. ``board`` measures a right answer for the list of
    the shortest in the report, less being better. ``seconds`` is the time for all cases together.
    """

    id: str
    title: str
    function: str
    parameters: tuple[str, ...]
    visible: tuple[Case, ...] | Callable[[Facts], Iterable[Case]]
    parts: tuple[Part, ...]
    reference: Callable[..., Any]
    praise: str
    misconceptions: tuple[Misconception, ...] = ()
    hints: tuple[str, ...] = ()
    fault: str = ""
    call: str = ""
    personal: bool = False
    board: Callable[[Any], float] | None = None
    seconds: float = 10

    @property
    def points(self) -> float:
        """The points of all parts."""
        return sum(part.points for part in self.parts)

    def visible_of(self, facts: Facts) -> tuple[Case, ...]:
        """The visible cases, for a student with these facts."""
        return tuple(self.visible(facts)) if callable(self.visible) else self.visible


@dataclass(frozen=True)
class Essay:
    """A task that a person reads: ``rubric`` has a line and its points for each thing to look for."""

    id: str
    title: str
    rubric: tuple[tuple[str, float], ...]

    @property
    def points(self) -> float:
        """The points of all lines of the rubric."""
        return sum(points for _, points in self.rubric)


@dataclass(frozen=True)
class Lab:
    """A lab, found by its name, which is that of its folder and its notebook. ``facts`` draws what is a student's own, and
    ``told`` says it: ``{{name}}`` in the notebook's text stands for what ``told[name]`` makes of the facts."""

    name: str
    title: str
    tasks: tuple[GradedTask | Essay, ...]
    facts: Callable[[Random], Facts] | None = None
    told: Mapping[str, Callable[[Facts], str]] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The points of all tasks."""
        return sum(task.points for task in self.tasks)

    @property
    def graded(self) -> tuple[GradedTask, ...]:
        """The tasks that are graded by what a function answers."""
        return tuple(task for task in self.tasks if isinstance(task, GradedTask))

    def facts_of(self, student: str) -> Facts:
        """What is this student's own; the empty id has what the lab shows without variants. The same id has the same facts."""
        return self.facts(Random(f"{self.name}/{student}")) if self.facts else {}
