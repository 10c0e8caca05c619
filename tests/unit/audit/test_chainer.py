"""Every note is in its chain exactly once, whoever dies, and however many work at it."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import pytest
from structlog.testing import capture_logs

from services.identity.audit_chain import Head, Verifier
from services.identity.audit_chainer import Chainer, is_anchor
from services.identity.audit_persons import ERASED, Persons
from weir.adapters.memory.broker import Broker, Connection
from weir.adapters.memory.log import MemoryLog
from weir.adapters.memory.secrets import MemorySecrets
from weir.adapters.system import SystemClock
from weir.contract import codec, subjects
from weir.contract.errors import OutcomeUnknownError
from weir.contract.messages import AuditEntry, AuditNoted, AuditRecord
from weir.ports.log import Append, Stored
from weir.runtime.audit import Audit
from weir.runtime.audit_entry import Noted

T = TypeVar("T")


class KilledError(Exception):
    """The process is no more."""


class Fate:
    """Says what becomes of each call: it yields to others at random, and may be the last."""

    def __init__(self, seed: int, dies_at: int = 0) -> None:
        self.random = random.Random(seed)
        self.calls = 0
        self.dies_at = dies_at

    async def meet(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it, or die before or after it."""
        for _ in range(self.random.randrange(4)):
            await asyncio.sleep(0)
        self.calls += 1
        dies = self.calls == self.dies_at
        after = self.random.random() < 0.5
        if dies and not after:
            raise KilledError
        done = await work()
        for _ in range(self.random.randrange(3)):
            await asyncio.sleep(0)
        if dies:
            raise KilledError
        return done


class Fated:
    """A log of a process whose fate may be upon it."""

    def __init__(self, log: MemoryLog, fate: Fate) -> None:
        self._log = log
        self._fate = fate

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def append(self, append: Append) -> int:
        """May be stored and not told so."""
        stored = await self._fate.meet(lambda: self._log.append(append))
        if self._fate.random.random() < 0.1:
            raise OutcomeUnknownError("stored, and not told so")
        return stored

    async def append_atomic(self, appends: Sequence[Append]) -> list[int]:
        """All or none."""
        return await self._fate.meet(lambda: self._log.append_atomic(appends))

    async def last(self, subject: str) -> Stored | None:
        """As ever."""
        return await self._fate.meet(lambda: self._log.last(subject))

    async def purge(self, subject: str, *, below: int | None = None) -> None:
        """As ever."""
        await self._fate.meet(lambda: self._log.purge(subject, below=below))

    async def read(self, subject: str) -> AsyncIterator[Sequence[Stored]]:
        """As it lay when the reading began."""
        batches = [batch async for batch in self._log.read(subject)]
        for batch in batches:
            await asyncio.sleep(0)
            yield batch


class World:
    """Streams, tenants that do things, and chainers that come and go."""

    def __init__(self) -> None:
        self.clock = SystemClock()
        self.broker = Broker(self.clock)
        self.connection: Connection = self.broker.connect()
        self.secrets = MemorySecrets()
        self.told: dict[str, list[str]] = {}

    def log(self, stream: str) -> MemoryLog:
        """One stream."""
        return MemoryLog(self.connection, stream)

    def persons(self) -> Persons:
        """The keys of people, as one process knows them."""
        return Persons(self.log(subjects.ACCOUNTS), self.secrets, self.clock)

    def chainer(self, fate: Fate | None = None) -> Chainer:
        """A new process."""
        notes: Any = self.log(subjects.NOTES)
        audit: Any = self.log(subjects.AUDIT)
        if fate is not None:
            notes, audit = Fated(notes, fate), Fated(audit, fate)
        return Chainer(notes, audit, self.persons(), self.clock)

    async def note(self, tenant: str, count: int, **more: Any) -> None:
        """Things happen."""
        audit = Audit(self.log(subjects.NOTES), self.clock)
        mine = self.told.setdefault(tenant, [])
        for _ in range(count):
            name = f"{tenant}-{len(mine)}"
            mine.append(name)
            await audit.note(Noted(event="a.b", tenant=tenant, resource=name, **more))

    async def entries(self, tenant: str) -> list[AuditEntry]:
        """What the chain holds, which must be whole."""
        verifier = Verifier(tenant)
        found: list[AuditEntry] = []
        async for batch in self.log(subjects.AUDIT).read(subjects.audit_chain(tenant)):
            for stored in batch:
                assert verifier.check(stored.data, stored.seq) is None
                record = AuditRecord.model_validate_json(stored.data)
                found += record.audit_sealed.entries  # type: ignore[union-attr]
        return found

    async def left(self) -> int:
        """Notes that are still there."""
        return sum([len(b) async for b in self.log(subjects.NOTES).read(subjects.EVERY_NOTE)])

    async def judge(self) -> None:
        """All that was told is chained once, in its order, and no note is left."""
        assert await self.left() == 0
        for tenant, told in self.told.items():
            assert [entry.resource for entry in await self.entries(tenant)] == told


async def test_notes_become_links_and_go() -> None:
    """Each tenant has a chain of its own; large amounts become several links."""
    world = World()
    await world.note("acme", 1_200)
    await world.note("other", 3)
    assert not await world.chainer().round()
    await world.judge()
    heads = {t: await world.log(subjects.AUDIT).last(subjects.audit_chain(t)) for t in world.told}
    assert all(heads.values())
    numbers = {
        tenant: AuditRecord.model_validate_json(stored.data).audit_sealed.number  # type: ignore[union-attr]
        for tenant, stored in heads.items()
        if stored is not None
    }
    assert numbers == {"acme": 3, "other": 1}


async def test_the_first_link_of_a_day_is_told_outside() -> None:
    """And every thousandth: with them somebody else can tell that a chain was cut."""
    world = World()
    await world.note("acme", 1)
    with capture_logs() as lines:
        await world.chainer().round()
        await world.note("acme", 1)
        await world.chainer().round()
    told = [line["anchor"] for line in lines if line["event"] == "audit anchor"]
    assert len(told) == 1
    assert re.fullmatch(r"1:[0-9a-f]{64}", told[0])
    day, next_day = Head(5, at="2026-01-01T23:59"), Head(6, at="2026-01-02T00:00")
    assert is_anchor(day, next_day)
    assert is_anchor(Head(999, at="2026"), Head(1_000, at="2026"))
    assert not is_anchor(Head(998, at="2026"), Head(999, at="2026"))


@pytest.mark.parametrize("seed", range(12))
async def test_a_chainer_that_dies_anywhere_loses_and_repeats_nothing(seed: int) -> None:
    """At each of its calls, before or after it took effect; another one goes on."""
    for dies_at in range(1, 40):
        world = World()
        await world.note("acme", 3)
        await world.chainer().round()
        await world.note("acme", 7)
        await world.note("other", 2)
        fate = Fate(seed, dies_at)
        died = False
        try:
            await world.chainer(fate).round()
        except KilledError:
            died = True
        await world.note("acme", 2)
        await world.chainer().round()
        await world.judge()
        if not died:
            return
    pytest.fail("it never lived through a round")


@pytest.mark.parametrize("seed", range(12))
async def test_the_server_that_starts_anew_makes_no_difference(seed: int) -> None:
    """Sequences of another incarnation say nothing: the last link's entries tell what it holds."""
    for dies_at in range(1, 12):
        world = World()
        await world.note("acme", 3)
        with suppress(KilledError):
            await world.chainer(Fate(seed, dies_at)).round()
        world.broker.starts += 1
        await world.note("acme", 2)
        await world.chainer().round()
        await world.judge()


async def test_sequences_that_are_given_out_again_are_new_notes() -> None:
    """After a power cut a note can lie where one that was chained lay before."""
    world = World()
    await world.note("acme", 5)
    await world.chainer().round()
    world.broker.stream(subjects.NOTES).roll_back(5)
    world.broker.starts += 1
    await world.note("acme", 2)
    await world.chainer().round()
    await world.judge()


@pytest.mark.parametrize("seed", range(20))
async def test_three_chainers_are_as_good_as_one(seed: int) -> None:
    """They race for every link while things go on happening, and one of them dies now and then."""
    world = World()
    fates = [Fate(seed * 3 + each) for each in range(3)]

    over = asyncio.Event()
    beaten: list[Chainer] = []

    async def works(each: int) -> None:
        while not over.is_set():
            if fates[each].calls >= fates[each].dies_at:
                fates[each].dies_at = fates[each].calls + fates[each].random.randrange(5, 50)
            chainer = world.chainer(fates[each])
            with suppress(KilledError):
                await chainer.round()
            beaten.extend([chainer] * chainer.beaten)
            await asyncio.sleep(0)

    async def happens() -> None:
        for turn in range(20):
            await world.note("acme", 2)
            if turn % 3 == 0:
                await world.note("other", 1)
            for _ in range(10):
                await asyncio.sleep(0)
        over.set()

    await asyncio.gather(happens(), *(works(each) for each in range(3)))
    await world.chainer().round()
    await world.judge()
    assert beaten, "they never met"


async def test_a_damaged_chain_is_not_gone_on_with() -> None:
    """Its tenant's notes wait, a warning says so, and other tenants' chains go on."""
    world = World()
    damaged = Append(subjects.audit_chain("acme"), b"{}")
    await world.log(subjects.AUDIT).append(damaged)
    await world.note("acme", 1)
    await world.note("other", 1)
    chainer = world.chainer()
    await chainer.round()
    assert chainer.warnings() == ["the chain of audit of acme is damaged at its end"]
    assert await world.left() == 1
    assert len(await world.entries("other")) == 1


async def test_what_is_no_note_stops_nobody() -> None:
    """Rubbish among the notes is told and goes."""
    world = World()
    await world.log(subjects.NOTES).append(Append(subjects.audit_note("acme"), b"rubbish"))
    await world.note("acme", 1)
    await world.chainer().round()
    await world.judge()


async def test_a_number_that_is_none_stops_no_chain() -> None:
    """NaN in a note is null in the chain."""
    world = World()
    entry = AuditEntry(id="aud_a", event="a.b", tenant="acme", changes={"a": {"new": float("nan")}})
    record = AuditRecord.of(AuditNoted(entries=(entry,)), id="aur_a")
    note = Append(subjects.audit_note("acme"), codec.encode(record))
    await world.log(subjects.NOTES).append(note)
    await world.chainer().round()
    assert [one.changes for one in await world.entries("acme")] == [{"a": {"new": None}}]


async def test_a_note_belongs_to_the_tenant_it_lies_under() -> None:
    """Whatever it says itself."""
    world = World()
    audit = Audit(world.log(subjects.NOTES), world.clock)
    await audit.note(Noted(event="a.b", tenant="acme"))
    stored = await world.log(subjects.NOTES).last(subjects.audit_note("acme"))
    assert stored is not None
    await world.log(subjects.NOTES).append(Append(subjects.audit_note("other"), stored.data))
    await world.chainer().round()
    assert [one.tenant for one in await world.entries("other")] == ["other"]


async def opened(world: World, persons: Persons) -> AuditEntry:
    """The last entry of acme as a reader sees it."""
    return await persons.opened((await world.entries("acme"))[-1])


async def test_what_is_personal_is_sealed_and_can_be_forgotten() -> None:
    """Readers see it until the person is erased; the chain is whole before and after."""
    world = World()
    person = "usr_aaaaaaaaaaaaaaaaaaaaaaaaaa"
    changes = {
        "email": {"old": {"personal": person, "value": "a@example.org"}},
        "role": {"old": "viewer", "new": "admin"},
    }
    await world.note("acme", 1, actor=person, address="192.0.2.7", agent="curl", changes=changes)
    await world.chainer().round()
    raw = str(await world.entries("acme"))
    assert "192.0.2.7" not in raw
    assert "curl" not in raw
    assert "a@example.org" not in raw
    entry = await opened(world, world.persons())
    assert (entry.address, entry.agent) == ("192.0.2.7", "curl")
    assert entry.changes["email"] == {"old": "a@example.org"}
    persons = world.persons()
    await persons.erase(person, "usr_admin")
    for reader in (persons, world.persons()):
        entry = await opened(world, reader)
        assert (entry.address, entry.agent) == (ERASED, ERASED)
        assert entry.changes == {
            "email": {"old": ERASED},
            "role": {"old": "viewer", "new": "admin"},
        }
    kept = [one async for batch in world.log(subjects.ACCOUNTS).read("accounts.>") for one in batch]
    assert len(kept) == 1  # the tombstone: the key itself lies nowhere
    await world.note("acme", 1, actor=person, address="192.0.2.8")
    await world.chainer().round()
    assert (await opened(world, world.persons())).address == ERASED
    await world.judge()


async def test_a_sealed_value_opens_in_its_own_place_alone() -> None:
    """Moved into another entry it is unreadable."""
    world = World()
    await world.note("acme", 2, actor="usr_a", address="192.0.2.7")
    await world.chainer().round()
    first, second = await world.entries("acme")
    moved = second.model_copy(update={"address": first.address})
    assert (await world.persons().opened(moved)).address == "unreadable"


@pytest.mark.parametrize("whose", ["usr_*", "usr_a.b", "usr_a b", ">", ""])
async def test_who_can_stand_in_no_subject_has_no_key(whose: str) -> None:
    """What would be sealed for them is lost, and nobody else's subject is touched."""
    world = World()
    changes = {"email": {"new": {"personal": whose, "value": "a@example.org"}}}
    await world.note("acme", 1, actor=whose, address="192.0.2.7", changes=changes)
    await world.chainer().round()
    entry = await opened(world, world.persons())
    assert entry.changes == {"email": {"new": ERASED}}
    assert "a@example.org" not in str(await world.entries("acme"))
    await world.judge()
