"""``python -m quorumlab.grading``: the same as ``quorumlab-grade``."""

from quorumlab.grading.cli import main

main()
