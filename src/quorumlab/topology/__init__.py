"""Where the members of a cluster stand: members in zones in regions, what survives the loss of what, and the YAML of it."""

from quorumlab.topology.model import Topology
from quorumlab.topology.placement import Placement
from quorumlab.topology.review import Finding, Review

__all__ = ["Finding", "Placement", "Review", "Topology"]
