"""Facts in words and numbers, in rows and columns: pure Python, so that a check of an exercise can use it anywhere."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from quorumlab.arguments import shown
from quorumlab.words import unbroken


@dataclass(frozen=True)
class Table:
    """The facts of a picture in words and numbers.

    ``columns`` are the headings; each of ``rows`` has one cell per column, already worded as the reader should see it. A cell may have
    several lines.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> "Table":
        """A table from any cells; raises ValueError if a row has not one cell per column."""
        for row in rows:
            if len(row) != len(columns):
                raise ValueError(
                    f"The row {shown(tuple(row))} has {len(row)} cells but there are {len(columns)} columns; "
                    "give each row one cell per column."
                )
        return cls(tuple(columns), tuple(tuple(str(cell) for cell in row) for row in rows))

    def to_html(self, caption: str = "") -> str:
        """The table as HTML with header cells, so that a screen reader can name each column."""
        # JupyterLab sets tables flush right, which suits numbers only; these hold sentences too.
        left = "style='text-align:left'"
        head = "".join(f"<th scope='col' {left}>{html.escape(c)}</th>" for c in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td {left}>{_lines(_kept(cell))}</td>" for cell in row) + "</tr>"
            for row in self.rows
        )
        title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
        return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def to_text(self) -> str:
        """The table in aligned columns of plain text."""
        cells = [[cell.split("\n") for cell in row] for row in (self.columns, *self.rows)]
        lines = [line for row in cells for line in zip_longest(*row, fillvalue="")]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/html": self.to_html(), "text/plain": self.to_text()}


SIGNS = "✓✕○⚠"
"""Before a cell's words: right or on, wrong or off, neither, and look out."""


def _lines(cell: str) -> str:
    """A cell's words as HTML, on the lines that they have."""
    return "<br>".join(html.escape(cell).split("\n"))


def _kept(cell: str) -> str:
    """A cell whose sign stays on the line of its first word, and whose sums stay on one."""
    return unbroken(cell.replace(" ", "\N{NO-BREAK SPACE}", 1) if cell[:1] and cell[0] in SIGNS else cell)
