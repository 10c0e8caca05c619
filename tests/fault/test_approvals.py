"""kill -9 of the approval service while people decide: nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest

from tests.fault.house import House
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.system import SystemClock
from weir.contract import codec, ids, subjects, times
from weir.contract.messages import IdentityRecord, MemberSaved, Message, RunSucceeded, UserSaved
from weir.ports.log import Append
from weir.runtime.authn import Authenticator
from weir.runtime.first_key import TENANT

PEOPLE = ("ann", "bob")
RUNS, DEATHS = 60, 4
APPROVAL = "approval-1"

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


async def people(platform: House) -> dict[str, str]:
    """Two members, each with a key."""
    log, clock = JetStreamLog(platform.link, subjects.IDENTITY), SystemClock()
    issuer, keys = Authenticator(log, clock), {}

    async def put(subject: str, kind: Message) -> None:
        record = IdentityRecord.of(
            kind,  # type: ignore[arg-type]
            id=clock.new_id("idr"),
            at=times.from_ms(clock.now_ms()),
            by="test",
        )
        await log.append(Append(subject, codec.encode(record)))

    for name in PEOPLE:
        user = ids.derived("usr", name)
        mail = f"{name}@example.com"
        await put(subjects.user(user), UserSaved(user_id=user, email=mail, status="active"))
        member = MemberSaved(tenant=TENANT, user_id=user, role="operator")
        await put(subjects.member(TENANT, user), member)
        _, keys[name] = await issuer.issue(
            tenant=TENANT, name=name, role="operator", by="test", owner=user
        )
    return keys


def workflow() -> dict[str, Any]:
    """Asks both; every third run is decided by an escalation."""
    ask = {
        "assignees": [f"{name}@example.com" for name in PEOPLE],
        "required": 2,
        "escalation": [{"after": "{{ input.n % 3 == 0 ? '4s' : '10m' }}", "decide": "rejected"}],
        "email": False,
    }
    return {
        "name": "asks",
        "nodes": [
            {"id": "go", "type": "manual"},
            {"id": "ask", "type": "approval", "config": ask},
            {"id": "yes", "type": "output", "config": {"value": "{{ steps.ask }}"}},
            {"id": "no", "type": "output", "config": {"value": "{{ steps.ask }}"}},
        ],
        "edges": [
            {"source": "go", "target": "ask"},
            {"source": "ask", "source_port": "approved", "target": "yes"},
            {"source": "ask", "source_port": "rejected", "target": "no"},
        ],
    }


class Voter:
    """Somebody who decides about everything that waits for them, however often it takes."""

    def __init__(self, platform: House, key: str) -> None:
        self._platform = platform
        self._headers = {"Authorization": f"Bearer {key}"}
        self.told: dict[str, Mapping[str, Any]] = {}  # by run: the last answer

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await self._once()
            await asyncio.sleep(0.1)

    async def _once(self) -> None:
        url = f"{self._platform.processes[APPROVAL].url}/api/v1/approvals"
        http, headers = self._platform.http, self._headers
        query = {"status": "open", "mine": "true", "limit": "200"}
        async with http.get(url, params=query, headers=headers) as answer:
            if answer.status != 200:
                return
            items = (await answer.json())["items"]
        for one in items:
            if one["run_id"] in self.told:
                continue
            path = f"{url}/{one['id']}/decision"
            async with http.post(path, json={"option": "approved"}, headers=headers) as answer:
                if answer.status in {200, 409}:
                    self.told[one["run_id"]] = await answer.json()


async def test_decisions_survive_kills(platform: House) -> None:
    """Each run goes on by what people and clocks were told, once, whoever died in between."""
    keys = await people(platform)
    platform.add(APPROVAL)
    await platform.start(APPROVAL)
    workflow_id, _ = await platform.publish(workflow())
    runs = await platform.start_runs(workflow_id, [{"n": n} for n in range(RUNS)])
    voters = [Voter(platform, key) for key in keys.values()]
    voting = [asyncio.create_task(voter.run()) for voter in voters]
    try:
        for _ in range(DEATHS):
            await asyncio.sleep(1)
            await platform.kill(APPROVAL)
            await platform.start(APPROVAL)
        await platform.ended(runs)
    finally:
        for task in voting:
            task.cancel()
        await asyncio.gather(*voting, return_exceptions=True)
    for run_id in runs:
        stored = await platform.log.last(subjects.run_key(TENANT, run_id).events)
        assert stored is not None
        end = codec.decode(stored.data).events[-1].kind
        assert isinstance(end, RunSucceeded), end
        decision = _decision(end.output)
        assert decision is not None, end.output
        for voter in voters:
            told = voter.told.get(run_id)
            if told is not None and "decision" in told and told["decision"]:
                assert told["decision"]["option"] == decision["decision"], run_id
        if decision["how"] == "people":
            assert len(decision["votes"]) == len(PEOPLE)


def _decision(output: Any) -> Mapping[str, Any] | None:
    """What the step came to, wherever it lies in the run's output."""
    if isinstance(output, dict) and "decision" in output:
        return output
    parts = output.values() if isinstance(output, dict) else ()
    return next((found for one in parts if (found := _decision(one))), None)
