"""Second factors and sign-in from outside on a real broker, with two identity services at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import pyotp
import pytest

from tests.http_house import memory_platform
from tests.integration.identity.connected import connect, who
from tests.integration.identity.provider_program import Browser, needs_provider, running
from tests.unit.identity.factor_house import (
    PASSWORD,
    FactorHouse,
    FactorService,
    StepClock,
)
from tests.waiting import eventually
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.log import JetStreamLog
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.secrets import MemorySecrets
from weir.contract import subjects

STEP_MS = 30_000
Houses = tuple[FactorHouse, FactorHouse]


@pytest.fixture
async def houses(link: Link) -> AsyncIterator[Houses]:
    """Two services that meet in the broker alone, and share a key file."""
    clock, secrets = StepClock(), MemorySecrets()

    def house() -> FactorHouse:
        platform = replace(
            memory_platform(Broker(clock).connect(), oidc_allow=("127.0.0.1",)),
            clock=clock,
            secrets=secrets,
            collab=JetStreamLog(link, subjects.COLLAB),
            identity=JetStreamLog(link, subjects.IDENTITY),
            accounts=JetStreamLog(link, subjects.ACCOUNTS),
        )
        service = FactorService(platform)
        made = FactorHouse(platform, [service])
        made.service, made.clock = service, clock
        return made

    async with AsyncExitStack() as stack:
        yield (
            await stack.enter_async_context(house()),
            await stack.enter_async_context(house()),
        )


@pytest.mark.parametrize("turn", range(3))
async def test_of_all_who_send_one_code_at_two_services_one_comes_in(
    houses: Houses, turn: int
) -> None:
    """The step is stored on top of the login as it was read, whoever read it."""
    del turn  # each has a person of its own: guesses of a turn before would count for the next
    one, two = houses
    eve = await one.person("eve", password=PASSWORD)
    token = await one.session(eve)
    begun = await one.post("totp", token, password=PASSWORD)
    app = pyotp.TOTP(begun.body["secret"])

    def code() -> str:
        return app.generate_otp(one.clock.now_ms() // STEP_MS)

    done = await two.post("totp/confirm", token, enrolment=begun.body["enrolment"], code=code())
    assert done.status == 200, done.body
    one.clock.later_ms += 2 * STEP_MS
    shown = code()
    halves = [(house, (await house.halfway(eve))["challenge"]) for house in (*houses, *houses)]
    answers = await asyncio.gather(
        *(
            house.post("second-factor/totp", None, challenge=half, code=shown)
            for house, half in halves
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]
    recovery = done.body["recovery_codes"][0]
    halves = [(house, (await house.halfway(eve))["challenge"]) for house in houses]
    answers = await asyncio.gather(
        *(
            house.post("second-factor/recovery", None, challenge=half, code=recovery)
            for house, half in halves
        )
    )
    assert sorted(answer.status for answer in answers) == [200, 401]


@needs_provider
async def test_a_way_begun_at_one_service_ends_at_the_other(houses: Houses) -> None:
    """Once, with the membership that both know."""
    one, two = houses
    with running() as provider:
        await provider.account("ann", name="Ann", groups=["ops"])
        connected = await connect(one, provider)
        async with Browser() as browser:
            back = await browser.until_callback(connected.begin(), "ann")
            name = one.url.removeprefix("http://")
            answers = await asyncio.gather(
                *(browser.get(back.replace(one.url, two.url), name) for _ in range(3))
            )
            assert sorted(answer.status for answer in answers) == [303, 400, 400]
            came = next(answer for answer in answers if answer.status == 303)
            user = await who(came, browser, two)
        member = await connected.member(user["user_id"])
        assert member is not None
        assert member.role == "operator"

        async def known() -> bool:
            return user["user_id"] in one.service.index.users

        await eventually(known)
