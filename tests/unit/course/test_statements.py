"""The last page's tables: every statement of the tutorial page is judged, nothing is written down twice, and bets stay the learner's own."""

import re

import pytest

from quorumlab.course import progress
from quorumlab.course.questions import Prediction, bank
from quorumlab.course.recall import Linked, all_statements, bets
from quorumlab.course.statements import Judged, claims, contradicted, found, orphans, statements
from tools.found import TARGET, as_json, stored
from tools.found import found as read_off
from tools.giveaways import asked

PAGES = stored()
THERE = {name[:2] for name, _ in PAGES}


@pytest.fixture
def nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_unsaved", [])


def test_the_file_says_what_the_stored_pages_say():
    """Else: python -m tools.found."""
    assert TARGET.read_text(encoding="utf-8") == as_json(read_off(PAGES))


def test_every_claim_of_every_page_belongs_to_a_statement():
    assert orphans() == []
    assert len(claims()) == sum(len(s.judged) for s in statements()) + sum(
        "(FAQ)" in c.claim for c in claims()
    )


def test_every_statement_is_judged_by_the_page_that_has_to():
    """A page that is not there yet cannot; each of those that are there must."""
    missing = [
        s.says for s in statements() if s.page in THERE and s.page not in {j.page[:2] for j in s.judged}
    ]
    assert missing == []


def test_statements_stand_once_and_are_claimed_unmistakably():
    said = [s.says for s in statements()]
    assert len(set(said)) == len(said) >= 30
    made = (
        Judged("10-x", "US-East failure = global outage (mitigate with cache)", "true", ""),
        Judged("09-x", "❌ US-East failure = global outage", "true", ""),
        Judged("03-x", "14 nodes: quorum = 3", "true", ""),
    )
    judged = {j.page: s.says for s in statements(made) for j in s.judged}
    assert judged["10-x"].endswith("(mitigate with cache)") and judged["09-x"].endswith("global outage")
    assert orphans(made) == [made[2]]


def test_no_page_calls_true_what_another_one_does_not():
    """A statement may be true on one page and true with a word more on another; it is not true here and not quite so there."""
    assert [s.says for s in contradicted()] == []
    latency = "High latency between regions"
    for verdict, odd in (("true, but not at home", 0), ("not quite: not at home", 1), ("false", 1)):
        made = (Judged("08-x", latency, verdict, ""), Judged("09-x", latency, "true", ""))
        assert len(contradicted(made)) == odd


def test_the_table_links_each_verdict_to_a_page_that_is_there():
    table = all_statements()
    names = {name for name, _ in PAGES}
    links = [cell for row in table.rows for cell in row if not isinstance(cell, str)]
    assert len(links) == len(table.rows) and {to for ((_, to),) in links} <= {
        f"{name}.ipynb" for name in names
    }
    assert f'<a href="{PAGES[0][0]}.ipynb">00</a>' in table.to_html()
    counts = [int(n) for n in re.findall(r"\b\d+\b", table.sentence)]
    assert counts[0] == len(statements()) == sum(counts[1:-1]) and counts[-1] == len(table.rows)


def test_every_prediction_has_an_outcome_among_its_choices():
    outcomes = found()["outcomes"]
    for name, page in PAGES:
        for _, id in asked(page):
            assert outcomes[id][0] == name
            assert outcomes[id][1] in bank()[id].texts


def test_without_a_bet_nothing_is_given_away(nobody):
    view = bets()
    assert view.rows == () and "You have not made any of this course's" in view.sentence
    assert all(
        outcome not in view.to_html() for _, outcome in found()["outcomes"].values() if len(outcome) > 12
    )


def test_bets_stand_beside_what_came_out(nobody):
    ids = [id for id in found()["outcomes"] if isinstance(bank()[id], Prediction)][:2]
    right, wrong = ids
    progress.record("predictions", right, found()["outcomes"][right][1])
    missed = next(text for text in bank()[wrong].texts if text != found()["outcomes"][wrong][1])
    progress.record("predictions", wrong, missed)
    view = bets()
    assert [row[1:3] for row in view.rows] == [
        (found()["outcomes"][right][1], f"✓ {found()['outcomes'][right][1]}"), (missed, found()["outcomes"][wrong][1]),
    ]  # fmt: skip
    assert view.sentence.startswith("You have bet 2 times, and 1 came out as you said.")
    assert f"{len(found()['outcomes']) - 2} questions still wait" in view.sentence


def test_words_of_a_cell_are_words_and_not_markup():
    shown = Linked("1 < 2", ("a", "b"), (("<b>", (("x", 'y"z'),)),)).to_html()
    assert "&lt;b&gt;" in shown and 'href="y&quot;z"' in shown and "1 &lt; 2" in shown
