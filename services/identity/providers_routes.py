"""Routes of sign-in providers, and of the front channel through which people come back."""

from __future__ import annotations

from functools import partial

from services.identity import providers_models as models
from services.identity.oidc import Oidc
from services.identity.providers import Providers
from weir.contract import errors, identity_errors
from weir.runtime.access import Permission
from weir.runtime.http.route import API, PAGED, Parameter, Route

PROVIDERS = f"{API}/providers"
ONE = f"{PROVIDERS}/{{provider_id}}"
FRONT = f"{API}/auth/oidc/{{provider_id}}"
_BODY = 512 * 1024
_MISSING = (identity_errors.ProviderNotFoundError,)


def provider_routes(providers: Providers) -> tuple[Route, ...]:
    """What administrators do with providers."""
    route = partial(
        Route, tag="providers", permission=Permission.TENANT_MANAGE, answer=models.ProviderAnswer
    )
    given = (identity_errors.RoleTooHighError,)
    return (
        route(
            "GET",
            PROVIDERS,
            providers.listed,
            summary="List the tenant's sign-in providers",
            answer=models.ProviderList,
            parameters=PAGED,
        ),
        route(
            "POST",
            PROVIDERS,
            providers.create,
            summary="Connect a sign-in provider (OpenID Connect)",
            status=201,
            body=models.CreateProvider,
            body_limit=_BODY,
            creates=True,
            errors=(*given, errors.IdempotencyConflictError),
            audit="provider.created",
        ),
        route("GET", ONE, providers.get, summary="Read a sign-in provider", errors=_MISSING),
        route(
            "PUT",
            ONE,
            providers.change,
            summary="Change a sign-in provider",
            body=models.ChangeProvider,
            body_limit=_BODY,
            changes=True,
            errors=(*_MISSING, *given),
            audit="provider.updated",
        ),
        route(
            "DELETE",
            ONE,
            providers.delete,
            summary="Disconnect a sign-in provider",
            status=204,
            answer=None,
            changes=True,
            errors=_MISSING,
            audit="provider.deleted",
        ),
        route(
            "POST",
            f"{ONE}/test",
            providers.test,
            summary="Ask a provider for its description and keys, as signing in would",
            answer=models.Tested,
            errors=_MISSING,
        ),
    )


def front_routes(oidc: Oidc, providers: Providers) -> tuple[Route, ...]:
    """What a person's browser is sent through."""
    route = partial(Route, "GET", tag="auth", permission=Permission.PUBLIC)
    return (
        route(
            f"{API}/auth/providers",
            providers.buttons,
            summary="The sign-in providers of a tenant, for a page that offers them",
            answer=models.Buttons,
            parameters=(Parameter("tenant", "Whose."),),
        ),
        route(
            f"{FRONT}/begin",
            oidc.begin,
            summary="Go to the provider to sign in",
            status=303,
            errors=(*_MISSING, errors.InvalidParameterError, identity_errors.ProviderFailedError),
            parameters=(Parameter("return_to", "Path here to end up at; `/` without."),),
        ),
        route(
            f"{FRONT}/callback",
            oidc.callback,
            summary="Come back from the provider, signed in",
            status=303,
            errors=(
                *_MISSING,
                identity_errors.SignInStaleError,
                identity_errors.SignInRefusedError,
                identity_errors.SignInWrongError,
                identity_errors.ProviderFailedError,
            ),
            parameters=tuple(
                Parameter(name, what)
                for name, what in (
                    ("state", "Which sign-in it belongs to."),
                    ("code", "The provider's."),
                    ("error", "Why there is none."),
                    ("iss", "Who answers."),
                )
            ),
            audit="user.signed_in",
        ),
    )
