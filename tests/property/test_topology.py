"""Random topologies: what survives by counting sets, YAML by PyYAML, the smallest change by trying all smaller ones."""

import string
from itertools import combinations, product

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from quorumlab.topology import Placement, Topology

NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1, max_size=12
)
NAMES = NAMES.filter(lambda name: name == name.strip() and name.isprintable())


@st.composite
def topologies(draw, names=NAMES, most=9):
    """Voters, learners and a minority of witnesses in up to five zones of up to three regions."""
    region_of = draw(st.dictionaries(names, names, min_size=1, max_size=5))
    zones = st.sampled_from(sorted(region_of))
    members = draw(
        st.lists(st.tuples(names, zones), min_size=1, max_size=most, unique_by=lambda pair: pair[0])
    )
    roles = ["voter", *(draw(st.sampled_from(["voter", "voter", "learner"])) for _ in members[1:])]
    votes = roles.count("voter")
    if votes >= 3 and draw(st.booleans()):
        roles[roles.index("voter", 1)] = "witness"
    return Topology(
        tuple(Placement(n, z, region_of[z], role) for (n, z), role in zip(members, roles, strict=True))
    )


@given(topologies())
def test_written_and_read_again(t):
    text = t.to_yaml()
    assert Topology.from_yaml(text) == t
    nodes = yaml.safe_load(text)["etcd-cluster"]["nodes"]
    assert [(node["name"], node["zone"]) for node in nodes] == [(p.name, p.zone) for p in t.placements]
    assert all(node.get("role", "voter") == t.role_of[node["name"]] for node in nodes)


@given(topologies(), st.data())
def test_comments_never_change_what_is_read(t, data):
    lines = t.to_yaml().split("\n")
    for _ in range(3):
        at = data.draw(st.integers(0, len(lines) - 1))
        lines[at:at] = [data.draw(st.sampled_from(["# a: b", "", "      # - name: x", "  "]))]
    commented = Topology.from_yaml("\n".join(lines))
    assert commented == t
    assert commented.to_yaml() == "\n".join(lines)
    name = data.draw(st.sampled_from(t.members))
    moved = commented.moved(name, "elsewhere", region="far")
    assert Topology.from_yaml(moved.to_yaml()) == moved


@given(st.text(string.ascii_letters + string.digits + " \n:-#'\"{}[]&*!|>,.\xa0\u2028", max_size=120))
def test_any_text_is_read_or_refused_in_one_sentence_and_never_otherwise_than_by_pyyaml(tail):
    text = "etcd-cluster:\n  nodes:\n    - name: a\n      zone: z\n" + tail
    try:
        t = Topology.from_yaml(text)
    except ValueError as error:
        assert "\n" not in str(error) and str(error).endswith(".")
        return
    nodes = yaml.safe_load(text)["etcd-cluster"]["nodes"]
    assert [(n["name"], n["zone"]) for n in nodes] == list(t.zone_of.items())


@given(topologies())
def test_what_survives_against_the_quorum_system(t):
    system, voters = t.quorum_system, set(t.voters)
    for what, places in (("zone", t.zones), ("region", t.regions)):
        left = {place: voters - set(names) for place, names in places.items()}
        for place, up in left.items():
            assert t.survives(**{what: place}) == system.is_quorum(up)
            spare = t.spare_after_loss_of(**{what: place})
            fewer = len(up) - max(spare, 0)
            assert all(system.is_quorum(c) for c in combinations(sorted(up), fewer)) == (spare >= 0)
            assert not any(system.is_quorum(c) for c in combinations(sorted(up), max(fewer - 1, 0)))
        assert bool(t.survives_any(what)) == all(system.is_quorum(up) for up in left.values())
        assert bool(t.survives_any_plus_one(what)) == all(
            system.is_quorum(up - {m}) for up in left.values() for m in voters
        )
    worst = {"zone": t.worst_zone(), "region": t.worst_region()}
    for what, place in worst.items():
        assert t.spare_after_loss_of(**{what: place}) == min(
            t.spare_after_loss_of(**{what: other}) for other in {"zone": t.zones, "region": t.regions}[what]
        )


@given(topologies())
@settings(max_examples=200)
def test_the_changed_topology_passes(t):
    review = t.verdict()
    if review.passes:
        assert review.changed is None and review.change is None
    else:
        assert review.changed.verdict().passes, (review, review.changed)
        assert set(t.members) <= set(review.changed.members)


SPLITS = [c for n in range(1, 8) for c in product(range(1, n + 1), repeat=3) if sum(c) == n]
SPLITS += [(a, b) for a in range(1, 5) for b in range(1, 5)] + [(a,) for a in range(1, 6)]


@pytest.mark.parametrize("counts", SPLITS, ids=str)
def test_no_smaller_change_would_do(counts):
    """Over zones alone: all ways to move and add one member fewer than advised, some in up to four new zones."""
    t = Topology.of(dict(zip("abc", counts, strict=False)))
    review = t.verdict()
    steps = review.change.count("move ") + review.change.count("add ") if review.change else 0

    def passes(votes):
        return max(votes) <= (sum(votes) - 1) // 2

    reached = {(*counts, *[0] * 4)}
    for _ in range(steps):
        assert not any(passes(votes) for votes in reached)
        reached = {
            tuple(v + (i == to) - (i == out) for i, v in enumerate(votes))
            for votes in reached
            for to in range(len(votes))
            for out in (None, *range(len(votes)))
            if out is None or votes[out]
        }
    assert any(passes(votes) for votes in reached)
