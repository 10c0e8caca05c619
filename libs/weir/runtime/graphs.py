"""Compiled versions, shared by all runs of a process; immutable, so only room ever evicts one."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from weir.contract.messages import Envelope
from weir.core.expressions import takes_long
from weir.core.graph import Graph, compile_graph
from weir.runtime.records import Versions

KEPT = 500


class Graphs:
    """Loads a version once, however many ask for it at the same time."""

    def __init__(self, versions: Versions) -> None:
        self._versions = versions
        self._kept: OrderedDict[tuple[str, str], Graph] = OrderedDict()
        self._loading: dict[tuple[str, str], asyncio.Task[Graph]] = {}

    def at_hand(self, tenant: str, version: str) -> Graph | None:
        """The graph if it is loaded."""
        return self._kept.get((tenant, version))

    def of(self, envelope: Envelope) -> Graph | None:
        """The graph of a start fact's version, if it is loaded."""
        return self._kept.get((envelope.tenant, envelope.version))

    async def get(self, tenant: str, version: str) -> Graph:
        """The graph; VersionNotFoundError if the version is not there."""
        key = (tenant, version)
        graph = self._kept.get(key)
        if graph is not None:
            self._kept.move_to_end(key)
            return graph
        loading = self._loading.get(key)
        if loading is None:
            loading = self._loading[key] = asyncio.create_task(self._load(*key))
            loading.add_done_callback(lambda _: self._loading.pop(key, None))
        return await asyncio.shield(loading)

    async def _load(self, tenant: str, version: str) -> Graph:
        frozen = await self._versions.frozen(tenant, version)
        if takes_long(frozen):
            graph = await asyncio.to_thread(compile_graph, frozen, version)
        else:
            graph = compile_graph(frozen, version)
        self._kept[tenant, version] = graph
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return graph
