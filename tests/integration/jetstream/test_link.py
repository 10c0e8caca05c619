"""What the connection takes from nats-py's inside, guarded against its next version."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.nats_server import NatsServer
from tests.waiting import eventually, within
from weir.adapters.jetstream.connect import connect
from weir.adapters.jetstream.link import Link, publication

Message = tuple[bytes, bytes, bytes, bytes]


def test_the_client_library_is_the_one_that_was_examined() -> None:
    """Another version of nats-py must be looked into before it is taken: see link.py."""
    assert version("nats-py") == "2.16.0"


frames = st.lists(
    st.tuples(
        st.sampled_from([b"a.b", b"run.1.acme.r.in.start"]),
        st.sampled_from([b"", b"_INBOX.x.1"]),
        st.sampled_from([b"", b"NATS/1.0\r\nA: b\r\n\r\n", b"NATS/1.0 503\r\n\r\n"]),
        st.one_of(st.binary(max_size=40), st.just(b"x" * 70_000), st.just(b"MSG a 1 3\r\n")),
    ),
    max_size=8,
)


def wire(message: Message) -> bytes:
    """A message as the server sends it to subscription 1."""
    subject, reply, header, data = message
    words = [subject, b"1", *([reply] if reply else [])]
    if header:
        sizes = b"%d %d" % (len(header), len(header) + len(data))
        return b"HMSG " + b" ".join(words) + b" " + sizes + b"\r\n" + header + data + b"\r\n"
    return b"MSG " + b" ".join(words) + b" %d\r\n" % len(data) + data + b"\r\n"


@settings(max_examples=60)
@given(messages=frames, cuts=st.lists(st.integers(0, 400_000), max_size=8), noise=st.booleans())
def test_messages_come_out_whole_however_they_are_cut(
    messages: list[Message],
    cuts: list[int],
    noise: bool,  # noqa: FBT001  # drawn
) -> None:
    """Chunks may end anywhere, and other protocol lines may stand between messages."""

    async def run() -> list[Message]:
        link = Link()
        got: list[Message] = []
        link._direct[1] = lambda *message: got.append(message)
        data = (b"+OK\r\n" if noise else b"").join(wire(message) for message in messages)
        points = sorted({0, *(cut % (len(data) + 1) for cut in cuts), len(data)})
        for start, end in pairwise(points):
            await link._ps.parse(data[start:end])
        return got

    assert asyncio.run(run()) == messages


async def test_both_ways_of_subscribing_work_side_by_side(nats_server: NatsServer) -> None:
    """nats-py's own subscriptions and requests go on beside ours, in large and in small."""
    link = await connect(nats_server.url)
    theirs: list[bytes] = []
    ours: list[bytes] = []

    async def note(message: Any) -> None:
        theirs.append(message.data)

    await link.subscribe("mixed", cb=note)
    link.listen("mixed", lambda _subject, _reply, _header, data: ours.append(data))
    sent = [b"%d" % number * size for number, size in enumerate([1, 100_000, 3, 900_000, 5])]
    for data in sent:
        await link.publish("mixed", data)
    answer = await link.request("$JS.API.INFO", b"", timeout=5)

    async def all_there() -> bool:
        return len(theirs) == len(ours) == len(sent)

    await eventually(all_there)
    assert theirs == ours == sent
    assert b"account_info" in answer.data
    await link.close()


async def test_what_was_posted_before_closing_is_sent(nats_server: NatsServer) -> None:
    """An acknowledgement sent in the last moment arrives."""
    listener, link = await connect(nats_server.url), await connect(nats_server.url)
    heard: list[bytes] = []
    listener.listen("last", lambda _subject, _reply, _header, data: heard.append(data))
    await listener.flush()
    link.tell("last", b"word")
    await link.close()

    async def arrived() -> bool:
        return heard == [b"word"]

    await eventually(arrived)
    await listener.close()


async def test_a_listener_added_while_the_connection_is_lost_hears(
    own_nats_server: NatsServer,
) -> None:
    """It is made known when the connection is back; one that ended meanwhile is not."""
    link = await connect(own_nats_server.url)
    heard: list[bytes] = []
    ended = link.listen("ended", lambda *_message: heard.append(b"ended"))
    own_nats_server.kill()

    async def lost() -> bool:
        return not link.is_connected

    await eventually(lost)
    link.listen("added", lambda _subject, _reply, _header, data: heard.append(data))
    link.unlisten(ended)
    own_nats_server.start()

    async def back() -> bool:
        return link.is_connected

    await eventually(back)
    link.tell("ended", b"x")
    link.tell("added", b"there")

    async def arrived() -> bool:
        return bool(heard)

    await eventually(arrived)
    assert heard == [b"there"]
    await link.close()


@pytest.mark.parametrize("answers", [1, 3])
async def test_a_cancelled_wait_leaves_nothing_behind(
    nats_server: NatsServer, answers: int
) -> None:
    """Answers that nobody waits for any more are forgotten."""
    link = await connect(nats_server.url)
    waiting, _replies = link.expect(answers)
    task = asyncio.create_task(link.wait(waiting, 60))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await within(task)
    assert not link._waiting
    await link.close()


def test_a_frame_is_what_the_protocol_says() -> None:
    """With and without header, with and without reply."""
    assert publication("a.b", b"r.1", b"NATS/1.0\r\n\r\n", b"xy") == (
        b"HPUB a.b r.1 12 14\r\nNATS/1.0\r\n\r\nxy\r\n"
    )
    assert publication("a.b", b"", b"", b"") == b"PUB a.b  0\r\n\r\n"
