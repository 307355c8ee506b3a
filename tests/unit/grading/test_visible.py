"""What is said of a function that is wrong in a case which the student can see, and nowhere else."""

from typing import Any

from quorumlab.grading.judging import grade_function
from quorumlab.grading.lab import GradedTask, Part

TWICE = GradedTask(
    id="twice",
    title="Twice",
    function="twice",
    parameters=("n",),
    visible=((1,), (2,)),
    parts=(Part("more", 2, lambda chance: [(3,), (chance.randrange(4, 99),)]),),
    reference=lambda n: 2 * n,
    praise="",
)


def wrong_at(*where: int) -> Any:
    return lambda n: 2 * n + (n * n if n in where else 0)


def test_who_is_wrong_in_a_visible_case_alone_is_told_that_case() -> None:
    result = grade_function(TWICE, wrong_at(2))
    assert (result.points, result.parts) == (2, ("more",))
    assert "For n = 2 the answer is 4, and yours is 8." in result.reason and result.reason == result.shown


def test_who_is_wrong_elsewhere_is_not_told_the_input() -> None:
    for where in ((3,), (2, 3)):
        result = grade_function(TWICE, wrong_at(*where))
        assert result.points == 0 and "In a case that is not shown your answer is not right." in result.reason
    assert "For n = 2 the answer is 4" in result.shown
