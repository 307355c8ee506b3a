"""A notebook with a real cluster on the stage: a click kills a real process, a process that dies elsewhere is seen to, and the picture
follows. How long that takes is measured in the page and printed; nothing here fails because a machine is slow.
"""

import json
import os
import re
import signal
from collections.abc import Iterator

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from tools.browser import command, open_notebook, serve, show_cell

pytestmark = [pytest.mark.browser, pytest.mark.etcd]

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}
LIVE = """import quorumlab as ql
c = ql.EtcdCluster(3)
c.put("x", "1")
live = ql.play(c)
live"""
NUMBERS = """import json
json.dumps({name: place.pid for name, place in c._members.places.items()})"""
LATER = """c.run_for(2)
c.close()"""

# When each member was touched or seen to change, by the page's own clock, in ms: what a reader sees, not what the test gets to ask.
NOTE_CHANGES = """() => {
  window.changes = [];
  const root = document.querySelector('.ql-playback');
  root.addEventListener('click', (event) => {
    const node = event.target.closest('[data-member]');
    if (node) window.changes.push({ member: node.dataset.member, what: 'click', at: Date.now() });
  }, true);
  new MutationObserver((list) => {
    for (const { target } of list) {
      if (!target.dataset?.member) continue;
      window.changes.push({ member: target.dataset.member, what: target.getAttribute('aria-checked'), at: Date.now() });
    }
  }).observe(root, { subtree: true, attributes: true, attributeFilter: ['aria-checked'] });
}"""


@pytest.fixture
def stage(page: Page, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locator]:
    """The stage of a notebook whose first cell has been run."""
    said: list[str] = []
    page.on("console", lambda m: said.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    folder = tmp_path_factory.mktemp("live")
    cells = [nbformat.v4.new_code_cell(source) for source in (LIVE, NUMBERS, LATER)]
    nbformat.write(
        nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), folder / "live.ipynb"
    )
    with serve(folder) as lab:
        open_notebook(page, lab, "live.ipynb")
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-cell')")
        shown = show_cell(page, "EtcdCluster")
        expect(shown.locator(".ql-is-leader")).to_have_count(1)
        expect(shown.get_by_role("status").first).to_contain_text("reaches a majority, so writes go on")
        page.evaluate(NOTE_CHANGES)
        yield shown
    assert said == []


def member(stage: Locator, name: str) -> Locator:
    return stage.get_by_role("switch", name=name, exact=True)


def processes(page: Page) -> dict[str, int]:
    """The number of each member's process."""
    cell = show_cell(page, "json.dumps")
    cell.click()
    command(page, "notebook:run-cell")
    said = cell.locator(".jp-OutputArea-output").last
    expect(said).to_contain_text("etcd-3")
    found: dict[str, int] = json.loads(said.inner_text().strip("'"))
    return found


def runs(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def seen_at(page: Page, name: str, what: str) -> float:
    """When the page first noted that about a member, in ms since 1970, as `time.time` and `Date.now` count."""
    page.wait_for_function(
        "([name, what]) => window.changes.some((c) => c.member === name && c.what === what)", arg=[name, what]
    )
    return float(
        page.evaluate(
            "([n, w]) => window.changes.find((c) => c.member === n && c.what === w).at", [name, what]
        )
    )


def test_a_click_kills_a_real_process_and_the_picture_follows(page: Page, stage: Locator) -> None:
    numbers = processes(page)
    assert all(runs(number) for number in numbers.values())
    leader = stage.locator(".ql-is-leader").get_attribute("data-member")
    assert leader
    member(stage, leader).locator(".ql-name").click()
    clicked, seen = seen_at(page, leader, "click"), seen_at(page, leader, "false")
    assert [name for name, number in numbers.items() if not runs(number)] == [leader]
    print(f"\nfrom the click to the picture: {seen - clicked:.0f} ms")
    expect(stage.locator(".ql-story")).to_contain_text(f"{leader} crashes.")
    expect(stage.locator(".ql-story")).to_contain_text(
        re.compile(f"{leader} crashes.*(?!{leader})etcd-. becomes leader", re.DOTALL)
    )
    expect(stage.get_by_role("status").first).to_contain_text(f"{leader} is down.")
    expect(stage.locator(".ql-is-leader")).not_to_have_attribute("data-member", leader)
    member(stage, leader).locator(".ql-name").click()
    expect(member(stage, leader)).to_have_attribute("aria-checked", "true")
    number = processes(page)[leader]
    assert number != numbers[leader] and runs(number)


def test_a_process_that_dies_elsewhere_is_seen_to_and_the_stage_goes_on_while_a_cell_runs(
    page: Page, stage: Locator
) -> None:
    numbers = processes(page)
    follower = next(
        name for name in numbers if name != stage.locator(".ql-is-leader").get_attribute("data-member")
    )
    killed = page.evaluate("() => Date.now()")
    os.kill(numbers[follower], signal.SIGKILL)
    print(f"\nfrom the kill to the picture: {seen_at(page, follower, 'false') - killed:.0f} ms")
    expect(stage.locator(".ql-story")).to_contain_text(f"{follower} crashes.")
    value = stage.locator(".ql-value")
    before = float(value.inner_text().removesuffix(" s"))
    show_cell(page, "run_for").click()
    command(page, "notebook:run-cell")
    assert float(value.inner_text().removesuffix(" s")) > before + 1.5
    assert not any(runs(number) for number in numbers.values())  # the cell has closed the cluster
