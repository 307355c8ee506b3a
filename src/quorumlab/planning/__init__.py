"""Choosing a layout: say what it must survive, and get every layout that no other beats in all that it costs.

The search goes through every way to put so many voters into the regions. Within a region they stand as evenly over its zones as
they can: packing them closer would save a millisecond at most, and cost the zone. The leader stands in the fullest zone of any
region that has members.
"""

from quorumlab.planning.decision import Decision, decide, over_sites
from quorumlab.planning.layouts import Layout, Layouts, layouts

__all__ = ["Decision", "Layout", "Layouts", "decide", "layouts", "over_sites"]
