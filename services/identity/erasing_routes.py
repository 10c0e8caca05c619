"""Routes of erasure."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.identity import erasing_models as models
from services.identity.erasures import Erasures
from weir.contract import identity_errors as errors
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Route

TENANT = f"{API}/tenants/{{tenant}}/erasure"
PERSON = f"{API}/people/{{user_id}}/erasure"


def erasure_routes(erasures: Erasures) -> tuple[Route, ...]:
    """Being forgotten."""
    tenant = partial(Route, tag="tenants", answer=models.TenantErasure, timeout_s=300.0)
    person = partial(Route, tag="people", answer=models.PersonErasure)
    missing, nobody = (errors.TenantNotFoundError,), (errors.MemberNotFoundError,)
    return (
        tenant(
            "POST",
            f"{API}/erasure",
            erasures.own_tenant,
            Permission.TENANT_MANAGE,
            "Delete the tenant and everything it has",
            status=HTTPStatus.ACCEPTED,
            body=models.Confirm,
            errors=missing,
            audit="tenant.deleted",
        ),
        tenant(
            "POST",
            TENANT,
            erasures.tenant,
            Permission.PLATFORM_MANAGE,
            "Delete a tenant and everything it has",
            status=HTTPStatus.ACCEPTED,
            body=models.Confirm,
            errors=missing,
            audit="tenant.deleted",
        ),
        tenant(
            "GET",
            TENANT,
            erasures.tenant_left,
            Permission.PLATFORM_MANAGE,
            "Count what is left of a tenant in every store",
            errors=missing,
        ),
        person(
            "POST",
            f"{API}/auth/me/erasure",
            erasures.myself,
            Permission.SELF,
            "Have oneself forgotten",
            body=models.Confirm,
            errors=(*nobody, errors.PersonRequiredError, errors.LastAdminError),
            audit="user.erased",
        ),
        person(
            "POST",
            PERSON,
            erasures.person,
            Permission.PLATFORM_MANAGE,
            "Have somebody forgotten",
            body=models.Confirm,
            errors=(*nobody, errors.LastAdminError),
            audit="user.erased",
        ),
        person(
            "GET",
            PERSON,
            erasures.person_left,
            Permission.PLATFORM_MANAGE,
            "Count what is left of somebody",
            errors=nobody,
        ),
    )
