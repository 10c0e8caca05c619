"""`for_each`: its inside once for every item, a few at a time; the results are in order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from weir.contract.messages import ScopeEntered
from weir.core.control.behaviour import Completed, Enter, Outcome, Reached, refuse
from weir.core.expressions import kind
from weir.core.paging import count_of

CONCURRENCY = 10
MAX_CONCURRENCY = 1_000
MAX_BATCH = 10_000


def for_each(config: Mapping[str, Any], reached: Reached) -> Outcome:
    """Go over the list; nothing to go over is done at once."""
    del reached
    items = config["items"]
    if isinstance(items, Mapping) and "pages" not in items:
        return refuse(
            "ITEMS_NOT_A_LIST",
            "items is an object: a loop goes over a list, such as {{ input.orders }}",
        )
    if not isinstance(items, list | Mapping):
        return refuse("ITEMS_NOT_A_LIST", f"items is {kind(items)}: a loop goes over a list")
    concurrency = _whole(config.get("concurrency", CONCURRENCY), MAX_CONCURRENCY)
    batch = _whole(config.get("batch", 1), MAX_BATCH)
    if concurrency is None or batch is None:
        return refuse(
            "LOOP_OPTION_INVALID",
            f"concurrency is a whole number from 1 to {MAX_CONCURRENCY}, batch one to {MAX_BATCH}",
        )
    if isinstance(items, list):
        items = in_batches(items, batch)
    chained = "acc" in config
    count = count_of(items)
    if not count:
        return Completed(config["acc"] if chained else [])
    return Enter(
        ScopeEntered(
            kind="for_each",
            count=count,
            concurrency=1 if chained else concurrency,
            items=items if isinstance(items, list) else None,
            acc=config.get("acc"),
            chained=chained,
        )
    )


def in_batches(items: list[Any], size: int) -> list[Any]:
    """What one iteration gets: an item, or a list of several."""
    if size <= 1:
        return items
    return [items[at : at + size] for at in range(0, len(items), size)]


def _whole(value: Any, most: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
        return None
    return int(value) if 1 <= value <= most else None
