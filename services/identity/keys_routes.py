"""Routes of API keys."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.identity import keys_models as models
from services.identity.keys import Keys
from services.identity.people_routes import BEHIND, LISTED
from weir.contract import identity_errors
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Parameter, Route

KEYS = f"{API}/keys"
KEY = f"{KEYS}/{{key_id}}"
OWNER = Parameter(
    "owner",
    "Keys of this person or service account, or of `any`; needs `users:manage`. Left out: those "
    "of the caller.",
)


def key_routes(keys: Keys) -> tuple[Route, ...]:
    """One's own, and for who manages users all of the tenant."""
    route = partial(Route, tag="keys", permission=Permission.SELF)
    missing = (identity_errors.ApiKeyNotFoundError,)
    return (
        route(
            "GET",
            KEYS,
            keys.listed,
            summary="List API keys, the newest first",
            answer=models.Keys,
            parameters=(*LISTED, OWNER),
            errors=BEHIND,
        ),
        route(
            "POST",
            KEYS,
            keys.create,
            summary="Make an API key; its token is shown this once",
            status=HTTPStatus.CREATED,
            answer=models.NewKey,
            body=models.CreateKey,
            errors=(
                identity_errors.RoleTooHighError,
                identity_errors.ServiceAccountNotFoundError,
                identity_errors.LimitReachedError,
            ),
            creates=True,
            audit="key.created",
        ),
        route(
            "GET",
            KEY,
            keys.get,
            summary="Read an API key without what proves it",
            answer=models.Key,
            errors=missing,
        ),
        route(
            "DELETE",
            KEY,
            keys.revoke,
            summary="Revoke an API key, for good",
            status=HTTPStatus.NO_CONTENT,
            errors=missing,
            audit="key.revoked",
        ),
    )
