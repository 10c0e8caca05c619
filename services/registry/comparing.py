"""What differs between a workflow's drafts and versions, by whom, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.registry.drawn import Present
from services.registry.workflows import READ, WRITE, Workflows, head_for, workflow_id
from weir.contract import ids, subjects
from weir.contract.errors import VersionNotFoundError
from weir.contract.messages import RegistryRecord, WorkflowPublished, WorkflowSaved
from weir.core.drafts.comparing import Change, Field, compare
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call, Reply
from weir.runtime.records import RegistryEntry

DRAFT, CURRENT = "draft", "current"
Touches = Mapping[str, Sequence[str]]


class Comparing:
    """The handlers."""

    def __init__(
        self, writer: Writer[RegistryRecord], workflows: Workflows, present: Present
    ) -> None:
        self._records = writer.records
        self._workflows = workflows
        self._present = present

    async def diff(self, call: Call) -> Reply:
        """GET /workflows/{workflow_id}/diff."""
        wf = workflow_id(call)
        entry = await self._records.fresh(subjects.workflow(call.tenant, wf))
        _, saved = head_for(call, READ, entry, wf)
        sides = call.query("from", CURRENT), call.query("to", DRAFT)
        touches: Touches = {}
        dropped: list[dict[str, str]] = []
        if DRAFT in sides:
            entry, drawn = await self._present.written(call.tenant, entry, saved, touches=True)
            _, saved = head_for(call, READ, entry, wf)
            touches, dropped = drawn.touches, drawn.dropped
        (before, old), (after, new) = [await self._side(call, wf, saved, one) for one in sides]
        return Reply(
            {
                "from": before,
                "to": after,
                "dropped": dropped,
                **difference(old, new, touches if after == DRAFT else {}),
            }
        )

    async def restore(self, call: Call) -> Reply:
        """POST /workflows/{workflow_id}/versions/{version}/restore."""
        wf = workflow_id(call)
        entry: RegistryEntry | None = await self._records.fresh(subjects.workflow(call.tenant, wf))
        _, saved = head_for(call, WRITE, entry, wf)
        _, definition = await self._side(call, wf, saved, call.segment("version"), must=True)
        return await self._workflows.replace(call, wf, definition)

    async def _side(
        self, call: Call, wf: str, saved: WorkflowSaved, side: str, *, must: bool = False
    ) -> tuple[str, dict[str, Any]]:
        """A name for what is compared, and its definition."""
        if side == DRAFT and not must:
            return DRAFT, saved.definition
        version = saved.current_version if side == CURRENT else side
        if side == CURRENT and not version and not must:
            return "", {}
        made: WorkflowPublished | None = None
        if ids.is_id(version, "ver"):
            entry = await self._records.get(subjects.version(call.tenant, version))
            made = entry.record.workflow_published if entry else None
        if made is None or made.workflow_id != wf:
            raise VersionNotFoundError(
                f"This workflow has no version {side[:60]!r}: list them at …/versions.",
                details={"version": side[:60]},
            )
        return version, made.definition


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any], touches: Touches
) -> dict[str, Any]:
    """The difference as answers hold it, with who touched what last."""
    found = compare(before, after)
    shown = {
        name: [_entry(change, touches) for change in getattr(found, name)]
        for name in ("added", "removed", "changed", "moved")
    }
    return {**shown, "settings": [_setting(field, touches) for field in found.settings]}


def _entry(change: Change, touches: Touches) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "id": change.id,
        "fields": [field._asdict() for field in change.fields],
        "by": _by(touches, f"{change.kind}s/{change.id}"),
    }


def _setting(field: Field, touches: Touches) -> dict[str, Any]:
    name, *rest = field.path.strip("/").split("/")
    place = f"{name}/{rest[0]}" if name in {"vars", "settings"} and rest else f"meta/{name}"
    return {**field._asdict(), "by": _by(touches, place)}


def _by(touches: Touches, place: str) -> dict[str, str] | None:
    found = touches.get(place)
    return {"id": found[0], "at": found[1]} if found else None
