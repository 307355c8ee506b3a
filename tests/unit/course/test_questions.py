"""Questions: each well formed, each answer explained, each commitment kept."""

import html
import re

import pytest

from quorumlab.course import progress
from quorumlab.course.questions import (
    UNCOMMITTED,
    Choice,
    Prediction,
    QuickCheck,
    bank,
    parse,
    predict,
    quick_check,
    reveal,
)
from quorumlab.views.view import Table


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_unsaved", [])
    return tmp_path / "progress.json"


PREDICTIONS = [q for q in bank().values() if isinstance(q, Prediction)]
CHECKS = [q for q in bank().values() if isinstance(q, QuickCheck)]
EVERY_PREDICTION = pytest.mark.parametrize("question", PREDICTIONS, ids=lambda q: q.id)
EVERY_CHECK = pytest.mark.parametrize("question", CHECKS, ids=lambda q: q.id)


def right(question):
    return next(c for c in question.choices if c.correct)


def wrong(question):
    return [c for c in question.choices if not c.correct]


# ---------------------------------------------------------------- the bank


def test_the_bank_has_questions_of_each_notebook_so_far():
    assert {"first-crash", "two-of-five", "four-members"} <= {q.id for q in PREDICTIONS}
    assert {"healthy-but-silent", "why-majority", "why-twice"} <= {q.id for q in CHECKS}


@EVERY_CHECK
def test_one_choice_is_right_and_every_choice_has_a_reason_of_its_own(question):
    assert len(question.choices) >= 3
    assert sum(c.correct for c in question.choices) == 1
    assert len({c.text for c in question.choices}) == len(question.choices)
    assert len({c.because for c in question.choices}) == len(question.choices)
    assert all(len(c.because) > 30 and c.because.endswith(".") for c in question.choices)


@EVERY_CHECK
def test_the_hint_helps_and_does_not_answer(question):
    assert len(question.hint) > 20
    assert question.hint not in {c.because for c in question.choices}
    assert right(question).text.rstrip(".").lower() not in question.hint.lower().split()
    if len(right(question).text) > 12:
        assert right(question).text.rstrip(".").lower() not in question.hint.lower()


@EVERY_PREDICTION
def test_every_choice_of_a_prediction_says_why_and_what_is_so(question):
    assert len(question.choices) >= 2
    assert len(set(question.texts)) == len(question.choices)
    assert question.prompt[-1] in "?.…"
    assert len({c.because for c in question.choices}) == len(question.choices)
    # Long enough to say both, short enough to be read, and in sentences.
    assert all(60 < len(c.because) < 330 and c.because.endswith(".") for c in question.choices)
    assert not any(word in c.because for c in question.choices for word in ("!", "obvious", "simply wrong"))


def test_the_right_choice_is_not_always_in_the_same_place():
    assert len({[c.correct for c in q.choices].index(True) for q in CHECKS}) >= 3


GOOD = """
[[predict]]
id = "p"
prompt = "P?"
choices = [{ text = "a", because = "A." }, { text = "b", because = "B." }]
[[check]]
id = "c"
prompt = "C?"
hint = "H."
choices = [{ text = "a", because = "A.", correct = true }, { text = "b", because = "B." }]
"""


def test_a_page_is_read():
    prediction, check = parse(GOOD, "99.toml")
    assert prediction == Prediction("p", "P?", (Choice("a", "A."), Choice("b", "B.")))
    assert (check.id, check.hint, [c.correct for c in check.choices]) == ("c", "H.", [True, False])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (", correct = true", "", "'c' in 99.toml is not well formed: it needs exactly one correct choice"),
        (', because = "B." }]\n[[check]]', ', because = "B.", correct = true }]\n[[check]]', "'p' in 99.toml.*mark none as correct"),
        (' because = "B." }]\n', ' because = "B.", correct = true }]\n', "'p' in 99.toml is not well formed"),
        ('correct = true }, { text = "b"', 'correct = true }, { correct = true, text = "b"', "'c' in 99.toml is not well formed: it needs exactly one correct choice"),
        ('hint = "H."', "", "'c' in 99.toml.*hint"),
        ('prompt = "P?"', "", "'p' in 99.toml.*prompt"),
        (', because = "A." }', " }", "'p' in 99.toml.*because"),
        ('because = "A.", correct', 'why = "A.", correct', "'c' in 99.toml.*why"),
        ('id = "p"', "", "99.toml.*id"),
        ('prompt = "P?"', 'prompt = "P?"\ntold_by = "seven"', "'p' in 99.toml.*need lists of texts"),
        ('because = "A." }, { text = "b"', 'because = "A." }, { text = "a"', "'p' in 99.toml.*two choices"),
        ('correct = true }, { text = "b"', 'correct = true }, { text = "a"', "'c' in 99.toml.*two choices"),
        ('id = "c"', 'id = "c', "99.toml"),
    ],
)  # fmt: skip
def test_a_badly_formed_question_is_named(old, new, words):
    assert old in GOOD
    with pytest.raises(ValueError, match=words):
        parse(GOOD.replace(old, new), "99.toml")


@pytest.mark.parametrize("ask", [predict, quick_check])
def test_an_unknown_question_names_those_there_are(ask):
    for odd in ([], {}, None, 3):
        with pytest.raises(ValueError, match=re.escape(f"called {odd!r}; choose one such as ")):
            ask(odd)
    meant, written = ("two-of-five", "two-of-fife") if ask is predict else ("why-majority", "why_majority")
    with pytest.raises(ValueError, match=written) as raised:
        ask(written)
    assert meant in str(raised.value)


def test_a_prediction_is_no_quick_check():
    with pytest.raises(ValueError, match="two-of-five"):
        quick_check("two-of-five")
    with pytest.raises(ValueError, match="why-majority"):
        predict("why-majority")


# ---------------------------------------------------------------- predictions


@EVERY_PREDICTION
def test_a_prediction_is_kept_over_a_restart_and_cannot_be_changed(question):
    first, second = question.texts[:2]
    card = predict(question.id)
    assert not card.settled
    card.answer(second)
    assert card.settled
    assert second in card.feedback
    card.answer(first)
    assert card.choices[card.chosen] == second
    assert second in card.feedback
    again = predict(question.id)
    assert again.settled
    assert again.choices[again.chosen] == second
    again.answer(first)
    assert progress.recall("predictions", question.id) == second


def test_the_first_commitment_counts_when_the_same_question_stands_open_twice():
    one, two = predict("two-of-five"), predict("two-of-five")
    one.answer("no")
    two.answer("yes")
    assert progress.recall("predictions", "two-of-five") == "no"
    assert two.settled
    assert two.choices[two.chosen] == "no"
    assert "no" in two.feedback


def test_a_choice_that_is_no_longer_offered_is_asked_again():
    progress.record("predictions", "two-of-five", "perhaps")
    card = predict("two-of-five")
    assert not card.settled
    card.answer("yes")
    assert progress.recall("predictions", "two-of-five") == "yes"


def test_submitting_without_a_choice_does_nothing(file):
    card = predict("two-of-five")
    card.submissions += 1
    card.chosen = 99
    card.submissions += 1
    assert not card.settled
    assert not file.exists()


def test_answering_what_is_not_offered_lists_the_choices():
    with pytest.raises(ValueError, match="'maybe' is not one of the choices: yes; no; only reads"):
        predict("two-of-five").answer("maybe")


def test_as_the_front_end_answers():
    card = predict("two-of-five")
    card.set_state({"chosen": 2, "submissions": 1})
    assert card.feedback == "You said: only reads. Now find out."
    assert progress.recall("predictions", "two-of-five") == "only reads"


# ---------------------------------------------------------------- quick checks


@EVERY_CHECK
def test_every_answer_is_explained_and_the_hint_comes_after_two_misses(question):
    card = quick_check(question.id)
    first, second, *_ = wrong(question)
    card.answer(first.text)
    assert (card.verdict, card.feedback, card.hint, card.settled) == ("Not quite", first.because, "", False)
    assert card.others == ()
    card.answer(second.text)
    assert (card.verdict, card.feedback, card.hint, card.settled) == (
        "Not quite",
        second.because,
        question.hint,
        False,
    )
    card.answer(right(question).text)
    assert (card.verdict, card.feedback, card.hint, card.settled) == (
        "Right",
        right(question).because,
        "",
        True,
    )
    card.answer(first.text)
    assert (card.verdict, card.choices[card.chosen]) == ("Right", right(question).text)
    again = quick_check(question.id)
    assert (again.verdict, again.feedback, again.hint, again.settled) == (
        "Right",
        right(question).because,
        "",
        True,
    )
    assert again.choices[again.chosen] == right(question).text
    # What speaks against the others can be read from then on, as each choice has its own explanation.
    assert card.others == again.others == tuple([c.text, c.because] for c in wrong(question))
    assert progress.recall("checks", question.id) == {"correct": True, "misses": 2}


def test_a_double_click_and_the_same_answer_again_are_one_answer():
    first, second, *_ = (c.text for c in wrong(bank()["why-majority"]))
    card = quick_check("why-majority")
    position = card.choices.index(first)
    card.set_state({"chosen": position, "submissions": 1})
    card.set_state({"chosen": position, "submissions": 2})
    card.answer(first)
    assert progress.recall("checks", "why-majority") == {"correct": False, "misses": 1}
    assert (card.verdict, card.hint) == ("Not quite", "")
    card.answer(second)
    assert progress.recall("checks", "why-majority")["misses"] == 2
    card.answer(first)  # thought about again: that is an answer of its own
    assert progress.recall("checks", "why-majority")["misses"] == 3


def test_misses_are_counted_over_a_restart():
    first, second, *_ = wrong(bank()["why-majority"])
    quick_check("why-majority").answer(first.text)
    card = quick_check("why-majority")
    assert (card.verdict, card.settled, card.hint) == ("", False, "")
    card.answer(second.text)
    assert card.hint == bank()["why-majority"].hint
    assert progress.recall("checks", "why-majority") == {"correct": False, "misses": 2}


def test_once_right_stays_right_when_the_same_question_stands_open_twice():
    question = bank()["why-majority"]
    one, two = quick_check("why-majority"), quick_check("why-majority")
    one.answer(right(question).text)
    two.answer(wrong(question)[0].text)
    assert progress.recall("checks", "why-majority")["correct"] is True
    assert quick_check("why-majority").settled


# ---------------------------------------------------------------- what a saved page shows


@EVERY_CHECK
def test_a_saved_page_shows_the_question_and_never_the_answer(question):
    fresh = page(quick_check(question.id))
    card = quick_check(question.id)
    card.answer(right(question).text)
    for shown in (fresh, page(card), page(quick_check(question.id))):
        assert shown == fresh
    for text in fresh:
        assert not any(c.because in text for c in question.choices)
        assert question.hint not in text
        assert "Right" not in text.replace(right(question).text, "")
        assert "checked" not in text


@EVERY_PREDICTION
def test_a_saved_page_never_shows_what_one_reader_predicted(question):
    fresh = page(predict(question.id))
    card = predict(question.id)
    card.answer(question.texts[0])
    assert page(card) == fresh == page(predict(question.id))


def page(card):
    data, _ = card._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    return data["text/html"], data["text/plain"]


def test_html_is_escaped(monkeypatch):
    from quorumlab.course import questions

    odd = Prediction(
        "odd", "Is 1 < 2 & <script>?", (Choice("<b>yes</b>", "Since <i>1</i>."), Choice("no", "No."))
    )
    monkeypatch.setattr(questions, "bank", lambda: {"odd": odd})
    card = predict("odd")
    shown, text = page(card)
    assert "<script>" not in shown
    assert "Is 1 &lt; 2 &amp; &lt;script&gt;?" in shown
    assert "<li>&lt;b&gt;yes&lt;/b&gt;</li>" in shown
    assert "Is 1 < 2 & <script>?" in text
    for _ in range(2):  # folded, then answering a commitment
        shown = reveal("odd", "<b>yes</b>")._repr_mimebundle_()["text/html"]
        assert "<b>" not in shown and "<i>" not in shown and "Since &lt;i&gt;1&lt;/i&gt;." in shown
        card.answer("<b>yes</b>")


# ---------------------------------------------------------------- reveal


def fold(page):
    """What a page shows at once, and what only after its fold is opened."""
    visible, inside = re.fullmatch(
        r"(.*)<details><summary>What came out</summary>(.*)</details>", page
    ).groups()
    return visible, inside


@EVERY_PREDICTION
def test_before_a_commitment_the_answer_is_folded_away_and_the_text_says_nothing(question):
    shown = [reveal(question.id, choice.text)._repr_mimebundle_() for choice in question.choices]
    visible = {fold(data["text/html"])[0] for data in shown}
    assert visible == {f"<p>{UNCOMMITTED}</p>"}
    assert {data["text/plain"] for data in shown} == {UNCOMMITTED}
    for choice, data in zip(question.choices, shown, strict=True):
        inside = fold(data["text/html"])[1].replace("\N{NO-BREAK SPACE}", " ")
        assert html.escape(f"What came out is “{choice.text}”.") in inside
        assert html.escape(choice.because) in inside


def test_what_a_saved_page_says_stays_true_when_the_learner_answers_above_it():
    card, check = predict("two-of-five"), quick_check("why-majority")
    saved = [reveal("two-of-five", "yes")._repr_mimebundle_()["text/plain"], *page(card), *page(check)]
    card.answer(bank()["two-of-five"].texts[0])
    check.answer(right(bank()["why-majority"]).text)
    assert card.settled and check.settled
    for text in saved:
        assert not re.search(r"not committed|no answer|not answered|\byet\b", text, re.I), text
        assert re.search(r"run this cell", text, re.I)
    assert all("or to see the answer you gave" in text for text in saved[1:])


@EVERY_PREDICTION
def test_after_a_commitment_the_learners_own_choice_is_answered(question):
    said = question.choices[-1]
    predict(question.id).answer(said.text)
    for choice in question.choices:
        shown = reveal(question.id, choice.text)
        assert shown.sentence.startswith(f"You said “{said.text}”")
        assert shown.sentence.endswith(said.because)
        assert f"“{choice.text}”" in shown.sentence
        data = shown._repr_mimebundle_()
        assert data["text/plain"] == shown.sentence
        told = re.sub("<[^>]+>", "", data["text/html"])
        assert html.escape(shown.sentence) == told.replace("\N{NO-BREAK SPACE}", " ")
    assert "and that is what came out" in reveal(question.id, said.text).sentence


@pytest.mark.parametrize("outcome", ["maybe", [], None, 3, "x" * 10**5], ids=lambda o: repr(o)[:9])
def test_reveal_takes_only_an_outcome_that_was_offered(outcome):
    with pytest.raises(
        ValueError, match="is not one of the choices of 'two-of-five': yes; no; only reads; give"
    ) as raised:
        reveal("two-of-five", outcome)
    assert len(str(raised.value)) < 200


@pytest.mark.parametrize("id", ["no-such-question", [], None], ids=repr)
def test_reveal_of_an_unknown_question_names_those_there_are(id):
    with pytest.raises(
        ValueError, match=re.escape(f"There is no prediction called {id!r}; choose one such as ")
    ):
        reveal(id, "yes")


def test_a_picture_or_table_goes_with_the_answer():
    table = Table.of(("members", "quorum"), [(5, 3)])
    shown = reveal("two-of-five", "yes", show=table)._repr_mimebundle_()
    assert table.to_html() in fold(shown["text/html"])[1]
    assert shown["text/plain"] == UNCOMMITTED
    predict("two-of-five").answer("no")
    shown = reveal("two-of-five", "yes", show=table)._repr_mimebundle_()
    assert shown["text/html"].endswith(table.to_html())
    assert shown["text/plain"].endswith(table.to_text())


@pytest.mark.parametrize("odd", [5, "a table", [1]], ids=repr)
def test_what_cannot_be_shown_with_an_answer_is_refused(odd):
    with pytest.raises(
        TypeError, match=re.escape(f"{odd!r} cannot be shown with an answer; give a View or a Table.")
    ):
        reveal("two-of-five", "yes", show=odd)
