"""From moving a control to seeing the new picture, in one browser run: `interact` with inline pictures against ours.

Measured in the page, from the key press to the moment the new picture is decoded (charts) or the words have changed and a frame
was drawn (stage); medians of MOVES moves. The chart is the same in both: a persistent matplotlib figure of the same view.
"""

import statistics

from playwright.sync_api import Page

from benchmarks.page import opened
from tools.browser import chromium, run_all, show_cell

ROUNDS = 4
THERE_AND_BACK = ["ArrowRight"] * 4 + ["ArrowLeft"] * 4
MOVES = ROUNDS * (len(THERE_AND_BACK) - 1)
AT_MOST = {"chart": 0.7, "stage": 0.3}

SETUP = """import quorumlab as ql
from quorumlab.views.quorums import overlap_view"""
OURS = 'ql.Explorer(lambda group: overlap_view(9, group), group=ql.slider("group", range(1, 10)))'
STAGE = "ql.Stage(5)"
PEER = """%config InlineBackend.figure_formats = ["png"]
from ipywidgets import IntSlider, interact
from IPython.display import display
import matplotlib.pyplot as plt
def draw(group):
    figure = plt.figure(figsize=(7, 3.4))
    overlap_view(9, group).draw(figure)
    plt.show()
_ = interact(draw, group=IntSlider(1, 1, 9))"""

ARM = """({ selector, kind }) => {
    const root = document.querySelector(selector);
    const image = () => root.querySelector('img')?.src;
    const words = () => root.querySelector('.ql-sentence')?.textContent;
    const was = kind === 'stage' ? words() : image();
    let start;
    root.addEventListener('keydown', () => { start ??= performance.now(); }, { capture: true, once: true });
    window.measured = new Promise(resolve => {
        const look = async () => {
            if (kind === 'stage') {
                if (words() === was) return;
                await new Promise(requestAnimationFrame);
            } else {
                const now = root.querySelector('img');
                if (!now || now.src === was) return;
                await now.decode();
            }
            watcher.disconnect();
            resolve(performance.now() - start);
        };
        const watcher = new MutationObserver(look);
        watcher.observe(root, { childList: true, subtree: true, attributes: true, characterData: true });
    });
}"""


def main() -> bool:
    """Print the medians and the ratios; whether both targets were met."""
    if chromium() is None:
        print("widgets: not measured, there is no Chromium on this machine")
        return False
    times: dict[str, list[float]] = {"peer": [], "chart": [], "stage": []}
    with opened(SETUP, PEER, OURS, STAGE) as page:
        run_all(page)
        # Taken in turns, so that a busy moment of the machine falls on all of them.
        for _ in range(ROUNDS):
            times["peer"] += moves_ms(page, "interact(", ".noUi-handle", THERE_AND_BACK, "chart")
            times["chart"] += moves_ms(page, "ql.Explorer(", "input[type=range]", THERE_AND_BACK, "chart")
            times["stage"] += moves_ms(page, "ql.Stage(", "[role=switch]", ["Enter"] * 8, "stage")
    peer, chart, stage = (statistics.median(times[kind]) for kind in ("peer", "chart", "stage"))
    print(f"slider to picture, interact + inline   {peer:6.1f} ms   (median of {MOVES})")
    print(
        f"slider to picture, ours                {chart:6.1f} ms   ratio {chart / peer:.2f}, at most {AT_MOST['chart']}"
    )
    print(
        f"member to picture, the stage           {stage:6.1f} ms   ratio {stage / peer:.2f}, at most {AT_MOST['stage']}"
    )
    met = chart / peer <= AT_MOST["chart"] and stage / peer <= AT_MOST["stage"]
    print(f"widgets: target {'met' if met else 'missed'}")
    return met


def moves_ms(page: Page, cell_words: str, control: str, keys: list[str], kind: str) -> list[float]:
    """The times of some moves of a control in the cell that holds these words, after one to warm up."""
    cell = show_cell(page, cell_words)
    index = cell.get_attribute("data-windowed-list-index")
    selector = (
        f'.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell[data-windowed-list-index="{index}"] .jp-OutputArea'
    )
    times = []
    for key in keys:
        cell.locator(control).first.focus()
        page.evaluate(ARM, {"selector": selector, "kind": kind})
        page.keyboard.press(key)
        times.append(page.evaluate("window.measured"))
        page.wait_for_timeout(150)
    return times[1:]


if __name__ == "__main__":
    main()
