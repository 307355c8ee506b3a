"""The stage's words against brute force over every state, and its still picture."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Circle, FancyBboxPatch

import quorumlab as ql
from quorumlab.views.stage import NUMBERS, describe, stage_view
from quorumlab.views.style import VERMILION

# Each system with its rule written again, naively.
SYSTEMS = {
    **{f"majority of {n}": (ql.majority(n), lambda up, n=n: 2 * len(up) > n) for n in range(1, 8)},
    "any two of four": (ql.threshold(4, 2), lambda up: len(up) >= 2),
    "weighted": (
        ql.weighted({"a": 3, "b": 1, "c": 1, "d": 1, "e": 1}),
        lambda up: 2 * sum({"a": 3}.get(m, 1) for m in up) > 7,
    ),
    "one who weighs more than all others": (
        ql.weighted({"a": 5, "b": 1, "c": 1}),
        lambda up: "a" in up,
    ),
    "grid": (
        ql.grid(2, 3),
        # One whole row, and a member of the other row.
        lambda up: any(
            set(whole) <= up and set(other) & up
            for whole, other in [(("etcd-1", "etcd-2", "etcd-3"), ("etcd-4", "etcd-5", "etcd-6")),
                                 (("etcd-4", "etcd-5", "etcd-6"), ("etcd-1", "etcd-2", "etcd-3"))]
        ),
    ),
}  # fmt: skip


def subsets(members):
    return [frozenset(c) for k in range(len(members) + 1) for c in combinations(members, k)]


def said_number(words, pattern):
    """The number that a sentence states in words, or None if it states none in that place."""
    found = re.search(pattern, words)
    return NUMBERS.index(found[1]) if found else None


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_state_without_a_cut(name):
    system, rule = SYSTEMS[name]
    members = frozenset(system.members)
    for down in subsets(system.members):
        up = members - down
        state, words = describe(system, down)
        assert state == ("on" if rule(up) else "off"), down
        are = "is" if 1 in (len(up), len(members)) else "are"
        assert words.startswith(f"{len(up)} of {len(members)} {are} up: ")
        assert ("writes go on" in words) == (state == "on")
        assert ("writes stop until" in words) == (state == "off")
        if not down:
            assert words.endswith("writes go on.")  # how many may crash is for the learner to find out
        elif state == "on":
            assert_the_spare_is_true(rule, up, words)
        else:
            assert_the_missing_are_true(rule, up, down, words)


def assert_the_spare_is_true(rule, up, words):
    # The largest number of which any choice may crash.
    spare = max(f for f in range(len(up)) if all(rule(up - set(c)) for c in combinations(up, f)))
    said = said_number(words, r"any (\w+) more may crash")
    last = re.search(r"they stop if (\S+) crashes", words)
    if spare:
        assert said == spare
        return
    fatal = {m for m in up if not rule(up - {m})}
    if last:
        assert fatal == {last[1]}, "whoever reads one name takes it for the only one"
    elif "one more crash may stop them" in words:
        assert 1 < len(fatal) < len(up)
    else:
        assert "one more crash stops them" in words
        assert fatal == up


def assert_the_missing_are_true(rule, up, down, words):
    helpful = [k for k in range(len(down) + 1) if any(rule(up | set(c)) for c in combinations(down, k))]
    missing = min(helpful)
    any_will_do = all(rule(up | set(c)) for c in combinations(down, missing))
    at_least = "at least " in words
    if words.endswith("until it comes back."):
        assert (len(up), len(down), missing) == (0, 1, 1)  # there is no other
        return
    assert said_number(words, r"until (?:at least )?(\w+) more") == missing
    assert at_least == (not any_will_do)


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_state_with_a_cut(name):
    system, rule = SYSTEMS[name]
    n = len(system.members)
    for cut in range(n + 1):
        for down in subsets(system.members):
            state, words = describe(system, down, cut=cut)
            if cut in (0, n):
                assert (state, words) == describe(system, down)
                continue
            up = set(system.members) - down
            left, right = up & set(system.members[:cut]), up & set(system.members[cut:])
            sides = (rule(left), rule(right))
            assert state == {0: "off", 1: "on", 2: "split"}[sum(sides)], (cut, down)
            assert f"{len(left)} left of the cut and {len(right)} right of it" in words
            assert ("split brain" in words) == (state == "split")
            if state == "on":
                assert f"the {'left' if sides[0] else 'right'} side has a majority" in words
            if state == "off":
                # What the sentence says of healing the cut is true.
                assert ("go on when the cut heals" in words) == rule(up)
                assert ("healing the cut is not enough" in words) == (not rule(up))


@pytest.mark.parametrize("cut", [-1, 0, 5, 6])
def test_a_cut_outside_the_members_is_no_cut(cut):
    assert describe(ql.majority(5), ["etcd-1"], cut=cut) == describe(ql.majority(5), ["etcd-1"])


def test_the_word_for_a_quorum_is_the_one_given():
    for down, cut in [((), 0), (("a", "b"), 0), ((), 1), (("a", "b"), 2)]:
        words = describe(ql.majority(["a", "b", "c"]), down, word="quorum", cut=cut)[1]
        assert "quorum" in words
        assert "majority" not in words


# ---------------------------------------------------------------- the still picture

NINE = ql.majority(9)
PLACED = {
    "ring": {},
    "one zone": dict.fromkeys(("etcd-1", "etcd-2", "etcd-3"), "zone-a"),
    "two zones of one": {"etcd-1": "zone-a", "etcd-2": "zone-b"},
    "three zones": dict(zip([f"etcd-{i}" for i in range(1, 6)], ["a", "a", "b", "b", "c"], strict=True)),
    "some without a place": {"etcd-1": "zone-a", "etcd-2": "zone-b", "etcd-3": ""},
    "five zones": {f"etcd-{i}": f"zone-{i}" for i in range(1, 6)},
}


def states():
    for n in range(1, 10):
        yield f"{n} in a ring", stage_view(ql.majority(n), ("etcd-1",))
        yield f"{n} in a row", stage_view(ql.majority(n), ("etcd-1",), cut=n // 2)
    for name, places in PLACED.items():
        if places:
            yield name, stage_view(ql.majority(len(places)), ("etcd-1",), places=places)


STATES = dict(states())


def drawn(view):
    figure = view.figure()
    FigureCanvasAgg(figure).draw()
    return figure, figure.axes[0]


@pytest.mark.parametrize("name", STATES)
def test_words_neither_overlap_nor_leave_the_picture(name):
    figure, axes = drawn(STATES[name])
    boxes = [(t.get_text(), t.get_window_extent()) for t in axes.texts]
    width, height = figure.bbox.size
    for text, box in boxes:
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= -1, f"{text} leaves the picture"
    for (one, a), (other, b) in combinations(boxes, 2):
        apart = a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0
        assert apart, f"{one} and {other} overlap"


@pytest.mark.parametrize("name", [n for n in PLACED if PLACED[n]])
def test_each_place_holds_its_own_members_and_no_others(name):
    places = PLACED[name]
    _, axes = drawn(STATES[name])
    discs = [p for p in axes.patches if isinstance(p, Circle)]
    boxes = [p for p in axes.patches if isinstance(p, FancyBboxPatch)]
    names = list(dict.fromkeys(p for p in places.values() if p))
    assert len(discs) == len(places)
    assert len(boxes) == len(names)
    for box, place in zip(boxes, names, strict=True):
        x0, y0, x1, y1 = (
            box.get_x(),
            box.get_y(),
            box.get_x() + box.get_width(),
            box.get_y() + box.get_height(),
        )
        for disc, own in zip(discs, places.values(), strict=True):
            inside = x0 < disc.center[0] < x1 and y0 < disc.center[1] < y1
            assert inside == (own == place)


@pytest.mark.parametrize("name", [n for n in PLACED if PLACED[n]])
def test_places_do_not_overlap(name):
    _, axes = drawn(STATES[name])
    spans = sorted(
        (p.get_x(), p.get_x() + p.get_width()) for p in axes.patches if isinstance(p, FancyBboxPatch)
    )
    assert all(left[1] < right[0] for left, right in pairwise(spans))


@pytest.mark.parametrize("name", STATES)
def test_members_stand_apart(name):
    _, axes = drawn(STATES[name])
    discs = [p for p in axes.patches if isinstance(p, Circle)]
    for a, b in combinations(discs, 2):
        assert (a.center[0] - b.center[0]) ** 2 + (a.center[1] - b.center[1]) ** 2 > (
            a.radius + b.radius
        ) ** 2


def test_shape_and_word_carry_the_state():
    _, axes = drawn(stage_view(ql.majority(3), ("etcd-2",)))
    up, down, _ = (p for p in axes.patches if isinstance(p, Circle))
    assert up.get_facecolor() != down.get_facecolor()
    crossed = [line for line in axes.lines if line.get_color() == VERMILION]
    assert len(crossed) == 2, "the cross of the one that is down"
    words = " ".join(t.get_text() for t in axes.texts)
    assert words.split().count("down") == 1
    assert words.split().count("up") == 2


@pytest.mark.parametrize("cut", range(6))
def test_the_cut_stands_between_the_right_members(cut):
    _, axes = drawn(stage_view(ql.majority(5), cut=cut))
    xs = [p.center[0] for p in axes.patches if isinstance(p, Circle)]
    [line] = axes.lines
    at = line.get_xdata()[0]
    assert sum(x < at for x in xs) == cut
    assert axes.get_xlim()[0] < at < axes.get_xlim()[1]


def test_the_same_facts_in_words_and_in_the_table():
    view = stage_view(ql.majority(3), ("etcd-2",), places={"etcd-1": "zone-a", "etcd-3": "zone-b"})
    assert view.sentence == describe(ql.majority(3), ("etcd-2",))[1]
    assert view.alt == "A cluster of 3 members: etcd-1 up, etcd-2 down, etcd-3 up."
    assert view.table.columns == ("member", "place", "state")
    assert view.table.rows == (
        ("etcd-1", "zone-a", "up"),
        ("etcd-2", "–", "down"),
        ("etcd-3", "zone-b", "up"),
    )


def test_the_table_says_on_which_side_of_the_cut_a_member_is():
    view = stage_view(ql.majority(4), cut=1)
    assert view.table.columns == ("member", "side of the cut", "state")
    assert [row[1] for row in view.table.rows] == ["left", "right", "right", "right"]
    for nowhere in (0, 4):
        assert {row[1] for row in stage_view(ql.majority(4), cut=nowhere).table.rows} == {"–"}


def test_the_alt_text_says_where_the_cut_is():
    assert "cut" in stage_view(ql.majority(4), cut=1).alt
    assert "etcd-1" in stage_view(ql.majority(4), cut=1).alt.split("cut")[1]
    assert "cut" not in stage_view(ql.majority(4), cut=0).alt
    assert "cut" not in stage_view(ql.majority(4), cut=4).alt


def test_the_alt_text_counts_in_the_singular():
    assert stage_view(ql.majority(1)).alt == "A cluster of 1 member: etcd-1 up."


def test_it_draws():
    ET.fromstring(stage_view(ql.majority(9), cut=4).svg())
