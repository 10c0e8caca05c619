"""Routes of tenants."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from services.identity import tenants_models as models
from services.identity.people_routes import LISTED, NAME
from services.identity.tenants import Tenants
from weir.contract import errors, identity_errors
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Parameter, Route

TENANTS = f"{API}/tenants"
CURRENT = f"{TENANTS}/current"
TENANT = f"{TENANTS}/{{tenant}}"
STATUS = Parameter("status", "Only those.", {"type": "string", "enum": ["active", "suspended"]})


def tenant_routes(tenants: Tenants) -> tuple[Route, ...]:
    """The caller's own, and all of the installation."""
    route = partial(Route, tag="tenants")
    own = partial(route, permission=Permission.TENANT_MANAGE)
    every = partial(route, permission=Permission.PLATFORM_MANAGE)
    missing = (identity_errors.TenantNotFoundError,)
    return (
        route(
            "GET",
            CURRENT,
            tenants.current,
            Permission.SELF,
            "Read the tenant the caller asks in",
            answer=models.Tenant,
            errors=missing,
        ),
        own(
            "PUT",
            CURRENT,
            tenants.change_current,
            summary="Change the tenant's name, hosts, origins, audit of runs and second factor",
            answer=models.Tenant,
            body=models.ChangeCurrent,
            errors=missing,
            changes=True,
            audit="tenant.updated",
        ),
        every(
            "GET",
            TENANTS,
            tenants.listed,
            summary="List the tenants of the installation",
            answer=models.Tenants,
            parameters=(*LISTED, NAME, STATUS),
            errors=(errors.ViewsBehindError,),
        ),
        every(
            "POST",
            TENANTS,
            tenants.create,
            summary="Create a tenant, and invite who is to administer it",
            status=HTTPStatus.CREATED,
            answer=models.Tenant,
            body=models.CreateTenant,
            errors=(identity_errors.TenantExistsError,),
            creates=True,
            audit="tenant.created",
        ),
        every(
            "GET",
            TENANT,
            tenants.get,
            summary="Read a tenant",
            answer=models.Tenant,
            errors=missing,
        ),
        every(
            "PUT",
            TENANT,
            tenants.change,
            summary="Change a tenant, with its limits and quotas",
            answer=models.Tenant,
            body=models.ChangeTenant,
            errors=missing,
            changes=True,
            audit="tenant.updated",
        ),
        every(
            "POST",
            f"{TENANT}/suspend",
            tenants.suspend,
            summary="Answer nothing of a tenant until it is resumed; its runs go on",
            answer=models.Tenant,
            errors=missing,
            audit="tenant.suspended",
        ),
        every(
            "POST",
            f"{TENANT}/resume",
            tenants.resume,
            summary="Answer a suspended tenant again",
            answer=models.Tenant,
            errors=missing,
            audit="tenant.resumed",
        ),
    )
