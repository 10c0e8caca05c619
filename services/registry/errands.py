"""Asking those who open credentials to do something, and waiting for what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from services.registry.index import Index
from weir.contract import subjects, times
from weir.contract.credential_errors import ErrandTimeoutError
from weir.contract.messages import CredentialSaved, ErrandAsked, ErrandDone, RegistryRecord
from weir.ports.clock import Clock
from weir.ports.secrets import Secrets
from weir.runtime.access import Principal
from weir.runtime.records import Records
from weir.runtime.sealing import errand_place, seal

KEPT_S = 600
PATIENCE_S = 28.0  # a little more than workers have
ROUTE_S = 45.0  # of routes that wait for one


class Asking:
    """Asks."""

    def __init__(
        self, records: Records[RegistryRecord], index: Index, secrets: Secrets, clock: Clock
    ) -> None:
        self._records = records
        self._index = index
        self._secrets = secrets
        self._clock = clock

    async def ask(
        self,
        by: Principal,
        action: str,
        saved: CredentialSaved,
        given: Mapping[str, str] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> ErrandDone:
        """What came of it; ErrandTimeoutError if nobody did it in time."""
        return await self.ask_for(by.tenant, by.id, action, saved, given, patience_s)

    async def ask_for(  # noqa: PLR0913, PLR0917 - as above
        self,
        tenant: str,
        by: str,
        action: str,
        saved: CredentialSaved,
        given: Mapping[str, str] | None = None,
        patience_s: float = PATIENCE_S,
    ) -> ErrandDone:
        """The same in the name of somebody who asked before."""
        errand_id = self._clock.new_id("err")
        sealed = ""
        if given is not None:
            sealed = (await seal(self._secrets, given, errand_place(tenant, errand_id))).text
        asked = ErrandAsked(
            errand_id=errand_id,
            action=action,
            credential_id=saved.credential_id,
            name=saved.name,
            sealed=sealed,
            type=saved.type,
        )
        record = RegistryRecord.of(
            asked,
            id=self._clock.new_id("rec"),
            tenant=tenant,
            at=times.from_ms(self._clock.now_ms()),
            by=by,
        )
        with self._index.errand(errand_id) as done:
            subject = subjects.errand(tenant, errand_id)
            await self._records.put(subject, record, expect=0, ttl_s=KEPT_S)
            try:
                async with asyncio.timeout(patience_s):
                    return await done
            except TimeoutError:
                raise ErrandTimeoutError(
                    f"No worker has done this within {patience_s:g} s: see that an executor "
                    "runs, and ask again."
                ) from None
