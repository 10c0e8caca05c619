"""Container: an error inside it can be dealt with."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from weir.nodes.base import Condition, Node, NodeModel

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,62}$")]


class Config(NodeModel):
    """Which errors are caught, and what comes of it."""

    codes: list[Code] = Field(
        default_factory=list,
        max_length=100,
        description="Codes of the errors that `catch` is for, as HTTP_503; all if empty.",
        json_schema_extra={"x-ui": {"literal": True}},
    )
    when: Condition | None = Field(
        None,
        description="`{{ … }}` over `error`: caught only if it is true.",
        json_schema_extra={"x-ui": {"widget": "expression", "yields": "boolean", "inside": True}},
    )
    output: Any = Field(
        None,
        description=(
            "Read at the end of `body` or of `catch`, whichever came to its end; "
            "else the output of its last step."
        ),
        json_schema_extra={"x-ui": {"inside": True}},
    )


class Try(Node[Config]):
    """Runs the steps of its section `body`; if one fails, those of `catch` take over.

    `catch` reads `error`, with `code`, `message`, `step` and `details`. `finally`
    runs in either case, also before an error that is not caught goes on. Both
    may be left out. The output is that of the section that came to its end.
    """

    type = "try"
    title = "Try"
    kind = "container"
    category = "control"
    icon = "shield"
    timeout_ms = 0
    sections = ("body", "catch", "finally")
