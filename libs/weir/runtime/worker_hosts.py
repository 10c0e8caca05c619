"""The hosts that a tenant allows its workflows to call; at most a second old."""

from __future__ import annotations

from typing import Any

from weir.contract import subjects
from weir.contract.errors import UnavailableError, WeirError
from weir.contract.messages import IdentityRecord
from weir.ports.log import Log
from weir.ports.node_context import HttpAnswer, Retryable
from weir.runtime.records import Records
from weir.runtime.worker_http import OutboundHttp


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


class TenantHttp:
    """The `Http` of a tenant outside of its runs: for its credentials."""

    def __init__(self, http: OutboundHttp, hosts: AllowedHosts, tenant: str) -> None:
        self._http = http
        self._hosts = hosts
        self._tenant = tenant

    async def request(self, method: str, url: str, **options: Any) -> HttpAnswer:
        """One call."""
        hosts = await self._hosts.of(self._tenant)
        return await self._http.request(method, url, hosts=hosts, **options)

    async def address(self, host: str, port: int) -> str:
        """An address of the host that may be called."""
        return await self._http.address(host, port, hosts=await self._hosts.of(self._tenant))
