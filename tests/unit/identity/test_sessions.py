"""Sessions: how they begin, go on and end, and what a stolen token gains."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientSession, WSMsgType

from services.identity.refresh_tokens import RefreshToken, parse
from services.identity.renewal import REPEATED_MS
from tests.http_house import TENANT
from tests.unit.identity.people_house import PASSWORD, PeopleHouse
from tests.waiting import eventually, everything, within
from weir.contract import subjects
from weir.contract.messages import UserSaved
from weir.runtime.http import socket

HOUR = 3_600_000


async def ended(people: PeopleHouse, key: str) -> bool:
    """Whether the access token comes to nothing, which it may take a second to do."""

    async def refused() -> bool:
        return (await people.ask("GET", "/who", key=key)).status == 401

    await eventually(refused)
    return True


async def reason(people: PeopleHouse, user_id: str, session_id: str) -> str:
    """Why a session ended; empty while it goes on."""
    entry = await people.service._accounts.identity.records.fresh(
        subjects.session(user_id, session_id)
    )
    assert entry is not None
    over = entry.record.session_ended
    return over.reason if over else ""


async def test_a_refresh_token_counts_once(people: PeopleHouse) -> None:
    """Each gives the next one; the session goes on, and its end does not move."""
    await people.person("ann")
    first = await people.signed_in("ann")
    second = (await people.post("refresh", refresh_token=first["refresh_token"])).body
    third = (await people.post("refresh", refresh_token=second["refresh_token"])).body
    assert first["session"] == second["session"] == third["session"]
    assert len({first["refresh_token"], second["refresh_token"], third["refresh_token"]}) == 3
    assert first["session_expires_at"] == third["session_expires_at"]
    assert (await people.ask("GET", "/who", key=third["access_token"])).status == 200


async def test_a_stolen_token_ends_the_whole_family(people: PeopleHouse) -> None:
    """Shown again later, the thief's and the owner's tokens come to nothing alike."""
    user_id = await people.person("ann")
    stolen = await people.signed_in("ann")
    owners = (await people.post("refresh", refresh_token=stolen["refresh_token"])).body
    people.clock.later_ms = REPEATED_MS + 1
    thief = await people.post("refresh", refresh_token=stolen["refresh_token"])
    assert (thief.status, thief.code) == (401, "SESSION_OVER")
    owner = await people.post("refresh", refresh_token=owners["refresh_token"])
    assert (owner.status, owner.code) == (401, "SESSION_OVER")
    assert await ended(people, owners["access_token"])
    assert await reason(people, user_id, owners["session"]) == "reused"


async def test_any_earlier_token_ends_it(people: PeopleHouse) -> None:
    """Not only the one before the present one, and at once, since no answer can be lost so long."""
    user_id = await people.person("ann")
    tokens = [await people.signed_in("ann")]
    for _ in range(3):
        answer = await people.post("refresh", refresh_token=tokens[-1]["refresh_token"])
        tokens.append(answer.body)
    again = await people.post("refresh", refresh_token=tokens[0]["refresh_token"])
    assert again.status == 401
    assert await reason(people, user_id, tokens[0]["session"]) == "reused"


async def test_who_lost_the_answer_may_ask_again(people: PeopleHouse) -> None:
    """The same client gets, for ten seconds, the very token it should have had."""
    user_id = await people.person("ann")
    first = await people.signed_in("ann")
    lost = (await people.post("refresh", refresh_token=first["refresh_token"])).body
    again = await people.post("refresh", refresh_token=first["refresh_token"])
    assert again.status == 200
    assert again.body["refresh_token"] == lost["refresh_token"]
    assert (await people.ask("GET", "/who", key=again.body["access_token"])).status == 200
    assert (await people.post("refresh", refresh_token=lost["refresh_token"])).status == 200
    assert await reason(people, user_id, first["session"]) == ""


async def test_another_client_may_not(people: PeopleHouse) -> None:
    """Who calls itself otherwise, or asks from elsewhere, did not lose that answer."""
    user_id = await people.person("ann")
    first = await people.signed_in("ann")
    body = {"refresh_token": first["refresh_token"]}
    await people.post("refresh", **body)
    thief = {"User-Agent": "thief/1.0"}
    answer = await people.ask("POST", "/api/v1/auth/refresh", key=None, json=body, headers=thief)
    assert answer.status == 401
    assert await reason(people, user_id, first["session"]) == "reused"


async def test_a_token_shown_many_times_at_once_is_one_renewal(people: PeopleHouse) -> None:
    """Two tabs, or a repeated request: all get the same next token, and nobody is punished."""
    user_id = await people.person("ann")
    first = await people.signed_in("ann")
    answers = await asyncio.gather(
        *(people.post("refresh", refresh_token=first["refresh_token"]) for _ in range(10))
    )
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["refresh_token"] for answer in answers}) == 1
    assert parse(answers[0].body["refresh_token"]).generation == 1  # type: ignore[union-attr]
    assert await reason(people, user_id, first["session"]) == ""


async def test_a_guess_ends_nothing(people: PeopleHouse) -> None:
    """Whoever knows a session's id alone cannot sign anybody out."""
    user_id = await people.person("ann")
    tokens = await people.signed_in("ann")
    tokens = (await people.post("refresh", refresh_token=tokens["refresh_token"])).body
    for generation in (0, 1, 2, 999_999_999):
        guess = RefreshToken(tokens["session"], generation, "a" * 52).text
        assert (await people.post("refresh", refresh_token=guess)).status == 401
    assert await reason(people, user_id, tokens["session"]) == ""
    assert (await people.post("refresh", refresh_token=tokens["refresh_token"])).status == 200


@pytest.mark.parametrize(
    "token", ["", "x", "wrt_a_0_b", "wrt_" + "a" * 26 + "_0_" + "b" * 52, "\x00", "\u017f" * 100]
)
async def test_what_is_no_refresh_token_is_refused(people: PeopleHouse, token: str) -> None:
    """Clearly, and all alike."""
    answer = await people.post("refresh", refresh_token=token)
    assert (answer.status, answer.code) == (401, "SESSION_OVER")


async def test_a_session_lasts_a_day(people: PeopleHouse) -> None:
    """Whatever is refreshed; near its end an access token lives no longer than it."""
    await people.person("ann")
    tokens = await people.signed_in("ann")
    people.clock.later_ms = 24 * HOUR - 60_000
    late = await people.post("refresh", refresh_token=tokens["refresh_token"])
    assert late.status == 200
    assert late.body["expires_in"] <= 60
    people.clock.later_ms = 24 * HOUR
    over = await people.post("refresh", refresh_token=late.body["refresh_token"])
    assert over.code == "SESSION_OVER"
    assert await ended(people, late.body["access_token"])


@pytest.mark.parametrize("status", ["disabled", "invited"])
async def test_who_is_not_active_gets_no_further(people: PeopleHouse, status: str) -> None:
    """Neither a new session nor new tokens for an old one."""
    user_id = await people.person("ann")
    tokens = await people.signed_in("ann")
    saved = UserSaved(user_id=user_id, name="ann", email="ann@acme.example", status=status)
    await people.write(subjects.user(user_id), saved)
    assert (await people.login("ann")).code == "SIGN_IN_WRONG"
    assert (await people.post("refresh", refresh_token=tokens["refresh_token"])).status == 401
    assert await ended(people, tokens["access_token"])


async def test_signing_out_ends_one_session(people: PeopleHouse) -> None:
    """Its tokens come to nothing, those of the others do not."""
    await people.person("ann")
    one, other = await people.signed_in("ann"), await people.signed_in("ann")
    assert (await people.post("logout", key=one["access_token"])).status == 204
    assert (await people.post("refresh", refresh_token=one["refresh_token"])).status == 401
    assert await ended(people, one["access_token"])
    assert (await people.ask("GET", "/who", key=other["access_token"])).status == 200


async def test_signing_out_everywhere_ends_all(people: PeopleHouse) -> None:
    """Of this person, and of nobody else."""
    await people.person("ann")
    await people.person("bob")
    one, other = await people.signed_in("ann"), await people.signed_in("ann")
    bob = await people.signed_in("bob")
    assert (await people.post("logout/everywhere", key=one["access_token"])).status == 204
    for tokens in (one, other):
        assert (await people.post("refresh", refresh_token=tokens["refresh_token"])).status == 401
        assert await ended(people, tokens["access_token"])
    assert (await people.ask("GET", "/who", key=bob["access_token"])).status == 200


async def test_sessions_are_listed_and_ended_one_by_one(people: PeopleHouse) -> None:
    """One's own; of somebody else's it is not even said that they are."""
    await people.person("ann")
    await people.person("bob")
    here, there = await people.signed_in("ann"), await people.signed_in("ann")
    bob = await people.signed_in("bob")
    path = "/api/v1/auth/sessions"
    listed = (await people.ask("GET", path, key=here["access_token"])).body["items"]
    assert {one["id"] for one in listed} == {here["session"], there["session"]}
    assert [one["id"] for one in listed if one["current"]] == [here["session"]]
    assert listed[0]["methods"] == ["password"]
    assert listed[0]["address"] == "127.0.0.1"
    foreign = await people.ask("DELETE", f"{path}/{bob['session']}", key=here["access_token"])
    assert (foreign.status, foreign.code) == (404, "SESSION_NOT_FOUND")
    gone = await people.ask("DELETE", f"{path}/{there['session']}", key=here["access_token"])
    assert gone.status == 204
    twice = await people.ask("DELETE", f"{path}/{there['session']}", key=here["access_token"])
    assert twice.status == 404
    listed = (await people.ask("GET", path, key=here["access_token"])).body["items"]
    assert [one["id"] for one in listed] == [here["session"]]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "logout"),
        ("POST", "logout/everywhere"),
        ("GET", "sessions"),
        ("DELETE", "sessions/ses_" + "a" * 26),
    ],
)
async def test_an_api_key_has_no_sessions(people: PeopleHouse, method: str, path: str) -> None:
    """It hears so, whatever its role."""
    answer = await people.ask(method, f"/api/v1/auth/{path}", key="admin")
    assert (answer.status, answer.code) == (403, "PERSON_REQUIRED")


async def test_a_session_begins_in_the_tenant_that_was_asked_for(people: PeopleHouse) -> None:
    """One of theirs; without a wish the oldest membership."""
    user_id = await people.person("ann")
    await people.member(user_id, "viewer", "other")
    assert (await people.login("ann", tenant="other")).body["tenant"] == "other"
    assert (await people.login("ann")).body["tenant"] == TENANT
    foreign = await people.login("ann", tenant="foreign")
    assert (foreign.status, foreign.code) == (403, "TENANT_FORBIDDEN")


async def test_a_member_of_nothing_can_still_be_somebody(people: PeopleHouse) -> None:
    """They see who they are and sign out; nothing of any tenant is theirs."""
    await people.person("ann", role="")
    tokens = await people.signed_in("ann")
    assert tokens["tenant"] == ""
    me = await people.ask("GET", "/api/v1/auth/me", key=tokens["access_token"])
    assert (me.status, me.body["role"]) == (200, "")
    assert (await people.ask("GET", "/who", key=tokens["access_token"])).status == 403
    assert (await people.post("logout", key=tokens["access_token"])).status == 204


async def test_no_token_is_stored(people: PeopleHouse) -> None:
    """Neither refresh tokens nor access tokens nor passwords lie in any stream."""
    await people.person("ann")
    tokens = await people.signed_in("ann")
    secret = tokens["refresh_token"].rpartition("_")[2].encode()
    for log in (people.platform.identity, people.platform.accounts, people.platform.notes):
        async for batch in log.read(">"):
            for stored in batch:
                assert secret not in stored.data
                assert tokens["access_token"].encode() not in stored.data
                assert PASSWORD.encode() not in stored.data


async def test_sockets_last_as_long_as_the_session(
    people: PeopleHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than the access token they were opened with, and not a moment longer than that."""
    monkeypatch.setattr(socket, "RECHECK_S", 0.05)
    async with ClientSession() as client:
        await people.person("ann")
        tokens = await people.signed_in("ann")
        sent = {"Authorization": f"Bearer {tokens['access_token']}"}
        ws = await client.ws_connect(f"{people.url}/s", headers=sent)
        assert (await within(ws.receive())).data == "begun"
        people.clock.later_ms = HOUR
        assert await ended(people, tokens["access_token"])
        await ws.send_str("there")
        assert (await within(ws.receive())).data == "there"
        new = (await people.post("refresh", refresh_token=tokens["refresh_token"])).body
        await people.post("logout", key=new["access_token"])
        message = await within(ws.receive())
        assert (message.type, message.data) == (WSMsgType.CLOSE, 4401)
        assert message.extra == "UNAUTHORIZED: the session is over, or its rights have changed"


async def audited(people: PeopleHouse, event: str) -> bool:
    """Waits until the audit was told of this event."""

    async def told() -> bool:
        for log in (people.platform.notes, people.platform.audit):
            stored = await everything(log.read(">"))
            if any(event.encode() in one.data for one in stored):
                return True
        return False

    await eventually(told)
    return True


async def test_the_audit_hears_of_sign_in_and_of_theft(people: PeopleHouse) -> None:
    """Who came in, who was refused, and which session was ended because its token came again."""
    await people.person("ann")
    stolen = await people.signed_in("ann")
    assert await audited(people, "user.signed_in")
    await people.post("refresh", refresh_token=stolen["refresh_token"])
    people.clock.later_ms = REPEATED_MS + 1
    await people.post("refresh", refresh_token=stolen["refresh_token"])
    assert await audited(people, "session.reused")
    assert await audited(people, stolen["session"])
