"""What stands where in a widget: nothing lies over anything else, the play fits a laptop's screen, and no control says what no longer holds."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

import quorumlab as ql
from quorumlab.course.exercise import CheckResult
from quorumlab.course.questions import quick_check
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.view import Table, View
from quorumlab.widgets.playback import Playback, play
from tools.bare_page import show

pytestmark = pytest.mark.browser

MARGINS = 16  # of the bare page, left and right
LAB_HEIGHT = 679
"""Pixels that JupyterLab leaves to a page at 1280 by 800."""


def written() -> SimulatedCluster:
    cluster = SimulatedCluster(5, leader="etcd-1", latency_ms=10)
    cluster.run_for(1 - cluster.now)
    cluster.put("lock", "ada")
    cluster.put("x", "1")
    return cluster


def boxes(page: Page, *selectors: str) -> list[dict[str, float]]:
    found = [page.locator(selector).first.bounding_box() for selector in selectors]
    return [dict(box) for box in found if box]


@pytest.mark.parametrize(
    "width", [590, 845, 1060]
)  # with JupyterLab's file browser open at 1024 and 1280, and without
def test_picture_buttons_and_sentence_are_on_one_screen_and_the_time_can_be_dragged(
    chrome: Browser, width: int
) -> None:
    page = chrome.new_page(viewport={"width": width + MARGINS, "height": LAB_HEIGHT})
    try:
        show(page, play(written(), start=0.9, clients=True))
        picture, transport, sentence, story, time = boxes(
            page, ".ql-scene", ".ql-transport", ".ql-sentence", ".ql-story", ".ql-time input"
        )
        assert picture["y"] < transport["y"] < sentence["y"]
        assert sentence["y"] + sentence["height"] - picture["y"] < LAB_HEIGHT
        assert time["width"] >= 150
        beside = story["x"] >= picture["x"] + picture["width"]
        assert beside == (width > 800)
        if beside:
            assert page.locator(".ql-changes").bounding_box()["y"] - picture["y"] < LAB_HEIGHT  # type: ignore[index]
            assert (
                page.evaluate("parseFloat(getComputedStyle(document.querySelector('.ql-scene')).width)") > 540
            )
    finally:
        page.close()


@pytest.mark.parametrize(
    "width", [600, 480, 417]
)  # the last: JupyterLab with its file list on a small laptop at 150 %
def test_the_picture_of_a_play_shrinks_to_the_room_it_has(chrome: Browser, width: int) -> None:
    page = chrome.new_page(viewport={"width": width + MARGINS, "height": 900})
    try:
        show(page, play(written(), start=0.9, clients=True))
        wide = "node => [node.scrollWidth, node.clientWidth]"
        needed, there = page.locator(".ql-picture").evaluate(wide)
        assert needed == there <= width
        scene = page.locator(".ql-scene").bounding_box()
        assert scene and scene["x"] >= 0 and scene["x"] + scene["width"] <= width + MARGINS
    finally:
        page.close()


def wide_table() -> View:
    columns = [f"a heading of column {i}" for i in range(8)]
    row = ['force_new_cluster("etcd-4")'] * 8
    return View("A sentence.", "Words.", Table.of(columns, [row]), lambda figure: None)


def test_a_wide_table_scrolls_in_its_own_box(chrome: Browser) -> None:
    page = chrome.new_page(viewport={"width": 417 + MARGINS, "height": 900})
    box = "node => [node.scrollWidth > node.clientWidth, getComputedStyle(node).overflowX]"
    try:
        page.set_content(wide_table().to_html())
        page.locator("summary").click()
        assert page.locator("details").evaluate(box) == [True, "auto"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        show(page, ql.Explorer(lambda n: wide_table(), n=ql.slider("members", [1, 2], 1)))
        page.get_by_role("button", name="Show as table").click()
        assert page.locator("table").evaluate(box) == [True, "auto"]
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        page.close()


LETTERS = """() => [...document.querySelectorAll('.ql-scene :is(.ql-name, .ql-state)')]
    .map(node => [node.closest('[data-member]').dataset.member + ' ' + node.textContent, node.getBoundingClientRect()])"""


@pytest.mark.parametrize("count", range(1, 10))
def test_the_words_of_members_lie_over_no_others(page: Page, count: int) -> None:
    stage = ql.Stage(count)
    stage.down = [member["name"] for member in stage.members]
    show(page, stage)
    words = page.evaluate(LETTERS)
    assert len(words) == 2 * count
    for i, (one, a) in enumerate(words):
        for other, b in words[i + 1 :]:
            apart = a["x"] >= b["x"] + b["width"] or b["x"] >= a["x"] + a["width"]
            assert apart or a["y"] >= b["y"] + b["height"] - 4 or b["y"] >= a["y"] + a["height"] - 4, (
                one,
                other,
            )


ENTRIES = """() => [...document.querySelectorAll('.ql-log')].filter(log => log.querySelector('.ql-entry')).map(log =>
    [...log.querySelectorAll('.ql-entry')].map(entry => ['rect', 'text'].map(part => {
        const node = entry.querySelector(part);
        const at = node.getBBox().x + entry.transform.baseVal.consolidate().matrix.e;
        return [at, at + node.getBBox().width];
    })))"""


def test_entries_stand_apart_and_their_words_have_room(page: Page) -> None:
    show(page, play(written(), clients=True))
    page.get_by_role("slider", name="time").press("End")
    logs = page.evaluate(ENTRIES)
    assert [len(log) for log in logs] == [3] * 5
    for log in logs:
        for box, words in log:
            assert words[0] - box[0] >= 2 and box[1] - words[1] >= 2, (box, words)
        for (one, _), (other, _) in pairwise(log):
            assert other[0] - one[1] >= 3


def test_dots_stand_for_entries_that_have_no_room(page: Page) -> None:
    cluster = SimulatedCluster(5, leader="etcd-1")
    cluster.crash("etcd-3")
    for number in range(8):
        cluster.put("x", str(number))
    cluster.run_for(1)
    show(page, play(cluster))
    numbers = "all => all.map(n => n.querySelector('.ql-number')?.textContent)"

    def held(name: str) -> list[str]:
        return list(page.locator(f'[data-member="{name}"] .ql-log .ql-entry').evaluate_all(numbers))

    page.evaluate("time => model.tell({ time })", cluster.now)
    first, *rest = held("etcd-1")
    assert first == f"…{10 - len(held('etcd-1'))}" and rest == [str(n) for n in range(int(first[1:]) + 1, 10)]
    assert held("etcd-3") == ["…"]


def test_only_a_message_that_is_there_can_be_lost(page: Page) -> None:
    show(page, play(SimulatedCluster(3), until=2))
    page.get_by_role("button", name="More…").click()
    assert page.get_by_label("message on its way").locator("option").all_text_contents() == [
        "no message is on its way"
    ]
    expect(page.get_by_role("button", name="Lose", exact=True)).to_be_disabled()


@pytest.mark.parametrize("speed", [0.005, 0.02, 0.05, 0.1, 0.5, 1.0, 2.0])
def test_speeds_are_written_in_one_way_and_in_order(page: Page, speed: float) -> None:
    show(page, play(SimulatedCluster(3), until=2, speed=speed))
    said = page.get_by_label("speed").locator("option").all_text_contents()
    assert all(re.fullmatch(r"1/\d+|real time|\d+ times", words) for words in said), said
    numbers = (
        page.get_by_label("speed").locator("option").evaluate_all("all => all.map(n => Number(n.value))")
    )
    assert numbers == sorted({speed, 0.01, 0.05, 0.2, 1.0})
    for words, number in zip(said, numbers, strict=True):
        assert not words.startswith("1/") or int(words[2:]) * number == pytest.approx(1)
    assert page.get_by_label("speed").input_value() == f"{speed:g}"


def asked(*, crashed: bool) -> Playback:
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    if not crashed:
        cluster.crash("etcd-2")
        cluster.crash("etcd-3")
    cluster.submit("write", "lock", "ada", via="etcd-1", client="Ada")
    cluster.run_for(0.005)
    if crashed:
        cluster.crash("etcd-1")
    cluster.run_for(8)
    if crashed:
        cluster.restart("etcd-1")  # what the client was told stays as it was
        cluster.run_for(1)
    return play(cluster, clients=True)


@pytest.mark.parametrize("crashed", [True, False])
def test_a_client_whose_member_dies_loses_its_connection_and_else_its_patience(
    page: Page, crashed: bool
) -> None:
    show(page, asked(crashed=crashed))
    page.get_by_role("slider", name="time").press("End")
    why = "connection lost" if crashed else "timeout"
    expect(page.locator(".ql-told")).to_have_text(f"✕ told nothing: {why}")


def test_a_verdict_goes_when_another_answer_is_picked_and_nothing_moves(page: Page) -> None:
    show(page, quick_check("why-majority"))
    page.get_by_role("radio").first.check()
    page.get_by_role("button").click()
    page.evaluate(
        "model.tell({ submissions: 1, verdict: 'Not quite', feedback: 'Look again.', hint: 'Count.' })"
    )
    verdict, hint = page.get_by_text("Not quite."), page.get_by_text("Hint: Count.")
    expect(verdict).to_be_visible()
    high = page.locator(".ql-question").bounding_box()
    page.get_by_role("radio").nth(1).check()
    expect(verdict).to_be_hidden()
    expect(hint).to_be_visible()
    assert page.locator(".ql-question").bounding_box() == high
    page.get_by_role("button").click()
    page.evaluate("model.tell({ submissions: 2, feedback: 'Again, no.' })")
    expect(verdict).to_be_visible()


def test_a_wheel_that_scrolls_the_page_goes_on_over_the_story(page: Page) -> None:
    page.mouse.move(950, 200)  # where the story will be
    show(page, play(written(), start=0))
    page.get_by_role("slider", name="time").press("End")
    page.locator(".ql-story").evaluate("node => { node.scrollTop = 40; }")
    state = "[scrollY, document.querySelector('.ql-story').scrollTop]"
    page.mouse.wheel(0, 30)
    page.wait_for_function("scrollY > 0")
    assert page.evaluate(state)[1] == 40
    page.wait_for_timeout(400)
    for x in (951, 955):  # a browser tells no way from a first point
        page.mouse.move(x, 205)
    before = page.evaluate("scrollY")
    page.mouse.wheel(0, -20)
    page.wait_for_function("document.querySelector('.ql-story').scrollTop < 40")
    assert page.evaluate("scrollY") == before


def test_what_speaks_against_an_answer_stands_after_it_with_one_sign(page: Page) -> None:
    show(page, quick_check("why-majority"))
    others = [["They go on, more slowly.", "No."], ["Five", "It is one more."], ["Why not?", "So."]]
    page.evaluate("others => model.tell({ settled: true, others })", others)
    assert page.locator(".ql-others li").all_text_contents() == [
        "They go on, more slowly. No.", "Five: It is one more.", "Why not? So.",
    ]  # fmt: skip


@pytest.mark.parametrize("places", [None, {"etcd-1": "a", "etcd-2": "b", "etcd-3": "c"}])
def test_the_table_of_a_stage_opens_below_its_button_and_has_only_what_there_is(
    page: Page, places: dict[str, str] | None
) -> None:
    show(page, ql.Stage(3, places=places))
    button = page.get_by_role("button", name="Show as table")
    where = button.bounding_box()
    button.click()
    hide = page.get_by_role("button", name="Hide table").bounding_box()
    table = page.locator("table").bounding_box()
    assert where and hide and table
    assert hide["y"] == where["y"]
    assert table["y"] >= hide["y"] + hide["height"] + 4
    heads = page.locator("th").all_text_contents()
    assert heads == (["member", "place", "state"] if places else ["member", "state"])


def test_a_future_is_told_once_and_by_what_it_goes_on_from(page: Page) -> None:
    playback = play(written(), start=0.9)
    playback.change("crash", "etcd-2", at=1.0)
    playback.change("crash", "etcd-3", at=1.005)
    playback.change("crash", "etcd-4", at=0.95)  # what was done after that is not done again
    show(page, playback)
    told = [
        "the original",
        "future 1: crashed etcd-2 at 1.000 s",
        "future 2: future 1, then crashed etcd-3 at 1.005 s",
        "future 3: crashed etcd-4 at 0.950 s",
    ]
    page.evaluate(
        "([futures, forks]) => model.tell({ forks, futures })", [list(playback.futures), list(playback.forks)]
    )
    assert page.get_by_label("future shown").locator("option").all_text_contents() == told
    assert page.locator(".ql-futures").inner_text().count("future 3") == 1


# Of each client's line, points that lie on a disc, a crown, words or an entry; but not on a box that is only near.
CROSSED = """() => {
    const boxes = what => [...document.querySelectorAll(what)].map(node => [`${node.closest('[data-member]')?.dataset.member} ${node.textContent}`, node.getBoundingClientRect()]);
    const discs = boxes('.ql-disc');
    const things = boxes('.ql-member :is(.ql-role, .ql-term, .ql-entry rect, .ql-number), .ql-client text').filter(([, box]) => box.width);
    const wrong = [];
    let lines = 0;
    for (const line of [...document.querySelectorAll('.ql-asking')].filter(node => node.style.display !== 'none')) {
        const way = line.querySelector('.ql-asking-way');
        lines += 1;
        for (let i = 1; i <= 100; i += 1) {
            const { x, y } = way.getPointAtLength(way.getTotalLength() * i / 100).matrixTransform(way.getScreenCTM());
            for (const [what, box] of things) if (x > box.left && x < box.right && y > box.top && y < box.bottom) wrong.push(what);
            for (const [what, box] of discs) if (Math.hypot(x - (box.left + box.right) / 2, y - (box.top + box.bottom) / 2) < box.width / 2) wrong.push(what);
        }
    }
    return [lines, [...new Set(wrong)]];
}"""


@pytest.mark.parametrize("leader", range(1, 6))
def test_the_lines_of_clients_cross_no_member_and_no_words(page: Page, leader: int) -> None:
    cluster = SimulatedCluster(5, leader="etcd-1", latency_ms=10)
    cluster.put("x", "1")
    cluster.put("y", "2")
    for client in ("Ada", "Bob"):
        cluster.submit("write", "x", client, via=f"etcd-{leader}", client=client)
    cluster.run_for(0.003)
    show(page, play(cluster, clients=True, start=cluster.now - 0.003))
    page.get_by_role("slider", name="time").press("End")
    assert page.evaluate(CROSSED) == [2, []]
    dashes = "getComputedStyle(document.querySelector('.ql-asking path:last-child')).strokeDasharray"
    assert page.evaluate(dashes) == "none"  # an arrow's head is whole


def test_where_a_click_does_nothing_yet_it_is_said_how_it_comes_to_do_something(page: Page) -> None:
    cluster = written()
    cluster.crash("etcd-3")
    show(page, play(cluster, acts=()))
    page.get_by_role("slider", name="time").press("End")
    page.locator('[data-member="etcd-2"] .ql-name').click()
    how = "Press “Change something…” below; then a click on etcd-2 crashes it."
    expect(page.get_by_role("status")).to_have_text(how)
    page.locator('[data-member="etcd-3"] .ql-name').click()
    expect(page.get_by_role("status")).to_have_text(how.replace("etcd-2 crashes it", "etcd-3 revives it"))
    page.get_by_role("button", name="Change something…").click()
    expect(page.get_by_role("status")).not_to_have_text(how)
    page.locator('[data-member="etcd-2"] .ql-name').click()
    assert page.evaluate("sent.at(-1).verb") == "crash"


@pytest.mark.parametrize(
    ("acts", "hint"),
    [
        ("cut", "click a link to cut it."),
        (("crash", "cut"), "click a member to crash it, or a link to cut it."),
        (("crash", "cut", "drop"), "click a member to crash it, a link to cut it, or a message to lose it."),
    ],
)
def test_the_hint_is_a_sentence_whatever_is_at_hand(
    page: Page, acts: str | tuple[str, ...], hint: str
) -> None:
    show(page, play(written(), acts=acts))
    expect(page.locator(".ql-hint")).to_have_text(f"Change the future from this moment on: {hint}")


# How well the words of an element can be read against the page behind it: WCAG's contrast, 1 to 21.
VERDICT = """([html, dark]) => {
    document.body.innerHTML = html;
    document.body.dataset.jpThemeLight = String(!dark);
    const rgb = text => text.match(/[\\d.]+/g).map(Number);
    const light = text => rgb(text).slice(0, 3).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const words = getComputedStyle(document.querySelector('strong')).color;
    const [low, high] = [light(words), dark ? light('rgb(17, 17, 17)') : 1].sort((a, b) => a - b);
    return [rgb(words), (high + 0.05) / (low + 0.05)];
}"""


@pytest.mark.parametrize("dark", [False, True])
def test_the_verdict_on_an_exercise_looks_like_that_on_an_answer(page: Page, dark: bool) -> None:
    for outcome, verdict in (("correct", "Right"), ("incorrect", "Not quite")):
        show(page, quick_check("why-majority"))
        page.evaluate(
            "([dark, verdict]) => { document.body.dataset.jpThemeLight = String(!dark); model.tell({ verdict }); }",
            [dark, verdict],
        )
        colour = page.locator(".ql-feedback strong").evaluate(
            "node => getComputedStyle(node).color.match(/[\\d.]+/g).map(Number)"
        )
        found, contrast = page.evaluate(VERDICT, [CheckResult(outcome, "So.").to_html(), dark])
        assert found == colour and contrast >= 4.5
