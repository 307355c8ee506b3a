"""Experiments, each written once against the verbs of ``quorumlab.cluster`` and given ``make``, how to make its cluster, so that it
runs on simulation and on real etcd alike. What is only for the simulation says so.

make.py        what ``make`` is, and clusters whose members are far apart
crashes.py     does the cluster go on writing when members crash or are cut apart?
writes.py      which writes outlive their leader; what a request costs through each member
reads.py       how stale a read may be; what clients see in a bad time; how long an old leader goes on
elections.py   how long without a leader, kill after kill; how many terms
scenes.py      what happens in acts, with captions, to be played on the stage (only for the simulation)
old_terms.py   why only entries of a leader's own term count: Figure 8 of the Raft paper (only for the simulation)
sizes.py       what more members bring and cost, and what a spare is good for
zones.py       whole zones are lost, and then one member more
timers.py      elections that nobody needed
attack.py      faults and clients at random against Raft's promises
figure_16.py   Figure 16 of the Raft paper (only for the simulation)
operating.py   a dead member replaced, upgrades one by one, a slow leader, the last survivor, a cache that goes on alone
restoring.py   what a watcher is told after a restore: arithmetic, and real etcd alone
incident.py    a cluster broken by seed, and the judge of its repair; on_call.py has the verbs for that, and repairs.py searches for
               the best (only for the simulation)
design_review.py  every check of a layout against one of the three in briefs.py, what breaks it first, and the smallest change
"""

from quorumlab.experiments.attack import attack, badly_connected, first_broken
from quorumlab.experiments.crashes import crash_table, sides_that_write, write_with_retry, writes_survive
from quorumlab.experiments.elections import Election, elections, gaps, one_way_ms, terms_taken, without_leader
from quorumlab.experiments.figure_16 import election_downtime
from quorumlab.experiments.make import Make, scattered
from quorumlab.experiments.reads import busy_history, cut_off_leader, freshness
from quorumlab.experiments.sizes import write_times, writes_a_second
from quorumlab.experiments.timers import (
    cut_off,
    flapping,
    leaderless,
    look,
    minute,
    needless_elections,
    price,
    reigns,
    watch,
)
from quorumlab.experiments.writes import crash_leader, measured_cost, ten_ms_apart

__all__ = [
    "Election",
    "Make",
    "attack",
    "badly_connected",
    "busy_history",
    "crash_leader",
    "crash_table",
    "cut_off",
    "cut_off_leader",
    "election_downtime",
    "elections",
    "first_broken",
    "flapping",
    "freshness",
    "gaps",
    "leaderless",
    "look",
    "measured_cost",
    "minute",
    "needless_elections",
    "one_way_ms",
    "price",
    "reigns",
    "scattered",
    "sides_that_write",
    "ten_ms_apart",
    "terms_taken",
    "watch",
    "without_leader",
    "write_times",
    "write_with_retry",
    "writes_a_second",
    "writes_survive",
]
