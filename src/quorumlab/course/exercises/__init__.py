"""The exercises, one module a notebook: what is asked, the right function, and the wrong ones we know."""

from quorumlab.course.checks import Exercise
from quorumlab.course.exercises import quorum_math

ALL: tuple[Exercise, ...] = (*quorum_math.EXERCISES,)
