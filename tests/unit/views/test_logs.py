"""Logs side by side, in picture and words."""

import pytest

from quorumlab import SimulatedCluster, Trace
from quorumlab.cluster.events import Joined, Process
from quorumlab.experiments.old_terms import figure_8
from quorumlab.views.logs import logs_view


def drawn(view):
    return [text.get_text() for text in view.figure().axes[0].texts]


def test_the_logs_of_two_moments() -> None:
    scene = figure_8()
    view = logs_view(scene.cluster.trace, {"before": scene.acts[0].ends, "two\nlines": scene.acts[1].ends})
    assert view.table.rows[0] == ("before", "etcd-1 (leader)", "1 –, 1 ada", "up to entry 1")
    assert view.table.rows[6] == ("two lines", "etcd-2 (down)", "1 –, 1 ada", "up to entry 1")
    assert view.sentence == (
        "two lines. etcd-1 and etcd-2 have 1 –, 1 ada; etcd-3 and etcd-4 have 1 –; etcd-5 has 1 –, 2 –, 2 bob."
    )
    assert "two lines: etcd-1 1 –, 1 ada; etcd-2 (down) 1 –, 1 ada; " in view.alt
    assert drawn(view).count("1 ada") == 4 and "2 bob" in drawn(view)


def test_every_kind_of_entry_has_a_few_characters() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.cas("k", None, "new")
    cluster.run_for(6)
    cluster.add_learner()
    view = logs_view(cluster.trace, {"now": cluster.now, "at first": 0})
    assert view.table.rows[0][2:] == ("1 –, 1 new, 1 …", "up to entry 3")
    assert view.table.rows[-1] == ("at first", "etcd-3", "empty", "nothing")


def test_what_cannot_be_drawn_is_refused() -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", snapshot_every=2)
    for moments in ({}, {str(n): 0 for n in range(5)}):
        with pytest.raises(ValueError, match="cannot be drawn; give 1 to 4"):
            logs_view(cluster.trace, moments)
    with pytest.raises(ValueError, match="Logs of 0 entries cannot be drawn; choose moments with 1 to 6"):
        logs_view(cluster.trace, {"at first": 0})
    for n in range(5):
        cluster.put("k", str(n))
    cluster.run_for(1)
    with pytest.raises(ValueError, match="The log of etcd-1 cannot be seen from its first entry on"):
        logs_view(cluster.trace, {"folded": cluster.now})
    poor = Trace("etcd", {}, 10, (Joined(0, "etcd-1", False), Process(0, "etcd-1", "up")))
    with pytest.raises(ValueError, match="cannot be seen"):
        logs_view(poor, {"now": 0})
