"""Values that must be found nowhere, and every spelling in which they could be."""

from __future__ import annotations

import base64
import gzip
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import quote, quote_plus

from aiohttp import web


def canary(kind: str) -> str:
    """A value of this kind, unlike any other."""
    return f"c4n-{kind}-{secrets.token_hex(6)}"


def spellings(secret: str) -> Iterator[bytes]:
    """How a value may stand in bytes: plain, in JSON, in addresses, in hex, in base64 anywhere."""
    raw = secret.encode()
    for text in (secret, quote(secret, safe=""), quote_plus(secret)):
        yield text.encode()
        yield json.dumps(text)[1:-1].encode()
        yield json.dumps(text, ensure_ascii=False)[1:-1].encode()
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    # Wherever it begins in what was encoded: without the characters that its neighbours share.
    for before in range(3):
        whole = len(raw) + before - (len(raw) + before) % 3
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            coded = encode((bytes(before) + raw)[:whole])
            yield coded[4 if before else 0 :]


class Search:
    """Looks for planted values in whatever it is shown."""

    def __init__(self) -> None:
        self.planted: dict[str, list[bytes]] = {}

    def plant(self, kind: str, value: str = "") -> str:
        """A value to look for; a fresh one unless somebody else has made it."""
        value = value or canary(kind)
        name = kind if kind not in self.planted else f"{kind} {len(self.planted)}"
        self.planted[name] = sorted(set(spellings(value)))
        return value

    def found(self, data: bytes) -> set[str]:
        """The kinds that occur in these bytes."""
        return {kind for kind, forms in self.planted.items() if any(form in data for form in forms)}


class Collector:
    """Takes the spans that a process exports."""

    def __init__(self) -> None:
        self.url = ""
        self.taken: list[bytes] = []

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Collector]:
        """While it listens."""

        async def take(request: web.Request) -> web.Response:
            data = await request.read()
            with suppress(gzip.BadGzipFile):
                data = gzip.decompress(data)
            self.taken.append(data)
            return web.Response()

        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{any:.*}", take)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        await runner.cleanup()
