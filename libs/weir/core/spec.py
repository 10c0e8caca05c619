"""What the core must know of a node type to check, freeze and run it.

The node registry makes these from its classes; the core never imports a node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import jsonschema_rs

Kind = Literal["trigger", "inline", "task", "container"]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a step is tried; times in milliseconds."""

    max_attempts: int = 1
    initial_ms: float = 1_000
    factor: float = 2.0
    max_ms: float = 60_000
    jitter: float = 0.2
    retry_if: str = ""  # a template; empty: whatever the node calls retryable


def _out(_: Mapping[str, Any]) -> tuple[str, ...]:
    return ("out",)


def _anything(_: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return None


@dataclass(frozen=True)
class NodeSpec:
    """One node type.

    `config_schema` is of a config as authors write it: where a value may be an
    expression, the schema takes a text that holds one. `ports(config)` names
    the outbound ports of a node with such a config, without `error`, which any
    node has under `on_error: route`.
    `output(config)` is a JSON Schema of what such a node gives, None if nothing
    is known of it. `sections` are those that a container divides its inside into.
    `secret_fields` are the top-level config fields in which `credentials.<name>`
    may be read; they are left to the executor.
    """

    type: str
    kind: Kind
    version: int = 1
    config_schema: Mapping[str, Any] = field(default_factory=dict)
    ports: Callable[[Mapping[str, Any]], tuple[str, ...]] = _out
    output: Callable[[Mapping[str, Any]], Mapping[str, Any] | None] = _anything
    sections: tuple[str, ...] = ()
    secret_fields: frozenset[str] = frozenset()
    retry: RetryPolicy = RetryPolicy()
    timeout_ms: float = 60_000
    queue: str = "default"
    effect: Literal["none", "read", "write"] = "none"

    @cached_property
    def config_validator(self) -> jsonschema_rs.Validator:
        """Of `config_schema`. To make one takes longer than all else of a definition's checks."""
        return jsonschema_rs.validator_for(dict(self.config_schema), offline=True, mask="the value")


Catalogue = Mapping[str, NodeSpec]
