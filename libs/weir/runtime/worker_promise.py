"""What a node promises of its output, kept: an output of another form is none.

The check is of what would be stored, and names places and reasons, never
values: these may come from a credential.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

from weir.ports.node_context import Terminal

SHOWN = 5
KEPT = 200


def keep(schema: Any, data: bytes) -> None:
    """Terminal (OUTPUT_INVALID) if this JSON does not fit the schema."""
    validator = _validator(orjson.dumps(schema))
    errors = [
        f"{'.'.join(map(str, error.instance_path)) or 'the output'}: {error.message}"
        for error in _first(validator, orjson.loads(data))
    ]
    if errors:
        raise Terminal(
            f"the output does not fit the node's output_schema: {'; '.join(errors)[:1_000]}. Give "
            "what is promised, or publish another promise",
            code="OUTPUT_INVALID",
        )


def _first(validator: jsonschema_rs.Validator, value: Any) -> list[jsonschema_rs.ValidationError]:
    found = []
    for error in validator.iter_errors(value):
        found.append(error)
        if len(found) == SHOWN:
            break
    return found


@lru_cache(KEPT)
def _validator(schema: bytes) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        orjson.loads(schema),
        offline=True,
        mask="the value",
        pattern_options=jsonschema_rs.RegexOptions(),
    )
