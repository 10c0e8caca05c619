"""Inline: one of many ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from weir.nodes.base import Condition, Node, NodeModel

CaseName = Annotated[
    str,
    StringConstraints(pattern=r"^(?!(?:default|error)$)[A-Za-z0-9][A-Za-z0-9_-]{0,62}$"),
    Field(
        description="Name of the port.", json_schema_extra={"x-ui": {"port": True, "literal": True}}
    ),
]


class EqualsCase(NodeModel):
    """Taken if the value is this one."""

    name: CaseName
    equals: Any


class WhenCase(NodeModel):
    """Taken if the condition holds."""

    name: CaseName
    when: Condition


Case = Annotated[
    EqualsCase | WhenCase,
    Field(description="A `name`, which is a port and not default or error, and `equals` or `when`"),
]


class Config(NodeModel):
    """What is compared, and the ways in order."""

    value: Any = Field(None, description="What the `equals` of the cases are compared with.")
    cases: list[Case] = Field(
        min_length=1, max_length=100, description="The first case that fits is taken."
    )


class Switch(Node[Config]):
    """Goes on by the port of the first case that fits, or by `default`.

    A case fits if its `equals` is the node's `value`, or if its own `when` is
    true. All other branches are skipped. The output is `case`, the name of the
    port.
    """

    type = "switch"
    title = "Switch"
    kind = "inline"
    category = "control"
    icon = "route"

    @classmethod
    def ports(cls, config: Mapping[str, Any]) -> tuple[str, ...]:
        """The cases' names in order, each once, and `default`."""
        cases = config.get("cases")
        names = [
            case["name"]
            for case in (cases if isinstance(cases, list) else ())
            if isinstance(case, Mapping) and isinstance(case.get("name"), str)
        ]
        return (*dict.fromkeys(names), "default")

    @classmethod
    def output(cls, config: Mapping[str, Any]) -> Mapping[str, Any] | None:  # noqa: ARG003 - always the same
        """The port."""
        return {
            "type": "object",
            "properties": {"case": {"type": "string"}},
            "additionalProperties": False,
        }
