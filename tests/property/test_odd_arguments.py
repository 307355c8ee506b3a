"""Whatever is passed for whatever: an answer, or one sentence; never an exception from inside, and never a long wait."""

import math
import re
from fractions import Fraction
from pathlib import Path

import pytest

import quorumlab as ql
from quorumlab.course import progress
from quorumlab.course.selfcheck import VISIBLE
from quorumlab.latency import commit_band, loss_table, traffic_cost
from quorumlab.topology import Placement
from tests.property import odd_calls
from tests.property.odd_calls import ALL

LABS = Path(__file__).parents[2] / "labs"
T = ql.Topology
t = T.of("us-east-1a: 2, us-east-1b: 1, eu-west-1a: 2", learners="ap-south-1a: 1")
US = "us-east-1"
ODD = [
    *(None, True, False, 0, -1, 1.5, math.nan, math.inf, 10**400, 1j, Fraction(1, 3)),
    *("", "x", "etcd-1", "us-east-1a", "a: 1, b", "\0", "x" * 3000, b"x"),
    *([], ["x"], [None], {}, {"a": 1}, {"a": None}, {1: 2}, (), (1, 2), {1}, range(3)),
    *(object(), int, len),
]

PLACES = {
    "Topology.of": lambda v: T.of(v),
    "learners": lambda v: T.of("a: 1", learners=v),
    "witnesses": lambda v: T.of("a: 1", witnesses=v),
    "regions": lambda v: T.of("a: 1", regions=v),
    "region": lambda v: T.placed({"a": "b"}, regions={"b": v}),
    "Topology.placed": lambda v: T.placed(v),
    "zone of": lambda v: T.placed({"a": v}),
    "roles": lambda v: T.placed({"a": "b"}, roles=v),
    "role": lambda v: T.placed({"a": "b"}, roles={"a": v}),
    "from_yaml": lambda v: T.from_yaml(v),
    "placements": lambda v: T(v),
    "placement": lambda v: T((v,)),
    "name": lambda v: T((Placement(v, "a", "b"),)),
    "survives zone": lambda v: t.survives(zone=v),
    "survives region": lambda v: t.survives(region=v),
    "survives members": lambda v: t.survives(members=v),
    "survives_any": lambda v: t.survives_any(v),
    "survives_any_plus_one": lambda v: t.survives_any_plus_one(v),
    "moved": lambda v: t.moved(v, "z"),
    "moved to": lambda v: t.moved("etcd-1", v),
    "moved to region": lambda v: t.moved("etcd-1", "z", region=v),
    "joined": lambda v: t.joined(v, "z"),
    "joined in": lambda v: t.joined("n", v),
    "joined as": lambda v: t.joined("n", "z", role=v),
    "without": lambda v: t.without(v),
    "unavailability": lambda v: ql.unavailability(v, 0.9),
    "zone_up": lambda v: ql.unavailability(t, 0.9, v),
    "region_up": lambda v: ql.unavailability(t, 0.9, 0.9, v),
    "topology": lambda v: ql.unavailability(ql.majority(3), 0.9, topology=v),
    "kind": lambda v: ql.unavailability(t, 0.9, kind=v),
    "commit_latency": lambda v: ql.commit_latency(v),
    "leader": lambda v: ql.commit_latency(t, v),
    "rtt": lambda v: ql.commit_latency(t, rtt=v),
    "round trip": lambda v: ql.commit_latency(t, rtt={("a", "b"): v}),
    "down": lambda v: ql.commit_latency(t, down=v),
    "disk": lambda v: ql.commit_latency(t, disk=v),
    "via": lambda v: ql.write_latency(t, via=v),
    "client": lambda v: ql.write_latency(t, client=v),
    "read via": lambda v: ql.read_latency(t, via=v, mode="serializable"),
    "mode": lambda v: ql.read_latency(t, mode=v),
    "band of": lambda v: commit_band(t, v),
    "prices": lambda v: traffic_cost(t, between_zones=v),
    "after_loss": lambda v: ql.after_loss(v, zone="a"),
    "after_loss led by": lambda v: ql.after_loss(t, v, zone="us-east-1a"),
    "after_loss of zone": lambda v: ql.after_loss(t, zone=v),
    "loss_table": lambda v: loss_table(t, what=v),
    "layouts": lambda v: ql.layouts(v),
    "zones": lambda v: ql.layouts({US: v}),
    "clients": lambda v: ql.layouts([US], v),
    "weight": lambda v: ql.layouts([US], {US: v}),
    "survive": lambda v: ql.layouts([US], survive=v),
    "members": lambda v: ql.layouts([US], members=v),
    "one of members": lambda v: ql.layouts([US], members=[v]),
    "member_up": lambda v: ql.layouts([US], member_up=v),
}


CALLS = {**PLACES, **ALL}
LONG = ["x" * 100_000, ["x" * 100_000], 10**400, 10**5000]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """What is written, a trace or an answer, is written there; a lab finds the data of its check."""
    (tmp_path / VISIBLE).write_bytes((LABS / "quorum-math" / VISIBLE).read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_unsaved", [])


@pytest.mark.parametrize("what", CALLS)
def test_an_answer_or_one_sentence(what):
    for value in [*ODD, *LONG]:
        try:
            CALLS[what](value)
        except (ValueError, TypeError, OSError) as error:
            said = str(error)
            assert said.endswith(".") and "\n" not in said, (cut(value), said)
            assert len(said) <= 400, (cut(value), len(said), said[:500])


def cut(value: object) -> str:
    """The value for a message of this test."""
    return "10**5000" if value == 10**5000 else repr(value)[:80]


def test_every_public_name_is_asked():
    """A name that comes to ``ql`` comes to these calls too; these take nothing, are made by others or start processes."""
    without = {
        "EtcdCluster",
        "Outcome",
        "QuorumSystem",
        "RTT",
        "Verdict",
        "check_environment",
        "reset_progress",
    }
    text = "".join(Path(file).read_text(encoding="utf-8") for file in (__file__, odd_calls.__file__))
    assert {n for n in ql.__all__ if not re.search(rf"\bql\.{n}\b", text)} == without
