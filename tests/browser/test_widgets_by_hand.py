"""Widgets on a bare page, with a model that only keeps what it is told: what a finger, a focus or an odd name does."""

import sys
from itertools import combinations
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import quorumlab as ql
from quorumlab.cluster import Trace
from quorumlab.course.questions import quick_check
from quorumlab.experiments.scenes import GHOST_WRITE, perform
from quorumlab.experiments.zones import FIVE_OVER_THREE
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.topology import reviewed
from quorumlab.widgets.base import module, sheet
from quorumlab.widgets.playback import Playback, play
from quorumlab.words import unbroken
from tools.bare_page import show

pytestmark = pytest.mark.browser


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """One finger, from one point by so many pixels."""
    finger = page.context.new_cdp_session(page)
    for step in range(12):
        point = {"x": start[0] + by[0] * step / 11, "y": start[1] + by[1] * step / 11}
        kind = "touchMove" if step else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(300)


def test_a_finger_scrolls_the_page_over_a_stage_and_moves_the_cut(chrome: Browser) -> None:
    page = chrome.new_page(viewport={"width": 800, "height": 700}, has_touch=True)
    try:
        show(page, ql.Stage(4, cut=0))
        cut = page.get_by_role("slider")
        handle, picture = cut.locator("rect").bounding_box(), page.locator(".ql-scene").bounding_box()
        assert handle and picture
        drag(page, (handle["x"] + 10, handle["y"] + 10), (picture["width"] / 4, 0))
        moved = int(cut.get_attribute("aria-valuenow") or 0)
        assert 0 < moved < 4
        box = cut.locator("rect").bounding_box()
        assert box
        drag(page, (box["x"] + 10, box["y"] + 10), (0, -60))  # neither does it slip away under the finger
        assert page.evaluate("scrollY") == 0
        drag(page, (picture["x"] + 20, picture["y"] + 100), (0, -80))
        assert page.evaluate("scrollY") > 20
    finally:
        page.close()


@pytest.mark.parametrize("names", [["a b", "c", "a", "b c"], ["a", "b>c", "a>b", "c"]], ids=str)
def test_a_link_is_cut_between_members_of_any_name(page: Page, names: list[str]) -> None:
    cluster = SimulatedCluster(names, seed=3)
    cluster.cut(names[0], names[1])
    cluster.cut(names[2], names[3])
    cluster.run_for(0.1)
    show(page, play(cluster))
    page.get_by_role("slider", name="time").press("End")
    expect(page.get_by_role("status")).to_contain_text("2 links are cut.")
    page.get_by_role("button", name="More…").click()
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    for number, (a, b) in enumerate(pairs):
        page.get_by_label("link", exact=True).select_option(index=number)
        verb = "heal" if (a, b) in ((names[0], names[1]), (names[2], names[3])) else "cut"
        page.get_by_role("button", name=verb.capitalize(), exact=True).click()
        last = page.evaluate("sent.at(-1)")
        page.evaluate("model.tell({ answered: sent.length })")
        assert (last["verb"], last["names"]) == (verb, [a, b])
    assert page.locator(".ql-cut-link").count() == 2


def test_a_single_member_has_no_link_to_cut(page: Page) -> None:
    show(page, play(SimulatedCluster(1), until=2))
    expect(page.locator(".ql-hint")).to_have_text(
        "Change the future from this moment on: click a member to crash it."
    )
    page.get_by_role("button", name="More…").click()
    expect(page.get_by_role("button", name="Cut", exact=True)).to_be_disabled()


# ---------------------------------------------------------------- what the playback knows


def at(page: Page, seconds: float) -> str:
    """The sentence of the playback at a moment."""
    page.evaluate("seconds => model.tell({ time: seconds })", seconds)
    return page.locator(".ql-sentence").inner_text()


def test_of_a_recording_that_tells_little_nothing_is_made_up(page: Page, recorded: Trace) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    show(page, play(recorded))
    assert at(page, 0.3) == "Nobody is known to lead."
    assert (
        at(page, 0.8)
        == "etcd-1 leads term 2 and reaches a majority, so writes go on. Committed: entries 1 to 4."
    )
    assert at(page, 2.2) == "Nobody is known to lead. etcd-1 is down. Committed: entries 1 to 5."
    assert (
        at(page, 3)
        == "Nobody is known to lead. etcd-2 stands for term 3. etcd-1 is down. Committed: entries 1 to 5."
    )
    assert at(page, 3.5).startswith(
        "etcd-2 leads term 3 and reaches a majority, so writes go on. etcd-1 is down."
    )
    assert at(page, 4.5).startswith("etcd-2 still believes it leads term 3, but it reaches no majority")
    # Once one voter has left, the two that stay are all whom the leader needs.
    assert (
        at(page, 8.5)
        == "etcd-2 leads term 3 and reaches a majority, so writes go on. Committed: entries 1 to 7."
    )
    at(page, 3.0)
    beside = page.locator(".ql-beside").evaluate_all(
        "all => all.map(node => [...node.querySelectorAll(':scope > text')].map(text => text.textContent))"
    )
    assert beside[:3] == [
        ["down", "term 2"], ["candidate", "term 3, committed 4"], ["role unknown", "term unknown"],
    ]  # fmt: skip
    assert page.locator(".ql-entry, .ql-legend > span").count() == 0
    assert not page.locator(".ql-timer").first.is_visible()
    assert not page.locator(".ql-changes").is_visible()
    page.get_by_role("button", name="Show as table").click()
    assert page.locator("tbody tr").nth(2).inner_text().split("\t") == [
        "etcd-3", "role unknown", "unknown", "unknown", "unknown", "unknown",
    ]  # fmt: skip
    page.locator('[data-member="etcd-2"] .ql-name').click()
    assert page.evaluate("sent") == [] and complaints == []


def test_a_click_on_words_or_log_changes_nothing_and_two_clicks_are_one(page: Page) -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    cluster.put("x", "1")
    show(page, play(cluster))
    page.get_by_role("slider", name="time").press("End")
    leader = page.locator('[data-member="etcd-1"]')
    leader.locator(".ql-entry").first.click()
    leader.locator(".ql-role").click()
    assert page.evaluate("sent") == []
    leader.locator(".ql-name").dblclick()
    assert [message["verb"] for message in page.evaluate("sent")] == ["crash"]
    assert page.evaluate("getComputedStyle(document.querySelector('.ql-member')).outlineStyle") == "none"


def test_the_end_can_be_reached_and_a_long_story_is_in_the_page_in_parts(page: Page) -> None:
    cluster = SimulatedCluster(3, leader="etcd-1")
    for number in range(300):
        cluster.put("x", str(number))
    widget = play(cluster)
    show(page, widget)
    lines = page.locator(".ql-story li")
    assert lines.count() < 5  # of what is still to come nothing is told
    slider = page.get_by_role("slider", name="time")
    slider.fill(slider.get_attribute("max") or "")
    expect(page.locator(".ql-value")).to_have_text(f"{cluster.now:.3f} s")
    expect(page.locator(".ql-story [aria-current]")).to_contain_text("x = 299 is written")
    assert lines.count() == 300 < len(widget.future.story)
    assert lines.last.get_attribute("aria-posinset") == str(len(widget.future.story))
    for _ in range(3):
        page.locator(".ql-story").evaluate("node => node.scrollTo(0, 0)")
        page.wait_for_timeout(100)
    assert int(lines.first.get_attribute("aria-posinset") or 0) < len(widget.future.story) - 450
    assert lines.count() <= 300
    assert page.locator(".ql-story [tabindex='0']").count() == 1
    focused = "Number(document.activeElement.closest('li').getAttribute('aria-posinset'))"
    lines.nth(150).get_by_role("button").click()
    number = page.evaluate(focused)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == number + 1
    assert page.locator(".ql-story [tabindex='0']").count() == 1


def test_what_happens_in_a_live_cluster_is_added_and_shown(page: Page, recorded: Trace) -> None:
    live = play(recorded)
    live.can, live.time = "act", 9.0
    show(page, live)
    expect(page.locator(".ql-hint")).to_contain_text("Do something to the cluster now")
    count = len(recorded.events)
    crash = {"t": 9_200_000, "kind": "process", "member": "etcd-2", "condition": "down"}
    piece = {
        "future": 0, "base": 0, "kept": count, "lines": len(live.future.story), "until": 9_300_000, "heartbeats": False,
        "events": [crash], "story": [[9_200_000, "etcd-2 crashes."]],
    }  # fmt: skip
    page.evaluate("piece => model.receive({}, JSON.stringify([piece]))", piece)
    expect(page.locator(".ql-value")).to_have_text("9.300 s")
    expect(page.locator(".ql-story li").last).to_contain_text("etcd-2 crashes.")
    expect(page.get_by_role("status")).to_contain_text("etcd-2 is down.")
    # Who has gone back stays there, and a piece that does not fit is not guessed at.
    at(page, 2.2)
    page.evaluate("piece => model.receive({}, JSON.stringify([piece]))", {**piece, "kept": count + 5})
    expect(page.locator(".ql-value")).to_have_text("2.200 s")
    assert page.evaluate("sent.at(-1)") == {"missed": True}


def test_a_scene_is_played_act_by_act_and_nothing_of_a_later_act_is_shown_before(page: Page) -> None:
    scene = perform(GHOST_WRITE)
    show(page, play(scene))
    act, caption, button = page.locator(".ql-act"), page.locator(".ql-caption"), page.locator(".ql-next")
    slider = page.get_by_role("slider", name="time")
    for number, expected in enumerate(scene.acts, 1):
        expect(act).to_have_text(f"Act {number} of 3" if number == 1 else f"Act {number - 1} of 3")
        story = page.locator(".ql-story").inner_text()
        assert ("is committed" in story) == (number > 3)
        button.click()
        expect(act).to_have_text(f"Act {number} of 3")
        expect(caption).to_have_text(expected.caption)
        expect(page.locator(".ql-value")).to_have_text(f"{expected.ends:.3f} s")
        assert slider.get_attribute("max") == str(round(expected.ends * 1e6))
    expect(page.locator(".ql-story")).to_contain_text("Entry 2 (lock = ada) is committed")
    expect(button).to_have_text("↺ From the beginning")
    # The client below says what it was told, and an entry what it writes.
    client = page.locator(".ql-client")
    assert client.get_attribute("aria-label") == "Ada to etcd-1: write lock = ada. ✕ told nothing: timeout"
    entries = page.locator('[data-member="etcd-1"] .ql-entry > text').all_text_contents()
    assert entries == ["–", "1", "ada", "2"]
    button.click()
    expect(page.locator(".ql-value")).to_have_text(f"{scene.acts[0].ends:.3f} s")
    expect(act).to_have_text("Act 1 of 3")
    expect(button).to_have_text("Next: act 2 ▶")


def test_a_scene_may_begin_in_the_middle(page: Page) -> None:
    scene = perform(GHOST_WRITE)
    show(page, play(scene, start=(scene.acts[0].ends + scene.acts[1].ends) / 2))
    expect(page.locator(".ql-act")).to_have_text("Act 2 of 3")
    expect(page.locator(".ql-caption")).to_have_text(scene.acts[1].caption)
    expect(page.locator(".ql-next")).to_have_text("▶ Play act 2")


def test_the_legend_names_what_has_been_shown_so_far(page: Page) -> None:
    cluster = SimulatedCluster(3, leader="etcd-1", latency_ms=10)
    cluster.run_for(1 - cluster.now)
    cluster.put("lock", "ada")
    show(page, play(cluster, start=0.995, until=1.02))
    expect(page.locator(".ql-legend")).not_to_contain_text("new entries")
    page.evaluate("model.tell({ time: 1.005 })")
    expect(page.locator(".ql-legend")).to_contain_text("new entries")
    expect(page.locator(".ql-legend")).not_to_contain_text("acknowledged")
    page.evaluate("model.tell({ time: 0.996 })")
    expect(page.locator(".ql-legend")).to_contain_text("new entries")


def test_on_a_narrow_page_nothing_but_the_picture_is_wider(chrome: Browser) -> None:
    page = chrome.new_page(viewport={"width": 390, "height": 900})
    try:
        show(page, play(perform(GHOST_WRITE)))
        page.get_by_role("button", name="Change something…").click()
        page.get_by_role("button", name="Show as table").click()
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        for other in (ql.Stage(5), ql.Stage(4, cut=0), quick_check(CHECK)):
            show(page, other)
            assert page.evaluate("document.documentElement.scrollWidth") == 390
    finally:
        page.close()


def test_names_in_any_script_fit_into_their_disc(page: Page) -> None:
    show(page, ql.Stage(ql.majority(["東京の一号機", "🦊🦊🦊🦊🦊", "etcd-1", "a-long-name"])))
    shown = page.locator(".ql-name").evaluate_all("all => all.map(node => node.firstChild.textContent)")
    assert shown == ["…一号機", "…🦊🦊🦊", "etcd-1", "…g-name"]


def test_keys_of_the_page_pass_through(page: Page) -> None:
    show(page, ql.Stage(3))
    page.evaluate("document.addEventListener('keydown', event => (window.heard ??= []).push(event.key))")
    page.get_by_role("switch").first.focus()
    page.keyboard.press("Control+s")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("window.heard") == ["Control", "s"]


CHECK = "why-majority"


@pytest.fixture(autouse=True)
def nothing_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))


def test_focus_stays_in_the_question_once_it_is_answered(page: Page) -> None:
    show(page, quick_check(CHECK))
    feedback, button = page.locator(".ql-feedback"), page.get_by_role("button")
    # A live region must be there before its words come, or they are not read out.
    assert page.get_by_role("status").count() == 1
    inside = "document.activeElement.closest('.ql-question') !== null"
    page.get_by_role("radio").first.check()
    button.focus()
    page.keyboard.press("Enter")
    page.evaluate("model.tell({ verdict: 'Not quite', feedback: 'Look again.' })")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.evaluate("model.tell({ settled: true, verdict: 'Right', feedback: 'So it is.' })")
    expect(button).to_be_hidden()
    expect(feedback).to_be_focused()
    assert page.evaluate(inside)


def test_an_answer_given_elsewhere_takes_no_focus(page: Page) -> None:
    show(page, quick_check(CHECK))
    page.get_by_role("radio").first.check()
    page.get_by_role("button").click()
    page.evaluate("model.tell({ verdict: 'Not quite', feedback: 'Look again.' })")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("model.tell({ settled: true, verdict: 'Right', feedback: 'So it is.' })")
    expect(page.get_by_role("status")).to_contain_text("Right. So it is.")
    assert page.evaluate("document.activeElement === document.body")


# ---------------------------------------------------------------- an editor


def test_a_text_is_sent_when_the_writer_pauses_and_a_mistake_marks_its_line(page: Page) -> None:
    show(page, ql.Editor(reviewed, FIVE_OVER_THREE, label="The topology, as YAML:"))
    field = page.get_by_label("The topology, as YAML:")
    expect(field).to_have_value(FIVE_OVER_THREE)
    assert page.locator(".ql-lines span").count() == FIVE_OVER_THREE.count("\n") + 1
    field.fill("etcd-cluster:\n  nodez:")
    assert page.evaluate("model.get('text')") == FIVE_OVER_THREE  # not at each key
    page.wait_for_function("model.get('text').endsWith('nodez:')")
    page.evaluate("model.tell({ line: 2, problem: 'Line 2 is no good; write nodes:.' })")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".ql-lines .ql-wrong")).to_have_text("▸ 2\n")
    expect(page.get_by_role("status")).to_have_text("Line 2 is no good; write nodes:.")
    said = page.get_by_role("status").get_attribute("id")
    assert field.get_attribute("aria-describedby") == said
    page.evaluate("model.tell({ line: 0, problem: '' })")
    expect(field).to_have_attribute("aria-invalid", "false")
    assert page.locator(".ql-wrong").count() == 0
    page.get_by_role("button", name="Start again").click()
    assert page.evaluate("model.get('text')") == FIVE_OVER_THREE
    expect(field).to_be_focused()


def test_in_an_editor_enter_keeps_the_indentation_and_backspace_takes_it_back(page: Page) -> None:
    show(page, ql.Editor(reviewed, FIVE_OVER_THREE, label="YAML"))
    field = page.get_by_label("YAML")
    field.fill("")
    for typed in ("etcd-cluster:", "nodes:", "- name: etcd-1", "zone: us-east-1a", "role: learner"):
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
    page.keyboard.press("Backspace")
    page.keyboard.type("- name: etcd-2")
    written = "etcd-cluster:\n  nodes:\n    - name: etcd-1\n      zone: us-east-1a\n      role: learner\n    - name: etcd-2"
    expect(field).to_have_value(written)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")  # at the margin nothing is to be kept
    expect(field).to_have_value(written.replace("    - name: etcd-2", "\n    - name: etcd-2"))
    page.keyboard.press("Control+z")
    expect(field).to_have_value(written)


def test_what_is_wrong_with_a_text_stands_directly_below_it(page: Page) -> None:
    show(page, ql.Editor(reviewed, FIVE_OVER_THREE, label="YAML"))
    page.evaluate("model.tell({ line: 2, problem: 'Line 2 is no good; write nodes:.' })")
    text, said, picture = (
        page.locator(what).bounding_box() for what in (".ql-paper", "[role=status]", ".ql-figure img")
    )
    assert text and said and picture
    assert 0 <= said["y"] - (text["y"] + text["height"]) < 20 and said["y"] + said["height"] <= picture["y"]


def test_sums_and_short_cells_stay_on_one_line(page: Page) -> None:
    words = ["2 + 2 + 1 or 5 × 1, and 3.", "10 + 20", "one + one, 2 +, a + 2 and 3+3"]
    said = page.evaluate(
        """async ({ source, words }) => {
            const module = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
            const table = document.createElement("table");
            module.fillTable(table, { columns: ["a year", "traffic for a GB written"], rows: [["6.74 days", "three in A, 2 + 1 in B"]] });
            const kept = (part) => (part instanceof Node ? part.textContent.replaceAll(" ", "\u00a0") : part);
            const names = module.unbroken("etcd-1 in us-east-1b, or ap-northeast-1a or asia-southeast1; a-b-c-d-e").filter((part) => part instanceof Node);
            return [words.map((each) => module.unbroken(each).map(kept).join("")), [...table.querySelectorAll("th, td")].map((cell) => [cell.className, cell.textContent]), names.map((node) => node.textContent)];
        }""",
        {"source": module("dom.js"), "words": words},
    )
    assert said[0] == [unbroken(each) for each in words]
    assert said[1] == [
        ["ql-short", "a year"],
        ["", "traffic for a GB written"],
        ["ql-short", "6.74 days"],
        ["", "three in A, 2 + 1 in B"],
    ]
    assert said[2] == ["etcd-1", "us-east-1b", "ap-northeast-1a", "asia-southeast1"]
    assert ".ql-whole, .ql-short { white-space: nowrap; }" in sheet("quorumlab.css")


def test_an_editor_keeps_its_keys_and_lets_tab_leave_it(page: Page) -> None:
    show(page, ql.Editor(reviewed, FIVE_OVER_THREE, label="YAML"))
    page.evaluate("window.heard = []; document.addEventListener('keydown', event => heard.push(event.key))")
    page.get_by_label("YAML").focus()
    for key in ("Enter", "a", "ArrowDown", "Control+z", "Control+a", "Control+s"):
        page.keyboard.press(key)
    assert page.evaluate("heard.filter(key => key !== 'Control')") == ["s"]
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Start again")).to_be_focused()


# The words of links, and what of the rest each covers: its box on the page, shrunk as the words are turned, against all others.
COVERED = """() => {
    const picture = document.querySelector('.ql-scene');
    const links = [...picture.querySelectorAll('.ql-link-words text')];
    const things = [...picture.querySelectorAll('.ql-member :is(.ql-disc, .ql-crown, .ql-role, .ql-term, .ql-entry rect, .ql-number), .ql-place-name')];
    const shown = things.filter(node => node.getClientRects().length && node.getBoundingClientRect().width);
    const edge = node => {
        const { x, y, width, height } = node.getBBox();
        const round = node.tagName === 'circle';
        const parts = Array.from({ length: round ? 16 : 4 }, (_, i) => (2 * i + 1) * Math.PI / (round ? 16 : 4));
        const reach = round ? 1 : Math.SQRT2;
        return parts.map(part => new DOMPoint(x + width / 2 * (1 + reach * Math.cos(part)), y + height / 2 * (1 + reach * Math.sin(part))).matrixTransform(node.getScreenCTM()));
    };
    // Two convex shapes are apart if a side of one of them lies between them.
    const apart = (one, other) => [one, other].some(shape => shape.some((p, i) => {
        const q = shape[(i + 1) % shape.length];
        const across = ({ x, y }) => (q.x - p.x) * (y - p.y) - (q.y - p.y) * (x - p.x);
        return (shape === one ? other : one).every(point => across(point) <= 0);
    }));
    const paper = picture.getBoundingClientRect();
    const wrong = [];
    for (const link of links) {
        const mine = edge(link);
        if (mine.some(({ x, y }) => x < paper.left || x > paper.right || y < paper.top || y > paper.bottom)) wrong.push([link.textContent, 'edge']);
        for (const thing of shown) if (!apart(mine, edge(thing))) wrong.push([link.getAttribute('transform'), thing.getAttribute('class') ?? thing.tagName, thing.closest('[data-member]')?.dataset.member]);
    }
    return [links.length, wrong];
}"""


def crowd(shape: int | str) -> Playback:
    """So many members in a ring, or those of a topology in their places; all links between them are slow."""
    given = shape if isinstance(shape, int) else ql.Topology.of(shape)
    cluster = SimulatedCluster(given)
    for a, b in combinations(cluster.members, 2):
        cluster.delay(a, b, ms=100)
    cluster.run_for(0.1)
    return play(cluster, places=None if isinstance(given, int) else given)


CROWDS = (
    *range(2, 10),
    "us-east-1a: 1, eu-west-1a: 1, ap-south-1a: 1",
    "us-east-1a: 2, us-east-1b: 2, us-east-1c: 1",
    "us-east-1a: 2, us-east-1b: 1, eu-west-1a: 2, eu-west-1b: 1, ap-south-1a: 1",
    "us-east-1a: 3, eu-west-1a: 3, ap-south-1a: 3",
)


@pytest.mark.parametrize("shape", CROWDS)
def test_the_words_of_a_slow_link_cover_no_member_and_leave_no_picture(page: Page, shape: int | str) -> None:
    show(page, crowd(shape))
    page.get_by_role("slider", name="time").press("End")
    words, other = page.evaluate(COVERED)
    assert words and not other, other


# A button's words against what is behind them, as the browser computes both: WCAG's contrast, 1 to 21.
CONTRAST = """look => {
    const button = document.querySelector('.ql-button');
    button.className = look;
    button.disabled = true;
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const over = layers => {
        canvas.clearRect(0, 0, 1, 1);
        for (const [colour, part] of layers) { canvas.globalAlpha = part; canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = channels => channels.map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
    const { color, backgroundColor, opacity } = getComputedStyle(button);
    const page = [getComputedStyle(document.body).backgroundColor, 1];
    const ground = over([page, [backgroundColor, opacity]]);
    const words = over([page, [backgroundColor, opacity], [color, opacity]]);
    const [dark, bright] = [light(ground), light(words)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
}"""
READABLE = 4.5  # WCAG 2.2, AA


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_button_that_cannot_be_pressed_can_be_read(page: Page, theme: str) -> None:
    show(page, quick_check(CHECK))
    look = f"share/jupyter/lab/themes/@jupyterlab/theme-{theme}-extension/index.css"
    page.add_style_tag(content=Path(sys.prefix, look).read_text(encoding="utf-8"))
    page.evaluate("theme => document.body.dataset.jpThemeLight = String(theme === 'light')", theme)
    page.add_style_tag(content="body { background: var(--jp-layout-color0); }")
    for kind in ("ql-button", "ql-button ql-primary"):
        assert page.evaluate(CONTRAST, kind) >= READABLE, kind
