"""Explorers driven without a front end: every control over its extremes, refusals, and what a saved page keeps."""

import xml.etree.ElementTree as ET
from itertools import count

import numpy as np
import pytest
import traitlets

import quorumlab as ql
from quorumlab.views.latency import slow_followers_view
from quorumlab.views.quorums import overlap_view
from quorumlab.views.view import Table, View
from quorumlab.widgets.base import ALIVE

VIEW_KEY = "application/vnd.jupyter.widget-view+json"


def plain_view(**values):
    """A view that says what it was given."""

    def draw(figure):
        figure.add_subplot(title=str(values))

    return View(
        f"It says {values}.", f"Picture of {values}.", Table.of(("name", "value"), list(values.items())), draw
    )


@pytest.fixture
def overlap():
    return ql.Explorer(
        overlap_view,
        members=ql.slider("members", range(1, 10), start=5),
        group=ql.slider("size of a group", range(1, 10), start=3),
    )


# ---------------------------------------------------------------- controls


def test_an_explorer_of_every_kind_of_control():
    explorer = ql.Explorer(
        plain_view,
        n=ql.slider("members", range(1, 4)),
        p=ql.slider("up", [0.9, 0.99], start=0.99, text=lambda p: f"{p:.0%}"),
        rule=ql.choice("rule", {"a majority": "half", "everybody": "all"}, start="all"),
        cut=ql.switch("network cut"),
    )
    assert explorer.values == {"n": 1, "p": 0.99, "rule": "all", "cut": False}
    assert list(explorer.controls) == [
        {"name": "n", "kind": "slider", "label": "members", "texts": ["1", "2", "3"]},
        {"name": "p", "kind": "slider", "label": "up", "texts": ["90%", "99%"]},
        {"name": "rule", "kind": "choice", "label": "rule", "texts": ["a majority", "everybody"]},
        {"name": "cut", "kind": "switch", "label": "network cut", "texts": ["off", "on"]},
    ]
    for name, extremes in {
        "n": (1, 3),
        "p": (0.9, 0.99),
        "rule": ("half", "all"),
        "cut": (False, True),
    }.items():
        for value in extremes:
            explorer.set(**{name: value})
            assert explorer.values[name] == value
            assert explorer.sentence == f"It says {explorer.values}."


def test_a_switch_may_start_on():
    assert ql.Explorer(plain_view, cut=ql.switch("cut", start=True)).values == {"cut": True}


def test_at_most_four_controls_and_at_least_one():
    five = {name: ql.switch(name) for name in "abcde"}
    with pytest.raises(ValueError, match="1 to 4 controls, not 5"):
        ql.Explorer(plain_view, **five)
    with pytest.raises(ValueError, match="1 to 4 controls, not 0"):
        ql.Explorer(plain_view)
    four = {name: ql.switch(name) for name in "abcd"}
    assert len(ql.Explorer(plain_view, **four).controls) == 4


def test_what_is_no_control_is_refused_in_a_sentence():
    with pytest.raises(TypeError, match=r"n is range\(1, 5\).*ql.slider"):
        ql.Explorer(plain_view, n=range(1, 5))


@pytest.mark.parametrize("make", [lambda: ql.slider("members", []), lambda: ql.choice("rule", {})])
def test_a_control_without_values_is_refused(make):
    with pytest.raises(ValueError, match="has no values to choose from"):
        make()


def test_a_start_that_is_not_offered_is_refused():
    with pytest.raises(ValueError, match="“members” cannot be 9; choose one of 1, 2, 3"):
        ql.slider("members", range(1, 4), start=9)
    with pytest.raises(ValueError, match="“rule” cannot be 'odd'; choose one of 'even'"):
        ql.choice("rule", {"Even": "even"}, start="odd")


@pytest.mark.parametrize(
    ("values", "start", "position"),
    [([0.5, 1.0], 1, 1), ([1, 2], 2.0, 1), ([1, 2], np.int64(2), 1), ([0, False], False, 1)],
)
def test_equal_numbers_are_the_same_value_and_a_bool_is_no_number(values, start, position):
    assert ql.slider("x", values, start=start).start == position


def test_true_is_not_one():
    with pytest.raises(ValueError, match="cannot be True"):
        ql.slider("x", [0, 1], start=True)


# ---------------------------------------------------------------- moving


def test_every_position_of_every_control(overlap):
    shown = None
    for members in (1, 2, 5, 8, 9):
        for group in (1, 2, 5, 9):
            overlap.set(members=members, group=group)
            assert overlap.values == {"members": members, "group": group}
            if group <= members:
                shown = overlap_view(members, group)
                assert overlap.problem == ""
            else:
                assert f"group of {group}" in overlap.problem
            # What is shown is the last picture that could be drawn, whole.
            assert (overlap.sentence, overlap.alt) == (shown.sentence, shown.alt)
            assert overlap.table["rows"] == [list(row) for row in shown.table.rows]
    ET.fromstring(overlap.picture)


@pytest.mark.parametrize("slow", range(5))
def test_picture_and_words_change_together(slow):
    explorer = ql.Explorer(
        lambda slow, ms: slow_followers_view(5, slow, ms),
        slow=ql.slider("slow followers", range(5)),
        ms=ql.slider("how slow", [80, 500]),
    )
    explorer.set(slow=slow, ms=500)
    expected = slow_followers_view(5, slow, 500)
    assert explorer.sentence == expected.sentence
    assert explorer.picture == expected.svg()
    assert explorer.width == 700


def test_a_move_is_one_message(overlap, monkeypatch):
    sent = []
    monkeypatch.setattr(type(overlap), "send_state", lambda self, key=None: sent.append(set(key)))
    overlap.set(members=7, group=4)
    words_and_picture = [keys for keys in sent if keys & {"picture", "sentence", "table", "alt"}]
    assert len(words_and_picture) == 1
    assert {"picture", "sentence", "table", "alt", "drawn"} <= words_and_picture[0]
    assert overlap.drawn == overlap.positions


def test_as_the_front_end_moves(overlap):
    overlap.set_state({"positions": {"members": 6, "group": 3}})
    assert overlap.values == {"members": 7, "group": 4}
    assert overlap.sentence == overlap_view(7, 4).sentence
    assert overlap.picture == overlap_view(7, 4).svg()


@pytest.mark.parametrize(
    "positions",
    [{"members": 99, "group": 0}, {"members": -1, "group": 0}, {"members": 3}, {}, {"members": "3", "group": 0},
     {"members": 3.5, "group": 0}, {"members": True, "group": 0}, {"members": 3, "group": 0, "more": 1}],
)  # fmt: skip
def test_a_position_that_is_not_there_is_refused_and_nothing_changes(overlap, positions):
    before = overlap.values, overlap.sentence, overlap.picture
    with pytest.raises(traitlets.TraitError, match="members 0 to 8, group 0 to 8"):
        overlap.positions = positions
    assert (overlap.values, overlap.sentence, overlap.picture) == before


def test_an_unknown_value_or_control_is_refused_and_nothing_changes(overlap):
    before = overlap.values, overlap.sentence, overlap.picture
    with pytest.raises(ValueError, match="“members” cannot be 10; choose one of 1, 2, 3, 4, 5, 6, 7, 8, 9"):
        overlap.set(group=1, members=10)
    with pytest.raises(ValueError, match="no control 'size' here; the controls are members, group"):
        overlap.set(group=1, size=3)
    assert (overlap.values, overlap.sentence, overlap.picture) == before


def test_one_figure_persists_over_all_moves(overlap, monkeypatch):
    drawn = []
    figure = View.figure

    def watched(self, onto=None):
        drawn.append(figure(self, onto))
        return drawn[-1]

    monkeypatch.setattr(View, "figure", watched)
    for group in (1, 2, 5, 9, 4):
        overlap.set(group=group)
    assert len(drawn) == 4  # a group of 9 is refused
    assert len({id(f) for f in drawn}) == 1


# ---------------------------------------------------------------- refusals


def test_a_refusal_keeps_the_last_picture_and_says_why(overlap):
    before = overlap.sentence, overlap.alt, overlap.table, overlap.picture
    overlap.set(members=2)
    assert overlap.problem == "A group of 3 cannot be drawn from 2 members; choose 1 to 2."
    assert (overlap.sentence, overlap.alt, overlap.table, overlap.picture) == before
    overlap.set(group=2)
    assert overlap.problem == ""
    assert overlap.sentence == overlap_view(2, 2).sentence


def test_a_refused_explorer_can_still_be_shown(overlap):
    expected = overlap_view(5, 3)
    overlap.set(members=2)
    data, _ = overlap._repr_mimebundle_()
    assert data["text/plain"] == expected.to_text()


def test_a_first_picture_that_is_refused_is_an_error_of_the_author():
    with pytest.raises(ValueError, match="group of 3"):
        ql.Explorer(overlap_view, members=ql.slider("members", [2]), group=ql.slider("group", [3]))


# ---------------------------------------------------------------- what a saved page keeps


def test_the_display_bundle_has_page_and_text_beside_the_widget(overlap):
    overlap.set(members=7, group=4)
    data, metadata = overlap._repr_mimebundle_()
    assert set(data) == {VIEW_KEY, "text/html", "text/plain"}
    assert data[VIEW_KEY]["model_id"] == overlap.model_id
    assert data["text/html"] == overlap_view(7, 4).to_html() + ALIVE
    assert data["text/plain"] == overlap_view(7, 4).to_text()
    assert isinstance(metadata, dict)


# ---------------------------------------------------------------- room for what is said


def test_the_page_has_room_for_the_longest_sentences_refusals_among_them(overlap):
    said = set()
    for members in range(1, 10):
        for group in range(1, 10):
            try:
                said.add(overlap_view(members, group).sentence)
            except ValueError as refusal:
                said.add(str(refusal))
    lengths = sorted(map(len, said), reverse=True)[: len(overlap.room)]
    assert [len(sentence) for sentence in overlap.room] == lengths
    assert set(overlap.room) <= said


@pytest.fixture
def asked():
    """What ``noted`` was called with."""
    return []


def test_ahead_a_view_is_called_once_for_each_value_and_nothing_it_prints_is_shown(asked, capsys):
    def noted(n, up):
        asked.append((n, up))
        print("called", n, up)
        return plain_view(n=n, up=up)

    explorer = ql.Explorer(noted, n=ql.slider("n", range(3)), up=ql.switch("up"))
    # The first picture's own words are the author's.
    assert capsys.readouterr().out == "called 0 False\n"
    assert explorer.room
    assert sorted(asked[1:]) == [(n, up) for n in range(3) for up in (False, True)]


def test_an_explorer_does_not_wait_beforehand_for_a_view_that_waits(asked, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("quorumlab.widgets.explorer.monotonic", lambda: clock[0], raising=False)

    def waits(n):
        asked.append(n)
        clock[0] += 0.6  # without work of its own
        return plain_view(n=n)

    ql.Explorer(waits, n=ql.slider("n", range(9)))
    assert len(asked) == 1 + 2


@pytest.mark.parametrize("waits", [True, False])
def test_where_not_even_the_ends_of_the_controls_could_be_asked_the_room_is_a_guess(monkeypatch, waits):
    if waits:
        monkeypatch.setattr("quorumlab.widgets.explorer.monotonic", count(step=0.6).__next__)
    a, b = ql.slider("a", range(5)), ql.slider("b", range(5))
    assert ql.Explorer(plain_view, a=a, b=b).guessed is waits


def test_a_mistake_in_a_view_is_told_when_a_control_comes_to_it():
    def wrong_at_two(n):
        return plain_view(n=1 / (n - 2))

    explorer = ql.Explorer(wrong_at_two, n=ql.slider("n", [1, 2, 3]))
    assert explorer.room
    with pytest.raises(ZeroDivisionError):
        explorer.set(n=2)
    assert (
        explorer.drawn == explorer.positions == {"n": 1}
    )  # nothing more comes, and the page does not wait for it


def test_positions_are_not_changed_behind_the_back_of_an_explorer(overlap):
    for change in (lambda: overlap.positions.update(group=0), lambda: overlap.positions.pop("group")):
        with pytest.raises(TypeError, match="assign a new dict"):
            change()
    with pytest.raises(TypeError, match="assign a new dict"):
        overlap.positions["group"] = 0
    overlap.positions = {**overlap.positions, "group": 0}
    assert overlap.values["group"] == 1
