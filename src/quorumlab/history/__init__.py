"""What clients saw, and whether it was linearizable.

A history is legal (linearizable, Herlihy and Wing 1990) if each operation can be given one instant between its
call and its return such that, done one after the other in the order of these instants, every operation gets the
answer it got.

``operation``  what one client saw of one call, and the move it makes on its register
``search``     is there a legal order? Wing and Gong's search with Lowe's memory
``window``     if there is none: the few operations that prove it
``judge``      ``check_linearizable``, which asks both for each key and puts the answer into words
"""

from quorumlab.history.judge import Verdict, check_linearizable
from quorumlab.history.operation import Operation

__all__ = ["Operation", "Verdict", "check_linearizable"]
