"""The palette measured: contrast (WCAG 2.2), colour blindness (Machado 2009), the dark theme's filter, and the widgets' sheet."""

import math
import re
import sys
from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import colors

from quorumlab.views import style
from quorumlab.views.stage import FAINT
from quorumlab.views.view import CHART_CSS, CSS_PIXELS_PER_INCH
from quorumlab.views.world import COAST, LAND
from quorumlab.widgets.base import HERE as WIDGETS

READABLE = 4.5
"""Contrast that WCAG 2.2 asks of text (success criterion 1.4.3, level AA)."""
PLAIN = 3.0
"""Contrast that it asks of lines and shapes that carry meaning (1.4.11)."""
APART = 15.0
"""CIE76 distance between two lines of one chart: some six times the just noticeable 2.3 (Mahy et al. 1994), since thin lines
are harder to tell apart than patches."""

TEXT = {name: getattr(style, name) for name in ("INK", "MUTED", "ACCENT", "VERMILION", "TEAL", "PLUM")}
SHEET = matplotlib.rc_params_from_file(style.STYLE, use_default_template=False)
CSS = (WIDGETS / "quorumlab.css").read_text(encoding="utf-8")


def rgb(colour):
    return np.array(colors.to_rgb(colour))


def linear(srgb):
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def gamma(light):
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def contrast(one, other):
    """WCAG 2.2 contrast ratio of two sRGB colours, 1 to 21."""
    dark, light = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(srgb):
    """CIELAB under D65 (CIE 15:2004)."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    t = to_xyz @ linear(srgb) / [0.95047, 1.0, 1.08883]
    x, y, z = np.where(t > (6 / 29) ** 3, np.cbrt(t), t / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(one, other):
    return float(np.linalg.norm(lab(one) - lab(other)))


def unchanged(srgb):
    return srgb


# Machado, Oliveira and Fernandes (2009), table of matrices at severity 1.0, applied to linear RGB.
MACHADO = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def seen_by(kind):
    matrix = np.array(MACHADO[kind])
    return lambda srgb: gamma(matrix @ linear(srgb))


def dark_theme(srgb):
    """The filter of the dark theme, as the CSS filter specification computes it: in sRGB, clamped after each step."""
    amount, angle = map(float, re.search(r"invert\(([.\d]+)\) hue-rotate\((\d+)deg\)", CHART_CSS).groups())
    inverted = np.clip(amount + srgb * (1 - 2 * amount), 0, 1)
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    rotate = np.array([
        [0.213 + c * 0.787 - s * 0.213, 0.715 - c * 0.715 - s * 0.715, 0.072 - c * 0.072 + s * 0.928],
        [0.213 - c * 0.213 + s * 0.143, 0.715 + c * 0.285 + s * 0.140, 0.072 - c * 0.072 - s * 0.283],
        [0.213 - c * 0.213 - s * 0.787, 0.715 - c * 0.715 + s * 0.715, 0.072 + c * 0.928 + s * 0.072],
    ])  # fmt: skip
    return np.clip(rotate @ inverted, 0, 1)


THEMES = {"light": unchanged, "dark": dark_theme}
EYES = {"full colour": unchanged, **{kind: seen_by(kind) for kind in MACHADO}}
EITHER_THEME = pytest.mark.parametrize("theme", THEMES)


# ---------------------------------------------------------------- the instruments


def test_the_instruments_read_known_values():
    assert contrast(rgb("#000"), rgb("#fff")) == pytest.approx(21)
    assert contrast(rgb("#777"), rgb("#fff")) == pytest.approx(4.48, abs=0.01)  # just fails, as is well known
    assert lab(rgb("#ff0000")) == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    for kind, see in EYES.items():
        assert see(rgb("#808080")) == pytest.approx(rgb("#808080"), abs=1e-3), f"{kind} changes grey"
    assert dark_theme(rgb("#ffffff")) == pytest.approx([0.08] * 3, abs=1e-6)
    red_and_green = rgb("#d7191c"), rgb("#1a7a1a")
    assert distance(*red_and_green) > 3 * distance(*map(seen_by("deuteranopia"), red_and_green))


# ---------------------------------------------------------------- charts


@EITHER_THEME
@pytest.mark.parametrize("name", TEXT)
def test_every_colour_that_carries_text_is_readable_on_paper(name, theme):
    see = THEMES[theme]
    assert contrast(see(rgb(TEXT[name])), see(rgb(style.PAPER))) >= READABLE


@EITHER_THEME
@pytest.mark.parametrize("fill", style.PLACES)
@pytest.mark.parametrize("name", ["INK", "VERMILION"])
def test_words_are_readable_on_every_place(name, fill, theme):
    see = THEMES[theme]
    assert contrast(see(rgb(TEXT[name])), see(rgb(fill))) >= READABLE


@EITHER_THEME
@pytest.mark.parametrize("eyes", EYES)
def test_series_colours_stay_apart(eyes, theme):
    seen = [EYES[eyes](THEMES[theme](rgb(c))) for c in style.SERIES]
    for one, other in combinations(range(len(seen)), 2):
        assert distance(seen[one], seen[other]) >= APART, (style.SERIES[one], style.SERIES[other])


def test_series_also_differ_by_marker_and_dash():
    cycle = list(SHEET["axes.prop_cycle"])
    assert [colors.to_hex(line["color"]) for line in cycle] == list(style.SERIES)
    for key in ("marker", "linestyle"):
        assert len({line[key] for line in cycle}) == len(cycle)


def test_the_places_differ_for_the_eye_and_do_not_carry_meaning_alone():
    assert len(set(style.PLACES)) == len(style.PLACES)
    for fill in style.PLACES:
        assert contrast(rgb(fill), rgb(style.PAPER)) < 1.5, "a place is a quiet background"


def test_no_text_in_a_chart_is_smaller_than_the_pages_text():
    sizes = [
        key
        for key in SHEET
        if key.endswith("size") and key.startswith(("font", "axes", "xtick.label", "ytick.label", "legend"))
    ]
    assert {"font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize"} <= set(
        sizes
    )
    for key in sizes:
        assert SHEET[key] * CSS_PIXELS_PER_INCH / 72 >= 14, key


def test_the_sheet_takes_its_colours_from_the_palette():
    palette = {*TEXT.values(), style.PAPER}
    for key in (
        "text.color",
        "axes.labelcolor",
        "axes.edgecolor",
        "xtick.color",
        "ytick.color",
        "axes.facecolor",
        "figure.facecolor",
    ):
        assert colors.to_hex(SHEET[key]) in palette, key


@EITHER_THEME
@pytest.mark.parametrize("fill", [*style.PLACES, style.PAPER])
def test_links_of_a_still_stage_are_plain_to_see(fill, theme):
    see = THEMES[theme]
    link = FAINT * rgb(style.MUTED) + (1 - FAINT) * rgb(fill)
    assert contrast(see(link), see(rgb(fill))) >= PLAIN


@EITHER_THEME
@pytest.mark.parametrize("ground", [LAND, style.PAPER])
@pytest.mark.parametrize("line", [COAST, style.ACCENT, style.MUTED, style.INK, style.VERMILION])
def test_coasts_and_lines_of_the_map_are_plain_to_see(line, ground, theme):
    see = THEMES[theme]
    assert contrast(see(rgb(line)), see(rgb(ground))) >= PLAIN


# ---------------------------------------------------------------- widgets


def declared(block):
    return dict(re.findall(r"(--[\w-]+):\s*([^;]+);", block))


LIGHT = declared(re.search(r"^\.ql-explorer, \.ql-stage, \.ql-question \{(.*?)\}", CSS, re.S | re.M).group(1))
DARK = {
    **LIGHT,
    **declared(
        re.search(r'^\[data-jp-theme-light="false"\] :is\([^)]*\) \{(.*?)\}', CSS, re.S | re.M).group(1)
    ),
}


def jupyterlab(theme):
    """The variables of JupyterLab's own theme, as installed."""
    sheet = Path(
        sys.prefix, f"share/jupyter/lab/themes/@jupyterlab/theme-{theme}-extension/index.css"
    ).read_text()
    return dict(re.findall(r"(--[\w-]+):([^;}]+)", sheet))


def resolved(value, variables):
    """A colour over nothing, with var(--name, fallback) looked up."""
    while found := re.fullmatch(r"var\((--[\w-]+)(?:,\s*(.+))?\)", value.strip()):
        value = variables.get(found[1], found[2])
    return value.strip()


def colour(value, variables, ground=None):
    value = resolved(value, variables)
    if found := re.fullmatch(r"rgba?\(([^)]*)\)", value):
        *channels, alpha = [float(n) for n in found[1].split(",")]
        return alpha * np.array(channels) / 255 + (1 - alpha) * ground
    return rgb(value)


TEXT_ON = [
    ("--ql-ink", "--jp-layout-color0"),
    ("--ql-ink", "--jp-layout-color1"),
    ("--ql-ink", "--jp-layout-color2"),
    ("--ql-muted", "--jp-layout-color0"),
    ("--ql-accent", "--jp-layout-color0"),
    ("--ql-stop", "--jp-layout-color0"),
    ("--ql-stop", "--jp-layout-color2"),
    ("--ql-good", "--jp-layout-color0"),
    ("--ql-on-accent", "--ql-accent"),
]


@EITHER_THEME
@pytest.mark.parametrize(("text", "ground"), TEXT_ON)
def test_widget_words_are_readable_on_jupyterlabs_grounds(text, ground, theme):
    variables = {**jupyterlab(theme), **(LIGHT if theme == "light" else DARK)}
    behind = colour(variables[ground], variables)
    assert contrast(colour(variables[text], variables, behind), behind) >= READABLE


@EITHER_THEME
@pytest.mark.parametrize("line", ["--ql-link", "--ql-stop", "--ql-accent", "--ql-muted"])
@pytest.mark.parametrize("ground", ["--jp-layout-color0", "--jp-layout-color2"])
def test_links_of_a_stage_are_plain_to_see_on_the_page_and_in_a_box(line, ground, theme):
    variables = {**jupyterlab(theme), **(LIGHT if theme == "light" else DARK)}
    behind = colour(variables[ground], variables)
    assert contrast(colour(variables[line], variables, behind), behind) >= PLAIN


def test_no_link_or_box_is_drawn_in_a_quieter_colour():
    """Up, crashed and cut differ by dashes and signs, never by fading."""
    sheets = CSS + (WIDGETS / "playback.css").read_text(encoding="utf-8")
    for rule in (".ql-link", ".ql-place"):
        assert re.search(rf"^{re.escape(rule)} {{[^}}]*stroke: var\(--ql-link\)", sheets, re.M), rule
    links = re.findall(r"^[^{}]*\.ql-link\b[^{}]*{[^}]*}", sheets, re.M)
    assert len(links) >= 4 and not any("opacity" in rule for rule in links)
    assert "stroke-dasharray" in next(rule for rule in links if ".ql-broken" in rule)


@EITHER_THEME
def test_jupyterlabs_page_is_as_this_test_takes_it(theme):
    found = colors.to_hex(resolved("var(--jp-layout-color0)", jupyterlab(theme)))
    assert found == {"light": "#ffffff", "dark": "#111111"}[theme]


def test_where_there_is_no_jupyterlab_the_fallbacks_are_readable():
    ground = colour(LIGHT["--ql-paper"], {})
    for name in ("--ql-ink", "--ql-accent", "--ql-stop", "--ql-good"):
        assert contrast(colour(LIGHT[name], {}, ground), ground) >= READABLE


def test_every_colour_is_named_once_and_used():
    outside = re.sub(r"--ql-[\w-]+:[^;]*;", "", CSS)
    assert not re.search(r"(?<!, )#[0-9a-f]{3,6}\b", re.sub(r"var\([^)]*\)", "", outside)), (
        "a colour beside the palette"
    )
    sheets = "".join(p.read_text(encoding="utf-8") for p in WIDGETS.glob("*.css"))
    for name in LIGHT:
        assert f"var({name}" in sheets, f"{name} is never used"


def test_widgets_and_charts_darken_pictures_alike():
    filters = [
        re.search(r"filter:\s*invert\(0?([.\d]+)\) hue-rotate\((\d+)deg\)", text).groups()
        for text in (CSS, CHART_CSS)
    ]
    assert filters[0] == filters[1]
    assert LIGHT["--ql-accent"] == style.ACCENT


def test_no_words_of_a_widget_are_smaller_than_the_pages():
    sizes = re.findall(r"font-size:\s*([^;]+);", CSS)
    assert sizes
    for size in sizes:
        assert float(re.search(r"([\d.]+)px", size).group(1)) >= 14
    assert {value.strip() for value in re.findall(r"\bfont:([^;]+);", CSS)} <= {"inherit"}
