"""What a watcher is told after its cluster was restored from a snapshot: by arithmetic on revisions, and by real etcd. (Notebook 10.)

A watcher asks for all events from the revision after the last that it has seen. A restored cluster goes on from the snapshot's revision,
which may be an earlier one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from quorumlab.arguments import whole
from quorumlab.experiments.witnesses import LONG, QUICK, Answers
from quorumlab.words import plural

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


AFTER_SNAPSHOT, AFTER_RESTORE, BUMP = 3, 2, 100
WAYS: dict[str, dict[str, Any]] = {
    "restored plainly": {},
    "revision raised": {"bump_revision": BUMP},
    "raised and marked compacted": {"bump_revision": BUMP, "mark_compacted": True},
}
"""How a snapshot is restored, as the arguments of ``EtcdCluster.restored``. Real clusters raise the revision by a thousand million; here it may have to be done by writing."""


def watch_over_restore(make: Any) -> Answers:
    """Three orders after a snapshot all disks are lost. It is restored in three ways, and two orders follow: what is a watcher told?
    (Notebook 10.)

    The watcher has seen everything, and asks the restored cluster for what comes after. Only for real etcd: ``make`` is ``EtcdCluster``.
    """
    with make(3, **QUICK) as cluster:
        cluster.put("order-1", "paid")
        saved = cluster.snapshot()
        with cluster.watch("order", prefix=True) as watch:
            for n in range(AFTER_SNAPSHOT):
                cluster.put(f"order-{n + 2}", "paid")
            cluster.run_until(lambda: len(watch.changes) == AFTER_SNAPSHOT, within=LONG)
            seen = watch.changes[-1].revision
    found: dict[str, bool | float | str | None] = {}
    for way, settings in WAYS.items():
        with make.restored(saved, 1, **settings, **QUICK) as again:
            for n in range(AFTER_RESTORE):
                again.put(f"order-new-{n + 1}", "paid")
            found[f"{way}: the watcher is told"] = _told_since(again, seen + 1)
            if not settings:
                found["what it saw last is still there"] = (
                    again.get(f"order-{AFTER_SNAPSHOT + 1}").value is not None
                )
    return found


def _told_since(cluster: Any, revision: int) -> str:
    """What a watcher is told that asks for all orders from a revision on, in words; it has a second."""
    with cluster.watch("order", since=revision, prefix=True) as watch:
        cluster.run_until(lambda: watch.ended is not None or len(watch.changes) >= AFTER_RESTORE, within=1)
        return told_in_words(len(watch.changes), watch.ended == "compacted")


def told_in_words(orders: int, anew: bool) -> str:
    """How much of the two orders a watcher is told, or that it must begin anew."""
    if anew:
        return "begin anew"
    return plural(orders, "order") if orders else "nothing"
