"""Parts of the playback by themselves, on a bare page: the sentence of a moment, the story's list, and keys."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

import quorumlab as ql
from quorumlab.cluster import Trace
from quorumlab.cluster.events import plain
from quorumlab.experiments.zones import FIVE_OVER_THREE
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.quorums import overlap_view
from quorumlab.views.topology import reviewed
from quorumlab.widgets.base import module, sheet
from tools.bare_page import show

pytestmark = pytest.mark.browser

LOAD = "const load = source => import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));"
SENTENCE = f"""async ({{ replay, meaning, piece }}) => {{
    {LOAD}
    const [{{ Replay }}, {{ describeMoment }}] = [await load(replay), await load(meaning)];
    return describeMoment(new Replay(piece).at(piece.until), piece.until);
}}"""


def sentence(page: Page, trace: Trace) -> str:
    """What the browser says of the last moment of a trace."""
    piece = {
        "kept": 0,
        "lines": 0,
        "until": trace.until,
        "heartbeats": False,
        "story": [],
        "events": [plain(event) for event in trace.events],
    }
    page.goto("about:blank")
    said: str = page.evaluate(
        SENTENCE, {"replay": module("replay.js"), "meaning": module("meaning.js"), "piece": piece}
    )
    return said


# ---------------------------------------------------------------- the sentence of a moment


def test_a_voter_that_has_not_caught_up_knows_of_no_voters_and_is_not_asked_for_them(page: Page) -> None:
    c = SimulatedCluster(3, leader="etcd-1")
    c.add_voter("etcd-4")
    for name in ("etcd-1", "etcd-2", "etcd-3"):
        c.crash(name)
    said = sentence(page, c.trace)
    assert c.trace.at(c.now).members["etcd-4"].voters == ()
    assert "Nobody can be elected: 1 of 4 voters is up, and a leader needs 3." in said


def test_a_member_that_waits_to_be_let_in_is_nobodys_majority(page: Page) -> None:
    c = SimulatedCluster(3, leader="etcd-1", strict_reconfig_check=False)
    c.crash("etcd-3")
    c.add_voter("etcd-4")
    c.crash("etcd-4")
    c.restart("etcd-4")
    said = sentence(page, c.trace)
    assert "etcd-1 still believes it leads term 1, but it reaches no majority, so its writes wait." in said
    assert "etcd-4 has no role yet." in said
    c.run_for(5)
    assert "a leader needs 3 of 4 voters, and none reaches so many" in sentence(page, c.trace)
    c.run_for(15)
    assert "reaches a majority" in sentence(page, c.trace) and "no role" not in sentence(page, c.trace)


def test_a_paused_member_that_knows_how_far_entries_are_committed_is_not_forgotten(page: Page) -> None:
    c = SimulatedCluster(5, leader="etcd-1")
    c.submit("write", "x", "1", via="etcd-1")

    def knowing() -> list[str]:
        members = c.trace.at(c.now).members
        newest = max(m.commit for m in members.values())
        return [name for name, m in members.items() if m.commit == newest]

    c.run_until(lambda: len(knowing()) == 1, within=2)
    assert f"so far only {knowing()[0]} knows that" in sentence(page, c.trace)
    c.run_until(lambda: len(knowing()) == 2, within=2)
    leader, other = knowing()
    c.pause(other)
    said = sentence(page, c.trace)
    behind = [name for name in c.members if name not in (leader, other)]
    assert f"{behind[0]}, {behind[1]} and {behind[2]} do not know that yet" in said


# ---------------------------------------------------------------- the list of the story

LIST = f"""async ({{ source, style }}) => {{
    {LOAD}
    const {{ StoryList }} = await load(source);
    document.head.append(Object.assign(document.createElement('style'), {{ textContent: style }}));
    window.list = new StoryList(() => {{}});
    const whole = list.node.replaceChildren;
    window.built = 0;
    list.node.replaceChildren = function (...nodes) {{ built += 1; return whole.apply(this, nodes); }};
    document.body.append(list.node, Object.assign(document.createElement('div'), {{ style: 'height: 3000px' }}));
    window.lines = [];
    window.grow = count => {{
        while (lines.length < count) lines.push([lines.length * 1000, `line ${{lines.length + 1}}`]);
        list.set(lines, count);
    }};
}}"""
FOLLOW = """until => {
    while (lines.length < until) { grow(lines.length + 1); list.mark(lines.length - 1); }
    const items = [...list.node.children];
    const [top, { scrollTop, clientHeight }] = [items.at(-1).offsetTop, list.node];
    return {
        built, there: items.length, from: list.from, first: items[0].innerText, last: items.at(-1).innerText,
        current: items.filter(item => item.ariaCurrent).map(item => item.innerText),
        stops: items.filter(item => item.firstChild.tabIndex === 0).length,
        sizes: [...new Set(items.map(item => item.ariaSetSize))],
        seen: top >= scrollTop && top < scrollTop + clientHeight,
    };
}"""


@pytest.fixture
def story(page: Page) -> Page:
    page.goto("about:blank")
    page.evaluate(LIST, {"source": module("storylist.js"), "style": sheet("quorumlab.css", "playback.css")})
    return page


def test_a_story_that_grows_beyond_what_is_in_the_page_is_not_built_anew_for_each_line(story: Page) -> None:
    for count in (300, 301, 310, 700):
        state: dict[str, Any] = story.evaluate(FOLLOW, count)
        assert state["built"] == 1, count
        assert state["there"] <= 300 and state["seen"] and state["stops"] == 1
        assert state["first"].endswith(f"line {state['from'] + 1}")
        assert state["last"].endswith(f"line {count}") and state["current"] == [state["last"]]
        # Lines made earlier do not say that there are as many as were known then.
        assert state["sizes"] == ["-1"]


def test_who_reads_at_the_end_of_a_story_gets_what_comes_in_and_who_reads_above_keeps_the_place(
    story: Page,
) -> None:
    story.evaluate("grow(300)")
    story.evaluate("grow(301)")
    assert story.evaluate("[list.from, list.to]") == [0, 300]
    story.evaluate("list.node.scrollTop = list.node.scrollHeight")
    story.evaluate("grow(302)")
    assert story.evaluate("list.to") == 302


def test_a_finger_scrolls_the_story_also_where_there_is_a_mouse(story: Page) -> None:
    story.evaluate("grow(100)")
    assert story.evaluate("getComputedStyle(list.node).overflowY") == "hidden"  # the wheel is the page's
    box = story.locator(".ql-story").bounding_box()
    assert box
    x, bottom = box["x"] + 200, box["y"] + box["height"] - 30
    touch = story.context.new_cdp_session(story)
    for moved in range(0, 120, 8):
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": "touchMove" if moved else "touchStart", "touchPoints": [{"x": x, "y": bottom - moved}]},
        )
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    story.wait_for_function("list.node.scrollTop > 50")
    assert story.evaluate("scrollY") == 0
    story.mouse.move(x, bottom)
    story.mouse.move(x, 900)
    assert story.evaluate("getComputedStyle(list.node).overflowY") == "hidden"


def test_a_current_line_is_seen_whole_however_high(story: Page) -> None:
    story.evaluate("list.node.style.width = '150px'")
    for number in range(40):
        story.evaluate("lines.push([lines.length * 1000, Array(9).fill('etcd-1').join(' ')])")
        story.evaluate("number => { list.set(lines, number + 1); list.mark(number); }", number)
        seen = story.evaluate(
            """() => {
                const { offsetTop, offsetHeight } = list.node.querySelector('[aria-current]');
                const { scrollTop, clientHeight } = list.node;
                return [offsetHeight, clientHeight, offsetTop - scrollTop, scrollTop + clientHeight - offsetTop - offsetHeight];
            }"""
        )
        assert seen[1] / 2 < seen[0] < seen[1], seen
        assert min(seen[2:]) >= -1, seen


def test_no_line_of_a_story_ends_within_a_name(story: Page) -> None:
    said = [
        "etcd-3 votes for etcd-2 in term 2.",
        "The network splits: etcd-1, etcd-2 | etcd-3, etcd-4.",
        "a-b-c-d 3-7",
    ]
    story.evaluate("said => { lines.push(...said.map(words => [0, words])); list.set(lines, 3); }", said)
    assert [
        line.removeprefix("0.000 s") for line in story.locator(".ql-story li").all_text_contents()
    ] == said
    for width in range(110, 260, 10):
        story.evaluate("width => { list.node.style.width = `${width}px`; }", width)
        parts = story.locator(".ql-whole").evaluate_all(
            "all => all.map(n => [n.textContent, n.getClientRects().length])"
        )
        assert parts == [
            ["etcd-3", 1], ["etcd-2", 1], ["etcd-1", 1], ["etcd-2", 1], ["etcd-3", 1], ["etcd-4", 1], ["3-7", 1],
        ], width  # fmt: skip


# ---------------------------------------------------------------- an explorer that computes


def test_an_explorer_that_computes_says_so_and_nothing_moves(page: Page) -> None:
    show(
        page,
        ql.Explorer(
            overlap_view, members=ql.choice("members", {"three": 3, "five": 5}), group=ql.slider("group", [2])
        ),
    )
    figure, sentence = page.locator(".ql-figure"), page.get_by_role("status")
    said = sentence.inner_text()
    where = page.get_by_role("button").bounding_box()
    page.locator("select").select_option("five")
    expect(figure).to_have_attribute("aria-busy", "true")
    expect(sentence).to_have_text("computing…")
    assert page.evaluate("getComputedStyle(document.querySelector('.ql-figure')).opacity") == "0.35"
    assert page.get_by_role("button").bounding_box() == where
    # It may be that picture and words are the same as before.
    page.evaluate("model.tell({ drawn: model.get('positions') })")
    expect(figure).to_have_attribute("aria-busy", "false")
    expect(sentence).to_have_text(said)
    page.evaluate(
        "model.tell({ positions: { members: 0, group: 0 } }); model.tell({ drawn: model.get('positions') })"
    )
    page.wait_for_timeout(400)  # what was quick gives no sign
    expect(figure).to_have_attribute("aria-busy", "false")


# ---------------------------------------------------------------- keys

PRESSED = """composing => {
    const event = new KeyboardEvent('keydown', { key: 'Enter', shiftKey: true, bubbles: true, cancelable: true, isComposing: composing });
    document.querySelector('textarea').dispatchEvent(event);
    return event.defaultPrevented;
}"""


def test_a_key_that_ends_a_composition_is_the_input_methods(page: Page) -> None:
    show(page, ql.Editor(reviewed, FIVE_OVER_THREE, label="YAML"))
    assert page.evaluate(PRESSED, False)
    assert not page.evaluate(PRESSED, True)


def test_esc_in_an_open_list_of_choices_only_closes_it(page: Page) -> None:
    show(
        page,
        ql.Explorer(
            overlap_view, members=ql.choice("members", {"three": 3, "five": 5}), group=ql.slider("group", [2])
        ),
    )
    page.evaluate("window.heard = []; window.addEventListener('keydown', ({ key }) => heard.push(key), true)")
    page.locator("select").click()
    page.keyboard.press("Escape")
    assert page.evaluate("[heard, document.activeElement.tagName]") == [[], "SELECT"]
    page.keyboard.press("Escape")
    assert page.evaluate("heard") == ["Escape"]
