"""What a node declares of its output, held against a value.

A breach names places and reasons, never values: these may come from a credential.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jsonschema_rs
import orjson

SHOWN = 5
KEPT = 200


def breach(schema: Any, value: Any) -> str:
    """In which places the value is otherwise than the schema says; empty if it fits."""
    found = []
    for error in masked(schema).iter_errors(value):
        place = ".".join(map(str, error.instance_path)) or "the output"
        found.append(f"{place}: {error.message}")
        if len(found) == SHOWN:
            break
    return "; ".join(found)[:1_000]


def masked(schema: Any) -> jsonschema_rs.Validator:
    """A validator whose messages show no values."""
    return _compiled(orjson.dumps(schema))


@lru_cache(KEPT)
def _compiled(schema: bytes) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(
        orjson.loads(schema),
        offline=True,
        mask="the value",
        pattern_options=jsonschema_rs.RegexOptions(),
    )
