"""What a process of ours leaves for later while it loads is there when it is needed."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest
from aiohttp import web

from tests.certificates import signed_by_itself
from tests.waiting import within
from weir.runtime.http.server import tls_context

_ASKS_TWICE = """
import asyncio, sys
import aiohttp, uvloop

async def main():
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            try:
                async with session.get(sys.argv[1], headers={"Connection": "close"}) as answer:
                    print(await answer.text())
            except aiohttp.ClientConnectorCertificateError:
                print("unknown")

uvloop.run(main())
"""


@pytest.mark.parametrize("loading", ["", "import weir.loading\n"], ids=["plain", "ours"])
@pytest.mark.parametrize(("trusted", "says"), [("its", "hello"), ("another", "unknown")])
async def test_roots_are_known_though_they_are_read_late(
    tmp_path: Path, loading: str, trusted: str, says: str
) -> None:
    """A server they vouch for is spoken to, another is not: as where nothing is left for later."""
    roots = {}
    for name in ("its", "another"):
        (tmp_path / name).mkdir()
        roots[name] = signed_by_itself(tmp_path / name)
    app = web.Application()
    app.router.add_get("/", _hello)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls_context(*roots["its"]))
        await site.start()
        port = runner.addresses[0][1]
        asking = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            loading + _ASKS_TWICE,
            f"https://127.0.0.1:{port}/",
            env={**os.environ, "SSL_CERT_FILE": str(roots[trusted][0]), "SSL_CERT_DIR": ""},
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await within(asking.communicate())
    finally:
        await runner.cleanup()
    assert told.decode().split() == [says, says]


async def _hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")
