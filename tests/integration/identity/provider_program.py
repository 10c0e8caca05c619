"""A real OpenID Connect provider (npm `oidc-provider`) as a process, and a browser for it.

`make` installs the program; without Node or without `make` its tests are skipped.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.cookies import Morsel
from pathlib import Path
from typing import Any, Self

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar
from yarl import URL

HERE = Path(__file__).parent / "provider"
NODE = shutil.which("node")
INSTALLED = NODE is not None and (HERE / "node_modules" / "oidc-provider").is_dir()
needs_provider = pytest.mark.skipif(
    not INSTALLED, reason="the provider program is not installed: make provider (needs npm)"
)
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')
_STEPS = 12


class Provider:
    """The program; `issuer` is where it listens."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    async def account(self, login: str, **claims: Any) -> None:
        """What the provider tells of somebody from now on."""
        await self._ask("PUT", f"/test/accounts/{login}", json=claims)

    async def rotate(self) -> None:
        """Sign with new keys, and forget the old ones."""
        await self._ask("POST", "/test/rotate")

    async def asked(self, path: str) -> int:
        """How often a path was asked."""
        counts: dict[str, int] = json.loads(await self._ask("GET", "/test/counts"))
        return counts.get(path, 0)

    async def client(self, redirect_uri: str, **said: Any) -> dict[str, Any]:
        """A client that registers itself."""
        body = {"redirect_uris": [redirect_uri], "grant_types": ["authorization_code"], **said}
        registered: dict[str, Any] = json.loads(await self._ask("POST", "/reg", json=body))
        return registered

    async def _ask(self, method: str, path: str, **rest: Any) -> str:
        async with (
            ClientSession() as session,
            session.request(method, self.issuer + path, **rest) as answer,
        ):
            text = await answer.text()
            assert answer.ok, text
            return text


@contextmanager
def running(*arguments: str) -> Iterator[Provider]:
    """The program while it runs."""
    assert NODE is not None
    with subprocess.Popen(  # noqa: S603 - our own program
        [NODE, "provider.mjs", *arguments],
        cwd=HERE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        issuer = next(line.strip() for line in process.stdout if line.startswith("http://"))
        yield Provider(issuer)
        process.stdin.close()


class Browser:
    """A browser without a screen: keeps cookies, goes where it is sent, fills in two forms."""

    def __init__(self) -> None:
        self._session = ClientSession(cookie_jar=CookieJar(unsafe=True))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(self, url: str, host: str = "") -> ClientResponse:
        """One page, as a click on a link elsewhere asks for it; redirects are not followed.

        With `host` the server behind the URL stands for that one, as behind a load balancer.
        """
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        headers |= {"Host": host} if host else {}
        answer = await self._session.get(
            URL(url, encoded=True), headers=headers, allow_redirects=False
        )
        await answer.read()
        return answer

    async def until_callback(self, begin: str, login: str) -> str:
        """Begin a sign-in, sign in at the provider, and stop before going back; where that is."""
        answer = await self.get(begin)
        assert answer.status == 303, await answer.text()
        for _ in range(_STEPS):
            assert "Location" in answer.headers, await answer.text()
            location = str(URL(str(answer.url)).join(URL(answer.headers["Location"], encoded=True)))
            if URL(location).path.endswith("/callback"):
                return location
            answer = await self.get(location)
            if answer.status == 200:
                answer = await self._fill(answer, login)
        raise AssertionError("the provider did not send back")

    async def sign_in(self, begin: str, login: str) -> ClientResponse:
        """The whole way there and back; the answer of the callback."""
        return await self.get(await self.until_callback(begin, login))

    def cookies(self) -> dict[str, Morsel[str]]:
        """What it holds, of all sites."""
        return {one.key: one for one in self._session.cookie_jar}

    async def _fill(self, page: ClientResponse, login: str) -> ClientResponse:
        text = await page.text()
        form = _FORM.search(text)
        assert form is not None, text
        prompt = "login" if 'value="login"' in text else "consent"
        fields = {"prompt": prompt} | (
            {"login": login, "password": "any"} if prompt == "login" else {}
        )
        return await self._session.post(
            page.url.join(URL(unescape(form[1]))), data=fields, allow_redirects=False
        )
