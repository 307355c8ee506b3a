"""Setting up works from any state: it does nothing when all fits, and starts again from whatever was left half done."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """A project in an empty folder; what would be run is listed, and making a venv makes its Python appear."""
    made: list[list[str]] = []
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).write_text(name)

    def run(command, **_):
        words = [str(word) for word in command]
        made.append(words)
        if "venv" in words:
            bootstrap.PYTHON.parent.mkdir(parents=True)
            bootstrap.PYTHON.touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: None)
    monkeypatch.setattr(bootstrap.subprocess, "run", run)
    return made


def installs(calls: list[list[str]]) -> list[str]:
    return [words[-1] for words in calls if "install" in words and "--require-hashes" in words]


def test_first_run_installs_the_lock_and_the_second_run_nothing(calls: list[list[str]]) -> None:
    bootstrap.main("lab")
    assert [Path(lock).name for lock in installs(calls)] == ["requirements.txt"]
    calls.clear()
    bootstrap.main("lab")
    assert installs(calls) == []


def test_who_has_everything_for_the_tests_needs_nothing_more_for_the_course(calls: list[list[str]]) -> None:
    bootstrap.main("dev")
    calls.clear()
    bootstrap.main("lab")
    assert installs(calls) == []


def test_a_changed_lock_is_installed_again(calls: list[list[str]]) -> None:
    bootstrap.main("lab")
    (bootstrap.ROOT / "requirements.txt").write_text("newer")
    calls.clear()
    bootstrap.main("lab")
    assert len(installs(calls)) == 1


def test_an_interrupted_installation_is_taken_up_again(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    working = bootstrap.subprocess.run

    def fails(command, **_):
        return subprocess.CompletedProcess(command, 1 if "--require-hashes" in command else 0)

    bootstrap.main("lab")
    (bootstrap.VENV / ".lab-is-installed").unlink()
    monkeypatch.setattr(bootstrap.subprocess, "run", fails)
    with pytest.raises(SystemExit, match="Check the network"):
        bootstrap.main("lab")
    monkeypatch.setattr(bootstrap.subprocess, "run", working)
    calls.clear()
    bootstrap.main("lab")
    assert len(installs(calls)) == 1


def test_an_environment_whose_python_does_not_start_is_made_anew(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    bootstrap.main("lab")
    working = bootstrap.subprocess.run

    def broken(command, **options):
        if [str(word) for word in command][1:] == ["-c", "import sys"]:
            return subprocess.CompletedProcess(command, 1)
        return working(command, **options)

    monkeypatch.setattr(bootstrap.subprocess, "run", broken)
    calls.clear()
    bootstrap.main("lab")
    assert any("venv" in words for words in calls) and len(installs(calls)) == 1


def test_an_old_python_is_told_what_to_do(calls: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer"):
        bootstrap.main("lab")
    assert calls == []


def test_this_very_environment_needs_nothing() -> None:
    script = Path(bootstrap.__file__)
    if not (script.parent.parent / ".venv" / ".dev-is-installed").exists():
        pytest.skip("the tests do not run in the environment that make sets up")
    done = subprocess.run([sys.executable, script, "dev"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
