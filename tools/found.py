"""Read off the stored pages what they found: each claim with its verdict, and what came of each prediction.

`python -m tools.found` writes `course/found.json`, from which the last page makes its tables. The pages are the one source; a test holds
the file to them.
"""

import html
import json
import re
from typing import Any

import nbformat

from tools.giveaways import REVEALS, unfolded
from tools.notebooks import ROOT

TARGET = ROOT / "src" / "quorumlab" / "course" / "found.json"
ROW = re.compile(r"<tr>" + r"<td[^>]*>(.*?)</td>" * 3 + r"</tr>", re.S)
CAME_OUT = re.compile(r"What came out is “(.*?)”\.", re.S)


def main() -> None:
    """Write the file."""
    TARGET.write_text(as_json(found(stored())), encoding="utf-8")


def stored() -> list[tuple[str, Any]]:
    """The pages of the course in reading order, by file name."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    return [(path.stem, nbformat.read(path, as_version=4)) for path in paths]


def found(pages: list[tuple[str, Any]]) -> dict[str, Any]:
    """``claims``: (page, claim, verdict, evidence); ``outcomes``: for each prediction (page, what came out)."""
    claims, outcomes = [], {}
    for page, notebook in pages:
        for cell in notebook.cells:
            if cell.cell_type != "code":
                continue
            shown = " ".join(str(output.get("data", {}).get("text/html", "")) for output in cell.outputs)
            shown = shown.replace("\N{NO-BREAK SPACE}", " ")
            if "ql.verdicts(" in cell.source:
                claims += [[page, *map(html.unescape, row)] for row in ROW.findall(shown)]
            for id in REVEALS.findall(cell.source):
                came = CAME_OUT.search(html.unescape(re.sub(r"<[^>]+>", "", unfolded(shown)[1])))
                if came:
                    outcomes[id] = [page, came[1]]
    return {"claims": claims, "outcomes": outcomes}


def as_json(facts: dict[str, Any]) -> str:
    """As the file holds it."""
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
