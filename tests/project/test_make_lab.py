"""``make lab`` opens the first page, and everything that the pages link to can be opened from there."""

import json
import os
import re
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """The address and the secret of what the Makefile's own command has started, and where it leads a browser."""
    if shutil.which("make") is None:
        pytest.skip("there is no make on this machine")
    said = subprocess.run(["make", "-n", "lab"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    words = shlex.split(next(line for line in said.splitlines() if "jupyter lab" in line))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home, token = tmp_path_factory.mktemp("lab"), secrets.token_hex(16)
    folders = {f"{name}_DIR": str(home / name) for name in ("JUPYTER_RUNTIME", "JUPYTER_DATA", "JUPYTERLAB_WORKSPACES")}  # fmt: skip
    options = [
        "--no-browser",
        f"--port={port}",
        f"--IdentityProvider.token={token}",
        "--ServerApp.port_retries=0",
    ]
    command = [sys.executable, "-m", "jupyterlab", *words[words.index("lab") + 1 :], *options]
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **folders}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            assert server.poll() is None, f"{shlex.join(command)} has ended at once"
            try:
                with urllib.request.urlopen(f"{address}/?token={token}", timeout=5) as page:
                    yield address, token, page.url
                    return
            except URLError:
                time.sleep(0.1)
        pytest.fail("JupyterLab did not answer within 30 s")
    finally:
        server.terminate()
        server.wait(20)


def test_the_first_page_opens(opened: tuple[str, str, str]) -> None:
    assert "/lab/tree/notebooks/00-start-here.ipynb" in opened[2]


def test_all_that_the_pages_link_to_is_served(opened: tuple[str, str, str]) -> None:
    address, token, _ = opened
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
            f"{address}/api/contents/{link}?content=0&token={token}", timeout=5
        ) as answer:
            assert answer.status == 200, link
