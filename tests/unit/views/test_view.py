"""A view's three ways to say one thing: sentence, table and picture; and the page it leaves when nothing runs."""

import base64
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from quorumlab.quorums import majority, quorum_size
from quorumlab.views.quorum_math import (
    commit_time,
    commit_view,
    overlap_counts,
    overlap_view,
    slow_followers_view,
)
from quorumlab.views.stage import stage_view
from quorumlab.views.view import Table, View
from quorumlab.words import plural

ODD = "1 < 2 & \"quoted\" 'single' <script>alert(1)</script>"


def line(figure):
    axes = figure.add_subplot(title="A line", xlabel="x", ylabel="y")
    axes.plot([0, 1], [0, 1])


def view(**changes):
    facts = {"sentence": "A line.", "alt": "A rising line.", "table": Table.of(("x",), [(1,)]), "draw": line}
    return View(**{**facts, **changes})


class Page(HTMLParser):
    """Every tag of a page with its attributes, and a check that all are closed."""

    VOID = frozenset({"img", "br"})

    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.text = [], [], ""
        self.feed(text)
        assert self.open == [], f"never closed: {self.open}"

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


# ---------------------------------------------------------------- tables


def test_a_table_holds_words():
    table = Table.of(["member", "up"], [["etcd-1", True], ["etcd-2", 0.5]])
    assert table == Table(("member", "up"), (("etcd-1", "True"), ("etcd-2", "0.5")))
    assert table.to_text() == "member  up\netcd-1  True\netcd-2  0.5"


@pytest.mark.parametrize("row", [(), ("a",), ("a", "b", "c")])
def test_a_row_has_one_cell_for_each_column(row):
    with pytest.raises(ValueError, match=rf"has {len(row)} cells but there are 2 columns") as raised:
        Table.of(("one", "two"), [("x", "y"), row])
    assert repr(row) in str(raised.value)


def test_html_cells_are_escaped_and_headings_have_scope():
    page = Page(Table.of((ODD, "b"), [("c", ODD)]).to_html(caption=ODD))
    assert [t["scope"] for t in page.all("th")] == ["col", "col"]
    assert len(page.all("caption")) == 1
    assert page.all("script") == []
    assert page.text.count(ODD) == 3


def test_an_empty_table_is_its_headings():
    assert Table.of(("a", "b"), []).to_text() == "a  b"
    assert Page(Table.of(("a", "b"), []).to_html()).all("td") == []
    assert Page(Table.of(("a", "b"), []).to_html()).all("caption") == []


def test_a_table_shows_as_html_and_text():
    table = Table.of(("a",), [(1,)])
    assert table._repr_mimebundle_() == {"text/html": table.to_html(), "text/plain": table.to_text()}


# ---------------------------------------------------------------- pictures


def test_a_picture_is_svg_of_the_size_asked_for():
    svg = ET.fromstring(view(size=(5.0, 2.0)).svg())
    assert svg.get("viewBox") == "0 0 360 144"  # points, 72 an inch
    assert view().svg() == view().svg()


def test_drawing_onto_a_figure_clears_it_and_gives_the_same_picture():
    figure = Figure()
    first = view().svg(onto=figure)
    view(size=(3.0, 3.0), draw=lambda f: f.text(0.5, 0.5, "other")).svg(onto=figure)
    assert view().svg(onto=figure) == first == view().svg()
    assert view().figure(onto=figure) is figure
    assert len(figure.axes) == 1


def test_a_dollar_sign_is_no_formula():
    def label(figure):
        figure.text(0, 0, r"cost = $\frac{1$")

    assert view(draw=label).svg().endswith(b"</svg>\n")


def test_pyplot_and_the_readers_own_settings_are_left_alone():
    before = plt.rcParams["font.size"], plt.get_fignums()
    view().svg()
    assert (plt.rcParams["font.size"], plt.get_fignums()) == before


# ---------------------------------------------------------------- pages


def test_a_page_has_the_picture_with_alt_text_the_sentence_and_the_table():
    page = Page(view(sentence=ODD, alt=ODD, table=Table.of((ODD,), [(ODD,)])).to_html())
    [image] = page.all("img")
    assert image["alt"] == ODD
    assert image["width"] == "700"
    kind, source = re.fullmatch(r"data:(image/\S+);base64,(\S+)", image["src"]).groups()
    assert kind == "image/svg+xml"
    ET.fromstring(base64.b64decode(source))
    assert page.all("script") == []
    assert page.text.count(ODD) == 3
    assert [name for name, _ in page.tags if name in ("figure", "figcaption", "details", "summary", "table")] == [
        "figure", "figcaption", "details", "summary", "table",
    ]  # fmt: skip


def test_a_view_shows_as_html_and_text():
    shown = view()._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    assert shown["text/plain"] == "A line.\n\nx\n1"


@pytest.mark.parametrize(("count", "words"), [(0, "0 members"), (1, "1 member"), (2, "2 members")])
def test_counts_have_their_noun(count, words):
    assert plural(count, "member") == words
    assert plural(count, "quorum", "quora") == words.replace("members", "quora").replace("member", "quorum")


# ---------------------------------------------------------------- notebook 02


def brute_force_overlaps(members, group):
    from itertools import combinations

    groups = [set(g) for g in combinations(range(members), group)]
    shared = [len(a & b) for a in groups for b in groups]
    return tuple(shared.count(j) for j in range(group + 1))


SIZES = [(n, k) for n in range(1, 8) for k in range(1, n + 1)]


@pytest.mark.parametrize(("n", "k"), SIZES)
def test_overlaps_are_counted_as_by_listing_all_pairs(n, k):
    counts = brute_force_overlaps(n, k)
    assert overlap_counts(n, k) == counts
    shown = overlap_view(n, k)
    assert ("share nobody" in shown.sentence) == (counts[0] > 0) == (2 * k <= n)
    assert [row[1] for row in shown.table.rows] == [f"{c:,}" for c in counts]
    number = counts[0] if counts[0] else sum(counts)
    assert f"{number:,}" in shown.sentence or sum(counts) == 1
    assert "all 1 pairs" not in shown.sentence
    assert f"({sum(counts):,}): {counts[0]:,} without" in shown.alt


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 1), (9, 1), (9, 5), (9, 9), (5, 3)])
def test_the_overlap_picture_can_be_drawn(n, k):
    ET.fromstring(overlap_view(n, k).svg())


@pytest.mark.parametrize(("n", "k"), [(5, 0), (5, 6), (0, 0), (5, -1)])
def test_a_group_that_cannot_be_is_refused_in_one_sentence(n, k):
    with pytest.raises(ValueError, match=f"group of {k} "):
        overlap_view(n, k)


@pytest.mark.parametrize(
    "times", [[2], [2, 3], [2, 3, 9], [9, 3, 2], [2, 3, 4, 80], [60, 1, 5, 7, 9], [5, 5, 5, 5], [0.5, 0.25]]
)
def test_a_write_is_committed_when_a_majority_has_acknowledged(times):
    at = commit_time(times)
    assert at in times
    assert 2 * sum(t <= at for t in times) > len(times)
    assert 2 * sum(t < at for t in times) <= len(times)
    shown = commit_view(times)
    assert f"committed after {at:g} ms" in shown.sentence
    counted = [float(row[1].removesuffix(" ms")) for row in shown.table.rows if row[2] == "counted"]
    assert len(counted) == quorum_size(len(times))
    assert max(counted) == at
    ET.fromstring(shown.svg())


def test_nobody_to_acknowledge_is_refused():
    with pytest.raises(ValueError, match="1 or more"):
        commit_time([])


@pytest.mark.parametrize("members", range(1, 10))
def test_slow_followers_over_all_extremes(members):
    for slow in range(members):
        shown = slow_followers_view(members, slow, 80)
        waits = slow > members - quorum_size(members)
        assert ("committed after 80 ms" in shown.sentence) == waits
        assert len(shown.table.rows) == members


@pytest.mark.parametrize("slow", [-1, 3, 9])
def test_more_slow_followers_than_followers_are_refused(slow):
    with pytest.raises(ValueError, match="choose 0 to 2"):
        slow_followers_view(3, slow, 80)


# ---------------------------------------------------------------- nothing leaves a picture

PICTURES = {
    **{f"overlap {n},{k}": overlap_view(n, k) for n, k in [(1, 1), (9, 1), (9, 5), (9, 9)]},
    **{
        f"slow {n},{s}": slow_followers_view(n, s, ms)
        for n, s, ms in [(1, 0, 80), (3, 2, 80), (7, 6, 500), (9, 4, 80)]
    },
    "stage of 1": stage_view(majority(1)),
}


@pytest.mark.parametrize("name", PICTURES)
def test_no_words_leave_the_picture(name):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = PICTURES[name].figure()
    FigureCanvasAgg(figure).draw()
    width, height = figure.bbox.size
    for axes in figure.axes:
        ticks = [
            tick.label1
            for axis in (axes.xaxis, axes.yaxis)
            for tick in axis.get_major_ticks()
            if axes.axison
            and min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
        ]
        for text in [*axes.texts, axes.title, axes._left_title, axes.xaxis.label, axes.yaxis.label, *ticks]:
            if text.get_visible() and text.get_text():
                box = text.get_window_extent()
                assert min(box.x0, box.y0, width - box.x1, height - box.y1) >= -1, text.get_text()
