"""Checks of single nodes and of the settings: types, configs, durations, retry, constants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jsonschema_rs

from weir.contract.times import duration_ms
from weir.core.definition import LATER
from weir.core.expressions.errors import suggest
from weir.core.expressions.parser import RESERVED
from weir.core.expressions.template import escape
from weir.core.spec import Catalogue, NodeSpec
from weir.core.validation.afterwards import check_afterwards
from weir.core.validation.draft import Draft, DraftNode
from weir.core.validation.limits import check_limits
from weir.core.validation.problems import Findings
from weir.core.validation.shape import described, plain_message, pointer

_IGNORED: dict[str, tuple[str, ...]] = {
    "trigger": ("retry", "join", "timeout", "queue", "on_error"),
    "inline": ("retry",),
    "container": ("retry",),
}
_ANSWERED = frozenset({"wait_signal", "sub_workflow"})  # what they give comes from outside
_TEMPLATES = ("{{", "${")


def check_nodes(draft: Draft, catalogue: Catalogue, findings: Findings) -> None:
    """Check each node by itself."""
    for node in draft.again:
        findings.error(
            "NODE_ID_DUPLICATE",
            f"{node.pointer}/id",
            f"another node has the id {node.id}",
            "Give one of them another id.",
            node=node.id,
        )
    for node in (*draft.nodes.values(), *draft.again):
        _check_id(node, findings)
        _check_type(node, catalogue, findings)
        _check_times(node, findings)
        if node.spec is not None:
            _check_config(node, node.spec, findings)
            _check_ignored(node, node.spec, findings)
        if node.type == "switch":
            _check_cases(node, findings)
        if node.type == "for_each":
            _check_chained(node, findings)


def check_settings(draft: Draft, findings: Findings) -> None:
    """Check what concerns the whole definition."""
    settings = draft.raw.get("settings")
    if isinstance(settings, dict):
        _check_duration(settings, "timeout", "/settings", findings, None)
        _check_constant(settings.get("labels"), "/settings/labels", "a label", findings)
        check_limits(settings, findings)
        check_afterwards(settings, findings)
    _check_constant(draft.raw.get("vars"), "/vars", "a variable", findings)


def _check_id(node: DraftNode, findings: Findings) -> None:
    if node.id in RESERVED:
        findings.error(
            "NODE_ID_INVALID",
            f"{node.pointer}/id",
            f"{node.id} is a reserved word of expressions",
            "Choose another id; the name may be anything.",
            node=node.id,
        )


def _check_type(node: DraftNode, catalogue: Catalogue, findings: Findings) -> None:
    if node.spec is None:
        if not node.type:
            return
        if node.type in LATER["type"]:
            findings.error(
                "DEFINITION_NOT_AVAILABLE",
                f"{node.pointer}/type",
                f"the node type {node.type} is not available yet in this version",
                node=node.id,
            )
            return
        findings.error(
            "NODE_TYPE_UNKNOWN",
            f"{node.pointer}/type",
            f"there is no node type {node.type[:100]}",
            suggest(node.type, catalogue),
            node=node.id,
        )
        return
    version = node.raw.get("type_version", node.spec.version)
    if type(version) is int and version != node.spec.version:
        findings.error(
            "NODE_TYPE_VERSION",
            f"{node.pointer}/type_version",
            f"{node.type} has the version {node.spec.version} here, not {version}",
            "Leave type_version out to take what there is.",
            node=node.id,
        )


# -- times --


def _check_times(node: DraftNode, findings: Findings) -> None:
    _check_duration(node.raw, "timeout", node.pointer, findings, node.id)
    retry = node.raw.get("retry")
    if not isinstance(retry, dict):
        return
    at = f"{node.pointer}/retry"
    initial = _check_duration(retry, "initial", at, findings, node.id, least=0)
    longest = _check_duration(retry, "max", at, findings, node.id, least=0)
    policy = node.spec.retry if node.spec else None
    if initial is None and policy:
        initial = policy.initial_ms
    if longest is not None and initial is not None and longest < initial:
        findings.error(
            "RETRY_INVALID",
            f"{at}/max",
            "the longest pause is shorter than the first one",
            "Make max at least as long as initial.",
            node=node.id,
        )
    if "max_attempts" not in retry and policy and policy.max_attempts == 1:
        findings.error(
            "RETRY_INVALID",
            at,
            f"{node.type} is tried once, so that nothing here has an effect",
            "Say max_attempts too.",
            node=node.id,
        )


def _check_duration(  # noqa: PLR0913 - a field, its place, its bounds
    holder: Mapping[str, Any],
    field: str,
    at: str,
    findings: Findings,
    node: str | None,
    *,
    least: float = 1,
) -> float | None:
    value = holder.get(field)
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        length = duration_ms(value)
    except (ValueError, OverflowError) as error:
        findings.error(
            "DURATION_INVALID",
            f"{at}/{field}",
            str(error)[:200],
            "Write it like 500ms, 90s, 1h30m or 2d.",
            node=node,
        )
        return None
    if length < least:
        findings.error(
            "DURATION_INVALID",
            f"{at}/{field}",
            "this is no time at all",
            "Take a millisecond or more.",
            node=node,
        )
    return length


# -- configs --


def _check_config(node: DraftNode, spec: NodeSpec, findings: Findings) -> None:
    at = f"{node.pointer}/config"
    for error in spec.config_validator.iter_errors(node.config):
        path = [str(part) for part in error.instance_path]
        place = at + pointer(path)
        kind = error.kind
        if isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
            findings.error(
                "CONFIG_MISSING",
                place,
                f"{kind.property} is missing in the config of a {node.type} node",
                f"Add {kind.property}.",
                node=node.id,
            )
        elif isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
            known = spec.config_schema.get("properties", {}) if not path else {}
            for name in kind.unexpected:
                findings.error(
                    "CONFIG_INVALID",
                    f"{place}/{escape(name)}",
                    f"a {node.type} node has no {name}",
                    suggest(name, known) or "Remove it.",
                    node=node.id,
                )
        elif path and path[0] in spec.secret_fields:
            findings.error(
                "CONFIG_INVALID",
                place,
                "a secret is given by the name of a credential, never written down",
                "Write {{ credentials.<name> }}.",
                node=node.id,
            )
        elif isinstance(error.instance, str) and any(m in error.instance for m in _TEMPLATES):
            findings.error(
                "EXPRESSION_NOT_ALLOWED",
                place,
                f"this field of a {node.type} node is a constant and takes no expression",
                "Write the value down.",
                node=node.id,
            )
        else:
            advice = described(spec.config_schema, path)
            findings.error("CONFIG_INVALID", place, plain_message(error), advice, node=node.id)


def _check_cases(node: DraftNode, findings: Findings) -> None:
    cases = node.config.get("cases")
    seen: set[str] = set()
    for i, case in enumerate(cases if isinstance(cases, list) else []):
        name = case.get("name") if isinstance(case, dict) else None
        if not isinstance(name, str):
            continue
        if name in seen:
            findings.error(
                "SWITCH_CASE_DUPLICATE",
                f"{node.pointer}/config/cases/{i}/name",
                f"another case has the name {name}",
                "Cases are ports: give each a name of its own.",
                node=node.id,
            )
        seen.add(name)


def _check_chained(node: DraftNode, findings: Findings) -> None:
    """What a loop that hands a value on can and cannot do."""
    if "acc" not in node.config:
        return
    at = f"{node.pointer}/config"
    if node.config.get("on_item_error") in {"continue", "collect"}:
        findings.error(
            "CONFIG_INVALID",
            f"{at}/on_item_error",
            "with acc each iteration needs what the one before came to, so an error ends the loop",
            "Take stop, and deal with errors inside, in a try.",
            node=node.id,
        )
    if "concurrency" in node.config:
        findings.warn(
            "NODE_SETTING_IGNORED",
            f"{at}/concurrency",
            "with acc iterations run one at a time",
            "Remove concurrency.",
            node=node.id,
        )


def _check_ignored(node: DraftNode, spec: NodeSpec, findings: Findings) -> None:
    if spec.kind == "container" and node.raw.get("on_error") == "ask":
        findings.error(
            "ON_ERROR_INVALID",
            f"{node.pointer}/on_error",
            "a container does not ask: what was open in it has ended when it fails",
            "Set on_error: ask on the steps inside, or stop here with fail, continue or route.",
            node=node.id,
        )
    ignored = [*_IGNORED.get(spec.kind, ())]
    if spec.kind == "container" and node.type != "for_each":
        ignored.append("queue")  # a long list is written down by an executor
    if spec.kind != "task" and node.type not in _ANSWERED:
        ignored.append("output_schema")
    for name in ignored:
        if name in node.raw:
            findings.warn(
                "NODE_SETTING_IGNORED",
                f"{node.pointer}/{name}",
                f"{name} has no effect on a {node.type} node",
                "Remove it.",
                node=node.id,
            )


def _check_constant(value: Any, at: str, what: str, findings: Findings) -> None:
    stack = [(value, at)]
    while stack:
        item, place = stack.pop()
        if isinstance(item, str) and "{{" in item:
            findings.error(
                "EXPRESSION_NOT_ALLOWED",
                place,
                f"{what} is a constant and takes no expression",
                "Compute it in a set node.",
            )
        elif isinstance(item, dict):
            stack += [(part, f"{place}/{escape(str(key))}") for key, part in item.items()]
        elif isinstance(item, list):
            stack += [(part, f"{place}/{i}") for i, part in enumerate(item)]
