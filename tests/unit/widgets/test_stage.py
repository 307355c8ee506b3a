"""The stage widget driven without a front end."""

from itertools import combinations

import pytest
import traitlets

import quorumlab as ql
from quorumlab.views.stage import describe, stage_view
from quorumlab.widgets.base import ALIVE

VIEW_KEY = "application/vnd.jupyter.widget-view+json"
FIVE = [f"etcd-{i}" for i in range(1, 6)]


def test_a_number_is_a_majority_of_so_many():
    stage = ql.Stage(5)
    assert [m["name"] for m in stage.members] == FIVE
    assert {m["place"] for m in stage.members} == {""}
    assert stage.word == "majority"
    assert stage.up == FIVE
    assert stage.writes_go_on
    assert not stage.with_cut


@pytest.mark.parametrize("n", range(1, 10))
def test_what_the_browser_is_given_is_the_rule_itself(n):
    stage = ql.Stage(n)
    for down in (c for k in range(n + 1) for c in combinations(stage.system.members, k)):
        stage.down = list(down)
        up = {i for i, m in enumerate(stage.system.members) if m not in down}
        in_the_browser = any(up >= set(quorum) for quorum in stage.quorums)
        assert stage.writes_go_on == in_the_browser == (2 * len(up) > n)
        assert len(stage.up) == len(up)


@pytest.mark.parametrize(
    ("system", "word"),
    [
        (ql.majority(5), "majority"),
        (ql.majority(["a", "b", "c"]), "majority"),
        (ql.threshold(4, 2), "quorum"),
        (ql.weighted({"a": 2, "b": 1, "c": 1}), "quorum"),
        (ql.grid(2, 3), "quorum"),
        (ql.hierarchical([3, 3, 3]), "quorum"),
        (ql.flexible(6, commit=3, elect=4).of_kind("commit"), "quorum"),
        (ql.flexible(5, commit=3, elect=3), "quorum"),
    ],
    ids=repr,
)
def test_any_quorum_system(system, word):
    stage = ql.Stage(system)
    assert stage.word == word
    names = list(system.members)
    assert {frozenset(q) for q in stage.quorums} == {
        frozenset(map(names.index, q)) for q in system.minimal_quorums()
    }
    assert word in stage.view.sentence


def test_a_word_of_ones_own():
    assert "three nodes" in ql.Stage(5, word="group of three nodes").view.sentence


def test_down_places_and_cut_from_the_start():
    places = {"etcd-1": "zone-a", "etcd-2": "zone-b"}
    stage = ql.Stage(3, down=("etcd-3", "etcd-1"), places=places)
    assert stage.down == ("etcd-1", "etcd-3")
    assert [m["place"] for m in stage.members] == ["zone-a", "zone-b", ""]
    assert stage.up == ["etcd-2"]
    assert not stage.writes_go_on
    cut = ql.Stage(4, cut=1)
    assert (cut.with_cut, cut.cut) == (True, 1)
    assert ql.Stage(4, cut=0).with_cut


def test_a_topology_brings_its_places_and_leaves_its_learners_out():
    topology = ql.Topology.of("us-east-1a: 2, us-east-1b: 1").joined("reader", "us-east-1b", role="learner")
    stage = ql.Stage(topology)
    assert [m["place"] for m in stage.members] == ["us-east-1a", "us-east-1a", "us-east-1b"]
    assert [box["name"] for box in stage.positions["boxes"]] == ["us-east-1a", "us-east-1b"]
    assert stage.positions["spots"].keys() == {m["name"] for m in stage.members}


@pytest.mark.parametrize("cut", range(5))
def test_a_cut_stops_writes_where_no_side_has_a_majority(cut):
    stage = ql.Stage(4, cut=cut)
    assert stage.writes_go_on == (cut != 2)
    assert stage.view.sentence == describe(ql.majority(4), cut=cut)[1]


def test_split_brain_is_writes_going_on():
    stage = ql.Stage(ql.threshold(4, 2), cut=2)
    assert stage.writes_go_on
    assert "split brain" in stage.view.sentence


def test_as_the_front_end_fails_and_cuts():
    stage = ql.Stage(5, cut=0)
    stage.set_state({"down": ["etcd-2", "etcd-4"]})
    assert stage.up == ["etcd-1", "etcd-3", "etcd-5"]
    assert stage.writes_go_on
    stage.set_state({"cut": 2})
    assert not stage.writes_go_on
    assert stage.view.sentence == describe(ql.majority(5), ("etcd-2", "etcd-4"), cut=2)[1]
    stage.set_state({"down": [], "cut": 0})
    assert stage.up == FIVE


def test_without_a_cut_line_nothing_can_be_cut():
    stage = ql.Stage(5)
    with pytest.raises(traitlets.TraitError, match="has no cut"):
        stage.cut = 2
    assert stage.writes_go_on
    assert stage.view.sentence.startswith("5 of 5 are up: a majority")


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize("arguments", [{"down": ["etcd-9"]}, {"places": {"etcd-9": "a"}}])
def test_an_unknown_member_is_named(arguments):
    with pytest.raises(ValueError, match="no member 'etcd-9' here; the members are etcd-1, etcd-2, etcd-3"):
        ql.Stage(3, **arguments)


def test_one_name_is_not_a_list_of_letters():
    with pytest.raises(TypeError, match=r"down is 'etcd-1'.*\['etcd-1'\]"):
        ql.Stage(3, down="etcd-1")


def test_an_unknown_member_cannot_be_failed_later():
    stage = ql.Stage(3)
    with pytest.raises(
        traitlets.TraitError, match="no member 'etcd-9' here; the members are etcd-1, etcd-2, etcd-3"
    ):
        stage.down = ["etcd-1", "etcd-9"]
    assert stage.down == ()


def test_nothing_of_a_stage_changes_behind_its_back():
    """What is appended to a list is sent to no browser, and checked by nobody."""
    stage = ql.Stage(3)
    told: list[object] = []
    stage.observe(told.append, names="down")
    with pytest.raises(AttributeError):
        stage.down.append("etcd-1")
    stage.down = ["etcd-1"]
    assert len(told) == 1
    assert stage.get_state("down") == {"down": ("etcd-1",)}
    assert stage.view.sentence.startswith("2 of 3 are up")


@pytest.mark.parametrize("cut", [-1, 4, 99])
def test_a_cut_outside_the_members_is_refused(cut):
    with pytest.raises(ValueError, match=f"cannot have {cut} members on its left; give a number from 0 to 3"):
        ql.Stage(3, cut=cut)
    stage = ql.Stage(3, cut=0)
    with pytest.raises(traitlets.TraitError, match=f"cannot have {cut} members on its left"):
        stage.cut = cut
    assert stage.cut == 0


@pytest.mark.parametrize("n", [0, -1])
def test_a_size_that_cannot_be_is_refused(n):
    with pytest.raises(ValueError, match=f"{n}"):
        ql.Stage(n)


def test_two_kinds_of_quorum_are_not_one_picture():
    """With 3 of 6 up, a living leader still commits and nobody new can be elected: neither "on" nor "off" is true."""
    with pytest.raises(ValueError) as refused:
        ql.Stage(ql.flexible(6, commit=3, elect=4))
    assert str(refused.value) == (
        "flexible(6, commit=3, elect=4) has two kinds of quorum, one to commit and one to elect, and a stage shows one; "
        'show one kind: ql.Stage(system.of_kind("commit")).'
    )


def test_too_many_members_are_refused():
    with pytest.raises(ValueError, match="at most 9 members, not 11"):
        ql.Stage(11)
    assert len(ql.Stage(9).quorums) == 126


# ---------------------------------------------------------------- what a saved page keeps


def test_the_display_bundle_has_page_and_text_beside_the_widget():
    stage = ql.Stage(5, down=("etcd-2",), places=dict.fromkeys(FIVE, "zone-a"))
    data, metadata = stage._repr_mimebundle_()
    assert set(data) == {VIEW_KEY, "text/html", "text/plain"}
    assert data[VIEW_KEY]["model_id"] == stage.model_id
    expected = stage_view(ql.majority(5), ("etcd-2",), places=dict.fromkeys(FIVE, "zone-a"))
    assert data["text/html"] == expected.to_html() + ALIVE
    assert data["text/plain"] == expected.to_text()
    assert isinstance(metadata, dict)


def test_names_are_escaped_on_the_page():
    stage = ql.Stage(ql.majority(["<b>a</b>", "b", "c"]), down=("<b>a</b>",))
    page = stage._repr_mimebundle_()[0]["text/html"]
    assert "<b>" not in page
    assert "&lt;b&gt;a&lt;/b&gt;" in page
