"""A lease over an outage: for real etcd only, because simulated members keep no leases. (Notebook 01.)"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from quorumlab.etcd.cluster import EtcdCluster

TTL_S, USED_S, AWAY_S = 4, 2.0, 3.0
PATIENCE_S = 20.0


def lease_over_outage(make: Callable[..., EtcdCluster] = EtcdCluster) -> Mapping[str, bool | str]:
    """A lock on a lease of 4 s, of which 2 s are over when the only node dies for 3 s: whose is the lock afterwards?"""
    with make(1, heartbeat_ms=50, election_ms=500, timeout_ms=800) as cluster:
        lease = cluster.grant(TTL_S)
        cluster.put("lock", "ada", lease=lease)
        cluster.run_for(USED_S)
        cluster.crash("etcd-1")
        cluster.run_for(AWAY_S)
        cluster.restart("etcd-1")
        cluster.run_until(lambda: cluster.get("lock").ok, within=PATIENCE_S)
        left = cluster.time_to_live(lease).seconds or 0
        return {
            "the lock is still Ada's": cluster.get("lock").value == "ada",
            "time left on its lease": _time_left(left),
            "Bob can take it now": cluster.cas("lock", None, "bob").ok,
        }


def _time_left(seconds: int) -> str:
    """In words: etcd counts what is left in whole seconds, so a full lease reads one less an instant later."""
    return "none" if seconds <= 0 else "all of it" if seconds >= TTL_S - 1 else "a part"
