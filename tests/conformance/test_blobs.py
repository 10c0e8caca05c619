"""The object store port: values by content and by name."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.objects.files import FileBlobs
from weir.ports.blobs import Blobs


@pytest.fixture(params=["memory", "files"])
async def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Blobs]:
    """An empty store."""
    if request.param == "memory":
        yield MemoryBlobs()
        return
    files = FileBlobs(tmp_path)
    yield files
    await files.close()


async def test_a_value_is_found_by_its_content(blobs: Blobs) -> None:
    """The key is the tenant and the content's hash, the same each time."""
    key = await blobs.put("acme", b"value")
    assert key == f"acme/{hashlib.sha256(b'value').hexdigest()}"
    assert await blobs.put("acme", b"value") == key
    assert await blobs.get(key) == b"value"


async def test_tenants_are_apart(blobs: Blobs) -> None:
    """The same content of two tenants is two values."""
    one, two = await blobs.put("acme", b"v"), await blobs.put("beta", b"v")
    await blobs.delete(one)
    assert await blobs.get(two) == b"v"


async def test_a_named_value_is_replaced(blobs: Blobs) -> None:
    """The newest value of a name counts."""
    key = "acme/archive/r1"
    await blobs.put_named({key: b"old"})
    await blobs.put_named({key: b"new", "acme/archive/r2": b"other"})
    assert await blobs.get("acme/archive/r2") == b"other"
    assert await blobs.get(key) == b"new"


async def test_nothing_there_is_a_key_error(blobs: Blobs) -> None:
    """Before it was put, and after it was deleted."""
    key = f"acme/{hashlib.sha256(b'x').hexdigest()}"
    with pytest.raises(KeyError):
        await blobs.get(key)
    await blobs.put("acme", b"x")
    await blobs.delete(key)
    with pytest.raises(KeyError):
        await blobs.get(key)


async def test_deleting_nothing_is_nothing(blobs: Blobs) -> None:
    """A repeated delete is no error."""
    await blobs.delete("acme/nothing")


@pytest.mark.parametrize("size", [0, 1, 3_000_000])
async def test_any_size_comes_back_whole(blobs: Blobs, size: int) -> None:
    """Empty, small and large values."""
    data = bytes(range(256)) * (size // 256 + 1)
    key = await blobs.put("acme", data[:size])
    assert await blobs.get(key) == data[:size]


@pytest.mark.parametrize("key", ["", "acme", "/etc/passwd", "../x", "acme/../../x", "acme//x"])
async def test_a_key_that_leaves_the_store_is_refused(blobs: Blobs, key: str) -> None:
    """No key reaches anything but this store's values."""
    with pytest.raises(ValueError, match="is no key"):
        await blobs.get(key)


async def test_keys_are_listed_by_their_beginning(blobs: Blobs) -> None:
    """All that begins so and nothing else, by content or by name; names of a folder in order."""
    content = await blobs.put("acme", b"value")
    named = [f"acme/runs/ab/r.{n}" for n in (2, 1, 3)]
    other = "acme-2/runs/ab/r.1"
    await blobs.put_named(dict.fromkeys([*named, other], b"x"))
    assert [key async for key in blobs.keys("acme/runs/ab/r.")] == sorted(named)
    assert {key async for key in blobs.keys("acme/")} == {content, *named}
    assert {key async for key in blobs.keys("")} == {content, other, *named}
    assert {key async for key in blobs.keys("acme")} == {content, other, *named}
    for nothing in ("acme/runs/ac/", "beta/", "../", "acme/../"):
        assert [key async for key in blobs.keys(nothing)] == []


HOUR_MS = 3_600_000


async def test_what_was_put_long_ago_expires(blobs: Blobs) -> None:
    """A value is listed and removed by when it was put; what is younger stays."""
    now = int(time.time() * 1000)
    key = await blobs.put("acme", b"value")
    await blobs.put_named({"acme/runs/ab/r.1.gz": b"x"})
    assert [key async for key in blobs.aged(now - HOUR_MS)] == []
    assert not await blobs.expire(key, now - HOUR_MS)
    assert await blobs.get(key) == b"value"
    assert [key async for key in blobs.aged(now + HOUR_MS)] == [key]
    assert await blobs.expire(key, now + HOUR_MS)
    assert not await blobs.expire(key, now + HOUR_MS)
    with pytest.raises(KeyError):
        await blobs.get(key)


async def test_content_that_is_put_again_is_young_again(blobs: Blobs) -> None:
    """The age counts from the last `put`, so a writer may rely on what it put."""
    key = await blobs.put("acme", b"value")
    await asyncio.sleep(0.02)
    between = int(time.time() * 1000) - 10
    assert [key async for key in blobs.aged(between)] == [key]
    await asyncio.sleep(0.02)
    await blobs.put("acme", b"value")
    assert [key async for key in blobs.aged(between)] == []
    assert not await blobs.expire(key, between)


async def test_no_put_is_undone_by_a_sweep(blobs: Blobs) -> None:
    """Whatever is removed while others put it again: what `put` returned is there."""
    for _ in range(10):
        key = await blobs.put("acme", b"value")
        await asyncio.sleep(0.02)
        before = int(time.time() * 1000) - 10
        puts = [blobs.put("acme", b"value") for _ in range(3)]
        await asyncio.gather(*puts, *(blobs.expire(key, before) for _ in range(3)))
        assert await blobs.get(key) == b"value"
