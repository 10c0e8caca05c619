"""Events that a step publishes on the bus of its run's tenant.

Each says how many events runs have made of events on the way to it: it is one
more than that of the event which began the run, or the run above it. So a
circle of workflows that start one another ends by itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from weir.contract import codec, subjects
from weir.contract.bus_errors import EventTooDeepError
from weir.contract.errors import OutcomeUnknownError, TooLargeError, UnavailableError
from weir.core.cloudevents import DEPTH_FIELD, MAX_DEPTH, Event, headers_of
from weir.ports.log import Append, Log
from weir.ports.node_context import Retryable, Terminal


class Bus:
    """Publishes for the runs of all tenants."""

    def __init__(self, bus: Log, runs: Log, shards: int) -> None:
        self._bus = bus
        self._runs = runs
        self._shards = shards

    def of(self, tenant: str, run_id: str) -> RunEvents:
        """The bus as a run sees it."""
        return RunEvents(self, tenant, run_id)

    async def publish(
        self, tenant: str, run_id: str, subject: str, event: Event, data: bytes
    ) -> int:
        """Store the event; its sequence."""
        depth = await self._depth(tenant, run_id) + 1
        if depth > MAX_DEPTH:
            raise Terminal(
                f"runs have made events of events {MAX_DEPTH} times on the way to this one: do "
                "the workflows start one another in a circle?",
                code=EventTooDeepError.code,
            )
        append = Append(
            subjects.event(tenant, subject),
            data,
            # Nobody else's ids are like this one, so no other tenant's event is held for it.
            msg_id=f"{tenant}/{event.id}",
            headers=tuple(headers_of(event, depth=depth).items()),
        )
        try:
            return await self._bus.append(append)
        except (UnavailableError, OutcomeUnknownError) as error:
            raise Retryable(error.message, code=error.code) from None
        except TooLargeError as error:
            raise Terminal(error.message, code=error.code) from None

    async def _depth(self, tenant: str, run_id: str) -> int:
        """Of the event that began the run, or one above it; 0 if none did."""
        while run_id:
            key = subjects.run_key(tenant, run_id, self._shards)
            stored = await self._runs.last(key.fact(subjects.start_fact()))
            started = codec.decode(stored.data).events[0].run_started if stored else None
            if started is None:
                return 0
            if isinstance(started.trigger, Mapping) and DEPTH_FIELD in started.trigger:
                return int(started.trigger[DEPTH_FIELD])
            run_id = started.parent.run_id if started.parent is not None else ""
        return 0


class RunEvents:
    """The bus as a run sees it. See `node_context.NodeEvents`."""

    def __init__(self, bus: Bus, tenant: str, run_id: str) -> None:
        self._bus = bus
        self._tenant = tenant
        self._run_id = run_id

    async def publish(self, subject: str, event: Event, data: bytes) -> int:
        """Store the event; its sequence."""
        return await self._bus.publish(self._tenant, self._run_id, subject, event, data)
