"""People of a tenant on a real broker, administered by two identity services at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from tests.http_house import memory_platform
from tests.unit.identity.roster_house import RosterHouse
from tests.waiting import eventually
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.live import JetStreamLive
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.secrets import MemorySecrets
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.messages import IdentityRecord
from weir.runtime.authn import Authenticator

Houses = tuple[RosterHouse, RosterHouse]


@pytest.fixture
async def houses(link: Link) -> AsyncIterator[Houses]:
    """Two services that meet in the broker alone."""
    secrets = MemorySecrets()

    def house() -> RosterHouse:
        return RosterHouse(
            on=replace(
                memory_platform(Broker(SystemClock()).connect(), limits=("off",)),
                secrets=secrets,
                collab=JetStreamLog(link, subjects.COLLAB),
                identity=JetStreamLog(link, subjects.IDENTITY),
                accounts=JetStreamLog(link, subjects.ACCOUNTS),
                registry=JetStreamLog(link, subjects.REGISTRY),
                live=JetStreamLive(link),
            )
        )

    async with AsyncExitStack() as stack:
        one, two = house(), house()
        await stack.enter_async_context(one.house)
        await stack.enter_async_context(two.house)
        yield one, two


async def test_administrators_who_demote_each_other_leave_one(houses: Houses) -> None:
    """In ten tenants two of them, each through a service of their own, at the same moment."""
    one, two = houses
    for tenant in (f"t{number}" for number in range(10)):
        ada = await one.person("Ada", "admin", tenant=tenant)
        eve = await two.person("Eve", "admin", tenant=tenant)
        by_ada, by_eve = await one.signed_in(ada, tenant), await two.signed_in(eve, tenant)
        answers = await asyncio.gather(
            one.put(f"/users/{eve}", {"role": "viewer"}, key=by_ada),
            two.put(f"/users/{ada}", {"role": "viewer"}, key=by_eve),
        )
        assert sorted(answer.status < 300 for answer in answers) == [False, True]
        assert len(await admins(one, tenant)) == 1


async def admins(house: RosterHouse, tenant: str) -> list[str]:
    """The administrators as the log has them."""
    last: dict[str, IdentityRecord] = {}
    async for batch in house.platform.identity.read(subjects.member(tenant, "*")):
        for stored in batch:
            last[stored.subject] = IdentityRecord.model_validate_json(stored.data)
    every = [one.member_saved for one in last.values()]
    return sorted(one.user_id for one in every if one and one.role == "admin")


async def test_names_are_taken_once_between_services(houses: Houses) -> None:
    """Twenty requests for one name through both make one project."""
    answers = await asyncio.gather(
        *(each.post("/projects", {"name": "Orders"}) for each in houses * 10)
    )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 19


async def test_what_one_service_takes_the_other_refuses(houses: Houses) -> None:
    """A key that is revoked, with its last use written down by one of both."""
    one, two = houses
    made = await one.made("/keys", name="k", role="viewer")
    beside = Authenticator(two.platform.identity, two.platform.clock)
    assert await beside.identify(made["token"]) is not None
    for each in houses:
        assert (await each.get("/projects", key=made["token"])).status == 200
    subject = subjects.key_used(made["id"])

    async def is_written() -> bool:
        return await one.platform.identity.last(subject) is not None

    await eventually(is_written)
    kept = [stored async for batch in one.platform.identity.read(subject) for stored in batch]
    assert len(kept) == 1
    assert (await one.delete(f"/keys/{made['id']}")).status == 204

    async def is_refused() -> bool:
        return await beside.identify(made["token"]) is None

    await eventually(is_refused)


async def test_an_address_is_one_account_between_services(houses: Houses) -> None:
    """Invited through both at once: one member, one mail to them."""
    body = {"email": "ada@example.com", "role": "viewer"}
    answers = await asyncio.gather(*(each.post("/users", body) for each in houses * 3))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 5
    assert sum(len(each.service.sent) for each in houses) == 1
