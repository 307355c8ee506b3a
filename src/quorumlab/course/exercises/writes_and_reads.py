"""Exercises of notebook 04."""

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations_with_replacement, product
from random import Random

from quorumlab.course.exercise import Misconception, Task
from quorumlab.quorums import quorum_size

Rule = Callable[[Sequence[int], Sequence[int], int], int]


def if_current(index: int, log_terms: Sequence[int], current_term: int) -> int:
    """``index`` if its entry is of the leader's own term, else 0."""
    return index if index > 0 and log_terms[index - 1] == current_term else 0


def agreed_index(match_index: Sequence[int]) -> int:
    """The highest entry that a quorum has, given for each member the highest that it has: the quorum-th largest."""
    return sorted(match_index, reverse=True)[quorum_size(len(match_index)) - 1]


def half_have(match_index: Sequence[int]) -> int:
    """The highest entry that half of the members have, rounded down: one member short of a quorum."""
    return sorted(match_index, reverse=True)[max(len(match_index) // 2, 1) - 1]


def middle(match_index: Sequence[int]) -> int:
    """The middle of the list, counted from below: a quorum has it if their number is odd."""
    return sorted(match_index)[len(match_index) // 2]


def commit_index(match_index: Sequence[int], log_terms: Sequence[int], current_term: int) -> int:
    """The highest entry that a leader may commit by counting, or 0 for none (Raft §5.3, §5.4.2).

    Terms never fall along a log, so where the highest entry that a quorum has is of an earlier term, all before it are.
    """
    return if_current(agreed_index(match_index), log_terms, current_term)


def _checked(choose: Callable[[Sequence[int]], int]) -> Rule:
    """A rule that chooses an entry from ``match_index`` alone and then looks at its term."""
    return lambda match_index, log_terms, current_term: if_current(
        choose(match_index), log_terms, current_term
    )


def _unchecked(choose: Callable[[Sequence[int]], int]) -> Rule:
    """A rule that chooses an entry from ``match_index`` alone, whatever its term."""
    return lambda match_index, log_terms, current_term: choose(match_index)


def _off_by_one(match_index: Sequence[int], log_terms: Sequence[int], current_term: int) -> int:
    index = agreed_index(match_index)
    return index if log_terms[index] == current_term else 0


def more_leaders() -> Iterable[tuple[list[int], list[int], int]]:
    """What a leader may know: terms that never fall, none above its own, the leader first, with its whole log."""
    for length in (1, 2):
        for terms in combinations_with_replacement((1, 2, 3), length):
            for current, others in product(range(terms[-1], 5), range(4)):
                for rest in product(range(length + 1), repeat=others):
                    yield [length, *rest], list(terms), current
    chance = Random("commit-index")
    for _ in range(400):
        terms = tuple(sorted(chance.randrange(1, 4) for _ in range(chance.randrange(3, 8))))
        rest = tuple(chance.randrange(len(terms) + 1) for _ in range(chance.randrange(1, 7)))
        yield [len(terms), *rest], list(terms), chance.randrange(terms[-1], 5)


EXERCISES = (
    Task(
        id="commit-index",
        parameters=("match_index", "log_terms", "current_term"),
        cases=(
            ([3, 3, 2], [1, 1, 1], 1),
            ([7, 2, 6, 3, 5], [1, 1, 1, 1, 1, 1, 1], 1),
            ([4, 4, 1, 2], [1, 1, 1, 1], 1),
            ([6, 6, 2, 2, 6, 5], [1, 1, 3, 3, 3, 3], 3),
            ([2, 2, 2, 1, 1], [1, 2], 4),
            ([3, 2, 2, 1, 1], [1, 2, 4], 4),
            ([3, 3, 3, 1, 1], [1, 2, 4], 4),
            ([2, 2, 1], [1, 2], 3),
            ([2, 0, 0], [1, 1], 1),
            ([1], [1], 1),
        ),
        reference=commit_index,
        misconceptions=(
            Misconception(
                "the furthest member",
                _unchecked(max),
                "That is the member furthest ahead, usually the leader itself: an entry that one member has is lost with it.",
            ),
            Misconception(
                "the furthest member, term checked",
                _checked(max),
                "The term is right, but the largest number is that of a single member, and one copy is no quorum.",
            ),
            Misconception(
                "waits for everyone",
                _unchecked(min),
                "That is the member furthest behind: a write would wait for everyone, and one crash would stop all writes until that member is back.",
            ),
            Misconception(
                "waits for everyone, term checked",
                _checked(min),
                "The term is right, but the smallest number waits for the slowest member; a quorum is enough.",
            ),
            Misconception(
                "the average",
                _unchecked(lambda match_index: sum(match_index) // len(match_index)),
                "An average counts nobody: one member far ahead would move it, although no other has those entries.",
            ),
            Misconception(
                "term ignored",
                _unchecked(agreed_index),
                "The counting is right, but look at the term of that entry: one of an earlier term can still be overwritten.",
            ),
            Misconception(
                "half is enough",
                _checked(half_have),
                "That is one member too few: n // 2 is no majority. The leader's own number is in the list already, so do not add it again.",
            ),
            Misconception(
                "half is enough, term ignored",
                _unchecked(half_have),
                "Two things: n // 2 members are no majority, and an entry of an earlier term must not be committed by counting.",
            ),
            Misconception(
                "the middle of the list",
                _checked(middle),
                "The middle is right for odd n; for even n, counted from below, it is what only half of the members have.",
            ),
            Misconception(
                "the middle of the list, term ignored",
                _unchecked(middle),
                "Two things: for even n the middle is what only half have, and an entry of an earlier term must not be committed by counting.",
            ),
            Misconception(
                "leader counted twice",
                _checked(
                    lambda match_index: sorted(match_index, reverse=True)[quorum_size(len(match_index))]
                ),
                "That is one member too many: the leader's own number is in the list already, and Python counts from 0.",
            ),
            Misconception(
                "not sorted",
                _checked(lambda match_index: match_index[quorum_size(len(match_index)) - 1]),
                "The members stand in no order: sort match_index before you take a place in it.",
            ),
            Misconception(
                "leader not counted",
                _checked(
                    lambda match_index: sorted([*match_index[1:], 0, 0, 0], reverse=True)[
                        quorum_size(len(match_index)) - 1
                    ]
                ),
                "The leader counts too: its own copy is one of the quorum.",
            ),
            Misconception(
                "the last term too",
                lambda match_index, log_terms, current_term: (
                    index
                    if (index := agreed_index(match_index)) and log_terms[index - 1] >= current_term - 1
                    else 0
                ),
                "An entry of the term before is of an earlier term too, and can still be overwritten.",
            ),
            Misconception(
                "entries counted from 0",
                _off_by_one,
                "Entries are numbered from 1 and Python counts from 0: the term of entry i is log_terms[i - 1].",
            ),
        ),
        hints=(
            "Sort match_index from the largest down: which place in it tells what a quorum has?",
            "Then look up the term of that entry. Terms never fall along a log: if this one is too old, so are all before it.",
            "agreed = sorted(match_index, reverse=True)[ql.quorum_size(len(match_index)) - 1], and then its term.",
        ),
        praise="What a quorum has, and of the leader's own term. Where this gives less than is committed already, Raft keeps what is committed.",
        further=more_leaders,
    ),
)
