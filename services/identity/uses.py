"""When keys were last used and people last signed in, written down at most once in five minutes.

Services tell of keys on a core subject (`weir.runtime.key_use`), sessions tell
of people. One record for each, rolled up; of several identity processes that
hear the same one writes it. Whatever is lost is told again by the next use.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from services.identity.index import Index
from weir.contract import codec, ids, subjects, times
from weir.contract.errors import WeirError
from weir.contract.messages import IdentityRecord, KeyUsed
from weir.ports.live import Live
from weir.ports.log import Append, Log
from weir.runtime.access import Principal
from weir.runtime.changes import Writer
from weir.runtime.key_use import EVERY_MS

PENDING = 10_000
_SELF = Principal(id="identity", tenant="-", role="")


class Uses:
    """Hears and writes; `run` goes on for ever."""

    def __init__(self, writer: Writer[IdentityRecord], log: Log, live: Live, index: Index) -> None:
        self._writer = writer
        self._log = log
        self._live = live
        self._index = index
        self._heard: dict[str, str] = {}
        self._some = asyncio.Event()
        index.on_sign_in = self._hear

    async def run(self) -> None:
        """Listen, and write what was heard."""
        listening = await self._live.listen(subjects.key_use(), self._key)
        try:
            while True:
                await self._some.wait()
                self._some.clear()
                heard, self._heard = self._heard, {}
                for whose, at in heard.items():
                    with suppress(WeirError):
                        await self._write(whose, at)
        finally:
            await listening.close()

    def _key(self, _subject: str, data: bytes) -> None:
        key_id = data.decode(errors="replace")
        if ids.is_id(key_id, "key"):
            self._hear(key_id, self._writer.now())

    def _hear(self, whose: str, at: str) -> None:
        if len(self._heard) < PENDING:
            self._heard[whose] = at
            self._some.set()

    async def _write(self, whose: str, at: str) -> None:
        subject, tenant = subjects.key_used(whose), ""
        if ids.is_id(whose, "key"):
            entry = await self._writer.records.get(subjects.api_key(whose))
            key = entry.record.api_key_created if entry else None
            known = self._index.used.get(whose)
            if key is None or (known and times.to_ms(at) - times.to_ms(known) < EVERY_MS):
                return
            tenant = key.tenant
        used = KeyUsed(key_id=whose, tenant=tenant, used_at=at)
        data = codec.encode(self._writer.record(used, _SELF))
        expect = self._index.revision(subject)
        await self._log.append(Append(subject, data, expect=expect, rollup=True))
