"""The ceremonies of passkeys in a real browser, with an authenticator that it emulates."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import CDPSession, Error, Page, async_playwright

from tests.unit.identity.factor_house import PASSWORD, FactorHouse, factor_house
from weir.runtime.access import Permission
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.route import Route

CHROMIUM = Path("/usr/bin/chromium")
# Without a sandbox, as root needs it, and without calls to anywhere else.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "automaticPresenceSimulation": True,
}
PAGE = b"""<!doctype html><title>Passkeys</title><script>
let csrf = "";
async function ask(path, body) {
  const headers = {"Content-Type": "application/json", "X-Weir-CSRF": csrf};
  const answer = await fetch(path, {method: "POST", headers, body: JSON.stringify(body)});
  const value = answer.status === 204 ? null : await answer.json();
  if (value && value.csrf) csrf = value.csrf;
  return {status: answer.status, value};
}
async function make(options) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return (await navigator.credentials.create({publicKey})).toJSON();
}
async function prove(options) {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return (await navigator.credentials.get({publicKey})).toJSON();
}
</script>"""

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"there is no {CHROMIUM}: install Debian's package chromium"
)


async def _page(_: Call) -> Reply:
    policy = "default-src 'self' 'unsafe-inline'"
    return Reply(PAGE, headers={"Content-Security-Policy": policy}, media_type="text/html")


class Screen:
    """A page of ours in a browser, and the authenticator beside it."""

    def __init__(self, page: Page, cdp: CDPSession, authenticator: str) -> None:
        self.page = page
        self._cdp = cdp
        self._authenticator = authenticator

    async def ask(self, path: str, **body: Any) -> dict[str, Any]:
        """What a script of the page gets from us."""
        said: dict[str, Any] = await self.page.evaluate(
            "([path, body]) => ask(path, body)", [path, body]
        )
        return said

    async def auth(self, path: str, **body: Any) -> Any:
        """The same of a route of ours, which must succeed."""
        said = await self.ask(f"/api/v1/auth/{path}", **body)
        assert said["status"] in {200, 201}, said
        return said["value"]

    async def make(self, options: Any) -> Any:
        """Let the browser make a passkey."""
        return await self.page.evaluate("options => make(options)", options)

    async def prove(self, options: Any) -> Any:
        """Let the browser sign."""
        return await self.page.evaluate("options => prove(options)", options)

    async def register(self, name: str) -> Any:
        """Add a passkey to whoever is signed in."""
        asked = await self.auth("passkey-registration", password=PASSWORD)
        credential = await self.make(asked["options"])
        return await self.auth("passkeys", name=name, credential=credential)

    async def alone(self) -> dict[str, Any]:
        """Sign in by a passkey and nothing else."""
        asked = await self.auth("passkey/options")
        credential = await self.prove(asked["options"])
        return await self.ask("/api/v1/auth/passkey", credential=credential)

    async def forget(self) -> None:
        """Lose the cookies, not the passkeys."""
        await self.page.context.clear_cookies()

    async def passkeys(self) -> list[dict[str, Any]]:
        """What the authenticator holds."""
        found = await self._device("getCredentials")
        held: list[dict[str, Any]] = found["credentials"]
        return held

    async def put(self, passkey: dict[str, Any]) -> None:
        """Put a passkey back as it was: what a copy of the device is."""
        await self._device("removeCredential", credentialId=passkey["credentialId"])
        await self._device("addCredential", credential=passkey)

    async def _device(self, method: str, **given: Any) -> Any:
        return await self._cdp.send(
            f"WebAuthn.{method}", {"authenticatorId": self._authenticator, **given}
        )


@asynccontextmanager
async def screen(house: FactorHouse, *, verifies: bool = True) -> AsyncIterator[Screen]:
    """A browser at our page, under the name that passkeys are bound to."""
    device = AUTHENTICATOR | {"hasUserVerification": verifies, "isUserVerified": verifies}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*ARGUMENTS], chromium_sandbox=False
        )
        page = await browser.new_page()
        cdp = await page.context.new_cdp_session(page)
        await cdp.send("WebAuthn.enable")
        added = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": device})
        port = house.url.rpartition(":")[2]
        await page.goto(f"http://localhost:{port}/test/page")
        yield Screen(page, cdp, added["authenticatorId"])
        await browser.close()


@pytest.fixture
async def house() -> AsyncIterator[FactorHouse]:
    """A house that serves the page."""
    found = factor_house()
    found.extra = (Route("GET", "/test/page", _page, Permission.PUBLIC, "", "test"),)
    async with found:
        yield found


async def test_the_ceremonies_in_a_browser(house: FactorHouse) -> None:
    """Registered with a cookie, then a second factor, then alone; a copy of the device is not."""
    eve = await house.person("eve", password=PASSWORD)
    async with screen(house) as shown:
        assert (await shown.ask("/test/session", user=eve))["status"] == 200
        made = await shown.register("laptop")
        assert len(made["recovery_codes"]) == 10
        (passkey,) = await shown.passkeys()
        assert passkey["isResidentCredential"]
        with pytest.raises(Error, match="InvalidStateError"):  # it is on this device already
            await shown.register("again")
        await shown.forget()

        half = (await shown.ask("/test/halfway", user=eve))["value"]
        assert half["needed"]["factors"] == ["passkey", "recovery"]
        asked = await shown.auth("second-factor/passkey/options", challenge=half["challenge"])
        signed = await shown.auth(
            "second-factor/passkey",
            challenge=half["challenge"],
            credential=await shown.prove(asked["options"]),
        )
        assert signed["user"] == eve
        assert "access_token" not in signed
        await shown.forget()

        alone = await shown.alone()
        assert (alone["status"], alone["value"]["user"]) == (200, eve)
        factors = await shown.page.evaluate("fetch('/api/v1/auth/factors').then(a => a.json())")
        assert [one["id"] for one in factors["passkeys"]] == [made["id"]]

        await shown.put(passkey)  # with the counter that it had at first
        copy = await shown.alone()
        assert (copy["status"], copy["value"]["error"]["code"]) == (401, "SECOND_FACTOR_WRONG")


async def test_a_browser_asks_for_the_holder_where_the_passkey_stands_alone(
    house: FactorHouse,
) -> None:
    """And does without where a password came first."""
    eve = await house.person("eve", password=PASSWORD)
    async with screen(house, verifies=False) as shown:
        await shown.ask("/test/session", user=eve)
        await shown.register("key")
        with pytest.raises(Error, match="NotAllowedError"):
            await shown.alone()
        half = (await shown.ask("/test/halfway", user=eve))["value"]["challenge"]
        asked = await shown.auth("second-factor/passkey/options", challenge=half)
        lax = await shown.ask(
            "/api/v1/auth/second-factor/passkey",
            challenge=half,
            credential=await shown.prove(asked["options"]),
        )
        assert lax["status"] == 200
