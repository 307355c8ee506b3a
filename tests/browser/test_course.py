"""The course as a learner meets it: every page runs to its end in JupyterLab, and its widgets answer hand and keyboard."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tools.browser import ROOT, Lab, cell_errors, command, open_notebook, run_all, show_cell

pytestmark = pytest.mark.browser
NOTEBOOKS = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


def watch(page: Page) -> list[str]:
    """What the page complains about from now on."""
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_page_runs_to_its_end_without_complaint(page: Page, lab: Lab, notebook: str) -> None:
    complaints = watch(page)
    open_notebook(page, lab, f"notebooks/{notebook}")
    # Before anything has run, the saved page shows its pictures and no broken widget.
    assert "Error displaying widget" not in page.content()
    run_all(page)
    assert cell_errors(page) == []
    assert complaints == []
    assert "Error displaying widget" not in page.content()


def test_the_picture_of_a_page_that_never_ran_stands_where_all_else_does(page: Page, lab: Lab) -> None:
    # It is not trusted yet, so JupyterLab leaves out its style sheets.
    open_notebook(page, lab, "notebooks/01-one-node.ipynb")
    cell = show_cell(page, "# the picture and its controls")
    lefts = [
        box["x"] for place in ("img", "figcaption", "details") if (box := cell.locator(place).bounding_box())
    ]
    assert len(lefts) == 3 and len(set(lefts)) == 1


def test_a_slider_changes_picture_words_and_table(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, "notebooks/02-quorum-math.ipynb")
    run_all(page)
    cell = show_cell(page, "overlap_view")
    slider = cell.get_by_label("size of each group")
    picture, sentence = cell.get_by_role("img"), cell.get_by_role("status").first
    before = picture.get_attribute("src")
    expect(sentence).to_contain_text("15 of 45 pairs share nobody")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(sentence).to_contain_text("all 45 pairs share someone")
    assert picture.get_attribute("src") != before
    assert ": 0 without a shared member" in (picture.get_attribute("alt") or "")
    cell.get_by_role("button", name="Show as table").click()
    expect(cell.get_by_role("row")).to_have_count(4)
    expect(picture).to_be_hidden()


def test_a_topology_is_reviewed_as_it_is_written(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, "notebooks/07-zones.ipynb")
    run_all(page)
    cell = show_cell(page, "ql.Editor(")
    field, sentence = cell.get_by_label("The topology, as YAML:"), cell.get_by_role("status").first
    expect(sentence).to_contain_text("Any zone may be lost")
    before = cell.get_by_role("img").get_attribute("src")
    field.fill(field.input_value().replace("us-east-1c", "us-east-1a"))
    expect(sentence).to_contain_text("The loss of us-east-1a stops writes: it holds 3 of 5 voters")
    assert cell.get_by_role("img").get_attribute("src") != before
    field.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("nonsense")
    expect(sentence).to_contain_text("Line 17 is 'nonsense'")
    expect(field).to_have_attribute("aria-invalid", "true")
    cell.get_by_role("button", name="Start again").click()
    expect(sentence).to_contain_text("Any zone may be lost")


def member(cell: Locator, name: str) -> Locator:
    return cell.get_by_role("switch", name=name, exact=True)


def test_a_member_fails_by_mouse_and_by_keyboard(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, "notebooks/02-quorum-math.ipynb")
    run_all(page)
    cell = show_cell(page, "ql.Stage(5)")
    sentence = cell.get_by_role("status").first
    expect(sentence).to_contain_text("5 of 5 are up: a majority")
    member(cell, "etcd-1").click()
    expect(sentence).to_contain_text("4 of 5 are up")
    expect(member(cell, "etcd-1")).to_have_attribute("aria-checked", "false")
    expect(member(cell, "etcd-1")).to_contain_text("down")
    member(cell, "etcd-2").focus()
    page.keyboard.press("Enter")
    expect(sentence).to_contain_text("one more crash stops them")
    member(cell, "etcd-3").focus()
    page.keyboard.press(" ")
    expect(sentence).to_contain_text("✕ writes stop")
    expect(sentence).to_contain_text("no majority, so writes stop until one more comes back")
    cell.get_by_role("button", name="Revive all").click()
    expect(sentence).to_contain_text("5 of 5 are up")


def test_the_cut_moves_by_keyboard_and_by_mouse(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, "notebooks/02-quorum-math.ipynb")
    run_all(page)
    cell = show_cell(page, "ql.threshold(4, 2), cut=0")
    sentence, cut = cell.get_by_role("status").first, cell.get_by_role("slider")
    cut.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(sentence).to_contain_text("This is split brain")
    expect(cut).to_have_attribute("aria-valuetext", "2 left, 2 right")
    handle, target = cut.locator("rect").bounding_box(), member(cell, "etcd-4").bounding_box()
    assert handle and target
    page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(target["x"] - 5, handle["y"] + 5, steps=5)
    page.mouse.up()
    expect(cut).to_have_attribute("aria-valuetext", "3 left, 1 right")
    expect(sentence).to_contain_text("the left side has a quorum")


def test_what_the_learner_did_on_the_stage_reaches_python(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, "notebooks/00-start-here.ipynb")
    run_all(page)
    cell = show_cell(page, "ql.Stage(5)")
    for name in ("etcd-1", "etcd-2", "etcd-5"):
        member(cell, name).click()
    report = show_cell(page, "cluster.writes_go_on")
    report.click()
    command(page, "notebook:run-cell")
    expect(report).to_contain_text("up: etcd-3, etcd-4")
    expect(report).to_contain_text("writes go on: False")


def test_a_prediction_is_kept_over_a_kernel_restart(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, "notebooks/02-quorum-math.ipynb")
    run_all(page)
    cell = show_cell(page, 'ql.predict("two-of-five")')
    cell.get_by_label("only reads").check()
    cell.get_by_role("button", name="Commit").click()
    expect(cell.get_by_role("status")).to_contain_text("You said: only reads")
    assert json.loads(Path(lab.progress).read_text())["predictions"]["two-of-five"] == "only reads"

    page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    run_all(page)
    cell = show_cell(page, 'ql.predict("two-of-five")')
    expect(cell.get_by_role("status")).to_contain_text("You said: only reads")
    expect(cell.get_by_label("only reads")).to_be_checked()
    expect(cell.get_by_label("only reads")).to_be_disabled()
    expect(show_cell(page, 'ql.reveal("two-of-five"')).to_contain_text(
        "You said “only reads”; what came out is “yes”."
    )


def test_a_quick_check_explains_each_miss_and_hints_after_two(page: Page, lab: Lab) -> None:
    open_notebook(page, lab, "notebooks/02-quorum-math.ipynb")
    run_all(page)
    cell = show_cell(page, 'ql.quick_check("leader-counts")')
    answer = cell.get_by_role("button", name="Check my answer")
    feedback = cell.get_by_role("status")
    others = cell.get_by_text("What speaks against the other answers")
    assert feedback.count() == 1  # a live region that is not there beforehand is not read out
    cell.get_by_label("three", exact=True).check()
    answer.click()
    expect(feedback).to_contain_text("Not quite. Three members, but the leader is one of them.")
    expect(feedback).not_to_contain_text("Hint")
    expect(others).to_be_hidden()
    cell.get_by_label("four", exact=True).check()
    answer.click()
    expect(feedback).to_contain_text("Hint: A quorum of five is three members.")
    cell.get_by_label("two", exact=True).check()
    answer.focus()
    page.keyboard.press("Enter")
    expect(feedback).to_contain_text(
        "Right. The leader's copy is one of the three, and two followers complete the quorum."
    )
    expect(answer).to_be_hidden()
    expect(feedback).to_be_focused()
    expect(others).to_be_visible()
    expect(cell.get_by_text("Three members, but the leader is one of them.")).to_be_hidden()
    others.click()
    expect(cell.get_by_text("Three members, but the leader is one of them.")).to_be_visible()
    expect(cell.locator(".ql-others li")).to_have_count(3)


def test_questions_on_one_page_do_not_answer_for_each_other(page: Page, lab: Lab) -> None:
    """Each widget loads its module anew, so a counter in it would give every question the same ids."""
    open_notebook(page, lab, "notebooks/02-quorum-math.ipynb")
    run_all(page)
    first = show_cell(page, 'ql.quick_check("why-majority")')
    first.get_by_text("So that votes are never tied.").click()
    expect(first.get_by_label("So that votes are never tied.")).to_be_checked()
    second = show_cell(page, 'ql.predict("slow-followers")')
    second.get_by_text("80 ms").click()
    expect(second.get_by_label("80 ms")).to_be_checked()
    assert page.evaluate(
        """() => {
            const ids = [...document.querySelectorAll('.ql-question input, .ql-explorer input')].map(input => input.id);
            return ids.length > 8 && new Set(ids).size === ids.length;
        }"""
    )
    first = show_cell(page, 'ql.quick_check("why-majority")')
    expect(first.get_by_label("So that votes are never tied.")).to_be_checked()
