"""Two tenants on one platform: what is one's is not there for the other, by any route."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from tests.integration.acceptance.house import API, House, flow, text_of
from tests.integration.acceptance.test_roles import MAY
from tests.waiting import eventually, within
from weir.contract import subjects
from weir.runtime.authn import NOWHERE

pytestmark = pytest.mark.asyncio(loop_scope="module")

THEIRS = "other admin"


@dataclass(frozen=True)
class Owned:
    """Everything acme has."""

    workflow: str
    version: str
    webhook: str
    ended: str
    waiting: str
    credential: str
    blob: str
    letter: str

    def path(self, pattern: str, run: str) -> str:
        """The pattern's path to what is acme's."""
        for name, value in {
            "{run_id}": run,
            "{workflow_id}": self.workflow,
            "{version}": self.version,
            "{webhook_id}": self.webhook,
            "{step}": "later",
            "{letter_id}": self.letter,
            "{name}": self.blob if "/blobs/" in pattern else self.credential,
        }.items():
            pattern = pattern.replace(name, value)
        assert "{" not in pattern
        return pattern


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owned(house: House) -> AsyncIterator[Owned]:
    """A workflow with a webhook, two runs, a credential, a large value, lines."""
    definition = flow(
        "Only acme knows this",
        {
            "id": "call",
            "type": "http_request",
            "config": {"url": f"{house.outside.url}/large?bytes=100000"},
        },
        {"id": "later", "type": "delay", "config": {"duration": "{{ input.pause }}"}},
        settings={"labels": {"secret": "of-acme"}},
    )
    definition["nodes"].append({"id": "hook", "type": "webhook"})
    definition["edges"].append({"source": "hook", "target": "call"})
    told = await house.publish(definition)
    workflow = told["workflow_id"]
    given = {"trigger": "start"}
    ended = await house.run(workflow, {"pause": "1ms"}, **given)
    assert ended["status"] == "succeeded", ended
    waiting = (await house.run(workflow, {"pause": "1h"}, wait="", **given))["run_id"]

    async def waits() -> bool:
        run = await house.ask("GET", f"/runs/{waiting}")
        return bool(run.body["status"] == "waiting")

    await eventually(waits)
    fail = {"id": "stop", "type": "fail", "config": {"code": "STOPPED", "message": "of acme"}}
    failing = await house.publish(flow("Fails at acme", fail))
    failed = await house.run(failing["workflow_id"])
    letters = f"/dead-letters?run_id={failed['run_id']}&min_sequence={await house.last()}"
    (letter,) = (await house.ask("GET", letters)).body["items"]
    credential = {"name": "only_acme", "type": "bearer", "fields": {"token": "acme-token"}}
    assert (await house.ask("POST", "/credentials", json=credential)).status == 201
    path = f"/runs/{ended['run_id']}/steps?min_sequence={await house.last()}"
    steps = (await house.ask("GET", path)).body["items"]
    (call,) = [step for step in steps if step["step"] == "call"]
    yield Owned(
        workflow,
        told["version"],
        told["webhooks"][0]["id"],
        ended["run_id"],
        waiting,
        "only_acme",
        call["output"]["$blob"]["key"].rpartition("/")[2],
        letter["id"],
    )


BODIES: dict[tuple[str, str], Any] = {
    ("PUT", f"{API}/webhooks/{{webhook_id}}"): {"enabled": False},
    ("POST", f"{API}/webhooks/{{webhook_id}}/rotate"): {},
    ("PUT", f"{API}/workflows/{{workflow_id}}"): {"name": "Taken over"},
    ("POST", f"{API}/workflows/{{workflow_id}}/clone"): {},
    ("POST", f"{API}/workflows/{{workflow_id}}/versions"): {},
    ("POST", f"{API}/workflows/{{workflow_id}}/runs"): {},
    ("POST", f"{API}/workflows/{{workflow_id}}/runs:batch"): {"items": [{}]},
    ("POST", f"{API}/dead-letters/{{letter_id}}/retry"): {},
    ("POST", f"{API}/dead-letters/{{letter_id}}/discard"): {"reason": "of another"},
    ("POST", f"{API}/runs/{{run_id}}/cancel"): {},
    ("POST", f"{API}/runs/{{run_id}}/fork"): {"step": "start"},
    ("POST", f"{API}/runs/{{run_id}}/pause"): {},
    ("POST", f"{API}/runs/{{run_id}}/resume"): {},
    ("POST", f"{API}/runs/{{run_id}}/retry"): {},
    ("POST", f"{API}/runs/{{run_id}}/signals"): {"name": "x"},
    ("POST", f"{API}/runs/{{run_id}}/steps/{{step}}/deadline"): {"due_at": "2026-03-01T12:00:00Z"},
    ("POST", f"{API}/runs/{{run_id}}/steps/{{step}}/decision"): {"decision": "skip"},
    ("PUT", f"{API}/workflows/{{workflow_id}}/project"): {"project": ""},
    ("POST", f"{API}/credentials/{{name}}/test"): {},
    ("POST", f"{API}/credentials/{{name}}/grant"): {"return_to": "/"},
    ("PUT", f"{API}/credentials/{{name}}"): {"fields": {"token": "of another"}},
}
# Of what acme has here: the matrix of tests/unit/access asks about everything.
_ELSE = ("/hooks/", "{type}", "{subscription_id}")
ONE = [key for key in MAY if "{" in key[1] and not any(part in key[1] for part in _ELSE)]
# A list is empty rather than missing: whether its parent exists is not told by it.
LISTS = {("GET", f"{API}/workflows/{{workflow_id}}/runs")}


async def written(house: House) -> tuple[list[int], int]:
    """What the registry holds of anybody and how far the runs are.

    The house makes itself a key to seal with when it first needs one, which is now or earlier.
    """
    own = subjects.data_keys(NOWHERE)
    registry = [m async for batch in house.platform.registry.read(">") for m in batch]
    seqs = [message.seq for message in registry if message.subject != own]
    return seqs, await house.platform.runs.last_seq()


async def test_what_is_anothers_is_not_there(house: House, owned: Owned) -> None:
    """404, as for an id that never was, to the other tenant's admin; and nothing has changed."""
    before = await written(house)
    for method, pattern in ONE:
        for run in (owned.ended, owned.waiting):
            answer = await house.ask(
                method,
                owned.path(pattern, run),
                key=THEIRS,
                json=BODIES.get((method, pattern)),
                headers={"If-Match": "*"},
            )
            if (method, pattern) in LISTS:
                assert (answer.status, answer.body["items"]) == (200, [])
                continue
            assert answer.status == 404, (method, pattern, answer.body)
            assert "acme-token" not in text_of(answer.body)
            assert "Only acme" not in text_of(answer.body)
    assert await written(house) == before
    mine = await house.ask("GET", f"/runs/{owned.waiting}")
    assert mine.body["status"] == "waiting"


async def test_refusals_tell_nothing_apart(house: House, owned: Owned) -> None:
    """What is another's and what never was are answered in the same words but for the id."""
    for method, pattern in ONE:
        if (method, pattern) in LISTS or "/blobs/" in pattern:
            continue
        texts = []
        a26 = "a" * 26
        for workflow, run, hook, name, letter in (
            (owned.workflow, owned.ended, owned.webhook, owned.credential, owned.letter),
            (f"wf_{a26}", f"run_{a26}", f"hook_{a26}", "no_such_one", f"dead_{a26}"),
        ):
            other = Owned(workflow, owned.version, hook, run, run, name, owned.blob, letter)
            answer = await house.ask(
                method,
                other.path(pattern, run),
                key=THEIRS,
                json=BODIES.get((method, pattern)),
                headers={"If-Match": "*"},
            )
            text = text_of(answer.body)
            for one in (workflow, run, hook, name, letter, answer.body["error"]["request_id"]):
                text = text.replace(one, "…")
            texts.append((answer.status, text))
        assert texts[0] == texts[1], (method, pattern)


async def test_lists_hold_ones_own_only(house: House, owned: Owned) -> None:
    """Whatever is filtered for; the ids of acme's things find nothing."""
    for path in (
        *("/runs", "/workflows", "/webhooks", "/credentials"),
        f"/runs?workflow_id={owned.workflow}",
        f"/runs?q={owned.ended}",
        "/runs?q=acme",
        "/runs?label.secret=of-acme",
        "/workflows?name=acme",
        f"/webhooks?workflow_id={owned.workflow}",
        "/dead-letters",
    ):
        answer = await house.ask("GET", path, key=THEIRS)
        assert (answer.status, answer.body["items"]) == (200, []), path
        assert (await house.ask("GET", path)).body["items"], path


async def test_a_cursor_of_another_tenant_opens_nothing(house: House, owned: Owned) -> None:
    """It is refused like any cursor that this list never gave."""
    page = await house.ask("GET", "/runs?limit=1")
    answer = await house.ask(
        "GET", "/runs", key=THEIRS, params={"cursor": page.body["next_cursor"]}
    )
    assert (answer.status, answer.code) == (400, "INVALID_PARAMETER")


async def test_another_tenant_cannot_be_named(house: House, owned: Owned) -> None:
    """The header chooses among tenants a key belongs to, and it belongs to one."""
    answer = await house.ask("GET", "/runs", key=THEIRS, headers={"X-Tenant-ID": "acme"})
    assert (answer.status, answer.code) == (403, "TENANT_FORBIDDEN")


async def test_sockets_show_ones_own_only(house: House, owned: Owned) -> None:
    """A subscription is refused as if there were no such run; a socket to its lines is a 404."""
    url, headers = f"{house.url}{API}/ws", house.headers(THEIRS)
    async with house.http.ws_connect(url, headers=headers) as socket:
        await within(socket.receive_json())
        for run in (owned.ended, owned.waiting, "run_" + "a" * 26):
            await socket.send_json({"type": "subscribe", "run_id": run})
            frames = [await within(socket.receive_json()) for _ in range(2)]
            assert [frame["type"] for frame in frames] == ["connection:subscribed", "error"]
            assert frames[1]["data"]["code"] == "RUN_NOT_FOUND"
    lines = await house.ask(
        "GET",
        f"/runs/{owned.ended}/logs",
        key=THEIRS,
        headers={"Connection": "Upgrade", "Upgrade": "websocket"},
    )
    assert (lines.status, lines.code) == (404, "RUN_NOT_FOUND")


async def test_the_same_names_are_others_things(house: House, owned: Owned) -> None:
    """Names, idempotency keys and contents meet nobody else's."""
    definition = flow("Only acme knows this", {"id": "done", "type": "output"})
    definition["nodes"][1]["config"] = {"value": "theirs"}
    theirs = await house.publish(definition, key=THEIRS)
    mine = await house.publish(definition)
    assert theirs["workflow_id"] != mine["workflow_id"]
    body = {"name": "only_acme", "type": "bearer", "fields": {"token": "their-token"}}
    assert (await house.ask("POST", "/credentials", key=THEIRS, json=body)).status == 201
    runs = []
    for key, workflow in (("admin", mine), (THEIRS, theirs)):
        path = f"/workflows/{workflow['workflow_id']}/runs?wait=20s"
        headers = {"Idempotency-Key": "the-same"}
        answer = await house.ask("POST", path, key=key, headers=headers, json={})
        assert answer.status == 200
        assert answer.body["duplicate"] is False
        runs.append(answer.body["run_id"])
    assert runs[0] != runs[1]
    assert (await house.ask("GET", f"/runs/{runs[1]}")).status == 404


async def test_a_definition_cannot_name_anothers_credential(house: House, owned: Owned) -> None:
    """The executor opens what is of the run's tenant: acme's name is unknown to others."""
    config = {"url": f"{house.outside.url}/large?bytes=1", "auth": "{{ credentials.acme_alone }}"}
    body = {"name": "acme_alone", "type": "bearer", "fields": {"token": "acme-token"}}
    assert (await house.ask("POST", "/credentials", json=body)).status == 201
    definition = flow("borrowing", {"id": "call", "type": "http_request", "config": config})
    theirs = await house.publish(definition, key=THEIRS)
    told = await house.run(theirs["workflow_id"], key=THEIRS)
    assert (told["status"], told["error"]["code"]) == ("failed", "CREDENTIAL_NOT_FOUND")
    mine = await house.publish(definition)
    assert (await house.run(mine["workflow_id"]))["status"] == "succeeded"
