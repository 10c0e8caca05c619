"""What starting a run needs of a version: triggers, input schema, labels, webhooks, subscriptions.

Made once per version and kept; versions never change.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jsonschema_rs

from weir.contract import subjects
from weir.contract.errors import (
    InputInvalidError,
    TriggerUnknownError,
    VersionNotFoundError,
    WorkflowNotFoundError,
    WorkflowNotPublishedError,
)
from weir.contract.messages import RegistryRecord, WorkflowSaved
from weir.core import callback
from weir.core.expressions import Template, compile_template, takes_long
from weir.runtime.hooks import Hook, hooks_of
from weir.runtime.records import Records, Versions
from weir.runtime.subscriptions import Subscribed, subscriptions_of

KEPT = 1_000
PROBLEMS = 20

Admit = Callable[[str], object]
"""Told a workflow's project before anything else is said of it; raises for whom it is closed."""


def anybody(_: str) -> None:
    """What the platform starts by itself asks nobody."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A version as starts see it."""

    workflow_id: str
    version: str
    triggers: Mapping[str, str]  # type by node id, without disabled ones
    hooks: Mapping[str, Hook]
    filters: Mapping[str, Template]  # by node id
    labels: Mapping[str, str]
    vars: Mapping[str, Any]
    schema: jsonschema_rs.Validator | None
    subscriptions: Mapping[str, Subscribed] = field(default_factory=dict)
    orders: Mapping[str, Template] = field(default_factory=dict)  # ordering keys by node id
    project: str = ""  # the workflow's, now
    responses: Mapping[str, Template] = field(default_factory=dict)  # by node id
    trial: bool = False  # of a draft, in no list of versions

    def trigger(self, named: str | None) -> str:
        """The node an API start fires: the named one, the manual one, the only one, or none.

        TriggerUnknownError if the version has no such node, or several and
        none was named.
        """
        if named is not None:
            if named not in self.triggers:
                raise self._unknown(f"The version has no trigger {named[:63]!r}")
            return named
        if not self.triggers:
            return ""
        manual = [node for node, kind in self.triggers.items() if kind == "manual"]
        candidates = manual or list(self.triggers)
        if len(candidates) > 1:
            raise self._unknown("The version has several triggers and the start names none")
        return candidates[0]

    def check(self, value: Any) -> None:
        """InputInvalidError with each place where the input does not fit the schema."""
        if self.schema is None or self.schema.is_valid(value):
            return
        problems = []
        for error in self.schema.iter_errors(value):
            path = ".".join(["input", *map(str, error.instance_path)])
            problems.append(
                {
                    "code": "INPUT_INVALID",
                    "path": path,
                    "node": None,
                    "message": error.message[:300],
                    "advice": "Compare the input with the workflow's input schema.",
                }
            )
            if len(problems) == PROBLEMS:
                break
        raise InputInvalidError(
            f"The input does not fit the workflow's schema: {problems[0]['path']}: "
            f"{problems[0]['message']}.",
            details={"errors": problems},
        )

    def _unknown(self, what: str) -> TriggerUnknownError:
        known = ", ".join(self.triggers) or "none"
        return TriggerUnknownError(
            f"{what}: name one of {known} in `trigger`.",
            details={"triggers": list(self.triggers)},
        )


class Plans:
    """Finds the version a start is for."""

    def __init__(self, records: Records[RegistryRecord], versions: Versions) -> None:
        self._records = records
        self._versions = versions
        self._kept: OrderedDict[tuple[str, str], Plan] = OrderedDict()

    async def current(
        self,
        tenant: str,
        workflow_id: str,
        *,
        min_revision: int = 0,
        admit: Admit = anybody,
    ) -> Plan:
        """The current version's plan, at most a second stale.

        WorkflowNotFoundError, or WorkflowNotPublishedError before the first publish.
        """
        head = await self._head(tenant, workflow_id, min_revision)
        admit(head.project)
        if not head.current_version:
            raise WorkflowNotPublishedError(
                f"The workflow {workflow_id} was never published: "
                f"POST /api/v1/workflows/{workflow_id}/versions first.",
                details={"workflow_id": workflow_id},
            )
        return await self._get(tenant, workflow_id, head.current_version, head.project)

    async def get(
        self, tenant: str, workflow_id: str, version: str, *, admit: Admit = anybody
    ) -> Plan:
        """The plan of a version of this workflow.

        VersionNotFoundError if it is none of it, WorkflowNotFoundError once the
        workflow was deleted: its versions stay readable, and nothing more.
        """
        project = ""
        if workflow_id != callback.WORKFLOW:
            project = (await self._head(tenant, workflow_id, 0)).project
            admit(project)
        return await self._get(tenant, workflow_id, version, project)

    async def _head(self, tenant: str, workflow_id: str, min_revision: int) -> WorkflowSaved:
        subject = subjects.workflow(tenant, workflow_id)
        entry = await self._records.get(subject, min_revision=min_revision)
        head = entry.record.workflow_saved if entry else None
        if head is None:
            raise no_workflow(workflow_id)
        return head

    async def _get(self, tenant: str, workflow_id: str, version: str, project: str) -> Plan:
        plan = self._kept.get((tenant, version))
        if plan is None:
            published = await self._versions.get(tenant, version)
            made = published.workflow_id, version, published.frozen
            long = takes_long(published.frozen)
            plan = await asyncio.to_thread(_plan, *made) if long else _plan(*made)
            self._kept[tenant, version] = plan
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end((tenant, version))
        if plan.workflow_id != workflow_id:
            raise VersionNotFoundError(
                f"The workflow {workflow_id} has no version {version}: list them at …/versions.",
                details={"version": version},
            )
        if plan.project != project:
            plan = self._kept[tenant, version] = replace(plan, project=project)
        return plan


def no_workflow(workflow_id: str) -> WorkflowNotFoundError:
    """What is said of a workflow that is not there, or not for who asks."""
    return WorkflowNotFoundError(
        f"There is no workflow {workflow_id}: it was never made, or it was deleted.",
        details={"workflow_id": workflow_id},
    )


def _plan(workflow_id: str, version: str, frozen: Mapping[str, Any]) -> Plan:
    hooks, subscriptions = hooks_of(frozen), subscriptions_of(frozen)
    schema = frozen.get("input_schema")
    return Plan(
        workflow_id=workflow_id,
        version=version,
        trial=frozen.get("trial", False),
        triggers={
            node["id"]: node["type"]
            for node in frozen["nodes"]
            if node["kind"] == "trigger" and not node.get("disabled")
        },
        hooks=hooks,
        subscriptions=subscriptions,
        orders={
            node: compile_template(one.order, path=f"nodes.{node}.config.ordering_key")
            for node, one in subscriptions.items()
            if one.order is not None
        },
        filters={
            node: compile_template(written, path=f"nodes.{node}.config.filter")
            for node, written in (
                *((node, hook.filter) for node, hook in hooks.items()),
                *((node, one.filter) for node, one in subscriptions.items()),
            )
            if written is not None
        },
        responses={
            node: compile_template(hook.response, path=f"nodes.{node}.config.response")
            for node, hook in hooks.items()
            if hook.response is not None
        },
        labels=frozen.get("settings", {}).get("labels") or {},
        vars=frozen.get("vars") or {},
        schema=None if schema is None else _schema(schema),
    )


def _schema(schema: Any) -> jsonschema_rs.Validator:
    # Linear regular expressions and no fetching: the schema and the input are strangers'.
    return jsonschema_rs.validator_for(
        schema, pattern_options=jsonschema_rs.RegexOptions(), offline=True
    )
