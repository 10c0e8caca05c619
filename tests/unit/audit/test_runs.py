"""Runs are told to the audit from the run log: each once, as its tenant wants it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.identity import audit_runs, audit_turns
from services.identity.audit_runs import RunsTold
from services.identity.audit_turns import Turn
from tests.unit.audit.test_chainer import Fate, Fated, KilledError, World
from tests.waiting import eventually
from weir.contract import codec, ids, subjects
from weir.contract.errors import ConflictError, OutcomeUnknownError
from weir.contract.messages import (
    AuditEntry,
    Envelope,
    Event,
    IdentityRecord,
    RunArchived,
    RunPurged,
    RunStarted,
    TenantSaved,
)
from weir.ports.log import Append, Stored

AT = "2026-01-01T00:00:00.000Z"
USER, KEY, HOOK = "usr_a", "key_a", "hook_a"


class Runs(World):
    """A world in which runs start and end."""

    async def start(self, number: int, by: str, tenant: str = "acme", value: Any = None) -> str:
        """A run of somebody's."""
        run_id = ids.derived("run", tenant, str(number))
        kind = RunStarted(trigger_kind="api", input=value, started_by=by)
        await self._append(tenant, run_id, subjects.start_fact(), kind)
        return run_id

    async def end(self, number: int, status: str, tenant: str = "acme") -> None:
        """It ended, and the archive has it."""
        run_id = ids.derived("run", tenant, str(number))
        kind = RunArchived(status=status, ended_at="2026-01-02T00:00:00.000Z")
        await self._append(tenant, run_id, subjects.archived_fact(), kind)

    async def _append(self, tenant: str, run_id: str, fact: str, kind: Any) -> None:
        envelope = Envelope(
            id="msg_a",
            tenant=tenant,
            run_id=run_id,
            workflow_id="wf_a",
            at=AT,
            events=(Event.of(kind),),
        )
        key = subjects.run_key(tenant, run_id)
        await self.log(subjects.RUNS).append(Append(key.fact(fact), codec.encode(envelope)))

    async def wants(self, audit_runs: str, tenant: str = "acme") -> None:
        """A tenant's setting."""
        saved = TenantSaved(tenant=tenant, status="active", audit_runs=audit_runs)
        record = IdentityRecord.of(saved, id="idr_a", at=AT, by="test")
        data = codec.encode(record)
        await self.log(subjects.IDENTITY).append(Append(subjects.tenant(tenant), data))

    def teller(self, fate: Fate | None = None) -> RunsTold:
        """A new process."""
        notes: Any = self.log(subjects.NOTES)
        if fate is not None:
            notes = Fated(notes, fate)
        turn = Turn(notes, "runs", self.clock)
        return RunsTold(
            self.log(subjects.RUNS), notes, self.log(subjects.IDENTITY), turn, self.clock
        )

    async def facts(self, after: int = 0) -> list[Stored]:
        """What the teller reads."""
        found = [b async for b in self.log(subjects.RUNS).read("run.>", after=after)]
        return [one for batch in found for one in batch]

    async def chained(self, tenant: str = "acme") -> list[AuditEntry]:
        """What is in the chain now."""
        await self.chainer().round()
        return await self.entries(tenant)


async def all_at_once(world: Runs) -> list[tuple[str, str]]:
    """Tell everything; (event, actor) of what came of it."""
    teller = world.teller()
    assert await teller._turn.taken()
    await teller.tell(await world.facts())
    return [(one.event, one.actor) for one in await world.chained()]


async def mixed(world: Runs) -> None:
    """Runs of all kinds of starters, ended in all kinds of ways."""
    for number, (by, status) in enumerate(
        ((USER, "succeeded"), (HOOK, "failed"), (KEY, "cancelled"), ("run_parent", "succeeded"))
    ):
        # What a run is given may look like anything.
        await world.start(number, by, value={"started_by": "usr_not_me"})
        await world.end(number, status)


async def test_people_s_runs_are_told_unless_the_tenant_says_otherwise() -> None:
    """Those that users and keys started, from their start to their end."""
    world = Runs()
    await mixed(world)
    assert await all_at_once(world) == [
        ("run.started", USER),
        ("run.succeeded", "system"),
        ("run.started", KEY),
        ("run.cancelled", "system"),
    ]


async def test_all_runs_are_told_where_the_tenant_wants_it() -> None:
    """Those of webhooks and other runs too; the failed one as failed."""
    world = Runs()
    await world.wants("all")
    await mixed(world)
    told = await all_at_once(world)
    assert len(told) == 8
    assert ("run.failed", "system") in told
    failed = next(one for one in await world.entries("acme") if one.event == "run.failed")
    assert failed.outcome == "failed"
    assert failed.at == "2026-01-02T00:00:00.000Z"


async def test_no_run_is_told_where_the_tenant_wants_none() -> None:
    """And other tenants have their own wish."""
    world = Runs()
    await world.wants("none")
    await mixed(world)
    await world.start(9, USER, tenant="other")
    assert await all_at_once(world) == []
    assert [one.event for one in await world.chained("other")] == ["run.started"]


async def test_an_end_is_told_by_a_process_that_did_not_see_the_start() -> None:
    """It looks the starter up; of what is purged it says nothing."""
    world = Runs()
    await world.start(1, USER)
    await world.start(2, HOOK)
    run_id = await world.start(3, USER)
    after = await world.log(subjects.RUNS).last_seq()
    await world._append("acme", run_id, subjects.start_fact(), RunPurged(status="succeeded"))
    for number in (1, 2, 3):
        await world.end(number, "succeeded")
    teller = world.teller()
    assert await teller._turn.taken()
    await teller.tell(await world.facts(after))
    assert [one.resource for one in await world.chained()] == [ids.derived("run", "acme", "1")]


@pytest.mark.parametrize("seed", range(6))
async def test_each_run_is_told_once_whoever_dies(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every message that a process stores, before or after it is stored."""
    monkeypatch.setattr(audit_turns, "LEFT_S", 0.0)
    for dies_at in range(1, 12):
        world = Runs()
        await mixed(world)
        facts = await world.facts()
        fate = Fate(seed, dies_at)
        try:
            await step(world, fate, facts)
        except (KilledError, OutcomeUnknownError):
            await asyncio.sleep(0.001)
        await step(world, None, facts)
        told = await world.chained()
        assert [one.event for one in told].count("run.started") == 2
        assert len(told) == 4


async def step(world: Runs, fate: Fate | None, facts: list[Stored]) -> None:
    """A process goes on from the place it finds, three facts at a time."""
    teller = world.teller(fate)
    for _ in range(100):
        if await teller._turn.taken():
            break
    place = teller._turn.through
    rest = [one for one in facts if one.seq > place]
    for at in range(0, len(rest), 3):
        await teller.tell(rest[at : at + 3])


async def test_two_processes_tell_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """They follow the log together, one of them has the turn, and the other takes it over."""
    for name in ("LEFT_S", "KEPT_S"):
        monkeypatch.setattr(audit_turns, name, 0.05)
    for name in ("AGAIN_S", "GATHER_S", "KEPT_S"):
        monkeypatch.setattr(audit_runs, name, 0.01)
    world = Runs()
    works = [asyncio.create_task(world.teller().run()) for _ in range(2)]
    last = world.log(subjects.NOTES).last

    async def begun() -> bool:
        return await last(subjects.audit_position("runs")) is not None

    async def told() -> bool:
        return len(await world.chained()) == count

    await eventually(begun)
    await mixed(world)
    count = 4
    await eventually(told)
    works[0].cancel()
    await world.start(10, USER)
    count = 5
    await eventually(told)
    works[1].cancel()


async def test_whoever_lost_the_turn_stores_nothing() -> None:
    """Notes and place go together: one without the other does not happen."""
    world = Runs()
    await mixed(world)
    teller = world.teller()
    assert await teller._turn.taken()
    data = b"{}"
    await world.log(subjects.NOTES).append(Append(subjects.audit_position("runs"), data))
    with pytest.raises(ConflictError):
        await teller.tell(await world.facts())
    assert await world.chained() == []
