"""What the routes of tenants read and answer."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from services.identity.people_models import Asked, Email, Name
from weir.core.rates import DAY_MS

ENTRIES = 100  # of allowed hosts, and of origins

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$")]

_lower = BeforeValidator(lambda given: given.lower() if isinstance(given, str) else given)
Host = Annotated[
    str,
    _lower,
    StringConstraints(pattern=r"^(\*\.)?[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$"),
]
Origin = Annotated[
    str,
    _lower,
    StringConstraints(pattern=r"^https?://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$"),
]
Hosts = Annotated[list[Host], Field(max_length=ENTRIES)]
Origins = Annotated[list[Origin], Field(max_length=ENTRIES)]
Limited = Literal["api", "hooks", "start", "credentials"]
Quota = Literal["runs_per_day", "workflows", "webhooks", "credentials", "members"]
Quotas = dict[Quota, Annotated[int, Field(ge=0, lt=10**12)]]
AuditRuns = Literal["all", "by_people", "none"]
SecondFactor = Literal["optional", "required"]


class Limit(BaseModel):
    """So many requests of a kind in so many milliseconds; 0 is no limit."""

    name: Limited
    count: Annotated[int, Field(ge=0, lt=10**9)]
    window_ms: Annotated[int, Field(ge=1, le=DAY_MS)] = 60_000


Limits = Annotated[list[Limit], Field(max_length=4)]


class Tenant(BaseModel):
    """A tenant. What it names of limits and quotas differs from the installation's."""

    id: str
    name: str
    status: Literal["active", "suspended"]
    limits: list[Limit]
    quotas: dict[str, float]
    allowed_hosts: list[str]
    origins: list[str]
    audit_runs: AuditRuns
    second_factor: SecondFactor
    created_at: str
    revision: str


class Tenants(BaseModel):
    """A page of tenants."""

    items: list[Tenant]
    next_cursor: str | None


class ChangeCurrent(Asked):
    """What an administrator of the tenant changes; what is left out stays."""

    name: Name | None = None
    allowed_hosts: Hosts | None = None
    origins: Origins | None = None
    audit_runs: AuditRuns | None = None
    second_factor: SecondFactor | None = None


class ChangeTenant(ChangeCurrent):
    """The same, with what the installation grants."""

    limits: Limits | None = None
    quotas: Quotas | None = None


class CreateTenant(ChangeTenant):
    """A tenant. `id` stands in its subjects and rows for ever.

    Whoever the address `admin` belongs to is invited to administer it.
    """

    id: Slug
    name: Name
    admin: Email | None = None
