"""Subscriptions: what trigger nodes listen to on the bus, made at publish and kept over versions.

A subscription's id is derived from workflow and node. Each time it is told
where to begin (the first publish, a trigger that is back, a replay) counts as
another generation, in which every event starts a run anew.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from services.registry.belonging import Belonging
from services.registry.index import Index, SubscriptionItem
from services.registry.subscription_models import Pause, Replay
from weir.contract import subjects, times
from weir.contract.bus_errors import SubscriptionNotFoundError
from weir.contract.errors import DefinitionInvalidError, InvalidRequestError
from weir.contract.messages import CursorRecord, RegistryRecord, SubscriptionSaved
from weir.ports.log import Log
from weir.runtime.changes import Writer
from weir.runtime.http.asked import projects
from weir.runtime.http.call import Call, Reply
from weir.runtime.http.listing import page
from weir.runtime.policy import Guard
from weir.runtime.records import RegistryEntry
from weir.runtime.subscriptions import Subscribed, subscription_id, subscriptions_of


class Subscriptions:
    """The handlers, and what publishing needs of them."""

    def __init__(  # noqa: PLR0913, PLR0917 - what subscriptions are put together from
        self,
        writer: Writer[RegistryRecord],
        index: Index,
        belonging: Belonging,
        guard: Guard,
        bus: Log,
        cursors: Log,
    ) -> None:
        self._writer = writer
        self._index = index
        self._belonging = belonging
        self._guard = guard
        self._bus = bus
        self._cursors = cursors

    # -- at publish --

    async def ensure(
        self, call: Call, workflow: str, frozen: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Make what is missing, follow what changed, end what the version has no more."""
        meant = subscriptions_of(frozen)
        for subscribed in meant.values():
            _check(subscribed)
        found = [await self._ensure(call, workflow, one) for one in meant.values()]
        for item in list(self._index.subscriptions(call.tenant)):
            saved = item.saved
            if saved.workflow_id == workflow and saved.active and saved.node not in meant:
                await self._end(call, saved.subscription_id)
        return found

    async def _ensure(self, call: Call, workflow: str, meant: Subscribed) -> dict[str, Any]:
        subscription = subscription_id(call.tenant, workflow, meant.node)
        subject = subjects.subscription(call.tenant, subscription)
        entry = await self._writer.records.fresh(subject)
        saved = entry.record.subscription_saved if entry else None
        if entry is not None and saved is not None and _same(saved, meant):
            return shown(saved, entry.revision)
        begin = await self._begin(meant)

        def next_of(entry: RegistryEntry | None) -> SubscriptionSaved:
            before = entry.record.subscription_saved if entry else None
            if before is None:
                return SubscriptionSaved(
                    subscription_id=subscription,
                    workflow_id=workflow,
                    node=meant.node,
                    pattern=meant.pattern,
                    enabled=True,
                    active=True,
                    generation=1,
                    created_at=self._writer.now(),
                    **begin,
                )
            if before.active:
                return before.model_copy(update={"pattern": meant.pattern})
            return _again(before, begin).model_copy(
                update={"pattern": meant.pattern, "active": True}
            )

        entry = await self._writer.overwrite(call, subject, next_of)
        return shown(_saved(entry, subscription), entry.revision)

    async def _end(self, call: Call, subscription: str) -> None:
        def next_of(entry: RegistryEntry | None) -> SubscriptionSaved:
            return _saved(entry, subscription).model_copy(update={"active": False})

        subject = subjects.subscription(call.tenant, subscription)
        await self._writer.overwrite(call, subject, next_of)

    async def _begin(self, meant: Subscribed) -> dict[str, str]:
        """Where the first event is to be looked for."""
        if meant.deliver == "all":
            return {"after": "0"}
        if meant.deliver == "sequence":
            return {"after": str((meant.sequence or 1) - 1)}
        if meant.deliver == "time":
            return {"since": times.from_ms(times.to_ms(meant.time or ""))}
        return {"after": str(await self._bus.last_seq())}

    # -- over HTTP --

    async def listed(self, call: Call) -> Reply:
        """GET /subscriptions."""
        await self._index.reach(call.number("min_sequence", 0, 0, 2**62))
        workflow, within = call.query("workflow_id"), projects(call)
        items = (
            item
            for item in self._index.subscriptions(call.tenant)
            if (not workflow or item.saved.workflow_id == workflow)
            and self._index.there(call.tenant, item.saved.workflow_id)
            and (
                within is None or self._index.project(call.tenant, item.saved.workflow_id) in within
            )
        )

        def key(item: SubscriptionItem) -> tuple[str, str]:
            return item.saved.created_at, item.saved.subscription_id

        value = page(call, items, key, lambda item: {"item": item})
        value["items"] = await asyncio.gather(
            *(self._whole(call, one["item"].saved, one["item"].revision) for one in value["items"])
        )
        return Reply(value)

    async def get(self, call: Call) -> Reply:
        """GET /subscriptions/{subscription_id}."""
        subscription = self._id(call)
        subject = subjects.subscription(call.tenant, subscription)
        entry = await self._writer.records.get(subject, min_revision=call.min_revision)
        saved = _saved(entry, subscription)
        await self._admit(call, saved)
        revision = entry.revision if entry else 0
        return Reply(await self._whole(call, saved, revision), revision=revision)

    async def pause(self, call: Call) -> Reply:
        """POST /subscriptions/{subscription_id}/pause."""
        asked = await call.model(Pause, optional=True)
        return await self._change(
            call, lambda saved: {"enabled": False, "reason": asked.reason or saved.reason}
        )

    async def resume(self, call: Call) -> Reply:
        """POST /subscriptions/{subscription_id}/resume."""
        return await self._change(call, lambda _: {"enabled": True, "reason": ""})

    async def replay(self, call: Call) -> Reply:
        """POST /subscriptions/{subscription_id}/replay."""
        asked = await call.model(Replay)
        if (asked.sequence is None) == (asked.time is None):
            raise InvalidRequestError("Say where to begin: either `sequence` or `time`.")
        begin = (
            {"after": str(asked.sequence - 1)}
            if asked.sequence is not None
            else {"since": _moment(asked.time or "")}
        )
        subscription = self._id(call)
        subject = subjects.subscription(call.tenant, subscription)
        there = _saved(await self._writer.records.fresh(subject), subscription)
        await self._admit(call, there)
        head = await self._writer.records.get(subjects.workflow(call.tenant, there.workflow_id))
        saved = head.record.workflow_saved if head else None
        version = saved.current_version if saved else ""
        await self._guard.start(call.principal, call.tenant, there.workflow_id, version, "event")

        def next_of(entry: RegistryEntry | None) -> SubscriptionSaved:
            before = _saved(entry, subscription)
            return _again(before, begin).model_copy(update={"reason": asked.reason})

        entry = await self._writer.overwrite(call, subject, next_of)
        return await self._reply(call, entry, subscription)

    async def _change(self, call: Call, update: Any) -> Reply:
        subscription = self._id(call)
        subject = subjects.subscription(call.tenant, subscription)
        there = _saved(await self._writer.records.fresh(subject), subscription)
        await self._admit(call, there)

        def next_of(entry: RegistryEntry | None) -> SubscriptionSaved:
            saved = _saved(entry, subscription)
            return saved.model_copy(update=update(saved))

        entry = await self._writer.overwrite(call, subject, next_of)
        return await self._reply(call, entry, subscription)

    async def _reply(self, call: Call, entry: RegistryEntry, subscription: str) -> Reply:
        return Reply(
            await self._whole(call, _saved(entry, subscription), entry.revision),
            revision=entry.revision,
            sequence=entry.revision,
        )

    async def _admit(self, call: Call, saved: SubscriptionSaved) -> None:
        await self._belonging.workflow(
            call, call.route.permission, saved.workflow_id, lambda: _missing(saved.subscription_id)
        )

    async def _whole(self, call: Call, saved: SubscriptionSaved, revision: int) -> dict[str, Any]:
        """With how far it has come, and how much waits before it."""
        stored = await self._cursors.last(subjects.cursor(call.tenant, saved.subscription_id))
        cursor = CursorRecord.model_validate_json(stored.data) if stored else CursorRecord()
        current = cursor.generation == saved.generation
        if current:
            after = int(cursor.after or 0)
        elif saved.after:
            after = int(saved.after)
        else:
            after = await self._bus.before(times.to_ms(saved.since)) if saved.since else 0
        waiting = await self._bus.count(subjects.event(call.tenant, saved.pattern), after=after)
        return shown(saved, revision) | {
            "position": str(after),
            "waiting": waiting,
            "last_event_sequence": (cursor.event_sequence or None) if current else None,
            "last_event_at": (cursor.event_at or None) if current else None,
            "moved_at": (cursor.at or None) if current else None,
            "events": int(cursor.events) if current else 0,
            "started": int(cursor.started) if current else 0,
            "dropped": int(cursor.dropped) if current else 0,
            "refused": int(cursor.refused) if current else 0,
        }

    def _id(self, call: Call) -> str:
        return call.id("subscription_id", "sub", SubscriptionNotFoundError, "subscription")


def shown(saved: SubscriptionSaved, revision: int) -> dict[str, Any]:
    """A subscription as answers hold it."""
    return {
        "id": saved.subscription_id,
        "workflow_id": saved.workflow_id,
        "node": saved.node,
        "subject": saved.pattern,
        "enabled": saved.enabled,
        "active": saved.active,
        "generation": saved.generation,
        "reason": saved.reason or None,
        "created_at": saved.created_at,
        "revision": str(revision),
    }


def _again(saved: SubscriptionSaved, begin: Mapping[str, str]) -> SubscriptionSaved:
    """The next generation, which begins elsewhere."""
    return SubscriptionSaved(
        subscription_id=saved.subscription_id,
        workflow_id=saved.workflow_id,
        node=saved.node,
        pattern=saved.pattern,
        enabled=saved.enabled,
        active=saved.active,
        generation=saved.generation + 1,
        created_at=saved.created_at,
        **begin,
    )


def _same(saved: SubscriptionSaved, meant: Subscribed) -> bool:
    return saved.active and saved.pattern == meant.pattern


def _check(meant: Subscribed) -> None:
    where = f"The trigger {meant.node!r}"
    if meant.batch is not None and meant.order is not None:
        raise DefinitionInvalidError(
            f"{where} has a batch and an ordering key: a run for many events has no key of one."
        )
    if meant.deliver == "sequence" and meant.sequence is None:
        raise DefinitionInvalidError(f"{where} begins at a `sequence`: say at which.")
    if meant.deliver == "time":
        try:
            times.to_ms(meant.time or "")
        except (ValueError, OverflowError):
            raise DefinitionInvalidError(
                f"{where} begins at a `time`: say when, as in 2026-03-01T12:00:00Z."
            ) from None


def _moment(text: str) -> str:
    try:
        return times.from_ms(times.to_ms(text))
    except (ValueError, OverflowError) as error:
        raise InvalidRequestError(f"`time` is no RFC 3339 time: {error}.") from None


def _saved(entry: RegistryEntry | None, subscription: str) -> SubscriptionSaved:
    saved = entry.record.subscription_saved if entry else None
    if saved is None:
        raise _missing(subscription)
    return saved


def _missing(subscription: str) -> SubscriptionNotFoundError:
    return SubscriptionNotFoundError(
        f"There is no subscription {subscription}: they are made when a workflow with an event "
        "trigger is published.",
        details={"subscription_id": subscription},
    )
