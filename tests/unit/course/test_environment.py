"""The environment check: each finding when it works and when it fails, and it never raises."""

import os
import shutil
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest

import quorumlab as ql
from quorumlab.course import environment
from quorumlab.etcd.binary import Binary, EtcdUnavailableError
from quorumlab.views.view import View

PARTS = ("Python", "JupyterLab", "widgets", "pictures", "your answers", "etcd")


@pytest.fixture(autouse=True)
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("QUORUMLAB_PROGRESS", str(tmp_path / "new" / "progress.json"))
    return tmp_path / "new" / "progress.json"


def finding(part):
    report = ql.check_environment()
    assert tuple(f.part for f in report.findings) == PARTS
    return report, next(f for f in report.findings if f.part == part)


def assert_only_this_fails(part, words, to_do):
    report, found = finding(part)
    assert found.works is False
    assert words in found.found
    assert to_do in found.to_do
    assert not report
    assert report.sentence == f"Not ready yet: {part}. The table says what to do."
    assert [f.part for f in report.findings if f.works is False] == [part]
    assert [row[1] for row in report.table.rows if row[0] == part] == ["✕ does not work"]


def test_this_machine_is_ready_and_looking_changes_nothing(file):
    report = ql.check_environment()
    assert report
    assert report.sentence == "Your machine is ready for this notebook and the next ones."
    assert tuple(f.part for f in report.findings) == PARTS
    assert all(f.works is not False and f.found for f in report.findings)
    assert not file.parent.exists()


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    assert_only_this_fails("Python", "3.10.4", "Install Python 3.11 or newer")


@pytest.mark.parametrize(
    ("version", "works"),
    [((3, 11, 0), True), ((3, 14), True), ((4, 0, 0), True), ((3, 9, 9), False), ((2, 7, 18), False)],
)
def test_versions_are_compared_as_numbers(version, works):
    assert environment.python_finding(version).works is works


@pytest.mark.parametrize(
    ("part", "package"), [("JupyterLab", "jupyterlab"), ("widgets", "anywidget"), ("widgets", "ipywidgets")]
)
def test_a_package_that_is_missing(monkeypatch, part, package):
    installed = environment.version

    def version(name):
        if name == package:
            raise PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(environment, "version", version)
    assert_only_this_fails(part, f"{package} is not installed", "make setup")


def test_pictures_that_cannot_be_drawn(monkeypatch):
    def broken(self, onto=None):
        raise ImportError("No module named 'matplotlib'")

    monkeypatch.setattr(View, "figure", broken)
    assert_only_this_fails("pictures", "No module named 'matplotlib'", "make setup")


def test_a_picture_that_is_none(monkeypatch):
    monkeypatch.setattr(View, "svg", lambda self, onto=None: b"")
    assert_only_this_fails("pictures", "no picture", "make setup")


@pytest.mark.parametrize("there", [False, True], ids=["no file yet", "a file"])
def test_answers_that_may_not_be_written(file, monkeypatch, there):
    # The superuser may write everywhere, so the refusal is simulated.
    file.parent.mkdir()
    if there:
        file.write_text("")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) not in (file, file.parent))
    assert_only_this_fails("your answers", "does not allow it", "QUORUMLAB_PROGRESS")


@pytest.mark.parametrize("what", ["folder", "thesis", "below a file"])
def test_answers_where_something_else_lies(file, monkeypatch, what):
    file.parent.mkdir()
    if what == "folder":
        file.mkdir()
    else:
        file.write_text("On quorums.")
    if what == "below a file":
        monkeypatch.setenv("QUORUMLAB_PROGRESS", str(file / "progress.json"))
    before = sorted(file.parent.rglob("*"))
    words = {
        "folder": "is a folder",
        "thesis": "is not a progress file",
        "below a file": "would lie below it",
    }
    assert_only_this_fails("your answers", f"not kept: {file}", "QUORUMLAB_PROGRESS")
    assert_only_this_fails("your answers", words[what], "QUORUMLAB_PROGRESS")
    assert sorted(file.parent.rglob("*")) == before


def test_answers_on_a_full_disk(monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=100))
    assert_only_this_fails("your answers", "is full (100 bytes are free)", "QUORUMLAB_PROGRESS")


def test_answers_in_a_place_that_may_not_even_be_looked_at(file, monkeypatch):
    look = Path.stat

    def refuse(self, **options):
        if self in (file, file.parent):
            raise PermissionError(13, "Permission denied")
        return look(self, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    assert_only_this_fails("your answers", "Permission denied", "QUORUMLAB_PROGRESS")


@pytest.mark.parametrize(
    ("version", "found"),
    [
        ("3.5.30", "3.5.30 at /opt/etcd"),
        (
            "3.5.1",
            "3.5.1 at /opt/etcd (good for this laboratory; in production etcd's makers advise against 3.5.0 to 3.5.2)",
        ),
    ],
)
def test_etcd_and_its_version(monkeypatch, version, found):
    monkeypatch.setattr(environment, "find_etcd", lambda: Binary("/opt/etcd", version))
    report, etcd = finding("etcd")
    assert report
    assert etcd.works is True
    assert etcd.found == found


def test_without_etcd_nothing_is_broken_and_the_table_says_what_to_do(monkeypatch):
    def none():
        raise EtcdUnavailableError("No etcd that starts was found on this machine; install one.")

    monkeypatch.setattr(environment, "find_etcd", none)
    report, etcd = finding("etcd")
    assert report
    assert etcd.works is None
    assert etcd.found == "No etcd that starts was found on this machine"
    assert etcd.to_do == "Install one."
    assert [row[1] for row in report.table.rows if row[0] == "etcd"] == ["○ not needed yet"]


def test_two_failures_are_both_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4, "final", 0))
    monkeypatch.setattr(
        environment, "version", lambda name: (_ for _ in ()).throw(PackageNotFoundError(name))
    )
    assert ql.check_environment().sentence.startswith(
        "Not ready yet: Python, JupyterLab, widgets, pictures. "
    )


def test_shown_as_html_and_text_with_html_escaped(monkeypatch):
    def broken(self, onto=None):
        raise RuntimeError("<script>")

    monkeypatch.setattr(View, "figure", broken)
    bundle = ql.check_environment()._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain"}
    assert "<script>" not in bundle["text/html"]
    assert "RuntimeError: <script>" in bundle["text/plain"]
