"""The YAML of a topology: a strict reader for the shape of the tutorial page, and its writer.

    # Production: 5 nodes across 3 AZs
    etcd-cluster:
      nodes:
        - name: etcd-1
          zone: us-east-1a
          region: us-east-1    # if not given, read off the zone
          role: voter          # or learner, or witness (not in etcd)

A node may also stand in one line, `- {name: etcd-1, zone: us-east-1a}`. Whatever else YAML can say (anchors and aliases, tags,
several documents, texts over several lines) is refused at its line, so that nothing is ever expanded or executed. No library is
needed, so that a browser's Python reads it too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from quorumlab.arguments import MAX_MEMBERS, shown
from quorumlab.topology.placement import VOTER, Placement, problem

MOST_CHARACTERS = 1_000_000
KEYS = ("name", "zone", "region", "role")
TOP, LIST = "etcd-cluster", "nodes"
EXAMPLE = (
    "write for example etcd-cluster:, below it nodes:, and below that - name: etcd-1 and zone: us-east-1a"
)

_KEY = re.compile(r"(?P<key>[\w.-]+|'[^']*'|\"[^\"]*\")\s*:(?:\s+(?P<value>.*))?")
_BROKEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_PLAIN = re.compile(r"[A-Za-z][\w./-]*( [\w./-]+)*", re.ASCII)
_NO_TEXT = re.compile(  # what YAML 1.1 and 1.2 take for a number, a truth value, nothing or a date
    r"[-+]?(\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|0x[0-9a-fA-F_]+|0o?[0-7_]+|0b[01_]+|\.(inf|nan))"
    r"|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"
    r"|true|false|yes|no|on|off|null|nan|~",
    re.IGNORECASE,
)
_SIGNS = {
    "&": "an anchor",
    "*": "an alias",
    "!": "a tag",
    "|": "a text over several lines",
    ">": "a text over several lines",
    "%": "a directive",
    "@": "a reserved sign",
    "`": "a reserved sign",
    "[": "a list",
    "{": "a mapping",
    "?": "a complex key",
}


@dataclass(frozen=True)
class Source:
    """The text a topology was read from, cut at its nodes, so that its comments can stay when it is written again."""

    text: str
    header: tuple[str, ...]
    nodes: tuple[tuple[Placement, tuple[str, ...]], ...]
    footer: tuple[str, ...]
    indent: str


@dataclass
class _Node:
    """A node being read: its first line's number, the lines above it that belong to it, its own, and its keys with their lines."""

    line: int
    above: list[str]
    lines: list[str] = field(default_factory=list)
    given: dict[str, tuple[str, int]] = field(default_factory=dict)


def read_file(path_or_text: object) -> str:
    """The text itself, or what the file holds. FileNotFoundError or ValueError, in one sentence, if that cannot be read."""
    if isinstance(path_or_text, str):
        if "\n" in path_or_text or ": " in path_or_text or path_or_text.rstrip().endswith(":"):
            return path_or_text
        if not path_or_text.strip():
            raise ValueError(f"The topology is an empty text, but needs at least 1 node; {EXAMPLE}.")
    if not isinstance(path_or_text, str | os.PathLike):
        raise TypeError(
            f"The topology is {shown(path_or_text)}, but must be a path or a YAML text; write either in quotes."
        )
    path = Path(path_or_text)
    try:
        if not path.is_file():  # a device could be read for ever
            what = "is no file" if path.exists() else "does not exist"
            raise FileNotFoundError(
                f"The path {shown(str(path))} {what}; name a YAML file, or give its text."
            )
        raw = path.read_bytes() if path.stat().st_size <= 4 * MOST_CHARACTERS else b"\n" * MOST_CHARACTERS * 4
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(
            f"The file {shown(str(path))} is no UTF-8 text, but must be YAML; name another file."
        ) from None
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise ValueError(
            f"The path {shown(str(path))} cannot be read ({type(error).__name__}); name a YAML file, or give its text."
        ) from None


def parse(text: str, derived: Callable[[object], str]) -> tuple[tuple[Placement, ...], Source]:
    """The placements in a text and the text cut at its nodes. ValueError, naming the line, for anything out of shape."""
    if len(text) > MOST_CHARACTERS:
        raise ValueError(
            f"The YAML has {len(text)} characters, but at most {MOST_CHARACTERS} are read; shorten it."
        )
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    reader = _Reader()
    for number, line in enumerate(lines, start=1):
        reader.read(number, line)
    reader.finish()
    placements = tuple(_placement(node, derived) for node in reader.nodes)
    wrong = problem(placements)
    if wrong:
        raise ValueError(f"Line {reader.nodes[wrong.at or 0].line}: {wrong.sentence}.")
    cut = tuple((p, (*n.above, *n.lines)) for p, n in zip(placements, reader.nodes, strict=True))
    return placements, Source(
        text, tuple(reader.header), cut, tuple(reader.waiting), " " * (reader.item or 0)
    )


def write(placements: Sequence[Placement], source: Source | None, derived: Callable[[object], str]) -> str:
    """These placements as YAML, with the comments of `source` that still belong somewhere."""
    if source and tuple(place for place, _ in source.nodes) == tuple(placements):
        return source.text
    kept = {place.name: (place, lines) for place, lines in source.nodes} if source else {}
    out = list(source.header) if source else [f"{TOP}:", f"  {LIST}:"]
    indent = source.indent if source else "    "
    for place in placements:
        before, lines = kept.get(place.name, (None, ()))
        if before == place:
            out += lines
        else:
            out += [line for line in lines if line.lstrip().startswith("#")] + _written(
                place, indent, derived
            )
    return "\n".join([*out, *(source.footer if source else ("",))])


def _written(place: Placement, indent: str, derived: Callable[[object], str]) -> list[str]:
    fields = {"name": place.name, "zone": place.zone}
    if place.region != derived(place.zone):
        fields["region"] = place.region
    if place.role != VOTER:
        fields["role"] = place.role
    return [
        f"{indent}{'  ' if i else '- '}{key}: {_quoted(value)}"
        for i, (key, value) in enumerate(fields.items())
    ]


def _quoted(value: str) -> str:
    plain = _PLAIN.fullmatch(value) and not _NO_TEXT.fullmatch(value)
    return value if plain else "'" + value.replace("'", "''") + "'"


class _Reader:
    """Takes the lines in order: the two keys first, then the nodes."""

    def __init__(self) -> None:
        self.header: list[str] = []
        self.waiting: list[str] = []  # comments and empty lines that belong to what comes next
        self.nodes: list[_Node] = []
        self.top: int | None = (
            None  # the indents of `nodes:`, of the nodes' dashes and of the keys of the node being read
        )
        self.item: int | None = None
        self.key: int | None = None
        self.begun = False

    def read(self, number: int, line: str) -> None:
        """One line. ValueError if it does not fit here."""
        if _BROKEN.search(line) or "\r" in line:
            raise ValueError(
                f"Line {number} holds a character that no text has, but the file must be YAML; give a text file."
            )
        content = _without_comment(line).rstrip(" ")
        if not content.strip(" \t") or (content == "---" and not self.begun):
            self.waiting.append(line)
            return
        if "\t" in content:
            raise ValueError(f"Line {number} has a tab, but YAML is indented by spaces; replace the tab.")
        indent = len(content) - len(content.lstrip(" "))
        content = content.strip(" ")
        if not self.begun:
            self._opens(number, line, indent == 0 and _is_key(content, TOP), TOP)
            self.begun = True
        elif self.top is None:
            self._opens(number, line, indent > 0 and _is_key(content, LIST), LIST)
            self.top = indent
        elif content == "-" or content.startswith("- "):
            self._node(number, line, indent, content)
        else:
            self._more(number, line, indent, content)

    def _opens(self, number: int, line: str, fits: bool, wanted: str) -> None:
        if not fits:
            raise ValueError(
                f"Line {number} is {shown(line.strip(' '))}, but {wanted}: must stand here, with nothing after it; {EXAMPLE}."
            )
        self.header += [*self.waiting, line]
        self.waiting = []

    def _node(self, number: int, line: str, indent: int, content: str) -> None:
        if self.item is None:
            self.item = indent
        if indent != self.item or indent < (self.top or 0):
            raise ValueError(
                f"Line {number} begins a node {indent} spaces from the margin, but the nodes must stand below each "
                f"other, under nodes:; indent it by {max(self.item, self.top or 0)} spaces."
            )
        if len(self.nodes) == MAX_MEMBERS:
            raise ValueError(
                f"Line {number} begins node {MAX_MEMBERS + 1}, but at most {MAX_MEMBERS} can be placed; leave some out."
            )
        node = _Node(number, self.waiting)
        self.waiting = []
        self.nodes.append(node)
        rest = content[1:].lstrip(" ")
        node.lines.append(line)
        if rest.startswith("{"):
            self.key = None
            for pair in _flow(number, rest):
                _take(node, number, pair)
        elif rest:
            self.key = indent + len(content) - len(rest)
            _take(node, number, rest)
        else:
            self.key = -1  # the keys' indent is that of the next line

    def _more(self, number: int, line: str, indent: int, content: str) -> None:
        if self.key == -1 and indent > (self.item or 0):
            self.key = indent
        if (
            not self.nodes
            or self.key is None
            or (indent <= (self.item or 0) and not self._is_of_node(content))
        ):
            raise ValueError(
                f"Line {number} is {shown(line.strip(' '))}, but here only a node can stand; begin one with - name: and a "
                f"zone: below."
            )
        if indent != self.key:
            wanted = self.key if self.key > 0 else (self.item or 0) + 2
            raise ValueError(
                f"Line {number} stands {indent} spaces from the margin, but the keys of a node must stand below each "
                f"other; indent it by {wanted} spaces."
            )
        node = self.nodes[-1]
        node.lines += [*self.waiting, line]
        self.waiting = []
        _take(node, number, content)

    def _is_of_node(self, content: str) -> bool:
        """Whether a line is a key that the node being read still lacks."""
        found = _KEY.fullmatch(content)
        key = found["key"].strip("'\"") if found else ""
        return key in KEYS and key not in self.nodes[-1].given

    def finish(self) -> None:
        """ValueError if the text ended too early."""
        if not self.begun or self.top is None or not self.nodes:
            missing = TOP if not self.begun else LIST if self.top is None else "at least 1 node"
            raise ValueError(f"The YAML ends without {missing}, but a topology needs it; {EXAMPLE}.")


def _take(node: _Node, number: int, pair: str) -> None:
    """Put a `key: value` into its node."""
    found = _KEY.fullmatch(pair)
    if not found:
        raise ValueError(
            f"Line {number} has {shown(pair)}, but must have a key, a colon, a space and a value; write for example "
            f"zone: us-east-1a."
        )
    key = found["key"].strip("'\"")
    if key not in KEYS:
        raise ValueError(
            f"Line {number} has the key {shown(key)}, but a node has only name, zone, region and role; rename or remove it."
        )
    if key in node.given:
        raise ValueError(f"Line {number} gives the {key} again, but a node has one; remove one of the two.")
    node.given[key] = (_scalar(number, key, found["value"] or ""), number)


def _placement(node: _Node, derived: Callable[[object], str]) -> Placement:
    for key in ("name", "zone"):
        if key not in node.given:
            raise ValueError(
                f"Line {node.line} begins a node without a {key}, but each needs a name and a zone; add {key}: below it."
            )
    text = {key: value for key, (value, _) in node.given.items()}
    return Placement(
        text["name"], text["zone"], text.get("region", derived(text["zone"])), text.get("role", VOTER)
    )


def _scalar(number: int, key: str, value: str) -> str:
    """A plain or quoted text; ValueError for all else that YAML could mean."""
    value = value.strip(" ")
    if value[:1] in ("'", '"'):
        return _unquoted(number, key, value)
    if value[:1] in _SIGNS and value:
        raise ValueError(
            f"Line {number} has {_SIGNS[value[0]]} as {key}, {shown(value)}, but only a plain text is read here; write "
            f"the {key} itself."
        )
    if not value or _NO_TEXT.fullmatch(value):
        what = f"{shown(value)}, which is no text in YAML" if value else "nothing"
        raise ValueError(f"Line {number} has as {key} {what}, but it must be a text; write it in quotes.")
    if ": " in value or value.endswith(":") or value.startswith(("- ", ",", "]", "}", "#")) or value == "-":
        raise ValueError(
            f"Line {number} has as {key} {shown(value)}, which is more than a text in YAML; write it in quotes."
        )
    return value


def _unquoted(number: int, key: str, value: str) -> str:
    quote, inner = value[0], value[1:-1]
    bare = inner.replace("''", "") if quote == "'" else re.sub(r'\\[\\"]', "", inner)
    if len(value) < 2 or value[-1] != quote or quote in bare or (quote == '"' and "\\" in bare):
        raise ValueError(
            f"Line {number} has as {key} {shown(value)}, whose quotes are not understood; write it in single quotes."
        )
    return inner.replace("''", "'") if quote == "'" else re.sub(r'\\([\\"])', r"\1", inner)


def _without_comment(line: str) -> str:
    """The line up to a # that begins a comment: at its start or after a space, and not within quotes."""
    quote, escaped, before = "", False, ""  # before: the last sign that was no space
    for i, sign in enumerate(line):
        if quote:
            if sign == quote and not escaped:
                quote = ""
            escaped = quote == '"' and sign == "\\" and not escaped
        elif sign in "'\"" and before in (":", "-", "{", ",", ""):
            quote = sign
        elif sign == "#" and (i == 0 or line[i - 1] in " \t"):
            return line[:i]
        before = sign if sign != " " else before
    return line


def _flow(number: int, rest: str) -> list[str]:
    """The pairs of `{name: etcd-1, zone: us-east-1a}`."""
    if not rest.endswith("}") or len(rest) < 2:
        raise ValueError(
            f"Line {number} has {shown(rest)}, but a node in braces must end on its line; close it with }}."
        )
    pairs = re.findall(r"(?:'[^']*'|\"[^\"]*\"|[^,'\"])+", rest[1:-1])
    return [pair.strip() for pair in pairs if pair.strip()]


def _is_key(content: str, key: str) -> bool:
    found = _KEY.fullmatch(content)
    return bool(found) and found["key"].strip("'\"") == key and not found["value"]  # type: ignore[index]
