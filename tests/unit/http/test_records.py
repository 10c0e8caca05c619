"""Records: never staler than promised, never more in memory than allowed."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.waiting import within
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.log import MemoryLog
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.errors import (
    ConflictError,
    OutcomeUnknownError,
    RecordUnreadableError,
    VersionNotFoundError,
)
from weir.contract.messages import RegistryRecord, WorkflowPublished, WorkflowSaved
from weir.ports.log import Append, Stored
from weir.runtime import metrics
from weir.runtime.records import Records, Versions


class Counted(MemoryLog):
    """A log that counts reads and can lose the answer of a write."""

    def __init__(self) -> None:
        super().__init__(Broker(SystemClock()).connect(), subjects.REGISTRY)
        self.reads = 0
        self.lose: str = ""

    async def last(self, subject: str) -> Stored | None:
        """As the log does, and the loop turns meanwhile."""
        self.reads += 1
        await asyncio.sleep(0)
        return await super().last(subject)

    async def append(self, append: Append) -> int:
        """As the log does, or without an answer."""
        if self.lose == "before":
            raise OutcomeUnknownError("lost")
        sequence = await super().append(append)
        if self.lose == "after":
            raise OutcomeUnknownError("lost")
        return sequence


def saved(name: str) -> RegistryRecord:
    """A record."""
    return RegistryRecord.of(WorkflowSaved(workflow_id="w", name=name), id=name)


def name_of(entry: Any) -> str:
    """What it is called."""
    found: str = entry.record.workflow_saved.name
    return found


SUBJECT = "registry.acme.workflow.w"


async def test_what_is_fresh_is_not_read_again() -> None:
    """Nor what is known not to be there."""
    log = Counted()
    records = Records(log, RegistryRecord)
    for _ in range(3):
        assert await records.get(SUBJECT) is None
    assert log.reads == 1


async def test_what_is_old_is_read_again() -> None:
    """Another's write shows as soon as the freshness is over."""
    log = Counted()
    records = Records(log, RegistryRecord, fresh_s=0)
    other = Records(log, RegistryRecord)
    await other.put(SUBJECT, saved("a"))
    assert name_of(await records.get(SUBJECT)) == "a"
    await other.put(SUBJECT, saved("b"))
    assert name_of(await records.get(SUBJECT)) == "b"


async def test_a_revision_can_be_demanded() -> None:
    """However fresh what is kept may be."""
    log = Counted()
    records, other = Records(log, RegistryRecord), Records(log, RegistryRecord)
    await other.put(SUBJECT, saved("a"))
    await records.get(SUBJECT)
    revision = await other.put(SUBJECT, saved("b"))
    assert name_of(await records.get(SUBJECT)) == "a"
    assert name_of(await records.get(SUBJECT, min_revision=revision)) == "b"


async def test_those_who_ask_together_read_once() -> None:
    """A thousand starts of one workflow are one read a second."""
    log = Counted()
    records = Records(log, RegistryRecord)
    await log.append(Append(SUBJECT, codec.encode(saved("a"))))
    found = await within(asyncio.gather(*(records.get(SUBJECT) for _ in range(100))))
    assert {name_of(entry) for entry in found} == {"a"}
    assert log.reads == 1


async def test_who_asks_together_with_an_older_question_still_gets_its_revision() -> None:
    """The reading it joined may have begun before the write."""
    log = Counted()
    records, other = Records(log, RegistryRecord), Records(log, RegistryRecord)
    early = asyncio.create_task(records.get(SUBJECT))
    await asyncio.sleep(0)
    revision = await other.put(SUBJECT, saved("a"))
    late = await records.get(SUBJECT, min_revision=revision)
    assert name_of(late) == "a"
    await early


async def test_a_reader_that_leaves_stops_no_other() -> None:
    """The reading belongs to nobody."""
    log = Counted()
    records = Records(log, RegistryRecord)
    first = asyncio.create_task(records.get(SUBJECT))
    second = asyncio.create_task(records.get(SUBJECT))
    await asyncio.sleep(0)
    first.cancel()
    assert await within(second) is None


async def test_a_writer_sees_its_own_write() -> None:
    """What was kept of the subject is forgotten."""
    log = Counted()
    records = Records(log, RegistryRecord)
    await records.get(SUBJECT)
    await records.put(SUBJECT, saved("a"), expect=0)
    assert name_of(await records.get(SUBJECT)) == "a"
    with pytest.raises(ConflictError):
        await records.put(SUBJECT, saved("b"), expect=0)


@pytest.mark.parametrize("lose", ["before", "after"])
async def test_a_lost_answer_is_looked_for(lose: str) -> None:
    """What is there was stored; what is not may still come, and that is said."""
    log = Counted()
    records = Records(log, RegistryRecord)
    log.lose = lose
    if lose == "before":
        with pytest.raises(OutcomeUnknownError):
            await records.put(SUBJECT, saved("a"), expect=0)
    else:
        assert await records.put(SUBJECT, saved("a"), expect=0) == 1


async def test_memory_is_bounded_by_number_and_bytes() -> None:
    """The least recently asked for goes first."""
    log = Counted()
    few = Records(log, RegistryRecord, entries=2)
    for name in ("a", "b", "a", "c", "a"):
        await few.get(f"{SUBJECT}.{name}")
    assert log.reads == 3
    await few.get(f"{SUBJECT}.b")
    assert log.reads == 4
    small = Records(log, RegistryRecord, bytes_kept=2_000)
    for n in range(20):
        await small.put(f"{SUBJECT}.{n}", saved("x" * 500))
        await small.get(f"{SUBJECT}.{n}")
    assert len(small._kept) <= 3


async def test_versions_are_read_once_and_bounded() -> None:
    """They never change, so only room makes one go."""
    log = Counted()
    versions = Versions(log, bytes_kept=1_500)
    for n in range(3):
        made = WorkflowPublished(workflow_id="w", version=f"v{n}", frozen={"n": n, "x": "x" * 900})
        await log.append(
            Append(subjects.version("acme", f"v{n}"), codec.encode(RegistryRecord.of(made)))
        )
    for _ in range(3):
        assert (await versions.frozen("acme", "v0"))["n"] == 0
    assert log.reads == 1
    await versions.frozen("acme", "v1")
    await versions.frozen("acme", "v0")
    assert log.reads == 3
    with pytest.raises(VersionNotFoundError):
        await versions.frozen("other", "v0")


def unreadable() -> float:
    """How many records of the registry were counted as unreadable."""
    return float(metrics.RECORDS_UNREADABLE.labels("registry")._value.get())


@pytest.mark.parametrize("data", [b"", b"\xff", b"[]", b'{"tenant": 7}', b'{"at": "noon"}'])
async def test_what_cannot_be_read_is_refused_and_counted_once(data: bytes) -> None:
    """Each asker learns the place; the metric and the log hear of a message once."""
    log = Counted()
    records, before = Records(log, RegistryRecord, fresh_s=0), unreadable()
    # A subject of its own: what was told is remembered by subject and sequence.
    subject = subjects.workflow("acme", f"wf_{data.hex()}")
    sequence = await log.append(Append(subject, data))
    for _ in range(3):
        with pytest.raises(RecordUnreadableError) as refused:
            await records.get(subject)
        assert refused.value.details == {"subject": subject, "sequence": str(sequence)}
    assert unreadable() == before + 1
    await records.put(subject, saved("again"))
    assert name_of(await records.get(subject)) == "again"


async def test_a_version_that_cannot_be_read_is_refused() -> None:
    """In words of ours, with a code."""
    log = Counted()
    await log.append(Append(subjects.version("acme", "ver_bad"), b"{"))
    with pytest.raises(RecordUnreadableError):
        await Versions(log).get("acme", "ver_bad")
