"""Web pages that need nothing but themselves: a frame, tables and bars. All text given to them is a stranger's, and is escaped here."""

import html
from collections.abc import Iterable, Sequence

from quorumlab.grading.verdict import printable

STYLE = """
:root { color-scheme: light dark; --line: #8886; --accent: #2563a8; }
@media (prefers-color-scheme: dark) { :root { --accent: #7fb4ec; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; }
tr { border-bottom: 1px solid var(--line); } .number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
p, td:last-child { overflow-wrap: anywhere; }
.bar { display: inline-block; height: .7em; background: var(--accent); }
.note { border-left: 3px solid var(--accent); padding-left: .8rem; }
"""


def page(title: str, *body: str) -> str:
    """A whole page; the parts of the body are HTML already."""
    name = html.escape(title)
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width">\n<title>{name}</title>\n<style>{STYLE}</style>\n'
        f"<h1>{name}</h1>\n" + "\n".join(body) + "\n</html>\n"
    )


def said(text: str, tag: str = "p", kind: str = "") -> str:
    """Text in an element, on one line."""
    return f"<{tag}{f' class={kind}' if kind else ''}>{html.escape(printable(text))}</{tag}>"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: Iterable[int] = ()) -> str:
    """A table of text; the columns in ``numbers`` are set to the right."""
    right = set(numbers)

    def line(cells: Sequence[str], tag: str) -> str:
        return "".join(said(cell, tag, "number" if i in right else "") for i, cell in enumerate(cells))

    body = "".join(f"<tr>{line(row, 'td')}</tr>\n" for row in rows)
    return f"<table>\n<tr>{line(head, 'th')}</tr>\n{body}</table>"


def bars(head: Sequence[str], counts: Sequence[tuple[str, int]]) -> str:
    """A histogram as a table: what, how many, and a bar as long as that."""
    most = max((count for _, count in counts), default=0) or 1
    rows = "".join(
        f"<tr>{said(what, 'td')}{said(str(count), 'td', 'number')}"
        f'<td style="width:60%"><span class="bar" style="width:{100 * count // most if count else 0}%"></span></td></tr>\n'
        for what, count in counts
    )
    named = said(head[0], "th") + "".join(said(cell, "th", "number") for cell in head[1:])
    return f"<table>\n<tr>{named}<th></th></tr>\n{rows}</table>"
