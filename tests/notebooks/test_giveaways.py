"""The answer of a prediction stays hidden until it is asked for: on every page as stored, and planted giveaways are found."""

import html
import re

import nbformat
import pytest

from quorumlab.course.questions import UNCOMMITTED, Choice, Prediction, QuickCheck, Reveal, bank
from quorumlab.views.view import Table, View
from tools.giveaways import SCREEN_PX, asked, folds, giveaways, references, solved, stored_pages, unfolded
from tools.labels import labels, says, told_beside

PAGES = stored_pages()
NAMED = "What came out"
"""The summary of a stored reveal."""
PREDICTIONS = {id: question for id, question in bank().items() if isinstance(question, Prediction)}
ASKED = [id for _, page in PAGES for _, id in asked(page)]


def test_no_page_gives_an_answer_away() -> None:
    """``python -m tools.giveaways`` says where each stands."""
    found = [*giveaways(PAGES, bank()), *told_beside(PAGES, bank()), *solved(PAGES, references())]
    assert not found, "\n".join(["hide or move these:", *map(str, found)])


def test_every_prediction_says_what_would_give_it_away_and_is_asked_once() -> None:
    assert sorted(ASKED) == sorted(PREDICTIONS)
    for question in PREDICTIONS.values():
        assert question.shown_by, f"{question.id} has no shown_by"
        assert all(re.compile(pattern) for pattern in question.told_by + question.shown_by)


def test_every_stored_reveal_is_folded_and_holds_an_answer() -> None:
    for name, page in PAGES:
        stored = folds(page)
        assert set(stored) == {id for _, id in asked(page)}, name
        for id, answer in stored.items():
            held = [
                c.text for c in bank()[id].choices if f"What came out is “{c.text}”. {c.because}" in answer
            ]
            assert len(held) == 1, f"{name}: the fold of {id} holds {answer!r}"


def test_what_stands_outside_of_a_fold_says_nothing() -> None:
    for name, page in PAGES:
        for cell in page.cells:
            if cell.cell_type == "code" and "ql.reveal(" in cell.source:
                data = cell.outputs[-1].data
                assert data["text/plain"] == UNCOMMITTED, name
                assert unfolded(data["text/html"])[0] == f"<p>{UNCOMMITTED}</p>{NAMED}", name
                assert "<details open" not in data["text/html"]


# ---------------------------------------------------------------- it can fail

TELL = {"how-many": Prediction("how-many", "?", (), told_by=("seven it is",), shown_by=(r"\b7 members",))}
ASK = 'ql.predict("how-many")'
LONG = "\n\n".join(["Words that fill a line."] * (SCREEN_PX // 30))


def page(*cells):
    """A notebook of (kind, source, output page) cells; a text alone is prose."""
    made = []
    for cell in cells:
        if isinstance(cell, str):
            made.append(nbformat.v4.new_markdown_cell(cell))
            continue
        source, *shown = cell
        code = nbformat.v4.new_code_cell(source)
        code.outputs = [nbformat.v4.new_output("execute_result", data=dict(shown))] if shown else []
        made.append(code)
    return nbformat.v4.new_notebook(cells=made)


def found(*cells, before=()):
    pages = [*(("00", page(*cells)) for cells in before), ("01", page(*cells))]
    return [(giveaway.page, giveaway.cell) for giveaway in giveaways(pages, TELL)]


ANSWER = Reveal(Choice("seven", "Seven it is, since 7 members do."), None)
FOLDED = ('ql.reveal("how-many", "seven")', *ANSWER._repr_mimebundle_().items())
OPEN = ('ql.reveal("how-many", "seven")', ("text/html", f"<p>{ANSWER.sentence}</p>"))
PICTURE = View("A bar.", "A bar chart.", Table.of(("size",), [("7 members",)]), lambda figure: None)


def test_a_page_that_hides_the_answer_passes() -> None:
    assert found("# How many?", (ASK,), "Try it.", FOLDED, LONG, "Seven it is.") == []


@pytest.mark.parametrize(
    ("cells", "where"),
    [
        (["# One\n\n- say why seven it is;", (ASK,), FOLDED], 0),
        (["# One", "So seven it is. Or is it?", (ASK,), FOLDED], 1),
        (["# One", ("print(n)", ("text/plain", "7 members")), (ASK,), FOLDED], 1),
        (["# One", (ASK,), ("n", ("text/plain", "a line\n7 members")), FOLDED], 2),
        (["# One", (ASK,), ("n", ("text/html", "<p>now <b>7\nmembers</b></p>")), FOLDED], 2),
        (["# One", (ASK,), ("assert n == 3  # 7 members",), FOLDED], 2),
        (["# One", (ASK,), OPEN], 2),
        (["# One", (ASK,), FOLDED, "As you *see*, **seven** `it` is."], 3),
        (["# One", (ASK,), ("n", ("text/html", '<img alt="A row of 7 members">')), FOLDED], 2),
        (["# One", (ASK,), ("view", ("text/html", PICTURE.to_html())), FOLDED], 2),
        (["# One", (ASK,), FOLDED, "<details><summary><b>Seven</b> it is. Why?</summary>Since.</details>"], 3),
        (["# One", (ASK,), FOLDED, "And with seven members?"], 3),
    ],
    ids=["objective", "prose", "output above", "text", "page", "code", "reveal", "explanation", "alt", "picture", "summary", "number in words"],
)  # fmt: skip
def test_an_answer_that_stands_too_early_is_found(cells, where) -> None:
    assert ("01", where) in found(*cells)


def test_an_earlier_page_that_says_it_is_found() -> None:
    assert found("# Two", (ASK,), FOLDED, before=[["# One", "Hence seven it is."]]) == [("00", 1)]


@pytest.mark.parametrize(
    "earlier",
    [
        "<details><summary>Why</summary>Seven it is.</details>",
        FOLDED,
        ('ql.quick_check("size")', ("text/html", "<li>one</li><li>two</li>")),
        ("# Checked.", ("text/html", "<details><summary>more</summary>seven it is</details>")),
    ],
    ids=["a fold", "a prediction", "a check", "a folded output"],
)
def test_what_was_learned_before_is_not_asked_again(earlier) -> None:
    check = QuickCheck(
        "size", "How many?", "", (Choice("one", "."), Choice("two", "Yes: seven it is.", True))
    )
    for pages in (
        [page("# One", earlier), page("# Two", (ASK,), FOLDED)],
        [page("# One", earlier, (ASK,), FOLDED)],
    ):
        named = list(zip("ab", pages, strict=False))
        seen = giveaways(named, {**TELL, "size": check})
        assert [(g.page, g.cell) for g in seen] == [("a", 1)]
    assert found("# One", (ASK,), FOLDED, LONG, earlier) == []


def right(home, n, commit, elect):
    return n - home >= max(commit, elect)


CHECK = ('ql.check("home", mine)',)


@pytest.mark.parametrize(
    ("cells", "where"),
    [
        ([CHECK, ("ok = home >= commit and n - home>=max(commit,elect)",)], [1]),
        ([("f = lambda home: n - home >= max(commit, elect)",), CHECK], [0]),
        ([CHECK, LONG, ("n - home >= max(commit, elect)",)], []),
        ([CHECK, ("n - home > max(commit, elect)",)], []),
    ],
    ids=["below", "above", "a screen below", "another rule"],
)
def test_a_solution_in_open_code_beside_its_exercise_is_found(cells, where) -> None:
    assert [g.cell for g in solved([("01", page(*cells))], {"home": right})] == where
    folded = page(*cells)
    for cell in folded.cells:
        cell.metadata["jupyter"] = {"source_hidden": True}
    assert solved([("01", folded)], {"home": right}) == []
    earlier = page(("n - home >= max(commit, elect)",))
    assert solved([("00", earlier), ("01", page(CHECK))], {"home": right})[0].page == "00"


@pytest.mark.parametrize(
    "cells",
    [
        ["# One", "With 7 members.", "# Two", (ASK,), FOLDED],
        ["# One", (ASK,), LONG, "Seven it is."],
        ["# One", (ASK,), "<details><summary>Why</summary>Seven it is.</details>", FOLDED],
        ["# One", (ASK, ("text/html", "<li>7 members</li>")), FOLDED],
        ["# One", (ASK,), ('names = ["7 members"]\nql.reveal("how-many", names[0])', *FOLDED[1:])],
    ],
    ids=["another section", "a screen below", "in a fold", "a choice", "a choice in code"],
)
def test_what_gives_nothing_away_is_let_pass(cells) -> None:
    assert found(*cells) == []


def test_of_a_folded_cell_only_the_first_line_is_seen() -> None:
    for source, where in (
        ("# checked\nassert '7 members'", []),
        ("assert '7 members'\n# checked", [("01", 2)]),
    ):
        notebook = page("# One", (ASK,), (source,))
        notebook.cells[2].metadata["jupyter"] = {"source_hidden": True}
        assert [(g.page, g.cell) for g in giveaways([("01", notebook)], TELL)] == where


def test_folds_within_folds() -> None:
    page = "a<details>b<details>c</details><details open>d</details>e</details>f<details open>g</details>h"
    assert unfolded(page) == ("afgh", "bcde")


def test_a_picture_in_a_reveal_is_folded_with_it() -> None:
    shown = Reveal(Choice("seven", "Since."), None, PICTURE)._repr_mimebundle_()
    assert unfolded(shown["text/html"])[0] == f"<p>{UNCOMMITTED}</p>{NAMED}"
    assert html.escape("A bar.") in shown["text/html"] and shown["text/plain"] == UNCOMMITTED


def test_a_summary_is_seen_unless_it_lies_in_a_closed_fold() -> None:
    page = "<details><summary>a</summary>b<details><summary>c</summary>d</details></details>"
    assert unfolded(page) == ("a", "bcd")
    assert unfolded(f"<details open>{page}</details>") == ("a", "bcd")


# ---------------------------------------------------------------- told by its form alone


def beside(*cells, hidden=()):
    """Where something beside the question on this page tells by its form; the sources of the cells ``hidden`` are folded."""
    asked_for = {
        "how-many": Prediction("how-many", "Of 3?", (Choice("seven", "."), Choice("about 260 ms", ".")))
    }
    notebook = page(*cells)
    for at in hidden:
        notebook.cells[at].metadata["jupyter"] = {"source_hidden": True}
    return [(giveaway.cell, giveaway.words) for giveaway in told_beside([("01", notebook)], asked_for)]


SAYS = [
    "# Checked: both wait for Europe, and a quorum of nine does not fit in a region.",
    "# Checked: every layout has one of the two or neither, none has both, and 3 + 1 + 1 is one of the quick ones.",
    "# Checked: all agree; writes wait and reads do not, and after the handover nothing does.",
    "# checked: the client was told nothing",
    "# Checked: a neighbour saves a copy",
    "# What comes out: with one of five crashed, some cut leaves neither side a majority.",
    "Then is an old copy always right?",
]
NAMES = [
    "# Checked: what each of the two waits for.",
    "# Checked: all agree on what waits for the slow disk, before the handover and after it.",
    "# Checked: the figures of the facts, here and above.",
    "# Checked: etcd's advice for these distances, and what longer timeouts cost.",
    "# What comes out: what nobody takes.",
    "# The answer to your prediction.",
    "Why? Open this when you have your answer.",
    "How well does it fit, and where does it not?",
]


@pytest.mark.parametrize("label", SAYS)
def test_a_label_beside_a_question_that_says_what_comes_out_is_found(label) -> None:
    assert says(label)
    if label.startswith("#"):
        cell, hidden = (f"{label}\nassert True",), [3]
    else:
        cell, hidden = f"<details><summary><b>{label}</b></summary>Yes.</details>", []
    told = beside("# One", (ASK,), FOLDED, cell, hidden=hidden)
    assert told == [(3, label)]
    assert beside("# One", (ASK,), FOLDED, LONG, cell, hidden=[at + 1 for at in hidden]) == []
    assert beside("# One", ('ql.check("how-many", mine)',), cell, hidden=[at - 1 for at in hidden]) == [
        (2, label)
    ]


@pytest.mark.parametrize("label", NAMES)
def test_a_label_that_names_what_it_holds_is_let_pass(label) -> None:
    assert not says(label)


def test_of_the_code_only_what_is_folded_has_a_label() -> None:
    assert labels(page((SAYS[0],)).cells[0]) == []


@pytest.mark.parametrize(
    ("prose", "told"),
    [
        ("So a client needs a limit of its own.", True),
        ("Then why ten?", False),
        ("That is why ten are advised.", True),
        ("So far nothing was said.", False),
        ("<details><summary>Why?</summary>So be it.</details>", False),
    ],
)
def test_a_conclusion_below_a_reveal_is_found(prose, told) -> None:
    assert bool(beside("# One", (ASK,), FOLDED, prose)) == told
    assert not beside("# One", (ASK,), FOLDED, "## Two", prose)
    assert not beside("# One", (ASK,), prose, FOLDED)


def test_a_figure_of_the_answer_below_the_question_is_found() -> None:
    about = Reveal(Choice("about 260 ms", "Two ways."), None)
    revealed = ('ql.reveal("how-many", about)', *about._repr_mimebundle_().items())
    assert beside("# One", (ASK,), ("rows", ("text/plain", "3 + 3 + 3  261")), revealed) == [(2, "261")]
    assert beside("# One", (ASK,), ("rows", ("text/plain", "3 + 3 + 3  191")), revealed) == []
    assert beside("# One", (ASK,), revealed, LONG, "It takes 261 ms.") == []
