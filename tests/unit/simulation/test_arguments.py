"""What a simulated cluster and its verbs accept, and the one sentence that each refusal is."""

from types import SimpleNamespace

import numpy as np
import pytest

from quorumlab.cluster import Trace
from quorumlab.quorums import flexible, majority, weighted
from quorumlab.simulation import Constant, LongTailed, SimulatedCluster, Uniform, WholeMs


@pytest.fixture
def three():
    return SimulatedCluster(3, latency_ms=10, leader="etcd-1")


def refused(call, error, says):
    """``call`` raises exactly ``error`` with one sentence that matches ``says``."""
    with pytest.raises(error, match=says) as caught:
        call()
    assert type(caught.value) is error
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence
    assert ". " not in sentence


def test_the_cluster_can_be_given_by_names_or_a_topology():
    assert SimulatedCluster(["a", "b", "c"]).members == ("a", "b", "c")
    assert SimulatedCluster(SimpleNamespace(members=("x", "y"))).members == ("x", "y")
    assert SimulatedCluster(majority(["x", "y"])).members == ("x", "y")


@pytest.mark.parametrize(
    ("size", "error", "says"),
    [
        (0, ValueError, "members is 0, but must be a whole number of 1 or more"),
        (True, TypeError, "members is True"),
        (
            weighted({"a": 3, "b": 1, "c": 1}),
            ValueError,
            "a cluster votes by majority, and .* does not; give",
        ),
        (flexible(6, commit=3, elect=4), ValueError, "votes by majority"),
        (2.5, TypeError, "members is 2.5"),
        (None, TypeError, "members are None, but must be a list of names"),
        ("etcd-1", TypeError, "members are 'etcd-1', but must be a list of names"),
        (["a", "a"], ValueError, "members name a more than once"),
        ([], ValueError, "at least 1 member is needed"),
        (["a", 5], TypeError, "members include 5"),
        (51, ValueError, "51 members are more than a simulated cluster can have; choose at most 50"),
        (5000, ValueError, "choose at most 50"),
    ],
)
def test_sizes_that_make_no_cluster(size, error, says):
    refused(lambda: SimulatedCluster(size), error, says)


def test_the_largest_cluster_elects_a_leader():
    assert SimulatedCluster(50, record=False).agreed_leader is not None


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"heartbeat_ms": 2000}, ValueError, "election_ms=1000 .* longer than heartbeat_ms=2000; choose"),
        (
            {"heartbeat_ms": 0.0001},
            ValueError,
            "heartbeat_ms=0.0001 is out of range; choose a time from 0.001 to",
        ),
        ({"heartbeat_ms": 0}, ValueError, "heartbeat_ms=0 .* from 0.001"),
        ({"heartbeat_ms": "100"}, TypeError, "heartbeat_ms='100' .* a number of ms"),
        ({"election_ms": True}, TypeError, "election_ms=True .* a pair"),
        ({"election_ms": float("nan")}, ValueError, "election_ms=nan"),
        ({"election_ms": 1e300}, ValueError, "election_ms=1e.300"),
        ({"election_ms": (300, 150)}, ValueError, r"election_ms=\(300, 150\) .* shorter time first"),
        ({"election_ms": [150, 200, 300]}, TypeError, r"election_ms=\(150, 200, 300\) .* pair"),
        ({"election_ms": Uniform(300, 150)}, ValueError, "election_ms=Uniform.* shorter time first"),
        (
            {"election_ms": WholeMs(150.4, 300)},
            ValueError,
            "election_ms=WholeMs.* no whole ms; choose whole ones",
        ),
        ({"election_ms": WholeMs(0.3, 0.4), "heartbeat_ms": 0.1}, ValueError, "no whole ms"),
        ({"election_ms": WholeMs(150, "a")}, TypeError, "election_ms=WholeMs.* must be a number of ms"),
        ({"election_ms": Constant(300)}, TypeError, "election_ms=Constant.* must be a number of ms"),
        ({"pre_vote": "no"}, TypeError, "pre_vote='no' is neither True nor False"),
        ({"disk_blocks": 1}, TypeError, "disk_blocks=1 is neither True nor False"),
        ({"member_class": int}, TypeError, "member_class=<class 'int'> is no class of members"),
        ({"line_ms": -1}, ValueError, "line_ms=-1 is out of range; choose a time from 0.001"),
        ({"line_ms": (1, 2)}, TypeError, r"line_ms=\(1, 2\) must be a number of ms"),
        ({"line_ms": False}, TypeError, "line_ms=False must be a number of ms"),
        ({"timeout_ms": -1}, ValueError, "timeout_ms=-1"),
        ({"timeout_ms": "5"}, TypeError, "timeout_ms='5'"),
        ({"max_entries": 0}, ValueError, "max_entries is 0, but must be a whole number of 1 or more"),
        ({"max_entries": 2.5}, TypeError, "max_entries is 2.5"),
        ({"snapshot_every": 0}, ValueError, "snapshot_every is 0"),
        ({"snapshot_every": True}, TypeError, "snapshot_every is True"),
        ({"max_learners": "a"}, TypeError, "max_learners is 'a'"),
        ({"max_learners": -1}, ValueError, "max_learners is -1, but must be a whole number of 0 or more"),
        ({"loss": 1.5}, ValueError, "loss=1.5 is no probability"),
        ({"duplication": "a"}, TypeError, "duplication='a' is no probability"),
        ({"leader": "etcd-9"}, ValueError, "there is no member 'etcd-9'"),
        ({"leader": 5}, TypeError, "5 is no name of a member"),
        ({"latency_ms": "fast"}, TypeError, "latency_ms='fast' is no time"),
        ({"latency_ms": (5, 1)}, ValueError, "out of range"),
        ({"latency_ms": -1}, ValueError, "out of range"),
        ({"latency_ms": (True, 3)}, TypeError, r"latency_ms=\(True, 3\) is no time"),
        ({"latency_ms": Constant("x")}, TypeError, "is no time"),
        ({"latency_ms": Uniform(1, True)}, TypeError, "is no time"),
        ({"latency_ms": LongTailed(1, float("nan"))}, ValueError, "out of range"),
        ({"disk_ms": Constant("x")}, TypeError, "disk_ms=.* is no time"),
        ({"disk_ms": False}, TypeError, "disk_ms=False is no time"),
        ({"latency_ms": {("etcd-1", "etcd-2"): 1}}, ValueError, "give the pair"),
        ({"latency_ms": {"etcd-1": 1}}, TypeError, "latency_ms has the key 'etcd-1'"),
    ],
)
def test_arguments_that_make_no_cluster(arguments, error, says):
    refused(lambda: SimulatedCluster(3, **arguments), error, says)


def test_latencies_are_checked_even_where_nobody_sends():
    refused(lambda: SimulatedCluster(1, latency_ms="fast"), TypeError, "latency_ms='fast' is no time")


def test_the_least_of_everything_still_makes_a_cluster():
    cluster = SimulatedCluster(3, max_entries=1, snapshot_every=1, max_learners=0, latency_ms=1)
    assert cluster.put("k", "v").ok
    cluster.run_for(6)
    assert cluster.add_learner().error == "too_many_learners"
    assert SimulatedCluster(1, heartbeat_ms=0.001, election_ms=0.002).put("k", "v").ok


def test_an_election_timeout_is_a_pair_in_a_tuple_or_a_list():
    traces = [
        SimulatedCluster(3, heartbeat_ms=30, election_ms=pair).trace for pair in ((150, 300), [150, 300])
    ]
    assert traces[0].to_json() == traces[1].to_json()


def test_timeouts_in_whole_milliseconds():
    """Rounded, so the two ends come half as often as each of the rest."""
    cluster = SimulatedCluster(3, heartbeat_ms=30, election_ms=WholeMs(150, 153), record=False)
    drawn = [next(node.timeouts) for node in cluster._world.nodes.values() for _ in range(2000)]
    share = {ms: drawn.count(1000 * ms) / len(drawn) for ms in (150, 151, 152, 153)}
    assert sum(share.values()) == pytest.approx(1)
    assert share == pytest.approx({150: 1 / 6, 151: 1 / 3, 152: 1 / 3, 153: 1 / 6}, abs=0.03)
    pair = SimulatedCluster(3, heartbeat_ms=30, election_ms=(150, 153)).trace.events
    assert SimulatedCluster(3, heartbeat_ms=30, election_ms=Uniform(150, 153)).trace.events == pair


def test_verbs_refuse_what_is_no_member(three):
    for call in (
        lambda: three.crash(["etcd-1"]),
        lambda: three.restart(1),
        lambda: three.put("k", "v", via=1),
        lambda: three.promote(None),
        lambda: three.heal(1, 2),
        lambda: three.add_learner(5),
        lambda: three.add_voter(["x"]),
    ):
        refused(call, TypeError, "is no name of a member; write a text such as 'etcd-1'")
    refused(lambda: three.add_learner(""), ValueError, "'' is no name")
    refused(lambda: three.crash("nobody"), ValueError, "there is no member 'nobody'")
    refused(lambda: three.put("k", "v", via="x"), ValueError, "there is no member")
    refused(lambda: three.add_learner("etcd-1"), ValueError, "has been used")
    assert three.put("k", "v").ok


def test_verbs_refuse_what_is_no_group_or_link(three):
    refused(lambda: three.partition(1), TypeError, "1 is no group")
    refused(lambda: three.partition("etcd-1"), TypeError, "a set of names")
    refused(lambda: three.partition(["etcd-1", 2]), TypeError, "2 is no name of a member")
    refused(lambda: three.partition({"etcd-1"}, {"etcd-1"}), ValueError, "in two groups")
    refused(lambda: three.delay("etcd-1", "etcd-1", ms=1), ValueError, "no link to itself")
    refused(lambda: three.delay("etcd-1", "etcd-2", ms=-1), ValueError, "is no delay")
    refused(lambda: three.heal("etcd-1"), TypeError, "no name or two")
    refused(lambda: three.cut("etcd-1", "etcd-2", one_way="no"), TypeError, "one_way='no' is neither")


def test_verbs_refuse_what_is_no_request(three):
    refused(lambda: three.put("k", None), TypeError, "None is no value")
    refused(lambda: three.put("k", 1), TypeError, "1 is no value; values are text as in etcd")
    refused(lambda: three.put(1, "v"), TypeError, "1 is no key")
    refused(lambda: three.put("\ud800", "v"), ValueError, "half a character")
    refused(lambda: three.cas("k", "a", None), TypeError, "None is no value")
    refused(lambda: three.cas("k", 1, "b"), TypeError, "1 is no value")
    for value in ("ab", None, ("a",), ("a", "b", "c")):
        refused(lambda value=value: three.submit("cas", "k", value), TypeError, "a pair .expected, new.")
    refused(lambda: three.submit("read", "k", "v"), TypeError, "a read takes no value")
    refused(lambda: three.submit("erase", "k"), ValueError, "kind 'erase' is unknown")
    refused(lambda: three.get("k", mode="fast"), ValueError, "mode 'fast' is unknown")
    refused(lambda: three.submit("write", "k", "v", mode="serializable"), ValueError, "only reads can")
    assert three.get("k").value is None and three.get("k").revision == 1  # nothing of it happened


def test_verbs_refuse_what_is_no_time(three):
    refused(lambda: three.run_for(-1), ValueError, "no time")
    refused(lambda: three.run_for("1"), TypeError, "seconds='1' is no time")
    refused(lambda: three.run_until(lambda: True, within=float("inf")), ValueError, "no time")
    refused(lambda: three.fork(at=1e6), ValueError, "lies in the future")
    refused(
        lambda: three.run_until(three.leader, within=1),
        TypeError,
        "the condition is 'etcd-1', but must be a function",
    )


def test_a_new_member_whose_latency_nobody_gave_is_refused_before_it_is_added():
    pairs = {("a", "b"): 1, ("a", "c"): 1, ("b", "c"): 1}
    cluster = SimulatedCluster(["a", "b", "c"], latency_ms=pairs)
    refused(cluster.add_learner, ValueError, "latency_ms says nothing about 'etcd-1' and 'a'")
    assert cluster.members == ("a", "b", "c")
    assert cluster.put("k", "v").ok


def test_a_client_has_a_name_and_time_an_end(three):
    for client in (5, None, ("x",), ["x"]):
        refused(lambda client=client: three.put("k", "v", client=client), TypeError, "client .* is no name")
    refused(
        lambda: three.run_for(1e305), ValueError, "seconds=1e.305 is no time; give .* from 0 to 1,000,000,000"
    )
    refused(lambda: three.delay("etcd-1", "etcd-2", ms=1e306), ValueError, "ms=1e.306 is no delay")


def test_a_seed_is_a_number_or_a_text(three):
    for seed in (5, -1, "a text", np.int64(5)):
        trace = SimulatedCluster(3, seed=seed).trace
        assert Trace.from_json(trace.to_json()).settings["seed"] == seed
    assert SimulatedCluster(3, seed=np.int64(5)).trace == SimulatedCluster(3, seed=5).trace
    for seed in ({1: 2}, None, 1.5, True, object()):
        refused(
            lambda seed=seed: SimulatedCluster(3, seed=seed), TypeError, "seed=.* is no seed; give a whole"
        )


def test_numbers_of_numpy_are_numbers():
    """And its booleans, like Python's, are not."""
    given = {
        "heartbeat_ms": np.float64(50),
        "election_ms": np.int64(500),
        "latency_ms": (np.int32(1), np.float32(2)),
        "loss": np.float64(0),
    }
    cluster = SimulatedCluster(
        np.int64(3), **given, timeout_ms=np.float64(900), disk_ms=np.int64(0), snapshot_every=np.int64(5)
    )
    assert (
        cluster.trace.to_json()
        == SimulatedCluster(
            3, heartbeat_ms=50.0, election_ms=500, latency_ms=(1, 2.0), timeout_ms=900.0, snapshot_every=5
        ).trace.to_json()
    )
    cluster.run_for(np.float64(0.5))
    cluster.delay("etcd-1", "etcd-2", ms=np.int64(5))
    refused(
        lambda: SimulatedCluster(3, heartbeat_ms=np.bool_(True)), TypeError, "heartbeat_ms=.* a number of ms"
    )
    refused(lambda: cluster.run_for(np.bool_(True)), TypeError, "is no time")


def test_what_the_caller_gave_may_change_afterwards():
    latency = {("etcd-1", "etcd-2"): [10, 10], ("etcd-1", "etcd-3"): 10, ("etcd-2", "etcd-3"): 10}
    cluster = SimulatedCluster(3, latency_ms=latency, leader="etcd-1")
    latency["etcd-1", "etcd-2"][0] = 0
    latency["etcd-1", "etcd-3"] = 500
    latency.clear()
    assert cluster.fork().trace == cluster.trace
    assert cluster.fork().put("k", "v").latency == cluster.put("k", "v").latency == 20


def test_time_that_would_take_too_long_to_compute_is_refused(three):
    refused(
        lambda: three.run_for(1e9),
        ValueError,
        r"seconds=1000000000.0 would take this cluster some 6e.10 steps; choose at most",
    )
    refused(lambda: three.run_until(lambda: False, within=1e9), ValueError, "within=1000000000.0 would take")
    three.run_for(10)
