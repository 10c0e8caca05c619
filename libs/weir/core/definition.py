"""The form of a definition, as authors write it: schema weir/v1.

The JSON Schema here is the one that is published and the one that publishing
checks by. It takes what the engine can run today; what later versions will add
is named in `LATER`, so that a definition from the future is refused with that
reason and never half understood.
"""

from __future__ import annotations

from typing import Any

import orjson

SCHEMA_ID = "weir/v1"
MAX_NODES = 2_000
MAX_EDGES = 10_000

NODE_ID = r"^[a-z][a-z0-9_]{0,62}$"
NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$"
INTEGRATION = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,252}$"
CREDENTIAL = r"^\s*\{\{\s*credentials\.[a-z][a-z0-9_]{0,62}\s*\}\}\s*$"
QUEUE = r"^[A-Za-z0-9_-]{1,64}$"

LATER = {
    "settings": frozenset(),
    "node": frozenset({"cache"}),
    "type": frozenset({"schedule", "event"}),
}

_DURATION = {
    "type": ["string", "number"],
    "maxLength": 40,
    "description": "500ms, 90s, 1h30m, 2d, ISO 8601 like PT1M, or a number of seconds",
}
_POINT = {
    "type": "object",
    "properties": {"x": {"type": "number"}, "y": {"type": "number"}},
    "required": ["x", "y"],
    "additionalProperties": False,
}
_RETRY = {
    "type": "object",
    "description": "What is not said is as the node's type has it.",
    "properties": {
        "max_attempts": {"type": "integer", "minimum": 1, "maximum": 1_000},
        "initial": {**_DURATION, "description": "Pause before the second attempt."},
        "factor": {"type": "number", "minimum": 1, "maximum": 100},
        "max": {**_DURATION, "description": "Longest pause."},
        "jitter": {"type": "number", "minimum": 0, "maximum": 1},
        "retry_if": {
            "type": "string",
            "maxLength": 20_000,
            "description": "An expression over `error`; tried again only if it is true.",
        },
    },
    "additionalProperties": False,
}
_AFTERWARDS = {
    "search": {
        "type": "object",
        "maxProperties": 32,
        "propertyNames": {"pattern": NAME},
        "additionalProperties": {"type": "string", "maxLength": 2_000},
        "description": "What runs are found by, e.g. repo: {{ input.repo }}.",
    },
    "callback": {
        "type": "object",
        "description": "Who is told of the end of a run, by a signed POST.",
        "properties": {
            "url": {"type": "string", "minLength": 1, "maxLength": 2_000},
            "secret": {
                "type": "string",
                "pattern": CREDENTIAL,
                "description": "The credential whose field `secret` signs, as {{ credentials.x }}.",
            },
            "events": {
                "type": "array",
                "minItems": 1,
                "uniqueItems": True,
                "items": {"enum": ["succeeded", "failed", "cancelled"]},
                "description": "The ends that are told; all without it.",
            },
        },
        "required": ["url", "secret"],
        "additionalProperties": False,
    },
    "dead_letters": {
        "type": "boolean",
        "default": True,
        "description": "Whether runs that fail are kept as dead letters.",
    },
}
_NODE = {
    "type": "object",
    "properties": {
        "id": {
            "type": "string",
            "pattern": NODE_ID,
            "description": "Fixed once made: outputs are read as steps.<id>.",
        },
        "type": {"type": "string", "minLength": 1, "maxLength": 100},
        "type_version": {"type": "integer", "minimum": 1},
        "name": {"type": "string", "maxLength": 200, "description": "The title people read."},
        "description": {"type": "string", "maxLength": 10_000},
        "config": {"type": "object", "description": "By the schema of the node's type."},
        "position": _POINT,
        "join": {
            "description": "How many inbound branches it waits for: all, any, or a number.",
            "anyOf": [{"enum": ["all", "any"]}, {"type": "integer", "minimum": 1}],
        },
        "retry": _RETRY,
        "timeout": {**_DURATION, "description": "Of one attempt, counted when it begins."},
        "queue": {"type": "string", "pattern": QUEUE},
        "on_error": {
            "enum": ["fail", "continue", "route", "ask"],
            "description": (
                "fail: what it stands in fails. continue: go on. route: leave by `error`. "
                "ask: wait until a person says retry, skip or fail."
            ),
        },
        "parent": {
            "type": "string",
            "pattern": NODE_ID,
            "description": "The container it stands in.",
        },
        "section": {
            "enum": ["body", "catch", "finally"],
            "description": "Where in its container, if that has sections; else body.",
        },
        "compensate": {
            "type": "string",
            "pattern": NODE_ID,
            "description": "The node that undoes it.",
        },
        "output_schema": {
            "type": ["object", "boolean"],
            "description": "JSON Schema of its output; one of another form fails the step.",
        },
        "dead_letter": {
            "type": "boolean",
            "description": (
                "True: its failure is kept as a dead letter even if the run goes on. "
                "False: a run that fails because of it is none."
            ),
        },
        "disabled": {"type": "boolean", "description": "Skipped; the flow goes on behind it."},
    },
    "required": ["id", "type"],
    "additionalProperties": False,
}
_KEY = {
    "type": "string",
    "minLength": 1,
    "maxLength": 2_000,
    "description": "What runs have in common, e.g. {{ input.repo }}.",
}
_LIMITS = {
    "concurrency": {
        "type": "object",
        "description": "How many runs of one key may go on at once, in the whole tenant.",
        "properties": {
            "key": _KEY,
            "limit": {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1},
            "policy": {
                "enum": ["queue", "reject", "replace"],
                "default": "queue",
                "description": "queue: wait. reject: fail at once. replace: cancel the oldest.",
            },
        },
        "required": ["key"],
        "additionalProperties": False,
    },
    "debounce": {
        "type": "object",
        "description": "Of the starts of one key that follow each other, only the last one runs.",
        "properties": {
            "key": _KEY,
            "for": {**_DURATION, "description": "How long no other start may come."},
        },
        "required": ["key", "for"],
        "additionalProperties": False,
    },
    "priority": {
        "enum": ["low", "normal", "high"],
        "description": "Whose steps go first where there is no room for all.",
    },
    "integrations": {
        "type": "object",
        "maxProperties": 64,
        "propertyNames": {"pattern": INTEGRATION},
        "description": "What others bear, by the host, the connection or the name of the task.",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "rate": {
                    "type": "object",
                    "description": "How many calls in a time, by the whole tenant.",
                    "properties": {
                        "limit": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
                        "per": _DURATION,
                    },
                    "required": ["limit", "per"],
                    "additionalProperties": False,
                },
                "breaker": {
                    "type": "object",
                    "description": "After how many failures work waits instead of failing too.",
                    "properties": {
                        "failures": {"type": "integer", "minimum": 1, "maximum": 10_000},
                        "within": {**_DURATION, "description": "The window; 1m."},
                        "open": {**_DURATION, "description": "How long it is left alone; 30s."},
                    },
                    "additionalProperties": False,
                },
            },
            "minProperties": 1,
            "additionalProperties": False,
        },
    },
}
_EDGE = {
    "type": "object",
    "properties": {
        "source": {"type": "string"},
        "source_port": {"type": "string", "maxLength": 64, "default": "out"},
        "target": {"type": "string"},
    },
    "required": ["source", "target"],
    "additionalProperties": False,
}
_NOTE = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 64},
        "text": {"type": "string", "maxLength": 20_000},
        "position": _POINT,
        "size": {
            "type": "object",
            "properties": {"width": {"type": "number"}, "height": {"type": "number"}},
            "required": ["width", "height"],
            "additionalProperties": False,
        },
        "color": {"enum": ["plain", "accent", "ok", "warn", "wait"]},
    },
    "required": ["id", "text"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A Weir workflow",
    "type": "object",
    "properties": {
        "schema": {"const": SCHEMA_ID},
        "name": {"type": "string", "minLength": 1, "maxLength": 200},
        "description": {"type": "string", "maxLength": 10_000},
        "input": {
            "type": ["object", "boolean"],
            "description": "JSON Schema of the run's input; without it any input is taken.",
        },
        "output": {
            "description": "Any value with expressions; without it the outputs of the last steps.",
        },
        "vars": {"type": "object", "description": "Constants, read as vars.<name>."},
        "settings": {
            "type": "object",
            "properties": {
                "timeout": {**_DURATION, "description": "Of the whole run."},
                "labels": {
                    "type": "object",
                    "maxProperties": 32,
                    "propertyNames": {"pattern": NAME},
                    "additionalProperties": {"type": "string", "maxLength": 256},
                },
                **_LIMITS,
                **_AFTERWARDS,
            },
            "additionalProperties": False,
        },
        "nodes": {"type": "array", "minItems": 1, "maxItems": MAX_NODES, "items": _NODE},
        "edges": {"type": "array", "maxItems": MAX_EDGES, "items": _EDGE},
        "notes": {"type": "array", "maxItems": 1_000, "items": _NOTE},
    },
    "required": ["name", "nodes"],
    "additionalProperties": False,
}


def schema_text() -> str:
    """The published file."""
    return orjson.dumps(SCHEMA, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
