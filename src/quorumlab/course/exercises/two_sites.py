"""Exercises of notebook 08."""

from collections.abc import Iterable

from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import quorum_size


def sites_that_may_go(a: int, b: int) -> int:
    """How many of two sites with ``a`` and ``b`` members could be lost, one at a time, with writes going on.

    A loss is survived if the other site alone has a majority of all a + b, and both cannot: the two majorities would be disjoint.
    """
    return sum(left >= quorum_size(a + b) for left in (a, b))


def votes_in_the_third(a: int, b: int) -> int:
    """The fewest members in a third site, so that any one of the three may be lost: c + min(a, b) > max(a, b), so |a − b| + 1."""
    return abs(a - b) + 1


def may_lack(n: int, left: int) -> bool:
    """Whether ``left`` survivors of ``n`` may together lack a write that was acknowledged: a quorum fits among the n − left others."""
    return n - left >= quorum_size(n)


def pairs(least: int, most: int) -> Iterable[tuple[int, int]]:
    """Every two numbers of members from the one to the other."""
    return ((a, b) for a in range(least, most) for b in range(least, most))


EXERCISES = (
    Task(
        id="sites-that-may-go",
        parameters=("a", "b"),
        cases=(
            (2, 1),
            (3, 2),
            (2, 2),
            (1, 1),
            (1, 3),
            (2, 4),
            (3, 3),
            (1, 2),
            (4, 1),
            (5, 4),
            (2, 5),
            (3, 0),
            (0, 4),
        ),
        reference=sites_that_may_go,
        misconceptions=(
            Misconception(
                "the quorum is recounted",
                lambda a, b: sum(left > 0 for left in (a, b)),
                "This lets those who are left count only themselves. They do not: the lost members stay members, and a quorum is more than "
                "half of all a + b.",
            ),
            Misconception(
                "half is enough",
                lambda a, b: sum(2 * left >= a + b for left in (a, b)),
                "Half of all is not enough: if it were, both halves could go on, each without the other.",
            ),
            Misconception(
                "five cure two",
                lambda a, b: 2 if a + b >= 5 else int(a != b),
                "More members raise the quorum with them. With five it is three, and only one of the sites can hold three.",
            ),
            Misconception(
                "odd sums only",
                lambda a, b: (a + b) % 2,
                "An even number can be split unevenly: of 1 + 3 the single member may be lost, as three are a majority of four.",
            ),
            Misconception(
                "one more is not enough",
                lambda a, b: int(abs(a - b) >= 2),
                "A lead of one is a majority already: three of five is more than half.",
            ),
        ),
        hints=(
            "If site B is lost, a members are left. How many are needed?",
            "The need is ql.quorum_size(a + b), whoever is lost. Ask it of a, and of b.",
            "Count how many of a and b are at least ql.quorum_size(a + b).",
        ),
        praise="One if the sites differ, none if they are equal, and never two: that is the law of two sites.",
        further=lambda: ((a, b) for a, b in pairs(0, 25) if a + b),
    ),
    Task(
        id="third-site",
        parameters=("a", "b"),
        cases=((1, 1), (2, 2), (2, 1), (3, 2), (3, 3), (1, 3), (4, 1), (2, 5), (4, 4), (1, 2), (5, 4)),
        reference=votes_in_the_third,
        misconceptions=(
            Misconception(
                "the difference",
                lambda a, b: abs(a - b),
                "That makes the rest as strong as the bigger site, which is half of all and not more than half.",
            ),
            Misconception(
                "the old quorum",
                lambda a, b: max(1, quorum_size(a + b) - min(a, b)),
                "This fills up the quorum of a + b members. The new votes raise the quorum as well.",
            ),
            Misconception(
                "only made odd",
                lambda a, b: 1 if (a + b) % 2 == 0 else 2,
                "An odd total is not enough: beside 4 + 1, two more make seven, and without the four only three are left.",
            ),
            Misconception(
                "as many as the bigger",
                lambda a, b: max(a, b),
                "That works if the other site has a member, but fewer do: the smaller site votes as well.",
            ),
            Misconception(
                "as many as the smaller",
                lambda a, b: min(a, b),
                "How many the smaller site has does not settle it: what counts is by how much the bigger one leads.",
            ),
            Misconception(
                "the bigger is a",
                lambda a, b: max(1, a - b + 1),
                "Either site may be the bigger one: take the difference without its sign.",
            ),
            Misconception(
                "two more than the difference",
                lambda a, b: abs(a - b) + 2,
                "One fewer is enough already.",
            ),
        ),
        hints=(
            "Which of the sites is hardest to lose? Write down who is left without it.",
            "Without the bigger site, the smaller and the third together must outnumber it.",
            "min(a, b) + c has to be at least max(a, b) + 1.",
        ),
        praise="The rest must outnumber the biggest site. Equal sites need one more vote, and every vote of a lead costs one more.",
        further=lambda: pairs(1, 25),
    ),
    Task(
        id="may-lack",
        parameters=("n", "left"),
        cases=(
            (5, 2),
            (4, 2),
            (6, 3),
            (3, 1),
            (2, 1),
            (5, 1),
            (4, 1),
            (7, 3),
            (5, 3),
            (6, 2),
            (7, 2),
            (7, 4),
            (3, 2),
            (4, 3),
            (1, 1),
        ),
        reference=may_lack,
        misconceptions=(
            Misconception(
                "every loss may cost a write",
                lambda n, left: left < n,
                "A write is acknowledged only when a quorum has it. As long as the lost ones are no quorum, somebody who is left has it.",
            ),
            Misconception(
                "whatever is no quorum",
                lambda n, left: left < quorum_size(n),
                "Too few to write is not the same as too few to remember: two of four are no quorum, and every quorum of three has one of "
                "them in it.",
            ),
            Misconception(
                "the survivors turned round",
                lambda n, left: left >= quorum_size(n),
                "This asks whether those who are left are a quorum. Ask it of those who are lost: a write may be on them alone.",
            ),
            Misconception(
                "only a single survivor",
                lambda n, left: left == 1,
                "One survivor of two has every acknowledged write, and two survivors of five may lack some: count those who are gone.",
            ),
            Misconception(
                "fewer than half, rounded down",
                lambda n, left: left < n // 2,
                "Two of five may lack a write as well: the other three are a quorum.",
            ),
        ),
        hints=(
            "An acknowledged write is on a quorum. Which quorum would have to be lost, all of it?",
            "How many are lost? Could all those who had the write be among them?",
            "Compare n - left with ql.quorum_size(n).",
        ),
        praise="A write can be lost only if a whole quorum is. Half of an even cluster is none, so the other half remembers.",
        further=lambda: ((n, left) for n in range(1, 30) for left in range(1, n + 1)),
    ),
)
