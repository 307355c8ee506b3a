"""Pictures of operating through failure: their sentences against the sums, over all that the controls allow."""

from itertools import product

import pytest

from quorumlab.experiments.incident import Incident
from quorumlab.views.incident import board, judged_view
from quorumlab.views.operating import SNAPSHOT, copy_view, watcher_view


@pytest.mark.parametrize(
    ("lost", "written", "raised", "compacted"),
    list(product((0, 3, 8), (0, 2, 12), (False, True), (False, True))),
)
def test_a_watcher_misses_what_stands_before_its_line(lost, written, raised, compacted):
    view = watcher_view(lost, written, raised, compacted)
    cells = dict(view.table.rows)
    if raised and compacted:
        assert "reads everything again" in view.sentence and cells["is told to begin anew"] == "yes"
        return
    missed = 0 if raised else min(lost, written)
    assert cells["new writes it is never told of"] == str(missed)
    assert cells["writes it believes in that are gone"] == str(lost)
    assert (f"misses {missed} of" in view.sentence) is (missed > 0)
    assert cells["seen before"] == f"up to revision {SNAPSHOT + lost}"


@pytest.mark.parametrize(("seconds", "every", "cut_off"), list(product((0, 5, 60), (1, 10), (False, True))))
def test_a_copy_is_behind_by_what_was_written_meanwhile(seconds, every, cut_off):
    behind = seconds // every if cut_off else 0
    view = copy_view(seconds, every, cut_off)
    assert view.sentence.startswith(f"After {seconds} s the copy is {seconds} s old and {behind} write")
    assert view.table.rows[0][2:] == (str(seconds // every), str(behind))


def test_a_judgement_keeps_the_best_acts_until_they_are_asked_for():
    incident = Incident(0)
    assert board(incident).rows[0] == ("etcd-1", "down", "–", "–", "–", "empty")
    incident.cluster.remove("etcd-1")
    half, whole = (judged_view(incident.judge(), tell=tell) for tell in (False, True))
    assert half.sentence.startswith("Not yet well: No further crash can be borne.")
    assert "add_voter" not in half.to_text() and "add_voter()" in whole.to_text()
    incident = Incident(0)
    incident.cluster.remove("etcd-1")
    incident.cluster.add_voter()
    done = judged_view(incident.judge())
    assert done.sentence.endswith("no acknowledged write is lost. Nothing better is known.")
    with pytest.raises(TypeError, match="is no judgement"):
        judged_view(incident)
