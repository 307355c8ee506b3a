"""Quorum by Experiment: what a notebook imports, as ``import quorumlab as ql``.

Importing is silent and quick: a name is loaded from its room when it is first used, so neither matplotlib nor the widgets are
loaded until a picture is asked for. The names stand in `__init__.pyi`. In a notebook, a slip is told in a few lines from then on.
"""

import lazy_loader

from quorumlab.slips import shorten

__version__ = "0.1.0"
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
shorten()
