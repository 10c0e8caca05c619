"""The registry's table of routes."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.registry import models
from services.registry.again import Again
from services.registry.comparing import Comparing
from services.registry.comparing_models import Diff
from services.registry.drafts import ACCEPTS
from services.registry.expressions import LIMIT as SCOPE_LIMIT
from services.registry.expressions import Evaluate, Evaluated, Expressions, Language
from services.registry.nodes import Nodes
from services.registry.publishing import Publishing
from services.registry.trials import Trials, Tried, Try
from services.registry.webhooks import Webhooks
from services.registry.workflows import SORTS, Workflows
from weir.contract import errors
from weir.contract.collab_errors import NotSyncedError, VersionMovedError
from weir.contract.identity_errors import ProjectNotFoundError
from weir.runtime.access import Permission
from weir.runtime.drafts import LIMIT
from weir.runtime.http.asked import PROJECT
from weir.runtime.http.route import API, PAGED, Parameter, Route

READ = Permission.WORKFLOWS_READ
WRITE = Permission.WORKFLOWS_WRITE

_SEQUENCE = {"type": "string", "pattern": "^[0-9]{1,18}$"}
MIN_SEQUENCE = Parameter(
    "min_sequence", "`Weir-Sequence` of a write: the list waits up to 2 s to hold it.", _SEQUENCE
)
MIN_REVISION = Parameter(
    "min_revision", "`revision` of a write: what is read is not older.", _SEQUENCE
)
SORT = Parameter(
    "sort",
    "The order; `-` turns it round.",
    {"type": "string", "enum": [sign + name for name in SORTS for sign in ("", "-")]},
)
NAME = Parameter("name", "Part of the name, in any case.")
INTO = Parameter("project", "The project it belongs to; without it, none.")
WORKFLOW_ID = Parameter("workflow_id", "Webhooks of this workflow alone.")
LISTED = (*PAGED, MIN_SEQUENCE)

WORKFLOWS = f"{API}/workflows"
WORKFLOW = f"{WORKFLOWS}/{{workflow_id}}"
VERSIONS = f"{WORKFLOW}/versions"
WEBHOOKS = f"{API}/webhooks"
WEBHOOK = f"{WEBHOOKS}/{{webhook_id}}"


def workflow_routes(workflows: Workflows) -> tuple[Route, ...]:
    """Drafts."""
    route = partial(Route, tag="workflows", by_project=True)
    missing = (errors.WorkflowNotFoundError,)
    return (
        route(
            "GET",
            WORKFLOWS,
            workflows.listed,
            READ,
            "List workflows; label.<name>=<value> filters by label",
            answer=models.Workflows,
            parameters=(*LISTED, SORT, NAME, PROJECT),
            errors=(errors.ViewsBehindError,),
        ),
        route(
            "POST",
            WORKFLOWS,
            workflows.create,
            WRITE,
            "Create a workflow from its definition",
            status=HTTPStatus.CREATED,
            answer=models.Workflow,
            body=models.Definition,
            accepts=ACCEPTS,
            parameters=(INTO,),
            errors=(errors.TooLargeError, errors.WorkflowNotFoundError, ProjectNotFoundError),
            creates=True,
            body_limit=LIMIT,
            audit="workflow.created",
        ),
        route(
            "POST",
            f"{WORKFLOWS}/validate",
            workflows.validate,
            READ,
            "Check a definition without saving it",
            answer=models.Verdict,
            body=models.Definition,
            accepts=ACCEPTS,
            body_limit=LIMIT,
        ),
        route(
            "GET",
            WORKFLOW,
            workflows.get,
            READ,
            "Read a workflow with its draft",
            answer=models.Workflow,
            parameters=(MIN_REVISION,),
            errors=missing,
        ),
        route(
            "PUT",
            WORKFLOW,
            workflows.save,
            WRITE,
            "Replace the draft",
            answer=models.Workflow,
            body=models.Definition,
            accepts=ACCEPTS,
            errors=(*missing, errors.TooLargeError),
            changes=True,
            body_limit=LIMIT,
            audit="workflow.updated",
        ),
        route(
            "DELETE",
            WORKFLOW,
            workflows.delete,
            WRITE,
            "Delete a workflow; its runs and versions stay readable",
            status=HTTPStatus.NO_CONTENT,
            errors=missing,
            changes=True,
            audit="workflow.deleted",
        ),
        route(
            "POST",
            f"{WORKFLOW}/clone",
            workflows.clone,
            WRITE,
            "Copy the draft into a new workflow",
            status=HTTPStatus.CREATED,
            answer=models.Workflow,
            body=models.Clone,
            errors=(*missing, ProjectNotFoundError),
            creates=True,
            audit="workflow.cloned",
        ),
        route(
            "PUT",
            f"{WORKFLOW}/project",
            workflows.move,
            WRITE,
            "Put a workflow into a project, or into none; its runs stay where they were started",
            answer=models.Workflow,
            body=models.Move,
            errors=(*missing, ProjectNotFoundError),
            changes=True,
            audit="workflow.moved",
        ),
    )


def version_routes(publishing: Publishing) -> tuple[Route, ...]:
    """Published versions."""
    route = partial(Route, tag="versions", by_project=True)
    missing = (errors.WorkflowNotFoundError,)
    return (
        route(
            "GET",
            VERSIONS,
            publishing.listed,
            READ,
            "List versions, the newest first",
            answer=models.Versions,
            parameters=LISTED,
            errors=(*missing, errors.ViewsBehindError),
        ),
        route(
            "POST",
            VERSIONS,
            publishing.publish,
            WRITE,
            "Publish the draft as the current version",
            status=HTTPStatus.CREATED,
            answer=models.Published,
            also={HTTPStatus.OK: models.Published},
            body=models.Publish,
            errors=(
                *missing,
                errors.DefinitionInvalidError,
                errors.RevisionMismatchError,
                errors.TooLargeError,
                NotSyncedError,
                VersionMovedError,
            ),
            creates=True,
            audit="workflow.published",
        ),
        route(
            "GET",
            f"{VERSIONS}/{{version}}",
            publishing.get,
            READ,
            "Read a version, or `current`",
            answer=models.Version,
            errors=(*missing, errors.VersionNotFoundError),
        ),
    )


def again_routes(again: Again) -> tuple[Route, ...]:
    """Versions that run again."""
    return (
        Route(
            "POST",
            f"{VERSIONS}/{{version}}/current",
            again.run,
            WRITE,
            "Let an older version run again; the draft stays as it is",
            "versions",
            by_project=True,
            answer=models.RunsAgain,
            errors=(errors.WorkflowNotFoundError, errors.VersionNotFoundError),
            audit="workflow.rolled_back",
        ),
    )


def comparing_routes(comparing: Comparing) -> tuple[Route, ...]:
    """What differs between drafts and versions, and the way back."""
    route = partial(Route, tag="versions", by_project=True)
    missing = (errors.WorkflowNotFoundError, errors.VersionNotFoundError)
    sides = "`draft`, `current`, or the id of a version"
    return (
        route(
            "GET",
            f"{WORKFLOW}/diff",
            comparing.diff,
            READ,
            "What is added, removed, changed and moved between two of a workflow's definitions",
            answer=Diff,
            parameters=(
                Parameter("from", f"What to compare: {sides}; `current` without it."),
                Parameter("to", f"With what: {sides}; `draft` without it."),
            ),
            errors=missing,
        ),
        route(
            "POST",
            f"{VERSIONS}/{{version}}/restore",
            comparing.restore,
            WRITE,
            "Make the draft equal to a version, as an edit; versions stay as they are",
            answer=models.Workflow,
            errors=missing,
            changes=True,
            audit="workflow.updated",
        ),
    )


def webhook_routes(webhooks: Webhooks) -> tuple[Route, ...]:
    """Addresses of trigger nodes."""
    route = partial(Route, tag="webhooks", by_project=True)
    missing = (errors.WebhookNotFoundError,)
    return (
        route(
            "GET",
            WEBHOOKS,
            webhooks.listed,
            READ,
            "List webhooks",
            answer=models.Webhooks,
            parameters=(*LISTED, WORKFLOW_ID, PROJECT),
            errors=(errors.ViewsBehindError,),
        ),
        route(
            "GET",
            WEBHOOK,
            webhooks.get,
            READ,
            "Read a webhook",
            answer=models.Webhook,
            parameters=(MIN_REVISION,),
            errors=missing,
        ),
        route(
            "PUT",
            WEBHOOK,
            webhooks.change,
            WRITE,
            "Switch a webhook on or off",
            answer=models.Webhook,
            body=models.ChangeWebhook,
            errors=missing,
            changes=True,
            audit="webhook.updated",
        ),
        route(
            "POST",
            f"{WEBHOOK}/rotate",
            webhooks.rotate,
            WRITE,
            "Make a new signing secret; the old one is accepted for a while",
            answer=models.WebhookWithSecret,
            body=models.Rotate,
            errors=missing,
            audit="webhook.secret_rotated",
        ),
    )


def node_routes(nodes: Nodes) -> tuple[Route, ...]:
    """The catalogue."""
    route = partial(Route, tag="nodes", by_project=True)
    return (
        route(
            "GET", f"{API}/nodes", nodes.listed, READ, "List node types", answer=models.NodeTypes
        ),
        route(
            "GET",
            f"{API}/nodes/{{type}}",
            nodes.get,
            READ,
            "Read a node type",
            answer=models.NodeType,
            errors=(errors.NodeTypeNotFoundError,),
        ),
        route(
            "GET",
            f"{API}/schemas/definition",
            nodes.schema,
            READ,
            "The JSON Schema of definitions",
            answer=models.Schema,
        ),
    )


def trial_routes(trials: Trials) -> tuple[Route, ...]:
    """Versions to try out."""
    return (
        Route(
            "POST",
            f"{WORKFLOW}/trials",
            trials.make,
            WRITE,
            "Make a version of a draft to try out, with pinned outputs or one node alone",
            "versions",
            by_project=True,
            status=HTTPStatus.CREATED,
            answer=Tried,
            body=Try,
            errors=(
                errors.WorkflowNotFoundError,
                errors.DefinitionInvalidError,
                errors.TooLargeError,
            ),
            body_limit=2 * LIMIT,
            audit="workflow.tried",
        ),
    )


def expression_routes(expressions: Expressions) -> tuple[Route, ...]:
    """What expressions can call, and what one comes to."""
    route = partial(Route, tag="nodes", by_project=True)
    return (
        route(
            "GET",
            f"{API}/expressions",
            expressions.language,
            READ,
            "List what expressions can call and read",
            answer=Language,
        ),
        route(
            "POST",
            f"{API}/expressions/evaluate",
            expressions.evaluate,
            READ,
            "Evaluate a value with expressions over given data",
            answer=Evaluated,
            body=Evaluate,
            body_limit=SCOPE_LIMIT,
        ),
    )
