"""Importing quorumlab is silent, starts nothing and loads nothing heavy; the names are loaded when first used."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import quorumlab as ql

HEAVY = ("matplotlib", "ipywidgets", "anywidget", "numpy", "scipy", "IPython", "traitlets", "jupyterlab")
PACKAGE = Path(ql.__file__).parent


def run(code):
    """What a fresh Python prints for some code; it must print nothing on the error stream."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stderr == ""
    return done.stdout


def loaded_after(code):
    names = run(f"import sys\n{code}\nimport json; print(json.dumps(sorted(sys.modules)))")
    return {name for name in HEAVY if name in json.loads(names)}


def test_importing_prints_nothing_and_starts_no_thread_or_process():
    assert run("import quorumlab") == ""
    said = run(
        "import threading, quorumlab, sys; "
        "print(threading.active_count(), 'multiprocessing' in sys.modules, 'asyncio' in sys.modules)"
    )
    assert said == "1 False False\n"


def test_importing_loads_nothing_heavy():
    assert loaded_after("import quorumlab") == set()


@pytest.mark.parametrize(
    "code",
    [
        "quorumlab.quorum_size(5)",
        "quorumlab.majority(5).fault_tolerance",
        "quorumlab.unavailability(quorumlab.majority(5), member_up=0.99)",
        "quorumlab.Topology.of('us-east-1a: 2, us-east-1b: 1').verdict()",
        "quorumlab.layouts(['us-east-1'], survive='zone', members=3)",
        "dir(quorumlab)",
        "quorumlab.check_linearizable([])",
        "quorumlab.SimulatedCluster(3)",
        "from quorumlab.experiments import crash_table; crash_table([1])",
        "from quorumlab.course.exercises import found; from quorumlab.course.exercise import judge;"
        "[judge(task, task.reference) for tasks in found().values() for task in tasks]",
    ],
)
def test_arithmetic_loads_no_picture_and_no_widget(code):
    assert loaded_after(f"import quorumlab; {code}") == set()


def test_a_view_loads_no_matplotlib_until_it_is_drawn():
    code = "import quorumlab.views.stage as s, quorumlab as ql; s.stage_view(ql.majority(3)).to_text()"
    assert loaded_after(code) == set()


def test_a_widget_does_load_them():
    assert {"matplotlib", "anywidget"} <= loaded_after("import quorumlab; quorumlab.Explorer")


def test_every_public_name_resolves_and_has_a_docstring():
    assert sorted(ql.__all__) == sorted(set(ql.__all__))
    for name in ql.__all__:
        assert getattr(ql, name).__doc__, f"{name} has no docstring"
        assert name in dir(ql)


def test_every_name_in_all_is_loaded_from_somewhere_and_the_other_way_round():
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    imported = {
        a.asname or a.name for node in stub.body if isinstance(node, ast.ImportFrom) for a in node.names
    }
    assert imported == set(ql.__all__)


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match=r"quorumlab.*quorum_sise"):
        _ = ql.quorum_sise
    with pytest.raises(ImportError, match="quorum_sise"):
        exec("from quorumlab import quorum_sise")


@pytest.mark.parametrize(
    "first", ["ql.nines", "import quorumlab.availability", "from quorumlab.course.checks import exercises"]
)
def test_the_function_is_not_hidden_by_its_module_of_the_same_name(first):
    assert run(f"import quorumlab as ql\n{first}\nprint(callable(ql.availability))") == "True\n"


def documented(path):
    """Public modules, classes and functions of a file that lack a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not tree.body:
        return []
    missing = [] if ast.get_docstring(tree) else [path.name]
    for node in tree.body:
        inner = node.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_") else []
        for thing in (node, *inner):
            if (
                isinstance(thing, ast.FunctionDef | ast.ClassDef)
                and not thing.name.startswith("_")
                and not ast.get_docstring(thing)
            ):
                overload = any(
                    ast.unparse(d).split(".")[-1] in ("overload", "override") for d in thing.decorator_list
                )
                missing += [] if overload else [f"{path.name}: {thing.name}"]
    return missing


ROOMS = sorted(
    {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
)


@pytest.mark.parametrize("room", ROOMS)
def test_everything_public_in_a_room_has_a_docstring(room):
    files = (PACKAGE / room).rglob("*.py") if (PACKAGE / room).is_dir() else [PACKAGE / f"{room}.py"]
    assert [gap for path in sorted(files) for gap in documented(path)] == []
