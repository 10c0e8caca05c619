"""YAML is read as JSON is."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weir.contract.errors import InvalidJsonError
from weir.runtime import yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: yes", {"a": "yes"}),
        ("on: off", {"on": "off"}),
        ("a: 2020-01-01", {"a": "2020-01-01"}),
        ("a: 12:30:45", {"a": "12:30:45"}),
        ("a: 010", {"a": 10}),
        ("a: 0x10", {"a": "0x10"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: 1e3", {"a": 1000.0}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("true: 1", {"true": 1}),
        ("1: x", {"1": "x"}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ('a: "1"', {"a": "1"}),
        ("a: {{ x }}", None),
        ('a: "{{ x }}"', {"a": "{{ x }}"}),
        ("", None),
    ],
)
def test_scalars_are_what_json_knows(text: str, value: Any) -> None:
    """Text stays text; keys are text as written."""
    if value is None and text:
        with pytest.raises(InvalidJsonError):
            yaml.parse(text.encode())
    else:
        assert yaml.parse(text.encode()) == value


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\na: 2", 2),
        ("a: &x 1\nb: *x", 2),
        ("a: !!python/object:os.system x", 1),
        ("a: !!set {x}", 1),
        ("a: !mine x", 1),
        ("a: 1\nb: [", 3),
        ("? [1]\n: 2", 1),
        ("- 1\n--- \n- 2", 2),
        ("a: 1e999", 1),
        ("[" * 101 + "]" * 101, 1),
        ("[" * 100_000, 1),
    ],
)
def test_what_json_cannot_say_is_refused_with_its_place(text: str, line: int) -> None:
    """Aliases above all: a few lines of them unfold into gigabytes."""
    with pytest.raises(InvalidJsonError) as refused:
        yaml.parse(text.encode())
    assert refused.value.details["line"] == line


def test_bytes_that_are_no_text_are_refused() -> None:
    """With the place of the byte."""
    with pytest.raises(InvalidJsonError, match="byte 3"):
        yaml.parse(b"a: \xff")


# YAML 1.1 takes no other control characters, and reads a few as line breaks.
TEXT = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="\ufeff"), max_size=20
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner),
    max_leaves=12,
)


@given(value=JSON)
def test_json_is_yaml(value: Any) -> None:
    """What JSON says is read as itself."""
    assert yaml.parse(orjson.dumps(value)) == value
