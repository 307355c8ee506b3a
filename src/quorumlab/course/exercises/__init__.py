"""The exercises, one module a notebook, of its name without the number: what is asked, the right function, and the wrong ones we
know. A module needs only to stand here, with a tuple ``EXERCISES``, to be found."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from quorumlab.course.exercise import Task


def found() -> Mapping[str, tuple[Task, ...]]:
    """The exercises of each module in this folder, by the module's name."""
    names = sorted(module.name for module in iter_modules(__path__))
    return {name: import_module(f"{__name__}.{name}").EXERCISES for name in names}
