"""Stale reads in a picture, over all that the controls allow."""

import re

import pytest

from quorumlab.experiments.reads import freshness
from quorumlab.views.reads import stale_reads_view


@pytest.mark.parametrize("farthest", [20, 40, 80])
@pytest.mark.parametrize("after", [0, 2, 5, 10, 15, 20, 30, 40, 60, 80])
def test_a_member_lags_by_its_one_way_time(after: float, farthest: float) -> None:
    delays = [0, 5, 10, 20, farthest]
    assert [(r.one_way, r.fresh_after) for r in freshness(after, farthest)] == [(d, d) for d in delays]
    view = stale_reads_view(after, farthest)
    answers = ["old" if after < delay else "new" for delay in delays]
    assert [row[3] for row in view.table.rows] == answers
    for number, answer in enumerate(answers, 1):
        assert f"etcd-{number} says {answer}" in view.alt
    lagging = [f"etcd-{n}" for n, answer in enumerate(answers, 1) if answer == "old"]
    said = re.match(r"\d+ ms after the writer was told, (.*?) (?:still answers?|answer) with", view.sentence)
    assert said
    assert re.findall(r"etcd-\d", said[1]) == lagging or said[1] == "all five members"
    last = "are etcd-4 and etcd-5" if farthest == 20 else "is etcd-5"
    assert view.sentence.endswith(f" The last to know {last}, {farthest} ms after.")


@pytest.mark.parametrize(("after", "farthest"), [(-1, 40), (2000, 40), (10, 0), (10, 501)])
def test_stale_reads_refuse_times_out_of_range(after: float, farthest: float) -> None:
    with pytest.raises(ValueError, match="choose"):
        stale_reads_view(after, farthest)
