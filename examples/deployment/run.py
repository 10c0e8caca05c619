"""`make run`: the whole platform in one process, and this example's workflow run on real input.

Plays the part of GitHub: sends the payload of a deployment to the workflow's
webhook, signed as GitHub signs. Prints the trace of the run and where to look
next, then goes on serving until Ctrl-C. Ends with an error if the run does not
succeed.
"""

from __future__ import annotations

import hmac
import os
import socket
import sys
import uuid
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from database import prepare, row  # noqa: E402 - the example's own modules
from receiver import address_of, listening, receiving  # noqa: E402

import weir.loading  # noqa: E402, F401 - before all the others
from services.embedded.starting import main  # noqa: E402
from weir import settings as configuration  # noqa: E402
from weir.cli.applying import apply_one  # noqa: E402
from weir.cli.definitions import read  # noqa: E402
from weir.cli.output import console  # noqa: E402
from weir.cli.watching import trace  # noqa: E402
from weir.client import API, Client, connect  # noqa: E402
from weir.contract.errors import WeirError  # noqa: E402
from weir.process import run_process  # noqa: E402
from weir.runtime.servers.datadir import DataDir, write_private  # noqa: E402
from weir.settings import Settings  # noqa: E402

PAYLOAD = HERE / "deployment_status.json"
WORKFLOW = HERE / "workflow.yaml"
CREDENTIAL = "deployments_db"
RECEIVER = "DEPLOYMENTS_RECEIVER"
_WEIR = Path(sys.executable).with_name("weir")
COMMAND = min(str(_WEIR), os.path.relpath(_WEIR), key=len)


class ExampleError(WeirError):
    """The example did not come to a good end."""

    code = "EXAMPLE_FAILED"


class Example:
    """One play of it on a running platform."""

    def __init__(self, settings: Settings, taken: socket.socket) -> None:
        self._data_dir = settings.data_dir
        self._taken = taken
        self._receiving = AsyncExitStack()

    async def run(self, settings: Settings) -> None:
        """The platform, with the receiver beside it."""
        async with self._receiving:
            await self._receiving.enter_async_context(receiving(self._taken))
            await main(settings, started=self.play)

    async def play(self, url: str, key: str | None) -> None:
        """Publish the workflow, deliver to it, show what came of it."""
        out = console()
        running = DataDir(self._data_dir).running()
        if running is None or not key:
            raise ExampleError(
                f"The example needs the administrator's key, and {self._data_dir}/admin.key is "
                "gone: docs/runbook/lost-api-key.md says how to get one."
            )
        dsn = await prepare(running.postgres_dsn)
        async with connect(url, key) as client:
            await _save_credential(client, dsn)
            applied = await apply_one(client, read(WORKFLOW))
            hook = applied["webhooks"][0]
            secret = await self._secret(client, hook)
            out.print(f"\n{applied['name']}: version {applied['number']} ({applied['done']})")
            out.print(f"POST {PAYLOAD.name} to {url}{hook['path']}")
            run_id = await _deliver(client, hook["path"], secret)
            view = await trace(client, run_id)
            out.print(f"  row in the table: {await row(dsn, run_id)}\n")
            if view.status != "succeeded":
                raise ExampleError(f"its run {run_id} has {view.status}, as shown above")
            await _next(client, self._data_dir)

    async def _secret(self, client: Client, hook: dict[str, Any]) -> str:
        """The webhook's secret, which the platform shows once: kept here, as GitHub keeps it."""
        file = self._data_dir / "example.secret"
        secret = hook.get("secret")
        if not secret and file.exists():
            return file.read_text()
        if not secret:
            told = await client.post(f"/webhooks/{hook['id']}/rotate", {"overlap": "0s"})
            secret = told["secret"]
        write_private(file, secret.encode())
        return str(secret)


async def _save_credential(client: Client, dsn: str) -> None:
    content = {"type": "postgres", "fields": {"dsn": dsn}}
    names = [item["name"] async for item in client.items("/credentials")]
    if CREDENTIAL in names:
        path = f"{API}/credentials/{CREDENTIAL}"
        await client.ask("PUT", path, body=content, headers={"If-Match": "*"})
    else:
        await client.post("/credentials", {"name": CREDENTIAL, **content})


async def _deliver(client: Client, path: str, secret: str) -> str:
    """Send the payload as GitHub does; the id of the run it starts."""
    body = PAYLOAD.read_bytes()
    signature = hmac.digest(secret.encode(), body, "sha256").hex()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/5f3c1e9",
        "X-GitHub-Event": "deployment_status",
        "X-GitHub-Delivery": str(uuid.uuid4()),
        "X-GitHub-Hook-ID": "512000005",
        "X-GitHub-Hook-Installation-Target-ID": "871000003",
        "X-GitHub-Hook-Installation-Target-Type": "repository",
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    answer = await client.ask("POST", path, body=body, headers=headers)
    print(f"answered {answer.status}: {answer.body}", flush=True)
    return str(answer.body["run_id"])


async def _next(client: Client, data_dir: Path) -> None:
    runs = [item["id"] async for item in client.items("/runs")]
    print(f"{len(runs)} run{'' if len(runs) == 1 else 's'} so far. Where to look next:")
    print(f"  {client.url}/   the pages; the link above makes the first person")
    print(f"  {client.url}{API}/openapi.json   the HTTP API")
    print(f"  {data_dir}/admin.key   its API key, which the commands find by themselves:")
    for words in ("runs", f"watch {runs[0]}", f"logs {runs[0]}", f"replay-state {runs[0]} --check"):
        print(f"    {COMMAND} {words}")
    print("  docs/tutorial/first-workflow.md   a workflow of your own")
    print("Serving until Ctrl-C.", flush=True)


def start() -> None:
    """Settings for this run alone, then everything."""
    told = configuration.load()
    if told.memory or told.postgres_dsn.get_secret_value():
        sys.exit(
            "The example makes a database of its own in the embedded Postgres: unset WEIR_MEMORY "
            "and WEIR_POSTGRES_DSN, or start the platform alone with `make up`."
        )
    with listening() as taken:
        address = address_of(taken)
        os.environ[RECEIVER] = f"http://{address}"
        told.data_dir.mkdir(parents=True, exist_ok=True, mode=0o711)
        postgres_port = DataDir(told.data_dir).port("postgres", told.postgres_port)
        overrides: dict[str, Any] = {
            "outbound_allow": (*told.outbound_allow, address, f"127.0.0.1:{postgres_port}"),
            "postgres_port": postgres_port,
            "env_allow": (*told.env_allow, RECEIVER),
        }
        if told.log_level == "info" and "WEIR_LOG_LEVEL" not in os.environ:
            overrides["log_level"] = "warning"
        print("For this run alone, so that the workflow may call receiver and database:")
        print(f"  WEIR_OUTBOUND_ALLOW={','.join(overrides['outbound_allow'])}")
        print(f"  WEIR_ENV_ALLOW={','.join(overrides['env_allow'])}   ({os.environ[RECEIVER]})")
        sys.stdout.flush()
        run_process("embedded", Example(told, taken).run, **overrides)


if __name__ == "__main__":
    start()
