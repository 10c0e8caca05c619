"""The table of routes of credentials."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.registry import credential_models as models
from services.registry.credentials import SECRET, Credentials
from services.registry.errands import ROUTE_S
from services.registry.grants import CALLBACK, Grants
from services.registry.rotation import Rotation
from services.registry.routes import LISTED, MIN_REVISION
from weir.contract import credential_errors, errors, identity_errors
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Parameter, Route

TENANT = Permission.TENANT_MANAGE

CREDENTIALS = f"{API}/credentials"
CREDENTIAL = f"{CREDENTIALS}/{{name}}"
ROTATION = f"{CREDENTIALS}/rotation"

FORCE = Parameter(
    "force",
    "Delete it although workflows name it.",
    {"type": "string", "enum": ["true", "false"]},
)
_KEYS = (
    credential_errors.KeyProviderUnavailableError,
    credential_errors.KeyProviderRefusedError,
)
_MISSING = (errors.CredentialNotFoundError,)
_GIVEN = (credential_errors.CredentialInvalidError, identity_errors.ProjectNotFoundError)


def credential_routes(
    credentials: Credentials, grants: Grants, rotation: Rotation
) -> tuple[Route, ...]:
    """Sealed secrets, by the names definitions use."""
    route = partial(Route, tag="credentials")
    # The fixed paths come first, so that no credential of their name is in the way.
    return (
        *_rotation_routes(rotation),
        *_plain_routes(credentials),
        route(
            "GET",
            f"{CREDENTIAL}/usage",
            credentials.usage,
            SECRET,
            "List the workflows that name a credential",
            answer=models.CredentialUsage,
            parameters=LISTED,
            errors=(*_MISSING, errors.ViewsBehindError),
            by_project=True,
        ),
        route(
            "POST",
            f"{CREDENTIAL}/test",
            credentials.test,
            SECRET,
            "Sign in with a credential and say what came of it",
            answer=models.CredentialTested,
            errors=(*_MISSING, *_KEYS, credential_errors.ErrandTimeoutError),
            timeout_s=ROUTE_S,
            audit="credential.tested",
            by_project=True,
        ),
        route(
            "POST",
            f"{CREDENTIAL}/grant",
            grants.begin,
            SECRET,
            "Begin to let somebody grant access (OAuth 2)",
            answer=models.GrantBegun,
            body=models.BeginGrant,
            errors=(
                *_MISSING,
                *_KEYS,
                credential_errors.ErrandTimeoutError,
                credential_errors.GrantNotPossibleError,
            ),
            timeout_s=ROUTE_S,
            audit="credential.grant_begun",
            by_project=True,
        ),
        route(
            "GET",
            CALLBACK,
            grants.callback,
            Permission.PUBLIC,
            "Where an authorisation server sends the browser back to",
            also={HTTPStatus.SEE_OTHER: None, HTTPStatus.BAD_REQUEST: None},
            parameters=(
                Parameter("state", "What the browser was sent away with."),
                Parameter("code", "What a worker gets tokens for."),
                Parameter("error", "Why there is no code."),
            ),
            timeout_s=ROUTE_S,
        ),
        route(
            "GET",
            f"{API}/credential-types",
            credentials.types,
            Permission.WORKFLOWS_READ,
            "List types of credentials with their fields",
            answer=models.CredentialTypes,
        ),
    )


def _rotation_routes(rotation: Rotation) -> tuple[Route, ...]:
    route = partial(Route, tag="credentials", errors=_KEYS)
    return (
        route(
            "GET",
            ROTATION,
            rotation.state,
            TENANT,
            "Show the keys that secrets are sealed under, and what lies under old ones",
            answer=models.KeyRotation,
        ),
        route(
            "POST",
            ROTATION,
            rotation.rotate,
            TENANT,
            "Wrap the keys anew, make a fresh one, and move all secrets under it",
            status=HTTPStatus.ACCEPTED,
            answer=models.KeyRotation,
            body=models.RotateKeys,
            audit="credentials.rotated",
        ),
    )


def _plain_routes(credentials: Credentials) -> tuple[Route, ...]:
    route = partial(Route, tag="credentials")
    return (
        route(
            "GET",
            CREDENTIALS,
            credentials.listed,
            SECRET,
            "List credentials, names only",
            answer=models.Credentials,
            parameters=LISTED,
            errors=(errors.ViewsBehindError,),
            by_project=True,
        ),
        route(
            "POST",
            CREDENTIALS,
            credentials.create,
            SECRET,
            "Store a credential",
            status=HTTPStatus.CREATED,
            answer=models.Credential,
            body=models.CreateCredential,
            errors=(errors.CredentialExistsError, *_GIVEN, *_KEYS),
            creates=True,
            audit="credential.created",
            by_project=True,
        ),
        route(
            "GET",
            CREDENTIAL,
            credentials.get,
            SECRET,
            "Read a credential without what it holds",
            answer=models.Credential,
            parameters=(MIN_REVISION,),
            errors=_MISSING,
            by_project=True,
        ),
        route(
            "PUT",
            CREDENTIAL,
            credentials.change,
            SECRET,
            "Replace what a credential holds, or whose it is",
            answer=models.Credential,
            body=models.ChangeCredential,
            errors=(*_MISSING, *_GIVEN, *_KEYS, errors.ConflictError),
            changes=True,
            audit="credential.updated",
            by_project=True,
        ),
        route(
            "DELETE",
            CREDENTIAL,
            credentials.delete,
            SECRET,
            "Delete a credential",
            status=HTTPStatus.NO_CONTENT,
            parameters=(FORCE,),
            errors=(*_MISSING, credential_errors.CredentialInUseError),
            changes=True,
            audit="credential.deleted",
            by_project=True,
        ),
    )
