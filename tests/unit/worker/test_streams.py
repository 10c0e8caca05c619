"""What a step says while it works: together, bounded, numbered, without secrets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson
import pytest

from tests.waiting import eventually
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.live import MemoryLive
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.runtime import worker_streams
from weir.runtime.worker_context import plain_json
from weir.runtime.worker_mask import Mask
from weir.runtime.worker_streams import MESSAGE_BYTES, RATE, Stream


class Said:
    """One attempt, and what is heard of it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.live = MemoryLive(connection)
        self.mask = Mask()
        self.heard: list[dict[str, Any]] = []
        self.sizes: list[int] = []
        self.stream = Stream(self.live, self.mask, "acme", "run_a", "each[3]/write", 2)

    def hear(self, _: str, data: bytes) -> None:
        """Keep it."""
        self.sizes.append(len(data))
        self.heard.append(orjson.loads(data))

    def say(self, *values: Any) -> None:
        """As a context does."""
        for value in values:
            self.stream.add(value if isinstance(value, str) else None, plain_json(value))

    def times(self, count: int) -> Callable[[], Awaitable[bool]]:
        """Whether so many messages came."""

        async def there() -> bool:
            return len(self.heard) >= count

        return there


@pytest.fixture
async def said() -> AsyncIterator[Said]:
    """Somebody listens."""
    made = Said(Broker(SystemClock()).connect())
    await made.live.listen(subjects.step_stream("acme", "run_a"), made.hear)
    yield made
    await made.stream.end()


async def test_what_is_said_together_is_one_message(said: Said) -> None:
    """Texts that follow each other are one text; values stand for themselves, in order."""
    said.say("Good ", "day", {"n": 1}, [2], " wor", "ld")
    await eventually(said.times(1))
    said.say("!")
    await eventually(said.times(2))
    assert said.heard == [
        {
            "step": "each[3]/write",
            "attempt": 2,
            "number": 1,
            "dropped": 0,
            "chunks": ["Good day", {"n": 1}, [2], " world"],
        },
        {
            "step": "each[3]/write",
            "attempt": 2,
            "number": 2,
            "dropped": 0,
            "chunks": ["!"],
        },
    ]


async def test_the_end_tells_what_is_left(said: Said) -> None:
    """At once; what is said afterwards, by a thread that goes on, is for nobody."""
    said.say("last")
    await said.stream.end()
    said.say("late")
    await said.stream.end()
    await eventually(said.times(1))
    assert [one["chunks"] for one in said.heard] == [["last"]]


async def test_too_much_is_dropped_and_counted(said: Said) -> None:
    """No message is over its size, whatever is said; the next one tells how much was lost."""
    piece = "x" * 1_000
    said.say(*[piece] * 100)
    said.say("y" * (MESSAGE_BYTES + 1))
    await eventually(said.times(1))
    (first,) = said.heard
    kept = len(first["chunks"][0]) // 1_000
    assert first["dropped"] == 101 - kept
    assert 55 < kept < 64
    assert max(said.sizes) <= 64 * 1024


async def test_an_attempt_says_so_much_a_second(
    said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond its rate nothing is taken until time has passed."""
    now = [1_000.0]
    monkeypatch.setattr(worker_streams, "monotonic", lambda: now[0])
    said.stream._at = now[0]  # its clock is the test's from here
    taken = 0
    for number in range(1, 8):
        said.say("x" * 50_000)
        await eventually(said.times(number))
        taken += sum(len(one) for one in said.heard[-1]["chunks"])
    assert taken == RATE // 50_000 * 50_000
    assert said.heard[-1]["dropped"] == 2
    now[0] += 1
    said.say("x" * 50_000)
    await eventually(said.times(8))
    assert said.heard[-1]["chunks"] == ["x" * 50_000]


async def test_secrets_are_cut_out(said: Said) -> None:
    """Of texts as they stand together, and of values."""
    said.mask.learn({"token": "s3cret-s3cret"})
    said.say("a s3cret", "-s3cret b", {"key": "s3cret-s3cret"})
    await eventually(said.times(1))
    assert "s3cret" not in str(said.heard)
    assert said.heard[0]["chunks"][0].startswith("a ")


async def test_nobody_there_is_no_failure(said: Said) -> None:
    """A connection that is lost costs what is said meanwhile, and no step."""
    said.connection.interrupt()
    said.say("lost")
    await said.stream.end()
