"""What a watcher is told after its cluster was restored from a snapshot: arithmetic on revisions. (Notebook 10.)

A watcher asks for all events from the revision after the last that it has seen. A restored cluster goes on from the snapshot's revision,
which may be an earlier one.
"""

from __future__ import annotations

from typing import NamedTuple

from quorumlab.arguments import whole

MOST = 2**62
"""Revisions are whole numbers of 64 bits."""


class Watched(NamedTuple):
    """What a watcher learns after a restore.

    first    the revision of the first write after the restore
    missed   how many writes after the restore it is never told of
    phantom  how many writes it has seen that no longer happened, and believes in all the same
    anew     whether it is told that its revision is gone ("compacted"), so that it reads everything again
    """

    first: int
    missed: int
    phantom: int
    anew: bool


def after_restore(seen: int, snapshot: int, written: int, bump: int = 0, compacted: bool = False) -> Watched:
    """What a watcher that has seen revision ``seen`` learns of ``written`` writes after a restore from revision ``snapshot``.

    ``bump`` is etcd's ``--bump-revision``: so much is added to the revision on restoring. ``compacted`` is ``--mark-compacted``, which
    declares all up to there compacted, so that whoever asks for less is told, and reads everything again. Raises ValueError for numbers out
    of range, TypeError for what is no whole number.
    """
    seen, snapshot = (
        whole(n, what, least=1, most=MOST) for n, what in ((seen, "seen"), (snapshot, "snapshot"))
    )
    written, bump = (whole(n, what, least=0, most=MOST) for n, what in ((written, "written"), (bump, "bump")))
    now = snapshot + bump
    if compacted and seen + 1 <= now:
        return Watched(now + 1, 0, 0, True)
    return Watched(now + 1, min(written, max(0, seen - now)), max(0, seen - snapshot), False)
