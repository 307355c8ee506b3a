"""Claims: every verdict comes from a computed True or False."""

import dataclasses

import pytest

import quorumlab as ql
from quorumlab.course.claims import Claim


def test_a_claim_that_holds():
    assert ql.claim("5 tolerate 2", ql.fault_tolerance(5) == 2, "n − quorum") == Claim(
        "5 tolerate 2", "✓ true", "n − quorum"
    )


def test_a_claim_that_does_not_hold():
    assert ql.claim("4 tolerate 2", ql.fault_tolerance(4) == 2, "1").verdict == "✕ not so"


@pytest.mark.parametrize(("holds", "mark"), [(True, "✓ true"), (False, "✕ not so")])
def test_a_refinement_is_added_to_either_verdict(holds, mark):
    assert (
        ql.claim("always odd", holds, "e", but="not because of ties").verdict
        == f"{mark}, but not because of ties"
    )


@pytest.mark.parametrize("holds", [1, 0, None, "True", [], 0.5], ids=repr)
def test_a_verdict_is_never_merely_written_down(holds):
    with pytest.raises(TypeError, match="computed True or False") as raised:
        ql.claim("says", holds, "evidence")
    assert repr(holds) in str(raised.value)


def test_a_claim_cannot_be_changed_afterwards():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ql.claim("says", True, "evidence").verdict = "✕"


def test_verdicts_are_a_table_in_order_with_html_escaped():
    table = ql.verdicts(ql.claim("n < 3 & up", True, "<b>2</b>"), ql.claim("second", False, "3"))
    assert table.columns == ("the page says", "verdict", "what we found")
    assert table.rows == (("n < 3 & up", "✓ true", "<b>2</b>"), ("second", "✕ not so", "3"))
    page = table.to_html()
    assert "<b>" not in page
    assert "n &lt; 3 &amp; up" in page
    assert "n < 3 & up" in table.to_text()


def test_no_claims_are_an_empty_table():
    assert ql.verdicts().rows == ()
    assert ql.verdicts().to_text() == "the page says  verdict  what we found"
