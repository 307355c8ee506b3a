"""``make lab`` opens the first page, and everything that the pages link to can be opened from there."""

import json
import os
import re
import shlex
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError

import pytest

from tools.browser import ROOT, Lab, serve, wait_for

LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """What the Makefile's own command has started."""
    if shutil.which("make") is None:
        pytest.skip("there is no make on this machine")
    said = subprocess.run(["make", "-n", "lab"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words = shlex.split(next(line for line in said.splitlines() if "jupyter lab" in line))
    with serve(options=words[words.index("lab") + 1 :]) as running:
        yield running


def test_the_first_page_opens(lab: Lab) -> None:
    with urllib.request.urlopen(f"{lab.address}/?token={lab.token}", timeout=60) as page:
        assert "/lab/tree/notebooks/00-start-here.ipynb" in page.url


def test_all_that_the_pages_link_to_is_served(lab: Lab) -> None:
    links = {
        os.path.normpath(Path("notebooks") / link)
        for page in (ROOT / "notebooks").glob("*.ipynb")
        for cell in json.loads(page.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "markdown"
        for link in LINK.findall("".join(cell["source"]))
    }
    assert sum(link.startswith("labs/") for link in links) >= 5
    for link in sorted(links):
        with urllib.request.urlopen(
            f"{lab.address}/api/contents/{link}?content=0&token={lab.token}", timeout=60
        ) as answer:
            assert answer.status == 200, link


@pytest.mark.parametrize("error", [TimeoutError(), ConnectionResetError(), URLError("refused")])
def test_a_server_that_is_slow_to_answer_is_waited_for(
    error: OSError, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [error, error, None]

    def urlopen(*_: object, **__: object) -> None:
        if answer := answers.pop(0):
            raise answer

    monkeypatch.setattr(urllib.request, "urlopen", urlopen)
    wait_for(Lab("http://127.0.0.1:1", "t", tmp_path), SimpleNamespace(poll=lambda: None), tmp_path / "log")
    assert not answers
