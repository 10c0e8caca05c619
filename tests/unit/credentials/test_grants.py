"""Grants: asked for by one browser, given once, kept sealed, renewed by one worker, given back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.executor.service import build as executor
from tests.authorisation_server import AuthorisationServer
from tests.http_house import TENANT, House
from tests.unit.credentials.house import ANY, PATH, Browser, house, make, saved
from tests.waiting import eventually
from weir.contract.messages import RegistryRecord
from weir.ports.node_context import NodeError
from weir.runtime.records import Records
from weir.runtime.worker_credentials import Credentials
from weir.runtime.worker_guard import parse_allowed
from weir.runtime.worker_hosts import AllowedHosts, TenantHttp
from weir.runtime.worker_http import OutboundHttp
from weir.runtime.worker_tokens import TokenKeeper


@pytest.fixture
async def server() -> AsyncIterator[AuthorisationServer]:
    """An authorisation server."""
    async with AuthorisationServer().open() as server:
        yield server


@pytest.fixture
async def platform() -> AsyncIterator[House]:
    """A registry and an executor."""
    async with house() as made:
        yield made


async def granted(platform: House, server: AuthorisationServer, **fields: str) -> Browser:
    """A credential that somebody has agreed to."""
    await make(platform, "cal", "oauth2", server.fields(**fields))
    begun = await platform.ask("POST", f"{PATH}/cal/grant")
    assert begun.status == 200, begun.body
    browser = Browser(platform)
    browser.keep(begun)
    done = await browser.open(server.agree(begun.body["url"]))
    assert done.status == 200, done.body
    return browser


class Worker:
    """What a worker opens credentials with, on a connection of its own."""

    def __init__(self, house: House, name: str) -> None:
        platform = house.platform
        self.http = OutboundHttp(parse_allowed(["127.0.0.0/8"]))
        hosts = AllowedHosts(platform.identity)
        records = Records(platform.registry, RegistryRecord)
        tokens = TokenKeeper(
            records,
            platform.secrets,
            platform.clock,
            lambda tenant: TenantHttp(self.http, hosts, tenant),
            name,
        )
        self.credentials = Credentials(records, platform.secrets, None, tokens)

    async def token(self) -> str:
        """The access token that a step gets."""
        return str((await self.credentials.get(TENANT, "cal"))["token"])


async def test_somebody_agrees_and_steps_get_a_token(
    platform: House, server: AuthorisationServer
) -> None:
    """Code, PKCE, sealed tokens: nothing of them lies in the log or in an answer."""
    await granted(platform, server)
    worker = Worker(platform, "w")
    token = await worker.token()
    assert token in server.access
    answers = [
        await platform.ask("GET", f"{PATH}/cal"),
        await platform.ask("GET", PATH),
        await platform.ask("POST", f"{PATH}/cal/test"),
    ]
    assert answers[0].body["grant"]["problem"] == ""
    assert answers[0].body["grant"]["expires_at"]
    assert answers[2].body["ok"] is True
    reading = platform.platform.registry.read("registry.>")
    lying = b"".join([one.data async for batch in reading for one in batch])
    for secret in server.secrets:
        assert secret.encode() not in lying
        assert all(secret not in str(one.body) for one in answers)
    assert server.requests == ["authorization_code"]
    await worker.http.close()


async def test_where_the_browser_goes_on(platform: House, server: AuthorisationServer) -> None:
    """To a path here, with what came of it; to no other place."""
    await make(platform, "cal", "oauth2", server.fields())
    for bad in ("//evil.example", "https://evil.example", "/\\evil.example", "/a\nb"):
        refused = await platform.ask("POST", f"{PATH}/cal/grant", json={"return_to": bad})
        assert refused.status == 422, bad
    begun = await platform.ask("POST", f"{PATH}/cal/grant", json={"return_to": "/settings?a=b"})
    browser = Browser(platform)
    browser.keep(begun)
    done = await browser.open(server.agree(begun.body["url"]))
    assert done.status == 303
    assert done.headers["Location"] == "/settings?a=b&credential=cal&problem="
    assert done.headers["Cache-Control"] == "no-store"


async def test_a_state_counts_once_and_for_its_browser(
    platform: House, server: AuthorisationServer
) -> None:
    """Another browser, a second time, a guessed state: refused, and no code is exchanged."""
    await make(platform, "cal", "oauth2", server.fields())
    begun = await platform.ask("POST", f"{PATH}/cal/grant")
    browser = Browser(platform)
    browser.keep(begun)
    back = server.agree(begun.body["url"])
    stranger = await Browser(platform).open(back)
    assert stranger.status == 400
    other = Browser(platform)
    other.keep(await platform.ask("POST", f"{PATH}/cal/grant"))
    assert (await other.open(back)).status == 400
    guessed = await browser.open(f"{back.partition('state=')[0]}state={'x' * 43}")
    assert guessed.status == 400
    assert server.requests == []
    both = await asyncio.gather(browser.open(back), browser.open(back))
    assert sorted(one.status for one in both) == [200, 400]
    assert (await browser.open(back)).status == 400
    assert server.requests == ["authorization_code"]


@pytest.mark.parametrize("query", ["", "?state=", "?state=%00", "?code=a", f"?state={'a' * 5000}"])
async def test_nonsense_is_answered_with_a_page(platform: House, query: str) -> None:
    """Nothing that was sent stands in it."""
    answer = await platform.ask("GET", f"/api/v1/oauth/callback{query}", key=None)
    assert answer.status == 400
    assert b"aaaa" not in answer.body


async def test_who_does_not_agree_leaves_everything_as_it_was(
    platform: House, server: AuthorisationServer
) -> None:
    """The page says why; what was granted before goes on."""
    browser = await granted(platform, server)
    begun = await platform.ask("POST", f"{PATH}/cal/grant")
    browser.keep(begun)
    state = begun.body["url"].rpartition("state=")[2]
    answer = await browser.open(f"http://x/api/v1/oauth/callback?error=access_denied&state={state}")
    assert answer.status == 400
    assert b"access_denied" in answer.body
    worker = Worker(platform, "w")
    assert await worker.token() in server.access
    await worker.http.close()


async def test_tokens_are_renewed_by_one_of_many(
    platform: House, server: AuthorisationServer
) -> None:
    """Of workers that need one at once a single one asks; its refresh token counts once."""
    server.lifetime_s = 0.0001  # over at once
    await granted(platform, server)
    server.lifetime_s = 3600
    workers = [Worker(platform, f"w{number}") for number in range(8)]
    tokens = await asyncio.gather(*(worker.token() for worker in workers for _ in range(5)))
    assert len(set(tokens)) == 1
    assert server.requests == ["authorization_code", "refresh_token"]
    assert server.reused == 0
    for worker in workers:
        await worker.http.close()


async def test_tokens_are_renewed_before_they_end(
    platform: House, server: AuthorisationServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a worker that watches, though no step uses them."""
    monkeypatch.setattr("weir.runtime.worker_errands.LOOK_S", 0.02)
    async with house() as quick:
        server.lifetime_s = 1.0
        await granted(quick, server)
        server.lifetime_s = 3600

        async def renewed() -> bool:
            return server.requests == ["authorization_code", "refresh_token"]

        await eventually(renewed)

        async def stored() -> bool:
            tokens = (await saved(quick, "cal")).tokens
            return tokens is not None and tokens.version == 2

        await eventually(stored)


async def test_a_refusal_is_seen_and_not_hammered(
    platform: House, server: AuthorisationServer
) -> None:
    """It stands in the credential without the server's own words, and steps fail at once."""
    server.lifetime_s = 0.0001
    await granted(platform, server)
    server.refuse = (400, {"error": "invalid_grant", "error_description": "s3cret words"})
    worker = Worker(platform, "w")
    for _ in range(5):
        with pytest.raises(NodeError) as told:
            await worker.token()
        assert told.value.error_code == "OAUTH_REFUSED"
        assert not told.value.retryable
    assert server.requests == ["authorization_code", "refresh_token"]
    seen = await platform.ask("GET", f"{PATH}/cal")
    assert seen.body["grant"]["problem"] == "OAUTH_REFUSED"
    assert "s3cret" not in str(seen.body)
    server.refuse = None
    tested = await platform.ask("POST", f"{PATH}/cal/test")
    assert tested.body["code"] == "OAUTH_REFUSED"  # for half a minute
    await worker.http.close()


async def test_a_server_that_is_away_can_be_tried_again(
    platform: House, server: AuthorisationServer
) -> None:
    """Its 503 is no refusal."""
    server.lifetime_s = 0.0001
    await granted(platform, server)
    server.refuse = (503, {})
    worker = Worker(platform, "w")
    with pytest.raises(NodeError) as told:
        await worker.token()
    assert (told.value.error_code, told.value.retryable) == ("OAUTH_UNAVAILABLE", True)
    await worker.http.close()


async def test_client_credentials_ask_nobody(platform: House, server: AuthorisationServer) -> None:
    """The token is got at first use; no browser is sent anywhere."""
    fields = server.fields(grant="client_credentials", client_auth="body")
    await make(platform, "cal", "oauth2", fields)
    begun = await platform.ask("POST", f"{PATH}/cal/grant")
    assert (begun.status, begun.code) == (409, "GRANT_NOT_POSSIBLE")
    worker = Worker(platform, "w")
    first = await worker.token()
    assert await worker.token() == first
    assert server.requests == ["client_credentials"]
    tested = await platform.ask("POST", f"{PATH}/cal/test")
    assert tested.body["ok"] is True
    assert server.requests == ["client_credentials"] * 2
    await worker.http.close()


async def test_without_a_grant_steps_say_so(platform: House, server: AuthorisationServer) -> None:
    """Nobody has agreed yet."""
    await make(platform, "cal", "oauth2", server.fields())
    worker = Worker(platform, "w")
    with pytest.raises(NodeError) as told:
        await worker.token()
    assert told.value.error_code == "GRANT_MISSING"
    await make(platform, "db", "bearer", {"token": "t"})
    refused = await platform.ask("POST", f"{PATH}/db/grant")
    assert (refused.status, refused.code) == (409, "GRANT_NOT_POSSIBLE")
    await worker.http.close()


async def test_what_was_granted_ends_with_other_fields(
    platform: House, server: AuthorisationServer
) -> None:
    """They could name another server, which is to get no token of this one."""
    await granted(platform, server)
    body = {"fields": server.fields(scope="other")}
    changed = await platform.ask("PUT", f"{PATH}/cal", json=body, headers=ANY)
    assert changed.body["grant"] is None
    assert (await saved(platform, "cal")).tokens is None


async def test_tokens_are_given_back_at_the_end(
    platform: House, server: AuthorisationServer
) -> None:
    """Deleting revokes; a server that is away keeps nothing from being deleted."""
    await granted(platform, server)
    assert (await platform.ask("DELETE", f"{PATH}/cal", headers=ANY)).status == 204
    assert len(server.ended) == 1
    await granted(platform, server, revocation_url="http://127.0.0.1:1/revoke")
    assert (await platform.ask("DELETE", f"{PATH}/cal", headers=ANY)).status == 204


async def test_the_services_are_well(platform: House) -> None:
    """And have nothing to remind of."""
    assert all(all(service.health().values()) for service in platform.services)
    assert (await platform.ask("GET", "/health", key=None)).body["warnings"] == []


async def test_without_a_worker_nothing_is_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer says that nobody did it."""
    monkeypatch.setattr("services.registry.errands.PATIENCE_S", 0.05)
    monkeypatch.setattr("services.registry.errands.Asking.ask.__defaults__", (None, 0.05))

    def nobody(_: object) -> object:
        return _Nobody()

    async with house(nobody) as alone:
        await make(alone, "a", "bearer", {"token": "t"})
        answer = await alone.ask("POST", f"{PATH}/a/test")
        assert (answer.status, answer.code) == (504, "ERRAND_TIMEOUT")


class _Nobody:
    """A service that does nothing."""

    name = "nobody"
    routes = ()

    async def start(self) -> None:
        """Begin."""

    async def stop(self) -> None:
        """End."""

    def health(self) -> dict[str, bool]:
        """Fine."""
        return {}


async def test_of_many_workers_one_does_an_errand(server: AuthorisationServer) -> None:
    """However many see it."""
    async with house(executor, executor, executor) as crowded:
        fields = server.fields(grant="client_credentials")
        await make(crowded, "cal", "oauth2", fields)
        tested = await crowded.ask("POST", f"{PATH}/cal/test")
        assert tested.body["ok"] is True
        assert server.requests == ["client_credentials"]
