"""The export of a tenant: everything that is its own, nothing else, and nothing secret."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.identity.service import build as identity
from tests.http_house import TENANT, House, house_on_memory
from tests.unit.erasing.peopled import CANARY, Peopled
from weir.contract import subjects
from weir.ports.log import Log

EXPORT = "/api/v1/export"


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Identity on memory, and two tenants that share a person."""
    async with house_on_memory(identity) as made:
        both = "usr_" + "b" * 26
        for tenant in (TENANT, "other"):
            peopled = Peopled(made, tenant, both)
            await peopled.fill()
            await peopled.notified()
        yield made


async def exported(house: House) -> list[dict[str, Any]]:
    """The lines of the tenant's export."""
    answer = await house.ask("GET", EXPORT)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.body.splitlines()]


async def count(log: Log, *filters: str) -> int:
    """How many subjects have a message, as the store itself says."""
    return len({one.subject for each in filters async for batch in log.read(each) for one in batch})


async def test_nothing_is_missing(house: House) -> None:
    """Counted against every store, each thing of the tenant is in it once."""
    lines = await exported(house)
    counts = Counter(line["kind"] for line in lines[1:-1])
    platform = house.platform
    assert lines[0]["kind"] == "export"
    assert lines[-1] == {"kind": "manifest", "tenant": TENANT, "counts": dict(counts)}
    of = {
        kind: await count(platform.identity, f"identity.{kind}.{TENANT}.*")
        for kind in ("project", "group", "member")
    }
    of["user"] = of["member"]
    of["tenant"] = of["policies"] = of["provider"] = of["webhook"] = 1
    of["key"] = 1 + len(house.keys)
    for kind in ("workflow", "version", "credential", "schedule"):
        of[kind] = await count(platform.registry, f"registry.{TENANT}.{kind}.*")
    of["run"] = await count(platform.runs, f"run.*.{TENANT}.*.in.start") + 1  # the archived one
    of["run_message"] = await count(platform.runs, f"run.*.{TENANT}.>") + 2
    of["schedule_message"] = 1
    of["value"] = 1
    of["line"] = 2
    of["draft"] = of["event"] = of["subscription"] = 1
    of["delivery"] = of["approval"] = 1
    of["push_device"] = 2
    assert {kind: counts[kind] for kind in of} == of
    assert set(counts) - set(of) <= {"audit"}
    assert len({json.dumps(line, sort_keys=True) for line in lines}) == len(lines) - 1  # two lines


async def test_nothing_of_others_is_in_it(house: House) -> None:
    """The other tenant's name, ids and values do not occur."""
    text = (await house.ask("GET", EXPORT)).body.decode()
    other = Peopled(house, "other")
    for word in ("other", other.workflow, other.running, other.archived, other.here, other.key):
        assert word not in text


async def test_nothing_secret_is_in_it(house: House) -> None:
    """What proves or opens something stays where it is."""
    text = (await house.ask("GET", EXPORT)).body.decode()
    assert CANARY not in text
    for token in house.keys.values():
        assert token.rpartition("_")[2] not in text


@pytest.mark.parametrize("role", ["editor", "operator", "viewer", None])
async def test_administrators_export(house: House, role: str | None) -> None:
    """Nobody else does."""
    assert (await house.ask("GET", EXPORT, key=role)).status in {401, 403}


async def test_one_that_cannot_be_whole_is_cut_off(house: House) -> None:
    """What cannot be read leaves an answer without its end, not a shorter export."""
    import aiohttp  # noqa: PLC0415 - for its error alone

    archived = [key async for key in house.platform.blobs.keys(f"{TENANT}/runs/")]
    await house.platform.blobs.put_named({archived[0]: b"damaged"})
    with pytest.raises(aiohttp.ClientPayloadError):
        await house.ask("GET", EXPORT)


async def test_it_can_be_repeated_while_runs_go_on(house: House) -> None:
    """A run that goes on is in both exports, whole as far as it had come."""
    mine = Peopled(house, TENANT)
    first = [one for one in await exported(house) if one.get("run_id") == mine.running]
    from weir.contract.messages import RunSucceeded  # noqa: PLC0415 - beside its use

    await mine.decided(mine.running, RunSucceeded(output=2))
    second = [one for one in await exported(house) if one.get("run_id") == mine.running]
    assert second[: len(first)] == first
    assert len(second) == len(first) + 1
    assert await house.platform.runs.last(subjects.run_key(TENANT, mine.running).events)
