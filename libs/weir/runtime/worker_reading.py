"""Who may read which credential on a worker, and that it is told when somebody did.

A credential of projects is for runs of these alone; a run's project stands in
its start. That a run read a credential is told to the audit once per run and
credential, however many steps and attempts read it.
"""

from __future__ import annotations

from collections import OrderedDict

from weir.contract import codec, subjects
from weir.contract.credential_errors import CredentialForbiddenError
from weir.contract.messages import CredentialSaved
from weir.ports.log import Log
from weir.ports.node_context import Terminal
from weir.runtime.audit import Audit
from weir.runtime.audit_entry import Noted

KEPT = 10_000


class Readers:
    """Knows the runs of this worker."""

    def __init__(self, runs: Log, audit: Audit, worker: str) -> None:
        self._runs = runs
        self._audit = audit
        self._worker = worker
        self._projects: OrderedDict[str, str] = OrderedDict()
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    async def admit(self, tenant: str, run_id: str, saved: CredentialSaved) -> None:
        """Terminal (CREDENTIAL_FORBIDDEN) if the credential is not for this run."""
        if not saved.projects:
            return
        project = await self._project(tenant, run_id)
        if project not in saved.projects:
            raise Terminal(
                f"the credential {saved.name!r} is of other projects than this run",
                code=CredentialForbiddenError.code,
            )

    async def tell(self, tenant: str, run_id: str, saved: CredentialSaved) -> None:
        """That this run reads it."""
        key = run_id, saved.credential_id
        if key in self._told:
            self._told.move_to_end(key)
            return
        _keep(self._told, key, None)
        await self._audit.tell(
            Noted(
                event="credential.read",
                tenant=tenant,
                actor=run_id,
                resource=saved.credential_id,
                reason=f"{saved.name}, by {self._worker}",
            )
        )

    async def _project(self, tenant: str, run_id: str) -> str:
        known = self._projects.get(run_id)
        if known is None:
            stored = await self._runs.last(
                subjects.run_key(tenant, run_id).fact(subjects.start_fact())
            )
            events = codec.decode(stored.data).events if stored is not None else ()
            started = events[0].run_started if events else None
            known = started.project if started is not None else ""
            _keep(self._projects, run_id, known)
        return known


def _keep(kept: OrderedDict, key: object, value: object) -> None:  # type: ignore[type-arg]
    kept[key] = value
    if len(kept) > KEPT:
        kept.popitem(last=False)
