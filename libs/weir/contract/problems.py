"""Codes of problems in definitions and expressions: what validation answers in `details.errors`.

They are values, not exceptions; like these each is stable and has a page in
docs/errors. Definitions are answered with codes of both lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

DEFINITION: Mapping[str, str] = MappingProxyType(
    {
        "DEFINITION_SCHEMA": "something is missing, of the wrong kind, or not known",
        "DEFINITION_NOT_AVAILABLE": "a later version will know this, this one does not",
        "DEFINITION_CYCLE": "edges lead in a circle",
        "INPUT_SCHEMA_INVALID": "the schema of the input is no JSON Schema",
        "DURATION_INVALID": "no duration, or one out of range",
        "RETRY_INVALID": "values of a retry policy that cannot be meant",
        "NODE_ID_INVALID": "an id of another form, or a reserved word",
        "NODE_ID_DUPLICATE": "two nodes have the same id",
        "NODE_TYPE_UNKNOWN": "no such node type in the catalogue",
        "NODE_TYPE_VERSION": "no such version of a node type",
        "NODE_UNREACHABLE": "no path leads to the node",
        "NODE_NEVER_RUNS": "what is switched off keeps the node from ever running",
        "NODE_SETTING_IGNORED": "a setting that has no effect on this kind of node",
        "CONFIG_MISSING": "a required field of a node's config is missing",
        "CONFIG_INVALID": "a node's config does not fit its type",
        "SWITCH_CASE_DUPLICATE": "two cases of a switch have the same name",
        "JOIN_TOO_LARGE": "a node waits for more branches than lead to it",
        "PARENT_UNKNOWN": "a node stands in a container that does not exist",
        "PARENT_NOT_CONTAINER": "a node stands in one that is no container",
        "PARENT_CYCLE": "containers stand in each other",
        "NESTING_TOO_DEEP": "containers stand in each other more than eight deep",
        "CONTAINER_EMPTY": "a container in which nothing stands",
        "SECTION_UNKNOWN": "a section that the container does not have",
        "NODE_NOT_IN_CONTAINER": "a trigger or an output inside a container",
        "ON_ERROR_INVALID": "a container that would ask what to do",
        "OUTPUT_SCHEMA_INVALID": "the schema of an output is no JSON Schema",
        "COMPENSATE_UNKNOWN": "the node that would undo a step does not exist",
        "COMPENSATE_INVALID": "a node that cannot undo a step",
        "COMPENSATE_SHARED": "one node undoes two steps",
        "COMPENSATE_CONNECTED": "an edge from or to a node that undoes a step",
        "COMPENSATE_ELSEWHERE": "a node that undoes a step of another container",
        "EDGE_NODE_UNKNOWN": "an edge from or to a node that does not exist",
        "EDGE_PORT_UNKNOWN": "an edge from a port that its node does not have",
        "EDGE_INTO_TRIGGER": "an edge to a trigger",
        "EDGE_DUPLICATE": "the same edge twice",
        "EDGE_CROSSES_WALL": "an edge through the wall of a container or a section",
        "ERROR_PORT_UNAVAILABLE": "an edge from the port error of a node that routes none",
        "ERROR_PORT_UNUSED": "errors are routed to a port that leads nowhere",
        "EXPRESSION_NOT_ALLOWED": "an expression where only constants are taken",
        "CREDENTIAL_NOT_ALLOWED": "a credential outside the fields that are kept secret",
        "FIELD_UNKNOWN": "an expression reads a field that the value cannot have",
        "FIELD_UNDECLARED": "an expression reads a field that no schema names",
        "TYPE_MISMATCH": "a value of another type than is taken there",
        "STEP_UNKNOWN": "an expression reads a step that does not exist",
        "STEP_INSIDE_CONTAINER": "an expression reads a step inside a container from outside",
        "STEP_NOT_UPSTREAM": "an expression reads a step that need not have run before",
        "STEP_ON_OTHER_BRANCH": "an expression reads a step that never runs together with this one",
        "STEP_DISABLED": "an expression reads a step that is switched off",
        "STEP_MAY_BE_SKIPPED": "an expression reads a step that some runs skip",
    }
)

EXPRESSION: Mapping[str, str] = MappingProxyType(
    {
        "EXPRESSION_SYNTAX": "the expression cannot be read",
        "EXPRESSION_UNKNOWN_NAME": "a name that does not exist in this place",
        "EXPRESSION_UNKNOWN_FUNCTION": "a function that does not exist",
        "EXPRESSION_ARGUMENTS": "a call that cannot be right, whatever its arguments yield",
        "EXPRESSION_TOO_LARGE": "too long, or nested too deep",
    }
)
