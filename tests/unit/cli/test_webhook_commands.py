"""Webhooks from the command line, against a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from services.query.service import build as query
from services.registry.service import build as registry
from services.trigger.service import build as trigger
from tests.http_house import House, house_on_memory
from tests.unit.webhooks.sending import SECRET, deliver, listed
from weir.cli import app
from weir.cli.exits import Code

FILTERED = {"scheme": "standard", "filter": "$.n > 1"}


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """All that a webhook needs, behind a server."""
    # The server's lines would stand between those of the commands.
    monkeypatch.setattr("weir.runtime.http.app.observe", lambda _answered: None)
    async with house_on_memory(registry, trigger, query) as house:
        yield house


async def weir(house: House, *words: str) -> Result:
    """A command, typed."""
    said = {"WEIR_URL": house.url, "WEIR_API_KEY": house.keys["admin"]}
    return await asyncio.to_thread(lambda: CliRunner(env=said).invoke(app, ["webhooks", *words]))


async def told(house: House, *words: str, code: Code = Code.OK) -> Any:
    """The document that a command printed."""
    done = await weir(house, *words, "--json")
    assert done.exit_code == code, done.output
    return orjson.loads(done.stdout)


async def test_what_was_delivered_is_listed_and_shown(house: House) -> None:
    """In words and in JSON, with filters."""
    path = await house.webhook(FILTERED, secrets=[SECRET])
    hook = path.removeprefix("/hooks/")
    run_id = (await deliver(house, path, b'{"n": 2}', delivery="a")).body["run_id"]
    await deliver(house, path, b'{"n": 1}', delivery="b")
    await listed(house, path, 2)
    said = (await weir(house, "list")).stdout
    assert hook in said
    assert "standard" in said
    assert (await told(house, "list"))["items"][0]["id"] == hook
    both = (await told(house, "deliveries", hook))["items"]
    assert [one["delivery_id"] for one in both] == ["b", "a"]
    (one,) = (await told(house, "deliveries", hook, "--verdict", "accepted"))["items"]
    assert one["run_id"] == run_id
    assert "filtered" in (await weir(house, "deliveries", hook)).stdout
    assert (await weir(house, "deliveries", hook, "--code", "X")).stdout == "no deliveries\n"
    assert (await told(house, "show", hook, one["id"]))["payload"] == {"n": 2}


async def test_deliveries_are_made_again(house: House) -> None:
    """One by its id, with a key once; or those that filters take."""
    path = await house.webhook(FILTERED, secrets=[SECRET])
    hook = path.removeprefix("/hooks/")
    for number in range(3):
        await deliver(house, path, b'{"n": %d}' % number, delivery=f"d{number}")
    items = await listed(house, path, 3)
    accepted = next(one["id"] for one in items if one["verdict"] == "accepted")
    first = await told(house, "replay", hook, accepted, "--key", "k")
    again = await told(house, "replay", hook, accepted, "--key", "k")
    assert (again["run_id"], again["duplicate"]) == (first["run_id"], True)
    said = await weir(house, "replay", hook, accepted)
    assert f"{accepted} accepted: weir watch run_" in said.stdout
    dry = await told(house, "replay", hook, "--verdict", "filtered", "--dry-run")
    assert dry["matched"] == 2
    done = await told(house, "replay", hook, "--verdict", "filtered", "--ignore-filter")
    assert done["done"] == 2
    nobody = await weir(house, "replay", hook)
    assert nobody.exit_code == Code.USAGE


async def test_a_webhook_is_tried_out(house: House, tmp_path: Path) -> None:
    """Tests start runs, simulations none; a refusal is a failure."""
    path = await house.webhook(FILTERED, secrets=[SECRET])
    hook = path.removeprefix("/hooks/")
    file = tmp_path / "sample.json"
    file.write_text('{"n": 2}')
    sent = await weir(house, "test", hook, "--file", str(file), "--header", "X-Event=push")
    assert sent.stdout.startswith("accepted: weir watch run_")
    assert len(await house.facts()) == 1
    dropped = await weir(house, "simulate", hook, "--body", '{"n": 1}')
    assert dropped.stdout.startswith("filtered: the filter of 'hook' is false")
    refused = await told(house, "simulate", hook, "--body", "{", code=Code.FAILED)
    assert refused["error"]["code"] == "INVALID_JSON"
    for wrong in (["--header", "X"], ["--body", "1", "--file", str(file)]):
        assert (await weir(house, "test", hook, *wrong)).exit_code == Code.USAGE
    assert len(await house.facts()) == 1
