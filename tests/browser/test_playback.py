"""The playback in the browser: what it shows is what Python says of that moment, and touching it makes another future."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from quorumlab.cluster import UNKNOWN, Trace
from quorumlab.cluster.events import KIND_OF, KINDS, SECOND, plain
from quorumlab.cluster.moments import Entries, MemberState
from quorumlab.simulation import SimulatedCluster
from quorumlab.widgets.base import module, sheet
from quorumlab.widgets.playback import play
from tools.browser import Lab, open_notebook, run_all, serve, show_cell

pytestmark = pytest.mark.browser

CELL = """from quorumlab.simulation import SimulatedCluster
from quorumlab.widgets.playback import play
c = SimulatedCluster(5, seed=7)
c.put("x", "1")
playback = play(c, until=6)
playback"""
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
REPORT = """import json
print(json.dumps([playback.future.label, playback.shown, round(playback.time, 3), playback.cluster.leader]))"""


@pytest.fixture(scope="module")
def stage_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("playback")
    cells = [nbformat.v4.new_code_cell(source) for source in (CELL, REPORT)]
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "play.ipynb"
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


def moments_of(words: str) -> list[float]:
    """When lines of the story with these words stand, in seconds; the same run has the same story here."""
    c = SimulatedCluster(5, seed=7)
    c.put("x", "1")
    return [t / 1e6 for t, line in play(c, until=6).future.story if words in line]


def shows(stage: Locator, seconds: float) -> None:
    """Wait until the stage shows this moment: a step takes a while, so that its message is seen to fly."""
    expect(stage.locator(".ql-value")).to_have_text(f"{seconds:.3f} s")


def go_to(stage: Locator, words: str) -> None:
    """Go to the first line of the story with these words, which are not in the list before that."""
    expect(stage.locator(".ql-story button", has_text=words)).to_have_count(0)
    stage.get_by_role("slider", name="time").fill(str(round(moments_of(words)[0] * SECOND)))
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
    shows(stage, moments_of("whether it should stand")[0])
    expect(stage.locator(".ql-story [aria-current]")).to_contain_text(
        "asks the others whether it should stand"
    )
    expect(member(stage, "etcd-1")).to_contain_text("pre-candidate")
    forward.click()
    shows(stage, moments_of("stands for election")[0])
    expect(member(stage, "etcd-1")).to_contain_text("term 1, 1 of 3 votes")
    for _ in range(4):
        stage.get_by_role("button", name="to the event before").click()
    shows(stage, 0)
    expect(stage.get_by_role("status").first).to_contain_text("Nobody leads, so writes wait.")


def test_steps_stop_where_a_log_or_a_commit_point_changes(stage: Locator) -> None:
    go_to(stage, "into its log as entry 2")
    copies, known = [], []
    for _ in range(9):
        stage.get_by_role("button", name="to the next event").click()
        stage.page.wait_for_timeout(700)  # the flight
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
    page.add_style_tag(content=sheet("quorumlab.css"))
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
    assert now[current + 1 :] == [f"{before:.3f} setcd-1 crashes."]  # what follows is for the learner to see
    stage.get_by_role("slider", name="time").press("End")
    expect(stage.locator(".ql-story")).to_contain_text("becomes leader of term 2")
    stage.get_by_role("button", name="Back to the original").click()
    assert clock(stage) == before
    assert lines(stage) == was
    stage.get_by_label("future shown").select_option(index=1)
    expect(stage.locator(".ql-story")).to_contain_text("becomes leader of term 2")  # once seen, it stays
    expect(member(stage, "etcd-1")).to_have_attribute("aria-checked", "false")
    label, shown, time, leader = report(page)
    assert label == f"future 1: crashed etcd-1 at {before:.3f} s"
    assert (shown, time) == (1, before)
    assert leader != "etcd-1"


def test_all_who_wait_for_a_leader_show_how_long_they_still_wait(stage: Locator) -> None:
    go_to(stage, "x = 1 is written")
    member(stage, "etcd-1").locator(".ql-name").click()
    for name in ("etcd-2", "etcd-3", "etcd-4", "etcd-5"):
        expect(member(stage, name).locator(".ql-timer")).to_be_visible()
    expect(member(stage, "etcd-1").locator(".ql-timer")).to_be_hidden()


def test_rewound_two_seconds_a_link_is_cut_instead(page: Page, stage: Locator) -> None:
    go_to(stage, "x = 1 is written")
    slider = stage.get_by_role("slider", name="time")
    slider.focus()
    for _ in range(22):
        page.keyboard.press("PageUp")
    assert clock(stage) > moments_of("x = 1 is written")[0] + 2
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
    expect(stage.locator('[data-link="etcd-1 etcd-2"]')).to_have_class(re.compile("ql-cut-link"))
    stage.get_by_role("button", name="More…").click()
    stage.get_by_label("link", exact=True).select_option(label="etcd-1 – etcd-3")
    stage.get_by_role("button", name="Cut", exact=True).focus()
    page.keyboard.press("Enter")
    expect(stage.get_by_label("future shown").locator("option")).to_have_count(4)
    expect(stage.get_by_role("button", name="Heal", exact=True)).to_be_visible()
    expect(stage.get_by_role("status").first).to_contain_text("2 links are cut")
    stage.get_by_role("button", name="Back to the original").click()
    expect(stage.get_by_role("status").first).not_to_contain_text("cut")
    assert report(page)[:2] == ["the original", 0]


def test_undo_goes_back_step_by_step_and_the_original_lands_at_the_first_change(
    page: Page, stage: Locator
) -> None:
    go_to(stage, "x = 1 is written")
    first = clock(stage)
    member(stage, "etcd-4").locator(".ql-name").click()
    shown = stage.get_by_label("future shown").locator("option:checked")
    expect(shown).to_have_text(f"future 1: crashed etcd-4 at {first:.3f} s")
    stage.get_by_role("button", name="to the next event").click()
    page.wait_for_timeout(600)
    second = clock(stage)
    member(stage, "etcd-5").locator(".ql-name").click()
    path = f"future 2: future 1, then crashed etcd-5 at {second:.3f} s"
    expect(shown).to_have_text(path)
    stage.get_by_role("slider", name="time").press("End")
    stage.get_by_role("button", name="back to before the last change").click()
    shows(stage, second)
    expect(shown).to_contain_text("future 1: ")
    stage.get_by_label("future shown").select_option(label=path)
    stage.get_by_role("slider", name="time").press("End")
    stage.get_by_role("button", name="Back to the original").click()
    shows(stage, first)
    expect(stage.get_by_role("status").first).not_to_contain_text("down")


def test_a_member_is_cut_off_by_a_click_and_a_message_is_lost(page: Page, stage: Locator) -> None:
    go_to(stage, "into its log as entry 2")
    stage.get_by_role("button", name="More…").click()
    stage.get_by_label("a click on a member").select_option(label="cuts all its links")
    member(stage, "etcd-3").locator(".ql-name").click()
    expect(stage.get_by_role("status").first).to_contain_text("4 links are cut")
    expect(member(stage, "etcd-3")).to_have_attribute("aria-description", re.compile("Enter joins it again"))
    stage.get_by_role("button", name="Heal all links").click()
    expect(stage.get_by_role("status").first).not_to_contain_text("cut")
    expect(stage.get_by_label("message on its way").locator("option")).to_have_count(8)
    stage.get_by_role("button", name="Lose", exact=True).click()
    expect(stage.locator(".ql-story")).to_contain_text("A message is lost on its way: ")
    expect(stage.get_by_label("message on its way").locator("option")).to_have_count(7)


def test_a_write_is_sent_through_the_leader(stage: Locator) -> None:
    go_to(stage, "x = 1 is written")
    expect(stage.get_by_role("button", name="Send", exact=True)).to_be_hidden()  # until it is asked for
    stage.get_by_role("button", name="More…").click()
    stage.get_by_role("button", name="Send", exact=True).click()
    expect(stage.get_by_role("status").first).to_contain_text(
        "Entry 3 (x = 2) is on 1 of 5 members, and is committed once the leader knows that 3 have it."
    )
    expect(stage.locator(".ql-anew")).to_have_text("")  # nothing was recorded later
    stage.get_by_role("slider", name="time").press("End")
    expect(stage.locator(".ql-story")).to_contain_text("Entry 3 (x = 2) is committed")


def test_the_moments_of_a_write_have_different_sentences(stage: Locator) -> None:
    """It is sent, on a follower's disk, committed, and known to be so."""
    sentence = stage.get_by_role("status").first
    for line, words in (
        ("into its log as entry 2", "Committed: entry 1. Entry 2 (x = 1) is on 1 of 5 members, and is committed once the leader knows that 3 have it."),
        ("has entry 2 on its disk", "Committed: entry 1. Entry 2 (x = 1) is on 2 of 5 members, and is committed once the leader knows that 3 have it."),
        ("x = 1 is written", "Committed: entries 1 to 2, and so far only etcd-1 knows that."),
        ("etcd-5 now knows", "Committed: entries 1 to 2, and etcd-2 does not know that yet."),
        ("etcd-2 now knows", "Committed: entries 1 to 2."),
    ):  # fmt: skip
        go_to(stage, line)
        expect(sentence).to_have_text(f"etcd-1 leads term 1 and reaches a majority, so writes go on. {words}")


def test_a_step_shows_the_message_that_flies(stage: Locator) -> None:
    go_to(stage, "into its log as entry 2")
    stage.get_by_role("button", name="to the next event").click()
    stage.page.wait_for_function("() => document.querySelectorAll('.ql-playback .ql-append').length > 4")
    stage.page.wait_for_timeout(700)
    after = clock(stage)
    assert after > moments_of("into its log as entry 2")[0]
    stage.page.wait_for_timeout(200)
    assert clock(stage) == after
    expect(stage.locator(".ql-story [aria-current]")).to_contain_text("has entry 2 on its disk")


def test_play_hurries_through_silence_and_goes_on_through_a_click(page: Page, stage: Locator) -> None:
    # At 1/20, the first second of silence would take twenty.
    stage.get_by_role("button", name="▶ Play").click()
    page.wait_for_function(
        "() => parseFloat(document.querySelector('.ql-playback .ql-value').textContent) > 1.15",
        timeout=20_000,
    )
    member(stage, "etcd-4").locator(".ql-name").click()
    expect(stage.locator(".ql-story")).to_contain_text("etcd-4 crashes.")
    expect(stage.get_by_role("button", name="Pause")).to_be_visible()
    crashed = clock(stage)
    page.wait_for_function(
        f"() => parseFloat(document.querySelector('.ql-playback .ql-value').textContent) > {crashed + 0.002}"
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
    c.submit("write", "x", "by hand")
    assert c.run_until(lambda: any(m.type == "append" for m in c.trace.in_flight(c.now)), within=5)
    c.drop(next(m.id for m in c.trace.in_flight(c.now) if m.type == "append"))
    c.delay(c.members[0], c.members[1], ms=40)
    c.run_for(1)
    c.add_learner()
    c.crash("etcd-2")
    c.pause("etcd-3")
    for i in range(6):
        c.put("y", str(i))
    c.slow_disk("etcd-4", ms=5)
    c.restart("etcd-2")
    c.resume("etcd-3")
    c.run_for(3)
    return play(c).future.trace


def chaos_trace(seed: int) -> Trace:
    """What random faults and clients do to five members."""
    c = SimulatedCluster(5, seed=seed, loss=0.05, snapshot_every=5, disk_ms=2)
    chance = Random(seed)
    for number in range(25):
        name = chance.choice(c.members)
        verb = chance.choice([c.crash, c.restart, c.pause, c.resume])
        verb(name)
        if chance.random() < 0.3:
            c.cut(name, chance.choice([other for other in c.members if other != name]))
        if chance.random() < 0.3:
            c.heal()
        c.submit("write", "x", str(number), via=chance.choice(c.members))
        c.run_for(chance.random())
    return c.trace


def told(member: MemberState) -> dict[str, Any]:
    """A member's state as the browser's JSON has it: what is not told is left out."""
    facts = {f.name: getattr(member, f.name) for f in fields(member)}
    known = {name: list(v) if isinstance(v, tuple) else v for name, v in facts.items() if v is not UNKNOWN}
    if isinstance(member.log, Entries):
        known["log"] = {"first": member.log.first, "entries": [entry._asdict() for entry in member.log]}
    return known


STATES = """async ({ source, pieces, times }) => {
    const { Replay } = await import(URL.createObjectURL(new Blob([source], { type: 'text/javascript' })));
    let replay = null;
    for (const piece of pieces) {
        if (replay) replay.append(piece); else replay = new Replay(piece);
        replay.at(piece.until / 2);
    }
    return times.map(time => {
        const { members, flying, links, requests } = replay.at(time);
        return JSON.stringify({ members, messages: [...flying.values()], links: [...links.values()], requests: Object.values(requests) });
    });
}"""


def pieces(trace: Trace, parts: int) -> list[dict[str, Any]]:
    """A trace as it is sent when it grows in so many parts."""
    events = [plain(event) for event in trace.events]
    cuts = [len(events) * part // parts for part in range(parts + 1)]
    return [
        {"kept": a, "lines": 0, "until": trace.until, "heartbeats": False, "story": [], "events": events[a:b]}
        for a, b in pairwise(cuts)
    ]


def assert_same_states(page: Page, trace: Trace, parts: int) -> None:
    step = max(trace.until // 97, 1)
    # There and back, so that checkpoints are used, and on the very moments of events.
    times = [
        *range(0, trace.until + 1, step),
        *(event.t for event in trace.events[::41]),
        *range(trace.until, -1, -3 * step),
    ]
    page.goto("about:blank")
    states = page.evaluate(
        STATES, {"source": module("replay.js"), "pieces": pieces(trace, parts), "times": times}
    )
    for time, text in zip(times, states, strict=True):
        found, expected = json.loads(text), trace.at(time / SECOND)
        assert found["members"] == {name: told(m) for name, m in expected.members.items()}, time
        assert found["messages"] == [plain(m) for m in trace.in_flight(time / SECOND)], time
        assert found["requests"] == [json.loads(json.dumps(plain(r))) for r in expected.requests.values()], (
            time
        )
        links = {(link["sender"], link["to"]): link for link in found["links"]}
        assert links == {pair: plain(link) for pair, link in expected.links.items()}, time


def test_the_browser_has_the_state_that_python_has(page: Page) -> None:
    trace = faulty()
    assert {KIND_OF[type(event)] for event in trace.events} == set(KINDS)
    assert_same_states(page, trace, 1)
    assert_same_states(page, trace, 3)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_also_after_random_faults(page: Page, seed: int) -> None:
    assert_same_states(page, chaos_trace(seed), 1 + seed)


def test_also_of_a_recording_that_tells_little(page: Page, recorded: Trace) -> None:
    assert_same_states(page, recorded, 2)


def test_with_reduced_motion_play_goes_from_line_to_line(chrome: Browser, stage_lab: Lab) -> None:
    page = chrome.new_page(viewport={"width": 1180, "height": 1000}, reduced_motion="reduce")
    try:
        open_notebook(page, stage_lab, "play.ipynb")
        run_all(page)
        stage = show_cell(page, "play(c")
        stage.get_by_role("button", name="▶ Play").click()
        expect(stage.locator(".ql-value")).to_have_text(f"{moments_of('whether it should stand')[0]:.3f} s")
        stage.get_by_role("button", name="Pause").click()
    finally:
        page.close()


# ---------------------------------------------------------------- no kernel any more


def test_a_stage_whose_kernel_is_gone_says_so(page: Page, stage: Locator) -> None:
    page.evaluate("() => void window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    expect(stage.locator(".ql-playback.ql-deaf")).to_be_visible()
    notice = stage.locator(".ql-playback")
    words = notice.evaluate("node => getComputedStyle(node, '::before').content")
    assert "Run → Run All Above Selected Cell" in words and "run this cell again" in words
    # It is on the screen wherever in the widget the reader is: what is drawn there is the widget itself, and none of its parts.
    at = notice.evaluate(
        """node => {
            node.querySelector('.ql-changes').scrollIntoView({ block: 'start' });
            const [box, screen] = [node, node.closest('.jp-WindowedPanel-outer')].map(n => n.getBoundingClientRect());
            const own = getComputedStyle(node, '::before');
            return [box.top - screen.top, own.position, document.elementFromPoint(box.left + 30, screen.top + 12) === node];
        }"""
    )
    assert at[0] < -100 and at[1:] == ["sticky", True], at
    notice.click(position={"x": 30, "y": 10 - at[0]})
    page.keyboard.press("Shift+Enter")
    expect(stage.locator(".ql-playback:not(.ql-deaf)")).to_be_visible()


def test_a_widget_whose_kernel_died_says_so(page: Page, stage: Locator) -> None:
    page.evaluate(
        "() => void window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestExecute({ code: 'import os; os._exit(1)' })"
    )
    expect(stage.locator(".ql-playback.ql-deaf")).to_be_visible()
