"""What leaves a worker: values the log can hold, and no secrets, however they are spelled."""

from __future__ import annotations

import base64
from typing import Any

import orjson
import pytest

from tests.unit.worker.bench import Bench, FakeNode
from weir.contract import codec
from weir.core.sizes import MAX_DEPTH
from weir.ports.node_context import Terminal
from weir.runtime.worker_mask import MASK, Mask

SECRET = 's3cr3t"\\/t0ken'
CREDENTIAL = orjson.dumps({"token": SECRET})
AUTH = {"auth": "{{ credentials.api }}"}


def _nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("levels", [MAX_DEPTH, MAX_DEPTH + 1, 250])
async def test_an_output_nested_too_deep_fails_the_step(levels: int) -> None:
    """A server that answers such a document must not leave a fact that nobody can read."""

    async def run(config: Any, ctx: Any) -> Any:
        return _nested(levels)

    async with Bench(FakeNode(run)) as bench:
        await bench.done(await bench.deliver())
        if levels == MAX_DEPTH:
            assert (await bench.succeeded()).output == _nested(levels)
            return
        failed = await bench.failed()
        assert failed.error is not None
        assert (failed.error.code, failed.retryable) == ("VALUE_TOO_DEEP", False)


@pytest.mark.parametrize(
    "details",
    [{1: 2}, {"a": 2**80}, {"a": "\ud800"}, _nested(300), {"a": object()}],
    ids=["number as key", "huge number", "half a character", "deep", "no JSON"],
)
async def test_whatever_is_said_beside_a_failure_it_is_stored(details: Any) -> None:
    """Details and fields of log lines are JSON or become it; the task is not given back."""

    async def run(config: Any, ctx: Any) -> Any:
        ctx.log.info("looking", found=details)
        raise Terminal("no", code="NO", details=details)

    async with Bench(FakeNode(run)) as bench:
        await bench.done(await bench.deliver())
        failed = await bench.failed()
        assert failed.error is not None
        assert failed.error.code == "NO"
        codec.encode(failed)
        assert [line.message for line in await bench.lines()] == ["looking", "no"]


async def test_a_file_is_stored_without_the_secret() -> None:
    """What a node keeps as a file may hold what it was answered: the request's own header."""

    async def run(config: Any, ctx: Any) -> Any:
        return await ctx.blobs.put(b"\x00" + SECRET.encode() + b"\xff", "application/octet-stream")

    async with Bench(FakeNode(run, ["auth"])) as bench:
        await bench.save_credential("api", CREDENTIAL)
        await bench.done(await bench.deliver(config=AUTH))
        reference = (await bench.succeeded()).output["$blob"]
        assert await bench.blobs.get(reference["key"]) == b"\x00" + MASK.encode() + b"\xff"
        assert reference["size"] == len(MASK) + 2


async def test_a_secret_is_found_in_a_text_that_is_json_and_in_base64() -> None:
    """Receivers show what they were sent in many spellings."""
    shown = [orjson.dumps({"sent": SECRET}).decode(), base64.b64encode(SECRET.encode()).decode()]

    async def run(config: Any, ctx: Any) -> Any:
        return shown

    async with Bench(FakeNode(run, ["auth"])) as bench:
        await bench.save_credential("api", CREDENTIAL)
        await bench.done(await bench.deliver(config=AUTH))
        output = (await bench.succeeded()).output
        assert output[0] == orjson.dumps({"sent": MASK}).decode()
        assert output[1].rstrip("=") == MASK


def test_the_beginning_of_a_secret_at_the_end_of_a_text_is_cut_too() -> None:
    """Long answers are quoted in part, and the part may end in the midst of one."""
    mask = Mask()
    mask.learn({"token": "abcdefghijklmnopqrstuvwxyz", "url": "https://u:pa55word@host/"})
    assert mask.text("sent abcdefghijkl") == f"sent {MASK}"
    assert mask.text("sent abcdef") == "sent abcdef"
    assert mask.text("see https://u") == "see https://u"


def test_a_short_secret_does_not_break_files() -> None:
    """A file in which a common word is replaced is a broken file."""
    mask = Mask()
    mask.learn({"password": "test"})
    assert mask.text("a test") == f"a {MASK}"
    assert mask.file(b"a test") == b"a test"
