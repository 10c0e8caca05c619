"""What a webhook answers: does the step it waits for exist, and may it set these headers?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.core.responses import STATUSES, may_set
from weir.core.validation.draft import Draft, DraftNode
from weir.core.validation.problems import Findings


def check_answers(draft: Draft, findings: Findings) -> None:
    """Check every webhook of the definition."""
    for node in draft.nodes.values():
        if node.type == "webhook":
            _check_node(draft, node, findings)
            response = node.config.get("response")
            if isinstance(response, Mapping):
                _check_response(response, node, findings)


def _check_node(draft: Draft, node: DraftNode, findings: Findings) -> None:
    named, at = node.config.get("answer_node"), f"{node.pointer}/config/answer_node"
    if node.config.get("answer") != "node":
        return
    if not isinstance(named, str):
        message, advice = "the step to wait for is missing", "Name a node, or answer otherwise."
        findings.error("CONFIG_MISSING", at, message, advice, node=node.id)
        return
    there = draft.nodes.get(named)
    if there is None:
        message = f"there is no node {named[:100]}"
    elif there.is_trigger:
        message = f"{named} is a trigger, which no run waits for"
    elif there.parent:
        message = f"{named} stands inside {there.parent}, where it may run many times or never"
    elif there.disabled:
        message = f"{named} is switched off"
    else:
        return
    advice = "Name a node that stands outside of containers."
    findings.error("CONFIG_INVALID", at, message, advice, node=node.id)


def _check_response(response: Mapping[str, Any], node: DraftNode, findings: Findings) -> None:
    at = f"{node.pointer}/config/response"
    status = response.get("status")
    if isinstance(status, int) and status not in STATUSES:
        message = f"{status} is no status of an answer here"
        advice = "Write one from 200 to 299 or from 400 to 599."
        findings.error("CONFIG_INVALID", f"{at}/status", message, advice, node=node.id)
    headers = response.get("headers")
    for name in headers if isinstance(headers, Mapping) else ():
        if not may_set(str(name)):
            message = f"the header {str(name)[:64]} is not a webhook's to set"
            advice = "Leave it out: it is ours, or would let the answer act on a browser."
            findings.error("CONFIG_INVALID", f"{at}/headers", message, advice, node=node.id)
