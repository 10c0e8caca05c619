"""Schedules: of trigger nodes, made at publish and the same over all versions, and of their own.

What a schedule is stands in its record. When its runs begin is its owner's
matter (the scheduler of its shard), who hears of a new record by itself; what
became of its times is read from the owner's log.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from services.registry.belonging import Belonging, project_of
from services.registry.index import Index, ScheduleItem
from services.registry.models import Asked
from services.registry.schedule_models import Change, Create, Noted, Preview
from weir.contract import ids, subjects
from weir.contract import times as moments
from weir.contract.codec import canonical
from weir.contract.errors import ConflictError, InvalidParameterError, ViewsBehindError
from weir.contract.messages import RegistryRecord, ScheduleDeleted, ScheduleSaved
from weir.contract.schedule_errors import (
    ScheduleInvalidError,
    ScheduleNotFoundError,
    ScheduleOfNodeError,
)
from weir.core.schedules import wire, wish
from weir.core.schedules.calendar import CalendarError, calendar
from weir.runtime.access import Permission
from weir.runtime.changes import Writer
from weir.runtime.http.asked import projects
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.idempotency import Idempotency
from weir.runtime.http.listing import page
from weir.runtime.http.route import API
from weir.runtime.plans import no_workflow
from weir.runtime.records import RegistryEntry

NEXT = 10
_MAY_BE = ("from_at", "once_at", "ends_at")
MOST_INPUT = 32 * 1024


def schedule_id(tenant: str, workflow: str, node: str) -> str:
    """The id this trigger has in every version."""
    return ids.derived("sch", tenant, workflow, node)


class Schedules:
    """The handlers of records, and what publishing and deleting workflows need of them."""

    def __init__(
        self,
        writer: Writer[RegistryRecord],
        index: Index,
        belonging: Belonging,
        idempotency: Idempotency,
    ) -> None:
        self._writer = writer
        self._index = index
        self._belonging = belonging
        self._idempotency = idempotency

    # -- of trigger nodes --

    async def ensure(
        self, call: Call, workflow: str, frozen: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Make what is missing of a version's schedules, follow what changed."""
        return [
            await self._ensure(call, workflow, node["id"], node.get("config") or {})
            for node in _nodes(frozen)
        ]

    async def prune(
        self, call: Call, workflow: str, frozen: Mapping[str, Any] | None, revision: int
    ) -> None:
        """Delete those of nodes that the current version has not; all of them without a version.

        `revision`: of the head that says so.
        """
        kept = {node["id"] for node in _nodes(frozen)} if frozen is not None else set[str]()
        with suppress(ViewsBehindError):  # what is left is refused when its time comes
            await self._index.reach(revision)
        for item in list(self._index.schedules(call.tenant)):
            saved = item.saved
            gone = saved.from_node and saved.trigger_node not in kept
            if saved.workflow_id == workflow and (frozen is None or gone):
                await self._delete(call, item.id)

    async def _ensure(
        self, call: Call, workflow: str, node: str, config: Mapping[str, Any]
    ) -> dict[str, Any]:
        found = schedule_id(call.tenant, workflow, node)
        meant = _fields(config) | {"name": node, "trigger_node": node, "from_node": True}

        def next_of(entry: RegistryEntry | None) -> ScheduleSaved:
            before = entry.record.schedule_saved if entry else None
            return self._changed(before or self._fresh(call, found, workflow), meant)

        subject = subjects.schedule(call.tenant, found)
        there = await self._writer.records.fresh(subject)
        saved = there.record.schedule_saved if there else None
        if saved is None:
            await self._index.room(call.tenant, "schedules")
        if there is None or saved is None or next_of(there) != saved:
            there = await self._writer.overwrite(call, subject, next_of)
        entry, saved = _held(there, found, call.tenant)
        shown = in_list(saved, entry.revision, self._writer.now_ms())
        return {name: shown[name] for name in ("id", "trigger", "paused", "next_at")}

    async def _delete(self, call: Call, found: str) -> None:
        subject = subjects.schedule(call.tenant, found)

        def next_of(entry: RegistryEntry | None) -> ScheduleDeleted:
            saved = _saved(entry, found, call.tenant)
            return ScheduleDeleted(schedule_id=found, workflow_id=saved.workflow_id)

        try:
            await self._writer.overwrite(call, subject, next_of)
        except ScheduleNotFoundError:
            return  # somebody else was faster

    # -- handlers --

    async def listed(self, call: Call) -> Reply:
        """GET /schedules."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        workflow, within, paused = call.query("workflow_id"), projects(call), call.query("paused")
        if paused not in {"", "true", "false"}:
            raise InvalidParameterError("paused is true or false.", details={"parameter": "paused"})
        now = self._writer.now_ms()

        def show(item: ScheduleItem) -> dict[str, Any]:
            return in_list(item.saved, item.revision, now)

        items = (
            item
            for item in self._index.schedules(call.tenant)
            if (not workflow or item.saved.workflow_id == workflow)
            and (not paused or item.saved.paused == (paused == "true"))
            and (
                within is None or self._index.project(call.tenant, item.saved.workflow_id) in within
            )
        )
        return Reply(page(call, items, lambda item: (item.saved.created_at, item.id), show))

    async def create(self, call: Call) -> Reply:
        """POST /schedules."""
        asked = await call.model(Create)
        meant = _asked_fields(asked)
        workflow = asked.workflow_id
        if not ids.is_id(workflow, "wf"):
            raise no_workflow(workflow[:60])
        head = await self._writer.records.fresh(subjects.workflow(call.tenant, workflow))
        saved = head.record.workflow_saved if head is not None else None
        if saved is None:
            raise no_workflow(workflow)
        call.require(Permission.WORKFLOWS_WRITE, project_of(head), lambda: no_workflow(workflow))
        found, came_before = await self._idempotency.id(call, "sch")
        subject = subjects.schedule(call.tenant, found)
        if not came_before:
            await self._index.room(call.tenant, "schedules")
        paused = {"paused": asked.paused, "note": asked.note}
        made = self._fresh(call, found, workflow).model_copy(update={**meant, **paused})
        call.audited(resource=found)
        try:
            entry: RegistryEntry | None = await self._writer.create(subject, made, call.principal)
        except ConflictError:
            # Only a repeated request comes here: its key made this id before.
            entry = await self._writer.records.fresh(subject)
        there, saved_now = _held(entry, found, call.tenant)
        return Reply(
            in_list(saved_now, there.revision, self._writer.now_ms()),
            status=HTTPStatus.CREATED,
            headers={"Location": f"{API}/schedules/{found}"},
            revision=there.revision,
            sequence=there.revision,
        )

    async def change(self, call: Call) -> Reply:
        """PUT /schedules/{schedule_id}."""
        asked = await call.model(Change)
        meant = _asked_fields(asked)
        found, _ = await self.admitted(call)

        def next_of(entry: RegistryEntry | None) -> ScheduleSaved:
            return self._changed(_own(_saved(entry, found, call.tenant)), meant)

        subject = subjects.schedule(call.tenant, found)
        return self._reply(await self._writer.change(call, subject, next_of), found, call.tenant)

    async def delete(self, call: Call) -> Reply:
        """DELETE /schedules/{schedule_id}."""
        found, _ = await self.admitted(call)

        def next_of(entry: RegistryEntry | None) -> ScheduleDeleted:
            saved = _own(_saved(entry, found, call.tenant))
            return ScheduleDeleted(schedule_id=found, workflow_id=saved.workflow_id)

        entry = await self._writer.change(call, subjects.schedule(call.tenant, found), next_of)
        return Reply(status=HTTPStatus.NO_CONTENT, sequence=entry.revision)

    async def pause(self, call: Call) -> Reply:
        """POST /schedules/{schedule_id}/pause."""
        return await self._set_paused(call, paused=True)

    async def resume(self, call: Call) -> Reply:
        """POST /schedules/{schedule_id}/resume."""
        return await self._set_paused(call, paused=False)

    async def preview(self, call: Call) -> Reply:
        """POST /schedules/preview."""
        asked = await call.model(Preview)
        call.reach(call.route.permission)
        written = _written(asked)
        try:
            found = calendar(written)
            meant = wish.fields(written)
        except CalendarError as error:
            raise _invalid(error) from None
        times = found.upcoming(self._writer.now_ms(), asked.count)
        if until := meant.get("ends_at"):
            times = [at for at in times if at <= moments.to_ms(until)]
        return Reply({"items": [moments.from_ms(at) for at in times]})

    # -- what others need --

    async def admitted(self, call: Call) -> tuple[str, ScheduleSaved]:
        """The schedule of the path, if the caller may do this to what hangs on its workflow."""
        found = call.id("schedule_id", "sch", ScheduleNotFoundError, "schedule")
        subject = subjects.schedule(call.tenant, found)
        return found, await self._admit(call, await self._writer.records.fresh(subject), found)

    async def shown_to(self, call: Call) -> tuple[RegistryEntry, ScheduleSaved]:
        """The same for who reads."""
        found = call.id("schedule_id", "sch", ScheduleNotFoundError, "schedule")
        subject = subjects.schedule(call.tenant, found)
        entry = await self._writer.records.get(subject, min_revision=call.min_revision)
        saved = await self._admit(call, entry, found)
        return _held(entry, found, call.tenant)[0], saved

    async def _admit(self, call: Call, entry: RegistryEntry | None, found: str) -> ScheduleSaved:
        saved = _saved(entry, found, call.tenant)
        await self._belonging.workflow(
            call, call.route.permission, saved.workflow_id, lambda: _missing(found)
        )
        return saved

    async def _set_paused(self, call: Call, *, paused: bool) -> Reply:
        asked = await call.model(Noted, optional=True)
        found, _ = await self.admitted(call)
        now = self._writer.now()

        def next_of(entry: RegistryEntry | None) -> ScheduleSaved:
            saved = _saved(entry, found, call.tenant)
            anew = {"effective_at": now} if saved.paused and not paused else {}
            return saved.model_copy(update={"paused": paused, "note": asked.note, **anew})

        subject = subjects.schedule(call.tenant, found)
        return self._reply(await self._writer.overwrite(call, subject, next_of), found, call.tenant)

    def _fresh(self, call: Call, found: str, workflow: str) -> ScheduleSaved:
        now = self._writer.now()
        return ScheduleSaved(
            schedule_id=found,
            workflow_id=workflow,
            effective_at=now,
            created_at=now,
            created_by=call.principal.id,
        )

    def _changed(self, before: ScheduleSaved, meant: Mapping[str, Any]) -> ScheduleSaved:
        """What is meant now; other times count from now on."""
        kept = before.model_dump(exclude_unset=True)
        for field in _MAY_BE:
            kept.pop(field, None)
        told = ScheduleSaved.model_validate({**kept, **meant})
        if wish.same_times(told, before):
            return told
        return told.model_copy(update={"effective_at": self._writer.now()})

    def _reply(self, entry: RegistryEntry, found: str, tenant: str) -> Reply:
        saved = _saved(entry, found, tenant)
        return Reply(
            in_list(saved, entry.revision, self._writer.now_ms()),
            revision=entry.revision,
            sequence=entry.revision,
        )


def upcoming(saved: ScheduleSaved, now_ms: int, count: int) -> list[int]:
    """The next times, be it paused or not."""
    meant = wire.meant(saved, 0)
    found = meant.calendar.upcoming(now_ms, count)
    return [at for at in found if meant.ends_ms is None or at <= meant.ends_ms]


def in_list(saved: ScheduleSaved, revision: int, now_ms: int) -> dict[str, Any]:
    """A schedule as lists show it."""
    shown = wish.shown(saved)
    coming = [] if saved.paused else upcoming(saved, now_ms, 1)
    return {
        "id": saved.schedule_id,
        "workflow_id": saved.workflow_id,
        "name": saved.name,
        "trigger": saved.trigger_node or None,
        "from_node": saved.from_node,
        **{name: shown[name] for name in ("cron", "timezone", "every", "at", "overlap")},
        "paused": saved.paused,
        "note": saved.note,
        "next_at": moments.from_ms(coming[0]) if coming else None,
        "created_at": saved.created_at,
        "created_by": saved.created_by,
        "revision": str(revision),
    }


def _nodes(frozen: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [
        node for node in frozen["nodes"] if node["type"] == "schedule" and not node.get("disabled")
    ]


def _fields(written: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = wish.fields(written)
    except CalendarError as error:
        raise _invalid(error) from None
    if len(canonical(found["input"])) > MOST_INPUT:
        raise _invalid(CalendarError("input", "the input is over 32 kB"))
    return found


def _asked_fields(asked: Change) -> dict[str, Any]:
    return _fields(_written(asked)) | {"name": asked.name, "trigger_node": asked.trigger or ""}


def _written(asked: Asked) -> dict[str, Any]:
    return asked.model_dump(by_alias=True, exclude_none=True)


def _invalid(error: CalendarError) -> ScheduleInvalidError:
    problem = {
        "code": "SCHEDULE_INVALID",
        "path": error.field,
        "node": None,
        "message": str(error)[:300],
        "advice": "Try it with POST /api/v1/schedules/preview.",
    }
    return ScheduleInvalidError(
        f"The schedule cannot be meant: {str(error)[:300]}.", details={"errors": [problem]}
    )


def _own(saved: ScheduleSaved) -> ScheduleSaved:
    if saved.from_node:
        raise ScheduleOfNodeError(
            f"The schedule is the trigger node {saved.trigger_node!r} of its workflow: change it "
            "there, and publish.",
            details={"workflow_id": saved.workflow_id, "node": saved.trigger_node},
        )
    return saved


def _saved(entry: RegistryEntry | None, found: str, tenant: str) -> ScheduleSaved:
    return _held(entry, found, tenant)[1]


def _held(
    entry: RegistryEntry | None, found: str, tenant: str
) -> tuple[RegistryEntry, ScheduleSaved]:
    saved = entry.record.schedule_saved if entry else None
    if entry is None or saved is None or entry.record.tenant != tenant:
        raise _missing(found)
    return entry, saved


def _missing(found: str) -> ScheduleNotFoundError:
    return ScheduleNotFoundError(
        f"There is no schedule {found}: list them at /api/v1/schedules.",
        details={"schedule_id": found},
    )
