"""Crashes and cuts, against the arithmetic."""

import pytest

from quorumlab.experiments import crash_table, sides_that_write, writes_survive
from quorumlab.quorums import fault_tolerance


def test_writes_survive_as_the_arithmetic_says():
    table = crash_table(range(1, 8))
    for size, survives in table.items():
        assert survives == [crashed <= fault_tolerance(size) for crashed in range(size + 1)]
    with pytest.raises(ValueError, match="must be a whole number from 0 to 3"):
        writes_survive(3, 4)


def test_only_a_side_with_a_majority_writes():
    assert sides_that_write((3, 2)) == [True, False]
    assert sides_that_write((2, 2)) == [False, False]
    assert sides_that_write((2, 3, 2)) == [False, False, False]
    assert sides_that_write((1, 4)) == [False, True]
