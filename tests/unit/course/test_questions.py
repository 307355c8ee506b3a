"""Questions: each well formed, each answer explained, each commitment kept."""

import json

import pytest

from quorumlab.course import progress
from quorumlab.course.questions import Prediction, QuickCheck, bank, parse, predict, quick_check, reveal


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_unsaved", {})
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
def test_a_prediction_has_choices_that_differ(question):
    assert len(question.choices) >= 2
    assert len(set(question.choices)) == len(question.choices)
    assert question.prompt[-1] in "?.…"


def test_the_right_choice_is_not_always_in_the_same_place():
    assert len({[c.correct for c in q.choices].index(True) for q in CHECKS}) >= 3


GOOD = """
[[predict]]
id = "p"
prompt = "P?"
choices = ["a", "b"]
[[check]]
id = "c"
prompt = "C?"
hint = "H."
choices = [{ text = "a", because = "A.", correct = true }, { text = "b", because = "B." }]
"""


def test_a_page_is_read():
    prediction, check = parse(GOOD, "99.toml")
    assert prediction == Prediction("p", "P?", ("a", "b"))
    assert (check.id, check.hint, [c.correct for c in check.choices]) == ("c", "H.", [True, False])


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (", correct = true", "", "'c' in 99.toml is not well formed: it needs exactly one correct choice"),
        ('because = "B."', 'because = "B.", correct = true', "'c' in 99.toml is not well formed: it needs exactly one correct choice"),
        ('hint = "H."', "", "'c' in 99.toml.*hint"),
        ('prompt = "P?"', "", "'p' in 99.toml.*prompt"),
        (', because = "B."', "", "'c' in 99.toml.*because"),
        ('because = "B."', 'why = "B."', "'c' in 99.toml.*why"),
        ('id = "p"', "", "99.toml.*id"),
        ('["a", "b"]', '["a", "a"]', "'p' in 99.toml.*two choices"),
        ('text = "b"', 'text = "a"', "'c' in 99.toml.*two choices"),
        ('id = "c"', 'id = "c', "99.toml"),
    ],
)  # fmt: skip
def test_a_badly_formed_question_is_named(old, new, words):
    assert old in GOOD
    with pytest.raises(ValueError, match=words):
        parse(GOOD.replace(old, new), "99.toml")


@pytest.mark.parametrize("ask", [predict, quick_check])
def test_an_unknown_question_names_those_there_are(ask):
    with pytest.raises(ValueError, match="no-such-question") as raised:
        ask("no-such-question")
    assert ("two-of-five" if ask is predict else "why-majority") in str(raised.value)


def test_a_prediction_is_no_quick_check():
    with pytest.raises(ValueError, match="two-of-five"):
        quick_check("two-of-five")
    with pytest.raises(ValueError, match="why-majority"):
        predict("why-majority")


# ---------------------------------------------------------------- predictions


@EVERY_PREDICTION
def test_a_prediction_is_kept_over_a_restart_and_cannot_be_changed(question):
    first, second = question.choices[:2]
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


def test_as_the_front_end_answers(file):
    card = predict("two-of-five")
    card.set_state({"chosen": 2, "submissions": 1})
    assert card.feedback == "You said: only reads. Now find out."
    assert json.loads(file.read_text())["predictions"] == {"two-of-five": "only reads"}


# ---------------------------------------------------------------- quick checks


@EVERY_CHECK
def test_every_answer_is_explained_and_the_hint_comes_after_two_misses(question):
    card = quick_check(question.id)
    first, second, *_ = wrong(question)
    card.answer(first.text)
    assert (card.verdict, card.feedback, card.hint, card.settled) == ("Not quite", first.because, "", False)
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
    assert progress.recall("checks", question.id) == {"correct": True, "misses": 2}


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
    card.answer(question.choices[0])
    assert page(card) == fresh == page(predict(question.id))


def page(card):
    data, _ = card._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    return data["text/html"], data["text/plain"]


def test_html_is_escaped(monkeypatch):
    from quorumlab.course import questions

    odd = Prediction("odd", "Is 1 < 2 & <script>?", ("<b>yes</b>", "no"))
    monkeypatch.setattr(questions, "bank", lambda: {"odd": odd})
    card = predict("odd")
    shown, text = page(card)
    assert "<script>" not in shown
    assert "Is 1 &lt; 2 &amp; &lt;script&gt;?" in shown
    assert "<li>&lt;b&gt;yes&lt;/b&gt;</li>" in shown
    assert "Is 1 < 2 & <script>?" in text
    assert "<b>" not in reveal("odd", "<b>yes</b>")._repr_mimebundle_()["text/html"]


# ---------------------------------------------------------------- reveal


def test_reveal_sets_the_outcome_beside_the_prediction():
    assert "not committed" in reveal("two-of-five", "yes").sentence
    predict("two-of-five").answer("only reads")
    assert reveal("two-of-five", "yes").sentence == "Computed: yes. You predicted: only reads."
    assert reveal("two-of-five", "only reads").sentence == "Computed: only reads. That is what you predicted."
    marks = [reveal("two-of-five", c)._repr_mimebundle_()["text/html"] for c in ("yes", "only reads")]
    assert "≠ " in marks[0]
    assert "✓ " in marks[1]


def test_reveal_takes_only_an_outcome_that_was_offered():
    with pytest.raises(
        ValueError, match="'maybe' is not one of the choices of 'two-of-five': yes; no; only reads"
    ):
        reveal("two-of-five", "maybe")
    with pytest.raises(ValueError, match="no-such-question"):
        reveal("no-such-question", "yes")
