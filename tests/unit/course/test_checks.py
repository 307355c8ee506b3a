"""Checks of the course's exercises: what is kept, and when hints open."""

import pytest

from quorumlab.course import progress
from quorumlab.course.checks import check, exercises
from quorumlab.course.exercise import Task, judge


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_unsaved", [])
    return tmp_path / "progress.json"


def wrong(n):
    return -n


def stub(n):
    raise NotImplementedError


def test_hints_open_one_by_one_with_each_miss_and_close_when_solved():
    tiers = exercises()["quorum-size"].hints
    assert len(tiers) == 3
    assert check("quorum-size", stub).hints == tiers[:1]
    assert check("quorum-size", stub).hints == tiers[:1]
    for opened in (1, 2, 3, 3):
        assert check("quorum-size", wrong).hints == tiers[:opened]
    assert check("quorum-size", lambda n: n // 2 + 1).hints == ()


def test_an_attempt_is_kept_and_an_untouched_stub_is_not(file):
    check("quorum-size", stub)
    assert not file.exists()
    check("quorum-size", wrong)
    check("quorum-size", wrong)
    assert progress.recall("exercises", "quorum-size") == {"correct": False, "misses": 2}
    check("quorum-size", lambda n: n // 2 + 1)
    assert progress.recall("exercises", "quorum-size") == {"correct": True, "misses": 2}


def test_once_right_stays_right_and_the_other_explanations_can_still_be_read():
    check("quorum-size", lambda n: n // 2 + 1)
    tried = check("quorum-size", lambda n: n // 2)
    assert tried.outcome == "incorrect"
    assert tried.message.startswith("n // 2 is half, rounded down")
    assert tried.message.endswith("(You have had this right before; that is kept.)")
    assert progress.recall("exercises", "quorum-size") == {"correct": True, "misses": 1}
    assert "before" not in check("quorum-size", lambda n: n // 2 + 1).message


def test_a_damaged_file_costs_a_warning_and_the_check_goes_on(file):
    file.write_text('{"version": 1, "exercises": {"quorum-size": ["odd"]}}')
    with pytest.warns(UserWarning, match="damaged"):
        assert check("quorum-size", lambda n: n // 2 + 1)


def test_an_unknown_exercise_names_those_there_are():
    with pytest.raises(ValueError, match="no exercise 'quorum_size'") as raised:
        check("quorum_size", wrong)
    assert "quorum-size" in str(raised.value)


def test_html_is_escaped_and_closed_until_asked():
    exercise = Task("x", ("<n>",), ((1,),), lambda n: "<b>", (), ("a < b",), "p")
    page = judge(exercise, lambda n: "<script>alert(1)</script>").to_html()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "&lt;n&gt;" in page
    hinted = check("quorum-size", wrong).to_html()
    assert hinted.count("<details>") == hinted.count("<summary>Hint 1</summary>") == 1
    assert "<details open" not in hinted


def test_a_result_shows_as_html_and_text_and_the_text_has_no_hint():
    bundle = check("quorum-size", wrong)._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert bundle["text/plain"].startswith("✕ Not yet. For n = 2")
    assert "The smallest whole number above half" not in bundle["text/plain"]
