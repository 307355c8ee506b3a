"""The progress file: it survives a restart and every kind of damage, and no moment leaves it half written."""

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import pytest

from quorumlab.course import progress


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))
    monkeypatch.setattr(progress, "_unsaved", {})
    return tmp_path / "progress.json"


def another_kernel():
    """The module as a second process would have it: the same file, no shared memory."""
    spec = importlib.util.spec_from_file_location("progress_of_another_kernel", progress.__file__)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def others(file):
    """What lies in the folder besides the progress file."""
    return sorted(p.name for p in file.parent.iterdir() if p != file)


def test_nothing_is_kept_at_first_and_looking_writes_nothing(file):
    assert progress.recall("predictions", "two-of-five") is None
    assert progress.load() == {"version": 1, "predictions": {}, "checks": {}, "exercises": {}}
    assert not file.exists()


def test_answers_survive_a_restart(file):
    progress.record("predictions", "two-of-five", "only reads – “maybe” ✓")
    progress.record("checks", "why-majority", {"correct": False, "misses": 1})
    code = "from quorumlab.course import progress as p; print(ascii(p.recall('predictions', 'two-of-five')))"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == ascii("only reads – “maybe” ✓")
    assert another_kernel().recall("checks", "why-majority") == {"correct": False, "misses": 1}


def test_the_folder_is_made_and_holds_nothing_but_the_file(tmp_path, monkeypatch):
    file = tmp_path / "new" / "deeper" / "progress.json"
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(file))
    progress.record("predictions", "q", "yes")
    assert file.exists()
    assert others(file) == []


def test_a_tilde_in_the_path_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("QUORUMLAB_PROGRESS", "~/answers.json")
    assert progress.progress_path() == tmp_path / "answers.json"


def test_without_the_variable_it_lies_in_the_users_data_folder(monkeypatch):
    monkeypatch.delenv("QUORUMLAB_PROGRESS")
    path = progress.progress_path()
    assert path.name == "progress.json"
    assert path.parent.name == "quorumlab"
    assert path.is_absolute()


def test_two_kernels_that_write_different_keys_keep_both(file):
    other = another_kernel()
    progress.record("predictions", "one", "yes")
    other.record("predictions", "two", "no")
    progress.record("checks", "three", {"correct": True, "misses": 0})
    other.record("exercises", "four", {"correct": True, "misses": 2})
    kept = progress.load()
    assert kept == other.load()
    assert kept["predictions"] == {"one": "yes", "two": "no"}
    assert kept["checks"] == {"three": {"correct": True, "misses": 0}}
    assert kept["exercises"] == {"four": {"correct": True, "misses": 2}}


# ---------------------------------------------------------------- damage

DAMAGE = {
    "empty": b"",
    "truncated": b'{"version": 1, "predictions": {"two-of-fi',
    "not JSON": b"predictions: yes",
    "wrong version": b'{"version": 99, "predictions": {}}',
    "no version": b'{"predictions": {}}',
    "a list": b"[1, 2, 3]",
    "null": b"null",
    "a section that is a list": b'{"version": 1, "predictions": [], "checks": {}, "exercises": {}}',
    "a section that is null": b'{"version": 1, "predictions": null}',
    "binary": bytes(range(256)),
    "nested too deep": b"[" * 200_000,
    "a number too long": b'{"version": ' + b"9" * 10_000 + b"}",
    "an exercise that is a list": b'{"version": 1, "exercises": {"quorum-size": [3]}}',
    "misses in words": b'{"version": 1, "exercises": {"quorum-size": {"correct": false, "misses": "two"}}}',
    "a check without a verdict": b'{"version": 1, "checks": {"why-majority": {}}}',
    "a prediction that is a number": b'{"version": 1, "predictions": {"two-of-five": 3}}',
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_costs_one_warning_and_a_backup(file, kind):
    file.write_bytes(DAMAGE[kind])
    with pytest.warns(UserWarning) as raised:
        assert progress.load() == {"version": 1, "predictions": {}, "checks": {}, "exercises": {}}
    assert len(raised) == 1
    backup = file.with_name("progress.json.backup-1")
    assert str(backup) in str(raised[0].message)
    assert "you start afresh" in str(raised[0].message)
    assert backup.read_bytes() == DAMAGE[kind]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        progress.record("predictions", "q", "yes")
        assert progress.recall("predictions", "q") == "yes"


def test_each_damaged_file_gets_a_backup_of_its_own(file):
    for number in (1, 2, 3):
        file.write_text(f"damage {number}")
        with pytest.warns(UserWarning, match=f"backup-{number}"):
            progress.load()
    assert [file.with_name(f"progress.json.backup-{n}").read_text()[-1] for n in (1, 2, 3)] == ["1", "2", "3"]


def test_half_a_surrogate_in_the_file_does_not_stop_the_next_answer(file):
    file.write_text('{"version": 1, "predictions": {"old": "\\ud800"}}')
    progress.record("predictions", "new", "yes")
    assert another_kernel().load()["predictions"] == {"old": "\ud800", "new": "yes"}


def test_a_folder_in_the_files_place_is_put_aside(file):
    file.mkdir()
    with pytest.warns(UserWarning, match="backup-1"):
        progress.record("predictions", "q", "yes")
    assert progress.recall("predictions", "q") == "yes"


def test_a_file_that_may_not_be_read_costs_one_warning(file, monkeypatch):
    # Permissions do not bind the superuser that containers run tests as, so the refusal is simulated.
    file.write_text('{"version": 1}')

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.warns(UserWarning, match="could not be put aside") as raised:
        assert progress.load()["predictions"] == {}
    assert len(raised) == 1


# ---------------------------------------------------------------- nowhere to write


def test_a_folder_that_cannot_exist_costs_one_warning_and_the_answer_lasts_until_the_kernel_stops(
    tmp_path, monkeypatch
):
    (tmp_path / "in-the-way").write_text("a file, not a folder")
    path = tmp_path / "in-the-way" / "progress.json"
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(path))
    monkeypatch.setattr(progress, "_unsaved", {})
    with pytest.warns(UserWarning) as raised:
        progress.record("predictions", "q", "yes")
    assert len(raised) == 1
    message = str(raised[0].message)
    assert str(path) in message
    assert "set QUORUMLAB_PROGRESS" in message
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert progress.recall("predictions", "q") == "yes"


def test_what_could_not_be_written_is_written_with_the_next_answer(file, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", refuse_the_disk)
        broken.setattr(Path, "replace", refuse_the_disk)
        with pytest.warns(UserWarning):
            progress.record("predictions", "one", "yes")
    progress.record("predictions", "two", "no")
    assert json.loads(file.read_text())["predictions"] == {"one": "yes", "two": "no"}
    # Once written, the file speaks: another kernel's later answer is not hidden by what this one remembers.
    another_kernel().record("predictions", "one", "changed elsewhere")
    assert progress.recall("predictions", "one") == "changed elsewhere"


def refuse_the_disk(*_, **__):
    raise OSError(28, "No space left on device")


def write_half(path, text, **_):
    path.write_bytes(text.encode()[: len(text) // 2])
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("step", ["making the draft", "writing the draft", "replacing the file"])
def test_a_failed_write_leaves_the_old_file_and_no_draft(file, monkeypatch, step):
    progress.record("predictions", "old", "kept")
    before = file.read_bytes()
    if step == "making the draft":
        monkeypatch.setattr(tempfile, "mkstemp", refuse_the_disk)
    elif step == "writing the draft":
        monkeypatch.setattr(Path, "write_text", write_half)
    else:
        monkeypatch.setattr(Path, "replace", refuse_the_disk)
    with pytest.warns(UserWarning, match="No space left on device"):
        progress.record("predictions", "new", "lost")
    assert file.read_bytes() == before
    assert others(file) == []
    assert progress.recall("predictions", "new") == "lost"


def test_a_value_that_is_not_json_leaves_the_old_file_and_no_draft(file):
    progress.record("predictions", "old", "kept")
    before = file.read_bytes()
    with pytest.raises(TypeError):
        progress.record("checks", "new", {"correct": object()})
    assert file.read_bytes() == before
    assert others(file) == []


# ---------------------------------------------------------------- starting afresh


def test_resetting_keeps_the_old_answers_in_a_backup(file, capsys):
    progress.record("predictions", "q", "yes")
    progress.reset_progress()
    backup = file.with_name("progress.json.backup-1")
    assert str(backup) in capsys.readouterr().out
    assert json.loads(backup.read_text())["predictions"] == {"q": "yes"}
    assert progress.recall("predictions", "q") is None
    progress.reset_progress()
    assert others(file) == [backup.name]


def test_resetting_where_nothing_can_be_renamed_is_a_warning(file, monkeypatch):
    progress.record("predictions", "q", "yes")
    monkeypatch.setattr(Path, "rename", refuse_the_disk)
    with pytest.warns(UserWarning, match="No space left on device"):
        progress.reset_progress()
    assert progress.recall("predictions", "q") == "yes"
