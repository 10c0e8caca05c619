"""Trying out a draft: a version of its own that is in no list and never becomes current.

The browser sends what it sees, so that what is tried is what is on the screen;
the run is then started with this version like any other.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from services.registry.drafts import Drafts, shown
from services.registry.drawn import Present
from services.registry.models import Asked, Definition, Problem
from services.registry.publishing import accepted
from services.registry.workflows import WRITE, head_for, workflow_id
from weir.contract import subjects
from weir.contract.errors import ConflictError
from weir.contract.messages import RegistryRecord, WorkflowPublished
from weir.core.trial import TrialError, trial
from weir.core.validate import version_of
from weir.runtime.changes import Writer
from weir.runtime.http.call import Call, Reply, checked, wrong
from weir.runtime.policy import Guard

NodeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Try(Asked):
    """What is tried, and what is given instead of being executed."""

    definition: dict[str, Any] | None = Field(
        default=None, description="What is on the screen; the stored draft without it."
    )
    pins: dict[NodeId, Any] = Field(
        default_factory=dict,
        max_length=2_000,
        description="Outputs by node id: these nodes are not executed.",
    )
    only: NodeId | None = Field(
        default=None, description="The one node to run; what it reads must be pinned."
    )


class Tried(BaseModel):
    """A version to start a run with. It is in no list of versions and never current."""

    workflow_id: str
    version: str
    warnings: list[Problem]


class Trials:
    """The handler."""

    def __init__(
        self, writer: Writer[RegistryRecord], drafts: Drafts, guard: Guard, present: Present
    ) -> None:
        self._present = present
        self._writer = writer
        self._drafts = drafts
        self._guard = guard

    async def make(self, call: Call) -> Reply:
        """POST /workflows/{workflow_id}/trials."""
        wf = workflow_id(call)
        asked = await call.model(Try, optional=True)
        entry = await self._writer.records.fresh(subjects.workflow(call.tenant, wf))
        _, saved = head_for(call, WRITE, entry, wf)
        if asked.definition is None:
            shown_now = await self._present.shown(call.tenant, entry, saved)
            _, saved = head_for(call, WRITE, shown_now, wf)
        draft = saved.definition if asked.definition is None else asked.definition
        checked(Definition, draft)
        await self._drafts.startable(call, draft)
        found = await self._drafts.check(call, draft)
        whole = accepted(found)
        await self._guard.publish(call.principal, wf, whole)
        try:
            frozen = trial(whole, asked.pins, asked.only)
        except TrialError as error:
            raise wrong("pins", str(error), "Change what is pinned, or run another node.") from None
        version = version_of(wf, frozen)
        made = WorkflowPublished(
            workflow_id=wf, version=version, number=0, definition=draft, frozen=frozen, note=""
        )
        with suppress(ConflictError):  # the same was tried before
            await self._writer.create(subjects.version(call.tenant, version), made, call.principal)
        return Reply(
            {"workflow_id": wf, "version": version, "warnings": shown(found.warnings)},
            status=HTTPStatus.CREATED,
        )
