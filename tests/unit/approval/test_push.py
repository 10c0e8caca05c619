"""Push notices, the whole way: a browser subscribes, is told, and reads what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from services.approval import notices, push
from services.approval.book import Book, Key, Said
from tests.http_house import TENANT, Answer
from tests.unit.approval.asking import API, AskingHouse, asking_house, user
from tests.unit.approval.push_service import Browser, PushService, push_service
from tests.waiting import eventually
from weir.contract import ids, subjects
from weir.contract.messages import ApprovalNotified, MemberRemoved, MemberSaved, UserSaved
from weir.core.approvals.life import SYSTEM
from weir.runtime.worker_guard import Guard, GuardedResolver, parse_allowed

ALONE: dict[str, Any] = {"email": False}
DEVICES = f"{API}/push/devices"


class PushHouse(AskingHouse):
    """With a push service that it trusts."""

    pushes: PushService

    async def subscribe(self, who: str, browser: Browser, name: str = "Phone") -> Answer:
        """As the page does it."""
        return await self.ask("POST", DEVICES, key=who, json={**browser.subscription, "name": name})

    async def browser(self, who: str, name: str = "") -> Browser:
        """Somebody's, subscribed."""
        made = self.pushes.browser(name or who)
        assert (await self.subscribe(who, made)).status == 200
        return made

    async def ended(self, approval_id: str, notice: str = "asked") -> dict[str, Any]:
        """What the history says of a notice, once it has ended."""

        async def over() -> bool:
            life = await self.asking.life(approval_id)
            return life.notices.get(notice, ("", 0))[0] in {"sent", "failed"}

        await eventually(over)
        history = (await self.asking.life(approval_id)).history
        return next(dict(one) for one in history if one.get("notice") == notice)


@pytest_asyncio.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PushHouse]:
    """Five people, and a push service of this machine."""
    monkeypatch.setattr(push, "PAUSES_S", (0.0, 0.0))
    settings = {"outbound_allow": ("127.0.0.0/8",), "mail_from": "Weir <weir@example.com>"}
    made = PushHouse(asking_house(**settings).asking)
    async with push_service(tmp_path) as (service, trusted), made:
        made.pushes = service
        guard = Guard(parse_allowed(settings["outbound_allow"]))
        connector = aiohttp.TCPConnector(resolver=GuardedResolver(guard), ssl=trusted)
        made.asking.service._http._session = aiohttp.ClientSession(connector=connector)
        yield made


async def test_those_who_can_decide_are_told_on_their_devices(house: PushHouse) -> None:
    """Each browser reads what it is about, who asks and where; the one who asks is told nothing."""
    ann, desk, bob = [
        await house.browser(who, name) for who, name in (("ann", "a"), ("ann", "b"), ("bob", "c"))
    ]
    sam, cy = await house.browser("sam"), await house.browser("cy")
    one = await house.asking.ask({**ALONE, "title": "Deploy  4.2?", "context": {"secret": "x"}})
    told = await house.ended(one)
    assert (told["status"], told["people"], told["devices"]) == ("sent", 2, 3)
    expected = {
        "title": "Deploy 4.2?",
        "body": "You are asked to decide. Asked by Sam.",
        "url": f"/approvals?id={one}",
        "tag": one,
    }
    for browser in (ann, desk, bob):
        assert house.pushes.told(browser) == [expected]
    assert house.pushes.told(sam) == house.pushes.told(cy) == []
    key = await house.get("/push/key", "ann")
    for message in house.pushes.taken:
        assert message.headers["Content-Encoding"] == "aes128gcm"
        assert message.headers["Topic"] == one
        assert len(one) <= 32  # of a topic, by RFC 8030
        assert 0 < int(message.headers["TTL"]) <= 7 * 86_400
        claims = message.claims
        assert (claims["aud"], claims["k"]) == (house.pushes.url, key["key"])
        assert claims["sub"] == "mailto:weir@example.com"
        assert b"Deploy" not in message.body


async def test_mail_and_push_are_one_notice(house: PushHouse) -> None:
    """Who has no device has a mail, who has one has both; told once each."""
    ann = await house.browser("ann")
    one = await house.asking.ask()
    told = await house.ended(one)
    assert (told["status"], told["devices"]) == ("sent", 1)
    assert sorted(mail.to for mail in house.asking.mails) == ["ann@example.com", "bob@example.com"]
    await house.vote("cy", one, "approved")  # refused, and nobody hears of it again
    assert len(house.pushes.told(ann)) == 1


async def test_reminders_and_escalations_tell_too(house: PushHouse) -> None:
    """A reminder whom the first notice reached, an escalation whom it names; one topic for all."""
    ann, boss = await house.browser("ann"), await house.browser("boss")
    one = await house.asking.ask(
        {
            **ALONE,
            "remind_every": "200ms",
            "escalation": [{"after": "300ms", "notify": ["role:admin"]}],
        }
    )
    for notice in ("asked", "reminder.1", "escalation.1"):
        assert (await house.ended(one, notice))["status"] == "sent"
    bodies = [told["body"] for told in house.pushes.told(ann)]
    assert bodies[:2] == [
        "You are asked to decide. Asked by Sam.",
        "Nobody has decided yet. Asked by Sam.",
    ]
    assert [told["body"] for told in house.pushes.told(boss)] == [
        "Nobody has decided yet, and you are told of it. Asked by Sam."
    ]
    assert {message.headers["Topic"] for message in house.pushes.taken} == {one}


async def test_a_notice_that_another_process_died_in_is_sent(
    house: PushHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it was begun is stored; whoever looks later sends it, and once."""
    monkeypatch.setattr(notices, "AGAIN_MS", 200)
    one = await house.asking.ask(ALONE)
    book = Book(house.platform.approvals, house.platform.clock)
    begun = ApprovalNotified(notice="asked", status="begun")
    await book.change(Key(TENANT, one), lambda _: [Said(SYSTEM, begun)])
    ann = await house.browser("ann")
    assert (await house.ended(one))["devices"] == 1
    assert len(house.pushes.told(ann)) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(house: PushHouse, status: int) -> None:
    """The push service says so once; the others are told, and nothing has failed."""
    await house.browser("ann")
    house.pushes.answers = [status]
    one = await house.asking.ask(ALONE)
    told = await house.ended(one)
    assert (told["status"], told.get("devices", 0)) == ("sent", 0)
    assert (await house.get("/push/devices", "ann"))["items"] == []


async def test_what_is_refused_for_now_is_sent_again(house: PushHouse) -> None:
    """429 and 5xx: asked again at once here, and taken."""
    ann = await house.browser("ann")
    house.pushes.answers = [429, 503]
    one = await house.asking.ask(ALONE)
    told = await house.ended(one)
    assert (told["status"], told["devices"]) == ("sent", 1)
    assert len(house.pushes.told(ann)) == 1


@pytest.mark.parametrize(("answers", "said"), [([500] * 3, "500"), ([403], "403")])
async def test_what_is_refused_for_good_stands_in_the_history(
    house: PushHouse, answers: list[int], said: str
) -> None:
    """Who did not take it and what they said; the device stays, and deciding goes on."""
    await house.browser("ann")
    house.pushes.answers = list(answers)
    one = await house.asking.ask(ALONE)
    told = await house.ended(one)
    assert (told["status"], told["problem"]) == (
        "failed",
        f"The push service 127.0.0.1 answers {said}.",
    )
    assert house.pushes.answers == []
    assert len((await house.get("/push/devices", "ann"))["items"]) == 1
    assert (await house.vote("ann", one, "approved")).status == 200


async def test_a_push_service_that_is_away_stands_in_the_history(house: PushHouse) -> None:
    """By its host; its address is a secret."""
    browser = Browser("https://127.0.0.1:9443/push/very-secret")
    await house.subscribe("ann", browser)
    told = await house.ended(await house.asking.ask(ALONE))
    assert told["problem"] == "The push service 127.0.0.1 cannot be reached: HTTP_UNREACHABLE."


async def test_nobody_is_asked_without_a_device_or_mail(house: PushHouse) -> None:
    """An approval that tells nobody has no notice, until somebody who can decide has a device."""
    await house.browser("cy")  # of the tenant, and not asked
    one = await house.asking.ask(ALONE)
    await house.vote("ann", one, "nothing")
    two = await house.asking.ask({"assignees": "role:viewer", **ALONE})
    assert (await house.ended(two))["devices"] == 1
    assert not (await house.asking.life(one)).notices


async def test_addresses_of_our_own_are_not_called(tmp_path: Path) -> None:
    """What is not public is refused when it would be called, whatever a browser said."""
    made = PushHouse(asking_house().asking)
    async with push_service(tmp_path) as (service, _), made:
        made.pushes = service
        inside = Browser(f"{service.url}/push/x")
        device = (await made.subscribe("ann", inside)).body
        answer = await made.ask("POST", f"{DEVICES}/{device['id']}/test", key="ann")
        assert answer.body == {
            "sent": False,
            "problem": "The push service 127.0.0.1 cannot be called: ADDRESS_REFUSED.",
        }
        assert service.taken == []


# -- what people do --


async def test_a_device_is_there_once_and_can_be_tried(house: PushHouse) -> None:
    """Subscribing again changes its name; a test reaches it; what was removed is gone."""
    ann = await house.browser("ann")
    again = await house.subscribe("ann", ann, "  My \n phone ")
    (item,) = (await house.get("/push/devices", "ann"))["items"]
    assert item == again.body
    assert item["name"] == "My phone"
    answer = await house.ask("POST", f"{DEVICES}/{item['id']}/test", key="ann")
    assert answer.body == {"sent": True, "problem": ""}
    assert [told["tag"] for told in house.pushes.told(ann)] == ["test"]
    assert (await house.ask("DELETE", f"{DEVICES}/{item['id']}", key="ann")).status == 204
    assert (await house.get("/push/devices", "ann"))["items"] == []
    for method, path in (("DELETE", ""), ("POST", "/test")):
        answer = await house.ask(method, f"{DEVICES}/{item['id']}{path}", key="ann")
        assert (answer.status, answer.code) == (404, "PUSH_DEVICE_NOT_FOUND")


async def test_a_test_says_that_a_device_is_gone(house: PushHouse) -> None:
    """And it is not in the list any more."""
    await house.browser("ann")
    (item,) = (await house.get("/push/devices", "ann"))["items"]
    house.pushes.answers = [410]
    answer = await house.ask("POST", f"{DEVICES}/{item['id']}/test", key="ann")
    assert (answer.body["sent"], "does not know" in answer.body["problem"]) == (False, True)
    assert (await house.get("/push/devices", "ann"))["items"] == []


async def test_ten_devices_are_enough(house: PushHouse) -> None:
    """Also if they come at the same moment; those that are there can still be named anew."""
    browsers = [house.pushes.browser(str(number)) for number in range(12)]
    answers = await asyncio.gather(*[house.subscribe("ann", one) for one in browsers[:4]])
    answers += [await house.subscribe("ann", one) for one in browsers[4:]]
    refused = [one for one in answers if one.status != 200]
    assert [(one.status, one.code) for one in refused] == [(409, "PUSH_DEVICES_FULL")] * 2
    assert len((await house.get("/push/devices", "ann"))["items"]) == 10
    assert (await house.subscribe("ann", browsers[0], "Again")).status == 200


async def test_devices_are_ones_own(house: PushHouse) -> None:
    """Others neither see nor change them; who is nobody has none; a browser has one person."""
    ann = await house.browser("ann")
    (item,) = (await house.get("/push/devices", "ann"))["items"]
    assert (await house.get("/push/devices", "bob"))["items"] == []
    assert (await house.ask("DELETE", f"{DEVICES}/{item['id']}", key="bob")).status == 404
    for key in ("viewer", "admin"):  # keys without an owner
        answer = await house.ask("GET", DEVICES, key=key)
        assert (answer.status, answer.code) == (403, "PERSON_REQUIRED")
    assert (await house.ask("GET", DEVICES, key=None)).status == 401
    assert (await house.subscribe("bob", ann)).status == 200
    assert (await house.get("/push/devices", "ann"))["items"] == []
    assert len((await house.get("/push/devices", "bob"))["items"]) == 1


_GOOD = Browser("https://push.example.net/x").subscription
_BAD: list[Any] = [
    "x",
    [],
    {},
    {"endpoint": "https://push.example.net/x"},
    *(
        {**_GOOD, "endpoint": endpoint}
        for endpoint in (
            *("", "x", 7, None, "http://push.example.net/x", "ftp://push.example.net/x"),
            *("https://", "https://a@push.example.net/", "https://localhost/x", "https://0x7f.1/"),
            *("https://push.example.net:22/", "javascript:alert(1)", "https://a/ b", "\0"),
            "https://push.example.net/" + "x" * 2_000,
        )
    ),
    *(
        {**_GOOD, "keys": keys}
        for keys in (
            *(None, {}, {**_GOOD["keys"], "p256dh": ""}, {**_GOOD["keys"], "auth": "x"}),
            {**_GOOD["keys"], "p256dh": "A" * 87},
            {**_GOOD["keys"], "p256dh": "é" * 87},
            {**_GOOD["keys"], "auth": "=" * 22},
            {**_GOOD["keys"], "auth": "A" * 26},
            {**_GOOD["keys"], "more": "x"},
        )
    ),
    {**_GOOD, "name": "x" * 101},
    {**_GOOD, "name": 7},
]


@pytest.mark.parametrize("body", _BAD)
async def test_what_is_no_subscription_is_refused(body: Any) -> None:
    """With the place of what is wrong; nothing is kept."""
    async with asking_house() as house:
        answer = await house.ask("POST", DEVICES, key="ann", json=body)
        assert (answer.status, answer.code) == (422, "INVALID_REQUEST"), answer.body
        assert (await house.get("/push/devices", "ann"))["items"] == []


# -- what is kept --


async def test_where_notices_go_lies_sealed(house: PushHouse) -> None:
    """Neither endpoint nor keys are in the stream, nor what signs; one message for a person."""
    ann = await house.browser("ann")
    await house.subscribe("ann", ann, "Again")
    key = await house.get("/push/key", "ann")
    assert await house.get("/push/key", "bob") == key
    every = [one async for batch in house.platform.approvals.read("approval.>") for one in batch]
    secret = ann.subscription
    for text in (ann.endpoint, "/push/ann", *secret["keys"].values()):
        assert not [one for one in every if text.encode() in one.data]
    subject = subjects.approval_devices(TENANT, user("ann"))
    assert [one.subject for one in every].count(subject) == 1


async def test_nothing_stays_of_whoever_leaves(house: PushHouse) -> None:
    """Also of who left while the service was away; of the others everything stays."""
    for who in ("ann", "bob", "cy"):
        await house.browser(who)

    async def kept() -> set[str]:
        read = house.platform.approvals.read(subjects.EVERY_DEVICES)
        return {one.subject.rpartition(".")[2] async for batch in read for one in batch}

    async def leave(who: str) -> None:
        gone = MemberRemoved(tenant=TENANT, user_id=user(who))
        await house.asking.identity(subjects.member(TENANT, user(who)), gone)

    await leave("ann")

    async def without_ann() -> bool:
        return await kept() == {user("bob"), user("cy")}

    await eventually(without_ann)
    await house.asking.service.stop()
    await leave("bob")
    await house.asking.service.start()

    async def without_bob() -> bool:
        return await kept() == {user("cy")}

    await eventually(without_bob)


async def test_who_was_locked_out_is_told_nothing(house: PushHouse) -> None:
    """As long as their account is not in order, though their devices stay."""
    ann, bob = await house.browser("ann"), await house.browser("bob")
    locked = UserSaved(user_id=user("ann"), name="Ann", email="ann@example.com", status="disabled")
    await house.asking.identity(subjects.user(user("ann")), locked)

    async def known() -> bool:
        return house.asking.service._roster.member(TENANT, user("ann")) is None

    await eventually(known)
    one = await house.asking.ask(ALONE)
    assert (await house.ended(one))["devices"] == 1
    assert (len(house.pushes.told(ann)), len(house.pushes.told(bob))) == (0, 1)


async def test_a_person_of_two_tenants_has_the_browser_in_both(house: PushHouse) -> None:
    """The same browser twice, each with its own list."""
    ann = await house.browser("ann")
    member = MemberSaved(tenant="other", user_id=user("ann"), role="operator")
    await house.asking.identity(subjects.member("other", user("ann")), member)
    devices = house.asking.service.devices
    (mine,) = await devices.read(TENANT, user("ann"))
    target = await devices.target(TENANT, user("ann"), mine)
    there = await devices.add("other", user("ann"), "Phone", target)
    assert there.id == mine.id == ids.derived("psh", ann.endpoint)
    assert len(await devices.read(TENANT, user("ann"))) == 1
    assert await devices.forget("other")
    assert await devices.read("other", user("ann")) == ()
    assert len(await devices.read(TENANT, user("ann"))) == 1
