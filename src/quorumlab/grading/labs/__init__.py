"""The graded labs, one module a lab, of its name with underscores: tasks, hidden cases and right answers. A module needs only to stand
here, with a ``LAB``, to be found. The sandbox of a submission never sees this folder."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from quorumlab.grading.lab import Lab


def found() -> Mapping[str, Lab]:
    """Every lab by its name."""
    labs = [import_module(f"{__name__}.{module.name}").LAB for module in iter_modules(__path__)]
    return {lab.name: lab for lab in labs}
