"""How long commits, writes and reads take, by arithmetic: nothing is simulated or sampled here.

What takes time is the network (and, if asked, a disk); members answer at once. The simulation and real etcd are held against it.
"""

from quorumlab.latency.bands import Band, commit_band
from quorumlab.latency.loss import AfterLoss, Loss, after_loss, loss_table
from quorumlab.latency.paths import commit_latency, read_latency, write_latency
from quorumlab.latency.regions import CLOUDS, Distances, Region, distances, spread_over
from quorumlab.latency.rtt import RTT, RttTable
from quorumlab.latency.traffic import traffic_cost

__all__ = [
    "CLOUDS",
    "RTT",
    "AfterLoss",
    "Band",
    "Distances",
    "Loss",
    "Region",
    "RttTable",
    "after_loss",
    "commit_band",
    "commit_latency",
    "distances",
    "loss_table",
    "read_latency",
    "spread_over",
    "traffic_cost",
    "write_latency",
]
