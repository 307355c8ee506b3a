"""An editor driven without a front end: what is written is reviewed, what cannot be read is told with its line."""

import pytest

import quorumlab as ql
from quorumlab.experiments.zones import FIVE_OVER_THREE
from quorumlab.views.topology import reviewed
from quorumlab.widgets.editor import MOST_CHARACTERS


@pytest.fixture
def editor() -> ql.Editor:
    return ql.Editor(reviewed, FIVE_OVER_THREE, label="The topology:")


def test_what_is_written_is_reviewed_at_once(editor: ql.Editor) -> None:
    assert editor.sentence.startswith("Any zone may be lost: the fullest, us-east-1a, holds 2 of 5 voters")
    before = editor.picture
    editor.text = FIVE_OVER_THREE.replace("zone: us-east-1c", "zone: us-east-1a")
    assert editor.sentence.startswith("The loss of us-east-1a stops writes: it holds 3 of 5 voters")
    assert "Smallest change: move etcd-4 to " in editor.sentence
    assert editor.picture != before and editor.table["rows"][0][:2] == [
        "us-east-1a",
        "etcd-1, etcd-3, etcd-4",
    ]
    assert (editor.problem, editor.line) == ("", 0)


@pytest.mark.parametrize(
    ("find", "put", "line", "says"),
    [
        ("zone: us-east-1c", "place: us-east-1c", 9, "Line 9 has the key 'place'"),
        ("name: etcd-3", "name: etcd-1", 8, "Line 8: the name 'etcd-1' stands twice"),
        ("  nodes:", "  nodez:", 3, "Line 3 is 'nodez:', but nodes: must stand here"),
        ("zone: us-east-1b\n", "zone: *b\n", 7, "Line 7 has an alias as zone"),
        ("      zone: us-east-1a\n", "", 4, "Line 4 begins a node without a zone"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_last_picture_stays(
    editor: ql.Editor, find: str, put: str, line: int, says: str
) -> None:
    before = editor.picture, editor.sentence
    editor.text = FIVE_OVER_THREE.replace(find, put, 1)
    assert editor.problem.startswith(says) and editor.problem.count(". ") == 0
    assert editor.line == line and (editor.picture, editor.sentence) == before
    assert "Any zone may be lost" in editor._repr_mimebundle_()[0]["text/plain"]
    editor.text = FIVE_OVER_THREE
    assert (editor.problem, editor.line) == ("", 0)


def test_nothing_written_is_taken_for_a_path_and_too_much_is_not_read(editor: ql.Editor) -> None:
    editor.text = "/etc/hostname"
    assert editor.problem.startswith("Line 1 is '/etc/hostname', but etcd-cluster: must stand here")
    editor.text = ""
    assert editor.problem.startswith("The YAML ends without etcd-cluster") and editor.line == 0
    editor.text = "#" * (MOST_CHARACTERS + 1)
    assert editor.problem == "The text has 20001 characters, but at most 20000 are read here; shorten it."


def test_a_first_text_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match="Line 1 is 'nodes:'"):
        ql.Editor(reviewed, "nodes:")
    with pytest.raises(TypeError, match="The text to edit is 5, but must be a text"):
        ql.Editor(reviewed, 5)  # type: ignore[arg-type]
