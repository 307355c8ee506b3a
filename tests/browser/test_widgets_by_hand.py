"""Widgets on a bare page, with a model that only keeps what it is told: what a finger, a focus or an odd name does."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

import quorumlab as ql
from quorumlab.course.questions import quick_check
from quorumlab.simulation import SimulatedCluster
from quorumlab.widgets.playback import play

pytestmark = pytest.mark.browser

SHOW = """async ({ source, sheet, state }) => {
    const style = document.createElement('style');
    style.textContent = sheet;
    const el = document.createElement('div');
    document.body.replaceChildren(style, el, Object.assign(document.createElement('div'), { style: 'height: 3000px' }));
    const { default: widget } = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    const heard = {};
    window.sent = [];
    window.model = {
        get: name => state[name],
        set: (name, value) => window.model.tell({ [name]: value }),
        tell: news => { Object.assign(state, news); for (const name in news) (heard[name] ?? []).forEach(handler => handler()); },
        save_changes: () => {},
        send: message => window.sent.push(message),
        on: (names, handler) => names.split(' ').forEach(n => (heard[n.slice(7)] ??= []).push(handler)),
        off: () => {},
    };
    widget.render({ model: window.model, el });
}"""


def show(page: Page, widget: Any) -> None:
    """Draw a widget as it stands; nothing answers from Python."""
    page.goto("about:blank")
    state = {
        name: value
        for name, value in widget.get_state().items()
        if not name.startswith("_") and name not in ("layout", "tooltip")
    }
    page.evaluate(SHOW, {"source": str(widget._esm), "sheet": str(widget._css), "state": state})


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
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    for number, (a, b) in enumerate(pairs):
        page.get_by_label("link", exact=True).select_option(index=number)
        verb = "heal" if (a, b) in ((names[0], names[1]), (names[2], names[3])) else "cut"
        page.get_by_role("button", name=verb.capitalize(), exact=True).click()
        last = page.evaluate("sent.at(-1)")
        assert (last["verb"], last["names"]) == (verb, [a, b])
    assert page.locator(".ql-cut-link").count() == 2


def test_a_single_member_has_no_link_to_cut(page: Page) -> None:
    show(page, play(SimulatedCluster(1), until=2))
    expect(page.get_by_role("button", name="Cut", exact=True)).to_be_disabled()


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
