"""Limits in the settings: what is taken, what is frozen, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.validation.catalogue import CATALOGUE, definition, node
from weir.core.validate import validate

A = node("a")


def checked(settings: dict[str, Any]) -> Any:
    """A definition with these settings."""
    return validate(definition(A, edges=[], settings=settings), CATALOGUE)


def test_limits_are_frozen_with_their_defaults() -> None:
    """What is not said is filled in, times are milliseconds."""
    found = checked(
        {
            "priority": "high",
            "concurrency": {"key": "{{ input.repo }}"},
            "debounce": {"key": "{{ input.repo }}", "for": "30s"},
            "integrations": {"api.x": {"rate": {"limit": 5, "per": "1s"}, "breaker": {}}},
        }
    )
    assert found.errors == ()
    settings = found.frozen["settings"]
    assert settings["priority"] == "high"
    assert settings["concurrency"] == {"key": "{{ input.repo }}", "limit": 1, "policy": "queue"}
    assert settings["debounce"] == {"key": "{{ input.repo }}", "for_ms": 30_000}
    assert settings["integrations"] == {
        "api.x": {
            "rate": {"limit": 5, "per_ms": 1_000},
            "breaker": {"failures": 20, "within_ms": 60_000, "open_ms": 30_000},
        }
    }


def test_without_limits_a_version_keeps_its_content() -> None:
    """Nothing new stands in the frozen form of what says nothing about limits."""
    assert set(checked({}).frozen["settings"]) == {"timeout_ms", "labels", "search"}


@pytest.mark.parametrize(
    ("settings", "code", "path"),
    [
        (
            {"concurrency": {"key": "{{ steps.a }}"}},
            "EXPRESSION_UNKNOWN_NAME",
            "/settings/concurrency/key",
        ),
        ({"concurrency": {"limit": 1}}, "DEFINITION_SCHEMA", "/settings/concurrency"),
        (
            {"concurrency": {"key": "x", "policy": "wait"}},
            "DEFINITION_SCHEMA",
            "/settings/concurrency/policy",
        ),
        ({"debounce": {"key": "x", "for": "soon"}}, "DURATION_INVALID", "/settings/debounce/for"),
        (
            {"integrations": {"api.x": {"rate": {"limit": 1, "per": 0}}}},
            "DURATION_INVALID",
            "/settings/integrations/api.x/rate/per",
        ),
        ({"priority": "urgent"}, "DEFINITION_SCHEMA", "/settings/priority"),
    ],
)
def test_what_is_wrong_is_named_where_it_stands(
    settings: dict[str, Any], code: str, path: str
) -> None:
    """Each mistake has its code and its place."""
    found = [(error.code, error.path) for error in checked(settings).errors]
    assert found == [(code, path)]
