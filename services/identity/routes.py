"""Identity's table of routes."""

from __future__ import annotations

from services.identity import models
from services.identity.me import Me
from services.identity.names import AT_ONCE, Names
from weir.contract.errors import InvalidParameterError
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Parameter, Route


def own_routes(me: Me) -> tuple[Route, ...]:
    """About the caller."""
    return (
        Route(
            "GET",
            f"{API}/auth/me",
            me.get,
            Permission.SELF,
            "Who asks, and what they may",
            "auth",
            answer=models.Whoami,
        ),
    )


def name_routes(names: Names) -> tuple[Route, ...]:
    """What others are called."""
    return (
        Route(
            "GET",
            f"{API}/names",
            names.told,
            Permission.SELF,
            "What people, accounts and keys of the tenant are called",
            "users",
            answer=models.NamesOf,
            parameters=(Parameter("ids", f"1 to {AT_ONCE} of them, separated by commas."),),
            errors=(InvalidParameterError,),
        ),
    )
