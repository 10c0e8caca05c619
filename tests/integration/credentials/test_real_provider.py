"""OAuth 2 against a real authorisation server: agreed to, exchanged, renewed by one of many."""

from __future__ import annotations

import asyncio

from tests.http_house import TENANT
from tests.integration.identity.provider_program import Browser, needs_provider, running
from tests.unit.credentials.house import PATH, house, make, saved
from tests.unit.credentials.house import Browser as Ours
from tests.unit.credentials.test_grants import Worker
from weir.runtime.worker_tokens import Whose


@needs_provider
async def test_a_real_server_grants_and_renews() -> None:
    """With PKCE, which it demands, and refresh tokens that it takes once."""
    with running() as provider:
        async with house() as platform, Browser() as person:
            redirect = f"{platform.url}/api/v1/oauth/callback"
            client = await provider.client(
                redirect, grant_types=["authorization_code", "refresh_token"]
            )
            fields = {
                "authorization_url": f"{provider.issuer}/auth",
                "token_url": f"{provider.issuer}/token",
                "client_id": client["client_id"],
                "client_secret": client["client_secret"],
                "scope": "openid offline_access",
                "prompt": "consent",
            }
            await make(platform, "cal", "oauth2", fields)
            begun = await platform.ask("POST", f"{PATH}/cal/grant")
            ours = Ours(platform)
            ours.keep(begun)
            back = await person.until_callback(begun.body["url"], "ada")
            done = await ours.open(back)
            assert done.status == 200, done.body
            workers = [Worker(platform, f"w{number}") for number in range(4)]
            first = await workers[0].token()
            before = await saved(platform, "cal")
            whose = Whose(TENANT, "cal")
            keeper = workers[1].credentials._tokens
            assert keeper is not None
            await keeper.renewed(whose, before.credential_id, forced=True)
            tokens = await asyncio.gather(*(one.token() for one in workers[2:]))
            assert len(set(tokens)) == 1
            assert first not in tokens
            after = (await saved(platform, "cal")).tokens
            assert after is not None
            assert (after.version, after.problem) == (2, "")
            for worker in workers:
                await worker.http.close()
