"""Set up `.venv` for the course: `python tools/bootstrap.py lab` for learners, `dev` for everything the tests need.

Run again at will: it does nothing when the environment already fits the lock file, repairs a broken or half-made one, and
needs the network only when something is missing. uv is used where it is present, else venv and pip.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
NEWS = "@jupyterlab/apputils-extension:announcements"
LOCKS = {"lab": "requirements.txt", "dev": "requirements-dev.txt"}


def main(kind: str) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  (this file must speak to older ones too)
        sys.exit(
            f"This course needs Python 3.11 or newer, and this is {sys.version.split()[0]}: "
            "install one and run `make setup PYTHON=python3.11`."
        )
    make_venv()
    # The dev lock holds everything of the learners' lock, so having it means having both.
    if any(
        stamp(k).exists() and stamp(k).read_text() == fingerprint(k) for k in dict.fromkeys([kind, "dev"])
    ):
        return
    print(f"Setting up {VENV.name} from {LOCKS[kind]} (a minute or two the first time) ...", flush=True)
    install("--require-hashes", "-r", str(ROOT / LOCKS[kind]))
    install("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    # JupyterLab would open with a question about its own news before the course has said a word.
    quiet = [PYTHON, "-m", "jupyter", "labextension", "disable", "--level=sys_prefix", NEWS]
    subprocess.run(quiet, check=True, capture_output=True)
    # The first use of matplotlib lists the machine's fonts, which takes a while and writes a warning into the notebook.
    subprocess.run([PYTHON, "-c", "import matplotlib.font_manager"], check=True, capture_output=True)
    stamp(kind).write_text(fingerprint(kind))


def make_venv() -> None:
    """A virtual environment whose Python starts; one that does not is made anew."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", "import sys"], capture_output=True).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    uv = shutil.which("uv")
    command = (
        [uv, "venv", "--quiet", "--python", sys.executable, str(VENV)]
        if uv
        else [sys.executable, "-m", "venv", str(VENV)]
    )
    if subprocess.run(command).returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            "No virtual environment could be made: on Debian or Ubuntu, install python3-venv and try again."
        )


def install(*what: str) -> None:
    uv = shutil.which("uv")
    installer = (
        [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
        if uv
        else [str(PYTHON), "-m", "pip", "install", "-q"]
    )
    if not uv and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode != 0:
        subprocess.run([PYTHON, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
    run([*installer, *what], "Check the network or the package index, then run the same command again.")


def run(command: list[str | Path], advice: str) -> None:
    if subprocess.run(command, cwd=ROOT).returncode != 0:
        sys.exit(f"Setting up stopped (see above). {advice}")


def stamp(kind: str) -> Path:
    return VENV / f".{kind}-is-installed"


def fingerprint(kind: str) -> str:
    """What the environment was made from: the lock, the project's metadata, and where the project lies."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in (LOCKS[kind], "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in LOCKS:
        sys.exit(f"Say what to set up: python tools/bootstrap.py {' or '.join(LOCKS)}")
    main(sys.argv[1])
