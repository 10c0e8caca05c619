"""Shards take turns in deciding."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from weir.runtime.decider.rota import SHARE, Rota


def shard(rota: Rota, name: str, runs: int, said: list[str]) -> Callable[[int], int]:
    """Somebody with that many runs to decide, who says when the loop was at others meanwhile."""
    left = runs

    def drain(most: int) -> int:
        nonlocal left
        decided = min(most, left)
        left -= decided
        said.append(f"{name}{decided}")
        if left:
            rota.join(drain)
        return decided

    return drain


async def test_between_two_shares_the_loop_is_at_others() -> None:
    """However many runs there are, sockets are read and appends go out between them."""
    rota, said = Rota(), list[str]()
    rota.join(shard(rota, "a", 2 * SHARE + 1, said))
    for _ in range(4):
        await asyncio.sleep(0)
        said.append("others")
    assert said == [f"a{SHARE}", "others", f"a{SHARE}", "others", "a1", "others", "others"]


async def test_a_share_is_for_all_shards_together_and_each_has_its_turn() -> None:
    """Shards with a run each are decided together; one with many does not keep the others."""
    rota, said = Rota(), list[str]()
    rota.join(shard(rota, "a", SHARE - 1, said))
    rota.join(shard(rota, "b", SHARE, said))
    rota.join(shard(rota, "c", 1, said))
    await asyncio.sleep(0)
    assert said == [f"a{SHARE - 1}", "b1"]
    await asyncio.sleep(0)
    assert said[2:] == ["c1", f"b{SHARE - 1}"]


async def test_trouble_of_one_shard_is_its_own() -> None:
    """One that raises is told of by the loop; the others are decided all the same."""
    rota, said, told = Rota(), list[str](), list[str]()
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: told.append(str(context["exception"]))
    )

    def broken(_: int) -> int:
        raise LookupError("no such run")

    rota.join(broken)
    rota.join(shard(rota, "b", 1, said))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (said, told) == (["b1"], ["no such run"])


@pytest.mark.parametrize("times", [1, 3])
async def test_nobody_is_asked_who_did_not_join(times: int) -> None:
    """Each joining is one call."""
    rota, said = Rota(), list[str]()
    drain = shard(rota, "a", 0, said)
    for _ in range(times):
        rota.join(drain)
    for _ in range(5):
        await asyncio.sleep(0)
    assert said == ["a0"] * times
