"""Whole zones are lost, and then one member more (notebook 07)."""

from __future__ import annotations

from collections.abc import Callable

from quorumlab.cluster.protocol import Cluster
from quorumlab.experiments.sizes import goes_on
from quorumlab.experiments.witnesses import LONG, QUICK, Answers
from quorumlab.topology import Topology

FIVE_OVER_THREE = """\
# Production: 5 nodes across 3 AZs
etcd-cluster:
  nodes:
    - name: etcd-1
      zone: us-east-1a
    - name: etcd-2
      zone: us-east-1b
    - name: etcd-3
      zone: us-east-1c
    - name: etcd-4
      zone: us-east-1a  # same zone as etcd-1, but different host
    - name: etcd-5
      zone: us-east-1b  # same zone as etcd-2, but different host

# Quorum = 3
# Can lose 1 entire AZ (2 nodes) and still have quorum
"""
"""The deployment of the tutorial page, as it stands there."""


def zones_lost(make: Callable[..., Cluster]) -> Answers:
    """The tutorial page's five members over three zones: each zone lost in turn, and then one further member."""
    t = Topology.from_yaml(FIVE_OVER_THREE)
    found: dict[str, bool] = {}
    with make(t, **QUICK) as cluster:
        for zone, lost in t.zones.items():
            cluster.crash(*lost)
            left = [name for name in t.members if name not in lost]
            found[f"{zone} lost: writes go on"] = goes_on(cluster, left[-1])
            cluster.crash(left[0])
            found[f"{zone} lost, and one more: writes go on"] = goes_on(cluster, left[-1])
            cluster.restart(*lost, left[0])
            cluster.run_until(lambda: cluster.agreed_leader is not None, within=LONG)
    return found


OTHERS = {
    "3 + 1 + 1": "a: 3, b: 1, c: 1",
    "2 + 2 + 2": "a: 2, b: 2, c: 2",
    "5 × 1": "a: 1, b: 1, c: 1, d: 1, e: 1",
}
"""Other layouts, whose first zone is a fullest one."""


def other_layouts(make: Callable[..., Cluster]) -> Answers:
    """Three other layouts lose their fullest zone, and if they go on, one further member: do they still?"""
    found: dict[str, bool] = {}
    for layout, placed in OTHERS.items():
        t = Topology.of(placed)
        lost = t.zones[t.worst_zone()]
        left = [name for name in t.members if name not in lost]
        with make(t, **QUICK) as cluster:
            cluster.crash(*lost)
            found[f"{layout}: a zone lost"] = goes_on(cluster, left[-1])
            if found[f"{layout}: a zone lost"]:
                cluster.crash(left[0])
                found[f"{layout}: and one more"] = goes_on(cluster, left[-1])
    return found


WITNESSED = (zones_lost, other_layouts)
"""What real etcd is asked as well, and recorded."""
