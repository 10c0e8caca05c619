"""What a node promises of its output, kept: an output of another form is none.

The check is of what would be stored.
"""

from __future__ import annotations

from typing import Any

import orjson

from weir.core.promise import breach
from weir.ports.node_context import Terminal


def keep(schema: Any, data: bytes) -> None:
    """Terminal (OUTPUT_INVALID) if this JSON does not fit the schema."""
    errors = breach(schema, orjson.loads(data))
    if errors:
        raise Terminal(
            f"the output does not fit the node's output_schema: {errors}. Give what is promised, "
            "or publish another promise",
            code="OUTPUT_INVALID",
        )
