"""Routes of who runs the installation."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel

from services.identity.administrators import Administrators
from services.identity.people_routes import BEHIND, LISTED
from weir.contract import identity_errors
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Route

ADMINISTRATORS = f"{API}/platform/administrators"
ADMINISTRATOR = f"{ADMINISTRATORS}/{{user_id}}"


class Administrator(BaseModel):
    """An account that may make, bound and delete tenants, and name others who may."""

    id: str
    name: str
    email: str
    status: Literal["invited", "active", "disabled"]


class AdministratorList(BaseModel):
    """A page of them."""

    items: list[Administrator]
    next_cursor: str | None


def administrator_routes(administrators: Administrators) -> tuple[Route, ...]:
    """Of the installation, not of a tenant."""
    route = partial(Route, tag="installation", permission=Permission.PLATFORM_MANAGE)
    done = partial(route, status=HTTPStatus.NO_CONTENT)
    missing = (identity_errors.MemberNotFoundError,)
    return (
        route(
            "GET",
            ADMINISTRATORS,
            administrators.listed,
            summary="List who runs the installation",
            answer=AdministratorList,
            parameters=LISTED,
            errors=BEHIND,
        ),
        done(
            "PUT",
            ADMINISTRATOR,
            administrators.make,
            summary="Let somebody run the installation",
            errors=(*missing, identity_errors.MemberInvitedError),
            audit="administrator.added",
        ),
        done(
            "DELETE",
            ADMINISTRATOR,
            administrators.take,
            summary="Let somebody run the installation no more",
            errors=(*missing, identity_errors.LastAdminError),
            audit="administrator.removed",
        ),
        done(
            "DELETE",
            f"{API}/people/{{user_id}}/factors",
            administrators.reset_factors,
            summary="Take away somebody's lost second factors and passkeys, and end their sessions",
            errors=missing,
            audit="user.factors_reset",
        ),
    )
