"""A platform in memory with everything that events pass, and a publisher beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import orjson

from services.executor.service import build as build_executor
from services.query.service import build as build_query
from services.registry.service import build as build_registry
from services.scheduler.service import build as build_scheduler
from services.trigger.service import build as build_trigger
from tests.http_house import TENANT, House, memory_platform
from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.messages import RunStarted
from weir.ports.log import Append
from weir.runtime.service import Service

SHOW = {"id": "show", "type": "output", "config": {"value": "{{ input }}"}}


class BusHouse(House):
    """A house whose tenant has a bus."""

    async def say(
        self, name: str, value: Any, headers: Mapping[str, str] | None = None, tenant: str = TENANT
    ) -> int:
        """Publish, as any NATS client does; bytes as they are."""
        data = value if isinstance(value, bytes) else orjson.dumps(value)
        append = Append(subjects.event(tenant, name), data, headers=tuple((headers or {}).items()))
        return await self.platform.bus.append(append)

    async def listening(
        self, config: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]] = (SHOW,), **rest: Any
    ) -> str:
        """A published workflow that listens; its id."""
        definition = {
            "schema": "weir/v1",
            "name": "Listens",
            "nodes": [{"id": "heard", "type": "event", "config": dict(config)}, *nodes],
            "edges": [{"source": "heard", "target": nodes[0]["id"]}],
            **rest,
        }
        made = await self.ask("POST", "/api/v1/workflows", json=definition)
        assert made.status == 201, made.body
        await self.republished(made.body["id"])
        return str(made.body["id"])

    async def republished(self, workflow: str) -> Any:
        """Publish the draft."""
        told = await self.ask("POST", f"/api/v1/workflows/{workflow}/versions", json={})
        assert told.status in {200, 201}, told.body
        return told.body

    async def starts(self) -> list[RunStarted]:
        """The runs that there are, in the order in which they were started."""
        found = []
        async for batch in self.platform.runs.read(f"run.*.{TENANT}.*.in.start"):
            for stored in batch:
                started = codec.decode(stored.data).events[0].run_started
                if started is not None:
                    found.append(started)
        return found

    async def count(self, number: int) -> list[RunStarted]:
        """Wait until there are so many runs."""

        async def there() -> bool:
            return len(await self.starts()) >= number

        await eventually(there)
        return await self.starts()

    async def subscription(self) -> Any:
        """The only one, as it is shown."""
        (one,) = (await self.ask("GET", "/api/v1/subscriptions")).body["items"]
        return one

    async def settled(self) -> Any:
        """Wait until nothing waits before the subscription, and that is written down."""

        async def done() -> bool:
            return int((await self.subscription())["waiting"]) == 0

        await eventually(done)
        return await self.subscription()


@asynccontextmanager
async def bus_house(**settings: Any) -> AsyncIterator[BusHouse]:
    """The house, with its services begun."""
    platform = memory_platform(Broker(SystemClock()).connect(), **settings)
    services: list[Service] = [
        build_registry(platform),
        build_scheduler(platform),
        build_executor(platform),
        build_query(platform),
        build_trigger(platform),
    ]
    async with BusHouse(platform, services) as house:
        yield house
