"""Claims: every verdict comes from a computed True or False."""

import dataclasses

import numpy as np
import pytest

import quorumlab as ql
from quorumlab.course.claims import Claim


def test_a_claim_that_holds():
    assert ql.claim("5 tolerate 2", ql.fault_tolerance(5) == 2, "n − quorum") == Claim(
        "5 tolerate 2", "true", "n − quorum"
    )


@pytest.mark.parametrize(
    ("holds", "quite", "but", "verdict"),
    [
        (True, True, "", "true"),
        (True, True, "only for writes", "true, but only for writes"),
        (True, False, "", "not quite"),
        (True, False, "ties are not why", "not quite: ties are not why"),
        (False, True, "", "false"),
        (False, True, "only for writes", "false"),
        (False, False, "ties are not why", "false"),
    ],
)
def test_the_four_verdicts(holds, quite, but, verdict):
    made = ql.claim("always odd, because of ties", holds, "e", but=but, quite=quite)
    assert made.verdict == verdict
    assert not set(made.verdict) & set("✓✕")


def test_a_right_rule_with_a_wrong_reason_is_computed():
    rule = all(ql.fault_tolerance(n) == ql.fault_tolerance(n - 1) for n in (4, 6, 8))
    reason = ql.quorum_size(4) == 2
    assert ql.claim("odd, because of ties", rule, "e", quite=reason).verdict == "not quite"


@pytest.mark.parametrize("name", ["holds", "quite"])
@pytest.mark.parametrize("value", [1, 0, None, "True", [], 0.5, np.int64(1), np.array([True])], ids=repr)
def test_a_verdict_is_never_merely_written_down(value, name):
    with pytest.raises(TypeError, match=r"by a computed True or False, not .*; compare something") as raised:
        ql.claim("says", evidence="evidence", **{"holds": True, name: value})
    assert repr(value) in str(raised.value)


def test_what_numpy_compared_counts():
    ups = np.array([0.9, 0.99])
    assert ql.claim("says", np.mean(ups) > 0.5, "e", quite=ups.min() > 0.95).verdict == "not quite"


def test_a_claim_is_told_in_words_and_a_long_value_is_cut():
    with pytest.raises(TypeError, match="A claim is told in words, not 5; write"):
        ql.claim("says", True, 5)
    with pytest.raises(TypeError) as raised:
        ql.claim("says", "x" * 10**5, "evidence")
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("given", [[Claim("a", "true", "b")], None, "true"], ids=repr)
def test_only_claims_have_verdicts(given):
    with pytest.raises(
        TypeError, match=r"is no claim; make each with ql.claim.*ql.verdicts\(first, second\)"
    ):
        ql.verdicts(given)


def test_a_claim_cannot_be_changed_afterwards():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ql.claim("says", True, "evidence").verdict = "false"


def test_verdicts_are_a_table_in_order_with_html_escaped():
    table = ql.verdicts(ql.claim("n < 3 & up", True, "<b>2</b>"), ql.claim("second", False, "3"))
    assert table.columns == ("the page says", "verdict", "what we found")
    assert table.rows == (("n < 3 & up", "true", "<b>2</b>"), ("second", "false", "3"))
    page = table.to_html()
    assert "<b>" not in page
    assert "n &lt; 3 &amp; up" in page
    assert "n < 3 & up" in table.to_text()


def test_no_claims_are_an_empty_table():
    assert ql.verdicts().rows == ()
    assert ql.verdicts().to_text() == "the page says  verdict  what we found"
