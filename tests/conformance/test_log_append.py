"""The log port, writing: what is stored, what is refused, and how it says so."""

from __future__ import annotations

import pytest

from tests.conformance.conftest import Ports
from tests.waiting import eventually, everything
from weir.adapters.wire import MAX_BATCH, MAX_PAYLOAD
from weir.contract.errors import ConflictError, RefusedError, TooLargeError, UnavailableError
from weir.ports.log import Append, Log, Schedule

START = "run.1.acme.r1.in.start"
EVENTS = "run.1.acme.r1.ev"
LEASE = "lease.1.first"


async def test_appends_give_rising_sequences_and_are_there_to_read(log: Log) -> None:
    """What append returned is stored, under that sequence, as it was given."""
    first = await log.append(Append(EVENTS, b"one"))
    second = await log.append(Append(EVENTS, b"two"))
    assert second == first + 1
    stored = await log.get(second)
    assert stored is not None
    assert (stored.seq, stored.subject, stored.data) == (second, EVENTS, b"two")
    assert await log.last(EVENTS) == stored
    assert await log.last_seq() == second


async def test_a_message_bears_the_brokers_time(ports: Ports) -> None:
    """`at_ms` is the broker's clock, in milliseconds since 1970."""
    before = ports.clock.now_ms()
    await ports.log.append(Append(EVENTS, b""))
    stored = await ports.log.last(EVENTS)
    assert stored is not None
    assert before - 1 <= stored.at_ms <= ports.clock.now_ms() + 1


async def test_headers_come_back(log: Log) -> None:
    """A reader sees what the writer expected and by which id."""
    await log.append(Append(EVENTS, b"", expect=0, msg_id="m"))
    stored = await log.last(EVENTS)
    assert stored is not None
    assert stored.headers["Nats-Msg-Id"] == "m"
    assert stored.headers["Nats-Expected-Last-Subject-Sequence"] == "0"


async def test_nothing_there_is_none(log: Log) -> None:
    """Reading what was never written gives None, not an error."""
    assert await log.last(EVENTS) is None
    assert await log.get(1) is None
    assert await log.get(0) is None
    assert await log.last_seq() == 0


async def test_a_fact_is_stored_once(log: Log) -> None:
    """The second to expect 0 on a literal subject learns who was first."""
    first = await log.append(Append(START, b"a", expect=0))
    with pytest.raises(ConflictError) as conflict:
        await log.append(Append(START, b"b", expect=0))
    assert conflict.value.current == first
    stored = await log.last(START)
    assert stored is not None
    assert stored.data == b"a"


async def test_a_repeated_first_fact_is_a_conflict_even_with_its_message_id(log: Log) -> None:
    """Expecting 0 beats deduplication: the repeater learns the sequence of the first."""
    first = await log.append(Append(START, b"a", expect=0, msg_id="start"))
    with pytest.raises(ConflictError) as conflict:
        await log.append(Append(START, b"a", expect=0, msg_id="start"))
    assert conflict.value.current == first


async def test_a_duplicate_message_id_gives_the_first_sequence(log: Log) -> None:
    """A repeated append without expectation stores nothing and returns the first's sequence."""
    first = await log.append(Append(EVENTS, b"a", msg_id="x"))
    assert await log.append(Append(EVENTS, b"a", msg_id="x")) == first
    assert await log.last_seq() == first


async def test_a_fence_on_another_subject_holds(log: Log) -> None:
    """An append is stored only while the lease stands where its writer last saw it."""
    lease = await log.append(Append(LEASE, b"me", expect=0))
    await log.append(Append(EVENTS, b"1", expect=lease, expect_on=LEASE))
    taken = await log.append(Append(LEASE, b"you", expect=lease))
    with pytest.raises(ConflictError) as conflict:
        await log.append(Append(EVENTS, b"2", expect=lease, expect_on=LEASE))
    assert conflict.value.current == taken
    assert [m.data for m in await everything(log.read(EVENTS))] == [b"1"]


async def test_pipelined_appends_each_stand_alone(log: Log) -> None:
    """One refused in the middle leaves the others stored, in order, each with its own answer."""
    await log.append(Append(START, b"first"))
    results = await log.append_all(
        [
            Append(EVENTS, b"1"),
            Append(START, b"second", expect=0),
            Append(EVENTS, b"x" * (MAX_PAYLOAD + 1)),
            Append(EVENTS, b"2"),
        ]
    )
    assert isinstance(results[1], ConflictError)
    assert isinstance(results[2], TooLargeError)
    assert [results[0], results[3]] == [2, 3]
    assert [m.data for m in await everything(log.read(EVENTS))] == [b"1", b"2"]


async def test_many_appends_keep_their_order(log: Log) -> None:
    """A pipeline longer than what is sent at once keeps the order it was given in."""
    appends = [Append(EVENTS, b"%d" % number) for number in range(4_500)]
    assert await log.append_all(appends) == list(range(1, 4_501))
    stored = await everything(log.read(EVENTS))
    assert [m.data for m in stored] == [append.data for append in appends]


async def test_nothing_to_append_is_nothing(log: Log) -> None:
    """Empty calls return empty lists."""
    assert await log.append_all([]) == []
    assert await log.append_atomic([]) == []


async def test_too_large_is_refused_before_it_is_sent(log: Log) -> None:
    """A message over the limit is refused with its size, and the connection lives on."""
    with pytest.raises(TooLargeError) as refused:
        await log.append(Append(EVENTS, b"x" * MAX_PAYLOAD, msg_id="the header counts too"))
    assert refused.value.details["limit"] == MAX_PAYLOAD
    assert await log.append(Append(EVENTS, b"x" * MAX_PAYLOAD)) == 1


@pytest.mark.parametrize(
    "append",
    [
        Append("run.1.acme.r1.in.*", b""),
        Append("run.1.acme.>", b""),
        Append("run.1.a b.ev", b""),
        Append("run..ev", b""),
        Append("run.1\r\nPUB x 0", b""),
        Append(EVENTS, b"", msg_id="two\r\nlines"),
        Append(EVENTS, b"", expect=0, expect_on="lease.*"),
        Append(EVENTS, b"", ttl_s=0),
        Append("run.1.acme.r1.timer.a", b"", schedule=Schedule(0, "run.1.acme.r1.timer.a")),
    ],
)
async def test_what_no_broker_takes_is_refused(log: Log, append: Append) -> None:
    """A message that is wrong in itself is refused for good, and nothing is stored."""
    with pytest.raises(RefusedError):
        await log.append(append)
    assert await log.last_seq() == 0


async def test_a_subject_without_a_stream_is_refused(log: Log) -> None:
    """Nobody stores it, so it is surely not stored."""
    with pytest.raises(UnavailableError):
        await log.append(Append("elsewhere.x", b""))


async def test_a_batch_is_stored_whole_and_contiguous(log: Log) -> None:
    """All messages of a batch get neighbouring sequences, in order."""
    lease = await log.append(Append(LEASE, b"", expect=0))
    batch = [
        Append(EVENTS, b"1", expect=lease, expect_on=LEASE),
        Append("run.1.acme.r2.ev", b"2", expect=lease, expect_on=LEASE),
        Append(START, b"3", expect=0),
    ]
    assert await log.append_atomic(batch) == [2, 3, 4]
    assert [m.data for m in await everything(log.read("run.>"))] == [b"1", b"2", b"3"]


async def test_a_batch_of_one_is_an_append(log: Log) -> None:
    """It needs no batch, and is refused alike."""
    assert await log.append_atomic([Append(START, b"", expect=0)]) == [1]
    with pytest.raises(ConflictError):
        await log.append_atomic([Append(START, b"", expect=0)])


@pytest.mark.parametrize("wrong", [0, 1, 2])
async def test_a_refused_batch_stores_nothing(log: Log, wrong: int) -> None:
    """One expectation that does not hold, wherever it stands, refuses all."""
    await log.append(Append(START, b"", expect=0))
    batch = [Append(EVENTS, b"1"), Append("run.1.acme.r2.ev", b"2"), Append(LEASE, b"3")]
    batch[wrong] = Append(START, b"again", expect=0)
    with pytest.raises(ConflictError) as conflict:
        await log.append_atomic(batch)
    assert conflict.value.current == 1
    assert await log.last_seq() == 1


async def test_a_batch_with_a_known_message_id_is_refused(log: Log) -> None:
    """A duplicate is not skipped inside a batch: the writer must read what is stored."""
    await log.append(Append(EVENTS, b"1", msg_id="one"))
    with pytest.raises(ConflictError):
        await log.append_atomic([Append(EVENTS, b"2"), Append(EVENTS, b"1", msg_id="one")])
    assert await log.last_seq() == 1


@pytest.mark.parametrize(
    "batch",
    [
        [Append(EVENTS, b"")] * (MAX_BATCH + 1),
        [Append(EVENTS, b""), Append(EVENTS, b"", expect=0)],
        [Append(EVENTS, b""), Append("run.1.a b.ev", b"")],
    ],
)
async def test_an_impossible_batch_is_refused(log: Log, batch: list[Append]) -> None:
    """Too many messages, an expectation on what the batch itself writes, a bad subject."""
    with pytest.raises(RefusedError):
        await log.append_atomic(batch)
    assert await log.last_seq() == 0


async def test_a_batch_with_too_large_a_message_stores_nothing(log: Log) -> None:
    """The size of each message is checked before any is sent."""
    with pytest.raises(TooLargeError):
        await log.append_atomic([Append(EVENTS, b""), Append(EVENTS, b"x" * (MAX_PAYLOAD + 1))])
    assert await log.last_seq() == 0


async def test_a_batch_may_be_as_large_as_the_limit(log: Log) -> None:
    """The full number of messages is stored as one."""
    batch = [Append(f"run.1.acme.r{number}.ev", b"") for number in range(MAX_BATCH)]
    assert await log.append_atomic(batch) == list(range(1, MAX_BATCH + 1))


async def test_a_roll_up_replaces_its_subject(log: Log) -> None:
    """Only the newest message of a rolled-up subject is left; other subjects keep theirs."""
    await log.append(Append(EVENTS, b"kept"))
    await log.append(Append(START, b"old"))
    rolled = await log.append(Append(START, b"new", rollup=True))
    assert [(m.seq, m.data) for m in await everything(log.read("run.>"))] == [
        (1, b"kept"),
        (rolled, b"new"),
    ]


async def test_a_tombstone_refuses_a_repeated_start(log: Log) -> None:
    """A rolled-up start still counts for who expects 0, also after the run below it is purged."""
    await log.append(Append(START, b"start", expect=0))
    await log.append(Append(EVENTS, b"end"))
    tombstone = await log.append(Append(START, b"", rollup=True, ttl_s=3600))
    await log.purge("run.1.acme.r1.>", below=tombstone)
    with pytest.raises(ConflictError) as conflict:
        await log.append(Append(START, b"start", expect=0))
    assert conflict.value.current == tombstone
    assert await everything(log.read("run.>")) == [await log.get(tombstone)]


async def test_a_message_with_a_time_to_live_goes(log: Log) -> None:
    """When its time is over it is gone for readers and for expectations."""
    await log.append(Append(START, b"", ttl_s=1))

    async def gone() -> bool:
        return await log.last(START) is None

    assert not await gone()
    await eventually(gone)
    assert await log.append(Append(START, b"", expect=0)) == 2


async def test_purge_removes_what_matches(log: Log) -> None:
    """By a literal subject, by a filter, and only below a sequence if one is given."""
    for run in ("r1", "r2"):
        for number in range(3):
            await log.append(Append(f"run.1.acme.{run}.ev", b"%d" % number))
    await log.purge("run.1.acme.r1.ev", below=3)
    assert [m.seq for m in await everything(log.read("run.>"))] == [3, 4, 5, 6]
    await log.purge("run.1.*.r2.>")
    assert [m.seq for m in await everything(log.read("run.>"))] == [3]
    await log.purge("run.1.acme.r1.ev")
    assert await everything(log.read("run.>")) == []
    assert await log.last_seq() == 6


@pytest.mark.parametrize("count", [3, 40])
async def test_a_run_is_discarded_below_its_tombstone(log: Log, count: int) -> None:
    """All that lay below is gone, few or many; the tombstone and other runs stay."""
    other = await log.append(Append("run.1.acme.r2.ev", b""))
    await log.append(Append(START, b"", expect=0))
    for number in range(count):
        await log.append(Append(f"run.1.acme.r1.in.result.s{number}.1", b""))
    tombstone = await log.append(Append(START, b"gone", rollup=True))
    late = await log.append(Append("run.1.acme.r1.in.result.late.1", b""))
    await log.discard({"run.1.acme.r1.>": tombstone})
    await log.discard({"run.1.acme.r1.>": tombstone})
    assert [m.seq for m in await everything(log.read("run.>"))] == [other, tombstone, late]


async def test_many_runs_are_discarded_at_once(log: Log) -> None:
    """Of each what lies below its own sequence, however much that is; nothing of others."""
    named = [f"run.1.acme.r{number}" for number in range(40)]
    for number, run in enumerate(named):
        appends = [Append(f"{run}.in.start", b"")]
        appends += [Append(f"{run}.ev", b"") for _ in range(2 * number)]
        await log.append_all([*appends, Append(f"{run}.in.archived", b"")])
    other = await log.append(Append("run.1.acme.r.ev", b""))
    below = [await log.append(Append(f"{run}.in.start", b"", rollup=True)) for run in named]
    late = await log.append(Append(f"{named[0]}.ev", b""))
    discarded = {f"{run}.>": seq for run, seq in zip(named, below, strict=True)}
    await log.discard(discarded | {"run.1.acme.never.>": late})
    assert [m.seq for m in await everything(log.read("run.>"))] == [other, *below, late]
    await log.discard({})


async def test_a_purged_subject_begins_again_at_zero(log: Log) -> None:
    """After a purge a repeated fact is new: why a purged run leaves a tombstone."""
    await log.append(Append(START, b"", expect=0))
    await log.purge(START)
    assert await log.append(Append(START, b"", expect=0)) == 2


async def test_an_incarnation_lasts(log: Log) -> None:
    """The name of the incarnation is a legal token and does not change by itself."""
    incarnation = await log.incarnation()
    assert incarnation == await log.incarnation()
    assert await log.append(Append(f"lease.1.{incarnation}", b"")) == 1


async def test_streams_are_apart(ports: Ports) -> None:
    """Each stream has its own sequences."""
    await ports.log.append(Append(EVENTS, b""))
    await ports.registry.append(Append("registry.acme.workflow.w", b"", expect=0))
    assert await ports.log.last_seq() == 1
    assert await ports.registry.last_seq() == 1
    assert len(await everything(ports.registry.read("registry.>"))) == 1
