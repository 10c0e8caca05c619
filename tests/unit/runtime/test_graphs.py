"""Compiled versions: loaded once, and never at the cost of whoever else waits on the loop."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from weir.contract.messages import WorkflowPublished
from weir.core.graph import Graph, compile_graph
from weir.runtime import graphs
from weir.runtime.graphs import Graphs


class _Versions:
    def __init__(self, expression: str) -> None:
        self.asked = 0
        config = {"values": {"a": expression}}
        node = {"id": "a", "type": "set", "kind": "inline", "config": config}
        self._frozen = WorkflowPublished(frozen={"nodes": [node], "edges": []}).frozen

    async def frozen(self, tenant: str, version: str) -> Any:
        self.asked += 1
        return self._frozen


@pytest.mark.parametrize(("count", "beside"), [(10, False), (900, True)])
async def test_a_large_version_is_compiled_beside_the_loop(
    count: int,
    beside: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Reading its expressions takes seconds, in which leases would be lost."""
    threads: list[threading.Thread] = []

    def compiled(frozen: Any, version: str) -> Graph:
        threads.append(threading.current_thread())
        return compile_graph(frozen, version)

    monkeypatch.setattr(graphs, "compile_graph", compiled)
    versions = _Versions("{{ [" + ", ".join(f"input.k{i}" for i in range(count)) + "] }}")
    kept = Graphs(versions)  # type: ignore[arg-type]
    loaded = await asyncio.gather(*(kept.get("acme", "ver_1") for _ in range(3)))
    assert {id(graph) for graph in loaded} == {id(kept.at_hand("acme", "ver_1"))}
    assert versions.asked == 1
    assert [thread is not threading.main_thread() for thread in threads] == [beside]
