"""Identity's table of routes."""

from __future__ import annotations

from services.identity import models
from services.identity.me import Me
from weir.runtime.access import Permission
from weir.runtime.http.route import API, Route


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
