"""What spans hold as JSON reads back the same, whichever library wrote it."""

import enum
import json
from collections import namedtuple
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from composite_llm.json_text import json_text

ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
Point = namedtuple("Point", "x y")


class Role(enum.StrEnum):
    USER = "user"


@settings(max_examples=60, deadline=None)
@given(ANYTHING)
def test_it_reads_back_as_what_json_itself_writes(value):
    assert json.loads(json_text(value)) == json.loads(json.dumps(value, ensure_ascii=False, default=str))


@pytest.mark.parametrize(
    "value",
    [
        2**70,
        {1: "a", None: "b", False: "c"},
        {"at": datetime(2026, 9, 27, 12), "sum": Decimal("0.10"), "of": {1}},
        Point(1, 2),
        Role.USER,
        "half \ud83d a character",
        1e-05,
        [0.1 + 0.2, 1e22, -0.0],
    ],
)
def test_what_only_one_of_them_can_write_comes_out_alike(value):
    assert json.loads(json_text(value)) == json.loads(json.dumps(value, ensure_ascii=False, default=str))


def test_a_number_that_is_none_is_null_since_json_has_no_name_for_it():
    assert json_text([float("nan"), float("inf")]) == "[null,null]"


def test_a_prompt_is_written_as_it_is_and_without_spaces():
    assert (
        json_text([{"role": "user", "content": "Grüße, 世界"}]) == '[{"role":"user","content":"Grüße, 世界"}]'
    )
