"""A webhook as the version that runs describes it: scheme, filter, answer.

The trigger node's frozen config is the truth; the webhook's record holds what
is no definition's business (secrets, on or off).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weir.contract import times
from weir.contract.messages import WebhookSaved
from weir.core.expressions.jsonpath import from_jsonpath, is_jsonpath
from weir.ports.secrets import Place

SCHEMES = ("none", "standard", "github", "stripe", "slack", "hmac", "basic", "bearer")
WAIT_MS = 30_000.0
TOLERANCE_MS = 300_000.0
_DAY_MS = 86_400_000.0


@dataclass(frozen=True, slots=True)
class Hook:
    """How deliveries are checked, filtered and answered."""

    node: str
    scheme: str
    signature_header: str
    timestamp_header: str
    base64: bool  # how a signature of `hmac` is written
    tolerance_s: float  # how far a signed time may lie from ours
    methods: frozenset[str]  # that deliver; empty: all
    media_types: frozenset[str]  # that are taken; empty: all
    filter: Any  # a template, None without one
    answer: str  # accepted, finished, node: when the run is started, has ended, or that step has
    answer_node: str
    response: Any  # a template of status, headers and body, None without one
    wait_ms: float

    @property
    def signed(self) -> bool:
        """Whether it has secrets."""
        return self.scheme != "none"


def signing_place(tenant: str, webhook: str) -> Place:
    """Where a webhook's secrets are sealed for."""
    return Place(tenant, webhook, "signing")


def valid_secrets(saved: WebhookSaved, now_ms: int) -> tuple[str, ...]:
    """The sealed secrets that are accepted now: the newest, and during an overlap the others."""
    if saved.previous_until and now_ms < times.to_ms(saved.previous_until):
        return saved.secrets
    return saved.secrets[:1]


def hooks_of(frozen: Mapping[str, Any]) -> dict[str, Hook]:
    """The webhooks of a frozen definition by node, without disabled ones."""
    return {
        node["id"]: _hook(node["id"], node.get("config") or {})
        for node in frozen["nodes"]
        if node["type"] == "webhook" and not node.get("disabled")
    }


def _hook(node: str, config: Mapping[str, Any]) -> Hook:
    return Hook(
        node=node,
        scheme=config.get("scheme", "standard"),
        signature_header=config.get("signature_header", "X-Weir-Signature"),
        timestamp_header=config.get("timestamp_header", "X-Weir-Timestamp") or "",
        base64=config.get("signature_encoding") == "base64",
        tolerance_s=min(_DAY_MS, _duration(config.get("tolerance"), TOLERANCE_MS)) / 1000,
        methods=frozenset(config.get("methods") or ()),
        media_types=frozenset(config.get("content_types") or ()),
        filter=_condition(config.get("filter")),
        answer=config.get("answer") or "accepted",
        answer_node=config.get("answer_node") or "",
        response=config.get("response"),
        wait_ms=_duration(config.get("wait"), WAIT_MS),
    )


def _condition(given: Any) -> Any:
    return from_jsonpath(given) if is_jsonpath(given) else given


def _duration(given: Any, otherwise: float) -> float:
    try:
        return times.duration_ms(given)
    except (ValueError, AttributeError):
        return otherwise  # none, or an expression: there is nothing yet that it could read
