"""JupyterLab in a headless Chromium, as a learner meets it: a server of its own on loopback, a page, a notebook run to its end."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KERNEL = "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"


def chromium() -> str | None:
    """The system's Chromium, if there is one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address, its secret, and the progress file its kernels write."""

    address: str
    token: str
    progress: Path

    def url(self, notebook: str) -> str:
        """Where a notebook of the served folder opens, in a workspace of its own."""
        return f"{self.address}/lab/workspaces/{secrets.token_hex(4)}/tree/{notebook}?token={self.token}"


@contextmanager
def serve(
    folder: Path = ROOT, theme: str = "JupyterLab Light", *, etcd: bool = True, options: Sequence[str] = ()
) -> Iterator[Lab]:
    """JupyterLab over a folder, with settings, runtime files and progress in a folder of its own that is removed again; without ``etcd``
    its kernels show recorded runs; ``options`` take the place of those it is started with here.
    """
    home = Path(tempfile.mkdtemp(prefix="quorumlab-lab-"))
    themes = home / "settings" / "@jupyterlab" / "apputils-extension" / "themes.jupyterlab-settings"
    themes.parent.mkdir(parents=True)
    themes.write_text(json.dumps({"theme": theme}))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    token = secrets.token_hex(16)
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "IPYTHONDIR": str(home / "ipython"),
        "QUORUMLAB_PROGRESS": str(home / "progress.json"),
        **({} if etcd else {"QUORUMLAB_ETCD": "off"}),
    }
    own = [
        "--allow-root", "--ip=127.0.0.1", f"--ServerApp.root_dir={folder}", "--ServerApp.log_level=ERROR",
        "--expose-app-in-browser", "--JupyterNotebookApp.expose_app_in_browser=True",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterlab", *(options or own), "--no-browser", f"--port={port}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}",
    ]  # fmt: skip
    with (home / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        lab = Lab(f"http://127.0.0.1:{port}", token, home / "progress.json")
        wait_for(lab, server, home / "log")
        yield lab
    finally:
        server.terminate()
        with suppress(subprocess.TimeoutExpired):
            server.wait(20)
        server.kill()
        shutil.rmtree(home, ignore_errors=True)


def wait_for(lab: Lab, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 90
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab stopped at once:\n{log.read_text()}")
        with suppress(OSError):
            urllib.request.urlopen(f"{lab.address}/api?token={lab.token}", timeout=2)
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not answer within 90 s:\n{log.read_text()}")


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        try:
            yield started
        finally:
            started.close()


def open_notebook(page: Page, lab: Lab, notebook: str) -> None:
    """Open a notebook and wait until its kernel is ready."""
    page.goto(lab.url(notebook))
    wait_for_kernel(page)


def wait_for_kernel(page: Page) -> None:
    """Wait until the notebook that a page opens has its cells and a kernel that answers."""
    page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
    page.evaluate(
        """async () => {
            await window.jupyterapp.restored;
            const panel = window.jupyterapp.shell.currentWidget;
            await panel.context.ready;
            await panel.sessionContext.ready;
            await panel.sessionContext.session.kernel.info;
        }"""
    )
    page.wait_for_function(f"() => {KERNEL}.status === 'idle'", timeout=60_000)


def command(page: Page, name: str) -> None:
    """Run a JupyterLab command and wait until it has ended."""
    page.evaluate("name => window.jupyterapp.commands.execute(name)", name)


def run_all(page: Page, timeout_ms: int = 180_000) -> None:
    """Run every cell and wait until the kernel is idle with no cell left to run."""
    command(page, "notebook:run-all-cells")
    page.wait_for_function(
        """() => {
            const { content, sessionContext } = window.jupyterapp.shell.currentWidget;
            const waiting = content.widgets.some(c => c.model.type === 'code' && c.model.executionState === 'running');
            return !waiting && sessionContext.session.kernel.status === 'idle';
        }""",
        timeout=timeout_ms,
    )
    page.wait_for_timeout(300)


def cell_errors(page: Page) -> list[str]:
    """The errors that cells of the open notebook show."""
    return page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets
            .filter(c => c.model.type === 'code')
            .flatMap(c => c.model.outputs.toJSON().filter(o => o.output_type === 'error').map(o => `${o.ename}: ${o.evalue}`))"""
    )


def show_cell(page: Page, words: str) -> Locator:
    """Scroll to the first code cell whose source holds these words, and return it; raises LookupError if none does."""
    index = page.evaluate(
        """async words => {
            const { content } = window.jupyterapp.shell.currentWidget;
            const index = content.widgets.findIndex(c => c.model.type === 'code' && c.model.sharedModel.source.includes(words));
            // Heights of cells that were never drawn are guesses, so the first scroll may stop short of the cell.
            for (let tries = 0; index >= 0 && tries < 20; tries += 1) {
                await content.scrollToItem(index, 'start');
                await new Promise(resolve => setTimeout(resolve, 100));
                const box = content.widgets[index].node.getBoundingClientRect();
                if (content.widgets[index].isAttached && box.top > 0 && box.top < window.innerHeight / 2) break;
            }
            return index;
        }""",
        words,
    )
    if index < 0:
        raise LookupError(f"No code cell of this notebook holds {words!r}.")
    return page.locator(f'.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell[data-windowed-list-index="{index}"]')
