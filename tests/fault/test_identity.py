"""Identity and secrets under runs: a service that is away, keys that change beneath everything."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from typing import Any

import pytest
import pytest_asyncio

from tests.fault.house import House, house
from tests.fault.workflows import chain, mark
from tests.waiting import at_last, eventually
from weir.adapters.keyfile import keys

AWAY_S = 60
RUNS = 30
CREDENTIALS, EACH = 10_000, 50  # so many steps side by side, each with a credential of its own
WORKFLOWS = CREDENTIALS // EACH
AT_ONCE = 32
PASSWORD = "a horse and its staple"
ROTATION = "/credentials/rotation"

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def platform() -> AsyncIterator[House]:
    """Without limits of requests: what is looked at here are keys."""
    async with house(limits="off") as running:
        yield running


async def test_who_was_somebody_stays_so_while_identity_is_away(
    platform: House, figures: Callable[[str], None]
) -> None:
    """A minute without it: runs go on, who is signed in works, what was revoked stays revoked."""
    await platform.start(platform.add("identity-1").name)
    log = platform.processes["identity-1"].log  # it answers first, and shows the link then
    (token,) = await asyncio.to_thread(
        at_last, lambda: re.findall(r"accept-invite\?first#([a-z2-7]{52})\n", log.read_text())
    )
    me = {"email": "me@example.com", "name": "Me", "password": PASSWORD}
    session = await platform.ask("identity-1", "POST", "/auth/invitations/accept", {
        "token": token, **me,
    })  # fmt: skip
    made = await platform.ask("identity-1", "POST", "/keys", {"name": "soon over", "role": "admin"})
    revoked = made["token"]
    assert await _statuses(platform, revoked) == {200}
    await platform.ask("identity-1", "DELETE", f"/keys/{made['id']}")

    nodes = [mark(platform.outside.url, "a"), {"id": "wait", "type": "delay",
             "config": {"duration": "30s"}}, mark(platform.outside.url, "b")]  # fmt: skip
    workflow, _ = await platform.publish(
        chain("waits", [{"id": "start", "type": "manual"}, *nodes])
    )
    quick, _ = await platform.publish(
        chain("quick", [{"id": "start", "type": "manual"}, mark(platform.outside.url, "c")])
    )
    before = await platform.start_runs(workflow, [{"n": n} for n in range(RUNS)])

    async def refused() -> bool:
        return await _statuses(platform, revoked) == {401}

    await eventually(refused)
    await platform.kill("identity-1")
    over, asked, during = time.monotonic() + AWAY_S, 0, []
    while time.monotonic() < over:
        assert await _statuses(platform, session["access_token"]) == {200}
        assert await _statuses(platform, revoked) == {401}
        during += await platform.start_runs(quick, [{"n": asked}])
        asked += 1
        await asyncio.sleep(0.5)
    await platform.ended([*before, *during])
    await platform.start("identity-1")
    renewed = await platform.ask(
        "identity-1", "POST", "/auth/refresh", {"refresh_token": session["refresh_token"]}
    )
    assert await _statuses(platform, renewed["access_token"]) == {200}
    assert await _statuses(platform, revoked) == {401}
    await _all_succeeded(platform, [*before, *during])
    figures(f"identity away for {AWAY_S} s: {len(before)} runs waited through it, {asked} began")


async def test_runs_read_ten_thousand_credentials_while_keys_change(
    platform: House, figures: Callable[[str], None]
) -> None:
    """Another master key, then a fresh data key, under whole runs: none of them fails."""
    names = [f"c{number}" for number in range(CREDENTIALS)]
    await _gathered(
        platform.ask(
            "registry", "POST", "/credentials",
            {"name": name, "type": "bearer", "fields": {"token": name}},
        )
        for name in names
    )  # fmt: skip
    workflows = await _gathered(
        platform.publish(_reading(platform.outside.url, names[first : first + EACH]))
        for first in range(0, CREDENTIALS, EACH)
    )
    newest = keys.add(platform.directory / "secrets.keys")
    state = await platform.ask("registry", "POST", ROTATION)
    assert state["secrets"] >= CREDENTIALS
    runs: list[str] = []
    rounds = 0
    while state["stale"] or rounds == 0:
        started = await _gathered(
            platform.start_runs(workflow, [{"round": rounds}]) for workflow, _ in workflows
        )
        mine = [run_id for each in started for run_id in each]
        if rounds == 0:
            state = await platform.ask("registry", "GET", ROTATION)
            assert state["stale"], "the keys changed before any run began"
        await platform.ended(mine, patience_s=300)
        runs += mine
        rounds += 1
        state = await platform.ask("registry", "GET", ROTATION)
    assert {one["provider_key"] for one in state["keys"]} == {newest}
    assert state["unreadable"] == 0
    await _all_succeeded(platform, runs)
    figures(
        f"{CREDENTIALS} credentials moved under another key while {len(runs)} runs of {EACH} steps "
        "read them"
    )


def _reading(url: str, names: Sequence[str]) -> dict[str, Any]:
    """Steps side by side, each with a credential that the outside holds against its name."""
    steps = [
        {
            "id": name,
            "type": "http_request",
            "config": {"url": f"{url}/own/{name}", "auth": f"{{{{ credentials.{name} }}}}"},
        }
        for name in names
    ]
    return {
        "schema": "weir/v1",
        "name": f"reads {names[0]}",
        "nodes": [{"id": "start", "type": "manual"}, *steps],
        "edges": [{"source": "start", "target": name} for name in names],
    }


async def _statuses(platform: House, token: str) -> set[int]:
    """What each service answers to whoever holds a token."""
    found = set()
    for name, path in (("registry", "/workflows"), ("query", "/runs")):
        url = f"{platform.processes[name].url}/api/v1{path}"
        async with platform.http.get(url, headers={"Authorization": f"Bearer {token}"}) as answer:
            found.add(answer.status)
    return found


async def _all_succeeded(platform: House, runs: Sequence[str]) -> None:
    wanted = set(runs)

    async def shown() -> bool:
        listed = await platform.items("query", "/runs", status="succeeded")
        return wanted <= {one["id"] for one in listed}

    await eventually(shown)


async def _gathered(work: Iterable[Any]) -> list[Any]:
    """All of it, so many at once."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(each: Any) -> Any:
        async with room:
            return await each

    return await asyncio.gather(*(one(each) for each in work))
