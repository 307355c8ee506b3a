"""The picture of a design review, over all that the controls of the page allow."""

import re
from itertools import product

import pytest

from quorumlab.experiments.briefs import BRIEFS, PAYMENTS
from quorumlab.experiments.design_review import design_review
from quorumlab.topology import Topology
from quorumlab.views.design_review import brief_table, proposal_view, review_view


@pytest.mark.parametrize("counts", list(product((1, 5), (0, 4), (0, 4), (0, 3))))
def test_a_proposal_is_reviewed_as_its_layout_is(counts):
    view = proposal_view(*counts)
    failing = [row for row in view.table.rows if row[2] == "✕"]
    assert view.sentence.startswith("I cannot sign this yet." if failing else "I would sign this.")
    told = re.findall(r"\d[\d.]*\d|\d", view.sentence)
    for asked, found, _ in failing:  # what was asked for and what was found are both told
        assert set(re.findall(r"\d[\d.]*\d|\d", f"{asked} {found}")) <= set(told), asked
    placed = sum(int(part.split()[-1]) for part in view.alt.split(": ")[1].split(". ")[0].split(", "))
    assert placed == sum(counts)


def test_the_change_that_is_advised_is_one_that_is_signed():
    t = Topology.of("us-east-1a: 3, eu-west-1a: 3, ap-south-1a: 1")
    review = design_review(t, PAYMENTS)
    assert review.change in review_view(t, review).sentence
    assert review_view(review.changed, design_review(review.changed, PAYMENTS)).sentence.startswith(
        "I would sign this."
    )


def test_briefs_are_told_in_full():
    for brief in BRIEFS.values():
        words = brief_table(brief).to_text()
        assert f"{brief.write_ms:g} ms at most" in words and f"{brief.members} at most" in words
        assert all(zone in words for zone in brief.places)


def test_bad_input_gets_a_sentence():
    with pytest.raises(ValueError, match="Nobody votes"):
        proposal_view(0, 0, 0, 0)
    with pytest.raises(TypeError, match="is no review"):
        review_view(Topology.of("a: 3"), None)
