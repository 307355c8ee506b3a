"""The YAML of a topology: the page's own, comments kept, PyYAML as the oracle, and every kind of bad input at its line."""

import re
import time
from pathlib import Path

import pytest
import yaml

from quorumlab.topology import Topology

PAGE = """\
# Production: 5 nodes across 3 AZs
etcd-cluster:
  nodes:
    - name: etcd-1
      zone: us-east-1a
    - name: etcd-2
      zone: us-east-1b
    - name: etcd-3
      zone: us-east-1c
    - name: etcd-4
      zone: us-east-1a  # same zone as etcd-1, but different host
    - name: etcd-5
      zone: us-east-1b  # same zone as etcd-2, but different host

# Quorum = 3
# Can lose 1 entire AZ (2 nodes) and still have quorum
"""
HEAD = "etcd-cluster:\n  nodes:\n"
NODE = "    - name: a\n      zone: z\n"


def test_the_page_is_read_and_written_back_as_it_stands():
    t = Topology.from_yaml(PAGE)
    assert t.zone_of == {f"etcd-{i}": f"us-east-1{zone}" for i, zone in enumerate("abcab", start=1)}
    assert t.regions == {"us-east-1": t.members}
    assert t.to_yaml() == PAGE
    assert t == Topology.placed(t.zone_of)


def test_a_change_keeps_the_other_comments():
    changed = (
        Topology.from_yaml(PAGE).moved("etcd-4", "us-east-1c").joined("etcd-6", "eu-west-1a", role="learner")
    )
    said = changed.to_yaml()
    assert "# Production" in said and "# Quorum = 3" in said
    assert "same zone as etcd-2" in said and "same zone as etcd-1" not in said
    assert Topology.from_yaml(said) == changed
    assert "    - name: etcd-6\n      zone: eu-west-1a\n      role: learner\n" in said


def test_a_comment_above_a_node_goes_with_the_node():
    t = Topology.from_yaml(
        HEAD + "    # the old one\n" + NODE + "    # the new one\n    - name: b\n      zone: y\n"
    )
    assert t.without("b").to_yaml() == HEAD + "    # the old one\n" + NODE
    assert "# the old one" in t.moved("a", "x").to_yaml()
    assert Topology.from_yaml(t.moved("a", "x").to_yaml()) == t.moved("a", "x")


@pytest.mark.parametrize(
    "text",
    [
        HEAD + NODE,
        "---\n" + HEAD + NODE,
        "\ufeff" + HEAD + NODE,
        (HEAD + NODE).replace("\n", "\r\n"),
        (HEAD + NODE).rstrip("\n"),
        HEAD + "    - {name: a, zone: z}\n",
        HEAD + '    - {zone: \'z\', "name": "a"}  # one line\n',
        HEAD + "    -\n      zone: z\n      name: a\n",
        HEAD + "  - zone: z   # nodes may stand right under nodes:\n    # between\n\n    name: a\n",
        '"etcd-cluster":\n nodes:\n  -   name: "a"\n      zone: z\n      region: z\n      role: voter\n',
    ],
)
def test_what_yaml_allows_in_this_shape(text):
    t = Topology.from_yaml(text)
    assert t == Topology.placed({"a": "z"})
    assert Topology.from_yaml(t.to_yaml()) == t
    assert [
        node["name"] for node in yaml.safe_load(text.removeprefix("\ufeff"))["etcd-cluster"]["nodes"]
    ] == ["a"]


def test_quoted_names_are_what_they_say():
    t = Topology.from_yaml(
        HEAD + """    - name: 'it''s'\n      zone: "a \\"b\\" # c"\n    - name: c#d\n      zone: "12"\n"""
    )
    assert t.zone_of == {"it's": 'a "b" # c', "c#d": "12"}
    assert Topology.from_yaml(t.to_yaml()) == t


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file(tmp_path, kind):
    (tmp_path / "t.yaml").write_text(PAGE, encoding="utf-8")
    assert Topology.from_yaml(kind(tmp_path / "t.yaml")) == Topology.from_yaml(PAGE)


NODES = "".join(f"    - name: n{i}\n      zone: z\n" for i in range(10_000))
BOMB = "a: &a [x, x]\n" + "".join(
    f"{c}: &{c} [*{p}, *{p}, *{p}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)
)
BAD = {
    "empty": ("", "The topology is an empty text"),
    "blank": ("\n\n", "The YAML ends without etcd-cluster"),
    "no YAML": ("hello\nworld", "Line 1 is 'hello'"),
    "JSON": ('{"etcd-cluster": {"nodes": []}}', "Line 1 is"),
    "no nodes": (HEAD, "The YAML ends without at least 1 node"),
    "empty list": ("etcd-cluster:\n  nodes: []\n", "Line 2 is 'nodes: []'"),
    "no list": ("etcd-cluster:\n", "The YAML ends without nodes"),
    "another list": ("etcd-cluster:\n  members:\n", "Line 2 is 'members:'"),
    "duplicate name": (HEAD + NODE + NODE, "Line 5: the name 'a' stands twice"),
    "unknown key": (HEAD + NODE + "      rack: 7\n", "Line 5 has the key 'rack'"),
    "key twice": (HEAD + NODE + "      zone: y\n", "Line 5 gives the zone again"),
    "no zone": (HEAD + "    - name: a\n", "Line 3 begins a node without a zone"),
    "zone in two regions": (
        HEAD + NODE + "      region: r\n    - {name: b, zone: z, region: q}\n",
        "Line 6: zone 'z' is in region 'q' and in 'r'",
    ),
    "all learners": (HEAD + NODE + "      role: learner\n", "Line 3: all nodes are learners"),
    "unknown role": (HEAD + NODE + "      role: boss\n", "Line 3: the role of a is 'boss'"),
    "10,000 nodes": (HEAD + NODES, "Line 4003 begins node 2001"),
    "alias bomb": (BOMB, "Line 1 is 'a: &a [x, x]'"),
    "anchor": (HEAD + "    - name: &n a\n      zone: z\n", "Line 3 has an anchor as name"),
    "alias": (HEAD + "    - name: a\n      zone: *n\n", "Line 4 has an alias as zone"),
    "merge key": (HEAD + NODE + "      <<: *n\n", "Line 5 has"),
    "tag": (
        HEAD + "    - name: !!python/object/apply:os.system ['true']\n      zone: z\n",
        "Line 3 has a tag as name",
    ),
    "block text": (
        HEAD + "    - name: |\n        a\n      zone: z\n",
        "Line 3 has a text over several lines",
    ),
    "NaN": (
        HEAD + "    - name: a\n      zone: .nan\n",
        "Line 4 has as zone '.nan', which is no text in YAML",
    ),
    "number": (HEAD + "    - name: 1\n      zone: z\n", "Line 3 has as name '1', which is no text"),
    "truth": (HEAD + "    - name: yes\n      zone: z\n", "Line 3 has as name 'yes'"),
    "null": (HEAD + "    - name:\n      zone: z\n", "Line 3 has as name nothing"),
    "date": (HEAD + "    - name: 2026-01-01\n      zone: z\n", "Line 3 has as name '2026-01-01'"),
    "tab": (HEAD + "\t- name: a\n", "Line 3 has a tab"),
    "indent": (HEAD + "    - name: a\n     zone: z\n", "Line 4 stands 5 spaces from the margin"),
    "a key at the margin": (
        HEAD + NODE + "role: learner\n",
        "Line 5 stands 0 spaces from the margin, but the keys of a node must stand below each other; indent it by 6 spaces.",
    ),
    "a key below a lone dash": (
        HEAD + "    -\n    name: a\n",
        "Line 4 stands 4 spaces from the margin, but the keys of a node must stand below each other; indent it by 6 spaces.",
    ),
    "a node without its dash": (
        HEAD + NODE + "name: b\n",
        "Line 5 is 'name: b', but here only a node can stand; begin one with - name:",
    ),
    "a key below a node in braces": (
        HEAD + "    - {name: a, zone: z}\n      role: voter\n",
        "Line 4 is 'role: voter', but here only a node can stand",
    ),
    "node indent": (HEAD + NODE + "   - name: b\n", "Line 5 begins a node 3 spaces"),
    "open quote": (HEAD + "    - name: 'a\n      zone: z\n", "Line 3 has as name"),
    "open brace": (HEAD + "    - {name: a, zone: z\n", "Line 3 has '{name: a, zone: z'"),
    "escape": (HEAD + '    - name: "a\\x41"\n      zone: z\n', "Line 3 has as name"),
    "colon": (
        HEAD + "    - name: a: b\n      zone: z\n",
        "Line 3 has as name 'a: b', which is more than a text",
    ),
    "second document": (HEAD + NODE + "---\n" + HEAD, "Line 5 is '---'"),
    "after the nodes": (HEAD + NODE + "other: 1\n", "Line 5 is 'other: 1'"),
    "control character": (HEAD + "    - name: a\x00\n", "Line 3 holds a character"),
    "a line break of another kind": (HEAD + NODE + "# a\u2028b: c\n", "Line 5 holds a character"),
    "a space that is none": (HEAD + NODE + "\xa0\n", "Line 5 is '\\xa0'"),
    "name too long": (HEAD + f"    - name: {'x' * 999}\n      zone: z\n", "Line 3: a name is"),
    "too long": ("#" * 2_000_000 + "\n", "The YAML has 2000001 characters"),
    "a line of quotes": (HEAD + "    - name: " + "'" * 99_999 + "\n      zone: z\n", "Line 3 has as name"),
    "more quotes": (HEAD + "    - name: " + "x'" * 300_000 + "\n", "Line 3 begins a node without a zone"),
    "a deep line": (HEAD + "    - name: " + "[" * 99_999 + "\n", "Line 3 has a list as name"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_sentence_with_its_line_and_found_soon(kind):
    text, said = BAD[kind]
    began = time.perf_counter()
    with pytest.raises(ValueError, match="^" + re.escape(said)) as raised:
        Topology.from_yaml(text)
    assert (
        time.perf_counter() - began < 20
    )  # what goes through a long line for each of its letters takes far longer
    message = str(raised.value)
    assert message.endswith(".") and "\n" not in message and "; " in message and len(message) < 320


def test_paths_that_are_no_yaml(tmp_path):
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "zeros").write_bytes(bytes(100))
    (tmp_path / "huge").write_bytes(b"#" * 5_000_000)
    for given, error, said in [
        (tmp_path / "absent.yaml", FileNotFoundError, "does not exist"),
        ("absent.yaml", FileNotFoundError, "does not exist"),
        (tmp_path, FileNotFoundError, "is no file"),
        (Path("/dev/zero"), FileNotFoundError, "is no file"),
        (tmp_path / "binary", ValueError, "is no UTF-8 text"),
        (tmp_path / "zeros", ValueError, "Line 1 holds a character"),
        (tmp_path / "huge", ValueError, "characters, but at most"),
        ("x" * 5000, ValueError, "cannot be read"),
        (None, TypeError, "must be a path or a YAML text"),
        (b"etcd-cluster:\n", TypeError, "must be a path or a YAML text"),
    ]:
        with pytest.raises(error, match=said) as raised:
            Topology.from_yaml(given)
        assert str(raised.value).endswith(".") and "\n" not in str(raised.value)
