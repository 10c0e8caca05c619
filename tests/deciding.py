"""What an owner of shards works with, on a broker in memory."""

from __future__ import annotations

from typing import Any

from weir.adapters.memory.broker import Connection
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.contract import subjects
from weir.contract.messages import RegistryRecord
from weir.ports.blobs import Blobs
from weir.ports.clock import Clock
from weir.runtime.decider.pages import Pages
from weir.runtime.decider.turn import Decider
from weir.runtime.graphs import Graphs
from weir.runtime.plans import Plans
from weir.runtime.records import Records, Versions


def decider(
    name: str, connection: Connection, clock: Clock, blobs: Blobs, shards: int, **more: Any
) -> Decider:
    """An owner over one link to the broker; `more` is what is otherwise than by default."""
    registry = MemoryLog(connection, subjects.REGISTRY)
    versions = Versions(registry)
    ports = {"log": MemoryLog(connection, subjects.RUNS), "live": MemoryLive(connection), **more}
    return Decider(
        name=name,
        clock=clock,
        graphs=Graphs(versions),
        blobs=blobs,
        plans=Plans(Records(registry, RegistryRecord), versions),
        pages=Pages(blobs),
        shards=shards,
        **ports,
    )
