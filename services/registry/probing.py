"""After a publish: is each webhook served, in the version that was just published?

The question goes to whoever takes deliveries, and starts nothing. A publish
never fails by it: what came of it stands in its answer. That nobody answered
means that no trigger runs, or none that sees this registry.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic
from typing import Any

import orjson

from weir.contract import subjects
from weir.contract.errors import WeirError
from weir.ports.clock import Clock
from weir.ports.live import Live
from weir.runtime.metrics import WEBHOOK_PROBES


class Probing:
    """Asks, and waits at most `patience_ms`; 0: asks nobody."""

    def __init__(self, live: Live, clock: Clock, patience_ms: int) -> None:
        self._live = live
        self._clock = clock
        self._patience_ms = patience_ms

    async def of(
        self, tenant: str, webhooks: Sequence[dict[str, Any]], version: str, revision: int
    ) -> list[dict[str, Any]]:
        """The webhooks as the publish shows them, each with what its probe found."""
        probes = [self._probe(tenant, one, version, revision) for one in webhooks]
        return [
            {**one, "probe": probe}
            for one, probe in zip(webhooks, await asyncio.gather(*probes), strict=True)
        ]

    async def _probe(
        self, tenant: str, webhook: dict[str, Any], version: str, revision: int
    ) -> dict[str, Any] | None:
        if not self._patience_ms:
            return None
        probe, began = self._clock.new_id("prb"), monotonic()
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        refusals: list[dict[str, Any]] = []

        def heard(_: str, data: bytes) -> None:
            told = orjson.loads(data)
            if told.get("served") is not True:
                refusals.append(told)
            elif not answered.done():
                answered.set_result(None)

        asked = {
            "probe": probe,
            "tenant": tenant,
            "webhook_id": webhook["id"],
            "webhook_revision": webhook["revision"],
            "version": version,
            "revision": str(revision),
        }
        found: dict[str, Any] = {"state": "silent", "code": None, "message": None}
        try:
            listening = await self._live.listen(subjects.probe_answer(probe), heard)
            try:
                await self._live.publish(subjects.probe_asked(), orjson.dumps(asked))
                async with asyncio.timeout(self._patience_ms / 1000):
                    await answered
                found["state"] = "served"
            finally:
                await listening.close()
        except TimeoutError:
            if refusals:
                told = refusals[-1]
                found = {
                    "state": "refused",
                    "code": told.get("code"),
                    "message": told.get("message"),
                }
        except WeirError as gone:
            found["message"] = gone.message
        WEBHOOK_PROBES.labels(found["state"]).inc()
        return {**found, "ms": round((monotonic() - began) * 1000)}
