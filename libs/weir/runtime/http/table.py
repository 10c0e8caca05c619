"""The table of routes as people read it: what `weir routes` and docs/reference/routes.md show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from weir.runtime.http.route import Route

HEAD = """# Routes

Printed from the code by `make docs`: do not edit.

Every route asks for a permission, `public` for none. It is held by a role in the tenant, or, where
`where` says project, by one in the project of what is asked about:
[access](../explanation/access.md). The ingress sends a path to the service that owns it. Bodies and
answers stand in `/api/v1/openapi.json`, what all routes have in common in [http.md](http.md).
"""


def ordered(routes: Iterable[Route]) -> list[Route]:
    """By path, then by method."""
    return sorted(routes, key=lambda route: (route.pattern, route.method))


def markdown(services: Mapping[str, Iterable[Route]]) -> str:
    """The page; a section per service."""
    lines = [HEAD.rstrip()]
    for service, routes in sorted(services.items()):
        found = ordered(routes)
        if not found:
            continue
        lines += ["", f"## {service}", "", "| method | path | permission | where | what |"]
        lines += ["|---|---|---|---|---|"]
        lines += [
            f"| {'any' if route.method == '*' else route.method} | `{route.pattern}` "
            f"| {route.permission.value} | {'project' if route.by_project else 'tenant'} "
            f"| {route.summary.replace('<', '&lt;')} |"
            for route in found
        ]
    return "\n".join([*lines, ""])
