"""Timeouts and elections by arithmetic, against published figures and computations made another way."""

import math

import pytest

from quorumlab.timing import (
    bills,
    expected_election_time,
    expected_ms,
    split_vote_probability,
    tuning,
    works_for,
)


def test_published_split_vote_probabilities():
    """Dissertation §9.2: range 100 ms, one-way 1, 10 and 20 ms: 0.06 %, 5.2 % and 18.1 %."""
    assert split_vote_probability(5, 4, 0.01) == pytest.approx(0.0006, abs=5e-5)
    assert split_vote_probability(5, 4, 0.1) == pytest.approx(0.0523, abs=5e-5)
    assert split_vote_probability(5, 4, 0.2) == pytest.approx(0.181, abs=5e-4)
    assert split_vote_probability(1, 1, 0.5) == 0
    assert split_vote_probability(5, 4, 0) == 0


def test_what_needs_a_decision_stops_at_once_and_what_was_read_goes_on() -> None:
    lasts = works_for(lease_s=10, copy_s=60)
    assert list(lasts.values()) == [0, 0, 10, 60, math.inf]
    assert [a for a, s in lasts.items() if s == 0] == ["take a new lock", "start up and read settings"]


@pytest.mark.parametrize("lease", [1, 10, 60.5])
@pytest.mark.parametrize("asleep", [0, 9.99, 10, 60.5, 1000])
def test_a_lock_alone_never_stops_a_late_bill_and_a_growing_number_always_does(asleep, lease) -> None:
    sent = bills(asleep, lease, checks=False)
    assert all(bill.taken for bill in sent) and len(sent) == (2 if asleep >= lease else 1)
    checked = bills(asleep, lease, checks=True)
    assert sum(bill.taken for bill in checked) == 1
    numbers = [bill.number for bill in checked if bill.taken]
    assert max(bill.number for bill in checked) in numbers


def test_no_lease_of_no_time() -> None:
    with pytest.raises(ValueError, match="the lease is 0 s"):
        bills(5, 0, checks=True)


def test_a_timeout_of_100_ms_splits_two_votes_in_five_at_a_round_trip_of_70() -> None:
    """So says the question `timers-for-70`."""
    assert 0.4 < split_vote_probability(5, 4, 35 / 100) < 0.45


def test_no_time_is_foreseen_within_a_round_trip() -> None:
    with pytest.raises(ValueError, match="choose a timeout above 190 ms"):
        expected_ms(190, 190, 4)


def test_the_defaults_suit_round_trips_up_to_100_ms() -> None:
    good = [rtt for rtt in range(1, 200) if tuning(rtt, 100, 1000)[1].verdict == "as advised"]
    assert good == list(range(1, 101))


@pytest.mark.parametrize("times", [(0, 100, 1000), (10, -1, 1000), (10, 100, 0)])
def test_tuning_refuses_times_that_are_none(times: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="above 0 ms"):
        tuning(*times)


def test_wrong_questions():
    with pytest.raises(ValueError, match="alive=2 of 5 cannot elect; choose 3 to 5"):
        split_vote_probability(5, 2, 0.1)
    with pytest.raises(ValueError, match=r"latency, a fraction of the timeout range, is 1\.5"):
        split_vote_probability(5, 4, 1.5)
    with pytest.raises(ValueError, match="every vote is split"):
        expected_election_time(5, 4, 1.0)
    with pytest.raises(ValueError, match="the lease is -1 s"):
        works_for(-1, 60)
    with pytest.raises(ValueError, match="the copy is nan s"):
        works_for(5, math.nan)
