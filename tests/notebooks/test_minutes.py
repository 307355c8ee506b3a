"""The rule for how long a page takes: each thing that a learner reads or does counts, and nothing twice."""

import nbformat
import pytest

from quorumlab.course.questions import Choice, QuickCheck, Reveal, bank
from tools.minutes import MINUTES_A_TASK, MINUTES_FOR, minutes

V4 = nbformat.v4
WORDS = " ".join(["word"] * 200)  # a minute of prose


def code(source: str, *, folded: bool = False, **data: str) -> nbformat.NotebookNode:
    cell = V4.new_code_cell(source)
    if folded:
        cell.metadata["jupyter"] = {"source_hidden": True}
    if data:
        cell.outputs = [
            V4.new_output("execute_result", {f"text/{kind}": text for kind, text in data.items()})
        ]
    return cell


def takes(*cells: nbformat.NotebookNode) -> float:
    return minutes(V4.new_notebook(cells=list(cells)))


TABLE = f"<table><tr><td>{WORDS}</td></tr></table>"
LONG = Reveal(Choice("a", WORDS, True), None)._repr_mimebundle_()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (V4.new_markdown_cell(WORDS), 1),
        (V4.new_markdown_cell(f"<details><summary>More</summary>\n\n{WORDS}\n</details>"), 0),
        (code("\n".join(["x = 1"] * 20)), 1),
        (code("\n".join(["x = 1", ""] * 20)), 1),
        (code("\n".join(["# folded"] * 20), folded=True), 0.05),
        (code("print(x)", plain=WORDS), 1.05),
        (code("x", html=f"<p>{WORDS}</p>", plain=WORDS), 1.05),
        (code("x", html=TABLE), 0.55),
        (code("x", html=f'<img alt="{WORDS}"><p>{WORDS}</p>'), 1.05),
        (code("x", html=f"<details><summary>The same facts as a table</summary>{TABLE}</details>"), 0.05),
        (code('ql.predict("p")', html=f"<p>{WORDS}</p><ul><li>{WORDS}</li></ul>"), 2.55),
        (code('ql.reveal("p", x)', html=LONG["text/html"]), 1.09),  # “What came out is …”
        (code('ql.check("f", f)'), 0.05 + MINUTES_FOR["ql.check("]),
        (code("ql.Explorer(view)", html=f"<p>{WORDS}</p>"), 3.05),
        (code("ql.play(c)", html=f"<p>{WORDS}</p>{TABLE}"), 4.05),
    ],
    ids=["prose", "a fold", "code", "empty lines", "folded code", "text", "a page", "a table", "a picture", "its table", "a prediction",
         "its answer", "an exercise", "an explorer", "a playback"],
)  # fmt: skip
def test_what_is_read_and_done_counts(cell: nbformat.NotebookNode, expected: float) -> None:
    assert takes(cell) == pytest.approx(expected, abs=0.04)


def test_the_explanation_of_a_check_counts() -> None:
    question = next(q for q in bank().values() if isinstance(q, QuickCheck))
    (right,) = (choice for choice in question.choices if choice.correct)
    asked = takes(code(f'ql.quick_check("{question.id}")'))
    assert asked == pytest.approx(0.05 + 0.5 + len(right.because.split()) / 200)


def test_a_graded_answer_of_a_lab_counts() -> None:
    answer = code("x = 1")
    answer.metadata["nbgrader"] = {"solution": True}
    assert takes(answer) == pytest.approx(0.05 + MINUTES_A_TASK)
