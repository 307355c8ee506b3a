"""The playback in the browser: what it shows is what Python says of that moment, and touching it makes another future."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from quorumlab.cluster import Trace
from quorumlab.cluster.trace import SECOND
from quorumlab.simulation import SimulatedCluster
from quorumlab.widgets.explorer import joined
from quorumlab.widgets.playback import SCRIPT, play
from tools.browser import Lab, open_notebook, run_all, serve, show_cell

pytestmark = pytest.mark.browser

CELL = """from quorumlab.simulation import SimulatedCluster
from quorumlab.widgets.playback import play
c = SimulatedCluster(5, seed=7)
c.put("x", "1")
playback = play(c, until=6)
playback"""
REPORT = """import json
print(json.dumps([playback.future.label, playback.shown, round(playback.time, 3), playback.cluster.leader]))"""


@pytest.fixture(scope="module")
def stage_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("playback")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in (CELL, REPORT)]
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "play.ipynb"
    )
    with serve(folder) as running:
        yield running


@pytest.fixture
def complaints(page: Page) -> list[str]:
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.fixture
def stage(page: Page, stage_lab: Lab, complaints: list[str]) -> Iterator[Locator]:
    open_notebook(page, stage_lab, "play.ipynb")
    run_all(page)
    cell = show_cell(page, "play(c")
    expect(cell.get_by_role("slider", name="time")).to_be_visible()
    yield cell
    assert complaints == []


def member(stage: Locator, name: str) -> Locator:
    return stage.get_by_role("switch", name=name, exact=True)


def clock(stage: Locator) -> float:
    return float(stage.locator(".ql-value").inner_text().removesuffix(" s"))


def go_to(stage: Locator, words: str) -> None:
    """Go to the first line of the story with these words."""
    stage.locator(".ql-story button", has_text=words).first.click()


def lines(stage: Locator) -> list[str]:
    return stage.locator(".ql-story li").all_text_contents()


def report(page: Page) -> list[Any]:
    """What Python knows of the playback."""
    page.wait_for_timeout(300)
    cell = show_cell(page, "json.dumps")
    cell.click()
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")
    page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'"
    )
    page.wait_for_timeout(200)
    found: list[Any] = json.loads(cell.locator(".jp-OutputArea-output").last.inner_text())
    return found


def test_play_moves_time_and_stops_where_it_is_told(stage: Locator) -> None:
    assert clock(stage) == 0
    stage.get_by_role("button", name="▶ Play").click()
    stage.page.wait_for_function(
        "() => parseFloat(document.querySelector('.ql-playback .ql-value').textContent) > 0.05"
    )
    stage.get_by_role("button", name="Pause").click()
    stopped = clock(stage)
    assert 0.05 < stopped < 6
    stage.page.wait_for_timeout(200)
    assert clock(stage) == stopped


def test_steps_go_from_line_to_line_and_back_to_the_start(stage: Locator) -> None:
    forward = stage.get_by_role("button", name="to the next event")
    forward.click()
    assert clock(stage) == 1.189
    expect(stage.locator(".ql-story [aria-current]")).to_contain_text(
        "asks the others whether it should stand"
    )
    expect(member(stage, "etcd-1")).to_contain_text("pre-candidate")
    forward.click()
    assert clock(stage) == 1.212
    expect(member(stage, "etcd-1")).to_contain_text("term 1, 1 of 3 votes")
    for _ in range(4):
        stage.get_by_role("button", name="to the event before").click()
    assert clock(stage) == 0
    expect(stage.get_by_role("status").first).to_contain_text("Nobody leads, so writes wait.")


def test_steps_stop_where_a_log_or_a_commit_point_changes(stage: Locator) -> None:
    go_to(stage, "into its log as entry 2")
    copies, known = [], []
    for _ in range(9):
        stage.get_by_role("button", name="to the next event").click()
        copies.append(
            stage.locator(".ql-member .ql-log").evaluate_all(
                "all => all.filter(n => n.textContent.includes('2')).length"
            )
        )
        known.append(
            stage.locator(".ql-member .ql-log").evaluate_all(
                "all => all.filter(n => n.querySelectorAll('.ql-commit').length === 2).length"
            )
        )
    assert copies[:3] == [2, 3, 4]
    assert known[-1] == 5 and set(range(1, 6)) <= set(known)


def test_another_widget_on_the_page_leaves_the_stage_its_width(page: Page, stage: Locator) -> None:
    """Each widget brings the common sheet once more, and the last one of equal weight wins."""
    page.add_style_tag(content=joined("quorumlab.css"))
    assert stage.locator(".ql-playback").evaluate("node => getComputedStyle(node).maxWidth") == "1060px"


def test_the_leader_crashed_by_mouse_leaves_the_past_and_changes_the_future(
    page: Page, stage: Locator
) -> None:
    go_to(stage, "x = 1 is written")
    before, was = clock(stage), lines(stage)
    current = stage.locator(".ql-story li").evaluate_all(
        "all => all.findIndex(n => n.hasAttribute('aria-current'))"
    )
    expect(stage.get_by_role("status").first).to_contain_text("etcd-1 leads term 1 and reaches a majority")
    member(stage, "etcd-1").locator(".ql-name").click()
    expect(stage.locator(".ql-story")).to_contain_text("etcd-1 crashes.")
    assert clock(stage) == before
    now = lines(stage)
    assert now[: current + 1] == was[: current + 1]
    assert any("becomes leader of term 2" in line for line in now)
    assert not any("becomes leader of term 2" in line for line in was)
    expect(member(stage, "etcd-1")).to_have_attribute("aria-checked", "false")
    label, shown, time, leader = report(page)
    assert label == f"future 1: crashed etcd-1 at {before:.3f} s"
    assert (shown, time) == (1, before)
    assert leader != "etcd-1"


def test_rewound_two_seconds_a_link_is_cut_instead(page: Page, stage: Locator) -> None:
    go_to(stage, "x = 1 is written")
    slider = stage.get_by_role("slider", name="time")
    slider.focus()
    for _ in range(22):
        page.keyboard.press("PageUp")
    assert clock(stage) > 3.4
    member(stage, "etcd-1").focus()
    page.keyboard.press("Enter")
    expect(stage.locator(".ql-story")).to_contain_text("etcd-1 crashes.")
    slider.focus()
    for _ in range(20):
        page.keyboard.press("PageDown")
    expect(member(stage, "etcd-1")).to_have_attribute("aria-checked", "true")
    # By mouse first, in the bare part of a line; then by keyboard from the list of links.
    stage.locator('[data-link="etcd-1 etcd-2"] .ql-touch').click()
    expect(stage.locator(".ql-story")).to_contain_text("The link between etcd-1 and etcd-2 is cut")
    expect(stage.locator(".ql-story")).not_to_contain_text("crashes")
    expect(stage.locator('[data-link="etcd-1 etcd-2"]')).to_have_class("ql-line ql-cut-link")
    stage.get_by_label("link", exact=True).select_option(label="etcd-1 – etcd-3")
    stage.get_by_role("button", name="Cut", exact=True).focus()
    page.keyboard.press("Enter")
    expect(stage.get_by_label("future shown").locator("option")).to_have_count(4)
    expect(stage.get_by_role("button", name="Heal", exact=True)).to_be_visible()
    expect(stage.get_by_role("status").first).to_contain_text("2 links are cut")
    stage.get_by_role("button", name="Back to the original").click()
    expect(stage.get_by_role("status").first).not_to_contain_text("cut")
    assert report(page)[:2] == ["the original", 0]


def test_a_write_is_sent_through_the_leader(stage: Locator) -> None:
    go_to(stage, "x = 1 is written")
    stage.get_by_role("button", name="Send a write").click()
    expect(stage.locator(".ql-story")).to_contain_text("Entry 3 (x = 2) is committed")
    expect(stage.get_by_role("status").first).to_contain_text(
        "Entry 3 (x = 2) is on 1 of 5: committed once the leader knows of 3."
    )


# ---------------------------------------------------------------- the state at a moment


def faulty() -> Trace:
    """A run with everything a trace can hold, idle heartbeats included."""
    c = SimulatedCluster(5, seed=11, loss=0.02, duplication=0.02, reorder=True, snapshot_every=8)
    for i in range(6):
        c.put("x", str(i))
    old = c.leader
    assert old
    c.partition({old}, set(c.members) - {old})
    c.submit("write", "x", "lost?", via=old)
    c.run_for(5)
    c.heal()
    c.delay(c.members[0], c.members[1], ms=40)
    c.run_for(1)
    c.add_learner()
    c.crash("etcd-2")
    c.pause("etcd-3")
    for i in range(6):
        c.put("y", str(i))
    c.restart("etcd-2")
    c.resume("etcd-3")
    c.run_for(3)
    return play(c).future.trace


def test_the_browser_has_the_state_that_python_has(page: Page) -> None:
    trace = faulty()
    assert {event["kind"] for event in trace.events} == {
        "member", "up", "state", "log", "snapshot", "message", "lost", "link", "invoke", "return",
    }  # fmt: skip
    step = trace.until // 97
    # There and back, so that checkpoints are used, and on the very moments of events.
    times = [
        *range(0, trace.until + 1, step),
        *(e["t"] for e in trace.events[::41]),
        *range(trace.until, -1, -3 * step),
    ]
    page.goto("about:blank")
    states = page.evaluate(
        """async ({ source, text, times }) => {
            const { Replay } = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
            const replay = new Replay(JSON.parse(text));
            return times.map(time => {
                const { members, flying, links, requests } = replay.at(time);
                return JSON.stringify({ members, messages: [...flying.values()], links: [...links.values()], requests: Object.values(requests) });
            });
        }""",
        {"source": SCRIPT, "text": trace.to_json(), "times": times},
    )
    for time, text in zip(times, states, strict=True):
        found, expected = json.loads(text), trace.at(time / SECOND)
        for state in found["members"].values():
            del state["timed"], state["learns"]  # what only the picture needs
        assert found["members"] == expected["members"], time
        assert found["messages"] == expected["messages"], time
        assert found["requests"] == expected["requests"], time
        links = {(link.pop("from"), link.pop("to")): link for link in found["links"]}
        assert links == expected["links"], time


def test_with_reduced_motion_play_goes_from_line_to_line(chrome: Browser, stage_lab: Lab) -> None:
    page = chrome.new_page(viewport={"width": 1180, "height": 1000}, reduced_motion="reduce")
    try:
        open_notebook(page, stage_lab, "play.ipynb")
        run_all(page)
        stage = show_cell(page, "play(c")
        stage.get_by_role("button", name="▶ Play").click()
        expect(stage.locator(".ql-value")).to_have_text("1.189 s")
        stage.get_by_role("button", name="Pause").click()
    finally:
        page.close()
