"""Facts in rows and columns, as text and as HTML."""

import base64
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from quorumlab.views.table import Table
from quorumlab.views.view import View

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


def test_a_table_holds_words():
    table = Table.of(["member", "up"], [["etcd-1", True], ["etcd-2", 0.5]])
    assert table == Table(("member", "up"), (("etcd-1", "True"), ("etcd-2", "0.5")))
    assert table.to_text() == "member  up\netcd-1  True\netcd-2  0.5"


def test_a_cell_may_have_several_lines():
    table = Table.of(("who", "what", "n"), [("you", "one <\nlonger two", 3), ("x", "y", 1)])
    assert table.to_text().split("\n") == [
        "who  what        n",
        "you  one <       3",
        "     longer two",
        "x    y           1",
    ]
    assert ">one &lt;<br>longer two</td>" in table.to_html()


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


def test_a_sign_stays_on_the_line_of_its_word() -> None:
    table = Table.of(("state", "found"), [("✓ works well", "✓"), ("a ✓ b", "")])
    assert ">✓\N{NO-BREAK SPACE}works well<" in table.to_html()
    assert ">✓<" in table.to_html() and ">a ✓ b<" in table.to_html()
    assert "✓ works well" in table.to_text()
