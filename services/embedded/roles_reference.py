"""The page docs/reference/roles.md, printed from roles, permissions and routes themselves."""

from __future__ import annotations

from collections.abc import Iterator

from services.embedded.routes import routes
from weir.runtime.access import ROLES, Permission
from weir.runtime.http.route import Route

MEANINGS = {
    Permission.PUBLIC: "Nothing is asked; the route itself decides, as webhooks check signatures.",
    Permission.SELF: "What is about oneself; whoever is somebody has it.",
    Permission.WORKFLOWS_READ: "Look at workflows, versions, webhooks and node types.",
    Permission.WORKFLOWS_WRITE: "Make, change, publish and delete workflows.",
    Permission.RUNS_READ: "Look at runs, their steps, values and lines.",
    Permission.RUNS_START: "Start runs, and steer them: signals, pause, cancel, retry, fork.",
    Permission.EVENTS_PUBLISH: "Publish events on the tenant's bus, over HTTP or NATS.",
    Permission.CREDENTIALS_MANAGE: "Store and replace credentials; what they hold nobody reads.",
    Permission.USERS_MANAGE: "Members, groups, projects, service accounts, and all their API keys.",
    Permission.TENANT_MANAGE: "The tenant itself: policies, sign-in, hosts, export and deletion.",
    Permission.AUDIT_READ: "Read, export and verify the audit.",
    Permission.PLATFORM_MANAGE: "The tenants of the installation, their limits and quotas.",
}
HEAD = """# Roles and permissions

Printed from the code by `make docs`: do not edit. How to give roles: \
[Manage people](../howto/manage-people.md).

A role counts in the whole tenant, or in one project of it. What belongs to a project is open to
either; what belongs to none, and the routes not marked *by project*, to the tenant's role alone.
Of several roles, one's own and those of groups, the highest counts. An API key may what its role,
its scopes, its project and its owner all allow. No role holds `platform:manage`: the installation's
first person has it, its first key, and keys that either makes with it.
[Policies](../howto/policies.md) can take away more, and give nothing.

## Roles
"""


def reference() -> str:
    """The page."""
    return "\n".join([HEAD, *_roles(), "", "## Permissions", "", *_permissions(), ""])


def _roles() -> Iterator[str]:
    names = list(ROLES)[::-1]
    yield f"| permission | {' | '.join(names)} | meaning |"
    yield f"|---|{'---|' * (len(names) + 1)}"
    for permission in Permission:
        if permission is not Permission.PUBLIC:
            held = " | ".join("yes" if permission in ROLES[name] else "" for name in names)
            yield f"| `{permission.value}` | {held} | {MEANINGS[permission]} |"


def _permissions() -> Iterator[str]:
    every = [route for owned in routes().values() for route in owned]
    for permission in Permission:
        yield f"### `{permission.value}`"
        yield ""
        yield MEANINGS[permission]
        yield ""
        for route in sorted(every, key=_order):
            if route.permission is permission:
                yield f"- `{route.method} {route.pattern}`{' by project' * route.by_project}"
        yield ""


def _order(route: Route) -> tuple[str, str]:
    return route.pattern, route.method
