"""Three NATS servers as one cluster, whose ways to each other can be cut.

Every pair of nodes has a route of its own through a proxy; no node tells
another of any further way. Clients reach all nodes directly: a node that is cut
off still has its clients, as one behind a broken switch has.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import aiohttp

from tests.fault.ports import free_port
from tests.tcp_proxy import Proxy, proxied
from weir.adapters.jetstream.api import call
from weir.adapters.jetstream.link import Link
from weir.adapters.jetstream.refusals import ApiError
from weir.contract import subjects
from weir.contract.errors import UnavailableError
from weir.runtime.servers.child import Child, Program
from weir.runtime.servers.nats import MAX_PAYLOAD, binary
from weir.runtime.servers.nats_users import authorization, issuer, public_keys, seed_file

NODES = ("nats-1", "nats-2", "nats-3")
READY_S = 60.0
# A route to which nobody listens: what a node says of itself leads nowhere.
_NOWHERE = "127.0.0.1:9"


class Node:
    """One server of the cluster."""

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.port, self.routes_port, self._monitor = (free_port() for _ in range(3))
        self.config = home / f"{name}.conf"
        self.store = home / f"store-{name}"
        self.child = Child(
            Program(
                name=name,
                command=[str(binary()), "-c", str(self.config)],
                mark=str(self.config),
                pid_file=home / f"{name}.pid",
                log_file=home / f"{name}.log",
                stop_signal=signal.SIGTERM,
            )
        )

    def configure(self, routes: Iterable[int], users: str) -> None:
        """Write its configuration."""
        ways = ", ".join(f'"nats://127.0.0.1:{port}"' for port in routes)
        self.config.write_text(
            f"""
server_name: {self.name}
listen: 127.0.0.1:{self.port}
http: 127.0.0.1:{self._monitor}
max_payload: {MAX_PAYLOAD}
jetstream {{ store_dir: {json.dumps(str(self.store))} }}
cluster {{
  name: weir
  listen: 127.0.0.1:{self.routes_port}
  advertise: "{_NOWHERE}"
  no_advertise: true
  routes: [{ways}]
}}
{users}
"""
        )

    async def healthy(self, http: aiohttp.ClientSession) -> None:
        """Until its streams are up to date with the others'."""
        until = time.monotonic() + READY_S
        last = "it does not answer"
        while time.monotonic() < until:
            assert self.child.exit_code() is None, self.child.last_words()
            with suppress(aiohttp.ClientError, OSError):
                async with http.get(f"http://127.0.0.1:{self._monitor}/healthz") as answer:
                    if answer.status == 200:
                        return
                    last = await answer.text()
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.name} is not healthy: {last}")


class Cluster:
    """The servers, and the ways between them."""

    def __init__(self, directory: Path) -> None:
        self._home = directory / "nats"
        self.nodes = {name: Node(name, self._home) for name in NODES}
        self._ways: dict[tuple[str, str], Proxy] = {}

    @property
    def url(self) -> str:
        """Where clients connect."""
        return ",".join(f"nats://127.0.0.1:{node.port}" for node in self.nodes.values())

    def seed_file(self, user: str) -> Path:
        """The seed a user signs in with."""
        return seed_file(self._home / "seeds", user)

    @asynccontextmanager
    async def ways(self) -> AsyncIterator[None]:
        """Open the ways between the nodes; needed before any of them starts."""
        self._home.mkdir(parents=True, mode=0o700)
        seeds = self._home / "seeds"
        users = authorization(public_keys(seeds), issuer(seeds))
        async with AsyncExitStack() as stack:
            for one in self.nodes.values():
                for other in self.nodes.values():
                    if one is not other:
                        way = await stack.enter_async_context(proxied(other.routes_port))
                        self._ways[one.name, other.name] = way
                mine = [way.port for (source, _), way in self._ways.items() if source == one.name]
                one.configure(mine, users)
            yield

    async def start(self, *names: str) -> None:
        """Start these together; returns when they have caught up."""
        async with aiohttp.ClientSession() as http:
            for name in names:
                self.nodes[name].child.start()
            await asyncio.gather(*(self.nodes[name].healthy(http) for name in names))

    async def healthy(self) -> None:
        """Until every node is up to date."""
        async with aiohttp.ClientSession() as http:
            await asyncio.gather(*(node.healthy(http) for node in self.nodes.values()))

    def isolate(self, name: str, *, speaks: bool = False, hears: bool = False) -> None:
        """Cut a node off from the others; it may still speak to them, or hear them."""
        for (source, target), way in self._ways.items():
            if source == name:
                way.hold(requests=not speaks, answers=not hears)
            elif target == name:
                way.hold(requests=not hears, answers=not speaks)

    def heal(self) -> None:
        """All ways are free; what was under way when they were cut is lost."""
        for way in self._ways.values():
            way.cut()
            way.let_through()

    async def stop(self) -> None:
        """Stop all nodes."""
        for node in self.nodes.values():
            await node.child.stop(patience_s=1.5)


async def leader(link: Link) -> str:
    """The node that leads the stream of runs, once there is one."""
    async with asyncio.timeout(READY_S):
        while True:
            with suppress(ApiError, UnavailableError):
                info: Mapping[str, Mapping[str, str]] = await call(
                    link, f"STREAM.INFO.{subjects.RUNS}", timeout_s=1
                )
                if name := info["cluster"].get("leader"):
                    return name
            await asyncio.sleep(0.05)


async def leader_elsewhere(link: Link) -> str:
    """Have a node lead to which this connection does not lead; its name."""
    while (name := await leader(link)) == link.info["server_name"]:
        with suppress(ApiError, UnavailableError):
            await call(link, f"STREAM.LEADER.STEPDOWN.{subjects.RUNS}", {})
        await asyncio.sleep(0.05)
    return name
