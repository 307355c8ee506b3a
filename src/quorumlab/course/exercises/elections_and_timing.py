"""Exercises of notebook 05."""

from collections.abc import Iterable, Sequence
from itertools import product
from random import Random

from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import quorum_size

Last = tuple[int, int]
"""The last entry of a log: its term, then its number."""


def vote_is_split(timeouts: Sequence[float], one_way: float, n: int) -> bool:
    """Whether a vote elects nobody (dissertation §9.2): ``timeouts`` are those of the living members, of ``n`` in all, in ms.

    The first to time out gets its own vote, and that of everyone whom its request reaches before they stand themselves. The others
    get no more than the first, so if it has no majority nobody has.
    """
    first = min(timeouts)
    votes = 1 + sum(t >= first + one_way for t in timeouts)
    return votes < quorum_size(n)


def grants_vote(
    term: int, voted_for: str | None, last: Last, candidate: str, its_term: int, its_last: Last
) -> bool:
    """Whether a member grants its vote (Raft paper, Figure 2, RequestVote RPC; §5.4.1 for the logs)."""
    if its_term < term:
        return False
    free = its_term > term or voted_for in (None, candidate)
    return free and its_last >= last


def _free(term: int, voted_for: str | None, candidate: str, its_term: int) -> bool:
    return its_term > term or (its_term == term and voted_for in (None, candidate))


def more_votes() -> Iterable[tuple[list[int], int, int]]:
    """Timeouts in every order, ties among them, some members having crashed; then more of them."""
    for alive in (2, 3):
        for after in product((0, 5, 10, 12, 20, 25), repeat=alive):
            yield from (([1100 + t for t in after], 10, n) for n in range(alive, 6))
    chance = Random("split-vote")
    for _ in range(400):
        alive = chance.randrange(3, 8)
        timeouts = [1000 + 5 * chance.randrange(12) for _ in range(alive)]
        yield timeouts, chance.choice((10, 20, 30)), chance.randrange(alive, min(2 * alive, 9))


def more_requests() -> Iterable[tuple[int, str | None, Last, str, int, Last]]:
    """Every vote of small terms and logs. Nobody's last entry is of a later term than its own."""
    logs = ((0, 0), (2, 9), (3, 6), (3, 7), (3, 8), (4, 2))
    for term, candidate in ((4, "etcd-2"), (5, "etcd-3"), (9, "etcd-2")):
        voted = (None, "etcd-2", "etcd-3")
        for voted_for, last, its_term, its_last in product(voted, logs, range(term - 2, term + 4), logs):
            if its_last[0] <= its_term:
                yield term, voted_for, last, candidate, its_term, its_last


EXERCISES = (
    Task(
        id="split-vote",
        parameters=("timeouts", "one_way", "n"),
        cases=(
            ([1100, 1300, 1500, 1700], 20, 5),
            ([1100, 1110, 1500, 1700], 20, 5),
            ([1100, 1110, 1115, 1700], 20, 5),
            ([1700, 1110, 1115, 1100], 20, 5),
            ([1700, 1500, 1110, 1100], 20, 5),
            ([1100, 1110, 1115, 1118], 20, 5),
            ([1100, 1115, 1130, 1145], 20, 5),
            ([1100, 1125, 1135, 1700], 20, 5),
            ([1100, 1120, 1300], 50, 5),
            ([1100, 1120], 10, 3),
            ([1100, 1105], 10, 3),
            ([1100, 1105, 1500], 10, 4),
            ([1100, 1105, 1106, 1500, 1600], 10, 5),
            ([1100, 1500, 1500], 20, 5),
            ([1100, 1100, 1500], 20, 4),
        ),
        reference=vote_is_split,
        misconceptions=(
            Misconception(
                "two candidates split",
                lambda timeouts, one_way, n: sorted(timeouts)[1] - min(timeouts) < one_way,
                "Two candidates do not always split a vote: the first may still have a majority with the votes of the others.",
            ),
            Misconception(
                "the candidate's own vote forgotten",
                lambda timeouts, one_way, n: (
                    sum(t >= min(timeouts) + one_way for t in timeouts) < quorum_size(n)
                ),
                "Where the first to stand has exactly a quorum of votes, its own counted among them, it has won; your function calls that split.",
            ),
            Misconception(
                "a majority of the living",
                lambda timeouts, one_way, n: (
                    1 + sum(t >= min(timeouts) + one_way for t in timeouts) < quorum_size(len(timeouts))
                ),
                "The majority is that of all n members; those that crashed still count.",
            ),
            Misconception(
                "neighbours compared",
                lambda timeouts, one_way, n: (
                    len(timeouts)
                    - sum(
                        b - a < one_way for a, b in zip(sorted(timeouts), sorted(timeouts)[1:], strict=False)
                    )
                    < quorum_size(n)
                ),
                "Measure from the first timeout of all. A member that times out just after the second has still heard the first, "
                "if the first asked early enough.",
            ),
            Misconception(
                "the list is sorted",
                lambda timeouts, one_way, n: (
                    1 + sum(t >= timeouts[0] + one_way for t in timeouts) < quorum_size(n)
                ),
                "The timeouts come in no order: the first to stand is the smallest.",
            ),
            Misconception(
                "a round trip",
                lambda timeouts, one_way, n: (
                    1 + sum(t >= min(timeouts) + 2 * one_way for t in timeouts) < quorum_size(n)
                ),
                "A request takes one way, not two: a member gives its vote when the request arrives, whenever the answer gets back.",
            ),
            Misconception(
                "only a tie at the same moment",
                lambda timeouts, one_way, n: timeouts.count(min(timeouts)) > 1,
                "Two need not stand at the very same moment: a request takes time to arrive, and until then others may stand.",
            ),
        ),
        hints=(
            "Who stands first, and when does its request arrive?",
            "Members that time out before it arrives vote for themselves. All others give it their vote.",
            "Count 1 + the others with a timeout of at least min(timeouts) + one_way, and compare with ql.quorum_size(n).",
        ),
        praise="What matters is whether the first to stand can still find a majority, not whether a second stands too.",
        further=more_votes,
    ),
    Task(
        id="grants-vote",
        parameters=("term", "voted_for", "last", "candidate", "its_term", "its_last"),
        cases=(
            (4, None, (3, 7), "etcd-2", 4, (3, 7)),
            (4, None, (3, 7), "etcd-2", 3, (3, 9)),
            (4, "etcd-3", (3, 7), "etcd-2", 4, (3, 7)),
            (4, "etcd-2", (3, 7), "etcd-2", 4, (3, 7)),
            (4, "etcd-3", (3, 7), "etcd-2", 5, (3, 7)),
            (4, None, (3, 7), "etcd-2", 5, (3, 6)),
            (4, None, (3, 7), "etcd-2", 5, (3, 8)),
            (4, None, (3, 7), "etcd-2", 5, (4, 2)),
            (4, None, (3, 7), "etcd-2", 5, (2, 9)),
            (4, "etcd-2", (3, 7), "etcd-2", 3, (3, 7)),
            (4, None, (3, 7), "etcd-2", 4, (3, 6)),
            (4, "etcd-2", (3, 7), "etcd-2", 4, (3, 6)),
            (4, "etcd-3", (3, 7), "etcd-2", 6, (3, 7)),
            (0, None, (0, 0), "etcd-2", 1, (0, 0)),
        ),
        reference=grants_vote,
        misconceptions=(
            Misconception(
                "the log ignored",
                lambda term, voted_for, last, candidate, its_term, its_last: _free(
                    term, voted_for, candidate, its_term
                ),
                "The logs are not compared: a candidate whose log lacks committed entries could lead, and delete them elsewhere.",
            ),
            Misconception(
                "only the length",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    _free(term, voted_for, candidate, its_term) and its_last[1] >= last[1]
                ),
                "The longer log is not always the newer one: an old leader may have written many entries that were never committed. "
                "The term of the last entry is compared first.",
            ),
            Misconception(
                "only the last term",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    _free(term, voted_for, candidate, its_term) and its_last[0] >= last[0]
                ),
                "Where the last entries have the same term, the longer log is the newer one.",
            ),
            Misconception(
                "strictly newer",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    _free(term, voted_for, candidate, its_term) and its_last > last
                ),
                "A log that is just as new is enough. Else equal members could never elect one of them.",
            ),
            Misconception(
                "two votes a term",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    its_term >= term and its_last >= last
                ),
                "A member has one vote in a term. With two, both candidates could find a majority in the same term.",
            ),
            Misconception(
                "an old term",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    (its_term > term or voted_for in (None, candidate)) and its_last >= last
                ),
                "A candidate of an older term asks too late for this vote; others may have elected a leader since.",
            ),
            Misconception(
                "a vote for life",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    its_term >= term and voted_for in (None, candidate) and its_last >= last
                ),
                "The vote in voted_for belongs to the member's own term. In a higher term the member has a new one.",
            ),
            Misconception(
                "a vote for life, never repeated",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    its_term >= term and voted_for is None and its_last >= last
                ),
                "The vote in voted_for belongs to the member's own term: in a higher term there is a new one, and in the same term the same candidate "
                "may ask for it again.",
            ),
            Misconception(
                "only in a higher term",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    its_term > term and its_last >= last
                ),
                "In the same term the vote may still be free, or be this candidate's already.",
            ),
            Misconception(
                "the log ignored in a higher term",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    its_term > term
                    or (its_term == term and voted_for in (None, candidate) and its_last >= last)
                ),
                "In a higher term your function does not compare the logs, so a candidate that lacks committed entries could lead. "
                "(In Python 'and' binds more tightly than 'or'.)",
            ),
            Misconception(
                "the log ignored in the same term",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    (its_term > term and its_last >= last)
                    or (its_term == term and voted_for in (None, candidate))
                ),
                "In the same term your function does not compare the logs, so a candidate that lacks committed entries could lead. "
                "(In Python 'and' binds more tightly than 'or'.)",
            ),
            Misconception(
                "both parts of the log",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    _free(term, voted_for, candidate, its_term)
                    and its_last[0] >= last[0]
                    and its_last[1] >= last[1]
                ),
                "You ask for a later or equal term and for as many entries; a later term alone makes a log the newer one.",
            ),
            Misconception(
                "either part of the log",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    _free(term, voted_for, candidate, its_term)
                    and (its_last[0] >= last[0] or its_last[1] >= last[1])
                ),
                "You let either part of its_last be enough; the number counts only where the terms are the same.",
            ),
            Misconception(
                "never repeated",
                lambda term, voted_for, last, candidate, its_term, its_last: (
                    its_term >= term and (its_term > term or voted_for is None) and its_last >= last
                ),
                "The candidate asks again if the answer was lost. To repeat the vote for the same candidate is safe.",
            ),
        ),
        hints=(
            "Three things can speak against a vote: the terms, the vote already cast, and the logs.",
            "A higher term brings a new vote. In the same term, voted_for must be None or this candidate.",
            "Pairs compare as Raft wants it: its_last >= last looks at the terms first, then at the numbers.",
        ),
        praise="These rules, a majority of votes, and votes kept on disk are all that elections need to be safe. No clock is in them.",
        further=more_requests,
    ),
)
