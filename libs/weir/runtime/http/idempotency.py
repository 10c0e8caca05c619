"""`Idempotency-Key` for what is made in the registry.

The first request with a key leaves a record of what it asked for, for the
idempotency horizon; a repetition is recognised by it and one with another body
refused. What a keyed request makes has an id derived from the key, so that
making it twice is making it once, whatever was lost in between. (Starts of
runs need no such record: the start fact is it.)
"""

from __future__ import annotations

from weir.contract import codec, ids, subjects, times
from weir.contract.errors import ConflictError, IdempotencyConflictError, UnavailableError
from weir.contract.messages import RegistryRecord, RequestRecorded
from weir.ports.clock import Clock
from weir.runtime.http.call import Call
from weir.runtime.records import Records


class Idempotency:
    """Remembers keyed requests in the REGISTRY log."""

    def __init__(self, records: Records[RegistryRecord], clock: Clock, horizon_ms: int) -> None:
        self._records = records
        self._clock = clock
        self._ttl_s = max(1, horizon_ms // 1000)

    async def id(self, call: Call, prefix: str, *, within: str = "") -> tuple[str, bool]:
        """The id for what this request makes, and whether the request came before.

        Without a key the id is fresh. A key counts for one path, and there `within` one project.
        IdempotencyConflictError if it came with another body.
        """
        key = call.idempotency_key()
        if key is None:
            return self._clock.new_id(prefix), False
        tenant, path = call.tenant, call.request.path + (f" {within}" if within else "")
        request_id = ids.derived("req", tenant, path, key)
        # The key is stored nowhere, so the hash of a body with a secret in it helps nobody guess.
        request_hash = codec.digest(f"{key}\n".encode() + await call.body())
        seen = await self._seen(call, subjects.request(tenant, request_id), request_hash)
        return ids.derived(prefix, tenant, path, key), seen

    async def _seen(self, call: Call, subject: str, request_hash: str) -> bool:
        record = RegistryRecord.of(
            RequestRecorded(request_hash=request_hash),
            id=self._clock.new_id("rec"),
            tenant=call.tenant,
            at=times.from_ms(self._clock.now_ms()),
            by=call.principal.id,
        )
        for _ in range(2):
            try:
                await self._records.put(subject, record, expect=0, ttl_s=self._ttl_s)
            except ConflictError:
                found = await self._records.fresh(subject)
                before = found.record.request_recorded if found else None
                if before is None:
                    continue  # its horizon passed between the two looks
                if before.request_hash != request_hash:
                    raise conflict() from None
                return True
            else:
                return False
        raise UnavailableError("The Idempotency-Key could not be recorded: try again.")


def conflict() -> IdempotencyConflictError:
    """The refusal of a key that came with another request."""
    return IdempotencyConflictError(
        "This Idempotency-Key came before with another request: repeat that one unchanged, "
        "or send a new key.",
    )
