"""Values kept outside the log go when nothing refers to them any more, and never before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scribe import Scribe, event_of
from weir.adapters.memory.blobs import MemoryBlobs
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.clock import LoopClock
from weir.adapters.memory.log import MemoryLog
from weir.adapters.objects.files import FileBlobs
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.errors import ArchiveDamagedError
from weir.contract.messages import BlobRef, RunSucceeded, TaskSucceeded
from weir.runtime.archive import Archive, Ended
from weir.runtime.collector import Collector


def collector(log: MemoryLog, blobs: MemoryBlobs, grace_ms: int, candidates: int = 50) -> Collector:
    """One that looks at a few values at once; a negative grace makes everything old."""
    archive = Archive(blobs)
    return Collector(
        (log,), archive, blobs, SystemClock(), grace_ms=grace_ms, candidates=candidates
    )


@pytest.fixture
def log() -> MemoryLog:
    """The run log."""
    return MemoryLog(Broker(LoopClock()).connect(), subjects.RUNS)


async def _ended(log: MemoryLog, name: str, key: str) -> Scribe:
    scribe = Scribe(log, name)
    await scribe.start()
    ref = BlobRef(key=key, size=1, media_type="application/json")
    await scribe.decide(event_of(RunSucceeded(output_ref=ref)))
    return scribe


async def test_what_log_and_archive_mention_stays(log: MemoryLog) -> None:
    """Only what neither a run in the log nor an archived one refers to is removed."""
    blobs = MemoryBlobs()
    live, old, nobody = [await blobs.put("acme", text) for text in (b"live", b"old", b"nobody")]
    await _ended(log, "a", live)
    gone = await _ended(log, "b", old)
    messages = [m async for batch in log.read(gone.key.everything) for m in batch]
    [archived] = await Archive(blobs).put(Ended(gone.key, messages))
    await log.purge(gone.key.everything)
    assert await collector(log, blobs, -60_000).sweep() == 1
    assert {key async for key in blobs.keys("")} == {live, old, archived.key}
    assert nobody not in {live, old}


async def test_artefacts_of_an_ended_run_stay_as_long_as_its_archive(
    log: MemoryLog, tmp_path: Path
) -> None:
    """Input, results and output kept outside the log: purged with the run nothing is lost.

    When the archived run is gone, so is the last that names them, and they go too.
    """
    blobs = FileBlobs(tmp_path)
    keys = [await blobs.put("acme", text) for text in (b"input", b"scan.pdf", b"output")]
    given, found, made = (
        BlobRef(key=key, size=1, media_type="application/octet-stream") for key in keys
    )
    run = Scribe(log, "artefacts")
    await run.start(input=None, input_ref=given)
    await run.dispatch("scan")
    await run.fact("result.scan.1", TaskSucceeded(output_ref=found), "scan", 1)
    await run.decide(event_of(RunSucceeded(output_ref=made)))
    messages = [m async for batch in log.read(run.key.everything) for m in batch]
    archive = Archive(blobs)
    [archived] = await archive.put(Ended(run.key, messages))
    await run.confirm(archived.through)
    await run.purge()
    at_once = Collector((log,), archive, blobs, SystemClock(), grace_ms=-60_000)
    assert await at_once.sweep() == 0
    assert [await blobs.get(key) for key in keys] == [b"input", b"scan.pdf", b"output"]
    assert [m.data for m in await archive.get(archived)] == [m.data for m in messages]
    await blobs.delete(archived.key)
    assert await at_once.sweep() == 3
    await blobs.close()


async def test_what_is_young_stays(log: MemoryLog) -> None:
    """A value whose message is still on its way is not touched."""
    blobs = MemoryBlobs()
    key = await blobs.put("acme", b"young")
    assert await collector(log, blobs, 60_000).sweep() == 0
    assert await blobs.get(key) == b"young"


async def test_many_values_are_looked_at_in_parts(log: MemoryLog) -> None:
    """However many there are, a bounded number is held at once and all are judged."""
    blobs = MemoryBlobs()
    keys = [await blobs.put("acme", str(number).encode()) for number in range(25)]
    await _ended(log, "a", keys[7])
    assert await collector(log, blobs, -60_000, candidates=4).sweep() == 24
    assert [key async for key in blobs.aged(2**60)] == [keys[7]]


async def test_an_archive_that_cannot_be_read_stops_the_collection(log: MemoryLog) -> None:
    """What a damaged object refers to is not known: nothing is removed."""
    blobs = MemoryBlobs()
    key = await blobs.put("acme", b"value")
    run = await _ended(log, "a", key)
    messages = [m async for batch in log.read(run.key.everything) for m in batch]
    [archived] = await Archive(blobs).put(Ended(run.key, messages))
    await log.purge(run.key.everything)
    await blobs.put_named({archived.key: b"{}"})
    with pytest.raises(ArchiveDamagedError):
        await collector(log, blobs, -60_000).sweep()
    assert await blobs.get(key) == b"value"


async def test_what_a_value_that_stays_refers_to_stays(log: MemoryLog) -> None:
    """Pages of a list are named by a value that is itself kept outside the log."""
    blobs = MemoryBlobs()
    page = await blobs.put("acme", b"page")
    inner = await blobs.put("acme", b'{"blob": {"key": "%s"}}' % page.encode())
    outer = await blobs.put("acme", b'{"blob": {"key": "%s"}}' % inner.encode())
    await blobs.put("acme", b'{"nobody": "needs me"}')
    await _ended(log, "a", outer)
    assert await collector(log, blobs, -60_000).sweep() == 1
    assert {key async for key in blobs.keys("")} == {page, inner, outer}
