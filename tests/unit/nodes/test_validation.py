"""What publishing says about configurations of the built-in types: words, never a validator's."""

from __future__ import annotations

from typing import Any

import pytest

from weir.core.validate import Problem, validate
from weir.nodes.registry import catalogue


def problems(node_type: str, config: dict[str, Any], **more: Any) -> list[Problem]:
    """The errors of a definition with one such node."""
    node = {"id": "it", "type": node_type, "config": config, **more}
    definition = {
        "schema": "weir/v1",
        "name": "one",
        "nodes": [{"id": "start", "type": "manual"}, node],
        "edges": [{"source": "start", "target": "it"}],
    }
    return list(validate(definition, catalogue()).errors)


@pytest.mark.parametrize(
    ("config", "advice"),
    [
        ({"duration": "soon"}, "500ms, 90s, 1h30m, 2d"),
        ({"duration": True}, "500ms, 90s, 1h30m, 2d"),
        ({"until": "soon"}, "2027-01-31T09:00:00Z"),
        ({"until": "2027-01-31T09:00:00"}, "A time with its zone"),
        ({"until": 5}, "A time with its zone"),
        ({}, "exactly one of the two"),
        ({"duration": "1s", "until": "2027-01-31T09:00:00Z"}, "exactly one of the two"),
    ],
)
def test_a_delay_that_can_never_be_is_told_at_publish(config: dict[str, Any], advice: str) -> None:
    """Before the first run, with what is wanted there."""
    (problem,) = problems("delay", config)
    assert problem.code == "CONFIG_INVALID"
    assert advice in problem.advice
    assert "schemas listed" not in problem.message


@pytest.mark.parametrize("until", ["2027-01-31T09:00:00Z", "2027-01-31 09:00+01:00", "{{ input }}"])
def test_a_time_or_an_expression_is_taken(until: str) -> None:
    """RFC 3339, with a zone."""
    assert problems("delay", {"until": until}) == []


@pytest.mark.parametrize("name", ["{{ input.x }}", "default", "error", "a b", ""])
def test_a_case_is_a_port_and_so_a_constant(name: str) -> None:
    """An edge from a port that is made up while the run goes on would never be taken."""
    (problem,) = problems("switch", {"cases": [{"name": name, "equals": 1}]})
    assert problem.code == "CONFIG_INVALID"
    assert "port" in problem.advice


def test_a_join_that_is_none_is_told_in_words() -> None:
    """The definition's own fields have descriptions too."""
    (problem,) = problems("merge", {}, join="two")
    assert (problem.code, problem.path) == ("DEFINITION_SCHEMA", "/nodes/1/join")
    assert "all, any, or a number" in problem.advice
