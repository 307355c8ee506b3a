"""What all widgets share: their modules and sheets, each as one text, and the copy that a saved page keeps."""

import re
from pathlib import Path
from typing import Any

import traitlets

HERE = Path(__file__).parent
IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w.]+)";\n', re.MULTILINE)


def sheet(*names: str) -> str:
    """Style sheets of this folder one after another."""
    return "\n".join(_read(name) for name in names)


def module(name: str) -> str:
    """An ES module of this folder with all that it imports, as one module: the browser is given no folder to import from.

    Modules import by name alone, each name is declared in one of them only (a test holds that), and the linter sees them apart.
    """
    texts: dict[str, str] = {}
    _collect(name, texts)
    *imported, own = texts.values()
    return "\n".join([*(re.sub(r"^export ", "", text, flags=re.MULTILINE) for text in imported), own])


def _collect(name: str, texts: dict[str, str]) -> None:
    """Add a module's text behind those that it imports, each once."""
    text = _read(name)
    for other in IMPORT.findall(text):
        if other not in texts:
            _collect(other, texts)
    texts[name] = IMPORT.sub("", text)


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


class Fixed(dict[str, Any]):
    """A dict that is changed only by giving another one: what changes inside a trait is sent to no browser, and told to no observer."""

    def _refuse(self, *_: object, **__: object) -> Any:
        raise TypeError("This cannot be changed in place; assign a new dict, such as {**old, 'name': value}.")

    __setitem__ = __delitem__ = __ior__ = update = pop = popitem = clear = setdefault = _refuse

    def __reduce__(self) -> tuple[type, tuple[dict[str, Any]]]:
        # A copy is a dict of its own, which may be changed.
        return dict, (dict(self),)


class FixedDict(traitlets.Dict):
    """A trait whose value is ``Fixed``."""

    def validate(self, obj: Any, value: Any) -> Any:
        """The value as ``Fixed``; raises TraitError for what is no dict."""
        return Fixed(super().validate(obj, value) or {})


STILL = 'class="ql-alive"'
"""Stands in the still picture of each widget: a widget in the browser knows by it what may be saved without its live view (``dom.js``)."""

ALIVE = f"<p {STILL}><em>Run this cell (Shift+Enter) to use it.</em></p>"
"""What a still picture says of itself, unless it has words of its own."""


def with_static(live: Any, html: str, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A widget's display data with the HTML and the text that a saved page keeps when the widget is gone."""
    data, metadata = live if isinstance(live, tuple) else (live or {}, {})
    return {**data, "text/html": html if STILL in html else html + ALIVE, "text/plain": text}, metadata
