"""Shift+Enter and Esc from inside a widget: they leave it, so that the page goes on, and never act on what is in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

import quorumlab as ql
from quorumlab.course.questions import quick_check
from quorumlab.experiments.zones import FIVE_OVER_THREE
from quorumlab.simulation import SimulatedCluster
from quorumlab.views.topology import reviewed
from quorumlab.widgets.playback import play
from tools.bare_page import show
from tools.browser import Lab, open_notebook, run_all, serve, show_cell, wait_for_kernel

pytestmark = pytest.mark.browser

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
PREDICTION, STAGE, PLAY, EDITOR = 1, 3, 5, 7
CELLS = [
    "import quorumlab as ql\nfrom quorumlab.experiments.zones import FIVE_OVER_THREE\nfrom quorumlab.views.topology import reviewed",
    'ql.predict("two-of-five")',
    "stage = ql.Stage(5)",
    "stage",
    '"between"',
    'cluster = ql.SimulatedCluster(3, leader="etcd-1")\ncluster.run_for(1)\nql.play(cluster, start=0.5)',
    '"between"',
    'ql.Editor(reviewed, FIVE_OVER_THREE, label="YAML")',
]
WHERE = """() => {
    const notebook = [...document.querySelectorAll('.jp-Notebook')].find(node => node.getClientRects().length);
    const cells = [...notebook.querySelectorAll('.jp-Cell')];
    const chosen = cells.findIndex(cell => cell.classList.contains('jp-mod-active'));
    return [chosen, notebook.classList.contains('jp-mod-commandMode') && document.activeElement === cells[chosen]];
}"""
# The kernel answers in the order in which it was asked: had a cell been asked to run, it would have run by then.
ANSWERED = """async () => {
    await new Promise(resolve => setTimeout(resolve, 50));
    await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.requestKernelInfo();
}"""
PROMPTS = "() => [...document.querySelectorAll('.jp-Cell .jp-InputPrompt')].map(node => node.textContent)"


@pytest.fixture(scope="module")
def keys_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder: Path = tmp_path_factory.mktemp("keys")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    for name in ("keys", "classic"):
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
        nbformat.write(notebook, folder / f"{name}.ipynb")
    with serve(folder, etcd=False) as running:
        yield running


def press(page: Page, key: str, cell: int) -> None:
    """Press a key inside a widget: that cell is then the one selected, in command mode, and nothing has run."""
    before = page.evaluate(PROMPTS)
    page.keyboard.press(key)
    page.wait_for_function(f"() => ({WHERE})().join() === '{cell},true'")
    page.evaluate(ANSWERED)
    assert page.evaluate(PROMPTS) == before


def member(cell: Locator, name: str) -> Locator:
    return cell.get_by_role("switch", name=name, exact=True)


def test_shift_enter_goes_on_from_a_widget_and_esc_goes_back_to_its_cell(page: Page, keys_lab: Lab) -> None:
    open_notebook(page, keys_lab, "keys.ipynb")
    run_all(page)
    question = show_cell(page, CELLS[PREDICTION])
    question.get_by_label("only reads").click()
    press(page, "Shift+Enter", PREDICTION + 1)
    question.get_by_role("button", name="Commit").click()
    expect(question.get_by_role("status")).to_contain_text("You said: only reads")
    press(page, "Shift+Enter", PREDICTION + 1)
    question.locator("legend").click()  # neither are words a dead end
    press(page, "Escape", PREDICTION)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(WHERE) == [PREDICTION + 1, True]

    show_cell(page, CELLS[STAGE - 1])
    stage = page.locator(".jp-Cell").nth(STAGE)
    for name in ("etcd-1", "etcd-2", "etcd-3"):
        member(stage, name).click()
    press(page, "Shift+Enter", STAGE + 1)
    member(stage, "etcd-4").click()
    press(page, "Escape", STAGE)
    for name in ("etcd-1", "etcd-2", "etcd-3", "etcd-4"):
        expect(member(stage, name)).to_have_attribute("aria-checked", "false")

    played = show_cell(page, "ql.play(cluster")
    played.get_by_label("speed").focus()
    press(page, "Shift+Enter", PLAY + 1)
    member(played, "etcd-3").locator(".ql-name").click()
    expect(played.locator(".ql-story")).to_contain_text("etcd-3 crashes.")
    press(page, "Shift+Enter", PLAY + 1)
    played.locator('[data-link="etcd-1 etcd-2"] .ql-touch').click()
    expect(played.get_by_label("future shown").locator("option")).to_have_count(3)
    press(page, "Shift+Enter", PLAY + 1)
    # What is gone once it is pressed takes no focus with it.
    played.get_by_role("button", name="More…").click()
    played.get_by_role("button", name="Heal all links").click()
    expect(played.get_by_role("button", name="Heal all links")).to_be_hidden()
    press(page, "Shift+Enter", PLAY + 1)

    # After the last cell there is none to go to.
    show_cell(page, "ql.Editor(").get_by_label("YAML").click()
    press(page, "Shift+Enter", EDITOR)
    assert page.locator(".jp-Cell").count() == len(CELLS)
    assert show_cell(page, "ql.Editor(").get_by_label("YAML").input_value() == FIVE_OVER_THREE


def test_it_is_the_same_in_the_classic_notebook(page: Page, keys_lab: Lab) -> None:
    pytest.importorskip("notebook")
    page.goto(f"{keys_lab.address}/notebooks/classic.ipynb?token={keys_lab.token}")
    wait_for_kernel(page)
    run_all(page)
    stage = page.locator(".jp-Cell").nth(STAGE)
    member(stage, "etcd-2").click()
    expect(member(stage, "etcd-2")).to_have_attribute("aria-checked", "false")
    press(page, "Shift+Enter", STAGE + 1)
    member(stage, "etcd-3").click()
    press(page, "Escape", STAGE)
    expect(member(stage, "etcd-2")).to_have_attribute("aria-checked", "false")
    # And the keys of a control are its own.
    member(stage, "etcd-2").focus()
    page.keyboard.press("Enter")
    expect(member(stage, "etcd-2")).to_have_attribute("aria-checked", "true")
    page.keyboard.press("b")
    assert page.locator(".jp-Cell").count() == len(CELLS)


def widgets() -> dict[str, Any]:
    return {
        "stage": ql.Stage(3),
        "cut": ql.Stage(4, cut=2),
        "play": play(SimulatedCluster(3, leader="etcd-1"), until=2),
        "question": quick_check("why-majority"),
        "editor": ql.Editor(reviewed, FIVE_OVER_THREE, label="YAML"),
        "map": ql.WorldMap(),
    }


NOTE_ACTS = """() => {
    window.acts = [];
    const known = { get: model.get, send: model.send };
    model.set = (name, value) => acts.push([name, value]);
    model.send = message => acts.push(message);
    document.addEventListener('click', ({ target }) => acts.push(['click', target.outerHTML.slice(0, 80)]));
    document.addEventListener('keydown', ({ key }) => { if (key === 'Enter') acts.push(['heard', key]); });
}"""
STOPS = "[...document.querySelectorAll('body > div:first-of-type :is(button, input, select, textarea, [tabindex=\"0\"])')].filter(n => !n.disabled && n.getClientRects().length)"


@pytest.mark.parametrize("name", ["stage", "cut", "play", "question", "editor", "map"])
def test_shift_enter_acts_on_no_control_and_breaks_nothing_where_there_is_no_notebook(
    page: Page, name: str
) -> None:
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    show(page, widgets()[name])
    if name == "question":
        page.get_by_role("radio").first.check()  # else there is nothing to send
    page.evaluate(NOTE_ACTS)
    count = page.evaluate(f"{STOPS}.length")
    assert count > 1
    for number in range(count):
        page.evaluate(f"{STOPS}[{number}].focus()")
        for key in ("Shift+Enter", "Alt+Enter", "Escape"):
            page.keyboard.press(key)
    assert page.evaluate("acts") == [] and complaints == []


def test_who_clicks_on_words_or_a_picture_is_in_the_widget(page: Page) -> None:
    show(page, ql.Stage(3))
    inside = "document.activeElement.classList.contains('ql-stage')"
    page.get_by_role("status").click()
    assert page.evaluate(inside)
    page.get_by_role("button", name="Revive all").focus()
    page.get_by_role("button", name="Revive all").evaluate("node => { node.hidden = true; }")
    page.wait_for_function(inside)
    # All other keys are the page's while no control has them.
    page.evaluate("window.heard = []; document.addEventListener('keydown', event => heard.push(event.key))")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("heard") == ["ArrowDown"]
