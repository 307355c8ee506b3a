"""The map by hand: what a click does, what cannot be, and what a saved page keeps."""

from itertools import product

import pytest
from traitlets import TraitError

import quorumlab as ql
from quorumlab.latency import CLOUDS
from quorumlab.views.world import LAND, world_view
from quorumlab.widgets.world import DEFAULT, HOMES, OWN, STARTS, TOOLS, WorldMap

HOME, EUROPE, INDIA = "us-east-1", "eu-west-1", "ap-south-1"


def test_it_begins_with_one_in_each_of_three_regions() -> None:
    world = WorldMap()
    assert world.values == {
        "members": {HOME: 1, EUROPE: 1, INDIA: 1},
        "leader": None,
        "client": INDIA,
        "lost": None,
        "cloud": "AWS",
    }
    assert "a write is committed after 69.7 ms" in world.sentence
    assert world.picture.startswith(b"<?xml") and world.width == 700
    assert (
        next(spot for spot in world.spots if spot["name"] == HOME)["words"]
        == "us-east-1, N. Virginia: 1 member, leads"
    )


def test_a_click_places_one_two_three_and_none_again() -> None:
    world, seen = WorldMap(), []
    for _ in range(4):
        world.act("member", "eu-central-1")
        seen.append(world.values["members"].get("eu-central-1", 0))
    assert seen == [1, 2, 3, 0]
    for what, count in (("less", 0), ("more", 1), ("more", 2), ("more", 3), ("more", 3), ("less", 2)):
        world.act(what, "eu-central-1")
        assert world.values["members"].get("eu-central-1", 0) == count


def test_each_act_shows_in_words_and_picture() -> None:
    world = WorldMap(start="3 + 1 + 1")
    pictures = {world.picture}
    assert "a write is committed after 1.0 ms" in world.sentence
    world.act("leader", EUROPE)
    assert "eu-west-1 leads: a write is committed after 69.7 ms" in world.sentence
    pictures.add(world.picture)
    world.act("client", "sa-east-1")
    assert "A client in sa-east-1 waits" in world.sentence
    pictures.add(world.picture)
    world.act("lose", HOME)
    assert "no quorum" in world.sentence and world.table["columns"][-1] == "without us-east-1"
    pictures.add(world.picture)
    world.act("lose", HOME)
    world.act("leader", EUROPE)
    world.act("client", "sa-east-1")
    assert world.values == {
        "members": {HOME: 3, EUROPE: 1, INDIA: 1},
        "leader": None,
        "client": None,
        "lost": None,
        "cloud": "AWS",
    }
    assert len(pictures) == 4


def test_what_cannot_be_is_said_and_changes_nothing() -> None:
    world = WorldMap(start="a single member")
    before, picture = world.values, world.picture
    world.act("less", HOME)
    assert world.problem == "No region has a member, but a cluster needs one; place at least one."
    assert (world.values, world.picture) == (before, picture)
    world.act("leader", INDIA)
    assert world.values == before
    assert world.problem == (
        "No member stands in ap-south-1, so none there can lead; place one there, or choose one of us-east-1."
    )
    world.act("member", HOME)
    assert world.problem == "" and world.values["members"] == {HOME: 2}


def test_a_leader_whose_last_member_goes_leads_no_more() -> None:
    world = WorldMap(leader=EUROPE)
    world.act("less", EUROPE)
    assert world.values["leader"] is None and world.problem == ""


def test_another_cloud_or_start_begins_anew() -> None:
    world = WorldMap(lost=EUROPE)
    world.cloud = "Azure"
    assert world.values["members"] == {"eastus": 1, "northeurope": 1, "centralindia": 1}
    assert world.values["lost"] is None and "estimates" in world.sentence
    assert {spot["name"] for spot in world.spots} == {region.name for region in CLOUDS["Azure"]}
    world.start = "3 + 1 + 1"
    assert world.values["members"] == {"eastus": 3, "northeurope": 1, "centralindia": 1}


def test_a_start_keeps_the_client_that_the_cell_gave() -> None:
    world = WorldMap(client="eu-central-1")
    world.start = "2 + 2 + 1"
    assert world.values["client"] == "eu-central-1" and world.values["members"] == {
        HOME: 2,
        EUROPE: 2,
        INDIA: 1,
    }
    world.cloud = "Azure"  # which has no such region
    assert world.values["client"] == HOMES["Azure"][2]
    world.cloud = "AWS"
    assert world.values["client"] == "eu-central-1"


def test_another_start_keeps_the_client_where_the_learner_has_put_it() -> None:
    world = WorldMap(client="eu-central-1")
    for client in ("sa-east-1", None):
        world.act("client", "sa-east-1")
        world.start = "2 + 2 + 1" if client else "3 + 1 + 1"
        assert world.values["client"] == client
    world.start = DEFAULT  # which is what the cell said
    assert world.values["client"] == "eu-central-1"


def test_each_cloud_keeps_what_stands_on_it() -> None:
    world = WorldMap({HOME: 2, "eu-north-1": 1})
    world.act("member", "sa-east-1")
    world.act("client", "eu-central-1")
    mine = world.values
    for cloud in ("Azure", "Google Cloud"):
        world.cloud = cloud
        assert world.start == DEFAULT and world.values["members"] == dict.fromkeys(HOMES[cloud], 1)
        assert world.sentence.startswith(
            f"{cloud} has regions of its own, so its map begins as the list says. 3 members"
        )
    world.act("member", "us-east4")
    on_google = world.values
    world.cloud = "AWS"
    assert world.values == mine and world.start == OWN and "of its own" not in world.sentence
    world.cloud = "Google Cloud"
    assert world.values == on_google and "of its own" not in world.sentence
    world.start = OWN
    assert world.values["members"] == {HOME: 2, "eu-north-1": 1} and world.cloud == "AWS"
    assert "of its own" not in world.sentence
    world.cloud = "Google Cloud"
    assert world.values == on_google and world.start == DEFAULT
    world.start = "2 + 2 + 1"
    world.start = OWN
    world.cloud = "Google Cloud"
    assert world.start == "2 + 2 + 1" and sum(world.values["members"].values()) == 5


def test_no_member_of_a_lost_region_can_be_chosen_to_lead() -> None:
    world = WorldMap(lost=EUROPE)
    before = world.values
    world.act("leader", EUROPE)
    assert (
        world.problem
        == "eu-west-1 is lost, so no member there can lead; bring it back first, or choose another region."
    )
    assert world.values == before
    world.act("leader", "sa-east-1")
    assert world.problem.endswith("choose one of us-east-1, ap-south-1.")
    alone = WorldMap({HOME: 3}, lost=HOME)
    alone.act("leader", EUROPE)
    assert alone.problem == "No member stands in eu-west-1, so none there can lead; place one there."
    led = WorldMap(leader=EUROPE, lost=EUROPE)
    led.act("leader", EUROPE)  # no longer the one that was chosen
    assert led.problem == "" and led.values["leader"] is None


def test_it_can_start_again_as_the_list_says() -> None:
    world = WorldMap(client="eu-central-1", leader=EUROPE, lost=INDIA)
    first, picture = world.values, world.picture
    for what, region in (("member", "eu-north-1"), ("leader", EUROPE), ("client", HOME), ("lose", HOME)):
        world.act(what, region)
    assert world.values != first
    world._handle_custom_msg({"act": "again"}, [])
    assert (world.values, world.picture, world.problem) == (first, picture, "")
    world.start = "3 + 1 + 1"
    world.act("member", HOME)  # none any more
    world.act("again")
    assert world.values["members"] == {HOME: 3, EUROPE: 1, INDIA: 1} and world.values["lost"] is None


def test_members_of_the_cell_s_own_are_a_start_of_the_list() -> None:
    world = WorldMap({"sa-east-1": 2, HOME: 1}, lost=HOME)
    first = world.values
    assert world.start == OWN and world.starts == (OWN, *STARTS)
    world.act("member", EUROPE)
    world.act("again")
    assert world.values == first
    world.cloud = "Azure"  # which has none of these regions
    assert world.start == "one in each of three" and world.values["members"] == dict.fromkeys(
        HOMES["Azure"], 1
    )
    world.start = OWN
    assert world.values == first and world.cloud == "AWS"
    world.cloud = "Azure"
    assert world.start == "one in each of three"
    plain = WorldMap()
    assert plain.starts == tuple(STARTS)
    for start in (OWN, "many"):
        with pytest.raises(TraitError, match="must be one of"):
            plain.start = start


def test_a_second_loss_says_that_the_first_region_is_back() -> None:
    world = WorldMap(start="three in each of three")
    world.act("lose", EUROPE)
    assert "is back" not in world.sentence
    world.act("lose", INDIA)
    assert world.sentence.startswith("The map loses one region at a time, so eu-west-1 is back. 9 members")
    assert world.values["lost"] == INDIA and "one at a time" in TOOLS["lose"]
    world.act("member", EUROPE)
    assert "is back" not in world.sentence
    world.act("lose", INDIA)
    assert world.values["lost"] is None and "is back" not in world.sentence
    world.act("lose", INDIA)
    world.act("lose", HOME)
    assert "is back" in world.sentence
    world.start = "2 + 2 + 1"
    assert "is back" not in world.view.sentence


def test_a_region_with_nothing_in_it_cannot_be_lost() -> None:
    world = WorldMap()
    before = world.values
    world.act("lose", "sa-east-1")
    assert (
        world.problem
        == "Nothing stands in sa-east-1, so nothing would change if it were lost; lose a region with a member or the client."
    )
    assert world.values == before
    world.act("client", "sa-east-1")
    world.act("lose", "sa-east-1")
    assert world.problem == "" and "The client in sa-east-1 is lost as well." in world.sentence
    world.act("client", INDIA)  # and what is lost can be brought back, empty or not
    world.act("lose", "sa-east-1")
    assert world.problem == "" and world.values["lost"] is None
    world.act("less", "sa-east-1")
    assert world.problem == "" and "sa-east-1" not in world.values["members"]


def test_a_region_that_is_given_no_members_has_none() -> None:
    assert WorldMap({HOME: 3, EUROPE: 0}).values == WorldMap({HOME: 3}).values


@pytest.mark.parametrize(("cloud", "start"), list(product(CLOUDS, STARTS)))
def test_every_start_of_every_cloud_can_be_lost_region_by_region(cloud: str, start: str) -> None:
    world = WorldMap(cloud=cloud, start=start)
    for region in HOMES[cloud]:
        for what in TOOLS:
            world.act(what, region)
            if not world.problem:
                assert world.sentence.endswith(world_view(**world.values).sentence)
    for spot in world.spots:
        assert 0 < spot["x"] < 100 and 0 < spot["y"] < 100


def test_a_message_from_the_page_is_an_act() -> None:
    world = WorldMap()
    world._handle_custom_msg({"act": "lose", "region": EUROPE}, [])
    assert world.values["lost"] == EUROPE


def test_a_saved_page_keeps_picture_sentence_and_table() -> None:
    data, _ = WorldMap(client="eu-central-1")._repr_mimebundle_()
    assert (
        'alt="A map of the world.' in data["text/html"] and "The same facts as a table" in data["text/html"]
    )
    assert data["text/plain"].startswith("3 members in 3 regions")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"cloud": "Moon"}, "The cloud is 'Moon'"),
        ({"start": "many"}, "The start is 'many', but must be one of three in one region"),
        ({"members": {"mars-1": 1}}, "'mars-1' is no region of AWS here"),
        ({"leader": "eu-central-1"}, "No member stands in eu-central-1"),
        ({"members": {HOME: 0}}, "No region has a member"),
    ],
)
def test_bad_beginnings_are_refused(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ql.WorldMap(**given)  # type: ignore[arg-type]


def test_members_are_a_dict() -> None:
    with pytest.raises(TypeError, match="The members are 'us-east-1', but must be a dict"):
        ql.WorldMap("us-east-1")  # type: ignore[arg-type]


def test_an_unknown_act_is_refused() -> None:
    with pytest.raises(ValueError, match="The act is 'burn'"):
        WorldMap().act("burn", HOME)


def test_a_picture_holds_what_is_now_and_no_land_which_is_sent_once() -> None:
    """Back where it was, the map is the same picture again: nothing of what was drawn between stays on it."""
    world = WorldMap()
    first, land = world.picture, world.land
    for _ in range(4):
        world.act("member", "us-west-2")
        assert len(world.picture) < len(land)
    assert world.picture == first and world.land is land
    assert b"</svg>" in land and LAND.encode() in land and LAND.encode() not in first
    assert LAND.encode() in world.view.svg()  # what a saved page keeps is the whole map
