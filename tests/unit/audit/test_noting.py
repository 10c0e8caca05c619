"""What happened is noted: durably, together, at a bounded rate, and never a secret."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from tests.waiting import eventually
from weir.adapters.memory.broker import Broker
from weir.adapters.memory.log import MemoryLog
from weir.adapters.system import SystemClock
from weir.contract import subjects
from weir.contract.errors import OutcomeUnknownError, UnavailableError
from weir.contract.messages import (
    AuditEntry,
    AuditRecord,
    CredentialSaved,
    UserDeleted,
    UserSaved,
    WorkflowSaved,
)
from weir.ports.log import Append, Log
from weir.runtime import audit as module
from weir.runtime.audit import Audit
from weir.runtime.audit_changes import HIDDEN, changes
from weir.runtime.audit_denials import CALLERS, WINDOW_S, Denials
from weir.runtime.audit_entry import DENIED, Noted


class Counting(MemoryLog):
    """A log that counts how often it was asked, and can be away."""

    def __init__(self) -> None:
        super().__init__(Broker(SystemClock()).connect(), subjects.NOTES)
        self.calls = 0
        self.away = False
        self.unsure = False

    async def append_all(self, appends: Sequence[Append]) -> list[int | Exception]:
        """Count; refuse; or store and say nothing of it."""
        self.calls += 1
        if self.away:
            return [UnavailableError("away") for _ in appends]
        stored = await super().append_all(appends)
        if self.unsure:
            self.unsure = False
            return [OutcomeUnknownError("lost") for _ in appends]
        return stored


async def entries(log: Log) -> list[AuditEntry]:
    """What is noted, in its order."""
    return [
        entry
        async for batch in log.read(subjects.EVERY_NOTE)
        for stored in batch
        for entry in AuditRecord.model_validate_json(stored.data).kind.entries  # type: ignore[union-attr]
    ]


async def test_notes_of_one_moment_travel_together() -> None:
    """A hundred notes of two tenants go out in one call, and each is stored when told so."""
    log = Counting()
    audit = Audit(log, SystemClock())
    noted = [Noted(event="a.b", tenant=f"t{at % 2}", resource=str(at)) for at in range(100)]
    await asyncio.gather(*(audit.note(one) for one in noted))
    assert log.calls == 1
    found = await entries(log)
    assert len({one.id for one in found}) == 100
    for tenant in ("t0", "t1"):
        mine = [int(one.resource) for one in found if one.tenant == tenant]
        assert mine == sorted(mine)


async def test_a_note_that_is_not_stored_is_not_silent() -> None:
    """`note` raises while the broker is away."""
    log = Counting()
    log.away = True
    with pytest.raises(UnavailableError):
        await Audit(log, SystemClock()).note(Noted(event="a.b", tenant="t"))


async def test_an_outcome_that_is_not_known_is_one_note() -> None:
    """Stored but not heard of, it is sent again under its id and lies there once."""
    log = Counting()
    log.unsure = True
    await Audit(log, SystemClock()).note(Noted(event="a.b", tenant="t"))
    assert log.calls == 2
    assert len(await entries(log)) == 1


async def test_what_has_happened_is_told_later_if_it_cannot_be_now(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`tell` does not raise; a warning says that something waits, until it is stored, in order."""
    monkeypatch.setattr(module, "_AGAIN_S", 0.01)
    log = Counting()
    log.away = True
    audit = Audit(log, SystemClock())
    for at in range(3):
        await audit.tell(Noted(event="a.b", tenant="t", resource=str(at)))
    assert audit.warnings() == ["3 audit notes wait to be stored"]
    log.away = False

    async def stored() -> bool:
        return not audit.warnings()

    await eventually(stored)
    assert [one.resource for one in await entries(log)] == ["0", "1", "2"]
    await audit.stop()


async def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the queue's length notes are dropped, and a warning says so from then on."""
    monkeypatch.setattr(module, "WAITING", 2)
    log = Counting()
    log.away = True
    audit = Audit(log, SystemClock())
    for _ in range(3):
        await audit.tell(Noted(event="a.b", tenant="t"))
    log.away = False
    await audit.stop()
    assert len(await entries(log)) == 2
    assert audit.warnings() == ["audit notes were dropped: see the log"]


def denial(caller: str, event: str = "workflow.updated") -> Noted:
    """Somebody was refused."""
    return Noted(event=event, tenant="t", actor=caller, outcome=DENIED, reason="FORBIDDEN")


def test_refusals_of_one_caller_are_told_once_and_then_counted() -> None:
    """The first at once, those of the next minute as one with their number."""
    denials = Denials()
    told = [one for at in range(1_000) for one in denials.told(denial("key_a"), at / 1000)]
    assert [one.count for one in told] == [0]
    assert [one.count for one in denials.due(WINDOW_S + 1)] == [999]
    assert denials.due(10 * WINDOW_S) == []


def test_a_flood_of_callers_is_bounded_too() -> None:
    """Ten thousand callers make about a thousand notes, and none is left out of the count."""
    denials = Denials()
    told = [one for at in range(10_000) for one in denials.told(denial(f"key_{at}"), 0.0)]
    told += denials.rest()
    assert len(told) <= CALLERS + 2
    assert sum(one.count or 1 for one in told) == 10_000


def test_old_and_new_are_told_by_field() -> None:
    """Of an object the fields that differ, of what is long its size and digest."""
    old = WorkflowSaved(workflow_id="wf_1", name="Old", definition={"name": "Old", "nodes": [1]})
    new = WorkflowSaved(
        workflow_id="wf_1", name="New", definition={"name": "New", "nodes": ["x" * 300]}
    )
    told = changes(old, new)
    assert told["name"] == {"old": "Old", "new": "New"}
    assert told["definition.name"] == {"old": "Old", "new": "New"}
    assert told["definition.nodes"]["old"] == [1]
    assert told["definition.nodes"]["new"].keys() == {"size", "digest"}
    assert told.keys() == {"name", "definition.name", "definition.nodes"}


def test_secrets_are_never_told() -> None:
    """Of a sealed field only that it changed."""
    old = CredentialSaved(credential_id="cred_1", name="c", type="basic", sealed="AAA", key_id="k1")
    new = CredentialSaved(credential_id="cred_1", name="c", type="bearer", sealed="B", key_id="k2")
    told = changes(old, new)
    assert told["sealed"] == {"old": HIDDEN, "new": HIDDEN}
    assert told["type"] == {"old": "basic", "new": "bearer"}
    assert "AAA" not in str(told)


def test_what_is_personal_says_whose_it_is() -> None:
    """Names and addresses of people are marked, also when they go."""
    old = UserSaved(user_id="usr_1", name="Ann", email="a@example.org", status="active")
    new = old.model_copy(update={"email": "b@example.org"})
    assert changes(old, new) == {
        "email": {
            "old": {"personal": "usr_1", "value": "a@example.org"},
            "new": {"personal": "usr_1", "value": "b@example.org"},
        }
    }
    gone = changes(old, UserDeleted(user_id="usr_1"))
    assert gone["name"] == {"old": {"personal": "usr_1", "value": "Ann"}}


def test_what_callers_can_make_long_is_cut() -> None:
    """A user agent of a megabyte becomes three hundred characters, huge changes a digest."""
    noted = Noted(event="a.b", agent="x" * 1_000_000, changes={"a": {"new": "y" * 100_000}})
    entry = noted.entry("aud_1", 0)
    assert len(entry.agent) == 300
    assert len(str(entry.changes)) < 300
    assert entry.tenant == subjects.INSTALLATION


@pytest.mark.parametrize("value", [object(), b"bytes", "half \ud800", float("nan"), 2**70])
async def test_what_cannot_be_stored_does_not_keep_the_note_away(value: object) -> None:
    """That something happened is told, whatever a handler said of what changed."""
    log = Counting()
    noted = Noted(event="a.b", tenant="t", agent="half \ud800", changes={"a": {"new": value}})
    await Audit(log, SystemClock()).note(noted)
    assert [one.event for one in await entries(log)] == ["a.b"]
