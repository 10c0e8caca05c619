"""The same for what is about people, tenants and credentials."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count
from typing import Any

from tests.unit.access.examples import WORK, Example, at_first, one
from tests.unit.access.world import Things

_count = count()
_FIELDS = {"username": "someone", "password": "something"}


def _credential(things: Things | None) -> Any:
    projects = [things.place.project] if things and things.place.project else []
    name = f"made{next(_count)}"
    return {"name": name, "type": "basic", "fields": _FIELDS, "projects": projects}


def _own(**segments: str) -> Example:
    """What is found among what is one's own, so that it has no place to be asked for in."""
    return Example({}, (), segments=segments, named=False)


_PROVIDER = {"name": "them", "issuer": "https://id.example", "client_id": "weir"}
_OF_PROVIDER = {"provider_id": one("idp")}


PEOPLE: Mapping[str, Example] = {
    # -- credentials --
    "GET /api/v1/credentials": Example(lists=True),
    "POST /api/v1/credentials": Example(_credential, into=True),
    "GET /api/v1/credentials/{name}": Example(),
    "PUT /api/v1/credentials/{name}": Example({"fields": _FIELDS}),
    "DELETE /api/v1/credentials/{name}": Example(),
    "GET /api/v1/credentials/{name}/usage": Example(),
    # One that is there is tested by an executor, and there is none here.
    "POST /api/v1/credentials/{name}/test": Example(
        {}, (404,), segments={"name": "nowhere"}, named=False
    ),
    "POST /api/v1/credentials/{name}/grant": Example({}, ()),
    **at_first(
        "GET /api/v1/credentials/rotation",
        "POST /api/v1/credentials/rotation",
        "GET /api/v1/credential-types",
    ),
    # -- oneself --
    "GET /api/v1/auth/me": Example(),
    "GET /api/v1/names": Example(query={"ids": "usr_nobody"}),
    "DELETE /api/v1/auth/sessions/{session_id}": _own(session_id=one("ses")),
    "PUT /api/v1/auth/passkeys/{passkey_id}": _own(passkey_id=one("psk")),
    "POST /api/v1/auth/passkeys/{passkey_id}/delete": _own(passkey_id=one("psk")),
    **at_first(
        "POST /api/v1/auth/logout",
        "POST /api/v1/auth/logout/everywhere",
        "GET /api/v1/auth/sessions",
        "GET /api/v1/auth/tenants",
        "PUT /api/v1/auth/tenant",
        "PUT /api/v1/auth/password",
        "POST /api/v1/auth/email",
        "POST /api/v1/auth/signing-keys/rotate",
        "GET /api/v1/auth/factors",
        "POST /api/v1/auth/totp",
        "POST /api/v1/auth/totp/confirm",
        "POST /api/v1/auth/totp/disable",
        "POST /api/v1/auth/recovery-codes",
        "POST /api/v1/auth/passkey-registration",
        "POST /api/v1/auth/passkeys",
        "POST /api/v1/auth/me/erasure",
    ),
    # -- the tenant --
    "GET /api/v1/policies": Example(),
    "PUT /api/v1/policies": Example({"text": ""}),
    "GET /api/v1/providers/{provider_id}": Example({}, (), segments=_OF_PROVIDER),
    "PUT /api/v1/providers/{provider_id}": Example(_PROVIDER, (), segments=_OF_PROVIDER),
    "DELETE /api/v1/providers/{provider_id}": Example({}, (), segments=_OF_PROVIDER),
    "POST /api/v1/providers/{provider_id}/test": Example({}, (), segments=_OF_PROVIDER),
    **at_first(
        "POST /api/v1/policies/explain",
        "GET /api/v1/audit",
        "GET /api/v1/audit/export",
        "GET /api/v1/audit/verify",
        "GET /api/v1/providers",
        "POST /api/v1/providers",
        "GET /api/v1/tenants/current",
        "PUT /api/v1/tenants/current",
        "GET /api/v1/tenants/current/usage",
        "GET /api/v1/export",
        "POST /api/v1/erasure",
    ),
    # -- the installation --
    **at_first(
        "GET /api/v1/tenants",
        "POST /api/v1/tenants",
        "GET /api/v1/tenants/{tenant}",
        "PUT /api/v1/tenants/{tenant}",
        "POST /api/v1/tenants/{tenant}/suspend",
        "POST /api/v1/tenants/{tenant}/resume",
        "POST /api/v1/tenants/{tenant}/erasure",
        "GET /api/v1/tenants/{tenant}/erasure",
        "POST /api/v1/people/{user_id}/erasure",
        "GET /api/v1/people/{user_id}/erasure",
        "DELETE /api/v1/people/{user_id}/factors",
        "GET /api/v1/platform/administrators",
        "PUT /api/v1/platform/administrators/{user_id}",
        "DELETE /api/v1/platform/administrators/{user_id}",
    ),
    # -- members, groups, projects, keys --
    "PUT /api/v1/projects/{project_id}": Example({"name": "called so"}, ()),
    "PUT /api/v1/projects/{project_id}/members/{user_id}": Example({"role": "viewer"}, ()),
    **at_first(
        "GET /api/v1/projects",
        "POST /api/v1/projects",
        "GET /api/v1/projects/{project_id}",
        "DELETE /api/v1/projects/{project_id}",
        "GET /api/v1/projects/{project_id}/members",
        "DELETE /api/v1/projects/{project_id}/members/{user_id}",
        "GET /api/v1/users",
        "POST /api/v1/users",
        "GET /api/v1/users/{user_id}",
        "PUT /api/v1/users/{user_id}",
        "DELETE /api/v1/users/{user_id}",
        "POST /api/v1/users/{user_id}/invite",
        "POST /api/v1/users/{user_id}/disable",
        "POST /api/v1/users/{user_id}/enable",
        "GET /api/v1/groups",
        "POST /api/v1/groups",
        "GET /api/v1/groups/{group_id}",
        "PUT /api/v1/groups/{group_id}",
        "DELETE /api/v1/groups/{group_id}",
        "GET /api/v1/groups/{group_id}/members",
        "PUT /api/v1/groups/{group_id}/members/{user_id}",
        "DELETE /api/v1/groups/{group_id}/members/{user_id}",
        "GET /api/v1/service-accounts",
        "POST /api/v1/service-accounts",
        "GET /api/v1/service-accounts/{account_id}",
        "PUT /api/v1/service-accounts/{account_id}",
        "DELETE /api/v1/service-accounts/{account_id}",
        "POST /api/v1/service-accounts/{account_id}/disable",
        "POST /api/v1/service-accounts/{account_id}/enable",
        "GET /api/v1/keys",
        "POST /api/v1/keys",
        "GET /api/v1/keys/{key_id}",
        "DELETE /api/v1/keys/{key_id}",
    ),
}
EXAMPLES = {**WORK, **PEOPLE}
