"""A house of separate processes behind one address, for browsers, with a peer that is none.

`python -m tests.fault.beside_browsers` prints `{"url", "link"}`, then answers each line of
JSON (`{"do": …}`) with one. The tests that drive it are in frontend/tests/together.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, WSMsgType, web
from multidict import CIMultiDict

from services.collab.room import filled
from services.embedded.service import build
from tests.drawing_peer import DrawingPeer, until
from tests.fault.house import House, house
from tests.fault.storm import PROCESSES, Storm
from weir.core.drafts.shape import ROOTS, root
from weir.runtime.first_key import TENANT
from weir.settings import Settings
from weir.wiring import connect

_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "content-encoding"}
_LINK = re.compile(r"http\S+accept-invite\?first#[a-z2-7]{52}")
_OTHERS = "registry"  # what is no route of a service is answered by each: the pages


class Ingress:
    """Sends each path to the service that owns it, sockets too; collab's in turn to either."""

    def __init__(self, running: House, owners: list[tuple[str, re.Pattern[str], str]]) -> None:
        self._house = running
        self._owners = owners
        self._turn = 0
        self._session: ClientSession

    async def __aenter__(self) -> str:
        self._session = ClientSession(
            cookie_jar=DummyCookieJar(), auto_decompress=False, timeout=ClientTimeout(total=60)
        )
        self._runner = web.ServerRunner(web.Server(self._answer))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        return f"http://127.0.0.1:{port}"

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    def _process(self, method: str, path: str) -> str:
        for verb, pattern, service in self._owners:
            if verb == method and pattern.fullmatch(path):
                if service == "collab":
                    self._turn += 1
                    return PROCESSES[self._turn % len(PROCESSES)]
                return f"{service}-1" if service in {"identity", "approval"} else service
        return _OTHERS

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        url = self._house.processes[self._process(request.method, request.path)].url
        target = f"{url}{request.raw_path}"
        headers = CIMultiDict(request.headers)
        headers.pop("Connection", None)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request, target, headers)
        try:
            async with self._session.request(
                request.method,
                target,
                headers=headers,
                data=await request.read(),
                allow_redirects=False,
            ) as found:
                kept = [(k, v) for k, v in found.headers.items() if k.lower() not in _HOP]
                packed = found.headers.get("Content-Encoding")
                answer = CIMultiDict([*kept, *([("Content-Encoding", packed)] if packed else [])])
                return web.Response(status=found.status, body=await found.read(), headers=answer)
        except (ClientError, TimeoutError):
            return web.Response(status=502)

    async def _socket(
        self, request: web.BaseRequest, target: str, headers: CIMultiDict[str]
    ) -> web.StreamResponse:
        for name in [name for name in headers if name.lower().startswith(("sec-websocket", "upg"))]:
            headers.pop(name, None)
        try:
            inner = await self._session.ws_connect(target, headers=headers, max_msg_size=0)
        except ClientError:
            return web.Response(status=502)
        outer = web.WebSocketResponse(max_msg_size=0, compress=False)
        await outer.prepare(request)

        async def pass_on(come: Any, go: Any) -> None:
            async for message in come:
                if message.type is WSMsgType.BINARY:
                    await go.send_bytes(message.data)
                elif message.type is WSMsgType.TEXT:
                    await go.send_str(message.data)

        ways = [asyncio.create_task(pass_on(*pair)) for pair in ((outer, inner), (inner, outer))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        with suppress(ClientError, ConnectionError):
            await inner.close()
        with suppress(ClientError, ConnectionError):
            code = inner.close_code or 1012
            # What was not said, as of a killed process, cannot be passed on.
            await outer.close(code=code if code != 1006 else 1012)
        return outer


async def owners() -> list[tuple[str, re.Pattern[str], str]]:
    """Method, path and service of every route."""
    async with connect(Settings(memory=True), "embedded") as platform:
        return [
            (route.method, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+?", re.escape(route.pattern))),
             service.name)
            for service in build(platform)
            for route in service.routes
        ]  # fmt: skip


class Beside:
    """What a line asks for."""

    def __init__(self, running: House) -> None:
        self._house = running
        self._storm: Storm
        self._peers: list[DrawingPeer] = []
        self._work: list[asyncio.Task[Any]] = []

    async def begin(self, seed: int = 1) -> dict[str, Any]:
        """A workflow with the peer in its document, whose mark is `log0`."""
        self._storm = await Storm.begin(self._house, seed, 1)
        return {"workflow": self._storm.workflow}

    async def edit(self, operations: int) -> dict[str, Any]:
        """The peer begins to edit; `done` tells how far it is."""
        self._work.append(asyncio.create_task(self._storm.edit(0, operations)))
        return {}

    async def done(self) -> dict[str, Any]:
        """Operations of the peer so far, and how many of them are known to be stored."""
        for task in self._work:
            if task.done():
                task.result()
        return {"done": self._storm.done, "acknowledged": self._storm.peers[0].acknowledged}

    async def kill(self) -> dict[str, Any]:
        """Kill every process of collab at once."""
        await self._house.kill(*PROCESSES)
        return {}

    async def start(self) -> dict[str, Any]:
        """Start them again."""
        await self._house.start(*PROCESSES)
        return {}

    async def written(self) -> dict[str, Any]:
        """What the log holds: for each who draws the numbers of what they did."""
        kept = await self._storm.store.read(TENANT, self._storm.workflow)
        assert kept is not None
        doc = filled(kept.updates)
        return {f"log{at}": sorted(self._storm.written(doc, at)) for at in range(3)}

    async def converged(self) -> dict[str, Any]:
        """The document of the peer, once it, y-py, a late peer and the registry say the same."""
        await asyncio.gather(*self._work)
        definition = await self._storm.converged()
        doc = self._storm.peers[0].doc
        return {
            "definition": definition,
            "roots": {name: root(doc, name).to_py() for name in ROOTS},
        }

    async def crowd(self, workflow: str, peers: int, rate: float) -> dict[str, Any]:
        """So many peers that move nodes of their own, each so many times a second."""
        for at in range(peers):
            url = f"{self._house.processes[PROCESSES[at % 2]].url}/api/v1/workflows/{workflow}"
            peer = DrawingPeer(
                self._house.http, f"{url}/collab".replace("http:", "ws:"), self._house.key
            )
            await peer.come_back()
            self._peers.append(peer)
            self._work.append(asyncio.create_task(_move(peer, f"p{at}", 1 / rate)))
        return {}

    async def leave(self) -> dict[str, Any]:
        """The crowd goes; how many edits each did."""
        for task in self._work:
            task.cancel()
        self._work.clear()
        edits = [peer.edits for peer in self._peers]
        for peer in self._peers:
            await peer.drop()
        self._peers.clear()
        return {"edits": edits}

    async def collab(self) -> dict[str, Any]:
        """Start the processes of collab."""
        for name in PROCESSES:
            self._house.add(name)
        await self._house.start(*PROCESSES)
        return {}


async def _move(peer: DrawingPeer, name: str, pause_s: float) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time()
    number = 0
    while True:
        number += 1
        place = {"x": float(number % 500), "y": 0.0}
        await peer.edit(lambda doc, at=place: root(doc, "nodes")[name].update({"position": at}))
        due += pause_s
        await asyncio.sleep(max(0.0, due - loop.time()))


async def main() -> None:
    """Serve lines until they end."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )

    def say(what: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps(what) + "\n")
        sys.stdout.flush()

    async with house(limits="off") as running, Ingress(running, await owners()) as url:
        running.add("identity-1", WEIR_PUBLIC_URL=url)
        running.add("approval-1")
        await running.start("identity-1", "approval-1")
        log = running.processes["identity-1"].log
        await until(lambda: _LINK.search(log.read_text()) is not None)
        link = _LINK.search(log.read_text())
        assert link is not None
        say({"url": url, "link": link[0], "key": running.key})
        beside = Beside(running)
        while line := await reader.readline():
            asked = json.loads(line)
            act: Callable[..., Awaitable[dict[str, Any]]] = getattr(beside, asked.pop("do"))
            try:
                say({"error": None, **await act(**asked)})
            except Exception as error:  # noqa: BLE001 - whoever asked fails by it
                say({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    asyncio.run(main())
