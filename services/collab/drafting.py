"""A room and the draft in the head of its workflow: each becomes what the other says.

What people draw is written into the head as its draft, with the sequence of
the document that it was made of. A draft that was saved as a whole (by the API
or a command) has none: what it changed against the draft before it is changed
in the document, so that nobody's drawing is lost by it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import orjson
import structlog
from pycrdt import Doc

from services.collab.room import Room, filled, fresh
from services.collab.store import Kept, Store
from weir.contract import subjects, times
from weir.contract.errors import (
    BodyTooLargeError,
    ConflictError,
    RecordUnreadableError,
    UnavailableError,
)
from weir.contract.messages import RegistryRecord, WorkflowSaved, holding
from weir.core.drafts.merging import merge
from weir.core.drafts.normal import NOTHING, Parts, parts
from weir.core.drafts.reading import Dropped, read
from weir.core.drafts.shape import same
from weir.ports.clock import Clock
from weir.ports.log import Log
from weir.runtime.drafts import LIMIT, told
from weir.runtime.plans import no_workflow
from weir.runtime.records import Records, RegistryEntry
from weir.runtime.records import read as read_record

_TRIES = 5
_REMEMBERED = 10_000
_NAME, _DESCRIPTION = 200, 10_000  # characters
_WORDY_AGE_MS = 7 * 86_400_000
_WORDY_SIZE = 512 * 1024
_WORDY = 16  # times as large as what it says

_log = structlog.get_logger()


class Drafting:
    """Opens rooms and writes drafts."""

    def __init__(self, store: Store, registry: Log, clock: Clock) -> None:
        self._store = store
        self._registry = registry
        self._records = Records(registry, RegistryRecord)
        self._clock = clock
        self._said: OrderedDict[tuple[str, str], int] = OrderedDict()

    async def head(self, tenant: str, workflow_id: str) -> tuple[RegistryEntry, WorkflowSaved]:
        """The head of a workflow; WorkflowNotFoundError if it is not there."""
        entry = await self._records.fresh(subjects.workflow(tenant, workflow_id))
        saved = entry.record.workflow_saved if entry is not None else None
        if entry is None or saved is None:
            raise no_workflow(workflow_id)
        return entry, saved

    async def behind(self, tenant: str, workflow_id: str, drawn: int) -> bool:
        """Whether a document may say more than the draft, made of it up to `drawn`."""
        last = await self._store.last(tenant, workflow_id)
        return last > max(drawn, self._said.get((tenant, workflow_id), 0))

    async def exists(self, tenant: str, workflow_id: str) -> bool:
        """Whether there is a document."""
        return await self._store.last(tenant, workflow_id) > 0

    async def forget(self, tenant: str, workflow_id: str) -> None:
        """Remove the document of a workflow that was deleted."""
        await self._store.remove(tenant, workflow_id)

    async def open(self, tenant: str, workflow_id: str) -> Room:
        """The room of a workflow; its document is made of the draft where there is none yet."""
        for _ in range(_TRIES):
            entry, saved = await self.head(tenant, workflow_id)
            kept = await self._store.read(tenant, workflow_id)
            try:
                if kept is None:
                    kept = await self._seed(tenant, workflow_id, entry, saved)
                elif self._is_wordy(kept):
                    kept = await self._anew(tenant, workflow_id, kept)
            except ConflictError:
                continue
            room = Room(tenant, workflow_id, kept, self._store)
            room.project = saved.project
            room.seen_version(saved.current_version, saved.current_number, "")
            return room
        raise UnavailableError("Others keep opening this document at the same time: try again.")

    async def catch_up(self, room: Room) -> tuple[RegistryEntry, WorkflowSaved]:
        """Change in the document what was changed by drafts saved as a whole; the head as it is."""
        entry, saved = await self.head(room.tenant, room.workflow_id)
        merged = room.kept.merged
        if entry.revision <= merged:
            return entry, saved
        base = await self._definition_at(room, merged)
        subject = subjects.workflow(room.tenant, room.workflow_id)
        async for batch in self._registry.read(subject, after=merged, upto=entry.revision):
            for stored in batch:
                try:
                    record = read_record(RegistryRecord, stored)
                except RecordUnreadableError:
                    continue
                if record.workflow_saved is None:
                    continue
                target = parts(record.workflow_saved.definition)
                if not record.workflow_saved.drawn and not _equal(base, target):
                    before = base

                    def change(
                        doc: Doc[Any], before: Parts = before, after: Parts = target
                    ) -> None:
                        merge(doc, before, after)

                    await room.edit(change, record.by, stored.seq)
                base = target
        room.kept.merged = max(room.kept.merged, entry.revision)
        return entry, saved

    async def write(self, room: Room) -> tuple[int, tuple[Dropped, ...]]:
        """Have the draft say what the document says: its revision, and what was left out.

        BodyTooLargeError where no draft can hold it; UnavailableError.
        """
        for _ in range(_TRIES):
            entry, saved = await self.catch_up(room)
            seq = room.kept.seq
            found = read(room.doc)
            definition = _framed(found.definition, saved)
            if _equal(parts(definition), parts(saved.definition)):
                self._says(room, seq)
                return entry.revision, found.dropped
            if len(orjson.dumps(definition)) > LIMIT:
                raise BodyTooLargeError(
                    f"The definition of this document has more than {LIMIT // 1024} kB: remove "
                    "something, or keep large values elsewhere."
                )
            kind = saved.model_copy(update={**told(definition), "drawn": str(seq)})
            fields = {
                "id": self._clock.new_id("rec"),
                "tenant": room.tenant,
                "at": times.from_ms(self._clock.now_ms()),
                "by": room.last_by or entry.record.by,
            }
            record = holding(RegistryRecord, kind, fields)
            subject = subjects.workflow(room.tenant, room.workflow_id)
            try:
                revision = await self._records.put(subject, record, expect=entry.revision)
            except ConflictError:
                continue
            room.kept.merged = max(room.kept.merged, revision)
            self._says(room, seq)
            room.tell("draft", revision=str(revision))
            return revision, found.dropped
        raise UnavailableError("Others keep saving this workflow at the same time: try again.")

    def _says(self, room: Room, seq: int) -> None:
        """Remember that the draft says what the document said there: it need not be asked again."""
        key = room.tenant, room.workflow_id
        self._said[key] = seq
        self._said.move_to_end(key)
        if len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)

    async def _definition_at(self, room: Room, revision: int) -> Parts:
        """What the document was last made equal to; if that is gone, what it says now."""
        stored = await self._registry.get(revision)
        if stored is not None and stored.subject == subjects.workflow(
            room.tenant, room.workflow_id
        ):
            try:
                saved = read_record(RegistryRecord, stored).workflow_saved
            except RecordUnreadableError:
                saved = None
            if saved is not None:
                return parts(saved.definition)
        return parts(read(room.doc).definition)

    async def _seed(
        self, tenant: str, workflow_id: str, entry: RegistryEntry, saved: WorkflowSaved
    ) -> Kept:
        doc = fresh()
        with doc.transaction():
            merge(doc, NOTHING, parts(saved.definition))
        kept = Kept(self._clock.new_id("doc"), 0, merged=entry.revision)
        state = doc.get_update()
        await self._store.whole(tenant, workflow_id, kept, state)
        kept.updates.append(state)
        return kept

    def _is_wordy(self, kept: Kept) -> bool:
        """Whether a document has long not been touched, and is mostly its own past."""
        if kept.size < _WORDY_SIZE or self._clock.now_ms() - kept.at_ms < _WORDY_AGE_MS:
            return False
        says = len(orjson.dumps(read(filled(kept.updates)).definition))
        return kept.size > _WORDY * says

    async def _anew(self, tenant: str, workflow_id: str, kept: Kept) -> Kept:
        """The same content in another epoch."""
        doc = fresh()
        with doc.transaction():
            merge(doc, NOTHING, parts(read(filled(kept.updates)).definition))
        made = Kept(self._clock.new_id("doc"), kept.seq, merged=kept.merged, touches=kept.touches)
        state = doc.get_update()
        await self._store.whole(tenant, workflow_id, made, state)
        made.updates.append(state)
        _log.info("a document began anew", workflow=workflow_id, before=kept.size, now=len(state))
        return made


def _equal(one: Parts, other: Parts) -> bool:
    return all(same(mine, theirs) for mine, theirs in zip(one[:-1], other[:-1], strict=True)) and (
        [list(each) for each in one[1:4]] == [list(each) for each in other[1:4]]
    )


def _framed(definition: dict[str, Any], saved: WorkflowSaved) -> dict[str, Any]:
    """The definition with a frame that a draft must have, whatever somebody typed."""
    name = definition.get("name")
    if not isinstance(name, str) or not name.strip():
        definition = {**definition, "name": saved.name}
    elif len(name) > _NAME:
        definition = {**definition, "name": name[:_NAME]}
    if not isinstance(definition.get("description", ""), str):
        definition = {key: value for key, value in definition.items() if key != "description"}
    elif len(definition.get("description", "")) > _DESCRIPTION:
        definition = {**definition, "description": definition["description"][:_DESCRIPTION]}
    return definition
