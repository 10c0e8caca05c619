"""A subscription as the version that runs describes it: subjects, filter, order, batches.

The trigger node's frozen config is the truth; the subscription's record holds
what is no definition's business (paused or not, where to begin).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from weir.contract import ids


@dataclass(frozen=True, slots=True)
class Batch:
    """Events that make one run together."""

    size: int
    wait_ms: int


@dataclass(frozen=True, slots=True)
class Subscribed:
    """What a trigger node listens to."""

    node: str
    pattern: str  # without `bus.<tenant>.`
    filter: Any  # a template, None without one
    order: Any  # a template, None without one
    batch: Batch | None
    deliver: str  # new | all | sequence | time
    sequence: int | None
    time: str | None


def subscription_id(tenant: str, workflow: str, node: str) -> str:
    """The id this trigger has in every version."""
    return ids.derived("sub", tenant, workflow, node)


def subscriptions_of(frozen: Mapping[str, Any]) -> dict[str, Subscribed]:
    """The subscriptions of a frozen definition by node, without disabled ones."""
    return {
        node["id"]: _subscribed(node["id"], node.get("config") or {})
        for node in frozen["nodes"]
        if node["type"] == "event" and not node.get("disabled")
    }


def _subscribed(node: str, config: Mapping[str, Any]) -> Subscribed:
    batch = config.get("batch")
    return Subscribed(
        node=node,
        pattern=config["subject"],
        filter=config.get("filter"),
        order=config.get("ordering_key") or None,
        batch=None
        if batch is None
        else Batch(int(batch.get("size", 100)), round(1000 * float(batch.get("seconds", 5)))),
        deliver=config.get("deliver", "new"),
        sequence=config.get("sequence"),
        time=config.get("time"),
    )
