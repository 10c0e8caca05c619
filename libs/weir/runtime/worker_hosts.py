"""The hosts that a tenant allows its workflows to call; at most a second old."""

from __future__ import annotations

from weir.contract import subjects
from weir.contract.errors import UnavailableError, WeirError
from weir.contract.messages import IdentityRecord
from weir.ports.log import Log
from weir.ports.node_context import Retryable
from weir.runtime.records import Records


class AllowedHosts:
    """Reads them from the tenants' records."""

    def __init__(self, identity: Log) -> None:
        self._tenants = Records(identity, IdentityRecord)

    async def of(self, tenant: str) -> tuple[str, ...]:
        """Patterns of hosts; none: every public host. Retryable while nobody can tell."""
        try:
            entry = await self._tenants.get(subjects.tenant(tenant))
        except WeirError as error:
            raise Retryable(
                "which hosts the tenant allows cannot be read at the moment",
                code=UnavailableError.code,
            ) from error
        saved = entry.record.tenant_saved if entry else None
        return saved.allowed_hosts if saved else ()
