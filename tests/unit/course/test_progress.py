"""The progress file: it only grows, two kernels lose nothing, and what is not ours is never touched."""

import json
import os
import shutil
import stat
import subprocess
import sys
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import pytest

from quorumlab.course import progress

NOTHING = {"predictions": {}, "checks": {}, "exercises": {}}
OLD = {
    "version": 1,
    "predictions": {"two-of-five": "yes"},
    "checks": {"why-majority": {"correct": True, "misses": 2}},
    "exercises": {"quorum-size": {"correct": False, "misses": 1}},
}


@pytest.fixture(autouse=True)
def a_new_kernel(monkeypatch):
    monkeypatch.setattr(progress, "_unsaved", [])
    monkeypatch.setattr(progress, "_told", {})


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


@pytest.fixture
def silence():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def python(code, **environment):
    """What a Python of its own prints, with the same progress file."""
    said = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"from quorumlab.course import progress as p\n{code}"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout.strip()


def others(file):
    """What lies in the folder besides the progress file."""
    return sorted(p.name for p in file.parent.iterdir() if p != file)


def refuse_the_disk(*_, **__):
    raise OSError(28, "No space left on device")


# ---------------------------------------------------------------- keeping answers


def test_nothing_is_kept_at_first_and_looking_writes_nothing(file):
    assert progress.recall("predictions", "two-of-five") is None
    assert progress.load() == NOTHING
    assert progress.problem() == ""
    assert others(file) == [] and not file.exists()


def test_answers_survive_a_restart(file):
    progress.record("predictions", "two-of-five", "only reads – “maybe” ✓ \ud800")
    progress.record("checks", "why-majority", {"correct": False, "misses": 1})
    said = python("print(ascii(p.recall('predictions', 'two-of-five')), p.recall('checks', 'why-majority'))")
    assert said == f"{'only reads – “maybe” ✓ ' + chr(0xD800)!a} {{'correct': False, 'misses': 1}}"


def test_the_folder_is_made_and_holds_nothing_but_the_file(tmp_path, monkeypatch):
    file = tmp_path / "new" / "deeper" / "progress.json"
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(file))
    progress.record("predictions", "q", "yes")
    assert file.exists() and others(file) == []


def test_the_last_prediction_counts_and_attempts_only_grow(file):
    for answer in ("yes", "no"):
        progress.record("predictions", "q", answer)
    for correct, misses in ((False, 1), (True, 1), (False, 2), (False, 0)):
        progress.record("exercises", "e", {"correct": correct, "misses": misses})
    assert progress.load() == {
        "predictions": {"q": "no"},
        "checks": {},
        "exercises": {"e": {"correct": True, "misses": 2}},
    }


@pytest.mark.parametrize(
    "value",
    [object(), {"correct": object()}, {"correct": True}, "yes", None],
    ids=["an object", "an object within", "half", "a text", "nothing"],
)
def test_what_is_no_answer_is_refused_and_writes_nothing(file, value):
    with pytest.raises(TypeError, match=r"is no answer of checks; give"):
        progress.record("checks", "new", value)
    with pytest.raises(TypeError, match=r"3 is no answer of predictions; give"):
        progress.record("predictions", "new", 3)
    with pytest.raises(
        ValueError, match=r"'grades' is no section of the progress file; use one of predictions"
    ):
        progress.record("grades", "new", "A")
    assert not file.exists()


# ---------------------------------------------------------------- two kernels at once


ANSWER_FIFTY = """
import sys, time, pathlib
kernel, go = sys.argv[1], pathlib.Path(sys.argv[2])
while not go.exists():
    time.sleep(0.001)
for number in range(50):
    p.record("predictions", f"{kernel}-{number}", "yes")
    p.record("exercises", "the same", {"correct": (kernel, number) == ("0", 7), "misses": number})
"""


@pytest.mark.parametrize("kernels", [2, 8])
def test_kernels_that_answer_at_the_same_moment_lose_not_one_answer(file, tmp_path, silence, kernels):
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        f"from quorumlab.course import progress as p\n{ANSWER_FIFTY}",
    ]
    running = [subprocess.Popen([*command, str(number), str(tmp_path / "go")]) for number in range(kernels)]
    time.sleep(0.5)  # all of them have started, and wait
    (tmp_path / "go").touch()
    assert [kernel.wait(60) for kernel in running] == [0] * kernels
    kept = progress.load()
    assert len(kept["predictions"]) == 50 * kernels
    assert kept["exercises"] == {"the same": {"correct": True, "misses": 49}}


# ---------------------------------------------------------------- the first version of the file


@pytest.mark.parametrize("indent", [None, 1])
def test_a_file_of_the_first_version_is_read_and_kept_and_new_answers_follow_it(file, silence, indent):
    old = json.dumps(OLD, indent=indent, sort_keys=True)
    file.write_text(old)
    assert progress.load() == {section: OLD[section] for section in progress.SECTIONS}
    progress.record("predictions", "new", "no")
    progress.record("exercises", "quorum-size", {"correct": True, "misses": 1})
    assert progress.load()["predictions"] == {"two-of-five": "yes", "new": "no"}
    assert progress.recall("exercises", "quorum-size") == {"correct": True, "misses": 1}
    assert file.read_text().startswith(old) and others(file) == []


@pytest.mark.parametrize("first", ["", '{"version": 1}', '\ufeff{"version": 1}', " \n"], ids=repr)
def test_a_file_that_holds_no_answers_yet_is_ours(file, silence, first):
    file.write_text(first, encoding="utf-8")
    progress.record("predictions", "q", "yes")
    assert progress.load()["predictions"] == {"q": "yes"}


# ---------------------------------------------------------------- damage

LINE = b'\n{"quorumlab": 2, "predictions": {"sound": "yes"}}'
DAMAGE = {
    "an old file cut short": b'{\n "checks": {\n  "why-majority": {\n',
    "an old file of one line cut short": b'{"version": 1, "predictions": {"two-of-fi',
    "an old section that is a list": b'{"version": 1, "predictions": [], "checks": {}, "exercises": {}}',
    "an old section that is null": b'{"version": 1, "predictions": null}',
    "a first line cut short": b'\n{"quorumlab": 2, "predic',
    "a line cut short": LINE + b'\n{"quorumlab": 2, "predictions": {"q": "ye',
    "bytes that are no text": LINE + bytes(range(256)),
    "nested too deep": LINE + b"\n" + b"[" * 200_000,
    "a number too long": LINE + b'\n{"quorumlab": 2, "checks": ' + b"9" * 10_000 + b"}",
    "an exercise that is a list": LINE + b'\n{"quorumlab": 2, "exercises": {"quorum-size": [3]}}',
    "misses in words": LINE + b'\n{"quorumlab": 2, "exercises": {"e": {"correct": false, "misses": "two"}}}',
    "a check without a verdict": LINE + b'\n{"quorumlab": 2, "checks": {"why-majority": {}}}',
    "a prediction that is a number": LINE + b'\n{"quorumlab": 2, "predictions": {"two-of-five": 3}}',
    "a version to come": LINE + b'\n{"quorumlab": 3, "predictions": {"two-of-five": "yes"}}',
    "no version": LINE + b'\n{"predictions": {"two-of-five": "yes"}}',
    "null": LINE + b"\nnull",
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_costs_one_warning_and_nothing_else(file, kind):
    file.write_bytes(DAMAGE[kind])
    sound = {"sound": "yes"} if LINE in DAMAGE[kind] else {}
    with pytest.warns(UserWarning, match="damaged and left out; all other answers count") as raised:
        assert progress.load() == {**NOTHING, "predictions": sound}
        assert progress.load() == {**NOTHING, "predictions": sound}
        progress.record("predictions", "q", "yes")
        assert progress.load()["predictions"] == {**sound, "q": "yes"}
    assert len(raised) == 1
    assert str(file) in str(raised[0].message)
    assert file.read_bytes().startswith(DAMAGE[kind]) and others(file) == []


def test_a_damaged_file_in_the_courses_own_folder_is_used_on(tmp_path, monkeypatch):
    monkeypatch.delenv("QUORUMLAB_PROGRESS", raising=False)
    monkeypatch.setattr(progress, "user_data_path", lambda *_, **__: tmp_path)
    (tmp_path / "progress.json").write_bytes(b"\x00" * 100)
    with pytest.warns(UserWarning, match="damaged and left out"):
        progress.record("predictions", "q", "yes")
        assert progress.recall("predictions", "q") == "yes"
    progress.reset_progress()
    assert others(tmp_path / "progress.json") == ["progress.json.backup-1"]


# ---------------------------------------------------------------- what is not ours

FOREIGN = {
    "a thesis": '{"title": "On quorums"}',
    "another version 1": '{"version": 1, "packages": {}}',
    "settings of another program": '{"version": 2, "checks": {}}',
    "a list": "[1, 2, 3]",
    "prose": "predictions: yes",
    "a later version": '{"version": 99, "predictions": {}}',
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_somebody_elses_file_is_left_alone(file, kind):
    file.write_text(FOREIGN[kind])
    with pytest.warns(
        UserWarning, match="is not a progress file of this course and was left as it is"
    ) as raised:
        progress.record("predictions", "q", "yes")
        progress.record("predictions", "r", "no")
    assert len(raised) == 1
    assert "set QUORUMLAB_PROGRESS to a file you may write, then restart the kernel." in str(
        raised[0].message
    )
    with pytest.warns(UserWarning, match="Your earlier answers stay"):
        progress.reset_progress()
    assert file.read_text() == FOREIGN[kind] and others(file) == []


@pytest.mark.parametrize("name", [".", "/", "here"], ids=repr)
def test_a_folder_is_refused_in_one_sentence_and_stays(tmp_path, monkeypatch, name):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "notes.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUORUMLAB_PROGRESS", name)
    with pytest.warns(
        UserWarning, match="is a folder, not a file; set QUORUMLAB_PROGRESS to a file"
    ) as raised:
        progress.record("predictions", "q", "yes")
    assert len(raised) == 1
    assert progress.problem() == f"{name} is a folder, not a file"
    with pytest.warns(UserWarning, match="Your earlier answers are not shown, because .* is a folder"):
        assert progress.recall("predictions", "q") == "yes"
    assert [p.name for p in tmp_path.rglob("*")] == ["here", "notes.txt"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_does_not_hang(file):
    os.mkfifo(file)
    with pytest.warns(UserWarning, match="is not an ordinary file"):
        progress.record("predictions", "q", "yes")
    assert stat.S_ISFIFO(file.stat().st_mode)


def test_the_null_device_means_keep_nothing_and_stays_a_device(tmp_path, monkeypatch, silence, capsys):
    # Only looked at and opened for reading: a test must never write where a mistake would cost the machine its null device.
    monkeypatch.setenv("QUORUMLAB_PROGRESS", os.devnull)
    monkeypatch.setattr(progress, "_append", refuse_the_disk)
    monkeypatch.setattr(progress, "_backup", refuse_the_disk)
    progress.record("predictions", "q", "yes")
    assert progress.recall("predictions", "q") == "yes"
    assert progress.problem() == ""
    progress.reset_progress()
    assert progress.recall("predictions", "q") is None
    assert capsys.readouterr().out == ""


# ---------------------------------------------------------------- where it lies


def test_a_tilde_in_the_path_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("QUORUMLAB_PROGRESS", "~/answers.json")
    assert progress.progress_path() == tmp_path / "answers.json"


def test_without_the_variable_it_lies_in_the_users_data_folder(monkeypatch):
    monkeypatch.delenv("QUORUMLAB_PROGRESS", raising=False)
    path = progress.progress_path()
    assert (path.name, path.parent.name, path.is_absolute()) == ("progress.json", "quorumlab", True)


@pytest.mark.parametrize("place", ["~nobody-of-this-name/p.json", None], ids=repr)
def test_a_home_that_is_not_known_is_one_sentence(monkeypatch, place):
    if place:
        monkeypatch.setenv("QUORUMLAB_PROGRESS", place)
    else:  # as in a container that runs as a user without an entry: the home folder is never found
        monkeypatch.delenv("QUORUMLAB_PROGRESS", raising=False)
        monkeypatch.setattr(progress, "user_data_path", lambda *_, **__: Path("~/.local/share/quorumlab"))
        monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    with pytest.raises(ValueError, match="is not known; set QUORUMLAB_PROGRESS"):
        progress.progress_path()
    with pytest.warns(UserWarning, match="because the home folder that it should lie in is not known; set"):
        progress.record("predictions", "q", "yes")
    assert progress.problem() == "the home folder that it should lie in is not known"
    assert not Path("~").exists()


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="this system has no links")
def test_a_link_stays_a_link_and_its_target_gets_the_answers(file, tmp_path, silence):
    (tmp_path / "synced").mkdir()
    target = tmp_path / "synced" / "progress.json"
    target.write_text(json.dumps(OLD))
    target.chmod(0o664)
    file.symlink_to("synced/progress.json")
    progress.record("predictions", "new", "yes")
    assert file.is_symlink() and stat.S_IMODE(target.stat().st_mode) == 0o664
    assert '"new": "yes"' in target.read_text()
    progress.reset_progress()
    progress.record("predictions", "afresh", "no")
    assert file.is_symlink() and progress.load()["predictions"] == {"afresh": "no"}
    assert others(target) == ["progress.json.backup-1"]


def test_a_link_to_a_file_that_is_not_there_yet(file, tmp_path, silence):
    file.symlink_to("later.json")
    progress.record("predictions", "q", "yes")
    assert file.is_symlink() and (tmp_path / "later.json").exists()


# ---------------------------------------------------------------- nowhere to read or write


def test_a_read_error_that_passes_costs_one_sentence_and_no_answer(file, monkeypatch):
    progress.record("predictions", "one", "yes")

    def too_many(*_, **__):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as busy:
        busy.setattr(Path, "read_bytes", too_many)
        with pytest.warns(UserWarning, match="cannot be read just now .*Too many open files") as raised:
            assert progress.recall("predictions", "one") is None
            assert progress.recall("predictions", "one") is None
            progress.record("predictions", "two", "no")
        assert len(raised) == 2  # one about reading, one about keeping
    progress.record("predictions", "three", "no")
    assert progress.load()["predictions"] == {"one": "yes", "two": "no", "three": "no"}
    assert others(file) == []


def test_a_folder_that_cannot_exist_costs_one_warning_and_the_answer_lasts_until_the_kernel_stops(
    file, monkeypatch
):
    file.write_text("")
    path = file / "progress.json"
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(path))
    with pytest.warns(UserWarning) as raised:
        for number in range(5):
            progress.record("predictions", f"q{number}", "yes")
            assert progress.recall("predictions", f"q{number}") == "yes"
    assert len(raised) == 1
    assert str(path) in str(raised[0].message)


@pytest.mark.parametrize("step", ["making the folder", "opening the file", "writing", "writing half of it"])
def test_what_could_not_be_written_is_written_with_the_next_answer(file, monkeypatch, step):
    progress.record("predictions", "old", "kept")
    before = file.read_bytes()
    write = os.write
    broken_parts = {
        "making the folder": (Path, "mkdir", refuse_the_disk),
        "opening the file": (os, "open", refuse_the_disk),
        "writing": (os, "write", refuse_the_disk),
        "writing half of it": (os, "write", lambda to, text: write(to, text[: len(text) // 2])),
    }
    with monkeypatch.context() as broken:
        broken.setattr(*broken_parts[step])
        with pytest.warns(UserWarning, match="cannot be written .*No space left on device"):
            progress.record("predictions", "one", "yes")
            progress.record("predictions", "two", "no")
    assert file.read_bytes().startswith(before) and others(file) == []
    progress.record("predictions", "three", "no")
    assert python("print(p.load()['predictions'])") if step != "writing half of it" else True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert progress.load()["predictions"] == {"old": "kept", "one": "yes", "two": "no", "three": "no"}


def test_a_read_only_file_is_known_beforehand(file, monkeypatch):
    # Permissions do not bind the superuser that containers run tests as, so the refusal is simulated.
    file.write_text("")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != file)
    assert progress.problem() == f"{file} does not allow it"


def test_a_full_disk_is_known_beforehand(file, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert progress.problem() == f"the disk of {file} is full (0 bytes are free)"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_device_is_no_file(monkeypatch):
    monkeypatch.setenv("QUORUMLAB_PROGRESS", "/dev/full")
    assert progress.problem() == "/dev/full is not an ordinary file"


# ---------------------------------------------------------------- starting afresh


def test_resetting_keeps_the_old_answers_in_a_backup(file, capsys):
    for number in (1, 2):
        progress.record("predictions", "q", f"answer {number}")
        progress.reset_progress()
        backup = file.with_name(f"progress.json.backup-{number}")
        assert str(backup) in capsys.readouterr().out
        assert f"answer {number}" in backup.read_text()
        assert progress.recall("predictions", "q") is None
    progress.reset_progress()
    assert others(file) == ["progress.json.backup-1", "progress.json.backup-2"]


def test_resetting_where_nothing_can_be_renamed_is_a_warning(file, monkeypatch):
    progress.record("predictions", "q", "yes")
    monkeypatch.setattr(Path, "rename", refuse_the_disk)
    with pytest.warns(UserWarning, match="No space left on device"):
        progress.reset_progress()
    assert progress.recall("predictions", "q") == "yes"
