"""Pictures of operating through failure: their sentences against the sums, over all that the controls allow."""

from collections.abc import Callable
from itertools import product

import pytest
from IPython.core.formatters import DisplayFormatter

from quorumlab.experiments.incident import Course, Incident, Judgement, Line
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
    assert ("nothing is marked" in view.sentence) is (compacted and not raised)


@pytest.mark.parametrize(("seconds", "every", "cut_off"), list(product((0, 5, 60), (1, 10), (False, True))))
def test_a_copy_is_behind_by_what_was_written_meanwhile(seconds, every, cut_off):
    behind = seconds // every if cut_off else 0
    view = copy_view(seconds, every, cut_off)
    assert view.sentence.startswith(f"After {seconds} s the copy is {seconds} s old and {behind} write")
    assert view.table.rows[0][2:] == (str(seconds // every), str(behind))


def test_a_judgement_keeps_the_best_acts_until_they_are_asked_for():
    incident = Incident(0)
    assert board(incident).members.rows[0] == ("etcd-1", "down", "–", "–", "–", "empty")
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


def test_a_board_shows_what_was_done_and_how_things_are_now():
    incident = Incident(1)
    before = board(incident)
    assert before.sentence == (
        "10 s after it broke: The writes of the last 5 s were not answered in time; etcd-1 and etcd-3 do not answer."
    )
    assert "Nothing was done" not in before.to_text() and before.to_html().count("<p>") == 1
    incident.cluster.restart("etcd-1", "etcd-3")
    assert before.members.rows[0][1] == "stopped (SIGSTOP)"  # it stays as it was
    after = board(incident)
    assert after.sentence.startswith("30 s after it broke: ") and after.members.rows[2][1] == "runs"
    told = str(incident.cluster.acts[0]), str(incident.cluster.acts[1])
    assert DisplayFormatter().format(after)[0] == {
        "text/plain": after.to_text(),
        "text/html": after.to_html(),
    }
    assert "\n".join(told) in after.to_text() and "<br>".join(told) in after.to_html()
    with pytest.raises(TypeError, match="is no incident"):
        board(incident.cluster)


def of_the_dare(choose: Callable[..., Line], voters: int) -> Course:
    """Incident 5 with one of its two survivors, and so many new voters."""
    incident = Incident(5, record=False)
    survivors = [line for line in incident.board() if line.process == "runs"]
    incident.cluster.force_new_cluster(choose(survivors, key=lambda line: int(line.commit)).member)
    for _ in range(voters):
        incident.cluster.add_voter()
    return incident.course()


def test_acknowledged_writes_that_are_gone_are_told_before_all_is_well():
    stale, fresh = of_the_dare(min, 1), of_the_dare(max, 2)
    view = judged_view(Judgement(stale, fresh), tell=True)
    assert stale.restored is None and len(stale.lost) == 6 and not fresh.lost
    assert view.sentence == (
        f"Not yet well: {' '.join(stale.missing)} 6 acknowledged writes are gone. "
        "(Best known: 3 acts, all well after 91 s, no acknowledged write is lost.)"
    )
    acts = ['70 s: force_new_cluster("etcd-4"): done', "80 s: add_voter(): done, as etcd-6"]
    assert view.table.rows[0][-1].split("\n") == acts
    assert "<br>".join(acts).replace('"', "&quot;") in view.to_html()


@pytest.mark.parametrize(
    ("make", "controls", "signs"),
    [
        (
            lambda: judged_view(Judgement(of_the_dare(max, 2), of_the_dare(max, 2))),
            (),
            ("■ served", "▨ not served", "● an act", "┃ all is well"),
        ),
        (copy_view, (30, 2, True), ("● a write done", "× not done")),
        (watcher_view, (3, 2, False, False), ("● told of", "○ not told of", "× told of, and gone")),
    ],
)
def test_below_a_picture_stands_what_its_signs_mean(make, controls, signs):
    words = make(*controls).figure().axes[0].get_xlabel()
    assert all(sign in words for sign in signs)
