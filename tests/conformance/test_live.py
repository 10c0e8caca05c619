"""The live port: what may be lost, and what the run log republishes there."""

from __future__ import annotations

import asyncio

from tests.conformance.conftest import Ports
from tests.waiting import eventually
from weir.contract import subjects
from weir.contract.errors import ConflictError
from weir.ports.log import Append, Schedule

Heard = list[tuple[str, bytes]]


async def settle(ports: Ports, heard: Heard) -> None:
    """Until everything told before has been heard."""
    done: Heard = []
    marker = await ports.live.listen("settle", lambda subject, data: done.append((subject, data)))

    async def arrived() -> bool:
        return bool(done)

    await ports.live.publish("settle", b"")
    await eventually(arrived)
    await marker.close()


async def test_who_listens_hears(ports: Ports) -> None:
    """By literal subject and by wildcard, in order, with the subject it was told on."""
    heard: Heard = []
    await ports.live.listen("beat.*", lambda subject, data: heard.append((subject, data)))
    for number in range(3):
        await ports.live.publish(f"beat.{number}", b"%d" % number)
    await ports.live.publish("other.1", b"x")
    await settle(ports, heard)
    assert heard == [("beat.0", b"0"), ("beat.1", b"1"), ("beat.2", b"2")]


async def test_every_listener_hears(ports: Ports) -> None:
    """Listeners do not share."""
    one: Heard = []
    two: Heard = []
    await ports.live.listen("beat", lambda subject, data: one.append((subject, data)))
    await ports.live.listen("beat", lambda subject, data: two.append((subject, data)))
    await ports.live.publish("beat", b"x")
    await settle(ports, one)
    assert one == two == [("beat", b"x")]


async def test_whether_anybody_listens(ports: Ports) -> None:
    """Is known at once, and whoever does listen hears what was told."""
    heard: Heard = []
    assert not await ports.live.reaches("beat", b"0")
    await ports.live.listen("other", lambda subject, data: heard.append((subject, data)))
    assert not await ports.live.reaches("beat", b"1")
    listening = await ports.live.listen("beat", lambda subject, data: heard.append((subject, data)))
    assert await ports.live.reaches("beat", b"2")
    await settle(ports, heard)
    assert heard == [("beat", b"2")]
    await listening.close()
    assert not await ports.live.reaches("beat", b"3")


async def test_of_a_group_one_hears(ports: Ports) -> None:
    """Others hear all the same; who leaves a group leaves its messages to the rest."""
    one: Heard = []
    two: Heard = []
    alone: Heard = []
    first = await ports.live.listen("ask", lambda *told: one.append(told), group="all")
    await ports.live.listen("ask", lambda *told: two.append(told), group="all")
    await ports.live.listen("ask", lambda *told: alone.append(told))
    for number in range(20):
        await ports.live.publish("ask", b"%d" % number)
    await settle(ports, alone)
    assert len(one) + len(two) == len(alone) == 20
    await first.close()
    before = len(two)
    for number in range(5):
        await ports.live.publish("ask", b"%d" % number)
    await settle(ports, two)
    assert len(two) - before == 5


async def test_who_closed_hears_no_more(ports: Ports) -> None:
    """And closing twice is nothing."""
    heard: Heard = []
    listening = await ports.live.listen("beat", lambda subject, data: heard.append((subject, data)))
    await listening.close()
    await listening.close()
    await ports.live.publish("beat", b"x")
    await settle(ports, heard)
    assert heard == []


async def test_a_listener_that_fails_harms_nobody(ports: Ports) -> None:
    """Its fault is reported to the loop; others hear on."""
    faults: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _loop, context: faults.append(str(context["exception"]))
    )
    heard: Heard = []

    def fail(_subject: str, _data: bytes) -> None:
        raise ValueError("broken listener")

    await ports.live.listen("beat", fail)
    await ports.live.listen("beat", lambda subject, data: heard.append((subject, data)))
    await ports.live.publish("beat", b"x")
    await settle(ports, heard)
    assert faults == ["broken listener"]
    assert heard == [("beat", b"x")]


async def test_stored_messages_of_a_run_are_republished(ports: Ports) -> None:
    """Facts, events and fired timers of one run, in the order of the log, as `live.…`."""
    heard: Heard = []
    await ports.live.listen(
        subjects.live_run("r1"), lambda subject, data: heard.append((subject, data))
    )
    await ports.log.append(Append("run.1.acme.r1.in.start", b"start", expect=0))
    await ports.log.append(Append("run.1.acme.r2.in.start", b"another run"))
    await ports.log.append(Append("run.1.acme.r1.ev", b"event"))
    schedule = Schedule(ports.clock.now_ms(), "run.1.acme.r1.in.timer.t")
    await ports.log.append(Append("run.1.acme.r1.timer.t", b"fire", schedule=schedule))

    async def fired() -> bool:
        return ("live.1.acme.r1.in.timer.t", b"fire") in heard

    await eventually(fired)
    assert [told for told in heard if ".r1.timer." not in told[0]] == [
        ("live.1.acme.r1.in.start", b"start"),
        ("live.1.acme.r1.ev", b"event"),
        ("live.1.acme.r1.in.timer.t", b"fire"),
    ]


async def test_what_was_refused_is_not_republished(ports: Ports) -> None:
    """A live reader never sees what the log does not hold: refused appends, refused batches."""
    heard: Heard = []
    await ports.live.listen("live.>", lambda subject, data: heard.append((subject, data)))
    start = Append("run.1.acme.r1.in.start", b"start", expect=0, msg_id="s")
    await ports.log.append(start)
    refused = await ports.log.append_all([start, Append("run.1.acme.r1.ev", b"1", expect=9)])
    assert all(isinstance(result, ConflictError) for result in refused)
    try:
        await ports.log.append_atomic([Append("run.1.acme.r1.ev", b"2"), start])
    except ConflictError:
        await ports.log.append(Append("run.1.acme.r1.ev", b"3"))

    async def arrived() -> bool:
        return len(heard) > 1

    await eventually(arrived)
    assert heard == [("live.1.acme.r1.in.start", b"start"), ("live.1.acme.r1.ev", b"3")]


async def test_other_streams_are_not_republished(ports: Ports) -> None:
    """Only the run log has live readers."""
    heard: Heard = []
    await ports.live.listen("live.>", lambda subject, data: heard.append((subject, data)))
    await ports.registry.append(Append("registry.acme.workflow.w", b""))
    await ports.log.append(Append("lease.1.x", b""))
    await ports.log.append(Append("run.1.acme.r1.ev", b""))

    async def arrived() -> bool:
        return bool(heard)

    await eventually(arrived)
    assert heard == [("live.1.acme.r1.ev", b"")]
