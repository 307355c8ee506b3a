"""The bad day: the figures, who leads, what an operator must do, and what is at risk against all quorums."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorumlab.latency import AfterLoss, after_loss, commit_latency, loss_table
from quorumlab.topology import Topology

US, EU, AP = "us-east-1", "eu-west-1", "ap-south-1"
THREE = Topology.of(f"{US}a: 1, {EU}a: 1, {AP}a: 1")
AB = {("a", "b"): 70}


def test_the_bad_day_of_three_regions():
    assert after_loss(THREE, "etcd-1", region=EU) == AfterLoss(True, "etcd-1", 191.1, 0, None, None)
    assert after_loss(THREE, "etcd-1", region=AP) == AfterLoss(True, "etcd-1", 69.7, 0, None, None)
    assert after_loss(THREE, "etcd-1", region=US) == AfterLoss(True, "etcd-2", 125.6, 0, None, None)


def test_a_leader_that_lives_stays_even_where_another_would_be_faster():
    assert after_loss(THREE, "etcd-3", zone=f"{EU}a").leader == "etcd-3"
    t = Topology.of(f"{US}a: 2, {US}b: 1, {EU}a: 2")
    assert after_loss(t, "etcd-4", members="etcd-1").leader == "etcd-4"
    assert after_loss(t, members="etcd-1").leader == "etcd-2"


def test_the_bigger_of_two_sites_goes_dark():
    after = after_loss(Topology.of("a: 3, b: 2"), zone="a", rtt=AB)
    assert (after.goes_on, after.leader, after.commit_latency, after.spare) == (False, None, None, -1)
    assert after.operator == (
        "Bring back 1 of etcd-1, etcd-2 and etcd-3; if that cannot be, make sure that they stay off, restart the freshest of "
        "etcd-4 and etcd-5 with --force-new-cluster and add new members to it."
    )
    assert after.at_risk.startswith(
        "The latest writes: a quorum of 3 may have acknowledged some without etcd-4 and etcd-5"
    )
    assert after_loss(Topology.of("a: 3, b: 2"), zone="b", rtt=AB).goes_on


def test_what_is_left_is_said_in_sentences():
    dark = after_loss(Topology.of("a: 3, b: 2"), zone="a", rtt=AB)
    assert str(dark) == (
        f"Writes stop: 1 voter more is needed.\n\nTo do: {dark.operator}\n\nAt risk: {dark.at_risk}"
    )
    assert str(after_loss(Topology.of("a: 5, b: 1"), zone="a", rtt=AB)).startswith(
        "Writes stop: 3 voters more are needed."
    )
    assert str(after_loss(THREE, "etcd-1", region=EU)) == (
        "Writes go on: etcd-1 leads and commits in 191.1 ms, and no further voter may be lost."
    )
    spare = after_loss(Topology.of("a: 3, b: 2"), "etcd-1", members="etcd-5", rtt=AB)
    assert str(spare).endswith(", and 1 further voter may be lost.")
    assert dark._repr_html_().count("<p>") == 3


def test_half_of_an_even_cluster_has_every_acknowledged_write():
    assert after_loss(Topology.of("a: 2, b: 2"), zone="a", rtt=AB).at_risk.startswith(
        "Hardly any, if the one with the highest commit index is taken: every quorum of 3 has one of etcd-3 and etcd-4 in it"
    )
    assert after_loss(Topology.of("a: 1, b: 1"), zone="a", rtt=AB).at_risk == (
        "Hardly any: every quorum of 2 has etcd-2 in it, so its log has every acknowledged write, but --force-new-cluster keeps only "
        "those known to be committed, and that is heard a moment later."
    )


def test_no_voter_is_left():
    assert "restore the last snapshot" in after_loss(Topology.of("a: 3"), zone="a").operator
    after = after_loss(Topology.of("a: 3", learners="b: 1"), zone="a", rtt=AB)
    assert "the data of learner etcd-4" in after.operator
    assert after.at_risk == "Writes that etcd-4 had not yet received."


def test_a_witness_keeps_a_quorum_and_no_data():
    t = Topology.of("a: 1, b: 1", witnesses="c: 1")
    rtt = {("a", "b"): 70, ("a", "c"): 5, ("b", "c"): 90}
    assert after_loss(t, "etcd-1", zone="a", rtt=rtt) == AfterLoss(
        True, "etcd-2", 90, 0,
        "Nothing, if etcd-2 has all that etcd-3 acknowledged; else bring back etcd-1: until then nobody is elected.",
        "Writes that only etcd-1 and etcd-3 acknowledged, if it does not come back.",
    )  # fmt: skip
    assert after_loss(t, "etcd-2", zone="a", rtt=rtt) == AfterLoss(True, "etcd-2", 90, 0, None, None)
    five = Topology.of("a: 2, b: 2", witnesses="a: 1")
    assert after_loss(five, "etcd-1", members="etcd-1", rtt=AB).operator is None
    assert "restore the last snapshot" in after_loss(t, "etcd-1", zone=["a", "b"], rtt=rtt).operator


def test_every_loss_of_one_and_two_places():
    nine = Topology.of({f"{r}{z}": 1 for r in (US, EU, AP) for z in "abc"})
    table = loss_table(nine, "etcd-1")
    assert [loss.lost for loss in table] == [(US,), (EU,), (AP,), (US, EU), (US, AP), (EU, AP)]
    assert [loss.after.commit_latency for loss in table] == [125.6, 191.1, 69.7, None, None, None]
    assert [loss.after.spare for loss in table] == [1, 1, 1, -2, -2, -2]
    zones = loss_table(nine, what="zone")
    assert len(zones) == 9 + 36 and all(loss.after.goes_on for loss in zones)
    assert [loss.lost for loss in loss_table(Topology.of("us-east-1a: 2, us-east-1b: 1"))] == [
        ("us-east-1a",),
        ("us-east-1b",),
        ("us-east-1a", "us-east-1b"),
    ]


@given(st.integers(1, 7), st.integers(0, 2), st.data())
def test_against_all_quorums(data_members, witnesses, data):
    n = data_members + witnesses
    if witnesses >= n // 2 + 1:
        return
    t = Topology.of({"a": data_members}, witnesses={"a": witnesses} if witnesses else None)
    lost = data.draw(st.sets(st.sampled_from(t.members)))
    after = after_loss(t, members=lost)
    up = [m for m in t.voters if m not in lost]
    assert after.goes_on == (len(up) > n // 2) and (after.operator is None) == (after.at_risk is None)
    if after.goes_on:
        holders = sum(t.role_of[m] == "voter" for m in up)
        assert (after.operator is None) == ("etcd-1" not in lost or holders > n // 2)
        assert after.spare == len(up) - t.quorum
        assert after.commit_latency == commit_latency(t, after.leader, down=lost)
        assert after.leader == "etcd-1" or "etcd-1" in lost
        return
    assert after.leader is after.commit_latency is None
    assert after.operator is not None
    holders = {m for m in up if t.role_of[m] == "voter"}
    missed = any(not holders & set(q) for q in combinations(t.voters, t.quorum))
    assert after.at_risk.startswith("Hardly any") == (not missed)
    assert after.spare == len(up) - t.quorum < 0
    assert after.operator.startswith("Bring back ")


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: after_loss(THREE), TypeError, "Nothing is named that is lost"),
        (lambda: after_loss(THREE, region="mars"), ValueError, "There is no region 'mars'"),
        (lambda: after_loss(THREE, "drawn", region=US), ValueError, "The leader 'drawn' is no member"),
        (lambda: after_loss(5, region=US), TypeError, "The topology is 5"),
        (
            lambda: after_loss(Topology.of("a: 1, b: 1"), zone="a"),
            ValueError,
            "The round trip a–b is unknown",
        ),
        (lambda: loss_table(THREE, what="city"), ValueError, "what is 'city'"),
        (
            lambda: loss_table(Topology.of({f"z{i}": 1 for i in range(61)})),
            ValueError,
            "There are 61 regions",
        ),
    ],
)
def test_errors_are_one_sentence(call, error, said):
    with pytest.raises(error) as raised:
        call()
    message = str(raised.value)
    assert message.startswith(said)
    assert message.endswith(".") and "\n" not in message and "; " in message
