"""A view's three ways to say one thing: sentence, table and picture; and the page it leaves when nothing runs."""

import warnings
import xml.etree.ElementTree as ET

import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure

from quorumlab.history import Operation
from quorumlab.views.history import history_view
from quorumlab.views.table import Table
from quorumlab.views.view import View


def line(figure):
    axes = figure.add_subplot(title="A line", xlabel="x", ylabel="y")
    axes.plot([0, 1], [0, 1])


def view(**changes):
    facts = {"sentence": "A line.", "alt": "A rising line.", "table": Table.of(("x",), [(1,)]), "draw": line}
    return View(**{**facts, **changes})


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


def test_a_view_shows_as_html_and_text():
    shown = view()._repr_mimebundle_()
    assert set(shown) == {"text/html", "text/plain"}
    assert shown["text/plain"] == "A line.\n\nx\n1"


@pytest.mark.parametrize("name", ["東京", "서울", "مرحبا", "דנה", "🦊", "ไทย"])
def test_names_of_every_script_are_drawn_as_text_without_a_warning(name: str) -> None:
    view = history_view([Operation(name, "write", "lock", "ada", 0, 10)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = view.svg().decode()
    assert view.foreign and f">{name}<" in picture
    plain = history_view([Operation("Zoë–✓", "write", "lock", "ada", 0, 10)])
    assert not plain.foreign and "<text" not in plain.svg().decode()
