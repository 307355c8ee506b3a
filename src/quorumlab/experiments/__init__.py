"""Experiments, each written once against the verbs of ``quorumlab.cluster``, so that it runs on simulation
and on real etcd alike; and the formulas they are held against.
"""

from quorumlab.experiments.crashes import crash_table, sides_that_write, write_with_retry, writes_survive
from quorumlab.experiments.elections import (
    Election,
    elections,
    expected_election_time,
    split_vote_probability,
)
from quorumlab.experiments.figure_16 import election_downtime

__all__ = [
    "Election",
    "crash_table",
    "election_downtime",
    "elections",
    "expected_election_time",
    "sides_that_write",
    "split_vote_probability",
    "write_with_retry",
    "writes_survive",
]
