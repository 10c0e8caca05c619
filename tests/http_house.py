"""A platform on memory adapters behind a real HTTP server, with a key for every role.

What tests publish here they write into the registry themselves, so that the
trigger is tested without the registry's code; runs are ended by `end`, as
their owner would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from aiohttp import ClientResponse, ClientSession, TCPConnector

from weir.adapters.memory.audit_views import MemoryAuditViews
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.inbox import MemoryInbox
from weir.adapters.memory.live import MemoryLive
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.mail import MemoryMailer
from weir.adapters.memory.secrets import MemorySecrets
from weir.adapters.memory.tasks import MemoryTasks
from weir.adapters.memory.views import MemoryViews
from weir.adapters.system import SystemClock
from weir.contract import codec, ids, subjects, times
from weir.contract.messages import (
    Envelope,
    Event,
    Message,
    RegistryRecord,
    RunPurged,
    WebhookSaved,
    WorkflowPublished,
    WorkflowSaved,
)
from weir.ports.log import Append, Stored
from weir.runtime.audit import Audit
from weir.runtime.authn import Authenticator
from weir.runtime.hooks import signing_place
from weir.runtime.http.app import application
from weir.runtime.http.relay import Relayed
from weir.runtime.http.route import Route
from weir.runtime.http.server import Server
from weir.runtime.platform import Platform
from weir.runtime.service import Service
from weir.settings import Settings

TENANT = "acme"
NOW = "2026-01-01T00:00:00.000Z"
ROLES = ("admin", "editor", "operator", "viewer")


def memory_platform(connection: Connection, **settings: Any) -> Platform:
    """The ports of one process."""
    return Platform(
        # Most houses have no trigger that could be asked.
        settings=Settings(memory=True, http_port=0, **{"webhook_probe": 0, **settings}),
        clock=SystemClock(),
        runs=MemoryLog(connection, subjects.RUNS),
        registry=MemoryLog(connection, subjects.REGISTRY),
        collab=MemoryLog(connection, subjects.COLLAB),
        identity=MemoryLog(connection, subjects.IDENTITY),
        accounts=MemoryLog(connection, subjects.ACCOUNTS),
        notes=MemoryLog(connection, subjects.NOTES),
        audit=MemoryLog(connection, subjects.AUDIT),
        logs=MemoryLog(connection, subjects.LOGS),
        rates=MemoryLog(connection, subjects.RATES),
        deliveries=MemoryLog(connection, subjects.DELIVERIES),
        bus=MemoryLog(connection, subjects.BUS),
        cursors=MemoryLog(connection, subjects.CURSORS),
        approvals=MemoryLog(connection, subjects.APPROVALS),
        tasks=MemoryTasks(connection),
        live=MemoryLive(connection),
        blobs=MemoryBlobs(),
        secrets=MemorySecrets(),
        views=MemoryViews(),
        mail=MemoryMailer(),
        audit_views=MemoryAuditViews(),
        inbox=MemoryInbox(),
    )


class House:
    """The server and a client for it. `keys` holds a token per role."""

    def __init__(self, platform: Platform, services: Sequence[Service] = ()) -> None:
        self.platform = platform
        self.services = services
        self.extra: tuple[Route, ...] = ()
        self.keys: dict[str, str] = {}
        self.url = ""
        self.healthy = True

    async def __aenter__(self) -> Self:
        issuer = Authenticator(self.platform.identity, self.platform.clock)
        for role in ROLES:
            _, self.keys[role] = await issuer.issue(tenant=TENANT, name=role, role=role, by="test")
        for service in self.services:
            await service.start()
        routes = [*self.extra, *(route for one in self.services for route in one.routes)]
        self.audit = Audit(self.platform.notes, self.platform.clock)
        app = application(self.platform, routes, lambda: {"house": self.healthy}, self.audit)
        self._server = Server(app, "127.0.0.1", 0, stop_s=1)
        await self._server.start()
        self._relayed = Relayed(self.platform.live, app, routes)
        await self._relayed.start()
        self.url = self._server.url
        self._session = ClientSession(connector=TCPConnector(limit=0))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()
        await self._relayed.stop()
        await self._server.stop()
        await self.audit.stop()
        for service in reversed(self.services):
            await service.stop()

    async def ask(
        self,
        method: str,
        path: str,
        *,
        key: str | None = "admin",
        headers: Mapping[str, str] | None = None,
        **rest: Any,
    ) -> Answer:
        """One request, by default as the administrator; `key` None sends none."""
        sent = dict(headers or {})
        if key is not None:
            sent.setdefault("Authorization", f"Bearer {self.keys.get(key, key)}")
        async with self._session.request(method, self.url + path, headers=sent, **rest) as answer:
            return await Answer.of(answer)

    def socket(self, path: str, key: str = "admin") -> Any:
        """A WebSocket, to be entered."""
        headers = {"Authorization": f"Bearer {self.keys.get(key, key)}"}
        return self._session.ws_connect(self.url + path, headers=headers, max_msg_size=0)

    async def publish(
        self, nodes: Sequence[Mapping[str, Any]], name: str = "w", **frozen: Any
    ) -> tuple[str, str]:
        """A workflow whose current version has these nodes; returns its id and the version."""
        workflow = ids.derived("wf", TENANT, name)
        content = {
            "schema": "weir/frozen/v1",
            "name": name,
            "vars": {},
            "input_schema": None,
            "output": None,
            "settings": {"timeout_ms": None, "labels": {}, "search": {}},
            "nodes": [{"kind": "trigger", "config": {}, **node} for node in nodes],
            "edges": [],
            **frozen,
        }
        version = ids.derived("ver", workflow, codec.canonical(content).decode())
        made = WorkflowPublished(
            workflow_id=workflow, version=version, number=1, definition={}, frozen=content
        )
        await self.record(subjects.version(TENANT, version), made)
        head = WorkflowSaved(
            workflow_id=workflow,
            name=name,
            definition={},
            current_version=version,
            current_number=1,
            created_at=NOW,
            created_by="test",
        )
        await self.record(subjects.workflow(TENANT, workflow), head)
        return workflow, version

    async def webhook(
        self, config: Mapping[str, Any], *, secrets: Sequence[str] = (), **saved: Any
    ) -> str:
        """The path of a webhook whose trigger node has this config."""
        name = f"hooked {len(secrets)} {sorted(config.items())} {sorted(saved.items())}"
        fields = {key: saved.pop(key) for key in ("input_schema", "vars") if key in saved}
        workflow, _ = await self.publish(
            [{"id": "hook", "type": "webhook", "config": dict(config)}], name, **fields
        )
        hook = ids.derived("hook", TENANT, workflow, "hook")
        place = signing_place(TENANT, hook)
        sealed = [
            (await self.platform.secrets.seal(secret.encode(), place)).text for secret in secrets
        ]
        kind = WebhookSaved(
            **{
                "webhook_id": hook,
                "workflow_id": workflow,
                "node": "hook",
                "enabled": True,
                "scheme": config.get("scheme", "standard"),
                "secrets": sealed,
                "created_at": NOW,
                **saved,
            }
        )
        await self.record(subjects.webhook(hook), kind)
        return f"/hooks/{hook}"

    async def record(self, subject: str, kind: Message) -> int:
        """Write a registry record past the registry."""
        clock = self.platform.clock
        record = RegistryRecord.of(
            kind,  # type: ignore[arg-type]
            id=clock.new_id("rec"),
            tenant=TENANT,
            at=times.from_ms(clock.now_ms()),
            by="test",
        )
        return await self.platform.registry.append(Append(subject, codec.encode(record)))

    async def facts(self) -> list[Stored]:
        """Every message of the run log."""
        return [one async for batch in self.platform.runs.read("run.>") for one in batch]

    async def end(self, run_id: str, kind: Message) -> None:
        """Write the owner's last message of a run."""
        key = subjects.run_key(TENANT, run_id)
        envelope = Envelope(
            id=f"{run_id}/1.0",
            tenant=TENANT,
            run_id=run_id,
            at=NOW,
            turn=1,
            events=(Event.of(kind),),  # type: ignore[arg-type]
        )
        await self.platform.runs.append(Append(key.events, codec.encode(envelope)))

    async def purge(self, run_id: str, status: str = "succeeded") -> None:
        """Leave of a run what its owner leaves: the tombstone on its start subject."""
        key = subjects.run_key(TENANT, run_id)
        start = await self.platform.runs.last(key.fact("start"))
        assert start is not None
        first = codec.decode(start.data)
        request_hash = first.events[0].run_started.request_hash  # type: ignore[union-attr]
        tombstone = RunPurged(request_hash=request_hash, status=status, ended_at=NOW)
        envelope = first.model_copy(update={"events": (Event.of(tombstone),)})
        await self.platform.runs.append(
            Append(key.fact("start"), codec.encode(envelope), rollup=True, ttl_s=60)
        )
        await self.platform.runs.purge(key.events)


class Answer:
    """What came back."""

    def __init__(self, status: int, headers: Mapping[str, str], body: Any) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    @classmethod
    async def of(cls, answer: ClientResponse) -> Self:
        """Read it whole."""
        json = answer.content_type == "application/json"
        body = await answer.json() if json and answer.method != "HEAD" else await answer.read()
        return cls(answer.status, answer.headers, body)

    @property
    def code(self) -> str:
        """The code of a refusal."""
        found: str = self.body["error"]["code"]
        return found


def house_on_memory(*build: Any, **settings: Any) -> House:
    """A house with these services, each given as its `build`."""
    platform = memory_platform(Broker(SystemClock()).connect(), **settings)
    return House(platform, [make(platform) for make in build])
