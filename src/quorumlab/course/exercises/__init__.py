"""The exercises, one module a notebook: what is asked, the right function, and the wrong ones we know."""

from quorumlab.course.checks import Exercise
from quorumlab.course.exercises import elections, odd_sizes, one_node, quorum_math, writes_and_reads

ALL: tuple[Exercise, ...] = (
    *one_node.EXERCISES,
    *quorum_math.EXERCISES,
    *odd_sizes.EXERCISES,
    *writes_and_reads.EXERCISES,
    *elections.EXERCISES,
)
