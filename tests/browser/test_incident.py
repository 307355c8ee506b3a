"""An incident as a learner works it: read the board, type acts, and be judged."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tools.browser import Lab, command, open_notebook, show_cell

pytestmark = pytest.mark.browser


def run(page: Page, source: str) -> Locator:
    cell = show_cell(page, source)
    cell.locator(".cm-content").click()
    command(page, "notebook:run-cell")
    return cell


def test_an_incident_is_repaired_by_typing_and_judged(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, "notebooks/10-operating.ipynb")
    for source in ("import quorumlab as ql", "eve = Incident(0)\nboard(eve)"):
        run(page, source)
    board = run(page, "incident = Incident(1)")
    expect(board).to_contain_text("stopped (SIGSTOP)")
    judged = run(page, "judged_view(incident.judge())")
    expect(judged).to_contain_text("Not yet well: etcd-1 still counts as a member")

    acts = show_cell(page, "incident.cluster.run_for(1)")
    acts.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text('incident.cluster.restart("etcd-3")\nincident.cluster.resume("etcd-1")')
    command(page, "notebook:run-cell")
    expect(acts).to_contain_text('resume("etcd-1"), 30 s after it broke: done.')
    again = run(page, "board(incident)  # as it is now")
    expect(again).to_contain_text('restart("etcd-3"), 20 s after it broke: done.')
    expect(again).to_contain_text("30 s after it broke: The writes of the last 5 s were answered.")
    judged = run(page, "judged_view(incident.judge())")
    expect(judged).to_contain_text("All well after 30 s and 2 acts")
    expect(judged).to_contain_text("no acknowledged write is lost")
