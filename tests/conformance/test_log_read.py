"""The log port, reading: in order, without holes, and to the end."""

from __future__ import annotations

import asyncio

import pytest

from tests.waiting import everything, take, within
from weir.contract.errors import RefusedError, RolledBackError
from weir.ports.log import Append, Log


def fact(run: str, name: str) -> Append:
    """A fact of a run on shard 1."""
    return Append(f"run.1.acme.{run}.in.{name}", name.encode())


async def test_history_is_read_in_order(log: Log) -> None:
    """Messages matching the filter come in sequence, in batches that are never empty."""
    for number in range(3):
        await log.append(fact("r1", f"a{number}"))
        await log.append(fact("r2", f"b{number}"))
    batches = [batch async for batch in log.read("run.*.*.r2.>")]
    assert all(batches)
    assert [(m.seq, m.data) for batch in batches for m in batch] == [
        (2, b"b0"),
        (4, b"b1"),
        (6, b"b2"),
    ]


@pytest.mark.parametrize(
    ("after", "upto", "expected"),
    [
        (0, None, [1, 2, 3, 4, 5]),
        (2, None, [3, 4, 5]),
        (2, 4, [3, 4]),
        (0, 99, [1, 2, 3, 4, 5]),
        (5, None, []),
        (3, 3, []),
        (0, 0, []),
    ],
)
async def test_history_has_bounds(
    log: Log, after: int, upto: int | None, expected: list[int]
) -> None:
    """`after` is excluded, `upto` included."""
    for number in range(5):
        await log.append(fact("r1", f"f{number}"))
    read = await everything(log.read("run.>", after=after, upto=upto))
    assert [m.seq for m in read] == expected


async def test_history_ends_between_messages(log: Log) -> None:
    """A bound that lies on a message of another subject ends the reading there."""
    for run in ("r1", "r2", "r2", "r1"):
        await log.append(Append(f"run.1.acme.{run}.ev", b""))
    read = await everything(log.read("run.1.acme.r1.ev", upto=3))
    assert [m.seq for m in read] == [1]


async def test_no_history_is_an_empty_reading(log: Log) -> None:
    """A filter that matches nothing ends at once."""
    assert await everything(log.read("run.>")) == []
    await log.append(fact("r1", "a"))
    assert await everything(log.read("run.2.>")) == []


async def test_a_reading_ends_where_the_log_ended_when_it_began(log: Log) -> None:
    """What is appended while it is read does not keep the reading from ending."""
    await log.append_all([fact("r1", f"f{number}") for number in range(1_500)])
    read = []
    async for batch in log.read("run.>"):
        read += batch
        await log.append_all([fact("r2", f"g{len(read)}.{number}") for number in range(10)])
    assert [m.seq for m in read] == list(range(1, 1_501))


async def test_a_long_history_has_no_holes(log: Log) -> None:
    """More than one batch, each message once."""
    await log.append_all([fact("r1", f"f{number}") for number in range(5_000)])
    read = await everything(log.read("run.1.*.*.in.>"))
    assert [m.data for m in read] == [b"f%d" % number for number in range(5_000)]


@pytest.fixture(params=[0.0, 0.005], ids=["woken", "rested"])
def rest_s(request: pytest.FixtureRequest) -> float:
    """Every reading gives the same, whether each message wakes it or it rests in between."""
    rest: float = request.param
    return rest


async def test_following_gives_what_was_and_what_comes(log: Log, rest_s: float) -> None:
    """History first, then each new message, without a seam."""
    await log.append(fact("r1", "old"))
    following = log.follow("run.1.*.*.in.>", rest_s=rest_s)
    reading = aiter(following)
    assert [m.data for m in await take(reading, 1)] == [b"old"]
    await log.append(Append("run.1.acme.r1.ev", b"not a fact"))
    await log.append(fact("r1", "new"))
    assert [m.data for m in await take(reading, 1)] == [b"new"]
    await following.close()


async def test_following_begins_after_a_sequence(log: Log, rest_s: float) -> None:
    """Only what is newer than `after` comes."""
    for number in range(4):
        await log.append(fact("r1", f"f{number}"))
    following = log.follow("run.>", after=2, rest_s=rest_s)
    assert [m.seq for m in await take(aiter(following), 2)] == [3, 4]
    await following.close()


async def test_following_several_filters_keeps_one_order(log: Log, rest_s: float) -> None:
    """Messages of all filters come in the order of the log."""
    following = log.follow(["run.1.*.*.in.>", "run.2.*.*.in.>"], rest_s=rest_s)
    for shard in (2, 1, 3, 1, 2):
        await log.append(Append(f"run.{shard}.acme.r.in.x{shard}", b"%d" % shard))
    found = await take(aiter(following), 4)
    assert [(m.seq, m.data) for m in found] == [(1, b"2"), (2, b"1"), (4, b"1"), (5, b"2")]
    await following.close()


async def test_following_misses_nothing_under_load(log: Log, rest_s: float) -> None:
    """Writers at full speed, a reader that pauses: every message once, in order."""
    following = log.follow("run.>", rest_s=rest_s)

    async def write(run: str) -> None:
        for start in range(0, 2_000, 100):
            await log.append_all([fact(run, f"{start + n}") for n in range(100)])

    async def read() -> list[int]:
        seqs: list[int] = []
        async for batch in following:
            seqs += [m.seq for m in batch]
            await asyncio.sleep(0.002)
            if len(seqs) >= 6_000:
                return seqs
        return seqs

    seqs, *_ = await within(asyncio.gather(read(), *(write(f"r{n}") for n in range(3))))
    assert seqs == list(range(1, 6_001))
    await following.close()


async def test_closing_ends_a_waiting_reader(log: Log, rest_s: float) -> None:
    """Who waits for the next batch gets the end, not an error."""
    following = log.follow("run.>", rest_s=rest_s)
    reading = asyncio.create_task(everything(aiter(following)))
    await asyncio.sleep(0)
    await following.close()
    assert await within(reading) == []


async def test_a_cancelled_wait_loses_nothing(log: Log, rest_s: float) -> None:
    """Waiting with a time limit and coming back later gives the same messages."""
    following = log.follow("run.>", rest_s=rest_s)
    reading = aiter(following)
    with pytest.raises(TimeoutError):
        await within(anext(reading), 0.05)
    await log.append(fact("r1", "late"))
    assert [m.data for m in await take(reading, 1)] == [b"late"]
    await following.close()


async def test_following_skips_what_was_purged_before(log: Log, rest_s: float) -> None:
    """Removed messages are no holes."""
    for number in range(4):
        await log.append(fact("r1", f"f{number}"))
    await log.purge("run.1.acme.r1.in.f1")
    following = log.follow("run.>", rest_s=rest_s)
    assert [m.seq for m in await take(aiter(following), 3)] == [1, 3, 4]
    await following.close()


async def test_reading_on_from_beyond_the_end_is_an_error(log: Log, rest_s: float) -> None:
    """A log that ends before what was already read has lost messages, and says so."""
    await log.append(fact("r1", "a"))
    following = log.follow("run.>", after=7, rest_s=rest_s)
    with pytest.raises(RolledBackError):
        await within(anext(aiter(following)))
    await following.close()


async def test_what_matches_behind_a_sequence_is_counted(log: Log) -> None:
    """All of it, or what lies behind a sequence; nothing where nothing matches."""
    for number in range(5):
        await log.append(Append(f"run.0.acme.run_{number % 2}.ev", b"x"))
    assert await log.count("run.*.acme.*.ev") == 5
    assert await log.count("run.0.acme.run_0.ev", after=1) == 2
    assert await log.count("run.0.other.>") == 0


async def test_a_time_is_found_in_the_log(log: Log) -> None:
    """Behind the answer everything was stored then or later, also where messages are gone."""
    for number in range(6):
        await log.append(Append(f"run.0.acme.run_{number}.ev", b"x"))
        await asyncio.sleep(0.01)
    await log.purge("run.0.acme.run_2.ev")
    fourth = await log.get(4)
    assert fourth is not None
    assert await log.before(0) == 0
    assert await log.before(fourth.at_ms) in {1, 2, 3}
    assert await log.before(fourth.at_ms + 3_600_000) == 6


async def test_all_but_the_newest_can_be_removed(log: Log) -> None:
    """Of what matches; the rest stays."""
    for number in range(5):
        await log.append(Append("run.0.acme.run_a.ev", str(number).encode()))
    await log.append(Append("run.0.acme.run_b.ev", b"other"))
    await log.purge("run.0.acme.run_a.>", keep=2)
    left = [stored.data async for batch in log.read("run.>") for stored in batch]
    assert left == [b"3", b"4", b"other"]


async def test_headers_come_back_with_the_message(log: Log) -> None:
    """As they were given; nothing of the broker's own can be among them."""
    await log.append(Append("run.0.acme.run_a.ev", b"x", headers=(("ce-id", "7"), ("A-b", "c d"))))
    stored = await log.last("run.0.acme.run_a.ev")
    assert stored is not None
    assert (stored.headers["ce-id"], stored.headers["A-b"]) == ("7", "c d")
    for wrong in (("Nats-Rollup", "all"), ("a b", "c"), ("a", "b\r\nNats-Rollup: all")):
        with pytest.raises(RefusedError):
            await log.append(Append("run.0.acme.run_a.ev", b"x", headers=(wrong,)))
