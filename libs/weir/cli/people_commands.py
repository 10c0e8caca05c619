"""The commands of `weir users`, `groups`, `projects` and `service-accounts`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from weir.cli.exits import leave
from weir.cli.options import ApiKey, AsJson, Url


def _group(what: str) -> typer.Typer:
    return typer.Typer(help=what, no_args_is_help=True, rich_markup_mode=None)


users = _group("Invite, list, change, disable and remove the members of a tenant.")
groups = _group("Groups: members that get roles together.")
projects = _group("Projects: parts of a tenant with roles of their own.")
administrators = _group("Who runs the installation, and lost second factors.")
service_accounts = _group("Service accounts: programs that are somebody, by their keys.")

User = Annotated[str, typer.Argument(metavar="USER", help="Id or address.")]
Member = Annotated[
    str, typer.Argument(metavar="MEMBER", help="A person by id or address, a program by its id.")
]
Group = Annotated[str, typer.Argument(metavar="GROUP", help="Id or name.")]
Project = Annotated[str, typer.Argument(metavar="PROJECT", help="Id or name.")]
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Id or name.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")]
NewRole = Annotated[
    str, typer.Argument(metavar="ROLE", help="admin, editor, operator, viewer, or none.")
]
Role = Annotated[str, typer.Option(help="In the whole tenant: admin, editor, operator, viewer.")]
Roles = Annotated[
    list[str] | None,
    typer.Option("--project", metavar="PROJECT=ROLE", help="In one project; may be repeated."),
]
Groups = Annotated[
    list[str] | None, typer.Option("--group", metavar="GROUP", help="May be repeated.")
]
_MEMBER = ("id", "email", "name", "status", "role", "projects", "groups", "last_sign_in")


def _member(given: str) -> Any:
    from weir.cli.administering import ACCOUNT, USER, Meant

    return Meant(ACCOUNT if given.startswith("svc_") else USER, given)


def _listed(
    url: str, api_key: str, path: str, columns: tuple[str, ...], *, as_json: bool, **rest: Any
) -> None:
    from weir.cli.administering import listed
    from weir.cli.place import Named

    leave(listed(Named(url, api_key), path, columns, as_json=as_json, **rest), as_json=as_json)


def _change(url: str, api_key: str, *, as_json: bool, **asked: Any) -> None:
    from weir.cli.administering import Change, change
    from weir.cli.place import Named

    leave(change(Named(url, api_key), Change(**asked), as_json=as_json), as_json=as_json)


@users.command("list")
def list_users(
    name: Annotated[str, typer.Option(help="Part of the name or address.")] = "",
    status: Annotated[str, typer.Option(help="invited, active or disabled.")] = "",
    role: Annotated[str, typer.Option(help="Only who has this role in the tenant.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """List the members of the tenant."""
    query = {"name": name, "status": status, "role": role}
    _listed(url, api_key, "/users", _MEMBER, query=query, as_json=as_json)


@users.command()
def invite(
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Whom.")],
    role: Role = "",
    project: Roles = None,
    group: Groups = None,
    name: Annotated[str, typer.Option(help="What people call them.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Invite somebody by mail; who has an account is a member at once."""
    body = {"email": email, "role": role or None, "name": name or None}
    _change(
        url,
        api_key,
        as_json=as_json,
        method="POST",
        path="/users",
        body=body,
        roles=project or (),
        groups=group or (),
        done="{email} is a member ({status}): {id}",
    )


@users.command()
def resend(user: User, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Send an invitation again."""
    _change(
        url,
        api_key,
        as_json=as_json,
        method="POST",
        path="/users/{}/invite",
        meant=(_member(user),),
        done="{0} was invited again",
    )


@users.command("role")
def user_role(
    user: Member,
    role: NewRole,
    project: Annotated[str, typer.Option(help="In this project, by id or name.")] = "",
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Give a role in the whole tenant or in a project; `none` takes it."""
    from weir.cli.administering import NO_ROLE, PROJECT, Meant, role_of

    asked: dict[str, Any] = {
        "method": "PUT",
        "path": "/users/{}",
        "meant": (_member(user),),
        "body": {"role": role_of(role)},
        "done": f"{{0}}: {role} in the tenant",
    }
    if user.startswith("svc_"):
        asked["path"] = "/service-accounts/{}"
    if project:
        asked["path"] = "/projects/{}/members/{}"
        asked["meant"] = (Meant(PROJECT, project), _member(user))
        asked["done"] = f"{{1}}: {role} in {{0}}"
    if project and role == NO_ROLE:
        asked |= {"method": "DELETE", "body": None}
    _change(url, api_key, as_json=as_json, **asked)


@users.command("disable")
def disable_user(user: User, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Lock an account: its sessions end, and its keys count no more."""
    _switch(url, api_key, "users", user, "disable", as_json=as_json)


@users.command("enable")
def enable_user(user: User, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Unlock an account."""
    _switch(url, api_key, "users", user, "enable", as_json=as_json)


@users.command("remove")
def remove_user(user: User, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Remove somebody from the tenant, with their keys of it."""
    _delete(url, api_key, "users", user, "removed", as_json=as_json)


@administrators.command("list")
def list_administrators(url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """List who runs the installation."""
    columns = ("id", "email", "name", "status")
    _listed(url, api_key, "/platform/administrators", columns, as_json=as_json)


@administrators.command("add")
def add_administrator(
    user: User, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Let somebody run the installation."""
    path = "/platform/administrators/{}"
    done = "{0} may run the installation"
    _of_user(url, api_key, "PUT", path, user, done, as_json=as_json)


@administrators.command("remove")
def remove_administrator(
    user: User, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Let somebody run the installation no more."""
    path = "/platform/administrators/{}"
    done = "{0} may not run the installation any more"
    _of_user(url, api_key, "DELETE", path, user, done, as_json=as_json)


@administrators.command("reset-factors")
def reset_factors(user: User, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """Take away somebody's lost second factors and passkeys, and end their sessions."""
    path = "/people/{}/factors"
    done = "{0} signs in by password now"
    _of_user(url, api_key, "DELETE", path, user, done, as_json=as_json)


def _of_user(
    url: str, api_key: str, method: str, path: str, user: str, done: str, *, as_json: bool
) -> None:
    meant = (_member(user),)
    asked = {"method": method, "path": path, "meant": meant, "done": done}
    _change(url, api_key, as_json=as_json, **asked)


@groups.command("list")
def list_groups(url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """List the groups of the tenant."""
    columns = ("id", "name", "role", "projects", "members")
    _listed(url, api_key, "/groups", columns, as_json=as_json)


@groups.command("create")
def create_group(
    name: Name,
    role: Role = "",
    project: Roles = None,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Make a group."""
    _make(url, api_key, "groups", name, role, project, as_json=as_json)


@groups.command("role")
def group_role(
    group: Group, role: NewRole, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Give a group a role in the whole tenant; `none` takes it."""
    from weir.cli.administering import GROUP, Meant, role_of

    _change(
        url,
        api_key,
        as_json=as_json,
        method="PUT",
        path="/groups/{}",
        meant=(Meant(GROUP, group),),
        body={"role": role_of(role)},
        done=f"{{0}}: {role} in the tenant",
    )


@groups.command("members")
def group_members(
    group: Group, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """List who is in a group."""
    from weir.cli.administering import GROUP, Meant

    meant = (Meant(GROUP, group),)
    _listed(url, api_key, "/groups/{}/members", _MEMBER, meant=meant, as_json=as_json)


@groups.command("add")
def add_to_group(
    group: Group, member: Member, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Put somebody into a group."""
    _inside(url, api_key, "PUT", group, member, "{1} is in {0}", as_json=as_json)


@groups.command("remove")
def remove_from_group(
    group: Group, member: Member, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Take somebody out of a group."""
    _inside(url, api_key, "DELETE", group, member, "{1} is not in {0}", as_json=as_json)


@groups.command("delete")
def delete_group(
    group: Group, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Delete a group, and what it gave."""
    _delete(url, api_key, "groups", group, "deleted", as_json=as_json)


@projects.command("list")
def list_projects(url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """List the projects that this key may look into."""
    _listed(url, api_key, "/projects", ("id", "name", "created_at"), as_json=as_json)


@projects.command("create")
def create_project(
    name: Name, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Make a project."""
    _change(
        url,
        api_key,
        as_json=as_json,
        method="POST",
        path="/projects",
        body={"name": name},
        done="{name} made: {id}",
    )


@projects.command("rename")
def rename_project(
    project: Project, name: Name, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Give a project another name."""
    from weir.cli.administering import PROJECT, Meant

    _change(
        url,
        api_key,
        as_json=as_json,
        method="PUT",
        path="/projects/{}",
        meant=(Meant(PROJECT, project),),
        body={"name": name},
        done="{0} is {name} from now on",
    )


@projects.command("members")
def project_members(
    project: Project, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """List who has a role of their own in a project."""
    from weir.cli.administering import PROJECT, Meant

    meant = (Meant(PROJECT, project),)
    _listed(url, api_key, "/projects/{}/members", _MEMBER, meant=meant, as_json=as_json)


@projects.command("delete")
def delete_project(
    project: Project, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Delete a project that is empty."""
    _delete(url, api_key, "projects", project, "deleted", as_json=as_json)


@service_accounts.command("list")
def list_accounts(url: Url = "", api_key: ApiKey = "", as_json: AsJson = False) -> None:
    """List the service accounts of the tenant."""
    columns = ("id", "name", "status", "role", "projects", "groups", "keys")
    _listed(url, api_key, "/service-accounts", columns, as_json=as_json)


@service_accounts.command("create")
def create_account(
    name: Name,
    role: Role = "",
    project: Roles = None,
    url: Url = "",
    api_key: ApiKey = "",
    as_json: AsJson = False,
) -> None:
    """Make a service account; `weir keys create --owner` makes its keys."""
    _make(url, api_key, "service-accounts", name, role, project, as_json=as_json)


@service_accounts.command("disable")
def disable_account(
    account: Account, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Let none of its keys count."""
    _switch(url, api_key, "service-accounts", account, "disable", as_json=as_json)


@service_accounts.command("enable")
def enable_account(
    account: Account, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Let its keys count again."""
    _switch(url, api_key, "service-accounts", account, "enable", as_json=as_json)


@service_accounts.command("delete")
def delete_account(
    account: Account, url: Url = "", api_key: ApiKey = "", as_json: AsJson = False
) -> None:
    """Delete a service account, with its keys."""
    _delete(url, api_key, "service-accounts", account, "deleted", as_json=as_json)


def _one(path: str, given: str) -> Any:
    from weir.cli.administering import ACCOUNT, GROUP, PROJECT, USER, Meant

    kind = next(one for one in (ACCOUNT, GROUP, PROJECT, USER) if one.path == f"/{path}")
    return Meant(kind, given)


def _make(
    url: str,
    api_key: str,
    path: str,
    name: str,
    role: str,
    project: list[str] | None,
    *,
    as_json: bool,
) -> None:
    _change(
        url,
        api_key,
        as_json=as_json,
        method="POST",
        path=f"/{path}",
        body={"name": name, "role": role or None},
        roles=project or (),
        done="{name} made: {id}",
    )


def _switch(url: str, api_key: str, path: str, given: str, way: str, *, as_json: bool) -> None:
    _change(
        url,
        api_key,
        as_json=as_json,
        method="POST",
        path=f"/{path}/{{}}/{way}",
        meant=(_one(path, given),),
        done="{0} is {status}",
    )


def _delete(url: str, api_key: str, path: str, given: str, gone: str, *, as_json: bool) -> None:
    _change(
        url,
        api_key,
        as_json=as_json,
        method="DELETE",
        path=f"/{path}/{{}}",
        meant=(_one(path, given),),
        done=f"{{0}} {gone}",
    )


def _inside(
    url: str, api_key: str, method: str, group: str, member: str, done: str, *, as_json: bool
) -> None:
    _change(
        url,
        api_key,
        as_json=as_json,
        method=method,
        path="/groups/{}/members/{}",
        meant=(_one("groups", group), _member(member)),
        done=done,
    )
