"""The commands of `weir keys` and `weir tenants`, and `weir whoami`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from weir.cli.exits import leave
from weir.cli.options import ApiKey, AsJson, Url

keys = typer.Typer(
    help="Make, list and revoke API keys.", no_args_is_help=True, rich_markup_mode=None
)
tenants = typer.Typer(
    help="Tenants: the one this key belongs to, and with platform:manage all of them.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
access = typer.Typer(rich_markup_mode=None)

Tenant = Annotated[str, typer.Argument(metavar="TENANT", help="Its id.")]
NewName = Annotated[str, typer.Option(help="What people call it.")]
Hosts = Annotated[
    list[str] | None,
    typer.Option(
        "--host", help="A host that outgoing calls may go to, all that are named alone; repeated."
    ),
]
Origins = Annotated[
    list[str] | None,
    typer.Option("--origin", help="An origin of web pages that may call the API; repeated."),
]


def _change(url: str, api_key: str, *, as_json: bool, **asked: Any) -> None:
    from weir.cli.administering import Change, change
    from weir.cli.place import Named

    leave(change(Named(url, api_key), Change(**asked), as_json=as_json), as_json=as_json)


@access.command()
def whoami(url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Print whose key this is, in which tenant, and what it may."""
    from weir.cli.administering import show
    from weir.cli.place import Named

    leave(show(Named(url, api_key), "/auth/me", as_json=as_json), as_json=as_json)


@keys.command("list")
def list_keys(
    owner: Annotated[
        str, typer.Option(help="Of this person or service account, by id; `any`: of the tenant.")
    ] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List API keys, by default one's own, the newest first."""
    from weir.cli.administering import listed
    from weir.cli.place import Named

    columns = ("id", "name", "role", "scopes", "project", "owner", "expires_at", "used_at")
    work = listed(Named(url, api_key), "/keys", columns, query={"owner": owner}, as_json=as_json)
    leave(work, as_json=as_json)


@keys.command("create")
def create_key(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What lists call it.")],
    role: Annotated[str, typer.Option(help="admin, editor, operator or viewer.")] = "viewer",
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", help="A permission it is limited to, like runs:start; repeated."),
    ] = None,
    project: Annotated[str, typer.Option(help="The one project it is good for.")] = "",
    owner: Annotated[str, typer.Option(help="A service account that it acts for.")] = "",
    expires: Annotated[
        str, typer.Option(metavar="TIME", help="In RFC 3339; until then it counts.")
    ] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Make an API key and show it, once."""
    from weir.cli.keys import Asked, create
    from weir.cli.place import Named

    asked = Asked(name, role, tuple(scope or ()), project, owner, expires)
    leave(create(Named(url, api_key), asked, as_json=as_json), as_json=as_json)


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its id, key_….")],
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Revoke an API key, for good."""
    from weir.cli.keys import revoke
    from weir.cli.place import Named

    leave(revoke(Named(url, api_key), key, as_json=as_json), as_json=as_json)


@tenants.command("list")
def list_tenants(
    status: Annotated[str, typer.Option(help="active or suspended.")] = "",
    name: Annotated[str, typer.Option(help="Part of the name or id.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List the tenants of the installation."""
    from weir.cli.administering import listed
    from weir.cli.place import Named

    columns = ("id", "name", "status", "created_at")
    query = {"status": status, "name": name}
    work = listed(Named(url, api_key), "/tenants", columns, query=query, as_json=as_json)
    leave(work, as_json=as_json)


@tenants.command("show")
def show_tenant(
    tenant: Annotated[
        str, typer.Argument(metavar="[TENANT]", help="Its id; without it this key's own.")
    ] = "current",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Show a tenant with its limits, quotas, hosts and origins."""
    from weir.cli.place import Named
    from weir.cli.tenants import show

    leave(show(Named(url, api_key), tenant, as_json=as_json), as_json=as_json)


@tenants.command("create")
def create_tenant(
    tenant: Tenant,
    name: NewName = "",
    admin: Annotated[str, typer.Option(help="Address of who is invited to administer it.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Make a tenant, and invite who is to administer it."""
    body = {"id": tenant, "name": name or tenant, "admin": admin or None}
    _change(
        url,
        api_key,
        as_json=as_json,
        method="POST",
        path="/tenants",
        body=body,
        done="{id} made",
    )


@tenants.command("change")
def change_tenant(
    tenant: Annotated[
        str, typer.Argument(metavar="[TENANT]", help="Its id; without it this key's own.")
    ] = "current",
    name: NewName = "",
    host: Hosts = None,
    origin: Origins = None,
    limit: Annotated[
        list[str] | None,
        typer.Option("--limit", metavar="NAME=RATE", help="Like api=2000/1m, api=off; repeated."),
    ] = None,
    quota: Annotated[
        list[str] | None,
        typer.Option("--quota", metavar="NAME=COUNT", help="Like workflows=500; repeated."),
    ] = None,
    second_factor: Annotated[
        str, typer.Option(help="Whether members must prove who they are twice: optional, required.")
    ] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Change a tenant; limits and quotas are for who runs the installation.

    What is named replaces what was there of its kind: all hosts, all origins, all limits, all
    quotas.
    """
    from weir.cli.place import Named
    from weir.cli.tenants import Asked, change

    asked = Asked(
        name,
        tuple(host or ()),
        tuple(origin or ()),
        tuple(limit or ()),
        tuple(quota or ()),
        second_factor,
    )
    leave(change(Named(url, api_key), tenant, asked, as_json=as_json), as_json=as_json)


@tenants.command()
def suspend(tenant: Tenant, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Answer nothing of a tenant until it is resumed; its runs go on."""
    _switch(url, api_key, tenant, "suspend", as_json=as_json)


@tenants.command()
def resume(tenant: Tenant, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Answer a suspended tenant again."""
    _switch(url, api_key, tenant, "resume", as_json=as_json)


def _switch(url: str, api_key: str, tenant: str, way: str, *, as_json: bool) -> None:
    from weir.cli.place import Named
    from weir.cli.tenants import switch

    leave(switch(Named(url, api_key), tenant, way, as_json=as_json), as_json=as_json)
