"""Control nodes that were too heavy for the owner of a run, on a worker."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.unit.worker.bench import TENANT, Bench
from weir.contract.codec import INLINE_LIMIT
from weir.core.control.behaviour import Enter, Reached
from weir.core.control.for_each import for_each
from weir.core.paging import count_of, item_of
from weir.runtime.worker_items import PAGE_BYTES

NOW = "2026-01-01T00:00:00.000Z"


def _scope(sources: Any = None, **roots: Any) -> dict[str, Any]:
    return {"roots": roots, "now": NOW, "seed": "run_a/a/1", "sources": sources or {}}


async def _blob(bench: Bench, value: Any) -> dict[str, Any]:
    data = orjson.dumps(value)
    key = await bench.blobs.put(TENANT, data)
    return {"$blob": {"key": key, "size": len(data), "media_type": "application/json"}}


async def _made(config: dict[str, Any], value: Any) -> tuple[Any, dict[str, list[Any]], list[int]]:
    """What a loop over a large value is given, its pages by key, and their sizes."""
    async with Bench() as bench:
        scope = _scope(input=await _blob(bench, value))
        delivery = await bench.deliver(node_type="for_each", config=config, scope=scope)
        await bench.done(delivery)
        succeeded = await bench.succeeded()
        assert succeeded.output_ref is None, "the owner reads it from the log"
        made = succeeded.output
        assert len(orjson.dumps(made)) <= INLINE_LIMIT
        pages, sizes = {}, []
        if isinstance(made["items"], dict):
            for page in made["items"]["pages"]:
                data = await bench.blobs.get(page["blob"]["key"])
                assert page["blob"]["size"] == len(data)
                assert page["blob"]["media_type"] == "application/json"
                pages[page["blob"]["key"]] = orjson.loads(data)
                sizes.append(len(data))
        return made, pages, sizes


async def test_a_long_list_is_written_in_pages() -> None:
    """Each is small, all items are there in their order, and the engine goes over them."""
    items = [{"n": n, "text": "x" * (n % 700)} for n in range(5_000)]
    made, pages, sizes = await _made({"items": "{{ input }}", "concurrency": "{{ 2 + 3 }}"}, items)
    assert len(pages) > 3
    assert max(sizes) <= PAGE_BYTES
    assert made["concurrency"] == 5
    assert count_of(made["items"]) == len(items)
    assert [item_of(made["items"], at, pages.get) for at in range(len(items))] == items
    entered = for_each(made, Reached(0, {}))
    assert isinstance(entered, Enter)
    assert (entered.scope.count, entered.scope.concurrency) == (5_000, 5)


async def test_batches_are_made_before_the_pages() -> None:
    """An iteration gets a list of several; the last one what is left."""
    made, pages, _ = await _made({"items": "{{ input }}", "batch": 700}, [*range(50_000)])
    count = count_of(made["items"])
    found = [item_of(made["items"], at, pages.get) for at in range(count)]
    assert [len(batch) for batch in found] == [*[700] * 71, 300]
    assert [n for batch in found for n in batch] == [*range(50_000)]


async def test_a_list_that_fits_comes_as_it_is() -> None:
    """A heavy expression with a small result writes no page; the batches are made all the same."""
    config = {"items": "{{ input.filter(n, n < 5) }}", "batch": 2, "acc": "{{ size(input) }}"}
    made, pages, _ = await _made(config, [*range(30_000)])
    assert made == {"items": [[0, 1], [2, 3], [4]], "acc": 30_000}
    assert pages == {}


async def test_what_is_read_inside_the_loop_is_left_alone() -> None:
    """`output` reads the item: it is not evaluated where there is none."""
    config = {"items": "{{ input }}", "output": "{{ item.x }}", "on_item_error": "collect"}
    made, _, _ = await _made(config, [1, 2])
    assert made == {"items": [1, 2]}


@pytest.mark.parametrize(
    ("config", "value", "code"),
    [
        ({"items": "{{ input }}"}, {"a": 1}, "ITEMS_NOT_A_LIST"),
        ({"items": "{{ input.a }}"}, {"a": "text"}, "ITEMS_NOT_A_LIST"),
        ({"items": "{{ input }}", "concurrency": "{{ 0 }}"}, [1], "LOOP_OPTION_INVALID"),
        ({"items": "{{ input.nope }}"}, {"a": 1}, "EXPRESSION_UNRESOLVED"),
        ({"items": "{{ input }}"}, ["x" * PAGE_BYTES], "VALUE_TOO_LARGE"),
        ({"items": "{{ input }}", "batch": 100}, ["x" * 5_000] * 100, "VALUE_TOO_LARGE"),
        ({"items": "{{ input }}", "acc": "{{ input }}"}, ["x" * 50_000], "VALUE_TOO_LARGE"),
    ],
)
async def test_a_list_that_cannot_be_gone_over_fails_the_loop(
    config: dict[str, Any], value: Any, code: str
) -> None:
    """With a code; no other attempt can help."""
    async with Bench() as bench:
        scope = _scope(input=await _blob(bench, value))
        await bench.done(await bench.deliver(node_type="for_each", config=config, scope=scope))
        failed = await bench.failed()
        assert failed.error is not None
        assert (failed.error.code, failed.retryable) == (code, False)


@pytest.mark.parametrize(
    "node_type",
    ["wait_signal", "sub_workflow", "set_variables", "while", "try", "scope", "race"],
)
async def test_what_only_the_owner_can_do_is_refused(node_type: str) -> None:
    """With what to do instead; it does not look as if it had been done."""
    async with Bench() as bench:
        config = {"values": "{{ input }}"}
        scope = _scope(input={"a": 1})
        await bench.done(await bench.deliver(node_type=node_type, config=config, scope=scope))
        failed = await bench.failed()
        assert failed.error is not None
        assert (failed.error.code, failed.retryable) == ("CONTROL_TOO_HEAVY", False)
        assert node_type in failed.error.message


async def test_a_large_result_of_a_loop_is_put_away() -> None:
    """`merge` of one source: the list as it is, with what lay outside the log in its place."""
    async with Bench() as bench:
        large = {"text": "x" * 50_000}
        results = [large, None, await _blob(bench, [1, 2]), "y" * 30_000]
        delivery = await bench.deliver(
            node_type="merge", config={"mode": "first"}, scope=_scope({"": results})
        )
        await bench.done(delivery)
        succeeded = await bench.succeeded()
        assert succeeded.output_ref is not None
        kept = orjson.loads(await bench.blobs.get(succeeded.output_ref.key))
        assert kept == [large, None, [1, 2], "y" * 30_000]
