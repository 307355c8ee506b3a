"""Commits, costs and survivals by arithmetic."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorumlab.quorums import commit_time, outlives_any_leader, request_cost


def may_win_without_it(members: int, copies: int) -> bool:
    """Whether some survivor without the write finds a majority of voters that do not have it either, one by one."""
    has_it = [n < copies for n in range(members)]
    survivors = range(1, members)  # member 0 was the leader
    return any(
        2 * sum(not has_it[voter] for voter in survivors) > members for n in survivors if not has_it[n]
    )


@pytest.mark.parametrize(("members", "copies"), [(n, c) for n in range(1, 10) for c in range(1, n + 1)])
def test_a_write_outlives_any_leader_if_nobody_without_it_can_win(members: int, copies: int) -> None:
    assert outlives_any_leader(members, copies) == (not may_win_without_it(members, copies))


TIMES = st.lists(st.integers(0, 40), min_size=1, max_size=9)


def first_with_more_than_half(times: list[int]) -> int:
    """Asked ms by ms: by when have more than half answered?"""
    return next(now for now in range(41) if 2 * sum(time <= now for time in times) > len(times))


@given(TIMES)
def test_a_write_is_committed_when_more_than_half_have_it(times: list[int]) -> None:
    assert commit_time(times) == first_with_more_than_half(times)


@given(st.lists(st.integers(0, 20), max_size=8), st.integers(0, 20))
def test_a_request_costs_what_it_waits_for(rtts: list[int], disk: int) -> None:
    a_write = first_with_more_than_half([disk, *(rtt + disk for rtt in rtts)])
    a_round = first_with_more_than_half([0, *rtts])
    assert request_cost("write", rtts, disk) == [a_write, *(rtt + a_write for rtt in rtts)]
    assert request_cost("linearizable read", rtts, disk) == [a_round, *(rtt + a_round for rtt in rtts)]
    assert request_cost("serializable read", rtts, disk) == [0] * (len(rtts) + 1)


def test_request_costs_refuse_unknown_requests_and_numbers() -> None:
    with pytest.raises(ValueError, match="'lease read' is unknown; choose one of write"):
        request_cost("lease read", (1, 2))  # type: ignore[arg-type]


def test_nobody_to_acknowledge_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        commit_time([])


def test_times_may_stand_in_a_dict_by_member() -> None:
    assert commit_time({"etcd-1": 2, "etcd-2": 80, "etcd-3": 3}.values()) == 3


@pytest.mark.parametrize("times", [{2, 3, 80}, (t for t in (2, 3)), {"etcd-1": 2}, count()])
def test_equal_times_are_not_lost_and_an_end_is_waited_for_only_where_there_is_one(times: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^the acknowledgements are .* must be a list; write for example \[5, 12"
    ):
        commit_time(times)


@pytest.mark.parametrize("times", [[-1, 2, 3], [float("nan"), 1, 2], [float("inf")]])
def test_times_that_cannot_be_are_refused(times: list[float]) -> None:
    with pytest.raises(
        ValueError, match=r"an acknowledgement is .+ ms, but must be a finite number, 0 ms or more"
    ):
        commit_time(times)
    with pytest.raises(ValueError, match=r"a round trip is .+ ms"):
        request_cost("write", times)
