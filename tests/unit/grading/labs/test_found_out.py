"""Wrong answers that once earned all points: each is found out, whatever is asked.

The rules of ``test_rules`` are wrong where they part from the reference on what some seed asks. These did not part from it on any, so each
stands here by itself, with the case that a student would be right to complain of.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest

from quorumlab.course.labs.judging_histories import Op
from quorumlab.course.labs.multi_region import commit_time
from quorumlab.grading.histories import could_read, explains, over_before, r, w
from quorumlab.grading.judging import grade_function
from quorumlab.grading.labs.multi_region import among, restore_from
from tests.labs import task_of

SEEDS = [str(seed) for seed in range(6)]
History = Sequence[Op]


def neighbours_only(history: History, order: list[int]) -> bool:
    """Compares each operation's times with the next one's alone."""
    chosen = [history[place] for place in order]
    turned = any(over_before(later, sooner) for sooner, later in pairwise(chosen))
    return not turned and explains(history, order, lambda *_: False)


def open_reads_too(history: History, order: list[int]) -> bool:
    """Wants a read without an answer to have found what it would find."""
    value = 0
    for place in order:
        op = history[place]
        if op.kind == "read" and op.value != value:
            return False
        value = op.value if op.kind == "write" else value
    return explains(history, order)


def one_write_of_a_value(history: History, order: list[int]) -> bool:
    """Takes two writes of one value for the same write."""
    written = [history[place].value for place in order if history[place].kind == "write"]
    return len(set(written)) == len(written) and explains(history, order)


def open_anywhere(history: History, order: list[int]) -> bool:
    """Lets what was not answered stand before what was over when it was called."""
    return explains(history, order, lambda one, other: over_before(one, other) and other.returned is not None)


def earlier_in_the_list(history: History) -> list[int]:
    """Looks for newer writes only among those that stand before the read in the list."""
    return [
        place
        for place, read in enumerate(history)
        if read.kind == "read"
        and any(o.kind == "write" and o.value > read.value and over_before(o, read) for o in history[:place])
    ]


def last_of_a_value(history: History, invoked: float, returned: float) -> list[int]:
    """Keeps one write of each value, the last in the list."""
    writes = {o.value: o for o in history if o.kind == "write"}
    return could_read([*(o for o in history if o.kind == "read"), *writes.values()], invoked, returned)


def first_of_a_value(history: History, invoked: float, returned: float) -> list[int]:
    """Keeps one write of each value, the first in the list."""
    return last_of_a_value(history[::-1], invoked, returned)


def overwritten_alone(history: History, invoked: float, returned: float) -> list[int]:
    """Searches for no order: takes a write whose value was not overwritten, and not read otherwise, in between."""
    read = r(-1, invoked, returned)
    others = [o for o in history if o.returned is not None and over_before(o, read)]
    candidates = [w(0, -2, -1), *(o for o in history if o.kind == "write" and o.invoked <= returned)]

    def is_gone(one: Op) -> bool:
        return any(
            over_before(one, o) for o in others if o != one and (o.kind == "write" or o.value != one.value)
        )

    return sorted({o.value for o in candidates if not is_gone(o)})


def a_millisecond_at_home(voters: Any, rtt: Any) -> list[float] | None:
    """Takes two machines of one region to be 1 ms apart, whatever the table says."""
    trips = [rtt[a][b] for a in among(voters) for b in among(voters) if a != b]
    longest = max(trips, default=1.0)
    return [longest, 10 * longest] if longest <= 5000 else None


def alone_and_waiting(voters: Any, rtt: Any, leader: str) -> float:
    """Counts the leader's own copy as an answer from its region."""
    return float(sorted(rtt[leader][r] for r in voters for _ in range(voters[r]))[sum(voters.values()) // 2])


def at_once_if_alone_at(within: float) -> Callable[..., float]:
    """Right, but for a leader alone: that one waits, unless its region's round trip is this one."""

    def answer(voters: Any, rtt: Any, leader: str) -> float:
        alone = sum(voters.values()) == 1 and rtt[leader][leader] != within
        return float(rtt[leader][leader]) if alone else commit_time(voters, rtt, leader)

    return answer


def terms_as_entries(worth: int) -> Callable[..., str | None]:
    """Takes a term to be worth so many entries."""
    return lambda logs, lost: restore_from(logs, lost, lambda log: worth * log["term"] + log["index"])


WRONG: list[tuple[str, str, Callable[..., Any]]] = [
    *(("judging-histories", "explains", f) for f in (neighbours_only, open_reads_too, one_write_of_a_value, open_anywhere)),
    ("judging-histories", "stale-reads", earlier_in_the_list),
    *(("judging-histories", "could-read", f) for f in (last_of_a_value, first_of_a_value, overwritten_alone)),
    ("multi-region", "timers", a_millisecond_at_home),
    *(("multi-region", "commit-ms", f) for f in (alone_and_waiting, at_once_if_alone_at(1.0))),
    *(("multi-region", "restore-from", terms_as_entries(worth)) for worth in (100, 1000, 100_000)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "id", "wrong"), WRONG, ids=lambda value: getattr(value, "__name__", value))
def test_what_once_earned_all_points_is_found_out(name: str, id: str, wrong: Callable[..., Any]) -> None:
    task = task_of(name, id)
    for seed in SEEDS:
        result = grade_function(task, wrong, seed)
        assert result.points is not None and result.points < task.points, seed
        assert result.reason
