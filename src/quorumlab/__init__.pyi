from .availability import availability, downtime, nines, unavailability
from .cluster import Outcome, Trace
from .course.checks import check
from .course.claims import claim, verdicts
from .course.environment import check_environment
from .course.progress import reset_progress
from .course.questions import predict, quick_check, reveal
from .course.witnesses import compare, on_real_etcd, real_scene
from .etcd import EtcdCluster
from .history import Operation, Verdict, check_linearizable
from .latency import RTT, after_loss, commit_latency, read_latency, write_latency
from .planning import layouts
from .quorums import (
    QuorumSystem,
    fault_tolerance,
    flexible,
    grid,
    hierarchical,
    majority,
    quorum_size,
    threshold,
    weighted,
)
from .simulation import SimulatedCluster
from .topology import Topology
from .widgets.explorer import Explorer, choice, slider, switch
from .widgets.playback import play
from .widgets.stage import Stage

__version__: str
__all__ = [
    "RTT",
    "EtcdCluster",
    "Explorer",
    "Operation",
    "Outcome",
    "QuorumSystem",
    "SimulatedCluster",
    "Stage",
    "Topology",
    "Trace",
    "Verdict",
    "after_loss",
    "availability",
    "check",
    "check_environment",
    "check_linearizable",
    "choice",
    "claim",
    "commit_latency",
    "compare",
    "downtime",
    "fault_tolerance",
    "flexible",
    "grid",
    "hierarchical",
    "layouts",
    "majority",
    "nines",
    "on_real_etcd",
    "play",
    "predict",
    "quick_check",
    "quorum_size",
    "read_latency",
    "real_scene",
    "reset_progress",
    "reveal",
    "slider",
    "switch",
    "threshold",
    "unavailability",
    "verdicts",
    "weighted",
    "write_latency",
]
