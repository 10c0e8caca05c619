"""Who may read a credential at run time, and that the audit is told once."""

from __future__ import annotations

import orjson
import pytest

from tests.http_house import TENANT, memory_platform
from weir.adapters.memory.broker import Broker
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.messages import (
    AuditEntry,
    AuditRecord,
    CredentialSaved,
    Envelope,
    Event,
    RegistryRecord,
    RunStarted,
)
from weir.ports.log import Append
from weir.ports.node_context import NodeError
from weir.runtime.audit import Audit
from weir.runtime.platform import Platform
from weir.runtime.records import Records
from weir.runtime.sealing import fields_place
from weir.runtime.worker_credentials import Credentials
from weir.runtime.worker_reading import Readers

NOW = "2026-01-01T00:00:00.000Z"
MINE, YOURS = "prj_mine", "prj_yours"


async def started(platform: Platform, run_id: str, project: str) -> None:
    """A run of a project."""
    event = Event.of(RunStarted(workflow_id="wf_a", version="ver_a", project=project))
    envelope = Envelope(id="e", tenant=TENANT, run_id=run_id, at=NOW, events=(event,))
    subject = subjects.run_key(TENANT, run_id).fact(subjects.start_fact())
    await platform.runs.append(Append(subject, codec.encode(envelope)))


async def kept(platform: Platform, name: str, *projects: str) -> None:
    """A credential of these projects."""
    place = fields_place(TENANT, f"cred_{name}", name, 1)
    sealed = await platform.secrets.seal(orjson.dumps({"token": name}), place)
    saved = CredentialSaved(
        credential_id=f"cred_{name}",
        name=name,
        type="bearer",
        sealed=sealed.data,
        key_id=sealed.key_id,
        created_at=NOW,
        version=1,
        projects=projects,
    )
    record = RegistryRecord.of(saved, id="rec", tenant=TENANT, at=NOW, by="test")
    await platform.registry.append(Append(subjects.credential(TENANT, name), codec.encode(record)))


async def noted(platform: Platform) -> list[AuditEntry]:
    """What the audit was told."""
    return [
        entry
        async for batch in platform.notes.read("note.>")
        for stored in batch
        for entry in AuditRecord.model_validate_json(stored.data).audit_noted.entries  # type: ignore[union-attr]
    ]


async def test_a_run_reads_what_is_of_its_project_or_of_all() -> None:
    """Another project's credential is refused, whatever the definition names."""
    platform = memory_platform(Broker(SystemClock()).connect())
    await started(platform, "run_mine", MINE)
    await started(platform, "run_none", "")
    await kept(platform, "all")
    await kept(platform, "mine", MINE)
    await kept(platform, "both", YOURS, MINE)
    await kept(platform, "yours", YOURS)
    audit = Audit(platform.notes, platform.clock)
    reader = Credentials(
        Records(platform.registry, RegistryRecord),
        platform.secrets,
        Readers(platform.runs, audit, "w1"),
    )
    for name in ("all", "mine", "both"):
        assert (await reader.get(TENANT, name, "run_mine"))["token"] == name
    assert (await reader.get(TENANT, "all", "run_none"))["token"] == "all"
    refused = [("yours", "run_mine"), ("mine", "run_none"), ("mine", "run_unknown")]
    for name, run in refused:
        with pytest.raises(NodeError) as told:
            await reader.get(TENANT, name, run)
        assert told.value.error_code == "CREDENTIAL_FORBIDDEN"
    await audit.stop()


async def test_the_audit_is_told_once_per_run_and_credential() -> None:
    """However many steps read it; with the run, the credential and the worker, and no value."""
    platform = memory_platform(Broker(SystemClock()).connect())
    await kept(platform, "a")
    await kept(platform, "b")
    audit = Audit(platform.notes, platform.clock)
    reader = Credentials(
        Records(platform.registry, RegistryRecord),
        platform.secrets,
        Readers(platform.runs, audit, "w1"),
    )
    for _ in range(5):
        await reader.get(TENANT, "a", "run_1")
        await reader.get(TENANT, "b", "run_1")
        await reader.get(TENANT, "a", "run_2")
    told = [(one.event, one.actor, one.resource) for one in await noted(platform)]
    assert sorted(told) == [
        ("credential.read", "run_1", "cred_a"),
        ("credential.read", "run_1", "cred_b"),
        ("credential.read", "run_2", "cred_a"),
    ]
    assert all(one.tenant == TENANT and "w1" in one.reason for one in await noted(platform))
    await audit.stop()
