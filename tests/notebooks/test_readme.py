"""The course map in the README says what the notebooks say."""

import re

import nbformat

from tools.notebooks import ROOT


def test_titles_and_times_of_the_course_map_are_those_of_the_notebooks() -> None:
    rows = re.findall(
        r"^\| (\d\d) \| \[(.+?)\]\((.+?)\) \| .+ \| (\d+)–(\d+) \|$", (ROOT / "README.md").read_text(), re.M
    )
    pages = sorted((ROOT / "notebooks").glob("*.ipynb"))
    assert [link for _, _, link, _, _ in rows] == [f"notebooks/{page.name}" for page in pages]
    for (number, title, _, low, high), page in zip(rows, pages, strict=True):
        notebook = nbformat.read(page, as_version=4)
        assert notebook.cells[0].source.startswith(f"# {number} · {title}\n")
        assert notebook.metadata["quorumlab"]["minutes"] == [int(low), int(high)]
