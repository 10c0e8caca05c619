"""The schema by which definitions are checked: values, or expressions in their place."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from pydantic import BaseModel, Field

from weir.nodes.base import Duration
from weir.nodes.builtin.switch import Switch
from weir.nodes.schema import authoring_schema


class Inner(BaseModel):
    """A part."""

    size: int = Field(ge=1)


class Config(BaseModel):
    """A whole."""

    count: int = 0
    inner: Inner | None = None
    parts: list[Inner] = []
    names: dict[str, int] = {}
    wait: Duration = 0.0
    query: str = Field("", json_schema_extra={"x-ui": {"literal": True}})
    secret: str | None = None


VALIDATOR = jsonschema_rs.validator_for(authoring_schema(Config, frozenset({"secret"})))


@pytest.mark.parametrize(
    "config",
    [
        {"count": "{{ input.n }}"},
        {"count": "${node.out}"},
        {"inner": "{{ input.inner }}"},
        {"inner": {"size": "{{ input.n }}"}},
        {"parts": "{{ input.parts }}"},
        {"parts": ["{{ input.part }}", {"size": "{{ 1 }}"}, {"size": 2}]},
        {"names": {"a": "{{ 1 }}", "b": 2}},
        {"wait": "{{ vars.wait }}"},
        {"wait": "1h30m"},
        {"wait": 5},
        {"query": "select 1"},
        {"secret": "{{ credentials.a.b }}"},
    ],
)
def test_an_expression_stands_wherever_a_value_does(config: Any) -> None:
    """At any depth."""
    assert [error.message for error in VALIDATOR.iter_errors(config)] == []


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"count": "many"}, ["count"]),
        ({"inner": {"size": 0}}, ["inner"]),
        ({"parts": [{"size": "{{ 1 }}"}, {"size": 0}]}, ["parts", 1, "size"]),
        ({"names": {"a": "x"}}, ["names", "a"]),
        ({"wait": "soon"}, ["wait"]),
        ({"wait": -1}, ["wait"]),
        ({"query": "select '{{ input.x }}'"}, ["query"]),
        ({"secret": "{{ input.token }}"}, ["secret"]),
    ],
)
def test_what_is_wrong_is_found_in_its_place(config: Any, place: list[str | int]) -> None:
    """The error points at the value, not at the whole."""
    assert [list(error.instance_path) for error in VALIDATOR.iter_errors(config)] == [place]


def test_the_ports_of_a_switch_are_its_cases() -> None:
    """In order, each once, with `default` at the end."""
    cases = [{"name": "b", "equals": 1}, {"name": "a", "when": "{{ x }}"}, {"name": "b"}]
    assert Switch.ports({"cases": cases}) == ("b", "a", "default")
