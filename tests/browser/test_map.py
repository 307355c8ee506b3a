"""The map of the world by hand and by keyboard: place a member, choose leader and client, lose a region, and read the milliseconds."""

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

import quorumlab as ql
from tools.bare_page import show
from tools.browser import Lab, open_notebook, run_all, serve, show_cell

pytestmark = pytest.mark.browser
MAP = "ql.WorldMap()"


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("maps")
    cells = [nbformat.v4.new_code_cell(source) for source in ("import quorumlab as ql", MAP)]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "map.ipynb"
    )
    with serve(folder) as running:
        yield running


@pytest.fixture
def world(page: Page, maps: Lab) -> Locator:
    open_notebook(page, maps, "map.ipynb")
    run_all(page)
    return show_cell(page, MAP)


def region(world: Locator, name: str) -> Locator:
    return world.locator(f'.ql-spot[aria-label^="{name},"]')


def test_a_click_places_a_member_and_a_loss_changes_the_milliseconds(world: Locator) -> None:
    sentence, picture = world.get_by_role("status").first, world.get_by_role("img")
    expect(sentence).to_contain_text(
        "3 members in 3 regions, quorum 2. us-east-1 leads: a write is committed after 69.7 ms"
    )
    before = picture.get_attribute("src")
    region(world, "us-east-2").click()
    expect(sentence).to_contain_text("4 members in 4 regions, quorum 3")
    expect(region(world, "us-east-2")).to_have_attribute("aria-label", "us-east-2, Ohio: 1 member")
    assert picture.get_attribute("src") != before
    region(world, "us-east-2").click()  # two there, five in all: Virginia and Ohio are a quorum
    expect(sentence).to_contain_text("us-east-1 leads: a write is committed after 15.8 ms")
    world.get_by_label("loses the region").check()
    region(world, "us-east-2").click()
    expect(sentence).to_contain_text(
        "us-east-2 is lost; us-east-1 leads: a write is committed after 191 ms, and no further member may be lost."
    )
    assert "us-east-2: 2 members, lost" in (picture.get_attribute("alt") or "")
    region(world, "eu-west-1").click()
    expect(sentence).to_contain_text("The map loses one region at a time, so us-east-2 is back.")
    world.get_by_role("button", name="Start again").click()
    expect(sentence).to_contain_text("3 members in 3 regions, quorum 2. us-east-1 leads")
    expect(region(world, "us-east-2")).to_have_attribute("aria-label", "us-east-2, Ohio: no member")


def test_leader_and_client_go_where_the_click_says_and_a_table_holds_the_same(world: Locator) -> None:
    sentence = world.get_by_role("status").first
    world.get_by_label("makes it lead").check()
    region(world, "ap-south-1").click()
    expect(sentence).to_contain_text("ap-south-1 leads: a write is committed after 126 ms")
    world.get_by_label("puts the client there").check()
    region(world, "sa-east-1").click()
    expect(sentence).to_contain_text("A client in sa-east-1 waits 427 ms for its write")
    world.get_by_label("makes it lead").check()
    region(world, "eu-north-1").click()
    expect(sentence).to_contain_text("No member stands in eu-north-1, so none there can lead")
    region(world, "ap-south-1").click()
    expect(sentence).to_contain_text("us-east-1 leads")
    world.get_by_role("button", name="Show as table").click()
    expect(world.get_by_role("row", name="a commit at the leader")).to_contain_text("69.7 ms")
    expect(region(world, "us-east-1")).to_be_hidden()


def test_all_of_it_works_by_keyboard(page: Page, world: Locator) -> None:
    sentence = world.get_by_role("status").first
    world.get_by_label("places members (1, 2, 3, none)").focus()
    page.keyboard.press("Tab")  # from the choice to the map: one stop, and arrows within
    focused = "document.activeElement.getAttribute('aria-label')"
    assert page.evaluate(focused) == "us-east-1, N. Virginia: 1 member, leads"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused).startswith("eu-west-1")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused).startswith("eu-central-1")
    page.keyboard.press("Enter")
    expect(sentence).to_contain_text("4 members in 4 regions")
    page.keyboard.press("+")
    expect(sentence).to_contain_text("5 members in 4 regions")
    page.keyboard.press("-")
    page.keyboard.press("-")
    expect(sentence).to_contain_text("3 members in 3 regions")
    assert page.evaluate(focused).startswith("eu-central-1")  # a redraw takes no focus away
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("ArrowUp")  # radio buttons wrap round: the last of them
    expect(world.get_by_label("loses the region")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(sentence).to_contain_text("eu-west-1 is lost; us-east-1 leads: a write is committed after 191 ms")


def test_another_cloud_says_that_its_round_trips_are_estimates(world: Locator) -> None:
    world.get_by_label("cloud").select_option("Azure")
    sentence = world.get_by_role("status").first
    expect(sentence).to_contain_text("All round trips between regions are estimates (≈)")
    expect(region(world, "northeurope")).to_be_visible()
    world.get_by_label("start from").select_option("3 + 1 + 1")
    expect(sentence).to_contain_text("5 members in 3 regions")
    expect(region(world, "eastus")).to_have_attribute("aria-label", "eastus, Virginia: 3 members, leads")


@pytest.mark.parametrize("width", [800, 420])
def test_the_region_under_the_pointer_or_with_the_focus_is_named_on_the_picture(
    chrome: Browser, width: int
) -> None:
    page = chrome.new_page(viewport={"width": width, "height": 700})
    try:
        world = ql.WorldMap()
        show(page, world)
        picture, name = page.locator(".ql-figure").bounding_box(), page.locator(".ql-spot-name")
        assert picture
        expect(name).to_be_hidden()
        for spot in world.spots:
            region = page.locator(f'.ql-spot[aria-label="{spot["words"]}"]')
            region.hover()
            expect(name).to_have_text(spot["words"])
            box = name.bounding_box()
            assert box
            assert picture["x"] <= box["x"] + 0.5
            assert box["x"] + box["width"] <= picture["x"] + picture["width"] + 0.5
            assert picture["y"] <= box["y"]
            assert box["y"] + box["height"] <= picture["y"] + picture["height"]
        region.click()
        page.mouse.move(1, 1)
        expect(name).to_be_hidden()  # a click leaves no words on the picture
        page.get_by_label("places members").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("ArrowDown")
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
        expect(name).to_have_text(focused)
        page.get_by_label("start from").focus()
        expect(name).to_be_hidden()
        page.get_by_role("button", name="Start again").click()
        assert page.evaluate("sent")[1:] == [{"act": "again", "region": ""}]
    finally:
        page.close()


@pytest.mark.parametrize("width", [800, 420])
def test_the_buttons_lie_on_their_regions_and_can_be_hit(chrome: Browser, width: int) -> None:
    page = chrome.new_page(viewport={"width": width, "height": 700})
    try:
        world = ql.WorldMap()
        show(page, world)
        picture = page.get_by_role("img").bounding_box()
        assert picture
        for spot in world.spots:
            button = page.locator(f'.ql-spot[aria-label="{spot["words"]}"]')
            box = button.bounding_box()
            assert box
            middle = box["x"] + box["width"] / 2 - picture["x"], box["y"] + box["height"] / 2 - picture["y"]
            wanted = spot["x"] / 100 * picture["width"], spot["y"] / 100 * picture["height"]
            assert middle == pytest.approx(wanted, abs=2)
        assert page.locator("fieldset, .ql-control").count() == 3  # never more than four controls
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        page.close()
