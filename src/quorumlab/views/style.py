"""The course's look: one palette and one matplotlib style sheet.

Every colour carries text, so each has a contrast of at least 4.5:1 on the paper; the series colours also differ in lightness
and stay apart for readers with colour blindness. ``tests/unit/views/test_style.py`` measures all of this, in the light theme and after
the inversion that the dark theme applies to charts.
"""

from pathlib import Path

PAPER = "#ffffff"
INK = "#1d2126"
MUTED = "#5c6670"

ACCENT = "#1257c4"
"""The one colour for the thing being talked about."""

VERMILION = "#b4330b"
TEAL = "#084a3c"
PLUM = "#551860"

SERIES = (ACCENT, VERMILION, TEAL, PLUM)
"""Line colours in order; the style sheet pairs each with a marker and a dash, so colour never stands alone."""

PLACES = ("#dbe7fb", "#fbe5d8", "#d6ece8", "#eedcf2", "#e9ebee", "#f6efcc")
"""Fills behind members of a zone or region: the first place gets the first, through the whole course."""

STYLE = str(Path(__file__).with_name("quorumlab.mplstyle"))
"""Path of the style sheet, for ``matplotlib.style.context``."""
