"""What may cross to another process: JSON values as they are, everything else as the name of its type."""

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorumlab.course.answers import Odd, Stopped
from quorumlab.course.wire import to_wire

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_json_crosses_unchanged(value: Any) -> None:
    text = json.dumps(value, allow_nan=False)
    assert json.dumps(to_wire(value), allow_nan=False) == text == json.dumps(to_wire(json.loads(text)))


@pytest.mark.parametrize(
    ("value", "crosses"),
    [
        ((1, (2, 3)), [1, [2, 3]]),
        (Fraction(1, 4), 0.25),
        (Decimal("0.5"), 0.5),
        (True, True),
        (Stopped("ValueError"), Stopped("ValueError")),
    ],
)
def test_what_has_a_plain_form_is_brought_into_it(value: object, crosses: object) -> None:
    assert to_wire(value) == crosses and type(to_wire(value)) is type(crosses)


class Liar(int):
    __class__ = int  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({1, 2}, "set"),
        (b"x", "bytes"),
        (float("nan"), "float that is not finite"),
        ([1, float("inf")], "float that is not finite"),
        (Fraction(10**400), "Fraction that is not finite"),
        (10**2000, "int that is too long"),
        ("x" * 100_001, "str that is too long"),
        ("\ud800", "str that is no Unicode"),
        ({1: 2}, "dict whose keys are not all strings"),
        ({"a": {2: 3}}, "dict whose keys are not all strings"),
        ({"\ud800": 1}, "dict whose keys are not all strings"),
        (Liar(3), "Liar"),
        ([{"a": (Liar(3),)}], "Liar"),
        (object(), "object"),
        (len, "builtin_function_or_method"),
        ([0] * 10_001, "list that is too long or too deep"),
        ((lambda nested: [nested.append(nested), nested][1])([]), "list that is too long or too deep"),
    ],
)
def test_anything_else_is_refused_by_the_name_of_its_type(value: object, kind: str) -> None:
    assert to_wire(value) == Odd(kind)
